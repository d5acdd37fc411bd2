/* "Suppression: a higher alert (child protection plan) mutes lower ones about the same child only;
 * when it ends the still-open lower ones are told at the next round; other children are not muted."
 */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#define STEP(name) KITH__ALERT_STEP__ALERT_##name
#define ACTING     KITH__ANSWER__ANSWER_ACTING

static const char *const team[] = {"housing", NULL};
static kith_ladder_step_t steps[] = {{"duty", 15 * MINUTE, false}, {"manager", 30 * MINUTE, false}};
static const char *levels[] = {"information", "concern", "child-protection"};

static ProtobufCBinaryData begin(world_t *w)
{
    w->agreement.ladder = (kith_ladder_t){2, steps, 0, 0};
    w->agreement.alert_levels = levels;
    w->agreement.alert_levels_count = 3;
    return world_household(w, "social-care", team);
}

/* about: NULL: the whole household. */
static Kith__Notice *raise_alert(world_t *w, ProtobufCBinaryData household, const char *level,
                                 const char *about)
{
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->level = NAME(level);
    if (about != NULL) {
        world_about(w, draft, about);
    }
    return world_say(w, "social-care", draft);
}

static void tick_both(world_t *w)
{
    world_tick(w, "social-care");
    world_tick(w, "housing");
}

static size_t rungs(world_t *w, const Kith__Notice *alert)
{
    size_t count = world_board(w, "housing", alert)->rows[0]->n_rungs;
    assert_int_equal(world_board(w, "social-care", alert)->rows[0]->n_rungs, count);
    return count;
}

static void assert_muted_by(world_t *w, const Kith__Notice *alert, const char *level)
{
    assert_string_equal(world_board(w, "social-care", alert)->muted_by, level);
    assert_string_equal(world_board(w, "housing", alert)->muted_by, level);
}

static void a_higher_alert_mutes_lower_ones_about_the_same_child_only(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w);
    Kith__Notice *lower = raise_alert(w, household, "concern", "child-1");
    Kith__Notice *other = raise_alert(w, household, "concern", "child-2");
    assert_muted_by(w, lower, "");
    Kith__Notice *higher = raise_alert(w, household, "child-protection", "child-1");
    assert_muted_by(w, lower, "child-protection");
    assert_muted_by(w, other, "");
    assert_muted_by(w, higher, "");
    w->now_ms += 120 * MINUTE;
    tick_both(w);
    tick_both(w);
    assert_int_equal(rungs(w, lower), 0);
    assert_int_equal(rungs(w, other), 1);
    assert_int_equal(rungs(w, higher), 1);
    assert_string_equal(world_board_line(w, "social-care", lower), "housing:overdue");
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue housing"); /* other and higher */
    /* The answer is owed all the same. */
    world_say(w, "housing", world_reply(w, lower, ACTING));
    assert_string_equal(world_board_line(w, "social-care", lower), "housing:acting");
}

static void when_it_ends_the_still_open_lower_ones_are_told_at_the_next_round(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w);
    Kith__Notice *lower = raise_alert(w, household, "concern", "child-1");
    Kith__Notice *ended = raise_alert(w, household, "information", "child-1");
    Kith__Notice *higher = raise_alert(w, household, "child-protection", "child-1");
    w->now_ms += 150 * MINUTE;
    tick_both(w);
    assert_int_equal(rungs(w, lower), 0);
    world_say(w, "social-care", world_alert_change(w, ended, STEP(CANCELLED)));
    world_say(w, "social-care", world_alert_change(w, higher, STEP(CANCELLED)));
    assert_int_equal(rungs(w, lower), 0); /* not before the round */
    assert_muted_by(w, lower, "");
    tick_both(w);
    tick_both(w);
    assert_int_equal(rungs(w, lower), 1);
    assert_int_equal(rungs(w, ended), 0);
    assert_string_equal(world_tasks(w, "social-care"), "alert-overdue housing");
    w->now_ms += 29 * MINUTE; /* the next step waits its time from there */
    tick_both(w);
    assert_int_equal(rungs(w, lower), 1);
    w->now_ms += 2 * MINUTE;
    tick_both(w);
    assert_int_equal(rungs(w, lower), 2);
}

static void an_alert_that_names_nobody_is_about_the_whole_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w), elsewhere = world_household(w, "social-care", team);
    Kith__Notice *whole = raise_alert(w, household, "child-protection", NULL);
    Kith__Notice *child = raise_alert(w, household, "concern", "child-1");
    Kith__Notice *all = raise_alert(w, household, "concern", NULL);
    Kith__Notice *others = raise_alert(w, elsewhere, "concern", NULL);
    assert_muted_by(w, child, "child-protection");
    assert_muted_by(w, all, "child-protection");
    assert_muted_by(w, others, "");
    world_say(w, "social-care", world_alert_change(w, whole, STEP(CANCELLED)));
    raise_alert(w, household, "child-protection", "child-1");
    assert_muted_by(w, child, "child-protection");
    assert_muted_by(w, all, ""); /* it is about the other children too */
}

static void the_same_child_is_the_same_in_another_household(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w), elsewhere = world_household(w, "social-care", team);
    raise_alert(w, household, "child-protection", "child-1");
    assert_muted_by(w, raise_alert(w, elsewhere, "concern", "child-1"), "child-protection");
    Kith__Api__Draft *draft = world_alert(w, elsewhere);
    draft->alert->level = NAME("concern");
    world_about(w, draft, "child-1");
    world_about(w, draft, "child-2");
    assert_muted_by(w, world_say(w, "social-care", draft), ""); /* of two, one is not muted */
}

static void levels_that_are_none_or_the_same_mute_nothing(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w);
    Kith__Notice *first = raise_alert(w, household, "concern", "child-1");
    assert_muted_by(w, raise_alert(w, household, "concern", "child-1"), "");
    Kith__Notice *none = raise_alert(w, household, "", "child-1");
    raise_alert(w, household, "child-protection", "child-1");
    assert_muted_by(w, none, "");
    assert_muted_by(w, first, "child-protection");
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->level = NAME("urgent");
    world_refused(w, "social-care", draft, KITH_INVALID, "alert-level");
    assert_string_equal(w->refusal.what, "the alert levels are, from the lowest: information "
                                         "concern child-protection");
    w->agreement.alert_levels_count = 0;
    world_refused(w, "social-care", draft, KITH_INVALID, "alert-level");
    assert_muted_by(w, first, "");
}

static void raised_to_a_higher_level_it_is_muted_no_more_and_mutes(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w);
    Kith__Notice *one = raise_alert(w, household, "concern", "child-1");
    Kith__Notice *two = raise_alert(w, household, "information", "child-1");
    assert_muted_by(w, two, "concern");
    Kith__Api__Draft *draft = world_alert_change(w, two, STEP(UPDATED));
    draft->alert_change->level = NAME("child-protection");
    world_say(w, "social-care", draft);
    assert_muted_by(w, two, "");
    assert_muted_by(w, one, "child-protection");
}

/* A muted one is looked at again, also when nothing of its higher one is heard any more. */
static void muted_by_levels_that_the_file_has_no_more_it_is_told_within_the_hour(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = begin(w);
    Kith__Notice *lower = raise_alert(w, household, "concern", "child-1");
    raise_alert(w, household, "child-protection", "child-1");
    w->now_ms += 121 * MINUTE;
    tick_both(w);
    assert_int_equal(rungs(w, lower), 0);
    w->agreement.alert_levels_count = 0;
    w->now_ms += 60 * MINUTE + 1;
    tick_both(w);
    assert_int_equal(rungs(w, lower), 1);
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue housing");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_higher_alert_mutes_lower_ones_about_the_same_child_only),
        TEST(when_it_ends_the_still_open_lower_ones_are_told_at_the_next_round),
        TEST(an_alert_that_names_nobody_is_about_the_whole_household),
        TEST(the_same_child_is_the_same_in_another_household),
        TEST(levels_that_are_none_or_the_same_mute_nothing),
        TEST(raised_to_a_higher_level_it_is_muted_no_more_and_mutes),
        TEST(muted_by_levels_that_the_file_has_no_more_it_is_told_within_the_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
