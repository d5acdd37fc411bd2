/* CSV as RFC 4180 has it, what else is taken, and what is refused with its line. */
#include "agents/cli/csv.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <stdlib.h>
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

static csv_reader_t begin(const char *text, char separator)
{
    csv_reader_t reader;
    kith_arena_reset(arena);
    csv_begin(&reader, arena, kith_bytes_str(text), separator);
    return reader;
}

/* The next record as "cell|cell", "END", or "BAD: why". */
static const char *next(csv_reader_t *reader, size_t line)
{
    csv_record_t record;
    bool end = false;
    const char *what = NULL;
    kith_err err = csv_next(reader, &record, &end, &what);
    if (end)
        return "END";
    assert_int_equal(record.line, line);
    if (err != KITH_OK)
        return kith_arena_printf(arena, "BAD: %s", what);
    const char *all = record.cells[0];
    for (size_t i = 1; i < record.cells_count; i++)
        all = kith_arena_printf(arena, "%s|%s", all, record.cells[i]);
    return kith_arena_str(arena, all);
}

static void records_of_rfc_4180(void **state)
{
    (void)state;
    csv_reader_t r = begin("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", ',');
    assert_string_equal(next(&r, 1), "aaa|bbb|ccc");
    assert_string_equal(next(&r, 2), "zzz|yyy|xxx");
    assert_string_equal(next(&r, 0), "END");
    assert_string_equal(next(&r, 0), "END");

    r = begin("\"aaa\",\"b \r\nbb\",\"c\"\"c\"\r\nzzz,,\"\"\r\n", ',');
    assert_string_equal(next(&r, 1), "aaa|b \r\nbb|c\"c");
    assert_string_equal(next(&r, 3), "zzz||");
    assert_string_equal(next(&r, 0), "END");
}

static void line_ends_and_byte_order_mark(void **state)
{
    (void)state;
    csv_reader_t r = begin("\xEF\xBB\xBF"
                           "a,b\nc,d",
                           ',');
    assert_string_equal(next(&r, 1), "a|b");
    assert_string_equal(next(&r, 2), "c|d");
    assert_string_equal(next(&r, 0), "END");

    r = begin("\n\r\na\n\n\nb\n\n", ',');
    assert_string_equal(next(&r, 3), "a");
    assert_string_equal(next(&r, 6), "b");
    assert_string_equal(next(&r, 0), "END");

    r = begin("", ',');
    assert_string_equal(next(&r, 0), "END");
    r = begin("\xEF\xBB\xBF", ',');
    assert_string_equal(next(&r, 0), "END");
    r = begin("a,", ',');
    assert_string_equal(next(&r, 1), "a|");
}

static void other_separators_and_bare_quotes(void **state)
{
    (void)state;
    csv_reader_t r = begin("a\tb,c\t\"d\te\"\n", '\t');
    assert_string_equal(next(&r, 1), "a|b,c|d\te");
    r = begin("5\" nail,x\"\"y\n", ',');
    assert_string_equal(next(&r, 1), "5\" nail|x\"\"y");
    r = begin("a\rb,c\n", ',');
    assert_string_equal(next(&r, 1), "a\rb|c");
}

static void bad_record_gives_up_one_line(void **state)
{
    (void)state;
    csv_reader_t r = begin("\"a\"b,c\ngood,1\n\"open,2\nmore\n", ',');
    assert_string_equal(next(&r, 1), "BAD: text stands after a closing quote");
    assert_string_equal(next(&r, 2), "good|1");
    assert_string_equal(next(&r, 3), "BAD: a quote is opened and never closed");
    assert_string_equal(next(&r, 4), "more");
    assert_string_equal(next(&r, 0), "END");
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    csv_reader_t r = begin("caf\xE9,1\ncaf\xC3\xA9,2\n", ',');
    assert_non_null(strstr(next(&r, 1), "not UTF-8"));
    assert_string_equal(next(&r, 2), "caf\xC3\xA9|2");

    kith_bytes_t nul = {.data = (const uint8_t *)"a\0b,c\nd\n", .size = 8};
    csv_begin(&r, arena, nul, ',');
    assert_string_equal(next(&r, 1), "BAD: a NUL byte");
    assert_string_equal(next(&r, 2), "d");
}

static void limits(void **state)
{
    (void)state;
    char *wide = kith_arena_need(arena, CSV_CELLS_MAX + 2);
    memset(wide, ',', CSV_CELLS_MAX);
    kith_bytes_t text = {.data = (const uint8_t *)wide, .size = CSV_CELLS_MAX};
    csv_reader_t r;
    csv_begin(&r, arena, text, ',');
    assert_string_equal(next(&r, 1), "BAD: more than 512 columns");
    text.size = CSV_CELLS_MAX - 1;
    csv_begin(&r, arena, text, ',');
    assert_int_equal(strlen(next(&r, 1)), CSV_CELLS_MAX - 1);

    size_t size = CSV_RECORD_BYTES_MAX + 10;
    uint8_t *large = kith_arena_need(arena, size);
    memset(large, 'a', size);
    large[0] = '"';
    csv_begin(&r, arena, (kith_bytes_t){.data = large, .size = size}, ',');
    assert_non_null(strstr(next(&r, 1), "over 1 MiB"));
    assert_string_equal(next(&r, 0), "END");
    /* The largest that is taken fills the room exactly. */
    memset(large, 'a', size);
    large[CSV_RECORD_BYTES_MAX - 1] = '\n';
    csv_begin(&r, arena, (kith_bytes_t){.data = large, .size = size}, ',');
    assert_int_equal(strlen(next(&r, 1)), CSV_RECORD_BYTES_MAX - 1);
}

static void text_of_a_record_is_as_it_stands(void **state)
{
    (void)state;
    csv_reader_t r = begin("a,\"b\nc\"\r\nd\n", ',');
    csv_record_t record;
    bool end;
    const char *what;
    assert_int_equal(csv_next(&r, &record, &end, &what), KITH_OK);
    assert_true(kith_bytes_equal(record.text, kith_bytes_str("a,\"b\nc\"")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_rfc_4180),
        cmocka_unit_test(line_ends_and_byte_order_mark),
        cmocka_unit_test(other_separators_and_bare_quotes),
        cmocka_unit_test(bad_record_gives_up_one_line),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(limits),
        cmocka_unit_test(text_of_a_record_is_as_it_stands),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
