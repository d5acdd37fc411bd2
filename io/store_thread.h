/* The one thread of our own: it begins and ends the write transactions of a store that asks for it,
 * so that the store's owner can read and send while the disk works (io/store.h:
 * store_commit_begin).
 *
 * LMDB's writer lock belongs to the thread that took it, which is why the beginning is here too. In
 * between the transaction is the caller's alone; nothing else is shared, and each handing over is a
 * semaphore's. One call at a time, all from the same thread. */
#pragma once

#include <lmdb.h>

typedef struct store_thread store_thread_t;

/* NULL: the system has no thread for us. env: borrowed. */
store_thread_t *store_thread_new(MDB_env *env);
/* Waits for a commit that is under way. Safe on NULL and twice. */
void store_thread_destroy(store_thread_t **self_p);

/* These return LMDB's codes. */
int store_thread_begin(store_thread_t *self, MDB_txn **ret_txn);
void store_thread_abort(store_thread_t *self, MDB_txn *txn);
/* Returns at once; until store_thread_commit_end nothing else may be asked of this thread. */
void store_thread_commit_begin(store_thread_t *self, MDB_txn *txn);
int store_thread_commit_end(store_thread_t *self);
