/* Just as much of protobuf's encoding as a client needs to count deliveries without decoding them
 * whole: walk the fields, find a path. Never checks more than that. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct wire_field {
    uint32_t number;
    uint64_t value;     /* of a varint */
    kith_bytes_t bytes; /* of a message, string or bytes */
} wire_field_t;

/* The next field; false at the end, or when what follows is none. */
bool wire_next(kith_bytes_t *rest, wire_field_t *ret_field);
/* The first field of this number; false when there is none. */
bool wire_find(kith_bytes_t message, uint32_t number, wire_field_t *ret_field);
/* The same inside the messages of these field numbers, outermost first. */
bool wire_find_at(kith_bytes_t message, const uint32_t *path, size_t path_count,
                  wire_field_t *ret_field);
