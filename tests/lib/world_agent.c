/* An agent of the world: its life, and its turn as agents/agent_loop_turn.c has it. */
#include "tests/lib/world.h"

#include "base/bug.h"
#include "base/text.h"
#include "tests/lib/fake_seal.h"
#include "tests/lib/toy_hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_MAX 256u
/* As io/clock.c. */
#define CLOCKS_APART_MS KITH_CLOCK_APART_MS
/* As the loop's, after a commit that failed for want of room. */
#define REST_MS 1000

/* ---- life ---- */

static int64_t wall_less_mono_ms(const world_t *w, const world_agent_t *a);

static void core_anew(world_t *w, world_agent_t *a)
{
    agent_core_destroy(&a->core);
    agent_settings_t settings = w->settings;
    settings.agency = a->id;
    settings.brokers_count = w->brokers_count;
    settings.brokers = a->brokers;
    agent_doors_t doors = world_doors(a);
    a->core = agent_core_new(&settings, &doors);
    a->fresh = true;
    a->reload = false;
    a->work_due_ms = 0;
}

static void write_meta(world_agent_t *a, const Kith__Store__AgentMeta *meta)
{
    kith_err err = record_meta_put(memtxn_begin(a->store), a->arena, meta);
    KITH_ASSERT(err == KITH_OK && memtxn_commit(a->store) == KITH_OK);
}

void world_agent_lose_store(world_t *w, size_t agent, uint32_t epoch)
{
    world_agent_t *a = &w->agents[agent];
    KITH_ASSERT(!a->core);
    memtxn_destroy(&a->store);
    a->store = memtxn_new(WORLD_TABLES_COUNT);
    a->damaged = false;
    a->halted = KITH__REASON__REASON_UNSPECIFIED;
    a->epoch = epoch;
    a->version = 0;
    a->old_copy = false;
    a->forgot_from = a->forgot_to = 0;
    memset(a->published, 0, sizeof a->published);
    kith_arena_reset(a->arena);
    Kith__Store__AgentMeta meta = KITH__STORE__AGENT_META__INIT;
    meta.store_version = 1;
    meta.agency = (char *)(uintptr_t)a->id;
    meta.partnership = (char *)(uintptr_t)w->agreement->partnership;
    meta.epoch = epoch;
    write_meta(a, &meta);
}

void world_agent_restore(world_t *w, size_t agent, memtxn_t **copy_p, size_t sealed_count)
{
    world_agent_t *a = &w->agents[agent];
    KITH_ASSERT(!a->core);
    memtxn_destroy(&a->store);
    a->store = *copy_p;
    *copy_p = NULL;
    a->version = 0;
    a->old_copy = true;
    a->forgot_from = sealed_count;
    a->forgot_to = w->sealed_count;
}

void world_agent_init(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    a->world = w;
    a->id = w->agreement->agencies[agent].id;
    a->sealing_key = w->agreement->agencies[agent].sealing.keys[0].name;
    a->key = w->agreement->agencies[agent].transport.keys[0].name;
    a->agreement = w->agreement;
    a->arena = kith_arena_new(KITH_TURN_BYTES_MAX);
    for (size_t i = 0; i < w->brokers_count; i++)
        a->brokers[i] = w->brokers[i].id;
    world_agent_lose_store(w, agent, w->agreement->agencies[agent].epoch);
    world_agent_start(w, agent);
}

void world_agent_stop(world_t *w, size_t agent)
{
    world_drop_all(w, agent);
    memtxn_abort(w->agents[agent].store);
    agent_core_destroy(&w->agents[agent].core);
}

void world_agent_start(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    KITH_ASSERT(!a->core);
    kith_arena_reset(a->arena);
    Kith__Store__AgentMeta *meta = NULL;
    kith_err err = record_meta(memtxn_begin(a->store), a->arena, &meta);
    memtxn_abort(a->store);
    a->damaged = err == KITH_CORRUPT && memtxn_rotten(a->store);
    if (a->damaged)
        return;
    KITH_ASSERT(err == KITH_OK);
    meta->boot++;
    write_meta(a, meta);
    a->instance = ++w->last_instance;
    a->apart_base_ms = wall_less_mono_ms(w, a);
    for (size_t i = 0; i < w->brokers_count; i++) {
        a->links[i].dial = 0;
        a->links[i].went_down = false;
    }
    core_anew(w, a);
}

/* ---- one turn ---- */

typedef struct turn {
    world_t *w;
    world_agent_t *a;
    size_t agent;
    kith_txn_t *txn;
    agent_effects_t seals;
    int64_t work_due_ms;
} turn_t;

static int64_t wall_ms(const world_t *w, const world_agent_t *a)
{
    return a->frozen_ms ? a->frozen_ms : w->now_ms + a->ahead_ms;
}

static int64_t wall_less_mono_ms(const world_t *w, const world_agent_t *a)
{
    return wall_ms(w, a) - (w->mono_ms - a->mono_behind_ms);
}

agent_event_t world_agent_event(const world_t *w, size_t agent, agent_event_type type)
{
    const world_agent_t *a = &w->agents[agent];
    int64_t apart_ms = wall_less_mono_ms(w, a) - a->apart_base_ms;
    return (agent_event_t){.type = type,
                           .now_ms = wall_ms(w, a),
                           .mono_ms = world_agent_mono_ms(w, agent),
                           .clocks_apart = a->clocks_apart ||
                                           (a->clocks_watched && (apart_ms > CLOCKS_APART_MS ||
                                                                  apart_ms < -CLOCKS_APART_MS))};
}

static agent_event_t event_of(const turn_t *turn, agent_event_type type)
{
    return world_agent_event(turn->w, turn->agent, type);
}

static kith_err step(turn_t *turn, const agent_event_t *event)
{
    return agent_core_step(turn->a->core, turn->txn, turn->a->arena, event, &turn->seals);
}

static kith_err take_changes(turn_t *turn)
{
    world_agent_t *a = turn->a;
    kith_err err = KITH_OK;
    if (a->fresh) {
        agent_event_t event = event_of(turn, AGENT_EV_START);
        memcpy(event.start.instance, &a->instance, sizeof a->instance);
        event.start.unclean = a->unclean;
        err = step(turn, &event);
    }
    if (err == KITH_OK && (a->fresh || a->reload)) {
        agent_event_t event = event_of(turn, AGENT_EV_AGREEMENT);
        event.agreement.agreement = a->agreement;
        err = step(turn, &event);
    }
    return err;
}

static kith_err take_news(turn_t *turn)
{
    kith_err err = KITH_OK;
    for (size_t i = 0; i < turn->w->brokers_count && err == KITH_OK; i++) {
        world_link_t *link = &turn->a->links[i];
        if (link->up && link->hung && link->to_agent.count == 0)
            world_drop(turn->w, turn->agent, i);
        if (link->went_down) {
            agent_event_t event = event_of(turn, AGENT_EV_LINK_DOWN);
            event.link.broker = i;
            event.link.dial = link->dial;
            link->went_down = false;
            err = step(turn, &event);
        }
        if (err == KITH_OK && !link->up && !link->blocked && turn->w->brokers[i].core &&
            turn->w->mono_ms >= link->redial_mono_ms) {
            agent_event_t event = event_of(turn, AGENT_EV_LINK_UP);
            link->up = link->told = true;
            link->route = ++turn->w->last_route;
            event.link.broker = i;
            event.link.dial = ++link->dial;
            err = step(turn, &event);
        }
    }
    return err;
}

static void judge_deliver(turn_t *turn, Kith__Deliver *deliver, agent_event_t *event)
{
    static const Kith__Envelope nothing = KITH__ENVELOPE__INIT;
    const Kith__Envelope *envelope = deliver->envelope ? deliver->envelope : &nothing;
    size_t broker = event->packet.broker;
    Kith__Header *header = NULL;
    Kith__Notice *notice = NULL;
    event->type = AGENT_EV_DELIVER;
    event->deliver.broker = broker;
    event->deliver.token = deliver->token;
    event->deliver.envelope = envelope;
    event->deliver.verdict = fake_verify(turn->a->arena, envelope, &header, &event->deliver.digest);
    event->deliver.header = header;
    event->deliver.opened = KITH__REASON__REASON_UNSPECIFIED;
    event->deliver.notice_bytes = (kith_bytes_t){0};
    event->deliver.again = false;
    if (!event->deliver.verdict && !header->void_)
        event->deliver.opened =
            fake_open(turn->a->arena, turn->a->id, turn->a->sealing_key, envelope, header,
                      &event->deliver.notice_bytes, &notice, &event->deliver.again);
    event->deliver.notice = notice;
}

static void judge_refused(turn_t *turn, const Kith__Signed *statement, agent_event_t *event)
{
    const char *field = NULL;
    const char *signer = turn->w->brokers[event->packet.broker].id;
    if (!statement)
        return;
    event->packet.refusal = (const Kith__Refusal *)kith_message_unpack(
        turn->a->arena, &kith__refusal__descriptor, record_bytes(statement->statement), &field);
    if (!event->packet.refusal || !fake_signed_by(KITH_TAG_REFUSAL, signer, statement))
        event->packet.verdict = KITH__REASON__REASON_BAD_SIGNATURE;
}

static void judge_receipt(turn_t *turn, const Kith__ReceiptPacket *packet, agent_event_t *event)
{
    const char *field = NULL;
    event->packet.verdict = KITH__REASON__REASON_BAD_SIGNATURE;
    if (!packet->receipt)
        return;
    const Kith__Receipt *receipt = (const Kith__Receipt *)kith_message_unpack(
        turn->a->arena, &kith__receipt__descriptor, record_bytes(packet->receipt->statement),
        &field);
    event->packet.receipt = receipt;
    if (receipt && receipt->stream &&
        fake_signed_by(KITH_TAG_RECEIPT, receipt->stream->recipient, packet->receipt))
        event->packet.verdict = KITH__REASON__REASON_UNSPECIFIED;
    Kith__Envelope shown = KITH__ENVELOPE__INIT;
    Kith__Header *header = NULL;
    kith_digest_t digest;
    shown.header = packet->shown_header;
    shown.proof = packet->shown_proof;
    if (shown.header.len && !fake_verify_shown(turn->a->arena, &shown, &header, &digest) &&
        strcmp(header->id->origin, turn->a->id) == 0)
        event->packet.shown = header;
}

static kith_err take_packet(turn_t *turn, size_t broker, kith_bytes_t bytes)
{
    const char *field = NULL;
    Kith__Packet *packet = (Kith__Packet *)kith_message_unpack(
        turn->a->arena, &kith__packet__descriptor, bytes, &field);
    if (!packet)
        return KITH_OK;
    agent_event_t event = event_of(turn, AGENT_EV_PACKET);
    if (turn->w->kit && turn->w->kit->event) {
        turn->w->kit->event(turn->w, turn->agent, turn->a->arena, broker, packet, &event);
        world_rule_shown(turn->w, turn->agent, &event);
        return step(turn, &event);
    }
    event.packet.broker = broker;
    event.packet.packet = packet;
    if (packet->verb_case == KITH__PACKET__VERB_DELIVER)
        judge_deliver(turn, packet->deliver, &event);
    else if (packet->verb_case == KITH__PACKET__VERB_REFUSED)
        judge_refused(turn, packet->refused->refusal, &event);
    else if (packet->verb_case == KITH__PACKET__VERB_RECEIPT)
        judge_receipt(turn, packet->receipt, &event);
    world_rule_shown(turn->w, turn->agent, &event);
    return step(turn, &event);
}

static kith_err take_frames(turn_t *turn)
{
    for (size_t i = 0; i < turn->w->brokers_count; i++) {
        world_link_t *link = &turn->a->links[i];
        for (size_t taken = 0; taken < FRAMES_MAX && !link->held; taken++) {
            struct world_frame frame;
            if (!world_queue_pop(&link->to_agent, &frame))
                break;
            kith_bytes_t kept =
                kith_arena_copy(turn->a->arena, (kith_bytes_t){frame.data, frame.size});
            free(frame.data);
            kith_err err = take_packet(turn, i, kept);
            if (err != KITH_OK)
                return err;
        }
    }
    return KITH_OK;
}

static void make_envelopes(turn_t *turn, const agent_effects_t *seals, Kith__Envelope **envelopes,
                           kith_digest_t *digests)
{
    if (turn->w->kit && turn->w->kit->seal)
        turn->w->kit->seal(turn->w, turn->agent, turn->a->arena, seals, envelopes, digests);
    else
        for (size_t i = 0; i < seals->count; i++)
            fake_seal(turn->a->arena, turn->a->agreement, &seals->items[i].seal, &envelopes[i],
                      &digests[i]);
}

static kith_err seal_all(turn_t *turn)
{
    agent_effects_t seals = turn->seals;
    if (seals.count == 0)
        return KITH_OK;
    Kith__Envelope **envelopes =
        kith_arena_need(turn->a->arena, seals.count * sizeof(Kith__Envelope *));
    kith_digest_t *digests = kith_arena_need(turn->a->arena, seals.count * sizeof *digests);
    turn->a->moment.digests = digests;
    make_envelopes(turn, &seals, envelopes, digests);
    for (size_t i = 0; i < seals.count; i++) {
        KITH_ASSERT(seals.items[i].type == AGENT_FX_SEAL);
        agent_event_t event = event_of(turn, AGENT_EV_SEALED);
        event.sealed.job = seals.items[i].seal.job;
        event.sealed.envelope = envelopes[i];
        event.sealed.digest = digests[i];
        kith_err err = step(turn, &event);
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}

static bool has_local(const world_t *w)
{
    return w->kit && w->kit->local;
}

static kith_err fill(turn_t *turn)
{
    world_agent_t *a = turn->a;
    kith_err err = take_changes(turn);
    if (err == KITH_OK && a->stop) {
        agent_event_t event = event_of(turn, AGENT_EV_STOP);
        err = step(turn, &event);
    } else if (err == KITH_OK) {
        err = take_news(turn);
        if (err == KITH_OK)
            err = take_frames(turn);
        if (err == KITH_OK && a->submission)
            err = step(turn, a->submission);
        agent_event_t event = event_of(turn, AGENT_EV_TICK);
        if (err == KITH_OK && has_local(turn->w))
            err = turn->w->kit->local(turn->w, turn->agent, turn->txn, a->arena, &event,
                                      &turn->seals, &turn->work_due_ms);
        if (err == KITH_OK)
            err = step(turn, &event);
    }
    agent_event_t event = event_of(turn, AGENT_EV_TURN_END);
    if (err == KITH_OK)
        err = step(turn, &event);
    return err == KITH_OK ? seal_all(turn) : err;
}

static void send_receipt(turn_t *turn, const agent_effect_t *effect)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Receipt *receipt = effect->receipt.receipt;
    if (turn->w->kit && turn->w->kit->receipt) {
        world_send(turn->w, true, turn->agent, effect->receipt.broker, turn->a->arena,
                   turn->w->kit->receipt(turn->w, turn->agent, turn->a->arena,
                                         wall_ms(turn->w, turn->a), effect));
        return;
    }
    receipt->made_ms = turn->w->now_ms;
    receipt->signing_key = kith_arena_str(turn->a->arena, "fake-signing");
    packet.verb_case = KITH__PACKET__VERB_RECEIPT;
    packet.receipt = effect->receipt.packet;
    packet.receipt->receipt = fake_sign(turn->a->arena, KITH_TAG_RECEIPT, turn->a->id,
                                        KITH_PACK(turn->a->arena, receipt));
    world_send(turn->w, true, turn->agent, effect->receipt.broker, turn->a->arena, &packet);
}

static void perform(turn_t *turn, const agent_effect_t *effect)
{
    world_agent_t *a = turn->a;
    switch (effect->type) {
    case AGENT_FX_SEAL:
        KITH_NEVER("a seal after the commit");
        break;
    case AGENT_FX_SEND:
        a->sends++;
        world_rule_published(turn->w, turn->agent, effect->send.packet);
        world_send(turn->w, true, turn->agent, effect->send.broker, a->arena, effect->send.packet);
        break;
    case AGENT_FX_RECEIPT:
        send_receipt(turn, effect);
        break;
    case AGENT_FX_REDIAL:
        world_drop(turn->w, turn->agent, effect->redial.broker);
        break;
    case AGENT_FX_CHANGED:
        a->changes++;
        a->work_due_ms = 0;
        break;
    case AGENT_FX_ALARM:
        a->alarms++;
        (void)snprintf(a->alarm, sizeof a->alarm, "%s", effect->alarm.what);
        break;
    case AGENT_FX_HALT:
        a->halted = effect->halt.reason;
        break;
    }
}

static void remember_turn(turn_t *turn)
{
    world_rule_stored(turn->w, turn->agent);
    for (size_t i = 0; i < turn->seals.count; i++) {
        const agent_seal_job_t *job = &turn->seals.items[i].seal;
        if (job->notice.size)
            world_rule_sealed(turn->w, turn->agent, job, &turn->a->moment.digests[i]);
    }
}

static void release(turn_t *turn)
{
    world_agent_t *a = turn->a;
    agent_effects_t released = {0};
    agent_event_t event = event_of(turn, AGENT_EV_STORED);
    a->fresh = a->reload = false;
    a->work_due_ms = turn->work_due_ms;
    turn->txn = NULL;
    kith_err err = agent_core_step(a->core, NULL, a->arena, &event, &released);
    KITH_ASSERT(err == KITH_OK);
    for (size_t i = 0; i < released.count; i++)
        perform(turn, &released.items[i]);
    world_rule_released(turn->w, turn->agent);
    if (a->halted || a->stop) {
        world_agent_stop(turn->w, turn->agent);
        a->stop = a->unclean = false;
    }
}

static bool is_crash(world_commit commit)
{
    return commit == WORLD_CRASH_BEFORE || commit == WORLD_CRASH_AFTER;
}

static kith_err fail(turn_t *turn, world_commit commit)
{
    world_agent_t *a = turn->a;
    world_drop_all(turn->w, turn->agent);
    if (a->disk_full)
        a->rest_until_mono_ms = turn->w->mono_ms + REST_MS;
    if (is_crash(commit)) {
        a->unclean = true;
        world_agent_stop(turn->w, turn->agent);
        world_agent_start(turn->w, turn->agent);
    } else if (!KITH_BUG(8)) {
        core_anew(turn->w, a);
    }
    return KITH_FULL;
}

kith_err world_agent_turn(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    world_commit commit =
        a->disk_full && a->next_commit == WORLD_COMMIT_OK ? WORLD_COMMIT_LOST : a->next_commit;
    turn_t turn = {.w = w, .a = a, .agent = agent, .work_due_ms = a->work_due_ms};
    KITH_ASSERT(a->core);
    kith_arena_reset(a->arena);
    turn.txn = memtxn_begin(a->store);
    a->moment = (world_moment_t){0};
    a->turns++;
    kith_err err = fill(&turn);
    a->next_commit = WORLD_COMMIT_OK;
    if (err != KITH_OK) {
        memtxn_abort(a->store);
        bool died = a->dies && err == KITH_IO;
        a->deaths += died;
        if (err == KITH_CORRUPT && memtxn_rotten(a->store)) {
            a->damaged = true;
            world_agent_stop(w, agent);
            return err;
        }
        if (err == KITH_CONFLICT && a->fresh) {
            a->misfiled = true;
            world_agent_stop(w, agent);
            return err;
        }
        if (err != KITH_FULL && err != KITH_IO)
            world_fail(w, "a turn of %s ended: %s", a->id, kith_err_text(err));
        return fail(&turn, died ? WORLD_CRASH_BEFORE : WORLD_COMMIT_LOST);
    }
    if (KITH_BUG(3)) { /* what leaves before the commit arrives before it, too */
        release(&turn);
        for (size_t i = 0; i < w->brokers_count && a->core; i++)
            if (world_hub_due(w, i))
                world_hub_turn(w, i);
        if (!a->core)
            return KITH_OK;
    }
    if (KITH_BUG(4) && commit == WORLD_CRASH_BEFORE) /* the first transaction of two */
        memtxn_commit_part(a->store, AGENT_TABLE_IN_STREAMS, AGENT_TABLE_TAKEN);
    else if (commit == WORLD_COMMIT_LOST || commit == WORLD_CRASH_BEFORE)
        memtxn_abort(a->store);
    else if (memtxn_commit(a->store) == KITH_OK)
        remember_turn(&turn);
    else /* by memtxn_fail */
        commit = WORLD_COMMIT_LOST;
    if (KITH_BUG(7) && commit == WORLD_COMMIT_LOST)
        commit = WORLD_COMMIT_OK;
    if (commit != WORLD_COMMIT_OK)
        return fail(&turn, commit);
    if (!KITH_BUG(3))
        release(&turn);
    return KITH_OK;
}

/* ---- when ---- */

int64_t world_agent_mono_ms(const world_t *w, size_t agent)
{
    return w->mono_ms - w->agents[agent].mono_behind_ms;
}

int64_t world_agent_wait_ms(const world_t *w, size_t agent)
{
    const world_agent_t *a = &w->agents[agent];
    if (!a->core)
        return INT64_MAX;
    if (a->paused)
        return INT64_MAX;
    if (w->mono_ms < a->rest_until_mono_ms)
        return a->rest_until_mono_ms - w->mono_ms;
    if (a->fresh)
        return 0;
    int64_t wait_ms = agent_core_wait_ms(a->core, world_agent_mono_ms(w, agent));
    if (has_local(w) && a->work_due_ms != INT64_MAX && !a->frozen_ms &&
        !world_agent_event(w, agent, AGENT_EV_TICK).clocks_apart &&
        a->work_due_ms - wall_ms(w, a) < wait_ms)
        wait_ms = a->work_due_ms - wall_ms(w, a);
    for (size_t i = 0; i < w->brokers_count; i++) {
        const world_link_t *link = &a->links[i];
        if (link->up || link->blocked || !w->brokers[i].core)
            continue;
        int64_t left = link->redial_mono_ms - w->mono_ms;
        wait_ms = left < wait_ms ? left : wait_ms;
    }
    return wait_ms;
}

bool world_agent_due(const world_t *w, size_t agent)
{
    const world_agent_t *a = &w->agents[agent];
    if (!a->core || a->paused || w->mono_ms < a->rest_until_mono_ms)
        return false;
    if (a->fresh || a->reload || a->stop || world_agent_wait_ms(w, agent) <= 0)
        return true;
    for (size_t i = 0; i < w->brokers_count; i++) {
        const world_link_t *link = &a->links[i];
        if (link->went_down || (link->to_agent.count && !link->held) ||
            (link->hung && link->to_agent.count == 0))
            return true;
    }
    return false;
}
