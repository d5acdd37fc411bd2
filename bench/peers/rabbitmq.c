/* RabbitMQ under bench/lib/load.h's workload: a fanout exchange, a durable queue a subscriber,
 * publisher confirms. rabbitmq-quorum has quorum queues; rabbitmq-transient's messages are not
 * persistent. */
#include "bench/lib/load.h"

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL  1
#define TAKE_MAX 64
#define PREFETCH 512
#define RING     8192u /* above any window */

typedef struct conn {
    amqp_connection_state_t amqp;
    uint64_t next;         /* the lowest number that is not confirmed … */
    bool *confirmed;       /* … and which above it are, in a ring */
    uint64_t delivery_tag; /* the last one taken … */
    unsigned owed;         /* … and how many are not acknowledged */
    uint8_t *message;
} conn_t;

static bool is(const char *variant)
{
    return strstr(load_options.system, variant) != NULL;
}

static void check(const conn_t *c, const char *what)
{
    if (amqp_get_rpc_reply(c->amqp).reply_type != AMQP_RESPONSE_NORMAL)
        load_fail("%s was refused", what);
}

static conn_t *dial(void)
{
    conn_t *c = load_new(sizeof *c);
    c->message = load_new(load_options.bytes);
    c->confirmed = load_new(RING * sizeof *c->confirmed);
    c->amqp = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(c->amqp);
    if (amqp_socket_open(socket, "127.0.0.1", (int)load_options.port) != AMQP_STATUS_OK)
        load_fail("connect");
    if (amqp_login(c->amqp, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest")
            .reply_type != AMQP_RESPONSE_NORMAL)
        load_fail("login");
    (void)amqp_channel_open(c->amqp, CHANNEL);
    check(c, "channel");
    return c;
}

static amqp_bytes_t queue_of(size_t index, char buffer[24])
{
    (void)snprintf(buffer, 24, "q%zu", index);
    return amqp_cstring_bytes(buffer);
}

static void setup(void)
{
    conn_t *c = dial();
    char buffer[24];
    amqp_table_entry_t type = {.key = amqp_cstring_bytes("x-queue-type"),
                               .value = {.kind = AMQP_FIELD_KIND_UTF8}};
    type.value.value.bytes = amqp_cstring_bytes(is("quorum") ? "quorum" : "classic");
    amqp_table_t more = {1, &type};
    (void)amqp_exchange_declare(c->amqp, CHANNEL, amqp_cstring_bytes("x"),
                                amqp_cstring_bytes("fanout"), 0, 1, 0, 0, amqp_empty_table);
    check(c, "exchange");
    for (size_t i = 0; i < load_options.subscribers; i++) {
        (void)amqp_queue_declare(c->amqp, CHANNEL, queue_of(i, buffer), 0, 1, 0, 0, more);
        check(c, "queue");
        (void)amqp_queue_bind(c->amqp, CHANNEL, queue_of(i, buffer), amqp_cstring_bytes("x"),
                              amqp_empty_bytes, amqp_empty_table);
        check(c, "bind");
    }
    (void)amqp_destroy_connection(c->amqp);
}

/* ---- publishing ---- */

static void publisher_open(load_publisher_t *p)
{
    conn_t *c = p->own = dial();
    (void)amqp_confirm_select(c->amqp, CHANNEL);
    check(c, "confirm.select");
}

static void publisher_send(load_publisher_t *p)
{
    conn_t *c = p->own;
    load_message_write(p, c->message);
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
                                          .delivery_mode = is("transient") ? 1 : 2};
    amqp_bytes_t body = {load_options.bytes, c->message};
    if (amqp_basic_publish(c->amqp, CHANNEL, amqp_cstring_bytes("x"), amqp_empty_bytes, 0, 0,
                           &properties, body) != AMQP_STATUS_OK)
        load_fail("publish");
}

static void take_confirm(load_publisher_t *p, const amqp_basic_ack_t *ack)
{
    conn_t *c = p->own;
    uint64_t number = ack->delivery_tag - 1;
    if (!ack->multiple) {
        load_acked(p, number);
        c->confirmed[number % RING] = true;
        for (; c->confirmed[c->next % RING]; c->next++)
            c->confirmed[c->next % RING] = false;
        return;
    }
    for (; c->next <= number; c->next++) {
        if (!c->confirmed[c->next % RING])
            load_acked(p, c->next);
        c->confirmed[c->next % RING] = false;
    }
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    conn_t *c = p->own;
    struct timeval wait = {wait_us / 1000000, wait_us % 1000000};
    amqp_maybe_release_buffers(c->amqp);
    for (unsigned i = 0; i < TAKE_MAX; i++) {
        amqp_frame_t frame;
        int code = amqp_simple_wait_frame_noblock(c->amqp, &frame, &wait);
        if (code == AMQP_STATUS_TIMEOUT)
            return;
        if (code != AMQP_STATUS_OK)
            load_fail("%s", amqp_error_string2(code));
        wait = (struct timeval){0};
        if (frame.frame_type != AMQP_FRAME_METHOD)
            continue;
        if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            load_fail("method %x instead of a confirm", (unsigned)frame.payload.method.id);
        take_confirm(p, frame.payload.method.decoded);
        if (!amqp_frames_enqueued(c->amqp) && !amqp_data_in_buffer(c->amqp))
            return;
    }
}

static void publisher_close(load_publisher_t *p)
{
    (void)amqp_destroy_connection(((conn_t *)p->own)->amqp);
}

/* ---- subscribing ---- */

static void subscriber_open(load_subscriber_t *s)
{
    conn_t *c = s->own = dial();
    char buffer[24];
    (void)amqp_basic_qos(c->amqp, CHANNEL, 0, PREFETCH, 0);
    check(c, "qos");
    (void)amqp_basic_consume(c->amqp, CHANNEL, queue_of(s->index, buffer), amqp_empty_bytes, 0, 0,
                             0, amqp_empty_table);
    check(c, "consume");
}

/* Acknowledges up to the last one taken, when nothing more is at hand or every TAKE_MAX. */
static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    conn_t *c = s->own;
    struct timeval wait = {wait_us / 1000000, wait_us % 1000000};
    amqp_maybe_release_buffers(c->amqp);
    for (unsigned i = 0; i < TAKE_MAX; i++) {
        amqp_envelope_t envelope;
        amqp_rpc_reply_t reply = amqp_consume_message(c->amqp, &envelope, &wait, 0);
        if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
            if (reply.library_error == AMQP_STATUS_TIMEOUT)
                break;
            load_fail("consume: %s", amqp_error_string2(reply.library_error));
        }
        load_message_got(s, envelope.message.body.bytes, envelope.message.body.len);
        c->delivery_tag = envelope.delivery_tag;
        c->owed++;
        amqp_destroy_envelope(&envelope);
        if (!amqp_frames_enqueued(c->amqp) && !amqp_data_in_buffer(c->amqp))
            break;
        wait = (struct timeval){0};
    }
    if (c->owed)
        (void)amqp_basic_ack(c->amqp, CHANNEL, c->delivery_tag, 1);
    c->owed = 0;
}

static void subscriber_close(load_subscriber_t *s)
{
    (void)amqp_destroy_connection(((conn_t *)s->own)->amqp);
}

int main(int argc, char **argv)
{
    static const load_system_t rabbitmq = {.setup = setup,
                                           .publisher_open = publisher_open,
                                           .publisher_send = publisher_send,
                                           .publisher_pump = publisher_pump,
                                           .publisher_close = publisher_close,
                                           .subscriber_open = subscriber_open,
                                           .subscriber_pump = subscriber_pump,
                                           .subscriber_close = subscriber_close};
    return load_main(argc, argv, &rabbitmq);
}
