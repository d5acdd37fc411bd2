/* Held WATCH requests: asked again when the view has changed, answered when their time is over.
 *
 * Called by the loop. Bounded; who asks beyond that is told so. */
#pragma once

#include "agents/api/api.h"

/* A web gateway holds one for each browser. */
#define AGENT_WATCHES_MAX 1024u

typedef struct agent_watches agent_watches_t;

agent_watches_t *agent_watches_new(void);
void agent_watches_destroy(agent_watches_t **self_p);

/* route: where the answer goes. KITH_LIMIT: there are too many. */
kith_err agent_watches_hold(agent_watches_t *self, uint64_t route, const api_watch_t *watch);
/* The connection is gone. */
void agent_watches_forget(agent_watches_t *self, uint64_t route);

/* The view has changed: all are due. */
void agent_watches_wake(agent_watches_t *self);
/* Takes one that is due out. false: none is. Hold it again when it is still not answered. */
bool agent_watches_due(agent_watches_t *self, int64_t mono_ms, uint64_t *ret_route,
                       api_watch_t *ret_watch);
/* Until the next is due; INT64_MAX when none is held. */
int64_t agent_watches_wait_ms(const agent_watches_t *self, int64_t mono_ms);
