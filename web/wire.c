#include "web/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG          256
#define SYSTEMD_FD_FIRST 3

/* ---- listening ---- */

static int listen_tcp(const web_conf_t *conf)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(conf->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(conf->port)};
    bool is_v4 = inet_pton(AF_INET, conf->host, &v4.sin_addr) == 1;
    bool is_v6 = !is_v4 && inet_pton(AF_INET6, conf->host, &v6.sin6_addr) == 1;
    KITH_ASSERT(is_v4 || is_v6);
    const int on = 1;
    int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const struct sockaddr *address =
        is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
    socklen_t size = is_v4 ? (socklen_t)sizeof v4 : (socklen_t)sizeof v6;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, address, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Mode 0666: the kernel says who is there, and only the proxy's uid is let in. */
static int listen_unix(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    KITH_ASSERT(strlen(path) < sizeof at.sun_path);
    memcpy(at.sun_path, path, strlen(path) + 1);
    struct stat left;
    if (lstat(path, &left) == 0 && S_ISSOCK(left.st_mode))
        (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (const struct sockaddr *)&at, sizeof at) == 0 && chmod(path, 0666) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

static const char *where_of(int fd, kith_arena_t *arena)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    char text[INET6_ADDRSTRLEN] = "";
    if (getsockname(fd, (struct sockaddr *)&at, &size) != 0)
        return "";
    if (at.ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&at;
        (void)inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        return kith_arena_printf(arena, "%s:%u", text, ntohs(v4->sin_port));
    }
    if (at.ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)&at;
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
        return kith_arena_printf(arena, "[%s]:%u", text, ntohs(v6->sin6_port));
    }
    return "systemd";
}

/* How many sockets systemd hands in: they are for the process whose number stands there. */
static size_t handed_in(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != (long)getpid())
        return 0;
    long fds = strtol(count, NULL, 10);
    return fds > 0 && fds <= (long)WIRE_LISTENERS_MAX - 2 ? (size_t)fds : 0;
}

/* The names of the sockets stand in LISTEN_FDNAMES, with colons between. */
static bool is_named_proxy(size_t index)
{
    const char *names = getenv("LISTEN_FDNAMES");
    for (; names != NULL && index > 0; index--) {
        names = strchr(names, ':');
        names += names != NULL;
    }
    static const char proxy[] = "proxy";
    return names != NULL && strncmp(names, proxy, sizeof proxy - 1) == 0 &&
           (names[sizeof proxy - 1] == '\0' || names[sizeof proxy - 1] == ':');
}

static kith_err cannot(kith_arena_t *arena, const char *what, const char **ret_error)
{
    *ret_error = kith_arena_printf(arena, "%s cannot be listened at: %s", what, strerror(errno));
    return KITH_CONFIG;
}

kith_err wire_listen(const web_conf_t *conf, kith_arena_t *arena, size_t *ret_count,
                     wire_listener_t ret_listeners[WIRE_LISTENERS_MAX], const char **ret_where,
                     const char **ret_error)
{
    wire_listener_t listeners[WIRE_LISTENERS_MAX];
    size_t count = 0, handed = handed_in();
    bool has_proxy = false;
    *ret_where = "";
    for (; count < handed; count++) {
        int fd = SYSTEMD_FD_FIRST + (int)count;
        listeners[count] = (wire_listener_t){.fd = fd, .proxy = is_named_proxy(count)};
        has_proxy = has_proxy || listeners[count].proxy;
        if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
            return cannot(arena, "what systemd handed in", ret_error);
    }
    if (conf->host != NULL) {
        listeners[count] = (wire_listener_t){.fd = listen_tcp(conf)};
        if (listeners[count].fd < 0)
            return cannot(arena, conf->host, ret_error);
        count++;
    }
    if (conf->proxy_socket != NULL && !has_proxy) {
        listeners[count] = (wire_listener_t){.fd = listen_unix(conf->proxy_socket), .proxy = true};
        if (listeners[count].fd < 0)
            return cannot(arena, conf->proxy_socket, ret_error);
        count++;
    }
    if (count == 0) {
        *ret_error = "there is nowhere to listen: write `listen`, a `proxy`, or start by a socket";
        return KITH_CONFIG;
    }
    for (size_t i = count; i > 0; i--)
        if (!listeners[i - 1].proxy)
            *ret_where = where_of(listeners[i - 1].fd, arena);
    memcpy(ret_listeners, listeners, count * sizeof *listeners);
    *ret_count = count;
    return KITH_OK;
}

/* ---- one connection ---- */

static uint64_t address_of(const struct sockaddr_storage *at)
{
    uint64_t network = 1; /* this machine */
    if (at->ss_family == AF_INET)
        network = ntohl(((const struct sockaddr_in *)(const void *)at)->sin_addr.s_addr);
    else if (at->ss_family == AF_INET6)
        memcpy(&network, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, 8);
    return network;
}

kith_err wire_accept(const wire_listener_t *listener, const tls_server_t *tls, wire_t *ret_wire)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    memset(&at, 0, sizeof at);
    int fd = accept4(listener->fd, (struct sockaddr *)&at, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM
                   ? KITH_FULL
                   : KITH_AGAIN;
    const int on = 1;
    struct ucred peer = {.uid = UINT32_MAX};
    size = sizeof peer;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (listener->proxy)
        (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    *ret_wire = (wire_t){.fd = fd,
                         .tls = tls != NULL && !listener->proxy ? tls_new(tls, fd) : NULL,
                         .proxied = listener->proxy,
                         .address = address_of(&at),
                         .uid = peer.uid};
    return KITH_OK;
}

void wire_close(wire_t *self)
{
    tls_destroy(&self->tls);
    close(self->fd);
    self->fd = -1;
}

static kith_err err_now(void)
{
    return errno == EAGAIN || errno == EINTR ? KITH_AGAIN : KITH_IO;
}

kith_err wire_receive(wire_t *self, uint8_t *ret_data, size_t size, size_t *ret_size)
{
    if (self->tls != NULL)
        return tls_receive(self->tls, ret_data, size, ret_size);
    ssize_t got = recv(self->fd, ret_data, size, 0);
    if (got < 0)
        return err_now();
    *ret_size = (size_t)got;
    return KITH_OK;
}

kith_err wire_send(wire_t *self, kith_bytes_t data, size_t *ret_size)
{
    if (self->tls != NULL)
        return tls_send(self->tls, data, ret_size);
    ssize_t put = send(self->fd, data.data, data.size, MSG_NOSIGNAL);
    if (put < 0)
        return err_now();
    *ret_size = (size_t)put;
    return KITH_OK;
}

void wire_finish(wire_t *self)
{
    tls_destroy(&self->tls);
    (void)shutdown(self->fd, SHUT_WR);
}
