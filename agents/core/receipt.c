/* Receipts as the recipient makes them: one a stream and turn, from what this turn commits. */
#include "agents/core/core_private.h"

touched_t *receipt_touch(agent_core_t *self, kith_arena_t *arena, const stream_name_t *stream,
                         uint64_t from, size_t broker)
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
    t->broker = broker;
    t->next = self->touched;
    self->touched = t;
    return t;
}

static void add_exception(Kith__Receipt *receipt, kith_arena_t *arena, uint64_t n,
                          const Kith__Store__TakenRow *row)
{
    if (!receipt->exceptions)
        receipt->exceptions = kith_arena_need(arena, KITH_EXCEPTIONS_MAX *
                                                         sizeof *receipt->exceptions);
    Kith__Exception *exception = kith_arena_need(arena, sizeof *exception);
    kith__exception__init(exception);
    exception->n = n;
    exception->outcome = row->outcome;
    exception->reason = row->reason;
    receipt->exceptions[receipt->n_exceptions++] = exception;
}

/* Exceptions of (from, mark]; with too many numbers or exceptions it states an earlier number. */
static kith_err fill(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, const touched_t *t,
                     uint64_t mark, Kith__Receipt *receipt)
{
    receipt->n = t->from;
    Kith__Store__TakenRow *row = NULL;
    uint64_t first = t->from > 0 ? t->from : 1; /* chain(from) is wanted when nothing follows */
    for (uint64_t n = first; n <= mark; n++) {
        if (n - t->from > CORE_RECEIPT_SPAN_MAX || receipt->n_exceptions == KITH_EXCEPTIONS_MAX)
            break;
        kith_key_t key = record_key_in(&t->stream, self->epoch, n);
        CORE_TRY(record_get_taken(txn, arena, kith_key_bytes(&key), &row));
        receipt->n = n;
        if (n > t->from && row->outcome != KITH__OUTCOME__OUTCOME_DELIVERED)
            add_exception(receipt, arena, n, row);
    }
    if (row)
        receipt->chain = row->chain;
    return KITH_OK;
}

static kith_err make(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, const touched_t *t)
{
    Kith__Store__InStream empty = KITH__STORE__IN_STREAM__INIT;
    Kith__Store__InStream *row = &empty;
    kith_key_t key = record_key_in_stream(&t->stream, self->epoch);
    kith_err err = record_get_in_stream(txn, arena, kith_key_bytes(&key), &row);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    Kith__Receipt *receipt = kith_arena_need(arena, sizeof *receipt);
    kith__receipt__init(receipt);
    receipt->partnership = (char *) (uintptr_t) self->agreement->partnership;
    receipt->stream = kith_arena_need(arena, sizeof *receipt->stream);
    kith__stream_id__init(receipt->stream);
    receipt->stream->origin = (char *) (uintptr_t) t->stream.peer;
    receipt->stream->origin_epoch = t->stream.peer_epoch;
    receipt->stream->lane = kith_lane_of(t->stream.lane);
    receipt->stream->recipient = self->agency;
    receipt->stream->recipient_epoch = self->epoch;
    receipt->from = t->from;
    receipt->highest_parked = row->highest_parked;
    CORE_TRY(fill(self, txn, arena, t, row->mark, receipt));
    Kith__ReceiptPacket *packet = kith_arena_need(arena, sizeof *packet);
    kith__receipt_packet__init(packet);
    packet->origin = receipt->stream->origin;
    packet->lane = receipt->stream->lane;
    packet->shown_header = record_binary(t->shown_header);
    packet->shown_proof = t->shown_proof;
    agent_effect_t *effect = core_hold(self, arena, AGENT_FX_RECEIPT);
    effect->receipt.broker = t->broker;
    effect->receipt.receipt = receipt;
    effect->receipt.packet = packet;
    self->stats.receipts_made++;
    return KITH_OK;
}

kith_err receipt_make_all(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    for (const touched_t *t = self->touched; t; t = t->next)
        if (self->brokers[t->broker].session.live)
            CORE_TRY(make(self, txn, arena, t));
    self->touched = NULL;
    return KITH_OK;
}
