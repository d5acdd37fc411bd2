/* CSV as RFC 4180 writes it, a record at a time. Pure: text in, records out; no file, no memory but
 * the arena it begins with.
 *
 * Taken as well: LF line ends, a byte order mark, another separator (tab), a quote inside a field
 * that does not begin with one, no line end after the last record. Called by records.c. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>

/* Columns of one record; more is a wrong separator or not CSV. */
#define CSV_CELLS_MAX 512u
/* Bytes of one record: more than any notice holds, so a lost quote cannot eat a whole file. */
#define CSV_RECORD_BYTES_MAX (1024u * 1024u)

typedef struct csv_reader {
    kith_bytes_t rest; /* borrowed: outlives the reader */
    char separator;
    size_t line;        /* of rest, from 1 */
    const char **cells; /* room for one record, used again for the next */
    char *room;
} csv_reader_t;

typedef struct csv_record {
    size_t line; /* where it begins, from 1 */
    size_t cells_count;
    const char **cells; /* UTF-8, without NUL; until the next record is read */
    kith_bytes_t text;  /* the record as it stands in the file, without its line end; borrowed */
} csv_record_t;

/* Skips the byte order mark. Takes CSV_RECORD_BYTES_MAX of the arena, which outlives the reader. */
void csv_begin(csv_reader_t *reader, kith_arena_t *arena, kith_bytes_t text, char separator);

/* The next record; empty lines are skipped. *ret_end: there is none left, and *ret_record is not
 * touched. KITH_INVALID: this record is bad; *ret_record has its line and text only, *ret_what says
 * why (static), and the reader stands at the next line. */
kith_err csv_next(csv_reader_t *reader, csv_record_t *ret_record, bool *ret_end,
                  const char **ret_what);
