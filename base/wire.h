/* Protobuf's encoding, walked without decoding: fields as slices of the bytes they stand in.
 *
 * For what is read often and never changed: the broker's own rows, the envelope inside a packet.
 * Never checks more than that a field fits; what comes from outside is checked by
 * kith_message_unpack first. */
#pragma once

#include "base/bytes.h"

typedef struct kith_wire_field {
    uint32_t number;
    unsigned type;      /* 0 varint, 1 eight bytes, 2 a run of bytes, 5 four bytes */
    uint64_t value;     /* of a varint */
    kith_bytes_t bytes; /* of any other */
} kith_wire_field_t;

/* The next field; false at the end (rest is then empty), or when what follows is none. */
bool kith_wire_next(kith_bytes_t *rest, kith_wire_field_t *ret_field);
/* The first field of this number; false when there is none. */
bool kith_wire_find(kith_bytes_t message, uint32_t number, kith_wire_field_t *ret_field);
/* The same inside the messages of these field numbers, outermost first. */
bool kith_wire_find_at(kith_bytes_t message, const uint32_t *path, size_t path_count,
                       kith_wire_field_t *ret_field);
