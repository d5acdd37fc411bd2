/* Whichever call of the store fails in an alert or a disagreement, the error comes out as it is. */
#include "tests/unit/work_faults.h"

static kith_err ask_disagreement(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__DisagreementState *state = NULL;
    kith_bytes_t id = {deed->notice->id.data, deed->notice->id.len};
    return work_disagreement(&world_node(w, deed->agency)->work, txn, w->arena, id, w->now_ms,
                             &state);
}

/* Two about the same child, the higher one open; both ways of the same again; the end of each. */
static void every_step_of_an_alert(void **state)
{
    world_t *w = *state;
    static const char *levels[] = {"concern", "child-protection"};
    static const char *const police[] = {"police", NULL};
    static kith_ladder_step_t steps[] = {{"duty", MINUTE, false}};
    stage_t s = faults_stage(w);
    w->agreement.alert_levels = levels;
    w->agreement.alert_levels_count = 2;
    w->agreement.ladder = (kith_ladder_t){1, steps, 0, 0};
    Kith__Notice *said[2];
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__Draft *draft = world_alert(w, s.household);
        draft->alert->level = NAME(levels[i]);
        draft->alert->dedupe_key = NAME(levels[i]);
        world_about(w, draft, "P-1");
        faults_try_each(w, faults_prepare, &(deed_t){.agency = "social-care", .draft = draft});
        faults_apply_at(w, "social-care", draft, police);
        said[i] = world_say(w, "social-care", draft);
        faults_try_each(w, faults_prepare,
                        &(deed_t){.agency = "social-care", .draft = draft}); /* again */
    }
    world_say(w, "police", world_seen(w, said[0]));
    for (int step = KITH__ALERT_STEP__ALERT_UPDATED; step < KITH__ALERT_STEP__ALERT_CLOSED;
         step++) {
        Kith__Api__Draft *draft = world_alert_change(w, said[1], (Kith__AlertStep)step);
        faults_try_each(w, faults_prepare, &(deed_t){.agency = "social-care", .draft = draft});
        faults_apply_at(w, "social-care", draft, police);
    }
    faults_try_each(w, faults_ask_more, &(deed_t){.agency = "police", .notice = said[0]});
    faults_try_each(w, faults_tick, &(deed_t){.agency = "social-care", .now_ms = w->now_ms + DAY});
    Kith__Notice *update = world_say(
        w, "social-care", world_alert_change(w, said[0], KITH__ALERT_STEP__ALERT_UPDATED));
    Kith__Api__Draft *seen = world_seen(w, update);
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "police", .draft = seen});
    static const char *const care[] = {"social-care", NULL};
    faults_apply_at(w, "police", seen, care);
}

static void every_step_of_a_disagreement(void **state)
{
    world_t *w = *state;
    static kith_stage_t stages[] = {{"manager", "4h", {NULL, KITH_CLOCK_RUNS, 240 * MINUTE}},
                                    {"director", "4h", {NULL, KITH_CLOCK_RUNS, 240 * MINUTE}}};
    static const char *const care[] = {"social-care", NULL}, *const police[] = {"police", NULL};
    stage_t s = faults_stage(w);
    w->agreement.stages = stages;
    w->agreement.stages_count = 2;
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_DISAGREEMENT;
    draft->disagreement = &(Kith__Disagreement)KITH__DISAGREEMENT__INIT;
    draft->disagreement->decision = s.referral->id;
    draft->disagreement->text = NAME("It is not ours");
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "social-care", .draft = draft});
    faults_apply_at(w, "social-care", draft, police);
    Kith__Notice *raised = world_say(w, "social-care", draft);
    for (int step = KITH__DISAGREEMENT_STEP__DISAGREEMENT_ANSWERED;
         step <= KITH__DISAGREEMENT_STEP__DISAGREEMENT_WITHDRAWN; step++) {
        bool answers = step == KITH__DISAGREEMENT_STEP__DISAGREEMENT_ANSWERED;
        draft->disagreement->decision.len = 0;
        draft->disagreement->disagreement = raised->id;
        draft->disagreement->step = (Kith__DisagreementStep)step;
        draft->disagreement->outcome = NAME("One visit");
        const char *by = answers ? "police" : "social-care";
        faults_try_each(w, faults_prepare, &(deed_t){.agency = by, .draft = draft});
        faults_apply_at(w, by, draft, answers ? care : police);
    }
    faults_try_each(w, ask_disagreement, &(deed_t){.agency = "police", .notice = raised});
    for (int64_t hours = 5; hours < 10; hours += 4) {
        deed_t later = {.agency = "police", .now_ms = w->now_ms + hours * 60 * MINUTE};
        faults_try_each(w, faults_tick, &later);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_step_of_an_alert),
        TEST(every_step_of_a_disagreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
