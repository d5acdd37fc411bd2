/* What the loop's files share. Nobody else includes this. */
#pragma once

#include "agents/agent_links.h"
#include "agents/agent_loop.h"
#include "agents/agent_seal.h"
#include "agents/agent_watch.h"
#include "agents/api/api.h"
#include "base/limits.h"
#include "io/clock.h"
#include "io/store_walk.h"

/* Requests of local clients answered in one turn: the commit serves them all. */
#define LOOP_REQUESTS_MAX 256u
/* A turn takes no more in when its arena has less room than this … */
#define LOOP_ROOM_BYTES (KITH_TURN_BYTES_MAX / 2)
/* … and ends a connection in the middle of a frame below this. */
#define LOOP_ROOM_BYTES_MIN (KITH_TURN_BYTES_MAX / 4)
/* The core is told the time at least this often. */
#define LOOP_TICK_MS 1000
/* After a commit that failed for want of room. */
#define LOOP_REST_MS   1000
#define LOOP_UPKEEP_MS 60000
/* A new sender's half, well within the week. */
#define LOOP_RENEW_MS (INT64_C(24) * 3600 * 1000)

struct agent_loop {
    const agent_conf_t *conf;
    const kith_agreement_t *agreement;
    kith_arena_t *agreement_arena;
    kith_keys_t *keys;
    kith_store_t *store;
    agent_identity_t identity;

    link_context_t *context;
    link_server_t *door; /* the local socket */
    link_poll_t *poll;
    agent_links_t *links;
    agent_watches_t *watches;
    agent_core_t *core;
    agent_settings_t settings;
    work_t work;
    api_t api;
    agent_seal_t seal;
    kith_arena_t *arena; /* of the turn */
    int signal_fd;
    uint8_t instance[16];

    clock_watch_t clocks;
    int64_t clock_ahead_ms;
    int64_t tick_mono_ms;                  /* when the core was last told the time */
    int64_t work_due_ms;                   /* wall clock */
    int64_t rest_until_mono_ms;            /* after a failed commit */
    int64_t upkeep_mono_ms, renew_mono_ms; /* when due */
    store_walk_t walk;                     /* through the store, once */
    int64_t walk_mono_ms;                  /* when its next part is due */
    bool core_new;                         /* START and AGREEMENT are still to be stepped */
    bool reload;                           /* SIGHUP */
    bool stopping;                         /* SIGTERM */
    bool ready;                            /* said */
    bool read_only;                        /* the disk is down to its reserve */
    bool disk_waits;                       /* deliveries were passed over for want of room */
    bool ended;
    int exit_status;
};

/* A reply that waits for the commit. */
typedef struct loop_reply {
    uint64_t route, request_id;
    kith_bytes_t reply;
} loop_reply_t;

/* One turn; all in its arena. */
typedef struct loop_turn {
    api_turn_t at; /* transaction, arena, times, room */
    agent_effects_t seals;
    size_t replies_count;
    loop_reply_t *replies;
    bool view_changed;
    bool clock_moved;
    int64_t clock_ahead_ms;
    int64_t work_due_ms;
    bool ticked;                    /* the work's time has passed: there may be news */
    kith_arena_t *agreement_before; /* to be given back when the turn is over */
} loop_turn_t;

/* ---- agent_loop.c ---- */
void loop_core_anew(agent_loop_t *self);
/* Reads the partnership file. false: it is not taken (logged), or the agent must stop (ended). */
bool loop_reload(agent_loop_t *self, loop_turn_t *turn);
void loop_end(agent_loop_t *self, int exit_status);
/* An event of this turn, with its times. */
agent_event_t loop_event(const loop_turn_t *turn, agent_event_type type);

/* ---- agent_loop_turn.c ---- */
void loop_turn(agent_loop_t *self);

/* ---- agent_loop_effects.c ---- */
/* After the commit: what the core released, then the replies. */
void loop_reply(agent_loop_t *self, loop_turn_t *turn);
void loop_release(agent_loop_t *self, loop_turn_t *turn);
/* After a turn that failed: nothing of it may be seen. */
void loop_failed(agent_loop_t *self, loop_turn_t *turn, kith_err err);
