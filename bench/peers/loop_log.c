#include "bench/peers/loop_log.h"

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>

#define MAP_BYTES (8ull << 30)

struct loop_log {
    MDB_env *env;
    MDB_dbi table;
    MDB_txn *txn;
    uint64_t first; /* the oldest that is still there */
};

typedef struct key {
    uint8_t bytes[8];
} log_key_t;

static void check(int code, const char *what)
{
    if (code == 0)
        return;
    (void)fprintf(stderr, "loop-server: %s: %s\n", what, mdb_strerror(code));
    exit(1);
}

static MDB_val key_of(uint64_t number, log_key_t *buffer)
{
    for (int i = 7; i >= 0; i--, number >>= 8)
        buffer->bytes[i] = (uint8_t)number;
    return (MDB_val){sizeof buffer->bytes, buffer->bytes};
}

loop_log_t *loop_log_open(const char *folder)
{
    loop_log_t *self = calloc(1, sizeof *self);
    if (!self)
        exit(1);
    check(mdb_env_create(&self->env), "create");
    check(mdb_env_set_mapsize(self->env, MAP_BYTES), "mapsize");
    check(mdb_env_open(self->env, folder, MDB_NOTLS, 0600), folder);
    loop_log_begin(self);
    check(mdb_dbi_open(self->txn, NULL, MDB_CREATE, &self->table), "table");
    loop_log_commit(self);
    return self;
}

void loop_log_begin(loop_log_t *self)
{
    check(mdb_txn_begin(self->env, NULL, 0, &self->txn), "begin");
}

void loop_log_append(loop_log_t *self, uint64_t number, const void *data, size_t size)
{
    log_key_t buffer;
    MDB_val key = key_of(number, &buffer), value = {size, (void *)(uintptr_t)data};
    check(mdb_put(self->txn, self->table, &key, &value, MDB_APPEND), "append");
}

void loop_log_trim(loop_log_t *self, uint64_t below)
{
    for (; self->first < below; self->first++) {
        log_key_t buffer;
        MDB_val key = key_of(self->first, &buffer);
        check(mdb_del(self->txn, self->table, &key, NULL), "trim");
    }
}

void loop_log_commit(loop_log_t *self)
{
    check(mdb_txn_commit(self->txn), "commit");
}

void loop_log_read_begin(loop_log_t *self)
{
    check(mdb_txn_begin(self->env, NULL, MDB_RDONLY, &self->txn), "read");
}

const void *loop_log_read(loop_log_t *self, uint64_t number, size_t *ret_size)
{
    log_key_t buffer;
    MDB_val key = key_of(number, &buffer), value;
    check(mdb_get(self->txn, self->table, &key, &value), "get");
    *ret_size = value.mv_size;
    return value.mv_data;
}

void loop_log_read_end(loop_log_t *self)
{
    mdb_txn_abort(self->txn);
}
