/* A partnership file that changed: epochs that rose, agencies that left, seals that are stale. */
#include "agents/core/core_private.h"

/* What one number of an ended stream owed goes back to the queue, or is refused. */
static kith_err end_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const out_stream_t *stream, uint64_t n, bool removed)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    Kith__Store__OutSlot *slot = NULL;
    kith_err err = record_get_out(txn, arena, kith_key_bytes(&key), &slot);
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    CORE_TRY(err);
    kith_bytes_t notice_id = record_bytes(slot->notice_id);
    Kith__Store__Debt *debt = NULL;
    kith_key_t debt_key = record_key_debt(notice_id, stream->agency);
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&debt_key), &debt));
    if (removed) {
        CORE_TRY(debt_settle(self, txn, arena, notice_id, stream->agency,
                             KITH__OUTCOME__OUTCOME_REFUSED, KITH__REASON__REASON_REMOVED, ""));
    } else if (debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED && debt->n == n) {
        Kith__Store__Debt before = *debt;
        debt->n = debt->seq = 0;
        debt->broker = (char *) (uintptr_t) "";
        CORE_TRY(record_debt_write(txn, arena, notice_id, stream->agency, &before, debt));
        Kith__Store__StoredNotice *notice = NULL;
        CORE_TRY(record_get_notice(txn, arena, notice_id, &notice));
        const kith_clause_t *clause = kith_agreement_permits(self->agreement, self->agency,
                                                             stream->agency, notice->topic_class);
        CORE_TRY(submit_anew(txn, arena, stream->lane, notice_id, stream->agency,
                             notice->topic_class, clause ? clause->id : notice->clause, false));
    }
    CORE_TRY(envelope_release(txn, arena, stream->lane, slot->seq));
    if (slot->void_seq)
        CORE_TRY(envelope_release(txn, arena, stream->lane, slot->void_seq));
    return kith_del(txn, AGENT_TABLE_OUT, kith_key_bytes(&key));
}

static kith_err end_stream(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           out_stream_t *stream, bool removed)
{
    for (uint64_t n = stream->last; n > stream->receipted; n--)
        CORE_TRY(end_number(self, txn, arena, stream, n, removed));
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out_stream(&name);
    kith_err err = kith_del(txn, AGENT_TABLE_OUT_STREAMS, kith_key_bytes(&key));
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    stream_forget(self, stream);
    return KITH_OK;
}

/* Its store was lost: what it had been delivered goes to it once more, marked `again`. */
static kith_err send_again(kith_txn_t *txn, kith_arena_t *arena, const kith_agreement_t *agreement,
                           const char *self_id, const char *recipient)
{
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    while ((err = kith_next(txn, AGENT_TABLE_NOTICES, (kith_bytes_t){0}, after, &key, &value)) ==
           KITH_OK) {
        after = kith_arena_copy(arena, key);
        kith_key_t debt_key = record_key_debt(after, recipient);
        Kith__Store__Debt *debt = NULL;
        err = record_get_debt(txn, arena, kith_key_bytes(&debt_key), &debt);
        if (err == KITH_NOT_FOUND)
            continue;
        CORE_TRY(err);
        if (debt->outcome != KITH__OUTCOME__OUTCOME_DELIVERED &&
            debt->outcome != KITH__OUTCOME__OUTCOME_DELIVERED_LATE)
            continue;
        Kith__Store__StoredNotice *notice = NULL;
        CORE_TRY(record_get_notice(txn, arena, after, &notice));
        const kith_clause_t *clause = kith_agreement_permits(agreement, self_id, recipient,
                                                             notice->topic_class);
        if (clause)
            CORE_TRY(submit_anew(txn, arena, kith_lane_index(notice->lane), after, recipient,
                                 notice->topic_class, clause->id, true));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* Streams to an agency at another epoch than `epoch` end; 0: all of them. */
static kith_err end_streams_to(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                               const char *agency, uint32_t epoch)
{
    for (size_t i = 0; i < self->streams_count;) {
        out_stream_t *stream = &self->streams[i];
        if (strcmp(stream->agency, agency) == 0 && stream->epoch != epoch)
            CORE_TRY(end_stream(self, txn, arena, stream, epoch == 0));
        else
            i++;
    }
    return KITH_OK;
}

static kith_err check_agency(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             const kith_agency_t *agency)
{
    kith_key_t key = record_key_name(agency->id);
    kith_key_t now;
    kith_key_clear(&now);
    kith_key_u32(&now, agency->left ? 0 : agency->epoch);
    kith_bytes_t known = {0};
    kith_err err = kith_get(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), &known);
    if (err == KITH_OK && kith_bytes_equal(known, kith_key_bytes(&now)))
        return KITH_OK;
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    bool first = err == KITH_NOT_FOUND;
    CORE_TRY(kith_put(txn, AGENT_TABLE_PEERS, kith_key_bytes(&key), kith_key_bytes(&now)));
    if (first || strcmp(agency->id, self->agency) == 0)
        return KITH_OK;
    CORE_TRY(end_streams_to(self, txn, arena, agency->id, agency->left ? 0 : agency->epoch));
    if (agency->left)
        return KITH_OK;
    return send_again(txn, arena, self->agreement, self->agency, agency->id);
}

/* No longer in the file at all: as one that left. */
static kith_err check_removed(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    for (size_t i = 0; i < self->streams_count;) {
        out_stream_t *stream = &self->streams[i];
        if (kith_agreement_agency(self->agreement, stream->agency))
            i++;
        else
            CORE_TRY(end_stream(self, txn, arena, stream, true));
    }
    return KITH_OK;
}

kith_err epoch_agreement(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         const kith_agreement_t *agreement)
{
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    if (agreement->version < meta->partnership_version)
        return KITH_CONFLICT; /* an older file than this agent has worked under */
    self->agreement = agreement;
    if (meta->partnership_version != agreement->version) {
        meta->partnership_version = agreement->version;
        CORE_TRY(record_meta_put(txn, arena, meta));
    }
    for (size_t i = 0; i < agreement->agencies_count; i++)
        CORE_TRY(check_agency(self, txn, arena, &agreement->agencies[i]));
    CORE_TRY(check_removed(self, txn, arena));
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        if (stream->wait_version && stream->wait_version <= agreement->version)
            CORE_TRY(verdict_seal_anew(self, txn, arena, stream));
    }
    return KITH_OK;
}
