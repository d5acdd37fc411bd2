/* Messages as JSON for test_json_golden.py: reads lines `TYPE HEX`, writes each message's JSON, and
 * fails when that does not give the very message back. */
#include "api.pb-c.h"
#include "base/id.h"
#include "base/text.h"
#include "io/json_message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX (64u * 1024u * 1024u)

static const ProtobufCMessageDescriptor *const types[] = {
    &kith__notice__descriptor,
    &kith__envelope__descriptor,
    &kith__receipt__descriptor,
    &kith__api__draft__descriptor,
    &kith__api__show_response__descriptor,
    &kith__api__feed_response__descriptor,
    &kith__api__status_response__descriptor,
    &kith__api__household_response__descriptor,
    &kith__api__response__descriptor,
};

static const ProtobufCMessageDescriptor *type_named(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i]->name, name) == 0)
            return types[i];
    return NULL;
}

/* Unknown fields, a null sub-message and what stands for 0 have no JSON; what has is the same. */
static bool gives_it_back(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                          const kith_json_t *value)
{
    ProtobufCMessage *again = NULL;
    kith_json_misfit_t misfit;
    if (kith_json_to_message(arena, type, value, &again, &misfit) != KITH_OK) {
        fprintf(stderr, "%s: %s\n", misfit.field, misfit.what);
        return false;
    }
    kith_json_t *second = kith_json_of_message(again);
    bool same = strcmp(kith_json_text(arena, value), kith_json_text(arena, second)) == 0;
    kith_json_destroy(&second);
    return same;
}

static bool convert(kith_arena_t *arena, char *line)
{
    char *hex = strchr(line, ' ');
    if (hex == NULL)
        return false;
    *hex++ = '\0';
    hex[strcspn(hex, "\n")] = '\0';
    size_t size = strlen(hex) / 2;
    uint8_t *data = kith_arena_need(arena, size + 1);
    const ProtobufCMessageDescriptor *type = type_named(line);
    if (type == NULL || kith_unhex(hex, data, size) != KITH_OK)
        return false;
    const char *field;
    ProtobufCMessage *message =
        kith_message_unpack(arena, type, (kith_bytes_t){.data = data, .size = size}, &field);
    if (message == NULL)
        return false;
    kith_json_t *value = kith_json_of_message(message);
    puts(kith_json_text(arena, value));
    bool back = gives_it_back(arena, type, value);
    kith_json_destroy(&value);
    return back;
}

int main(void)
{
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    char *line = NULL;
    size_t room = 0;
    int status = 0;
    while (status == 0 && getline(&line, &room, stdin) > 0) {
        kith_arena_reset(arena);
        status = convert(arena, line) ? 0 : 1;
    }
    free(line);
    kith_arena_destroy(&arena);
    return status;
}
