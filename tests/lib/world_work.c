/* The work of the world's agents: keeps what it is given, and hands it on to the kit's work. */
#include "tests/lib/toy_hash.h"
#include "tests/lib/world.h"

#include <string.h>

static kith_err append_row(kith_txn_t *txn, int table, kith_bytes_t value)
{
    uint64_t rows = 0;
    kith_err err = kith_count(txn, table, &rows);
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, rows);
    return err != KITH_OK ? err : kith_put(txn, table, kith_key_bytes(&key), value);
}

static size_t index_of(const world_agent_t *a)
{
    return (size_t)(a - a->world->agents);
}

static kith_err apply(void *ctx, kith_txn_t *txn, kith_arena_t *arena,
                      const agent_received_t *received, Kith__Reason *ret_reason)
{
    world_agent_t *a = ctx;
    unsigned flags = (unsigned)received->late | (unsigned)received->again << 1 |
                     (unsigned)received->early << 2 | (unsigned)received->mine << 3 |
                     (unsigned)received->clock_apart << 4;
    int lane = received->header ? kith_lane_index(received->header->id->lane) : 0;
    size_t name_size = strlen(received->origin) + 1;
    size_t size = 2 + KITH_ID_BYTES + name_size + received->notice_bytes.size;
    uint8_t *row = kith_arena_need(arena, size);
    row[0] = (uint8_t)flags;
    row[1] = (uint8_t)lane;
    memcpy(row + 2, received->notice->id.data, KITH_ID_BYTES);
    memcpy(row + 2 + KITH_ID_BYTES, received->origin, name_size);
    memcpy(row + 2 + KITH_ID_BYTES + name_size, received->notice_bytes.data,
           received->notice_bytes.size);
    kith_err err = append_row(txn, WORLD_TABLE_SHOWN, (kith_bytes_t){row, size});
    if (err != KITH_OK)
        return err;
    bool cannot = received->notice->body_case == KITH__NOTICE__BODY_EVENT &&
                  strcmp(received->notice->event->kind, WORLD_CANNOT_APPLY) == 0;
    const world_kit_t *kit = a->world->kit;
    if (received->mine)
        world_attempted(a->world, index_of(a), received);
    if (kit && kit->apply) {
        err = kit->apply(a->world, index_of(a), txn, arena, received, ret_reason);
        if (err != KITH_OK)
            return err;
    }
    if (!a->apply_fails && (!cannot || received->mine)) {
        world_rule_applied(a->world, index_of(a), received);
        return KITH_OK;
    }
    if (a->dies)
        return KITH_IO;
    *ret_reason = KITH__REASON__REASON_APPLY_FAILED; /* the row written above must not stay */
    return KITH_INVALID;
}

static kith_err outcome(void *ctx, kith_txn_t *txn, kith_arena_t *arena,
                        const agent_outcome_t *said)
{
    world_agent_t *a = ctx;
    KITH_ASSERT(said->notice_id.size == KITH_ID_BYTES);
    size_t name_size = strlen(said->recipient) + 1, clause_size = strlen(said->clause) + 1;
    size_t size = 2 + KITH_ID_BYTES + name_size + clause_size;
    uint8_t *row = kith_arena_need(arena, size);
    row[0] = (uint8_t)said->outcome;
    row[1] = (uint8_t)said->reason;
    memcpy(row + 2, said->notice_id.data, KITH_ID_BYTES);
    memcpy(row + 2 + KITH_ID_BYTES, said->recipient, name_size);
    memcpy(row + 2 + KITH_ID_BYTES + name_size, said->clause, clause_size);
    kith_err err = append_row(txn, WORLD_TABLE_TOLD, (kith_bytes_t){row, size});
    if (err == KITH_OK)
        err = world_rule_outcome(a->world, index_of(a), txn, arena, said);
    const world_kit_t *kit = a->world->kit;
    return err == KITH_OK && kit && kit->outcome
               ? kit->outcome(a->world, index_of(a), txn, arena, said)
               : err;
}

agent_doors_t world_doors(world_agent_t *a)
{
    const world_kit_t *kit = a->world->kit;
    return (agent_doors_t){.hash = kit && kit->hash ? kit->hash : toy_hash,
                           .work = a,
                           .apply = apply,
                           .outcome = outcome};
}
