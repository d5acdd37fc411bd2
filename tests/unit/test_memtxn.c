/* The tables in memory keep the door's contract: order, prefixes, abort, injected failures. */
#include "tests/lib/dies.h"
#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

#define S(text) kith_bytes_str(text)

static const kith_bytes_t NONE = {0};

static int setup(void **state)
{
    memtxn_t *store = memtxn_new(2);
    kith_txn_t *txn = memtxn_begin(store);
    static const char *const KEYS[] = {"b1", "a", "b2", "c", "b"};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(kith_put(txn, 0, S(KEYS[i]), S(KEYS[i])), KITH_OK);
    }
    assert_int_equal(memtxn_commit(store), KITH_OK);
    *state = store;
    return 0;
}

static int teardown(void **state)
{
    memtxn_t *store = *state;
    memtxn_destroy(&store);
    assert_null(store);
    memtxn_destroy(&store);
    memtxn_destroy(NULL);
    return 0;
}

static void assert_next(kith_txn_t *txn, const char *prefix, const char *after, const char *wanted)
{
    kith_bytes_t key, value;
    kith_err err = kith_next(txn, 0, S(prefix), S(after), &key, &value);
    assert_int_equal(err, wanted != NULL ? KITH_OK : KITH_NOT_FOUND);
    if (wanted != NULL) {
        assert_true(kith_bytes_equal(key, S(wanted)));
        assert_true(kith_bytes_equal(value, S(wanted)));
    }
}

static void assert_prev(kith_txn_t *txn, const char *prefix, const char *before, const char *wanted)
{
    kith_bytes_t key, value;
    kith_err err = kith_prev(txn, 0, S(prefix), S(before), &key, &value);
    assert_int_equal(err, wanted != NULL ? KITH_OK : KITH_NOT_FOUND);
    if (wanted != NULL) {
        assert_true(kith_bytes_equal(key, S(wanted)));
        assert_true(kith_bytes_equal(value, S(wanted)));
    }
}

static void next_goes_on_within_the_prefix(void **state)
{
    kith_txn_t *txn = memtxn_begin(*state);
    assert_next(txn, "", "", "a");
    assert_next(txn, "", "a", "b");
    assert_next(txn, "b", "", "b");
    assert_next(txn, "b", "b", "b1");
    assert_next(txn, "b", "b1", "b2");
    assert_next(txn, "b", "b2", NULL);
    assert_next(txn, "b", "a", "b");
    assert_next(txn, "b", "b11", "b2");
    assert_next(txn, "b", "c", NULL);
    assert_next(txn, "d", "", NULL);
    assert_next(txn, "", "c", NULL);
}

static void prev_goes_back_within_the_prefix(void **state)
{
    kith_txn_t *txn = memtxn_begin(*state);
    assert_prev(txn, "", "", "c");
    assert_prev(txn, "", "c", "b2");
    assert_prev(txn, "b", "", "b2");
    assert_prev(txn, "b", "b2", "b1");
    assert_prev(txn, "b", "b", NULL);
    assert_prev(txn, "b", "c", "b2");
    assert_prev(txn, "b", "b11", "b1");
    assert_prev(txn, "b", "a", NULL);
    assert_prev(txn, "0", "", NULL);
    assert_prev(txn, "", "a", NULL);
}

static void abort_brings_back_what_was(void **state)
{
    memtxn_t *store = *state;
    kith_txn_t *txn = memtxn_begin(store);
    assert_int_equal(kith_put(txn, 0, S("a"), S("1")), KITH_OK);
    assert_int_equal(kith_put(txn, 0, S("a"), S("2")), KITH_OK);
    assert_int_equal(kith_put(txn, 0, S("new"), S("3")), KITH_OK);
    assert_int_equal(kith_del(txn, 0, S("c")), KITH_OK);
    assert_int_equal(kith_put(txn, 0, S("c"), S("4")), KITH_OK);
    assert_int_equal(kith_put(txn, 1, S("c"), NONE), KITH_OK);
    memtxn_abort(store);
    memtxn_abort(store);
    txn = memtxn_begin(store);
    kith_bytes_t value;
    uint64_t rows = 0;
    assert_int_equal(kith_get(txn, 0, S("a"), &value), KITH_OK);
    assert_true(kith_bytes_equal(value, S("a")));
    assert_int_equal(kith_get(txn, 0, S("new"), &value), KITH_NOT_FOUND);
    assert_next(txn, "c", "", "c");
    assert_int_equal(kith_count(txn, 0, &rows), KITH_OK);
    assert_int_equal(rows, 5);
    assert_int_equal(kith_count(txn, 1, &rows), KITH_OK);
    assert_int_equal(rows, 0);
}

static void what_is_lent_may_be_written_back(void **state)
{
    kith_txn_t *txn = memtxn_begin(*state);
    kith_bytes_t key, value;
    assert_int_equal(kith_next(txn, 0, NONE, NONE, &key, &value), KITH_OK);
    assert_int_equal(kith_put(txn, 1, key, value), KITH_OK);
    assert_int_equal(kith_next(txn, 1, NONE, NONE, &key, &value), KITH_OK);
    assert_true(kith_bytes_equal(value, S("a")));
    assert_int_equal(kith_del(txn, 1, key), KITH_OK);
    assert_int_equal(kith_del(txn, 1, S("a")), KITH_NOT_FOUND);
}

static void each_call_can_be_made_to_fail_once(void **state)
{
    memtxn_t *store = *state;
    kith_txn_t *txn = memtxn_begin(store);
    kith_bytes_t key, value;
    uint64_t rows = 77;
    memtxn_fail(store, 1, KITH_IO);
    assert_int_equal(kith_get(txn, 0, S("a"), &value), KITH_IO);
    assert_int_equal(kith_get(txn, 0, S("a"), &value), KITH_OK);
    memtxn_fail(store, 1, KITH_FULL);
    assert_int_equal(kith_put(txn, 0, S("z"), NONE), KITH_FULL);
    assert_int_equal(kith_get(txn, 0, S("z"), &value), KITH_NOT_FOUND);
    memtxn_fail(store, 1, KITH_FULL);
    assert_int_equal(kith_del(txn, 0, S("a")), KITH_FULL);
    memtxn_fail(store, 1, KITH_CORRUPT);
    assert_int_equal(kith_next(txn, 0, NONE, NONE, &key, &value), KITH_CORRUPT);
    memtxn_fail(store, 1, KITH_CORRUPT);
    assert_int_equal(kith_prev(txn, 0, NONE, NONE, &key, &value), KITH_CORRUPT);
    memtxn_fail(store, 2, KITH_IO);
    assert_int_equal(kith_count(txn, 0, &rows), KITH_OK);
    assert_int_equal(rows, 5);
    assert_int_equal(kith_count(txn, 0, &rows), KITH_IO);
    memtxn_fail(store, 1, KITH_IO);
    memtxn_fail(store, 0, KITH_OK);
    assert_int_equal(kith_count(txn, 0, &rows), KITH_OK);
    assert_int_equal(memtxn_calls(store), 5 + 1 + 10);
}

static void a_failed_commit_drops_the_writes(void **state)
{
    memtxn_t *store = *state;
    kith_txn_t *txn = memtxn_begin(store);
    assert_int_equal(kith_put(txn, 0, S("z"), NONE), KITH_OK);
    memtxn_fail(store, 1, KITH_FULL);
    assert_int_equal(memtxn_commit(store), KITH_FULL);
    txn = memtxn_begin(store);
    kith_bytes_t value;
    assert_int_equal(kith_get(txn, 0, S("z"), &value), KITH_NOT_FOUND);
    assert_int_equal(memtxn_commit(store), KITH_OK);
}

static void begin_again(void *store)
{
    memtxn_begin(store);
}

static void get_without_key(void *txn)
{
    kith_bytes_t value;
    kith_get(txn, 0, NONE, &value);
}

static void put_with_long_key(void *txn)
{
    static const uint8_t LONG[512];
    kith_put(txn, 0, (kith_bytes_t){.data = LONG, .size = sizeof LONG}, NONE);
}

static void get_after_commit(void *store)
{
    kith_txn_t *txn = memtxn_begin(store);
    memtxn_commit(store);
    kith_bytes_t value;
    kith_get(txn, 0, S("a"), &value);
}

static void misuse_is_a_bug(void **state)
{
    assert_true(dies(get_after_commit, *state));
    kith_txn_t *txn = memtxn_begin(*state);
    assert_true(dies(begin_again, *state));
    assert_true(dies(get_without_key, txn));
    assert_true(dies(put_with_long_key, txn));
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(next_goes_on_within_the_prefix),
        HERE(prev_goes_back_within_the_prefix),
        HERE(abort_brings_back_what_was),
        HERE(what_is_lent_may_be_written_back),
        HERE(each_call_can_be_made_to_fail_once),
        HERE(a_failed_commit_drops_the_writes),
        HERE(misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
