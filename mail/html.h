/* A mail's HTML as plain text. Pure.
 *
 * Lines are where the reader sees them; what a mail program marked as a quote (blockquote and the
 * like) is lines that begin with `> `. Styles, scripts and comments are left out. */
#pragma once

#include "base/arena.h"

/* html: UTF-8. NULL: the arena's limit. */
const char *html_text(kith_arena_t *arena, const char *html);
