/* The one door to stored state: a transaction over tables of bytes.
 *
 * LMDB serves it in the agent (agents/store), memory in the simulator, and an overlay
 * (base/writeset.h) lets one notice's writes be dropped as a whole. Keys sort by byte; build them
 * with base/key.h. What `get` and the iterators return is borrowed until the next call that writes
 * through the same transaction: copy what must live longer. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

typedef struct kith_txn kith_txn_t;

/* Errors of all four: KITH_NOT_FOUND; KITH_FULL and KITH_IO end the turn: the caller passes them up
 * and the transaction is aborted; KITH_CORRUPT stops the process. */
typedef struct kith_txn_ops {
    kith_err (*get)(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value);
    kith_err (*put)(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value);
    /* KITH_NOT_FOUND when there was none. */
    kith_err (*del)(kith_txn_t *txn, int table, kith_bytes_t key);
    /* The first row whose key is > after (>= when `after` is empty) and starts with `prefix`. */
    kith_err (*next)(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                     kith_bytes_t *ret_key, kith_bytes_t *ret_value);
    /* The last row whose key starts with `prefix` and is < before (any when `before` is empty). */
    kith_err (*prev)(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                     kith_bytes_t *ret_key, kith_bytes_t *ret_value);
    /* Rows in the whole table. */
    kith_err (*count)(kith_txn_t *txn, int table, uint64_t *ret_rows);
} kith_txn_ops_t;

struct kith_txn {
    const kith_txn_ops_t *ops;
};

kith_err kith_get(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value);
kith_err kith_put(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value);
kith_err kith_del(kith_txn_t *txn, int table, kith_bytes_t key);
kith_err kith_next(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                   kith_bytes_t *ret_key, kith_bytes_t *ret_value);
kith_err kith_prev(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                   kith_bytes_t *ret_key, kith_bytes_t *ret_value);
kith_err kith_count(kith_txn_t *txn, int table, uint64_t *ret_rows);

/* A record: unpacked into the arena. KITH_CORRUPT when the stored bytes are not one, KITH_LIMIT
 * when the arena has no room for it. Only for what this program wrote: its texts are not checked
 * again, as kith_message_unpack checks what comes from outside. */
struct kith_arena;
kith_err kith_get_record(kith_txn_t *txn, int table, kith_bytes_t key, struct kith_arena *arena,
                         const void *descriptor, void **ret_message);
kith_err kith_put_record(kith_txn_t *txn, int table, kith_bytes_t key, struct kith_arena *arena,
                         const void *message);
