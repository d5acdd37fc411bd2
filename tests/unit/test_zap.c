/* Who comes in: known keys under their agency's name, nobody else, and nobody at all without the
 * handler. */
#include "tests/unit/link_world.h"

/* A request by hand: all parts, NULL-terminated; the last is the key unless it is left out. */
static void *ask(world_t *w, const char *const *parts, const uint8_t *key, size_t key_size)
{
    void *socket = zmq_socket(w->context->zmq, ZMQ_REQ);
    assert_non_null(socket);
    link_set_int(socket, ZMQ_LINGER, 0);
    assert_int_equal(zmq_connect(socket, "inproc://zeromq.zap.01"), 0);
    for (; *parts; parts++)
        assert_true(zmq_send(socket, *parts, strlen(*parts), parts[1] || key ? ZMQ_SNDMORE : 0) >=
                    0);
    if (key)
        assert_true(zmq_send(socket, key, key_size, 0) >= 0);
    return socket;
}

/* Checks version, request id and metadata of the answer; its code, and the user in ret_user. */
static int answer(world_t *w, void *socket, const char *request_id, char ret_user[64])
{
    char parts[6][64];
    int64_t given_up = 0;
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    while (zmq_poll(&item, 1, 0) == 0)
        turn(w, NULL, &given_up);
    for (int i = 0; i < 6; i++) {
        int more = 0, size = zmq_recv(socket, parts[i], sizeof parts[i] - 1, 0);
        size_t more_size = sizeof more;
        assert_true(size >= 0 && size < 64);
        parts[i][size] = '\0';
        assert_int_equal(zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &more_size), 0);
        assert_int_equal(more, i < 5);
    }
    assert_string_equal(parts[0], "1.0");
    assert_string_equal(parts[1], request_id);
    assert_string_equal(parts[5], "");
    memcpy(ret_user, parts[4], 64);
    link_socket_close(&socket);
    return (int)strtol(parts[2], NULL, 10);
}

static const char *const good[] = {"1.0", "7", "kith", "127.0.0.1", "", "CURVE", NULL};

static void known_key_comes_in_by_its_agencys_name(void **state)
{
    world_t *w = *state;
    char user[64];
    assert_int_equal(answer(w, ask(w, good, w->door.key[0], 32), "7", user), 200);
    assert_string_equal(user, "police");
    w->door.verdict[0] = ZAP_NOT_YET;
    assert_int_equal(answer(w, ask(w, good, w->door.key[0], 32), "7", user), 300);
    assert_string_equal(user, "");
    w->door.verdict[0] = ZAP_DENY;
    assert_int_equal(answer(w, ask(w, good, w->door.key[0], 32), "7", user), 400);
    assert_string_equal(user, "");
    uint64_t admitted = 0, refused = 0;
    zap_counts(w->zap, &admitted, &refused);
    assert_int_equal(admitted, 1);
    assert_int_equal(refused, 2);
}

static void other_doors_and_mechanisms_are_denied(void **state)
{
    world_t *w = *state;
    char user[64];
    const char *const null_one[] = {"1.0", "7", "kith", "127.0.0.1", "", "NULL", "", NULL};
    const char *const plain[] = {"1.0", "7", "kith", "127.0.0.1", "", "PLAIN", "user", "x", NULL};
    const char *const domain[] = {"1.0", "7", "global", "127.0.0.1", "", "CURVE", NULL};
    assert_int_equal(answer(w, ask(w, null_one, NULL, 0), "7", user), 400);
    assert_int_equal(answer(w, ask(w, plain, NULL, 0), "7", user), 400);
    assert_int_equal(answer(w, ask(w, domain, w->door.key[0], 32), "7", user), 400);
    assert_int_equal(w->door.asked, 0);
}

static void malformed_request_gets_500(void **state)
{
    world_t *w = *state;
    char user[64];
    const char *const version[] = {"2.0", "7", "kith", "127.0.0.1", "", "CURVE", NULL};
    const char *const fewer[] = {"1.0", "7", "kith", NULL};
    const char *const least[] = {"1.0", NULL};
    const char *const more[] = {"1.0", "7", "kith", "127.0.0.1", "", "CURVE", "x", NULL};
    assert_int_equal(answer(w, ask(w, version, w->door.key[0], 32), "7", user), 500);
    assert_int_equal(answer(w, ask(w, good, w->door.key[0], 31), "7", user), 500);
    assert_int_equal(answer(w, ask(w, more, w->door.key[0], 32), "7", user), 500);
    assert_int_equal(answer(w, ask(w, fewer, NULL, 0), "7", user), 500);
    assert_int_equal(answer(w, ask(w, least, NULL, 0), "", user), 500);
    assert_int_equal(w->door.asked, 0);
}

static void there_is_one_door(void **state)
{
    world_t *w = *state;
    kith_zap_t *second = NULL;
    assert_int_equal(zap_new(w->context, decide, &w->door, &second), KITH_BUSY);
    assert_null(second);
}

static void without_the_handler_nobody_enters(void **state)
{
    world_t *w = *state;
    open_server(w, "tcp://127.0.0.1:*");
    link_client_t *client = dial_as(w, POLICE);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
    open_door(w);
    client = dial_up(w, POLICE);
    zap_destroy(&w->zap); /* and when it goes away later, nobody new */
    link_client_t *late = dial_as(w, HOUSING);
    assert_int_equal(next_news(w, late), LINK_DOWN);
    hang_up(w, &late);
    hang_up(w, &client);
}

static void revoked_key_is_told_so(void **state)
{
    world_t *w = *state;
    w->door.verdict[0] = ZAP_DENY;
    link_client_t *client = dial_as(w, POLICE);
    assert_int_equal(next_news(w, client), LINK_DENIED);
    int64_t given_up = 0;
    turn(w, client, &given_up);
    assert_int_equal(link_client_news(client), LINK_NONE); /* told once */
    hang_up(w, &client);
}

static void unknown_key_is_down_and_comes_in_at_the_next_dial(void **state)
{
    world_t *w = *state;
    w->door.verdict[0] = ZAP_NOT_YET;
    link_client_t *client = dial_as(w, POLICE);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
    w->door.verdict[0] = ZAP_ADMIT;
    client = dial_up(w, POLICE);
    hang_up(w, &client);
}

static void unknown_key_enters_by_itself_once_it_is_allowed(void **state)
{
    world_t *w = *state;
    w->door.verdict[0] = ZAP_NOT_YET;
    void *plain = raw_dealer(w, POLICE, NULL);
    assert_true(zmq_send(plain, "waiting", 7, 0) > 0);
    int64_t given_up = 0;
    while (w->door.asked == 0)
        turn(w, NULL, &given_up);
    link_arrival_t arrival;
    assert_int_equal(link_server_receive(w->server, &arrival), KITH_AGAIN);
    w->door.verdict[0] = ZAP_ADMIT;
    arrival = next_arrival(w);
    assert_string_equal(arrival.user, "police");
    assert_memory_equal(arrival.frame.data, "waiting", 7);
    link_socket_close(&plain);
}

static void peer_without_curve_does_not_enter(void **state)
{
    world_t *w = *state;
    void *open_peer = zmq_socket(w->context->zmq, ZMQ_DEALER);
    link_set_int(open_peer, ZMQ_LINGER, 0);
    assert_int_equal(zmq_connect(open_peer, w->endpoint), 0);
    assert_true(zmq_send(open_peer, "let me in", 9, 0) > 0);
    link_client_t *client = dial_up(w, POLICE); /* comes after it, and is let in */
    assert_int_equal(link_client_send(client, text("x")), KITH_OK);
    assert_string_equal(next_arrival(w).user, "police");
    link_arrival_t arrival;
    assert_int_equal(link_server_receive(w->server, &arrival), KITH_AGAIN);
    assert_int_equal(w->door.asked, 1);
    hang_up(w, &client);
    link_socket_close(&open_peer);
}

int main(void)
{
#define SERVED(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define BARE(name)   cmocka_unit_test_setup_teardown(name, begin_bare, end)
    const struct CMUnitTest tests[] = {
        SERVED(known_key_comes_in_by_its_agencys_name),
        SERVED(other_doors_and_mechanisms_are_denied),
        SERVED(malformed_request_gets_500),
        SERVED(there_is_one_door),
        BARE(without_the_handler_nobody_enters),
        SERVED(revoked_key_is_told_so),
        SERVED(unknown_key_is_down_and_comes_in_at_the_next_dial),
        SERVED(unknown_key_enters_by_itself_once_it_is_allowed),
        SERVED(peer_without_curve_does_not_enter),
    };
#undef SERVED
#undef BARE
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
