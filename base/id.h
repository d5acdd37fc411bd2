/* Notice and household ids: 16 bytes, UUIDv7 (RFC 9562), so that they sort by time.
 * Making one needs a clock and random bytes, which come in as inputs. */
#pragma once

#include "base/bytes.h"
#include "base/err.h"

typedef struct kith_id {
    uint8_t bytes[16];
} kith_id_t;

/* random: 10 bytes. */
kith_id_t kith_id_make(int64_t now_ms, const uint8_t random[10]);

/* 36 characters and NUL; here and below an empty text for what is not 16 bytes (no household). */
#define KITH_ID_TEXT_SIZE 37
void kith_id_text(kith_bytes_t id, char ret_text[KITH_ID_TEXT_SIZE]);

/* What tables show: the last 12 characters. `kith show` takes them, or the whole. */
#define KITH_ID_SHORT_SIZE 13
void kith_id_short(kith_bytes_t id, char ret_text[KITH_ID_SHORT_SIZE]);

/* The whole text form. KITH_INVALID otherwise. */
kith_err kith_id_parse(const char *text, kith_id_t *ret_id);

kith_bytes_t kith_id_bytes(const kith_id_t *id);

/* Lower-case hex of any bytes into ret_text (2 * size + 1). */
void kith_hex(kith_bytes_t bytes, char *ret_text);
/* size bytes from 2 * size hex digits. KITH_INVALID otherwise. */
kith_err kith_unhex(const char *text, uint8_t *ret_bytes, size_t size);
