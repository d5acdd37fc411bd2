/* Brokers: HELLO, WELCOME, credit, presence, BYE, and when one is well. */
#include "agents/core/core_private.h"

#include <stdlib.h>

static const uint64_t window_messages[KITH_LANES] = {KITH_CREDIT_URGENT_MESSAGES,
                                                     KITH_CREDIT_NORMAL_MESSAGES};
static const uint64_t window_bytes[KITH_LANES] = {KITH_CREDIT_URGENT_BYTES,
                                                  KITH_CREDIT_NORMAL_BYTES};

/* What the broker may have delivered in all: what came, and a window more. */
static Kith__LaneCredit **grants(const kith_session_t *session, kith_arena_t *arena)
{
    Kith__LaneCredit **list = kith_arena_need(arena, KITH_LANES * sizeof *list);
    for (int lane = 0; lane < KITH_LANES; lane++) {
        list[lane] = kith_arena_need(arena, sizeof **list);
        kith__lane_credit__init(list[lane]);
        list[lane]->lane = kith_lane_of(lane);
        list[lane]->messages = session->receive[lane].granted_messages;
        list[lane]->bytes = session->receive[lane].granted_bytes;
    }
    return list;
}

static void raise_grants(kith_session_t *session)
{
    for (int lane = 0; lane < KITH_LANES; lane++) {
        kith_credit_t *credit = &session->receive[lane];
        kith_credit_grant(credit, credit->used_messages + window_messages[lane],
                          credit->used_bytes + window_bytes[lane]);
    }
}

static void say_hello(agent_core_t *self, kith_arena_t *arena, size_t index)
{
    core_broker_t *broker = &self->brokers[index];
    raise_grants(&broker->session);
    Kith__Packet *packet = core_packet(arena, KITH__PACKET__VERB_HELLO);
    Kith__Hello *hello = kith_arena_need(arena, sizeof *hello);
    kith__hello__init(hello);
    hello->protocol = KITH_PROTOCOL_VERSION;
    hello->partnership = (char *)(uintptr_t)self->agreement->partnership;
    hello->partnership_version = self->agreement->version;
    hello->agency = self->agency;
    hello->epoch = self->epoch;
    hello->boot = self->boot;
    hello->dial = broker->session.dial;
    hello->instance = (ProtobufCBinaryData){sizeof self->instance, self->instance};
    hello->n_credit = KITH_LANES;
    hello->credit = grants(&broker->session, arena);
    packet->hello = hello;
    core_send(self, index, packet);
    broker->greeted = true;
    broker->greeted_mono_ms = self->mono_ms;
}

void session_link(agent_core_t *self, kith_arena_t *arena, const agent_event_t *event)
{
    core_broker_t *broker = &self->brokers[event->link.broker];
    bool up = event->type == AGENT_EV_LINK_UP;
    memset(&broker->session, 0, sizeof broker->session);
    broker->session.boot = self->boot;
    broker->session.dial = event->link.dial;
    broker->session.heard_mono_ms = self->mono_ms;
    broker->presence_count = 0;
    broker->up = up;
    broker->greeted = false;
    broker->since_ms = self->now_ms;
    if (up && !self->stopping)
        say_hello(self, arena, event->link.broker);
}

void session_end(agent_core_t *self, size_t index, Kith__Reason reason)
{
    core_broker_t *broker = &self->brokers[index];
    broker->session.live = false;
    broker->up = broker->greeted = false;
    broker->since_ms = self->now_ms;
    agent_effect_t *effect = core_hold(self, AGENT_FX_REDIAL);
    effect->redial.broker = index;
    effect->redial.reason = reason;
}

bool session_well(const agent_core_t *self, size_t index)
{
    const kith_session_t *session = &self->brokers[index].session;
    return session->live && !kith_session_silent(session, self->mono_ms, session->liveness_ms);
}

/* The broker's store is another one than when it said ACCEPTED: those are "stored here" again. */
static kith_err forget_number(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream,
                              uint64_t n, const core_broker_t *broker)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    Kith__Store__OutSlot *slot = NULL;
    CORE_TRY(record_get_out(txn, arena, kith_key_bytes(&key), &slot));
    if (strcmp(slot->broker, broker->id) != 0)
        return KITH_OK;
    slot->broker = (char *)(uintptr_t) "";
    CORE_TRY(record_put_out(txn, arena, kith_key_bytes(&key), slot));
    Kith__Store__Debt *debt = NULL;
    kith_key_t debt_key = record_key_debt(record_bytes(slot->notice_id), stream->agency);
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&debt_key), &debt));
    if (debt->n != n || debt->recipient_epoch != stream->epoch)
        return KITH_OK; /* its place is another one now */
    Kith__Store__Debt before = *debt;
    debt->broker = (char *)(uintptr_t) "";
    return record_debt_write(txn, arena, record_bytes(slot->notice_id), stream->agency, &before,
                             debt);
}

static kith_err forget_hub(agent_core_t *self, kith_txn_t *txn, const out_stream_t *stream,
                           const core_broker_t *broker)
{
    for (uint64_t n = stream->receipted + 1; n <= stream->last; n++)
        CORE_TRY(forget_number(txn, core_row_arena(self), stream, n, broker));
    return KITH_OK;
}

static kith_err check_store_epoch(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                                  size_t index, kith_bytes_t store_epoch)
{
    core_broker_t *broker = &self->brokers[index];
    kith_key_t key = record_key_name(kith_arena_printf(arena, "broker:%s", broker->id));
    kith_bytes_t known = {0};
    kith_err err = kith_get(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), &known);
    if (err == KITH_OK && kith_bytes_equal(known, store_epoch))
        return KITH_OK;
    bool lost = err == KITH_OK && !KITH_BUG(16);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    CORE_TRY(kith_put(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), store_epoch));
    if (!lost)
        return KITH_OK;
    core_alarm(self, "broker-store-new", broker->id, KITH__REASON__REASON_UNSPECIFIED, 0);
    for (size_t i = 0; i < self->streams_count; i++)
        CORE_TRY(forget_hub(self, txn, &self->streams[i], broker));
    streams_rewind(self);
    return KITH_OK;
}

kith_err session_welcome(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, size_t index,
                         const Kith__Welcome *welcome)
{
    core_broker_t *broker = &self->brokers[index];
    kith_session_t *session = &broker->session;
    if (!broker->greeted || session->live || welcome->dial != session->dial)
        return KITH_OK; /* answers an earlier HELLO */
    if (strcmp(welcome->broker, broker->id) != 0 || welcome->store_epoch.len != 16 ||
        welcome->liveness_ms == 0) {
        session_end(self, index, KITH__REASON__REASON_MALFORMED);
        return KITH_OK;
    }
    session->live = true;
    session->liveness_ms = welcome->liveness_ms;
    session->peer_version = welcome->partnership_version;
    session->spoke_mono_ms = self->mono_ms;
    broker->since_ms = self->now_ms;
    session_credit(self, index, welcome->n_credit, welcome->credit);
    CORE_TRY(check_store_epoch(self, txn, arena, index, record_bytes(welcome->store_epoch)));
    publish_choose(self);
    if (self->publishing == index)
        streams_rewind(self);
    return KITH_OK;
}

void session_credit(agent_core_t *self, size_t index, size_t count, Kith__LaneCredit **credit)
{
    for (size_t i = 0; i < count; i++) {
        int lane = kith_lane_index(credit[i]->lane);
        if (lane >= 0)
            kith_credit_grant(&self->brokers[index].session.send[lane], credit[i]->messages,
                              credit[i]->bytes);
    }
}

void session_presence(agent_core_t *self, size_t index, const Kith__Presence *said)
{
    core_broker_t *broker = &self->brokers[index];
    if (!kith_agreement_agency(self->agreement, said->agency))
        return; /* bounds the list by the partnership */
    size_t i = 0;
    while (i < broker->presence_count && strcmp(broker->presence[i].agency, said->agency) != 0)
        i++;
    if (i == broker->presence_capacity) {
        broker->presence_capacity = broker->presence_capacity ? broker->presence_capacity * 2 : 16;
        broker->presence =
            realloc(broker->presence, broker->presence_capacity * sizeof *broker->presence);
        KITH_ASSERT(broker->presence);
    }
    if (i == broker->presence_count)
        broker->presence_count++;
    presence_t *presence = &broker->presence[i];
    memset(presence, 0, sizeof *presence);
    memcpy(presence->agency, said->agency, strlen(said->agency));
    presence->connected = said->connected;
    presence->since_ms = said->silent_since_ms;
}

void session_bye(agent_core_t *self, size_t index, const Kith__Bye *bye)
{
    core_alarm(self, "bye", self->brokers[index].id, bye->reason, 0);
    /* Another process runs with this agency's key: the newer session stands, this one stops. */
    if (bye->reason == KITH__REASON__REASON_CLONE ||
        bye->reason == KITH__REASON__REASON_OLD_SESSION) {
        agent_effect_t *effect = core_hold(self, AGENT_FX_HALT);
        effect->halt.reason = KITH__REASON__REASON_CLONE;
        return;
    }
    session_end(self, index, bye->reason);
}

static void say_credit(agent_core_t *self, kith_arena_t *arena, size_t index)
{
    kith_session_t *session = &self->brokers[index].session;
    raise_grants(session);
    Kith__Packet *packet = core_packet(arena, KITH__PACKET__VERB_CREDIT);
    packet->credit = kith_arena_need(arena, sizeof *packet->credit);
    kith__credit__init(packet->credit);
    packet->credit->n_credit = KITH_LANES;
    packet->credit->credit = grants(session, arena);
    core_send(self, index, packet);
    session->spoke_mono_ms = self->mono_ms;
}

void session_tick(agent_core_t *self, kith_arena_t *arena)
{
    for (size_t i = 0; i < self->brokers_count; i++) {
        core_broker_t *broker = &self->brokers[i];
        kith_session_t *session = &broker->session;
        bool late_welcome = broker->greeted && !session->live &&
                            self->mono_ms >= broker->greeted_mono_ms + CORE_WELCOME_MS;
        if ((session->live && !session_well(self, i)) || late_welcome)
            session_end(self, i, KITH__REASON__REASON_SILENT);
        else if (session->live &&
                 kith_session_speak_due(session, self->mono_ms, session->liveness_ms))
            say_credit(self, arena, i);
    }
}

/* Half of a window is used: grant anew, so that the broker never waits for us. */
void session_grant(agent_core_t *self, kith_arena_t *arena)
{
    for (size_t i = 0; i < self->brokers_count; i++) {
        kith_session_t *session = &self->brokers[i].session;
        bool due = false;
        for (int lane = 0; lane < KITH_LANES; lane++) {
            const kith_credit_t *credit = &session->receive[lane];
            due |= credit->granted_messages < credit->used_messages + window_messages[lane] / 2;
            due |= credit->granted_bytes < credit->used_bytes + window_bytes[lane] / 2;
        }
        if (session->live && due)
            say_credit(self, arena, i);
    }
}

void session_stop(agent_core_t *self, kith_arena_t *arena)
{
    self->stopping = true;
    for (size_t i = 0; i < self->brokers_count; i++) {
        if (!self->brokers[i].session.live)
            continue;
        Kith__Packet *packet = core_packet(arena, KITH__PACKET__VERB_BYE);
        packet->bye = kith_arena_need(arena, sizeof *packet->bye);
        kith__bye__init(packet->bye);
        packet->bye->reason = KITH__REASON__REASON_STOPPING;
        core_send(self, i, packet);
        self->brokers[i].session.live = false;
    }
}
