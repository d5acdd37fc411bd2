/* The agent's loop as a process, before a hub that says whatever a test wants: nothing that comes
 * from outside ends it, and what must end it does so with the right status. */
#include "agents/agent_loop.h"
#include "api.pb-c.h"
#include "base/frame.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/zap.h"
#include "tests/lib/dice.h"
#include "tests/unit/agent_world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define GIVE_UP_MS 60000

typedef struct hub {
    agent_world_t *w;
    pid_t agent;
    kith_keys_t *keys;
    link_context_t *context;
    kith_zap_t *zap;
    link_server_t *server;
    link_client_t *client; /* of the agent's own socket */
    link_poll_t *poll;
    kith_arena_t *arena;
    uint64_t route;
    int64_t give_up_mono_ms;
} hub_t;

/* ---- the agent, in a child ---- */

static int run_agent(agent_world_t *w)
{
    const char *error = NULL;
    agent_start_t start = {
        .conf = &w->conf, .agreement = w->agreement, .agreement_arena = w->agreement_arena};
    agent_loop_t *loop = NULL;
    if (agent_keys_load(&w->conf, w->arena, &start.keys, &error) != KITH_OK ||
        agent_store_open(&w->conf, w->agreement, w->arena, &start.store, &start.identity, &error) !=
            KITH_OK ||
        agent_loop_new(&start, w->arena, &loop, &error) != KITH_OK)
        return 99;
    w->agreement_arena = NULL;
    int status = agent_loop_run(loop);
    agent_loop_destroy(&loop);
    return status;
}

static void start_agent(hub_t *hub)
{
    hub->agent = fork();
    assert_true(hub->agent >= 0);
    if (hub->agent > 0)
        return;
    int silent = open("/dev/null", O_WRONLY);
    (void)dup2(silent, STDERR_FILENO); /* what it logs is not this test's output */
    _exit(run_agent(hub->w));
}

static int end_agent(hub_t *hub, int signal_number)
{
    int status = 0;
    if (signal_number)
        assert_int_equal(kill(hub->agent, signal_number), 0);
    assert_int_equal(waitpid(hub->agent, &status, 0), hub->agent);
    hub->agent = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- the hub, in this process ---- */

static const char *free_endpoint(kith_arena_t *arena)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)close(fd);
    return kith_arena_printf(arena, "tcp://127.0.0.1:%u", ntohs(address.sin_port));
}

static zap_verdict decide(void *ctx, const uint8_t key[32], char ret_user[64])
{
    const hub_t *hub = ctx;
    const kith_agency_t *agency = kith_agreement_by_transport(hub->w->agreement, key);
    if (!agency)
        return ZAP_NOT_YET;
    (void)snprintf(ret_user, 64, "%s", agency->id);
    return ZAP_ADMIT;
}

/* The agent is forked first: a process with sockets is not one to fork. */
static int hub_begin(void **state)
{
    void *world = NULL;
    if (agent_world_begin(&world))
        return -1;
    hub_t *hub = calloc(1, sizeof *hub);
    assert_non_null(hub);
    hub->w = world;
    const char *endpoint = free_endpoint(hub->w->arena), *error = NULL, *wrong = NULL;
    char bound[128], folder[SCRATCH_PATH_SIZE];
    agent_world_change(hub->w, hub->w->partnership, "tcp://127.0.0.1:5670", endpoint);
    agent_world_change(hub->w, hub->w->cfg, "uid = 1000",
                       kith_arena_printf(hub->w->arena, "uid = %u", getuid()));
    assert_null(agent_world_load(hub->w));
    assert_int_equal(agent_store_init(&hub->w->conf, hub->w->agreement, hub->w->arena, &error),
                     KITH_OK);
    start_agent(hub);
    scratch_path(&hub->w->scratch, "keys/hub-a", folder);
    assert_int_equal(keys_load(folder, false, &hub->keys, &wrong), KITH_OK);
    hub->arena = kith_arena_new(64u << 20);
    hub->context = link_context_new();
    hub->poll = link_poll_new(8);
    hub->give_up_mono_ms = clock_mono_ms() + GIVE_UP_MS;
    assert_int_equal(zap_new(hub->context, decide, hub, &hub->zap), KITH_OK);
    assert_int_equal(
        link_server_curve(hub->context, hub->keys, endpoint, 1000, &hub->server, bound), KITH_OK);
    *state = hub;
    return 0;
}

static int hub_end(void **state)
{
    hub_t *hub = *state;
    void *world = hub->w;
    if (hub->agent > 0) {
        (void)kill(hub->agent, SIGKILL);
        (void)waitpid(hub->agent, NULL, 0);
    }
    link_client_destroy(&hub->client);
    link_server_destroy(&hub->server);
    zap_destroy(&hub->zap);
    link_poll_destroy(&hub->poll);
    link_context_destroy(&hub->context);
    keys_destroy(&hub->keys);
    kith_arena_destroy(&hub->arena);
    free(hub);
    return agent_world_end(&world);
}

/* Waits for something, whatever it is. */
static void hub_wait(hub_t *hub)
{
    assert_true(clock_mono_ms() < hub->give_up_mono_ms);
    link_poll_clear(hub->poll);
    link_poll_zap(hub->poll, hub->zap);
    link_poll_server(hub->poll, hub->server);
    if (hub->client)
        link_poll_client(hub->poll, hub->client);
    assert_int_equal(link_poll_wait(hub->poll, 100), KITH_OK);
    zap_serve(hub->zap);
}

/* The next packet of this verb; others are passed over. */
static Kith__Packet *hub_hear(hub_t *hub, Kith__Packet__VerbCase verb)
{
    for (;;) {
        link_arrival_t arrival;
        kith_frame_reader_t reader;
        kith_bytes_t bytes;
        if (link_server_receive(hub->server, &arrival) != KITH_OK) {
            hub_wait(hub);
            continue;
        }
        assert_string_equal(arrival.user, "police");
        hub->route = arrival.route;
        assert_int_equal(kith_frame_open(arrival.frame, &reader), KITH_OK);
        while (kith_frame_next(&reader, &bytes)) {
            Kith__Packet *packet =
                kith__packet__unpack(kith_arena_allocator(hub->arena), bytes.size, bytes.data);
            assert_non_null(packet);
            if (packet->verb_case == verb)
                return packet;
        }
    }
}

static void hub_send(hub_t *hub, kith_bytes_t frame)
{
    while (link_server_send(hub->server, hub->route, frame) == KITH_FULL)
        hub_wait(hub);
}

static void hub_say(hub_t *hub, const Kith__Packet *packet)
{
    kith_frame_writer_t frame;
    size_t size = kith__packet__get_packed_size(packet);
    uint8_t *room = kith_arena_need(hub->arena, size + 64);
    kith_frame_begin(&frame, room, size + 64);
    kith__packet__pack(packet, kith_frame_add(&frame, size));
    hub_send(hub, (kith_bytes_t){frame.data, frame.size});
}

static void hub_welcome(hub_t *hub)
{
    static uint8_t store_epoch[16] = {1};
    const Kith__Hello *hello = hub_hear(hub, KITH__PACKET__VERB_HELLO)->hello;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Welcome welcome = KITH__WELCOME__INIT;
    Kith__LaneCredit lanes[2] = {KITH__LANE_CREDIT__INIT, KITH__LANE_CREDIT__INIT};
    Kith__LaneCredit *credit[2] = {&lanes[0], &lanes[1]};
    lanes[0].lane = KITH__LANE__LANE_URGENT;
    lanes[1].lane = KITH__LANE__LANE_NORMAL;
    lanes[0].messages = lanes[1].messages = 64;
    lanes[0].bytes = lanes[1].bytes = 1u << 20;
    welcome.broker = kith_arena_str(hub->arena, "hub-a");
    welcome.store_epoch = (ProtobufCBinaryData){sizeof store_epoch, store_epoch};
    welcome.partnership_version = 1;
    welcome.liveness_ms = 30000;
    welcome.dial = hello->dial;
    welcome.n_credit = 2;
    welcome.credit = credit;
    packet.verb_case = KITH__PACKET__VERB_WELCOME;
    packet.welcome = &welcome;
    hub_say(hub, &packet);
}

/* ---- the agent's own socket ---- */

static Kith__Api__Response *hub_ask(hub_t *hub, const Kith__Api__Request *request)
{
    while (!hub->client) {
        assert_int_equal(link_client_ipc(hub->context, hub->w->conf.socket, &hub->client), KITH_OK);
        link_news news = link_client_news(hub->client);
        while (news == LINK_NONE) {
            hub_wait(hub);
            news = link_client_news(hub->client);
        }
        if (news != LINK_UP)
            link_client_destroy(&hub->client); /* it has not come so far */
    }
    kith_bytes_t reply;
    assert_int_equal(link_client_send(hub->client, KITH_PACK(hub->arena, request)), KITH_OK);
    while (link_client_receive(hub->client, &reply) != KITH_OK)
        hub_wait(hub);
    Kith__Api__Response *response =
        kith__api__response__unpack(kith_arena_allocator(hub->arena), reply.size, reply.data);
    assert_non_null(response);
    return response;
}

static uint64_t hub_count(hub_t *hub, const char *name)
{
    Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = 1;
    request.ask_case = KITH__API__REQUEST__ASK_STATUS;
    request.status = &ask;
    Kith__Api__Response *response = hub_ask(hub, &request);
    assert_int_equal(response->status, KITH__API__STATUS__STATUS_OK);
    for (size_t i = 0; i < response->agent->n_counters; i++) {
        if (strcmp(response->agent->counters[i]->name, name) == 0)
            return response->agent->counters[i]->value;
    }
    fail_msg("no counter %s", name);
    return 0;
}

static void hub_submit(hub_t *hub)
{
    Kith__Event event = KITH__EVENT__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__Api__SubmitRequest ask = KITH__API__SUBMIT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    char *to[] = {kith_arena_str(hub->arena, "housing")};
    event.kind = kith_arena_str(hub->arena, "call-out");
    event.occurred_ms = 1767225600000;
    draft.topic = kith_arena_str(hub->arena, "call-out");
    draft.n_to = 1;
    draft.to = to;
    draft.body_case = KITH__API__DRAFT__BODY_EVENT;
    draft.event = &event;
    ask.draft = &draft;
    request.id = 2;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &ask;
    assert_int_equal(hub_ask(hub, &request)->status, KITH__API__STATUS__STATUS_OK);
}

/* ---- the tests ---- */

static void what_is_submitted_is_published(void **state)
{
    hub_t *hub = *state;
    hub_welcome(hub);
    hub_submit(hub);
    const Kith__Packet *packet = hub_hear(hub, KITH__PACKET__VERB_PUBLISH);
    assert_int_equal(packet->publish->n_owed, 1);
    assert_string_equal(packet->publish->owed[0], "housing");
    assert_int_equal(end_agent(hub, SIGTERM), 0);
    assert_int_equal(hub_hear(hub, KITH__PACKET__VERB_BYE)->bye->reason,
                     KITH__REASON__REASON_STOPPING);
}

/* One packet of any verb with any fields, some of them wrong. */
static kith_bytes_t random_packet(hub_t *hub, dice_t *dice, uint8_t *room, size_t size)
{
    kith_frame_writer_t frame;
    kith_frame_begin(&frame, room, size);
    for (size_t packets = 1 + dice_roll(dice, 4); packets > 0; packets--) {
        size_t body = dice_roll(dice, 200);
        uint8_t *bytes = kith_frame_add(&frame, body + 3);
        assert_non_null(bytes);
        bytes[0] = (uint8_t)((1 + dice_roll(dice, 14)) << 3 | 2); /* a verb, length-delimited */
        bytes[1] = (uint8_t)((body + 1) & 0x7f);
        for (size_t i = 2; i < body + 3; i++)
            bytes[i] = (uint8_t)(dice_roll(dice, 3) ? dice_roll(dice, 32) : dice_u64(dice));
    }
    (void)hub;
    return (kith_bytes_t){frame.data, frame.size};
}

static void whatever_a_hub_sends_the_agent_goes_on(void **state)
{
    hub_t *hub = *state;
    dice_t dice = {.state = 20260107};
    uint8_t room[2048];
    hub_welcome(hub);
    for (int i = 0; i < 4000; i++) {
        if (dice_roll(&dice, 2)) {
            hub_send(hub, random_packet(hub, &dice, room, sizeof room));
            continue;
        }
        size_t size = 1 + dice_roll(&dice, 100);
        for (size_t j = 0; j < size; j++)
            room[j] = (uint8_t)dice_u64(&dice);
        hub_send(hub, (kith_bytes_t){room, size});
    }
    assert_true(hub_count(hub, "frames-bad") > 0);
    hub_submit(hub);
    /* a BYE may have been among it: then it dialled again */
    assert_int_equal(end_agent(hub, SIGTERM), 0);
}

static void a_malformed_delivery_is_no_message(void **state)
{
    hub_t *hub = *state;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver deliver = KITH__DELIVER__INIT;
    hub_welcome(hub);
    deliver.token = 77;
    packet.verb_case = KITH__PACKET__VERB_DELIVER;
    packet.deliver = &deliver;
    hub_say(hub, &packet);
    const Kith__Taken *taken = hub_hear(hub, KITH__PACKET__VERB_TAKEN)->taken;
    assert_int_equal(taken->bad, KITH__REASON__REASON_MALFORMED);
    assert_int_equal(taken->n_tokens, 1);
    assert_int_equal(taken->tokens[0], 77);
    assert_int_equal(hub_count(hub, "bad-copies"), 1);
}

static void a_clone_stops_with_78(void **state)
{
    hub_t *hub = *state;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    hub_hear(hub, KITH__PACKET__VERB_HELLO);
    bye.reason = KITH__REASON__REASON_CLONE;
    packet.verb_case = KITH__PACKET__VERB_BYE;
    packet.bye = &bye;
    hub_say(hub, &packet);
    assert_int_equal(end_agent(hub, 0), 78);
}

static void a_raised_epoch_of_its_own_stops_it_with_78(void **state)
{
    hub_t *hub = *state;
    hub_welcome(hub);
    hub_submit(hub);
    hub_hear(hub, KITH__PACKET__VERB_PUBLISH); /* the session stands: a BYE belongs to it */
    agent_world_change(hub->w, hub->w->partnership, "version = 1", "version = 2");
    agent_world_change(hub->w, hub->w->partnership, "epoch = 1", "epoch = 2");
    assert_int_equal(end_agent(hub, SIGHUP), 78);
    assert_int_equal(hub_hear(hub, KITH__PACKET__VERB_BYE)->bye->reason,
                     KITH__REASON__REASON_STOPPING);
}

static void a_key_of_its_own_that_is_no_longer_current_stops_it_with_78(void **state)
{
    hub_t *hub = *state;
    hub_welcome(hub);
    agent_world_change(hub->w, hub->w->partnership, "version = 1", "version = 2");
    agent_world_change(hub->w, hub->w->partnership, "state = \"current\"; }",
                       "state = \"revoked\"; }, { key = \"abababababababababababababababababababab"
                       "abababababababababababab\"; state = \"current\"; }");
    assert_int_equal(end_agent(hub, SIGHUP), 78);
}

static void a_broken_partnership_file_changes_nothing(void **state)
{
    hub_t *hub = *state;
    hub_welcome(hub);
    assert_int_equal(hub_count(hub, "requests"), 1);
    agent_world_change(hub->w, hub->w->partnership, "front_door", "back_door");
    assert_int_equal(kill(hub->agent, SIGHUP), 0);
    assert_int_equal(hub_count(hub, "requests"), 2);
    hub_submit(hub);
    hub_hear(hub, KITH__PACKET__VERB_PUBLISH);
    assert_int_equal(end_agent(hub, SIGTERM), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, hub_begin, hub_end)
    const struct CMUnitTest tests[] = {
        CASE(what_is_submitted_is_published),
        CASE(whatever_a_hub_sends_the_agent_goes_on),
        CASE(a_malformed_delivery_is_no_message),
        CASE(a_clone_stops_with_78),
        CASE(a_raised_epoch_of_its_own_stops_it_with_78),
        CASE(a_key_of_its_own_that_is_no_longer_current_stops_it_with_78),
        CASE(a_broken_partnership_file_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
