/* A disagreement's states: each step in each phase, as docs/STATES.md draws them; its stages, each
 * by the calendar of the agency that owes the answer; and steps that come in any order. */
#include "agents/work/parts.h"
#include "base/text.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

#define STEP(name)  KITH__DISAGREEMENT_STEP__DISAGREEMENT_##name
#define PHASE(name) KITH__STORE__DISAGREEMENT_PHASE__DISAGREEMENT_IS_##name

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_int_equal(kith_time_parse(text, &ms), KITH_OK);
    return ms;
}

static kith_stage_t stages[] = {
    {"team-manager", "2 working days", {NULL, KITH_CLOCK_WORKING_DAYS, 2}},
    {"head-of-service", "5 working days", {NULL, KITH_CLOCK_WORKING_DAYS, 5}},
    {"director", "2 working days", {NULL, KITH_CLOCK_WORKING_DAYS, 2}},
};

/* health declines a referral of police on Monday 12 January 2026. */
static Kith__Notice *decide(world_t *w)
{
    w->agreement.stages = stages;
    w->agreement.stages_count = 3;
    w->now_ms = at("2026-01-12T10:00:00Z");
    Kith__Notice *referral = world_say(w, "police", world_referral(w, "health"));
    return world_say(w, "health",
                     world_answer(w, referral, KITH__REFERRAL_STEP__REFERRAL_DECLINED));
}

static Kith__Api__Draft *raising(world_t *w, const Kith__Notice *decision)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_DISAGREEMENT;
    draft->disagreement = kith_arena_need(w->arena, sizeof *draft->disagreement);
    kith__disagreement__init(draft->disagreement);
    draft->disagreement->decision = decision->id;
    draft->disagreement->text = NAME("Nobody else can see the child this week");
    return draft;
}

/* With all that any step must say. */
static Kith__Api__Draft *step_of(world_t *w, const Kith__Notice *raised,
                                 Kith__DisagreementStep step)
{
    Kith__Api__Draft *draft = raising(w, raised);
    draft->disagreement->decision.len = 0;
    draft->disagreement->disagreement = raised->id;
    draft->disagreement->step = step;
    draft->disagreement->outcome = NAME("One visit this week, then we look again");
    return draft;
}

static Kith__Notice *raise_one(world_t *w)
{
    return world_say(w, "police", raising(w, decide(w)));
}

static const char *by(Kith__DisagreementStep step)
{
    return disagreement_step_is_raisers(step) ? "police" : "health";
}

static void take(world_t *w, const Kith__Notice *raised, Kith__DisagreementStep step)
{
    world_say(w, by(step), step_of(w, raised, step));
}

static Kith__Api__DisagreementState *state_at(world_t *w, const char *agency,
                                              const Kith__Notice *raised)
{
    Kith__Api__DisagreementState *state = NULL;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_disagreement(&world_node(w, agency)->work, txn, w->arena,
                                       bytes_of(raised->id), w->now_ms, &state),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return state;
}

static const char *phase_word(world_t *w, int phase)
{
    const work_ctx_t ctx = {.arena = w->arena};
    return phase == DISAGREEMENT_PHASE_NONE ? "–" : disagreement_phase_word(&ctx, phase);
}

static void assert_phase(world_t *w, const Kith__Notice *raised, int phase, uint32_t stage)
{
    static const char *const ends[] = {"police", "health"};
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__DisagreementState *state = state_at(w, ends[i], raised);
        assert_string_equal(state->state, phase_word(w, phase));
        assert_int_equal(state->stage, stage);
    }
}

/* ---- the table ---- */

static const Kith__DisagreementStep ways[DISAGREEMENT_PHASES] = {0, STEP(ANSWERED), STEP(RESOLVED),
                                                                 STEP(WITHDRAWN)};

static void each_step_in_each_phase_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    for (int phase = 0; phase < DISAGREEMENT_PHASES; phase++) {
        for (int n = STEP(ANSWERED); n <= STEP(WITHDRAWN); n++) {
            Kith__DisagreementStep step = (Kith__DisagreementStep)n;
            Kith__Notice *raised = raise_one(w);
            if (ways[phase] != 0) {
                take(w, raised, ways[phase]);
            }
            assert_phase(w, raised, phase, 1);
            int next = disagreement_next(step, disagreement_step_is_raisers(step), phase);
            if (next == DISAGREEMENT_PHASE_NONE) {
                world_refused(w, by(step), step_of(w, raised, step), KITH_CONFLICT,
                              "disagreement-step");
            } else {
                take(w, raised, step);
                assert_phase(w, raised, next, step == STEP(ESCALATED) ? 2 : 1);
            }
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    char *page = kith_arena_need(w->arena, 64 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    assert_true(fread(page, 1, 64 * 1024 - 1, file) > 0);
    (void)fclose(file);
    const char *line = "| step | by |";
    for (int phase = 0; phase < 2; phase++) {
        line = kith_arena_printf(w->arena, "%s %s |", line, phase_word(w, phase));
    }
    assert_non_null(strstr(page, line));
    for (int n = STEP(ANSWERED); n <= STEP(WITHDRAWN); n++) {
        Kith__DisagreementStep step = (Kith__DisagreementStep)n;
        bool raisers = disagreement_step_is_raisers(step);
        line = kith_arena_printf(
            w->arena, "| %s | %s |",
            word_of(w->arena, &kith__disagreement_step__descriptor, "DISAGREEMENT_", n),
            raisers ? "who raised it" : "who decided");
        for (int phase = 0; phase < 2; phase++) {
            line = kith_arena_printf(w->arena, "%s %s |", line,
                                     phase_word(w, disagreement_next(step, raisers, phase)));
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

/* ---- raised ---- */

static void a_disagreement_is_with_the_agency_that_decided(void **state)
{
    world_t *w = *state;
    Kith__Notice *decision = decide(w);
    Kith__Notice *raised = world_say(w, "police", raising(w, decision));
    assert_string_equal(world_recipients(w), "health");
    assert_string_equal(raised->disagreement->with, "health");
    assert_memory_equal(raised->caused_by[0].data, decision->id.data, KITH_ID_BYTES);
    Kith__Api__DisagreementState *seen = state_at(w, "health", raised);
    assert_string_equal(seen->from, "police");
    assert_string_equal(seen->with, "health");
    assert_string_equal(seen->role, "team-manager");
    assert_int_equal(seen->due_ms, at("2026-01-14T17:00:00Z"));
    assert_true(same_id(seen->decision, decision->id));
    assert_int_equal(seen->n_allowed, 1);
    assert_string_equal(seen->allowed[0], "disagreement answer");
    assert_int_equal(state_at(w, "police", raised)->n_allowed, 3);
    assert_string_equal(world_tasks(w, "health"), "disagreement-to-answer police");
    assert_string_equal(world_last(w, "health")->summary, "disagreement raised");
}

static void one_disagrees_with_what_another_decided_and_not_with_an_event(void **state)
{
    world_t *w = *state;
    Kith__Notice *decision = decide(w);
    world_refused(w, "health", raising(w, decision), KITH_INVALID, "disagreement-decision");
    world_refused(w, "school", raising(w, decision), KITH_NOT_FOUND, "decision-unknown");
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    world_to(w, draft, "housing");
    Kith__Notice *event = world_say(w, "police", draft);
    world_refused(w, "housing", raising(w, event), KITH_INVALID, "disagreement-decision");
    draft = raising(w, decision);
    draft->disagreement->with = NAME("housing");
    world_refused(w, "police", draft, KITH_INVALID, "disagreement-with");
    draft = raising(w, decision);
    draft->disagreement->text = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "disagreement-text");
    draft = raising(w, decision);
    draft->disagreement->decision.len = 0;
    world_refused(w, "police", draft, KITH_NOT_FOUND, "decision-unknown");
    draft = raising(w, decision);
    world_to(w, draft, "health");
    world_refused(w, "police", draft, KITH_INVALID, "recipients-follow");
    w->agreement.stages_count = 0;
    world_refused(w, "police", raising(w, decision), KITH_INVALID, "disagreement-stages");
}

static void a_step_is_said_by_its_end_with_what_it_must_say(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    for (int n = STEP(ANSWERED); n <= STEP(WITHDRAWN); n++) {
        Kith__DisagreementStep step = (Kith__DisagreementStep)n;
        const char *other = disagreement_step_is_raisers(step) ? "health" : "police";
        world_refused(w, other, step_of(w, raised, step), KITH_DENIED, "disagreement-not-yours");
    }
    world_refused(w, "school", step_of(w, raised, STEP(ANSWERED)), KITH_NOT_FOUND,
                  "disagreement-unknown");
    world_refused(w, "police", step_of(w, raised, STEP(RAISED)), KITH_INVALID, "disagreement-step");
    world_refused(w, "police", step_of(w, raised, 77), KITH_INVALID, "disagreement-step");
    Kith__Api__Draft *draft = step_of(w, raised, STEP(RESOLVED));
    draft->disagreement->outcome = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "resolve-outcome");
    draft = step_of(w, raised, STEP(ANSWERED));
    draft->disagreement->text = NAME("");
    world_refused(w, "health", draft, KITH_INVALID, "disagreement-text");
}

/* ---- its stages ---- */

static void tick_both(world_t *w, int64_t now_ms)
{
    w->now_ms = now_ms;
    world_tick(w, "police");
    world_tick(w, "health");
}

/* Each by the calendar of who owes the answer: two working days, then five, then two. */
static void a_stage_that_is_over_unanswered_climbs_by_itself(void **state)
{
    static const struct {
        const char *over, *role;
    } ends[] = {{"2026-01-14T17:00:00Z", "head-of-service"}, {"2026-01-21T17:00:00Z", "director"}};
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    for (uint32_t i = 0; i < 2; i++) {
        tick_both(w, at(ends[i].over));
        assert_phase(w, raised, PHASE(UNANSWERED), i + 1);
        tick_both(w, at(ends[i].over) + 1);
        tick_both(w, at(ends[i].over) + 1); /* once */
        assert_phase(w, raised, PHASE(UNANSWERED), i + 2);
        assert_string_equal(world_tasks(w, "police"), "disagreement-escalated health");
        assert_string_equal(world_tasks(w, "health"), "disagreement-to-answer police");
        assert_string_equal(world_inbox(w, "police", 0, 0)->tasks[0]->reason, ends[i].role);
        assert_string_equal(world_inbox(w, "health", 0, 0)->tasks[0]->reason, ends[i].role);
        const char *line =
            kith_arena_printf(w->arena, "disagreement not answered: health, %s", ends[i].role);
        assert_string_equal(world_last(w, "police")->summary, line);
        assert_string_equal(world_last(w, "health")->summary, line);
    }
    assert_int_equal(state_at(w, "police", raised)->due_ms, at("2026-01-23T17:00:00Z"));
    assert_false(state_at(w, "police", raised)->overdue);
    tick_both(w, at("2026-01-23T17:00:00.001Z"));
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    assert_phase(w, raised, PHASE(UNANSWERED), 3);
    assert_true(state_at(w, "health", raised)->overdue);
    assert_string_equal(world_last(w, "police")->summary, "disagreement overdue: health, director");
    assert_string_equal(world_tasks(w, "police"),
                        "disagreement-escalated health; disagreement-overdue health");
    assert_string_equal(world_tasks(w, "health"),
                        "disagreement-to-answer police; disagreement-overdue police");
    take(w, raised, STEP(ANSWERED));
    assert_false(state_at(w, "health", raised)->overdue);
    assert_string_equal(world_tasks(w, "health"), "");
    assert_string_equal(world_tasks(w, "police"), "disagreement-to-settle health");
    take(w, raised, STEP(RESOLVED));
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(state_at(w, "health", raised)->outcome,
                        "One visit this week, then we look again");
    assert_int_equal(world_tick(w, "health"), INT64_MAX);
}

/* Over both clock changes and the holidays of Easter: each stage ends with the office's day. */
static void stages_keep_to_the_office_over_the_year(void **state)
{
    static const struct {
        const char *raised, *first, *second, *last;
    } cases[] = {
        {"2026-01-12T10:00:00Z", "2026-01-14T17:00:00Z", "2026-01-21T17:00:00Z",
         "2026-01-23T17:00:00Z"},
        {"2026-01-16T18:00:00Z", "2026-01-21T17:00:00Z", "2026-01-28T17:00:00Z",
         "2026-01-30T17:00:00Z"}, /* after hours on a Friday: Monday */
        {"2026-03-27T10:00:00Z", "2026-03-31T16:00:00Z", "2026-04-09T16:00:00Z",
         "2026-04-13T16:00:00Z"}, /* the clocks go forward; Good Friday to Easter Monday */
        {"2026-10-22T10:00:00Z", "2026-10-26T17:00:00Z", "2026-11-02T17:00:00Z",
         "2026-11-04T17:00:00Z"}, /* and back */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_t *w = world_new();
        Kith__Notice *decision = decide(w);
        w->now_ms = at(cases[i].raised);
        Kith__Notice *raised = world_say(w, "police", raising(w, decision));
        const char *ends[] = {cases[i].first, cases[i].second, cases[i].last};
        for (uint32_t stage = 0; stage < 3; stage++) {
            assert_int_equal(state_at(w, "police", raised)->due_ms, at(ends[stage]));
            tick_both(w, at(ends[stage]));
            assert_phase(w, raised, PHASE(UNANSWERED), stage + 1);
            tick_both(w, at(ends[stage]) + 1);
        }
        assert_true(state_at(w, "police", raised)->overdue);
        world_destroy(w);
    }
}

static void stages_that_were_over_while_down_are_told_once(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    tick_both(w, at("2026-01-22T09:00:00Z"));
    assert_phase(w, raised, PHASE(UNANSWERED), 3);
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    size_t lines = 0;
    Kith__Api__FeedResponse *feed = world_feed(w, "health", ask);
    for (size_t i = 0; i < feed->n_entries; i++) {
        lines += strcmp(feed->entries[i]->kind, "escalated") == 0 ? 1 : 0;
    }
    assert_int_equal(lines, 1);
    assert_int_equal(state_at(w, "health", raised)->due_ms, at("2026-01-23T17:00:00Z"));
}

static void who_raised_it_may_climb_at_once_but_not_above_the_last_stage(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    take(w, raised, STEP(ANSWERED));
    assert_string_equal(world_tasks(w, "police"), "disagreement-to-settle health");
    assert_int_equal(state_at(w, "health", raised)->due_ms, 0);
    take(w, raised, STEP(ESCALATED));
    assert_phase(w, raised, PHASE(UNANSWERED), 2);
    assert_string_equal(world_tasks(w, "health"), "disagreement-to-answer police");
    assert_string_equal(world_inbox(w, "health", 0, 0)->tasks[0]->reason, "head-of-service");
    assert_string_equal(world_tasks(w, "police"), "");
    take(w, raised, STEP(ESCALATED));
    assert_phase(w, raised, PHASE(UNANSWERED), 3);
    world_refused(w, "police", step_of(w, raised, STEP(ESCALATED)), KITH_CONFLICT,
                  "disagreement-step");
    assert_string_equal(w->refusal.what,
                        "it is unanswered at stage 3 of 3; possible now: kith disagreement "
                        "resolve, kith disagreement withdraw");
    take(w, raised, STEP(WITHDRAWN));
    assert_phase(w, raised, PHASE(WITHDRAWN), 3);
    assert_string_equal(world_tasks(w, "health"), "");
}

static void stages_edited_meanwhile_are_for_new_disagreements(void **state)
{
    world_t *w = *state;
    kith_stage_t other[] = {{"chair", "4h", {NULL, KITH_CLOCK_RUNS, 4 * 60 * MINUTE}}};
    Kith__Notice *raised = raise_one(w);
    w->agreement.stages = other;
    w->agreement.stages_count = 1;
    assert_string_equal(state_at(w, "health", raised)->role, "team-manager");
    tick_both(w, at("2026-01-14T17:00:00.001Z"));
    assert_string_equal(state_at(w, "health", raised)->role, "head-of-service");
}

static void a_person_does_not_end_what_asks_for_an_answer(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = raised->id;
    for (size_t i = 0; i < 2; i++) {
        const char *agency = i == 0 ? "health" : "police";
        uint32_t ended = 0;
        kith_txn_t *txn = world_begin(w, agency);
        assert_int_equal(work_done(&world_node(w, agency)->work, txn, w->arena, &ask, "duty",
                                   w->now_ms, &ended, &w->refusal),
                         KITH_CONFLICT);
        memtxn_abort(world_node(w, agency)->store);
        assert_string_equal(w->refusal.rule, "answer-asked");
        take(w, raised, i == 0 ? STEP(ANSWERED) : STEP(RESOLVED));
    }
}

/* ---- in any order ---- */

/* All orders of the raising and what followed, as school would hear it in place of health. */
static void steps_in_any_order_come_to_the_same_and_wait_for_their_beginning(void **state)
{
    world_t *w = *state;
    Kith__Notice *said[5];
    Kith__Notice *decision = decide(w);
    said[0] = world_say(w, "police", raising(w, decision));
    w->now_ms = at("2026-01-15T10:00:00Z"); /* at stage 2 by itself */
    said[1] = world_say(w, "health", step_of(w, said[0], STEP(ANSWERED)));
    said[2] = world_say(w, "police", step_of(w, said[0], STEP(ESCALATED)));
    said[3] = world_say(w, "health", step_of(w, said[0], STEP(ANSWERED)));
    said[4] = world_say(w, "police", step_of(w, said[0], STEP(RESOLVED)));
    assert_phase(w, said[0], PHASE(RESOLVED), 3);
    for (size_t order = 0; order < 120; order++) {
        size_t left[5] = {0, 1, 2, 3, 4}, code = order;
        memtxn_destroy(&world_node(w, "health")->store);
        world_node(w, "health")->store = memtxn_new(AGENT_TABLES_COUNT);
        for (size_t count = 5; count > 0; count--) {
            size_t i = code % count;
            code /= count;
            world_deliver(w, "health", said[left[i]]);
            left[i] = left[count - 1];
        }
        assert_phase(w, said[0], PHASE(RESOLVED), 3);
        Kith__Api__DisagreementState *seen = state_at(w, "health", said[0]);
        assert_int_equal(seen->n_history, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_true(same_id(seen->history[i]->id, said[i]->id));
            assert_false(seen->history[i]->no_effect);
        }
        assert_string_equal(world_tasks(w, "health"), "");
        assert_int_equal(world_tick(w, "health"), INT64_MAX);
    }
}

static void an_answer_made_in_time_stands_though_it_came_after_the_climb(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    w->now_ms = at("2026-01-14T16:00:00Z");
    Kith__Notice *answer = world_submit(w, "health", step_of(w, raised, STEP(ANSWERED)));
    w->now_ms = at("2026-01-15T09:00:00Z");
    world_tick(w, "police");
    assert_int_equal(state_at(w, "police", raised)->stage, 2);
    world_deliver(w, "police", answer);
    assert_phase(w, raised, PHASE(ANSWERED), 1);
    assert_string_equal(world_tasks(w, "police"), "disagreement-to-settle health");
}

static void withdrawing_and_answering_cross_and_the_earlier_end_stands(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = raise_one(w);
    Kith__Notice *withdrawn = world_submit(w, "police", step_of(w, raised, STEP(WITHDRAWN)));
    Kith__Notice *answer = world_submit(w, "health", step_of(w, raised, STEP(ANSWERED)));
    world_deliver(w, "police", answer);
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
    world_deliver(w, "health", withdrawn);
    assert_phase(w, raised, PHASE(WITHDRAWN), 1);
    assert_true(state_at(w, "health", raised)->history[2]->no_effect);
    assert_string_equal(world_tasks(w, "health"), "");
    assert_string_equal(world_tasks(w, "police"), "");
}

static void steps_of_a_stranger_change_nothing(void **state)
{
    world_t *w = *state;
    Kith__Notice *raised = world_submit(w, "police", raising(w, decide(w)));
    world_deliver(w, "health", raised);
    Kith__Notice *answer = world_submit(w, "health", step_of(w, raised, STEP(ANSWERED)));
    answer->origin = NAME("school");
    world_deliver(w, "police", answer);
    assert_int_equal(state_at(w, "police", raised)->n_history, 1);
    assert_true(world_flag(world_last(w, "police"), "not-asked"));
    memtxn_destroy(&world_node(w, "health")->store);
    world_node(w, "health")->store = memtxn_new(AGENT_TABLES_COUNT);
    world_deliver(w, "health", answer); /* before what it answers */
    world_deliver(w, "health", raised);
    assert_int_equal(state_at(w, "health", raised)->n_history, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_step_in_each_phase_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(a_disagreement_is_with_the_agency_that_decided),
        TEST(one_disagrees_with_what_another_decided_and_not_with_an_event),
        TEST(a_step_is_said_by_its_end_with_what_it_must_say),
        TEST(a_stage_that_is_over_unanswered_climbs_by_itself),
        TEST(stages_keep_to_the_office_over_the_year),
        TEST(stages_that_were_over_while_down_are_told_once),
        TEST(who_raised_it_may_climb_at_once_but_not_above_the_last_stage),
        TEST(stages_edited_meanwhile_are_for_new_disagreements),
        TEST(a_person_does_not_end_what_asks_for_an_answer),
        TEST(steps_in_any_order_come_to_the_same_and_wait_for_their_beginning),
        TEST(an_answer_made_in_time_stands_though_it_came_after_the_climb),
        TEST(withdrawing_and_answering_cross_and_the_earlier_end_stands),
        TEST(steps_of_a_stranger_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
