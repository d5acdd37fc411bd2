/* The effects' side of broker_world.h. */
#include "tests/unit/broker_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {
    [BROKER_FX_PUT] = "PUT",       [BROKER_FX_DONE] = "DONE",     [BROKER_FX_FETCH] = "FETCH",
    [BROKER_FX_SEND] = "SEND",     [BROKER_FX_REFUSE] = "REFUSE", [BROKER_FX_DELIVER] = "DELIVER",
    [BROKER_FX_HANGUP] = "HANGUP", [BROKER_FX_ALARM] = "ALARM",
};

/* The first one not taken of this type; of SEND also of this route and verb (0: any). */
static broker_effect_t *find(world_t *w, broker_effect_type type, uint64_t route,
                             Kith__Packet__VerbCase verb)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        broker_effect_t *effect = &w->effects.items[i];
        if (w->taken[i] || effect->type != type)
            continue;
        if (type == BROKER_FX_SEND && verb && effect->send.packet->verb_case != verb)
            continue;
        if (type == BROKER_FX_SEND && route && effect->send.route != route)
            continue;
        w->taken[i] = true;
        return effect;
    }
    return NULL;
}

broker_effect_t *world_effect(world_t *w, broker_effect_type type)
{
    broker_effect_t *effect = find(w, type, 0, KITH__PACKET__VERB__NOT_SET);
    if (!effect)
        fail_msg("no %s", names[type]);
    return effect;
}

Kith__Packet *world_sent(world_t *w, uint64_t route, Kith__Packet__VerbCase verb)
{
    broker_effect_t *effect = find(w, BROKER_FX_SEND, route, verb);
    if (!effect)
        fail_msg("no SEND of verb %d to route %d", (int)verb, (int)route);
    return effect->send.packet;
}

void world_sent_bye(world_t *w, uint64_t route, Kith__Reason reason)
{
    assert_int_equal(world_sent(w, route, VERB(BYE))->bye->reason, reason);
}

void world_sent_presence(world_t *w, uint64_t route, const char *agency, bool connected)
{
    const Kith__Presence *presence = world_sent(w, route, VERB(PRESENCE))->presence;
    assert_string_equal(presence->agency, agency);
    assert_int_equal(presence->connected, connected);
}

void world_sent_later(world_t *w, uint64_t route, uint64_t seq, const char *recipient,
                      Kith__Reason reason)
{
    const Kith__Later *later = world_sent(w, route, VERB(LATER))->later;
    assert_int_equal(later->id->seq, seq);
    assert_string_equal(later->recipient, recipient);
    assert_int_equal(later->reason, reason);
}

void world_sent_accepted(world_t *w, uint64_t route, uint64_t seq, size_t recipients)
{
    const Kith__Accepted *accepted = world_sent(w, route, VERB(ACCEPTED))->accepted;
    assert_int_equal(accepted->id->seq, seq);
    assert_int_equal(accepted->n_recipients, recipients);
    assert_int_equal(accepted->store_epoch.len, sizeof w->settings.store_epoch);
    assert_memory_equal(accepted->store_epoch.data, w->settings.store_epoch,
                        sizeof w->settings.store_epoch);
}

void world_hung_up(world_t *w, uint64_t route)
{
    assert_int_equal(world_effect(w, BROKER_FX_HANGUP)->hangup.route, route);
}

void world_alarmed(world_t *w, const char *what, const char *agency)
{
    const broker_effect_t *effect = world_effect(w, BROKER_FX_ALARM);
    assert_string_equal(effect->alarm.what, what);
    assert_string_equal(effect->alarm.agency, agency);
}

void world_refused(world_t *w, uint64_t route, const char *recipient, Kith__Reason reason,
                   const char *clause)
{
    const broker_effect_t *effect = world_effect(w, BROKER_FX_REFUSE);
    assert_int_equal(effect->refuse.route, route);
    const Kith__Refusal *refusal = effect->refuse.refusal;
    assert_string_equal(refusal->recipient, recipient);
    assert_int_equal(refusal->reason, reason);
    assert_string_equal(refusal->clause, clause);
    assert_string_equal(refusal->partnership, "exampletown");
    assert_int_equal(refusal->partnership_version, w->agreement->version);
    assert_string_equal(refusal->broker, "hub-a");
    assert_string_equal(refusal->id->origin, effect->refuse.origin);
}

broker_effect_t *world_put(world_t *w, mailbox_kind kind)
{
    broker_effect_t *effect = world_effect(w, BROKER_FX_PUT);
    assert_int_equal(effect->put.kind, kind);
    assert_int_equal(effect->put.judged_version, w->agreement->version);
    return effect;
}

void world_done(world_t *w, const char *agency, uint64_t token)
{
    const broker_effect_t *effect = world_effect(w, BROKER_FX_DONE);
    assert_string_equal(effect->done.agency, agency);
    assert_int_equal(effect->done.token, token);
}

broker_effect_t *world_fetch(world_t *w, const char *agency, int lane)
{
    broker_effect_t *effect = world_effect(w, BROKER_FX_FETCH);
    assert_string_equal(effect->fetch.agency, agency);
    assert_int_equal(effect->fetch.lane, lane);
    return effect;
}

void world_delivered(world_t *w, uint64_t route, uint64_t token)
{
    const broker_effect_t *effect = world_effect(w, BROKER_FX_DELIVER);
    assert_int_equal(effect->deliver.route, route);
    assert_int_equal(effect->deliver.item->token, token);
}

size_t world_skip(world_t *w, Kith__Packet__VerbCase verb)
{
    size_t count = 0;
    while (find(w, BROKER_FX_SEND, 0, verb))
        count++;
    return count;
}

void world_settled(world_t *w)
{
    for (size_t i = 0; i < w->effects.count; i++) {
        const broker_effect_t *effect = &w->effects.items[i];
        if (w->taken[i])
            continue;
        if (effect->type == BROKER_FX_SEND)
            fail_msg("unexpected SEND of verb %d to route %d", (int)effect->send.packet->verb_case,
                     (int)effect->send.route);
        if (effect->type == BROKER_FX_ALARM)
            fail_msg("unexpected ALARM %s", effect->alarm.what);
        fail_msg("unexpected %s", names[effect->type]);
    }
    w->effects = (broker_effects_t){0};
    if (w->taken)
        memset(w->taken, 0, w->effects_capacity * sizeof *w->taken);
}

broker_stats_t world_stats(world_t *w)
{
    broker_stats_t stats;
    broker_core_stats(w->core, &stats);
    return stats;
}
