/* Stored rows. Property: a row whose bytes were changed within one word, zeroed, or moved to
 * another key or table is not read; a value that no program of ours wrote, under a checksum that
 * fits, is KITH_CORRUPT or a whole record. */
#include "agents/core/records.h"
#include "base/checksum.h"
#include "broker/mailbox_tables.h"
#include "broker/mailbox_waiting.h"
#include "fuzz.h"
#include "input.h"
#include "tests/lib/memtxn.h"

#include <stdlib.h>
#include <string.h>

static bool all_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i])
            return false;
    return true;
}

static void damage(input_t *in)
{
    uint64_t seed = input_u64(in), change = input_u64(in);
    size_t word = input_u16(in);
    kith_bytes_t key = input_bytes(in, 1 + input_u8(in) % KITH_KEY_BYTES_MAX), value, read;
    if (key.size == 0 || change == 0)
        return;
    value = in->rest;
    size_t size = value.size + KITH_ROW_EXTRA_BYTES;
    uint8_t *row = malloc(size), *other = malloc(size);
    KITH_ASSERT(row && other);
    kith_row_write(seed, key, value, row);
    KITH_ASSERT(kith_row_read(seed, key, (kith_bytes_t){row, size}, &read));
    KITH_ASSERT(kith_bytes_equal(read, value));
    KITH_ASSERT(!kith_row_read(seed ^ change, key, (kith_bytes_t){row, size}, &read));
    memcpy(other, row, size);
    for (size_t i = 0, at = word % (size / 8) * 8; i < 8 && at + i < size; i++)
        other[at + i] ^= (uint8_t)(change >> (8 * i));
    if (memcmp(other, row, size) != 0)
        KITH_ASSERT(!kith_row_read(seed, key, (kith_bytes_t){other, size}, &read));
    memset(other, 0, size);
    if (!all_zero(row, size))
        KITH_ASSERT(!kith_row_read(seed, key, (kith_bytes_t){other, size}, &read));
    free(row);
    free(other);
}

static void check(kith_err err, const void *record)
{
    KITH_ASSERT(err == KITH_OK ? record != NULL : err == KITH_CORRUPT && !record);
}

static void decode(input_t *in)
{
    static const uint8_t key_bytes[] = "k";
    kith_bytes_t key = {key_bytes, 1};
    kith_arena_t *arena = kith_arena_new(64 * KITH_MIB);
    memtxn_t *store = memtxn_new(AGENT_TABLES_COUNT);
    kith_txn_t *txn = memtxn_begin(store);
    for (int table = 0; table < AGENT_TABLES_COUNT; table++)
        KITH_ASSERT(kith_put(txn, table, key, in->rest) == KITH_OK);
#define X(name, table, type, prefix)                                                               \
    {                                                                                              \
        type *record = NULL;                                                                       \
        kith_err err = record_get_##name(txn, arena, key, &record);                                \
        check(err, record);                                                                        \
    }
    RECORDS(X)
#undef X
    mailbox_waiting_t waiting;
    kith_err read = mailbox_waiting_read(&waiting, arena, in->rest, 2);
    KITH_ASSERT(read == KITH_OK || read == KITH_CORRUPT);
    if (read == KITH_OK) {
        KITH_ASSERT(kith_bytes_equal(mailbox_waiting_bytes(&waiting), in->rest));
        size_t count = mailbox_waiting_count(&waiting);
        bool there = mailbox_waiting_has(&waiting, "x");
        mailbox_waiting_add(&waiting, "x");
        KITH_ASSERT(mailbox_waiting_count(&waiting) == count + 1);
        KITH_ASSERT(mailbox_waiting_drop(&waiting, "x"));
        KITH_ASSERT(mailbox_waiting_has(&waiting, "x") == there);
    }
    memtxn_destroy(&store);
    kith_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input_t in = {{data, size}};
    input_u8(&in) % 2 ? damage(&in) : decode(&in);
    return 0;
}
