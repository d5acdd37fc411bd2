/* Receipts as the origin reads them: the chain must fit what was sent; then each number's debt has
 * its outcome and its custody ends. */
#include "agents/core/core_private.h"

#include "base/bug.h"

typedef struct reading {
    const Kith__Receipt *receipt;
    out_stream_t *stream;
    stream_name_t name;
    size_t next_exception;
} reading_t;

/* The outcomes that an exception may state. */
static bool is_exception(Kith__Outcome outcome)
{
    return outcome == KITH__OUTCOME__OUTCOME_QUARANTINED ||
           outcome == KITH__OUTCOME__OUTCOME_VOIDED || outcome == KITH__OUTCOME__OUTCOME_REPEAT ||
           outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
}

static bool exceptions_known(const Kith__Receipt *receipt)
{
    for (size_t i = 0; i < receipt->n_exceptions; i++)
        if (!is_exception(receipt->exceptions[i]->outcome))
            return false;
    return true;
}

/* What the receipt says of number n; exceptions stand in order. */
static const Kith__Exception *exception_of(reading_t *r, uint64_t n)
{
    while (r->next_exception < r->receipt->n_exceptions &&
           r->receipt->exceptions[r->next_exception]->n < n)
        r->next_exception++;
    if (r->next_exception < r->receipt->n_exceptions &&
        r->receipt->exceptions[r->next_exception]->n == n)
        return r->receipt->exceptions[r->next_exception];
    return NULL;
}

static kith_err slot_of(kith_txn_t *txn, kith_arena_t *arena, const reading_t *r, uint64_t n,
                        kith_key_t *ret_key, Kith__Store__OutSlot **ret_slot)
{
    *ret_key = record_key_out(&r->name, n);
    return record_get_out(txn, arena, kith_key_bytes(ret_key), ret_slot);
}

/* Walks the chain from what is receipted to what the receipt says. */
static kith_err chain_fits(agent_core_t *self, kith_txn_t *txn, reading_t *r,
                           kith_digest_t *ret_chain, bool *ret_fits)
{
    kith_bytes_t chain = {0};
    CORE_TRY(stream_chain(txn, self->turn, r->stream, &chain));
    chain = kith_arena_copy(self->turn, chain);
    r->next_exception = 0;
    for (uint64_t n = r->stream->receipted + 1; n <= r->receipt->n; n++) {
        kith_key_t key;
        Kith__Store__OutSlot *slot = NULL;
        CORE_TRY(slot_of(txn, core_row_arena(self), r, n, &key, &slot));
        const Kith__Exception *exception = exception_of(r, n);
        Kith__Outcome outcome = exception ? exception->outcome : KITH__OUTCOME__OUTCOME_DELIVERED;
        bool voided = outcome == KITH__OUTCOME__OUTCOME_VOIDED;
        kith_bytes_t digest = record_bytes(voided ? slot->void_digest : slot->digest);
        *ret_chain = kith_chain_next(self->doors.hash, chain, digest, outcome);
        chain = kith_digest_bytes(ret_chain);
    }
    *ret_fits =
        exceptions_known(r->receipt) && kith_bytes_equal(chain, record_bytes(r->receipt->chain));
    if (KITH_BUG(47))
        *ret_fits = true;
    return KITH_OK;
}

/* Sealed anew once, when the cause was a key; a second time it stays quarantined. */
static kith_err quarantined(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const reading_t *r, uint64_t n, const Kith__Store__OutSlot *slot,
                            Kith__Reason reason)
{
    kith_bytes_t notice_id = record_bytes(slot->notice_id);
    const char *recipient = r->stream->agency;
    kith_key_t key = record_key_debt(notice_id, recipient);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (!debt->outcome && debt->n != n)
        return KITH_OK; /* sealed anew: its newer number may still be delivered, and will tell */
    if (reason != KITH__REASON__REASON_CANNOT_OPEN || debt->anew)
        return debt_settle(self, txn, arena, notice_id, recipient,
                           KITH__OUTCOME__OUTCOME_QUARANTINED, reason, "");
    CORE_TRY(verdict_queue_anew(self, txn, arena, r->stream, slot));
    Kith__Store__Debt before = *debt;
    debt->anew = true;
    debt->broker = (char *)(uintptr_t) "";
    debt->n = debt->seq = 0;
    return record_debt_write(txn, arena, notice_id, recipient, &before, debt);
}

static kith_err voided(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, const reading_t *r,
                       uint64_t n, const Kith__Store__OutSlot *slot)
{
    kith_bytes_t notice_id = record_bytes(slot->notice_id);
    kith_key_t key = record_key_debt(notice_id, r->stream->agency);
    Kith__Store__Debt *debt = NULL;
    CORE_TRY(record_get_debt(txn, arena, kith_key_bytes(&key), &debt));
    if (!debt->refused || debt->n != n)
        return KITH_OK; /* sealed anew: its next number will tell */
    return debt_settle(self, txn, arena, notice_id, r->stream->agency,
                       KITH__OUTCOME__OUTCOME_REFUSED, debt->reason, debt->clause);
}

static kith_err settle_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                              reading_t *r, uint64_t n)
{
    kith_key_t key;
    Kith__Store__OutSlot *slot = NULL;
    CORE_TRY(slot_of(txn, arena, r, n, &key, &slot));
    const Kith__Exception *exception = exception_of(r, n);
    Kith__Outcome outcome = exception ? exception->outcome : KITH__OUTCOME__OUTCOME_DELIVERED;
    Kith__Reason reason = exception ? exception->reason : KITH__REASON__REASON_UNSPECIFIED;
    if (outcome == KITH__OUTCOME__OUTCOME_VOIDED)
        CORE_TRY(voided(self, txn, arena, r, n, slot));
    else if (outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        CORE_TRY(quarantined(self, txn, arena, r, n, slot, reason));
    else
        CORE_TRY(debt_settle(
            self, txn, arena, record_bytes(slot->notice_id), r->stream->agency,
            outcome == KITH__OUTCOME__OUTCOME_REPEAT ? KITH__OUTCOME__OUTCOME_DELIVERED : outcome,
            reason, ""));
    CORE_TRY(envelope_release(txn, arena, r->stream->lane, slot->seq));
    if (slot->void_seq)
        CORE_TRY(envelope_release(txn, arena, r->stream->lane, slot->void_seq));
    return kith_del(txn, AGENT_TABLE_OUT, kith_key_bytes(&key));
}

/* Draws a number again, though not for every receipt that names it. */
static void draw(agent_core_t *self, out_stream_t *stream, uint64_t from, uint64_t to,
                 size_t broker)
{
    bool lately = stream->drawn_n == from && self->mono_ms < stream->drawn_mono_ms + CORE_REPEAT_MS;
    if (lately)
        return;
    stream->drawn_n = from;
    stream->drawn_mono_ms = self->mono_ms;
    if (to > from + CORE_GAP_FILL_MAX)
        to = from + CORE_GAP_FILL_MAX;
    publish_resend(self, stream, from, to, broker);
}

static kith_err advance(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, reading_t *r,
                        size_t broker)
{
    out_stream_t *stream = r->stream;
    kith_digest_t chain = {0};
    bool fits = false;
    CORE_TRY(chain_fits(self, txn, r, &chain, &fits));
    if (!fits) {
        self->stats.receipts_odd++;
        core_alarm(self, "receipt-does-not-fit", stream->agency, KITH__REASON__REASON_UNSPECIFIED,
                   r->receipt->n);
        draw(self, stream, stream->receipted + 1, stream->receipted + 1, broker);
        return KITH_OK;
    }
    r->next_exception = 0;
    for (uint64_t n = stream->receipted + 1; n <= r->receipt->n; n++)
        CORE_TRY(settle_number(self, txn, core_row_arena(self), r, n));
    stream->receipted = r->receipt->n;
    if (stream->sent < stream->receipted) {
        stream->sent = stream->receipted;
        stream->next_seq = 0;
    }
    if (stream->limit && stream->limit <= stream->receipted)
        stream->limit = 0, stream->retry_mono_ms = stream->pause_ms = 0;
    stream->head_mono_ms = 0;
    self->view_changed = true;
    return stream_write(txn, arena, stream, kith_digest_bytes(&chain));
}

/* Shown a header that carries our own signature but not what we have under that number: this store
 * is an old copy. It stops before it promises anything more. */
static kith_err check_shown(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const agent_event_t *event, const reading_t *r, bool *ret_old)
{
    const Kith__Header *shown = event->packet.shown;
    const Kith__Slot *slot = shown ? kith_header_slot(shown, r->stream->agency) : NULL;
    if (!slot || shown->id->epoch != self->epoch || slot->epoch != r->stream->epoch ||
        kith_lane_index(shown->id->lane) != r->stream->lane)
        return KITH_OK;
    Kith__Store__AgentMeta *meta = NULL;
    CORE_TRY(record_meta(txn, arena, &meta));
    uint64_t own = r->stream->lane == KITH_LANE_URGENT ? meta->seq_urgent : meta->seq_normal;
    bool other = false;
    if (slot->n > r->stream->receipted && slot->n <= r->stream->last) {
        kith_key_t key;
        Kith__Store__OutSlot *out = NULL;
        CORE_TRY(slot_of(txn, arena, r, slot->n, &key, &out));
        const Kith__ReceiptPacket *packet = event->packet.packet->receipt;
        kith_digest_t digest =
            kith_header_digest(self->doors.hash, record_bytes(packet->shown_header));
        /* an old copy gives the same numbers anew, to other content */
        other = !kith_bytes_equal(kith_digest_bytes(&digest), record_bytes(out->digest)) &&
                !kith_bytes_equal(kith_digest_bytes(&digest), record_bytes(out->void_digest));
    }
    *ret_old = other || slot->n > r->stream->last || shown->id->seq > own;
    return KITH_OK;
}

static void halt(agent_core_t *self)
{
    agent_effect_t *effect = core_hold(self, AGENT_FX_HALT);
    effect->halt.reason = KITH__REASON__REASON_OWN_COPY_OLD;
}

static kith_err settle(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event, reading_t *r)
{
    out_stream_t *stream = r->stream;
    bool old = false;
    CORE_TRY(check_shown(self, txn, arena, event, r, &old));
    if (old && !KITH_BUG(50)) {
        halt(self);
        return KITH_OK;
    }
    if (r->receipt->n > stream->last) {
        self->stats.receipts_odd++;
        core_alarm(self, "receipt-beyond-last", stream->agency, KITH__REASON__REASON_UNSPECIFIED,
                   r->receipt->n);
        return KITH_OK;
    }
    if (r->receipt->n > stream->receipted)
        CORE_TRY(advance(self, txn, arena, r, event->packet.broker));
    if (r->receipt->n == stream->receipted && r->receipt->highest_parked > stream->receipted + 1)
        draw(self, stream, stream->receipted + 1, r->receipt->highest_parked - 1,
             event->packet.broker);
    return KITH_OK;
}

kith_err receipt_settle(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_event_t *event)
{
    const Kith__Receipt *receipt = event->packet.receipt;
    uint64_t token = event->packet.packet->receipt->token;
    if (token)
        take_token(self, arena, event->packet.broker, token);
    if (event->packet.verdict) {
        self->stats.receipts_odd++;
        core_alarm(self, "receipt-not-signed", NULL, event->packet.verdict, 0);
        return KITH_OK;
    }
    KITH_ASSERT(receipt && receipt->stream);
    const Kith__StreamId *id = receipt->stream;
    if (strcmp(id->origin, self->agency) != 0 || id->origin_epoch != self->epoch)
        return KITH_OK; /* of an epoch that has ended */
    reading_t r = {.receipt = receipt};
    r.stream = stream_find(self, id->recipient, id->recipient_epoch, kith_lane_index(id->lane));
    if (!r.stream) {
        self->stats.receipts_odd++;
        return KITH_OK;
    }
    r.name = stream_name(r.stream);
    self->stats.receipts_taken++;
    return settle(self, txn, arena, event, &r);
}
