/* TAKEN: what a turn is done with is said to the broker that delivered it, once a turn. */
#include "agents/core/core_private.h"

void take_token(agent_core_t *self, kith_arena_t *arena, size_t broker, uint64_t token)
{
    if (!self->taken)
        self->taken = kith_arena_need(arena, self->brokers_count * sizeof *self->taken);
    taken_list_t *list = &self->taken[broker];
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        uint64_t *tokens = kith_arena_need(arena, capacity * sizeof *tokens);
        if (list->count)
            memcpy(tokens, list->tokens, list->count * sizeof *tokens);
        list->tokens = tokens;
        list->capacity = capacity;
    }
    list->tokens[list->count++] = token;
}

void taken_say(agent_core_t *self, kith_arena_t *arena, size_t broker, size_t count,
               uint64_t *tokens, Kith__Reason bad)
{
    Kith__Packet *packet = core_packet(arena, KITH__PACKET__VERB_TAKEN);
    packet->taken = kith_arena_need(arena, sizeof *packet->taken);
    kith__taken__init(packet->taken);
    packet->taken->n_tokens = count;
    packet->taken->tokens = tokens;
    packet->taken->bad = bad;
    core_send(self, broker, packet);
}

void take_end_turn(agent_core_t *self, kith_arena_t *arena)
{
    for (size_t i = 0; self->taken && i < self->brokers_count; i++)
        if (self->taken[i].count && self->brokers[i].session.live)
            taken_say(self, arena, i, self->taken[i].count, self->taken[i].tokens,
                      KITH__REASON__REASON_UNSPECIFIED);
}
