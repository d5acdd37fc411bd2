/* The parts of the partnership file that the work with families goes by: which roles may lead a
 * household, and for how long what an agency offers counts as fresh. Part of io/partnership.c. */
#pragma once

#include "base/agreement.h"
#include "io/conf.h"

/* `lead_roles` and `directory`; each may be missing. Anything wrong is kept in the conf. */
void partnership_work(kith_conf_t *conf, kith_agreement_t *a);
