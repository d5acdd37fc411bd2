/* The door's six calls, and records through it. */
#include "base/txn.h"

#include "base/arena.h"
#include "base/key.h"
#include "base/limits.h"
#include "base/text.h"

kith_err kith_get(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t *ret_value)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    return txn->ops->get(txn, table, key, ret_value);
}

kith_err kith_put(kith_txn_t *txn, int table, kith_bytes_t key, kith_bytes_t value)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    return txn->ops->put(txn, table, key, value);
}

kith_err kith_del(kith_txn_t *txn, int table, kith_bytes_t key)
{
    KITH_ASSERT(key.size > 0 && key.size <= KITH_KEY_BYTES_MAX);
    return txn->ops->del(txn, table, key);
}

kith_err kith_next(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t after,
                   kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    return txn->ops->next(txn, table, prefix, after, ret_key, ret_value);
}

kith_err kith_prev(kith_txn_t *txn, int table, kith_bytes_t prefix, kith_bytes_t before,
                   kith_bytes_t *ret_key, kith_bytes_t *ret_value)
{
    return txn->ops->prev(txn, table, prefix, before, ret_key, ret_value);
}

kith_err kith_count(kith_txn_t *txn, int table, uint64_t *ret_rows)
{
    return txn->ops->count(txn, table, ret_rows);
}

kith_err kith_get_record(kith_txn_t *txn, int table, kith_bytes_t key, struct kith_arena *arena,
                         const void *descriptor, void **ret_message)
{
    kith_bytes_t value;
    kith_err err = kith_get(txn, table, key, &value);
    if (err != KITH_OK) {
        return err;
    }
    /* What came from outside was checked before it was written; its row has a checksum. */
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, kith_arena_allocator(arena), value.size, value.data);
    if (message == NULL) {
        /* A turn that filled its arena must not be taken for a damaged store. */
        return kith_arena_room(arena) < kith_message_budget(value.size) ? KITH_LIMIT : KITH_CORRUPT;
    }
    *ret_message = message;
    return KITH_OK;
}

kith_err kith_put_record(kith_txn_t *txn, int table, kith_bytes_t key, struct kith_arena *arena,
                         const void *message)
{
    return kith_put(txn, table, key, kith_arena_pack(arena, message));
}
