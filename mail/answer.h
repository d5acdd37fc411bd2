/* What a person's words say to an alert. Pure.
 *
 * The first line begins with one of the four answers as FIELD's words have them, by itself or with
 * a stop behind it: "Acting. Officers look in." "nothing known" "Known, no action" "Cannot share:
 * under a court order". Everything else is for a person to read: an answer is never guessed. */
#pragma once

#include "base/arena.h"
#include "kith.pb-c.h"

/* ANSWER_UNSPECIFIED: they do not say one. *ret_reason: what stands behind "cannot share", or "" */
Kith__Answer answer_of(kith_arena_t *arena, const char *text, const char **ret_reason);
