/* A signed envelope that cannot be opened or applied: kept whole, its number used, said so. */
#include "tests/unit/core_test.h"

static void what_cannot_be_opened_is_sealed_anew_once(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    const char *right = w->agents[HOUSING].sealing_key;
    w->agents[HOUSING].sealing_key = "another-key";
    tap_on(w, &tap);
    w->agents[POLICE].links[0].held = true;
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 1);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 0)->exceptions[0]->reason, REASON(CANNOT_OPEN));
    assert_int_equal(told(w, HOUSING, 0).outcome, OUTCOME(QUARANTINED));
    w->agents[HOUSING].sealing_key = right;
    w->agents[POLICE].links[0].held = false;
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_true(debt_of(w, POLICE, said, HOUSING).anew);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 2);
    end_quiet(w);
}

static void a_second_time_it_stays_quarantined(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[HOUSING].sealing_key = "another-key";
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(QUARANTINED), REASON(CANNOT_OPEN));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 2);
    assert_int_equal(told_count(w, POLICE), 1);
    end_quiet(w);
}

/* Its quarantine's receipt was lost, and it has gone out as number 2 when that receipt is drawn
 * again: what becomes of number 2 stands. */
static void sealed_anew_meanwhile_it_ends_as_its_newer_number_does(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    tap_drop(&tap, HOUSING, true, VERB(RECEIPT), 1);
    w->agents[HOUSING].apply_fails = true;
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 1);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(UNSPECIFIED), REASON(UNSPECIFIED));
    w->agents[HOUSING].apply_fails = false;
    world_give_all(w, world_next_agreement(w));
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0); /* so it is sent again, and is stale */
    world_pass(w, 2000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 2);
    assert_int_equal(told_count(w, POLICE), 1);
    end_quiet(w);
}

static void what_cannot_be_applied_leaves_no_trace_and_later_ones_go_on(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    world_t *w = begun(2, 1);
    said_t bad = say_what(
        w, POLICE,
        (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
    said_t good = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_outcome(w, POLICE, bad, HOUSING, OUTCOME(QUARANTINED), REASON(APPLY_FAILED));
    assert_outcome(w, POLICE, good, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_NOTICES), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_APPLIED), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 1);
    end_quiet(w);
}

static void it_is_kept_whole(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_digest_t digest;
    made_t made = {.n = 1, .lane = NORMAL, .sealing_key = "another-key"};
    const Kith__Envelope *envelope = make_envelope(w, made, &digest);
    (void)deliver(w, HOUSING, 0, made);
    world_settle(w);
    stream_name_t name = {.peer = "police", .peer_epoch = 1, .lane = NORMAL};
    kith_key_t key = record_key_in(&name, 1, 1);
    Kith__Store__QuarantineRow *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_quarantine(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    assert_true(
        kith_bytes_equal(KITH_PACK(w->arena, row->envelope), KITH_PACK(w->arena, envelope)));
    assert_int_equal(row->reason, REASON(CANNOT_OPEN));
    end(w);
}

static void also_from_the_parking(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = URGENT, .sealing_key = "another-key"});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 3, .lane = URGENT, .kind = WORLD_CANNOT_APPLY});
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 0); /* neither shows early */
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = URGENT});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 4, .lane = URGENT});
    world_settle(w);
    const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, 0);
    assert_int_equal(receipt->n, 4);
    assert_int_equal(receipt->n_exceptions, 2);
    assert_int_equal(receipt->exceptions[0]->reason, REASON(CANNOT_OPEN));
    assert_int_equal(receipt->exceptions[1]->reason, REASON(APPLY_FAILED));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_QUARANTINE), 2);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_opened_is_sealed_anew_once),
        cmocka_unit_test(a_second_time_it_stays_quarantined),
        cmocka_unit_test(sealed_anew_meanwhile_it_ends_as_its_newer_number_does),
        cmocka_unit_test(what_cannot_be_applied_leaves_no_trace_and_later_ones_go_on),
        cmocka_unit_test(it_is_kept_whole),
        cmocka_unit_test(also_from_the_parking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
