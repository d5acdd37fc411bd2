/* The crypto that ships, for a whole world: keys of its agencies and brokers, sealing, opening. */
#pragma once

#include "tests/lib/world.h"

typedef struct crypto crypto_t;

/* Makes the keys and puts their public halves
 * into the world's newest agreement, which must not have been given out yet. */
crypto_t *crypto_new(world_t *w);
void crypto_destroy(crypto_t **self_p);

/* For world_kit_t; the world's crypto is found by `crypto_of`, which the kit's owner gives. */
crypto_t *crypto_of(world_t *w);
void crypto_event(world_t *w, size_t agent, kith_arena_t *arena, size_t broker,
                  Kith__Packet *packet, agent_event_t *event);
void crypto_seal(world_t *w, size_t agent, kith_arena_t *arena, const agent_effects_t *seals,
                 Kith__Envelope **ret_envelopes, kith_digest_t *ret_digests);
Kith__Packet *crypto_receipt(world_t *w, size_t agent, kith_arena_t *arena, int64_t now_ms,
                             const agent_effect_t *effect);
Kith__Reason crypto_verify(world_t *w, size_t broker, kith_arena_t *arena,
                           const Kith__Envelope *envelope, Kith__Header **ret_header,
                           kith_digest_t *ret_digest);
Kith__Signed *crypto_refusal(world_t *w, size_t broker, kith_arena_t *arena,
                             Kith__Refusal *refusal);
