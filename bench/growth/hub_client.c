/* Many agencies at one broker, in one process: one publishes envelopes that were sealed before the
 * clock started, the others take them, or read nothing, or are away. They speak PROTOCOL.md; what
 * an agent does behind its connection (opening, receipts) is bench/chain's.
 *
 *   bench-hub --folder HOUSE --agencies N [--connect N] [--deaf N] [--spread N] [--count N]
 *             [--first N] [--rate N] [--window N] [--text BYTES] [--waiting N]
 *
 * HOUSE is a partnership's folder: partnership.cfg, keys/NAME; agencies agency-000 …, and police,
 * who publishes. --spread: recipients of each envelope, the agencies in turn. --waiting: publishes
 * nothing and takes so many that wait at the broker. Prints one JSON object. */
#include "base/limits.h"
#include "base/text.h"
#include "base/wire.h"
#include "bench/kith_sealed.h"
#include "bench/kith_voice.h"
#include "bench/lib/hist.h"
#include "bench/lib/probe.h"
#include "io/clock.h"
#include "io/partnership.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGENCIES_MAX        1000u
#define CONTEXT_SESSIONS    200u /* ZeroMQ lets one context have 1,023 sockets */
#define AGREEMENT_BYTES_MAX (64u * 1024u * 1024u)
#define PACKET_BYTES_MAX    (4u * 1024u * 1024u)
#define HWM                 4096u
#define TOKENS_MAX          256u
#define QUIET_MS            120000
#define ORIGIN              "police"

/* Field numbers of kith.proto that are read here without decoding the rest. */
enum { PACKET_ACCEPTED = 4, PACKET_DELIVER = 8, PACKET_RECEIPT = 10, ID_SEQ = 4 };

typedef struct plan {
    const char *folder;
    size_t agencies, connect, deaf, spread, count, window, text_bytes, waiting;
    uint64_t first;
    double rate;
} plan_t;

typedef struct session {
    kith_voice_t voice;
    kith_keys_t *keys;
    bool welcome, deaf;
    uint64_t beat_ns;
    kith_credit_t send;
} session_t;

typedef struct hub {
    plan_t plan;
    kith_agreement_t *agreement;
    link_context_t *contexts[AGENCIES_MAX / CONTEXT_SESSIONS + 1];
    link_poll_t *poll;
    kith_arena_t *arena;
    session_t *origin;
    size_t sessions_count;
    session_t **sessions; /* without the origin's */
    size_t sets_count, per_set;
    kith_sealed_t **sets; /* of each group of recipients its envelopes */
    uint64_t start_ns, *due_ns;
    size_t sent, accepted, delivered, wanted;
    hist_t accepted_hist, delivered_hist;
} hub_t;

static void fail(const char *what, const char *whose)
{
    (void)fprintf(stderr, "bench-hub: %s %s\n", whose, what);
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        fail("no memory", "");
    return memory;
}

/* ---- out ---- */

/* The sign of life, and what the broker may send. */
static void say_credit(session_t *s, uint64_t now_ns)
{
    if (!voice_credit_low(&s->voice) && now_ns < s->beat_ns)
        return;
    s->beat_ns = now_ns + (uint64_t)KITH_HEARTBEAT_MS * 500000;
    voice_credit(&s->voice);
}

/* ---- in ---- */

static const kith_sealed_t *set_of(const hub_t *self, size_t number, size_t *ret_index)
{
    *ret_index = number / self->sets_count;
    return self->sets[number % self->sets_count];
}

/* Numbers go round the sets; a set's sequence numbers stand together. */
static size_t number_of(const hub_t *self, uint64_t seq)
{
    size_t place = (size_t)(seq - self->plan.first);
    return place % self->per_set * self->sets_count + place / self->per_set;
}

static void take_delivery(hub_t *self, session_t *s, kith_bytes_t deliver)
{
    static const uint32_t to_id[] = {1, 3}; /* Envelope.header, Header.id */
    kith_wire_field_t token, envelope, id, seq;
    if (!kith_wire_find(deliver, 1, &token) || !kith_wire_find(deliver, 2, &envelope) ||
        !kith_wire_find_at(envelope.bytes, to_id, 2, &id) ||
        !kith_wire_find(id.bytes, ID_SEQ, &seq))
        fail("got a DELIVER that is none", s->voice.agency);
    if (!kith_credit_take(&s->voice.receive, envelope.bytes.size))
        fail("was sent more than its credit", s->voice.agency);
    bool ours = seq.value >= self->plan.first; /* else it waited since another run */
    self->delivered += ours || self->plan.waiting;
    if (ours && !self->plan.waiting)
        hist_add(&self->delivered_hist, probe_now_ns() - self->due_ns[number_of(self, seq.value)]);
    voice_take(&s->voice, token.value);
}

static void take_accepted(hub_t *self, session_t *s, kith_bytes_t accepted)
{
    kith_wire_field_t id, seq;
    if (!kith_wire_find(accepted, 1, &id) || !kith_wire_find(id.bytes, ID_SEQ, &seq))
        fail("got an ACCEPTED that is none", s->voice.agency);
    self->accepted++;
    hist_add(&self->accepted_hist, probe_now_ns() - self->due_ns[number_of(self, seq.value)]);
}

static void take_credit(session_t *s, size_t count, Kith__LaneCredit *const *credits)
{
    for (size_t i = 0; i < count; i++)
        if (credits[i]->lane == KITH__LANE__LANE_NORMAL)
            kith_credit_grant(&s->send, credits[i]->messages, credits[i]->bytes);
}

static void take_other(hub_t *self, session_t *s, kith_bytes_t bytes)
{
    const char *field = NULL;
    kith_arena_reset(self->arena);
    Kith__Packet *packet =
        (Kith__Packet *)kith_message_unpack(self->arena, &kith__packet__descriptor, bytes, &field);
    if (!packet)
        fail("got a packet that is none", s->voice.agency);
    if (packet->verb_case == KITH__PACKET__VERB_WELCOME) {
        s->welcome = true;
        s->voice.still = s->deaf;
        take_credit(s, packet->welcome->n_credit, packet->welcome->credit);
    } else if (packet->verb_case == KITH__PACKET__VERB_CREDIT) {
        take_credit(s, packet->credit->n_credit, packet->credit->credit);
    } else if (packet->verb_case != KITH__PACKET__VERB_PRESENCE) {
        fail("got a packet that was not expected", s->voice.agency);
    }
}

static void take_frame(hub_t *self, session_t *s, kith_bytes_t frame)
{
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    if (kith_frame_open(frame, &reader) != KITH_OK)
        fail("got a frame that is none", s->voice.agency);
    while (kith_frame_next(&reader, &packet)) {
        kith_wire_field_t verb;
        kith_bytes_t rest = packet;
        if (!kith_wire_next(&rest, &verb))
            fail("got a packet that is none", s->voice.agency);
        if (verb.number == PACKET_DELIVER)
            take_delivery(self, s, verb.bytes);
        else if (verb.number == PACKET_ACCEPTED)
            take_accepted(self, s, verb.bytes);
        else
            take_other(self, s, packet);
    }
}

static void take_frames(hub_t *self, session_t *s)
{
    kith_bytes_t frame;
    if (s->deaf && s->welcome)
        return;
    while (link_client_receive(s->voice.link, &frame) == KITH_OK)
        take_frame(self, s, frame);
}

/* ---- sessions ---- */

static void wait_for_something(hub_t *self, int64_t wait_ms)
{
    link_poll_clear(self->poll);
    link_poll_client(self->poll, self->origin->voice.link);
    for (size_t i = 0; i < self->sessions_count; i++)
        if (!self->sessions[i]->deaf || !self->sessions[i]->welcome)
            link_poll_client(self->poll, self->sessions[i]->voice.link);
    (void)link_poll_wait(self->poll, wait_ms);
}

static void say_what_is_due(session_t *s)
{
    voice_taken(&s->voice);
    say_credit(s, probe_now_ns());
    voice_flush(&s->voice);
}

static kith_keys_t *keys_of(const hub_t *self, const char *agency)
{
    char path[512];
    const char *which = NULL;
    kith_keys_t *keys = NULL;
    (void)snprintf(path, sizeof path, "%s/keys/%s", self->plan.folder, agency);
    if (keys_load(path, true, &keys, &which) != KITH_OK)
        fail("has no keys", agency);
    return keys;
}

static link_context_t *context_now(hub_t *self)
{
    link_context_t **context = &self->contexts[self->sessions_count / CONTEXT_SESSIONS];
    if (!*context)
        *context = link_context_new();
    return *context;
}

static session_t *dial(hub_t *self, const char *agency)
{
    const kith_broker_entry_t *hub = &self->agreement->brokers[0];
    session_t *s = room(1, sizeof *s);
    voice_open(&s->voice, agency, TOKENS_MAX);
    s->keys = keys_of(self, agency);
    if (link_client_curve(context_now(self), s->keys, hub->transport.keys[0].key, hub->endpoint,
                          HWM, &s->voice.link) != KITH_OK)
        fail("cannot dial", agency);
    return s;
}

/* One after another: a broker that starts has all of them at its door at once anyway. */
static void greet(hub_t *self, session_t *s)
{
    uint64_t end_ns = probe_now_ns() + (uint64_t)QUIET_MS * 1000000;
    bool greeted = false;
    while (!s->welcome) {
        if (!greeted && link_client_news(s->voice.link) == LINK_UP) {
            voice_hello(&s->voice, self->agreement, (uint64_t)clock_wall_ms()); /* rises */
            greeted = true;
        }
        if (probe_now_ns() > end_ns)
            fail("is not welcome", s->voice.agency);
        link_poll_clear(self->poll);
        link_poll_client(self->poll, s->voice.link);
        (void)link_poll_wait(self->poll, 10);
        take_frames(self, s);
    }
    s->beat_ns = probe_now_ns() + (uint64_t)KITH_HEARTBEAT_MS * 500000;
}

static void open_sessions(hub_t *self)
{
    self->sessions = room(self->plan.connect, sizeof *self->sessions);
    self->poll = link_poll_new(2 * (self->plan.connect + 1));
    self->origin = dial(self, ORIGIN);
    greet(self, self->origin);
    for (size_t i = 0; i < self->plan.connect; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "agency-%03zu", i);
        session_t *s = dial(self, name);
        s->deaf = i + self->plan.deaf >= self->plan.connect;
        self->sessions[self->sessions_count++] = s;
        greet(self, s);
    }
}

/* ---- sealed before the clock starts ---- */

static void seal_sets(hub_t *self)
{
    const plan_t *plan = &self->plan;
    kith_keys_t *keys = keys_of(self, ORIGIN);
    static char names[AGENCIES_MAX][32];
    const char *recipients[AGENCIES_MAX];
    for (size_t i = 0; i < plan->agencies; i++) {
        (void)snprintf(names[i], sizeof names[i], "agency-%03zu", i);
        recipients[i] = names[i];
    }
    self->sets_count = plan->agencies / plan->spread;
    KITH_ASSERT(self->sets_count > 0); /* read_plan saw to it */
    self->per_set = plan->count / self->sets_count;
    self->plan.count = self->per_set * self->sets_count;
    self->sets = room(self->sets_count, sizeof(kith_sealed_t *));
    for (size_t i = 0; i < self->sets_count && self->per_set > 0; i++) {
        kith_sealed_plan_t sealed = {.origin = ORIGIN,
                                     .recipients_count = plan->spread,
                                     .recipients = recipients + i * plan->spread,
                                     .count = self->per_set,
                                     .first = plan->first + i * self->per_set,
                                     .batch = KITH_BATCH_MAX,
                                     .text_bytes = plan->text_bytes};
        self->sets[i] = kith_sealed_make(keys, self->agreement, &sealed);
    }
    keys_destroy(&keys);
}

/* ---- the run ---- */

static uint64_t due_ns(const hub_t *self, size_t number)
{
    return self->start_ns + (uint64_t)((double)number * 1e9 / self->plan.rate);
}

static void publish_what_is_due(hub_t *self)
{
    const plan_t *plan = &self->plan;
    session_t *s = self->origin;
    while (self->sent < plan->count && self->sent - self->accepted < plan->window) {
        size_t index = 0;
        const kith_sealed_t *set = set_of(self, self->sent, &index);
        uint64_t now_ns = probe_now_ns();
        uint64_t when_ns = plan->rate > 0 ? due_ns(self, self->sent) : now_ns;
        if (when_ns > now_ns || !kith_credit_take(&s->send, kith_sealed_envelope(set, index).size))
            break;
        kith_bytes_t packet = kith_sealed_packet(set, index);
        memcpy(voice_add(&s->voice, packet.size), packet.data, packet.size);
        self->due_ns[self->sent++] = when_ns;
    }
    voice_flush(&s->voice);
}

static bool goes_on(const hub_t *self)
{
    return self->accepted < self->plan.count || self->delivered < self->wanted;
}

static void run(hub_t *self)
{
    size_t before = 0;
    uint64_t quiet_ns = probe_now_ns();
    if (!self->plan.waiting) /* else what waits comes with each WELCOME */
        self->start_ns = quiet_ns;
    while (goes_on(self)) {
        publish_what_is_due(self);
        take_frames(self, self->origin);
        say_what_is_due(self->origin);
        for (size_t i = 0; i < self->sessions_count; i++) {
            take_frames(self, self->sessions[i]);
            say_what_is_due(self->sessions[i]);
        }
        size_t now = self->accepted + self->delivered;
        if (now != before)
            quiet_ns = probe_now_ns();
        before = now;
        if (probe_now_ns() - quiet_ns > (uint64_t)QUIET_MS * 1000000)
            fail("nothing came for two minutes", "");
        if (goes_on(self))
            wait_for_something(self,
                               self->plan.rate > 0 && self->sent < self->plan.count ? 1 : 1000);
    }
}

static void print(const hub_t *self)
{
    double took_s = (double)(probe_now_ns() - self->start_ns) / 1e9;
    printf("{\"count\": %zu, \"delivered\": %zu, \"took_s\": %.3f", self->plan.count,
           self->delivered, took_s);
    if (self->plan.count)
        printf(", \"envelope_bytes\": %zu, \"accepted_p50_ms\": %.3f, \"accepted_p99_ms\": %.3f",
               kith_sealed_envelope(self->sets[0], 0).size,
               hist_quantile_us(&self->accepted_hist, 0.5) / 1e3,
               hist_quantile_us(&self->accepted_hist, 0.99) / 1e3);
    if (self->delivered_hist.total)
        printf(", \"delivered_p50_ms\": %.3f, \"delivered_p99_ms\": %.3f",
               hist_quantile_us(&self->delivered_hist, 0.5) / 1e3,
               hist_quantile_us(&self->delivered_hist, 0.99) / 1e3);
    printf("}\n");
}

/* What was taken last is said, or it would be delivered again. */
static void close_sessions(hub_t *self)
{
    voice_close(&self->origin->voice);
    for (size_t i = 0; i < self->sessions_count; i++) {
        say_what_is_due(self->sessions[i]);
        voice_close(&self->sessions[i]->voice);
    }
    for (size_t i = 0; i < sizeof self->contexts / sizeof *self->contexts; i++)
        link_context_destroy(&self->contexts[i]);
}

/* Deliveries that the well ones must get. */
static size_t wanted(const hub_t *self)
{
    const plan_t *plan = &self->plan;
    size_t well = plan->connect - plan->deaf;
    if (plan->waiting)
        return plan->waiting;
    return self->per_set * (well < plan->agencies ? well : self->sets_count * plan->spread);
}

/* ---- what it is asked ---- */

static size_t number(const char *text)
{
    return strtoul(text, NULL, 10);
}

static plan_t read_plan(int argc, char **argv)
{
    static const struct option options[] = {
        {"folder", required_argument, NULL, 'f'},  {"agencies", required_argument, NULL, 'a'},
        {"connect", required_argument, NULL, 'c'}, {"deaf", required_argument, NULL, 'd'},
        {"spread", required_argument, NULL, 's'},  {"count", required_argument, NULL, 'n'},
        {"first", required_argument, NULL, 'i'},   {"rate", required_argument, NULL, 'r'},
        {"window", required_argument, NULL, 'w'},  {"text", required_argument, NULL, 't'},
        {"waiting", required_argument, NULL, 'q'}, {0}};
    plan_t plan = {.agencies = 3, .spread = 3, .window = 256, .text_bytes = 900, .first = 1};
    size_t *numbers[] = {['a'] = &plan.agencies,   ['c'] = &plan.connect, ['d'] = &plan.deaf,
                         ['s'] = &plan.spread,     ['n'] = &plan.count,   ['w'] = &plan.window,
                         ['t'] = &plan.text_bytes, ['q'] = &plan.waiting};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == '?')
            fail("see the top of bench/growth/hub_client.c", "");
        else if (c == 'f')
            plan.folder = optarg;
        else if (c == 'r')
            plan.rate = strtod(optarg, NULL);
        else if (c == 'i')
            plan.first = number(optarg);
        else
            *numbers[c] = number(optarg);
    }
    if (!plan.folder || plan.agencies > AGENCIES_MAX || plan.connect > plan.agencies ||
        plan.spread == 0 || plan.spread > KITH_SLOTS_MAX || plan.spread > plan.agencies ||
        plan.deaf > plan.connect)
        fail("these numbers do not fit together", "");
    return plan;
}

int main(int argc, char **argv)
{
    static hub_t self;
    char path[512];
    const char *error = NULL;
    self.plan = read_plan(argc, argv);
    kith_arena_t *arena = kith_arena_new(AGREEMENT_BYTES_MAX);
    (void)snprintf(path, sizeof path, "%s/partnership.cfg", self.plan.folder);
    if (keys_begin() != KITH_OK ||
        partnership_load(path, arena, &self.agreement, &error) != KITH_OK)
        fail(error ? error : "no random bytes", "");
    self.arena = kith_arena_new(PACKET_BYTES_MAX);
    seal_sets(&self);
    self.start_ns = probe_now_ns();
    open_sessions(&self);
    self.due_ns = room(self.plan.count, sizeof *self.due_ns);
    self.wanted = wanted(&self);
    run(&self);
    print(&self);
    close_sessions(&self);
    return 0; /* the rest ends with the process */
}
