#include "broker/mailbox_tables.h"

const char *const mailbox_tables[TABLES] = {"meta", "bodies", "rows", "row_of", "counts"};

store_options_t mailbox_store_options(const mailbox_lmdb_options_t *options)
{
    return (store_options_t){
        .folder = options->folder,
        .map_bytes = options->map_bytes,
        .tables_count = TABLES,
        .tables = mailbox_tables,
    };
}

kith_key_t mailbox_key_meta(void)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, "meta");
    return key;
}

kith_key_t mailbox_key_body(uint64_t number)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, number);
    return key;
}

kith_key_t mailbox_key_lane(const char *recipient, int lane)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, recipient);
    kith_key_u8(&key, (uint8_t)lane);
    return key;
}

kith_key_t mailbox_key_row(const char *recipient, int lane, uint64_t token)
{
    kith_key_t key = mailbox_key_lane(recipient, lane);
    kith_key_u64(&key, token);
    return key;
}

kith_key_t mailbox_key_row_of(kith_bytes_t digest, const char *recipient)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, digest);
    kith_key_name(&key, recipient);
    return key;
}

kith_key_t mailbox_place_write(const mailbox_place_t *place)
{
    kith_key_t value;
    kith_key_clear(&value);
    kith_key_u8(&value, (uint8_t)place->lane);
    kith_key_u64(&value, place->token);
    kith_key_u64(&value, place->body);
    return value;
}

kith_err mailbox_place_read(kith_bytes_t value, mailbox_place_t *ret_place)
{
    kith_key_reader_t reader = {value};
    if (value.size != 1 + 8 + 8)
        return KITH_CORRUPT;
    ret_place->lane = kith_key_read_u8(&reader);
    ret_place->token = kith_key_read_u64(&reader);
    ret_place->body = kith_key_read_u64(&reader);
    return KITH_OK;
}

kith_err mailbox_read_meta(kith_txn_t *txn, kith_arena_t *arena, Kith__Store__BrokerMeta **ret_meta)
{
    kith_key_t key = mailbox_key_meta();
    void *meta = NULL;
    kith_err err = kith_get_record(txn, TABLE_META, kith_key_bytes(&key), arena,
                                   &kith__store__broker_meta__descriptor, &meta);
    uint64_t rows = 0;
    if (err == KITH_NOT_FOUND && kith_count(txn, TABLE_META, &rows) == KITH_OK && rows > 0)
        return KITH_CORRUPT;
    if (err == KITH_OK)
        *ret_meta = meta;
    return err;
}
