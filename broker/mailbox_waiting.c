#include "broker/mailbox_waiting.h"

#include "base/key.h"

#include <string.h>

#define NUMBER_BYTES 8u

void mailbox_waiting_begin(mailbox_waiting_t *self, kith_arena_t *arena, uint64_t body,
                           size_t room_bytes)
{
    kith_key_t number;
    kith_key_clear(&number);
    kith_key_u64(&number, body);
    *self = (mailbox_waiting_t){
        .body = body, .size = NUMBER_BYTES, .capacity = NUMBER_BYTES + room_bytes};
    self->value = kith_arena_need(arena, self->capacity);
    memcpy(self->value, number.data, NUMBER_BYTES);
}

kith_err mailbox_waiting_read(mailbox_waiting_t *self, kith_arena_t *arena, kith_bytes_t stored,
                              size_t room_bytes)
{
    kith_key_reader_t reader = {stored};
    if (stored.size <= NUMBER_BYTES || stored.data[stored.size - 1] != 0)
        return KITH_CORRUPT;
    size_t names_bytes = stored.size - NUMBER_BYTES;
    mailbox_waiting_begin(self, arena, kith_key_read_u64(&reader), names_bytes + room_bytes);
    memcpy(self->value + NUMBER_BYTES, reader.rest.data, names_bytes);
    self->size += names_bytes;
    return KITH_OK;
}

/* Where this name stands, or the end. */
static size_t find(const mailbox_waiting_t *self, const char *recipient)
{
    size_t at = NUMBER_BYTES;
    while (at < self->size && strcmp((const char *)self->value + at, recipient) != 0)
        at += strlen((const char *)self->value + at) + 1;
    return at;
}

bool mailbox_waiting_has(const mailbox_waiting_t *self, const char *recipient)
{
    return find(self, recipient) < self->size;
}

void mailbox_waiting_add(mailbox_waiting_t *self, const char *recipient)
{
    size_t size = strlen(recipient) + 1;
    KITH_ASSERT(size <= self->capacity - self->size);
    memcpy(self->value + self->size, recipient, size);
    self->size += size;
}

bool mailbox_waiting_drop(mailbox_waiting_t *self, const char *recipient)
{
    size_t at = find(self, recipient), size = strlen(recipient) + 1;
    if (at == self->size)
        return false;
    memmove(self->value + at, self->value + at + size, self->size - at - size);
    self->size -= size;
    return true;
}

size_t mailbox_waiting_count(const mailbox_waiting_t *self)
{
    size_t count = 0;
    for (size_t at = NUMBER_BYTES; at < self->size; at++)
        count += self->value[at] == 0;
    return count;
}

kith_bytes_t mailbox_waiting_bytes(const mailbox_waiting_t *self)
{
    return (kith_bytes_t){self->value, self->size};
}
