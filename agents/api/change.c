/* Changes that are not sent: this agency's own links and tasks, and the exercise's clock. */
#include "agents/api/api_private.h"

#include "agents/store/agent_store.h"

kith_err api_refuse_full(api_call_t *call)
{
    return api_refuse(call, KITH__API__STATUS__STATUS_FULL, "disk-full",
                      "the disk is down to its reserve: nothing was stored; make room first");
}

kith_err api_do_link(api_call_t *call, const Kith__Api__LinkRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__Link *link = NULL;
    API_MAKE(call, link, kith__api__link__init);
    work_refusal_t refusal = {0};
    kith_err err = work_link(call->api->work, turn->txn, turn->arena, ask, call->user->name,
                             turn->now_ms, link, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    call->answer->view_changed = true;
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_LINK;
    call->response->link = link;
    return KITH_OK;
}

kith_err api_do_done(api_call_t *call, const Kith__Api__DoneRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__DoneResponse *done = NULL;
    API_MAKE(call, done, kith__api__done_response__init);
    work_refusal_t refusal = {0};
    kith_err err = work_done(call->api->work, turn->txn, turn->arena, ask, call->user->name,
                             turn->now_ms, &done->ended, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_DONE;
    call->response->done = done;
    return KITH_OK;
}

/* Only forward: what has been said at a time stays said. Kept in the store, so that a restart does
 * not fall back. */
kith_err api_do_clock(api_call_t *call, const Kith__Api__ClockRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (!call->api->agreement->exercise)
        return api_refuse(call, KITH__API__STATUS__STATUS_NOT_ALLOWED, "clock",
                          "this partnership is no exercise: its clocks are the world's");
    if (ask->now_ms < turn->now_ms || ask->now_ms > API_TIME_MS_MAX)
        return api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "clock",
                          "an exercise's clock moves forward only, and not beyond the year 9999");
    int64_t stored_ms = 0; /* another request of this turn may have moved it already */
    API_TRY(agent_store_clock(turn->txn, turn->arena, &stored_ms));
    int64_t ahead_ms = turn->clock_ahead_ms + (ask->now_ms - turn->now_ms);
    if (ahead_ms < stored_ms)
        ahead_ms = stored_ms;
    API_TRY(agent_store_clock_put(turn->txn, turn->arena, ahead_ms));
    call->answer->clock_moved = true;
    call->answer->clock_ahead_ms = ahead_ms;
    Kith__Api__ClockResponse *response = NULL;
    API_MAKE(call, response, kith__api__clock_response__init);
    response->now_ms = turn->now_ms + (ahead_ms - turn->clock_ahead_ms);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_CLOCK;
    call->response->clock = response;
    return KITH_OK;
}
