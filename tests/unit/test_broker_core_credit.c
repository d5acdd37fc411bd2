/* The credit of publishers: counted, ended when exceeded, narrowed when the broker itself is slow.
 */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* What has been used when more is granted. */
#define HALF (KITH_CREDIT_NORMAL_MESSAGES / 2)

static world_t *joined(void)
{
    world_t *w = world_new();
    world_join(w, "police", POLICE);
    return w;
}

/* ---- credit of publishers ---- */

static void credit_exceeded_ends_the_session(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= KITH_CREDIT_URGENT_MESSAGES; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 65});
    world_alarmed(w, "credit-exceeded", "police");
    world_sent_bye(w, POLICE, REASON(CREDIT_EXCEEDED));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

static void credit_is_counted_in_envelope_bytes(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= 4; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq, .size = 256 * 1024});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 5, .size = 1});
    world_alarmed(w, "credit-exceeded", "police");
    world_sent_bye(w, POLICE, REASON(CREDIT_EXCEEDED));
    world_hung_up(w, POLICE);
    world_destroy(w);
}

static void credit_is_granted_anew_when_half_is_used_and_answered(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= 31; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_tick(w, 0);
    world_settled(w);
    world_publish(w, "police", POLICE, (publish_with_t){.seq = 32});
    world_put(w, MAILBOX_ENVELOPE);
    world_tick(w, 0);
    world_settled(w); /* not answered yet */
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), 32);
    world_tick(w, 0);
    const Kith__Credit *credit = world_sent(w, POLICE, VERB(CREDIT))->credit;
    assert_int_equal(credit->credit[0]->messages, 32 + 64);
    assert_int_equal(credit->credit[0]->bytes, 32 * 1000 + KITH_CREDIT_URGENT_BYTES);
    assert_int_equal(credit->credit[1]->messages, 2 * HALF);
    world_destroy(w);
}

static void what_is_refused_or_later_gives_its_credit_back_at_once(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= 16; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq, .to = {"nobody"}});
        world_refused(w, POLICE, "nobody", REASON(UNKNOWN_RECIPIENT), "");
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq, .version = 2});
        world_sent(w, POLICE, VERB(STALE));
    }
    world_tick(w, 0);
    assert_int_equal(world_sent(w, POLICE, VERB(CREDIT))->credit->credit[0]->messages, 96);
    world_destroy(w);
}

static void half_of_the_bytes_used_draws_credit(void **state)
{
    (void)state;
    world_t *w = joined();
    for (uint64_t seq = 1; seq <= 2; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq, .size = 256 * 1024});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), 2);
    world_tick(w, 0);
    const Kith__Credit *credit = world_sent(w, POLICE, VERB(CREDIT))->credit;
    assert_int_equal(credit->credit[0]->bytes, 512 * 1024 + KITH_CREDIT_URGENT_BYTES);
    world_destroy(w);
}

/* ---- the broker itself is the bottleneck ---- */

/* Answers the FETCH with nothing, so that the next TICK plans anew. */
static void nothing_fetched(world_t *w, const char *agency, int lane)
{
    world_fetch(w, agency, lane);
    world_fetched(w, agency, (fetched_with_t){.lane = lane});
}

static void normal_credit_stops_while_the_broker_is_behind(void **state)
{
    (void)state;
    world_t *w = joined();
    world_join(w, "housing", HOUSING);
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "housing", KITH_LANE_NORMAL, 8193, 8193, 0);
    for (uint64_t seq = 1; seq <= HALF; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), HALF);
    world_tick(w, 0);
    nothing_fetched(w, "housing", KITH_LANE_NORMAL);
    world_settled(w);
    /* The heartbeat goes, without more. Urgent is granted all the same. */
    world_tick(w, 10000);
    assert_int_equal(world_sent(w, POLICE, VERB(CREDIT))->credit->credit[1]->messages, 2 * HALF);
    world_sent(w, HOUSING, VERB(CREDIT));
    for (uint64_t seq = 1; seq <= 32; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), 32);
    world_backlog(w, "housing", KITH_LANE_NORMAL, 4096, 4096, 0); /* not below half yet */
    world_tick(w, 0);
    nothing_fetched(w, "housing", KITH_LANE_NORMAL);
    const Kith__Credit *credit = world_sent(w, POLICE, VERB(CREDIT))->credit;
    assert_int_equal(credit->credit[0]->messages, 96);
    assert_int_equal(credit->credit[1]->messages, 2 * HALF);
    world_backlog(w, "housing", KITH_LANE_NORMAL, 4095, 4095, 0);
    world_tick(w, 0);
    nothing_fetched(w, "housing", KITH_LANE_NORMAL);
    assert_int_equal(world_sent(w, POLICE, VERB(CREDIT))->credit->credit[1]->messages, 3 * HALF);
    world_destroy(w);
}

static void a_recipient_that_is_away_or_without_credit_narrows_nobody(void **state)
{
    (void)state;
    world_t *w = joined();
    world_hello(w, "housing", HOUSING, (hello_with_t){0}); /* no credit */
    world_sent(w, HOUSING, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
    world_backlog(w, "housing", KITH_LANE_NORMAL, 50000, 50000, 0);
    world_backlog(w, "social-care", KITH_LANE_NORMAL, 50000, 50000, 0);
    for (uint64_t seq = 1; seq <= HALF; seq++) {
        world_publish(w, "police", POLICE, (publish_with_t){.lane = KITH_LANE_NORMAL, .seq = seq});
        world_put(w, MAILBOX_ENVELOPE);
    }
    world_commit(w);
    assert_int_equal(world_skip(w, VERB(ACCEPTED)), HALF);
    world_tick(w, 0);
    assert_int_equal(world_sent(w, POLICE, VERB(CREDIT))->credit->credit[1]->messages, 3 * HALF);
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credit_exceeded_ends_the_session),
        cmocka_unit_test(credit_is_counted_in_envelope_bytes),
        cmocka_unit_test(credit_is_granted_anew_when_half_is_used_and_answered),
        cmocka_unit_test(what_is_refused_or_later_gives_its_credit_back_at_once),
        cmocka_unit_test(half_of_the_bytes_used_draws_credit),
        cmocka_unit_test(normal_credit_stops_while_the_broker_is_behind),
        cmocka_unit_test(a_recipient_that_is_away_or_without_credit_narrows_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
