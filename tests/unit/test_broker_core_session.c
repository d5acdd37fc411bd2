/* Sessions at the broker: who gets one, who takes it over, who is told, and how it ends. */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* ---- HELLO ---- */

static void hello_is_welcomed_with_credit_and_presence(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.boot = 4, .dial = 9});
    const Kith__Welcome *welcome = world_sent(w, POLICE, VERB(WELCOME))->welcome;
    assert_string_equal(welcome->broker, "hub-a");
    assert_int_equal(welcome->store_epoch.len, 16);
    assert_memory_equal(welcome->store_epoch.data, w->settings.store_epoch, 16);
    assert_int_equal(welcome->partnership_version, 3);
    assert_int_equal(welcome->liveness_ms, 30000);
    assert_int_equal(welcome->dial, 9);
    assert_int_equal(welcome->n_credit, 2);
    assert_int_equal(welcome->credit[0]->lane, KITH__LANE__LANE_URGENT);
    assert_int_equal(welcome->credit[0]->messages, KITH_CREDIT_URGENT_MESSAGES);
    assert_int_equal(welcome->credit[0]->bytes, KITH_CREDIT_URGENT_BYTES);
    assert_int_equal(welcome->credit[1]->messages, KITH_CREDIT_NORMAL_MESSAGES);
    assert_int_equal(welcome->credit[1]->bytes, KITH_CREDIT_NORMAL_BYTES);
    /* All members but itself; one that left is none. */
    world_sent_presence(w, POLICE, "housing", false);
    world_sent_presence(w, POLICE, "social-care", false);
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

static void presence_goes_to_the_others_on_change(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_hello(w, "housing", HOUSING, (hello_with_t){0});
    world_sent(w, HOUSING, VERB(WELCOME));
    world_sent_presence(w, HOUSING, "police", true);
    world_sent_presence(w, HOUSING, "social-care", false);
    world_sent_presence(w, POLICE, "housing", true);
    world_settled(w);

    w->now_ms += 5000;
    Kith__Packet *bye = world_verb(w, VERB(BYE));
    bye->bye = kith_arena_need(w->arena, sizeof *bye->bye);
    kith__bye__init(bye->bye);
    world_packet(w, "housing", HOUSING, bye);
    world_hung_up(w, HOUSING);
    const Kith__Presence *p = world_sent(w, POLICE, VERB(PRESENCE))->presence;
    assert_string_equal(p->agency, "housing");
    assert_false(p->connected);
    assert_int_equal(p->silent_since_ms, w->now_ms);
    world_destroy(w);
}

static void expect_turned_away(hello_with_t with, Kith__Reason reason)
{
    world_t *w = world_new();
    world_hello(w, "police", POLICE, with);
    world_alarmed(w, "hello-refused", "police");
    world_sent_bye(w, POLICE, reason);
    world_hung_up(w, POLICE);
    assert_int_equal(world_stats(w).sessions, 0);
    world_destroy(w);
}

static void a_wrong_hello_is_turned_away_with_its_reason(void **state)
{
    (void)state;
    expect_turned_away((hello_with_t){.protocol = 2}, REASON(MALFORMED));
    expect_turned_away((hello_with_t){.instance_size = 15}, REASON(MALFORMED));
    expect_turned_away((hello_with_t){.partnership = "othertown"}, REASON(WRONG_PARTNERSHIP));
    expect_turned_away((hello_with_t){.agency = "housing"}, REASON(NOT_YOUR_NAME));
    expect_turned_away((hello_with_t){.epoch = 2}, REASON(WRONG_EPOCH));
}

static void hello_without_a_boot_number_is_malformed(void **state)
{
    (void)state;
    world_t *w = world_new();
    Kith__Packet *packet = world_verb(w, VERB(HELLO));
    packet->hello = kith_arena_need(w->arena, sizeof *packet->hello);
    kith__hello__init(packet->hello);
    packet->hello->protocol = 1;
    world_packet(w, "police", POLICE, packet);
    world_alarmed(w, "hello-refused", "police");
    world_sent_bye(w, POLICE, REASON(MALFORMED));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

static void who_is_no_member_is_not_heard(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "charity", 9, (hello_with_t){0}); /* left */
    world_sent_bye(w, 9, REASON(REMOVED));
    world_hung_up(w, 9);
    world_hello(w, "nobody", 8, (hello_with_t){0});
    world_sent_bye(w, 8, REASON(UNKNOWN_KEY));
    world_hung_up(w, 8);
    assert_int_equal(world_stats(w).frames_ignored, 2);
    world_destroy(w);
}

/* ---- take-over ---- */

static void a_higher_dial_takes_over(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "housing", HOUSING);
    world_hello(w, "police", POLICE, (hello_with_t){.dial = 1});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_hello(w, "police", 11, (hello_with_t){.dial = 2});
    world_sent_bye(w, POLICE, REASON(OLD_SESSION));
    world_hung_up(w, POLICE);
    world_sent(w, 11, VERB(WELCOME));
    /* It was connected and is: the others hear nothing. */
    world_sent_presence(w, 11, "housing", true);
    world_sent_presence(w, 11, "social-care", false);
    assert_int_equal(world_stats(w).sessions, 2);
    world_destroy(w);
}

static void a_higher_boot_takes_over_with_another_instance(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.boot = 1, .dial = 8, .instance = 1});
    world_hello(w, "police", 11, (hello_with_t){.boot = 2, .dial = 1, .instance = 2});
    world_sent(w, POLICE, VERB(WELCOME));
    world_sent_bye(w, POLICE, REASON(OLD_SESSION));
    world_hung_up(w, POLICE);
    world_sent(w, 11, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_destroy(w);
}

/* Boots are counted by a store, and an epoch is a new store. */
static void boots_of_an_earlier_epoch_are_no_judge_of_a_later_one(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.boot = 40, .dial = 3});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(w, "police")->epoch = 2;
    world_agree(w, next);
    world_sent_bye(w, POLICE, REASON(WRONG_EPOCH));
    world_hung_up(w, POLICE);
    world_hello(w, "police", 11, (hello_with_t){.boot = 1, .epoch = 2, .instance = 3});
    world_sent(w, 11, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_destroy(w);
}

static void the_same_route_may_begin_anew(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_hello(w, "police", POLICE, (hello_with_t){.dial = 2});
    world_sent(w, POLICE, VERB(WELCOME)); /* and no BYE to itself */
    world_skip(w, VERB(PRESENCE));
    world_destroy(w);
}

static void a_lower_or_equal_dial_is_old(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.boot = 2, .dial = 2});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    const hello_with_t old[] = {{.boot = 2, .dial = 1}, {.boot = 2, .dial = 2}, {.boot = 1}};
    for (size_t i = 0; i < 3; i++) {
        world_hello(w, "police", 11 + i, old[i]);
        world_sent_bye(w, 11 + i, REASON(OLD_SESSION));
        world_hung_up(w, 11 + i);
    }
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

static void an_old_one_does_not_come_back_after_the_newer_is_gone(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.boot = 2});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = POLICE;
    world_step(w, lost);
    world_hung_up(w, POLICE);
    world_hello(w, "police", 11, (hello_with_t){.boot = 1});
    world_sent_bye(w, 11, REASON(OLD_SESSION));
    world_hung_up(w, 11);
    world_destroy(w);
}

static void the_live_route_saying_an_old_hello_loses_its_session(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_hello(w, "police", POLICE, (hello_with_t){0});
    world_sent_bye(w, POLICE, REASON(OLD_SESSION));
    world_hung_up(w, POLICE);
    assert_int_equal(world_stats(w).sessions, 0);
    world_destroy(w);
}

static void a_clone_is_refused_and_told_of(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_hello(w, "police", 11, (hello_with_t){.dial = 2, .instance = 5});
    world_alarmed(w, "clone", "police");
    world_sent_bye(w, 11, REASON(CLONE));
    world_hung_up(w, 11);
    assert_int_equal(world_stats(w).clones, 1);
    assert_int_equal(world_stats(w).sessions, 1); /* the first one goes on */
    world_credit(w, "police", POLICE, 0, 9, 9);
    world_destroy(w);
}

static void a_clone_does_not_keep_a_dead_session_alive(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    w->mono_ms += 29999;
    world_hello(w, "police", 11, (hello_with_t){.dial = 2, .instance = 5});
    world_alarmed(w, "clone", "police");
    world_sent_bye(w, 11, REASON(CLONE));
    world_hung_up(w, 11);
    world_tick(w, 1);
    world_sent_bye(w, POLICE, REASON(SILENT));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

/* ---- frames that are not of the live session ---- */

static void frames_before_hello_are_ignored_and_answered_once_a_turn(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_taken(w, "police", POLICE, 1, 0);
    world_sent_bye(w, POLICE, REASON(HELLO_FIRST));
    world_settled(w);
    w->batch++;
    world_taken(w, "police", POLICE, 1, 0);
    world_sent_bye(w, POLICE, REASON(HELLO_FIRST));
    assert_int_equal(world_stats(w).frames_ignored, 3);
    assert_int_equal(world_stats(w).published, 0);
    world_destroy(w);
}

static void frames_of_the_old_route_do_nothing_after_take_over(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_hello(w, "police", 11, (hello_with_t){.dial = 2});
    world_sent_bye(w, POLICE, REASON(OLD_SESSION));
    world_hung_up(w, POLICE);
    world_sent(w, 11, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_publish(w, "police", POLICE, (publish_with_t){0}); /* same turn: it has its BYE */
    w->batch++;
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_sent_bye(w, POLICE, REASON(HELLO_FIRST));
    /* Its frames are no sign of life of the new one. */
    world_tick(w, 29999);
    world_sent(w, 11, VERB(CREDIT));
    w->batch++;
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_sent_bye(w, POLICE, REASON(HELLO_FIRST));
    world_tick(w, 1);
    world_sent_bye(w, 11, REASON(SILENT));
    world_hung_up(w, 11);
    world_destroy(w);
}

static void what_cannot_be_decoded_ends_the_session(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_packet(w, "police", POLICE, NULL);
    world_alarmed(w, "malformed", "police");
    world_sent_bye(w, POLICE, REASON(MALFORMED));
    world_hung_up(w, POLICE);
    /* Without a session there is none to end. */
    w->batch++;
    world_packet(w, "police", POLICE, NULL);
    world_sent_bye(w, POLICE, REASON(HELLO_FIRST));
    world_destroy(w);
}

static void verbs_that_only_a_broker_says_end_the_session(void **state)
{
    (void)state;
    const Kith__Packet__VerbCase wrong[] = {KITH__PACKET__VERB__NOT_SET,
                                            VERB(WELCOME),
                                            VERB(ACCEPTED),
                                            VERB(REFUSED),
                                            VERB(LATER),
                                            VERB(STALE),
                                            VERB(DELIVER),
                                            VERB(PRESENCE)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        world_t *w = world_new();
        world_join(w, "police", POLICE);
        world_packet(w, "police", POLICE, world_verb(w, wrong[i]));
        world_alarmed(w, "malformed", "police");
        world_sent_bye(w, POLICE, REASON(MALFORMED));
        world_hung_up(w, POLICE);
        world_destroy(w);
    }
}

/* ---- keys ---- */

static void a_key_must_be_current_on_every_packet(void **state)
{
    (void)state;
    world_t *w = world_new();
    const char *key = world_agency(w, "police")->transport.keys[0].name;
    world_hello(w, "police", POLICE, (hello_with_t){.key = key});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_agency(w, "police")->transport.keys[0].state = KITH_KEY_RETIRED;
    world_hello(w, "police", POLICE, (hello_with_t){.key = key, .dial = 2});
    world_sent_bye(w, POLICE, REASON(KEY_REVOKED));
    world_hung_up(w, POLICE);
    world_settled(w);
    w->batch++;
    world_hello(w, "police", 11, (hello_with_t){.key = key, .dial = 3});
    world_sent_bye(w, 11, REASON(KEY_REVOKED));
    world_hung_up(w, 11);
    assert_int_equal(world_stats(w).sessions, 0);
    world_destroy(w);
}

static void the_beginning_of_a_key_name_is_enough(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_hello(w, "police", POLICE, (hello_with_t){.key = "0123456789abcd"});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_hello(w, "housing", HOUSING, (hello_with_t){.key = "0123456789abcd"});
    world_sent_bye(w, HOUSING, REASON(KEY_REVOKED));
    world_hung_up(w, HOUSING);
    world_destroy(w);
}

/* ---- a new partnership file ---- */

static void sessions_end_when_the_agreement_ends_them(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_agency(w, "social-care")->transport.keys[0].state = KITH_KEY_CURRENT;
    const char *key = world_agency(w, "social-care")->transport.keys[0].name;
    world_join(w, "police", POLICE);
    world_join(w, "housing", HOUSING);
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.key = key});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));

    kith_agreement_t *next = world_next_agreement(w);
    world_agency(w, "police")->left = true;
    world_agency(w, "housing")->epoch = 2;
    world_agency(w, "social-care")->transport.keys[0].state = KITH_KEY_REVOKED;
    world_agree(w, next);
    world_sent_bye(w, POLICE, REASON(REMOVED));
    world_hung_up(w, POLICE);
    world_sent_bye(w, HOUSING, REASON(WRONG_EPOCH));
    world_hung_up(w, HOUSING);
    world_sent_bye(w, SOCIAL, REASON(KEY_REVOKED));
    world_hung_up(w, SOCIAL);
    world_skip(w, VERB(PRESENCE));
    assert_int_equal(world_stats(w).sessions, 0);
    world_destroy(w);
}

static void sessions_of_unchanged_agencies_go_on(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_agree(w, world_next_agreement(w));
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

static void an_agency_that_is_gone_from_the_file_is_ended(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "social-care", SOCIAL);
    kith_agreement_t *next = world_next_agreement(w);
    next->agencies_count = 2;
    world_agree(w, next);
    world_sent_bye(w, SOCIAL, REASON(UNKNOWN_KEY));
    world_hung_up(w, SOCIAL);
    world_destroy(w);
}

static void an_agency_that_is_new_in_the_file_may_come(void **state)
{
    (void)state;
    world_t *w = world_new();
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(w, "charity")->left = false;
    world_agree(w, next);
    world_join(w, "charity", 9);
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

/* ---- time ---- */

static void silence_for_the_liveness_time_ends_the_session(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "housing", HOUSING);
    world_join(w, "police", POLICE);
    w->mono_ms += 20000;
    world_credit(w, "police", POLICE, 0, 1, 1);
    world_tick(w, 9999);
    assert_int_equal(world_skip(w, VERB(CREDIT)), 2);
    world_tick(w, 1);
    world_sent_bye(w, HOUSING, REASON(SILENT));
    world_hung_up(w, HOUSING);
    world_sent_presence(w, POLICE, "housing", false);
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

static void credit_is_the_heartbeat(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 10000);
    world_tick(w, 9999);
    world_settled(w);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 1);
    world_tick(w, 1);
    const Kith__Credit *credit = world_sent(w, POLICE, VERB(CREDIT))->credit;
    assert_int_equal(credit->n_credit, 2);
    assert_int_equal(credit->credit[1]->messages, KITH_CREDIT_NORMAL_MESSAGES);
    world_tick(w, 9999);
    world_destroy(w);
}

static void a_short_liveness_beats_faster(void **state)
{
    (void)state;
    world_t *w = world_prepared();
    w->settings.liveness_ms = 600;
    world_begin(w);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), KITH_HEARTBEAT_MS);
    world_join(w, "police", POLICE);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 200);
    world_tick(w, 200);
    world_sent(w, POLICE, VERB(CREDIT));
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms + 1000), 0);
    world_tick(w, 400);
    world_sent_bye(w, POLICE, REASON(SILENT));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

static void a_lost_route_ends_its_session_without_bye(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "housing", HOUSING);
    world_join(w, "police", POLICE);
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = POLICE;
    world_step(w, lost);
    world_hung_up(w, POLICE);
    world_sent_presence(w, HOUSING, "police", false);
    lost.lost.route = 77; /* nobody's */
    world_step(w, lost);
    world_destroy(w);
}

static void stop_says_bye_to_all(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_join(w, "housing", HOUSING);
    world_step(w, (broker_event_t){.type = BROKER_EV_STOP});
    world_sent_bye(w, POLICE, REASON(STOPPING));
    world_hung_up(w, POLICE);
    world_sent_bye(w, HOUSING, REASON(STOPPING));
    world_hung_up(w, HOUSING);
    assert_int_equal(world_stats(w).sessions, 0);
    world_destroy(w);
}

static void credit_on_a_lane_that_is_none_is_passed_over(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    world_credit(w, "police", POLICE, 7, 1, 1);
    assert_int_equal(world_stats(w).sessions, 1);
    world_destroy(w);
}

static void a_core_is_destroyed_twice_without_harm(void **state)
{
    (void)state;
    broker_core_t *none = NULL;
    broker_core_destroy(&none);
    world_destroy(world_new()); /* twice inside */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_is_welcomed_with_credit_and_presence),
        cmocka_unit_test(presence_goes_to_the_others_on_change),
        cmocka_unit_test(a_wrong_hello_is_turned_away_with_its_reason),
        cmocka_unit_test(hello_without_a_boot_number_is_malformed),
        cmocka_unit_test(who_is_no_member_is_not_heard),
        cmocka_unit_test(a_higher_dial_takes_over),
        cmocka_unit_test(a_higher_boot_takes_over_with_another_instance),
        cmocka_unit_test(boots_of_an_earlier_epoch_are_no_judge_of_a_later_one),
        cmocka_unit_test(the_same_route_may_begin_anew),
        cmocka_unit_test(a_lower_or_equal_dial_is_old),
        cmocka_unit_test(an_old_one_does_not_come_back_after_the_newer_is_gone),
        cmocka_unit_test(the_live_route_saying_an_old_hello_loses_its_session),
        cmocka_unit_test(a_clone_is_refused_and_told_of),
        cmocka_unit_test(a_clone_does_not_keep_a_dead_session_alive),
        cmocka_unit_test(frames_before_hello_are_ignored_and_answered_once_a_turn),
        cmocka_unit_test(frames_of_the_old_route_do_nothing_after_take_over),
        cmocka_unit_test(what_cannot_be_decoded_ends_the_session),
        cmocka_unit_test(verbs_that_only_a_broker_says_end_the_session),
        cmocka_unit_test(a_key_must_be_current_on_every_packet),
        cmocka_unit_test(the_beginning_of_a_key_name_is_enough),
        cmocka_unit_test(sessions_end_when_the_agreement_ends_them),
        cmocka_unit_test(sessions_of_unchanged_agencies_go_on),
        cmocka_unit_test(an_agency_that_is_gone_from_the_file_is_ended),
        cmocka_unit_test(an_agency_that_is_new_in_the_file_may_come),
        cmocka_unit_test(silence_for_the_liveness_time_ends_the_session),
        cmocka_unit_test(credit_is_the_heartbeat),
        cmocka_unit_test(a_short_liveness_beats_faster),
        cmocka_unit_test(a_lost_route_ends_its_session_without_bye),
        cmocka_unit_test(stop_says_bye_to_all),
        cmocka_unit_test(credit_on_a_lane_that_is_none_is_passed_over),
        cmocka_unit_test(a_core_is_destroyed_twice_without_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
