/* Kith's own broker under bench/lib/load.h's workload: publishers and recipients that speak
 * PROTOCOL.md over CURVE, with envelopes sealed and signed before the clock starts. Each delivery
 * is compared byte for byte with what was sent, and TAKEN. Receipts are not made here: they are
 * the whole chain's (bench/chain).
 *
 * --folder: a partnership (partnership.cfg, keys/NAME) of pub-0 …, sub-0 … and one broker. */
#include "base/bug.h"
#include "base/text.h"
#include "base/wire.h"
#include "bench/kith_sealed.h"
#include "bench/kith_voice.h"
#include "bench/lib/load.h"
#include "io/partnership.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define AGREEMENT_BYTES_MAX (16u * 1024u * 1024u)
#define PACKET_BYTES_MAX    (4u * 1024u * 1024u)
#define HWM                 4096u
#define POLL_MS             1000
#define OPEN_MS             5000
/* So that the content is padded to 1 KiB, the smallest size there is. */
#define TEXT_BYTES 900u

/* Field numbers of kith.proto that are read here without decoding the rest. */
enum { PACKET_ACCEPTED = 4, PACKET_DELIVER = 8, ID_ORIGIN = 1, ID_SEQ = 4 };

/* One agency's session. */
typedef struct client {
    kith_voice_t voice;
    link_poll_t *poll;
    int timer_fd; /* milliseconds are too coarse to wait for */
    kith_keys_t *keys;
    kith_arena_t *arena;
    bool welcome;
    kith_credit_t send;          /* what the broker grants */
    load_publisher_t *publisher; /* one of the two */
    load_subscriber_t *subscriber;
} client_t;

static kith_agreement_t *agreement;
static link_context_t *context;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static kith_sealed_t *sealed[LOAD_PUBLISHERS_MAX];
static char names[LOAD_SUBSCRIBERS_MAX][KITH_NAME_MAX + 1];

/* ---- in ---- */

static size_t publisher_named(kith_bytes_t origin)
{
    size_t index = 0;
    if (origin.size < 5 || memcmp(origin.data, "pub-", 4) != 0)
        load_fail("an envelope of somebody else");
    for (size_t i = 4; i < origin.size; i++)
        index = index * 10 + (size_t)(origin.data[i] - '0');
    return index;
}

static void take_delivery(client_t *c, kith_bytes_t deliver)
{
    static const uint32_t to_id[] = {1, 3}; /* Envelope.header, Header.id */
    kith_wire_field_t token, envelope, id, origin, seq;
    if (!kith_wire_find(deliver, 1, &token) || !kith_wire_find(deliver, 2, &envelope) ||
        !kith_wire_find_at(envelope.bytes, to_id, 2, &id) ||
        !kith_wire_find(id.bytes, ID_ORIGIN, &origin) || !kith_wire_find(id.bytes, ID_SEQ, &seq))
        load_fail("a DELIVER that is none");
    size_t publisher = publisher_named(origin.bytes), number = (size_t)seq.value - 1;
    if (publisher >= load_options.publishers || number >= load_options.count_max ||
        !kith_bytes_equal(envelope.bytes, kith_sealed_envelope(sealed[publisher], number)))
        load_fail("delivered bytes are not those that were sent");
    if (!kith_credit_take(&c->voice.receive, envelope.bytes.size))
        load_fail("the broker overstepped its credit");
    load_got(c->subscriber, publisher, number);
    voice_take(&c->voice, token.value);
}

static void take_accepted(client_t *c, kith_bytes_t accepted)
{
    kith_wire_field_t id, seq, recipient;
    size_t recipients = 0;
    if (!kith_wire_find(accepted, 1, &id) || !kith_wire_find(id.bytes, ID_SEQ, &seq))
        load_fail("an ACCEPTED that is none");
    while (kith_wire_next(&accepted, &recipient))
        recipients += recipient.number == 2;
    if (recipients != load_options.subscribers)
        load_fail("accepted for %zu recipients only", recipients);
    load_acked(c->publisher, seq.value - 1);
}

static void take_credit(client_t *c, size_t count, Kith__LaneCredit *const *credits)
{
    for (size_t i = 0; i < count; i++)
        if (credits[i]->lane == KITH__LANE__LANE_NORMAL)
            kith_credit_grant(&c->send, credits[i]->messages, credits[i]->bytes);
}

static void take_other(client_t *c, kith_bytes_t bytes)
{
    const char *field = NULL;
    kith_arena_reset(c->arena);
    Kith__Packet *packet =
        (Kith__Packet *)kith_message_unpack(c->arena, &kith__packet__descriptor, bytes, &field);
    KITH_ASSERT(packet); /* a broker's own */
    switch ((int)packet->verb_case) {
    case KITH__PACKET__VERB_WELCOME:
        c->welcome = true;
        take_credit(c, packet->welcome->n_credit, packet->welcome->credit);
        return;
    case KITH__PACKET__VERB_CREDIT:
        take_credit(c, packet->credit->n_credit, packet->credit->credit);
        return;
    case KITH__PACKET__VERB_PRESENCE:
        return;
    case KITH__PACKET__VERB_BYE:
        load_fail("%s: BYE, reason %d", c->voice.agency, (int)packet->bye->reason);
    default:
        load_fail("%s: verb %d was not expected", c->voice.agency, (int)packet->verb_case);
    }
}

static void take_frames(client_t *c)
{
    kith_bytes_t frame, packet;
    kith_frame_reader_t reader;
    while (link_client_receive(c->voice.link, &frame) == KITH_OK) {
        if (kith_frame_open(frame, &reader) != KITH_OK)
            load_fail("a frame that is none");
        while (kith_frame_next(&reader, &packet)) {
            kith_wire_field_t verb;
            kith_bytes_t rest = packet;
            if (!kith_wire_next(&rest, &verb))
                load_fail("a packet that is none");
            if (verb.number == PACKET_DELIVER && c->subscriber)
                take_delivery(c, verb.bytes);
            else if (verb.number == PACKET_ACCEPTED && c->publisher)
                take_accepted(c, verb.bytes);
            else
                take_other(c, packet);
        }
    }
}

static void wait_for_frames(client_t *c, long wait_us)
{
    struct itimerspec until = {.it_value = {wait_us / 1000000, wait_us % 1000000 * 1000}};
    if (wait_us <= 0)
        return;
    (void)timerfd_settime(c->timer_fd, 0, &until, NULL); /* also forgets that it had run out */
    link_poll_clear(c->poll);
    link_poll_client(c->poll, c->voice.link);
    link_poll_fd(c->poll, c->timer_fd);
    (void)link_poll_wait(c->poll, POLL_MS);
    if (link_client_news(c->voice.link) != LINK_NONE)
        load_fail("%s: the connection ended", c->voice.agency);
}

/* ---- sessions ---- */

static kith_keys_t *keys_named(const char *name)
{
    char path[512];
    const char *which = NULL;
    kith_keys_t *keys = NULL;
    (void)snprintf(path, sizeof path, "%s/keys/%s", load_options.folder, name);
    if (keys_load(path, true, &keys, &which) != KITH_OK)
        load_fail("%s/%s: no key", path, which);
    return keys;
}

static void dial(client_t *c)
{
    const kith_broker_entry_t *hub = &agreement->brokers[0];
    (void)pthread_mutex_lock(&opening); /* a context counts its links */
    if (link_client_curve(context, c->keys, hub->transport.keys[0].key, hub->endpoint, HWM,
                          &c->voice.link) != KITH_OK)
        load_fail("cannot dial %s", hub->endpoint);
    (void)pthread_mutex_unlock(&opening);
    uint64_t end_ns = probe_now_ns() + OPEN_MS * 1000000ull;
    link_news news = LINK_NONE;
    while ((news = link_client_news(c->voice.link)) != LINK_UP) {
        if (news != LINK_NONE || probe_now_ns() > end_ns)
            load_fail("%s: no connection", c->voice.agency);
        link_poll_clear(c->poll);
        link_poll_client(c->poll, c->voice.link);
        (void)link_poll_wait(c->poll, 100);
    }
    voice_hello(&c->voice, agreement, 1);
    while (!c->welcome) {
        if (probe_now_ns() > end_ns)
            load_fail("%s: no WELCOME", c->voice.agency);
        wait_for_frames(c, 100000);
        take_frames(c);
    }
}

static client_t *client_open(const char *kind, size_t index, load_publisher_t *publisher,
                             load_subscriber_t *subscriber)
{
    client_t *c = load_new(sizeof *c);
    char agency[KITH_NAME_MAX + 1];
    (void)snprintf(agency, sizeof agency, "%s-%zu", kind, index);
    voice_open(&c->voice, agency, KITH_REPEATED_MAX);
    c->publisher = publisher;
    c->subscriber = subscriber;
    c->keys = keys_named(agency);
    c->arena = kith_arena_new(PACKET_BYTES_MAX);
    c->poll = link_poll_new(3);
    c->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    dial(c);
    return c;
}

static void client_close(client_t *c)
{
    voice_close(&c->voice);
    link_poll_destroy(&c->poll);
    keys_destroy(&c->keys);
    kith_arena_destroy(&c->arena);
    (void)close(c->timer_fd);
    free(c);
}

/* ---- load_system_t ---- */

/* A thread each: it takes longer than the measurement, and no session may be silent for so long. */
static void *seal(void *own)
{
    size_t index = *(const size_t *)own;
    const char *recipients[LOAD_SUBSCRIBERS_MAX];
    char origin[KITH_NAME_MAX + 1];
    (void)snprintf(origin, sizeof origin, "pub-%zu", index);
    for (size_t i = 0; i < load_options.subscribers; i++)
        recipients[i] = names[i];
    kith_sealed_plan_t plan = {.origin = origin,
                               .recipients_count = load_options.subscribers,
                               .recipients = recipients,
                               .count = load_options.count_max,
                               .batch = load_options.batch,
                               .text_bytes = TEXT_BYTES};
    kith_keys_t *keys = keys_named(origin);
    sealed[index] = kith_sealed_make(keys, agreement, &plan);
    keys_destroy(&keys);
    return NULL;
}

static void seal_all(void)
{
    pthread_t threads[LOAD_PUBLISHERS_MAX];
    size_t indexes[LOAD_PUBLISHERS_MAX];
    for (size_t i = 0; i < load_options.publishers; i++) {
        indexes[i] = i;
        if (pthread_create(&threads[i], NULL, seal, &indexes[i]) != 0)
            load_fail("no thread");
    }
    for (size_t i = 0; i < load_options.publishers; i++)
        (void)pthread_join(threads[i], NULL);
    load_options.bytes = kith_sealed_envelope(sealed[0], 0).size;
}

static void setup(void)
{
    char path[512];
    const char *error = NULL;
    kith_arena_t *arena = kith_arena_new(AGREEMENT_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/partnership.cfg", load_options.folder);
    if (keys_begin() != KITH_OK || partnership_load(path, arena, &agreement, &error) != KITH_OK)
        load_fail("%s", error ? error : "no random bytes");
    context = link_context_new();
    for (size_t i = 0; i < load_options.subscribers; i++)
        (void)snprintf(names[i], sizeof names[i], "sub-%zu", i);
    seal_all();
}

static void publisher_open(load_publisher_t *p)
{
    p->own = client_open("pub", p->index, p, NULL);
}

static bool publisher_ready(load_publisher_t *p)
{
    const client_t *c = p->own;
    return kith_credit_has(&c->send, load_options.bytes);
}

static void publisher_send(load_publisher_t *p)
{
    client_t *c = p->own;
    kith_bytes_t packet = kith_sealed_packet(sealed[p->index], p->sent);
    if (!kith_credit_take(&c->send, kith_sealed_envelope(sealed[p->index], p->sent).size))
        load_fail("%s: sent beyond its credit", c->voice.agency);
    memcpy(voice_add(&c->voice, packet.size), packet.data, packet.size);
}

static void publisher_pump(load_publisher_t *p, long wait_us)
{
    client_t *c = p->own;
    voice_flush(&c->voice);
    wait_for_frames(c, wait_us);
    take_frames(c);
}

static void publisher_close(load_publisher_t *p)
{
    client_close(p->own);
}

static void subscriber_open(load_subscriber_t *s)
{
    s->own = client_open("sub", s->index, NULL, s);
}

static void subscriber_pump(load_subscriber_t *s, long wait_us)
{
    client_t *c = s->own;
    wait_for_frames(c, wait_us);
    take_frames(c);
    voice_taken(&c->voice);
    if (voice_credit_low(&c->voice))
        voice_credit(&c->voice);
    voice_flush(&c->voice);
}

static void subscriber_close(load_subscriber_t *s)
{
    client_close(s->own);
}

int main(int argc, char **argv)
{
    static const load_system_t kith = {.setup = setup,
                                       .publisher_open = publisher_open,
                                       .publisher_ready = publisher_ready,
                                       .publisher_send = publisher_send,
                                       .publisher_pump = publisher_pump,
                                       .publisher_close = publisher_close,
                                       .subscriber_open = subscriber_open,
                                       .subscriber_pump = subscriber_pump,
                                       .subscriber_close = subscriber_close};
    return load_main(argc, argv, &kith);
}
