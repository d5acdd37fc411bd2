/* The ends of the work, after quiet: what the world's rules and kith_judge do not speak of. */
#pragma once

#include "tests/sim/people.h"

/* Asks every agency's local api; all run. The first rule that does not hold fails the world. */
void ends_judge(world_t *w, desk_t *desk);
