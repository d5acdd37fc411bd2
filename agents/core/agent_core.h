/* The agent's decisions: what is owed, which number it has, what may be sent, what was taken. Pure.
 *
 * All lasting state is in the transaction's tables (agents/core/tables.h); the core itself holds
 * only sessions, credit and where each stream stands in this session, so it can be thrown away
 * after a failed commit and made again. One turn of the loop:
 *
 *   begin → step each event → step(TURN_END) → effects SEAL … → step(SEALED) each →
 *   commit → step(STORED) → effects SEND …
 *
 * Only STORED releases what others may see; a turn whose commit failed releases nothing.
 *
 * Files: agent_core.c (the door) · submit.c (notices and debts) · number.c (numbers, sealing) ·
 * publish.c (streams to a broker) · session.c (brokers) · take.c (deliveries) · receipt.c (both
 * sides of a receipt) · careful.c (what ends the agent again and again) · epoch.c (a partnership
 * file that changed) · expiry.c.
 *
 * Errors of a step: KITH_FULL, KITH_IO end the turn; KITH_CORRUPT stops the process. What is wrong
 * with input is answered by an effect, never by an error. Memory: as in broker_core.h. */
#pragma once

#include "base/agreement.h"
#include "base/arena.h"
#include "base/envelope.h"
#include "base/session.h"
#include "base/txn.h"
#include "kith.pb-c.h"
#include "store.pb-c.h"

typedef struct agent_core agent_core_t;

typedef struct agent_settings {
    const char *agency;
    int64_t resend_urgent_ms; /* an accepted one without receipt goes through another broker */
    int64_t resend_normal_ms; /* after this, then pauses doubling to resend_max_ms */
    int64_t resend_max_ms;
    int64_t later_ms; /* first pause of a stream answered LATER; doubles to later_max_ms */
    int64_t later_max_ms;
    size_t brokers_count;
    const char *const *brokers; /* ids, in order of preference */
} agent_settings_t;

/* What was delivered, opened, and stands next in its stream. */
typedef struct agent_received {
    const char *origin;
    const Kith__Header *header;
    kith_bytes_t notice_bytes;
    const Kith__Notice *notice;
    bool late, again, early, mine, clock_apart;
    int64_t now_ms;
} agent_received_t;

/* A (notice, recipient) that moved. */
typedef struct agent_outcome {
    kith_bytes_t notice_id;
    const char *recipient;
    Kith__Outcome outcome; /* REFUSED, QUARANTINED, EXPIRED, DELIVERED, DELIVERED_LATE */
    Kith__Reason reason;
    const char *clause;
    int64_t now_ms;
} agent_outcome_t;

/* What the core is given to stand on. */
typedef struct agent_doors {
    kith_hash_f *hash;
    void *work;
    /* Applies a notice to the view, in a transaction that is dropped unless this is KITH_OK.
     * KITH_INVALID: it cannot be applied; the number is used and the notice quarantined with
     * *ret_reason. Other errors end the turn. `early`: show it, change nothing else. */
    kith_err (*apply)(void *work, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_received_t *received, Kith__Reason *ret_reason);
    /* Tells a person (a task), or ends one. */
    kith_err (*outcome)(void *work, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_outcome_t *outcome);
} agent_doors_t;

typedef enum agent_event_type {
    AGENT_EV_START,     /* first, once: the store is open and its boot number raised */
    AGENT_EV_AGREEMENT, /* the partnership file was read (also after START) */
    AGENT_EV_LINK_UP,   /* the connection to a broker stands: HELLO may go */
    AGENT_EV_LINK_DOWN,
    AGENT_EV_PACKET,  /* from a broker; not DELIVER */
    AGENT_EV_DELIVER, /* checked and opened by the loop */
    AGENT_EV_SUBMIT,
    AGENT_EV_TICK,
    AGENT_EV_TURN_END,
    AGENT_EV_SEALED, /* answers AGENT_FX_SEAL */
    AGENT_EV_STORED, /* the turn is committed (txn is NULL) */
    AGENT_EV_STOP,
} agent_event_type;

/* What SUBMIT came to. err: OK; CONFLICT: same token, other content; nothing was stored. */
typedef struct agent_submitted {
    kith_err err;
    bool repeat; /* this token had been submitted: `id` is the first one's */
    uint8_t id[16];
} agent_submitted_t;

typedef struct agent_submit {
    agent_submitted_t *ret; /* filled by the step; spoken of only after the commit */
    kith_bytes_t id;        /* 16 bytes, made by the loop */
    kith_bytes_t token;     /* empty: none */
    kith_bytes_t request_digest;
    kith_bytes_t notice_bytes;
    const Kith__Notice *notice;
    int lane;
    const char *topic_class;
    size_t recipients_count; /* without this agency itself */
    const char *const *recipients;
    const char *const *clauses; /* one a recipient; notices split into envelopes by clause */
} agent_submit_t;

typedef struct agent_event {
    agent_event_type type;
    int64_t now_ms; /* wall clock, with the exercise's offset */
    int64_t mono_ms;
    bool clocks_apart; /* expiry freezes */
    union {
        struct {
            uint8_t instance[16]; /* 16 random bytes of this process */
            bool unclean;         /* the run before was cut off: what may have done it is counted */
        } start;
        struct {
            const kith_agreement_t *agreement;
        } agreement;
        struct {
            size_t broker;
            uint64_t dial;
        } link;
        struct {
            size_t broker;
            Kith__Packet *packet;
            /* REFUSED and RECEIPT: decoded by the loop, and whether the signature fits; verdict 0
             * says that they are there, with their id and stream */
            Kith__Reason verdict;
            const Kith__Refusal *refusal;
            const Kith__Receipt *receipt;
            /* RECEIPT with shown_header: it is this agency's own, and its signature fits */
            const Kith__Header *shown;
        } packet;
        struct {
            size_t broker;
            uint64_t token;
            const Kith__Envelope *envelope;
            const Kith__Header *header; /* NULL when verdict is MALFORMED */
            kith_digest_t digest;
            Kith__Reason verdict; /* of the signature: 0 fits; else this is no message */
            Kith__Reason opened;  /* 0; or CANNOT_OPEN, CONTENT_MALFORMED … : quarantine */
            kith_bytes_t notice_bytes;
            const Kith__Notice *notice;
            bool again;
        } deliver;
        agent_submit_t submit;
        struct {
            uint64_t job; /* of the SEAL effect */
            Kith__Envelope *envelope;
            kith_digest_t digest;
        } sealed;
    };
} agent_event_t;

typedef enum agent_effect_type {
    AGENT_FX_SEAL,    /* at TURN_END: make this envelope, answer with SEALED in the same turn */
    AGENT_FX_SEND,    /* pack into a frame to the broker */
    AGENT_FX_RECEIPT, /* sign the receipt, then SEND it as a ReceiptPacket */
    AGENT_FX_REDIAL,  /* close the connection and dial again, after the back-off */
    AGENT_FX_CHANGED, /* the view has changed: watchers may look */
    AGENT_FX_ALARM,   /* log: ids only */
    AGENT_FX_HALT,    /* this copy is old, or a clone runs: stop with this reason (exit 78) */
} agent_effect_type;

typedef struct agent_seal_job {
    uint64_t job;
    Kith__Header *header; /* all but keys, digests, wraps, nonce and salt */
    kith_bytes_t notice;  /* a Notice; empty for a void */
    bool again;
} agent_seal_job_t;

typedef struct agent_effect {
    agent_effect_type type;
    union {
        agent_seal_job_t seal;
        struct {
            size_t broker;
            Kith__Packet *packet;
        } send;
        struct {
            size_t broker;
            Kith__Receipt *receipt;      /* without made_ms and signing_key */
            Kith__ReceiptPacket *packet; /* origin, lane, shown; the signed statement is added */
        } receipt;
        struct {
            size_t broker;
            Kith__Reason reason;
        } redial;
        struct {
            const char *what;
            const char *agency;
            const char *broker;
            Kith__Reason reason;
            uint64_t number;
        } alarm;
        struct {
            Kith__Reason reason;
        } halt;
    };
} agent_effect_t;

typedef struct agent_effects {
    size_t count, capacity;
    agent_effect_t *items;
} agent_effects_t;

agent_core_t *agent_core_new(const agent_settings_t *settings, const agent_doors_t *doors);
void agent_core_destroy(agent_core_t **self_p);

kith_err agent_core_step(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const agent_event_t *event, agent_effects_t *effects);

/* How long the loop may wait for the next TICK. */
int64_t agent_core_wait_ms(const agent_core_t *self, int64_t mono_ms);

/* A broker as this agent sees it. */
typedef struct agent_broker_view {
    const char *state; /* "well", "silent", "dialling" */
    bool publishing;
    int64_t since_ms; /* wall clock */
    uint32_t partnership_version;
} agent_broker_view_t;
void agent_core_broker(const agent_core_t *self, size_t broker, agent_broker_view_t *ret_view);

/* Silence of an agency, as the brokers say (a hint, never evidence): connected at any of them?
 * *ret_since_ms: 0 when not known. */
bool agent_core_presence(const agent_core_t *self, const char *agency, int64_t *ret_since_ms);

typedef struct agent_stats {
    uint64_t delivered, repeats, parked, let_go, quarantined, bad_copies, voided, resent;
    uint64_t receipts_made, receipts_taken, receipts_odd, refused, clock_apart;
} agent_stats_t;
void agent_core_stats(const agent_core_t *self, agent_stats_t *ret_stats);
