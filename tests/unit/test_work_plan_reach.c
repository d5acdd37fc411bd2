/* How a household's plan reaches all who sit in its team, also who joins later, whatever order its
 * changes arrive in. */
#include "tests/lib/dice.h"
#include "tests/unit/work_plan.h"

static void who_joins_the_team_is_told_the_plan(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    Kith__Api__Draft *draft = with_outcome(w, family, "police");
    draft->plan->family_view = NAME("We want to be left in peace");
    draft->plan->review_ms = w->now_ms + 42 * DAY;
    world_say(w, "police", draft);
    world_say(w, "housing", with_outcome(w, family, "housing"));
    draft = world_change(w, family);
    world_seat(w, draft, "school", 0);
    Kith__Notice *joins = world_say(w, "social-care", draft);
    assert_same(w, "school", "police", family);
    world_deliver(w, "school", joins); /* again */
    assert_same(w, "school", "police", family);
    world_say(w, "school", with_outcome(w, family, "school"));
    assert_same(w, "school", "police", family);
    assert_int_equal(view_at(w, "housing", family)->n_outcomes, 3);
}

/* What crossed with the seat was not sent to who joined: the next change carries it along. */
static void a_change_that_crossed_with_the_seat_comes_with_the_next(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_say(w, "police", with_outcome(w, family, "police"));
    Kith__Api__Draft *draft = world_change(w, family);
    world_seat(w, draft, "school", 0);
    Kith__Notice *joins = world_submit(w, "social-care", draft);
    world_deliver(w, "school", joins);
    world_say(w, "police", with_outcome(w, family, "housing")); /* school is not told */
    world_deliver(w, "police", joins);
    world_deliver(w, "housing", joins);
    assert_int_equal(view_at(w, "school", family)->n_outcomes, 1);
    world_say(w, "housing", with_outcome(w, family, "housing"));
    assert_same(w, "school", "police", family);
    assert_int_equal(view_at(w, "school", family)->n_outcomes, 3);
}

/* And whoever said it has a task, which naming the seat once more ends. */
static void what_crossed_with_a_seat_is_a_task_for_who_said_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData family = family_of(w);
    world_say(w, "housing", with_outcome(w, family, "police"));
    for (size_t i = 0; i < 3; i++) { /* an outcome, the review, the family's words */
        Kith__Api__Draft *draft = world_change(w, family);
        world_seat(w, draft, i == 0 ? "school" : i == 1 ? "health" : "social-care", 0);
        Kith__Notice *joins = world_submit(w, "housing", draft);
        draft = i == 0 ? with_outcome(w, family, "police") : change(w, family);
        draft->plan->review_ms = i == 1 ? w->now_ms + DAY : 0;
        draft->plan->family_view = NAME(i == 2 ? "It is better at night" : "");
        world_submit(w, "police", draft);
        const char *who = joins->household_change->team[0]->agency;
        if (i == 2) { /* it sat there before: nothing crossed */
            world_deliver(w, "police", joins);
            assert_string_equal(world_tasks(w, "police"), "");
            continue;
        }
        world_deliver(w, who, joins);
        world_deliver(w, "police", joins);
        assert_string_equal(world_tasks(w, "police"),
                            kith_arena_printf(w->arena, "joiner-to-tell %s", who));
        draft = world_change(w, family);
        world_seat(w, draft, who, 0);
        world_say(w, "police", draft);
        assert_string_equal(world_tasks(w, "police"), "");
        assert_same(w, who, "police", family);
    }
}

static char *long_text(world_t *w, size_t size)
{
    char *text = kith_arena_need(w->arena, size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    return text;
}

/* A household and a plan that together are more than a notice holds: the seat goes, and the plan
 * with its next change. */
static void a_plan_that_has_no_room_beside_the_seat_comes_with_its_next_change(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    draft->household_change->reason = long_text(w, KITH_TEXT_BYTES_MAX);
    world_seat(w, draft, "housing", 0);
    for (size_t i = 0; i < KITH_MEMBERS_MAX; i++) {
        world_member(w, draft, "somebody", false);
        draft->household_change->members[i]->name = long_text(w, KITH_LINE_BYTES_MAX);
        draft->household_change->members[i]->role = long_text(w, 128);
        draft->household_change->members[i]->trusted_with = long_text(w, KITH_LINE_BYTES_MAX);
    }
    ProtobufCBinaryData family = world_say(w, "police", draft)->household;
    draft = change(w, family);
    for (size_t i = 0; i < KITH_OUTCOMES_MAX; i++) {
        Kith__PlanOutcome *outcome = add_new(w, draft, "police");
        outcome->text = outcome->need_code = outcome->reason = long_text(w, KITH_LINE_BYTES_MAX);
        outcome->expects = kith_arena_need(w->arena, KITH_EXPECTS_MAX * sizeof(char *));
        while (outcome->n_expects < KITH_EXPECTS_MAX) {
            outcome->expects[outcome->n_expects++] = NAME("safeguarding.concern");
        }
    }
    ProtobufCBinaryData id = world_say(w, "police", draft)->plan->outcomes[0]->id;
    draft = world_change(w, family);
    world_seat(w, draft, "school", 0);
    Kith__Notice *joins = world_say(w, "police", draft);
    assert_null(joins->household_change->plan);
    assert_true(kith__notice__get_packed_size(joins) <= KITH_NOTICE_BYTES_MAX);
    world_say(w, "housing", ending(w, family, id, STATE(MET)));
    assert_same(w, "school", "police", family);
}

static const char *const team[] = {"police", "housing", "social-care", "school"};
#define TEAM  4u
#define TURNS 24u

static Kith__Api__Draft *random_change(world_t *w, dice_t *dice, const char *agency,
                                       ProtobufCBinaryData family)
{
    Kith__Api__PlanView *view = view_at(w, agency, family);
    const Kith__PlanOutcome *outcome = view->outcomes[dice_roll(dice, view->n_outcomes)];
    Kith__Api__Draft *draft = ending(w, family, outcome->id, states[dice_roll(dice, 4)]);
    switch (dice_roll(dice, 5)) {
    case 0:
        return with_outcome(w, family, team[dice_roll(dice, 3)]);
    case 1:
        draft = change(w, family);
        draft->plan->review_ms = w->now_ms + (int64_t)(1 + dice_roll(dice, 9)) * DAY;
        return draft;
    case 2:
        draft = change(w, family);
        draft->plan->family_view = NAME(team[dice_roll(dice, 4)]);
        return draft;
    default:
        return draft;
    }
}

/* Each changes the plan as it knows it; the others hear of it in any order, some of it twice. One
 * joins in the middle. */
static void cross(world_t *w, uint64_t seed)
{
    dice_t dice = {seed};
    const Kith__Notice *waiting[TEAM][TURNS + 2];
    size_t count[TEAM] = {0}, members = TEAM - 1;
    ProtobufCBinaryData family = family_of(w);
    world_say(w, "police", with_outcome(w, family, "police"));
    for (size_t turn = 0; turn < TURNS; turn++) {
        size_t who = dice_roll(&dice, members);
        w->now_ms -= dice_roll(&dice, 3) == 0 ? 1000 : 0; /* the same time again */
        if (turn == TURNS / 2) {
            Kith__Api__Draft *draft = world_change(w, family);
            world_seat(w, draft, "school", 0);
            const Kith__Notice *joins = world_submit(w, team[who], draft);
            for (size_t i = 0; i < TEAM; i++) {
                if (i != who) {
                    world_deliver(w, team[i], joins);
                }
            }
            members = TEAM;
            continue;
        }
        Kith__Api__Draft *draft = random_change(w, &dice, team[who], family);
        if (dice_roll(&dice, 2) == 0 && world_prepare(w, team[who], draft) == KITH_OK) {
            const Kith__Notice *said = world_submit(w, team[who], draft);
            for (size_t i = 0; i < TEAM; i++) {
                if (i != who) { /* school too: what crossed with its seat is tried above */
                    waiting[i][count[i]++] = said;
                }
            }
        } else if (count[who] > 0) {
            size_t i = dice_roll(&dice, count[who]);
            world_deliver(w, team[who], waiting[who][i]);
            if (dice_roll(&dice, 4) != 0) { /* else it comes again */
                waiting[who][i] = waiting[who][--count[who]];
            }
        }
    }
    for (size_t i = 0; i < TEAM; i++) {
        while (count[i] > 0) {
            world_deliver(w, team[i], waiting[i][--count[i]]);
        }
    }
    for (size_t i = 1; i < TEAM; i++) {
        if (!kith_bytes_equal(held(w, team[0], family), held(w, team[i], family))) {
            fail_msg("seed %llu: %s differs from police", (unsigned long long)seed, team[i]);
        }
    }
}

static void all_that_heard_the_same_hold_the_same_plan(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        world_t *w = world_new();
        cross(w, seed);
        world_destroy(w);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_joins_the_team_is_told_the_plan),
        TEST(a_change_that_crossed_with_the_seat_comes_with_the_next),
        TEST(what_crossed_with_a_seat_is_a_task_for_who_said_it),
        TEST(a_plan_that_has_no_room_beside_the_seat_comes_with_its_next_change),
        TEST(all_that_heard_the_same_hold_the_same_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
