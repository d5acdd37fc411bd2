/* Sorted arrays of rows, an undo log for abort, and loans that end with the next write. Each value
 * is kept with its checksum, as on disk. */
#include "tests/lib/memtxn.h"

#include "base/checksum.h"

#include <stdlib.h>
#include <string.h>

typedef struct blob {
    uint8_t *data; /* owned; exactly size bytes, so that the sanitizer sees its end */
    size_t size;
} blob_t;

typedef struct row {
    blob_t key, value; /* the value with its checksum */
} row_t;

typedef struct table {
    row_t *rows; /* by key */
    size_t count, capacity;
} table_t;

/* What stood under a key before a write. */
typedef struct undo {
    int table;
    bool was_there;
    row_t row;
} undo_t;

struct memtxn {
    kith_txn_t txn; /* first: the door's self is this struct */
    bool begun;
    int tables_count;
    table_t *tables;
    undo_t *undos;
    size_t undos_count, undos_capacity;
    uint8_t **loans;
    size_t loans_count, loans_capacity;
    uint64_t calls, fail_at; /* fail_at: the call that fails; 0: none */
    kith_err fail_err;
};

/* ---- memory ---- */

/* Room for one more element. */
static void *grown(void *array, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity) {
        return array;
    }
    *capacity = *capacity > 0 ? 2 * *capacity : 16;
    void *result = realloc(array, *capacity * element_size);
    KITH_ASSERT(result != NULL);
    return result;
}

static blob_t blob_new(kith_bytes_t bytes)
{
    blob_t blob = {.size = bytes.size};
    if (bytes.size > 0) {
        blob.data = malloc(bytes.size);
        KITH_ASSERT(blob.data != NULL);
        memcpy(blob.data, bytes.data, bytes.size);
    }
    return blob;
}

static kith_bytes_t blob_bytes(const blob_t *blob)
{
    return (kith_bytes_t){.data = blob->data, .size = blob->size};
}

static void row_free(row_t *row)
{
    free(row->key.data);
    free(row->value.data);
    *row = (row_t){0};
}

static void loans_end(memtxn_t *self)
{
    for (size_t i = 0; i < self->loans_count; i++) {
        free(self->loans[i]);
    }
    self->loans_count = 0;
}

/* With the sanitizer a copy that is freed by the next write; else the bytes themselves, which no
 * write frees before the commit. */
static kith_bytes_t lend(memtxn_t *self, kith_bytes_t bytes)
{
#ifdef __SANITIZE_ADDRESS__
    blob_t copy = blob_new(bytes);
    self->loans = grown(self->loans, self->loans_count, &self->loans_capacity, sizeof *self->loans);
    self->loans[self->loans_count++] = copy.data;
    return blob_bytes(&copy);
#else
    (void)self;
    return bytes;
#endif
}

/* As io/store: the checksum is compared at each read. */
static kith_err lend_value(memtxn_t *self, int table, const row_t *row, kith_bytes_t *ret_value)
{
    kith_bytes_t value;
    if (!kith_row_read((uint64_t)table, blob_bytes(&row->key), blob_bytes(&row->value), &value))
        return KITH_CORRUPT;
    *ret_value = lend(self, value);
    return KITH_OK;
}

static blob_t checked_value(int table, kith_bytes_t key, kith_bytes_t value)
{
    blob_t blob = {.size = value.size + KITH_ROW_EXTRA_BYTES};
    blob.data = malloc(blob.size);
    KITH_ASSERT(blob.data != NULL);
    kith_row_write((uint64_t)table, key, value, blob.data);
    return blob;
}

/* ---- rows ---- */

static table_t *table_of(memtxn_t *self, int table)
{
    KITH_ASSERT(self->begun && table >= 0 && table < self->tables_count);
    return &self->tables[table];
}

/* The first row that is not before key. */
static size_t lower_bound(const table_t *table, kith_bytes_t key)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kith_bytes_compare(blob_bytes(&table->rows[middle].key), key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static row_t *row_find(table_t *table, kith_bytes_t key)
{
    size_t index = lower_bound(table, key);
    if (index == table->count || !kith_bytes_equal(blob_bytes(&table->rows[index].key), key)) {
        return NULL;
    }
    return &table->rows[index];
}

/* The row becomes the table's. */
static void row_insert(table_t *table, row_t row)
{
    size_t index = lower_bound(table, blob_bytes(&row.key));
    table->rows = grown(table->rows, table->count, &table->capacity, sizeof *table->rows);
    row_t *place = &table->rows[index];
    memmove(place + 1, place, (table->count - index) * sizeof *place);
    *place = row;
    table->count++;
}

/* The row becomes the caller's. */
static row_t row_remove(table_t *table, row_t *row)
{
    row_t removed = *row;
    size_t index = (size_t)(row - table->rows);
    memmove(row, row + 1, (table->count - index - 1) * sizeof *row);
    table->count--;
    return removed;
}

static undo_t *undo_push(memtxn_t *self)
{
    self->undos = grown(self->undos, self->undos_count, &self->undos_capacity, sizeof *self->undos);
    return &self->undos[self->undos_count++];
}

static void undos_forget(memtxn_t *self)
{
    for (size_t i = 0; i < self->undos_count; i++) {
        row_free(&self->undos[i].row);
    }
    self->undos_count = 0;
}

/* Newest first, so that of several writes to one key the oldest state comes last. Less two tables,
 * when they are given. */
static void undos_apply(memtxn_t *self, int less, int less_too)
{
    while (self->undos_count > 0) {
        undo_t *undo = &self->undos[--self->undos_count];
        if (undo->table == less || undo->table == less_too) {
            row_free(&undo->row);
            continue;
        }
        table_t *table = &self->tables[undo->table];
        row_t *now = row_find(table, blob_bytes(&undo->row.key));
        if (now != NULL) {
            row_t removed = row_remove(table, now);
            row_free(&removed);
        }
        if (undo->was_there) {
            row_insert(table, undo->row);
        } else {
            row_free(&undo->row);
        }
    }
}

/* ---- the door ---- */

static kith_err called(memtxn_t *self)
{
    self->calls++;
    return self->fail_at != 0 && self->calls == self->fail_at ? self->fail_err : KITH_OK;
}

static kith_err mem_get(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value)
{
    memtxn_t *self = (memtxn_t *)txn;
    row_t *row = row_find(table_of(self, table), key);
    kith_err err = called(self);
    if (err != KITH_OK) {
        return err;
    }
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    return lend_value(self, table, row, ret_value);
}

static kith_err mem_put(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value)
{
    memtxn_t *self = (memtxn_t *)txn;
    table_t *rows = table_of(self, table);
    kith_err err = called(self);
    if (err != KITH_OK) {
        return err;
    }
    row_t fresh = {.key = blob_new(key), .value = checked_value(table, key, value)};
    row_t *old = row_find(rows, key);
    undo_t *undo = undo_push(self);
    *undo = (undo_t){.table = table, .was_there = old != NULL};
    if (old != NULL) {
        undo->row = *old;
        *old = fresh;
    } else {
        undo->row.key = blob_new(key);
        row_insert(rows, fresh);
    }
    loans_end(self);
    return KITH_OK;
}

static kith_err mem_del(kith_txn_t *txn, int table, kith_bytes_t key)
{
    memtxn_t *self = (memtxn_t *)txn;
    table_t *rows = table_of(self, table);
    kith_err err = called(self);
    if (err != KITH_OK) {
        return err;
    }
    row_t *row = row_find(rows, key);
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    *undo_push(self) = (undo_t){.table = table, .was_there = true, .row = row_remove(rows, row)};
    loans_end(self);
    return KITH_OK;
}

/* Lends the row at index, if it is one and starts with prefix. */
static kith_err lend_row(memtxn_t *self, int table, size_t index, kith_bytes_t prefix,
                         kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    const table_t *rows = table_of(self, table);
    if (index >= rows->count || !kith_bytes_starts(blob_bytes(&rows->rows[index].key), prefix)) {
        return KITH_NOT_FOUND;
    }
    kith_err err = lend_value(self, table, &rows->rows[index], ret_value);
    if (err == KITH_OK)
        *ret_key = lend(self, blob_bytes(&rows->rows[index].key));
    return err;
}

static kith_err mem_next(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                         kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    memtxn_t *self = (memtxn_t *)txn;
    table_t *rows = table_of(self, table);
    kith_err err = called(self);
    if (err != KITH_OK) {
        return err;
    }
    size_t index = lower_bound(rows, kith_bytes_compare(after, prefix) > 0 ? after : prefix);
    bool at_after = after.size > 0 && index < rows->count &&
                    kith_bytes_equal(blob_bytes(&rows->rows[index].key), after);
    return lend_row(self, table, index + at_after, prefix, ret_key, ret_value);
}

/* The first row behind all that start with prefix. */
static size_t prefix_end(const table_t *table, kith_bytes_t prefix)
{
    size_t low = lower_bound(table, prefix), high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kith_bytes_starts(blob_bytes(&table->rows[middle].key), prefix)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static kith_err mem_prev(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                         kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    memtxn_t *self = (memtxn_t *)txn;
    table_t *rows = table_of(self, table);
    kith_err err = called(self);
    if (err != KITH_OK) {
        return err;
    }
    size_t end = prefix_end(rows, prefix);
    size_t bound = before.size > 0 ? lower_bound(rows, before) : end;
    size_t behind = bound < end ? bound : end;
    if (behind == 0) {
        return KITH_NOT_FOUND;
    }
    return lend_row(self, table, behind - 1, prefix, ret_key, ret_value);
}

static kith_err mem_count(kith_txn_t *txn, int table, uint64_t *ret_rows)
{
    memtxn_t *self = (memtxn_t *)txn;
    const table_t *rows = table_of(self, table);
    kith_err err = called(self);
    if (err == KITH_OK) {
        *ret_rows = rows->count;
    }
    return err;
}

/* ---- the store ---- */

memtxn_t *memtxn_new(int tables_count)
{
    static const kith_txn_ops_t OPS = {
        .get = mem_get,
        .put = mem_put,
        .del = mem_del,
        .next = mem_next,
        .prev = mem_prev,
        .count = mem_count,
    };
    KITH_ASSERT(tables_count > 0);
    memtxn_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->txn.ops = &OPS;
    self->tables_count = tables_count;
    self->tables = calloc((size_t)tables_count, sizeof *self->tables);
    KITH_ASSERT(self->tables != NULL);
    return self;
}

void memtxn_destroy(memtxn_t **self_p)
{
    if (self_p == NULL || *self_p == NULL) {
        return;
    }
    memtxn_t *self = *self_p;
    memtxn_abort(self);
    for (int i = 0; i < self->tables_count; i++) {
        for (size_t j = 0; j < self->tables[i].count; j++) {
            row_free(&self->tables[i].rows[j]);
        }
        free(self->tables[i].rows);
    }
    free(self->tables);
    free(self->undos);
    free(self->loans);
    free(self);
    *self_p = NULL;
}

kith_txn_t *memtxn_begin(memtxn_t *self)
{
    KITH_ASSERT(!self->begun);
    self->begun = true;
    return &self->txn;
}

kith_err memtxn_commit(memtxn_t *self)
{
    KITH_ASSERT(self->begun);
    kith_err err = called(self);
    if (err != KITH_OK) {
        memtxn_abort(self);
        return err;
    }
    loans_end(self);
    undos_forget(self);
    self->begun = false;
    return KITH_OK;
}

void memtxn_abort(memtxn_t *self)
{
    loans_end(self);
    undos_apply(self, -1, -1);
    self->begun = false;
}

void memtxn_commit_part(memtxn_t *self, int table, int other)
{
    loans_end(self);
    undos_apply(self, table, other);
    self->begun = false;
}

void memtxn_fail(memtxn_t *self, uint64_t nth, kith_err err)
{
    self->fail_at = nth == 0 ? 0 : self->calls + nth;
    self->fail_err = err;
}

/* ---- damage, copies ---- */

memtxn_t *memtxn_copy(memtxn_t *self)
{
    KITH_ASSERT(!self->begun);
    memtxn_t *copy = memtxn_new(self->tables_count);
    for (int i = 0; i < self->tables_count; i++) {
        const table_t *from = &self->tables[i];
        table_t *to = &copy->tables[i];
        to->rows = from->count > 0 ? malloc(from->count * sizeof *to->rows) : NULL;
        to->count = to->capacity = from->count;
        for (size_t j = 0; j < from->count; j++) {
            to->rows[j].key = blob_new(blob_bytes(&from->rows[j].key));
            to->rows[j].value = blob_new(blob_bytes(&from->rows[j].value));
        }
    }
    return copy;
}

bool memtxn_rot(memtxn_t *self, uint64_t which, bool zeroed)
{
    KITH_ASSERT(!self->begun);
    uint64_t rows = 0;
    for (int i = 0; i < self->tables_count; i++)
        rows += self->tables[i].count;
    if (rows == 0)
        return false;
    uint64_t nth = which % rows;
    int table = 0;
    while (nth >= self->tables[table].count)
        nth -= self->tables[table++].count;
    blob_t *value = &self->tables[table].rows[nth].value;
    if (zeroed)
        memset(value->data, 0, value->size);
    else
        value->data[which / rows % value->size] ^= (uint8_t)(1u << (which >> 61));
    return true;
}

bool memtxn_rotten(memtxn_t *self)
{
    for (int i = 0; i < self->tables_count; i++) {
        for (size_t j = 0; j < self->tables[i].count; j++) {
            const row_t *row = &self->tables[i].rows[j];
            kith_bytes_t value;
            if (!kith_row_read((uint64_t)i, blob_bytes(&row->key), blob_bytes(&row->value), &value))
                return true;
        }
    }
    return false;
}

uint64_t memtxn_hash(memtxn_t *self)
{
    uint64_t hash = 0;
    for (int i = 0; i < self->tables_count; i++) {
        for (size_t j = 0; j < self->tables[i].count; j++) {
            hash = kith_checksum(hash, blob_bytes(&self->tables[i].rows[j].key));
            hash = kith_checksum(hash, blob_bytes(&self->tables[i].rows[j].value));
        }
    }
    return hash;
}

uint64_t memtxn_calls(const memtxn_t *self)
{
    return self->calls;
}
