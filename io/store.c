#include "io/store.h"

#include "base/arena.h"
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

/* Our own table: table name → rows (8 bytes). Not one of the caller's. */
#define COUNTS_TABLE "_counts"
/* liblmdb's lock file with room for its 126 readers. */
#define LOCK_FILE_BYTES (16 * 1024)
#define FILE_MODE       0600

typedef struct table {
    const char *name;
    MDB_dbi dbi;
    uint64_t seed;      /* checksum of the name: a row moved to another table does not fit */
    int64_t change;     /* rows added less rows deleted by the open write transaction */
    MDB_cursor *cursor; /* of the open transaction; NULL: none yet */
} table_t;

struct kith_store {
    kith_txn_t door; /* first: the transaction that callers hold is the store itself */
    kith_arena_t *memory;
    kith_arena_t *scratch; /* the row being written */
    const char *folder;
    uint64_t map_bytes;
    int lock_fd;
    bool running; /* the folder is marked; the close decides how */
    bool suspect; /* damage or a failing disk was met, or an unclean end before is unchecked */
    MDB_env *env;
    MDB_txn *txn; /* the one open transaction, NULL when there is none */
    bool writing;
    bool freeing;    /* the write transaction has deleted something */
    kith_err failed; /* the first failure of the write transaction, which then can only end */
    table_t counts;
    size_t tables_count;
    table_t *tables;
};

static kith_err noted(kith_store_t *self, kith_err err)
{
    self->suspect |= err == KITH_CORRUPT || err == KITH_IO;
    return err;
}

static kith_err code_err(kith_store_t *self, int code)
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
        return noted(self, KITH_CORRUPT);
    default:
        return noted(self, code > 0 ? folder_err(self->folder, code) : KITH_IO);
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
static int cursor_of(kith_store_t *self, table_t *table, MDB_cursor **ret_cursor)
{
    int code = table->cursor ? 0 : mdb_cursor_open(self->txn, table->dbi, &table->cursor);
    *ret_cursor = table->cursor;
    return code;
}

/* Those of a write transaction are LMDB's to free, when it ends. */
static void cursors_end(kith_store_t *self)
{
    for (size_t i = 0; i <= self->tables_count; i++) {
        table_t *table = i < self->tables_count ? &self->tables[i] : &self->counts;
        if (table->cursor && !self->writing)
            mdb_cursor_close(table->cursor);
        table->cursor = NULL;
    }
}

static kith_err row_get(kith_store_t *self, table_t *table, kith_bytes_t key,
                        kith_bytes_t *ret_value)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    MDB_cursor *cursor;
    MDB_val key_val = val_of(key), row;
    int code = cursor_of(self, table, &cursor);
    if (code == 0)
        code = mdb_cursor_get(cursor, &key_val, &row, MDB_SET);
    if (code != 0)
        return code_err(self, code);
    return kith_row_read(table->seed, key, bytes_of(row), ret_value) ? KITH_OK
                                                                     : noted(self, KITH_CORRUPT);
}

static size_t rows_known_to_lmdb(const kith_store_t *self, const table_t *table)
{
    MDB_stat stat;
    KITH_ASSERT(mdb_stat(self->txn, table->dbi, &stat) == 0);
    return stat.ms_entries;
}

/* Copies key and value first: they may be borrowed from this very transaction, and LMDB moves rows
 * within a page before it copies the new one in. */
static kith_err row_put(kith_store_t *self, table_t *table, kith_bytes_t key, kith_bytes_t value)
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
    size_t rows_before = rows_known_to_lmdb(self, table);
    MDB_cursor *cursor;
    int code = cursor_of(self, table, &cursor);
    if (code == 0)
        code = mdb_cursor_put(cursor, &key_val, &row, 0);
    if (code == 0 && rows_known_to_lmdb(self, table) > rows_before)
        table->change++;
    return code_err(self, code);
}

/* ---- row counts ---- */

static kith_err count_stored(kith_store_t *self, const table_t *table, uint64_t *ret_rows)
{
    kith_bytes_t value;
    kith_err err = row_get(self, &self->counts, kith_bytes_str(table->name), &value);
    if (err == KITH_NOT_FOUND || (err == KITH_OK && value.size != sizeof(*ret_rows)))
        return KITH_CORRUPT;
    if (err == KITH_OK)
        memcpy(ret_rows, value.data, sizeof(*ret_rows));
    return err;
}

static kith_err count_store(kith_store_t *self, const table_t *table, uint64_t rows)
{
    kith_bytes_t value = {.data = (const uint8_t *)&rows, .size = sizeof(rows)};
    return row_put(self, &self->counts, kith_bytes_str(table->name), value);
}

/* Only the tables that changed; their counts land in the same commit as their rows. */
static kith_err counts_flush(kith_store_t *self)
{
    for (size_t i = 0; i < self->tables_count; i++) {
        table_t *table = &self->tables[i];
        uint64_t rows = 0;
        if (table->change == 0)
            continue;
        kith_err err = count_stored(self, table, &rows);
        if (err == KITH_OK)
            err = count_store(self, table, rows + (uint64_t)table->change);
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

static table_t *table_at(kith_store_t *self, int table)
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
    table_t *from = table_at(self, table);
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
        self->failed = code_err(self, code);
    return code_err(self, code);
}

static kith_err row_look(kith_txn_t *txn, int table, store_look_where where, kith_bytes_t at,
                         kith_bytes_t prefix, kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    kith_store_t *self = store_of(txn);
    table_t *in = table_at(self, table);
    KITH_ASSERT(at.size <= KITH_KEY_BYTES_MAX);
    if (self->failed != KITH_OK)
        return self->failed;
    MDB_cursor *cursor;
    MDB_val key, row;
    int code = cursor_of(self, in, &cursor);
    if (code == 0)
        code = store_look(cursor, where, val_of(at), &key, &row);
    if (code != 0)
        return code_err(self, code);
    if (!kith_bytes_starts(bytes_of(key), prefix))
        return KITH_NOT_FOUND;
    if (!kith_row_read(in->seed, bytes_of(key), bytes_of(row), ret_value))
        return noted(self, KITH_CORRUPT);
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
    const table_t *of = table_at(self, table);
    if (self->failed != KITH_OK)
        return self->failed;
    uint64_t rows;
    kith_err err = count_stored(self, of, &rows);
    if (err == KITH_OK)
        *ret_rows = rows + (uint64_t)of->change;
    return err;
}

static const kith_txn_ops_t door_ops = {.get = door_get,
                                        .put = door_put,
                                        .del = door_del,
                                        .next = door_next,
                                        .prev = door_prev,
                                        .count = door_count};

/* ---- transactions ---- */

static kith_err txn_begin(kith_store_t *self, unsigned flags, kith_txn_t **ret_txn)
{
    KITH_ASSERT(self->txn == NULL);
    MDB_txn *txn;
    int code = mdb_txn_begin(self->env, NULL, flags, &txn);
    if (code != 0)
        return code_err(self, code);
    self->txn = txn;
    self->writing = (flags & MDB_RDONLY) == 0;
    self->freeing = false;
    self->failed = KITH_OK;
    for (size_t i = 0; i < self->tables_count; i++)
        self->tables[i].change = 0;
    *ret_txn = &self->door;
    return KITH_OK;
}

static void txn_drop(kith_store_t *self)
{
    cursors_end(self);
    if (self->txn != NULL)
        mdb_txn_abort(self->txn);
    self->txn = NULL;
    self->writing = false;
}

static kith_err txn_commit(kith_store_t *self)
{
    MDB_txn *txn = self->txn;
    cursors_end(self);
    self->txn = NULL; /* LMDB frees it, also when it fails */
    self->writing = false;
    return code_err(self, mdb_txn_commit(txn));
}

/* LMDB gives freed pages out again two commits later. While the file can still grow that is no
 * matter; when it hardly can, one that changes nothing follows, or a store that was full would have
 * no room for the next batch although its rows are gone. */
static void make_usable(kith_store_t *self)
{
    kith_txn_t *door;
    uint64_t rows = 0;
    if (!self->freeing || !store_growth_short(self->env, self->folder) ||
        txn_begin(self, 0, &door) != KITH_OK)
        return;
    kith_err err = count_stored(self, &self->tables[0], &rows);
    if (err == KITH_OK)
        err = count_store(self, &self->tables[0], rows);
    if (err == KITH_OK)
        (void)txn_commit(self); /* what counts is durable already */
    else
        txn_drop(self);
}

kith_err store_begin(kith_store_t *self, kith_txn_t **ret_txn)
{
    return txn_begin(self, 0, ret_txn);
}

kith_err store_commit(kith_store_t *self)
{
    KITH_ASSERT(self->txn != NULL && self->writing);
    kith_err err = self->failed;
    if (err == KITH_OK)
        err = counts_flush(self);
    if (err != KITH_OK) {
        txn_drop(self);
        return err;
    }
    err = txn_commit(self);
    if (err == KITH_OK)
        make_usable(self);
    return err;
}

void store_abort(kith_store_t *self)
{
    KITH_ASSERT(self->txn == NULL || self->writing);
    txn_drop(self);
}

kith_err store_read_begin(kith_store_t *self, kith_txn_t **ret_txn)
{
    return txn_begin(self, MDB_RDONLY, ret_txn);
}

void store_read_end(kith_store_t *self)
{
    KITH_ASSERT(self->txn == NULL || !self->writing);
    txn_drop(self);
}

/* ---- making and opening ---- */

static kith_store_t *store_new(const store_options_t *options)
{
    kith_arena_t *memory = kith_arena_new(1024 * 1024);
    kith_store_t *self = kith_arena_need(memory, sizeof(*self));
    self->door.ops = &door_ops;
    self->memory = memory;
    self->scratch = kith_arena_new(4 * (size_t)STORE_VALUE_BYTES_MAX);
    self->folder = kith_arena_str(memory, options->folder);
    self->map_bytes = options->map_bytes;
    self->lock_fd = -1;
    self->counts.name = COUNTS_TABLE;
    self->counts.seed = kith_checksum(0, kith_bytes_str(COUNTS_TABLE));
    self->tables_count = options->tables_count;
    self->tables = kith_arena_need(memory, options->tables_count * sizeof(table_t) + 1);
    for (size_t i = 0; i < options->tables_count; i++) {
        self->tables[i].name = kith_arena_str(memory, options->tables[i]);
        self->tables[i].seed = kith_checksum(0, kith_bytes_str(options->tables[i]));
    }
    return self;
}

void store_close(kith_store_t **self_p)
{
    kith_store_t *self = *self_p;
    if (self == NULL)
        return;
    txn_drop(self);
    if (self->env != NULL)
        mdb_env_close(self->env);
    if (self->running) /* a mark that cannot be changed costs the next start a check, no more */
        (void)store_mark_write(self->folder, self->suspect ? STORE_MARK_OPEN : STORE_MARK_NONE);
    if (self->lock_fd >= 0)
        close(self->lock_fd);
    kith_arena_t *memory = self->memory; /* self is in it */
    kith_arena_destroy(&self->scratch);
    kith_arena_destroy(&memory);
    *self_p = NULL;
}

static const char *path_in(kith_store_t *self, const char *name)
{
    return kith_arena_printf(self->memory, "%s/%s", self->folder, name);
}

static kith_err env_open(kith_store_t *self, const char *data_path, const char *lock_path,
                         unsigned flags)
{
    kith_err err = folder_fill(lock_path, LOCK_FILE_BYTES); /* LMDB maps it */
    if (err != KITH_OK)
        return err;
    int code = mdb_env_create(&self->env);
    if (code != 0)
        return code_err(self, code);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    code = mdb_env_set_mapsize(self->env, self->map_bytes / page * page);
    if (code == 0)
        code = mdb_env_set_maxdbs(self->env, (MDB_dbi)self->tables_count + 1);
    if (code == 0)
        code = mdb_env_open(self->env, data_path, flags | MDB_NOTLS, FILE_MODE);
    return code_err(self, code);
}

/* A table that is neither there nor counted is new in this version of the program. One that is
 * counted and gone is damage. */
static kith_err table_open(kith_store_t *self, table_t *table)
{
    int code = mdb_dbi_open(self->txn, table->name, 0, &table->dbi);
    if (code != MDB_NOTFOUND)
        return code_err(self, code);
    uint64_t rows;
    if (count_stored(self, table, &rows) == KITH_OK)
        return KITH_CORRUPT;
    code = mdb_dbi_open(self->txn, table->name, MDB_CREATE, &table->dbi);
    if (code != 0)
        return code_err(self, code);
    return count_store(self, table, 0);
}

/* Handles of all tables, and each count against LMDB's own. */
static kith_err tables_open(kith_store_t *self, unsigned counts_flags)
{
    kith_txn_t *door;
    kith_err err = txn_begin(self, 0, &door);
    if (err != KITH_OK)
        return err;
    int code = mdb_dbi_open(self->txn, COUNTS_TABLE, counts_flags, &self->counts.dbi);
    err = code == MDB_NOTFOUND ? KITH_CORRUPT : code_err(self, code);
    for (size_t i = 0; i < self->tables_count && err == KITH_OK; i++) {
        uint64_t rows = 0;
        err = table_open(self, &self->tables[i]);
        if (err == KITH_OK)
            err = count_stored(self, &self->tables[i], &rows);
        if (err == KITH_OK && rows != rows_known_to_lmdb(self, &self->tables[i]))
            err = KITH_CORRUPT;
    }
    if (err == KITH_OK)
        return txn_commit(self);
    txn_drop(self);
    return err;
}

/* The folder as it must be, and nobody else in it. */
static kith_err take_folder(kith_store_t *self)
{
    kith_err err = folder_check(self->folder);
    if (err == KITH_OK) /* LMDB would make a new store of a missing or an empty file */
        err = folder_has_file(path_in(self, "data.mdb"));
    return err == KITH_OK ? folder_lock(path_in(self, "lock"), &self->lock_fd) : err;
}

kith_err store_open_held(kith_store_t *self)
{
    self->suspect = false;
    kith_err err = env_open(self, self->folder, path_in(self, "lock.mdb"), 0);
    if (err != KITH_OK)
        return err;
    store_clear_readers(self);
    return noted(self, tables_open(self, 0));
}

static kith_err give(kith_store_t *self, kith_err err, kith_store_t **ret_store)
{
    if (err == KITH_OK)
        *ret_store = self;
    else
        store_close(&self);
    return err;
}

kith_err store_open(const store_options_t *options, kith_store_t **ret_store)
{
    kith_store_t *self = store_new(options);
    kith_err err = take_folder(self);
    if (err == KITH_OK)
        err = store_open_held(self);
    return give(self, err, ret_store);
}

kith_err store_hold(const store_options_t *options, kith_store_t **ret_store,
                    store_mark *ret_before)
{
    kith_store_t *self = store_new(options);
    kith_err err = take_folder(self);
    if (err == KITH_OK)
        err = store_mark_read(self->folder, ret_before);
    if (err == KITH_OK)
        err = store_mark_write(self->folder, STORE_MARK_OPEN);
    self->running = err == KITH_OK;
    self->suspect = self->running && *ret_before == STORE_MARK_OPEN;
    return give(self, err, ret_store);
}

/* Made under another name and renamed when it is whole: a store is there or is not. */
static kith_err data_make(kith_store_t *self)
{
    const char *data = path_in(self, "init.mdb"), *lock = path_in(self, "init.mdb-lock");
    unlink(data);
    kith_err err = store_mark_write(self->folder, STORE_MARK_NONE); /* of a store moved away */
    if (err == KITH_OK)
        err = env_open(self, data, lock, MDB_NOSUBDIR);
    if (err == KITH_OK)
        err = tables_open(self, MDB_CREATE);
    if (err == KITH_OK && rename(data, path_in(self, "data.mdb")) != 0)
        err = code_err(self, errno);
    if (err == KITH_OK)
        err = folder_sync(self->folder);
    unlink(data);
    unlink(lock);
    return err;
}

kith_err store_init(const store_options_t *options)
{
    kith_store_t *self = store_new(options);
    kith_err err = folder_make(self->folder);
    if (err == KITH_OK)
        err = folder_lock(path_in(self, "lock"), &self->lock_fd);
    if (err == KITH_OK && folder_has_file(path_in(self, "data.mdb")) != KITH_NOT_FOUND)
        err = KITH_EXISTS;
    if (err == KITH_OK)
        err = data_make(self);
    store_close(&self);
    return err;
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
