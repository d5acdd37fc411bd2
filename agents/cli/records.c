#include "agents/cli/records.h"

#include "agents/cli/csv.h"
#include "io/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct records {
    records_format format;
    /* CSV */
    csv_reader_t csv;
    size_t columns;
    const char **header; /* copied: the reader's cells are used again */
    csv_record_t row;
    /* JSON */
    kith_bytes_t rest;
    size_t line;
    bool list, first, ended;
    kith_json_t *value;
    char what[KITH_JSON_WHAT_SIZE + 64];
};

/* ---- CSV ---- */

static kith_err read_header(records_t *self, kith_arena_t *arena, size_t *ret_line,
                            const char **ret_what)
{
    csv_record_t header;
    bool end;
    kith_err err = csv_next(&self->csv, &header, &end, ret_what);
    if (err == KITH_OK && end) {
        *ret_line = 1;
        *ret_what = "the file is empty: its first line must name the columns";
        return KITH_INVALID;
    }
    if (err != KITH_OK) {
        *ret_line = header.line;
        return err;
    }
    self->columns = header.cells_count;
    self->header = kith_arena_need(arena, header.cells_count * sizeof *self->header);
    for (size_t i = 0; i < header.cells_count; i++)
        self->header[i] = kith_arena_str(arena, header.cells[i]);
    return KITH_OK;
}

static kith_err next_row(records_t *self, record_t *ret_record, bool *ret_end,
                         const char **ret_what)
{
    kith_err err = csv_next(&self->csv, &self->row, ret_end, ret_what);
    if (err == KITH_OK && *ret_end)
        return KITH_OK;
    *ret_record = (record_t){.line = self->row.line, .text = self->row.text, .of = self};
    if (err == KITH_OK && self->row.cells_count != self->columns) {
        (void)snprintf(self->what, sizeof self->what, "%zu columns, but the header has %zu",
                       self->row.cells_count, self->columns);
        *ret_what = self->what;
        return KITH_INVALID;
    }
    return err;
}

/* ---- JSON ---- */

static void pass(records_t *self, size_t count)
{
    for (size_t i = 0; i < count; i++)
        self->line += self->rest.data[i] == '\n' ? 1 : 0;
    self->rest.data += count;
    self->rest.size -= count;
}

static void pass_blanks(records_t *self)
{
    size_t count = 0;
    while (count < self->rest.size && strchr(" \t\r\n", self->rest.data[count]) != NULL &&
           self->rest.data[count] != '\0')
        count++;
    pass(self, count);
}

static bool passed(records_t *self, char c)
{
    if (self->rest.size == 0 || self->rest.data[0] != (uint8_t)c)
        return false;
    pass(self, 1);
    return true;
}

static void begin_json(records_t *self, kith_bytes_t text)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    self->rest = text;
    self->line = 1;
    self->first = true;
    if (text.size >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0)
        pass(self, sizeof mark);
    pass_blanks(self);
    self->list = passed(self, '[');
}

static kith_err fail_json(records_t *self, const char *what, const char **ret_what)
{
    (void)snprintf(self->what, sizeof self->what, "%s", what);
    *ret_what = self->what;
    return KITH_INVALID;
}

/* Between the items of a list: the comma, or its end. */
static kith_err pass_comma(records_t *self, const char **ret_what)
{
    pass_blanks(self);
    bool first = self->first;
    self->first = false;
    if (passed(self, ']')) {
        self->ended = true;
        pass_blanks(self);
        return self->rest.size == 0 ? KITH_OK
                                    : fail_json(self, "something stands after the list", ret_what);
    }
    if (!first && !passed(self, ',')) {
        self->ended = true;
        return fail_json(self, "the list is broken here: a comma or ] is missing", ret_what);
    }
    pass_blanks(self);
    return KITH_OK;
}

static kith_err next_value(records_t *self, record_t *ret_record, bool *ret_end,
                           const char **ret_what)
{
    kith_json_destroy(&self->value);
    if (self->list && !self->ended) {
        *ret_record = (record_t){.line = self->line, .of = self};
        kith_err err = pass_comma(self, ret_what);
        if (err != KITH_OK) {
            ret_record->line = self->line;
            return err;
        }
    }
    pass_blanks(self);
    if (self->list && !self->ended && self->rest.size == 0) {
        self->ended = true;
        ret_record->line = self->line;
        return fail_json(self, "the list has no end", ret_what);
    }
    *ret_end = self->ended || self->rest.size == 0;
    if (*ret_end)
        return KITH_OK;

    kith_json_error_t error;
    size_t used;
    size_t line = self->line;
    *ret_record = (record_t){.line = line, .text = {.data = self->rest.data}, .of = self};
    if (kith_json_parse_first(self->rest, &self->value, &used, &error) != KITH_OK) {
        const uint8_t *end = memchr(self->rest.data, '\n', self->rest.size);
        self->ended = self->list; /* a broken list has no next item to find */
        pass(self, end == NULL ? self->rest.size : (size_t)(end - self->rest.data));
        /* A cut line is named itself: what it was read on into are other records. */
        ret_record->line = self->list ? line + error.line - 1 : line;
        return fail_json(self, error.what, ret_what);
    }
    ret_record->text.size = used;
    pass(self, used);
    if (kith_json_kind_of(self->value) != KITH_JSON_OBJECT)
        return fail_json(self, "each record must be an object", ret_what);
    return KITH_OK;
}

/* A dotted path from the record's object; NULL when it leads nowhere. */
static const kith_json_t *follow(const kith_json_t *value, const char *path)
{
    char name[256];
    while (value != NULL && *path != '\0') {
        size_t size = strcspn(path, ".");
        if (size >= sizeof name || kith_json_kind_of(value) != KITH_JSON_OBJECT)
            return NULL;
        memcpy(name, path, size);
        name[size] = '\0';
        value = kith_json_get(value, name);
        path += size + (path[size] == '.' ? 1 : 0);
        /* What is not there has no parts either: {"outcome": null} answers outcome.category. */
        if (value != NULL && kith_json_kind_of(value) == KITH_JSON_NULL)
            return value;
    }
    return value;
}

/* ---- both ---- */

kith_err records_open(kith_bytes_t text, records_format format, char separator, kith_arena_t *arena,
                      records_t **ret_records, size_t *ret_line, const char **ret_what)
{
    records_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->format = format;
    kith_err err = KITH_OK;
    if (format == RECORDS_CSV) {
        csv_begin(&self->csv, arena, text, separator);
        err = read_header(self, arena, ret_line, ret_what);
    } else {
        begin_json(self, text);
    }
    if (err != KITH_OK)
        records_close(&self);
    else
        *ret_records = self;
    return err;
}

void records_close(records_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    kith_json_destroy(&(*self_p)->value);
    free(*self_p);
    *self_p = NULL;
}

kith_err records_next(records_t *self, record_t *ret_record, bool *ret_end, const char **ret_what)
{
    *ret_end = false;
    return self->format == RECORDS_CSV ? next_row(self, ret_record, ret_end, ret_what)
                                       : next_value(self, ret_record, ret_end, ret_what);
}

bool records_has_header(const records_t *self)
{
    return self->format == RECORDS_CSV;
}

size_t records_columns(const records_t *self, const char *field)
{
    if (self->format == RECORDS_JSON)
        return 1;
    size_t count = 0;
    for (size_t i = 0; i < self->columns; i++)
        count += strcmp(self->header[i], field) == 0 ? 1 : 0;
    return count;
}

static const char *trimmed(kith_arena_t *arena, const char *text)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    size_t size = strlen(text);
    size_t end = size;
    while (end > 0 && strchr(blanks, text[end - 1]) != NULL)
        end--;
    return end == size ? text : kith_arena_printf(arena, "%.*s", (int)end, text);
}

const char *record_get(const record_t *record, kith_arena_t *arena, const char *field)
{
    const records_t *of = record->of;
    const char *text = NULL;
    if (of->format == RECORDS_JSON) {
        const kith_json_t *value = follow(of->value, field);
        text = value != NULL ? kith_json_scalar(arena, value) : NULL;
    } else {
        for (size_t i = 0; i < of->columns && text == NULL; i++)
            text = strcmp(of->header[i], field) == 0 ? of->row.cells[i] : NULL;
    }
    return text != NULL ? trimmed(arena, text) : NULL;
}
