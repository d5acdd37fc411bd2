/* What each fault does to the world, and how its people mend it. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS (INT64_C(3600) * 1000)

static size_t roll(sim_play_t *p, size_t sides)
{
    return dice_roll(&p->dice, sides);
}

/* ---- stores ---- */

void fault_raise_epoch(sim_play_t *p, size_t agent)
{
    world_t *w = p->w;
    kith_agreement_t *next = world_next_agreement(w);
    uint32_t epoch = ++world_agency(next, w->agents[agent].id)->epoch;
    if (w->agents[agent].core)
        world_agent_stop(w, agent);
    world_agent_lose_store(w, agent, epoch);
    world_give_agent(w, agent, next);
    world_agent_start(w, agent);
    memtxn_destroy(&p->agents[agent].snapshot); /* another epoch's: it would not start */
    verdict_note(p->judge, w, JUDGE_LOST, w->agents[agent].id, NULL);
    sim_note(p, "epoch-raised", agent, epoch, 0);
}

/* Yesterday's copy is put in place of the store, and nobody says so. */
static bool restore_agent(sim_play_t *p, size_t agent)
{
    world_t *w = p->w;
    sim_node_t *node = &p->agents[agent];
    if (!node->snapshot || w->agents[agent].damaged || w->agents[agent].halted)
        return false;
    if (w->agents[agent].core)
        world_agent_stop(w, agent);
    memtxn_t *copy = memtxn_copy(node->snapshot);
    world_agent_restore(w, agent, &copy, node->sealed);
    world_agent_start(w, agent);
    verdict_note(p->judge, w, JUDGE_LOST, w->agents[agent].id, NULL);
    return true;
}

static world_row_t *copy_rows(const world_row_t *rows, size_t count)
{
    world_row_t *copy = calloc(count + 1, sizeof *copy);
    KITH_ASSERT(copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = rows[i];
        copy[i].body = malloc(rows[i].size + 1);
        KITH_ASSERT(copy[i].body);
        memcpy(copy[i].body, rows[i].body, rows[i].size);
    }
    return copy;
}

static void free_rows(world_row_t **rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((*rows)[i].body);
    free(*rows);
    *rows = NULL;
}

static bool restore_broker(sim_play_t *p, size_t broker)
{
    world_broker_t *b = &p->w->brokers[broker];
    sim_node_t *node = &p->brokers[broker];
    if (!node->rows)
        return false;
    if (b->core)
        world_hub_stop(p->w, broker);
    free_rows(&b->rows, b->rows_count);
    b->rows = copy_rows(node->rows, node->rows_count);
    b->rows_count = node->rows_count;
    b->rows_capacity = node->rows_count + 1;
    b->damaged = false;
    p->rolled_back = true;
    world_hub_start(p->w, broker);
    return true;
}

void fault_copy_stores(sim_play_t *p)
{
    for (size_t i = 0; i < p->plan->count; i++) {
        const sim_action_t *action = &p->plan->actions[i];
        world_agent_t *a = &p->w->agents[action->agent];
        if (action->act == SIM_AGENT_STALE && !a->old_copy) {
            memtxn_destroy(&p->agents[action->agent].snapshot);
            p->agents[action->agent].snapshot = memtxn_copy(a->store);
            p->agents[action->agent].sealed = p->w->sealed_count;
        } else if (action->act == SIM_BROKER_STALE) {
            sim_node_t *node = &p->brokers[action->broker];
            const world_broker_t *b = &p->w->brokers[action->broker];
            if (node->rows)
                free_rows(&node->rows, node->rows_count);
            node->rows = copy_rows(b->rows, b->rows_count);
            node->rows_count = b->rows_count;
        }
    }
}

void fault_free(sim_play_t *p)
{
    for (size_t i = 0; i < WORLD_AGENTS_MAX; i++)
        memtxn_destroy(&p->agents[i].snapshot);
    for (size_t i = 0; i < WORLD_BROKERS_MAX; i++)
        if (p->brokers[i].rows)
            free_rows(&p->brokers[i].rows, p->brokers[i].rows_count);
}

/* ---- agents ---- */

static bool running(const sim_play_t *p, size_t agent)
{
    return p->w->agents[agent].core && !p->w->agents[agent].paused;
}

static bool next_commit(sim_play_t *p, size_t agent, world_commit commit)
{
    if (!running(p, agent))
        return false;
    p->w->agents[agent].next_commit = commit;
    p->w->agents[agent].unclean |= commit == WORLD_CRASH_BEFORE || commit == WORLD_CRASH_AFTER;
    return true;
}

static int64_t jump_ms(sim_play_t *p)
{
    static const int64_t SIZES[] = {1000, 90 * 60 * 1000, 30 * HOUR_MS, 10 * 365 * 24 * HOUR_MS};
    int64_t ms = SIZES[roll(p, 4)];
    return roll(p, 2) ? ms : -ms;
}

static bool pause_agent(sim_play_t *p, size_t agent, bool sleeps)
{
    world_agent_t *a = &p->w->agents[agent];
    if (!running(p, agent))
        return false;
    a->paused = true;
    p->agents[agent].asleep = sleeps;
    p->agents[agent].asleep_from_ms = p->w->mono_ms;
    return true;
}

/* The next version: everyone may send events to everyone, or one agency receives none. */
static const kith_agreement_t *next_file(sim_play_t *p)
{
    static const char *const everyone[] = {"*"};
    world_t *w = p->w;
    kith_agreement_t *next = world_next_agreement(w);
    kith_clause_t *events = &next->clauses[0];
    events->to = (const char **)(uintptr_t)everyone;
    events->to_count = 1;
    if (roll(p, 2))
        return next;
    size_t left_out = roll(p, w->agents_count);
    events->to = kith_arena_need(w->arena, w->agents_count * sizeof(char *));
    events->to_count = 0;
    for (size_t i = 0; i < w->agents_count; i++)
        if (i != left_out)
            events->to[events->to_count++] = w->agents[i].id;
    w->again_may_fail = true;
    return next;
}

/* Its people find the first version, and start it with that. */
static bool old_file(sim_play_t *p, size_t agent)
{
    world_agent_t *a = &p->w->agents[agent];
    if (p->first->agencies[agent].epoch != a->epoch || a->damaged || a->halted)
        return false;
    if (a->core)
        world_agent_stop(p->w, agent);
    a->agreement = p->first;
    world_agent_start(p->w, agent);
    return true;
}

/* The file has another key for it; a hub is given it first. */
static void revoke_key(sim_play_t *p, size_t agent, size_t broker)
{
    kith_agreement_t *next = world_next_agreement(p->w);
    kith_keyring_t *ring = &world_agency(next, p->w->agents[agent].id)->transport;
    ring->keys[0] = ring->keys[ring->count - 1];
    ring->keys[0].state = KITH_KEY_REVOKED;
    ring->keys[1] = (kith_public_key_t){.state = KITH_KEY_CURRENT};
    ring->count = 2;
    (void)snprintf(ring->keys[1].name, KITH_KEY_NAME_SIZE, "link.%09u", next->version);
    world_give_broker(p->w, broker, next);
}

/* It connects with the key that the newest file has for it. */
static void take_key(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    const kith_agency_t *agency = kith_agreement_agency(w->agreement, a->id);
    const char *key = kith_keyring_current(&agency->transport)->name;
    for (size_t i = 0; i < w->brokers_count && strcmp(key, a->key) != 0; i++)
        world_drop(w, agent, i);
    a->key = key;
}

static bool strike_agent(sim_play_t *p, const sim_action_t *action)
{
    size_t i = action->agent;
    world_agent_t *a = &p->w->agents[i];
    switch (action->act) {
    case SIM_AGENT_COMMIT_LOST:
        return next_commit(p, i, WORLD_COMMIT_LOST);
    case SIM_AGENT_COMMIT_KEPT:
        return next_commit(p, i, WORLD_COMMIT_KEPT);
    case SIM_AGENT_CRASH_BEFORE:
        return next_commit(p, i, WORLD_CRASH_BEFORE);
    case SIM_AGENT_CRASH_AFTER:
        return next_commit(p, i, WORLD_CRASH_AFTER);
    case SIM_AGENT_STOP:
        if (!running(p, i))
            return false;
        if (roll(p, 2))
            a->stop = true; /* it says BYE */
        else
            world_agent_stop(p->w, i), a->unclean = true;
        return true;
    case SIM_AGENT_PAUSE:
        return pause_agent(p, i, false);
    case SIM_AGENT_SLEEP:
        return pause_agent(p, i, true);
    case SIM_AGENT_FULL:
        a->disk_full = true;
        return true;
    case SIM_AGENT_ROT:
        return memtxn_rot(a->store, dice_u64(&p->dice), roll(p, 2));
    case SIM_AGENT_STALE:
        return restore_agent(p, i);
    case SIM_AGENT_LOSS:
        fault_raise_epoch(p, i);
        return true;
    case SIM_AGENT_CLOCK_JUMP:
        a->ahead_ms += jump_ms(p);
        return true;
    case SIM_AGENT_CLOCK_FREEZE:
        a->frozen_ms = p->w->now_ms + a->ahead_ms;
        return true;
    case SIM_FILE_NEW:
        world_give_agent(p->w, i, next_file(p));
        return true;
    case SIM_FILE_OLD:
        return old_file(p, i);
    case SIM_KEY_REVOKED:
        revoke_key(p, i, action->broker);
        return true;
    case SIM_AGENT_DIES:
        a->dies = true;
        return true;
    default: /* lint: allow default, because the others strike elsewhere */
        return false;
    }
}

void fault_heal_agent(sim_play_t *p, size_t agent)
{
    world_agent_t *a = &p->w->agents[agent];
    sim_node_t *node = &p->agents[agent];
    if (a->frozen_ms)
        a->ahead_ms = a->frozen_ms - p->w->now_ms;
    if (a->paused && node->asleep)
        a->mono_behind_ms += p->w->mono_ms - node->asleep_from_ms;
    a->frozen_ms = 0;
    a->disk_full = a->paused = node->asleep = a->stop = false;
    take_key(p->w, agent);
    if (a->misfiled)
        a->agreement = p->w->agreement;
    a->misfiled = false;
    if (a->damaged || a->halted || a->old_copy)
        fault_raise_epoch(p, agent);
    else if (!a->core)
        world_agent_start(p->w, agent);
}

/* ---- brokers ---- */

static bool next_flush(sim_play_t *p, size_t broker, world_commit commit)
{
    world_broker_t *b = &p->w->brokers[broker];
    if (!b->core || b->paused)
        return false;
    b->next_commit = commit;
    return true;
}

static bool rot_broker(sim_play_t *p, size_t broker)
{
    world_broker_t *b = &p->w->brokers[broker];
    if (b->rows_count == 0)
        return false;
    b->rows[roll(p, b->rows_count)].rotten = true;
    return true;
}

static void new_broker_store(sim_play_t *p, size_t broker)
{
    if (p->w->brokers[broker].core)
        world_hub_stop(p->w, broker);
    world_hub_lose_store(p->w, broker);
    world_hub_start(p->w, broker);
}

static bool strike_broker(sim_play_t *p, const sim_action_t *action)
{
    size_t i = action->broker;
    world_broker_t *b = &p->w->brokers[i];
    switch (action->act) {
    case SIM_BROKER_COMMIT_LOST:
        return next_flush(p, i, WORLD_COMMIT_LOST);
    case SIM_BROKER_COMMIT_KEPT:
        return next_flush(p, i, WORLD_COMMIT_KEPT);
    case SIM_BROKER_CRASH_BEFORE:
        return next_flush(p, i, WORLD_CRASH_BEFORE);
    case SIM_BROKER_CRASH_AFTER:
        return next_flush(p, i, WORLD_CRASH_AFTER);
    case SIM_BROKER_STOP:
        if (!b->core)
            return false;
        world_hub_stop(p->w, i);
        return true;
    case SIM_BROKER_PAUSE:
        b->paused = b->core != NULL;
        return b->paused;
    case SIM_BROKER_FULL:
        b->disk_full = true;
        return true;
    case SIM_BROKER_ROT:
        return rot_broker(p, i);
    case SIM_BROKER_STALE:
        return restore_broker(p, i);
    case SIM_BROKER_LOSS:
        new_broker_store(p, i);
        return true;
    case SIM_BROKER_CLOCK_JUMP:
        b->ahead_ms += jump_ms(p);
        return true;
    default: /* lint: allow default, because the others strike elsewhere */
        return false;
    }
}

void fault_heal_broker(sim_play_t *p, size_t broker)
{
    world_broker_t *b = &p->w->brokers[broker];
    b->paused = b->disk_full = false;
    if (b->damaged)
        new_broker_store(p, broker);
    else if (!b->core)
        world_hub_start(p->w, broker);
}

/* ---- links ---- */

/* Several links are cut; they are healed one by one in another order (FoundationDB's swizzle). */
static void swizzle(sim_play_t *p)
{
    world_t *w = p->w;
    size_t count = w->agents_count * w->brokers_count, order[WORLD_AGENTS_MAX * WORLD_BROKERS_MAX];
    uint64_t chosen = dice_u64(&p->dice);
    for (size_t i = 0; i < count; i++) {
        size_t other = roll(p, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    for (size_t i = 0; i < count; i++)
        if (chosen >> order[i] & 1)
            world_cut(w, order[i] / w->brokers_count, order[i] % w->brokers_count);
    for (size_t i = count; i > 0; i--) {
        size_t link = order[roll(p, i)];
        for (size_t j = 0; j < count; j++)
            if (order[j] == link)
                order[j] = order[i - 1];
        order[i - 1] = link;
        world_pass(w, (int64_t)roll(p, 300));
        world_heal(w, link / w->brokers_count, link % w->brokers_count);
    }
}

static bool strike_link(sim_play_t *p, const sim_action_t *action)
{
    size_t agent = action->agent, broker = action->broker;
    world_link_t *link = &p->w->agents[agent].links[broker];
    switch (action->act) {
    case SIM_LINK_BREAK:
        if (!link->up)
            return false;
        world_drop(p->w, agent, broker);
        return true;
    case SIM_LINK_CUT:
        world_cut(p->w, agent, broker);
        return true;
    case SIM_LINK_HALF_OPEN:
        p->w->brokers[broker].half_open = true;
        return true;
    case SIM_LINK_HELD:
        link->held = true;
        return true;
    case SIM_LINK_HWM:
        p->hwm[agent][broker] = 1 + roll(p, 6);
        return true;
    case SIM_LINK_SWIZZLE:
        swizzle(p);
        return true;
    default: /* lint: allow default, because the rest strikes a frame to come */
        wire_arm(p, action);
        return true;
    }
}

void fault_heal_link(sim_play_t *p, size_t agent, size_t broker)
{
    world_heal(p->w, agent, broker);
    p->w->agents[agent].links[broker].held = false;
    p->w->brokers[broker].half_open = false;
    p->hwm[agent][broker] = 0;
}

void fault_strike(sim_play_t *p, const sim_action_t *action)
{
    sim_where where = sim_where_of(action->act);
    unsigned states =
        where == SIM_BROKER ? cover_broker(p->w, action->broker) : cover_agent(p->w, action->agent);
    bool struck = where == SIM_AGENT    ? strike_agent(p, action)
                  : where == SIM_BROKER ? strike_broker(p, action)
                                        : strike_link(p, action);
    if (!struck)
        return;
    p->result->faults++;
    cover_add(p->cover, action->act, states);
}
