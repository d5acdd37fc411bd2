/* Epochs and leaving: a partnership file that changed. */
#include "tests/unit/core_test.h"

/* Housing's disk is lost; a person raises its epoch, and all get the file. */
static void lose_housing(world_t *w)
{
    kith_agreement_t *next = world_next_agreement(w);
    uint32_t epoch = ++world_agency(next, "housing")->epoch;
    if (w->agents[HOUSING].core)
        world_agent_stop(w, HOUSING);
    world_agent_lose_store(w, HOUSING, epoch);
    world_give_all(w, next);
    world_agent_start(w, HOUSING);
}

static void a_recipient_that_lost_its_store_is_refilled(void **state)
{
    (void)state;
    said_t delivered[3], waiting[3];
    world_t *w = begun(2, 1);
    for (size_t i = 0; i < 3; i++)
        delivered[i] = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_cut(w, HOUSING, 0);
    for (size_t i = 0; i < 3; i++)
        waiting[i] = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    lose_housing(w);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    /* first all without a receipt, in order; then, marked, what it had been delivered */
    for (uint64_t i = 0; i < 6; i++) {
        world_shown_t shown;
        assert_true(world_shown(w, HOUSING, i, &shown));
        assert_int_equal(shown.again, i >= 3);
        if (i < 3)
            assert_memory_equal(shown.id, waiting[i].id, sizeof shown.id);
        else
            assert_int_equal(world_applied(w, HOUSING, delivered[i - 3].id), 1);
    }
    assert_int_equal(debt_of(w, POLICE, waiting[0], HOUSING).n, 1); /* numbers from 1 */
    assert_int_equal(debt_of(w, POLICE, waiting[0], HOUSING).recipient_epoch, 2);
    end_quiet(w);
}

static void what_is_sent_again_stays_so_when_the_file_changes_under_way(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_cut(w, HOUSING, 0);
    world_cut(w, POLICE, 0);
    world_settle(w);
    lose_housing(w);
    world_heal(w, POLICE, 0);
    static tap_t tap;
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1);
    world_pass(w, 500); /* sealed for its new epoch, lost on its way … */
    world_give_all(w, world_next_agreement(w));
    world_drop(w, POLICE, 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000); /* … and stale when it comes */
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    world_shown_t shown;
    assert_true(world_shown(w, HOUSING, 0, &shown));
    assert_true(shown.again);
    end_quiet(w);
}

static void refused_and_quarantined_ones_are_not_sent_again(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    world_t *w = begun(2, 1);
    said_t said = say_what(
        w, POLICE,
        (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
    world_settle(w);
    lose_housing(w);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(QUARANTINED), REASON(APPLY_FAILED));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 0);
    end_quiet(w);
}

/* It had it once, and that stands. */
static void what_is_sent_again_and_quarantined_keeps_its_outcome(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    w->agents[HOUSING].apply_fails = true;
    lose_housing(w);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 1);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

/* Said to a person, its void on its way: nothing can deliver it in the stream that has ended. */
static void what_a_broker_refused_stays_refused(void **state)
{
    (void)state;
    static const char *only[] = {"social-care"};
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_agent_stop(w, HOUSING);
    kith_agreement_t *strict = world_next_agreement(w);
    strict->clauses[0].to = only;
    world_give_all(w, strict);
    world_agent_start(w, HOUSING);
    world_heal(w, HOUSING, 0);
    static tap_t tap;
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1); /* the void */
    world_pass(w, 500);
    assert_true(debt_of(w, POLICE, said, HOUSING).refused);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = next->clauses[0].from; /* "*": it would be allowed again */
    w->agreement = next;
    lose_housing(w);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    end_quiet(w);
}

static void copies_for_the_old_epoch_are_no_message(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    lose_housing(w);
    world_cut(w, POLICE, 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 0);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    end_quiet(w);
}

static void an_origins_new_epoch_begins_other_streams(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "police")->epoch = 2;
    world_agent_stop(w, POLICE);
    world_agent_lose_store(w, POLICE, 2);
    world_give_all(w, next);
    world_agent_start(w, POLICE);
    tap_on(w, &tap);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_int_equal(tap_published(w, &tap, POLICE, 0)->id->epoch, 2);
    assert_int_equal(tap_published(w, &tap, POLICE, 0)->slots[0]->n, 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 2);
    end_quiet(w);
}

/* What was parked behind a gap that nobody will fill any more is not lost. */
static void what_was_parked_of_an_ended_stream_is_taken(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 5, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 0);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "police")->epoch = 2;
    world_agent_stop(w, POLICE);
    world_agent_lose_store(w, POLICE, 2);
    world_give_all(w, next);
    world_agent_start(w, POLICE);
    world_pass(w, 500);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 2);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 9, .lane = NORMAL}); /* later ones too, once */
    (void)deliver(w, HOUSING, 0, (made_t){.n = 5, .lane = NORMAL});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 4);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

static void what_was_parked_of_one_that_left_is_taken(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "police")->left = true;
    world_give_agent(w, HOUSING, next);
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    end(w);
}

/* ---- leaving ---- */

static void refused_as_removed(bool only_left, bool sealed)
{
    world_t *w = begun(3, 1);
    world_cut(w, HOUSING, 0);
    if (!sealed)
        world_cut(w, POLICE, 0);
    world_settle(w);
    said_t normal = say(w, POLICE, NORMAL, HOUSING), urgent = say(w, POLICE, URGENT, HOUSING);
    said_t other = say(w, POLICE, NORMAL, SOCIAL);
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    if (only_left) {
        world_agency(next, "housing")->left = true;
    } else {
        next->agencies[HOUSING] = next->agencies[SOCIAL];
        next->agencies_count = 2;
    }
    world_give_agent(w, POLICE, next);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK); /* at once, broker or not */
    assert_outcome(w, POLICE, normal, HOUSING, OUTCOME(REFUSED), REASON(REMOVED));
    assert_outcome(w, POLICE, urgent, HOUSING, OUTCOME(REFUSED), REASON(REMOVED));
    assert_true(told_count(w, POLICE) >= 2);
    world_give_all(w, next);
    world_agent_stop(w, HOUSING);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, other, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 0);
    end(w);
}

static void one_that_left_is_refused_what_is_unreceipted(void **state)
{
    (void)state;
    refused_as_removed(true, true);
    refused_as_removed(false, true);
}

static void also_what_was_never_sealed_and_at_once(void **state)
{
    (void)state;
    refused_as_removed(true, false);
    refused_as_removed(false, false);
}

static void one_recipient_that_left_leaves_the_others_of_the_envelope(void **state)
{
    (void)state;
    static const char *const two[] = {"housing", "social-care"};
    world_t *w = begun(3, 1);
    world_cut(w, HOUSING, 0);
    world_cut(w, SOCIAL, 0);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = two, .to_count = 2, .lane = NORMAL});
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "housing")->left = true;
    world_give_all(w, next);
    world_heal(w, SOCIAL, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(REMOVED));
    assert_outcome(w, POLICE, said, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 0);
    end(w);
}

/* ---- the file itself ---- */

static void an_older_file_is_not_taken(void **state)
{
    (void)state;
    world_t *w = begun(1, 0);
    const kith_agreement_t *first = w->agreement;
    world_give_agent(w, POLICE, world_next_agreement(w));
    world_settle(w);
    agent_core_t *core = w->agents[POLICE].core;
    agent_effects_t effects = {0};
    agent_event_t event = {.type = AGENT_EV_AGREEMENT, .agreement.agreement = first};
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    assert_int_equal(agent_core_step(core, txn, w->agents[POLICE].arena, &event, &effects),
                     KITH_CONFLICT);
    memtxn_abort(w->agents[POLICE].store);
    end(w);
}

static void it_is_taken_up_again_after_a_restart(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_agent_stop(w, POLICE); /* it is away when the epoch rises */
    lose_housing(w);
    world_pass(w, 500);
    world_agent_start(w, POLICE);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    end_quiet(w);
}

static void what_came_late_is_sent_again_too(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say_what(
        w, POLICE,
        (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL, .expires_ms = w->now_ms + 1000});
    world_pass(w, 2000);
    world_heal(w, HOUSING, 0);
    world_pass(w, 500);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED_LATE), REASON(UNSPECIFIED));
    lose_housing(w);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    end_quiet(w);
}

static void what_is_no_longer_allowed_is_not_sent_again(void **state)
{
    (void)state;
    static const char *only[] = {"social-care"};
    static tap_t tap;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    kith_agreement_t *strict = world_next_agreement(w);
    strict->clauses[0].to = only;
    tap_on(w, &tap);
    lose_housing(w);
    world_pass(w, 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 0);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 0);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

/* Its place in the queue is the one that counts; the void of its old number has no stream. */
static void what_waits_to_be_sealed_anew_goes_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w); /* STALE */
    world_cut(w, POLICE, 0);
    world_settle(w);
    world_give_agent(w, POLICE, next);
    world_settle(w); /* its void and itself wait in the queue */
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 2);
    lose_housing(w);
    world_settle(w);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 2);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_int_equal(stats_of(w, HOUSING).voided, 0);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

/* Under its second number, while the void of the first has no receipt yet. */
static void what_was_sealed_anew_is_queued_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_cut(w, HOUSING, 0);
    world_give_agent(w, POLICE, next);
    world_settle(w);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 2);
    lose_housing(w);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 1);
    assert_int_equal(stats_of(w, HOUSING).repeats, 0);
    end_quiet(w);
}

/* Sent again under number 1 of the new stream; delivered under number 1 of the old one. */
static void a_hub_that_loses_what_is_sent_again_leaves_its_outcome(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_cut(w, HOUSING, 0);
    world_settle(w);
    lose_housing(w);
    world_pass(w, 500);
    assert_int_equal(w->brokers[0].rows_count, 1);
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void a_file_that_is_not_new_enough_is_waited_beyond(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    kith_agreement_t *second = world_next_agreement(w), *third = world_next_agreement(w);
    world_give_broker(w, 0, third);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    world_give_agent(w, POLICE, second);
    world_pass(w, 5000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 0);
    world_give_all(w, third);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void what_was_parked_of_one_that_is_no_longer_in_the_file_is_taken(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    next->agencies[POLICE] = next->agencies[HOUSING];
    next->agencies_count = 1;
    world_give_agent(w, HOUSING, next);
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recipient_that_lost_its_store_is_refilled),
        cmocka_unit_test(what_is_sent_again_stays_so_when_the_file_changes_under_way),
        cmocka_unit_test(refused_and_quarantined_ones_are_not_sent_again),
        cmocka_unit_test(what_is_sent_again_and_quarantined_keeps_its_outcome),
        cmocka_unit_test(what_a_broker_refused_stays_refused),
        cmocka_unit_test(copies_for_the_old_epoch_are_no_message),
        cmocka_unit_test(an_origins_new_epoch_begins_other_streams),
        cmocka_unit_test(what_was_parked_of_an_ended_stream_is_taken),
        cmocka_unit_test(what_was_parked_of_one_that_left_is_taken),
        cmocka_unit_test(one_that_left_is_refused_what_is_unreceipted),
        cmocka_unit_test(also_what_was_never_sealed_and_at_once),
        cmocka_unit_test(one_recipient_that_left_leaves_the_others_of_the_envelope),
        cmocka_unit_test(an_older_file_is_not_taken),
        cmocka_unit_test(it_is_taken_up_again_after_a_restart),
        cmocka_unit_test(what_came_late_is_sent_again_too),
        cmocka_unit_test(what_is_no_longer_allowed_is_not_sent_again),
        cmocka_unit_test(what_waits_to_be_sealed_anew_goes_once),
        cmocka_unit_test(what_was_sealed_anew_is_queued_once),
        cmocka_unit_test(a_hub_that_loses_what_is_sent_again_leaves_its_outcome),
        cmocka_unit_test(a_file_that_is_not_new_enough_is_waited_beyond),
        cmocka_unit_test(what_was_parked_of_one_that_is_no_longer_in_the_file_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
