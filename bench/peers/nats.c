/* NATS JetStream under bench/lib/load.h's workload: a file stream, a durable push consumer a
 * subscriber with explicit acknowledgement; publishing with a reply subject, as its asynchronous
 * publish does. */
#include "bench/lib/load.h"

#include <inttypes.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TAKE_MAX 64

typedef struct conn {
    natsConnection *nats;
    jsCtx *jetstream;
    natsSubscription *inbox;
    char reply_to[64];
    size_t reply_to_size;
    uint8_t *message;
    load_publisher_t *publisher;
    pthread_mutex_t lock; /* the library acknowledges from a thread of its own */
    pthread_cond_t acked;
} conn_t;

static void check(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        load_fail("%s: %s", what, natsStatus_GetText(status));
}

/* The library gathers writes for about 1 ms unless told otherwise: right for the peak, wrong for
 * times. */
static conn_t *dial(void)
{
    conn_t *c = load_new(sizeof *c);
    char url[64];
    natsOptions *options = NULL;
    (void)snprintf(url, sizeof url, "nats://127.0.0.1:%u", load_options.port);
    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, url), "url");
    check(natsOptions_SetSendAsap(options, strcmp(load_options.mode, "peak") != 0), "options");
    check(natsConnection_Connect(&c->nats, options), "connect");
    natsOptions_Destroy(options);
    check(natsConnection_JetStream(&c->jetstream, c->nats, NULL), "jetstream");
    c->message = load_new(load_options.bytes);
    return c;
}

static void setup(void)
{
    conn_t *c = dial();
    jsStreamConfig stream;
    const char *subjects[] = {"b.t"};
    check(jsStreamConfig_Init(&stream), "stream");
    stream.Name = "S";
    stream.Subjects = subjects;
    stream.SubjectsLen = 1;
    stream.Storage = js_FileStorage;
    stream.Replicas = 1;
    check(js_AddStream(NULL, c->jetstream, &stream, NULL, NULL), "stream");
    natsConnection_Destroy(c->nats);
}

/* ---- publishing ---- */

static void on_acked(natsConnection *nats, natsSubscription *inbox, natsMsg *answer, void *own)
{
    conn_t *c = own;
    (void)nats;
    (void)inbox;
    size_t size = (size_t)natsMsg_GetDataLength(answer);
    if (!memmem(natsMsg_GetData(answer), size, "\"seq\":", 6))
        load_fail("not taken: %.*s", (int)size, natsMsg_GetData(answer));
    load_acked(c->publisher, strtoull(natsMsg_GetSubject(answer) + c->reply_to_size, NULL, 10));
    natsMsg_Destroy(answer);
    (void)pthread_mutex_lock(&c->lock);
    (void)pthread_cond_signal(&c->acked);
    (void)pthread_mutex_unlock(&c->lock);
}

static void publisher_open(load_publisher_t *p)
{
    conn_t *c = p->own = dial();
    char all[80];
    pthread_condattr_t clock;
    c->publisher = p;
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->acked, &clock);
    c->reply_to_size =
        (size_t)snprintf(c->reply_to, sizeof c->reply_to, "_INBOX.bench%zu.", p->index);
    (void)snprintf(all, sizeof all, "%s*", c->reply_to);
    check(natsConnection_Subscribe(&c->inbox, c->nats, all, on_acked, c), "inbox");
    check(natsSubscription_SetPendingLimits(c->inbox, -1, -1), "inbox");
    check(natsConnection_Flush(c->nats), "flush");
}

static void publisher_send(load_publisher_t *p)
{
    conn_t *c = p->own;
    char reply_to[96];
    load_message_write(p, c->message);
    (void)snprintf(reply_to, sizeof reply_to, "%s%" PRIu64, c->reply_to, p->sent);
    check(natsConnection_PublishRequest(c->nats, "b.t", reply_to, c->message,
                                        (int)load_options.bytes),
          "publish");
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    conn_t *c = p->own;
    if (wait_us <= 0)
        return;
    uint64_t until_ns = probe_now_ns() + (uint64_t)wait_us * 1000;
    struct timespec until = {(time_t)(until_ns / 1000000000u), (long)(until_ns % 1000000000u)};
    (void)pthread_mutex_lock(&c->lock);
    if (wait_us <= 10000 || p->sent - atomic_load(&p->acked) >= load_options.window)
        (void)pthread_cond_timedwait(&c->acked, &c->lock, &until);
    (void)pthread_mutex_unlock(&c->lock);
}

static void publisher_close(load_publisher_t *p)
{
    natsConnection_Close(((conn_t *)p->own)->nats);
}

/* ---- subscribing ---- */

static void subscriber_open(load_subscriber_t *s)
{
    conn_t *c = s->own = dial();
    jsSubOptions options;
    char durable[24];
    (void)snprintf(durable, sizeof durable, "d%zu", s->index);
    check(jsSubOptions_Init(&options), "options");
    options.Stream = "S";
    options.ManualAck = true;
    options.Config.Durable = durable;
    options.Config.AckPolicy = js_AckExplicit;
    options.Config.DeliverPolicy = js_DeliverAll;
    check(js_SubscribeSync(&c->inbox, c->jetstream, "b.t", NULL, &options, NULL), "subscribe");
    check(natsSubscription_SetPendingLimits(c->inbox, -1, -1), "subscribe");
}

static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    conn_t *c = s->own;
    for (unsigned i = 0; i < TAKE_MAX; i++) {
        natsMsg *message = NULL;
        natsStatus status = natsSubscription_NextMsg(&message, c->inbox, i ? 1 : wait_us / 1000);
        if (status == NATS_TIMEOUT)
            return;
        check(status, "next");
        load_message_got(s, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
        check(natsMsg_Ack(message, NULL), "ack");
        natsMsg_Destroy(message);
    }
}

static void subscriber_close(load_subscriber_t *s)
{
    natsConnection_Close(((conn_t *)s->own)->nats);
}

int main(int argc, char **argv)
{
    static const load_system_t nats = {.setup = setup,
                                       .publisher_open = publisher_open,
                                       .publisher_send = publisher_send,
                                       .publisher_pump = publisher_pump,
                                       .publisher_close = publisher_close,
                                       .subscriber_open = subscriber_open,
                                       .subscriber_pump = subscriber_pump,
                                       .subscriber_close = subscriber_close};
    return load_main(argc, argv, &nats);
}
