/* Unit costs and rules of the partnership file: as they stand, and what is wrong is told. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

#define FOUR(text)      text text text text
#define KEY(two)        FOUR(FOUR(two)) FOUR(FOUR(two))
#define RING(name, two) name " = ( { state = \"current\"; key = \"" KEY(two) "\"; } ); "

static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"police\"; };\n"
    "agencies = (\n"
    "  { id = \"police\"; name = \"x\"; epoch = 1;\n"
    "    " RING("transport", "1a") RING("signing", "1b") RING(
        "sealing",
        "1c") "},\n"
              "  { id = \"housing\"; name = \"x\"; epoch = 1;\n"
              "    " RING("transport", "1d") RING("signing", "1e") RING(
                  "sealing",
                  "1f") "},\n"
                        "  { id = \"charity\"; name = \"x\"; epoch = 1; left = true; } );\n"
                        "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
                        "    " RING("transport", "2a") RING(
                            "signing",
                            "2b") "} );\n"
                                  "topics = (\n"
                                  "  { name = \"police.arrest\"; class = \"event\"; type = "
                                  "\"event\"; lane = \"normal\"; },\n"
                                  "  { name = \"reply\"; class = \"alert\"; type = \"reply\"; lane "
                                  "= \"urgent\"; } );\n"
                                  "clauses = ( { id = \"1\"; classes = [ \"event\" ]; from = [ "
                                  "\"*\" ]; to = [ \"*\" ]; } );\n"
                                  "calendars = ( { id = \"school-days\"; zone = \"Europe/London\"; "
                                  "opens = \"08:30\";\n"
                                  "  closes = \"15:30\"; days = [ \"mon\", \"fri\" ]; } );\n"
                                  "unit_costs = (\n"
                                  "  { code = \"officer-hour\"; per = \"hour\"; pence = 4500; },\n"
                                  "  { code = \"call-out\"; per = \"event\"; pence = 100000000; } "
                                  ");\n"
                                  "rules = (\n"
                                  "  { name = \"three-from-two\"; proposes = \"early-help\"; "
                                  "notices = 3; agencies = 2;\n"
                                  "    within = \"30d\"; topics = [ \"police.*\" ]; },\n"
                                  "  { name = \"many-hours\"; proposes = \"lead-practitioner\"; "
                                  "minutes = 2400;\n"
                                  "    within = \"366d\"; unless_lead = true; } );\n"
                                  "expected = (\n"
                                  "  { name = \"police-notices\"; topic = \"police.*\"; from = "
                                  "\"police\";\n"
                                  "    to = [ \"housing\" ]; by = \"08:45\"; since = \"00:00\"; "
                                  "calendar = \"school-days\"; "
                                  "} );\n"
                                  "underlap = { not_accepted_in = \"14d\"; asked_twice_within = "
                                  "\"31d\"; };\n";

typedef struct world {
    kith_arena_t *arena;
    kith_agreement_t *a;
    const char *error;
} world_t;

static int setup(void **state)
{
    static world_t w;
    assert_int_equal(keys_begin(), KITH_OK);
    w = (world_t){.arena = kith_arena_new(4 * 1024 * 1024)};
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    kith_arena_destroy(&((world_t *)*state)->arena);
    return 0;
}

/* Loads the good file with this part of it changed. NULL: it is right. */
static const char *load(world_t *w, const char *part, const char *instead)
{
    static char text[2 * sizeof good];
    const char *found = strstr(good, part);
    assert_non_null(found);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(found - good), good, instead,
                   found + strlen(part));
    w->a = NULL;
    w->error = NULL;
    kith_bytes_t bytes = {(const uint8_t *)text, strlen(text)};
    kith_arena_reset(w->arena);
    kith_err err = partnership_load_text("p.cfg", bytes, w->arena, &w->a, &w->error);
    assert_int_equal(err, w->error == NULL ? KITH_OK : KITH_CONFIG);
    return w->error;
}

/* The error stands at the line of what was changed. */
static const struct {
    const char *part, *instead, *error;
} cases[] = {
    {"\"officer-hour\"", "\"Officer hour\"",
     "\"code\" must be a name: small letters, digits, '.' and '-', 48 at most"},
    {"\"hour\"", "\"minute\"", "\"per\" must be \"hour\" or \"event\""},
    {"4500", "0", "\"pence\" must be a whole number from 1 to 1000000000"},
    {"100000000", "1000000001L", "\"pence\" must be a whole number from 1 to 1000000000"},
    {"\"call-out\"", "\"officer-hour\"", "cost code \"officer-hour\" is listed twice: keep one"},
    {"\"many-hours\"", "\"three-from-two\"",
     "rule \"three-from-two\" is listed twice: choose another name"},
    {"\"early-help\"", "\"a-score\"",
     "\"proposes\" must be \"early-help\" or \"lead-practitioner\""},
    {"notices = 3; ", "",
     "rule \"three-from-two\" asks for nothing and would always hold: give \"notices\" or "
     "\"minutes\""},
    {"agencies = 2", "agencies = 3",
     "rule \"three-from-two\" could never hold: there are 2 agencies, ask for so many at most"},
    {"agencies = 2", "agencies = 0", "\"agencies\" must be a whole number from 1 to 1024"},
    {"\"30d\"", "\"36h\"", "\"within\" must be 1 to 366 whole days, as \"30d\""},
    {"\"366d\"", "\"367d\"", "\"within\" must be 1 to 366 whole days, as \"30d\""},
    {"\"police.*\"", "\"polcie.*\"",
     "\"polcie.*\" fits no topic of events in this file: name one, or the beginning of some and "
     "\".*\""},
    {"\"police.*\"", "\"reply\"",
     "\"reply\" fits no topic of events in this file: name one, or the beginning of some and "
     "\".*\""},
    {"unless_lead = true", "unless_lead = false",
     "a lead practitioner is wanted where there is none: leave \"unless_lead\" out"},
    {"\"police-notices\"", "\"many-hours\"",
     "rule \"many-hours\" is listed twice: choose another name"},
    {"\"police-notices\"", "\"same-need-twice\"",
     "\"same-need-twice\" is set by \"underlap\": choose another name"},
    {"\"14d\"", "\"14h\"", "\"not_accepted_in\" must be 1 to 366 whole days, as \"30d\""},
    {"\"31d\"", "\"0d\"", "\"asked_twice_within\" must be 1 to 366 whole days, as \"30d\""},
    {"topic = \"police.*\"", "topic = \"school.*\"",
     "\"school.*\" fits no topic of this file: name one, or the beginning of some and \".*\""},
    {"from = \"police\"", "from = \"charity\"", "\"charity\" is no member: correct the id"},
    {"\"housing\" ]; by", "\"school\" ]; by", "\"school\" is no member: correct the id"},
    {"\"housing\" ]; by", "]; by", "\"to\" is empty: name whose agents look"},
    {"\"housing\" ]; by", "\"police\" ]; by",
     "this could never be met: no clause lets police send police.* to police"},
    {"calendar = \"school-days\"", "calendar = \"half-term\"",
     "\"half-term\" is no calendar of this file: correct the id"},
    {"\"08:45\"", "\"8:45\"", "\"by\" must be a time of day, as \"08:30\""},
    {"\"08:45\"", "\"24:00\"", "\"by\" must be a time before 24:00"},
    {"since = \"00:00\"", "since = \"08:45\"",
     "this could never be met: \"since\" must be earlier than \"by\""},
};

static void what_is_wrong_is_told_with_its_line(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int line = 1;
        for (const char *c = good; c < strstr(good, cases[i].part); c++)
            line += *c == '\n';
        char wanted[512];
        (void)snprintf(wanted, sizeof wanted, "p.cfg:%d: %s", line, cases[i].error);
        const char *error = load(w, cases[i].part, cases[i].instead);
        assert_non_null(error);
        assert_string_equal(error, wanted);
    }
}

static void rules_stand_as_they_are_written(void **state)
{
    world_t *w = *state;
    assert_null(load(w, "unless_lead = true;", ""));
    const kith_rule_t *rule = kith_agreement_rule(w->a, "three-from-two");
    assert_int_equal(w->a->rules_count, 2);
    assert_int_equal(rule->proposes, KITH_PROPOSES_EARLY_HELP);
    assert_int_equal(rule->notices, 3);
    assert_int_equal(rule->minutes, 0);
    assert_int_equal(rule->agencies, 2);
    assert_int_equal(rule->days, 30);
    assert_int_equal(rule->topics_count, 1);
    rule = kith_agreement_rule(w->a, "many-hours");
    assert_int_equal(rule->proposes, KITH_PROPOSES_LEAD);
    assert_true(rule->unless_lead);
    assert_int_equal(rule->agencies, 1);
    assert_null(kith_agreement_rule(w->a, "tea"));
    const kith_expected_t *expected = kith_agreement_expected(w->a, "police-notices");
    assert_int_equal(expected->by_ms, 525 * 60000);
    assert_int_equal(expected->since_ms, 0);
    assert_ptr_equal(expected->calendar, &w->a->calendars[0]);
    assert_int_equal(expected->to_count, 1);
    assert_null(load(w, "since = \"00:00\";", ""));
    assert_int_equal(kith_agreement_expected(w->a, "police-notices")->since_ms, -1);
    assert_null(kith_agreement_expected(w->a, "tea"));
    assert_int_equal(w->a->need_days, 14);
    assert_int_equal(w->a->twice_days, 31);
}

/* Loads the example that ships: all of it stands as it is written. */
static void the_example_has_a_cost_for_each_topic_of_an_event(void **state)
{
    world_t *w = *state;
    if (partnership_load(KITH_EXAMPLE, w->arena, &w->a, &w->error) != KITH_OK) {
        fail_msg("%s", w->error);
    }
    for (size_t i = 0; i < w->a->topics_count; i++) {
        if (w->a->topics[i].type == KITH__NOTICE__BODY_EVENT) {
            assert_non_null(kith_agreement_cost(w->a, w->a->topics[i].name));
        }
    }
    assert_true(kith_agreement_cost(w->a, "police.arrest")->by_hour);
    assert_false(kith_agreement_cost(w->a, "health.ambulance")->by_hour);
    assert_int_equal(kith_agreement_cost(w->a, "health.ambulance")->pence, 27500);
    assert_null(kith_agreement_cost(w->a, "tea"));
    assert_int_equal(w->a->rules_count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_wrong_is_told_with_its_line),
        TEST(rules_stand_as_they_are_written),
        TEST(the_example_has_a_cost_for_each_topic_of_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
