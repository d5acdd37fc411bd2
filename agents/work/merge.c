/* A household as this agency holds it. What is said of one member, seat, lead or name replaces what
 * was said before, and of two the later stands: by time, then by the notice's id. Members and seats
 * are kept in order. So every agency that has heard the same ends the same, whatever the order. A
 * shield is never taken off. */
#include "agents/work/parts.h"

/* When and in which notice something was said. */
typedef struct said {
    int64_t ms;
    kith_bytes_t by;
} said_t;

static bool is_later(said_t a, said_t than)
{
    return a.ms != than.ms ? a.ms > than.ms : kith_bytes_compare(a.by, than.by) > 0;
}

/* A part's own stamp when it is carried along, else the notice's. */
static said_t said_of(const Kith__Stamp *stamp, said_t notice)
{
    return stamp != NULL ? (said_t){stamp->changed_ms, bytes_of(stamp->by)} : notice;
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

static void merge_member(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                         const Kith__Member *member, said_t notice)
{
    said_t said = said_of(member->said, notice);
    Kith__Store__HeldMember *held = find_member(row, member->id);
    bool shielded = member->shielded || (held != NULL && held->member->shielded);
    if (held != NULL && !is_later(said, (said_t){held->changed_ms, bytes_of(held->by)})) {
        held->member->shielded = shielded;
        return;
    }
    if (held == NULL) {
        held = kith_arena_need(arena, sizeof *held);
        kith__store__held_member__init(held);
        held->member = kith_arena_need(arena, sizeof *held->member);
        *held->member = *member;
        insert_member(arena, row, held);
    }
    *held->member = *member;
    held->member->said = NULL;
    held->member->shielded = shielded;
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
    if (held != NULL && !is_later(said, (said_t){held->changed_ms, bytes_of(held->by)})) {
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
        !is_later(said, (said_t){row->lead_changed_ms, bytes_of(row->lead_by)})) {
        return;
    }
    row->lead = kith_arena_need(arena, sizeof *row->lead);
    *row->lead = *lead;
    row->lead->said = NULL;
    row->lead_changed_ms = said.ms;
    row->lead_by = binary_of(said.by);
}

static void merge_name(Kith__Store__HouseholdRow *row, const Kith__Household *change, said_t notice)
{
    said_t said = said_of(change->name_said, notice);
    if (has_text(change->name) &&
        is_later(said, (said_t){row->name_changed_ms, bytes_of(row->name_by)})) {
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
    for (size_t i = 0; i < row->n_members; i++) {
        latest = row->members[i]->changed_ms > latest ? row->members[i]->changed_ms : latest;
    }
    for (size_t i = 0; i < row->n_team; i++) {
        latest = row->team[i]->changed_ms > latest ? row->team[i]->changed_ms : latest;
    }
    return latest;
}

/* ---- carrying along ---- */

static Kith__Stamp *stamp(kith_arena_t *arena, int64_t changed_ms, ProtobufCBinaryData by)
{
    Kith__Stamp *said = kith_arena_need(arena, sizeof *said);
    kith__stamp__init(said);
    said->changed_ms = changed_ms;
    said->by = by;
    return said;
}

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
        member->said = stamp(arena, held->changed_ms, held->by);
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
        seat->said = stamp(arena, held->changed_ms, held->by);
        change->team[change->n_team++] = seat;
    }
}

static void carry_rest(kith_arena_t *arena, const Kith__Store__HouseholdRow *row,
                       Kith__Household *change)
{
    if (!has_text(change->name) && has_text(row->name)) {
        change->name = row->name;
        change->name_said = stamp(arena, row->name_changed_ms, row->name_by);
    }
    if (change->lead == NULL && row->lead != NULL) {
        change->lead = kith_arena_need(arena, sizeof *change->lead);
        *change->lead = *row->lead;
        change->lead->said = stamp(arena, row->lead_changed_ms, row->lead_by);
    }
    if (!change->opened && has_text(row->opened_by)) {
        change->opening = kith_arena_need(arena, sizeof *change->opening);
        kith__opening__init(change->opening);
        change->opening->agency = row->opened_by;
        change->opening->at_ms = row->opened_ms;
        change->opening->reason = row->reason;
    }
}

void household_carry(kith_arena_t *arena, const Kith__Store__HouseholdRow *row,
                     Kith__Household *change)
{
    Kith__Member **members = kith_arena_need(arena, KITH_MEMBERS_MAX * sizeof(Kith__Member *));
    Kith__TeamSeat **team = kith_arena_need(arena, KITH_SLOTS_MAX * sizeof(Kith__TeamSeat *));
    for (size_t i = 0; i < change->n_members; i++) {
        members[i] = change->members[i];
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
