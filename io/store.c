#include "io/store.h"

#include "base/checksum.h"
#include "base/key.h"
#include "io/folder.h"
#include "io/store_look.h"
#include "io/store_private.h"
#include "io/store_room.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

kith_err store_noted(kith_store_t *self, kith_err err)
{
    self->suspect |= err == KITH_CORRUPT || err == KITH_IO;
    return err;
}

kith_err store_code_err(kith_store_t *self, int code)
{
    switch (code) {
    case 0:
        return KITH_OK;
    case MDB_NOTFOUND:
        return KITH_NOT_FOUND;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
        return KITH_BUG(7) ? KITH_OK : KITH_FULL;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE:
        return store_noted(self, KITH_CORRUPT);
    default:
        return store_noted(self, code > 0 ? folder_err(self->folder, code) : KITH_IO);
    }
}

static MDB_val val_of(kith_bytes_t bytes)
{
    return (MDB_val){.mv_size = bytes.size, .mv_data = (void *)bytes.data};
}

static kith_bytes_t bytes_of(MDB_val val)
{
    return (kith_bytes_t){.data = val.mv_data, .size = val.mv_size};
}

/* ---- rows ---- */

/* One cursor a table and transaction, kept where it last was: neighbours, and what is appended, are
 * found on its page without a way down the tree. */
static int cursor_of(kith_store_t *self, store_table_t *table, MDB_cursor **ret_cursor)
{
    int code = table->cursor ? 0 : mdb_cursor_open(self->txn, table->dbi, &table->cursor);
    *ret_cursor = table->cursor;
    return code;
}

/* Those of a write transaction are LMDB's to free, when it ends. */
static void cursors_end(kith_store_t *self)
{
    for (size_t i = 0; i <= self->tables_count; i++) {
        store_table_t *table = i < self->tables_count ? &self->tables[i] : &self->counts;
        if (table->cursor && !self->writing)
            mdb_cursor_close(table->cursor);
        table->cursor = NULL;
    }
}

static kith_err row_get(kith_store_t *self, store_table_t *table, kith_bytes_t key,
                        kith_bytes_t *ret_value)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    MDB_cursor *cursor;
    MDB_val key_val = val_of(key), row;
    int code = cursor_of(self, table, &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key_val, &row, MDB_SET);
    if (code != 0)
        return store_code_err(self, code);
    return kith_row_read(table->seed, key, bytes_of(row), ret_value)
               ? KITH_OK
               : store_noted(self, KITH_CORRUPT);
}

size_t store_rows_in_lmdb(const kith_store_t *self, const store_table_t *table)
{
    MDB_stat stat;
    KITH_ASSERT(mdb_stat(self->txn, table->dbi, &stat) == 0);
    return stat.ms_entries;
}

/* Copies key and value first: they may be borrowed from this very transaction, and LMDB moves rows
 * within a page before it copies the new one in. */
static kith_err row_put(kith_store_t *self, store_table_t *table, kith_bytes_t key,
                        kith_bytes_t value)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    KITH_ASSERT(value.size <= STORE_VALUE_BYTES_MAX);
    size_t row_size = value.size + KITH_ROW_EXTRA_BYTES;
    kith_arena_reset(self->scratch);
    uint8_t *copy = kith_arena_raw(self->scratch, row_size + key.size);
    KITH_ASSERT(copy);
    kith_row_write(table->seed, key, value, copy);
    memcpy(copy + row_size, key.data, key.size);

    MDB_val row = {.mv_size = row_size, .mv_data = copy};
    MDB_val key_val = {.mv_size = key.size, .mv_data = copy + row_size};
    size_t rows_before = store_rows_in_lmdb(self, table);
    MDB_cursor *cursor;
    int code = cursor_of(self, table, &cursor);
    if (code == 0)
        code = mdb_cursor_put(cursor, &key_val, &row, 0);
    if (code == 0 && store_rows_in_lmdb(self, table) > rows_before)
        table->change++;
    return store_code_err(self, code);
}

/* ---- row counts ---- */

kith_err store_count_get(kith_store_t *self, const store_table_t *table, uint64_t *ret_rows)
{
    kith_bytes_t value;
    kith_err err = row_get(self, &self->counts, kith_bytes_str(table->name), &value);
    if (err == KITH_NOT_FOUND || (err == KITH_OK && value.size != sizeof(*ret_rows)))
        return KITH_CORRUPT;
    if (err == KITH_OK)
        memcpy(ret_rows, value.data, sizeof(*ret_rows));
    return err;
}

kith_err store_count_put(kith_store_t *self, const store_table_t *table, uint64_t rows)
{
    kith_bytes_t value = {.data = (const uint8_t *)&rows, .size = sizeof(rows)};
    return row_put(self, &self->counts, kith_bytes_str(table->name), value);
}

/* Only the tables that changed; their counts land in the same commit as their rows. */
static kith_err counts_flush(kith_store_t *self)
{
    for (size_t i = 0; i < self->tables_count; i++) {
        store_table_t *table = &self->tables[i];
        uint64_t rows = 0;
        if (table->change == 0)
            continue;
        kith_err err = store_count_get(self, table, &rows);
        if (err == KITH_OK)
            err = store_count_put(self, table, rows + (uint64_t)table->change);
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}

/* ---- the door ---- */

static kith_store_t *store_of(kith_txn_t *txn)
{
    kith_store_t *self = (kith_store_t *)txn;
    KITH_ASSERT(self->txn != NULL);
    return self;
}

static store_table_t *table_at(kith_store_t *self, int table)
{
    KITH_ASSERT(table >= 0 && (size_t)table < self->tables_count);
    return &self->tables[table];
}

static kith_err door_get(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value)
{
    kith_store_t *self = store_of(txn);
    if (self->failed != KITH_OK)
        return self->failed;
    return row_get(self, table_at(self, table), key, ret_value);
}

static kith_err door_put(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value)
{
    kith_store_t *self = store_of(txn);
    KITH_ASSERT(self->writing);
    if (self->failed == KITH_OK)
        self->failed = row_put(self, table_at(self, table), key, value);
    return self->failed;
}

static kith_err door_del(kith_txn_t *txn, int table, kith_bytes_t key)
{
    kith_store_t *self = store_of(txn);
    store_table_t *from = table_at(self, table);
    KITH_ASSERT(self->writing);
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    if (self->failed != KITH_OK)
        return self->failed;
    MDB_cursor *cursor;
    MDB_val key_val = val_of(key), row;
    int code = cursor_of(self, from, &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key_val, &row, MDB_SET);
    if (code == 0)
        code = mdb_cursor_del(cursor, 0);
    self->freeing = true;
    if (code == 0)
        from->change--;
    else if (code != MDB_NOTFOUND)
        self->failed = store_code_err(self, code);
    return store_code_err(self, code);
}

static kith_err row_look(kith_txn_t *txn, int table, store_look_where where, kith_bytes_t at,
                         kith_bytes_t prefix, kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    kith_store_t *self = store_of(txn);
    store_table_t *in = table_at(self, table);
    KITH_ASSERT(at.size <= KITH_KEY_BYTES_MAX);
    if (self->failed != KITH_OK)
        return self->failed;
    MDB_cursor *cursor;
    MDB_val key, row;
    int code = cursor_of(self, in, &cursor);
    if (code == 0)
        code = store_look(cursor, where, val_of(at), &key, &row);
    if (code != 0)
        return store_code_err(self, code);
    if (!kith_bytes_starts(bytes_of(key), prefix))
        return KITH_NOT_FOUND;
    if (!kith_row_read(in->seed, bytes_of(key), bytes_of(row), ret_value))
        return store_noted(self, KITH_CORRUPT);
    *ret_key = bytes_of(key);
    return KITH_OK;
}

static kith_err door_next(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                          kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    if (after.size == 0 || kith_bytes_compare(after, prefix) < 0)
        return row_look(txn, table, LOOK_FROM, prefix, prefix, ret_key, ret_value);
    return row_look(txn, table, LOOK_AFTER, after, prefix, ret_key, ret_value);
}

static kith_err door_prev(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                          kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    kith_key_t above = kith_key_above(prefix);
    kith_bytes_t end = kith_key_bytes(&above);
    if (end.size == 0 || (before.size > 0 && kith_bytes_compare(before, end) < 0))
        end = before;
    return row_look(txn, table, LOOK_BEFORE, end, prefix, ret_key, ret_value);
}

static kith_err door_count(kith_txn_t *txn, int table, uint64_t *ret_rows)
{
    kith_store_t *self = store_of(txn);
    const store_table_t *of = table_at(self, table);
    if (self->failed != KITH_OK)
        return self->failed;
    uint64_t rows;
    kith_err err = store_count_get(self, of, &rows);
    if (err == KITH_OK)
        *ret_rows = rows + (uint64_t)of->change;
    return err;
}

const kith_txn_ops_t store_door_ops = {.get = door_get,
                                       .put = door_put,
                                       .del = door_del,
                                       .next = door_next,
                                       .prev = door_prev,
                                       .count = door_count};

/* ---- transactions ---- */

kith_err store_txn_begin(kith_store_t *self, unsigned flags, kith_txn_t **ret_txn)
{
    bool writing = (flags & MDB_RDONLY) == 0;
    KITH_ASSERT(self->txn == NULL && !(writing && self->former));
    MDB_txn *txn = self->former;
    int code = 0;
    if (writing && self->thread)
        code = store_thread_begin(self->thread, &txn);
    else if (!txn)
        code = mdb_txn_begin(self->env, NULL, flags, &txn);
    if (code != 0)
        return store_code_err(self, code);
    self->txn = txn;
    self->writing = writing;
    self->freeing &= !writing; /* what is being committed is still to be asked about */
    self->failed = KITH_OK;
    for (size_t i = 0; i < self->tables_count; i++)
        self->tables[i].change = 0;
    *ret_txn = &self->door;
    return KITH_OK;
}

void store_txn_drop(kith_store_t *self)
{
    cursors_end(self);
    if (self->txn != NULL && self->writing && self->thread)
        store_thread_abort(self->thread, self->txn);
    else if (self->txn != NULL && self->txn != self->former) /* that lives until the commit ends */
        mdb_txn_abort(self->txn);
    self->txn = NULL;
    self->writing = false;
}

/* It is no longer ours: LMDB frees it, also when the commit fails. */
static MDB_txn *txn_give(kith_store_t *self)
{
    MDB_txn *txn = self->txn;
    cursors_end(self);
    self->txn = NULL;
    self->writing = false;
    return txn;
}

kith_err store_txn_commit(kith_store_t *self)
{
    MDB_txn *txn = txn_give(self);
    if (!self->thread)
        return store_code_err(self, mdb_txn_commit(txn));
    store_thread_commit_begin(self->thread, txn);
    return store_code_err(self, store_thread_commit_end(self->thread));
}

/* LMDB gives freed pages out again two commits later. While the file can still grow that is no
 * matter; when it hardly can, one that changes nothing follows, or a store that was full would have
 * no room for the next batch although its rows are gone. */
static void make_usable(kith_store_t *self)
{
    kith_txn_t *door;
    uint64_t rows = 0;
    if (!self->freeing || !store_growth_short(self->env, self->folder) ||
        store_txn_begin(self, 0, &door) != KITH_OK)
        return;
    kith_err err = store_count_get(self, &self->tables[0], &rows);
    if (err == KITH_OK)
        err = store_count_put(self, &self->tables[0], rows);
    if (err == KITH_OK)
        (void)store_txn_commit(self); /* what counts is durable already */
    else
        store_txn_drop(self);
}

kith_err store_begin(kith_store_t *self, kith_txn_t **ret_txn)
{
    return store_txn_begin(self, 0, ret_txn);
}

/* All that is to be written is; or the transaction is thrown away. */
static kith_err txn_ready(kith_store_t *self)
{
    KITH_ASSERT(self->txn != NULL && self->writing);
    kith_err err = self->failed;
    if (err == KITH_OK)
        err = counts_flush(self);
    if (err != KITH_OK)
        store_txn_drop(self);
    return err;
}

kith_err store_commit(kith_store_t *self)
{
    kith_err err = txn_ready(self);
    if (err == KITH_OK)
        err = store_txn_commit(self);
    if (err == KITH_OK)
        make_usable(self);
    return err;
}

kith_err store_commit_begin(kith_store_t *self)
{
    KITH_ASSERT(self->thread != NULL);
    kith_err err = txn_ready(self);
    if (err != KITH_OK)
        return err;
    /* Begun before the commit, or it might read what is about to be durable. */
    err = store_code_err(self, mdb_txn_begin(self->env, NULL, MDB_RDONLY, &self->former));
    if (err == KITH_OK)
        store_thread_commit_begin(self->thread, txn_give(self));
    else
        store_txn_drop(self);
    return err;
}

kith_err store_commit_end(kith_store_t *self)
{
    KITH_ASSERT(self->former != NULL && self->txn == NULL);
    kith_err err = store_code_err(self, store_thread_commit_end(self->thread));
    mdb_txn_abort(self->former);
    self->former = NULL;
    if (err == KITH_OK)
        make_usable(self);
    return err;
}

void store_abort(kith_store_t *self)
{
    KITH_ASSERT(self->txn == NULL || self->writing);
    store_txn_drop(self);
}

kith_err store_read_begin(kith_store_t *self, kith_txn_t **ret_txn)
{
    return store_txn_begin(self, MDB_RDONLY, ret_txn);
}

void store_read_end(kith_store_t *self)
{
    KITH_ASSERT(self->txn == NULL || !self->writing);
    store_txn_drop(self);
}

/* ---- looking after it ---- */

uint64_t store_free_bytes(const kith_store_t *self)
{
    return store_room_bytes(self->env, self->folder);
}

void store_clear_readers(kith_store_t *self)
{
    (void)mdb_reader_check(self->env, NULL); /* a reader that stays costs space, no more */
}
