/* Agencies that have heard the same changes to a household hold the same household, byte for byte,
 * whatever the order. Random changes by several agencies, some with clocks apart and some at the
 * very same time, delivered in random orders. A failure prints its seed. */
#include "tests/lib/dice.h"
#include "tests/unit/work_world.h"

#define SEEDS   60u
#define CHANGES 24u

static const char *const everybody[] = {"police", "housing", "social-care", "health", "school"};

/* What one agency still has to hear, and in what order it will. */
typedef struct heard {
    size_t count;
    const Kith__Notice *waiting[CHANGES + 1];
} heard_t;

typedef struct play {
    world_t *w;
    dice_t dice;
    ProtobufCBinaryData household;
    heard_t heard[WORLD_NODES];
} play_t;

static void hear_one(play_t *play, size_t agency)
{
    heard_t *heard = &play->heard[agency];
    size_t i = dice_roll(&play->dice, heard->count);
    world_deliver(play->w, everybody[agency], heard->waiting[i]);
    heard->waiting[i] = heard->waiting[--heard->count];
}

/* One of the held members, or a new one. */
static void random_member(play_t *play, const char *agency, Kith__Api__Draft *draft)
{
    static const char *const names[] = {"mother", "older child", "uncle"};
    static const char *const roles[] = {"child", "carer", "kin"};
    Kith__Api__HouseholdView *view = world_view(play->w, agency, play->household);
    world_member(play->w, draft, names[dice_roll(&play->dice, 3)], dice_roll(&play->dice, 8) == 0);
    if (view->n_members > 0 && dice_roll(&play->dice, 3) != 0) {
        Kith__Member *member = draft->household_change->members[0];
        member->id = view->members[dice_roll(&play->dice, view->n_members)]->id;
        member->role = NAME(roles[dice_roll(&play->dice, 3)]);
        member->to_ms = dice_roll(&play->dice, 4) == 0 ? play->w->now_ms + 365 * DAY : 0;
    }
}

static Kith__Api__Draft *random_change(play_t *play, const char *agency)
{
    static const char *const names[] = {"the family at 3", "the family at 5", "the Elm Court four"};
    Kith__Api__Draft *draft = world_change(play->w, play->household);
    const char *other = everybody[dice_roll(&play->dice, WORLD_NODES)];
    switch (dice_roll(&play->dice, 7)) {
    case 0:
        draft->household_change->name = NAME(names[dice_roll(&play->dice, 3)]);
        break;
    case 1:
        random_member(play, agency, draft);
        break;
    case 2:
        world_seat(play->w, draft, other, 0);
        break;
    case 3:
        world_seat(play->w, draft, other, play->w->now_ms);
        break;
    case 4:
        draft = world_closing(play->w, play->household, false);
        if (dice_roll(&play->dice, 3) == 0) {
            world_lead(play->w, draft, other);
        }
        break;
    case 5:
        draft = world_closing(play->w, play->household, true);
        break;
    default:
        world_lead(play->w, draft, other);
        break;
    }
    return draft;
}

/* To everyone, so that all hear the same; what the rules would leave out is tried elsewhere. */
static void spread(play_t *play, size_t from, const Kith__Notice *notice)
{
    for (size_t i = 0; i < WORLD_NODES; i++) {
        if (i != from) {
            play->heard[i].waiting[play->heard[i].count++] = notice;
        }
    }
}

static void say_something(play_t *play)
{
    world_t *w = play->w;
    size_t from = dice_roll(&play->dice, WORLD_NODES);
    int64_t apart = (int64_t)dice_roll(&play->dice, 3) * MINUTE;
    w->now_ms += apart;
    Kith__Api__Draft *draft = random_change(play, everybody[from]);
    if (world_prepare(w, everybody[from], draft) == KITH_OK) {
        spread(play, from, world_submit(w, everybody[from], draft));
    }
    w->now_ms -= apart;
    w->now_ms -= dice_roll(&play->dice, 2) == 0 ? 1000 : 0; /* the same time again */
}

static void opened_by_police(play_t *play)
{
    Kith__Api__Draft *draft = world_opening(play->w, "the family at 3");
    for (size_t i = 0; i < WORLD_NODES; i++) {
        world_seat(play->w, draft, everybody[i], 0);
    }
    play->household = world_say(play->w, "police", draft)->household;
}

static void assert_same(play_t *play, uint64_t seed)
{
    kith_bytes_t first = world_household_row(play->w, everybody[0], play->household);
    for (size_t i = 1; i < WORLD_NODES; i++) {
        kith_bytes_t other = world_household_row(play->w, everybody[i], play->household);
        if (!kith_bytes_equal(first, other)) {
            fail_msg("seed %llu: %s differs from %s", (unsigned long long)seed, everybody[i],
                     everybody[0]);
        }
    }
}

static void play_seed(uint64_t seed)
{
    play_t play = {.w = world_new(), .dice = {seed}};
    opened_by_police(&play);
    for (size_t i = 0; i < CHANGES; i++) {
        say_something(&play);
        for (size_t agency = 0; agency < WORLD_NODES; agency++) {
            if (play.heard[agency].count > 0 && dice_roll(&play.dice, 3) == 0) {
                hear_one(&play, agency);
            }
        }
    }
    for (size_t agency = 0; agency < WORLD_NODES; agency++) {
        while (play.heard[agency].count > 0) {
            hear_one(&play, agency);
        }
    }
    assert_same(&play, seed);
    world_destroy(play.w);
}

static void all_that_heard_the_same_hold_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        play_seed(seed);
    }
}

/* Every order of four changes, one of them the opening itself. */
static void opening_may_come_last(void **state)
{
    (void)state;
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    world_t *w = world_new();
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    Kith__Notice *said[3];
    said[0] = world_say(w, "police", draft);
    ProtobufCBinaryData household = said[0]->household;
    draft = world_change(w, household);
    world_member(w, draft, "mother", true);
    world_lead(w, draft, "housing");
    said[1] = world_say(w, "housing", draft);
    draft = world_change(w, household);
    draft->household_change->name = NAME("the family at 5");
    world_seat(w, draft, "health", 0); /* carries along all before it */
    said[2] = world_submit(w, "housing", draft);
    kith_bytes_t wanted = world_household_row(w, "housing", household);
    for (size_t i = 0; i < 6; i++) {
        memtxn_destroy(&world_node(w, "school")->store);
        world_node(w, "school")->store = memtxn_new(AGENT_TABLES_COUNT);
        for (size_t k = 0; k < 3; k++) {
            world_deliver(w, "school", said[orders[i][k]]);
        }
        assert_true(kith_bytes_equal(wanted, world_household_row(w, "school", household)));
    }
    world_destroy(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_heard_the_same_hold_the_same),
        cmocka_unit_test(opening_may_come_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
