/* A partnership in one process: real agent cores and broker cores over tables in memory, joined by
 * queues that can be cut, in a time that is only a number. Nothing happens but by these calls, so
 * that a run is the same each time; a simulator adds the dice.
 *
 * What stands in for outside things: fake_seal (crypto), memtxn (stores), a work that keeps what it
 * was given in two more tables of the same transaction, and a mailbox that is a list. A kit puts
 * other work and other crypto in their place. */
#pragma once

#include "agents/core/agent_core.h"
#include "agents/core/records.h"
#include "agents/core/tables.h"
#include "broker/broker_core.h"
#include "tests/lib/dice.h"
#include "tests/lib/memtxn.h"

#define WORLD_AGENTS_MAX  8u
#define WORLD_BROKERS_MAX 2u

/* An event of this kind cannot be applied by any agent. */
#define WORLD_CANNOT_APPLY "cannot-apply"

/* Beside the agent's tables: what was applied or shown, and which outcomes were told. */
enum {
    WORLD_TABLE_SHOWN = AGENT_TABLES_COUNT,
    WORLD_TABLE_TOLD,
    WORLD_TABLE_SETTLED, /* debts that were given an outcome */
    WORLD_TABLES_COUNT,
};

/* How the next commit of an agent or a broker ends. */
typedef enum world_commit {
    WORLD_COMMIT_OK,
    WORLD_COMMIT_LOST,  /* an error, and nothing was written */
    WORLD_COMMIT_KEPT,  /* an error, yet all was written */
    WORLD_CRASH_BEFORE, /* the process ends before it … */
    WORLD_CRASH_AFTER,  /* … or after it, before anyone hears */
} world_commit;

/* ---- links: one direction of a connection is a queue of packed packets ---- */

typedef struct world_queue {
    size_t first, count, capacity;
    struct world_frame {
        size_t size;
        uint8_t *data;
    } * frames;
} world_queue_t;

typedef struct world_link {
    bool blocked;   /* the network: nothing connects */
    bool held;      /* to the agent: what was sent stays on its way */
    bool up;        /* connected … */
    bool told;      /* … and the agent's core knows */
    bool hung;      /* the broker has hung up: down once the queue is empty */
    bool went_down; /* to be told to the agent's core */
    uint64_t route, dial;
    int64_t redial_mono_ms;
    world_queue_t to_broker, to_agent;
    world_queue_t left;    /* still arrives at the broker, of the connection that ended … */
    uint64_t left_route;   /* … by this route */
    uint64_t heard_route;  /* the hub's session last heard something by this … */
    int64_t heard_mono_ms; /* … at this time */
} world_link_t;

/* ---- what there is ---- */

typedef struct world_submit {
    const char *const *to;
    size_t to_count;
    int lane;
    const char *topic_class;    /* "event" */
    const char *clause;         /* "4.1" */
    const char *const *clauses; /* or one a recipient */
    const char *kind;           /* of the event */
    const char *token;          /* none */
    const char *asked;          /* another text is another request; the kind when NULL */
    int64_t expires_ms;
    size_t text_size;  /* of the narrative */
    const uint8_t *id; /* 16 bytes; made when NULL */
} world_submit_t;

typedef struct world world_t;

/* What a turn of an agent did, for the rules that only a moment shows. */
typedef struct world_moment {
    struct world_applied {
        size_t notice; /* of w->notices */
        struct world_applied *next;
    } * applied;            /* in the turn's arena */
    bool own_later_word;    /* shown to it, an old copy that does not know of it */
    unsigned urgent_run;    /* of what it published anew: so many in a row */
    kith_digest_t *digests; /* of what it sealed */
} world_moment_t;

typedef struct world_agent {
    const char *id;
    memtxn_t *store;
    kith_arena_t *arena; /* of the turn; what the last turn made is there until the next */
    agent_core_t *core;  /* NULL: not running */
    bool fresh, reload;  /* the core knows nothing yet; the file was read anew */
    uint32_t epoch;
    uint64_t instance;
    const kith_agreement_t *agreement;
    const char *sealing_key; /* the name of the key it opens with */
    const char *key;         /* … and of the one it connects with */
    const char *brokers[WORLD_BROKERS_MAX];
    world_link_t links[WORLD_BROKERS_MAX];
    int64_t ahead_ms;       /* its wall clock */
    int64_t mono_behind_ms; /* its other clock: what it slept */
    bool clocks_apart, stop;
    bool clocks_watched;   /* apart is also what the two clocks make it */
    bool unclean;          /* its starts follow a run that was cut off */
    bool dies;             /* what it cannot apply ends the process … */
    unsigned deaths;       /* … so many times so far */
    int64_t frozen_ms;     /* its wall clock stands at this; 0: it runs */
    int64_t apart_base_ms; /* wall less mono clock at its start */
    bool paused;           /* SIGSTOP: no turns, connections stay */
    bool misfiled;         /* it was given an older partnership file, and ended */
    uint32_t version;      /* the newest of that file which this store has worked under */
    bool old_copy;         /* its store was put back to an older one, which does not know … */
    size_t forgot_from, forgot_to;                    /* … of these of w->sealed */
    uint64_t published[WORLD_AGENTS_MAX][KITH_LANES]; /* the highest number so far */
    world_moment_t moment;
    bool disk_full; /* every commit is lost; it rests after each */
    int64_t rest_until_mono_ms;
    bool damaged; /* it read a row that was rotten and ended */
    world_commit next_commit;
    bool apply_fails;          /* work refuses whatever comes */
    agent_event_t *submission; /* of this turn */
    world_t *world;            /* whose it is */
    int64_t work_due_ms;       /* wall clock; with a kit that has work */
    Kith__Reason halted;
    char alarm[48]; /* the last one */
    uint64_t alarms, turns, changes, sends;
} world_agent_t;

typedef struct world_row {
    uint64_t token;
    char recipient[KITH_NAME_MAX + 1];
    int lane;
    mailbox_kind kind;
    kith_digest_t digest;
    uint32_t judged_version;
    size_t size;
    uint8_t *body;
    bool rotten;   /* its checksum does not fit */
    bool bodiless; /* of a planted bug: the body that it shares is gone */
} world_row_t;

typedef struct world_op {
    bool is_put;
    world_row_t row; /* of a done: recipient and token */
} world_op_t;

typedef struct world_broker {
    char id[16];
    broker_core_t *core; /* NULL: not running */
    kith_arena_t *arena;
    broker_settings_t settings;
    const kith_agreement_t *agreement;
    const kith_agreement_t *reload; /* to be read, at once or at the start */
    uint64_t batch, last_token;
    size_t rows_count, rows_capacity, ops_count, ops_capacity, lost_count;
    world_row_t *rows; /* by token */
    world_op_t *ops;   /* of the open batch */
    uint64_t lost[64]; /* routes to be told */
    bool half_open;    /* it is not told when a connection ends */
    world_commit next_commit;
    uint64_t alarms;
    bool disk_full;
    bool tick_owed;   /* since a commit there was none */
    int64_t ahead_ms; /* its wall clock */
    bool paused;
    bool damaged; /* it read a body that was rotten and ended */
} world_broker_t;

/* What the world's people know was submitted. */
typedef struct world_notice {
    uint8_t id[16];
    size_t origin;
    uint32_t epoch;     /* of the origin */
    uint64_t to;        /* bits: agents */
    uint64_t applied;   /* bits: agents that ever committed it */
    kith_bytes_t bytes; /* as submitted */
} world_notice_t;

/* A notice was sealed for an agent, in a turn that was committed. */
typedef struct world_sealed {
    uint8_t id[16];
    size_t origin, recipient;
    kith_digest_t digest;
} world_sealed_t;

/* Sees each packet before it is on its way, and may change it; false drops it. */
typedef bool world_filter_f(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                            kith_arena_t *arena, Kith__Packet *packet);

/* What the wire does with a packet, instead of carrying it: world_queue_push as often as it likes.
 */
typedef void world_wire_f(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                          kith_bytes_t packet);

/* What stands in the place of this folder's stand-ins. Each may be NULL. */
typedef struct world_kit {
    kith_hash_f *hash; /* of the agents' cores */
    /* The work, after the world has kept what it is given. As in agent_doors_t. */
    kith_err (*apply)(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_received_t *received, Kith__Reason *ret_reason);
    kith_err (*outcome)(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_outcome_t *outcome);
    /* Within a turn: what local clients ask and what is due. now: a TICK of this moment.
     * *ret_due_ms: when it is due again, by the wall clock. */
    kith_err (*local)(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_event_t *now, agent_effects_t *effects, int64_t *ret_due_ms);
    /* Crypto: all or none. */
    void (*event)(world_t *w, size_t agent, kith_arena_t *arena, size_t broker,
                  Kith__Packet *packet, agent_event_t *event);
    void (*seal)(world_t *w, size_t agent, kith_arena_t *arena, const agent_effects_t *seals,
                 Kith__Envelope **ret_envelopes, kith_digest_t *ret_digests);
    Kith__Packet *(*receipt)(world_t *w, size_t agent, kith_arena_t *arena, int64_t now_ms,
                             const agent_effect_t *effect);
    Kith__Reason (*verify)(world_t *w, size_t broker, kith_arena_t *arena,
                           const Kith__Envelope *envelope, Kith__Header **ret_header,
                           kith_digest_t *ret_digest);
    Kith__Signed *(*refusal)(world_t *w, size_t broker, kith_arena_t *arena,
                             Kith__Refusal *refusal);
} world_kit_t;

struct world {
    const world_kit_t *kit; /* nothing but stand-ins when NULL */
    void *kit_ctx;
    kith_arena_t *arena;               /* of the whole life */
    const kith_agreement_t *agreement; /* the newest */
    int64_t now_ms, mono_ms;
    size_t agents_count, brokers_count;
    world_agent_t agents[WORLD_AGENTS_MAX];
    world_broker_t brokers[WORLD_BROKERS_MAX];
    agent_settings_t settings;
    uint64_t last_route, last_id, last_instance;
    size_t notices_count, notices_capacity;
    world_notice_t *notices;
    size_t sealed_count, sealed_capacity;
    world_sealed_t *sealed;
    world_filter_f *filter;
    void *filter_ctx;
    world_wire_f *wire;
    void *wire_ctx;
    dice_t *breaks; /* how much still arrives when a connection ends; NULL: nothing */
    /* A frame was spoiled, or the agreement got narrower: copies that are sent again to a new epoch
     * may be refused, and their debts have ended before. */
    bool again_may_fail;
    bool deaf;         /* world_fail says nothing: another judges alone */
    const char *wrong; /* the first rule that this world itself saw broken; NULL: none */
    char wrong_text[256];
};

/* ---- world.c: life, time, the partnership ---- */

/* All run, none has spoken yet. */
world_t *world_new(size_t agents, size_t brokers);
void world_destroy(world_t **self_p);
/* Remembers the first rule that was broken. */
void world_fail(world_t *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for one more element at array[count]. */
void *world_grown(void *array, size_t count, size_t *capacity, size_t element_size);

/* Turns of all, as long as any has something to do at this moment. */
void world_settle(world_t *w);
/* Time passes: everyone is woken when due. */
void world_pass(world_t *w, int64_t ms);

/* A copy of the newest file with the next version; the caller changes it before it is given out. */
kith_agreement_t *world_next_agreement(world_t *w);
kith_agency_t *world_agency(kith_agreement_t *agreement, const char *id);
void world_give_agent(world_t *w, size_t agent, const kith_agreement_t *agreement);
void world_give_broker(world_t *w, size_t broker, const kith_agreement_t *agreement);
void world_give_all(world_t *w, const kith_agreement_t *agreement);

/* ---- world_link.c ---- */

void world_queue_push(world_queue_t *queue, kith_bytes_t packet);
/* The caller frees the data. */
bool world_queue_pop(world_queue_t *queue, struct world_frame *ret_frame);
void world_queue_clear(world_queue_t *queue);
/* Sends, through the filter. */
void world_send(world_t *w, bool to_broker, size_t agent, size_t broker, kith_arena_t *arena,
                Kith__Packet *packet);
/* The connection ends now; what was on its way, or its end, is lost. */
void world_drop(world_t *w, size_t agent, size_t broker);
/* Because one side ends: nothing arrives there any more. */
void world_drop_ended(world_t *w, size_t agent, size_t broker, bool agent_ends, bool broker_ends);
void world_drop_all(world_t *w, size_t agent); /* the agent ends */
/* And none can be made until … */
void world_cut(world_t *w, size_t agent, size_t broker);
void world_heal(world_t *w, size_t agent, size_t broker);

/* ---- world_agent.c ---- */

void world_agent_init(world_t *w, size_t agent);
/* One turn. Its error when it did not come to a good end. */
kith_err world_agent_turn(world_t *w, size_t agent);
bool world_agent_due(const world_t *w, size_t agent);
/* How long until it wants a turn. */
int64_t world_agent_wait_ms(const world_t *w, size_t agent);
/* An event of this moment, by its clocks. */
agent_event_t world_agent_event(const world_t *w, size_t agent, agent_event_type type);
int64_t world_agent_mono_ms(const world_t *w, size_t agent);
void world_agent_stop(world_t *w, size_t agent); /* at once */
void world_agent_start(world_t *w, size_t agent);
/* An empty store of this epoch, as --init makes. Stopped before, not started after. */
void world_agent_lose_store(world_t *w, size_t agent, uint32_t epoch);
/* A copy of its store, made when w->sealed_count was `sealed_count`, in the place of the store;
 * taken over. Stopped before, not started after. */
void world_agent_restore(world_t *w, size_t agent, memtxn_t **copy_p, size_t sealed_count);

/* ---- world_work.c ---- */

/* For its core. */
agent_doors_t world_doors(world_agent_t *a);

/* ---- world_submit.c ---- */

/* A turn with this submission in it. The turn's error: then nobody knows. */
kith_err world_submit(world_t *w, size_t agent, const world_submit_t *what,
                      agent_submitted_t *ret_submitted);
/* A notice was given to an agent's work as its own; whatever comes of it. Known already: nothing.
 */
void world_attempted(world_t *w, size_t agent, const agent_received_t *own);
/* Its submitter was told that it is stored, and for whom. */
void world_answered(world_t *w, const uint8_t id[16], const char *const *to, size_t to_count);

/* ---- world_hub.c ---- */

void world_hub_init(world_t *w, size_t broker);
void world_hub_destroy(world_broker_t *b);
void world_hub_turn(world_t *w, size_t broker);
bool world_hub_due(const world_t *w, size_t broker);
int64_t world_hub_wait_ms(const world_t *w, size_t broker);
void world_hub_stop(world_t *w, size_t broker);
void world_hub_start(world_t *w, size_t broker);
/* Its disk is lost: a new store, with another epoch. Stopped before, not started after. */
void world_hub_lose_store(world_t *w, size_t broker);

/* ---- world_rules.c: what the invariants of the whole would not see ---- */

/* What a broker's core puts into its mailboxes within one turn. */
typedef struct world_puts {
    size_t count, capacity;
    struct world_put {
        const Kith__EnvelopeId *id;
        size_t recipients_count;
        const char *const *recipients;
    } * items;
} world_puts_t;
void world_rule_put(world_puts_t *puts, const Kith__Header *header, const mailbox_put_t *put);
/* ACCEPTED speaks of what its turn has committed. NULL: nothing yet. */
void world_rule_accepted(world_t *w, size_t broker, const world_puts_t *committed,
                         const Kith__Packet *packet);
/* A copy goes when its recipient has taken it, or when it was judged again and may not be sent. */
void world_rule_done(world_t *w, size_t broker, const broker_event_t *event,
                     const broker_effect_t *done);

/* A session lives under a key that the hub's file allows … */
void world_rule_heard(world_t *w, size_t broker, size_t agent, uint64_t route);
/* … and ends, after a TICK, when it has said nothing for its liveness. */
void world_rule_sessions(world_t *w, size_t broker);

/* It applied another's notice: that counts when its turn is committed. */
void world_rule_applied(world_t *w, size_t agent, const agent_received_t *received);
/* A packet as it is given to the core. */
void world_rule_shown(world_t *w, size_t agent, const agent_event_t *event);
/* Urgent has KITH_NORMAL_SHARE - 1 places in a row at most while normal waits. */
void world_rule_published(world_t *w, size_t agent, const Kith__Packet *packet);
/* An origin's own file allows what it seals; its turn is committed, so this is in w->sealed now. */
void world_rule_sealed(world_t *w, size_t agent, const agent_seal_job_t *job,
                       const kith_digest_t *digest);
/* Its turn is committed, under no older file than any before. */
void world_rule_stored(world_t *w, size_t agent);
/* … and released: an old copy that was shown its own later word has halted, and no other does. */
void world_rule_released(world_t *w, size_t agent);

/* To be called for each outcome that an agent's core tells, in its transaction. */
kith_err world_rule_outcome(world_t *w, size_t agent, kith_txn_t *txn, kith_arena_t *arena,
                            const agent_outcome_t *said);
/* When nothing is on its way: what is said to be at a hub. NULL, or what is wrong. */
const char *world_check_hubs(world_t *w);
/* Of world_check. */
void world_check_told(world_t *w, size_t agent);
void world_check_quarantine(world_t *w, size_t agent);

/* ---- world_look.c: reading what came of it, and the invariants ---- */

uint64_t world_rows(world_t *w, size_t agent, int table);
/* The debt of a notice; the strings are in the world's arena. false: there is none. */
bool world_debt(world_t *w, size_t agent, const uint8_t id[16], const char *recipient,
                Kith__Store__Debt *ret_debt);
/* Applied at this agent, `early` ones aside. */
size_t world_applied(world_t *w, size_t agent, const uint8_t id[16]);

/* What the fake work wrote for one notice that was applied or shown. */
typedef struct world_shown {
    const char *origin; /* these in the world's arena */
    kith_bytes_t notice;
    uint8_t id[16];
    int lane;
    bool late, again, early, mine, clock_apart;
} world_shown_t;
/* The row `index` of what was applied and shown, from 0. false: there are no more. */
bool world_shown(world_t *w, size_t agent, uint64_t index, world_shown_t *ret_shown);

typedef struct world_told {
    uint8_t id[16];
    Kith__Outcome outcome;
    Kith__Reason reason;
    const char *recipient, *clause;
} world_told_t;
/* The row `index` of the outcomes that were told. */
bool world_told(world_t *w, size_t agent, uint64_t index, world_told_t *ret_told);

/* After quiet: NULL, or the rule that does not hold. Everyone must have been able to work. */
const char *world_check(world_t *w);
