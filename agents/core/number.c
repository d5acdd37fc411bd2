/* Numbers and seals: what waits is numbered and sealed in the commit of the turn that publishes it,
 * so an agency that was cut off for a week does not seal to dead keys. */
#include "agents/core/core_private.h"

/* Something sealed has not been sent: seal no more until it has. */
static bool backlog(const agent_core_t *self, int lane)
{
    for (size_t i = 0; i < self->streams_count; i++) {
        const out_stream_t *stream = &self->streams[i];
        bool held = stream->limit || stream->retry_mono_ms || stream->wait_version;
        if (stream->lane == lane && !held && stream->sent < stream->last)
            return true;
    }
    return false;
}

static seal_pending_t *add_pending(agent_core_t *self, kith_arena_t *arena, int lane,
                                   uint64_t order, Kith__Store__Unsealed *entry)
{
    if (!self->pending)
        self->pending = kith_arena_need(arena, 2 * CORE_SEAL_MAX * sizeof *self->pending);
    seal_pending_t *pending = &self->pending[self->pending_count++];
    pending->lane = lane;
    pending->order = order;
    pending->entry = entry;
    return pending;
}

static Kith__Header *new_header(agent_core_t *self, kith_arena_t *arena, int lane,
                                Kith__Store__AgentMeta *meta, size_t slots_max)
{
    Kith__Header *header = kith_arena_need(arena, sizeof *header);
    kith__header__init(header);
    header->partnership = (char *)(uintptr_t)self->agreement->partnership;
    header->partnership_version = self->agreement->version;
    header->id = kith_arena_need(arena, sizeof *header->id);
    kith__envelope_id__init(header->id);
    header->id->origin = self->agency;
    header->id->epoch = self->epoch;
    header->id->lane = kith_lane_of(lane);
    header->id->seq = lane == KITH_LANE_URGENT ? ++meta->seq_urgent : ++meta->seq_normal;
    if (KITH_BUG(23)) /* wraps: at 16, that a short run gets there */
        header->id->seq = (header->id->seq - 1) % 16 + 1;
    header->exercise = self->agreement->exercise;
    header->created_ms = self->now_ms;
    header->slots = kith_arena_need(arena, slots_max * sizeof *header->slots);
    return header;
}

static void add_slot(Kith__Header *header, kith_arena_t *arena, const out_stream_t *stream,
                     uint64_t n)
{
    Kith__Slot *slot = kith_arena_need(arena, sizeof *slot);
    kith__slot__init(slot);
    slot->agency = kith_arena_str(arena, stream->agency);
    slot->epoch = stream->epoch;
    slot->n = n;
    header->slots[header->n_slots++] = slot;
}

/* Sealed anew, it had a number before, whose void has no receipt yet: it may have been delivered.
 */
static kith_err had_a_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, int lane,
                             const kith_agency_t *agency, const Kith__Store__Debt *debt,
                             bool *ret_had)
{
    const out_stream_t *stream = stream_find(self, agency->id, agency->epoch, lane);
    *ret_had = false;
    if (!stream || !debt->n || debt->outcome)
        return KITH_OK;
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, debt->n);
    Kith__Store__OutSlot *slot = NULL;
    kith_err err = record_get_out(txn, arena, kith_key_bytes(&key), &slot);
    *ret_had = err == KITH_OK;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* May this recipient still be sent to, under today's agreement? Else the debt is refused. */
static kith_err may_send(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, int lane,
                         const Kith__Store__Unsealed *entry, const char *recipient, bool *ret_may)
{
    kith_bytes_t id = record_bytes(entry->notice_id);
    const kith_agency_t *agency = kith_agreement_agency(self->agreement, recipient);
    const kith_clause_t *clause = kith_agreement_clause(self->agreement, entry->clause);
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    if (!agency || agency->left)
        reason = KITH__REASON__REASON_REMOVED;
    else if (!KITH_BUG(40) &&
             (!clause || !kith_clause_covers(clause, self->agency, recipient, entry->topic_class)))
        reason = KITH__REASON__REASON_TOPIC_NOT_ALLOWED;
    else if (!kith_keyring_current(&agency->sealing))
        reason = KITH__REASON__REASON_UNKNOWN_KEY;
    *ret_may = reason == KITH__REASON__REASON_UNSPECIFIED;
    if (reason == KITH__REASON__REASON_REMOVED)
        return debt_settle(self, txn, arena, id, recipient, KITH__OUTCOME__OUTCOME_REFUSED, reason,
                           entry->clause);
    kith_key_t key = record_key_debt(id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (reason) {
        bool had = false;
        CORE_TRY(had_a_number(self, txn, arena, lane, agency, debt, &had));
        return had ? debt_refused(self, txn, arena, id, recipient, reason, entry->clause)
                   : debt_settle(self, txn, arena, id, recipient, KITH__OUTCOME__OUTCOME_REFUSED,
                                 reason, entry->clause);
    }
    *ret_may = entry->again || debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED;
    return KITH_OK;
}

static void emit(agent_core_t *self, kith_arena_t *arena, agent_effects_t *effects,
                 seal_pending_t *pending, kith_bytes_t notice, bool again)
{
    if (!effects->items) {
        effects->capacity = 2 * CORE_SEAL_MAX;
        effects->items = kith_arena_need(arena, effects->capacity * sizeof *effects->items);
    }
    KITH_ASSERT(effects->count < effects->capacity);
    effects->items[effects->count++] = (agent_effect_t){
        .type = AGENT_FX_SEAL,
        .seal = {.job = (uint64_t)(pending - self->pending),
                 .header = pending->header,
                 .notice = notice,
                 .again = again},
    };
    self->pending_left++;
}

static void begin_void(agent_core_t *self, kith_arena_t *arena, Kith__Store__AgentMeta *meta,
                       int lane, uint64_t order, Kith__Store__Unsealed *entry,
                       agent_effects_t *effects)
{
    const Kith__Store__VoidOf *of = entry->void_;
    out_stream_t *stream = stream_find(self, of->recipient, of->recipient_epoch, lane);
    seal_pending_t *pending = add_pending(self, arena, lane, order, entry);
    if (!stream)
        return; /* the stream has ended: nothing to fill */
    pending->header = new_header(self, arena, lane, meta, 1);
    add_slot(pending->header, arena, stream, of->n);
    pending->header->void_ = kith_arena_need(arena, sizeof *pending->header->void_);
    kith__void__init(pending->header->void_);
    pending->header->void_->replaces = of->replaces;
    pending->header->void_->reason = of->reason;
    emit(self, arena, effects, pending, (kith_bytes_t){0}, false);
}

static kith_err begin_notice(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             Kith__Store__AgentMeta *meta, int lane, uint64_t order,
                             Kith__Store__Unsealed *entry, agent_effects_t *effects)
{
    Kith__Store__StoredNotice *row = NULL;
    CORE_TRY(record_get_notice(txn, arena, record_bytes(entry->notice_id), &row));
    seal_pending_t *pending = add_pending(self, arena, lane, order, entry);
    for (size_t i = 0; i < entry->n_recipients; i++) {
        bool may = false;
        CORE_TRY(may_send(self, txn, arena, lane, entry, entry->recipients[i], &may));
        if (!may)
            continue;
        const kith_agency_t *agency = kith_agreement_agency(self->agreement, entry->recipients[i]);
        out_stream_t *stream = stream_to(self, agency->id, agency->epoch, lane);
        if (!pending->header)
            pending->header = new_header(self, arena, lane, meta, entry->n_recipients);
        add_slot(pending->header, arena, stream, ++stream->last);
    }
    if (!pending->header)
        return KITH_OK; /* nobody is left to send it to */
    pending->header->topic_class = entry->topic_class;
    pending->header->clause = entry->clause;
    emit(self, arena, effects, pending, record_bytes(row->notice), entry->again);
    return KITH_OK;
}

/* What was passed over without an envelope leaves the queue at once. */
static kith_err drop_entry(kith_txn_t *txn, const seal_pending_t *pending)
{
    kith_key_t key = record_key_unsealed(pending->lane, pending->order);
    return kith_del(txn, AGENT_TABLE_UNSEALED, kith_key_bytes(&key));
}

/* What the sealing of a turn may cost: no more than the credit can carry away. */
static uint64_t content_size(const seal_pending_t *pending, const agent_effects_t *effects)
{
    return pending->header ? effects->items[effects->count - 1].seal.notice.size : 0;
}

static kith_err begin_lane(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           Kith__Store__AgentMeta *meta, int lane, const kith_credit_t *credit,
                           agent_effects_t *effects)
{
    uint64_t room = credit->granted_messages - credit->used_messages;
    uint64_t bytes_left = credit->granted_bytes - credit->used_bytes;
    size_t most = room < CORE_SEAL_MAX ? (size_t)room : CORE_SEAL_MAX;
    kith_key_t prefix;
    kith_key_clear(&prefix);
    kith_key_u8(&prefix, (uint8_t)lane);
    kith_bytes_t after = {0}, key, value;
    for (size_t i = 0; i < most; i++) {
        kith_err err =
            kith_next(txn, AGENT_TABLE_UNSEALED, kith_key_bytes(&prefix), after, &key, &value);
        if (err == KITH_NOT_FOUND)
            return KITH_OK;
        CORE_TRY(err);
        after = kith_arena_copy(arena, key);
        Kith__Store__Unsealed *entry = NULL;
        CORE_TRY(record_get_unsealed(txn, arena, after, &entry));
        kith_key_reader_t reader = {after};
        (void)kith_key_read_u8(&reader);
        uint64_t order = kith_key_read_u64(&reader);
        if (entry->void_)
            begin_void(self, arena, meta, lane, order, entry, effects);
        else
            CORE_TRY(begin_notice(self, txn, arena, meta, lane, order, entry, effects));
        const seal_pending_t *pending = &self->pending[self->pending_count - 1];
        if (!pending->header)
            CORE_TRY(drop_entry(txn, pending));
        uint64_t size = content_size(pending, effects);
        if (size >= bytes_left)
            return KITH_OK;
        bytes_left -= size;
    }
    return KITH_OK;
}

static bool may_seal(const agent_core_t *self, int lane)
{
    const kith_credit_t *credit = &self->brokers[self->publishing].session.send[lane];
    return credit->granted_messages > credit->used_messages &&
           credit->granted_bytes > credit->used_bytes && !backlog(self, lane);
}

kith_err number_more(agent_core_t *self, kith_txn_t *txn)
{
    for (int lane = 0; lane < KITH_LANES; lane++) {
        kith_bytes_t key, value;
        kith_key_t prefix;
        kith_key_clear(&prefix);
        kith_key_u8(&prefix, (uint8_t)lane);
        if (!may_seal(self, lane))
            continue;
        kith_err err = kith_next(txn, AGENT_TABLE_UNSEALED, kith_key_bytes(&prefix),
                                 (kith_bytes_t){0}, &key, &value);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
        self->more |= err == KITH_OK;
    }
    return KITH_OK;
}

kith_err number_begin(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      agent_effects_t *effects)
{
    if (self->publishing == CORE_NO_BROKER)
        return KITH_OK;
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    uint64_t seq_before = meta->seq_urgent + meta->seq_normal;
    for (int lane = 0; lane < KITH_LANES; lane++) {
        const kith_credit_t *credit = &self->brokers[self->publishing].session.send[lane];
        if (may_seal(self, lane))
            CORE_TRY(begin_lane(self, txn, arena, meta, lane, credit, effects));
    }
    /* work may have written meanwhile; only the numbers given here are ours to raise */
    if (meta->seq_urgent + meta->seq_normal == seq_before)
        return KITH_OK;
    Kith__Store__AgentMeta *fresh = NULL;
    CORE_TRY(record_meta(txn, arena, &fresh));
    fresh->seq_urgent = meta->seq_urgent;
    fresh->seq_normal = meta->seq_normal;
    return record_meta_put(txn, arena, fresh);
}

static kith_err place_void(kith_txn_t *txn, kith_arena_t *arena, out_stream_t *stream, uint64_t n,
                           uint64_t seq, kith_bytes_t digest)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    Kith__Store__OutSlot *slot = NULL;
    kith_err err = record_get_out(txn, arena, kith_key_bytes(&key), &slot);
    if (err == KITH_NOT_FOUND)
        return envelope_release(txn, arena, stream->lane, seq); /* receipted meanwhile */
    CORE_TRY(err);
    slot->void_seq = seq;
    slot->void_digest = record_binary(digest);
    slot->broker = (char *)(uintptr_t) "";
    if (stream->sent >= n) {
        stream->sent = n - 1;
        stream->next_seq = 0;
    }
    return record_put_out(txn, arena, kith_key_bytes(&key), slot);
}

static kith_err place_notice(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             const seal_pending_t *pending, out_stream_t *stream, uint64_t n,
                             kith_bytes_t digest)
{
    kith_bytes_t notice_id = record_bytes(pending->entry->notice_id);
    Kith__Store__OutSlot slot = KITH__STORE__OUT_SLOT__INIT;
    slot.seq = pending->header->id->seq;
    slot.digest = record_binary(digest);
    slot.notice_id = pending->entry->notice_id;
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    CORE_TRY(record_put_out(txn, arena, kith_key_bytes(&key), &slot));
    stream->numbered = true;
    Kith__Store__Debt *debt = NULL;
    kith_key_t debt_key = record_key_debt(notice_id, stream->agency);
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&debt_key), &debt));
    if (debt->outcome)
        return KITH_OK; /* sent `again`: its outcome stands */
    Kith__Store__Debt before = *debt;
    debt->recipient_epoch = stream->epoch;
    debt->n = n;
    debt->seq = slot.seq;
    debt->broker = (char *)(uintptr_t) "";
    (void)self;
    return record_debt_write(txn, arena, notice_id, stream->agency, &before, debt);
}

/* The last numbers that were given, one row a stream. */
static kith_err write_streams(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        kith_bytes_t chain = {0};
        if (!stream->numbered)
            continue;
        stream->numbered = false;
        CORE_TRY(stream_chain(txn, arena, stream, &chain));
        if (!KITH_BUG(5)) /* the number is in memory only */
            CORE_TRY(stream_write(txn, arena, stream, chain));
    }
    return KITH_OK;
}

kith_err number_sealed(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event)
{
    KITH_ASSERT(event->sealed.job < self->pending_count && self->pending_left > 0);
    const seal_pending_t *pending = &self->pending[event->sealed.job];
    kith_bytes_t digest = kith_digest_bytes(&event->sealed.digest);
    Kith__Store__OutEnvelope row = KITH__STORE__OUT_ENVELOPE__INIT;
    row.envelope = event->sealed.envelope;
    row.owed = (uint32_t)pending->header->n_slots;
    kith_key_t key = record_key_envelope(pending->lane, pending->header->id->seq);
    CORE_TRY(record_put_envelope(txn, arena, kith_key_bytes(&key), &row));
    for (size_t i = 0; i < pending->header->n_slots; i++) {
        const Kith__Slot *slot = pending->header->slots[i];
        out_stream_t *stream = stream_find(self, slot->agency, slot->epoch, pending->lane);
        KITH_ASSERT(stream);
        if (pending->entry->void_)
            CORE_TRY(place_void(txn, arena, stream, slot->n, pending->header->id->seq, digest));
        else
            CORE_TRY(place_notice(self, txn, arena, pending, stream, slot->n, digest));
    }
    CORE_TRY(drop_entry(txn, pending));
    if (--self->pending_left > 0)
        return KITH_OK;
    CORE_TRY(write_streams(self, txn, arena));
    publish_choose(self);
    return publish_pump(self, txn, arena);
}
