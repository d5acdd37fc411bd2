/* What a household's team does together: assessments, the plan, small help. Part of parts.h. */
#pragma once

#include "agents/work/parts.h"

/* ---- assessment_life.c ---- */

/* Its state is the step that led there: requested (open), completed, withdrawn. */
#define ASSESSMENT_STATES    3u
#define ASSESSMENT_VERBS_MAX 4u
/* Contributions of one agency. */
#define ASSESSMENT_PARTS_MAX 16u
/* Of all agencies; what comes beyond is shown and not kept. */
#define ASSESSMENT_STEPS_MAX 1024u
/* The state a step leads to; unspecified when it has no place in this one. */
Kith__AssessmentStep assessment_next(Kith__AssessmentStep step, Kith__AssessmentStep state);
bool assessment_step_is_askers(Kith__AssessmentStep step);
Kith__AssessmentStep assessment_state(const Kith__Store__AssessmentRow *row);
const char *assessment_state_word(Kith__AssessmentStep state);
bool assessment_asks(const Kith__Store__AssessmentRow *row, const char *agency);
size_t assessment_parts(const Kith__Store__AssessmentRow *row, const char *agency);
int64_t assessment_latest_ms(const Kith__Store__AssessmentRow *row);
/* *ret_row is NULL when there is none, or no id. One without `from` waits for its request. */
kith_err assessment_find(const work_ctx_t *at, ProtobufCBinaryData id,
                         Kith__Store__AssessmentRow **ret_row);
/* The steps come to a state; stores the row with its tasks and its clock. */
kith_err assessment_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__AssessmentRow *row,
                           const char *by);
/* One more step, in its place among the others; one that is there changes nothing. *ret_stands: it
 * has an effect, or waits for its request. */
kith_err assessment_take(work_case_t *c, bool *ret_stands);
/* In its place among the others; one that is there stays as it is. Returns the one in the row. */
const Kith__Store__AssessmentStepRow *assessment_add(kith_arena_t *arena,
                                                     Kith__Store__AssessmentRow *row,
                                                     const Kith__Store__AssessmentStepRow *said);

/* ---- assessment_known.c ---- */

/* Files it under its household; again: nothing. */
kith_err assessment_index(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t id);
/* The newest one that is open, else the newest that is still valid; *ret_row is NULL when neither
 * is there. *ret_id: in the arena. */
kith_err assessment_existing(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t *ret_id,
                             Kith__Store__AssessmentRow **ret_row);
/* Is one of this agency's own not carried along as it stands here? */
kith_err assessment_missed(const work_ctx_t *at, kith_bytes_t household,
                           const Kith__Household *change, bool *ret_missed);
/* For an agency that joins: the newest, and what such an agency makes of them. */
kith_err assessment_carry(const work_ctx_t *at, kith_bytes_t household, Kith__Household *change);
kith_err assessment_learn(const work_ctx_t *at, kith_bytes_t household,
                          const Kith__Household *change);

/* ---- plan_held.c: a plan as it is held ---- */

/* The state an outcome may go to from the one it is in. */
bool plan_state_may(Kith__OutcomeState from, Kith__OutcomeState to);
/* Its outcomes, its texts, what is carried along; also of one that a household carries. */
const work_refusal_t *plan_check_body(const Kith__Plan *plan);
kith_err plan_find(const work_ctx_t *at, kith_bytes_t household, Kith__Store__PlanRow **ret_row);
const Kith__PlanOutcome *plan_outcome(const Kith__Store__PlanRow *row, ProtobufCBinaryData id);
void plan_merge(kith_arena_t *arena, Kith__Store__PlanRow *row, const Kith__Plan *plan,
                said_t notice);
/* Adds all that is held and that the plan does not speak of, with when it was said. */
void plan_carry(kith_arena_t *arena, const Kith__Store__PlanRow *row, Kith__Plan *plan);
said_t plan_latest(const Kith__Store__PlanRow *row);
/* What a plan carried along, or a change, says: merged, stored, with the clock of its review. */
kith_err plan_take(const work_ctx_t *at, kith_bytes_t household, const Kith__Plan *plan,
                   said_t notice);
/* The lead may have come or gone: whose the review is. */
kith_err plan_lead(const work_ctx_t *at, kith_bytes_t household);
/* Marks an event that the household's plan does not foresee, and counts it; and takes that back. */
kith_err plan_mark(const work_ctx_t *at, Kith__Store__FeedRow *row);
kith_err plan_unmark(const work_ctx_t *at, Kith__Store__FeedRow *row);

/* ---- small_help_life.c ---- */

#define HELP_VERBS_MAX 4u
/* Steps of both ends together; what comes beyond is shown and not kept. */
#define HELP_STEPS_MAX 16u
/* Its state is the step that led there. Unspecified: the step has no place in this one. */
Kith__SmallHelpStep help_next(Kith__SmallHelpStep step, Kith__SmallHelpStep state);
bool help_step_is_holders(Kith__SmallHelpStep step);
const char *help_word(const work_ctx_t *at, Kith__SmallHelpStep step);
kith_err help_find(const work_ctx_t *at, ProtobufCBinaryData id,
                   Kith__Store__SmallHelpRow **ret_row);
int64_t help_latest_ms(const Kith__Store__SmallHelpRow *row);
kith_err help_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__SmallHelpRow *row,
                     const char *by);
kith_err help_take(work_case_t *c, bool *ret_stands);
/* A pot's sums as its holder has them; all 0 when nothing was said. */
kith_err pot_find(const work_ctx_t *at, const char *pot, Kith__Store__PotRow **ret_row);
/* What is left: never below 0. */
uint64_t pot_left(const kith_pot_t *pot, const Kith__Store__PotRow *row);
/* "12.50" */
const char *pounds(kith_arena_t *arena, uint64_t pence);

/* ---- join.c ---- */

/* A seat was named: what its holder was not told of what this agency said is a task; a seat that
 * this agency names itself, or that ends, ends it. before: the household without the change. */
kith_err join_told(const work_case_t *c, const Kith__Store__HouseholdRow *before);
