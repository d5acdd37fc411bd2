/* See broker_program.h. */
#include "tests/unit/broker_program.h"

#include "base/credit.h"
#include "base/frame.h"
#include "base/id.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/partnership.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GIVE_UP_MS 30000

static const char *const names[KEYS_COUNT] = {"hub-a", "police", "housing"};

/* ---- files ---- */

static void path_in(const program_t *p, const char *name, char ret_path[PROGRAM_NAME_BYTES])
{
    (void)snprintf(ret_path, PROGRAM_NAME_BYTES, "%s/%s", p->folder, name);
}

static FILE *create(const program_t *p, const char *name)
{
    char path[PROGRAM_NAME_BYTES];
    path_in(p, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

static void write_key(const program_t *p, FILE *file, int who, keys_kind kind, const char *name,
                      const char *state)
{
    char hex[65], spare[65];
    kith_hex((kith_bytes_t){keys_public(p->keys[who], kind), 32}, hex);
    (void)fprintf(file, "  %s = ( { key = \"%s\"; state = \"%s\"; }", name, hex, state);
    if (strcmp(state, "current") != 0) { /* a ring has a current one */
        kith_hex((kith_bytes_t){keys_public(p->spare, kind), 32}, spare);
        (void)fprintf(file, ", { key = \"%s\"; state = \"current\"; }", spare);
    }
    (void)fprintf(file, " );\n");
}

static void write_agency(const program_t *p, FILE *file, int who, unsigned epoch, const char *state)
{
    (void)fprintf(file, "{ id = \"%s\"; name = \"%s\"; epoch = %u;\n", names[who], names[who],
                  epoch);
    write_key(p, file, who, KEYS_TRANSPORT, "transport", state);
    write_key(p, file, who, KEYS_SIGNING, "signing", state);
    write_key(p, file, who, KEYS_SEALING, "sealing", "current");
    (void)fprintf(file, "}%s\n", who == POLICE ? "," : "");
}

static void write_partnership(const program_t *p)
{
    FILE *file = create(p, "partnership.cfg");
    (void)fprintf(file,
                  "partnership = { id = \"exampletown\"; version = %u; exercise = true;\n"
                  "  front_door = \"housing\"; };\nagencies = (\n",
                  p->version);
    write_agency(p, file, POLICE, p->police_epoch, p->police_key_state);
    write_agency(p, file, HOUSING, 1, "current");
    (void)fprintf(file, ");\nbrokers = ( { id = \"hub-a\"; endpoint = \"tcp://127.0.0.1:5670\";\n");
    write_key(p, file, HUB, KEYS_TRANSPORT, "transport", "current");
    write_key(p, file, HUB, KEYS_SIGNING, "signing", "current");
    (void)fprintf(file, "} );\n"
                        "topics = ( { name = \"police.call-out\"; class = \"event\";\n"
                        "  type = \"event\"; lane = \"normal\"; } );\n"
                        "clauses = ( { id = \"4.1\"; classes = [ \"event\" ]; from = [ "
                        "\"police\" ]; to = [ \"*\" ]; } );\n"
                        "subscriptions = ( { agency = \"housing\"; topics = [ \"*\" ]; } );\n");
    assert_int_equal(fclose(file), 0);
}

void program_write(program_t *p)
{
    write_partnership(p);
    FILE *file = create(p, "broker.cfg");
    (void)fprintf(file,
                  "%s\nlisten = \"%s\";\npartnership = \"partnership.cfg\";\n"
                  "keys = \"keys-hub-a\";\n%s\n%s\nliveness = \"%s\";\n",
                  p->broker_line, p->listen, p->store_line, p->limits_line, p->liveness);
    assert_int_equal(fclose(file), 0);
}

static void read_agreement(program_t *p)
{
    char path[PROGRAM_NAME_BYTES];
    const char *error = NULL;
    path_in(p, "partnership.cfg", path);
    if (partnership_load(path, p->arena, &p->agreement, &error) != KITH_OK)
        fail_msg("%s", error);
}

program_t *program_new(void)
{
    program_t *p = calloc(1, sizeof *p);
    assert_non_null(p);
    assert_int_equal(keys_begin(), KITH_OK);
    memcpy(p->folder, "test_broker_XXXXXX", 19);
    assert_non_null(mkdtemp(p->folder));
    p->log_fd = -1;
    p->arena = kith_arena_new(128u * 1024u * 1024u);
    p->context = link_context_new();
    p->cache = seal_cache_new();
    for (int who = 0; who < KEYS_COUNT; who++) {
        char name[64], path[PROGRAM_NAME_BYTES];
        const char *wrong = NULL;
        (void)snprintf(name, sizeof name, "keys-%s", names[who]);
        path_in(p, name, path);
        assert_int_equal(keys_make(path, who != HUB), KITH_OK);
        assert_int_equal(keys_load(path, who != HUB, &p->keys[who], &wrong), KITH_OK);
    }
    p->spare = keys_of_nobody();
    p->version = 1;
    p->police_epoch = 1;
    p->police_key_state = "current";
    p->broker_line = "broker = \"hub-a\";";
    p->store_line = "store = { folder = \"store\"; map = \"64MiB\"; reserve = \"1MiB\"; };";
    p->limits_line = "";
    p->listen = "tcp://127.0.0.1:*";
    p->liveness = "30s";
    program_write(p);
    read_agreement(p);
    return p;
}

/* rm -r of what the tests make: two levels. */
static void remove_all(const char *folder)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-r", folder, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

void program_destroy(program_t *p)
{
    if (p->pid) {
        program_signal(p, SIGKILL);
        (void)program_wait_exit(p);
    }
    if (p->log_fd >= 0)
        (void)close(p->log_fd);
    for (size_t i = 0; i < sizeof p->clients / sizeof *p->clients; i++)
        link_client_destroy(&p->clients[i]);
    link_context_destroy(&p->context);
    for (int who = 0; who < KEYS_COUNT; who++)
        keys_destroy(&p->keys[who]);
    keys_destroy(&p->spare);
    seal_cache_destroy(&p->cache);
    kith_arena_destroy(&p->arena);
    remove_all(p->folder);
    free(p);
}

/* ---- the process ---- */

static void spawn(program_t *p, const char *argument)
{
    int pipe_fds[2];
    char path[PROGRAM_NAME_BYTES];
    path_in(p, "broker.cfg", path);
    assert_int_equal(p->pid, 0);
    assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        (void)dup2(pipe_fds[1], STDOUT_FILENO);
        (void)dup2(pipe_fds[1], STDERR_FILENO);
        execl(KITH_BROKER, "kith-broker", "-c", path, argument, (char *)NULL);
        _exit(127);
    }
    (void)close(pipe_fds[1]);
    if (p->log_fd >= 0)
        (void)close(p->log_fd);
    p->log_fd = pipe_fds[0];
    p->log_size = 0;
    p->log[0] = '\0';
}

/* false: it has closed its end. */
static bool read_log(program_t *p)
{
    struct pollfd item = {.fd = p->log_fd, .events = POLLIN};
    if (poll(&item, 1, GIVE_UP_MS) != 1)
        fail_msg("nothing more is logged after: %s", p->log);
    size_t room = sizeof p->log - 1 - p->log_size;
    assert_true(room > 0);
    ssize_t size = read(p->log_fd, p->log + p->log_size, room);
    if (size <= 0)
        return false;
    p->log_size += (size_t)size;
    p->log[p->log_size] = '\0';
    return true;
}

int program_wait_exit(program_t *p)
{
    int status = 0;
    while (read_log(p))
        continue;
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    p->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int program_run(program_t *p, const char *argument)
{
    spawn(p, argument);
    return program_wait_exit(p);
}

void program_wait_log(program_t *p, const char *word)
{
    while (!strstr(p->log, word))
        if (!read_log(p))
            fail_msg("it ended without \"%s\": %s", word, p->log);
}

void program_start(program_t *p)
{
    int made = program_run(p, "--init");
    if (made != 0 && made != 73)
        fail_msg("--init: %d %s", made, p->log);
    spawn(p, NULL);
    program_wait_log(p, "ready broker=hub-a");
    program_wait_log(p, "\n");
    const char *listen = strstr(p->log, "listen=") + strlen("listen=");
    (void)snprintf(p->endpoint, sizeof p->endpoint, "%.*s", (int)strcspn(listen, " \n"), listen);
}

void program_signal(program_t *p, int number)
{
    assert_true(p->pid > 0);
    assert_int_equal(kill(p->pid, number), 0);
}

/* ---- peers ---- */

static void wait_once(peer_t *peer, int64_t give_up_mono_ms)
{
    assert_true(clock_mono_ms() < give_up_mono_ms);
    link_poll_clear(peer->poll);
    link_poll_client(peer->poll, peer->client);
    assert_int_equal(link_poll_wait(peer->poll, 1000), KITH_OK);
}

link_news peer_dial_with(program_t *p, const kith_keys_t *keys, peer_t *ret_peer)
{
    peer_t peer = {.program = p, .poll = link_poll_new(4)};
    int64_t give_up = clock_mono_ms() + GIVE_UP_MS;
    assert_int_equal(link_client_curve(p->context, keys, keys_public(p->keys[HUB], KEYS_TRANSPORT),
                                       p->endpoint, 1000, &peer.client),
                     KITH_OK);
    size_t place = 0;
    while (p->clients[place])
        assert_true(++place < sizeof p->clients / sizeof *p->clients);
    p->clients[place] = peer.client;
    link_news news = LINK_NONE;
    while ((news = link_client_news(peer.client)) == LINK_NONE)
        wait_once(&peer, give_up);
    *ret_peer = peer;
    return news;
}

void peer_leave(peer_t *peer)
{
    free(peer->reader);
    peer->reader = NULL;
    for (size_t i = 0; i < sizeof peer->program->clients / sizeof *peer->program->clients; i++)
        if (peer->program->clients[i] == peer->client)
            peer->program->clients[i] = NULL;
    link_client_destroy(&peer->client);
    link_poll_destroy(&peer->poll);
}

void peer_send_raw(peer_t *peer, const void *frame, size_t size)
{
    assert_int_equal(link_client_send(peer->client, (kith_bytes_t){frame, size}), KITH_OK);
}

void peer_send(peer_t *peer, const Kith__Packet *packet)
{
    uint8_t *data = kith_arena_need(peer->program->arena, KITH_FRAME_BYTES_MAX);
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, data, KITH_FRAME_BYTES_MAX);
    uint8_t *at = kith_frame_add(&writer, kith__packet__get_packed_size(packet));
    assert_non_null(at);
    (void)kith__packet__pack(packet, at);
    peer_send_raw(peer, writer.data, writer.size);
}

static bool next_packet(peer_t *peer, kith_bytes_t *ret_packet)
{
    kith_bytes_t frame;
    if (peer->reader && kith_frame_next(peer->reader, ret_packet))
        return true;
    free(peer->reader);
    peer->reader = NULL;
    if (link_client_receive(peer->client, &frame) != KITH_OK)
        return false;
    peer->reader = calloc(1, sizeof *peer->reader);
    assert_non_null(peer->reader);
    assert_int_equal(kith_frame_open(kith_arena_copy(peer->program->arena, frame), peer->reader),
                     KITH_OK);
    return kith_frame_next(peer->reader, ret_packet);
}

Kith__Packet *peer_receive(peer_t *peer, Kith__Packet__VerbCase verb)
{
    return peer_receive_any(peer, verb, verb);
}

Kith__Packet *peer_receive_any(peer_t *peer, Kith__Packet__VerbCase verb,
                               Kith__Packet__VerbCase other)
{
    int64_t give_up = clock_mono_ms() + GIVE_UP_MS;
    const char *field = NULL;
    bool over = false;
    for (;;) {
        kith_bytes_t bytes;
        while (next_packet(peer, &bytes)) {
            Kith__Packet *packet = (Kith__Packet *)kith_message_unpack(
                peer->program->arena, &kith__packet__descriptor, bytes, &field);
            assert_non_null(packet);
            if (packet->verb_case == verb || packet->verb_case == other)
                return packet;
        }
        if (over)
            fail_msg("hung up on instead of verb %d", (int)verb);
        link_news news = link_client_news(peer->client);
        over = news == LINK_DOWN || news == LINK_DENIED;
        if (!over) /* else what came before the end is read first */
            wait_once(peer, give_up);
    }
}

void peer_wait_down(peer_t *peer)
{
    int64_t give_up = clock_mono_ms() + GIVE_UP_MS;
    link_news news = LINK_NONE;
    while ((news = link_client_news(peer->client)) == LINK_NONE || news == LINK_UP)
        wait_once(peer, give_up);
}

static Kith__LaneCredit *credit_of(kith_arena_t *arena, int lane, uint64_t messages, uint64_t bytes)
{
    Kith__LaneCredit *credit = kith_arena_need(arena, sizeof *credit);
    kith__lane_credit__init(credit);
    credit->lane = kith_lane_of(lane);
    credit->messages = messages;
    credit->bytes = bytes;
    return credit;
}

void peer_hello(peer_t *peer)
{
    uint8_t instance[16] = {7};
    Kith__LaneCredit *credit[KITH_LANES];
    for (int lane = 0; lane < KITH_LANES; lane++)
        credit[lane] = credit_of(peer->program->arena, lane, 1024, 8u * 1024u * 1024u);
    Kith__Hello hello = KITH__HELLO__INIT;
    hello.protocol = 1;
    hello.partnership = kith_arena_str(peer->program->arena, "exampletown");
    hello.partnership_version = peer->program->version;
    hello.agency = kith_arena_str(peer->program->arena, names[peer->who]);
    hello.epoch = 1;
    hello.boot = 1;
    hello.dial = peer->dial;
    hello.instance = (ProtobufCBinaryData){sizeof instance, instance};
    hello.n_credit = KITH_LANES;
    hello.credit = credit;
    Kith__Packet packet = KITH__PACKET__INIT;
    packet.verb_case = KITH__PACKET__VERB_HELLO;
    packet.hello = &hello;
    peer_send(peer, &packet);
}

peer_t peer_join(program_t *p, int who, uint64_t dial)
{
    peer_t peer;
    assert_int_equal(peer_dial_with(p, p->keys[who], &peer), LINK_UP);
    peer.who = who;
    peer.dial = dial;
    peer_hello(&peer);
    const Kith__Welcome *welcome = peer_receive(&peer, KITH__PACKET__VERB_WELCOME)->welcome;
    assert_string_equal(welcome->broker, "hub-a");
    assert_int_equal(welcome->dial, dial);
    return peer;
}

/* ---- envelopes ---- */

static kith_bytes_t notice_of(program_t *p, size_t text_size)
{
    uint8_t id[16] = {1, 2, 3};
    char *text = kith_arena_need(p->arena, text_size + 1);
    memset(text, 'x', text_size);
    Kith__Event event = KITH__EVENT__INIT;
    event.kind = kith_arena_str(p->arena, "call-out");
    event.narrative = text;
    Kith__Notice notice = KITH__NOTICE__INIT;
    notice.id = (ProtobufCBinaryData){sizeof id, id};
    notice.origin = kith_arena_str(p->arena, "police");
    notice.topic = kith_arena_str(p->arena, "police.call-out");
    notice.exercise = true;
    notice.body_case = KITH__NOTICE__BODY_EVENT;
    notice.event = &event;
    return KITH_PACK(p->arena, &notice);
}

Kith__Envelope *program_seal(program_t *p, int lane, uint64_t n, size_t text_size)
{
    Kith__Header *header = kith_arena_need(p->arena, sizeof *header);
    kith__header__init(header);
    header->partnership = kith_arena_str(p->arena, "exampletown");
    header->partnership_version = p->agreement->version;
    header->id = kith_arena_need(p->arena, sizeof *header->id);
    kith__envelope_id__init(header->id);
    header->id->origin = kith_arena_str(p->arena, "police");
    header->id->epoch = 1;
    header->id->lane = kith_lane_of(lane);
    header->id->seq = n;
    header->n_slots = 1;
    header->slots = kith_arena_need(p->arena, sizeof *header->slots);
    header->slots[0] = kith_arena_need(p->arena, sizeof *header->slots[0]);
    kith__slot__init(header->slots[0]);
    header->slots[0]->agency = kith_arena_str(p->arena, "housing");
    header->slots[0]->epoch = 1;
    header->slots[0]->n = n;
    header->topic_class = kith_arena_str(p->arena, "event");
    header->clause = kith_arena_str(p->arena, "4.1");
    header->exercise = true;
    header->created_ms = 1767225600000;
    seal_job_t job = {.header = header, .notice = notice_of(p, text_size)};
    seal_batch(p->cache, p->keys[POLICE], p->agreement, p->arena, &job, 1);
    return job.ret_envelope;
}

void peer_publish(peer_t *peer, Kith__Envelope *envelope)
{
    char *owed[] = {kith_arena_str(peer->program->arena, "housing")};
    Kith__Publish publish = KITH__PUBLISH__INIT;
    publish.envelope = envelope;
    publish.n_owed = 1;
    publish.owed = owed;
    Kith__Packet packet = KITH__PACKET__INIT;
    packet.verb_case = KITH__PACKET__VERB_PUBLISH;
    packet.publish = &publish;
    peer_send(peer, &packet);
}
