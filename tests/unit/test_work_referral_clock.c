/* A referral's clocks: working days over clock changes and holidays, overdue at both ends at its
 * time and never early, and as they began whatever the configuration says later. */
#include "base/text.h"
#include "tests/unit/work_world.h"

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static Kith__Api__Draft *step_of(world_t *w, const Kith__Notice *referral, Kith__ReferralStep step)
{
    Kith__Api__Draft *draft = world_answer(w, referral, step);
    draft->referral_answer->note = NAME("Who is at home in the mornings?");
    return draft;
}

static Kith__Notice *sent_at(world_t *w, const char *time)
{
    w->now_ms = at(time);
    return world_say(w, "police", world_referral(w, "health"));
}

/* Not a millisecond early at either end; once, and again with nothing new: nothing. */
static void assert_overdue(world_t *w, const Kith__Notice *referral, const char *due,
                           const char *task_there, const char *task_here)
{
    static const char *const ends[] = {"health", "police"};
    const char *before[2];
    for (size_t i = 0; i < 2; i++) {
        before[i] = world_tasks(w, ends[i]);
        assert_int_equal(world_state(w, ends[i], referral)->due_ms, at(due));
        w->now_ms = at(due);
        assert_int_equal(world_tick(w, ends[i]), at(due) + 1);
        assert_string_equal(world_tasks(w, ends[i]), before[i]);
        assert_false(world_state(w, ends[i], referral)->overdue);
    }
    w->now_ms = at(due) + 1;
    for (size_t i = 0; i < 2; i++) {
        uint64_t lines =
            world_feed(w, ends[i], (Kith__Api__FeedRequest)KITH__API__FEED_REQUEST__INIT)->total;
        for (int k = 0; k < 2; k++) {
            assert_int_equal(world_tick(w, ends[i]), INT64_MAX);
            assert_string_equal(world_tasks(w, ends[i]), i == 0 ? task_there : task_here);
            assert_string_equal(world_last(w, ends[i])->kind, "overdue");
            assert_string_equal(world_last(w, ends[i])->origin, "police"); /* of the referral */
            assert_int_equal(world_last(w, ends[i])->mine, i == 1);
            assert_memory_equal(world_last(w, ends[i])->id.data, referral->id.data, 16);
            assert_int_equal(
                world_feed(w, ends[i], (Kith__Api__FeedRequest)KITH__API__FEED_REQUEST__INIT)
                    ->total,
                lines + 1);
        }
        assert_true(world_state(w, ends[i], referral)->overdue);
    }
}

#define DECIDE "referral-to-decide police"

static void assert_decision(world_t *w, const char *sent, const char *due)
{
    Kith__Notice *referral = sent_at(w, sent);
    assert_overdue(w, referral, due, DECIDE "; referral-overdue health", "referral-overdue health");
    assert_string_equal(world_last(w, "police")->summary, "referral overdue: decision by health");
}

static void a_decision_is_owed_within_a_working_day(void **state)
{
    assert_decision(*state, "2026-01-12T10:00:00Z", "2026-01-13T17:00:00Z");
}

static void a_decision_is_owed_over_the_change_of_29_march(void **state)
{
    assert_decision(*state, "2026-03-27T16:30:00Z", "2026-03-30T16:00:00Z");
}

static void a_decision_is_owed_over_the_change_of_25_october(void **state)
{
    assert_decision(*state, "2026-10-23T10:00:00Z", "2026-10-26T17:00:00Z");
}

static void a_decision_is_owed_after_easter(void **state)
{
    assert_decision(*state, "2026-04-02T10:00:00Z", "2026-04-07T16:00:00Z");
}

static void a_question_stops_the_clock_and_starts_the_referrers(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = sent_at(w, "2026-01-12T10:00:00Z");
    w->now_ms = at("2026-01-12T15:00:00Z");
    world_say(w, "health", step_of(w, referral, STEP(NEEDS_INFORMATION)));
    assert_string_equal(world_tasks(w, "police"), "referral-to-inform health");
    assert_string_equal(world_tasks(w, "health"), "");
    assert_string_equal(world_state(w, "health", referral)->due_by, "police");
    assert_overdue(w, referral, "2026-01-15T17:00:00Z", "referral-overdue police",
                   "referral-to-inform health; referral-overdue police");
    w->now_ms = at("2026-01-16T09:00:00Z");
    world_say(w, "police", step_of(w, referral, STEP(INFORMATION)));
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(world_tasks(w, "health"), DECIDE);
    assert_false(world_state(w, "health", referral)->overdue);
    assert_int_equal(world_state(w, "health", referral)->due_ms, at("2026-01-19T17:00:00Z"));
}

static void an_accepted_referral_begins_within_the_assessment(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = sent_at(w, "2026-03-02T10:00:00Z");
    world_say(w, "health", step_of(w, referral, STEP(ACCEPTED)));
    assert_string_equal(world_state(w, "police", referral)->due_by, "health");
    assert_overdue(w, referral, "2026-05-06T16:00:00Z",
                   "referral-to-begin police; referral-overdue health", "referral-overdue health");
    world_say(w, "health", step_of(w, referral, STEP(IN_PROGRESS)));
    assert_string_equal(world_tasks(w, "health"), "");
    assert_string_equal(world_tasks(w, "police"), "");
    assert_int_equal(world_state(w, "police", referral)->due_ms, 0);
}

static void a_decision_in_time_is_never_overdue(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = sent_at(w, "2026-01-12T10:00:00Z");
    w->now_ms = at("2026-01-13T16:59:00Z");
    world_say(w, "health", step_of(w, referral, STEP(DECLINED)));
    w->now_ms = at("2026-06-01T10:00:00Z");
    assert_int_equal(world_tick(w, "health"), INT64_MAX);
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    assert_string_equal(world_tasks(w, "health"), "");
    assert_string_equal(world_tasks(w, "police"), "");
}

static void triage_at_the_front_door_goes_by_the_urgency_and_runs_on(void **state)
{
    world_t *w = *state;
    w->now_ms = at("2026-01-09T16:30:00Z"); /* a Friday */
    Kith__Api__Draft *draft = world_referral(w, "social-care");
    draft->referral->urgency = NAME("red");
    Kith__Notice *red = world_say(w, "police", draft);
    assert_int_equal(world_state(w, "police", red)->due_ms, at("2026-01-09T20:30:00Z"));
    Kith__Notice *amber = world_say(w, "police", world_referral(w, "social-care"));
    assert_int_equal(world_state(w, "police", amber)->due_ms, at("2026-01-12T17:00:00Z"));
    draft = world_referral(w, "health");
    draft->referral->urgency = NAME("red");
    assert_int_equal(world_state(w, "police", world_say(w, "police", draft))->due_ms,
                     at("2026-01-12T17:00:00Z"));
}

static void a_clock_that_runs_goes_on_as_it_began(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = sent_at(w, "2026-01-12T10:00:00Z");
    kith_clock_t slower[] = {{"decision", KITH_CLOCK_WORKING_DAYS, 9}};
    w->agreement.clocks = slower;
    w->agreement.clocks_count = 1;
    world_say(w, "police",
              step_of(w, referral, STEP(INFORMATION))); /* nobody asked: no new state */
    assert_overdue(w, referral, "2026-01-13T17:00:00Z", DECIDE "; referral-overdue health",
                   "referral-overdue health");
    assert_int_equal(
        world_state(w, "police", world_say(w, "police", world_referral(w, "health")))->due_ms,
        at("2026-01-27T17:00:00Z"));
}

static void without_a_clock_nothing_is_ever_overdue(void **state)
{
    world_t *w = *state;
    w->agreement.clocks_count = 0;
    Kith__Notice *referral = sent_at(w, "2026-01-12T10:00:00Z");
    assert_int_equal(world_state(w, "police", referral)->due_ms, 0);
    w->now_ms = at("2027-01-12T10:00:00Z");
    assert_int_equal(world_tick(w, "health"), INT64_MAX);
    assert_string_equal(world_tasks(w, "health"), DECIDE);
}

static void what_asks_for_a_step_does_not_end_by_hand(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = sent_at(w, "2026-01-12T10:00:00Z");
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = referral->id;
    uint32_t ended = 0;
    static const struct {
        Kith__ReferralStep step;
        const char *agency;
    } waits[] = {{STEP(NEEDS_INFORMATION), "police"}, {STEP(ACCEPTED), "health"}};
    for (size_t i = 0; i < 2; i++) {
        world_say(w, "health", step_of(w, referral, waits[i].step));
        kith_txn_t *txn = world_begin(w, waits[i].agency);
        assert_int_equal(work_done(&world_node(w, waits[i].agency)->work, txn, w->arena, &ask,
                                   "duty", w->now_ms, &ended, &w->refusal),
                         KITH_CONFLICT);
        assert_string_equal(w->refusal.rule, "answer-asked");
        world_commit(w, waits[i].agency);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_decision_is_owed_within_a_working_day),
        TEST(a_decision_is_owed_over_the_change_of_29_march),
        TEST(a_decision_is_owed_over_the_change_of_25_october),
        TEST(a_decision_is_owed_after_easter),
        TEST(a_question_stops_the_clock_and_starts_the_referrers),
        TEST(an_accepted_referral_begins_within_the_assessment),
        TEST(a_decision_in_time_is_never_overdue),
        TEST(triage_at_the_front_door_goes_by_the_urgency_and_runs_on),
        TEST(a_clock_that_runs_goes_on_as_it_began),
        TEST(without_a_clock_nothing_is_ever_overdue),
        TEST(what_asks_for_a_step_does_not_end_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
