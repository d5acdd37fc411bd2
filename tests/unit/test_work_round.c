/* Group, two recipients, restart and reload: what an agency's people are told, and what is told
 * once only. */
#include "agents/work/parts.h"
#include "tests/unit/work_world_feed.h"

#include "base/text.h"

static const char *const housing[] = {"housing", NULL};
static const char *const both[] = {"housing", "social-care", NULL};

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

/* A household whose opening was looked at, on a Monday at ten. */
static ProtobufCBinaryData family(world_t *w, const char *const *team)
{
    world_tells(w);
    w->now_ms = at("2026-01-12T10:00:00Z");
    ProtobufCBinaryData household = world_household(w, "police", team);
    for (; *team != NULL; team++) {
        world_looked(w, *team, "duty", household, UINT64_MAX);
    }
    return household;
}

static void say_alerts(world_t *w, ProtobufCBinaryData household, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        world_say(w, "police", world_alert(w, household));
    }
}

static void group(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    int64_t began_ms = w->now_ms + 1000; /* when the first arrives */
    say_alerts(w, household, 5);         /* within the wait window */
    world_pass(w, "housing", began_ms + MINUTE / 2);
    assert_string_equal(world_told(w, "housing", 0), "");
    world_pass(w, "housing", began_ms + MINUTE);
    assert_string_equal(world_told(w, "housing", 0), "urgent 5");
    int64_t told_ms = world_tellings(w, "housing", 0)->tellings[0]->at_ms;
    assert_int_equal(told_ms, began_ms + MINUTE / 2 + 1);
    say_alerts(w, household, 1); /* inside the next interval */
    world_pass(w, "housing", told_ms + 5 * MINUTE);
    assert_string_equal(world_told(w, "housing", 1), "");
    world_pass(w, "housing", told_ms + 5 * MINUTE + 1);
    assert_string_equal(world_told(w, "housing", 1), "urgent 6");
    told_ms = w->now_ms;
    world_pass(w, "housing", told_ms + DAY); /* with no change: nothing until the repeat interval */
    assert_string_equal(world_told(w, "housing", 2), "");
    world_pass(w, "housing", told_ms + 2 * DAY);
    assert_string_equal(world_told(w, "housing", 2), "repeat 6");
    const Kith__Api__Telling *again = world_tellings(w, "housing", 2)->tellings[0];
    assert_true(again->again);
    assert_true(again->urgent);
    assert_int_equal(again->at_ms, told_ms + DAY + 1);
    world_pass(w, "housing", told_ms + 30 * DAY); /* then once */
    assert_string_equal(world_told(w, "housing", 3), "");
    say_alerts(w, household, 1);
    world_pass(w, "housing", w->now_ms + 3 * DAY);
    assert_string_equal(world_told(w, "housing", 3), "urgent 7; repeat 7");
}

/* Nobody ever looks: what is new is told all the same, however much lies before it. */
static void however_much_is_open_what_is_new_is_told(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    kith_arena_t *arena = kith_arena_new(1024 * 1024);
    work_ctx_t ctx = {.work = &world_node(w, "housing")->work,
                      .txn = world_begin(w, "housing"),
                      .arena = arena,
                      .now_ms = w->now_ms};
    for (size_t i = 0; i < 5000; i++) {
        kith_arena_reset(arena);
        assert_int_equal(
            feed_tell(&ctx, bytes_of(household), bytes_of(household), "line", "something"),
            KITH_OK);
    }
    world_commit(w, "housing");
    kith_arena_destroy(&arena);
    world_pass(w, "housing", w->now_ms + 3 * DAY);
    uint64_t told = world_tellings(w, "housing", 0)->n_tellings;
    say_alerts(w, household, 1);
    world_pass(w, "housing", w->now_ms + MINUTE);
    assert_string_equal(world_told(w, "housing", told), "urgent 4096");
}

static void each_family_has_rounds_of_its_own(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = family(w, housing), two = family(w, housing);
    say_alerts(w, one, 2);
    say_alerts(w, two, 1);
    world_pass(w, "housing", w->now_ms + MINUTE);
    Kith__Api__TellingsResponse *told = world_tellings(w, "housing", 0);
    assert_string_equal(world_told(w, "housing", 0), "urgent 2; urgent 1");
    assert_memory_equal(told->tellings[0]->household.data, one.data, KITH_ID_BYTES);
    assert_memory_equal(told->tellings[1]->household.data, two.data, KITH_ID_BYTES);
    assert_string_equal(told->tellings[0]->name, "the family at 3");
}

/* Each agency tells its own people, by what it has. */
static void two_recipients_one_failing_for_a_while(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, both);
    Kith__Notice *alert = world_submit(w, "police", world_alert(w, household));
    world_deliver(w, "housing", alert);
    world_pass(w, "housing", w->now_ms + HOUR); /* social-care is down */
    assert_string_equal(world_told(w, "housing", 0), "urgent 1");
    assert_string_equal(world_told(w, "social-care", 0), "");
    world_deliver(w, "social-care", alert);
    world_pass(w, "social-care", w->now_ms + HOUR);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "social-care", 0), "urgent 1");
    assert_string_equal(world_told(w, "housing", 0), "urgent 1");
}

/* All state is in the store: being down is time without ticks. */
static void restart_between_two_rounds(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    say_alerts(w, household, 2);
    world_say_event(w, "police.call-out", household);
    w->now_ms = at("2026-01-15T09:00:00Z"); /* down over its round, digests and repeats */
    world_tick(w, "housing");
    world_tick(w, "housing");
    assert_string_equal(world_told(w, "housing", 0), "urgent 3");
    assert_int_equal(world_tellings(w, "housing", 0)->tellings[0]->at_ms, w->now_ms);
    world_pass(w, "housing", w->now_ms + DAY);
    assert_string_equal(world_told(w, "housing", 1), "");
    world_say_event(w, "police.call-out", household);
    w->now_ms = at("2026-01-17T09:00:00Z"); /* down over Friday's digest and the repeat */
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "housing", 1), "digest 4");
}

static void reload_between_two_rounds(void **state)
{
    world_t *w = *state;
    const work_rounds_t other = {.wait_ms = HOUR,
                                 .interval_ms = 2 * HOUR,
                                 .repeat_ms = 3 * HOUR,
                                 .digest_ms = 9 * (int32_t)HOUR,
                                 .working_days = true};
    ProtobufCBinaryData household = family(w, housing);
    say_alerts(w, household, 1);
    world_say_event(w, "police.call-out", household);
    world_node(w, "housing")->work.rounds = &other;
    world_pass(w, "housing", w->now_ms + MINUTE); /* as it was set when it came */
    assert_string_equal(world_told(w, "housing", 0), "urgent 2");
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "housing", 1), "");
    world_say_event(w, "police.call-out", household);
    world_looked(w, "housing", "duty", household, 3);
    world_pass(w, "housing", at("2026-01-13T09:00:00Z"));
    assert_string_equal(world_told(w, "housing", 1), "");
    world_pass(w, "housing", at("2026-01-13T09:01:00Z")); /* the digest's new hour */
    assert_string_equal(world_told(w, "housing", 1), "digest 1");
}

static void the_rest_waits_for_the_digest(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    assert_int_equal(world_tellings(w, "housing", 0)->next_digest_ms, at("2026-01-12T16:00:00Z"));
    world_say_event(w, "police.call-out", household);
    world_pass(w, "housing", at("2026-01-12T12:00:00Z"));
    world_say_event(w, "police.call-out", household);
    world_pass(w, "housing", at("2026-01-12T16:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "");
    world_pass(w, "housing", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "digest 2");
    const Kith__Api__Telling *told = world_tellings(w, "housing", 0)->tellings[0];
    assert_int_equal(told->at_ms, at("2026-01-12T16:00:00Z") + 1);
    assert_false(told->urgent);
    assert_int_equal(told->n_newest, 2);
    assert_int_equal(told->newest[0]->seq, 3);
    world_pass(w, "housing", at("2026-01-13T17:00:00Z")); /* nobody has looked */
    assert_string_equal(world_told(w, "housing", 1), "repeat 2");
    world_looked(w, "housing", "anybody", household, UINT64_MAX);
    world_pass(w, "housing", at("2026-01-20T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 2), "");
}

static void what_waits_is_told_with_what_is_urgent_and_not_again(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    world_say_event(w, "police.call-out", household);
    say_alerts(w, household, 1);
    world_pass(w, "housing", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "urgent 2");
}

static void what_was_looked_at_or_acknowledged_is_not_told(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    world_say_event(w, "police.call-out", household);
    world_looked(w, "housing", "duty", household, UINT64_MAX);
    Kith__Notice *second = world_say_event(w, "police.call-out", household);
    world_say(w, "housing", world_seen(w, second));
    world_pass(w, "housing", at("2026-01-13T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "");
    world_say_event(w, "police.call-out", household); /* neither hides what comes later */
    world_pass(w, "housing", at("2026-01-14T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "digest 1");
}

/* Of what was urgent and was looked at, the digest's rest is not told early. */
static void a_round_whose_cause_is_gone_waits_for_the_next(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    world_say_event(w, "police.call-out", household);
    world_say(w, "housing", world_seen(w, alert));
    world_pass(w, "housing", at("2026-01-12T16:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "");
    world_pass(w, "housing", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "housing", 0), "digest 1");
}

static void own_words_are_no_news_but_own_clocks_are(void **state)
{
    static kith_ladder_step_t steps[] = {{.role = "duty", .wait_ms = HOUR}};
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    w->agreement.ladder = (kith_ladder_t){.count = 1, .steps = steps};
    say_alerts(w, household, 1);
    world_pass(w, "police", w->now_ms + HOUR / 2);
    assert_string_equal(world_told(w, "police", 0), "");
    world_pass(w, "police", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "police", 0), "urgent 1");
    assert_string_equal(world_tellings(w, "police", 0)->tellings[0]->newest[0]->kind, "escalated");
}

static void what_names_no_family_is_told_as_the_front_door(void **state)
{
    world_t *w = *state;
    world_tells(w);
    w->now_ms = at("2026-01-12T10:00:00Z");
    world_say_event(w, "police.call-out", (ProtobufCBinaryData){0});
    world_pass(w, "social-care", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "social-care", 0), "digest 1");
    assert_int_equal(world_tellings(w, "social-care", 0)->tellings[0]->household.len, 0);
}

static void what_was_linked_is_told_with_its_family(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, (const char *const[]){"social-care", NULL});
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_about(w, event, "P-1");
    world_say(w, "police", event);
    world_link(w, "social-care", "P-1", household);
    world_pass(w, "social-care", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "social-care", 0), "digest 1");
    assert_memory_equal(world_tellings(w, "social-care", 0)->tellings[0]->household.data,
                        household.data, KITH_ID_BYTES);
}

static void family_that_becomes_known_is_told_of_what_waited(void **state)
{
    world_t *w = *state;
    world_tells(w);
    w->now_ms = at("2026-01-12T10:00:00Z");
    Kith__Notice *opening = world_submit(w, "police", world_opening(w, "the family at 5"));
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->household = opening->household;
    world_to(w, event, "social-care");
    world_say(w, "police", event);
    world_deliver(w, "social-care", opening);
    world_pass(w, "social-care", at("2026-01-12T17:00:00Z"));
    assert_string_equal(world_told(w, "social-care", 0), "digest 2");
}

static void early_arrival_is_told_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    Kith__Notice *alert = world_submit(w, "police", world_alert(w, household));
    assert_int_equal(world_try_deliver(w, "housing", alert, (deliver_with_t){.early = true}),
                     KITH_OK);
    world_pass(w, "housing", w->now_ms + MINUTE);
    assert_string_equal(world_told(w, "housing", 0), "urgent 1");
    world_deliver(w, "housing", alert);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "housing", 0), "urgent 1");
}

static void repeat_of_an_incident_is_not_told_but_a_correction_is(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    Kith__Reference source = KITH__REFERENCE__INIT;
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    source.system = NAME("crm");
    source.id = NAME("C-1");
    draft->household = household;
    draft->event->source = &source;
    world_say(w, "police", draft);
    world_pass(w, "housing", w->now_ms + HOUR);
    world_say(w, "police", draft);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "housing", 0), "urgent 1");
    draft->event->narrative = NAME("It was a film.");
    world_say(w, "police", draft);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_string_equal(world_told(w, "housing", 0), "urgent 1; urgent 1");
}

static void without_a_digest_all_is_told_at_once(void **state)
{
    world_t *w = *state;
    const work_rounds_t none = {
        .wait_ms = MINUTE, .interval_ms = HOUR, .repeat_ms = DAY, .digest_ms = WORK_NO_DIGEST};
    ProtobufCBinaryData household = family(w, housing);
    world_node(w, "housing")->work.rounds = &none;
    world_say_event(w, "police.call-out", household);
    world_pass(w, "housing", w->now_ms + 2 * MINUTE);
    assert_string_equal(world_told(w, "housing", 0), "news 1");
    assert_int_equal(world_tellings(w, "housing", 0)->next_digest_ms, 0);
    world_pass(w, "housing", w->now_ms + DAY);
    assert_string_equal(world_told(w, "housing", 1), "repeat 1");
}

static void what_is_told_for_another_reason_is_told_at_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    world_say_event(w, "police.call-out", household);
    for (size_t i = 0; i < 2; i++) { /* the second time nothing is open any more */
        work_ctx_t ctx = {.work = &world_node(w, "housing")->work,
                          .txn = world_begin(w, "housing"),
                          .arena = w->arena,
                          .now_ms = w->now_ms};
        assert_int_equal(round_at_once(&ctx, bytes_of(household), "read-first"), KITH_OK);
        world_commit(w, "housing");
        world_pass(w, "housing", w->now_ms + 1);
        assert_string_equal(world_told(w, "housing", 0), "read-first 1");
        world_looked(w, "housing", "duty", household, UINT64_MAX);
    }
}

static void tellings_come_in_pages(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, housing);
    for (size_t i = 0; i < 3; i++) {
        say_alerts(w, household, 1);
        world_pass(w, "housing", w->now_ms + HOUR);
    }
    Kith__Api__TellingsRequest ask = KITH__API__TELLINGS_REQUEST__INIT;
    Kith__Api__TellingsResponse page = KITH__API__TELLINGS_RESPONSE__INIT;
    ask.after = 1;
    ask.limit = 1;
    kith_txn_t *txn = world_begin(w, "housing");
    assert_int_equal(
        work_tellings(&world_node(w, "housing")->work, txn, w->arena, &ask, w->now_ms, &page),
        KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    assert_int_equal(page.n_tellings, 1);
    assert_int_equal(page.tellings[0]->seq, 2);
    assert_true(page.more);
    Kith__Api__FeedRequest feed = KITH__API__FEED_REQUEST__INIT;
    assert_int_equal(world_feed(w, "housing", feed)->tellings, 3);
}

/* ---- the docs ---- */

static Kith__Api__Draft *record(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = household;
    draft->event->occurred_ms = START_MS;
    draft->event->source = kith_arena_need(w->arena, sizeof *draft->event->source);
    kith__reference__init(draft->event->source);
    draft->event->source->system = NAME("crm");
    draft->event->source->id = NAME("C-1");
    return draft;
}

static void urgent_comes(world_t *w, ProtobufCBinaryData household)
{
    world_say_event(w, "safeguarding.concern", household);
}

static void else_comes(world_t *w, ProtobufCBinaryData household)
{
    world_say_event(w, "police.call-out", household);
}

static void said_again(world_t *w, ProtobufCBinaryData household)
{
    world_say(w, "police", record(w, household));
}

static void snooze_for_an_hour(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    snooze.household = household;
    snooze.why = NAME("visit tonight");
    snooze.until_ms = w->now_ms + HOUR;
    ask.snooze = &snooze;
    assert_int_equal(world_try_snooze(w, "housing", &ask, &snooze), KITH_OK);
}

static void hidden_comes(world_t *w, ProtobufCBinaryData household)
{
    snooze_for_an_hour(w, household);
    else_comes(w, household);
}

static void hidden_comes_back(world_t *w, ProtobufCBinaryData household)
{
    hidden_comes(w, household);
    world_pass(w, "housing", w->now_ms + HOUR + MINUTE);
}

static void time_is_over(world_t *w, ProtobufCBinaryData household)
{
    (void)household;
    world_pass(w, "housing", w->now_ms + DAY);
}

static void somebody_looks(world_t *w, ProtobufCBinaryData household)
{
    world_looked(w, "housing", "anybody", household, UINT64_MAX);
}

/* An incident that was looked at; one that was not; one that was told. */
static ProtobufCBinaryData round_in(world_t *w, size_t round)
{
    ProtobufCBinaryData household = family(w, housing);
    world_say(w, "police", record(w, household));
    if (round == 0) {
        world_looked(w, "housing", "duty", household, UINT64_MAX);
    } else if (round == 2) {
        world_pass(w, "housing", at("2026-01-12T17:00:00Z"));
    }
    return household;
}

static const char *round_word(world_t *w, ProtobufCBinaryData household)
{
    work_ctx_t ctx = {.work = &world_node(w, "housing")->work,
                      .txn = world_begin(w, "housing"),
                      .arena = w->arena};
    Kith__Store__RoundRow *round = NULL;
    uint64_t up_to = 0;
    tally_t tally;
    assert_int_equal(view_find_round(&ctx, bytes_of(household), &round), KITH_OK);
    assert_int_equal(looked_up_to(&ctx, LOOKED_ANYBODY, bytes_of(household), &up_to), KITH_OK);
    assert_int_equal(looked_tally(&ctx, bytes_of(household), up_to, 100, &tally), KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    return tally.fresh == 0 ? "quiet" : tally.newest_seq > round->told_up_to ? "waiting" : "told";
}

static void the_docs_draw_what_the_code_does(void **state)
{
    static const char *const words[] = {"quiet", "waiting", "told"};
    static const struct {
        const char *what;
        void (*happens)(world_t *w, ProtobufCBinaryData household);
    } rows[] = {
        {"something urgent comes", urgent_comes},
        {"something else comes", else_comes},
        {"an incident is said again", said_again},
        {"a snooze hides what comes", hidden_comes},
        {"what a snooze hid comes back", hidden_comes_back},
        {"its time is over", time_is_over},
        {"somebody looks at all of it", somebody_looks},
    };
    world_t *w = *state;
    const char *page = world_page(w, KITH_STATES);
    assert_non_null(strstr(page, "| what happens | quiet | waiting | told |"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = kith_arena_printf(w->arena, "| %s |", rows[i].what);
        for (size_t from = 0; from < 3; from++) {
            world_t *its = world_new();
            ProtobufCBinaryData household = round_in(its, from);
            assert_string_equal(round_word(its, household), words[from]);
            rows[i].happens(its, household);
            line = kith_arena_printf(w->arena, "%s %s |", line, round_word(its, household));
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
        TEST(group),
        TEST(however_much_is_open_what_is_new_is_told),
        TEST(each_family_has_rounds_of_its_own),
        TEST(two_recipients_one_failing_for_a_while),
        TEST(restart_between_two_rounds),
        TEST(reload_between_two_rounds),
        TEST(the_rest_waits_for_the_digest),
        TEST(what_waits_is_told_with_what_is_urgent_and_not_again),
        TEST(what_was_looked_at_or_acknowledged_is_not_told),
        TEST(a_round_whose_cause_is_gone_waits_for_the_next),
        TEST(own_words_are_no_news_but_own_clocks_are),
        TEST(what_names_no_family_is_told_as_the_front_door),
        TEST(what_was_linked_is_told_with_its_family),
        TEST(family_that_becomes_known_is_told_of_what_waited),
        TEST(early_arrival_is_told_once),
        TEST(repeat_of_an_incident_is_not_told_but_a_correction_is),
        TEST(without_a_digest_all_is_told_at_once),
        TEST(what_is_told_for_another_reason_is_told_at_once),
        TEST(tellings_come_in_pages),
        TEST(the_docs_draw_what_the_code_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
