/* How much waits in each mailbox lane: the table `counts`, kept in memory and written with each
 * batch, so that counting costs a delivery no read. Used by mailbox_lmdb.c. */
#pragma once

#include "base/txn.h"
#include "broker/mailbox.h"

typedef struct mailbox_counts mailbox_counts_t;

mailbox_counts_t *mailbox_counts_new(void);
/* Safe on NULL and twice. */
void mailbox_counts_destroy(mailbox_counts_t **self_p);

/* Reads the table anew. Errors as kith_next and kith_get_record. */
kith_err mailbox_counts_load(mailbox_counts_t *self, kith_txn_t *txn, kith_arena_t *scratch);
/* Writes what changed since the last load or write. Errors as kith_put. */
kith_err mailbox_counts_write(mailbox_counts_t *self, kith_txn_t *txn, kith_arena_t *scratch);

void mailbox_counts_add(mailbox_counts_t *self, const char *recipient, int lane, mailbox_kind kind,
                        uint64_t bytes);
/* false, and nothing changed: so much was never counted there. */
bool mailbox_counts_take(mailbox_counts_t *self, const char *recipient, int lane, mailbox_kind kind,
                         uint64_t bytes);

mailbox_count_t mailbox_counts_get(const mailbox_counts_t *self, const char *recipient, int lane);
/* Only lanes that hold something. */
void mailbox_counts_each(const mailbox_counts_t *self,
                         void (*visit)(void *ctx, const char *recipient, int lane,
                                       const mailbox_count_t *count),
                         void *ctx);
/* Of envelopes, all lanes together. */
uint64_t mailbox_counts_bytes(const mailbox_counts_t *self);
