/* Rows of stores by hand, for the tests of the judge, and what it finds in them. */
#pragma once

#include "tests/check/judge.h"
#include "tests/lib/unit.h"

#include "kith.pb-c.h"
#include "store.pb-c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct key {
    size_t size;
    uint8_t data[128];
} row_key_t;

static inline void add_bytes(row_key_t *key, const void *bytes, size_t size)
{
    memcpy(key->data + key->size, bytes, size);
    key->size += size;
}

static inline void add_name(row_key_t *key, const char *name)
{
    add_bytes(key, name, strlen(name) + 1);
}

static inline void add_number(row_key_t *key, uint64_t number, size_t size)
{
    for (size_t i = size; i-- > 0;)
        key->data[key->size++] = (uint8_t)(number >> (8 * i));
}

static inline row_key_t in_key(uint64_t n)
{
    row_key_t key = {0};
    add_name(&key, "police");
    add_number(&key, 1, 4);
    add_number(&key, 1, 1);
    add_number(&key, 1, 4);
    if (n)
        add_number(&key, n, 8);
    return key;
}

static inline void put(judge_t *judge, const char *agency, const char *table, row_key_t key,
                       const void *message)
{
    static const ProtobufCMessage nothing;
    const ProtobufCMessage *row = message ? message : &nothing;
    size_t size = message ? protobuf_c_message_get_packed_size(row) : 0;
    uint8_t *value = malloc(size + 1);
    assert_non_null(value);
    if (message)
        (void)protobuf_c_message_pack(row, value);
    const char *why = "";
    bool good = strncmp(agency, "hub", 3) == 0
                    ? judge_broker_row(judge, agency, table, key.data, key.size, value, size, &why)
                    : judge_agent_row(judge, agency, table, key.data, key.size, value, size, &why);
    if (!good)
        fail_msg("%s of %s: %s", table, agency, why);
    free(value);
}

static inline const uint8_t *id_of(unsigned index)
{
    static uint8_t ids[8][16];
    ids[index][0] = (uint8_t)(index + 1);
    return ids[index];
}

static inline ProtobufCBinaryData binary(const void *bytes, size_t size)
{
    return (ProtobufCBinaryData){size, (uint8_t *)(uintptr_t)bytes};
}

static inline row_key_t id_key(const uint8_t *id)
{
    row_key_t key = {0};
    add_bytes(&key, id, 16);
    return key;
}

static inline void put_meta(judge_t *judge, const char *agency)
{
    Kith__Store__AgentMeta meta = KITH__STORE__AGENT_META__INIT;
    row_key_t key = {0};
    add_name(&key, "agent");
    meta.epoch = 1;
    put(judge, agency, "meta", key, &meta);
}

/* A number to this agency that has no receipt yet and is said to be at hub-a, of store `epoch`. */
static inline void put_slot(judge_t *judge, const char *agency, uint8_t epoch)
{
    Kith__Store__OutSlot row = KITH__STORE__OUT_SLOT__INIT;
    uint8_t digest[32] = {7}, store[16] = {epoch};
    row_key_t key = {0};
    add_number(&key, 1, 1);
    add_name(&key, agency);
    add_number(&key, 1, 4);
    add_number(&key, 1, 8);
    row.digest = binary(digest, sizeof digest);
    row.broker = (char *)(uintptr_t) "hub-a";
    row.broker_epoch = binary(store, sizeof store);
    put(judge, "police", "out", key, &row);
}

typedef struct found {
    char invariants[256], text[4096];
} found_t;

static inline void keep(void *ctx, const char *invariant, const char *what, const char *story)
{
    found_t *found = ctx;
    (void)snprintf(found->invariants + strlen(found->invariants),
                   sizeof found->invariants - strlen(found->invariants), "%s ", invariant);
    (void)snprintf(found->text + strlen(found->text), sizeof found->text - strlen(found->text),
                   "%s %s\n%s", invariant, what, story);
}
