/* A text of any bytes as JSON. Property: a value that was read is written and read again to the
 * same text, and what was read is the whole text; a fault has its place within it. */
#include "base/arena.h"
#include "base/limits.h"
#include "fuzz.h"
#include "io/json.h"

#include <string.h>

static void read_all(kith_arena_t *arena, const kith_json_t *value)
{
    switch (kith_json_kind_of(value)) {
    case KITH_JSON_OBJECT: {
        void *iter = NULL;
        const char *name = NULL;
        const kith_json_t *member = NULL;
        size_t count = 0;
        while (kith_json_each(value, &iter, &name, &member)) {
            KITH_ASSERT(kith_json_get(value, name) == member); /* each name once */
            read_all(arena, member);
            count++;
        }
        KITH_ASSERT(count == kith_json_count(value) && !kith_json_scalar(arena, value));
        break;
    }
    case KITH_JSON_LIST:
        for (size_t i = 0; i < kith_json_count(value); i++)
            read_all(arena, kith_json_at(value, i));
        KITH_ASSERT(!kith_json_scalar(arena, value));
        break;
    case KITH_JSON_NULL:
    case KITH_JSON_BOOL:
    case KITH_JSON_INT:
    case KITH_JSON_REAL:
    case KITH_JSON_STRING:
        KITH_ASSERT(kith_json_scalar(arena, value));
        break;
    }
}

static void check_error(const kith_json_error_t *error, kith_bytes_t text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    KITH_ASSERT(error->line >= 1 && error->line <= lines && error->column >= 1);
    KITH_ASSERT(error->what[0] && memchr(error->what, 0, sizeof error->what));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena_t *arena = kith_arena_new(64 * KITH_MIB);
    kith_bytes_t text = {data, size};
    kith_json_t *value = NULL, *again = NULL, *first = NULL;
    kith_json_error_t error = {0};
    size_t used = 0;
    if (kith_json_parse(text, &value, &error) == KITH_OK) {
        read_all(arena, value);
        kith_bytes_t written = kith_bytes_str(kith_json_text(arena, value));
        KITH_ASSERT(kith_json_parse(written, &again, &error) == KITH_OK);
        KITH_ASSERT(kith_bytes_equal(written, kith_bytes_str(kith_json_text(arena, again))));
        KITH_ASSERT(kith_json_parse_first(text, &first, &used, &error) == KITH_OK);
    } else {
        KITH_ASSERT(!value);
        check_error(&error, text);
        if (kith_json_parse_first(text, &first, &used, &error) == KITH_OK)
            KITH_ASSERT(used > 0 && used < size);
        else
            check_error(&error, text);
    }
    KITH_ASSERT(used <= size);
    kith_json_destroy(&value);
    kith_json_destroy(&again);
    kith_json_destroy(&first);
    kith_arena_destroy(&arena);
    return 0;
}
