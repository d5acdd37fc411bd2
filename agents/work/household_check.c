/* Is a change to a household one that can be: whoever sent it, and before it is merged. */
#include "agents/work/parts.h"

#include "base/text.h"

static bool stamp_fits(const Kith__Stamp *stamp, const Kith__Household *change)
{
    return stamp == NULL ||
           (stamp->by.len > 0 && stamp->changed_ms > 0 && stamp->changed_ms <= change->changed_ms);
}

static bool span_fits(int64_t from_ms, int64_t to_ms)
{
    return to_ms == 0 || to_ms >= from_ms;
}

static bool roles_fit(const Kith__Member *member, const Kith__Household *change)
{
    for (size_t i = 0; i < member->n_roles; i++) {
        if (member->roles[i]->said == NULL || !stamp_fits(member->roles[i]->said, change)) {
            return false;
        }
    }
    return true;
}

static const work_refusal_t *check_members(const Kith__Household *change)
{
    static const work_refusal_t refusal = {
        "member", "each member has an id, stands there once, and leaves after coming"};
    for (size_t i = 0; i < change->n_members; i++) {
        const Kith__Member *member = change->members[i];
        bool fits = member->id.len > 0 && span_fits(member->from_ms, member->to_ms) &&
                    stamp_fits(member->said, change) && roles_fit(member, change);
        for (size_t k = 0; k < i; k++) {
            fits = fits && !same_id(member->id, change->members[k]->id);
        }
        if (!fits) {
            return &refusal;
        }
    }
    return NULL;
}

static const work_refusal_t *check_team(const Kith__Household *change)
{
    static const work_refusal_t refusal = {
        "seat", "each seat names an agency, stands there once, and ends after it begins"};
    for (size_t i = 0; i < change->n_team; i++) {
        const Kith__TeamSeat *seat = change->team[i];
        bool fits = kith_text_name(seat->agency) && span_fits(seat->from_ms, seat->to_ms) &&
                    stamp_fits(seat->said, change);
        for (size_t k = 0; k < i; k++) {
            fits = fits && strcmp(seat->agency, change->team[k]->agency) != 0;
        }
        if (!fits) {
            return &refusal;
        }
    }
    return NULL;
}

static const work_refusal_t *check_lead(const Kith__Household *change)
{
    static const work_refusal_t nobody = {"lead-agency",
                                          "the lead is handed over to an agency, never to nobody"};
    static const work_refusal_t role = {
        "lead-role", "the lead is a role that is handed over, never a person's mailbox"};
    const Kith__Lead *lead = change->lead;
    if (lead == NULL) {
        return NULL;
    }
    if (!kith_text_name(lead->agency) || !stamp_fits(lead->said, change)) {
        return &nobody;
    }
    return is_role(lead->role) ? NULL : &role;
}

static bool yes_or_no(const char *text)
{
    return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0;
}

static const work_refusal_t *check_closing(const Kith__Household *change)
{
    static const work_refusal_t reopen = {"reopen-reason", "reopening takes a reason"};
    static const work_refusal_t outcome = {"close-outcome", "closing takes an outcome code"};
    static const work_refusal_t met = {
        "close-need", "the family says whether the need is met: yes or no; or else why they were "
                      "not asked"};
    const Kith__Closing *closing = change->closing;
    if (closing == NULL) {
        return NULL;
    }
    if (!stamp_fits(closing->said, change) || (closing->reopened && !has_text(closing->reason))) {
        return &reopen;
    }
    if (closing->reopened) {
        return NULL;
    }
    if (!has_text(closing->outcome)) {
        return &outcome;
    }
    return yes_or_no(closing->need_met) != has_text(closing->not_asked) ? NULL : &met;
}

static const work_refusal_t *check_opening(const Kith__Notice *notice)
{
    static const work_refusal_t opening = {
        "household-opening",
        "opening a household takes a name and a reason; its id is the notice's"};
    const Kith__Household *change = notice->household_change;
    bool fits = !change->opened || (same_id(notice->household, notice->id) &&
                                    has_text(change->name) && has_text(change->reason));
    return fits && stamp_fits(change->name_said, change) ? NULL : &opening;
}

/* What is carried along was said before. */
static const work_refusal_t *check_carried(const Kith__Household *change)
{
    static const work_refusal_t known = {
        "assessment-known", "an assessment that is carried along has an id, who asked and when"};
    for (size_t i = 0; i < change->n_assessments; i++) {
        const Kith__KnownAssessment *one = change->assessments[i];
        bool said = one->said != NULL && one->said->by.len > 0 && one->said->changed_ms > 0;
        if (one->id.len == 0 || !kith_text_name(one->from) || (one->ended != 0 && !said)) {
            return &known;
        }
    }
    return change->plan != NULL ? plan_check_body(change->plan) : NULL;
}

const work_refusal_t *household_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"household-missing", "a change names its household"};
    static const work_refusal_t when = {"household-changed", "a change says when it was made"};
    const Kith__Household *change = notice->household_change;
    if (notice->household.len == 0) {
        return &which;
    }
    if (change->changed_ms == 0) {
        return &when;
    }
    const work_refusal_t *refusal = check_opening(notice);
    refusal = refusal != NULL ? refusal : check_members(change);
    refusal = refusal != NULL ? refusal : check_team(change);
    refusal = refusal != NULL ? refusal : check_lead(change);
    refusal = refusal != NULL ? refusal : check_closing(change);
    return refusal != NULL ? refusal : check_carried(change);
}
