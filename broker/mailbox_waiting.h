/* Whose copies of a body wait: the value of the table `names` while it is changed. Used by
 * mailbox_lmdb.c and mailbox_check.c only.
 *
 * As stored: the body's number (8 bytes, big endian), then each recipient's name with its NUL. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

typedef struct mailbox_waiting {
    uint64_t body; /* its number */
    size_t size, capacity;
    uint8_t *value; /* in the arena */
} mailbox_waiting_t;

/* Nobody yet. room_bytes: for the names that will be added, each with its NUL. */
void mailbox_waiting_begin(mailbox_waiting_t *self, kith_arena_t *arena, uint64_t body,
                           size_t room_bytes);
/* A copy of what is stored. KITH_CORRUPT when it is none. */
kith_err mailbox_waiting_read(mailbox_waiting_t *self, kith_arena_t *arena, kith_bytes_t stored,
                              size_t room_bytes);

bool mailbox_waiting_has(const mailbox_waiting_t *self, const char *recipient);
void mailbox_waiting_add(mailbox_waiting_t *self, const char *recipient);
/* false: was not among them. */
bool mailbox_waiting_drop(mailbox_waiting_t *self, const char *recipient);
size_t mailbox_waiting_count(const mailbox_waiting_t *self);
/* To be stored. */
kith_bytes_t mailbox_waiting_bytes(const mailbox_waiting_t *self);
