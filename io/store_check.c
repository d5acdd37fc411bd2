/* See store_check.h. */
#include "io/store_check.h"

#include "io/clock.h"
#include "io/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* No larger than LMDB's: what is taken for two pages although it is one costs a search, no more. */
#define PAGE_BYTES 4096u

static bool on_one_page(kith_bytes_t a, kith_bytes_t b)
{
    return (uintptr_t)a.data / PAGE_BYTES == (uintptr_t)b.data / PAGE_BYTES;
}

/* From the root down, and not within the page where the search is already: so from the first row's
 * page and from the last's. A key of a branch page that is damaged hides the rows beside the gap.
 */
static kith_err find_from_afar(kith_txn_t *txn, int table, kith_bytes_t key)
{
    kith_bytes_t none = {0}, other_key, value;
    kith_err err = kith_next(txn, table, none, none, &other_key, &value);
    if (err == KITH_OK)
        err = kith_get(txn, table, key, &value);
    if (err == KITH_OK)
        err = kith_prev(txn, table, none, none, &other_key, &value);
    if (err == KITH_OK)
        err = kith_get(txn, table, key, &value);
    return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
}

/* Walks, and looks up the rows at both sides of each gap between pages: a bit flipped in a branch
 * page hides rows from one of the two only. More rows than expected end it too: a damaged file may
 * go in a circle. */
static kith_err rows_check(kith_txn_t *txn, int table, uint64_t expected_rows, uint64_t *rows)
{
    kith_bytes_t key = {0}, none = {0}, value;
    while (*rows <= expected_rows) {
        kith_bytes_t before = key;
        kith_err err = kith_next(txn, table, none, before, &key, &value);
        bool end = err == KITH_NOT_FOUND;
        if (err != KITH_OK && !end)
            return err;
        bool gap = end || before.size == 0 || !on_one_page(before, key);
        err = gap && before.size > 0 ? find_from_afar(txn, table, before) : KITH_OK;
        if (err == KITH_OK && gap && !end)
            err = find_from_afar(txn, table, key);
        if (err != KITH_OK)
            return err;
        if (end)
            return *rows == expected_rows ? KITH_OK : KITH_CORRUPT;
        if (kith_bytes_compare(before, key) >= 0)
            return KITH_CORRUPT;
        (*rows)++;
    }
    return KITH_CORRUPT;
}

kith_err store_check_table(kith_store_t *self, int table, uint64_t *ret_rows)
{
    kith_txn_t *txn = NULL;
    uint64_t expected_rows = 0, rows = 0;
    kith_err err = store_read_begin(self, &txn);
    if (err == KITH_OK)
        err = kith_count(txn, table, &expected_rows);
    if (err == KITH_OK)
        err = rows_check(txn, table, expected_rows, &rows);
    store_read_end(self);
    *ret_rows = rows;
    return err;
}

/* What a check found, as it is told through a pipe. */
typedef struct found {
    kith_err err;
    size_t table; /* the first that did not hold */
    uint64_t rows;
} found_t;

static found_t check_all(kith_store_t *self, const store_options_t *options)
{
    found_t found = {.err = store_open_held(self), .table = options->tables_count};
    for (size_t i = 0; i < options->tables_count && found.err == KITH_OK; i++) {
        uint64_t rows = 0;
        found.err = store_check_table(self, (int)i, &rows);
        found.rows += rows;
        if (found.err == KITH_CORRUPT)
            found.table = i;
    }
    return found;
}

/* The child: never returns, ends with its parent, and leaves the folder's lock and mark alone. */
static void check_and_tell(kith_store_t *self, const store_options_t *options, pid_t parent, int to)
{
    const struct rlimit no_core = {0};
    (void)setrlimit(RLIMIT_CORE, &no_core); /* a crash is expected, and the store is in it */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    found_t found = check_all(self, options);
    bool told = write(to, &found, sizeof found) == (ssize_t)sizeof found;
    _exit(told ? 0 : 1);
}

/* false: it ended without a word. */
static bool hear(pid_t child, int from, found_t *ret_found, bool *ret_killed)
{
    ssize_t size = -1;
    int status = 0;
    do
        size = read(from, ret_found, sizeof *ret_found); /* less than a pipe's: whole, or nothing */
    while (size < 0 && errno == EINTR);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    *ret_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    return size == (ssize_t)sizeof *ret_found;
}

/* In a process of its own: a crash of LMDB says that the file is damaged. One that was killed says
 * nothing. */
static kith_err check_apart(kith_store_t *self, const store_options_t *options,
                            store_start_t *start)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return KITH_IO;
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        check_and_tell(self, options, parent, ends[1]);
    (void)close(ends[1]);
    found_t found = {.err = KITH_IO};
    bool killed = true, heard = child > 0 && hear(child, ends[0], &found, &killed);
    (void)close(ends[0]);
    if (!heard) {
        start->check_died = !killed;
        return killed ? KITH_IO : KITH_CORRUPT;
    }
    start->rows = found.rows;
    start->damaged = found.table < options->tables_count ? options->tables[found.table] : NULL;
    return found.err;
}

kith_err store_start(const store_options_t *options, kith_store_t **ret_store,
                     store_start_t *ret_start)
{
    kith_store_t *store = NULL;
    store_start_t start = {0};
    store_mark before = STORE_MARK_NONE;
    int64_t begun_ms = clock_mono_ms();
    kith_err err = store_hold(options, &store, &before);
    start.unclean = before == STORE_MARK_OPEN;
    if (err == KITH_OK && start.unclean) {
        err = check_apart(store, options, &start);
        start.ms = clock_mono_ms() - begun_ms;
    }
    if (err == KITH_OK)
        err = store_open_held(store);
    if (err == KITH_OK || err == KITH_CORRUPT)
        *ret_start = start;
    if (err == KITH_OK)
        *ret_store = store;
    else
        store_close(&store);
    return err;
}
