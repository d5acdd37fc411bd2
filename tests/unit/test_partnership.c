/* The partnership file: what is whole loads as it stands, what contradicts itself is told. */
#include "io/keys.h"
#include "io/partnership.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* clang-format off */
#define FOUR(two) two two two two
#define KEY(two)                                                                                   \
    "{ key = \"" FOUR(two) FOUR(two) FOUR(two) FOUR(two) FOUR(two) FOUR(two) FOUR(two) FOUR(two)   \
    "\"; state = \"current\"; }"

/* Each line is one that a case below changes. */
static const char good[] =
    "partnership = { id = \"exampletown\"; version = 3; exercise = true;\n"
    "    front_door = \"social-care\"; };\n"
    "agencies = (\n"
    "  { id = \"police\"; name = \"Exampleshire Police\"; phone = \"01632 960001\"; epoch = 2;\n"
    "    transport = ( " KEY("11") " );\n"
    "    signing = ( " KEY("12") " );\n"
    "    sealing = ( " KEY("13") " ); },\n"
    "  { id = \"social-care\"; name = \"Exampletown Children's Social Care\"; epoch = 1;\n"
    "    transport = ( " KEY("21") " );\n"
    "    signing = ( " KEY("22") " );\n"
    "    sealing = ( " KEY("23") " ); },\n"
    "  { id = \"drugs-help\"; name = \"A charity that left\"; epoch = 1; left = true;\n"
    "    signing = ( " KEY("32") " ); } );\n"
    "brokers = (\n"
    "  { id = \"hub-a\"; endpoint = \"tcp://127.0.0.1:5670\";\n"
    "    transport = ( " KEY("41") " );\n"
    "    signing = ( " KEY("42") " ); },\n"
    "  { id = \"hub-b\"; endpoint = \"ipc:///run/kith/hub-b\";\n"
    "    transport = ( " KEY("51") " );\n"
    "    signing = ( " KEY("52") " ); } );\n"
    "topics = (\n"
    "  { name = \"police.call-out\"; class = \"event\"; type = \"event\"; lane = \"normal\"; },\n"
    "  { name = \"alert\"; class = \"alert\"; type = \"alert\"; lane = \"urgent\";"
    " expires = \"7d\"; } );\n"
    "clauses = (\n"
    "  { id = \"4.1\"; classes = [ \"event\" ]; from = [ \"police\" ]; to = [ \"*\" ]; },\n"
    "  { id = \"4.2\"; classes = [ \"*\" ]; from = [ \"*\" ]; to = [ \"social-care\" ]; } );\n"
    "subscriptions = (\n"
    "  { agency = \"social-care\"; topics = [ \"*\" ]; },\n"
    "  { agency = \"police\"; topics = [ \"alert\" ]; } );\n";
/* clang-format on */

typedef struct world {
    kith_arena_t *arena;
    kith_agreement_t *a;
    const char *error;
} world_t;

static int setup(void **state)
{
    world_t *w = calloc(1, sizeof(*w));
    w->arena = kith_arena_new(16 * 1024 * 1024);
    *state = w;
    return keys_begin() == KITH_OK ? 0 : -1;
}

static int teardown(void **state)
{
    world_t *w = *state;
    kith_arena_destroy(&w->arena);
    free(w);
    return 0;
}

static kith_err load(world_t *w, const char *text)
{
    kith_arena_reset(w->arena);
    w->a = NULL;
    w->error = NULL;
    return partnership_load_text("p.cfg", kith_bytes_str(text), w->arena, &w->a, &w->error);
}

static void a_whole_file_loads_as_it_stands(void **state)
{
    world_t *w = *state;
    char name[KITH_KEY_NAME_SIZE];
    uint8_t key[32];
    kith_err err = load(w, good);
    if (err != KITH_OK)
        fail_msg("%s", w->error);
    assert_null(w->error);
    assert_string_equal(w->a->partnership, "exampletown");
    assert_int_equal(w->a->version, 3);
    assert_true(w->a->exercise);
    assert_string_equal(w->a->front_door, "social-care");
    assert_int_equal(w->a->agencies_count, 3);
    const kith_agency_t *police = kith_agreement_agency(w->a, "police");
    assert_string_equal(police->name, "Exampleshire Police");
    assert_string_equal(police->phone, "01632 960001");
    assert_int_equal(police->epoch, 2);
    assert_false(police->left);
    memset(key, 0x13, sizeof(key));
    assert_memory_equal(police->sealing.keys[0].key, key, sizeof(key));
    keys_name(key, name);
    assert_string_equal(police->sealing.keys[0].name, name);
    assert_int_equal(police->sealing.keys[0].state, KITH_KEY_CURRENT);
    assert_string_equal(w->a->agencies[1].phone, "");
    assert_true(w->a->agencies[2].left);
    assert_int_equal(w->a->agencies[2].transport.count, 0);
    assert_int_equal(w->a->brokers_count, 2);
    assert_string_equal(w->a->brokers[0].endpoint, "tcp://127.0.0.1:5670");
    assert_int_equal(w->a->topics_count, 2);
    assert_int_equal(w->a->topics[0].type, KITH__NOTICE__BODY_EVENT);
    assert_int_equal(w->a->topics[0].lane, KITH__LANE__LANE_NORMAL);
    assert_int_equal(w->a->topics[0].expires_ms, 0);
    assert_string_equal(w->a->topics[1].topic_class, "alert");
    assert_int_equal(w->a->topics[1].lane, KITH__LANE__LANE_URGENT);
    assert_int_equal(w->a->topics[1].expires_ms, INT64_C(7) * 24 * 3600 * 1000);
    assert_int_equal(w->a->clauses_count, 2);
    assert_int_equal(w->a->may_subscribe_count, 2);
    assert_non_null(kith_agreement_permits(w->a, "police", "social-care", "event"));
    assert_null(kith_agreement_permits(w->a, "social-care", "police", "event"));
    assert_true(kith_agreement_may_subscribe(w->a, "police", "alert"));
    assert_false(kith_agreement_may_subscribe(w->a, "police", "police.call-out"));
}

/* The good text with one part changed. */
static const char *changed(const char *part, const char *instead)
{
    static char text[2 * sizeof(good)];
    const char *found = strstr(good, part);
    assert_non_null(found);
    (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(found - good), good, instead,
                   found + strlen(part));
    return text;
}

/* What is changed in the good text, and the line and words of the error. */
typedef struct change {
    const char *part, *instead;
    int line;
    const char *words;
} change_t;

static const change_t in_members[] = {
    {"partnership = {", "partnershp = {", 1, "is \"partnershp\" on line 1 meant?"},
    {"\"exampletown\"", "\"Example Town\"", 1, "\"id\" must be a name"},
    {"version = 3", "version = 0", 1, "\"version\" must be a whole number from 1"},
    {"version = 3", "version = 3; colour = 1", 1, "unknown setting \"colour\""},
    {"exercise = true", "exercise = \"yes\"", 1, "true or false"},
    {"front_door = \"social-care\"", "front_door = \"nobody\"", 2, "the id of a member"},
    {"front_door = \"social-care\"", "front_door = \"drugs-help\"", 2, "the id of a member"},
    {"id = \"social-care\"; name", "id = \"police\"; name", 8, "listed twice"},
    {"\"Exampleshire Police\"", "\"\"", 4, "\"name\" must have 1 to 512 bytes"},
    {"epoch = 2", "epoch = 0", 4, "\"epoch\" must be"},
    {"epoch = 2;", "", 4, "\"epoch\" is missing"},
    {"epoch = 2", "epoch = 2; epohc = 3", 4, "unknown setting \"epohc\""},
    {"key = \"1313", "key = \"13", 7, "64 hex digits"},
    {"key = \"1313", "key = \"131313", 7, "64 hex digits"},
    {"key = \"1313", "key = \"13xy", 7, "64 hex digits"},
    {"1313131313131313131313131313131313131313131313131313131313131313",
     "0000000000000000000000000000000000000000000000000000000000000000", 7, "no usable key"},
    {"2121212121212121212121212121212121212121212121212121212121212121",
     "0100000000000000000000000000000000000000000000000000000000000000", 9, "no usable key"},
    {"2222222222222222222222222222222222222222222222222222222222222222",
     "1212121212121212121212121212121212121212121212121212121212121212", 10,
     "stands elsewhere too"},
    {"2323232323232323232323232323232323232323232323232323232323232323",
     "1111111111111111111111111111111111111111111111111111111111111111", 11,
     "stands elsewhere too"},
    {"4242424242424242424242424242424242424242424242424242424242424242",
     "3232323232323232323232323232323232323232323232323232323232323232", 17,
     "stands elsewhere too"},
    {"state = \"current\"; } );\n    signing = ( { key = \"12",
     "state = \"retired\"; } );\n    signing = ( { key = \"12", 5, "no current key"},
    {"state = \"current\"; } );\n    signing = ( { key = \"12",
     "state = \"new\"; } );\n    signing = ( { key = \"12", 5, "\"state\" must be"},
};

static const change_t in_brokers[] = {
    {"transport = ( { key = \"41", "transprt = ( { key = \"41", 15, "is \"transprt\""},
    {"id = \"hub-b\"", "id = \"hub-a\"", 18, "listed twice"},
    {"id = \"hub-b\"", "id = \"police\"", 18, "listed twice"},
    {"ipc:///run/kith/hub-b", "tcp://127.0.0.1:5670", 18, "another broker's endpoint"},
    {"tcp://127.0.0.1:5670", "tcp://*:5670", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://127.0.0.1", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://127.0.0.1:0", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://127.0.0.1:65536", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://127.0.0.1:5670x", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://:5670", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "tcp://[::1:5670", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "udp://127.0.0.1:5670", 15, "must be tcp://host:port"},
    {"tcp://127.0.0.1:5670", "ipc://", 15, "must be tcp://host:port"},
};

static const change_t in_what_may_be_said[] = {
    {"type = \"event\"", "type = \"gossip\"", 22, "\"type\" must be one of event, referral"},
    {"lane = \"normal\"", "lane = \"slow\"", 22, "\"lane\" must be"},
    {"class = \"alert\"", "class = \"\"", 23, "\"class\" must be a name"},
    {"expires = \"7d\"", "expires = \"7\"", 23, "\"expires\" must be a time"},
    {"name = \"alert\"", "name = \"police.call-out\"", 23, "listed twice"},
    {"classes = [ \"event\" ]", "classes = [ \"secret\" ]", 25, "names \"secret\""},
    {"from = [ \"police\" ]", "from = [ \"polise\" ]", 25, "names \"polise\""},
    {"to = [ \"social-care\" ]", "to = [ ]", 26, "\"to\" is empty"},
    {"id = \"4.2\"", "id = \"4.1\"", 26, "listed twice"},
    {"agency = \"police\"", "agency = \"fire\"", 29, "no member"},
    {"agency = \"police\"", "agency = \"social-care\"", 29, "has an entry above"},
    {"topics = [ \"alert\" ]", "topics = [ \"alarm\" ]", 29, "names \"alarm\""},
};

static void assert_told(world_t *w, const change_t *changes, size_t count)
{
    char place[32];
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(load(w, changed(changes[i].part, changes[i].instead)), KITH_CONFIG);
        assert_null(w->a);
        (void)snprintf(place, sizeof(place), "p.cfg:%d: ", changes[i].line);
        if (strncmp(w->error, place, strlen(place)) != 0 || !strstr(w->error, changes[i].words))
            fail_msg("%s: expected \"%s … %s\", got \"%s\"", changes[i].instead, place,
                     changes[i].words, w->error);
    }
}

static void each_contradiction_is_told_with_its_line(void **state)
{
    assert_told(*state, in_members, sizeof(in_members) / sizeof(change_t));
    assert_told(*state, in_brokers, sizeof(in_brokers) / sizeof(change_t));
    assert_told(*state, in_what_may_be_said, sizeof(in_what_may_be_said) / sizeof(change_t));
}

static void endpoints_by_name_and_by_ip6_are_taken(void **state)
{
    world_t *w = *state;
    static const char *const endpoints[] = {"tcp://hub.example.org:1", "tcp://[fd00::1]:65535",
                                            "tcp://10.0.0.1:5670", "ipc://run/hub a"};
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        assert_int_equal(load(w, changed("tcp://127.0.0.1:5670", endpoints[i])), KITH_OK);
        assert_string_equal(w->a->brokers[0].endpoint, endpoints[i]);
    }
}

static void a_list_that_must_name_somebody_may_not_be_empty(void **state)
{
    world_t *w = *state;
    static const char head[] = "partnership = { id = \"x\"; version = 1; front_door = \"a\"; };\n";
    char text[256];
    (void)snprintf(text, sizeof(text), "%sagencies = ( );", head);
    assert_int_equal(load(w, text), KITH_CONFIG);
    assert_string_equal(w->error, "p.cfg:2: \"agencies\" names nobody: add the members");
    assert_int_equal(load(w, head), KITH_CONFIG);
    assert_string_equal(w->error, "p.cfg:1: \"agencies\" is missing: add it");
}

static void older_keys_stay_beside_the_current_one(void **state)
{
    world_t *w = *state;
    assert_int_equal(load(w, changed("signing = ( { key = \"12",
                                     "signing = ( { state = \"revoked\"; key = \"6161616161616161"
                                     "616161616161616161616161616161616161616161616161\"; },\n"
                                     "{ state = \"retired\"; key = \"6262626262626262626262626262"
                                     "626262626262626262626262626262626262\"; },\n{ key = \"12")),
                     KITH_OK);
    const kith_keyring_t *ring = &w->a->agencies[0].signing;
    assert_int_equal(ring->count, 3);
    assert_int_equal(ring->keys[0].state, KITH_KEY_REVOKED);
    assert_int_equal(ring->keys[1].state, KITH_KEY_RETIRED);
    assert_ptr_equal(kith_keyring_current(ring), &ring->keys[2]);
}

static void a_key_may_be_revoked_before_there_is_a_new_one(void **state)
{
    world_t *w = *state;
    assert_int_equal(load(w, changed("state = \"current\"; } );\n    signing = ( { key = \"12",
                                     "state = \"revoked\"; } );\n    signing = ( { key = \"12")),
                     KITH_OK);
    assert_null(kith_keyring_current(&w->a->agencies[0].transport));
}

static void the_example_that_ships_loads(void **state)
{
    world_t *w = *state;
    if (partnership_load(KITH_EXAMPLE, w->arena, &w->a, &w->error) != KITH_OK)
        fail_msg("%s", w->error);
    assert_true(w->a->agencies_count >= 5);
}

static void a_file_that_does_not_fit_the_arena_is_told(void **state)
{
    world_t *w = *state;
    size_t whole;
    assert_int_equal(load(w, good), KITH_OK);
    whole = kith_arena_used(w->arena);
    for (size_t size = 8192; size < whole; size += 64) {
        kith_arena_destroy(&w->arena);
        w->arena = kith_arena_new(size);
        assert_int_equal(load(w, good), KITH_CONFIG);
        assert_non_null(strstr(w->error, "more than there is room for"));
    }
}

static void a_missing_file_is_told(void **state)
{
    world_t *w = *state;
    assert_int_equal(partnership_load("no/such.cfg", w->arena, &w->a, &w->error), KITH_CONFIG);
    assert_null(w->a);
    assert_string_equal(w->error, "no/such.cfg:1: cannot be opened: No such file or directory");
}

static void no_text_cut_anywhere_loads_or_does_harm(void **state)
{
    world_t *w = *state;
    static char text[sizeof(good)];
    for (size_t i = 0; i + 2 < sizeof(good); i++) {
        memcpy(text, good, i);
        text[i] = '\0';
        kith_err err = load(w, text);
        /* Without the last mark, or the list that may be missing, it is whole too. */
        bool whole = i >= sizeof(good) - 3 || (w->a != NULL && w->a->may_subscribe_count == 0);
        assert_int_equal(err, whole ? KITH_OK : KITH_CONFIG);
        assert_true((w->error == NULL) == whole);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_file_loads_as_it_stands),
        TEST(each_contradiction_is_told_with_its_line),
        TEST(endpoints_by_name_and_by_ip6_are_taken),
        TEST(a_list_that_must_name_somebody_may_not_be_empty),
        TEST(older_keys_stay_beside_the_current_one),
        TEST(a_key_may_be_revoked_before_there_is_a_new_one),
        TEST(the_example_that_ships_loads),
        TEST(a_file_that_does_not_fit_the_arena_is_told),
        TEST(a_missing_file_is_told),
        TEST(no_text_cut_anywhere_loads_or_does_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
