/* The overlay, against a transaction that was written directly: same rows, same order, same counts;
 * nothing below until it is merged, and all of it then. */
#include "base/writeset.h"
#include "tests/lib/dice.h"
#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

#include <string.h>

#define S(text) kith_bytes_str(text)

enum { TABLES = 2, STEPS = 60, ROUNDS = 400 };

static const kith_bytes_t NONE = {0};

typedef struct world {
    memtxn_t *below, *direct;
    kith_txn_t *below_txn, *direct_txn;
    kith_arena_t *arena;
} world_t;

static void world_begin(world_t *w)
{
    w->below = memtxn_new(TABLES);
    w->direct = memtxn_new(TABLES);
    w->below_txn = memtxn_begin(w->below);
    w->direct_txn = memtxn_begin(w->direct);
    w->arena = kith_arena_new(4 * 1024 * 1024);
}

static void world_end(world_t *w)
{
    memtxn_destroy(&w->below);
    memtxn_destroy(&w->direct);
    kith_arena_destroy(&w->arena);
}

/* Few letters, so that keys meet and are each other's prefixes. */
static kith_bytes_t any_key(dice_t *dice, uint8_t data[4], size_t size_min)
{
    size_t size = size_min + dice_roll(dice, 4 - size_min);
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)("ab\xff"[dice_roll(dice, 3)]);
    }
    return (kith_bytes_t){.data = data, .size = size};
}

static kith_err write_any(dice_t *dice, kith_txn_t *one, kith_txn_t *other)
{
    uint8_t key_data[4], value_data[4];
    int table = (int)dice_roll(dice, TABLES);
    kith_bytes_t key = any_key(dice, key_data, 1);
    if (dice_roll(dice, 3) == 0) {
        kith_err err = kith_del(one, table, key);
        assert_int_equal(other == NULL ? err : kith_del(other, table, key), err);
        return err;
    }
    kith_bytes_t value = any_key(dice, value_data, 0);
    kith_err err = kith_put(one, table, key, value);
    assert_int_equal(other == NULL ? err : kith_put(other, table, key, value), err);
    return err;
}

static void assert_same_row(kith_err one, kith_bytes_t key, kith_bytes_t value, kith_err other,
                            kith_bytes_t other_key, kith_bytes_t other_value)
{
    assert_int_equal(one, other);
    if (one == KITH_OK) {
        assert_true(kith_bytes_equal(key, other_key));
        assert_true(kith_bytes_equal(value, other_value));
    }
}

static void assert_same_answer(dice_t *dice, kith_txn_t *one, kith_txn_t *other)
{
    uint8_t prefix_data[4], from_data[4];
    int table = (int)dice_roll(dice, TABLES);
    kith_bytes_t prefix = any_key(dice, prefix_data, 0), from = any_key(dice, from_data, 0);
    kith_bytes_t key = NONE, value = NONE, other_key = NONE, other_value = NONE;
    kith_err err = kith_next(one, table, prefix, from, &key, &value);
    kith_err other_err = kith_next(other, table, prefix, from, &other_key, &other_value);
    assert_same_row(err, key, value, other_err, other_key, other_value);
    err = kith_prev(one, table, prefix, from, &key, &value);
    other_err = kith_prev(other, table, prefix, from, &other_key, &other_value);
    assert_same_row(err, key, value, other_err, other_key, other_value);
    if (from.size > 0) {
        err = kith_get(one, table, from, &value);
        other_err = kith_get(other, table, from, &other_value);
        assert_same_row(err, from, value, other_err, from, other_value);
    }
}

/* All rows of all tables, forwards and backwards, and their counts. */
static void assert_same_tables(kith_txn_t *one, kith_txn_t *other)
{
    for (int table = 0; table < TABLES; table++) {
        kith_err (*const walks[])(kith_txn_t *, int, kith_bytes_t, kith_bytes_t, kith_bytes_t *,
                                  kith_bytes_t *) = {kith_next, kith_prev};
        uint64_t seen = 0, rows = 0, other_rows = 0;
        for (size_t i = 0; i < 2; i++) {
            kith_bytes_t key = NONE, value, other_key = NONE, other_value;
            for (kith_err err = KITH_OK; err == KITH_OK; seen += err == KITH_OK) {
                err = walks[i](one, table, NONE, key, &key, &value);
                kith_err other_err =
                    walks[i](other, table, NONE, other_key, &other_key, &other_value);
                assert_same_row(err, key, value, other_err, other_key, other_value);
            }
        }
        assert_int_equal(kith_count(one, table, &rows), KITH_OK);
        assert_int_equal(kith_count(other, table, &other_rows), KITH_OK);
        assert_int_equal(rows, other_rows);
        assert_int_equal(seen, 2 * rows);
    }
}

static void it_answers_as_if_written_directly(void **state)
{
    (void)state;
    dice_t dice = {.state = 20260329};
    for (int round = 0; round < ROUNDS; round++) {
        world_t w;
        world_begin(&w);
        for (size_t i = dice_roll(&dice, 20); i > 0; i--) {
            write_any(&dice, w.below_txn, w.direct_txn);
        }
        kith_writeset_t *set = kith_writeset_new(w.arena, w.below_txn);
        for (int step = 0; step < STEPS; step++) {
            write_any(&dice, kith_writeset_txn(set), w.direct_txn);
            assert_same_answer(&dice, kith_writeset_txn(set), w.direct_txn);
        }
        assert_same_tables(kith_writeset_txn(set), w.direct_txn);
        assert_int_equal(kith_writeset_merge(set), KITH_OK);
        assert_same_tables(w.below_txn, w.direct_txn);
        assert_same_tables(kith_writeset_txn(set), w.direct_txn);
        world_end(&w);
    }
}

static void an_overlay_may_lie_on_an_overlay(void **state)
{
    (void)state;
    dice_t dice = {.state = 12};
    for (int round = 0; round < 50; round++) {
        world_t w;
        world_begin(&w);
        kith_writeset_t *lower = kith_writeset_new(w.arena, w.below_txn);
        for (int i = 0; i < 10; i++) {
            write_any(&dice, kith_writeset_txn(lower), w.direct_txn);
        }
        kith_writeset_t *upper = kith_writeset_new(w.arena, kith_writeset_txn(lower));
        for (int i = 0; i < 20; i++) {
            write_any(&dice, kith_writeset_txn(upper), w.direct_txn);
            assert_same_answer(&dice, kith_writeset_txn(upper), w.direct_txn);
        }
        assert_int_equal(kith_writeset_merge(upper), KITH_OK);
        assert_int_equal(kith_writeset_merge(lower), KITH_OK);
        assert_same_tables(w.below_txn, w.direct_txn);
        world_end(&w);
    }
}

static void nothing_reaches_below_before_the_merge(void **state)
{
    (void)state;
    dice_t dice = {.state = 5};
    world_t w;
    world_begin(&w);
    for (int i = 0; i < 10; i++) {
        write_any(&dice, w.below_txn, w.direct_txn);
    }
    kith_writeset_t *set = kith_writeset_new(w.arena, w.below_txn);
    for (int i = 0; i < 200; i++) {
        write_any(&dice, kith_writeset_txn(set), NULL);
    }
    assert_same_tables(w.below_txn, w.direct_txn); /* dropped: no trace */
    world_end(&w);
}

static void a_row_made_and_deleted_here_is_no_error_in_the_merge(void **state)
{
    (void)state;
    world_t w;
    world_begin(&w);
    kith_writeset_t *set = kith_writeset_new(w.arena, w.below_txn);
    kith_txn_t *txn = kith_writeset_txn(set);
    assert_int_equal(kith_put(txn, 0, S("a"), S("1")), KITH_OK);
    assert_int_equal(kith_del(txn, 0, S("a")), KITH_OK);
    assert_int_equal(kith_del(txn, 0, S("a")), KITH_NOT_FOUND);
    assert_int_equal(kith_writeset_merge(set), KITH_OK);
    assert_same_tables(w.below_txn, w.direct_txn);
    world_end(&w);
}

static void a_merged_overlay_is_empty(void **state)
{
    (void)state;
    world_t w;
    world_begin(&w);
    kith_writeset_t *set = kith_writeset_new(w.arena, w.below_txn);
    assert_int_equal(kith_put(kith_writeset_txn(set), 0, S("a"), S("1")), KITH_OK);
    assert_int_equal(kith_writeset_merge(set), KITH_OK);
    assert_int_equal(kith_put(w.below_txn, 0, S("a"), S("2")), KITH_OK);
    assert_int_equal(kith_put(w.direct_txn, 0, S("a"), S("2")), KITH_OK);
    assert_same_tables(kith_writeset_txn(set), w.direct_txn);
    assert_int_equal(kith_writeset_merge(set), KITH_OK);
    assert_same_tables(w.below_txn, w.direct_txn);
    world_end(&w);
}

static void what_is_written_is_copied(void **state)
{
    (void)state;
    world_t w;
    world_begin(&w);
    kith_txn_t *txn = kith_writeset_txn(kith_writeset_new(w.arena, w.below_txn));
    char key[] = "key", text[] = "value";
    assert_int_equal(kith_put(txn, 0, S(key), S(text)), KITH_OK);
    memset(key, 'x', 3);
    memset(text, 'x', 5);
    kith_bytes_t value;
    assert_int_equal(kith_get(txn, 0, S("key"), &value), KITH_OK);
    assert_true(kith_bytes_equal(value, S("value")));
    world_end(&w);
}

/* Whichever call below fails, the overlay hands that very error on. */
static void each_error_of_below_is_passed_on(void **state)
{
    (void)state;
    world_t w;
    world_begin(&w);
    assert_int_equal(kith_put(w.below_txn, 0, S("a"), S("1")), KITH_OK);
    kith_writeset_t *set = kith_writeset_new(w.arena, w.below_txn);
    kith_txn_t *txn = kith_writeset_txn(set);
    assert_int_equal(kith_put(txn, 0, S("b"), S("2")), KITH_OK);
    kith_bytes_t key = S("same"), value = S("same");
    uint64_t rows = 99;
    memtxn_fail(w.below, 1, KITH_IO);
    assert_int_equal(kith_get(txn, 0, S("a"), &value), KITH_IO);
    memtxn_fail(w.below, 1, KITH_IO);
    assert_int_equal(kith_del(txn, 0, S("a")), KITH_IO);
    memtxn_fail(w.below, 1, KITH_CORRUPT);
    assert_int_equal(kith_next(txn, 0, NONE, NONE, &key, &value), KITH_CORRUPT);
    memtxn_fail(w.below, 1, KITH_CORRUPT);
    assert_int_equal(kith_prev(txn, 0, NONE, NONE, &key, &value), KITH_CORRUPT);
    for (uint64_t nth = 1; nth <= 2; nth++) {
        memtxn_fail(w.below, nth, KITH_IO);
        assert_int_equal(kith_count(txn, 0, &rows), KITH_IO);
    }
    assert_int_equal(rows, 99);
    assert_true(kith_bytes_equal(key, S("same")) && kith_bytes_equal(value, S("same")));
    assert_int_equal(kith_del(txn, 0, S("a")), KITH_OK);
    for (uint64_t nth = 1; nth <= 2; nth++) { /* the deletion, then the new row */
        memtxn_fail(w.below, nth, KITH_FULL);
        assert_int_equal(kith_writeset_merge(set), KITH_FULL);
    }
    assert_int_equal(kith_writeset_merge(set), KITH_OK);
    assert_int_equal(kith_get(w.below_txn, 0, S("a"), &value), KITH_NOT_FOUND);
    assert_int_equal(kith_get(w.below_txn, 0, S("b"), &value), KITH_OK);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_as_if_written_directly),
        cmocka_unit_test(an_overlay_may_lie_on_an_overlay),
        cmocka_unit_test(nothing_reaches_below_before_the_merge),
        cmocka_unit_test(a_row_made_and_deleted_here_is_no_error_in_the_merge),
        cmocka_unit_test(a_merged_overlay_is_empty),
        cmocka_unit_test(what_is_written_is_copied),
        cmocka_unit_test(each_error_of_below_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
