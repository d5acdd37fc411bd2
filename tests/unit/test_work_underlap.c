/* A need that nobody has accepted in so many days, and one that two agencies are asked to meet:
 * told once, at its time and never early, ended by an acceptance, whatever order the steps arrive
 * in. */
#include "agents/work/parts.h"
#include "base/text.h"
#include "tests/unit/work_world.h"

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name

static const char *const both[] = {"health", "school", NULL};

static world_t *with_rules(void **state)
{
    world_t *w = *state;
    w->agreement.need_days = 14;
    w->agreement.twice_days = 30;
    return w;
}

static Kith__Notice *refer(world_t *w, const char *to, ProtobufCBinaryData family, const char *code)
{
    Kith__Api__Draft *draft = world_referral(w, to);
    draft->household = family;
    draft->referral->need_code = NAME(code);
    return world_say(w, "police", draft);
}

static void step(world_t *w, const char *agency, const Kith__Notice *referral,
                 Kith__ReferralStep step)
{
    world_say(w, agency, world_answer(w, referral, step));
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

/* "need-not-accepted sleep health school; …" as `kith load` has it. */
static const char *load_line(world_t *w, const char *agency, ProtobufCBinaryData family)
{
    Kith__Api__LoadResponse load = KITH__API__LOAD_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_load(&world_node(w, agency)->work, txn, w->arena, bytes_of(family), 0, 0,
                               w->now_ms, &load),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < load.n_underlaps; i++) {
        const Kith__Api__Underlap *under = load.underlaps[i];
        assert_int_equal(under->n_agencies, under->n_referrals);
        assert_true(under->since_ms > 0 && under->since_ms <= w->now_ms);
        text = kith_arena_printf(w->arena, "%s%s%s %s", text, i > 0 ? "; " : "", under->what,
                                 under->need);
        for (size_t k = 0; k < under->n_agencies; k++)
            text = kith_arena_printf(w->arena, "%s %s", text, under->agencies[k]);
    }
    return text;
}

/* Ticks at both ends, at the last moment at which nothing is told and at the first of the other. */
static void assert_told_at(world_t *w, int64_t due_ms, const char *other, size_t here, size_t there)
{
    size_t before[2] = {lines(w, "police", KITH_RULE_NEED), lines(w, other, KITH_RULE_NEED)};
    for (int64_t ms = due_ms; ms <= due_ms + 1; ms++) {
        for (size_t again = 0; again < 2; again++) {
            w->now_ms = ms;
            world_tick(w, "police");
            world_tick(w, other);
            assert_int_equal(lines(w, "police", KITH_RULE_NEED),
                             before[0] + (ms > due_ms ? here : 0));
            assert_int_equal(lines(w, other, KITH_RULE_NEED),
                             before[1] + (ms > due_ms ? there : 0));
        }
    }
}

static void a_need_nobody_accepts_is_told_once_at_both_ends(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    Kith__Notice *referral = refer(w, "health", family, "sleep");
    assert_string_equal(load_line(w, "police", family), "");
    assert_told_at(w, referral->created_ms + 14 * DAY, "health", 1, 1);
    Kith__Api__FeedEntry *line = world_last(w, "health");
    assert_string_equal(line->summary, "nobody has accepted in 14 days: sleep, asked of health");
    assert_memory_equal(line->id.data, referral->id.data, referral->id.len);
    assert_string_equal(load_line(w, "police", family), "need-not-accepted sleep health");
    assert_string_equal(load_line(w, "health", family), "need-not-accepted sleep health");
    w->now_ms += 400 * DAY;
    world_tick(w, "police");
    assert_int_equal(lines(w, "police", KITH_RULE_NEED), 1);
}

static void declined_by_one_it_is_still_open_and_accepted_by_another_it_is_not(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    Kith__Notice *first = refer(w, "health", family, "sleep");
    step(w, "health", first, STEP(DECLINED));
    w->now_ms += 5 * DAY;
    Kith__Notice *second = refer(w, "school", family, "sleep");
    assert_told_at(w, first->created_ms + 14 * DAY, "health", 1, 1);
    assert_string_equal(world_last(w, "police")->summary,
                        "nobody has accepted in 14 days: sleep, asked of health, school");
    step(w, "school", second, STEP(ACCEPTED));
    assert_string_equal(load_line(w, "police", family), "");
    /* for the one who declined nothing has changed: it does not have the other referral */
    assert_string_equal(load_line(w, "health", family), "need-not-accepted sleep health");
    world_tick(w, "school");
    assert_int_equal(lines(w, "school", KITH_RULE_NEED), 0);
}

static void what_is_accepted_in_time_is_told_to_nobody(void **state)
{
    static const Kith__ReferralStep steps[] = {STEP(ACCEPTED), STEP(PARTLY_ACCEPTED),
                                               STEP(WITHDRAWN)};
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    for (size_t i = 0; i < 3; i++) {
        Kith__Notice *referral = refer(w, "health", family, "sleep");
        w->now_ms = referral->created_ms + 14 * DAY;
        Kith__Api__Draft *answer = world_answer(w, referral, steps[i]);
        answer->referral_answer->part = NAME("the younger child");
        world_say(w, steps[i] == STEP(WITHDRAWN) ? "police" : "health", answer);
        w->now_ms += 20 * DAY;
        world_tick(w, "police");
        world_tick(w, "health");
        assert_int_equal(lines(w, "police", KITH_RULE_NEED), 0);
        assert_int_equal(lines(w, "health", KITH_RULE_NEED), 0);
        if (i < 2) /* out of the way of the next */
            step(w, "police", referral, STEP(WITHDRAWN));
    }
}

/* Met once and asked for again: the days are those of the new referral. */
static void a_need_that_was_met_and_comes_back_is_a_new_one(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    Kith__Notice *declined = refer(w, "school", family, "sleep");
    step(w, "school", declined, STEP(DECLINED));
    Kith__Notice *first = refer(w, "health", family, "sleep");
    step(w, "health", first, STEP(ACCEPTED));
    Kith__Api__Draft *close = world_answer(w, first, STEP(CLOSED));
    close->referral_answer->outcome = NAME("sleeping");
    close->referral_answer->need_met = NAME("yes");
    world_say(w, "health", close);
    w->now_ms += 100 * DAY;
    world_tick(w, "police");
    assert_string_equal(load_line(w, "police", family), "");
    Kith__Notice *second = refer(w, "health", family, "sleep");
    assert_told_at(w, second->created_ms + 14 * DAY, "health", 1, 1);
    assert_string_equal(load_line(w, "police", family), "need-not-accepted sleep health");
    step(w, "health", second, STEP(ACCEPTED));
    step(w, "police", second, STEP(WITHDRAWN));
    Kith__Notice *third = refer(w, "health", family, "sleep");
    assert_told_at(w, third->created_ms + 14 * DAY, "health", 1, 1); /* told again */
}

static void the_same_need_asked_of_two_agencies_is_told_once(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    Kith__Notice *first = refer(w, "health", family, "sleep");
    refer(w, "health", family, "sleep");
    refer(w, "school", family, "debt");
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 0);
    Kith__Notice *second = refer(w, "school", family, "sleep");
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 1);
    assert_string_equal(world_last(w, "police")->summary,
                        "two agencies are asked for the same: sleep, asked of health, school");
    assert_string_equal(load_line(w, "police", family), "same-need-twice sleep health school");
    assert_int_equal(lines(w, "health", KITH_RULE_TWICE), 0); /* it does not have the other */
    step(w, "school", second, STEP(ACCEPTED));
    step(w, "health", first, STEP(ACCEPTED));
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 1);
    step(w, "police", second, STEP(WITHDRAWN));
    assert_string_equal(load_line(w, "police", family), "");
    refer(w, "school", family, "sleep");
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 2);
}

static void outside_the_window_or_of_another_family_it_is_not_twice(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    ProtobufCBinaryData other = world_household(w, "police", both);
    Kith__Notice *first = refer(w, "health", family, "sleep");
    step(w, "health", first, STEP(ACCEPTED));
    refer(w, "school", other, "sleep");
    w->now_ms = first->created_ms + 30 * DAY + 1;
    refer(w, "school", family, "sleep");
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 0);
    Kith__Notice *close = refer(w, "health", family, "debt");
    w->now_ms = close->created_ms + 30 * DAY;
    refer(w, "school", family, "debt");
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 1);
}

static void without_a_code_the_service_is_the_need(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    refer(w, "health", family, "");
    refer(w, "school", family, "");
    assert_string_equal(load_line(w, "police", family), "same-need-twice parenting health school");
    char *code = kith_arena_need(w->arena, KITH_NEED_BYTES_MAX + 8); /* cut at a whole character */
    memset(code, 'a', KITH_NEED_BYTES_MAX - 1);
    memcpy(code + KITH_NEED_BYTES_MAX - 1, "éz", sizeof "éz");
    refer(w, "health", family, code);
    refer(w, "school", family, code);
    const char *line = strchr(load_line(w, "police", family), 'a');
    assert_int_equal(strspn(strstr(line, "aaaa"), "a"), KITH_NEED_BYTES_MAX - 1);
}

static void a_referral_follows_its_link(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = world_referral(w, both[i]);
        world_about(w, draft, "A-1");
        world_say(w, "police", draft);
    }
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 0);
    world_link(w, "police", "A-1", family);
    assert_int_equal(lines(w, "police", KITH_RULE_TWICE), 1);
    assert_string_equal(load_line(w, "police", family), "same-need-twice parenting health school");
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest undo = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME("A-1");
    undo.ref = &ref;
    undo.why = NAME("same address");
    undo.undo = true;
    assert_int_equal(world_try_link(w, "police", &undo), KITH_OK);
    assert_string_equal(load_line(w, "police", family), "");
}

/* The answer overtakes its referral; the second referral comes before the first. */
static void whatever_order_they_arrive_in_both_come_to_the_same(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    Kith__Notice *said[2];
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = world_referral(w, "health");
        draft->household = family;
        said[i] = world_submit(w, "police", draft);
    }
    Kith__Notice *withdrawn = world_submit(w, "police", world_answer(w, said[0], STEP(WITHDRAWN)));
    world_deliver(w, "health", said[1]);
    world_deliver(w, "health", said[0]);
    world_deliver(w, "health", withdrawn);
    assert_told_at(w, said[1]->created_ms + 14 * DAY, "health", 1, 1);
    assert_string_equal(load_line(w, "health", family), load_line(w, "police", family));
}

static void nothing_of_a_shielded_need_is_said(void **state)
{
    world_t *w = with_rules(state);
    ProtobufCBinaryData family = world_household(w, "police", both);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = world_referral(w, both[i]);
        draft->household = family;
        world_about(w, draft, i == 0 ? NULL : "A-1");
        world_say(w, "police", draft);
    }
    assert_string_equal(world_last(w, "police")->summary,
                        "two agencies are asked for the same: shielded, asked of health, school");
    assert_string_equal(load_line(w, "police", family), "same-need-twice shielded health school");
}

static void where_the_partnership_sets_none_nothing_is_told(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = world_household(w, "police", both);
    refer(w, "health", family, "sleep");
    refer(w, "school", family, "sleep");
    w->now_ms += 100 * DAY;
    world_tick(w, "police");
    assert_int_equal(lines(w, "police", KITH_RULE_NEED) + lines(w, "police", KITH_RULE_TWICE), 0);
    assert_string_equal(load_line(w, "police", family), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_need_nobody_accepts_is_told_once_at_both_ends),
        TEST(declined_by_one_it_is_still_open_and_accepted_by_another_it_is_not),
        TEST(what_is_accepted_in_time_is_told_to_nobody),
        TEST(a_need_that_was_met_and_comes_back_is_a_new_one),
        TEST(the_same_need_asked_of_two_agencies_is_told_once),
        TEST(outside_the_window_or_of_another_family_it_is_not_twice),
        TEST(without_a_code_the_service_is_the_need),
        TEST(a_referral_follows_its_link),
        TEST(whatever_order_they_arrive_in_both_come_to_the_same),
        TEST(nothing_of_a_shielded_need_is_said),
        TEST(where_the_partnership_sets_none_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
