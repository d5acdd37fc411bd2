/* A borrowed run of bytes. Owns nothing; says nothing of what is inside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct kith_bytes {
    const uint8_t *data;
    size_t size;
} kith_bytes_t;

bool kith_bytes_equal(kith_bytes_t a, kith_bytes_t b);

/* Orders as LMDB does: by byte, then the shorter first. */
int kith_bytes_compare(kith_bytes_t a, kith_bytes_t b);

bool kith_bytes_starts(kith_bytes_t whole, kith_bytes_t prefix);

/* Borrowed view of a C string without its NUL. NULL gives an empty run. */
kith_bytes_t kith_bytes_str(const char *text);
