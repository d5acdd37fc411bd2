/* Errors: each has words and an exit status; a bug ends the process. */
#include "base/err.h"
#include "tests/lib/dies.h"
#include "tests/lib/unit.h"

#include <string.h>

static void every_error_has_words_and_a_status(void **state)
{
    (void)state;
#define X(name, status, text)                                                                      \
    assert_string_equal(kith_err_text(KITH_##name), text);                                         \
    assert_int_equal(kith_err_exit(KITH_##name), status);
    KITH_ERRORS(X)
#undef X
    assert_int_equal(kith_err_exit(KITH_CONFIG), 78);
    assert_int_equal(kith_err_exit(KITH_BUSY), 75);
    assert_int_equal(kith_err_exit(KITH_EXISTS), 73);
}

static void what_is_no_error_still_has_words(void **state)
{
    (void)state;
    assert_true(strlen(kith_err_text((kith_err)999)) > 0);
    assert_int_equal(kith_err_exit((kith_err)999), 70);
}

static void assert_null_is_given(void *argument)
{
    KITH_ASSERT(argument == NULL);
}

static void an_assert_aborts_only_when_it_fails(void **state)
{
    (void)state;
    assert_false(dies(assert_null_is_given, NULL));
    assert_true(dies(assert_null_is_given, "something"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_words_and_a_status),
        cmocka_unit_test(what_is_no_error_still_has_words),
        cmocka_unit_test(an_assert_aborts_only_when_it_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
