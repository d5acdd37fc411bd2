/* What a mailbox or a peer says that was not to be expected: nothing is handed out twice, nothing
 * is hidden, and the bounds of what is in flight hold. */
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

/* A receipt of this size for police is in flight: what others a mailbox holds has no count of
 * bytes.
 */
static void receipt_in_flight(world_t *w, uint64_t token, size_t size)
{
    world_join(w, "police", POLICE);
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "police", URGENT, 0, 0, 1);
    world_tick(w, 0);
    world_fetch(w, "police", URGENT);
    world_fetched(
        w, "police",
        (fetched_with_t){
            .lane = URGENT, .count = 1, .tokens = {token}, .kind = MAILBOX_RECEIPT, .size = size});
    world_delivered(w, POLICE, token);
}

static void more_than_was_asked_for_stops_the_fetching_until_it_is_taken(void **state)
{
    (void)state;
    world_t *w = joined();
    receipt_in_flight(w, 5, KITH_IN_FLIGHT_BYTES_MAX);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_settled(w);
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_taken(w, "police", POLICE, 5, 0);
    world_done(w, "police", 5);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_destroy(w);
}

static void when_urgent_takes_what_is_left_normal_waits(void **state)
{
    (void)state;
    world_t *w = joined();
    receipt_in_flight(w, 5, KITH_IN_FLIGHT_BYTES_MAX - KITH_FRAME_BYTES_MAX - 1000);
    world_backlog(w, "social-care", URGENT, 1000, 1u << 30, 0);
    world_backlog(w, "social-care", NORMAL, 1000, 1u << 30, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_settled(w);
    world_taken(w, "police", POLICE, 5, 0);
    world_done(w, "police", 5);
    world_tick(w, 0);
    world_fetch(w, "social-care", NORMAL);
    world_destroy(w);
}

static void taken_twice_while_an_earlier_one_is_open_is_done_once(void **state)
{
    (void)state;
    world_t *w = joined();
    world_backlog(w, "social-care", URGENT, 2, 2000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care", (fetched_with_t){.lane = URGENT, .count = 2, .tokens = {7, 9}});
    world_delivered(w, SOCIAL, 7);
    world_delivered(w, SOCIAL, 9);
    world_taken(w, "social-care", SOCIAL, 9, 0);
    world_done(w, "social-care", 9);
    world_taken(w, "social-care", SOCIAL, 9, 0);
    world_settled(w);
    assert_int_equal(world_stats(w).taken, 1);
    assert_int_equal(world_stats(w).in_flight_bytes, 1000);
    world_destroy(w);
}

/* The first fetch of a session that ends meanwhile: nothing had been handed out before it. */
static void the_first_fetch_of_a_session_that_is_over_is_dropped(void **state)
{
    (void)state;
    world_t *w = joined();
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = SOCIAL;
    world_step(w, lost);
    world_hung_up(w, SOCIAL);
    world_fetched(w, "social-care", (fetched_with_t){.lane = URGENT, .count = 1, .tokens = {7}});
    world_settled(w);
    assert_int_equal(world_stats(w).delivered, 0);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_destroy(w);
}

/* It says that there is more, and gives nothing, or all that was counted: it is not asked on and
 * on.
 */
static void a_mailbox_that_says_more_than_it_has_is_not_asked_again(void **state)
{
    (void)state;
    for (size_t count = 0; count < 2; count++) {
        world_t *w = joined();
        world_backlog(w, "social-care", URGENT, 1, 1000, 0);
        world_tick(w, 0);
        world_fetch(w, "social-care", URGENT);
        world_fetched(
            w, "social-care",
            (fetched_with_t){.lane = URGENT, .count = count, .tokens = {7}, .more = true});
        if (count > 0)
            world_delivered(w, SOCIAL, 7);
        world_tick(w, 0);
        world_settled(w);
        assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
        world_destroy(w);
    }
}

/* No file that this broker has read names it, so nobody would ever fetch the word. */
static void a_refusal_for_an_origin_that_was_never_known_only_frees(void **state)
{
    (void)state;
    world_t *w = joined();
    world_agree(w, world_next_agreement(w));
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(w, "social-care",
                  (fetched_with_t){.lane = URGENT,
                                   .count = 1,
                                   .tokens = {7},
                                   .again = true,
                                   .origin = "stranger",
                                   .verdict = REASON(UNKNOWN_KEY)});
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", 7);
    world_settled(w);
    world_destroy(w);
}

static void a_receipt_that_says_two_things_is_ignored(void **state)
{
    (void)state;
    static const receipt_with_t wrong[] = {
        {.streamless = true},
        {.packet_lane = KITH__LANE__LANE_NORMAL},
        {.lane = (Kith__Lane)9, .packet_lane = (Kith__Lane)9},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_t *w = joined();
        world_receipt(w, "social-care", SOCIAL, wrong[i]);
        world_alarmed(w, "receipt-ignored", "social-care");
        world_settled(w);
        assert_int_equal(world_stats(w).receipts, 0);
        world_destroy(w);
    }
}

static void more_owed_than_an_envelope_has_slots_is_malformed(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    Kith__Packet *packet = world_verb(w, VERB(PUBLISH));
    Kith__Header header = KITH__HEADER__INIT;
    broker_event_t event = {.type = BROKER_EV_PACKET};
    packet->publish = kith_arena_need(w->arena, sizeof *packet->publish);
    kith__publish__init(packet->publish);
    packet->publish->n_owed = KITH_SLOTS_MAX + 1;
    packet->publish->owed = kith_arena_need(w->arena, (KITH_SLOTS_MAX + 1) * sizeof(char *));
    for (size_t i = 0; i <= KITH_SLOTS_MAX; i++)
        packet->publish->owed[i] = kith_arena_printf(w->arena, "agency-%zu", i);
    event.packet.agency = "police";
    event.packet.route = POLICE;
    event.packet.packet = packet;
    event.packet.header = &header;
    world_step(w, event);
    world_alarmed(w, "malformed-publish", "police");
    world_sent_bye(w, POLICE, REASON(MALFORMED));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

/* ---- lanes ---- */

static world_t *joined_with_much_credit(void)
{
    world_t *w = world_new();
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.messages = 5000, .bytes = 1u << 30});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    return w;
}

static void a_full_turn_leaves_one_place_in_eight_for_normal(void **state)
{
    (void)state;
    world_t *w = joined_with_much_credit();
    world_backlog(w, "social-care", URGENT, 5000, 5000000, 0);
    world_backlog(w, "social-care", NORMAL, 5000, 5000000, 0);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.items_max, 896);
    assert_int_equal(world_fetch(w, "social-care", NORMAL)->fetch.items_max, 128);
    world_destroy(w);
}

static void urgent_comes_first_and_leaves_its_places_when_there_is_little(void **state)
{
    (void)state;
    world_t *w = joined_with_much_credit();
    world_backlog(w, "social-care", NORMAL, 5000, 5000000, 0);
    world_backlog(w, "social-care", URGENT, 3, 3000, 0);
    world_tick(w, 0);
    const broker_effect_t *first = world_effect(w, BROKER_FX_FETCH);
    assert_int_equal(first->fetch.lane, URGENT);
    assert_int_equal(first->fetch.items_max, 3);
    assert_int_equal(world_fetch(w, "social-care", NORMAL)->fetch.items_max, 1021);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_turn_leaves_one_place_in_eight_for_normal),
        cmocka_unit_test(urgent_comes_first_and_leaves_its_places_when_there_is_little),
        cmocka_unit_test(more_than_was_asked_for_stops_the_fetching_until_it_is_taken),
        cmocka_unit_test(when_urgent_takes_what_is_left_normal_waits),
        cmocka_unit_test(taken_twice_while_an_earlier_one_is_open_is_done_once),
        cmocka_unit_test(the_first_fetch_of_a_session_that_is_over_is_dropped),
        cmocka_unit_test(a_mailbox_that_says_more_than_it_has_is_not_asked_again),
        cmocka_unit_test(a_refusal_for_an_origin_that_was_never_known_only_frees),
        cmocka_unit_test(a_receipt_that_says_two_things_is_ignored),
        cmocka_unit_test(more_owed_than_an_envelope_has_slots_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
