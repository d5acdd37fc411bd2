#include "bench/kith_sealed.h"

#include "base/bug.h"
#include "base/wire.h"
#include "io/clock.h"

#include <stdlib.h>
#include <string.h>

/* Packets differ by a few bytes only: numbers grow, and the last batch's path is shorter. */
#define STRIDE_SLACK 64u
/* A batch of the largest envelopes, with what making them needs. */
#define ARENA_BYTES_MAX (512u * 1024u * 1024u)

struct kith_sealed {
    size_t count, stride;
    uint32_t *sizes;
    uint8_t *packets; /* one every `stride` bytes */
};

typedef struct maker {
    const kith_keys_t *keys;
    const kith_agreement_t *agreement;
    const kith_sealed_plan_t *plan;
    seal_cache_t *cache;
    kith_arena_t *arena;
} maker_t;

static char *text(const maker_t *m, const char *name)
{
    return kith_arena_str(m->arena, name);
}

static Kith__Header *header_make(const maker_t *m, uint64_t seq)
{
    const kith_sealed_plan_t *plan = m->plan;
    Kith__Header *header = kith_arena_need(m->arena, sizeof *header);
    kith__header__init(header);
    header->partnership = text(m, m->agreement->partnership);
    header->partnership_version = m->agreement->version;
    header->id = kith_arena_need(m->arena, sizeof *header->id);
    kith__envelope_id__init(header->id);
    header->id->origin = text(m, plan->origin);
    header->id->epoch = 1;
    header->id->lane = KITH__LANE__LANE_NORMAL;
    header->id->seq = seq;
    header->topic_class = text(m, m->agreement->topics[0].topic_class);
    header->clause = text(m, m->agreement->clauses[0].id);
    header->created_ms = clock_wall_ms();
    header->n_slots = plan->recipients_count;
    header->slots = kith_arena_need(m->arena, plan->recipients_count * sizeof *header->slots);
    for (size_t i = 0; i < plan->recipients_count; i++) {
        Kith__Slot *slot = header->slots[i] = kith_arena_need(m->arena, sizeof *slot);
        kith__slot__init(slot);
        slot->agency = text(m, plan->recipients[i]);
        slot->epoch = 1;
        slot->n = seq;
    }
    return header;
}

static kith_bytes_t packet_make(const maker_t *m, Kith__Envelope *envelope)
{
    Kith__Publish publish = KITH__PUBLISH__INIT;
    Kith__Packet packet = KITH__PACKET__INIT;
    publish.envelope = envelope;
    publish.n_owed = m->plan->recipients_count;
    publish.owed = kith_arena_need(m->arena, publish.n_owed * sizeof *publish.owed);
    for (size_t i = 0; i < publish.n_owed; i++)
        publish.owed[i] = text(m, m->plan->recipients[i]);
    packet.verb_case = KITH__PACKET__VERB_PUBLISH;
    packet.publish = &publish;
    return KITH_PACK(m->arena, &packet);
}

static void keep(kith_sealed_t *self, size_t index, kith_bytes_t packet)
{
    if (!self->packets) {
        self->stride = packet.size + STRIDE_SLACK;
        self->packets = malloc(self->count * self->stride);
        KITH_ASSERT(self->packets);
    }
    KITH_ASSERT(packet.size <= self->stride);
    memcpy(self->packets + index * self->stride, packet.data, packet.size);
    self->sizes[index] = (uint32_t)packet.size;
}

/* One signature for all of these. */
static void batch_make(kith_sealed_t *self, const maker_t *m, size_t first, size_t count)
{
    seal_job_t jobs[KITH_BATCH_MAX] = {0};
    kith_arena_reset(m->arena);
    uint8_t *said = kith_arena_need(m->arena, m->plan->text_bytes);
    keys_random(said, m->plan->text_bytes);
    for (size_t i = 0; i < count; i++) {
        jobs[i].header = header_make(m, (m->plan->first ? m->plan->first : 1) + first + i);
        jobs[i].notice = (kith_bytes_t){said, m->plan->text_bytes};
    }
    seal_batch(m->cache, m->keys, m->agreement, m->arena, jobs, count);
    for (size_t i = 0; i < count; i++)
        keep(self, first + i, packet_make(m, jobs[i].ret_envelope));
}

kith_sealed_t *kith_sealed_make(const kith_keys_t *keys, const kith_agreement_t *agreement,
                                const kith_sealed_plan_t *plan)
{
    kith_sealed_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self && plan->batch > 0 && plan->batch <= KITH_BATCH_MAX);
    maker_t maker = {.keys = keys,
                     .agreement = agreement,
                     .plan = plan,
                     .cache = seal_cache_new(),
                     .arena = kith_arena_new(ARENA_BYTES_MAX)};
    self->count = plan->count;
    self->sizes = calloc(plan->count, sizeof *self->sizes);
    KITH_ASSERT(self->sizes);
    for (size_t first = 0; first < plan->count; first += plan->batch) {
        size_t left = plan->count - first;
        batch_make(self, &maker, first, left < plan->batch ? left : plan->batch);
    }
    kith_arena_destroy(&maker.arena);
    seal_cache_destroy(&maker.cache);
    return self;
}

void kith_sealed_destroy(kith_sealed_t **self_p)
{
    if (!*self_p)
        return;
    free((*self_p)->packets);
    free((*self_p)->sizes);
    free(*self_p);
    *self_p = NULL;
}

kith_bytes_t kith_sealed_packet(const kith_sealed_t *self, size_t index)
{
    KITH_ASSERT(index < self->count);
    return (kith_bytes_t){self->packets + index * self->stride, self->sizes[index]};
}

kith_bytes_t kith_sealed_envelope(const kith_sealed_t *self, size_t index)
{
    static const uint32_t path[] = {3, 1}; /* Packet.publish, Publish.envelope */
    kith_wire_field_t field;
    bool found = kith_wire_find_at(kith_sealed_packet(self, index), path, 2, &field);
    KITH_ASSERT(found);
    return field.bytes;
}
