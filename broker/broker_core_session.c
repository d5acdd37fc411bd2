/* Sessions: HELLO to BYE, who may have one, presence, and the credit granted to publishers. */
#include "broker/broker_core_private.h"

#include <string.h>

static const uint64_t window_messages[KITH_LANES] = {KITH_CREDIT_URGENT_MESSAGES,
                                                     KITH_CREDIT_NORMAL_MESSAGES};
static const uint64_t window_bytes[KITH_LANES] = {KITH_CREDIT_URGENT_BYTES,
                                                  KITH_CREDIT_NORMAL_BYTES};

/* ---- BYE ---- */

void hub_bye(hub_step_t *step, uint64_t route, Kith__Reason reason, bool hangup)
{
    Kith__Packet *packet = hub_send(step, route, KITH__PACKET__VERB_BYE);
    packet->bye = kith_arena_need(step->arena, sizeof *packet->bye);
    kith__bye__init(packet->bye);
    packet->bye->reason = reason;
    step->core->scolded_route = route;
    step->core->scolded_batch = step->open_batch;
    if (hangup)
        hub_effect(step, BROKER_FX_HANGUP)->hangup.route = route;
}

/* ---- presence: a hint for the feed, never evidence ---- */

static void say_presence(hub_step_t *step, uint64_t route, const hub_peer_t *about)
{
    Kith__Packet *packet = hub_send(step, route, KITH__PACKET__VERB_PRESENCE);
    packet->presence = kith_arena_need(step->arena, sizeof *packet->presence);
    kith__presence__init(packet->presence);
    packet->presence->agency = kith_arena_str(step->arena, about->id);
    packet->presence->connected = about->session.live;
    packet->presence->silent_since_ms = about->session.live ? 0 : about->silent_since_ms;
}

static void tell_others(hub_step_t *step, const hub_peer_t *about)
{
    const broker_core_t *core = step->core;
    if (!hub_is_member(core, about->id))
        return;
    for (size_t i = 0; i < core->peers_count; i++) {
        const hub_peer_t *peer = core->peers[i];
        if (peer != about && peer->session.live)
            say_presence(step, peer->session.route, about);
    }
}

static void tell_all_to(hub_step_t *step, const hub_peer_t *peer)
{
    const broker_core_t *core = step->core;
    for (size_t i = 0; i < core->peers_count; i++) {
        const hub_peer_t *about = core->peers[i];
        if (about != peer && hub_is_member(core, about->id))
            say_presence(step, peer->session.route, about);
    }
}

void hub_end(hub_step_t *step, hub_peer_t *peer, Kith__Reason reason)
{
    uint64_t route = peer->session.route;
    KITH_ASSERT(peer->session.live);
    if (reason)
        hub_bye(step, route, reason, true);
    else
        hub_effect(step, BROKER_FX_HANGUP)->hangup.route = route;
    /* boot, dial and instance stay: an older session does not come back after a newer one. */
    peer->session.live = false;
    peer->session.route = 0;
    peer->silent_since_ms = step->event->now_ms;
    peer->holds_count = 0;
    hub_flight_clear(step->core, peer);
    tell_others(step, peer);
}

/* ---- credit ---- */

/* What the peer may have sent in all: what was answered, and a window more. The normal lane gets no
 * more while the broker itself is behind; urgent never waits for normal's backlog. */
static bool grant(const broker_core_t *core, hub_peer_t *peer, int lane)
{
    if (lane == KITH_LANE_NORMAL && core->congested)
        return false;
    kith_credit_t *credit = &peer->session.receive[lane];
    const mailbox_count_t *promised = &peer->promised[lane];
    uint64_t before = credit->granted_messages + credit->granted_bytes;
    kith_credit_grant(credit, credit->used_messages - promised->messages + window_messages[lane],
                      credit->used_bytes - promised->bytes + window_bytes[lane]);
    return credit->granted_messages + credit->granted_bytes > before;
}

static Kith__LaneCredit **grants(hub_step_t *step, const hub_peer_t *peer)
{
    Kith__LaneCredit **list = kith_arena_need(step->arena, KITH_LANES * sizeof *list);
    for (int lane = 0; lane < KITH_LANES; lane++) {
        list[lane] = kith_arena_need(step->arena, sizeof **list);
        kith__lane_credit__init(list[lane]);
        list[lane]->lane = kith_lane_of(lane);
        list[lane]->messages = peer->session.receive[lane].granted_messages;
        list[lane]->bytes = peer->session.receive[lane].granted_bytes;
    }
    return list;
}

static void say_credit(hub_step_t *step, hub_peer_t *peer)
{
    Kith__Packet *packet = hub_send(step, peer->session.route, KITH__PACKET__VERB_CREDIT);
    packet->credit = kith_arena_need(step->arena, sizeof *packet->credit);
    kith__credit__init(packet->credit);
    packet->credit->n_credit = KITH_LANES;
    packet->credit->credit = grants(step, peer);
    peer->session.spoke_mono_ms = step->event->mono_ms;
}

/* Half of a window is used. */
static bool credit_low(const hub_peer_t *peer, int lane)
{
    const kith_credit_t *credit = &peer->session.receive[lane];
    return credit->used_messages + window_messages[lane] / 2 >= credit->granted_messages ||
           credit->used_bytes + window_bytes[lane] / 2 >= credit->granted_bytes;
}

static void grant_when_low(hub_step_t *step, hub_peer_t *peer)
{
    bool raised = false;
    for (int lane = 0; lane < KITH_LANES; lane++)
        raised |= credit_low(peer, lane) && grant(step->core, peer, lane);
    if (raised)
        say_credit(step, peer);
}

static void heartbeat(hub_step_t *step, hub_peer_t *peer)
{
    for (int lane = 0; lane < KITH_LANES; lane++)
        grant(step->core, peer, lane);
    say_credit(step, peer);
}

void hub_credit(hub_peer_t *peer, size_t count, Kith__LaneCredit *const *credit)
{
    for (size_t i = 0; i < count; i++) {
        int lane = kith_lane_index(credit[i]->lane);
        if (lane < 0)
            continue;
        kith_credit_grant(&peer->session.send[lane], credit[i]->messages, credit[i]->bytes);
        peer->lanes[lane].blocked = false;
    }
}

/* Messages that wait although their recipients could take them: then it is the broker that is slow.
 * Those of a recipient without credit wait for it, and are no reason to slow publishers. */
static void judge_congestion(broker_core_t *core)
{
    uint64_t waiting = 0;
    for (size_t i = 0; i < core->peers_count; i++) {
        const hub_peer_t *peer = core->peers[i];
        if (!peer->session.live)
            continue;
        for (int lane = 0; lane < KITH_LANES; lane++)
            if (kith_credit_has(&peer->session.send[lane], 0))
                waiting += hub_waiting(peer, lane);
    }
    if (waiting > HUB_WAITING_MAX)
        core->congested = true;
    else if (waiting < HUB_WAITING_MAX / 2)
        core->congested = false;
}

/* ---- HELLO ---- */

/* Names a key by as many digits as the link could carry. */
static bool key_is_current(const kith_agency_t *agency, const char *key)
{
    size_t size = strlen(key);
    for (size_t i = 0; i < agency->transport.count; i++) {
        const kith_public_key_t *held = &agency->transport.keys[i];
        if (strncmp(held->name, key, size) == 0 && held->state == KITH_KEY_CURRENT)
            return true;
    }
    return false;
}

Kith__Reason hub_admits(const broker_core_t *core, const char *agency, const char *key)
{
    const kith_agency_t *member = kith_agreement_agency(core->agreement, agency);
    if (!member)
        return KITH__REASON__REASON_UNKNOWN_KEY;
    if (member->left)
        return KITH__REASON__REASON_REMOVED;
    if (key && !key_is_current(member, key) && !KITH_BUG(38))
        return KITH__REASON__REASON_KEY_REVOKED;
    return KITH__REASON__REASON_UNSPECIFIED;
}

static Kith__Reason judge_hello(const broker_core_t *core, const hub_peer_t *peer,
                                const Kith__Hello *hello)
{
    const kith_agency_t *agency = kith_agreement_agency(core->agreement, peer->id);
    if (hello->protocol != KITH_PROTOCOL_VERSION || hello->boot == 0 ||
        hello->instance.len != sizeof peer->session.instance)
        return KITH__REASON__REASON_MALFORMED;
    if (strcmp(hello->partnership, core->agreement->partnership) != 0)
        return KITH__REASON__REASON_WRONG_PARTNERSHIP;
    if (strcmp(hello->agency, peer->id) != 0)
        return KITH__REASON__REASON_NOT_YOUR_NAME;
    if (hello->epoch != agency->epoch)
        return KITH__REASON__REASON_WRONG_EPOCH;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* Turned away. A live session on another route is none of this newcomer's business. */
static void turn_away(hub_step_t *step, hub_peer_t *peer, Kith__Reason reason)
{
    uint64_t route = step->event->packet.route;
    if (peer->session.live && peer->session.route == route)
        hub_end(step, peer, reason);
    else
        hub_bye(step, route, reason, true);
}

static void remember_key(hub_peer_t *peer, const char *key)
{
    size_t size = key ? strlen(key) : 0;
    KITH_ASSERT(size < sizeof peer->key);
    memset(peer->key, 0, sizeof peer->key);
    if (size)
        memcpy(peer->key, key, size);
}

static void begin(hub_step_t *step, hub_peer_t *peer, const Kith__Hello *hello)
{
    uint64_t route = step->event->packet.route;
    kith_session_t *session = &peer->session;
    hub_flight_clear(step->core, peer);
    peer->holds_count = 0;
    memset(peer->promised, 0, sizeof peer->promised);
    memset(session, 0, sizeof *session);
    session->route = route;
    session->live = true;
    session->boot = hello->boot;
    session->dial = hello->dial;
    memcpy(session->instance, hello->instance.data, sizeof session->instance);
    session->heard_mono_ms = session->spoke_mono_ms = step->event->mono_ms;
    session->peer_version = hello->partnership_version;
    session->liveness_ms = step->core->settings.liveness_ms;
    peer->session_number++;
    remember_key(peer, step->event->packet.key);
    peer->epoch = hello->epoch;
    hub_credit(peer, hello->n_credit, hello->credit);
    for (int lane = 0; lane < KITH_LANES; lane++)
        grant(step->core, peer, lane);
}

static void say_welcome(hub_step_t *step, const hub_peer_t *peer)
{
    broker_core_t *core = step->core;
    Kith__Packet *packet = hub_send(step, peer->session.route, KITH__PACKET__VERB_WELCOME);
    Kith__Welcome *welcome = kith_arena_need(step->arena, sizeof *welcome);
    kith__welcome__init(welcome);
    welcome->broker = kith_arena_str(step->arena, core->settings.id);
    welcome->store_epoch = hub_store_epoch(core);
    welcome->partnership_version = core->agreement->version;
    welcome->liveness_ms = (uint32_t)core->settings.liveness_ms;
    welcome->dial = peer->session.dial;
    welcome->n_credit = KITH_LANES;
    welcome->credit = grants(step, peer);
    packet->welcome = welcome;
}

/* Boots are counted by a store: those of an earlier epoch say nothing of this one's. */
static kith_takeover judge_takeover(const hub_peer_t *peer, const Kith__Hello *hello)
{
    if (hello->epoch != peer->epoch)
        return KITH_TAKEOVER_NEW;
    return kith_session_judge(&peer->session, hello->boot, hello->dial, hello->instance.data);
}

void hub_hello(hub_step_t *step, hub_peer_t *peer, const Kith__Hello *hello)
{
    Kith__Reason wrong = judge_hello(step->core, peer, hello);
    if (wrong) {
        hub_alarm(step, "hello-refused", peer->id, wrong);
        turn_away(step, peer, wrong);
        return;
    }
    switch (judge_takeover(peer, hello)) {
    case KITH_TAKEOVER_OLD:
        turn_away(step, peer, KITH__REASON__REASON_OLD_SESSION);
        return;
    case KITH_TAKEOVER_CLONE:
        step->core->stats.clones++;
        hub_alarm(step, "clone", peer->id, KITH__REASON__REASON_CLONE);
        turn_away(step, peer, KITH__REASON__REASON_CLONE);
        return;
    case KITH_TAKEOVER_NEW:
        break;
    }
    bool was_live = peer->session.live;
    if (was_live && peer->session.route != step->event->packet.route)
        hub_bye(step, peer->session.route, KITH__REASON__REASON_OLD_SESSION, true);
    begin(step, peer, hello);
    say_welcome(step, peer);
    tell_all_to(step, peer);
    if (!was_live)
        tell_others(step, peer);
}

/* ---- agreement and time ---- */

/* A session outlives a new partnership file when its key, its membership and its epoch do. */
static Kith__Reason judge_session(const broker_core_t *core, const hub_peer_t *peer)
{
    Kith__Reason denied = hub_admits(core, peer->id, peer->key[0] ? peer->key : NULL);
    if (denied)
        return denied;
    const kith_agency_t *agency = kith_agreement_agency(core->agreement, peer->id);
    if (agency->epoch != peer->epoch)
        return KITH__REASON__REASON_WRONG_EPOCH;
    return KITH__REASON__REASON_UNSPECIFIED;
}

void hub_session_agreement(hub_step_t *step)
{
    broker_core_t *core = step->core;
    for (size_t i = 0; i < core->peers_count; i++) {
        hub_peer_t *peer = core->peers[i];
        /* Recipients' epochs may have risen: their streams are other ones now. */
        peer->holds_count = 0;
        if (!peer->session.live)
            continue;
        Kith__Reason ended = judge_session(core, peer);
        if (ended)
            hub_end(step, peer, ended);
    }
    hub_purge_begin(core);
}

void hub_session_tick(hub_step_t *step)
{
    broker_core_t *core = step->core;
    int64_t mono_ms = step->event->mono_ms;
    judge_congestion(core);
    for (size_t i = 0; i < core->peers_count; i++) {
        hub_peer_t *peer = core->peers[i];
        const kith_session_t *session = &peer->session;
        if (!session->live)
            continue;
        if (kith_session_silent(session, mono_ms, session->liveness_ms))
            hub_end(step, peer, KITH__REASON__REASON_SILENT);
        else if (kith_session_speak_due(session, mono_ms, session->liveness_ms))
            heartbeat(step, peer);
        else
            grant_when_low(step, peer);
    }
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t hub_session_wait_ms(const broker_core_t *core, int64_t mono_ms)
{
    int64_t wait_ms = KITH_HEARTBEAT_MS;
    for (size_t i = 0; i < core->peers_count; i++) {
        const kith_session_t *session = &core->peers[i]->session;
        if (!session->live)
            continue;
        int64_t pause_ms = least(session->liveness_ms / 3, KITH_HEARTBEAT_MS);
        wait_ms = least(wait_ms, session->spoke_mono_ms + pause_ms - mono_ms);
        wait_ms = least(wait_ms, session->heard_mono_ms + session->liveness_ms - mono_ms);
    }
    return wait_ms < 0 ? 0 : wait_ms;
}
