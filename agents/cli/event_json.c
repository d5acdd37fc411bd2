#include "agents/cli/event_json.h"

#include "base/id.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* A line on its way; the first thing wrong with it is kept. */
typedef struct parsing {
    kith_arena_t *arena;
    Kith__Api__Draft *draft;
    Kith__Event *event;
    event_problem_t problem;
} parsing_t;

static bool refuse(parsing_t *p, const char *field, const char *what)
{
    p->problem = (event_problem_t){.field = kith_arena_str(p->arena, field), .what = what};
    return false;
}

static bool expect(parsing_t *p, const char *field, const kith_json_t *value, kith_json_kind kind)
{
    kith_json_kind is = kith_json_kind_of(value);
    if (is == kind)
        return true;
    return refuse(p, field,
                  kith_arena_printf(p->arena, "must be %s, not %s", kith_json_kind_words(kind),
                                    kith_json_kind_words(is)));
}

static bool take_text(parsing_t *p, const char *field, const kith_json_t *value, char **ret_text)
{
    if (!expect(p, field, value, KITH_JSON_STRING))
        return false;
    *ret_text = kith_arena_str(p->arena, kith_json_str(value));
    return true;
}

/* ---- the parts that are objects: each a table of texts ---- */

typedef struct text_key {
    const char *name;
    char **ret;
    bool required;
} text_key_t;

/* Takes an object of texts; shielded (or NULL) is the one switch such an object may have. */
static bool take_object(parsing_t *p, const char *field, const kith_json_t *value,
                        const text_key_t *keys, size_t count, protobuf_c_boolean *shielded)
{
    if (!expect(p, field, value, KITH_JSON_OBJECT))
        return false;
    void *iter = NULL;
    const char *name;
    const kith_json_t *member;
    while (kith_json_each(value, &iter, &name, &member)) {
        const char *path = kith_arena_printf(p->arena, "%s.%s", field, name);
        size_t i = 0;
        while (i < count && strcmp(keys[i].name, name) != 0)
            i++;
        if (i < count) {
            if (!take_text(p, path, member, keys[i].ret))
                return false;
        } else if (shielded != NULL && strcmp(name, "shielded") == 0) {
            if (!expect(p, path, member, KITH_JSON_BOOL))
                return false;
            *shielded = kith_json_bool(member);
        } else {
            return refuse(p, path, "there is no such key");
        }
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && **keys[i].ret == '\0')
            return refuse(p, kith_arena_printf(p->arena, "%s.%s", field, keys[i].name),
                          "is missing");
    return true;
}

static bool take_reference(parsing_t *p, const char *field, const kith_json_t *value,
                           Kith__Reference **ret_reference)
{
    Kith__Reference *ref = kith_arena_need(p->arena, sizeof *ref);
    kith__reference__init(ref);
    const text_key_t keys[] = {{"system", &ref->system, true}, {"id", &ref->id, true}};
    *ret_reference = ref;
    return take_object(p, field, value, keys, 2, NULL);
}

static bool take_about(parsing_t *p, const char *field, const kith_json_t *value)
{
    if (!expect(p, field, value, KITH_JSON_LIST))
        return false;
    size_t count = kith_json_count(value);
    if (count > KITH_ABOUT_MAX)
        return refuse(p, field, "has more than 64 entries");
    p->event->about = kith_arena_need(p->arena, (count + 1) * sizeof *p->event->about);
    for (size_t i = 0; i < count; i++) {
        Kith__About *about = kith_arena_need(p->arena, sizeof *about);
        kith__about__init(about);
        about->ref = kith_arena_need(p->arena, sizeof *about->ref);
        kith__reference__init(about->ref);
        const text_key_t keys[] = {{"system", &about->ref->system, true},
                                   {"id", &about->ref->id, true},
                                   {"role", &about->role, false}};
        const char *path = kith_arena_printf(p->arena, "%s[%zu]", field, i);
        if (!take_object(p, path, kith_json_at(value, i), keys, 3, &about->shielded))
            return false;
        p->event->about[p->event->n_about++] = about;
    }
    return true;
}

/* ---- one function a key ---- */

static bool take_topic(parsing_t *p, const char *field, const kith_json_t *value)
{
    return take_text(p, field, value, &p->draft->topic);
}

static bool take_kind(parsing_t *p, const char *field, const kith_json_t *value)
{
    return take_text(p, field, value, &p->event->kind);
}

static bool take_occurred(parsing_t *p, const char *field, const kith_json_t *value)
{
    char *text;
    if (!take_text(p, field, value, &text))
        return false;
    return kith_time_parse(text, &p->event->occurred_ms) == KITH_OK ||
           refuse(p, field, "is no time as 2026-03-29T01:00:00Z (RFC 3339)");
}

static bool take_household(parsing_t *p, const char *field, const kith_json_t *value)
{
    char *text;
    kith_id_t id;
    if (!take_text(p, field, value, &text))
        return false;
    if (kith_id_parse(text, &id) != KITH_OK)
        return refuse(p, field, "is no whole id: see kith household list --json");
    kith_bytes_t copy = kith_arena_copy(p->arena, kith_id_bytes(&id));
    p->draft->household =
        (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)copy.data, .len = copy.size};
    return true;
}

static bool take_severity(parsing_t *p, const char *field, const kith_json_t *value)
{
    Kith__Severity *severity = kith_arena_need(p->arena, sizeof *severity);
    kith__severity__init(severity);
    const text_key_t keys[] = {{"scale", &severity->scale, true},
                               {"value", &severity->value, true}};
    p->event->severity = severity;
    return take_object(p, field, value, keys, 2, NULL);
}

static bool take_minutes(parsing_t *p, const char *field, const kith_json_t *value)
{
    if (!expect(p, field, value, KITH_JSON_INT))
        return false;
    int64_t minutes = kith_json_int(value);
    if (minutes < 0 || minutes > UINT32_MAX)
        return refuse(p, field, "is out of range");
    p->event->minutes_spent = (uint32_t)minutes;
    return true;
}

static bool take_cost_code(parsing_t *p, const char *field, const kith_json_t *value)
{
    return take_text(p, field, value, &p->event->cost_code);
}

static bool take_narrative(parsing_t *p, const char *field, const kith_json_t *value)
{
    return take_text(p, field, value, &p->event->narrative);
}

static bool take_shielded(parsing_t *p, const char *field, const kith_json_t *value)
{
    if (!expect(p, field, value, KITH_JSON_BOOL))
        return false;
    p->event->shielded = kith_json_bool(value);
    return true;
}

static bool take_source(parsing_t *p, const char *field, const kith_json_t *value)
{
    return take_reference(p, field, value, &p->event->source);
}

static bool take_to(parsing_t *p, const char *field, const kith_json_t *value)
{
    if (!expect(p, field, value, KITH_JSON_LIST))
        return false;
    size_t count = kith_json_count(value);
    if (count > KITH_AGENCIES_MAX)
        return refuse(p, field, "has more than 1024 entries");
    p->draft->to = kith_arena_need(p->arena, (count + 1) * sizeof *p->draft->to);
    for (size_t i = 0; i < count; i++) {
        const char *path = kith_arena_printf(p->arena, "%s[%zu]", field, i);
        if (!take_text(p, path, kith_json_at(value, i), &p->draft->to[i]))
            return false;
        p->draft->n_to++;
    }
    return true;
}

static const struct key {
    const char *name;
    bool (*take)(parsing_t *p, const char *field, const kith_json_t *value);
    bool required;
} event_keys[] = {
    {"topic", take_topic, true},          {"kind", take_kind, true},
    {"occurred", take_occurred, true},    {"about", take_about, false},
    {"household", take_household, false}, {"severity", take_severity, false},
    {"minutes", take_minutes, false},     {"cost_code", take_cost_code, false},
    {"narrative", take_narrative, false}, {"shielded", take_shielded, false},
    {"source", take_source, false},       {"to", take_to, false},
};
#define EVENT_KEYS (sizeof event_keys / sizeof event_keys[0])

static bool take_event(parsing_t *p, const kith_json_t *line)
{
    if (kith_json_kind_of(line) != KITH_JSON_OBJECT)
        return refuse(p, "", "each line must be one object");
    void *iter = NULL;
    const char *name;
    const kith_json_t *value;
    while (kith_json_each(line, &iter, &name, &value)) {
        size_t i = 0;
        while (i < EVENT_KEYS && strcmp(event_keys[i].name, name) != 0)
            i++;
        if (i == EVENT_KEYS)
            return refuse(p, name, "there is no such key");
        if (!event_keys[i].take(p, name, value))
            return false;
    }
    for (size_t i = 0; i < EVENT_KEYS; i++)
        if (event_keys[i].required && kith_json_get(line, event_keys[i].name) == NULL)
            return refuse(p, event_keys[i].name, "is missing");
    return true;
}

kith_err event_parse(kith_bytes_t line, kith_arena_t *arena, Kith__Api__Draft **ret_draft,
                     event_problem_t *ret_problem)
{
    kith_json_t *value;
    kith_json_error_t error;
    if (kith_json_parse(line, &value, &error) != KITH_OK) {
        *ret_problem =
            (event_problem_t){.field = "",
                              .what = kith_arena_printf(arena, "no JSON at column %zu: %s",
                                                        error.column, error.what)};
        return KITH_INVALID;
    }
    parsing_t p = {.arena = arena};
    p.draft = kith_arena_need(arena, sizeof *p.draft);
    kith__api__draft__init(p.draft);
    p.event = kith_arena_need(arena, sizeof *p.event);
    kith__event__init(p.event);
    p.draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    p.draft->event = p.event;
    bool good = take_event(&p, value);
    kith_json_destroy(&value);
    if (!good) {
        *ret_problem = p.problem;
        return KITH_INVALID;
    }
    *ret_draft = p.draft;
    return KITH_OK;
}

/* ---- writing ---- */

static void put_text(kith_json_t *object, const char *name, const char *text)
{
    if (*text != '\0')
        kith_json_put_str(object, name, text);
}

static void put_about(kith_json_t *object, const Kith__Event *event)
{
    if (event->n_about == 0)
        return;
    kith_json_t *list = kith_json_list();
    for (size_t i = 0; i < event->n_about; i++) {
        const Kith__About *about = event->about[i];
        kith_json_t *entry = kith_json_object();
        kith_json_put_str(entry, "system", about->ref->system);
        kith_json_put_str(entry, "id", about->ref->id);
        put_text(entry, "role", about->role);
        if (about->shielded)
            kith_json_put_bool(entry, "shielded", true);
        kith_json_add(list, &entry);
    }
    kith_json_put(object, "about", &list);
}

static void put_event(kith_json_t *object, const Kith__Event *event)
{
    kith_json_put_str(object, "kind", event->kind);
    kith_json_put_time(object, "occurred", event->occurred_ms);
    put_about(object, event);
    if (event->severity != NULL) {
        kith_json_t *severity = kith_json_object();
        kith_json_put_str(severity, "scale", event->severity->scale);
        kith_json_put_str(severity, "value", event->severity->value);
        kith_json_put(object, "severity", &severity);
    }
    if (event->minutes_spent > 0)
        kith_json_put_int(object, "minutes", event->minutes_spent);
    put_text(object, "cost_code", event->cost_code);
    put_text(object, "narrative", event->narrative);
    if (event->shielded)
        kith_json_put_bool(object, "shielded", true);
    /* A source without an id names no record: nothing that publish could take. */
    if (event->source != NULL && *event->source->id != '\0') {
        kith_json_t *source = kith_json_object();
        kith_json_put_str(source, "system", event->source->system);
        kith_json_put_str(source, "id", event->source->id);
        kith_json_put(object, "source", &source);
    }
}

kith_json_t *event_to_json(const Kith__Api__Draft *draft)
{
    kith_json_t *object = kith_json_object();
    kith_json_put_str(object, "topic", draft->topic);
    if (draft->household.len == KITH_ID_BYTES) {
        char id[KITH_ID_TEXT_SIZE];
        kith_id_text((kith_bytes_t){.data = draft->household.data, .size = KITH_ID_BYTES}, id);
        kith_json_put_str(object, "household", id);
    }
    put_event(object, draft->event);
    if (draft->n_to > 0) {
        kith_json_t *list = kith_json_list();
        for (size_t i = 0; i < draft->n_to; i++)
            kith_json_add_str(list, draft->to[i]);
        kith_json_put(object, "to", &list);
    }
    return object;
}
