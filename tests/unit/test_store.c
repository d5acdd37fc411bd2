/* The store keeps what was committed, counts it, orders it and refuses to open what is not one. */
#include "tests/lib/memtxn.h"
#include "tests/unit/store_world.h"

/* ---- making and opening ---- */

static void a_missing_store_is_not_made_by_opening(void **state)
{
    world_t *w = *state;
    assert_int_equal(store_open(&w->options, &w->store), KITH_NOT_FOUND);
    assert_null(w->store);
    assert_int_equal(access(w->folder, F_OK), -1);
    /* A folder that is there and holds none: still nothing is put into it. */
    assert_int_equal(folder_make(w->folder), KITH_OK);
    assert_int_equal(store_open(&w->options, &w->store), KITH_NOT_FOUND);
    assert_int_equal(rmdir(w->folder), 0);
    /* Nor a file in the folder's place. */
    assert_int_equal(close(open(w->folder, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_NOT_FOUND);
    assert_int_equal(store_init(&w->options), KITH_NOT_FOUND);
}

static void a_store_is_made_once_and_private(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    struct stat info;
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(store_init(&w->options), KITH_EXISTS);
    assert_int_equal(stat(w->folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    data_path(w, path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
    assert_int_equal(store_init(&w->options), KITH_BUSY);
}

static void what_a_killed_init_left_is_no_store_and_no_hindrance(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    assert_int_equal(folder_make(w->folder), KITH_OK);
    (void)snprintf(path, sizeof(path), "%.200s/init.mdb", w->folder);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, "half", 4), 4);
    assert_int_equal(close(fd), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_NOT_FOUND);
    make_and_open(w);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_folder_that_others_may_enter_is_refused(void **state)
{
    world_t *w = *state;
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(chmod(w->folder, 0750), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_DENIED);
    assert_int_equal(store_init(&w->options), KITH_DENIED);
    assert_int_equal(chmod(w->folder, 0701), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_DENIED);
    assert_int_equal(chmod(w->folder, 0700), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
}

static int open_in_child(world_t *w)
{
    kith_store_t *second = NULL;
    return (int)store_open(&w->options, &second);
}

static void a_second_opening_is_busy_until_the_first_is_closed(void **state)
{
    world_t *w = *state;
    kith_store_t *second = NULL;
    make_and_open(w);
    assert_int_equal(store_open(&w->options, &second), KITH_BUSY);
    assert_null(second);
    /* Another process, which must not inherit what this one holds. */
    store_close(&w->store);
    assert_int_equal(in_child(open_in_child, w), KITH_OK);
    char path[SCRATCH_PATH_SIZE];
    int fd = -1;
    (void)snprintf(path, sizeof(path), "%.200s/lock", w->folder);
    assert_int_equal(folder_lock(path, &fd), KITH_OK);
    assert_int_equal(in_child(open_in_child, w), KITH_BUSY);
    assert_int_equal(close(fd), 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
}

static void a_file_that_is_no_store_is_corrupt(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    static char noise[20000];
    memset(noise, 'n', sizeof(noise));
    assert_int_equal(store_init(&w->options), KITH_OK);
    data_path(w, path);
    write_file(path, noise, 0);
    assert_int_equal(store_open(&w->options, &w->store), KITH_CORRUPT);
    assert_int_equal(store_init(&w->options), KITH_EXISTS);
    write_file(path, noise, 100);
    assert_int_equal(store_open(&w->options, &w->store), KITH_CORRUPT);
    write_file(path, noise, sizeof(noise));
    assert_int_equal(store_open(&w->options, &w->store), KITH_CORRUPT);
    assert_null(w->store);
}

static void a_later_version_may_bring_a_new_table(void **state)
{
    world_t *w = *state;
    make_and_open(w);
    begin(w);
    put(w, TABLE_NOTICE, "a", "1");
    commit(w);
    w->options.tables_count = TABLES + 1;
    reopen(w);
    begin(w);
    assert_int_equal(count(w, TABLE_NOTICE), 1);
    assert_int_equal(count(w, TABLES), 0);
    put(w, TABLES, "b", "2");
    commit(w);
    /* And the earlier version leaves that table alone. */
    w->options.tables_count = TABLES;
    reopen(w);
    w->options.tables_count = TABLES + 1;
    reopen(w);
    read_begin(w);
    assert_int_equal(count(w, TABLES), 1);
    store_read_end(w->store);
}

/* ---- rows ---- */

static void committed_rows_are_there_after_reopening(void **state)
{
    world_t *w = *state;
    static const uint8_t zeros[3];
    kith_bytes_t binary = {.data = zeros, .size = sizeof(zeros)}, value;
    make_and_open(w);
    begin(w);
    put(w, TABLE_NOTICE, "empty", "");
    put(w, TABLE_NOTICE, "full", "value");
    assert_int_equal(kith_put(w->txn, TABLE_NOTICE, binary, binary), KITH_OK);
    put(w, TABLE_MARK, "full", "of another table");
    commit(w);
    reopen(w);
    read_begin(w);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("empty"), &value), KITH_OK);
    assert_int_equal(value.size, 0);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("full"), &value), KITH_OK);
    assert_bytes(value, "value");
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, binary, &value), KITH_OK);
    assert_true(kith_bytes_equal(value, binary));
    assert_int_equal(kith_get(w->txn, TABLE_MARK, text("full"), &value), KITH_OK);
    assert_bytes(value, "of another table");
    assert_int_equal(count(w, TABLE_NOTICE), 3);
    assert_int_equal(count(w, TABLE_MARK), 1);
    assert_int_equal(count(w, TABLE_FEED), 0);
    store_read_end(w->store);
}

static void what_is_not_there_is_not_found_and_touches_nothing(void **state)
{
    world_t *w = *state;
    kith_bytes_t key = {.size = 77}, value = {.size = 77};
    make_and_open(w);
    begin(w);
    put(w, TABLE_NOTICE, "b", "1");
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("a"), &value), KITH_NOT_FOUND);
    assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text("a")), KITH_NOT_FOUND);
    assert_int_equal(kith_del(w->txn, TABLE_MARK, text("b")), KITH_NOT_FOUND);
    assert_int_equal(kith_next(w->txn, TABLE_NOTICE, none, text("b"), &key, &value),
                     KITH_NOT_FOUND);
    assert_int_equal(kith_prev(w->txn, TABLE_NOTICE, none, text("b"), &key, &value),
                     KITH_NOT_FOUND);
    assert_int_equal(key.size, 77);
    assert_int_equal(value.size, 77);
    /* A row that was not there does not end the transaction. */
    commit(w);
    read_begin(w);
    assert_int_equal(count(w, TABLE_NOTICE), 1);
    store_read_end(w->store);
}

static void an_abort_drops_all_of_it(void **state)
{
    world_t *w = *state;
    kith_bytes_t value;
    make_and_open(w);
    begin(w);
    put(w, TABLE_NOTICE, "kept", "1");
    commit(w);
    begin(w);
    put(w, TABLE_NOTICE, "kept", "2");
    put(w, TABLE_NOTICE, "dropped", "3");
    assert_int_equal(count(w, TABLE_NOTICE), 2);
    store_abort(w->store);
    store_abort(w->store); /* safe when none is open */
    begin(w);
    assert_int_equal(count(w, TABLE_NOTICE), 1);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("kept"), &value), KITH_OK);
    assert_bytes(value, "1");
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("dropped"), &value), KITH_NOT_FOUND);
    commit(w);
    /* Closing with one open is an abort too. */
    begin(w);
    assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text("kept")), KITH_OK);
    reopen(w);
    read_begin(w);
    assert_int_equal(count(w, TABLE_NOTICE), 1);
    store_read_end(w->store);
    store_read_end(w->store);
}

static void counts_follow_new_rows_changed_rows_and_deleted_rows(void **state)
{
    world_t *w = *state;
    make_and_open(w);
    begin(w);
    put(w, TABLE_FEED, "a", "1");
    put(w, TABLE_FEED, "b", "1");
    put(w, TABLE_FEED, "a", "2");
    assert_int_equal(count(w, TABLE_FEED), 2);
    commit(w);
    begin(w);
    put(w, TABLE_FEED, "b", "a value of another length");
    put(w, TABLE_FEED, "c", "1");
    assert_int_equal(kith_del(w->txn, TABLE_FEED, text("a")), KITH_OK);
    assert_int_equal(kith_del(w->txn, TABLE_FEED, text("a")), KITH_NOT_FOUND);
    assert_int_equal(count(w, TABLE_FEED), 2);
    commit(w);
    reopen(w);
    uint64_t rows = 0;
    assert_int_equal(store_check_table(w->store, TABLE_FEED, &rows), KITH_OK);
    assert_int_equal(rows, 2);
    read_begin(w);
    assert_int_equal(count(w, TABLE_FEED), 2);
    store_read_end(w->store);
}

/* Borrowed bytes are given straight back, which is where a store that copies late goes wrong. */
static void borrowed_keys_and_values_may_be_put_again(void **state)
{
    world_t *w = *state;
    kith_bytes_t key, value;
    make_and_open(w);
    begin(w);
    for (char name[] = "a"; name[0] <= 'z'; name[0]++)
        put(w, TABLE_NOTICE, name, name);
    for (char name[] = "a"; name[0] <= 'z'; name[0]++) {
        assert_int_equal(kith_next(w->txn, TABLE_NOTICE, text(name), none, &key, &value), KITH_OK);
        assert_int_equal(kith_put(w->txn, TABLE_MARK, value, key), KITH_OK);
        assert_int_equal(kith_next(w->txn, TABLE_NOTICE, text(name), none, &key, &value), KITH_OK);
        assert_int_equal(kith_put(w->txn, TABLE_NOTICE, key, text("a longer value")), KITH_OK);
    }
    commit(w);
    read_begin(w);
    assert_int_equal(count(w, TABLE_NOTICE), 26);
    for (char name[] = "a"; name[0] <= 'z'; name[0]++) {
        assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text(name), &value), KITH_OK);
        assert_bytes(value, "a longer value");
        assert_int_equal(kith_get(w->txn, TABLE_MARK, text(name), &value), KITH_OK);
        assert_bytes(value, name);
    }
    store_read_end(w->store);
}

static void assert_next(world_t *w, kith_bytes_t prefix, const char *after, const char *expected)
{
    kith_bytes_t key, value;
    kith_err err = kith_next(w->txn, TABLE_FEED, prefix, text(after), &key, &value);
    assert_int_equal(err, expected != NULL ? KITH_OK : KITH_NOT_FOUND);
    if (expected != NULL)
        assert_bytes(key, expected);
}

static void assert_prev(world_t *w, kith_bytes_t prefix, const char *before, const char *expected)
{
    kith_bytes_t key, value;
    kith_err err = kith_prev(w->txn, TABLE_FEED, prefix, text(before), &key, &value);
    assert_int_equal(err, expected != NULL ? KITH_OK : KITH_NOT_FOUND);
    if (expected != NULL)
        assert_bytes(key, expected);
}

static void rows_come_in_the_order_of_their_keys(void **state)
{
    world_t *w = *state;
    make_and_open(w);
    begin(w);
    put(w, TABLE_FEED, "b1", "");
    put(w, TABLE_FEED, "a", "");
    put(w, TABLE_FEED, "b", "");
    put(w, TABLE_FEED, "c", "");
    put(w, TABLE_FEED, "b2", "");
    put(w, TABLE_FEED, "\xff\xff", "");
    put(w, TABLE_FEED, "\xff\xff\x01", "");
    assert_next(w, none, "", "a");
    assert_next(w, none, "a", "b");
    assert_next(w, none, "\xff\xff\x01", NULL);
    assert_next(w, text("b"), "", "b");
    assert_next(w, text("b"), "a", "b"); /* before the prefix begins */
    assert_next(w, text("b"), "b", "b1");
    assert_next(w, text("b"), "b15", "b2");
    assert_next(w, text("b"), "b2", NULL);
    assert_next(w, text("b"), "x", NULL);
    assert_next(w, text("bb"), "", NULL);
    assert_prev(w, none, "", "\xff\xff\x01");
    assert_prev(w, none, "a", NULL);
    assert_prev(w, none, "b1", "b");
    assert_prev(w, text("b"), "", "b2");
    assert_prev(w, text("b"), "x", "b2"); /* after the prefix has ended */
    assert_prev(w, text("b"), "b2", "b1");
    assert_prev(w, text("b"), "b", NULL);
    assert_prev(w, text("b"), "a", NULL);
    assert_prev(w, text("bb"), "", NULL);
    assert_prev(w, text("\xff"), "", "\xff\xff\x01");
    assert_prev(w, text("\xff\xff"), "\xff\xff\x01", "\xff\xff");
    commit(w);
}

static void keys_and_values_may_be_as_long_as_they_may(void **state)
{
    world_t *w = *state;
    uint8_t *data = malloc(512 * 1024);
    memset(data, 0xff, 512 * 1024);
    kith_bytes_t key = {.data = data, .size = 511}, value = {.data = data, .size = 512 * 1024};
    kith_bytes_t found_key, found;
    make_and_open(w);
    begin(w);
    assert_int_equal(kith_put(w->txn, TABLE_NOTICE, key, value), KITH_OK);
    commit(w);
    read_begin(w);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, key, &found), KITH_OK);
    assert_true(kith_bytes_equal(found, value));
    assert_int_equal(kith_next(w->txn, TABLE_NOTICE, key, none, &found_key, &found), KITH_OK);
    assert_int_equal(kith_next(w->txn, TABLE_NOTICE, key, key, &found_key, &found), KITH_NOT_FOUND);
    assert_int_equal(kith_prev(w->txn, TABLE_NOTICE, key, none, &found_key, &found), KITH_OK);
    store_read_end(w->store);
    free(data);
}

/* ---- misuse is a bug and stops the process ---- */

static int nest_transactions(world_t *w)
{
    if (store_open(&w->options, &w->store) != KITH_OK || store_begin(w->store, &w->txn) != KITH_OK)
        return 1;
    return (int)store_read_begin(w->store, &w->txn);
}

static int write_while_reading(world_t *w)
{
    if (store_open(&w->options, &w->store) != KITH_OK ||
        store_read_begin(w->store, &w->txn) != KITH_OK)
        return 1;
    return (int)kith_put(w->txn, TABLE_MARK, text("a"), text("b"));
}

static int use_after_the_end(world_t *w)
{
    kith_bytes_t value;
    if (store_open(&w->options, &w->store) != KITH_OK ||
        store_read_begin(w->store, &w->txn) != KITH_OK)
        return 1;
    store_read_end(w->store);
    return (int)kith_get(w->txn, TABLE_MARK, text("a"), &value);
}

static int name_no_table(world_t *w)
{
    kith_bytes_t value;
    if (store_open(&w->options, &w->store) != KITH_OK ||
        store_read_begin(w->store, &w->txn) != KITH_OK)
        return 1;
    return (int)kith_get(w->txn, TABLES, text("a"), &value);
}

static void misuse_stops_the_process(void **state)
{
    world_t *w = *state;
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(in_child(nest_transactions, w), 256 + SIGABRT);
    assert_int_equal(in_child(write_while_reading, w), 256 + SIGABRT);
    assert_int_equal(in_child(use_after_the_end, w), 256 + SIGABRT);
    assert_int_equal(in_child(name_no_table, w), 256 + SIGABRT);
}

/* ---- against the model ---- */

/* Keys of few letters, so that prefixes and neighbours are met often. */
static kith_bytes_t roll_key(dice_t *dice, uint8_t *room, size_t size_min)
{
    static const uint8_t letters[] = {0x00, 0x01, 'a', 0xfe, 0xff};
    size_t size = size_min + roll(dice, 4);
    for (size_t i = 0; i < size; i++)
        room[i] = letters[roll(dice, sizeof(letters))];
    return (kith_bytes_t){.data = room, .size = size};
}

static void compare_look(kith_txn_t *a, kith_txn_t *b, dice_t *dice, int table)
{
    uint8_t rooms[2][8];
    kith_bytes_t prefix = roll_key(dice, rooms[0], 0), from = roll_key(dice, rooms[1], 0);
    kith_bytes_t key_a, key_b, value_a, value_b;
    kith_err err_a, err_b;
    if (roll(dice, 2) == 0) {
        err_a = kith_next(a, table, prefix, from, &key_a, &value_a);
        err_b = kith_next(b, table, prefix, from, &key_b, &value_b);
    } else {
        err_a = kith_prev(a, table, prefix, from, &key_a, &value_a);
        err_b = kith_prev(b, table, prefix, from, &key_b, &value_b);
    }
    assert_int_equal(err_a, err_b);
    if (err_a == KITH_OK) {
        assert_true(kith_bytes_equal(key_a, key_b));
        assert_true(kith_bytes_equal(value_a, value_b));
    }
}

static void one_random_call(kith_txn_t *a, kith_txn_t *b, dice_t *dice)
{
    static uint8_t contents[6000];
    uint8_t room[8];
    int table = (int)roll(dice, TABLES);
    kith_bytes_t key = roll_key(dice, room, 1), value_a, value_b;
    uint64_t rows_a, rows_b;
    switch (roll(dice, 6)) {
    case 0:
    case 1:
        contents[0] = (uint8_t)roll(dice, 256);
        value_a = (kith_bytes_t){.data = contents, .size = roll(dice, sizeof(contents))};
        assert_int_equal(kith_put(a, table, key, value_a), KITH_OK);
        assert_int_equal(kith_put(b, table, key, value_a), KITH_OK);
        return;
    case 2:
        assert_int_equal(kith_del(a, table, key), kith_del(b, table, key));
        return;
    case 3:
        if (kith_get(b, table, key, &value_b) == KITH_OK) {
            assert_int_equal(kith_get(a, table, key, &value_a), KITH_OK);
            assert_true(kith_bytes_equal(value_a, value_b));
        } else
            assert_int_equal(kith_get(a, table, key, &value_a), KITH_NOT_FOUND);
        return;
    case 4:
        assert_int_equal(kith_count(a, table, &rows_a), KITH_OK);
        assert_int_equal(kith_count(b, table, &rows_b), KITH_OK);
        assert_int_equal(rows_a, rows_b);
        return;
    default:
        compare_look(a, b, dice, table);
    }
}

static void the_store_behaves_as_the_model_in_memory(void **state)
{
    world_t *w = *state;
    dice_t dice = {.state = 20260322};
    memtxn_t *model = memtxn_new(TABLES);
    make_and_open(w);
    for (int turn = 0; turn < 150; turn++) {
        begin(w);
        kith_txn_t *door = memtxn_begin(model);
        for (int call = 0; call < 60; call++)
            one_random_call(w->txn, door, &dice);
        if (roll(&dice, 4) == 0) {
            store_abort(w->store);
            memtxn_abort(model);
        } else {
            commit(w);
            assert_int_equal(memtxn_commit(model), KITH_OK);
        }
        if (roll(&dice, 10) == 0)
            reopen(w);
    }
    for (int table = 0; table < TABLES; table++) {
        uint64_t rows;
        assert_int_equal(store_check_table(w->store, table, &rows), KITH_OK);
    }
    memtxn_destroy(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_missing_store_is_not_made_by_opening),
        TEST(a_store_is_made_once_and_private),
        TEST(what_a_killed_init_left_is_no_store_and_no_hindrance),
        TEST(a_folder_that_others_may_enter_is_refused),
        TEST(a_second_opening_is_busy_until_the_first_is_closed),
        TEST(a_file_that_is_no_store_is_corrupt),
        TEST(a_later_version_may_bring_a_new_table),
        TEST(committed_rows_are_there_after_reopening),
        TEST(what_is_not_there_is_not_found_and_touches_nothing),
        TEST(an_abort_drops_all_of_it),
        TEST(counts_follow_new_rows_changed_rows_and_deleted_rows),
        TEST(borrowed_keys_and_values_may_be_put_again),
        TEST(rows_come_in_the_order_of_their_keys),
        TEST(keys_and_values_may_be_as_long_as_they_may),
        TEST(misuse_stops_the_process),
        TEST(the_store_behaves_as_the_model_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
