/* PUBLISH and its verdicts, one per (envelope, recipient): REFUSED, STALE, LATER, or a PUT whose
 * ACCEPTED is held here until its batch is durable. */
#include "broker/broker_core_private.h"

#include "base/key.h"
#include "base/text.h"

#include <string.h>

/* LATER holds a stream for as long as something the agent sent before it saw the LATER can still be
 * under way. The agent holds the stream by itself after that; a hold that stayed for ever would
 * stop a stream whose held number went through another broker. */
#define HOLD_MS(core) ((core)->settings.liveness_ms)

/* One PUBLISH while it is judged. */
typedef struct judged {
    hub_peer_t *origin;
    const Kith__Header *header;
    int lane;
    uint64_t bytes;
    size_t owed_count;
    const char *owed[KITH_SLOTS_MAX]; /* each a slot's agency, each once */
    size_t accepted_count;
    hub_peer_t *accepted[KITH_SLOTS_MAX];
} judged_t;

/* ---- answers ---- */

static void refuse(hub_step_t *step, const judged_t *j, const char *recipient, Kith__Reason reason,
                   const char *clause)
{
    hub_refuse(step, j->origin->session.route, j->header->id, recipient, reason, clause);
}

static void answer_later(hub_step_t *step, const judged_t *j, const char *recipient,
                         Kith__Reason reason)
{
    const Kith__EnvelopeId *id = j->header->id;
    Kith__Packet *packet = hub_send(step, j->origin->session.route, KITH__PACKET__VERB_LATER);
    packet->later = kith_arena_need(step->arena, sizeof *packet->later);
    kith__later__init(packet->later);
    packet->later->id = hub_envelope_id(step, id->origin, id->epoch, j->lane, id->seq);
    packet->later->recipient = kith_arena_str(step->arena, recipient);
    packet->later->reason = reason;
    step->core->stats.later++;
}

static void answer_stale(hub_step_t *step, const judged_t *j)
{
    const Kith__EnvelopeId *id = j->header->id;
    Kith__Packet *packet = hub_send(step, j->origin->session.route, KITH__PACKET__VERB_STALE);
    packet->stale = kith_arena_need(step->arena, sizeof *packet->stale);
    kith__stale__init(packet->stale);
    packet->stale->id = hub_envelope_id(step, id->origin, id->epoch, j->lane, id->seq);
    packet->stale->partnership_version = step->core->agreement->version;
    packet->stale->n_recipients = j->owed_count;
    packet->stale->recipients =
        kith_arena_need(step->arena, (j->owed_count + 1) * sizeof *packet->stale->recipients);
    for (size_t i = 0; i < j->owed_count; i++)
        packet->stale->recipients[i] = kith_arena_str(step->arena, j->owed[i]);
    step->core->stats.stale++;
}

static void say_accepted(hub_step_t *step, const hub_peer_t *origin, const hub_promise_t *p)
{
    Kith__Packet *packet = hub_send(step, origin->session.route, KITH__PACKET__VERB_ACCEPTED);
    packet->accepted = kith_arena_need(step->arena, sizeof *packet->accepted);
    kith__accepted__init(packet->accepted);
    packet->accepted->id = hub_envelope_id(step, origin->id, p->epoch, p->lane, p->seq);
    packet->accepted->store_epoch = hub_store_epoch(step->core);
    packet->accepted->n_recipients = p->recipients_count;
    packet->accepted->recipients =
        kith_arena_need(step->arena, p->recipients_count * sizeof *packet->accepted->recipients);
    for (size_t i = 0; i < p->recipients_count; i++)
        packet->accepted->recipients[i] =
            kith_arena_str(step->arena, step->core->peers[p->recipients[i]]->id);
    step->core->stats.accepted++;
}

/* ---- holds ---- */

static hub_hold_t *hold_find(hub_peer_t *origin, const hub_peer_t *recipient, int lane)
{
    for (size_t i = 0; i < origin->holds_count; i++) {
        hub_hold_t *hold = &origin->holds[i];
        if (hold->recipient == recipient->index && hold->lane == lane)
            return hold;
    }
    return NULL;
}

static void hold_drop(hub_peer_t *origin, hub_hold_t *hold)
{
    *hold = origin->holds[--origin->holds_count];
}

/* At most one a recipient and lane. */
static void hold_from(hub_step_t *step, const judged_t *j, const hub_peer_t *recipient, uint64_t n)
{
    hub_peer_t *origin = j->origin;
    hub_hold_t *hold = hold_find(origin, recipient, j->lane);
    if (!hold) {
        size_t none = 0;
        origin->holds = hub_room(origin->holds, sizeof *origin->holds, &none, origin->holds_count,
                                 &origin->holds_capacity);
        hold = &origin->holds[origin->holds_count++];
        *hold = (hub_hold_t){.recipient = recipient->index, .lane = j->lane, .n = n};
    }
    if (n < hold->n)
        hold->n = n;
    hold->since_mono_ms = step->event->mono_ms;
}

static bool is_held(hub_step_t *step, const judged_t *j, const hub_peer_t *recipient, uint64_t n)
{
    hub_hold_t *hold = hold_find(j->origin, recipient, j->lane);
    if (hold && step->event->mono_ms - hold->since_mono_ms >= HOLD_MS(step->core)) {
        hold_drop(j->origin, hold);
        return false;
    }
    return hold && n > hold->n;
}

static void hold_end(const judged_t *j, const hub_peer_t *recipient, uint64_t n)
{
    hub_hold_t *hold = hold_find(j->origin, recipient, j->lane);
    if (hold && hold->n == n)
        hold_drop(j->origin, hold);
}

/* ---- room ---- */

static bool mailbox_full(const broker_core_t *core, const hub_peer_t *recipient, uint64_t bytes)
{
    uint64_t messages = 1;
    for (int lane = 0; lane < KITH_LANES; lane++) {
        const hub_lane_t *l = &recipient->lanes[lane];
        messages += l->stored.messages + l->pending.messages;
        bytes += l->stored.bytes + l->pending.bytes;
    }
    return messages > core->settings.mailbox_messages_max ||
           bytes > core->settings.mailbox_bytes_max;
}

/* 0, or why there is no room now. The disk's reserve is for urgent ones: normal stops first. */
static Kith__Reason judge_room(const broker_core_t *core, const hub_peer_t *recipient, int lane,
                               uint64_t bytes)
{
    bool fits = lane == KITH_LANE_URGENT ? core->urgent_fits : core->normal_fits;
    if (!fits)
        return KITH__REASON__REASON_DISK_FULL;
    if (mailbox_full(core, recipient, bytes) && !KITH_BUG(28))
        return KITH__REASON__REASON_MAILBOX_FULL;
    return KITH__REASON__REASON_UNSPECIFIED;
}

/* ---- judging ---- */

static void judge_one(hub_step_t *step, judged_t *j, const char *name)
{
    broker_core_t *core = step->core;
    const Kith__Slot *slot = kith_header_slot(j->header, name);
    policy_verdict_t verdict = policy_judge_recipient(core->agreement, j->header, slot);
    if (verdict.reason) {
        refuse(step, j, name, verdict.reason, verdict.clause);
        return;
    }
    hub_peer_t *recipient = hub_peer_find(core, name);
    KITH_ASSERT(recipient); /* a member: policy knew it */
    if (is_held(step, j, recipient, slot->n)) {
        answer_later(step, j, name, KITH__REASON__REASON_HELD);
        return;
    }
    Kith__Reason full = judge_room(core, recipient, j->lane, j->bytes);
    if (full) {
        hold_from(step, j, recipient, slot->n);
        answer_later(step, j, name, full);
        return;
    }
    hold_end(j, recipient, slot->n);
    j->accepted[j->accepted_count++] = recipient;
}

static void behind(hub_step_t *step, judged_t *j)
{
    for (size_t i = 0; i < j->owed_count; i++) {
        hub_peer_t *recipient = hub_peer_find(step->core, j->owed[i]);
        if (recipient) /* else it is new in a file that this broker has not read */
            hold_from(step, j, recipient, kith_header_slot(j->header, j->owed[i])->n);
        answer_later(step, j, j->owed[i], KITH__REASON__REASON_BROKER_BEHIND);
    }
}

/* ---- accepting ---- */

static void promise(hub_step_t *step, const judged_t *j)
{
    broker_core_t *core = step->core;
    core->promises = hub_room(core->promises, sizeof *core->promises, &core->promises_first,
                              core->promises_count, &core->promises_capacity);
    hub_promise_t *p = &core->promises[core->promises_first + core->promises_count++];
    *p = (hub_promise_t){
        .batch = step->open_batch,
        .origin = j->origin->index,
        .session = j->origin->session_number,
        .epoch = j->header->id->epoch,
        .lane = j->lane,
        .seq = j->header->id->seq,
        .bytes = j->bytes,
        .recipients_count = j->accepted_count,
    };
    for (size_t i = 0; i < j->accepted_count; i++) {
        mailbox_count_t *pending = &j->accepted[i]->lanes[j->lane].pending;
        pending->messages++;
        pending->bytes += j->bytes;
        p->recipients[i] = (uint32_t)j->accepted[i]->index;
    }
    j->origin->promised[j->lane].messages++;
    j->origin->promised[j->lane].bytes += j->bytes;
    if (KITH_BUG(2))
        say_accepted(step, j->origin, p);
}

/* Envelopes of one origin and lane stand in the index as they come. */
static kith_bytes_t stream_of(hub_step_t *step, const Kith__EnvelopeId *id)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, id->origin);
    kith_key_u32(&key, id->epoch);
    kith_key_u8(&key, (uint8_t)id->lane);
    kith_key_u64(&key, id->seq);
    return kith_arena_copy(step->arena, kith_key_bytes(&key));
}

static void put(hub_step_t *step, const judged_t *j)
{
    const char **names = kith_arena_need(step->arena, j->accepted_count * sizeof *names);
    for (size_t i = 0; i < j->accepted_count; i++)
        names[i] = j->accepted[i]->id;
    broker_effect_t *effect = hub_effect(step, BROKER_FX_PUT);
    effect->put = (mailbox_put_t){
        .kind = MAILBOX_ENVELOPE,
        .stream = stream_of(step, j->header->id),
        .digest = step->event->packet.digest,
        .body = step->event->packet.envelope,
        .lane = j->lane,
        .judged_version = step->core->agreement->version,
        .recipients_count = KITH_BUG(15) ? (j->accepted_count + 1) / 2 : j->accepted_count,
        .recipients = names,
    };
    promise(step, j);
}

static void judge(hub_step_t *step, judged_t *j)
{
    Kith__Reason reason = step->event->packet.verdict;
    const char *clause = "";
    /* A key that a newer file brings: it is this broker that is behind. */
    if (reason == KITH__REASON__REASON_UNKNOWN_KEY &&
        j->header->partnership_version > step->core->agreement->version) {
        behind(step, j);
        return;
    }
    if (!reason) {
        policy_verdict_t verdict =
            policy_judge_envelope(step->core->agreement, j->origin->id, j->header);
        if (verdict.stale) {
            answer_stale(step, j);
            return;
        }
        if (verdict.later) {
            behind(step, j);
            return;
        }
        reason = verdict.reason;
        clause = verdict.clause;
    }
    if (reason) {
        hub_alarm(step, "envelope-refused", j->origin->id, reason);
        for (size_t i = 0; i < j->owed_count; i++)
            refuse(step, j, j->owed[i], reason, clause);
        return;
    }
    for (size_t i = 0; i < j->owed_count; i++)
        judge_one(step, j, j->owed[i]);
    if (j->accepted_count)
        put(step, j);
}

/* What cannot even be answered by name ends the session. */
static bool readable(const Kith__Publish *publish, const Kith__Header *header)
{
    if (!header || publish->n_owed == 0 || publish->n_owed > KITH_SLOTS_MAX)
        return false;
    for (size_t i = 0; i < publish->n_owed; i++)
        if (!kith_text_name(publish->owed[i]))
            return false;
    return true;
}

/* Each name once; one that is no slot is refused at once. */
static void take_owed(hub_step_t *step, judged_t *j, const Kith__Publish *publish)
{
    for (size_t i = 0; i < publish->n_owed; i++) {
        const char *name = publish->owed[i];
        bool repeat = false;
        for (size_t k = 0; k < i; k++)
            repeat |= strcmp(publish->owed[k], name) == 0;
        if (repeat)
            continue;
        if (kith_header_slot(j->header, name))
            j->owed[j->owed_count++] = name;
        else
            refuse(step, j, name, KITH__REASON__REASON_MALFORMED, "");
    }
}

void hub_publish(hub_step_t *step, hub_peer_t *peer, const Kith__Publish *publish)
{
    const Kith__Header *header = step->event->packet.header;
    step->core->stats.published++;
    if (!readable(publish, header)) {
        hub_alarm(step, "malformed-publish", peer->id, KITH__REASON__REASON_MALFORMED);
        hub_end(step, peer, KITH__REASON__REASON_MALFORMED);
        return;
    }
    judged_t j = {
        .origin = peer,
        .header = header,
        .lane = kith_lane_index(header->id->lane),
        .bytes = step->event->packet.envelope.size,
    };
    KITH_ASSERT(j.lane >= 0); /* kith_header_decode let it through */
    if (!kith_credit_take(&peer->session.receive[j.lane], j.bytes)) {
        hub_alarm(step, "credit-exceeded", peer->id, KITH__REASON__REASON_CREDIT_EXCEEDED);
        hub_end(step, peer, KITH__REASON__REASON_CREDIT_EXCEEDED);
        return;
    }
    take_owed(step, &j, publish);
    if (j.owed_count)
        judge(step, &j);
}

/* ---- COMMITTED ---- */

static void keep(hub_step_t *step, const hub_promise_t *p)
{
    broker_core_t *core = step->core;
    for (size_t i = 0; i < p->recipients_count; i++) {
        hub_lane_t *lane = &core->peers[p->recipients[i]]->lanes[p->lane];
        lane->pending.messages--;
        lane->pending.bytes -= p->bytes;
        lane->stored.messages++;
        lane->stored.bytes += p->bytes;
        lane->more = true;
    }
    hub_peer_t *origin = core->peers[p->origin];
    if (!origin->session.live || origin->session_number != p->session)
        return; /* that session is over: the agent sends it again, and is told then */
    origin->promised[p->lane].messages--;
    origin->promised[p->lane].bytes -= p->bytes;
    if (!KITH_BUG(2))
        say_accepted(step, origin, p);
}

void hub_committed(hub_step_t *step)
{
    broker_core_t *core = step->core;
    while (core->promises_count &&
           core->promises[core->promises_first].batch <= step->event->committed.batch) {
        keep(step, &core->promises[core->promises_first]);
        core->promises_first++;
        core->promises_count--;
    }
    if (core->promises_count == 0)
        core->promises_first = 0;
}
