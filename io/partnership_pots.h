/* The partnership file's money for small help. Called by io/partnership.c. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* Fills the pots of the agreement, whose agencies are there, in the arena. What is wrong is kept in
 * the conf. */
void partnership_pots(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
