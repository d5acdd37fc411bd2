/* Whichever call of the store fails in what a team does together, the error comes out as it is. */
#include "tests/unit/work_faults.h"

#define NEW(w, variable, init)                                                                     \
    do {                                                                                           \
        (variable) = kith_arena_need((w)->arena, sizeof *(variable));                              \
        init(variable);                                                                            \
    } while (0)

static Kith__Api__Draft *assessment(world_t *w, ProtobufCBinaryData of, Kith__AssessmentStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    bool asks = step == KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED;
    draft->body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    NEW(w, draft->assessment, kith__assessment__init);
    draft->assessment->step = step;
    *(asks ? &draft->household : &draft->assessment->assessment) = of;
    draft->assessment->kind = NAME(asks ? "early-help" : "");
    draft->assessment->reason = NAME("a reason");
    draft->assessment->text = NAME("a text");
    draft->assessment->family_view = NAME("their words");
    return draft;
}

static Kith__Api__Draft *plan(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_PLAN;
    NEW(w, draft->plan, kith__plan__init);
    draft->plan->outcomes = kith_arena_need(w->arena, sizeof *draft->plan->outcomes);
    NEW(w, draft->plan->outcomes[0], kith__plan_outcome__init);
    draft->plan->n_outcomes = 1;
    draft->plan->outcomes[0]->text = NAME("in bed by nine");
    draft->plan->outcomes[0]->owner = NAME("police");
    draft->plan->review_ms = w->now_ms + DAY;
    draft->plan->family_view = NAME("their words");
    return draft;
}

static Kith__Api__Draft *small_help(world_t *w, ProtobufCBinaryData of, Kith__SmallHelpStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    bool asks = step == KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED;
    draft->body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    NEW(w, draft->small_help, kith__small_help__init);
    draft->small_help->step = step;
    *(asks ? &draft->household : &draft->small_help->help) = of;
    draft->small_help->what = NAME("a fare");
    draft->small_help->amount = 1000;
    return draft;
}

static void prepared_and_applied(world_t *w, const char *agency, const Kith__Api__Draft *draft,
                                 const char *other)
{
    faults_try_each(w, faults_prepare, &(deed_t){.agency = agency, .draft = draft});
    faults_apply_at(w, agency, draft, (const char *const[]){other, NULL});
}

/* A household whose lead is social care, with an assessment that police asked for, a plan, and
 * small help that is approved. */
typedef struct together {
    ProtobufCBinaryData household;
    Kith__Notice *asked, *help;
} together_t;

static together_t set_together(world_t *w)
{
    together_t t = {0};
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "police", 0);
    world_lead(w, draft, "social-care");
    t.household = world_say(w, "police", draft)->household;
    t.asked = world_say(w, "police",
                        assessment(w, t.household, KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED));
    world_say(w, "police", plan(w, t.household));
    t.help =
        world_say(w, "police", small_help(w, t.household, KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED));
    return t;
}

static void every_step_of_what_a_team_does_together(void **state)
{
    world_t *w = *state;
    together_t t = set_together(w);
    char *despite[] = {NAME("assessment-exists")};
    Kith__Api__Draft *draft =
        assessment(w, t.household, KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED);
    draft->despite = despite;
    draft->n_despite = 1;
    prepared_and_applied(w, "police", draft, "social-care");
    prepared_and_applied(w, "social-care",
                         assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_CONTRIBUTED),
                         "police");
    prepared_and_applied(w, "police",
                         assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_COMPLETED),
                         "social-care");
    prepared_and_applied(w, "police", plan(w, t.household), "social-care");
    prepared_and_applied(w, "police",
                         small_help(w, t.household, KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED),
                         "social-care");
    Kith__Api__Draft *approved =
        small_help(w, t.help->id, KITH__SMALL_HELP_STEP__SMALL_HELP_APPROVED);
    prepared_and_applied(w, "social-care", approved, "police");
    world_say(w, "social-care", approved);
    prepared_and_applied(w, "police",
                         small_help(w, t.help->id, KITH__SMALL_HELP_STEP__SMALL_HELP_SPENT),
                         "social-care");
    draft = world_change(w, t.household); /* who joins is told of it all, and we said something */
    world_seat(w, draft, "health", 0);
    prepared_and_applied(w, "social-care", draft, "health");
    assert_int_equal(world_prepare(w, "social-care", draft), KITH_OK);
    Kith__Notice *joins = w->prepared.notice;
    world_say(w, "police", plan(w, t.household));
    faults_try_each(w, faults_apply, &(deed_t){.agency = "police", .notice = joins});
    draft = world_event(w, "police.call-out");
    draft->household = t.household;
    draft->event->occurred_ms = w->now_ms;
    prepared_and_applied(w, "police", draft, "social-care");
    faults_try_each(w, faults_tick,
                    &(deed_t){.agency = "social-care", .now_ms = w->now_ms + 90 * DAY});
}

static kith_err ask_together(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    kith_bytes_t household = {deed->household.data, deed->household.len};
    kith_bytes_t id = {deed->notice->id.data, deed->notice->id.len};
    Kith__Api__AssessmentState *state = NULL;
    Kith__Api__PlanView view = KITH__API__PLAN_VIEW__INIT;
    Kith__Api__PotResponse pots = KITH__API__POT_RESPONSE__INIT;
    Kith__Api__HouseholdResponse one = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    kith_err err = work_assessment(work, txn, w->arena, id, &state);
    err = err != KITH_OK ? err : work_plan(work, txn, w->arena, household, w->now_ms, &view);
    err = err != KITH_OK ? err : work_pots(work, txn, w->arena, "", &pots);
    return err != KITH_OK ? err : work_households(work, txn, w->arena, household, &one);
}

static void every_question_about_what_a_team_does_together(void **state)
{
    world_t *w = *state;
    together_t t = set_together(w);
    world_say(w, "social-care",
              assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_CONTRIBUTED));
    world_say(w, "police", assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_COMPLETED));
    deed_t deed = {.agency = "social-care", .household = t.household, .notice = t.asked};
    faults_try_each(w, ask_together, &deed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_step_of_what_a_team_does_together),
        TEST(every_question_about_what_a_team_does_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
