/* Redis streams under bench/lib/load.h's workload: XADD; a consumer group a subscriber, XREADGROUP
 * and XACK. */
#include "bench/lib/load.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_MAX 256

typedef struct conn {
    redisContext *redis;
    uint64_t acked; /* answers come in order */
    bool asked;     /* an XREADGROUP is under way */
    uint8_t *message;
} conn_t;

static conn_t *dial(void)
{
    conn_t *c = load_new(sizeof *c);
    c->redis = redisConnect("127.0.0.1", (int)load_options.port);
    if (!c->redis || c->redis->err)
        load_fail("connect: %s", c->redis ? c->redis->errstr : "no memory");
    c->message = load_new(load_options.bytes);
    return c;
}

static void hang_up(conn_t *c)
{
    redisFree(c->redis);
    free(c->message);
    free(c);
}

static void setup(void)
{
    conn_t *c = dial();
    for (size_t i = 0; i < load_options.subscribers; i++) {
        redisReply *reply = redisCommand(c->redis, "XGROUP CREATE s g%d $ MKSTREAM", (int)i);
        if (!reply || reply->type == REDIS_REPLY_ERROR)
            load_fail("XGROUP: %s", reply ? reply->str : c->redis->errstr);
        freeReplyObject(reply);
    }
    hang_up(c);
}

static void flush(conn_t *c)
{
    int done = 0;
    while (!done)
        if (redisBufferWrite(c->redis, &done) != REDIS_OK)
            load_fail("write: %s", c->redis->errstr);
}

/* false: nothing came. */
static bool fill(conn_t *c, long wait_us)
{
    flush(c);
    if (!load_wait_fd(c->redis->fd, false, wait_us))
        return false;
    if (redisBufferRead(c->redis) != REDIS_OK)
        load_fail("read: %s", c->redis->errstr);
    return true;
}

static redisReply *next_reply(conn_t *c)
{
    void *reply = NULL;
    if (redisGetReplyFromReader(c->redis, &reply) != REDIS_OK)
        load_fail("read: %s", c->redis->errstr);
    const redisReply *r = reply;
    if (r && r->type == REDIS_REPLY_ERROR)
        load_fail("%s", r->str);
    return reply;
}

/* ---- publishing ---- */

static void publisher_open(load_publisher_t *p)
{
    p->own = dial();
}

static void publisher_send(load_publisher_t *p)
{
    conn_t *c = p->own;
    load_message_write(p, c->message);
    const char *words[] = {"XADD", "s", "*", "m", (const char *)c->message};
    const size_t sizes[] = {4, 1, 1, 1, load_options.bytes};
    (void)redisAppendCommandArgv(c->redis, 5, words, sizes);
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    conn_t *c = p->own;
    redisReply *reply = NULL;
    if (!fill(c, wait_us))
        return;
    while ((reply = next_reply(c))) {
        load_acked(p, c->acked++);
        freeReplyObject(reply);
    }
}

static void publisher_close(load_publisher_t *p)
{
    hang_up(p->own);
}

/* ---- subscribing ---- */

static void subscriber_open(load_subscriber_t *s)
{
    s->own = dial();
}

/* [[stream, [[id, [field, value]], …]]]: all of it acknowledged with one XACK. */
static void take(load_subscriber_t *s, const redisReply *streams)
{
    conn_t *c = s->own;
    const redisReply *entries = streams->element[0]->element[1];
    const char *words[3 + READ_MAX] = {"XACK", "s", NULL};
    size_t sizes[3 + READ_MAX] = {4, 1, 0};
    char group[24];
    sizes[2] = (size_t)snprintf(group, sizeof group, "g%zu", s->index);
    words[2] = group;
    for (size_t i = 0; i < entries->elements && i < READ_MAX; i++) {
        const redisReply *entry = entries->element[i], *value = entry->element[1]->element[1];
        load_message_got(s, value->str, value->len);
        words[3 + i] = entry->element[0]->str;
        sizes[3 + i] = entry->element[0]->len;
    }
    (void)redisAppendCommandArgv(c->redis, 3 + (int)entries->elements, words, sizes);
}

/* Each turn sends the XACK of the last batch and the next XREADGROUP together. */
static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    conn_t *c = s->own;
    redisReply *reply = NULL;
    if (!c->asked)
        (void)redisAppendCommand(c->redis, "XREADGROUP GROUP g%d c COUNT %d BLOCK 100 STREAMS s >",
                                 (int)s->index, READ_MAX);
    c->asked = true;
    if (!fill(c, wait_us))
        return;
    while ((reply = next_reply(c))) {
        if (reply->type != REDIS_REPLY_INTEGER) /* XACK's answer */
            c->asked = false;
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1)
            take(s, reply);
        freeReplyObject(reply);
    }
}

static void subscriber_close(load_subscriber_t *s)
{
    hang_up(s->own);
}

int main(int argc, char **argv)
{
    static const load_system_t redis = {.setup = setup,
                                        .publisher_open = publisher_open,
                                        .publisher_send = publisher_send,
                                        .publisher_pump = publisher_pump,
                                        .publisher_close = publisher_close,
                                        .subscriber_open = subscriber_open,
                                        .subscriber_pump = subscriber_pump,
                                        .subscriber_close = subscriber_close};
    return load_main(argc, argv, &redis);
}
