/* Disagreement: an agency disagrees with what another decided, and the steps of both until it is
 * settled. What they come to is in disagreement_life.c. */
#include "agents/work/parts.h"

#define STEP(name) KITH__DISAGREEMENT_STEP__DISAGREEMENT_##name

static const work_refusal_t no_step = {"disagreement-step",
                                       "a step says: answered, escalated, resolved or withdrawn"};

const work_refusal_t *disagreement_check(const Kith__Notice *notice)
{
    static const work_refusal_t decision = {"disagreement-decision",
                                            "a disagreement names the decision it is about"};
    static const work_refusal_t with = {"disagreement-with",
                                        "a disagreement is with another agency, which decided"};
    static const work_refusal_t text = {"disagreement-text", "say why, or what is answered"};
    static const work_refusal_t outcome = {"resolve-outcome", "resolving says what was agreed"};
    const Kith__Disagreement *said = notice->disagreement;
    bool raises = said->disagreement.len == 0;
    if (said->step == STEP(UNSPECIFIED) || (said->step == STEP(RAISED)) != raises) {
        return &no_step;
    }
    if (raises && said->decision.len == 0) {
        return &decision;
    }
    if (raises && (!has_text(said->with) || strcmp(said->with, notice->origin) == 0)) {
        return &with;
    }
    if ((raises || said->step == STEP(ANSWERED)) && !has_text(said->text)) {
        return &text;
    }
    return said->step == STEP(RESOLVED) && !has_text(said->outcome) ? &outcome : NULL;
}

/* ---- raised ---- */

/* What is told of a family, or of oneself, is not decided. */
static bool is_decision(const Kith__Notice *notice)
{
    switch (notice->body_case) {
    case KITH__NOTICE__BODY_REFERRAL:
    case KITH__NOTICE__BODY_REFERRAL_ANSWER:
    case KITH__NOTICE__BODY_ALERT:
    case KITH__NOTICE__BODY_REPLY:
    case KITH__NOTICE__BODY_HOUSEHOLD_CHANGE:
    case KITH__NOTICE__BODY_ALERT_CHANGE:
    case KITH__NOTICE__BODY_ASSESSMENT:
    case KITH__NOTICE__BODY_PLAN:
    case KITH__NOTICE__BODY_SMALL_HELP:
        return true;
    case KITH__NOTICE__BODY_EVENT:
    case KITH__NOTICE__BODY_SEEN:
    case KITH__NOTICE__BODY_DIRECTORY:
    case KITH__NOTICE__BODY_DISAGREEMENT:
    case KITH__NOTICE__BODY__NOT_SET:
    case _KITH__NOTICE__BODY__CASE_IS_INT_SIZE:
        break;
    }
    return false;
}

static kith_err may_raise(work_draft_t *draft, const Kith__Disagreement *said,
                          const Kith__Notice *decision)
{
    if (decision == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "decision-unknown",
                            "no such notice has come to this agency: name what another decided");
    }
    if (is_self(&draft->at, decision->origin) || !is_decision(decision)) {
        return draft_refuse(draft, KITH_INVALID, "disagreement-decision",
                            "a disagreement is about what another agency decided: a referral or "
                            "its answer, an alert, a reply or change of one, a household change");
    }
    if (has_text(said->with) && strcmp(said->with, decision->origin) != 0) {
        return draft_refuse(draft, KITH_INVALID, "disagreement-with",
                            kith_arena_printf(draft->at.arena,
                                              "this was decided by %s: leave `with` out",
                                              decision->origin));
    }
    if (draft->at.work->agreement->stages_count == 0) {
        return draft_refuse(draft, KITH_INVALID, "disagreement-stages",
                            "the partnership file has no stages to climb: it would need "
                            "`disagreement`");
    }
    return KITH_OK;
}

static kith_err raise(work_draft_t *draft, Kith__Disagreement *said)
{
    Kith__Notice *decision = NULL;
    Kith__Store__FeedRow *row = NULL;
    uint64_t seq = 0;
    if (said->decision.len > 0) {
        WORK_TRY(view_find_notice(&draft->at, bytes_of(said->decision), &decision));
    }
    WORK_TRY(may_raise(draft, said, decision));
    WORK_TRY(feed_find(&draft->at, bytes_of(said->decision), &seq, &row));
    said->with = decision->origin;
    said->step = STEP(RAISED);
    said->changed_ms = draft->at.now_ms;
    draft->notice->household = row != NULL ? row->household : decision->household;
    draft_caused_by(draft, said->decision);
    return route_name(draft, said->with);
}

/* ---- may this agency take this step now? ---- */

static kith_err is_party(work_draft_t *draft, const Kith__Store__DisagreementRow *row,
                         Kith__DisagreementStep step)
{
    if (row == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "disagreement-unknown",
                            "no such disagreement is known to this agency");
    }
    if (!disagreement_step_known(step)) {
        return draft_refuse(draft, KITH_INVALID, no_step.rule, no_step.what);
    }
    bool raisers = disagreement_step_is_raisers(step);
    if (!is_self(&draft->at, raisers ? row->from : row->with)) {
        return draft_refuse(
            draft, KITH_DENIED, "disagreement-not-yours",
            raisers
                ? kith_arena_printf(draft->at.arena, "only %s, who raised it, says this", row->from)
                : kith_arena_printf(draft->at.arena, "only %s, who decided, answers it",
                                    row->with));
    }
    return KITH_OK;
}

static kith_err refuse_step(work_draft_t *draft, const Kith__Store__DisagreementRow *row)
{
    const char *verbs[DISAGREEMENT_VERBS_MAX];
    size_t count = disagreement_allowed(&draft->at, row, verbs);
    kith_arena_t *arena = draft->at.arena;
    const char *what =
        kith_arena_printf(arena, "it is %s at stage %u of %zu; possible now: %s",
                          disagreement_phase_word(&draft->at, (int)row->phase), row->stage,
                          row->n_ladder, count > 0 ? "" : "nothing by this agency");
    for (size_t i = 0; i < count; i++) {
        what = kith_arena_printf(arena, "%s%skith %s", what, i > 0 ? ", " : "", verbs[i]);
    }
    return draft_refuse(draft, KITH_CONFLICT, "disagreement-step", what);
}

static kith_err follow(work_draft_t *draft, Kith__Disagreement *said)
{
    Kith__Store__DisagreementRow *row = NULL;
    WORK_TRY(disagreement_find(&draft->at, bytes_of(said->disagreement), &row));
    WORK_TRY(is_party(draft, row, said->step));
    if (!disagreement_may(&draft->at, row, said->step)) {
        return refuse_step(draft, row);
    }
    int64_t latest_ms = disagreement_latest_ms(row);
    said->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    draft->notice->household = row->household;
    draft_caused_by(draft, said->disagreement);
    return route_name(draft, is_self(&draft->at, row->from) ? row->with : row->from);
}

kith_err disagreement_prepare(work_draft_t *draft)
{
    Kith__Disagreement *said = kith_arena_need(draft->at.arena, sizeof *said);
    *said = *draft->notice->disagreement;
    draft->notice->disagreement = said;
    WORK_TRY(route_fixed(draft));
    return said->disagreement.len == 0 ? raise(draft, said) : follow(draft, said);
}

/* ---- taken ---- */

void disagreement_describe(work_case_t *c)
{
    line_t line = {0};
    line_add(&line, "disagreement ");
    line_add(&line, word_of(c->at.arena, &kith__disagreement_step__descriptor, "DISAGREEMENT_",
                            (int)c->notice->disagreement->step));
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err disagreement_apply(work_case_t *c)
{
    const Kith__Disagreement *said = c->notice->disagreement;
    bool raises = said->step == STEP(RAISED), stands = true;
    kith_bytes_t id = bytes_of(raises ? c->notice->id : said->disagreement);
    Kith__Store__DisagreementRow *row = NULL;
    WORK_TRY(view_find_disagreement(&c->at, id, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__disagreement_row__init(row);
    }
    if (raises) {
        row->from = text_of(c->in->origin);
        row->with = said->with;
        row->household = c->row->household;
        row->decision = said->decision;
        return disagreement_begin(c, row);
    }
    if (c->row->household.len == 0) {
        c->row->household = row->household;
    }
    WORK_TRY(disagreement_take(c, id, row, &stands));
    c->row->not_asked = !stands; /* shown, and nothing more */
    return KITH_OK;
}

/* ---- as it is ---- */

static void show_history(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                         Kith__Api__DisagreementState *state)
{
    state->history = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *state->history);
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Api__ReferralPast *past = kith_arena_need(at->arena, sizeof *past);
        kith__api__referral_past__init(past);
        past->id = row->steps[i]->notice_id;
        past->agency = row->steps[i]->agency;
        past->step = text_of(word_of(at->arena, &kith__disagreement_step__descriptor,
                                     "DISAGREEMENT_", (int)row->steps[i]->step));
        past->at_ms = row->steps[i]->at_ms;
        past->no_effect = !row->steps[i]->stands;
        state->history[state->n_history++] = past;
    }
}

kith_err work_disagreement(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           kith_bytes_t disagreement, int64_t now_ms,
                           Kith__Api__DisagreementState **ret_state)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__DisagreementRow *row = NULL;
    WORK_TRY(disagreement_find(&at, disagreement, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__DisagreementState *state = kith_arena_need(arena, sizeof *state);
    kith__api__disagreement_state__init(state);
    state->id = binary_of(kith_arena_copy(arena, disagreement));
    state->decision = row->decision;
    state->from = row->from;
    state->with = row->with;
    state->state = text_of(disagreement_phase_word(&at, (int)row->phase));
    state->stage = row->stage;
    state->role = text_of(disagreement_role(row));
    state->due_ms = row->due_ms;
    state->overdue = disagreement_is_overdue(&at, row);
    state->text = row->text;
    state->outcome = row->outcome;
    state->household = row->household;
    show_history(&at, row, state);
    const char *verbs[DISAGREEMENT_VERBS_MAX];
    size_t count = disagreement_allowed(&at, row, verbs);
    state->allowed = kith_arena_need(arena, (count + 1) * sizeof *state->allowed);
    for (size_t i = 0; i < count; i++) {
        state->allowed[state->n_allowed++] = text_of(verbs[i]);
    }
    *ret_state = state;
    return KITH_OK;
}
