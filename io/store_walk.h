/* Reads a whole store once after a start, a little in each turn, so that a damaged row is found
 * before somebody needs it. `--check` does the same at once, in a stopped program.
 *
 * Called within a transaction of the loop's turn. Every row read is compared with its checksum by
 * io/store; the rows of a table that fits into one part are counted as well. */
#pragma once

#include "base/key.h"
#include "base/txn.h"

/* One part, about a millisecond: so many rows, fewer when they are large; and the pause to the
 * next. */
#define STORE_WALK_ROWS  500u
#define STORE_WALK_BYTES (1024u * 1024u)
#define STORE_WALK_MS    20

typedef struct store_walk {
    int table; /* zeroed: at the beginning */
    bool done;
    kith_key_t at; /* the last key read in this table; empty: none yet */
    uint64_t rows; /* read in all */
} store_walk_t;

/* The next part. KITH_CORRUPT: a row, or a table's count, is damaged; other errors end the turn. */
kith_err store_walk_on(store_walk_t *walk, kith_txn_t *txn, int tables_count);
