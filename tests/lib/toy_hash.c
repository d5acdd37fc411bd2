/* Four FNV-1a lanes with different starts, stirred at the end. As the real hash does, it runs over
 * the parts one after the other without their borders. */
#include "tests/lib/toy_hash.h"

#define FNV_PRIME UINT64_C(1099511628211)
#define FNV_START UINT64_C(14695981039346656037)

static uint64_t stirred(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t lane_hash(uint64_t lane, kith_tag tag, const kith_bytes_t *parts,
                          size_t parts_count)
{
    uint64_t hash = (FNV_START ^ stirred(lane + 1) ^ (uint64_t)tag) * FNV_PRIME;
    for (size_t i = 0; i < parts_count; i++) {
        for (size_t j = 0; j < parts[i].size; j++) {
            hash = (hash ^ parts[i].data[j]) * FNV_PRIME;
        }
    }
    return stirred(hash);
}

void toy_hash(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
              kith_digest_t *ret_digest)
{
    for (size_t lane = 0; lane < 4; lane++) {
        uint64_t hash = lane_hash(lane, tag, parts, parts_count);
        for (size_t i = 0; i < 8; i++) {
            ret_digest->bytes[8 * lane + i] = (uint8_t)(hash >> (8 * i));
        }
    }
}
