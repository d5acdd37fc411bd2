/* An assessment's life: what its steps come to, who owes a contribution, and by when. The table is
 * drawn in docs/STATES.md, and a test compares the two.
 *
 * Many agencies take part, and their steps cross: as with a referral, all steps are kept in one
 * order, (changed_ms, notice id), and the state is what they come to from the first on. A step may
 * come before its request, and waits for it. The texts stay in their notices: those are signed. */
#include "agents/work/parts.h"

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

static bool comes_before(const Kith__Store__AssessmentStepRow *a,
                         const Kith__Store__AssessmentStepRow *b)
{
    return said_later((said_t){b->at_ms, bytes_of(b->notice_id)},
                      (said_t){a->at_ms, bytes_of(a->notice_id)});
}

static Kith__Store__AssessmentStepRow *find_step(const Kith__Store__AssessmentRow *row,
                                                 ProtobufCBinaryData notice_id)
{
    for (size_t i = 0; i < row->n_steps; i++) {
        if (same_id(row->steps[i]->notice_id, notice_id)) {
            return row->steps[i];
        }
    }
    return NULL;
}

static void insert(kith_arena_t *arena, Kith__Store__AssessmentRow *row,
                   Kith__Store__AssessmentStepRow *step)
{
    Kith__Store__AssessmentStepRow **steps =
        kith_arena_need(arena, (row->n_steps + 1) * sizeof *steps);
    size_t i = 0;
    for (; i < row->n_steps && comes_before(row->steps[i], step); i++) {
        steps[i] = row->steps[i];
    }
    steps[i] = step;
    for (; i < row->n_steps; i++) {
        steps[i + 1] = row->steps[i];
    }
    row->steps = steps;
    row->n_steps++;
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
    Kith__Store__AssessmentStepRow *step = find_step(row, c->notice->id);
    if (step == NULL && row->n_steps >= ASSESSMENT_STEPS_MAX) {
        *ret_stands = false;
        return KITH_OK;
    }
    if (step == NULL) {
        step = kith_arena_need(c->at.arena, sizeof *step);
        kith__store__assessment_step_row__init(step);
        step->notice_id = c->notice->id;
        step->agency = text_of(c->in->origin);
        step->step = said->step;
        step->at_ms = said->changed_ms;
        step->section = said->section;
        insert(c->at.arena, row, step);
    }
    const char *by = c->in->mine ? c->notice->author : c->in->origin;
    WORK_TRY(assessment_settle(&c->at, bytes_of(said->assessment), row, by));
    *ret_stands = step->stands || !has_text(row->from);
    return KITH_OK;
}

/* ---- the one that exists ---- */

kith_err assessment_index(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t id)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, household);
    kith_key_raw(&key, id);
    return kith_put(at->txn, AGENT_TABLE_ASSESSMENTS_OF, kith_key_bytes(&key), (kith_bytes_t){0});
}

/* The next older one of a household. KITH_NOT_FOUND at the end. */
static kith_err next_older(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t *place,
                           kith_bytes_t *ret_id, Kith__Store__AssessmentRow **ret_row)
{
    kith_bytes_t key, nothing;
    WORK_TRY(kith_prev(at->txn, AGENT_TABLE_ASSESSMENTS_OF, household, *place, &key, &nothing));
    *place = kith_arena_copy(at->arena, key);
    *ret_id = (kith_bytes_t){place->data + household.size, place->size - household.size};
    WORK_TRY(view_find_assessment(at, *ret_id, ret_row));
    return *ret_row != NULL ? KITH_OK : KITH_CORRUPT; /* both are written in one commit */
}

static bool is_valid(const work_ctx_t *at, const Kith__Store__AssessmentRow *row)
{
    return row->ended == STEP(COMPLETED) &&
           row->ended_ms + at->work->agreement->assessment_valid_ms > at->now_ms;
}

kith_err assessment_existing(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t *ret_id,
                             Kith__Store__AssessmentRow **ret_row)
{
    kith_bytes_t place = {0}, id = {0};
    Kith__Store__AssessmentRow *row = NULL, *valid = NULL;
    kith_err err = KITH_OK;
    *ret_row = NULL;
    while ((err = next_older(at, household, &place, &id, &row)) == KITH_OK) {
        if (row->ended == NO) {
            *ret_id = id;
            *ret_row = row;
            return KITH_OK;
        }
        if (valid == NULL && is_valid(at, row)) {
            valid = row;
            *ret_id = id;
        }
    }
    *ret_row = valid;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* ---- carried along for an agency that joins ---- */

static Kith__KnownAssessment *known(const work_ctx_t *at, kith_bytes_t id,
                                    const Kith__Store__AssessmentRow *row)
{
    Kith__KnownAssessment *one = kith_arena_need(at->arena, sizeof *one);
    kith__known_assessment__init(one);
    one->id = binary_of(id);
    one->from = row->from;
    one->kind = row->kind;
    one->n_asked = row->n_asked;
    one->asked = row->asked;
    one->requested_ms = row->requested_ms;
    one->due_ms = row->due_ms;
    one->ended = row->ended;
    one->said = row->ended != NO ? said_stamp(at->arena, row->ended_ms, row->ended_by) : NULL;
    return one;
}

kith_err assessment_carry(const work_ctx_t *at, kith_bytes_t household, Kith__Household *change)
{
    kith_bytes_t place = {0}, id = {0};
    Kith__Store__AssessmentRow *row = NULL;
    kith_err err = KITH_OK;
    change->assessments =
        kith_arena_need(at->arena, KITH_KNOWN_ASSESSMENTS_MAX * sizeof *change->assessments);
    while (change->n_assessments < KITH_KNOWN_ASSESSMENTS_MAX &&
           (err = next_older(at, household, &place, &id, &row)) == KITH_OK) {
        change->assessments[change->n_assessments++] = known(at, id, row);
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static bool is_carried(const Kith__Household *change, kith_bytes_t id,
                       const Kith__Store__AssessmentRow *row)
{
    for (size_t i = 0; i < change->n_assessments; i++) {
        if (kith_bytes_equal(bytes_of(change->assessments[i]->id), id)) {
            return change->assessments[i]->ended == row->ended;
        }
    }
    return false;
}

kith_err assessment_missed(const work_ctx_t *at, kith_bytes_t household,
                           const Kith__Household *change, bool *ret_missed)
{
    kith_bytes_t place = {0}, id = {0};
    Kith__Store__AssessmentRow *row = NULL;
    bool missed = false;
    kith_err err = KITH_OK;
    for (size_t i = 0; i < KITH_KNOWN_ASSESSMENTS_MAX && !missed; i++) {
        err = next_older(at, household, &place, &id, &row);
        if (err != KITH_OK) {
            break;
        }
        missed = is_self(at, row->from) && !is_carried(change, id, row);
    }
    *ret_missed = missed;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static kith_err learn_one(const work_ctx_t *at, kith_bytes_t household,
                          const Kith__KnownAssessment *one)
{
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(at, one->id, &row));
    if (row == NULL) {
        row = kith_arena_need(at->arena, sizeof *row);
        kith__store__assessment_row__init(row);
    }
    if (!has_text(row->from)) {
        row->from = one->from;
        row->household = binary_of(household);
        row->kind = one->kind;
        row->n_asked = one->n_asked;
        row->asked = one->asked;
        row->requested_ms = one->requested_ms;
        row->due_ms = one->due_ms;
        WORK_TRY(assessment_index(at, household, bytes_of(one->id)));
    }
    if (one->ended != NO && find_step(row, one->said->by) == NULL) {
        Kith__Store__AssessmentStepRow *step = kith_arena_need(at->arena, sizeof *step);
        kith__store__assessment_step_row__init(step);
        step->notice_id = one->said->by;
        step->agency = one->from;
        step->step = one->ended;
        step->at_ms = one->said->changed_ms;
        insert(at->arena, row, step);
    }
    return assessment_settle(at, bytes_of(one->id), row, one->from);
}

kith_err assessment_learn(const work_ctx_t *at, kith_bytes_t household,
                          const Kith__Household *change)
{
    for (size_t i = 0; i < change->n_assessments; i++) {
        WORK_TRY(learn_one(at, household, change->assessments[i]));
    }
    return KITH_OK;
}
