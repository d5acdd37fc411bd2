#include "tests/check/dump.h"

#include <lmdb.h>
#include <stdio.h>
#include <string.h>

#define TABLES_MAX     128u
#define NAME_MAX_BYTES 64u
#define SUM_BYTES      8u
#define COUNTS         "_counts"

/* ---- the row's checksum, as base/checksum.h describes it ---- */

static uint64_t sum_on(uint64_t seed, const void *data, size_t size)
{
    const uint64_t m = 0xc6a4a7935bd1e995u;
    uint64_t sum = seed ^ (size * m);
    const unsigned char *at = data, *end = at + size;
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        word *= m;
        word ^= word >> 47;
        sum = (sum ^ word * m) * m;
    }
    if (at < end) {
        uint64_t word = 0;
        memcpy(&word, at, (size_t)(end - at));
        sum = (sum ^ word) * m;
    }
    sum ^= sum >> 47;
    sum *= m;
    return sum ^ sum >> 47;
}

static bool row_fits(const char *table, const MDB_val *key, const MDB_val *row)
{
    uint64_t stored;
    if (row->mv_size < SUM_BYTES)
        return false;
    size_t size = row->mv_size - SUM_BYTES;
    memcpy(&stored, (const char *)row->mv_data + size, SUM_BYTES);
    uint64_t sum = sum_on(0, table, strlen(table));
    sum = sum_on(sum, key->mv_data, key->mv_size);
    return sum_on(sum, row->mv_data, size) == stored;
}

/* ---- walking a folder ---- */

typedef bool row_f(void *ctx, const char *table, const MDB_val *key, const void *value, size_t size,
                   const char **ret_why);

typedef struct walk {
    const char *folder;
    row_f *row;
    void *ctx;
    char *why;
    size_t why_size;
} walk_t;

static bool wrong(const walk_t *walk, const char *table, const char *what)
{
    (void)snprintf(walk->why, walk->why_size, "%s: table %s: %s", walk->folder, table, what);
    return false;
}

static bool walk_table(const walk_t *walk, MDB_txn *txn, const char *table)
{
    MDB_dbi dbi;
    MDB_cursor *cursor = NULL;
    MDB_val key, row;
    int code = mdb_dbi_open(txn, table, 0, &dbi);
    if (code == 0)
        code = mdb_cursor_open(txn, dbi, &cursor);
    if (code != 0)
        return wrong(walk, table, mdb_strerror(code));
    bool good = true;
    while (good && (code = mdb_cursor_get(cursor, &key, &row, MDB_NEXT)) == 0) {
        const char *why = "a row's checksum does not fit: it is damaged";
        good = row_fits(table, &key, &row) &&
               walk->row(walk->ctx, table, &key, row.mv_data, row.mv_size - SUM_BYTES, &why);
        if (!good)
            (void)wrong(walk, table, why);
    }
    mdb_cursor_close(cursor);
    return good && (code == MDB_NOTFOUND || wrong(walk, table, mdb_strerror(code)));
}

/* The main database holds the names of all others. */
static bool walk_tables(const walk_t *walk, MDB_txn *txn)
{
    char names[TABLES_MAX][NAME_MAX_BYTES];
    size_t count = 0;
    MDB_dbi dbi;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    if (mdb_dbi_open(txn, NULL, 0, &dbi) != 0 || mdb_cursor_open(txn, dbi, &cursor) != 0)
        return wrong(walk, "(all)", "cannot be opened");
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0 && count < TABLES_MAX)
        if (key.mv_size < NAME_MAX_BYTES)
            (void)snprintf(names[count++], NAME_MAX_BYTES, "%.*s", (int)key.mv_size,
                           (const char *)key.mv_data);
    mdb_cursor_close(cursor);
    bool good = count > 0 || wrong(walk, "(all)", "there are none: is this a store?");
    good = good && (count < TABLES_MAX || wrong(walk, "(all)", "more than this judge can hold"));
    for (size_t i = 0; good && i < count; i++)
        good = strcmp(names[i], COUNTS) == 0 || walk_table(walk, txn, names[i]);
    return good;
}

static bool walk_folder(const walk_t *walk)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    int code = mdb_env_create(&env);
    if (code == 0)
        code = mdb_env_set_maxdbs(env, TABLES_MAX);
    if (code == 0)
        code = mdb_env_open(env, walk->folder, MDB_RDONLY | MDB_NOLOCK, 0600);
    if (code == 0)
        code = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
    bool good = code == 0 ? walk_tables(walk, txn) : wrong(walk, "(all)", mdb_strerror(code));
    if (txn)
        mdb_txn_abort(txn);
    mdb_env_close(env);
    return good;
}

/* ---- the two uses ---- */

typedef struct judged {
    judge_t *judge;
    dump_owner owner;
    const char *name;
} judged_t;

static bool judge_row(void *ctx, const char *table, const MDB_val *key, const void *value,
                      size_t size, const char **ret_why)
{
    const judged_t *to = ctx;
    return (to->owner == DUMP_AGENT ? judge_agent_row : judge_broker_row)(
        to->judge, to->name, table, key->mv_data, key->mv_size, value, size, ret_why);
}

bool dump_read(judge_t *judge, dump_owner owner, const char *name, const char *folder,
               char *ret_why, size_t why_size)
{
    judged_t to = {judge, owner, name};
    return walk_folder(&(walk_t){folder, judge_row, &to, ret_why, why_size});
}

static bool digest_row(void *ctx, const char *table, const MDB_val *key, const void *value,
                       size_t size, const char **ret_why)
{
    uint64_t *digest = ctx;
    (void)ret_why;
    if (strcmp(table, "meta") == 0)
        return true;
    *digest = sum_on(*digest, table, strlen(table));
    *digest = sum_on(*digest, key->mv_data, key->mv_size);
    *digest = sum_on(*digest, value, size);
    return true;
}

bool dump_digest(const char *folder, uint64_t *ret_digest, char *ret_why, size_t why_size)
{
    uint64_t digest = 0;
    if (!walk_folder(&(walk_t){folder, digest_row, &digest, ret_why, why_size}))
        return false;
    *ret_digest = digest;
    return true;
}
