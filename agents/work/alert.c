/* Alert, the one email, its replies, and its board: one row for each agency that was asked. */
#include "agents/work/parts.h"

#include "base/text.h"

#define TASK_OVERDUE "alert-overdue"

/* ---- the alert ---- */

static const work_refusal_t *check_asked(const Kith__Alert *alert, const char *origin)
{
    static const work_refusal_t nobody = {"alert-asked", "an alert asks at least one agency"};
    static const work_refusal_t each = {
        "alert-asked-each", "an alert asks agencies by name, each once, and not its own origin"};
    for (size_t i = 0; i < alert->n_asked; i++) {
        bool fits = kith_text_name(alert->asked[i]) && strcmp(alert->asked[i], origin) != 0;
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(alert->asked[i], alert->asked[k]) != 0;
        }
        if (!fits) {
            return &each;
        }
    }
    return alert->n_asked > 0 ? NULL : &nobody;
}

const work_refusal_t *alert_check(const Kith__Notice *notice)
{
    static const work_refusal_t subject = {"alert-subject", "an alert has a subject"};
    static const work_refusal_t household = {"alert-household", "an alert names its household"};
    static const work_refusal_t reply_by = {"alert-reply-by", "an alert says by when to reply"};
    const Kith__Alert *alert = notice->alert;
    if (!has_text(alert->subject)) {
        return &subject;
    }
    if (notice->household.len == 0) {
        return &household;
    }
    if (alert->reply_by_ms == 0) {
        return &reply_by;
    }
    const work_refusal_t *refusal = check_asked(alert, notice->origin);
    return refusal != NULL ? refusal : check_about(alert->n_about, alert->about);
}

/* Those asked come first; subscribers of the topic read it too, and owe nothing. */
static kith_err route_alert(work_draft_t *draft, Kith__Alert *alert)
{
    Kith__Store__HouseholdRow *row = NULL;
    bool named = draft->asked->n_to > 0 || alert->n_asked > 0;
    WORK_TRY(route_named(draft));
    for (size_t i = 0; i < alert->n_asked; i++) {
        WORK_TRY(route_name(draft, alert->asked[i]));
    }
    WORK_TRY(household_find(&draft->at, bytes_of(draft->notice->household), &row));
    if (!named) {
        route_household(draft, row);
    }
    alert->n_asked = draft->route.count;
    alert->asked = kith_arena_need(draft->at.arena, (alert->n_asked + 1) * sizeof(char *));
    for (size_t i = 0; i < alert->n_asked; i++) {
        alert->asked[i] = text_of(draft->route.agencies[i]);
    }
    return named || alert->n_asked == 0 ? KITH_OK : route_subscribers(draft);
}

kith_err alert_prepare(work_draft_t *draft)
{
    WORK_TRY(draft_household(draft));
    if (!draft->known) {
        return draft_refuse(draft, KITH_NOT_FOUND, "household-unknown",
                            "an alert is about a household that this agency knows: name it, or "
                            "link one of the references to it");
    }
    Kith__Alert *alert = kith_arena_need(draft->at.arena, sizeof *alert);
    *alert = *draft->notice->alert;
    draft->notice->alert = alert;
    if (alert->reply_by_ms != 0 && alert->reply_by_ms <= draft->at.now_ms) {
        return draft_refuse(draft, KITH_INVALID, "alert-reply-by",
                            "the time to reply by is over: give a later one");
    }
    WORK_TRY(route_alert(draft, alert));
    if (alert->n_asked == 0) {
        return draft_refuse(draft, KITH_DENIED, "nobody-to-ask",
                            "the household's team has nobody else whom the agreement lets this "
                            "agency ask: name them in `to`, or seat them");
    }
    return KITH_OK;
}

void alert_describe(work_case_t *c)
{
    line_t line = {0};
    line_add(&line, c->notice->alert->subject);
    c->row->summary = line_text(c->at.arena, &line);
    c->row->shielded = about_shielded(c->notice);
}

static Kith__Store__AlertAnswer *find_answer(const Kith__Store__AlertRow *row, const char *agency)
{
    for (size_t i = 0; row != NULL && i < row->n_answers; i++) {
        if (strcmp(row->answers[i]->agency, agency) == 0) {
            return row->answers[i];
        }
    }
    return NULL;
}

static bool is_silent(const Kith__Store__AlertAnswer *answer)
{
    return answer->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
}

static Kith__Store__AlertAnswer *new_answer(kith_arena_t *arena, const char *agency)
{
    Kith__Store__AlertAnswer *answer = kith_arena_need(arena, sizeof *answer);
    kith__store__alert_answer__init(answer);
    answer->agency = text_of(agency);
    return answer;
}

/* early: replies that came before the alert, or NULL. */
static kith_err put_alert(const work_case_t *c, const Kith__Store__AlertRow *early)
{
    const Kith__Alert *alert = c->notice->alert;
    Kith__Store__AlertRow row = KITH__STORE__ALERT_ROW__INIT;
    row.from = text_of(c->in->origin);
    row.household = c->row->household;
    row.subject = alert->subject;
    row.text = alert->text;
    row.raised_ms = c->notice->created_ms;
    row.reply_by_ms = alert->reply_by_ms;
    row.n_answers = alert->n_asked;
    row.answers = kith_arena_need(c->at.arena, alert->n_asked * sizeof(Kith__Store__AlertAnswer *));
    for (size_t i = 0; i < alert->n_asked; i++) {
        Kith__Store__AlertAnswer *answer = find_answer(early, alert->asked[i]);
        row.answers[i] = answer != NULL ? answer : new_answer(c->at.arena, alert->asked[i]);
    }
    climb_begin(&c->at, &row);
    return climb_settle(&c->at, bytes_of(c->notice->id), &row);
}

static bool asks(const Kith__Alert *alert, const char *agency)
{
    for (size_t i = 0; i < alert->n_asked; i++) {
        if (strcmp(alert->asked[i], agency) == 0) {
            return true;
        }
    }
    return false;
}

kith_err alert_apply(work_case_t *c)
{
    const Kith__Alert *alert = c->notice->alert;
    kith_bytes_t id = bytes_of(c->notice->id);
    Kith__Store__AlertRow *early = NULL;
    WORK_TRY(view_find_alert(&c->at, id, &early));
    WORK_TRY(put_alert(c, early));
    if (c->in->mine) {
        return due_set(&c->at, AGENT_TABLE_ALERTS_DUE, alert->reply_by_ms, id);
    }
    const Kith__Store__AlertAnswer *own = find_answer(early, c->at.work->agency);
    bool answered = own != NULL && !is_silent(own);
    if (!asks(alert, c->at.work->agency) || answered) {
        return KITH_OK;
    }
    task_said_t said = {
        .kind = TASK_ANSWER,
        .notice = id,
        .agency = c->in->origin,
        .due_ms = alert->reply_by_ms,
        .household = bytes_of(c->row->household),
    };
    return task_open(&c->at, &said);
}

/* ---- replies ---- */

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
    if (find_answer(row, draft->at.work->agency) == NULL) {
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
        WORK_TRY(view_find_alert(&draft->at, bytes_of(reply->alert), &row));
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
static Kith__Store__AlertRow *grow(kith_arena_t *arena, Kith__Store__AlertRow *row,
                                   const char *agency)
{
    if (row == NULL) {
        row = kith_arena_need(arena, sizeof *row);
        kith__store__alert_row__init(row);
    }
    Kith__Store__AlertAnswer **answers =
        kith_arena_need(arena, (row->n_answers + 1) * sizeof(Kith__Store__AlertAnswer *));
    for (size_t i = 0; i < row->n_answers; i++) {
        answers[i] = row->answers[i];
    }
    answers[row->n_answers++] = new_answer(arena, agency);
    row->answers = answers;
    return row;
}

kith_err reply_apply(work_case_t *c)
{
    const Kith__Reply *reply = c->notice->reply;
    kith_bytes_t alert = bytes_of(reply->alert);
    Kith__Store__AlertRow *row = NULL;
    WORK_TRY(view_find_alert(&c->at, alert, &row));
    bool has_come = row != NULL && has_text(row->from);
    if (!has_come && find_answer(row, c->in->origin) == NULL) {
        row = grow(c->at.arena, row, c->in->origin);
    }
    Kith__Store__AlertAnswer *answer = find_answer(row, c->in->origin);
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
                       : task_end(&c->at, TASK_OVERDUE, alert, c->in->origin, c->in->origin);
}

/* ---- the board ---- */

static Kith__Api__AlertBoardRow *board_row(kith_arena_t *arena,
                                           const Kith__Store__AlertAnswer *answer, bool is_over)
{
    Kith__Api__AlertBoardRow *row = kith_arena_need(arena, sizeof *row);
    kith__api__alert_board_row__init(row);
    row->agency = answer->agency;
    row->answer = answer->answer;
    row->reason = answer->reason;
    row->text = answer->text;
    row->answered_ms = answer->answered_ms;
    row->overdue = is_over && is_silent(answer);
    climb_show(arena, answer, row);
    return row;
}

kith_err work_board(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t alert,
                    int64_t now_ms, Kith__Api__AlertBoard **ret_board)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__AlertRow *row = NULL;
    WORK_TRY(view_find_alert(&at, alert, &row));
    if (row == NULL || !has_text(row->from)) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__AlertBoard *board = kith_arena_need(arena, sizeof *board);
    kith__api__alert_board__init(board);
    board->id = binary_of(kith_arena_copy(arena, alert));
    board->subject = row->subject;
    board->raised_ms = row->raised_ms;
    board->reply_by_ms = row->reply_by_ms;
    board->from = row->from;
    board->household = row->household;
    board->rows = kith_arena_need(arena, (row->n_answers + 1) * sizeof *board->rows);
    for (size_t i = 0; i < row->n_answers; i++) {
        board->rows[board->n_rows++] = board_row(arena, row->answers[i], now_ms > row->reply_by_ms);
    }
    *ret_board = board;
    return KITH_OK;
}

/* ---- time passes ---- */

static kith_err tell_silent(const work_ctx_t *at, kith_bytes_t alert, Kith__Store__AlertRow *row)
{
    for (size_t i = 0; i < row->n_answers; i++) {
        if (!is_silent(row->answers[i])) {
            continue;
        }
        task_said_t said = {
            .kind = TASK_OVERDUE,
            .notice = alert,
            .agency = row->answers[i]->agency,
            .reason = "silent",
            .due_ms = row->reply_by_ms,
            .household = bytes_of(row->household),
        };
        WORK_TRY(task_open(at, &said));
    }
    row->overdue_told = true;
    return view_put_alert(at, alert, row);
}

kith_err alert_overdue(const work_ctx_t *at, kith_bytes_t alert)
{
    Kith__Store__AlertRow *row = NULL;
    WORK_TRY(view_find_alert(at, alert, &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    return row->overdue_told ? KITH_OK : tell_silent(at, alert, row);
}
