#include "broker/mailbox_bodies.h"

#include <stdlib.h>
#include <string.h>

/* Twice what one recipient is handed in a turn. A newcomer takes the place of what stood there. */
#define PLACES_BITS 11u

typedef struct place {
    uint64_t reading, number;
    mailbox_body_t body;
} place_t;

struct mailbox_bodies {
    uint64_t readings; /* so many have begun: an arena that was reset belongs to an earlier one */
    place_t places[1u << PLACES_BITS];
};

mailbox_bodies_t *mailbox_bodies_new(void)
{
    mailbox_bodies_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    return self;
}

void mailbox_bodies_destroy(mailbox_bodies_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

/* Numbers rise by the count of recipients: Fibonacci's multiplier spreads any such row evenly. */
static place_t *place_of(mailbox_bodies_t *self, uint64_t number)
{
    return &self->places[number * UINT64_C(0x9e3779b97f4a7c15) >> (64 - PLACES_BITS)];
}

static kith_err body_read(kith_txn_t *txn, kith_arena_t *arena, uint64_t number,
                          mailbox_body_t *ret_body)
{
    kith_bytes_t value;
    kith_key_t key = mailbox_key_body(number);
    kith_err err = kith_get(txn, TABLE_BODIES, kith_key_bytes(&key), &value);
    if (err == KITH_OK)
        err = mailbox_body_read(value, ret_body);
    if (err != KITH_OK)
        return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
    uint8_t *copy = kith_arena_raw(arena, ret_body->body.size);
    if (!copy)
        return KITH_LIMIT;
    memcpy(copy, ret_body->body.data, ret_body->body.size);
    ret_body->body.data = copy;
    return KITH_OK;
}

kith_err mailbox_bodies_get(mailbox_bodies_t *self, kith_txn_t *txn, mailbox_reading_t *reading,
                            uint64_t number, mailbox_body_t *ret_body)
{
    if (reading->number == 0)
        reading->number = ++self->readings;
    place_t *place = place_of(self, number);
    if (place->reading == reading->number && place->number == number) {
        *ret_body = place->body;
        return KITH_OK;
    }
    kith_err err = body_read(txn, reading->arena, number, ret_body);
    if (err == KITH_OK)
        *place = (place_t){.reading = reading->number, .number = number, .body = *ret_body};
    return err;
}
