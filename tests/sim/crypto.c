/* What agents/agent_seal and the broker's loop do with keys, for the world's agents and brokers. */
#include "tests/sim/crypto.h"

#include "agents/agent_seal.h"
#include "tests/lib/scratch.h"

struct crypto {
    agent_seal_t agents[WORLD_AGENTS_MAX];
    struct {
        seal_cache_t *cache;
        kith_keys_t *keys;
        char name[KITH_KEY_NAME_SIZE];
    } brokers[WORLD_BROKERS_MAX];
};

/* ---- keys ---- */

static kith_keys_t *make_keys(const scratch_t *scratch, size_t holder)
{
    char name[16], folder[SCRATCH_PATH_SIZE];
    const char *path = NULL;
    kith_keys_t *keys = NULL;
    bool seals = holder < WORLD_AGENTS_MAX;
    (void)snprintf(name, sizeof name, "%zu", holder);
    scratch_path(scratch, name, folder);
    kith_err err = keys_make(folder, seals);
    KITH_ASSERT(err == KITH_OK);
    err = keys_load(folder, seals, &keys, &path);
    KITH_ASSERT(err == KITH_OK);
    return keys;
}

static void put_key(kith_keyring_t *ring, const kith_keys_t *keys, keys_kind kind)
{
    *ring = (kith_keyring_t){.count = 1};
    memcpy(ring->keys[0].key, keys_public(keys, kind), sizeof ring->keys[0].key);
    keys_name(ring->keys[0].key, ring->keys[0].name);
}

static void put_brokers(crypto_t *self, world_t *w, kith_agreement_t *agreement)
{
    agreement->brokers_count = w->brokers_count;
    agreement->brokers = kith_arena_need(w->arena, w->brokers_count * sizeof *agreement->brokers);
    for (size_t i = 0; i < w->brokers_count; i++) {
        kith_broker_entry_t *entry = &agreement->brokers[i];
        entry->id = w->brokers[i].id;
        entry->endpoint = "tcp://127.0.0.1:1";
        put_key(&entry->signing, self->brokers[i].keys, KEYS_SIGNING);
        put_key(&entry->transport, self->brokers[i].keys, KEYS_TRANSPORT);
        memcpy(self->brokers[i].name, entry->signing.keys[0].name, KITH_KEY_NAME_SIZE);
    }
}

static void put_agencies(crypto_t *self, world_t *w, kith_agreement_t *agreement)
{
    for (size_t i = 0; i < w->agents_count; i++) {
        kith_agency_t *agency = &agreement->agencies[i];
        const kith_keys_t *keys = self->agents[i].keys;
        put_key(&agency->transport, keys, KEYS_TRANSPORT);
        put_key(&agency->signing, keys, KEYS_SIGNING);
        put_key(&agency->sealing, keys, KEYS_SEALING);
    }
}

crypto_t *crypto_new(world_t *w)
{
    scratch_t scratch;
    crypto_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self && scratch_make(&scratch));
    for (size_t i = 0; i < w->agents_count; i++)
        self->agents[i] = (agent_seal_t){.agency = w->agents[i].id,
                                         .brokers_count = w->brokers_count,
                                         .brokers = w->agents[i].brokers,
                                         .keys = make_keys(&scratch, i),
                                         .cache = seal_cache_new()};
    for (size_t i = 0; i < w->brokers_count; i++) {
        self->brokers[i].keys = make_keys(&scratch, WORLD_AGENTS_MAX + i);
        self->brokers[i].cache = seal_cache_new();
    }
    scratch_remove(&scratch);
    kith_agreement_t *agreement = (kith_agreement_t *)(uintptr_t)w->agreement;
    put_agencies(self, w, agreement);
    put_brokers(self, w, agreement);
    return self;
}

void crypto_destroy(crypto_t **self_p)
{
    crypto_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < WORLD_AGENTS_MAX; i++) {
        kith_keys_t *keys = (kith_keys_t *)(uintptr_t)self->agents[i].keys;
        keys_destroy(&keys);
        seal_cache_destroy(&self->agents[i].cache);
    }
    for (size_t i = 0; i < WORLD_BROKERS_MAX; i++) {
        keys_destroy(&self->brokers[i].keys);
        seal_cache_destroy(&self->brokers[i].cache);
    }
    free(self);
    *self_p = NULL;
}

/* ---- the kit ---- */

static const agent_seal_t *seal_of(world_t *w, size_t agent)
{
    agent_seal_t *seal = &crypto_of(w)->agents[agent];
    seal->agreement = w->agents[agent].agreement;
    return seal;
}

void crypto_event(world_t *w, size_t agent, kith_arena_t *arena, size_t broker,
                  Kith__Packet *packet, agent_event_t *event)
{
    agent_seal_event(seal_of(w, agent), arena, broker, packet, event);
}

void crypto_seal(world_t *w, size_t agent, kith_arena_t *arena, const agent_effects_t *seals,
                 Kith__Envelope **ret_envelopes, kith_digest_t *ret_digests)
{
    const seal_job_t *jobs = agent_seal_jobs(seal_of(w, agent), arena, seals);
    for (size_t i = 0; i < seals->count; i++) {
        ret_envelopes[i] = jobs[i].ret_envelope;
        ret_digests[i] = jobs[i].ret_digest;
    }
}

Kith__Packet *crypto_receipt(world_t *w, size_t agent, kith_arena_t *arena, int64_t now_ms,
                             const agent_effect_t *effect)
{
    return agent_seal_receipt(seal_of(w, agent), arena, now_ms, effect);
}

Kith__Reason crypto_verify(world_t *w, size_t broker, kith_arena_t *arena,
                           const Kith__Envelope *envelope, Kith__Header **ret_header,
                           kith_digest_t *ret_digest)
{
    return seal_verify(crypto_of(w)->brokers[broker].cache, w->brokers[broker].agreement, arena,
                       envelope, ret_header, ret_digest);
}

Kith__Signed *crypto_refusal(world_t *w, size_t broker, kith_arena_t *arena, Kith__Refusal *refusal)
{
    crypto_t *self = crypto_of(w);
    refusal->made_ms = w->now_ms + w->brokers[broker].ahead_ms;
    refusal->signing_key = self->brokers[broker].name;
    return seal_sign(self->brokers[broker].keys, arena, KITH_TAG_REFUSAL,
                     KITH_PACK(arena, refusal));
}
