/* Referral: one agency asks another for a service for a family. Its steps are in referral_answer.c,
 * what they come to in referral_life.c. */
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

/* The one it follows is one that this agency sent or received. */
static kith_err check_earlier(work_draft_t *draft, const Kith__Referral *referral)
{
    Kith__Store__ReferralRow *earlier = NULL;
    if (referral->earlier.len == 0) {
        return KITH_OK;
    }
    WORK_TRY(referral_find(&draft->at, referral->earlier, &earlier));
    if (earlier == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "earlier-unknown",
                            "the referral it follows is not known here: leave it out, or name one "
                            "that is");
    }
    return KITH_OK;
}

kith_err referral_prepare(work_draft_t *draft)
{
    const Kith__Api__Draft *asked = draft->asked;
    if (asked->n_to != 1 || is_self(&draft->at, asked->to[0])) {
        return draft_refuse(draft, KITH_INVALID, "one-recipient",
                            "a referral is to exactly one agency other than this: name another "
                            "with --to");
    }
    WORK_TRY(check_earlier(draft, draft->notice->referral));
    WORK_TRY(draft_household(draft));
    WORK_TRY(route_named(draft));
    WORK_TRY(directory_warns(draft, draft->route.agencies[0], draft->notice->referral));
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

/* The earlier one, where it is known, says which followed it. */
static kith_err link_earlier(const work_case_t *c)
{
    const Kith__Referral *referral = c->notice->referral;
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(referral_find(&c->at, referral->earlier, &row));
    if (row == NULL || row->n_later >= REFERRAL_LATER_MAX) {
        return KITH_OK;
    }
    ProtobufCBinaryData *later = kith_arena_need(c->at.arena, (row->n_later + 1) * sizeof *later);
    for (size_t i = 0; i < row->n_later; i++) {
        later[i] = row->later[i];
    }
    later[row->n_later++] = c->notice->id;
    row->later = later;
    return view_put_referral(&c->at, bytes_of(referral->earlier), row);
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
    row.earlier = referral->earlier;
    row.sent_ms = c->notice->created_ms;
    WORK_TRY(link_earlier(c));
    return referral_begin(c, &row);
}

/* ---- its state ---- */

const char *referral_phase_word(const work_ctx_t *at, int phase)
{
    const char *word =
        word_of(at->arena, &kith__store__referral_phase__descriptor, "PHASE_", phase);
    return phase == KITH__STORE__REFERRAL_PHASE__PHASE_IN_PROGRESS_REST_OPEN ? "in-progress" : word;
}

static const char *step_word(const work_ctx_t *at, const Kith__Store__ReferralRow *row)
{
    if (row->phase != KITH__STORE__REFERRAL_PHASE__PHASE_SENT) {
        return referral_phase_word(at, (int)row->phase);
    }
    for (size_t i = 0; i < row->n_steps; i++) {
        if (!referral_step_known(row->steps[i]->step)) {
            return "newer"; /* there is more to it than this agent understands */
        }
    }
    return is_self(at, row->to) ? "received" : "sent";
}

static void show_history(const work_ctx_t *at, const Kith__Store__ReferralRow *row,
                         Kith__Api__ReferralState *state)
{
    state->history = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *state->history);
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Api__ReferralPast *past = kith_arena_need(at->arena, sizeof *past);
        kith__api__referral_past__init(past);
        past->id = row->steps[i]->notice_id;
        past->agency = row->steps[i]->by_referrer ? row->from : row->to;
        past->step = text_of(word_of(at->arena, &kith__referral_step__descriptor, "REFERRAL_",
                                     (int)row->steps[i]->step));
        past->at_ms = row->steps[i]->at_ms;
        past->no_effect = !row->steps[i]->stands;
        state->history[state->n_history++] = past;
    }
}

static void show_allowed(const work_ctx_t *at, const Kith__Store__ReferralRow *row,
                         Kith__Api__ReferralState *state)
{
    const char *verbs[REFERRAL_VERBS_MAX];
    if (!is_self(at, row->from) && !is_self(at, row->to)) {
        return;
    }
    size_t count = referral_allowed(is_self(at, row->from), (int)row->phase, verbs);
    state->allowed = kith_arena_need(at->arena, (count + 1) * sizeof *state->allowed);
    for (size_t i = 0; i < count; i++) {
        state->allowed[state->n_allowed++] = text_of(verbs[i]);
    }
}

static void show_what_was_said(const Kith__Store__ReferralRow *row, Kith__Api__ReferralState *state)
{
    state->from = row->from;
    state->to = row->to;
    state->need = row->need;
    state->service = row->service;
    state->urgency = row->urgency;
    state->reason_code = row->reason_code;
    state->next_step = row->next_step;
    state->note = row->note;
    state->sent_ms = row->sent_ms;
    state->answered_ms = row->answered_ms;
    state->household = row->household;
    state->scale = row->scale;
    state->level = row->level;
    state->part = row->part;
    state->redirected_to = row->redirected_to;
    state->outcome = row->outcome;
    state->need_met = row->need_met;
    state->not_asked = row->not_asked;
    state->earlier = row->earlier;
    state->n_later = row->n_later;
    state->later = row->later;
}

kith_err work_referral(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       kith_bytes_t referral, Kith__Api__ReferralState **ret_state)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(referral_find(&at, binary_of(referral), &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__ReferralState *state = kith_arena_need(arena, sizeof *state);
    kith__api__referral_state__init(state);
    state->id = binary_of(kith_arena_copy(arena, referral));
    show_what_was_said(row, state);
    state->step = text_of(step_word(&at, row));
    state->rest_open = referral_rest_open((int)row->phase);
    state->due_ms = row->due_ms;
    state->due_by = row->due_ms != 0 ? row->due_by : text_of("");
    state->overdue = row->overdue_told;
    show_history(&at, row, state);
    show_allowed(&at, row, state);
    *ret_state = state;
    return KITH_OK;
}
