#include "broker/mailbox_lmdb.h"

#include "base/bug.h"
#include "base/credit.h"
#include "base/limits.h"
#include "broker/mailbox_bodies.h"
#include "broker/mailbox_counts.h"
#include "broker/mailbox_tables.h"
#include "broker/mailbox_waiting.h"
#include "io/store_walk.h"

#include <stdlib.h>
#include <string.h>

#define SCRATCH_BYTES_MAX (16u * 1024u * 1024u)

typedef struct mailbox_lmdb {
    kith_mailbox_t base; /* first: what callers hold */
    kith_store_t *store;
    kith_arena_t *scratch; /* one record, packed or unpacked */
    kith_arena_t *waiting; /* one value of `names` */
    kith_txn_t *batch;     /* the open one; NULL: none */
    kith_err failed;       /* of the open batch, which then can only be thrown away */
    uint64_t last_token;
    uint32_t newest_version;
    bool meta_changed;
    bool flushing; /* the batch is on its way to the disk */
    int last_done_lane;
    mailbox_counts_t *counts;
    mailbox_bodies_t *bodies;
    store_walk_t walk;
} mailbox_lmdb_t;

static ProtobufCBinaryData data_of(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){.len = bytes.size, .data = (uint8_t *)(uintptr_t)bytes.data};
}

static mailbox_lmdb_t *self_of(kith_mailbox_t *base)
{
    return (mailbox_lmdb_t *)base;
}

/* ---- meta ---- */

static kith_err meta_write(mailbox_lmdb_t *self)
{
    Kith__Store__BrokerMeta *meta = NULL;
    kith_arena_reset(self->scratch);
    kith_err err = mailbox_read_meta(self->batch, self->scratch, &meta);
    if (err != KITH_OK)
        return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
    meta->last_token = self->last_token;
    meta->partnership_version = self->newest_version;
    kith_key_t key = mailbox_key_meta();
    return kith_put_record(self->batch, TABLE_META, kith_key_bytes(&key), self->scratch,
                           &meta->base);
}

/* What is kept in memory, from the store: at open and after a batch that failed. */
static kith_err load(mailbox_lmdb_t *self)
{
    kith_txn_t *txn = NULL;
    kith_err err = store_read_begin(self->store, &txn);
    if (err != KITH_OK)
        return err;
    Kith__Store__BrokerMeta *meta = NULL;
    kith_arena_reset(self->scratch);
    err = mailbox_read_meta(txn, self->scratch, &meta);
    if (err == KITH_OK) {
        self->last_token = meta->last_token;
        self->newest_version = meta->partnership_version;
        self->meta_changed = false;
        err = mailbox_counts_load(self->counts, txn, self->scratch);
    }
    store_read_end(self->store);
    return err;
}

/* ---- put ---- */

static kith_err batch_begin(mailbox_lmdb_t *self)
{
    KITH_ASSERT(!self->flushing);
    if (self->failed != KITH_OK || self->batch)
        return self->failed;
    self->failed = store_begin(self->store, &self->batch);
    return self->failed;
}

/* The name's value, with room for new recipients; KITH_NOT_FOUND: the body is new. */
static kith_err waiting_get(mailbox_lmdb_t *self, const kith_key_t *name, size_t room_bytes,
                            mailbox_waiting_t *ret_waiting)
{
    kith_bytes_t stored;
    kith_err err = kith_get(self->batch, TABLE_NAMES, kith_key_bytes(name), &stored);
    kith_arena_reset(self->waiting);
    return err == KITH_OK ? mailbox_waiting_read(ret_waiting, self->waiting, stored, room_bytes)
                          : err;
}

static kith_err body_put(mailbox_lmdb_t *self, const mailbox_put_t *put, uint64_t number)
{
    kith_key_t key = mailbox_key_body(number);
    Kith__Store__BodyRow row = KITH__STORE__BODY_ROW__INIT;
    row.kind = put->kind;
    row.body = data_of(put->body);
    row.digest = data_of(kith_digest_bytes(&put->digest));
    row.stream = data_of(put->stream);
    row.judged_version = put->judged_version;
    kith_arena_reset(self->scratch);
    return kith_put_record(self->batch, TABLE_BODIES, kith_key_bytes(&key), self->scratch,
                           &row.base);
}

static kith_err row_put(mailbox_lmdb_t *self, const mailbox_put_t *put, const char *recipient,
                        uint64_t body)
{
    Kith__Store__MailboxRow row = KITH__STORE__MAILBOX_ROW__INIT;
    row.digest = data_of(kith_digest_bytes(&put->digest));
    row.stream = data_of(put->stream);
    row.kind = put->kind;
    row.size = put->body.size;
    row.body = body;
    kith_key_t key = mailbox_key_row(recipient, put->lane, ++self->last_token);
    kith_arena_reset(self->scratch);
    kith_err err =
        kith_put_record(self->batch, TABLE_ROWS, kith_key_bytes(&key), self->scratch, &row.base);
    if (err != KITH_OK)
        return err;
    mailbox_counts_add(self->counts, recipient, put->lane, put->kind, put->body.size);
    self->meta_changed = true;
    return KITH_OK;
}

static size_t names_bytes(const mailbox_put_t *put)
{
    size_t bytes = 0;
    for (size_t i = 0; i < put->recipients_count; i++)
        bytes += strlen(put->recipients[i]) + 1;
    return bytes;
}

/* A body that is there keeps its older judgement: it is the one that is looked at again first. */
static kith_err put_named(mailbox_lmdb_t *self, const mailbox_put_t *put)
{
    kith_key_t name = mailbox_key_name(put->stream, kith_digest_bytes(&put->digest));
    mailbox_waiting_t waiting;
    kith_err err = waiting_get(self, &name, names_bytes(put), &waiting);
    if (err == KITH_NOT_FOUND) {
        mailbox_waiting_begin(&waiting, self->waiting, self->last_token + 1, names_bytes(put));
        err = body_put(self, put, waiting.body);
    }
    bool changed = false;
    for (size_t i = 0; i < put->recipients_count && err == KITH_OK; i++) {
        if (mailbox_waiting_has(&waiting, put->recipients[i]))
            continue;
        mailbox_waiting_add(&waiting, put->recipients[i]);
        changed = true;
        err = row_put(self, put, put->recipients[i], waiting.body);
    }
    if (err != KITH_OK || !changed)
        return err;
    return kith_put(self->batch, TABLE_NAMES, kith_key_bytes(&name),
                    mailbox_waiting_bytes(&waiting));
}

static kith_err op_put(kith_mailbox_t *base, const mailbox_put_t *put)
{
    mailbox_lmdb_t *self = self_of(base);
    KITH_ASSERT(put->recipients_count > 0 && put->body.size > 0 &&
                put->stream.size <= MAILBOX_STREAM_BYTES_MAX);
    kith_err err = batch_begin(self);
    if (err == KITH_OK)
        err = put_named(self, put);
    if (put->judged_version > self->newest_version) {
        self->newest_version = put->judged_version;
        self->meta_changed = true;
    }
    self->failed = err;
    return err;
}

/* ---- done ---- */

typedef struct found {
    int lane;
    kith_key_t name;
    mailbox_kind kind;
    uint64_t size, body;
} found_t;

static kith_err row_find(mailbox_lmdb_t *self, const char *recipient, uint64_t token,
                         found_t *ret_found)
{
    for (int i = 0; i < KITH_LANES; i++) {
        int lane = (self->last_done_lane + i) % KITH_LANES; /* runs of one lane are the rule */
        kith_key_t key = mailbox_key_row(recipient, lane, token);
        kith_bytes_t value;
        mailbox_row_t row;
        kith_err err = kith_get(self->batch, TABLE_ROWS, kith_key_bytes(&key), &value);
        if (err == KITH_NOT_FOUND)
            continue;
        if (err == KITH_OK)
            err = mailbox_row_read(value, &row);
        if (err != KITH_OK)
            return err;
        ret_found->lane = self->last_done_lane = lane;
        ret_found->name = mailbox_key_name(row.stream, kith_digest_bytes(&row.digest));
        ret_found->kind = row.kind;
        ret_found->size = row.size;
        ret_found->body = row.body;
        return KITH_OK;
    }
    return KITH_NOT_FOUND;
}

/* The body goes with the last copy that waits. */
static kith_err waiting_drop(mailbox_lmdb_t *self, const char *recipient, const found_t *found)
{
    mailbox_waiting_t waiting;
    kith_bytes_t name = kith_key_bytes(&found->name);
    kith_err err = waiting_get(self, &found->name, 0, &waiting);
    if (err != KITH_OK)
        return err;
    if (waiting.body != found->body || !mailbox_waiting_drop(&waiting, recipient))
        return KITH_CORRUPT;
    bool last = mailbox_waiting_count(&waiting) == 0;
    err = last ? kith_del(self->batch, TABLE_NAMES, name)
               : kith_put(self->batch, TABLE_NAMES, name, mailbox_waiting_bytes(&waiting));
    if (err != KITH_OK || (!last && !KITH_BUG(13)))
        return err;
    kith_key_t body = mailbox_key_body(found->body);
    return kith_del(self->batch, TABLE_BODIES, kith_key_bytes(&body));
}

static kith_err row_drop(mailbox_lmdb_t *self, const char *recipient, uint64_t token,
                         const found_t *found)
{
    kith_key_t key = mailbox_key_row(recipient, found->lane, token);
    kith_err err = kith_del(self->batch, TABLE_ROWS, kith_key_bytes(&key));
    if (err == KITH_OK)
        err = waiting_drop(self, recipient, found);
    bool fits = err == KITH_OK &&
                mailbox_counts_take(self->counts, recipient, found->lane, found->kind, found->size);
    /* A row without its name, body or count: the store is not what it was. */
    return err == KITH_NOT_FOUND || (err == KITH_OK && !fits) ? KITH_CORRUPT : err;
}

static kith_err op_done(kith_mailbox_t *base, const char *recipient, uint64_t token)
{
    mailbox_lmdb_t *self = self_of(base);
    kith_err err = batch_begin(self);
    if (err != KITH_OK)
        return err;
    found_t found;
    err = row_find(self, recipient, token, &found);
    if (err == KITH_NOT_FOUND)
        return err;
    if (err == KITH_OK)
        err = row_drop(self, recipient, token, &found);
    self->failed = err;
    return err;
}

/* ---- flush ---- */

static kith_err batch_close(mailbox_lmdb_t *self)
{
    kith_err err = self->failed;
    if (err == KITH_OK)
        err = mailbox_counts_write(self->counts, self->batch, self->scratch);
    if (err == KITH_OK && self->meta_changed)
        err = meta_write(self);
    if (err == KITH_OK)
        err = store_commit_begin(self->store);
    else
        store_abort(self->store);
    return err;
}

/* What is in memory is not what is stored. */
static kith_err lost(mailbox_lmdb_t *self, kith_err err)
{
    kith_err reload = load(self);
    return reload != KITH_OK ? reload : err;
}

static kith_err op_flush(kith_mailbox_t *base)
{
    mailbox_lmdb_t *self = self_of(base);
    KITH_ASSERT(!self->flushing);
    if (!self->batch && self->failed == KITH_OK)
        return KITH_OK;
    kith_err err = batch_close(self);
    self->batch = NULL;
    self->failed = KITH_OK;
    self->flushing = err == KITH_OK;
    return err == KITH_OK ? err : lost(self, err);
}

static kith_err op_wait(kith_mailbox_t *base)
{
    mailbox_lmdb_t *self = self_of(base);
    if (!self->flushing)
        return KITH_OK;
    self->flushing = false;
    kith_err err = store_commit_end(self->store);
    if (err != KITH_OK)
        return lost(self, err);
    self->meta_changed = false;
    return KITH_OK;
}

/* ---- reading ---- */

static kith_err rows_read(mailbox_lmdb_t *self, kith_txn_t *txn, kith_key_t lane, kith_key_t after,
                          size_t items_max, uint64_t bytes_max, mailbox_reading_t *reading,
                          mailbox_item_t *ret_items, size_t *ret_count)
{
    uint64_t bytes = 0;
    size_t count = 0;
    for (; count < items_max; count++) {
        kith_bytes_t key, value;
        kith_err err =
            kith_next(txn, TABLE_ROWS, kith_key_bytes(&lane), kith_key_bytes(&after), &key, &value);
        if (err == KITH_NOT_FOUND)
            break;
        mailbox_row_t row;
        mailbox_body_t body;
        if (err == KITH_OK)
            err = mailbox_row_read(value, &row);
        if (err != KITH_OK)
            return err;
        bytes += row.size;
        if (count > 0 && bytes > bytes_max)
            break;
        err = mailbox_bodies_get(self->bodies, txn, reading, row.body, &body);
        if (err == KITH_LIMIT && count > 0)
            break; /* the turn's memory is used up: these first */
        if (err != KITH_OK)
            return err;
        kith_key_reader_t reader = {{key.data + lane.size, key.size - lane.size}};
        ret_items[count] = (mailbox_item_t){
            .token = kith_key_read_u64(&reader),
            .kind = body.kind,
            .digest = row.digest,
            .judged_version = body.judged_version,
            .body = body.body,
        };
        kith_key_clear(&after);
        kith_key_raw(&after, key);
    }
    *ret_count = count;
    return KITH_OK;
}

static kith_err op_next(kith_mailbox_t *base, const char *recipient, int lane, uint64_t after_token,
                        size_t items_max, uint64_t bytes_max, mailbox_reading_t *reading,
                        mailbox_item_t *ret_items, size_t *ret_count)
{
    mailbox_lmdb_t *self = self_of(base);
    KITH_ASSERT(!self->batch);
    kith_txn_t *txn = NULL;
    kith_err err = store_read_begin(self->store, &txn);
    if (err != KITH_OK)
        return err;
    err = rows_read(self, txn, mailbox_key_lane(recipient, lane),
                    mailbox_key_row(recipient, lane, after_token), items_max, bytes_max, reading,
                    ret_items, ret_count);
    store_read_end(self->store);
    return err;
}

static kith_err op_count(kith_mailbox_t *base, const char *recipient, int lane,
                         mailbox_count_t *ret_count)
{
    *ret_count = mailbox_counts_get(self_of(base)->counts, recipient, lane);
    return KITH_OK;
}

static kith_err op_each(kith_mailbox_t *base,
                        void (*visit)(void *ctx, const char *recipient, int lane,
                                      const mailbox_count_t *count),
                        void *ctx)
{
    mailbox_counts_each(self_of(base)->counts, visit, ctx);
    return KITH_OK;
}

static void op_room(kith_mailbox_t *base, mailbox_room_t *ret_room)
{
    const mailbox_lmdb_t *self = self_of(base);
    KITH_ASSERT(!self->flushing);
    ret_room->free_bytes = store_free_bytes(self->store);
    ret_room->used_bytes = mailbox_counts_bytes(self->counts);
}

static kith_err op_walk(kith_mailbox_t *base, uint64_t *ret_rows, bool *ret_done)
{
    mailbox_lmdb_t *self = self_of(base);
    KITH_ASSERT(!self->batch);
    kith_txn_t *txn = NULL;
    kith_err err = store_read_begin(self->store, &txn);
    if (err != KITH_OK)
        return err;
    err = store_walk_on(&self->walk, txn, TABLES);
    store_read_end(self->store);
    *ret_rows = self->walk.rows;
    *ret_done = self->walk.done;
    return err;
}

/* ---- life ---- */

static void op_destroy(kith_mailbox_t **self_p)
{
    mailbox_lmdb_t *self = self_of(*self_p);
    if (self->batch)
        store_abort(self->store);
    store_close(&self->store);
    kith_arena_destroy(&self->scratch);
    kith_arena_destroy(&self->waiting);
    mailbox_counts_destroy(&self->counts);
    mailbox_bodies_destroy(&self->bodies);
    free(self);
    *self_p = NULL;
}

static const mailbox_ops_t ops = {
    .put = op_put,
    .done = op_done,
    .flush = op_flush,
    .wait = op_wait,
    .next = op_next,
    .count = op_count,
    .each = op_each,
    .room = op_room,
    .walk = op_walk,
    .destroy = op_destroy,
};

static const char *whose(const Kith__Store__BrokerMeta *meta, const mailbox_lmdb_options_t *options)
{
    if (meta->store_version != MAILBOX_STORE_VERSION)
        return "it was made by another version of kith-broker: move it away and make a new one "
               "with "
               "--init; nothing is lost, origins send again";
    if (strcmp(meta->broker, options->broker) != 0)
        return "it belongs to another broker";
    if (strcmp(meta->partnership, options->partnership) != 0)
        return "it belongs to another partnership";
    if (meta->partnership_version > options->partnership_version)
        return "it has worked under a newer version of the partnership file";
    return NULL;
}

static kith_err identify(mailbox_lmdb_t *self, const mailbox_lmdb_options_t *options,
                         const char **ret_what)
{
    kith_txn_t *txn = NULL;
    kith_err err = store_read_begin(self->store, &txn);
    if (err != KITH_OK)
        return err;
    Kith__Store__BrokerMeta *meta = NULL;
    err = mailbox_read_meta(txn, self->scratch, &meta);
    if (err == KITH_OK && meta->store_epoch.len != sizeof self->base.store_epoch)
        err = KITH_CORRUPT;
    if (err == KITH_OK) {
        memcpy(self->base.store_epoch, meta->store_epoch.data, meta->store_epoch.len);
        *ret_what = whose(meta, options);
        err = *ret_what ? KITH_CONFLICT : KITH_OK;
    }
    store_read_end(self->store);
    return err;
}

kith_err mailbox_lmdb_open(const mailbox_lmdb_options_t *options, kith_mailbox_t **ret_mailbox,
                           store_start_t *ret_start, const char **ret_what)
{
    mailbox_lmdb_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->base.ops = &ops;
    self->scratch = kith_arena_new(SCRATCH_BYTES_MAX);
    self->waiting = kith_arena_new(SCRATCH_BYTES_MAX);
    self->bodies = mailbox_bodies_new();
    self->counts = mailbox_counts_new();
    store_options_t store = mailbox_store_options(options);
    store.overlapped = true;
    kith_err err = store_start(&store, &self->store, ret_start);
    if (err == KITH_OK)
        err = identify(self, options, ret_what);
    if (err == KITH_OK)
        err = load(self);
    kith_mailbox_t *base = &self->base;
    if (err != KITH_OK)
        op_destroy(&base);
    else
        *ret_mailbox = base;
    return err;
}

static kith_err meta_make(kith_store_t *store, const mailbox_lmdb_options_t *options,
                          const uint8_t store_epoch[16])
{
    kith_txn_t *txn = NULL;
    kith_err err = store_begin(store, &txn);
    if (err != KITH_OK)
        return err;
    kith_arena_t *arena = kith_arena_new(SCRATCH_BYTES_MAX);
    Kith__Store__BrokerMeta meta = KITH__STORE__BROKER_META__INIT, *there = NULL;
    err = mailbox_read_meta(txn, arena, &there);
    err = err == KITH_OK ? KITH_EXISTS : err == KITH_NOT_FOUND ? KITH_OK : err;
    if (err == KITH_OK) {
        meta.store_version = MAILBOX_STORE_VERSION;
        meta.broker = kith_arena_str(arena, options->broker);
        meta.partnership = kith_arena_str(arena, options->partnership);
        meta.store_epoch.data = (uint8_t *)(uintptr_t)store_epoch;
        meta.store_epoch.len = 16;
        kith_key_t key = mailbox_key_meta();
        err = kith_put_record(txn, TABLE_META, kith_key_bytes(&key), arena, &meta.base);
    }
    if (err == KITH_OK)
        err = store_commit(store);
    else
        store_abort(store);
    kith_arena_destroy(&arena);
    return err;
}

/* A store without meta is one whose making was cut off: it is finished here. */
kith_err mailbox_lmdb_init(const mailbox_lmdb_options_t *options, const uint8_t store_epoch[16])
{
    store_options_t store = mailbox_store_options(options);
    kith_err err = store_init(&store);
    if (err != KITH_OK && err != KITH_EXISTS)
        return err;
    kith_store_t *opened = NULL;
    err = store_open(&store, &opened);
    if (err == KITH_OK)
        err = meta_make(opened, options, store_epoch);
    store_close(&opened);
    return err;
}
