/* The floor that Kith is compared with: a bare loop of ROUTER, CURVE and LMDB. It drains what has
 * come, commits it with fsync, acknowledges, and hands each subscriber the next messages, one a
 * frame. No identity, no signature, no agreement, no mailboxes: a log and a cursor each.
 *
 * loop-server PORT FOLDER SUBSCRIBERS; killed when the measurement is over. */
#include "bench/peers/loop_log.h"
#include "bench/peers/loop_wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define TURN_MAX        256u
#define SUBSCRIBERS_MAX 64u

typedef struct due {
    uint8_t publisher;
    uint64_t number;
} due_t;

static struct server {
    void *socket;
    loop_log_t *log;
    uint64_t next; /* in the log */
    size_t subscribers;
    bool there[SUBSCRIBERS_MAX];
    uint64_t sent[SUBSCRIBERS_MAX], taken[SUBSCRIBERS_MAX]; /* below this log number */
    size_t dues;
    due_t due[TURN_MAX];
} server;

static void fail(const char *what)
{
    (void)fprintf(stderr, "loop-server: %s: %s\n", what, zmq_strerror(errno));
    exit(1);
}

static void bind_to(const char *port)
{
    char endpoint[64];
    int one = 1, hwm = LOOP_HWM;
    void *context = zmq_ctx_new();
    server.socket = zmq_socket(context, ZMQ_ROUTER);
    (void)snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%s", port);
    if (zmq_setsockopt(server.socket, ZMQ_CURVE_SERVER, &one, sizeof one) != 0 ||
        zmq_setsockopt(server.socket, ZMQ_CURVE_SECRETKEY, LOOP_SECRET, 41) != 0 ||
        zmq_setsockopt(server.socket, ZMQ_ROUTER_MANDATORY, &one, sizeof one) != 0 ||
        zmq_setsockopt(server.socket, ZMQ_SNDHWM, &hwm, sizeof hwm) != 0 ||
        zmq_setsockopt(server.socket, ZMQ_RCVHWM, &hwm, sizeof hwm) != 0 ||
        zmq_bind(server.socket, endpoint) != 0)
        fail(endpoint);
}

static uint64_t lowest_taken(void)
{
    uint64_t lowest = server.next;
    for (size_t i = 0; i < server.subscribers; i++)
        if (server.taken[i] < lowest)
            lowest = server.taken[i];
    return lowest;
}

static void take(const uint8_t name[LOOP_NAME_BYTES], zmq_msg_t *message)
{
    loop_head_t head;
    const uint8_t *data = zmq_msg_data(message);
    if (zmq_msg_size(message) < sizeof head)
        return;
    memcpy(&head, data, sizeof head);
    if (name[0] == 'p') {
        loop_log_append(server.log, server.next++, data + sizeof head,
                        zmq_msg_size(message) - sizeof head);
        server.due[server.dues++] = (due_t){name[1], head.number};
    } else if (name[1] < server.subscribers) {
        server.there[name[1]] = true;
        server.taken[name[1]] = head.number;
    }
}

static void drain(void)
{
    while (server.dues < TURN_MAX) {
        uint8_t name[LOOP_NAME_BYTES];
        zmq_msg_t message;
        if (zmq_recv(server.socket, name, sizeof name, ZMQ_DONTWAIT) < 0)
            return;
        (void)zmq_msg_init(&message);
        if (zmq_msg_recv(&message, server.socket, 0) < 0)
            fail("receive");
        take(name, &message);
        (void)zmq_msg_close(&message);
    }
}

static void say(char kind, uint8_t index, uint64_t number, const void *data, size_t size)
{
    const uint8_t name[LOOP_NAME_BYTES] = {(uint8_t)kind, index};
    loop_head_t head = {number};
    zmq_msg_t message;
    if (zmq_msg_init_size(&message, sizeof head + size) != 0)
        fail("memory");
    memcpy(zmq_msg_data(&message), &head, sizeof head);
    if (size)
        memcpy((uint8_t *)zmq_msg_data(&message) + sizeof head, data, size);
    if (zmq_send(server.socket, name, sizeof name, ZMQ_SNDMORE) < 0 ||
        zmq_msg_send(&message, server.socket, 0) < 0)
        (void)zmq_msg_close(&message); /* it is gone */
}

static bool hand_out(void)
{
    bool more = false;
    loop_log_read_begin(server.log);
    for (size_t i = 0; i < server.subscribers; i++) {
        unsigned count = 0;
        while (server.there[i] && server.sent[i] < server.next && count < TURN_MAX &&
               server.sent[i] - server.taken[i] < LOOP_WINDOW) {
            size_t size = 0;
            const void *data = loop_log_read(server.log, server.sent[i], &size);
            say('s', (uint8_t)i, server.sent[i]++, data, size);
            count++;
        }
        more |= count == TURN_MAX;
    }
    loop_log_read_end(server.log);
    return more;
}

static bool turn(void)
{
    loop_log_begin(server.log);
    drain();
    loop_log_trim(server.log, lowest_taken());
    loop_log_commit(server.log);
    for (size_t i = 0; i < server.dues; i++)
        say('p', server.due[i].publisher, server.due[i].number, NULL, 0);
    server.dues = 0;
    return hand_out();
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 64;
    server.subscribers = strtoul(argv[3], NULL, 10);
    if (server.subscribers > SUBSCRIBERS_MAX)
        return 64;
    bind_to(argv[1]);
    server.log = loop_log_open(argv[2]);
    bool more = false;
    for (;;) {
        zmq_pollitem_t item = {.socket = server.socket, .events = ZMQ_POLLIN};
        if (zmq_poll(&item, 1, more ? 0 : -1) < 0)
            fail("poll");
        more = turn();
    }
}
