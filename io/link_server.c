/* A server's ROUTER: many peers, each named by a route. */
#include "io/link_private.h"

#include "base/limits.h"
#include "io/link_routes.h"
#include "io/zap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Stable in libzmq 4.3.4, though zmq.h names it among the drafts: without it a server whose ZAP
 * handler is missing admits any key. */
#define ENFORCE_ZAP_DOMAIN 93

/* Routes remembered. An agency has one session, and old connections that still die. */
#define CURVE_EACH_MAX 8u
#define CURVE_MAX      (KITH_AGENCIES_MAX * CURVE_EACH_MAX)
#define IPC_EACH_MAX   256u
#define IPC_MAX        1024u
/* Local clients: questions and answers, a few each. */
#define IPC_HWM 1000u
/* Bad arrivals skipped in one receive; the caller's other work comes before the next ones. */
#define SKIPS_MAX 256u
/* ROUTER's own ids: a zero and a count. */
#define CONNECTION_BYTES 5u

struct link_server {
    void *socket;
    bool curve;
    link_routes_t *routes;
    zmq_msg_t parts[2]; /* the last arrival: connection and body */
    uint64_t skipped;
};

static link_server_t *server_new(link_context_t *context, size_t hwm, bool curve)
{
    void *socket = link_socket_new(context, ZMQ_ROUTER, hwm);
    if (!socket)
        return NULL;
    link_server_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->socket = socket;
    self->curve = curve;
    self->routes =
        curve ? link_routes_new(CURVE_MAX, CURVE_EACH_MAX) : link_routes_new(IPC_MAX, IPC_EACH_MAX);
    zmq_msg_init(&self->parts[0]);
    zmq_msg_init(&self->parts[1]);
    link_set_int(socket, ZMQ_ROUTER_MANDATORY, 1);
    link_set_int(socket, ZMQ_ROUTER_HANDOVER, 0);
    return self;
}

void link_server_destroy(link_server_t **self_p)
{
    link_server_t *self = *self_p;
    if (!self)
        return;
    zmq_msg_close(&self->parts[0]);
    zmq_msg_close(&self->parts[1]);
    link_socket_close(&self->socket);
    link_routes_destroy(&self->routes);
    free(self);
    *self_p = NULL;
}

kith_err link_server_curve(link_context_t *context, const kith_keys_t *keys, const char *endpoint,
                           size_t hwm, link_server_t **ret_server, char ret_endpoint[128])
{
    if (!link_tcp_endpoint(endpoint, true))
        return KITH_INVALID;
    link_server_t *self = server_new(context, hwm, true);
    if (!self)
        return KITH_IO;
    link_set_int(self->socket, ZMQ_CURVE_SERVER, 1);
    link_set(self->socket, ZMQ_CURVE_SECRETKEY, keys_transport_secret(keys), 32);
    link_set(self->socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN));
    link_set_int(self->socket, ENFORCE_ZAP_DOMAIN, 1);
    char bound[128];
    size_t size = sizeof bound;
    kith_err err = KITH_OK;
    if (zmq_bind(self->socket, endpoint) != 0)
        err = link_address_err();
    else if (zmq_getsockopt(self->socket, ZMQ_LAST_ENDPOINT, bound, &size) != 0)
        err = KITH_IO;
    if (err) {
        link_server_destroy(&self);
        return err;
    }
    memcpy(ret_endpoint, bound, size);
    *ret_server = self;
    return KITH_OK;
}

/* libzmq unlinks whatever stands at the path, so this asks first whether somebody listens there. */
static kith_err path_is_free(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path) + 1;
    if (size > sizeof address.sun_path || size < 2 || path[0] == '@' || path[0] == '*')
        return KITH_INVALID;
    memcpy(address.sun_path, path, size);
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? KITH_OK : link_address_err();
    if (!S_ISSOCK(st.st_mode))
        return KITH_INVALID;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return KITH_IO;
    int rc = connect(fd, (const struct sockaddr *)&address, sizeof address);
    kith_err err = rc == 0 || errno != ECONNREFUSED ? KITH_BUSY : KITH_OK;
    (void)close(fd);
    return err;
}

/* The umask keeps others out from the file's first moment. */
static kith_err bind_path(void *socket, const char *path, mode_t mode)
{
    char endpoint[sizeof(struct sockaddr_un) + sizeof "ipc://"];
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    mode_t before = umask(0777 & ~mode);
    kith_err err = zmq_bind(socket, endpoint) == 0 ? KITH_OK : link_address_err();
    (void)umask(before);
    if (!err && chmod(path, mode) != 0)
        err = KITH_IO;
    return err;
}

kith_err link_server_ipc(link_context_t *context, const char *path, int mode,
                         link_server_t **ret_server)
{
    if (mode != 0600 && mode != 0660)
        return KITH_INVALID;
    kith_err err = path_is_free(path);
    if (err)
        return err;
    link_server_t *self = server_new(context, IPC_HWM, false);
    if (!self)
        return KITH_IO;
    err = bind_path(self->socket, path, (mode_t)mode);
    if (err) {
        link_server_destroy(&self);
        return err;
    }
    *ret_server = self;
    return KITH_OK;
}

/* The kernel's word on an ipc peer: libzmq appends `:uid:gid:pid` to the peer's address. */
static uint32_t uid_of(zmq_msg_t *body)
{
    const char *address = zmq_msg_gets(body, "Peer-Address");
    if (!address)
        return UINT32_MAX;
    const char *at = address + strlen(address);
    for (unsigned colons = 0; colons < 3; colons++) {
        do {
            if (at == address)
                return UINT32_MAX;
            at--;
        } while (*at != ':');
    }
    char *end = NULL;
    unsigned long uid = strtoul(at + 1, &end, 10);
    return end != at + 1 && *end == ':' && uid < UINT32_MAX ? (uint32_t)uid : UINT32_MAX;
}

/* ROUTER's own id of the connection. A peer that names itself gets no answer: such a name could be
 * taken over by the next one. */
static bool connection_of(zmq_msg_t *part, uint32_t *ret_connection)
{
    const uint8_t *id = zmq_msg_data(part);
    if (zmq_msg_size(part) != CONNECTION_BYTES || id[0] != 0)
        return false;
    *ret_connection =
        (uint32_t)id[1] << 24 | (uint32_t)id[2] << 16 | (uint32_t)id[3] << 8 | (uint32_t)id[4];
    return true;
}

/* Who sent the arrival in self->parts? From the body's metadata: after a poll the first part has
 * lost its own (libzmq 4.3.4). */
static bool identify(link_server_t *self, link_arrival_t *ret_arrival)
{
    uint32_t connection = 0;
    zmq_msg_t *body = &self->parts[1];
    const char *user = self->curve ? zmq_msg_gets(body, "User-Id") : "";
    if (!connection_of(&self->parts[0], &connection) || !user ||
        strlen(user) >= sizeof ret_arrival->user || (self->curve && !user[0]))
        return false;
    link_arrival_t arrival = {.uid = self->curve ? UINT32_MAX : uid_of(body),
                              .frame = {zmq_msg_data(body), zmq_msg_size(body)}};
    memcpy(arrival.user, user, strlen(user) + 1);
    arrival.route = link_routes_heard(self->routes, connection, arrival.user, arrival.uid);
    *ret_arrival = arrival;
    return true;
}

kith_err link_server_receive(link_server_t *self, link_arrival_t *ret_arrival)
{
    for (unsigned skips = 0; skips < SKIPS_MAX; skips++) {
        size_t count = 0;
        kith_err err = link_take(self->socket, self->parts, 2, &count);
        if (err)
            return err;
        if (count == 2 && identify(self, ret_arrival))
            return KITH_OK;
        self->skipped++;
    }
    return KITH_AGAIN;
}

kith_err link_server_send_filled(link_server_t *self, uint64_t route, size_t size,
                                 void (*fill)(void *ctx, uint8_t *ret_frame), void *ctx)
{
    uint32_t connection = 0;
    if (!link_routes_find(self->routes, route, &connection))
        return KITH_NOT_FOUND;
    uint8_t id[CONNECTION_BYTES] = {0, (uint8_t)(connection >> 24), (uint8_t)(connection >> 16),
                                    (uint8_t)(connection >> 8), (uint8_t)connection};
    KITH_ASSERT(size <= KITH_FRAME_BYTES_MAX);
    if (link_put(self->socket, id, sizeof id, ZMQ_SNDMORE) < 0) {
        if (errno == EAGAIN)
            return KITH_FULL;
        link_routes_forget(self->routes, route);
        return KITH_NOT_FOUND;
    }
    zmq_msg_t frame;
    int rc = zmq_msg_init_size(&frame, size);
    KITH_ASSERT(rc == 0); /* out of memory */
    fill(ctx, zmq_msg_data(&frame));
    do
        rc = zmq_msg_send(&frame, self->socket, ZMQ_DONTWAIT);
    while (rc < 0 && errno == EINTR);
    KITH_ASSERT(rc >= 0); /* the first part had room for the whole message */
    return KITH_OK;
}

static void copy(void *ctx, uint8_t *ret_frame)
{
    const kith_bytes_t *frame = ctx;
    memcpy(ret_frame, frame->data, frame->size);
}

kith_err link_server_send(link_server_t *self, uint64_t route, kith_bytes_t frame)
{
    return link_server_send_filled(self, route, frame.size, copy, &frame);
}

void link_server_forget(link_server_t *self, uint64_t route)
{
    link_routes_forget(self->routes, route);
}

uint64_t link_server_skipped(const link_server_t *self)
{
    return self->skipped;
}

void *link_server_socket(const link_server_t *self)
{
    return self->socket;
}
