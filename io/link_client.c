/* A client's DEALER: one peer, one connection; what libzmq's monitor says of it. */
#include "io/link_private.h"

#include "base/limits.h"
#include "io/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name that does not resolve is never reported by libzmq, so a dial has its own end. */
#define DIAL_MS 10000
/* TCP's own part of it. */
#define CONNECT_MS 5000
#define IPC_HWM    1000u

typedef enum client_state { DIALLING, UP, ENDED } client_state;

struct link_client {
    void *socket, *monitor;
    client_state state;
    int64_t deadline_mono_ms; /* of DIALLING */
    zmq_msg_t part;           /* the last arrival */
};

/* The PAIR is connected before the monitor starts: one that nobody reads stops libzmq's I/O thread
 * for every socket of the context. */
static void *monitor_new(link_context_t *context, void *socket)
{
    char endpoint[64];
    (void)snprintf(endpoint, sizeof endpoint, "inproc://kith-monitor-%" PRIu64,
                   ++context->monitors);
    void *monitor = zmq_socket(context->zmq, ZMQ_PAIR);
    if (!monitor)
        return NULL;
    link_set_int(monitor, ZMQ_LINGER, 0);
    if (zmq_connect(monitor, endpoint) != 0 ||
        zmq_socket_monitor(socket, endpoint, ZMQ_EVENT_ALL) != 0)
        link_socket_close(&monitor);
    return monitor;
}

static link_client_t *client_new(link_context_t *context, size_t hwm)
{
    void *socket = link_socket_new(context, ZMQ_DEALER, hwm);
    if (!socket)
        return NULL;
    void *monitor = monitor_new(context, socket);
    if (!monitor) {
        link_socket_close(&socket);
        return NULL;
    }
    link_client_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->socket = socket;
    self->monitor = monitor;
    self->deadline_mono_ms = clock_mono_ms() + DIAL_MS;
    zmq_msg_init(&self->part);
    link_set_int(socket, ZMQ_RECONNECT_IVL, -1); /* the caller dials, and counts its dials */
    link_set_int(socket, ZMQ_IMMEDIATE, 1);      /* nothing is queued for a peer not yet there */
    link_set_int(socket, ZMQ_CONNECT_TIMEOUT, CONNECT_MS);
    return self;
}

static kith_err client_connect(link_client_t *self, const char *endpoint,
                               link_client_t **ret_client)
{
    if (zmq_connect(self->socket, endpoint) != 0) {
        kith_err err = link_address_err();
        link_client_destroy(&self);
        return err;
    }
    *ret_client = self;
    return KITH_OK;
}

kith_err link_client_curve(link_context_t *context, const kith_keys_t *keys,
                           const uint8_t server_key[32], const char *endpoint, size_t hwm,
                           link_client_t **ret_client)
{
    if (!link_tcp_endpoint(endpoint, false))
        return KITH_INVALID;
    link_client_t *self = client_new(context, hwm);
    if (!self)
        return KITH_IO;
    link_set(self->socket, ZMQ_CURVE_SERVERKEY, server_key, 32);
    link_set(self->socket, ZMQ_CURVE_PUBLICKEY, keys_public(keys, KEYS_TRANSPORT), 32);
    link_set(self->socket, ZMQ_CURVE_SECRETKEY, keys_transport_secret(keys), 32);
    return client_connect(self, endpoint, ret_client);
}

kith_err link_client_ipc(link_context_t *context, const char *path, link_client_t **ret_client)
{
    char endpoint[256];
    int size = snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    if (size < 0 || (size_t)size >= sizeof endpoint)
        return KITH_INVALID;
    link_client_t *self = client_new(context, IPC_HWM);
    if (!self)
        return KITH_IO;
    return client_connect(self, endpoint, ret_client);
}

void link_client_destroy(link_client_t **self_p)
{
    link_client_t *self = *self_p;
    if (!self)
        return;
    zmq_msg_close(&self->part);
    (void)zmq_socket_monitor(self->socket, NULL, 0); /* before its PAIR goes */
    link_socket_close(&self->monitor);
    link_socket_close(&self->socket);
    free(self);
    *self_p = NULL;
}

/* The monitor's message: number and value of the event, then its address, which is not used. */
static bool next_event(link_client_t *self, uint16_t *ret_event, uint32_t *ret_value)
{
    zmq_msg_t part;
    size_t count = 0;
    zmq_msg_init(&part);
    bool there = !link_take(self->monitor, &part, 1, &count) && zmq_msg_size(&part) == 6;
    if (there) {
        const uint8_t *data = zmq_msg_data(&part);
        memcpy(ret_event, data, sizeof *ret_event);
        memcpy(ret_value, data + 2, sizeof *ret_value);
    }
    zmq_msg_close(&part);
    return there;
}

static link_news news_of(link_client_t *self, uint16_t event, uint32_t value)
{
    switch (event) { /* libzmq's numbers, not an enum of ours */
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        self->state = UP;
        return LINK_UP;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
        self->state = ENDED;
        return value >= 400 ? LINK_DENIED : LINK_DOWN;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
    case ZMQ_EVENT_DISCONNECTED:
    case ZMQ_EVENT_CLOSED: /* it did not come to a connection */
        self->state = ENDED;
        return LINK_DOWN;
    default:
        return LINK_NONE;
    }
}

link_news link_client_news(link_client_t *self)
{
    uint16_t event = 0;
    uint32_t value = 0;
    while (next_event(self, &event, &value)) {
        if (self->state == ENDED)
            continue; /* one end is told once; the rest is only read */
        link_news news = news_of(self, event, value);
        if (news != LINK_NONE)
            return news;
    }
    if (self->state == DIALLING && clock_mono_ms() >= self->deadline_mono_ms) {
        self->state = ENDED;
        return LINK_DOWN;
    }
    return LINK_NONE;
}

kith_err link_client_receive(link_client_t *self, kith_bytes_t *ret_frame)
{
    size_t count = 0;
    do {
        kith_err err = link_take(self->socket, &self->part, 1, &count);
        if (err)
            return err;
    } while (count != 1); /* no peer of ours sends such; read and skipped */
    *ret_frame = (kith_bytes_t){zmq_msg_data(&self->part), zmq_msg_size(&self->part)};
    return KITH_OK;
}

kith_err link_client_send(link_client_t *self, kith_bytes_t frame)
{
    KITH_ASSERT(frame.size <= KITH_FRAME_BYTES_MAX);
    if (self->state != UP || link_put(self->socket, frame.data, frame.size, 0) < 0)
        return KITH_FULL;
    return KITH_OK;
}

void *link_client_socket(const link_client_t *self)
{
    return self->socket;
}

void *link_client_monitor(const link_client_t *self)
{
    return self->monitor;
}

static int fd_of(void *socket)
{
    int fd = -1;
    size_t size = sizeof fd;
    KITH_ASSERT(zmq_getsockopt(socket, ZMQ_FD, &fd, &size) == 0);
    return fd;
}

void link_client_fds(const link_client_t *self, int ret_fds[2])
{
    ret_fds[0] = fd_of(self->socket);
    ret_fds[1] = fd_of(self->monitor);
}

void link_client_set_deadline(link_client_t *self, int64_t mono_ms)
{
    self->deadline_mono_ms = mono_ms;
}
