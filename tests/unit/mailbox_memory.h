/* Mailboxes in memory, for tests: keeps every promise of mailbox.h but durability. */
#pragma once

#include "broker/mailbox.h"

kith_mailbox_t *mailbox_memory_new(void);
