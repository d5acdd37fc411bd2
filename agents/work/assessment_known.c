/* The assessments that a household has: the one that exists, and how one that joins its team comes
 * to know them. */
#include "agents/work/parts.h"

#define STEP(name) KITH__ASSESSMENT_STEP__ASSESSMENT_##name
#define NO         STEP(UNSPECIFIED)

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
    if (one->ended != NO) {
        Kith__Store__AssessmentStepRow end = KITH__STORE__ASSESSMENT_STEP_ROW__INIT;
        end.notice_id = one->said->by;
        end.agency = one->from;
        end.step = one->ended;
        end.at_ms = one->said->changed_ms;
        assessment_add(at->arena, row, &end);
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
