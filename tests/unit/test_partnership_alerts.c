/* The partnership's alert levels, who owes an answer, and the stages of a disagreement: as they
 * stand in the example, and what is wrong is told with its line. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* Each line is one that a case below changes. No keys: a member that left needs none. */
static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"police\"; };\n"
    "alert_levels = [ \"concern\", \"child-protection\" ];\n"
    "disagreement = (\n"
    "  { role = \"team-manager\"; within = \"4h\"; },\n"
    "  { role = \"director\"; within = \"1h\"; } );\n"
    "agencies = ( { id = \"police\"; name = \"x\"; epoch = 1; left = true; } );\n"
    "subscriptions = ( { agency = \"police\"; topics = [ \"*\" ]; owes = true; } );\n"
    "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( { state = \"revoked\"; key = \"11111111111111111111111111111111111111111111"
    "11111111111111111111\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"121212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "topics = ( );\nclauses = ( );\n";

static kith_arena_t *arena;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(keys_begin(), KITH_OK);
    arena = kith_arena_new(4 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    return 0;
}

static const char *load(const char *part, const char *instead)
{
    static char text[2 * sizeof good];
    const char *found = strstr(good, part), *error = NULL;
    kith_agreement_t *a = NULL;
    assert_non_null(found);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(found - good), good, instead,
                   found + strlen(part));
    kith_bytes_t bytes = {(const uint8_t *)text, strlen(text)};
    kith_err err = partnership_load_text("p.cfg", bytes, arena, &a, &error);
    assert_int_equal(err, KITH_CONFIG); /* a front door that left: the last thing looked at */
    return error;
}

static const struct {
    const char *part, *instead, *error;
} cases[] = {
    {"\"concern\"", "\"Concern!\"",
     "p.cfg:2: \"Concern!\" is no name: [a-z0-9] then [a-z0-9.-], at most 48"},
    {"\"concern\"", "\"child-protection\"",
     "p.cfg:2: \"child-protection\" is listed twice: keep one"},
    {"\"4h\"", "\"soon\"",
     "p.cfg:4: \"within\" must be as \"4h\", \"24 working hours\" or \"2 working days\""},
    {"\"4h\"", "\"2 working days\"", "p.cfg:4: working time needs a calendar: add \"calendars\""},
    {"\"director\"", "\"team-manager\"",
     "p.cfg:5: role \"team-manager\" has a stage above: keep one"},
    {"; within = \"1h\"", "", "p.cfg:5: \"within\" is missing"},
    {"owes = true", "owes = 1", "p.cfg:7: \"owes\" must be true or false"},
};

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *error = load(cases[i].part, cases[i].instead);
        if (strncmp(error, cases[i].error, strlen(cases[i].error)) != 0) {
            fail_msg("%s, not %s", error, cases[i].error);
        }
    }
}

static void the_example_has_levels_stages_and_who_owes(void **state)
{
    (void)state;
    kith_agreement_t *a = NULL;
    const char *error = NULL;
    if (partnership_load(KITH_EXAMPLE, arena, &a, &error) != KITH_OK) {
        fail_msg("%s", error);
    }
    assert_int_equal(a->alert_levels_count, 3);
    assert_int_equal(kith_agreement_alert_level(a, "information"), 0);
    assert_int_equal(kith_agreement_alert_level(a, "child-protection"), 2);
    assert_int_equal(kith_agreement_alert_level(a, ""), -1);
    assert_string_equal(a->may_subscribe[0].agency, "social-care");
    assert_true(a->may_subscribe[0].owes);
    assert_string_equal(a->may_subscribe[1].agency, "early-help");
    assert_false(a->may_subscribe[1].owes);
    assert_int_equal(a->stages_count, 3);
    assert_string_equal(a->stages[1].role, "head-of-service");
    assert_string_equal(a->stages[1].within, "5 working days");
    /* Friday 27 March 2026, 16:30 GMT: over on Friday 3 April … which is Good Friday: 7 April. */
    assert_int_equal(kith_agreement_over(a, &a->stages[1].clock, "housing", INT64_C(1774629000000)),
                     INT64_C(1775577600000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_wrong_is_told_with_its_line),
        TEST(the_example_has_levels_stages_and_who_owes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
