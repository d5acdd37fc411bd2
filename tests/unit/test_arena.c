/* The arena: zeroed and aligned memory up to its limit, the same limit in every turn. */
#include "base/arena.h"
#include "kith.pb-c.h"
#include "tests/lib/dice.h"
#include "tests/lib/dies.h"
#include "tests/lib/unit.h"

#include <string.h>

#define LIMIT ((size_t)1024 * 1024)

static int setup(void **state)
{
    *state = kith_arena_new(LIMIT);
    return 0;
}

static int teardown(void **state)
{
    kith_arena_t *arena = *state;
    kith_arena_destroy(&arena);
    assert_null(arena);
    kith_arena_destroy(&arena);
    kith_arena_destroy(NULL);
    return 0;
}

static void what_it_gives_is_zeroed_and_aligned_and_apart(void **state)
{
    kith_arena_t *arena = *state;
    dice_t dice = {.state = 7};
    static const uint8_t ZEROS[100000];
    for (int turn = 0; turn < 3; turn++) { /* chunks that were used before must be zeroed anew */
        uint8_t *before = NULL;
        for (int i = 0; i < 12; i++) {
            size_t size = dice_roll(&dice, i % 3 == 0 ? sizeof ZEROS : 200);
            uint8_t *data = kith_arena_alloc(arena, size);
            assert_non_null(data);
            assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
            assert_memory_equal(data, ZEROS, size);
            assert_ptr_not_equal(data, before);
            memset(data, 0xa5, size);
            before = data;
        }
        kith_arena_reset(arena);
    }
}

static void nothing_is_given_beyond_the_limit(void **state)
{
    kith_arena_t *arena = *state;
    assert_null(kith_arena_alloc(arena, LIMIT + 1));
    assert_null(kith_arena_alloc(arena, SIZE_MAX));
    assert_int_equal(kith_arena_used(arena), 0);
    assert_non_null(kith_arena_alloc(arena, LIMIT));
    assert_int_equal(kith_arena_room(arena), 0);
    assert_null(kith_arena_alloc(arena, 1));
    assert_null(kith_arena_alloc(arena, 0));
}

static size_t fill(kith_arena_t *arena, size_t size)
{
    size_t count = 0;
    while (kith_arena_alloc(arena, size) != NULL) {
        count++;
    }
    return count;
}

static void every_turn_meets_the_limit_at_the_same_place(void **state)
{
    kith_arena_t *arena = *state;
    static const size_t SIZES[] = {16, 5000, 65536, 65552, 200000, 400000, 48};
    for (int round = 0; round < 2; round++) { /* whatever the turns before left behind */
        for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
            size_t rounded = (SIZES[i] + 15) / 16 * 16;
            assert_int_equal(fill(arena, SIZES[i]), LIMIT / rounded);
            assert_int_equal(kith_arena_used(arena), LIMIT / rounded * rounded);
            kith_arena_reset(arena);
            assert_int_equal(kith_arena_used(arena), 0);
            assert_int_equal(kith_arena_room(arena), LIMIT);
        }
    }
}

static void need_too_much(void *arena)
{
    kith_arena_need(arena, LIMIT + 1);
}

static void our_own_data_beyond_the_limit_is_a_bug(void **state)
{
    assert_true(dies(need_too_much, *state));
    assert_non_null(kith_arena_need(*state, LIMIT));
}

static void texts_and_bytes_are_copied(void **state)
{
    kith_arena_t *arena = *state;
    char text[] = "housing";
    char *copy = kith_arena_str(arena, text);
    kith_bytes_t bytes = kith_arena_copy(arena, kith_bytes_str(text));
    text[0] = 'x';
    assert_string_equal(copy, "housing");
    assert_true(kith_bytes_equal(bytes, kith_bytes_str("housing")));
    assert_int_equal(kith_arena_copy(arena, (kith_bytes_t){0}).size, 0);
    assert_string_equal(kith_arena_printf(arena, "%s %d", "n", 12), "n 12");
    assert_string_equal(kith_arena_printf(arena, "%s", ""), "");
}

static void a_message_survives_packing_and_unpacking_here(void **state)
{
    kith_arena_t *arena = *state;
    Kith__Reference reference = KITH__REFERENCE__INIT;
    reference.system = "example-housing";
    reference.id = "H-1";
    kith_bytes_t packed = KITH_PACK(arena, &reference);
    Kith__Reference *back =
        kith__reference__unpack(kith_arena_allocator(arena), packed.size, packed.data);
    assert_non_null(back);
    assert_string_equal(back->system, "example-housing");
    kith__reference__free_unpacked(back, kith_arena_allocator(arena)); /* frees nothing */
    assert_string_equal(back->id, "H-1");
}

static void protobuf_c_gets_null_at_the_limit(void **state)
{
    (void)state;
    kith_arena_t *small = kith_arena_new(64);
    static const uint8_t TWO_NAMES[] = {0x0a, 3, 'a', 'b', 'c', 0x12, 3, 'd', 'e', 'f'};
    assert_null(kith__reference__unpack(kith_arena_allocator(small), sizeof TWO_NAMES, TWO_NAMES));
    assert_true(kith_arena_used(small) <= 64);
    kith_arena_destroy(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_it_gives_is_zeroed_and_aligned_and_apart, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(nothing_is_given_beyond_the_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(every_turn_meets_the_limit_at_the_same_place, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(our_own_data_beyond_the_limit_is_a_bug, setup, teardown),
        cmocka_unit_test_setup_teardown(texts_and_bytes_are_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_survives_packing_and_unpacking_here, setup,
                                        teardown),
        cmocka_unit_test(protobuf_c_gets_null_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
