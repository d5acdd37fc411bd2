#include "mail/mail_agent.h"

#include "base/limits.h"
#include <stdio.h>
#include <stdlib.h>

/* The agent's socket is on this machine: it is there at once or not at all. */
#define DIAL_MS     1000
#define ANSWER_MS   10000
#define WATCH_MS    60000u
#define WATCH_LIMIT 1000u
/* A page of the feed. */
#define NEWS_BYTES (16 * KITH_MIB)

struct mail_agent {
    const mail_conf_t *conf;
    ask_t *calls, *watch;
    bool watching;
    int64_t again_ms;
    uint64_t cursor;
    kith_arena_t *arena;
    char refusal[KITH_NAME_MAX + 1];
};

mail_agent_t *mail_agent_new(const mail_conf_t *conf)
{
    mail_agent_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->conf = conf;
    self->arena = kith_arena_new(NEWS_BYTES);
    return self;
}

void mail_agent_destroy(mail_agent_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    ask_close(&(*self_p)->calls);
    ask_close(&(*self_p)->watch);
    kith_arena_destroy(&(*self_p)->arena);
    free(*self_p);
    *self_p = NULL;
}

static char *name_of(const mail_agent_t *self, const char *user)
{
    return (char *)(uintptr_t)(user != NULL ? user : self->conf->user);
}

kith_err mail_agent_call(mail_agent_t *self, kith_arena_t *arena, const char *user,
                         Kith__Api__Request *request, Kith__Api__Response **ret_response)
{
    if (self->calls == NULL && ask_open(self->conf->agent, DIAL_MS, &self->calls) != KITH_OK)
        return KITH_AGAIN;
    request->on_behalf_of = name_of(self, user);
    kith_err err = ask_call(self->calls, arena, ANSWER_MS, request, ret_response);
    if (err == KITH_OK || err == KITH_LIMIT)
        return err;
    ask_close(&self->calls); /* a late answer to this must not meet the next */
    return KITH_AGAIN;
}

/* ---- what it says by itself ---- */

static void gone(mail_agent_t *self, int64_t now_ms)
{
    ask_close(&self->watch);
    self->watching = false;
    self->again_ms = now_ms + MAIL_AGENT_PAUSE_MS;
}

static bool ask_again(mail_agent_t *self)
{
    Kith__Api__WatchRequest watch = KITH__API__WATCH_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    watch.after = self->cursor;
    watch.wait_ms = WATCH_MS;
    watch.limit = WATCH_LIMIT;
    request.on_behalf_of = name_of(self, NULL);
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &watch;
    return ask_send(self->watch, self->arena, &request) == KITH_OK;
}

/* *ret_news: it is there anew. */
static bool is_there(mail_agent_t *self, int64_t now_ms, bool *ret_news)
{
    if (self->watching)
        return true;
    if (now_ms < self->again_ms ||
        (self->watch == NULL && ask_open(self->conf->agent, DIAL_MS, &self->watch) != KITH_OK) ||
        !ask_again(self)) {
        gone(self, now_ms);
        return false;
    }
    self->watching = *ret_news = true;
    return true;
}

bool mail_agent_there(const mail_agent_t *self)
{
    return self->watching;
}

const char *mail_agent_refusal(const mail_agent_t *self)
{
    return self->refusal;
}

bool mail_agent_news(mail_agent_t *self, int64_t now_ms)
{
    bool news = false;
    while (is_there(self, now_ms, &news)) {
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = ask_receive(self->watch, self->arena, 0, &response);
        if (err == KITH_AGAIN)
            return news;
        news = true;
        if (err == KITH_OK && response->answer_case == KITH__API__RESPONSE__ANSWER_FEED)
            self->cursor = response->feed->cursor;
        else if (err == KITH_OK)
            (void)snprintf(self->refusal, sizeof self->refusal, "%s", response->rule);
        if (err != KITH_OK || response->answer_case != KITH__API__RESPONSE__ANSWER_FEED ||
            !ask_again(self)) {
            gone(self, now_ms);
            return news;
        }
    }
    return news;
}

size_t mail_agent_fds(const mail_agent_t *self, int ret_fds[2])
{
    if (self->watch == NULL)
        return 0;
    ask_fds(self->watch, ret_fds);
    return 2;
}
