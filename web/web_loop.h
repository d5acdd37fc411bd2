/* kith-web's one loop: connections, and the agent that is asked for them. One thread. */
#pragma once

#include "web/exchange.h"
#include "web/wire.h"

typedef struct web_loop web_loop_t;

/* What it stands on; all borrowed. */
typedef struct web_start {
    exchange_parts_t parts;
    const tls_server_t *tls; /* NULL: none */
    size_t listeners_count;
    wire_listener_t listeners[WIRE_LISTENERS_MAX];
    const char *where; /* the first address, for the log */
} web_start_t;

/* KITH_IO: the system gives no epoll or signal descriptor. */
kith_err web_loop_new(const web_start_t *start, web_loop_t **ret_loop);
void web_loop_destroy(web_loop_t **self_p);
/* Until SIGTERM or SIGINT: 0. */
int web_loop_run(web_loop_t *self);
