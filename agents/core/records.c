#include "agents/core/records.h"

#include "base/bug.h"

kith_key_t record_key_name(const char *name)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, name);
    return key;
}

kith_key_t record_key_debt(kith_bytes_t notice_id, const char *recipient)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, notice_id);
    kith_key_name(&key, recipient);
    return key;
}

kith_key_t record_key_out_stream(const stream_name_t *stream)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u8(&key, (uint8_t)stream->lane);
    kith_key_name(&key, stream->peer);
    kith_key_u32(&key, stream->peer_epoch);
    return key;
}

kith_key_t record_key_out(const stream_name_t *stream, uint64_t n)
{
    kith_key_t key = record_key_out_stream(stream);
    kith_key_u64(&key, n);
    return key;
}

kith_key_t record_key_envelope(int lane, uint64_t seq)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u8(&key, (uint8_t)lane);
    kith_key_u64(&key, seq);
    return key;
}

kith_key_t record_key_unsealed(int lane, uint64_t order)
{
    return record_key_envelope(lane, order);
}

kith_key_t record_key_in_stream(const stream_name_t *stream, uint32_t own_epoch)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, stream->peer);
    kith_key_u32(&key, KITH_BUG(20) ? 1 : stream->peer_epoch);
    kith_key_u8(&key, (uint8_t)stream->lane);
    kith_key_u32(&key, own_epoch);
    return key;
}

kith_key_t record_key_in(const stream_name_t *stream, uint32_t own_epoch, uint64_t n)
{
    kith_key_t key = record_key_in_stream(stream, own_epoch);
    kith_key_u64(&key, n);
    return key;
}

kith_key_t record_key_applied(const char *origin, kith_bytes_t notice_id)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, origin);
    kith_key_raw(&key, notice_id);
    return key;
}

kith_key_t record_key_expiry(int64_t expires_ms, kith_bytes_t notice_id, const char *recipient)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_i64(&key, expires_ms);
    kith_key_raw(&key, notice_id);
    kith_key_name(&key, recipient);
    return key;
}

#define X(name, table, type, prefix)                                                               \
    kith_err record_get_##name(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t key,             \
                               type **ret_record)                                                  \
    {                                                                                              \
        void *message = NULL;                                                                      \
        kith_err err = kith_get_record(txn, AGENT_TABLE_##table, key, arena,                       \
                                       &prefix##__descriptor, &message);                           \
        if (err == KITH_OK)                                                                        \
            *ret_record = message;                                                                 \
        return err;                                                                                \
    }                                                                                              \
    kith_err record_put_##name(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t key,             \
                               const type *record)                                                 \
    {                                                                                              \
        return kith_put_record(txn, AGENT_TABLE_##table, key, arena, record);                      \
    }
RECORDS(X)
#undef X

kith_err record_meta(kith_txn_t *txn, kith_arena_t *arena, Kith__Store__AgentMeta **ret_meta)
{
    kith_key_t key = record_key_name(RECORDS_META_KEY);
    kith_err err = record_get_meta(txn, arena, kith_key_bytes(&key), ret_meta);
    return err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
}

kith_err record_meta_put(kith_txn_t *txn, kith_arena_t *arena, const Kith__Store__AgentMeta *meta)
{
    kith_key_t key = record_key_name(RECORDS_META_KEY);
    return record_put_meta(txn, arena, kith_key_bytes(&key), meta);
}

/* Which of the recipient's counts a debt stands in. */
static uint64_t *count_of(Kith__Store__OwedRow *row, const Kith__Store__Debt *debt)
{
    switch (debt->outcome) {
    case KITH__OUTCOME__OUTCOME_DELIVERED:
    case KITH__OUTCOME__OUTCOME_DELIVERED_LATE:
    case KITH__OUTCOME__OUTCOME_REPEAT:
        return &row->delivered;
    case KITH__OUTCOME__OUTCOME_REFUSED:
        return &row->refused;
    case KITH__OUTCOME__OUTCOME_QUARANTINED:
        return &row->quarantined;
    case KITH__OUTCOME__OUTCOME_UNSPECIFIED:
    case KITH__OUTCOME__OUTCOME_EXPIRED:
    case KITH__OUTCOME__OUTCOME_VOIDED:
    case _KITH__OUTCOME_IS_INT_SIZE:
        break;
    }
    return debt->broker[0] ? &row->at_the_hub : &row->stored_here;
}

static bool counts_as_expired(const Kith__Store__Debt *debt)
{
    return debt->expired && debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED;
}

/* How many of each there are, to one recipient. */
static kith_err count_debt(kith_txn_t *txn, kith_arena_t *arena, const char *recipient,
                           const Kith__Store__Debt *before, const Kith__Store__Debt *after)
{
    kith_key_t key = record_key_name(recipient);
    Kith__Store__OwedRow empty = KITH__STORE__OWED_ROW__INIT;
    Kith__Store__OwedRow *row = &empty;
    kith_err err = record_get_owed(txn, arena, kith_key_bytes(&key), &row);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    if (before) {
        (*count_of(row, before))--;
        row->expired -= counts_as_expired(before);
    } else {
        row->sent++;
    }
    (*count_of(row, after))++;
    row->expired += counts_as_expired(after);
    return record_put_owed(txn, arena, kith_key_bytes(&key), row);
}

static bool counts_alike(const Kith__Store__Debt *a, const Kith__Store__Debt *b)
{
    Kith__Store__OwedRow row = KITH__STORE__OWED_ROW__INIT;
    return count_of(&row, a) == count_of(&row, b) && counts_as_expired(a) == counts_as_expired(b);
}

kith_err record_debt_write(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t notice_id,
                           const char *recipient, const Kith__Store__Debt *before,
                           const Kith__Store__Debt *after)
{
    if (!before || !counts_alike(before, after)) {
        kith_err err = count_debt(txn, arena, recipient, before, after);
        if (err != KITH_OK)
            return err;
    }
    kith_key_t key = record_key_debt(notice_id, recipient);
    return record_put_debt(txn, arena, kith_key_bytes(&key), after);
}
