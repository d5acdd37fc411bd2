#include "broker/mailbox_tables.h"

#include "base/wire.h"

#include <string.h>

/* Field numbers of store.proto; test_mailbox_lmdb compares them with what protobuf-c makes. */
enum { ROW_DIGEST = 1, ROW_KIND = 2, ROW_SIZE = 3, ROW_BODY = 4, ROW_STREAM = 5 };
enum { BODY_KIND = 1, BODY_BODY = 2, BODY_JUDGED_VERSION = 3 };

const char *const mailbox_tables[TABLES] = {"meta", "bodies", "rows", "names", "counts"};

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

kith_key_t mailbox_key_name(kith_bytes_t stream, kith_bytes_t digest)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, stream);
    kith_key_raw(&key, digest);
    return key;
}

static bool is_kind(mailbox_kind kind)
{
    return kind == MAILBOX_ENVELOPE || kind == MAILBOX_RECEIPT || kind == MAILBOX_REFUSAL;
}

kith_err mailbox_row_read(kith_bytes_t value, mailbox_row_t *ret_row)
{
    kith_wire_field_t field;
    mailbox_row_t row = {0};
    kith_bytes_t digest = {0};
    while (kith_wire_next(&value, &field)) {
        if (field.number == ROW_DIGEST)
            digest = field.bytes;
        else if (field.number == ROW_KIND)
            row.kind = (mailbox_kind)field.value;
        else if (field.number == ROW_SIZE)
            row.size = field.value;
        else if (field.number == ROW_BODY)
            row.body = field.value;
        else if (field.number == ROW_STREAM)
            row.stream = field.bytes;
    }
    if (value.size > 0 || digest.size != sizeof row.digest.bytes || !is_kind(row.kind) ||
        row.stream.size > MAILBOX_STREAM_BYTES_MAX)
        return KITH_CORRUPT;
    memcpy(row.digest.bytes, digest.data, digest.size);
    *ret_row = row;
    return KITH_OK;
}

kith_err mailbox_body_read(kith_bytes_t value, mailbox_body_t *ret_body)
{
    kith_wire_field_t field;
    mailbox_body_t body = {0};
    while (kith_wire_next(&value, &field)) {
        if (field.number == BODY_KIND)
            body.kind = (mailbox_kind)field.value;
        else if (field.number == BODY_BODY)
            body.body = field.bytes;
        else if (field.number == BODY_JUDGED_VERSION)
            body.judged_version = (uint32_t)field.value;
    }
    if (value.size > 0 || body.body.size == 0 || !is_kind(body.kind))
        return KITH_CORRUPT;
    *ret_body = body;
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
