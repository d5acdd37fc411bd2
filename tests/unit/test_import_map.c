/* Import maps: every map that ships reads, records come out as events, and what does not fit is
 * refused with its field. */
#include "agents/cli/map.h"

#include "base/text.h"
#include "tests/lib/unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(256u * 1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

static kith_bytes_t read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    uint8_t *data = kith_arena_need(arena, 1u << 20);
    size_t size = fread(data, 1, 1u << 20, file);
    assert_int_equal(fclose(file), 0);
    return (kith_bytes_t){.data = data, .size = size};
}

static const map_t *ships(const char *name)
{
    map_t *map = NULL;
    const char *error = NULL;
    kith_err err = map_load(kith_arena_printf(arena, "%s/%s", MAPS, name), arena, &map, &error);
    if (err != KITH_OK)
        fail_msg("%s", error);
    return map;
}

/* ---- one record in a line of text ---- */

static const char *about_text(const Kith__Event *e)
{
    const char *all = "";
    for (size_t i = 0; i < e->n_about; i++)
        all = kith_arena_printf(arena, "%s %s/%s:%s", all, e->about[i]->ref->system,
                                e->about[i]->ref->id, e->about[i]->role);
    return all;
}

static const char *event_text(const Kith__Api__Draft *draft)
{
    const Kith__Event *e = draft->event;
    char time[KITH_TIME_TEXT_SIZE];
    kith_time_text(e->occurred_ms, time);
    const char *severity =
        e->severity == NULL
            ? ""
            : kith_arena_printf(arena, " %s=%s", e->severity->scale, e->severity->value);
    return kith_arena_printf(arena, "%s %s %s %umin%s%s%s%s [%s] <%s/%s>", draft->topic, e->kind,
                             time, e->minutes_spent, severity, *e->cost_code ? " cost " : "",
                             e->cost_code, e->shielded ? " SHIELDED" : "", e->narrative,
                             e->source->system, e->source->id);
}

/* The next record's event, "SKIP", "END", or "LINE: field: why". */
static const char *next(const map_t *map, records_t *records, int64_t given_ms)
{
    record_t record;
    bool end;
    const char *what;
    kith_err err = records_next(records, &record, &end, &what);
    if (err != KITH_OK)
        return kith_arena_printf(arena, "%zu: %s", record.line, what);
    if (end)
        return "END";
    map_result_t result;
    if (map_apply(map, &record, arena, given_ms, &result) != KITH_OK)
        return kith_arena_printf(arena, "%zu: %s: %s", record.line, result.field, result.what);
    if (result.skipped)
        return "SKIP";
    return kith_arena_printf(arena, "%s%s", event_text(result.draft),
                             about_text(result.draft->event));
}

static records_t *opened(const map_t *map, kith_bytes_t text)
{
    records_t *records = NULL;
    size_t line;
    const char *what;
    assert_int_equal(records_open(text, map->format, map->separator, arena, &records, &line, &what),
                     KITH_OK);
    return records;
}

/* ---- the maps that ship ---- */

static void every_map_that_ships_reads(void **state)
{
    (void)state;
    DIR *folder = opendir(MAPS);
    assert_non_null(folder);
    size_t count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strstr(entry->d_name, ".cfg") == NULL)
            continue;
        const map_t *map = ships(entry->d_name);
        assert_true(map->fields_count > 0);
        count++;
    }
    closedir(folder);
    assert_true(count >= 10);
}

static void police_api_sample(void **state)
{
    (void)state;
    const map_t *map = ships("uk-police-street.cfg");
    records_t *records = opened(map, read_file(FIXTURES "/uk-police/street_crime_api_sample.json"));
    assert_string_equal(next(map, records, 0),
                        "police.street-crime anti-social-behaviour 2020-08-31T23:00:00Z 0min "
                        "[On or near Midwinter Avenue] <uk-police-street/86954010>");
    for (int i = 1; i < 15; i++)
        assert_non_null(strstr(next(map, records, 0), "<uk-police-street/8695"));
    assert_string_equal(next(map, records, 0), "END");
    records_close(&records);
}

static void police_monthly_csv(void **state)
{
    (void)state;
    const map_t *map = ships("uk-police-street-csv.cfg");
    records_t *header = opened(map, read_file(FIXTURES "/uk-police/street_csv_header.csv"));
    for (size_t i = 0; i < map->fields_count; i++)
        assert_int_equal(records_columns(header, map->fields[i]), 1);
    assert_string_equal(next(map, header, 0), "END");
    records_close(&header);

    records_t *records = opened(map, read_file(FIXTURES "/import/street.csv"));
    const char *asb = "police.street-crime anti-social-behaviour 2020-08-31T23:00:00Z 0min "
                      "[On or near Midwinter Avenue] <uk-police-street-csv/>";
    assert_string_equal(next(map, records, 0), asb);
    assert_string_equal(next(map, records, 0), asb);
    assert_string_equal(next(map, records, 0),
                        "police.street-crime violent-crime 2020-06-30T23:00:00Z 0min "
                        "police-outcome=Under investigation [On or near Hawthorn Road, the "
                        "\"Corner\"] <uk-police-street-csv/0123456789abcdef>");
    assert_string_equal(next(map, records, 0), "5: occurred: \"2020-13\" is no date as YYYY-MM");
    assert_string_equal(next(map, records, 0), "END");
    records_close(&records);
}

static void housing_alerts_about_a_person(void **state)
{
    (void)state;
    const map_t *map = ships("housing-alert-codes.cfg");
    records_t *records =
        opened(map, read_file(FIXTURES "/housing-alert-codes/person_alert_sample.tsv"));
    int64_t given = 1772323200000; /* 2026-03-01 */
    assert_string_equal(next(map, records, given),
                        "housing.person-alert Cardiovascular Condition: Hypertension (High Blood "
                        "Pressure) 2026-03-01T00:00:00Z 0min housing-alert=critical [Contact GP, "
                        "improve ventilation] <housing-crm/> housing-crm/12345:resident");
    assert_non_null(strstr(next(map, records, given), "housing.person-alert AGE1.05 "));
    assert_non_null(strstr(next(map, records, given), "MED7.04"));
    assert_string_equal(next(map, records, given), "END");
    records_close(&records);
}

static void every_code_of_the_sample_is_known(void **state)
{
    (void)state;
    const map_t *map = ships("housing-alert-codes.cfg");
    kith_bytes_t text = read_file(FIXTURES "/housing-alert-codes/person_alert_codes_sample.tsv");
    records_t *records = opened(map, text);
    record_t record;
    bool end = false;
    const char *what;
    size_t count = 0;
    while (records_next(records, &record, &end, &what) == KITH_OK && !end) {
        const char *means = map_means(map->kind.table, record_get(&record, arena, "alert_subcode"));
        assert_non_null(means);
        assert_non_null(strstr(means, record_get(&record, arena, "alert_subname")));
        count++;
    }
    assert_int_equal(count, 6);
    records_close(&records);
}

static void plain_housing_with_all_that_may_be_wrong(void **state)
{
    (void)state;
    const map_t *map = ships("housing-plain.cfg");
    records_t *records = opened(map, read_file(FIXTURES "/import/housing.csv"));
    static const char *const lines[] = {
        "housing.complaint complaint 2026-03-29T00:00:00Z 20min [Noise, again: \"all "
        "night\"\r\nand "
        "the next] <housing-crm/H-1> housing-crm/T-20331:tenancy",
        "SKIP",
        "housing.visit visit 2026-03-30T23:00:00Z 45min SHIELDED [No tenancy named] "
        "<housing-crm/H-3>",
        "6: topic: code \"PARTY\" of what is not in table topics",
        "7: occurred: \"31/02/2026\" is no date as DD/MM/YYYY",
        "8: minutes: \"half\" is no whole number",
        "9: shielded: code \"maybe\" of protect is not in table yesno",
        "10: 8 columns, but the header has 7",
        "housing.arrears arrears 2026-03-31T23:00:00Z 0min [Blank minutes and protect] "
        "<housing-crm/H-9> housing-crm/T-20331:tenancy",
        "END",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_string_equal(next(map, records, 0), lines[i]);
    records_close(&records);
}

/* ---- JSON ---- */

static const map_t *json_map(void)
{
    return ships("uk-police-street.cfg");
}

static const char *of_json(const char *text, size_t index)
{
    const map_t *map = json_map();
    records_t *records = opened(map, kith_bytes_str(text));
    const char *got = "";
    for (size_t i = 0; i <= index; i++)
        got = next(map, records, 0);
    records_close(&records);
    return got;
}

static void json_lines_and_lists(void **state)
{
    (void)state;
    const char *lines = "{\"id\":1,\"category\":\"a\",\"month\":\"2020-01\"}\n\n"
                        "{\"id\":2,\"category\":\"b\",\n \"month\":\"2020-02\"}\n"
                        "{\"id\":3,\n"
                        "{\"id\":4,\"category\":\"d\",\"month\":\"2020-04\"}";
    assert_non_null(strstr(of_json(lines, 0), "street/1>"));
    assert_non_null(strstr(of_json(lines, 1), "street/2>"));
    assert_non_null(strstr(of_json(lines, 2), "5: "));
    assert_non_null(strstr(of_json(lines, 3), "street/4>"));
    assert_string_equal(of_json(lines, 4), "END");

    assert_string_equal(of_json("[]", 0), "END");
    assert_string_equal(of_json(" \n[ \n ] \n", 0), "END");
    assert_string_equal(of_json("", 0), "END");
    assert_string_equal(of_json("[1]", 0), "1: each record must be an object");
    assert_non_null(strstr(of_json("[{\"id\":1},]", 1), "1: "));
    assert_string_equal(of_json("[{\"id\":1}", 1),
                        "1: the list is broken here: a comma or ] is missing");
    assert_string_equal(of_json("[{\"id\":1}\n,\n", 1), "3: the list has no end");
    assert_string_equal(of_json("[{\"id\":1}\n{\"id\":2}]", 1),
                        "2: the list is broken here: a comma or ] is missing");
    assert_string_equal(of_json("[]\n{}", 0), "2: something stands after the list");
    assert_string_equal(of_json("[]\n{}", 1), "END");
    assert_string_equal(of_json("[{\"id\":1,\"id\":2}]", 1), "END");
}

static void json_values_become_text(void **state)
{
    (void)state;
    const char *text =
        "{\"id\":12345678901,\"category\":\" a b \",\"month\":\"2020-01\",\"outcome_status\":"
        "{\"category\":true},\"location\":{\"street\":{\"name\":51.909841}}}\n"
        "{\"id\":null,\"category\":\"x\",\"month\":\"2020-01\",\"outcome_status\":null}\n"
        "{\"id\":[1],\"category\":\"x\",\"month\":\"2020-01\"}\n"
        "{\"id\":1,\"category\":{},\"month\":\"2020-01\"}\n"
        "{\"id\":1,\"month\":\"2020-01\"}\n";
    assert_string_equal(of_json(text, 0),
                        "police.street-crime a b 2020-01-01T00:00:00Z 0min police-outcome=true "
                        "[51.909841] <uk-police-street/12345678901>");
    assert_string_equal(of_json(text, 1), "police.street-crime x 2020-01-01T00:00:00Z 0min [] "
                                          "<uk-police-street/>");
    assert_string_equal(of_json(text, 2), "3: source: id is no plain value");
    assert_string_equal(of_json(text, 3), "4: kind: category is empty");
    assert_string_equal(of_json(text, 4), "5: kind: category is empty");
}

/* ---- maps that are wrong ---- */

static char folder[64];

/* The error of a map made of a sound head and these settings, without the file's name. */
static const char *bad_map(const char *settings)
{
    const char *path = kith_arena_printf(arena, "%s/map.cfg", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "format = \"csv\";\nsource = { system = \"s\"; id = \"id\"; };\n%s\n", settings);
    assert_int_equal(fclose(file), 0);
    map_t *map = NULL;
    const char *error = NULL;
    kith_err err = map_load(path, arena, &map, &error);
    assert_int_equal(unlink(path), 0);
    if (err == KITH_OK)
        return "";
    assert_int_equal(err, KITH_CONFIG);
    assert_null(map);
    assert_memory_equal(error, path, strlen(path));
    return error + strlen(path);
}

#define TOPIC "topic = \"t\";\n"
#define KIND  "kind = { from = \"type\"; };"

static void maps_that_are_wrong(void **state)
{
    (void)state;
    assert_string_equal(bad_map(TOPIC "fields = { " KIND " };"), "");
    static const struct {
        const char *settings, *line, *says;
    } cases[] = {
        {"fields = { " KIND " };", ":", "topic"},
        {TOPIC, ":", "fields"},
        {TOPIC "fields = { };", ":4:", "kind"},
        {TOPIC "fields = { " KIND " colour = { from = \"c\"; }; };", ":4:", "colour"},
        {TOPIC "fields = { kind = { }; };", ":4:", "either `from` or `constant`"},
        {TOPIC "fields = { kind = { from = \"a\"; constant = \"b\"; }; };", ":4:", "either"},
        {TOPIC "fields = { kind = { from = \"a\"; table = \"none\"; }; };", ":4:", "no table none"},
        {TOPIC "fields = { kind = { from = \"a\"; table = \"x\"; }; };\n"
               "tables = { x = ( { code = \"1\"; means = \"a\"; }, { code = \"1\"; means = \"b\"; "
               "} ); };",
         ":5:", "twice"},
        {TOPIC "fields = { kind = { from = \"a\"; table = \"x\"; }; };\n"
               "tables = { x = ( { code = \"1\"; } ); };",
         ":5:", "means"},
        {TOPIC "fields = { " KIND " };\ntables = { unused = { A = \"a\"; }; };", ":5:", "unused"},
        {TOPIC "fields = { " KIND " occurred = { from = \"d\"; dates = \"D/M/YYYY\"; }; };",
         ":4:", "YYYY, MM"},
        {TOPIC "fields = { " KIND " occurred = { from = \"d\"; zone = \"Mars\"; }; };",
         ":4:", "Europe/London"},
        {TOPIC "fields = { " KIND " severity = { from = \"g\"; }; };", ":4:", "scale"},
        {TOPIC "separator = \";;\";\nfields = { " KIND " };", ":4:", "one character"},
        {TOPIC "fields = { " KIND " };\nabout = ( { from = \"p\"; } );", ":5:", "system"},
        {TOPIC "fields = { " KIND " };\nskip = ( { field = \"p\"; } );", ":5:", "equals"},
        {TOPIC "fields = { kind = { from = \"a\"; keep = true; }; };", ":4:", "keep"},
        {"topic = \"Not a name\";\nfields = { " KIND " };", ":3:", "topic"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *error = bad_map(cases[i].settings);
        if (strncmp(error, cases[i].line, strlen(cases[i].line)) != 0 ||
            strstr(error, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error);
    }
}

static void a_file_that_is_not_there(void **state)
{
    (void)state;
    map_t *map = NULL;
    const char *error = NULL;
    assert_int_equal(map_load("no-such-folder/map.cfg", arena, &map, &error), KITH_CONFIG);
    assert_non_null(error);
    assert_null(map);
}

static void an_export_without_header(void **state)
{
    (void)state;
    records_t *records = NULL;
    size_t line = 0;
    const char *what = NULL;
    assert_int_equal(
        records_open(kith_bytes_str(""), RECORDS_CSV, ',', arena, &records, &line, &what),
        KITH_INVALID);
    assert_int_equal(line, 1);
    assert_non_null(strstr(what, "empty"));
    assert_int_equal(
        records_open(kith_bytes_str("a,\"b\n"), RECORDS_CSV, ',', arena, &records, &line, &what),
        KITH_INVALID);
    assert_null(records);
}

static int make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "test_import_map_XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_map_that_ships_reads),
        cmocka_unit_test(police_api_sample),
        cmocka_unit_test(police_monthly_csv),
        cmocka_unit_test(housing_alerts_about_a_person),
        cmocka_unit_test(every_code_of_the_sample_is_known),
        cmocka_unit_test(plain_housing_with_all_that_may_be_wrong),
        cmocka_unit_test(json_lines_and_lists),
        cmocka_unit_test(json_values_become_text),
        cmocka_unit_test_setup_teardown(maps_that_are_wrong, make_folder, drop_folder),
        cmocka_unit_test(a_file_that_is_not_there),
        cmocka_unit_test(an_export_without_header),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
