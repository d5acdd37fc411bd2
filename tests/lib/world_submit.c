/* What people give to an agent of the world, and what they know of it. */
#include "tests/lib/toy_hash.h"
#include "tests/lib/world.h"

#include <string.h>

static Kith__Notice *make_notice(world_t *w, size_t agent, const world_submit_t *what)
{
    kith_arena_t *arena = w->arena;
    Kith__Notice *notice = kith_arena_need(arena, sizeof *notice);
    kith__notice__init(notice);
    uint8_t *id = kith_arena_need(arena, KITH_ID_BYTES);
    uint64_t number = ++w->last_id;
    memcpy(id, &number, sizeof number);
    id[15] = (uint8_t)(agent + 1);
    if (what->id)
        memcpy(id, what->id, KITH_ID_BYTES);
    notice->id = (ProtobufCBinaryData){KITH_ID_BYTES, id};
    notice->origin = (char *)(uintptr_t)w->agents[agent].id;
    notice->topic = kith_arena_str(arena, "police.call-out");
    notice->created_ms = w->now_ms;
    notice->expires_ms = what->expires_ms;
    notice->body_case = KITH__NOTICE__BODY_EVENT;
    notice->event = kith_arena_need(arena, sizeof *notice->event);
    kith__event__init(notice->event);
    notice->event->kind = kith_arena_str(arena, what->kind ? what->kind : "call-out");
    char *text = kith_arena_need(arena, what->text_size + 1);
    memset(text, 'x', what->text_size);
    notice->event->narrative = text;
    return notice;
}

static world_notice_t *find_notice(world_t *w, const uint8_t id[16])
{
    for (size_t i = w->notices_count; i > 0; i--)
        if (memcmp(w->notices[i - 1].id, id, KITH_ID_BYTES) == 0)
            return &w->notices[i - 1];
    return NULL;
}

void world_attempted(world_t *w, size_t agent, const agent_received_t *own)
{
    const Kith__Notice *said = own->notice;
    if (find_notice(w, said->id.data))
        return;
    w->notices =
        world_grown(w->notices, w->notices_count, &w->notices_capacity, sizeof *w->notices);
    world_notice_t *notice = &w->notices[w->notices_count++];
    *notice = (world_notice_t){.origin = agent,
                               .epoch = w->agents[agent].epoch,
                               .bytes = kith_arena_copy(w->arena, own->notice_bytes)};
    memcpy(notice->id, said->id.data, KITH_ID_BYTES);
}

void world_answered(world_t *w, const uint8_t id[16], const char *const *to, size_t to_count)
{
    world_notice_t *notice = find_notice(w, id);
    if (!notice) {
        world_fail(w, "a submit was answered with an id that nobody gave");
        return;
    }
    for (size_t i = 0; i < to_count; i++)
        for (size_t j = 0; j < w->agents_count; j++)
            if (strcmp(to[i], w->agents[j].id) == 0)
                notice->to |= UINT64_C(1) << j;
}

static kith_bytes_t request_digest(world_t *w, const world_submit_t *what)
{
    const char *asked = what->asked ? what->asked : what->kind ? what->kind : "call-out";
    kith_digest_t digest = kith_hash1(toy_hash, KITH_TAG_REQUEST, kith_bytes_str(asked));
    return kith_arena_copy(w->arena, kith_digest_bytes(&digest));
}

kith_err world_submit(world_t *w, size_t agent, const world_submit_t *what,
                      agent_submitted_t *ret_submitted)
{
    Kith__Notice *notice = make_notice(w, agent, what);
    const char **clauses = kith_arena_need(w->arena, (what->to_count + 1) * sizeof *clauses);
    for (size_t i = 0; i < what->to_count; i++)
        clauses[i] = what->clauses ? what->clauses[i] : what->clause ? what->clause : "4.1";
    agent_event_t event = world_agent_event(w, agent, AGENT_EV_SUBMIT);
    event.submit = (agent_submit_t){
        .ret = ret_submitted,
        .id = {notice->id.data, notice->id.len},
        .token = kith_bytes_str(what->token),
        .request_digest = request_digest(w, what),
        .notice_bytes = KITH_PACK(w->arena, notice),
        .notice = notice,
        .lane = what->lane,
        .topic_class = what->topic_class ? what->topic_class : "event",
        .recipients_count = what->to_count,
        .recipients = what->to,
        .clauses = clauses,
    };
    w->agents[agent].submission = &event;
    kith_err err = world_agent_turn(w, agent);
    w->agents[agent].submission = NULL;
    if (err == KITH_OK && ret_submitted->err == KITH_OK)
        world_answered(w, ret_submitted->id, what->to, what->to_count);
    return err;
}
