/* What others wrote never moves the cursor; columns are aligned by what stands on the screen. */
#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(16u * 1024u * 1024u);
    assert_int_equal(setenv("TZ", "Europe/London", 1), 0);
    tzset();
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

#define BAD "\xEF\xBF\xBD"

static void control_characters_do_not_pass(void **state)
{
    (void)state;
    assert_string_equal(text_line(arena, "plain caf\xC3\xA9 \xF0\x9F\x98\x80"),
                        "plain caf\xC3\xA9 \xF0\x9F\x98\x80");
    assert_string_equal(text_line(arena, "a\033[2Jb\007\x7F"), "a" BAD "[2Jb" BAD BAD);
    assert_string_equal(text_line(arena, "a\xC2\x9B"
                                         "b"), /* C1: a one-byte escape on some terminals */
                        "a" BAD "b");
    assert_string_equal(text_line(arena, "a\xE2\x80\xAE"
                                         "b"), /* right-to-left override */
                        "a" BAD "b");
    assert_string_equal(text_line(arena, "a\xE2\x80\xA8"
                                         "b"), /* line separator */
                        "a" BAD "b");
    assert_string_equal(text_line(arena, "a\r\nb\tc\nd\re"), "a b c d" BAD "e");
    assert_string_equal(text_line(arena, NULL), "");
    assert_string_equal(text_line(arena, "cut \xC3"), "cut " BAD);
    assert_string_equal(text_line(arena, "\xA0\x80 \xFF \xC0\x80"), BAD BAD " " BAD " " BAD BAD);
    assert_string_equal(text_line(arena, "\xED\xA0\x80 \xF4\x90\x80\x80"),
                        BAD BAD BAD " " BAD BAD BAD BAD);
}

static void blocks_keep_their_lines(void **state)
{
    (void)state;
    assert_string_equal(text_block(arena, "a\r\nb\n\033c", 2), "a\n  b\n  " BAD "c");
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width("caf\xC3\xA9"), 4);
    assert_int_equal(text_width("e\xCC\x81"), 1);
    assert_int_equal(text_width("\xE5\xAE\xB6"), 2);
    assert_int_equal(text_width("\xF0\x9F\x98\x80"), 2);
    assert_int_equal(text_width(""), 0);
}

static void times_for_people(void **state)
{
    (void)state;
    assert_string_equal(text_time(arena, 0), "-");
    assert_string_equal(text_time(arena, 1774746000000), "2026-03-29 02:00");
    assert_string_equal(text_time(arena, -1), "1970-01-01 00:59");
    assert_string_equal(text_time_zone(arena, 0), "-");
    assert_string_equal(text_time_zone(arena, 1774746000000), "2026-03-29 02:00 BST");
    assert_string_equal(text_age(arena, 59999), "59 s");
    assert_string_equal(text_age(arena, 60000), "1 min");
    assert_string_equal(text_age(arena, 3 * 3600000 + 1), "3 h");
    assert_string_equal(text_age(arena, 48 * (int64_t)3600000), "2 d");
    assert_string_equal(text_age(arena, -5), "0 s");
}

static const char *printed(const table_t *table, bool colour)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    table_print(table, out, colour);
    assert_int_equal(fclose(out), 0);
    const char *kept = kith_arena_str(arena, text);
    free(text);
    return kept;
}

static void columns_are_aligned(void **state)
{
    (void)state;
    static const char *const headers[] = {"NAME", "X", "LAST"};
    table_t *table = table_new(arena, headers, 3);
    table_row(table, (const char *const[]){"caf\xC3\xA9 long", "1", "end"});
    table_row(table, (const char *const[]){"b", "22", ""});
    table_mark(table);
    table_row(table, (const char *const[]){"c", NULL, "e\nf"});
    assert_int_equal(table_rows(table), 3);
    assert_string_equal(printed(table, false), "NAME       X   LAST\n"
                                               "caf\xC3\xA9 long  1   end\n"
                                               "b          22\n"
                                               "c              e f\n");
    assert_string_equal(printed(table, true), "\033[1mNAME       X   LAST\033[0m\n"
                                              "caf\xC3\xA9 long  1   end\n"
                                              "\033[31mb          22\033[0m\n"
                                              "c              e f\n");
}

static void colour_is_for_terminals_only(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_false(table_colour(file));
    assert_int_equal(fclose(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_characters_do_not_pass),
        cmocka_unit_test(blocks_keep_their_lines),
        cmocka_unit_test(widths),
        cmocka_unit_test(times_for_people),
        cmocka_unit_test(columns_are_aligned),
        cmocka_unit_test(colour_is_for_terminals_only),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
