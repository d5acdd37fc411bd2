/* Making, opening and closing a store. */
#include "base/checksum.h"
#include "io/folder.h"
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

static kith_store_t *store_new(const store_options_t *options)
{
    kith_arena_t *memory = kith_arena_new(1024 * 1024);
    kith_store_t *self = kith_arena_need(memory, sizeof(*self));
    self->door.ops = &store_door_ops;
    self->memory = memory;
    self->scratch = kith_arena_new(4 * (size_t)STORE_VALUE_BYTES_MAX);
    self->folder = kith_arena_str(memory, options->folder);
    self->map_bytes = options->map_bytes;
    self->overlapped = options->overlapped;
    self->lock_fd = -1;
    self->counts.name = COUNTS_TABLE;
    self->counts.seed = kith_checksum(0, kith_bytes_str(COUNTS_TABLE));
    self->tables_count = options->tables_count;
    self->tables = kith_arena_need(memory, options->tables_count * sizeof(store_table_t) + 1);
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
    store_txn_drop(self);
    store_thread_destroy(&self->thread);
    if (self->former != NULL)
        mdb_txn_abort(self->former);
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
        return store_code_err(self, code);
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    code = mdb_env_set_mapsize(self->env, self->map_bytes / page * page);
    if (code == 0)
        code = mdb_env_set_maxdbs(self->env, (MDB_dbi)self->tables_count + 1);
    if (code == 0)
        code = mdb_env_open(self->env, data_path, flags | MDB_NOTLS, FILE_MODE);
    return store_code_err(self, code);
}

/* A table that is neither there nor counted is new in this version of the program. One that is
 * counted and gone is damage. */
static kith_err table_open(kith_store_t *self, store_table_t *table)
{
    int code = mdb_dbi_open(self->txn, table->name, 0, &table->dbi);
    if (code != MDB_NOTFOUND)
        return store_code_err(self, code);
    uint64_t rows;
    if (store_count_get(self, table, &rows) == KITH_OK)
        return KITH_CORRUPT;
    code = mdb_dbi_open(self->txn, table->name, MDB_CREATE, &table->dbi);
    if (code != 0)
        return store_code_err(self, code);
    return store_count_put(self, table, 0);
}

/* Handles of all tables, and each count against LMDB's own. */
static kith_err tables_open(kith_store_t *self, unsigned counts_flags)
{
    kith_txn_t *door;
    kith_err err = store_txn_begin(self, 0, &door);
    if (err != KITH_OK)
        return err;
    int code = mdb_dbi_open(self->txn, COUNTS_TABLE, counts_flags, &self->counts.dbi);
    err = code == MDB_NOTFOUND ? KITH_CORRUPT : store_code_err(self, code);
    for (size_t i = 0; i < self->tables_count && err == KITH_OK; i++) {
        uint64_t rows = 0;
        err = table_open(self, &self->tables[i]);
        if (err == KITH_OK)
            err = store_count_get(self, &self->tables[i], &rows);
        if (err == KITH_OK && rows != store_rows_in_lmdb(self, &self->tables[i]))
            err = KITH_CORRUPT;
    }
    if (err == KITH_OK)
        return store_txn_commit(self);
    store_txn_drop(self);
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
    err = store_noted(self, tables_open(self, 0));
    if (err == KITH_OK && self->overlapped)
        self->thread = store_thread_new(self->env);
    return err == KITH_OK && self->overlapped && !self->thread ? KITH_IO : err;
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
        err = store_code_err(self, errno);
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
