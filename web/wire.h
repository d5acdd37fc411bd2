/* Sockets as bytes: where to listen, and one connection, in clear or under TLS. Never blocks. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "io/tls.h"
#include "web/web_conf.h"

#define WIRE_LISTENERS_MAX 8u

typedef struct wire_listener {
    int fd;
    bool proxy; /* a socket of this machine for the single sign-on proxy */
} wire_listener_t;

/* What the configuration names and what systemd hands in (LISTEN_FDS; a name `proxy` is the
 * proxy's). KITH_CONFIG: there is none, or one cannot be had; *ret_error in the arena.
 * ret_where: what to say of the first one that is no proxy's ("127.0.0.1:8480"; "" for none). */
kith_err wire_listen(const web_conf_t *conf, kith_arena_t *arena, size_t *ret_count,
                     wire_listener_t ret_listeners[WIRE_LISTENERS_MAX], const char **ret_where,
                     const char **ret_error);

typedef struct wire {
    int fd;
    tls_t *tls; /* NULL: in clear */
    bool proxied;
    uint64_t address; /* who is there, for counting: an IPv4 address, an IPv6 network */
    uint32_t uid;     /* of a proxy's socket: whom the kernel reports */
} wire_t;

/* KITH_AGAIN: nobody waits; KITH_FULL: no more files may be open, somebody waits. tls: NULL for
 * none. */
kith_err wire_accept(const wire_listener_t *listener, const tls_server_t *tls, wire_t *ret_wire);
void wire_close(wire_t *self);

/* As tls_receive and tls_send. */
kith_err wire_receive(wire_t *self, uint8_t *ret_data, size_t size, size_t *ret_size);
kith_err wire_send(wire_t *self, kith_bytes_t data, size_t *ret_size);
/* No more will be sent; what still comes is to be read and dropped, or the peer would see a reset
 * instead of the answer. */
void wire_finish(wire_t *self);
