/* What an agency offers and knows about, one service or subject at a time. */
#include "tests/unit/work_world.h"

static Kith__Api__OfferRequest *offer(world_t *w)
{
    Kith__Api__OfferRequest *ask = kith_arena_need(w->arena, sizeof *ask);
    kith__api__offer_request__init(ask);
    return ask;
}

static Kith__Api__OfferRequest *service(world_t *w, const char *id)
{
    static char *needs[] = {NAME("parenting"), NAME("sleep")};
    Kith__Api__OfferRequest *ask = offer(w);
    ask->service = kith_arena_need(w->arena, sizeof *ask->service);
    kith__service__init(ask->service);
    ask->service->id = NAME(id);
    ask->service->name = NAME("Parenting group");
    ask->service->what = NAME("Eight evenings");
    ask->service->whom = NAME("parents of under-tens");
    ask->service->not_whom = NAME("alleged-perpetrator");
    ask->service->where = NAME("Elm Court");
    ask->service->hours = NAME("Tuesdays 18:00");
    ask->service->needs = needs;
    ask->service->n_needs = 2;
    ask->service->counted = true;
    ask->service->places = 12;
    ask->service->free = 3;
    return ask;
}

static Kith__Api__OfferRequest *knows(world_t *w, const char *subject, const char *role)
{
    Kith__Api__OfferRequest *ask = offer(w);
    ask->knows = kith_arena_need(w->arena, sizeof *ask->knows);
    kith__knows__init(ask->knows);
    ask->knows->subject = NAME(subject);
    ask->knows->role = NAME(role);
    return ask;
}

static Kith__Directory *say(world_t *w, const Kith__Api__OfferRequest *ask)
{
    Kith__Api__Draft *draft = world_offer(w, "health", ask);
    assert_non_null(draft);
    Kith__Notice *notice = world_say(w, "health", draft);
    assert_string_equal(world_recipients(w), "housing police school social-care");
    return notice->directory;
}

static void refused(world_t *w, const Kith__Api__OfferRequest *ask, const char *rule)
{
    Kith__Api__Draft *draft = world_offer(w, "health", ask);
    if (draft != NULL) { /* what any entry must be is looked at when it is prepared */
        world_refused(w, "health", draft, KITH_INVALID, rule);
        return;
    }
    assert_string_equal(w->refusal.rule, rule);
    assert_true(strlen(w->refusal.what) > 0);
}

static void a_service_is_offered_with_all_that_is_said_of_it(void **state)
{
    world_t *w = *state;
    Kith__Directory *entry = say(w, service(w, "parenting"));
    assert_int_equal(entry->n_services, 1);
    const Kith__Service *said = entry->services[0];
    assert_string_equal(said->whom, "parents of under-tens");
    assert_string_equal(said->needs[1], "sleep");
    assert_int_equal(said->free, 3);
    assert_true(said->checked_ms != 0);
    assert_int_equal(say(w, service(w, "sleep-clinic"))->n_services, 2);
}

static void what_a_change_leaves_out_stays_and_is_looked_at_now(void **state)
{
    world_t *w = *state;
    say(w, service(w, "parenting"));
    w->now_ms += 20 * DAY;
    Kith__Api__OfferRequest *ask = offer(w);
    ask->service = kith_arena_need(w->arena, sizeof *ask->service);
    kith__service__init(ask->service);
    ask->service->id = NAME("parenting");
    int64_t now_ms = w->now_ms;
    Kith__Service *said = say(w, ask)->services[0]; /* it is still so */
    assert_string_equal(said->name, "Parenting group");
    assert_string_equal(said->hours, "Tuesdays 18:00");
    assert_int_equal(said->n_needs, 2);
    assert_int_equal(said->places, 12);
    assert_int_equal(said->free, 3);
    assert_int_equal(said->checked_ms, now_ms);
    ask->service->counted = true; /* none is free any more */
    said = say(w, ask)->services[0];
    assert_int_equal(said->places, 12);
    assert_int_equal(said->free, 0);
    ask->service->where = NAME("Oak House");
    said = say(w, ask)->services[0];
    assert_string_equal(said->where, "Oak House");
    assert_string_equal(said->what, "Eight evenings");
}

static void a_service_ends(void **state)
{
    world_t *w = *state;
    say(w, service(w, "parenting"));
    say(w, service(w, "sleep-clinic"));
    Kith__Api__OfferRequest *ask = service(w, "parenting");
    ask->end = true;
    Kith__Directory *entry = say(w, ask);
    assert_int_equal(entry->n_services, 1);
    assert_string_equal(entry->services[0]->id, "sleep-clinic");
    refused(w, ask, "service-unknown");
}

static void who_knows_about_what_is_a_role(void **state)
{
    world_t *w = *state;
    Kith__Directory *entry = say(w, knows(w, "county lines", "exploitation lead"));
    assert_string_equal(entry->knows[0]->role, "exploitation lead");
    entry = say(w, knows(w, "county lines", "duty worker")); /* another role */
    assert_int_equal(entry->n_knows, 1);
    assert_string_equal(entry->knows[0]->role, "duty worker");
    say(w, knows(w, "sleep", "health visitor"));
    refused(w, knows(w, "debt", "jo@example.org"), "knows");
    refused(w, knows(w, "debt", ""), "knows");
    refused(w, knows(w, "", "duty worker"), "knows");
    Kith__Api__OfferRequest *ask = knows(w, "county lines", "");
    ask->end = true;
    assert_int_equal(say(w, ask)->n_knows, 1);
    refused(w, ask, "subject-unknown");
}

static void the_rest_of_the_entry_stays(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "health", "police.call-out");
    say(w, service(w, "parenting"));
    Kith__Api__OfferRequest *ask = offer(w);
    ask->phone = NAME("01632 960004");
    say(w, ask);
    Kith__Directory *entry = say(w, knows(w, "sleep", "health visitor"));
    assert_int_equal(entry->n_subscriptions, 1);
    assert_int_equal(entry->n_services, 1);
    assert_string_equal(entry->phone, "01632 960004");
    ask = offer(w);
    ask->duty_role = NAME("duty nurse");
    entry = say(w, ask);
    assert_string_equal(entry->phone, "01632 960004");
    assert_string_equal(entry->duty_role, "duty nurse");
    assert_int_equal(entry->n_knows, 1);
}

static void what_is_no_offer_is_refused(void **state)
{
    world_t *w = *state;
    refused(w, offer(w), "offer-nothing");
    refused(w, service(w, "Parenting Group"), "service-id");
    Kith__Api__OfferRequest *ask = service(w, "parenting");
    ask->service->what = NAME("");
    refused(w, ask, "service-words");
    ask = service(w, "parenting");
    ask->service->free = 13;
    refused(w, ask, "service-places");
    ask = service(w, "parenting");
    ask->service->where = kith_arena_need(w->arena, KITH_LINE_BYTES_MAX + 2);
    memset(ask->service->where, 'x', KITH_LINE_BYTES_MAX + 1);
    refused(w, ask, "line-too-long");
    for (size_t i = 0; i < KITH_SERVICES_MAX; i++) {
        say(w, service(w, kith_arena_printf(w->arena, "service-%zu", i)));
    }
    refused(w, service(w, "parenting"), "too-many");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_service_is_offered_with_all_that_is_said_of_it),
        TEST(what_a_change_leaves_out_stays_and_is_looked_at_now),
        TEST(a_service_ends),
        TEST(who_knows_about_what_is_a_role),
        TEST(the_rest_of_the_entry_stays),
        TEST(what_is_no_offer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
