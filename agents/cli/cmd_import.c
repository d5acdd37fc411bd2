/* kith import: another system's export, made into events by a map. */
#include "agents/cli/commands.h"
#include "agents/cli/map.h"
#include "agents/cli/publisher.h"
#include "agents/cli/records.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An export is held whole; a larger one is exported by month. */
#define FILE_BYTES_MAX  ((size_t)512 * 1024 * 1024)
#define ARENA_BYTES_MAX (64u * 1024u * 1024u)

typedef struct import {
    cli_t *cli;
    const char *name;
    const map_t *map;
    kith_bytes_t text; /* malloc'd */
    int64_t occurred_ms;
} import_t;

/* ---- reading the file ---- */

static int read_all(import_t *in, FILE *file)
{
    uint8_t *data = NULL;
    size_t size = 0, room = 0;
    while (feof(file) == 0 && ferror(file) == 0 && size <= FILE_BYTES_MAX) {
        if (size == room) {
            room = room == 0 ? 65536 : room * 2;
            uint8_t *more = realloc(data, room);
            KITH_ASSERT(more != NULL);
            data = more;
        }
        size += fread(data + size, 1, room - size, file);
    }
    in->text = (kith_bytes_t){.data = data, .size = size};
    if (ferror(file) != 0)
        return cli_fail(in->cli, CLI_NOT_FOUND, "cannot read %s to its end", in->name);
    if (size > FILE_BYTES_MAX)
        return cli_fail(in->cli, CLI_REFUSED, "%s is over 512 MiB: export it in parts", in->name);
    return CLI_OK;
}

static int read_export(import_t *in, const char *path)
{
    bool standard = strcmp(path, "-") == 0;
    in->name = standard ? "standard input" : path;
    FILE *file = standard ? stdin : fopen(path, "rb");
    if (file == NULL)
        return cli_fail(in->cli, CLI_NOT_FOUND, "cannot read %s", path);
    int status = read_all(in, file);
    if (!standard)
        (void)fclose(file);
    return status;
}

static int open_records(import_t *in, kith_arena_t *arena, records_t **ret_records)
{
    size_t line;
    const char *what;
    kith_err err = records_open(in->text, in->map->format, in->map->separator, arena, ret_records,
                                &line, &what);
    if (err == KITH_OK)
        return CLI_OK;
    return cli_fail(in->cli, CLI_REFUSED, "%s:%zu: %s", in->name, line, what);
}

/* ---- before anything is sent ---- */

static int check_header(const import_t *in, const records_t *records)
{
    for (size_t i = 0; i < in->map->fields_count; i++) {
        const char *field = in->map->fields[i];
        size_t times = records_columns(records, field);
        if (times != 1)
            return cli_fail(in->cli, CLI_REFUSED, "%s:1: the map reads column \"%s\", which %s",
                            in->name, field,
                            times == 0 ? "is not there" : "stands there more than once");
    }
    return CLI_OK;
}

/* JSON has no header: a field that stands in no record at all is a wrong map or a wrong file. */
static int check_paths(const import_t *in, records_t *records)
{
    bool seen[MAP_FIELDS_MAX] = {false};
    bool end = false;
    size_t count = 0;
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    while (!end) {
        record_t record;
        const char *what;
        kith_arena_reset(arena);
        if (records_next(records, &record, &end, &what) != KITH_OK || end)
            continue; /* a bad one is told when its turn comes */
        count++;
        for (size_t i = 0; i < in->map->fields_count; i++)
            seen[i] |= record_get(&record, arena, in->map->fields[i]) != NULL;
    }
    kith_arena_destroy(&arena);
    for (size_t i = 0; count > 0 && i < in->map->fields_count; i++)
        if (!seen[i])
            return cli_fail(in->cli, CLI_REFUSED, "%s: the map reads \"%s\", which no record has",
                            in->name, in->map->fields[i]);
    return CLI_OK;
}

static int check_fields(import_t *in)
{
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    records_t *records = NULL;
    int status = open_records(in, arena, &records);
    if (status == CLI_OK)
        status = records_has_header(records) ? check_header(in, records) : check_paths(in, records);
    records_close(&records);
    kith_arena_destroy(&arena);
    return status;
}

static int check_occurred(import_t *in)
{
    const char *text = args_value(&in->cli->args, "occurred");
    bool mapped = in->map->occurred.from != NULL || in->map->occurred.constant != NULL;
    if (text == NULL && !mapped)
        return cli_misuse(in->cli,
                          "this map names no date: give --occurred, the day of the export");
    if (text != NULL && mapped)
        return cli_misuse(in->cli, "this map reads the date from the export: leave --occurred out");
    if (text != NULL && (kith_time_parse(text, &in->occurred_ms) != KITH_OK || !in->occurred_ms))
        return cli_misuse(in->cli, "--occurred is a date or a time: 2026-03-01");
    return CLI_OK;
}

/* ---- sending ---- */

static int take_record(import_t *in, publisher_t *publisher, kith_arena_t *arena,
                       const record_t *record)
{
    map_result_t result;
    if (map_apply(in->map, record, arena, in->occurred_ms, &result) != KITH_OK) {
        publisher_refuse(publisher, record->line, result.field, result.what);
        return CLI_OK;
    }
    if (result.skipped) {
        publisher_skip(publisher);
        return CLI_OK;
    }
    return publisher_put(publisher, record->line, record->text, result.draft);
}

static int take_records(import_t *in, publisher_t *publisher)
{
    kith_arena_t *whole = kith_arena_new(ARENA_BYTES_MAX);
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    records_t *records = NULL;
    int status = open_records(in, whole, &records);
    bool end = false;
    while (status == CLI_OK && !end) {
        record_t record;
        const char *what;
        kith_arena_reset(arena);
        kith_err err = records_next(records, &record, &end, &what);
        if (err != KITH_OK)
            publisher_refuse(publisher, record.line, "", what);
        else if (!end)
            status = take_record(in, publisher, arena, &record);
    }
    records_close(&records);
    kith_arena_destroy(&arena);
    kith_arena_destroy(&whole);
    return status;
}

static int import(import_t *in)
{
    int status = check_occurred(in);
    if (status == CLI_OK)
        status = read_export(in, in->cli->args.positional[0]);
    if (status == CLI_OK)
        status = check_fields(in);
    publisher_t *publisher = NULL;
    if (status == CLI_OK)
        status = publisher_new(in->cli, in->name, &publisher);
    if (status == CLI_OK) {
        status = take_records(in, publisher);
        status = publisher_finish(publisher, status);
    }
    publisher_destroy(&publisher);
    free((void *)(uintptr_t)in->text.data);
    return status;
}

static int run(cli_t *cli)
{
    map_t *map;
    const char *error;
    if (map_load(args_value(&cli->args, "map"), cli->arena, &map, &error) != KITH_OK)
        return cli_fail(cli, CLI_CONFIG, "%s", error);
    import_t in = {.cli = cli, .map = map};
    return import(&in);
}

static const cli_option_t options[] = {
    {.name = "map",
     .value = "MAP.cfg",
     .required = true,
     .help = "how its records become events (config/maps)"},
    {.name = "occurred", .value = "DATE", .help = "for maps of exports without a date"},
    {.name = "dry-run", .help = "check the records, print the events, send nothing"},
    {.name = NULL},
};

const cli_command_t cmd_import = {
    .name = "import",
    .args = "FILE",
    .args_min = 1,
    .args_max = 1,
    .summary = "publish another system's export: CSV or JSON, by a map",
    .more = "A field that the map reads and the file does not have is an error before anything is\n"
            "sent. Records that are wrong are named with their line and field; the others are\n"
            "published. Running it again publishes nothing twice: a record is known by its own\n"
            "id, or by its text and its place among equal records.",
    .example = "kith import --map config/maps/demo-police.cfg --dry-run police.csv\n"
               "kith import --map config/maps/demo-police.cfg police.csv",
    .options = options,
    .run = run,
};
