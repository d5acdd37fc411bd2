/* An assessment's life: what its steps come to, who owes a contribution, and by when. The table is
 * drawn in docs/STATES.md, and a test compares the two.
 *
 * Many agencies take part, and their steps cross: as with a referral, all steps are kept in one
 * order, (changed_ms, notice id), and the state is what they come to from the first on. A step may
 * come before its request, and waits for it. The texts stay in their notices: those are signed. */
#include "agents/work/steps.h"

#define TASK_OVERDUE "assessment-overdue"

#define STEP(name) KITH__ASSESSMENT_STEP__ASSESSMENT_##name
#define NO         STEP(UNSPECIFIED)

typedef struct rule {
    Kith__AssessmentStep step;
    bool by_asker; /* else by who was asked, or asked for it */
    Kith__AssessmentStep next[ASSESSMENT_STATES];
} rule_t;

static const rule_t rules[] = {
    /* from: open, completed, withdrawn */
    {STEP(CONTRIBUTED), false, {STEP(REQUESTED), NO, NO}},
    {STEP(COMPLETED), true, {STEP(COMPLETED), NO, NO}},
    {STEP(WITHDRAWN), true, {STEP(WITHDRAWN), NO, NO}},
};
#define RULES_COUNT (sizeof rules / sizeof *rules)

static size_t place_of(Kith__AssessmentStep state)
{
    return state == STEP(REQUESTED) ? 0 : state == STEP(COMPLETED) ? 1 : 2;
}

Kith__AssessmentStep assessment_next(Kith__AssessmentStep step, Kith__AssessmentStep state)
{
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (rules[i].step == step) {
            return rules[i].next[place_of(state)];
        }
    }
    return NO;
}

bool assessment_step_is_askers(Kith__AssessmentStep step)
{
    return step != STEP(CONTRIBUTED);
}

const char *assessment_state_word(Kith__AssessmentStep state)
{
    static const char *const words[ASSESSMENT_STATES] = {"open", "completed", "withdrawn"};
    return state == NO ? "–" : words[place_of(state)];
}

Kith__AssessmentStep assessment_state(const Kith__Store__AssessmentRow *row)
{
    return row->ended == NO ? STEP(REQUESTED) : row->ended;
}

bool assessment_asks(const Kith__Store__AssessmentRow *row, const char *agency)
{
    for (size_t i = 0; i < row->n_asked; i++) {
        if (strcmp(row->asked[i], agency) == 0) {
            return true;
        }
    }
    return false;
}

size_t assessment_parts(const Kith__Store__AssessmentRow *row, const char *agency)
{
    size_t parts = 0;
    for (size_t i = 0; i < row->n_steps; i++) {
        const Kith__Store__AssessmentStepRow *step = row->steps[i];
        parts +=
            step->stands && step->step == STEP(CONTRIBUTED) && strcmp(step->agency, agency) == 0;
    }
    return parts;
}

int64_t assessment_latest_ms(const Kith__Store__AssessmentRow *row)
{
    return row->n_steps > 0 ? row->steps[row->n_steps - 1]->at_ms : row->requested_ms;
}

kith_err assessment_find(const work_ctx_t *at, ProtobufCBinaryData id,
                         Kith__Store__AssessmentRow **ret_row)
{
    *ret_row = NULL;
    return id.len > 0 ? view_find_assessment(at, bytes_of(id), ret_row) : KITH_OK;
}

/* ---- the history ---- */

STEPS_IN_ORDER(Kith__Store__AssessmentRow, Kith__Store__AssessmentStepRow, STEPS_NO_FIRST)
STEPS_BY_NOTICE(Kith__Store__AssessmentRow, Kith__Store__AssessmentStepRow)

const Kith__Store__AssessmentStepRow *assessment_add(kith_arena_t *arena,
                                                     Kith__Store__AssessmentRow *row,
                                                     const Kith__Store__AssessmentStepRow *said)
{
    Kith__Store__AssessmentStepRow *step = find_step(row, said->notice_id);
    if (step == NULL) {
        step = kith_arena_need(arena, sizeof *step);
        *step = *said;
        insert_step(arena, row, step);
    }
    return step;
}

static bool may_take(const Kith__Store__AssessmentRow *row,
                     const Kith__Store__AssessmentStepRow *step)
{
    bool is_asker = strcmp(row->from, step->agency) == 0;
    return is_asker ||
           (!assessment_step_is_askers(step->step) && assessment_asks(row, step->agency));
}

static void fold(Kith__Store__AssessmentRow *row)
{
    row->ended = NO;
    row->ended_ms = 0;
    row->ended_by = (ProtobufCBinaryData){0};
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Store__AssessmentStepRow *step = row->steps[i];
        Kith__AssessmentStep next = assessment_next(step->step, assessment_state(row));
        step->stands = next != NO && may_take(row, step);
        if (step->stands && next != STEP(REQUESTED)) {
            row->ended = next;
            row->ended_ms = step->at_ms;
            row->ended_by = step->notice_id;
        }
    }
}

/* ---- tasks and the clock ---- */

static bool owes_part(const work_ctx_t *at, const Kith__Store__AssessmentRow *row)
{
    const char *self = at->work->agency;
    return row->ended == NO && assessment_asks(row, self) && assessment_parts(row, self) == 0;
}

static bool owes(const work_ctx_t *at, const Kith__Store__AssessmentRow *row)
{
    return row->ended == NO && (is_self(at, row->from) || owes_part(at, row));
}

kith_err assessment_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AssessmentRow *row,
                           const char *by)
{
    if (!has_text(row->from)) {
        return view_put_assessment(at, id, row);
    }
    fold(row);
    task_said_t said = {
        .kind = TASK_CONTRIBUTE,
        .notice = id,
        .agency = row->from,
        .reason = row->kind,
        .due_ms = row->due_ms,
        .household = bytes_of(row->household),
    };
    WORK_TRY(owes_part(at, row) ? task_open(at, &said)
                                : task_end(at, TASK_CONTRIBUTE, id, row->from, by));
    if (!owes(at, row)) {
        WORK_TRY(task_end(at, TASK_OVERDUE, id, row->from, by));
    }
    if (row->due_ms != 0 && !row->overdue_told) {
        WORK_TRY(row->ended == NO ? due_set(at, AGENT_TABLE_ASSESSMENTS_DUE, row->due_ms, id)
                                  : due_clear(at, AGENT_TABLE_ASSESSMENTS_DUE, row->due_ms, id));
    }
    return view_put_assessment(at, id, row);
}

/* Who has contributed nothing yet. */
static const char *silent_ones(const work_ctx_t *at, const Kith__Store__AssessmentRow *row)
{
    const char *all = "";
    for (size_t i = 0; i < row->n_asked; i++) {
        if (assessment_parts(row, row->asked[i]) == 0) {
            all = kith_arena_printf(at->arena, "%s%s%s", all, *all ? ", " : "", row->asked[i]);
        }
    }
    return all;
}

/* Each who knows of it reads it; who owes something has a task. */
kith_err assessment_overdue(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(at, binary_of(id), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    const char *silent = silent_ones(at, row);
    task_said_t said = {
        .kind = TASK_OVERDUE,
        .notice = id,
        .agency = row->from,
        .reason =
            *silent ? kith_arena_printf(at->arena, "nothing from %s", silent) : "to be completed",
        .due_ms = row->due_ms,
        .household = bytes_of(row->household),
    };
    line_t line = {0};
    line_add(&line, "assessment overdue: ");
    line_add(&line, said.reason);
    WORK_TRY(owes(at, row) ? task_open(at, &said) : KITH_OK);
    WORK_TRY(feed_tell(at, id, bytes_of(row->household), "overdue", line_text(at->arena, &line)));
    row->overdue_told = true;
    return view_put_assessment(at, id, row);
}

/* ---- one more step ---- */

kith_err assessment_take(work_case_t *c, bool *ret_stands)
{
    const Kith__Assessment *said = c->notice->assessment;
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(&c->at, said->assessment, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__assessment_row__init(row);
        row->household = c->notice->household;
    }
    if (find_step(row, c->notice->id) == NULL && row->n_steps >= ASSESSMENT_STEPS_MAX) {
        *ret_stands = false;
        return KITH_OK;
    }
    Kith__Store__AssessmentStepRow said_row = KITH__STORE__ASSESSMENT_STEP_ROW__INIT;
    said_row.notice_id = c->notice->id;
    said_row.agency = text_of(c->in->origin);
    said_row.step = said->step;
    said_row.at_ms = said->changed_ms;
    said_row.section = said->section;
    const Kith__Store__AssessmentStepRow *step = assessment_add(c->at.arena, row, &said_row);
    const char *by = c->in->mine ? c->notice->author : c->in->origin;
    WORK_TRY(assessment_settle(&c->at, bytes_of(said->assessment), row, by));
    *ret_stands = step->stands || !has_text(row->from);
    return KITH_OK;
}
