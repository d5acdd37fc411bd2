/* UUIDv7 and hex. */
#include "base/id.h"

#include "base/limits.h"

#include <string.h>

kith_id_t kith_id_make(int64_t now_ms, const uint8_t random[10])
{
    kith_id_t id;
    uint64_t ms = now_ms > 0 ? (uint64_t)now_ms : 0;
    for (size_t i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
    memcpy(id.bytes + 6, random, 10);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f)); /* version 7 */
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f)); /* variant of RFC 9562 */
    return id;
}

static bool hyphen_before(size_t byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void kith_id_text(kith_bytes_t id, char ret_text[KITH_ID_TEXT_SIZE])
{
    char *at = ret_text;
    for (size_t i = 0; id.size == KITH_ID_BYTES && i < id.size; i++) {
        if (hyphen_before(i)) {
            *at++ = '-';
        }
        kith_hex((kith_bytes_t){.data = id.data + i, .size = 1}, at);
        at += 2;
    }
    *at = '\0';
}

void kith_id_short(kith_bytes_t id, char ret_text[KITH_ID_SHORT_SIZE])
{
    kith_bytes_t last = {0};
    if (id.size == KITH_ID_BYTES) {
        last = (kith_bytes_t){.data = id.data + KITH_ID_BYTES - 6, .size = 6};
    }
    kith_hex(last, ret_text);
}

kith_err kith_id_parse(const char *text, kith_id_t *ret_id)
{
    char digits[2 * KITH_ID_BYTES + 1];
    size_t digits_count = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (i >= KITH_ID_TEXT_SIZE - 1 || hyphen != (text[i] == '-')) {
            return KITH_INVALID;
        }
        if (!hyphen) {
            digits[digits_count++] = text[i];
        }
    }
    digits[digits_count] = '\0';
    return kith_unhex(digits, ret_id->bytes, KITH_ID_BYTES);
}

kith_bytes_t kith_id_bytes(const kith_id_t *id)
{
    return (kith_bytes_t){.data = id->bytes, .size = sizeof id->bytes};
}

void kith_hex(kith_bytes_t bytes, char *ret_text)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        ret_text[2 * i] = DIGITS[bytes.data[i] >> 4];
        ret_text[2 * i + 1] = DIGITS[bytes.data[i] & 0x0f];
    }
    ret_text[2 * bytes.size] = '\0';
}

/* -1 when it is no hex digit. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

kith_err kith_unhex(const char *text, uint8_t *ret_bytes, size_t size)
{
    for (size_t i = 0; i < 2 * size; i++) {
        if (digit_value(text[i]) < 0) {
            return KITH_INVALID;
        }
    }
    if (text[2 * size] != '\0') {
        return KITH_INVALID;
    }
    for (size_t i = 0; i < size; i++) {
        ret_bytes[i] = (uint8_t)(digit_value(text[2 * i]) << 4 | digit_value(text[2 * i + 1]));
    }
    return KITH_OK;
}
