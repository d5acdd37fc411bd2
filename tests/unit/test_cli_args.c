/* The command line: what is found, what is refused and with which words. */
#include "agents/cli/args.h"

#include "tests/lib/unit.h"

#include <string.h>

static kith_arena_t *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = kith_arena_new(1024u * 1024u);
    return 0;
}

static int drop_arena(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

static const cli_option_t common[] = {{.name = "json"}, {.name = "help"}, {.name = NULL}};
static const cli_option_t options[] = {{.name = "to", .value = "A,B", .many = true},
                                       {.name = "limit", .value = "N"},
                                       {.name = "id", .value = "ID", .required = true},
                                       {.name = NULL}};
static const cli_command_t feed = {.name = "feed", .args_max = 1, .options = options};
static const cli_command_t team_add = {.name = "household team add", .args_min = 1, .args_max = 2};
static const cli_command_t open_one = {.name = "household open"};
static const cli_command_t feed_end = {.name = "feed end"};
static const cli_command_t *const table[] = {&feed, &feed_end, &team_add, &open_one, NULL};

static args_t args;

/* "" when it parses, else what is wrong. */
static const char *parse(size_t count, const char *const *words)
{
    char *argv[16] = {(char *)(uintptr_t) "kith"};
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i];
    const char *what = "";
    kith_err err = args_parse(table, common, (int)count + 1, argv, arena, &args, &what);
    assert_int_equal(err, *what == '\0' ? KITH_OK : KITH_INVALID);
    return what;
}
#define PARSE(...)                                                                                 \
    parse(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *),                               \
          (const char *const[]){__VA_ARGS__})

static void options_stand_anywhere(void **state)
{
    (void)state;
    assert_string_equal(PARSE("--json", "feed", "one", "--limit", "5", "--to=a,b", "--to", "c"),
                        "");
    assert_ptr_equal(args.command, &feed);
    assert_int_equal(args.positional_count, 1);
    assert_string_equal(args.positional[0], "one");
    assert_true(args_has(&args, "json"));
    assert_false(args_has(&args, "help"));
    assert_string_equal(args_value(&args, "limit"), "5");
    size_t iter = 0;
    assert_string_equal(args_each(&args, "to", &iter), "a,b");
    assert_string_equal(args_each(&args, "to", &iter), "c");
    assert_null(args_each(&args, "to", &iter));
    assert_string_equal(args_missing(&args), "id");
}

static void families_and_their_verbs(void **state)
{
    (void)state;
    assert_string_equal(PARSE("household", "team", "add", "H", "police"), "");
    assert_ptr_equal(args.command, &team_add);
    assert_int_equal(args.positional_count, 2);
    assert_true(args_count_fits(&args));
    assert_string_equal(PARSE("household", "open", "x"), "");
    assert_false(args_count_fits(&args));
    assert_string_equal(PARSE("household", "team", "add"), "");
    assert_false(args_count_fits(&args));
    assert_string_equal(PARSE("household"), "");
    assert_null(args.command);
    assert_string_equal(args.family, "household");
    assert_string_equal(PARSE("household", "shut"), "");
    assert_null(args.command);
    assert_string_equal(PARSE("feed", "end"), ""); /* of two that fit the longer */
    assert_ptr_equal(args.command, &feed_end);
    assert_string_equal(PARSE("feed", "ends"), "");
    assert_ptr_equal(args.command, &feed);
}

static void dashes_end_options(void **state)
{
    (void)state;
    assert_string_equal(PARSE("feed", "--", "--limit"), "");
    assert_string_equal(args.positional[0], "--limit");
    assert_string_equal(PARSE("feed", "-"), "");
    assert_string_equal(args.positional[0], "-");
    assert_string_equal(PARSE("feed", "-h"), "");
    assert_true(args_has(&args, "help"));
    assert_string_equal(PARSE("feed", "--limit="), "");
    assert_string_equal(args_value(&args, "limit"), "");
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_non_null(strstr(PARSE("fed"), "no command fed"));
    assert_non_null(strstr(PARSE("hous"), "no command hous"));
    assert_non_null(strstr(PARSE("feed", "--lim", "5"), "no option --lim"));
    assert_non_null(strstr(PARSE("feed", "-l"), "no option -l"));
    assert_non_null(strstr(PARSE("--limit", "5", "feed"), "no option --limit"));
    assert_non_null(strstr(PARSE("feed", "--limit"), "needs N"));
    assert_non_null(strstr(PARSE("feed", "--limit", "1", "--limit", "2"), "twice"));
    assert_non_null(strstr(PARSE("feed", "--json=yes"), "takes no value"));
}

static void limits(void **state)
{
    (void)state;
    char *argv[100] = {(char *)(uintptr_t) "kith", (char *)(uintptr_t) "feed"};
    for (size_t i = 2; i < 100; i++)
        argv[i] = (char *)(uintptr_t) "word";
    const char *what = "";
    int fits = 2 + (int)ARGS_POSITIONAL_MAX;
    assert_int_equal(args_parse(table, common, fits, argv, arena, &args, &what), KITH_OK);
    assert_int_equal(args_parse(table, common, fits + 1, argv, arena, &args, &what), KITH_INVALID);
    for (size_t i = 2; i < 100; i++)
        argv[i] = (char *)(uintptr_t) "--to=a";
    fits = 2 + (int)ARGS_PAIRS_MAX;
    assert_int_equal(args_parse(table, common, fits, argv, arena, &args, &what), KITH_OK);
    assert_int_equal(args_parse(table, common, fits + 1, argv, arena, &args, &what), KITH_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_stand_anywhere),
        cmocka_unit_test(families_and_their_verbs),
        cmocka_unit_test(dashes_end_options),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
