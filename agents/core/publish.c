/* Publishing: each stream in order, to the first broker that is well; urgent first, one place in
 * eight for normal; nothing beyond the credit. One envelope goes once for all recipients whose next
 * number it holds. */
#include "agents/core/core_private.h"

void publish_choose(agent_core_t *self)
{
    size_t chosen = CORE_NO_BROKER;
    for (size_t i = 0; i < self->brokers_count && chosen == CORE_NO_BROKER; i++)
        if (session_well(self, i))
            chosen = i;
    if (chosen == self->publishing)
        return;
    self->publishing = chosen;
    streams_rewind(self);
}

/* LATER and STALE hold a stream; its pause over, one number goes as a trial. */
static bool held(const agent_core_t *self, out_stream_t *stream)
{
    if (stream->wait_version > self->agreement->version)
        return true;
    if (stream->retry_mono_ms && self->mono_ms < stream->retry_mono_ms)
        return true;
    stream->retry_mono_ms = 0;
    return stream->limit && stream->sent >= stream->limit;
}

/* Number sent + 1 has not to be sent. When it was on trial there is nothing to try. */
static void pass_over(out_stream_t *stream)
{
    stream->sent++;
    if (stream->limit && stream->limit <= stream->sent)
        stream->limit = 0, stream->pause_ms = 0;
}

/* Finds the next number of a stream that no hub holds. *ret_seq 0: there is none. */
static kith_err look_ahead(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           out_stream_t *stream, size_t *looks, uint64_t *ret_seq)
{
    *ret_seq = 0;
    if (held(self, stream))
        return KITH_OK;
    stream_name_t name = stream_name(stream);
    while (!stream->next_seq && stream->sent < stream->last) {
        if (++*looks > CORE_LOOK_MAX) {
            self->more = true;
            return KITH_OK;
        }
        kith_key_t key = record_key_out(&name, stream->sent + 1);
        Kith__Store__OutSlot *slot = NULL;
        CORE_TRY(record_get_out(txn, arena, kith_key_bytes(&key), &slot));
        bool void_to_come = slot->void_reason && !slot->void_seq;
        if (slot->broker[0] || void_to_come)
            pass_over(stream); /* a void, once sealed, brings the stream back to its number */
        else
            stream->next_seq = slot->void_seq ? slot->void_seq : slot->seq;
    }
    *ret_seq = stream->next_seq;
    return KITH_OK;
}

static kith_err load(kith_txn_t *txn, kith_arena_t *arena, int lane, uint64_t seq,
                     Kith__Store__OutEnvelope **ret_row)
{
    kith_key_t key = record_key_envelope(lane, seq);
    return record_get_envelope(txn, arena, kith_key_bytes(&key), ret_row);
}

/* false: no credit. */
static bool publish_one(agent_core_t *self, kith_arena_t *arena, size_t broker, int lane,
                        Kith__Envelope *envelope, size_t owed_count, char **owed)
{
    size_t size = kith__envelope__get_packed_size(envelope);
    if (!kith_credit_take(&self->brokers[broker].session.send[lane], size))
        return false;
    Kith__Packet *packet = core_packet(arena, KITH__PACKET__VERB_PUBLISH);
    packet->publish = kith_arena_need(arena, sizeof *packet->publish);
    kith__publish__init(packet->publish);
    packet->publish->envelope = envelope;
    packet->publish->n_owed = owed_count;
    packet->publish->owed = owed;
    core_send(self, broker, packet);
    return true;
}

/* Sends the lowest envelope of the lane. *ret_sent false: nothing to send, or no credit. */
static kith_err send_next(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, int lane,
                          size_t *looks, bool *ret_sent)
{
    uint64_t lowest = 0;
    size_t owed_count = 0;
    char **owed = kith_arena_need(arena, (self->streams_count + 1) * sizeof *owed);
    for (size_t i = 0; i < self->streams_count; i++) {
        uint64_t seq = 0;
        if (self->streams[i].lane != lane)
            continue;
        CORE_TRY(look_ahead(self, txn, arena, &self->streams[i], looks, &seq));
        if (seq == 0 || (lowest && seq > lowest))
            continue;
        if (seq < lowest || lowest == 0)
            owed_count = 0;
        lowest = seq;
        owed[owed_count++] = kith_arena_str(arena, self->streams[i].agency);
    }
    *ret_sent = false;
    if (lowest == 0)
        return KITH_OK;
    Kith__Store__OutEnvelope *row = NULL;
    CORE_TRY(load(txn, arena, lane, lowest, &row));
    if (!publish_one(self, arena, self->publishing, lane, row->envelope, owed_count, owed))
        return KITH_OK;
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        if (stream->lane != lane || stream->next_seq != lowest)
            continue;
        stream->sent++;
        stream->next_seq = 0;
    }
    *ret_sent = true;
    return KITH_OK;
}

/* Numbers asked for again: a gap that a receipt named, an odd receipt, or a hub that is slow. */
static kith_err send_again(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           out_stream_t *stream, size_t *places)
{
    stream_name_t name = stream_name(stream);
    while (stream->again_from <= stream->again_to && *places > 0) {
        if (!session_well(self, stream->again_broker)) {
            stream->again_from = stream->again_to = 0; /* the next pause draws them again */
            return KITH_OK;
        }
        kith_key_t key = record_key_out(&name, stream->again_from);
        Kith__Store__OutSlot *slot = NULL;
        kith_err err = record_get_out(txn, arena, kith_key_bytes(&key), &slot);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
        if (err == KITH_OK) {
            Kith__Store__OutEnvelope *row = NULL;
            char **owed = kith_arena_need(arena, sizeof *owed);
            owed[0] = kith_arena_str(arena, stream->agency);
            CORE_TRY(
                load(txn, arena, stream->lane, slot->void_seq ? slot->void_seq : slot->seq, &row));
            if (!publish_one(self, arena, stream->again_broker, stream->lane, row->envelope, 1,
                             owed))
                return KITH_OK; /* goes on when there is credit */
            self->stats.resent++;
            (*places)--;
        }
        stream->again_from++;
    }
    if (stream->again_from > stream->again_to)
        stream->again_from = stream->again_to = 0;
    else
        self->more = true;
    return KITH_OK;
}

void publish_resend(agent_core_t *self, out_stream_t *stream, uint64_t from, uint64_t to,
                    size_t broker)
{
    (void)self;
    if (stream->again_from)
        return; /* under way */
    stream->again_from = from;
    stream->again_to = to < stream->last ? to : stream->last;
    stream->again_broker = broker;
}

kith_err publish_pump(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    if (self->publishing == CORE_NO_BROKER)
        return KITH_OK;
    size_t looks = 0, places = CORE_SEND_MAX;
    for (size_t i = 0; i < self->streams_count; i++)
        if (self->streams[i].again_from)
            CORE_TRY(send_again(self, txn, arena, &self->streams[i], &places));
    bool waits[KITH_LANES] = {true, true};
    for (uint64_t place = 0; place < places && (waits[0] || waits[1]); place++) {
        int lane = kith_lane_for_place(place, waits[KITH_LANE_URGENT], waits[KITH_LANE_NORMAL]);
        bool sent = false;
        CORE_TRY(send_next(self, txn, arena, lane, &looks, &sent));
        waits[lane] = sent;
    }
    if (waits[0] || waits[1])
        self->more = true;
    return number_more(self, txn);
}

/* The first other broker that is well. */
static size_t another(const agent_core_t *self, const char *not_this)
{
    for (size_t i = 0; i < self->brokers_count; i++)
        if (session_well(self, i) && strcmp(self->brokers[i].id, not_this) != 0)
            return i;
    return CORE_NO_BROKER;
}

/* All of it through another broker. With no other, the oldest once more through the same: a hub
 * that still holds it changes nothing, one that had to drop its copy is given another, and a
 * recipient that has it draws its receipt again. */
static void resend(agent_core_t *self, out_stream_t *stream, const char *accepted_by)
{
    size_t broker = another(self, accepted_by);
    uint64_t to = stream->last;
    if (broker == CORE_NO_BROKER) {
        broker = self->publishing; /* that one, when it is well */
        to = stream->receipted + 1;
    }
    if (broker != CORE_NO_BROKER)
        publish_resend(self, stream, stream->receipted + 1, to, broker);
}

static int64_t first_pause(const agent_core_t *self, int lane)
{
    return lane == KITH_LANE_URGENT ? self->settings.resend_urgent_ms
                                    : self->settings.resend_normal_ms;
}

/* A number that stays without receipt is sent again, with doubling pauses: accepted, or sent and
 * never answered, as by a broker that lost it while its session lives. */
static kith_err tick_stream(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            out_stream_t *stream)
{
    if (stream->receipted == stream->last) {
        stream->head_mono_ms = 0;
        return KITH_OK;
    }
    if (stream->head_mono_ms == 0) {
        stream->head_mono_ms = self->mono_ms;
        stream->resend_ms = first_pause(self, stream->lane);
    }
    if (self->mono_ms < stream->head_mono_ms + stream->resend_ms)
        return KITH_OK;
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, stream->receipted + 1);
    Kith__Store__OutSlot *head = NULL;
    CORE_TRY(record_get_out(txn, arena, kith_key_bytes(&key), &head));
    stream->head_mono_ms = self->mono_ms;
    bool unanswered = self->publishing != CORE_NO_BROKER && stream->sent > stream->receipted &&
                      !held(self, stream);
    if (!head->broker[0] && !unanswered)
        return KITH_OK; /* it has not gone yet, or was told to wait */
    resend(self, stream, head->broker[0] ? head->broker : self->brokers[self->publishing].id);
    stream->resend_ms = stream->resend_ms * 2 < self->settings.resend_max_ms
                            ? stream->resend_ms * 2
                            : self->settings.resend_max_ms;
    return KITH_OK;
}

kith_err publish_tick(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    for (size_t i = 0; i < self->streams_count; i++)
        CORE_TRY(tick_stream(self, txn, arena, &self->streams[i]));
    return KITH_OK;
}
