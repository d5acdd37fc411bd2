/* See agent_world.h. Example data is plainly fictional. */
#include "tests/unit/agent_world.h"

#include <sys/stat.h>

static const char *const members[] = {"police", "housing", "social-care", "hub-a"};

void agent_world_put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

char *agent_world_text(const agent_world_t *w, const char *path)
{
    const size_t room = 64 * 1024;
    char *text = kith_arena_need(w->arena, room);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, room - 1, file);
    assert_int_equal(fclose(file), 0);
    text[size] = '\0';
    return text;
}

static void make_folder(const agent_world_t *w, const char *name)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(&w->scratch, name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

/* `transport = ( { key = "…"; state = "current"; } ); signing = …` from public.txt. */
static const char *rings(agent_world_t *w, const char *member)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(&w->scratch, kith_arena_printf(w->arena, "keys/%s", member), path);
    assert_int_equal(keys_make(path, strcmp(member, "hub-a") != 0), KITH_OK);
    char *line = agent_world_text(w, kith_arena_printf(w->arena, "%s/public.txt", path));
    const char *out = "";
    while (*line) {
        char *kind = line;
        line += strcspn(line, " ");
        *line++ = '\0';
        char *key = line;
        line += strcspn(line, "\n");
        *line++ = '\0';
        out = kith_arena_printf(w->arena, "%s %s = ( { key = \"%s\"; state = \"current\"; } );",
                                out, kind, key);
    }
    return out;
}

static const char *agency_line(agent_world_t *w, const char *member)
{
    return kith_arena_printf(
        w->arena, "{ id = \"%s\"; name = \"Example %s\"; phone = \"01632 960001\"; epoch = 1;%s }",
        member, member, rings(w, member));
}

static const char *const topics =
    "topics = (\n"
    " { name = \"call-out\"; class = \"event\"; type = \"event\"; lane = \"normal\"; },\n"
    " { name = \"concern\"; class = \"event\"; type = \"event\"; lane = \"urgent\"; },\n"
    " { name = \"referral\"; class = \"referral\"; type = \"referral\"; lane = \"normal\"; },\n"
    " { name = \"referral-answer\"; class = \"referral\"; type = \"referral-answer\";"
    " lane = \"normal\"; },\n"
    " { name = \"alert\"; class = \"alert\"; type = \"alert\"; lane = \"urgent\"; },\n"
    " { name = \"reply\"; class = \"alert\"; type = \"reply\"; lane = \"urgent\"; },\n"
    " { name = \"household\"; class = \"household\"; type = \"household\"; lane = \"normal\"; },\n"
    " { name = \"seen\"; class = \"household\"; type = \"seen\"; lane = \"normal\"; },\n"
    " { name = \"directory\"; class = \"directory\"; type = \"directory\"; lane = \"normal\"; },\n"
    " { name = \"assessment\"; class = \"household\"; type = \"assessment\"; lane = \"normal\"; "
    "},\n"
    " { name = \"plan\"; class = \"household\"; type = \"plan\"; lane = \"normal\"; },\n"
    " { name = \"small-help\"; class = \"household\"; type = \"small-help\"; lane = \"normal\"; }\n"
    ");\n"
    "pots = ( { id = \"joined-up\"; name = \"The pot\"; holder = \"police\"; pence = 5000; } );\n"
    "clauses = ( { id = \"1\"; classes = [ \"event\", \"referral\", \"alert\", \"household\", "
    "\"directory\" ]; from = [ \"*\" ]; to = [ \"*\" ]; } );\n"
    "subscriptions = ( { agency = \"police\"; topics = [ \"*\" ]; },\n"
    " { agency = \"housing\"; topics = [ \"*\" ]; },\n"
    " { agency = \"social-care\"; topics = [ \"*\" ]; } );\n";

static void write_files(agent_world_t *w)
{
    agent_world_put(
        w->partnership,
        kith_arena_printf(
            w->arena,
            "partnership = { id = \"exampletown\"; version = 1; exercise = true;\n"
            " front_door = \"social-care\"; };\n"
            "agencies = (\n%s,\n%s,\n%s\n);\n"
            "brokers = ( { id = \"hub-a\"; endpoint = \"tcp://127.0.0.1:5670\";%s } );\n%s",
            agency_line(w, members[0]), agency_line(w, members[1]), agency_line(w, members[2]),
            rings(w, "hub-a"), topics));
    agent_world_put(
        w->cfg, "agency = \"police\";\n"
                "partnership = \"../partnership.cfg\";\n"
                "keys = \"../keys/police\";\n"
                "brokers = [ \"hub-a\" ];\n"
                "store = { folder = \"../store/police\"; map = \"64MiB\"; reserve = \"1MiB\"; };\n"
                "api = { socket = \"../run/police.sock\"; };\n"
                "users = ( { uid = 1000; name = \"duty\"; role = \"duty sergeant\"; },\n"
                " { name = \"screen\"; role = \"front desk\"; } );\n"
                "gateways = [ 1001 ];\n");
}

int agent_world_begin(void **state)
{
    agent_world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    assert_true(scratch_make(&w->scratch));
    assert_int_equal(keys_begin(), KITH_OK);
    w->arena = kith_arena_new(64u << 20);
    make_folder(w, "keys");
    make_folder(w, "agents");
    make_folder(w, "run");
    scratch_path(&w->scratch, "partnership.cfg", w->partnership);
    scratch_path(&w->scratch, "agents/police.cfg", w->cfg);
    write_files(w);
    const char *error = agent_world_load(w);
    if (error)
        fail_msg("%s", error);
    *state = w;
    return 0;
}

int agent_world_end(void **state)
{
    agent_world_t *w = *state;
    scratch_remove(&w->scratch);
    kith_arena_destroy(&w->agreement_arena);
    kith_arena_destroy(&w->arena);
    free(w);
    return 0;
}

void agent_world_change(const agent_world_t *w, const char *path, const char *old,
                        const char *new_text)
{
    char *text = agent_world_text(w, path);
    char *at = strstr(text, old);
    if (!at)
        fail_msg("%s holds no %s", path, old);
    *at = '\0';
    agent_world_put(path, kith_arena_printf(w->arena, "%s%s%s", text, new_text, at + strlen(old)));
}

const char *agent_world_load(agent_world_t *w)
{
    const char *error = NULL;
    kith_arena_t *arena = kith_arena_new(16u << 20);
    kith_err err = agent_conf_load(w->cfg, w->arena, arena, &w->conf, &w->agreement, &error);
    if (err == KITH_OK) {
        kith_arena_destroy(&w->agreement_arena);
        w->agreement_arena = arena;
        assert_null(error);
        return NULL;
    }
    kith_arena_destroy(&arena);
    assert_int_equal(err, KITH_CONFIG);
    assert_non_null(error);
    return error;
}
