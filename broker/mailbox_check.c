/* Reads a whole LMDB mailbox and compares its tables with each other: `kith-broker --check`. */
#include "broker/mailbox_tables.h"
#include "broker/mailbox_waiting.h"
#include "io/store_check.h"

#include <string.h>

/* One record unpacked, or a few kilobytes of keys. */
#define CHECK_BYTES_MAX (16u * 1024u * 1024u)

typedef struct walk {
    kith_store_t *store;
    kith_txn_t *txn;
    kith_arena_t *arena;
    mailbox_lmdb_found_t *found;
} walk_t;

static kith_err wrong(walk_t *w, const char *what)
{
    w->found->wrong = what;
    return KITH_CORRUPT;
}

/* A damaged relation has its name; other errors go up as they are. */
static kith_err expect(walk_t *w, kith_err err, const char *what)
{
    return err == KITH_NOT_FOUND || err == KITH_CORRUPT ? wrong(w, what) : err;
}

static kith_err record(walk_t *w, int table, kith_bytes_t key, const void *descriptor,
                       void **ret_record)
{
    kith_arena_reset(w->arena);
    return kith_get_record(w->txn, table, key, w->arena, descriptor, ret_record);
}

/* Each visit may read other rows; the key is copied before. */
static kith_err each(walk_t *w, int table, kith_bytes_t prefix,
                     kith_err (*visit)(walk_t *w, kith_bytes_t key, void *ctx), void *ctx)
{
    kith_key_t after;
    kith_key_clear(&after);
    for (;;) {
        kith_bytes_t key, value;
        kith_err err = kith_next(w->txn, table, prefix, kith_key_bytes(&after), &key, &value);
        if (err == KITH_NOT_FOUND)
            return KITH_OK;
        if (err != KITH_OK)
            return err;
        kith_key_clear(&after);
        kith_key_raw(&after, key);
        err = visit(w, kith_key_bytes(&after), ctx);
        if (err != KITH_OK)
            return err;
    }
}

static kith_err waiting_of(walk_t *w, ProtobufCBinaryData stream, ProtobufCBinaryData digest,
                           mailbox_waiting_t *ret_waiting)
{
    if (stream.len > MAILBOX_STREAM_BYTES_MAX || digest.len != KITH_DIGEST_BYTES)
        return KITH_CORRUPT;
    kith_key_t name = mailbox_key_name((kith_bytes_t){stream.data, stream.len},
                                       (kith_bytes_t){digest.data, digest.len});
    kith_bytes_t stored;
    kith_err err = kith_get(w->txn, TABLE_NAMES, kith_key_bytes(&name), &stored);
    return err == KITH_OK ? mailbox_waiting_read(ret_waiting, w->arena, stored, 0) : err;
}

/* ---- a row has its name and its body ---- */

static kith_err check_row(walk_t *w, kith_bytes_t key, void *ctx)
{
    mailbox_count_t *sum = ctx;
    void *found = NULL;
    kith_err err = record(w, TABLE_ROWS, key, &kith__store__mailbox_row__descriptor, &found);
    if (err != KITH_OK)
        return expect(w, err, "rows");
    const Kith__Store__MailboxRow *row = found;
    kith_key_reader_t reader = {key};
    kith_key_t number = mailbox_key_body(row->body);
    mailbox_waiting_t waiting;
    kith_bytes_t body;
    err = waiting_of(w, row->stream, row->digest, &waiting);
    if (err != KITH_OK)
        return expect(w, err, "rows: no name");
    if (!mailbox_waiting_has(&waiting, kith_key_read_name(&reader)) || waiting.body != row->body)
        return wrong(w, "rows: the name is of another row");
    err = kith_get(w->txn, TABLE_BODIES, kith_key_bytes(&number), &body);
    if (err != KITH_OK)
        return expect(w, err, "rows: no body");
    if (row->kind == MAILBOX_ENVELOPE) {
        sum->messages++;
        sum->bytes += row->size;
    } else {
        sum->others++;
    }
    w->found->rows++;
    return KITH_OK;
}

/* ---- a count is the sum of its rows ---- */

static kith_err check_count(walk_t *w, kith_bytes_t key, void *ctx)
{
    mailbox_count_t *total = ctx, sum = {0};
    void *found = NULL;
    kith_err err = each(w, TABLE_ROWS, key, check_row, &sum);
    if (err == KITH_OK)
        err =
            expect(w, record(w, TABLE_COUNTS, key, &kith__store__mailbox_count__descriptor, &found),
                   "counts");
    if (err != KITH_OK)
        return err;
    const Kith__Store__MailboxCount *count = found;
    if (sum.messages != count->messages || sum.bytes != count->bytes || sum.others != count->others)
        return wrong(w, "counts: not the sum of the rows");
    w->found->mailboxes++;
    total->messages += sum.messages + sum.others;
    return KITH_OK;
}

/* ---- a body has its name, and waits for somebody ---- */

static kith_err check_body(walk_t *w, kith_bytes_t key, void *ctx)
{
    uint64_t *copies = ctx;
    void *found = NULL;
    kith_err err = record(w, TABLE_BODIES, key, &kith__store__body_row__descriptor, &found);
    if (err != KITH_OK)
        return expect(w, err, "bodies");
    const Kith__Store__BodyRow *body = found;
    mailbox_waiting_t waiting;
    err = waiting_of(w, body->stream, body->digest, &waiting);
    if (err != KITH_OK)
        return expect(w, err, "bodies: no name");
    kith_key_t number = mailbox_key_body(waiting.body);
    if (!kith_bytes_equal(kith_key_bytes(&number), key))
        return wrong(w, "bodies: the name is of another body");
    *copies += mailbox_waiting_count(&waiting);
    w->found->bodies++;
    return KITH_OK;
}

static kith_err check_relations(walk_t *w)
{
    kith_bytes_t none = {0};
    mailbox_count_t total = {0};
    Kith__Store__BrokerMeta *meta = NULL;
    kith_err err = expect(w, mailbox_read_meta(w->txn, w->arena, &meta), "meta");
    if (err == KITH_OK)
        err = each(w, TABLE_COUNTS, none, check_count, &total);
    uint64_t rows = 0, names = 0, copies = 0;
    if (err == KITH_OK)
        err = kith_count(w->txn, TABLE_ROWS, &rows);
    if (err == KITH_OK)
        err = kith_count(w->txn, TABLE_NAMES, &names);
    if (err == KITH_OK && rows != total.messages)
        return wrong(w, "rows: not in any count");
    if (err == KITH_OK)
        err = each(w, TABLE_BODIES, none, check_body, &copies);
    if (err == KITH_OK && copies != rows)
        return wrong(w, "names: not as many copies as rows");
    if (err == KITH_OK && names != w->found->bodies)
        return wrong(w, "names: not as many as bodies");
    return err;
}

static kith_err check_tables(walk_t *w)
{
    for (int table = 0; table < TABLES; table++) {
        uint64_t rows = 0;
        kith_err err = store_check_table(w->store, table, &rows);
        if (err != KITH_OK)
            return expect(w, err, mailbox_tables[table]);
    }
    return KITH_OK;
}

kith_err mailbox_lmdb_check(const mailbox_lmdb_options_t *options, mailbox_lmdb_found_t *ret_found)
{
    memset(ret_found, 0, sizeof *ret_found);
    walk_t w = {.found = ret_found};
    store_options_t store = mailbox_store_options(options);
    kith_err err = store_open(&store, &w.store);
    if (err != KITH_OK)
        return err;
    w.arena = kith_arena_new(CHECK_BYTES_MAX);
    err = check_tables(&w);
    if (err == KITH_OK)
        err = store_read_begin(w.store, &w.txn);
    if (err == KITH_OK) {
        err = check_relations(&w);
        store_read_end(w.store);
    }
    kith_arena_destroy(&w.arena);
    store_close(&w.store);
    return err;
}
