/* Sessions: who takes over from whom, and when silence counts. */
#include "base/limits.h"
#include "base/session.h"
#include "tests/lib/unit.h"

static const uint8_t ONE[16] = {1}, OTHER[16] = {2};

static void the_first_hello_is_taken(void **state)
{
    (void)state;
    kith_session_t none = {0};
    assert_int_equal(kith_session_judge(&none, 1, 1, ONE), KITH_TAKEOVER_NEW);
}

static void a_higher_boot_or_dial_takes_over(void **state)
{
    (void)state;
    kith_session_t held = {.live = true, .boot = 5, .dial = 3, .instance = {1}};
    assert_int_equal(kith_session_judge(&held, 6, 1, OTHER), KITH_TAKEOVER_NEW);
    assert_int_equal(kith_session_judge(&held, 5, 4, ONE), KITH_TAKEOVER_NEW);
    assert_int_equal(kith_session_judge(&held, 5, 3, ONE), KITH_TAKEOVER_OLD);
    assert_int_equal(kith_session_judge(&held, 5, 2, ONE), KITH_TAKEOVER_OLD);
    assert_int_equal(kith_session_judge(&held, 4, 99, OTHER), KITH_TAKEOVER_OLD);
}

static void one_boot_in_two_processes_is_a_clone(void **state)
{
    (void)state;
    kith_session_t held = {.live = true, .boot = 5, .dial = 3, .instance = {1}};
    assert_int_equal(kith_session_judge(&held, 5, 3, OTHER), KITH_TAKEOVER_CLONE);
    assert_int_equal(kith_session_judge(&held, 5, 9, OTHER), KITH_TAKEOVER_CLONE);
    held.live = false; /* it is one whether or not the other is connected now */
    assert_int_equal(kith_session_judge(&held, 5, 9, OTHER), KITH_TAKEOVER_CLONE);
}

static void silence_begins_at_the_liveness_time(void **state)
{
    (void)state;
    kith_session_t session = {.heard_mono_ms = 1000};
    assert_false(kith_session_silent(&session, 30999, 30000));
    assert_true(kith_session_silent(&session, 31000, 30000));
}

static void credit_is_due_at_a_third_of_it_at_most_the_heartbeat(void **state)
{
    (void)state;
    kith_session_t session = {.spoke_mono_ms = 1000};
    assert_false(kith_session_speak_due(&session, 1999, 3000));
    assert_true(kith_session_speak_due(&session, 2000, 3000));
    assert_false(kith_session_speak_due(&session, 1000 + KITH_HEARTBEAT_MS - 1, 600000));
    assert_true(kith_session_speak_due(&session, 1000 + KITH_HEARTBEAT_MS, 600000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_hello_is_taken),
        cmocka_unit_test(a_higher_boot_or_dial_takes_over),
        cmocka_unit_test(one_boot_in_two_processes_is_a_clone),
        cmocka_unit_test(silence_begins_at_the_liveness_time),
        cmocka_unit_test(credit_is_due_at_a_third_of_it_at_most_the_heartbeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
