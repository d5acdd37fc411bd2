/* LMDB: durable tables with checksummed rows and counted tables. The only room that includes
 * lmdb.h.
 *
 * Called by agents/store and broker/mailbox_lmdb; a program that will run on it opens it by
 * store_start (io/store_check.h). Rules that this room keeps (LIBRARIES: seen):
 * default durable flags, never WRITEMAP or NOSYNC, no DUPSORT, no nested transaction, one env a
 * folder and process, short reads with values copied or used before the next write.
 *
 * Every row carries a checksum (base/checksum.h) over table, key and value; each table's row count
 * is kept in the same commit. A zeroed or flipped page otherwise crashes LMDB or hides rows. */
#pragma once

#include "base/txn.h"

typedef struct kith_store kith_store_t;

typedef struct store_options {
    const char *folder; /* mode 0700; made by store_init only */
    uint64_t map_bytes; /* the map: sparse, the most it may ever hold */
    size_t tables_count;
    const char *const *tables; /* LMDB names; a table's id is its index */
    bool overlapped;           /* store_commit_begin will be called: a thread does the writing */
} store_options_t;

/* Makes an empty store, whole or not at all, with the folders above it. KITH_EXISTS when the folder
 * holds one; KITH_DENIED: the folder's mode lets others in, or it is another user's; KITH_BUSY;
 * KITH_FULL; KITH_IO. */
kith_err store_init(const store_options_t *options);

/* Opens it under flock. KITH_NOT_FOUND: no store here (a mistyped path must not make an empty
 * agency); KITH_DENIED as above; KITH_BUSY: it is open already, here or in another process;
 * KITH_CORRUPT; KITH_FULL; KITH_IO. A table that is not there and was never counted is made: it is
 * new in this version. */
kith_err store_open(const store_options_t *options, kith_store_t **ret_store);
void store_close(kith_store_t **self_p);

/* The one write transaction; one transaction of either kind at a time, another is a bug. KITH_FULL,
 * KITH_IO. The returned door is valid until commit or abort. What it lends may be put again as it
 * is. After a call that failed with KITH_FULL or KITH_IO all others fail so too. */
kith_err store_begin(kith_store_t *self, kith_txn_t **ret_txn);
/* With fsync. KITH_FULL when statvfs says that the disk is full, or the map is; any other failure
 * is KITH_IO. After a failure the commit may have landed: rebuild from the store. */
kith_err store_commit(kith_store_t *self);
void store_abort(kith_store_t *self); /* does nothing when none is open */

/* store_commit in two parts, of an overlapped store: between them the store may be read, as it was
 * before, and nothing else. An error of the first part is all there is; after KITH_OK the second
 * must be called: it waits for the disk. Errors as store_commit. */
kith_err store_commit_begin(kith_store_t *self);
kith_err store_commit_end(kith_store_t *self);

/* A read transaction. End it before the loop waits for anything. */
kith_err store_read_begin(kith_store_t *self, kith_txn_t **ret_txn);
void store_read_end(kith_store_t *self);

/* Free bytes that a new thing may use: of the file system and of the map, the smaller, and what is
 * free inside the file. As of the last commit. */
uint64_t store_free_bytes(const kith_store_t *self);

/* Clears readers of killed processes: at start and each minute. */
void store_clear_readers(kith_store_t *self);
