/* Packets in and out of a frame. */
#include "base/frame.h"

#include "base/limits.h"

#include <string.h>

static const uint8_t HEAD[KITH_FRAME_HEAD_BYTES] = {'K', 'T', KITH_PROTOCOL_VERSION, 0};

/* Takes the first packet off; false when what is left does not hold one. */
static bool split(kith_bytes_t *rest, kith_bytes_t *ret_packet)
{
    if (rest->size < KITH_FRAME_ITEM_BYTES) {
        return false;
    }
    const uint8_t *at = rest->data;
    size_t size = (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
    if (size == 0 || size > rest->size - KITH_FRAME_ITEM_BYTES) {
        return false;
    }
    *ret_packet = (kith_bytes_t){.data = at + KITH_FRAME_ITEM_BYTES, .size = size};
    rest->data += KITH_FRAME_ITEM_BYTES + size;
    rest->size -= KITH_FRAME_ITEM_BYTES + size;
    return true;
}

kith_err kith_frame_open(kith_bytes_t frame, kith_frame_reader_t *ret_reader)
{
    if (frame.size > KITH_FRAME_BYTES_MAX) {
        return KITH_LIMIT;
    }
    if (frame.size < sizeof HEAD || memcmp(frame.data, HEAD, sizeof HEAD) != 0) {
        return KITH_INVALID;
    }
    kith_bytes_t packets = {.data = frame.data + sizeof HEAD, .size = frame.size - sizeof HEAD};
    kith_bytes_t rest = packets;
    while (rest.size > 0) {
        kith_bytes_t packet;
        if (!split(&rest, &packet)) {
            return KITH_INVALID;
        }
    }
    ret_reader->rest = packets;
    return KITH_OK;
}

bool kith_frame_next(kith_frame_reader_t *reader, kith_bytes_t *ret_packet)
{
    return split(&reader->rest, ret_packet);
}

void kith_frame_begin(kith_frame_writer_t *writer, uint8_t *data, size_t capacity)
{
    *writer = (kith_frame_writer_t){
        .data = data,
        .capacity = capacity < KITH_FRAME_BYTES_MAX ? capacity : KITH_FRAME_BYTES_MAX,
    };
}

uint8_t *kith_frame_add(kith_frame_writer_t *writer, size_t size)
{
    KITH_ASSERT(size > 0);
    size_t before = writer->size > 0 ? writer->size : sizeof HEAD;
    if (writer->capacity < before + KITH_FRAME_ITEM_BYTES ||
        size > writer->capacity - before - KITH_FRAME_ITEM_BYTES) {
        return NULL;
    }
    memcpy(writer->data, HEAD, sizeof HEAD);
    uint8_t *item = writer->data + before;
    for (size_t i = 0; i < KITH_FRAME_ITEM_BYTES; i++) {
        item[i] = (uint8_t)(size >> (8 * i));
    }
    writer->size = before + KITH_FRAME_ITEM_BYTES + size;
    return item + KITH_FRAME_ITEM_BYTES;
}
