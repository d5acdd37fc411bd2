/* Receipts as the recipient makes them: one a stream and turn, from what this turn commits. */
#include "agents/core/core_private.h"

touched_t *receipt_touch(agent_core_t *self, kith_arena_t *arena, const stream_name_t *stream,
                         uint64_t mark, uint64_t from, size_t broker)
{
    for (touched_t *t = self->touched; t; t = t->next) {
        if (t->stream.lane != stream->lane || t->stream.peer_epoch != stream->peer_epoch ||
            t->broker != broker || strcmp(t->stream.peer, stream->peer) != 0)
            continue;
        if (from < t->from)
            t->from = from;
        return t;
    }
    touched_t *t = kith_arena_need(arena, sizeof *t);
    t->stream = *stream;
    t->stream.peer = kith_arena_str(arena, stream->peer);
    t->from = from;
    t->mark = mark;
    t->broker = broker;
    t->next = self->touched;
    self->touched = t;
    return t;
}

static void add_exception(Kith__Receipt *receipt, kith_arena_t *arena, uint64_t n,
                          const Kith__Store__TakenRow *row)
{
    if (!receipt->exceptions)
        receipt->exceptions =
            kith_arena_need(arena, KITH_EXCEPTIONS_MAX * sizeof *receipt->exceptions);
    Kith__Exception *exception = kith_arena_need(arena, sizeof *exception);
    kith__exception__init(exception);
    exception->n = n;
    exception->outcome = row->outcome;
    exception->reason = row->reason;
    receipt->exceptions[receipt->n_exceptions++] = exception;
}

/* Exceptions of (from, mark]; with too many numbers or exceptions it states an earlier number. */
static kith_err fill(agent_core_t *self, kith_txn_t *txn, const touched_t *t, uint64_t mark,
                     Kith__Receipt *receipt)
{
    uint64_t first = receipt->from ? receipt->from : 1; /* its chain, when nothing follows */
    for (uint64_t n = first; n <= mark; n++) {
        if (n - receipt->from > CORE_RECEIPT_SPAN_MAX ||
            receipt->n_exceptions == KITH_EXCEPTIONS_MAX)
            break;
        Kith__Store__TakenRow *row = NULL;
        kith_key_t key = record_key_in(&t->stream, self->epoch, n);
        CORE_TRY(record_get_taken(txn, core_row_arena(self), kith_key_bytes(&key), &row));
        KITH_ASSERT(row->chain.len <= KITH_DIGEST_BYTES);
        if (!receipt->chain.data)
            receipt->chain.data = kith_arena_need(self->turn, KITH_DIGEST_BYTES);
        memcpy(receipt->chain.data, row->chain.data, row->chain.len);
        receipt->chain.len = row->chain.len;
        receipt->n = n;
        if (n > receipt->from && row->outcome != KITH__OUTCOME__OUTCOME_DELIVERED)
            add_exception(receipt, self->turn, n, row);
    }
    return KITH_OK;
}

static Kith__StreamId *stream_id(const agent_core_t *self, const stream_name_t *stream)
{
    Kith__StreamId *id = kith_arena_need(self->turn, sizeof *id);
    kith__stream_id__init(id);
    id->origin = (char *)(uintptr_t)stream->peer;
    id->origin_epoch = stream->peer_epoch;
    id->lane = kith_lane_of(stream->lane);
    id->recipient = (char *)(uintptr_t)self->agency;
    id->recipient_epoch = self->epoch;
    return id;
}

/* One receipt from a number on. *ret_n: the number it states. */
static kith_err make(agent_core_t *self, kith_txn_t *txn, const touched_t *t,
                     const Kith__Store__InStream *row, uint64_t from, uint64_t *ret_n)
{
    Kith__Receipt *receipt = kith_arena_need(self->turn, sizeof *receipt);
    kith__receipt__init(receipt);
    receipt->partnership = (char *)(uintptr_t)self->agreement->partnership;
    receipt->stream = stream_id(self, &t->stream);
    receipt->from = receipt->n = from;
    receipt->highest_parked = row->highest_parked;
    CORE_TRY(fill(self, txn, t, row->mark, receipt));
    Kith__ReceiptPacket *packet = kith_arena_need(self->turn, sizeof *packet);
    kith__receipt_packet__init(packet);
    packet->origin = receipt->stream->origin;
    packet->lane = receipt->stream->lane;
    packet->shown_header = record_binary(t->shown_header);
    packet->shown_proof = t->shown_proof;
    agent_effect_t *effect = core_hold(self, AGENT_FX_RECEIPT);
    effect->receipt.broker = t->broker;
    effect->receipt.receipt = receipt;
    effect->receipt.packet = packet;
    self->stats.receipts_made++;
    *ret_n = receipt->n;
    return KITH_OK;
}

/* What this turn took is stated whole, in as many receipts as that needs. Of what was drawn again
 * there is one: the next repeat draws the rest. */
static kith_err make_each(agent_core_t *self, kith_txn_t *txn, const touched_t *t)
{
    Kith__Store__InStream *row = NULL;
    kith_key_t key = record_key_in_stream(&t->stream, self->epoch);
    CORE_TRY(record_get_in_stream(txn, self->turn, kith_key_bytes(&key), &row));
    uint64_t n = t->from;
    do {
        CORE_TRY(make(self, txn, t, row, n, &n));
        n = n < t->mark ? t->mark : n;
    } while (n < row->mark);
    return KITH_OK;
}

kith_err receipt_make_all(agent_core_t *self, kith_txn_t *txn)
{
    for (const touched_t *t = self->touched; t; t = t->next)
        if (self->brokers[t->broker].session.live)
            CORE_TRY(make_each(self, txn, t));
    self->touched = NULL;
    return KITH_OK;
}
