#include "agents/cli/map.h"

#include "agents/cli/text.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One record on its way; the first thing wrong with it is kept. */
typedef struct applying {
    const map_t *map;
    const record_t *record;
    kith_arena_t *arena;
    const char *field, *what;
} applying_t;

static bool refuse(applying_t *a, const char *field, const char *what)
{
    a->field = field;
    a->what = what;
    return false;
}

/* What stood there, for the person whose export it is; never a long text. */
static const char *shown(applying_t *a, const char *value)
{
    const char *line = text_line(a->arena, value);
    return strlen(line) > 40 ? "(a long text)" : line;
}

const char *map_means(const map_table_t *table, const char *code)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(code, table->codes[middle].code);
        if (order == 0)
            return table->codes[middle].means;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* The text of one part; "" when the record has none. false: refused. */
static bool part(applying_t *a, const char *field, const map_value_t *value, const char **ret_text)
{
    if (value->from == NULL) {
        *ret_text = value->constant != NULL ? value->constant : "";
        return true;
    }
    const char *text = record_get(a->record, a->arena, value->from);
    text = text != NULL ? text : "";
    if (*text == '\0' && value->otherwise != NULL)
        text = value->otherwise;
    else if (*text != '\0' && value->table != NULL) {
        const char *code = text;
        text = map_means(value->table, code);
        if (text == NULL)
            text = value->otherwise != NULL ? value->otherwise : value->keep ? code : NULL;
        if (text == NULL)
            return refuse(a, field,
                          kith_arena_printf(a->arena, "code \"%s\" of %s is not in table %s",
                                            shown(a, code), value->from, value->table->name));
    }
    *ret_text = text;
    return true;
}

static bool required(applying_t *a, const char *field, const map_value_t *value,
                     const char **ret_text)
{
    if (!part(a, field, value, ret_text))
        return false;
    if (**ret_text != '\0')
        return true;
    return refuse(
        a, field,
        kith_arena_printf(a->arena, "%s is empty", value->from != NULL ? value->from : field));
}

static bool occurred(applying_t *a, int64_t given_ms, int64_t *ret_unix_ms)
{
    if (given_ms != 0) {
        *ret_unix_ms = given_ms;
        return true;
    }
    const char *text;
    if (!required(a, "occurred", &a->map->occurred, &text))
        return false;
    if (dates_parse(a->map->dates, a->map->zone, text, ret_unix_ms) == KITH_OK)
        return true;
    const char *pattern = *a->map->dates != '\0' ? a->map->dates : "RFC 3339";
    return refuse(a, "occurred",
                  kith_arena_printf(a->arena, "\"%s\" is no date as %s", shown(a, text), pattern));
}

static bool minutes(applying_t *a, uint32_t *ret_minutes)
{
    const char *text;
    if (!part(a, "minutes", &a->map->minutes, &text))
        return false;
    errno = 0;
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (strspn(text, "0123456789") != strlen(text) || errno != 0 || value > UINT32_MAX)
        return refuse(a, "minutes",
                      kith_arena_printf(a->arena, "\"%s\" is no whole number", shown(a, text)));
    *ret_minutes = (uint32_t)value;
    return true;
}

static bool yes_or_no(applying_t *a, const char *field, const map_value_t *value, bool *ret_yes)
{
    static const char *const yes[] = {"true", "yes", "1"};
    static const char *const no[] = {"false", "no", "0", ""};
    const char *text;
    if (!part(a, field, value, &text))
        return false;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
        if (strcmp(text, yes[i]) == 0)
            return *ret_yes = true, true;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        if (strcmp(text, no[i]) == 0)
            return *ret_yes = false, true;
    return refuse(a, field,
                  kith_arena_printf(a->arena,
                                    "\"%s\" is neither yes nor no: map it by a "
                                    "table to true and false",
                                    shown(a, text)));
}

static Kith__Reference *reference(applying_t *a, const char *system, const char *id)
{
    Kith__Reference *ref = kith_arena_need(a->arena, sizeof *ref);
    kith__reference__init(ref);
    ref->system = kith_arena_str(a->arena, system);
    ref->id = kith_arena_str(a->arena, id);
    return ref;
}

static bool add_about(applying_t *a, Kith__Event *event)
{
    event->about = kith_arena_need(a->arena, (a->map->about_count + 1) * sizeof *event->about);
    for (size_t i = 0; i < a->map->about_count; i++) {
        const map_about_t *entry = &a->map->about[i];
        const char *id = record_get(a->record, a->arena, entry->from);
        if (id == NULL || *id == '\0')
            continue; /* nobody is named in this record */
        const char *role;
        bool shielded;
        if (!part(a, "about.role", &entry->role, &role) ||
            !yes_or_no(a, "about.shielded", &entry->shielded, &shielded))
            return false;
        Kith__About *about = kith_arena_need(a->arena, sizeof *about);
        kith__about__init(about);
        about->ref = reference(a, entry->system, id);
        about->role = kith_arena_str(a->arena, role);
        about->shielded = shielded;
        event->about[event->n_about++] = about;
    }
    return true;
}

static bool add_severity(applying_t *a, Kith__Event *event)
{
    const char *text;
    if (!part(a, "severity", &a->map->severity, &text))
        return false;
    if (*text == '\0')
        return true;
    event->severity = kith_arena_need(a->arena, sizeof *event->severity);
    kith__severity__init(event->severity);
    event->severity->scale = kith_arena_str(a->arena, a->map->severity_scale);
    event->severity->value = kith_arena_str(a->arena, text);
    return true;
}

static bool add_source(applying_t *a, Kith__Event *event)
{
    const char *id = "";
    if (a->map->source_id != NULL)
        id = record_get(a->record, a->arena, a->map->source_id);
    if (a->map->source_id != NULL && id == NULL)
        return refuse(a, "source",
                      kith_arena_printf(a->arena, "%s is no plain value", a->map->source_id));
    event->source = reference(a, a->map->source_system, id);
    return true;
}

static bool skips(applying_t *a)
{
    for (size_t i = 0; i < a->map->skip_count; i++) {
        const char *text = record_get(a->record, a->arena, a->map->skip[i].field);
        if (text != NULL && strcmp(text, a->map->skip[i].equals) == 0)
            return true;
    }
    return false;
}

static bool fill(applying_t *a, int64_t given_occurred_ms, Kith__Api__Draft *draft,
                 Kith__Event *event)
{
    const char *topic, *kind, *cost_code, *narrative;
    bool shielded;
    if (!required(a, "topic", &a->map->topic, &topic) ||
        !required(a, "kind", &a->map->kind, &kind) ||
        !occurred(a, given_occurred_ms, &event->occurred_ms) ||
        !minutes(a, &event->minutes_spent) ||
        !part(a, "cost_code", &a->map->cost_code, &cost_code) ||
        !part(a, "narrative", &a->map->narrative, &narrative) ||
        !yes_or_no(a, "shielded", &a->map->shielded, &shielded) || !add_about(a, event) ||
        !add_severity(a, event) || !add_source(a, event))
        return false;
    draft->topic = kith_arena_str(a->arena, topic);
    event->kind = kith_arena_str(a->arena, kind);
    event->cost_code = kith_arena_str(a->arena, cost_code);
    event->narrative = kith_arena_str(a->arena, narrative);
    event->shielded = shielded;
    return true;
}

kith_err map_apply(const map_t *map, const record_t *record, kith_arena_t *arena,
                   int64_t given_occurred_ms, map_result_t *ret_result)
{
    applying_t a = {.map = map, .record = record, .arena = arena};
    *ret_result = (map_result_t){.skipped = skips(&a)};
    if (ret_result->skipped)
        return KITH_OK;
    Kith__Api__Draft *draft = kith_arena_need(arena, sizeof *draft);
    kith__api__draft__init(draft);
    draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    draft->event = kith_arena_need(arena, sizeof *draft->event);
    kith__event__init(draft->event);
    if (!fill(&a, given_occurred_ms, draft, draft->event)) {
        ret_result->field = a.field;
        ret_result->what = a.what;
        return KITH_INVALID;
    }
    ret_result->draft = draft;
    return KITH_OK;
}
