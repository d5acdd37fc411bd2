/* One connection: one request, one answer, closed. */
#include "web/web_loop_private.h"

#include "base/limits.h"
#include "io/clock.h"
#include "io/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define READ_BYTES 16384u
/* A reader of an answer takes at least so many bytes a millisecond. */
#define ANSWER_BYTES_A_MS 10

/* ---- buffers ---- */

static void append(buffer_t *self, kith_bytes_t bytes)
{
    if (self->size + bytes.size > self->room) {
        size_t room =
            2 * self->room > self->size + bytes.size ? 2 * self->room : self->size + bytes.size;
        self->data = realloc(self->data, room);
        KITH_ASSERT(self->data != NULL);
        self->room = room;
    }
    if (bytes.size > 0)
        memcpy(self->data + self->size, bytes.data, bytes.size);
    self->size += bytes.size;
}

static void empty(buffer_t *self)
{
    free(self->data);
    *self = (buffer_t){0};
}

bool conn_drained(const conn_t *conn)
{
    return conn->out.done == conn->out.size;
}

/* ---- opening, waiting, closing ---- */

static uint32_t wanted(const conn_t *conn)
{
    uint32_t write = EPOLLOUT;
    if (conn->wire.tls != NULL && tls_wants_write(conn->wire.tls))
        return write;
    switch (conn->state) {
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_LINGER:
        return EPOLLIN;
    case CONN_WAIT:
        return EPOLLRDHUP;
    case CONN_STREAM:
        return EPOLLRDHUP | (conn_drained(conn) ? 0 : write);
    case CONN_ANSWER:
        return write;
    }
    KITH_NEVER("a state that is none");
}

static void tell_epoll(web_loop_t *self, size_t place)
{
    conn_t *conn = self->conns[place];
    struct epoll_event event = {.events = wanted(conn), .data.u64 = WIRE_LISTENERS_MAX + place};
    if (event.events == conn->interest)
        return;
    conn->interest = event.events;
    KITH_ASSERT(epoll_ctl(self->epoll_fd, EPOLL_CTL_MOD, conn->wire.fd, &event) == 0);
}

void conn_open(web_loop_t *self, size_t place, const wire_t *wire, int64_t now_ms)
{
    conn_t *conn = calloc(1, sizeof *conn);
    KITH_ASSERT(conn != NULL && self->conns[place] == NULL);
    *conn = (conn_t){.wire = *wire,
                     .state = CONN_HEAD,
                     .interest = EPOLLIN,
                     .begun_ms = now_ms,
                     .deadline_ms = now_ms + self->start.parts.conf->slow_ms};
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = WIRE_LISTENERS_MAX + place};
    KITH_ASSERT(epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, wire->fd, &event) == 0);
    self->conns[place] = conn;
    self->conns_count++;
}

void conn_close(web_loop_t *self, size_t place)
{
    conn_t *conn = self->conns[place];
    wire_close(&conn->wire);
    empty(&conn->in);
    empty(&conn->out);
    free(conn);
    self->conns[place] = NULL;
    self->conns_count--;
}

/* ---- writing ---- */

/* false: it is closed. */
static bool write_out(web_loop_t *self, size_t place, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    while (!conn_drained(conn)) {
        kith_bytes_t rest = {conn->out.data + conn->out.done, conn->out.size - conn->out.done};
        size_t size = 0;
        kith_err err = wire_send(&conn->wire, rest, &size);
        if (err == KITH_AGAIN) {
            tell_epoll(self, place);
            return true;
        }
        if (err != KITH_OK) {
            conn_close(self, place);
            return false;
        }
        conn->out.done += size;
    }
    empty(&conn->out);
    if (conn->state == CONN_ANSWER) {
        conn->state = CONN_LINGER;
        conn->deadline_ms = now_ms + LINGER_MS;
        wire_finish(&conn->wire);
    } else {
        conn->deadline_ms = INT64_MAX; /* a stream is up to date */
    }
    tell_epoll(self, place);
    return true;
}

static void put_answer(web_loop_t *self, conn_t *conn, const answer_t *answer, bool stream)
{
    bool tls = self->start.tls != NULL && !conn->wire.proxied;
    append(&conn->out, answer_head(self->arena, answer, stream, tls, clock_wall_ms()));
    if (!stream && !conn->no_body)
        append(&conn->out, answer->body);
}

void conn_answer(web_loop_t *self, size_t place, const answer_t *answer, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    empty(&conn->in);
    empty(&conn->out);
    put_answer(self, conn, answer, false);
    conn->state = CONN_ANSWER;
    conn->ask_id = 0;
    conn->deadline_ms =
        now_ms + self->start.parts.conf->slow_ms + (int64_t)(conn->out.size / ANSWER_BYTES_A_MS);
    (void)write_out(self, place, now_ms);
}

bool conn_stream(web_loop_t *self, size_t place, kith_bytes_t text, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    if (conn->out.size - conn->out.done + text.size > STREAM_BACKLOG_MAX) {
        conn_close(self, place);
        return false;
    }
    if (conn_drained(conn))
        conn->deadline_ms = now_ms + self->start.parts.conf->slow_ms;
    append(&conn->out, text);
    return write_out(self, place, now_ms);
}

/* ---- a request ---- */

static void log_exchange(const exchange_t *x)
{
    if (x->event == NULL)
        return;
    if (x->event_user == WEB_NO_USER)
        log_event(x->event, "user=none");
    else /* by its place in the configuration: a name is a person's */
        log_event(x->event, "user=%zu", x->event_user + 1);
}

static void begin_stream(web_loop_t *self, size_t place, const exchange_t *x, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    conn->state = CONN_STREAM;
    conn->who = x->who;
    conn->after = x->after;
    conn->deadline_ms = now_ms + self->start.parts.conf->slow_ms;
    put_answer(self, conn, &x->answer, true);
    append(&conn->out, kith_bytes_str("retry: 2000\n\n"));
    (void)write_out(self, place, now_ms);
}

static exchange_t exchange_of(web_loop_t *self, const conn_t *conn, const http_request_t *request,
                              int64_t now_ms)
{
    return (exchange_t){.arena = self->arena,
                        .room = self->room,
                        .request = *request,
                        .body = {conn->in.data + conn->head_size, conn->body_size},
                        .mono_ms = now_ms,
                        .address = conn->wire.address,
                        .proxied = conn->wire.proxied,
                        .tls = self->start.tls != NULL && !conn->wire.proxied};
}

static void act(web_loop_t *self, size_t place, exchange_t *x, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    exchange_end end = exchange_act(&self->start.parts, x);
    log_exchange(x);
    if (end == EXCHANGE_STREAM) {
        begin_stream(self, place, x, now_ms);
        return;
    }
    if (end == EXCHANGE_ASK) {
        conn->ask_index = x->ask_index;
        conn->state = CONN_WAIT;
        conn->deadline_ms = now_ms + x->wait_ms;
        if (agent_ask(self, conn, &x->ask, now_ms)) {
            tell_epoll(self, place);
            return;
        }
        x->answer = answer_later(self->arena, 503, "agent-away",
                                 "this agency's agent is not there: nothing was done", 5);
    }
    conn_answer(self, place, &x->answer, now_ms);
}

/* The body is whole: what was admitted is looked at again, since it may have ended meanwhile. */
static void request_whole(web_loop_t *self, size_t place, const http_request_t *request,
                          bool admitted, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    exchange_t x = exchange_of(self, conn, request, now_ms);
    conn->no_body = request->method == HTTP_HEAD;
    if (exchange_admit(&self->start.parts, &x) == EXCHANGE_ANSWERED) {
        conn_answer(self, place, &x.answer, now_ms);
        return;
    }
    if (!admitted && request->body_size > 0) {
        conn->state = CONN_BODY;
        conn->deadline_ms = now_ms + self->start.parts.conf->slow_ms +
                            (int64_t)(request->body_size / ANSWER_BYTES_A_MS);
        return;
    }
    act(self, place, &x, now_ms);
}

static void refuse_head(web_loop_t *self, size_t place, const http_fault_t *fault, int64_t now_ms)
{
    answer_t answer = answer_problem(self->arena, fault->status, fault->rule, fault->what, NULL);
    conn_answer(self, place, &answer, now_ms);
}

/* What has come may be enough to go on. */
static void take_in(web_loop_t *self, size_t place, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    bool admitted = conn->state == CONN_BODY;
    http_request_t request;
    http_fault_t fault;
    if (admitted && conn->in.size < conn->head_size + conn->body_size)
        return;
    switch (http_read_head((kith_bytes_t){conn->in.data, conn->in.size}, self->arena, &request,
                           &conn->head_size, &fault)) {
    case HTTP_MORE:
        return;
    case HTTP_FAULT:
        refuse_head(self, place, &fault, now_ms);
        return;
    case HTTP_DONE:
        break;
    }
    conn->body_size = request.body_size;
    request_whole(self, place, &request, admitted, now_ms);
    conn = self->conns[place];
    if (conn != NULL && !admitted && conn->state == CONN_BODY)
        take_in(self, place, now_ms); /* the body may have come with the head */
}

static void read_in(web_loop_t *self, size_t place, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    uint8_t data[READ_BYTES];
    while (conn->state <= CONN_BODY || conn->state == CONN_LINGER) {
        size_t size = 0;
        kith_err err = wire_receive(&conn->wire, data, sizeof data, &size);
        if (err == KITH_AGAIN) {
            tell_epoll(self, place);
            return;
        }
        if (err != KITH_OK || size == 0) {
            conn_close(self, place);
            return;
        }
        if (conn->state == CONN_LINGER)
            continue;
        append(&conn->in, (kith_bytes_t){data, size});
        kith_arena_reset(self->arena);
        kith_arena_reset(self->room);
        take_in(self, place, now_ms);
        conn = self->conns[place];
        if (conn == NULL)
            return;
    }
}

void conn_ready(web_loop_t *self, size_t place, int64_t now_ms)
{
    switch (self->conns[place]->state) {
    case CONN_HEAD:
    case CONN_BODY:
    case CONN_LINGER:
        read_in(self, place, now_ms);
        break;
    case CONN_WAIT:
        conn_close(self, place); /* the peer has gone: nobody waits for the answer */
        break;
    case CONN_STREAM:
        if (conn_drained(self->conns[place]))
            conn_close(self, place);
        else
            (void)write_out(self, place, now_ms);
        break;
    case CONN_ANSWER:
        (void)write_out(self, place, now_ms);
        break;
    }
}

void conn_late(web_loop_t *self, size_t place, int64_t now_ms)
{
    conn_t *conn = self->conns[place];
    kith_arena_reset(self->arena);
    if (conn->state == CONN_WAIT) {
        answer_t answer = exchange_unanswered(self->arena, conn->ask_index);
        conn_answer(self, place, &answer, now_ms);
    } else if (conn->state <= CONN_BODY && conn->in.size > 0) {
        answer_t answer =
            answer_problem(self->arena, 408, "slow", "the request did not come in time", NULL);
        conn_answer(self, place, &answer, now_ms);
    } else {
        conn_close(self, place);
    }
}
