/* A store that is damaged, or for which there is no room, never gives wrong rows and never loses
 * those it has. */
#include "tests/unit/store_world.h"

#include <sched.h>
#include <sys/mount.h>

/* ---- room ---- */

static void key_of(uint32_t number, char ret_key[16])
{
    (void)snprintf(ret_key, 16, "row-%07u", number);
}

/* A row whose value tells its key, so that a wrong one would be seen. */
static kith_err put_numbered(world_t *w, uint32_t number, size_t size)
{
    static char contents[8192];
    char key[16];
    key_of(number, key);
    memset(contents, 'a' + (int)(number % 26), size);
    memcpy(contents, key, 11);
    kith_bytes_t value = {.data = (const uint8_t *)contents, .size = size};
    return kith_put(w->txn, TABLE_NOTICE, text(key), value);
}

/* The row is as it was put. */
static kith_err get_numbered(world_t *w, uint32_t number, size_t size)
{
    char key[16];
    kith_bytes_t value;
    key_of(number, key);
    kith_err err = kith_get(w->txn, TABLE_NOTICE, text(key), &value);
    if (err != KITH_OK)
        return err;
    if (value.size != size || memcmp(value.data, key, 11) != 0)
        return KITH_CONFLICT;
    for (size_t i = 11; i < size; i++) {
        if (value.data[i] != 'a' + (int)(number % 26))
            return KITH_CONFLICT;
    }
    return KITH_OK;
}

/* Commits one row at a time until one does not go in; returns how many did. */
static uint32_t fill(world_t *w, size_t size, kith_err *ret_err)
{
    kith_err err = KITH_OK;
    uint32_t rows = 0;
    while (err == KITH_OK && rows < 100000) {
        err = store_begin(w->store, &w->txn);
        if (err != KITH_OK)
            break;
        err = put_numbered(w, rows, size);
        kith_err committed = store_commit(w->store);
        err = err != KITH_OK ? err : committed;
        rows += err == KITH_OK;
    }
    *ret_err = err;
    return rows;
}

static kith_err check_filled(world_t *w, uint32_t rows, size_t size)
{
    uint64_t counted;
    kith_err err = store_check_table(w->store, TABLE_NOTICE, &counted);
    if (err != KITH_OK || counted != rows)
        return KITH_CORRUPT;
    err = store_read_begin(w->store, &w->txn);
    for (uint32_t i = 0; i < rows && err == KITH_OK; i++)
        err = get_numbered(w, i, size);
    store_read_end(w->store);
    return err;
}

static void a_full_map_refuses_keeps_what_it_has_and_lets_delete(void **state)
{
    world_t *w = *state;
    kith_err err;
    char key[16];
    w->options.map_bytes = 1024 * 1024;
    make_and_open(w);
    uint64_t free_before = store_free_bytes(w->store);
    assert_true(free_before > 900 * 1024 && free_before <= 1024 * 1024);
    uint32_t rows = fill(w, 3000, &err);
    assert_int_equal(err, KITH_FULL);
    assert_true(rows > 50 && rows < 350);
    assert_true(store_free_bytes(w->store) < 100 * 1024);
    assert_int_equal(check_filled(w, rows, 3000), KITH_OK);
    for (uint32_t i = rows; i-- > rows / 2;) {
        begin(w);
        key_of(i, key);
        assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text(key)), KITH_OK);
        commit(w);
    }
    /* The room is there again, and can be used. */
    assert_true(store_free_bytes(w->store) > free_before / 3);
    assert_int_equal(check_filled(w, rows / 2, 3000), KITH_OK);
    begin(w);
    assert_int_equal(put_numbered(w, rows / 2, 3000), KITH_OK);
    commit(w);
    reopen(w);
    assert_int_equal(check_filled(w, rows / 2 + 1, 3000), KITH_OK);
}

/* LMDB alone would give the pages out one commit later still. */
static void what_one_commit_freed_the_next_can_use(void **state)
{
    world_t *w = *state;
    kith_err err;
    char key[16];
    w->options.map_bytes = 1024 * 1024;
    make_and_open(w);
    uint32_t rows = fill(w, 3000, &err), kept = rows - 20;
    assert_int_equal(err, KITH_FULL);
    for (uint32_t i = rows; i-- > kept;) { /* so that many can go at once */
        begin(w);
        key_of(i, key);
        assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text(key)), KITH_OK);
        commit(w);
    }
    begin(w);
    for (uint32_t i = kept; i-- > kept / 2;) {
        key_of(i, key);
        assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text(key)), KITH_OK);
    }
    commit(w);
    begin(w);
    for (uint32_t i = kept / 2; i < kept; i++)
        assert_int_equal(put_numbered(w, i, 3000), KITH_OK);
    commit(w);
    assert_int_equal(check_filled(w, kept, 3000), KITH_OK);
}

static void after_one_failure_the_transaction_can_only_end(void **state)
{
    world_t *w = *state;
    kith_bytes_t key, value;
    uint64_t rows;
    kith_err err = KITH_OK;
    w->options.map_bytes = 1024 * 1024;
    make_and_open(w);
    begin(w);
    for (uint32_t i = 0; err == KITH_OK; i++)
        err = put_numbered(w, i, 8000);
    assert_int_equal(err, KITH_FULL);
    assert_int_equal(put_numbered(w, 0, 20), KITH_FULL);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("a"), &value), KITH_FULL);
    assert_int_equal(kith_del(w->txn, TABLE_NOTICE, text("a")), KITH_FULL);
    assert_int_equal(kith_next(w->txn, TABLE_NOTICE, none, none, &key, &value), KITH_FULL);
    assert_int_equal(kith_prev(w->txn, TABLE_NOTICE, none, none, &key, &value), KITH_FULL);
    assert_int_equal(kith_count(w->txn, TABLE_NOTICE, &rows), KITH_FULL);
    assert_int_equal(store_commit(w->store), KITH_FULL);
    assert_int_equal(check_filled(w, 0, 8000), KITH_OK);
    begin(w);
    assert_int_equal(put_numbered(w, 0, 20), KITH_OK);
    commit(w);
    assert_int_equal(check_filled(w, 1, 20), KITH_OK);
}

/* EFBIG: a failed write that is not a full disk. In a process of its own, for the limit's sake. */
static int outgrow_the_file_limit(world_t *w)
{
    const struct rlimit limit = {.rlim_cur = 400 * 1024, .rlim_max = RLIM_INFINITY};
    const struct rlimit unlimited = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    kith_err err;
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    if (store_open(&w->options, &w->store) != KITH_OK || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 100;
    uint32_t rows = fill(w, 3000, &err);
    if (err != KITH_IO)
        return (int)err;
    if (rows < 10 || setrlimit(RLIMIT_FSIZE, &unlimited) != 0)
        return 101;
    /* The next process goes on from what was committed. */
    store_close(&w->store);
    if (store_open(&w->options, &w->store) != KITH_OK || check_filled(w, rows, 3000) != KITH_OK)
        return 102;
    store_close(&w->store);
    return 0;
}

static void a_write_that_fails_otherwise_is_told_apart_from_full(void **state)
{
    world_t *w = *state;
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(in_child(outgrow_the_file_limit, w), 0);
    assert_int_equal(folder_err(w->folder, ENOSPC), KITH_FULL);
    assert_int_equal(folder_err(w->folder, EDQUOT), KITH_FULL);
    assert_int_equal(folder_err("no/such/folder", EIO), KITH_IO);
    assert_int_equal(folder_err(w->folder, 0), KITH_OK);
    assert_int_equal(folder_err(w->folder, EIO), KITH_IO);
}

static void a_folder_that_cannot_be_used_is_told(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE], long_path[5000];
    int fd = -1;
    scratch_path(&w->scratch, "above", path);
    write_file(path, "x", 1); /* a file where a folder must be */
    assert_int_equal(store_init(&w->options), KITH_IO);
    assert_int_equal(store_open(&w->options, &w->store), KITH_NOT_FOUND);
    memset(long_path, 'x', sizeof(long_path) - 1);
    long_path[sizeof(long_path) - 1] = '\0';
    assert_int_equal(folder_make(long_path), KITH_IO);
    assert_int_equal(folder_make(""), KITH_IO);
    assert_int_equal(folder_check(long_path), KITH_IO);
    assert_int_equal(folder_sync("no/such"), KITH_IO);
    assert_int_equal(folder_lock("no/such/lock", &fd), KITH_IO);
    assert_int_equal(fd, -1);
    assert_int_equal(folder_fill("no/such/file", 1), KITH_IO);
    assert_int_equal(folder_free_bytes("no/such"), 0);
}

/* A file system of 1 MiB that only the child sees. false: this machine does not let us. */
static bool mount_small_disk(const char *folder)
{
    char line[64];
    unsigned user = geteuid();
    if (unshare(CLONE_NEWNS) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return false;
        int map = open("/proc/self/uid_map", O_WRONLY);
        int size = snprintf(line, sizeof(line), "%u %u 1", user, user);
        bool mapped = write(map, line, (size_t)size) == size;
        close(map);
        if (!mapped)
            return false;
    }
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", folder, "tmpfs", 0, "size=1m,mode=0700") == 0;
}

enum { CANNOT_MOUNT = 99 };

static int fill_a_small_disk(world_t *w)
{
    kith_err err;
    char key[16];
    if (!mount_small_disk(w->scratch.folder))
        return CANNOT_MOUNT;
    if (store_init(&w->options) != KITH_OK || store_open(&w->options, &w->store) != KITH_OK)
        return 100;
    uint64_t free_before = store_free_bytes(w->store);
    uint32_t rows = fill(w, 3000, &err);
    if (err != KITH_FULL)
        return (int)err;
    if (free_before > 1024 * 1024 || rows < 50 || check_filled(w, rows, 3000) != KITH_OK)
        return 101;
    /* A restart on the full disk, and a delete there. */
    store_start_t start;
    store_close(&w->store);
    if (store_start(&w->options, &w->store, &start) != KITH_OK)
        return 102;
    key_of(rows - 1, key);
    if (store_begin(w->store, &w->txn) != KITH_OK ||
        kith_del(w->txn, TABLE_NOTICE, text(key)) != KITH_OK || store_commit(w->store) != KITH_OK)
        return 103;
    if (check_filled(w, rows - 1, 3000) != KITH_OK)
        return 104;
    store_close(&w->store);
    return 0;
}

static void a_full_disk_refuses_keeps_what_it_has_and_lets_delete(void **state)
{
    int status = in_child(fill_a_small_disk, *state);
    if (status == CANNOT_MOUNT)
        skip();
    assert_int_equal(status, 0);
}

static int init_on_a_full_disk(world_t *w)
{
    char path[SCRATCH_PATH_SIZE];
    static char zeros[4096];
    if (!mount_small_disk(w->scratch.folder))
        return CANNOT_MOUNT;
    scratch_path(&w->scratch, "ballast", path);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    while (write(fd, zeros, sizeof(zeros)) > 0)
        continue;
    close(fd);
    kith_err err = store_init(&w->options);
    if (err != KITH_FULL)
        return 100 + (int)err;
    if (unlink(path) != 0 || store_init(&w->options) != KITH_OK)
        return 150;
    return 0;
}

static void no_store_is_made_on_a_full_disk(void **state)
{
    int status = in_child(init_on_a_full_disk, *state);
    if (status == CANNOT_MOUNT)
        skip();
    assert_int_equal(status, 0);
}

/* ---- damage ---- */

static size_t read_file(const char *path, uint8_t **ret_data)
{
    struct stat info;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &info) == 0);
    uint8_t *data = malloc((size_t)info.st_size);
    assert_int_equal(read(fd, data, (size_t)info.st_size), info.st_size);
    close(fd);
    *ret_data = data;
    return (size_t)info.st_size;
}

/* Finds what must be there. */
static uint8_t *find_in(uint8_t *data, size_t size, const char *what)
{
    uint8_t *found = memmem(data, size, what, strlen(what));
    assert_non_null(found);
    return found;
}

/* The last bit of the key that stands between the first two children of each page that branches:
 * the walk from row to row does not need it, a search does. */
static unsigned flip_gaps(uint8_t *data, size_t size)
{
    enum { PAGE = 4096, FLAGS_AT = 10, NODES_AT = 16, BRANCH = 1, KEY_SIZE_AT = 6, KEY_AT = 8 };
    unsigned flipped = 0;
    for (uint8_t *page = data + 2 * PAGE; page < data + size; page += PAGE) {
        uint16_t flags, node_at, key_size;
        memcpy(&flags, page + FLAGS_AT, sizeof flags);
        if (flags != BRANCH)
            continue;
        memcpy(&node_at, page + NODES_AT + 2,
               sizeof node_at); /* the second: the first has no key */
        memcpy(&key_size, page + node_at + KEY_SIZE_AT, sizeof key_size);
        assert_in_range(key_size, 1, 16);
        page[node_at + KEY_AT + key_size - 1] ^= 1;
        flipped++;
    }
    return flipped;
}

static void a_flipped_bit_of_a_gap_between_pages_is_found(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    uint64_t rows;
    uint8_t *data;
    make_and_open(w);
    begin(w);
    for (uint32_t i = 0; i < 500; i++)
        assert_int_equal(put_numbered(w, i, 100), KITH_OK);
    commit(w);
    store_close(&w->store);
    data_path(w, path);
    size_t size = read_file(path, &data);
    assert_true(flip_gaps(data, size) > 0);
    write_file(path, data, size);
    free(data);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
    assert_int_equal(store_check_table(w->store, TABLE_NOTICE, &rows), KITH_CORRUPT);
}

static void a_flipped_byte_of_a_value_is_found_and_the_other_rows_are_read(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    kith_bytes_t key, value = {.size = 77};
    uint64_t rows;
    uint8_t *data;
    make_and_open(w);
    begin(w);
    put(w, TABLE_NOTICE, "a", "first value");
    put(w, TABLE_NOTICE, "b", "second value");
    put(w, TABLE_NOTICE, "c", "third value");
    commit(w);
    store_close(&w->store);
    data_path(w, path);
    size_t size = read_file(path, &data);
    find_in(data, size, "second value")[3] ^= 0x20;
    write_file(path, data, size);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
    read_begin(w);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("b"), &value), KITH_CORRUPT);
    assert_int_equal(kith_next(w->txn, TABLE_NOTICE, none, text("a"), &key, &value), KITH_CORRUPT);
    assert_int_equal(kith_prev(w->txn, TABLE_NOTICE, none, text("c"), &key, &value), KITH_CORRUPT);
    assert_int_equal(value.size, 77);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("a"), &value), KITH_OK);
    assert_int_equal(kith_get(w->txn, TABLE_NOTICE, text("c"), &value), KITH_OK);
    store_read_end(w->store);
    assert_int_equal(store_check_table(w->store, TABLE_NOTICE, &rows), KITH_CORRUPT);
    assert_int_equal(rows, 1);
    assert_int_equal(store_check_table(w->store, TABLE_MARK, &rows), KITH_OK);
    free(data);
}

static void a_wrong_count_is_found_on_opening(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    uint8_t *data;
    make_and_open(w);
    begin(w);
    put(w, TABLE_FEED, "a", "1");
    commit(w);
    store_close(&w->store);
    data_path(w, path);
    size_t size = read_file(path, &data);
    /* The name of a table is the key of its count; every page that holds one, old ones too. */
    for (uint8_t *at = data; (at = memmem(at, (size_t)(data + size - at), "feed", 4)) != NULL; at++)
        at[4] ^= 1;
    write_file(path, data, size);
    assert_int_equal(store_open(&w->options, &w->store), KITH_CORRUPT);
    assert_null(w->store);
    free(data);
}

enum { ROWS = 300, ROW_BYTES = 700 };

/* 0: all is as it was. 1: damage was told. Anything else: rows were wrong and nobody said so. */
static int read_all(world_t *w)
{
    uint64_t rows;
    if (store_open(&w->options, &w->store) != KITH_OK)
        return 1;
    kith_err err = KITH_OK;
    for (int table = 0; table < TABLES && err == KITH_OK; table++)
        err = store_check_table(w->store, table, &rows);
    if (err != KITH_OK)
        return 1;
    return check_filled(w, ROWS, ROW_BYTES) == KITH_OK ? 0 : 2;
}

/* Told, unharmed, or the child died: never wrong rows. */
static void assert_never_wrong(world_t *w, int *ret_status)
{
    int status = in_child(read_all, w);
    *ret_status = status;
    assert_true(status == 0 || status == 1 || status == 256 + SIGSEGV || status == 256 + SIGBUS ||
                status == 256 + SIGABRT);
}

static size_t make_filled_file(world_t *w, char path[SCRATCH_PATH_SIZE], uint8_t **ret_data)
{
    make_and_open(w);
    begin(w);
    for (uint32_t i = 0; i < ROWS; i++)
        assert_int_equal(put_numbered(w, i, ROW_BYTES), KITH_OK);
    commit(w);
    store_close(&w->store);
    data_path(w, path);
    return read_file(path, ret_data);
}

static void a_zeroed_page_never_gives_wrong_rows(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    uint8_t *data, page[4096];
    int status, told = 0;
    size_t size = make_filled_file(w, path, &data);
    assert_int_equal(in_child(read_all, w), 0);
    for (size_t at = 0; at + sizeof(page) <= size; at += sizeof(page)) {
        memcpy(page, data + at, sizeof(page));
        memset(data + at, 0, sizeof(page));
        write_file(path, data, size);
        assert_never_wrong(w, &status);
        told += status != 0;
        memcpy(data + at, page, sizeof(page));
    }
    assert_true(told > ROWS * ROW_BYTES / 4096);
    write_file(path, data, size);
    assert_int_equal(in_child(read_all, w), 0);
    free(data);
}

static void flipped_bits_never_give_wrong_rows(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    uint8_t *data;
    int status, told = 0;
    dice_t dice = {.state = 77};
    size_t size = make_filled_file(w, path, &data);
    for (int i = 0; i < 150; i++) {
        size_t page = roll(&dice, (uint32_t)(size / 4096)) * 4096u;
        /* Half of them in the head of a page, where LMDB keeps what leads it. */
        size_t at = page + roll(&dice, roll(&dice, 2) == 0 ? 32 : 4096);
        uint8_t bit = (uint8_t)(1u << roll(&dice, 8));
        data[at] ^= bit;
        write_file(path, data, size);
        assert_never_wrong(w, &status);
        told += status != 0;
        data[at] ^= bit;
    }
    assert_true(told > 50);
    free(data);
}

static void a_shortened_file_never_gives_wrong_rows(void **state)
{
    world_t *w = *state;
    char path[SCRATCH_PATH_SIZE];
    uint8_t *data;
    int status;
    size_t size = make_filled_file(w, path, &data);
    for (size_t kept = size - 4096; kept > 8192; kept -= kept > 65536 ? 65536 : 4096) {
        write_file(path, data, kept);
        assert_never_wrong(w, &status);
        assert_true(status != 0 || kept > size / 2); /* the last pages may be unused ones */
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_map_refuses_keeps_what_it_has_and_lets_delete),
        TEST(what_one_commit_freed_the_next_can_use),
        TEST(after_one_failure_the_transaction_can_only_end),
        TEST(a_write_that_fails_otherwise_is_told_apart_from_full),
        TEST(a_folder_that_cannot_be_used_is_told),
        TEST(a_full_disk_refuses_keeps_what_it_has_and_lets_delete),
        TEST(no_store_is_made_on_a_full_disk),
        TEST(a_flipped_bit_of_a_gap_between_pages_is_found),
        TEST(a_flipped_byte_of_a_value_is_found_and_the_other_rows_are_read),
        TEST(a_wrong_count_is_found_on_opening),
        TEST(a_zeroed_page_never_gives_wrong_rows),
        TEST(flipped_bits_never_give_wrong_rows),
        TEST(a_shortened_file_never_gives_wrong_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
