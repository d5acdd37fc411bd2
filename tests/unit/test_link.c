/* What io/link tells of real sockets: who speaks, who is gone, what was refused. */
#include "tests/unit/link_world.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void frames_pass_both_ways_under_the_name_of_the_key(void **state)
{
    world_t *w = *state;
    link_client_t *police = dial_up(w, POLICE), *housing = dial_up(w, HOUSING);
    assert_int_equal(link_client_send(police, text("from police")), KITH_OK);
    link_arrival_t arrival = next_arrival(w);
    uint64_t route = arrival.route;
    assert_string_equal(arrival.user, "police");
    assert_int_equal(arrival.uid, UINT32_MAX);
    assert_memory_equal(arrival.frame.data, "from police", 11);
    assert_int_equal(link_client_send(housing, text("from housing")), KITH_OK);
    arrival = next_arrival(w);
    assert_string_equal(arrival.user, "housing");
    assert_int_not_equal(arrival.route, route);
    assert_int_equal(link_server_send(w->server, route, text("to police")), KITH_OK);
    kith_bytes_t frame = next_frame(w, police);
    assert_int_equal(frame.size, 9);
    assert_memory_equal(frame.data, "to police", 9);
    assert_int_equal(link_client_receive(housing, &frame), KITH_AGAIN);
    hang_up(w, &police);
    hang_up(w, &housing);
}

static void largest_frame_passes_both_ways(void **state)
{
    world_t *w = *state;
    static uint8_t large[KITH_FRAME_BYTES_MAX];
    kith_bytes_t frame = {large, sizeof large};
    link_client_t *client = dial_up(w, POLICE);
    assert_int_equal(link_client_send(client, frame), KITH_OK);
    link_arrival_t arrival = next_arrival(w);
    assert_int_equal(arrival.frame.size, sizeof large);
    assert_int_equal(link_server_send(w->server, arrival.route, frame), KITH_OK);
    assert_int_equal(next_frame(w, client).size, sizeof large);
    hang_up(w, &client);
}

static void larger_frame_ends_its_own_connection_only(void **state)
{
    world_t *w = *state;
    static uint8_t large[KITH_FRAME_BYTES_MAX + 1024];
    link_client_t *police = dial_up(w, POLICE), *housing = dial_up(w, HOUSING);
    assert_true(zmq_send(link_client_socket(police), large, sizeof large, 0) > 0);
    assert_int_equal(next_news(w, police), LINK_DOWN);
    assert_int_equal(link_client_send(housing, text("still here")), KITH_OK);
    assert_string_equal(next_arrival(w).user, "housing");
    hang_up(w, &police);
    hang_up(w, &housing);
}

/* A plain TCP listener that never says a word. */
static int mute_listener(char endpoint[128])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(endpoint, 128, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
    return fd;
}

static void nobody_listening_is_down_until_somebody_does(void **state)
{
    world_t *w = *state;
    open_door(w);
    (void)close(mute_listener(w->endpoint)); /* a port that is free, and nobody's */
    link_client_t *client = NULL;
    kith_bytes_t frame;
    for (int dial = 0; dial < 20; dial++) {
        client = dial_as(w, POLICE);
        assert_int_equal(link_client_send(client, text("x")), KITH_FULL);
        assert_int_equal(next_news(w, client), LINK_DOWN);
        assert_int_equal(link_client_news(client), LINK_NONE);
        assert_int_equal(link_client_receive(client, &frame), KITH_AGAIN);
        hang_up(w, &client);
    }
    char endpoint[128];
    memcpy(endpoint, w->endpoint, sizeof endpoint);
    open_server(w, endpoint);
    client = dial_up(w, POLICE);
    hang_up(w, &client);
}

static void closed_server_is_down(void **state)
{
    world_t *w = *state;
    link_client_t *client = dial_up(w, POLICE);
    link_server_destroy(&w->server);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    assert_int_equal(link_client_send(client, text("x")), KITH_FULL);
    hang_up(w, &client);
}

/* In a process of its own: says on which endpoint it listens, and serves until it is killed. */
static void serve_until_killed(world_t *w, int say_fd)
{
    w->context = link_context_new();
    if (zap_new(w->context, decide, &w->door, &w->zap) ||
        link_server_curve(w->context, w->keys[BROKER], "tcp://127.0.0.1:*", HWM, &w->server,
                          w->endpoint) ||
        write(say_fd, w->endpoint, sizeof w->endpoint) != (ssize_t)sizeof w->endpoint)
        _exit(1);
    for (;;) {
        link_poll_clear(w->poll);
        link_poll_zap(w->poll, w->zap);
        if (link_poll_wait(w->poll, GIVE_UP_MS))
            _exit(1);
        zap_serve(w->zap);
    }
}

static void killed_server_is_down(void **state)
{
    world_t *w = *state;
    int say[2];
    assert_int_equal(pipe(say), 0);
    link_context_destroy(&w->context); /* no libzmq thread may be there while we fork */
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        serve_until_killed(w, say[1]);
    assert_int_equal(read(say[0], w->endpoint, sizeof w->endpoint), sizeof w->endpoint);
    w->context = link_context_new();
    link_client_t *client = dial_up(w, POLICE);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    hang_up(w, &client);
    (void)close(say[0]);
    (void)close(say[1]);
}

static void wrong_server_key_is_down(void **state)
{
    world_t *w = *state;
    link_client_t *client = NULL;
    assert_int_equal(link_client_curve(w->context, w->keys[POLICE],
                                       keys_public(w->keys[HOUSING], KEYS_TRANSPORT), w->endpoint,
                                       HWM, &client),
                     KITH_OK);
    assert_int_equal(next_news(w, remember(w, client)), LINK_DOWN);
    hang_up(w, &client);
}

static void mute_server_is_down_by_the_handshake_limit(void **state)
{
    world_t *w = *state;
    int fd = mute_listener(w->endpoint);
    link_client_t *client = dial_as(w, POLICE);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
    (void)close(fd);
}

static void dial_that_comes_to_nothing_is_down_at_its_deadline(void **state)
{
    world_t *w = *state;
    (void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://no-such-host.invalid:5670");
    link_client_t *client = dial_as(w, POLICE);
    link_client_set_deadline(client, clock_mono_ms());
    assert_int_equal(next_news(w, client), LINK_DOWN);
    assert_int_equal(link_client_news(client), LINK_NONE);
    hang_up(w, &client);
}

static void what_is_no_address_is_refused(void **state)
{
    world_t *w = *state;
    link_client_t *client = NULL;
    link_server_t *server = NULL;
    const char *const bad[] = {"tcp://127.0.0.1",       "tcp://",
                               "127.0.0.1:5670",        "inproc://broker",
                               "tcp://127.0.0.1:99999", "tcp://127.0.0.1:0",
                               "tcp://127.0.0.1:56x",   "tcp://192.0.2.1:5670"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char bound[128] = "untouched";
        assert_int_equal(
            link_server_curve(w->context, w->keys[BROKER], bad[i], HWM, &server, bound),
            KITH_INVALID);
        assert_string_equal(bound, "untouched");
        if (i < 7)
            assert_int_equal(link_client_curve(w->context, w->keys[POLICE],
                                               keys_public(w->keys[BROKER], KEYS_TRANSPORT), bad[i],
                                               HWM, &client),
                             KITH_INVALID);
        assert_null(client);
        assert_null(server);
    }
}

static void taken_address_is_busy(void **state)
{
    world_t *w = *state;
    link_server_t *second = NULL;
    char bound[128];
    assert_int_equal(
        link_server_curve(w->context, w->keys[BROKER], w->endpoint, HWM, &second, bound),
        KITH_BUSY);
    assert_null(second);
}

static void arrivals_of_other_than_one_part_are_skipped(void **state)
{
    world_t *w = *state;
    link_client_t *client = dial_up(w, POLICE);
    void *socket = link_client_socket(client);
    for (int i = 0; i < 3; i++) {
        assert_true(zmq_send(socket, "", 0, ZMQ_SNDMORE) >= 0);
        assert_true(zmq_send(socket, "two", 3, ZMQ_SNDMORE) >= 0);
        assert_true(zmq_send(socket, "three", 5, 0) >= 0);
    }
    assert_int_equal(link_client_send(client, text("one")), KITH_OK);
    link_arrival_t arrival = next_arrival(w);
    assert_int_equal(arrival.frame.size, 3);
    assert_memory_equal(arrival.frame.data, "one", 3);
    assert_int_equal(link_server_skipped(w->server), 3);

    void *router = link_server_socket(w->server);
    uint8_t id[5], body[2];
    assert_int_equal(link_client_send(client, text("id")), KITH_OK);
    int64_t given_up = 0;
    while (zmq_recv(router, id, sizeof id, ZMQ_DONTWAIT) < 0)
        turn(w, NULL, &given_up);
    assert_int_equal(zmq_recv(router, body, sizeof body, ZMQ_DONTWAIT), 2);
    assert_true(zmq_send(router, id, sizeof id, ZMQ_SNDMORE) > 0);
    assert_true(zmq_send(router, "a", 1, ZMQ_SNDMORE) > 0);
    assert_true(zmq_send(router, "b", 1, 0) > 0);
    assert_int_equal(link_server_send(w->server, arrival.route, text("single")), KITH_OK);
    assert_int_equal(next_frame(w, client).size, 6);
    hang_up(w, &client);
}

static void peer_that_names_itself_is_skipped(void **state)
{
    world_t *w = *state;
    void *named = raw_dealer(w, POLICE, "police");
    assert_true(zmq_send(named, "x", 1, 0) > 0);
    int64_t given_up = 0;
    link_arrival_t arrival;
    while (link_server_skipped(w->server) == 0) {
        assert_int_equal(link_server_receive(w->server, &arrival), KITH_AGAIN);
        turn(w, NULL, &given_up);
    }
    link_socket_close(&named);
}

static void route_is_forgotten_and_never_comes_back(void **state)
{
    world_t *w = *state;
    link_client_t *client = dial_up(w, POLICE);
    assert_int_equal(link_client_send(client, text("x")), KITH_OK);
    uint64_t first = next_arrival(w).route;
    link_server_forget(w->server, first);
    link_server_forget(w->server, first);
    assert_int_equal(link_server_send(w->server, first, text("y")), KITH_NOT_FOUND);
    assert_int_equal(link_server_send(w->server, 0, text("y")), KITH_NOT_FOUND);
    assert_int_equal(link_client_send(client, text("x")), KITH_OK);
    uint64_t second = next_arrival(w).route;
    assert_int_not_equal(first, second);
    assert_int_equal(link_server_send(w->server, second, text("y")), KITH_OK);
    hang_up(w, &client);
}

static void gone_peer_is_not_found(void **state)
{
    world_t *w = *state;
    link_client_t *client = dial_up(w, POLICE);
    assert_int_equal(link_client_send(client, text("x")), KITH_OK);
    uint64_t route = next_arrival(w).route;
    hang_up(w, &client);
    int64_t given_up = 0;
    kith_err err = KITH_OK;
    while ((err = link_server_send(w->server, route, text("y"))) == KITH_OK)
        turn(w, NULL, &given_up);
    assert_int_equal(err, KITH_NOT_FOUND);
    assert_int_equal(link_server_send(w->server, route, text("y")), KITH_NOT_FOUND);
}

static void peer_that_does_not_read_fills_only_its_own_queue(void **state)
{
    world_t *w = *state;
    static uint8_t large[KITH_FRAME_BYTES_MAX];
    link_client_t *deaf = dial_up(w, POLICE), *other = dial_up(w, HOUSING);
    assert_int_equal(link_client_send(deaf, text("x")), KITH_OK);
    uint64_t deaf_route = next_arrival(w).route;
    assert_int_equal(link_client_send(other, text("x")), KITH_OK);
    uint64_t other_route = next_arrival(w).route;
    kith_err err = KITH_OK;
    unsigned sent = 0;
    while (!(err = link_server_send(w->server, deaf_route, (kith_bytes_t){large, sizeof large})))
        assert_true(++sent < 10000);
    assert_int_equal(err, KITH_FULL);
    assert_true(sent >= HWM);
    assert_int_equal(link_server_send(w->server, other_route, text("y")), KITH_OK);
    assert_int_equal(next_frame(w, other).size, 1);
    hang_up(w, &deaf);
    hang_up(w, &other);
}

static void poll_wakes_for_a_descriptor(void **state)
{
    world_t *w = *state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "x", 1), 1);
    link_poll_clear(w->poll);
    link_poll_fd(w->poll, fds[0]);
    assert_int_equal(link_poll_wait(w->poll, INT64_MAX), KITH_OK);
    char byte;
    assert_int_equal(read(fds[0], &byte, 1), 1);
    assert_int_equal(link_poll_wait(w->poll, -1), KITH_OK); /* nothing there: does not wait */
    (void)close(fds[0]);
    (void)close(fds[1]);
}

int main(void)
{
#define SERVED(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define BARE(name)   cmocka_unit_test_setup_teardown(name, begin_bare, end)
    const struct CMUnitTest tests[] = {
        SERVED(frames_pass_both_ways_under_the_name_of_the_key),
        SERVED(largest_frame_passes_both_ways),
        SERVED(larger_frame_ends_its_own_connection_only),
        BARE(nobody_listening_is_down_until_somebody_does),
        SERVED(closed_server_is_down),
        BARE(killed_server_is_down),
        SERVED(wrong_server_key_is_down),
        BARE(mute_server_is_down_by_the_handshake_limit),
        BARE(dial_that_comes_to_nothing_is_down_at_its_deadline),
        BARE(what_is_no_address_is_refused),
        SERVED(taken_address_is_busy),
        SERVED(arrivals_of_other_than_one_part_are_skipped),
        SERVED(peer_that_names_itself_is_skipped),
        SERVED(route_is_forgotten_and_never_comes_back),
        SERVED(gone_peer_is_not_found),
        SERVED(peer_that_does_not_read_fills_only_its_own_queue),
        BARE(poll_wakes_for_a_descriptor),
    };
#undef SERVED
#undef BARE
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
