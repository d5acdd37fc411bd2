/* Calendars and clocks of the partnership file: as they stand, and what cannot be met is told. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* Each line is one that a case below changes. No keys: a member that left needs none. */
static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"social-care\"; };\n"
    "calendars = (\n"
    "  { id = \"office\"; zone = \"Europe/London\"; opens = \"08:30\"; closes = \"17:00\";\n"
    "    days = [ \"mon\", \"fri\" ]; holidays = [ \"2026-12-25\", \"2026-12-28\" ]; },\n"
    "  { id = \"round-the-clock\"; zone = \"Europe/London\"; opens = \"00:00\";\n"
    "    closes = \"24:00\"; days = [ \"sun\" ]; } );\n"
    "clocks = (\n"
    "  { name = \"decision\"; within = \"1 working day\"; },\n"
    "  { name = \"triage-red\"; within = \"4h\"; } );\n"
    "agencies = (\n"
    "  { id = \"social-care\"; name = \"x\"; epoch = 1; left = true; },\n"
    "  { id = \"police\"; name = \"x\"; epoch = 1; left = true; calendar = \"round-the-clock\";\n"
    "    unstaffed = [ \"manager\" ]; } );\n"
    "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( { state = \"revoked\"; key = \"11111111111111111111111111111111111111111111"
    "11111111111111111111\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"121212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "topics = ( );\nclauses = ( );\n"
    "ladder = { steps = (\n"
    "  { role = \"duty\"; wait = \"15min\"; }, { role = \"manager\"; hours = \"office\"; } );\n"
    "  remind = \"30min\"; confirm = \"1h\"; };\n";

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
    assert_int_equal(err, KITH_CONFIG); /* a front door that left: the last thing looked at */
    return w->error;
}

static const struct {
    const char *part, *instead, *error;
} cases[] = {
    {"Europe/London", "Europe/Sampleford",
     "p.cfg:3: \"Europe/Sampleford\" is not known here: correct it, or install tzdata"},
    {"Europe/London", "../London", "p.cfg:3: \"zone\" must be a zone's name, as \"Europe/London\""},
    {"Europe/London", "Europe",
     "p.cfg:3: the zone file of \"Europe\" cannot be used: install tzdata anew"},
    {"\"08:30\"", "\"8:30\"", "p.cfg:3: \"opens\" must be a time of day, as \"08:30\""},
    {"\"08:30\"", "\"08:60\"", "p.cfg:3: \"opens\" must be a time of day, as \"08:30\""},
    {"\"17:00\"", "\"24:01\"", "p.cfg:3: \"closes\" must be a time of day, as \"08:30\""},
    {"\"17:00\"", "\"08:30\"", "p.cfg:3: \"closes\" must be later than \"opens\" on the same day"},
    {"\"mon\", \"fri\"", "", "p.cfg:4: \"days\" is empty: no clock could ever be met"},
    {"\"mon\", \"fri\"", "\"mon\", \"mon\"",
     "p.cfg:4: \"days\" takes mon, tue, wed, thu, fri, sat, sun, each once"},
    {"\"mon\", \"fri\"", "\"monday\"",
     "p.cfg:4: \"days\" takes mon, tue, wed, thu, fri, sat, sun, each once"},
    {"2026-12-25", "2026-02-29",
     "p.cfg:4: \"2026-02-29\" is no date that exists: write it as 2026-12-25"},
    {"2026-12-25", "25/12/2026",
     "p.cfg:4: \"25/12/2026\" is no date that exists: write it as 2026-12-25"},
    {"2026-12-28", "2026-12-25", "p.cfg:4: \"2026-12-25\" is listed twice: keep one"},
    {"\"round-the-clock\"; zone", "\"office\"; zone",
     "p.cfg:5: calendar \"office\" is listed twice: choose another id"},
    {"\"decision\"", "\"decison\"",
     "p.cfg:8: nothing runs by \"decison\": a clock is decision, information, assessment, or "
     "triage- with an urgency"},
    {"\"1 working day\"", "\"1 day\"",
     "p.cfg:8: \"within\" must be as \"4h\", \"24 working hours\" or \"2 working days\""},
    {"\"triage-red\"", "\"decision\"", "p.cfg:9: clock \"decision\" is listed twice: keep one"},
    {"calendar = \"round-the-clock\"", "calendar = \"school\"",
     "p.cfg:12: \"school\" is no calendar of this file: correct the id"},
    {"[ \"manager\" ]", "[ \"boss\" ]",
     "p.cfg:13: \"boss\" is no role of the ladder, nor of \"lead_roles\": correct it"},
    {"\"manager\"; hours", "\"duty\"; hours",
     "p.cfg:20: role \"duty\" stands on the ladder twice: keep one"},
    {"hours = \"office\"", "hours = \"late\"",
     "p.cfg:20: \"hours\" must be \"always\" or \"office\""},
    {"confirm = \"1h\"; ", "",
     "p.cfg:19: \"remind\" and \"confirm\" go together, \"confirm\" later"},
    {"\"1h\"", "\"10min\"", "p.cfg:21: \"remind\" and \"confirm\" go together, \"confirm\" later"},
};

static void what_cannot_be_met_is_told_with_its_line(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(load(*state, cases[i].part, cases[i].instead), cases[i].error);
    }
}

static void working_time_needs_a_calendar(void **state)
{
    const char *end = strstr(good, "clocks = (");
    char calendars[512];
    const char *first = strstr(good, "calendars = (");
    (void)snprintf(calendars, sizeof calendars, "%.*s", (int)(end - first), first);
    assert_non_null(strstr(load(*state, calendars, ""), "working time needs a calendar"));
}

/* Loads the example that ships: all of it stands as it is written. */
static void the_example_has_the_clocks_of_the_field(void **state)
{
    world_t *w = *state;
    if (partnership_load(KITH_EXAMPLE, w->arena, &w->a, &w->error) != KITH_OK) {
        fail_msg("%s", w->error);
    }
    const kith_calendar_t *scotland = kith_agreement_calendar(w->a, "scotland");
    assert_int_equal(w->a->calendars_count, 3);
    assert_non_null(scotland);
    assert_int_equal(scotland->holidays_count, 18);
    assert_ptr_equal(kith_agreement_agency(w->a, "police")->calendar, &w->a->calendars[0]);
    assert_ptr_equal(kith_agreement_agency(w->a, "housing")->calendar, &w->a->calendars[0]);
    assert_int_equal(kith_agreement_clock(w->a, "assessment")->amount, 45);
    assert_int_equal(w->a->ladder.count, 3);
    assert_string_equal(w->a->ladder.steps[1].role, "manager");
    assert_true(w->a->ladder.steps[1].office_hours);
    assert_int_equal(w->a->ladder.steps[1].wait_ms, 30 * 60000);
    assert_int_equal(w->a->ladder.confirm_ms, 3600000);
    assert_null(kith_agreement_calendar(w->a, "wales"));
    assert_null(kith_agreement_clock(w->a, "tea"));
    /* Friday 27 March 2026, 16:30 GMT: over on Monday 30 March at 17:00 BST. */
    assert_int_equal(kith_agreement_due(w->a, "decision", "housing", INT64_C(1774629000000)),
                     INT64_C(1774886400000));
    assert_int_equal(kith_agreement_due(w->a, "tea", "housing", 1), 0);
    assert_int_equal(kith_agreement_due(w->a, "decision", "nobody", 1), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_cannot_be_met_is_told_with_its_line),
        TEST(working_time_needs_a_calendar),
        TEST(the_example_has_the_clocks_of_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
