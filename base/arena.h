/* A bounded arena: what one turn needs, given back in one go.
 *
 * Everything decoded, decided or to be sent in a turn lives here, so nothing is freed by hand and a
 * hostile message cannot make a process grow: protobuf-c turns 1 MiB of empty map entries into
 * 60 MiB of heap, here it gets NULL at the limit. Running out is KITH_LIMIT for outside input and a
 * bug for our own. */
#pragma once

#include "base/bytes.h"

#include <protobuf-c/protobuf-c.h>

typedef struct kith_arena kith_arena_t;

/* limit_bytes: the most it hands out between two resets. Grows by chunks; aborts when the machine
 * has no memory at all (base/arena.c is the one file that does). */
kith_arena_t *kith_arena_new(size_t limit_bytes);
void kith_arena_destroy(kith_arena_t **self_p);

/* Gives everything back. Chunks are kept for the next turn. */
void kith_arena_reset(kith_arena_t *self);

/* Zeroed, aligned for any type. NULL when the limit is reached. */
void *kith_arena_alloc(kith_arena_t *self, size_t size);

/* As kith_arena_alloc, not zeroed: for what is written over at once. */
void *kith_arena_raw(kith_arena_t *self, size_t size);

/* As kith_arena_alloc, but our own data: reaching the limit is a bug and asserts. */
void *kith_arena_need(kith_arena_t *self, size_t size);
char *kith_arena_str(kith_arena_t *self, const char *text);
kith_bytes_t kith_arena_copy(kith_arena_t *self, kith_bytes_t bytes);
char *kith_arena_printf(kith_arena_t *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

size_t kith_arena_used(const kith_arena_t *self);
/* What is left until the limit: a loop stops taking frames while there is still enough. */
size_t kith_arena_room(const kith_arena_t *self);

/* For protobuf-c's unpack: allocates here, frees nothing. Borrowed, as long as the arena lives. */
ProtobufCAllocator *kith_arena_allocator(kith_arena_t *self);

/* Packs a message into the arena. */
kith_bytes_t kith_arena_pack(kith_arena_t *self, const ProtobufCMessage *message);
#define KITH_PACK(arena, message) kith_arena_pack((arena), &(message)->base)
