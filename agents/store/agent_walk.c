/* See agent_walk.h. */
#include "agents/store/agent_walk.h"

#include "agents/core/tables.h"

static kith_err end_table(agent_walk_t *walk, kith_txn_t *txn, uint64_t read, bool whole)
{
    uint64_t counted = 0;
    kith_err err = kith_count(txn, walk->table, &counted);
    if (err == KITH_OK && whole && counted != read)
        return KITH_CORRUPT;
    kith_key_clear(&walk->at);
    walk->table++;
    walk->done = walk->table == AGENT_TABLES_COUNT;
    return err;
}

kith_err agent_walk_on(agent_walk_t *walk, kith_txn_t *txn)
{
    uint64_t of_table = 0;
    bool whole = walk->at.size == 0; /* this table is read in this part alone */
    for (size_t i = 0; i < AGENT_WALK_ROWS && !walk->done; i++) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err =
            kith_next(txn, walk->table, (kith_bytes_t){0}, kith_key_bytes(&walk->at), &key, &value);
        if (err == KITH_NOT_FOUND) {
            err = end_table(walk, txn, of_table, whole);
            of_table = 0;
            whole = true;
        } else if (err == KITH_OK) {
            kith_key_clear(&walk->at);
            kith_key_raw(&walk->at, key);
            of_table++;
            walk->rows++;
        }
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}
