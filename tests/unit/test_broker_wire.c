/* The few bytes written by hand are those protobuf-c would write; slices are the bytes that came.
 */
#include "broker/broker_wire.h"

#include "base/frame.h"
#include "kith.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int begin(void **state)
{
    *state = kith_arena_new(8u * 1024u * 1024u);
    return 0;
}

static int end(void **state)
{
    kith_arena_t *arena = *state;
    kith_arena_destroy(&arena);
    return 0;
}

static ProtobufCBinaryData bytes(kith_arena_t *arena, size_t size)
{
    uint8_t *data = kith_arena_need(arena, size + 1);
    memset(data, 'x', size);
    return (ProtobufCBinaryData){size, data};
}

static Kith__Signed signed_of(kith_arena_t *arena, size_t size)
{
    Kith__Signed s = KITH__SIGNED__INIT;
    s.statement = bytes(arena, size);
    s.signature = bytes(arena, 64);
    return s;
}

static const uint64_t tokens[] = {1, 127, 128, 70000, UINT64_C(1) << 40, UINT64_MAX};
static const size_t sizes[] = {0, 1, 100, 127, 128, 20000, 280000};

static void expect_same(kith_arena_t *arena, const mailbox_item_t *item, const Kith__Packet *packet)
{
    kith_bytes_t packed = KITH_PACK(arena, packet);
    size_t size = wire_item_size(item);
    assert_int_equal(size, packed.size);
    uint8_t *written = kith_arena_need(arena, size);
    wire_item_write(item, written);
    assert_memory_equal(written, packed.data, size);
    assert_true(size + KITH_FRAME_HEAD_BYTES + KITH_FRAME_ITEM_BYTES <=
                item->body.size + WIRE_AROUND_BYTES_MAX);
}

static void deliver_is_as_protobuf_packs_it(void **state)
{
    kith_arena_t *arena = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof tokens / sizeof *tokens; k++) {
            kith_arena_reset(arena);
            Kith__Envelope envelope = KITH__ENVELOPE__INIT;
            envelope.header = bytes(arena, 50);
            envelope.content = bytes(arena, sizes[i]);
            Kith__Deliver deliver = KITH__DELIVER__INIT;
            deliver.token = tokens[k];
            deliver.envelope = &envelope;
            Kith__Packet packet = KITH__PACKET__INIT;
            packet.verb_case = KITH__PACKET__VERB_DELIVER;
            packet.deliver = &deliver;
            mailbox_item_t item = {
                .token = tokens[k], .kind = MAILBOX_ENVELOPE, .body = KITH_PACK(arena, &envelope)};
            expect_same(arena, &item, &packet);
        }
    }
}

static void refused_is_as_protobuf_packs_it(void **state)
{
    kith_arena_t *arena = *state;
    for (size_t k = 0; k < sizeof tokens / sizeof *tokens; k++) {
        Kith__Signed refusal = signed_of(arena, 200);
        Kith__Refused refused = KITH__REFUSED__INIT;
        refused.token = tokens[k];
        refused.refusal = &refusal;
        Kith__Packet packet = KITH__PACKET__INIT;
        packet.verb_case = KITH__PACKET__VERB_REFUSED;
        packet.refused = &refused;
        mailbox_item_t item = {
            .token = tokens[k], .kind = MAILBOX_REFUSAL, .body = KITH_PACK(arena, &refusal)};
        expect_same(arena, &item, &packet);
    }
}

/* The token comes last instead of in its place, so it is compared as it is read. */
static void receipt_reads_back_with_the_brokers_token(void **state)
{
    kith_arena_t *arena = *state;
    for (uint64_t said = 0; said < 2; said++) { /* also when the recipient wrote one itself */
        Kith__Signed receipt = signed_of(arena, 300);
        Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
        body.receipt = &receipt;
        body.token = said * 99;
        body.origin = kith_arena_str(arena, "police");
        body.lane = KITH__LANE__LANE_NORMAL;
        mailbox_item_t item = {
            .token = 70000, .kind = MAILBOX_RECEIPT, .body = KITH_PACK(arena, &body)};
        size_t size = wire_item_size(&item);
        uint8_t *written = kith_arena_need(arena, size);
        wire_item_write(&item, written);
        Kith__Packet *packet = kith__packet__unpack(kith_arena_allocator(arena), size, written);
        assert_non_null(packet);
        assert_int_equal(packet->verb_case, KITH__PACKET__VERB_RECEIPT);
        assert_int_equal(packet->receipt->token, 70000);
        assert_string_equal(packet->receipt->origin, "police");
        assert_int_equal(packet->receipt->receipt->statement.len, 300);
    }
}

/* ---- slices ---- */

static kith_bytes_t publish_packet(kith_arena_t *arena, size_t size, kith_bytes_t *ret_envelope)
{
    char *owed[] = {kith_arena_str(arena, "police"), kith_arena_str(arena, "housing")};
    Kith__Envelope envelope = KITH__ENVELOPE__INIT;
    envelope.header = bytes(arena, 60);
    envelope.content = bytes(arena, size);
    Kith__Publish publish = KITH__PUBLISH__INIT;
    publish.envelope = &envelope;
    publish.n_owed = 2;
    publish.owed = owed;
    Kith__Packet packet = KITH__PACKET__INIT;
    packet.verb_case = KITH__PACKET__VERB_PUBLISH;
    packet.publish = &publish;
    *ret_envelope = KITH_PACK(arena, &envelope);
    return KITH_PACK(arena, &packet);
}

static void the_envelope_is_found_in_publish(void **state)
{
    kith_arena_t *arena = *state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        kith_arena_reset(arena);
        kith_bytes_t envelope, found;
        kith_bytes_t packet = publish_packet(arena, sizes[i], &envelope);
        assert_int_equal(wire_publish_envelope(packet, &found), KITH_OK);
        assert_true(kith_bytes_equal(found, envelope));
        assert_true(found.data > packet.data && found.data < packet.data + packet.size);
    }
}

static void every_cut_of_a_packet_is_refused(void **state)
{
    kith_arena_t *arena = *state;
    kith_bytes_t envelope, found;
    kith_bytes_t packet = publish_packet(arena, 100, &envelope);
    for (size_t size = 0; size < packet.size; size++)
        assert_int_equal(wire_publish_envelope((kith_bytes_t){packet.data, size}, &found),
                         KITH_INVALID);
}

static kith_bytes_t of(const char *text, size_t size)
{
    return (kith_bytes_t){(const uint8_t *)text, size};
}

static void what_decoders_would_merge_is_refused(void **state)
{
    (void)state;
    kith_bytes_t found;
    /* publish { envelope {} }, and unknown fields of all shapes beside it */
    assert_int_equal(wire_publish_envelope(of("\x1a\x02\x0a\x00", 4), &found), KITH_OK);
    assert_int_equal(found.size, 0);
    assert_int_equal(wire_publish_envelope(of("\xa0\x06\x05\x1a\x02\x0a\x00", 7), &found), KITH_OK);
    assert_int_equal(wire_publish_envelope(of("\xa1\x06"
                                              "12345678\xa5\x06"
                                              "1234\xa2\x06\x01z\x1a\x02\x0a\x00",
                                              24),
                                           &found),
                     KITH_OK);
    /* publish twice; envelope twice; envelope not bytes; a group; no publish at all */
    assert_int_equal(wire_publish_envelope(of("\x1a\x02\x0a\x00\x1a\x02\x0a\x00", 8), &found),
                     KITH_INVALID);
    assert_int_equal(wire_publish_envelope(of("\x1a\x04\x0a\x00\x0a\x00", 6), &found),
                     KITH_INVALID);
    assert_int_equal(wire_publish_envelope(of("\x1a\x02\x08\x00", 4), &found), KITH_INVALID);
    assert_int_equal(wire_publish_envelope(of("\x1b\x1c", 2), &found), KITH_INVALID);
    assert_int_equal(wire_publish_envelope(of("\x12\x00", 2), &found), KITH_INVALID);
    /* a number that never ends */
    assert_int_equal(
        wire_publish_envelope(of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11), &found),
        KITH_INVALID);
}

static void the_receipt_is_found_as_it_came(void **state)
{
    kith_arena_t *arena = *state;
    Kith__Signed receipt = signed_of(arena, 300);
    Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
    body.receipt = &receipt;
    Kith__Packet packet = KITH__PACKET__INIT;
    packet.verb_case = KITH__PACKET__VERB_RECEIPT;
    packet.receipt = &body;
    kith_bytes_t found, packed = KITH_PACK(arena, &packet);
    assert_int_equal(wire_receipt_body(packed, &found), KITH_OK);
    assert_true(kith_bytes_equal(found, KITH_PACK(arena, &body)));
    assert_int_equal(wire_receipt_body(of("\x1a\x00", 2), &found), KITH_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(deliver_is_as_protobuf_packs_it),           TEST(refused_is_as_protobuf_packs_it),
        TEST(receipt_reads_back_with_the_brokers_token), TEST(the_envelope_is_found_in_publish),
        TEST(every_cut_of_a_packet_is_refused),          TEST(what_decoders_would_merge_is_refused),
        TEST(the_receipt_is_found_as_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
