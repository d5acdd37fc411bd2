/* Alert, the one email: raised once, with a row for each agency that owes an answer. What it comes
 * to is in alert_life.c, whom silence reaches in alert_climb.c, the answers in alert_reply.c. */
#include "agents/work/parts.h"

#include "base/text.h"

/* ---- the alert ---- */

static const work_refusal_t *check_asked(const Kith__Alert *alert, const char *origin)
{
    static const work_refusal_t nobody = {"alert-asked", "an alert asks at least one agency"};
    static const work_refusal_t each = {
        "alert-asked-each", "an alert asks agencies by name, each once, and not its own origin"};
    for (size_t i = 0; i < alert->n_asked; i++) {
        bool fits = kith_text_name(alert->asked[i]) && strcmp(alert->asked[i], origin) != 0;
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(alert->asked[i], alert->asked[k]) != 0;
        }
        if (!fits) {
            return &each;
        }
    }
    return alert->n_asked > 0 ? NULL : &nobody;
}

const work_refusal_t *alert_check(const Kith__Notice *notice)
{
    static const work_refusal_t subject = {"alert-subject", "an alert has a subject"};
    static const work_refusal_t household = {"alert-household", "an alert names its household"};
    static const work_refusal_t reply_by = {"alert-reply-by", "an alert says by when to reply"};
    const Kith__Alert *alert = notice->alert;
    if (!has_text(alert->subject)) {
        return &subject;
    }
    if (notice->household.len == 0) {
        return &household;
    }
    if (alert->reply_by_ms == 0) {
        return &reply_by;
    }
    const work_refusal_t *refusal = check_asked(alert, notice->origin);
    return refusal != NULL ? refusal : check_about(alert->n_about, alert->about);
}

/* Those asked come first: the team, the lead, and the subscribers whom the agreement lets owe an
 * answer. Other subscribers of the topic read it too, and owe nothing. */
static kith_err route_alert(work_draft_t *draft, Kith__Alert *alert)
{
    Kith__Store__HouseholdRow *row = NULL;
    bool named = draft->asked->n_to > 0 || alert->n_asked > 0;
    WORK_TRY(route_named(draft));
    for (size_t i = 0; i < alert->n_asked; i++) {
        WORK_TRY(route_name(draft, alert->asked[i]));
    }
    WORK_TRY(household_find(&draft->at, bytes_of(draft->notice->household), &row));
    if (!named) {
        route_household(draft, row);
        WORK_TRY(route_owing(draft));
    }
    alert->n_asked = draft->route.count;
    alert->asked = kith_arena_need(draft->at.arena, (alert->n_asked + 1) * sizeof(char *));
    for (size_t i = 0; i < alert->n_asked; i++) {
        alert->asked[i] = text_of(draft->route.agencies[i]);
    }
    return named || alert->n_asked == 0 ? KITH_OK : route_subscribers(draft);
}

kith_err alert_is_said_well(work_draft_t *draft, int64_t reply_by_ms, const char *level)
{
    const kith_agreement_t *agreement = draft->at.work->agreement;
    kith_arena_t *arena = draft->at.arena;
    if (reply_by_ms != 0 && reply_by_ms <= draft->at.now_ms) {
        return draft_refuse(draft, KITH_INVALID, "alert-reply-by",
                            "the time to reply by is over: give a later one");
    }
    if (!has_text(level) || kith_agreement_alert_level(agreement, level) >= 0) {
        return KITH_OK;
    }
    const char *what = "the partnership has no alert levels: leave it out";
    for (size_t i = 0; i < agreement->alert_levels_count; i++) {
        what = kith_arena_printf(arena, "%s %s",
                                 i == 0 ? "the alert levels are, from the lowest:" : what,
                                 agreement->alert_levels[i]);
    }
    return draft_refuse(draft, KITH_INVALID, "alert-level", what);
}

/* ---- the same alert again ---- */

/* An update is about the same people and asks the same agencies: another alert needs another key.
 */
static kith_err is_the_same(work_draft_t *draft, const Kith__Alert *alert,
                            const Kith__Store__AlertRow *row)
{
    bool same = same_id(draft->notice->household, row->household);
    for (size_t i = 0; i < alert->n_about; i++) {
        same = same && alert->about[i]->ref != NULL && alert_names(row, alert->about[i]->ref);
    }
    for (size_t i = 0; i < alert->n_asked; i++) {
        same = same && alert_answer_of(row, alert->asked[i]) != NULL;
    }
    for (size_t i = 0; i < draft->asked->n_to; i++) {
        same = same && alert_answer_of(row, draft->asked->to[i]) != NULL;
    }
    return same ? KITH_OK
                : draft_refuse(draft, KITH_CONFLICT, "dedupe-key",
                               "an alert with this dedupe key is open, and is about other people "
                               "or asks others: give another key, or end that one first");
}

static kith_err update_instead(work_draft_t *draft, const Kith__Alert *alert, kith_bytes_t id,
                               const Kith__Store__AlertRow *row)
{
    Kith__AlertChange *change = kith_arena_need(draft->at.arena, sizeof *change);
    kith__alert_change__init(change);
    WORK_TRY(is_the_same(draft, alert, row));
    change->alert = binary_of(id);
    change->step = KITH__ALERT_STEP__ALERT_UPDATED;
    change->subject = alert->subject;
    change->text = alert->text;
    change->level = alert->level;
    change->reply_by_ms = alert->reply_by_ms;
    draft->notice->body_case = KITH__NOTICE__BODY_ALERT_CHANGE;
    draft->notice->alert_change = change;
    WORK_TRY(draft_retopic(draft));
    return alert_change_follow(draft);
}

/* This agency's own open alert of this key; *ret_row is NULL when there is none. */
static kith_err find_open(const work_ctx_t *at, const char *dedupe_key, kith_bytes_t *ret_id,
                          Kith__Store__AlertRow **ret_row)
{
    kith_bytes_t id;
    *ret_row = NULL;
    if (!has_text(dedupe_key)) {
        return KITH_OK;
    }
    kith_key_t key = view_key_name(dedupe_key);
    kith_err err = kith_get(at->txn, AGENT_TABLE_ALERT_KEYS, kith_key_bytes(&key), &id);
    if (err == KITH_NOT_FOUND) {
        return KITH_OK;
    }
    WORK_TRY(err);
    *ret_id = kith_arena_copy(at->arena, id);
    WORK_TRY(alert_find(at, *ret_id, ret_row));
    *ret_row = alert_is_open(*ret_row) ? *ret_row : NULL;
    return KITH_OK;
}

kith_err alert_prepare(work_draft_t *draft)
{
    WORK_TRY(draft_household(draft));
    if (!draft->known) {
        return draft_refuse(draft, KITH_NOT_FOUND, "household-unknown",
                            "an alert is about a household that this agency knows: name it, or "
                            "link one of the references to it");
    }
    Kith__Alert *alert = kith_arena_need(draft->at.arena, sizeof *alert);
    *alert = *draft->notice->alert;
    draft->notice->alert = alert;
    WORK_TRY(alert_is_said_well(draft, alert->reply_by_ms, alert->level));
    if (strlen(alert->dedupe_key) > KITH_REFERENCE_BYTES_MAX) {
        return draft_refuse(draft, KITH_INVALID, "dedupe-key",
                            "a dedupe key holds at most 128 bytes");
    }
    kith_bytes_t id = {0};
    Kith__Store__AlertRow *same = NULL;
    WORK_TRY(find_open(&draft->at, alert->dedupe_key, &id, &same));
    if (same != NULL) {
        return update_instead(draft, alert, id, same);
    }
    WORK_TRY(route_alert(draft, alert));
    if (alert->n_asked == 0) {
        return draft_refuse(draft, KITH_DENIED, "nobody-to-ask",
                            "the household's team has nobody else whom the agreement lets this "
                            "agency ask: name them in `to`, or seat them");
    }
    return KITH_OK;
}

void alert_describe(work_case_t *c)
{
    line_t line = {0};
    line_add(&line, c->notice->alert->subject);
    c->row->summary = line_text(c->at.arena, &line);
    c->row->shielded = about_shielded(c->notice);
}

Kith__Store__AlertAnswer *alert_answer_of(const Kith__Store__AlertRow *row, const char *agency)
{
    for (size_t i = 0; row != NULL && i < row->n_answers; i++) {
        if (strcmp(row->answers[i]->agency, agency) == 0) {
            return row->answers[i];
        }
    }
    return NULL;
}

Kith__Store__AlertAnswer *alert_new_answer(kith_arena_t *arena, const char *agency)
{
    Kith__Store__AlertAnswer *answer = kith_arena_need(arena, sizeof *answer);
    kith__store__alert_answer__init(answer);
    answer->agency = text_of(agency);
    return answer;
}

/* What came before the alert and waited for it: replies of those it asks, steps of who raised it.
 */
static void take_early(kith_arena_t *arena, const Kith__Store__AlertRow *early,
                       const Kith__Alert *alert, Kith__Store__AlertRow *row)
{
    row->answers = kith_arena_need(arena, (alert->n_asked + 1) * sizeof *row->answers);
    for (size_t i = 0; i < alert->n_asked; i++) {
        Kith__Store__AlertAnswer *answer = alert_answer_of(early, alert->asked[i]);
        row->answers[row->n_answers++] =
            answer != NULL ? answer : alert_new_answer(arena, alert->asked[i]);
    }
    size_t count = early != NULL ? early->n_steps : 0;
    row->steps = kith_arena_need(arena, (count + 1) * sizeof *row->steps);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(early->steps[i]->agency, row->from) == 0) {
            row->steps[row->n_steps++] = early->steps[i];
        }
    }
}

static void take_about(kith_arena_t *arena, const Kith__Alert *alert, Kith__Store__AlertRow *row)
{
    row->about = kith_arena_need(arena, (alert->n_about + 1) * sizeof *row->about);
    for (size_t i = 0; i < alert->n_about; i++) {
        row->about[row->n_about++] = alert->about[i]->ref;
    }
}

kith_err alert_apply(work_case_t *c)
{
    const Kith__Alert *alert = c->notice->alert;
    kith_bytes_t id = bytes_of(c->notice->id);
    Kith__Store__AlertRow row = KITH__STORE__ALERT_ROW__INIT, *early = NULL;
    WORK_TRY(view_find_alert(&c->at, id, &early));
    row.from = text_of(c->in->origin);
    row.household = c->row->household;
    row.subject = alert->subject;
    row.text = alert->text;
    row.level = alert->level;
    row.dedupe_key = alert->dedupe_key;
    row.raised_ms = c->notice->created_ms;
    row.reply_by_ms = alert->reply_by_ms;
    take_early(c->at.arena, early, alert, &row);
    take_about(c->at.arena, alert, &row);
    climb_begin(&c->at, &row);
    if (c->in->mine && has_text(alert->dedupe_key)) {
        kith_key_t key = view_key_name(alert->dedupe_key);
        WORK_TRY(kith_put(c->at.txn, AGENT_TABLE_ALERT_KEYS, kith_key_bytes(&key), id));
    }
    return alert_settle(&c->at, id, &row, c->in->origin);
}
