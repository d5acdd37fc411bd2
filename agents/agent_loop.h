/* The agent's one thread: what arrives, what the core decides, one commit, what may then be said.
 *
 *   wait → drain brokers, the local socket, signals → step each → seal → commit → send
 *
 * Called by main. Files: agent_loop.c (the parts, waiting, signals, the partnership file read anew)
 * · agent_loop_turn.c (one turn, up to its commit) · agent_loop_effects.c (what follows a commit,
 * or a failed one). */
#pragma once

#include "agents/agent_conf.h"
#include "agents/store/agent_store.h"
#include "io/keys.h"

/* What main has loaded. The loop takes store, keys and the agreement's arena when it is made. */
typedef struct agent_start {
    const agent_conf_t *conf;
    const kith_agreement_t *agreement;
    kith_arena_t *agreement_arena;
    kith_keys_t *keys;
    kith_store_t *store;
    agent_identity_t identity;
} agent_start_t;

typedef struct agent_loop agent_loop_t;

/* Binds the local socket. KITH_BUSY: another process serves it; KITH_CONFIG: no such place;
 * KITH_DENIED, KITH_IO. *ret_error: `FILE:LINE: what and what to do`, in the arena; start is then
 * untouched. */
kith_err agent_loop_new(agent_start_t *start, kith_arena_t *arena, agent_loop_t **ret_loop,
                        const char **ret_error);
void agent_loop_destroy(agent_loop_t **self_p);

/* Until SIGTERM, or until it cannot go on. The process's exit status. */
int agent_loop_run(agent_loop_t *self);

/* How large a partnership file's data may get. */
#define AGENT_AGREEMENT_BYTES_MAX (64u * 1024u * 1024u)
