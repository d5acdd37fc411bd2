/* Snooze: set for one matcher and a span of time; muted while it lasts; told when it runs out if
 * still open; ending it early acts at the next round; who and why is kept. */
#include "agents/work/parts.h"
#include "tests/unit/work_world_feed.h"

static const char *const housing[] = {"housing", NULL};

typedef struct matcher {
    ProtobufCBinaryData household;
    const char *kind, *topic;
    int64_t for_ms;
    const char *why;
} matcher_t;

static kith_err try_set(world_t *w, matcher_t matcher, Kith__Api__Snooze *ret_snooze)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    snooze.household = matcher.household;
    snooze.kind = NAME(matcher.kind != NULL ? matcher.kind : "");
    snooze.topic = NAME(matcher.topic != NULL ? matcher.topic : "");
    snooze.why = NAME(matcher.why != NULL ? matcher.why : "known, visit on Monday");
    snooze.until_ms = w->now_ms + matcher.for_ms;
    ask.snooze = &snooze;
    return world_try_snooze(w, "housing", &ask, ret_snooze);
}

static Kith__Api__Snooze set(world_t *w, matcher_t matcher)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    assert_int_equal(try_set(w, matcher, &snooze), KITH_OK);
    return snooze;
}

static kith_err try_end(world_t *w, uint64_t number, Kith__Api__Snooze *ret_snooze)
{
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    ask.end = number;
    return world_try_snooze(w, "housing", &ask, ret_snooze);
}

/* A household whose opening was looked at. */
static ProtobufCBinaryData family(world_t *w)
{
    world_tells(w);
    ProtobufCBinaryData household = world_household(w, "police", housing);
    world_looked(w, "housing", "duty", household, UINT64_MAX);
    return household;
}

static size_t shown(world_t *w, ProtobufCBinaryData household)
{
    return world_feed_of(w, "housing", household)->n_entries - 1;
}

static void muted_while_it_lasts_and_told_at_its_end(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = 3 * DAY});
    world_say_event(w, "police.call-out", household);
    world_say_event(w, "police.call-out", household);
    assert_int_equal(shown(w, household), 0);
    world_pass(w, "housing", snooze.until_ms);
    assert_string_equal(world_told(w, "housing", 0), "");
    assert_int_equal(shown(w, household), 0);
    world_pass(w, "housing", snooze.until_ms + MINUTE);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 2");
    assert_int_equal(shown(w, household), 2);
    world_pass(w, "housing", snooze.until_ms + 5 * HOUR);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 2");
}

static void nothing_open_at_its_end_is_told_to_nobody(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = 3 * DAY});
    Kith__Notice *notice = world_say_event(w, "police.call-out", household);
    w->now_ms += MINUTE;
    world_say(w, "housing", world_seen(w, notice));
    world_pass(w, "housing", snooze.until_ms + MINUTE);
    assert_int_equal(shown(w, household), 1);
    assert_string_equal(world_told(w, "housing", 0), "");
}

static void ended_early_acts_at_the_next_round(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = 3 * DAY});
    world_say_event(w, "police.call-out", household);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_int_equal(try_end(w, snooze.seq, &snooze), KITH_OK);
    assert_int_equal(snooze.ended_ms, w->now_ms);
    assert_string_equal(snooze.ended_by, "duty");
    world_pass(w, "housing", w->now_ms + 1000);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 1");
    assert_int_equal(shown(w, household), 1);
    world_pass(w, "housing", snooze.until_ms + HOUR); /* its old end is nothing any more */
    assert_int_equal(shown(w, household), 1);
    world_say_event(w, "police.call-out", household);
    assert_int_equal(shown(w, household), 2);
}

static void who_and_why_and_what_it_hid_is_kept(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    int64_t from_ms = w->now_ms;
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    world_say_event(w, "police.call-out", household);
    const Kith__Api__Snooze *held = world_snoozes(w, "housing", false)->snoozes[0];
    assert_int_equal(held->seq, snooze.seq);
    assert_string_equal(held->by, "duty");
    assert_string_equal(held->why, "known, visit on Monday");
    assert_int_equal(held->from_ms, from_ms);
    assert_int_equal(held->until_ms, from_ms + DAY);
    assert_int_equal(held->hid, 1);
    assert_int_equal(held->ended_ms, 0);
    world_pass(w, "housing", held->until_ms + MINUTE);
    assert_int_equal(world_snoozes(w, "housing", false)->n_snoozes, 0);
    held = world_snoozes(w, "housing", true)->snoozes[0];
    assert_int_equal(held->ended_ms, held->until_ms);
    assert_string_equal(held->ended_by, "");
    assert_int_equal(held->hid, 1);
}

static void what_was_looked_at_meanwhile_is_fresh_at_its_end(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    world_say_event(w, "police.call-out", household);
    world_looked(w, "housing", "duty", (ProtobufCBinaryData){0}, UINT64_MAX);
    world_pass(w, "housing", snooze.until_ms + MINUTE);
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.fresh = true;
    Kith__Api__FeedResponse *fresh = world_feed(w, "housing", ask);
    assert_int_equal(fresh->n_entries, 1);
    assert_string_equal(fresh->entries[0]->topic, "police.call-out");
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 1");
}

static void only_what_the_matcher_fits_is_muted(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = family(w), two = family(w);
    set(w, (matcher_t){.household = one, .kind = "event", .topic = "police.*", .for_ms = DAY});
    world_say_event(w, "police.call-out", two);
    assert_int_equal(shown(w, two), 1);
    world_say_event(w, "police.call-out", one);
    assert_int_equal(shown(w, one), 0);
    Kith__Api__Draft *change = world_change(w, one);
    world_member(w, change, "Younger child", false);
    world_say(w, "police", change);
    assert_int_equal(shown(w, one), 1);
    Kith__Api__FeedRequest all = KITH__API__FEED_REQUEST__INIT;
    all.household = one;
    all.snoozed = true;
    Kith__Api__FeedResponse *feed = world_feed(w, "housing", all);
    assert_int_equal(feed->n_entries, 3);
    assert_true(world_flag(feed->entries[1], "snoozed"));
    assert_false(world_flag(feed->entries[2], "snoozed"));
}

static void what_is_urgent_is_never_muted(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    set(w, (matcher_t){.household = household, .for_ms = DAY});
    world_say_event(w, "safeguarding.concern", household);
    world_say(w, "police", world_alert(w, household));
    assert_int_equal(shown(w, household), 2);
    world_pass(w, "housing", w->now_ms + MINUTE);
    assert_string_equal(world_told(w, "housing", 0), "urgent 2");
}

static void what_another_snooze_fits_stays_muted(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze first = set(w, (matcher_t){.household = household, .for_ms = HOUR});
    Kith__Api__Snooze second = set(w, (matcher_t){.topic = "police.call-out", .for_ms = 2 * HOUR});
    world_say_event(w, "police.call-out", household);
    world_pass(w, "housing", first.until_ms + MINUTE);
    assert_int_equal(shown(w, household), 0);
    assert_int_equal(world_snoozes(w, "housing", false)->snoozes[0]->hid, 1);
    assert_string_equal(world_told(w, "housing", 0), "");
    world_pass(w, "housing", second.until_ms + MINUTE);
    assert_int_equal(shown(w, household), 1);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 1");
}

/* More than one tick brings back, with a restart between: all state is in the store. */
static void many_come_back_each_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    for (size_t i = 0; i < 300; i++) {
        world_say_event(w, "police.call-out", household);
    }
    w->now_ms = snooze.until_ms + 5 * DAY; /* the agent was down */
    assert_int_equal(world_tick(w, "housing"), w->now_ms + 1);
    assert_in_range(shown(w, household) % 300, 1, 256);
    world_pass(w, "housing", w->now_ms + MINUTE);
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = household;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__FeedResponse *feed = world_feed(w, "housing", ask);
    assert_int_equal(feed->n_entries, 301);
    assert_int_equal(feed->total, 301);
    uint64_t told = 0;
    Kith__Api__TellingsResponse *tellings = world_tellings(w, "housing", 0);
    for (size_t i = 0; i < tellings->n_tellings; i++) {
        told = tellings->tellings[i]->entries;
    }
    assert_int_equal(told, 300);
}

static void correction_of_what_is_muted_is_muted_with_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    Kith__Reference source = KITH__REFERENCE__INIT;
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    source.system = NAME("crm");
    source.id = NAME("C-1");
    draft->household = household;
    draft->event->source = &source;
    world_say(w, "police", draft);
    draft->event->narrative = NAME("It was a film.");
    world_say(w, "police", draft);
    assert_int_equal(shown(w, household), 0);
    world_pass(w, "housing", snooze.until_ms + MINUTE);
    Kith__Api__FeedResponse *feed = world_feed_of(w, "housing", household);
    assert_int_equal(feed->n_entries, 2);
    assert_string_equal(feed->entries[1]->summary, "call-out: It was a film.");
    assert_int_equal(feed->entries[1]->folded, 1);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 1");
}

/* Its notice comes only after the end. */
static void early_arrival_that_was_muted_is_told_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = household;
    Kith__Notice *notice = world_submit(w, "police", draft);
    assert_int_equal(world_try_deliver(w, "housing", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_int_equal(shown(w, household), 0);
    world_pass(w, "housing", snooze.until_ms + MINUTE);
    assert_int_equal(shown(w, household), 1);
    world_deliver(w, "housing", notice);
    world_pass(w, "housing", w->now_ms + HOUR);
    assert_int_equal(shown(w, household), 1);
    assert_string_equal(world_told(w, "housing", 0), "snooze-ended 1");
}

static void family_says_until_when_and_how_much(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    world_say_event(w, "police.call-out", household);
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    Kith__Api__GroupsResponse groups = KITH__API__GROUPS_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, "housing");
    assert_int_equal(
        work_groups(&world_node(w, "housing")->work, txn, w->arena, "duty", &ask, &groups),
        KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    assert_int_equal(groups.groups[0]->snoozed, 1);
    assert_int_equal(groups.groups[0]->snoozed_until_ms, snooze.until_ms);
    assert_int_equal(groups.groups[0]->fresh, 0);
    assert_int_equal(groups.groups[0]->entries, 2);
}

static void refused(world_t *w, matcher_t matcher, kith_err err, const char *rule)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    assert_int_equal(try_set(w, matcher, &snooze), err);
    assert_string_equal(w->refusal.rule, rule);
    assert_true(strlen(w->refusal.what) > 0);
    assert_int_equal(snooze.seq, 0);
}

static void what_no_snooze_may_be_is_refused(void **state)
{
    world_t *w = *state;
    uint8_t unknown[KITH_ID_BYTES] = {1};
    ProtobufCBinaryData household = family(w);
    ProtobufCBinaryData stranger = {sizeof unknown, unknown};
    refused(w, (matcher_t){.household = household, .for_ms = -1}, KITH_INVALID, "snooze-until");
    refused(w, (matcher_t){.household = household, .for_ms = 31 * DAY}, KITH_INVALID,
            "snooze-until");
    refused(w, (matcher_t){.household = household, .for_ms = DAY, .why = ""}, KITH_INVALID,
            "snooze-why");
    refused(w, (matcher_t){.for_ms = DAY}, KITH_INVALID, "snooze-everything");
    refused(w, (matcher_t){.for_ms = DAY, .topic = "*"}, KITH_INVALID, "snooze-everything");
    refused(w, (matcher_t){.for_ms = DAY, .kind = "alert"}, KITH_INVALID, "snooze-urgent");
    refused(w, (matcher_t){.for_ms = DAY, .kind = "reply"}, KITH_INVALID, "snooze-urgent");
    refused(w, (matcher_t){.for_ms = DAY, .topic = "safeguarding.concern"}, KITH_INVALID,
            "snooze-urgent");
    refused(w, (matcher_t){.for_ms = DAY, .topic = "weather.*"}, KITH_INVALID, "snooze-topic");
    refused(w, (matcher_t){.for_ms = DAY, .topic = "po*"}, KITH_INVALID, "snooze-topic");
    refused(w, (matcher_t){.for_ms = DAY, .kind = "weather"}, KITH_INVALID, "snooze-kind");
    refused(w, (matcher_t){.household = stranger, .for_ms = DAY}, KITH_NOT_FOUND, "household");
    stranger.len = 3;
    refused(w, (matcher_t){.household = stranger, .for_ms = DAY}, KITH_INVALID, "not-an-id");
    assert_int_equal(world_snoozes(w, "housing", true)->n_snoozes, 0);
}

static void ending_what_cannot_be_ended_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    Kith__Api__Snooze snooze = set(w, (matcher_t){.household = household, .for_ms = DAY});
    Kith__Api__Snooze ended = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest nothing = KITH__API__SNOOZE_REQUEST__INIT;
    assert_int_equal(try_end(w, snooze.seq + 1, &ended), KITH_NOT_FOUND);
    assert_string_equal(w->refusal.rule, "snooze-unknown");
    assert_int_equal(try_end(w, snooze.seq, &ended), KITH_OK);
    assert_int_equal(try_end(w, snooze.seq, &ended), KITH_CONFLICT);
    assert_string_equal(w->refusal.rule, "snooze-ended");
    assert_int_equal(world_try_snooze(w, "housing", &nothing, &ended), KITH_INVALID);
    assert_string_equal(w->refusal.rule, "snooze");
}

static void so_many_hold_at_one_time(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w);
    for (size_t i = 0; i < 256; i++) {
        set(w, (matcher_t){.household = household, .for_ms = DAY + (int64_t)i});
    }
    refused(w, (matcher_t){.household = household, .for_ms = DAY}, KITH_CONFLICT, "snooze-limit");
}

/* ---- the docs ---- */

static const char *fitting_comes(world_t *w, ProtobufCBinaryData household, uint64_t number)
{
    (void)number;
    size_t before = shown(w, household);
    world_say_event(w, "police.call-out", household);
    return shown(w, household) > before ? "shown" : "hidden";
}

static const char *urgent_comes(world_t *w, ProtobufCBinaryData household, uint64_t number)
{
    (void)number;
    size_t before = shown(w, household);
    world_say_event(w, "safeguarding.concern", household);
    return shown(w, household) > before ? "shown" : "hidden";
}

static const char *word(world_t *w)
{
    return world_snoozes(w, "housing", true)->snoozes[0]->ended_ms == 0 ? "holds" : "ended";
}

static const char *time_is_over(world_t *w, ProtobufCBinaryData household, uint64_t number)
{
    (void)household;
    (void)number;
    world_pass(w, "housing", w->now_ms + 2 * DAY);
    return word(w);
}

static const char *person_ends_it(world_t *w, ProtobufCBinaryData household, uint64_t number)
{
    (void)household;
    Kith__Api__Snooze ended = KITH__API__SNOOZE__INIT;
    return try_end(w, number, &ended) == KITH_OK ? word(w) : "–";
}

static void the_docs_draw_what_the_code_does(void **state)
{
    static const struct {
        const char *what;
        const char *(*happens)(world_t *w, ProtobufCBinaryData household, uint64_t number);
    } rows[] = {
        {"something comes that it fits", fitting_comes},
        {"something urgent comes", urgent_comes},
        {"its time is over", time_is_over},
        {"a person ends it", person_ends_it},
    };
    world_t *w = *state;
    const char *page = world_page(w, KITH_STATES);
    assert_non_null(strstr(page, "| what happens | holds | ended |"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *line = kith_arena_printf(w->arena, "| %s |", rows[i].what);
        for (size_t from = 0; from < 2; from++) {
            world_t *its = world_new();
            ProtobufCBinaryData household = family(its);
            Kith__Api__Snooze snooze = set(its, (matcher_t){.household = household, .for_ms = DAY});
            if (from == 1) {
                world_pass(its, "housing", snooze.until_ms + MINUTE);
            }
            assert_string_equal(word(its), from == 0 ? "holds" : "ended");
            line = kith_arena_printf(w->arena, "%s %s |", line,
                                     rows[i].happens(its, household, snooze.seq));
            world_destroy(its);
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(muted_while_it_lasts_and_told_at_its_end),
        TEST(nothing_open_at_its_end_is_told_to_nobody),
        TEST(ended_early_acts_at_the_next_round),
        TEST(who_and_why_and_what_it_hid_is_kept),
        TEST(what_was_looked_at_meanwhile_is_fresh_at_its_end),
        TEST(only_what_the_matcher_fits_is_muted),
        TEST(what_is_urgent_is_never_muted),
        TEST(what_another_snooze_fits_stays_muted),
        TEST(many_come_back_each_once),
        TEST(correction_of_what_is_muted_is_muted_with_it),
        TEST(early_arrival_that_was_muted_is_told_once),
        TEST(family_says_until_when_and_how_much),
        TEST(what_no_snooze_may_be_is_refused),
        TEST(ending_what_cannot_be_ended_is_refused),
        TEST(so_many_hold_at_one_time),
        TEST(the_docs_draw_what_the_code_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
