/* Checks on text, and the units a person writes. */
#include "base/text.h"

#include "base/limits.h"

#include <string.h>

/* Bytes of the character that starts at text, 0 when it is none: RFC 3629, so no overlong form, no
 * surrogate, nothing above U+10FFFF. */
static size_t character_size(const uint8_t *text, size_t size)
{
    uint8_t first = text[0];
    if (first < 0x80) {
        return 1;
    }
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || size < count) {
        return 0;
    }
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < count; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return count;
}

bool kith_text_utf8(kith_bytes_t text)
{
    for (size_t at = 0; at < text.size;) {
        size_t count = character_size(text.data + at, text.size - at);
        if (count == 0) {
            return false;
        }
        at += count;
    }
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z');
}

bool kith_text_name(const char *text)
{
    if (text == NULL || !is_name_start(text[0])) {
        return false;
    }
    size_t size = 1;
    while (is_name_start(text[size]) || text[size] == '.' || text[size] == '-') {
        if (++size > KITH_NAME_MAX) {
            return false;
        }
    }
    return text[size] == '\0';
}

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit_t;

/* A whole number with one of the units right behind it. */
static kith_err parse_with_unit(const char *text, const unit_t *units, size_t units_count,
                                uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t at = 0;
    for (; is_digit(text[at]); at++) {
        uint64_t digit = (uint64_t)(text[at] - '0');
        if (value > (max - digit) / 10) {
            return KITH_INVALID;
        }
        value = value * 10 + digit;
    }
    for (size_t i = 0; at > 0 && i < units_count; i++) {
        if (strcmp(text + at, units[i].name) == 0) {
            if (value > max / units[i].factor) {
                return KITH_INVALID;
            }
            *ret_value = value * units[i].factor;
            return KITH_OK;
        }
    }
    return KITH_INVALID;
}

kith_err kith_duration_parse(const char *text, int64_t *ret_ms)
{
    static const unit_t UNITS[] = {
        {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000},
    };
    uint64_t ms = 0;
    kith_err err = parse_with_unit(text, UNITS, sizeof UNITS / sizeof UNITS[0], INT64_MAX, &ms);
    if (err == KITH_OK) {
        *ret_ms = (int64_t)ms;
    }
    return err;
}

kith_err kith_size_parse(const char *text, uint64_t *ret_bytes)
{
    static const unit_t UNITS[] = {
        {"", 1},
        {"KiB", UINT64_C(1) << 10},
        {"MiB", UINT64_C(1) << 20},
        {"GiB", UINT64_C(1) << 30},
        {"TiB", UINT64_C(1) << 40},
    };
    return parse_with_unit(text, UNITS, sizeof UNITS / sizeof UNITS[0], UINT64_MAX, ret_bytes);
}
