/* Mailboxes in memory, for tests: keeps every promise of mailbox.h but durability. */
#pragma once

#include "broker/mailbox.h"

/* late: flush only starts a batch; mailbox_memory_complete makes all started ones durable. */
kith_mailbox_t *mailbox_memory_new(bool late);
void mailbox_memory_complete(kith_mailbox_t *mailbox);
/* The next flush fails with this. */
void mailbox_memory_fail(kith_mailbox_t *mailbox, kith_err err);
