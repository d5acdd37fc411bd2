/* The bounded arena: chunks of one size for small things, a block of its own for each large one.
 *
 * The limit counts what was handed out, not what the chunks hold, so that the same turn meets it at
 * the same place in every process, whatever earlier turns left behind. */
#include "base/arena.h"

#include "base/err.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN       alignof(max_align_t)
#define CHUNK_BYTES ((size_t)256 * 1024)
/* Larger than this gets a block of its own, so that little of a chunk is ever left over. */
#define SHARED_BYTES_MAX (CHUNK_BYTES / 4)

typedef struct chunk {
    struct chunk *next;
    size_t size, used;
    alignas(max_align_t) uint8_t data[];
} chunk_t;

struct kith_arena {
    size_t limit, used;
    chunk_t *first;   /* kept for the next turn */
    chunk_t *current; /* the one of them in use; NULL: none yet */
    chunk_t *large;   /* given back at reset */
    ProtobufCAllocator allocator;
};

static chunk_t *chunk_new(size_t size)
{
    chunk_t *chunk = malloc(sizeof *chunk + size);
    KITH_ASSERT(chunk != NULL); /* out of memory */
    *chunk = (chunk_t){.size = size};
    return chunk;
}

static void chunks_free(chunk_t *chunk)
{
    while (chunk != NULL) {
        chunk_t *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

static void *allocator_alloc(void *data, size_t size)
{
    return kith_arena_alloc(data, size);
}

static void allocator_free(void *data, void *pointer)
{
    (void)data;
    (void)pointer;
}

kith_arena_t *kith_arena_new(size_t limit_bytes)
{
    kith_arena_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL); /* out of memory */
    self->limit = limit_bytes;
    self->allocator = (ProtobufCAllocator){
        .alloc = allocator_alloc,
        .free = allocator_free,
        .allocator_data = self,
    };
    return self;
}

void kith_arena_destroy(kith_arena_t **self_p)
{
    if (self_p == NULL || *self_p == NULL) {
        return;
    }
    chunks_free((*self_p)->first);
    chunks_free((*self_p)->large);
    free(*self_p);
    *self_p = NULL;
}

void kith_arena_reset(kith_arena_t *self)
{
    chunks_free(self->large);
    self->large = NULL;
    self->current = NULL;
    self->used = 0;
}

/* A chunk of the shared kind with room for size bytes: the current one, the next kept one, or new.
 */
static chunk_t *shared_chunk(kith_arena_t *self, size_t size)
{
    chunk_t *current = self->current;
    if (current != NULL && current->size - current->used >= size) {
        return current;
    }
    chunk_t **next = current != NULL ? &current->next : &self->first;
    if (*next == NULL) {
        *next = chunk_new(CHUNK_BYTES);
    }
    (*next)->used = 0;
    self->current = *next;
    return *next;
}

static chunk_t *large_chunk(kith_arena_t *self, size_t size)
{
    chunk_t *chunk = chunk_new(size);
    chunk->next = self->large;
    self->large = chunk;
    return chunk;
}

void *kith_arena_raw(kith_arena_t *self, size_t size)
{
    if (size > kith_arena_room(self)) {
        return NULL;
    }
    size_t rounded = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (rounded == 0) {
        rounded = ALIGN; /* so that each thing has an address of its own */
    }
    if (rounded > kith_arena_room(self)) {
        return NULL;
    }
    chunk_t *chunk =
        rounded > SHARED_BYTES_MAX ? large_chunk(self, rounded) : shared_chunk(self, rounded);
    void *result = chunk->data + chunk->used;
    chunk->used += rounded;
    self->used += rounded;
    return result;
}

void *kith_arena_alloc(kith_arena_t *self, size_t size)
{
    void *result = kith_arena_raw(self, size);
    if (result != NULL)
        memset(result, 0, size);
    return result;
}

static void *need_raw(kith_arena_t *self, size_t size)
{
    void *result = kith_arena_raw(self, size);
    KITH_ASSERT(result != NULL);
    return result;
}

void *kith_arena_need(kith_arena_t *self, size_t size)
{
    void *result = kith_arena_alloc(self, size);
    KITH_ASSERT(result != NULL);
    return result;
}

char *kith_arena_str(kith_arena_t *self, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(need_raw(self, size), text, size);
}

kith_bytes_t kith_arena_copy(kith_arena_t *self, kith_bytes_t bytes)
{
    if (bytes.size == 0) {
        return (kith_bytes_t){0};
    }
    void *data = memcpy(need_raw(self, bytes.size), bytes.data, bytes.size);
    return (kith_bytes_t){.data = data, .size = bytes.size};
}

char *kith_arena_printf(kith_arena_t *self, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    KITH_ASSERT(length >= 0);
    size_t size = (size_t)length + 1;
    char *text = need_raw(self, size);
    va_start(arguments, format);
    length = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    KITH_ASSERT((size_t)length + 1 == size);
    return text;
}

size_t kith_arena_used(const kith_arena_t *self)
{
    return self->used;
}

size_t kith_arena_room(const kith_arena_t *self)
{
    return self->limit - self->used;
}

ProtobufCAllocator *kith_arena_allocator(kith_arena_t *self)
{
    return &self->allocator;
}

kith_bytes_t kith_arena_pack(kith_arena_t *self, const ProtobufCMessage *message)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *data = need_raw(self, size);
    size_t packed = protobuf_c_message_pack(message, data);
    KITH_ASSERT(packed == size);
    return (kith_bytes_t){.data = data, .size = size};
}
