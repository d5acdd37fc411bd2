/* The judge: reads what is left of a run and says which invariants of the promise do not hold.
 *
 * Called by kith-check (files and LMDB folders) and by the simulator (its tables in memory). It
 * stands on proto/ alone and shares no code with what it judges: rows come in as they are stored
 * (proto/store.proto says how keys are built), clients' histories as events, in order. Nothing is
 * judged before judge_end, where everything has had its chance: all run, all connected, all
 * settled.
 *
 * Invariants (docs/RELIABILITY.md): I1 one outcome each, delivered exactly when held, and none that
 * no person was told · I2 nothing that its origin did not submit · I3 at most once · I4 streams
 * without gaps, chains that fit · I5 no effect before its cause, unless flagged · I6 only what the
 * agreement allows; kith-check also looks for canaries · I7 what was said stays true · I8 states
 * only move along the table · I10 refused means without a trace · I11 nothing left over, counts
 * that fit · I12 one that misbehaves slows nobody · I13 settled in time · I14 a recovered store
 * equals itself (kith-check --same) · I15 each look was recorded. I9 and I16 are of what does not
 * exist yet.
 *
 * Running out of memory ends the process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct judge judge_t;

judge_t *judge_new(void);
void judge_destroy(judge_t **self_p); /* safe twice and on NULL */

/* ---- what is left: stores ---- */

/* A row of an agent's or a broker's table, by its name in store.proto. The bytes are copied as far
 * as they are needed. false: it is not such a row; *ret_why says what (a constant). Tables that no
 * invariant speaks of are passed over. */
bool judge_agent_row(judge_t *self, const char *agency, const char *table, const void *key,
                     size_t key_size, const void *value, size_t value_size, const char **ret_why);
bool judge_broker_row(judge_t *self, const char *broker, const char *table, const void *key,
                      size_t key_size, const void *value, size_t value_size, const char **ret_why);
/* This agency is still down or cut off: what is owed to it may wait. */
void judge_away(judge_t *self, const char *agency);
/* The most envelopes one mailbox lane may hold; 0 (the default): not judged. */
void judge_quota(judge_t *self, uint64_t messages_max);
/* Frames were spoiled or the agreement got narrower: what was delivered to a store that was lost
 * may be refused when it is sent again to the new one. */
void judge_again_may_fail(judge_t *self);
/* The longest time from `healed` to `settled`, in milliseconds (60,000). */
void judge_settle_max(judge_t *self, int64_t ms);

/* ---- what may be, and how long it took ---- */

/* This version of the partnership file lets origin send that class to recipient (I6). Nothing said
 * of a version: what was made under it is not judged. So say all of it or nothing. */
void judge_allow(judge_t *self, uint32_t version, const char *origin, const char *recipient,
                 const char *topic_class);
/* One delivery between agencies that behave, alone or beside one that does not (I12). Judged when
 * there are a hundred of each. */
void judge_pace(judge_t *self, bool beside, uint64_t ms);

/* ---- what clients and the harness saw, in the order in which it happened ---- */

typedef enum judge_event_type {
    JUDGE_SUBMIT,  /* agency, token: asked; no answer means unknown */
    JUDGE_OK,      /* agency, token, id, recipients: "stored here" */
    JUDGE_REFUSED, /* agency, token: nothing was stored */
    JUDGE_STATE,   /* agency, id, recipient, state: in the words of api.proto's RecipientState */
    JUDGE_LOOK,    /* agency: an answer about a family was shown */
    JUDGE_KILL,    /* node: ended without being asked */
    JUDGE_LOST,    /* node: its whole store is gone; an agency begins a new epoch */
    JUDGE_HEALED,  /* the last fault is over */
    JUDGE_SETTLED, /* everything owed has its outcome */
} judge_event_type;

typedef struct judge_event {
    judge_event_type type;
    int64_t at_ms;
    const char *node;  /* the agency, or of KILL and LOST the agency or broker */
    const char *token; /* hex */
    const uint8_t *id; /* 16 bytes */
    size_t recipients_count;
    const char *const *recipients; /* of STATE: one */
    const char *state;
} judge_event_t;

void judge_event(judge_t *self, const judge_event_t *event);

/* ---- the judgement ---- */

/* One violation: the invariant, what is wrong with its ids, and the shortest story of it, a line
 * each (what clients and the harness saw of it). Valid for the call. */
typedef void judge_tell_f(void *ctx, const char *invariant, const char *what, const char *story);

/* Judges all that came in; how many violations there are. tell may be NULL. */
size_t judge_end(judge_t *self, judge_tell_f *tell, void *ctx);

/* How much was judged: a clean verdict over nothing proves nothing. */
typedef struct judge_counts {
    size_t agents, brokers, events, answers, notices, debts, applied, taken, feed;
} judge_counts_t;
void judge_counts(const judge_t *self, judge_counts_t *ret_counts);
