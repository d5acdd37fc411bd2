/* Configuration is read strictly, and each fault is one line that says where and what to do. */
#include "io/conf.h"
#include "io/conf_text.h"
#include "tests/lib/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

typedef struct world {
    kith_arena_t *arena;
    kith_conf_t *conf;
    const conf_group_t *root;
} world_t;

static int setup(void **state)
{
    world_t *w = calloc(1, sizeof(*w));
    w->arena = kith_arena_new(16 * 1024 * 1024);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world_t *w = *state;
    conf_close(&w->conf);
    conf_close(&w->conf);
    kith_arena_destroy(&w->arena);
    free(w);
    return 0;
}

static void open_text(world_t *w, const char *text)
{
    conf_close(&w->conf);
    kith_arena_reset(w->arena);
    w->conf = conf_open_text("etc/test.cfg", kith_bytes_str(text), w->arena);
    w->root = conf_root(w->conf);
}

static void assert_error(const world_t *w, const char *expected)
{
    assert_non_null(conf_error(w->conf));
    assert_string_equal(conf_error(w->conf), expected);
}

/* The error starts with the place and holds the words. */
static void assert_error_has(const world_t *w, const char *place, const char *words)
{
    const char *error = conf_error(w->conf);
    assert_non_null(error);
    if (strncmp(error, place, strlen(place)) != 0 || strstr(error, words) == NULL)
        fail_msg("expected \"%s … %s …\", got \"%s\"", place, words, error);
    assert_null(strchr(error, '\n'));
}

/* ---- the text ---- */

static void what_libconfig_lets_through_is_refused_with_its_line(void **state)
{
    world_t *w = *state;
    static const struct {
        const char *text, *place, *words;
    } cases[] = {
        {"a = 3000000000;", "etc/test.cfg:1: ", "more than 9 digits"},
        {"b = 1;\na = -99999999999999999999L;", "etc/test.cfg:2: ", "more than 18 digits"},
        {"a = [1,\n2,\n1234567890];", "etc/test.cfg:3: ", "more than 9 digits"},
        {"a = 0x7fffffffff;", "etc/test.cfg:1: ", "hexadecimal"},
        {"a = 1; /* never closed\n b = 2;\n", "etc/test.cfg:1: ", "comment never ends"},
        {"/* two\nlines */\n/*", "etc/test.cfg:3: ", "comment never ends"},
        {"a = \"open;\nb = \"x\";", "etc/test.cfg:1: ", "does not end on its line"},
        {"a = \"open", "etc/test.cfg:1: ", "does not end on its line"},
        {"a = \"end\\", "etc/test.cfg:1: ", "does not end on its line"},
        {"\na = \"nul \\x00 here\";", "etc/test.cfg:2: ", "\\x in a text"},
        {"a = 1;\n@include \"other.cfg\"\n", "etc/test.cfg:2: ", "@include"},
        {"\t @include \"other.cfg\"", "etc/test.cfg:1: ", "@include"},
        {"/*\n@include \"x\"\n*/", "etc/test.cfg:2: ", "@include"},
        {"a = \"\xff\";", "etc/test.cfg:1: ", "UTF-8"},
        {"a = 1;\n# \xc3\x28\n", "etc/test.cfg:2: ", "UTF-8"},
        {"\xef\xbb\xbf a = 1;", "etc/test.cfg:1: ", "byte-order mark"},
        {"a = ((((((((((((((((1))))))))))))))))", "etc/test.cfg:1: ", "\"a\" must be"},
        {"a = \n(((((((((((((((((1)))))))))))))))))", "etc/test.cfg:2: ", "nested too deep"},
        {"a = 1;\na = 2;", "etc/test.cfg:2: ", "duplicate setting name: keep one"},
        {"a = 1;\nb \"x\";", "etc/test.cfg:2: ", "missing = or ;"},
        {"a = 1\n\"x\";", "etc/test.cfg:2: ", "missing = or ;"},
        {"a = 1,\n\"x\";", "etc/test.cfg:2: ", "missing = or ;"},
        {"\"x\"", "etc/test.cfg:1: ", "missing = or ;"},
        {"a = ;", "etc/test.cfg:1: ", "syntax error"},
        {"a = 1;\nb = 12x;\n", "etc/test.cfg:2: ", "syntax error"},
        {"a = { b = 1;\n", "etc/test.cfg:", "syntax error"},
        {"a = 1; }", "etc/test.cfg:1: ", "syntax error"},
        {"a = [1, \"x\"];", "etc/test.cfg:1: ", "all of one kind"},
        {"}}}}])", "etc/test.cfg:1: ", "syntax error"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_text(w, cases[i].text);
        (void)conf_int_or(w->conf, w->root, "a", 0, 1, 0);
        assert_error_has(w, cases[i].place, cases[i].words);
        assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
    }
}

static void a_nul_in_the_text_is_refused(void **state)
{
    world_t *w = *state;
    static const char text[] = "a = 1;\nb\0 = 2;";
    kith_bytes_t bytes = {.data = (const uint8_t *)text, .size = sizeof(text) - 1};
    w->conf = conf_open_text("n.cfg", bytes, w->arena);
    assert_error_has(w, "n.cfg:2: ", "UTF-8");
}

static void a_text_of_more_than_the_limit_is_refused(void **state)
{
    world_t *w = *state;
    kith_bytes_t text = {.data = calloc(1, CONF_TEXT_BYTES_MAX + 1),
                         .size = CONF_TEXT_BYTES_MAX + 1};
    w->conf = conf_open_text("n.cfg", text, w->arena);
    assert_error_has(w, "n.cfg:1: ", "larger than 4 MiB");
    free((void *)text.data);
}

static void what_looks_like_trouble_within_texts_and_comments_is_none(void **state)
{
    world_t *w = *state;
    open_text(w,
              "a = \"3000000000 /* // # @include \\\" \\\\ \";\r\n"
              "# 3000000000 \" /*\n// \" 0xffff\n/* \" 99999999999 */ a10000000000 = \"x\" \"y\"\n"
              "\"z\"; big = 123456789012345678L; // the last line");
    assert_string_equal(conf_str(w->conf, w->root, "a"), "3000000000 /* // # @include \" \\ ");
    assert_string_equal(conf_str(w->conf, w->root, "a10000000000"), "xyz");
    assert_true(conf_int(w->conf, w->root, "big", 0, INT64_MAX) == INT64_C(123456789012345678));
    assert_int_equal(conf_finish(w->conf), KITH_OK);
    assert_null(conf_error(w->conf));
}

static void no_text_cut_or_changed_anywhere_does_harm(void **state)
{
    world_t *w = *state;
    static const char text[] = "a = { b = \"x\\\"y\"; c = [1, 2L]; };\n/* d */ e = ( { f = 1.5; }, "
                               "{ } ); // g\n# h\ni = true; j = 0;\n";
    static const char letters[] = "\"\\/*{}()[];=,L9x\n\xc3@";
    char changed[sizeof(text)];
    for (size_t i = 0; i < sizeof(text); i++) {
        memcpy(changed, text, sizeof(text));
        changed[i] = '\0';
        open_text(w, changed);
        (void)conf_finish(w->conf);
        for (size_t j = 0; i + 1 < sizeof(text) && j < sizeof(letters) - 1; j++) {
            changed[i] = letters[j];
            memcpy(changed + i + 1, text + i + 1, sizeof(text) - i - 1);
            open_text(w, changed);
            (void)conf_group(w->conf, w->root, "a", true);
            (void)conf_list(w->conf, w->root, "e", false, 5);
            assert_int_equal(conf_finish(w->conf), KITH_CONFIG); /* nobody asked for all of it */
        }
    }
}

/* ---- the file ---- */

static void write_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void assert_file_error(world_t *w, const char *path, const char *words)
{
    char place[SCRATCH_PATH_SIZE + 8];
    conf_close(&w->conf);
    kith_arena_reset(w->arena);
    w->conf = conf_open(path, w->arena);
    (void)snprintf(place, sizeof(place), "%s:1: ", path);
    assert_error_has(w, place, words);
    assert_non_null(conf_root(w->conf));
    assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
}

static void only_a_plain_safe_file_is_read(void **state)
{
    world_t *w = *state;
    scratch_t scratch;
    char path[SCRATCH_PATH_SIZE];
    assert_true(scratch_make(&scratch));
    scratch_path(&scratch, "x.cfg", path);
    assert_file_error(w, path, "cannot be opened: No such file");
    assert_file_error(w, scratch.folder, "not a regular file");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_file_error(w, path, "not a regular file"); /* and does not wait for a writer */
    assert_int_equal(unlink(path), 0);
    write_file(path, "a = 1;", 0602);
    assert_file_error(w, path, "every user may change this file");
    write_file(path, "a = 1;", 0664);
    assert_int_equal(truncate(path, CONF_TEXT_BYTES_MAX + 1), 0);
    assert_file_error(w, path, "larger than 4 MiB");
    write_file(path, "", 0644);
    conf_close(&w->conf);
    w->conf = conf_open(path, w->arena);
    assert_int_equal(conf_finish(w->conf), KITH_OK);
    write_file(path, "a = \"b\";", 0644);
    conf_close(&w->conf);
    w->conf = conf_open(path, w->arena);
    assert_string_equal(conf_str(w->conf, conf_root(w->conf), "a"), "b");
    assert_int_equal(conf_finish(w->conf), KITH_OK);
    scratch_remove(&scratch);
}

static void a_file_that_does_not_fit_the_arena_is_refused(void **state)
{
    world_t *w = *state;
    static char text[300000];
    memset(text, '\n', sizeof(text) - 1);
    kith_arena_destroy(&w->arena);
    w->arena = kith_arena_new(200000);
    w->conf = conf_open_text("x.cfg", kith_bytes_str(text), w->arena);
    assert_error_has(w, "x.cfg:1: ", "more than there is room for");
}

/* ---- settings ---- */

static void each_kind_is_read(void **state)
{
    world_t *w = *state;
    const char **texts;
    const int64_t *ints;
    open_text(w, "name = \"police\"; count = 7; big = 5000000000L; yes = true; no = false;\n"
                 "wait = \"90s\"; room = \"16GiB\"; rel = \"keys/x\"; abs = \"/keys/x\";\n"
                 "words = [ \"a\", \"b\" ]; none = []; uids = [ 1000L, 5000000000L ];\n"
                 "g = { x = \"Füße\"; }; l = ( { id = \"1\"; }, { id = \"2\"; } ); el = ();\n"
                 "table = { ab = \"1\"; cd = \"2\"; };");
    kith_conf_t *c = w->conf;
    const conf_group_t *r = w->root;
    assert_null(conf_error(c));
    assert_string_equal(conf_name(c, r, "name"), "police");
    assert_int_equal(conf_int(c, r, "count", 1, 7), 7);
    assert_int_equal(conf_int_or(c, r, "count", 7, 9, 8), 7);
    assert_int_equal(conf_int_or(c, r, "absent", 7, 9, 8), 8);
    assert_true(conf_int(c, r, "big", 0, INT64_C(5000000000)) == INT64_C(5000000000));
    assert_true(conf_bool_or(c, r, "yes", false));
    assert_false(conf_bool_or(c, r, "no", true));
    assert_true(conf_bool_or(c, r, "absent", true));
    assert_int_equal(conf_duration_or(c, r, "wait", 0, 90000, 1), 90000);
    assert_int_equal(conf_duration_or(c, r, "absent", 0, 90000, 1), 1);
    assert_true(conf_size_or(c, r, "room", 0, UINT64_MAX, 1) == UINT64_C(16) << 30);
    assert_true(conf_size_or(c, r, "absent", 0, UINT64_MAX, 1) == 1);
    assert_string_equal(conf_path(c, r, "rel"), "etc/keys/x");
    assert_string_equal(conf_path(c, r, "abs"), "/keys/x");
    assert_string_equal(conf_str_or(c, r, "absent", "otherwise"), "otherwise");
    assert_null(conf_str_or(c, r, "absent", NULL));
    assert_int_equal(conf_strings(c, r, "words", true, 2, &texts), 2);
    assert_string_equal(texts[1], "b");
    assert_int_equal(conf_strings(c, r, "none", true, 2, &texts), 0);
    assert_int_equal(conf_strings(c, r, "absent", false, 2, &texts), 0);
    assert_int_equal(conf_ints(c, r, "uids", true, 0, INT64_C(5000000000), 2, &ints), 2);
    assert_true(ints[1] == INT64_C(5000000000));
    assert_int_equal(conf_ints(c, r, "absent", false, 0, 1, 2, &ints), 0);
    assert_true(conf_is_group(c, r, "g"));
    assert_false(conf_is_group(c, r, "l"));
    assert_false(conf_is_group(c, r, "absent"));
    assert_string_equal(conf_str(c, conf_group(c, r, "g", true), "x"), "Füße");
    assert_null(conf_group(c, r, "absent", false));
    assert_int_equal(conf_list(c, r, "l", true, 2), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(*conf_str(c, conf_list_at(c, r, "l", i), "id") == '1' + (int)i);
    assert_int_equal(conf_list(c, r, "el", true, 2), 0);
    assert_int_equal(conf_list(c, r, "absent", false, 2), 0);
    const char **names, **values;
    assert_int_equal(conf_each(c, conf_group(c, r, "table", true), 2, &names, &values), 2);
    assert_string_equal(names[1], "cd");
    assert_string_equal(values[1], "2");
    assert_int_equal(conf_finish(c), KITH_OK);
    assert_null(conf_error(c));
}

/* One wrong use of the setting x in line 3, by its number. */
static void ask(kith_conf_t *c, const conf_group_t *r, int which)
{
    const char **texts, **values;
    const int64_t *ints;
    switch (which) {
    case 's':
        (void)conf_str(c, r, "x");
        return;
    case 'n':
        (void)conf_name(c, r, "x");
        return;
    case 'i':
        (void)conf_int(c, r, "x", 1, 10);
        return;
    case 'b':
        (void)conf_bool_or(c, r, "x", false);
        return;
    case 'd':
        (void)conf_duration_or(c, r, "x", 1000, 60000, 2000);
        return;
    case 'z':
        (void)conf_size_or(c, r, "x", 1024, 4096, 2048);
        return;
    case 'p':
        (void)conf_path(c, r, "x");
        return;
    case 'g':
        (void)conf_group(c, r, "x", true);
        return;
    case 'l':
        (void)conf_list(c, r, "x", true, 2);
        return;
    case 'w':
        (void)conf_strings(c, r, "x", true, 2, &texts);
        return;
    case 'u':
        (void)conf_ints(c, r, "x", true, 0, 5, 2, &ints);
        return;
    default:
        (void)conf_each(c, conf_group(c, r, "x", true), 2, &texts, &values);
        return;
    }
}

static void a_string_longer_than_any_path_is_refused(void **state)
{
    world_t *w = *state;
    static const struct {
        unsigned size;
        const char *error;
    } cases[] = {{CONF_STRING_BYTES_MAX, NULL}, {CONF_STRING_BYTES_MAX + 1, "shorten it"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CONF_STRING_BYTES_MAX + 16] = {0};
        (void)snprintf(text, sizeof text, "\nx = \"%0*u\";", cases[i].size, 0u);
        open_text(w, text);
        size_t size = strlen(conf_str(w->conf, w->root, "x"));
        if (cases[i].error)
            assert_error_has(w, "etc/test.cfg:2: ", cases[i].error);
        else
            assert_int_equal(size, cases[i].size);
    }
}

static void a_wrong_value_is_told_with_its_line_and_what_is_right(void **state)
{
    world_t *w = *state;
    static const struct {
        char which;
        const char *value, *words;
    } cases[] = {
        {'s', "7", "\"x\" must be text in quotes"},
        {'s', "\"a\\nb\"", "control character"},
        {'s', "\"a\tb\"", "control character"},
        {'n', "\"Police\"", "must be a name"},
        {'n', "\"\"", "must be a name"},
        {'i', "\"7\"", "a whole number from 1 to 10"},
        {'i', "0", "a whole number from 1 to 10"},
        {'i', "11", "a whole number from 1 to 10"},
        {'i', "1.5", "a whole number from 1 to 10"},
        {'i', "5000000000L", "a whole number from 1 to 10"},
        {'b', "1", "true or false"},
        {'d', "90", "text in quotes"},
        {'d', "\"90\"", "must be a time"},
        {'d', "\"90s\"", "from 1000ms to 60000ms"},
        {'d', "\"1ms\"", "from 1000ms to 60000ms"},
        {'z', "\"lots\"", "must be a size"},
        {'z', "\"1MiB\"", "from 1024 to 4096 bytes"},
        {'p', "\"\"", "write a path"},
        {'g', "( { } )", "must be a group"},
        {'l', "{ }", "must be a list of groups"},
        {'l', "( 1 )", "must be a list of groups"},
        {'l', "( { }, { }, { } )", "has 3 entries: 2 at most"},
        {'w', "( \"a\" )", "must be a list in brackets"},
        {'w', "[ 1 ]", "must be texts"},
        {'w', "[ \"a\", \"b\", \"c\" ]", "has 3 entries: 2 at most"},
        {'u', "[ \"a\" ]", "whole numbers from 0 to 5"},
        {'u', "[ 6 ]", "whole numbers from 0 to 5"},
        {'e', "{ a = 1; }", "\"a\" must be text in quotes"},
        {'e', "{ a = \"1\"; b = \"2\"; c = \"3\"; }", "3 settings: 2 at most"},
    };
    char text[256];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(text, sizeof(text), "\n\nx = %s;\n", cases[i].value);
        open_text(w, text);
        ask(w->conf, w->root, cases[i].which);
        assert_error_has(w, "etc/test.cfg:3: ", cases[i].words);
        assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
    }
}

static void a_missing_setting_is_told_at_its_group(void **state)
{
    world_t *w = *state;
    open_text(w, "\ng = {\n  a = 1;\n};\n");
    (void)conf_str(w->conf, conf_group(w->conf, w->root, "g", true), "folder");
    assert_error(w, "etc/test.cfg:2: \"folder\" is missing: add it");
    open_text(w, "\ng = {\n  foldr = \"x\";\n};\n");
    (void)conf_str(w->conf, conf_group(w->conf, w->root, "g", true), "folder");
    assert_error(w, "etc/test.cfg:2: \"folder\" is missing: is \"foldr\" on line 3 meant?");
    open_text(w, "");
    (void)conf_group(w->conf, w->root, "store", true);
    assert_error(w, "etc/test.cfg:1: \"store\" is missing: add it");
}

static void what_nobody_asked_for_is_told(void **state)
{
    world_t *w = *state;
    open_text(w, "a = 1;\nb = 2;\n");
    (void)conf_int(w->conf, w->root, "a", 0, 9);
    assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
    assert_error(w, "etc/test.cfg:2: unknown setting \"b\": take it out");
    /* Deep inside a list, with a name that is nearly one. */
    open_text(w, "l = (\n  { id = \"x\"; },\n  { id = \"y\";\n    liveness_maxx = \"1s\"; } );\n");
    for (size_t i = 0; i < conf_list(w->conf, w->root, "l", true, 9); i++) {
        const conf_group_t *g = conf_list_at(w->conf, w->root, "l", i);
        (void)conf_str(w->conf, g, "id");
        (void)conf_duration_or(w->conf, g, "liveness_max", 0, 9000, 1);
    }
    assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
    assert_error(w, "etc/test.cfg:4: unknown setting \"liveness_maxx\": did you mean"
                    " \"liveness_max\"?");
    /* Another group's setting is no suggestion here. */
    open_text(w, "g = { };\nliveness_max = \"1s\";");
    (void)conf_str_or(w->conf, conf_group(w->conf, w->root, "g", true), "liveness_max", "");
    assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
    assert_error(w, "etc/test.cfg:2: unknown setting \"liveness_max\": take it out");
    /* A group in a list that the loader did not look into. */
    open_text(w, "l = ( { id = \"x\"; } );");
    assert_int_equal(conf_list(w->conf, w->root, "l", true, 9), 1);
    assert_int_equal(conf_finish(w->conf), KITH_CONFIG);
}

static void the_first_fault_stands_and_later_calls_are_harmless(void **state)
{
    world_t *w = *state;
    const char **texts;
    const int64_t *ints;
    open_text(w, "a = 1;\nb = 2;\n");
    kith_conf_t *c = w->conf;
    const conf_group_t *r = w->root;
    (void)conf_str(c, r, "a");
    assert_error_has(w, "etc/test.cfg:1: ", "\"a\" must be text");
    assert_string_equal(conf_str(c, r, "b"), "");
    assert_string_equal(conf_name(c, r, "b"), "");
    assert_string_equal(conf_path(c, r, "b"), "");
    assert_int_equal(conf_int(c, r, "b", 5, 9), 5);
    assert_int_equal(conf_int_or(c, r, "b", 5, 9, 7), 7);
    assert_int_equal(conf_duration_or(c, r, "b", 5, 9, 7), 7);
    assert_int_equal(conf_size_or(c, r, "b", 5, 9, 7), 7);
    assert_true(conf_bool_or(c, r, "b", true));
    assert_non_null(conf_group(c, r, "b", true));
    assert_null(conf_group(c, r, "b", false));
    assert_false(conf_is_group(c, r, "b"));
    assert_int_equal(conf_list(c, r, "b", true, 3), 0);
    assert_non_null(conf_list_at(c, r, "b", 4));
    assert_int_equal(conf_strings(c, r, "b", true, 3, &texts), 0);
    assert_int_equal(conf_ints(c, r, "b", true, 0, 1, 3, &ints), 0);
    conf_fail(c, r, "b", "another fault");
    assert_error_has(w, "etc/test.cfg:1: ", "\"a\" must be text");
    assert_int_equal(conf_finish(c), KITH_CONFIG);
}

static void a_loaders_own_rule_is_told_at_the_setting(void **state)
{
    world_t *w = *state;
    open_text(w, "\ng = {\n  a = 1;\n};\n");
    conf_fail(w->conf, conf_group(w->conf, w->root, "g", true), "a", "%d is odd: halve it", 1);
    assert_error(w, "etc/test.cfg:3: 1 is odd: halve it");
    open_text(w, "\ng = {\n  a = 1;\n};\n");
    conf_fail(w->conf, conf_group(w->conf, w->root, "g", true), "absent", "no good\nat all");
    assert_error(w, "etc/test.cfg:2: no good?at all");
    open_text(w, "\na = 1;");
    conf_fail(w->conf, NULL, NULL, "no good");
    assert_error(w, "etc/test.cfg:1: no good");
}

static void names_that_are_nearly_the_same_are_close(void **state)
{
    (void)state;
    assert_true(conf_text_is_close("folder", "folder"));
    assert_true(conf_text_is_close("foldre", "folder"));
    assert_true(conf_text_is_close("foler", "folder"));
    assert_true(conf_text_is_close("follderr", "folder"));
    assert_false(conf_text_is_close("older1x", "folder"));
    assert_true(conf_text_is_close("mxa", "max"));
    assert_false(conf_text_is_close("min", "max"));
    assert_false(conf_text_is_close("a-name-that-is-longer-than-all-that-is-compared-here", "a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_libconfig_lets_through_is_refused_with_its_line),
        TEST(a_nul_in_the_text_is_refused),
        TEST(a_text_of_more_than_the_limit_is_refused),
        TEST(what_looks_like_trouble_within_texts_and_comments_is_none),
        TEST(no_text_cut_or_changed_anywhere_does_harm),
        TEST(only_a_plain_safe_file_is_read),
        TEST(a_file_that_does_not_fit_the_arena_is_refused),
        TEST(each_kind_is_read),
        TEST(a_string_longer_than_any_path_is_refused),
        TEST(a_wrong_value_is_told_with_its_line_and_what_is_right),
        TEST(a_missing_setting_is_told_at_its_group),
        TEST(what_nobody_asked_for_is_told),
        TEST(the_first_fault_stands_and_later_calls_are_harmless),
        TEST(a_loaders_own_rule_is_told_at_the_setting),
        TEST(names_that_are_nearly_the_same_are_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
