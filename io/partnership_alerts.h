/* The partnership's rules for alerts, read by partnership.c: the levels, of which a higher one
 * mutes lower ones about the same people. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* `alert_levels`; optional. What breaks a rule is told with its place. */
void partnership_alert_levels(kith_conf_t *conf, kith_agreement_t *a);
