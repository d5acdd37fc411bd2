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

static kith_err send_frame(broker_loop_t *self, uint64_t route, kith_frame_writer_t *writer)
{
    kith_bytes_t frame = {writer->data, writer->size};
    kith_err err = KITH_OK;
    if (writer->size > 0)
        err = link_server_send(self->server, route, frame);
    kith_frame_begin(writer, self->frame, KITH_FRAME_BYTES_MAX);
    return err;
}

static kith_err add(broker_loop_t *self, uint64_t route, const broker_effect_t *effect,
                    kith_frame_writer_t *writer)
{
    size_t size = packet_size(effect);
    uint8_t *at = kith_frame_add(writer, size);
    kith_err err = KITH_OK;
    if (!at) {
        err = send_frame(self, route, writer);
        at = kith_frame_add(writer, size);
        KITH_ASSERT(at); /* one packet always fits a frame of its own */
    }
    packet_write(effect, at);
    return err;
}

/* All of one route. Any error: the connection is gone, or does not take what we say. */
static kith_err send_route(broker_loop_t *self, const loop_out_t *outs, size_t count)
{
    kith_frame_writer_t writer;
    uint64_t route = outs[0].route;
    kith_err err = KITH_OK;
    kith_frame_begin(&writer, self->frame, KITH_FRAME_BYTES_MAX);
    for (size_t i = 0; i < count && err == KITH_OK; i++) {
        if (outs[i].effect->type != BROKER_FX_HANGUP) {
            err = add(self, route, outs[i].effect, &writer);
            continue;
        }
        (void)send_frame(self, route, &writer);
        link_server_forget(self->server, route);
        return KITH_OK;
    }
    if (err == KITH_OK)
        err = send_frame(self, route, &writer);
    return err;
}

void loop_send(broker_loop_t *self)
{
    /* What a lost route draws (PRESENCE to the others) goes in the next round. Each round loses at
     * least one session, so it ends. */
    while (self->outs.count > 0) {
        loop_out_t *outs = self->outs.items;
        size_t count = self->outs.count;
        self->outs = (loop_list_t){0};
        qsort(outs, count, sizeof *outs, compare);
        for (size_t first = 0, next; first < count; first = next) {
            next = first + 1;
            while (next < count && outs[next].route == outs[first].route)
                next++;
            if (send_route(self, &outs[first], next - first) == KITH_OK)
                continue;
            broker_event_t lost = {.type = BROKER_EV_LOST};
            lost.lost.route = outs[first].route;
            loop_step(self, &lost);
        }
    }
}
