/* What the core asks for: writes into the batch, alarms into the log, the rest into the turn's
 * lists. */
#include "broker/broker_loop_private.h"

#include "io/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void *loop_append(broker_loop_t *self, loop_list_t *list, size_t item_size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 64;
        uint8_t *items = kith_arena_need(self->arena, capacity * item_size);
        if (list->count)
            memcpy(items, list->items, list->count * item_size);
        list->items = items;
        list->capacity = capacity;
    }
    return (uint8_t *)list->items + list->count++ * item_size;
}

static const broker_effect_t *copy(broker_loop_t *self, const broker_effect_t *effect)
{
    broker_effect_t *kept = kith_arena_need(self->arena, sizeof *kept);
    *kept = *effect;
    return kept;
}

static void append_effect(broker_loop_t *self, loop_list_t *list, const broker_effect_t *effect)
{
    const broker_effect_t **place = loop_append(self, list, sizeof(broker_effect_t *));
    *place = copy(self, effect);
}

/* ---- writes ---- */

/* So many of the last are looked at, so that runs of a few recipients are listed once each. */
#define TOUCHED_LOOK 16u

void loop_touch(broker_loop_t *self, const char *agency, int lane)
{
    size_t count = self->touched_count;
    for (size_t i = count; i > 0 && i + TOUCHED_LOOK > count; i--)
        if (self->touched[i - 1].lane == lane && strcmp(self->touched[i - 1].agency, agency) == 0)
            return;
    if (count == self->touched_capacity) {
        self->touched_capacity = count ? count * 2 : 64;
        self->touched = realloc(self->touched, self->touched_capacity * sizeof *self->touched);
        KITH_ASSERT(self->touched);
    }
    loop_touched_t *touched = &self->touched[self->touched_count++];
    memset(touched, 0, sizeof *touched);
    KITH_ASSERT(strlen(agency) <= KITH_NAME_MAX);
    memcpy(touched->agency, agency, strlen(agency));
    touched->lane = lane;
}

void loop_note_write(broker_loop_t *self, kith_err err)
{
    if (self->write_failed == KITH_OK && err != KITH_NOT_FOUND)
        self->write_failed = err;
    self->dirty = true;
}

static void put(broker_loop_t *self, const mailbox_put_t *put)
{
    loop_note_write(self, mailbox_put(self->mailbox, put));
    self->batch_bytes += put->body.size;
    self->put_bytes += put->body.size;
    for (size_t i = 0; i < put->recipients_count; i++)
        loop_touch(self, put->recipients[i], put->lane);
}

static void write_now(broker_loop_t *self, const broker_effect_t *effect)
{
    if (effect->type == BROKER_FX_PUT)
        put(self, &effect->put);
    else
        loop_done(self, effect->done.agency, effect->done.token);
}

void loop_writes(broker_loop_t *self)
{
    const broker_effect_t *const *effects = self->writes.items;
    for (size_t i = 0; i < self->writes.count; i++)
        write_now(self, effects[i]);
    self->writes = (loop_list_t){0};
}

static void write_effect(broker_loop_t *self, const broker_effect_t *effect)
{
    if (self->reading)
        append_effect(self, &self->writes, effect);
    else
        write_now(self, effect);
}

/* ---- refusals: the broker's own signed word ---- */

static Kith__Signed *sign(broker_loop_t *self, Kith__Refusal *refusal)
{
    refusal->made_ms = self->now_ms;
    refusal->signing_key = self->signing_name;
    kith_bytes_t statement = KITH_PACK(self->arena, refusal);
    return seal_sign(self->keys, self->arena, KITH_TAG_REFUSAL, statement);
}

static void refuse(broker_loop_t *self, const broker_effect_t *effect)
{
    Kith__Signed *statement = sign(self, effect->refuse.refusal);
    broker_effect_t made = {0};
    if (effect->refuse.route) {
        Kith__Packet *packet = kith_arena_need(self->arena, sizeof *packet);
        kith__packet__init(packet);
        packet->verb_case = KITH__PACKET__VERB_REFUSED;
        packet->refused = kith_arena_need(self->arena, sizeof *packet->refused);
        kith__refused__init(packet->refused);
        packet->refused->refusal = statement;
        made.type = BROKER_FX_SEND;
        made.send.route = effect->refuse.route;
        made.send.packet = packet;
        loop_out(self, made.send.route, copy(self, &made));
        return;
    }
    kith_bytes_t body = KITH_PACK(self->arena, statement);
    const char **recipients = kith_arena_need(self->arena, sizeof *recipients);
    recipients[0] = effect->refuse.origin;
    made.type = BROKER_FX_PUT;
    made.put = (mailbox_put_t){
        .kind = MAILBOX_REFUSAL,
        .digest = kith_hash1(keys_hash, KITH_TAG_REFUSAL, body),
        .body = body,
        .lane = effect->refuse.lane,
        .judged_version = self->agreement->version,
        .recipients_count = 1,
        .recipients = recipients,
    };
    write_effect(self, &made);
}

/* ---- alarms ---- */

static void alarm_say(broker_loop_t *self, const broker_effect_t *effect)
{
    if (self->mono_ms - self->alarms_mono_ms >= 60000) {
        if (self->alarms_unsaid)
            log_event("alarms-unsaid", "count=%" PRIu64, self->alarms_unsaid);
        self->alarms = 0;
        self->alarms_unsaid = 0;
        self->alarms_mono_ms = self->mono_ms;
    }
    if (self->alarms >= LOOP_ALARMS_MAX) {
        self->alarms_unsaid++;
        return;
    }
    self->alarms++;
    log_event("alarm", "what=%s agency=%s reason=%d", effect->alarm.what, effect->alarm.agency,
              (int)effect->alarm.reason);
}

void loop_effects(broker_loop_t *self)
{
    for (size_t i = 0; i < self->effects.count; i++) {
        const broker_effect_t *effect = &self->effects.items[i];
        switch (effect->type) {
        case BROKER_FX_PUT:
        case BROKER_FX_DONE:
            write_effect(self, effect);
            break;
        case BROKER_FX_FETCH:
            append_effect(self, &self->fetches, effect);
            break;
        case BROKER_FX_SEND:
            loop_out(self, effect->send.route, copy(self, effect));
            break;
        case BROKER_FX_REFUSE:
            refuse(self, effect);
            break;
        case BROKER_FX_DELIVER:
            loop_out(self, effect->deliver.route, copy(self, effect));
            break;
        case BROKER_FX_HANGUP:
            loop_out(self, effect->hangup.route, copy(self, effect));
            break;
        case BROKER_FX_ALARM:
            alarm_say(self, effect);
            break;
        }
    }
    self->effects.count = 0;
}
