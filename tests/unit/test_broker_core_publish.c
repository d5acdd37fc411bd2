/* PUBLISH at the broker: one verdict per (envelope, recipient), none before it is true. */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static world_t *joined(void)
{
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    return w;
}

/* A core whose mailboxes hold little. */
static world_t *small(uint64_t messages, uint64_t bytes)
{
    world_t *w = world_prepared();
    w->settings.mailbox_messages_max = messages;
    w->settings.mailbox_bytes_max = bytes;
    world_begin(w);
    world_join(w, "police", POLICE);
    return w;
}

/* ---- accepted ---- */

static void accepted_is_said_only_after_the_commit(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE,
                  (publish_with_t){.seq = 7, .to = {"housing", "social-care"}});
    const broker_effect_t *put = world_put(w, MAILBOX_ENVELOPE);
    assert_int_equal(put->put.recipients_count, 2);
    assert_string_equal(put->put.recipients[0], "housing");
    assert_string_equal(put->put.recipients[1], "social-care");
    assert_int_equal(put->put.body.size, 1000);
    assert_int_equal(put->put.lane, KITH_LANE_URGENT);
    assert_int_equal(put->put.digest.bytes[0], 7);
    world_settled(w);
    world_tick(w, 0);
    world_settled(w); /* no word before the disk has it */
    world_commit(w);
    world_sent_accepted(w, POLICE, 7, 2);
    assert_int_equal(world_stats(w).accepted, 1);
    world_destroy(w);
}

static void a_commit_speaks_only_of_its_batches(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 1});
    w->batch = 2; /* a backend that completes later */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2});
    w->batch = 3;
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    for (int i = 0; i < 3; i++)
        world_put(w, MAILBOX_ENVELOPE);
    w->batch = 2; /* world_commit reports it */
    world_commit(w);
    world_sent_accepted(w, POLICE, 1, 1);
    world_sent_accepted(w, POLICE, 2, 1);
    world_settled(w);
    world_commit(w);
    world_sent_accepted(w, POLICE, 3, 1);
    world_destroy(w);
}

static void accepted_is_not_said_to_a_later_session(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_put(w, MAILBOX_ENVELOPE);
    world_hello(w, "police", POLICE, (hello_with_t){.dial = 2});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_commit(w);
    world_settled(w);
    /* The new session's credit is whole. */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2});
    world_put(w, MAILBOX_ENVELOPE);
    world_commit(w);
    world_sent_accepted(w, POLICE, 2, 1);
    world_destroy(w);
}

static void accepted_for_a_session_that_is_gone_is_dropped(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_put(w, MAILBOX_ENVELOPE);
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = POLICE;
    world_step(w, lost);
    world_hung_up(w, POLICE);
    world_commit(w);
    world_destroy(w);
}

static void only_the_owed_are_put(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(
        w, "police", POLICE,
        (publish_with_t){.to = {"housing", "social-care"}, .owed = {"social-care", "social-care"}});
    const broker_effect_t *put = world_put(w, MAILBOX_ENVELOPE);
    assert_int_equal(put->put.recipients_count, 1);
    assert_string_equal(put->put.recipients[0], "social-care");
    world_destroy(w);
}

static void a_thousand_promises_are_kept_in_order(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_commit(w);
    for (uint64_t seq = 1; seq <= 1000; seq++)
        world_sent_accepted(w, POLICE, seq, 1);
    world_destroy(w);
}

/* Batches that complete late, kept while others come: the list moves and loses none. */
static void promises_of_many_batches_are_kept_in_order(void **state)
{
    (void)state;
    world_t *w = joined();
    uint64_t seq = 0, said = 0;
    for (uint64_t batch = 1; batch <= 40; batch++) {
        w->batch = batch + 1; /* open, while the one before is reported */
        for (int i = 0; i < 5; i++) {
            world_publish(w, "police", POLICE,
                          (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = ++seq});
            world_put(w, MAILBOX_ENVELOPE);
        }
        w->batch = batch;
        world_commit(w);
        for (; said < seq - 5; said++)
            world_sent_accepted(w, POLICE, said + 1, 1);
        world_settled(w);
    }
    world_destroy(w);
}

/* ---- refused ---- */

static void an_owed_name_without_a_slot_is_refused_the_others_go_on(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.owed = {"housing", "social-care"}});
    world_refused(w, POLICE, "housing", REASON(MALFORMED), "");
    world_put(w, MAILBOX_ENVELOPE);
    world_settled(w);
    world_publish(w, "police", POLICE, (publish_with_t){.owed = {"housing"}});
    world_refused(w, POLICE, "housing", REASON(MALFORMED), "");
    world_destroy(w);
}

static void what_keys_found_is_refused_for_each_owed(void **state)
{
    (void)state;
    const Kith__Reason found[] = {REASON(BAD_SIGNATURE), REASON(UNKNOWN_KEY), REASON(KEY_REVOKED),
                                  REASON(MALFORMED)};
    for (size_t i = 0; i < 4; i++) {
        world_t *w = joined();
        world_publish(w, "police", POLICE,
                      (publish_with_t){.to = {"housing", "social-care"}, .verdict = found[i]});
        world_alarmed(w, "envelope-refused", "police");
        world_refused(w, POLICE, "housing", found[i], "");
        world_refused(w, POLICE, "social-care", found[i], "");
        assert_int_equal(world_stats(w).refused, 2);
        world_destroy(w);
    }
}

static void what_policy_says_of_the_whole_is_refused_for_each(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.origin = "housing"});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(NOT_YOUR_NAME), "");
    world_publish(w, "police", POLICE, (publish_with_t){.partnership = "othertown"});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(WRONG_PARTNERSHIP), "");
    world_publish(w, "police", POLICE, (publish_with_t){.epoch = 2});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(WRONG_EPOCH), "");
    world_publish(w, "police", POLICE, (publish_with_t){.exercise = true});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(EXERCISE_MIXED), "");
    world_destroy(w);
}

static void one_recipient_refused_leaves_the_other_accepted(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE,
                  (publish_with_t){.seq = 3, .to = {"charity", "nobody", "housing"}});
    world_refused(w, POLICE, "charity", REASON(REMOVED), "");
    world_refused(w, POLICE, "nobody", REASON(UNKNOWN_RECIPIENT), "");
    const broker_effect_t *put = world_put(w, MAILBOX_ENVELOPE);
    assert_int_equal(put->put.recipients_count, 1);
    world_commit(w);
    world_sent_accepted(w, POLICE, 3, 1);
    world_destroy(w);
}

static void the_clause_is_judged_per_recipient(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_join(w, "housing", HOUSING);
    world_publish(w, "housing", HOUSING, (publish_with_t){.topic_class = "event", .clause = "4.1"});
    world_refused(w, HOUSING, "social-care", REASON(TOPIC_NOT_ALLOWED), "");
    world_publish(w, "housing", HOUSING, (publish_with_t){.clause = "4.9"});
    world_refused(w, HOUSING, "social-care", REASON(UNKNOWN_CLAUSE), "4.2");
    world_destroy(w);
}

static void a_void_needs_no_clause_and_no_version(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.void_ = true, .version = 1});
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE,
                  (publish_with_t){.void_ = true, .verdict = REASON(BAD_SIGNATURE)});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(BAD_SIGNATURE), "");
    world_destroy(w);
}

/* ---- versions ---- */

static void an_older_version_is_stale_in_one_word(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE,
                  (publish_with_t){.version = 2, .seq = 5, .to = {"housing", "social-care"}});
    const Kith__Stale *stale = world_sent(w, POLICE, VERB(STALE))->stale;
    assert_int_equal(stale->partnership_version, 3);
    assert_int_equal(stale->id->seq, 5);
    assert_int_equal(stale->n_recipients, 2);
    assert_string_equal(stale->recipients[1], "social-care");
    world_destroy(w);
}

static void a_newer_version_is_later_and_never_refused(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE,
                  (publish_with_t){.version = 4, .to = {"housing", "newcomer"}});
    world_sent_later(w, POLICE, 1, "housing", REASON(BROKER_BEHIND));
    world_sent_later(w, POLICE, 1, "newcomer", REASON(BROKER_BEHIND));
    /* And holds the stream. */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2, .to = {"housing"}});
    world_sent_later(w, POLICE, 2, "housing", REASON(HELD));
    world_destroy(w);
}

static void a_key_of_a_newer_version_is_later_too(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE,
                  (publish_with_t){.version = 4, .verdict = REASON(UNKNOWN_KEY)});
    world_sent_later(w, POLICE, 1, "social-care", REASON(BROKER_BEHIND));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2, .verdict = REASON(UNKNOWN_KEY)});
    world_alarmed(w, "envelope-refused", "police");
    world_refused(w, POLICE, "social-care", REASON(UNKNOWN_KEY), "");
    world_destroy(w);
}

/* ---- room ---- */

static void the_quota_counts_messages_of_both_lanes_stored_and_pending(void **state)
{
    (void)state;
    world_t *w = small(4, 1 << 20);
    world_backlog(w, "social-care", KITH_LANE_NORMAL, 1, 100, 0);
    world_backlog(w, "social-care", KITH_LANE_URGENT, 1, 100, 0);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 1});
    world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = 2});
    world_put(w, MAILBOX_ENVELOPE);
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_sent_later(w, POLICE, 3, "social-care", REASON(MAILBOX_FULL));
    /* Another one's mailbox has room. */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 4, .to = {"housing"}});
    world_put(w, MAILBOX_ENVELOPE);
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), 3);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_sent_later(w, POLICE, 3, "social-care", REASON(MAILBOX_FULL));
    world_backlog(w, "social-care", KITH_LANE_NORMAL, 1, 100, 0); /* one was taken */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void the_quota_counts_bytes(void **state)
{
    (void)state;
    world_t *w = small(100, 2500);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 1});
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2, .size = 1501});
    world_sent_later(w, POLICE, 2, "social-care", REASON(MAILBOX_FULL));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2, .size = 1500});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void receipts_and_refusals_do_not_fill_the_quota(void **state)
{
    (void)state;
    world_t *w = small(1, 1 << 20);
    world_backlog(w, "social-care", KITH_LANE_URGENT, 0, 0, 5000);
    world_publish(w, "police", POLICE, (publish_with_t){0});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void a_full_disk_stops_normal_first(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, true);
    world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = 1});
    world_sent_later(w, POLICE, 1, "social-care", REASON(DISK_FULL));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2});
    world_put(w, MAILBOX_ENVELOPE);
    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_sent_later(w, POLICE, 3, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = 1});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

/* ---- held streams ---- */

static void what_lies_above_a_held_number_waits_for_it(void **state)
{
    (void)state;
    world_t *w = small(1, 1 << 20);
    world_backlog(w, "social-care", KITH_LANE_URGENT, 1, 10, 0);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_sent_later(w, POLICE, 5, "social-care", REASON(MAILBOX_FULL));
    world_backlog(w, "social-care", KITH_LANE_URGENT, 0, 0, 0);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_sent_later(w, POLICE, 6, "social-care", REASON(HELD));
    world_settled(w);
    /* Other streams of the same origin go on: another lane, another recipient. */
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 9, .to = {"housing"}});
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_put(w, MAILBOX_ENVELOPE);
    world_commit(w);
    world_sent_accepted(w, POLICE, 9, 1);
    world_sent_accepted(w, POLICE, 5, 1);
    world_backlog(w, "social-care", KITH_LANE_URGENT, 0, 0, 0);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void a_hold_is_of_one_lane(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, true);
    world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .n = 1});
    world_sent_later(w, POLICE, 1, "social-care", REASON(DISK_FULL));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2, .n = 2});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void the_lowest_held_number_counts(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_sent_later(w, POLICE, 5, "social-care", REASON(DISK_FULL));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_sent_later(w, POLICE, 3, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 4});
    world_sent_later(w, POLICE, 4, "social-care", REASON(HELD));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 2}); /* below: not held */
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 4});
    world_sent_later(w, POLICE, 4, "social-care", REASON(HELD));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 3});
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 4});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void a_void_of_the_held_number_ends_the_hold(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_sent_later(w, POLICE, 5, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 8, .n = 5, .void_ = true});
    world_put(w, MAILBOX_ENVELOPE);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void a_hold_does_not_outlive_the_liveness_time(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_sent_later(w, POLICE, 5, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    w->mono_ms += 29999;
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_sent_later(w, POLICE, 6, "social-care", REASON(HELD));
    w->mono_ms += 1;
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

static void holds_end_with_the_session_and_with_the_agreement(void **state)
{
    (void)state;
    world_t *w = joined();
    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5});
    world_sent_later(w, POLICE, 5, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    world_hello(w, "police", POLICE, (hello_with_t){.dial = 2});
    world_sent(w, POLICE, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 6});
    world_put(w, MAILBOX_ENVELOPE);

    world_disk(w, false, false);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 7});
    world_sent_later(w, POLICE, 7, "social-care", REASON(DISK_FULL));
    world_disk(w, true, true);
    world_agree(w, world_next_agreement(w));
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 8});
    world_put(w, MAILBOX_ENVELOPE);
    world_destroy(w);
}

/* ---- malformed ---- */

static void expect_malformed(world_t *w)
{
    world_alarmed(w, "malformed-publish", "police");
    world_sent_bye(w, POLICE, REASON(MALFORMED));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

static void what_cannot_be_answered_by_name_ends_the_session(void **state)
{
    (void)state;
    world_t *w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.unreadable = true});
    expect_malformed(w);
    w = joined();
    world_publish(w, "police", POLICE, (publish_with_t){.owed = {"Not A Name"}});
    expect_malformed(w);
}

static void nobody_owed_is_malformed(void **state)
{
    (void)state;
    world_t *w = joined();
    Kith__Packet *packet = world_verb(w, VERB(PUBLISH));
    packet->publish = kith_arena_need(w->arena, sizeof *packet->publish);
    kith__publish__init(packet->publish);
    Kith__Header header = KITH__HEADER__INIT;
    broker_event_t event = {.type = BROKER_EV_PACKET};
    event.packet.agency = "police";
    event.packet.route = POLICE;
    event.packet.packet = packet;
    event.packet.header = &header;
    world_step(w, event);
    expect_malformed(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_is_said_only_after_the_commit),
        cmocka_unit_test(a_commit_speaks_only_of_its_batches),
        cmocka_unit_test(accepted_is_not_said_to_a_later_session),
        cmocka_unit_test(accepted_for_a_session_that_is_gone_is_dropped),
        cmocka_unit_test(only_the_owed_are_put),
        cmocka_unit_test(a_thousand_promises_are_kept_in_order),
        cmocka_unit_test(promises_of_many_batches_are_kept_in_order),
        cmocka_unit_test(an_owed_name_without_a_slot_is_refused_the_others_go_on),
        cmocka_unit_test(what_keys_found_is_refused_for_each_owed),
        cmocka_unit_test(what_policy_says_of_the_whole_is_refused_for_each),
        cmocka_unit_test(one_recipient_refused_leaves_the_other_accepted),
        cmocka_unit_test(the_clause_is_judged_per_recipient),
        cmocka_unit_test(a_void_needs_no_clause_and_no_version),
        cmocka_unit_test(an_older_version_is_stale_in_one_word),
        cmocka_unit_test(a_newer_version_is_later_and_never_refused),
        cmocka_unit_test(a_key_of_a_newer_version_is_later_too),
        cmocka_unit_test(the_quota_counts_messages_of_both_lanes_stored_and_pending),
        cmocka_unit_test(the_quota_counts_bytes),
        cmocka_unit_test(receipts_and_refusals_do_not_fill_the_quota),
        cmocka_unit_test(a_full_disk_stops_normal_first),
        cmocka_unit_test(what_lies_above_a_held_number_waits_for_it),
        cmocka_unit_test(a_hold_is_of_one_lane),
        cmocka_unit_test(the_lowest_held_number_counts),
        cmocka_unit_test(a_void_of_the_held_number_ends_the_hold),
        cmocka_unit_test(a_hold_does_not_outlive_the_liveness_time),
        cmocka_unit_test(holds_end_with_the_session_and_with_the_agreement),
        cmocka_unit_test(what_cannot_be_answered_by_name_ends_the_session),
        cmocka_unit_test(nobody_owed_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
