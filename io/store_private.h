/* What the files of io/store share: store.c (rows, transactions), store_open.c (making, opening,
 * closing), store_check.c (after an unclean end). Nobody else includes this. */
#pragma once

#include "base/arena.h"
#include "base/bug.h"
#include "io/store.h"
#include "io/store_mark.h"
#include "io/store_thread.h"

typedef struct store_table {
    const char *name;
    MDB_dbi dbi;
    uint64_t seed;      /* checksum of the name: a row moved to another table does not fit */
    int64_t change;     /* rows added less rows deleted by the open write transaction */
    MDB_cursor *cursor; /* of the open transaction; NULL: none yet */
} store_table_t;

struct kith_store {
    kith_txn_t door; /* first: the transaction that callers hold is the store itself */
    kith_arena_t *memory;
    kith_arena_t *scratch; /* the row being written */
    const char *folder;
    uint64_t map_bytes;
    int lock_fd;
    bool running; /* the folder is marked; the close decides how */
    bool suspect; /* damage or a failing disk was met, or an unclean end before is unchecked */
    bool overlapped;
    MDB_env *env;
    store_thread_t *thread; /* that begins and ends the write transactions; NULL: we do */
    MDB_txn *txn;           /* the one open transaction, NULL when there is none */
    bool writing;
    MDB_txn *former; /* reads what was before the commit that the thread is at; else NULL */
    bool freeing;    /* the write transaction has deleted something */
    kith_err failed; /* the first failure of the write transaction, which then can only end */
    store_table_t counts;
    size_t tables_count;
    store_table_t *tables;
};

/* ---- store.c ---- */
/* Damage and a failing disk are remembered, for the mark. */
kith_err store_noted(kith_store_t *self, kith_err err);
/* Of one of LMDB's codes. */
kith_err store_code_err(kith_store_t *self, int code);
kith_err store_count_get(kith_store_t *self, const store_table_t *table, uint64_t *ret_rows);
kith_err store_count_put(kith_store_t *self, const store_table_t *table, uint64_t rows);
size_t store_rows_in_lmdb(const kith_store_t *self, const store_table_t *table);
/* flags: 0 or MDB_RDONLY. */
kith_err store_txn_begin(kith_store_t *self, unsigned flags, kith_txn_t **ret_txn);
kith_err store_txn_commit(kith_store_t *self);
void store_txn_drop(kith_store_t *self);
/* What callers hold is served by these. */
extern const kith_txn_ops_t store_door_ops;

/* ---- store_open.c ---- */
/* Takes the folder for a run: its lock and its mark. The data is not read. *ret_before: what the
 * run before left: OPEN: check it before it is opened. Errors as store_open. store_close removes
 * the mark, but of a store that is unchecked after an unclean end, or met damage or KITH_IO. */
kith_err store_hold(const store_options_t *options, kith_store_t **ret_store,
                    store_mark *ret_before);
/* Opens the data of a store that is held and, where that is needed, was checked. Errors as
 * store_open. */
kith_err store_open_held(kith_store_t *self);
