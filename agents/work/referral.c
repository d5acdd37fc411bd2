/* Referral and its answer. A referral goes to one agency; the referrer is always told the outcome.
 */
#include "agents/work/parts.h"

/* ---- the referral ---- */

const work_refusal_t *referral_check(const Kith__Notice *notice)
{
    static const work_refusal_t need = {"referral-need",
                                        "a referral says the need, in the family's own words"};
    static const work_refusal_t service = {"referral-service", "a referral names a service"};
    static const work_refusal_t basis = {"referral-basis",
                                         "a referral names its data-protection basis: public-task, "
                                         "legal-obligation, vital-interests, consent …"};
    const Kith__Referral *referral = notice->referral;
    if (!has_text(referral->need)) {
        return &need;
    }
    if (!has_text(referral->service)) {
        return &service;
    }
    if (referral->basis == NULL || !has_text(referral->basis->data_protection)) {
        return &basis;
    }
    return check_about(referral->n_about, referral->about);
}

kith_err referral_prepare(work_draft_t *draft)
{
    const Kith__Api__Draft *asked = draft->asked;
    if (asked->n_to != 1 || is_self(&draft->at, asked->to[0])) {
        return draft_refuse(draft, KITH_INVALID, "one-recipient",
                            "a referral is to exactly one agency other than this: name another "
                            "with --to");
    }
    WORK_TRY(draft_household(draft));
    WORK_TRY(route_named(draft));
    Kith__Referral *referral = kith_arena_need(draft->at.arena, sizeof *referral);
    *referral = *draft->notice->referral;
    referral->to = text_of(draft->route.agencies[0]);
    draft->notice->referral = referral;
    return KITH_OK;
}

void referral_describe(work_case_t *c)
{
    const Kith__Referral *referral = c->notice->referral;
    c->row->shielded = about_shielded(c->notice);
    c->row->severity = referral->urgency;
    line_t line = {0};
    line_add(&line, "referral for ");
    line_add(&line, referral->service);
    line_add(&line, has_text(referral->need_code) ? ": " : "");
    line_add(&line, referral->need_code);
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err referral_apply(work_case_t *c)
{
    const Kith__Referral *referral = c->notice->referral;
    const char *to = has_text(referral->to) || c->in->mine ? referral->to : c->at.work->agency;
    Kith__Store__ReferralRow row = KITH__STORE__REFERRAL_ROW__INIT;
    row.from = text_of(c->in->origin);
    row.to = text_of(to);
    row.household = c->row->household;
    row.need = referral->need;
    row.service = referral->service;
    row.urgency = referral->urgency;
    row.sent_ms = c->notice->created_ms;
    WORK_TRY(view_put_referral(&c->at, bytes_of(c->notice->id), &row));
    if (c->in->mine || !is_self(&c->at, to)) {
        return KITH_OK;
    }
    task_said_t said = {
        .kind = TASK_DECIDE,
        .notice = bytes_of(c->notice->id),
        .agency = c->in->origin,
        .household = bytes_of(c->row->household),
    };
    return task_open(&c->at, &said);
}

/* ---- its answer ---- */

static bool is_final(Kith__ReferralStep step)
{
    return step == KITH__REFERRAL_STEP__REFERRAL_ACCEPTED ||
           step == KITH__REFERRAL_STEP__REFERRAL_DECLINED;
}

const work_refusal_t *referral_answer_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"answer-referral",
                                         "an answer names the referral it answers"};
    static const work_refusal_t step = {"answer-step", "an answer says: accepted, or declined"};
    static const work_refusal_t decline = {
        "decline-reason", "declining takes a reason code, and a next step that says what the "
                          "referrer can do"};
    const Kith__ReferralAnswer *answer = notice->referral_answer;
    if (answer->referral.len == 0) {
        return &which;
    }
    if (answer->step == KITH__REFERRAL_STEP__REFERRAL_UNSPECIFIED) {
        return &step;
    }
    bool declined = answer->step == KITH__REFERRAL_STEP__REFERRAL_DECLINED;
    return declined && (!has_text(answer->reason_code) || !has_text(answer->next_step)) ? &decline
                                                                                        : NULL;
}

static kith_err find_referral(const work_ctx_t *at, ProtobufCBinaryData id,
                              Kith__Store__ReferralRow **ret_row)
{
    *ret_row = NULL;
    return id.len > 0 ? view_find_referral(at, bytes_of(id), ret_row) : KITH_OK;
}

static const char *step_word(const work_ctx_t *at, int step)
{
    return word_of(at->arena, &kith__referral_step__descriptor, "REFERRAL_", step);
}

static kith_err may_answer(work_draft_t *draft, const Kith__Store__ReferralRow *row)
{
    kith_arena_t *arena = draft->at.arena;
    if (row == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "referral-unknown",
                            "no such referral has come to this agency");
    }
    if (!is_self(&draft->at, row->to)) {
        return draft_refuse(
            draft, KITH_DENIED, "referral-not-yours",
            kith_arena_printf(arena, "only %s, to whom it was sent, answers it", row->to));
    }
    if (is_final(row->step)) {
        return draft_refuse(draft, KITH_CONFLICT, "referral-answered",
                            kith_arena_printf(arena,
                                              "it was %s, which is final: what comes now is a new "
                                              "referral that names this one as earlier",
                                              step_word(&draft->at, (int)row->step)));
    }
    return KITH_OK;
}

kith_err referral_answer_prepare(work_draft_t *draft)
{
    const Kith__ReferralAnswer *answer = draft->notice->referral_answer;
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(route_fixed(draft));
    WORK_TRY(find_referral(&draft->at, answer->referral, &row));
    WORK_TRY(may_answer(draft, row));
    if (!is_final(answer->step)) {
        return draft_refuse(draft, KITH_INVALID, "answer-step", "say accepted, or declined");
    }
    draft->notice->household = row->household;
    draft_caused_by(draft, answer->referral);
    return route_name(draft, row->from);
}

void referral_answer_describe(work_case_t *c)
{
    const Kith__ReferralAnswer *answer = c->notice->referral_answer;
    line_t line = {0};
    line_add(&line, "referral ");
    line_add(&line, step_word(&c->at, (int)answer->step));
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err referral_answer_apply(work_case_t *c)
{
    const Kith__ReferralAnswer *answer = c->notice->referral_answer;
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(find_referral(&c->at, answer->referral, &row));
    bool asked = row != NULL && strcmp(row->to, c->in->origin) == 0 && !is_final(row->step);
    if (!asked) { /* shown, and nothing more: the first answer stands */
        c->row->not_asked = true;
        return KITH_OK;
    }
    row->step = answer->step;
    row->reason_code = answer->reason_code;
    row->next_step = answer->next_step;
    row->note = answer->note;
    row->scale = answer->scale;
    row->answered_ms = c->notice->created_ms;
    if (c->row->household.len == 0) {
        c->row->household = row->household;
    }
    WORK_TRY(view_put_referral(&c->at, bytes_of(answer->referral), row));
    return c->in->mine && is_final(row->step)
               ? task_end(&c->at, TASK_DECIDE, bytes_of(answer->referral), row->from,
                          c->notice->author)
               : KITH_OK;
}

/* ---- its state ---- */

kith_err work_referral(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       kith_bytes_t referral, Kith__Api__ReferralState **ret_state)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(find_referral(&at, binary_of(referral), &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__ReferralState *state = kith_arena_need(arena, sizeof *state);
    kith__api__referral_state__init(state);
    state->id = binary_of(kith_arena_copy(arena, referral));
    state->from = row->from;
    state->to = row->to;
    state->need = row->need;
    state->service = row->service;
    state->urgency = row->urgency;
    state->step = text_of(row->step != KITH__REFERRAL_STEP__REFERRAL_UNSPECIFIED
                              ? step_word(&at, (int)row->step)
                          : is_self(&at, row->to) ? "received"
                                                  : "sent");
    state->reason_code = row->reason_code;
    state->next_step = row->next_step;
    state->note = row->note;
    state->sent_ms = row->sent_ms;
    state->answered_ms = row->answered_ms;
    state->household = row->household;
    *ret_state = state;
    return KITH_OK;
}
