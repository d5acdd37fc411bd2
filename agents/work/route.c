/* Who must receive a notice. The origin decides, since it must know whom to seal to; every step
 * here is narrowed by the agreement, and may only be narrowed further on the way. */
#include "agents/work/parts.h"

void route_begin(work_draft_t *draft)
{
    size_t members = draft->at.work->agreement->agencies_count + 1;
    draft->route = (work_route_t){
        .agencies = kith_arena_need(draft->at.arena, members * sizeof(char *)),
        .clauses = kith_arena_need(draft->at.arena, members * sizeof(char *)),
    };
}

static const kith_clause_t *permits(const work_draft_t *draft, const char *agency)
{
    const work_t *work = draft->at.work;
    return kith_agreement_permits(work->agreement, work->agency, agency, draft->topic->topic_class);
}

static void add(work_draft_t *draft, const char *agency, const char *clause)
{
    work_route_t *route = &draft->route;
    if (!route_has(draft, agency)) {
        route->agencies[route->count] = agency;
        route->clauses[route->count] = clause;
        route->count++;
    }
}

void route_derive(work_draft_t *draft, const char *agency)
{
    const kith_agency_t *member = kith_agreement_agency(draft->at.work->agreement, agency);
    if (member == NULL || member->left || is_self(&draft->at, agency)) {
        return;
    }
    const kith_clause_t *clause = permits(draft, agency);
    if (clause != NULL) {
        add(draft, member->id, clause->id);
    }
}

kith_err route_in_team(work_draft_t *draft, Kith__Store__HouseholdRow **ret_row)
{
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(household_find(&draft->at, bytes_of(draft->notice->household), &row));
    if (row == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "household-unknown",
                            "name a household that this agency knows");
    }
    const char *self = draft->at.work->agency;
    if (!household_seated(row, self, draft->at.now_ms) && strcmp(household_lead(row), self) != 0) {
        return draft_refuse(draft, KITH_DENIED, "not-in-team",
                            kith_arena_printf(draft->at.arena,
                                              "only the household's team does this, and %s does "
                                              "not sit in it: ask one of the team",
                                              self));
    }
    *ret_row = row;
    return KITH_OK;
}

kith_err route_name(work_draft_t *draft, const char *agency)
{
    kith_arena_t *arena = draft->at.arena;
    if (is_self(&draft->at, agency)) {
        return KITH_OK;
    }
    const kith_agency_t *member = kith_agreement_agency(draft->at.work->agreement, agency);
    if (member == NULL) {
        return draft_refuse(
            draft, KITH_NOT_FOUND, "agency-unknown",
            kith_arena_printf(arena, "the partnership has no agency %.48s", agency));
    }
    if (member->left) {
        return draft_refuse(draft, KITH_DENIED, "agency-left",
                            kith_arena_printf(arena, "%s has left the partnership", agency));
    }
    const kith_clause_t *clause = permits(draft, agency);
    if (clause == NULL) {
        return draft_refuse(
            draft, KITH_DENIED, "no-clause",
            kith_arena_printf(arena,
                              "no clause of the agreement lets %s send class %s to %s: a clause "
                              "with that class, sender and recipient would be needed",
                              draft->at.work->agency, draft->topic->topic_class, agency));
    }
    add(draft, member->id, clause->id);
    return KITH_OK;
}

kith_err route_named(work_draft_t *draft)
{
    for (size_t i = 0; i < draft->asked->n_to; i++) {
        WORK_TRY(route_name(draft, draft->asked->to[i]));
    }
    return KITH_OK;
}

static bool subscribes(const work_draft_t *draft, const Kith__Store__DirectoryRow *row)
{
    const Kith__Directory *entry = row->entry;
    for (size_t i = 0; entry != NULL && i < entry->n_subscriptions; i++) {
        if (kith_pattern_covers(entry->subscriptions[i]->topic, draft->topic->name)) {
            return true;
        }
    }
    return false;
}

static kith_err add_subscribers(work_draft_t *draft, bool owing)
{
    const kith_agreement_t *agreement = draft->at.work->agreement;
    for (size_t i = 0; i < agreement->may_subscribe_count; i++) {
        const kith_may_subscribe_t *may = &agreement->may_subscribe[i];
        if (!kith_may_subscribe_covers(may, draft->topic->name) || (owing && !may->owes)) {
            continue;
        }
        kith_key_t key = view_key_name(may->agency);
        Kith__Store__DirectoryRow *row = NULL;
        WORK_TRY(view_find_directory(&draft->at, kith_key_bytes(&key), &row));
        if (row != NULL && subscribes(draft, row)) {
            route_derive(draft, may->agency);
        }
    }
    return KITH_OK;
}

kith_err route_subscribers(work_draft_t *draft)
{
    return add_subscribers(draft, false);
}

kith_err route_owing(work_draft_t *draft)
{
    return add_subscribers(draft, true);
}

void route_household(work_draft_t *draft, const Kith__Store__HouseholdRow *row)
{
    for (size_t i = 0; i < row->n_team; i++) {
        if (household_seat_held(row->team[i]->seat, draft->at.now_ms)) {
            route_derive(draft, row->team[i]->seat->agency);
        }
    }
    route_derive(draft, household_lead(row));
}

bool route_has(const work_draft_t *draft, const char *agency)
{
    for (size_t i = 0; i < draft->route.count; i++) {
        if (strcmp(draft->route.agencies[i], agency) == 0) {
            return true;
        }
    }
    return false;
}

void route_front_door(work_draft_t *draft)
{
    const char *front_door = draft->at.work->agreement->front_door;
    if (has_text(front_door)) {
        route_derive(draft, front_door);
        draft->front_door = is_self(&draft->at, front_door) || route_has(draft, front_door);
    }
}

void route_everyone(work_draft_t *draft)
{
    const kith_agreement_t *agreement = draft->at.work->agreement;
    for (size_t i = 0; i < agreement->agencies_count; i++) {
        route_derive(draft, agreement->agencies[i].id);
    }
}

kith_err route_fixed(work_draft_t *draft)
{
    if (draft->asked->n_to == 0) {
        return KITH_OK;
    }
    return draft_refuse(
        draft, KITH_INVALID, "recipients-follow",
        "who receives this follows from what it answers or changes: leave `to` out");
}

kith_err route_some(work_draft_t *draft)
{
    if (draft->route.count > 0 || draft->alone) {
        return KITH_OK;
    }
    return draft_refuse(
        draft, KITH_DENIED, "nobody-may-receive",
        kith_arena_printf(
            draft->at.arena,
            "nobody may receive this: no subscriber, team, lead or front door to whom "
            "a clause lets %s send class %s; name whom it is for, or seat them in "
            "the household's team",
            draft->at.work->agency, draft->topic->topic_class));
}
