/* See store_check.h. */
#include "io/store_check.h"

#include "io/clock.h"
#include "io/store_private.h"

/* Walks, and looks each row up: a bit flipped in a branch page hides rows from one of the two only.
 * More rows than expected end it too: a damaged file may go in a circle. */
static kith_err rows_check(kith_txn_t *txn, int table, uint64_t expected_rows, uint64_t *rows)
{
    kith_bytes_t key = {0}, none = {0}, walked, looked_up;
    while (*rows <= expected_rows) {
        kith_bytes_t before = key;
        kith_err err = kith_next(txn, table, none, before, &key, &walked);
        if (err == KITH_NOT_FOUND)
            return *rows == expected_rows ? KITH_OK : KITH_CORRUPT;
        if (err == KITH_OK)
            err = kith_get(txn, table, key, &looked_up);
        if (err != KITH_OK)
            return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
        if (kith_bytes_compare(before, key) >= 0 || walked.data != looked_up.data)
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

static kith_err check_all(kith_store_t *self, const store_options_t *options, store_start_t *start)
{
    for (size_t i = 0; i < options->tables_count; i++) {
        uint64_t rows = 0;
        kith_err err = store_check_table(self, (int)i, &rows);
        start->rows += rows;
        if (err == KITH_CORRUPT)
            start->damaged = options->tables[i];
        if (err != KITH_OK)
            return err;
    }
    return store_checked(self);
}

kith_err store_start(const store_options_t *options, kith_store_t **ret_store,
                     store_start_t *ret_start)
{
    kith_store_t *store = NULL;
    store_start_t start = {0};
    store_mark before = STORE_MARK_NONE;
    int64_t begun_ms = clock_mono_ms();
    kith_err err = store_open_run(options, &store, &before);
    start.unclean = before == STORE_MARK_OPEN;
    start.check_died = before == STORE_MARK_CHECKING;
    if (err == KITH_OK && start.unclean)
        err = check_all(store, options, &start);
    if (start.unclean)
        start.ms = clock_mono_ms() - begun_ms;
    if (err == KITH_OK || err == KITH_CORRUPT)
        *ret_start = start;
    if (err == KITH_OK)
        *ret_store = store;
    else
        store_close(&store);
    return err;
}

kith_err store_trust(const store_options_t *options)
{
    return store_mark_write(options->folder, STORE_MARK_NONE);
}
