/* Tables in memory behind base/txn.h, for tests and the simulator.
 *
 * Stricter than a real store where that finds bugs: whatever a call lends out is freed by the next
 * write, so that the address sanitizer sees a use of borrowed bytes that came too late. And each
 * call can be made to fail, so that every error branch can be tried. */
#pragma once

#include "base/txn.h"

typedef struct memtxn memtxn_t;

/* Empty tables 0 .. tables_count - 1. */
memtxn_t *memtxn_new(int tables_count);
void memtxn_destroy(memtxn_t **self_p);

/* One transaction at a time; beginning a second asserts. The door is valid until commit or abort.
 */
kith_txn_t *memtxn_begin(memtxn_t *self);
/* KITH_OK, or the injected error: then the writes are dropped, as by memtxn_abort. */
kith_err memtxn_commit(memtxn_t *self);
/* Of a planted bug, a crash between two transactions that should be one: only what was written to
 * these two tables is kept. */
void memtxn_commit_part(memtxn_t *self, int table, int other);
/* Drops what was written since begin. Without a transaction it does nothing. */
void memtxn_abort(memtxn_t *self);

/* The nth call from now (1: the very next) through the door, commit included, answers err and does
 * nothing; later ones work again. 0 takes the order back. */
void memtxn_fail(memtxn_t *self, uint64_t nth, kith_err err);
/* A copy of what is committed. No transaction may be open. */
memtxn_t *memtxn_copy(memtxn_t *self);
/* Damages the value of one committed row, chosen by `which`: one bit is flipped, or all is zeroed.
 * false: there is no row. Reading it then answers KITH_CORRUPT, by its checksum. */
bool memtxn_rot(memtxn_t *self, uint64_t which, bool zeroed);
/* Was a row damaged that is still there? Compares every checksum. */
bool memtxn_rotten(memtxn_t *self);
/* Of all rows, in order. */
uint64_t memtxn_hash(memtxn_t *self);

/* Calls made so far, commits included: how far a loop over nth has to go. */
uint64_t memtxn_calls(const memtxn_t *self);
