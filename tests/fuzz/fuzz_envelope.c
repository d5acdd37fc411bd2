/* An Envelope, its Header and its proof. Property: a header that decodes keeps every limit, and a
 * root that is found is found again from the same bytes. */
#include "base/arena.h"
#include "base/envelope.h"
#include "base/text.h"
#include "fuzz.h"

#include <string.h>

/* Not BLAKE2b: the structure is what is tried here. */
static void mix(kith_tag tag, const kith_bytes_t *parts, size_t parts_count,
                kith_digest_t *ret_digest)
{
    uint64_t sum = 1469598103934665603u ^ (uint64_t)tag;
    for (size_t i = 0; i < parts_count; i++)
        for (size_t j = 0; j < parts[i].size; j++)
            sum = (sum ^ parts[i].data[j]) * 1099511628211u;
    for (size_t i = 0; i < sizeof ret_digest->bytes; i++)
        ret_digest->bytes[i] = (uint8_t)(sum >> (i % 8 * 8));
}

static void check_header(const Kith__Header *header)
{
    KITH_ASSERT(header->id && header->id->seq > 0);
    KITH_ASSERT(header->n_slots >= 1 && header->n_slots <= KITH_SLOTS_MAX);
    KITH_ASSERT(kith_lane_index(header->id->lane) >= 0);
    for (size_t i = 0; i < header->n_slots; i++) {
        KITH_ASSERT(header->slots[i]->n > 0);
        KITH_ASSERT(kith_header_slot(header, header->slots[i]->agency) == header->slots[i]);
    }
    KITH_ASSERT(!header->void_ || header->n_slots == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kith_arena_t *arena = kith_arena_new(KITH_DECODE_FACTOR * KITH_FRAME_BYTES_MAX);
    const char *field = NULL;
    Kith__Envelope *envelope = (Kith__Envelope *)kith_message_unpack(
        arena, &kith__envelope__descriptor, (kith_bytes_t){data, size}, &field);
    Kith__Header *header = NULL;
    if (envelope) {
        kith_bytes_t bytes = {envelope->header.data, envelope->header.len};
        if (kith_header_decode(arena, bytes, &header, &field) == KITH_OK)
            check_header(header);
        kith_digest_t leaf = kith_header_digest(mix, bytes), first, second;
        if (envelope->proof && kith_merkle_root(mix, &leaf, envelope->proof, &first) == KITH_OK) {
            KITH_ASSERT(envelope->proof->count <= KITH_BATCH_MAX);
            KITH_ASSERT(kith_merkle_root(mix, &leaf, envelope->proof, &second) == KITH_OK);
            KITH_ASSERT(memcmp(&first, &second, sizeof first) == 0);
        }
    }
    kith_arena_destroy(&arena);
    return 0;
}
