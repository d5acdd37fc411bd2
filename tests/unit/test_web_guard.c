/* Sessions end by time, by log-out and with the password; rates and lock-outs hold. */
#include "web/guard.h"

#include "io/keys.h"
#include "tests/lib/unit.h"

#include <string.h>

static web_user_t users[] = {{.name = "ada"}, {.name = "bo"}};
static web_conf_t conf = {.users = users,
                          .users_count = 2,
                          .idle_ms = 1000,
                          .longest_ms = 5000,
                          .requests_a_minute = 60,
                          .logins_a_minute = 2,
                          .wrong_max = 3,
                          .lock_ms = 60000};

static int make_guard(void **state)
{
    assert_int_equal(keys_begin(), KITH_OK);
    *state = guard_new(&conf);
    return 0;
}

static int drop_guard(void **state)
{
    guard_t *guard = *state;
    guard_destroy(&guard);
    guard_destroy(&guard);
    return 0;
}

static void a_session_ends_by_time(void **state)
{
    guard_t *guard = *state;
    char id[SECRET_TEXT_SIZE];
    uint64_t number = guard_begin(guard, 1, "hash", 100, id)->number;
    assert_int_equal(guard_find(guard, id, 1099)->number, number);
    assert_int_equal(guard_session(guard, number, 2098)->user, 1);
    assert_null(guard_session(guard, number, 2099)); /* not used by asking */
    assert_null(guard_find(guard, id, 2099));
    guard_begin(guard, 1, "hash", 10000, id);
    for (int64_t at = 10000; at < 15000; at += 500)
        assert_non_null(guard_find(guard, id, at));
    assert_null(guard_find(guard, id, 15000)); /* however it is used */
}

static void a_session_is_found_by_its_id_alone(void **state)
{
    guard_t *guard = *state;
    char id[SECRET_TEXT_SIZE], other[SECRET_TEXT_SIZE];
    const guard_session_t *first = guard_begin(guard, 0, "hash", 1, id);
    const guard_session_t *second = guard_begin(guard, 0, "hash", 1, other);
    assert_string_not_equal(id, other);
    assert_string_not_equal(first->csrf, second->csrf);
    assert_string_not_equal(first->csrf, id);
    assert_true(guard_account_stands(first, "hash"));
    assert_false(guard_account_stands(first, "other"));
    assert_false(guard_account_stands(first, NULL));
    id[0] = id[0] == '0' ? '1' : '0';
    assert_null(guard_find(guard, id, 1));
    assert_null(guard_find(guard, "", 1));
}

static void log_out_everywhere_ends_all_of_one_user(void **state)
{
    guard_t *guard = *state;
    char a[SECRET_TEXT_SIZE], b[SECRET_TEXT_SIZE], c[SECRET_TEXT_SIZE];
    uint64_t number = guard_begin(guard, 0, "hash", 1, a)->number;
    guard_begin(guard, 0, "hash", 1, b);
    guard_begin(guard, 1, "hash", 1, c);
    guard_end(guard, number);
    assert_null(guard_find(guard, a, 1));
    assert_non_null(guard_find(guard, b, 1));
    guard_end_all(guard, 0);
    assert_null(guard_find(guard, b, 1));
    assert_non_null(guard_find(guard, c, 1));
}

static void the_longest_unused_session_makes_room(void **state)
{
    guard_t *guard = *state;
    char first[SECRET_TEXT_SIZE], second[SECRET_TEXT_SIZE], more[SECRET_TEXT_SIZE];
    guard_begin(guard, 0, "hash", 1, first);
    guard_begin(guard, 0, "hash", 2, second);
    for (unsigned i = 2; i < GUARD_SESSIONS_MAX; i++)
        guard_begin(guard, 0, "hash", 3, more);
    assert_non_null(guard_find(guard, first, 4));
    guard_begin(guard, 0, "hash", 5, more);
    assert_non_null(guard_find(guard, first, 6));
    assert_null(guard_find(guard, second, 6));
}

static void who_asks_too_much_is_told_to_wait(void **state)
{
    guard_t *guard = *state;
    for (int i = 0; i < 60; i++)
        assert_int_equal(guard_request(guard, 0, 1000), 0);
    assert_int_equal(guard_request(guard, 0, 1000), 2);
    assert_int_equal(guard_request(guard, 1, 1000), 0); /* another user */
    assert_int_equal(guard_request(guard, 0, 2001), 0); /* one a second */
    assert_true(guard_request(guard, 0, 2001) > 0);
    assert_int_equal(guard_login(guard, 7, 1000), 0);
    assert_int_equal(guard_login(guard, 7, 1000), 0);
    assert_int_equal(guard_login(guard, 7, 1000), 31);
    assert_int_equal(guard_login(guard, 8, 1000), 0);
    for (uint64_t i = 100; i < 1200; i++) /* more addresses than are counted */
        assert_int_equal(guard_login(guard, i, 2000), 0);
    assert_int_equal(guard_login(guard, 1199, 2000), 0);
    assert_true(guard_login(guard, 1199, 2000) > 0);
}

static void wrong_passwords_in_a_row_lock_out_for_longer_each_time(void **state)
{
    guard_t *guard = *state;
    int64_t now = 1000;
    for (int round = 0; round < 3; round++) {
        assert_false(guard_wrong(guard, 0, now));
        assert_false(guard_wrong(guard, 0, now));
        assert_true(guard_wrong(guard, 0, now));
        assert_int_equal(guard_locked(guard, 0, now), (60u << round) + 1);
        assert_int_equal(guard_locked(guard, 1, now), 0);
        now += (INT64_C(60000) << round);
        assert_int_equal(guard_locked(guard, 0, now), 0);
    }
    guard_right(guard, 0);
    assert_false(guard_wrong(guard, 0, now));
    size_t place = guard_stranger(guard, "nobody");
    assert_true(place >= 2 && place == guard_stranger(guard, "nobody"));
    assert_false(guard_wrong(guard, place, now));
    assert_false(guard_wrong(guard, place, now));
    assert_true(guard_wrong(guard, place, now));
    assert_true(guard_locked(guard, place, now) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_guard, drop_guard)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_ends_by_time),
        TEST(a_session_is_found_by_its_id_alone),
        TEST(log_out_everywhere_ends_all_of_one_user),
        TEST(the_longest_unused_session_makes_room),
        TEST(who_asks_too_much_is_told_to_wait),
        TEST(wrong_passwords_in_a_row_lock_out_for_longer_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
