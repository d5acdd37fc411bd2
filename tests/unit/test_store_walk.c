/* The walk through the store: every row once, in parts, and what is damaged is told. */
#include "io/store_walk.h"
#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

enum { TABLES = 5 };

static void put_rows(memtxn_t *tables, int table, uint32_t count)
{
    kith_txn_t *txn = memtxn_begin(tables);
    for (uint32_t i = 0; i < count; i++) {
        kith_key_t key;
        kith_key_clear(&key);
        kith_key_u32(&key, i);
        assert_int_equal(kith_put(txn, table, kith_key_bytes(&key), kith_bytes_str("value")),
                         KITH_OK);
    }
    assert_int_equal(memtxn_commit(tables), KITH_OK);
}

static kith_err walk_once(memtxn_t *tables, store_walk_t *walk)
{
    kith_txn_t *txn = memtxn_begin(tables);
    kith_err err = store_walk_on(walk, txn, TABLES);
    memtxn_abort(tables);
    return err;
}

static void an_empty_store_is_one_part(void **state)
{
    (void)state;
    memtxn_t *tables = memtxn_new(TABLES);
    store_walk_t walk = {0};
    assert_int_equal(walk_once(tables, &walk), KITH_OK);
    assert_true(walk.done);
    assert_int_equal(walk.rows, 0);
    assert_int_equal(walk_once(tables, &walk), KITH_OK);
    memtxn_destroy(&tables);
}

static void every_row_is_read_once(void **state)
{
    (void)state;
    memtxn_t *tables = memtxn_new(TABLES);
    put_rows(tables, 0, 3);
    put_rows(tables, 1, STORE_WALK_ROWS * 2 + 1);
    put_rows(tables, TABLES - 1, STORE_WALK_ROWS);
    store_walk_t walk = {0};
    size_t parts = 0;
    while (!walk.done) {
        assert_int_equal(walk_once(tables, &walk), KITH_OK);
        parts++;
    }
    assert_int_equal(walk.rows, 3 + STORE_WALK_ROWS * 3 + 1);
    assert_true(parts >= 4);
    memtxn_destroy(&tables);
}

static void a_table_that_grows_meanwhile_is_no_damage(void **state)
{
    (void)state;
    memtxn_t *tables = memtxn_new(TABLES);
    put_rows(tables, 0, STORE_WALK_ROWS + 10);
    store_walk_t walk = {0};
    assert_int_equal(walk_once(tables, &walk), KITH_OK);
    put_rows(tables, 0, STORE_WALK_ROWS + 100);
    while (!walk.done)
        assert_int_equal(walk_once(tables, &walk), KITH_OK);
    assert_int_equal(walk.rows, STORE_WALK_ROWS + 100);
    memtxn_destroy(&tables);
}

static void large_rows_make_short_parts(void **state)
{
    (void)state;
    static uint8_t large[STORE_WALK_BYTES];
    memtxn_t *tables = memtxn_new(TABLES);
    kith_txn_t *txn = memtxn_begin(tables);
    for (uint8_t key = 1; key <= 3; key++)
        assert_int_equal(
            kith_put(txn, 0, (kith_bytes_t){&key, 1}, (kith_bytes_t){large, sizeof large}),
            KITH_OK);
    assert_int_equal(memtxn_commit(tables), KITH_OK);
    store_walk_t walk = {0};
    for (uint64_t rows = 1; rows <= 3; rows++) {
        assert_int_equal(walk_once(tables, &walk), KITH_OK);
        assert_int_equal(walk.rows, rows);
    }
    assert_false(walk.done);
    assert_int_equal(walk_once(tables, &walk), KITH_OK);
    assert_true(walk.done);
    memtxn_destroy(&tables);
}

static void damage_is_told(void **state)
{
    (void)state;
    memtxn_t *tables = memtxn_new(TABLES);
    put_rows(tables, 0, 3);
    for (uint64_t nth = 1; nth < 6; nth++) { /* rows, the end of the table, its count */
        store_walk_t walk = {0};
        memtxn_fail(tables, nth, KITH_CORRUPT);
        assert_int_equal(walk_once(tables, &walk), KITH_CORRUPT);
        assert_false(walk.done);
    }
    memtxn_destroy(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_store_is_one_part),
        cmocka_unit_test(every_row_is_read_once),
        cmocka_unit_test(a_table_that_grows_meanwhile_is_no_damage),
        cmocka_unit_test(large_rows_make_short_parts),
        cmocka_unit_test(damage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
