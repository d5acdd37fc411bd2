/* How one thing of a notice is printed: what show.c and its like are made of. */
#pragma once

#include "agents/cli/cli.h"
#include "agents/cli/show.h"
#include "agents/cli/text.h"
#include "base/text.h"

#include <stdio.h>

static inline const char *word(const cli_t *cli, const ProtobufCEnumDescriptor *type, int value)
{
    char text[KITH_WORD_SIZE];
    kith_enum_word(type, value, text);
    return kith_arena_str(cli->arena, text);
}

static inline const char *whole_id(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_TEXT_SIZE];
    kith_id_text((kith_bytes_t){.data = id.data, .size = id.len}, text);
    return kith_arena_str(arena, text);
}

/* "name        value", left out when there is none. */
static inline void line(const cli_t *cli, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        printf("%-12s %s\n", name, text_block(cli->arena, value, 13));
}

static inline void time_line(const cli_t *cli, const char *name, int64_t unix_ms)
{
    if (unix_ms != 0)
        line(cli, name, text_time_zone(cli->arena, unix_ms));
}
