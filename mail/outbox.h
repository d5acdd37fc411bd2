/* What is to be sent, and what became of it: rows over the transaction, kept before anything is
 * sent and after it has ended. One mail for each occasion and address, however often it is asked
 * for, restarts included. */
#pragma once

#include "base/arena.h"
#include "base/txn.h"
#include "mail/mail_conf.h"
#include "store.pb-c.h"

/* X(NAME, "lmdb name")                     key -> record */
#define MAIL_TABLES(X)                                                                             \
    X(OUT, "out")               /* number -> OutMail */                                            \
    X(OUT_OF, "out_of")         /* address, occasion -> number */                                  \
    X(OUT_DUE, "out_due")       /* i64 next try, number -> empty */                                \
    X(OUT_FAILED, "out_failed") /* number -> empty: the agent is not told yet */                   \
    X(NUMBERS, "numbers")       /* name -> u64 */

enum {
#define X(id, name) MAIL_TABLE_##id,
    MAIL_TABLES(X)
#undef X
        MAIL_TABLES_COUNT
};

/* A number for a mail of this occasion (at most 200 bytes) to this address. KITH_EXISTS: there is
 * one already. */
kith_err outbox_number(kith_txn_t *txn, const char *address, const char *occasion,
                       uint64_t *ret_number);
/* Has there been one? */
kith_err outbox_has(kith_txn_t *txn, const char *address, const char *occasion, bool *ret_has);
/* It is due at once. row: to, role, notice, occasion, sender, mail. */
kith_err outbox_add(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                    Kith__Store__OutMail *row, int64_t now_ms);

/* KITH_NOT_FOUND: there is none. */
kith_err outbox_get(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                    Kith__Store__OutMail **ret_row);
/* The first that is due after that place in the index; *place (0 and 0: the beginning) becomes its
 * own. KITH_NOT_FOUND: none is due; *ret_next_ms: when the next one is (INT64_MAX: never). */
typedef struct outbox_place {
    int64_t ms;
    uint64_t number;
} outbox_place_t;
kith_err outbox_due(kith_txn_t *txn, int64_t now_ms, outbox_place_t *place, int64_t *ret_next_ms);

/* What came of a try. Nothing for a mail that has ended. */
kith_err outbox_sent(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, int64_t now_ms);
kith_err outbox_refused(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, uint32_t code,
                        const char *why);
/* Tried again after a pause that doubles; given up when it is too old. */
kith_err outbox_later(kith_txn_t *txn, kith_arena_t *arena, const mail_smtp_t *smtp,
                      uint64_t number, uint32_t code, const char *why, int64_t now_ms);
/* It came back after it was sent. KITH_NOT_FOUND: there is no such mail. */
kith_err outbox_came_back(kith_txn_t *txn, kith_arena_t *arena, uint64_t number, const char *why);

/* The first that reached nobody and that the agent does not know of. KITH_NOT_FOUND: none. */
kith_err outbox_untold(kith_txn_t *txn, kith_arena_t *arena, uint64_t *ret_number,
                       Kith__Store__OutMail **ret_row);
kith_err outbox_told(kith_txn_t *txn, uint64_t number);

/* Forgets what ended before that time, at most a few hundred at once. */
kith_err outbox_tidy(kith_txn_t *txn, kith_arena_t *arena, int64_t before_ms);

/* How far the agent's lists have been read. KITH_NOT_FOUND: never. */
kith_err outbox_cursor(kith_txn_t *txn, const char *name, uint64_t *ret_number);
kith_err outbox_cursor_put(kith_txn_t *txn, const char *name, uint64_t number);
