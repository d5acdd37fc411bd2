/* A change to a household on its way into the view, and what follows from it for the people here.
 */
#include "agents/work/parts.h"

static const char *what_happens(const Kith__Household *change)
{
    if (change->closing != NULL && change->closing->said == NULL) {
        return change->closing->reopened ? "household reopened" : "household closed";
    }
    return change->opened ? "household opened" : "household changed";
}

/* What is said now; what is carried along was said before. No names of people. */
void household_describe(work_case_t *c)
{
    const Kith__Household *change = c->notice->household_change;
    line_t line = {0};
    size_t members = 0, seats = 0;
    line_add(&line, what_happens(change));
    for (size_t i = 0; i < change->n_members; i++) {
        members += change->members[i]->said == NULL;
        c->row->shielded |= change->members[i]->shielded;
    }
    line_add(&line, members > 0 ? ", members" : "");
    for (size_t i = 0; i < change->n_team; i++) {
        if (change->team[i]->said == NULL) {
            line_add(&line, seats++ == 0 ? ", team " : " ");
            line_add(&line, change->team[i]->to_ms != 0 ? "-" : "+");
            line_add(&line, change->team[i]->agency);
        }
    }
    if (change->lead != NULL && change->lead->said == NULL) {
        line_add(&line, ", lead ");
        line_add(&line, change->lead->agency);
    }
    c->row->summary = line_text(c->at.arena, &line);
}

/* Of two that were said at once the later stands; the other is shown, and says that it changed
 * nothing. */
static void flag_no_effect(work_case_t *c, const Kith__Store__HouseholdRow *row)
{
    const Kith__Household *change = c->notice->household_change;
    const Kith__Lead *lead = change->lead;
    const Kith__Closing *closing = change->closing;
    bool over =
        (lead != NULL && lead->said == NULL && !same_id(row->lead_by, c->notice->id)) ||
        (closing != NULL && closing->said == NULL && !same_id(row->closing_by, c->notice->id));
    if (over) {
        line_t line = {0};
        line_add(&line, c->row->summary);
        line_add(&line, " (no effect: a later one stands)");
        c->row->summary = line_text(c->at.arena, &line);
    }
}

kith_err household_load(const work_ctx_t *at, kith_bytes_t id, Kith__Store__HouseholdRow **ret_row)
{
    WORK_TRY(household_find(at, id, ret_row));
    if (*ret_row == NULL) {
        *ret_row = kith_arena_need(at->arena, sizeof **ret_row);
        kith__store__household_row__init(*ret_row);
    }
    return KITH_OK;
}

static kith_err take_carried(work_case_t *c, kith_bytes_t id)
{
    const Kith__Household *change = c->notice->household_change;
    said_t said = {change->changed_ms, bytes_of(c->notice->id)};
    WORK_TRY(assessment_learn(&c->at, id, change));
    return change->plan != NULL ? plan_take(&c->at, id, change->plan, said) : plan_lead(&c->at, id);
}

kith_err household_apply(work_case_t *c)
{
    kith_bytes_t id = bytes_of(c->notice->household);
    kith_err err = KITH_OK;
    bool was_known = view_has(&c->at, AGENT_TABLE_HOUSEHOLDS, id, &err);
    WORK_TRY(err);
    Kith__Store__HouseholdRow *before = NULL, *row = NULL;
    WORK_TRY(household_load(&c->at, id, &before));
    WORK_TRY(household_load(&c->at, id, &row));
    WORK_TRY(join_told(c, before));
    household_merge(c->at.arena, row, c->notice);
    flag_no_effect(c, row);
    WORK_TRY(lead_settle(&c->at, id, before, row));
    WORK_TRY(view_put_household(&c->at, id, row));
    WORK_TRY(take_carried(c, id));
    WORK_TRY(lead_handed_over(c, before, row));
    WORK_TRY(closing_settle(c, before, row));
    if (!was_known) {
        WORK_TRY(feed_household_known(&c->at, id));
    }
    return household_shielded(row) && !household_shielded(before)
               ? feed_household_shielded(&c->at, id)
               : KITH_OK;
}
