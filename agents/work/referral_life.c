/* A referral's life: which step may follow which, who owes the next one, and by when. The table is
 * drawn in docs/STATES.md, and a test compares the two.
 *
 * Steps of both ends may cross on the wire. So the state is never changed by a step: all steps are
 * kept in one order, (changed_ms, notice id), and the state is what they come to from the first on.
 * Whatever order they arrive in, both ends come to the same. A step that its state does not allow
 * stays in the history and changes nothing. */
#include "agents/work/steps.h"

#define TASK_OVERDUE "referral-overdue"

#define SENT           KITH__STORE__REFERRAL_PHASE__PHASE_SENT
#define ASKED          KITH__STORE__REFERRAL_PHASE__PHASE_NEEDS_INFORMATION
#define PARTLY         KITH__STORE__REFERRAL_PHASE__PHASE_PARTLY_ACCEPTED
#define ACCEPTED       KITH__STORE__REFERRAL_PHASE__PHASE_ACCEPTED
#define WORKING        KITH__STORE__REFERRAL_PHASE__PHASE_IN_PROGRESS
#define WORKING_PARTLY KITH__STORE__REFERRAL_PHASE__PHASE_IN_PROGRESS_REST_OPEN
#define DECLINED       KITH__STORE__REFERRAL_PHASE__PHASE_DECLINED
#define REDIRECTED     KITH__STORE__REFERRAL_PHASE__PHASE_REDIRECTED
#define WITHDRAWN      KITH__STORE__REFERRAL_PHASE__PHASE_WITHDRAWN
#define CLOSED         KITH__STORE__REFERRAL_PHASE__PHASE_CLOSED
#define NO             REFERRAL_PHASE_NONE

/* The last four phases are final: nothing follows. */
#define OPEN_PHASES 6

typedef struct rule {
    Kith__ReferralStep step;
    bool by_referrer;
    const char *verb; /* of `kith` */
    int next[OPEN_PHASES];
} rule_t;

#define STEP(name) KITH__REFERRAL_STEP__REFERRAL_##name
static const rule_t rules[] = {
    /* from: SENT, ASKED, PARTLY, ACCEPTED, WORKING, WORKING_PARTLY */
    {STEP(ACCEPTED), false, "accept", {ACCEPTED, ACCEPTED, ACCEPTED, NO, NO, WORKING}},
    {STEP(PARTLY_ACCEPTED), false, "accept --part", {PARTLY, PARTLY, NO, NO, NO, NO}},
    {STEP(DECLINED), false, "decline", {DECLINED, DECLINED, ACCEPTED, NO, NO, WORKING}},
    {STEP(REDIRECTED),
     false,
     "referral redirect",
     {REDIRECTED, REDIRECTED, ACCEPTED, NO, NO, WORKING}},
    {STEP(NEEDS_INFORMATION), false, "referral ask", {ASKED, NO, NO, NO, NO, NO}},
    {STEP(INFORMATION), true, "referral inform", {SENT, SENT, NO, NO, NO, NO}},
    {STEP(IN_PROGRESS), false, "referral begin", {NO, NO, WORKING_PARTLY, WORKING, NO, NO}},
    {STEP(STEPPED_UP),
     false,
     "referral step-up",
     {NO, NO, PARTLY, ACCEPTED, WORKING, WORKING_PARTLY}},
    {STEP(STEPPED_DOWN),
     false,
     "referral step-down",
     {NO, NO, PARTLY, ACCEPTED, WORKING, WORKING_PARTLY}},
    {STEP(WITHDRAWN),
     true,
     "referral withdraw",
     {WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN}},
    {STEP(CLOSED), false, "referral close", {NO, NO, NO, CLOSED, CLOSED, NO}},
};
#define RULES_COUNT (sizeof rules / sizeof *rules)

int referral_next(Kith__ReferralStep step, bool by_referrer, int phase)
{
    for (size_t i = 0; i < RULES_COUNT && phase < OPEN_PHASES; i++) {
        if (rules[i].step == step && rules[i].by_referrer == by_referrer) {
            return rules[i].next[phase];
        }
    }
    return NO;
}

bool referral_step_known(Kith__ReferralStep step)
{
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (rules[i].step == step) {
            return true;
        }
    }
    return false;
}

bool referral_step_is_referrers(Kith__ReferralStep step)
{
    return step == STEP(INFORMATION) || step == STEP(WITHDRAWN);
}

size_t referral_allowed(bool by_referrer, int phase, const char *ret_verbs[REFERRAL_VERBS_MAX])
{
    size_t count = 0;
    _Static_assert(RULES_COUNT <= REFERRAL_VERBS_MAX, "each rule has a place");
    for (size_t i = 0; i < RULES_COUNT; i++) {
        if (referral_next(rules[i].step, by_referrer, phase) != NO &&
            rules[i].by_referrer == by_referrer) {
            ret_verbs[count++] = rules[i].verb;
        }
    }
    return count;
}

bool referral_final(int phase)
{
    return phase >= OPEN_PHASES;
}

bool referral_rest_open(int phase)
{
    return phase == PARTLY || phase == WORKING_PARTLY;
}

/* ---- the history ---- */

/* As an agent of before wrote it: one answer, which was final. */
static void adopt(kith_arena_t *arena, Kith__Store__ReferralRow *row)
{
    if (row->n_steps > 0 || row->step == STEP(UNSPECIFIED)) {
        return;
    }
    row->steps = kith_arena_need(arena, sizeof *row->steps);
    row->steps[0] = kith_arena_need(arena, sizeof **row->steps);
    kith__store__referral_step_row__init(row->steps[0]);
    row->steps[0]->step = row->step;
    row->steps[0]->at_ms = row->answered_ms;
    row->steps[0]->stands = true;
    row->steps[0]->scale = row->scale;
    row->n_steps = 1;
    row->phase = row->step == STEP(ACCEPTED)   ? ACCEPTED
                 : row->step == STEP(DECLINED) ? DECLINED
                                               : SENT;
    row->since_ms = row->answered_ms;
}

/* Also one that has not come, whose steps wait. */
static kith_err find(const work_ctx_t *at, ProtobufCBinaryData id,
                     Kith__Store__ReferralRow **ret_row)
{
    *ret_row = NULL;
    WORK_TRY(id.len > 0 ? view_find_referral(at, bytes_of(id), ret_row) : KITH_OK);
    if (*ret_row != NULL) {
        adopt(at->arena, *ret_row);
    }
    return KITH_OK;
}

kith_err referral_find(const work_ctx_t *at, ProtobufCBinaryData id,
                       Kith__Store__ReferralRow **ret_row)
{
    WORK_TRY(find(at, id, ret_row));
    if (*ret_row != NULL && !has_text((*ret_row)->from)) {
        *ret_row = NULL;
    }
    return KITH_OK;
}

STEPS_IN_ORDER(Kith__Store__ReferralRow, Kith__Store__ReferralStepRow, STEPS_NO_FIRST)

/* What all steps come to. NULL when none of them stands. */
static const Kith__Store__ReferralStepRow *fold(Kith__Store__ReferralRow *row)
{
    const Kith__Store__ReferralStepRow *last = NULL;
    int64_t since_ms = row->sent_ms, rest_since_ms = 0;
    int phase = SENT;
    row->scale = row->level = row->part = text_of("");
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Store__ReferralStepRow *step = row->steps[i];
        int next = referral_next(step->step, step->by_referrer, phase);
        step->stands = next != NO;
        if (!step->stands) {
            continue;
        }
        since_ms = next != phase ? step->at_ms : since_ms;
        rest_since_ms = !referral_rest_open(phase) ? step->at_ms : rest_since_ms;
        phase = next;
        last = step;
        row->scale = has_text(step->scale) ? step->scale : row->scale;
        row->level = has_text(step->level) ? step->level : row->level;
        row->part = has_text(step->part) ? step->part : row->part;
    }
    row->phase = (Kith__Store__ReferralPhase)phase;
    row->since_ms = referral_rest_open(phase) ? rest_since_ms : since_ms;
    return last;
}

/* ---- clocks ---- */

/* The clock that the next step is owed by. false: nobody owes one. */
static bool owes(const work_ctx_t *at, const Kith__Store__ReferralRow *row, const char **ret_clock)
{
    static const char *const clocks[OPEN_PHASES] = {
        [SENT] = "decision",       [ASKED] = "information",       [PARTLY] = "decision",
        [ACCEPTED] = "assessment", [WORKING_PARTLY] = "decision",
    };
    const kith_agreement_t *a = at->work->agreement;
    int phase = (int)row->phase;
    if (phase >= OPEN_PHASES || clocks[phase] == NULL) {
        return false;
    }
    *ret_clock = clocks[phase];
    const char *triage =
        kith_arena_printf(at->arena, "triage-%.*s", (int)KITH_NAME_MAX, row->urgency);
    bool at_front_door = has_text(a->front_door) && strcmp(a->front_door, row->to) == 0;
    if (phase == SENT && at_front_door && kith_agreement_clock(a, triage) != NULL) {
        *ret_clock = triage;
    }
    return true;
}

/* A clock that runs goes on as it began, also when the configuration changes meanwhile. */
static kith_err set_clock(const work_ctx_t *at, kith_bytes_t id, Kith__Store__ReferralRow *row,
                          const char *by)
{
    const char *clock = "";
    bool owed = owes(at, row, &clock);
    const char *owing = row->phase == ASKED ? row->from : row->to;
    if (row->due_since_ms == row->since_ms && strcmp(row->clock, clock) == 0) {
        return KITH_OK;
    }
    if (row->due_ms != 0) {
        WORK_TRY(due_clear(at, AGENT_TABLE_REFERRALS_DUE, row->due_ms, id));
        WORK_TRY(task_end(at, TASK_OVERDUE, id, row->due_by, by));
    }
    row->due_since_ms = row->since_ms;
    row->clock = text_of(clock);
    row->due_by = text_of(owing);
    row->overdue_told = false;
    row->due_ms = owed ? kith_agreement_due(at->work->agreement, clock, owing, row->since_ms) : 0;
    return row->due_ms != 0 ? due_set(at, AGENT_TABLE_REFERRALS_DUE, row->due_ms, id) : KITH_OK;
}

/* ---- tasks ---- */

static kith_err keep_task(const work_ctx_t *at, kith_bytes_t id,
                          const Kith__Store__ReferralRow *row, const char *by, const char *kind,
                          bool is_open)
{
    const char *other = is_self(at, row->to) ? row->from : row->to;
    task_said_t said = {
        .kind = kind,
        .notice = id,
        .agency = other,
        .reason = referral_rest_open((int)row->phase) ? "the rest is still open" : "",
        .due_ms = row->due_ms,
        .household = bytes_of(row->household),
    };
    return is_open ? task_open(at, &said) : task_end(at, kind, id, other, by);
}

static kith_err keep_tasks(const work_ctx_t *at, kith_bytes_t id,
                           const Kith__Store__ReferralRow *row, const char *by)
{
    if (is_self(at, row->from)) {
        return keep_task(at, id, row, by, TASK_INFORM, row->phase == ASKED);
    }
    if (!is_self(at, row->to)) {
        return KITH_OK;
    }
    WORK_TRY(keep_task(at, id, row, by, TASK_DECIDE,
                       row->phase == SENT || referral_rest_open((int)row->phase)));
    return keep_task(at, id, row, by, TASK_BEGIN, row->phase == ACCEPTED || row->phase == PARTLY);
}

kith_err referral_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__ReferralRow *row,
                         const char *by)
{
    if (row->n_steps == 0) {
        row->since_ms = row->sent_ms;
    }
    if (is_self(at, row->from) || is_self(at, row->to)) {
        WORK_TRY(set_clock(at, id, row, by));
    }
    WORK_TRY(keep_tasks(at, id, row, by));
    return view_put_referral(at, id, row);
}

/* Those who are not told by a notice are told here: both ends, each by its own clock. */
kith_err referral_overdue(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(referral_find(at, binary_of(id), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    task_said_t said = {
        .kind = TASK_OVERDUE,
        .notice = id,
        .agency = row->due_by,
        .reason = row->clock,
        .due_ms = row->due_ms,
        .household = bytes_of(row->household),
    };
    line_t line = {0};
    line_add(&line, "referral overdue: ");
    line_add(&line, row->clock);
    line_add(&line, " by ");
    line_add(&line, row->due_by);
    WORK_TRY(task_open(at, &said));
    WORK_TRY(feed_tell(at, id, bytes_of(row->household), "overdue", line_text(at->arena, &line)));
    row->overdue_told = true;
    return view_put_referral(at, id, row);
}

/* ---- one more step ---- */

/* What is shown of the last step that stands. An answer adopted from before has no notice here: its
 * words are in the row. */
static kith_err show_last(const work_case_t *c, Kith__Store__ReferralRow *row,
                          const Kith__Store__ReferralStepRow *last)
{
    if (last == NULL || last->notice_id.len == 0) {
        return KITH_OK;
    }
    const Kith__Notice *notice = c->notice;
    if (!same_id(last->notice_id, notice->id)) {
        Kith__Notice *held = NULL;
        WORK_TRY(view_find_notice(&c->at, bytes_of(last->notice_id), &held));
        if (held == NULL || held->body_case != KITH__NOTICE__BODY_REFERRAL_ANSWER) {
            return KITH_CORRUPT; /* both are written in one commit */
        }
        notice = held;
    }
    const Kith__ReferralAnswer *answer = notice->referral_answer;
    row->step = answer->step;
    row->reason_code = answer->reason_code;
    row->next_step = answer->next_step;
    row->note = answer->note;
    row->redirected_to = answer->redirected_to;
    row->outcome = answer->outcome;
    row->need_met = answer->need_met;
    row->not_asked = answer->not_asked;
    row->answered_ms = last->at_ms;
    return KITH_OK;
}

static kith_err fold_and_show(const work_case_t *c, Kith__Store__ReferralRow *row)
{
    const Kith__Store__ReferralStepRow *last = fold(row);
    if (last == NULL) {
        row->step = STEP(UNSPECIFIED);
    }
    return show_last(c, row, last);
}

/* In its place among the others; NULL when there are too many. */
static Kith__Store__ReferralStepRow *add(const work_case_t *c, Kith__Store__ReferralRow *row)
{
    const Kith__ReferralAnswer *answer = c->notice->referral_answer;
    if (row->n_steps >= REFERRAL_STEPS_MAX) {
        return NULL;
    }
    Kith__Store__ReferralStepRow *step = kith_arena_need(c->at.arena, sizeof *step);
    kith__store__referral_step_row__init(step);
    step->notice_id = c->notice->id;
    step->step = answer->step;
    step->at_ms = answer->changed_ms != 0 ? answer->changed_ms : c->notice->created_ms;
    step->scale = answer->scale;
    step->level = answer->level;
    step->part = answer->part;
    insert_step(c->at.arena, row, step);
    return step;
}

kith_err referral_take(work_case_t *c, Kith__Store__ReferralRow *row, bool by_referrer,
                       bool *ret_stands)
{
    Kith__Store__ReferralStepRow *step = add(c, row);
    if (step == NULL) {
        *ret_stands = false;
        return KITH_OK;
    }
    step->by_referrer = by_referrer;
    WORK_TRY(fold_and_show(c, row));
    *ret_stands = step->stands;
    const char *by = c->in->mine ? c->notice->author : c->in->origin;
    return referral_settle(&c->at, bytes_of(c->notice->referral_answer->referral), row, by);
}

kith_err referral_wait(const work_case_t *c, bool *ret_waits)
{
    ProtobufCBinaryData id = c->notice->referral_answer->referral;
    Kith__Store__ReferralRow *row = NULL;
    WORK_TRY(find(&c->at, id, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__referral_row__init(row);
    }
    Kith__Store__ReferralStepRow *step = add(c, row);
    *ret_waits = step != NULL;
    if (step == NULL) {
        return KITH_OK;
    }
    step->agency = text_of(c->in->origin);
    return view_put_referral(&c->at, bytes_of(id), row);
}

kith_err referral_begin(const work_case_t *c, Kith__Store__ReferralRow *row)
{
    Kith__Store__ReferralRow *waiting = NULL;
    WORK_TRY(find(&c->at, c->notice->id, &waiting));
    if (waiting != NULL) {
        row->steps = waiting->steps;
        for (size_t i = 0; i < waiting->n_steps; i++) {
            Kith__Store__ReferralStepRow *step = waiting->steps[i];
            step->by_referrer = strcmp(step->agency, row->from) == 0;
            /* nobody else's waited */
            if (step->by_referrer || strcmp(step->agency, row->to) == 0) {
                row->steps[row->n_steps++] = step;
            }
        }
        WORK_TRY(fold_and_show(c, row));
    }
    return referral_settle(&c->at, bytes_of(c->notice->id), row, c->notice->author);
}

int64_t referral_latest_ms(const Kith__Store__ReferralRow *row)
{
    return row->n_steps > 0 ? row->steps[row->n_steps - 1]->at_ms : row->sent_ms;
}
