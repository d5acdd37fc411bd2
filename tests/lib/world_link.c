/* The wires of the world: queues of packed packets, cut and healed. */
#include "tests/lib/world.h"

#include <stdlib.h>
#include <string.h>

#define REDIAL_MS 100

void world_queue_push(world_queue_t *queue, kith_bytes_t packet)
{
    if (queue->first + queue->count == queue->capacity) {
        if (queue->first > queue->count) {
            memmove(queue->frames, queue->frames + queue->first,
                    queue->count * sizeof *queue->frames);
            queue->first = 0;
        } else {
            queue->capacity = queue->capacity ? 2 * queue->capacity : 64;
            queue->frames = realloc(queue->frames, queue->capacity * sizeof *queue->frames);
            KITH_ASSERT(queue->frames);
        }
    }
    struct world_frame *frame = &queue->frames[queue->first + queue->count++];
    frame->size = packet.size;
    frame->data = malloc(packet.size + 1);
    KITH_ASSERT(frame->data);
    memcpy(frame->data, packet.data, packet.size);
}

bool world_queue_pop(world_queue_t *queue, struct world_frame *ret_frame)
{
    if (queue->count == 0)
        return false;
    *ret_frame = queue->frames[queue->first++];
    if (--queue->count == 0)
        queue->first = 0;
    return true;
}

void world_queue_clear(world_queue_t *queue)
{
    struct world_frame frame;
    while (world_queue_pop(queue, &frame))
        free(frame.data);
    free(queue->frames);
    *queue = (world_queue_t){0};
}

void world_send(world_t *w, bool to_broker, size_t agent, size_t broker, kith_arena_t *arena,
                Kith__Packet *packet)
{
    world_link_t *link = &w->agents[agent].links[broker];
    if (!link->up || link->hung)
        return;
    if (w->filter && !w->filter(w, w->filter_ctx, to_broker, agent, broker, arena, packet))
        return;
    kith_bytes_t bytes = KITH_PACK(arena, packet);
    if (w->wire)
        w->wire(w, w->wire_ctx, to_broker, agent, broker, bytes);
    else
        world_queue_push(to_broker ? &link->to_broker : &link->to_agent, bytes);
}

/* Only the first of them are still there. */
static void cut_short(world_t *w, world_queue_t *queue, bool nothing)
{
    size_t kept = w->breaks && !nothing ? dice_roll(w->breaks, queue->count + 1) : 0;
    while (queue->count > kept)
        free(queue->frames[queue->first + --queue->count].data);
    if (kept == 0)
        world_queue_clear(queue);
}

void world_drop_ended(world_t *w, size_t agent, size_t broker, bool agent_ends, bool broker_ends)
{
    world_link_t *link = &w->agents[agent].links[broker];
    world_broker_t *b = &w->brokers[broker];
    bool was_hung = link->hung;
    cut_short(w, &link->to_broker, broker_ends || was_hung || !link->up || !b->core);
    cut_short(w, &link->to_agent, agent_ends || was_hung || !link->up);
    if (broker_ends)
        world_queue_clear(&link->left);
    if (!link->up)
        return;
    if (link->to_broker.count) {
        world_queue_clear(&link->left);
        link->left = link->to_broker;
        link->left_route = link->route;
        link->to_broker = (world_queue_t){0};
    }
    if (!b->half_open && !was_hung && b->core && b->lost_count < sizeof b->lost / sizeof b->lost[0])
        b->lost[b->lost_count++] = link->route;
    link->hung = link->to_agent.count > 0;
    if (link->hung)
        return; /* the agent notices when it has read what came */
    link->went_down = link->told;
    link->up = link->told = false;
    link->redial_mono_ms = w->mono_ms + REDIAL_MS;
}

void world_drop(world_t *w, size_t agent, size_t broker)
{
    world_drop_ended(w, agent, broker, false, false);
}

void world_drop_all(world_t *w, size_t agent)
{
    for (size_t i = 0; i < w->brokers_count; i++)
        world_drop_ended(w, agent, i, true, false);
}

void world_cut(world_t *w, size_t agent, size_t broker)
{
    world_drop(w, agent, broker);
    w->agents[agent].links[broker].blocked = true;
}

void world_heal(world_t *w, size_t agent, size_t broker)
{
    w->agents[agent].links[broker].blocked = false;
}
