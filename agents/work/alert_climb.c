/* Silence climbs: while an agency that was asked has not answered, one role after another is told,
 * each at its time. Both who raised the alert and the agency that is asked climb, each by its own
 * clock and the ladder as it was when the alert came; so it climbs also while either is down.
 *
 * To acknowledge (`kith seen`) stops the climb for a while: then who did is reminded, and at last
 * the acknowledgement is taken back and it begins again. Newer words than those acknowledged begin
 * it again at once. Only an answer ends it, or the alert's end. A higher alert about the same
 * people mutes it meanwhile (alert_mute.c). */
#include "agents/work/parts.h"

/* Remembered of one row; of a climb that begins again and again the latest. */
#define RUNGS_MAX 64u

static void note(const work_ctx_t *at, Kith__Store__AlertAnswer *row, const char *what,
                 const char *who)
{
    size_t kept = row->n_rungs < RUNGS_MAX ? row->n_rungs : RUNGS_MAX - 1;
    Kith__Store__AlertRung **rungs = kith_arena_need(at->arena, (kept + 1) * sizeof *rungs);
    for (size_t i = 0; i < kept; i++) {
        rungs[i] = row->rungs[row->n_rungs - kept + i];
    }
    rungs[kept] = kith_arena_need(at->arena, sizeof **rungs);
    kith__store__alert_rung__init(rungs[kept]);
    rungs[kept]->what = text_of(what);
    rungs[kept]->who = text_of(who);
    rungs[kept]->at_ms = at->now_ms;
    row->rungs = rungs;
    row->n_rungs = kept + 1;
}

/* When the role that is next is told: so long after `from_ms`, at an office step not before the
 * office is open. 0 at the end of the ladder. */
static int64_t next_rung_ms(const work_ctx_t *at, const Kith__Store__AlertRow *alert,
                            const Kith__Store__AlertAnswer *row, int64_t from_ms)
{
    if (row->climbed >= alert->n_ladder) {
        return 0;
    }
    const Kith__Store__LadderStep *step = alert->ladder[row->climbed];
    const kith_agency_t *agency = kith_agreement_agency(at->work->agreement, row->agency);
    int64_t due_ms = from_ms + step->wait_ms;
    return step->office_hours && agency != NULL && agency->calendar != NULL
               ? kith_calendar_next_open(agency->calendar, due_ms)
               : due_ms;
}

static bool climbs_here(const work_ctx_t *at, const Kith__Store__AlertRow *alert,
                        const Kith__Store__AlertAnswer *row)
{
    return is_self(at, alert->from) || is_self(at, row->agency);
}

void climb_begin(const work_ctx_t *at, Kith__Store__AlertRow *alert)
{
    const kith_ladder_t *ladder = &at->work->agreement->ladder;
    alert->ladder = kith_arena_need(at->arena, (ladder->count + 1) * sizeof *alert->ladder);
    for (size_t i = 0; i < ladder->count; i++) {
        Kith__Store__LadderStep *step = kith_arena_need(at->arena, sizeof *step);
        kith__store__ladder_step__init(step);
        step->role = text_of(ladder->steps[i].role);
        step->wait_ms = ladder->steps[i].wait_ms;
        step->office_hours = ladder->steps[i].office_hours;
        alert->ladder[alert->n_ladder++] = step;
    }
    alert->remind_ms = ladder->remind_ms;
    alert->confirm_ms = ladder->confirm_ms;
    for (size_t i = 0; i < alert->n_answers; i++) {
        Kith__Store__AlertAnswer *row = alert->answers[i];
        bool is_open = row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
        row->next_ms = is_open && climbs_here(at, alert, row)
                           ? next_rung_ms(at, alert, row, alert->raised_ms)
                           : 0;
    }
}

kith_err climb_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert)
{
    int64_t next_ms = 0;
    for (size_t i = 0; i < alert->n_answers; i++) {
        int64_t row_ms = alert->answers[i]->next_ms;
        next_ms = row_ms != 0 && (next_ms == 0 || row_ms < next_ms) ? row_ms : next_ms;
    }
    if (next_ms != alert->next_ms) {
        if (alert->next_ms != 0) {
            WORK_TRY(due_clear(at, AGENT_TABLE_ALERTS_CLIMB, alert->next_ms, id));
        }
        if (next_ms != 0) {
            WORK_TRY(due_set(at, AGENT_TABLE_ALERTS_CLIMB, next_ms, id));
        }
        alert->next_ms = next_ms;
    }
    return view_put_alert(at, id, alert);
}

/* ---- what happens at its time ---- */

static kith_err tell(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *alert,
                     const char *agency, const char *what, const char *who)
{
    line_t line = {0};
    line_add(&line, "alert not answered: ");
    line_add(&line, agency);
    line_add(&line, ", ");
    line_add(&line, what);
    line_add(&line, has_text(who) ? ": " : "");
    line_add(&line, who);
    return feed_tell(at, id, bytes_of(alert->household), "escalated", line_text(at->arena, &line));
}

/* One open task at the agency that is asked, for whom it has reached. */
static kith_err ask_role(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *alert,
                         const char *kind, const char *who)
{
    task_said_t said = {
        .kind = kind,
        .notice = id,
        .agency = alert->from,
        .reason = who,
        .due_ms = alert->reply_by_ms,
        .household = bytes_of(alert->household),
    };
    WORK_TRY(task_end(at, kind, id, alert->from, at->work->agency));
    return task_open(at, &said);
}

/* The next role. With nobody in it the one after it is told at once. */
static kith_err next_role(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert,
                          Kith__Store__AlertAnswer *row)
{
    for (bool told = false; !told && row->climbed < alert->n_ladder;) {
        const char *role = alert->ladder[row->climbed++]->role;
        told = kith_agreement_staffed(at->work->agreement, row->agency, role);
        note(at, row, told ? "told" : "nobody-on-duty", role);
        WORK_TRY(tell(at, id, alert, row->agency, told ? "told" : "nobody on duty", role));
        if (told && is_self(at, row->agency)) {
            WORK_TRY(ask_role(at, id, alert, TASK_ESCALATED, role));
        }
    }
    row->next_ms = next_rung_ms(at, alert, row, at->now_ms);
    return KITH_OK;
}

static kith_err unconfirmed(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert,
                            Kith__Store__AlertAnswer *row)
{
    if (!row->reminded) {
        row->reminded = true;
        row->next_ms = row->seen_ms + alert->confirm_ms;
        note(at, row, "reminded", row->seen_by);
        WORK_TRY(tell(at, id, alert, row->agency, "reminded", ""));
        return is_self(at, row->agency) ? ask_role(at, id, alert, TASK_CONFIRM, row->seen_by)
                                        : KITH_OK;
    }
    note(at, row, "taken-back", row->seen_by);
    row->seen_ms = 0;
    row->seen_by = text_of("");
    row->reminded = false;
    row->climbed = 0;
    row->next_ms = next_rung_ms(at, alert, row, at->now_ms);
    WORK_TRY(tell(at, id, alert, row->agency, "acknowledgement taken back", ""));
    return task_end(at, TASK_CONFIRM, id, alert->from, at->work->agency);
}

kith_err alert_climb(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__AlertRow *alert = NULL;
    WORK_TRY(alert_find(at, id, &alert));
    if (alert == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    alert->next_ms = 0; /* it has left the index */
    bool is_muted = false;
    WORK_TRY(mute_find(at, id, alert, &is_muted, NULL));
    if (is_muted) {
        alert->next_ms = at->now_ms + MUTE_LOOK_MS;
        WORK_TRY(due_set(at, AGENT_TABLE_ALERTS_CLIMB, alert->next_ms, id));
        return view_put_alert(at, id, alert);
    }
    for (size_t i = 0; i < alert->n_answers; i++) {
        Kith__Store__AlertAnswer *row = alert->answers[i];
        if (row->next_ms != 0 && at->now_ms > row->next_ms) {
            WORK_TRY(row->seen_ms != 0 ? unconfirmed(at, id, alert, row)
                                       : next_role(at, id, alert, row));
        }
    }
    return climb_settle(at, id, alert);
}

/* It never stops a climb: at the end of the ladder, or when somebody has it, all stays as it is. */
kith_err climb_undelivered(const work_ctx_t *at, kith_bytes_t id, const char *role,
                           bool *ret_climbed)
{
    Kith__Store__AlertRow *alert = NULL;
    WORK_TRY(alert_find(at, id, &alert));
    Kith__Store__AlertAnswer *row = alert_answer_of(alert, at->work->agency);
    if (row == NULL || !alert_is_open(alert) || row->seen_ms != 0 || row->next_ms == 0) {
        return KITH_OK;
    }
    note(at, row, "undelivered", role);
    WORK_TRY(next_role(at, id, alert, row));
    *ret_climbed = true;
    return climb_settle(at, id, alert);
}

/* ---- what stops it ---- */

/* An answer: nothing more is told. */
kith_err climb_end(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *alert,
                   Kith__Store__AlertAnswer *row, const char *by)
{
    row->next_ms = 0;
    if (!is_self(at, row->agency)) {
        return KITH_OK;
    }
    WORK_TRY(task_end(at, TASK_ESCALATED, id, alert->from, by));
    return task_end(at, TASK_CONFIRM, id, alert->from, by);
}

void climb_stop(Kith__Store__AlertRow *alert)
{
    for (size_t i = 0; i < alert->n_answers; i++) {
        alert->answers[i]->next_ms = 0;
    }
}

/* What was acknowledged is not what it says now. */
kith_err climb_again(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *alert,
                     const char *by)
{
    for (size_t i = 0; i < alert->n_answers; i++) {
        Kith__Store__AlertAnswer *row = alert->answers[i];
        if (row->seen_ms == 0) {
            continue;
        }
        bool is_open = row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
        note(at, row, "updated-since", row->seen_by);
        row->seen_ms = 0;
        row->seen_by = text_of("");
        row->reminded = false;
        row->climbed = 0;
        row->next_ms =
            is_open && climbs_here(at, alert, row) ? next_rung_ms(at, alert, row, at->now_ms) : 0;
    }
    return task_end(at, TASK_CONFIRM, id, alert->from, by);
}

/* The alert that an acknowledged notice is, or changes. *ret_row is NULL when it is neither. */
static kith_err alert_of(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t *ret_id,
                         Kith__Store__AlertRow **ret_row)
{
    WORK_TRY(alert_find(at, notice, ret_row));
    *ret_id = notice;
    if (*ret_row == NULL) {
        Kith__Notice *change = NULL;
        WORK_TRY(view_find_notice(at, notice, &change));
        if (change != NULL && change->body_case == KITH__NOTICE__BODY_ALERT_CHANGE) {
            *ret_id = bytes_of(change->alert_change->alert);
            WORK_TRY(alert_find(at, *ret_id, ret_row));
        }
    }
    *ret_row = *ret_row != NULL && has_text((*ret_row)->from) ? *ret_row : NULL;
    return KITH_OK;
}

/* Of an alert the words that now stand are acknowledged; older ones say nothing of them. */
kith_err climb_seen(const work_ctx_t *at, const Kith__Seen *seen, const char *agency)
{
    Kith__Store__AlertRow *alert = NULL;
    kith_bytes_t id = {0};
    WORK_TRY(alert_of(at, bytes_of(seen->notice), &id, &alert));
    Kith__Store__AlertAnswer *row = alert_answer_of(alert, agency);
    bool is_silent = row != NULL && row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
    if (!is_silent || !alert_is_open(alert) || row->seen_ms != 0 ||
        !same_id(seen->notice, alert->words_by)) {
        return KITH_OK;
    }
    row->seen_ms = at->now_ms;
    row->seen_by = seen->person;
    row->reminded = false;
    row->next_ms = alert->remind_ms != 0 && alert->confirm_ms != 0 && climbs_here(at, alert, row)
                       ? at->now_ms + alert->remind_ms
                       : 0;
    note(at, row, "acknowledged", seen->person);
    if (is_self(at, agency)) {
        WORK_TRY(task_end(at, TASK_ESCALATED, id, alert->from, seen->person));
    }
    return climb_settle(at, id, alert);
}

kith_err climb_may_see(const work_ctx_t *at, kith_bytes_t notice, bool *ret_again,
                       kith_bytes_t *ret_instead)
{
    Kith__Store__AlertRow *alert = NULL;
    kith_bytes_t id = {0};
    WORK_TRY(alert_of(at, notice, &id, &alert));
    const Kith__Store__AlertAnswer *row = alert_answer_of(alert, at->work->agency);
    bool is_asked =
        row != NULL && alert_is_open(alert) && row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
    bool is_older = is_asked && !kith_bytes_equal(bytes_of(alert->words_by), notice);
    *ret_again = is_asked && row->seen_ms == 0 && row->n_rungs > 0;
    *ret_instead = is_older ? bytes_of(alert->words_by) : (kith_bytes_t){0};
    return KITH_OK;
}

/* ---- on the board ---- */

void climb_show(kith_arena_t *arena, const Kith__Store__AlertAnswer *row,
                Kith__Api__AlertBoardRow *board)
{
    board->seen_ms = row->seen_ms;
    board->seen_by = row->seen_by;
    board->rungs = kith_arena_need(arena, (row->n_rungs + 1) * sizeof *board->rungs);
    for (size_t i = 0; i < row->n_rungs; i++) {
        Kith__Api__AlertRung *rung = kith_arena_need(arena, sizeof *rung);
        kith__api__alert_rung__init(rung);
        rung->what = row->rungs[i]->what;
        rung->who = row->rungs[i]->who;
        rung->at_ms = row->rungs[i]->at_ms;
        board->rungs[board->n_rungs++] = rung;
        if (strcmp(rung->what, "told") == 0) {
            board->escalated_to = rung->who;
            board->escalated_ms = rung->at_ms;
        }
    }
}
