/* What follows a commit, in order: packets, receipts, alarms, replies. And what follows none. */
#include "agents/agent_loop_private.h"

#include "io/log.h"

#include <stdio.h>
#include <string.h>

/* ---- words for the log ---- */

static const char *reason_word(Kith__Reason reason)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&kith__reason__descriptor, (int)reason);
    return value ? value->name + strlen("REASON_") : "unknown";
}

static const char *or_none(const char *word)
{
    return word && *word ? word : "-";
}

/* ---- what the core released ---- */

static void halt(agent_loop_t *self, Kith__Reason reason)
{
    const char *what =
        reason == KITH__REASON__REASON_OWN_COPY_OLD
            ? "this store is an older copy of this agency's: have its epoch raised in the "
              "partnership file, move the store away, and make a new one with --init"
        : reason == KITH__REASON__REASON_CLONE
            ? "another running copy of this agency's agent has its keys: find it and stop it; if "
              "it is not yours, have the keys revoked"
            : "a broker or a recipient has told this agent to stop";
    log_event("halt", "reason=%s", reason_word(reason));
    (void)fprintf(stderr, "%s:1: %s\n", self->conf->store, what);
    loop_end(self, kith_err_exit(KITH_CONFIG));
}

static void perform(agent_loop_t *self, const loop_turn_t *turn, const agent_effect_t *effect)
{
    switch (effect->type) {
    case AGENT_FX_SEND:
        agent_links_send(self->links, effect->send.broker, effect->send.packet);
        break;
    case AGENT_FX_RECEIPT:
        agent_links_send(self->links, effect->receipt.broker,
                         agent_seal_receipt(&self->seal, turn->at.arena, turn->at.now_ms, effect));
        break;
    case AGENT_FX_REDIAL:
        log_event("redial", "broker=%s reason=%s", self->conf->brokers[effect->redial.broker],
                  reason_word(effect->redial.reason));
        agent_links_flush(self->links);
        agent_links_redial(self->links, effect->redial.broker, turn->at.mono_ms);
        break;
    case AGENT_FX_CHANGED:
        agent_watches_wake(self->watches);
        self->work_due_ms = 0;
        break;
    case AGENT_FX_ALARM:
        log_event("alarm", "what=%s agency=%s broker=%s reason=%s number=%llu", effect->alarm.what,
                  or_none(effect->alarm.agency), or_none(effect->alarm.broker),
                  reason_word(effect->alarm.reason), (unsigned long long)effect->alarm.number);
        break;
    case AGENT_FX_HALT:
        halt(self, effect->halt.reason);
        break;
    case AGENT_FX_SEAL:
        KITH_NEVER("a seal after the commit");
    }
}

/* ---- replies ---- */

static void reply(agent_loop_t *self, uint64_t route, kith_bytes_t bytes)
{
    if (link_server_send(self->door, route, bytes) == KITH_OK)
        return;
    /* gone, or it does not read: its next request begins a new connection */
    agent_watches_forget(self->watches, route);
    link_server_forget(self->door, route);
}

void loop_reply(agent_loop_t *self, loop_turn_t *turn)
{
    for (size_t i = 0; i < turn->replies_count; i++)
        reply(self, turn->replies[i].route, turn->replies[i].reply);
    turn->replies_count = 0;
}

void loop_release(agent_loop_t *self, loop_turn_t *turn)
{
    agent_effects_t released = {0};
    self->core_new = false;
    self->work_due_ms = turn->work_due_ms;
    if (turn->view_changed || turn->ticked)
        agent_watches_wake(self->watches);
    if (turn->view_changed)
        self->work_due_ms = 0;
    if (turn->clock_moved) {
        self->clock_ahead_ms = turn->clock_ahead_ms;
        self->tick_mono_ms = 0;
        self->work_due_ms = 0;
    }
    agent_event_t event = loop_event(turn, AGENT_EV_STORED);
    kith_err err = agent_core_step(self->core, NULL, turn->at.arena, &event, &released);
    KITH_ASSERT(err == KITH_OK); /* it decides nothing any more */
    for (size_t i = 0; i < released.count; i++)
        perform(self, turn, &released.items[i]);
    agent_links_flush(self->links);
    loop_reply(self, turn);
    if (self->stopping && !self->ended) {
        log_event("stopped", "agency=%s", self->conf->agency);
        loop_end(self, 0);
    }
}

/* What was done may have landed or not: the core is made anew from what the store says. */
void loop_failed(agent_loop_t *self, loop_turn_t *turn, kith_err err)
{
    for (size_t i = 0; err == KITH_FULL && i < turn->replies_count; i++)
        reply(self, turn->replies[i].route, api_full(turn->at.arena, turn->replies[i].request_id));
    if (err != KITH_FULL || self->stopping) {
        log_event("store-failed", "error=%s", kith_err_text(err));
        loop_end(self, kith_err_exit(err));
        return;
    }
    self->api.counts[API_COUNT_COMMITS_FULL]++;
    log_event("disk-full", "free=%llu", (unsigned long long)turn->at.disk_free_bytes);
    loop_core_anew(self);
    agent_links_drop_all(self->links);
    self->rest_until_mono_ms = turn->at.mono_ms + LOOP_REST_MS;
}
