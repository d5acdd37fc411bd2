#include "tests/check/history.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECIPIENTS_MAX 64u
#define ID_HEX         32u

static const struct {
    const char *word;
    judge_event_type type;
    bool node, agency, token, id;
} kinds[] = {
    {"submit", JUDGE_SUBMIT, false, true, true, false},
    {"answer", JUDGE_REFUSED, false, true, true, false}, /* or OK: by its status */
    {"state", JUDGE_STATE, false, true, false, true},
    {"look", JUDGE_LOOK, false, true, false, false},
    {"kill", JUDGE_KILL, true, false, false, false},
    {"lost", JUDGE_LOST, true, false, false, false},
    {"healed", JUDGE_HEALED, false, false, false, false},
    {"settled", JUDGE_SETTLED, false, false, false, false},
};

static const char *text_of(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static bool read_id(const char *hex, uint8_t ret_id[16])
{
    if (!hex || strlen(hex) != ID_HEX)
        return false;
    for (size_t i = 0; i < ID_HEX; i++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = strchr(digits, hex[i]);
        if (!digit)
            return false;
        ret_id[i / 2] = (uint8_t)(ret_id[i / 2] << 4 | (digit - digits));
    }
    return true;
}

typedef struct event_text {
    judge_event_t event;
    uint8_t id[16];
    const char *recipients[RECIPIENTS_MAX];
} event_text_t;

static void read_recipients(const json_t *line, event_text_t *text)
{
    const json_t *list = json_object_get(line, "recipients");
    const char *one = text_of(line, "recipient");
    text->event.recipients = text->recipients;
    if (one)
        text->recipients[text->event.recipients_count++] = one;
    for (size_t i = 0; i < json_array_size(list) && i < RECIPIENTS_MAX; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name)
            text->recipients[text->event.recipients_count++] = name;
    }
}

/* NULL, or what is wrong with the line. */
static const char *read_event(const json_t *line, event_text_t *text)
{
    const char *word = text_of(line, "event");
    size_t kind = 0;
    while (kind < sizeof kinds / sizeof kinds[0] && word && strcmp(kinds[kind].word, word) != 0)
        kind++;
    if (!word || kind == sizeof kinds / sizeof kinds[0])
        return "`event` is none that tests/check/history.h names";
    const char *status = text_of(line, "status");
    text->event.type = kinds[kind].type;
    if (status && strcmp(status, "ok") == 0)
        text->event.type = JUDGE_OK;
    text->event.at_ms = json_integer_value(json_object_get(line, "at_ms"));
    text->event.node = text_of(line, kinds[kind].node ? "node" : "agency");
    text->event.token = text_of(line, "token");
    text->event.state = text_of(line, "state");
    read_recipients(line, text);
    if ((kinds[kind].node || kinds[kind].agency) && !text->event.node)
        return kinds[kind].node ? "it needs `node`" : "it needs `agency`";
    if (kinds[kind].token && !text->event.token)
        return "it needs `token`";
    if (kinds[kind].id || text->event.type == JUDGE_OK) {
        if (!read_id(text_of(line, "id"), text->id))
            return "it needs `id`, 32 hex digits";
        text->event.id = text->id;
    }
    return text->event.type == JUDGE_STATE && (!text->event.recipients_count || !text->event.state)
               ? "it needs `recipient` and `state`"
               : NULL;
}

/* ---- what is no event of the run ---- */

static const char *read_allow(judge_t *judge, const json_t *line)
{
    const json_t *version = json_object_get(line, "version");
    const char *origin = text_of(line, "origin"), *recipient = text_of(line, "recipient");
    const char *topic_class = text_of(line, "class");
    if (!json_is_integer(version) || !origin || !recipient || !topic_class)
        return "it needs `version`, `origin`, `recipient` and `class`";
    judge_allow(judge, (uint32_t)json_integer_value(version), origin, recipient, topic_class);
    return NULL;
}

static const char *read_pace(judge_t *judge, const json_t *line)
{
    const json_t *ms = json_object_get(line, "ms"), *beside = json_object_get(line, "beside");
    if (!json_is_integer(ms) || json_integer_value(ms) < 0 || !json_is_boolean(beside))
        return "it needs `ms`, a number, and `beside`, true or false";
    judge_pace(judge, json_is_true(beside), (uint64_t)json_integer_value(ms));
    return NULL;
}

static const char *read_object(judge_t *judge, const json_t *line)
{
    const char *word = text_of(line, "event");
    event_text_t text = {0};
    if (word && strcmp(word, "fault") == 0)
        return NULL; /* the harness's own words */
    if (word && strcmp(word, "allow") == 0)
        return read_allow(judge, line);
    if (word && strcmp(word, "pace") == 0)
        return read_pace(judge, line);
    const char *why = read_event(line, &text);
    if (!why)
        judge_event(judge, &text.event);
    return why;
}

static const char *read_line(judge_t *judge, const char *line, size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(line, size, JSON_REJECT_DUPLICATES, &error);
    const char *why = json_is_object(json) ? read_object(judge, json) : "it is no JSON object";
    json_decref(json);
    return why;
}

bool history_read(judge_t *judge, const char *path, char *ret_why, size_t why_size)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        (void)snprintf(ret_why, why_size, "%s:1: cannot be read: %s", path, strerror(errno));
        return false;
    }
    char *line = NULL;
    size_t capacity = 0, number = 0;
    const char *why = NULL;
    ssize_t size;
    while (!why && (size = getline(&line, &capacity, file)) > 0) {
        number++;
        if (size > 1)
            why = read_line(judge, line, (size_t)size);
    }
    if (why)
        (void)snprintf(ret_why, why_size, "%s:%zu: %s", path, number, why);
    free(line);
    (void)fclose(file);
    return !why;
}
