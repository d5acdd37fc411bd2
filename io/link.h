/* ZeroMQ: frames to and from peers. Files: link.c (options, the poll) · link_server.c ·
 * link_client.c · link_routes.c (the table of connections); only link_private.h includes zmq.h.
 *
 * What this room keeps to itself (LIBRARIES: seen): ROUTER sends with MANDATORY and DONTWAIT, so
 * that nothing is dropped in silence; identity is read from a body part's User-Id; a monitor's
 * PAIR is connected before it starts and always drained; no reconnect by libzmq: a broken
 * connection is reported and the caller dials again, so that each dial is counted. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "io/keys.h"

typedef struct link_context link_context_t;
link_context_t *link_context_new(void);
/* Waits a quarter of a second at most for what was sent last, a BYE as a rule. */
void link_context_destroy(link_context_t **self_p);

/* ---- a server: many peers ---- */
typedef struct link_server link_server_t;

/* One arrival. Borrowed until the next receive. */
typedef struct link_arrival {
    uint64_t route; /* names the connection; never reused in one process */
    char user[64];  /* CURVE: what ZAP said (agency id); ipc: "" */
    uint32_t uid;   /* ipc: the uid the kernel reports; UINT32_MAX when not known */
    kith_bytes_t frame;
} link_arrival_t;

/* CURVE. Bind ZAP first (io/zap.h). endpoint: tcp://…; it may end in :* for a free port, and
 * ret_endpoint says which. hwm: frames queued for one peer, the guard above the credit.
 * KITH_BUSY: the address is taken; KITH_INVALID: it is none, or not this machine's; KITH_DENIED:
 * not allowed to this user; KITH_IO. */
kith_err link_server_curve(link_context_t *context, const kith_keys_t *keys, const char *endpoint,
                           size_t hwm, link_server_t **ret_server, char ret_endpoint[128]);
/* ipc, mode 0600 or 0660. Takes over a left socket file; KITH_BUSY when a live process has it;
 * KITH_INVALID: something else stands there, no such folder, too long a path (107 bytes);
 * KITH_DENIED; KITH_IO. */
kith_err link_server_ipc(link_context_t *context, const char *path, int mode,
                         link_server_t **ret_server);
void link_server_destroy(link_server_t **self_p);

/* KITH_AGAIN when nothing waits. Arrivals with other than one body part are counted and skipped. */
kith_err link_server_receive(link_server_t *self, link_arrival_t *ret_arrival);
/* KITH_FULL: its queue is at the guard; KITH_NOT_FOUND: the connection is gone. Either way the
 * caller ends that session. */
kith_err link_server_send(link_server_t *self, uint64_t route, kith_bytes_t frame);
/* The same without a copy: `fill` writes all `size` bytes of the frame where they are sent from. */
kith_err link_server_send_filled(link_server_t *self, uint64_t route, size_t size,
                                 void (*fill)(void *ctx, uint8_t *ret_frame), void *ctx);
/* Forgets the route: what still comes from it is a new one. */
void link_server_forget(link_server_t *self, uint64_t route);
/* Arrivals skipped so far. */
uint64_t link_server_skipped(const link_server_t *self);

/* ---- a client: one peer ---- */
typedef struct link_client link_client_t;
/* After DOWN or DENIED nothing more comes of this client: destroy it, make another. Receive what
 * has arrived before acting on DOWN: a BYE may be among it. */
typedef enum link_news {
    LINK_NONE,
    LINK_UP,
    LINK_DOWN,   /* dial again, after a pause */
    LINK_DENIED, /* the peer's ZAP said 400 or 500: tell the operator; dial again, slowly */
} link_news;

/* One dial. KITH_INVALID: no such address; KITH_IO. Whether anybody is there, the news tell. */
kith_err link_client_curve(link_context_t *context, const kith_keys_t *keys,
                           const uint8_t server_key[32], const char *endpoint, size_t hwm,
                           link_client_t **ret_client);
kith_err link_client_ipc(link_context_t *context, const char *path, link_client_t **ret_client);
void link_client_destroy(link_client_t **self_p);
/* Call each turn until LINK_NONE. A dial that comes to nothing within 10 s is LINK_DOWN. */
link_news link_client_news(link_client_t *self);
kith_err link_client_receive(link_client_t *self, kith_bytes_t *ret_frame); /* KITH_AGAIN */
/* KITH_FULL: the guard is reached, or the connection does not stand: end the session. */
kith_err link_client_send(link_client_t *self, kith_bytes_t frame);

/* For a poll of another kind: readable when something may have come. Both are edge-triggered:
 * receive until KITH_AGAIN before each wait (ZMQ_FD). */
void link_client_fds(const link_client_t *self, int ret_fds[2]);

/* ---- waiting: one poll for all ---- */
typedef struct link_poll link_poll_t;
/* capacity: places in all. A client takes two, anything else one; more than capacity is a bug. */
link_poll_t *link_poll_new(size_t capacity);
void link_poll_destroy(link_poll_t **self_p);
void link_poll_clear(link_poll_t *self);
void link_poll_server(link_poll_t *self, link_server_t *server);
void link_poll_client(link_poll_t *self, link_client_t *client);
void link_poll_fd(link_poll_t *self, int fd);
struct kith_zap;
void link_poll_zap(link_poll_t *self, struct kith_zap *zap);
/* Until something is there or wait_ms has passed (below 0 is 0), or a signal came. KITH_IO only for
 * a bug or a dead context. */
kith_err link_poll_wait(link_poll_t *self, int64_t wait_ms);
