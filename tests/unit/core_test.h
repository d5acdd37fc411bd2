/* What the tests of agents/core share: a world, a tap on its wires, and packets made by hand. */
#pragma once

#include "tests/lib/fake_seal.h"
#include "tests/lib/toy_hash.h"
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERB(name)    KITH__PACKET__VERB_##name
#define REASON(name)  KITH__REASON__REASON_##name
#define OUTCOME(name) KITH__OUTCOME__OUTCOME_##name

enum { POLICE, HOUSING, SOCIAL, HEALTH };
enum { URGENT = KITH_LANE_URGENT, NORMAL = KITH_LANE_NORMAL };

#define TAP_MAX 8192u

/* What went over the wires, in order; and what is kept from going. */
typedef struct tap {
    size_t count;
    struct {
        bool to_broker;
        size_t agent, broker;
        Kith__Packet *packet;
    } seen[TAP_MAX];
    Kith__Packet__VerbCase drop; /* this verb is lost … */
    bool drop_to_broker;         /* … in this direction … */
    size_t drop_agent;           /* … of this agent … */
    size_t drops;                /* … so many times */
} tap_t;

static inline bool tap_filter(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                              kith_arena_t *arena, Kith__Packet *packet)
{
    tap_t *tap = ctx;
    (void)arena;
    if (tap->drops && packet->verb_case == tap->drop && to_broker == tap->drop_to_broker &&
        agent == tap->drop_agent) {
        tap->drops--;
        return false;
    }
    kith_bytes_t packed = KITH_PACK(w->arena, packet);
    KITH_ASSERT(tap->count < TAP_MAX);
    tap->seen[tap->count].to_broker = to_broker;
    tap->seen[tap->count].agent = agent;
    tap->seen[tap->count].broker = broker;
    tap->seen[tap->count++].packet =
        kith__packet__unpack(kith_arena_allocator(w->arena), packed.size, packed.data);
    return true;
}

static inline void tap_on(world_t *w, tap_t *tap)
{
    memset(tap, 0, sizeof *tap);
    w->filter = tap_filter;
    w->filter_ctx = tap;
}

static inline void tap_drop(tap_t *tap, size_t agent, bool to_broker, Kith__Packet__VerbCase verb,
                            size_t times)
{
    tap->drop = verb;
    tap->drop_to_broker = to_broker;
    tap->drop_agent = agent;
    tap->drops = times;
}

/* The index-th of this verb that an agent sent; NULL: there were fewer. */
static inline const Kith__Packet *tap_sent(const tap_t *tap, size_t agent,
                                           Kith__Packet__VerbCase verb, size_t index)
{
    for (size_t i = 0; i < tap->count; i++)
        if (tap->seen[i].to_broker && tap->seen[i].agent == agent &&
            tap->seen[i].packet->verb_case == verb && index-- == 0)
            return tap->seen[i].packet;
    return NULL;
}

static inline size_t tap_sent_count(const tap_t *tap, size_t agent, size_t broker,
                                    Kith__Packet__VerbCase verb)
{
    size_t count = 0;
    for (size_t i = 0; i < tap->count; i++)
        count += tap->seen[i].to_broker && tap->seen[i].agent == agent &&
                 tap->seen[i].broker == broker && tap->seen[i].packet->verb_case == verb;
    return count;
}

static inline Kith__Header *header_in(world_t *w, const Kith__Envelope *envelope)
{
    Kith__Header *header = NULL;
    const char *field = NULL;
    assert_int_equal(kith_header_decode(w->arena, record_bytes(envelope->header), &header, &field),
                     KITH_OK);
    return header;
}

/* Of the index-th PUBLISH. */
static inline Kith__Header *tap_published(world_t *w, const tap_t *tap, size_t agent, size_t index)
{
    const Kith__Packet *packet = tap_sent(tap, agent, VERB(PUBLISH), index);
    assert_non_null(packet);
    return header_in(w, packet->publish->envelope);
}

static inline Kith__Receipt *tap_receipt(world_t *w, const tap_t *tap, size_t agent, size_t index)
{
    const Kith__Packet *packet = tap_sent(tap, agent, VERB(RECEIPT), index);
    assert_non_null(packet);
    ProtobufCBinaryData statement = packet->receipt->receipt->statement;
    return kith__receipt__unpack(kith_arena_allocator(w->arena), statement.len, statement.data);
}

/* ---- a world that has met ---- */

static inline world_t *begun(size_t agents, size_t brokers)
{
    world_t *w = world_new(agents, brokers);
    world_settle(w);
    assert_null(w->wrong);
    return w;
}

static inline void end(world_t *w)
{
    if (w->wrong)
        fail_msg("%s", w->wrong);
    world_destroy(&w);
    assert_null(w);
}

/* And everything has come to its end. */
static inline void end_quiet(world_t *w)
{
    (void)world_check(w);
    end(w);
}

typedef struct said {
    uint8_t id[16];
} said_t;

static inline said_t say_what(world_t *w, size_t agent, world_submit_t what)
{
    said_t said;
    agent_submitted_t submitted = {0};
    assert_int_equal(world_submit(w, agent, &what, &submitted), KITH_OK);
    assert_int_equal(submitted.err, KITH_OK);
    memcpy(said.id, submitted.id, sizeof said.id);
    return said;
}

static inline said_t say(world_t *w, size_t agent, int lane, size_t to)
{
    const char *name = w->agents[to].id;
    return say_what(w, agent, (world_submit_t){.to = &name, .to_count = 1, .lane = lane});
}

static inline Kith__Store__Debt debt_of(world_t *w, size_t agent, said_t said, size_t to)
{
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
    assert_true(world_debt(w, agent, said.id, w->agents[to].id, &debt));
    return debt;
}

static inline void assert_outcome(world_t *w, size_t agent, said_t said, size_t to,
                                  Kith__Outcome outcome, Kith__Reason reason)
{
    Kith__Store__Debt debt = debt_of(w, agent, said, to);
    assert_int_equal(debt.outcome, outcome);
    assert_int_equal(debt.reason, reason);
}

static inline agent_stats_t stats_of(const world_t *w, size_t agent)
{
    agent_stats_t stats;
    agent_core_stats(w->agents[agent].core, &stats);
    return stats;
}

static inline size_t told_count(world_t *w, size_t agent)
{
    return (size_t)world_rows(w, agent, WORLD_TABLE_TOLD);
}

static inline world_told_t told(world_t *w, size_t agent, uint64_t index)
{
    world_told_t result;
    assert_true(world_told(w, agent, index, &result));
    return result;
}

/* ---- packets made by hand ---- */

static inline void inject(world_t *w, size_t agent, size_t broker, const Kith__Packet *packet)
{
    assert_true(w->agents[agent].links[broker].up);
    world_queue_push(&w->agents[agent].links[broker].to_agent, KITH_PACK(w->arena, packet));
}

typedef struct made {
    const char *origin; /* "police" */
    uint32_t epoch;     /* 1 */
    int lane;
    uint64_t seq; /* n */
    uint64_t n;
    const char *to;                /* "housing" */
    uint32_t to_epoch;             /* 1 */
    const kith_digest_t *replaces; /* a void of this */
    const uint8_t *id;             /* of the notice; made of n when NULL */
    const char *kind;
    bool again, forged;
    const char *sealing_key; /* instead of the right one */
    int64_t created_ms, expires_ms;
} made_t;

static inline kith_bytes_t make_notice_bytes(world_t *w, const made_t *m)
{
    Kith__Notice notice = KITH__NOTICE__INIT;
    Kith__Event body = KITH__EVENT__INIT;
    uint8_t id[16] = {(uint8_t)m->n, (uint8_t)(m->n >> 8), (uint8_t)m->lane, [15] = 99};
    notice.id = (ProtobufCBinaryData){16, m->id ? (uint8_t *)(uintptr_t)m->id : id};
    notice.origin = (char *)(uintptr_t)(m->origin ? m->origin : "police");
    notice.expires_ms = m->expires_ms;
    notice.body_case = KITH__NOTICE__BODY_EVENT;
    notice.event = &body;
    body.kind = (char *)(uintptr_t)(m->kind ? m->kind : "call-out");
    return KITH_PACK(w->arena, &notice);
}

static inline Kith__Header *make_header(world_t *w, const made_t *m)
{
    Kith__Header *h = kith_arena_need(w->arena, sizeof *h);
    kith__header__init(h);
    h->partnership = kith_arena_str(w->arena, w->agreement->partnership);
    h->partnership_version = w->agreement->version;
    h->id = kith_arena_need(w->arena, sizeof *h->id);
    kith__envelope_id__init(h->id);
    h->id->origin = kith_arena_str(w->arena, m->origin ? m->origin : "police");
    h->id->epoch = m->epoch ? m->epoch : 1;
    h->id->lane = kith_lane_of(m->lane);
    h->id->seq = m->seq ? m->seq : m->n;
    h->created_ms = m->created_ms ? m->created_ms : w->now_ms;
    h->slots = kith_arena_need(w->arena, sizeof(Kith__Slot *));
    h->n_slots = 1;
    h->slots[0] = kith_arena_need(w->arena, sizeof(Kith__Slot));
    kith__slot__init(h->slots[0]);
    h->slots[0]->agency = kith_arena_str(w->arena, m->to ? m->to : "housing");
    h->slots[0]->epoch = m->to_epoch ? m->to_epoch : 1;
    h->slots[0]->n = m->n;
    if (m->replaces) {
        h->void_ = kith_arena_need(w->arena, sizeof *h->void_);
        kith__void__init(h->void_);
        h->void_->replaces = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)m->replaces->bytes};
        h->void_->reason = REASON(SEALED_ANEW);
    } else {
        h->topic_class = kith_arena_str(w->arena, "event");
        h->clause = kith_arena_str(w->arena, "4.1");
    }
    return h;
}

/* An envelope as its origin would make it, or nearly. */
static inline Kith__Envelope *make_envelope(world_t *w, made_t m, kith_digest_t *ret_digest)
{
    kith_agreement_t keys = *w->agreement;
    kith_agency_t agency = *world_agency(&keys, m.to ? m.to : "housing");
    agent_seal_job_t job = {.header = make_header(w, &m), .again = m.again};
    Kith__Envelope *envelope = NULL;
    if (m.sealing_key) {
        (void)snprintf(agency.sealing.keys[0].name, KITH_KEY_NAME_SIZE, "%s", m.sealing_key);
        keys.agencies = &agency;
        keys.agencies_count = 1;
    }
    if (!m.replaces)
        job.notice = make_notice_bytes(w, &m);
    fake_seal(w->arena, &keys, &job, &envelope, ret_digest);
    if (m.forged)
        fake_forge(w->arena, envelope);
    return envelope;
}

static inline kith_digest_t deliver(world_t *w, size_t agent, size_t broker, made_t m)
{
    kith_digest_t digest;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver body = KITH__DELIVER__INIT;
    body.token = 1000000 + m.n;
    body.envelope = make_envelope(w, m, &digest);
    packet.verb_case = VERB(DELIVER);
    packet.deliver = &body;
    inject(w, agent, broker, &packet);
    return digest;
}
