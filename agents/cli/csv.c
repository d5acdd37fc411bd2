#include "agents/cli/csv.h"

#include "base/text.h"

#include <string.h>

/* A record being read. at: index into the text it is read from. */
typedef struct scan {
    kith_bytes_t text;
    size_t at;
    size_t lines; /* line ends passed */
    char separator;
    char *cell; /* where the next byte of a cell goes: never ahead of what was read */
    const char *what;
} scan_t;

static bool at_end(const scan_t *s)
{
    return s->at >= s->text.size;
}

static char here(const scan_t *s)
{
    return (char)s->text.data[s->at];
}

/* Length of the line end at this place: 0, 1 or 2. */
static size_t line_end(const scan_t *s)
{
    if (at_end(s))
        return 0;
    if (here(s) == '\n')
        return 1;
    bool crlf = here(s) == '\r' && s->at + 1 < s->text.size && s->text.data[s->at + 1] == '\n';
    return crlf ? 2 : 0;
}

void csv_begin(csv_reader_t *reader, kith_arena_t *arena, kith_bytes_t text, char separator)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    size_t skip = text.size >= sizeof mark && memcmp(text.data, mark, sizeof mark) == 0 ? 3 : 0;
    *reader = (csv_reader_t){.separator = separator, .line = 1};
    reader->cells = kith_arena_need(arena, CSV_CELLS_MAX * sizeof *reader->cells);
    /* A cell's NUL has the place of what ended it in the file; the last one has its own. */
    reader->room = kith_arena_need(arena, CSV_RECORD_BYTES_MAX + 1);
    if (text.size > skip)
        reader->rest = (kith_bytes_t){.data = text.data + skip, .size = text.size - skip};
}

/* "…", with "" for a quote; the opening quote is passed already. */
static bool quoted_cell(scan_t *s)
{
    while (!at_end(s)) {
        char c = here(s);
        s->at++;
        if (c == '"') {
            if (at_end(s) || here(s) != '"')
                return true;
            s->at++;
        }
        if (c == '\n')
            s->lines++;
        *s->cell++ = c;
    }
    s->what = "a quote is opened and never closed";
    return false;
}

static void plain_cell(scan_t *s)
{
    while (!at_end(s) && here(s) != s->separator && line_end(s) == 0)
        *s->cell++ = (char)s->text.data[s->at++];
}

/* One cell, ended by NUL; false with s->what when it is bad. */
static bool read_cell(scan_t *s, const char **ret_cell)
{
    char *begin = s->cell;
    if (!at_end(s) && here(s) == '"') {
        s->at++;
        if (!quoted_cell(s))
            return false;
        if (!at_end(s) && here(s) != s->separator && line_end(s) == 0) {
            s->what = "text stands after a closing quote";
            return false;
        }
    } else {
        plain_cell(s);
    }
    kith_bytes_t bytes = {.data = (const uint8_t *)begin, .size = (size_t)(s->cell - begin)};
    *s->cell++ = '\0';
    if (bytes.size > 0 && memchr(bytes.data, '\0', bytes.size) != NULL) {
        s->what = "a NUL byte";
        return false;
    }
    if (!kith_text_utf8(bytes)) {
        s->what = "not UTF-8: export it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")";
        return false;
    }
    *ret_cell = begin;
    return true;
}

/* All cells up to the record's line end. */
static bool read_cells(scan_t *s, const char **cells, size_t *ret_count)
{
    size_t count = 0;
    for (;;) {
        if (count == CSV_CELLS_MAX) {
            s->what = "more than 512 columns";
            return false;
        }
        if (!read_cell(s, &cells[count]))
            return false;
        count++;
        if (at_end(s) || here(s) != s->separator)
            break;
        s->at++;
    }
    *ret_count = count;
    return true;
}

static void skip_empty_lines(csv_reader_t *reader)
{
    scan_t s = {.text = reader->rest};
    for (size_t step = line_end(&s); step > 0; step = line_end(&s)) {
        s.at += step;
        reader->line++;
    }
    reader->rest.data += s.at;
    reader->rest.size -= s.at;
}

/* Moves the reader to `used` bytes further. */
static void advance(csv_reader_t *reader, size_t used, size_t lines)
{
    reader->rest.data += used;
    reader->rest.size -= used;
    reader->line += lines;
}

/* A bad record gives up its first line only: what follows it may be well. */
static void skip_line(csv_reader_t *reader, csv_record_t *ret_record)
{
    const uint8_t *end = memchr(reader->rest.data, '\n', reader->rest.size);
    size_t size = end == NULL ? reader->rest.size : (size_t)(end - reader->rest.data);
    *ret_record =
        (csv_record_t){.line = reader->line, .text = {.data = reader->rest.data, .size = size}};
    advance(reader, end == NULL ? size : size + 1, end == NULL ? 0 : 1);
}

kith_err csv_next(csv_reader_t *reader, csv_record_t *ret_record, bool *ret_end,
                  const char **ret_what)
{
    if (reader->rest.size > 0)
        skip_empty_lines(reader);
    *ret_end = reader->rest.size == 0;
    if (*ret_end)
        return KITH_OK;

    bool cut = reader->rest.size > CSV_RECORD_BYTES_MAX;
    scan_t s = {.text = reader->rest, .separator = reader->separator, .cell = reader->room};
    s.text.size = cut ? CSV_RECORD_BYTES_MAX : s.text.size;
    size_t count = 0;
    bool good = read_cells(&s, reader->cells, &count);
    if (cut && s.at == s.text.size) {
        good = false;
        s.what = "a record of over 1 MiB: a quote is probably not closed";
    }
    if (!good) {
        skip_line(reader, ret_record);
        *ret_what = s.what;
        return KITH_INVALID;
    }
    *ret_record = (csv_record_t){.line = reader->line,
                                 .cells_count = count,
                                 .cells = reader->cells,
                                 .text = {.data = reader->rest.data, .size = s.at}};
    size_t step = line_end(&s);
    advance(reader, s.at + step, s.lines + (step > 0 ? 1 : 0));
    return KITH_OK;
}
