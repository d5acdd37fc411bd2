/* What is expected by an hour of each open day: told at that hour when nothing has come, never
 * early and once, by the wall clock over a year with both its changes and its holidays. */
#include "agents/work/parts.h"
#include "base/text.h"
#include "tests/unit/work_world.h"

#define NOTHING "nothing-arrived"
#define HOUR    (60 * MINUTE)

static const char *to_housing[] = {"housing"};

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static kith_expected_t police_notices(const world_t *w)
{
    return (kith_expected_t){
        .name = "police-notices",
        .topic = "police.*",
        .from = "police",
        .by_ms = 510 * (int32_t)MINUTE, /* 08:30 */
        .since_ms = -1,
        .calendar = w->agreement.agencies[0].calendar, /* London, Monday to Friday, Easter off */
        .to = to_housing,
        .to_count = 1,
    };
}

/* The rule is new at this time: its first hour is the one after the next. */
static void begin(world_t *w, kith_expected_t *rule, const char *time)
{
    w->agreement.expected = rule;
    w->agreement.expected_count = 1;
    w->now_ms = at(time);
    world_tick(w, "housing");
}

static uint64_t lines(world_t *w)
{
    return world_feed(w, "housing", (Kith__Api__FeedRequest)KITH__API__FEED_REQUEST__INIT)->total;
}

static void come(world_t *w, const char *agency, const char *topic)
{
    Kith__Api__Draft *draft = world_event(w, topic);
    world_to(w, draft, "housing");
    world_say(w, agency, draft);
}

/* Due at this time, and told a millisecond later; the tick before does nothing. */
static void assert_told_at(world_t *w, const char *due, bool told)
{
    uint64_t before = lines(w);
    w->now_ms = at(due);
    assert_int_equal(world_tick(w, "housing"), at(due) + 1);
    assert_int_equal(lines(w), before);
    w->now_ms = at(due) + 1;
    assert_true(world_tick(w, "housing") > at(due) + HOUR);
    assert_true(world_tick(w, "housing") > at(due) + HOUR);
    assert_int_equal(lines(w), before + told);
}

static void nothing_by_the_hour_is_told_at_the_hour(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false); /* what came before was not looked for */
    assert_told_at(w, "2026-01-14T08:30:00Z", true);
    Kith__Api__FeedEntry *line = world_last(w, "housing");
    assert_string_equal(line->kind, NOTHING);
    assert_string_equal(line->origin, "housing");
    assert_int_equal(line->id.len, 0); /* of no notice */
    assert_true(line->mine);
    assert_string_equal(line->summary,
                        "nothing arrived from police: police-notices: no police.* by 08:30");
    assert_string_equal(world_tasks(w, "housing"), NOTHING " police");
    assert_told_at(w, "2026-01-15T08:30:00Z", true);
    assert_string_equal(world_tasks(w, "housing"), NOTHING " police"); /* one until it comes */
    come(w, "police", "police.arrest");
    assert_string_equal(world_tasks(w, "housing"), "");
}

static void what_came_in_time_is_told_to_nobody(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    w->now_ms = at("2026-01-14T08:29:00Z");
    come(w, "police", "police.call-out");
    assert_told_at(w, "2026-01-14T08:30:00Z", false);
    w->now_ms = at("2026-01-14T08:45:00Z"); /* for the next time, since nothing else is said */
    come(w, "police", "police.call-out");
    assert_told_at(w, "2026-01-15T08:30:00Z", false);
    assert_told_at(w, "2026-01-16T08:30:00Z", true);
}

static void since_leaves_out_what_came_too_early(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    rule.since_ms = 0;
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    w->now_ms = at("2026-01-13T23:59:58Z");
    come(w, "police", "police.call-out");
    assert_told_at(w, "2026-01-14T08:30:00Z", true);
    w->now_ms = at("2026-01-15T00:00:00Z");
    come(w, "police", "police.call-out");
    assert_told_at(w, "2026-01-15T08:30:00Z", false);
}

static void only_what_fits_from_that_agency_counts(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    come(w, "school", "police.call-out");
    come(w, "police", "safeguarding.concern");
    Kith__Api__Draft *own = world_event(w, "police.call-out");
    world_to(w, own, "police");
    world_say(w, "housing", own);
    assert_told_at(w, "2026-01-14T08:30:00Z", true);
}

static void an_early_one_has_come(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    world_to(w, draft, "housing");
    Kith__Notice *notice = world_submit(w, "police", draft);
    assert_int_equal(world_try_deliver(w, "housing", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_told_at(w, "2026-01-14T08:30:00Z", false);
}

/* Weekends, Easter, and the hour by the wall. */
static void hours_follow_the_wall_and_the_holidays(void **state)
{
    static const char *const due[] = {
        "2026-03-26T08:30:00Z", "2026-03-27T08:30:00Z", "2026-03-30T07:30:00Z",
        "2026-03-31T07:30:00Z", "2026-04-01T07:30:00Z", "2026-04-02T07:30:00Z",
        "2026-04-07T07:30:00Z",
    };
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-03-25T09:00:00Z");
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        assert_told_at(w, due[i], i > 0);
    }
    begin(w, &rule, "2026-10-22T09:00:00Z"); /* down since April: told once, at the start */
    assert_int_equal(lines(w), 7);
    assert_told_at(w, "2026-10-23T07:30:00Z", true);
    assert_told_at(w, "2026-10-26T08:30:00Z", true);
}

/* Every open day of a year: told on exactly those on which nothing came. */
static void a_year_is_told_day_by_day(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-01T00:00:00Z");
    size_t days = 0, missing = 0;
    int64_t next_ms = world_tick(w, "housing");
    w->now_ms = next_ms; /* the first says nothing */
    for (next_ms = world_tick(w, "housing"); next_ms < at("2027-01-01");
         next_ms = world_tick(w, "housing")) {
        bool comes = ++days % 3 != 0;
        if (comes) {
            w->now_ms = next_ms - HOUR;
            come(w, "police", "police.call-out");
        }
        w->now_ms = next_ms;
        uint64_t before = lines(w);
        world_tick(w, "housing");
        missing += !comes;
        assert_int_equal(lines(w), before + !comes);
    }
    assert_int_equal(days, 258); /* 261 weekdays, two of Easter, and the first of them */
    assert_int_equal(missing, 86);
}

static void only_those_who_are_named_look(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_int_equal(world_tick(w, "school"), INT64_MAX);
    assert_int_equal(world_tick(w, "housing"), at("2026-01-13T08:30:00Z") + 1);
}

static void another_hour_in_the_file_is_the_next_one(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    rule.by_ms = 600 * (int32_t)MINUTE;
    world_tick(w, "housing");
    assert_told_at(w, "2026-01-13T10:00:00Z", true);
    w->agreement.expected_count = 0;
    w->now_ms += 7 * DAY;
    uint64_t before = lines(w), rows = 1;
    assert_int_equal(world_tick(w, "housing"), INT64_MAX);
    assert_int_equal(lines(w), before);
    assert_int_equal(kith_count(world_begin(w, "housing"), AGENT_TABLE_RULES, &rows), KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    assert_int_equal(rows, 0);
}

static void a_person_may_end_what_it_asks(void **state)
{
    world_t *w = *state;
    kith_expected_t rule = police_notices(w);
    begin(w, &rule, "2026-01-12T09:00:00Z");
    assert_told_at(w, "2026-01-13T08:30:00Z", false);
    assert_told_at(w, "2026-01-14T08:30:00Z", true);
    Kith__Api__Task *task = world_inbox(w, "housing", 0, 0)->tasks[0];
    assert_string_equal(task->reason, "police-notices: no police.* by 08:30");
    assert_int_equal(task->due_ms, at("2026-01-14T08:30:00Z"));
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = task->notice_id;
    uint32_t ended = 0;
    kith_txn_t *txn = world_begin(w, "housing");
    assert_int_equal(work_done(&world_node(w, "housing")->work, txn, w->arena, &ask, "duty",
                               w->now_ms, &ended, &w->refusal),
                     KITH_OK);
    world_commit(w, "housing");
    assert_int_equal(ended, 1);
    come(w, "police", "police.arrest");
    assert_told_at(w, "2026-01-15T08:30:00Z", false);
    assert_told_at(w, "2026-01-16T08:30:00Z", true);
    assert_string_equal(world_tasks(w, "housing"), NOTHING " police");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_by_the_hour_is_told_at_the_hour),
        TEST(what_came_in_time_is_told_to_nobody),
        TEST(since_leaves_out_what_came_too_early),
        TEST(only_what_fits_from_that_agency_counts),
        TEST(an_early_one_has_come),
        TEST(hours_follow_the_wall_and_the_holidays),
        TEST(a_year_is_told_day_by_day),
        TEST(only_those_who_are_named_look),
        TEST(another_hour_in_the_file_is_the_next_one),
        TEST(a_person_may_end_what_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
