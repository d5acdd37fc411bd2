/* Any text as a request of the API. Property: it is refused with words that are UTF-8 and a place,
 * or it is a message that keeps protobuf's rules and gives the same message again through JSON. */
#include "api.pb-c.h"
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "io/json_message.h"

#include <string.h>

static void check(kith_arena_t *arena, const ProtobufCMessageDescriptor *type,
                  const kith_json_t *value)
{
    ProtobufCMessage *message = NULL, *again = NULL;
    kith_json_misfit_t misfit = {{0}, {0}};
    kith_err err = kith_json_to_message(arena, type, value, &message, &misfit);
    KITH_ASSERT(kith_text_utf8(kith_bytes_str(misfit.field)));
    KITH_ASSERT(kith_text_utf8(kith_bytes_str(misfit.what)));
    KITH_ASSERT((err == KITH_INVALID) == (misfit.what[0] != '\0'));
    KITH_ASSERT((err == KITH_OK) == (message != NULL));
    if (!message)
        return;
    kith_bytes_t packed = kith_arena_pack(arena, message);
    kith_json_t *written = kith_json_of_message(message);
    err = kith_json_to_message(arena, type, written, &again, &misfit);
    KITH_ASSERT(err == KITH_OK);
    kith_json_t *twice = kith_json_of_message(again);
    const char *field = NULL;
    if (kith_message_check(message, &field) == KITH_OK && packed.size <= KITH_FRAME_BYTES_MAX)
        KITH_ASSERT(kith_message_unpack(arena, type, packed, &field));
    kith_json_destroy(&written);
    kith_json_destroy(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena_t *arena = kith_arena_new(256 * KITH_MIB);
    kith_json_t *value = NULL;
    kith_json_error_t error;
    if (size <= KITH_FRAME_BYTES_MAX &&
        kith_json_parse((kith_bytes_t){data, size}, &value, &error) == KITH_OK) {
        check(arena, &kith__api__request__descriptor, value);
        check(arena, &kith__api__draft__descriptor, value);
    }
    kith_json_destroy(&value);
    kith_arena_destroy(&arena);
    return 0;
}
