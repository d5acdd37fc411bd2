/* A broker's rows (proto/store.proto): what waits, what is kept as its count, and the bodies. */
#include "tests/check/judge_private.h"

#include <string.h>

enum { KIND_ENVELOPE = 1, KIND_REFUSAL = 3 }; /* of MailboxRow */

static broker_t *broker_named(judge_t *self, const char *name)
{
    EACH(broker_t, broker, &self->brokers)
    if (strcmp(broker->name, name) == 0)
        return broker;
    broker_t *broker = list_add(&self->brokers, sizeof *broker);
    copy_text(broker->name, NAME_SIZE, name);
    return broker;
}

static waiting_t *lane_of(list_t *list, const char *recipient, int lane)
{
    EACH(waiting_t, one, list)
    if (one->lane == lane && strcmp(one->recipient, recipient) == 0)
        return one;
    waiting_t *one = list_add(list, sizeof *one);
    copy_text(one->recipient, NAME_SIZE, recipient);
    one->lane = lane;
    return one;
}

/* recipient, NUL, lane: how both tables' keys begin. NULL: it does not. */
static waiting_t *lane_of_key(list_t *list, const char *key, size_t key_size)
{
    size_t name_size = strnlen(key, key_size);
    if (name_size == key_size || name_size + 2 > key_size || name_size >= NAME_SIZE)
        return NULL;
    return lane_of(list, key, (unsigned char)key[name_size + 1]);
}

static void add_number(list_t *list, uint64_t number)
{
    *(uint64_t *)list_add(list, sizeof number) = number;
}

static bool take_meta(broker_t *broker, size_t size, const uint8_t *value)
{
    Kith__Store__BrokerMeta *meta = kith__store__broker_meta__unpack(NULL, size, value);
    bool good = meta && meta->store_epoch.len == ID_SIZE;
    if (good)
        memcpy(broker->epoch, meta->store_epoch.data, ID_SIZE);
    broker->has_meta = good;
    if (meta)
        kith__store__broker_meta__free_unpacked(meta, NULL);
    return good;
}

static void keep(broker_t *broker, const char *recipient, const Kith__Store__MailboxRow *row)
{
    broker->has_refusals |= row->kind == KIND_REFUSAL;
    if (row->kind != KIND_ENVELOPE)
        return;
    kept_t *kept = list_add(&broker->envelopes, sizeof *kept);
    copy_text(kept->recipient, NAME_SIZE, recipient);
    if (row->digest.len == DIGEST_SIZE)
        memcpy(kept->digest, row->digest.data, DIGEST_SIZE);
}

static bool take_row(broker_t *broker, const void *key, size_t key_size, size_t size,
                     const uint8_t *value)
{
    Kith__Store__MailboxRow *row = kith__store__mailbox_row__unpack(NULL, size, value);
    waiting_t *lane = lane_of_key(&broker->rows, key, key_size);
    if (row && lane) {
        lane->messages += row->kind == KIND_ENVELOPE;
        lane->others += row->kind != KIND_ENVELOPE;
        add_number(&broker->named, row->body);
        keep(broker, lane->recipient, row);
    }
    bool good = row && lane;
    if (row)
        kith__store__mailbox_row__free_unpacked(row, NULL);
    return good;
}

static bool take_count(broker_t *broker, const void *key, size_t key_size, size_t size,
                       const uint8_t *value)
{
    Kith__Store__MailboxCount *count = kith__store__mailbox_count__unpack(NULL, size, value);
    waiting_t *lane = lane_of_key(&broker->kept, key, key_size);
    bool good = count && lane;
    if (good) {
        lane->messages = count->messages;
        lane->others = count->others;
    }
    if (count)
        kith__store__mailbox_count__free_unpacked(count, NULL);
    return good;
}

static bool take_body(broker_t *broker, const uint8_t *key, size_t key_size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < key_size && i < sizeof number; i++)
        number = number << 8 | key[i];
    add_number(&broker->bodies, number);
    return key_size == sizeof number;
}

bool judge_broker_row(judge_t *self, const char *name, const char *table, const void *key,
                      size_t key_size, const void *value, size_t value_size, const char **ret_why)
{
    broker_t *broker = broker_named(self, name);
    bool good = true;
    if (strcmp(table, "meta") == 0)
        good = take_meta(broker, value_size, value);
    else if (strcmp(table, "rows") == 0)
        good = take_row(broker, key, key_size, value_size, value);
    else if (strcmp(table, "counts") == 0)
        good = take_count(broker, key, key_size, value_size, value);
    else if (strcmp(table, "bodies") == 0)
        good = take_body(broker, key, key_size);
    if (!good)
        *ret_why = "key or record are not what proto/store.proto says of this table";
    return good;
}
