/* Schedules of faults, drawn from a seed and played on a whole partnership of the shipped cores.
 *
 * A plan is a list of actions that mean something in any state, so that any part of it can be left
 * out and the rest still played: that is how a failing plan is made short. All chance is in the
 * drawing; playing has none, so a plan gives the same trace each time.
 *
 * Files: plan.c (drawing) · play.c (the actions, then quiet, then the judge) · faults.c (what each
 * fault does) · wire.c (what happens to frames) · cover.c (fault × state) · shrink.c · main.c. */
#pragma once

#include "base/checksum.h"
#include "tests/lib/world.h"
#include "tests/sim/people.h"
#include "tests/sim/verdict.h"

#include <stdio.h>

/* ---- actions ---- */

/* X(NAME, "word", where): what is struck. Order is the order in coverage. */
#define SIM_FAULTS(X)                                                                              \
    X(AGENT_COMMIT_LOST, "agent-commit-lost", AGENT)   /* an error, and nothing was written */     \
    X(AGENT_COMMIT_KEPT, "agent-commit-kept", AGENT)   /* an error, yet all was written */         \
    X(AGENT_CRASH_BEFORE, "agent-crash-before", AGENT) /* its process ends before the commit */    \
    X(AGENT_CRASH_AFTER, "agent-crash-after", AGENT)   /* after it, before anyone hears */         \
    X(AGENT_STOP, "agent-stop", AGENT)                                                             \
    X(AGENT_PAUSE, "agent-pause", AGENT)                                                           \
    X(AGENT_FULL, "agent-disk-full", AGENT) /* its store writes nothing until it is healed */      \
    X(AGENT_ROT, "agent-rot", AGENT)        /* a bit of a stored value, or all of it zeroed */     \
    X(AGENT_STALE, "agent-stale-restore", AGENT)                                                   \
    X(AGENT_LOSS, "agent-total-loss", AGENT)                                                       \
    X(AGENT_CLOCK_JUMP, "agent-clock-jump", AGENT)                                                 \
    X(AGENT_CLOCK_FREEZE, "agent-clock-freeze", AGENT)                                             \
    X(AGENT_SLEEP, "agent-mono-suspended", AGENT)                                                  \
    X(BROKER_COMMIT_LOST, "broker-commit-lost", BROKER)                                            \
    X(BROKER_COMMIT_KEPT, "broker-commit-kept", BROKER)                                            \
    X(BROKER_CRASH_BEFORE, "broker-crash-before", BROKER)                                          \
    X(BROKER_CRASH_AFTER, "broker-crash-after", BROKER)                                            \
    X(BROKER_STOP, "broker-stop", BROKER)                                                          \
    X(BROKER_PAUSE, "broker-pause", BROKER)                                                        \
    X(BROKER_FULL, "broker-disk-full", BROKER)                                                     \
    X(BROKER_ROT, "broker-rot", BROKER)                                                            \
    X(BROKER_STALE, "broker-stale-restore", BROKER)                                                \
    X(BROKER_LOSS, "broker-total-loss", BROKER)                                                    \
    X(BROKER_CLOCK_JUMP, "broker-clock-jump", BROKER)                                              \
    X(LINK_BREAK, "link-break", LINK)         /* what was on its way is lost */                    \
    X(LINK_CUT, "link-cut", LINK)             /* and none can be made until it is healed */        \
    X(LINK_HALF_OPEN, "link-half-open", LINK) /* the broker is not told of ends */                 \
    X(LINK_HELD, "link-held", LINK)           /* what the broker sends stays on its way */         \
    X(LINK_HWM, "link-hwm", LINK)             /* full queues drop silently */                      \
    X(LINK_SWIZZLE, "link-swizzle", LINK)     /* several are cut, and healed in another order */   \
    X(FRAME_LOST, "frame-lost", LINK)                                                              \
    X(FRAME_TWICE, "frame-twice", LINK)                                                            \
    X(FRAME_SWAPPED, "frame-swapped", LINK)                                                        \
    X(FRAME_REPLAYED, "frame-replayed", LINK) /* of earlier, other epochs too */                   \
    X(FRAME_FLIPPED, "frame-flipped", LINK)                                                        \
    X(FRAME_CUT, "frame-cut", LINK)                                                                \
    X(FRAME_ALTERED, "frame-altered", LINK) /* its header says other than was signed */            \
    X(FILE_NEW, "file-new", AGENT)          /* the file's next version, given to one at first */   \
    X(FILE_OLD, "file-old", AGENT)          /* it is started with the first version */             \
    X(KEY_REVOKED, "key-revoked", AGENT)    /* it goes on with the key that it had */              \
    X(AGENT_DIES, "agent-dies", AGENT)      /* of what it cannot apply, from now on */

typedef enum sim_act {
#define X(id, word, where) SIM_##id,
    SIM_FAULTS(X)
#undef X
        SIM_FAULTS_COUNT,
    SIM_SUBMIT = SIM_FAULTS_COUNT,
    SIM_AGAIN, /* a client asks once more with a token it used */
    SIM_TURNS, /* some turns, one at a time */
    SIM_PASS,  /* time */
    SIM_HEAL_AGENT,
    SIM_HEAL_BROKER,
    SIM_HEAL_LINK,
    SIM_GIVE_FILE, /* the newest file, to one */
    SIM_ACTS_COUNT,
} sim_act;

typedef enum sim_where { SIM_AGENT, SIM_BROKER, SIM_LINK } sim_where;

const char *sim_word(sim_act act);
/* Of a fault only. */
sim_where sim_where_of(sim_act fault);

typedef struct sim_action {
    sim_act act;
    size_t agent, broker;
    uint64_t arg; /* whatever else the action needs, as drawn */
} sim_action_t;

/* ---- a plan ---- */

#define SIM_STEPS_DEFAULT 400u
#define SIM_SUBMITS_MIN   100u
#define SIM_FAULTS_MIN    3u

typedef struct sim_plan {
    uint64_t seed;
    size_t agents, brokers;
    bool real_crypto;
    bool judged_by_record, judged_by_world;
    uint64_t shape; /* dice for the partnership's settings */
    size_t count, capacity;
    sim_action_t *actions;
} sim_plan_t;

/* One seed in so many has the crypto that ships, which is slow. */
#define SIM_REAL_ONE_IN 100u

/* steps: how many actions at least; there are more when submits or faults are too few. */
void plan_draw(uint64_t seed, size_t steps, sim_plan_t *ret_plan);
void plan_free(sim_plan_t *plan);

/* ---- coverage: how often a fault struck in which state of what it strikes ---- */

#define SIM_STATES(X)                                                                              \
    X(DOWN, "down")             /* its process does not run */                                     \
    X(APART, "apart")           /* it runs and has no session */                                   \
    X(GREETING, "greeting")     /* a connection, and no session yet */                             \
    X(QUIET, "quiet")           /* a session, and nothing owed or held */                          \
    X(STORED, "stored")         /* notices that have no number yet */                              \
    X(SENT, "sent")             /* numbers without receipt; at a broker: messages held */          \
    X(ARRIVING, "arriving")     /* frames on their way to it */                                    \
    X(PARKED, "parked")         /* messages beyond a gap */                                        \
    X(QUARANTINE, "quarantine") /* something was quarantined */                                    \
    X(RAISED, "raised-epoch")   /* its epoch was raised */

typedef enum sim_state {
#define X(id, word) SIM_STATE_##id,
    SIM_STATES(X)
#undef X
        SIM_STATES_COUNT
} sim_state;

typedef struct sim_cover {
    uint64_t hits[SIM_FAULTS_COUNT][SIM_STATES_COUNT];
    uint64_t faults, submits, refused, events, schedules;
} sim_cover_t;

/* Bits of the states that an agent or a broker is in now. */
unsigned cover_agent(world_t *w, size_t agent);
unsigned cover_broker(const world_t *w, size_t broker);
void cover_add(sim_cover_t *cover, sim_act fault, unsigned states);
/* Why this pair cannot be; NULL: it can. */
const char *cover_impossible(sim_act fault, sim_state state);
void cover_print(const sim_cover_t *cover, FILE *to);
/* Pairs that can be and were not; the first is printed to `to`, when given. */
size_t cover_missing(const sim_cover_t *cover, FILE *to);

/* ---- playing ---- */

typedef struct sim_result {
    char wrong[256]; /* empty: the promise held */
    uint64_t trace;  /* a hash of all that happened */
    size_t actions, submits, refused, faults, events;
} sim_result_t;

/* keep: one a planned action, or NULL: all. trace: each thing that happens as a line, or NULL. */
void sim_play(const sim_plan_t *plan, const bool *keep, FILE *trace, sim_cover_t *cover,
              sim_result_t *ret_result);

/* The smallest part of the plan found that still fails, in `keep` (one a planned action). */
void sim_shrink(const sim_plan_t *plan, bool *keep);

/* ---- within a play: faults.c and wire.c ---- */

#define SIM_OLD_FRAMES 16u /* kept of each direction of a link, for replays */

/* One direction of a link. */
typedef struct sim_wire {
    sim_act armed; /* what happens to a frame to come; SIM_FAULTS_COUNT: nothing */
    uint64_t arg, countdown;
    uint64_t seen;           /* frames so far */
    struct world_frame held; /* swapped: it goes after the next */
    struct world_frame old[SIM_OLD_FRAMES];
} sim_wire_t;

typedef struct sim_node {
    memtxn_t *snapshot; /* an agent's older copy, or NULL … */
    size_t sealed;      /* … and how much the world had sealed then */
    bool asleep;        /* suspended: its monotonic clock stands */
    int64_t asleep_from_ms;
    world_row_t *rows; /* a broker's older copy, or NULL */
    size_t rows_count;
} sim_node_t;

/* What a client asked, to be asked again with the same token. */
typedef struct sim_asked {
    size_t agent;
    kith_bytes_t request;
    char token[2 * 16 + 1]; /* in hex, as the judge names it */
    bool refused;           /* it was said to be: nobody asks again */
    bool stored;            /* it was said to be … */
    uint32_t epoch;         /* … by this epoch … */
    uint8_t id[16];         /* … with this id */
} sim_asked_t;

typedef struct sim_play {
    world_t *w;
    const kith_agreement_t *first; /* file */
    desk_t *desk;
    judge_t *judge;
    const sim_plan_t *plan;
    FILE *trace;
    sim_cover_t *cover;
    sim_result_t *result;
    bool rolled_back; /* a hub runs on an older copy: what it says it has may be gone */
    dice_t breaks;    /* how much of what is on its way arrives when a connection ends */
    dice_t dice;      /* of the action being played, from its arg */
    size_t hwm[WORLD_AGENTS_MAX][WORLD_BROKERS_MAX]; /* 0: no limit */
    sim_wire_t wires[WORLD_AGENTS_MAX][WORLD_BROKERS_MAX][2];
    sim_node_t agents[WORLD_AGENTS_MAX];
    sim_node_t brokers[WORLD_BROKERS_MAX];
    size_t asked_count, asked_capacity;
    sim_asked_t *asked;
} sim_play_t;

/* Adds to the trace: numbers to the hash, and words when somebody reads. */
void sim_note(sim_play_t *p, const char *what, uint64_t a, uint64_t b, uint64_t c);

void fault_strike(sim_play_t *p, const sim_action_t *action);
void fault_heal_agent(sim_play_t *p, size_t agent);
void fault_heal_broker(sim_play_t *p, size_t broker);
void fault_heal_link(sim_play_t *p, size_t agent, size_t broker);
/* Its store is gone or no longer to be trusted: a new one, with its epoch raised. */
void fault_raise_epoch(sim_play_t *p, size_t agent);
/* Copies of the stores that the plan will restore. */
void fault_copy_stores(sim_play_t *p);
void fault_free(sim_play_t *p);

void wire_begin(sim_play_t *p);
void wire_arm(sim_play_t *p, const sim_action_t *action);
/* Nothing more happens to frames. */
void wire_calm(sim_play_t *p);
void wire_free(sim_play_t *p);
