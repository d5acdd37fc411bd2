/* Checksum of stored rows: finds bytes that a disk or a bug has flipped, zeroed or misplaced.
 *
 * Not a hash for keys or digests: whoever can write the file can also make a checksum that fits.
 * Against people stand signatures (io/seal); this is against damage only, so it is chosen for speed
 * (8 bytes a step) and for one promise: two inputs of one length that differ only within one
 * aligned 8-byte word never have the same checksum. Other damage is missed once in 2^64. */
#pragma once

#include "base/bytes.h"

/* MurmurHash64A over the bytes and their length. Several parts: pass the checksum of one as the
 * seed of the next. The same on every machine that LMDB files can be moved between. */
uint64_t kith_checksum(uint64_t seed, kith_bytes_t bytes);

/* A row as it is stored: the value, then the checksum over seed, key and value in native byte order
 * (as all of LMDB's file). The seed stands for the table, so that a row moved to another does not
 * fit. */
#define KITH_ROW_EXTRA_BYTES 8u
/* ret_row: value.size + KITH_ROW_EXTRA_BYTES. */
void kith_row_write(uint64_t seed, kith_bytes_t key, kith_bytes_t value, uint8_t *ret_row);
/* The value within the row; false when the checksum does not fit. */
bool kith_row_read(uint64_t seed, kith_bytes_t key, kith_bytes_t row, kith_bytes_t *ret_value);
