/* What is shielded never shows in a line: not in a feed, not in an inbox, whoever wrote what where.
 */
#include "tests/unit/work_world.h"

#define CANARY "CANARY-7f3a"

static const char *const housing[] = {"housing", NULL};

/* Every text of a message becomes the canary; names of agencies and references stay. */
static void plant(ProtobufCMessage *message)
{
    static const char *const kept[] = {"asked", "agency", "to", "system", "id", "topic", "level"};
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        void *place = (uint8_t *)message + field->offset;
        bool keep =
            field->type != PROTOBUF_C_TYPE_STRING || field->label == PROTOBUF_C_LABEL_REPEATED;
        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
            keep = keep || strcmp(field->name, kept[k]) == 0;
        }
        if (!keep) {
            char *canary = NAME(CANARY);
            memcpy(place, &canary, sizeof canary);
        }
    }
}

/* No line that any agency would read holds it. */
static void assert_no_canary(world_t *w)
{
    for (size_t i = 0; i < WORLD_NODES; i++) {
        const char *agency = w->nodes[i].work.agency;
        Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
        Kith__Api__FeedResponse *feed = world_feed(w, agency, ask);
        for (size_t k = 0; k < feed->n_entries; k++) {
            assert_null(strstr(feed->entries[k]->summary, CANARY));
        }
        Kith__Api__InboxResponse *inbox = world_inbox(w, agency, 0, 0);
        for (size_t k = 0; k < inbox->n_tasks; k++) {
            assert_null(strstr(inbox->tasks[k]->summary, CANARY));
            assert_null(strstr(inbox->tasks[k]->reason, CANARY));
        }
    }
}

static void assert_shielded(world_t *w, const char *agency)
{
    Kith__Api__FeedEntry *entry = world_last(w, agency);
    assert_string_equal(entry->summary, "shielded");
    assert_true(world_flag(entry, "shielded"));
}

static void shielded_event_shows_nothing_of_itself(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    plant(&event->event->base);
    event->event->shielded = true;
    world_say(w, "police", event);
    assert_shielded(w, "social-care");
    assert_shielded(w, "police");
    assert_string_equal(world_inbox(w, "social-care", 0, 0)->tasks[0]->summary, "shielded");
    assert_no_canary(w);
}

static void notice_about_one_shielded_person_shows_nothing(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Api__Draft *drafts[] = {world_event(w, "police.call-out"), world_referral(w, "housing"),
                                  world_alert(w, household)};
    ProtobufCMessage *bodies[] = {&drafts[0]->event->base, &drafts[1]->referral->base,
                                  &drafts[2]->alert->base};
    for (size_t i = 0; i < 3; i++) {
        plant(bodies[i]);
        drafts[i]->household = household;
        world_about(w, drafts[i], "P-1");
        world_about(w, drafts[i], NULL);
        world_say(w, "police", drafts[i]);
        assert_shielded(w, "housing");
        assert_shielded(w, "police");
    }
    assert_no_canary(w);
}

static void early_arrival_is_shielded_too(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "safeguarding.concern");
    plant(&event->event->base);
    event->event->shielded = true;
    Kith__Notice *notice = world_submit(w, "police", event);
    assert_int_equal(world_try_deliver(w, "school", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_shielded(w, "school");
}

static void words_about_a_household_with_a_shielded_member_do_not_show(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, CANARY);
    world_seat(w, draft, "housing", 0);
    world_member(w, draft, CANARY, true);
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    assert_shielded(w, "housing");
    draft = world_alert(w, household);
    plant(&draft->alert->base);
    world_say(w, "police", draft);
    assert_shielded(w, "housing");
    assert_no_canary(w);
}

static void new_shield_hides_what_was_shown_before(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Api__Draft *draft = world_alert(w, household);
    plant(&draft->alert->base);
    Kith__Notice *alert = world_say(w, "police", draft);
    assert_string_equal(world_last(w, "housing")->summary, CANARY);
    world_say(w, "housing", world_reply(w, alert, KITH__ANSWER__ANSWER_ACTING));
    draft = world_change(w, household);
    world_member(w, draft, CANARY, true);
    world_say(w, "police", draft);
    assert_no_canary(w);
    Kith__Api__FeedResponse *feed = world_feed_of(w, "police", household);
    assert_string_equal(feed->entries[1]->summary, "shielded");
    assert_string_equal(feed->entries[2]->summary, "reply: acting"); /* holds nobody's words */
}

/* A hand-over's words are its successor's task, also when the shield comes after them. */
static void what_is_read_first_does_not_show_in_the_inbox(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Api__Draft *change = world_change(w, household);
    world_lead(w, change, "housing");
    change->household_change->lead->read_first = NAME(CANARY);
    world_say(w, "police", change);
    assert_non_null(strstr(world_inbox(w, "housing", 0, 0)->tasks[0]->reason, CANARY));
    change = world_change(w, household);
    world_member(w, change, "Older child", true);
    world_say(w, "police", change);
    assert_string_equal(world_tasks(w, "housing"), "read-first police");
    assert_no_canary(w);
}

static void row_linked_into_a_shielded_household_is_shielded(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "mother", true);
    ProtobufCBinaryData household = world_say(w, "social-care", draft)->household;
    draft = world_event(w, "police.call-out");
    plant(&draft->event->base);
    world_about(w, draft, "P-1");
    world_say(w, "police", draft);
    assert_non_null(strstr(world_last(w, "social-care")->summary, CANARY));
    world_link(w, "social-care", "P-1", household);
    assert_shielded(w, "social-care");
}

/* Whatever people write into answers, changes and acknowledgements: a line has only codes of it. */
static void free_text_of_answers_never_shows(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "housing"));
    Kith__Api__Draft *drafts[] = {
        world_reply(w, alert, KITH__ANSWER__ANSWER_CANNOT_SHARE),
        world_answer(w, referral, KITH__REFERRAL_STEP__REFERRAL_DECLINED),
        world_seen(w, alert),
        world_change(w, household),
    };
    plant(&drafts[0]->reply->base);
    plant(&drafts[1]->referral_answer->base);
    drafts[1]->referral_answer->redirected_to = NAME(""); /* a member, and codes: not free */
    drafts[1]->referral_answer->reason_code = drafts[1]->referral_answer->outcome = NAME("full");
    plant(&drafts[2]->seen->base);
    plant(&drafts[3]->household_change->base);
    world_member(w, drafts[3], CANARY, false);
    world_lead(w, drafts[3], "housing");
    drafts[3]->household_change->lead->role = NAME(CANARY);
    for (size_t i = 0; i < 4; i++) {
        world_say(w, "housing", drafts[i]);
    }
    assert_no_canary(w);
}

static void free_text_of_what_becomes_of_an_alert_never_shows(void **state)
{
    world_t *w = *state;
    kith_stage_t stages[] = {{"manager", "4h", {NULL, KITH_CLOCK_RUNS, 240 * MINUTE}},
                             {"director", "4h", {NULL, KITH_CLOCK_RUNS, 240 * MINUTE}}};
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    for (int step = KITH__ALERT_STEP__ALERT_UPDATED; step <= KITH__ALERT_STEP__ALERT_CLOSED;
         step++) {
        Kith__Api__Draft *draft = world_alert_change(w, alert, (Kith__AlertStep)step);
        Kith__Notice *change = kith_arena_need(w->arena, sizeof *change);
        plant(&draft->alert_change->base);
        draft->alert_change->outcome = NAME("seen"); /* a code: not free */
        if (step == KITH__ALERT_STEP__ALERT_CLOSED) {
            world_say(w, "housing", world_reply(w, alert, KITH__ANSWER__ANSWER_ACTING));
        }
        *change = *world_say(w, "police", draft);
        change->id.data[15] ^= 0x80;
        change->alert_change->outcome = NAME(CANARY); /* by a sender that does not look */
        world_deliver(w, "housing", change);
    }
    w->agreement.stages = stages;
    w->agreement.stages_count = 2;
    Kith__Api__Draft *draft = world_draft(w);
    Kith__Disagreement said = KITH__DISAGREEMENT__INIT;
    draft->body_case = KITH__API__DRAFT__BODY_DISAGREEMENT;
    draft->disagreement = &said;
    plant(&said.base);
    said.decision = alert->id;
    said.with = NAME("");
    world_say(w, "housing", draft);
    w->now_ms += DAY;
    world_tick(w, "police");
    world_tick(w, "housing");
    assert_no_canary(w);
}

static void line_is_short_and_one_line(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    char *text = kith_arena_need(w->arena, 1001);
    for (size_t i = 0; i < 1000; i += 2) {
        const char *two = i % 8 == 0 ? "\r\n" : "é";
        text[i] = two[0];
        text[i + 1] = two[1];
    }
    event->event->narrative = text;
    world_say(w, "police", event);
    const char *summary = world_last(w, "social-care")->summary;
    assert_true(strlen(summary) <= 163);
    assert_null(strstr(summary, "\n"));
    assert_non_null(strstr(summary, "…"));
    event->event->narrative = NAME("a\x1b[31mb\xe2\x80\xa8"
                                   "c\xe2\x80\xae"
                                   "d\xe2\x81\xa6"
                                   "e\xc2\x85"
                                   "f\xf0\x9f\x98\x80");
    world_say(w, "police", event);
    assert_string_equal(world_last(w, "social-care")->summary,
                        "call-out: a [31mb c d e f\xf0\x9f\x98\x80");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shielded_event_shows_nothing_of_itself),
        TEST(notice_about_one_shielded_person_shows_nothing),
        TEST(early_arrival_is_shielded_too),
        TEST(words_about_a_household_with_a_shielded_member_do_not_show),
        TEST(new_shield_hides_what_was_shown_before),
        TEST(what_is_read_first_does_not_show_in_the_inbox),
        TEST(row_linked_into_a_shielded_household_is_shielded),
        TEST(free_text_of_answers_never_shows),
        TEST(free_text_of_what_becomes_of_an_alert_never_shows),
        TEST(line_is_short_and_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
