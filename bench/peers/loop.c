/* The clients of the bare loop (loop_server.c) under bench/lib/load.h's workload. */
#include "bench/lib/load.h"
#include "bench/peers/loop_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <zmq.h>

#define POLL_MS 1000

typedef struct conn {
    void *socket;
    int timer_fd; /* milliseconds are too coarse to wait for */
    uint8_t *message;
    uint64_t next; /* subscriber: below this log number all has come */
    bool owes;     /* … and was not acknowledged yet */
} conn_t;

static void *context;

static void setup(void)
{
    context = zmq_ctx_new();
}

static void set(void *socket, int name, const void *value, size_t size)
{
    if (zmq_setsockopt(socket, name, value, size) != 0)
        load_fail("option %d", name);
}

static conn_t *dial(char kind, size_t index)
{
    const uint8_t name[LOOP_NAME_BYTES] = {(uint8_t)kind, (uint8_t)index};
    char endpoint[64], public_key[41], secret_key[41], server_key[41];
    int hwm = LOOP_HWM, zero = 0;
    conn_t *c = load_new(sizeof *c);
    c->message = load_new(sizeof(loop_head_t) + load_options.bytes);
    c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    c->socket = zmq_socket(context, ZMQ_DEALER);
    (void)zmq_curve_keypair(public_key, secret_key);
    (void)zmq_curve_public(server_key, LOOP_SECRET);
    set(c->socket, ZMQ_CURVE_SERVERKEY, server_key, 41);
    set(c->socket, ZMQ_CURVE_PUBLICKEY, public_key, 41);
    set(c->socket, ZMQ_CURVE_SECRETKEY, secret_key, 41);
    set(c->socket, ZMQ_ROUTING_ID, name, sizeof name);
    set(c->socket, ZMQ_SNDHWM, &hwm, sizeof hwm);
    set(c->socket, ZMQ_RCVHWM, &hwm, sizeof hwm);
    set(c->socket, ZMQ_LINGER, &zero, sizeof zero);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", load_options.port);
    if (zmq_connect(c->socket, endpoint) != 0)
        load_fail("%s", endpoint);
    return c;
}

static void hang_up(conn_t *c)
{
    (void)zmq_close(c->socket);
    (void)close(c->timer_fd);
    free(c->message);
    free(c);
}

static void wait_for(const conn_t *c, long wait_us)
{
    struct itimerspec until = {.it_value = {wait_us / 1000000, wait_us % 1000000 * 1000}};
    if (wait_us <= 0)
        return;
    (void)timerfd_settime(c->timer_fd, 0, &until, NULL); /* also forgets that it had run out */
    zmq_pollitem_t items[] = {{.socket = c->socket, .events = ZMQ_POLLIN},
                              {.fd = c->timer_fd, .events = ZMQ_POLLIN}};
    (void)zmq_poll(items, 2, POLL_MS);
}

static void publisher_open(load_publisher_t *p)
{
    p->own = dial('p', p->index);
}

static void publisher_send(load_publisher_t *p)
{
    conn_t *c = p->own;
    loop_head_t head = {p->sent};
    memcpy(c->message, &head, sizeof head);
    load_message_write(p, c->message + sizeof head);
    if (zmq_send(c->socket, c->message, sizeof head + load_options.bytes, 0) < 0)
        load_fail("send");
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    conn_t *c = p->own;
    loop_head_t head;
    wait_for(c, wait_us);
    while (zmq_recv(c->socket, &head, sizeof head, ZMQ_DONTWAIT) == (int)sizeof head)
        load_acked(p, head.number);
}

static void publisher_close(load_publisher_t *p)
{
    hang_up(p->own);
}

static void acknowledge(conn_t *c)
{
    loop_head_t head = {c->next};
    if (zmq_send(c->socket, &head, sizeof head, 0) < 0)
        load_fail("send");
    c->owes = false;
}

/* Its first acknowledgement, of nothing, tells the server that it is there. */
static void subscriber_open(load_subscriber_t *s)
{
    conn_t *c = s->own = dial('s', s->index);
    acknowledge(c);
    probe_pause_ms(200);
}

static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    conn_t *c = s->own;
    int whole = (int)(sizeof(loop_head_t) + load_options.bytes);
    wait_for(c, wait_us);
    while (zmq_recv(c->socket, c->message, (size_t)whole, ZMQ_DONTWAIT) == whole) {
        loop_head_t head;
        memcpy(&head, c->message, sizeof head);
        load_message_got(s, c->message + sizeof head, load_options.bytes);
        c->next = head.number + 1;
        c->owes = true;
    }
    if (c->owes)
        acknowledge(c);
}

static void subscriber_close(load_subscriber_t *s)
{
    hang_up(s->own);
}

int main(int argc, char **argv)
{
    static const load_system_t loop = {.setup = setup,
                                       .publisher_open = publisher_open,
                                       .publisher_send = publisher_send,
                                       .publisher_pump = publisher_pump,
                                       .publisher_close = publisher_close,
                                       .subscriber_open = subscriber_open,
                                       .subscriber_pump = subscriber_pump,
                                       .subscriber_close = subscriber_close};
    return load_main(argc, argv, &loop);
}
