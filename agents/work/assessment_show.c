/* How an assessment stands, with what each agency contributed: read from the signed notices. */
#include "agents/work/parts.h"

#define STEP(name) KITH__ASSESSMENT_STEP__ASSESSMENT_##name

static kith_err show_part(const work_ctx_t *at, const Kith__Store__AssessmentStepRow *step,
                          Kith__Api__AssessmentState *state)
{
    Kith__Notice *notice = NULL;
    Kith__Api__AssessmentPart *part = kith_arena_need(at->arena, sizeof *part);
    kith__api__assessment_part__init(part);
    part->id = step->notice_id;
    part->agency = step->agency;
    part->section = step->section;
    part->at_ms = step->at_ms;
    part->no_effect = !step->stands;
    WORK_TRY(view_find_notice(at, bytes_of(step->notice_id), &notice));
    if (notice != NULL && notice->body_case == KITH__NOTICE__BODY_ASSESSMENT) {
        part->text = notice->assessment->text;
        part->family_view = notice->assessment->family_view;
    }
    state->parts[state->n_parts++] = part;
    return KITH_OK;
}

static void show_past(const work_ctx_t *at, const Kith__Store__AssessmentStepRow *step,
                      Kith__Api__AssessmentState *state)
{
    Kith__Api__ReferralPast *past = kith_arena_need(at->arena, sizeof *past);
    kith__api__referral_past__init(past);
    past->id = step->notice_id;
    past->agency = step->agency;
    past->step = text_of(
        word_of(at->arena, &kith__assessment_step__descriptor, "ASSESSMENT_", (int)step->step));
    past->at_ms = step->at_ms;
    past->no_effect = !step->stands;
    state->history[state->n_history++] = past;
}

static kith_err show_steps(const work_ctx_t *at, const Kith__Store__AssessmentRow *row,
                           Kith__Api__AssessmentState *state)
{
    state->parts = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *state->parts);
    state->history = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *state->history);
    for (size_t i = 0; i < row->n_steps; i++) {
        show_past(at, row->steps[i], state);
        if (row->steps[i]->step == STEP(CONTRIBUTED)) {
            WORK_TRY(show_part(at, row->steps[i], state));
        }
    }
    Kith__Notice *end = NULL;
    WORK_TRY(row->ended_by.len > 0 ? view_find_notice(at, bytes_of(row->ended_by), &end) : KITH_OK);
    if (end != NULL && end->body_case == KITH__NOTICE__BODY_ASSESSMENT) {
        state->summary = end->assessment->text;
        state->family_view = end->assessment->family_view;
        if (end->assessment->step == STEP(WITHDRAWN)) {
            state->reason = end->assessment->reason;
        }
    }
    return KITH_OK;
}

static void show_open(const work_ctx_t *at, const Kith__Store__AssessmentRow *row,
                      Kith__Api__AssessmentState *state)
{
    bool is_asker = is_self(at, row->from);
    state->silent = kith_arena_need(at->arena, (row->n_asked + 1) * sizeof *state->silent);
    for (size_t i = 0; i < row->n_asked; i++) {
        if (assessment_parts(row, row->asked[i]) == 0) {
            state->silent[state->n_silent++] = row->asked[i];
        }
    }
    state->allowed = kith_arena_need(at->arena, ASSESSMENT_VERBS_MAX * sizeof *state->allowed);
    if (row->ended != STEP(UNSPECIFIED)) {
        return;
    }
    if (is_asker || assessment_asks(row, at->work->agency)) {
        state->allowed[state->n_allowed++] = text_of("assessment contribute");
    }
    if (is_asker) {
        state->allowed[state->n_allowed++] = text_of("assessment complete");
        state->allowed[state->n_allowed++] = text_of("assessment withdraw");
    }
}

kith_err work_assessment(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         kith_bytes_t assessment, Kith__Api__AssessmentState **ret_state)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Store__AssessmentRow *row = NULL;
    WORK_TRY(assessment_find(&at, binary_of(assessment), &row));
    if (row == NULL || !has_text(row->from)) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__AssessmentState *state = kith_arena_need(arena, sizeof *state);
    kith__api__assessment_state__init(state);
    state->id = binary_of(kith_arena_copy(arena, assessment));
    state->household = row->household;
    state->from = row->from;
    state->kind = row->kind;
    state->reason = row->reason;
    state->state = text_of(assessment_state_word(assessment_state(row)));
    state->requested_ms = row->requested_ms;
    state->due_ms = row->due_ms;
    state->completed_ms = row->ended == STEP(COMPLETED) ? row->ended_ms : 0;
    state->overdue = row->overdue_told && row->ended == STEP(UNSPECIFIED);
    state->n_asked = row->n_asked;
    state->asked = row->asked;
    WORK_TRY(show_steps(&at, row, state));
    show_open(&at, row, state);
    *ret_state = state;
    return KITH_OK;
}
