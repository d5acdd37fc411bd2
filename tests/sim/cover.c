/* Fault × state: how often each fault struck what was in which state. */
#include "tests/sim/sim.h"

unsigned cover_agent(world_t *w, size_t agent)
{
    const world_agent_t *a = &w->agents[agent];
    unsigned states = 0;
    size_t up = 0, well = 0, arriving = 0;
    for (size_t i = 0; a->core && i < w->brokers_count; i++) {
        agent_broker_view_t view;
        agent_core_broker(a->core, i, &view);
        up += a->links[i].up;
        well += view.state[0] == 'w';
        arriving += a->links[i].to_agent.count;
    }
    bool stored = world_rows(w, agent, AGENT_TABLE_UNSEALED) > 0;
    bool sent = world_rows(w, agent, AGENT_TABLE_OUT) > 0;
    states |= (unsigned)!a->core << SIM_STATE_DOWN;
    states |= (unsigned)(a->core && !up) << SIM_STATE_APART;
    states |= (unsigned)(up && !well) << SIM_STATE_GREETING;
    states |= (unsigned)(well && !stored && !sent && !arriving) << SIM_STATE_QUIET;
    states |= (unsigned)stored << SIM_STATE_STORED;
    states |= (unsigned)sent << SIM_STATE_SENT;
    states |= (unsigned)(arriving > 0) << SIM_STATE_ARRIVING;
    states |= (unsigned)(world_rows(w, agent, AGENT_TABLE_PARKED) > 0) << SIM_STATE_PARKED;
    states |= (unsigned)(world_rows(w, agent, AGENT_TABLE_QUARANTINE) > 0) << SIM_STATE_QUARANTINE;
    states |= (unsigned)(a->epoch > 1) << SIM_STATE_RAISED;
    return states;
}

unsigned cover_broker(const world_t *w, size_t broker)
{
    const world_broker_t *b = &w->brokers[broker];
    unsigned states = 0;
    size_t up = 0, arriving = 0;
    for (size_t i = 0; b->core && i < w->agents_count; i++) {
        up += w->agents[i].links[broker].up;
        arriving += w->agents[i].links[broker].to_broker.count;
    }
    states |= (unsigned)!b->core << SIM_STATE_DOWN;
    states |= (unsigned)(b->core && !up) << SIM_STATE_APART;
    states |= (unsigned)(up && !b->rows_count && !arriving) << SIM_STATE_QUIET;
    states |= (unsigned)(b->rows_count > 0) << SIM_STATE_SENT;
    states |= (unsigned)(arriving > 0) << SIM_STATE_ARRIVING;
    return states;
}

void cover_add(sim_cover_t *cover, sim_act fault, unsigned states)
{
    for (size_t i = 0; i < SIM_STATES_COUNT; i++)
        cover->hits[fault][i] += states >> i & 1;
}

/* A broker has no notices of its own, parks nothing and has no epoch that is raised. */
static bool is_of_agents(sim_state state)
{
    return state == SIM_STATE_GREETING || state == SIM_STATE_STORED || state == SIM_STATE_PARKED ||
           state == SIM_STATE_QUARANTINE || state == SIM_STATE_RAISED;
}

static bool needs_a_process(sim_act fault)
{
    return (fault >= SIM_AGENT_COMMIT_LOST && fault <= SIM_AGENT_PAUSE) ||
           fault == SIM_AGENT_SLEEP ||
           (fault >= SIM_BROKER_COMMIT_LOST && fault <= SIM_BROKER_PAUSE);
}

const char *cover_impossible(sim_act fault, sim_state state)
{
    if (sim_where_of(fault) == SIM_BROKER && is_of_agents(state))
        return "a state of agents only";
    if (state == SIM_STATE_DOWN && needs_a_process(fault))
        return "it needs a process that runs";
    if (fault == SIM_BROKER_ROT && state == SIM_STATE_QUIET)
        return "there is nothing to rot";
    if (fault == SIM_LINK_BREAK && (state == SIM_STATE_DOWN || state == SIM_STATE_APART))
        return "there is no link to break";
    return NULL;
}

void cover_print(const sim_cover_t *cover, FILE *to)
{
    (void)fprintf(to, "%-22s", "fault");
    static const char *const words[] = {
#define X(id, word) word,
        SIM_STATES(X)
#undef X
    };
    for (size_t s = 0; s < SIM_STATES_COUNT; s++)
        (void)fprintf(to, " %12s", words[s]);
    (void)fputc('\n', to);
    for (size_t f = 0; f < SIM_FAULTS_COUNT; f++) {
        (void)fprintf(to, "%-22s", sim_word((sim_act)f));
        for (size_t s = 0; s < SIM_STATES_COUNT; s++) {
            if (cover_impossible((sim_act)f, (sim_state)s))
                (void)fprintf(to, " %12s", "-");
            else
                (void)fprintf(to, " %12llu", (unsigned long long)cover->hits[f][s]);
        }
        (void)fputc('\n', to);
    }
}

size_t cover_missing(const sim_cover_t *cover, FILE *to)
{
    size_t missing = 0;
    static const char *const words[] = {
#define X(id, word) word,
        SIM_STATES(X)
#undef X
    };
    for (size_t f = 0; f < SIM_FAULTS_COUNT; f++) {
        for (size_t s = 0; s < SIM_STATES_COUNT; s++) {
            if (cover->hits[f][s] || cover_impossible((sim_act)f, (sim_state)s))
                continue;
            missing++;
            if (to)
                (void)fprintf(to, "never: %s while %s\n", sim_word((sim_act)f), words[s]);
        }
    }
    return missing;
}
