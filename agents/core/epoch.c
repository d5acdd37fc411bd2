/* A partnership file that changed: epochs that rose, agencies that left, seals that are stale. */
#include "agents/core/core_private.h"

/* The outcome of what a broker had refused stands now: nothing can deliver it any more. */
static kith_err end_refused(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const out_stream_t *stream, const Kith__Store__OutSlot *slot,
                            const Kith__Store__Debt *debt)
{
    return debt_settle(self, txn, arena, record_bytes(slot->notice_id), stream->agency,
                       KITH__OUTCOME__OUTCOME_REFUSED, debt->reason, debt->clause);
}

static kith_err end_debt(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const out_stream_t *stream, uint64_t n, const Kith__Store__OutSlot *slot,
                         bool removed)
{
    kith_bytes_t notice_id = record_bytes(slot->notice_id);
    Kith__Store__Debt *debt = NULL;
    kith_key_t debt_key = record_key_debt(notice_id, stream->agency);
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&debt_key), &debt));
    if (removed)
        return debt_settle(self, txn, arena, notice_id, stream->agency,
                           KITH__OUTCOME__OUTCOME_REFUSED, KITH__REASON__REASON_REMOVED, "");
    if (debt->outcome || debt->n != n)
        return KITH_OK;
    if (debt->refused)
        return end_refused(self, txn, arena, stream, slot, debt);
    if (slot->void_reason == KITH__REASON__REASON_SEALED_ANEW)
        return KITH_OK; /* it waits in the queue already */
    Kith__Store__Debt before = *debt;
    debt->n = debt->seq = 0;
    debt->broker = (char *)(uintptr_t) "";
    CORE_TRY(record_debt_write(txn, arena, notice_id, stream->agency, &before, debt));
    return verdict_queue_anew(self, txn, arena, stream, slot);
}

/* What one number of an ended stream owed goes back to the queue, or is refused. */
static kith_err end_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const out_stream_t *stream, uint64_t n, bool removed)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    Kith__Store__OutSlot *slot = NULL;
    CORE_TRY(record_get_out(txn, arena, kith_key_bytes(&key), &slot));
    CORE_TRY(end_debt(self, txn, arena, stream, n, slot, removed));
    CORE_TRY(envelope_release(txn, arena, stream->lane, slot->seq));
    if (slot->void_seq)
        CORE_TRY(envelope_release(txn, arena, stream->lane, slot->void_seq));
    return kith_del(txn, AGENT_TABLE_OUT, kith_key_bytes(&key));
}

static kith_err end_stream(agent_core_t *self, kith_txn_t *txn, out_stream_t *stream, bool removed)
{
    for (uint64_t n = stream->last; n > stream->receipted; n--)
        CORE_TRY(end_number(self, txn, core_row_arena(self), stream, n, removed));
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out_stream(&name);
    CORE_TRY(kith_del(txn, AGENT_TABLE_OUT_STREAMS, kith_key_bytes(&key)));
    stream_forget(self, stream);
    return KITH_OK;
}

static kith_err notice_again(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             kith_bytes_t notice_id, const char *recipient)
{
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    kith_err err = record_get_debt(txn, arena, kith_key_bytes(&key), &debt);
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    CORE_TRY(err);
    if (debt->outcome != KITH__OUTCOME__OUTCOME_DELIVERED &&
        debt->outcome != KITH__OUTCOME__OUTCOME_DELIVERED_LATE)
        return KITH_OK;
    Kith__Store__StoredNotice *notice = NULL;
    CORE_TRY(record_get_notice(txn, arena, notice_id, &notice));
    const kith_clause_t *clause =
        kith_agreement_permits(self->agreement, self->agency, recipient, notice->topic_class);
    if (!clause)
        return KITH_OK;
    return submit_anew(txn, arena, kith_lane_index(notice->lane), notice_id, recipient,
                       notice->topic_class, clause->id, true);
}

/* Its store was lost: what it had been delivered goes to it once more, marked `again`. */
static kith_err send_again(agent_core_t *self, kith_txn_t *txn, const char *recipient)
{
    uint8_t last[KITH_ID_BYTES];
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    while ((err = kith_next(txn, AGENT_TABLE_NOTICES, (kith_bytes_t){0}, after, &key, &value)) ==
           KITH_OK) {
        KITH_ASSERT(key.size == sizeof last);
        memcpy(last, key.data, sizeof last);
        after = (kith_bytes_t){last, sizeof last};
        CORE_TRY(notice_again(self, txn, core_row_arena(self), after, recipient));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* What waits to be sealed for an agency that has left is refused at once, whether or not a broker
 * is there. Its place in the queue goes when the entry's turn comes. */
static kith_err refuse_unsealed(agent_core_t *self, kith_txn_t *txn, const char *agency)
{
    kith_key_t last;
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    while ((err = kith_next(txn, AGENT_TABLE_UNSEALED, (kith_bytes_t){0}, after, &key, &value)) ==
           KITH_OK) {
        kith_arena_t *arena = core_row_arena(self);
        kith_key_clear(&last);
        kith_key_raw(&last, key);
        after = kith_key_bytes(&last);
        Kith__Store__Unsealed *entry = NULL;
        CORE_TRY(record_get_unsealed(txn, arena, after, &entry));
        for (size_t i = 0; i < entry->n_recipients; i++)
            if (strcmp(entry->recipients[i], agency) == 0)
                CORE_TRY(debt_settle(self, txn, arena, record_bytes(entry->notice_id), agency,
                                     KITH__OUTCOME__OUTCOME_REFUSED, KITH__REASON__REASON_REMOVED,
                                     ""));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* Of its former epoch, or all when it was removed: one of the new epoch there is not yet. */
static kith_err end_streams_to(agent_core_t *self, kith_txn_t *txn, const char *agency,
                               bool removed)
{
    for (size_t i = 0; i < self->streams_count;) {
        out_stream_t *stream = &self->streams[i];
        if (strcmp(stream->agency, agency) == 0)
            CORE_TRY(end_stream(self, txn, stream, removed));
        else
            i++;
    }
    return KITH_OK;
}

/* The agency is at this epoch now; 0: it has left. */
static kith_err moved(agent_core_t *self, kith_txn_t *txn, const char *agency, uint32_t epoch)
{
    if (strcmp(agency, self->agency) == 0)
        return KITH_OK;
    CORE_TRY(end_streams_to(self, txn, agency, epoch == 0));
    return epoch ? send_again(self, txn, agency) : refuse_unsealed(self, txn, agency);
}

static kith_err check_agency(agent_core_t *self, kith_txn_t *txn, const char *agency,
                             uint32_t epoch)
{
    kith_key_t key = record_key_name(agency);
    kith_key_t now;
    kith_key_clear(&now);
    kith_key_u32(&now, epoch);
    kith_bytes_t known = {0};
    kith_err err = kith_get(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), &known);
    if (err == KITH_OK && kith_bytes_equal(known, kith_key_bytes(&now)))
        return KITH_OK;
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    bool first = err == KITH_NOT_FOUND;
    CORE_TRY(kith_put(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), kith_key_bytes(&now)));
    return first ? KITH_OK : moved(self, txn, agency, epoch);
}

/* No longer in the file at all: as one that left. */
static kith_err check_removed(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    while ((err = kith_next(txn, AGENT_TABLE_PEERS, (kith_bytes_t){0}, after, &key, &value)) ==
           KITH_OK) {
        after = kith_arena_copy(arena, key);
        kith_key_reader_t reader = {after};
        const char *name = kith_key_read_name(&reader);
        bool is_broker = memchr(name, ':', strlen(name)) != NULL;
        if (!is_broker && !kith_agreement_agency(self->agreement, name))
            CORE_TRY(check_agency(self, txn, name, 0));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err epoch_agreement(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const kith_agreement_t *agreement)
{
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    if (agreement->version < meta->partnership_version && !KITH_BUG(39))
        return KITH_CONFLICT; /* an older file than this agent has worked under */
    self->agreement = agreement;
    if (meta->partnership_version != agreement->version) {
        meta->partnership_version = agreement->version;
        CORE_TRY(record_meta_put(txn, arena, meta));
    }
    for (size_t i = 0; i < agreement->agencies_count; i++) {
        const kith_agency_t *agency = &agreement->agencies[i];
        CORE_TRY(check_agency(self, txn, agency->id, agency->left ? 0 : agency->epoch));
    }
    CORE_TRY(check_removed(self, txn, arena));
    CORE_TRY(take_ended(self, txn, arena));
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        if (stream->wait_version && stream->wait_version <= agreement->version)
            CORE_TRY(verdict_seal_anew(self, txn, stream));
    }
    return KITH_OK;
}
