/* A household's lead practitioner: a role of an agency, handed over with what is to be read first,
 * and never missing without a word. Whether there is one follows from the household as it is held
 * and the partnership file alone, so every agency that has heard the same says the same.
 * docs/STATES.md draws it, and a test compares the two. */
#include "agents/work/parts.h"

#define TASK_LEAD_WANTED "lead-wanted"
/* Households looked at in one turn after a new partnership file; the rest follows at once. */
#define LOOK_MAX 64u

/* What belongs to whoever leads, and not to the agency: it ends with the hand-over. */
static const char *const lead_tasks[] = {TASK_READ_FIRST, NULL};
static const char *const lead_wanted_tasks[] = {TASK_LEAD_WANTED, NULL};

/* ---- is there one? ---- */

/* A lead that was named with the closing, or after it, reads on; one of before does not. */
static bool ended_by_closing(const Kith__Store__HouseholdRow *row)
{
    return household_closed(row) && household_later(row->closing_changed_ms, row->closing_by,
                                                    row->lead_changed_ms, row->lead_by);
}

lead_state_t lead_state(const kith_agreement_t *agreement, const Kith__Store__HouseholdRow *row,
                        const char **ret_why)
{
    const char *agency = household_lead(row);
    if (!has_text(agency)) {
        return LEAD_NONE;
    }
    const kith_agency_t *member = kith_agreement_agency(agreement, agency);
    const char *why = member == NULL || member->left ? "left-partnership"
                      : !kith_agreement_staffed(agreement, agency, text_of(row->lead->role))
                          ? "unstaffed"
                      : !household_stays(row, agency) ? "left-team"
                      : ended_by_closing(row)         ? "closed"
                                                      : NULL;
    if (why == NULL) {
        return LEAD_HELD;
    }
    *ret_why = why;
    return LEAD_WANTED;
}

/* ---- may it be handed over like this? ---- */

static const char *list_of(kith_arena_t *arena, const char **names, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++) {
        all = kith_arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
    }
    return all;
}

static kith_err role_may_lead(work_draft_t *draft, const Kith__Lead *lead)
{
    const kith_agreement_t *agreement = draft->at.work->agreement;
    bool known = agreement->lead_roles_count == 0;
    for (size_t i = 0; i < agreement->lead_roles_count; i++) {
        known = known || strcmp(agreement->lead_roles[i], lead->role) == 0;
    }
    if (!known) {
        return draft_refuse(draft, KITH_INVALID, "lead-role-unknown",
                            kith_arena_printf(draft->at.arena,
                                              "these roles may lead a household: %s",
                                              list_of(draft->at.arena, agreement->lead_roles,
                                                      agreement->lead_roles_count)));
    }
    if (!kith_agreement_staffed(agreement, lead->agency, lead->role)) {
        return draft_refuse(draft, KITH_DENIED, "lead-unstaffed",
                            kith_arena_printf(draft->at.arena,
                                              "nobody fills this role at %s, the partnership file "
                                              "says: name another role, or another agency",
                                              lead->agency));
    }
    return KITH_OK;
}

static bool same_lead(const Kith__Lead *a, const Kith__Lead *b)
{
    return strcmp(a->agency, b->agency) == 0 && strcmp(a->role, b->role) == 0;
}

kith_err lead_may_take(work_draft_t *draft, const Kith__Store__HouseholdRow *before,
                       const Kith__Lead *lead)
{
    const char *why = "";
    WORK_TRY(route_name(draft, lead->agency));
    WORK_TRY(role_may_lead(draft, lead));
    bool from_another = lead_state(draft->at.work->agreement, before, &why) == LEAD_HELD &&
                        !same_lead(before->lead, lead);
    if (!from_another || (has_text(lead->read_first) && has_text(lead->reason))) {
        return KITH_OK;
    }
    return draft_refuse(draft, KITH_INVALID, "lead-read-first",
                        kith_arena_printf(draft->at.arena,
                                          "%s has the lead: a hand-over says why (reason), and "
                                          "what the successor is to read first (read-first)",
                                          before->lead->agency));
}

/* ---- never without a word ---- */

/* Those who sit around the family, and who takes in what belongs to nobody. */
static bool concerns_us(const work_ctx_t *at, const Kith__Store__HouseholdRow *row)
{
    const char *front_door = at->work->agreement->front_door;
    return household_seated(row, at->work->agency, at->now_ms) ||
           (has_text(front_door) && is_self(at, front_door));
}

/* A notice that is here, for people to look at. */
static kith_err told_by(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__HouseholdRow *row,
                        kith_bytes_t *ret_notice)
{
    kith_bytes_t candidates[] = {bytes_of(row->closing_by), bytes_of(row->lead_by)};
    kith_bytes_t found = id;
    for (size_t i = 0; i < 2 && kith_bytes_equal(found, id); i++) {
        kith_err err = KITH_OK;
        if (view_has(at, AGENT_TABLE_NOTICES, candidates[i], &err)) {
            found = candidates[i];
        }
        WORK_TRY(err);
    }
    *ret_notice = found;
    return KITH_OK;
}

static kith_err tell(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__HouseholdRow *row,
                     const char *why)
{
    kith_bytes_t notice = {0};
    WORK_TRY(told_by(at, id, row, &notice));
    task_said_t said = {
        .kind = TASK_LEAD_WANTED,
        .notice = notice,
        .agency = household_lead(row),
        .reason = why,
        .household = id,
    };
    line_t line = {0};
    line_add(&line, "no lead practitioner: ");
    line_add(&line, household_lead(row));
    line_add(&line, ", ");
    line_add(&line, why);
    WORK_TRY(task_open(at, &said));
    return feed_tell_urgent(at, notice, id, "orphaned", line_text(at->arena, &line));
}

kith_err lead_settle(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__HouseholdRow *before,
                     Kith__Store__HouseholdRow *row)
{
    const char *why = "";
    bool wanted = lead_state(at->work->agreement, row, &why) == LEAD_WANTED;
    bool was_told = before->orphaned && concerns_us(at, before);
    row->orphaned = wanted;
    if (wanted) {
        return was_told || !concerns_us(at, row) ? KITH_OK : tell(at, id, row, why);
    }
    return before->orphaned ? task_end_of(at, id, lead_wanted_tasks, household_lead(row), "")
                            : KITH_OK;
}

/* ---- after a new partnership file ---- */

static kith_key_t look_place(void)
{
    return view_key_name("next");
}

kith_err lead_look_begin(const work_ctx_t *at)
{
    kith_key_t key = look_place();
    return kith_put(at->txn, AGENT_TABLE_LEADS_LOOK, kith_key_bytes(&key), (kith_bytes_t){0});
}

static kith_err look_at(const work_ctx_t *at, kith_bytes_t id)
{
    Kith__Store__HouseholdRow *before = NULL, *row = NULL;
    WORK_TRY(household_find(at, id, &before));
    WORK_TRY(household_find(at, id, &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* the walk has just seen it */
    }
    WORK_TRY(lead_settle(at, id, before, row));
    return row->orphaned == before->orphaned ? KITH_OK : view_put_household(at, id, row);
}

kith_err lead_look_on(const work_ctx_t *at, int64_t *ret_next_ms)
{
    kith_key_t key = look_place();
    kith_bytes_t after, nothing;
    kith_err err = kith_get(at->txn, AGENT_TABLE_LEADS_LOOK, kith_key_bytes(&key), &after);
    if (err == KITH_NOT_FOUND) {
        *ret_next_ms = INT64_MAX;
        return KITH_OK;
    }
    WORK_TRY(err);
    view_walk_t walk = view_walk(AGENT_TABLE_HOUSEHOLDS, (kith_bytes_t){0}, after);
    for (size_t i = 0; i < LOOK_MAX; i++) {
        err = view_walk_next(at, &walk, &nothing);
        if (err == KITH_NOT_FOUND) {
            *ret_next_ms = INT64_MAX;
            return kith_del(at->txn, AGENT_TABLE_LEADS_LOOK, kith_key_bytes(&key));
        }
        WORK_TRY(err);
        WORK_TRY(look_at(at, kith_key_bytes(&walk.place)));
    }
    *ret_next_ms = at->now_ms;
    return kith_put(at->txn, AGENT_TABLE_LEADS_LOOK, kith_key_bytes(&key),
                    kith_key_bytes(&walk.place));
}

/* ---- handed over ---- */

static kith_err end_of_predecessor(const work_case_t *c, const Kith__Lead *successor)
{
    const char *note = kith_arena_printf(c->at.arena, "handed over to %s", successor->agency);
    return task_end_of(&c->at, bytes_of(c->notice->household), lead_tasks,
                       c->in->mine ? c->notice->author : c->in->origin, note);
}

/* What it says, and how much nobody here has acknowledged: the list is in the household's view. */
static kith_err ask_successor(const work_case_t *c, const Kith__Lead *lead)
{
    kith_bytes_t id = bytes_of(c->notice->household);
    unseen_t unseen = {0};
    size_t tasks = 0;
    WORK_TRY(unseen_find(&c->at, id, &unseen));
    WORK_TRY(task_count_of(&c->at, id, &tasks));
    task_said_t said = {
        .kind = TASK_READ_FIRST,
        .notice = bytes_of(c->notice->id),
        .agency = c->in->origin,
        .reason =
            kith_arena_printf(c->at.arena, "%s (not acknowledged here: %zu%s; tasks open: %zu)",
                              lead->read_first, unseen.count, unseen.more ? " or more" : "", tasks),
        .household = id,
    };
    return task_open(&c->at, &said);
}

kith_err lead_handed_over(const work_case_t *c, const Kith__Store__HouseholdRow *before,
                          const Kith__Store__HouseholdRow *row)
{
    if (row->lead == NULL || !same_id(row->lead_by, c->notice->id)) {
        return KITH_OK; /* nothing was said of it, or a later one stands */
    }
    if (before->lead != NULL && is_self(&c->at, before->lead->agency) &&
        !same_lead(before->lead, row->lead)) {
        WORK_TRY(end_of_predecessor(c, row->lead));
    }
    return is_self(&c->at, row->lead->agency) && has_text(row->lead->read_first)
               ? ask_successor(c, row->lead)
               : KITH_OK;
}
