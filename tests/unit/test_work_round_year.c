/* A virtual year of rounds, with both clock changes: the digest is at its hour on the wall, and by
 * chance of what comes, who looks, when the agent is down and how it is configured, nothing is told
 * twice and nothing is forgotten. */
#include "agents/work/parts.h"
#include "tests/unit/work_world_feed.h"

#include "base/text.h"

#define DAYS 365

static const char *const housing[] = {"housing", NULL};

/* By the calendar on the wall, not by the code: 2026 begins on a Thursday; Good Friday is day 92,
 * Easter Monday day 95. Summer time is from day 87 (29 March) to day 297 (25 October). */
static bool is_working(int day)
{
    return (day + 3) % 7 < 5 && day != 92 && day != 95;
}

static int64_t digest_on(int day)
{
    bool summer = day >= 87 && day < 297;
    return START_MS + day * DAY + (summer ? 15 : 16) * HOUR;
}

static void digest_is_at_its_hour_all_year(void **state)
{
    world_t *w = *state;
    world_tells(w);
    ProtobufCBinaryData household = world_household(w, "police", housing);
    world_looked(w, "housing", "duty", household, UINT64_MAX);
    uint64_t told = 0;
    unsigned waiting = 0;
    for (int day = 0; day < DAYS; day++) {
        w->now_ms = START_MS + day * DAY + 9 * HOUR;
        world_say_event(w, "police.call-out", household);
        waiting++;
        world_pass(w, "housing", digest_on(day));
        assert_string_equal(world_told(w, "housing", told), "");
        world_pass(w, "housing", START_MS + day * DAY + 23 * HOUR);
        Kith__Api__TellingsResponse *today = world_tellings(w, "housing", told);
        assert_int_equal(today->n_tellings, is_working(day));
        if (is_working(day)) {
            assert_int_equal(today->tellings[0]->at_ms, digest_on(day) + 1);
            assert_int_equal(today->tellings[0]->entries, waiting);
            assert_string_equal(today->tellings[0]->reason, "digest");
            told++;
            waiting = 0;
            world_looked(w, "housing", "duty", household, UINT64_MAX);
        }
    }
}

/* Each Monday something comes, and nobody looks: told with the next digest, repeated with the one
 * of the working day after, and then not again. */
static void repeat_comes_once_with_the_digest_of_the_next_working_day(void **state)
{
    world_t *w = *state;
    world_tells(w);
    ProtobufCBinaryData household = world_household(w, "police", housing);
    world_looked(w, "housing", "duty", household, UINT64_MAX);
    uint64_t told = 0;
    unsigned left = 0; /* tellings that are still to come */
    for (int day = 0; day < DAYS; day++) {
        w->now_ms = START_MS + day * DAY + 9 * HOUR;
        if (day % 7 == 4) {
            world_say_event(w, "police.call-out", household);
            left = 2;
        }
        world_pass(w, "housing", START_MS + day * DAY + 23 * HOUR);
        Kith__Api__TellingsResponse *today = world_tellings(w, "housing", told);
        assert_int_equal(today->n_tellings, left > 0 && is_working(day));
        if (today->n_tellings > 0) {
            assert_int_equal(today->tellings[0]->at_ms, digest_on(day) + 1);
            assert_string_equal(today->tellings[0]->reason, left == 2 ? "digest" : "repeat");
            left--;
            told++;
        }
    }
}

/* ---- by chance ---- */

static uint32_t chance(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % below;
}

static const work_rounds_t confs[] = {
    {MINUTE / 2, 5 * MINUTE, DAY, 16 * (int32_t)HOUR, true},
    {MINUTE, 10 * MINUTE, 2 * DAY, 9 * (int32_t)HOUR, false},
    {0, MINUTE, 12 * HOUR, WORK_NO_DIGEST, false},
};

static void do_something(world_t *w, uint32_t *seed, ProtobufCBinaryData const *households)
{
    ProtobufCBinaryData household = households[chance(seed, 2)];
    switch (chance(seed, 8)) {
    case 0:
        world_looked(w, "housing", "duty", household, UINT64_MAX);
        break;
    case 1:
        world_say_event(w, "safeguarding.concern", household);
        break;
    case 2:
        world_node(w, "housing")->work.rounds = &confs[chance(seed, 3)];
        break;
    case 3:
        w->now_ms += chance(seed, 96) * HOUR; /* down */
        break;
    default:
        world_say_event(w, "police.call-out", household);
        break;
    }
}

/* Of the tellings of one household: each tells something new, or the repeat interval is over. */
static void assert_never_twice(const Kith__Api__TellingsResponse *told,
                               ProtobufCBinaryData household, uint64_t *ret_up_to)
{
    uint64_t up_to = 0;
    int64_t told_ms = 0;
    for (size_t i = 0; i < told->n_tellings; i++) {
        const Kith__Api__Telling *telling = told->tellings[i];
        if (!same_id(telling->household, household)) {
            continue;
        }
        assert_true(telling->n_newest > 0);
        uint64_t newest = telling->newest[0]->seq;
        assert_true(telling->again ? newest == up_to : newest > up_to);
        assert_true(!telling->again || telling->at_ms - told_ms >= 12 * HOUR);
        up_to = newest;
        told_ms = telling->at_ms;
    }
    *ret_up_to = up_to;
}

static void nothing_is_told_twice_and_nothing_is_forgotten(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        world_t *w = world_new();
        world_tells(w);
        uint32_t dice = seed;
        const ProtobufCBinaryData households[] = {world_household(w, "police", housing),
                                                  world_household(w, "police", housing)};
        while (w->now_ms < START_MS + DAYS * DAY) {
            do_something(w, &dice, households);
            world_pass(w, "housing", w->now_ms + chance(&dice, 72) * HOUR);
        }
        for (size_t i = 0; i < 2; i++) {
            world_say_event(w, "police.call-out", households[i]);
        }
        world_pass(w, "housing", w->now_ms + 5 * DAY);
        Kith__Api__TellingsResponse *told = world_tellings(w, "housing", 0);
        for (size_t i = 0; i < 2; i++) {
            uint64_t up_to = 0;
            assert_never_twice(told, households[i], &up_to);
            Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
            ask.household = households[i];
            ask.limit = KITH_FEED_PAGE_MAX;
            Kith__Api__FeedResponse *feed = world_feed(w, "housing", ask);
            assert_int_equal(feed->entries[feed->n_entries - 1]->seq, up_to);
        }
        world_destroy(w);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(digest_is_at_its_hour_all_year),
        TEST(repeat_comes_once_with_the_digest_of_the_next_working_day),
        cmocka_unit_test(nothing_is_told_twice_and_nothing_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
