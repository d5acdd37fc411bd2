#include "broker/policy.h"
