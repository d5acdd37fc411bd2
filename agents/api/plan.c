/* A household's plan, and the pots. */
#include "agents/api/api_private.h"

kith_err api_do_plan(api_call_t *call, const Kith__Api__PlanRequest *ask)
{
    const api_turn_t *turn = call->turn;
    kith_bytes_t id = {0};
    kith_err err = KITH_OK;
    if (!api_find(call, AGENT_TABLE_HOUSEHOLDS, "household", ask->household, ask->short_id, &id,
                  &err))
        return err;
    Kith__Api__PlanView *view = NULL;
    API_MAKE(call, view, kith__api__plan_view__init);
    err = work_plan(call->api->work, turn->txn, turn->arena, id, turn->now_ms, view);
    if (err != KITH_OK)
        return api_refuse_work(
            call, err,
            &(work_refusal_t){"plan-unknown",
                              "the household has no plan yet: kith plan outcome add begins one"});
    API_TRY(api_look(call, id, (kith_bytes_t){0}, "plan"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_PLAN;
    call->response->plan = view;
    return KITH_OK;
}

kith_err api_do_pot(api_call_t *call, const Kith__Api__PotRequest *ask)
{
    const api_turn_t *turn = call->turn;
    Kith__Api__PotResponse *pots = NULL;
    API_MAKE(call, pots, kith__api__pot_response__init);
    kith_err err = work_pots(call->api->work, turn->txn, turn->arena, ask->pot, pots);
    if (err != KITH_OK)
        return api_refuse_work(
            call, err,
            &(work_refusal_t){"pot-unknown",
                              "the partnership has no such pot: kith pot lists those it has"});
    for (size_t i = 0; i < pots->n_pots; i++)
        for (size_t k = 0; k < pots->pots[i]->n_open; k++)
            API_TRY(api_look(call, record_bytes(pots->pots[i]->open[k]->household),
                             (kith_bytes_t){0}, "pot"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_POT;
    call->response->pot = pots;
    return KITH_OK;
}
