/* The judge of record (tests/check/judge.h) over what a play has left. */
#pragma once

#include "tests/check/judge.h"
#include "tests/lib/world.h"

#include "api.pb-c.h"

/* What people saw goes to the judge as it happens. node: an agency; token: hex, or NULL. */
void verdict_note(judge_t *judge, const world_t *w, judge_event_type type, const char *node,
                  const char *token);
/* A submit was answered: stored, with this id. */
void verdict_stored(judge_t *judge, const world_t *w, const char *agency, const char *token,
                    const uint8_t id[16], size_t recipients_count, const char *const *recipients);
/* Somebody looked at a notice: what is said of each recipient. */
void verdict_states(judge_t *judge, const world_t *w, const char *agency,
                    const Kith__Api__ShowResponse *shown);
/* What all stores hold at this moment, brokers' too. Everybody counts as away: what is to be
 * settled may wait, what was promised may not be gone. */
void verdict_now(world_t *w);
/* Every row of every agent, then the judgement. The first violation fails the world. */
void verdict_end(judge_t *judge, world_t *w, int64_t settle_max_ms);
