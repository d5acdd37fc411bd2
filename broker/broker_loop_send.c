/* The outbox: what a turn has to say, packed many packets to a frame. CURVE boxes each frame, and
 * that box is what caps the bus. */
#include "broker/broker_loop_private.h"

#include "base/frame.h"
#include "broker/broker_wire.h"

#include <stdlib.h>

void loop_out(broker_loop_t *self, uint64_t route, const broker_effect_t *effect)
{
    size_t order = self->outs.count;
    loop_out_t *out = loop_append(self, &self->outs, sizeof *out);
    *out = (loop_out_t){.route = route, .order = order, .effect = effect};
}

/* By route, and in order within one. */
static int compare(const void *a, const void *b)
{
    const loop_out_t *left = a, *right = b;
    if (left->route != right->route)
        return left->route < right->route ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

static size_t packet_size(const broker_effect_t *effect)
{
    return effect->type == BROKER_FX_DELIVER ? wire_item_size(effect->deliver.item)
                                             : kith__packet__get_packed_size(effect->send.packet);
}

static void packet_write(const broker_effect_t *effect, uint8_t *at)
{
    if (effect->type == BROKER_FX_DELIVER)
        wire_item_write(effect->deliver.item, at);
    else
        (void)kith__packet__pack(effect->send.packet, at);
}

/* What goes into one frame. */
typedef struct load {
    const loop_out_t *outs;
    size_t count, size;
} load_t;

static void load_write(void *ctx, uint8_t *ret_frame)
{
    const load_t *load = ctx;
    kith_frame_writer_t writer;
    kith_frame_begin(&writer, ret_frame, load->size);
    for (size_t i = 0; i < load->count; i++) {
        uint8_t *at = kith_frame_add(&writer, load->outs[i].size);
        KITH_ASSERT(at);
        packet_write(load->outs[i].effect, at);
    }
}

/* As many of the packets as one frame takes; one at least. */
static load_t load_next(loop_out_t *outs, size_t count)
{
    load_t load = {.outs = outs, .size = KITH_FRAME_HEAD_BYTES};
    for (size_t i = 0; i < count; i++) {
        outs[i].size = packet_size(outs[i].effect);
        size_t size = load.size + KITH_FRAME_ITEM_BYTES + outs[i].size;
        if (load.count > 0 && size > LOOP_FRAME_BYTES)
            break;
        load.size = size;
        load.count++;
    }
    return load;
}

/* What one route is to be sent. */
typedef struct road {
    uint64_t route;
    loop_out_t *outs; /* that have not gone yet */
    size_t count;
    bool hangup; /* then it is forgotten */
    bool over;
} road_t;

static void lost(broker_loop_t *self, uint64_t route)
{
    broker_event_t event = {.type = BROKER_EV_LOST};
    event.lost.route = route;
    loop_step(self, &event);
}

/* One frame. Any error: the connection is gone, or does not take what we say. */
static void road_go(broker_loop_t *self, road_t *road)
{
    kith_err err = KITH_OK;
    if (road->count > 0) {
        load_t load = load_next(road->outs, road->count);
        err = link_server_send_filled(self->server, road->route, load.size, load_write, &load);
        road->outs += load.count;
        road->count -= load.count;
    }
    road->over = err != KITH_OK || road->count == 0;
    if (road->over && road->hangup)
        link_server_forget(self->server, road->route);
    else if (err != KITH_OK)
        lost(self, road->route);
}

/* What stands behind a HANGUP is for nobody: that peer went on after its BYE. */
static road_t road_of(loop_out_t *outs, size_t count)
{
    road_t road = {.route = outs[0].route, .outs = outs};
    while (road.count < count && outs[road.count].effect->type != BROKER_FX_HANGUP)
        road.count++;
    road.hangup = road.count < count;
    return road;
}

static loop_list_t roads_of(broker_loop_t *self, loop_out_t *outs, size_t count)
{
    loop_list_t roads = {0};
    qsort(outs, count, sizeof *outs, compare);
    for (size_t first = 0, next; first < count; first = next) {
        next = first + 1;
        while (next < count && outs[next].route == outs[first].route)
            next++;
        road_t *road = loop_append(self, &roads, sizeof *road);
        *road = road_of(&outs[first], next - first);
    }
    return roads;
}

/* A frame to each in turn: the bodies they share are near still, and all begin early. */
static void go_in_turn(broker_loop_t *self, road_t *roads, size_t count)
{
    bool more;
    do {
        more = false;
        for (size_t i = 0; i < count; i++) {
            if (!roads[i].over)
                road_go(self, &roads[i]);
            more |= !roads[i].over;
        }
    } while (more);
}

void loop_send(broker_loop_t *self)
{
    /* What a lost route draws (PRESENCE to the others) goes in the next round. Each round loses at
     * least one session, so it ends. */
    while (self->outs.count > 0) {
        loop_out_t *outs = self->outs.items;
        size_t count = self->outs.count;
        self->outs = (loop_list_t){0};
        loop_list_t roads = roads_of(self, outs, count);
        go_in_turn(self, roads.items, roads.count);
    }
}
