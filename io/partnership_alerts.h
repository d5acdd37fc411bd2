/* The partnership's rules for alerts and disagreements. Called by io/partnership.c. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* `alert_levels`, of which a higher one mutes lower ones; optional. What is wrong is kept in the
 * conf. */
void partnership_alert_levels(kith_conf_t *conf, kith_agreement_t *a);
/* `disagreement`, the stages that one climbs; optional. The calendars come before it. */
void partnership_disagreement(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a);
