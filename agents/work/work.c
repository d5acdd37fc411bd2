#include "agents/work/work.h"
