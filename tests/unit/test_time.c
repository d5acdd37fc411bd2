/* RFC 3339 and the civil calendar. */
#include "base/text.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <time.h>

static void times_are_shown_in_utc(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } CASES[] = {
        {0, "1970-01-01T00:00:00Z"},
        {999, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {INT64_C(1774746000000), "2026-03-29T01:00:00Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00Z"},
        {INT64_C(253402300799999), "9999-12-31T23:59:59Z"},
        {INT64_C(253402300800000), "9999-12-31T23:59:59Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},
        {INT64_C(-62167219200000), "0000-01-01T00:00:00Z"},
        {INT64_MIN, "0000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[KITH_TIME_TEXT_SIZE];
        kith_time_text(CASES[i].ms, text);
        assert_string_equal(text, CASES[i].text);
    }
}

static void dates_times_offsets_and_fractions_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } CASES[] = {
        {"2026-03-29", INT64_C(1774742400000)},
        {"2026-03-29T01:00:00Z", INT64_C(1774746000000)},
        {"2026-03-29t01:00:00z", INT64_C(1774746000000)},
        {"2026-03-29 01:00:00Z", INT64_C(1774746000000)},
        {"2026-03-29T02:00:00+01:00", INT64_C(1774746000000)},
        {"2026-03-28T20:30:00-04:30", INT64_C(1774746000000)},
        {"2026-03-29T01:00:00-00:00", INT64_C(1774746000000)},
        {"2026-03-29T01:00:00.5Z", INT64_C(1774746000500)},
        {"2026-03-29T01:00:00.012Z", INT64_C(1774746000012)},
        {"2026-03-29T01:00:00.123999999+00:00", INT64_C(1774746000123)},
        {"1969-12-31T23:59:59.999Z", -1},
        {"0000-01-01", INT64_C(-62167219200000)},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int64_t ms = 0;
        assert_int_equal(kith_time_parse(CASES[i].text, &ms), KITH_OK);
        assert_true(ms == CASES[i].ms);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "2026",
        "2026-3-29",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2026-01-00",
        "2026-03/29",
        "2026-03-2x",
        "2026-03-29T",
        "2026-03-29Tx1:00:00Z",
        "2026-03-29T01x00:00Z",
        "2026-03-29T01:x0:00Z",
        "2026-03-29T01:00x00Z",
        "2026-03-29T01:00:x0Z",
        "2026-03-29T01:00Z",
        "2026-03-29T01:00:00",
        "2026-03-29T24:00:00Z",
        "2026-03-29T23:60:00Z",
        "2026-03-29T23:59:60Z",
        "2026-03-29T01:00:00.Z",
        "2026-03-29T01:00:00Z ",
        "2026-03-29T01:00:00+1:00",
        "2026-03-29T01:00:00+x1:00",
        "2026-03-29T01:00:00+01x00",
        "2026-03-29T01:00:00+01:x0",
        "2026-03-29T01:00:00+0100",
        "2026-03-29T01:00:00+24:00",
        "2026-03-29T01:00:00+01:60",
        "2026-03-29X01:00:00Z",
        "-026-03-29",
        "12026-03-29",
        "29/03/2026",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        int64_t ms = 42;
        assert_int_equal(kith_time_parse(BAD[i], &ms), KITH_INVALID);
        assert_true(ms == 42);
    }
}

static void every_day_of_1000_years_follows_the_one_before(void **state)
{
    (void)state;
    int64_t days = kith_days_from_civil(1600, 1, 1);
    for (int year = 1600; year < 2600; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; kith_civil_valid(year, month, day); day++) {
                assert_true(kith_days_from_civil(year, month, day) == days);
                days++;
            }
        }
    }
    assert_true(kith_days_from_civil(1970, 1, 1) == 0);
    assert_true(kith_days_from_civil(2600, 1, 1) == days);
}

/* glibc's calendar is another's work, so it is asked on days spread over the years. */
static void the_c_library_agrees_and_text_is_read_back(void **state)
{
    (void)state;
    for (int64_t second = INT64_C(-62167219200); second < INT64_C(253402300800);
         second += 86400 * 37 + 12345) {
        char text[KITH_TIME_TEXT_SIZE], wanted[80];
        struct tm tm;
        time_t t = (time_t)second;
        assert_non_null(gmtime_r(&t, &tm));
        snprintf(wanted, sizeof wanted, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
        kith_time_text(second * 1000, text);
        assert_string_equal(text, wanted);
        int64_t back = 0;
        assert_int_equal(kith_time_parse(text, &back), KITH_OK);
        assert_true(back == second * 1000);
    }
}

static void only_days_that_exist_are_valid(void **state)
{
    (void)state;
    assert_true(kith_civil_valid(2024, 2, 29));
    assert_true(kith_civil_valid(2000, 2, 29));
    assert_false(kith_civil_valid(2100, 2, 29));
    assert_false(kith_civil_valid(2026, 2, 29));
    assert_false(kith_civil_valid(2026, 6, 31));
    assert_false(kith_civil_valid(2026, 0, 1));
    assert_false(kith_civil_valid(2026, 13, 1));
    assert_false(kith_civil_valid(2026, 1, 0));
    assert_false(kith_civil_valid(2026, 1, 32));
    assert_false(kith_civil_valid(-1, 1, 1));
    assert_false(kith_civil_valid(10000, 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_shown_in_utc),
        cmocka_unit_test(dates_times_offsets_and_fractions_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(every_day_of_1000_years_follows_the_one_before),
        cmocka_unit_test(the_c_library_agrees_and_text_is_read_back),
        cmocka_unit_test(only_days_that_exist_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
