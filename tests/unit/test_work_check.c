/* What is taken from others: every limit of a field, what each kind demands, and what the envelope
 * said. What is only newer is kept. */
#include "tests/unit/work_world.h"

#define MALFORMED KITH__REASON__REASON_CONTENT_MALFORMED

static char *filled(world_t *w, size_t size)
{
    char *text = kith_arena_need(w->arena, size + 1);
    memset(text, 'x', size);
    return text;
}

static Kith__Notice *call_out(world_t *w)
{
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    world_about(w, event, "P-1");
    return world_submit(w, "police", event);
}

static void assert_malformed(world_t *w, const Kith__Notice *notice)
{
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    assert_int_equal(work_check(notice, &reason), KITH_INVALID);
    assert_int_equal(reason, MALFORMED);
    assert_int_equal(world_try_deliver(w, "social-care", notice, (deliver_with_t){0}),
                     KITH_INVALID);
    assert_int_equal(w->reason, MALFORMED);
}

static void assert_fine(const Kith__Notice *notice)
{
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    assert_int_equal(work_check(notice, &reason), KITH_OK);
    assert_int_equal(reason, KITH__REASON__REASON_UNSPECIFIED);
}

/* ---- limits ---- */

static void lines_texts_and_references_have_their_limits(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->event->kind = filled(w, KITH_LINE_BYTES_MAX);
    notice->event->narrative = filled(w, KITH_TEXT_BYTES_MAX);
    notice->event->about[0]->ref->id = filled(w, KITH_REFERENCE_BYTES_MAX);
    assert_fine(notice);
    notice->event->kind = filled(w, KITH_LINE_BYTES_MAX + 1);
    assert_malformed(w, notice);
    notice->event->kind = filled(w, 8);
    notice->event->narrative = filled(w, KITH_TEXT_BYTES_MAX + 1);
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    assert_int_equal(work_check(notice, &reason), KITH_INVALID); /* it would not even unpack */
    notice->event->narrative = filled(w, 8);
    notice->event->about[0]->ref->id = filled(w, KITH_REFERENCE_BYTES_MAX + 1);
    assert_malformed(w, notice);
}

static void draft_over_a_limit_is_told_which_field(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->event->cost_code = filled(w, KITH_LINE_BYTES_MAX + 1);
    world_refused(w, "police", event, KITH_INVALID, "line-too-long");
    assert_string_equal(w->refusal.what, "cost_code: a line holds at most 512 bytes");
    event = world_event(w, "police.call-out");
    event->event->narrative = NAME("\xff");
    world_refused(w, "police", event, KITH_INVALID, "not-text");
    event = world_event(w, "police.call-out");
    event->household = (ProtobufCBinaryData){3, (uint8_t[]){1, 2, 3}};
    world_refused(w, "police", event, KITH_INVALID, "not-an-id");
    event->household = (ProtobufCBinaryData){16, (uint8_t[16]){0}};
    world_refused(w, "police", event, KITH_INVALID, "not-an-id");
}

static void lists_have_their_limits(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    Kith__About *about[KITH_ABOUT_MAX + 1];
    ProtobufCBinaryData causes[KITH_CAUSES_MAX + 1];
    for (size_t i = 0; i <= KITH_ABOUT_MAX; i++) {
        about[i] = notice->event->about[0];
    }
    for (size_t i = 0; i <= KITH_CAUSES_MAX; i++) {
        causes[i] = notice->id;
    }
    notice->event->about = about;
    notice->event->n_about = KITH_ABOUT_MAX;
    notice->caused_by = causes;
    notice->n_caused_by = KITH_CAUSES_MAX;
    assert_fine(notice);
    notice->event->n_about++;
    assert_malformed(w, notice);
    notice->event->n_about--;
    notice->n_caused_by++;
    assert_malformed(w, notice);
}

static void ids_have_sixteen_bytes(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    ProtobufCBinaryData id = notice->id;
    notice->id.len = 15;
    assert_malformed(w, notice);
    notice->id.len = 0;
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    assert_int_equal(work_check(notice, &reason), KITH_INVALID);
    notice->id = id;
    notice->n_caused_by = 1;
    notice->caused_by = &(ProtobufCBinaryData){1, (uint8_t[]){7}};
    assert_malformed(w, notice);
}

static void times_are_sane(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->event->occurred_ms = -1;
    assert_malformed(w, notice);
    notice->event->occurred_ms = INT64_C(253402300800000);
    assert_malformed(w, notice);
    notice->event->occurred_ms = 0;
    assert_fine(notice);
    notice->expires_ms = notice->created_ms;
    assert_malformed(w, notice);
    notice->expires_ms = 0;
    notice->created_ms = 0;
    assert_malformed(w, notice);
}

static void names_are_names(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->topic = NAME("Not a topic");
    assert_malformed(w, notice);
    notice->topic = NAME("police.call-out");
    notice->origin = NAME("");
    assert_malformed(w, notice);
}

/* ---- each kind ---- */

static void notice_without_a_body_is_malformed(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->body_case = KITH__NOTICE__BODY__NOT_SET;
    assert_malformed(w, notice);
    notice->body_case = KITH__NOTICE__BODY_EVENT;
    notice->event = NULL;
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    assert_int_equal(work_check(notice, &reason), KITH_INVALID);
}

static void alert_of_others_asks_somebody_else_by_name(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"social-care", NULL});
    Kith__Notice *alert = world_submit(w, "police", world_alert(w, household));
    char *asked[] = {NAME("social-care"), NAME("school")};
    alert->alert->asked = asked;
    alert->alert->n_asked = 2;
    assert_fine(alert);
    asked[1] = NAME("social-care");
    assert_malformed(w, alert);
    asked[1] = NAME("police");
    assert_malformed(w, alert);
    asked[1] = NAME("Not a name");
    assert_malformed(w, alert);
    alert->alert->n_asked = 0;
    assert_malformed(w, alert);
    alert->alert->n_asked = 1;
    alert->household.len = 0;
    assert_malformed(w, alert);
}

static void answers_name_what_they_answer(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    Kith__Reply reply = KITH__REPLY__INIT;
    Kith__ReferralAnswer answer = KITH__REFERRAL_ANSWER__INIT;
    Kith__Seen seen = KITH__SEEN__INIT;
    reply.answer = KITH__ANSWER__ANSWER_ACTING;
    notice->body_case = KITH__NOTICE__BODY_REPLY;
    notice->reply = &reply;
    assert_malformed(w, notice);
    answer.step = KITH__REFERRAL_STEP__REFERRAL_ACCEPTED;
    notice->body_case = KITH__NOTICE__BODY_REFERRAL_ANSWER;
    notice->referral_answer = &answer;
    assert_malformed(w, notice);
    notice->body_case = KITH__NOTICE__BODY_SEEN;
    notice->seen = &seen;
    assert_malformed(w, notice);
    seen.notice = notice->id;
    assert_malformed(w, notice);
    seen.person = NAME("duty");
    assert_malformed(w, notice);
    seen.seen_ms = w->now_ms;
    assert_fine(notice);
}

static void change_names_household_and_time(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "mother", false);
    world_seat(w, draft, "social-care", 0);
    Kith__Notice *notice = world_submit(w, "police", draft);
    Kith__Household *change = notice->household_change;
    assert_fine(notice);
    ProtobufCBinaryData household = notice->household;
    notice->household.len = 0;
    assert_malformed(w, notice);
    notice->household = (ProtobufCBinaryData){16, (uint8_t[16]){1}}; /* not the notice's own */
    assert_malformed(w, notice);
    notice->household = household;
    int64_t changed_ms = change->changed_ms;
    change->changed_ms = 0;
    assert_malformed(w, notice);
    change->changed_ms = changed_ms;
    change->members[0]->id.len = 0;
    assert_malformed(w, notice);
    change->n_members = 0;
    change->team[0]->agency = NAME("Not a name");
    assert_malformed(w, notice);
}

static void carried_part_is_no_later_than_its_notice(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "mother", false);
    Kith__Notice *notice = world_submit(w, "police", draft);
    Kith__Household *change = notice->household_change;
    Kith__Stamp said = KITH__STAMP__INIT;
    change->members[0]->said = &said;
    assert_malformed(w, notice);
    said.by = notice->id;
    said.changed_ms = change->changed_ms + 1;
    assert_malformed(w, notice);
    said.changed_ms--;
    assert_fine(notice);
    said.changed_ms++;
    change->members[0]->said = NULL;
    change->name_said = &said;
    assert_malformed(w, notice);
}

/* ---- what the envelope said ---- */

static void assert_refused(world_t *w, const Kith__Notice *notice, deliver_with_t with,
                           Kith__Reason reason)
{
    assert_int_equal(world_try_deliver(w, "social-care", notice, with), KITH_INVALID);
    assert_int_equal(w->reason, reason);
}

static void type_must_be_what_topic_and_class_said(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    assert_refused(w, notice, (deliver_with_t){.topic_class = "safeguarding"},
                   KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID);
    notice->topic = NAME("referral");
    assert_refused(w, notice, (deliver_with_t){0}, KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID);
}

static void unknown_topic_is_judged_by_its_class(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->topic = NAME("police.newer-topic");
    assert_refused(w, notice, (deliver_with_t){.topic_class = "referral"},
                   KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID);
    world_deliver(w, "social-care", notice);
    notice->id.data[15] ^= 0xff;
    assert_int_equal(
        world_try_deliver(w, "social-care", notice, (deliver_with_t){.topic_class = "newer-class"}),
        KITH_OK);
}

static void exercise_and_earnest_do_not_mix(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    notice->exercise = false;
    assert_refused(w, notice, (deliver_with_t){0}, KITH__REASON__REASON_EXERCISE_MIXED);
}

static void origin_speaks_in_its_own_name(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    agent_received_t in = {.origin = "housing", .notice = notice, .now_ms = w->now_ms};
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(work_apply(&world_node(w, "social-care")->work, txn, w->arena, &in, &reason),
                     KITH_INVALID);
    assert_int_equal(reason, KITH__REASON__REASON_NOT_YOUR_NAME);
}

static void id_belongs_to_the_origin_that_first_used_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    world_deliver(w, "social-care", notice);
    notice->origin = NAME("housing");
    assert_refused(w, notice, (deliver_with_t){0}, KITH__REASON__REASON_APPLY_FAILED);
    assert_string_equal(world_last(w, "social-care")->origin, "police");
}

static void newer_body_is_shown_as_far_as_understood(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = call_out(w);
    static uint8_t nothing[] = {0};
    ProtobufCMessageUnknownField newer = {
        .tag = 99, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 1, .data = nothing};
    notice->body_case = KITH__NOTICE__BODY__NOT_SET;
    notice->base.n_unknown_fields = 1;
    notice->base.unknown_fields = &newer;
    assert_fine(notice);
    world_deliver(w, "social-care", notice);
    Kith__Api__FeedEntry *entry = world_last(w, "social-care");
    assert_string_equal(entry->kind, "unknown");
    assert_string_equal(entry->origin, "police");
    assert_true(strlen(entry->summary) > 0);
    assert_string_equal(world_tasks(w, "social-care"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_texts_and_references_have_their_limits),
        TEST(draft_over_a_limit_is_told_which_field),
        TEST(lists_have_their_limits),
        TEST(ids_have_sixteen_bytes),
        TEST(times_are_sane),
        TEST(names_are_names),
        TEST(notice_without_a_body_is_malformed),
        TEST(alert_of_others_asks_somebody_else_by_name),
        TEST(answers_name_what_they_answer),
        TEST(change_names_household_and_time),
        TEST(carried_part_is_no_later_than_its_notice),
        TEST(type_must_be_what_topic_and_class_said),
        TEST(unknown_topic_is_judged_by_its_class),
        TEST(exercise_and_earnest_do_not_mix),
        TEST(origin_speaks_in_its_own_name),
        TEST(id_belongs_to_the_origin_that_first_used_it),
        TEST(newer_body_is_shown_as_far_as_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
