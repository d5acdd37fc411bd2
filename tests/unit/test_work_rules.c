/* Rules over a family's events: each agency by what it has itself, a proposal made once when the
 * counts are reached and nobody leads, and again only after they had fallen. */
#include "agents/work/parts.h"
#include "base/text.h"
#include "tests/unit/work_world.h"

static const char *const housing[] = {"housing", NULL};
static const char *arrests[] = {"police.arrest"};
static kith_rule_t early_help = {
    .name = "three-from-two",
    .proposes = KITH_PROPOSES_EARLY_HELP,
    .notices = 3,
    .agencies = 2,
    .days = 30,
    .unless_lead = true,
};

#define PROPOSED "early-help-proposed"

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static world_t *with(void **state, kith_rule_t *rule)
{
    world_t *w = *state;
    w->agreement.rules = rule;
    w->agreement.rules_count = 1;
    return w;
}

static Kith__Notice *say(world_t *w, const char *agency, ProtobufCBinaryData family)
{
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = family;
    draft->event->minutes_spent = 60;
    return world_say(w, agency, draft);
}

static size_t lines(world_t *w, const char *agency, const char *kind)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__FeedResponse *feed = world_feed(w, agency, ask);
    size_t count = 0;
    for (size_t i = 0; i < feed->n_entries; i++)
        count += strcmp(feed->entries[i]->kind, kind) == 0;
    return count;
}

static void assert_proposed(world_t *w, const char *agency, size_t times)
{
    assert_int_equal(lines(w, agency, PROPOSED), times);
    const char *tasks = world_tasks(w, agency);
    assert_int_equal(strstr(tasks, PROPOSED) != NULL, times > 0);
}

static void three_events_from_two_agencies_propose_early_help_once(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    say(w, "police", family);
    say(w, "police", family);
    assert_proposed(w, "police", 0);
    Kith__Notice *third = say(w, "housing", family);
    assert_proposed(w, "police", 1);
    assert_proposed(w, "housing", 1);
    Kith__Api__FeedEntry *line = world_last(w, "police");
    assert_string_equal(line->summary,
                        "early help proposed: three-from-two: 3 or more events by 2 agencies "
                        "within 30 days, and nobody leads");
    assert_string_equal(line->origin, "housing"); /* of what brought it */
    assert_memory_equal(line->id.data, third->id.data, third->id.len);
    assert_memory_equal(line->household.data, family.data, family.len);
    assert_string_equal(world_tasks(w, "police"), PROPOSED " police");
    say(w, "housing", family);
    say(w, "police", family);
    world_tick(w, "police");
    world_tick(w, "housing");
    assert_proposed(w, "police", 1);
    assert_proposed(w, "housing", 1);
}

static void each_agency_goes_by_what_it_has_itself(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    say(w, "housing", family);
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = family;
    for (size_t i = 0; i < 2; i++)
        world_submit(w, "police", draft); /* does not arrive */
    assert_proposed(w, "police", 1);
    assert_proposed(w, "housing", 0);
}

static void one_agency_alone_proposes_nothing(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (size_t i = 0; i < 20; i++)
        say(w, "police", family);
    assert_proposed(w, "police", 0);
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
}

static void only_the_topics_it_names_count(void **state)
{
    kith_rule_t rule = early_help;
    rule.topics = arrests;
    rule.topics_count = 1;
    world_t *w = with(state, &rule);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (size_t i = 0; i < 3; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    assert_proposed(w, "police", 0);
    for (size_t i = 0; i < 3; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.arrest");
        draft->household = family;
        world_say(w, i == 0 ? "housing" : "police", draft);
    }
    assert_proposed(w, "police", 1);
}

static void minutes_are_a_limit_of_their_own(void **state)
{
    kith_rule_t rule = early_help;
    rule.proposes = KITH_PROPOSES_LEAD;
    rule.notices = 0;
    rule.minutes = 240;
    rule.agencies = 1;
    world_t *w = with(state, &rule);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (size_t i = 0; i < 3; i++)
        say(w, "police", family);
    assert_string_equal(world_tasks(w, "police"), "");
    say(w, "police", family);
    assert_string_equal(world_tasks(w, "police"), "lead-practitioner-wanted police");
    assert_string_equal(world_last(w, "housing")->summary,
                        "lead practitioner wanted: three-from-two: events of 240 or more minutes "
                        "within 30 days, and nobody leads");
}

static void where_somebody_leads_nothing_is_proposed(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    Kith__Api__Draft *lead = world_change(w, family);
    world_lead(w, lead, "housing");
    world_say(w, "police", lead);
    for (size_t i = 0; i < 3; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    assert_proposed(w, "police", 0);
    early_help.unless_lead = false;
    say(w, "police", family);
    early_help.unless_lead = true;
    assert_proposed(w, "police", 1);
}

static void naming_who_leads_ends_it(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (size_t i = 0; i < 2; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    w->now_ms += 60 * DAY;
    world_tick(w, "police"); /* the counts have fallen; people have not answered yet */
    assert_proposed(w, "police", 1);
    Kith__Api__Draft *lead = world_change(w, family);
    world_lead(w, lead, "housing");
    world_say(w, "police", lead);
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(world_tasks(w, "housing"), "read-first police");
    assert_int_equal(world_tick(w, "housing"), INT64_MAX);
    for (size_t i = 0; i < 2; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    assert_int_equal(lines(w, "police", PROPOSED), 1);
}

/* Passed, told, fallen when the window ends, and told again when it is passed again: on every day
 * of a year, over both clock changes and the holidays. Not a millisecond early. */
static void a_year_of_windows_each_told_once(void **state)
{
    kith_rule_t rule = early_help;
    rule.days = 7;
    world_t *w = with(state, &rule);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    const char *const both[] = {"police", "housing"};
    size_t times = 0;
    for (int64_t day = at("2026-01-05"); day < at("2027-01-05"); day += 9 * DAY) {
        w->now_ms = day + 10 * 60 * MINUTE;
        say(w, "police", family);
        w->now_ms = day + DAY + 10 * 60 * MINUTE;
        say(w, "police", family);
        say(w, "housing", family);
        times++;
        for (size_t i = 0; i < 2; i++) {
            /* without the first day there are two */
            assert_int_equal(world_tick(w, both[i]), day + 7 * DAY);
            w->now_ms = day + 7 * DAY - 1;
            assert_int_equal(world_tick(w, both[i]), day + 7 * DAY);
            assert_proposed(w, both[i], times);
        }
        for (size_t i = 0; i < 2; i++) {
            w->now_ms = day + 7 * DAY;
            assert_int_equal(world_tick(w, both[i]), INT64_MAX);
            assert_int_equal(world_tick(w, both[i]), INT64_MAX);
            assert_proposed(w, both[i], times);
        }
    }
    assert_int_equal(times, 41);
    assert_string_equal(world_tasks(w, "police"), PROPOSED " police"); /* one, for all */
}

/* More events move its end; due while the agent was down, it falls once at the start. */
static void what_keeps_coming_is_one_passing(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    int64_t start = w->now_ms;
    for (size_t i = 0; i < 40; i++) {
        say(w, i % 2 == 0 ? "police" : "housing", family);
        w->now_ms += 5 * DAY;
        world_tick(w, "police");
    }
    assert_proposed(w, "police", 1);
    w->now_ms = start + 1000 * DAY;
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    assert_int_equal(world_tick(w, "housing"), INT64_MAX);
    for (size_t i = 0; i < 2; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    assert_proposed(w, "police", 2);
    assert_proposed(w, "housing", 2);
}

static void what_happened_long_ago_is_not_of_the_window(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (int i = 0; i < 4; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.call-out");
        draft->household = family;
        draft->event->occurred_ms = w->now_ms - 30 * DAY;
        world_say(w, i % 2 == 0 ? "police" : "housing", draft);
    }
    assert_proposed(w, "police", 0);
    for (int i = 0; i < 4; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.call-out");
        draft->household = family;
        draft->event->occurred_ms = w->now_ms - 29 * DAY;
        world_say(w, i % 2 == 0 ? "police" : "housing", draft);
    }
    assert_proposed(w, "police", 1);
    assert_int_equal(world_tick(w, "police"), at("2026-01-02"));
}

static void whatever_order_they_arrive_in_it_is_proposed_once(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family =
        world_household(w, "police", (const char *const[]){"housing", "social-care", NULL});
    Kith__Notice *said[4];
    for (size_t i = 0; i < 4; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.call-out");
        draft->household = family;
        said[i] = world_submit(w, i == 0 ? "housing" : "police", draft);
    }
    for (size_t i = 0; i < 4; i++) {
        world_deliver(w, "social-care", said[3 - i]);
        if (i < 3)
            world_deliver(w, "housing", said[i + 1]);
    }
    assert_proposed(w, "social-care", 1);
    assert_proposed(w, "housing", 1);
}

static void a_link_may_pass_it_and_undoing_the_link_lets_it_fall(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    say(w, "housing", family);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = world_event(w, "police.call-out");
        world_about(w, draft, "A-1");
        world_submit(w, "police", draft);
    }
    assert_proposed(w, "police", 0);
    world_link(w, "police", "A-1", family);
    assert_proposed(w, "police", 1);
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest undo = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME("A-1");
    undo.ref = &ref;
    undo.why = NAME("same address");
    undo.undo = true;
    assert_int_equal(world_try_link(w, "police", &undo), KITH_OK);
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    world_link(w, "police", "A-1", family);
    assert_proposed(w, "police", 2);
}

static void events_of_a_household_that_becomes_known_are_looked_at_then(void **state)
{
    world_t *w = with(state, &early_help);
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    Kith__Notice *opening = world_submit(w, "police", draft);
    world_deliver(w, "housing", opening);
    for (size_t i = 0; i < 2; i++) {
        Kith__Notice *said = say(w, "police", opening->household);
        world_deliver(w, "social-care", said);
        said = say(w, "housing", opening->household);
        world_deliver(w, "social-care", said);
    }
    assert_int_equal(lines(w, "social-care", PROPOSED), 0);
    world_deliver(w, "social-care", opening);
    assert_proposed(w, "social-care", 1);
}

static void a_rule_that_is_no_more_ends_quietly(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    for (size_t i = 0; i < 2; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    w->agreement.rules_count = 0;
    w->now_ms += 60 * DAY;
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    uint64_t rows = 1;
    assert_int_equal(kith_count(world_begin(w, "police"), AGENT_TABLE_RULES, &rows), KITH_OK);
    memtxn_abort(world_node(w, "police")->store);
    assert_int_equal(rows, 0);
}

static void load_names_the_rules_that_are_passed_whoever_leads(void **state)
{
    world_t *w = with(state, &early_help);
    ProtobufCBinaryData family = world_household(w, "police", housing);
    Kith__Api__Draft *lead = world_change(w, family);
    world_lead(w, lead, "housing");
    world_say(w, "police", lead);
    for (size_t i = 0; i < 2; i++) {
        say(w, "police", family);
        say(w, "housing", family);
    }
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__LoadResponse load = KITH__API__LOAD_RESPONSE__INIT;
        kith_txn_t *txn = world_begin(w, "police");
        assert_int_equal(work_load(&world_node(w, "police")->work, txn, w->arena, bytes_of(family),
                                   0, 0, w->now_ms, &load),
                         KITH_OK);
        memtxn_abort(world_node(w, "police")->store);
        assert_string_equal(load.lead, "housing");
        assert_int_equal(load.n_limits, i == 0);
        if (i == 0)
            assert_string_equal(load.limits[0], "three-from-two");
        w->now_ms += 60 * DAY;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(three_events_from_two_agencies_propose_early_help_once),
        TEST(each_agency_goes_by_what_it_has_itself),
        TEST(one_agency_alone_proposes_nothing),
        TEST(only_the_topics_it_names_count),
        TEST(minutes_are_a_limit_of_their_own),
        TEST(where_somebody_leads_nothing_is_proposed),
        TEST(naming_who_leads_ends_it),
        TEST(a_year_of_windows_each_told_once),
        TEST(what_keeps_coming_is_one_passing),
        TEST(what_happened_long_ago_is_not_of_the_window),
        TEST(whatever_order_they_arrive_in_it_is_proposed_once),
        TEST(a_link_may_pass_it_and_undoing_the_link_lets_it_fall),
        TEST(events_of_a_household_that_becomes_known_are_looked_at_then),
        TEST(a_rule_that_is_no_more_ends_quietly),
        TEST(load_names_the_rules_that_are_passed_whoever_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
