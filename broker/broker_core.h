/* The broker's decisions: sessions, verdicts, credit, delivery. Pure.
 *
 * Event in, effects out. The core has no socket, file, clock, key or random source; the loop feeds
 * it what happened and performs what it asks for, in order. One turn:
 *
 *   each packet: step(PACKET) → PUT and DONE into the open batch, which is then flushed
 *   while the disk works: step(TICK) → each FETCH: mailbox_next → step(FETCHED) → PUT and DONE into
 *   the next batch; SEND, REFUSE, DELIVER, HANGUP of these steps, in order
 *   when it is durable: step(COMMITTED) → step(BACKLOG) of each mailbox lane that the batch touched
 *   SEND, REFUSE, HANGUP of the packets and of these steps, in order; a TICK follows soon
 *
 * When a session has begun or a member has left, the commit is waited for first.
 *
 * FETCH comes from TICK only: one place decides who is served next. A verdict that speaks of a
 * commit is held inside until COMMITTED names its batch, so ACCEPTED can not leave before the disk
 * has it. After a failed flush the loop destroys the core and makes a new one; agents then say
 * HELLO again and send what has no receipt.
 *
 * Memory: what an event borrows is borrowed for the step; what an effect points to lives in the
 * turn's arena (or in the event). The core keeps no pointer across a step. */
#pragma once

#include "base/agreement.h"
#include "base/arena.h"
#include "base/envelope.h"
#include "base/session.h"
#include "broker/mailbox.h"
#include "kith.pb-c.h"

typedef struct broker_core broker_core_t;

typedef struct broker_settings {
    const char *id;
    int64_t liveness_ms;
    uint64_t mailbox_messages_max;
    uint64_t mailbox_bytes_max;
    uint8_t store_epoch[16];
} broker_settings_t;

typedef enum broker_event_type {
    BROKER_EV_PACKET,    /* from a peer whose key named an agency */
    BROKER_EV_COMMITTED, /* all batches up to `batch` are durable */
    BROKER_EV_FETCHED,   /* answers BROKER_FX_FETCH */
    BROKER_EV_BACKLOG,   /* what one mailbox lane holds: at start, and after each commit */
    BROKER_EV_AGREEMENT, /* the partnership file was read anew */
    BROKER_EV_LOST,      /* the link can no longer send to this route */
    BROKER_EV_TICK,      /* time has passed; also each turn */
    BROKER_EV_DISK,      /* statvfs: is there room for normal, for urgent? */
    BROKER_EV_STOP,      /* SIGTERM: say BYE to all */
} broker_event_type;

typedef struct broker_event {
    broker_event_type type;
    int64_t now_ms;  /* wall clock: display and statements only */
    int64_t mono_ms; /* everything else */
    union {
        struct {
            const char *agency; /* from the key, never from a field */
            const char *key;    /* the transport key's name, or as much of it as is known: it must
                                 * be current still. NULL: only the agency is checked */
            uint64_t route;
            Kith__Packet *packet; /* NULL: what came cannot be decoded */
            /* PUBLISH: what the loop found out with keys, before this step */
            const Kith__Header *header; /* NULL when verdict is MALFORMED */
            kith_digest_t digest;
            Kith__Reason verdict; /* 0: the signature fits and its key is allowed */
            kith_bytes_t
                envelope;         /* the Envelope's bytes: for the mailbox, and counted as credit */
            kith_bytes_t receipt; /* RECEIPT: the ReceiptPacket's bytes */
            kith_digest_t receipt_digest;
        } packet;
        struct {
            uint64_t batch;
        } committed;
        struct {
            const char *agency;
            int lane;
            size_t count;
            const mailbox_item_t *items;
            /* per item: the header when it has to be judged again (an envelope whose judged_version
             * is not the agreement's), else NULL; and whether its key still verifies. Both may be
             * NULL when no item has to be */
            Kith__Header *const *headers;
            const Kith__Reason *verdicts;
            bool exhausted; /* it is known that nothing waits beyond these; may be false though */
        } fetched;
        struct {
            const char *agency;
            int lane;
            mailbox_count_t count;
        } backlog;
        struct {
            const kith_agreement_t *agreement;
        } agreement;
        struct {
            uint64_t route;
        } lost;
        struct {
            bool normal_fits, urgent_fits;
        } disk;
    };
} broker_event_t;

typedef enum broker_effect_type {
    BROKER_FX_PUT,     /* into the open batch */
    BROKER_FX_DONE,    /* into the open batch */
    BROKER_FX_FETCH,   /* mailbox_next, then BROKER_EV_FETCHED (after the flush) */
    BROKER_FX_SEND,    /* pack into a frame to route */
    BROKER_FX_REFUSE,  /* sign the statement; then SEND it as REFUSED, or PUT it (`mailbox`) */
    BROKER_FX_DELIVER, /* SEND, but the item's body goes as it is into DELIVER / RECEIPT / REFUSED
                        */
    BROKER_FX_HANGUP,  /* nothing more will be sent to route; the link may forget it */
    BROKER_FX_ALARM,   /* log it: a clone, a bad signature, credit exceeded … ids only */
} broker_effect_type;

typedef struct broker_effect {
    broker_effect_type type;
    union {
        mailbox_put_t put;
        struct {
            const char *agency;
            uint64_t token;
        } done;
        struct {
            const char *agency;
            int lane;
            uint64_t after_token;
            size_t items_max;
            uint64_t bytes_max;
        } fetch;
        struct {
            uint64_t route;
            Kith__Packet *packet;
        } send;
        struct {
            uint64_t route; /* 0: into the origin's mailbox */
            const char *origin;
            int lane;
            Kith__Refusal *refusal; /* without made_ms and signing_key: the loop adds them */
        } refuse;
        struct {
            uint64_t route;
            const mailbox_item_t *item;
        } deliver;
        struct {
            uint64_t route;
        } hangup;
        struct {
            const char *what;
            const char *agency;
            Kith__Reason reason;
        } alarm;
    };
} broker_effect_t;

typedef struct broker_effects {
    size_t count, capacity;
    broker_effect_t *items; /* in the turn's arena */
} broker_effects_t;

/* settings: copied, the id borrowed. agreement: borrowed until BROKER_EV_AGREEMENT brings another.
 */
broker_core_t *broker_core_new(const broker_settings_t *settings,
                               const kith_agreement_t *agreement);
void broker_core_destroy(broker_core_t **self_p);

/* Appends to *effects in order. Never fails: what is wrong with the input is answered by an effect.
 * The effects of one step belong to the batch that is open when it runs: `open_batch`. */
void broker_core_step(broker_core_t *self, kith_arena_t *arena, uint64_t open_batch,
                      const broker_event_t *event, broker_effects_t *effects);

/* Is this the route of the agency's live session? What comes on another is not looked at, so its
 * signatures need not be checked. */
bool broker_core_is_live(const broker_core_t *self, const char *agency, uint64_t route);

/* How long the loop may wait for the next TICK; 0 when there is more to fetch. */
int64_t broker_core_wait_ms(const broker_core_t *self, int64_t mono_ms);

/* Counters and sessions, for status and tests. */
typedef struct broker_stats {
    uint64_t published, accepted, refused, later, stale, delivered, taken, bad, receipts;
    uint64_t frames_ignored, clones, sessions;
    uint64_t in_flight_bytes;
} broker_stats_t;
void broker_core_stats(const broker_core_t *self, broker_stats_t *ret_stats);
