/* See work_world_feed.h. */
#include "tests/unit/work_world_feed.h"

#include "agents/work/parts.h"

void world_tells(world_t *w)
{
    static const work_rounds_t usual = {.wait_ms = MINUTE / 2,
                                        .interval_ms = 5 * MINUTE,
                                        .repeat_ms = DAY,
                                        .digest_ms = 16 * (int32_t)HOUR,
                                        .working_days = true};
    for (size_t i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].work.rounds = &usual;
    }
}

Kith__Notice *world_say_event(world_t *w, const char *topic, ProtobufCBinaryData household)
{
    Kith__Api__Draft *event = world_event(w, topic);
    event->household = household;
    return world_say(w, "police", event);
}

static void settle(world_t *w, const char *agency, kith_err err)
{
    if (err == KITH_OK) {
        world_commit(w, agency);
    } else {
        memtxn_abort(world_node(w, agency)->store);
    }
}

void world_looked(world_t *w, const char *agency, const char *user, ProtobufCBinaryData household,
                  uint64_t up_to)
{
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    work_ctx_t at = {
        .work = &world_node(w, agency)->work, .txn = world_begin(w, agency), .arena = w->arena};
    uint64_t left = 0;
    ask.household = household;
    ask.up_to = up_to;
    if (up_to == UINT64_MAX) {
        assert_int_equal(feed_end(&at, &ask.up_to), KITH_OK);
    }
    assert_int_equal(work_looked(at.work, at.txn, w->arena, &ask, user, &left, &w->refusal),
                     KITH_OK);
    world_commit(w, agency);
}

kith_err world_try_snooze(world_t *w, const char *agency, const Kith__Api__SnoozeRequest *ask,
                          Kith__Api__Snooze *ret_snooze)
{
    kith_txn_t *txn = world_begin(w, agency);
    w->refusal = (work_refusal_t){0};
    kith_err err = work_snooze(&world_node(w, agency)->work, txn, w->arena, ask, "duty", w->now_ms,
                               ret_snooze, &w->refusal);
    settle(w, agency, err);
    return err;
}

Kith__Api__SnoozesResponse *world_snoozes(world_t *w, const char *agency, bool ended)
{
    Kith__Api__SnoozesRequest ask = KITH__API__SNOOZES_REQUEST__INIT;
    Kith__Api__SnoozesResponse *response = kith_arena_need(w->arena, sizeof *response);
    kith__api__snoozes_response__init(response);
    ask.ended = ended;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_snoozes(&world_node(w, agency)->work, txn, w->arena, &ask, response),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return response;
}

Kith__Api__TellingsResponse *world_tellings(world_t *w, const char *agency, uint64_t after)
{
    Kith__Api__TellingsRequest ask = KITH__API__TELLINGS_REQUEST__INIT;
    Kith__Api__TellingsResponse *response = kith_arena_need(w->arena, sizeof *response);
    kith__api__tellings_response__init(response);
    ask.after = after;
    ask.limit = KITH_FEED_PAGE_MAX;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(
        work_tellings(&world_node(w, agency)->work, txn, w->arena, &ask, w->now_ms, response),
        KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return response;
}

const char *world_told(world_t *w, const char *agency, uint64_t after)
{
    Kith__Api__TellingsResponse *told = world_tellings(w, agency, after);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < told->n_tellings; i++) {
        text = kith_arena_printf(w->arena, "%s%s%s %u", text, i > 0 ? "; " : "",
                                 told->tellings[i]->reason, (unsigned)told->tellings[i]->entries);
    }
    return text;
}

void world_pass(world_t *w, const char *agency, int64_t until_ms)
{
    for (;;) {
        int64_t next_ms = world_tick(w, agency);
        if (next_ms > until_ms) {
            break;
        }
        w->now_ms = next_ms > w->now_ms ? next_ms : w->now_ms;
    }
    w->now_ms = until_ms;
}
