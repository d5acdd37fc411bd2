/* What a person wrote, without what they quote and without their signature. Pure.
 *
 * Mail programs do not agree on how a quote looks; this knows the ways of the common ones and lets
 * a line stand where it is not sure. The whole mail is kept elsewhere. */
#pragma once

#include "base/arena.h"

/* text: UTF-8, any line ends. sender_name, sender: as in From, "" when not known: a last paragraph
 * that names them is a signature. Answers between quotes all stay. NULL: the arena's limit. */
const char *quote_above(kith_arena_t *arena, const char *text, const char *sender_name,
                        const char *sender);
