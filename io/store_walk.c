/* See store_walk.h. */
#include "io/store_walk.h"

static kith_err end_table(store_walk_t *walk, kith_txn_t *txn, int tables_count, uint64_t read,
                          bool whole)
{
    uint64_t counted = 0;
    kith_err err = kith_count(txn, walk->table, &counted);
    if (err == KITH_OK && whole && counted != read)
        return KITH_CORRUPT;
    if (err != KITH_OK)
        return err;
    kith_key_clear(&walk->at);
    walk->table++;
    walk->done = walk->table == tables_count;
    return KITH_OK;
}

kith_err store_walk_on(store_walk_t *walk, kith_txn_t *txn, int tables_count)
{
    uint64_t of_table = 0;
    size_t bytes = 0;
    bool whole = walk->at.size == 0; /* this table is read in this part alone */
    for (size_t i = 0; i < STORE_WALK_ROWS && bytes < STORE_WALK_BYTES && !walk->done; i++) {
        kith_bytes_t key = {0}, value = {0};
        kith_err err =
            kith_next(txn, walk->table, (kith_bytes_t){0}, kith_key_bytes(&walk->at), &key, &value);
        if (err == KITH_NOT_FOUND) {
            err = end_table(walk, txn, tables_count, of_table, whole);
            of_table = 0;
            whole = true;
        } else if (err == KITH_OK) {
            kith_key_clear(&walk->at);
            kith_key_raw(&walk->at, key);
            of_table++;
            walk->rows++;
            bytes += value.size;
        }
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}
