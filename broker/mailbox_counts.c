#include "broker/mailbox_counts.h"

#include "base/limits.h"
#include "broker/mailbox_tables.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char recipient[KITH_NAME_MAX + 1];
    int lane;
    mailbox_count_t count;
    bool changed;
} entry_t;

struct mailbox_counts {
    size_t count, capacity;
    entry_t *entries; /* by recipient and lane */
};

mailbox_counts_t *mailbox_counts_new(void)
{
    mailbox_counts_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    return self;
}

void mailbox_counts_destroy(mailbox_counts_t **self_p)
{
    if (!*self_p)
        return;
    free((*self_p)->entries);
    free(*self_p);
    *self_p = NULL;
}

/* ---- finding ---- */

static int compare(const entry_t *e, const char *recipient, int lane)
{
    int order = strcmp(e->recipient, recipient);
    return order != 0 ? order : e->lane - lane;
}

static size_t place_of(const mailbox_counts_t *self, const char *recipient, int lane)
{
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&self->entries[middle], recipient, lane) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static entry_t *find(const mailbox_counts_t *self, const char *recipient, int lane)
{
    size_t place = place_of(self, recipient, lane);
    if (place == self->count || compare(&self->entries[place], recipient, lane) != 0)
        return NULL;
    return &self->entries[place];
}

static void grow(mailbox_counts_t *self)
{
    if (self->count < self->capacity)
        return;
    self->capacity = self->capacity ? self->capacity * 2 : 64;
    self->entries = realloc(self->entries, self->capacity * sizeof *self->entries);
    KITH_ASSERT(self->entries);
}

static entry_t *get(mailbox_counts_t *self, const char *recipient, int lane)
{
    entry_t *known = find(self, recipient, lane);
    if (known)
        return known;
    grow(self);
    size_t place = place_of(self, recipient, lane), size = strlen(recipient);
    entry_t *entry = &self->entries[place];
    memmove(entry + 1, entry, (self->count - place) * sizeof *entry);
    self->count++;
    memset(entry, 0, sizeof *entry);
    KITH_ASSERT(size <= KITH_NAME_MAX);
    memcpy(entry->recipient, recipient, size);
    entry->lane = lane;
    return entry;
}

/* ---- the table ---- */

kith_err mailbox_counts_load(mailbox_counts_t *self, kith_txn_t *txn, kith_arena_t *scratch)
{
    kith_bytes_t none = {0}, key, value;
    kith_key_t after;
    kith_key_clear(&after);
    self->count = 0;
    for (;;) {
        kith_err err = kith_next(txn, TABLE_COUNTS, none, kith_key_bytes(&after), &key, &value);
        if (err != KITH_OK)
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        void *record = NULL;
        kith_arena_reset(scratch);
        err = kith_get_record(txn, TABLE_COUNTS, key, scratch,
                              &kith__store__mailbox_count__descriptor, &record);
        if (err != KITH_OK)
            return err;
        const Kith__Store__MailboxCount *count = record;
        kith_key_reader_t reader = {key};
        const char *recipient = kith_key_read_name(&reader);
        entry_t *entry = get(self, recipient, kith_key_read_u8(&reader));
        entry->count = (mailbox_count_t){count->messages, count->bytes, count->others};
        kith_key_clear(&after);
        kith_key_raw(&after, key);
    }
}

static kith_err write_one(const entry_t *entry, kith_txn_t *txn, kith_arena_t *scratch)
{
    kith_key_t key = mailbox_key_lane(entry->recipient, entry->lane);
    if (entry->count.messages + entry->count.others == 0) {
        kith_err err = kith_del(txn, TABLE_COUNTS, kith_key_bytes(&key));
        return err == KITH_NOT_FOUND ? KITH_OK : err; /* came and went in one batch */
    }
    Kith__Store__MailboxCount record = KITH__STORE__MAILBOX_COUNT__INIT;
    record.messages = entry->count.messages;
    record.bytes = entry->count.bytes;
    record.others = entry->count.others;
    kith_arena_reset(scratch);
    return kith_put_record(txn, TABLE_COUNTS, kith_key_bytes(&key), scratch, &record.base);
}

kith_err mailbox_counts_write(mailbox_counts_t *self, kith_txn_t *txn, kith_arena_t *scratch)
{
    for (size_t i = 0; i < self->count; i++) {
        entry_t *entry = &self->entries[i];
        if (!entry->changed)
            continue;
        kith_err err = write_one(entry, txn, scratch);
        if (err != KITH_OK)
            return err;
        entry->changed = false;
    }
    return KITH_OK;
}

/* ---- counting ---- */

void mailbox_counts_add(mailbox_counts_t *self, const char *recipient, int lane, mailbox_kind kind,
                        uint64_t bytes)
{
    entry_t *entry = get(self, recipient, lane);
    entry->changed = true;
    if (kind == MAILBOX_ENVELOPE) {
        entry->count.messages++;
        entry->count.bytes += bytes;
    } else {
        entry->count.others++;
    }
}

bool mailbox_counts_take(mailbox_counts_t *self, const char *recipient, int lane, mailbox_kind kind,
                         uint64_t bytes)
{
    entry_t *entry = find(self, recipient, lane);
    bool envelope = kind == MAILBOX_ENVELOPE;
    if (!entry || (envelope ? entry->count.messages == 0 || entry->count.bytes < bytes
                            : entry->count.others == 0))
        return false;
    entry->changed = true;
    if (envelope) {
        entry->count.messages--;
        entry->count.bytes -= bytes;
    } else {
        entry->count.others--;
    }
    return true;
}

mailbox_count_t mailbox_counts_get(const mailbox_counts_t *self, const char *recipient, int lane)
{
    const entry_t *entry = find(self, recipient, lane);
    return entry ? entry->count : (mailbox_count_t){0};
}

void mailbox_counts_each(const mailbox_counts_t *self,
                         void (*visit)(void *ctx, const char *recipient, int lane,
                                       const mailbox_count_t *count),
                         void *ctx)
{
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries[i];
        if (entry->count.messages + entry->count.others > 0)
            visit(ctx, entry->recipient, entry->lane, &entry->count);
    }
}

uint64_t mailbox_counts_bytes(const mailbox_counts_t *self)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->count; i++)
        bytes += self->entries[i].count.bytes;
    return bytes;
}
