/* Mailboxes: a durable queue per recipient and lane. What stands between "the broker was given it"
 * and "the recipient took it".
 *
 * Called by broker_loop on the core's effects; never by the core itself. The LMDB backend is the
 * embedded default (mailbox_lmdb.c); a cluster that exists may stand behind this header later, so:
 *   - a put is not durable when it returns, but when its batch was waited for;
 *   - tokens grow but are not dense, and mean nothing across backends;
 *   - a body is opaque bytes.
 * One conformance suite (tests/unit/test_mailbox.c) runs against every backend. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/envelope.h"
#include "base/err.h"

typedef struct kith_mailbox kith_mailbox_t;

typedef enum mailbox_kind {
    MAILBOX_ENVELOPE = 1, /* body: Envelope. Counts against the quota */
    MAILBOX_RECEIPT = 2,  /* body: ReceiptPacket without token. Outside the quota */
    MAILBOX_REFUSAL = 3,  /* body: Signed. Outside the quota */
} mailbox_kind;

typedef struct mailbox_put {
    mailbox_kind kind;
    kith_bytes_t stream; /* with the digest: names the body; the same one twice is stored once.
                          * At most MAILBOX_STREAM_BYTES_MAX, may be empty. What is put one
                          * after another should sort so: the index then grows at one end */
    kith_digest_t digest;
    kith_bytes_t body;       /* borrowed for the call, as is the stream */
    int lane;                /* KITH_LANE_* */
    uint32_t judged_version; /* of the partnership file */
    size_t recipients_count;
    const char *const *recipients;
} mailbox_put_t;

#define MAILBOX_STREAM_BYTES_MAX 128u

/* What is read in one go, usually a turn. A body that several recipients are handed is read and
 * copied once. Begin it with {.arena = …}; it is over when the arena is reset. */
typedef struct mailbox_reading {
    kith_arena_t *arena;
    uint64_t number; /* the backend's */
} mailbox_reading_t;

typedef struct mailbox_item {
    uint64_t token;
    mailbox_kind kind;
    kith_digest_t digest;
    uint32_t judged_version;
    kith_bytes_t body; /* in the arena of the reading */
} mailbox_item_t;

typedef struct mailbox_count {
    uint64_t messages, bytes; /* of envelopes: what the quota is about */
    uint64_t others;          /* receipts and refusals */
} mailbox_count_t;

typedef struct mailbox_room {
    uint64_t used_bytes; /* of bodies, one for each recipient: what is held for somebody */
    uint64_t free_bytes; /* what new ones may use */
} mailbox_room_t;

typedef struct mailbox_ops {
    kith_err (*put)(kith_mailbox_t *self, const mailbox_put_t *put);
    kith_err (*done)(kith_mailbox_t *self, const char *recipient, uint64_t token);
    kith_err (*flush)(kith_mailbox_t *self);
    kith_err (*wait)(kith_mailbox_t *self);
    kith_err (*next)(kith_mailbox_t *self, const char *recipient, int lane, uint64_t after_token,
                     size_t items_max, uint64_t bytes_max, mailbox_reading_t *reading,
                     mailbox_item_t *ret_items, size_t *ret_count);
    kith_err (*count)(kith_mailbox_t *self, const char *recipient, int lane,
                      mailbox_count_t *ret_count);
    kith_err (*each)(kith_mailbox_t *self,
                     void (*visit)(void *ctx, const char *recipient, int lane,
                                   const mailbox_count_t *count),
                     void *ctx);
    void (*room)(kith_mailbox_t *self, mailbox_room_t *ret_room);
    kith_err (*walk)(kith_mailbox_t *self, uint64_t *ret_rows, bool *ret_done);
    void (*destroy)(kith_mailbox_t **self_p);
} mailbox_ops_t;

struct kith_mailbox {
    const mailbox_ops_t *ops;
    uint8_t store_epoch[16];
};

/* Adds to the open batch: one body, one row for each recipient that has none of this name yet
 * (putting again what is already there changes nothing and is KITH_OK).
 * KITH_FULL: the disk or map is full. The batch can no longer be flushed; see mailbox_flush. */
static inline kith_err mailbox_put(kith_mailbox_t *self, const mailbox_put_t *put)
{
    return self->ops->put(self, put);
}

/* Adds to the open batch: the recipient is done with this copy. Its row goes; the body goes with
 * the last row. KITH_NOT_FOUND, harmless, when there is no such row in that recipient's mailbox. */
static inline kith_err mailbox_done(kith_mailbox_t *self, const char *recipient, uint64_t token)
{
    return self->ops->done(self, recipient, token);
}

/* Closes the open batch and starts making it durable; an empty one costs nothing. Until
 * mailbox_wait only next, walk, count and each may be called; the first two know what was durable
 * before. Any error: nothing of the batch is known to be stored, and there is nothing to wait for;
 * the caller throws its core away and rebuilds. KITH_FULL among them means go on, refusing. */
static inline kith_err mailbox_flush(kith_mailbox_t *self)
{
    return self->ops->flush(self);
}

/* Waits until the batch that was flushed is durable. Errors as mailbox_flush. */
static inline kith_err mailbox_wait(kith_mailbox_t *self)
{
    return self->ops->wait(self);
}

/* Copies, oldest first, of durable items with a token above after_token: at most items_max and
 * bytes_max of bodies (the first one always, whatever its size). Not while a batch is open; while
 * one is made durable, yes. */
static inline kith_err mailbox_next(kith_mailbox_t *self, const char *recipient, int lane,
                                    uint64_t after_token, size_t items_max, uint64_t bytes_max,
                                    mailbox_reading_t *reading, mailbox_item_t *ret_items,
                                    size_t *ret_count)
{
    return self->ops->next(self, recipient, lane, after_token, items_max, bytes_max, reading,
                           ret_items, ret_count);
}

/* Kept with the rows, never counted: a start with a million waiting takes seconds. What the open
 * batch changed may be in it or not. */
static inline kith_err mailbox_count(kith_mailbox_t *self, const char *recipient, int lane,
                                     mailbox_count_t *ret_count)
{
    return self->ops->count(self, recipient, lane, ret_count);
}

/* Every mailbox that holds something: how the core's state is rebuilt at start. */
static inline kith_err mailbox_each(kith_mailbox_t *self,
                                    void (*visit)(void *ctx, const char *recipient, int lane,
                                                  const mailbox_count_t *count),
                                    void *ctx)
{
    return self->ops->each(self, visit, ctx);
}

/* Costs more than the other calls: for a few times a second. */
static inline void mailbox_room(kith_mailbox_t *self, mailbox_room_t *ret_room)
{
    self->ops->room(self, ret_room);
}

/* Reads all that is stored once, a millisecond's part in each call, so that damage is found before
 * a delivery needs it. A backend that looks after itself is done at once. KITH_CORRUPT, KITH_IO.
 * Not while a batch is open; while one is made durable, yes. */
static inline kith_err mailbox_walk(kith_mailbox_t *self, uint64_t *ret_rows, bool *ret_done)
{
    return self->ops->walk(self, ret_rows, ret_done);
}

/* Safe on NULL and twice. What was not flushed is gone. */
static inline void mailbox_destroy(kith_mailbox_t **self_p)
{
    if (*self_p)
        (*self_p)->ops->destroy(self_p);
}
