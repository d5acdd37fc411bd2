/* What an agency says of itself, and subscribing one topic at a time. */
#include "tests/unit/work_world.h"

static kith_err try_subscribe(world_t *w, const char *agency, const char *topic, bool end,
                              Kith__Api__Draft *draft)
{
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    ask.topic = NAME(topic);
    ask.end = end;
    kith_txn_t *txn = world_begin(w, agency);
    kith_err err = work_subscribe(&world_node(w, agency)->work, txn, w->arena, &ask, w->now_ms,
                                  draft, &w->refusal);
    memtxn_abort(world_node(w, agency)->store);
    return err;
}

static void refused(world_t *w, const char *agency, const char *topic, bool end, kith_err err,
                    const char *rule)
{
    Kith__Api__Draft *draft = world_draft(w);
    assert_int_equal(try_subscribe(w, agency, topic, end, draft), err);
    assert_string_equal(w->refusal.rule, rule);
    assert_int_equal(draft->body_case, KITH__API__DRAFT__BODY__NOT_SET);
}

static Kith__Directory *entry_after(world_t *w, const char *agency, const char *topic, bool end)
{
    Kith__Api__Draft *draft = world_draft(w);
    assert_int_equal(try_subscribe(w, agency, topic, end, draft), KITH_OK);
    return world_say(w, agency, draft)->directory;
}

static void entry_goes_to_everyone(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "housing", "police.call-out");
    assert_string_equal(world_recipients(w), "health police school social-care");
    assert_string_equal(w->prepared.topic_class, "directory");
}

static void topics_are_added_and_ended_one_at_a_time(void **state)
{
    world_t *w = *state;
    assert_int_equal(entry_after(w, "social-care", "police.arrest", false)->n_subscriptions, 1);
    Kith__Directory *entry = entry_after(w, "social-care", "police.*", false);
    assert_int_equal(entry->n_subscriptions, 2);
    assert_int_equal(entry_after(w, "social-care", "police.*", false)->n_subscriptions, 2);
    entry = entry_after(w, "social-care", "police.arrest", true);
    assert_int_equal(entry->n_subscriptions, 1);
    assert_string_equal(entry->subscriptions[0]->topic, "police.*");
    assert_true(entry->subscriptions[0]->since_ms > 0);
    refused(w, "social-care", "police.arrest", true, KITH_NOT_FOUND, "not-subscribed");
}

static void ending_one_of_two_subscriptions_ends_only_that(void **state)
{
    world_t *w = *state;
    static const char *const housing[] = {NULL};
    Kith__Api__Draft *event = world_event(w, "police.arrest");
    event->household = world_household(w, "police", housing);
    entry_after(w, "social-care", "police.arrest", false);
    entry_after(w, "social-care", "police.call-out", false);
    entry_after(w, "social-care", "police.call-out", true);
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
    event->topic = NAME("police.call-out");
    world_refused(w, "police", event, KITH_DENIED, "nobody-may-receive");
}

static void malformed_pattern_is_refused(void **state)
{
    world_t *w = *state;
    static const char *const malformed[] = {"",      "police*", "*.call-out", "police.**",
                                            "po ce", ".*",      "Police.*",   "**"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        refused(w, "social-care", malformed[i], false, KITH_INVALID, "pattern");
    }
    char longer[KITH_NAME_MAX + 4];
    memset(longer, 'x', sizeof longer);
    memcpy(longer + KITH_NAME_MAX + 1, ".*", 3);
    refused(w, "social-care", longer, false, KITH_INVALID, "pattern");
}

static void topic_must_be_there_and_allowed(void **state)
{
    world_t *w = *state;
    refused(w, "social-care", "no-such-topic", false, KITH_NOT_FOUND, "topic-unknown");
    refused(w, "social-care", "fire.*", false, KITH_NOT_FOUND, "topic-unknown");
    refused(w, "housing", "police.arrest", false, KITH_DENIED, "may-not-subscribe");
    refused(w, "police", "*", false, KITH_DENIED, "may-not-subscribe");
    Kith__Api__Draft *draft = world_draft(w);
    assert_int_equal(try_subscribe(w, "housing", "police.*", false, draft), KITH_OK);
    assert_int_equal(try_subscribe(w, "housing", "*", false, draft), KITH_OK);
}

static void draft_of_an_entry_is_held_to_the_same(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_draft(w);
    assert_int_equal(try_subscribe(w, "housing", "police.call-out", false, draft), KITH_OK);
    draft->directory->subscriptions[0]->topic = NAME("police.arrest");
    world_refused(w, "housing", draft, KITH_DENIED, "may-not-subscribe");
    draft->directory->subscriptions[0]->topic = NAME("**");
    world_refused(w, "housing", draft, KITH_INVALID, "pattern");
    draft->directory->subscriptions[0]->topic = NAME("police.call-out");
    world_to(w, draft, "police");
    world_refused(w, "housing", draft, KITH_INVALID, "recipients-follow");
}

static void subscription_held_before_the_agreement_narrowed_hinders_no_other(void **state)
{
    world_t *w = *state;
    entry_after(w, "housing", "police.call-out", false);
    kith_may_subscribe_t narrowed[] = {
        {.agency = "housing", .topics = (const char *[]){"police.arrest"}, .topics_count = 1}};
    w->agreement.may_subscribe = narrowed;
    w->agreement.may_subscribe_count = 1;
    assert_int_equal(entry_after(w, "housing", "police.arrest", false)->n_subscriptions, 2);
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care"); /* as the front door */
}

static void newest_entry_stands_whatever_the_order(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *first = world_draft(w), *second = world_draft(w);
    assert_int_equal(try_subscribe(w, "social-care", "police.arrest", false, first), KITH_OK);
    Kith__Notice *older = world_submit(w, "social-care", first);
    assert_int_equal(try_subscribe(w, "social-care", "police.arrest", true, second), KITH_OK);
    Kith__Notice *newer = world_submit(w, "social-care", second);
    world_deliver(w, "housing", newer);
    world_deliver(w, "housing", older);
    world_deliver(w, "police", older);
    world_deliver(w, "police", newer);
    Kith__Api__Draft *event = world_event(w, "police.arrest");
    w->agreement.front_door = "";
    world_refused(w, "police", event, KITH_DENIED, "nobody-may-receive");
    world_refused(w, "housing", event, KITH_DENIED, "nobody-may-receive");
}

static void entry_is_always_later_than_the_one_before(void **state)
{
    world_t *w = *state;
    Kith__Directory *first = entry_after(w, "social-care", "police.arrest", false);
    w->now_ms -= DAY; /* the clock was set back */
    Kith__Directory *second = entry_after(w, "social-care", "police.arrest", true);
    assert_int_equal(second->changed_ms, first->changed_ms + 1);
    world_refused(w, "housing", world_event(w, "private"), KITH_DENIED, "nobody-may-receive");
}

static void malformed_entry_of_others_is_not_taken(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_draft(w);
    assert_int_equal(try_subscribe(w, "housing", "police.call-out", false, draft), KITH_OK);
    Kith__Notice *notice = world_submit(w, "housing", draft);
    notice->directory->subscriptions[0]->topic = NAME("**");
    assert_int_equal(world_try_deliver(w, "police", notice, (deliver_with_t){0}), KITH_INVALID);
    assert_int_equal(w->reason, KITH__REASON__REASON_CONTENT_MALFORMED);
    notice->directory->subscriptions[0]->topic = NAME("newer.*"); /* of a newer file: kept */
    world_deliver(w, "police", notice);
    notice->directory->changed_ms = 0;
    assert_int_equal(world_try_deliver(w, "police", notice, (deliver_with_t){0}), KITH_INVALID);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entry_goes_to_everyone),
        TEST(topics_are_added_and_ended_one_at_a_time),
        TEST(ending_one_of_two_subscriptions_ends_only_that),
        TEST(malformed_pattern_is_refused),
        TEST(topic_must_be_there_and_allowed),
        TEST(draft_of_an_entry_is_held_to_the_same),
        TEST(subscription_held_before_the_agreement_narrowed_hinders_no_other),
        TEST(newest_entry_stands_whatever_the_order),
        TEST(malformed_entry_of_others_is_not_taken),
        TEST(entry_is_always_later_than_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
