/* The connections to the brokers: dialled, watched, filled with frames, dialled again.
 *
 * Called by the loop. One connection a configured broker, each dial counted; a broken one is
 * dialled again after a pause that doubles, and doubles from the start again once it has stood for
 * a while. Packets travel many to a frame. Never blocks, never reads the partnership file, never
 * logs. */
#pragma once

#include "agents/agent_conf.h"
#include "io/link.h"
#include "kith.pb-c.h"

/* Pauses before dialling again. */
#define AGENT_LINKS_PAUSE_MS      100
#define AGENT_LINKS_PAUSE_MAX_MS  5000
#define AGENT_LINKS_DENIED_MAX_MS 30000
/* A connection that stood this long was well: its pauses begin anew. */
#define AGENT_LINKS_STEADY_MS 5000

typedef struct agent_links agent_links_t;

typedef enum agent_link_news_type {
    AGENT_LINK_UP,
    AGENT_LINK_DOWN,   /* only of one that was UP */
    AGENT_LINK_DENIED, /* the broker does not know our key: said once until UP */
} agent_link_news_type;

typedef struct agent_link_news {
    agent_link_news_type type;
    size_t broker;
    uint64_t dial; /* UP: the number of this connection, growing, never used twice in a process */
} agent_link_news_t;

/* Borrows all three as long as it lives. */
agent_links_t *agent_links_new(link_context_t *context, const kith_keys_t *keys,
                               const agent_conf_t *conf);
void agent_links_destroy(agent_links_t **self_p);

/* A partnership file was read: connections to what it no longer names, or names otherwise, are
 * closed; they are news as DOWN. Copies what it needs. */
void agent_links_agreement(agent_links_t *self, const kith_agreement_t *agreement, int64_t mono_ms);
/* Dials what is due. */
void agent_links_dial(agent_links_t *self, int64_t mono_ms);
/* false: nothing (more) happened. */
bool agent_links_news(agent_links_t *self, int64_t mono_ms, agent_link_news_t *ret_news);
/* The next frame, of each broker in turn; borrowed until the next call. false: none waits. */
bool agent_links_receive(agent_links_t *self, size_t *ret_broker, kith_bytes_t *ret_frame);

/* Into the open frame of that broker. What goes to a connection that is not up is lost, as it would
 * be on the wire: the core sends it again in the next session. */
void agent_links_send(agent_links_t *self, size_t broker, const Kith__Packet *packet);
/* Lets the open frames go. One that cannot go ends its connection: news as DOWN. */
void agent_links_flush(agent_links_t *self);
/* Closes it without news; it is dialled again after its pause. */
void agent_links_redial(agent_links_t *self, size_t broker, int64_t mono_ms);
/* Ends it, or all: news as DOWN, then dialled again. */
void agent_links_drop(agent_links_t *self, size_t broker);
void agent_links_drop_all(agent_links_t *self);

void agent_links_poll(agent_links_t *self, link_poll_t *poll);
/* How long until the next dial is due; 0 when there is news. */
int64_t agent_links_wait_ms(const agent_links_t *self, int64_t mono_ms);
/* For people: why it is not up, beyond what the core knows; NULL when there is nothing to say.
 * One a configured broker, borrowed until the next call of anything else here. */
const char *const *agent_links_say(const agent_links_t *self);
