/* Packets around bytes that are never encoded again: the few protobuf tags written and read by
 * hand.
 *
 * What an agency signed reaches the mailbox and the recipient as the very bytes that arrived: a
 * slice of PUBLISH or RECEIPT in, a frame around the stored body out. */
#pragma once

#include "base/err.h"
#include "broker/mailbox.h"

/* Most that stands around a body: frame, packet and verb heads, and the token. */
#define WIRE_AROUND_BYTES_MAX 40u

/* The Envelope within a PUBLISH packet; the ReceiptPacket within a RECEIPT packet. KITH_INVALID
 * when its field does not stand there exactly once: decoders merge repeated ones, so the slice
 * would not be what was checked. */
kith_err wire_publish_envelope(kith_bytes_t packet, kith_bytes_t *ret_envelope);
kith_err wire_receipt_body(kith_bytes_t packet, kith_bytes_t *ret_body);

/* DELIVER, RECEIPT or REFUSED, by the item's kind, with its token. */
size_t wire_item_size(const mailbox_item_t *item);
/* ret_packet: wire_item_size bytes. */
void wire_item_write(const mailbox_item_t *item, uint8_t *ret_packet);
