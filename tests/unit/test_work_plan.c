/* A household's one plan: its outcomes and their ends, its review, and what it does not foresee. */
#include "tests/unit/work_plan.h"

#include <stdio.h>

/* ---- outcomes ---- */

static void the_team_makes_one_plan_of_all_that_each_adds(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    draft->plan->family_view = NAME("We want to be left in peace");
    draft->plan->review_ms = w->now_ms + 42 * DAY;
    Kith__Notice *first = world_say(w, "police", draft);
    assert_string_equal(world_recipients(w), "housing social-care");
    Kith__Notice *last = world_say(w, "housing", with_outcome(w, family, "social-care"));
    Kith__Api__PlanView *view = view_at(w, "social-care", family);
    assert_int_equal(view->n_outcomes, 2);
    assert_int_equal(view->outcomes[0]->state, STATE(OPEN));
    assert_string_equal(view->family_view, "We want to be left in peace");
    assert_int_equal(view->review_ms, first->plan->review_ms);
    assert_same(w, "police", "social-care", family);
    assert_memory_equal(world_view(w, "police", family)->plan.data, last->id.data, 16);
    assert_string_equal(world_last(w, "social-care")->summary,
                        "plan changed, outcome of social-care open");
}

static void what_a_change_leaves_out_stays(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    char *expects[] = {NAME("police.*")};
    draft->plan->outcomes[0]->expects = expects;
    draft->plan->outcomes[0]->n_expects = 1;
    draft->plan->outcomes[0]->by_ms = w->now_ms + DAY;
    Kith__Notice *said = world_say(w, "police", draft);
    draft = change(w, family);
    add(w, draft)->id = said->plan->outcomes[0]->id;
    draft->plan->outcomes[0]->owner = NAME("housing");
    world_say(w, "social-care", draft);
    const Kith__PlanOutcome *outcome = view_at(w, "police", family)->outcomes[0];
    assert_string_equal(outcome->text, "Both children are in bed by nine");
    assert_string_equal(outcome->owner, "housing");
    assert_string_equal(outcome->expects[0], "police.*");
    assert_int_equal(outcome->by_ms, said->plan->outcomes[0]->by_ms);
}

static void each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    for (size_t from = 0; from < 4; from++) {
        for (size_t to = 0; to < 4; to++) {
            ProtobufCBinaryData id =
                world_say(w, "police", with_outcome(w, family, "police"))->plan->outcomes[0]->id;
            if (from > 0) {
                world_say(w, "housing", ending(w, family, id, states[from]));
            }
            Kith__Api__Draft *draft = ending(w, family, id, states[to]);
            if (from == to || plan_state_may(states[from], states[to])) {
                Kith__Notice *said = world_say(w, "police", draft);
                assert_int_equal(said->plan->outcomes[0]->state, states[to]);
            } else {
                world_refused(w, "police", draft, KITH_CONFLICT, "outcome-state");
                assert_non_null(strstr(w->refusal.what, "possible now: open"));
            }
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    char *page = kith_arena_need(w->arena, 128 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    assert_true(fread(page, 1, 128 * 1024 - 1, file) > 0);
    (void)fclose(file);
    assert_non_null(strstr(page, "| it becomes | open | met | not-met | dropped |"));
    for (size_t to = 0; to < 4; to++) {
        const char *word =
            word_of(w->arena, &kith__outcome_state__descriptor, "OUTCOME_STATE_", (int)states[to]);
        const char *line = kith_arena_printf(w->arena, "| %s |", word);
        for (size_t from = 0; from < 4; from++) {
            line = kith_arena_printf(w->arena, "%s %s |", line,
                                     plan_state_may(states[from], states[to]) ? word : "–");
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

static void an_end_says_what_it_must(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    ProtobufCBinaryData id =
        world_say(w, "police", with_outcome(w, family, "police"))->plan->outcomes[0]->id;
    static const char *const answers[] = {"", "no", "perhaps"};
    for (size_t i = 0; i < 3; i++) { /* nobody but the family says that it is met */
        Kith__Api__Draft *draft = ending(w, family, id, STATE(MET));
        draft->plan->outcomes[0]->need_met = NAME(answers[i]);
        world_refused(w, "police", draft, KITH_INVALID, "outcome-met");
    }
    for (size_t i = 2; i < 4; i++) {
        Kith__Api__Draft *draft = ending(w, family, id, states[i]);
        draft->plan->outcomes[0]->reason = NAME("");
        world_refused(w, "police", draft, KITH_INVALID, "outcome-reason");
    }
    world_say(w, "police", ending(w, family, id, STATE(MET)));
    world_say(w, "police", ending(w, family, id, STATE(OPEN))); /* and it is no yes any more */
    assert_string_equal(view_at(w, "housing", family)->outcomes[0]->need_met, "");
}

static void what_cannot_be_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_refused(w, "school", with_outcome(w, family, "police"), KITH_NOT_FOUND,
                  "household-unknown");
    world_refused(w, "police", change(w, family), KITH_INVALID, "nothing-changes");
    world_refused(w, "police", with_outcome(w, family, "school"), KITH_INVALID, "outcome-owner");
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    draft->plan->outcomes[0]->text = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "outcome-text");
    draft = with_outcome(w, family, "police");
    draft->plan->outcomes[0]->by_ms = w->now_ms - 1;
    world_refused(w, "police", draft, KITH_INVALID, "date-past");
    draft = with_outcome(w, family, "police");
    draft->plan->outcomes[0]->state = STATE(DROPPED);
    world_refused(w, "police", draft, KITH_INVALID, "outcome-state");
    world_refused(w, "police",
                  ending(w, family, (ProtobufCBinaryData){16, (uint8_t[16]){7}}, STATE(MET)),
                  KITH_NOT_FOUND, "outcome-unknown");
    static const char *const topics[] = {"police.callout", "referral", "polic*e"};
    for (size_t i = 0; i < 3; i++) {
        char *expects[] = {NAME(topics[i])};
        draft = with_outcome(w, family, "police");
        draft->plan->outcomes[0]->expects = expects;
        draft->plan->outcomes[0]->n_expects = 1;
        world_refused(w, "police", draft, KITH_INVALID, "outcome-expects");
    }
    draft = change(w, family);
    draft->plan->review_ms = w->now_ms;
    world_refused(w, "police", draft, KITH_INVALID, "review-past");
    draft = change(w, family);
    for (size_t i = 0; i < KITH_OUTCOMES_MAX; i++) {
        add_new(w, draft, "police");
    }
    world_say(w, "police", draft);
    world_refused(w, "housing", with_outcome(w, family, "police"), KITH_CONFLICT, "too-many");
}

/* ---- the review ---- */

static void an_overdue_review_is_the_leads_task(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    draft->plan->review_ms = w->now_ms + 42 * DAY;
    int64_t review_ms = draft->plan->review_ms;
    world_say(w, "police", draft);
    w->now_ms = review_ms;
    assert_int_equal(world_tick(w, "housing"), review_ms + 1);
    w->now_ms++;
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    world_tick(w, "housing");
    world_tick(w, "housing");
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(world_tasks(w, "housing"), "read-first police; plan-review housing");
    assert_string_equal(world_last(w, "housing")->summary, "plan review overdue");
    assert_true(view_at(w, "police", family)->review_overdue);
    draft = world_change(w, family); /* the lead goes to another, and so does the review */
    world_lead(w, draft, "social-care");
    world_say(w, "housing", draft);
    assert_string_equal(world_tasks(w, "housing"), "");
    world_tick(w, "social-care");
    assert_string_equal(world_tasks(w, "social-care"),
                        "read-first housing; plan-review social-care");
    for (size_t i = 0; i < 2; i++) { /* back, and there again: whoever leads is told */
        draft = world_change(w, family);
        world_lead(w, draft, i == 0 ? "housing" : "social-care");
        world_say(w, "police", draft);
        world_tick(w, "housing");
        world_tick(w, "social-care");
        assert_string_equal(world_tasks(w, "housing"),
                            i == 0 ? "read-first police; plan-review housing" : "");
        assert_string_equal(world_tasks(w, "social-care"),
                            i == 0 ? "" : "read-first police; plan-review social-care");
    }
    draft = change(w, family);
    draft->plan->review_ms = w->now_ms + 42 * DAY;
    world_say(w, "police", draft);
    assert_string_equal(world_tasks(w, "social-care"), "read-first police");
    assert_int_equal(world_tick(w, "social-care"), draft->plan->review_ms + 1);
    assert_int_equal(world_tick(w, "housing"), INT64_MAX);
}

/* ---- what it does not foresee ---- */

static Kith__Api__Draft *event(world_t *w, const char *topic, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_event(w, topic);
    draft->household = household;
    draft->event->occurred_ms = w->now_ms;
    return draft;
}

static void an_event_outside_the_plan_is_marked(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_say(w, "police", event(w, "police.arrest", family));
    assert_false(world_flag(world_last(w, "housing"), "unplanned")); /* there is no plan */
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    char *expects[] = {NAME("police.call-out")};
    draft->plan->outcomes[0]->expects = expects;
    draft->plan->outcomes[0]->n_expects = 1;
    Kith__Notice *plan = world_say(w, "police", draft);
    world_say(w, "police", event(w, "police.call-out", family));
    assert_false(world_flag(world_last(w, "housing"), "unplanned"));
    Kith__Notice *arrest = world_say(w, "police", event(w, "police.arrest", family));
    assert_true(world_flag(world_last(w, "housing"), "unplanned"));
    assert_true(world_flag(world_last(w, "police"), "unplanned"));
    world_deliver(w, "housing", arrest); /* again */
    assert_int_equal(view_at(w, "housing", family)->unplanned, 1);
    draft = event(w, "police.arrest", family);
    draft->event->occurred_ms = plan->plan->changed_ms - DAY; /* of before there was a plan */
    world_say(w, "police", draft);
    assert_false(world_flag(world_last(w, "housing"), "unplanned"));
    world_say(w, "police", ending(w, family, plan->plan->outcomes[0]->id, STATE(MET)));
    world_say(w, "police", event(w, "police.call-out", family));
    assert_true(world_flag(world_last(w, "housing"), "unplanned")); /* no open outcome expects it */
    assert_int_equal(view_at(w, "housing", family)->unplanned, 2);
    Kith__Notice *early = world_submit(w, "police", event(w, "police.arrest", family));
    assert_int_equal(world_try_deliver(w, "housing", early, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_int_equal(view_at(w, "housing", family)->unplanned, 2); /* it is not applied yet */
    world_deliver(w, "housing", early);
    assert_int_equal(view_at(w, "housing", family)->unplanned, 3);
}

static void an_event_that_is_linked_later_is_marked_then(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_say(w, "police", with_outcome(w, family, "police"));
    Kith__Api__Draft *draft = world_event(w, "police.arrest");
    draft->event->occurred_ms = w->now_ms;
    world_about(w, draft, "P-7");
    world_say(w, "police", draft); /* at the front door: social care */
    assert_int_equal(view_at(w, "social-care", family)->unplanned, 0);
    world_link(w, "social-care", "P-7", family);
    assert_true(world_flag(world_last(w, "social-care"), "unplanned"));
    assert_int_equal(view_at(w, "social-care", family)->unplanned, 1);
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME("P-7");
    ask.ref = &ref;
    ask.why = NAME("same address");
    ask.undo = true;
    assert_int_equal(world_try_link(w, "social-care", &ask), KITH_OK);
    assert_false(world_flag(world_last(w, "social-care"), "unplanned"));
    assert_int_equal(view_at(w, "social-care", family)->unplanned, 0);
}

static void a_plan_that_two_begin_began_with_the_earlier(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Notice *first = world_submit(w, "police", with_outcome(w, family, "police"));
    Kith__Notice *second = world_submit(w, "housing", with_outcome(w, family, "housing"));
    world_deliver(w, "housing", first);
    world_deliver(w, "police", second);
    Kith__Api__Draft *draft = event(w, "police.arrest", family);
    draft->event->occurred_ms = first->plan->changed_ms;
    world_say(w, "police", draft);
    assert_true(world_flag(world_last(w, "police"), "unplanned"));
    assert_true(world_flag(world_last(w, "housing"), "unplanned"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_team_makes_one_plan_of_all_that_each_adds),
        TEST(what_a_change_leaves_out_stays),
        TEST(each_state_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(an_end_says_what_it_must),
        TEST(what_cannot_be_is_refused),
        TEST(an_overdue_review_is_the_leads_task),
        TEST(an_event_outside_the_plan_is_marked),
        TEST(an_event_that_is_linked_later_is_marked_then),
        TEST(a_plan_that_two_begin_began_with_the_earlier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
