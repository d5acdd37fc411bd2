/* One entry an incident: what its origin says again stands behind the first that said so, what it
 * says otherwise takes its place; whatever the order of arrival. Nothing is out of reach. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

static const char *const housing[] = {"housing", NULL};

static void of_record(world_t *w, Kith__Api__Draft *draft, const char *id)
{
    draft->event->source = kith_arena_need(w->arena, sizeof *draft->event->source);
    kith__reference__init(draft->event->source);
    draft->event->source->system = NAME("crm");
    draft->event->source->id = NAME(id);
}

/* What a record of the police says of this household. */
static Kith__Api__Draft *account(world_t *w, ProtobufCBinaryData household, const char *id,
                                 const char *narrative)
{
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = household;
    draft->event->occurred_ms = START_MS;
    draft->event->narrative = NAME(narrative);
    of_record(w, draft, id);
    return draft;
}

static Kith__Api__FeedResponse *feed_of(world_t *w, ProtobufCBinaryData household, bool all)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = household;
    ask.snoozed = all;
    return world_feed(w, "housing", ask);
}

/* "narrative+folded" of what is shown after the household's opening. */
static const char *shown(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__FeedResponse *feed = feed_of(w, household, false);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 1; i < feed->n_entries; i++) {
        text = kith_arena_printf(w->arena, "%s%s%s+%u", text, i > 1 ? "; " : "",
                                 strstr(feed->entries[i]->summary, ": ") + 2,
                                 feed->entries[i]->folded);
    }
    return text;
}

static void same_record_twice_is_one_entry(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *first = world_say(w, "police", account(w, household, "C-1", "a row"));
    Kith__Notice *again = world_say(w, "police", account(w, household, "C-1", "a row"));
    world_say(w, "police", account(w, household, "C-2", "a fire"));
    assert_string_equal(shown(w, household), "a row+1; a fire+0");
    Kith__Api__FeedResponse *all = feed_of(w, household, true);
    assert_int_equal(all->n_entries, 4);
    assert_int_equal(all->total, 4);
    assert_memory_equal(all->entries[1]->id.data, first->id.data, KITH_ID_BYTES);
    assert_memory_equal(all->entries[2]->id.data, again->id.data, KITH_ID_BYTES);
    assert_true(world_flag(all->entries[2], "folded"));
    assert_false(world_flag(all->entries[1], "folded"));
}

static void what_says_otherwise_takes_its_place(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    world_say(w, "police", account(w, household, "C-1", "a row"));
    world_say(w, "police", account(w, household, "C-1", "a row"));
    world_say(w, "police", account(w, household, "C-1", "a loud film"));
    assert_string_equal(shown(w, household), "a loud film+2");
    assert_true(world_flag(world_last(w, "housing"), "corrects"));
    world_say(w, "police", account(w, household, "C-1", "a loud film"));
    assert_string_equal(shown(w, household), "a loud film+3");
    world_say(w, "police", account(w, household, "C-1", "a row"));
    assert_string_equal(shown(w, household), "a row+4");
    assert_int_equal(feed_of(w, household, true)->n_entries, 6);
}

static void each_origin_and_each_family_has_its_own_incidents(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "police", housing);
    ProtobufCBinaryData two = world_household(w, "police", housing);
    world_say(w, "police", account(w, one, "C-1", "a row"));
    world_say(w, "police", account(w, two, "C-1", "a row"));
    world_submit(w, "housing", account(w, one, "C-1", "a row"));
    assert_string_equal(shown(w, one), "a row+0; a row+0");
    assert_string_equal(shown(w, two), "a row+0");
}

#define ACCOUNTS 4u

static void deliver_in_order(world_t *w, Kith__Notice *const *accounts, unsigned order)
{
    bool given[ACCOUNTS] = {false};
    for (unsigned left = ACCOUNTS; left > 0; order /= left, left--) {
        unsigned nth = order % left, i = 0;
        while (given[i] || nth > 0) {
            nth -= given[i] ? 0 : 1;
            i++;
        }
        given[i] = true;
        world_deliver(w, "housing", accounts[i]);
    }
}

static void whatever_the_order_the_latest_stands(void **state)
{
    static const char *const said[ACCOUNTS] = {"a row", "a loud film", "a loud film", "a radio"};
    (void)state;
    for (unsigned order = 0; order < 24; order++) {
        world_t *w = world_new();
        ProtobufCBinaryData household = world_household(w, "police", housing);
        Kith__Notice *accounts[ACCOUNTS];
        for (size_t i = 0; i < ACCOUNTS; i++) {
            accounts[i] = world_submit(w, "police", account(w, household, "C-1", said[i]));
        }
        deliver_in_order(w, accounts, order);
        assert_string_equal(shown(w, household), "a radio+3");
        assert_int_equal(feed_of(w, household, true)->n_entries, 1 + ACCOUNTS);
        world_destroy(w);
    }
}

static void early_account_folds_when_it_is_applied(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    world_say(w, "police", account(w, household, "C-1", "a row"));
    Kith__Notice *again = world_submit(w, "police", account(w, household, "C-1", "a row"));
    assert_int_equal(world_try_deliver(w, "housing", again, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_string_equal(shown(w, household), "a row+0; a row+0");
    world_deliver(w, "housing", again);
    assert_string_equal(shown(w, household), "a row+1");
}

static Kith__Api__Draft *because_of(world_t *w, Kith__Api__Draft *draft, const Kith__Notice *cause)
{
    draft->event->source = NULL;
    draft->n_caused_by = cause != NULL;
    draft->caused_by = kith_arena_need(w->arena, sizeof *draft->caused_by);
    draft->caused_by[0] = cause != NULL ? cause->id : (ProtobufCBinaryData){0};
    return draft;
}

static void what_names_the_account_it_corrects_is_of_its_incident(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *first =
        world_say(w, "police", because_of(w, account(w, household, "-", "a row"), NULL));
    Kith__Notice *second =
        world_say(w, "police", because_of(w, account(w, household, "-", "a film"), first));
    assert_string_equal(shown(w, household), "a film+1");
    world_say(w, "police", because_of(w, account(w, household, "-", "a radio"), second));
    assert_string_equal(shown(w, household), "a radio+2");
}

static void what_follows_from_an_incident_is_no_account_of_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *first = world_say(w, "police", account(w, household, "C-1", "a row"));
    Kith__Api__Draft *later = because_of(w, account(w, household, "-", "a fight"), first);
    later->event->occurred_ms += MINUTE;
    world_say(w, "police", later);
    Kith__Api__Draft *other_kind = because_of(w, account(w, household, "-", "one man"), first);
    other_kind->event->kind = NAME("arrest");
    world_say(w, "police", other_kind);
    Kith__Api__Draft *other_topic = because_of(w, account(w, household, "-", "a child"), first);
    other_topic->topic = NAME("safeguarding.concern");
    world_say(w, "police", other_topic);
    assert_string_equal(shown(w, household), "a row+0; a fight+0; one man+0; a child+0");
}

/* ---- alerts ---- */

static Kith__Api__Draft *alert_about(world_t *w, ProtobufCBinaryData household, const char *key,
                                     const char *text)
{
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->dedupe_key = NAME(key);
    draft->alert->subject = NAME(text);
    return draft;
}

static size_t alerts_shown(world_t *w, ProtobufCBinaryData household)
{
    size_t count = 0;
    Kith__Api__FeedResponse *feed = feed_of(w, household, false);
    for (size_t i = 0; i < feed->n_entries; i++) {
        count += strcmp(feed->entries[i]->kind, "alert") == 0 ? 1 : 0;
    }
    return count;
}

static void alerts_of_one_key_are_one_entry_until_the_end(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"housing", "social-care", NULL});
    Kith__Notice *first = world_submit(w, "police", alert_about(w, household, "k", "not seen"));
    world_deliver(w, "housing", first);
    world_deliver(w, "housing",
                  world_submit(w, "police", alert_about(w, household, "k", "not seen")));
    assert_int_equal(alerts_shown(w, household), 1);
    world_deliver(w, "housing",
                  world_submit(w, "police", alert_about(w, household, "other", "not seen")));
    assert_int_equal(alerts_shown(w, household), 2);
    world_deliver(w, "housing",
                  world_submit(w, "social-care", alert_about(w, household, "k", "not seen")));
    assert_int_equal(alerts_shown(w, household), 3); /* another agency's own key */
}

static void alert_after_the_end_is_another_entry(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *first = world_submit(w, "police", alert_about(w, household, "k", "not seen"));
    world_deliver(w, "housing", first);
    world_say(w, "police", world_alert_change(w, first, KITH__ALERT_STEP__ALERT_CANCELLED));
    w->now_ms += MINUTE;
    world_deliver(w, "housing",
                  world_submit(w, "police", alert_about(w, household, "k", "not seen")));
    assert_int_equal(alerts_shown(w, household), 2);
}

/* ---- filed anew ---- */

/* The correction is about one person more, and only that one is linked to another family. */
static void accounts_that_part_stand_for_themselves(void **state)
{
    world_t *w = *state;
    world_household(w, "social-care", housing); /* so that ids differ from the world's first */
    ProtobufCBinaryData one = world_household(w, "social-care", housing);
    ProtobufCBinaryData two = world_household(w, "social-care", housing);
    Kith__Api__Draft *draft = account(w, (ProtobufCBinaryData){0}, "C-1", "a row");
    world_about(w, draft, "P-1");
    world_say(w, "police", draft);
    draft = account(w, (ProtobufCBinaryData){0}, "C-1", "a fight");
    world_about(w, draft, "P-2");
    world_say(w, "police", draft);
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    world_link(w, "social-care", "P-2", two);
    assert_int_equal(world_front_door(w, "social-care")->n_entries, 1);
    assert_string_equal(world_front_door(w, "social-care")->entries[0]->summary, "call-out: a row");
    assert_int_equal(world_feed_of(w, "social-care", two)->n_entries, 2);
    world_link(w, "social-care", "P-1", one);
    assert_int_equal(world_feed_of(w, "social-care", one)->n_entries, 2);
    assert_false(world_flag(world_feed_of(w, "social-care", two)->entries[1], "corrects"));
}

static void accounts_that_meet_are_one_entry(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", housing);
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = account(w, (ProtobufCBinaryData){0}, "C-1", i == 0 ? "a" : "b");
        world_about(w, draft, i == 0 ? "P-1" : "P-2");
        world_say(w, "police", draft);
        world_link(w, "social-care", i == 0 ? "P-1" : "P-2", household);
    }
    Kith__Api__FeedResponse *feed = world_feed_of(w, "social-care", household);
    assert_int_equal(feed->n_entries, 2);
    assert_int_equal(feed->entries[1]->folded, 1);
    assert_string_equal(feed->entries[1]->summary, "call-out: b");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_record_twice_is_one_entry),
        TEST(what_says_otherwise_takes_its_place),
        TEST(each_origin_and_each_family_has_its_own_incidents),
        cmocka_unit_test(whatever_the_order_the_latest_stands),
        TEST(early_account_folds_when_it_is_applied),
        TEST(what_names_the_account_it_corrects_is_of_its_incident),
        TEST(what_follows_from_an_incident_is_no_account_of_it),
        TEST(alerts_of_one_key_are_one_entry_until_the_end),
        TEST(alert_after_the_end_is_another_entry),
        TEST(accounts_that_part_stand_for_themselves),
        TEST(accounts_that_meet_are_one_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
