/* Runs of bytes: equality, LMDB's order, prefixes; an empty run may have no address. */
#include "base/bytes.h"
#include "tests/lib/unit.h"

static const kith_bytes_t NONE = {0};

static void equal_only_when_size_and_content_are(void **state)
{
    (void)state;
    assert_true(kith_bytes_equal(kith_bytes_str("ab"), kith_bytes_str("ab")));
    assert_false(kith_bytes_equal(kith_bytes_str("ab"), kith_bytes_str("ac")));
    assert_false(kith_bytes_equal(kith_bytes_str("ab"), kith_bytes_str("abc")));
    assert_true(kith_bytes_equal(NONE, kith_bytes_str("")));
    assert_true(kith_bytes_equal(NONE, NONE));
}

static void order_is_by_byte_then_the_shorter_first(void **state)
{
    (void)state;
    static const char *const SORTED[] = {"", "a", "aa", "ab", "b", "\x7f", "\x80", "\xff"};
    const int count = sizeof SORTED / sizeof SORTED[0];
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            int order = kith_bytes_compare(kith_bytes_str(SORTED[i]), kith_bytes_str(SORTED[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(kith_bytes_compare(NONE, NONE), 0);
    assert_true(kith_bytes_compare(NONE, kith_bytes_str("a")) < 0);
}

static void a_prefix_may_be_all_or_nothing(void **state)
{
    (void)state;
    assert_true(kith_bytes_starts(kith_bytes_str("abc"), kith_bytes_str("ab")));
    assert_true(kith_bytes_starts(kith_bytes_str("abc"), kith_bytes_str("abc")));
    assert_true(kith_bytes_starts(kith_bytes_str("abc"), NONE));
    assert_true(kith_bytes_starts(NONE, NONE));
    assert_false(kith_bytes_starts(kith_bytes_str("ab"), kith_bytes_str("abc")));
    assert_false(kith_bytes_starts(kith_bytes_str("abc"), kith_bytes_str("b")));
}

static void no_string_is_an_empty_run(void **state)
{
    (void)state;
    assert_int_equal(kith_bytes_str(NULL).size, 0);
    assert_int_equal(kith_bytes_str("four").size, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_only_when_size_and_content_are),
        cmocka_unit_test(order_is_by_byte_then_the_shorter_first),
        cmocka_unit_test(a_prefix_may_be_all_or_nothing),
        cmocka_unit_test(no_string_is_an_empty_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
