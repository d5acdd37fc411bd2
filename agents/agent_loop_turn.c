/* One turn: what arrived is stepped, sealed and committed. Nothing leaves before the commit. */
#include "agents/agent_loop_private.h"

#include "base/bug.h"
#include "base/frame.h"
#include "base/text.h"
#include "io/log.h"

#include <string.h>

/* Ends the turn early; loop_turn then knows what the error means. */
#define LOOP_TRY(call)                                                                             \
    do {                                                                                           \
        kith_err loop_try_err = (call);                                                            \
        if (loop_try_err != KITH_OK)                                                               \
            return loop_try_err;                                                                   \
    } while (0)

static kith_err step(agent_loop_t *self, loop_turn_t *turn, const agent_event_t *event)
{
    return agent_core_step(self->core, turn->at.txn, turn->at.arena, event, &turn->seals);
}

static bool has_room(const loop_turn_t *turn)
{
    return kith_arena_room(turn->at.arena) >= LOOP_ROOM_BYTES;
}

/* ---- a new core, another partnership file ---- */

static kith_err step_agreement(agent_loop_t *self, loop_turn_t *turn)
{
    agent_event_t event = loop_event(turn, AGENT_EV_AGREEMENT);
    event.agreement.agreement = self->agreement;
    LOOP_TRY(step(self, turn, &event));
    self->work_due_ms = 0;
    return work_agreement(&self->work, turn->at.txn, turn->at.arena);
}

static kith_err begin_core(agent_loop_t *self, loop_turn_t *turn)
{
    /* a commit that failed may have moved the exercise's clock on */
    int64_t ahead_ms = 0;
    LOOP_TRY(agent_store_clock(turn->at.txn, turn->at.arena, &ahead_ms));
    turn->at.now_ms += ahead_ms - turn->at.clock_ahead_ms;
    turn->at.clock_ahead_ms = self->clock_ahead_ms = ahead_ms;
    agent_event_t event = loop_event(turn, AGENT_EV_START);
    memcpy(event.start.instance, self->instance, sizeof event.start.instance);
    event.start.unclean = self->identity.start.unclean;
    LOOP_TRY(step(self, turn, &event));
    return step_agreement(self, turn);
}

static kith_err take_changes(agent_loop_t *self, loop_turn_t *turn)
{
    if (self->core_new)
        LOOP_TRY(begin_core(self, turn));
    if (!self->reload)
        return KITH_OK;
    self->reload = false;
    return loop_reload(self, turn) ? step_agreement(self, turn) : KITH_OK;
}

/* ---- brokers ---- */

static kith_err take_news(agent_loop_t *self, loop_turn_t *turn)
{
    agent_link_news_t news;
    while (agent_links_news(self->links, turn->at.mono_ms, &news)) {
        if (news.type == AGENT_LINK_DENIED) {
            log_event("denied", "broker=%s", self->conf->brokers[news.broker]);
            continue;
        }
        bool up = news.type == AGENT_LINK_UP;
        log_event(up ? "link-up" : "link-down", "broker=%s", self->conf->brokers[news.broker]);
        agent_event_t event = loop_event(turn, up ? AGENT_EV_LINK_UP : AGENT_EV_LINK_DOWN);
        event.link.broker = news.broker;
        event.link.dial = news.dial;
        LOOP_TRY(step(self, turn, &event));
    }
    agent_links_dial(self->links, turn->at.mono_ms);
    return KITH_OK;
}

/* Down to the reserve only urgent deliveries are taken; the others wait at the hub, whose copy this
 * agent has not acknowledged, until there is room and a new session. */
static bool waits_for_disk(agent_loop_t *self, const loop_turn_t *turn, const agent_event_t *event)
{
    if (!turn->at.read_only || event->type != AGENT_EV_DELIVER || event->deliver.verdict ||
        kith_lane_index(event->deliver.header->id->lane) == KITH_LANE_URGENT)
        return false;
    self->api.counts[API_COUNT_DISK_WAITS]++;
    self->disk_waits = true;
    return true;
}

static kith_err take_packet(agent_loop_t *self, loop_turn_t *turn, size_t broker,
                            kith_bytes_t bytes)
{
    const char *field = NULL;
    Kith__Packet *packet = (Kith__Packet *)kith_message_unpack(
        turn->at.arena, &kith__packet__descriptor, bytes, &field);
    if (!packet || packet->verb_case == KITH__PACKET__VERB__NOT_SET) {
        self->api.counts[API_COUNT_FRAMES_BAD]++;
        return KITH_OK;
    }
    agent_event_t event = loop_event(turn, AGENT_EV_PACKET);
    agent_seal_event(&self->seal, turn->at.arena, broker, packet, &event);
    return waits_for_disk(self, turn, &event) ? KITH_OK : step(self, turn, &event);
}

static kith_err take_frame(agent_loop_t *self, loop_turn_t *turn, size_t broker, kith_bytes_t frame)
{
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    if (kith_frame_open(frame, &reader) != KITH_OK) {
        self->api.counts[API_COUNT_FRAMES_BAD]++;
        return KITH_OK;
    }
    while (kith_frame_next(&reader, &packet)) {
        if (kith_arena_room(turn->at.arena) < LOOP_ROOM_BYTES_MIN) {
            /* no honest frame holds so much: what is left of it comes again in the next session */
            self->api.counts[API_COUNT_FRAMES_BAD]++;
            agent_links_drop(self->links, broker);
            break;
        }
        LOOP_TRY(take_packet(self, turn, broker, packet));
    }
    return KITH_OK;
}

static kith_err take_frames(agent_loop_t *self, loop_turn_t *turn)
{
    size_t broker = 0;
    kith_bytes_t frame;
    for (size_t i = 0; i < KITH_TURN_FRAMES_MAX && has_room(turn); i++) {
        if (!agent_links_receive(self->links, &broker, &frame))
            break;
        LOOP_TRY(take_frame(self, turn, broker, frame));
    }
    return KITH_OK;
}

/* ---- local clients ---- */

static void keep_reply(loop_turn_t *turn, uint64_t route, uint64_t request_id, kith_bytes_t reply)
{
    KITH_ASSERT(turn->replies_count < LOOP_REQUESTS_MAX + AGENT_WATCHES_MAX);
    turn->replies[turn->replies_count++] =
        (loop_reply_t){.route = route, .request_id = request_id, .reply = reply};
}

static void take_answer(agent_loop_t *self, loop_turn_t *turn, uint64_t route,
                        const api_answer_t *answer)
{
    kith_bytes_t reply = answer->reply;
    if (answer->held) {
        if (agent_watches_hold(self->watches, route, &answer->watch) == KITH_OK)
            return;
        reply = api_too_many(turn->at.arena, answer->request_id);
    }
    turn->view_changed |= answer->view_changed;
    if (answer->clock_moved) {
        turn->clock_moved = true;
        turn->clock_ahead_ms = answer->clock_ahead_ms;
    }
    keep_reply(turn, route, answer->request_id, reply);
}

static kith_err take_requests(agent_loop_t *self, loop_turn_t *turn)
{
    for (size_t i = 0; i < LOOP_REQUESTS_MAX && has_room(turn); i++) {
        link_arrival_t arrival;
        api_answer_t answer = {0};
        if (link_server_receive(self->door, &arrival) != KITH_OK)
            break;
        kith_err err = api_ask(&self->api, &turn->at, arrival.uid, arrival.frame, &answer);
        if (err != KITH_OK) {
            /* the turn ends; the one who asked is still told */
            keep_reply(turn, arrival.route, answer.request_id, (kith_bytes_t){0});
            return err;
        }
        take_answer(self, turn, arrival.route, &answer);
    }
    return KITH_OK;
}

static kith_err take_watches(agent_loop_t *self, loop_turn_t *turn)
{
    uint64_t route = 0;
    api_watch_t watch;
    while (has_room(turn) && agent_watches_due(self->watches, turn->at.mono_ms, &route, &watch)) {
        api_answer_t answer = {.request_id = watch.request_id};
        kith_err err = api_watch(&self->api, &turn->at, &watch, &answer);
        if (err != KITH_OK) {
            keep_reply(turn, route, watch.request_id, (kith_bytes_t){0});
            return err;
        }
        take_answer(self, turn, route, &answer);
    }
    return KITH_OK;
}

/* ---- time ---- */

static kith_err take_time(agent_loop_t *self, loop_turn_t *turn)
{
    int64_t mono_ms = turn->at.mono_ms;
    if (mono_ms >= self->tick_mono_ms + LOOP_TICK_MS ||
        agent_core_wait_ms(self->core, mono_ms) <= 0) {
        self->tick_mono_ms = mono_ms;
        agent_event_t event = loop_event(turn, AGENT_EV_TICK);
        LOOP_TRY(step(self, turn, &event));
    }
    turn->work_due_ms = self->work_due_ms;
    if (turn->at.clocks_apart || turn->at.now_ms < self->work_due_ms)
        return KITH_OK;
    turn->ticked = true;
    return work_tick(&self->work, turn->at.txn, turn->at.arena, turn->at.now_ms,
                     &turn->work_due_ms);
}

static kith_err take_walk(agent_loop_t *self, loop_turn_t *turn)
{
    if (!self->ready || self->walk.done || turn->at.mono_ms < self->walk_mono_ms)
        return KITH_OK;
    self->walk_mono_ms = turn->at.mono_ms + STORE_WALK_MS;
    LOOP_TRY(store_walk_on(&self->walk, turn->at.txn, AGENT_TABLES_COUNT));
    if (self->walk.done)
        log_event("store-read", "rows=%llu", (unsigned long long)self->walk.rows);
    return KITH_OK;
}

/* ---- the turn ---- */

static kith_err seal(agent_loop_t *self, loop_turn_t *turn)
{
    agent_effects_t seals = turn->seals;
    if (seals.count == 0)
        return KITH_OK;
    const seal_job_t *jobs = agent_seal_jobs(&self->seal, turn->at.arena, &seals);
    for (size_t i = 0; i < seals.count; i++) {
        agent_event_t event = loop_event(turn, AGENT_EV_SEALED);
        event.sealed.job = seals.items[i].seal.job;
        event.sealed.envelope = jobs[i].ret_envelope;
        event.sealed.digest = jobs[i].ret_digest;
        LOOP_TRY(step(self, turn, &event));
    }
    return KITH_OK;
}

static kith_err fill_turn(agent_loop_t *self, loop_turn_t *turn)
{
    LOOP_TRY(take_changes(self, turn));
    if (self->stopping || self->ended) {
        agent_event_t event = loop_event(turn, AGENT_EV_STOP);
        LOOP_TRY(step(self, turn, &event));
    } else {
        LOOP_TRY(take_news(self, turn));
        LOOP_TRY(take_frames(self, turn));
        LOOP_TRY(take_requests(self, turn));
        LOOP_TRY(take_watches(self, turn));
        LOOP_TRY(take_time(self, turn));
        LOOP_TRY(take_walk(self, turn));
    }
    agent_event_t event = loop_event(turn, AGENT_EV_TURN_END);
    LOOP_TRY(step(self, turn, &event));
    return seal(self, turn);
}

static void look_at_disk(agent_loop_t *self, loop_turn_t *turn)
{
    turn->at.disk_free_bytes = store_free_bytes(self->store);
    turn->at.read_only = turn->at.disk_free_bytes < self->conf->reserve_bytes;
    if (turn->at.read_only == self->read_only)
        return;
    self->read_only = turn->at.read_only;
    log_event(self->read_only ? "disk-low" : "disk-has-room", "free=%llu",
              (unsigned long long)turn->at.disk_free_bytes);
    if (!self->read_only && self->disk_waits) {
        self->disk_waits = false;
        agent_links_drop_all(self->links);
    }
}

static loop_turn_t begin(agent_loop_t *self)
{
    kith_arena_reset(self->arena);
    loop_turn_t turn = {
        .at = {.arena = self->arena,
               .now_ms = clock_wall_ms() + self->clock_ahead_ms,
               .mono_ms = clock_mono_ms(),
               .clock_ahead_ms = self->clock_ahead_ms,
               .clocks_apart = clock_watch_apart(&self->clocks),
               .links_say = agent_links_say(self->links)},
        .work_due_ms = self->work_due_ms,
    };
    turn.replies = kith_arena_need(self->arena,
                                   (LOOP_REQUESTS_MAX + AGENT_WATCHES_MAX) * sizeof *turn.replies);
    look_at_disk(self, &turn);
    return turn;
}

void loop_turn(agent_loop_t *self)
{
    loop_turn_t turn = begin(self);
    turn.at.effects = &turn.seals;
    kith_err err = store_begin(self->store, &turn.at.txn);
    if (err == KITH_OK) {
        err = fill_turn(self, &turn);
        if (err == KITH_OK && KITH_BUG(1))
            loop_reply(self, &turn);
        if (err == KITH_OK && KITH_BUG(3))
            loop_release(self, &turn);
        if (err == KITH_OK)
            err = store_commit(self->store);
        else
            store_abort(self->store);
    }
    if (err == KITH_OK && !KITH_BUG(3))
        loop_release(self, &turn);
    else if (err != KITH_OK && !(KITH_BUG(8) && err == KITH_IO))
        loop_failed(self, &turn, err);
    kith_arena_destroy(&turn.agreement_before);
}
