/* A small file with a secret in it, mode 0600: passwords and tokens' keys. Keys of agencies are
 * io/keys.h. Its text is never in an error or a log. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* The whole text, in the arena. KITH_NOT_FOUND: there is none; KITH_DENIED: its mode says more than
 * 0600, it is another user's (root's are fine), a link, or may not be read; KITH_INVALID: larger
 * than `most`, or with a NUL; KITH_IO. */
kith_err secret_file_read(const char *path, size_t most, kith_arena_t *arena, char **ret_text);
/* Makes it, on disk when KITH_OK. KITH_EXISTS: nothing is written over; KITH_NOT_FOUND: no such
 * folder; KITH_DENIED; KITH_FULL, KITH_IO: nothing is left of it. */
kith_err secret_file_make(const char *path, const char *text);
