/* The machine's zone files: London's clock changes as they are, and files that are none. */
#include "io/zone.h"
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HOUR INT64_C(3600000)

static int setup(void **state)
{
    *state = kith_arena_new(1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    kith_arena_t *arena = *state;
    kith_arena_destroy(&arena);
    return 0;
}

static void london_changes_on_29_march_and_25_october_2026(void **state)
{
    const kith_zone_t *zone = NULL;
    assert_int_equal(zone_load("Europe/London", *state, &zone), KITH_OK);
    assert_string_equal(zone->name, "Europe/London");
    size_t found = 0;
    for (size_t i = 0; i < zone->count; i++) {
        assert_true(i == 0 || zone->changes[i].from_ms > zone->changes[i - 1].from_ms);
        if (zone->changes[i].from_ms == INT64_C(1774746000000)) { /* 2026-03-29T01:00:00Z */
            assert_int_equal(zone->changes[i].offset_ms, HOUR);
            found++;
        }
        if (zone->changes[i].from_ms == INT64_C(1792890000000)) { /* 2026-10-25T01:00:00Z */
            assert_int_equal(zone->changes[i].offset_ms, 0);
            found++;
        }
    }
    assert_int_equal(found, 2);
    assert_int_equal(zone->first_offset_ms, 0);
}

static void a_zone_that_does_not_change_has_its_offset(void **state)
{
    const kith_zone_t *zone = NULL;
    assert_int_equal(zone_load("UTC", *state, &zone), KITH_OK);
    assert_int_equal(zone->count, 0);
    assert_int_equal(zone->first_offset_ms, 0);
    assert_int_equal(zone_load("Asia/Kolkata", *state, &zone), KITH_OK);
    assert_int_equal(zone->first_offset_ms, 11 * HOUR / 2);
}

static void what_is_no_zone_is_told(void **state)
{
    const kith_zone_t *zone = NULL;
    char too_long[66] = {0};
    memset(too_long, 'a', sizeof too_long - 1);
    const char *const bad[] = {"", "/etc/passwd", "../../../etc/passwd", "a b", too_long};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(zone_load(bad[i], *state, &zone), KITH_INVALID);
    }
    assert_int_equal(zone_load("Europe/Sampleford", *state, &zone), KITH_NOT_FOUND);
    assert_int_equal(zone_load("Europe", *state, &zone), KITH_CORRUPT); /* a folder */
    assert_int_equal(zone_load("zone1970-tab", *state, &zone), KITH_NOT_FOUND);
    assert_null(zone);
}

static size_t london(uint8_t *buffer, size_t size)
{
    int fd = open("/usr/share/zoneinfo/Europe/London", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t got = read(fd, buffer, size);
    close(fd);
    assert_true(got > 1000);
    return (size_t)got;
}

/* What it says must be whole: no shorter file is taken for one, but without the last line. */
static void a_file_cut_anywhere_is_refused_or_says_the_same(void **state)
{
    uint8_t buffer[8192];
    size_t size = london(buffer, sizeof buffer), taken = 0;
    const kith_zone_t *whole = NULL;
    assert_int_equal(zone_read("x", (kith_bytes_t){buffer, size}, *state, &whole), KITH_OK);
    for (size_t cut = 0; cut < size; cut++) {
        const kith_zone_t *zone = NULL;
        kith_arena_t *arena = kith_arena_new(64 * 1024);
        kith_err err = zone_read("x", (kith_bytes_t){buffer, cut}, arena, &zone);
        assert_true(err == KITH_OK || err == KITH_CORRUPT);
        assert_true((zone != NULL) == (err == KITH_OK));
        if (zone != NULL) {
            taken++;
            assert_int_equal(zone->count, whole->count);
            assert_memory_equal(zone->changes, whole->changes,
                                whole->count * sizeof *whole->changes);
        }
        kith_arena_destroy(&arena);
    }
    assert_true(taken < 64); /* cuts within the last line */
}

static void a_flipped_byte_does_no_harm(void **state)
{
    uint8_t buffer[8192];
    size_t size = london(buffer, sizeof buffer);
    (void)state;
    for (size_t i = 0; i < size; i++) {
        const kith_zone_t *zone = NULL;
        kith_arena_t *arena = kith_arena_new(64 * 1024);
        buffer[i] ^= 0xff;
        kith_err err = zone_read("x", (kith_bytes_t){buffer, size}, arena, &zone);
        buffer[i] ^= 0xff;
        assert_true(err == KITH_OK || err == KITH_CORRUPT);
        kith_arena_destroy(&arena);
    }
}

static void a_full_arena_is_told(void **state)
{
    const kith_zone_t *zone = NULL;
    kith_arena_t *arena = kith_arena_new(64);
    (void)state;
    assert_int_equal(zone_load("Europe/London", arena, &zone), KITH_LIMIT);
    kith_arena_destroy(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(london_changes_on_29_march_and_25_october_2026),
        TEST(a_zone_that_does_not_change_has_its_offset),
        TEST(what_is_no_zone_is_told),
        TEST(a_file_cut_anywhere_is_refused_or_says_the_same),
        TEST(a_flipped_byte_does_no_harm),
        TEST(a_full_arena_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
