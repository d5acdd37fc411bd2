/* The local api: one Request of api.proto in, one Response out.
 *
 * Called by the loop inside the turn's transaction, for each request that came on the local socket.
 * What comes back is to be sent only after the turn's commit; on a failed commit the loop answers
 * api_full instead. Who asks is the uid that the kernel reports. Each look at a family is recorded
 * in the same transaction as the answer that shows it. Never sends, waits or logs.
 *
 * Files: api.c (the door: decode, who asks, dispatch) · submit.c (submit, subscribe) · show.c ·
 * read.c (feed, watch, inbox, household) · feed.c (what stands around the feed) · change.c (link,
 * clock) · status.c · find.c (short ids) · delivery.c (the words of the promise for one recipient).
 */
#pragma once

#include "agents/agent_conf.h"
#include "agents/core/agent_core.h"
#include "agents/work/work.h"
#include "api.pb-c.h"

/* What is counted since this process began, by the api and by the loop; STATUS shows all. */
#define API_COUNTS(X)                                                                              \
    X(REQUESTS, "requests")                                                                        \
    X(REFUSED, "requests-refused")                                                                 \
    X(DENIED, "requests-denied") /* by who asked */                                                \
    X(LOOKS, "looks")                                                                              \
    X(FRAMES_BAD, "frames-bad") /* a broker's frame or packet that cannot be decoded */            \
    X(DISK_WAITS, "deliveries-waiting-for-disk")                                                   \
    X(COMMITS_FULL, "commits-full")

typedef enum api_count {
#define X(id, name) API_COUNT_##id,
    API_COUNTS(X)
#undef X
        API_COUNTS_COUNT
} api_count;

/* Who and what this agent is. All borrowed; agreement changes when the partnership file does. */
typedef struct api {
    const agent_conf_t *conf;
    const kith_agreement_t *agreement;
    const work_t *work;
    agent_core_t *core;
    uint32_t epoch;
    uint64_t boot;
    uint64_t counts[API_COUNTS_COUNT];
} api_t;

/* The turn that a request is answered in. */
typedef struct api_turn {
    kith_txn_t *txn;
    kith_arena_t *arena;
    int64_t now_ms, mono_ms;
    bool clocks_apart;
    int64_t clock_ahead_ms; /* of now_ms, in an exercise */
    bool read_only;         /* the disk is down to its reserve: urgent notices and looks only */
    uint64_t disk_free_bytes;
    /* One a configured broker: what its link says beyond the core ("refused: …"), or NULL. */
    const char *const *links_say;
    agent_effects_t *effects; /* of the steps it makes */
} api_turn_t;

/* A request that waits for something after its cursor. */
typedef struct api_watch {
    uint64_t request_id;
    const agent_user_t *user; /* of the configuration */
    uint64_t after;
    uint64_t tellings; /* it ends on a later one as well */
    uint32_t limit;
    int64_t until_mono_ms;
} api_watch_t;

typedef struct api_answer {
    uint64_t request_id;
    bool held;              /* no reply yet: a watch, to be asked again with api_watch */
    kith_bytes_t reply;     /* otherwise: a Response, in the turn's arena */
    api_watch_t watch;      /* held: what to ask again */
    bool view_changed;      /* by the request itself: what is due may be another now */
    bool clock_moved;       /* the exercise's clock, once this is committed: */
    int64_t clock_ahead_ms; /* the new turn.clock_ahead_ms */
} api_answer_t;

/* Any bytes from outside are answered. Errors are only those that end the turn: KITH_FULL, KITH_IO,
 * KITH_CORRUPT; of the answer only request_id is then of meaning. */
kith_err api_ask(api_t *self, const api_turn_t *turn, uint32_t uid, kith_bytes_t frame,
                 api_answer_t *ret_answer);

/* Asks a held watch again; answers it when there is something, or its time is over. */
kith_err api_watch(api_t *self, const api_turn_t *turn, const api_watch_t *watch,
                   api_answer_t *ret_answer);

/* Instead of an answer, when the commit failed for want of room: nothing is known to be stored. */
kith_bytes_t api_full(kith_arena_t *arena, uint64_t request_id);
/* When no more watches can be held. */
kith_bytes_t api_too_many(kith_arena_t *arena, uint64_t request_id);
