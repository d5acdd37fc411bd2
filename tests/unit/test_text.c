/* Text checks and the units a person writes. */
#include "base/limits.h"
#include "base/text.h"
#include "tests/lib/unit.h"

#include <string.h>

static bool utf8(const char *text)
{
    return kith_text_utf8(kith_bytes_str(text));
}

static void every_plane_of_unicode_is_accepted(void **state)
{
    (void)state;
    static const char *const GOOD[] = {
        "",
        "plain",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "Si\xc3\xa2n \xe2\x80\x94 \xf0\x9f\x8f\xa0",
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_true(utf8(GOOD[i]));
    }
    assert_true(kith_text_utf8((kith_bytes_t){0}));
}

static void what_other_readers_would_refuse_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "\x80", /* goes on with nothing before it */
        "\xbf",
        "\xc0\x80", /* overlong NUL */
        "\xc1\xbf",
        "\xe0\x9f\xbf", /* overlong */
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* surrogates */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* above U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc2", /* cut short */
        "\xe2\x82",
        "\xf0\x9f\x8f",
        "\xc2z",
        "\xe2\x82z",
        "\xe2z\x82",
        "\xf0\x9f\x8fz",
        "fine \xe2\x28\xa1 fine",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(utf8(BAD[i]));
    }
}

/* Decodes as RFC 3629's table says, written the long way round. */
static bool is_scalar(uint32_t code, size_t size)
{
    static const uint32_t FROM[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= FROM[size] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static void every_two_and_three_byte_form_is_judged_right(void **state)
{
    (void)state;
    for (uint32_t first = 0xc0; first < 0xf0; first++) {
        for (uint32_t second = 0x80; second < 0xc0; second++) {
            uint8_t text[] = {(uint8_t)first, (uint8_t)second, 0x85};
            size_t size = first < 0xe0 ? 2 : 3;
            uint32_t code = size == 2 ? (first & 0x1f) << 6 | (second & 0x3f)
                                      : (first & 0x0f) << 12 | (second & 0x3f) << 6 | 5;
            assert_int_equal(kith_text_utf8((kith_bytes_t){.data = text, .size = size}),
                             is_scalar(code, size));
        }
    }
}

static void names_fit_keys_and_logs(void **state)
{
    (void)state;
    char longest[KITH_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[KITH_NAME_MAX] = '\0';
    static const char *const GOOD[] = {"a", "0", "police", "social-care", "police.call-out", "4.1"};
    static const char *const BAD[] = {"",    "-a",  ".a",          "A",   "a b",
                                      "a_b", "a/b", "caf\xc3\xa9", "a\n", "{a"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        assert_true(kith_text_name(GOOD[i]));
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(kith_text_name(BAD[i]));
    }
    assert_true(kith_text_name(longest));
    longest[KITH_NAME_MAX] = 'a';
    longest[KITH_NAME_MAX + 1] = '\0';
    assert_false(kith_text_name(longest));
    assert_false(kith_text_name(NULL));
}

static void durations_have_one_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } GOOD[] = {
        {"250ms", 250},    {"90s", 90000}, {"15min", 900000}, {"4h", 14400000},
        {"7d", 604800000}, {"0s", 0},      {"007s", 7000},    {"9223372036854775807ms", INT64_MAX},
    };
    static const char *const BAD[] = {
        "",
        "s",
        "5",
        "5 s",
        " 5s",
        "5s ",
        "-5s",
        "+5s",
        "5m",
        "5S",
        "5sec",
        "1.5h",
        "5h30min",
        "9223372036854775808ms",
        "9223372036854776s",
        "99999999999999999999d",
        "0x5s",
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        int64_t ms = -1;
        assert_int_equal(kith_duration_parse(GOOD[i].text, &ms), KITH_OK);
        assert_true(ms == GOOD[i].ms);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        int64_t ms = -1;
        assert_int_equal(kith_duration_parse(BAD[i], &ms), KITH_INVALID);
        assert_true(ms == -1);
    }
}

static void sizes_are_binary(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } GOOD[] = {
        {"100", 100},
        {"512KiB", 524288},
        {"1MiB", 1048576},
        {"16GiB", UINT64_C(17179869184)},
        {"2TiB", UINT64_C(2199023255552)},
        {"0", 0},
        {"18446744073709551615", UINT64_MAX},
    };
    static const char *const BAD[] = {
        "",
        "KiB",
        "1KB",
        "1kib",
        "1K",
        "1 MiB",
        "-1",
        "1.5GiB",
        "18446744073709551616",
        "16777216TiB",
        "1MiB ",
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        uint64_t bytes = 1;
        assert_int_equal(kith_size_parse(GOOD[i].text, &bytes), KITH_OK);
        assert_true(bytes == GOOD[i].bytes);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint64_t bytes = 1;
        assert_int_equal(kith_size_parse(BAD[i], &bytes), KITH_INVALID);
        assert_true(bytes == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plane_of_unicode_is_accepted),
        cmocka_unit_test(what_other_readers_would_refuse_is_refused),
        cmocka_unit_test(every_two_and_three_byte_form_is_judged_right),
        cmocka_unit_test(names_fit_keys_and_logs),
        cmocka_unit_test(durations_have_one_unit),
        cmocka_unit_test(sizes_are_binary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
