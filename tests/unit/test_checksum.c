/* Checksums of rows: damage within a word is always seen, other damage all but always. */
#include "base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static kith_bytes_t bytes(const void *data, size_t size)
{
    return (kith_bytes_t){.data = data, .size = size};
}

static void every_flipped_bit_of_every_size_is_seen(void **state)
{
    (void)state;
    uint8_t data[40];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 37);
    for (size_t size = 1; size <= sizeof(data); size++) {
        uint64_t whole = kith_checksum(7, bytes(data, size));
        for (size_t bit = 0; bit < size * 8; bit++) {
            data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_true(kith_checksum(7, bytes(data, size)) != whole);
            data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void lengths_and_seeds_count(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    uint64_t seen[sizeof(zeros)];
    for (size_t size = 0; size < sizeof(zeros); size++) {
        seen[size] = kith_checksum(0, bytes(zeros, size));
        for (size_t other = 0; other < size; other++)
            assert_true(seen[other] != seen[size]);
        assert_true(kith_checksum(1, bytes(zeros, size)) != seen[size]);
    }
    assert_true(kith_checksum(5, bytes(NULL, 0)) == kith_checksum(5, bytes(zeros, 0)));
}

/* The stored form must not change: stores of earlier versions hold it. */
static void the_sums_of_this_version_stay(void **state)
{
    (void)state;
    assert_true(kith_checksum(0, kith_bytes_str("")) == UINT64_C(0));
    assert_true(kith_checksum(0, kith_bytes_str("custody")) == UINT64_C(0xfcc04a8ba30f9895));
    assert_true(kith_checksum(1, kith_bytes_str("0123456789abcdef0")) ==
                UINT64_C(0xd082720e9b6ccbc4));
}

static void a_row_gives_its_value_back(void **state)
{
    (void)state;
    kith_bytes_t key = kith_bytes_str("key"), value;
    uint8_t row[5 + KITH_ROW_EXTRA_BYTES];
    kith_row_write(9, key, kith_bytes_str("value"), row);
    assert_true(kith_row_read(9, key, bytes(row, sizeof(row)), &value));
    assert_true(kith_bytes_equal(value, kith_bytes_str("value")));
    assert_ptr_equal(value.data, row);
    kith_row_write(9, key, bytes(NULL, 0), row);
    assert_true(kith_row_read(9, key, bytes(row, KITH_ROW_EXTRA_BYTES), &value));
    assert_int_equal(value.size, 0);
}

static void a_row_that_was_touched_is_refused(void **state)
{
    (void)state;
    kith_bytes_t key = kith_bytes_str("key"), value = {.size = 77};
    uint8_t row[5 + KITH_ROW_EXTRA_BYTES];
    kith_row_write(9, key, kith_bytes_str("value"), row);
    for (size_t i = 0; i < sizeof(row); i++) {
        row[i] ^= 0x10;
        assert_false(kith_row_read(9, key, bytes(row, sizeof(row)), &value));
        row[i] ^= 0x10;
    }
    assert_false(kith_row_read(8, key, bytes(row, sizeof(row)), &value));
    assert_false(kith_row_read(9, kith_bytes_str("kex"), bytes(row, sizeof(row)), &value));
    assert_false(kith_row_read(9, key, bytes(row, sizeof(row) - 1), &value));
    assert_false(kith_row_read(9, key, bytes(row, 7), &value));
    memset(row, 0, sizeof(row));
    assert_false(kith_row_read(9, key, bytes(row, sizeof(row)), &value));
    assert_int_equal(value.size, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_flipped_bit_of_every_size_is_seen),
        cmocka_unit_test(lengths_and_seeds_count),
        cmocka_unit_test(the_sums_of_this_version_stay),
        cmocka_unit_test(a_row_gives_its_value_back),
        cmocka_unit_test(a_row_that_was_touched_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
