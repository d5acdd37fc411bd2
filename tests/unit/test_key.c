/* Keys: their bytes sort as their parts do, and are read back part by part. */
#include "base/key.h"
#include "tests/lib/dies.h"
#include "tests/lib/unit.h"

#include <string.h>

static void numbers_sort_as_numbers(void **state)
{
    (void)state;
    static const int64_t SORTED[] = {INT64_MIN, -256, -1, 0, 1, 255, 256, INT64_MAX};
    static const uint64_t UNSIGNED[] = {0, 1, 255, 256, UINT64_C(1) << 63, UINT64_MAX};
    for (size_t i = 1; i < sizeof SORTED / sizeof SORTED[0]; i++) {
        kith_key_t low = {0}, high = {0};
        kith_key_i64(&low, SORTED[i - 1]);
        kith_key_i64(&high, SORTED[i]);
        assert_true(kith_bytes_compare(kith_key_bytes(&low), kith_key_bytes(&high)) < 0);
    }
    for (size_t i = 1; i < sizeof UNSIGNED / sizeof UNSIGNED[0]; i++) {
        kith_key_t low = {0}, high = {0};
        kith_key_u64(&low, UNSIGNED[i - 1]);
        kith_key_u64(&high, UNSIGNED[i]);
        assert_true(kith_bytes_compare(kith_key_bytes(&low), kith_key_bytes(&high)) < 0);
    }
}

static void a_name_never_runs_into_what_follows(void **state)
{
    (void)state;
    kith_key_t one = {0}, other = {0};
    kith_key_name(&one, "police");
    kith_key_u8(&one, 's');
    kith_key_name(&other, "polices");
    assert_false(kith_bytes_starts(kith_key_bytes(&other), kith_key_bytes(&one)));
    kith_key_clear(&one);
    kith_key_name(&one, "police");
    assert_false(kith_bytes_starts(kith_key_bytes(&other), kith_key_bytes(&one)));
    assert_true(kith_bytes_compare(kith_key_bytes(&one), kith_key_bytes(&other)) < 0);
}

static void parts_are_read_back(void **state)
{
    (void)state;
    kith_key_t key = {0};
    kith_key_name(&key, "social-care");
    kith_key_u8(&key, 200);
    kith_key_u32(&key, 0xdeadbeef);
    kith_key_u64(&key, UINT64_MAX - 1);
    kith_key_i64(&key, -5);
    kith_key_name(&key, "");
    kith_key_reader_t reader = {.rest = kith_key_bytes(&key)};
    assert_string_equal(kith_key_read_name(&reader), "social-care");
    assert_int_equal(kith_key_read_u8(&reader), 200);
    assert_int_equal(kith_key_read_u32(&reader), 0xdeadbeef);
    assert_true(kith_key_read_u64(&reader) == UINT64_MAX - 1);
    assert_true(kith_key_read_i64(&reader) == -5);
    assert_string_equal(kith_key_read_name(&reader), "");
    assert_int_equal(reader.rest.size, 0);
}

static void numbers_are_big_endian(void **state)
{
    (void)state;
    kith_key_t key = {0};
    kith_key_u32(&key, 0x01020304);
    static const uint8_t WANTED[] = {1, 2, 3, 4};
    assert_memory_equal(key.data, WANTED, 4);
    kith_key_raw(&key, kith_bytes_str("raw"));
    kith_key_raw(&key, (kith_bytes_t){0});
    assert_int_equal(key.size, 7);
    assert_memory_equal(key.data + 4, "raw", 3);
}

static void overfill(void *key)
{
    kith_key_u8(key, 1);
}

static void read_name(void *reader)
{
    kith_key_read_name(reader);
}

static void read_number(void *reader)
{
    kith_key_read_u32(reader);
}

static void too_long_a_key_or_another_shape_is_a_bug(void **state)
{
    (void)state;
    kith_key_t key = {0};
    static const uint8_t FULL[KITH_KEY_BYTES_MAX];
    kith_key_raw(&key, (kith_bytes_t){.data = FULL, .size = sizeof FULL});
    assert_true(dies(overfill, &key));
    kith_key_reader_t unended = {.rest = kith_bytes_str("abc")};
    kith_key_reader_t empty = {0};
    assert_true(dies(read_name, &unended));
    assert_true(dies(read_number, &unended));
    assert_true(dies(read_name, &empty));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_sort_as_numbers),
        cmocka_unit_test(a_name_never_runs_into_what_follows),
        cmocka_unit_test(parts_are_read_back),
        cmocka_unit_test(numbers_are_big_endian),
        cmocka_unit_test(too_long_a_key_or_another_shape_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
