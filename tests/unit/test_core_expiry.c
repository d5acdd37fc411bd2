/* Expiry: a statement to people. Still owed, delivered late; frozen when the clocks disagree. */
#include "tests/unit/core_test.h"

static const char *const to[] = {"housing"};

static said_t say_expiring(world_t *w, int64_t after_ms)
{
    return say_what(
        w, POLICE,
        (world_submit_t){
            .to = to, .to_count = 1, .lane = NORMAL, .expires_ms = w->now_ms + after_ms});
}

static Kith__Store__OwedRow owed(world_t *w)
{
    Kith__Store__OwedRow *row = NULL;
    kith_key_t key = record_key_name("housing");
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    assert_int_equal(record_get_owed(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[POLICE].store);
    return *row;
}

static void at_its_time_people_are_told_and_it_stays_owed(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say_expiring(w, 5000);
    world_pass(w, 4999);
    assert_int_equal(told_count(w, POLICE), 0);
    world_pass(w, 1); /* at once, not at the next heartbeat */
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(EXPIRED));
    assert_true(debt_of(w, POLICE, said, HOUSING).expired);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(owed(w).expired, 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_EXPIRIES), 0);
    world_pass(w, 20 * 1000);
    assert_int_equal(told_count(w, POLICE), 1); /* said once */
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED_LATE), REASON(UNSPECIFIED));
    assert_int_equal(owed(w).expired, 0);
    world_shown_t shown;
    assert_true(world_shown(w, HOUSING, 0, &shown));
    assert_true(shown.late);
    end_quiet(w);
}

static void delivered_in_time_nothing_is_said(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say_expiring(w, 5000);
    world_pass(w, 10 * 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(told_count(w, POLICE), 1);
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(DELIVERED));
    world_shown_t shown;
    assert_true(world_shown(w, HOUSING, 0, &shown));
    assert_false(shown.late);
    end_quiet(w);
}

/* The recipient took it in time; its receipt came after the origin had said expired. */
static void a_late_receipt_makes_it_delivered_late(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[POLICE].links[0].held = true;
    said_t said = say_expiring(w, 5000);
    world_pass(w, 6000);
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(EXPIRED));
    w->agents[POLICE].links[0].held = false;
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED_LATE), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void also_of_what_was_never_sealed_and_after_a_restart(void **state)
{
    (void)state;
    world_t *w = begun(2, 0);
    said_t said = say_expiring(w, 5000);
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_pass(w, 5000);
    assert_true(debt_of(w, POLICE, said, HOUSING).expired);
    end(w);
}

static void clocks_apart_freeze_it(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say_expiring(w, 5000);
    w->agents[POLICE].clocks_apart = true;
    w->agents[POLICE].ahead_ms = 30 * 86400000LL;
    world_pass(w, 60 * 1000);
    assert_false(debt_of(w, POLICE, said, HOUSING).expired);
    w->agents[POLICE].clocks_apart = false;
    world_pass(w, 11 * 1000);
    assert_true(debt_of(w, POLICE, said, HOUSING).expired);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void a_recipient_whose_clocks_are_apart_calls_nothing_late(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[HOUSING].clocks_apart = true;
    w->agents[HOUSING].ahead_ms = 30 * 86400000LL;
    said_t said = say_expiring(w, 5000);
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

/* More than one turn looks at: the rest follows without waiting. */
static void many_expire_in_a_few_turns(void **state)
{
    (void)state;
    world_t *w = begun(2, 0);
    for (size_t i = 0; i < 1200; i++)
        (void)say_expiring(w, 5000);
    world_pass(w, 5000);
    assert_int_equal(told_count(w, POLICE), 1200);
    assert_int_equal(owed(w).expired, 1200);
    end(w);
}

static void the_first_of_several_is_not_forgotten_for_a_later_one(void **state)
{
    (void)state;
    world_t *w = begun(2, 0);
    said_t third = say_expiring(w, 20000);
    said_t first = say_expiring(w, 5000), second = say_expiring(w, 9000);
    world_pass(w, 5000);
    assert_true(debt_of(w, POLICE, first, HOUSING).expired);
    assert_false(debt_of(w, POLICE, second, HOUSING).expired);
    world_pass(w, 4000);
    assert_true(debt_of(w, POLICE, second, HOUSING).expired);
    assert_false(debt_of(w, POLICE, third, HOUSING).expired);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_its_time_people_are_told_and_it_stays_owed),
        cmocka_unit_test(delivered_in_time_nothing_is_said),
        cmocka_unit_test(a_late_receipt_makes_it_delivered_late),
        cmocka_unit_test(also_of_what_was_never_sealed_and_after_a_restart),
        cmocka_unit_test(clocks_apart_freeze_it),
        cmocka_unit_test(a_recipient_whose_clocks_are_apart_calls_nothing_late),
        cmocka_unit_test(many_expire_in_a_few_turns),
        cmocka_unit_test(the_first_of_several_is_not_forgotten_for_a_later_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
