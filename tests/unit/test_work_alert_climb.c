/* Silence climbs the ladder: each step at its time and never early, at both ends; what is
 * acknowledged waits, what is not confirmed begins again, and an answer ends it. */
#include "base/text.h"
#include "tests/unit/work_world.h"

#define ACTING KITH__ANSWER__ANSWER_ACTING

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static kith_ladder_step_t steps[] = {
    {"duty", 15 * MINUTE, false},
    {"manager", 30 * MINUTE, false},
    {"out-of-hours", 30 * MINUTE, false},
};
static const kith_ladder_t ladder = {3, steps, 0, 0};
static const kith_ladder_t confirmed = {3, steps, 30 * MINUTE, 60 * MINUTE};

/* social-care asks housing (and school) at this time; they have it at once. */
static Kith__Notice *raise_at(world_t *w, const kith_ladder_t *with, const char *time)
{
    static const char *const team[] = {"housing", "school", NULL};
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    w->agreement.ladder = *with;
    w->now_ms = at(time);
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->reply_by_ms = at("2026-12-31T12:00:00Z");
    return world_say(w, "social-care", draft);
}

static void tick_all(world_t *w, int64_t now_ms)
{
    w->now_ms = now_ms;
    world_tick(w, "social-care");
    world_tick(w, "housing");
}

static Kith__Api__AlertBoardRow *row_at(world_t *w, const char *agency, const Kith__Notice *alert)
{
    Kith__Api__AlertBoard *board = world_board(w, agency, alert);
    for (size_t i = 0; i < board->n_rows; i++) {
        if (strcmp(board->rows[i]->agency, "housing") == 0) {
            return board->rows[i];
        }
    }
    fail_msg("no row of housing");
    return NULL;
}

/* "told duty, told manager" of housing's row: the same at both ends. */
static void assert_rungs(world_t *w, const Kith__Notice *alert, const char *wanted)
{
    static const char *const ends[] = {"social-care", "housing"};
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__AlertBoardRow *row = row_at(w, ends[i], alert);
        const char *all = "";
        for (size_t k = 0; k < row->n_rungs; k++) {
            all = kith_arena_printf(w->arena, "%s%s%s %s", all, k > 0 ? ", " : "",
                                    row->rungs[k]->what, row->rungs[k]->who);
        }
        assert_string_equal(all, wanted);
    }
}

/* Not at its very millisecond, one later. */
static void assert_step(world_t *w, const Kith__Notice *alert, int64_t due_ms, const char *before,
                        const char *after)
{
    tick_all(w, due_ms);
    assert_rungs(w, alert, before);
    tick_all(w, due_ms + 1);
    assert_rungs(w, alert, after);
    tick_all(w, due_ms + 1); /* and once */
    assert_rungs(w, alert, after);
}

/* "Step wait 15 min: next step runs at 15:00 to 15:59, not before" */
static void step_wait_15_min_runs_at_its_time_and_not_before(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    assert_step(w, alert, at("2026-01-12T10:15:00Z"), "", "told duty");
    assert_string_equal(world_last(w, "social-care")->summary,
                        "alert not answered: school, told: duty");
    assert_string_equal(world_last(w, "housing")->summary,
                        "alert not answered: housing, told: duty");
    assert_string_equal(world_tasks(w, "housing"),
                        "alert-to-answer social-care; alert-escalated social-care");
    assert_step(w, alert, at("2026-01-12T10:45:00.001Z"), "told duty", "told duty, told manager");
    assert_string_equal(row_at(w, "social-care", alert)->escalated_to, "manager");
    assert_int_equal(row_at(w, "social-care", alert)->escalated_ms, w->now_ms);
    assert_step(w, alert, at("2026-01-12T11:15:00.002Z"), "told duty, told manager",
                "told duty, told manager, told out-of-hours");
    tick_all(w, at("2026-06-01T10:00:00Z"));
    assert_rungs(w, alert, "told duty, told manager, told out-of-hours");
}

/* "if acknowledged at 14:59 it does not run" */
static void step_does_not_run_when_acknowledged_a_minute_before(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    w->now_ms = at("2026-01-12T10:14:00Z");
    world_say(w, "housing", world_seen(w, alert));
    tick_all(w, at("2026-01-12T18:00:00Z"));
    assert_rungs(w, alert, "acknowledged duty");
    assert_string_equal(row_at(w, "social-care", alert)->seen_by, "duty");
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
}

/* "Nobody on duty at a step: the step is recorded as failed and the next one runs at once; the
 * alert is never held." */
static void nobody_on_duty_at_a_step_is_recorded_and_the_next_one_runs_at_once(void **state)
{
    world_t *w = *state;
    const char *unstaffed[] = {"duty", "out-of-hours"};
    kith_agency_t *housing = NULL;
    for (size_t i = 0; i < w->agreement.agencies_count; i++) {
        if (strcmp(w->agreement.agencies[i].id, "housing") == 0) {
            housing = &w->agreement.agencies[i];
        }
    }
    housing->unstaffed = unstaffed;
    housing->unstaffed_count = 2;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    assert_step(w, alert, at("2026-01-12T10:15:00Z"), "", "nobody-on-duty duty, told manager");
    assert_step(w, alert, at("2026-01-12T10:45:00.001Z"), "nobody-on-duty duty, told manager",
                "nobody-on-duty duty, told manager, nobody-on-duty out-of-hours");
    assert_string_equal(row_at(w, "housing", alert)->escalated_to, "manager");
    housing->unstaffed_count = 0;
}

/* "Office-hours step: outside its hours it waits for the next opening, across a clock change (29
 * March, 25 October) and a bank holiday." */
static void office_hours_step_waits_for_the_next_opening(void **state)
{
    static const struct {
        const char *raised, *told;
    } cases[] = {
        {"2026-01-12T10:00:00Z", "2026-01-12T10:15:00Z"},
        {"2026-01-12T16:50:00Z", "2026-01-13T08:30:00Z"},
        {"2026-03-27T16:50:00Z", "2026-03-30T07:30:00Z"}, /* the clocks go forward */
        {"2026-10-23T15:50:00Z", "2026-10-26T08:30:00Z"}, /* and back */
        {"2026-04-02T15:50:00Z", "2026-04-07T07:30:00Z"}, /* Good Friday to Easter Monday */
    };
    kith_ladder_step_t office[] = {{"duty", 15 * MINUTE, true}};
    const kith_ladder_t in_office = {1, office, 0, 0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_t *w = world_new();
        Kith__Notice *alert = raise_at(w, &in_office, cases[i].raised);
        assert_step(w, alert, at(cases[i].told), "", "told duty");
        world_destroy(w);
    }
}

/* "Acknowledged but not confirmed: the one who acknowledged is reminded after T; no confirmation
 * within T2 takes the acknowledgement back and escalation starts again" */
static void acknowledged_but_not_confirmed_is_reminded_and_taken_back(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &confirmed, "2026-01-12T10:00:00Z");
    w->now_ms = at("2026-01-12T10:10:00Z");
    world_say(w, "housing", world_seen(w, alert));
    int64_t seen_ms = row_at(w, "housing", alert)->seen_ms;
    world_refused(w, "housing", world_seen(w, alert), KITH_CONFLICT, "already-seen");
    /* Each end by when it knew of it: the origin a second later. */
    tick_all(w, seen_ms + 30 * MINUTE);
    assert_int_equal(row_at(w, "housing", alert)->n_rungs, 1);
    tick_all(w, seen_ms + 31 * MINUTE);
    assert_rungs(w, alert, "acknowledged duty, reminded duty");
    assert_string_equal(world_tasks(w, "housing"),
                        "alert-to-answer social-care; alert-to-confirm social-care");
    tick_all(w, seen_ms + 60 * MINUTE);
    assert_int_equal(row_at(w, "housing", alert)->n_rungs, 2);
    tick_all(w, seen_ms + 61 * MINUTE);
    assert_rungs(w, alert, "acknowledged duty, reminded duty, taken-back duty");
    assert_int_equal(row_at(w, "social-care", alert)->seen_ms, 0);
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
    tick_all(w, seen_ms + 76 * MINUTE + 1);
    assert_rungs(w, alert, "acknowledged duty, reminded duty, taken-back duty, told duty");
    /* It may be acknowledged again, and an answer confirms it. */
    world_say(w, "housing", world_seen(w, alert));
    world_say(w, "housing", world_reply(w, alert, ACTING));
    tick_all(w, seen_ms + 600 * MINUTE);
    assert_rungs(w, alert,
                 "acknowledged duty, reminded duty, taken-back duty, told duty, acknowledged duty");
    assert_string_equal(world_tasks(w, "housing"), "");
}

static void answer_ends_the_climb_of_that_agency_only(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    tick_all(w, at("2026-01-12T10:20:00Z"));
    world_say(w, "housing", world_reply(w, alert, ACTING));
    tick_all(w, at("2026-01-12T12:00:00Z"));
    assert_rungs(w, alert, "told duty");
    assert_string_equal(world_tasks(w, "housing"), "");
    Kith__Api__AlertBoard *board = world_board(w, "social-care", alert);
    assert_string_equal(board->rows[1]->agency, "school");
    assert_string_equal(board->rows[1]->escalated_to, "manager");
}

/* "A policy edited while an alert climbs: that alert goes on with the policy it began with; new
 * ones take the new policy." */
static void policy_edited_while_an_alert_climbs_is_for_new_alerts(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    kith_ladder_step_t other[] = {{"director", MINUTE, false}};
    const kith_ladder_t edited = {1, other, 0, 0};
    w->agreement.ladder = edited;
    assert_step(w, alert, at("2026-01-12T10:15:00Z"), "", "told duty");
    Kith__Notice *newer = raise_at(w, &edited, "2026-01-12T11:00:00Z");
    tick_all(w, at("2026-01-12T12:00:00Z"));
    assert_rungs(w, newer, "told director");
    assert_rungs(w, alert, "told duty, told manager");
}

/* "Restart or config reload between two rounds: nothing is sent twice, nothing is forgotten, a step
 * due while down is done once at the start." The view is all there is: a start begins with a tick
 * at the time it then is. */
static void step_due_while_down_is_done_once_at_the_start(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    tick_all(w, at("2026-01-12T14:00:00Z"));
    assert_rungs(w, alert, "told duty");
    assert_step(w, alert, at("2026-01-12T14:30:00Z"), "told duty", "told duty, told manager");
}

static void without_a_ladder_nobody_is_told(void **state)
{
    world_t *w = *state;
    const kith_ladder_t none = {0};
    Kith__Notice *alert = raise_at(w, &none, "2026-01-12T10:00:00Z");
    w->agreement.ladder = ladder;
    tick_all(w, at("2026-01-13T10:00:00Z"));
    assert_rungs(w, alert, "");
}

static void who_only_reads_an_alert_does_not_climb(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    world_deliver(w, "health", alert);
    w->now_ms = at("2026-01-13T10:00:00Z");
    assert_int_equal(world_tick(w, "health"), INT64_MAX);
    assert_int_equal(row_at(w, "health", alert)->n_rungs, 0);
    assert_string_equal(world_tasks(w, "health"), "");
}

static void seen_of_another_notice_stops_no_climb(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &ladder, "2026-01-12T10:00:00Z");
    Kith__Notice *other = world_say(w, "social-care", world_referral(w, "housing"));
    world_say(w, "housing", world_seen(w, other));
    tick_all(w, at("2026-01-12T10:20:00Z"));
    assert_rungs(w, alert, "told duty");
}

static void climb_that_begins_again_and_again_is_remembered_within_bounds(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_at(w, &confirmed, "2026-01-12T10:00:00Z");
    for (int i = 0; i < 40; i++) {
        world_say(w, "housing", world_seen(w, alert));
        tick_all(w, w->now_ms + 31 * MINUTE);
        tick_all(w, w->now_ms + 31 * MINUTE);
        assert_int_equal(row_at(w, "housing", alert)->seen_ms, 0);
    }
    assert_int_equal(row_at(w, "housing", alert)->n_rungs, 64);
    assert_string_equal(row_at(w, "housing", alert)->rungs[63]->what, "taken-back");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(step_wait_15_min_runs_at_its_time_and_not_before),
        TEST(step_does_not_run_when_acknowledged_a_minute_before),
        TEST(nobody_on_duty_at_a_step_is_recorded_and_the_next_one_runs_at_once),
        TEST(office_hours_step_waits_for_the_next_opening),
        TEST(acknowledged_but_not_confirmed_is_reminded_and_taken_back),
        TEST(answer_ends_the_climb_of_that_agency_only),
        TEST(policy_edited_while_an_alert_climbs_is_for_new_alerts),
        TEST(step_due_while_down_is_done_once_at_the_start),
        TEST(without_a_ladder_nobody_is_told),
        TEST(who_only_reads_an_alert_does_not_climb),
        TEST(seen_of_another_notice_stops_no_climb),
        TEST(climb_that_begins_again_and_again_is_remembered_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
