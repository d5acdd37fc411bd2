/* How much more an LMDB environment can take. Used by io/store.c only. */
#pragma once

#include <lmdb.h>
#include <stdint.h>

/* What is left of the map or of the folder's disk, the lesser, and what was freed inside the file.
 * May be asked beside an open transaction. */
uint64_t store_room_bytes(MDB_env *env, const char *folder);
