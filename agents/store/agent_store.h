/* The agent's own store: its tables over io/store, and the row that says whose it is.
 *
 * Called by main (init, open, check) and by the loop (the clock's row). Everything else goes
 * through the transaction: rows by name are agents/core/records.h. Never makes a store by itself: a
 * mistyped path must not become an empty agency. */
#pragma once

#include "agents/agent_conf.h"
#include "io/store_check.h"
#include "store.pb-c.h"

/* Raised when a stored record changes so that an absent field cannot be read as its old meaning;
 * the migration then stands in agent_store.c (proto/kith.proto has the procedure). */
#define AGENT_STORE_VERSION 1u

/* Makes the store of this agency with the partnership's present epoch. KITH_EXISTS: there is one;
 * KITH_FULL, KITH_IO. *ret_error says where and what to do (in the arena). */
kith_err agent_store_init(const agent_conf_t *conf, const kith_agreement_t *agreement,
                          kith_arena_t *arena, const char **ret_error);

/* What the store says of itself, with the boot number of this start. */
typedef struct agent_identity {
    uint32_t epoch;
    uint64_t boot;
    int64_t clock_ahead_ms; /* exercise only */
    store_start_t start;    /* was it checked, because the last run was cut off */
} agent_identity_t;

/* Opens it and, in a commit of its own, raises the boot number. KITH_CONFIG: there is none, or it
 * is another agency's, partnership's, epoch's or version's; KITH_BUSY: another process has it;
 * KITH_CORRUPT, KITH_FULL, KITH_IO. *ret_error as above. store_close ends the run. */
kith_err agent_store_open(const agent_conf_t *conf, const kith_agreement_t *agreement,
                          kith_arena_t *arena, kith_store_t **ret_store,
                          agent_identity_t *ret_identity, const char **ret_error);

/* Can the store, at this epoch, live under this partnership file? NULL: yes; else why not and what
 * to do (in the arena). newest: the highest partnership version it has worked under. */
const char *agent_store_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                               uint32_t epoch, uint32_t newest, kith_arena_t *arena);

/* Every row of every table against its checksum, and the counts. visit is told each table's name,
 * its rows and the verdict. The first KITH_CORRUPT or KITH_IO is returned, after all were visited.
 * When all is well the store starts again, also after a check at a start that was cut off. */
kith_err agent_store_check(const agent_conf_t *conf, kith_arena_t *arena,
                           void (*visit)(const char *table, uint64_t rows, kith_err err),
                           const char **ret_error);

/* How far the exercise's clock is ahead, in the turn's transaction. */
kith_err agent_store_clock(kith_txn_t *txn, kith_arena_t *arena, int64_t *ret_ahead_ms);
kith_err agent_store_clock_put(kith_txn_t *txn, kith_arena_t *arena, int64_t ahead_ms);
