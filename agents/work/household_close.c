/* The work with a household ends, and may begin again. Nothing that is open is hidden by it, and
 * what comes afterwards is shown, flagged, and asks who led it last to reopen it or to answer. The
 * table is drawn in docs/STATES.md, and a test compares the two. */
#include "agents/work/parts.h"

#include "base/id.h"

#define TASK_CLOSED "household-closed"
/* Named in a refusal; there may be more. */
#define OPEN_NAMED_MAX 5u

static const char *const closed_tasks[] = {TASK_CLOSED, NULL};

int household_next(household_step_t step, int state)
{
    static const int next[HOUSEHOLD_STEPS][HOUSEHOLD_STATES] = {
        /* from: open, closed */
        [HOUSEHOLD_CHANGED] = {HOUSEHOLD_OPEN, HOUSEHOLD_CLOSED},
        [HOUSEHOLD_TO_CLOSE] = {HOUSEHOLD_CLOSED, HOUSEHOLD_NO},
        [HOUSEHOLD_TO_REOPEN] = {HOUSEHOLD_NO, HOUSEHOLD_OPEN},
    };
    return next[step][state];
}

bool household_closed(const Kith__Store__HouseholdRow *row)
{
    return row != NULL && row->closing != NULL && !row->closing->reopened;
}

/* ---- what a closure would hide ---- */

typedef struct open_list {
    size_t count;
    const char *text;
} open_list_t;

static const char *short_of(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short(bytes_of(id), text);
    return kith_arena_str(arena, text);
}

static void add_open(const work_ctx_t *at, open_list_t *list, const char *what)
{
    if (list->count < OPEN_NAMED_MAX) {
        list->text =
            kith_arena_printf(at->arena, "%s%s%s", list->text, list->count > 0 ? "; " : "", what);
    }
    list->count++;
}

static kith_err add_if_alert(const work_ctx_t *at, const Kith__Store__FeedRow *entry,
                             open_list_t *list)
{
    Kith__Store__AlertRow *alert = NULL;
    WORK_TRY(view_find_alert(at, bytes_of(entry->notice_id), &alert));
    if (alert_is_open(alert)) {
        add_open(at, list,
                 kith_arena_printf(at->arena, "alert %s, which %s ends",
                                   short_of(at->arena, entry->notice_id),
                                   is_self(at, alert->from) ? "this agency" : alert->from));
    }
    return KITH_OK;
}

static kith_err add_if_referral(const work_ctx_t *at, const Kith__Store__FeedRow *entry,
                                open_list_t *list)
{
    Kith__Store__ReferralRow *referral = NULL;
    WORK_TRY(referral_find(at, entry->notice_id, &referral));
    if (referral == NULL || referral_final((int)referral->phase)) {
        return KITH_OK;
    }
    add_open(at, list,
             kith_arena_printf(
                 at->arena, "referral %s, %s: %s declines or closes it, %s withdraws it",
                 short_of(at->arena, entry->notice_id),
                 referral_phase_word(at, (int)referral->phase), referral->to, referral->from));
    return KITH_OK;
}

/* Lines of this agency's own clocks name the notice too: only the notice's own row counts. */
static kith_err find_open(const work_ctx_t *at, kith_bytes_t household, open_list_t *list)
{
    view_walk_t walk = view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, household, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        uint64_t seq = 0;
        Kith__Store__FeedRow *entry = NULL;
        WORK_TRY(feed_row_at(at, &walk, &seq, &entry));
        if (strcmp(entry->kind, "alert") == 0) {
            WORK_TRY(add_if_alert(at, entry, list));
        } else if (strcmp(entry->kind, "referral") == 0) {
            WORK_TRY(add_if_referral(at, entry, list));
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static kith_err hides_nothing(work_draft_t *draft)
{
    open_list_t list = {.text = ""};
    WORK_TRY(find_open(&draft->at, bytes_of(draft->notice->household), &list));
    if (list.count == 0) {
        return KITH_OK;
    }
    const char *more =
        list.count > OPEN_NAMED_MAX
            ? kith_arena_printf(draft->at.arena, "; and %zu more", list.count - OPEN_NAMED_MAX)
            : "";
    return draft_refuse(draft, KITH_CONFLICT, "closing-hides",
                        kith_arena_printf(draft->at.arena,
                                          "a closure would hide what is open: %s%s; it may be "
                                          "closed when these have ended",
                                          list.text, more));
}

kith_err closing_may(work_draft_t *draft, const Kith__Store__HouseholdRow *before,
                     Kith__Household *change)
{
    Kith__Closing *closing = change->closing;
    if (closing == NULL) {
        return KITH_OK;
    }
    int state = household_closed(before) ? HOUSEHOLD_CLOSED : HOUSEHOLD_OPEN;
    household_step_t step = closing->reopened ? HOUSEHOLD_TO_REOPEN : HOUSEHOLD_TO_CLOSE;
    if (change->opened || household_next(step, state) == HOUSEHOLD_NO) {
        return state == HOUSEHOLD_CLOSED
                   ? draft_refuse(draft, KITH_CONFLICT, "household-closed",
                                  "it is closed; possible now: kith household reopen")
                   : draft_refuse(draft, KITH_CONFLICT, "household-open",
                                  "it is open; possible now: kith household close");
    }
    closing->at_ms = draft->at.now_ms;
    return closing->reopened ? KITH_OK : hides_nothing(draft);
}

/* ---- what comes afterwards ---- */

/* Who led it last; while nobody leads, the front door too, which alone may have received it. */
static bool we_answer(const work_ctx_t *at, const Kith__Store__HouseholdRow *row)
{
    const kith_agreement_t *agreement = at->work->agreement;
    const char *why = "";
    bool led = lead_state(agreement, row, &why) == LEAD_HELD;
    return is_self(at, household_lead(row)) ||
           (!led && has_text(agreement->front_door) && is_self(at, agreement->front_door));
}

kith_err closing_task(const work_ctx_t *at, const Kith__Store__HouseholdRow *household,
                      const Kith__Store__FeedRow *row)
{
    if (!row->household_closed || row->mine || !we_answer(at, household)) {
        return KITH_OK;
    }
    task_said_t said = {
        .kind = TASK_CLOSED,
        .notice = bytes_of(row->notice_id),
        .agency = row->origin,
        .reason = "reopen, or answer",
        .household = bytes_of(row->household),
    };
    return task_open(at, &said);
}

kith_err closing_settle(const work_case_t *c, const Kith__Store__HouseholdRow *before,
                        const Kith__Store__HouseholdRow *row)
{
    if (!household_closed(before) || household_closed(row)) {
        return KITH_OK;
    }
    return task_end_of(&c->at, bytes_of(c->notice->household), closed_tasks,
                       c->in->mine ? c->notice->author : c->in->origin, "reopened");
}
