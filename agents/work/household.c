/* A change to a household: opened, named, its members, its team, its lead. Merging it into what is
 * held is merge.c's. */
#include "agents/work/parts.h"

#include "base/text.h"

/* ---- is it one ---- */

static bool stamp_fits(const Kith__Stamp *stamp, const Kith__Household *change)
{
    return stamp == NULL ||
           (stamp->by.len > 0 && stamp->changed_ms > 0 && stamp->changed_ms <= change->changed_ms);
}

static bool span_fits(int64_t from_ms, int64_t to_ms)
{
    return to_ms == 0 || to_ms >= from_ms;
}

static const work_refusal_t *check_members(const Kith__Household *change)
{
    static const work_refusal_t refusal = {
        "member", "each member has an id, stands there once, and leaves after coming"};
    for (size_t i = 0; i < change->n_members; i++) {
        const Kith__Member *member = change->members[i];
        bool fits = member->id.len > 0 && span_fits(member->from_ms, member->to_ms) &&
                    stamp_fits(member->said, change);
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
    for (const char *c = lead->role; *c != '\0'; c++) {
        if (*c == '@') {
            return &role;
        }
    }
    return has_text(lead->role) ? NULL : &role;
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
    return refusal != NULL ? refusal : check_lead(change);
}

/* ---- preparing one ---- */

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
    change->members = kith_arena_need(arena, KITH_MEMBERS_MAX * sizeof(Kith__Member *));
    change->team = kith_arena_need(arena, KITH_SLOTS_MAX * sizeof(Kith__TeamSeat *));
    for (size_t i = 0; i < asked->n_members; i++) {
        change->members[i] = kith_arena_need(arena, sizeof(Kith__Member));
        *change->members[i] = *asked->members[i];
        change->members[i]->said = NULL;
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
    return change;
}

static kith_err load(const work_ctx_t *at, kith_bytes_t id, Kith__Store__HouseholdRow **ret_row)
{
    WORK_TRY(household_find(at, id, ret_row));
    if (*ret_row == NULL) {
        *ret_row = kith_arena_need(at->arena, sizeof **ret_row);
        kith__store__household_row__init(*ret_row);
    }
    return KITH_OK;
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
    WORK_TRY(load(&draft->at, id, &c->before));
    WORK_TRY(load(&draft->at, id, &c->after));
    int64_t latest_ms = household_latest_ms(c->before);
    c->change->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    return KITH_OK;
}

static kith_err changes_something(const change_case_t *c)
{
    const Kith__Household *change = c->change;
    bool something = change->opened || has_text(change->name) || change->n_members > 0 ||
                     change->n_team > 0 || change->lead != NULL;
    return something ? KITH_OK
                     : draft_refuse(c->draft, KITH_INVALID, "nothing-changes",
                                    "say what changes: the name, members, team or lead");
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
            member->role = has_text(member->role) ? member->role : held->role;
            member->from_ms = member->from_ms != 0 ? member->from_ms : held->from_ms;
            member->shielded |= held->shielded;
        }
        if (!has_text(member->name)) {
            return draft_refuse(c->draft, KITH_INVALID, "member-name",
                                "a member has a name, or what the family is content to be called");
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

static kith_err hand_over(const change_case_t *c)
{
    Kith__Lead *lead = c->change->lead;
    WORK_TRY(route_name(c->draft, lead->agency));
    lead->from_ms = lead->from_ms != 0 ? lead->from_ms : c->draft->at.now_ms;
    if (household_seated(c->after, lead->agency, c->draft->at.now_ms)) {
        return KITH_OK;
    }
    return speaks_of(c->change, lead->agency)
               ? draft_refuse(c->draft, KITH_INVALID, "lead-in-team",
                              "the lead's agency sits in the team: do not end its seat")
               : seat(c, lead->agency);
}

/* A lead who goes names a successor. */
static kith_err keep_lead(const change_case_t *c)
{
    int64_t now_ms = c->draft->at.now_ms;
    const char *lead = household_lead(c->after);
    bool goes = has_text(lead) && household_seated(c->before, lead, now_ms) &&
                !household_seated(c->after, lead, now_ms);
    return goes ? draft_refuse(c->draft, KITH_INVALID, "lead-without-successor",
                               "this agency has the lead: hand it over before, or with, its seat")
                : KITH_OK;
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

/* The team before, the team after, and the lead of both. */
static void route(change_case_t *c)
{
    work_draft_t *draft = c->draft;
    bool others = false, joins = false;
    for (size_t i = 0; i < c->after->n_team; i++) {
        const char *agency = c->after->team[i]->seat->agency;
        bool before = is_in(c, c->before, agency), after = is_in(c, c->after, agency);
        others |= (before || after) && !is_self(&draft->at, agency);
        joins |= after && !before && !is_self(&draft->at, agency);
    }
    route_household(draft, c->before);
    route_household(draft, c->after);
    draft->alone = !others;
    if (joins) {
        household_carry(draft->at.arena, c->before, c->change);
    }
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
    WORK_TRY(fill_members(&c));
    WORK_TRY(fill_seats(&c));
    const work_refusal_t *refusal = household_check(draft->notice);
    if (refusal != NULL) { /* before it is merged */
        return draft_refuse(draft, KITH_INVALID, refusal->rule, refusal->what);
    }
    household_merge(draft->at.arena, c.after, draft->notice);
    WORK_TRY(seat_opener(&c));
    WORK_TRY(c.change->lead != NULL ? hand_over(&c) : keep_lead(&c));
    WORK_TRY(fits_limits(&c));
    route(&c);
    return KITH_OK;
}

/* ---- into the view ---- */

/* What is said now; what is carried along was said before. No names of people. */
void household_describe(work_case_t *c)
{
    const Kith__Household *change = c->notice->household_change;
    line_t line = {0};
    size_t members = 0, seats = 0;
    line_add(&line, change->opened ? "household opened" : "household changed");
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

kith_err household_apply(work_case_t *c)
{
    kith_bytes_t id = bytes_of(c->notice->household);
    kith_err err = KITH_OK;
    bool was_known = view_has(&c->at, AGENT_TABLE_HOUSEHOLDS, id, &err);
    WORK_TRY(err);
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(load(&c->at, id, &row));
    bool was_shielded = household_shielded(row);
    household_merge(c->at.arena, row, c->notice);
    WORK_TRY(view_put_household(&c->at, id, row));
    if (!was_known) {
        WORK_TRY(feed_household_known(&c->at, id));
    }
    return household_shielded(row) && !was_shielded ? feed_household_shielded(&c->at, id) : KITH_OK;
}
