/* What waits is judged again when the partnership file has changed; what waits for nobody is freed.
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

/* ---- judged again ---- */

/* The agreement has moved on; one urgent envelope of police for social care is fetched. */
static world_t *judged(fetched_with_t with)
{
    world_t *w = joined();
    kith_agreement_t *next = world_next_agreement(w);
    world_agree(w, next);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    with.count = 1;
    with.tokens[0] = 7;
    with.again = true;
    world_fetched(w, "social-care", with);
    return w;
}

static void what_is_still_allowed_is_delivered(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.header = {.version = 3}});
    world_delivered(w, SOCIAL, 7);
    world_destroy(w);
}

static void what_is_no_longer_allowed_is_refused_into_the_origins_mailbox(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.header = {.clause = "4.9"}});
    world_refused(w, 0, "social-care", REASON(UNKNOWN_CLAUSE), "4.2");
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", 7);
    world_destroy(w);
    w = judged((fetched_with_t){.verdict = REASON(KEY_REVOKED)});
    world_refused(w, 0, "social-care", REASON(KEY_REVOKED), "");
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", 7);
    world_destroy(w);
    w = judged((fetched_with_t){.header = {.to = {"housing"}}}); /* never meant for it */
    world_refused(w, 0, "social-care", REASON(MALFORMED), "");
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", 7);
    world_destroy(w);
}

static void a_void_is_delivered_whatever_the_clause(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.header = {.void_ = true}});
    world_delivered(w, SOCIAL, 7);
    world_destroy(w);
}

static void what_an_agency_sent_before_it_left_is_delivered(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.origin = "charity"});
    world_delivered(w, SOCIAL, 7);
    world_destroy(w);
}

static void a_refusal_for_who_is_gone_only_frees(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.origin = "charity", .verdict = REASON(KEY_REVOKED)});
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", 7);
    world_destroy(w);
}

static void a_stream_of_an_older_epoch_is_freed_without_an_outcome(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.header = {.slot_epoch = 9}});
    world_done(w, "social-care", 7);
    world_destroy(w);
}

static void a_stored_envelope_that_cannot_be_read_is_freed_and_told_of(void **state)
{
    (void)state;
    world_t *w = judged((fetched_with_t){.headerless = true, .verdict = REASON(MALFORMED)});
    world_alarmed(w, "stored-envelope-unreadable", "social-care");
    world_done(w, "social-care", 7);
    world_destroy(w);
}

/* Of what stands there now the first is refused: its origin's mailbox has room for one word. */
static void refused_at_last(world_t *w, size_t count, uint64_t token)
{
    world_fetched(w, "social-care",
                  (fetched_with_t){.count = count,
                                   .tokens = {token, token + 1},
                                   .again = true,
                                   .verdict = REASON(KEY_REVOKED)});
    world_refused(w, 0, "social-care", REASON(KEY_REVOKED), "");
    world_alarmed(w, "refused-at-delivery", "social-care");
    world_done(w, "social-care", token);
}

/* As many copies for social care, from token 7 on, that police may not send any more; the one
 * place that the mailbox of police has for such a word is taken. */
static world_t *left_for_police(size_t count)
{
    world_t *w = world_prepared();
    w->settings.mailbox_messages_max = 1;
    world_begin(w);
    world_join(w, "social-care", SOCIAL);
    world_agree(w, world_next_agreement(w));
    world_backlog(w, "police", URGENT, 0, 0, 1);
    world_backlog(w, "social-care", URGENT, count, 1000 * count, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(
        w, "social-care",
        (fetched_with_t){
            .count = count, .tokens = {7, 8}, .again = true, .verdict = REASON(KEY_REVOKED)});
    world_settled(w);
    assert_int_not_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_tick(w, 0);
    world_settled(w);
    return w;
}

static void a_refusal_that_finds_no_room_leaves_the_copy(void **state)
{
    (void)state;
    world_t *w = joined();
    world_agree(w, world_next_agreement(w));
    world_disk(w, false, false);
    world_backlog(w, "social-care", URGENT, 1, 1000, 0);
    world_tick(w, 0);
    world_fetch(w, "social-care", URGENT);
    world_fetched(
        w, "social-care",
        (fetched_with_t){.count = 1, .tokens = {7}, .again = true, .verdict = REASON(KEY_REVOKED)});
    world_settled(w);
    world_tick(w, 0);
    world_settled(w);
    world_disk(w, false, true);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 6);
    refused_at_last(w, 1, 7);
    world_destroy(w);
}

/* In the same session: the copy holds a place, and a full mailbox takes nothing else in. */
static void what_was_left_is_refused_once_its_origins_mailbox_has_room(void **state)
{
    (void)state;
    world_t *w = left_for_police(2);
    for (uint64_t token = 7; token <= 8; token++) {
        world_backlog(w, "police", URGENT, 0, 0, 0);
        assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
        world_tick(w, 0);
        assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, token - 1);
        refused_at_last(w, 9 - token, token);
        world_settled(w);
        world_backlog(w, "police", URGENT, 0, 0, 1);
    }
    world_backlog(w, "social-care", URGENT, 0, 0, 0);
    world_backlog(w, "police", URGENT, 0, 0, 0);
    world_tick(w, 0);
    world_settled(w);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_destroy(w);
}

/* Tokens are handed out rising, and nothing twice in a session. */
static void what_was_left_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    world_t *w = left_for_police(1);
    world_backlog(w, "social-care", URGENT, 2, 2000, 0);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 7);
    world_backlog(w, "police", URGENT, 0, 0, 0);
    world_tick(w, 0); /* what was asked for comes first */
    world_settled(w);
    world_fetched(w, "social-care", (fetched_with_t){.count = 1, .tokens = {9}});
    world_delivered(w, SOCIAL, 9);
    world_tick(w, 0);
    world_settled(w);
    world_taken(w, "social-care", SOCIAL, 9, 0);
    world_done(w, "social-care", 9);
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 6);
    refused_at_last(w, 1, 7);
    world_destroy(w);
}

static void a_new_session_looks_at_what_was_left_from_the_start(void **state)
{
    (void)state;
    world_t *w = left_for_police(1);
    broker_event_t lost = {.type = BROKER_EV_LOST};
    lost.lost.route = SOCIAL;
    world_step(w, lost);
    world_hung_up(w, SOCIAL);
    world_backlog(w, "police", URGENT, 0, 0, 0);
    world_tick(w, 0); /* nobody is there to be served */
    world_settled(w);
    world_hello(w, "social-care", SOCIAL, (hello_with_t){.dial = 2, .messages = 9, .bytes = 9000});
    world_sent(w, SOCIAL, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "social-care", URGENT)->fetch.after_token, 0);
    refused_at_last(w, 1, 7);
    world_destroy(w);
}

/* ---- who left ---- */

static void what_waits_for_who_left_is_refused_and_freed(void **state)
{
    (void)state;
    world_t *w = joined();
    world_join(w, "police", POLICE);
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "housing", NORMAL, 2, 2000, 1);
    world_tick(w, 0);
    world_settled(w);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(w, "housing")->left = true;
    world_agree(w, next);
    assert_int_equal(broker_core_wait_ms(w->core, w->mono_ms), 0);
    world_tick(w, 0);
    world_fetch(w, "housing", NORMAL);
    world_fetched(w, "housing",
                  (fetched_with_t){.lane = NORMAL,
                                   .count = 2,
                                   .tokens = {4, 5},
                                   .again = true,
                                   .more = true,
                                   .header = {.to = {"housing"}}});
    for (uint64_t token = 4; token <= 5; token++) {
        world_refused(w, 0, "housing", REASON(REMOVED), "");
        world_alarmed(w, "refused-at-delivery", "housing");
        world_done(w, "housing", token);
    }
    world_tick(w, 0);
    assert_int_equal(world_fetch(w, "housing", NORMAL)->fetch.after_token, 5);
    world_fetched(
        w, "housing",
        (fetched_with_t){.lane = NORMAL, .count = 1, .tokens = {6}, .kind = MAILBOX_RECEIPT});
    world_done(w, "housing", 6);
    world_backlog(w, "housing", NORMAL, 0, 0, 0);
    world_tick(w, 0);
    assert_int_equal(world_stats(w).in_flight_bytes, 0);
    world_destroy(w);
}

static void a_mailbox_of_nobody_in_the_file_is_emptied_too(void **state)
{
    (void)state;
    world_t *w = world_new();
    world_backlog(w, "departed", URGENT, 1, 1000, 0); /* found in the store at start */
    world_tick(w, 0);
    world_fetch(w, "departed", URGENT);
    world_fetched(
        w, "departed",
        (fetched_with_t){.count = 1, .tokens = {3}, .again = true, .header = {.to = {"departed"}}});
    world_refused(w, 0, "departed", REASON(UNKNOWN_RECIPIENT), "");
    world_alarmed(w, "refused-at-delivery", "departed");
    world_done(w, "departed", 3);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_still_allowed_is_delivered),
        cmocka_unit_test(what_is_no_longer_allowed_is_refused_into_the_origins_mailbox),
        cmocka_unit_test(a_void_is_delivered_whatever_the_clause),
        cmocka_unit_test(what_an_agency_sent_before_it_left_is_delivered),
        cmocka_unit_test(a_refusal_for_who_is_gone_only_frees),
        cmocka_unit_test(a_stream_of_an_older_epoch_is_freed_without_an_outcome),
        cmocka_unit_test(a_stored_envelope_that_cannot_be_read_is_freed_and_told_of),
        cmocka_unit_test(a_refusal_that_finds_no_room_leaves_the_copy),
        cmocka_unit_test(what_was_left_is_refused_once_its_origins_mailbox_has_room),
        cmocka_unit_test(what_was_left_waits_for_what_is_in_flight),
        cmocka_unit_test(a_new_session_looks_at_what_was_left_from_the_start),
        cmocka_unit_test(what_waits_for_who_left_is_refused_and_freed),
        cmocka_unit_test(a_mailbox_of_nobody_in_the_file_is_emptied_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
