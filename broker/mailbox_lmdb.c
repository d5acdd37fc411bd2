#include "broker/mailbox.h"
