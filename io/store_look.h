/* One look into a table of LMDB from a key on. Used by io/store.c only. */
#pragma once

#include <lmdb.h>

typedef enum store_look_where {
    LOOK_FROM,   /* the first key >= this one */
    LOOK_AFTER,  /* > */
    LOOK_BEFORE, /* the last key <; the last of all when this one is empty */
} store_look_where;

/* As mdb_cursor_get. An empty key is before all others. */
int store_look(MDB_cursor *cursor, store_look_where where, MDB_val at, MDB_val *ret_key,
               MDB_val *ret_row);
