/* The tables of the LMDB mailbox, their keys and records. Used by mailbox_lmdb*.c only.
 *
 * Changing a record: add fields with new numbers and read an absent one as its old meaning; when
 * that cannot be done raise MAILBOX_STORE_VERSION and write the migration into mailbox_lmdb.c. */
#pragma once

#include "base/key.h"
#include "base/txn.h"
#include "broker/mailbox_lmdb.h"
#include "io/store.h"
#include "store.pb-c.h"

#define MAILBOX_STORE_VERSION 2u

enum {
    TABLE_META,   /* "meta" → BrokerMeta */
    TABLE_BODIES, /* number → BodyRow */
    TABLE_ROWS,   /* recipient, lane, token → MailboxRow */
    TABLE_NAMES,  /* stream, digest → mailbox_waiting_t */
    TABLE_COUNTS, /* recipient, lane → MailboxCount */
    TABLES
};

extern const char *const mailbox_tables[TABLES];

store_options_t mailbox_store_options(const mailbox_lmdb_options_t *options);
kith_key_t mailbox_key_meta(void);
kith_key_t mailbox_key_body(uint64_t number);
/* All rows of a lane start with this. */
kith_key_t mailbox_key_lane(const char *recipient, int lane);
kith_key_t mailbox_key_row(const char *recipient, int lane, uint64_t token);
kith_key_t mailbox_key_name(kith_bytes_t stream, kith_bytes_t digest);

/* The rows that are read often, as slices of the stored value. KITH_CORRUPT when they are none. */
typedef struct mailbox_row {
    mailbox_kind kind;
    uint64_t size, body;
    kith_digest_t digest;
    kith_bytes_t stream;
} mailbox_row_t;
kith_err mailbox_row_read(kith_bytes_t value, mailbox_row_t *ret_row);

typedef struct mailbox_body {
    mailbox_kind kind;
    uint32_t judged_version;
    kith_bytes_t body;
} mailbox_body_t;
kith_err mailbox_body_read(kith_bytes_t value, mailbox_body_t *ret_body);

/* KITH_NOT_FOUND: there is none yet. KITH_CORRUPT also when it is an agent's store. */
kith_err mailbox_read_meta(kith_txn_t *txn, kith_arena_t *arena,
                           Kith__Store__BrokerMeta **ret_meta);
