/* An assessment: asked for once, each agency's own part, its end; the clock; and that all who take
 * part end the same, whatever order its steps arrive in. */
#include "agents/work/parts.h"
#include "tests/lib/dice.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

#define STEP(name) KITH__ASSESSMENT_STEP__ASSESSMENT_##name

static ProtobufCBinaryData family_of(world_t *w)
{
    return world_household(w, "police", (const char *const[]){"housing", "health", NULL});
}

static Kith__Api__Draft *draft_of(world_t *w, Kith__AssessmentStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    draft->assessment = kith_arena_need(w->arena, sizeof *draft->assessment);
    kith__assessment__init(draft->assessment);
    draft->assessment->step = step;
    return draft;
}

static Kith__Api__Draft *request(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = draft_of(w, STEP(REQUESTED));
    draft->household = household;
    draft->assessment->kind = NAME("early-help");
    draft->assessment->reason = NAME("Three call-outs in a month");
    return draft;
}

/* With all that any step must say. */
static Kith__Api__Draft *step_of(world_t *w, const Kith__Notice *asked, Kith__AssessmentStep step)
{
    Kith__Api__Draft *draft = draft_of(w, step);
    draft->assessment->assessment = asked->id;
    draft->assessment->section = NAME(step == STEP(CONTRIBUTED) ? "strengths" : "");
    draft->assessment->text = NAME("The grandmother is there each morning");
    draft->assessment->family_view = NAME("We want them to sleep through");
    draft->assessment->reason = NAME("The family moved away");
    return draft;
}

static Kith__Api__AssessmentState *state_at(world_t *w, const char *agency,
                                            const Kith__Notice *asked)
{
    Kith__Api__AssessmentState *state = NULL;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(
        work_assessment(&world_node(w, agency)->work, txn, w->arena, bytes_of(asked->id), &state),
        KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return state;
}

/* ---- the story ---- */

static void each_agency_asked_adds_its_own_part_and_who_asked_completes(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    assert_string_equal(world_recipients(w), "health housing");
    assert_string_equal(world_tasks(w, "housing"), "assessment-to-contribute police");
    world_say(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    assert_string_equal(world_recipients(w), "health police");
    assert_string_equal(world_tasks(w, "housing"), "");
    Kith__Notice *part = world_say(w, "health", step_of(w, asked, STEP(CONTRIBUTED)));
    Kith__Api__AssessmentState *seen = state_at(w, "police", asked);
    assert_string_equal(seen->state, "open");
    assert_int_equal(seen->n_silent, 0);
    assert_int_equal(seen->n_parts, 2);
    assert_string_equal(seen->parts[1]->agency, "health");
    assert_string_equal(seen->parts[1]->text, "The grandmother is there each morning");
    assert_memory_equal(seen->parts[1]->id.data, part->id.data, 16); /* the signed notice */
    assert_int_equal(seen->n_allowed, 3);
    Kith__Api__Draft *end = step_of(w, asked, STEP(COMPLETED));
    end->assessment->text = NAME("Help in the mornings, and with the rent");
    world_say(w, "police", end);
    for (size_t i = 0; i < 3; i++) {
        seen = state_at(w, (const char *const[]){"police", "housing", "health"}[i], asked);
        assert_string_equal(seen->state, "completed");
        assert_string_equal(seen->summary, "Help in the mornings, and with the rent");
        assert_string_equal(seen->family_view, "We want them to sleep through");
        assert_int_equal(seen->n_allowed, 0);
    }
    Kith__Api__HouseholdView *view = world_view(w, "health", asked->household);
    assert_memory_equal(view->assessment.data, asked->id.data, 16);
}

static void those_named_are_asked_and_the_team_hears_of_it(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = request(w, family_of(w));
    char *named[] = {NAME("school")};
    draft->assessment->asked = named;
    draft->assessment->n_asked = 1;
    Kith__Notice *asked = world_say(w, "police", draft);
    assert_string_equal(world_recipients(w), "health housing school");
    assert_string_equal(world_tasks(w, "housing"), "");
    assert_string_equal(world_tasks(w, "school"), "assessment-to-contribute police");
    world_refused(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)), KITH_DENIED,
                  "assessment-not-asked");
    assert_non_null(strstr(w->refusal.what, "asks school"));
    world_say(w, "school", step_of(w, asked, STEP(CONTRIBUTED)));
    assert_string_equal(world_recipients(w), "health housing police");
    world_say(w, "police", step_of(w, asked, STEP(WITHDRAWN)));
    assert_string_equal(world_recipients(w), "health housing school");
    assert_string_equal(state_at(w, "school", asked)->state, "withdrawn");
    assert_string_equal(state_at(w, "school", asked)->reason, "The family moved away");
}

static void withdrawing_ends_what_is_owed(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    world_say(w, "police", step_of(w, asked, STEP(WITHDRAWN)));
    assert_string_equal(world_tasks(w, "housing"), "");
    assert_int_equal(world_tick(w, "housing"), INT64_MAX);
    world_say(w, "police", request(w, asked->household)); /* it stands in the way of nothing */
}

/* ---- the one that exists ---- */

static void a_new_request_is_first_answered_with_the_one_that_exists(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    char id[KITH_ID_TEXT_SIZE];
    kith_id_text(bytes_of(asked->id), id);
    world_refused(w, "housing", request(w, asked->household), KITH_CONFLICT, "assessment-exists");
    assert_non_null(strstr(w->refusal.what, id));
    assert_non_null(strstr(w->refusal.what, "open since 2026-01-01"));
    world_say(w, "police", step_of(w, asked, STEP(COMPLETED)));
    world_refused(w, "housing", request(w, asked->household), KITH_CONFLICT, "assessment-exists");
    assert_non_null(strstr(w->refusal.what, "completed since 2026-01-01"));
    Kith__Api__Draft *draft = request(w, asked->household);
    char *despite[] = {NAME("some-other-rule")};
    draft->despite = despite;
    draft->n_despite = 1;
    world_refused(w, "housing", draft, KITH_CONFLICT, "assessment-exists");
    despite[0] = NAME("assessment-exists");
    draft->assessment->reason = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "assessment-reason");
    draft->assessment->reason = NAME("It says nothing of the new baby");
    Kith__Notice *second = world_say(w, "housing", draft);
    assert_memory_equal(second->caused_by[0].data, asked->id.data, 16);
    world_say(w, "housing", step_of(w, second, STEP(WITHDRAWN)));
    w->now_ms += 181 * DAY; /* no longer valid */
    world_say(w, "housing", request(w, asked->household));
}

static void who_joins_the_team_knows_the_one_that_exists(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    Kith__Api__Draft *draft = world_change(w, asked->household);
    world_seat(w, draft, "school", 0);
    world_say(w, "housing", draft);
    world_refused(w, "school", request(w, asked->household), KITH_CONFLICT, "assessment-exists");
    assert_string_equal(state_at(w, "school", asked)->state, "open");
    world_say(w, "police", step_of(w, asked, STEP(COMPLETED)));
    assert_string_equal(world_recipients(w), "health housing school");
    assert_string_equal(state_at(w, "school", asked)->summary,
                        "The grandmother is there each morning");
    draft = world_change(w, asked->household);
    world_seat(w, draft, "social-care", 0);
    world_say(w, "school", draft);
    assert_string_equal(state_at(w, "social-care", asked)->state, "completed");
    world_refused(w, "social-care", request(w, asked->household), KITH_CONFLICT,
                  "assessment-exists");
}

/* What we say while another seats it crosses: we have a task to tell, and telling it is one more
 * naming of the seat. */
static void who_joined_meanwhile_is_told_by_who_said_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    Kith__Api__Draft *draft = world_change(w, asked->household);
    world_seat(w, draft, "school", 0);
    Kith__Notice *joins = world_submit(w, "housing", draft);
    world_deliver(w, "school", joins);
    world_say(w, "police", step_of(w, asked, STEP(WITHDRAWN)));
    world_deliver(w, "police", joins);
    assert_string_equal(world_tasks(w, "police"), "joiner-to-tell school");
    assert_string_equal(state_at(w, "school", asked)->state, "open");
    draft = world_change(w, asked->household);
    world_seat(w, draft, "school", 0);
    world_say(w, "police", draft);
    assert_string_equal(state_at(w, "school", asked)->state, "withdrawn");
    assert_string_equal(world_tasks(w, "police"), "");
}

/* ---- what is refused ---- */

static void a_request_says_what_it_must(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family_of(w);
    world_refused(w, "school", request(w, household), KITH_NOT_FOUND, "household-unknown");
    Kith__Api__Draft *draft = request(w, household);
    draft->assessment->kind = NAME("Early help");
    world_refused(w, "police", draft, KITH_INVALID, "assessment-kind");
    draft = request(w, household);
    draft->assessment->reason = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "assessment-reason");
    draft = request(w, household);
    draft->assessment->due_ms = w->now_ms;
    world_refused(w, "police", draft, KITH_INVALID, "due-past");
    draft = request(w, household);
    char *nobody[] = {NAME("charity")};
    draft->assessment->asked = nobody;
    draft->assessment->n_asked = 1;
    world_refused(w, "police", draft, KITH_DENIED, "agency-left");
    draft = world_change(w, household);
    world_seat(w, draft, "health", w->now_ms);
    world_say(w, "police", draft);
    world_refused(w, "health", request(w, household), KITH_DENIED, "not-in-team");
    world_refused(w, "police", request(w, world_household(w, "police", (const char *[]){NULL})),
                  KITH_DENIED, "nobody-to-ask");
}

static void a_step_says_what_it_must_and_by_whom(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    world_refused(w, "housing", step_of(w, asked, STEP(COMPLETED)), KITH_DENIED,
                  "assessment-not-yours");
    world_refused(w, "school", step_of(w, asked, STEP(CONTRIBUTED)), KITH_NOT_FOUND,
                  "assessment-unknown");
    world_refused(w, "housing", step_of(w, asked, STEP(UNSPECIFIED)), KITH_INVALID,
                  "assessment-step");
    Kith__Api__Draft *draft = step_of(w, asked, STEP(CONTRIBUTED));
    draft->assessment->text = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "assessment-text");
    draft = step_of(w, asked, STEP(CONTRIBUTED));
    draft->assessment->section = NAME("What they do well");
    world_refused(w, "housing", draft, KITH_INVALID, "assessment-section");
    draft = step_of(w, asked, STEP(COMPLETED));
    draft->assessment->family_view = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "assessment-summary");
    draft = step_of(w, asked, STEP(WITHDRAWN));
    draft->assessment->reason = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "assessment-reason");
    for (size_t i = 0; i < ASSESSMENT_PARTS_MAX; i++) {
        world_say(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    }
    world_refused(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)), KITH_CONFLICT,
                  "assessment-parts");
}

/* ---- its states ---- */

static const Kith__AssessmentStep states[] = {STEP(REQUESTED), STEP(COMPLETED), STEP(WITHDRAWN)};

static void each_step_in_each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < ASSESSMENT_STATES; i++) {
        for (int step = STEP(CONTRIBUTED); step <= STEP(WITHDRAWN); step++) {
            Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
            if (states[i] != STEP(REQUESTED)) {
                world_say(w, "police", step_of(w, asked, states[i]));
            }
            Kith__AssessmentStep next = assessment_next((Kith__AssessmentStep)step, states[i]);
            Kith__Api__Draft *draft = step_of(w, asked, (Kith__AssessmentStep)step);
            if (next == STEP(UNSPECIFIED)) {
                world_refused(w, "police", draft, KITH_CONFLICT, "assessment-step");
                assert_non_null(strstr(w->refusal.what, "which is final"));
                next = states[i];
            } else {
                world_say(w, "police", draft);
            }
            assert_string_equal(state_at(w, "health", asked)->state, assessment_state_word(next));
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    char *page = kith_arena_need(w->arena, 128 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    assert_true(fread(page, 1, 128 * 1024 - 1, file) > 0);
    (void)fclose(file);
    assert_non_null(strstr(page, "| step | by | open | completed | withdrawn |"));
    for (int step = STEP(CONTRIBUTED); step <= STEP(WITHDRAWN); step++) {
        bool askers = assessment_step_is_askers((Kith__AssessmentStep)step);
        const char *line = kith_arena_printf(
            w->arena, "| %s | %s |",
            word_of(w->arena, &kith__assessment_step__descriptor, "ASSESSMENT_", step),
            askers ? "who asked" : "who was asked, who asked");
        for (size_t i = 0; i < ASSESSMENT_STATES; i++) {
            line = kith_arena_printf(
                w->arena, "%s %s |", line,
                assessment_state_word(assessment_next((Kith__AssessmentStep)step, states[i])));
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

/* ---- the clock ---- */

static void it_is_due_after_45_working_days_of_who_asked(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    Kith__Api__AssessmentState *seen = state_at(w, "health", asked);
    assert_int_equal(seen->due_ms, INT64_C(1772730000000)); /* Thursday 5 March 2026, 17:00 */
    world_say(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    w->now_ms = seen->due_ms;
    assert_int_equal(world_tick(w, "police"), seen->due_ms + 1); /* never early */
    w->now_ms++;
    for (size_t i = 0; i < 3; i++) {
        const char *agency = (const char *const[]){"police", "housing", "health"}[i];
        world_tick(w, agency);
        assert_int_equal(world_tick(w, agency), INT64_MAX); /* told once */
        assert_string_equal(world_last(w, agency)->kind, "overdue");
        assert_string_equal(world_last(w, agency)->summary,
                            "assessment overdue: nothing from health");
        assert_true(state_at(w, agency, asked)->overdue);
    }
    assert_string_equal(world_tasks(w, "police"), "assessment-overdue police");
    assert_string_equal(world_tasks(w, "housing"), "");
    assert_string_equal(world_tasks(w, "health"),
                        "assessment-to-contribute police; assessment-overdue police");
    world_say(w, "health", step_of(w, asked, STEP(CONTRIBUTED)));
    assert_string_equal(world_tasks(w, "health"), "");
    world_say(w, "police", step_of(w, asked, STEP(COMPLETED)));
    assert_string_equal(world_tasks(w, "police"), "");
}

static void it_is_due_when_who_asked_says_so(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = request(w, family_of(w));
    draft->assessment->due_ms = w->now_ms + 7 * DAY;
    Kith__Notice *asked = world_say(w, "police", draft);
    assert_int_equal(state_at(w, "housing", asked)->due_ms, draft->assessment->due_ms);
    w->now_ms = draft->assessment->due_ms + 1;
    world_say(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    world_say(w, "health", step_of(w, asked, STEP(CONTRIBUTED)));
    world_tick(w, "police");
    assert_string_equal(world_last(w, "police")->summary, "assessment overdue: to be completed");
}

/* ---- any order ---- */

static void a_step_before_its_request_waits_for_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_submit(w, "police", request(w, family_of(w)));
    world_deliver(w, "housing", asked);
    Kith__Notice *part = world_submit(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    world_deliver(w, "police", part);
    Kith__Notice *end = world_submit(w, "police", step_of(w, asked, STEP(COMPLETED)));
    world_deliver(w, "health", end);
    world_deliver(w, "health", part);
    assert_string_equal(world_tasks(w, "health"), "");
    world_deliver(w, "health", asked);
    world_deliver(w, "health", part); /* again */
    Kith__Api__AssessmentState *seen = state_at(w, "health", asked);
    assert_string_equal(seen->state, "completed");
    assert_int_equal(seen->n_parts, 1);
    assert_string_equal(world_tasks(w, "health"), "");
    world_refused(w, "health", request(w, asked->household), KITH_CONFLICT, "assessment-exists");
}

static void what_comes_after_the_end_or_from_who_was_not_asked_has_no_effect(void **state)
{
    world_t *w = *state;
    Kith__Notice *asked = world_say(w, "police", request(w, family_of(w)));
    Kith__Notice *end = world_submit(w, "police", step_of(w, asked, STEP(WITHDRAWN)));
    Kith__Notice *part = world_submit(w, "housing", step_of(w, asked, STEP(CONTRIBUTED)));
    world_deliver(w, "police", part);
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
    world_deliver(w, "housing", end);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__AssessmentState *seen =
            state_at(w, (const char *const[]){"police", "housing"}[i], asked);
        assert_string_equal(seen->state, "withdrawn");
        assert_true(seen->parts[0]->no_effect);
        assert_true(seen->history[1]->no_effect);
    }
    part->origin = NAME("school"); /* an agent that does not keep the rules */
    part->id = (ProtobufCBinaryData){16, (uint8_t[16]){7}};
    world_deliver(w, "police", part);
    assert_true(state_at(w, "police", asked)->history[2]->no_effect);
}

static const char *const team[] = {"police", "housing", "health"};
#define TEAM 3u

static const char *told(world_t *w, const char *agency, const Kith__Notice *asked)
{
    Kith__Api__AssessmentState *seen = state_at(w, agency, asked);
    const char *text =
        kith_arena_printf(w->arena, "%s %zu %s", seen->state, seen->n_silent, seen->summary);
    for (size_t i = 0; i < seen->n_history; i++) {
        char id[KITH_ID_TEXT_SIZE];
        kith_id_text(bytes_of(seen->history[i]->id), id);
        text = kith_arena_printf(w->arena, "%s\n%s %s %s %d", text, id, seen->history[i]->agency,
                                 seen->history[i]->step, seen->history[i]->no_effect);
    }
    return text;
}

/* Each says what its own view allows; what was said is heard in any order, and some of it twice. */
static void cross(world_t *w, uint64_t seed)
{
    dice_t dice = {seed};
    const Kith__Notice *waiting[TEAM][64];
    size_t count[TEAM] = {0};
    Kith__Notice *asked = world_submit(w, "police", request(w, family_of(w)));
    waiting[1][count[1]++] = waiting[2][count[2]++] = asked;
    for (size_t turn = 0; turn < 20; turn++) {
        size_t who = dice_roll(&dice, TEAM);
        Kith__Api__Draft *draft =
            step_of(w, asked, (Kith__AssessmentStep)(2 + dice_roll(&dice, 6) % 4 % 3));
        w->now_ms -= dice_roll(&dice, 3) == 0 ? 2000 : 0; /* clocks that disagree */
        if (dice_roll(&dice, 2) == 0 && world_prepare(w, team[who], draft) == KITH_OK) {
            const Kith__Notice *said = world_submit(w, team[who], draft);
            for (size_t i = 0; i < TEAM; i++) {
                if (i != who) {
                    waiting[i][count[i]++] = said;
                }
            }
        } else if (count[who] > 0) {
            size_t i = dice_roll(&dice, count[who]);
            world_deliver(w, team[who], waiting[who][i]);
            if (dice_roll(&dice, 4) != 0) { /* else it comes again */
                waiting[who][i] = waiting[who][--count[who]];
            }
        }
    }
    for (size_t i = 0; i < TEAM; i++) {
        while (count[i] > 0) {
            world_deliver(w, team[i], waiting[i][--count[i]]);
        }
    }
    for (size_t i = 1; i < TEAM; i++) {
        if (strcmp(told(w, team[i], asked), told(w, team[0], asked)) != 0) {
            fail_msg("seed %llu: %s has %s\nbut police has %s", (unsigned long long)seed, team[i],
                     told(w, team[i], asked), told(w, team[0], asked));
        }
    }
}

static void all_who_take_part_end_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        world_t *w = world_new();
        cross(w, seed);
        world_destroy(w);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_agency_asked_adds_its_own_part_and_who_asked_completes),
        TEST(those_named_are_asked_and_the_team_hears_of_it),
        TEST(withdrawing_ends_what_is_owed),
        TEST(a_new_request_is_first_answered_with_the_one_that_exists),
        TEST(who_joins_the_team_knows_the_one_that_exists),
        TEST(who_joined_meanwhile_is_told_by_who_said_it),
        TEST(a_request_says_what_it_must),
        TEST(a_step_says_what_it_must_and_by_whom),
        TEST(each_step_in_each_state_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(it_is_due_after_45_working_days_of_who_asked),
        TEST(it_is_due_when_who_asked_says_so),
        TEST(a_step_before_its_request_waits_for_it),
        TEST(what_comes_after_the_end_or_from_who_was_not_asked_has_no_effect),
        TEST(all_who_take_part_end_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
