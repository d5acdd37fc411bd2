/* Reads a fuzz input as numbers and runs of bytes; at its end everything is 0 and empty, so that
 * any input is a whole one. */
#pragma once

#include "base/bytes.h"

typedef struct input {
    kith_bytes_t rest;
} input_t;

static inline uint8_t input_u8(input_t *in)
{
    if (in->rest.size == 0)
        return 0;
    in->rest.size--;
    return *in->rest.data++;
}

static inline uint16_t input_u16(input_t *in)
{
    unsigned high = input_u8(in);
    return (uint16_t)(high << 8 | input_u8(in));
}

static inline uint64_t input_u64(input_t *in)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | input_u8(in);
    return value;
}

/* At most size bytes. */
static inline kith_bytes_t input_bytes(input_t *in, size_t size)
{
    kith_bytes_t run = {in->rest.data, size < in->rest.size ? size : in->rest.size};
    in->rest.data += run.size;
    in->rest.size -= run.size;
    return run;
}
