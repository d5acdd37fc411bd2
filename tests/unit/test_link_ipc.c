/* The local socket: who asks is the uid the kernel reports; a left file is taken over, a live one
 * never. */
#include "tests/unit/link_world.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static link_client_t *dial_path(world_t *w)
{
    link_client_t *client = NULL;
    assert_int_equal(link_client_ipc(w->context, w->path, &client), KITH_OK);
    return remember(w, client);
}

static void asker_is_the_uid_the_kernel_reports(void **state)
{
    world_t *w = *state;
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_OK);
    link_client_t *client = dial_path(w);
    assert_int_equal(next_news(w, client), LINK_UP);
    assert_int_equal(link_client_send(client, text("who am I")), KITH_OK);
    link_arrival_t arrival = next_arrival(w);
    assert_int_equal(arrival.uid, geteuid());
    assert_string_equal(arrival.user, "");
    assert_int_equal(link_server_send(w->server, arrival.route, text("you")), KITH_OK);
    assert_int_equal(next_frame(w, client).size, 3);
    hang_up(w, &client);
}

static void door_is_not_asked_about_local_clients(void **state)
{
    world_t *w = *state;
    open_door(w);
    w->door.others = ZAP_DENY;
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_OK);
    link_client_t *client = dial_path(w);
    assert_int_equal(next_news(w, client), LINK_UP);
    uint64_t admitted = 1, refused = 1;
    zap_counts(w->zap, &admitted, &refused);
    assert_int_equal(admitted + refused, 0);
    hang_up(w, &client);
}

static void socket_file_has_mode(world_t *w, int mode)
{
    struct stat st;
    assert_int_equal(link_server_ipc(w->context, w->path, mode, &w->server), KITH_OK);
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, mode);
}

static void socket_file_is_for_its_owner(void **state)
{
    socket_file_has_mode(*state, 0600);
}

static void socket_file_may_be_for_a_group(void **state)
{
    socket_file_has_mode(*state, 0660);
}

static void socket_file_is_never_for_all(void **state)
{
    world_t *w = *state;
    assert_int_equal(link_server_ipc(w->context, w->path, 0666, &w->server), KITH_INVALID);
    assert_null(w->server);
    assert_int_equal(access(w->path, F_OK), -1);
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 0), 0);
    return fd;
}

static void left_file_is_taken_over_a_live_one_is_not(void **state)
{
    world_t *w = *state;
    int fd = listen_at(w->path);
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_BUSY);
    assert_int_equal(close(fd), 0); /* as after a kill: the file stays, nobody listens */
    struct stat st;
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_OK);
    link_server_t *second = NULL;
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &second), KITH_BUSY);
    assert_null(second);
    link_client_t *client = dial_path(w); /* the first one was not disturbed */
    assert_int_equal(next_news(w, client), LINK_UP);
    hang_up(w, &client);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    world_t *w = *state;
    FILE *file = fopen(w->path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_INVALID);
    assert_int_equal(access(w->path, F_OK), 0);
    assert_null(w->server);
}

static void path_that_cannot_be_is_invalid(void **state)
{
    world_t *w = *state;
    char lengthy[301];
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    const char *const bad[] = {"", "*", "@abstract", "no/such/folder/agent.sock", lengthy};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(link_server_ipc(w->context, bad[i], 0600, &w->server), KITH_INVALID);
    link_client_t *client = NULL;
    assert_int_equal(link_client_ipc(w->context, lengthy, &client), KITH_INVALID);
    lengthy[120] = '\0'; /* short enough for an address, too long for a socket */
    assert_int_equal(link_client_ipc(w->context, lengthy, &client), KITH_INVALID);
    assert_null(client);
}

static void no_agent_is_down(void **state)
{
    world_t *w = *state;
    link_client_t *client = dial_path(w);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
    assert_int_equal(close(listen_at(w->path)), 0);
    client = dial_path(w); /* a file that nobody serves */
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
}

static void stopped_agent_is_down(void **state)
{
    world_t *w = *state;
    assert_int_equal(link_server_ipc(w->context, w->path, 0600, &w->server), KITH_OK);
    link_client_t *client = dial_path(w);
    assert_int_equal(next_news(w, client), LINK_UP);
    link_server_destroy(&w->server);
    assert_int_equal(next_news(w, client), LINK_DOWN);
    hang_up(w, &client);
}

int main(void)
{
#define BARE(name) cmocka_unit_test_setup_teardown(name, begin_bare, end)
    const struct CMUnitTest tests[] = {
        BARE(asker_is_the_uid_the_kernel_reports),
        BARE(door_is_not_asked_about_local_clients),
        BARE(socket_file_is_for_its_owner),
        BARE(socket_file_may_be_for_a_group),
        BARE(socket_file_is_never_for_all),
        BARE(left_file_is_taken_over_a_live_one_is_not),
        BARE(what_is_no_socket_is_left_alone),
        BARE(path_that_cannot_be_is_invalid),
        BARE(no_agent_is_down),
        BARE(stopped_agent_is_down),
    };
#undef BARE
    if (keys_begin())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
