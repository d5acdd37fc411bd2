/* The lead practitioner: a role that is handed over with what to read first, and that is never
 * missing without a word. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

static const char *const team[] = {"housing", "school", "social-care", NULL};

typedef struct stage {
    world_t *w;
    kith_agency_t agencies[WORLD_NODES + 1]; /* of this test alone */
    ProtobufCBinaryData household;
} stage_t;

static void give(stage_t *s, const char *from, const char *agency)
{
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_lead(s->w, draft, agency);
    world_say(s->w, from, draft);
}

/* Opened by police. led: by housing. */
static stage_t *stage(world_t *w, bool led)
{
    stage_t *s = kith_arena_need(w->arena, sizeof *s);
    s->w = w;
    memcpy(s->agencies, w->agreement.agencies, sizeof s->agencies);
    w->agreement.agencies = s->agencies;
    s->household = world_household(w, "police", team);
    if (led) {
        give(s, "police", "housing");
    }
    return s;
}

static kith_agency_t *agency(stage_t *s, const char *id)
{
    for (size_t i = 0; i < WORLD_NODES + 1; i++) {
        if (strcmp(s->agencies[i].id, id) == 0) {
            return &s->agencies[i];
        }
    }
    fail_msg("no agency %s", id);
    return NULL;
}

static void look_everywhere(stage_t *s)
{
    static const char *const all[] = {"police", "housing", "school", "social-care", "health"};
    for (size_t i = 0; i < 5; i++) {
        world_look_again(s->w, all[i]);
    }
}

static const char *unstaffed[] = {"family worker"};

static void unstaff(stage_t *s, const char *id, size_t count)
{
    agency(s, id)->unstaffed = unstaffed;
    agency(s, id)->unstaffed_count = count;
    look_everywhere(s);
}

static void leave(stage_t *s, const char *id, bool left)
{
    agency(s, id)->left = left;
    look_everywhere(s);
}

static size_t count_of(world_t *w, const char *at, const char *kind)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__FeedResponse *feed = world_feed(w, at, ask);
    size_t count = 0;
    for (size_t i = 0; i < feed->n_entries; i++) {
        bool is = strcmp(feed->entries[i]->kind, kind) == 0;
        count += is ? 1 : 0;
        assert_true(!is || world_flag(feed->entries[i], "urgent"));
    }
    return count;
}

static bool wanted_at(stage_t *s, const char *at)
{
    bool task = strstr(world_tasks(s->w, at), "lead-wanted") != NULL;
    assert_int_equal(task, world_view(s->w, at, s->household)->orphaned);
    return task;
}

static const Kith__Api__Task *task_of(world_t *w, const char *at, const char *kind)
{
    Kith__Api__InboxResponse *inbox = world_inbox(w, at, 0, 0);
    for (size_t i = 0; i < inbox->n_tasks; i++) {
        if (strcmp(inbox->tasks[i]->kind, kind) == 0) {
            return inbox->tasks[i];
        }
    }
    return NULL;
}

/* ---- handing over ---- */

static void hand_over_says_why_and_what_to_read_first(void **state)
{
    stage_t *s = stage(*state, true);
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_lead(s->w, draft, "school");
    Kith__Lead *lead = draft->household_change->lead;
    lead->read_first = NAME("");
    world_refused(s->w, "housing", draft, KITH_INVALID, "lead-read-first");
    lead->read_first = NAME("The plan of March");
    lead->reason = NAME("");
    world_refused(s->w, "housing", draft, KITH_INVALID, "lead-read-first");
    assert_non_null(strstr(s->w->refusal.what, "housing has the lead"));
    s = stage(*state, false); /* the first lead has no predecessor */
    draft = world_change(s->w, s->household);
    world_lead(s->w, draft, "school");
    draft->household_change->lead->read_first = draft->household_change->lead->reason = NAME("");
    world_say(s->w, "police", draft);
    assert_string_equal(world_tasks(s->w, "school"), "");
}

static void hand_over_to_nobody_is_refused(void **state)
{
    stage_t *s = stage(*state, true);
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_lead(s->w, draft, "");
    world_refused(s->w, "housing", draft, KITH_INVALID, "lead-agency");
    world_lead(s->w, draft, "nobody");
    world_refused(s->w, "housing", draft, KITH_NOT_FOUND, "agency-unknown");
    world_lead(s->w, draft, "charity");
    world_refused(s->w, "housing", draft, KITH_DENIED, "agency-left");
    unstaff(s, "school", 1);
    world_lead(s->w, draft, "school");
    world_refused(s->w, "housing", draft, KITH_DENIED, "lead-unstaffed");
    draft->household_change->lead->role = NAME("head teacher");
    assert_int_equal(world_prepare(s->w, "housing", draft), KITH_OK);
}

static void only_the_roles_of_the_partnership_lead(void **state)
{
    static const char *roles[] = {"lead practitioner", "family worker"};
    stage_t *s = stage(*state, false);
    s->w->agreement.lead_roles = roles;
    s->w->agreement.lead_roles_count = 2;
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_lead(s->w, draft, "school");
    draft->household_change->lead->role = NAME("head teacher");
    world_refused(s->w, "police", draft, KITH_INVALID, "lead-role-unknown");
    assert_non_null(strstr(s->w->refusal.what, "lead practitioner, family worker"));
    draft->household_change->lead->role = NAME("family worker");
    world_say(s->w, "police", draft);
}

static void successor_gets_what_nobody_there_has_acknowledged(void **state)
{
    stage_t *s = stage(*state, true);
    world_t *w = s->w;
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    draft->household = s->household;
    Kith__Notice *seen = world_say(w, "police", draft);
    Kith__Notice *unseen = world_say(w, "police", draft);
    Kith__Notice *answered = world_say(w, "police", world_alert(w, s->household));
    Kith__Notice *alert = world_say(w, "police", world_alert(w, s->household));
    world_say(w, "school", world_seen(w, seen));
    world_say(w, "school", world_reply(w, answered, KITH__ANSWER__ANSWER_NOTHING_KNOWN));
    give(s, "housing", "school");
    const Kith__Api__Task *task = task_of(w, "school", "read-first");
    assert_string_equal(task->agency, "housing");
    assert_string_equal(task->reason,
                        "The plan of March (not acknowledged here: 2; tasks open: 1)");
    Kith__Api__HouseholdView *view = world_view(w, "school", s->household);
    assert_int_equal(view->n_unacknowledged, 2); /* the newest first */
    assert_memory_equal(view->unacknowledged[0]->id.data, alert->id.data, KITH_ID_BYTES);
    assert_memory_equal(view->unacknowledged[1]->id.data, unseen->id.data, KITH_ID_BYTES);
    assert_int_equal(view->n_tasks, 2);
    assert_string_equal(view->lead->read_first, "The plan of March");
    assert_string_equal(view->lead->reason, "closer to the family");
}

static void what_the_predecessor_had_to_read_ends_with_a_note(void **state)
{
    stage_t *s = stage(*state, true);
    world_t *w = s->w;
    assert_non_null(task_of(w, "housing", "read-first"));
    world_say(w, "police", world_alert(w, s->household));
    give(s, "housing", "school");
    assert_null(task_of(w, "housing", "read-first"));
    assert_non_null(
        task_of(w, "housing", "alert-to-answer")); /* the agency's own, not the lead's */
    work_ctx_t at = {.work = &world_node(w, "housing")->work,
                     .txn = world_begin(w, "housing"),
                     .arena = w->arena};
    kith_key_t first = view_key_seq(1);
    Kith__Store__TaskRow *row = NULL;
    assert_int_equal(view_find_task(&at, kith_key_bytes(&first), &row), KITH_OK);
    assert_string_equal(row->done_by, "duty officer");
    assert_non_null(strstr(row->reason, "handed over to school"));
    memtxn_abort(world_node(w, "housing")->store);
}

static void another_role_of_the_same_agency_is_a_hand_over_too(void **state)
{
    stage_t *s = stage(*state, true);
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_lead(s->w, draft, "housing");
    draft->household_change->lead->role = NAME("tenancy officer");
    draft->household_change->lead->read_first = NAME("The tenancy file");
    world_say(s->w, "housing", draft);
    const Kith__Api__Task *task = task_of(s->w, "housing", "read-first");
    assert_non_null(strstr(task->reason, "The tenancy file"));
    assert_string_equal(world_tasks(s->w, "housing"), "read-first housing");
}

static void of_two_hand_overs_at_once_the_later_stands_everywhere(void **state)
{
    stage_t *s = stage(*state, true);
    world_t *w = s->w;
    Kith__Api__Draft *draft = world_change(w, s->household);
    world_lead(w, draft, "school");
    Kith__Notice *first = world_submit(w, "housing", draft);
    draft = world_change(w, s->household);
    world_lead(w, draft, "social-care");
    Kith__Notice *second = world_submit(w, "police", draft); /* later by the clock */
    static const char *const others[] = {"school", "social-care"};
    for (size_t i = 0; i < 2; i++) {
        world_deliver(w, others[i], i == 0 ? first : second);
        world_deliver(w, others[i], i == 0 ? second : first);
    }
    world_deliver(w, "housing", second);
    world_deliver(w, "police", first);
    assert_non_null(strstr(world_last(w, "police")->summary, "no effect"));
    assert_string_equal(world_tasks(w, "school"), ""); /* it had begun to read, and no longer */
    assert_string_equal(world_tasks(w, "social-care"), "read-first police");
    assert_string_equal(world_tasks(w, "housing"), "");
    for (size_t i = 0; i < 2; i++) {
        assert_true(kith_bytes_equal(world_household_row(w, "police", s->household),
                                     world_household_row(w, others[i], s->household)));
    }
}

/* ---- never without a word ---- */

static void lead_whose_agency_leaves_the_partnership_is_wanted_once(void **state)
{
    stage_t *s = stage(*state, true);
    leave(s, "housing", true);
    static const char *const told[] = {"police", "school", "social-care"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(wanted_at(s, told[i]));
        assert_string_equal(task_of(s->w, told[i], "lead-wanted")->reason, "left-partnership");
        assert_string_equal(world_view(s->w, told[i], s->household)->lead_wanted,
                            "left-partnership");
    }
    look_everywhere(s); /* a restart */
    give(s, "police", "school");
    for (size_t i = 0; i < 3; i++) {
        assert_false(wanted_at(s, told[i]));
        assert_int_equal(count_of(s->w, told[i], "orphaned"), 1);
    }
    look_everywhere(s);
    assert_false(wanted_at(s, "police"));
}

static void lead_whose_role_nobody_fills_is_wanted_until_somebody_does(void **state)
{
    stage_t *s = stage(*state, true);
    unstaff(s, "housing", 1);
    assert_true(wanted_at(s, "police") && wanted_at(s, "housing"));
    assert_string_equal(task_of(s->w, "police", "lead-wanted")->reason, "unstaffed");
    unstaff(s, "housing", 0);
    assert_false(wanted_at(s, "police") || wanted_at(s, "housing"));
    unstaff(s, "housing", 1); /* again: it is told again */
    assert_int_equal(count_of(s->w, "police", "orphaned"), 2);
}

static void closure_without_a_successor_is_an_alert(void **state)
{
    stage_t *s = stage(*state, true);
    world_say(s->w, "housing", world_closing(s->w, s->household, false));
    assert_true(wanted_at(s, "police") && wanted_at(s, "housing"));
    assert_string_equal(task_of(s->w, "school", "lead-wanted")->reason, "closed");
    world_say(s->w, "school", world_closing(s->w, s->household, true));
    assert_false(wanted_at(s, "police") || wanted_at(s, "housing"));
    Kith__Api__Draft *draft = world_closing(s->w, s->household, false);
    world_lead(s->w, draft, "school"); /* who reads on */
    world_say(s->w, "housing", draft);
    assert_false(wanted_at(s, "police") || wanted_at(s, "school"));
    assert_int_equal(count_of(s->w, "police", "orphaned"), 1);
}

static void leave_that_crosses_a_hand_over_is_an_alert(void **state)
{
    stage_t *s = stage(*state, true);
    world_t *w = s->w;
    Kith__Api__Draft *draft = world_change(w, s->household);
    world_seat(w, draft, "school", w->now_ms);
    Kith__Notice *leaves = world_submit(w, "police", draft);
    give(s, "housing", "school"); /* which has heard neither, and police has not sent its yet */
    static const char *const others[] = {"housing", "social-care"};
    for (size_t i = 0; i < 2; i++) {
        world_deliver(w, others[i], leaves);
        assert_true(wanted_at(s, others[i]));
        assert_string_equal(task_of(w, others[i], "lead-wanted")->reason, "left-team");
    }
    assert_true(wanted_at(s, "police"));
}

static void leave_without_a_successor_is_an_alert(void **state)
{
    stage_t *s = stage(*state, true);
    char *despite[] = {NAME("lead-without-successor")};
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_seat(s->w, draft, "housing", s->w->now_ms);
    world_refused(s->w, "housing", draft, KITH_INVALID, "lead-without-successor");
    assert_non_null(strstr(s->w->refusal.what, "--despite lead-without-successor"));
    draft->despite = despite;
    draft->n_despite = 1;
    world_say(s->w, "housing", draft);
    assert_true(wanted_at(s, "police") && wanted_at(s, "school"));
    assert_string_equal(task_of(s->w, "police", "lead-wanted")->reason, "left-team");
    assert_null(task_of(s->w, "housing", "lead-wanted")); /* it is no longer at the table */
}

static void end_of_a_seat_is_no_way_around_a_successor(void **state)
{
    stage_t *s = stage(*state, true);
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_seat(s->w, draft, "housing", s->w->now_ms + 30 * DAY);
    world_refused(s->w, "housing", draft, KITH_INVALID, "lead-without-successor");
    draft->household_change->team[0]->agency = NAME("school");
    world_say(s->w, "housing", draft);
    give(s, "housing", "school"); /* who leads, stays */
    assert_false(wanted_at(s, "police"));
}

static void who_never_had_a_lead_wants_none(void **state)
{
    stage_t *s = stage(*state, false);
    leave(s, "housing", true);
    world_say(s->w, "police", world_closing(s->w, s->household, false));
    assert_false(wanted_at(s, "police") || wanted_at(s, "social-care"));
}

static void who_joins_later_is_told_too(void **state)
{
    stage_t *s = stage(*state, true);
    leave(s, "housing", true);
    Kith__Api__Draft *draft = world_change(s->w, s->household);
    world_seat(s->w, draft, "health", 0);
    world_say(s->w, "police", draft);
    assert_true(wanted_at(s, "health"));
    assert_int_equal(count_of(s->w, "health", "orphaned"), 1);
}

static void front_door_reads_what_nobody_leads(void **state)
{
    world_t *w = *state;
    static const char *const without[] = {"housing", "school", NULL};
    stage_t *s = stage(w, false);
    s->household = world_household(w, "police", without);
    give(s, "police", "housing");
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    draft->household = s->household;
    assert_int_equal(world_prepare(w, "school", draft), KITH_OK);
    assert_string_equal(world_recipients(w), "housing police");
    leave(s, "housing", true);
    assert_int_equal(world_prepare(w, "school", draft), KITH_OK);
    assert_string_equal(world_recipients(w), "police social-care");
}

static void a_person_may_end_what_waits_for_a_lead(void **state)
{
    stage_t *s = stage(*state, true);
    world_t *w = s->w;
    world_say(w, "housing", world_closing(w, s->household, false));
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    uint32_t ended = 0;
    ask.notice_id = task_of(w, "school", "lead-wanted")->notice_id;
    ask.kind = NAME("lead-wanted");
    kith_txn_t *txn = world_begin(w, "school");
    assert_int_equal(work_done(&world_node(w, "school")->work, txn, w->arena, &ask, "duty",
                               w->now_ms, &ended, &w->refusal),
                     KITH_OK);
    world_commit(w, "school");
    world_look_again(w, "school");
    assert_null(task_of(w, "school", "lead-wanted")); /* it was told, and is not told again */
    assert_true(world_view(w, "school", s->household)->orphaned);
}

static void many_households_are_looked_at_bit_by_bit(void **state)
{
    stage_t *s = stage(*state, false);
    world_t *w = s->w;
    for (size_t i = 0; i < 100; i++) {
        Kith__Api__Draft *draft = world_opening(w, "one of many");
        world_lead(w, draft, "housing");
        world_submit(w, "police", draft);
    }
    agency(s, "housing")->left = true;
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(work_agreement(&world_node(w, "police")->work, txn, w->arena), KITH_OK);
    world_commit(w, "police");
    assert_int_equal(world_tick(w, "police"), w->now_ms); /* more follows at once */
    size_t some = count_of(w, "police", "orphaned");
    assert_true(some > 0 && some < 100);
    while (world_tick(w, "police") <= w->now_ms) {
    }
    assert_int_equal(count_of(w, "police", "orphaned"), 100);
}

/* ---- the docs ---- */

static const char *word(stage_t *s)
{
    Kith__Api__HouseholdView *view = world_view(s->w, "police", s->household);
    return view->orphaned ? "wanted" : view->lead != NULL ? "held" : "none";
}

static void named(stage_t *s)
{
    give(s, "police", "school");
}
static void leaves_partnership(stage_t *s)
{
    leave(s, "housing", true);
}
static void not_filled(stage_t *s)
{
    unstaff(s, "housing", 1);
}
static void seat_ends(stage_t *s)
{
    world_t *w = s->w;
    kith_bytes_t id = bytes_of(s->household);
    work_ctx_t at = {.work = &world_node(w, "police")->work,
                     .txn = world_begin(w, "police"),
                     .arena = w->arena,
                     .now_ms = w->now_ms};
    Kith__Store__HouseholdRow *row = NULL;
    assert_int_equal(household_find(&at, id, &row), KITH_OK);
    for (size_t i = 0; i < row->n_team; i++) {
        bool is = strcmp(row->team[i]->seat->agency, "housing") == 0;
        row->team[i]->seat->to_ms = is ? w->now_ms : 0; /* as two changes that crossed leave it */
    }
    assert_int_equal(view_put_household(&at, id, row), KITH_OK);
    world_commit(w, "police");
    look_everywhere(s);
}
static void closed_alone(stage_t *s)
{
    world_say(s->w, "police", world_closing(s->w, s->household, false));
}
static void closed_handing_over(stage_t *s)
{
    Kith__Api__Draft *draft = world_closing(s->w, s->household, false);
    world_lead(s->w, draft, "school");
    world_say(s->w, "police", draft);
}
static void over(stage_t *s)
{
    unstaff(s, "housing", 0);
}

static const struct {
    const char *what;
    void (*happens)(stage_t *s);
} rows[] = {
    {"a lead is named", named},
    {"its agency leaves the partnership", leaves_partnership},
    {"nobody fills its role any more", not_filled},
    {"its agency's seat in the team ends", seat_ends},
    {"closed without a successor", closed_alone},
    {"closed with a successor", closed_handing_over},
    {"what made it wanted is over", over},
};

static void the_docs_draw_what_the_code_does(void **state)
{
    world_t *w = *state;
    const char *page = world_page(w, KITH_STATES);
    assert_non_null(strstr(page, "| what happens | none | held | wanted |"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = kith_arena_printf(w->arena, "| %s |", rows[i].what);
        for (size_t from = 0; from < 3; from++) {
            world_t *its = world_new();
            stage_t *s = stage(its, from > 0);
            if (from == 2) {
                unstaff(s, "housing", 1);
            }
            assert_string_equal(word(s), from == 0 ? "none" : from == 1 ? "held" : "wanted");
            rows[i].happens(s);
            line = kith_arena_printf(w->arena, "%s %s |", line, word(s));
            world_destroy(its);
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hand_over_says_why_and_what_to_read_first),
        TEST(hand_over_to_nobody_is_refused),
        TEST(only_the_roles_of_the_partnership_lead),
        TEST(successor_gets_what_nobody_there_has_acknowledged),
        TEST(what_the_predecessor_had_to_read_ends_with_a_note),
        TEST(another_role_of_the_same_agency_is_a_hand_over_too),
        TEST(of_two_hand_overs_at_once_the_later_stands_everywhere),
        TEST(lead_whose_agency_leaves_the_partnership_is_wanted_once),
        TEST(lead_whose_role_nobody_fills_is_wanted_until_somebody_does),
        TEST(closure_without_a_successor_is_an_alert),
        TEST(leave_that_crosses_a_hand_over_is_an_alert),
        TEST(leave_without_a_successor_is_an_alert),
        TEST(end_of_a_seat_is_no_way_around_a_successor),
        TEST(who_never_had_a_lead_wants_none),
        TEST(who_joins_later_is_told_too),
        TEST(front_door_reads_what_nobody_leads),
        TEST(a_person_may_end_what_waits_for_a_lead),
        TEST(many_households_are_looked_at_bit_by_bit),
        TEST(the_docs_draw_what_the_code_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
