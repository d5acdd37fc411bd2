/* Plays a plan: its actions, then quiet, then the judge. */
#include "tests/sim/chance.h"
#include "tests/sim/ends.h"
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

/* From the last fault on, every obligation must have ended within this (the world's time). Where
 * mailboxes hold next to nothing, what waits goes through one by one. */
#define QUIET_MS          (60 * 1000)
#define QUIET_SMALL_MS    (300 * 1000)
#define QUIET_PART_MS     (5 * 1000)
#define COPY_EVERY        40u
#define TEXT_SIZE_MAX     300u
#define SMALL_MAILBOX_MAX 6u

void sim_note(sim_play_t *p, const char *what, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t numbers[] = {(uint64_t)p->w->mono_ms, a, b, c};
    uint64_t hash = kith_checksum(p->result->trace, kith_bytes_str(what));
    p->result->trace = kith_checksum(hash, (kith_bytes_t){(uint8_t *)numbers, sizeof numbers});
    if (p->trace)
        (void)fprintf(p->trace, "%8lld  %-22s %llu %llu %llu\n", (long long)p->w->mono_ms, what,
                      (unsigned long long)a, (unsigned long long)b, (unsigned long long)c);
}

/* ---- submits ---- */

/* Once more, or for the first time. */
static void ask(sim_play_t *p, sim_asked_t *asked)
{
    world_agent_t *a = &p->w->agents[asked->agent];
    desk_answer_t answer;
    if (!a->core || a->paused || a->stop || asked->refused)
        return;
    verdict_note(p->judge, p->w, JUDGE_SUBMIT, a->id, asked->token);
    desk_ask(p->desk, asked->agent, asked->request, &answer);
    sim_note(p, answer.rule ? answer.rule : "answer", asked->agent, answer.stored, answer.repeat);
    p->result->submits += answer.stored;
    p->result->refused += answer.rule != NULL;
    asked->refused = answer.rule != NULL;
    if (asked->refused)
        verdict_note(p->judge, p->w, JUDGE_REFUSED, a->id, asked->token);
    if (answer.response && answer.response->answer_case == KITH__API__RESPONSE__ANSWER_SHOW)
        verdict_states(p->judge, p->w, a->id, answer.response->show);
    if (!answer.stored)
        return; /* unknown: it may be asked again */
    verdict_stored(p->judge, p->w, a->id, asked->token, answer.id, answer.recipients_count,
                   answer.recipients);
    bool same = memcmp(asked->id, answer.id, sizeof asked->id) == 0;
    if (asked->stored && asked->epoch == a->epoch && !a->old_copy && !same)
        world_fail(p->w, "a token at %s gave another id when asked again", a->id);
    asked->stored = true;
    asked->epoch = a->epoch;
    memcpy(asked->id, answer.id, sizeof asked->id);
}

static void submit_new(sim_play_t *p, const sim_action_t *action)
{
    p->asked = world_grown(p->asked, p->asked_count, &p->asked_capacity, sizeof *p->asked);
    sim_asked_t *asked = &p->asked[p->asked_count++];
    const char *token = kith_arena_printf(p->w->arena, "%016llx", (unsigned long long)action->arg);
    *asked = (sim_asked_t){.agent = action->agent,
                           .request = people_ask(p->w, action->agent, &p->dice, token)};
    for (size_t i = 0; token[i]; i++)
        (void)snprintf(asked->token + 2 * i, 3, "%02x", (unsigned)(uint8_t)token[i]);
    ask(p, asked);
}

static void submit_again(sim_play_t *p, const sim_action_t *action)
{
    if (p->asked_count)
        ask(p, &p->asked[p->asked_count - 1 - action->arg % p->asked_count]);
}

/* ---- the others ---- */

/* Some turns, one at a time, so that faults come between any two. */
static void some_turns(sim_play_t *p)
{
    world_t *w = p->w;
    for (size_t i = 1 + dice_roll(&p->dice, 12); i > 0 && !w->wrong; i--) {
        size_t agent = dice_roll(&p->dice, w->agents_count);
        size_t broker = dice_roll(&p->dice, w->brokers_count);
        if (dice_roll(&p->dice, 2) && world_hub_due(w, broker))
            world_hub_turn(w, broker);
        else if (world_agent_due(w, agent))
            (void)world_agent_turn(w, agent);
    }
}

static void give_file(sim_play_t *p, const sim_action_t *action)
{
    if (action->arg & 1)
        world_give_agent(p->w, action->agent, p->w->agreement);
    else
        world_give_broker(p->w, action->broker, p->w->agreement);
}

static void act(sim_play_t *p, const sim_action_t *action)
{
    p->dice.state = action->arg | 1;
    (void)dice_u64(&p->dice);
    sim_note(p, sim_word(action->act), action->agent, action->broker, action->arg);
    switch (action->act) {
    case SIM_SUBMIT:
        submit_new(p, action);
        break;
    case SIM_AGAIN:
        submit_again(p, action);
        break;
    case SIM_TURNS:
        some_turns(p);
        break;
    case SIM_PASS:
        world_pass(p->w, (int64_t)action->arg);
        break;
    case SIM_HEAL_AGENT:
        fault_heal_agent(p, action->agent);
        break;
    case SIM_HEAL_BROKER:
        fault_heal_broker(p, action->broker);
        break;
    case SIM_HEAL_LINK:
        fault_heal_link(p, action->agent, action->broker);
        break;
    case SIM_GIVE_FILE:
        give_file(p, action);
        break;
    default: /* lint: allow default, because all others are faults */
        fault_strike(p, action);
        break;
    }
}

/* ---- beginning and end ---- */

static void make_world(sim_play_t *p)
{
    const sim_plan_t *plan = p->plan;
    world_t *w = world_new(plan->agents, plan->brokers);
    p->w = w;
    w->deaf = !plan->judged_by_world;
    p->desk = desk_new(w, plan->real_crypto);
    p->first = w->agreement;
    dice_t dice = {.state = plan->shape | 1};
    w->settings.resend_urgent_ms = 1000 + (int64_t)dice_roll(&dice, 2000);
    w->settings.resend_normal_ms = 2000 + (int64_t)dice_roll(&dice, 4000);
    w->settings.resend_max_ms = 5000 + (int64_t)dice_roll(&dice, 5000);
    w->settings.later_max_ms = 5000;
    for (size_t i = 0; i < plan->brokers; i++) {
        if (dice_roll(&dice, 4) == 0) /* mailboxes that hold little */
            w->brokers[i].settings.mailbox_messages_max = 1 + dice_roll(&dice, SMALL_MAILBOX_MAX);
        world_hub_stop(w, i);
        world_hub_start(w, i);
    }
    for (size_t i = 0; i < plan->agents; i++) {
        w->agents[i].clocks_watched = true;
        w->agents[i].ahead_ms = (int64_t)dice_roll(&dice, 4000) - 2000;
        world_agent_stop(w, i);
        world_agent_start(w, i);
    }
}

/* Everything is mended and begun anew; what is damaged, halted or an old copy gets a new epoch. */
static void heal_all(sim_play_t *p)
{
    world_t *w = p->w;
    wire_calm(p);
    for (size_t i = 0; i < w->brokers_count; i++) {
        w->brokers[i].next_commit = WORLD_COMMIT_OK;
        for (size_t j = 0; j < w->brokers[i].rows_count; j++)
            w->brokers[i].damaged |= w->brokers[i].rows[j].rotten;
        fault_heal_broker(p, i);
        world_hub_stop(w, i);
        world_hub_start(w, i);
    }
    for (size_t i = 0; i < w->agents_count; i++) {
        world_agent_t *a = &w->agents[i];
        a->next_commit = WORLD_COMMIT_OK;
        a->damaged |= memtxn_rotten(a->store); /* the check at the start finds it */
        a->unclean = false;
        fault_heal_agent(p, i);
        for (size_t j = 0; j < w->brokers_count; j++)
            fault_heal_link(p, i, j);
        if (a->core)
            world_agent_stop(w, i);
        world_agent_start(w, i);
    }
    world_give_all(w, w->agreement);
}

static bool has_ended(world_t *w)
{
    for (size_t i = 0; i < w->agents_count; i++)
        if (world_rows(w, i, AGENT_TABLE_UNSEALED) || world_rows(w, i, AGENT_TABLE_OUT) ||
            world_rows(w, i, AGENT_TABLE_PARKED))
            return false;
    return true;
}

static int64_t quiet_ms(const sim_play_t *p)
{
    int64_t ms = QUIET_MS;
    for (size_t i = 0; i < p->w->brokers_count; i++)
        if (p->w->brokers[i].settings.mailbox_messages_max <= SMALL_MAILBOX_MAX)
            ms = QUIET_SMALL_MS;
    return ms;
}

static void be_quiet(sim_play_t *p)
{
    int64_t left_ms = quiet_ms(p);
    verdict_note(p->judge, p->w, JUDGE_HEALED, p->w->agents[0].id, NULL);
    do {
        world_pass(p->w, QUIET_PART_MS);
        left_ms -= QUIET_PART_MS;
    } while (left_ms > 0 && !p->w->wrong && !has_ended(p->w));
    verdict_note(p->judge, p->w, JUDGE_SETTLED, p->w->agents[0].id, NULL);
}

static void judge_now(sim_play_t *p)
{
    p->w->deaf = false;
    verdict_now(p->w);
    p->w->deaf = !p->plan->judged_by_world;
}

static void judge(sim_play_t *p)
{
    world_t *w = p->w;
    for (size_t i = 0; i < w->agents_count && !w->wrong; i++)
        if (w->agents[i].halted)
            world_fail(w, "%s halted", w->agents[i].id);
    if (!w->wrong && p->plan->judged_by_world)
        ends_judge(w, p->desk);
    w->deaf = false;
    if (!w->wrong && p->plan->judged_by_record)
        verdict_end(p->judge, w, quiet_ms(p));
    if (!w->wrong)
        desk_check(p->desk);
    for (size_t i = 0; i < w->agents_count; i++) {
        sim_note(p, "store", i, memtxn_hash(w->agents[i].store), w->agents[i].turns);
        p->result->events += w->agents[i].turns;
    }
}

void sim_play(const sim_plan_t *plan, const bool *keep, FILE *trace, sim_cover_t *cover,
              sim_result_t *ret_result)
{
    sim_play_t *p = calloc(1, sizeof *p);
    KITH_ASSERT(p);
    *ret_result = (sim_result_t){0};
    *p = (sim_play_t){.plan = plan, .trace = trace, .cover = cover, .result = ret_result};
    chance_seed(plan->seed);
    p->judge = judge_new();
    make_world(p);
    wire_begin(p);
    p->breaks.state = plan->shape | 1;
    p->w->breaks = &p->breaks;
    world_settle(p->w);
    for (size_t i = 0; i < plan->count && !p->w->wrong; i++) {
        if (i % COPY_EVERY == 0)
            fault_copy_stores(p);
        if (keep && !keep[i])
            continue;
        act(p, &plan->actions[i]);
        ret_result->actions++;
    }
    if (!p->w->wrong) {
        heal_all(p);
        world_settle(p->w);
        (void)world_check_hubs(p->w);
        if (!p->w->wrong && p->plan->judged_by_record && !p->rolled_back &&
            !p->w->again_may_fail) /* a copy that its recipient cannot read is let go */
            judge_now(p);
        be_quiet(p);
        judge(p);
    }
    if (p->w->wrong)
        (void)snprintf(ret_result->wrong, sizeof ret_result->wrong, "%s", p->w->wrong);
    cover->schedules++;
    cover->submits += ret_result->submits;
    cover->refused += ret_result->refused;
    cover->faults += ret_result->faults;
    cover->events += ret_result->events;
    fault_free(p);
    wire_free(p);
    judge_destroy(&p->judge);
    desk_destroy(&p->desk);
    world_destroy(&p->w);
    free(p->asked);
    free(p);
}
