/* Closing a household and opening it again: as docs/STATES.md draws it, hiding nothing that is
 * open, and what comes afterwards. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

static const char *const housing_and_school[] = {"housing", "school", NULL};

static ProtobufCBinaryData led_by_housing(world_t *w)
{
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_lead(w, draft, "housing");
    world_say(w, "police", draft);
    return household;
}

/* ---- its life ---- */

static const char *const state_words[] = {"open", "closed"};
static const char *const step_words[] = {"changed", "closed", "reopened"};

static Kith__Api__Draft *step_of(world_t *w, ProtobufCBinaryData household, household_step_t step)
{
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "older child", false);
    return step == HOUSEHOLD_CHANGED ? draft
                                     : world_closing(w, household, step == HOUSEHOLD_TO_REOPEN);
}

static int state_of(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    const Kith__Closing *closing = world_view(w, agency, household)->closing;
    return closing != NULL && !closing->reopened ? HOUSEHOLD_CLOSED : HOUSEHOLD_OPEN;
}

static void each_step_in_each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    for (int step = 0; step < HOUSEHOLD_STEPS; step++) {
        for (int from = 0; from < HOUSEHOLD_STATES; from++) {
            ProtobufCBinaryData household = led_by_housing(w);
            if (from == HOUSEHOLD_CLOSED) {
                world_say(w, "housing", world_closing(w, household, false));
            }
            int next = household_next((household_step_t)step, from);
            Kith__Api__Draft *draft = step_of(w, household, (household_step_t)step);
            if (next == HOUSEHOLD_NO) {
                world_refused(w, "school", draft, KITH_CONFLICT,
                              from == HOUSEHOLD_CLOSED ? "household-closed" : "household-open");
                assert_non_null(strstr(w->refusal.what, "possible now: kith household"));
                continue;
            }
            world_say(w, "school", draft);
            assert_int_equal(state_of(w, "school", household), next);
            assert_int_equal(state_of(w, "police", household), next);
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    const char *page = world_page(w, KITH_STATES);
    assert_non_null(strstr(page, "| step | open | closed |"));
    for (int step = 0; step < HOUSEHOLD_STEPS; step++) {
        const char *line = kith_arena_printf(w->arena, "| %s |", step_words[step]);
        for (int from = 0; from < HOUSEHOLD_STATES; from++) {
            int next = household_next((household_step_t)step, from);
            line = kith_arena_printf(w->arena, "%s %s |", line,
                                     next == HOUSEHOLD_NO ? "–" : state_words[next]);
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

static void a_closing_says_what_it_must(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    Kith__Api__Draft *draft = world_closing(w, household, false);
    Kith__Closing *closing = draft->household_change->closing;
    closing->outcome = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "close-outcome");
    closing->outcome = NAME("goals-reached");
    closing->need_met = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "close-need");
    closing->need_met = NAME("perhaps");
    world_refused(w, "housing", draft, KITH_INVALID, "close-need");
    closing->need_met = NAME("no");
    closing->not_asked = NAME("moved away");
    world_refused(w, "housing", draft, KITH_INVALID, "close-need"); /* one or the other */
    closing->need_met = NAME("");
    world_say(w, "housing", draft);
    assert_string_equal(world_view(w, "police", household)->closing->not_asked, "moved away");
    draft = world_closing(w, household, true);
    draft->household_change->closing->reason = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "reopen-reason");
    draft = world_opening(w, "the family at 5");
    draft->household_change->closing = closing;
    world_refused(w, "housing", draft, KITH_CONFLICT, "household-open");
}

static void closing_is_told_and_shown(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    world_say(w, "housing", world_closing(w, household, false));
    assert_string_equal(world_recipients(w), "police school");
    Kith__Api__HouseholdView *view = world_view(w, "school", household);
    assert_string_equal(view->closing->outcome, "goals-reached");
    assert_string_equal(view->closing->need_met, "yes");
    assert_true(view->closing->at_ms != 0);
    assert_null(view->closing->said);
    world_say(w, "police", world_closing(w, household, true));
    assert_string_equal(world_last(w, "school")->summary, "household reopened");
    assert_true(world_view(w, "school", household)->closing->reopened);
}

static void who_joins_a_closed_household_learns_that_it_is_closed(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    world_say(w, "housing", world_closing(w, household, false));
    Kith__Api__Draft *draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    world_say(w, "police", draft);
    assert_int_equal(state_of(w, "health", household), HOUSEHOLD_CLOSED);
    assert_true(kith_bytes_equal(world_household_row(w, "police", household),
                                 world_household_row(w, "health", household)));
}

/* ---- nothing open is hidden ---- */

static void an_open_alert_keeps_it_open(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    world_refused(w, "housing", world_closing(w, household, false), KITH_CONFLICT, "closing-hides");
    assert_non_null(strstr(w->refusal.what, "which police ends"));
    world_refused(w, "police", world_closing(w, household, false), KITH_CONFLICT, "closing-hides");
    assert_non_null(strstr(w->refusal.what, "which this agency ends"));
    world_say(w, "police", world_alert_change(w, alert, KITH__ALERT_STEP__ALERT_CANCELLED));
    world_say(w, "housing", world_closing(w, household, false));
}

static void an_open_referral_keeps_it_open(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    Kith__Api__Draft *draft = world_referral(w, "school");
    draft->household = household;
    Kith__Notice *referral = world_say(w, "housing", draft);
    world_refused(w, "housing", world_closing(w, household, false), KITH_CONFLICT, "closing-hides");
    assert_non_null(strstr(w->refusal.what, "school declines or closes it"));
    assert_int_equal(world_prepare(w, "police", world_closing(w, household, false)),
                     KITH_OK); /* it is not known there */
    world_say(w, "school", world_answer(w, referral, KITH__REFERRAL_STEP__REFERRAL_DECLINED));
    world_say(w, "housing", world_closing(w, household, false));
}

static void a_long_list_of_what_is_open_is_cut_and_counted(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    for (size_t i = 0; i < 7; i++) {
        world_say(w, "police", world_alert(w, household));
    }
    world_refused(w, "housing", world_closing(w, household, false), KITH_CONFLICT, "closing-hides");
    assert_non_null(strstr(w->refusal.what, "; and 2 more"));
}

/* ---- what comes afterwards ---- */

static Kith__Notice *call_out(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    draft->household = household;
    return world_say(w, "police", draft);
}

static void what_comes_for_a_closed_household_waits_for_its_last_lead(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    world_say(w, "housing", world_closing(w, household, false));
    call_out(w, household);
    assert_true(world_flag(world_last(w, "housing"), "household-closed"));
    assert_true(world_flag(world_last(w, "police"), "household-closed"));
    assert_non_null(strstr(world_tasks(w, "housing"), "household-closed police"));
    assert_null(strstr(world_tasks(w, "school"), "household-closed"));
    assert_null(strstr(world_tasks(w, "police"), "household-closed"));
    world_say(w, "school", world_closing(w, household, true));
    assert_null(strstr(world_tasks(w, "housing"), "household-closed"));
    call_out(w, household);
    assert_false(world_flag(world_last(w, "housing"), "household-closed"));
    assert_null(strstr(world_tasks(w, "housing"), "household-closed"));
}

static void without_a_lead_it_waits_at_the_front_door(void **state)
{
    world_t *w = *state;
    static const char *const team[] = {"social-care", "school", NULL};
    ProtobufCBinaryData household = world_household(w, "police", team);
    world_say(w, "police", world_closing(w, household, false));
    call_out(w, household);
    assert_string_equal(world_tasks(w, "social-care"), "household-closed police");
    assert_string_equal(world_tasks(w, "school"), "");
}

/* It left the team, and the last lead may not read what comes: somebody must all the same. */
static void a_front_door_that_sat_there_once_takes_in_what_nobody_leads(void **state)
{
    world_t *w = *state;
    static const char *const team[] = {"social-care", "school", NULL};
    ProtobufCBinaryData household = world_household(w, "police", team);
    Kith__Api__Draft *draft = world_change(w, household);
    world_lead(w, draft, "school");
    world_seat(w, draft, "social-care", w->now_ms);
    world_say(w, "police", draft);
    world_say(w, "police", world_closing(w, household, false));
    assert_non_null(strstr(world_tasks(w, "social-care"), "lead-wanted"));
    draft = world_event(w, "police.call-out");
    draft->household = household;
    world_say(w, "police", draft);
    assert_string_equal(world_recipients(w), "social-care");
    assert_true(world_flag(world_last(w, "social-care"), "household-closed"));
    assert_non_null(strstr(world_tasks(w, "social-care"), "household-closed police"));
    world_say(w, "police", world_closing(w, household, true));
    assert_string_equal(world_tasks(w, "social-care"), "");
}

static void an_alert_that_crosses_a_closing_is_flagged(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    Kith__Notice *alert = world_submit(w, "police", world_alert(w, household));
    world_say(w, "housing", world_closing(w, household, false));
    world_deliver(w, "housing", alert);
    assert_true(world_flag(world_last(w, "housing"), "household-closed"));
    assert_non_null(strstr(world_tasks(w, "housing"), "household-closed police"));
    assert_non_null(strstr(world_tasks(w, "housing"), "alert-to-answer police"));
}

/* ---- two at once ---- */

static void of_a_closing_and_a_reopening_that_cross_the_later_stands(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = led_by_housing(w);
    world_say(w, "housing", world_closing(w, household, false));
    Kith__Notice *first = world_submit(w, "police", world_closing(w, household, true));
    world_deliver(w, "housing", first);
    Kith__Notice *again = world_submit(w, "housing", world_closing(w, household, false));
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "uncle", false);
    Kith__Notice *other = world_submit(w, "police", draft);
    world_deliver(w, "school", again); /* the reopening comes after the closing that followed it */
    world_deliver(w, "school", other);
    world_deliver(w, "school", first);
    assert_string_equal(world_last(w, "school")->summary,
                        "household reopened (no effect: a later one stands)");
    world_deliver(w, "police", again);
    world_deliver(w, "housing", other);
    static const char *const ends[] = {"police", "housing", "school"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(state_of(w, ends[i], household), HOUSEHOLD_CLOSED);
        assert_true(kith_bytes_equal(world_household_row(w, "police", household),
                                     world_household_row(w, ends[i], household)));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_step_in_each_state_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(a_closing_says_what_it_must),
        TEST(closing_is_told_and_shown),
        TEST(who_joins_a_closed_household_learns_that_it_is_closed),
        TEST(an_open_alert_keeps_it_open),
        TEST(an_open_referral_keeps_it_open),
        TEST(a_long_list_of_what_is_open_is_cut_and_counted),
        TEST(what_comes_for_a_closed_household_waits_for_its_last_lead),
        TEST(without_a_lead_it_waits_at_the_front_door),
        TEST(a_front_door_that_sat_there_once_takes_in_what_nobody_leads),
        TEST(an_alert_that_crosses_a_closing_is_flagged),
        TEST(of_a_closing_and_a_reopening_that_cross_the_later_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
