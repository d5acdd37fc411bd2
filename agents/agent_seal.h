/* Between the core, which sees verdicts and digests, and io/seal, which has the keys.
 *
 * Called by the loop: a packet becomes the event that the core is given; the seals it asks for, and
 * the receipts it makes, get their keys here. Never decides what follows from a verdict. */
#pragma once

#include "agents/core/agent_core.h"
#include "io/seal.h"

typedef struct agent_seal {
    const char *agency;
    size_t brokers_count;
    const char *const *brokers; /* ids, as the core counts them */
    const kith_agreement_t *agreement;
    const kith_keys_t *keys;
    seal_cache_t *cache;
} agent_seal_t;

/* The event of one packet of a broker; the caller has filled in the times. Signatures are checked
 * and a sealed content is opened; whatever the bytes say, the event is whole. */
void agent_seal_event(const agent_seal_t *self, kith_arena_t *arena, size_t broker,
                      Kith__Packet *packet, agent_event_t *event);

/* Makes the envelopes of the SEAL effects, in their order: one job each, in the arena. */
seal_job_t *agent_seal_jobs(const agent_seal_t *self, kith_arena_t *arena,
                            const agent_effects_t *effects);

/* The packet of a RECEIPT effect, signed at this time. */
Kith__Packet *agent_seal_receipt(const agent_seal_t *self, kith_arena_t *arena, int64_t now_ms,
                                 const agent_effect_t *effect);
