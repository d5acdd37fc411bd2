/* A plan from a seed. Which faults are on, and how often, is drawn for each seed anew (swarm): a
 * plan with few kinds reaches what a plan with all of them hides. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

typedef struct draw {
    dice_t dice;
    sim_plan_t *plan;
    size_t submits, faults;
    size_t on_count;
    sim_act on[SIM_FAULTS_COUNT];
    size_t fault_one_in, pass_ms, again_one_in;
} draw_t;

/* Ends of what lasts, placed among the actions that follow. */
typedef struct heal {
    size_t at;
    sim_action_t action;
} heal_t;

static size_t roll(draw_t *d, size_t sides)
{
    return dice_roll(&d->dice, sides);
}

static void add(sim_plan_t *plan, sim_action_t action)
{
    plan->actions = world_grown(plan->actions, plan->count, &plan->capacity, sizeof *plan->actions);
    plan->actions[plan->count++] = action;
}

static sim_action_t drawn(draw_t *d, sim_act act)
{
    return (sim_action_t){.act = act,
                          .agent = roll(d, d->plan->agents),
                          .broker = roll(d, d->plan->brokers),
                          .arg = dice_u64(&d->dice)};
}

/* The faults of this seed: most seeds have a handful, some have all. */
static void draw_swarm(draw_t *d)
{
    size_t one_in = 1 + roll(d, 8);
    for (size_t i = 0; i < SIM_FAULTS_COUNT; i++)
        if (roll(d, one_in) == 0)
            d->on[d->on_count++] = (sim_act)i;
    while (d->on_count < 2)
        d->on[d->on_count++] = (sim_act)roll(d, SIM_FAULTS_COUNT);
    d->fault_one_in = 4 + roll(d, 30);
    d->again_one_in = 2 + roll(d, 20);
    d->pass_ms = (size_t)1 << roll(d, 14);
}

static bool lasts(sim_act fault)
{
    switch (fault) {
    case SIM_AGENT_STOP:
    case SIM_AGENT_PAUSE:
    case SIM_AGENT_FULL:
    case SIM_AGENT_CLOCK_FREEZE:
    case SIM_AGENT_ROT:
    case SIM_AGENT_STALE:
    case SIM_FILE_OLD:
    case SIM_KEY_REVOKED:
    case SIM_BROKER_STOP:
    case SIM_BROKER_PAUSE:
    case SIM_BROKER_FULL:
    case SIM_BROKER_ROT:
    case SIM_BROKER_STALE:
    case SIM_LINK_CUT:
    case SIM_LINK_HALF_OPEN:
    case SIM_LINK_HELD:
    case SIM_LINK_HWM:
        return true;
    default: /* lint: allow default, because every other action is over at once */
        return false;
    }
}

static sim_act heal_of(sim_act fault)
{
    sim_where where = sim_where_of(fault);
    return where == SIM_AGENT    ? SIM_HEAL_AGENT
           : where == SIM_BROKER ? SIM_HEAL_BROKER
                                 : SIM_HEAL_LINK;
}

static void add_fault(draw_t *d, heal_t *heals, size_t *heals_count)
{
    sim_action_t fault = drawn(d, d->on[roll(d, d->on_count)]);
    add(d->plan, fault);
    d->faults++;
    if (!lasts(fault.act))
        return;
    fault.act = heal_of(fault.act);
    heals[(*heals_count)++] = (heal_t){d->plan->count + 1 + roll(d, 60), fault};
}

static void add_step(draw_t *d)
{
    size_t what = roll(d, 16);
    if (what < 8) {
        bool again = roll(d, d->again_one_in) == 0;
        add(d->plan, drawn(d, again ? SIM_AGAIN : SIM_SUBMIT));
        d->submits += !again;
    } else if (what < 13) {
        add(d->plan, drawn(d, SIM_TURNS));
    } else if (what < 15) {
        sim_action_t pass = drawn(d, SIM_PASS);
        pass.arg = 1 + roll(d, d->pass_ms);
        add(d->plan, pass);
    } else {
        add(d->plan, drawn(d, SIM_GIVE_FILE));
    }
}

void plan_draw(uint64_t seed, size_t steps, sim_plan_t *ret_plan)
{
    sim_plan_t plan = {.seed = seed,
                       .real_crypto = seed % SIM_REAL_ONE_IN == 0,
                       .judged_by_record = true,
                       .judged_by_world = true};
    draw_t d = {.dice = {.state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15)}, .plan = &plan};
    size_t heals_count = 0, steps_max = 4 * steps + 1000;
    if (d.dice.state == 0)
        d.dice.state = 1;
    heal_t *heals = calloc(steps_max, sizeof *heals);
    KITH_ASSERT(heals);
    for (size_t i = 0; i < 5; i++)
        (void)dice_u64(&d.dice);
    plan.shape = dice_u64(&d.dice);
    plan.agents = 3 + (roll(&d, 3) ? roll(&d, 3) : roll(&d, WORLD_AGENTS_MAX - 2));
    plan.brokers = 1 + roll(&d, WORLD_BROKERS_MAX);
    draw_swarm(&d);
    while (plan.count < steps_max &&
           (plan.count < steps || d.submits < SIM_SUBMITS_MIN || d.faults < SIM_FAULTS_MIN)) {
        for (size_t i = 0; i < heals_count; i++)
            if (heals[i].at == plan.count)
                add(&plan, heals[i].action);
        if (roll(&d, d.fault_one_in) == 0)
            add_fault(&d, heals, &heals_count);
        else
            add_step(&d);
    }
    free(heals);
    *ret_plan = plan;
}

void plan_free(sim_plan_t *plan)
{
    free(plan->actions);
    *plan = (sim_plan_t){0};
}

const char *sim_word(sim_act act)
{
    static const char *const words[] = {
#define X(id, word, where) [SIM_##id] = (word),
        SIM_FAULTS(X)
#undef X
            [SIM_SUBMIT] = "submit",
        [SIM_AGAIN] = "submit-again",
        [SIM_TURNS] = "turns",
        [SIM_PASS] = "pass",
        [SIM_HEAL_AGENT] = "heal-agent",
        [SIM_HEAL_BROKER] = "heal-broker",
        [SIM_HEAL_LINK] = "heal-link",
        [SIM_GIVE_FILE] = "give-file",
    };
    return words[act];
}

sim_where sim_where_of(sim_act fault)
{
    static const sim_where wheres[] = {
#define X(id, word, where) [SIM_##id] = SIM_##where,
        SIM_FAULTS(X)
#undef X
    };
    KITH_ASSERT(fault < SIM_FAULTS_COUNT);
    return wheres[fault];
}
