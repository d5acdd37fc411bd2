/* Both cores, in a world of three agencies and two brokers, under any stream of events: what people
 * and machines do, and packets that nobody of ours sent, raw or old ones changed, to an agent from
 * its broker and to a broker from an agency. No signature is forged. Property: no step ends with
 * anything but what its header says, and once the liars are gone the promise holds (world_check).
 */
#include "fuzz.h"
#include "input.h"
#include "tests/lib/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGENTS       3u
#define BROKERS      2u
#define STEPS_MAX    96u
#define SEEN_MAX     64u
#define SECOND_MS    1000
#define QUIET_MS     (60 * SECOND_MS)
#define WAIT_MS_MAX  40000
#define PACKET_BYTES 400u

typedef struct run {
    world_t *w;
    input_t in;
    unsigned tokens;
    size_t seen_count; /* packets that were on the wire, the last ones */
    kith_bytes_t seen[SEEN_MAX];
} run_t;

static void remember(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                     kith_bytes_t packet)
{
    run_t *run = ctx;
    world_link_t *link = &w->agents[agent].links[broker];
    run->seen[run->seen_count++ % SEEN_MAX] = kith_arena_copy(w->arena, packet);
    world_queue_push(to_broker ? &link->to_broker : &link->to_agent, packet);
}

static void submit(run_t *run)
{
    world_t *w = run->w;
    uint8_t how = input_u8(&run->in);
    size_t origin = how % AGENTS, to_count = 0;
    const char *to[AGENTS];
    char token[16];
    if (!w->agents[origin].core)
        return;
    for (size_t i = 0; i < AGENTS; i++)
        if (i != origin && (how >> 2 >> i & 1))
            to[to_count++] = w->agents[i].id;
    (void)snprintf(token, sizeof token, "t%u", ++run->tokens);
    world_submit_t what = {.to = to,
                           .to_count = to_count,
                           .lane = how & 64 ? KITH_LANE_URGENT : KITH_LANE_NORMAL,
                           .kind = how & 128 ? WORLD_CANNOT_APPLY : "call-out",
                           .text_size = how,
                           .token = kith_arena_str(w->arena, token)};
    agent_submitted_t submitted = {0};
    for (int i = 0; i < 3; i++) /* a client asks again with its token until it is answered */
        if (world_submit(w, origin, &what, &submitted) == KITH_OK) {
            KITH_ASSERT(submitted.err == KITH_OK);
            return;
        }
    KITH_NEVER("three commits failed");
}

static void turns(run_t *run)
{
    world_t *w = run->w;
    uint8_t which = input_u8(&run->in);
    size_t agent = which % AGENTS, broker = which / 16 % BROKERS;
    if (which & 8 && world_hub_due(w, broker))
        world_hub_turn(w, broker);
    if (which & 4 && world_agent_due(w, agent))
        (void)world_agent_turn(w, agent);
}

static void fault(run_t *run)
{
    world_t *w = run->w;
    uint8_t which = input_u8(&run->in);
    size_t agent = which % AGENTS, broker = which / 16 % BROKERS;
    world_agent_t *a = &w->agents[agent];
    world_broker_t *b = &w->brokers[broker];
    switch (input_u8(&run->in) % 9) {
    case 0:
        a->next_commit = (world_commit)(which / 32 % 5);
        break;
    case 1:
        b->next_commit = (world_commit)(which / 32 % 5);
        break;
    case 2:
        world_cut(w, agent, broker);
        break;
    case 3:
        world_heal(w, agent, broker);
        break;
    case 4:
        world_drop(w, agent, broker);
        break;
    case 5:
        a->links[broker].held = !a->links[broker].held;
        break;
    case 6:
        if (a->core)
            world_agent_stop(w, agent);
        else if (!a->halted)
            world_agent_start(w, agent);
        break;
    case 7:
        b->core ? world_hub_stop(w, broker) : world_hub_start(w, broker);
        break;
    default:
        b->half_open = !b->half_open;
        break;
    }
}

/* Some bytes are put over others; the end is cut off or goes on. */
static kith_bytes_t changed(run_t *run, kith_bytes_t packet)
{
    size_t edits = input_u8(&run->in) % 5;
    uint8_t *copy = kith_arena_need(run->w->arena, packet.size + PACKET_BYTES);
    memcpy(copy, packet.data, packet.size);
    for (size_t i = 0; i < edits; i++)
        copy[input_u16(&run->in) % packet.size] = input_u8(&run->in);
    kith_bytes_t more = input_bytes(&run->in, input_u8(&run->in));
    if (more.size)
        memcpy(copy + packet.size, more.data, more.size);
    return (kith_bytes_t){copy, packet.size + more.size};
}

static void lie(run_t *run)
{
    uint8_t where = input_u8(&run->in), which = input_u8(&run->in);
    world_link_t *link = &run->w->agents[where % AGENTS].links[where / 16 % BROKERS];
    size_t seen = run->seen_count < SEEN_MAX ? run->seen_count : SEEN_MAX;
    kith_bytes_t packet;
    if (which % 4 == 0 || seen == 0)
        packet = input_bytes(&run->in, input_u16(&run->in) % PACKET_BYTES);
    else
        packet = changed(run, run->seen[which / 4 % seen]);
    if (link->up)
        world_queue_push(where & 8 ? &link->to_broker : &link->to_agent, packet);
}

static void one_step(run_t *run)
{
    uint8_t what = input_u8(&run->in) % 8;
    if (what < 2)
        submit(run);
    else if (what < 4)
        turns(run);
    else if (what == 4)
        world_pass(run->w, (int64_t)input_u16(&run->in) % WAIT_MS_MAX);
    else if (what == 5)
        fault(run);
    else
        lie(run);
}

/* All that anybody may do about it: the machines are started again, the liars are gone. */
static void begin_anew(world_t *w)
{
    w->wire = NULL;
    for (size_t i = 0; i < BROKERS; i++) {
        w->brokers[i].next_commit = WORLD_COMMIT_OK;
        w->brokers[i].half_open = false;
        if (w->brokers[i].core)
            world_hub_stop(w, i);
        world_hub_start(w, i);
    }
    for (size_t i = 0; i < AGENTS; i++) {
        world_agent_t *a = &w->agents[i];
        if (a->halted == KITH__REASON__REASON_OWN_COPY_OLD)
            world_fail(w, "%s was shown numbers that it never gave", a->id);
        a->halted = KITH__REASON__REASON_UNSPECIFIED;
        a->next_commit = WORLD_COMMIT_OK;
        if (a->core)
            world_agent_stop(w, i);
        world_agent_start(w, i);
        for (size_t j = 0; j < BROKERS; j++) {
            world_heal(w, i, j);
            a->links[j].held = false;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run_t run = {.w = world_new(AGENTS, BROKERS), .in = {{data, size}}};
    world_t *w = run.w;
    w->settings.resend_urgent_ms = SECOND_MS;
    w->settings.resend_normal_ms = 2 * SECOND_MS;
    w->settings.resend_max_ms = 8 * SECOND_MS;
    w->settings.later_max_ms = 8 * SECOND_MS;
    begin_anew(w);
    w->wire = remember;
    w->wire_ctx = &run;
    world_settle(w);
    for (size_t i = 0; i < STEPS_MAX && run.in.rest.size && !w->wrong; i++)
        one_step(&run);
    if (!w->wrong)
        begin_anew(w);
    world_pass(w, QUIET_MS);
    for (size_t i = 0; i < AGENTS; i++)
        if (w->agents[i].halted)
            world_fail(w, "%s halted", w->agents[i].id);
    const char *wrong = world_check(w);
    if (wrong)
        (void)fprintf(stderr, "%s\n", wrong);
    KITH_ASSERT(!wrong);
    world_destroy(&w);
    return 0;
}
