/* Reply: what an agency answers to an alert, to who raised it and to the lead. */
#include "agents/work/parts.h"

static const work_refusal_t no_answer = {
    "reply-answer", "a reply says: acting, known-no-action, nothing-known or cannot-share"};

const work_refusal_t *reply_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"reply-alert", "a reply names the alert it answers"};
    static const work_refusal_t reason = {"reply-reason", "`cannot-share` says why not"};
    const Kith__Reply *reply = notice->reply;
    if (reply->alert.len == 0) {
        return &which;
    }
    if (reply->answer == KITH__ANSWER__ANSWER_UNSPECIFIED) {
        return &no_answer;
    }
    bool silent = reply->answer == KITH__ANSWER__ANSWER_CANNOT_SHARE && !has_text(reply->reason);
    return silent ? &reason : NULL;
}

static kith_err may_reply(work_draft_t *draft, const Kith__Store__AlertRow *row)
{
    const Kith__Reply *reply = draft->notice->reply;
    if (row == NULL || !has_text(row->from)) {
        return draft_refuse(draft, KITH_NOT_FOUND, "alert-unknown",
                            "no such alert has come to this agency");
    }
    if (alert_answer_of(row, draft->at.work->agency) == NULL) {
        return draft_refuse(draft, KITH_DENIED, "not-asked",
                            kith_arena_printf(draft->at.arena,
                                              "this alert of %s did not ask %s: only who was asked "
                                              "replies; an event or an alert of your own is open",
                                              row->from, draft->at.work->agency));
    }
    if (protobuf_c_enum_descriptor_get_value(&kith__answer__descriptor, (int)reply->answer) ==
        NULL) {
        return draft_refuse(draft, KITH_INVALID, no_answer.rule, no_answer.what);
    }
    return KITH_OK;
}

/* To who asked, and to whom the household's feed belongs. */
kith_err reply_prepare(work_draft_t *draft)
{
    const Kith__Reply *reply = draft->notice->reply;
    Kith__Store__AlertRow *row = NULL;
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(route_fixed(draft));
    if (reply->alert.len > 0) {
        WORK_TRY(alert_find(&draft->at, bytes_of(reply->alert), &row));
    }
    WORK_TRY(may_reply(draft, row));
    draft->notice->household = row->household;
    draft_caused_by(draft, reply->alert);
    WORK_TRY(route_name(draft, row->from));
    WORK_TRY(household_find(&draft->at, bytes_of(row->household), &household));
    if (household != NULL) {
        route_derive(draft, household_lead(household));
    }
    return KITH_OK;
}

void reply_describe(work_case_t *c)
{
    line_t line = {0};
    line_add(&line, "reply: ");
    line_add(&line, word_of(c->at.arena, &kith__answer__descriptor, "ANSWER_",
                            (int)c->notice->reply->answer));
    c->row->summary = line_text(c->at.arena, &line);
}

/* A reply on its own, until its alert comes. */
static void grow(kith_arena_t *arena, Kith__Store__AlertRow *row, const char *agency)
{
    Kith__Store__AlertAnswer **answers =
        kith_arena_need(arena, (row->n_answers + 1) * sizeof(Kith__Store__AlertAnswer *));
    for (size_t i = 0; i < row->n_answers; i++) {
        answers[i] = row->answers[i];
    }
    answers[row->n_answers++] = alert_new_answer(arena, agency);
    row->answers = answers;
}

kith_err reply_apply(work_case_t *c)
{
    const Kith__Reply *reply = c->notice->reply;
    kith_bytes_t alert = bytes_of(reply->alert);
    Kith__Store__AlertRow *row = NULL;
    WORK_TRY(alert_find_or_await(&c->at, alert, &row));
    if (!has_text(row->from) && alert_answer_of(row, c->in->origin) == NULL) {
        grow(c->at.arena, row, c->in->origin);
    }
    Kith__Store__AlertAnswer *answer = alert_answer_of(row, c->in->origin);
    if (answer == NULL) { /* shown, but not on the board */
        c->row->not_asked = true;
        return KITH_OK;
    }
    if (c->row->household.len == 0) {
        c->row->household = row->household;
    }
    if (c->notice->created_ms >= answer->answered_ms) {
        answer->answer = reply->answer;
        answer->reason = reply->reason;
        answer->text = reply->text;
        answer->answered_ms = c->notice->created_ms;
    }
    const char *by = c->in->mine ? c->notice->author : c->in->origin;
    WORK_TRY(climb_end(&c->at, alert, row, answer, by));
    WORK_TRY(climb_settle(&c->at, alert, row));
    return c->in->mine ? task_end(&c->at, TASK_ANSWER, alert, row->from, c->notice->author)
                       : task_end(&c->at, TASK_SILENT, alert, c->in->origin, c->in->origin);
}
