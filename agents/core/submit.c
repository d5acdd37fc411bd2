/* Notices and debts: what is promised at "stored here", and how a debt ends. */
#include "agents/core/core_private.h"

#include "base/writeset.h"

static kith_err next_order(kith_txn_t *txn, kith_arena_t *arena, bool front, uint64_t *ret_order)
{
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    if (meta->order == 0)
        meta->order = meta->order_low = RECORDS_ORDER_FIRST;
    *ret_order = front ? --meta->order_low : ++meta->order;
    return record_meta_put(txn, arena, meta);
}

static kith_err put_unsealed(kith_txn_t *txn, kith_arena_t *arena, int lane, bool front,
                             const Kith__Store__Unsealed *entry)
{
    uint64_t order = 0;
    CORE_TRY(next_order(txn, arena, front, &order));
    kith_key_t key = record_key_unsealed(lane, order);
    return record_put_unsealed(txn, arena, kith_key_bytes(&key), entry);
}

kith_err submit_anew(kith_txn_t *txn, kith_arena_t *arena, int lane, kith_bytes_t notice_id,
                     const char *recipient, const char *topic_class, const char *clause, bool again)
{
    Kith__Store__Unsealed entry = KITH__STORE__UNSEALED__INIT;
    char *only = (char *)(uintptr_t)recipient;
    entry.notice_id = record_binary(notice_id);
    entry.n_recipients = 1;
    entry.recipients = &only;
    entry.topic_class = (char *)(uintptr_t)topic_class;
    entry.clause = (char *)(uintptr_t)clause;
    entry.again = again;
    return put_unsealed(txn, arena, lane, !again, &entry);
}

kith_err submit_void(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream, uint64_t n,
                     Kith__Store__OutSlot *slot, Kith__Reason reason)
{
    KITH_ASSERT(!slot->void_reason); /* a second one would contradict the first */
    Kith__Store__VoidOf of = KITH__STORE__VOID_OF__INIT;
    of.recipient = (char *)(uintptr_t)stream->agency;
    of.recipient_epoch = stream->epoch;
    of.n = n;
    of.replaces = slot->digest;
    of.reason = reason;
    Kith__Store__Unsealed entry = KITH__STORE__UNSEALED__INIT;
    entry.void_ = &of;
    CORE_TRY(put_unsealed(txn, arena, stream->lane, true, &entry));
    slot->void_reason = reason;
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out(&name, n);
    return record_put_out(txn, arena, kith_key_bytes(&key), slot);
}

/* One entry of the queue for each clause: an envelope names one. */
static kith_err queue_by_clause(kith_txn_t *txn, kith_arena_t *arena, const agent_submit_t *submit)
{
    bool *queued = kith_arena_need(arena, submit->recipients_count + 1);
    char **list = kith_arena_need(arena, (submit->recipients_count + 1) * sizeof *list);
    for (size_t i = 0; i < submit->recipients_count; i++) {
        if (queued[i])
            continue;
        Kith__Store__Unsealed entry = KITH__STORE__UNSEALED__INIT;
        entry.notice_id = record_binary(submit->id);
        entry.topic_class = (char *)(uintptr_t)submit->topic_class;
        entry.clause = (char *)(uintptr_t)submit->clauses[i];
        entry.recipients = list;
        for (size_t j = i; j < submit->recipients_count; j++) {
            if (queued[j] || strcmp(submit->clauses[j], submit->clauses[i]) != 0 ||
                entry.n_recipients == KITH_SLOTS_MAX)
                continue;
            list[entry.n_recipients++] = (char *)(uintptr_t)submit->recipients[j];
            queued[j] = true;
        }
        CORE_TRY(put_unsealed(txn, arena, submit->lane, false, &entry));
    }
    return KITH_OK;
}

/* Into the overlay, as all of a submission. */
static void put_notice(agent_core_t *self, kith_txn_t *over, kith_arena_t *arena,
                       const agent_submit_t *submit)
{
    Kith__Store__StoredNotice row = KITH__STORE__STORED_NOTICE__INIT;
    row.notice = record_binary(submit->notice_bytes);
    row.mine = true;
    row.lane = kith_lane_of(submit->lane);
    row.topic_class = (char *)(uintptr_t)submit->topic_class;
    row.clause = submit->recipients_count ? (char *)(uintptr_t)submit->clauses[0] : row.clause;
    row.stored_ms = self->now_ms;
    row.token_digest = record_binary(submit->request_digest);
    row.n_recipients = submit->recipients_count;
    row.recipients = (char **)(uintptr_t)submit->recipients;
    row.expires_ms = submit->notice->expires_ms;
    core_kept(record_put_notice(over, arena, submit->id, &row));
    if (submit->token.size == 0 || KITH_BUG(17))
        return;
    Kith__Store__Token token = KITH__STORE__TOKEN__INIT;
    token.notice_id = record_binary(submit->id);
    token.request_digest = record_binary(submit->request_digest);
    core_kept(record_put_token(over, arena, submit->token, &token));
}

static kith_err put_debts(agent_core_t *self, kith_txn_t *over, kith_arena_t *arena,
                          const agent_submit_t *submit)
{
    for (size_t i = 0; i < submit->recipients_count; i++) {
        Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
        debt.lane = kith_lane_of(submit->lane);
        debt.since_ms = self->now_ms;
        CORE_TRY(record_debt_write(over, arena, submit->id, submit->recipients[i], NULL, &debt));
        if (submit->notice->expires_ms == 0)
            continue;
        kith_key_t key =
            record_key_expiry(submit->notice->expires_ms, submit->id, submit->recipients[i]);
        core_kept(kith_put(over, AGENT_TABLE_EXPIRIES, kith_key_bytes(&key), (kith_bytes_t){0}));
        if (!self->expires_ms || submit->notice->expires_ms < self->expires_ms)
            self->expires_ms = submit->notice->expires_ms;
    }
    return queue_by_clause(over, arena, submit);
}

static kith_err apply_own(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                          const agent_submit_t *submit)
{
    agent_received_t own = {.origin = self->agency,
                            .notice_bytes = submit->notice_bytes,
                            .notice = submit->notice,
                            .mine = true,
                            .now_ms = self->now_ms};
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    return self->doors.apply(self->doors.work, txn, arena, &own, &reason);
}

/* The same token gives the same id, for ever; with other content it is refused. */
static kith_err known_token(kith_txn_t *txn, kith_arena_t *arena, const agent_submit_t *submit,
                            bool *ret_known)
{
    Kith__Store__Token *token = NULL;
    kith_err err =
        submit->token.size ? record_get_token(txn, arena, submit->token, &token) : KITH_NOT_FOUND;
    if (err == KITH_NOT_FOUND)
        return KITH_OK;
    CORE_TRY(err);
    *ret_known = true;
    if (token->notice_id.len != sizeof submit->ret->id)
        return KITH_CORRUPT;
    submit->ret->repeat = true;
    memcpy(submit->ret->id, token->notice_id.data, sizeof submit->ret->id);
    bool same = kith_bytes_equal(record_bytes(token->request_digest), submit->request_digest);
    submit->ret->err = same ? KITH_OK : KITH_CONFLICT;
    return KITH_OK;
}

kith_err submit_notice(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_submit_t *submit)
{
    KITH_ASSERT(submit->id.size == KITH_ID_BYTES);
    *submit->ret = (agent_submitted_t){.err = KITH_OK};
    bool known = false;
    CORE_TRY(known_token(txn, arena, submit, &known));
    if (known)
        return KITH_OK;
    kith_writeset_t *writes = kith_writeset_new(arena, txn);
    kith_txn_t *over = kith_writeset_txn(writes);
    put_notice(self, over, arena, submit);
    CORE_TRY(put_debts(self, over, arena, submit));
    kith_err err = apply_own(self, over, arena, submit);
    if (err == KITH_INVALID) {
        submit->ret->err = KITH_INVALID;
        return KITH_OK;
    }
    CORE_TRY(err);
    memcpy(submit->ret->id, submit->id.data, sizeof submit->ret->id);
    self->view_changed = true;
    return kith_writeset_merge(writes);
}

kith_err debt_settle(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     kith_bytes_t notice_id, const char *recipient, Kith__Outcome outcome,
                     Kith__Reason reason, const char *clause)
{
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (debt->outcome && !KITH_BUG(18))
        return KITH_OK; /* one outcome, for ever */
    Kith__Store__Debt before = *debt;
    debt->outcome = outcome;
    if (outcome == KITH__OUTCOME__OUTCOME_DELIVERED && debt->expired)
        debt->outcome = KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
    debt->reason = reason;
    debt->clause = (char *)(uintptr_t)clause;
    debt->outcome_ms = self->now_ms;
    CORE_TRY(record_debt_write(txn, arena, notice_id, recipient, &before, debt));
    agent_outcome_t said = {.notice_id = notice_id,
                            .recipient = recipient,
                            .outcome = debt->outcome,
                            .reason = reason,
                            .clause = debt->clause,
                            .now_ms = self->now_ms};
    self->view_changed = true;
    return self->doors.outcome(self->doors.work, txn, arena, &said);
}

kith_err debt_refused(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      kith_bytes_t notice_id, const char *recipient, Kith__Reason reason,
                      const char *clause)
{
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    Kith__Store__Debt before = *debt;
    debt->refused = true;
    debt->reason = reason;
    debt->clause = (char *)(uintptr_t)clause;
    CORE_TRY(record_debt_write(txn, arena, notice_id, recipient, &before, debt));
    agent_outcome_t said = {.notice_id = notice_id,
                            .recipient = recipient,
                            .outcome = KITH__OUTCOME__OUTCOME_REFUSED,
                            .reason = reason,
                            .clause = clause,
                            .now_ms = self->now_ms};
    self->view_changed = true;
    return self->doors.outcome(self->doors.work, txn, arena, &said);
}
