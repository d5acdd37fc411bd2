/* A hub's mailbox in the world: a list of rows, and of what is to be done to them. */
#pragma once

#include "tests/lib/world.h"

/* Into the open batch. What they are given is copied. */
void world_mailbox_put(world_broker_t *b, const mailbox_put_t *put);
void world_mailbox_done(world_broker_t *b, const char *recipient, uint64_t token);
/* The first so many writes, those of a batch that was closed: kept, or as if they had never been.
 */
void world_mailbox_flush(world_broker_t *b, size_t count, bool keep);
/* All that was not flushed. */
void world_mailbox_throw_away(world_broker_t *b);
/* What was flushed. */
mailbox_count_t world_mailbox_count(const world_broker_t *b, const char *recipient, int lane);
