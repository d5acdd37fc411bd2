/* What stands around the feed: by household, what a user has looked at, snoozes, tellings. */
#include "agents/api/api_private.h"

kith_err api_do_groups(api_call_t *call, const Kith__Api__GroupsRequest *ask)
{
    const api_turn_t *turn = call->turn;
    Kith__Api__GroupsResponse *response = NULL;
    API_MAKE(call, response, kith__api__groups_response__init);
    kith_err err =
        work_groups(call->api->work, turn->txn, turn->arena, call->user->name, ask, response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "groups"});
    looks_t looks = api_looks_new(call, response->n_groups);
    for (size_t i = 0; i < response->n_groups; i++)
        api_looks_add(&looks, response->groups[i]->household);
    API_TRY(api_looks_record(call, &looks, "groups"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_GROUPS;
    call->response->groups = response;
    return KITH_OK;
}

kith_err api_do_looked(api_call_t *call, const Kith__Api__LookedRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__LookedResponse *response = NULL;
    API_MAKE(call, response, kith__api__looked_response__init);
    work_refusal_t refusal = {0};
    kith_err err = work_looked(call->api->work, turn->txn, turn->arena, ask, call->user->name,
                               &response->fresh, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_LOOKED;
    call->response->looked = response;
    return KITH_OK;
}

kith_err api_do_snooze(api_call_t *call, const Kith__Api__SnoozeRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__Snooze *response = NULL;
    API_MAKE(call, response, kith__api__snooze__init);
    work_refusal_t refusal = {0};
    kith_err err = work_snooze(call->api->work, turn->txn, turn->arena, ask, call->user->name,
                               turn->now_ms, response, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    call->answer->view_changed = true;
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_SNOOZE;
    call->response->snooze = response;
    return KITH_OK;
}

kith_err api_do_snoozes(api_call_t *call, const Kith__Api__SnoozesRequest *ask)
{
    Kith__Api__SnoozesResponse *response = NULL;
    API_MAKE(call, response, kith__api__snoozes_response__init);
    kith_err err = work_snoozes(call->api->work, call->turn->txn, call->turn->arena, ask, response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "snoozes"});
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_SNOOZES;
    call->response->snoozes = response;
    return KITH_OK;
}

kith_err api_do_tellings(api_call_t *call, const Kith__Api__TellingsRequest *ask)
{
    const api_turn_t *turn = call->turn;
    Kith__Api__TellingsResponse *response = NULL;
    API_MAKE(call, response, kith__api__tellings_response__init);
    kith_err err =
        work_tellings(call->api->work, turn->txn, turn->arena, ask, turn->now_ms, response);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &(work_refusal_t){.rule = "tellings"});
    looks_t looks = api_looks_new(call, response->n_tellings);
    for (size_t i = 0; i < response->n_tellings; i++)
        api_looks_add(&looks, response->tellings[i]->household);
    API_TRY(api_looks_record(call, &looks, "tellings"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_TELLINGS;
    call->response->tellings = response;
    return KITH_OK;
}
