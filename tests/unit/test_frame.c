/* Frames: what is written is read back; what is not wholly a frame is not read at all. */
#include "base/frame.h"
#include "base/limits.h"
#include "tests/lib/dice.h"
#include "tests/lib/dies.h"
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

static bool add(kith_frame_writer_t *writer, const char *packet)
{
    uint8_t *place = kith_frame_add(writer, strlen(packet));
    if (place == NULL) {
        return false;
    }
    memcpy(place, packet, strlen(packet));
    return true;
}

static kith_bytes_t written(const kith_frame_writer_t *writer)
{
    return (kith_bytes_t){.data = writer->data, .size = writer->size};
}

static void packets_come_out_as_they_went_in(void **state)
{
    (void)state;
    uint8_t data[256];
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, data, sizeof data);
    assert_int_equal(writer.size, 0);
    assert_true(add(&writer, "first") && add(&writer, "2nd") && add(&writer, "x"));
    static const uint8_t START[] = {'K', 'T', 1, 0, 5, 0, 0, 0, 'f'};
    assert_memory_equal(data, START, sizeof START);
    kith_frame_reader_t reader;
    assert_int_equal(kith_frame_open(written(&writer), &reader), KITH_OK);
    static const char *const WANTED[] = {"first", "2nd", "x"};
    kith_bytes_t packet;
    for (size_t i = 0; i < 3; i++) {
        assert_true(kith_frame_next(&reader, &packet));
        assert_true(kith_bytes_equal(packet, kith_bytes_str(WANTED[i])));
    }
    assert_false(kith_frame_next(&reader, &packet));
    assert_false(kith_frame_next(&reader, &packet));
}

static void what_does_not_fit_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    uint8_t data[20];
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, data, sizeof data);
    assert_null(kith_frame_add(&writer, 13));
    assert_null(kith_frame_add(&writer, SIZE_MAX));
    assert_int_equal(writer.size, 0);
    assert_non_null(kith_frame_add(&writer, 4));
    assert_null(kith_frame_add(&writer, 5));
    assert_int_equal(writer.size, 12);
    assert_non_null(kith_frame_add(&writer, 4));
    assert_int_equal(writer.size, 20);
    assert_null(kith_frame_add(&writer, 1));
    kith_frame_begin(&writer, data, 7);
    assert_null(kith_frame_add(&writer, 1));
    kith_frame_begin(&writer, NULL, 0);
    assert_null(kith_frame_add(&writer, 1));
}

static void no_frame_is_larger_than_the_limit(void **state)
{
    (void)state;
    size_t capacity = KITH_FRAME_BYTES_MAX + 100;
    uint8_t *data = calloc(1, capacity);
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, data, capacity);
    const size_t largest = KITH_FRAME_BYTES_MAX - KITH_FRAME_HEAD_BYTES - KITH_FRAME_ITEM_BYTES;
    assert_null(kith_frame_add(&writer, largest + 1));
    assert_non_null(kith_frame_add(&writer, largest));
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    assert_int_equal(kith_frame_open(written(&writer), &reader), KITH_OK);
    assert_true(kith_frame_next(&reader, &packet));
    assert_int_equal(packet.size, largest);
    kith_bytes_t over = {.data = data, .size = KITH_FRAME_BYTES_MAX + 1};
    assert_int_equal(kith_frame_open(over, &reader), KITH_LIMIT);
    free(data);
}

static void what_is_not_wholly_a_frame_is_refused(void **state)
{
    (void)state;
#define FRAME(...)                                                                                 \
    {                                                                                              \
        .data = (const uint8_t[]){__VA_ARGS__}, .size = sizeof((const uint8_t[]){__VA_ARGS__})     \
    }
    const kith_bytes_t bad[] = {
        {0},
        FRAME('K'),
        FRAME('K', 'T', 1),
        FRAME('K', 'T', 2, 0),
        FRAME('K', 'T', 1, 1),
        FRAME('k', 'T', 1, 0),
        FRAME('K', 'T', 1, 0, 1),
        FRAME('K', 'T', 1, 0, 1, 0, 0),
        FRAME('K', 'T', 1, 0, 1, 0, 0, 0),
        FRAME('K', 'T', 1, 0, 2, 0, 0, 0, 'a'),
        FRAME('K', 'T', 1, 0, 1, 0, 0, 0, 'a', 'b'),
        FRAME('K', 'T', 1, 0, 1, 0, 0, 0, 'a', 0xff, 0xff, 0xff, 0xff, 'b'),
        FRAME('K', 'T', 1, 0, 0, 0, 0, 0), /* an empty packet says nothing */
    };
#undef FRAME
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_frame_reader_t reader = {.rest = kith_bytes_str("untouched")};
        assert_int_equal(kith_frame_open(bad[i], &reader), KITH_INVALID);
        assert_true(kith_bytes_equal(reader.rest, kith_bytes_str("untouched")));
    }
}

static void an_empty_frame_has_no_packets(void **state)
{
    (void)state;
    kith_frame_reader_t reader;
    kith_bytes_t packet;
    assert_int_equal(kith_frame_open(kith_bytes_str("KT\1"), &reader), KITH_INVALID);
    assert_int_equal(
        kith_frame_open((kith_bytes_t){.data = (const uint8_t *)"KT\1", .size = 4}, &reader),
        KITH_OK);
    assert_false(kith_frame_next(&reader, &packet));
}

static void add_nothing(void *writer)
{
    kith_frame_add(writer, 0);
}

static void writing_an_empty_packet_is_a_bug(void **state)
{
    (void)state;
    uint8_t data[64];
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, data, sizeof data);
    assert_true(dies(add_nothing, &writer));
}

/* Any bytes are either refused or read to their very end. */
static void damaged_frames_are_read_wholly_or_not(void **state)
{
    (void)state;
    dice_t dice = {.state = 20260329};
    for (int round = 0; round < 20000; round++) {
        uint8_t data[64];
        kith_frame_writer_t writer;
        kith_frame_begin(&writer, data, sizeof data);
        while (kith_frame_add(&writer, 1 + dice_roll(&dice, 12)) != NULL) {
        }
        data[dice_roll(&dice, writer.size)] = (uint8_t)dice_u64(&dice);
        kith_bytes_t frame = {.data = data, .size = writer.size - dice_roll(&dice, 3)};
        kith_frame_reader_t reader;
        if (kith_frame_open(frame, &reader) != KITH_OK) {
            continue;
        }
        size_t total = KITH_FRAME_HEAD_BYTES;
        kith_bytes_t packet;
        while (kith_frame_next(&reader, &packet)) {
            total += KITH_FRAME_ITEM_BYTES + packet.size;
        }
        assert_int_equal(total, frame.size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_out_as_they_went_in),
        cmocka_unit_test(what_does_not_fit_is_refused_and_changes_nothing),
        cmocka_unit_test(no_frame_is_larger_than_the_limit),
        cmocka_unit_test(what_is_not_wholly_a_frame_is_refused),
        cmocka_unit_test(an_empty_frame_has_no_packets),
        cmocka_unit_test(writing_an_empty_packet_is_a_bug),
        cmocka_unit_test(damaged_frames_are_read_wholly_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
