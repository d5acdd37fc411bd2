/* Asks an agent for what a page shows, again and again, and says how long each answer took.
 *
 *   bench-ask SOCKET HOUSEHOLD REPEATS    prints one JSON object, in milliseconds */
#include "base/id.h"
#include "io/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARENA_BYTES_MAX (64u * 1024u * 1024u)
#define WAIT_MS         60000

typedef struct question {
    const char *name;
    Kith__Api__Request request;
} question_t;

static void fail(const char *what)
{
    (void)fprintf(stderr, "bench-ask: %s\n", what);
    exit(1);
}

static double now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void ask(ask_t *agent, kith_arena_t *arena, question_t *question, size_t repeats,
                const char *before)
{
    double *took_ms = calloc(repeats, sizeof *took_ms);
    if (!took_ms)
        fail("no memory");
    for (size_t i = 0; i < repeats; i++) {
        Kith__Api__Response *response = NULL;
        kith_arena_reset(arena);
        double start_ms = now_ms();
        if (ask_call(agent, arena, WAIT_MS, &question->request, &response) != KITH_OK)
            fail("no answer");
        took_ms[i] = now_ms() - start_ms;
        if (response->status != KITH__API__STATUS__STATUS_OK)
            fail(response->what);
    }
    qsort(took_ms, repeats, sizeof *took_ms, ascending);
    printf("%s\"%s_p50_ms\": %.3f, \"%s_max_ms\": %.3f", before, question->name,
           took_ms[repeats / 2], question->name, took_ms[repeats - 1]);
    free(took_ms);
}

int main(int argc, char **argv)
{
    kith_id_t household;
    ask_t *agent = NULL;
    if (argc != 4 || kith_id_parse(argv[2], &household) != KITH_OK)
        fail("SOCKET HOUSEHOLD REPEATS");
    if (ask_open(argv[1], WAIT_MS, &agent) != KITH_OK)
        fail("the agent cannot be reached");
    ProtobufCBinaryData id = {KITH_ID_BYTES, household.bytes};
    Kith__Api__FeedRequest feed = KITH__API__FEED_REQUEST__INIT, timeline = feed, whole = feed;
    Kith__Api__GroupsRequest groups = KITH__API__GROUPS_REQUEST__INIT;
    Kith__Api__HouseholdRequest show = KITH__API__HOUSEHOLD_REQUEST__INIT;
    Kith__Api__LoadRequest load = KITH__API__LOAD_REQUEST__INIT;
    feed.household = timeline.household = show.id = load.household = id;
    timeline.by_time = true;
    question_t questions[] = {
        {"feed", KITH__API__REQUEST__INIT},       {"timeline", KITH__API__REQUEST__INIT},
        {"whole_feed", KITH__API__REQUEST__INIT}, {"groups", KITH__API__REQUEST__INIT},
        {"household", KITH__API__REQUEST__INIT},  {"load", KITH__API__REQUEST__INIT},
    };
    questions[0].request.ask_case = questions[1].request.ask_case = questions[2].request.ask_case =
        KITH__API__REQUEST__ASK_FEED;
    questions[0].request.feed = &feed;
    questions[1].request.feed = &timeline;
    questions[2].request.feed = &whole;
    questions[3].request.ask_case = KITH__API__REQUEST__ASK_GROUPS;
    questions[3].request.groups = &groups;
    questions[4].request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
    questions[4].request.household = &show;
    questions[5].request.ask_case = KITH__API__REQUEST__ASK_LOAD;
    questions[5].request.load = &load;
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
        ask(agent, arena, &questions[i], strtoul(argv[3], NULL, 10), i ? ", " : "{");
    printf("}\n");
    ask_close(&agent);
    kith_arena_destroy(&arena);
    return 0;
}
