/* Reads the whole store once after a start, a little in each turn, so that a damaged row is found
 * before somebody needs it. `--check` does the same at once, in a stopped agent.
 *
 * Called by the loop within its turn's transaction. Every row read is compared with its checksum by
 * io/store; the rows of a table that fits into one part are counted as well. */
#pragma once

#include "base/key.h"
#include "base/txn.h"

/* Rows of one part, about a millisecond; and the pause to the next. */
#define AGENT_WALK_ROWS 500u
#define AGENT_WALK_MS   20

typedef struct agent_walk {
    int table; /* zeroed: at the beginning */
    bool done;
    kith_key_t at; /* the last key read in this table; empty: none yet */
    uint64_t rows; /* read in all */
} agent_walk_t;

/* The next part. KITH_CORRUPT: a row, or a table's count, is damaged; other errors end the turn. */
kith_err agent_walk_on(agent_walk_t *walk, kith_txn_t *txn);
