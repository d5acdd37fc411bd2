#include "base/checksum.h"

#include "base/bug.h"

#include <string.h>

/* MurmurHash64A (Austin Appleby, public domain). Each step is a bijection of the state for a given
 * word and of the word for a given state: that is what keeps the header's promise. */
#define MULTIPLIER 0xc6a4a7935bd1e995ull
#define SHIFT      47

static uint64_t mix(uint64_t state, uint64_t word)
{
    word *= MULTIPLIER;
    word ^= word >> SHIFT;
    word *= MULTIPLIER;
    return (state ^ word) * MULTIPLIER;
}

uint64_t kith_checksum(uint64_t seed, kith_bytes_t bytes)
{
    uint64_t state = seed ^ (bytes.size * MULTIPLIER);
    size_t at = 0;
    for (; bytes.size - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes.data + at, sizeof(word));
        state = mix(state, word);
    }
    if (at < bytes.size) {
        uint64_t word = 0;
        memcpy(&word, bytes.data + at, bytes.size - at);
        state = (state ^ word) * MULTIPLIER;
    }
    state ^= state >> SHIFT;
    state *= MULTIPLIER;
    return state ^ (state >> SHIFT);
}

static uint64_t row_checksum(uint64_t seed, kith_bytes_t key, kith_bytes_t value)
{
    return kith_checksum(kith_checksum(seed, key), value);
}

void kith_row_write(uint64_t seed, kith_bytes_t key, kith_bytes_t value, uint8_t *ret_row)
{
    uint64_t checksum = row_checksum(seed, key, value);
    if (value.size > 0)
        memcpy(ret_row, value.data, value.size);
    memcpy(ret_row + value.size, &checksum, sizeof(checksum));
}

bool kith_row_read(uint64_t seed, kith_bytes_t key, kith_bytes_t row, kith_bytes_t *ret_value)
{
    uint64_t stored;
    if (row.size < sizeof(stored))
        return false;
    kith_bytes_t value = {.data = row.data, .size = row.size - sizeof(stored)};
    memcpy(&stored, value.data + value.size, sizeof(stored));
    if (stored != row_checksum(seed, key, value) && !KITH_BUG(9))
        return false;
    *ret_value = value;
    return true;
}
