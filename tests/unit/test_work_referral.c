/* A referral's life: sent, received, accepted or declined; the referrer is always told. */
#include "tests/unit/work_world.h"

#define ACCEPTED KITH__REFERRAL_STEP__REFERRAL_ACCEPTED
#define DECLINED KITH__REFERRAL_STEP__REFERRAL_DECLINED

static void referral_is_to_exactly_one_other_agency(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_referral(w, NULL);
    world_refused(w, "police", draft, KITH_INVALID, "one-recipient");
    world_to(w, draft, "police");
    world_refused(w, "police", draft, KITH_INVALID, "one-recipient");
    assert_non_null(strstr(w->refusal.what, "name another with --to"));
    world_to(w, draft, "health");
    world_refused(w, "police", draft, KITH_INVALID, "one-recipient");
    world_refused(w, "police", world_referral(w, "charity"), KITH_DENIED, "agency-left");
    assert_int_equal(world_prepare(w, "police", world_referral(w, "health")), KITH_OK);
    assert_string_equal(world_recipients(w), "health");
    assert_false(w->prepared.front_door);
    assert_string_equal(w->prepared.notice->topic, "referral");
    assert_string_equal(w->prepared.notice->referral->to, "health");
}

static void referral_says_need_service_and_basis(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_referral(w, "health");
    draft->referral->need = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "referral-need");
    draft = world_referral(w, "health");
    draft->referral->service = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "referral-service");
    draft = world_referral(w, "health");
    draft->referral->basis->data_protection = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "referral-basis");
    draft->referral->basis = NULL;
    world_refused(w, "police", draft, KITH_INVALID, "referral-basis");
}

static void referral_waits_to_be_decided_where_it_was_sent(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    assert_string_equal(world_tasks(w, "health"), "referral-to-decide police");
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(world_state(w, "police", referral)->step, "sent");
    assert_string_equal(world_state(w, "health", referral)->step, "received");
    assert_string_equal(world_state(w, "police", referral)->to, "health");
    assert_string_equal(world_state(w, "health", referral)->from, "police");
}

static void referral_of_an_older_agent_is_for_who_received_it(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_submit(w, "police", world_referral(w, "health"));
    referral->referral->to = NAME("");
    world_deliver(w, "health", referral);
    assert_string_equal(world_state(w, "health", referral)->to, "health");
    assert_string_equal(world_tasks(w, "health"), "referral-to-decide police");
}

static void copy_of_a_referral_to_another_is_no_task(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    world_deliver(w, "school", referral);
    assert_string_equal(world_tasks(w, "school"), "");
    assert_string_equal(world_state(w, "school", referral)->step, "sent");
    world_refused(w, "school", world_answer(w, referral, ACCEPTED), KITH_DENIED,
                  "referral-not-yours");
}

static void accepted_referral_ends_the_task_and_tells_the_referrer(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__Draft *answer = world_answer(w, referral, ACCEPTED);
    answer->referral_answer->note = NAME("First visit on Tuesday");
    Kith__Notice *said = world_say(w, "health", answer);
    assert_string_equal(world_recipients(w), "police");
    assert_int_equal(said->n_caused_by, 1);
    assert_memory_equal(said->caused_by[0].data, referral->id.data, KITH_ID_BYTES);
    assert_string_equal(world_tasks(w, "health"), "referral-to-begin police");
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_string_equal(seen->step, "accepted");
    assert_string_equal(seen->note, "First visit on Tuesday");
    assert_int_equal(seen->answered_ms, said->created_ms);
    assert_string_equal(world_last(w, "police")->summary, "referral accepted");
    assert_string_equal(world_state(w, "health", referral)->step, "accepted");
}

static void answer_names_what_it_answers_once_among_its_causes(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__Draft *answer = world_answer(w, referral, ACCEPTED);
    ProtobufCBinaryData causes[] = {{16, (uint8_t[16]){1}}, referral->id};
    answer->caused_by = causes;
    answer->n_caused_by = 1;
    assert_int_equal(world_prepare(w, "health", answer), KITH_OK);
    assert_int_equal(w->prepared.notice->n_caused_by, 2);
    answer->n_caused_by = 2;
    assert_int_equal(world_prepare(w, "health", answer), KITH_OK);
    assert_int_equal(w->prepared.notice->n_caused_by, 2);
}

static void declining_takes_a_code_and_a_next_step(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Api__Draft *answer = world_answer(w, referral, DECLINED);
    answer->referral_answer->reason_code = NAME("");
    world_refused(w, "health", answer, KITH_INVALID, "decline-reason");
    answer = world_answer(w, referral, DECLINED);
    answer->referral_answer->next_step = NAME("");
    world_refused(w, "health", answer, KITH_INVALID, "decline-reason");
    world_say(w, "health", world_answer(w, referral, DECLINED));
    Kith__Api__ReferralState *seen = world_state(w, "police", referral);
    assert_string_equal(seen->step, "declined");
    assert_string_equal(seen->reason_code, "out-of-area");
    assert_string_equal(seen->next_step, "Ask the family hub of Sampleford");
}

static void only_who_was_referred_to_answers(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    world_refused(w, "police", world_answer(w, referral, ACCEPTED), KITH_DENIED,
                  "referral-not-yours");
    world_refused(w, "housing", world_answer(w, referral, ACCEPTED), KITH_NOT_FOUND,
                  "referral-unknown");
    Kith__Api__Draft *answer = world_answer(w, referral, ACCEPTED);
    answer->referral_answer->referral.len = 0;
    world_refused(w, "health", answer, KITH_NOT_FOUND, "referral-unknown");
}

static void answer_says_accepted_or_declined(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    world_refused(w, "health", world_answer(w, referral, 0), KITH_INVALID, "answer-step");
    world_refused(w, "health", world_answer(w, referral, 77), KITH_INVALID, "answer-step");
    Kith__Api__Draft *answer = world_answer(w, referral, ACCEPTED);
    world_to(w, answer, "housing");
    world_refused(w, "health", answer, KITH_INVALID, "recipients-follow");
}

static void decision_is_final(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    world_say(w, "health", world_answer(w, referral, DECLINED));
    world_refused(w, "health", world_answer(w, referral, ACCEPTED), KITH_CONFLICT, "referral-step");
    assert_non_null(strstr(w->refusal.what, "declined, which is final"));
}

static void answer_by_another_agency_changes_nothing_at_the_referrer(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *answer = world_submit(w, "health", world_answer(w, referral, ACCEPTED));
    answer->origin = NAME("school");
    world_deliver(w, "police", answer);
    assert_string_equal(world_state(w, "police", referral)->step, "sent");
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
}

static void second_answer_that_arrives_all_the_same_changes_nothing(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *first = world_submit(w, "health", world_answer(w, referral, ACCEPTED));
    world_deliver(w, "police", first);
    first->id.data[15] ^= 0xff;
    first->referral_answer->step = DECLINED;
    first->referral_answer->changed_ms++;
    world_deliver(w, "police", first);
    assert_string_equal(world_state(w, "police", referral)->step, "accepted");
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
}

static void step_of_a_newer_version_is_kept_and_not_final(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *answer = world_submit(w, "health", world_answer(w, referral, ACCEPTED));
    Kith__Notice newer = *answer;
    Kith__ReferralAnswer body = *answer->referral_answer;
    ProtobufCBinaryData id = {KITH_ID_BYTES, (uint8_t[KITH_ID_BYTES]){1, 2, 3}};
    newer.id = id;
    newer.referral_answer = &body;
    body.step = 77;
    world_deliver(w, "police", &newer);
    assert_string_equal(world_state(w, "police", referral)->step, "newer");
    world_deliver(w, "police", answer);
    assert_string_equal(world_state(w, "police", referral)->step, "accepted");
}

static void answer_to_an_unknown_referral_is_shown_and_waits(void **state)
{
    world_t *w = *state;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    Kith__Notice *answer = world_submit(w, "health", world_answer(w, referral, ACCEPTED));
    world_deliver(w, "housing", answer);
    assert_false(world_flag(world_last(w, "housing"), "not-asked"));
    assert_string_equal(world_last(w, "housing")->kind, "referral-answer");
}

static void state_of_an_unknown_referral_is_not_found(void **state)
{
    world_t *w = *state;
    Kith__Api__ReferralState *none = NULL;
    kith_txn_t *txn = world_begin(w, "police");
    uint8_t id[KITH_ID_BYTES] = {9};
    assert_int_equal(work_referral(&world_node(w, "police")->work, txn, w->arena,
                                   (kith_bytes_t){id, sizeof id}, &none),
                     KITH_NOT_FOUND);
    assert_null(none);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(referral_is_to_exactly_one_other_agency),
        TEST(referral_says_need_service_and_basis),
        TEST(referral_waits_to_be_decided_where_it_was_sent),
        TEST(referral_of_an_older_agent_is_for_who_received_it),
        TEST(copy_of_a_referral_to_another_is_no_task),
        TEST(accepted_referral_ends_the_task_and_tells_the_referrer),
        TEST(answer_names_what_it_answers_once_among_its_causes),
        TEST(declining_takes_a_code_and_a_next_step),
        TEST(only_who_was_referred_to_answers),
        TEST(answer_says_accepted_or_declined),
        TEST(decision_is_final),
        TEST(answer_by_another_agency_changes_nothing_at_the_referrer),
        TEST(second_answer_that_arrives_all_the_same_changes_nothing),
        TEST(step_of_a_newer_version_is_kept_and_not_final),
        TEST(answer_to_an_unknown_referral_is_shown_and_waits),
        TEST(state_of_an_unknown_referral_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
