/* A disagreement's life: one agency disagrees with what another decided, and the two climb the
 * partnership's stages until it is settled. The table is drawn in docs/STATES.md, and a test
 * compares the two.
 *
 * All steps are kept in one order, (changed_ms, notice id) after the raising itself, and the phase
 * is what they come to from the first on, with the time between them: a stage that was over before
 * the next step was made has climbed. So both ends hold the same at the same time, whatever order
 * the steps came in. The stages are the partnership's as they were when it came. */
#include "agents/work/steps.h"

#define TASK_CLIMBED "disagreement-escalated"
#define TASK_OVERDUE "disagreement-overdue"

#define UNANSWERED KITH__STORE__DISAGREEMENT_PHASE__DISAGREEMENT_IS_UNANSWERED
#define ANSWERED   KITH__STORE__DISAGREEMENT_PHASE__DISAGREEMENT_IS_ANSWERED
#define RESOLVED   KITH__STORE__DISAGREEMENT_PHASE__DISAGREEMENT_IS_RESOLVED
#define WITHDRAWN  KITH__STORE__DISAGREEMENT_PHASE__DISAGREEMENT_IS_WITHDRAWN
#define NO         DISAGREEMENT_PHASE_NONE

/* The last two phases are final: nothing follows. */
#define OPEN_PHASES 2

#define STEP(name) KITH__DISAGREEMENT_STEP__DISAGREEMENT_##name

typedef struct rule {
    Kith__DisagreementStep step;
    bool by_raiser;
    const char *verb; /* of `kith` */
    int next[OPEN_PHASES];
} rule_t;

static const rule_t rules[] = {
    /* from: UNANSWERED, ANSWERED */
    {STEP(ANSWERED), false, "disagreement answer", {ANSWERED, NO}},
    {STEP(ESCALATED), true, "disagreement escalate", {UNANSWERED, UNANSWERED}},
    {STEP(RESOLVED), true, "disagreement resolve", {RESOLVED, RESOLVED}},
    {STEP(WITHDRAWN), true, "disagreement withdraw", {WITHDRAWN, WITHDRAWN}},
};
#define RULES_COUNT (sizeof rules / sizeof *rules)

int disagreement_next(Kith__DisagreementStep step, bool by_raiser, int phase)
{
    for (size_t i = 0; i < RULES_COUNT && phase < OPEN_PHASES; i++) {
        if (rules[i].step == step && rules[i].by_raiser == by_raiser) {
            return rules[i].next[phase];
        }
    }
    return NO;
}

bool disagreement_step_known(Kith__DisagreementStep step)
{
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (rules[i].step == step) {
            return true;
        }
    }
    return false;
}

bool disagreement_step_is_raisers(Kith__DisagreementStep step)
{
    return step != STEP(ANSWERED);
}

const char *disagreement_phase_word(const work_ctx_t *at, int phase)
{
    return word_of(at->arena, &kith__store__disagreement_phase__descriptor, "DISAGREEMENT_IS_",
                   phase);
}

/* Above the last stage there is none. */
static int next_of(const Kith__Store__DisagreementRow *row, Kith__DisagreementStep step,
                   bool by_raiser)
{
    bool is_last = step == STEP(ESCALATED) && row->stage >= row->n_ladder;
    return is_last ? NO : disagreement_next(step, by_raiser, (int)row->phase);
}

bool disagreement_may(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                      Kith__DisagreementStep step)
{
    bool is_party = is_self(at, row->from) || is_self(at, row->with);
    return is_party && next_of(row, step, is_self(at, row->from)) != NO;
}

size_t disagreement_allowed(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                            const char *ret_verbs[DISAGREEMENT_VERBS_MAX])
{
    size_t count = 0;
    _Static_assert(RULES_COUNT <= DISAGREEMENT_VERBS_MAX, "each rule has a place");
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (disagreement_may(at, row, rules[i].step)) {
            ret_verbs[count++] = rules[i].verb;
        }
    }
    return count;
}

/* ---- what the steps come to, and the time between them ---- */

/* When this stage is over, for one that begins then, with a step or with the end of the stage
 * before. That end is of the day that it closed. 0: it has no end. */
static int64_t stage_due_ms(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                            int64_t since_ms, bool with_end)
{
    kith_clock_t clock = {0};
    if (row->stage > row->n_ladder ||
        kith_clock_parse(row->ladder[row->stage - 1]->within, &clock) != KITH_OK) {
        return 0;
    }
    bool on_day = with_end && clock.unit == KITH_CLOCK_WORKING_DAYS;
    return kith_agreement_over(at->work->agreement, &clock, row->with, since_ms - (on_day ? 1 : 0));
}

/* Stages that are over by this time, unanswered: the next one begins with the end of the one
 * before. Returns how many. */
static uint32_t climb_until(const work_ctx_t *at, Kith__Store__DisagreementRow *row, int64_t ms)
{
    uint32_t climbed = 0;
    while (row->phase == UNANSWERED && row->due_ms != 0 && ms > row->due_ms &&
           row->stage < row->n_ladder) {
        row->stage++;
        row->due_ms = stage_due_ms(at, row, row->due_ms, true);
        climbed++;
    }
    return climbed;
}

static void take_step(const work_ctx_t *at, Kith__Store__DisagreementRow *row,
                      Kith__Store__DisagreementStepRow *step)
{
    int next = next_of(row, step->step, strcmp(step->agency, row->from) == 0);
    step->stands = next != NO;
    if (!step->stands) {
        return;
    }
    row->phase = (Kith__Store__DisagreementPhase)next;
    row->text = has_text(step->text) ? step->text : row->text;
    row->outcome = step->outcome;
    row->stage += step->step == STEP(ESCALATED) ? 1 : 0;
    row->due_ms = next == UNANSWERED ? stage_due_ms(at, row, step->at_ms, false) : 0;
}

/* Returns how many stages were reached by their time alone. */
static uint32_t fold(const work_ctx_t *at, Kith__Store__DisagreementRow *row)
{
    uint32_t climbed = 0;
    row->phase = UNANSWERED;
    row->stage = 1;
    row->outcome = text_of("");
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Store__DisagreementStepRow *step = row->steps[i];
        if (step->step == STEP(RAISED)) {
            step->stands = true;
            row->text = step->text;
            row->due_ms = stage_due_ms(at, row, step->at_ms, false);
            continue;
        }
        climbed += climb_until(at, row, step->at_ms);
        take_step(at, row, step);
    }
    return climbed + climb_until(at, row, at->now_ms);
}

bool disagreement_is_overdue(const work_ctx_t *at, const Kith__Store__DisagreementRow *row)
{
    return row->phase == UNANSWERED && row->due_ms != 0 && at->now_ms > row->due_ms;
}

int64_t disagreement_latest_ms(const Kith__Store__DisagreementRow *row)
{
    return row->steps[row->n_steps - 1]->at_ms;
}

const char *disagreement_role(const Kith__Store__DisagreementRow *row)
{
    return row->stage <= row->n_ladder ? row->ladder[row->stage - 1]->role : "";
}

kith_err disagreement_find(const work_ctx_t *at, kith_bytes_t id,
                           Kith__Store__DisagreementRow **ret_row)
{
    Kith__Store__DisagreementRow *row = NULL;
    WORK_TRY(id.size > 0 ? view_find_disagreement(at, id, &row) : KITH_OK);
    bool has_come = row != NULL && has_text(row->from);
    if (has_come) {
        (void)fold(at, row);
    }
    *ret_row = has_come ? row : NULL;
    return KITH_OK;
}

/* ---- tasks and lines ---- */

static kith_err tell(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__DisagreementRow *row,
                     const char *kind, const char *what)
{
    line_t line = {0};
    line_add(&line, what);
    line_add(&line, row->with);
    line_add(&line, ", ");
    line_add(&line, disagreement_role(row));
    return feed_tell(at, id, bytes_of(row->household), kind, line_text(at->arena, &line));
}

/* Open while it is so; anew when it is for another role. */
static kith_err keep_task(const work_ctx_t *at, kith_bytes_t id,
                          const Kith__Store__DisagreementRow *row, const char *kind, bool is_open,
                          bool is_anew, const char *by)
{
    const char *other = is_self(at, row->from) ? row->with : row->from;
    task_said_t said = {
        .kind = kind,
        .notice = id,
        .agency = other,
        .reason = disagreement_role(row),
        .due_ms = row->due_ms,
        .household = bytes_of(row->household),
    };
    if (!is_open || is_anew) {
        WORK_TRY(task_end(at, kind, id, other, by));
    }
    return is_open ? task_open(at, &said) : KITH_OK;
}

static kith_err keep_tasks(const work_ctx_t *at, kith_bytes_t id,
                           const Kith__Store__DisagreementRow *row, uint32_t stage_before,
                           bool has_climbed, const char *by)
{
    bool is_open = row->phase == UNANSWERED, is_anew = row->stage != stage_before;
    WORK_TRY(keep_task(at, id, row, TASK_OVERDUE, disagreement_is_overdue(at, row), false, by));
    if (is_self(at, row->with)) {
        return keep_task(at, id, row, TASK_EXPLAIN, is_open, is_anew, by);
    }
    WORK_TRY(keep_task(at, id, row, TASK_SETTLE, row->phase == ANSWERED, false, by));
    return is_anew || has_climbed || !is_open
               ? keep_task(at, id, row, TASK_CLIMBED, is_open && has_climbed, true, by)
               : KITH_OK;
}

static kith_err set_clock(const work_ctx_t *at, kith_bytes_t id,
                          const Kith__Store__DisagreementRow *row, int64_t before_ms)
{
    if (before_ms != 0 && before_ms != row->due_ms) {
        WORK_TRY(due_clear(at, AGENT_TABLE_DISAGREEMENTS_DUE, before_ms, id));
    }
    bool is_ahead = row->due_ms != 0 && at->now_ms <= row->due_ms;
    return is_ahead ? due_set(at, AGENT_TABLE_DISAGREEMENTS_DUE, row->due_ms, id) : KITH_OK;
}

/* As it is now: its clock, its tasks, and a line for what time alone has done since the last. */
static kith_err settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__DisagreementRow *row,
                       const char *by)
{
    int64_t due_before_ms = row->due_ms;
    uint32_t stage_before = row->stage;
    uint32_t climbed = fold(at, row);
    bool has_climbed = climbed > row->climbed;
    bool is_over = disagreement_is_overdue(at, row);
    if (is_self(at, row->from) || is_self(at, row->with)) {
        WORK_TRY(set_clock(at, id, row, due_before_ms));
        WORK_TRY(keep_tasks(at, id, row, stage_before, has_climbed, by));
        if (has_climbed) {
            WORK_TRY(tell(at, id, row, "escalated", "disagreement not answered: "));
        }
        if (is_over && !row->overdue_told) {
            WORK_TRY(tell(at, id, row, "overdue", "disagreement overdue: "));
        }
    }
    row->climbed = has_climbed ? climbed : row->climbed;
    row->overdue_told = is_over;
    return view_put_disagreement(at, id, row);
}

kith_err disagreement_overdue(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__DisagreementRow *row = NULL;
    WORK_TRY(view_find_disagreement(at, id, &row));
    return row != NULL ? settle(at, id, row, at->work->agency)
                       : KITH_CORRUPT; /* both are written in one commit */
}

/* ---- one more step ---- */

STEPS_IN_ORDER(Kith__Store__DisagreementRow, Kith__Store__DisagreementStepRow, (int)STEP(RAISED))

static Kith__Store__DisagreementStepRow *insert(const work_case_t *c,
                                                Kith__Store__DisagreementRow *row)
{
    const Kith__Disagreement *said = c->notice->disagreement;
    Kith__Store__DisagreementStepRow *step = kith_arena_need(c->at.arena, sizeof *step);
    kith__store__disagreement_step_row__init(step);
    step->notice_id = c->notice->id;
    step->agency = text_of(c->in->origin);
    step->step = said->step;
    step->at_ms = said->changed_ms != 0 ? said->changed_ms : c->notice->created_ms;
    step->text = said->text;
    step->outcome = said->outcome;
    insert_step(c->at.arena, row, step);
    return step;
}

kith_err disagreement_begin(const work_case_t *c, Kith__Store__DisagreementRow *row)
{
    const kith_agreement_t *agreement = c->at.work->agreement;
    size_t kept = 0;
    for (size_t i = 0; i < row->n_steps; i++) { /* nobody else's waited for this */
        const char *by = row->steps[i]->agency;
        if (strcmp(by, row->from) == 0 || strcmp(by, row->with) == 0) {
            row->steps[kept++] = row->steps[i];
        }
    }
    row->n_steps = kept;
    row->ladder = kith_arena_need(c->at.arena, (agreement->stages_count + 1) * sizeof *row->ladder);
    for (size_t i = 0; i < agreement->stages_count; i++) {
        Kith__Store__DisagreementStage *stage = kith_arena_need(c->at.arena, sizeof *stage);
        kith__store__disagreement_stage__init(stage);
        stage->role = text_of(agreement->stages[i].role);
        stage->within = text_of(agreement->stages[i].within);
        row->ladder[row->n_ladder++] = stage;
    }
    (void)insert(c, row);
    return settle(&c->at, bytes_of(c->notice->id), row, c->in->origin);
}

kith_err disagreement_take(const work_case_t *c, kith_bytes_t id, Kith__Store__DisagreementRow *row,
                           bool *ret_stands)
{
    bool has_come = has_text(row->from);
    bool is_party = strcmp(row->from, c->in->origin) == 0 || strcmp(row->with, c->in->origin) == 0;
    if (row->n_steps >= DISAGREEMENT_STEPS_MAX || (has_come && !is_party)) {
        *ret_stands = false;
        return KITH_OK;
    }
    const Kith__Store__DisagreementStepRow *step = insert(c, row);
    if (!has_come) { /* it waits for the raising */
        *ret_stands = true;
        return view_put_disagreement(&c->at, id, row);
    }
    WORK_TRY(settle(&c->at, id, row, c->in->mine ? c->notice->author : c->in->origin));
    *ret_stands = step->stands;
    return KITH_OK;
}
