#include "tests/unit/mailbox_memory.h"

#include "base/credit.h"

#include <stdlib.h>
#include <string.h>

/* One row; bodies are not shared. */
typedef struct row {
    char recipient[64];
    int lane;
    bool durable, done;
    mailbox_item_t item;
    uint8_t *body;
} row_t;

typedef struct memory {
    kith_mailbox_t base;
    bool flushing;
    uint64_t last_token;
    size_t count, capacity;
    row_t *rows; /* by token */
} memory_t;

static memory_t *self_of(kith_mailbox_t *base)
{
    return (memory_t *)base;
}

static row_t *find(memory_t *self, const char *recipient, const kith_digest_t *digest)
{
    for (size_t i = 0; i < self->count; i++) {
        row_t *row = &self->rows[i];
        if (!row->done && strcmp(row->recipient, recipient) == 0 &&
            memcmp(&row->item.digest, digest, sizeof *digest) == 0)
            return row;
    }
    return NULL;
}

static kith_err op_put(kith_mailbox_t *base, const mailbox_put_t *put)
{
    memory_t *self = self_of(base);
    KITH_ASSERT(!self->flushing);
    for (size_t i = 0; i < put->recipients_count; i++) {
        if (find(self, put->recipients[i], &put->digest))
            continue;
        if (self->count == self->capacity) {
            self->capacity = self->capacity ? self->capacity * 2 : 64;
            self->rows = realloc(self->rows, self->capacity * sizeof *self->rows);
            KITH_ASSERT(self->rows);
        }
        row_t *row = &self->rows[self->count++];
        memset(row, 0, sizeof *row);
        KITH_ASSERT(strlen(put->recipients[i]) < sizeof row->recipient);
        memcpy(row->recipient, put->recipients[i], strlen(put->recipients[i]));
        row->lane = put->lane;
        row->body = malloc(put->body.size);
        KITH_ASSERT(row->body);
        memcpy(row->body, put->body.data, put->body.size);
        row->item = (mailbox_item_t){.token = ++self->last_token,
                                     .kind = put->kind,
                                     .digest = put->digest,
                                     .judged_version = put->judged_version,
                                     .body = {row->body, put->body.size}};
    }
    return KITH_OK;
}

static kith_err op_done(kith_mailbox_t *base, const char *recipient, uint64_t token)
{
    memory_t *self = self_of(base);
    KITH_ASSERT(!self->flushing);
    for (size_t i = 0; i < self->count; i++) {
        row_t *row = &self->rows[i];
        if (row->item.token != token || row->done || strcmp(row->recipient, recipient) != 0)
            continue;
        row->done = true;
        return KITH_OK;
    }
    return KITH_NOT_FOUND;
}

static kith_err op_flush(kith_mailbox_t *base)
{
    self_of(base)->flushing = true;
    return KITH_OK;
}

static kith_err op_wait(kith_mailbox_t *base)
{
    memory_t *self = self_of(base);
    size_t kept = 0;
    for (size_t i = 0; i < self->count && self->flushing; i++) {
        row_t row = self->rows[i];
        row.durable = true;
        if (row.done)
            free(row.body);
        else
            self->rows[kept++] = row;
    }
    self->count = self->flushing ? kept : self->count;
    self->flushing = false;
    return KITH_OK;
}

static kith_err op_next(kith_mailbox_t *base, const char *recipient, int lane, uint64_t after_token,
                        size_t items_max, uint64_t bytes_max, mailbox_reading_t *reading,
                        mailbox_item_t *ret_items, size_t *ret_count)
{
    memory_t *self = self_of(base);
    uint64_t bytes = 0;
    size_t count = 0;
    for (size_t i = 0; i < self->count && count < items_max; i++) {
        const row_t *row = &self->rows[i];
        if (!row->durable || row->lane != lane || row->item.token <= after_token ||
            strcmp(row->recipient, recipient) != 0)
            continue;
        bytes += row->item.body.size;
        if (count > 0 && bytes > bytes_max)
            break;
        ret_items[count] = row->item;
        ret_items[count++].body = kith_arena_copy(reading->arena, row->item.body);
    }
    *ret_count = count;
    return KITH_OK;
}

static kith_err op_count(kith_mailbox_t *base, const char *recipient, int lane,
                         mailbox_count_t *ret_count)
{
    const memory_t *self = self_of(base);
    *ret_count = (mailbox_count_t){0};
    for (size_t i = 0; i < self->count; i++) {
        const row_t *row = &self->rows[i];
        if (!row->durable || row->lane != lane || strcmp(row->recipient, recipient) != 0)
            continue;
        if (row->item.kind != MAILBOX_ENVELOPE) {
            ret_count->others++;
            continue;
        }
        ret_count->messages++;
        ret_count->bytes += row->item.body.size;
    }
    return KITH_OK;
}

static bool seen_before(const memory_t *self, size_t index)
{
    const row_t *row = &self->rows[index];
    for (size_t i = 0; i < index; i++)
        if (self->rows[i].lane == row->lane && self->rows[i].durable &&
            strcmp(self->rows[i].recipient, row->recipient) == 0)
            return true;
    return false;
}

static kith_err op_each(kith_mailbox_t *base,
                        void (*visit)(void *ctx, const char *recipient, int lane,
                                      const mailbox_count_t *count),
                        void *ctx)
{
    const memory_t *self = self_of(base);
    for (size_t i = 0; i < self->count; i++) {
        const row_t *row = &self->rows[i];
        mailbox_count_t count;
        if (!row->durable || seen_before(self, i))
            continue;
        op_count(base, row->recipient, row->lane, &count);
        visit(ctx, row->recipient, row->lane, &count);
    }
    return KITH_OK;
}

static void op_room(kith_mailbox_t *base, mailbox_room_t *ret_room)
{
    const memory_t *self = self_of(base);
    *ret_room = (mailbox_room_t){.free_bytes = UINT64_C(1) << 40};
    for (size_t i = 0; i < self->count; i++)
        if (self->rows[i].item.kind == MAILBOX_ENVELOPE)
            ret_room->used_bytes += self->rows[i].item.body.size;
}

static kith_err op_walk(kith_mailbox_t *base, uint64_t *ret_rows, bool *ret_done)
{
    *ret_rows = self_of(base)->count;
    *ret_done = true;
    return KITH_OK;
}

static void op_destroy(kith_mailbox_t **self_p)
{
    memory_t *self = self_of(*self_p);
    for (size_t i = 0; i < self->count; i++)
        free(self->rows[i].body);
    free(self->rows);
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

kith_mailbox_t *mailbox_memory_new(void)
{
    memory_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->base.ops = &ops;
    return &self->base;
}
