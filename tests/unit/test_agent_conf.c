/* The agent's configuration: what it says, and the one line for each thing that is wrong. */
#include "tests/unit/agent_world.h"

#include <sys/stat.h>

static void says_what_stands_there(void **state)
{
    const agent_world_t *w = *state;
    const agent_conf_t *c = &w->conf;
    assert_string_equal(c->path, w->cfg);
    assert_string_equal(c->agency, "police");
    assert_int_equal(c->brokers_count, 1);
    assert_string_equal(c->brokers[0], "hub-a");
    assert_non_null(strstr(c->store, "store/police"));
    assert_int_equal(c->map_bytes, 64u << 20);
    assert_int_equal(c->reserve_bytes, 1u << 20);
    assert_int_equal(c->socket_mode, 0600);
    assert_string_equal(w->agreement->partnership, "exampletown");
}

static void has_the_defaults_of_its_example(void **state)
{
    agent_world_t *w = *state;
    agent_world_change(w, w->cfg, " map = \"64MiB\"; reserve = \"1MiB\";", "");
    agent_world_change(w, w->cfg, "gateways = [ 1001 ];", "");
    assert_null(agent_world_load(w));
    const agent_conf_t *c = &w->conf;
    assert_int_equal(c->map_bytes, UINT64_C(16) << 30);
    assert_int_equal(c->reserve_bytes, UINT64_C(256) << 20);
    assert_int_equal(c->gateways_count, 0);
    assert_int_equal(c->resend_urgent_ms, 60 * 1000);
    assert_int_equal(c->resend_normal_ms, 3600 * 1000);
    assert_int_equal(c->resend_max_ms, 24 * 3600 * 1000);
    assert_int_equal(c->later_ms, 1000);
    assert_int_equal(c->later_max_ms, 5 * 60 * 1000);
    assert_int_equal(c->rounds.wait_ms, 30 * 1000);
    assert_int_equal(c->rounds.interval_ms, 5 * 60 * 1000);
    assert_int_equal(c->rounds.repeat_ms, 24 * 3600 * 1000);
    assert_int_equal(c->rounds.digest_ms, 16 * 3600 * 1000);
    assert_true(c->rounds.working_days);
}

static void says_when_people_are_told(void **state)
{
    agent_world_t *w = *state;
    agent_world_change(w, w->cfg, "gateways",
                       "feed = { wait = \"1s\"; interval = \"2min\"; repeat = \"2d\"; digest = "
                       "\"08:15\"; days = \"every\"; };\ngateways");
    assert_null(agent_world_load(w));
    const work_rounds_t *rounds = &w->conf.rounds;
    assert_int_equal(rounds->wait_ms, 1000);
    assert_int_equal(rounds->interval_ms, 2 * 60 * 1000);
    assert_int_equal(rounds->repeat_ms, 48 * 3600 * 1000);
    assert_int_equal(rounds->digest_ms, (8 * 60 + 15) * 60 * 1000);
    assert_false(rounds->working_days);
    agent_world_change(w, w->cfg, "08:15", "none");
    assert_null(agent_world_load(w));
    assert_int_equal(w->conf.rounds.digest_ms, WORK_NO_DIGEST);
}

static void tells_users_and_gateways_apart(void **state)
{
    const agent_world_t *w = *state;
    const agent_user_t *duty = agent_conf_user_by_uid(&w->conf, 1000);
    assert_non_null(duty);
    assert_string_equal(duty->role, "duty sergeant");
    assert_ptr_equal(agent_conf_user_by_name(&w->conf, "duty"), duty);
    assert_non_null(agent_conf_user_by_name(&w->conf, "screen"));
    assert_null(agent_conf_user_by_name(&w->conf, "nobody"));
    assert_null(agent_conf_user_by_uid(&w->conf, 1001));
    assert_null(agent_conf_user_by_uid(&w->conf, AGENT_NO_UID)); /* "screen" has no uid */
    assert_true(agent_conf_gateway(&w->conf, 1001));
    assert_false(agent_conf_gateway(&w->conf, 1000));
}

static const struct {
    const char *what, *old, *new_text;
    int line;
} wrong[] = {
    {"unknown setting", "brokers =", "brokrs =", 1},
    {"not a name", "\"police\";", "\"Police!\";", 1},
    {"an agency that is none", "\"police\";", "\"polite\";", 1},
    {"a broker that is none", "\"hub-a\"", "\"hub-z\"", 4},
    {"a broker twice", "\"hub-a\"", "\"hub-a\", \"hub-a\"", 4},
    {"no broker", "\"hub-a\"", "", 4},
    {"no store", "store =", "// store =", 1},
    {"no unit", "64MiB", "64 megs", 5},
    {"a map too small", "64MiB", "1KiB", 5},
    {"a reserve larger than half of the map", "1MiB", "60MiB", 5},
    {"a mode that is none", "police.sock\";", "police.sock\"; mode = \"0777\";", 6},
    {"a socket path that is too long", "../run/police.sock",
     "/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
     "12345678901234567890",
     6},
    {"no users", "users =", "people =", 1},
    {"a uid below zero", "uid = 1000", "uid = -1", 7},
    {"a user without a name", "name = \"duty\";", "", 7},
    {"an empty name", "\"duty\"", "\"\"", 7},
    {"an empty role", "\"duty sergeant\"", "\"\"", 7},
    {"a name twice", "\"screen\"", "\"duty\"", 8},
    {"a uid twice", "name = \"screen\"", "uid = 1000; name = \"screen\"", 8},
    {"a gateway that is no number", "1001", "\"web\"", 9},
    {"a pause that never grows", "gateways", "resend = { max = \"1s\"; };\ngateways", 9},
    {"a later pause that never grows", "gateways",
     "later = { first = \"9s\"; max = \"1s\"; };\ngateways", 9},
    {"a digest at no time of day", "gateways", "feed = { digest = \"4pm\"; };\ngateways", 9},
    {"a digest on the next day", "gateways", "feed = { digest = \"24:00\"; };\ngateways", 9},
    {"days that are none", "gateways", "feed = { days = \"some\"; };\ngateways", 9},
    {"a wait over a day", "gateways", "feed = { wait = \"2d\"; };\ngateways", 9},
    {"a repeat before the interval", "gateways",
     "feed = { interval = \"5h\"; repeat = \"4h\"; };\ngateways", 9},
};

static void names_file_and_line_of_what_is_wrong(void **state)
{
    agent_world_t *w = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *right = agent_world_text(w, w->cfg);
        agent_world_change(w, w->cfg, wrong[i].old, wrong[i].new_text);
        const char *error = agent_world_load(w);
        if (!error)
            fail_msg("%s was taken", wrong[i].what);
        const char *at = kith_arena_printf(w->arena, "%s:%d: ", w->cfg, wrong[i].line);
        if (strncmp(error, at, strlen(at)) != 0)
            fail_msg("%s: %s", wrong[i].what, error);
        agent_world_put(w->cfg, right);
    }
    assert_null(agent_world_load(w));
}

static void a_wrong_partnership_file_is_named_itself(void **state)
{
    agent_world_t *w = *state;
    agent_world_change(w, w->partnership, "front_door", "back_door");
    const char *error = agent_world_load(w);
    assert_non_null(error);
    assert_non_null(strstr(error, "partnership.cfg:"));
}

static void a_missing_file_is_an_error_like_any_other(void **state)
{
    agent_world_t *w = *state;
    assert_int_equal(remove(w->cfg), 0);
    const char *error = agent_world_load(w);
    assert_non_null(error);
    assert_non_null(strstr(error, w->cfg));
}

static void keys_must_be_current_in_the_partnership_file(void **state)
{
    agent_world_t *w = *state;
    kith_keys_t *keys = NULL;
    const char *error = NULL;
    assert_int_equal(agent_keys_load(&w->conf, w->arena, &keys, &error), KITH_OK);
    assert_null(agent_keys_misfit(&w->conf, w->agreement, keys, w->arena));
    agent_world_change(w, w->partnership, "state = \"current\"; }",
                       "state = \"retired\"; }, { key = \"abababababababababababababababababababab"
                       "abababababababababababab\"; state = \"current\"; }");
    assert_null(agent_world_load(w));
    error = agent_keys_misfit(&w->conf, w->agreement, keys, w->arena);
    assert_non_null(error);
    assert_non_null(strstr(error, "transport.key:1: "));
    keys_destroy(&keys);
}

static void missing_open_or_broken_keys_are_named(void **state)
{
    agent_world_t *w = *state;
    kith_keys_t *keys = NULL;
    const char *error = NULL;
    const char *path = kith_arena_printf(w->arena, "%s/signing.key", w->conf.keys);
    const char *right = agent_world_text(w, path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(agent_keys_load(&w->conf, w->arena, &keys, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "signing.key:1: "));
    assert_non_null(strstr(error, "0600"));
    assert_int_equal(chmod(path, 0600), 0);
    agent_world_put(path, "not a key\n");
    assert_int_equal(agent_keys_load(&w->conf, w->arena, &keys, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "64 hex"));
    agent_world_put(path, right);
    assert_int_equal(agent_keys_load(&w->conf, w->arena, &keys, &error), KITH_OK);
    keys_destroy(&keys);
    assert_int_equal(remove(path), 0);
    assert_int_equal(agent_keys_load(&w->conf, w->arena, &keys, &error), KITH_CONFIG);
    assert_non_null(strstr(error, "kith keys new"));
    assert_null(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(says_what_stands_there, agent_world_begin, agent_world_end),
        cmocka_unit_test_setup_teardown(has_the_defaults_of_its_example, agent_world_begin,
                                        agent_world_end),
        cmocka_unit_test_setup_teardown(says_when_people_are_told, agent_world_begin,
                                        agent_world_end),
        cmocka_unit_test_setup_teardown(tells_users_and_gateways_apart, agent_world_begin,
                                        agent_world_end),
        cmocka_unit_test_setup_teardown(names_file_and_line_of_what_is_wrong, agent_world_begin,
                                        agent_world_end),
        cmocka_unit_test_setup_teardown(a_wrong_partnership_file_is_named_itself, agent_world_begin,
                                        agent_world_end),
        cmocka_unit_test_setup_teardown(a_missing_file_is_an_error_like_any_other,
                                        agent_world_begin, agent_world_end),
        cmocka_unit_test_setup_teardown(keys_must_be_current_in_the_partnership_file,
                                        agent_world_begin, agent_world_end),
        cmocka_unit_test_setup_teardown(missing_open_or_broken_keys_are_named, agent_world_begin,
                                        agent_world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
