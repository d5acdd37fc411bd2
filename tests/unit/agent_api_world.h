/* One agent's api on tables in memory, with the real core and work behind it: asks, commits,
 * answers.
 */
#pragma once

#include "agents/api/api.h"
#include "tests/lib/memtxn.h"
#include "tests/unit/agent_world.h"

#define DUTY_UID    1000u /* "duty" */
#define GATEWAY_UID 1001u

typedef struct side {
    agent_world_t *w;
    memtxn_t *tables;
    agent_core_t *core;
    work_t work;
    api_t api;
    kith_arena_t *arena; /* of the turn; what an answer points to lives until the next ask */
    int64_t now_ms, mono_ms, clock_ahead_ms;
    bool read_only;
    kith_agreement_t agreement;
} side_t;

int side_begin(void **state);
int side_end(void **state);

/* One turn with one request: asked, committed, decoded. NULL: it is held, see *ret_answer. */
Kith__Api__Response *side_ask_as(side_t *s, uint32_t uid, const Kith__Api__Request *request,
                                 api_answer_t *ret_answer);
/* As duty, which must be answered. */
Kith__Api__Response *side_ask(side_t *s, const Kith__Api__Request *request);
Kith__Api__Response *side_decode(side_t *s, const api_answer_t *answer);

/* The parts of a turn, for tests that do something between them. */
api_turn_t side_turn(side_t *s, agent_effects_t *effects);
void side_commit(side_t *s, const api_turn_t *turn);

/* An event of topic call-out (normal) or concern (urgent), to housing. In the world's arena. */
Kith__Api__Request *side_event(side_t *s, const char *topic, const char *token,
                               const char *narrative);
/* Submits it: the notice's id, in the world's arena. */
kith_bytes_t side_submit(side_t *s, const char *topic, const char *narrative);

/* The hub says WELCOME, and of each agency named (NULL-terminated) that it is connected. */
void side_welcome(side_t *s, const char *const *connected);

/* Rows of a table. */
uint64_t side_rows(side_t *s, int table);
