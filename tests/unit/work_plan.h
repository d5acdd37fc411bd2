/* Plans in the world of work_world.h: drafts, and what an agency holds. Functions are `inline`
 * since not every test file has use for all of them. */
#pragma once

#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#define STATE(name) KITH__OUTCOME_STATE__OUTCOME_STATE_##name

static inline ProtobufCBinaryData family_of(world_t *w)
{
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    world_seat(w, draft, "social-care", 0);
    world_lead(w, draft, "housing");
    return world_say(w, "police", draft)->household;
}

static inline Kith__Api__Draft *change(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_PLAN;
    draft->plan = kith_arena_need(w->arena, sizeof *draft->plan);
    kith__plan__init(draft->plan);
    return draft;
}

/* One more outcome in the draft. */
static inline Kith__PlanOutcome *add(world_t *w, Kith__Api__Draft *draft)
{
    Kith__PlanOutcome **outcomes =
        kith_arena_need(w->arena, (draft->plan->n_outcomes + 1) * sizeof *outcomes);
    for (size_t i = 0; i < draft->plan->n_outcomes; i++) {
        outcomes[i] = draft->plan->outcomes[i];
    }
    Kith__PlanOutcome *outcome = kith_arena_need(w->arena, sizeof *outcome);
    kith__plan_outcome__init(outcome);
    outcomes[draft->plan->n_outcomes++] = outcome;
    draft->plan->outcomes = outcomes;
    return outcome;
}

static inline Kith__PlanOutcome *add_new(world_t *w, Kith__Api__Draft *draft, const char *owner)
{
    Kith__PlanOutcome *outcome = add(w, draft);
    outcome->text = NAME("Both children are in bed by nine");
    outcome->owner = NAME(owner);
    return outcome;
}

static inline Kith__Api__Draft *with_outcome(world_t *w, ProtobufCBinaryData household,
                                             const char *owner)
{
    Kith__Api__Draft *draft = change(w, household);
    add_new(w, draft, owner);
    return draft;
}

/* A change of this outcome alone, to this state, with all that the state must say. */
static inline Kith__Api__Draft *ending(world_t *w, ProtobufCBinaryData household,
                                       ProtobufCBinaryData id, Kith__OutcomeState state)
{
    Kith__Api__Draft *draft = change(w, household);
    Kith__PlanOutcome *outcome = add(w, draft);
    outcome->id = id;
    outcome->state = state;
    outcome->reason = NAME(state == STATE(MET) || state == STATE(OPEN) ? "" : "they moved away");
    outcome->need_met = NAME(state == STATE(MET) ? "yes" : "");
    return draft;
}

static inline Kith__Api__PlanView *view_at(world_t *w, const char *agency,
                                           ProtobufCBinaryData household)
{
    Kith__Api__PlanView *view = kith_arena_need(w->arena, sizeof *view);
    kith__api__plan_view__init(view);
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_plan(&world_node(w, agency)->work, txn, w->arena, bytes_of(household),
                               w->now_ms, view),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return view;
}

/* All that every agency must hold alike. */
static inline kith_bytes_t held(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    Kith__Api__PlanView *view = view_at(w, agency, household);
    view->unplanned = 0; /* of what came to this agency */
    return KITH_PACK(w->arena, view);
}

static inline void assert_same(world_t *w, const char *a, const char *b,
                               ProtobufCBinaryData household)
{
    if (!kith_bytes_equal(held(w, a, household), held(w, b, household))) {
        fail_msg("%s and %s hold different plans", a, b);
    }
}

static const Kith__OutcomeState states[] = {STATE(OPEN), STATE(MET), STATE(NOT_MET),
                                            STATE(DROPPED)};
