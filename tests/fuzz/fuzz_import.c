/* An export of any bytes, as CSV or JSON, through a map. Property: every record ends as an event or
 * with its field and reason, line numbers never fall, and each record lies within the file. */
#include "agents/cli/event_json.h"
#include "agents/cli/map.h"
#include "fuzz.h"

static const char map_text[] =
    "separator = \";\"; topic = { from = \"a\"; table = \"t\"; otherwise = \"x\"; };\n"
    "source = { system = \"s\"; id = \"b\"; };\n"
    "fields = { kind = { from = \"a.b\"; }; minutes = { from = \"c\"; };\n"
    "  occurred = { from = \"d\"; dates = \"YYYY-MM-DD\"; zone = \"Europe/London\"; };\n"
    "  shielded = { from = \"c\"; }; severity = { from = \"a\"; scale = \"s\"; };\n"
    "  narrative = { from = \"a.b\"; }; };\n"
    "about = ( { system = \"s\"; from = \"b\"; role = { from = \"c\"; }; } );\n"
    "skip = ( { field = \"a\"; equals = \"skip\"; } );\n"
    "tables = { t = { T = \"topic\"; }; };\n";

static const map_t *map_of(kith_arena_t *arena, bool json)
{
    map_t *map = NULL;
    const char *error = NULL;
    const char *text =
        kith_arena_printf(arena, "format = \"%s\";\n%s", json ? "json" : "csv", map_text);
    KITH_ASSERT(map_load_text("m.cfg", kith_bytes_str(text), arena, &map, &error) == KITH_OK);
    return map;
}

static void apply(const map_t *map, const record_t *record, kith_arena_t *arena)
{
    map_result_t result;
    if (map_apply(map, record, arena, 0, &result) != KITH_OK) {
        KITH_ASSERT(result.field != NULL && result.what != NULL);
        return;
    }
    if (result.skipped)
        return;
    kith_json_t *object = event_to_json(result.draft);
    Kith__Api__Draft *again = NULL;
    event_problem_t problem;
    const char *text = kith_json_text(arena, object);
    KITH_ASSERT(event_parse(kith_bytes_str(text), arena, &again, &problem) == KITH_OK);
    kith_json_destroy(&object);
}

static void read_all(const map_t *map, records_t *records, kith_bytes_t text, kith_arena_t *arena)
{
    bool end = false;
    size_t line = 1;
    while (!end) {
        record_t record = {.line = line};
        const char *what = NULL;
        kith_err err = records_next(records, &record, &end, &what);
        KITH_ASSERT(record.line >= line);
        line = record.line;
        if (err != KITH_OK) {
            KITH_ASSERT(what != NULL);
        } else if (!end) {
            KITH_ASSERT(record.text.data >= text.data &&
                        record.text.data + record.text.size <= text.data + text.size);
            apply(map, &record, arena);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 4096)
        return 0;
    kith_arena_t *arena = kith_arena_new(256u * 1024 * 1024);
    kith_bytes_t text = {.data = data + 1, .size = size - 1};
    const map_t *map = map_of(arena, data[0] % 2 == 1);
    records_t *records = NULL;
    size_t line = 0;
    const char *what = NULL;
    if (records_open(text, map->format, map->separator, arena, &records, &line, &what) == KITH_OK)
        read_all(map, records, text, arena);
    else
        KITH_ASSERT(line > 0 && what != NULL && records == NULL);
    records_close(&records);
    kith_arena_destroy(&arena);
    return 0;
}
