/* Which words are an answer, and which are only near one. */
#include "mail/answer.h"

#include "tests/lib/unit.h"

static void check(const char *text, Kith__Answer wanted, const char *wanted_reason)
{
    kith_arena_t *arena = kith_arena_new(1 << 16);
    const char *reason = NULL;
    assert_int_equal(answer_of(arena, text, &reason), wanted);
    assert_string_equal(reason, wanted_reason);
    kith_arena_destroy(&arena);
}

static void the_four_answers_are_known_as_people_write_them(void **state)
{
    (void)state;
    check("acting", KITH__ANSWER__ANSWER_ACTING, "");
    check("\n  Acting. Officers look in today.\n", KITH__ANSWER__ANSWER_ACTING, "");
    check("ACTING - we ring the school", KITH__ANSWER__ANSWER_ACTING, "");
    check("*Acting*\nmore", KITH__ANSWER__ANSWER_ACTING, "");
    check("We are acting: a visit at four", KITH__ANSWER__ANSWER_ACTING, "");
    check("Acting \xe2\x80\x93 a visit", KITH__ANSWER__ANSWER_ACTING, "");
    check("known-no-action", KITH__ANSWER__ANSWER_KNOWN_NO_ACTION, "");
    check("Known, no action.\nSeen on Tuesday", KITH__ANSWER__ANSWER_KNOWN_NO_ACTION, "");
    check("nothing known", KITH__ANSWER__ANSWER_NOTHING_KNOWN, "");
    check("Nothing known, sorry", KITH__ANSWER__ANSWER_NOTHING_KNOWN, "");
}

static void cannot_share_says_why(void **state)
{
    (void)state;
    check("Cannot share: under a court order", KITH__ANSWER__ANSWER_CANNOT_SHARE,
          "under a court order");
    check("can not share.\n\nMedical consent was not given.\nRegards",
          KITH__ANSWER__ANSWER_CANNOT_SHARE, "Medical consent was not given.");
    check("cannot share", KITH__ANSWER__ANSWER_CANNOT_SHARE, "");
}

static void what_is_only_near_an_answer_is_none(void **state)
{
    static const char *const near[] = {
        "",
        "Acting on advice we know nothing",
        "We are not acting",
        "not acting",
        "reacting",
        "actingly",
        "knownnoaction",
        "Thanks, nothing known",
        "nothing known to us but the street is",
        "We know of nothing",
        "cannot sharpen",
        "Yes",
        "\xff\xfe",
    };
    (void)state;
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        check(near[i], KITH__ANSWER__ANSWER_UNSPECIFIED, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_four_answers_are_known_as_people_write_them),
        cmocka_unit_test(cannot_share_says_why),
        cmocka_unit_test(what_is_only_near_an_answer_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
