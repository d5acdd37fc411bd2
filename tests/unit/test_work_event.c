/* Who receives an event, and what its sender may not say. */
#include "tests/unit/work_world.h"

static const char *const police_and_school[] = {"police", "school", NULL};

static void event_goes_to_who_subscribes_to_its_topic(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "housing", "police.call-out");
    assert_int_equal(world_prepare(w, "police", world_event(w, "police.call-out")), KITH_OK);
    assert_string_equal(world_recipients(w), "housing social-care");
    assert_int_equal(world_prepare(w, "police", world_event(w, "police.arrest")), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
}

static void patterns_cover_topics_by_their_beginning(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", (const char *const[]){NULL});
    world_subscribe(w, "social-care", "police.*");
    Kith__Api__Draft *event = world_event(w, "police.arrest");
    event->household = household;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
    event->topic = NAME("safeguarding.concern");
    world_refused(w, "police", event, KITH_DENIED, "nobody-may-receive");
}

static void subscription_beyond_the_agreement_brings_nothing(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "school",
                    "police.arrest");          /* may subscribe, but no clause lets it have it */
    world_subscribe(w, "housing", "police.*"); /* may have call-outs only */
    assert_int_equal(world_prepare(w, "police", world_event(w, "police.arrest")), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
}

static void household_brings_its_team_and_lead(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", police_and_school);
    Kith__Api__Draft *change = world_change(w, household);
    world_lead(w, change, "health");
    world_say(w, "police", change);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    event->household = household;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "health school");
    assert_false(w->prepared.front_door);
    assert_int_equal(w->prepared.lane, KITH_LANE_URGENT);
    assert_string_equal(w->prepared.topic_class, "safeguarding");
    assert_string_equal(w->prepared.clauses[0], "5.1");
}

static void team_is_narrowed_by_the_agreement(void **state)
{
    world_t *w = *state;
    static const char *const team[] = {"school", "housing", NULL};
    ProtobufCBinaryData household = world_household(w, "police", team);
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->household = household;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "housing");
}

static void team_of_yesterday_receives_nothing(void **state)
{
    world_t *w = *state;
    static const char *const team[] = {"school", "housing", NULL};
    ProtobufCBinaryData household = world_household(w, "police", team);
    Kith__Api__Draft *change = world_change(w, household);
    world_seat(w, change, "school", w->now_ms);
    world_say(w, "police", change);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    event->household = household;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "housing");
}

static void team_of_next_month_receives_nothing_yet(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", police_and_school);
    Kith__Api__Draft *change = world_change(w, household);
    world_seat(w, change, "health", 0);
    change->household_change->team[0]->from_ms = w->now_ms + 30 * DAY;
    world_say(w, "police", change);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    event->household = household;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "school");
    w->now_ms += 31 * DAY;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "health school");
}

static void event_without_household_goes_to_the_front_door(void **state)
{
    world_t *w = *state;
    assert_int_equal(world_prepare(w, "police", world_event(w, "police.call-out")), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
    assert_true(w->prepared.front_door);
}

static void event_of_an_unknown_household_goes_to_the_front_door(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->household = world_household(w, "housing", (const char *const[]){NULL});
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "social-care");
    assert_true(w->prepared.front_door);
    assert_int_equal(w->prepared.notice->household.len, KITH_ID_BYTES);
}

static void linked_reference_names_the_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", police_and_school);
    world_link(w, "police", "P-1", household);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    world_about(w, event, "P-1");
    world_about(w, event, "P-9");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "school");
    assert_memory_equal(w->prepared.notice->household.data, household.data, KITH_ID_BYTES);
}

static void references_of_two_households_are_a_conflict(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "police", police_and_school);
    ProtobufCBinaryData two = world_household(w, "police", police_and_school);
    world_link(w, "police", "P-1", one);
    world_link(w, "police", "P-2", two);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    world_about(w, event, "P-1");
    world_about(w, event, "P-2");
    world_refused(w, "police", event, KITH_CONFLICT, "several-households");
    event->household = two; /* a person says which */
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
}

static void reference_said_not_to_be_of_the_household_is_a_conflict(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", police_and_school);
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME("P-1");
    ask.ref = &ref;
    ask.why = NAME("same address");
    ask.household = household;
    ask.not_the_same = true;
    assert_int_equal(world_try_link(w, "police", &ask), KITH_OK);
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    world_about(w, event, "P-1");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_true(w->prepared.front_door); /* such a link is none */
    event->household = household;
    world_refused(w, "police", event, KITH_CONFLICT, "not-the-same");
}

static void named_recipients_are_all_there_are(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "social-care", "*");
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_to(w, event, "housing");
    world_to(w, event, "housing");
    world_to(w, event, "police");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(world_recipients(w), "housing");
    assert_false(w->prepared.front_door);
    world_to(w, event, "social-care");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_true(w->prepared.front_door);
}

static void named_recipient_the_agreement_forbids_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_to(w, event, "school");
    world_refused(w, "police", event, KITH_DENIED, "no-clause");
    assert_non_null(strstr(w->refusal.what, "school"));
    assert_non_null(strstr(w->refusal.what, "class event"));
}

static void named_recipient_that_left_or_never_was_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    world_to(w, event, "charity");
    world_refused(w, "police", event, KITH_DENIED, "agency-left");
    event->to[0] = NAME("nobody");
    world_refused(w, "police", event, KITH_NOT_FOUND, "agency-unknown");
}

static void event_that_nobody_may_receive_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "private");
    world_refused(w, "police", event, KITH_DENIED, "nobody-may-receive");
    world_to(w, event, "police");
    world_refused(w, "police", event, KITH_DENIED, "nobody-may-receive");
}

static void front_door_may_keep_an_event_to_itself(void **state)
{
    world_t *w = *state;
    assert_int_equal(world_prepare(w, "social-care", world_event(w, "private")), KITH_OK);
    assert_int_equal(w->prepared.recipients_count, 0);
    assert_true(w->prepared.front_door);
}

static void without_a_front_door_somebody_must_be_there(void **state)
{
    world_t *w = *state;
    w->agreement.front_door = "";
    world_refused(w, "police", world_event(w, "police.call-out"), KITH_DENIED,
                  "nobody-may-receive");
}

static void topic_must_be_there_and_fit(void **state)
{
    world_t *w = *state;
    world_refused(w, "police", world_event(w, ""), KITH_INVALID, "topic-missing");
    world_refused(w, "police", world_event(w, "no-such-topic"), KITH_INVALID, "topic-unknown");
    assert_non_null(strstr(w->refusal.what, "no-such-topic"));
    world_refused(w, "police", world_event(w, "alert"), KITH_INVALID, "topic-type");
    assert_non_null(strstr(w->refusal.what, "type alert, not event"));
    w->agreement.topics_count = 3;
    world_refused(w, "police", world_referral(w, "health"), KITH_INVALID, "topic-unknown");
    assert_string_equal(w->refusal.what, "this needs a topic of type referral in the partnership's "
                                         "file, with a clause for its class");
}

static void draft_without_a_body_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_draft(w);
    world_refused(w, "police", draft, KITH_INVALID, "body-missing");
    draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    world_refused(w, "police", draft, KITH_INVALID, "body-missing");
}

static void event_says_what_happened(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->event->kind = NAME("");
    world_refused(w, "police", event, KITH_INVALID, "event-kind");
    event->event->kind = NAME("call-out");
    world_about(w, event, "");
    world_refused(w, "police", event, KITH_INVALID, "reference-missing");
    event->event->about[0]->ref = NULL;
    world_refused(w, "police", event, KITH_INVALID, "reference-missing");
}

static void notice_is_filled_in(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    const Kith__Notice *notice = w->prepared.notice;
    assert_string_equal(notice->origin, "police");
    assert_string_equal(notice->topic, "police.call-out");
    assert_string_equal(notice->author, "duty officer");
    assert_true(notice->exercise);
    assert_int_equal(notice->created_ms, w->now_ms);
    assert_int_equal(notice->expires_ms, 0);
    event->author = NAME("custody sergeant");
    event->expires_ms = w->now_ms + DAY;
    assert_int_equal(world_prepare(w, "police", event), KITH_OK);
    assert_string_equal(w->prepared.notice->author, "custody sergeant");
    assert_int_equal(w->prepared.notice->expires_ms, w->now_ms + DAY);
    event->expires_ms = w->now_ms;
    world_refused(w, "police", event, KITH_INVALID, "expires-before-made");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(event_goes_to_who_subscribes_to_its_topic),
        TEST(patterns_cover_topics_by_their_beginning),
        TEST(subscription_beyond_the_agreement_brings_nothing),
        TEST(household_brings_its_team_and_lead),
        TEST(team_is_narrowed_by_the_agreement),
        TEST(team_of_yesterday_receives_nothing),
        TEST(team_of_next_month_receives_nothing_yet),
        TEST(event_without_household_goes_to_the_front_door),
        TEST(event_of_an_unknown_household_goes_to_the_front_door),
        TEST(linked_reference_names_the_household),
        TEST(references_of_two_households_are_a_conflict),
        TEST(reference_said_not_to_be_of_the_household_is_a_conflict),
        TEST(named_recipients_are_all_there_are),
        TEST(named_recipient_the_agreement_forbids_is_refused),
        TEST(named_recipient_that_left_or_never_was_is_refused),
        TEST(event_that_nobody_may_receive_is_refused),
        TEST(front_door_may_keep_an_event_to_itself),
        TEST(without_a_front_door_somebody_must_be_there),
        TEST(topic_must_be_there_and_fit),
        TEST(draft_without_a_body_is_refused),
        TEST(event_says_what_happened),
        TEST(notice_is_filled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
