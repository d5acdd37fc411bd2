/* Plan: a change to a household's one plan, by any agency of its team. Merging it into what is held
 * is plan_held.c's. */
#include "agents/work/parts.h"

#include "base/text.h"

#define STATE(name) KITH__OUTCOME_STATE__OUTCOME_STATE_##name

/* A plan travels whole, and so do the texts of its parts. */
#define FAMILY_BYTES_MAX 4096u

/* ---- is it one ---- */

static bool stamp_fits(const Kith__Stamp *stamp)
{
    return stamp == NULL || (stamp->by.len > 0 && stamp->changed_ms > 0);
}

static const work_refusal_t *check_end(const Kith__PlanOutcome *outcome)
{
    static const work_refusal_t met = {
        "outcome-met", "an outcome is met by the family's own yes: ask them; if they say no, it "
                       "is not met"};
    static const work_refusal_t why = {"outcome-reason",
                                       "an outcome that is not met, or dropped, says why"};
    switch ((int)outcome->state) {
    case STATE(MET):
        return strcmp(outcome->need_met, "yes") == 0 ? NULL : &met;
    case STATE(NOT_MET):
    case STATE(DROPPED):
        return has_text(outcome->reason) ? NULL : &why;
    default:
        return NULL;
    }
}

static const work_refusal_t *check_outcome(const Kith__PlanOutcome *outcome)
{
    static const work_refusal_t text = {"outcome-text", "an outcome says in a line what is to be "
                                                        "reached; its reason is a line, too"};
    static const work_refusal_t owner = {"outcome-owner",
                                         "an outcome has an owner, an agency of the team"};
    static const work_refusal_t which = {"outcome",
                                         "each outcome has an id, and stands there once"};
    if (outcome->id.len == 0 || !stamp_fits(outcome->said)) {
        return &which;
    }
    if (!has_text(outcome->text) || strlen(outcome->text) > KITH_LINE_BYTES_MAX ||
        strlen(outcome->reason) > KITH_LINE_BYTES_MAX) {
        return &text;
    }
    return kith_text_name(outcome->owner) ? check_end(outcome) : &owner;
}

const work_refusal_t *plan_check_body(const Kith__Plan *plan)
{
    static const work_refusal_t twice = {"outcome",
                                         "each outcome has an id, and stands there once"};
    static const work_refusal_t stamps = {"plan", "what is carried along says when it was said"};
    static const work_refusal_t family = {"family-view",
                                          "the family's words in a plan hold at most 4 KiB"};
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        const work_refusal_t *refusal = check_outcome(plan->outcomes[i]);
        if (refusal != NULL) {
            return refusal;
        }
        for (size_t k = 0; k < i; k++) {
            if (same_id(plan->outcomes[i]->id, plan->outcomes[k]->id)) {
                return &twice;
            }
        }
    }
    if (!stamp_fits(plan->review_said) || !stamp_fits(plan->family_said)) {
        return &stamps;
    }
    return strlen(plan->family_view) > FAMILY_BYTES_MAX ? &family : NULL;
}

const work_refusal_t *plan_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"household-missing", "a plan names its household"};
    static const work_refusal_t when = {"plan-changed", "a change says when it was made"};
    if (notice->household.len == 0) {
        return &which;
    }
    return notice->plan->changed_ms == 0 ? &when : plan_check_body(notice->plan);
}

/* ---- preparing a change ---- */

/* A change, with the plan before it. */
typedef struct change_case {
    work_draft_t *draft;
    Kith__Plan *plan;
    Kith__Store__PlanRow *before; /* never NULL */
    const Kith__Store__HouseholdRow *household;
} change_case_t;

/* The caller's own parts, in the arena; nobody carries along by hand. */
static Kith__Plan *copy_plan(kith_arena_t *arena, const Kith__Plan *asked)
{
    Kith__Plan *plan = kith_arena_need(arena, sizeof *plan);
    *plan = *asked;
    plan->review_said = plan->family_said = NULL;
    plan->outcomes = kith_arena_need(arena, (asked->n_outcomes + 1) * sizeof *plan->outcomes);
    for (size_t i = 0; i < asked->n_outcomes; i++) {
        plan->outcomes[i] = kith_arena_need(arena, sizeof **plan->outcomes);
        *plan->outcomes[i] = *asked->outcomes[i];
        plan->outcomes[i]->said = NULL;
    }
    return plan;
}

static kith_err refuse_transition(const change_case_t *c, Kith__OutcomeState from)
{
    bool is_open = from == STATE(OPEN);
    const char *word =
        word_of(c->draft->at.arena, &kith__outcome_state__descriptor, "OUTCOME_STATE_", (int)from);
    return draft_refuse(c->draft, KITH_CONFLICT, "outcome-state",
                        kith_arena_printf(c->draft->at.arena, "it is %s; possible now: %s", word,
                                          is_open ? "met, not-met, dropped" : "open"));
}

/* What is left out stays as it is held; an end that is taken back takes what it said along. */
static kith_err fill_from(const change_case_t *c, Kith__PlanOutcome *outcome,
                          const Kith__PlanOutcome *held)
{
    bool changes = outcome->state != STATE(UNSPECIFIED) && outcome->state != held->state;
    if (changes && !plan_state_may(held->state, outcome->state)) {
        return refuse_transition(c, held->state);
    }
    outcome->text = has_text(outcome->text) ? outcome->text : held->text;
    outcome->owner = has_text(outcome->owner) ? outcome->owner : held->owner;
    outcome->need_code = has_text(outcome->need_code) ? outcome->need_code : held->need_code;
    outcome->by_ms = outcome->by_ms != 0 ? outcome->by_ms : held->by_ms;
    if (outcome->n_expects == 0) {
        outcome->n_expects = held->n_expects;
        outcome->expects = held->expects;
    }
    if (!changes) {
        outcome->state = held->state;
        outcome->reason = has_text(outcome->reason) ? outcome->reason : held->reason;
        outcome->need_met = has_text(outcome->need_met) ? outcome->need_met : held->need_met;
    }
    return KITH_OK;
}

/* An id of its own for an outcome that is new: no second one can come of the same notice. */
static ProtobufCBinaryData outcome_id(const work_draft_t *draft, size_t index)
{
    uint8_t place = (uint8_t)index;
    kith_bytes_t parts[] = {kith_bytes_str("outcome"), bytes_of(draft->notice->id), {&place, 1}};
    kith_digest_t digest;
    draft->at.work->hash(KITH_TAG_REQUEST, parts, 3, &digest);
    return binary_of(kith_arena_copy(draft->at.arena, (kith_bytes_t){digest.bytes, KITH_ID_BYTES}));
}

static kith_err fill_new(const change_case_t *c, Kith__PlanOutcome *outcome, size_t index)
{
    if (outcome->id.len > 0) {
        return draft_refuse(c->draft, KITH_NOT_FOUND, "outcome-unknown",
                            "the plan has no such outcome: `kith plan show` lists them");
    }
    if (outcome->state == STATE(UNSPECIFIED)) {
        outcome->state = STATE(OPEN);
    }
    if (outcome->state != STATE(OPEN)) {
        return draft_refuse(c->draft, KITH_INVALID, "outcome-state",
                            "a new outcome is open: its end comes later");
    }
    outcome->id = outcome_id(c->draft, index);
    return KITH_OK;
}

/* A slip here would mark every event. */
static kith_err check_expects(const change_case_t *c, const Kith__PlanOutcome *outcome)
{
    for (size_t i = 0; i < outcome->n_expects; i++) {
        const char *pattern = outcome->expects[i];
        const kith_topic_t *topic = kith_agreement_topic(c->draft->at.work->agreement, pattern);
        size_t size = strlen(pattern);
        bool wild = size > 0 && pattern[size - 1] == '*' && kith_pattern_valid(pattern);
        if (!wild && (topic == NULL || topic->type != KITH__NOTICE__BODY_EVENT)) {
            return draft_refuse(c->draft, KITH_INVALID, "outcome-expects",
                                kith_arena_printf(c->draft->at.arena,
                                                  "%.48s is no topic of events: name one, its "
                                                  "beginning and .*, or *",
                                                  pattern));
        }
    }
    return KITH_OK;
}

static kith_err fill_outcomes(const change_case_t *c)
{
    int64_t now_ms = c->draft->at.now_ms;
    for (size_t i = 0; i < c->plan->n_outcomes; i++) {
        Kith__PlanOutcome *outcome = c->plan->outcomes[i];
        const Kith__PlanOutcome *held =
            outcome->id.len > 0 ? plan_outcome(c->before, outcome->id) : NULL;
        WORK_TRY(held != NULL ? fill_from(c, outcome, held) : fill_new(c, outcome, i));
        bool moved = held == NULL || strcmp(held->owner, outcome->owner) != 0;
        if (moved && !household_seated(c->household, outcome->owner, now_ms)) {
            return draft_refuse(c->draft, KITH_INVALID, "outcome-owner",
                                "an outcome's owner sits in the household's team: name one that "
                                "does, or seat it first");
        }
        bool dated = outcome->by_ms != 0 && (held == NULL || held->by_ms != outcome->by_ms);
        if (dated && outcome->by_ms <= now_ms) {
            return draft_refuse(c->draft, KITH_INVALID, "date-past",
                                "the day it is to be reached by is over: give a later one");
        }
        WORK_TRY(check_expects(c, outcome));
    }
    return KITH_OK;
}

static kith_err changes_something(const change_case_t *c)
{
    const Kith__Plan *plan = c->plan;
    if (plan->n_outcomes == 0 && plan->review_ms == 0 && !has_text(plan->family_view)) {
        return draft_refuse(c->draft, KITH_INVALID, "nothing-changes",
                            "say what changes: an outcome, the review, the family's words");
    }
    if (plan->review_ms != 0 && plan->review_ms <= c->draft->at.now_ms) {
        return draft_refuse(c->draft, KITH_INVALID, "review-past",
                            "the day of the review is over: give a later one");
    }
    return KITH_OK;
}

static kith_err fits_limit(const change_case_t *c)
{
    size_t count = c->before->n_outcomes;
    for (size_t i = 0; i < c->plan->n_outcomes; i++) {
        count += plan_outcome(c->before, c->plan->outcomes[i]->id) == NULL;
    }
    return count <= KITH_OUTCOMES_MAX
               ? KITH_OK
               : draft_refuse(c->draft, KITH_CONFLICT, "too-many",
                              "a plan has at most 64 outcomes, those that ended included");
}

kith_err plan_prepare(work_draft_t *draft)
{
    change_case_t c = {.draft = draft, .plan = copy_plan(draft->at.arena, draft->notice->plan)};
    Kith__Store__HouseholdRow *household = NULL;
    draft->notice->plan = c.plan;
    WORK_TRY(route_fixed(draft));
    WORK_TRY(route_in_team(draft, &household));
    c.household = household;
    WORK_TRY(plan_find(&draft->at, bytes_of(draft->notice->household), &c.before));
    if (c.before == NULL) {
        c.before = kith_arena_need(draft->at.arena, sizeof *c.before);
        kith__store__plan_row__init(c.before);
    }
    WORK_TRY(changes_something(&c));
    WORK_TRY(fill_outcomes(&c));
    WORK_TRY(fits_limit(&c));
    int64_t latest_ms = plan_latest(c.before).ms;
    c.plan->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    plan_carry(draft->at.arena, c.before, c.plan);
    if (c.plan->begun_ms == 0) {
        c.plan->begun_ms = c.plan->changed_ms;
    }
    route_household(draft, household);
    draft->alone = true; /* a team of one has a plan, too */
    return KITH_OK;
}

/* ---- into the view ---- */

/* What is said now; what is carried along was said before. No words of the family. */
void plan_describe(work_case_t *c)
{
    const Kith__Plan *plan = c->notice->plan;
    line_t line = {0};
    line_add(&line, "plan changed");
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        const Kith__PlanOutcome *outcome = plan->outcomes[i];
        if (outcome->said == NULL) {
            line_add(&line, ", outcome of ");
            line_add(&line, outcome->owner);
            line_add(&line, " ");
            line_add(&line, word_of(c->at.arena, &kith__outcome_state__descriptor, "OUTCOME_STATE_",
                                    (int)outcome->state));
        }
    }
    line_add(&line, plan->review_ms != 0 && plan->review_said == NULL ? ", review" : "");
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err plan_apply(work_case_t *c)
{
    const Kith__Plan *plan = c->notice->plan;
    said_t said = {plan->changed_ms, bytes_of(c->notice->id)};
    return plan_take(&c->at, bytes_of(c->notice->household), plan, said);
}

/* ---- what may be asked ---- */

kith_err work_plan(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t household,
                   int64_t now_ms, Kith__Api__PlanView *ret_view)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__PlanRow *row = NULL;
    WORK_TRY(plan_find(&at, household, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    ret_view->household = binary_of(kith_arena_copy(arena, household));
    ret_view->outcomes = kith_arena_need(arena, (row->n_outcomes + 1) * sizeof(void *));
    for (size_t i = 0; i < row->n_outcomes; i++) {
        ret_view->outcomes[ret_view->n_outcomes++] = row->outcomes[i]->outcome;
    }
    ret_view->review_ms = row->review_ms;
    ret_view->family_view = row->family_view;
    ret_view->changed_ms = plan_latest(row).ms;
    ret_view->unplanned = row->unplanned;
    ret_view->review_overdue = row->review_ms != 0 && row->review_ms < now_ms;
    return KITH_OK;
}
