#include "broker/broker_core_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- peers ---- */

/* Where id stands, or would stand, in by_id. */
static size_t place_of(const broker_core_t *core, const char *id)
{
    size_t low = 0, high = core->peers_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(core->by_id[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

hub_peer_t *hub_peer_find(const broker_core_t *core, const char *id)
{
    size_t place = place_of(core, id);
    if (place == core->peers_count || strcmp(core->by_id[place]->id, id) != 0)
        return NULL;
    return core->by_id[place];
}

static void peers_grow(broker_core_t *core)
{
    size_t none = 0, capacity = core->peers_capacity;
    core->peers = hub_room(core->peers, sizeof(hub_peer_t *), &none, core->peers_count, &capacity);
    capacity = core->peers_capacity;
    core->by_id = hub_room(core->by_id, sizeof(hub_peer_t *), &none, core->peers_count, &capacity);
    core->peers_capacity = capacity;
}

hub_peer_t *hub_peer(broker_core_t *core, const char *id)
{
    hub_peer_t *known = hub_peer_find(core, id);
    if (known)
        return known;
    size_t size = strlen(id);
    KITH_ASSERT(size <= KITH_NAME_MAX);
    hub_peer_t *peer = calloc(1, sizeof *peer);
    KITH_ASSERT(peer);
    memcpy(peer->id, id, size + 1);
    peer->index = core->peers_count;

    peers_grow(core);
    size_t place = place_of(core, id);
    memmove(&core->by_id[place + 1], &core->by_id[place],
            (core->peers_count - place) * sizeof *core->by_id);
    core->by_id[place] = peer;
    core->peers[core->peers_count++] = peer;
    return peer;
}

bool hub_is_member(const broker_core_t *core, const char *id)
{
    const kith_agency_t *agency = kith_agreement_agency(core->agreement, id);
    return agency && !agency->left;
}

void *hub_room(void *items, size_t item_size, size_t *first, size_t count, size_t *capacity)
{
    if (*first + count < *capacity)
        return items;
    uint8_t *old = items;
    if (count && *first >= count) { /* at least half is free: no need to grow */
        memmove(old, old + *first * item_size, count * item_size);
        *first = 0;
        return old;
    }
    size_t larger = *capacity ? *capacity * 2 : 16;
    uint8_t *room = calloc(larger, item_size);
    KITH_ASSERT(room);
    if (count)
        memcpy(room, old + *first * item_size, count * item_size);
    free(old);
    *first = 0;
    *capacity = larger;
    return room;
}

/* ---- effects ---- */

broker_effect_t *hub_effect(hub_step_t *step, broker_effect_type type)
{
    broker_effects_t *list = step->effects;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        broker_effect_t *items = kith_arena_need(step->arena, capacity * sizeof *items);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    broker_effect_t *effect = &list->items[list->count++];
    memset(effect, 0, sizeof *effect);
    effect->type = type;
    return effect;
}

Kith__Packet *hub_send(hub_step_t *step, uint64_t route, Kith__Packet__VerbCase verb)
{
    Kith__Packet *packet = kith_arena_need(step->arena, sizeof *packet);
    kith__packet__init(packet);
    packet->verb_case = verb;
    broker_effect_t *effect = hub_effect(step, BROKER_FX_SEND);
    effect->send.route = route;
    effect->send.packet = packet;
    return packet;
}

void hub_alarm(hub_step_t *step, const char *what, const char *agency, Kith__Reason reason)
{
    broker_effect_t *effect = hub_effect(step, BROKER_FX_ALARM);
    effect->alarm.what = what;
    effect->alarm.agency = kith_arena_str(step->arena, agency);
    effect->alarm.reason = reason;
}

ProtobufCBinaryData hub_store_epoch(broker_core_t *core)
{
    return (ProtobufCBinaryData){sizeof core->settings.store_epoch, core->settings.store_epoch};
}

Kith__EnvelopeId *hub_envelope_id(hub_step_t *step, const char *origin, uint32_t epoch, int lane,
                                  uint64_t seq)
{
    Kith__EnvelopeId *id = kith_arena_need(step->arena, sizeof *id);
    kith__envelope_id__init(id);
    id->origin = kith_arena_str(step->arena, origin);
    id->epoch = epoch;
    id->lane = kith_lane_of(lane);
    id->seq = seq;
    return id;
}

void hub_refuse(hub_step_t *step, uint64_t route, const Kith__EnvelopeId *id, const char *recipient,
                Kith__Reason reason, const char *clause)
{
    broker_core_t *core = step->core;
    Kith__Refusal *refusal = kith_arena_need(step->arena, sizeof *refusal);
    kith__refusal__init(refusal);
    refusal->partnership = kith_arena_str(step->arena, core->agreement->partnership);
    refusal->partnership_version = core->agreement->version;
    int lane = kith_lane_index(id->lane);
    refusal->id = hub_envelope_id(step, id->origin, id->epoch, lane, id->seq);
    refusal->recipient = kith_arena_str(step->arena, recipient);
    refusal->reason = reason;
    refusal->clause = kith_arena_str(step->arena, clause);
    refusal->broker = kith_arena_str(step->arena, core->settings.id);

    broker_effect_t *effect = hub_effect(step, BROKER_FX_REFUSE);
    effect->refuse.route = route;
    effect->refuse.origin = refusal->id->origin;
    effect->refuse.lane = lane;
    effect->refuse.refusal = refusal;
    core->stats.refused++;
}

/* ---- packets ---- */

/* A verb that only a broker says, or none at all. */
static void malformed(hub_step_t *step, hub_peer_t *peer)
{
    hub_alarm(step, "malformed", peer->id, KITH__REASON__REASON_MALFORMED);
    hub_end(step, peer, KITH__REASON__REASON_MALFORMED);
}

static void dispatch(hub_step_t *step, hub_peer_t *peer, const Kith__Packet *packet)
{
    switch (packet->verb_case) {
    case KITH__PACKET__VERB_HELLO:
        hub_hello(step, peer, packet->hello);
        break;
    case KITH__PACKET__VERB_PUBLISH:
        hub_publish(step, peer, packet->publish);
        break;
    case KITH__PACKET__VERB_TAKEN:
        hub_taken(step, peer, packet->taken);
        break;
    case KITH__PACKET__VERB_RECEIPT:
        hub_receipt(step, peer, packet->receipt);
        break;
    case KITH__PACKET__VERB_CREDIT:
        hub_credit(peer, packet->credit->n_credit, packet->credit->credit);
        break;
    case KITH__PACKET__VERB_BYE:
        hub_end(step, peer, KITH__REASON__REASON_UNSPECIFIED);
        break;
    case KITH__PACKET__VERB__NOT_SET:
    case KITH__PACKET__VERB_WELCOME:
    case KITH__PACKET__VERB_ACCEPTED:
    case KITH__PACKET__VERB_REFUSED:
    case KITH__PACKET__VERB_LATER:
    case KITH__PACKET__VERB_STALE:
    case KITH__PACKET__VERB_DELIVER:
    case KITH__PACKET__VERB_PRESENCE:
    case _KITH__PACKET__VERB__CASE_IS_INT_SIZE:
        malformed(step, peer);
        break;
    }
}

/* Ignored, and told why, once a turn: a frame may hold thousands of packets. */
static void scold(hub_step_t *step, uint64_t route, Kith__Reason reason, bool hangup)
{
    broker_core_t *core = step->core;
    core->stats.frames_ignored++;
    if (core->scolded_route != route || core->scolded_batch != step->open_batch)
        hub_bye(step, route, reason, hangup);
}

bool broker_core_is_live(const broker_core_t *self, const char *agency, uint64_t route)
{
    const hub_peer_t *peer = hub_peer_find(self, agency);
    return peer && peer->session.live && peer->session.route == route;
}

static void on_packet(hub_step_t *step)
{
    const char *agency = step->event->packet.agency;
    uint64_t route = step->event->packet.route;
    const Kith__Packet *packet = step->event->packet.packet;
    hub_peer_t *peer = hub_peer_find(step->core, agency);
    bool live = broker_core_is_live(step->core, agency, route);

    Kith__Reason denied = hub_admits(step->core, agency, step->event->packet.key);
    KITH_ASSERT(peer || denied);        /* every member has one since the agreement was taken up */
    if (live || (KITH_BUG(27) && peer)) /* another connection speaks for the session's */
        peer->session.heard_mono_ms = step->event->mono_ms;
    if (denied && live)
        hub_end(step, peer, denied);
    else if (denied)
        scold(step, route, denied, true);
    else if (!live && (!packet || packet->verb_case != KITH__PACKET__VERB_HELLO))
        scold(step, route, KITH__REASON__REASON_HELLO_FIRST, false);
    else if (!packet)
        malformed(step, peer);
    else
        dispatch(step, peer, packet);
}

/* ---- the other events ---- */

static void take_up_agreement(broker_core_t *core, const kith_agreement_t *agreement)
{
    core->agreement = agreement;
    for (size_t i = 0; i < agreement->agencies_count; i++)
        hub_peer(core, agreement->agencies[i].id);
}

static void on_lost(hub_step_t *step)
{
    broker_core_t *core = step->core;
    for (size_t i = 0; i < core->peers_count; i++) {
        hub_peer_t *peer = core->peers[i];
        if (peer->session.live && peer->session.route == step->event->lost.route)
            hub_end(step, peer, KITH__REASON__REASON_UNSPECIFIED);
    }
}

static void on_stop(hub_step_t *step)
{
    broker_core_t *core = step->core;
    for (size_t i = 0; i < core->peers_count; i++) {
        hub_peer_t *peer = core->peers[i];
        if (!peer->session.live)
            continue;
        /* No PRESENCE to the others: they are told BYE in the same breath. */
        hub_bye(step, peer->session.route, KITH__REASON__REASON_STOPPING, true);
        peer->session.live = false;
        hub_flight_clear(core, peer);
    }
}

void broker_core_step(broker_core_t *self, kith_arena_t *arena, uint64_t open_batch,
                      const broker_event_t *event, broker_effects_t *effects)
{
    hub_step_t step = {
        .core = self, .arena = arena, .open_batch = open_batch, .event = event, .effects = effects};
    switch (event->type) {
    case BROKER_EV_PACKET:
        on_packet(&step);
        break;
    case BROKER_EV_COMMITTED:
        hub_committed(&step);
        break;
    case BROKER_EV_FETCHED:
        hub_fetched(&step);
        break;
    case BROKER_EV_BACKLOG:
        hub_backlog(&step);
        break;
    case BROKER_EV_AGREEMENT:
        take_up_agreement(self, event->agreement.agreement);
        hub_session_agreement(&step);
        break;
    case BROKER_EV_LOST:
        on_lost(&step);
        break;
    case BROKER_EV_TICK:
        hub_session_tick(&step);
        hub_fetch_plan(&step);
        break;
    case BROKER_EV_DISK:
        self->normal_fits = event->disk.normal_fits;
        self->urgent_fits = event->disk.urgent_fits;
        break;
    case BROKER_EV_STOP:
        on_stop(&step);
        break;
    }
}

/* ---- life ---- */

broker_core_t *broker_core_new(const broker_settings_t *settings, const kith_agreement_t *agreement)
{
    broker_core_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->settings = *settings;
    self->normal_fits = self->urgent_fits = true;
    take_up_agreement(self, agreement);
    return self;
}

void broker_core_destroy(broker_core_t **self_p)
{
    broker_core_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->peers_count; i++) {
        for (int lane = 0; lane < KITH_LANES; lane++)
            free(self->peers[i]->lanes[lane].flight);
        free(self->peers[i]->holds);
        free(self->peers[i]);
    }
    free(self->peers);
    free(self->by_id);
    free(self->promises);
    free(self);
    *self_p = NULL;
}

int64_t broker_core_wait_ms(const broker_core_t *self, int64_t mono_ms)
{
    return hub_fetch_due(self) ? 0 : hub_session_wait_ms(self, mono_ms);
}

void broker_core_stats(const broker_core_t *self, broker_stats_t *ret_stats)
{
    *ret_stats = self->stats;
    ret_stats->in_flight_bytes = self->in_flight_bytes;
    ret_stats->sessions = 0;
    for (size_t i = 0; i < self->peers_count; i++)
        ret_stats->sessions += self->peers[i]->session.live ? 1 : 0;
}
