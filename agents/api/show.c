/* Showing one notice: what it says, what became of it, and what answers it drew. */
#include "agents/api/api_private.h"

/* The board's rows with what is known of each delivery, where the alert is ours. */
static kith_err add_board(api_call_t *call, kith_bytes_t id, Kith__Api__ShowResponse *response)
{
    const api_turn_t *turn = call->turn;
    API_TRY(
        work_board(call->api->work, turn->txn, turn->arena, id, turn->now_ms, &response->board));
    for (size_t i = 0; i < response->board->n_rows; i++) {
        Kith__Api__AlertBoardRow *row = response->board->rows[i];
        kith_err err = api_delivery(call, id, row->agency, &row->delivery);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
    }
    return KITH_OK;
}

/* What belongs to this type of notice. One that was quarantined or replaced may have no row. */
static kith_err add_type(api_call_t *call, kith_bytes_t id, const Kith__Notice *notice,
                         Kith__Api__ShowResponse *response)
{
    kith_err err = KITH_OK;
    Kith__Notice__BodyCase type = notice->body_case;
    if (type == KITH__NOTICE__BODY_ALERT)
        err = add_board(call, id, response);
    else if (type == KITH__NOTICE__BODY_ALERT_CHANGE)
        err = add_board(call, record_bytes(notice->alert_change->alert), response);
    else if (type == KITH__NOTICE__BODY_DISAGREEMENT)
        err = work_disagreement(call->api->work, call->turn->txn, call->turn->arena,
                                notice->disagreement->disagreement.len > 0
                                    ? record_bytes(notice->disagreement->disagreement)
                                    : id,
                                call->turn->now_ms, &response->disagreement);
    else if (type == KITH__NOTICE__BODY_REFERRAL)
        err = work_referral(call->api->work, call->turn->txn, call->turn->arena, id,
                            &response->referral);
    else if (type == KITH__NOTICE__BODY_ASSESSMENT)
        err = work_assessment(call->api->work, call->turn->txn, call->turn->arena, id,
                              &response->assessment);
    else if (type == KITH__NOTICE__BODY_SMALL_HELP)
        err = work_small_help(call->api->work, call->turn->txn, call->turn->arena, id,
                              &response->small_help);
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

bool api_shorten_show(Kith__Api__ShowResponse *show)
{
    for (size_t i = show->assessment ? show->assessment->n_parts : 0; i > 0; i--) {
        Kith__Api__AssessmentPart *part = show->assessment->parts[i - 1];
        if (*part->text || *part->family_view) {
            part->text = part->family_view = api_text("");
            return true;
        }
    }
    return false;
}

kith_err api_do_show(api_call_t *call, const Kith__Api__ShowRequest *ask)
{
    const api_turn_t *turn = call->turn;
    kith_bytes_t id = {0};
    kith_err err = KITH_OK;
    if (!api_find(call, AGENT_TABLE_NOTICES, "notice", ask->id, ask->short_id, &id, &err))
        return err;
    Kith__Store__StoredNotice *row = NULL;
    API_TRY(record_get_notice(turn->txn, turn->arena, id, &row));
    const Kith__Notice *notice = (const Kith__Notice *)protobuf_c_message_unpack(
        &kith__notice__descriptor, kith_arena_allocator(turn->arena), row->notice.len,
        row->notice.data);
    if (!notice)
        return KITH_CORRUPT;
    API_TRY(api_look(call, record_bytes(notice->household), id, "show"));

    Kith__Api__ShowResponse *response = NULL;
    API_MAKE(call, response, kith__api__show_response__init);
    response->notice = row->notice;
    response->mine = row->mine;
    response->stored_ms = row->stored_ms;
    response->late = row->late;
    response->again = row->again;
    response->early = row->early;
    if (row->mine)
        API_TRY(api_deliveries(call, id, &response->n_recipients, &response->recipients));
    API_TRY(add_type(call, id, notice, response));
    API_TRY(work_seen_by(call->api->work, turn->txn, turn->arena, id, &response->n_seen,
                         &response->seen));
    call->response->answer_case = KITH__API__RESPONSE__ANSWER_SHOW;
    call->response->show = response;
    return KITH_OK;
}
