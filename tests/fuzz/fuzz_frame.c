/* The outer frame and every packet in it. Property: a frame that opens is walked exactly to its
 * end, and writing its packets again gives the same bytes. */
#include "base/arena.h"
#include "base/frame.h"
#include "base/limits.h"
#include "base/text.h"
#include "fuzz.h"
#include "kith.pb-c.h"

#include <stdlib.h>
#include <string.h>

static void rewrite(kith_bytes_t frame, kith_frame_reader_t reader)
{
    uint8_t *copy = malloc(frame.size);
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, copy, frame.size);
    kith_bytes_t packet;
    while (kith_frame_next(&reader, &packet)) {
        uint8_t *room = kith_frame_add(&writer, packet.size);
        KITH_ASSERT(room);
        if (packet.size)
            memcpy(room, packet.data, packet.size);
    }
    if (writer.size) {
        KITH_ASSERT(writer.size == frame.size);
        KITH_ASSERT(memcmp(copy, frame.data, frame.size) == 0);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_bytes_t frame = {data, size};
    kith_frame_reader_t reader;
    if (kith_frame_open(frame, &reader) != KITH_OK)
        return 0;
    rewrite(frame, reader);
    kith_arena_t *arena = kith_arena_new(KITH_DECODE_FACTOR * KITH_FRAME_BYTES_MAX);
    kith_bytes_t packet;
    while (kith_frame_next(&reader, &packet)) {
        const char *field = NULL;
        Kith__Packet *decoded =
            (Kith__Packet *)kith_message_unpack(arena, &kith__packet__descriptor, packet, &field);
        KITH_ASSERT(decoded || field);
        kith_arena_reset(arena);
    }
    kith_arena_destroy(&arena);
    return 0;
}
