/* A broker of the world: its turn as broker_core.h describes it, over a mailbox that is a list. */
#include "tests/lib/world.h"

#include "base/bug.h"
#include "base/text.h"
#include "tests/lib/fake_seal.h"
#include "tests/lib/toy_hash.h"
#include "tests/lib/world_mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 256u

/* ---- life ---- */

static void core_anew(world_broker_t *b)
{
    broker_core_destroy(&b->core);
    world_mailbox_throw_away(b);
    b->core = broker_core_new(&b->settings, b->agreement);
    b->lost_count = 0;
}

void world_hub_init(world_t *w, size_t broker)
{
    world_broker_t *b = &w->brokers[broker];
    (void)snprintf(b->id, sizeof b->id, "hub-%c", (char)('a' + (int)broker));
    b->arena = kith_arena_new(KITH_TURN_BYTES_MAX);
    b->agreement = w->agreement;
    b->batch = 1;
    b->settings = (broker_settings_t){
        .id = b->id,
        .liveness_ms = 30000,
        .mailbox_messages_max = KITH_MAILBOX_MESSAGES_MAX,
        .mailbox_bytes_max = KITH_MAILBOX_BYTES_MAX,
    };
    world_hub_lose_store(w, broker);
    world_hub_start(w, broker);
}

void world_hub_lose_store(world_t *w, size_t broker)
{
    world_broker_t *b = &w->brokers[broker];
    KITH_ASSERT(!b->core);
    for (size_t i = 0; i < b->rows_count; i++)
        free(b->rows[i].body);
    b->rows_count = 0;
    b->damaged = false;
    uint64_t number = ++w->last_instance;
    memcpy(b->settings.store_epoch, &number, sizeof number);
}

static void tell_backlog(world_t *w, world_broker_t *b, broker_effects_t *effects)
{
    for (size_t i = 0; i < b->agreement->agencies_count; i++) {
        for (int lane = 0; lane < KITH_LANES; lane++) {
            broker_event_t event = {
                .type = BROKER_EV_BACKLOG, .now_ms = w->now_ms, .mono_ms = w->mono_ms};
            event.backlog.agency = b->agreement->agencies[i].id;
            event.backlog.lane = lane;
            event.backlog.count = world_mailbox_count(b, event.backlog.agency, lane);
            broker_core_step(b->core, b->arena, b->batch, &event, effects);
        }
    }
}

static void drop_all(world_t *w, size_t broker)
{
    for (size_t i = 0; i < w->agents_count; i++)
        world_drop_ended(w, i, broker, false, true);
}

void world_hub_start(world_t *w, size_t broker)
{
    world_broker_t *b = &w->brokers[broker];
    broker_effects_t effects = {0};
    kith_arena_reset(b->arena);
    if (b->reload)
        b->agreement = b->reload;
    b->reload = NULL;
    core_anew(b);
    tell_backlog(w, b, &effects);
}

void world_hub_stop(world_t *w, size_t broker)
{
    world_broker_t *b = &w->brokers[broker];
    drop_all(w, broker);
    world_mailbox_throw_away(b);
    broker_core_destroy(&b->core);
}

void world_hub_destroy(world_broker_t *b)
{
    broker_core_destroy(&b->core);
    world_mailbox_throw_away(b);
    for (size_t i = 0; i < b->rows_count; i++)
        free(b->rows[i].body);
    free(b->rows);
    free(b->ops);
    kith_arena_destroy(&b->arena);
}

/* ---- one turn ---- */

typedef struct turn {
    world_t *w;
    world_broker_t *b;
    size_t broker;
    broker_effects_t effects;
    size_t written; /* effects up to here are in the open batch, if they belong there */
    bool hurry;     /* what was TAKEN must be gone before anything is read */
    bool committed;
    world_puts_t puts; /* of envelopes, in this turn */
} turn_t;

static broker_event_t event_of(const turn_t *turn, broker_event_type type)
{
    return (broker_event_t){
        .type = type, .now_ms = turn->w->now_ms + turn->b->ahead_ms, .mono_ms = turn->w->mono_ms};
}

static Kith__Reason verify(turn_t *turn, const Kith__Envelope *envelope, Kith__Header **ret_header,
                           kith_digest_t *ret_digest)
{
    const world_kit_t *kit = turn->w->kit;
    return kit && kit->verify ? kit->verify(turn->w, turn->broker, turn->b->arena, envelope,
                                            ret_header, ret_digest)
                              : fake_verify(turn->b->arena, envelope, ret_header, ret_digest);
}

static Kith__Signed *sign_refusal(turn_t *turn, const broker_effect_t *effect)
{
    Kith__Refusal *refusal = effect->refuse.refusal;
    if (turn->w->kit && turn->w->kit->refusal)
        return turn->w->kit->refusal(turn->w, turn->broker, turn->b->arena, refusal);
    refusal->made_ms = turn->w->now_ms + turn->b->ahead_ms;
    refusal->signing_key = kith_arena_str(turn->b->arena, "fake-signing");
    return fake_sign(turn->b->arena, KITH_TAG_REFUSAL, turn->b->id,
                     KITH_PACK(turn->b->arena, refusal));
}

static void put_refusal(turn_t *turn, const broker_effect_t *effect)
{
    kith_bytes_t body = KITH_PACK(turn->b->arena, sign_refusal(turn, effect));
    const char *origin = effect->refuse.origin;
    mailbox_put_t put = {.kind = MAILBOX_REFUSAL,
                         .digest = kith_hash1(toy_hash, KITH_TAG_REFUSAL, body),
                         .body = body,
                         .lane = effect->refuse.lane,
                         .judged_version = turn->b->agreement->version,
                         .recipients_count = 1,
                         .recipients = &origin};
    world_mailbox_put(turn->b, &put);
}

/* What belongs to the open batch goes there at once. */
static void step(turn_t *turn, const broker_event_t *event)
{
    world_broker_t *b = turn->b;
    broker_core_step(b->core, b->arena, b->batch, event, &turn->effects);
    for (; turn->written < turn->effects.count; turn->written++) {
        const broker_effect_t *effect = &turn->effects.items[turn->written];
        if (effect->type == BROKER_FX_PUT && effect->put.kind == MAILBOX_ENVELOPE)
            world_rule_put(&turn->puts, event->packet.header, &effect->put);
        if (effect->type == BROKER_FX_DONE)
            world_rule_done(turn->w, turn->broker, event, effect);
        if (effect->type == BROKER_FX_PUT)
            world_mailbox_put(b, &effect->put);
        else if (effect->type == BROKER_FX_DONE)
            world_mailbox_done(b, effect->done.agency, effect->done.token);
        else if (effect->type == BROKER_FX_REFUSE && effect->refuse.route == 0)
            put_refusal(turn, effect);
    }
}

static void take_packet(turn_t *turn, size_t agent, uint64_t route, kith_bytes_t bytes)
{
    kith_arena_t *arena = turn->b->arena;
    const char *field = NULL;
    Kith__Packet *packet =
        (Kith__Packet *)kith_message_unpack(arena, &kith__packet__descriptor, bytes, &field);
    broker_event_t event = event_of(turn, BROKER_EV_PACKET);
    event.packet.agency = turn->w->agents[agent].id;
    event.packet.key = turn->w->agents[agent].key;
    event.packet.route = route;
    event.packet.packet = packet;
    turn->hurry |= packet && packet->verb_case == KITH__PACKET__VERB_HELLO;
    if (packet && packet->verb_case == KITH__PACKET__VERB_PUBLISH && packet->publish->envelope) {
        Kith__Header *header = NULL;
        event.packet.verdict =
            verify(turn, packet->publish->envelope, &header, &event.packet.digest);
        event.packet.header = header;
        event.packet.envelope = KITH_PACK(arena, packet->publish->envelope);
    } else if (packet && packet->verb_case == KITH__PACKET__VERB_RECEIPT) {
        event.packet.receipt = KITH_PACK(arena, packet->receipt);
        event.packet.receipt_digest = kith_hash1(toy_hash, KITH_TAG_RECEIPT, event.packet.receipt);
    }
    step(turn, &event);
    world_rule_heard(turn->w, turn->broker, agent, route);
}

static void take_frames(turn_t *turn)
{
    for (size_t i = 0; i < turn->w->agents_count; i++) {
        world_link_t *link = &turn->w->agents[i].links[turn->broker];
        struct world_frame frame;
        for (size_t n = 0; n < FRAMES_MAX && world_queue_pop(&link->to_broker, &frame); n++) {
            kith_bytes_t kept =
                kith_arena_copy(turn->b->arena, (kith_bytes_t){frame.data, frame.size});
            free(frame.data);
            take_packet(turn, i, link->route, kept);
        }
    }
}

/* What still came of connections that have ended. */
static void take_left(turn_t *turn)
{
    for (size_t i = 0; i < turn->w->agents_count; i++) {
        world_link_t *link = &turn->w->agents[i].links[turn->broker];
        struct world_frame frame;
        while (world_queue_pop(&link->left, &frame)) {
            kith_bytes_t kept =
                kith_arena_copy(turn->b->arena, (kith_bytes_t){frame.data, frame.size});
            free(frame.data);
            take_packet(turn, i, link->left_route, kept);
        }
        world_queue_clear(&link->left);
    }
}

static void take_changes(turn_t *turn)
{
    world_broker_t *b = turn->b;
    take_left(turn);
    for (size_t i = 0; i < b->lost_count; i++) {
        broker_event_t event = event_of(turn, BROKER_EV_LOST);
        event.lost.route = b->lost[i];
        step(turn, &event);
    }
    b->lost_count = 0;
    broker_event_t disk = event_of(turn, BROKER_EV_DISK);
    disk.disk.normal_fits = disk.disk.urgent_fits = !b->disk_full;
    step(turn, &disk);
    if (!b->reload)
        return;
    b->agreement = b->reload;
    b->reload = NULL;
    turn->hurry = true;
    broker_event_t event = event_of(turn, BROKER_EV_AGREEMENT);
    event.agreement.agreement = b->agreement;
    step(turn, &event);
}

static void judge_again(turn_t *turn, broker_event_t *event, mailbox_item_t *items, size_t count)
{
    kith_arena_t *arena = turn->b->arena;
    Kith__Header **headers = kith_arena_need(arena, (count + 1) * sizeof(Kith__Header *));
    Kith__Reason *verdicts = kith_arena_need(arena, (count + 1) * sizeof *verdicts);
    for (size_t i = 0; i < count; i++) {
        const char *field = NULL;
        kith_digest_t digest;
        if (items[i].kind != MAILBOX_ENVELOPE ||
            items[i].judged_version == turn->b->agreement->version)
            continue;
        const Kith__Envelope *envelope = (const Kith__Envelope *)kith_message_unpack(
            arena, &kith__envelope__descriptor, items[i].body, &field);
        KITH_ASSERT(envelope);
        verdicts[i] = verify(turn, envelope, &headers[i], &digest);
    }
    event->fetched.headers = headers;
    event->fetched.verdicts = verdicts;
}

static void fetch(turn_t *turn, const broker_effect_t *effect)
{
    world_broker_t *b = turn->b;
    broker_event_t event = event_of(turn, BROKER_EV_FETCHED);
    mailbox_item_t *items =
        kith_arena_need(b->arena, (effect->fetch.items_max + 1) * sizeof *items);
    size_t count = 0;
    uint64_t bytes = 0;
    bool exhausted = true;
    for (size_t i = 0; i < b->rows_count; i++) {
        const world_row_t *row = &b->rows[i];
        if (row->token <= effect->fetch.after_token || row->lane != effect->fetch.lane ||
            strcmp(row->recipient, effect->fetch.agency) != 0)
            continue;
        if (count == effect->fetch.items_max ||
            (count && bytes + row->size > effect->fetch.bytes_max)) {
            exhausted = false;
            break;
        }
        if (row->bodiless)
            world_fail(turn->w, "%s has no body for what it owes %s", b->id, row->recipient);
        if (row->rotten) {
            b->damaged = true;
            return;
        }
        bytes += row->size;
        items[count++] = (mailbox_item_t){
            .token = row->token,
            .kind = row->kind,
            .digest = row->digest,
            .judged_version = row->judged_version,
            .body = kith_arena_copy(b->arena, (kith_bytes_t){row->body, row->size})};
    }
    event.fetched.agency = effect->fetch.agency;
    event.fetched.lane = effect->fetch.lane;
    event.fetched.count = count;
    event.fetched.items = items;
    event.fetched.exhausted = exhausted;
    judge_again(turn, &event, items, count);
    step(turn, &event);
}

static void send(turn_t *turn, uint64_t route, Kith__Packet *packet)
{
    for (size_t i = 0; i < turn->w->agents_count; i++) {
        const world_link_t *link = &turn->w->agents[i].links[turn->broker];
        if (link->up && link->route == route)
            world_send(turn->w, false, i, turn->broker, turn->b->arena, packet);
    }
}

static void deliver(turn_t *turn, uint64_t route, const mailbox_item_t *item)
{
    kith_arena_t *arena = turn->b->arena;
    const char *field = NULL;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver deliver = KITH__DELIVER__INIT;
    Kith__Refused refused = KITH__REFUSED__INIT;
    if (item->kind == MAILBOX_ENVELOPE) {
        deliver.token = item->token;
        deliver.envelope = (Kith__Envelope *)kith_message_unpack(arena, &kith__envelope__descriptor,
                                                                 item->body, &field);
        packet.verb_case = KITH__PACKET__VERB_DELIVER;
        packet.deliver = &deliver;
    } else if (item->kind == MAILBOX_RECEIPT) {
        packet.verb_case = KITH__PACKET__VERB_RECEIPT;
        packet.receipt = (Kith__ReceiptPacket *)kith_message_unpack(
            arena, &kith__receipt_packet__descriptor, item->body, &field);
        packet.receipt->token = item->token;
    } else {
        refused.token = item->token;
        refused.refusal = (Kith__Signed *)kith_message_unpack(arena, &kith__signed__descriptor,
                                                              item->body, &field);
        packet.verb_case = KITH__PACKET__VERB_REFUSED;
        packet.refused = &refused;
    }
    send(turn, route, &packet);
}

static void refuse(turn_t *turn, const broker_effect_t *effect)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Refused refused = KITH__REFUSED__INIT;
    if (effect->refuse.route == 0)
        return;
    refused.refusal = sign_refusal(turn, effect);
    packet.verb_case = KITH__PACKET__VERB_REFUSED;
    packet.refused = &refused;
    send(turn, effect->refuse.route, &packet);
}

static void hang_up(turn_t *turn, uint64_t route)
{
    for (size_t i = 0; i < turn->w->agents_count; i++) {
        world_link_t *link = &turn->w->agents[i].links[turn->broker];
        if (link->up && link->route == route)
            link->hung = true;
    }
}

static void perform(turn_t *turn, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const broker_effect_t *effect = &turn->effects.items[i];
        switch (effect->type) {
        case BROKER_FX_PUT:
        case BROKER_FX_DONE:
        case BROKER_FX_FETCH:
            break;
        case BROKER_FX_SEND:
            world_rule_accepted(turn->w, turn->broker, turn->committed ? &turn->puts : NULL,
                                effect->send.packet);
            send(turn, effect->send.route, effect->send.packet);
            break;
        case BROKER_FX_REFUSE:
            refuse(turn, effect);
            break;
        case BROKER_FX_DELIVER:
            deliver(turn, effect->deliver.route, effect->deliver.item);
            break;
        case BROKER_FX_HANGUP:
            hang_up(turn, effect->hangup.route);
            break;
        case BROKER_FX_ALARM:
            turn->b->alarms++;
            break;
        }
    }
}

/* Every FETCH that TICK asked for. */
static void fetch_all(turn_t *turn, size_t from)
{
    size_t end = turn->effects.count;
    for (size_t i = from; i < end; i++) {
        broker_effect_t effect = turn->effects.items[i];
        if (effect.type == BROKER_FX_FETCH)
            fetch(turn, &effect);
    }
}

/* What was durable before; what it asks to be written is for the next batch. */
static void hand_out(turn_t *turn)
{
    size_t from = turn->effects.count;
    broker_event_t event = event_of(turn, BROKER_EV_TICK);
    turn->b->tick_owed = false;
    step(turn, &event);
    world_rule_sessions(turn->w, turn->broker);
    fetch_all(turn, from);
    if (turn->b->damaged)
        world_hub_stop(turn->w, turn->broker);
    else
        perform(turn, from, turn->effects.count);
}

static void tell_committed(turn_t *turn, uint64_t batch)
{
    broker_event_t event = event_of(turn, BROKER_EV_COMMITTED);
    event.committed.batch = batch;
    turn->committed = turn->b->tick_owed = true;
    step(turn, &event);
    tell_backlog(turn->w, turn->b, &turn->effects);
}

/* Then what the turn has said may leave. false: it begins anew. */
static bool commit(turn_t *turn, uint64_t batch, size_t ops, size_t said)
{
    world_broker_t *b = turn->b;
    world_commit how = b->next_commit;
    b->next_commit = WORLD_COMMIT_OK;
    world_mailbox_flush(
        b, ops, how == WORLD_COMMIT_OK || how == WORLD_COMMIT_KEPT || how == WORLD_CRASH_AFTER);
    if (how != WORLD_COMMIT_OK) {
        drop_all(turn->w, turn->broker);
        world_hub_start(turn->w, turn->broker);
        return false;
    }
    size_t from = turn->effects.count;
    if (ops > 0)
        tell_committed(turn, batch);
    perform(turn, 0, said);
    perform(turn, from, turn->effects.count);
    return true;
}

/* As broker/broker_loop_turn.c does it: while the disk works, what it had before is handed out. */
void world_hub_turn(world_t *w, size_t broker)
{
    world_broker_t *b = &w->brokers[broker];
    turn_t turn = {.w = w, .b = b, .broker = broker};
    KITH_ASSERT(b->core);
    kith_arena_reset(b->arena);
    take_changes(&turn);
    take_frames(&turn);
    size_t said = turn.effects.count, ops = b->ops_count;
    uint64_t batch = b->batch++;
    if (KITH_BUG(2)) {
        perform(&turn, 0, said);
        said = 0;
    }
    if (!turn.hurry)
        hand_out(&turn);
    if (b->core && commit(&turn, batch, ops, said) && turn.hurry)
        hand_out(&turn);
    free(turn.puts.items);
}

/* ---- when ---- */

int64_t world_hub_wait_ms(const world_t *w, size_t broker)
{
    const world_broker_t *b = &w->brokers[broker];
    if (!b->core || b->paused)
        return INT64_MAX;
    return b->tick_owed ? 0 : broker_core_wait_ms(b->core, w->mono_ms);
}

bool world_hub_due(const world_t *w, size_t broker)
{
    const world_broker_t *b = &w->brokers[broker];
    if (!b->core || b->paused)
        return false;
    if (b->reload || b->ops_count || b->lost_count || world_hub_wait_ms(w, broker) <= 0)
        return true;
    for (size_t i = 0; i < w->agents_count; i++)
        if (w->agents[i].links[broker].to_broker.count || w->agents[i].links[broker].left.count)
            return true;
    return false;
}
