/* What the files of io/link and io/zap share: libzmq itself. Nobody else includes this. */
#pragma once

#include "io/link.h"

#include <zmq.h>

struct link_context {
    void *zmq;
    uint64_t monitors; /* made so far: each needs a name of its own */
};

/* A socket with what all of ours have: no linger, bounded queues and messages, a handshake limit,
 * heartbeats. NULL: out of file descriptors or of sockets. */
void *link_socket_new(link_context_t *context, int type, size_t hwm);
void link_socket_close(void **socket_p);
/* An option that cannot fail but by a bug. */
void link_set(void *socket, int option, const void *value, size_t size);
void link_set_int(void *socket, int option, int value);

/* tcp://HOST:PORT; the port may be * when may_be_any. */
bool link_tcp_endpoint(const char *endpoint, bool may_be_any);
/* What libzmq says of an address. */
kith_err link_address_err(void);

/* Takes one whole message off. The first `capacity` parts stay in `parts` (initialised ones), the
 * rest is read and dropped. KITH_AGAIN when nothing waits. *ret_count: parts in all. */
kith_err link_take(void *socket, zmq_msg_t *parts, size_t capacity, size_t *ret_count);
/* Never waits. Negative, with errno, when it was not sent. */
int link_put(void *socket, const void *data, size_t size, int flags);

/* For link_poll. */
void *link_server_socket(const link_server_t *self);
void *link_client_socket(const link_client_t *self);
void *link_client_monitor(const link_client_t *self);
void *zap_socket(const struct kith_zap *self);
/* A dial that has come to nothing by then is LINK_DOWN; tests set it. */
void link_client_set_deadline(link_client_t *self, int64_t mono_ms);
