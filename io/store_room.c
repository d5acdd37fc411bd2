#include "io/store_room.h"

#include "io/folder.h"

#include <string.h>

/* Pages that were freed inside the file and can be used again. */
static uint64_t reusable_pages(MDB_env *env)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key, list;
    uint64_t pages = 0;
    /* Beside an open write transaction: MDB_NOTLS allows that for a read-only one. */
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0)
        return 0;
    if (mdb_cursor_open(txn, 0, &cursor) == 0) { /* table 0 is LMDB's list of free pages */
        while (mdb_cursor_get(cursor, &key, &list, MDB_NEXT) == 0) {
            size_t count;
            memcpy(&count, list.mv_data, sizeof(count));
            pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return pages;
}

/* How much the file can still grow. */
static uint64_t growth_bytes(MDB_env *env, const char *folder)
{
    MDB_envinfo info;
    MDB_stat stat;
    KITH_ASSERT(mdb_env_info(env, &info) == 0 && mdb_env_stat(env, &stat) == 0);
    uint64_t used_bytes = (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
    uint64_t map_left = info.me_mapsize > used_bytes ? info.me_mapsize - used_bytes : 0;
    uint64_t disk_left = folder_free_bytes(folder);
    return map_left < disk_left ? map_left : disk_left;
}

uint64_t store_room_bytes(MDB_env *env, const char *folder)
{
    MDB_stat stat;
    KITH_ASSERT(mdb_env_stat(env, &stat) == 0);
    return growth_bytes(env, folder) + reusable_pages(env) * stat.ms_psize;
}

bool store_growth_short(MDB_env *env, const char *folder)
{
    MDB_envinfo info;
    KITH_ASSERT(mdb_env_info(env, &info) == 0);
    uint64_t share = info.me_mapsize / 8;
    return growth_bytes(env, folder) <
           (share < STORE_VALUE_BYTES_MAX ? share : STORE_VALUE_BYTES_MAX);
}
