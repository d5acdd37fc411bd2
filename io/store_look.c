#include "io/store_look.h"

#include <stdbool.h>
#include <string.h>

static bool same(const MDB_val *a, const MDB_val *b)
{
    return a->mv_size == b->mv_size && memcmp(a->mv_data, b->mv_data, a->mv_size) == 0;
}

int store_look(MDB_cursor *cursor, store_look_where where, MDB_val at, MDB_val *ret_key,
               MDB_val *ret_row)
{
    if (where == LOOK_BEFORE && at.mv_size == 0)
        return mdb_cursor_get(cursor, ret_key, ret_row, MDB_LAST);
    *ret_key = at;
    int code = mdb_cursor_get(cursor, ret_key, ret_row, at.mv_size > 0 ? MDB_SET_RANGE : MDB_FIRST);
    if (where == LOOK_BEFORE && (code == 0 || code == MDB_NOTFOUND))
        return mdb_cursor_get(cursor, ret_key, ret_row, code == 0 ? MDB_PREV : MDB_LAST);
    if (where == LOOK_AFTER && code == 0 && same(ret_key, &at))
        return mdb_cursor_get(cursor, ret_key, ret_row, MDB_NEXT);
    return code;
}
