/* Table keys, part by part. */
#include "base/key.h"

#include "base/err.h"

#include <string.h>

/* Flips the sign so that the bytes of a negative number sort before those of a positive one. */
#define SIGN_BIT (UINT64_C(1) << 63)

static void append(kith_key_t *key, const void *data, size_t size)
{
    KITH_ASSERT(size <= KITH_KEY_BYTES_MAX - key->size);
    if (size > 0) {
        memcpy(key->data + key->size, data, size);
        key->size += size;
    }
}

static void append_number(kith_key_t *key, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    }
    append(key, bytes, size);
}

void kith_key_clear(kith_key_t *key)
{
    key->size = 0;
}

void kith_key_name(kith_key_t *key, const char *name)
{
    append(key, name, strlen(name) + 1);
}

void kith_key_u8(kith_key_t *key, uint8_t value)
{
    append_number(key, value, 1);
}

void kith_key_u32(kith_key_t *key, uint32_t value)
{
    append_number(key, value, 4);
}

void kith_key_u64(kith_key_t *key, uint64_t value)
{
    append_number(key, value, 8);
}

void kith_key_i64(kith_key_t *key, int64_t value)
{
    append_number(key, (uint64_t)value ^ SIGN_BIT, 8);
}

void kith_key_raw(kith_key_t *key, kith_bytes_t bytes)
{
    append(key, bytes.data, bytes.size);
}

kith_key_t kith_key_above(kith_bytes_t prefix)
{
    kith_key_t end = {0};
    while (prefix.size > 0 && prefix.data[prefix.size - 1] == 0xff)
        prefix.size--;
    kith_key_raw(&end, prefix);
    if (end.size > 0)
        end.data[end.size - 1]++;
    return end;
}

kith_bytes_t kith_key_bytes(const kith_key_t *key)
{
    return (kith_bytes_t){.data = key->data, .size = key->size};
}

static const uint8_t *take(kith_key_reader_t *reader, size_t size)
{
    KITH_ASSERT(reader->rest.size >= size);
    const uint8_t *start = reader->rest.data;
    reader->rest.data += size;
    reader->rest.size -= size;
    return start;
}

static uint64_t take_number(kith_key_reader_t *reader, size_t size)
{
    const uint8_t *bytes = take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

const char *kith_key_read_name(kith_key_reader_t *reader)
{
    KITH_ASSERT(reader->rest.size > 0);
    const uint8_t *end = memchr(reader->rest.data, 0, reader->rest.size);
    KITH_ASSERT(end != NULL);
    return (const char *)take(reader, (size_t)(end - reader->rest.data) + 1);
}

uint8_t kith_key_read_u8(kith_key_reader_t *reader)
{
    return (uint8_t)take_number(reader, 1);
}

uint32_t kith_key_read_u32(kith_key_reader_t *reader)
{
    return (uint32_t)take_number(reader, 4);
}

uint64_t kith_key_read_u64(kith_key_reader_t *reader)
{
    return take_number(reader, 8);
}

int64_t kith_key_read_i64(kith_key_reader_t *reader)
{
    return (int64_t)(take_number(reader, 8) ^ SIGN_BIT);
}
