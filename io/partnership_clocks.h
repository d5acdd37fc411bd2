/* The partnership file's time: office calendars and clocks. Called by io/partnership.c. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* "HH:MM", up to 24:00, in ms. */
int32_t partnership_time(kith_conf_t *conf, const conf_group_t *g, const char *name);
/* Fills calendars and clocks of the agreement, in the arena. What is wrong is kept in the conf. */
void partnership_calendars(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
/* The ladder of an alert that is not answered. */
void partnership_ladder(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
void partnership_clocks(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
