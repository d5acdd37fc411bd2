/* The turn: what the sockets have, what the agent said, whose time is over. */
#include "web/web_loop_private.h"

#include "base/limits.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/program.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS_MAX 64
#define MINUTE_MS  60000
/* What one exchange makes: a page of the feed as JSON, several times over. */
#define ARENA_BYTES (128 * KITH_MIB)
/* A message that a client sends, decoded. */
#define ROOM_BYTES (8 * KITH_MIB)

static kith_err watch_fd(web_loop_t *self, int fd, uint64_t number)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
    return epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? KITH_OK : KITH_IO;
}

kith_err web_loop_new(const web_start_t *start, web_loop_t **ret_loop)
{
    web_loop_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->start = *start;
    self->conns_max = start->parts.conf->connections_max;
    self->conns = calloc(self->conns_max, sizeof(conn_t *));
    KITH_ASSERT(self->conns != NULL);
    self->arena = kith_arena_new(ARENA_BYTES);
    self->room = kith_arena_new(ROOM_BYTES);
    self->poll = link_poll_new(4);
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    self->signal_fd = program_signals(false);
    kith_err err = self->epoll_fd < 0 || self->signal_fd < 0 ? KITH_IO : KITH_OK;
    for (size_t i = 0; err == KITH_OK && i < start->listeners_count; i++)
        err = watch_fd(self, start->listeners[i].fd, i);
    if (err == KITH_OK)
        *ret_loop = self;
    else
        web_loop_destroy(&self);
    return err;
}

void web_loop_destroy(web_loop_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    web_loop_t *self = *self_p;
    for (size_t i = 0; i < self->conns_max; i++)
        if (self->conns[i] != NULL)
            conn_close(self, i);
    ask_close(&self->ask);
    link_poll_destroy(&self->poll);
    kith_arena_destroy(&self->arena);
    kith_arena_destroy(&self->room);
    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
    if (self->signal_fd >= 0)
        close(self->signal_fd);
    free(self->conns);
    free(self);
    *self_p = NULL;
}

/* ---- who comes in ---- */

/* A house full of peers that have not said what they want lets the one go that is there longest:
 * holding connections open keeps nobody else out. */
static bool make_room(web_loop_t *self, int64_t now_ms)
{
    if (self->conns_count < self->conns_max)
        return true;
    size_t oldest = self->conns_max;
    for (size_t i = 0; i < self->conns_max; i++) {
        const conn_t *conn = self->conns[i];
        bool idle = conn->state <= CONN_BODY || conn->state == CONN_LINGER;
        if (idle && (oldest == self->conns_max || conn->begun_ms < self->conns[oldest]->begun_ms))
            oldest = i;
    }
    if (self->full_said_ms == 0 || now_ms - self->full_said_ms > MINUTE_MS) {
        log_event("full", "connections=%zu", self->conns_count);
        self->full_said_ms = now_ms;
    }
    if (oldest < self->conns_max)
        conn_close(self, oldest);
    return oldest < self->conns_max;
}

static void take_connection(web_loop_t *self, wire_t *wire, int64_t now_ms)
{
    bool stranger = wire->proxied && wire->uid != self->start.parts.conf->proxy_uid;
    if (stranger)
        log_event("proxy-refused", "uid=%u", wire->uid);
    if (stranger || !make_room(self, now_ms)) {
        wire_close(wire);
        return;
    }
    size_t place = 0;
    while (self->conns[place] != NULL)
        place++;
    conn_open(self, place, wire, now_ms);
}

static void accept_all(web_loop_t *self, const wire_listener_t *listener, int64_t now_ms)
{
    for (size_t i = 0; i < EVENTS_MAX; i++) {
        wire_t wire;
        kith_err err = wire_accept(listener, self->start.tls, &wire);
        if (err == KITH_AGAIN || (err == KITH_FULL && !make_room(self, now_ms)))
            return;
        if (err == KITH_OK)
            take_connection(self, &wire, now_ms);
    }
}

/* ---- the turn ---- */

static int64_t wait_ms(const web_loop_t *self, int64_t now_ms)
{
    int64_t first_ms = now_ms + MINUTE_MS;
    for (size_t i = 0; i < self->conns_max; i++)
        if (self->conns[i] != NULL && self->conns[i]->deadline_ms < first_ms)
            first_ms = self->conns[i]->deadline_ms;
    return first_ms - now_ms;
}

static void wait_for_something(web_loop_t *self)
{
    link_poll_clear(self->poll);
    link_poll_fd(self->poll, self->epoll_fd);
    link_poll_fd(self->poll, self->signal_fd);
    if (self->ask != NULL)
        ask_poll(self->ask, self->poll);
    KITH_ASSERT(link_poll_wait(self->poll, wait_ms(self, clock_mono_ms())) == KITH_OK);
}

static void take_sockets(web_loop_t *self)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(self->epoll_fd, events, EVENTS_MAX, 0);
    for (int i = 0; i < count; i++) {
        uint64_t number = events[i].data.u64;
        if (number < WIRE_LISTENERS_MAX)
            accept_all(self, &self->start.listeners[number], clock_mono_ms());
        else if (self->conns[number - WIRE_LISTENERS_MAX] != NULL)
            conn_ready(self, number - WIRE_LISTENERS_MAX, clock_mono_ms());
    }
}

static void take_signals(web_loop_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        self->stopping = true;
}

static void end_late(web_loop_t *self)
{
    int64_t now_ms = clock_mono_ms();
    for (size_t i = 0; i < self->conns_max; i++)
        if (self->conns[i] != NULL && self->conns[i]->deadline_ms <= now_ms)
            conn_late(self, i, now_ms);
}

int web_loop_run(web_loop_t *self)
{
    log_event("ready", "listen=%s", self->start.where);
    while (!self->stopping) {
        take_sockets(self);
        agent_take(self, clock_mono_ms());
        agent_watch(self, clock_mono_ms());
        end_late(self);
        wait_for_something(self);
        take_signals(self);
    }
    log_event("stopped", "connections=%zu", self->conns_count);
    return 0;
}
