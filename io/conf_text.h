/* First look at a configuration text, before libconfig sees it.
 *
 * libconfig 1.5 takes in silence what a person did not mean (seen): a number that wraps round, a
 * comment that never ends and swallows the rest of the file, other files by @include, \x00. Here
 * each is refused, with its line. Pure; called by io/conf.c. */
#pragma once

#include "base/bytes.h"

#define CONF_TEXT_BYTES_MAX (4u * 1024u * 1024u)

/* false with the line (from 1) and what is wrong and what to do about it. */
bool conf_text_check(kith_bytes_t text, unsigned *ret_line, const char **ret_what);

/* Is a name as written nearly the name meant? A letter or two put in, left out, changed or swapped
 * with its neighbour; one in a short name. */
bool conf_text_is_close(const char *written, const char *meant);
