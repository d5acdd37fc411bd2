/* Dates as other systems write them, with the United Kingdom's clock changes. */
#include "agents/cli/dates.h"

#include "base/text.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* What a text comes to, as RFC 3339, or "BAD". */
static const char *parsed(const char *pattern, dates_zone zone, const char *text)
{
    static char shown[KITH_TIME_TEXT_SIZE];
    int64_t unix_ms = 0;
    const char *what = NULL;
    assert_true(dates_pattern_check(pattern, &what));
    if (dates_parse(pattern, zone, text, &unix_ms) != KITH_OK)
        return "BAD";
    kith_time_text(unix_ms, shown);
    return shown;
}

static void patterns_in_utc(void **state)
{
    (void)state;
    assert_string_equal(parsed("DD/MM/YYYY hh:mm", DATES_UTC, "03/11/2025 21:05"),
                        "2025-11-03T21:05:00Z");
    assert_string_equal(parsed("YYYY-MM-DD", DATES_UTC, "2024-02-29"), "2024-02-29T00:00:00Z");
    assert_string_equal(parsed("YYYY-MM", DATES_UTC, "2020-09"), "2020-09-01T00:00:00Z");
    assert_string_equal(parsed("YYYYMMDDhhmmss", DATES_UTC, "20251231235959"),
                        "2025-12-31T23:59:59Z");
    assert_string_equal(parsed("YYYY-MM-DDThh:mm:ssZ", DATES_UTC, "2025-06-01T10:00:07Z"),
                        "2025-06-01T10:00:07Z");
    assert_string_equal(parsed("", DATES_LONDON, "2025-06-01T10:00:00+01:00"),
                        "2025-06-01T09:00:00Z");
}

static void texts_that_do_not_fit(void **state)
{
    (void)state;
    const char *const bad[] = {"",           "3/11/2025",   "03/11/25",    "03-11-2025",
                               "31/02/2025", "29/02/2025",  "00/01/2025",  "01/13/2025",
                               "01/01/0000", "01/01/2025x", " 01/01/2025", "0x/01/2025",
                               "+1/01/2025"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_string_equal(parsed("DD/MM/YYYY", DATES_UTC, bad[i]), "BAD");
    assert_string_equal(parsed("YYYY-MM-DD hh:mm", DATES_UTC, "2025-01-01 24:00"), "BAD");
    assert_string_equal(parsed("YYYY-MM-DD hh:mm", DATES_UTC, "2025-01-01 23:60"), "BAD");
    assert_string_equal(parsed("YYYY-MM-DD hh:mm:ss", DATES_UTC, "2025-01-01 23:59:60"), "BAD");
    assert_string_equal(parsed("", DATES_UTC, "yesterday"), "BAD");
}

static void london_changes_its_clock(void **state)
{
    (void)state;
    const struct {
        const char *local, *utc;
    } cases[] = {
        {"2026-01-15 12:00", "2026-01-15T12:00:00Z"},
        {"2026-07-15 12:00", "2026-07-15T11:00:00Z"},
        {"2026-03-29 00:59", "2026-03-29T00:59:00Z"},
        {"2026-03-29 02:00", "2026-03-29T01:00:00Z"},
        {"2026-10-25 00:59", "2026-10-24T23:59:00Z"},
        {"2026-10-25 02:00", "2026-10-25T02:00:00Z"},
        {"2025-03-30 02:00", "2025-03-30T01:00:00Z"},
        {"2025-10-26 00:30", "2025-10-25T23:30:00Z"},
        {"2024-03-31 02:00", "2024-03-31T01:00:00Z"},
        {"2024-10-27 03:00", "2024-10-27T03:00:00Z"},
        /* left out by the change: taken as winter time; twice: the first */
        {"2026-03-29 01:30", "2026-03-29T01:30:00Z"},
        {"2026-10-25 01:30", "2026-10-25T00:30:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(parsed("YYYY-MM-DD hh:mm", DATES_LONDON, cases[i].local), cases[i].utc);
    assert_string_equal(parsed("YYYY-MM", DATES_LONDON, "2020-09"), "2020-08-31T23:00:00Z");
}

static void patterns_that_are_none(void **state)
{
    (void)state;
    const char *const bad[] = {"D/M/YYYY",      "YY-MM-DD",    "MM-DD", "YYYY",
                               "YYYY-MM-DD-DD", "YYYY-MMM-DD", "hh:mm"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *what = NULL;
        assert_false(dates_pattern_check(bad[i], &what));
        assert_non_null(what);
    }
}

static void zones_by_name(void **state)
{
    (void)state;
    dates_zone zone = DATES_UTC;
    assert_true(dates_zone_of("Europe/London", &zone));
    assert_int_equal(zone, DATES_LONDON);
    assert_false(dates_zone_of("Europe/Paris", &zone));
    assert_int_equal(zone, DATES_LONDON);
    assert_true(dates_zone_of("UTC", &zone));
    assert_int_equal(zone, DATES_UTC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_in_utc),
        cmocka_unit_test(texts_that_do_not_fit),
        cmocka_unit_test(london_changes_its_clock),
        cmocka_unit_test(patterns_that_are_none),
        cmocka_unit_test(zones_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
