/* DMARC's result counts only from the named server, once, and of the domain that From shows. */
#include "mail/authres.h"

#include "tests/lib/unit.h"

#include <string.h>

#define SERVER "mx.kith.example"

typedef struct seen {
    const char *field, *wanted;
} seen_t;

static void check(const seen_t *seen, size_t count)
{
    kith_arena_t *arena = kith_arena_new(1 << 20);
    for (size_t i = 0; i < count; i++) {
        const char *field = seen[i].field;
        letter_t letter = {.from = "duty@police.example", .results_count = 1, .results = &field};
        assert_string_equal(authres_dmarc(arena, &letter, SERVER), seen[i].wanted);
    }
    kith_arena_destroy(&arena);
}

static void test_result_is_read(void **state)
{
    (void)state;
    static const seen_t seen[] = {
        {SERVER "; dmarc=pass header.from=police.example", "pass"},
        {SERVER
         " 1; spf=pass smtp.mailfrom=x.example; dmarc=pass (p=NONE) header.from=police.example",
         "pass"},
        {"MX.Kith.Example;\n\tDMARC = pass header.from = Police.Example", "pass"},
        {SERVER "; dmarc=fail header.from=police.example", "fail"},
        {SERVER "; dkim=pass header.d=police.example; dmarc=none header.from=police.example",
         "none"},
    };
    check(seen, sizeof seen / sizeof seen[0]);
}

static void test_others_words_are_none(void **state)
{
    (void)state;
    static const seen_t seen[] = {
        {"mx.evil.example; dmarc=pass header.from=police.example", ""},
        {SERVER ".evil.example; dmarc=pass header.from=police.example", ""},
        {"evil (" SERVER "); dmarc=pass header.from=police.example", ""},
        {SERVER "; dmarc=pass header.from=evil.example", ""},
        {SERVER "; dmarc=pass", ""},
        {SERVER "; none (; dmarc=pass header.from=police.example)", ""},
        {SERVER "; spf=fail reason=\"; dmarc=pass header.from=police.example\"", ""},
        {SERVER "; spf=fail reason=\"a\\\"; dmarc=pass header.from=police.example\"", ""},
        {SERVER "; dkim=fail dmarc=pass header.from=police.example", ""},
        {SERVER "; dmarc=fail header.from=police.example; dmarc=pass header.from=police.example",
         ""},
        {"", ""},
    };
    check(seen, sizeof seen / sizeof seen[0]);
}

/* A mail server writes above what is there. */
static void test_newest_of_the_server_counts(void **state)
{
    (void)state;
    kith_arena_t *arena = kith_arena_new(1 << 20);
    const char *fields[] = {"other.example; dmarc=pass header.from=police.example",
                            SERVER "; dmarc=fail header.from=police.example",
                            SERVER "; dmarc=pass header.from=police.example"};
    letter_t letter = {.from = "duty@police.example", .results_count = 3, .results = fields};
    assert_string_equal(authres_dmarc(arena, &letter, SERVER), "fail");
    assert_string_equal(authres_dmarc(arena, &letter, ""), "");
    letter.from = "";
    assert_string_equal(authres_dmarc(arena, &letter, SERVER), "");
    kith_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result_is_read),
        cmocka_unit_test(test_others_words_are_none),
        cmocka_unit_test(test_newest_of_the_server_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
