/* AlertChange: a step of an alert's life, by who raised it, to all whom the alert went to. */
#include "agents/work/parts.h"

#include "base/text.h"

#define STEP(name) KITH__ALERT_STEP__ALERT_##name
/* Updates end here, so that its end still fits ALERT_STEPS_MAX. */
#define UPDATES_MAX (ALERT_STEPS_MAX / 2)

const work_refusal_t *alert_change_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"change-alert", "a change names the alert it changes"};
    static const work_refusal_t step = {"change-step",
                                        "a change says: updated, cancelled, exercise or closed"};
    static const work_refusal_t news = {
        "update-text", "an update says something new: a text, a subject, a level, or another time "
                       "to reply by"};
    static const work_refusal_t reason = {"change-reason", "say why it is taken back"};
    static const work_refusal_t outcome = {"close-outcome", "closing takes an outcome code"};
    const Kith__AlertChange *change = notice->alert_change;
    if (change->alert.len == 0) {
        return &which;
    }
    switch ((int)change->step) {
    case STEP(UNSPECIFIED):
        return &step;
    case STEP(UPDATED):
        return has_text(change->text) || has_text(change->subject) || has_text(change->level) ||
                       change->reply_by_ms != 0
                   ? NULL
                   : &news;
    case STEP(CANCELLED):
    case STEP(EXERCISE):
        return has_text(change->reason) ? NULL : &reason;
    case STEP(CLOSED):
        return has_text(change->outcome) ? NULL : &outcome;
    default:
        return NULL;
    }
}

/* ---- may this agency take this step now? ---- */

static kith_err find(work_draft_t *draft, const Kith__AlertChange *change,
                     Kith__Store__AlertRow **ret_row)
{
    WORK_TRY(alert_find(&draft->at, bytes_of(change->alert), ret_row));
    if (*ret_row == NULL || !has_text((*ret_row)->from)) {
        return draft_refuse(draft, KITH_NOT_FOUND, "alert-unknown",
                            "no such alert is known to this agency");
    }
    if (!is_self(&draft->at, (*ret_row)->from)) {
        return draft_refuse(draft, KITH_DENIED, "alert-not-yours",
                            kith_arena_printf(draft->at.arena,
                                              "only %s, who raised it, changes it: kith reply is "
                                              "open, and kith disagree with what was decided",
                                              (*ret_row)->from));
    }
    return KITH_OK;
}

static kith_err may_follow(work_draft_t *draft, const Kith__AlertChange *change,
                           const Kith__Store__AlertRow *row)
{
    if (alert_verb(change->step) == NULL) {
        return draft_refuse(draft, KITH_INVALID, "change-step",
                            "a change says: updated, cancelled, exercise or closed");
    }
    if (alert_next(change->step, (int)row->state) == ALERT_STATE_NONE) {
        return draft_refuse(
            draft, KITH_CONFLICT, "alert-step",
            kith_arena_printf(draft->at.arena,
                              "it is %s: what happens after its end is a new alert, with its own "
                              "start (kith alert); possible now: %s",
                              alert_state_word(&draft->at, (int)row->state),
                              alert_possible(draft->at.arena, row)));
    }
    size_t max = change->step == STEP(UPDATED) ? UPDATES_MAX : ALERT_STEPS_MAX;
    if (row->n_steps >= max) {
        return draft_refuse(draft, KITH_CONFLICT, "alert-steps",
                            "an alert has at most 64 updates: close it, and raise a new one");
    }
    return KITH_OK;
}

/* Closed is: each answered, or somebody there was told. */
static kith_err is_complete(work_draft_t *draft, const Kith__Store__AlertRow *row)
{
    kith_arena_t *arena = draft->at.arena;
    const char *silent = "";
    for (size_t i = 0; i < row->n_answers; i++) {
        if (alert_is_blank(row->answers[i])) {
            silent = kith_arena_printf(arena, "%s%s%s", silent, *silent != '\0' ? ", " : "",
                                       row->answers[i]->agency);
        }
    }
    if (*silent == '\0') {
        return KITH_OK;
    }
    return draft_refuse(
        draft, KITH_CONFLICT, "alert-blank",
        kith_arena_printf(arena,
                          "no answer from %s, and nobody there was told: an alert is closed when "
                          "each has answered or its silence has reached a role; possible now: %s",
                          silent, alert_possible(arena, row)));
}

/* Who was asked, and who else it was sent to (the core's debts of it). Who has left since is left
 * out: that holds up no end. */
static kith_err route_as_it_went(work_draft_t *draft, kith_bytes_t id,
                                 const Kith__Store__AlertRow *row)
{
    for (size_t i = 0; i < row->n_answers; i++) {
        route_derive(draft, row->answers[i]->agency);
    }
    view_walk_t walk = view_walk(AGENT_TABLE_DEBTS, id, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(&draft->at, &walk, &nothing)) == KITH_OK) {
        kith_key_reader_t reader = {kith_key_bytes(&walk.place)};
        reader.rest.data += id.size;
        reader.rest.size -= id.size;
        route_derive(draft, kith_key_read_name(&reader));
    }
    draft->alone = true;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err alert_change_follow(work_draft_t *draft)
{
    Kith__AlertChange *change = kith_arena_need(draft->at.arena, sizeof *change);
    Kith__Store__AlertRow *row = NULL;
    *change = *draft->notice->alert_change;
    draft->notice->alert_change = change;
    WORK_TRY(find(draft, change, &row));
    WORK_TRY(may_follow(draft, change, row));
    WORK_TRY(alert_is_said_well(draft, change->reply_by_ms, change->level));
    if (has_text(change->outcome) && !kith_text_name(change->outcome)) {
        return draft_refuse(draft, KITH_INVALID, "reason-code",
                            "an outcome is a code, as child-seen: [a-z0-9] then [a-z0-9.-]; words "
                            "go into the text");
    }
    if (change->step == STEP(CLOSED)) {
        WORK_TRY(is_complete(draft, row));
    }
    int64_t latest_ms = alert_latest_ms(row);
    change->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    draft->notice->household = row->household;
    draft_caused_by(draft, change->alert);
    return route_as_it_went(draft, bytes_of(change->alert), row);
}

kith_err alert_change_prepare(work_draft_t *draft)
{
    WORK_TRY(route_fixed(draft));
    return alert_change_follow(draft);
}

/* ---- taken ---- */

void alert_change_describe(work_case_t *c)
{
    const Kith__AlertChange *change = c->notice->alert_change;
    line_t line = {0};
    line_add(&line, "alert ");
    line_add(&line,
             word_of(c->at.arena, &kith__alert_step__descriptor, "ALERT_", (int)change->step));
    c->row->summary = line_text(c->at.arena, &line);
}

kith_err alert_change_apply(work_case_t *c)
{
    Kith__Store__AlertRow *row = NULL;
    bool stands = false;
    WORK_TRY(alert_find_or_await(&c->at, bytes_of(c->notice->alert_change->alert), &row));
    if (c->row->household.len == 0) {
        c->row->household = row->household;
    }
    WORK_TRY(alert_take(c, row, &stands));
    c->row->not_asked = !stands; /* shown, and nothing more */
    return KITH_OK;
}
