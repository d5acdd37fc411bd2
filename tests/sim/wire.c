/* What happens to frames on their way: carried, or as the plan says. */
#include "tests/sim/sim.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static world_queue_t *queue_of(sim_play_t *p, bool to_broker, size_t agent, size_t broker)
{
    world_link_t *link = &p->w->agents[agent].links[broker];
    return to_broker ? &link->to_broker : &link->to_agent;
}

static struct world_frame copy_of(kith_bytes_t bytes)
{
    struct world_frame frame = {.size = bytes.size, .data = malloc(bytes.size + 1)};
    KITH_ASSERT(frame.data);
    memcpy(frame.data, bytes.data, bytes.size);
    return frame;
}

static void remember(sim_wire_t *wire, kith_bytes_t packet)
{
    struct world_frame *old = &wire->old[wire->seen++ % SIM_OLD_FRAMES];
    free(old->data);
    *old = copy_of(packet);
}

static void carry(world_queue_t *queue, sim_wire_t *wire, kith_bytes_t packet)
{
    world_queue_push(queue, packet);
    if (!wire->held.data)
        return;
    world_queue_push(queue, (kith_bytes_t){wire->held.data, wire->held.size});
    free(wire->held.data);
    wire->held = (struct world_frame){0};
}

static void spoil(world_queue_t *queue, const sim_wire_t *wire, kith_bytes_t packet)
{
    struct world_frame copy = copy_of(packet);
    uint64_t bit = wire->arg % (8 * packet.size + 1);
    if (wire->armed == SIM_FRAME_CUT)
        copy.size = bit / 8;
    else if (bit / 8 < copy.size)
        copy.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    world_queue_push(queue, (kith_bytes_t){copy.data, copy.size});
    free(copy.data);
}

/* Other recipients, or another number, seq or lane, under the signature that was. */
static void alter_header(kith_arena_t *arena, uint64_t how, Kith__Envelope *envelope)
{
    const char *field = NULL;
    Kith__Header *header = NULL;
    kith_bytes_t packed = {envelope->header.data, envelope->header.len};
    if (kith_header_decode(arena, packed, &header, &field) != KITH_OK)
        return;
    bool urgent = header->id->lane == KITH__LANE__LANE_URGENT;
    Kith__Slot *slot = header->slots[how / 8 % header->n_slots];
    switch (how % 5) {
    case 0:
        slot->agency = kith_arena_str(arena, strcmp(slot->agency, "police") ? "police" : "housing");
        break;
    case 1:
        header->n_slots -= header->n_slots > 1;
        break;
    case 2:
        slot->n++;
        break;
    case 3:
        header->id->seq++;
        break;
    default: /* lint: allow default, because a remainder has no more */
        header->id->lane = urgent ? KITH__LANE__LANE_NORMAL : KITH__LANE__LANE_URGENT;
        break;
    }
    kith_bytes_t made = KITH_PACK(arena, header);
    envelope->header = (ProtobufCBinaryData){made.size, (uint8_t *)(uintptr_t)made.data};
}

/* One in six hides what a receipt shows its origin, from now on; the others alter one envelope. */
static void alter(sim_play_t *p, world_queue_t *queue, sim_wire_t *wire, kith_bytes_t bytes)
{
    const char *field = NULL;
    kith_arena_t *arena = p->w->arena;
    Kith__Packet *packet =
        (Kith__Packet *)kith_message_unpack(arena, &kith__packet__descriptor, bytes, &field);
    Kith__Envelope *envelope = NULL;
    if (packet && packet->verb_case == KITH__PACKET__VERB_PUBLISH)
        envelope = packet->publish->envelope;
    if (packet && packet->verb_case == KITH__PACKET__VERB_DELIVER)
        envelope = packet->deliver->envelope;
    if (packet && packet->verb_case == KITH__PACKET__VERB_RECEIPT && wire->arg % 6 == 0) {
        packet->receipt->shown_header = (ProtobufCBinaryData){0};
        packet->receipt->shown_proof = NULL;
    } else if (envelope && wire->arg % 6) {
        alter_header(arena, wire->arg / 6, envelope);
        p->w->again_may_fail = true;
        wire->armed = SIM_FAULTS_COUNT;
    } else {
        carry(queue, wire, bytes);
        return;
    }
    world_queue_push(queue, KITH_PACK(arena, packet));
}

static void replay(world_queue_t *queue, const sim_wire_t *wire)
{
    uint64_t kept = wire->seen < SIM_OLD_FRAMES ? wire->seen : SIM_OLD_FRAMES;
    const struct world_frame *old = &wire->old[wire->arg % kept];
    world_queue_push(queue, (kith_bytes_t){old->data, old->size});
}

/* One fault to this frame. */
static void strike(sim_play_t *p, world_queue_t *queue, sim_wire_t *wire, kith_bytes_t packet)
{
    sim_note(p, sim_word(wire->armed), wire->seen, packet.size, wire->arg);
    if (wire->armed == SIM_FRAME_ALTERED) {
        alter(p, queue, wire, packet);
        return; /* till it has met what it alters */
    }
    if (wire->armed == SIM_FRAME_SWAPPED && !wire->held.data) {
        wire->held = copy_of(packet);
    } else if (wire->armed == SIM_FRAME_TWICE) {
        carry(queue, wire, packet);
        carry(queue, wire, packet);
    } else if (wire->armed == SIM_FRAME_REPLAYED) {
        carry(queue, wire, packet);
        replay(queue, wire);
    } else if (wire->armed == SIM_FRAME_FLIPPED || wire->armed == SIM_FRAME_CUT) {
        p->w->again_may_fail = true;
        spoil(queue, wire, packet);
    } /* else it is lost */
    wire->armed = SIM_FAULTS_COUNT;
}

/* For somebody who reads the trace: which verb, from whom to whom. */
static void print_packet(sim_play_t *p, bool to_broker, size_t agent, size_t broker,
                         kith_bytes_t bytes)
{
    const char *id = p->w->agents[agent].id, *hub = p->w->brokers[broker].id;
    Kith__Packet *packet = kith__packet__unpack(NULL, bytes.size, bytes.data);
    const ProtobufCFieldDescriptor *verb =
        packet ? protobuf_c_message_descriptor_get_field(&kith__packet__descriptor,
                                                         (unsigned)packet->verb_case)
               : NULL;
    (void)fprintf(p->trace, "%8lld    %s -> %s: %s", (long long)p->w->mono_ms, to_broker ? id : hub,
                  to_broker ? hub : id, verb ? verb->name : "?");
    const Kith__Envelope *envelope = NULL;
    if (packet && packet->verb_case == KITH__PACKET__VERB_PUBLISH)
        envelope = packet->publish->envelope;
    if (packet && packet->verb_case == KITH__PACKET__VERB_DELIVER)
        envelope = packet->deliver->envelope;
    Kith__Header *header =
        envelope ? kith__header__unpack(NULL, envelope->header.len, envelope->header.data) : NULL;
    for (size_t i = 0; header && i < header->n_slots; i++)
        (void)fprintf(p->trace, "%s %s's %llu to %s", i ? "," : "", header->id->origin,
                      (unsigned long long)header->slots[i]->n, header->slots[i]->agency);
    (void)fputs(header && header->void_ ? " (a void)\n" : "\n", p->trace);
    if (header)
        kith__header__free_unpacked(header, NULL);
    if (packet)
        kith__packet__free_unpacked(packet, NULL);
}

static void on_wire(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                    kith_bytes_t packet)
{
    sim_play_t *p = ctx;
    sim_wire_t *wire = &p->wires[agent][broker][to_broker];
    world_queue_t *queue = queue_of(p, to_broker, agent, broker);
    size_t hwm = p->hwm[agent][broker];
    (void)w;
    if (p->trace)
        print_packet(p, to_broker, agent, broker, packet);
    p->result->events++;
    remember(wire, packet);
    sim_note(p, to_broker ? "to-broker" : "to-agent", agent << 8 | broker, packet.size,
             kith_checksum(0, packet));
    if (hwm && queue->count >= hwm)
        sim_note(p, "dropped-full", agent, broker, queue->count);
    else if (wire->armed != SIM_FAULTS_COUNT && (wire->countdown == 0 || wire->countdown-- == 0))
        strike(p, queue, wire, packet);
    else
        carry(queue, wire, packet);
}

void wire_begin(sim_play_t *p)
{
    wire_calm(p);
    p->w->wire = on_wire;
    p->w->wire_ctx = p;
}

void wire_arm(sim_play_t *p, const sim_action_t *action)
{
    sim_wire_t *wire = &p->wires[action->agent][action->broker][action->arg & 1];
    wire->armed = action->act;
    wire->countdown = action->arg >> 1 & 7;
    wire->arg = action->arg >> 4;
}

void wire_calm(sim_play_t *p)
{
    for (size_t i = 0; i < WORLD_AGENTS_MAX; i++) {
        for (size_t j = 0; j < WORLD_BROKERS_MAX; j++) {
            p->hwm[i][j] = 0;
            for (size_t d = 0; d < 2; d++) {
                sim_wire_t *wire = &p->wires[i][j][d];
                wire->armed = SIM_FAULTS_COUNT;
                free(wire->held.data);
                wire->held = (struct world_frame){0};
            }
        }
    }
}

void wire_free(sim_play_t *p)
{
    wire_calm(p);
    for (size_t i = 0; i < WORLD_AGENTS_MAX; i++)
        for (size_t j = 0; j < WORLD_BROKERS_MAX; j++)
            for (size_t d = 0; d < 2; d++)
                for (size_t k = 0; k < SIM_OLD_FRAMES; k++)
                    free(p->wires[i][j][d].old[k].data);
}
