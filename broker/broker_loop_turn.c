/* One turn: drain what has arrived and give it to the disk in one commit; while the disk works,
 * fetch and send what it had before; then say what the commit has made true. */
#include "broker/broker_loop_private.h"

#include "base/bug.h"
#include "base/frame.h"
#include "base/text.h"
#include "broker/broker_wire.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/store_walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of the reserve, what urgent ones leave for receipts and trims. */
#define TRIM_SHARE 4u
/* All mailboxes together: so many in a hundred of what is held and what is free. */
#define HELD_PERCENT_MAX 70u

void loop_step(broker_loop_t *self, broker_event_t *event)
{
    event->now_ms = self->now_ms;
    event->mono_ms = self->mono_ms;
    broker_core_step(self->core, self->arena, self->batch, event, &self->effects);
    loop_effects(self);
}

/* ---- packets ---- */

static void verify_publish(broker_loop_t *self, kith_bytes_t packet, broker_event_t *event)
{
    const Kith__Publish *publish = event->packet.packet->publish;
    Kith__Header *header = NULL;
    event->packet.verdict = KITH__REASON__REASON_MALFORMED;
    if (wire_publish_envelope(packet, &event->packet.envelope) != KITH_OK)
        return;
    event->packet.verdict = seal_verify(self->cache, self->agreement, self->packet,
                                        publish->envelope, &header, &event->packet.digest);
    event->packet.header = header;
    /* It must also fit the frame that delivers it. */
    if (header && event->packet.envelope.size + WIRE_AROUND_BYTES_MAX > KITH_FRAME_BYTES_MAX)
        event->packet.verdict = KITH__REASON__REASON_TOO_LARGE;
}

static void digest_receipt(kith_bytes_t packet, broker_event_t *event)
{
    if (wire_receipt_body(packet, &event->packet.receipt) != KITH_OK ||
        event->packet.receipt.size + WIRE_AROUND_BYTES_MAX > KITH_FRAME_BYTES_MAX)
        event->packet.packet = NULL;
    else
        event->packet.receipt_digest =
            kith_hash1(keys_hash, KITH_TAG_RECEIPT, event->packet.receipt);
}

static void take_packet(broker_loop_t *self, const door_user_t *user, uint64_t route,
                        kith_bytes_t bytes)
{
    const char *field = NULL;
    broker_event_t event = {.type = BROKER_EV_PACKET};
    kith_arena_reset(self->packet);
    event.packet.agency = user->agency;
    event.packet.key = user->key;
    event.packet.route = route;
    Kith__Packet *packet =
        (Kith__Packet *)kith_message_unpack(self->packet, &kith__packet__descriptor, bytes, &field);
    event.packet.packet = packet;
    bool live = packet && broker_core_is_live(self->core, user->agency, route);
    if (live && packet->verb_case == KITH__PACKET__VERB_PUBLISH)
        verify_publish(self, bytes, &event);
    else if (live && packet->verb_case == KITH__PACKET__VERB_RECEIPT)
        digest_receipt(bytes, &event);
    else if (packet && packet->verb_case == KITH__PACKET__VERB_HELLO)
        loop_dones_hurry(self);
    loop_step(self, &event);
}

/* What is no frame is one packet that cannot be decoded. */
static void take_frame(broker_loop_t *self, const link_arrival_t *arrival)
{
    door_user_t user;
    if (door_read_user(arrival->user, &user) != KITH_OK)
        return; /* not of our door: nobody */
    kith_frame_reader_t reader;
    kith_bytes_t packet = {0};
    if (kith_frame_open(arrival->frame, &reader) != KITH_OK) {
        take_packet(self, &user, arrival->route, (kith_bytes_t){(const uint8_t *)"\xff", 1});
        return;
    }
    while (kith_frame_next(&reader, &packet))
        take_packet(self, &user, arrival->route, packet);
}

static void drain(broker_loop_t *self)
{
    link_arrival_t arrival;
    for (size_t i = 0; i < KITH_TURN_FRAMES_MAX; i++) {
        if (kith_arena_room(self->arena) < 2 * (size_t)LOOP_FRAME_ROOM_BYTES ||
            self->batch_bytes >= self->batch_bytes_max)
            return;
        if (link_server_receive(self->server, &arrival) != KITH_OK)
            return;
        take_frame(self, &arrival);
    }
}

/* ---- the disk ---- */

/* After a write failed for lack of room, until a good part of it is back. */
static bool still_full(const broker_loop_t *self, const mailbox_room_t *room)
{
    return self->full_free_bytes != 0 &&
           room->free_bytes < self->full_free_bytes + self->batch_bytes_max;
}

void loop_look_at_disk(broker_loop_t *self, bool now)
{
    if (!now && self->mono_ms - self->room_mono_ms < LOOP_ROOM_MS &&
        self->put_bytes < self->batch_bytes_max)
        return;
    mailbox_room_t room;
    mailbox_room(self->mailbox, &room);
    self->room_mono_ms = self->mono_ms;
    self->put_bytes = 0;
    bool full = still_full(self, &room);
    if (!full)
        self->full_free_bytes = 0;
    uint64_t all = room.used_bytes + room.free_bytes;
    bool urgent_fits = !full && room.free_bytes > self->conf->reserve_bytes / TRIM_SHARE;
    bool normal_fits = !full && room.free_bytes > self->conf->reserve_bytes &&
                       room.used_bytes <= all / 100 * HELD_PERCENT_MAX;
    if (normal_fits == self->normal_fits && urgent_fits == self->urgent_fits && !now)
        return;
    if (normal_fits != self->normal_fits || urgent_fits != self->urgent_fits)
        log_event("disk", "normal_fits=%d urgent_fits=%d free_bytes=%" PRIu64, normal_fits,
                  urgent_fits, room.free_bytes);
    self->normal_fits = normal_fits;
    self->urgent_fits = urgent_fits;
    broker_event_t event = {.type = BROKER_EV_DISK};
    event.disk.normal_fits = normal_fits;
    event.disk.urgent_fits = urgent_fits;
    loop_step(self, &event);
}

/* ---- the commit ---- */

static int compare_touched(const void *a, const void *b)
{
    const loop_touched_t *left = a, *right = b;
    int order = strcmp(left->agency, right->agency);
    return order != 0 ? order : left->lane - right->lane;
}

static kith_err tell_backlog(broker_loop_t *self)
{
    const loop_touched_t *before = NULL;
    qsort(self->touched, self->touched_count, sizeof *self->touched, compare_touched);
    for (size_t i = 0; i < self->touched_count; i++) {
        const loop_touched_t *touched = &self->touched[i];
        if (before && compare_touched(before, touched) == 0)
            continue;
        before = touched;
        broker_event_t event = {.type = BROKER_EV_BACKLOG};
        event.backlog.agency = touched->agency;
        event.backlog.lane = touched->lane;
        kith_err err =
            mailbox_count(self->mailbox, touched->agency, touched->lane, &event.backlog.count);
        if (err != KITH_OK)
            return err;
        loop_step(self, &event);
    }
    self->touched_count = 0;
    return KITH_OK;
}

static kith_err tell_committed(broker_loop_t *self)
{
    broker_event_t event = {.type = BROKER_EV_COMMITTED};
    event.committed.batch = self->flushed_batch;
    self->tick_owed = true;
    loop_step(self, &event);
    return tell_backlog(self);
}

/* A turn whose commit failed releases nothing but BYE: agents come back, and send what has no
 * receipt. When it failed for lack of room the broker goes on, refusing. */
static kith_err begin_anew(broker_loop_t *self, kith_err failed)
{
    mailbox_room_t room;
    mailbox_room(self->mailbox, &room);
    log_event("commit-failed", "error=\"%s\" free_bytes=%" PRIu64, kith_err_text(failed),
              room.free_bytes);
    if (failed != KITH_FULL)
        return failed;
    self->full_free_bytes = room.free_bytes ? room.free_bytes : 1;
    self->outs = self->fetches = self->writes = (loop_list_t){0};
    self->touched_count = 0;
    self->dones_count = 0;
    broker_event_t stop = {.type = BROKER_EV_STOP};
    loop_step(self, &stop);
    loop_send(self);
    broker_core_destroy(&self->core);
    return loop_core_begin(self);
}

static kith_err commit_begin(broker_loop_t *self)
{
    kith_err err = self->write_failed;
    if (self->dirty) {
        kith_err flushed = mailbox_flush(self->mailbox);
        err = err == KITH_OK || flushed == KITH_CORRUPT ? flushed : err;
        self->flushing = err == KITH_OK;
    }
    self->dirty = false;
    self->write_failed = KITH_OK;
    self->batch_bytes = 0;
    self->flushed_batch = self->batch++; /* each turn has its own, also an empty one */
    return err == KITH_OK ? err : begin_anew(self, err);
}

/* What a turn says leaves when its commit is done. */
static kith_err commit_end(broker_loop_t *self)
{
    kith_err err = KITH_OK;
    if (self->flushing) {
        err = mailbox_wait(self->mailbox);
        self->flushing = false;
        err = err == KITH_OK ? tell_committed(self) : begin_anew(self, err);
    }
    if (err != KITH_OK)
        return err;
    loop_writes(self);
    loop_send(self);
    return KITH_OK;
}

/* ---- fetching ---- */

/* What was judged under another partnership file is judged again; its signature too. */
static void judge_items(broker_loop_t *self, const mailbox_item_t *items, size_t count,
                        broker_event_t *event)
{
    Kith__Header **headers = kith_arena_need(self->arena, (count + 1) * sizeof(Kith__Header *));
    Kith__Reason *verdicts = kith_arena_need(self->arena, (count + 1) * sizeof *verdicts);
    for (size_t i = 0; i < count; i++) {
        const char *field = NULL;
        kith_digest_t digest;
        if (items[i].kind != MAILBOX_ENVELOPE ||
            items[i].judged_version == self->agreement->version)
            continue;
        kith_arena_reset(self->packet); /* only the header lives on */
        Kith__Envelope *envelope = (Kith__Envelope *)kith_message_unpack(
            self->packet, &kith__envelope__descriptor, items[i].body, &field);
        verdicts[i] = envelope ? seal_verify(self->cache, self->agreement, self->arena, envelope,
                                             &headers[i], &digest)
                               : KITH__REASON__REASON_MALFORMED;
    }
    event->fetched.headers = headers;
    event->fetched.verdicts = verdicts;
}

static kith_err fetch(broker_loop_t *self, const broker_effect_t *wanted,
                      mailbox_reading_t *reading)
{
    size_t count = 0;
    mailbox_item_t *items =
        kith_arena_need(self->arena, (wanted->fetch.items_max + 1) * sizeof *items);
    kith_err err = mailbox_next(self->mailbox, wanted->fetch.agency, wanted->fetch.lane,
                                wanted->fetch.after_token, wanted->fetch.items_max,
                                wanted->fetch.bytes_max, reading, items, &count);
    if (err == KITH_LIMIT) { /* this turn's memory is used up: told of it again in the next */
        loop_touch(self, wanted->fetch.agency, wanted->fetch.lane);
        self->dirty = true;
    } else if (err != KITH_OK) {
        return err;
    }
    broker_event_t event = {.type = BROKER_EV_FETCHED};
    event.fetched.agency = wanted->fetch.agency;
    event.fetched.lane = wanted->fetch.lane;
    event.fetched.count = count;
    event.fetched.items = items;
    event.fetched.exhausted = count == 0;
    judge_items(self, items, count, &event);
    loop_step(self, &event);
    return KITH_OK;
}

static kith_err fetch_all(broker_loop_t *self)
{
    kith_err err = KITH_OK;
    mailbox_reading_t reading = {.arena = self->arena};
    const broker_effect_t *const *wanted = self->fetches.items;
    size_t count = self->fetches.count;
    self->fetches = (loop_list_t){0};
    for (size_t i = 0; i < count && err == KITH_OK; i++)
        err = fetch(self, wanted[i], &reading);
    return err;
}

/* ---- the turn ---- */

static kith_err walk(broker_loop_t *self)
{
    uint64_t rows = 0;
    if (self->walk_done || self->mono_ms < self->walk_mono_ms)
        return KITH_OK;
    self->walk_mono_ms = self->mono_ms + STORE_WALK_MS;
    kith_err err = mailbox_walk(self->mailbox, &rows, &self->walk_done);
    if (err == KITH_OK && self->walk_done)
        log_event("store-read", "rows=%" PRIu64, rows);
    return err;
}

/* What was durable before this turn. What the turn itself has to say goes on waiting. */
static kith_err hand_out(broker_loop_t *self)
{
    loop_list_t said = self->outs;
    broker_event_t tick = {.type = BROKER_EV_TICK};
    self->outs = (loop_list_t){0};
    self->reading = true;
    self->tick_owed = false;
    loop_step(self, &tick);
    kith_err err = walk(self);
    if (err == KITH_OK)
        err = fetch_all(self);
    if (err == KITH_OK)
        loop_send(self);
    self->reading = false;
    self->outs = said;
    return err;
}

kith_err loop_turn(broker_loop_t *self)
{
    self->now_ms = clock_wall_ms();
    self->mono_ms = clock_mono_ms();
    zap_serve(self->zap);
    loop_look_at_disk(self, false);
    drain(self);
    if (KITH_BUG(2)) /* what is said leaves before the disk has it */
        loop_send(self);
    bool hurry = self->dones_hurry;
    loop_dones_write(self);
    kith_err err = commit_begin(self);
    if (err == KITH_OK && hurry)
        err = commit_end(self);
    if (err == KITH_OK)
        err = hand_out(self);
    if (err == KITH_OK)
        err = commit_end(self);
    return err;
}
