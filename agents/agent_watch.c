/* A short list, walked: there are few, and they seldom change. */
#include "agents/agent_watch.h"

#include <stdlib.h>

typedef struct held {
    uint64_t route;
    api_watch_t watch;
    bool woken;
} held_t;

struct agent_watches {
    size_t count;
    held_t held[AGENT_WATCHES_MAX];
};

agent_watches_t *agent_watches_new(void)
{
    agent_watches_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    return self;
}

void agent_watches_destroy(agent_watches_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

kith_err agent_watches_hold(agent_watches_t *self, uint64_t route, const api_watch_t *watch)
{
    if (self->count == AGENT_WATCHES_MAX)
        return KITH_LIMIT;
    self->held[self->count++] = (held_t){.route = route, .watch = *watch};
    return KITH_OK;
}

static void drop(agent_watches_t *self, size_t index)
{
    self->held[index] = self->held[--self->count];
}

void agent_watches_forget(agent_watches_t *self, uint64_t route)
{
    for (size_t i = self->count; i > 0; i--) {
        if (self->held[i - 1].route == route)
            drop(self, i - 1);
    }
}

void agent_watches_wake(agent_watches_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        self->held[i].woken = true;
}

bool agent_watches_due(agent_watches_t *self, int64_t mono_ms, uint64_t *ret_route,
                       api_watch_t *ret_watch)
{
    for (size_t i = 0; i < self->count; i++) {
        const held_t *held = &self->held[i];
        if (!held->woken && mono_ms < held->watch.until_mono_ms)
            continue;
        *ret_route = held->route;
        *ret_watch = held->watch;
        drop(self, i);
        return true;
    }
    return false;
}

int64_t agent_watches_wait_ms(const agent_watches_t *self, int64_t mono_ms)
{
    int64_t wait = INT64_MAX;
    for (size_t i = 0; i < self->count; i++) {
        const held_t *held = &self->held[i];
        int64_t left = held->watch.until_mono_ms - mono_ms;
        if (held->woken || left < 0)
            left = 0;
        if (left < wait)
            wait = left;
    }
    return wait;
}
