#include "agents/cli/table.h"

#include "agents/cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct row {
    struct row *next;
    bool marked;
    const char *cells[TABLE_COLUMNS_MAX];
} row_t;

struct table {
    kith_arena_t *arena;
    size_t columns, rows_count;
    size_t widths[TABLE_COLUMNS_MAX];
    row_t header;
    row_t *last; /* the header while there is no row */
};

bool table_colour(FILE *out)
{
    const char *terminal = getenv("TERM");
    const char *no = getenv("NO_COLOR");
    return isatty(fileno(out)) == 1 && (no == NULL || *no == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

static void fill_row(table_t *self, row_t *row, const char *const *cells)
{
    for (size_t i = 0; i < self->columns; i++) {
        row->cells[i] = text_line(self->arena, cells[i]);
        size_t width = text_width(row->cells[i]);
        if (width > self->widths[i])
            self->widths[i] = width;
    }
}

table_t *table_new(kith_arena_t *arena, const char *const *headers, size_t count)
{
    KITH_ASSERT(count > 0 && count <= TABLE_COLUMNS_MAX);
    table_t *self = kith_arena_need(arena, sizeof *self);
    self->arena = arena;
    self->columns = count;
    self->last = &self->header;
    fill_row(self, &self->header, headers);
    return self;
}

void table_row(table_t *self, const char *const *cells)
{
    row_t *row = kith_arena_need(self->arena, sizeof *row);
    fill_row(self, row, cells);
    self->last->next = row;
    self->last = row;
    self->rows_count++;
}

void table_mark(table_t *self)
{
    self->last->marked = true;
}

size_t table_rows(const table_t *self)
{
    return self->rows_count;
}

static void print_row(const table_t *self, const row_t *row, FILE *out, const char *colour)
{
    fputs(colour, out);
    /* Blanks at the end of a line say nothing. */
    size_t last = self->columns;
    while (last > 1 && row->cells[last - 1][0] == '\0')
        last--;
    for (size_t i = 0; i < last; i++) {
        fputs(row->cells[i], out);
        size_t pad = i + 1 < last ? self->widths[i] - text_width(row->cells[i]) + 2 : 0;
        fprintf(out, "%*s", (int)pad, "");
    }
    fputs(*colour == '\0' ? "\n" : "\033[0m\n", out);
}

void table_print(const table_t *self, FILE *out, bool colour)
{
    print_row(self, &self->header, out, colour ? "\033[1m" : "");
    for (const row_t *row = self->header.next; row != NULL; row = row->next)
        print_row(self, row, out, colour && row->marked ? "\033[31m" : "");
}
