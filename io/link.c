/* What every socket of ours has, and the one poll: see io/link.h. */
#include "io/link_private.h"

#include "base/limits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* CURVE's own bytes come on top of the frame: command name, nonce, tag, flags. */
#define CURVE_BYTES 64

/* ZMTP's own heartbeat finds a dead transport; the session's CREDIT finds a dead loop. */
#define PING_MS         3000
#define PING_TIMEOUT_MS 9000

/* A process that stops still says its BYE; a peer that does not read it holds nobody up for long.
 */
#define LINGER_MS 250

link_context_t *link_context_new(void)
{
    KITH_ASSERT(zmq_has("curve"));
    link_context_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->zmq = zmq_ctx_new();
    KITH_ASSERT(self->zmq);
    return self;
}

void link_context_destroy(link_context_t **self_p)
{
    if (!*self_p)
        return;
    while (zmq_ctx_term((*self_p)->zmq) != 0 && errno == EINTR)
        continue;
    free(*self_p);
    *self_p = NULL;
}

void link_set(void *socket, int option, const void *value, size_t size)
{
    int rc = zmq_setsockopt(socket, option, value, size);
    KITH_ASSERT(rc == 0);
}

void link_set_int(void *socket, int option, int value)
{
    link_set(socket, option, &value, sizeof value);
}

void *link_socket_new(link_context_t *context, int type, size_t hwm)
{
    void *socket = zmq_socket(context->zmq, type);
    if (!socket)
        return NULL;
    int64_t message_bytes_max = KITH_FRAME_BYTES_MAX + CURVE_BYTES;
    link_set(socket, ZMQ_MAXMSGSIZE, &message_bytes_max, sizeof message_bytes_max);
    link_set_int(socket, ZMQ_LINGER, LINGER_MS);
    link_set_int(socket, ZMQ_SNDHWM, (int)hwm);
    link_set_int(socket, ZMQ_RCVHWM, (int)hwm);
    link_set_int(socket, ZMQ_HANDSHAKE_IVL, KITH_HANDSHAKE_MS);
    link_set_int(socket, ZMQ_HEARTBEAT_IVL, PING_MS);
    link_set_int(socket, ZMQ_HEARTBEAT_TIMEOUT, PING_TIMEOUT_MS);
    link_set_int(socket, ZMQ_HEARTBEAT_TTL, PING_TIMEOUT_MS);
    return socket;
}

void link_socket_close(void **socket_p)
{
    if (*socket_p)
        (void)zmq_close(*socket_p);
    *socket_p = NULL;
}

bool link_tcp_endpoint(const char *endpoint, bool may_be_any)
{
    /* Over inproc there would be no CURVE at all, and libzmq takes port 99999 for another one. */
    const char *port = strrchr(endpoint, ':');
    if (strncmp(endpoint, "tcp://", 6) != 0 || port < endpoint + 6)
        return false;
    port++;
    if (may_be_any && strcmp(port, "*") == 0)
        return true;
    size_t digits = strspn(port, "0123456789");
    if (digits == 0 || digits > 5 || port[digits])
        return false;
    unsigned long value = strtoul(port, NULL, 10);
    return value > 0 && value <= UINT16_MAX;
}

kith_err link_address_err(void)
{
    switch (errno) {
    case EADDRINUSE:
        return KITH_BUSY;
    case EINVAL:
    case EPROTONOSUPPORT:
    case ENOCOMPATPROTO:
    case EADDRNOTAVAIL:
    case ENODEV:
    case ENAMETOOLONG:
    case ENOENT:
    case ENOTDIR:
        return KITH_INVALID;
    case EACCES:
    case EPERM:
        return KITH_DENIED;
    default:
        return KITH_IO;
    }
}

kith_err link_take(void *socket, zmq_msg_t *parts, size_t capacity, size_t *ret_count)
{
    size_t count = 0;
    bool more = true;
    zmq_msg_t dropped;
    zmq_msg_init(&dropped);
    while (more) {
        zmq_msg_t *part = count < capacity ? &parts[count] : &dropped;
        if (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0) {
            if (errno == EINTR)
                continue;
            /* Between parts it never waits: a message arrives whole. */
            KITH_ASSERT(count == 0);
            break;
        }
        count++;
        more = zmq_msg_more(part) != 0;
    }
    zmq_msg_close(&dropped);
    if (count == 0)
        return errno == EAGAIN ? KITH_AGAIN : KITH_IO;
    *ret_count = count;
    return KITH_OK;
}

int link_put(void *socket, const void *data, size_t size, int flags)
{
    int rc = -1;
    do
        rc = zmq_send(socket, data, size, flags | ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    return rc;
}

/* ---- waiting ---- */

struct link_poll {
    size_t capacity, count;
    zmq_pollitem_t items[];
};

link_poll_t *link_poll_new(size_t capacity)
{
    link_poll_t *self = calloc(1, sizeof *self + capacity * sizeof self->items[0]);
    KITH_ASSERT(self);
    self->capacity = capacity;
    return self;
}

void link_poll_destroy(link_poll_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

void link_poll_clear(link_poll_t *self)
{
    self->count = 0;
}

static void add_item(link_poll_t *self, void *socket, int fd)
{
    KITH_ASSERT(self->count < self->capacity);
    self->items[self->count++] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = ZMQ_POLLIN};
}

void link_poll_server(link_poll_t *self, link_server_t *server)
{
    add_item(self, link_server_socket(server), 0);
}

void link_poll_client(link_poll_t *self, link_client_t *client)
{
    add_item(self, link_client_socket(client), 0);
    add_item(self, link_client_monitor(client), 0);
}

void link_poll_fd(link_poll_t *self, int fd)
{
    add_item(self, NULL, fd);
}

void link_poll_zap(link_poll_t *self, struct kith_zap *zap)
{
    add_item(self, zap_socket(zap), 0);
}

kith_err link_poll_wait(link_poll_t *self, int64_t wait_ms)
{
    const int64_t day_ms = 24 * 3600 * 1000;
    if (wait_ms < 0)
        wait_ms = 0;
    if (wait_ms > day_ms)
        wait_ms = day_ms;
    int rc = zmq_poll(self->items, (int)self->count, (long)wait_ms);
    /* A signal is for its signalfd, which the next wait finds readable. */
    return rc >= 0 || errno == EINTR ? KITH_OK : KITH_IO;
}
