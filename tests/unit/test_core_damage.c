/* A store whose rows do not fit each other, or are no records: the step that finds it ends with
 * KITH_CORRUPT, and the process stops rather than makes something up. */
#include "tests/unit/core_test.h"

static uint8_t noise[] = {255, 255, 255, 255};
static const ProtobufCBinaryData rotten = {sizeof noise, noise};

static void store_row(world_t *w, size_t agent, int table, kith_bytes_t key, const void *record)
{
    kith_txn_t *txn = memtxn_begin(w->agents[agent].store);
    assert_int_equal(kith_put_record(txn, table, key, w->arena, record), KITH_OK);
    assert_int_equal(memtxn_commit(w->agents[agent].store), KITH_OK);
}

/* The only row of a table, unpacked; its key in *ret_key. */
static void *only_row(world_t *w, size_t agent, int table, const void *descriptor,
                      kith_bytes_t *ret_key)
{
    kith_bytes_t none = {0}, key, value;
    void *record = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[agent].store);
    assert_int_equal(kith_next(txn, table, none, none, &key, &value), KITH_OK);
    *ret_key = kith_arena_copy(w->arena, key);
    assert_int_equal(kith_get_record(txn, table, *ret_key, w->arena, descriptor, &record), KITH_OK);
    memtxn_abort(w->agents[agent].store);
    return record;
}

/* The header of the only envelope that stands in a stream is no header. */
static void rot_envelope(world_t *w)
{
    kith_bytes_t key;
    Kith__Store__OutEnvelope *row =
        only_row(w, POLICE, AGENT_TABLE_ENVELOPES, &kith__store__out_envelope__descriptor, &key);
    row->envelope->header = rotten;
    store_row(w, POLICE, AGENT_TABLE_ENVELOPES, key, row);
}

static Kith__Store__ParkedRow *parked_row(world_t *w, kith_bytes_t *ret_key)
{
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    return only_row(w, HOUSING, AGENT_TABLE_PARKED, &kith__store__parked_row__descriptor, ret_key);
}

/* Turns until one ends the process. */
static void assert_stops(world_t *w, size_t agent)
{
    for (size_t i = 0; i < 10 && !w->wrong; i++) {
        world_hub_turn(w, 0);
        (void)world_agent_turn(w, agent);
    }
    assert_non_null(w->wrong);
    assert_non_null(strstr(w->wrong, kith_err_text(KITH_CORRUPT)));
    world_destroy(&w);
}

static void a_row_that_others_speak_of_is_missing(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    kith_key_t key = record_key_debt((kith_bytes_t){said.id, sizeof said.id}, "housing");
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    assert_int_equal(kith_del(txn, AGENT_TABLE_DEBTS, kith_key_bytes(&key)), KITH_OK);
    assert_int_equal(memtxn_commit(w->agents[POLICE].store), KITH_OK);
    assert_stops(w, POLICE);
}

static void a_store_without_its_own_row(void **state)
{
    (void)state;
    memtxn_t *store = memtxn_new(AGENT_TABLES_COUNT);
    kith_arena_t *arena = kith_arena_new(KITH_MIB);
    Kith__Store__AgentMeta *meta = NULL;
    assert_int_equal(record_meta(memtxn_begin(store), arena, &meta), KITH_CORRUPT);
    assert_null(meta);
    kith_arena_destroy(&arena);
    memtxn_destroy(&store);
}

static void a_token_without_an_id(void **state)
{
    (void)state;
    world_t *w = begun(1, 0);
    Kith__Store__Token token = KITH__STORE__TOKEN__INIT;
    token.notice_id = rotten;
    store_row(w, POLICE, AGENT_TABLE_TOKENS, kith_bytes_str("t1"), &token);
    agent_submitted_t submitted = {0};
    assert_int_not_equal(world_submit(w, POLICE, &(world_submit_t){.token = "t1"}, &submitted),
                         KITH_OK);
    assert_non_null(strstr(w->wrong, kith_err_text(KITH_CORRUPT)));
    world_destroy(&w);
}

static void an_envelope_that_a_broker_speaks_of(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->brokers[0].settings.mailbox_messages_max = 0; /* it says LATER */
    world_hub_stop(w, 0);
    world_hub_start(w, 0);
    world_pass(w, 500);
    (void)say(w, POLICE, NORMAL, HOUSING);
    rot_envelope(w);
    assert_stops(w, POLICE);
}

static void an_envelope_that_is_to_be_sealed_anew(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    rot_envelope(w);
    world_give_agent(w, POLICE, next);
    assert_stops(w, POLICE);
}

static void a_parked_header(void **state)
{
    (void)state;
    kith_bytes_t key;
    world_t *w = begun(2, 1);
    Kith__Store__ParkedRow *row = parked_row(w, &key);
    row->envelope->header = rotten;
    store_row(w, HOUSING, AGENT_TABLE_PARKED, key, row);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    assert_stops(w, HOUSING);
}

static void a_parked_notice(void **state)
{
    (void)state;
    kith_bytes_t key;
    world_t *w = begun(2, 1);
    Kith__Store__ParkedRow *row = parked_row(w, &key);
    row->notice = rotten;
    store_row(w, HOUSING, AGENT_TABLE_PARKED, key, row);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    assert_stops(w, HOUSING);
}

static void what_is_parked_of_a_stream_that_ends(void **state)
{
    (void)state;
    kith_bytes_t key;
    world_t *w = begun(2, 1);
    Kith__Store__ParkedRow *row = parked_row(w, &key);
    row->envelope->header = rotten;
    store_row(w, HOUSING, AGENT_TABLE_PARKED, key, row);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "police")->left = true;
    world_give_agent(w, HOUSING, next);
    assert_stops(w, HOUSING);
}

/* Needed when two messages came under its number. */
static void the_header_of_what_was_taken(void **state)
{
    (void)state;
    kith_bytes_t key;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    Kith__Store__TakenRow *row =
        only_row(w, HOUSING, AGENT_TABLE_TAKEN, &kith__store__taken_row__descriptor, &key);
    row->header = rotten;
    store_row(w, HOUSING, AGENT_TABLE_TAKEN, key, row);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .seq = 9, .lane = NORMAL});
    assert_stops(w, HOUSING);
}

/* Of an outcome that this version does not know, what is owed is not said to be settled. */
static void a_debt_with_an_unknown_outcome_counts_as_owed(void **state)
{
    (void)state;
    world_t *w = begun(1, 0);
    static const uint8_t id[KITH_ID_BYTES] = {1};
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
    Kith__Store__OwedRow *owed = NULL;
    debt.outcome = (Kith__Outcome)77;
    kith_key_t key = record_key_name("housing");
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    assert_int_equal(
        record_debt_write(txn, w->arena, (kith_bytes_t){id, sizeof id}, "housing", NULL, &debt),
        KITH_OK);
    assert_int_equal(record_get_owed(txn, w->arena, kith_key_bytes(&key), &owed), KITH_OK);
    assert_int_equal(owed->stored_here, 1);
    assert_int_equal(owed->delivered + owed->refused + owed->quarantined, 0);
    memtxn_abort(w->agents[POLICE].store);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_that_others_speak_of_is_missing),
        cmocka_unit_test(a_store_without_its_own_row),
        cmocka_unit_test(a_token_without_an_id),
        cmocka_unit_test(an_envelope_that_a_broker_speaks_of),
        cmocka_unit_test(an_envelope_that_is_to_be_sealed_anew),
        cmocka_unit_test(a_parked_header),
        cmocka_unit_test(a_parked_notice),
        cmocka_unit_test(what_is_parked_of_a_stream_that_ends),
        cmocka_unit_test(the_header_of_what_was_taken),
        cmocka_unit_test(a_debt_with_an_unknown_outcome_counts_as_owed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
