/* Held watches: woken by a change or by their time, bounded, forgotten with their connection. */
#include "agents/agent_watch.h"
#include "tests/lib/unit.h"

static api_watch_t until(uint64_t id, int64_t mono_ms)
{
    return (api_watch_t){.request_id = id, .until_mono_ms = mono_ms};
}

static void one_is_due_when_its_time_is_over(void **state)
{
    (void)state;
    agent_watches_t *watches = agent_watches_new();
    uint64_t route = 0;
    api_watch_t found = {0}, first = until(1, 1000), second = until(2, 500);
    assert_int_equal(agent_watches_wait_ms(watches, 0), INT64_MAX);
    assert_int_equal(agent_watches_hold(watches, 7, &first), KITH_OK);
    assert_int_equal(agent_watches_hold(watches, 8, &second), KITH_OK);
    assert_int_equal(agent_watches_wait_ms(watches, 100), 400);
    assert_false(agent_watches_due(watches, 499, &route, &found));
    assert_true(agent_watches_due(watches, 500, &route, &found));
    assert_int_equal(route, 8);
    assert_int_equal(found.request_id, 2);
    assert_false(agent_watches_due(watches, 500, &route, &found));
    assert_int_equal(agent_watches_wait_ms(watches, 2000), 0);
    agent_watches_destroy(&watches);
    agent_watches_destroy(&watches);
}

static void a_change_wakes_all_once(void **state)
{
    (void)state;
    agent_watches_t *watches = agent_watches_new();
    uint64_t route = 0;
    api_watch_t found = {0}, watch = until(1, 1000);
    assert_int_equal(agent_watches_hold(watches, 7, &watch), KITH_OK);
    agent_watches_wake(watches);
    assert_int_equal(agent_watches_wait_ms(watches, 0), 0);
    assert_true(agent_watches_due(watches, 0, &route, &found));
    assert_int_equal(agent_watches_hold(watches, route, &found), KITH_OK);
    assert_false(agent_watches_due(watches, 0, &route, &found));
    agent_watches_destroy(&watches);
}

static void a_connection_that_is_gone_is_forgotten(void **state)
{
    (void)state;
    agent_watches_t *watches = agent_watches_new();
    uint64_t route = 0;
    api_watch_t found = {0}, watch = until(1, 0);
    for (uint64_t i = 0; i < 6; i++)
        assert_int_equal(agent_watches_hold(watches, i % 2, &watch), KITH_OK);
    agent_watches_forget(watches, 1);
    for (int i = 0; i < 3; i++) {
        assert_true(agent_watches_due(watches, 0, &route, &found));
        assert_int_equal(route, 0);
    }
    assert_false(agent_watches_due(watches, 0, &route, &found));
    agent_watches_destroy(&watches);
}

static void there_is_a_limit(void **state)
{
    (void)state;
    agent_watches_t *watches = agent_watches_new();
    api_watch_t watch = until(1, 1000);
    for (size_t i = 0; i < AGENT_WATCHES_MAX; i++)
        assert_int_equal(agent_watches_hold(watches, i, &watch), KITH_OK);
    assert_int_equal(agent_watches_hold(watches, 0, &watch), KITH_LIMIT);
    agent_watches_destroy(&watches);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_due_when_its_time_is_over),
        cmocka_unit_test(a_change_wakes_all_once),
        cmocka_unit_test(a_connection_that_is_gone_is_forgotten),
        cmocka_unit_test(there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
