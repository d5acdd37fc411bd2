/* A mail's bytes as a letter. The only file that includes GMime, and only ever called in a child
 * of sandbox.h: GMime and the charset tables are a hundred thousand lines that read what strangers
 * write. */
#pragma once

#include "mail/letter.h"

/* Once in the child before it is closed off: opens the charset tables, which are files. */
void mime_begin(void);

/* KITH_LIMIT: larger than the arena. Whatever else is wrong with it: letter.doubt. own: the address
 * that we write from, in lower case. */
kith_err mime_read(kith_arena_t *arena, kith_bytes_t mail, const char *own, letter_t *ret_letter);
