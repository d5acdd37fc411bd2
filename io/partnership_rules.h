/* The partnership file's unit costs, and its rules over what comes and what does not. Called by
 * io/partnership.c, when members, topics, clauses and calendars are known. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* Each fills its part of the agreement, in the arena. What is wrong is kept in the conf. */
void partnership_costs(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
void partnership_rules(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
/* After the rules over counts, whose names it shares. */
void partnership_expected(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
void partnership_underlap(kith_conf_t *conf, kith_agreement_t *a);
