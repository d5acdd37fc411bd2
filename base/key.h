/* Table keys: parts that sort as one would expect. Numbers are big endian; a name ends in NUL
 * (names and checked strings hold none). At most 511 bytes (LMDB). */
#pragma once

#include "base/bytes.h"

#define KITH_KEY_BYTES_MAX 511u

typedef struct kith_key {
    size_t size;
    uint8_t data[KITH_KEY_BYTES_MAX];
} kith_key_t;

void kith_key_clear(kith_key_t *key);
void kith_key_name(kith_key_t *key, const char *name);
void kith_key_u8(kith_key_t *key, uint8_t value);
void kith_key_u32(kith_key_t *key, uint32_t value);
void kith_key_u64(kith_key_t *key, uint64_t value);
void kith_key_i64(kith_key_t *key, int64_t value); /* negative sorts first */
void kith_key_raw(kith_key_t *key, kith_bytes_t bytes);
/* The smallest key above all that start with prefix; empty when there is none. */
kith_key_t kith_key_above(kith_bytes_t prefix);
kith_bytes_t kith_key_bytes(const kith_key_t *key);

/* Reading a key back, part by part. The caller knows the shape; a wrong one asserts. */
typedef struct kith_key_reader {
    kith_bytes_t rest;
} kith_key_reader_t;
const char *kith_key_read_name(kith_key_reader_t *reader); /* borrowed */
uint8_t kith_key_read_u8(kith_key_reader_t *reader);
uint32_t kith_key_read_u32(kith_key_reader_t *reader);
uint64_t kith_key_read_u64(kith_key_reader_t *reader);
int64_t kith_key_read_i64(kith_key_reader_t *reader);
