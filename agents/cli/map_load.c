/* Reads an import map's file into map.h's data; every setting that nobody asks for is an error. */
#include "agents/cli/map.h"

#include "base/limits.h"
#include "base/text.h"
#include "io/conf.h"

#include <stdlib.h>
#include <string.h>

/* A file being read. */
typedef struct loading {
    kith_conf_t *conf;
    kith_arena_t *arena;
    const conf_group_t *tables; /* NULL: none */
    map_t *map;
    size_t tables_count;
    map_table_t *loaded[MAP_FIELDS_MAX]; /* each once, by name */
} loading_t;

/* The map reads this field. */
static void uses_field(loading_t *l, const conf_group_t *g, const char *setting, const char *field)
{
    if (field == NULL)
        return;
    for (size_t i = 0; i < l->map->fields_count; i++)
        if (strcmp(l->map->fields[i], field) == 0)
            return;
    if (l->map->fields_count == MAP_FIELDS_MAX)
        conf_fail(l->conf, g, setting, "a map reads at most %u fields", MAP_FIELDS_MAX);
    else
        l->map->fields[l->map->fields_count++] = field;
}

/* ---- code tables ---- */

static int by_code(const void *a, const void *b)
{
    return strcmp(((const map_code_t *)a)->code, ((const map_code_t *)b)->code);
}

/* `types = { DOM = "domestic"; … }` */
static map_code_t *codes_of_group(loading_t *l, const char *name, size_t *ret_count)
{
    const char **codes, **means;
    const conf_group_t *g = conf_group(l->conf, l->tables, name, true);
    size_t count = conf_each(l->conf, g, MAP_CODES_MAX, &codes, &means);
    map_code_t *rows = kith_arena_need(l->arena, (count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = (map_code_t){.code = codes[i], .means = means[i]};
    *ret_count = count;
    return rows;
}

/* `types = ( { code = "MED2.01"; means = "…"; }, … )`, for codes that are no names of settings. */
static map_code_t *codes_of_list(loading_t *l, const char *name, size_t *ret_count)
{
    size_t count = conf_list(l->conf, l->tables, name, true, MAP_CODES_MAX);
    map_code_t *rows = kith_arena_need(l->arena, (count + 1) * sizeof *rows);
    for (size_t i = 0; i < count; i++) {
        const conf_group_t *g = conf_list_at(l->conf, l->tables, name, i);
        rows[i].code = conf_str(l->conf, g, "code");
        rows[i].means = conf_str(l->conf, g, "means");
    }
    *ret_count = count;
    return rows;
}

static const map_table_t *load_table(loading_t *l, const conf_group_t *user, const char *name)
{
    for (size_t i = 0; i < l->tables_count; i++)
        if (strcmp(l->loaded[i]->name, name) == 0)
            return l->loaded[i];
    if (l->tables == NULL) {
        conf_fail(l->conf, user, "table", "there is no table %s: add it to `tables`", name);
        return NULL;
    }
    map_table_t *table = kith_arena_need(l->arena, sizeof *table);
    bool group = conf_is_group(l->conf, l->tables, name);
    map_code_t *rows =
        group ? codes_of_group(l, name, &table->count) : codes_of_list(l, name, &table->count);
    if (conf_error(l->conf) != NULL)
        return NULL;
    qsort(rows, table->count, sizeof *rows, by_code);
    for (size_t i = 1; i < table->count; i++)
        if (strcmp(rows[i - 1].code, rows[i].code) == 0)
            conf_fail(l->conf, l->tables, name, "code %s stands twice in the table", rows[i].code);
    table->name = name;
    table->codes = rows;
    if (l->tables_count < MAP_FIELDS_MAX)
        l->loaded[l->tables_count++] = table;
    return table;
}

/* ---- values ---- */

static map_value_t load_value(loading_t *l, const conf_group_t *parent, const char *name,
                              bool is_required)
{
    map_value_t value = {.from = NULL};
    const conf_group_t *g = conf_group(l->conf, parent, name, is_required);
    if (g == NULL)
        return value;
    value.from = conf_str_or(l->conf, g, "from", NULL);
    value.constant = conf_str_or(l->conf, g, "constant", NULL);
    if ((value.from == NULL) == (value.constant == NULL)) {
        conf_fail(l->conf, parent, name, "%s needs either `from` or `constant`", name);
        return value;
    }
    uses_field(l, g, "from", value.from);
    if (value.from == NULL)
        return value;
    const char *table = conf_str_or(l->conf, g, "table", NULL);
    if (table != NULL) {
        value.table = load_table(l, g, table);
        value.keep = conf_bool_or(l->conf, g, "keep", false);
    }
    value.otherwise = conf_str_or(l->conf, g, "otherwise", NULL);
    if (value.keep && value.otherwise != NULL)
        conf_fail(l->conf, g, "keep", "give either `keep` or `otherwise`");
    return value;
}

/* topic = "police.call-out", or a value as any other. */
static void load_topic(loading_t *l, const conf_group_t *root)
{
    map_value_t *topic = &l->map->topic;
    if (conf_is_group(l->conf, root, "topic"))
        *topic = load_value(l, root, "topic", true);
    else
        topic->constant = conf_name(l->conf, root, "topic");
}

static void load_occurred(loading_t *l, const conf_group_t *fields)
{
    l->map->dates = "";
    l->map->occurred = load_value(l, fields, "occurred", false);
    if (l->map->occurred.from == NULL && l->map->occurred.constant == NULL)
        return;
    const conf_group_t *g = conf_group(l->conf, fields, "occurred", true);
    const char *what, *zone = conf_str_or(l->conf, g, "zone", "UTC");
    l->map->dates = conf_str_or(l->conf, g, "dates", "");
    if (conf_error(l->conf) != NULL)
        return;
    if (!dates_pattern_check(l->map->dates, &what))
        conf_fail(l->conf, g, "dates", "%s", what);
    if (!dates_zone_of(zone, &l->map->zone))
        conf_fail(l->conf, g, "zone", "a zone is \"UTC\" or \"Europe/London\"");
}

static void load_fields(loading_t *l, const conf_group_t *root)
{
    const conf_group_t *fields = conf_group(l->conf, root, "fields", true);
    l->map->kind = load_value(l, fields, "kind", true);
    load_occurred(l, fields);
    l->map->minutes = load_value(l, fields, "minutes", false);
    l->map->narrative = load_value(l, fields, "narrative", false);
    l->map->cost_code = load_value(l, fields, "cost_code", false);
    l->map->shielded = load_value(l, fields, "shielded", false);
    l->map->severity = load_value(l, fields, "severity", false);
    const conf_group_t *severity = conf_group(l->conf, fields, "severity", false);
    l->map->severity_scale = severity != NULL ? conf_str(l->conf, severity, "scale") : "";
}

/* ---- the other parts ---- */

static void load_about(loading_t *l, const conf_group_t *root)
{
    size_t count = conf_list(l->conf, root, "about", false, MAP_ABOUT_MAX);
    for (size_t i = 0; i < count && i < MAP_ABOUT_MAX; i++) {
        const conf_group_t *g = conf_list_at(l->conf, root, "about", i);
        map_about_t *about = &l->map->about[i];
        about->system = conf_name(l->conf, g, "system");
        about->from = conf_str(l->conf, g, "from");
        uses_field(l, g, "from", about->from);
        about->role = load_value(l, g, "role", false);
        about->shielded = load_value(l, g, "shielded", false);
    }
    l->map->about_count = count;
}

static void load_skip(loading_t *l, const conf_group_t *root)
{
    size_t count = conf_list(l->conf, root, "skip", false, MAP_SKIP_MAX);
    for (size_t i = 0; i < count && i < MAP_SKIP_MAX; i++) {
        const conf_group_t *g = conf_list_at(l->conf, root, "skip", i);
        l->map->skip[i].field = conf_str(l->conf, g, "field");
        l->map->skip[i].equals = conf_str(l->conf, g, "equals");
        uses_field(l, g, "field", l->map->skip[i].field);
    }
    l->map->skip_count = count;
}

static void load_format(loading_t *l, const conf_group_t *root)
{
    const char *format = conf_str(l->conf, root, "format");
    const char *separator = conf_str_or(l->conf, root, "separator", ",");
    if (conf_error(l->conf) != NULL)
        return;
    if (strcmp(format, "csv") == 0)
        l->map->format = RECORDS_CSV;
    else if (strcmp(format, "json") == 0)
        l->map->format = RECORDS_JSON;
    else
        conf_fail(l->conf, root, "format", "a format is \"csv\" or \"json\"");
    l->map->separator = strcmp(separator, "tab") == 0 ? '\t' : *separator;
    if (l->map->separator != '\t' && (strlen(separator) != 1 || *separator == '"'))
        conf_fail(l->conf, root, "separator", "a separator is one character, or \"tab\"");
}

static void load_source(loading_t *l, const conf_group_t *root)
{
    const conf_group_t *source = conf_group(l->conf, root, "source", true);
    l->map->source_system = conf_name(l->conf, source, "system");
    l->map->source_id = conf_str_or(l->conf, source, "id", NULL);
    uses_field(l, source, "id", l->map->source_id);
}

static kith_err load(kith_conf_t *conf, kith_arena_t *arena, map_t **ret_map,
                     const char **ret_error)
{
    loading_t l = {.conf = conf, .arena = arena};
    l.map = kith_arena_need(arena, sizeof *l.map);
    const conf_group_t *root = conf_root(l.conf);
    l.tables = conf_group(l.conf, root, "tables", false);
    load_format(&l, root);
    load_source(&l, root);
    load_topic(&l, root);
    load_fields(&l, root);
    load_about(&l, root);
    load_skip(&l, root);
    kith_err err = conf_finish(l.conf);
    if (err == KITH_OK)
        *ret_map = l.map;
    else
        *ret_error = kith_arena_str(arena, conf_error(l.conf));
    conf_close(&l.conf);
    return err == KITH_OK ? KITH_OK : KITH_CONFIG;
}

kith_err map_load(const char *path, kith_arena_t *arena, map_t **ret_map, const char **ret_error)
{
    return load(conf_open(path, arena), arena, ret_map, ret_error);
}

kith_err map_load_text(const char *name, kith_bytes_t text, kith_arena_t *arena, map_t **ret_map,
                       const char **ret_error)
{
    return load(conf_open_text(name, text, arena), arena, ret_map, ret_error);
}
