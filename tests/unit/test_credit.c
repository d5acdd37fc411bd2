/* Credit: cumulative, never falling, never stuck; urgent first with a share for normal. */
#include "base/credit.h"
#include "base/limits.h"
#include "tests/lib/dice.h"
#include "tests/lib/unit.h"

static void without_a_grant_nothing_may_be_sent(void **state)
{
    (void)state;
    kith_credit_t credit = {0};
    assert_false(kith_credit_has(&credit, 0));
    assert_false(kith_credit_take(&credit, 1));
    assert_int_equal(credit.used_messages, 0);
}

static void messages_and_bytes_both_bound(void **state)
{
    (void)state;
    kith_credit_t credit = {0};
    kith_credit_grant(&credit, 2, 100);
    assert_true(kith_credit_take(&credit, 10));
    assert_true(kith_credit_has(&credit, 90));
    assert_false(kith_credit_take(&credit, 91));
    assert_int_equal(credit.used_bytes, 10);
    assert_true(kith_credit_take(&credit, 10));
    assert_false(kith_credit_take(&credit, 10)); /* no message left */
    kith_credit_grant(&credit, 10, 100);
    assert_true(kith_credit_take(&credit, 80));
    assert_false(kith_credit_take(&credit, 1)); /* no byte left */
    kith_credit_grant(&credit, 10, 101);
    assert_true(kith_credit_take(&credit, 1));
}

static void a_repeated_or_overtaken_grant_does_no_harm(void **state)
{
    (void)state;
    kith_credit_t credit = {0};
    kith_credit_grant(&credit, 10, 1000);
    kith_credit_grant(&credit, 10, 1000);
    kith_credit_grant(&credit, 4, 400);
    assert_int_equal(credit.granted_messages, 10);
    assert_int_equal(credit.granted_bytes, 1000);
    assert_int_equal(credit.window_bytes, 1000);
    kith_credit_grant(&credit, 12, 900);
    assert_int_equal(credit.granted_messages, 12);
    assert_int_equal(credit.granted_bytes, 1000);
}

static void a_message_larger_than_the_window_is_never_stuck(void **state)
{
    (void)state;
    kith_credit_t credit = {0};
    kith_credit_grant(&credit, 10, 100);
    assert_true(kith_credit_take(&credit, 20));
    assert_false(kith_credit_take(&credit, 5000)); /* waits until the window is unused */
    kith_credit_grant(&credit, 11, 120);
    assert_true(kith_credit_take(&credit, 5000));
    assert_false(kith_credit_has(&credit, 0));
    kith_credit_grant(&credit, 12, 5019);
    assert_false(kith_credit_has(&credit, 0));
    kith_credit_grant(&credit, 12, 5120); /* the receiver took it all in */
    assert_true(kith_credit_take(&credit, 100));
}

/* The receiver knows of its grants before the sender does; still it never refuses what the sender
 * was right to send. */
static void the_receiver_never_disagrees_with_an_honest_sender(void **state)
{
    (void)state;
    dice_t dice = {.state = 99};
    for (int round = 0; round < 200; round++) {
        const uint64_t window_messages = 1 + dice_roll(&dice, 8);
        const uint64_t window_bytes = 1 + dice_roll(&dice, 2000);
        kith_credit_t sender = {0}, receiver = {0};
        kith_credit_grant(&receiver, window_messages, window_bytes);
        kith_credit_grant(&sender, window_messages, window_bytes);
        uint64_t sent = 0;
        for (int step = 0; step < 500; step++) {
            uint64_t size = dice_roll(&dice, 1500);
            if (kith_credit_take(&sender, size)) {
                assert_true(kith_credit_take(&receiver, size));
                sent++;
            }
            if (dice_roll(&dice, 3) == 0) {
                kith_credit_grant(&receiver, receiver.used_messages + window_messages,
                                  receiver.used_bytes + window_bytes);
            }
            if (dice_roll(&dice, 3) == 0) {
                kith_credit_grant(&sender, receiver.granted_messages, receiver.granted_bytes);
            }
        }
        assert_true(sent > 10);
    }
}

static void urgent_goes_first_and_normal_has_its_share(void **state)
{
    (void)state;
    int normal = 0;
    for (uint64_t place = 0; place < 80; place++) {
        normal += kith_lane_for_place(place, true, true) == KITH_LANE_NORMAL;
        assert_int_equal(kith_lane_for_place(place, true, false), KITH_LANE_URGENT);
        assert_int_equal(kith_lane_for_place(place, false, true), KITH_LANE_NORMAL);
        assert_int_equal(kith_lane_for_place(place, false, false), -1);
    }
    assert_int_equal(normal, 80 / KITH_NORMAL_SHARE);
    assert_int_equal(kith_lane_for_place(0, true, true), KITH_LANE_URGENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_grant_nothing_may_be_sent),
        cmocka_unit_test(messages_and_bytes_both_bound),
        cmocka_unit_test(a_repeated_or_overtaken_grant_does_no_harm),
        cmocka_unit_test(a_message_larger_than_the_window_is_never_stuck),
        cmocka_unit_test(the_receiver_never_disagrees_with_an_honest_sender),
        cmocka_unit_test(urgent_goes_first_and_normal_has_its_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
