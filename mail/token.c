#include "mail/token.h"

#include "io/keys.h"

#include <string.h>

#define NAME_BYTES  16u
#define DAY_BYTES   2u
#define CHECK_BYTES 8u
#define BYTES       (NAME_BYTES + DAY_BYTES + CHECK_BYTES)
#define LETTERS     42u /* of five bits, for 26 bytes */
#define DAY_MS      (INT64_C(24) * 3600 * 1000)

_Static_assert(LETTERS * 5 >= BYTES * 8 && TOKEN_TEXT_SIZE == LETTERS + 2, "it fits");

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648, 6 */

static void check_of(const uint8_t key[TOKEN_KEY_BYTES], token_use use, const uint8_t *bytes,
                     uint8_t ret_check[CHECK_BYTES])
{
    uint8_t letter = (uint8_t)use;
    kith_bytes_t parts[] = {{key, TOKEN_KEY_BYTES}, {&letter, 1}, {bytes, NAME_BYTES + DAY_BYTES}};
    kith_digest_t digest;
    keys_hash(KITH_TAG_MAIL, parts, 3, &digest);
    memcpy(ret_check, kith_digest_bytes(&digest).data, CHECK_BYTES);
}

/* Five bits; beyond the last byte they are 0. */
static unsigned bits_at(const uint8_t *bytes, size_t letter)
{
    unsigned value = 0;
    for (size_t bit = letter * 5; bit < letter * 5 + 5; bit++) {
        unsigned one = bit < BYTES * 8u ? ((unsigned)bytes[bit / 8] >> (7 - bit % 8)) & 1u : 0u;
        value = value << 1 | one;
    }
    return value;
}

void token_make(const uint8_t key[TOKEN_KEY_BYTES], token_use use, kith_bytes_t name,
                int64_t ends_ms, char ret_text[TOKEN_TEXT_SIZE])
{
    uint8_t bytes[BYTES] = {0};
    KITH_ASSERT(name.size == NAME_BYTES);
    memcpy(bytes, name.data, NAME_BYTES);
    int64_t day = ends_ms / DAY_MS < UINT16_MAX ? ends_ms / DAY_MS : UINT16_MAX;
    bytes[NAME_BYTES] = (uint8_t)((uint64_t)day >> 8);
    bytes[NAME_BYTES + 1] = (uint8_t)((uint64_t)day & 0xff);
    check_of(key, use, bytes, bytes + NAME_BYTES + DAY_BYTES);
    ret_text[0] = (char)use;
    for (size_t i = 0; i < LETTERS; i++)
        ret_text[1 + i] = alphabet[bits_at(bytes, i)];
    ret_text[1 + LETTERS] = '\0';
}

/* The value of a letter; -1: it is none. */
static int value_of(char letter)
{
    char low = letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
    const char *at = low != '\0' ? strchr(alphabet, low) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

static bool decode(const char *text, uint8_t ret_bytes[BYTES])
{
    memset(ret_bytes, 0, BYTES);
    for (size_t i = 0; i < LETTERS; i++) {
        int value = value_of(text[i]);
        if (value < 0)
            return false;
        for (size_t bit = 0; bit < 5; bit++) {
            size_t at = i * 5 + bit;
            unsigned one = ((unsigned)value >> (4 - bit)) & 1u;
            if (at < BYTES * 8u)
                ret_bytes[at / 8] |= (uint8_t)(one << (7 - at % 8));
            else if (one != 0)
                return false;
        }
    }
    return true;
}

static bool is_end(char c)
{
    return c == '\0' || c == '@' || c == '.' || c == '>';
}

bool token_read(const uint8_t key[TOKEN_KEY_BYTES], const char *text, token_t *ret_token)
{
    uint8_t bytes[BYTES], check[CHECK_BYTES], different = 0;
    char use = *text == 'R' || *text == 'r' ? 'r' : *text == 'B' || *text == 'b' ? 'b' : '\0';
    if (use == '\0' || strnlen(text, 1 + LETTERS) < 1 + LETTERS || !is_end(text[1 + LETTERS]) ||
        !decode(text + 1, bytes))
        return false;
    check_of(key, (token_use)use, bytes, check);
    for (size_t i = 0; i < CHECK_BYTES; i++)
        different |= (uint8_t)(check[i] ^ bytes[NAME_BYTES + DAY_BYTES + i]);
    if (different != 0)
        return false;
    ret_token->use = (token_use)use;
    memcpy(ret_token->name, bytes, NAME_BYTES);
    int64_t day = bytes[NAME_BYTES] << 8 | bytes[NAME_BYTES + 1];
    ret_token->ends_ms = (day + 1) * DAY_MS;
    return true;
}

bool token_find(const uint8_t key[TOKEN_KEY_BYTES], const char *text, char mark, token_t *ret_token)
{
    for (const char *at = strchr(text, mark); at != NULL; at = strchr(at + 1, mark))
        if (token_read(key, at + 1, ret_token))
            return true;
    return false;
}
