/* Does what an agent has counted of each family add up, whatever has happened? */
#pragma once

#include "agents/work/work.h"
#include "tests/lib/world.h"

/* Every household the agent knows; a difference fails the world. */
void ledger_check(world_t *w, size_t agent, const work_t *work);
