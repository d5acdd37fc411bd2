/* A transaction laid over another: one notice's writes, kept or dropped as a whole.
 *
 * `work` applies a notice to the overlay; only when it ends without error are the writes merged
 * into the turn's transaction, so a notice that fails half-way leaves no trace. Pure. */
#pragma once

#include "base/arena.h"
#include "base/txn.h"

typedef struct kith_writeset kith_writeset_t;

/* Lives in the arena; nothing to destroy. */
kith_writeset_t *kith_writeset_new(kith_arena_t *arena, kith_txn_t *under);
/* A put never fails: it stays in memory until the merge. */
kith_txn_t *kith_writeset_txn(kith_writeset_t *self);
/* Writes all through to the transaction below. The first error is returned; the turn then ends. */
kith_err kith_writeset_merge(kith_writeset_t *self);
