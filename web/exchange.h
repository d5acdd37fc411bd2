/* One request and what becomes of it: answered here, asked of the agent, or a stream of the feed.
 * No socket: the loop reads and writes, this decides.
 *
 * Files: exchange.c (the door: routes, who asks) · exchange_api.c (requests of api.proto) ·
 * exchange_session.c (log-in and log-out) · who.c. */
#pragma once

#include "api.pb-c.h"
#include "web/answer.h"
#include "web/guard.h"
#include "web/http.h"
#include "web/pages.h"
#include "web/web_conf.h"
#include "web/who.h"

/* The longest time that a request waits for the agent, beside what a WATCH asks for itself. */
#define EXCHANGE_WAIT_MS 30000
/* A log-in has a body before anybody is known. */
#define EXCHANGE_STRANGER_BYTES_MAX 4096u

/* What every exchange of one server shares; all borrowed. */
typedef struct exchange_parts {
    const web_conf_t *conf;
    guard_t *guard;
    who_accounts_t *accounts;
    const pages_t *pages;
} exchange_parts_t;

typedef struct exchange {
    /* In. The arena is for what is made here; room, an arena of its own, bounds the message. */
    kith_arena_t *arena, *room;
    http_request_t request;
    kith_bytes_t body;
    int64_t mono_ms;
    uint64_t address; /* where from, for rates only */
    bool proxied;     /* through the single sign-on proxy's socket */
    bool tls;
    /* Out. */
    who_t who;
    answer_t answer;
    Kith__Api__Request ask; /* EXCHANGE_ASK */
    size_t ask_index;
    int64_t wait_ms;
    uint64_t after;    /* EXCHANGE_STREAM */
    const char *event; /* to be logged, about this user; NULL: none */
    size_t event_user;
} exchange_t;

typedef enum exchange_end {
    EXCHANGE_GO_ON,    /* admitted: read the body, then exchange_act */
    EXCHANGE_ANSWERED, /* answer */
    EXCHANGE_ASK,      /* send `ask` to the agent, then exchange_finish with what it says */
    EXCHANGE_STREAM,   /* the feed from `after` on */
} exchange_end;

/* From the head alone, before a byte of the body is taken: EXCHANGE_ANSWERED or GO_ON. */
exchange_end exchange_admit(const exchange_parts_t *parts, exchange_t *x);
/* With the body. Never GO_ON. */
exchange_end exchange_act(const exchange_parts_t *parts, exchange_t *x);

/* What the agent said to the ask of this index. */
answer_t exchange_finish(kith_arena_t *arena, size_t ask_index,
                         const Kith__Api__Response *response);
/* It said nothing: has_token, so that asking again is safe. */
answer_t exchange_unanswered(kith_arena_t *arena, size_t ask_index);

/* What the files of exchange share. */
exchange_end exchange_refuse(exchange_t *x, unsigned status, const char *rule, const char *what);
/* The body as an object of JSON. NULL: refused. */
kith_json_t *exchange_body(exchange_t *x);
exchange_end exchange_session(const exchange_parts_t *parts, exchange_t *x);
exchange_end exchange_ask(const exchange_parts_t *parts, exchange_t *x, const char *name);
exchange_end exchange_stream(const exchange_parts_t *parts, exchange_t *x);
