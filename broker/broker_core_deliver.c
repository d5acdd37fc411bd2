/* Out of the mailboxes: who is fetched for, what is handed out, what came back as TAKEN or RECEIPT.
 */
#include "broker/broker_core_private.h"

#include "base/text.h"

#include <string.h>

/* ---- what waits ---- */

static uint64_t rows(const hub_lane_t *lane)
{
    return lane->stored.messages + lane->stored.others;
}

uint64_t hub_waiting(const hub_peer_t *peer, int lane)
{
    const hub_lane_t *l = &peer->lanes[lane];
    return rows(l) > l->flight_open ? rows(l) - l->flight_open : 0;
}

void hub_backlog(hub_step_t *step)
{
    hub_peer_t *peer = hub_peer(step->core, step->event->backlog.agency);
    int lane = step->event->backlog.lane;
    hub_lane_t *l = &peer->lanes[lane];
    l->stored = step->event->backlog.count;
    l->pending.others = 0;
    l->more = hub_waiting(peer, lane) > 0;
}

void hub_purge_begin(broker_core_t *core)
{
    for (size_t i = 0; i < core->peers_count; i++) {
        hub_peer_t *peer = core->peers[i];
        if (hub_is_member(core, peer->id))
            continue;
        for (int lane = 0; lane < KITH_LANES; lane++) {
            peer->lanes[lane].after = 0;
            peer->lanes[lane].left_for = NULL;
            peer->lanes[lane].more = rows(&peer->lanes[lane]) > 0;
        }
    }
}

/* ---- in flight ---- */

void hub_flight_clear(broker_core_t *core, hub_peer_t *peer)
{
    KITH_ASSERT(core->in_flight_bytes >= peer->flight_bytes);
    core->in_flight_bytes -= peer->flight_bytes;
    peer->flight_bytes = 0;
    for (int lane = 0; lane < KITH_LANES; lane++) {
        hub_lane_t *l = &peer->lanes[lane];
        l->flight_first = l->flight_count = l->flight_open = 0;
        l->after = 0;
        l->left_for = NULL;
        l->blocked = false;
        l->more = rows(l) > 0;
    }
}

static void flight_add(broker_core_t *core, hub_peer_t *peer, hub_lane_t *l,
                       const mailbox_item_t *item)
{
    l->flight = hub_room(l->flight, sizeof *l->flight, &l->flight_first, l->flight_count,
                         &l->flight_capacity);
    l->flight[l->flight_first + l->flight_count++] =
        (hub_flight_t){.token = item->token, .bytes = item->body.size};
    l->flight_open++;
    peer->flight_bytes += item->body.size;
    core->in_flight_bytes += item->body.size;
}

/* Tokens are handed out rising, so the list is sorted. */
static hub_flight_t *flight_find(hub_lane_t *l, uint64_t token)
{
    size_t low = l->flight_first, end = l->flight_first + l->flight_count, high = end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->flight[middle].token < token)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && l->flight[low].token == token ? &l->flight[low] : NULL;
}

/* false: was not in flight in this session. */
static bool flight_end(broker_core_t *core, hub_peer_t *peer, hub_lane_t *l, uint64_t token)
{
    hub_flight_t *flight = flight_find(l, token);
    if (!flight || flight->taken)
        return false;
    flight->taken = true;
    l->flight_open--;
    peer->flight_bytes -= flight->bytes;
    core->in_flight_bytes -= flight->bytes;
    while (l->flight_count && l->flight[l->flight_first].taken) {
        l->flight_first++;
        l->flight_count--;
    }
    return true;
}

/* ---- what stays for want of room at its origin ---- */

/* Receipts and refusals stand outside the quota; this bounds what one agency can pile up for
 * another that is away. A receipt that is let go is drawn again by the origin's resend. */
static bool others_fit(const broker_core_t *core, const hub_peer_t *origin, int lane)
{
    const hub_lane_t *l = &origin->lanes[lane];
    uint64_t counted = l->stored.others + l->pending.others;
    if (KITH_BUG(29)) /* envelopes count too */
        counted += l->stored.messages + l->pending.messages;
    return core->urgent_fits && counted < core->settings.mailbox_messages_max;
}

/* All beyond it comes with it when it is judged again. */
static void leave(hub_lane_t *l, uint64_t token, hub_peer_t *origin)
{
    if (l->left_for)
        return; /* an earlier one stands */
    l->left = token;
    l->left_for = origin;
}

/* It holds a place of its mailbox, so it must not wait for the next session: where mailboxes are
 * full, nothing else would come in. With nothing in flight the tokens go on rising. What was TAKEN
 * a moment ago and is not freed yet may be handed out once more: a repeat does no harm. */
static bool may_go_back(const broker_core_t *core, const hub_peer_t *peer, int lane)
{
    const hub_lane_t *l = &peer->lanes[lane];
    return l->left_for && !l->fetching && l->flight_count == 0 &&
           others_fit(core, l->left_for, lane);
}

static void go_back(broker_core_t *core)
{
    for (size_t i = 0; i < core->peers_count; i++)
        for (int lane = 0; lane < KITH_LANES; lane++) {
            hub_lane_t *l = &core->peers[i]->lanes[lane];
            if (!may_go_back(core, core->peers[i], lane))
                continue;
            l->after = l->left - 1;
            l->left_for = NULL;
            l->more = true;
        }
}

/* ---- planning: who is fetched for ---- */

static bool has_credit(const hub_peer_t *peer, int lane)
{
    return kith_credit_has(&peer->session.send[lane], 0) && !peer->lanes[lane].blocked;
}

/* What one more peer may be handed: nobody holds more than what is left for the others, so that
 * recipients who take nothing cannot use up the whole. 0: not now. */
static uint64_t flight_room(const broker_core_t *core, const hub_peer_t *peer)
{
    uint64_t left = core->in_flight_bytes < KITH_IN_FLIGHT_BYTES_MAX
                        ? KITH_IN_FLIGHT_BYTES_MAX - core->in_flight_bytes
                        : 0;
    size_t messages = 0;
    for (int lane = 0; lane < KITH_LANES; lane++)
        messages += peer->lanes[lane].flight_count;
    if (left < KITH_FRAME_BYTES_MAX || left <= peer->flight_bytes ||
        messages + HUB_PLACES > HUB_FLIGHT_MAX)
        return 0;
    uint64_t room = left - peer->flight_bytes;
    return room < HUB_TURN_BYTES ? room : HUB_TURN_BYTES;
}

static bool lane_due(const broker_core_t *core, const hub_peer_t *peer, int lane)
{
    const hub_lane_t *l = &peer->lanes[lane];
    if (l->fetching || (!l->more && !may_go_back(core, peer, lane)))
        return false;
    if (!hub_is_member(core, peer->id))
        return true; /* nobody will come for it: to be refused and freed */
    return peer->session.live && has_credit(peer, lane);
}

bool hub_fetch_due(const broker_core_t *core)
{
    for (size_t i = 0; i < core->peers_count; i++) {
        const hub_peer_t *peer = core->peers[i];
        bool due = lane_due(core, peer, KITH_LANE_URGENT) || lane_due(core, peer, KITH_LANE_NORMAL);
        if (due && flight_room(core, peer))
            return true;
    }
    return false;
}

/* Places of the turn for each lane: urgent first, one in KITH_NORMAL_SHARE for normal. */
static void share_places(const broker_core_t *core, const hub_peer_t *peer,
                         uint64_t ret_places[KITH_LANES])
{
    uint64_t wait[KITH_LANES] = {0};
    for (int lane = 0; lane < KITH_LANES; lane++) {
        const kith_credit_t *credit = &peer->session.send[lane];
        if (!lane_due(core, peer, lane))
            continue;
        wait[lane] = hub_waiting(peer, lane);
        if (peer->session.live && wait[lane] > credit->granted_messages - credit->used_messages)
            wait[lane] = credit->granted_messages - credit->used_messages;
        if (wait[lane] == 0)
            wait[lane] = 1; /* the count is behind: look all the same */
    }
    for (uint64_t place = 0; place < HUB_PLACES; place++) {
        int lane =
            kith_lane_for_place(place, wait[KITH_LANE_URGENT] > 0, wait[KITH_LANE_NORMAL] > 0);
        if (lane < 0)
            return;
        wait[lane]--;
        ret_places[lane]++;
    }
}

/* The first item comes whatever its size; more than is stored cannot come. */
static uint64_t reserve(const hub_lane_t *l, uint64_t bytes)
{
    uint64_t most = bytes > KITH_FRAME_BYTES_MAX ? bytes : KITH_FRAME_BYTES_MAX;
    bool only_envelopes = l->stored.others == 0; /* the sizes of others are not counted */
    return only_envelopes && l->stored.bytes < most ? l->stored.bytes : most;
}

static void fetch(hub_step_t *step, hub_peer_t *peer, int lane, uint64_t places)
{
    broker_core_t *core = step->core;
    hub_lane_t *l = &peer->lanes[lane];
    uint64_t bytes = flight_room(core, peer);
    if (places == 0 || bytes == 0)
        return;
    if (peer->session.live) {
        const kith_credit_t *credit = &peer->session.send[lane];
        uint64_t left = credit->granted_bytes - credit->used_bytes;
        bytes = left < bytes ? left : bytes;
    }
    l->fetching = true;
    l->fetch_after = l->after;
    l->fetch_bytes = reserve(l, bytes);
    core->in_flight_bytes += l->fetch_bytes;
    broker_effect_t *effect = hub_effect(step, BROKER_FX_FETCH);
    effect->fetch.agency = peer->id;
    effect->fetch.lane = lane;
    effect->fetch.after_token = l->after;
    effect->fetch.items_max = (size_t)places;
    effect->fetch.bytes_max = bytes;
}

/* Each turn begins with the peer after the last one that was served. */
void hub_fetch_plan(hub_step_t *step)
{
    broker_core_t *core = step->core;
    size_t first = core->next_peer;
    go_back(core);
    for (size_t i = 0; i < core->peers_count; i++) {
        size_t index = (first + i) % core->peers_count;
        hub_peer_t *peer = core->peers[index];
        uint64_t places[KITH_LANES] = {0};
        share_places(core, peer, places);
        if (places[KITH_LANE_URGENT] + places[KITH_LANE_NORMAL] == 0)
            continue;
        if (!flight_room(core, peer))
            continue;
        fetch(step, peer, KITH_LANE_URGENT, places[KITH_LANE_URGENT]);
        fetch(step, peer, KITH_LANE_NORMAL, places[KITH_LANE_NORMAL]);
        core->next_peer = (index + 1) % core->peers_count;
    }
}

/* ---- FETCHED: handing out ---- */

static void done(hub_step_t *step, const hub_peer_t *peer, uint64_t token)
{
    broker_effect_t *effect = hub_effect(step, BROKER_FX_DONE);
    effect->done.agency = peer->id;
    effect->done.token = token;
}

/* Refused after it had been accepted: the origin finds the word in its mailbox. */
static void refuse_waiting(hub_step_t *step, hub_peer_t *peer, const mailbox_item_t *item,
                           const Kith__Header *header, Kith__Reason reason, const char *clause)
{
    broker_core_t *core = step->core;
    int lane = kith_lane_index(header->id->lane);
    hub_peer_t *origin = hub_peer_find(core, header->id->origin);
    if (origin && hub_is_member(core, origin->id)) {
        if (!others_fit(core, origin, lane)) {
            leave(&peer->lanes[step->event->fetched.lane], item->token, origin);
            return;
        }
        origin->lanes[lane].pending.others++;
        hub_refuse(step, 0, header->id, peer->id, reason, clause);
    }
    hub_alarm(step, "refused-at-delivery", peer->id, reason);
    done(step, peer, item->token);
}

/* 0: may be delivered. */
static policy_verdict_t judge_again(const broker_core_t *core, const hub_peer_t *peer,
                                    const Kith__Header *header, Kith__Reason verdict)
{
    policy_verdict_t wrong = {.reason = verdict, .clause = ""};
    if (verdict)
        return wrong;
    const Kith__Slot *slot = kith_header_slot(header, peer->id);
    wrong.reason = KITH__REASON__REASON_MALFORMED;
    return slot ? policy_judge_recipient(core->agreement, header, slot) : wrong;
}

/* true: handled; it is not to be delivered. */
static bool judged_away(hub_step_t *step, hub_peer_t *peer, const mailbox_item_t *item,
                        size_t index)
{
    const broker_event_t *event = step->event;
    const Kith__Header *header = event->fetched.headers ? event->fetched.headers[index] : NULL;
    Kith__Reason found = event->fetched.verdicts ? event->fetched.verdicts[index] : 0;
    bool member = hub_is_member(step->core, peer->id);
    if (item->kind != MAILBOX_ENVELOPE || (!header && !found)) {
        if (!member) /* its receipts and refusals; a copy judged already is owed by its origin */
            done(step, peer, item->token);
        return !member;
    }
    if (!header) {
        hub_alarm(step, "stored-envelope-unreadable", peer->id, found);
        done(step, peer, item->token);
        return true;
    }
    policy_verdict_t verdict = judge_again(step->core, peer, header, found);
    if (!verdict.reason)
        return false;
    /* The recipient's epoch rose: that stream is over, its origin sends anew. No outcome. */
    if (verdict.reason == KITH__REASON__REASON_WRONG_EPOCH)
        done(step, peer, item->token);
    else
        refuse_waiting(step, peer, item, header, verdict.reason, verdict.clause);
    return true;
}

/* false: no credit for it. Receipts and refusals use none: they are answers to what the peer itself
 * sent, and an agent out of credit must still hear them. */
static bool hand_out(hub_step_t *step, hub_peer_t *peer, int lane, const mailbox_item_t *item)
{
    hub_lane_t *l = &peer->lanes[lane];
    if (item->kind == MAILBOX_ENVELOPE &&
        !kith_credit_take(&peer->session.send[lane], item->body.size)) {
        l->blocked = true;
        return false;
    }
    flight_add(step->core, peer, l, item);
    broker_effect_t *effect = hub_effect(step, BROKER_FX_DELIVER);
    effect->deliver.route = peer->session.route;
    effect->deliver.item = item;
    step->core->stats.delivered++;
    if (KITH_BUG(12))
        done(step, peer, item->token);
    return true;
}

void hub_fetched(hub_step_t *step)
{
    broker_core_t *core = step->core;
    const broker_event_t *event = step->event;
    hub_peer_t *peer = hub_peer_find(core, event->fetched.agency);
    KITH_ASSERT(peer);
    hub_lane_t *l = &peer->lanes[event->fetched.lane];
    KITH_ASSERT(l->fetching && core->in_flight_bytes >= l->fetch_bytes);
    l->fetching = false;
    core->in_flight_bytes -= l->fetch_bytes;
    bool member = hub_is_member(core, peer->id);
    if (l->fetch_after != l->after || (member && !peer->session.live))
        return; /* asked for by a session that is over */

    for (size_t i = 0; i < event->fetched.count; i++) {
        const mailbox_item_t *item = &event->fetched.items[i];
        if (KITH_BUG(28) && i == 0 && l->stored.messages > core->settings.mailbox_messages_max) {
            done(step, peer, item->token); /* the oldest makes room */
            continue;
        }
        if (!judged_away(step, peer, item, i) && !hand_out(step, peer, event->fetched.lane, item))
            return;
        l->after = item->token;
    }
    bool exhausted = event->fetched.exhausted || event->fetched.count == 0;
    l->more = !exhausted && hub_waiting(peer, event->fetched.lane) > 0;
}

/* ---- TAKEN and RECEIPT ---- */

/* Only what was handed out in this session counts: what an earlier one left is handed out again,
 * and nobody can empty a mailbox by guessing tokens. */
void hub_taken(hub_step_t *step, hub_peer_t *peer, const Kith__Taken *taken)
{
    broker_core_t *core = step->core;
    uint64_t ended = 0;
    for (size_t i = 0; i < taken->n_tokens; i++) {
        uint64_t token = taken->tokens[i];
        if (flight_end(core, peer, &peer->lanes[KITH_LANE_URGENT], token) ||
            flight_end(core, peer, &peer->lanes[KITH_LANE_NORMAL], token)) {
            done(step, peer, token);
            ended++;
        }
    }
    core->stats.taken += ended;
    if (taken->bad && ended) {
        core->stats.bad += ended;
        hub_alarm(step, "taken-bad", peer->id, taken->bad);
    }
}

/* Only what says where it belongs; the origin checks the signature. */
static const Kith__Receipt *read_receipt(hub_step_t *step, const Kith__ReceiptPacket *packet)
{
    if (!packet->receipt)
        return NULL;
    kith_bytes_t statement = {packet->receipt->statement.data, packet->receipt->statement.len};
    const char *field = NULL;
    Kith__Receipt *receipt = (Kith__Receipt *)kith_message_unpack(
        step->arena, &kith__receipt__descriptor, statement, &field);
    return receipt && receipt->stream ? receipt : NULL;
}

static bool receipt_fits(const hub_step_t *step, const hub_peer_t *peer,
                         const Kith__ReceiptPacket *packet, const Kith__Receipt *receipt)
{
    return strcmp(receipt->partnership, step->core->agreement->partnership) == 0 &&
           strcmp(receipt->stream->recipient, peer->id) == 0 &&
           strcmp(receipt->stream->origin, packet->origin) == 0 &&
           receipt->stream->lane == packet->lane && kith_lane_index(packet->lane) >= 0;
}

void hub_receipt(hub_step_t *step, hub_peer_t *peer, const Kith__ReceiptPacket *packet)
{
    broker_core_t *core = step->core;
    const Kith__Receipt *receipt = read_receipt(step, packet);
    if (!receipt || !receipt_fits(step, peer, packet, receipt)) {
        hub_alarm(step, "receipt-ignored", peer->id, KITH__REASON__REASON_MALFORMED);
        return;
    }
    core->stats.receipts++;
    int lane = kith_lane_index(packet->lane);
    hub_peer_t *origin = hub_peer_find(core, packet->origin);
    if (!origin || !hub_is_member(core, origin->id))
        return; /* nobody would ever fetch it */
    if (!others_fit(core, origin, lane)) {
        hub_alarm(step, "receipt-let-go", origin->id, KITH__REASON__REASON_MAILBOX_FULL);
        return;
    }
    origin->lanes[lane].pending.others++;
    const char **names = kith_arena_need(step->arena, sizeof *names);
    names[0] = origin->id;
    broker_effect_t *effect = hub_effect(step, BROKER_FX_PUT);
    effect->put = (mailbox_put_t){
        .kind = MAILBOX_RECEIPT,
        .digest = step->event->packet.receipt_digest,
        .body = step->event->packet.receipt,
        .lane = lane,
        .judged_version = core->agreement->version,
        .recipients_count = 1,
        .recipients = names,
    };
}
