/* The table of io/link_routes.h: slots, chained by connection. */
#include "io/link_routes.h"

#include "base/err.h"

#include <stdlib.h>
#include <string.h>

#define NO_SLOT UINT32_MAX

typedef struct slot {
    uint64_t route; /* 0: free */
    uint64_t heard; /* grows with each arrival */
    uint32_t connection, uid;
    uint32_t next; /* of the same bucket; of a free slot: the next free one */
    char user[LINK_USER_SIZE];
} slot_t;

struct link_routes {
    uint32_t capacity, each_max, free;
    uint64_t serial, arrivals;
    slot_t *slots;
    uint32_t *buckets; /* ROUTER counts its connections, so their remainders spread evenly */
};

link_routes_t *link_routes_new(uint32_t capacity, uint32_t each_max)
{
    KITH_ASSERT(capacity > 0 && each_max > 0);
    link_routes_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->capacity = capacity;
    self->each_max = each_max;
    self->slots = calloc(capacity, sizeof *self->slots);
    self->buckets = calloc(capacity, sizeof *self->buckets);
    KITH_ASSERT(self->slots && self->buckets);
    for (uint32_t i = 0; i < capacity; i++) {
        self->buckets[i] = NO_SLOT;
        self->slots[i].next = i + 1 < capacity ? i + 1 : NO_SLOT;
    }
    return self;
}

void link_routes_destroy(link_routes_t **self_p)
{
    if (!*self_p)
        return;
    free((*self_p)->slots);
    free((*self_p)->buckets);
    free(*self_p);
    *self_p = NULL;
}

static uint32_t *bucket_of(link_routes_t *self, uint32_t connection)
{
    return &self->buckets[connection % self->capacity];
}

static bool is_of(const slot_t *slot, const char *user, uint32_t uid)
{
    return slot->route != 0 && slot->uid == uid && strcmp(slot->user, user) == 0;
}

/* A route says in itself where its slot is. */
static slot_t *slot_at(const link_routes_t *self, uint64_t route)
{
    slot_t *slot = &self->slots[route % self->capacity];
    return route != 0 && slot->route == route ? slot : NULL;
}

void link_routes_forget(link_routes_t *self, uint64_t route)
{
    slot_t *slot = slot_at(self, route);
    if (!slot)
        return;
    uint32_t index = (uint32_t)(slot - self->slots);
    uint32_t *at = bucket_of(self, slot->connection);
    while (*at != index)
        at = &self->slots[*at].next;
    *at = slot->next;
    *slot = (slot_t){.next = self->free};
    self->free = index;
}

/* Makes room for one more of this identity: its own oldest goes when it has all that it may have,
 * the oldest of all when the table is full. Looks at every slot, once a new connection. */
static void make_room(link_routes_t *self, const char *user, uint32_t uid)
{
    const slot_t *oldest = NULL, *own_oldest = NULL;
    uint32_t own = 0;
    for (uint32_t i = 0; i < self->capacity; i++) {
        const slot_t *slot = &self->slots[i];
        if (slot->route == 0)
            continue;
        if (!oldest || slot->heard < oldest->heard)
            oldest = slot;
        if (!is_of(slot, user, uid))
            continue;
        own++;
        if (!own_oldest || slot->heard < own_oldest->heard)
            own_oldest = slot;
    }
    if (own >= self->each_max)
        link_routes_forget(self, own_oldest->route);
    else if (self->free == NO_SLOT)
        link_routes_forget(self, oldest->route);
}

static uint64_t add(link_routes_t *self, uint32_t connection, const char *user, uint32_t uid)
{
    make_room(self, user, uid);
    uint32_t index = self->free;
    slot_t *slot = &self->slots[index];
    uint32_t *bucket = bucket_of(self, connection);
    self->free = slot->next;
    *slot = (slot_t){.route = ++self->serial * self->capacity + index,
                     .heard = ++self->arrivals,
                     .connection = connection,
                     .uid = uid,
                     .next = *bucket};
    size_t size = strlen(user) + 1;
    KITH_ASSERT(size <= sizeof slot->user);
    memcpy(slot->user, user, size);
    *bucket = index;
    return slot->route;
}

uint64_t link_routes_heard(link_routes_t *self, uint32_t connection, const char *user, uint32_t uid)
{
    uint32_t index = *bucket_of(self, connection);
    while (index != NO_SLOT && self->slots[index].connection != connection)
        index = self->slots[index].next;
    if (index != NO_SLOT) {
        slot_t *slot = &self->slots[index];
        if (is_of(slot, user, uid)) {
            slot->heard = ++self->arrivals;
            return slot->route;
        }
        link_routes_forget(self, slot->route);
    }
    return add(self, connection, user, uid);
}

bool link_routes_find(const link_routes_t *self, uint64_t route, uint32_t *ret_connection)
{
    const slot_t *slot = slot_at(self, route);
    if (!slot)
        return false;
    *ret_connection = slot->connection;
    return true;
}
