/* A server with its ZAP handler and clients on real sockets, driven by one poll, for tests of
 * io/link and io/zap. What is waited for is an event; the deadline only ends a test that has
 * failed. */
#pragma once

#include "base/limits.h"
#include "io/clock.h"
#include "io/link_private.h"
#include "io/zap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#define GIVE_UP_MS 30000
#define HWM        100u

enum { BROKER, POLICE, HOUSING, KEYS_COUNT };

/* Who the door knows. */
typedef struct door {
    const uint8_t *key[2];
    const char *user[2];
    zap_verdict verdict[2], others;
    unsigned asked;
} door_t;

typedef struct world {
    kith_keys_t *keys[KEYS_COUNT];
    link_context_t *context;
    kith_zap_t *zap;
    link_server_t *server;
    link_poll_t *poll;
    link_client_t *clients[4]; /* those still open: a test that failed leaves some */
    door_t door;
    char endpoint[128], folder[32], path[64];
} world_t;

static inline kith_bytes_t text(const char *value)
{
    return (kith_bytes_t){(const uint8_t *)value, strlen(value)};
}

static inline zap_verdict decide(void *ctx, const uint8_t key[32], char ret_user[64])
{
    door_t *door = ctx;
    door->asked++;
    for (int i = 0; i < 2; i++) {
        if (memcmp(door->key[i], key, 32) != 0)
            continue;
        if (door->verdict[i] == ZAP_ADMIT)
            (void)snprintf(ret_user, 64, "%s", door->user[i]);
        return door->verdict[i];
    }
    return door->others;
}

static inline kith_keys_t *new_keys(const char *folder)
{
    const char *const files[] = {"transport.key", "signing.key", "sealing.key", "public.txt"};
    const char *wrong = NULL;
    char path[96];
    kith_keys_t *keys = NULL;
    assert_int_equal(keys_make(folder, true), KITH_OK);
    assert_int_equal(keys_load(folder, true, &keys, &wrong), KITH_OK);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(unlink(path), 0);
    }
    return keys;
}

static inline void open_door(world_t *w)
{
    assert_int_equal(zap_new(w->context, decide, &w->door, &w->zap), KITH_OK);
}

static inline void open_server(world_t *w, const char *endpoint)
{
    assert_int_equal(
        link_server_curve(w->context, w->keys[BROKER], endpoint, HWM, &w->server, w->endpoint),
        KITH_OK);
}

/* Keys, a context, a folder and a path in it; neither door nor server. */
static inline int begin_bare(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    (void)snprintf(w->folder, sizeof w->folder, "test_link_XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof w->path, "%s/agent.sock", w->folder);
    for (int i = 0; i < KEYS_COUNT; i++)
        w->keys[i] = new_keys(w->folder);
    w->door = (door_t){.key = {keys_public(w->keys[POLICE], KEYS_TRANSPORT),
                               keys_public(w->keys[HOUSING], KEYS_TRANSPORT)},
                       .user = {"police", "housing"},
                       .verdict = {ZAP_ADMIT, ZAP_ADMIT},
                       .others = ZAP_NOT_YET};
    w->context = link_context_new();
    w->poll = link_poll_new(16);
    *state = w;
    return 0;
}

static inline int begin(void **state)
{
    if (begin_bare(state))
        return -1;
    open_door(*state);
    open_server(*state, "tcp://127.0.0.1:*");
    return 0;
}

static inline int end(void **state)
{
    world_t *w = *state;
    for (int i = 0; i < 4; i++)
        link_client_destroy(&w->clients[i]);
    link_server_destroy(&w->server);
    link_server_destroy(&w->server);
    zap_destroy(&w->zap);
    zap_destroy(&w->zap);
    link_poll_destroy(&w->poll);
    link_context_destroy(&w->context);
    link_context_destroy(&w->context);
    for (int i = 0; i < KEYS_COUNT; i++)
        keys_destroy(&w->keys[i]);
    (void)unlink(w->path);
    assert_int_equal(rmdir(w->folder), 0);
    free(w);
    return 0;
}

static inline link_client_t *remember(world_t *w, link_client_t *client)
{
    int place = 0;
    while (w->clients[place])
        assert_true(++place < 4);
    w->clients[place] = client;
    return client;
}

static inline void hang_up(world_t *w, link_client_t **client)
{
    for (int i = 0; i < 4; i++)
        if (w->clients[i] == *client)
            w->clients[i] = NULL;
    link_client_destroy(client);
    assert_null(*client);
    link_client_destroy(client);
}

static inline link_client_t *dial_as(world_t *w, int who)
{
    link_client_t *client = NULL;
    assert_int_equal(link_client_curve(w->context, w->keys[who],
                                       keys_public(w->keys[BROKER], KEYS_TRANSPORT), w->endpoint,
                                       HWM, &client),
                     KITH_OK);
    return remember(w, client);
}

/* One round: whatever moves is waited for, and the door answers. */
static inline void turn(world_t *w, link_client_t *client, int64_t *given_up_mono_ms)
{
    int64_t now = clock_mono_ms();
    if (*given_up_mono_ms == 0)
        *given_up_mono_ms = now + GIVE_UP_MS;
    assert_true(now < *given_up_mono_ms);
    link_poll_clear(w->poll);
    if (w->server)
        link_poll_server(w->poll, w->server);
    if (w->zap)
        link_poll_zap(w->poll, w->zap);
    if (client)
        link_poll_client(w->poll, client);
    assert_int_equal(link_poll_wait(w->poll, 100), KITH_OK);
    if (w->zap)
        zap_serve(w->zap);
}

static inline link_news next_news(world_t *w, link_client_t *client)
{
    int64_t given_up = 0;
    link_news news = link_client_news(client);
    while (news == LINK_NONE) {
        turn(w, client, &given_up);
        news = link_client_news(client);
    }
    return news;
}

static inline link_client_t *dial_up(world_t *w, int who)
{
    link_client_t *client = dial_as(w, who);
    assert_int_equal(next_news(w, client), LINK_UP);
    return client;
}

static inline link_arrival_t next_arrival(world_t *w)
{
    int64_t given_up = 0;
    link_arrival_t arrival;
    kith_err err = link_server_receive(w->server, &arrival);
    while (err == KITH_AGAIN) {
        turn(w, NULL, &given_up);
        err = link_server_receive(w->server, &arrival);
    }
    assert_int_equal(err, KITH_OK);
    return arrival;
}

static inline kith_bytes_t next_frame(world_t *w, link_client_t *client)
{
    int64_t given_up = 0;
    kith_bytes_t frame;
    kith_err err = link_client_receive(client, &frame);
    while (err == KITH_AGAIN) {
        turn(w, client, &given_up);
        err = link_client_receive(client, &frame);
    }
    assert_int_equal(err, KITH_OK);
    return frame;
}

/* A peer that is none of ours: plain libzmq, which dials again by itself. */
static inline void *raw_dealer(world_t *w, int who, const char *own_id)
{
    void *socket = zmq_socket(w->context->zmq, ZMQ_DEALER);
    assert_non_null(socket);
    link_set_int(socket, ZMQ_LINGER, 0);
    link_set_int(socket, ZMQ_HANDSHAKE_IVL, 1000);
    link_set(socket, ZMQ_CURVE_SERVERKEY, keys_public(w->keys[BROKER], KEYS_TRANSPORT), 32);
    link_set(socket, ZMQ_CURVE_PUBLICKEY, keys_public(w->keys[who], KEYS_TRANSPORT), 32);
    link_set(socket, ZMQ_CURVE_SECRETKEY, keys_transport_secret(w->keys[who]), 32);
    if (own_id)
        link_set(socket, ZMQ_ROUTING_ID, own_id, strlen(own_id));
    assert_int_equal(zmq_connect(socket, w->endpoint), 0);
    return socket;
}
