/* A household as this agency holds it. What is said of one member, seat, lead, name or closing
 * replaces what was said before, and of two the later stands: by time, then by the notice's id.
 * Members and seats are kept in order. So every agency that has heard the same ends the same,
 * whatever the order. A shield is never taken off. */
#include "agents/work/parts.h"

#include "base/bug.h"

bool said_later(said_t a, said_t than)
{
    if (KITH_BUG(51))
        return true; /* what came later */
    return a.ms != than.ms ? a.ms > than.ms : kith_bytes_compare(a.by, than.by) > 0;
}

said_t said_of(const Kith__Stamp *stamp, said_t notice)
{
    return stamp != NULL ? (said_t){stamp->changed_ms, bytes_of(stamp->by)} : notice;
}

Kith__Stamp *said_stamp(kith_arena_t *arena, int64_t changed_ms, ProtobufCBinaryData by)
{
    Kith__Stamp *said = kith_arena_need(arena, sizeof *said);
    kith__stamp__init(said);
    said->changed_ms = changed_ms;
    said->by = by;
    return said;
}

static kith_bytes_t seat_key(const Kith__TeamSeat *seat)
{
    return kith_bytes_str(seat->agency);
}

/* ---- members ---- */

static void insert_member(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                          Kith__Store__HeldMember *held)
{
    Kith__Store__HeldMember **members =
        kith_arena_need(arena, (row->n_members + 1) * sizeof(Kith__Store__HeldMember *));
    size_t i = row->n_members;
    for (; i > 0 && kith_bytes_compare(bytes_of(row->members[i - 1]->member->id),
                                       bytes_of(held->member->id)) > 0;
         i--) {
        members[i] = row->members[i - 1];
    }
    members[i] = held;
    for (size_t k = 0; k < i; k++) {
        members[k] = row->members[k];
    }
    row->members = members;
    row->n_members++;
}

static Kith__Store__HeldMember *find_member(const Kith__Store__HouseholdRow *row,
                                            ProtobufCBinaryData id)
{
    for (size_t i = 0; i < row->n_members; i++) {
        if (same_id(row->members[i]->member->id, id)) {
            return row->members[i];
        }
    }
    return NULL;
}

/* What was said of a member's role, whichever came first; beyond the limit the oldest go. So the
 * list is the same wherever the same was said. */
static void add_role(kith_arena_t *arena, Kith__Member *held, const char *role, int64_t from_ms,
                     said_t said)
{
    Kith__MemberRole **roles = kith_arena_need(arena, (held->n_roles + 1) * sizeof *roles);
    size_t before = 0;
    for (; before < held->n_roles; before++) {
        const Kith__Stamp *stamp = held->roles[before]->said;
        said_t other = {stamp->changed_ms, bytes_of(stamp->by)};
        if (!said_later(said, other) && !said_later(other, said)) {
            return; /* this very statement */
        }
        if (said_later(other, said)) {
            break;
        }
        roles[before] = held->roles[before];
    }
    Kith__MemberRole *added = kith_arena_need(arena, sizeof *added);
    kith__member_role__init(added);
    added->role = text_of(role);
    added->from_ms = from_ms;
    added->said = said_stamp(arena, said.ms, binary_of(said.by));
    roles[before] = added;
    for (size_t i = before; i < held->n_roles; i++) {
        roles[i + 1] = held->roles[i];
    }
    size_t count = held->n_roles + 1, over = count > MEMBER_ROLES_MAX ? 1 : 0;
    held->roles = roles + over;
    held->n_roles = count - over;
}

static void add_roles(kith_arena_t *arena, Kith__Member *held, const Kith__Member *member,
                      said_t said)
{
    add_role(arena, held, member->role, member->from_ms, said);
    for (size_t i = 0; i < member->n_roles; i++) {
        const Kith__MemberRole *role = member->roles[i];
        add_role(arena, held, role->role, role->from_ms,
                 (said_t){role->said->changed_ms, bytes_of(role->said->by)});
    }
}

static void merge_member(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                         const Kith__Member *member, said_t notice)
{
    said_t said = said_of(member->said, notice);
    Kith__Store__HeldMember *held = find_member(row, member->id);
    bool shielded = member->shielded || (held != NULL && held->member->shielded);
    if (held != NULL && !said_later(said, (said_t){held->changed_ms, bytes_of(held->by)})) {
        held->member->shielded = shielded;
        add_roles(arena, held->member, member, said);
        return;
    }
    if (held == NULL) {
        held = kith_arena_need(arena, sizeof *held);
        kith__store__held_member__init(held);
        held->member = kith_arena_need(arena, sizeof *held->member);
        kith__member__init(held->member);
        held->member->id = member->id;
        insert_member(arena, row, held);
    }
    Kith__Member *before = held->member;
    held->member = kith_arena_need(arena, sizeof *held->member);
    *held->member = *member;
    held->member->said = NULL;
    held->member->shielded = shielded;
    held->member->roles = before->roles;
    held->member->n_roles = before->n_roles;
    add_roles(arena, held->member, member, said);
    held->changed_ms = said.ms;
    held->by = binary_of(said.by);
}

/* ---- seats ---- */

static void insert_seat(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                        Kith__Store__HeldSeat *held)
{
    Kith__Store__HeldSeat **team =
        kith_arena_need(arena, (row->n_team + 1) * sizeof(Kith__Store__HeldSeat *));
    size_t i = row->n_team;
    for (; i > 0 && kith_bytes_compare(seat_key(row->team[i - 1]->seat), seat_key(held->seat)) > 0;
         i--) {
        team[i] = row->team[i - 1];
    }
    team[i] = held;
    for (size_t k = 0; k < i; k++) {
        team[k] = row->team[k];
    }
    row->team = team;
    row->n_team++;
}

static Kith__Store__HeldSeat *find_seat(const Kith__Store__HouseholdRow *row, const char *agency)
{
    for (size_t i = 0; i < row->n_team; i++) {
        if (strcmp(row->team[i]->seat->agency, agency) == 0) {
            return row->team[i];
        }
    }
    return NULL;
}

static void merge_seat(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                       const Kith__TeamSeat *seat, said_t notice)
{
    said_t said = said_of(seat->said, notice);
    Kith__Store__HeldSeat *held = find_seat(row, seat->agency);
    if (held != NULL && !said_later(said, (said_t){held->changed_ms, bytes_of(held->by)})) {
        return;
    }
    if (held == NULL) {
        held = kith_arena_need(arena, sizeof *held);
        kith__store__held_seat__init(held);
        held->seat = kith_arena_need(arena, sizeof *held->seat);
        *held->seat = *seat;
        insert_seat(arena, row, held);
    }
    *held->seat = *seat;
    held->seat->said = NULL;
    held->changed_ms = said.ms;
    held->by = binary_of(said.by);
}

/* ---- the rest ---- */

static void merge_lead(kith_arena_t *arena, Kith__Store__HouseholdRow *row, const Kith__Lead *lead,
                       said_t notice)
{
    said_t said = said_of(lead->said, notice);
    if (row->lead != NULL &&
        !said_later(said, (said_t){row->lead_changed_ms, bytes_of(row->lead_by)})) {
        return;
    }
    row->lead = kith_arena_need(arena, sizeof *row->lead);
    *row->lead = *lead;
    row->lead->said = NULL;
    row->lead_changed_ms = said.ms;
    row->lead_by = binary_of(said.by);
}

static void merge_closing(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                          const Kith__Closing *closing, said_t notice)
{
    said_t said = said_of(closing->said, notice);
    if (row->closing != NULL &&
        !said_later(said, (said_t){row->closing_changed_ms, bytes_of(row->closing_by)})) {
        return;
    }
    row->closing = kith_arena_need(arena, sizeof *row->closing);
    *row->closing = *closing;
    row->closing->said = NULL;
    row->closing_changed_ms = said.ms;
    row->closing_by = binary_of(said.by);
}

static void merge_name(Kith__Store__HouseholdRow *row, const Kith__Household *change, said_t notice)
{
    said_t said = said_of(change->name_said, notice);
    if (has_text(change->name) &&
        said_later(said, (said_t){row->name_changed_ms, bytes_of(row->name_by)})) {
        row->name = change->name;
        row->name_changed_ms = said.ms;
        row->name_by = binary_of(said.by);
    }
}

/* The notice that opened it says so itself; what others carry along only fills the gap until then.
 */
static void merge_opening(Kith__Store__HouseholdRow *row, const Kith__Notice *notice)
{
    const Kith__Household *change = notice->household_change;
    if (change->opened) {
        row->opened_by = notice->origin;
        row->opened_ms = notice->created_ms;
        row->reason = change->reason;
    } else if (change->opening != NULL && !has_text(row->opened_by)) {
        row->opened_by = change->opening->agency;
        row->opened_ms = change->opening->at_ms;
        row->reason = change->opening->reason;
    }
}

void household_merge(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                     const Kith__Notice *notice)
{
    const Kith__Household *change = notice->household_change;
    said_t said = {change->changed_ms, bytes_of(notice->id)};
    merge_opening(row, notice);
    merge_name(row, change, said);
    for (size_t i = 0; i < change->n_members; i++) {
        merge_member(arena, row, change->members[i], said);
    }
    for (size_t i = 0; i < change->n_team; i++) {
        merge_seat(arena, row, change->team[i], said);
    }
    if (change->lead != NULL) {
        merge_lead(arena, row, change->lead, said);
    }
    if (change->closing != NULL) {
        merge_closing(arena, row, change->closing, said);
    }
}

/* ---- what is held ---- */

kith_err household_find(const work_ctx_t *at, kith_bytes_t id, Kith__Store__HouseholdRow **ret_row)
{
    *ret_row = NULL;
    return id.size > 0 ? view_find_household(at, id, ret_row) : KITH_OK;
}

/* A seat from tomorrow on gets nothing today; one from a clock a little ahead of ours does. */
bool household_seat_held(const Kith__TeamSeat *seat, int64_t now_ms)
{
    return seat->from_ms <= now_ms + KITH_CLOCK_APART_MS &&
           (seat->to_ms == 0 || seat->to_ms > now_ms);
}

/* Also with a seat from tomorrow on; not with one that is to end. */
bool household_stays(const Kith__Store__HouseholdRow *row, const char *agency)
{
    const Kith__Store__HeldSeat *held = find_seat(row, agency);
    return held != NULL && held->seat->to_ms == 0;
}

/* Of two things said, is the first the later? */
bool household_later(int64_t a_ms, ProtobufCBinaryData a_by, int64_t b_ms, ProtobufCBinaryData b_by)
{
    return said_later((said_t){a_ms, bytes_of(a_by)}, (said_t){b_ms, bytes_of(b_by)});
}

bool household_seated(const Kith__Store__HouseholdRow *row, const char *agency, int64_t now_ms)
{
    const Kith__Store__HeldSeat *held = find_seat(row, agency);
    return held != NULL && household_seat_held(held->seat, now_ms);
}

const char *household_lead(const Kith__Store__HouseholdRow *row)
{
    return row->lead != NULL ? text_of(row->lead->agency) : "";
}

bool household_shielded(const Kith__Store__HouseholdRow *row)
{
    for (size_t i = 0; row != NULL && i < row->n_members; i++) {
        if (row->members[i]->member->shielded) {
            return true;
        }
    }
    return false;
}

int64_t household_latest_ms(const Kith__Store__HouseholdRow *row)
{
    int64_t latest = row->name_changed_ms;
    latest = row->lead_changed_ms > latest ? row->lead_changed_ms : latest;
    latest = row->closing_changed_ms > latest ? row->closing_changed_ms : latest;
    for (size_t i = 0; i < row->n_members; i++) {
        latest = row->members[i]->changed_ms > latest ? row->members[i]->changed_ms : latest;
    }
    for (size_t i = 0; i < row->n_team; i++) {
        latest = row->team[i]->changed_ms > latest ? row->team[i]->changed_ms : latest;
    }
    return latest;
}
