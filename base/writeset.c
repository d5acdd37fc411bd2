/* The overlay: a sorted array of what one notice wrote, laid over the turn's transaction. */
#include "base/writeset.h"

#include <string.h>

typedef struct entry {
    int table;
    bool deleted;
    kith_bytes_t key, value;
} entry_t;

struct kith_writeset {
    kith_txn_t txn; /* first: the door's self is this struct */
    kith_arena_t *arena;
    kith_txn_t *under;
    entry_t *entries; /* by table, then key */
    size_t count, capacity;
};

/* The first entry that is not before (table, key). */
static size_t lower_bound(const kith_writeset_t *self, int table, kith_bytes_t key)
{
    size_t low = 0, high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const entry_t *entry = &self->entries[middle];
        bool before = entry->table < table ||
                      (entry->table == table && kith_bytes_compare(entry->key, key) < 0);
        if (before) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static entry_t *entry_at(const kith_writeset_t *self, size_t index, int table)
{
    bool there = index < self->count && self->entries[index].table == table;
    return there ? &self->entries[index] : NULL;
}

static entry_t *find(const kith_writeset_t *self, int table, kith_bytes_t key)
{
    entry_t *entry = entry_at(self, lower_bound(self, table, key), table);
    return entry != NULL && kith_bytes_equal(entry->key, key) ? entry : NULL;
}

static entry_t *insert(kith_writeset_t *self, int table, kith_bytes_t key)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity > 0 ? 2 * self->capacity : 16;
        entry_t *entries = kith_arena_need(self->arena, capacity * sizeof *entries);
        if (self->count > 0) {
            memcpy(entries, self->entries, self->count * sizeof *entries);
        }
        self->entries = entries;
        self->capacity = capacity;
    }
    size_t index = lower_bound(self, table, key);
    entry_t *entry = &self->entries[index];
    memmove(entry + 1, entry, (self->count - index) * sizeof *entry);
    *entry = (entry_t){.table = table, .key = kith_arena_copy(self->arena, key)};
    self->count++;
    return entry;
}

static kith_err overlay_get(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value)
{
    kith_writeset_t *self = (kith_writeset_t *)txn;
    const entry_t *entry = find(self, table, key);
    if (entry == NULL) {
        return kith_get(self->under, table, key, ret_value);
    }
    if (entry->deleted) {
        return KITH_NOT_FOUND;
    }
    *ret_value = entry->value;
    return KITH_OK;
}

static kith_err overlay_put(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value)
{
    kith_writeset_t *self = (kith_writeset_t *)txn;
    kith_bytes_t copy = kith_arena_copy(self->arena, value);
    entry_t *entry = find(self, table, key);
    if (entry == NULL) {
        entry = insert(self, table, key);
    }
    entry->deleted = false;
    entry->value = copy;
    return KITH_OK;
}

static kith_err overlay_del(kith_txn_t *txn, int table, kith_bytes_t key)
{
    kith_writeset_t *self = (kith_writeset_t *)txn;
    kith_bytes_t value;
    kith_err err = overlay_get(txn, table, key, &value);
    if (err != KITH_OK) {
        return err;
    }
    entry_t *entry = find(self, table, key);
    if (entry == NULL) {
        entry = insert(self, table, key);
    }
    entry->deleted = true;
    entry->value = (kith_bytes_t){0};
    return KITH_OK;
}

/* The nearest entry of the overlay, deleted ones too, in the direction asked. */
static entry_t *entry_after(const kith_writeset_t *self, int table, kith_bytes_t prefix,
                            kith_bytes_t after)
{
    bool from_prefix = kith_bytes_compare(after, prefix) < 0;
    size_t index = lower_bound(self, table, from_prefix ? prefix : after);
    entry_t *entry = entry_at(self, index, table);
    if (entry != NULL && after.size > 0 && kith_bytes_equal(entry->key, after)) {
        entry = entry_at(self, index + 1, table);
    }
    return entry != NULL && kith_bytes_starts(entry->key, prefix) ? entry : NULL;
}

static entry_t *entry_before(const kith_writeset_t *self, int table, kith_bytes_t prefix,
                             kith_bytes_t before)
{
    size_t index =
        before.size > 0 ? lower_bound(self, table, before) : lower_bound(self, table + 1, before);
    for (; index > 0; index--) {
        entry_t *entry = entry_at(self, index - 1, table);
        if (entry == NULL || kith_bytes_starts(entry->key, prefix)) {
            return entry;
        }
        if (kith_bytes_compare(entry->key, prefix) < 0) {
            return NULL;
        }
    }
    return NULL;
}

/* Both layers have the same order, so the nearer of their two rows is next; of one key the
 * overlay's row stands. A deleted row is stepped over. sign: 1 forwards, -1 backwards. */
static kith_err step(kith_writeset_t *self, int sign, int table, kith_bytes_t prefix,
                     kith_bytes_t from, kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    for (;;) {
        const entry_t *over = sign > 0 ? entry_after(self, table, prefix, from)
                                       : entry_before(self, table, prefix, from);
        kith_bytes_t key, value;
        kith_err err = sign > 0 ? kith_next(self->under, table, prefix, from, &key, &value)
                                : kith_prev(self->under, table, prefix, from, &key, &value);
        if (err != KITH_OK && (err != KITH_NOT_FOUND || over == NULL)) {
            return err;
        }
        if (over == NULL || (err == KITH_OK && sign * kith_bytes_compare(key, over->key) < 0)) {
            *ret_key = key;
            *ret_value = value;
            return KITH_OK;
        }
        if (!over->deleted) {
            *ret_key = over->key;
            *ret_value = over->value;
            return KITH_OK;
        }
        from = over->key;
    }
}

static kith_err overlay_next(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                             kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    return step((kith_writeset_t *)txn, 1, table, prefix, after, ret_key, ret_value);
}

static kith_err overlay_prev(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                             kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    return step((kith_writeset_t *)txn, -1, table, prefix, before, ret_key, ret_value);
}

static kith_err overlay_count(kith_txn_t *txn, int table, uint64_t *ret_rows)
{
    kith_writeset_t *self = (kith_writeset_t *)txn;
    uint64_t rows = 0;
    kith_err err = kith_count(self->under, table, &rows);
    if (err != KITH_OK) {
        return err;
    }
    for (size_t i = lower_bound(self, table, (kith_bytes_t){0}); i < self->count; i++) {
        const entry_t *entry = entry_at(self, i, table);
        if (entry == NULL) {
            break;
        }
        kith_bytes_t value;
        err = kith_get(self->under, table, entry->key, &value);
        if (err != KITH_OK && err != KITH_NOT_FOUND) {
            return err;
        }
        bool under_has = err == KITH_OK;
        rows += !under_has && !entry->deleted;
        rows -= under_has && entry->deleted;
    }
    *ret_rows = rows;
    return KITH_OK;
}

kith_writeset_t *kith_writeset_new(kith_arena_t *arena, kith_txn_t *under)
{
    static const kith_txn_ops_t OPS = {
        .get = overlay_get,
        .put = overlay_put,
        .del = overlay_del,
        .next = overlay_next,
        .prev = overlay_prev,
        .count = overlay_count,
    };
    kith_writeset_t *self = kith_arena_need(arena, sizeof *self);
    *self = (kith_writeset_t){.txn = {.ops = &OPS}, .arena = arena, .under = under};
    return self;
}

kith_txn_t *kith_writeset_txn(kith_writeset_t *self)
{
    return &self->txn;
}

kith_err kith_writeset_merge(kith_writeset_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const entry_t *entry = &self->entries[i];
        kith_err err = entry->deleted
                           ? kith_del(self->under, entry->table, entry->key)
                           : kith_put(self->under, entry->table, entry->key, entry->value);
        bool was_never_there = entry->deleted && err == KITH_NOT_FOUND;
        if (err != KITH_OK && !was_never_there) {
            return err;
        }
    }
    self->count = 0;
    return KITH_OK;
}
