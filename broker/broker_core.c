#include "broker/broker_core.h"
