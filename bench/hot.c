/* The hot paths with fixed inputs and nothing else: what bench/guard counts instructions of. The
 * same steps as the broker's loop and an agent's, without sockets, so that two runs do the same.
 *
 * bench-hot FOLDER: an empty one, for keys and a store. Each hot_… function is one path; what they
 * handle is TURNS batches of KITH_BATCH_MAX envelopes for three recipients. */
#include "base/bug.h"
#include "base/frame.h"
#include "base/text.h"
#include "bench/kith_sealed.h"
#include "broker/broker_core.h"
#include "broker/broker_wire.h"
#include "broker/mailbox_lmdb.h"
#include "io/clock.h"
#include "io/partnership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TURNS      8u
#define AGENCIES   4u
#define RECIPIENTS (AGENCIES - 1)
#define TEXT_BYTES 900u
#define WHEN_MS    1767225600000 /* of every event: no clock is read */

static const char *const names[AGENCIES] = {"pub-0", "sub-0", "sub-1", "sub-2"};

typedef struct hot {
    kith_keys_t *keys[AGENCIES + 1];
    kith_agreement_t *agreement;
    kith_sealed_t *sealed;
    seal_cache_t *cache;
    kith_mailbox_t *mailbox;
    broker_core_t *core;
    kith_arena_t *arena, *packet;
    broker_effects_t effects;
    uint64_t batch;
    uint8_t *frame;
    kith_frame_writer_t writer;
    size_t tokens_count[AGENCIES];
    uint64_t tokens[AGENCIES][KITH_BATCH_MAX];
} hot_t;

static void need(kith_err err, const char *what)
{
    if (err == KITH_OK)
        return;
    (void)fprintf(stderr, "bench-hot: %s: %s\n", what, kith_err_text(err));
    exit(1);
}

/* ---- a partnership, made here ---- */

static void hex(const uint8_t key[32], char ret_text[65])
{
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(ret_text + 2 * i, 3, "%02x", key[i]);
}

static size_t agency_text(const kith_keys_t *keys, const char *name, bool last, char *at,
                          size_t size)
{
    char transport[65], signing[65], sealing[65];
    hex(keys_public(keys, KEYS_TRANSPORT), transport);
    hex(keys_public(keys, KEYS_SIGNING), signing);
    hex(keys_public(keys, KEYS_SEALING), sealing);
    int written = snprintf(at, size,
                           "{ id = \"%s\"; name = \"%s\"; phone = \"\"; epoch = 1;\n"
                           "transport = ( { key = \"%s\"; state = \"current\"; } );\n"
                           "signing = ( { key = \"%s\"; state = \"current\"; } );\n"
                           "sealing = ( { key = \"%s\"; state = \"current\"; } ); }%s\n",
                           name, name, transport, signing, sealing, last ? "" : ",");
    KITH_ASSERT(written > 0 && (size_t)written < size);
    return (size_t)written;
}

static void partnership_make(hot_t *h, const char *folder)
{
    static char text[8192];
    char path[256];
    const char *which = NULL, *error = NULL;
    size_t size = (size_t)snprintf(text, sizeof text,
                                   "partnership = { id = \"exampletown\"; version = 1; exercise = "
                                   "false; front_door = \"sub-0\"; };\nagencies = (\n");
    for (size_t i = 0; i <= AGENCIES; i++) { /* the last is the broker */
        bool is_agency = i < AGENCIES;
        (void)snprintf(path, sizeof path, "%s/%s", folder, is_agency ? names[i] : "hub-a");
        need(keys_make(path, is_agency), path);
        need(keys_load(path, is_agency, &h->keys[i], &which), path);
        if (!is_agency)
            break;
        size +=
            agency_text(h->keys[i], names[i], i + 1 == AGENCIES, text + size, sizeof text - size);
    }
    char transport[65], signing[65];
    hex(keys_public(h->keys[AGENCIES], KEYS_TRANSPORT), transport);
    hex(keys_public(h->keys[AGENCIES], KEYS_SIGNING), signing);
    int rest = snprintf(text + size, sizeof text - size,
                        "); brokers = ( { id = \"hub-a\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
                        "transport = ( { key = \"%s\"; state = \"current\"; } );\n"
                        "signing = ( { key = \"%s\"; state = \"current\"; } ); } );\n"
                        "topics = ( { name = \"call-out\"; class = \"event\"; "
                        "type = \"event\"; lane = \"normal\"; } );\n"
                        "clauses = ( { id = \"1\"; classes = [ \"event\" ]; from = [ \"*\" ]; "
                        "to = [ \"*\" ]; } );\n"
                        "subscriptions = ( { agency = \"sub-0\"; topics = [ \"*\" ]; } );\n",
                        transport, signing);
    KITH_ASSERT(rest > 0 && size + (size_t)rest < sizeof text);
    kith_arena_t *arena = kith_arena_new(16 * KITH_MIB);
    kith_err err =
        partnership_load_text("bench", (kith_bytes_t){(uint8_t *)text, size + (size_t)rest}, arena,
                              &h->agreement, &error);
    need(err, error ? error : "partnership");
}

/* ---- a broker without its loop ---- */

static void store_open_new(hot_t *h, const char *folder)
{
    char path[256];
    const char *what = NULL;
    store_start_t start = {0};
    uint8_t store_epoch[16] = {1};
    (void)snprintf(path, sizeof path, "%s/store", folder);
    mailbox_lmdb_options_t options = {.folder = path,
                                      .map_bytes = 64 * KITH_MIB,
                                      .broker = "hub-a",
                                      .partnership = "exampletown",
                                      .partnership_version = 1};
    need(mailbox_lmdb_init(&options, store_epoch), "store");
    need(mailbox_lmdb_open(&options, &h->mailbox, &start, &what), what ? what : "store");
}

static void step(hot_t *h, broker_event_t *event)
{
    event->now_ms = event->mono_ms = WHEN_MS;
    broker_core_step(h->core, h->arena, h->batch, event, &h->effects);
}

static void step_packet(hot_t *h, size_t agency, Kith__Packet *packet, broker_event_t *event)
{
    event->type = BROKER_EV_PACKET;
    event->packet.agency = names[agency];
    event->packet.route = agency + 1;
    event->packet.packet = packet;
    step(h, event);
}

/* Writes what the last steps asked for; deliveries go into the frame. */
static void perform_writes(hot_t *h)
{
    for (size_t i = 0; i < h->effects.count; i++) {
        const broker_effect_t *effect = &h->effects.items[i];
        if (effect->type == BROKER_FX_PUT)
            need(mailbox_put(h->mailbox, &effect->put), "put");
        else if (effect->type == BROKER_FX_DONE)
            need(mailbox_done(h->mailbox, effect->done.agency, effect->done.token), "done");
    }
    h->effects.count = 0;
}

static void begin_turn(hot_t *h)
{
    kith_arena_reset(h->arena);
    h->effects = (broker_effects_t){0};
    kith_frame_begin(&h->writer, h->frame, KITH_FRAME_BYTES_MAX);
}

static void hello(hot_t *h, size_t agency)
{
    uint8_t instance[16] = {1};
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Hello said = KITH__HELLO__INIT;
    Kith__LaneCredit credit = KITH__LANE_CREDIT__INIT, *credits[] = {&credit};
    broker_event_t event = {0};
    credit.lane = KITH__LANE__LANE_NORMAL;
    credit.messages = UINT32_MAX;
    credit.bytes = UINT32_MAX;
    said.protocol = KITH_PROTOCOL_VERSION;
    said.partnership = (char *)(uintptr_t) "exampletown";
    said.partnership_version = 1;
    said.agency = (char *)(uintptr_t)names[agency];
    said.epoch = 1;
    said.boot = 1;
    said.dial = 1;
    said.instance = (ProtobufCBinaryData){sizeof instance, instance};
    said.n_credit = 1;
    said.credit = credits;
    packet.verb_case = KITH__PACKET__VERB_HELLO;
    packet.hello = &said;
    begin_turn(h);
    step_packet(h, agency, &packet, &event);
}

/* ---- the paths ---- */

#define HOT __attribute__((noinline)) void

HOT hot_seal(hot_t *h, const kith_sealed_plan_t *plan);
HOT hot_publish(hot_t *h, size_t turn);
HOT hot_commit(hot_t *h);
HOT hot_deliver(hot_t *h);
HOT hot_taken(hot_t *h);
HOT hot_open(hot_t *h, size_t turn);

/* An origin seals and signs. */
HOT hot_seal(hot_t *h, const kith_sealed_plan_t *plan)
{
    h->sealed = kith_sealed_make(h->keys[0], h->agreement, plan);
}

/* A batch of PUBLISH: decoded, verified, judged, put. */
HOT hot_publish(hot_t *h, size_t turn)
{
    for (size_t i = 0; i < KITH_BATCH_MAX; i++) {
        const char *field = NULL;
        Kith__Header *header = NULL;
        broker_event_t event = {0};
        kith_bytes_t bytes = kith_sealed_packet(h->sealed, turn * KITH_BATCH_MAX + i);
        kith_arena_reset(h->packet);
        Kith__Packet *packet = (Kith__Packet *)kith_message_unpack(
            h->packet, &kith__packet__descriptor, bytes, &field);
        KITH_ASSERT(packet);
        need(wire_publish_envelope(bytes, &event.packet.envelope), "envelope");
        event.packet.verdict =
            seal_verify(h->cache, h->agreement, h->packet, packet->publish->envelope, &header,
                        &event.packet.digest);
        event.packet.header = header;
        step_packet(h, 0, packet, &event);
        perform_writes(h);
    }
}

HOT hot_commit(hot_t *h)
{
    broker_event_t committed = {.type = BROKER_EV_COMMITTED};
    need(mailbox_flush(h->mailbox), "flush");
    need(mailbox_wait(h->mailbox), "wait");
    committed.committed.batch = h->batch++;
    step(h, &committed);
    for (size_t i = 1; i < AGENCIES; i++) {
        broker_event_t backlog = {.type = BROKER_EV_BACKLOG};
        backlog.backlog.agency = names[i];
        backlog.backlog.lane = KITH_LANE_NORMAL;
        need(mailbox_count(h->mailbox, names[i], KITH_LANE_NORMAL, &backlog.backlog.count),
             "count");
        step(h, &backlog);
    }
}

static void fetch(hot_t *h, const broker_effect_t *wanted, mailbox_reading_t *reading)
{
    size_t count = 0;
    mailbox_item_t *items =
        kith_arena_need(h->arena, (wanted->fetch.items_max + 1) * sizeof *items);
    need(mailbox_next(h->mailbox, wanted->fetch.agency, wanted->fetch.lane,
                      wanted->fetch.after_token, wanted->fetch.items_max, wanted->fetch.bytes_max,
                      reading, items, &count),
         "next");
    broker_event_t event = {.type = BROKER_EV_FETCHED};
    event.fetched.agency = wanted->fetch.agency;
    event.fetched.lane = wanted->fetch.lane;
    event.fetched.count = count;
    event.fetched.items = items;
    step(h, &event);
}

static void send_delivery(hot_t *h, const broker_effect_t *effect)
{
    const mailbox_item_t *item = effect->deliver.item;
    size_t agency = effect->deliver.route - 1, size = wire_item_size(item);
    uint8_t *at = kith_frame_add(&h->writer, size);
    if (!at) {
        kith_frame_begin(&h->writer, h->frame, KITH_FRAME_BYTES_MAX);
        at = kith_frame_add(&h->writer, size);
    }
    wire_item_write(item, at);
    h->tokens[agency][h->tokens_count[agency]++] = item->token;
}

/* All that the batch owes is read and packed into frames. */
HOT hot_deliver(hot_t *h)
{
    broker_event_t tick = {.type = BROKER_EV_TICK};
    step(h, &tick);
    broker_effects_t asked = h->effects;
    h->effects = (broker_effects_t){0};
    mailbox_reading_t reading = {.arena = h->arena};
    for (size_t i = 0; i < asked.count; i++)
        if (asked.items[i].type == BROKER_FX_FETCH)
            fetch(h, &asked.items[i], &reading);
    for (size_t i = 0; i < h->effects.count; i++)
        if (h->effects.items[i].type == BROKER_FX_DELIVER)
            send_delivery(h, &h->effects.items[i]);
    h->effects.count = 0;
}

/* The recipients' TAKEN: copies and bodies are freed. */
HOT hot_taken(hot_t *h)
{
    for (size_t i = 1; i < AGENCIES; i++) {
        Kith__Packet packet = KITH__PACKET__INIT;
        Kith__Taken taken = KITH__TAKEN__INIT;
        broker_event_t event = {0};
        KITH_ASSERT(h->tokens_count[i] == KITH_BATCH_MAX);
        taken.n_tokens = h->tokens_count[i];
        taken.tokens = h->tokens[i];
        packet.verb_case = KITH__PACKET__VERB_TAKEN;
        packet.taken = &taken;
        step_packet(h, i, &packet, &event);
        perform_writes(h);
        h->tokens_count[i] = 0;
    }
}

/* A recipient verifies each envelope. */
HOT hot_open(hot_t *h, size_t turn)
{
    for (size_t i = 0; i < KITH_BATCH_MAX; i++) {
        const char *field = NULL;
        Kith__Header *header = NULL;
        kith_digest_t digest;
        kith_bytes_t bytes = kith_sealed_envelope(h->sealed, turn * KITH_BATCH_MAX + i);
        kith_arena_reset(h->packet);
        Kith__Envelope *envelope = (Kith__Envelope *)kith_message_unpack(
            h->packet, &kith__envelope__descriptor, bytes, &field);
        KITH_ASSERT(envelope && seal_verify(h->cache, h->agreement, h->packet, envelope, &header,
                                            &digest) == KITH__REASON__REASON_UNSPECIFIED);
    }
}

static void turns(hot_t *h)
{
    for (size_t turn = 0; turn < TURNS; turn++) {
        begin_turn(h);
        hot_publish(h, turn);
        hot_commit(h);
        hot_deliver(h);
        hot_taken(h);
        need(mailbox_flush(h->mailbox), "flush");
        need(mailbox_wait(h->mailbox), "wait");
        h->batch++;
        hot_open(h, turn);
    }
}

int main(int argc, char **argv)
{
    static hot_t h;
    if (argc != 2)
        return 64;
    need(keys_begin(), "keys");
    partnership_make(&h, argv[1]);
    store_open_new(&h, argv[1]);
    broker_settings_t settings = {.id = "hub-a",
                                  .liveness_ms = 30000,
                                  .mailbox_messages_max = 1000000,
                                  .mailbox_bytes_max = KITH_MAILBOX_BYTES_MAX};
    h.core = broker_core_new(&settings, h.agreement);
    h.cache = seal_cache_new();
    h.arena = kith_arena_new(KITH_TURN_BYTES_MAX);
    h.packet = kith_arena_new(8 * KITH_MIB);
    h.frame = malloc(KITH_FRAME_BYTES_MAX);
    KITH_ASSERT(h.frame);
    h.batch = 1;
    kith_sealed_plan_t plan = {.origin = names[0],
                               .recipients_count = RECIPIENTS,
                               .recipients = names + 1,
                               .count = TURNS * KITH_BATCH_MAX,
                               .batch = KITH_BATCH_MAX,
                               .text_bytes = TEXT_BYTES};
    hot_seal(&h, &plan);
    for (size_t i = 0; i < AGENCIES; i++)
        hello(&h, i);
    turns(&h);
    printf("%u\n", TURNS * KITH_BATCH_MAX);
    mailbox_destroy(&h.mailbox);
    return 0;
}
