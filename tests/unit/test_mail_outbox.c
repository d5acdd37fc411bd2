/* A mail is sent once for its occasion, tried again with growing pauses, and its end is told. */
#include "mail/outbox.h"

#include "tests/lib/memtxn.h"
#include "tests/lib/unit.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)

static const mail_smtp_t smtp = {
    .first_ms = MINUTE_MS, .max_ms = 5 * MINUTE_MS, .give_up_ms = 20 * MINUTE_MS};

typedef struct box {
    memtxn_t *tables;
    kith_txn_t *txn;
    kith_arena_t *arena;
} box_t;

static box_t make_box(void)
{
    box_t b = {.tables = memtxn_new(MAIL_TABLES_COUNT), .arena = kith_arena_new(1 << 20)};
    b.txn = memtxn_begin(b.tables);
    return b;
}

static void drop_box(box_t *b)
{
    memtxn_abort(b->tables);
    memtxn_destroy(&b->tables);
    kith_arena_destroy(&b->arena);
}

static kith_err add(box_t *b, const char *to, const char *occasion, int64_t now_ms,
                    uint64_t *ret_number)
{
    Kith__Store__OutMail row = KITH__STORE__OUT_MAIL__INIT;
    kith_err err = outbox_number(b->txn, to, occasion, ret_number);
    if (err != KITH_OK)
        return err;
    row.to = kith_arena_str(b->arena, to);
    row.occasion = kith_arena_str(b->arena, occasion);
    return outbox_add(b->txn, b->arena, *ret_number, &row, now_ms);
}

static bool is_due(box_t *b, int64_t now_ms, uint64_t number, int64_t *ret_next_ms)
{
    outbox_place_t place = {0};
    kith_err err = KITH_OK;
    while ((err = outbox_due(b->txn, now_ms, &place, ret_next_ms)) == KITH_OK)
        if (place.number == number)
            return true;
    assert_int_equal(err, KITH_NOT_FOUND);
    return false;
}

static void one_occasion_is_one_mail_to_each(void **state)
{
    (void)state;
    box_t b = make_box();
    uint64_t one = 0, two = 0, none = 0;
    assert_int_equal(add(&b, "a@x.example", "alert 1", 1, &one), KITH_OK);
    assert_int_equal(add(&b, "a@x.example", "alert 1", 5, &none), KITH_EXISTS);
    assert_int_equal(add(&b, "b@x.example", "alert 1", 5, &two), KITH_OK);
    assert_int_equal(two, one + 1);
    assert_int_equal(outbox_sent(b.txn, b.arena, one, 7), KITH_OK);
    assert_int_equal(add(&b, "a@x.example", "alert 1", 9, &none), KITH_EXISTS); /* sent or not */
    drop_box(&b);
}

static void a_try_that_failed_comes_again_after_a_longer_pause(void **state)
{
    static const int64_t pauses[] = {1, 2, 4, 5, 5};
    (void)state;
    box_t b = make_box();
    uint64_t number = 0, found = 0;
    int64_t now_ms = 1000, next_ms = 0;
    Kith__Store__OutMail *row = NULL;
    assert_int_equal(add(&b, "a@x.example", "alert 1", now_ms, &number), KITH_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_true(is_due(&b, now_ms, number, &next_ms));
        assert_int_equal(outbox_later(b.txn, b.arena, &smtp, number, 450, "not-now", now_ms),
                         KITH_OK);
        now_ms += pauses[i] * MINUTE_MS;
        assert_false(is_due(&b, now_ms - 1, number, &next_ms));
        assert_int_equal(next_ms, now_ms);
    }
    now_ms += 20 * MINUTE_MS;
    assert_int_equal(outbox_later(b.txn, b.arena, &smtp, number, 0, "no-connection", now_ms),
                     KITH_OK);
    assert_false(is_due(&b, INT64_MAX, number, &next_ms));
    assert_int_equal(outbox_untold(b.txn, b.arena, &found, &row), KITH_OK);
    assert_int_equal(found, number);
    assert_string_equal(row->failed, "given-up");
    assert_string_equal(row->why, "no-connection");
    assert_int_equal(row->tries, 6);
    assert_int_equal(outbox_told(b.txn, number), KITH_OK);
    assert_int_equal(outbox_told(b.txn, number), KITH_OK);
    assert_int_equal(outbox_untold(b.txn, b.arena, &found, &row), KITH_NOT_FOUND);
    drop_box(&b);
}

static void what_was_refused_or_came_back_is_told_once(void **state)
{
    (void)state;
    box_t b = make_box();
    uint64_t one = 0, two = 0, found = 0;
    int64_t next_ms = 0;
    Kith__Store__OutMail *row = NULL;
    assert_int_equal(add(&b, "a@x.example", "alert 1", 1, &one), KITH_OK);
    assert_int_equal(add(&b, "b@x.example", "alert 1", 1, &two), KITH_OK);
    assert_int_equal(outbox_refused(b.txn, b.arena, one, 550, "refused-recipient"), KITH_OK);
    assert_int_equal(outbox_untold(b.txn, b.arena, &found, &row), KITH_OK);
    assert_string_equal(row->failed, "refused");
    assert_int_equal(outbox_told(b.txn, one), KITH_OK);
    assert_int_equal(outbox_came_back(b.txn, b.arena, one, "bounced"), KITH_OK);
    assert_int_equal(outbox_untold(b.txn, b.arena, &found, &row), KITH_NOT_FOUND);
    /* a server's bounce may be faster than its answer */
    assert_int_equal(outbox_came_back(b.txn, b.arena, two, "bounced"), KITH_OK);
    assert_false(is_due(&b, INT64_MAX, two, &next_ms));
    assert_int_equal(outbox_sent(b.txn, b.arena, two, 3), KITH_OK);
    assert_int_equal(outbox_untold(b.txn, b.arena, &found, &row), KITH_OK);
    assert_string_equal(row->failed, "bounced");
    assert_int_equal(outbox_came_back(b.txn, b.arena, 77, "bounced"), KITH_NOT_FOUND);
    drop_box(&b);
}

static void only_what_is_old_and_over_is_forgotten(void **state)
{
    (void)state;
    box_t b = make_box();
    uint64_t sent = 0, waits = 0, untold = 0, young = 0;
    Kith__Store__OutMail *row = NULL;
    assert_int_equal(add(&b, "a@x.example", "1", 10, &sent), KITH_OK);
    assert_int_equal(add(&b, "a@x.example", "2", 10, &waits), KITH_OK);
    assert_int_equal(add(&b, "a@x.example", "3", 10, &untold), KITH_OK);
    assert_int_equal(add(&b, "a@x.example", "4", 50, &young), KITH_OK);
    assert_int_equal(outbox_sent(b.txn, b.arena, sent, 11), KITH_OK);
    assert_int_equal(outbox_sent(b.txn, b.arena, young, 51), KITH_OK);
    assert_int_equal(outbox_refused(b.txn, b.arena, untold, 550, "refused-mail"), KITH_OK);
    assert_int_equal(outbox_tidy(b.txn, b.arena, 50), KITH_OK);
    assert_int_equal(outbox_get(b.txn, b.arena, sent, &row), KITH_NOT_FOUND);
    assert_int_equal(outbox_get(b.txn, b.arena, waits, &row), KITH_OK);
    assert_int_equal(outbox_get(b.txn, b.arena, untold, &row), KITH_OK);
    assert_int_equal(outbox_get(b.txn, b.arena, young, &row), KITH_OK);
    drop_box(&b);
}

/* The life of three mails; any error is passed up as it is. */
static kith_err live(box_t *b)
{
    uint64_t one = 0, two = 0, three = 0, found = 0, cursor = 0;
    int64_t next_ms = 0;
    outbox_place_t place = {0};
    Kith__Store__OutMail *row = NULL;
    kith_err err = add(b, "a@x.example", "1", 1, &one);
    if (err == KITH_OK)
        err = add(b, "a@x.example", "2", 1, &two);
    if (err == KITH_OK)
        err = add(b, "a@x.example", "3", 1, &three);
    if (err == KITH_OK)
        err = outbox_due(b->txn, 1, &place, &next_ms);
    if (err == KITH_OK)
        err = outbox_sent(b->txn, b->arena, one, 2);
    if (err == KITH_OK)
        err = outbox_came_back(b->txn, b->arena, one, "bounced");
    if (err == KITH_OK)
        err = outbox_later(b->txn, b->arena, &smtp, two, 450, "not-now", 2);
    if (err == KITH_OK)
        err = outbox_refused(b->txn, b->arena, three, 550, "refused-mail");
    if (err == KITH_OK)
        err = outbox_untold(b->txn, b->arena, &found, &row);
    if (err == KITH_OK)
        err = outbox_told(b->txn, one);
    if (err == KITH_OK)
        err = outbox_tidy(b->txn, b->arena, 100);
    if (err == KITH_OK)
        err = outbox_cursor_put(b->txn, "tasks", 5);
    return err == KITH_OK ? outbox_cursor(b->txn, "tasks", &cursor) : err;
}

static void every_error_of_the_store_is_passed_up(void **state)
{
    (void)state;
    box_t whole = make_box();
    assert_int_equal(live(&whole), KITH_OK);
    uint64_t calls = memtxn_calls(whole.tables);
    drop_box(&whole);
    for (uint64_t nth = 1; nth <= calls; nth++) {
        box_t b = make_box();
        memtxn_fail(b.tables, nth, KITH_FULL);
        assert_int_equal(live(&b), KITH_FULL);
        drop_box(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_occasion_is_one_mail_to_each),
        cmocka_unit_test(a_try_that_failed_comes_again_after_a_longer_pause),
        cmocka_unit_test(what_was_refused_or_came_back_is_told_once),
        cmocka_unit_test(only_what_is_old_and_over_is_forgotten),
        cmocka_unit_test(every_error_of_the_store_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
