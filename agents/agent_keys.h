/* This agency's own keys, and whether the partnership file knows them.
 *
 * Called by main at start and by the loop when the partnership file was read anew. */
#pragma once

#include "agents/agent_conf.h"
#include "io/keys.h"

/* Loads the key folder. KITH_CONFIG: *ret_error is `FILE:1: what and what to do` (in the arena). */
kith_err agent_keys_load(const agent_conf_t *conf, kith_arena_t *arena, kith_keys_t **ret_keys,
                         const char **ret_error);

/* Are all three public halves current in this agency's entry? NULL: yes; else one line as above. */
const char *agent_keys_misfit(const agent_conf_t *conf, const kith_agreement_t *agreement,
                              const kith_keys_t *keys, kith_arena_t *arena);
