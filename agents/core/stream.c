/* Outgoing streams: what is known of each, and the envelopes their numbers stand in. */
#include "agents/core/core_private.h"

#include <stdlib.h>

stream_name_t stream_name(const out_stream_t *stream)
{
    return (stream_name_t){
        .peer = stream->agency, .peer_epoch = stream->epoch, .lane = stream->lane};
}

out_stream_t *stream_find(agent_core_t *self, const char *agency, uint32_t epoch, int lane)
{
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        if (stream->lane == lane && stream->epoch == epoch && strcmp(stream->agency, agency) == 0)
            return stream;
    }
    return NULL;
}

out_stream_t *stream_to(agent_core_t *self, const char *agency, uint32_t epoch, int lane)
{
    out_stream_t *found = stream_find(self, agency, epoch, lane);
    if (found)
        return found;
    if (self->streams_count == self->streams_capacity) {
        self->streams_capacity = self->streams_capacity ? self->streams_capacity * 2 : 16;
        self->streams = realloc(self->streams, self->streams_capacity * sizeof *self->streams);
        KITH_ASSERT(self->streams);
    }
    out_stream_t *stream = &self->streams[self->streams_count++];
    memset(stream, 0, sizeof *stream);
    size_t size = strlen(agency);
    KITH_ASSERT(size <= KITH_NAME_MAX);
    memcpy(stream->agency, agency, size);
    stream->epoch = epoch;
    stream->lane = lane;
    stream->again_broker = CORE_NO_BROKER;
    return stream;
}

void stream_forget(agent_core_t *self, out_stream_t *stream)
{
    *stream = self->streams[--self->streams_count];
}

kith_err streams_load(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    while ((err = kith_next(txn, AGENT_TABLE_OUT_STREAMS, (kith_bytes_t){0}, after, &key,
                            &value)) == KITH_OK) {
        after = kith_arena_copy(arena, key);
        kith_key_reader_t reader = {after};
        int lane = kith_key_read_u8(&reader);
        const char *agency = kith_key_read_name(&reader);
        uint32_t epoch = kith_key_read_u32(&reader);
        Kith__Store__OutStream *row = NULL;
        CORE_TRY(record_get_out_stream(txn, arena, after, &row));
        out_stream_t *stream = stream_to(self, agency, epoch, lane);
        stream->last = row->last;
        stream->receipted = stream->sent = KITH_BUG(14) ? row->last : row->receipted;
        stream->answered = stream->receipted;
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err stream_chain(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream,
                      kith_bytes_t *ret_chain)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out_stream(&name);
    Kith__Store__OutStream *row = NULL;
    kith_err err = record_get_out_stream(txn, arena, kith_key_bytes(&key), &row);
    if (err == KITH_OK)
        *ret_chain = record_bytes(row->chain);
    else if (err == KITH_NOT_FOUND)
        *ret_chain = (kith_bytes_t){0};
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err stream_write(kith_txn_t *txn, kith_arena_t *arena, const out_stream_t *stream,
                      kith_bytes_t chain)
{
    stream_name_t name = stream_name(stream);
    kith_key_t key = record_key_out_stream(&name);
    Kith__Store__OutStream row = KITH__STORE__OUT_STREAM__INIT;
    row.last = stream->last;
    row.receipted = stream->receipted;
    row.chain = record_binary(chain);
    return record_put_out_stream(txn, arena, kith_key_bytes(&key), &row);
}

void streams_rewind(agent_core_t *self)
{
    for (size_t i = 0; i < self->streams_count; i++) {
        out_stream_t *stream = &self->streams[i];
        stream->sent = stream->receipted;
        stream->next_seq = 0;
        stream->limit = 0;
        stream->retry_mono_ms = KITH_BUG(26) && stream->retry_mono_ms ? INT64_MAX : 0;
        stream->pause_ms = 0;
    }
}

/* Slots of an envelope without an outcome. Once there is one the count has a row of its own: the
 * envelope itself is large, and is not written again for each. */
static kith_err slots_left(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t key,
                           uint32_t *ret_left)
{
    kith_bytes_t value;
    kith_err err = kith_get(txn, AGENT_TABLE_ENVELOPES_LEFT, key, &value);
    if (err == KITH_OK)
        *ret_left = kith_key_read_u32(&(kith_key_reader_t){value});
    if (err != KITH_NOT_FOUND)
        return err;
    Kith__Store__OutEnvelope *row = NULL;
    CORE_TRY(record_get_envelope(txn, arena, key, &row));
    *ret_left = row->owed;
    return KITH_OK;
}

kith_err envelope_release(kith_txn_t *txn, kith_arena_t *arena, int lane, uint64_t seq)
{
    kith_key_t key = record_key_envelope(lane, seq);
    uint32_t left = 0;
    CORE_TRY(slots_left(txn, arena, kith_key_bytes(&key), &left));
    if (left > 1) {
        kith_key_t fewer;
        kith_key_clear(&fewer);
        kith_key_u32(&fewer, left - 1);
        return kith_put(txn, AGENT_TABLE_ENVELOPES_LEFT, kith_key_bytes(&key),
                        kith_key_bytes(&fewer));
    }
    kith_err err = kith_del(txn, AGENT_TABLE_ENVELOPES_LEFT, kith_key_bytes(&key));
    if (err != KITH_OK && err != KITH_NOT_FOUND) /* it had one slot */
        return err;
    return kith_del(txn, AGENT_TABLE_ENVELOPES, kith_key_bytes(&key));
}
