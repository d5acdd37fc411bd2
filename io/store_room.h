/* How much more an LMDB environment can take. Used by io/store.c only. */
#pragma once

#include <lmdb.h>
#include <stdbool.h>
#include <stdint.h>

/* Far above any notice; a larger value is a bug. */
#define STORE_VALUE_BYTES_MAX (16u * 1024u * 1024u)

/* What is left of the map or of the folder's disk, the lesser, and what was freed inside the file.
 * May be asked beside an open transaction. */
uint64_t store_room_bytes(MDB_env *env, const char *folder);
/* The file itself can hardly grow any more: by less than the largest value, or an eighth of the
 * map. */
bool store_growth_short(MDB_env *env, const char *folder);
