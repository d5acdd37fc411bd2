/* SUBMIT: what is promised at "stored here", and what the same request twice comes to. */
#include "tests/unit/core_test.h"

static const char *const to_housing[] = {"housing"};

static world_submit_t with_token(const char *token, const char *asked)
{
    return (world_submit_t){
        .to = to_housing, .to_count = 1, .lane = NORMAL, .token = token, .asked = asked};
}

static void stored_here_needs_no_broker(void **state)
{
    (void)state;
    world_t *w = begun(2, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    Kith__Store__Debt debt = debt_of(w, POLICE, said, HOUSING);
    assert_int_equal(debt.outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(debt.n, 0);
    assert_string_equal(debt.broker, "");
    assert_int_equal(debt.since_ms, w->now_ms);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_NOTICES), 1);
    end(w);
}

static void ones_own_view_has_it_in_the_same_commit(void **state)
{
    (void)state;
    world_t *w = begun(2, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_shown_t shown;
    assert_true(world_shown(w, POLICE, 0, &shown));
    assert_true(shown.mine);
    assert_memory_equal(shown.id, said.id, sizeof said.id);
    assert_int_equal(w->agents[POLICE].changes, 1);
    end(w);
}

static void to_nobody_is_for_the_own_view_alone(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say_what(w, POLICE, (world_submit_t){.lane = NORMAL});
    world_settle(w);
    Kith__Store__Debt debt;
    assert_false(world_debt(w, POLICE, said.id, "housing", &debt));
    assert_int_equal(world_rows(w, POLICE, WORLD_TABLE_SHOWN), 1);
    end_quiet(w);
}

static void the_same_token_gives_the_same_id(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    agent_submitted_t first = {0}, second = {0};
    world_submit_t what = with_token("t1", "a");
    assert_int_equal(world_submit(w, POLICE, &what, &first), KITH_OK);
    assert_false(first.repeat);
    assert_int_equal(world_submit(w, POLICE, &what, &second), KITH_OK);
    assert_int_equal(second.err, KITH_OK);
    assert_true(second.repeat);
    assert_memory_equal(first.id, second.id, sizeof first.id);
    world_settle(w);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_NOTICES), 1);
    assert_int_equal(world_applied(w, HOUSING, first.id), 1);
    end_quiet(w);
}

static void the_same_token_gives_the_same_id_after_a_restart(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    agent_submitted_t first = {0}, second = {0};
    world_submit_t what = with_token("t1", "a");
    assert_int_equal(world_submit(w, POLICE, &what, &first), KITH_OK);
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    assert_int_equal(world_submit(w, POLICE, &what, &second), KITH_OK);
    assert_true(second.repeat);
    assert_memory_equal(first.id, second.id, sizeof first.id);
    world_pass(w, 1000);
    end_quiet(w);
}

static void the_same_token_with_other_content_is_refused(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    agent_submitted_t first = {0}, second = {0};
    world_submit_t what = with_token("t1", "a"), other = with_token("t1", "b");
    assert_int_equal(world_submit(w, POLICE, &what, &first), KITH_OK);
    assert_int_equal(world_submit(w, POLICE, &other, &second), KITH_OK);
    assert_int_equal(second.err, KITH_CONFLICT);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_NOTICES), 1);
    assert_int_equal(world_rows(w, POLICE, WORLD_TABLE_SHOWN), 1);
    world_settle(w);
    end_quiet(w);
}

static void without_a_token_each_is_another(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t first = say(w, POLICE, NORMAL, HOUSING), second = say(w, POLICE, NORMAL, HOUSING);
    assert_memory_not_equal(first.id, second.id, sizeof first.id);
    world_settle(w);
    end_quiet(w);
}

static void a_commit_that_failed_leaves_no_trace(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    static tap_t tap;
    agent_submitted_t submitted = {0};
    world_submit_t what = with_token("t1", "a");
    tap_on(w, &tap);
    w->agents[POLICE].next_commit = WORLD_COMMIT_LOST;
    assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_FULL);
    assert_int_equal(tap.count, 0); /* nothing of a turn leaves before its commit */
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_NOTICES), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_TOKENS), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    world_pass(w, 1000);
    assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_OK);
    assert_false(submitted.repeat);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, submitted.id), 1);
    end_quiet(w);
}

static void a_commit_that_failed_may_have_landed(void **state)
{
    (void)state;
    static const world_commit ends[] = {WORLD_COMMIT_KEPT, WORLD_CRASH_AFTER};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        world_t *w = begun(2, 1);
        agent_submitted_t submitted = {0};
        world_submit_t what = with_token("t1", "a");
        w->agents[POLICE].next_commit = ends[i];
        assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_FULL);
        assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_OK);
        assert_true(submitted.repeat);
        assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_NOTICES), 1);
        world_pass(w, 1000);
        assert_int_equal(world_applied(w, HOUSING, submitted.id), 1);
        end_quiet(w);
    }
}

static void what_the_own_view_cannot_take_is_not_stored(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    agent_submitted_t submitted = {0};
    world_submit_t what = with_token("t1", "a");
    w->agents[POLICE].apply_fails = true;
    assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_OK);
    assert_int_equal(submitted.err, KITH_INVALID);
    static const int tables[] = {AGENT_TABLE_NOTICES,  AGENT_TABLE_TOKENS, AGENT_TABLE_DEBTS,
                                 AGENT_TABLE_UNSEALED, WORLD_TABLE_SHOWN,  AGENT_TABLE_OWED};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        assert_int_equal(world_rows(w, POLICE, tables[i]), 0);
    end(w);
}

/* Every call of the store fails once, in a turn that submits, seals and publishes, and in those
 * that deliver and settle: no turn leaves half of its writes, and all is delivered in the end. */
static void every_call_of_the_store_may_fail(void **state)
{
    (void)state;
    bool over = false;
    for (uint64_t nth = 1; !over; nth++) {
        world_t *w = begun(2, 1);
        uint64_t calls = memtxn_calls(w->agents[POLICE].store);
        memtxn_fail(w->agents[POLICE].store, nth, KITH_FULL);
        memtxn_fail(w->agents[HOUSING].store, nth, KITH_IO);
        agent_submitted_t submitted = {0};
        world_submit_t what = with_token("t1", "a");
        while (world_submit(w, POLICE, &what, &submitted) != KITH_OK)
            continue;
        world_pass(w, 1000);
        over = memtxn_calls(w->agents[POLICE].store) - calls < nth;
        memtxn_fail(w->agents[POLICE].store, 0, KITH_OK);
        memtxn_fail(w->agents[HOUSING].store, 0, KITH_OK);
        assert_int_equal(world_applied(w, HOUSING, submitted.id), 1);
        end_quiet(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_here_needs_no_broker),
        cmocka_unit_test(ones_own_view_has_it_in_the_same_commit),
        cmocka_unit_test(to_nobody_is_for_the_own_view_alone),
        cmocka_unit_test(the_same_token_gives_the_same_id),
        cmocka_unit_test(the_same_token_gives_the_same_id_after_a_restart),
        cmocka_unit_test(the_same_token_with_other_content_is_refused),
        cmocka_unit_test(without_a_token_each_is_another),
        cmocka_unit_test(a_commit_that_failed_leaves_no_trace),
        cmocka_unit_test(a_commit_that_failed_may_have_landed),
        cmocka_unit_test(what_the_own_view_cannot_take_is_not_stored),
        cmocka_unit_test(every_call_of_the_store_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
