/* What a household's team does together, asked for over the api: the plan, the pots, small help,
 * and an assessment whose parts do not fit one answer. */
#include "agents/core/records.h"
#include "base/limits.h"
#include "tests/unit/agent_api_world.h"

#define OK        KITH__API__STATUS__STATUS_OK
#define NOT_FOUND KITH__API__STATUS__STATUS_NOT_FOUND
#define CONFLICT  KITH__API__STATUS__STATUS_CONFLICT

static char *text_of(side_t *s, const char *text)
{
    return kith_arena_str(s->w->arena, text);
}

static Kith__Api__Response *submit(side_t *s, Kith__Api__Draft *draft)
{
    Kith__Api__SubmitRequest ask = KITH__API__SUBMIT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.draft = draft;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &ask;
    return side_ask(s, &request);
}

static kith_bytes_t submitted(side_t *s, Kith__Api__Draft *draft)
{
    Kith__Api__Response *response = submit(s, draft);
    if (response->status != OK)
        fail_msg("%s: %s", response->rule, response->what);
    return kith_arena_copy(s->w->arena, record_bytes(response->submit->id));
}

static kith_bytes_t open_household(side_t *s)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    Kith__TeamSeat seat = KITH__TEAM_SEAT__INIT, *seats[] = {&seat};
    change.name = text_of(s, "Example family");
    change.reason = text_of(s, "a reason");
    seat.agency = text_of(s, "housing");
    change.n_team = 1;
    change.team = seats;
    draft.body_case = KITH__API__DRAFT__BODY_HOUSEHOLD_CHANGE;
    draft.household_change = &change;
    return submitted(s, &draft);
}

static Kith__Api__Response *ask_plan(side_t *s, kith_bytes_t household)
{
    Kith__Api__PlanRequest ask = KITH__API__PLAN_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.household = record_binary(household);
    request.ask_case = KITH__API__REQUEST__ASK_PLAN;
    request.plan = &ask;
    return side_ask(s, &request);
}

static void a_plan_is_shown_and_the_look_recorded(void **state)
{
    side_t *s = *state;
    static const uint8_t nobody[16] = {7};
    kith_bytes_t household = open_household(s);
    assert_string_equal(ask_plan(s, (kith_bytes_t){nobody, 16})->rule, "id");
    Kith__Api__Response *response = ask_plan(s, household);
    assert_int_equal(response->status, NOT_FOUND);
    assert_string_equal(response->rule, "plan-unknown");
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0);
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__PlanOutcome outcome = KITH__PLAN_OUTCOME__INIT, *outcomes[] = {&outcome};
    Kith__Plan plan = KITH__PLAN__INIT;
    outcome.text = text_of(s, "in bed by nine");
    outcome.owner = text_of(s, "police");
    plan.n_outcomes = 1;
    plan.outcomes = outcomes;
    draft.household = record_binary(household);
    draft.body_case = KITH__API__DRAFT__BODY_PLAN;
    draft.plan = &plan;
    submitted(s, &draft);
    response = ask_plan(s, household);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->plan->n_outcomes, 1);
    assert_string_equal(response->plan->outcomes[0]->text, "in bed by nine");
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 1);
}

static Kith__Api__Response *ask_pot(side_t *s, const char *pot)
{
    Kith__Api__PotRequest ask = KITH__API__POT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.pot = text_of(s, pot);
    request.ask_case = KITH__API__REQUEST__ASK_POT;
    request.pot = &ask;
    return side_ask(s, &request);
}

static Kith__Api__Response *show(side_t *s, kith_bytes_t id)
{
    Kith__Api__ShowRequest ask = KITH__API__SHOW_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.id = record_binary(id);
    request.ask_case = KITH__API__REQUEST__ASK_SHOW;
    request.show = &ask;
    return side_ask(s, &request);
}

static kith_bytes_t ask_help(side_t *s, kith_bytes_t household, uint64_t pence)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__SmallHelp help = KITH__SMALL_HELP__INIT;
    help.step = KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED;
    help.what = text_of(s, "a fare");
    help.amount = pence;
    draft.household = record_binary(household);
    draft.body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    draft.small_help = &help;
    return submitted(s, &draft);
}

static Kith__Api__Response *approve(side_t *s, kith_bytes_t id)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__SmallHelp help = KITH__SMALL_HELP__INIT;
    help.step = KITH__SMALL_HELP_STEP__SMALL_HELP_APPROVED;
    help.help = record_binary(id);
    draft.body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    draft.small_help = &help;
    return submit(s, &draft);
}

static void small_help_comes_out_of_the_pot(void **state)
{
    side_t *s = *state;
    kith_bytes_t household = open_household(s);
    kith_bytes_t first = ask_help(s, household, 4000), second = ask_help(s, household, 2000);
    assert_int_equal(approve(s, first)->status, OK);
    Kith__Api__Response *response = approve(s, second);
    assert_int_equal(response->status, CONFLICT);
    assert_string_equal(response->rule, "pot-balance");
    response = ask_pot(s, "");
    assert_int_equal(response->pot->n_pots, 1);
    assert_int_equal(response->pot->pots[0]->balance, 1000);
    assert_int_equal(response->pot->pots[0]->n_open, 2);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 2);
    response = ask_pot(s, "petty-cash");
    assert_int_equal(response->status, NOT_FOUND);
    assert_string_equal(response->rule, "pot-unknown");
    response = show(s, first);
    assert_int_equal(response->status, OK);
    assert_string_equal(response->show->small_help->state, "approved");
}

static kith_bytes_t say_assessment(side_t *s, Kith__Assessment *body, kith_bytes_t household)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.household = record_binary(household);
    draft.body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    draft.assessment = body;
    return submitted(s, &draft);
}

static void parts_that_do_not_fit_one_answer_are_shown_by_themselves(void **state)
{
    side_t *s = *state;
    Kith__Assessment request = KITH__ASSESSMENT__INIT;
    request.step = KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED;
    request.kind = text_of(s, "early-help");
    request.reason = text_of(s, "a reason");
    kith_bytes_t id = say_assessment(s, &request, open_household(s));
    char *text = kith_arena_need(s->w->arena, KITH_TEXT_BYTES_MAX + 1);
    memset(text, 't', KITH_TEXT_BYTES_MAX);
    text[KITH_TEXT_BYTES_MAX] = '\0';
    for (size_t i = 0; i < 8; i++) {
        Kith__Assessment part = KITH__ASSESSMENT__INIT;
        part.step = KITH__ASSESSMENT_STEP__ASSESSMENT_CONTRIBUTED;
        part.assessment = record_binary(id);
        part.text = text;
        say_assessment(s, &part, (kith_bytes_t){0});
    }
    Kith__Api__Response *response = show(s, id);
    assert_int_equal(response->status, OK);
    const Kith__Api__AssessmentState *found = response->show->assessment;
    assert_int_equal(found->n_parts, 8);
    assert_int_equal(strlen(found->parts[0]->text), KITH_TEXT_BYTES_MAX);
    assert_string_equal(found->parts[7]->text, "");
    kith_bytes_t last = kith_arena_copy(s->w->arena, record_bytes(found->parts[7]->id));
    response = show(s, last);
    Kith__Notice *notice = kith__notice__unpack(
        kith_arena_allocator(s->w->arena), response->show->notice.len, response->show->notice.data);
    assert_int_equal(strlen(notice->assessment->text), KITH_TEXT_BYTES_MAX);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)
    const struct CMUnitTest tests[] = {
        CASE(a_plan_is_shown_and_the_look_recorded),
        CASE(small_help_comes_out_of_the_pot),
        CASE(parts_that_do_not_fit_one_answer_are_shown_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
