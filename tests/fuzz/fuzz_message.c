/* Every message type of proto/, by bytes: file, type, then the message. Property: it is refused
 * with a field, or it keeps its limits, is packed and read again to the same bytes, and is JSON
 * that our own reader takes for the same message. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "fuzz_types.h" /* made from proto/ by CMake */
#include "input.h"
#include "io/json_message.h"

typedef struct types {
    size_t count;
    const ProtobufCMessageDescriptor *const *list;
} types_t;

static const ProtobufCMessageDescriptor *const kith_types[] = {FUZZ_TYPES_kith};
static const ProtobufCMessageDescriptor *const store_types[] = {FUZZ_TYPES_store};
static const ProtobufCMessageDescriptor *const api_types[] = {FUZZ_TYPES_api};

#define LIST(name)                                                                                 \
    {                                                                                              \
        sizeof name / sizeof name[0], name                                                         \
    }
static const types_t files[] = {LIST(kith_types), LIST(store_types), LIST(api_types)};

/* Times lose their fraction of a second in JSON: what was read once is then the same for ever. */
static void check_read(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                       const kith_json_t *json)
{
    ProtobufCMessage *first = NULL, *second = NULL;
    kith_json_misfit_t misfit;
    KITH_ASSERT(kith_json_to_message(arena, type, json, &first, &misfit) == KITH_OK);
    kith_json_t *once = kith_json_of_message(first);
    KITH_ASSERT(kith_json_to_message(arena, type, once, &second, &misfit) == KITH_OK);
    kith_json_t *twice = kith_json_of_message(second);
    KITH_ASSERT(kith_bytes_equal(kith_bytes_str(kith_json_text(arena, once)),
                                 kith_bytes_str(kith_json_text(arena, twice))));
    kith_json_destroy(&once);
    kith_json_destroy(&twice);
}

static void check_json(kith_arena_t *arena, const ProtobufCMessage *message)
{
    kith_json_t *json = kith_json_of_message(message), *again = NULL;
    kith_bytes_t text = kith_bytes_str(kith_json_text(arena, json));
    kith_json_error_t error;
    KITH_ASSERT(kith_json_parse(text, &again, &error) == KITH_OK);
    KITH_ASSERT(kith_bytes_equal(text, kith_bytes_str(kith_json_text(arena, again))));
    check_read(arena, message->descriptor, again);
    kith_json_destroy(&json);
    kith_json_destroy(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {{data, size}};
    const types_t *file = &files[input_u8(&in) % (sizeof files / sizeof files[0])];
    const ProtobufCMessageDescriptor *type = file->list[input_u8(&in) % file->count];
    kith_arena_t *arena = kith_arena_new(64 * KITH_DECODE_FACTOR * KITH_FRAME_BYTES_MAX);
    const char *field = NULL;
    ProtobufCMessage *message = kith_message_unpack(arena, type, in.rest, &field);
    KITH_ASSERT(message || field);
    if (message) {
        KITH_ASSERT(kith_message_check(message, &field) == KITH_OK);
        kith_bytes_t packed = kith_arena_pack(arena, message);
        ProtobufCMessage *again = kith_message_unpack(arena, type, packed, &field);
        KITH_ASSERT(again);
        KITH_ASSERT(kith_bytes_equal(packed, kith_arena_pack(arena, again)));
        check_json(arena, message);
    }
    kith_arena_destroy(&arena);
    return 0;
}
