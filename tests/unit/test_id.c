/* Ids: UUIDv7 that sort by time, their text forms, and hex. */
#include "base/id.h"
#include "tests/lib/unit.h"

#include <string.h>

static const uint8_t RANDOM[10] = {0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66};

static void the_layout_is_that_of_uuid_version_7(void **state)
{
    (void)state;
    kith_id_t id = kith_id_make(0x0123456789ab, RANDOM);
    char text[KITH_ID_TEXT_SIZE];
    kith_id_text(kith_id_bytes(&id), text);
    assert_string_equal(text, "01234567-89ab-7fee-9dcc-bbaa99887766");
    char shortened[KITH_ID_SHORT_SIZE];
    kith_id_short(kith_id_bytes(&id), shortened);
    assert_string_equal(shortened, "bbaa99887766");
}

static void ids_sort_by_time(void **state)
{
    (void)state;
    static const uint8_t LOW[10] = {0};
    static const int64_t TIMES[] = {-1, 1, 255, 256, INT64_C(1774746000000), INT64_C(1) << 47};
    for (size_t i = 1; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        kith_id_t before = kith_id_make(TIMES[i - 1], RANDOM);
        kith_id_t after = kith_id_make(TIMES[i], LOW);
        assert_true(kith_bytes_compare(kith_id_bytes(&before), kith_id_bytes(&after)) < 0);
    }
}

static void the_text_is_read_back(void **state)
{
    (void)state;
    kith_id_t id = kith_id_make(1774746000000, RANDOM), back;
    char text[KITH_ID_TEXT_SIZE];
    kith_id_text(kith_id_bytes(&id), text);
    assert_int_equal(kith_id_parse(text, &back), KITH_OK);
    assert_memory_equal(&back, &id, sizeof id);
    assert_int_equal(kith_id_parse("01234567-89AB-7FEE-9DCC-BBAA99887766", &back), KITH_OK);
    assert_int_equal(back.bytes[5], 0xab);
}

static void what_is_no_id_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        "bbaa99887766",
        "01234567-89ab-7fee-9dcc-bbaa9988776",
        "01234567-89ab-7fee-9dcc-bbaa998877666",
        "01234567-89ab-7fee-9dcc-bbaa9988776g",
        "0123456789ab7fee9dccbbaa99887766",
        "01234567-89ab-7fee-9dccbbaa-99887766",
        "012345678-9ab-7fee-9dcc-bbaa99887766",
        " 1234567-89ab-7fee-9dcc-bbaa99887766",
        "01234567-89ab-7fee-9dcc-bbaa99887766 ",
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        kith_id_t id, before;
        memset(&id, 0x5a, sizeof id);
        before = id;
        assert_int_equal(kith_id_parse(WRONG[i], &id), KITH_INVALID);
        assert_memory_equal(&id, &before, sizeof id);
    }
}

static void no_household_has_no_text(void **state)
{
    (void)state;
    char text[KITH_ID_TEXT_SIZE] = "x", shortened[KITH_ID_SHORT_SIZE] = "x";
    kith_id_text((kith_bytes_t){0}, text);
    kith_id_short(kith_bytes_str("seventeen bytes.."), shortened);
    assert_string_equal(text, "");
    assert_string_equal(shortened, "");
}

static void hex_goes_both_ways(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {0x00, 0x09, 0xa0, 0xff};
    char text[2 * sizeof BYTES + 1];
    uint8_t back[sizeof BYTES] = {0};
    kith_hex((kith_bytes_t){.data = BYTES, .size = sizeof BYTES}, text);
    assert_string_equal(text, "0009a0ff");
    assert_int_equal(kith_unhex("0009A0fF", back, sizeof back), KITH_OK);
    assert_memory_equal(back, BYTES, sizeof BYTES);
    static const char *const WRONG[] = {"",         "0009a0f",  "0009a0ff0",  "0009a0ff00",
                                        "0009a0fg", "-009a0ff", "0009a0f\xc3"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        assert_int_equal(kith_unhex(WRONG[i], back, sizeof back), KITH_INVALID);
        assert_memory_equal(back, BYTES, sizeof BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layout_is_that_of_uuid_version_7),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(the_text_is_read_back),
        cmocka_unit_test(what_is_no_id_is_refused_and_changes_nothing),
        cmocka_unit_test(no_household_has_no_text),
        cmocka_unit_test(hex_goes_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
