/* Pots of the partnership file: as they stand, and what cannot be is told with its line. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

/* Each line is one that a case below changes. The last thing looked at is a front door that left,
 * so that no keys are needed. */
static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"police\"; };\n"
    "assessment_valid = \"180d\";\n"
    "agencies = ( { id = \"police\"; name = \"x\"; epoch = 1; left = true; },\n"
    "  { id = \"early-help\"; name = \"x\"; epoch = 1;\n"
    "    transport = ( { state = \"revoked\"; key = \"211111111111111111111111111111111111111111111"
    "1111111111111111112\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"221212121212121212121212121212121212121212121"
    "2121212121212121212\"; } );\n"
    "    sealing = ( { state = \"revoked\"; key = \"231212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "pots = (\n"
    "  { id = \"joined-up\"; name = \"The joined-up pot\"; holder = \"early-help\";\n"
    "    pence = 500000; limit_pence = 20000; },\n"
    "  { id = \"beds\"; name = \"A bed for a night\"; holder = \"early-help\"; pence = 1; } );\n"
    "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( { state = \"revoked\"; key = \"11111111111111111111111111111111111111111111"
    "11111111111111111111\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"121212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "topics = ( );\nclauses = ( );\n";

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

static kith_err load(world_t *w, const char *part, const char *instead)
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
    return partnership_load_text("p.cfg", bytes, w->arena, &w->a, &w->error);
}

static const struct {
    const char *part, *instead, *error;
} cases[] = {
    {"\"180d\"", "\"1h\"", "p.cfg:2: \"assessment_valid\""},
    {"holder = \"early-help\";\n", "holder = \"police\";\n",
     "p.cfg:9: \"holder\" must be the id of a member"},
    {"holder = \"early-help\";\n", "holder = \"nobody\";\n",
     "p.cfg:9: \"holder\" must be the id of a member"},
    {"\"The joined-up pot\"", "\"\"", "p.cfg:9: \"name\" must have 1 to 512 bytes"},
    {"pence = 500000", "pence = 0", "p.cfg:10: \"pence\""},
    {"limit_pence = 20000", "limit_pence = 500001",
     "p.cfg:10: \"limit_pence\" of one request must not be more than all \"pence\""},
    {"\"beds\"", "\"joined-up\"", "p.cfg:11: pot \"joined-up\" is listed twice: choose another id"},
};

static void what_cannot_be_is_told_with_its_line(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load(w, cases[i].part, cases[i].instead), KITH_CONFIG);
        if (strstr(w->error, cases[i].error) != w->error) {
            fail_msg("not %s: %s", cases[i].error, w->error);
        }
    }
}

static void pots_stand_as_they_are_written(void **state)
{
    world_t *w = *state;
    assert_int_equal(load(w, "front_door = \"police\"", "front_door = \"early-help\""), KITH_OK);
    assert_int_equal(w->a->assessment_valid_ms, INT64_C(180) * 86400000);
    assert_int_equal(w->a->pots_count, 2);
    const kith_pot_t *pot = kith_agreement_pot(w->a, "joined-up");
    assert_string_equal(pot->holder, "early-help");
    assert_int_equal(pot->amount, 500000);
    assert_int_equal(pot->limit, 20000);
    assert_int_equal(kith_agreement_pot(w->a, "beds")->limit, 0);
    assert_null(kith_agreement_pot(w->a, "petty-cash"));
}

static void the_example_has_the_joined_up_pot(void **state)
{
    world_t *w = *state;
    if (partnership_load(KITH_EXAMPLE, w->arena, &w->a, &w->error) != KITH_OK) {
        fail_msg("%s", w->error);
    }
    assert_int_equal(kith_agreement_pot(w->a, "joined-up")->amount, 500000);
    assert_int_equal(w->a->assessment_valid_ms, INT64_C(180) * 86400000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_cannot_be_is_told_with_its_line),
        TEST(pots_stand_as_they_are_written),
        TEST(the_example_has_the_joined_up_pot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
