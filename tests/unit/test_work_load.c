/* Family load: each event counts once, in its own household, day, agency and topic; a cost is what
 * the partnership says it is, and never guessed. */
#include "base/text.h"
#include "tests/unit/work_world.h"

static const char *const team[] = {"housing", NULL};

static kith_cost_t costs[] = {
    {.code = "officer-hour", .by_hour = true, .pence = 4500},
    {.code = "call-out", .by_hour = false, .pence = 26050},
};

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static Kith__Api__LoadResponse *load_in(world_t *w, const char *agency,
                                        ProtobufCBinaryData household, int64_t from_ms,
                                        int64_t to_ms)
{
    Kith__Api__LoadResponse *load = kith_arena_need(w->arena, sizeof *load);
    kith__api__load_response__init(load);
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_load(&world_node(w, agency)->work, txn, w->arena,
                               (kith_bytes_t){household.data, household.len}, from_ms, to_ms,
                               w->now_ms, load),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return load;
}

/* "police police.arrest 2/90; …" */
static const char *line_in(world_t *w, const char *agency, ProtobufCBinaryData household,
                           int64_t from_ms, int64_t to_ms)
{
    Kith__Api__LoadResponse *load = load_in(w, agency, household, from_ms, to_ms);
    char *text = kith_arena_str(w->arena, "");
    uint64_t count = 0, minutes = 0;
    for (size_t i = 0; i < load->n_rows; i++) {
        const Kith__Api__LoadRow *row = load->rows[i];
        text = kith_arena_printf(w->arena, "%s%s%s %s %u/%u", text, i > 0 ? "; " : "", row->agency,
                                 row->topic, (unsigned)row->count, (unsigned)row->minutes);
        count += row->count;
        minutes += row->minutes;
    }
    assert_int_equal(load->count, count);
    assert_int_equal(load->minutes, minutes);
    return text;
}

static const char *line(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    return line_in(w, agency, household, 0, 0);
}

static Kith__Api__Draft *event(world_t *w, const char *topic, ProtobufCBinaryData household,
                               const char *occurred, uint32_t minutes)
{
    Kith__Api__Draft *draft = world_event(w, topic);
    draft->household = household;
    draft->event->occurred_ms = at(occurred);
    draft->event->minutes_spent = minutes;
    return draft;
}

static Kith__Api__Draft *of_record(world_t *w, Kith__Api__Draft *draft, const char *id)
{
    Kith__Reference *source = kith_arena_need(w->arena, sizeof *source);
    kith__reference__init(source);
    source->system = NAME("rms");
    source->id = NAME(id);
    draft->event->source = source;
    return draft;
}

static void events_add_up_by_agency_and_topic(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    ProtobufCBinaryData other = world_household(w, "police", team);
    world_say(w, "police", event(w, "police.call-out", family, "2025-11-02T10:00:00Z", 90));
    world_say(w, "police", event(w, "police.call-out", family, "2025-12-30T23:59:59Z", 30));
    world_say(w, "police", event(w, "police.arrest", family, "2025-12-31T00:00:00Z", 240));
    world_say(w, "housing", event(w, "police.call-out", family, "2025-12-31T10:00:00Z", 5));
    world_submit(w, "police", event(w, "police.call-out", other, "2025-12-31T10:00:00Z", 7));
    static const char whole[] = "housing police.call-out 1/5; police police.arrest 1/240; "
                                "police police.call-out 2/120";
    assert_string_equal(line(w, "police", family), whole);
    assert_string_equal(line(w, "housing", family), whole);
    assert_string_equal(line(w, "police", other), "police police.call-out 1/7");
}

static void a_window_is_of_whole_days(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    world_submit(w, "police", event(w, "police.call-out", family, "2025-03-29T23:59:59Z", 1));
    world_submit(w, "police", event(w, "police.call-out", family, "2025-03-30T00:30:00Z", 2));
    world_submit(w, "police", event(w, "police.call-out", family, "2025-03-31T00:00:00Z", 4));
    assert_string_equal(
        line_in(w, "police", family, at("2025-03-30T12:00:00Z"), at("2025-03-31T00:00:00Z")),
        "police police.call-out 1/2");
    assert_string_equal(line_in(w, "police", family, at("2025-03-30"), at("2025-03-31T00:00:01Z")),
                        "police police.call-out 2/6");
    assert_string_equal(line_in(w, "police", family, 0, at("2025-03-30")),
                        "police police.call-out 1/1");
    assert_string_equal(line_in(w, "police", family, at("2026-01-01"), 0), "");
}

static void an_event_costs_what_the_partnership_says(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    static const struct {
        const char *code;
        uint32_t minutes;
    } events[] = {{"officer-hour", 50},  {"officer-hour", 50}, {"officer-hour", 0},
                  {"call-out", 0},       {"no-such-code", 30}, {"", 30},
                  {"no name at all", 30}};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        Kith__Api__Draft *draft =
            event(w, "police.call-out", family, "2025-11-02T10:00:00Z", events[i].minutes);
        draft->event->cost_code = NAME(events[i].code);
        world_submit(w, "police", draft);
    }
    Kith__Api__LoadResponse *load = load_in(w, "police", family, 0, 0);
    assert_int_equal(load->cost, 0);
    assert_int_equal(load->uncosted, 7);
    w->agreement.costs = costs;
    w->agreement.costs_count = 2;
    load = load_in(w, "police", family, 0, 0);
    assert_int_equal(load->cost, 100 * 4500 / 60 + 26050);
    assert_int_equal(load->rows[0]->cost, load->cost);
    assert_int_equal(load->uncosted, 4); /* without a time, and three without a known code */
    assert_int_equal(load->count, 7);
    assert_int_equal(load->minutes, 190);
}

static void minutes_are_rounded_once(void **state)
{
    static kith_cost_t penny[] = {{.code = "visit", .by_hour = true, .pence = 100}};
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    for (size_t i = 0; i < 60; i++) {
        Kith__Api__Draft *draft =
            event(w, "police.call-out", family, "2025-11-02T10:00:00Z", i % 2 == 0 ? 1 : 2);
        draft->event->cost_code = NAME("visit");
        draft->event->occurred_ms += (int64_t)i * DAY;
        world_submit(w, "police", draft);
    }
    w->agreement.costs = penny;
    w->agreement.costs_count = 1;
    assert_int_equal(load_in(w, "police", family, 0, 0)->cost, 150);
}

static void a_cost_beyond_all_bounds_is_the_largest_number(void **state)
{
    static kith_cost_t dear[] = {{.code = "visit", .by_hour = true, .pence = UINT64_MAX / 2}};
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Api__Draft *draft =
        event(w, "police.call-out", family, "2025-11-02T10:00:00Z", UINT32_MAX);
    draft->event->cost_code = NAME("visit");
    world_submit(w, "police", draft);
    w->agreement.costs = dear;
    w->agreement.costs_count = 1;
    assert_true(load_in(w, "police", family, 0, 0)->cost == UINT64_MAX / 60);
}

static void a_link_moves_what_counts_and_undoing_it_moves_it_back(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Api__Draft *draft =
        event(w, "police.call-out", (ProtobufCBinaryData){0}, "2025-11-02T10:00:00Z", 20);
    world_about(w, draft, "A-1");
    world_submit(w, "police", draft);
    assert_string_equal(line(w, "police", family), "");
    world_link(w, "police", "A-1", family);
    assert_string_equal(line(w, "police", family), "police police.call-out 1/20");
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest undo = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME("A-1");
    undo.ref = &ref;
    undo.why = NAME("same address");
    undo.undo = true;
    assert_int_equal(world_try_link(w, "police", &undo), KITH_OK);
    assert_string_equal(line(w, "police", family), "");
    world_link(w, "police", "A-1", family);
    world_submit(w, "police", draft); /* now by the link */
    assert_string_equal(line(w, "police", family), "police police.call-out 2/40");
}

/* The second notice of a record says more than the first; a third of another record is none of
 * theirs. */
static void a_record_counts_once_by_its_newest_notice_in_any_order(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family =
        world_household(w, "police", (const char *const[]){"housing", "social-care", NULL});
    Kith__Notice *said[3];
    for (size_t i = 0; i < 3; i++) {
        Kith__Api__Draft *draft =
            event(w, i == 0 ? "police.call-out" : "police.arrest", family,
                  i == 0 ? "2025-11-02T10:00:00Z" : "2025-11-03T10:00:00Z", 10 + (uint32_t)i);
        said[i] = world_submit(w, "police", of_record(w, draft, i == 2 ? "7002" : "7001"));
    }
    for (size_t i = 0; i < 3; i++) {
        world_deliver(w, "housing", said[i]);
        world_deliver(w, "social-care", said[2 - i]);
    }
    static const char wanted[] = "police police.arrest 2/23";
    assert_string_equal(line(w, "police", family), wanted);
    assert_string_equal(line(w, "housing", family), wanted);
    assert_string_equal(line(w, "social-care", family), wanted);
}

static void two_agencies_may_use_one_record_id(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    static const char *const both[] = {"police", "housing"};
    for (size_t i = 0; i < 2; i++) {
        world_say(
            w, both[i],
            of_record(w, event(w, "police.call-out", family, "2025-11-02T10:00:00Z", 1), "7001"));
    }
    assert_string_equal(line(w, "housing", family),
                        "housing police.call-out 1/1; police police.call-out 1/1");
}

/* What was filed under no household, by a link of a record that its newest notice leaves out. */
static void the_older_notice_of_a_record_is_not_counted_again_when_it_moves(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    for (uint32_t i = 1; i <= 2; i++) {
        Kith__Api__Draft *draft =
            event(w, "police.call-out", (ProtobufCBinaryData){0}, "2025-11-02T10:00:00Z", i);
        world_about(w, draft, "A-1");
        world_submit(w, "police", of_record(w, draft, "7001"));
    }
    world_link(w, "police", "A-1", family);
    assert_string_equal(line(w, "police", family), "police police.call-out 1/2");
}

/* The retelling names the first as its cause, and neither has a record. */
static void what_is_told_again_of_the_same_counts_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Notice *first =
        world_say(w, "police", event(w, "police.call-out", family, "2025-11-02T10:00:00Z", 5));
    for (uint32_t minutes = 6; minutes < 9; minutes++) {
        Kith__Api__Draft *again =
            event(w, "police.call-out", family, "2025-11-02T10:00:00Z", minutes);
        again->caused_by = &first->id;
        again->n_caused_by = 1;
        world_say(w, "police", again);
        assert_string_equal(
            line(w, "housing", family),
            kith_arena_printf(w->arena, "police police.call-out 1/%u", (unsigned)minutes));
    }
    Kith__Api__Draft *other = event(w, "police.call-out", family, "2025-11-02T11:00:00Z", 20);
    other->caused_by = &first->id; /* another incident, that followed */
    other->n_caused_by = 1;
    world_say(w, "police", other);
    assert_string_equal(line(w, "housing", family), "police police.call-out 2/28");
}

static void an_early_event_counts_when_its_turn_comes(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Notice *notice =
        world_submit(w, "police", event(w, "police.call-out", family, "2025-11-02T10:00:00Z", 9));
    assert_int_equal(world_try_deliver(w, "housing", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_string_equal(line(w, "housing", family), "");
    world_deliver(w, "housing", notice);
    assert_string_equal(line(w, "housing", family), "police police.call-out 1/9");
}

static void what_came_before_its_household_was_known_counts(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    Kith__Notice *opening = world_submit(w, "police", draft);
    Kith__Notice *notice = world_submit(
        w, "police", event(w, "police.call-out", opening->household, "2025-11-02T10:00:00Z", 9));
    world_deliver(w, "social-care", notice);
    world_deliver(w, "social-care", opening);
    assert_string_equal(line(w, "social-care", opening->household), "police police.call-out 1/9");
}

static void only_events_count(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", team);
    Kith__Api__Draft *referral = world_referral(w, "housing");
    referral->household = family;
    world_say(w, "police", referral);
    world_say(w, "police", world_alert(w, family));
    assert_string_equal(line(w, "police", family), "");
    assert_string_equal(line(w, "housing", family), "");
}

static void a_household_that_is_not_known_has_no_load(void **state)
{
    world_t *w = *state;
    uint8_t id[16] = {1};
    Kith__Api__LoadResponse load = KITH__API__LOAD_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(work_load(&world_node(w, "police")->work, txn, w->arena,
                               (kith_bytes_t){id, sizeof id}, 0, 0, w->now_ms, &load),
                     KITH_NOT_FOUND);
    memtxn_abort(world_node(w, "police")->store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_add_up_by_agency_and_topic),
        TEST(a_window_is_of_whole_days),
        TEST(an_event_costs_what_the_partnership_says),
        TEST(minutes_are_rounded_once),
        TEST(a_cost_beyond_all_bounds_is_the_largest_number),
        TEST(a_link_moves_what_counts_and_undoing_it_moves_it_back),
        TEST(a_record_counts_once_by_its_newest_notice_in_any_order),
        TEST(two_agencies_may_use_one_record_id),
        TEST(the_older_notice_of_a_record_is_not_counted_again_when_it_moves),
        TEST(what_is_told_again_of_the_same_counts_once),
        TEST(an_early_event_counts_when_its_turn_comes),
        TEST(what_came_before_its_household_was_known_counts),
        TEST(only_events_count),
        TEST(a_household_that_is_not_known_has_no_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
