/* The core's rows by name: one function builds each table's key, one reads, one writes.
 *
 * Used by agents/core and, for reading, by agents/api. Records come back in the arena. */
#pragma once

#include "agents/core/agent_core.h"
#include "agents/core/tables.h"
#include "base/key.h"

#define RECORDS_META_KEY "agent"

/* First place of the unsealed queue: room on both sides. */
#define RECORDS_ORDER_FIRST (UINT64_C(1) << 40)

/* A stream as this agent sends or receives it; names are borrowed. */
typedef struct stream_name {
    const char *peer; /* the recipient of an outgoing, the origin of an incoming stream */
    uint32_t peer_epoch;
    int lane;
} stream_name_t;

kith_key_t record_key_debt(kith_bytes_t notice_id, const char *recipient);
kith_key_t record_key_out_stream(const stream_name_t *stream);
kith_key_t record_key_out(const stream_name_t *stream, uint64_t n);
kith_key_t record_key_envelope(int lane, uint64_t seq);
kith_key_t record_key_unsealed(int lane, uint64_t order);
kith_key_t record_key_in_stream(const stream_name_t *stream, uint32_t own_epoch);
/* Of taken, parked and quarantine. */
kith_key_t record_key_in(const stream_name_t *stream, uint32_t own_epoch, uint64_t n);
kith_key_t record_key_applied(const char *origin, kith_bytes_t notice_id);
kith_key_t record_key_expiry(int64_t expires_ms, kith_bytes_t notice_id, const char *recipient);
kith_key_t record_key_name(const char *name);

/* Each: KITH_NOT_FOUND when there is none, KITH_CORRUPT when it is not such a record. */
#define RECORDS(X)                                                                                 \
    X(meta, META, Kith__Store__AgentMeta, kith__store__agent_meta)                                 \
    X(notice, NOTICES, Kith__Store__StoredNotice, kith__store__stored_notice)                      \
    X(token, TOKENS, Kith__Store__Token, kith__store__token)                                       \
    X(debt, DEBTS, Kith__Store__Debt, kith__store__debt)                                           \
    X(unsealed, UNSEALED, Kith__Store__Unsealed, kith__store__unsealed)                            \
    X(out_stream, OUT_STREAMS, Kith__Store__OutStream, kith__store__out_stream)                    \
    X(out, OUT, Kith__Store__OutSlot, kith__store__out_slot)                                       \
    X(envelope, ENVELOPES, Kith__Store__OutEnvelope, kith__store__out_envelope)                    \
    X(in_stream, IN_STREAMS, Kith__Store__InStream, kith__store__in_stream)                        \
    X(taken, TAKEN, Kith__Store__TakenRow, kith__store__taken_row)                                 \
    X(parked, PARKED, Kith__Store__ParkedRow, kith__store__parked_row)                             \
    X(quarantine, QUARANTINE, Kith__Store__QuarantineRow, kith__store__quarantine_row)             \
    X(evidence, EVIDENCE, Kith__Store__EvidenceRow, kith__store__evidence_row)                     \
    X(owed, OWED, Kith__Store__OwedRow, kith__store__owed_row)

#define X(name, table, type, prefix)                                                               \
    kith_err record_get_##name(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t key,             \
                               type **ret_record);                                                 \
    kith_err record_put_##name(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t key,             \
                               const type *record);
RECORDS(X)
#undef X

/* The agent's own row. A store without one is KITH_CORRUPT. */
kith_err record_meta(kith_txn_t *txn, kith_arena_t *arena, Kith__Store__AgentMeta **ret_meta);
kith_err record_meta_put(kith_txn_t *txn, kith_arena_t *arena, const Kith__Store__AgentMeta *meta);

/* Writes a debt and moves the recipient's counts with it, in the same transaction. before: as it
 * was stored; NULL: a new one. */
kith_err record_debt_write(kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t notice_id,
                           const char *recipient, const Kith__Store__Debt *before,
                           const Kith__Store__Debt *after);

/* bytes as protobuf-c has them, and back. */
static inline kith_bytes_t record_bytes(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}
static inline ProtobufCBinaryData record_binary(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
}
