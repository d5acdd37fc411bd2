/* Dialling, framing, back-off. See agent_links.h. */
#include "agents/agent_links.h"

#include "base/frame.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define ENDPOINT_BYTES_MAX 256u
/* The guard above the credit: as many frames as there may be messages, and what speaks of them. */
#define HWM (2u * (KITH_CREDIT_URGENT_MESSAGES + KITH_CREDIT_NORMAL_MESSAGES))

typedef struct link {
    link_client_t *client; /* NULL: not dialled */
    bool named;            /* the partnership file names it */
    char endpoint[ENDPOINT_BYTES_MAX + 1];
    uint8_t key[32];
    bool up;
    bool lost;   /* closed here, or by a send that failed: DOWN is still to be said */
    bool ended;  /* closed by the peer: said once more of its frames were looked for */
    bool denied; /* the broker's ZAP said no, and that has been said */
    uint64_t dial;
    int64_t pause_ms, due_mono_ms, up_mono_ms;
    kith_frame_writer_t frame;
    uint8_t *buffer;
} link_t;

struct agent_links {
    link_context_t *context;
    const kith_keys_t *keys;
    size_t count, turn; /* turn: whose frame is next */
    link_t *links;
    const char *const *ids;
    const char **say;
};

agent_links_t *agent_links_new(link_context_t *context, const kith_keys_t *keys,
                               const agent_conf_t *conf)
{
    agent_links_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->context = context;
    self->keys = keys;
    self->count = conf->brokers_count;
    self->ids = conf->brokers;
    self->links = calloc(self->count + 1, sizeof *self->links);
    self->say = calloc(self->count + 1, sizeof *self->say);
    KITH_ASSERT(self->links && self->say);
    for (size_t i = 0; i < self->count; i++) {
        self->links[i].buffer = malloc(KITH_FRAME_BYTES_MAX);
        KITH_ASSERT(self->links[i].buffer);
        kith_frame_begin(&self->links[i].frame, self->links[i].buffer, KITH_FRAME_BYTES_MAX);
    }
    return self;
}

void agent_links_destroy(agent_links_t **self_p)
{
    agent_links_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->count; i++) {
        link_client_destroy(&self->links[i].client);
        free(self->links[i].buffer);
    }
    free(self->links);
    free(self->say);
    free(self);
    *self_p = NULL;
}

/* ---- closing and dialling ---- */

/* Half of the pause is by chance, so that a hundred agents do not come back in one moment. */
static int64_t with_chance(int64_t pause_ms)
{
    uint32_t random = 0;
    keys_random((uint8_t *)&random, sizeof random);
    return pause_ms / 2 + (int64_t)(random % (uint32_t)(pause_ms / 2 + 1));
}

static void close_link(link_t *link, int64_t mono_ms, int64_t pause_max_ms)
{
    bool steady = link->up && mono_ms - link->up_mono_ms >= AGENT_LINKS_STEADY_MS;
    if (steady || link->pause_ms == 0)
        link->pause_ms = AGENT_LINKS_PAUSE_MS;
    else if (link->pause_ms < pause_max_ms)
        link->pause_ms = link->pause_ms * 2 < pause_max_ms ? link->pause_ms * 2 : pause_max_ms;
    link_client_destroy(&link->client);
    link->up = link->ended = false;
    link->due_mono_ms = mono_ms + with_chance(link->pause_ms);
    kith_frame_begin(&link->frame, link->buffer, KITH_FRAME_BYTES_MAX);
}

void agent_links_agreement(agent_links_t *self, const kith_agreement_t *agreement, int64_t mono_ms)
{
    for (size_t i = 0; i < self->count; i++) {
        link_t *link = &self->links[i];
        const kith_broker_entry_t *entry = kith_agreement_broker(agreement, self->ids[i]);
        const kith_public_key_t *key = entry ? kith_keyring_current(&entry->transport) : NULL;
        bool named = key && strlen(entry->endpoint) <= ENDPOINT_BYTES_MAX;
        bool same = named && link->named && strcmp(link->endpoint, entry->endpoint) == 0 &&
                    memcmp(link->key, key->key, sizeof link->key) == 0;
        if (same)
            continue;
        if (link->client) {
            link->lost = link->up;
            close_link(link, mono_ms, AGENT_LINKS_PAUSE_MAX_MS);
        }
        link->named = named;
        link->denied = false;
        link->pause_ms = 0;
        link->due_mono_ms = mono_ms;
        if (named) {
            memcpy(link->endpoint, entry->endpoint, strlen(entry->endpoint) + 1);
            memcpy(link->key, key->key, sizeof link->key);
        }
    }
}

void agent_links_dial(agent_links_t *self, int64_t mono_ms)
{
    for (size_t i = 0; i < self->count; i++) {
        link_t *link = &self->links[i];
        if (link->client || !link->named || link->lost || mono_ms < link->due_mono_ms)
            continue;
        if (link_client_curve(self->context, self->keys, link->key, link->endpoint, HWM,
                              &link->client) != KITH_OK)
            close_link(link, mono_ms, AGENT_LINKS_PAUSE_MAX_MS);
    }
}

void agent_links_redial(agent_links_t *self, size_t broker, int64_t mono_ms)
{
    link_t *link = &self->links[broker];
    link->lost = false;
    if (link->client)
        close_link(link, mono_ms, AGENT_LINKS_PAUSE_MAX_MS);
}

void agent_links_drop(agent_links_t *self, size_t broker)
{
    self->links[broker].lost = self->links[broker].up;
}

void agent_links_drop_all(agent_links_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        agent_links_drop(self, i);
}

/* ---- what happened ---- */

/* What the connection itself says. The end is only noted: a BYE may still wait to be read. */
static bool look_at_client(link_t *link, int64_t mono_ms, agent_link_news_t *ret_news)
{
    switch (link_client_news(link->client)) {
    case LINK_UP:
        link->up = true;
        link->denied = false;
        link->up_mono_ms = mono_ms;
        ret_news->type = AGENT_LINK_UP;
        ret_news->dial = ++link->dial;
        return true;
    case LINK_DENIED:
        ret_news->type = AGENT_LINK_DENIED;
        link->ended = true;
        if (link->denied)
            return false;
        link->denied = true;
        return true;
    case LINK_DOWN:
        link->ended = true;
        return false;
    case LINK_NONE:
        return false;
    }
    return false;
}

/* false: nothing on this one. A dial that came to nothing is no news. */
static bool news_of(link_t *link, int64_t mono_ms, agent_link_news_t *ret_news)
{
    if (link->lost || link->ended) {
        bool news = link->lost || link->up;
        link->lost = false;
        if (link->client)
            close_link(link, mono_ms,
                       link->denied ? AGENT_LINKS_DENIED_MAX_MS : AGENT_LINKS_PAUSE_MAX_MS);
        ret_news->type = AGENT_LINK_DOWN;
        return news;
    }
    return link->client && look_at_client(link, mono_ms, ret_news);
}

bool agent_links_news(agent_links_t *self, int64_t mono_ms, agent_link_news_t *ret_news)
{
    for (size_t i = 0; i < self->count; i++) {
        agent_link_news_t news = {.broker = i};
        if (news_of(&self->links[i], mono_ms, &news)) {
            *ret_news = news;
            return true;
        }
    }
    return false;
}

bool agent_links_receive(agent_links_t *self, size_t *ret_broker, kith_bytes_t *ret_frame)
{
    for (size_t i = 0; i < self->count; i++) {
        size_t broker = (self->turn + i) % self->count;
        link_t *link = &self->links[broker];
        if (!link->up || link->lost || link_client_receive(link->client, ret_frame) != KITH_OK)
            continue;
        self->turn = broker + 1;
        *ret_broker = broker;
        return true;
    }
    return false;
}

/* ---- sending ---- */

static void flush_link(link_t *link)
{
    if (link->frame.size > KITH_FRAME_HEAD_BYTES && link->up && !link->lost)
        link->lost = link_client_send(link->client, (kith_bytes_t){link->frame.data,
                                                                   link->frame.size}) != KITH_OK;
    kith_frame_begin(&link->frame, link->buffer, KITH_FRAME_BYTES_MAX);
}

void agent_links_send(agent_links_t *self, size_t broker, const Kith__Packet *packet)
{
    link_t *link = &self->links[broker];
    if (!link->up || link->lost)
        return;
    size_t size = kith__packet__get_packed_size(packet);
    uint8_t *room = kith_frame_add(&link->frame, size);
    if (!room) {
        flush_link(link);
        room = kith_frame_add(&link->frame, size);
    }
    KITH_ASSERT(room); /* the limits of base/limits.h leave room for the largest packet */
    kith__packet__pack(packet, room);
}

void agent_links_flush(agent_links_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        flush_link(&self->links[i]);
}

/* ---- waiting ---- */

void agent_links_poll(agent_links_t *self, link_poll_t *poll)
{
    for (size_t i = 0; i < self->count; i++) {
        if (self->links[i].client)
            link_poll_client(poll, self->links[i].client);
    }
}

int64_t agent_links_wait_ms(const agent_links_t *self, int64_t mono_ms)
{
    int64_t wait = INT64_MAX;
    for (size_t i = 0; i < self->count; i++) {
        const link_t *link = &self->links[i];
        int64_t left = link->due_mono_ms > mono_ms ? link->due_mono_ms - mono_ms : 0;
        if (link->lost || link->ended)
            return 0;
        if (link->named && !link->client && left < wait)
            wait = left;
    }
    return wait;
}

const char *const *agent_links_say(const agent_links_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const link_t *link = &self->links[i];
        self->say[i] = !link->named   ? "refused: not in the partnership file"
                       : link->denied ? "refused: the broker does not know this agency's key"
                                      : NULL;
    }
    return self->say;
}
