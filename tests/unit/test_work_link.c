/* A person links this agency's own records to a household, and the front door's rows follow. */
#include "tests/unit/work_world.h"

static const char *const nobody[] = {NULL};

typedef struct ask_with {
    bool undo, not_the_same;
} ask_with_t;

static Kith__Api__LinkRequest *ask_for(world_t *w, const char *id, ProtobufCBinaryData household,
                                       ask_with_t with)
{
    Kith__Api__LinkRequest *ask = kith_arena_need(w->arena, sizeof *ask);
    kith__api__link_request__init(ask);
    ask->ref = kith_arena_need(w->arena, sizeof *ask->ref);
    kith__reference__init(ask->ref);
    ask->ref->system = NAME("test");
    ask->ref->id = NAME(id);
    ask->household = household;
    ask->why = NAME("same address");
    ask->undo = with.undo;
    ask->not_the_same = with.not_the_same;
    return ask;
}

static void link_ok(world_t *w, const char *id, ProtobufCBinaryData household, ask_with_t with)
{
    assert_int_equal(world_try_link(w, "social-care", ask_for(w, id, household, with)), KITH_OK);
}

static void link_refused(world_t *w, const Kith__Api__LinkRequest *ask, kith_err err,
                         const char *rule)
{
    assert_int_equal(world_try_link(w, "social-care", ask), err);
    assert_string_equal(w->refusal.rule, rule);
    assert_true(strlen(w->refusal.what) > 0);
}

/* A call-out that names no household, about this record. */
static Kith__Notice *stray(world_t *w, const char *id)
{
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_about(w, event, id);
    return world_say(w, "police", event);
}

/* Links and denials that were not undone. */
static size_t standing(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__HouseholdView *view = world_view(w, "social-care", household);
    size_t count = 0;
    for (size_t i = 0; i < view->n_links; i++) {
        count += view->links[i]->undone_ms == 0 ? 1 : 0;
    }
    return count;
}

static void event_without_household_waits_at_the_front_door(void **state)
{
    world_t *w = *state;
    stray(w, "P-1");
    assert_string_equal(world_tasks(w, "social-care"), "front-door police");
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    assert_true(world_flag(world_last(w, "social-care"), "unknown-household"));
    assert_true(world_flag(world_last(w, "police"), "unknown-household"));
    assert_string_equal(world_tasks(w, "police"), ""); /* that is not its work */
}

static void front_door_finds_its_own_events_there_too(void **state)
{
    world_t *w = *state;
    world_say(w, "social-care", world_event(w, "police.call-out"));
    assert_string_equal(world_tasks(w, "social-care"), "front-door social-care");
}

static void event_of_a_household_that_only_its_sender_knows_is_flagged(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "social-care", "*");
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->household = world_household(w, "police", nobody);
    world_say(w, "police", event);
    Kith__Api__FeedResponse *feed = world_front_door(w, "social-care");
    assert_int_equal(feed->n_entries, 1);
    assert_memory_equal(feed->entries[0]->household.data, event->household.data, KITH_ID_BYTES);
    assert_int_equal(world_feed_of(w, "social-care", event->household)->n_entries, 1);
    Kith__Api__Draft *change = world_change(w, event->household);
    world_seat(w, change, "social-care", 0);
    world_say(w, "police", change); /* now it is known here */
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 0);
    assert_int_equal(world_front_door(w, "social-care")->total, 0);
    assert_int_equal(world_feed_of(w, "social-care", event->household)->n_entries, 2);
    assert_string_equal(world_tasks(w, "social-care"), "");
}

static void link_files_what_carries_the_reference(void **state)
{
    world_t *w = *state;
    stray(w, "P-1");
    stray(w, "P-2");
    stray(w, "P-1");
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", household, (ask_with_t){0});
    Kith__Api__FeedResponse *feed = world_feed_of(w, "social-care", household);
    assert_int_equal(feed->n_entries, 3); /* and its opening */
    assert_false(world_flag(feed->entries[0], "unknown-household"));
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    assert_string_equal(world_tasks(w, "social-care"), "front-door police");
    stray(w, "P-1"); /* what comes later is filed at once */
    assert_int_equal(world_feed_of(w, "social-care", household)->n_entries, 4);
    assert_int_equal(world_view(w, "social-care", household)->notices, 4);
}

static void undoing_a_link_brings_the_rows_back(void **state)
{
    world_t *w = *state;
    stray(w, "P-1");
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", household, (ask_with_t){0});
    link_ok(w, "P-1", household, (ask_with_t){.undo = true});
    assert_int_equal(world_feed_of(w, "social-care", household)->n_entries, 1);
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    assert_string_equal(world_tasks(w, "social-care"), "front-door police");
    link_refused(w, ask_for(w, "P-1", household, (ask_with_t){.undo = true}), KITH_NOT_FOUND,
                 "not-linked");
    link_ok(w, "P-1", household, (ask_with_t){0});
    link_ok(w, "P-1", (ProtobufCBinaryData){0}, (ask_with_t){.undo = true}); /* whichever it is */
    assert_int_equal(standing(w, household), 0);
}

static void what_was_undone_is_kept_with_who_and_why(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "social-care", nobody);
    ProtobufCBinaryData two = world_household(w, "social-care", nobody);
    Kith__Api__LinkRequest *ask = ask_for(w, "P-1", one, (ask_with_t){0});
    ask->why = NAME("same address");
    assert_int_equal(world_try_link(w, "social-care", ask), KITH_OK);
    int64_t linked_ms = w->now_ms;
    w->now_ms += DAY;
    ask->undo = true;
    ask->why = NAME("the flat above");
    assert_int_equal(world_try_link(w, "social-care", ask), KITH_OK);
    link_ok(w, "P-1", two, (ask_with_t){0}); /* where it belongs */
    Kith__Api__HouseholdView *view = world_view(w, "social-care", one);
    assert_int_equal(view->n_links, 1);
    assert_string_equal(view->links[0]->by, "duty");
    assert_string_equal(view->links[0]->why, "same address");
    assert_int_equal(view->links[0]->at_ms, linked_ms);
    assert_string_equal(view->links[0]->undone_by, "duty");
    assert_string_equal(view->links[0]->undone_why, "the flat above");
    assert_int_equal(view->links[0]->undone_ms, linked_ms + DAY);
    assert_int_equal(standing(w, two), 1);
}

static void of_what_is_undone_again_and_again_the_latest_is_kept(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "social-care", nobody);
    ProtobufCBinaryData two = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", one, (ask_with_t){0});
    link_ok(w, "P-1", one, (ask_with_t){.undo = true});
    for (size_t i = 0; i < 20; i++) {
        link_ok(w, "P-1", two, (ask_with_t){0});
        link_ok(w, "P-1", two, (ask_with_t){.undo = true});
    }
    assert_int_equal(world_view(w, "social-care", one)->n_links, 0); /* long ago */
    assert_int_equal(world_view(w, "social-care", two)->n_links, 16);
}

static void wrong_link_takes_nothing_with_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData wrong = world_household(w, "social-care", nobody);
    ProtobufCBinaryData right = world_household(w, "social-care", nobody);
    stray(w, "P-1");
    stray(w, "P-1");
    link_ok(w, "P-1", wrong, (ask_with_t){0});
    link_ok(w, "P-1", wrong, (ask_with_t){.undo = true});
    link_ok(w, "P-1", right, (ask_with_t){0});
    assert_int_equal(world_feed_of(w, "social-care", wrong)->n_entries, 1);
    assert_int_equal(world_feed_of(w, "social-care", right)->n_entries, 3);
    assert_string_equal(world_tasks(w, "social-care"), "");
}

static void references_of_two_households_stay_at_the_front_door(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "social-care", nobody);
    ProtobufCBinaryData two = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", one, (ask_with_t){0});
    link_ok(w, "P-2", two, (ask_with_t){0});
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_about(w, event, "P-1");
    world_about(w, event, "P-2");
    world_say(w, "police", event);
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    link_ok(w, "P-2", two, (ask_with_t){.undo = true});
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 0);
    assert_int_equal(world_feed_of(w, "social-care", one)->n_entries, 2);
}

static void record_is_linked_to_one_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "social-care", nobody);
    ProtobufCBinaryData two = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", one, (ask_with_t){0});
    link_ok(w, "P-1", one, (ask_with_t){0}); /* once more is the same */
    link_refused(w, ask_for(w, "P-1", two, (ask_with_t){0}), KITH_CONFLICT, "already-linked");
    link_refused(w, ask_for(w, "P-1", two, (ask_with_t){.undo = true}), KITH_NOT_FOUND,
                 "not-linked");
}

static void not_the_same_is_remembered_for_each_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "social-care", nobody);
    ProtobufCBinaryData two = world_household(w, "social-care", nobody);
    stray(w, "P-1");
    link_ok(w, "P-1", one, (ask_with_t){0});
    link_ok(w, "P-1", one, (ask_with_t){.not_the_same = true}); /* ends the link */
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    link_refused(w, ask_for(w, "P-1", one, (ask_with_t){0}), KITH_CONFLICT, "not-the-same");
    assert_non_null(strstr(w->refusal.what, "duty"));
    link_ok(w, "P-1", two, (ask_with_t){0});
    Kith__Api__HouseholdView *view = world_view(w, "social-care", one);
    assert_int_equal(standing(w, one), 1);
    assert_true(view->links[view->n_links - 1]->not_the_same);
    link_ok(w, "P-1", two, (ask_with_t){.undo = true});
    link_ok(w, "P-1", one, (ask_with_t){.undo = true, .not_the_same = true});
    link_ok(w, "P-1", one, (ask_with_t){0});
}

static void not_the_same_ends_what_waits_for_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    stray(w, "P-1");
    stray(w, "P-2");
    link_ok(w, "P-1", household, (ask_with_t){.not_the_same = true});
    assert_string_equal(world_tasks(w, "social-care"), "front-door police"); /* of P-2 */
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 2);
    link_ok(w, "P-2", household, (ask_with_t){0});
    assert_string_equal(world_tasks(w, "social-care"), "");
    link_ok(w, "P-2", household, (ask_with_t){.not_the_same = true}); /* comes back: it waits */
    assert_string_equal(world_tasks(w, "social-care"), "front-door police");
}

static void household_shows_its_links(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    world_link(w, "social-care", "P-1", household);
    world_link(w, "social-care", "P-2", household);
    Kith__Api__HouseholdView *view = world_view(w, "social-care", household);
    assert_int_equal(view->n_links, 2);
    assert_string_equal(view->links[0]->ref->system, "test");
    assert_string_equal(view->links[0]->ref->id, "P-1");
    assert_string_equal(view->links[0]->by, "duty");
    assert_string_equal(view->links[0]->why, "same address");
    assert_int_equal(view->links[0]->at_ms, w->now_ms);
}

static void link_names_a_record_and_a_known_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    ProtobufCBinaryData unknown = {16, (uint8_t[16]){1}};
    ask_with_t plain = {0};
    link_refused(w, ask_for(w, "", household, plain), KITH_INVALID, "reference-missing");
    link_refused(w, ask_for(w, "P-1", unknown, plain), KITH_NOT_FOUND, "household-unknown");
    link_refused(w, ask_for(w, "P-1", (ProtobufCBinaryData){0}, plain), KITH_INVALID,
                 "household-missing");
    link_refused(w, ask_for(w, "P-1", (ProtobufCBinaryData){3, unknown.data}, plain), KITH_INVALID,
                 "not-an-id");
    char *id = kith_arena_need(w->arena, KITH_REFERENCE_BYTES_MAX + 2);
    memset(id, 'x', KITH_REFERENCE_BYTES_MAX + 1);
    link_refused(w, ask_for(w, id, household, plain), KITH_INVALID, "reference-too-long");
    Kith__Api__LinkRequest *ask = ask_for(w, "P-1", household, plain);
    ask->why = NAME("");
    link_refused(w, ask, KITH_INVALID, "link-why");
    ask->ref = NULL;
    link_refused(w, ask, KITH_INVALID, "reference-missing");
}

static void longest_reference_can_be_linked(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    char *id = kith_arena_need(w->arena, KITH_REFERENCE_BYTES_MAX + 1);
    memset(id, 'x', KITH_REFERENCE_BYTES_MAX);
    stray(w, id);
    Kith__Api__LinkRequest *ask = ask_for(w, id, household, (ask_with_t){.not_the_same = true});
    assert_int_equal(world_try_link(w, "social-care", ask), KITH_OK);
    ask->ref->system = id;
    assert_int_equal(world_try_link(w, "social-care", ask), KITH_OK);
    assert_int_equal(world_view(w, "social-care", household)->n_links, 2);
}

static void early_row_is_filed_when_its_notice_is(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    world_about(w, event, "P-1");
    Kith__Notice *notice = world_submit(w, "police", event);
    assert_int_equal(world_try_deliver(w, "social-care", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    link_ok(w, "P-1", household, (ask_with_t){0});
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    world_deliver(w, "social-care", notice);
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 0);
    assert_int_equal(world_feed_of(w, "social-care", household)->n_entries, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(event_without_household_waits_at_the_front_door),
        TEST(front_door_finds_its_own_events_there_too),
        TEST(event_of_a_household_that_only_its_sender_knows_is_flagged),
        TEST(link_files_what_carries_the_reference),
        TEST(undoing_a_link_brings_the_rows_back),
        TEST(what_was_undone_is_kept_with_who_and_why),
        TEST(of_what_is_undone_again_and_again_the_latest_is_kept),
        TEST(wrong_link_takes_nothing_with_it),
        TEST(references_of_two_households_stay_at_the_front_door),
        TEST(record_is_linked_to_one_household),
        TEST(not_the_same_is_remembered_for_each_household),
        TEST(not_the_same_ends_what_waits_for_it),
        TEST(household_shows_its_links),
        TEST(link_names_a_record_and_a_known_household),
        TEST(longest_reference_can_be_linked),
        TEST(early_row_is_filed_when_its_notice_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
