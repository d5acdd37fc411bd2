/* See broker_world.h. */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *everyone[] = {"*"};
static const char *from_police[] = {"police"};
static const char *class_event[] = {"event"};
static const char *class_safeguarding[] = {"safeguarding"};
static const char *ids[] = {"police", "housing", "social-care", "charity"};

static void make_agreement(world_t *w)
{
    kith_agreement_t *a = kith_arena_need(w->arena, sizeof *a);
    a->partnership = "exampletown";
    a->version = 3;
    a->front_door = "social-care";
    a->agencies_count = 4;
    a->agencies = kith_arena_need(w->arena, 4 * sizeof *a->agencies);
    for (size_t i = 0; i < 4; i++) {
        kith_agency_t *agency = &a->agencies[i];
        agency->id = agency->name = ids[i];
        agency->phone = "";
        agency->epoch = 1;
        agency->left = i == 3;
        agency->transport.count = 1;
        snprintf(agency->transport.keys[0].name, KITH_KEY_NAME_SIZE, "%zu123456789abcde", i);
        agency->transport.keys[0].state = KITH_KEY_CURRENT;
    }
    a->clauses_count = 2;
    a->clauses = kith_arena_need(w->arena, 2 * sizeof *a->clauses);
    a->clauses[0] = (kith_clause_t){"4.1", 1, 1, 1, class_event, from_police, everyone};
    a->clauses[1] = (kith_clause_t){"4.2", 1, 1, 1, class_safeguarding, everyone, everyone};
    w->agreement = a;
}

world_t *world_prepared(void)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->arena = kith_arena_new(64u * 1024u * 1024u);
    w->batch = 1;
    w->mono_ms = 1000;
    w->now_ms = 1700000000000;
    w->settings = (broker_settings_t){
        .id = "hub-a",
        .liveness_ms = 30000,
        .mailbox_messages_max = KITH_MAILBOX_MESSAGES_MAX,
        .mailbox_bytes_max = KITH_MAILBOX_BYTES_MAX,
    };
    memset(w->settings.store_epoch, 7, sizeof w->settings.store_epoch);
    make_agreement(w);
    return w;
}

void world_begin(world_t *w)
{
    w->core = broker_core_new(&w->settings, w->agreement);
}

world_t *world_new(void)
{
    world_t *w = world_prepared();
    world_begin(w);
    return w;
}

void world_destroy(world_t *w)
{
    world_settled(w);
    broker_core_destroy(&w->core);
    assert_null(w->core);
    broker_core_destroy(&w->core);
    kith_arena_destroy(&w->arena);
    free(w->taken);
    free(w);
}

kith_agency_t *world_agency(world_t *w, const char *id)
{
    for (size_t i = 0; i < w->agreement->agencies_count; i++)
        if (strcmp(w->agreement->agencies[i].id, id) == 0)
            return &w->agreement->agencies[i];
    fail_msg("no agency %s", id);
    return NULL;
}

kith_agreement_t *world_next_agreement(world_t *w)
{
    kith_agreement_t *next = kith_arena_need(w->arena, sizeof *next);
    *next = *w->agreement;
    next->version++;
    size_t size = next->agencies_count * sizeof *next->agencies;
    next->agencies = kith_arena_need(w->arena, size);
    memcpy(next->agencies, w->agreement->agencies, size);
    size = next->clauses_count * sizeof *next->clauses;
    next->clauses = kith_arena_need(w->arena, size);
    memcpy(next->clauses, w->agreement->clauses, size);
    w->agreement = next;
    return next;
}

void world_agree(world_t *w, kith_agreement_t *agreement)
{
    w->agreement = agreement;
    broker_event_t event = {.type = BROKER_EV_AGREEMENT};
    event.agreement.agreement = agreement;
    world_step(w, event);
}

/* ---- events ---- */

void world_step(world_t *w, broker_event_t event)
{
    event.now_ms = w->now_ms;
    event.mono_ms = w->mono_ms;
    broker_core_step(w->core, w->arena, w->batch, &event, &w->effects);
    if (w->effects.count > w->effects_capacity) {
        size_t capacity = w->effects.count * 2;
        bool *taken = calloc(capacity, sizeof *taken);
        assert_non_null(taken);
        if (w->taken)
            memcpy(taken, w->taken, w->effects_capacity * sizeof *taken);
        free(w->taken);
        w->taken = taken;
        w->effects_capacity = capacity;
    }
}

void world_packet(world_t *w, const char *agency, uint64_t route, Kith__Packet *packet)
{
    broker_event_t event = {.type = BROKER_EV_PACKET};
    event.packet.agency = agency;
    event.packet.route = route;
    event.packet.packet = packet;
    world_step(w, event);
}

Kith__Packet *world_verb(world_t *w, Kith__Packet__VerbCase verb)
{
    Kith__Packet *packet = kith_arena_need(w->arena, sizeof *packet);
    kith__packet__init(packet);
    packet->verb_case = verb;
    return packet;
}

static char *copy(world_t *w, const char *text)
{
    return kith_arena_str(w->arena, text);
}

static Kith__LaneCredit *lane_credit(world_t *w, int lane, uint64_t messages, uint64_t bytes)
{
    Kith__LaneCredit *credit = kith_arena_need(w->arena, sizeof *credit);
    kith__lane_credit__init(credit);
    credit->lane = lane < KITH_LANES ? kith_lane_of(lane) : KITH__LANE__LANE_UNSPECIFIED;
    credit->messages = messages;
    credit->bytes = bytes;
    return credit;
}

void world_hello(world_t *w, const char *agency, uint64_t route, hello_with_t with)
{
    Kith__Packet *packet = world_verb(w, VERB(HELLO));
    Kith__Hello *hello = packet->hello = kith_arena_need(w->arena, sizeof *hello);
    kith__hello__init(hello);
    hello->protocol = with.protocol ? with.protocol : 1;
    hello->partnership = copy(w, with.partnership ? with.partnership : "exampletown");
    hello->partnership_version = with.version ? with.version : 3;
    hello->agency = copy(w, with.agency ? with.agency : agency);
    hello->epoch = with.epoch ? with.epoch : 1;
    hello->boot = with.boot ? with.boot : 1;
    hello->dial = with.dial ? with.dial : 1;
    hello->instance.len = with.instance_size ? with.instance_size : 16;
    hello->instance.data = kith_arena_need(w->arena, 32);
    memset(hello->instance.data, with.instance, 32);
    if (with.messages) {
        hello->n_credit = 2;
        hello->credit = kith_arena_need(w->arena, 2 * sizeof *hello->credit);
        for (int lane = 0; lane < 2; lane++)
            hello->credit[lane] = lane_credit(w, lane, with.messages, with.bytes);
    }
    broker_event_t event = {.type = BROKER_EV_PACKET};
    event.packet.agency = agency;
    event.packet.key = with.key;
    event.packet.route = route;
    event.packet.packet = packet;
    world_step(w, event);
}

void world_join(world_t *w, const char *agency, uint64_t route)
{
    world_hello(
        w, agency, route,
        (hello_with_t){.messages = KITH_CREDIT_NORMAL_MESSAGES, .bytes = KITH_CREDIT_NORMAL_BYTES});
    world_sent(w, route, VERB(WELCOME));
    world_skip(w, VERB(PRESENCE));
}

static size_t count_names(const char *const *names)
{
    size_t count = 0;
    while (count < 4 && names[count])
        count++;
    return count;
}

static Kith__Header *make_header(world_t *w, const char *agency, const publish_with_t *with)
{
    Kith__Header *h = kith_arena_need(w->arena, sizeof *h);
    kith__header__init(h);
    h->partnership = copy(w, with->partnership ? with->partnership : "exampletown");
    h->partnership_version = with->version ? with->version : w->agreement->version;
    h->id = kith_arena_need(w->arena, sizeof *h->id);
    kith__envelope_id__init(h->id);
    h->id->origin = copy(w, with->origin ? with->origin : agency);
    h->id->epoch = with->epoch ? with->epoch : 1;
    h->id->lane = kith_lane_of(with->lane);
    h->id->seq = with->seq ? with->seq : 1;
    h->topic_class = copy(w, with->topic_class ? with->topic_class : "safeguarding");
    h->clause = copy(w, with->clause ? with->clause : with->void_ ? "" : "4.2");
    h->exercise = with->exercise;
    if (with->void_) {
        h->void_ = kith_arena_need(w->arena, sizeof *h->void_);
        kith__void__init(h->void_);
    }
    static const char *const only_social[4] = {"social-care"};
    const char *const *to = with->to[0] ? with->to : only_social;
    h->n_slots = count_names(to);
    h->slots = kith_arena_need(w->arena, 4 * sizeof *h->slots);
    for (size_t i = 0; i < h->n_slots; i++) {
        Kith__Slot *slot = h->slots[i] = kith_arena_need(w->arena, sizeof *slot);
        kith__slot__init(slot);
        slot->agency = copy(w, to[i]);
        slot->epoch = with->slot_epoch ? with->slot_epoch : 1;
        slot->n = with->n ? with->n : h->id->seq;
    }
    return h;
}

void world_publish(world_t *w, const char *agency, uint64_t route, publish_with_t with)
{
    Kith__Packet *packet = world_verb(w, VERB(PUBLISH));
    Kith__Publish *publish = packet->publish = kith_arena_need(w->arena, sizeof *publish);
    kith__publish__init(publish);
    Kith__Header *header = make_header(w, agency, &with);
    publish->n_owed = with.owed[0] ? count_names(with.owed) : header->n_slots;
    publish->owed = kith_arena_need(w->arena, 4 * sizeof *publish->owed);
    for (size_t i = 0; i < publish->n_owed; i++)
        publish->owed[i] = copy(w, with.owed[0] ? with.owed[i] : header->slots[i]->agency);

    size_t size = with.size ? with.size : 1000;
    broker_event_t event = {.type = BROKER_EV_PACKET};
    event.packet.agency = agency;
    event.packet.route = route;
    event.packet.packet = packet;
    event.packet.header = with.unreadable ? NULL : header;
    event.packet.verdict = with.unreadable ? REASON(MALFORMED) : with.verdict;
    event.packet.envelope = (kith_bytes_t){kith_arena_need(w->arena, size), size};
    memcpy(event.packet.digest.bytes, &header->id->seq, sizeof header->id->seq);
    world_step(w, event);
}

void world_taken(world_t *w, const char *agency, uint64_t route, uint64_t token, Kith__Reason bad)
{
    Kith__Packet *packet = world_verb(w, VERB(TAKEN));
    packet->taken = kith_arena_need(w->arena, sizeof *packet->taken);
    kith__taken__init(packet->taken);
    packet->taken->n_tokens = 1;
    packet->taken->tokens = kith_arena_need(w->arena, sizeof token);
    packet->taken->tokens[0] = token;
    packet->taken->bad = bad;
    world_packet(w, agency, route, packet);
}

void world_credit(world_t *w, const char *agency, uint64_t route, int lane, uint64_t messages,
                  uint64_t bytes)
{
    Kith__Packet *packet = world_verb(w, VERB(CREDIT));
    packet->credit = kith_arena_need(w->arena, sizeof *packet->credit);
    kith__credit__init(packet->credit);
    packet->credit->n_credit = 1;
    packet->credit->credit = kith_arena_need(w->arena, sizeof *packet->credit->credit);
    packet->credit->credit[0] = lane_credit(w, lane, messages, bytes);
    world_packet(w, agency, route, packet);
}

void world_receipt(world_t *w, const char *agency, uint64_t route, receipt_with_t with)
{
    Kith__StreamId stream = KITH__STREAM_ID__INIT;
    stream.origin = copy(w, with.origin ? with.origin : "police");
    stream.lane = with.lane ? with.lane : KITH__LANE__LANE_URGENT;
    stream.recipient = copy(w, with.recipient ? with.recipient : agency);
    Kith__Receipt receipt = KITH__RECEIPT__INIT;
    receipt.partnership = copy(w, with.partnership ? with.partnership : "exampletown");
    receipt.stream = with.streamless ? NULL : &stream;
    kith_bytes_t statement = KITH_PACK(w->arena, &receipt);

    Kith__Packet *packet = world_verb(w, VERB(RECEIPT));
    Kith__ReceiptPacket *p = packet->receipt = kith_arena_need(w->arena, sizeof *p);
    kith__receipt_packet__init(p);
    p->receipt = kith_arena_need(w->arena, sizeof *p->receipt);
    kith__signed__init(p->receipt);
    p->receipt->statement.data = (uint8_t *)(uintptr_t)statement.data;
    p->receipt->statement.len = with.garbled ? 3 : statement.size;
    p->origin = copy(w, with.packet_origin ? with.packet_origin : stream.origin);
    p->lane = with.packet_lane ? with.packet_lane : KITH__LANE__LANE_URGENT;

    broker_event_t event = {.type = BROKER_EV_PACKET};
    event.packet.agency = agency;
    event.packet.route = route;
    event.packet.packet = packet;
    event.packet.receipt = statement;
    memset(event.packet.receipt_digest.bytes, 9, sizeof event.packet.receipt_digest.bytes);
    world_step(w, event);
}

void world_commit(world_t *w)
{
    broker_event_t event = {.type = BROKER_EV_COMMITTED};
    event.committed.batch = w->batch++;
    world_step(w, event);
}

void world_backlog(world_t *w, const char *agency, int lane, uint64_t messages, uint64_t bytes,
                   uint64_t others)
{
    broker_event_t event = {.type = BROKER_EV_BACKLOG};
    event.backlog.agency = agency;
    event.backlog.lane = lane;
    event.backlog.count = (mailbox_count_t){.messages = messages, .bytes = bytes, .others = others};
    world_step(w, event);
}

void world_tick(world_t *w, int64_t later_ms)
{
    w->mono_ms += later_ms;
    w->now_ms += later_ms;
    world_step(w, (broker_event_t){.type = BROKER_EV_TICK});
}

void world_disk(world_t *w, bool normal_fits, bool urgent_fits)
{
    broker_event_t event = {.type = BROKER_EV_DISK};
    event.disk.normal_fits = normal_fits;
    event.disk.urgent_fits = urgent_fits;
    world_step(w, event);
}

void world_fetched(world_t *w, const char *agency, fetched_with_t with)
{
    mailbox_item_t *items = kith_arena_need(w->arena, 4 * sizeof *items);
    Kith__Header **headers = kith_arena_need(w->arena, 4 * sizeof(Kith__Header *));
    Kith__Reason *verdicts = kith_arena_need(w->arena, 4 * sizeof *verdicts);
    size_t size = with.size ? with.size : 1000;
    for (size_t i = 0; i < with.count; i++) {
        items[i] = (mailbox_item_t){.token = with.tokens[i],
                                    .kind = with.kind ? with.kind : MAILBOX_ENVELOPE,
                                    .judged_version = w->agreement->version,
                                    .body = {kith_arena_need(w->arena, size), size}};
        if (with.again && !with.headerless)
            headers[i] = make_header(w, with.origin ? with.origin : "police", &with.header);
        verdicts[i] = with.verdict;
    }
    broker_event_t event = {.type = BROKER_EV_FETCHED};
    event.fetched.agency = agency;
    event.fetched.lane = with.lane;
    event.fetched.count = with.count;
    event.fetched.items = items;
    event.fetched.headers = with.again ? headers : NULL;
    event.fetched.verdicts = with.again ? verdicts : NULL;
    event.fetched.exhausted = !with.more;
    world_step(w, event);
}
