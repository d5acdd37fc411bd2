/* A broker core in a small world: three agencies and one that left, packets said in one line each,
 * effects taken one by one. What a test does not take, world_settled finds.
 *
 * Agencies: police, housing, social-care (epoch 1; version 3 of the agreement), charity (left).
 * Clause 4.1: police may send `event` to all. Clause 4.2: all may send `safeguarding` to all.
 * Routes: police 1, housing 2, social-care 3, unless a test says otherwise. */
#pragma once

#include "broker/broker_core.h"

#define REASON(name) KITH__REASON__REASON_##name
#define VERB(name)   KITH__PACKET__VERB_##name

enum { POLICE = 1, HOUSING = 2, SOCIAL = 3 };

typedef struct world {
    broker_core_t *core;
    broker_settings_t settings;
    kith_agreement_t *agreement;
    kith_arena_t *arena;
    uint64_t batch;
    int64_t mono_ms, now_ms;
    broker_effects_t effects;
    size_t effects_capacity;
    bool *taken; /* one an effect */
} world_t;

world_t *world_new(void);
/* As above, with other settings of the core: fill w->settings, then world_begin. */
world_t *world_prepared(void);
void world_begin(world_t *w);
void world_destroy(world_t *w);

kith_agency_t *world_agency(world_t *w, const char *id);
/* The next version of the agreement: a copy the test may change, then world_agree. */
kith_agreement_t *world_next_agreement(world_t *w);
void world_agree(world_t *w, kith_agreement_t *agreement);

/* ---- events ---- */
void world_step(world_t *w, broker_event_t event);
void world_packet(world_t *w, const char *agency, uint64_t route, Kith__Packet *packet);
Kith__Packet *world_verb(world_t *w, Kith__Packet__VerbCase verb);

typedef struct hello_with {
    uint32_t protocol, version, epoch; /* 0: right */
    const char *partnership, *agency, *key;
    uint64_t boot, dial;      /* 0: 1 */
    uint8_t instance;         /* every byte of it */
    size_t instance_size;     /* 0: 16 */
    uint64_t messages, bytes; /* credit of each lane; 0: none */
} hello_with_t;
void world_hello(world_t *w, const char *agency, uint64_t route, hello_with_t with);
/* HELLO with full credit, and all that it draws is taken. */
void world_join(world_t *w, const char *agency, uint64_t route);

typedef struct publish_with {
    int lane;
    uint64_t seq, n;         /* n: in every stream; 0: as seq; seq 0: 1 */
    size_t size;             /* of the envelope; 0: 1,000 */
    uint32_t version, epoch; /* 0: right */
    uint32_t slot_epoch;     /* 0: 1 */
    const char *partnership, *origin, *topic_class, *clause; /* NULL: right */
    const char *to[4];                                       /* slots; none: social-care */
    const char *owed[4];                                     /* none: the slots */
    Kith__Reason verdict;
    bool void_, exercise, unreadable;
} publish_with_t;
void world_publish(world_t *w, const char *agency, uint64_t route, publish_with_t with);

void world_taken(world_t *w, const char *agency, uint64_t route, uint64_t token, Kith__Reason bad);
void world_credit(world_t *w, const char *agency, uint64_t route, int lane, uint64_t messages,
                  uint64_t bytes);
typedef struct receipt_with {
    const char *recipient, *origin, *packet_origin, *partnership; /* NULL: right */
    Kith__Lane lane, packet_lane;                                 /* 0: urgent */
    bool garbled, streamless;
} receipt_with_t;
void world_receipt(world_t *w, const char *agency, uint64_t route, receipt_with_t with);
/* The open batch is durable; the next one is open. */
void world_commit(world_t *w);
void world_backlog(world_t *w, const char *agency, int lane, uint64_t messages, uint64_t bytes,
                   uint64_t others);
void world_tick(world_t *w, int64_t later_ms);
void world_disk(world_t *w, bool normal_fits, bool urgent_fits);

/* Answers the FETCH with items of these tokens, 1,000 bytes each unless the size is given. */
typedef struct fetched_with {
    int lane;
    size_t count;
    uint64_t tokens[4];
    mailbox_kind kind; /* 0: envelopes */
    size_t size;
    bool more;             /* not exhausted */
    bool again;            /* judged under an older version: with headers … */
    publish_with_t header; /* … like this one … */
    const char *origin;    /* … of this origin; NULL: police */
    bool headerless;       /* … which cannot be read */
    Kith__Reason verdict;
} fetched_with_t;
void world_fetched(world_t *w, const char *agency, fetched_with_t with);

/* ---- effects: each call takes one; a missing one fails the test ---- */
broker_effect_t *world_effect(world_t *w, broker_effect_type type);
Kith__Packet *world_sent(world_t *w, uint64_t route, Kith__Packet__VerbCase verb);
void world_sent_bye(world_t *w, uint64_t route, Kith__Reason reason);
void world_sent_presence(world_t *w, uint64_t route, const char *agency, bool connected);
void world_sent_later(world_t *w, uint64_t route, uint64_t seq, const char *recipient,
                      Kith__Reason reason);
void world_sent_accepted(world_t *w, uint64_t route, uint64_t seq, size_t recipients);
void world_hung_up(world_t *w, uint64_t route);
void world_alarmed(world_t *w, const char *what, const char *agency);
void world_refused(world_t *w, uint64_t route, const char *recipient, Kith__Reason reason,
                   const char *clause);
broker_effect_t *world_put(world_t *w, mailbox_kind kind);
void world_done(world_t *w, const char *agency, uint64_t token);
broker_effect_t *world_fetch(world_t *w, const char *agency, int lane);
void world_delivered(world_t *w, uint64_t route, uint64_t token);
/* Takes whatever was sent to a route with this verb; how many. */
size_t world_skip(world_t *w, Kith__Packet__VerbCase verb);
/* Nothing is left untaken. */
void world_settled(world_t *w);
broker_stats_t world_stats(world_t *w);
