/* Mailboxes in LMDB: the embedded default behind mailbox.h. A batch is one LMDB transaction, which
 * a thread of the store commits from mailbox_flush to mailbox_wait.
 *
 * The store remembers whose it is. A broker that is started on another one's store, or with another
 * partnership, or with an older partnership file than its mail was judged under, stops at once. */
#pragma once

#include "broker/mailbox.h"
#include "io/store_check.h"

typedef struct mailbox_lmdb_options {
    const char *folder;
    uint64_t map_bytes;
    const char *broker, *partnership;
    uint32_t partnership_version;
} mailbox_lmdb_options_t;

/* Makes an empty store; store_epoch: 16 random bytes that name it. KITH_EXISTS when there is one;
 * KITH_DENIED, KITH_BUSY, KITH_FULL, KITH_IO as store_init. */
kith_err mailbox_lmdb_init(const mailbox_lmdb_options_t *options, const uint8_t store_epoch[16]);

/* KITH_NOT_FOUND: there is no store, or its --init was cut off; KITH_CONFLICT: it is another
 * broker's or partnership's, *ret_what says how; KITH_BUSY, KITH_DENIED, KITH_CORRUPT, KITH_FULL,
 * KITH_IO as store_start, with its *ret_start. Reads the counts only, fast however much waits,
 * unless the last run was cut off. mailbox_destroy ends the run. */
kith_err mailbox_lmdb_open(const mailbox_lmdb_options_t *options, kith_mailbox_t **ret_mailbox,
                           store_start_t *ret_start, const char **ret_what);

typedef struct mailbox_lmdb_found {
    uint64_t rows, bodies, mailboxes;
    const char *wrong; /* the table or relation that does not hold; NULL: none */
} mailbox_lmdb_found_t;

/* Reads everything: checksums, row counts, and that rows, bodies, index and counts fit each other.
 * KITH_CORRUPT when they do not. When all is well the store starts again, also after a check at a
 * start that was cut off. Other errors as mailbox_lmdb_open. */
kith_err mailbox_lmdb_check(const mailbox_lmdb_options_t *options, mailbox_lmdb_found_t *ret_found);
