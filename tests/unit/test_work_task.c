/* Outcomes become tasks for people, once; the inbox shows what is open. */
#include "base/key.h"
#include "tests/unit/work_world.h"

#define OUTCOME(name) KITH__OUTCOME__OUTCOME_##name
#define REASON(name)  KITH__REASON__REASON_##name

static void each_bad_outcome_is_a_task_with_agency_and_reason(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    world_outcome(w, "police", notice, "housing", OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    world_outcome(w, "police", notice, "health", OUTCOME(QUARANTINED), REASON(CANNOT_OPEN));
    world_outcome(w, "police", notice, "school", OUTCOME(EXPIRED), REASON(UNSPECIFIED));
    assert_string_equal(world_tasks(w, "police"),
                        "refused housing; quarantined health; expired school");
    Kith__Api__InboxResponse *inbox = world_inbox(w, "police", 0, 0);
    assert_string_equal(inbox->tasks[0]->reason, "topic-not-allowed");
    assert_string_equal(inbox->tasks[1]->reason, "cannot-open");
    assert_string_equal(inbox->tasks[2]->reason, "");
    assert_int_equal(inbox->tasks[0]->since_ms, w->now_ms);
    assert_string_equal(inbox->tasks[0]->summary,
                        "call-out: Raised voices reported by a neighbour.");
}

static void outcome_is_told_once(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    world_outcome(w, "police", notice, "housing", OUTCOME(REFUSED), REASON(REMOVED));
    world_outcome(w, "police", notice, "housing", OUTCOME(REFUSED), REASON(REMOVED));
    assert_string_equal(world_tasks(w, "police"), "refused housing");
}

static void late_delivery_ends_what_was_expired(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    world_outcome(w, "police", notice, "school", OUTCOME(EXPIRED), REASON(UNSPECIFIED));
    world_outcome(w, "police", notice, "health", OUTCOME(EXPIRED), REASON(UNSPECIFIED));
    world_outcome(w, "police", notice, "school", OUTCOME(DELIVERED_LATE), REASON(UNSPECIFIED));
    assert_string_equal(world_tasks(w, "police"), "expired health");
}

static void sealed_anew_and_delivered_ends_the_quarantine(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    world_outcome(w, "police", notice, "school", OUTCOME(QUARANTINED), REASON(CANNOT_OPEN));
    world_outcome(w, "police", notice, "school", OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_string_equal(world_tasks(w, "police"), "");
}

static void good_outcome_is_no_task(void **state)
{
    world_t *w = *state;
    static const Kith__Outcome outcomes[] = {OUTCOME(DELIVERED), OUTCOME(DELIVERED_LATE),
                                             OUTCOME(VOIDED), OUTCOME(REPEAT),
                                             OUTCOME(UNSPECIFIED)};
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    for (size_t i = 0; i < 5; i++) {
        world_outcome(w, "police", notice, "school", outcomes[i], REASON(UNSPECIFIED));
    }
    assert_string_equal(world_tasks(w, "police"), "");
}

static void outcome_of_what_has_no_row_is_a_task_too(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_say(w, "police", world_event(w, "police.call-out"));
    Kith__Notice *seen = world_submit(w, "social-care", world_seen(w, notice));
    world_outcome(w, "social-care", seen, "police", OUTCOME(REFUSED), 999);
    Kith__Api__InboxResponse *inbox = world_inbox(w, "social-care", 0, 0);
    assert_string_equal(inbox->tasks[1]->kind, "refused");
    assert_string_equal(inbox->tasks[1]->summary, "");
    assert_string_equal(inbox->tasks[1]->reason, "newer");
}

static void inbox_goes_by_pages(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < 5; i++) {
        world_say(w, "police", world_event(w, "police.call-out"));
    }
    Kith__Api__InboxResponse *page = world_inbox(w, "social-care", 2, 0);
    assert_int_equal(page->n_tasks, 2);
    assert_true(page->more);
    page = world_inbox(w, "social-care", 2, page->tasks[1]->seq);
    assert_int_equal(page->n_tasks, 2);
    assert_true(page->more);
    page = world_inbox(w, "social-care", 2, page->tasks[1]->seq);
    assert_int_equal(page->n_tasks, 1);
    assert_false(page->more);
    assert_int_equal(world_inbox(w, "social-care", UINT32_MAX, 0)->n_tasks, 5);
}

static void task_moves_with_its_notice(void **state)
{
    world_t *w = *state;
    static const char *const nobody[] = {NULL};
    Kith__Api__Draft *draft = world_referral(w, "social-care");
    world_about(w, draft, "P-1");
    world_say(w, "police", draft);
    ProtobufCBinaryData household = world_household(w, "social-care", nobody);
    assert_int_equal(world_inbox(w, "social-care", 0, 0)->tasks[0]->household.len, 0);
    world_link(w, "social-care", "P-1", household);
    assert_memory_equal(world_inbox(w, "social-care", 0, 0)->tasks[0]->household.data,
                        household.data, KITH_ID_BYTES);
}

static kith_err done(world_t *w, const char *agency, const Kith__Notice *notice, const char *kind,
                     const char *why, uint32_t *ret_ended)
{
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = notice->id;
    ask.kind = NAME(kind);
    ask.why = NAME(why);
    kith_err err = work_done(&world_node(w, agency)->work, world_begin(w, agency), w->arena, &ask,
                             "duty", w->now_ms, ret_ended, &w->refusal);
    world_commit(w, agency);
    return err;
}

static void person_ends_what_no_answer_ends(void **state)
{
    world_t *w = *state;
    uint32_t ended = 99;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    world_outcome(w, "police", notice, "housing", OUTCOME(REFUSED), REASON(REMOVED));
    world_outcome(w, "police", notice, "health", OUTCOME(REFUSED), REASON(REMOVED));
    world_outcome(w, "police", notice, "school", OUTCOME(EXPIRED), REASON(UNSPECIFIED));
    assert_int_equal(done(w, "police", notice, "quarantined", "", &ended), KITH_NOT_FOUND);
    assert_int_equal(done(w, "police", notice, "expired", "told by telephone", &ended), KITH_OK);
    assert_int_equal(ended, 1);
    assert_string_equal(world_tasks(w, "police"), "refused housing; refused health");
    assert_int_equal(done(w, "police", notice, "", "", &ended), KITH_OK);
    assert_int_equal(ended, 2);
    assert_string_equal(world_tasks(w, "police"), "");
    assert_int_equal(done(w, "police", notice, "", "", &ended), KITH_NOT_FOUND);
    assert_string_equal(w->refusal.rule, "task-unknown");
    Kith__Store__TaskRow *row = NULL;
    kith_bytes_t value;
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, 3);
    assert_int_equal(
        kith_get(world_begin(w, "police"), AGENT_TABLE_TASKS, kith_key_bytes(&key), &value),
        KITH_OK);
    row = kith__store__task_row__unpack(kith_arena_allocator(w->arena), value.size, value.data);
    assert_string_equal(row->done_by, "duty");
    assert_string_equal(row->reason, "told by telephone");
    world_commit(w, "police");
}

static void what_asks_for_an_answer_ends_by_it_only(void **state)
{
    world_t *w = *state;
    uint32_t ended = 99;
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "social-care"));
    const char *before = world_tasks(w, "social-care");
    assert_int_equal(done(w, "social-care", referral, "", "", &ended), KITH_CONFLICT);
    assert_string_equal(w->refusal.rule, "answer-asked");
    static const char *const team[] = {"housing", NULL};
    ProtobufCBinaryData household = world_household(w, "police", team);
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    assert_int_equal(done(w, "housing", alert, "alert-to-answer", "", &ended), KITH_CONFLICT);
    assert_string_equal(world_tasks(w, "social-care"), before);
    Kith__Notice nameless = KITH__NOTICE__INIT;
    assert_int_equal(done(w, "social-care", &nameless, "", "", &ended), KITH_NOT_FOUND);
    nameless.id = (ProtobufCBinaryData){KITH_ID_BYTES - 1, referral->id.data};
    assert_int_equal(done(w, "social-care", &nameless, "", "", &ended), KITH_INVALID);
    assert_int_equal(ended, 99);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_bad_outcome_is_a_task_with_agency_and_reason),
        TEST(outcome_is_told_once),
        TEST(late_delivery_ends_what_was_expired),
        TEST(sealed_anew_and_delivered_ends_the_quarantine),
        TEST(good_outcome_is_no_task),
        TEST(outcome_of_what_has_no_row_is_a_task_too),
        TEST(inbox_goes_by_pages),
        TEST(task_moves_with_its_notice),
        TEST(person_ends_what_no_answer_ends),
        TEST(what_asks_for_an_answer_ends_by_it_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
