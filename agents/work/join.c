/* Who joins a household's team is told by whoever seats it what the team holds together. What
 * another agency was just saying crosses with that on the wire, and reaches the joiner from nobody:
 * so whoever said it has a task to tell. Naming the seat once more does. */
#include "agents/work/parts.h"

#define TASK_TELL "joiner-to-tell"

/* ---- what the joiner was not told ---- */

static kith_err is_own(const work_ctx_t *at, kith_bytes_t notice, bool *ret_own)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_find(at, notice, &seq, &row));
    *ret_own = row != NULL && row->mine;
    return KITH_OK;
}

/* carried: with the seat; NULL: nothing was. */
static bool is_missing(said_t held, const Kith__Stamp *carried)
{
    return held.ms != 0 && (carried == NULL || said_later(held, said_of(carried, held)));
}

static const Kith__Stamp *carried_outcome(const Kith__Plan *plan, ProtobufCBinaryData id)
{
    for (size_t i = 0; plan != NULL && i < plan->n_outcomes; i++) {
        if (same_id(plan->outcomes[i]->id, id)) {
            return plan->outcomes[i]->said;
        }
    }
    return NULL;
}

static kith_err misses_plan(const work_ctx_t *at, kith_bytes_t household, const Kith__Plan *plan,
                            bool *ret_misses)
{
    Kith__Store__PlanRow *row = NULL;
    WORK_TRY(plan_find(at, household, &row));
    bool misses = false;
    for (size_t i = 0; row != NULL && i < row->n_outcomes && !misses; i++) {
        const Kith__Store__HeldOutcome *held = row->outcomes[i];
        said_t said = {held->changed_ms, bytes_of(held->by)};
        if (is_missing(said, carried_outcome(plan, held->outcome->id))) {
            WORK_TRY(is_own(at, said.by, &misses));
        }
    }
    if (row != NULL && !misses &&
        is_missing((said_t){row->review_changed_ms, bytes_of(row->review_by)},
                   plan != NULL ? plan->review_said : NULL)) {
        WORK_TRY(is_own(at, bytes_of(row->review_by), &misses));
    }
    if (row != NULL && !misses &&
        is_missing((said_t){row->family_changed_ms, bytes_of(row->family_by)},
                   plan != NULL ? plan->family_said : NULL)) {
        WORK_TRY(is_own(at, bytes_of(row->family_by), &misses));
    }
    *ret_misses = misses;
    return KITH_OK;
}

static kith_err misses_anything(const work_case_t *c, bool *ret_misses)
{
    const Kith__Household *change = c->notice->household_change;
    kith_bytes_t household = bytes_of(c->notice->household);
    WORK_TRY(misses_plan(&c->at, household, change->plan, ret_misses));
    return *ret_misses ? KITH_OK : assessment_missed(&c->at, household, change, ret_misses);
}

/* ---- the task ---- */

kith_err join_told(const work_case_t *c, const Kith__Store__HouseholdRow *before)
{
    const Kith__Household *change = c->notice->household_change;
    kith_bytes_t household = bytes_of(c->notice->household);
    for (size_t i = 0; i < change->n_team; i++) {
        const Kith__TeamSeat *seat = change->team[i];
        task_said_t said = {
            .kind = TASK_TELL,
            .notice = household,
            .agency = seat->agency,
            .reason = "joined while we said something: kith household team add tells it all",
            .household = household,
        };
        if (seat->said != NULL) {
            continue;
        }
        if (c->in->mine || seat->to_ms != 0) {
            WORK_TRY(task_end(&c->at, said.kind, household, seat->agency, c->notice->author));
            continue;
        }
        bool joins =
            !is_self(&c->at, seat->agency) && !household_seated(before, seat->agency, c->at.now_ms);
        bool misses = false;
        WORK_TRY(joins ? misses_anything(c, &misses) : KITH_OK);
        WORK_TRY(misses ? task_open(&c->at, &said) : KITH_OK);
    }
    return KITH_OK;
}
