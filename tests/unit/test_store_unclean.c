/* A run that was cut off: the next start compares the whole store, and does not crash. */
#include "tests/unit/store_world.h"

#include "io/store_mark.h"
#include "io/store_private.h"

enum { ROWS = 300, ROW_BYTES = 700, KILLED = 256 + SIGKILL, CHECK_DIED = 200 };

static kith_err start(world_t *w, store_start_t *ret_start)
{
    return store_start(&w->options, &w->store, ret_start);
}

static void assert_mark(const world_t *w, store_mark wanted)
{
    store_mark mark = STORE_MARK_NONE;
    assert_int_equal(store_mark_read(w->folder, &mark), KITH_OK);
    assert_int_equal(mark, wanted);
}

static void start_well(world_t *w, bool unclean, uint64_t rows)
{
    store_start_t found = {.ms = -1};
    assert_int_equal(start(w, &found), KITH_OK);
    assert_int_equal(found.unclean, unclean);
    assert_int_equal(found.rows, rows);
    assert_null(found.damaged);
    assert_false(found.check_died);
    assert_true(found.ms >= 0);
    assert_mark(w, STORE_MARK_OPEN);
}

static int run_until_killed(world_t *w)
{
    store_start_t found;
    if (start(w, &found) != KITH_OK || store_begin(w->store, &w->txn) != KITH_OK)
        return 100;
    for (uint32_t i = 0; i < ROWS; i++) {
        char key[16], value[ROW_BYTES] = "value of ";
        (void)snprintf(key, sizeof key, "row-%07u", i);
        memcpy(value + strlen(value), key, sizeof key);
        if (kith_put(w->txn, TABLE_NOTICE, text(key),
                     (kith_bytes_t){(uint8_t *)value, sizeof value}) != KITH_OK)
            return 101;
    }
    if (store_commit(w->store) != KITH_OK)
        return 102;
    return kill(getpid(), SIGKILL);
}

static int killed_before_the_check(world_t *w)
{
    store_mark before;
    if (store_hold(&w->options, &w->store, &before) != KITH_OK || before != STORE_MARK_OPEN)
        return 100;
    return kill(getpid(), SIGKILL);
}

static int start_once(world_t *w)
{
    store_start_t found;
    kith_err err = start(w, &found);
    store_close(&w->store);
    return err == KITH_CORRUPT && found.check_died ? CHECK_DIED : (int)err;
}

static void make_and_kill(world_t *w)
{
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(in_child(run_until_killed, w), KILLED);
    assert_mark(w, STORE_MARK_OPEN);
}

/* Reads the data file; *ret_data is to be freed. */
static size_t read_data(world_t *w, uint8_t **ret_data)
{
    char path[SCRATCH_PATH_SIZE];
    struct stat info;
    data_path(w, path);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &info) == 0);
    *ret_data = malloc((size_t)info.st_size);
    assert_int_equal(read(fd, *ret_data, (size_t)info.st_size), info.st_size);
    close(fd);
    return (size_t)info.st_size;
}

static void write_data(world_t *w, const uint8_t *data, size_t size)
{
    char path[SCRATCH_PATH_SIZE];
    data_path(w, path);
    write_file(path, data, size);
}

/* In every copy of the row: LMDB leaves old pages in the file. */
static void flip_a_value(world_t *w)
{
    uint8_t *data = NULL;
    size_t size = read_data(w, &data), found = 0;
    for (uint8_t *at = data;
         (at = memmem(at, (size_t)(data + size - at), "value of row-0000200", 20)) != NULL; found++)
        at[0] ^= 1;
    assert_true(found > 0);
    write_data(w, data, size);
    free(data);
}

/* ---- ends ---- */

static void a_clean_end_leaves_nothing_to_check(void **state)
{
    world_t *w = *state;
    struct stat info;
    char path[SCRATCH_PATH_SIZE];
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_mark(w, STORE_MARK_NONE);
    start_well(w, false, 0);
    scratch_path(&w->scratch, "above/store/state.open", path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    store_close(&w->store);
    assert_mark(w, STORE_MARK_NONE);
    start_well(w, false, 0);
}

static void after_a_kill_everything_is_compared_once(void **state)
{
    world_t *w = *state;
    make_and_kill(w);
    start_well(w, true, ROWS);
    store_close(&w->store);
    assert_mark(w, STORE_MARK_NONE);
    start_well(w, false, 0);
}

static void a_second_process_changes_no_mark(void **state)
{
    world_t *w = *state;
    assert_int_equal(store_init(&w->options), KITH_OK);
    start_well(w, false, 0);
    kith_store_t *second = NULL;
    store_start_t found;
    assert_int_equal(store_start(&w->options, &second, &found), KITH_BUSY);
    assert_mark(w, STORE_MARK_OPEN);
}

static void a_run_that_met_damage_is_no_clean_end(void **state)
{
    world_t *w = *state;
    kith_bytes_t value;
    make_and_kill(w);
    start_well(w, true, ROWS);
    store_close(&w->store);
    flip_a_value(w);
    start_well(w, false, 0); /* not read yet */
    read_begin(w);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("row-0000200"), &value), KITH_CORRUPT);
    store_close(&w->store);
    assert_mark(w, STORE_MARK_OPEN);
}

/* ---- damage ---- */

static void damage_after_a_kill_is_told_at_each_start(void **state)
{
    world_t *w = *state;
    make_and_kill(w);
    flip_a_value(w);
    for (int i = 0; i < 2; i++) {
        store_start_t found = {0};
        assert_int_equal(start(w, &found), KITH_CORRUPT);
        assert_null(w->store);
        assert_true(found.unclean);
        assert_false(found.check_died);
        assert_string_equal(found.damaged, "notice");
        assert_int_equal(found.rows, 200);
        assert_mark(w, STORE_MARK_OPEN);
    }
}

static void a_start_that_was_cut_off_is_begun_again(void **state)
{
    world_t *w = *state;
    make_and_kill(w);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(in_child(killed_before_the_check, w), KILLED);
        assert_mark(w, STORE_MARK_OPEN);
    }
    start_well(w, true, ROWS);
}

/* Whatever a zeroed page does to LMDB. */
static void a_zeroed_page_crashes_no_start(void **state)
{
    world_t *w = *state;
    uint8_t *data = NULL, page[4096];
    int crashed = 0, told = 0;
    make_and_kill(w);
    size_t size = read_data(w, &data);
    for (size_t at = 0; at + sizeof page <= size; at += sizeof page) {
        memcpy(page, data + at, sizeof page);
        memset(data + at, 0, sizeof page);
        write_data(w, data, size);
        assert_int_equal(store_mark_write(w->folder, STORE_MARK_OPEN), KITH_OK);
        int status = in_child(start_once, w);
        assert_in_range(status, 0, CHECK_DIED);
        told += status == KITH_CORRUPT;
        crashed += status == CHECK_DIED;
        if (status != KITH_OK)
            assert_mark(w, STORE_MARK_OPEN);
        memcpy(data + at, page, sizeof page);
    }
    assert_true(told + crashed > ROWS * ROW_BYTES / 4096);
    assert_true(crashed > 0);
    free(data);
}

/* ---- the mark ---- */

static void a_new_store_in_an_old_folder_begins_without_a_mark(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    make_and_kill(w);
    data_path(w, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_mark(w, STORE_MARK_NONE);
}

static void a_mark_that_cannot_be_read_or_written_is_told(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE], long_path[5000];
    store_start_t found = {0};
    store_mark mark = STORE_MARK_OPEN;
    memset(long_path, 'x', sizeof long_path - 1);
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(store_mark_read(long_path, &mark), KITH_IO);
    assert_int_equal(store_mark_write(long_path, STORE_MARK_OPEN), KITH_IO);
    assert_int_equal(store_mark_write("no/such", STORE_MARK_OPEN), KITH_IO);
    memset(long_path + 300, 0, 1); /* one name is too long */
    assert_int_equal(store_mark_read(long_path, &mark), KITH_IO);
    assert_int_equal(mark, STORE_MARK_OPEN);
    assert_int_equal(store_init(&w->options), KITH_OK);
    scratch_path(&w->scratch, "above/store/state.open", path);
    assert_int_equal(mkdir(path, 0700), 0); /* never removed as a file */
    assert_int_equal(store_mark_write(w->folder, STORE_MARK_NONE), KITH_IO);
    assert_int_equal(start(w, &found), KITH_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_clean_end_leaves_nothing_to_check),
        TEST(after_a_kill_everything_is_compared_once),
        TEST(a_second_process_changes_no_mark),
        TEST(a_run_that_met_damage_is_no_clean_end),
        TEST(damage_after_a_kill_is_told_at_each_start),
        TEST(a_start_that_was_cut_off_is_begun_again),
        TEST(a_zeroed_page_crashes_no_start),
        TEST(a_new_store_in_an_old_folder_begins_without_a_mark),
        TEST(a_mark_that_cannot_be_read_or_written_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
