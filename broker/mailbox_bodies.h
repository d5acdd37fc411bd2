/* Bodies as they are read out of the store: each is found, compared with its checksum and copied
 * once a reading, however many recipients it is handed to. Used by mailbox_lmdb.c only. */
#pragma once

#include "base/txn.h"
#include "broker/mailbox.h"
#include "broker/mailbox_tables.h"

typedef struct mailbox_bodies mailbox_bodies_t;

mailbox_bodies_t *mailbox_bodies_new(void);
/* Safe on NULL and twice. */
void mailbox_bodies_destroy(mailbox_bodies_t **self_p);

/* ret_body's bytes are in the reading's arena. KITH_LIMIT: that is used up. KITH_CORRUPT: not
 * there, or no body. KITH_IO. */
kith_err mailbox_bodies_get(mailbox_bodies_t *self, kith_txn_t *txn, mailbox_reading_t *reading,
                            uint64_t number, mailbox_body_t *ret_body);
