/* Four lanes like FNV-1a with different starts, stirred at the end. As the real hash does, it runs
 * over the parts one after the other without their borders. */
#include "tests/lib/toy_hash.h"

#include <string.h>

#define FNV_PRIME UINT64_C(1099511628211)
#define FNV_START UINT64_C(14695981039346656037)

static uint64_t stirred(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Bytes are taken eight at a time, wherever a part ends. */
typedef struct state {
    uint64_t lanes[4], word;
    size_t size; /* in all */
} state_t;

static void absorb(state_t *s)
{
    for (size_t lane = 0; lane < 4; lane++) {
        uint64_t hash = (s->lanes[lane] ^ s->word) * FNV_PRIME;
        s->lanes[lane] = hash ^ hash >> 31;
    }
    s->word = 0;
}

static void add_part(state_t *s, kith_bytes_t part)
{
    size_t at = 0;
    for (; at < part.size && s->size % 8 != 0; at++) {
        s->word |= (uint64_t)part.data[at] << 8 * (s->size % 8);
        if (++s->size % 8 == 0)
            absorb(s);
    }
    for (; part.size - at >= 8; at += 8, s->size += 8) {
        memcpy(&s->word, part.data + at, 8);
        absorb(s);
    }
    for (; at < part.size; at++, s->size++)
        s->word |= (uint64_t)part.data[at] << 8 * (s->size % 8);
}

void toy_hash(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
              kith_digest_t *ret_digest)
{
    state_t s = {0};
    for (size_t lane = 0; lane < 4; lane++)
        s.lanes[lane] = (FNV_START ^ stirred(lane + 1) ^ (uint64_t)tag) * FNV_PRIME;
    for (size_t i = 0; i < parts_count; i++)
        add_part(&s, parts[i]);
    absorb(&s);
    s.word = s.size;
    absorb(&s);
    for (size_t lane = 0; lane < 4; lane++) {
        uint64_t hash = stirred(s.lanes[lane]);
        memcpy(ret_digest->bytes + 8 * lane, &hash, sizeof hash);
    }
}
