/* Records of an export, one by one: CSV with a header, JSON lines, or a JSON list of objects. Pure:
 * the whole text is given. A field is named by its column, or by a dotted path into JSON objects.
 * Called by cmd_import.c and map.c. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>

typedef enum records_format { RECORDS_CSV, RECORDS_JSON } records_format;

typedef struct records records_t; /* a reader of one text */

typedef struct record {
    size_t line;       /* where it begins, from 1 */
    kith_bytes_t text; /* as it stands in the export; borrowed */
    const records_t *of;
} record_t;

/* Reads the header of CSV. The text and the arena outlive the reader. KITH_INVALID with *ret_line
 * and *ret_what: there is no header, or it cannot be read. */
kith_err records_open(kith_bytes_t text, records_format format, char separator, kith_arena_t *arena,
                      records_t **ret_records, size_t *ret_line, const char **ret_what);
void records_close(records_t **self_p);

/* The next one, valid until the call after. *ret_end: there is none left. KITH_INVALID: this one is
 * bad (*ret_record has its line, *ret_what says why until the next call); the next may be well. */
kith_err records_next(records_t *self, record_t *ret_record, bool *ret_end, const char **ret_what);

/* Times the header has this column. CSV only; JSON has no header: 1. */
size_t records_columns(const records_t *self, const char *field);
bool records_has_header(const records_t *self);

/* A field's value as text without blanks around it; "" for a null. In the arena or borrowed. NULL
 * when the record has no such field, or a list or an object stands there. */
const char *record_get(const record_t *record, kith_arena_t *arena, const char *field);
