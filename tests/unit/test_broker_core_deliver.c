/* Delivery at the broker: who is served, how much at once, what is judged again, what comes back.
 */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { URGENT = KITH_LANE_URGENT, NORMAL = KITH_LANE_NORMAL };

static world_t *joined(void)
{
    world_t *w = world_new();
    world_join(w, "social-care", SOCIAL);
    return w;
}

static fetched_with_t one(int lane, uint64_t token)
{
    return (fetched_with_t){.lane = lane, .count = 1, .tokens = {token}};
}

/* Social care has this urgent message in flight. */
static world_t *in_flight(uint64_t token)
{
    world_t *w = joined();
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care", one(URGENT, token));
    world_delivered(w, SOCIAL, token);
    return w;
}

/* ---- fetching ---- */

static void what_waits_is_fetched_for_a_live_session(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    world_settled(w);
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_join(w, "social-care", SOCIAL);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_tick(w, 0);
    const broker_effect_t *fetch = world_fetch(w, "social-care", URGENT);
    assert_int_equal(fetch->fetch.after_token, 0);
    assert_int_equal(fetch->fetch.items_max, 3);
    assert_in_range(fetch->fetch.bytes_max, 1, 4 * 1024 * 1024);
    world_tick(w, 0); /* one at a time */
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT, .count = 2, .tokens = {7, 9}, .more = true});
    world_delivered(w, SOCIAL, 7);
    world_delivered(w, SOCIAL, 9);
    assert_int_equal(world_stats(w).delivered, 2);
    assert_int_equal(world_stats(w).in_flight_bytes, 2000);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 9);
    world_fetched(w, "social-care", (fetched_with_t){.lane = URGENT});
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_destroy(w);
}

static void a_commit_wakes_the_recipient(void **state)
{
    (void)state;
    world_t *w = joined();
    world_join(w, "police", POLICE);
    world_skip(w, VERB(PRESENCE));
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_put(w, MAILBOX_ENVELOPE);
    world_tick(w, 0);
    world_settled(w); /* not durable: not handed out */
    world_commit(w);
    world_sent_accepted(w, POLICE, 1, 1);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_destroy(w);
}

static void what_is_in_flight_is_not_fetched_again_in_the_session(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_settled(w);
    world_backlog(w, "social-care", URGENT, 2, 2000, 0);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 7);
    world_destroy(w);
}

static void a_new_session_begins_from_the_start(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_hello(w, "social-care", 13, (hello_with_t){.dial = 2, .messages = 10, .bytes = 100000});
    world_sent_bye(w, SOCIAL, REASON(OLD_SESSION));
    world_hung_up(w, SOCIAL);
    world_sent(w, 13, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 0);
    world_fetched(w, "social-care", one(URGENT, 7));
    world_delivered(w, 13, 7);
    world_destroy(w);
}

static void a_fetch_for_a_session_that_is_over_is_dropped(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT); /* after 7 */
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = SOCIAL;
    world_step(w, lost);
    world_hung_up(w, SOCIAL);
    world_fetched(w, "social-care", one(URGENT, 8));
    world_settled(w);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    /* Nor does a newer session take what was fetched beyond 7. */
    world_hello(w, "social-care", 13, (hello_with_t){.dial = 2, .messages = 9, .bytes = 99999});
    world_sent(w, 13, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 0);
    world_destroy(w);
}

/* More is in flight than a late count says there is: what is new is looked for all the same. */
static void a_count_that_is_behind_hides_nothing(void **state)
{
    (void)state;
    world_t *w = joined();
    world_join(w, "police", POLICE);
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT, .count = 3, .tokens = {1, 2, 3}});
    for (int i = 0; i < 3; i++)
        world_effect(w, BROKER_FX_DELIVER);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_put(w, MAILBOX_ENVELOPE);
    world_commit(w);
    world_sent_accepted(w, POLICE, 1, 1);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 3);
    world_destroy(w);
}

/* ---- credit of recipients ---- */

static void without_credit_it_waits_on_disk(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){0});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    world_settled(w);
    world_credit(w, "social-care", SOCIAL, URGENT, 2, 10000);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.items_max, 2);
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT, .count = 2, .tokens = {1, 2}, .more = true});
    world_delivered(w, SOCIAL, 1);
    world_delivered(w, SOCIAL, 2);
    world_tick(w, 0);
    world_settled(w);
    /* TAKEN frees the flight; only CREDIT gives credit. */
    world_taken(w, "social-care", SOCIAL, 1, 0);
    world_done(w, "social-care", 1);
    world_tick(w, 0);
    world_settled(w);
    world_credit(w, "social-care", SOCIAL, URGENT, 3, 10000);
    world_tick(w, 0);
    const broker_effect_t *fetch = world_fetch(w, "social-care", URGENT);
    assert_int_equal(fetch->fetch.items_max, 1);
    assert_int_equal(fetch->fetch.bytes_max, 8000);
    world_destroy(w);
}

static void what_is_larger_than_the_credit_left_waits_for_more(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.messages = 10, .bytes = 2500});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT, .count = 3, .tokens = {1, 2, 3}});
    world_delivered(w, SOCIAL, 1);
    world_delivered(w, SOCIAL, 2);
    assert_int_equal(world_stats(w).in_flight_bytes, 2000);
    world_tick(w, 0);
    world_settled(w);
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0); /* no idle turning */
    world_credit(w, "social-care", SOCIAL, URGENT, 12, 4500);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 2);
    world_fetched(w, "social-care", one(URGENT, 3));
    world_delivered(w, SOCIAL, 3);
    world_destroy(w);
}

static void receipts_and_refusals_use_no_credit(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.messages = 1, .bytes = 1500});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", URGENT, 0, 0, 2);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(
        w, "social-care",
        (fetched_with_t){.lane = URGENT, .count = 2, .tokens = {1, 2}, .kind = MAILBOX_RECEIPT});
    world_delivered(w, SOCIAL, 1);
    world_delivered(w, SOCIAL, 2);
    assert_int_equal(world_stats(w).in_flight_bytes, 2000); /* but count as in flight */
    world_backlog(w, "social-care", URGENT, 1, 1000, 2);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care", one(URGENT, 3));
    world_delivered(w, SOCIAL, 3);
    world_destroy(w);
}

/* ---- in flight ---- */

static void one_session_holds_no_more_than_is_left_for_the_others(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.messages = 5000, .bytes = 1u << 30});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", NORMAL, 1000, 1u << 30, 0);
    uint64_t token = 1;
    for (;; token += 4) {
        world_tick(w, 0);
        if (w->effects.count == 0)
            break;
        world_fetch(w, "social-care", NORMAL);
        world_fetched(w, "social-care",
                      (fetched_with_t){.lane = NORMAL,
                                       .count = 4,
                                       .tokens = {token, token + 1, token + 2, token + 3},
                                       .size = 256 * 1024,
                                       .more = true});
        for (int i = 0; i < 4; i++)
            world_effect(w, BROKER_FX_DELIVER);
        world_settled(w);
    }
    assert_int_equal(world_stats(w).in_flight_bytes, KITH_IN_FLIGHT_BYTES_MAX / 2);
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    /* Others still are served, and what is TAKEN makes room. */
    world_join(w, "housing", HOUSING);
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "housing", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "housing", URGENT);
    world_fetched(w, "housing", one(URGENT, 5000));
    world_delivered(w, HOUSING, 5000);
    for (uint64_t taken = 1; taken <= 4; taken++) {
        world_taken(w, "social-care", SOCIAL, taken, 0);
        world_done(w, "social-care", taken);
    }
    world_tick(w, 0);
    world_fetch(w, "social-care", NORMAL);
    world_destroy(w);
}

/* 8 agencies that take nothing never bring the whole above its bound. */
static void all_sessions_together_are_bounded(void **state)
{
    (void)state;
    world_t *w = world_prepared();
    enum { MANY = 8 };
    static const char *const ids[MANY] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    kith_agency_t *agencies = kith_arena_need(w->arena, MANY * sizeof *agencies);
    for (size_t i = 0; i < MANY; i++) {
        agencies[i] = w->agreement->agencies[0];
        agencies[i].id = ids[i];
    }
    w->agreement->agencies = agencies;
    w->agreement->agencies_count = MANY;
    world_begin(w);
    for (uint64_t i = 0; i < MANY; i++) {
        world_hello(w, ids[i], i + 1, (hello_with_t){.messages = 5000, .bytes = 1u << 30});
        world_backlog(w, ids[i], NORMAL, 1000, 1u << 30, 0);
    }
    world_skip(w, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_settled(w);
    uint64_t token = 1;
    size_t served[MANY] = {0};
    for (int turn = 0; turn < 200; turn++) {
        world_tick(w, 0);
        size_t fetches = w->effects.count;
        for (size_t i = 0; i < fetches; i++) {
            const char *id = world_effect(w, BROKER_FX_FETCH)->fetch.agency;
            served[id[0] - 'a']++;
            world_fetched(w, id,
                          (fetched_with_t){.lane = NORMAL,
                                           .count = 1,
                                           .tokens = {token++},
                                           .size = 300 * 1024,
                                           .more = true});
            world_effect(w, BROKER_FX_DELIVER);
            assert_true(world_stats(w).in_flight_bytes <= KITH_IN_FLIGHT_BYTES_MAX);
        }
        world_settled(w);
    }
    for (size_t i = 0; i < MANY; i++)
        assert_true(served[i] > 5);
    world_destroy(w);
}

static void the_next_turn_begins_after_the_last_one_served(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.messages = 5000, .bytes = 1u << 30});
    world_hello(w, "housing", HOUSING, (hello_with_t){.messages = 5000, .bytes = 1u << 30});
    world_skip(w, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "police", NORMAL, 100, 1u << 30, 0);
    world_tick(w, 0);
    world_fetch(w, "police", NORMAL);
    world_fetched(w, "police",
                  (fetched_with_t){.lane = NORMAL, .count = 1, .tokens = {1}, .more = true});
    world_delivered(w, POLICE, 1);
    world_backlog(w, "housing", NORMAL, 100, 1u << 30, 0);
    world_tick(w, 0);
    assert_string_equal(world_effect(w, BROKER_FX_FETCH)->fetch.agency, "housing");
    assert_string_equal(world_effect(w, BROKER_FX_FETCH)->fetch.agency, "police");
    world_destroy(w);
}

static void messages_in_flight_are_bounded_too(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.messages = 1u << 30, .bytes = 1u << 30});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "social-care", URGENT, 100000, 100000, 0);
    uint64_t token = 1, handed = 0;
    for (;; token += 4) {
        world_tick(w, 0);
        if (w->effects.count == 0)
            break;
        world_fetch(w, "social-care", URGENT);
        world_fetched(w, "social-care",
                      (fetched_with_t){.lane = URGENT,
                                       .count = 4,
                                       .tokens = {token, token + 1, token + 2, token + 3},
                                       .size = 1,
                                       .more = true});
        for (int i = 0; i < 4; i++)
            world_effect(w, BROKER_FX_DELIVER);
        handed += 4;
        world_settled(w);
    }
    assert_in_range(handed, KITH_CREDIT_NORMAL_MESSAGES, KITH_REPEATED_MAX);
    world_destroy(w);
}

/* ---- TAKEN ---- */

static void taken_frees_the_copy(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_taken(w, "social-care", SOCIAL, 7, 0);
    world_done(w, "social-care", 7);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    assert_int_equal(world_stats(w).taken, 1);
    world_taken(w, "social-care", SOCIAL, 7, 0); /* again: nothing */
    assert_int_equal(world_stats(w).taken, 1);
    world_destroy(w);
}

static void only_what_was_handed_out_can_be_taken(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_join(w, "housing", HOUSING);
    world_skip(w, VERB(PRESENCE));
    world_taken(w, "housing", HOUSING, 7, 0);    /* another agency's */
    world_taken(w, "social-care", SOCIAL, 8, 0); /* guessed */
    world_taken(w, "social-care", SOCIAL, 0, 0);
    assert_int_equal(world_stats(w).in_flight_bytes, 1000);
    world_destroy(w);
}

static void taken_may_come_in_any_order_and_lane(void **state)
{
    (void)state;
    world_t *w = joined();
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_backlog(w, "social-care", NORMAL, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetch(w, "social-care", NORMAL);
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT, .count = 3, .tokens = {2, 5, 9}});
    world_fetched(w, "social-care", one(NORMAL, 3));
    for (int i = 0; i < 4; i++)
        world_effect(w, BROKER_FX_DELIVER);
    const uint64_t order[] = {5, 3, 9, 2};
    for (size_t i = 0; i < 4; i++) {
        world_taken(w, "social-care", SOCIAL, order[i], 0);
        world_done(w, "social-care", order[i]);
    }
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_destroy(w);
}

static void a_bad_copy_is_dropped_and_told_of(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_taken(w, "social-care", SOCIAL, 7, REASON(BAD_SIGNATURE));
    world_done(w, "social-care", 7);
    world_alarmed(w, "taken-bad", "social-care");
    assert_int_equal(world_stats(w).bad, 1);
    world_destroy(w);
}

static void the_end_of_a_session_frees_its_flight(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_step(w, (broker_event_t){.type = BROKER_EV_STOP});
    world_sent_bye(w, SOCIAL, REASON(STOPPING));
    world_hung_up(w, SOCIAL);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_destroy(w);
}

/* ---- receipts ---- */

static void a_receipt_goes_into_the_origins_mailbox(void **state)
{
    (void)state;
    world_t *w = in_flight(7);
    world_taken(w, "social-care", SOCIAL, 7, 0);
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){0});
    world_done(w, "social-care", 7);
    const broker_effect_t *put = world_put(w, MAILBOX_RECEIPT);
    assert_int_equal(put->put.recipients_count, 1);
    assert_string_equal(put->put.recipients[0], "police");
    assert_int_equal(put->put.lane, URGENT);
    assert_int_equal(put->put.digest.bytes[0], 9);
    assert_int_equal(world_stats(w).receipts, 1);
    world_destroy(w);
}

static void a_receipt_that_does_not_fit_is_ignored(void **state)
{
    (void)state;
    const receipt_with_t wrong[] = {
        {.recipient = "housing"},
        {.packet_origin = "housing"},
        {.partnership = "othertown"},
        {.garbled = true},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_t *w = joined();
        world_receipt(w, "social-care", SOCIAL, wrong[i]);
        world_alarmed(w, "receipt-ignored", "social-care");
        assert_int_equal(world_stats(w).receipts, 0);
        world_destroy(w);
    }
}

static void a_receipt_without_a_statement_is_ignored(void **state)
{
    (void)state;
    world_t *w = joined();
    Kith__Packet *packet = world_verb(w, VERB(RECEIPT));
    packet->receipt = kith_arena_need(w->arena, sizeof *packet->receipt);
    kith__receipt_packet__init(packet->receipt);
    world_packet(w, "social-care", SOCIAL, packet);
    world_alarmed(w, "receipt-ignored", "social-care");
    world_destroy(w);
}

static void a_receipt_for_who_is_gone_is_let_go(void **state)
{
    (void)state;
    world_t *w = joined();
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){.origin = "charity"});
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){.origin = "nobody"});
    assert_int_equal(world_stats(w).receipts, 2);
    world_destroy(w);
}

static void receipts_cannot_pile_up_without_bound(void **state)
{
    (void)state;
    world_t *w = world_prepared();
    w->settings.mailbox_messages_max = 3;
    world_begin(w);
    world_join(w, "social-care", SOCIAL);
    world_backlog(w, "police", URGENT, 3, 3000, 2); /* a full quota is no hindrance */
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){0});
    world_put(w, MAILBOX_RECEIPT);
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){0});
    world_alarmed(w, "receipt-let-go", "police");
    world_backlog(w, "police", URGENT, 3, 3000, 0);
    world_disk(w, false, false); /* not even the reserve: let go, it will be drawn again */
    world_receipt(w, "social-care", SOCIAL, (receipt_with_t){0});
    world_alarmed(w, "receipt-let-go", "police");
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_fetched_for_a_live_session),
        cmocka_unit_test(a_commit_wakes_the_recipient),
        cmocka_unit_test(what_is_in_flight_is_not_fetched_again_in_the_session),
        cmocka_unit_test(a_new_session_begins_from_the_start),
        cmocka_unit_test(a_fetch_for_a_session_that_is_over_is_dropped),
        cmocka_unit_test(a_count_that_is_behind_hides_nothing),
        cmocka_unit_test(without_credit_it_waits_on_disk),
        cmocka_unit_test(what_is_larger_than_the_credit_left_waits_for_more),
        cmocka_unit_test(receipts_and_refusals_use_no_credit),
        cmocka_unit_test(one_session_holds_no_more_than_is_left_for_the_others),
        cmocka_unit_test(all_sessions_together_are_bounded),
        cmocka_unit_test(the_next_turn_begins_after_the_last_one_served),
        cmocka_unit_test(messages_in_flight_are_bounded_too),
        cmocka_unit_test(taken_frees_the_copy),
        cmocka_unit_test(only_what_was_handed_out_can_be_taken),
        cmocka_unit_test(taken_may_come_in_any_order_and_lane),
        cmocka_unit_test(a_bad_copy_is_dropped_and_told_of),
        cmocka_unit_test(the_end_of_a_session_frees_its_flight),
        cmocka_unit_test(a_receipt_goes_into_the_origins_mailbox),
        cmocka_unit_test(a_receipt_that_does_not_fit_is_ignored),
        cmocka_unit_test(a_receipt_without_a_statement_is_ignored),
        cmocka_unit_test(a_receipt_for_who_is_gone_is_let_go),
        cmocka_unit_test(receipts_cannot_pile_up_without_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
