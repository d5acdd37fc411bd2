/* Fields found without decoding are those that protobuf-c wrote; what is cut short is no field. */
#include "base/wire.h"

#include "base/arena.h"
#include "kith.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static kith_bytes_t welcome(kith_arena_t *arena)
{
    static uint8_t epoch[16] = "0123456789abcdef";
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Welcome said = KITH__WELCOME__INIT;
    Kith__LaneCredit credit = KITH__LANE_CREDIT__INIT, *credits[] = {&credit};
    credit.bytes = UINT64_MAX;
    said.store_epoch = (ProtobufCBinaryData){sizeof epoch, epoch};
    said.liveness_ms = 300;
    said.n_credit = 1;
    said.credit = credits;
    packet.verb_case = KITH__PACKET__VERB_WELCOME;
    packet.welcome = &said;
    return KITH_PACK(arena, &packet);
}

static void fields_are_found_by_their_path(void **state)
{
    (void)state;
    static const uint32_t to_liveness[] = {2, 4}, to_bytes[] = {2, 5, 3}, to_none[] = {2, 5, 9};
    kith_arena_t *arena = kith_arena_new(4096);
    kith_bytes_t packet = welcome(arena);
    kith_wire_field_t field;
    assert_true(kith_wire_find_at(packet, to_liveness, 2, &field));
    assert_int_equal(field.type, 0);
    assert_int_equal(field.value, 300);
    assert_true(kith_wire_find_at(packet, to_bytes, 3, &field));
    assert_true(field.value == UINT64_MAX);
    assert_false(kith_wire_find_at(packet, to_none, 3, &field));
    assert_true(kith_wire_find(packet, 2, &field));
    assert_true(kith_wire_find(field.bytes, 2, &field));
    assert_int_equal(field.type, 2);
    assert_int_equal(field.bytes.size, 16);
    assert_memory_equal(field.bytes.data, "0123456789abcdef", 16);
    kith_arena_destroy(&arena);
}

static void what_is_cut_short_is_no_field(void **state)
{
    (void)state;
    kith_arena_t *arena = kith_arena_new(4096);
    kith_bytes_t packet = welcome(arena);
    kith_wire_field_t field;
    for (size_t size = 0; size < packet.size; size++) {
        kith_bytes_t rest = {packet.data, size};
        assert_false(kith_wire_next(&rest, &field));
    }
    kith_arena_destroy(&arena);
}

static void groups_and_endless_numbers_are_no_fields(void **state)
{
    (void)state;
    const uint8_t group[] = {0x0b, 0x0c};
    uint8_t endless[16];
    memset(endless, 0xff, sizeof endless);
    kith_wire_field_t field;
    kith_bytes_t rest = {group, sizeof group};
    assert_false(kith_wire_next(&rest, &field));
    rest = (kith_bytes_t){endless, sizeof endless};
    assert_false(kith_wire_next(&rest, &field));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found_by_their_path),
        cmocka_unit_test(what_is_cut_short_is_no_field),
        cmocka_unit_test(groups_and_endless_numbers_are_no_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
