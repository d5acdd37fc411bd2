/* A household's one plan as this agency holds it. Merged as a household is (merge.c): of two things
 * said of the same outcome, the review or the family's words, the later stands; so all who have
 * heard the same end the same. Also what follows from it: which events it foresees, and whose the
 * review is. */
#include "agents/work/parts.h"

#define TASK_REVIEW "plan-review"

#define STATE(name) KITH__OUTCOME_STATE__OUTCOME_STATE_##name

bool plan_state_may(Kith__OutcomeState from, Kith__OutcomeState to)
{
    bool ends = to == STATE(MET) || to == STATE(NOT_MET) || to == STATE(DROPPED);
    return from == STATE(OPEN) ? ends : to == STATE(OPEN);
}

/* ---- outcomes, in the order of their ids ---- */

static Kith__Store__HeldOutcome *find_held(const Kith__Store__PlanRow *row, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < row->n_outcomes; i++) {
        if (same_id(row->outcomes[i]->outcome->id, id)) {
            return row->outcomes[i];
        }
    }
    return NULL;
}

const Kith__PlanOutcome *plan_outcome(const Kith__Store__PlanRow *row, ProtobufCBinaryData id)
{
    const Kith__Store__HeldOutcome *held = find_held(row, id);
    return held != NULL ? held->outcome : NULL;
}

static Kith__Store__HeldOutcome *insert(kith_arena_t *arena, Kith__Store__PlanRow *row,
                                        ProtobufCBinaryData id)
{
    Kith__Store__HeldOutcome **outcomes =
        kith_arena_need(arena, (row->n_outcomes + 1) * sizeof *outcomes);
    Kith__Store__HeldOutcome *held = kith_arena_need(arena, sizeof *held);
    kith__store__held_outcome__init(held);
    held->outcome = kith_arena_need(arena, sizeof *held->outcome);
    size_t i = 0;
    for (; i < row->n_outcomes &&
           kith_bytes_compare(bytes_of(row->outcomes[i]->outcome->id), bytes_of(id)) < 0;
         i++) {
        outcomes[i] = row->outcomes[i];
    }
    outcomes[i] = held;
    for (; i < row->n_outcomes; i++) {
        outcomes[i + 1] = row->outcomes[i];
    }
    row->outcomes = outcomes;
    row->n_outcomes++;
    return held;
}

static void merge_outcome(kith_arena_t *arena, Kith__Store__PlanRow *row,
                          const Kith__PlanOutcome *outcome, said_t notice)
{
    said_t said = said_of(outcome->said, notice);
    Kith__Store__HeldOutcome *held = find_held(row, outcome->id);
    if (held != NULL && !said_later(said, (said_t){held->changed_ms, bytes_of(held->by)})) {
        return;
    }
    held = held != NULL ? held : insert(arena, row, outcome->id);
    *held->outcome = *outcome;
    held->outcome->said = NULL;
    held->changed_ms = said.ms;
    held->by = binary_of(said.by);
}

void plan_merge(kith_arena_t *arena, Kith__Store__PlanRow *row, const Kith__Plan *plan,
                said_t notice)
{
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        merge_outcome(arena, row, plan->outcomes[i], notice);
    }
    said_t review = said_of(plan->review_said, notice);
    if (plan->review_ms != 0 &&
        said_later(review, (said_t){row->review_changed_ms, bytes_of(row->review_by)})) {
        row->review_ms = plan->review_ms;
        row->review_changed_ms = review.ms;
        row->review_by = binary_of(review.by);
    }
    said_t family = said_of(plan->family_said, notice);
    if (has_text(plan->family_view) &&
        said_later(family, (said_t){row->family_changed_ms, bytes_of(row->family_by)})) {
        row->family_view = plan->family_view;
        row->family_changed_ms = family.ms;
        row->family_by = binary_of(family.by);
    }
    int64_t begun_ms = plan->begun_ms != 0 ? plan->begun_ms : notice.ms;
    row->begun_ms = row->begun_ms == 0 || begun_ms < row->begun_ms ? begun_ms : row->begun_ms;
}

said_t plan_latest(const Kith__Store__PlanRow *row)
{
    said_t latest = {row->review_changed_ms, bytes_of(row->review_by)};
    said_t family = {row->family_changed_ms, bytes_of(row->family_by)};
    latest = said_later(family, latest) ? family : latest;
    for (size_t i = 0; i < row->n_outcomes; i++) {
        said_t said = {row->outcomes[i]->changed_ms, bytes_of(row->outcomes[i]->by)};
        latest = said_later(said, latest) ? said : latest;
    }
    return latest;
}

static bool speaks_of(const Kith__Plan *plan, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        if (same_id(plan->outcomes[i]->id, id)) {
            return true;
        }
    }
    return false;
}

void plan_carry(kith_arena_t *arena, const Kith__Store__PlanRow *row, Kith__Plan *plan)
{
    size_t most = plan->n_outcomes + row->n_outcomes;
    Kith__PlanOutcome **outcomes = kith_arena_need(arena, (most + 1) * sizeof *outcomes);
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        outcomes[i] = plan->outcomes[i];
    }
    plan->outcomes = outcomes;
    for (size_t i = 0; i < row->n_outcomes; i++) {
        const Kith__Store__HeldOutcome *held = row->outcomes[i];
        if (plan->n_outcomes < KITH_OUTCOMES_MAX && !speaks_of(plan, held->outcome->id)) {
            Kith__PlanOutcome *outcome = kith_arena_need(arena, sizeof *outcome);
            *outcome = *held->outcome;
            outcome->said = said_stamp(arena, held->changed_ms, held->by);
            outcomes[plan->n_outcomes++] = outcome;
        }
    }
    if (plan->review_ms == 0 && row->review_ms != 0) {
        plan->review_ms = row->review_ms;
        plan->review_said = said_stamp(arena, row->review_changed_ms, row->review_by);
    }
    if (!has_text(plan->family_view) && has_text(row->family_view)) {
        plan->family_view = row->family_view;
        plan->family_said = said_stamp(arena, row->family_changed_ms, row->family_by);
    }
    plan->begun_ms = row->begun_ms;
}

/* ---- stored, with the clock of its review ---- */

kith_err plan_find(const work_ctx_t *at, kith_bytes_t household, Kith__Store__PlanRow **ret_row)
{
    *ret_row = NULL;
    return household.size > 0 ? view_find_plan(at, household, ret_row) : KITH_OK;
}

/* The review is the lead's: elsewhere no clock runs, and a lead that goes leaves its task behind.
 */
static kith_err settle(const work_ctx_t *at, kith_bytes_t household, Kith__Store__PlanRow *row)
{
    Kith__Store__HouseholdRow *held = NULL;
    WORK_TRY(household_find(at, household, &held));
    bool leads = held != NULL && is_self(at, household_lead(held));
    int64_t due_ms = leads && row->review_ms != row->review_told_ms ? row->review_ms : 0;
    if (!leads || row->review_ms != row->review_told_ms) {
        WORK_TRY(task_end(at, TASK_REVIEW, household, at->work->agency, ""));
    }
    if (!leads) {
        row->review_told_ms = 0;
    }
    if (due_ms != row->review_due_ms) {
        WORK_TRY(row->review_due_ms != 0
                     ? due_clear(at, AGENT_TABLE_PLANS_DUE, row->review_due_ms, household)
                     : KITH_OK);
        WORK_TRY(due_ms != 0 ? due_set(at, AGENT_TABLE_PLANS_DUE, due_ms, household) : KITH_OK);
        row->review_due_ms = due_ms;
    }
    return view_put_plan(at, household, row);
}

kith_err plan_take(const work_ctx_t *at, kith_bytes_t household, const Kith__Plan *plan,
                   said_t notice)
{
    Kith__Store__PlanRow *row = NULL;
    WORK_TRY(plan_find(at, household, &row));
    if (row == NULL) {
        row = kith_arena_need(at->arena, sizeof *row);
        kith__store__plan_row__init(row);
    }
    plan_merge(at->arena, row, plan, notice);
    return settle(at, household, row);
}

kith_err plan_lead(const work_ctx_t *at, kith_bytes_t household)
{
    Kith__Store__PlanRow *row = NULL;
    WORK_TRY(plan_find(at, household, &row));
    return row != NULL ? settle(at, household, row) : KITH_OK;
}

kith_err plan_overdue(const work_ctx_t *at, kith_bytes_t household)
{
    Kith__Store__PlanRow *row = NULL;
    WORK_TRY(plan_find(at, household, &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    task_said_t said = {
        .kind = TASK_REVIEW,
        .notice = household,
        .agency = at->work->agency,
        .reason = "the plan is to be looked at again",
        .due_ms = row->review_ms,
        .household = household,
    };
    WORK_TRY(task_open(at, &said));
    WORK_TRY(feed_tell(at, plan_latest(row).by, household, "overdue", "plan review overdue"));
    row->review_told_ms = row->review_ms;
    row->review_due_ms = 0;
    return view_put_plan(at, household, row);
}

/* ---- events that it does not foresee ---- */

static bool foresees(const Kith__Store__PlanRow *plan, const char *topic)
{
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        const Kith__PlanOutcome *outcome = plan->outcomes[i]->outcome;
        for (size_t k = 0; outcome->state == STATE(OPEN) && k < outcome->n_expects; k++) {
            if (kith_pattern_covers(outcome->expects[k], topic)) {
                return true;
            }
        }
    }
    return false;
}

/* What happened before the plan began is none of its business. */
kith_err plan_mark(const work_ctx_t *at, Kith__Store__FeedRow *row)
{
    Kith__Store__PlanRow *plan = NULL;
    bool event = strcmp(row->kind, "event") == 0;
    if (!event || row->early || row->unknown_household) {
        return KITH_OK;
    }
    WORK_TRY(plan_find(at, bytes_of(row->household), &plan));
    if (plan == NULL || plan->n_outcomes == 0 || row->occurred_ms < plan->begun_ms ||
        foresees(plan, row->topic)) {
        return KITH_OK;
    }
    row->unplanned = true;
    plan->unplanned++;
    return view_put_plan(at, bytes_of(row->household), plan);
}

kith_err plan_unmark(const work_ctx_t *at, Kith__Store__FeedRow *row)
{
    Kith__Store__PlanRow *plan = NULL;
    if (!row->unplanned) {
        return KITH_OK;
    }
    WORK_TRY(plan_find(at, bytes_of(row->household), &plan));
    if (plan == NULL || plan->unplanned == 0) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    row->unplanned = false;
    plan->unplanned--;
    return view_put_plan(at, bytes_of(row->household), plan);
}
