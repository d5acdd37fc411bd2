/* A change to a household on its way out: opened, named, closed, its members, its team, its lead.
 * What it must be is household_check.c's, merging it merge.c's, and what follows
 * household_apply.c's. */
#include "agents/work/parts.h"

/* So that all roles of all members fit one notice, for who joins. */
#define ROLE_BYTES_MAX 128u

/* A change, with the household before it and after it. */
typedef struct change_case {
    work_draft_t *draft;
    Kith__Household *change;
    Kith__Store__HouseholdRow *before, *after;
} change_case_t;

/* The caller's own parts, in the arena and with room to add; nobody carries along by hand. */
static Kith__Household *copy_change(kith_arena_t *arena, const Kith__Household *asked)
{
    Kith__Household *change = kith_arena_need(arena, sizeof *change);
    *change = *asked;
    change->name_said = NULL;
    change->opening = NULL;
    change->plan = NULL;
    change->n_assessments = 0;
    change->members = kith_arena_need(arena, KITH_MEMBERS_MAX * sizeof(Kith__Member *));
    change->team = kith_arena_need(arena, KITH_SLOTS_MAX * sizeof(Kith__TeamSeat *));
    for (size_t i = 0; i < asked->n_members; i++) {
        change->members[i] = kith_arena_need(arena, sizeof(Kith__Member));
        *change->members[i] = *asked->members[i];
        change->members[i]->said = NULL;
        change->members[i]->n_roles = 0;
    }
    for (size_t i = 0; i < asked->n_team; i++) {
        change->team[i] = kith_arena_need(arena, sizeof(Kith__TeamSeat));
        *change->team[i] = *asked->team[i];
        change->team[i]->said = NULL;
    }
    if (asked->lead != NULL) {
        change->lead = kith_arena_need(arena, sizeof *change->lead);
        *change->lead = *asked->lead;
        change->lead->said = NULL;
    }
    if (asked->closing != NULL) {
        change->closing = kith_arena_need(arena, sizeof *change->closing);
        *change->closing = *asked->closing;
        change->closing->said = NULL;
    }
    return change;
}

static kith_err open_or_find(change_case_t *c)
{
    work_draft_t *draft = c->draft;
    Kith__Notice *notice = draft->notice;
    c->change->opened = notice->household.len == 0;
    if (c->change->opened) {
        notice->household = notice->id;
    }
    kith_err err = KITH_OK;
    kith_bytes_t id = bytes_of(notice->household);
    draft->known = view_has(&draft->at, AGENT_TABLE_HOUSEHOLDS, id, &err);
    WORK_TRY(err);
    if (!c->change->opened && !draft->known) {
        return draft_refuse(draft, KITH_NOT_FOUND, "household-unknown",
                            "this agency knows no such household; without one a new one is opened");
    }
    WORK_TRY(household_load(&draft->at, id, &c->before));
    WORK_TRY(household_load(&draft->at, id, &c->after));
    int64_t latest_ms = household_latest_ms(c->before);
    c->change->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    return KITH_OK;
}

static kith_err changes_something(const change_case_t *c)
{
    const Kith__Household *change = c->change;
    bool something = change->opened || has_text(change->name) || change->n_members > 0 ||
                     change->n_team > 0 || change->lead != NULL || change->closing != NULL;
    return something ? KITH_OK
                     : draft_refuse(c->draft, KITH_INVALID, "nothing-changes",
                                    "say what changes: the name, members, team, lead or closing");
}

/* An id of its own for a member who is new: no second one can come of the same notice. */
static ProtobufCBinaryData member_id(const work_draft_t *draft, size_t index)
{
    uint8_t place = (uint8_t)index;
    kith_bytes_t parts[] = {kith_bytes_str("member"), bytes_of(draft->notice->id), {&place, 1}};
    kith_digest_t digest;
    draft->at.work->hash(KITH_TAG_REQUEST, parts, 3, &digest);
    return binary_of(kith_arena_copy(draft->at.arena, (kith_bytes_t){digest.bytes, KITH_ID_BYTES}));
}

static const Kith__Member *held_member(const Kith__Store__HouseholdRow *row, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < row->n_members; i++) {
        if (same_id(row->members[i]->member->id, id)) {
            return row->members[i]->member;
        }
    }
    return NULL;
}

static const Kith__TeamSeat *held_seat(const Kith__Store__HouseholdRow *row, const char *agency)
{
    for (size_t i = 0; i < row->n_team; i++) {
        if (strcmp(row->team[i]->seat->agency, agency) == 0) {
            return row->team[i]->seat;
        }
    }
    return NULL;
}

/* What the caller leaves out of a member stays as it is held. */
static kith_err fill_members(const change_case_t *c)
{
    for (size_t i = 0; i < c->change->n_members; i++) {
        Kith__Member *member = c->change->members[i];
        if (member->id.len == 0) {
            member->id = member_id(c->draft, i);
        }
        const Kith__Member *held = held_member(c->before, member->id);
        if (held != NULL) {
            member->name = has_text(member->name) ? member->name : held->name;
            bool same = !has_text(member->role) || strcmp(member->role, held->role) == 0;
            member->role = same ? held->role : member->role;
            if (member->from_ms == 0 && same) {
                member->from_ms = held->from_ms;
            }
            member->trusted_with =
                has_text(member->trusted_with) ? member->trusted_with : held->trusted_with;
            member->shielded |= held->shielded;
        }
        if (!has_text(member->name)) {
            return draft_refuse(c->draft, KITH_INVALID, "member-name",
                                "a member has a name, or what the family is content to be called");
        }
        if (kith_bytes_str(member->role).size > ROLE_BYTES_MAX) {
            return draft_refuse(c->draft, KITH_INVALID, "member-role",
                                "a member's role is a word or a few: at most 128 bytes");
        }
        if (member->from_ms == 0) {
            member->from_ms = c->draft->at.now_ms;
        }
        if (member->shielded && (held == NULL || !held->shielded)) {
            c->draft->lane = KITH_LANE_URGENT; /* a new shield travels urgent */
        }
    }
    return KITH_OK;
}

static kith_err fill_seats(const change_case_t *c)
{
    int64_t now_ms = c->draft->at.now_ms;
    for (size_t i = 0; i < c->change->n_team; i++) {
        Kith__TeamSeat *seat = c->change->team[i];
        const Kith__TeamSeat *held = held_seat(c->before, text_of(seat->agency));
        if (seat->from_ms == 0) {
            bool ended = seat->to_ms != 0 && seat->to_ms <= now_ms;
            seat->from_ms = held != NULL ? held->from_ms : ended ? seat->to_ms : now_ms;
        }
        bool held_or_known = held != NULL || kith_agreement_agency(c->draft->at.work->agreement,
                                                                   text_of(seat->agency)) != NULL;
        /* Who has left the partnership may still leave the team; a name nobody has is a slip. */
        if (seat->to_ms == 0 || seat->to_ms > now_ms || !held_or_known) {
            WORK_TRY(route_name(c->draft, text_of(seat->agency)));
        }
    }
    return KITH_OK;
}

static bool speaks_of(const Kith__Household *change, const char *agency)
{
    for (size_t i = 0; i < change->n_team; i++) {
        if (strcmp(change->team[i]->agency, agency) == 0) {
            return true;
        }
    }
    return false;
}

static kith_err seat(const change_case_t *c, const char *agency)
{
    Kith__Household *change = c->change;
    if (change->n_team >= KITH_SLOTS_MAX) {
        return draft_refuse(c->draft, KITH_INVALID, "too-many", "a team has at most 64 seats");
    }
    Kith__TeamSeat *added = kith_arena_need(c->draft->at.arena, sizeof *added);
    kith__team_seat__init(added);
    added->agency = text_of(agency);
    added->from_ms = c->draft->at.now_ms;
    change->team[change->n_team++] = added;
    household_merge(c->draft->at.arena, c->after, c->draft->notice);
    return KITH_OK;
}

/* Who opens a household sits at its table until they say otherwise. */
static kith_err seat_opener(const change_case_t *c)
{
    const char *self = c->draft->at.work->agency;
    return c->change->opened && !speaks_of(c->change, self) ? seat(c, self) : KITH_OK;
}

/* A lead may go without a successor only when it is said that this is known: all are told then. */
static kith_err keep_lead(const change_case_t *c)
{
    static const char rule[] = "lead-without-successor";
    const char *lead = household_lead(c->after);
    const char *why = "";
    bool goes = lead_state(c->draft->at.work->agreement, c->before, &why) == LEAD_HELD &&
                household_stays(c->before, lead) && !household_stays(c->after, lead);
    return goes && !draft_despite(c->draft, rule)
               ? draft_refuse(c->draft, KITH_INVALID, rule,
                              "this agency has the lead: hand it over before, or with, its seat; "
                              "with --despite lead-without-successor it goes all the same, and "
                              "everyone around the family is told that a lead is wanted")
               : KITH_OK;
}

/* A lead who goes names a successor, who sits in the team. */
static kith_err settle_lead(const change_case_t *c)
{
    Kith__Lead *lead = c->change->lead;
    if (lead == NULL) {
        return keep_lead(c);
    }
    WORK_TRY(lead_may_take(c->draft, c->before, lead));
    lead->from_ms = lead->from_ms != 0 ? lead->from_ms : c->draft->at.now_ms;
    if (household_seated(c->after, lead->agency, c->draft->at.now_ms) &&
        household_stays(c->after, lead->agency)) {
        return KITH_OK;
    }
    return speaks_of(c->change, lead->agency)
               ? draft_refuse(c->draft, KITH_INVALID, "lead-in-team",
                              "the lead's agency sits in the team: do not end its seat")
               : seat(c, lead->agency);
}

static kith_err fits_limits(const change_case_t *c)
{
    if (c->after->n_members > KITH_MEMBERS_MAX) {
        return draft_refuse(c->draft, KITH_INVALID, "too-many",
                            "a household has at most 64 members, those who left included");
    }
    return c->after->n_team > KITH_SLOTS_MAX
               ? draft_refuse(c->draft, KITH_INVALID, "too-many", "a team has at most 64 seats")
               : KITH_OK;
}

static bool is_in(const change_case_t *c, const Kith__Store__HouseholdRow *row, const char *agency)
{
    return household_seated(row, agency, c->draft->at.now_ms) ||
           strcmp(household_lead(row), agency) == 0;
}

/* Who joins is told what the team holds together: the household, its plan, its assessments. One
 * that is named again is told again. A plan that has no room left waits for its next change. */
static kith_err carry(const change_case_t *c)
{
    const work_ctx_t *at = &c->draft->at;
    kith_bytes_t id = bytes_of(c->draft->notice->household);
    Kith__Store__PlanRow *plan = NULL;
    household_carry(at->arena, c->before, c->change);
    WORK_TRY(assessment_carry(at, id, c->change));
    WORK_TRY(plan_find(at, id, &plan));
    if (plan == NULL) {
        return KITH_OK;
    }
    c->change->plan = kith_arena_need(at->arena, sizeof *c->change->plan);
    kith__plan__init(c->change->plan);
    plan_carry(at->arena, plan, c->change->plan);
    c->change->plan->changed_ms = plan_latest(plan).ms;
    if (kith__household__get_packed_size(c->change) > KITH_NOTICE_BYTES_MAX - KITH_KIB) {
        c->change->plan = NULL;
    }
    return KITH_OK;
}

/* A front door that sat here once takes in what nobody leads: it learns when that begins and ends.
 */
static void route_unled(const change_case_t *c)
{
    const kith_agreement_t *agreement = c->draft->at.work->agreement;
    const char *front_door = text_of(agreement->front_door), *why = "";
    bool wanted = lead_state(agreement, c->before, &why) == LEAD_WANTED ||
                  lead_state(agreement, c->after, &why) == LEAD_WANTED;
    if (wanted && held_seat(c->after, front_door) != NULL) {
        route_derive(c->draft, front_door);
    }
}

/* The team before, the team after, and the lead of both. */
static kith_err route(change_case_t *c)
{
    work_draft_t *draft = c->draft;
    bool others = false, joins = false;
    for (size_t i = 0; i < c->after->n_team; i++) {
        const char *agency = c->after->team[i]->seat->agency;
        bool before = is_in(c, c->before, agency), after = is_in(c, c->after, agency);
        others |= (before || after) && !is_self(&draft->at, agency);
        joins |= after && (!before || speaks_of(c->change, agency)) && !is_self(&draft->at, agency);
    }
    route_household(draft, c->before);
    route_household(draft, c->after);
    route_unled(c);
    draft->alone = !others;
    return joins ? carry(c) : KITH_OK;
}

kith_err household_prepare(work_draft_t *draft)
{
    change_case_t c = {
        .draft = draft,
        .change = copy_change(draft->at.arena, draft->notice->household_change),
    };
    draft->notice->household_change = c.change;
    WORK_TRY(route_fixed(draft));
    WORK_TRY(open_or_find(&c));
    WORK_TRY(changes_something(&c));
    WORK_TRY(closing_may(draft, c.before, c.change));
    WORK_TRY(fill_members(&c));
    WORK_TRY(fill_seats(&c));
    const work_refusal_t *refusal = household_check(draft->notice);
    if (refusal != NULL) { /* before it is merged */
        return draft_refuse(draft, KITH_INVALID, refusal->rule, refusal->what);
    }
    household_merge(draft->at.arena, c.after, draft->notice);
    WORK_TRY(seat_opener(&c));
    WORK_TRY(settle_lead(&c));
    WORK_TRY(fits_limits(&c));
    return route(&c);
}
