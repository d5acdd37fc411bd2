/* Comparing borrowed runs of bytes. */
#include "base/bytes.h"

#include <string.h>

bool kith_bytes_equal(kith_bytes_t a, kith_bytes_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int kith_bytes_compare(kith_bytes_t a, kith_bytes_t b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    if (order != 0) {
        return order;
    }
    return (a.size > b.size) - (a.size < b.size);
}

bool kith_bytes_starts(kith_bytes_t whole, kith_bytes_t prefix)
{
    return whole.size >= prefix.size &&
           (prefix.size == 0 || memcmp(whole.data, prefix.data, prefix.size) == 0);
}

kith_bytes_t kith_bytes_str(const char *text)
{
    if (text == NULL) {
        return (kith_bytes_t){0};
    }
    return (kith_bytes_t){.data = (const uint8_t *)text, .size = strlen(text)};
}
