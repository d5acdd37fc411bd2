/* Publishing: to the first broker that is well; what a hub has is sent again only for a reason. */
#include "tests/unit/core_test.h"

#define MINUTE (60 * 1000)
#define HOUR   (60 * MINUTE)

static void accepted_is_at_the_hub(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "");
    world_settle(w);
    Kith__Store__Debt debt = debt_of(w, POLICE, said, HOUSING);
    assert_string_equal(debt.broker, "hub-a");
    assert_memory_equal(debt.broker_epoch.data, w->brokers[0].settings.store_epoch, 16);
    assert_int_equal(debt.outcome, OUTCOME(UNSPECIFIED)); /* ACCEPTED is no evidence */
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void custody_ends_with_the_receipt(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome_ms, w->now_ms);
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(DELIVERED));
    assert_int_equal(told_count(w, POLICE), 1);
    end_quiet(w);
}

static void an_accepted_one_is_not_sent_again_in_a_new_session(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(HELLO)), 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void one_without_an_answer_is_sent_again_in_a_new_session(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(world_applied(w, HOUSING, said.id), 0);
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    end_quiet(w);
}

static void a_broker_that_lost_its_store_is_sent_all_at_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t first = say(w, POLICE, NORMAL, HOUSING), second = say(w, POLICE, URGENT, HOUSING);
    world_settle(w);
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_cut(w, POLICE, 0);
    world_hub_start(w, 0);
    world_heal(w, POLICE, 0);
    world_pass(w, 150);
    assert_string_equal(w->agents[POLICE].alarm, "broker-store-new");
    assert_string_equal(debt_of(w, POLICE, first, HOUSING).broker, "hub-a");
    assert_memory_equal(debt_of(w, POLICE, second, HOUSING).broker_epoch.data,
                        w->brokers[0].settings.store_epoch, 16);
    assert_int_equal(w->brokers[0].rows_count, 2);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void what_a_lost_store_had_is_stored_here_again(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    world_pass(w, 150);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "");
    world_drop(w, POLICE, 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static const Kith__Packet *tap_accepted(const tap_t *tap, size_t agent)
{
    for (size_t i = 0; i < tap->count; i++)
        if (!tap->seen[i].to_broker && tap->seen[i].agent == agent &&
            tap->seen[i].packet->verb_case == VERB(ACCEPTED))
            return tap->seen[i].packet;
    return NULL;
}

/* Such a one comes once more when the hub has begun a new store: it is not there. */
static void what_a_lost_store_accepted_is_not_at_the_new_one(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "hub-a");
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    world_pass(w, 150);
    assert_non_null(tap_accepted(&tap, POLICE));
    inject(w, POLICE, 0, tap_accepted(&tap, POLICE));
    world_settle(w);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "");
    world_drop(w, POLICE, 0);
    world_pass(w, 150);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "hub-a");
    assert_int_equal(w->brokers[0].rows_count, 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void publishes_to_the_first_that_is_well(void **state)
{
    (void)state;
    static tap_t tap;
    agent_broker_view_t view;
    world_t *w = begun(2, 2);
    tap_on(w, &tap);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 0);
    agent_core_broker(w->agents[POLICE].core, 0, &view);
    assert_string_equal(view.state, "well");
    assert_true(view.publishing);
    agent_core_broker(w->agents[POLICE].core, 1, &view);
    assert_string_equal(view.state, "well");
    assert_false(view.publishing);
    end_quiet(w);
}

static void another_takes_over_and_the_first_comes_back(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 2);
    tap_on(w, &tap);
    world_cut(w, POLICE, 0);
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 1);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 1);
    end_quiet(w);
}

/* Half-open: the connection stands, nothing comes. */
static void a_silent_broker_is_left_after_its_liveness(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 2);
    w->agents[POLICE].links[0].held = true;
    w->brokers[0].half_open = true;
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    tap_on(w, &tap);
    world_pass(w, 29 * 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 0);
    world_pass(w, 2 * 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 1);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    w->agents[POLICE].links[0].held = false;
    world_pass(w, 1000);
    end_quiet(w);
}

/* Accepted by hub-a, which the recipient cannot reach. */
static world_t *stuck_at_the_first(said_t *ret_said, int lane, tap_t *tap)
{
    world_t *w = begun(2, 2);
    world_cut(w, HOUSING, 0);
    *ret_said = say(w, POLICE, lane, HOUSING);
    world_settle(w);
    assert_string_equal(debt_of(w, POLICE, *ret_said, HOUSING).broker, "hub-a");
    tap_on(w, tap);
    return w;
}

static void after_a_minute_urgent_goes_through_another(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said;
    world_t *w = stuck_at_the_first(&said, URGENT, &tap);
    world_pass(w, MINUTE - 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 0);
    world_pass(w, 2);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 1);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_int_equal(stats_of(w, POLICE).resent, 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000); /* the other copy is a repeat */
    assert_int_equal(stats_of(w, HOUSING).repeats, 1);
    end_quiet(w);
}

static void after_an_hour_normal_goes_through_another(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said;
    world_t *w = stuck_at_the_first(&said, NORMAL, &tap);
    world_pass(w, HOUR - 1);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), 0);
    world_pass(w, 2);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void the_pauses_double(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said;
    world_t *w = stuck_at_the_first(&said, URGENT, &tap);
    world_cut(w, HOUSING, 1);
    world_pass(w, MINUTE + 1);
    assert_int_equal(stats_of(w, POLICE).resent, 1);
    world_pass(w, 2 * MINUTE - 2);
    assert_int_equal(stats_of(w, POLICE).resent, 1);
    world_pass(w, 2);
    assert_int_equal(stats_of(w, POLICE).resent, 2);
    world_pass(w, 4 * MINUTE + 1);
    assert_int_equal(stats_of(w, POLICE).resent, 3);
    world_heal(w, HOUSING, 0);
    world_heal(w, HOUSING, 1);
    world_pass(w, 1000);
    end_quiet(w);
}

/* The hub had to drop its copy: nobody but the origin can give it another. */
static void a_lone_broker_is_asked_again_for_the_oldest(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, URGENT, HOUSING), next = say(w, POLICE, URGENT, HOUSING);
    world_settle(w);
    world_hub_stop(w, 0);
    free(w->brokers[0].rows[0].body);
    w->brokers[0].rows[0] = w->brokers[0].rows[1];
    w->brokers[0].rows_count = 1;
    world_hub_start(w, 0);
    world_pass(w, 500);
    world_heal(w, HOUSING, 0);
    world_settle(w);
    world_pass(w, MINUTE + 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_int_equal(world_applied(w, HOUSING, next.id), 1);
    end_quiet(w);
}

static void publish_names_only_those_still_owed(void **state)
{
    (void)state;
    static const char *const two[] = {"housing", "social-care"};
    static tap_t tap;
    world_t *w = begun(3, 2);
    world_cut(w, HOUSING, 0);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = two, .to_count = 2, .lane = URGENT});
    world_settle(w);
    assert_outcome(w, POLICE, said, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 1); /* housing is still owed */
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES_LEFT), 1);
    tap_on(w, &tap);
    world_pass(w, MINUTE + 1);
    const Kith__Packet *packet = tap_sent(&tap, POLICE, VERB(PUBLISH), 0);
    assert_non_null(packet);
    assert_int_equal(packet->publish->n_owed, 1);
    assert_string_equal(packet->publish->owed[0], "housing");
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES_LEFT), 0);
    end_quiet(w);
}

static void without_credit_it_waits_and_goes_on(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    w->agents[POLICE].links[0].held = true; /* CREDIT does not come */
    for (size_t i = 0; i < 70; i++)
        (void)say(w, POLICE, URGENT, HOUSING);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 64);
    w->agents[POLICE].links[0].held = false;
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 70);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

/* As by a broker that drops it while its session lives: no answer is unknown, never failed. */
static void what_was_never_answered_is_sent_again_after_the_pause(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    said_t said = say(w, POLICE, URGENT, HOUSING);
    world_pass(w, w->settings.resend_urgent_ms - 1);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    world_pass(w, 11 * 1000); /* and a heartbeat: when it is looked at */
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

/* ---- more than a turn may do ---- */

static said_t *say_many(world_t *w, size_t count)
{
    said_t *said = kith_arena_need(w->arena, count * sizeof *said);
    for (size_t i = 0; i < count; i++)
        said[i] = say(w, POLICE, NORMAL, HOUSING);
    return said;
}

/* All unanswered is sent again in the next session, a turn's share at a time. */
static void many_unanswered_go_on_in_the_next_turn(void **state)
{
    (void)state;
    enum { COUNT = 700 };
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, false, VERB(ACCEPTED), COUNT);
    (void)say_many(w, COUNT);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), COUNT);
    w->filter = NULL;
    world_drop(w, POLICE, 0);
    world_pass(w, 200);
    assert_int_equal(w->brokers[0].rows_count, COUNT); /* a repeat is no second row */
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

/* A resend through another broker goes as far as that one gives credit, and ends when it leaves. */
static void many_sent_again_wait_for_credit(void **state)
{
    (void)state;
    enum { COUNT = KITH_CREDIT_NORMAL_MESSAGES + 500 };
    static tap_t tap;
    world_t *w = begun(2, 2);
    world_cut(w, HOUSING, 0);
    world_cut(w, HOUSING, 1);
    (void)say_many(w, COUNT);
    world_settle(w);
    assert_int_equal(w->brokers[0].rows_count, COUNT);
    world_pass(w, HOUR - 1);
    tap_on(w, &tap);
    w->agents[POLICE].links[1].held = true; /* CREDIT does not come */
    world_pass(w, 11 * 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 1, VERB(PUBLISH)), KITH_CREDIT_NORMAL_MESSAGES);
    assert_int_equal(stats_of(w, POLICE).resent, KITH_CREDIT_NORMAL_MESSAGES);
    w->agents[POLICE].links[1].held = false;
    world_cut(w, POLICE, 1);
    world_pass(w, 10 * 1000);
    world_heal(w, POLICE, 1);
    world_pass(w, 1000);
    assert_int_equal(stats_of(w, POLICE).resent, KITH_CREDIT_NORMAL_MESSAGES); /* not until … */
    w->filter = NULL;
    world_heal(w, HOUSING, 0);
    world_pass(w, 10 * 1000);
    end_quiet(w);
}

/* The next pause is over before the credit is there. */
static void what_is_being_sent_again_is_not_begun_once_more(void **state)
{
    (void)state;
    enum { COUNT = KITH_CREDIT_NORMAL_MESSAGES + 500 };
    world_t *w = begun(2, 2);
    w->settings.resend_normal_ms = w->settings.resend_max_ms = 3000;
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_pass(w, 2000);
    world_cut(w, HOUSING, 0);
    world_cut(w, HOUSING, 1);
    w->agents[POLICE].links[1].held = true; /* CREDIT does not come */
    (void)say_many(w, COUNT);
    world_pass(w, 11 * 1000);
    assert_int_equal(stats_of(w, POLICE).resent, KITH_CREDIT_NORMAL_MESSAGES);
    w->agents[POLICE].links[1].held = false;
    world_heal(w, HOUSING, 0);
    world_heal(w, HOUSING, 1);
    world_pass(w, 10 * 1000);
    end_quiet(w);
}

/* What a hub has is passed over, in as many turns as it takes. */
static void a_long_way_to_the_next_is_several_turns(void **state)
{
    (void)state;
    enum { COUNT = 9000 };
    world_t *w = begun(2, 1);
    said_t first = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_outcome(w, POLICE, first, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    stream_name_t name = {.peer = "housing", .peer_epoch = 1, .lane = NORMAL};
    kith_key_t key = record_key_out_stream(&name);
    Kith__Store__OutStream *stream = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    assert_int_equal(record_get_out_stream(txn, w->arena, kith_key_bytes(&key), &stream), KITH_OK);
    stream->last = 1 + COUNT;
    assert_int_equal(record_put_out_stream(txn, w->arena, kith_key_bytes(&key), stream), KITH_OK);
    for (uint64_t n = 2; n <= 1 + COUNT; n++) {
        Kith__Store__OutSlot slot = KITH__STORE__OUT_SLOT__INIT;
        slot.broker = (char *)(uintptr_t) "hub-a";
        slot.seq = 2 * COUNT + n; /* of envelopes that are nowhere: none is looked for */
        key = record_key_out(&name, n);
        assert_int_equal(record_put_out(txn, w->arena, kith_key_bytes(&key), &slot), KITH_OK);
    }
    assert_int_equal(memtxn_commit(w->agents[POLICE].store), KITH_OK);
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_cut(w, HOUSING, 0);
    world_pass(w, 500);
    static tap_t tap;
    tap_on(w, &tap);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(tap_published(w, &tap, POLICE, 0)->slots[0]->n, COUNT + 2);
    end(w);
}

/* The hub's grants to police end at a number of messages. */
static bool few_messages(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                         kith_arena_t *arena, Kith__Packet *packet)
{
    const uint64_t *most = ctx;
    (void)w, (void)broker, (void)arena;
    if (to_broker || agent != POLICE)
        return true;
    size_t count = 0;
    Kith__LaneCredit **credit = NULL;
    if (packet->verb_case == VERB(WELCOME)) {
        count = packet->welcome->n_credit;
        credit = packet->welcome->credit;
    } else if (packet->verb_case == VERB(CREDIT)) {
        count = packet->credit->n_credit;
        credit = packet->credit->credit;
    }
    for (size_t i = 0; i < count; i++)
        if (credit[i]->messages > *most)
            credit[i]->messages = *most;
    return true;
}

/* LATER for number 2, STALE for both, and no credit for their voids: the stream does not stop. */
static void a_trial_that_is_to_be_voided_is_passed_over(void **state)
{
    (void)state;
    static tap_t tap;
    uint64_t most = 4;
    world_t *w = world_new(2, 1);
    w->settings.resend_normal_ms = w->settings.later_ms = 1000;
    w->brokers[0].settings.mailbox_messages_max = 1;
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_hub_stop(w, 0);
    world_hub_start(w, 0);
    w->filter = few_messages;
    w->filter_ctx = &most;
    world_pass(w, 500);
    world_cut(w, HOUSING, 0);
    said_t *said = say_many(w, 2);
    tap_on(w, &tap); /* the answer to number 1 is lost, and it is LATER for number 2 */
    tap_drop(&tap, POLICE, false, VERB(ACCEPTED), 1);
    world_settle(w);
    w->filter = few_messages;
    w->filter_ctx = &most;
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_pass(w, 1000); /* both go once more, and are stale */
    world_give_agent(w, POLICE, next);
    world_settle(w);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 4); /* two voids, and anew */
    assert_int_equal(agent_core_wait_ms(w->agents[POLICE].core, w->mono_ms) > 0, true);
    w->filter = NULL;
    world_give_agent(w, HOUSING, next);
    world_heal(w, HOUSING, 0);
    world_drop(w, POLICE, 0);
    world_pass(w, 60 * 1000);
    for (size_t i = 0; i < 2; i++)
        assert_outcome(w, POLICE, said[i], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_is_at_the_hub),
        cmocka_unit_test(custody_ends_with_the_receipt),
        cmocka_unit_test(an_accepted_one_is_not_sent_again_in_a_new_session),
        cmocka_unit_test(one_without_an_answer_is_sent_again_in_a_new_session),
        cmocka_unit_test(a_broker_that_lost_its_store_is_sent_all_at_once),
        cmocka_unit_test(what_a_lost_store_had_is_stored_here_again),
        cmocka_unit_test(what_a_lost_store_accepted_is_not_at_the_new_one),
        cmocka_unit_test(publishes_to_the_first_that_is_well),
        cmocka_unit_test(another_takes_over_and_the_first_comes_back),
        cmocka_unit_test(a_silent_broker_is_left_after_its_liveness),
        cmocka_unit_test(after_a_minute_urgent_goes_through_another),
        cmocka_unit_test(after_an_hour_normal_goes_through_another),
        cmocka_unit_test(the_pauses_double),
        cmocka_unit_test(a_lone_broker_is_asked_again_for_the_oldest),
        cmocka_unit_test(publish_names_only_those_still_owed),
        cmocka_unit_test(without_credit_it_waits_and_goes_on),
        cmocka_unit_test(what_was_never_answered_is_sent_again_after_the_pause),
        cmocka_unit_test(many_unanswered_go_on_in_the_next_turn),
        cmocka_unit_test(many_sent_again_wait_for_credit),
        cmocka_unit_test(what_is_being_sent_again_is_not_begun_once_more),
        cmocka_unit_test(a_long_way_to_the_next_is_several_turns),
        cmocka_unit_test(a_trial_that_is_to_be_voided_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
