/* Whole partnerships under random faults, by seed: submissions, cuts, commits that fail, restarts,
 * lost stores and raised epochs; and after quiet the promise holds. KITH_SEED=n runs one seed. */
#include "tests/lib/unit.h"
#include "tests/lib/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS    200u
#define STEPS    120u
#define QUIET_MS (200 * 1000)
#define AGENTS   4u
#define BROKERS  2u

typedef struct run {
    world_t *w;
    dice_t dice;
    bool lose_stores; /* agents' stores are lost, epochs rise */
    char token[16];
    unsigned tokens;
} run_t;

static bool one_in(run_t *run, size_t sides)
{
    return dice_roll(&run->dice, sides) == 0;
}

static size_t any_agent(run_t *run)
{
    return dice_roll(&run->dice, AGENTS);
}

static size_t any_broker(run_t *run)
{
    return dice_roll(&run->dice, BROKERS);
}

/* A client that asks again with the same token until it is answered. */
static void submit(run_t *run)
{
    world_t *w = run->w;
    size_t origin = any_agent(run), to_count = 0;
    if (!w->agents[origin].core)
        return;
    const char *to[AGENTS];
    size_t bits = 1 + dice_roll(&run->dice, (1u << AGENTS) - 1);
    for (size_t i = 0; i < AGENTS; i++)
        if (i != origin && bits >> i & 1)
            to[to_count++] = w->agents[i].id;
    (void)snprintf(run->token, sizeof run->token, "t%u", ++run->tokens);
    world_submit_t what = {.to = to,
                           .to_count = to_count,
                           .lane = one_in(run, 3) ? KITH_LANE_URGENT : KITH_LANE_NORMAL,
                           .kind = one_in(run, 20) ? WORLD_CANNOT_APPLY : "call-out",
                           .text_size = dice_roll(&run->dice, 100),
                           .token = run->token};
    agent_submitted_t submitted = {0};
    for (int i = 0; i < 5; i++) {
        if (world_submit(w, origin, &what, &submitted) == KITH_OK) {
            assert_int_equal(submitted.err, KITH_OK);
            return;
        }
    }
    fail_msg("five commits failed");
}

static void lose_agent(run_t *run)
{
    world_t *w = run->w;
    size_t i = any_agent(run);
    if (!run->lose_stores || !one_in(run, 2))
        return;
    kith_agreement_t *next = world_next_agreement(w);
    uint32_t epoch = ++world_agency(next, w->agents[i].id)->epoch;
    if (w->agents[i].core)
        world_agent_stop(w, i);
    world_agent_lose_store(w, i, epoch);
    world_give_agent(w, i, next);
    world_agent_start(w, i);
}

/* Nobody gets the newest file at the same time. */
static void give_file(run_t *run)
{
    world_t *w = run->w;
    if (one_in(run, 2))
        world_give_agent(w, any_agent(run), w->agreement);
    else
        world_give_broker(w, any_broker(run), w->agreement);
}

static void fault_broker(run_t *run)
{
    world_t *w = run->w;
    size_t i = any_broker(run);
    bool runs = w->brokers[i].core != NULL;
    switch (dice_roll(&run->dice, 5)) {
    case 0:
        w->brokers[i].next_commit = (world_commit)(1 + dice_roll(&run->dice, 4));
        break;
    case 1:
        runs ? world_hub_stop(w, i) : world_hub_start(w, i);
        break;
    case 2:
        if (runs)
            world_hub_stop(w, i);
        world_hub_lose_store(w, i);
        world_hub_start(w, i);
        break;
    case 3:
        w->brokers[i].disk_full = !w->brokers[i].disk_full;
        break;
    default:
        w->brokers[i].half_open = !w->brokers[i].half_open;
        break;
    }
}

static void fault_agent(run_t *run)
{
    world_t *w = run->w;
    size_t i = any_agent(run), broker = any_broker(run);
    if (w->agents[i].halted)
        return;
    switch (dice_roll(&run->dice, 6)) {
    case 0:
        w->agents[i].next_commit = (world_commit)(1 + dice_roll(&run->dice, 4));
        break;
    case 1:
        w->agents[i].core ? world_agent_stop(w, i) : world_agent_start(w, i);
        break;
    case 2:
        world_cut(w, i, broker);
        break;
    case 3:
        world_heal(w, i, broker);
        break;
    case 4:
        world_drop(w, i, broker);
        break;
    default:
        w->agents[i].links[broker].held = !w->agents[i].links[broker].held;
        break;
    }
}

/* Some turns, one at a time, so that faults come between any two. */
static void some_turns(run_t *run)
{
    world_t *w = run->w;
    for (size_t i = dice_roll(&run->dice, 12); i > 0; i--) {
        size_t agent = any_agent(run), broker = any_broker(run);
        if (one_in(run, 2) && world_hub_due(w, broker))
            world_hub_turn(w, broker);
        else if (world_agent_due(w, agent))
            (void)world_agent_turn(w, agent);
    }
}

static void one_step(run_t *run)
{
    size_t what = dice_roll(&run->dice, 20);
    if (what < 9)
        submit(run);
    else if (what < 14)
        some_turns(run);
    else if (what < 16)
        world_pass(run->w, (int64_t)dice_roll(&run->dice, 3000));
    else if (what < 18)
        fault_agent(run);
    else if (what < 19)
        fault_broker(run);
    else if (one_in(run, 2))
        lose_agent(run);
    else
        give_file(run);
}

static void end_all_faults(world_t *w)
{
    world_give_all(w, w->agreement);
    for (size_t i = 0; i < w->brokers_count; i++) {
        w->brokers[i].next_commit = WORLD_COMMIT_OK;
        w->brokers[i].half_open = w->brokers[i].disk_full = false;
        if (!w->brokers[i].core)
            world_hub_start(w, i);
    }
    for (size_t i = 0; i < w->agents_count; i++) {
        w->agents[i].next_commit = WORLD_COMMIT_OK;
        if (!w->agents[i].core)
            world_agent_start(w, i);
        for (size_t j = 0; j < w->brokers_count; j++) {
            world_heal(w, i, j);
            w->agents[i].links[j].held = false;
        }
    }
}

static void run_seed(unsigned seed)
{
    run_t run = {
        .w = world_new(AGENTS, BROKERS), .dice = {.state = seed}, .lose_stores = seed % 3 == 0};
    world_t *w = run.w;
    w->settings.resend_urgent_ms = 2000;
    w->settings.resend_normal_ms = 5000;
    w->settings.resend_max_ms = 20000;
    for (size_t i = 0; i < BROKERS && seed % 5 == 0; i++) /* mailboxes that hold little */
        w->brokers[i].settings.mailbox_messages_max = 2;
    for (size_t i = 0; i < BROKERS; i++) {
        world_hub_stop(w, i);
        world_hub_start(w, i);
    }
    for (size_t i = 0; i < AGENTS; i++) {
        world_agent_stop(w, i);
        world_agent_start(w, i);
    }
    for (size_t i = 0; i < 5; i++)
        (void)dice_u64(&run.dice);
    world_settle(w);
    for (unsigned i = 0; i < STEPS && !w->wrong; i++)
        one_step(&run);
    if (!w->wrong)
        end_all_faults(w);
    world_pass(w, QUIET_MS);
    for (size_t i = 0; i < AGENTS; i++)
        if (w->agents[i].halted)
            world_fail(w, "%s halted", w->agents[i].id);
    char wrong[sizeof w->wrong_text] = "";
    if (world_check(w))
        (void)snprintf(wrong, sizeof wrong, "%s", w->wrong);
    world_destroy(&w);
    if (wrong[0])
        fail_msg("seed %u: %s", seed, wrong);
}

static void the_promise_holds_under_random_faults(void **state)
{
    (void)state;
    const char *only = getenv("KITH_SEED");
    if (only) {
        run_seed((unsigned)strtoul(only, NULL, 10));
        return;
    }
    for (unsigned seed = 1; seed <= SEEDS; seed++)
        run_seed(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_promise_holds_under_random_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
