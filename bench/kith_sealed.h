/* Ready-made PUBLISH packets of one origin: sealed and signed before the clock starts. */
#pragma once

#include "base/agreement.h"
#include "io/seal.h"

typedef struct kith_sealed kith_sealed_t;

typedef struct kith_sealed_plan {
    const char *origin;
    size_t recipients_count;
    const char *const *recipients;
    size_t count;      /* envelopes; each has the same number in every recipient's stream */
    uint64_t first;    /* seq of the first; 0: 1 */
    size_t batch;      /* under one signature, 1 to KITH_BATCH_MAX */
    size_t text_bytes; /* of what is said: random bytes; content is padded as the protocol says */
} kith_sealed_plan_t;

kith_sealed_t *kith_sealed_make(const kith_keys_t *keys, const kith_agreement_t *agreement,
                                const kith_sealed_plan_t *plan);
void kith_sealed_destroy(kith_sealed_t **self_p);

/* By index, from 0: the whole packet, and the envelope in it. */
kith_bytes_t kith_sealed_packet(const kith_sealed_t *self, size_t index);
kith_bytes_t kith_sealed_envelope(const kith_sealed_t *self, size_t index);
