/* What the core's files share. Nobody else includes this.
 *
 * One hub_peer a mailbox: the agency's session, what waits for it, what it was handed. Peers are
 * made when a name is first heard of (partnership file or store) and stay as long as the core, so
 * that a promise made before a reload still finds them. */
#pragma once

#include "base/bug.h"
#include "broker/broker_core.h"
#include "broker/policy.h"

/* Handed out and not TAKEN, one session, both lanes: one TAKEN can name them all. */
#define HUB_FLIGHT_MAX KITH_REPEATED_MAX
/* What one recipient may get in one turn, so that many recipients share it. */
#define HUB_PLACES     1024u
#define HUB_TURN_BYTES (4ull * 1024u * 1024u)
/* Above this the broker itself is the bottleneck: no new normal credit until below half. */
#define HUB_WAITING_MAX 8192u

/* One message handed to a recipient. */
typedef struct hub_flight {
    uint64_t token;
    uint64_t bytes;
    bool taken;
} hub_flight_t;

/* One lane of one mailbox. */
typedef struct hub_lane {
    mailbox_count_t stored;  /* as the mailbox says */
    mailbox_count_t pending; /* put, not yet committed */
    bool more;               /* something waits beyond `after` */
    uint64_t after;          /* the last token handed out in this session */
    bool fetching;           /* a FETCH is on its way … */
    uint64_t fetch_after;    /* … beyond this … */
    uint64_t fetch_bytes;    /* … with so much of the flight reserved */
    bool blocked;            /* the next item is larger than the credit left */
    size_t flight_first, flight_count, flight_capacity;
    hub_flight_t *flight; /* by token, rising: [first, first + count) */
    size_t flight_open;   /* of them not TAKEN */

    /* Refused, and its origin's mailbox has no room for the word: it stays until there is. */
    struct hub_peer *left_for; /* that origin; NULL: nothing was left */
    uint64_t left;             /* the first such token */
} hub_lane_t;

/* After LATER for number n of a stream, what lies above n waits for n. In-session memory: an agent
 * holds the stream itself; this only catches what it had already sent. */
typedef struct hub_hold {
    size_t recipient; /* index of a peer */
    int lane;
    uint64_t n;
    int64_t since_mono_ms;
} hub_hold_t;

typedef struct hub_peer {
    char id[KITH_NAME_MAX + 1];
    size_t index;
    kith_session_t session;
    uint64_t session_number;      /* counts the sessions of this peer */
    char key[KITH_KEY_NAME_SIZE]; /* the transport key of the session, or "" */
    uint32_t epoch;               /* of the agency, as its HELLO said */
    int64_t silent_since_ms;      /* wall clock; 0: not seen since the broker began */
    uint64_t flight_bytes;        /* both lanes */
    hub_lane_t lanes[KITH_LANES];
    size_t holds_count, holds_capacity;
    hub_hold_t *holds;
    mailbox_count_t promised[KITH_LANES]; /* of this session's PUBLISH, not yet committed */
} hub_peer_t;

/* ACCEPTED that waits for its batch. */
typedef struct hub_promise {
    uint64_t batch;
    size_t origin;    /* index of a peer … */
    uint64_t session; /* … and the number of its session: another one is not told */
    uint32_t epoch;
    int lane;
    uint64_t seq;
    uint64_t bytes;
    size_t recipients_count;
    uint32_t recipients[KITH_SLOTS_MAX]; /* indexes of peers */
} hub_promise_t;

struct broker_core {
    broker_settings_t settings;
    const kith_agreement_t *agreement;
    bool normal_fits, urgent_fits; /* the disk */
    bool congested;
    uint64_t in_flight_bytes; /* all sessions, and what fetches have reserved */

    size_t peers_count, peers_capacity;
    hub_peer_t **peers; /* in the order they were made */
    hub_peer_t **by_id; /* sorted */
    size_t next_peer;   /* whose turn it is to be served first */

    size_t promises_first, promises_count, promises_capacity;
    hub_promise_t *promises; /* by batch, rising: [first, first + count) */

    uint64_t scolded_route, scolded_batch; /* one BYE(HELLO_FIRST) a turn and route is enough */
    broker_stats_t stats;
};

/* One step: what came, and where its effects go. */
typedef struct hub_step {
    broker_core_t *core;
    kith_arena_t *arena;
    uint64_t open_batch;
    const broker_event_t *event;
    broker_effects_t *effects;
} hub_step_t;

/* ---- broker_core.c: peers, lists, effects ---- */

/* NULL when there is none. */
hub_peer_t *hub_peer_find(const broker_core_t *core, const char *id);
/* Made when there is none. */
hub_peer_t *hub_peer(broker_core_t *core, const char *id);
/* A member that has not left. */
bool hub_is_member(const broker_core_t *core, const char *id);
/* Room for one more element: moves live elements to the front, doubles when that is not enough. */
void *hub_room(void *items, size_t item_size, size_t *first, size_t count, size_t *capacity);

broker_effect_t *hub_effect(hub_step_t *step, broker_effect_type type);
Kith__Packet *hub_send(hub_step_t *step, uint64_t route, Kith__Packet__VerbCase verb);
void hub_alarm(hub_step_t *step, const char *what, const char *agency, Kith__Reason reason);
/* In the turn's arena: what comes with an event may be gone before the effect is performed. */
Kith__EnvelopeId *hub_envelope_id(hub_step_t *step, const char *origin, uint32_t epoch, int lane,
                                  uint64_t seq);
/* Lent by the core. */
ProtobufCBinaryData hub_store_epoch(broker_core_t *core);
/* REFUSED to route, or into the origin's mailbox when route is 0. Texts are copied. */
void hub_refuse(hub_step_t *step, uint64_t route, const Kith__EnvelopeId *id, const char *recipient,
                Kith__Reason reason, const char *clause);

/* ---- broker_core_session.c: HELLO, WELCOME, take-over, presence, credit, BYE ---- */

void hub_hello(hub_step_t *step, hub_peer_t *peer, const Kith__Hello *hello);
void hub_credit(hub_peer_t *peer, size_t count, Kith__LaneCredit *const *credit);
/* Ends the live session. reason 0: without BYE (it said so itself, or cannot be reached). */
void hub_end(hub_step_t *step, hub_peer_t *peer, Kith__Reason reason);
/* BYE to a route that has no session (any more). hangup: and nothing else, ever. */
void hub_bye(hub_step_t *step, uint64_t route, Kith__Reason reason, bool hangup);
/* 0, or why this agency with this key may have no session. */
Kith__Reason hub_admits(const broker_core_t *core, const char *agency, const char *key);
void hub_session_agreement(hub_step_t *step);
void hub_session_tick(hub_step_t *step);
int64_t hub_session_wait_ms(const broker_core_t *core, int64_t mono_ms);

/* ---- broker_core_publish.c: PUBLISH, its verdicts, COMMITTED ---- */

void hub_publish(hub_step_t *step, hub_peer_t *peer, const Kith__Publish *publish);
void hub_committed(hub_step_t *step);

/* ---- broker_core_deliver.c: fetching, handing out, TAKEN, receipts ---- */

void hub_backlog(hub_step_t *step);
void hub_fetch_plan(hub_step_t *step);
/* Could something be fetched now? */
bool hub_fetch_due(const broker_core_t *core);
void hub_fetched(hub_step_t *step);
void hub_taken(hub_step_t *step, hub_peer_t *peer, const Kith__Taken *taken);
void hub_receipt(hub_step_t *step, hub_peer_t *peer, const Kith__ReceiptPacket *packet);
/* A new session begins: nothing was handed out in it. Also when it ends. */
void hub_flight_clear(broker_core_t *core, hub_peer_t *peer);
/* Stored and not handed out. */
uint64_t hub_waiting(const hub_peer_t *peer, int lane);
/* What waits for agencies that are no members any more is read, refused and freed. */
void hub_purge_begin(broker_core_t *core);
