/* Lines of `kith publish`: what is taken, what is refused with its field, and their tokens. */
#include "agents/cli/event_json.h"
#include "agents/cli/tokens.h"
#include "tests/lib/unit.h"

#include <string.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(64u * 1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

#define HEAD "\"topic\":\"t\",\"kind\":\"k\",\"occurred\":\"2026-03-29T01:00:00Z\""

/* The line as it is written again, or "field: why". */
static const char *again(const char *line)
{
    Kith__Api__Draft *draft = NULL;
    event_problem_t problem;
    if (event_parse(kith_bytes_str(line), arena, &draft, &problem) != KITH_OK) {
        assert_null(draft);
        return kith_arena_printf(arena, "%s: %s", problem.field, problem.what);
    }
    kith_json_t *object = event_to_json(draft);
    const char *text = kith_json_text(arena, object);
    kith_json_destroy(&object);
    return text;
}

static void good_lines_come_back(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{" HEAD "}",
        "{\"topic\":\"t\",\"household\":\"01234567-89ab-7def-8123-456789abcdef\",\"kind\":\"k\","
        "\"occurred\":\"2026-03-29T01:00:00Z\",\"about\":[{\"system\":\"s\",\"id\":\"1\"},"
        "{\"system\":\"s\",\"id\":\"2\",\"role\":\"child\",\"shielded\":true}],\"severity\":"
        "{\"scale\":\"g\",\"value\":\"I\"},\"minutes\":75,\"cost_code\":\"c\",\"narrative\":\"n\","
        "\"shielded\":true,\"source\":{\"system\":\"s\",\"id\":\"9\"},\"to\":[\"a\",\"b\"]}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_string_equal(again(lines[i]), lines[i]);
    assert_string_equal(
        again("{\"topic\":\"t\",\"kind\":\"k\",\"occurred\":"
              "\"2026-03-29T02:00:00+01:00\",\"minutes\":0,\"about\":[],\"to\":[]}"),
        "{" HEAD "}");
}

static void bad_lines_name_their_field(void **state)
{
    (void)state;
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"", ": no JSON at column"},
        {"nonsense", ": no JSON at column"},
        {"[]", ": each line must be one object"},
        {"{}", "topic: is missing"},
        {"{\"topic\":\"t\"}", "kind: is missing"},
        {"{\"topic\":\"t\",\"kind\":\"k\"}", "occurred: is missing"},
        {"{" HEAD ",\"color\":1}", "color: there is no such key"},
        {"{\"topic\":1}", "topic: must be a string, not a whole number"},
        {"{\"topic\":\"t\",\"kind\":null}", "kind: must be a string, not null"},
        {"{\"occurred\":\"yesterday\"}", "occurred: is no time"},
        {"{\"occurred\":1}", "occurred: must be a string"},
        {"{\"household\":\"9c41d07e22ab\"}", "household: is no whole id"},
        {"{\"minutes\":\"5\"}", "minutes: must be a whole number, not a string"},
        {"{\"minutes\":1.5}", "minutes: must be a whole number, not a number with a fraction"},
        {"{\"minutes\":-1}", "minutes: is out of range"},
        {"{\"minutes\":4294967296}", "minutes: is out of range"},
        {"{\"shielded\":\"yes\"}", "shielded: must be true or false"},
        {"{\"severity\":\"high\"}", "severity: must be an object"},
        {"{\"severity\":{\"scale\":\"g\"}}", "severity.value: is missing"},
        {"{\"severity\":{\"scale\":\"g\",\"value\":1}}", "severity.value: must be a string"},
        {"{\"severity\":{\"scale\":\"g\",\"value\":\"1\",\"x\":1}}", "severity.x: there is no"},
        {"{\"source\":{\"system\":\"s\"}}", "source.id: is missing"},
        {"{\"source\":{\"system\":\"s\",\"id\":\"\"}}", "source.id: is missing"},
        {"{\"about\":{}}", "about: must be a list"},
        {"{\"about\":[1]}", "about[0]: must be an object"},
        {"{\"about\":[{\"system\":\"s\",\"id\":\"1\"},{\"id\":\"2\"}]}",
         "about[1].system: is missing"},
        {"{\"about\":[{\"system\":\"s\",\"id\":\"1\",\"shielded\":1}]}",
         "about[0].shielded: must be true or false"},
        {"{\"to\":\"a\"}", "to: must be a list"},
        {"{\"to\":[\"a\",2]}", "to[1]: must be a string"},
        {"{\"topic\":\"t\",\"topic\":\"t\"}", ": no JSON at column"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *said = again(cases[i].line);
        if (strncmp(said, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("%s: %s", cases[i].line, said);
    }
}

static void no_more_than_64_are_named(void **state)
{
    (void)state;
    const char *all = "{\"system\":\"s\",\"id\":\"1\"}";
    for (int i = 1; i < 64; i++)
        all = kith_arena_printf(arena, "%s,{\"system\":\"s\",\"id\":\"1\"}", all);
    assert_int_equal(again(kith_arena_printf(arena, "{" HEAD ",\"about\":[%s]}", all))[0], '{');
    assert_string_equal(
        again(kith_arena_printf(arena, "{" HEAD ",\"about\":[%s,{\"system\":\"s\",\"id\":\"1\"}]}",
                                all)),
        "about: has more than 64 entries");
}

/* ---- tokens ---- */

static bool same(kith_digest_t a, kith_digest_t b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static void tokens_of_records_with_an_id(void **state)
{
    (void)state;
    assert_true(same(tokens_of_source("s", "1"), tokens_of_source("s", "1")));
    assert_false(same(tokens_of_source("s", "1"), tokens_of_source("s", "2")));
    assert_false(same(tokens_of_source("ab", "c"), tokens_of_source("a", "bc")));
}

static void equal_lines_stay_two_and_the_same_two(void **state)
{
    (void)state;
    kith_bytes_t line = kith_bytes_str("line"), other = kith_bytes_str("other");
    tokens_t *first = tokens_new(), *second = tokens_new();
    kith_digest_t a = tokens_of_line(first, "s", line), b = tokens_of_line(first, "s", line);
    assert_false(same(a, b));
    assert_false(same(a, tokens_of_line(first, "s", other)));
    assert_false(same(a, tokens_of_line(second, "t", line)));
    assert_true(same(a, tokens_of_line(second, "s", line)));
    (void)tokens_of_line(second, "s", other);
    assert_true(same(b, tokens_of_line(second, "s", line)));
    tokens_destroy(&first);
    tokens_destroy(&first);
    tokens_destroy(&second);
}

static void many_lines_keep_their_count(void **state)
{
    (void)state;
    tokens_t *tokens = tokens_new();
    kith_digest_t first[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        kith_bytes_t line = {.data = (const uint8_t *)&i, .size = sizeof i};
        first[i] = tokens_of_line(tokens, "s", line);
    }
    tokens_t *again_tokens = tokens_new();
    for (uint32_t i = 5000; i-- > 0;) {
        kith_bytes_t line = {.data = (const uint8_t *)&i, .size = sizeof i};
        assert_false(same(first[i], tokens_of_line(tokens, "s", line)));
        assert_true(same(first[i], tokens_of_line(again_tokens, "s", line)));
    }
    tokens_destroy(&tokens);
    tokens_destroy(&again_tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines_come_back),
        cmocka_unit_test(bad_lines_name_their_field),
        cmocka_unit_test(no_more_than_64_are_named),
        cmocka_unit_test(tokens_of_records_with_an_id),
        cmocka_unit_test(equal_lines_stay_two_and_the_same_two),
        cmocka_unit_test(many_lines_keep_their_count),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
