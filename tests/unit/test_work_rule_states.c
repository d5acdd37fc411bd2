/* The states of the partnership's rules, as docs/STATES.md draws them: each row of its tables is
 * made from what the code does in each state, and must stand there word for word. */
#include "agents/work/parts.h"
#include "base/text.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name

static const char *const team[] = {"housing", "school", NULL};
static const char *to_housing[] = {"housing"};

static void assert_drawn(world_t *w, const char *line)
{
    char *text = kith_arena_need(w->arena, 64 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, 64 * 1024 - 1, file);
    (void)fclose(file);
    assert_true(size > 0 && size < 64 * 1024 - 1);
    if (strstr(text, line) == NULL)
        fail_msg("docs/STATES.md does not say: %s", line);
}

static bool task(world_t *w, const char *kind)
{
    return strstr(world_tasks(w, "housing"), kind) != NULL;
}

static uint64_t lines(world_t *w, const char *kind)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__FeedResponse *feed = world_feed(w, "housing", ask);
    uint64_t count = 0;
    for (size_t i = 0; i < feed->n_entries; i++)
        count += strcmp(feed->entries[i]->kind, kind) == 0;
    return count;
}

/* Where housing holds the rule to stand. */
static rule_row_t row_of(world_t *w, const char *rule, ProtobufCBinaryData household,
                         const char *need)
{
    rule_row_t row;
    kith_txn_t *txn = world_begin(w, "housing");
    work_ctx_t at = {.work = &world_node(w, "housing")->work, .txn = txn, .arena = w->arena};
    assert_int_equal(rule_find(&at, rule, bytes_of(household), need, &row), KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    return row;
}

/* ---- over a family's events ---- */

static kith_rule_t rule = {
    .name = "two-from-two", .notices = 2, .agencies = 2, .days = 30, .unless_lead = true};

static void events(world_t *w, ProtobufCBinaryData family, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.call-out");
        draft->household = family;
        world_say(w, i == 0 ? "police" : "housing", draft);
    }
}

static void lead(world_t *w, ProtobufCBinaryData family)
{
    Kith__Api__Draft *draft = world_change(w, family);
    world_lead(w, draft, "school");
    world_say(w, "police", draft);
}

static const char *rule_word(world_t *w, ProtobufCBinaryData family)
{
    return row_of(w, rule.name, family, "").held ? "passed" : "not passed";
}

/* What one column does to a rule in one state. Not passed: it was, and a task still waits. */
static const char *rule_cell(void **state, bool passed, size_t column)
{
    world_teardown(state);
    world_setup(state);
    world_t *w = *state;
    w->agreement.rules = &rule;
    w->agreement.rules_count = 1;
    ProtobufCBinaryData family = world_household(w, "police", team);
    events(w, family, 2);
    if (!passed) {
        w->now_ms += 60 * DAY;
        world_tick(w, "housing");
    }
    assert_string_equal(rule_word(w, family), passed ? "passed" : "not passed");
    uint64_t before = lines(w, "early-help-proposed");
    if (column == 0) {
        events(w, family, 2);
    } else if (column == 1) {
        w->now_ms += 60 * DAY;
        world_tick(w, "housing");
        events(w, family, 1);
    } else {
        lead(w, family);
        events(w, family, 2);
    }
    const char *word = rule_word(w, family);
    bool waits = task(w, "early-help-proposed");
    if (lines(w, "early-help-proposed") > before)
        return kith_arena_printf(w->arena,
                                 "**%s**: a feed line, and a task `early-help-proposed` or "
                                 "`lead-practitioner-wanted`",
                                 word);
    return kith_arena_printf(w->arena, "%s%s", word,
                             !waits ? ": the task ends"
                             : passed && strcmp(word, "not passed") == 0
                                 ? ": the task waits for a person"
                                 : "");
}

static void a_rule_over_events_is_as_it_is_drawn(void **state)
{
    for (int passed = 0; passed < 2; passed++) {
        char cells[3][256];
        for (size_t column = 0; column < 3; column++)
            (void)snprintf(cells[column], sizeof *cells, "%s", rule_cell(state, passed, column));
        world_t *w = *state;
        assert_drawn(w, kith_arena_printf(w->arena, "| %s | %s | %s | %s |",
                                          passed ? "passed" : "not passed", cells[0], cells[1],
                                          cells[2]));
    }
}

/* ---- what is expected ---- */

static void come(world_t *w)
{
    Kith__Api__Draft *draft = world_event(w, "police.arrest");
    world_to(w, draft, "housing");
    world_say(w, "police", draft);
}

static void next_hour(world_t *w)
{
    w->now_ms = world_tick(w, "housing");
    world_tick(w, "housing");
}

static const char *expected_word(world_t *w)
{
    rule_row_t row = row_of(w, "notices", (ProtobufCBinaryData){0}, "");
    return row.row.told_ms != 0 ? "missing" : "waiting";
}

static const char *expected_cell(void **state, bool missing, size_t column)
{
    world_teardown(state);
    world_setup(state);
    world_t *w = *state;
    kith_expected_t *expected = kith_arena_need(w->arena, sizeof *expected);
    *expected = (kith_expected_t){.name = "notices",
                                  .topic = "*",
                                  .from = "police",
                                  .by_ms = 510 * (int32_t)MINUTE,
                                  .since_ms = -1,
                                  .calendar = w->agreement.agencies[0].calendar,
                                  .to = to_housing,
                                  .to_count = 1};
    w->agreement.expected = expected;
    w->agreement.expected_count = 1;
    next_hour(w);
    if (missing)
        next_hour(w);
    assert_string_equal(expected_word(w), missing ? "missing" : "waiting");
    uint64_t before = lines(w, "nothing-arrived");
    if (column != 1)
        come(w);
    if (column == 0 && strcmp(expected_word(w), missing ? "missing" : "waiting") != 0)
        return "–"; /* what comes is seen when it comes */
    if (column != 2)
        next_hour(w);
    bool told = lines(w, "nothing-arrived") > before, waits = task(w, "nothing-arrived");
    if (told && missing)
        return kith_arena_printf(w->arena, "%s: a feed line for this day; the task stays one%s",
                                 expected_word(w), waits ? "" : "?");
    if (told)
        return kith_arena_printf(w->arena, "**%s**: a feed line, and a task `nothing-arrived`%s",
                                 expected_word(w), waits ? "" : "?");
    return kith_arena_printf(w->arena, "%s%s", expected_word(w),
                             missing && !waits ? ": the task ends" : "");
}

static void a_rule_about_what_is_expected_is_as_it_is_drawn(void **state)
{
    for (int missing = 0; missing < 2; missing++) {
        char cells[3][256];
        for (size_t column = 0; column < 3; column++)
            (void)snprintf(cells[column], sizeof *cells, "%s",
                           expected_cell(state, missing, column));
        world_t *w = *state;
        assert_drawn(w, kith_arena_printf(w->arena, "| %s | %s | %s | %s |",
                                          missing ? "missing" : "waiting", cells[0], cells[1],
                                          cells[2]));
    }
}

/* ---- needs ---- */

static Kith__Notice *refer(world_t *w, const char *from, const char *to, ProtobufCBinaryData family)
{
    Kith__Api__Draft *draft = world_referral(w, to);
    draft->household = family;
    return world_say(w, from, draft);
}

static const char *need_word(world_t *w, ProtobufCBinaryData family)
{
    rule_row_t row = row_of(w, KITH_RULE_NEED, family, "parenting");
    return !row.held ? "not open" : row.row.told_ms != 0 ? "told" : "open";
}

static const char *need_cell(void **state, size_t from, size_t column)
{
    static const char *const words[] = {"not open", "open", "told"};
    world_teardown(state);
    world_setup(state);
    world_t *w = *state;
    w->agreement.need_days = 14;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Notice *referral = from > 0 ? refer(w, "police", "housing", family) : NULL;
    if (from > 1) {
        w->now_ms += 15 * DAY;
        world_tick(w, "housing");
    }
    assert_string_equal(need_word(w, family), words[from]);
    uint64_t before = lines(w, KITH_RULE_NEED);
    if (column == 0) {
        refer(w, "police", "housing", family);
    } else if (column == 1) {
        w->now_ms += 15 * DAY;
        world_tick(w, "housing");
        if (from == 0)
            return "–"; /* there are no days that could be over */
    } else if (referral != NULL) {
        world_say(w, "housing", world_answer(w, referral, STEP(ACCEPTED)));
    }
    bool told = lines(w, KITH_RULE_NEED) > before;
    assert_int_equal(told, strcmp(need_word(w, family), "told") == 0 && from < 2);
    return told ? "**" KITH_RULE_NEED "**: a feed line" : need_word(w, family);
}

static void a_need_nobody_accepts_is_as_it_is_drawn(void **state)
{
    static const char *const words[] = {"not open", "open", "told"};
    for (size_t from = 0; from < 3; from++) {
        char cells[3][256];
        for (size_t column = 0; column < 3; column++)
            (void)snprintf(cells[column], sizeof *cells, "%s", need_cell(state, from, column));
        world_t *w = *state;
        assert_drawn(w, kith_arena_printf(w->arena, "| %s | %s | %s | %s |", words[from], cells[0],
                                          cells[1], cells[2]));
    }
}

static const char *twice_cell(void **state, bool twice, bool more)
{
    world_teardown(state);
    world_setup(state);
    world_t *w = *state;
    w->agreement.twice_days = 30;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Notice *first = refer(w, "housing", "police", family);
    Kith__Notice *second = twice ? refer(w, "housing", "school", family) : NULL;
    uint64_t before = lines(w, KITH_RULE_TWICE);
    assert_int_equal(before, twice);
    if (more)
        refer(w, "housing", "school", family);
    else
        world_say(w, "housing", world_answer(w, twice ? second : first, STEP(WITHDRAWN)));
    bool held = row_of(w, KITH_RULE_TWICE, family, "parenting").held;
    if (lines(w, KITH_RULE_TWICE) > before)
        return held ? "**" KITH_RULE_TWICE "**: a feed line" : "told and not kept";
    return held ? "asked twice" : "asked once";
}

static void a_need_asked_of_two_is_as_it_is_drawn(void **state)
{
    for (int twice = 0; twice < 2; twice++) {
        char cells[2][256];
        for (size_t column = 0; column < 2; column++)
            (void)snprintf(cells[column], sizeof *cells, "%s",
                           twice_cell(state, twice, column == 0));
        world_t *w = *state;
        assert_drawn(w,
                     kith_arena_printf(w->arena, "| %s | %s | %s |",
                                       twice ? "asked twice" : "asked once", cells[0], cells[1]));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_rule_over_events_is_as_it_is_drawn),
        TEST(a_rule_about_what_is_expected_is_as_it_is_drawn),
        TEST(a_need_nobody_accepts_is_as_it_is_drawn),
        TEST(a_need_asked_of_two_is_as_it_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
