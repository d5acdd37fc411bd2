#include "tests/lib/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_ARENA_BYTES (512 * KITH_MIB)
/* Turns at one moment before it is called a busy loop. */
#define TURNS_MAX 20000u

static const char *const names[WORLD_AGENTS_MAX] = {"police", "housing", "social-care", "health",
                                                    "school", "charity", "probation",   "fire"};
static const char *const everyone[] = {"*"};
static const char *const class_event[] = {"event"};
static const char *const class_safeguarding[] = {"safeguarding"};

static void make_agency(kith_agency_t *agency, const char *id)
{
    *agency = (kith_agency_t){.id = id, .name = id, .phone = "", .epoch = 1};
    agency->sealing.count = agency->transport.count = agency->signing.count = 1;
    (void)snprintf(agency->sealing.keys[0].name, KITH_KEY_NAME_SIZE, "seal.%.10s", id);
    (void)snprintf(agency->transport.keys[0].name, KITH_KEY_NAME_SIZE, "link.%.9s", id);
}

static kith_clause_t make_clause(const char *id, const char *const *classes)
{
    return (kith_clause_t){.id = id,
                           .classes_count = 1,
                           .from_count = 1,
                           .to_count = 1,
                           .classes = (const char **)(uintptr_t)classes,
                           .from = (const char **)(uintptr_t)everyone,
                           .to = (const char **)(uintptr_t)everyone};
}

static kith_agreement_t *make_agreement(kith_arena_t *arena, size_t agencies)
{
    kith_agreement_t *a = kith_arena_need(arena, sizeof *a);
    a->partnership = "exampletown";
    a->version = 1;
    a->front_door = names[0];
    a->agencies_count = agencies;
    a->agencies = kith_arena_need(arena, agencies * sizeof *a->agencies);
    for (size_t i = 0; i < agencies; i++)
        make_agency(&a->agencies[i], names[i]);
    a->clauses_count = 2;
    a->clauses = kith_arena_need(arena, 2 * sizeof *a->clauses);
    a->clauses[0] = make_clause("4.1", class_event);
    a->clauses[1] = make_clause("4.2", class_safeguarding);
    return a;
}

world_t *world_new(size_t agents, size_t brokers)
{
    KITH_ASSERT(agents <= WORLD_AGENTS_MAX && brokers <= WORLD_BROKERS_MAX);
    world_t *w = calloc(1, sizeof *w);
    KITH_ASSERT(w);
    w->arena = kith_arena_new(WORLD_ARENA_BYTES);
    w->agreement = make_agreement(w->arena, agents);
    w->now_ms = 1700000000000;
    w->mono_ms = 1000;
    w->agents_count = agents;
    w->brokers_count = brokers;
    w->settings = (agent_settings_t){.resend_urgent_ms = 60 * 1000,
                                     .resend_normal_ms = 3600 * 1000,
                                     .resend_max_ms = 24 * 3600 * 1000,
                                     .later_ms = 1000,
                                     .later_max_ms = 300 * 1000};
    for (size_t i = 0; i < brokers; i++)
        world_hub_init(w, i);
    for (size_t i = 0; i < agents; i++)
        world_agent_init(w, i);
    return w;
}

void world_destroy(world_t **self_p)
{
    world_t *w = *self_p;
    if (!w)
        return;
    for (size_t i = 0; i < w->agents_count; i++) {
        world_agent_stop(w, i);
        memtxn_destroy(&w->agents[i].store);
        kith_arena_destroy(&w->agents[i].arena);
    }
    for (size_t i = 0; i < w->brokers_count; i++)
        world_hub_destroy(&w->brokers[i]);
    kith_arena_destroy(&w->arena);
    free(w->notices);
    free(w->sealed);
    free(w);
    *self_p = NULL;
}

void world_fail(world_t *w, const char *format, ...)
{
    if (w->wrong || w->deaf)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(w->wrong_text, sizeof w->wrong_text, format, arguments);
    va_end(arguments);
    w->wrong = w->wrong_text;
}

void *world_grown(void *array, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? 2 * *capacity : 64;
    void *larger = realloc(array, *capacity * element_size);
    KITH_ASSERT(larger);
    return larger;
}

/* ---- time ---- */

/* true: somebody had something to do. */
static bool round_of_turns(world_t *w)
{
    bool busy = false;
    for (size_t i = 0; i < w->agents_count; i++) {
        if (!world_agent_due(w, i))
            continue;
        (void)world_agent_turn(w, i);
        busy = true;
    }
    for (size_t i = 0; i < w->brokers_count; i++) {
        if (!world_hub_due(w, i))
            continue;
        world_hub_turn(w, i);
        busy = true;
    }
    return busy;
}

void world_settle(world_t *w)
{
    for (size_t i = 0; i < TURNS_MAX && !w->wrong; i++)
        if (!round_of_turns(w))
            return;
    for (size_t i = 0; i < w->agents_count; i++)
        if (world_agent_due(w, i))
            world_fail(w, "%s is never done: wait %lld ms", w->agents[i].id,
                       (long long)world_agent_wait_ms(w, i));
    world_fail(w, "the world is never done");
}

static int64_t shortest_wait(const world_t *w)
{
    int64_t wait_ms = INT64_MAX;
    for (size_t i = 0; i < w->agents_count; i++) {
        int64_t one = world_agent_wait_ms(w, i);
        wait_ms = one < wait_ms ? one : wait_ms;
    }
    for (size_t i = 0; i < w->brokers_count; i++) {
        int64_t one = world_hub_wait_ms(w, i);
        wait_ms = one < wait_ms ? one : wait_ms;
    }
    return wait_ms;
}

void world_pass(world_t *w, int64_t ms)
{
    int64_t end_ms = w->mono_ms + ms;
    for (;;) {
        world_settle(w);
        if (w->mono_ms >= end_ms || w->wrong)
            return;
        int64_t wait_ms = shortest_wait(w);
        if (wait_ms > end_ms - w->mono_ms)
            wait_ms = end_ms - w->mono_ms;
        KITH_ASSERT(wait_ms > 0);
        w->mono_ms += wait_ms;
        w->now_ms += wait_ms;
    }
}

/* ---- the partnership ---- */

kith_agreement_t *world_next_agreement(world_t *w)
{
    kith_agreement_t *next = kith_arena_need(w->arena, sizeof *next);
    *next = *w->agreement;
    next->version++;
    size_t size = next->agencies_count * sizeof *next->agencies;
    next->agencies = kith_arena_need(w->arena, size);
    memcpy(next->agencies, w->agreement->agencies, size);
    size = next->clauses_count * sizeof *next->clauses;
    next->clauses = kith_arena_need(w->arena, size);
    memcpy(next->clauses, w->agreement->clauses, size);
    w->agreement = next;
    return next;
}

kith_agency_t *world_agency(kith_agreement_t *agreement, const char *id)
{
    for (size_t i = 0; i < agreement->agencies_count; i++)
        if (strcmp(agreement->agencies[i].id, id) == 0)
            return &agreement->agencies[i];
    KITH_NEVER("no such agency");
    return NULL;
}

void world_give_agent(world_t *w, size_t agent, const kith_agreement_t *agreement)
{
    w->agents[agent].agreement = agreement;
    w->agents[agent].reload = w->agents[agent].core != NULL;
}

void world_give_broker(world_t *w, size_t broker, const kith_agreement_t *agreement)
{
    w->brokers[broker].reload = agreement;
}

void world_give_all(world_t *w, const kith_agreement_t *agreement)
{
    for (size_t i = 0; i < w->brokers_count; i++)
        world_give_broker(w, i, agreement);
    for (size_t i = 0; i < w->agents_count; i++)
        world_give_agent(w, i, agreement);
}
