#include "agents/core/core_private.h"

#include <stdlib.h>

static void copy_name(char ret_name[KITH_NAME_MAX + 1], const char *name)
{
    size_t size = strlen(name);
    KITH_ASSERT(size <= KITH_NAME_MAX);
    memcpy(ret_name, name, size + 1);
}

agent_core_t *agent_core_new(const agent_settings_t *settings, const agent_doors_t *doors)
{
    KITH_ASSERT(settings->brokers_count <= KITH_BROKERS_MAX);
    agent_core_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->settings = *settings;
    self->doors = *doors;
    self->publishing = CORE_NO_BROKER;
    copy_name(self->agency, settings->agency);
    self->brokers_count = settings->brokers_count;
    self->brokers = calloc(settings->brokers_count + 1, sizeof *self->brokers);
    KITH_ASSERT(self->brokers);
    self->row = kith_arena_new(KITH_TURN_BYTES_MAX);
    for (size_t i = 0; i < settings->brokers_count; i++)
        copy_name(self->brokers[i].id, settings->brokers[i]);
    return self;
}

void agent_core_destroy(agent_core_t **self_p)
{
    agent_core_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < self->brokers_count; i++)
        free(self->brokers[i].presence);
    free(self->brokers);
    free(self->streams);
    kith_arena_destroy(&self->row);
    free(self);
    *self_p = NULL;
}

static agent_effect_t *append(agent_effects_t *list, kith_arena_t *arena, agent_effect_type type)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        agent_effect_t *items = kith_arena_need(arena, capacity * sizeof *items);
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    agent_effect_t *effect = &list->items[list->count++];
    memset(effect, 0, sizeof *effect);
    effect->type = type;
    return effect;
}

agent_effect_t *core_hold(agent_core_t *self, agent_effect_type type)
{
    return append(&self->held, self->turn, type);
}

Kith__Packet *core_packet(kith_arena_t *arena, Kith__Packet__VerbCase verb)
{
    Kith__Packet *packet = kith_arena_need(arena, sizeof *packet);
    kith__packet__init(packet);
    packet->verb_case = verb;
    return packet;
}

void core_send(agent_core_t *self, size_t broker, Kith__Packet *packet)
{
    agent_effect_t *effect = core_hold(self, AGENT_FX_SEND);
    effect->send.broker = broker;
    effect->send.packet = packet;
}

void core_alarm(agent_core_t *self, const char *what, const char *agency, Kith__Reason reason,
                uint64_t number)
{
    agent_effect_t *effect = core_hold(self, AGENT_FX_ALARM);
    effect->alarm.what = what;
    effect->alarm.agency = agency ? kith_arena_str(self->turn, agency) : "";
    effect->alarm.broker = "";
    effect->alarm.reason = reason;
    effect->alarm.number = number;
}

kith_arena_t *core_row_arena(agent_core_t *self)
{
    kith_arena_reset(self->row);
    return self->row;
}

/* GCOVR_EXCL_START: because it is of a planted bug, and nothing that ships runs it. */
/* As if this table had never been stored. */
static kith_err forget(kith_txn_t *txn, kith_arena_t *arena, int table)
{
    kith_bytes_t none = {0}, key, value;
    while (kith_next(txn, table, none, none, &key, &value) == KITH_OK)
        CORE_TRY(kith_del(txn, table, kith_arena_copy(arena, key)));
    return KITH_OK;
}
/* GCOVR_EXCL_STOP */

static kith_err start(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_event_t *event)
{
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    self->epoch = meta->epoch;
    self->boot = meta->boot;
    memcpy(self->instance, event->start.instance, sizeof self->instance);
    if (KITH_BUG(21)) /* the marks were in memory only */
        CORE_TRY(forget(txn, arena, AGENT_TABLE_IN_STREAMS));
    CORE_TRY(careful_begin(self, txn, arena, event->start.unclean));
    return streams_load(self, txn, arena);
}

static kith_err packet(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event)
{
    size_t broker = event->packet.broker;
    const Kith__Packet *p = event->packet.packet;
    kith_session_t *session = &self->brokers[broker].session;
    session->heard_mono_ms = self->mono_ms;
    if (p->verb_case == KITH__PACKET__VERB_WELCOME)
        return session_welcome(self, txn, arena, broker, p->welcome);
    if (p->verb_case == KITH__PACKET__VERB_BYE) {
        session_bye(self, broker, p->bye);
        return KITH_OK;
    }
    if (!session->live)
        return KITH_OK; /* of a session that has ended */
    if (p->verb_case == KITH__PACKET__VERB_ACCEPTED)
        return verdict_accepted(self, txn, arena, broker, p->accepted);
    if (p->verb_case == KITH__PACKET__VERB_REFUSED)
        return verdict_refused(self, txn, arena, event);
    if (p->verb_case == KITH__PACKET__VERB_LATER)
        return verdict_later(self, txn, arena, p->later);
    if (p->verb_case == KITH__PACKET__VERB_STALE)
        return verdict_stale(self, txn, arena, p->stale);
    if (p->verb_case == KITH__PACKET__VERB_RECEIPT)
        return receipt_settle(self, txn, arena, event);
    if (p->verb_case == KITH__PACKET__VERB_CREDIT)
        session_credit(self, broker, p->credit->n_credit, p->credit->credit);
    else if (p->verb_case == KITH__PACKET__VERB_PRESENCE)
        session_presence(self, broker, p->presence);
    else
        core_alarm(self, "unexpected-verb", NULL, KITH__REASON__REASON_MALFORMED,
                   (uint64_t)p->verb_case);
    return KITH_OK;
}

static kith_err tick(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    session_tick(self, arena);
    publish_choose(self);
    CORE_TRY(publish_tick(self, txn, arena));
    return expiry_tick(self, txn, arena);
}

/* Receipts of what came, then its acknowledgements: of a connection that breaks in between, the
 * broker still has the copy, and the next one draws the receipt again. Then numbers for what goes;
 * then the sends. */
static kith_err turn_end(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         agent_effects_t *effects)
{
    CORE_TRY(careful_step(self, txn, arena));
    CORE_TRY(receipt_make_all(self, txn));
    take_end_turn(self, arena);
    session_grant(self, arena);
    publish_choose(self);
    self->more = false;
    CORE_TRY(number_begin(self, txn, arena, effects));
    if (self->pending_left == 0)
        CORE_TRY(publish_pump(self, txn, arena));
    return KITH_OK;
}

static void stored(agent_core_t *self, agent_effects_t *effects)
{
    if (self->view_changed)
        core_hold(self, AGENT_FX_CHANGED);
    *effects = self->held;
    self->held = (agent_effects_t){0};
    self->touched = NULL;
    self->taken = NULL;
    self->pending = NULL;
    self->pending_count = self->pending_left = 0;
    self->view_changed = false;
}

static kith_err step(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     const agent_event_t *event, agent_effects_t *effects)
{
    switch (event->type) {
    case AGENT_EV_START:
        return start(self, txn, arena, event);
    case AGENT_EV_AGREEMENT:
        return epoch_agreement(self, txn, arena, event->agreement.agreement);
    case AGENT_EV_LINK_UP:
    case AGENT_EV_LINK_DOWN:
        session_link(self, arena, event);
        return KITH_OK;
    case AGENT_EV_PACKET:
        return packet(self, txn, arena, event);
    case AGENT_EV_DELIVER:
        return take_delivery(self, txn, arena, event);
    case AGENT_EV_SUBMIT:
        return submit_notice(self, txn, arena, &event->submit);
    case AGENT_EV_TICK:
        return tick(self, txn, arena);
    case AGENT_EV_TURN_END:
        return turn_end(self, txn, arena, effects);
    case AGENT_EV_SEALED:
        return number_sealed(self, txn, arena, event);
    case AGENT_EV_STORED:
        stored(self, effects);
        return KITH_OK;
    case AGENT_EV_STOP:
        session_stop(self, arena);
        return KITH_OK;
    }
    KITH_NEVER("an event of no type");
    return KITH_INVALID;
}

kith_err agent_core_step(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const agent_event_t *event, agent_effects_t *effects)
{
    self->turn = arena;
    self->now_ms = event->now_ms;
    self->mono_ms = event->mono_ms;
    self->clocks_apart = event->clocks_apart;
    kith_err err = step(self, txn, arena, event, effects);
    /* what may be missing is asked for where it may: else a row is gone that others speak of */
    return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
}

/* The sooner of two waits. */
static int64_t sooner(int64_t wait_ms, int64_t due_mono_ms, int64_t mono_ms)
{
    int64_t left = due_mono_ms > mono_ms ? due_mono_ms - mono_ms : 0;
    return left < wait_ms ? left : wait_ms;
}

int64_t agent_core_wait_ms(const agent_core_t *self, int64_t mono_ms)
{
    if (self->more || self->careful_more)
        return 0;
    int64_t wait = KITH_HEARTBEAT_MS;
    for (size_t i = 0; i < self->brokers_count; i++) {
        const core_broker_t *broker = &self->brokers[i];
        if (broker->session.live) {
            int64_t liveness = broker->session.liveness_ms;
            int64_t pause = liveness / 3 < KITH_HEARTBEAT_MS ? liveness / 3 : KITH_HEARTBEAT_MS;
            wait = sooner(wait, broker->session.spoke_mono_ms + pause, mono_ms);
            wait = sooner(wait, broker->session.heard_mono_ms + liveness, mono_ms);
        } else if (broker->greeted) {
            wait = sooner(wait, broker->greeted_mono_ms + CORE_WELCOME_MS, mono_ms);
        }
    }
    for (size_t i = 0; i < self->streams_count; i++) {
        const out_stream_t *stream = &self->streams[i];
        if (stream->retry_mono_ms && !stream->wait_version)
            wait = sooner(wait, stream->retry_mono_ms, mono_ms);
        if (stream->receipted < stream->last && stream->head_mono_ms)
            wait = sooner(wait, stream->head_mono_ms + stream->resend_ms, mono_ms);
    }
    if (self->expires_ms && !self->clocks_apart)
        wait = sooner(wait, self->mono_ms + (self->expires_ms - self->now_ms), mono_ms);
    return wait;
}

void agent_core_broker(const agent_core_t *self, size_t index, agent_broker_view_t *ret_view)
{
    const core_broker_t *broker = &self->brokers[index];
    bool well = session_well(self, index);
    *ret_view = (agent_broker_view_t){
        .state = well                   ? "well"
                 : broker->session.live ? "silent"
                                        : "dialling",
        .publishing = self->publishing == index,
        .since_ms = broker->since_ms,
        .partnership_version = broker->session.peer_version,
    };
}

bool agent_core_presence(const agent_core_t *self, const char *agency, int64_t *ret_since_ms)
{
    int64_t since_ms = 0;
    for (size_t i = 0; i < self->brokers_count; i++) {
        const core_broker_t *broker = &self->brokers[i];
        for (size_t j = 0; broker->session.live && j < broker->presence_count; j++) {
            const presence_t *seen = &broker->presence[j];
            if (strcmp(seen->agency, agency) != 0)
                continue;
            if (seen->connected)
                return true;
            if (seen->since_ms > since_ms)
                since_ms = seen->since_ms;
        }
    }
    *ret_since_ms = since_ms;
    return false;
}

void agent_core_stats(const agent_core_t *self, agent_stats_t *ret_stats)
{
    *ret_stats = self->stats;
}
