/* Mosquitto under bench/lib/load.h's workload: QoS 1 both ways (QoS 2 for mosquitto-q2), sessions
 * that persist. */
#include "bench/lib/load.h"

#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS   65536u
#define TURNS 1000

typedef struct conn {
    struct mosquitto *mqtt;
    load_publisher_t *publisher; /* one of the two */
    load_subscriber_t *subscriber;
    uint64_t numbers[IDS]; /* by message id */
    unsigned last_id;
    bool subscribed;
    uint8_t *message;
} conn_t;

static int qos(void)
{
    return strstr(load_options.system, "-q2") ? 2 : 1;
}

static void check(int code, const char *what)
{
    if (code != MOSQ_ERR_SUCCESS)
        load_fail("%s: %s", what, mosquitto_strerror(code));
}

static void pump(conn_t *c, long wait_us)
{
    if (mosquitto_want_write(c->mqtt))
        check(mosquitto_loop_write(c->mqtt, 1), "write");
    if (load_wait_fd(mosquitto_socket(c->mqtt), mosquitto_want_write(c->mqtt), wait_us))
        check(mosquitto_loop_read(c->mqtt, 64), "read");
    (void)mosquitto_loop_misc(c->mqtt);
}

static void on_published(struct mosquitto *mqtt, void *own, int id)
{
    conn_t *c = own;
    (void)mqtt;
    load_acked(c->publisher, c->numbers[(unsigned)id % IDS]);
}

static void on_subscribed(struct mosquitto *mqtt, void *own, int id, int count, const int *granted)
{
    (void)mqtt;
    (void)id;
    (void)count;
    (void)granted;
    ((conn_t *)own)->subscribed = true;
}

static void on_message(struct mosquitto *mqtt, void *own, const struct mosquitto_message *message)
{
    (void)mqtt;
    load_message_got(((conn_t *)own)->subscriber, message->payload, (size_t)message->payloadlen);
}

static conn_t *dial(char kind, size_t index)
{
    conn_t *c = load_new(sizeof *c);
    char id[24];
    (void)snprintf(id, sizeof id, "%c%zu", kind, index);
    c->message = load_new(load_options.bytes);
    c->mqtt = mosquitto_new(id, false, c);
    check(mosquitto_int_option(c->mqtt, MOSQ_OPT_TCP_NODELAY, 1), "option");
    check(mosquitto_int_option(c->mqtt, MOSQ_OPT_SEND_MAXIMUM, 0), "option");
    check(mosquitto_max_inflight_messages_set(c->mqtt, 0), "option");
    check(mosquitto_connect(c->mqtt, "127.0.0.1", (int)load_options.port, 60), "connect");
    return c;
}

static void setup(void)
{
    (void)mosquitto_lib_init();
}

static void publisher_open(load_publisher_t *p)
{
    conn_t *c = p->own = dial('p', p->index);
    c->publisher = p;
    mosquitto_publish_callback_set(c->mqtt, on_published);
    for (int i = 0; i < 20; i++)
        pump(c, 5000);
}

/* The library numbers 1, 2, …, and its acknowledgement may come inside the call. */
static void publisher_send(load_publisher_t *p)
{
    conn_t *c = p->own;
    int id = 0;
    load_message_write(p, c->message);
    c->last_id = c->last_id + 1 == IDS ? 1 : c->last_id + 1;
    c->numbers[c->last_id] = p->sent;
    check(mosquitto_publish(c->mqtt, &id, "b/t", (int)load_options.bytes, c->message, qos(), false),
          "publish");
    if ((unsigned)id != c->last_id)
        load_fail("message id %d, not %u", id, c->last_id);
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    pump(p->own, wait_us);
}

static void publisher_close(load_publisher_t *p)
{
    (void)mosquitto_disconnect(((conn_t *)p->own)->mqtt);
}

static void subscriber_open(load_subscriber_t *s)
{
    conn_t *c = s->own = dial('s', s->index);
    c->subscriber = s;
    mosquitto_message_callback_set(c->mqtt, on_message);
    mosquitto_subscribe_callback_set(c->mqtt, on_subscribed);
    for (int i = 0; i < 20; i++)
        pump(c, 5000);
    check(mosquitto_subscribe(c->mqtt, NULL, "b/t", qos()), "subscribe");
    for (int i = 0; i < TURNS && !c->subscribed; i++)
        pump(c, 5000);
    if (!c->subscribed)
        load_fail("no answer to SUBSCRIBE");
}

static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    pump(s->own, wait_us);
}

static void subscriber_close(load_subscriber_t *s)
{
    (void)mosquitto_disconnect(((conn_t *)s->own)->mqtt);
}

int main(int argc, char **argv)
{
    static const load_system_t mosquitto = {.setup = setup,
                                            .publisher_open = publisher_open,
                                            .publisher_send = publisher_send,
                                            .publisher_pump = publisher_pump,
                                            .publisher_close = publisher_close,
                                            .subscriber_open = subscriber_open,
                                            .subscriber_pump = subscriber_pump,
                                            .subscriber_close = subscriber_close};
    return load_main(argc, argv, &mosquitto);
}
