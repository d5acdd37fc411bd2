#include "agents/core/agent_core.h"
