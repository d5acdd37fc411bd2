/* Records through the door: stored, read back, and told apart from damage. */
#include "base/arena.h"
#include "base/txn.h"
#include "store.pb-c.h"
#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

#define KEY kith_bytes_str("key")

typedef struct world {
    memtxn_t *store;
    kith_txn_t *txn;
    kith_arena_t *arena;
} world_t;

static int setup(void **state)
{
    static world_t world;
    world.store = memtxn_new(1);
    world.txn = memtxn_begin(world.store);
    world.arena = kith_arena_new(1024 * 1024);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    world_t *w = *state;
    memtxn_destroy(&w->store);
    kith_arena_destroy(&w->arena);
    return 0;
}

static kith_err get_debt(world_t *w, kith_arena_t *arena, Kith__Store__Debt **ret_debt)
{
    void *message = NULL;
    kith_err err = kith_get_record(w->txn, 0, KEY, arena, &kith__store__debt__descriptor, &message);
    if (err == KITH_OK) {
        *ret_debt = message;
    } else {
        assert_null(message);
    }
    return err;
}

static void put_debt(world_t *w)
{
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
    debt.n = 12;
    debt.broker = "hub-a";
    assert_int_equal(kith_put_record(w->txn, 0, KEY, w->arena, &debt), KITH_OK);
}

static void a_record_is_read_back_and_outlives_later_writes(void **state)
{
    world_t *w = *state;
    put_debt(w);
    Kith__Store__Debt *back = NULL;
    assert_int_equal(get_debt(w, w->arena, &back), KITH_OK);
    assert_int_equal(kith_del(w->txn, 0, KEY), KITH_OK);
    assert_int_equal(back->n, 12);
    assert_string_equal(back->broker, "hub-a");
}

static void what_is_not_there_is_not_found(void **state)
{
    world_t *w = *state;
    Kith__Store__Debt *back = NULL;
    assert_int_equal(get_debt(w, w->arena, &back), KITH_NOT_FOUND);
    assert_null(back);
}

static void what_is_no_record_is_corrupt(void **state)
{
    world_t *w = *state;
    Kith__Store__Debt *back = NULL;
    assert_int_equal(kith_put(w->txn, 0, KEY, kith_bytes_str("\x32\x05x")), KITH_OK);
    assert_int_equal(get_debt(w, w->arena, &back), KITH_CORRUPT);
    assert_int_equal(kith_put(w->txn, 0, KEY, kith_bytes_str("\x32")), KITH_OK);
    assert_int_equal(get_debt(w, w->arena, &back), KITH_CORRUPT);
}

static void a_full_arena_is_not_taken_for_damage(void **state)
{
    world_t *w = *state;
    put_debt(w);
    kith_arena_t *full = kith_arena_new(32);
    Kith__Store__Debt *back = NULL;
    assert_int_equal(get_debt(w, full, &back), KITH_LIMIT);
    kith_arena_destroy(&full);
}

static void the_doors_own_errors_come_through(void **state)
{
    world_t *w = *state;
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT, *back = NULL;
    memtxn_fail(w->store, 1, KITH_FULL);
    assert_int_equal(kith_put_record(w->txn, 0, KEY, w->arena, &debt), KITH_FULL);
    memtxn_fail(w->store, 1, KITH_IO);
    assert_int_equal(get_debt(w, w->arena, &back), KITH_IO);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(a_record_is_read_back_and_outlives_later_writes),
        HERE(what_is_not_there_is_not_found),
        HERE(what_is_no_record_is_corrupt),
        HERE(a_full_arena_is_not_taken_for_damage),
        HERE(the_doors_own_errors_come_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
