/* An import map: how another system's records become events. Read from a file (map_load.c), applied
 * to a record without any I/O (map.c). kith(1) and config/maps say how one is written. */
#pragma once

#include "agents/cli/dates.h"
#include "agents/cli/records.h"
#include "api.pb-c.h"
#include "base/arena.h"
#include "base/err.h"

/* Rows of one code table, entries of `about` and of `skip`, and fields a map may name in all. */
#define MAP_CODES_MAX  4096u
#define MAP_ABOUT_MAX  16u
#define MAP_SKIP_MAX   16u
#define MAP_FIELDS_MAX 64u

typedef struct map_code {
    const char *code, *means;
} map_code_t;

typedef struct map_table {
    const char *name;
    size_t count;
    const map_code_t *codes; /* sorted by code */
} map_table_t;

/* Where one part of an event comes from: a constant, or a field, perhaps through a code table. */
typedef struct map_value {
    const char *from;         /* NULL: it is a constant, or not mapped at all */
    const char *constant;     /* NULL with from NULL: not mapped */
    const map_table_t *table; /* NULL: as it stands */
    const char *otherwise; /* for a code the table does not have, and for nothing; NULL: refused */
    bool keep;             /* a code the table does not have stays as it is */
} map_value_t;

typedef struct map_about {
    const char *system, *from;
    map_value_t role;
    map_value_t shielded;
} map_about_t;

typedef struct map_skip {
    const char *field, *equals;
} map_skip_t;

typedef struct map {
    records_format format;
    char separator;
    const char *source_system;
    const char *source_id; /* field of the record's own id; NULL: it has none */
    map_value_t topic, kind, occurred, minutes, narrative, severity, cost_code, shielded;
    const char *dates; /* pattern of occurred; "" is RFC 3339 */
    dates_zone zone;
    const char *severity_scale;
    size_t about_count, skip_count;
    map_about_t about[MAP_ABOUT_MAX];
    map_skip_t skip[MAP_SKIP_MAX];
    size_t fields_count; /* every field it reads, each once */
    const char *fields[MAP_FIELDS_MAX];
} map_t;

/* In the arena. KITH_CONFIG with `FILE:LINE: …` in *ret_error. */
kith_err map_load(const char *path, kith_arena_t *arena, map_t **ret_map, const char **ret_error);

/* The same of a text; name stands for the file in errors. */
kith_err map_load_text(const char *name, kith_bytes_t text, kith_arena_t *arena, map_t **ret_map,
                       const char **ret_error);

/* What a record came to. */
typedef struct map_result {
    bool skipped;
    Kith__Api__Draft *draft; /* an event */
    const char *field;       /* of an error: the part of the event, and why */
    const char *what;
} map_result_t;

/* given_occurred_ms: for maps of exports without a date, 0 when none is given. KITH_INVALID: the
 * record is refused with field and what. All in the arena. */
kith_err map_apply(const map_t *map, const record_t *record, kith_arena_t *arena,
                   int64_t given_occurred_ms, map_result_t *ret_result);

/* NULL when the table has no such code. */
const char *map_means(const map_table_t *table, const char *code);
