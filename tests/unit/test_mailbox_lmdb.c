/* What the LMDB backend promises beyond the suite: durability, whose store it is, full, damage. */
#include "base/credit.h"
#include "broker/mailbox_lmdb.h"
#include "broker/mailbox_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { URGENT = KITH_LANE_URGENT };

typedef struct bench {
    char folder[64];
    mailbox_lmdb_options_t options;
    kith_mailbox_t *mailbox;
    kith_arena_t *arena;
    const char *what;
    store_start_t start;
} bench_t;

static const uint8_t epoch[16] = {1, 2, 3};

static kith_err opened(bench_t *b)
{
    return mailbox_lmdb_open(&b->options, &b->mailbox, &b->start, &b->what);
}

static int begin(void **state)
{
    bench_t *b = calloc(1, sizeof *b);
    assert_non_null(b);
    memcpy(b->folder, "test_mailbox_XXXXXX", 20);
    assert_non_null(mkdtemp(b->folder));
    b->options = (mailbox_lmdb_options_t){.folder = b->folder,
                                          .map_bytes = 4u * 1024u * 1024u,
                                          .broker = "hub-a",
                                          .partnership = "exampletown",
                                          .partnership_version = 3};
    b->arena = kith_arena_new(64u * 1024u * 1024u);
    assert_int_equal(mailbox_lmdb_init(&b->options, epoch), KITH_OK);
    assert_int_equal(opened(b), KITH_OK);
    *state = b;
    return 0;
}

static int end(void **state)
{
    bench_t *b = *state;
    mailbox_destroy(&b->mailbox);
    const char *names[] = {"data.mdb", "lock.mdb", "lock", "state.open"};
    char path[128];
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", b->folder, names[i]);
        unlink(path);
    }
    rmdir(b->folder);
    kith_arena_destroy(&b->arena);
    free(b);
    return 0;
}

static kith_err put(bench_t *b, const char *recipient, uint32_t name, size_t size)
{
    uint8_t *data = kith_arena_need(b->arena, size);
    memset(data, (int)name, size);
    mailbox_put_t p = {.kind = MAILBOX_ENVELOPE,
                       .body = {data, size},
                       .lane = URGENT,
                       .judged_version = 3,
                       .recipients_count = 1,
                       .recipients = &recipient};
    memcpy(p.digest.bytes, &name, sizeof name);
    return mailbox_put(b->mailbox, &p);
}

static kith_err flush(bench_t *b)
{
    kith_err err = mailbox_flush(b->mailbox);
    return err == KITH_OK ? mailbox_wait(b->mailbox) : err;
}

static uint64_t waiting(bench_t *b, const char *recipient)
{
    mailbox_count_t count;
    assert_int_equal(mailbox_count(b->mailbox, recipient, URGENT, &count), KITH_OK);
    return count.messages;
}

static size_t readable(bench_t *b, const char *recipient, mailbox_item_t *ret_items)
{
    size_t count = 0;
    mailbox_reading_t reading = {.arena = b->arena};
    assert_int_equal(
        mailbox_next(b->mailbox, recipient, URGENT, 0, 64, 1 << 20, &reading, ret_items, &count),
        KITH_OK);
    return count;
}

/* ---- durability ---- */

static void what_was_flushed_is_there_after_a_restart(void **state)
{
    bench_t *b = *state;
    mailbox_item_t items[64];
    assert_int_equal(put(b, "police", 1, 100), KITH_OK);
    assert_int_equal(put(b, "police", 2, 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    assert_int_equal(put(b, "police", 3, 100), KITH_OK); /* not flushed */
    mailbox_destroy(&b->mailbox);
    assert_int_equal(opened(b), KITH_OK);
    assert_memory_equal(b->mailbox->store_epoch, epoch, sizeof epoch);
    assert_int_equal(waiting(b, "police"), 2);
    assert_int_equal(readable(b, "police", items), 2);
    uint64_t last = items[1].token;
    assert_int_equal(put(b, "police", 4, 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    assert_int_equal(readable(b, "police", items), 3);
    assert_true(items[2].token > last); /* tokens go on growing */
}

/* ---- whose it is ---- */

static void another_brokers_store_is_refused(void **state)
{
    bench_t *b = *state;
    mailbox_destroy(&b->mailbox);
    b->options.broker = "hub-b";
    assert_int_equal(opened(b), KITH_CONFLICT);
    assert_string_equal(b->what, "it belongs to another broker");
    b->options.broker = "hub-a";
    b->options.partnership = "othertown";
    assert_int_equal(opened(b), KITH_CONFLICT);
    assert_string_equal(b->what, "it belongs to another partnership");
    assert_null(b->mailbox);
}

static void a_store_of_another_version_is_refused_with_what_to_do(void **state)
{
    bench_t *b = *state;
    mailbox_destroy(&b->mailbox);
    store_options_t o = mailbox_store_options(&b->options);
    kith_store_t *store = NULL;
    kith_txn_t *txn = NULL;
    Kith__Store__BrokerMeta *meta = NULL;
    kith_key_t key = mailbox_key_meta();
    assert_int_equal(store_open(&o, &store), KITH_OK);
    assert_int_equal(store_begin(store, &txn), KITH_OK);
    assert_int_equal(mailbox_read_meta(txn, b->arena, &meta), KITH_OK);
    meta->store_version = MAILBOX_STORE_VERSION - 1;
    assert_int_equal(kith_put_record(txn, TABLE_META, kith_key_bytes(&key), b->arena, &meta->base),
                     KITH_OK);
    assert_int_equal(store_commit(store), KITH_OK);
    store_close(&store);
    assert_int_equal(opened(b), KITH_CONFLICT);
    assert_non_null(strstr(b->what, "make a new one with --init"));
    assert_null(b->mailbox);
}

static void an_older_partnership_file_is_refused(void **state)
{
    bench_t *b = *state;
    assert_int_equal(put(b, "police", 1, 100), KITH_OK); /* judged under version 3 */
    assert_int_equal(flush(b), KITH_OK);
    mailbox_destroy(&b->mailbox);
    b->options.partnership_version = 2;
    assert_int_equal(opened(b), KITH_CONFLICT);
    assert_non_null(strstr(b->what, "newer version"));
    b->options.partnership_version = 4;
    assert_int_equal(opened(b), KITH_OK);
}

static void a_store_is_made_once_and_held_once(void **state)
{
    bench_t *b = *state;
    kith_mailbox_t *second = NULL;
    assert_int_equal(mailbox_lmdb_open(&b->options, &second, &b->start, &b->what), KITH_BUSY);
    mailbox_destroy(&b->mailbox);
    assert_int_equal(mailbox_lmdb_init(&b->options, epoch), KITH_EXISTS);
    mailbox_lmdb_options_t nowhere = b->options;
    nowhere.folder = "test_mailbox_that_is_not_there";
    assert_int_equal(mailbox_lmdb_open(&nowhere, &second, &b->start, &b->what), KITH_NOT_FOUND);
    mailbox_lmdb_found_t found;
    assert_int_equal(mailbox_lmdb_check(&nowhere, &found), KITH_NOT_FOUND);
    assert_null(second);
}

static void a_store_whose_making_was_cut_off_is_none_and_is_finished_by_init(void **state)
{
    bench_t *b = *state;
    mailbox_destroy(&b->mailbox);
    store_options_t o = mailbox_store_options(&b->options);
    kith_store_t *store = NULL;
    kith_txn_t *txn = NULL;
    assert_int_equal(store_open(&o, &store), KITH_OK);
    assert_int_equal(store_begin(store, &txn), KITH_OK);
    kith_key_t key = mailbox_key_meta();
    assert_int_equal(kith_del(txn, TABLE_META, kith_key_bytes(&key)), KITH_OK);
    assert_int_equal(store_commit(store), KITH_OK);
    store_close(&store);
    assert_int_equal(opened(b), KITH_NOT_FOUND);
    assert_int_equal(mailbox_lmdb_init(&b->options, epoch), KITH_OK);
    assert_int_equal(opened(b), KITH_OK);
}

/* ---- full ---- */

static void a_full_batch_leaves_no_trace_and_the_mailbox_goes_on(void **state)
{
    bench_t *b = *state;
    mailbox_item_t items[64];
    assert_int_equal(put(b, "police", 1, 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);

    uint32_t name = 2;
    kith_err err = KITH_OK;
    while (err == KITH_OK && name < 1000)
        err = put(b, "police", name++, 64 * 1024);
    assert_int_equal(err, KITH_FULL);
    assert_int_equal(put(b, "police", 5000, 10), KITH_FULL); /* until the flush */
    assert_int_equal(mailbox_done(b->mailbox, "police", 1), KITH_FULL);
    assert_int_equal(flush(b), KITH_FULL);
    assert_int_equal(mailbox_wait(b->mailbox), KITH_OK); /* for nothing */
    assert_int_equal(waiting(b, "police"), 1);
    assert_int_equal(readable(b, "police", items), 1);
    assert_int_equal(mailbox_done(b->mailbox, "police", items[0].token), KITH_OK);
    assert_int_equal(put(b, "police", 6000, 10), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    assert_int_equal(waiting(b, "police"), 1);
}

static void trims_still_work_when_the_map_is_full(void **state)
{
    bench_t *b = *state;
    mailbox_item_t items[64];
    uint32_t name = 1;
    kith_err err = KITH_OK;
    while (err == KITH_OK && name < 1000) {
        err = put(b, "police", name++, 32 * 1024);
        kith_err flushed = flush(b);
        err = err == KITH_OK ? flushed : err;
    }
    assert_int_equal(err, KITH_FULL);
    uint64_t before = waiting(b, "police");
    assert_true(before > 10);
    size_t count = readable(b, "police", items);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(mailbox_done(b->mailbox, "police", items[i].token), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    assert_int_equal(waiting(b, "police"), before - count);
}

/* ---- check ---- */

static void check_counts_what_is_there(void **state)
{
    bench_t *b = *state;
    assert_int_equal(put(b, "police", 1, 100), KITH_OK);
    assert_int_equal(put(b, "police", 2, 100), KITH_OK);
    assert_int_equal(put(b, "housing", 2, 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    mailbox_lmdb_found_t found;
    assert_int_equal(mailbox_lmdb_check(&b->options, &found), KITH_BUSY);
    mailbox_destroy(&b->mailbox);
    assert_int_equal(mailbox_lmdb_check(&b->options, &found), KITH_OK);
    assert_int_equal(found.rows, 3);
    assert_int_equal(found.bodies, 2);
    assert_int_equal(found.mailboxes, 2);
    assert_null(found.wrong);
}

/* Deletes or writes one row behind the mailbox's back, then checks. */
static void expect_wrong(bench_t *b, int table, const kith_key_t *key, kith_bytes_t value,
                         const char *wrong)
{
    assert_int_equal(put(b, "police", 1, 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    mailbox_destroy(&b->mailbox);
    store_options_t o = mailbox_store_options(&b->options);
    kith_store_t *store = NULL;
    kith_txn_t *txn = NULL;
    assert_int_equal(store_open(&o, &store), KITH_OK);
    assert_int_equal(store_begin(store, &txn), KITH_OK);
    kith_err err = value.size ? kith_put(txn, table, kith_key_bytes(key), value)
                              : kith_del(txn, table, kith_key_bytes(key));
    assert_int_equal(err, KITH_OK);
    assert_int_equal(store_commit(store), KITH_OK);
    store_close(&store);
    mailbox_lmdb_found_t found;
    assert_int_equal(mailbox_lmdb_check(&b->options, &found), KITH_CORRUPT);
    assert_string_equal(found.wrong, wrong);
}

/* One bit of every copy of this text in the file. */
static void flip(const bench_t *b, const char *found_by)
{
    static uint8_t data[1024 * 1024];
    char path[128];
    snprintf(path, sizeof path, "%s/data.mdb", b->folder);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    size_t size = fread(data, 1, sizeof data, file), length = strlen(found_by), flipped = 0;
    for (uint8_t *at = data;
         (at = memmem(at, (size_t)(data + size - at), found_by, length)) != NULL; flipped++)
        at[0] ^= 1;
    assert_true(flipped > 0);
    rewind(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void the_walk_reads_every_row_and_finds_damage(void **state)
{
    bench_t *b = *state;
    uint64_t rows = 0;
    bool done = false;
    assert_int_equal(put(b, "police", 'z', 100), KITH_OK);
    assert_int_equal(flush(b), KITH_OK);
    assert_int_equal(mailbox_walk(b->mailbox, &rows, &done), KITH_OK);
    assert_true(done);
    assert_int_equal(rows, TABLES); /* one in each */
    mailbox_destroy(&b->mailbox);
    flip(b, "zzzzzzzz"); /* of the body */
    assert_int_equal(opened(b), KITH_OK);
    done = false;
    assert_int_equal(mailbox_walk(b->mailbox, &rows, &done), KITH_CORRUPT);
    assert_false(done);
    mailbox_destroy(&b->mailbox);
    /* What the walk met is no clean end. */
    assert_int_equal(opened(b), KITH_CORRUPT);
    assert_true(b->start.unclean);
    assert_string_equal(b->start.damaged, mailbox_tables[TABLE_BODIES]);
}

static kith_key_t name_of_1(void)
{
    static const uint8_t digest[32] = {1};
    return mailbox_key_name((kith_bytes_t){0}, (kith_bytes_t){digest, sizeof digest});
}

static void check_finds_a_missing_body(void **state)
{
    kith_key_t key = mailbox_key_body(1);
    expect_wrong(*state, TABLE_BODIES, &key, (kith_bytes_t){0}, "rows: no body");
}

static void check_finds_a_missing_name(void **state)
{
    kith_key_t key = name_of_1();
    expect_wrong(*state, TABLE_NAMES, &key, (kith_bytes_t){0}, "rows: no name");
}

static void check_finds_a_name_that_is_none(void **state)
{
    kith_key_t key = name_of_1();
    expect_wrong(*state, TABLE_NAMES, &key, kith_bytes_str("too little"), "rows: no name");
}

static void check_finds_a_name_of_another_row(void **state)
{
    kith_key_t key = name_of_1();
    const uint8_t other_recipient[] = {0, 0, 0, 0, 0, 0, 0, 1, 'x', 0};
    expect_wrong(*state, TABLE_NAMES, &key, (kith_bytes_t){other_recipient, sizeof other_recipient},
                 "rows: the name is of another row");
}

static void check_finds_a_name_of_another_body(void **state)
{
    kith_key_t key = name_of_1();
    const uint8_t other_body[] = {0, 0, 0, 0, 0, 0, 0, 2, 'p', 'o', 'l', 'i', 'c', 'e', 0};
    expect_wrong(*state, TABLE_NAMES, &key, (kith_bytes_t){other_body, sizeof other_body},
                 "rows: the name is of another row");
}

static void check_finds_a_name_with_a_copy_too_many(void **state)
{
    kith_key_t key = name_of_1();
    const uint8_t two[] = {0, 0, 0, 0, 0, 0, 0, 1, 'x', 0, 'p', 'o', 'l', 'i', 'c', 'e', 0};
    expect_wrong(*state, TABLE_NAMES, &key, (kith_bytes_t){two, sizeof two},
                 "names: not as many copies as rows");
}

static void check_finds_a_missing_row(void **state)
{
    kith_key_t key = mailbox_key_row("police", URGENT, 1);
    expect_wrong(*state, TABLE_ROWS, &key, (kith_bytes_t){0}, "counts: not the sum of the rows");
}

static void check_finds_a_missing_count(void **state)
{
    kith_key_t key = mailbox_key_lane("police", URGENT);
    expect_wrong(*state, TABLE_COUNTS, &key, (kith_bytes_t){0}, "rows: not in any count");
}

static void check_finds_a_record_that_is_none(void **state)
{
    kith_key_t key = mailbox_key_row("police", URGENT, 1);
    expect_wrong(*state, TABLE_ROWS, &key, kith_bytes_str("\xff\xff"), "rows");
}

static void check_finds_a_body_that_nobody_names(void **state)
{
    uint8_t body[2 + 32] = {0x22, 32, 2}; /* digest: another one than the row's */
    kith_key_t key = mailbox_key_body(77);
    expect_wrong(*state, TABLE_BODIES, &key, (kith_bytes_t){body, sizeof body}, "bodies: no name");
}

static void check_finds_a_body_under_two_numbers(void **state)
{
    uint8_t body[2 + 32] = {0x22, 32, 1}; /* the row's digest; the row names number 1 */
    kith_key_t key = mailbox_key_body(77);
    expect_wrong(*state, TABLE_BODIES, &key, (kith_bytes_t){body, sizeof body},
                 "bodies: the name is of another body");
}

static void check_finds_a_body_without_digest(void **state)
{
    kith_key_t key = mailbox_key_body(77);
    expect_wrong(*state, TABLE_BODIES, &key, (kith_bytes_t){(const uint8_t *)"\x08\x01", 2},
                 "bodies: no name");
}

static void check_finds_a_name_without_body(void **state)
{
    kith_key_t key = mailbox_key_name(kith_bytes_str("other"), (kith_bytes_t){0});
    expect_wrong(*state, TABLE_NAMES, &key, kith_bytes_str("x"), "names: not as many as bodies");
}

static void a_copy_whose_body_is_gone_is_corrupt(void **state)
{
    bench_t *b = *state;
    kith_key_t key = mailbox_key_body(1);
    expect_wrong(b, TABLE_BODIES, &key, (kith_bytes_t){0}, "rows: no body");
    assert_int_equal(opened(b), KITH_OK);
    mailbox_item_t items[4];
    size_t count = 0;
    mailbox_reading_t reading = {.arena = b->arena};
    assert_int_equal(
        mailbox_next(b->mailbox, "police", URGENT, 0, 4, 1000, &reading, items, &count),
        KITH_CORRUPT);
    assert_int_equal(mailbox_done(b->mailbox, "police", 1), KITH_CORRUPT);
    assert_int_equal(flush(b), KITH_CORRUPT);
}

/* ---- rows read by hand ---- */

static ProtobufCBinaryData filled(kith_arena_t *arena, size_t size)
{
    uint8_t *data = kith_arena_need(arena, size + 1);
    memset(data, 'x', size);
    return (ProtobufCBinaryData){size, data};
}

static void a_row_is_read_as_protobuf_packs_it(void **state)
{
    bench_t *b = *state;
    mailbox_row_t read;
    Kith__Store__MailboxRow row = KITH__STORE__MAILBOX_ROW__INIT;
    row.digest = filled(b->arena, KITH_DIGEST_BYTES);
    row.kind = MAILBOX_RECEIPT;
    row.size = 70000;
    row.stream = filled(b->arena, 60);
    row.body = UINT64_MAX;
    assert_int_equal(mailbox_row_read(KITH_PACK(b->arena, &row), &read), KITH_OK);
    assert_memory_equal(read.digest.bytes, row.digest.data, KITH_DIGEST_BYTES);
    assert_int_equal(read.kind, MAILBOX_RECEIPT);
    assert_int_equal(read.size, 70000);
    assert_int_equal(read.stream.size, 60);
    assert_true(read.body == UINT64_MAX);
}

static void a_body_is_read_as_protobuf_packs_it(void **state)
{
    bench_t *b = *state;
    mailbox_body_t read;
    Kith__Store__BodyRow row = KITH__STORE__BODY_ROW__INIT;
    row.kind = MAILBOX_ENVELOPE;
    row.body = filled(b->arena, 20000);
    row.judged_version = 300;
    row.digest = filled(b->arena, KITH_DIGEST_BYTES);
    assert_int_equal(mailbox_body_read(KITH_PACK(b->arena, &row), &read), KITH_OK);
    assert_int_equal(read.kind, MAILBOX_ENVELOPE);
    assert_int_equal(read.judged_version, 300);
    assert_int_equal(read.body.size, row.body.len);
    assert_memory_equal(read.body.data, row.body.data, row.body.len);
}

static void what_is_cut_short_or_of_no_kind_is_corrupt(void **state)
{
    bench_t *b = *state;
    mailbox_row_t row;
    mailbox_body_t body;
    Kith__Store__MailboxRow r = KITH__STORE__MAILBOX_ROW__INIT;
    Kith__Store__BodyRow o = KITH__STORE__BODY_ROW__INIT;
    r.digest = filled(b->arena, KITH_DIGEST_BYTES);
    o.body = filled(b->arena, 100);
    assert_int_equal(mailbox_row_read(KITH_PACK(b->arena, &r), &row), KITH_CORRUPT);
    assert_int_equal(mailbox_body_read(KITH_PACK(b->arena, &o), &body), KITH_CORRUPT);
    r.kind = o.kind = MAILBOX_ENVELOPE;
    kith_bytes_t packed_row = KITH_PACK(b->arena, &r), packed_body = KITH_PACK(b->arena, &o);
    assert_int_equal(mailbox_row_read(packed_row, &row), KITH_OK);
    assert_int_equal(mailbox_body_read(packed_body, &body), KITH_OK);
    for (size_t size = 0; size < KITH_DIGEST_BYTES + 2; size++) {
        assert_int_equal(mailbox_row_read((kith_bytes_t){packed_row.data, size}, &row),
                         KITH_CORRUPT);
        assert_int_equal(mailbox_body_read((kith_bytes_t){packed_body.data, size}, &body),
                         KITH_CORRUPT);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(what_was_flushed_is_there_after_a_restart),
        TEST(another_brokers_store_is_refused),
        TEST(a_store_of_another_version_is_refused_with_what_to_do),
        TEST(an_older_partnership_file_is_refused),
        TEST(a_store_is_made_once_and_held_once),
        TEST(a_store_whose_making_was_cut_off_is_none_and_is_finished_by_init),
        TEST(a_full_batch_leaves_no_trace_and_the_mailbox_goes_on),
        TEST(trims_still_work_when_the_map_is_full),
        TEST(check_counts_what_is_there),
        TEST(the_walk_reads_every_row_and_finds_damage),
        TEST(check_finds_a_missing_body),
        TEST(check_finds_a_missing_name),
        TEST(check_finds_a_name_that_is_none),
        TEST(check_finds_a_name_of_another_row),
        TEST(check_finds_a_name_of_another_body),
        TEST(check_finds_a_name_with_a_copy_too_many),
        TEST(check_finds_a_missing_row),
        TEST(check_finds_a_missing_count),
        TEST(check_finds_a_record_that_is_none),
        TEST(check_finds_a_body_that_nobody_names),
        TEST(check_finds_a_body_under_two_numbers),
        TEST(check_finds_a_body_without_digest),
        TEST(check_finds_a_name_without_body),
        TEST(a_copy_whose_body_is_gone_is_corrupt),
        TEST(a_row_is_read_as_protobuf_packs_it),
        TEST(a_body_is_read_as_protobuf_packs_it),
        TEST(what_is_cut_short_or_of_no_kind_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
