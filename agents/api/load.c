/* A family's load: what it comes to, agency by agency. To ask is a look at the family. */
#include "agents/api/api_private.h"

kith_err api_do_load(api_call_t *call, const Kith__Api__LoadRequest *ask)
{
    const api_turn_t *turn = call->turn;
    kith_bytes_t id = {0};
    kith_err err = KITH_OK;
    if (!api_find(call, AGENT_TABLE_HOUSEHOLDS, "household", ask->household, ask->short_id, &id,
                  &err))
        return err;
    if (ask->from_ms < 0 || ask->to_ms < 0 || (ask->to_ms != 0 && ask->to_ms <= ask->from_ms))
        return api_refuse(call, KITH__API__STATUS__STATUS_INVALID, "window",
                          "the window ends before it begins: give a later end, or none");
    Kith__Api__LoadResponse *response = NULL;
    API_MAKE(call, response, kith__api__load_response__init);
    API_TRY(work_load(call->api->work, turn->txn, turn->arena, id, ask->from_ms, ask->to_ms,
                      turn->now_ms, response));
    API_TRY(api_look(call, id, (kith_bytes_t){0}, "load"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_LOAD;
    call->response->load = response;
    return KITH_OK;
}
