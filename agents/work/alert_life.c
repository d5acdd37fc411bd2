/* An alert's life: raised, its words renewed, and at last ended, by who raised it. The table is
 * drawn in docs/STATES.md, and a test compares the two.
 *
 * As with referrals no step changes the state: all are kept in one order, (changed_ms, notice id)
 * after the raising itself, and what stands is what they come to from the first on. So all who have
 * the same steps hold the same, whatever order they came in; a step that came before its alert
 * waits in the row. */
#include "agents/work/steps.h"

#include "base/bug.h"

#define OPEN      KITH__STORE__ALERT_STATE__ALERT_IS_OPEN
#define CLOSED    KITH__STORE__ALERT_STATE__ALERT_IS_CLOSED
#define CANCELLED KITH__STORE__ALERT_STATE__ALERT_IS_CANCELLED
#define EXERCISE  KITH__STORE__ALERT_STATE__ALERT_IS_EXERCISE
#define NO        ALERT_STATE_NONE

#define STEP(name) KITH__ALERT_STEP__ALERT_##name
#define RAISED     STEP(UNSPECIFIED)

typedef struct rule {
    Kith__AlertStep step;
    const char *verb; /* of `kith` */
    int next[ALERT_STATES];
} rule_t;

/* Ended twice: the later end stands. What is raised again after its end is a new alert. */
static const rule_t rules[] = {
    /* from: OPEN, CLOSED, CANCELLED, EXERCISE */
    {STEP(UPDATED), "alert update", {OPEN, NO, NO, NO}},
    {STEP(CANCELLED), "alert cancel", {CANCELLED, CANCELLED, CANCELLED, CANCELLED}},
    {STEP(EXERCISE), "alert exercise", {EXERCISE, EXERCISE, EXERCISE, EXERCISE}},
    {STEP(CLOSED), "alert close", {CLOSED, CLOSED, CLOSED, CLOSED}},
};
#define RULES_COUNT (sizeof rules / sizeof *rules)

int alert_next(Kith__AlertStep step, int state)
{
    for (size_t i = 0; i < RULES_COUNT && state < ALERT_STATES; i++) {
        if (rules[i].step == step) {
            return rules[i].next[state];
        }
    }
    return NO;
}

const char *alert_verb(Kith__AlertStep step)
{
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (rules[i].step == step) {
            return rules[i].verb;
        }
    }
    return NULL;
}

const char *alert_state_word(const work_ctx_t *at, int state)
{
    return word_of(at->arena, &kith__store__alert_state__descriptor, "ALERT_IS_", state);
}

bool alert_is_open(const Kith__Store__AlertRow *row)
{
    return row != NULL && has_text(row->from) && row->state == OPEN;
}

bool alert_is_blank(const Kith__Store__AlertAnswer *row)
{
    bool is_told = false;
    for (size_t i = 0; i < row->n_rungs; i++) {
        is_told = is_told || strcmp(row->rungs[i]->what, "told") == 0;
    }
    return row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED && !is_told;
}

bool alert_may(const Kith__Store__AlertRow *row, Kith__AlertStep step)
{
    bool is_blank = false;
    for (size_t i = 0; i < row->n_answers; i++) {
        is_blank = is_blank || alert_is_blank(row->answers[i]);
    }
    return alert_next(step, (int)row->state) != NO && !(is_blank && step == STEP(CLOSED));
}

const char *alert_possible(kith_arena_t *arena, const Kith__Store__AlertRow *row)
{
    const char *all = "";
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (alert_may(row, rules[i].step)) {
            all = kith_arena_printf(arena, "%s%skith %s", all, *all != '\0' ? ", " : "",
                                    rules[i].verb);
        }
    }
    return all;
}

/* ---- the steps in their order ---- */

STEPS_IN_ORDER(Kith__Store__AlertRow, Kith__Store__AlertStepRow, RAISED)

static Kith__Store__AlertStepRow *new_step(kith_arena_t *arena)
{
    Kith__Store__AlertStepRow *step = kith_arena_need(arena, sizeof *step);
    kith__store__alert_step_row__init(step);
    return step;
}

/* The raising as the first step, also of an alert that an agent of before stored. */
static void begin(kith_arena_t *arena, kith_bytes_t id, Kith__Store__AlertRow *row)
{
    if (!has_text(row->from) || (row->n_steps > 0 && row->steps[0]->step == RAISED)) {
        return;
    }
    Kith__Store__AlertStepRow *step = new_step(arena);
    step->notice_id = binary_of(id);
    step->agency = row->from;
    step->at_ms = row->raised_ms;
    step->subject = row->subject;
    step->text = row->text;
    step->level = row->level;
    step->reply_by_ms = row->reply_by_ms;
    step->stands = true;
    insert_step(arena, row, step);
    row->words_by = step->notice_id;
}

kith_err alert_find(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow **ret_row)
{
    *ret_row = NULL;
    WORK_TRY(id.size > 0 ? view_find_alert(at, id, ret_row) : KITH_OK);
    if (*ret_row != NULL) {
        begin(at->arena, kith_arena_copy(at->arena, id), *ret_row);
    }
    return KITH_OK;
}

kith_err alert_find_or_await(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow **ret_row)
{
    WORK_TRY(alert_find(at, id, ret_row));
    if (*ret_row == NULL) {
        *ret_row = kith_arena_need(at->arena, sizeof **ret_row);
        kith__store__alert_row__init(*ret_row);
    }
    return KITH_OK;
}

/* "" keeps what is there. Returns whether these are other words. */
static bool renew(char **field, char *text)
{
    bool is_other = has_text(text) && strcmp(text, *field) != 0;
    *field = is_other ? text : *field;
    return is_other;
}

static void take_words(Kith__Store__AlertRow *row, Kith__Store__AlertStepRow *step)
{
    bool is_other = renew(&row->subject, step->subject);
    is_other = renew(&row->text, step->text) || is_other;
    is_other = renew(&row->level, step->level) || is_other;
    row->words_by = is_other ? step->notice_id : row->words_by;
    row->reply_by_ms = step->reply_by_ms != 0 ? step->reply_by_ms : row->reply_by_ms;
}

/* What all steps come to. */
static void fold(Kith__Store__AlertRow *row)
{
    int state = OPEN;
    row->ended_ms = 0;
    row->subject = row->text = row->level = row->reason = row->outcome = text_of("");
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Store__AlertStepRow *step = row->steps[i];
        int next = step->step == RAISED ? state : alert_next(step->step, state);
        step->stands = next != NO;
        if (!step->stands) {
            continue;
        }
        if (step->step == RAISED || step->step == STEP(UPDATED)) {
            take_words(row, step);
        }
        row->ended_ms = next != OPEN ? step->at_ms : 0;
        row->reason = step->reason;
        row->outcome = next == CLOSED ? step->outcome : text_of("");
        state = next;
    }
    row->state = (Kith__Store__AlertState)state;
}

int64_t alert_latest_ms(const Kith__Store__AlertRow *row)
{
    return row->n_steps > 0 ? row->steps[row->n_steps - 1]->at_ms : row->raised_ms;
}

/* ---- what follows from them ---- */

static kith_err end_tasks(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row,
                          const char *by)
{
    if (KITH_BUG(52))
        return KITH_OK;
    for (size_t i = 0; i < row->n_answers; i++) {
        WORK_TRY(task_end(at, TASK_SILENT, id, row->answers[i]->agency, by));
    }
    WORK_TRY(task_end(at, TASK_ANSWER, id, row->from, by));
    WORK_TRY(task_end(at, TASK_ESCALATED, id, row->from, by));
    return task_end(at, TASK_CONFIRM, id, row->from, by);
}

/* The time to reply by, at the agency that raised it: silence is named once it is over. */
static kith_err set_clock(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *row,
                          int64_t before_ms, const char *by)
{
    bool is_open = row->state == OPEN;
    if (!is_self(at, row->from) || (is_open && row->reply_by_ms == before_ms)) {
        return KITH_OK;
    }
    WORK_TRY(due_clear(at, AGENT_TABLE_ALERTS_DUE, before_ms, id));
    if (!is_open) {
        return KITH_OK;
    }
    for (size_t i = 0; row->overdue_told && i < row->n_answers; i++) {
        WORK_TRY(task_end(at, TASK_SILENT, id, row->answers[i]->agency, by));
    }
    row->overdue_told = false;
    return due_set(at, AGENT_TABLE_ALERTS_DUE, row->reply_by_ms, id);
}

/* Where an answer is owed: a task, by the time that now stands. */
static kith_err ask(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row)
{
    const Kith__Store__AlertAnswer *own = alert_answer_of(row, at->work->agency);
    if (own == NULL || own->answer != KITH__ANSWER__ANSWER_UNSPECIFIED) {
        return KITH_OK;
    }
    task_said_t said = {
        .kind = TASK_ANSWER,
        .notice = id,
        .agency = row->from,
        .due_ms = row->reply_by_ms,
        .household = bytes_of(row->household),
    };
    return task_open(at, &said);
}

kith_err alert_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AlertRow *row,
                      const char *by)
{
    int64_t reply_by_ms = row->reply_by_ms;
    ProtobufCBinaryData words_by = row->words_by;
    begin(at->arena, id, row);
    bool is_new = words_by.len == 0;
    bool was_open = is_new || row->state == OPEN;
    fold(row);
    WORK_TRY(set_clock(at, id, row, is_new ? 0 : reply_by_ms, by));
    if (row->state != OPEN) {
        climb_stop(row);
        WORK_TRY(end_tasks(at, id, row, by));
    } else {
        WORK_TRY(ask(at, id, row));
        if (!is_new && !same_id(words_by, row->words_by)) {
            WORK_TRY(climb_again(at, id, row, by));
        }
    }
    WORK_TRY(mute_index(at, id, row));
    WORK_TRY(climb_settle(at, id, row));
    return was_open && row->state != OPEN ? mute_wake(at, id, row) : KITH_OK;
}

/* ---- one more step ---- */

kith_err alert_take(const work_case_t *c, Kith__Store__AlertRow *row, bool *ret_stands)
{
    const Kith__AlertChange *change = c->notice->alert_change;
    bool has_come = has_text(row->from);
    *ret_stands = false;
    if (row->n_steps >= ALERT_STEPS_MAX || (has_come && strcmp(row->from, c->in->origin) != 0)) {
        return KITH_OK;
    }
    Kith__Store__AlertStepRow *step = new_step(c->at.arena);
    step->notice_id = c->notice->id;
    step->agency = text_of(c->in->origin);
    step->step = change->step;
    step->at_ms = change->changed_ms != 0 ? change->changed_ms : c->notice->created_ms;
    step->subject = change->subject;
    step->text = change->text;
    step->level = change->level;
    step->reply_by_ms = change->reply_by_ms;
    step->reason = change->reason;
    step->outcome = change->outcome;
    insert_step(c->at.arena, row, step);
    kith_bytes_t id = bytes_of(change->alert);
    if (!has_come) { /* it waits for its alert */
        *ret_stands = true;
        return view_put_alert(&c->at, id, row);
    }
    WORK_TRY(alert_settle(&c->at, id, row, c->in->mine ? c->notice->author : c->in->origin));
    *ret_stands = step->stands;
    return KITH_OK;
}

/* ---- the time to reply by is over ---- */

kith_err alert_overdue(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__AlertRow *row = NULL;
    bool is_muted = false;
    WORK_TRY(alert_find(at, id, &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    if (!alert_is_open(row) || row->overdue_told || at->now_ms <= row->reply_by_ms) {
        return KITH_OK;
    }
    WORK_TRY(mute_find(at, id, row, &is_muted, NULL));
    if (is_muted) {
        return due_set(at, AGENT_TABLE_ALERTS_DUE, at->now_ms + MUTE_LOOK_MS, id);
    }
    for (size_t i = 0; i < row->n_answers; i++) {
        if (row->answers[i]->answer != KITH__ANSWER__ANSWER_UNSPECIFIED) {
            continue;
        }
        task_said_t said = {
            .kind = TASK_SILENT,
            .notice = id,
            .agency = row->answers[i]->agency,
            .reason = "silent",
            .due_ms = row->reply_by_ms,
            .household = bytes_of(row->household),
        };
        WORK_TRY(task_open(at, &said));
    }
    row->overdue_told = true;
    return view_put_alert(at, id, row);
}
