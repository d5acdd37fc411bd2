/* Unit costs of the partnership file: as they stand, and what is wrong is told. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* Each line is one that a case below changes. No keys: a member that left needs none. */
static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"social-care\"; };\n"
    "agencies = ( { id = \"social-care\"; name = \"x\"; epoch = 1; left = true; } );\n"
    "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( { state = \"revoked\"; key = \"11111111111111111111111111111111111111111111"
    "11111111111111111111\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"121212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "topics = ( );\nclauses = ( );\n"
    "unit_costs = (\n"
    "  { code = \"officer-hour\"; per = \"hour\"; pence = 4500; },\n"
    "  { code = \"call-out\"; per = \"event\"; pence = 100000000; } );\n";

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
    {"\"officer-hour\"", "\"Officer hour\"",
     "p.cfg:9: \"code\" must be a name: small letters, digits, '.' and '-', 48 at most"},
    {"\"hour\"", "\"minute\"", "p.cfg:9: \"per\" must be \"hour\" or \"event\""},
    {"4500", "0", "p.cfg:9: \"pence\" must be a whole number from 1 to 100000000"},
    {"100000000", "100000001", "p.cfg:10: \"pence\" must be a whole number from 1 to 100000000"},
    {"\"call-out\"", "\"officer-hour\"",
     "p.cfg:10: cost code \"officer-hour\" is listed twice: keep one"},
};

static void what_is_wrong_is_told_with_its_line(void **state)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(load(*state, cases[i].part, cases[i].instead), cases[i].error);
    }
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
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_wrong_is_told_with_its_line),
        TEST(the_example_has_a_cost_for_each_topic_of_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
