/* After an unclean start: what may have ended the agent is counted before it is handled.
 *
 * While careful, nothing is applied in the turn that brought it: what stands next in its stream is
 * parked, too, and what waits in a stream that has ended stays there. At a turn's end the first of
 * those rows gets one attempt more; when that is committed the next turn applies it. So a message
 * that ends the process has the count of it on disk, and after CORE_ATTEMPTS_MAX such starts it is
 * not applied but quarantined whole: its number is used, its receipt says POISON, a person is told,
 * and all others go on. What was never tried is tried with what follows it, up to
 * CORE_TOGETHER_MAX; what an earlier start has tried, alone.
 *
 * An agent that was ended in good order before it was through is careful again at its next start.
 * A commit that fails is no such end: an attempt counts once a boot. Over when nothing stands next
 * and CORE_CAREFUL_MS have passed. The first steps wait CORE_WELCOME_MS for a broker: a receipt
 * that nobody takes is drawn by the origin's resend, much later. Opening and checking an envelope
 * come before this (io/seal); the fuzzers hold those. */
#include "agents/core/core_private.h"

/* A parked row that is to be taken next. */
typedef struct standing {
    stream_name_t stream;
    uint64_t n;
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
        kith_err err = take_standing(self, txn, arena, &ret_standing->stream, &ret_standing->n,
                                     &ret_standing->row);
        ret_standing->key = record_key_in(&ret_standing->stream, self->epoch, ret_standing->n);
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

kith_err careful_begin(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, bool unclean)
{
    standing_t standing = {0};
    kith_err err = look(self, txn, arena, &standing);
    self->careful = unclean || err == KITH_OK;
    self->careful_until_mono_ms = self->mono_ms + (unclean ? CORE_CAREFUL_MS : 0);
    self->careful_alone_mono_ms = self->mono_ms + CORE_WELCOME_MS;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static kith_err count_attempt(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                              kith_bytes_t key, Kith__Store__ParkedRow *row)
{
    if (row->attempted_boot == self->boot)
        return KITH_OK;
    if (KITH_BUG(30)) /* counted in memory only */
        return KITH_OK;
    row->attempts++;
    row->attempted_boot = self->boot;
    return record_put_parked(txn, arena, key, row);
}

static bool tried_before(const agent_core_t *self, const Kith__Store__ParkedRow *row)
{
    return row->attempts > (row->attempted_boot == self->boot ? 1u : 0u);
}

/* What stands next is to be tried, and what follows it unless it was tried before: those that
 * follow were then tried with it. */
static kith_err count_attempts(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                               const standing_t *standing)
{
    self->trying = standing->key;
    self->trying_count = 1;
    bool alone = tried_before(self, standing->row);
    CORE_TRY(count_attempt(self, txn, arena, kith_key_bytes(&standing->key), standing->row));
    while (!alone && self->trying_count < CORE_TOGETHER_MAX) {
        kith_arena_t *row_arena = core_row_arena(self);
        kith_key_t key =
            record_key_in(&standing->stream, self->epoch, standing->n + self->trying_count);
        Kith__Store__ParkedRow *row = NULL;
        kith_err err = record_get_parked(txn, row_arena, kith_key_bytes(&key), &row);
        if (err == KITH_NOT_FOUND)
            return KITH_OK;
        CORE_TRY(err);
        CORE_TRY(count_attempt(self, txn, row_arena, kith_key_bytes(&key), row));
        self->trying_count++;
    }
    return KITH_OK;
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
        return count_attempts(self, txn, arena, &standing);
    kith_key_clear(&self->trying);
    bool poison = standing.row->attempts > CORE_ATTEMPTS_MAX;
    for (unsigned i = 0; i < self->trying_count; i++)
        CORE_TRY(take_next_parked(self, txn, &standing.stream,
                                  broker == CORE_NO_BROKER ? 0 : broker, poison));
    return KITH_OK;
}
