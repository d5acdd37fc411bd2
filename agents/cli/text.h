/* What others wrote, made fit for a terminal, and times for people. Pure but for the time zone.
 *
 * Everything here comes from other agencies: control characters and the marks that turn the
 * direction of writing round would let a sender move the cursor or fake a line, so none passes. */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* One line: line ends and tabs become blanks, what must not pass becomes U+FFFD. In the arena. */
const char *text_line(kith_arena_t *arena, const char *text);
/* As above, but line ends stay and each following line is indented by so many blanks. */
const char *text_block(kith_arena_t *arena, const char *text, size_t indent);

/* Columns it takes: code points without combining marks; wide ones count two. */
size_t text_width(const char *text);

/* "2026-03-29 01:00" on this machine's clock; "-" for 0. */
const char *text_time(kith_arena_t *arena, int64_t unix_ms);
/* The same with the zone's name, "2026-03-29 02:00 BST", for where a time stands alone. */
const char *text_time_zone(kith_arena_t *arena, int64_t unix_ms);
/* "12.50" of 1250 pence. */
const char *text_pounds(kith_arena_t *arena, uint64_t pence);
/* "40 s", "12 min", "3 h", "5 d": whole units, rounded down; "0 s" for what lies ahead. */
const char *text_age(kith_arena_t *arena, int64_t ms);
