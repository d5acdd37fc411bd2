/* Aligned columns on a terminal or in a pipe. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX 12u

typedef struct table table_t; /* lives in the arena */

/* Whether a stream takes colour: a terminal, not a dumb one, and no NO_COLOR. */
bool table_colour(FILE *out);

table_t *table_new(kith_arena_t *arena, const char *const *headers, size_t count);
/* As many cells as headers; each is made fit for one line (text.h). NULL is an empty cell. */
void table_row(table_t *self, const char *const *cells);
/* The last row is what a reader must not miss. */
void table_mark(table_t *self);
size_t table_rows(const table_t *self);
/* The last column is not padded. */
void table_print(const table_t *self, FILE *out, bool colour);
