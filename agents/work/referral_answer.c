/* A step of a referral, by who received it or by the referrer. The other end is always told. */
#include "agents/work/parts.h"

#include "base/text.h"

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name
/* Own steps end here; what both ends may have sent until then still fits REFERRAL_STEPS_MAX. */
#define STEPS_MAX (REFERRAL_STEPS_MAX / 2 - 4)

static bool yes_or_no(const char *text)
{
    return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
}

/* What a step must say, beside its name. */
static const work_refusal_t *check_step(const Kith__ReferralAnswer *answer)
{
    static const work_refusal_t decline = {
        "decline-reason", "declining takes a reason code, and a next step that says what the "
                          "referrer can do"};
    static const work_refusal_t note = {"answer-note", "say in a note what is asked, or told"};
    static const work_refusal_t part = {"partly-part", "accepting partly says what part it is"};
    static const work_refusal_t to = {"redirect-to", "redirecting names the agency to ask instead"};
    static const work_refusal_t level = {"step-level",
                                         "stepping up or down says the level of need it goes to"};
    static const work_refusal_t withdraw = {"withdraw-reason", "withdrawing takes a reason code"};
    static const work_refusal_t outcome = {"close-outcome", "closing takes an outcome code"};
    static const work_refusal_t met = {
        "close-need", "the family says whether the need is met: yes or no; or else why they were "
                      "not asked"};
    switch ((int)answer->step) {
    case STEP(DECLINED):
        return has_text(answer->reason_code) && has_text(answer->next_step) ? NULL : &decline;
    case STEP(NEEDS_INFORMATION):
    case STEP(INFORMATION):
        return has_text(answer->note) ? NULL : &note;
    case STEP(PARTLY_ACCEPTED):
        return has_text(answer->part) ? NULL : &part;
    case STEP(REDIRECTED):
        return kith_text_name(answer->redirected_to) ? NULL : &to;
    case STEP(STEPPED_UP):
    case STEP(STEPPED_DOWN):
        return has_text(answer->level) ? NULL : &level;
    case STEP(WITHDRAWN):
        return has_text(answer->reason_code) ? NULL : &withdraw;
    case STEP(CLOSED):
        if (!has_text(answer->outcome)) {
            return &outcome;
        }
        return yes_or_no(answer->need_met) != has_text(answer->not_asked) ? NULL : &met;
    default:
        return NULL;
    }
}

const work_refusal_t *referral_answer_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"answer-referral",
                                         "an answer names the referral it answers"};
    static const work_refusal_t step = {"answer-step", "an answer says: accepted, or declined …"};
    const Kith__ReferralAnswer *answer = notice->referral_answer;
    if (answer->referral.len == 0) {
        return &which;
    }
    return answer->step == STEP(UNSPECIFIED) ? &step : check_step(answer);
}

/* ---- may this agency take this step now? ---- */

static kith_err refuse_step(work_draft_t *draft, const Kith__Store__ReferralRow *row,
                            bool by_referrer)
{
    const char *verbs[REFERRAL_VERBS_MAX];
    size_t count = referral_allowed(by_referrer, (int)row->phase, verbs);
    kith_arena_t *arena = draft->at.arena;
    const char *what =
        count == 0 ? kith_arena_printf(arena,
                                       "it is %s, which is final: what comes now is a new referral "
                                       "that names this one as earlier",
                                       referral_phase_word(&draft->at, (int)row->phase))
                   : kith_arena_printf(arena, "it is %s; possible now: ",
                                       referral_phase_word(&draft->at, (int)row->phase));
    for (size_t i = 0; i < count; i++) {
        what = kith_arena_printf(arena, "%s%skith %s", what, i > 0 ? ", " : "", verbs[i]);
    }
    return draft_refuse(draft, KITH_CONFLICT, "referral-step", what);
}

static kith_err is_party(work_draft_t *draft, const Kith__Store__ReferralRow *row,
                         Kith__ReferralStep step)
{
    if (row == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "referral-unknown",
                            "no such referral has come to this agency");
    }
    bool referrers = referral_step_is_referrers(step);
    if (!is_self(&draft->at, referrers ? row->from : row->to)) {
        return draft_refuse(
            draft, KITH_DENIED, "referral-not-yours",
            referrers
                ? kith_arena_printf(draft->at.arena, "only %s, who sent it, says this", row->from)
                : kith_arena_printf(draft->at.arena, "only %s, to whom it was sent, answers it",
                                    row->to));
    }
    return KITH_OK;
}

static kith_err is_said_well(work_draft_t *draft, const Kith__ReferralAnswer *answer)
{
    const kith_agency_t *other =
        has_text(answer->redirected_to)
            ? kith_agreement_agency(draft->at.work->agreement, answer->redirected_to)
            : NULL;
    if (has_text(answer->redirected_to) &&
        (other == NULL || other->left || is_self(&draft->at, answer->redirected_to))) {
        return draft_refuse(draft, KITH_INVALID, "redirect-to",
                            "redirecting names another member of the partnership");
    }
    if ((has_text(answer->reason_code) && !kith_text_name(answer->reason_code)) ||
        (has_text(answer->outcome) && !kith_text_name(answer->outcome))) {
        return draft_refuse(draft, KITH_INVALID, "reason-code",
                            "reasons and outcomes are codes, as out-of-area: [a-z0-9] then "
                            "[a-z0-9.-]; words go into the note");
    }
    return KITH_OK;
}

kith_err referral_answer_prepare(work_draft_t *draft)
{
    Kith__ReferralAnswer *answer = kith_arena_need(draft->at.arena, sizeof *answer);
    Kith__Store__ReferralRow *row = NULL;
    *answer = *draft->notice->referral_answer;
    draft->notice->referral_answer = answer;
    WORK_TRY(route_fixed(draft));
    WORK_TRY(referral_find(&draft->at, answer->referral, &row));
    WORK_TRY(is_party(draft, row, answer->step));
    bool by_referrer = is_self(&draft->at, row->from);
    if (!referral_step_known(answer->step)) {
        return draft_refuse(draft, KITH_INVALID, "answer-step", "say accepted, or declined …");
    }
    if (referral_next(answer->step, by_referrer, (int)row->phase) == REFERRAL_PHASE_NONE) {
        return refuse_step(draft, row, by_referrer);
    }
    if (row->n_steps >= STEPS_MAX && answer->step != STEP(CLOSED) &&
        answer->step != STEP(WITHDRAWN)) {
        return draft_refuse(draft, KITH_CONFLICT, "referral-steps",
                            "a referral has at most 60 steps: close it, and refer again with this "
                            "one as earlier");
    }
    WORK_TRY(is_said_well(draft, answer));
    int64_t latest_ms = referral_latest_ms(row);
    answer->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    draft->notice->household = row->household;
    draft_caused_by(draft, answer->referral);
    return route_name(draft, by_referrer ? row->to : row->from);
}

/* ---- taken ---- */

void referral_answer_describe(work_case_t *c)
{
    const Kith__ReferralAnswer *answer = c->notice->referral_answer;
    line_t line = {0};
    line_add(&line, "referral ");
    line_add(&line, word_of(c->at.arena, &kith__referral_step__descriptor, "REFERRAL_",
                            (int)answer->step));
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err referral_answer_apply(work_case_t *c)
{
    const Kith__ReferralAnswer *answer = c->notice->referral_answer;
    Kith__Store__ReferralRow *row = NULL;
    bool stands = false;
    WORK_TRY(referral_find(&c->at, answer->referral, &row));
    if (row == NULL) {
        WORK_TRY(referral_wait(c, &stands));
    }
    bool by_referrer = row != NULL && strcmp(row->from, c->in->origin) == 0;
    bool is_party = by_referrer || (row != NULL && strcmp(row->to, c->in->origin) == 0);
    if (is_party) {
        if (c->row->household.len == 0) {
            c->row->household = row->household;
        }
        WORK_TRY(referral_take(c, row, by_referrer, &stands));
    }
    c->row->not_asked = !stands; /* shown, and nothing more */
    return KITH_OK;
}
