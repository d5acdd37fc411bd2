/* What a broker says of an envelope: ACCEPTED, REFUSED, LATER, STALE. */
#include "agents/core/core_private.h"

/* The stream and number that an envelope of ours has for a recipient. NULL stream: not ours, or
 * over. */
typedef struct place {
    out_stream_t *stream;
    uint64_t n;
    stream_name_t name;
    kith_key_t key;
    Kith__Store__OutSlot *slot; /* NULL: it has its outcome */
} place_t;

/* The envelope that a slot stands in. */
static kith_err header_of(kith_txn_t *txn, kith_arena_t *arena, int lane, uint64_t seq,
                          Kith__Header **ret_header)
{
    kith_key_t key = record_key_envelope(lane, seq);
    Kith__Store__OutEnvelope *row = NULL;
    const char *field = NULL;
    CORE_TRY(record_get_envelope(txn, arena, kith_key_bytes(&key), &row));
    kith_err err =
        kith_header_decode(arena, record_bytes(row->envelope->header), ret_header, &field);
    return err == KITH_OK ? KITH_OK : KITH_CORRUPT;
}

static bool is_ours(const agent_core_t *self, const Kith__EnvelopeId *id)
{
    return id && kith_lane_index(id->lane) >= 0 && strcmp(id->origin, self->agency) == 0 &&
           id->epoch == self->epoch;
}

/* A verdict on the envelope that its void has since replaced says nothing about the number. */
static bool speaks_of(const Kith__EnvelopeId *id, const Kith__Store__OutSlot *slot)
{
    return id->seq == (slot->void_seq ? slot->void_seq : slot->seq);
}

/* What a verdict speaks of. *ret_header NULL: not ours, or all of it has its outcome. */
static kith_err header_named(const agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             const Kith__EnvelopeId *id, Kith__Header **ret_header)
{
    *ret_header = NULL;
    if (!is_ours(self, id))
        return KITH_OK;
    kith_err err = header_of(txn, arena, kith_lane_index(id->lane), id->seq, ret_header);
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static kith_err find_place(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const Kith__Header *header, const char *recipient, place_t *ret_place)
{
    *ret_place = (place_t){0};
    const Kith__Slot *slot = header ? kith_header_slot(header, recipient) : NULL;
    out_stream_t *stream =
        slot ? stream_find(self, recipient, slot->epoch, kith_lane_index(header->id->lane)) : NULL;
    if (!stream)
        return KITH_OK;
    place_t place = {.stream = stream, .n = slot->n, .name = stream_name(stream)};
    place.key = record_key_out(&place.name, slot->n);
    kith_err err = record_get_out(txn, arena, kith_key_bytes(&place.key), &place.slot);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    if (place.slot && !speaks_of(header->id, place.slot))
        place.slot = NULL;
    *ret_place = place;
    return KITH_OK;
}

/* Verdicts come in the order of sending as a rule: then the envelope need not be read. NULL stream:
 * it is not the one after the last. */
static kith_err place_after_last(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                                 const Kith__EnvelopeId *id, const char *recipient,
                                 place_t *ret_place)
{
    *ret_place = (place_t){0};
    for (size_t i = 0; is_ours(self, id) && i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        if (stream->lane != kith_lane_index(id->lane) || strcmp(stream->agency, recipient) != 0)
            continue;
        place_t place = {.stream = stream, .n = stream->answered + 1, .name = stream_name(stream)};
        place.key = record_key_out(&place.name, place.n);
        kith_err err = record_get_out(txn, arena, kith_key_bytes(&place.key), &place.slot);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
        if (err == KITH_OK && speaks_of(id, place.slot)) {
            *ret_place = place;
            return KITH_OK;
        }
    }
    return KITH_OK;
}

static kith_err place_named(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const Kith__EnvelopeId *id, const char *recipient, place_t *ret_place)
{
    Kith__Header *header = NULL;
    CORE_TRY(header_named(self, txn, arena, id, &header));
    return find_place(self, txn, arena, header, recipient, ret_place);
}

static kith_err at_the_hub(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const place_t *place, const core_broker_t *broker, kith_bytes_t epoch)
{
    place->slot->broker = (char *)(uintptr_t)broker->id;
    place->slot->broker_epoch = record_binary(epoch);
    CORE_TRY(record_put_out(txn, arena, kith_key_bytes(&place->key), place->slot));
    if (place->slot->void_seq)
        return KITH_OK;
    if (KITH_BUG(11))
        CORE_TRY(envelope_release(txn, arena, place->stream->lane, place->slot->seq));
    kith_bytes_t notice_id = record_bytes(place->slot->notice_id);
    kith_key_t key = record_key_debt(notice_id, place->stream->agency);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (debt->outcome)
        return KITH_OK; /* sent `again`: its outcome stands */
    Kith__Store__Debt before = *debt;
    debt->broker = (char *)(uintptr_t)broker->id;
    debt->broker_epoch = record_binary(epoch);
    self->view_changed = true;
    return record_debt_write(txn, arena, notice_id, place->stream->agency, &before, debt);
}

/* An ACCEPTED that comes late, when the hub has begun another store, says nothing of this one. */
kith_err verdict_accepted(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, size_t broker,
                          const Kith__Accepted *accepted)
{
    kith_bytes_t epoch = {0};
    kith_key_t key =
        record_key_name(kith_arena_printf(arena, "broker:%s", self->brokers[broker].id));
    CORE_TRY(kith_get(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), &epoch));
    if (!kith_bytes_equal(epoch, record_bytes(accepted->store_epoch)))
        return KITH_OK;
    epoch = kith_arena_copy(arena, epoch);
    Kith__Header *header = NULL;
    for (size_t i = 0; i < accepted->n_recipients; i++) {
        place_t place;
        const char *recipient = accepted->recipients[i];
        CORE_TRY(place_after_last(self, txn, arena, accepted->id, recipient, &place));
        if (!place.stream && !header)
            CORE_TRY(header_named(self, txn, arena, accepted->id, &header));
        if (!place.stream)
            CORE_TRY(find_place(self, txn, arena, header, recipient, &place));
        if (!place.stream)
            continue;
        place.stream->answered = place.n;
        if (place.stream->limit == place.n) /* the trial after LATER went through */
            place.stream->limit = 0, place.stream->pause_ms = 0;
        if (place.slot)
            CORE_TRY(at_the_hub(self, txn, arena, &place, &self->brokers[broker], epoch));
    }
    return KITH_OK;
}

/* The hold of LATER: back to number n, which goes alone as a trial once the pause is over. */
static void hold(agent_core_t *self, out_stream_t *stream, uint64_t n)
{
    int64_t pause = stream->pause_ms ? stream->pause_ms * 2 : self->settings.later_ms;
    stream->pause_ms = pause < self->settings.later_max_ms ? pause : self->settings.later_max_ms;
    stream->retry_mono_ms = self->mono_ms + stream->pause_ms;
    stream->limit = n;
    stream->sent = n - 1;
    stream->next_seq = 0;
}

kith_err verdict_later(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Later *later)
{
    place_t place;
    CORE_TRY(place_named(self, txn, arena, later->id, later->recipient, &place));
    /* what another hub holds needs no trial; nor does what was taken back since */
    if (place.slot && !place.slot->broker[0] && place.n <= place.stream->sent)
        hold(self, place.stream, place.n);
    return KITH_OK;
}

/* Another hub may still deliver it: over when the number's void has its receipt. */
static kith_err refuse(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, place_t *place,
                       const Kith__Refusal *refusal)
{
    const char *recipient = place->stream->agency;
    kith_bytes_t notice_id = record_bytes(place->slot->notice_id);
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (!debt->outcome) /* else it was sent `again` */
        CORE_TRY(
            debt_refused(self, txn, arena, notice_id, recipient, refusal->reason, refusal->clause));
    return submit_void(txn, arena, place->stream, place->n, place->slot, refusal->reason);
}

kith_err verdict_refused(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const agent_event_t *event)
{
    const Kith__Refusal *refusal = event->packet.refusal;
    if (event->packet.packet->refused->token)
        take_token(self, arena, event->packet.broker, event->packet.packet->refused->token);
    if (event->packet.verdict) {
        core_alarm(self, "refusal-not-signed", self->brokers[event->packet.broker].id,
                   event->packet.verdict, 0);
        return KITH_OK;
    }
    KITH_ASSERT(refusal && refusal->id);
    place_t place;
    CORE_TRY(place_named(self, txn, arena, refusal->id, refusal->recipient, &place));
    if (!place.slot)
        return KITH_OK;
    self->stats.refused++;
    core_alarm(self, "refused", refusal->recipient, refusal->reason, refusal->id->seq);
    if (place.slot->void_reason)
        return KITH_OK; /* it is sealed anew or voided already */
    return refuse(self, txn, arena, &place, refusal);
}

kith_err verdict_queue_anew(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const out_stream_t *stream, const Kith__Store__OutSlot *slot)
{
    kith_bytes_t notice_id = record_bytes(slot->notice_id);
    Kith__Header *header = NULL;
    CORE_TRY(header_of(txn, arena, stream->lane, slot->seq, &header));
    Kith__Store__Debt *debt = NULL;
    kith_key_t key = record_key_debt(notice_id, stream->agency);
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    const kith_clause_t *clause =
        kith_agreement_permits(self->agreement, self->agency, stream->agency, header->topic_class);
    /* what has its outcome and still stands in a stream is there because it is sent `again` */
    return submit_anew(txn, arena, stream->lane, notice_id, stream->agency, header->topic_class,
                       clause ? clause->id : header->clause, debt->outcome != 0);
}

static kith_err seal_slot_anew(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                               const out_stream_t *stream, uint64_t n, Kith__Store__OutSlot *slot)
{
    /* a void is never stale, and a second one of a number would contradict the first */
    if (slot->void_reason)
        return KITH_OK;
    Kith__Header *header = NULL;
    CORE_TRY(header_of(txn, arena, stream->lane, slot->seq, &header));
    if (header->partnership_version >= self->agreement->version)
        return KITH_OK;
    CORE_TRY(verdict_queue_anew(self, txn, arena, stream, slot));
    return submit_void(txn, arena, stream, n, slot, KITH__REASON__REASON_SEALED_ANEW);
}

static kith_err seal_number_anew(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                                 const out_stream_t *stream, uint64_t n)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    Kith__Store__OutSlot *slot = NULL;
    CORE_TRY(record_get_out(txn, arena, kith_key_bytes(&key), &slot));
    if (slot->broker[0])
        return KITH_OK;
    return seal_slot_anew(self, txn, arena, stream, n, slot);
}

kith_err verdict_seal_anew(agent_core_t *self, kith_txn_t *txn, out_stream_t *stream)
{
    /* from the last to the first, since each goes to the front of the queue */
    for (uint64_t n = stream->last; n > stream->receipted; n--)
        CORE_TRY(seal_number_anew(self, txn, core_row_arena(self), stream, n));
    stream->wait_version = 0;
    stream->next_seq = 0; /* what was about to go may be one of them */
    return KITH_OK;
}

kith_err verdict_stale(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Stale *stale)
{
    for (size_t i = 0; i < stale->n_recipients; i++) {
        place_t place;
        CORE_TRY(place_named(self, txn, arena, stale->id, stale->recipients[i], &place));
        if (!place.slot || place.slot->void_reason)
            continue;
        bool behind = stale->partnership_version > self->agreement->version;
        if (place.slot->broker[0]) {
            /* sent again, for a receipt that did not come: no hub would take it as it is */
            if (!behind)
                CORE_TRY(seal_slot_anew(self, txn, arena, place.stream, place.n, place.slot));
            continue;
        }
        if (!behind) {
            CORE_TRY(verdict_seal_anew(self, txn, place.stream));
            continue;
        }
        place.stream->wait_version = stale->partnership_version;
        if (place.stream->sent >= place.n)
            place.stream->sent = place.n - 1;
        place.stream->next_seq = 0;
    }
    return KITH_OK;
}
