/* The conformance suite of mailbox.h: every backend passes it, through the same tests. */
#include "tests/unit/mailbox_memory.h"

#include "base/credit.h"
#include "base/limits.h"
#include "broker/mailbox_lmdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { URGENT = KITH_LANE_URGENT, NORMAL = KITH_LANE_NORMAL };

/* What a test is run against. */
typedef struct bench {
    bool lmdb;
    char folder[64];
    kith_mailbox_t *mailbox;
    kith_arena_t *arena;
    mailbox_item_t items[64];
    size_t count;
} bench_t;

static mailbox_lmdb_options_t options(const bench_t *b)
{
    return (mailbox_lmdb_options_t){.folder = b->folder,
                                    .map_bytes = 64u * 1024u * 1024u,
                                    .broker = "hub-a",
                                    .partnership = "exampletown",
                                    .partnership_version = 9};
}

static void open_store(bench_t *b)
{
    mailbox_lmdb_options_t o = options(b);
    const char *what = NULL;
    store_start_t start;
    assert_int_equal(mailbox_lmdb_open(&o, &b->mailbox, &start, &what), KITH_OK);
}

static int begin_lmdb(void **state)
{
    static const uint8_t epoch[16] = {1, 2, 3};
    bench_t *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->lmdb = true;
    memcpy(b->folder, "test_mailbox_XXXXXX", 20);
    assert_non_null(mkdtemp(b->folder));
    mailbox_lmdb_options_t o = options(b);
    assert_int_equal(mailbox_lmdb_init(&o, epoch), KITH_OK);
    open_store(b);
    b->arena = kith_arena_new(64u * 1024u * 1024u);
    *state = b;
    return 0;
}

static int begin_memory(void **state)
{
    bench_t *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->mailbox = mailbox_memory_new();
    b->arena = kith_arena_new(64u * 1024u * 1024u);
    *state = b;
    return 0;
}

static int end(void **state)
{
    bench_t *b = *state;
    mailbox_destroy(&b->mailbox);
    mailbox_destroy(&b->mailbox);
    if (b->lmdb) {
        mailbox_lmdb_options_t o = options(b);
        mailbox_lmdb_found_t found;
        kith_err err = mailbox_lmdb_check(&o, &found); /* every test leaves a sound store */
        if (err != KITH_OK)
            fail_msg("check: %s", found.wrong ? found.wrong : kith_err_text(err));
        char command[128];
        const char *names[] = {"data.mdb", "lock.mdb", "lock"};
        for (size_t i = 0; i < 3; i++) {
            snprintf(command, sizeof command, "%s/%s", b->folder, names[i]);
            unlink(command);
        }
        rmdir(b->folder);
    }
    kith_arena_destroy(&b->arena);
    free(b);
    return 0;
}

/* ---- short forms ---- */

static mailbox_put_t body(bench_t *b, uint8_t name, size_t size)
{
    uint8_t *data = kith_arena_need(b->arena, size);
    memset(data, name, size);
    mailbox_put_t put = {
        .kind = MAILBOX_ENVELOPE, .body = {data, size}, .lane = URGENT, .judged_version = 3};
    memset(put.digest.bytes, name, sizeof put.digest.bytes);
    return put;
}

static void put_to(bench_t *b, mailbox_put_t put, const char *one, const char *two)
{
    const char *recipients[] = {one, two};
    put.recipients = recipients;
    put.recipients_count = two ? 2 : 1;
    assert_int_equal(mailbox_put(b->mailbox, &put), KITH_OK);
}

static void put(bench_t *b, const char *recipient, int lane, uint8_t name)
{
    mailbox_put_t p = body(b, name, 100);
    p.lane = lane;
    put_to(b, p, recipient, NULL);
}

static void flush(bench_t *b)
{
    assert_int_equal(mailbox_flush(b->mailbox), KITH_OK);
    assert_int_equal(mailbox_wait(b->mailbox), KITH_OK);
}

static void next(bench_t *b, const char *recipient, int lane, uint64_t after, size_t items_max,
                 uint64_t bytes_max)
{
    mailbox_reading_t reading = {.arena = b->arena};
    assert_int_equal(mailbox_next(b->mailbox, recipient, lane, after, items_max, bytes_max,
                                  &reading, b->items, &b->count),
                     KITH_OK);
}

static void expect_items(bench_t *b, const char *recipient, int lane, const char *names)
{
    next(b, recipient, lane, 0, 64, 1 << 20);
    assert_int_equal(b->count, strlen(names));
    for (size_t i = 0; i < b->count; i++)
        assert_int_equal(b->items[i].body.data[0], names[i]);
}

static void expect_count(bench_t *b, const char *recipient, int lane, uint64_t messages,
                         uint64_t bytes, uint64_t others)
{
    mailbox_count_t count;
    assert_int_equal(mailbox_count(b->mailbox, recipient, lane, &count), KITH_OK);
    assert_int_equal(count.messages, messages);
    assert_int_equal(count.bytes, bytes);
    assert_int_equal(count.others, others);
}

/* ---- the suite ---- */

static void what_is_put_is_there_after_the_flush(void **state)
{
    bench_t *b = *state;
    mailbox_put_t p = body(b, 'a', 5000);
    p.judged_version = 7;
    put_to(b, p, "police", NULL);
    flush(b);
    next(b, "police", URGENT, 0, 64, 1 << 20);
    assert_int_equal(b->count, 1);
    assert_int_equal(b->items[0].kind, MAILBOX_ENVELOPE);
    assert_int_equal(b->items[0].judged_version, 7);
    assert_memory_equal(&b->items[0].digest, &p.digest, sizeof p.digest);
    assert_int_equal(b->items[0].body.size, 5000);
    assert_memory_equal(b->items[0].body.data, p.body.data, 5000);
    assert_true(b->items[0].token > 0);
    expect_count(b, "police", URGENT, 1, 5000, 0);
}

static void lanes_and_recipients_are_apart(void **state)
{
    bench_t *b = *state;
    put(b, "police", URGENT, 'a');
    put(b, "police", NORMAL, 'b');
    put(b, "police-x", URGENT, 'c'); /* a name that begins like another */
    put(b, "polic", URGENT, 'd');
    flush(b);
    expect_items(b, "police", URGENT, "a");
    expect_items(b, "police", NORMAL, "b");
    expect_items(b, "police-x", URGENT, "c");
    expect_items(b, "housing", URGENT, "");
    expect_count(b, "housing", URGENT, 0, 0, 0);
}

static void oldest_come_first_and_tokens_grow(void **state)
{
    bench_t *b = *state;
    for (int turn = 0; turn < 2; turn++) {
        for (uint8_t i = 0; i < 20; i++)
            put(b, "police", URGENT, (uint8_t)('a' + turn * 20 + i));
        flush(b);
    }
    next(b, "police", URGENT, 0, 64, 1 << 20);
    assert_int_equal(b->count, 40);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(b->items[i].body.data[0], 'a' + i);
        if (i > 0)
            assert_true(b->items[i].token > b->items[i - 1].token);
    }
    uint64_t middle = b->items[19].token;
    next(b, "police", URGENT, middle, 5, 1 << 20);
    assert_int_equal(b->count, 5);
    assert_int_equal(b->items[0].body.data[0], 'a' + 20);
}

static void next_keeps_to_its_bounds_but_for_the_first(void **state)
{
    bench_t *b = *state;
    for (uint8_t i = 0; i < 4; i++)
        put(b, "police", URGENT, (uint8_t)('a' + i));
    flush(b);
    next(b, "police", URGENT, 0, 2, 1 << 20);
    assert_int_equal(b->count, 2);
    next(b, "police", URGENT, 0, 64, 300);
    assert_int_equal(b->count, 3);
    next(b, "police", URGENT, 0, 64, 299);
    assert_int_equal(b->count, 2);
    next(b, "police", URGENT, 0, 64, 1);
    assert_int_equal(b->count, 1);
    next(b, "police", URGENT, 0, 0, 1);
    assert_int_equal(b->count, 0);
}

static void putting_again_changes_nothing(void **state)
{
    bench_t *b = *state;
    put_to(b, body(b, 'a', 100), "police", NULL);
    put_to(b, body(b, 'a', 100), "police", NULL); /* in the same batch */
    flush(b);
    next(b, "police", URGENT, 0, 64, 1 << 20);
    uint64_t token = b->items[0].token;
    put_to(b, body(b, 'a', 100), "police", "housing"); /* and in a later one, with somebody new */
    flush(b);
    expect_items(b, "police", URGENT, "a");
    assert_int_equal(b->items[0].token, token);
    expect_items(b, "housing", URGENT, "a");
    expect_count(b, "police", URGENT, 1, 100, 0);
    expect_count(b, "housing", URGENT, 1, 100, 0);
}

static void done_ends_one_copy_only(void **state)
{
    bench_t *b = *state;
    put_to(b, body(b, 'a', 100), "police", "housing");
    flush(b);
    next(b, "police", URGENT, 0, 64, 1 << 20);
    assert_int_equal(mailbox_done(b->mailbox, "police", b->items[0].token), KITH_OK);
    flush(b);
    expect_items(b, "police", URGENT, "");
    expect_items(b, "housing", URGENT, "a");
    expect_count(b, "police", URGENT, 0, 0, 0);
    uint64_t token = b->items[0].token;
    assert_int_equal(mailbox_done(b->mailbox, "housing", token), KITH_OK);
    flush(b);
    expect_items(b, "housing", URGENT, "");
    /* The same body may come again. */
    put(b, "police", URGENT, 'a');
    flush(b);
    expect_items(b, "police", URGENT, "a");
}

/* Of three, the middle one is done; then the same is put to all, and somebody new. */
static void putting_again_gives_back_what_was_done_only(void **state)
{
    bench_t *b = *state;
    const char *first[] = {"police", "housing", "health"};
    const char *then[] = {"school", "police", "housing", "health"};
    mailbox_put_t p = body(b, 'a', 100);
    p.stream = kith_bytes_str("police, the first");
    p.recipients = first;
    p.recipients_count = 3;
    assert_int_equal(mailbox_put(b->mailbox, &p), KITH_OK);
    flush(b);
    next(b, "housing", URGENT, 0, 64, 1 << 20);
    assert_int_equal(mailbox_done(b->mailbox, "housing", b->items[0].token), KITH_OK);
    flush(b);
    expect_items(b, "housing", URGENT, "");
    p.recipients = then;
    p.recipients_count = 4;
    assert_int_equal(mailbox_put(b->mailbox, &p), KITH_OK);
    flush(b);
    for (size_t i = 0; i < 4; i++) {
        expect_items(b, then[i], URGENT, "a");
        expect_count(b, then[i], URGENT, 1, 100, 0);
        assert_int_equal(mailbox_done(b->mailbox, then[i], b->items[0].token), KITH_OK);
        flush(b);
    }
    expect_count(b, "health", URGENT, 0, 0, 0);
}

static void one_reading_hands_a_body_to_many(void **state)
{
    bench_t *b = *state;
    mailbox_reading_t reading = {.arena = b->arena};
    size_t count = 0;
    put_to(b, body(b, 'a', 100), "police", "housing");
    put_to(b, body(b, 'b', 100), "housing", NULL);
    flush(b);
    for (int turn = 0; turn < 2; turn++) { /* the arena's bytes are others' in the second */
        assert_int_equal(
            mailbox_next(b->mailbox, "police", URGENT, 0, 64, 1 << 20, &reading, b->items, &count),
            KITH_OK);
        assert_int_equal(count, 1);
        assert_int_equal(b->items[0].body.data[99], 'a');
        assert_int_equal(
            mailbox_next(b->mailbox, "housing", URGENT, 0, 64, 1 << 20, &reading, b->items, &count),
            KITH_OK);
        assert_int_equal(count, 2);
        assert_int_equal(b->items[0].body.data[99], 'a');
        assert_int_equal(b->items[1].body.data[99], 'b');
        kith_arena_reset(b->arena);
        memset(kith_arena_need(b->arena, 1000), 'x', 1000);
        reading = (mailbox_reading_t){.arena = b->arena};
    }
}

static void done_of_what_is_not_there_is_harmless(void **state)
{
    bench_t *b = *state;
    put(b, "police", URGENT, 'a');
    flush(b);
    next(b, "police", URGENT, 0, 64, 1 << 20);
    uint64_t token = b->items[0].token;
    assert_int_equal(mailbox_done(b->mailbox, "housing", token), KITH_NOT_FOUND);
    assert_int_equal(mailbox_done(b->mailbox, "police", token + 1), KITH_NOT_FOUND);
    assert_int_equal(mailbox_done(b->mailbox, "police", 0), KITH_NOT_FOUND);
    flush(b);
    expect_items(b, "police", URGENT, "a");
    assert_int_equal(mailbox_done(b->mailbox, "police", token), KITH_OK);
    assert_int_equal(mailbox_done(b->mailbox, "police", token), KITH_NOT_FOUND);
    flush(b);
    expect_items(b, "police", URGENT, "");
}

static void put_and_done_share_a_batch(void **state)
{
    bench_t *b = *state;
    put(b, "police", URGENT, 'a');
    flush(b);
    next(b, "police", URGENT, 0, 64, 1 << 20);
    put(b, "housing", URGENT, 'b');
    assert_int_equal(mailbox_done(b->mailbox, "police", b->items[0].token), KITH_OK);
    put(b, "police", NORMAL, 'c');
    flush(b);
    expect_items(b, "police", URGENT, "");
    expect_items(b, "police", NORMAL, "c");
    expect_items(b, "housing", URGENT, "b");
}

static void receipts_and_refusals_are_counted_apart(void **state)
{
    bench_t *b = *state;
    mailbox_put_t receipt = body(b, 'r', 300), refusal = body(b, 'f', 200);
    receipt.kind = MAILBOX_RECEIPT;
    refusal.kind = MAILBOX_REFUSAL;
    put_to(b, receipt, "police", NULL);
    put_to(b, refusal, "police", NULL);
    put(b, "police", URGENT, 'a');
    flush(b);
    expect_count(b, "police", URGENT, 1, 100, 2);
    expect_items(b, "police", URGENT, "rfa");
    assert_int_equal(b->items[0].kind, MAILBOX_RECEIPT);
    assert_int_equal(b->items[1].kind, MAILBOX_REFUSAL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(mailbox_done(b->mailbox, "police", b->items[i].token), KITH_OK);
    flush(b);
    expect_count(b, "police", URGENT, 0, 0, 0);
}

static void while_it_is_made_durable_what_was_before_is_read(void **state)
{
    bench_t *b = *state;
    assert_int_equal(mailbox_flush(b->mailbox), KITH_OK); /* an empty one */
    assert_int_equal(mailbox_wait(b->mailbox), KITH_OK);
    put(b, "police", URGENT, 'a');
    put(b, "police", URGENT, 'b');
    flush(b);
    expect_items(b, "police", URGENT, "ab");
    put(b, "police", URGENT, 'c');
    assert_int_equal(mailbox_done(b->mailbox, "police", b->items[0].token), KITH_OK);
    assert_int_equal(mailbox_flush(b->mailbox), KITH_OK);
    for (size_t i = 0; i < 3; i++)
        expect_items(b, "police", URGENT, "ab");
    assert_int_equal(mailbox_wait(b->mailbox), KITH_OK);
    expect_items(b, "police", URGENT, "bc");
    assert_int_equal(mailbox_wait(b->mailbox), KITH_OK); /* for nothing */
}

static void it_may_end_while_a_batch_is_made_durable(void **state)
{
    bench_t *b = *state;
    put(b, "police", URGENT, 'a');
    assert_int_equal(mailbox_flush(b->mailbox), KITH_OK);
    mailbox_destroy(&b->mailbox);
}

typedef struct visited {
    size_t count;
    uint64_t messages, others;
} visited_t;

static void visit(void *ctx, const char *recipient, int lane, const mailbox_count_t *count)
{
    visited_t *v = ctx;
    (void)recipient;
    (void)lane;
    v->count++;
    v->messages += count->messages;
    v->others += count->others;
}

static void each_visits_every_mailbox_that_holds_something(void **state)
{
    bench_t *b = *state;
    put(b, "police", URGENT, 'a');
    put(b, "police", URGENT, 'b');
    put(b, "police", NORMAL, 'c');
    put(b, "housing", NORMAL, 'd');
    mailbox_put_t receipt = body(b, 'r', 10);
    receipt.kind = MAILBOX_RECEIPT;
    put_to(b, receipt, "charity", NULL);
    flush(b);
    next(b, "housing", NORMAL, 0, 1, 1);
    assert_int_equal(mailbox_done(b->mailbox, "housing", b->items[0].token), KITH_OK);
    flush(b);
    visited_t v = {0};
    assert_int_equal(mailbox_each(b->mailbox, visit, &v), KITH_OK);
    assert_int_equal(v.count, 3);
    assert_int_equal(v.messages, 3);
    assert_int_equal(v.others, 1);
    mailbox_room_t room;
    mailbox_room(b->mailbox, &room);
    assert_int_equal(room.used_bytes, 300);
    assert_true(room.free_bytes > 0);
}

static void a_large_body_comes_whole(void **state)
{
    bench_t *b = *state;
    put_to(b, body(b, 'a', KITH_FRAME_BYTES_MAX), "police", NULL);
    flush(b);
    next(b, "police", URGENT, 0, 64, 1);
    assert_int_equal(b->count, 1);
    assert_int_equal(b->items[0].body.size, KITH_FRAME_BYTES_MAX);
    assert_int_equal(b->items[0].body.data[KITH_FRAME_BYTES_MAX - 1], 'a');
}

#define SUITE(begin)                                                                               \
    cmocka_unit_test_setup_teardown(what_is_put_is_there_after_the_flush, begin, end),             \
        cmocka_unit_test_setup_teardown(lanes_and_recipients_are_apart, begin, end),               \
        cmocka_unit_test_setup_teardown(oldest_come_first_and_tokens_grow, begin, end),            \
        cmocka_unit_test_setup_teardown(next_keeps_to_its_bounds_but_for_the_first, begin, end),   \
        cmocka_unit_test_setup_teardown(putting_again_changes_nothing, begin, end),                \
        cmocka_unit_test_setup_teardown(done_ends_one_copy_only, begin, end),                      \
        cmocka_unit_test_setup_teardown(putting_again_gives_back_what_was_done_only, begin, end),  \
        cmocka_unit_test_setup_teardown(one_reading_hands_a_body_to_many, begin, end),             \
        cmocka_unit_test_setup_teardown(done_of_what_is_not_there_is_harmless, begin, end),        \
        cmocka_unit_test_setup_teardown(put_and_done_share_a_batch, begin, end),                   \
        cmocka_unit_test_setup_teardown(receipts_and_refusals_are_counted_apart, begin, end),      \
        cmocka_unit_test_setup_teardown(while_it_is_made_durable_what_was_before_is_read, begin,   \
                                        end),                                                      \
        cmocka_unit_test_setup_teardown(it_may_end_while_a_batch_is_made_durable, begin, end),     \
        cmocka_unit_test_setup_teardown(each_visits_every_mailbox_that_holds_something, begin,     \
                                        end),                                                      \
        cmocka_unit_test_setup_teardown(a_large_body_comes_whole, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {SUITE(begin_memory), SUITE(begin_lmdb)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
