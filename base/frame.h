/* The outer frame: one ZeroMQ body part, many packets.
 *
 *   'K' 'T' version(1) 0   then, for each packet:  length(4, little endian)  packet bytes
 *
 * CURVE boxes each frame, and that box with libzmq's own cost is what caps the bus, so packets
 * travel many to a frame. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

#define KITH_FRAME_HEAD_BYTES 4u
#define KITH_FRAME_ITEM_BYTES 4u

/* Reading. Checks the whole frame first: KITH_INVALID when it is not one (nothing of it is used),
 * KITH_LIMIT when larger than KITH_FRAME_BYTES_MAX. */
typedef struct kith_frame_reader {
    kith_bytes_t rest;
} kith_frame_reader_t;

kith_err kith_frame_open(kith_bytes_t frame, kith_frame_reader_t *ret_reader);
/* false at the end. */
bool kith_frame_next(kith_frame_reader_t *reader, kith_bytes_t *ret_packet);

/* Writing into a buffer of the caller. */
typedef struct kith_frame_writer {
    uint8_t *data;
    size_t capacity;
    size_t size; /* 0: empty */
} kith_frame_writer_t;

void kith_frame_begin(kith_frame_writer_t *writer, uint8_t *data, size_t capacity);
/* Room for one packet of `size` bytes, to be filled by the caller. NULL when it does not fit. */
uint8_t *kith_frame_add(kith_frame_writer_t *writer, size_t size);
