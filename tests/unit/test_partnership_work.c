/* Roles that lead and how long a service counts as fresh, in the partnership file: as they stand,
 * and what cannot be meant is told with its line. */
#include "io/keys.h"
#include "io/partnership.h"
#include "tests/lib/unit.h"

#include <stdio.h>
#include <string.h>

static const char before[] =
    "partnership = { id = \"exampletown\"; version = 3; front_door = \"social-care\"; };\n";
static const char after[] =
    "agencies = ( { id = \"social-care\"; name = \"x\"; epoch = 1; left = true;\n"
    "  unstaffed = [ \"family worker\" ]; } );\n"
    "brokers = ( { id = \"hub\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( { state = \"revoked\"; key = \"11111111111111111111111111111111111111111111"
    "11111111111111111111\"; } );\n"
    "    signing = ( { state = \"revoked\"; key = \"121212121212121212121212121212121212121212121"
    "2121212121212121212\"; } ); } );\n"
    "topics = ( );\nclauses = ( );\n";

/* The first thing wrong; what is right ends at the front door, who left. */
static const char *load(kith_arena_t *arena, const char *part)
{
    char text[4096];
    kith_agreement_t *a = NULL;
    const char *error = NULL;
    (void)snprintf(text, sizeof text, "%s%s\n%s", before, part, after);
    kith_bytes_t bytes = {(const uint8_t *)text, strlen(text)};
    kith_arena_reset(arena);
    assert_int_equal(partnership_load_text("p.cfg", bytes, arena, &a, &error), KITH_CONFIG);
    return error;
}

static const struct {
    const char *part, *error;
} cases[] = {
    {"lead_roles = [ \"family worker\" ]; directory = { stale_after = \"30d\"; };",
     "p.cfg:1: \"front_door\" must be the id of a member"},
    {"lead_roles = [ \"lead practitioner\" ];",
     "p.cfg:4: \"family worker\" is no role of the ladder, nor of \"lead_roles\": correct it"},
    {"lead_roles = [ \"jo@example.org\" ];",
     "p.cfg:2: \"jo@example.org\" is no role: name one that is handed over, as \"family worker\""},
    {"lead_roles = [ \"\" ];",
     "p.cfg:2: \"\" is no role: name one that is handed over, as \"family worker\""},
    {"lead_roles = [ \"family worker\", \"family worker\" ];",
     "p.cfg:2: \"family worker\" is listed twice: keep one"},
};

static void what_cannot_be_meant_is_told_with_its_line(void **state)
{
    kith_arena_t *arena = kith_arena_new(4u * 1024u * 1024u);
    (void)state;
    assert_int_equal(keys_begin(), KITH_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(load(arena, cases[i].part), cases[i].error);
    }
    assert_non_null(strstr(load(arena, "lead_roles = [ \"family worker\" ];\n"
                                       "directory = { stale_after = \"soon\"; };"),
                           "p.cfg:3: \"stale_after\""));
    kith_arena_destroy(&arena);
}

static void the_example_says_who_leads_and_what_is_stale(void **state)
{
    kith_arena_t *arena = kith_arena_new(4u * 1024u * 1024u);
    kith_agreement_t *a = NULL;
    const char *error = NULL;
    (void)state;
    assert_int_equal(keys_begin(), KITH_OK);
    if (partnership_load(KITH_EXAMPLE, arena, &a, &error) != KITH_OK) {
        fail_msg("%s", error);
    }
    assert_int_equal(a->lead_roles_count, 3);
    assert_string_equal(a->lead_roles[1], "family worker");
    assert_int_equal(a->stale_after_ms, INT64_C(30) * 24 * 3600000);
    kith_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_meant_is_told_with_its_line),
        cmocka_unit_test(the_example_says_who_leads_and_what_is_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
