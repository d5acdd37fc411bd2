/* What an address of ours says, and that nobody else can make one. */
#include "mail/token.h"

#include "io/keys.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static const uint8_t key[TOKEN_KEY_BYTES] = {1, 2, 3};
static const uint8_t name[16] = {0xff, 0x01, 0x80, [15] = 0xa5};

static void make(token_use use, int64_t ends_ms, char ret_text[TOKEN_TEXT_SIZE])
{
    token_make(key, use, (kith_bytes_t){name, sizeof name}, ends_ms, ret_text);
}

static void a_token_says_what_was_put_into_it(void **state)
{
    char text[TOKEN_TEXT_SIZE];
    token_t token;
    (void)state;
    make(TOKEN_ANSWER, 20 * DAY_MS + 5, text);
    assert_int_equal(strlen(text), TOKEN_TEXT_SIZE - 1);
    assert_true(token_read(key, text, &token));
    assert_int_equal(token.use, TOKEN_ANSWER);
    assert_memory_equal(token.name, name, sizeof name);
    assert_int_equal(token.ends_ms, 21 * DAY_MS);
    make(TOKEN_BOUNCE, INT64_MAX, text); /* the last day there is */
    assert_true(token_read(key, text, &token));
    assert_int_equal(token.use, TOKEN_BOUNCE);
    assert_int_equal(token.ends_ms, (UINT16_MAX + 1) * DAY_MS);
}

/* Mail servers may change letters. */
static void capitals_are_the_same(void **state)
{
    char text[TOKEN_TEXT_SIZE];
    token_t token;
    (void)state;
    make(TOKEN_ANSWER, DAY_MS, text);
    for (char *at = text; *at != '\0'; at++)
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    assert_true(token_read(key, text, &token));
}

static void any_other_letter_makes_it_nothing(void **state)
{
    char text[TOKEN_TEXT_SIZE];
    token_t token;
    (void)state;
    make(TOKEN_ANSWER, DAY_MS, text);
    for (size_t i = 0; i < TOKEN_TEXT_SIZE - 1; i++) {
        char kept = text[i];
        for (const char *other = "abr27-1@"; *other != '\0'; other++) {
            text[i] = *other;
            assert_true(*other == kept || !token_read(key, text, &token));
        }
        text[i] = kept;
    }
    uint8_t another[TOKEN_KEY_BYTES] = {1, 2, 4};
    assert_true(token_read(key, text, &token));
    assert_false(token_read(another, text, &token));
    text[TOKEN_TEXT_SIZE - 2] = '\0';
    assert_false(token_read(key, text, &token));
    assert_false(token_read(key, "", &token));
}

static void it_is_found_among_other_words(void **state)
{
    char text[TOKEN_TEXT_SIZE], line[300];
    token_t token;
    (void)state;
    make(TOKEN_ANSWER, DAY_MS, text);
    (void)snprintf(line, sizeof line, "a+b@c.example kith+%s@kith.example", text);
    assert_true(token_find(key, line, '+', &token));
    assert_false(token_find(key, line, '<', &token));
    (void)snprintf(line, sizeof line, "<1@c.example> <%s.12@kith.example>", text);
    assert_true(token_find(key, line, '<', &token));
    (void)snprintf(line, sizeof line, "kith+%sa@kith.example", text);
    assert_false(token_find(key, line, '+', &token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_what_was_put_into_it),
        cmocka_unit_test(capitals_are_the_same),
        cmocka_unit_test(any_other_letter_makes_it_nothing),
        cmocka_unit_test(it_is_found_among_other_words),
    };
    assert_int_equal(keys_begin(), KITH_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
