/* After an unclean start: what may have ended the agent is counted before it is handled.
 *
 * While careful, nothing is applied in the turn that brought it: what stands next in its stream is
 * parked, too. At a turn's end the first of those rows gets one attempt more; when that is
 * committed the next turn applies it, it alone. So a message that ends the process has the count of
 * it on disk, and after CORE_ATTEMPTS_MAX such starts it is not applied but quarantined whole: its
 * number is used, its receipt says POISON, a person is told, and all others go on.
 *
 * A commit that fails is no such end: an attempt counts once a boot. Over when nothing stands next
 * and CORE_CAREFUL_MS have passed. The first steps wait CORE_WELCOME_MS for a broker: a receipt
 * that nobody takes is drawn by the origin's resend, much later. Opening and checking an envelope
 * come before this (io/seal); the fuzzers hold those. */
#include "agents/core/core_private.h"

void careful_begin(agent_core_t *self)
{
    self->careful = true;
    self->careful_until_mono_ms = self->mono_ms + CORE_CAREFUL_MS;
    self->careful_alone_mono_ms = self->mono_ms + CORE_WELCOME_MS;
}

/* A parked row that stands next in its stream. */
typedef struct standing {
    stream_name_t stream;
    kith_key_t key;
    Kith__Store__ParkedRow *row;
} standing_t;

/* KITH_NOT_FOUND: none. */
static kith_err look(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     standing_t *ret_standing)
{
    kith_bytes_t after = {0}, key, value;
    for (;;) {
        CORE_TRY(kith_next(txn, AGENT_TABLE_IN_STREAMS, (kith_bytes_t){0}, after, &key, &value));
        after = kith_arena_copy(arena, key);
        kith_key_reader_t reader = {after};
        ret_standing->stream.peer = kith_key_read_name(&reader);
        ret_standing->stream.peer_epoch = kith_key_read_u32(&reader);
        ret_standing->stream.lane = kith_key_read_u8(&reader);
        Kith__Store__InStream *row = NULL;
        CORE_TRY(record_get_in_stream(txn, core_row_arena(self), after, &row));
        if (row->parked == 0)
            continue;
        ret_standing->key = record_key_in(&ret_standing->stream, self->epoch, row->mark + 1);
        kith_err err =
            record_get_parked(txn, arena, kith_key_bytes(&ret_standing->key), &ret_standing->row);
        if (err != KITH_NOT_FOUND)
            return err;
    }
}

/* Where its receipt goes; CORE_NO_BROKER: nobody would take it now. */
static size_t receipt_broker(const agent_core_t *self)
{
    for (size_t i = 0; i < self->brokers_count; i++)
        if (self->brokers[i].session.live)
            return i;
    return CORE_NO_BROKER;
}

static kith_err count_attempt(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                              standing_t *standing)
{
    self->trying = standing->key;
    if (standing->row->attempted_boot == self->boot)
        return KITH_OK;
    if (KITH_BUG(30)) /* counted in memory only */
        return KITH_OK;
    standing->row->attempts++;
    standing->row->attempted_boot = self->boot;
    return record_put_parked(txn, arena, kith_key_bytes(&standing->key), standing->row);
}

kith_err careful_step(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    size_t broker = receipt_broker(self);
    self->careful_more = false;
    if (!self->careful || (broker == CORE_NO_BROKER && self->mono_ms < self->careful_alone_mono_ms))
        return KITH_OK;
    standing_t standing = {0};
    kith_err err = look(self, txn, arena, &standing);
    self->careful_more = err == KITH_OK;
    if (err == KITH_NOT_FOUND) {
        self->careful = self->mono_ms < self->careful_until_mono_ms;
        return KITH_OK;
    }
    CORE_TRY(err);
    if (!kith_bytes_equal(kith_key_bytes(&self->trying), kith_key_bytes(&standing.key)))
        return count_attempt(self, txn, arena, &standing);
    kith_key_clear(&self->trying);
    return take_next_parked(self, txn, &standing.stream, broker == CORE_NO_BROKER ? 0 : broker,
                            standing.row->attempts > CORE_ATTEMPTS_MAX);
}
