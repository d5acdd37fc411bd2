/* What is new since a user last looked, in the feed and by family. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

static const char *const housing[] = {"housing", NULL};

static Kith__Notice *say(world_t *w, const char *topic, ProtobufCBinaryData household)
{
    Kith__Api__Draft *event = world_event(w, topic);
    event->household = household;
    return world_say(w, "police", event);
}

static kith_err try_looked(world_t *w, const char *user, ProtobufCBinaryData household,
                           uint64_t up_to, uint64_t *ret_left)
{
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    ask.household = household;
    ask.up_to = up_to;
    w->refusal = (work_refusal_t){0};
    kith_txn_t *txn = world_begin(w, "housing");
    kith_err err = work_looked(&world_node(w, "housing")->work, txn, w->arena, &ask, user, ret_left,
                               &w->refusal);
    if (err == KITH_OK) {
        world_commit(w, "housing");
    } else {
        memtxn_abort(world_node(w, "housing")->store);
    }
    return err;
}

static uint64_t looked(world_t *w, const char *user, ProtobufCBinaryData household, uint64_t up_to)
{
    uint64_t left = 0;
    assert_int_equal(try_looked(w, user, household, up_to, &left), KITH_OK);
    return left;
}

/* Places of what is fresh. */
static const char *fresh_of(world_t *w, const char *user, ProtobufCBinaryData household)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    Kith__Api__FeedResponse feed = KITH__API__FEED_RESPONSE__INIT;
    ask.household = household;
    ask.fresh = true;
    kith_txn_t *txn = world_begin(w, "housing");
    assert_int_equal(work_feed(&world_node(w, "housing")->work, txn, w->arena, user, &ask, &feed),
                     KITH_OK);
    memtxn_abort(world_node(w, "housing")->store);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < feed.n_entries; i++) {
        assert_true(feed.entries[i]->fresh);
        text = kith_arena_printf(w->arena, "%s%s%llu", text, i > 0 ? " " : "",
                                 (unsigned long long)feed.entries[i]->seq);
    }
    return text;
}

static const ProtobufCBinaryData all = {0, NULL};

static void all_is_fresh_until_it_was_looked_at(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    say(w, "police.call-out", household);
    assert_string_equal(fresh_of(w, "duty", all), "1 2");
    assert_int_equal(looked(w, "duty", all, 1), 1);
    assert_string_equal(fresh_of(w, "duty", all), "2");
    assert_int_equal(looked(w, "duty", all, 2), 0);
    assert_string_equal(fresh_of(w, "duty", all), "");
    say(w, "police.call-out", household);
    assert_string_equal(fresh_of(w, "duty", household), "3");
}

static void each_user_looks_for_themselves(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    say(w, "police.call-out", household);
    looked(w, "duty", all, 2);
    assert_string_equal(fresh_of(w, "manager", all), "1 2");
}

static void one_family_may_be_looked_at_alone(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "police", housing);
    ProtobufCBinaryData two = world_household(w, "police", housing);
    say(w, "police.call-out", one);
    say(w, "police.call-out", two);
    assert_int_equal(looked(w, "duty", one, 4), 0);
    assert_string_equal(fresh_of(w, "duty", one), "");
    assert_string_equal(fresh_of(w, "duty", two), "2 4");
    assert_string_equal(fresh_of(w, "duty", all), "2 4");
    looked(w, "duty", all, 2);
    assert_string_equal(fresh_of(w, "duty", two), "4");
}

static void what_came_later_stays_fresh_whatever_was_acknowledged(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *first = say(w, "police.call-out", household);
    say(w, "police.call-out", household);
    looked(w, "duty", household, 2);
    world_say(w, "housing", world_seen(w, first));
    assert_string_equal(fresh_of(w, "duty", household), "3");
    looked(w, "duty", household, 1); /* never back */
    assert_string_equal(fresh_of(w, "duty", household), "3");
}

static void repeat_is_not_fresh_but_a_correction_is(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Reference source = KITH__REFERENCE__INIT;
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    source.system = NAME("crm");
    source.id = NAME("C-1");
    draft->household = household;
    draft->event->source = &source;
    world_say(w, "police", draft);
    looked(w, "duty", household, 2);
    world_say(w, "police", draft);
    assert_string_equal(fresh_of(w, "duty", household), "");
    draft->event->narrative = NAME("It was a film.");
    world_say(w, "police", draft);
    assert_string_equal(fresh_of(w, "duty", household), "4");
}

static void looking_wrongly_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    uint64_t left = 99;
    uint8_t unknown[KITH_ID_BYTES] = {1};
    assert_int_equal(try_looked(w, "duty", household, 0, &left), KITH_INVALID);
    assert_string_equal(w->refusal.rule, "looked-up-to");
    assert_int_equal(try_looked(w, "duty", household, 2, &left), KITH_INVALID);
    assert_string_equal(w->refusal.rule, "looked-up-to");
    assert_non_null(strstr(w->refusal.what, "goes to 1"));
    assert_int_equal(try_looked(w, "duty", (ProtobufCBinaryData){2, unknown}, 1, &left),
                     KITH_INVALID);
    assert_string_equal(w->refusal.rule, "household");
    assert_int_equal(
        try_looked(w, "duty", (ProtobufCBinaryData){sizeof unknown, unknown}, 1, &left),
        KITH_NOT_FOUND);
    assert_string_equal(w->refusal.rule, "household");
    assert_int_equal(left, 99);
}

/* ---- by family ---- */

static Kith__Api__GroupsResponse *groups(world_t *w, Kith__Api__GroupsRequest ask)
{
    Kith__Api__GroupsResponse *response = kith_arena_need(w->arena, sizeof *response);
    kith__api__groups_response__init(response);
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(
        work_groups(&world_node(w, "social-care")->work, txn, w->arena, "duty", &ask, response),
        KITH_OK);
    memtxn_abort(world_node(w, "social-care")->store);
    return response;
}

static ProtobufCBinaryData family(world_t *w, const char *name)
{
    Kith__Api__Draft *draft = world_opening(w, name);
    world_lead(w, draft, "school");
    return world_say(w, "social-care", draft)->household;
}

/* "name fresh/urgent/entries; …" */
static const char *groups_line(world_t *w, Kith__Api__GroupsRequest ask)
{
    Kith__Api__GroupsResponse *found = groups(w, ask);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < found->n_groups; i++) {
        const Kith__Api__FeedGroup *group = found->groups[i];
        text = kith_arena_printf(w->arena, "%s%s%s %u/%u/%u", text, i > 0 ? "; " : "",
                                 group->household.len > 0 ? group->name : "front door",
                                 (unsigned)group->fresh, (unsigned)group->urgent,
                                 (unsigned)group->entries);
    }
    return text;
}

/* Four families: looked at, looked at with something new, urgent, looked at later; a stray. */
static void set_up_families(world_t *w, ProtobufCBinaryData ret_families[4])
{
    static const char *const names[] = {"ash", "birch", "cedar", "elm"};
    for (size_t i = 0; i < 4; i++) {
        ret_families[i] = family(w, names[i]);
    }
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    uint64_t left = 0;
    ask.up_to = 4;
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(work_looked(&world_node(w, "social-care")->work, txn, w->arena, &ask, "duty",
                                 &left, &w->refusal),
                     KITH_OK);
    world_commit(w, "social-care");
    say(w, "safeguarding.concern", (ProtobufCBinaryData){0});
    Kith__Api__Draft *concern = world_event(w, "safeguarding.concern");
    concern->household = ret_families[2];
    world_to(w, concern, "social-care");
    world_say(w, "police", concern);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *event = world_event(w, "police.call-out");
        event->household = ret_families[1];
        world_to(w, event, "social-care");
        world_say(w, "police", event);
    }
}

static void families_stand_by_what_needs_eyes_first(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData families[4];
    set_up_families(w, families);
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    assert_string_equal(groups_line(w, ask),
                        "cedar 1/1/2; birch 2/0/3; elm 0/0/1; ash 0/0/1; front door 1/1/1");
    ask.fresh = true;
    assert_string_equal(groups_line(w, ask), "cedar 1/1/2; birch 2/0/3; front door 1/1/1");
    const Kith__Api__FeedGroup *first = groups(w, ask)->groups[0];
    assert_string_equal(first->lead, "school");
    assert_string_equal(first->latest->topic, "safeguarding.concern");
    assert_true(first->latest->fresh);
    assert_int_equal(first->latest_ms, first->latest->received_ms);
    assert_false(first->orphaned);
}

static void families_come_in_pages(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData families[4];
    set_up_families(w, families);
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    ask.limit = 2;
    assert_string_equal(groups_line(w, ask), "cedar 1/1/2; birch 2/0/3");
    assert_true(groups(w, ask)->more);
    ask.after = families[1];
    assert_string_equal(groups_line(w, ask), "elm 0/0/1; ash 0/0/1");
    ask.after = families[0];
    assert_string_equal(groups_line(w, ask), "front door 1/1/1");
    assert_false(groups(w, ask)->more);
}

static void nothing_at_all_has_no_groups(void **state)
{
    world_t *w = *state;
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    assert_string_equal(groups_line(w, ask), "");
    assert_false(groups(w, ask)->more);
}

static void orphaned_family_is_said_so(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = family(w, "ash");
    work_ctx_t at = {.work = &world_node(w, "social-care")->work,
                     .txn = world_begin(w, "social-care"),
                     .arena = w->arena};
    Kith__Store__HouseholdRow *row = NULL;
    assert_int_equal(household_find(&at, bytes_of(household), &row), KITH_OK);
    row->orphaned = true;
    assert_int_equal(view_put_household(&at, bytes_of(household), row), KITH_OK);
    world_commit(w, "social-care");
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    assert_true(groups(w, ask)->groups[0]->orphaned);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_fresh_until_it_was_looked_at),
        TEST(each_user_looks_for_themselves),
        TEST(one_family_may_be_looked_at_alone),
        TEST(what_came_later_stays_fresh_whatever_was_acknowledged),
        TEST(repeat_is_not_fresh_but_a_correction_is),
        TEST(looking_wrongly_is_refused),
        TEST(families_stand_by_what_needs_eyes_first),
        TEST(families_come_in_pages),
        TEST(nothing_at_all_has_no_groups),
        TEST(orphaned_family_is_said_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
