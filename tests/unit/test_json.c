/* JSON is read strictly, and written as it was read. Messages: test_json_golden.py. */
#include "io/json.h"

#include "kith.pb-c.h"
#include "tests/lib/unit.h"

#include <string.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(16u * 1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

/* Read and written again; "LINE:COLUMN" of an error. */
static const char *again(kith_bytes_t text)
{
    kith_json_t *value = NULL;
    kith_json_error_t error;
    if (kith_json_parse(text, &value, &error) != KITH_OK) {
        assert_null(value);
        assert_true(strlen(error.what) > 0);
        return kith_arena_printf(arena, "%zu", error.line);
    }
    const char *out = kith_json_text(arena, value);
    kith_json_destroy(&value);
    kith_json_destroy(&value);
    return out;
}

static void what_is_read_is_written_again(void **state)
{
    (void)state;
    static const char *const same[] = {
        "{}",
        "[]",
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9223372036854775807",
        "\"\"",
        "51.909841",
        "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}",
        "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"",
        "\"\\\"\\\\\\n\"",
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_string_equal(again(kith_bytes_str(same[i])), same[i]);
    assert_string_equal(again(kith_bytes_str(" { \"a\" : 1 }\n")), "{\"a\":1}");
}

static void what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"", "1"},         {"{", "1"},           {"{}x", "1"},
        {"{}\n{}", "2"},   {"{\"a\":1,}", "1"},  {"{\"a\":1,\n\"a\":2}", "2"},
        {"{a:1}", "1"},    {"[1,\n\n2", "3"},    {"'a'", "1"},
        {"01", "1"},       {"nul", "1"},         {"\"\\u0000\"", "1"},
        {"\"\xFF\"", "1"}, {"\"\\ud800\"", "1"}, {"9223372036854775808", "1"},
        {"// c\n1", "1"},  {"NaN", "1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(again(kith_bytes_str(cases[i].text)), cases[i].line);
    kith_bytes_t nul = {.data = (const uint8_t *)"1\0", .size = 2};
    assert_string_equal(again(nul), "1");
    /* Deep nesting ends in an error, not in the stack. */
    char *deep = kith_arena_need(arena, 100001);
    memset(deep, '[', 100000);
    assert_string_equal(again(kith_bytes_str(deep)), "1");
}

static void values_one_after_another(void **state)
{
    (void)state;
    kith_bytes_t text = kith_bytes_str("{\"a\":1} , [2]");
    kith_json_t *value;
    kith_json_error_t error;
    size_t used;
    assert_int_equal(kith_json_parse_first(text, &value, &used, &error), KITH_OK);
    assert_int_equal(used, 7);
    assert_int_equal(kith_json_int(kith_json_get(value, "a")), 1);
    assert_null(kith_json_get(value, "b"));
    kith_json_destroy(&value);
}

static void members_and_kinds(void **state)
{
    (void)state;
    kith_json_t *value;
    kith_json_error_t error;
    kith_bytes_t text = kith_bytes_str("{\"z\":true,\"a\":[1.5,\"x\"],\"n\":null}");
    assert_int_equal(kith_json_parse(text, &value, &error), KITH_OK);
    assert_int_equal(kith_json_count(value), 3);
    void *iter = NULL;
    const char *name, *names = "";
    const kith_json_t *member;
    while (kith_json_each(value, &iter, &name, &member))
        names = kith_arena_printf(arena, "%s%s=%s ", names, name,
                                  kith_json_kind_words(kith_json_kind_of(member)));
    assert_string_equal(names, "z=true or false a=a list n=null ");
    assert_true(kith_json_bool(kith_json_get(value, "z")));
    const kith_json_t *list = kith_json_get(value, "a");
    assert_string_equal(kith_json_scalar(arena, kith_json_at(list, 0)), "1.5");
    assert_string_equal(kith_json_str(kith_json_at(list, 1)), "x");
    assert_string_equal(kith_json_scalar(arena, kith_json_get(value, "n")), "");
    assert_null(kith_json_scalar(arena, list));
    kith_json_destroy(&value);
}

static void built_by_hand(void **state)
{
    (void)state;
    kith_json_t *object = kith_json_object(), *list = kith_json_list();
    kith_json_add_str(list, "a");
    kith_json_put(object, "list", &list);
    assert_null(list);
    kith_json_put_int(object, "n", -3);
    kith_json_put_bool(object, "b", false);
    kith_json_put_time(object, "t", 1774746000000);
    kith_json_put_int(object, "n", 4);
    assert_string_equal(kith_json_text(arena, object),
                        "{\"list\":[\"a\"],\"n\":4,\"b\":false,\"t\":\"2026-03-29T01:00:00Z\"}");
    kith_json_destroy(&object);
    assert_null(object);
    kith_json_destroy(NULL);
}

static void words_of_enums(void **state)
{
    (void)state;
    char word[KITH_WORD_SIZE];
    kith_enum_word(&kith__answer__descriptor, 3, word);
    assert_string_equal(word, "nothing-known");
    kith_enum_word(&kith__referral_step__descriptor, 2, word);
    assert_string_equal(word, "declined");
    kith_enum_word(&kith__answer__descriptor, 0, word);
    assert_string_equal(word, "");
    kith_enum_word(&kith__answer__descriptor, 99, word);
    assert_string_equal(word, "99");
    /* Every word fits, and leads back to its value. */
    const ProtobufCEnumDescriptor *reasons = &kith__reason__descriptor;
    for (unsigned i = 0; i < reasons->n_values; i++) {
        int value = -1;
        kith_enum_word(reasons, reasons->values[i].value, word);
        bool found = kith_enum_value(reasons, word, &value);
        assert_true(found == (reasons->values[i].value != 0));
        assert_true(!found || value == reasons->values[i].value);
    }
    int value = 7;
    assert_false(kith_enum_value(reasons, "NO_SUCH", &value));
    assert_int_equal(value, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(values_one_after_another),
        cmocka_unit_test(members_and_kinds),
        cmocka_unit_test(built_by_hand),
        cmocka_unit_test(words_of_enums),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
