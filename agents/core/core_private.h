/* What the core's files share. Nobody outside agents/core includes this. */
#pragma once

#include "agents/core/agent_core.h"
#include "agents/core/records.h"
#include "base/bug.h"
#include "base/limits.h"

#include <string.h>

/* Ends a step early with an error that ends the turn. */
#define CORE_TRY(call)                                                                             \
    do {                                                                                           \
        kith_err core_try_err = (call);                                                            \
        if (core_try_err != KITH_OK)                                                               \
            return core_try_err;                                                                   \
    } while (0)

/* Work of one turn: the commit serves it all, and no turn lasts long. */
#define CORE_SEND_MAX     512u
#define CORE_SEAL_MAX     256u
#define CORE_LOOK_MAX     8192u /* rows a send may pass over before the next turn goes on */
#define CORE_GAP_FILL_MAX 64u
/* A receipt states at most this many numbers anew; the next resend draws the rest. */
#define CORE_RECEIPT_SPAN_MAX 4096u
/* A broker that was said HELLO and does not answer is dialled again. */
#define CORE_WELCOME_MS 5000
/* The same gap, or the same odd receipt, is acted on again only after this. */
#define CORE_REPEAT_MS 1000

/* What was in flight when an agent was cut off has come again within this, or comes more slowly
 * than it can be counted. */
#define CORE_CAREFUL_MS 60000
/* Starts that a message may end before it is not applied any more. */
#define CORE_ATTEMPTS_MAX 3u
/* What may be tried in one commit: few commits after a crash, and little is tried twice. */
#define CORE_TOGETHER_MAX 64u

#define CORE_NO_BROKER SIZE_MAX

/* Of a write into an overlay (base/writeset.h): it stays in memory, so nothing can fail before the
 * merge. */
static inline void core_kept(kith_err err)
{
    KITH_ASSERT(err == KITH_OK);
}

/* Where one outgoing stream stands. Rebuilt from the store; the lower part is of this session. */
typedef struct out_stream {
    char agency[KITH_NAME_MAX + 1];
    uint32_t epoch;
    int lane;
    uint64_t last, receipted; /* as stored */
    bool numbered;            /* last was raised, and is stored with the turn's last envelope */

    uint64_t sent;     /* in order, to the publishing broker */
    uint64_t next_seq; /* envelope of sent + 1; 0: not looked up */
    uint64_t answered; /* number of the last ACCEPTED: where the next is looked for first */
    uint64_t limit;    /* after LATER: nothing beyond, until it is accepted; 0: none */
    int64_t retry_mono_ms, pause_ms; /* after LATER */
    uint32_t wait_version;           /* after STALE: until our file is at least this; 0: no */
    int64_t head_mono_ms, resend_ms; /* how long the oldest one has had no receipt */
    uint64_t again_from, again_to;   /* numbers to send once more … */
    size_t again_broker;             /* … through this broker */
    uint64_t drawn_n;                /* the gap or odd receipt acted on last … */
    int64_t drawn_mono_ms;           /* … and when */
} out_stream_t;

typedef struct presence {
    char agency[KITH_NAME_MAX + 1];
    bool connected;
    int64_t since_ms;
} presence_t;

typedef struct core_broker {
    char id[KITH_NAME_MAX + 1];
    kith_session_t session;
    bool up, greeted; /* the link stands; HELLO went out */
    int64_t greeted_mono_ms;
    int64_t since_ms; /* wall clock of the last change, for people */
    size_t presence_count, presence_capacity;
    presence_t *presence;
} core_broker_t;

/* An incoming stream that this turn touched: one receipt at its end. */
typedef struct touched {
    struct touched *next;
    stream_name_t stream;
    uint64_t from; /* the receipt speaks of (from, …] */
    uint64_t mark; /* at the turn's first touch: all beyond is new */
    size_t broker;
    kith_bytes_t shown_header;
    Kith__Proof *shown_proof;
} touched_t;

/* Copies to acknowledge to one broker at the turn's end. */
typedef struct taken_list {
    size_t count, capacity;
    uint64_t *tokens;
} taken_list_t;

/* An envelope being made in this turn. */
typedef struct seal_pending {
    uint64_t order;
    int lane;
    Kith__Header *header;
    Kith__Store__Unsealed *entry;
} seal_pending_t;

struct agent_core {
    char agency[KITH_NAME_MAX + 1];
    agent_settings_t settings;
    agent_doors_t doors;
    const kith_agreement_t *agreement;
    uint32_t epoch;
    uint64_t boot;
    uint8_t instance[16];
    bool stopping;

    size_t brokers_count;
    core_broker_t *brokers;
    size_t publishing; /* CORE_NO_BROKER: none is well */

    size_t streams_count, streams_capacity;
    out_stream_t *streams;
    bool more;    /* the turn's bound was reached: come again at once */
    bool careful; /* see careful.c */
    bool careful_more;
    int64_t careful_until_mono_ms;
    int64_t careful_alone_mono_ms; /* then also without a broker */
    kith_key_t trying; /* first parked row whose attempt the last commit counted; empty: none */
    unsigned trying_count;
    agent_stats_t stats;
    int64_t now_ms, mono_ms; /* of the event being handled */
    bool clocks_apart;
    int64_t expires_ms; /* wall clock: when the next notice does; 0: none is known of */
    kith_arena_t *row;  /* core_row_arena */
    kith_arena_t *turn; /* of the event being handled */

    /* Of this turn only, all in its arena; empty between STORED and the next event. */
    agent_effects_t held;
    touched_t *touched;
    taken_list_t *taken; /* one a broker */
    size_t pending_count, pending_left;
    seal_pending_t *pending;
    bool view_changed;
};

/* ---- agent_core.c ---- */
/* Released by STORED; lives in the turn's arena. */
agent_effect_t *core_hold(agent_core_t *self, agent_effect_type type);
Kith__Packet *core_packet(kith_arena_t *arena, Kith__Packet__VerbCase verb);
void core_send(agent_core_t *self, size_t broker, Kith__Packet *packet);
void core_alarm(agent_core_t *self, const char *what, const char *agency, Kith__Reason reason,
                uint64_t number);
/* For one row of a loop that may be long: empty at each call, so that what a turn costs in memory
 * does not grow with what the store holds. What must outlive the row goes elsewhere. */
kith_arena_t *core_row_arena(agent_core_t *self);

/* ---- session.c ---- */
void session_link(agent_core_t *self, kith_arena_t *arena, const agent_event_t *event);
kith_err session_welcome(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, size_t broker,
                         const Kith__Welcome *welcome);
void session_credit(agent_core_t *self, size_t broker, size_t count, Kith__LaneCredit **credit);
void session_presence(agent_core_t *self, size_t broker, const Kith__Presence *presence);
void session_bye(agent_core_t *self, size_t broker, const Kith__Bye *bye);
void session_tick(agent_core_t *self, kith_arena_t *arena);
void session_grant(agent_core_t *self, kith_arena_t *arena);
void session_stop(agent_core_t *self, kith_arena_t *arena);
bool session_well(const agent_core_t *self, size_t broker);
/* Ends it here: the loop dials again. */
void session_end(agent_core_t *self, size_t broker, Kith__Reason reason);

/* ---- stream.c ---- */
kith_err streams_load(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);
/* The present stream to an agency, made when there is none. */
out_stream_t *stream_to(agent_core_t *self, const char *agency, uint32_t epoch, int lane);
out_stream_t *stream_find(agent_core_t *self, const char *agency, uint32_t epoch, int lane);
stream_name_t stream_name(const out_stream_t *stream);
kith_err stream_write(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream,
                      kith_bytes_t chain);
kith_err stream_chain(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream,
                      kith_bytes_t *ret_chain);
/* Back to where the next session begins: all without receipt and not at a hub is sent. */
void streams_rewind(agent_core_t *self);
/* One slot of an envelope has its outcome, or will not be sent any more. */
kith_err envelope_release(kith_txn_t *txn, kith_arena_t *arena, int lane, uint64_t seq);
void stream_forget(agent_core_t *self, out_stream_t *stream);

/* ---- submit.c ---- */
kith_err submit_notice(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_submit_t *submit);
/* Puts a notice for one recipient at the front of the unsealed queue. */
kith_err submit_anew(kith_txn_t *txn, kith_arena_t *arena, int lane, kith_bytes_t notice_id,
                     const char *recipient, const char *topic_class, const char *clause,
                     bool again);
/* Puts a void of number n at the front of the unsealed queue, once. */
kith_err submit_void(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream, uint64_t n,
                     Kith__Store__OutSlot *slot, Kith__Reason reason);
/* The debt is over, or said to be. Tells work. */
kith_err debt_settle(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     kith_bytes_t notice_id, const char *recipient, Kith__Outcome outcome,
                     Kith__Reason reason, const char *clause);
/* Told to a person at once; over when the number it went under has a receipt, for until then it may
 * still be delivered. */
kith_err debt_refused(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      kith_bytes_t notice_id, const char *recipient, Kith__Reason reason,
                      const char *clause);

/* ---- number.c ---- */
kith_err number_begin(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      agent_effects_t *effects);
/* Asks for another turn when there is more to seal and nothing keeps it. */
kith_err number_more(agent_core_t *self, kith_txn_t *txn);
kith_err number_sealed(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event);

/* ---- publish.c ---- */
kith_err publish_pump(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);
void publish_choose(agent_core_t *self);
void publish_resend(agent_core_t *self, out_stream_t *stream, uint64_t from, uint64_t to,
                    size_t broker);
kith_err publish_tick(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);

/* ---- verdict.c ---- */
kith_err verdict_accepted(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, size_t broker,
                          const Kith__Accepted *accepted);
kith_err verdict_refused(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const agent_event_t *event);
kith_err verdict_later(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Later *later);
kith_err verdict_stale(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Stale *stale);
/* Seals anew every number of a stream that was sealed under an older file and that no hub is known
 * to hold. */
kith_err verdict_seal_anew(agent_core_t *self, kith_txn_t *txn, out_stream_t *stream);
/* Puts what a slot carries in the queue once more, under today's clause. */
kith_err verdict_queue_anew(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const out_stream_t *stream, const Kith__Store__OutSlot *slot);

/* ---- take.c ---- */
kith_err take_delivery(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event);
/* Takes what is parked of streams that have ended: of origins that left or begun another epoch. */
kith_err take_ended(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);
/* Takes what take_standing names from the parking, and not what follows it: applied, or when it is
 * poison quarantined. KITH_NOT_FOUND is a lost row. */
kith_err take_next_parked(agent_core_t *self, kith_txn_t *txn, const stream_name_t *stream,
                          size_t broker, bool poison);
/* KITH_NOT_FOUND: nothing of this stream can be taken now. Else the number that stands next, or of
 * a stream that has ended the lowest there is; what follows it stands next then. */
kith_err take_standing(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const stream_name_t *stream, uint64_t *ret_n,
                       Kith__Store__ParkedRow **ret_row);

/* ---- taken.c ---- */
/* This turn is done with that copy. */
void take_token(agent_core_t *self, kith_arena_t *arena, size_t broker, uint64_t token);
void take_end_turn(agent_core_t *self, kith_arena_t *arena);
/* Of some copies at once; bad: why they are no message. */
void taken_say(agent_core_t *self, kith_arena_t *arena, size_t broker, size_t count,
               uint64_t *tokens, Kith__Reason bad);

/* ---- careful.c ---- */
/* At a start: careful when the last run was cut off, or left what stands next in the parking. */
kith_err careful_begin(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, bool unclean);
/* At a turn's end, before receipts are made: the next step with what was parked. */
kith_err careful_step(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);

/* ---- receipt.c ---- */
kith_err receipt_make_all(agent_core_t *self, kith_txn_t *txn);
touched_t *receipt_touch(agent_core_t *self, kith_arena_t *arena, const stream_name_t *stream,
                         uint64_t mark, uint64_t from, size_t broker);

/* ---- settle.c ---- */
kith_err receipt_settle(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_event_t *event);

/* ---- epoch.c ---- */
kith_err epoch_agreement(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const kith_agreement_t *agreement);

/* ---- expiry.c ---- */
kith_err expiry_tick(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena);
