#include "broker/broker_wire.h"

#include "base/wire.h"

#include <string.h>

/* Field numbers of kith.proto; test_broker_wire compares them with what protobuf-c makes. */
enum {
    PACKET_PUBLISH = 3,
    PACKET_REFUSED = 5,
    PACKET_DELIVER = 8,
    PACKET_RECEIPT = 10,
    PUBLISH_ENVELOPE = 1,
    DELIVER_TOKEN = 1,
    DELIVER_ENVELOPE = 2,
    REFUSED_REFUSAL = 1,
    REFUSED_TOKEN = 2,
    RECEIPT_TOKEN = 2,
};

enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

/* ---- reading ---- */

/* The content of a field that stands there exactly once. */
static kith_err find_once(kith_bytes_t message, uint32_t number, kith_bytes_t *ret_content)
{
    kith_bytes_t found = {0};
    unsigned times = 0;
    while (message.size > 0) {
        kith_wire_field_t field;
        if (!kith_wire_next(&message, &field))
            return KITH_INVALID;
        if (field.number != number)
            continue;
        if (field.type != WIRE_BYTES)
            return KITH_INVALID;
        found = field.bytes;
        times++;
    }
    if (times != 1)
        return KITH_INVALID;
    *ret_content = found;
    return KITH_OK;
}

kith_err wire_publish_envelope(kith_bytes_t packet, kith_bytes_t *ret_envelope)
{
    kith_bytes_t publish;
    kith_err err = find_once(packet, PACKET_PUBLISH, &publish);
    return err == KITH_OK ? find_once(publish, PUBLISH_ENVELOPE, ret_envelope) : err;
}

kith_err wire_receipt_body(kith_bytes_t packet, kith_bytes_t *ret_body)
{
    return find_once(packet, PACKET_RECEIPT, ret_body);
}

/* ---- writing ---- */

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >= 0x80u) {
        value >>= 7;
        size++;
    }
    return size;
}

static uint8_t *put_varint(uint8_t *at, uint64_t value)
{
    while (value >= 0x80u) {
        *at++ = (uint8_t)(value | 0x80u);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static uint8_t *put_tag(uint8_t *at, unsigned number, unsigned wire)
{
    return put_varint(at, number << 3 | wire);
}

static uint8_t *put_bytes(uint8_t *at, kith_bytes_t bytes)
{
    if (bytes.size > 0)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

/* What is inside the verb: the body, with its own head or bare, and the token. All field numbers
 * here take one byte with their wire type. */
static size_t verb_size(const mailbox_item_t *item)
{
    size_t head = item->kind == MAILBOX_RECEIPT ? 0 : 1 + varint_size(item->body.size);
    return head + item->body.size + 1 + varint_size(item->token);
}

static unsigned verb_number(mailbox_kind kind)
{
    switch (kind) {
    case MAILBOX_ENVELOPE:
        return PACKET_DELIVER;
    case MAILBOX_RECEIPT:
        return PACKET_RECEIPT;
    case MAILBOX_REFUSAL:
        return PACKET_REFUSED;
    }
    KITH_NEVER("a kind that the mailbox never gave");
    return 0;
}

size_t wire_item_size(const mailbox_item_t *item)
{
    size_t size = verb_size(item);
    return 1 + varint_size(size) + size;
}

static uint8_t *put_field(uint8_t *at, unsigned number, kith_bytes_t body)
{
    at = put_tag(at, number, WIRE_BYTES);
    at = put_varint(at, body.size);
    return put_bytes(at, body);
}

static uint8_t *put_token(uint8_t *at, unsigned number, uint64_t token)
{
    return put_varint(put_tag(at, number, WIRE_VARINT), token);
}

void wire_item_write(const mailbox_item_t *item, uint8_t *ret_packet)
{
    uint8_t *at = put_tag(ret_packet, verb_number(item->kind), WIRE_BYTES);
    at = put_varint(at, verb_size(item));
    switch (item->kind) {
    case MAILBOX_ENVELOPE:
        at = put_token(at, DELIVER_TOKEN, item->token);
        at = put_field(at, DELIVER_ENVELOPE, item->body);
        break;
    case MAILBOX_RECEIPT: /* whatever token the recipient wrote: the last one counts */
        at = put_bytes(at, item->body);
        at = put_token(at, RECEIPT_TOKEN, item->token);
        break;
    case MAILBOX_REFUSAL:
        at = put_field(at, REFUSED_REFUSAL, item->body);
        at = put_token(at, REFUSED_TOKEN, item->token);
        break;
    }
    KITH_ASSERT(at == ret_packet + wire_item_size(item));
}
