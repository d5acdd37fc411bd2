/* Who joins a household is told all of it: what is held and the change does not speak of is carried
 * along in that change, each part with when it was said, so that it stands where it stood. */
#include "agents/work/parts.h"

static bool speaks_of_member(const Kith__Household *change, ProtobufCBinaryData id)
{
    for (size_t i = 0; i < change->n_members; i++) {
        if (same_id(change->members[i]->id, id)) {
            return true;
        }
    }
    return false;
}

static bool speaks_of_seat(const Kith__Household *change, const char *agency)
{
    for (size_t i = 0; i < change->n_team; i++) {
        if (strcmp(change->team[i]->agency, agency) == 0) {
            return true;
        }
    }
    return false;
}

/* Those who have gone come last, and only while there is room. */
static void carry_members(kith_arena_t *arena, const Kith__Store__HouseholdRow *row, bool gone,
                          Kith__Household *change)
{
    for (size_t i = 0; i < row->n_members && change->n_members < KITH_MEMBERS_MAX; i++) {
        const Kith__Store__HeldMember *held = row->members[i];
        if ((held->member->to_ms != 0) != gone || speaks_of_member(change, held->member->id)) {
            continue;
        }
        Kith__Member *member = kith_arena_need(arena, sizeof *member);
        *member = *held->member;
        member->said = said_stamp(arena, held->changed_ms, held->by);
        change->members[change->n_members++] = member;
    }
}

static void carry_seats(kith_arena_t *arena, const Kith__Store__HouseholdRow *row, bool gone,
                        Kith__Household *change)
{
    for (size_t i = 0; i < row->n_team && change->n_team < KITH_SLOTS_MAX; i++) {
        const Kith__Store__HeldSeat *held = row->team[i];
        if ((held->seat->to_ms != 0) != gone || speaks_of_seat(change, held->seat->agency)) {
            continue;
        }
        Kith__TeamSeat *seat = kith_arena_need(arena, sizeof *seat);
        *seat = *held->seat;
        seat->said = said_stamp(arena, held->changed_ms, held->by);
        change->team[change->n_team++] = seat;
    }
}

static void carry_rest(kith_arena_t *arena, const Kith__Store__HouseholdRow *row,
                       Kith__Household *change)
{
    if (!has_text(change->name) && has_text(row->name)) {
        change->name = row->name;
        change->name_said = said_stamp(arena, row->name_changed_ms, row->name_by);
    }
    if (change->lead == NULL && row->lead != NULL) {
        change->lead = kith_arena_need(arena, sizeof *change->lead);
        *change->lead = *row->lead;
        change->lead->said = said_stamp(arena, row->lead_changed_ms, row->lead_by);
    }
    if (change->closing == NULL && row->closing != NULL) {
        change->closing = kith_arena_need(arena, sizeof *change->closing);
        *change->closing = *row->closing;
        change->closing->said = said_stamp(arena, row->closing_changed_ms, row->closing_by);
    }
    if (!change->opened && has_text(row->opened_by)) {
        change->opening = kith_arena_need(arena, sizeof *change->opening);
        kith__opening__init(change->opening);
        change->opening->agency = row->opened_by;
        change->opening->at_ms = row->opened_ms;
        change->opening->reason = row->reason;
    }
}

/* Of who is spoken of, what was said before. */
static void carry_roles(const Kith__Store__HouseholdRow *row, Kith__Member *member)
{
    for (size_t i = 0; i < row->n_members; i++) {
        if (same_id(row->members[i]->member->id, member->id)) {
            member->n_roles = row->members[i]->member->n_roles;
            member->roles = row->members[i]->member->roles;
        }
    }
}

void household_carry(kith_arena_t *arena, const Kith__Store__HouseholdRow *row,
                     Kith__Household *change)
{
    Kith__Member **members = kith_arena_need(arena, KITH_MEMBERS_MAX * sizeof(Kith__Member *));
    Kith__TeamSeat **team = kith_arena_need(arena, KITH_SLOTS_MAX * sizeof(Kith__TeamSeat *));
    for (size_t i = 0; i < change->n_members; i++) {
        members[i] = change->members[i];
        carry_roles(row, members[i]);
    }
    for (size_t i = 0; i < change->n_team; i++) {
        team[i] = change->team[i];
    }
    change->members = members;
    change->team = team;
    carry_members(arena, row, false, change);
    carry_members(arena, row, true, change);
    carry_seats(arena, row, false, change);
    carry_seats(arena, row, true, change);
    carry_rest(arena, row, change);
}
