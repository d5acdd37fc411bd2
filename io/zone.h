/* A time zone's clock changes, from the machine's zone files (package tzdata): the only file that
 * reads them. */
#pragma once

#include "base/calendar.h"

/* name: "Europe/London". In the arena: its changes since 2000, as far as the file goes (2037).
 * KITH_INVALID: not a zone's name; KITH_NOT_FOUND: this machine has no such zone; KITH_CORRUPT: the
 * file cannot be read as one, or its changes end before 2037; KITH_LIMIT: the arena is full. */
kith_err zone_load(const char *name, kith_arena_t *arena, const kith_zone_t **ret_zone);
/* The same from the bytes of a zone file (RFC 8536, version 2 or later). */
kith_err zone_read(const char *name, kith_bytes_t bytes, kith_arena_t *arena,
                   const kith_zone_t **ret_zone);
