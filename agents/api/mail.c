/* Mails: brought by kith-mail, looked at and ended by people. */
#include "agents/api/api_private.h"

kith_err api_do_mail_in(api_call_t *call, const Kith__Api__MailInRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__MailInResponse *response = NULL;
    API_MAKE(call, response, kith__api__mail_in_response__init);
    work_refusal_t refusal = {0};
    bool repeat = false;
    kith_err err = work_mail_in(call->api->work, turn->txn, turn->arena, ask->mail, turn->now_ms,
                                &repeat, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    response->repeat = repeat;
    call->answer->view_changed = true;
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_MAIL_IN;
    call->response->mail_in = response;
    return KITH_OK;
}

kith_err api_do_mail(api_call_t *call, const Kith__Api__MailRequest *ask)
{
    const api_turn_t *turn = call->turn;
    kith_bytes_t id = {0};
    kith_err err = KITH_OK;
    if (!api_find(call, AGENT_TABLE_MAILS, "mail", ask->id, ask->short_id, &id, &err))
        return err;
    Kith__Api__Mail *mail = NULL;
    API_TRY(work_mail(call->api->work, turn->txn, turn->arena, id, &mail));
    kith_bytes_t household = mail->draft ? record_bytes(mail->draft->household) : (kith_bytes_t){0};
    API_TRY(api_look(call, household, id, "mail"));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_MAIL;
    call->response->mail = mail;
    return KITH_OK;
}

kith_err api_do_undelivered(api_call_t *call, const Kith__Api__UndeliveredRequest *ask)
{
    const api_turn_t *turn = call->turn;
    if (turn->read_only)
        return api_refuse_full(call);
    Kith__Api__UndeliveredResponse *response = NULL;
    API_MAKE(call, response, kith__api__undelivered_response__init);
    work_refusal_t refusal = {0};
    bool climbed = false;
    kith_err err = work_undelivered(call->api->work, turn->txn, turn->arena, ask, turn->now_ms,
                                    &climbed, &refusal);
    if (err != KITH_OK)
        return api_refuse_work(call, err, &refusal);
    response->climbed = climbed;
    call->answer->view_changed = true;
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_UNDELIVERED;
    call->response->undelivered = response;
    return KITH_OK;
}
