/* Opening a household, its members, its team, and the lead that is never handed to nobody. */
#include "tests/unit/work_world.h"

static const char *const housing_and_school[] = {"housing", "school", NULL};
static const char *const nobody[] = {NULL};

static const Kith__TeamSeat *seat_of(const Kith__Api__HouseholdView *view, const char *agency)
{
    for (size_t i = 0; i < view->n_team; i++) {
        if (strcmp(view->team[i]->agency, agency) == 0) {
            return view->team[i];
        }
    }
    return NULL;
}

static void any_agency_opens_a_household_with_a_name_and_a_reason(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "");
    world_refused(w, "housing", draft, KITH_INVALID, "household-opening");
    draft = world_opening(w, "the family at 3");
    draft->household_change->reason = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "household-opening");
    Kith__Notice *opened = world_say(w, "housing", world_opening(w, "the family at 3"));
    assert_memory_equal(opened->household.data, opened->id.data, KITH_ID_BYTES);
    assert_int_equal(w->prepared.recipients_count, 0); /* nobody else sits at the table yet */
    Kith__Api__HouseholdView *view = world_view(w, "housing", opened->household);
    assert_string_equal(view->name, "the family at 3");
    assert_string_equal(view->opened_by, "housing");
    assert_string_equal(view->reason, "weekly call-outs");
    assert_int_equal(view->opened_ms, opened->created_ms);
    assert_non_null(seat_of(view, "housing"));
}

static void only_a_known_household_is_changed(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "housing", nobody);
    Kith__Api__Draft *draft = world_change(w, household);
    world_seat(w, draft, "school", 0);
    world_refused(w, "police", draft, KITH_NOT_FOUND, "household-unknown");
    assert_int_equal(world_prepare(w, "housing", draft), KITH_OK);
    world_refused(w, "housing", world_change(w, household), KITH_INVALID, "nothing-changes");
}

static void team_before_and_after_and_the_lead_are_told(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_seat(w, draft, "school", w->now_ms);
    world_seat(w, draft, "health", 0);
    world_lead(w, draft, "social-care");
    world_say(w, "police", draft);
    assert_string_equal(world_recipients(w), "health housing school social-care");
    Kith__Api__Draft *next = world_change(w, household);
    next->household_change->name = NAME("the family at 5");
    assert_int_equal(world_prepare(w, "police", next), KITH_OK);
    assert_string_equal(world_recipients(w), "health housing social-care");
}

static void recipients_of_a_change_follow_from_it(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_to(w, draft, "housing");
    world_refused(w, "police", draft, KITH_INVALID, "recipients-follow");
}

static void team_holds_members_of_the_partnership(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "nobody", 0);
    world_refused(w, "police", draft, KITH_NOT_FOUND, "agency-unknown");
    draft->household_change->team[0]->agency = NAME("charity");
    world_refused(w, "police", draft, KITH_DENIED, "agency-left");
    draft->household_change->team[0]->agency = NAME("");
    world_refused(w, "police", draft, KITH_NOT_FOUND, "agency-unknown");
    draft->household_change->team[0]->agency = NAME("health");
    world_seat(w, draft, "health", 0);
    world_refused(w, "police", draft, KITH_INVALID, "seat");
}

static void seat_the_agreement_forbids_is_refused(void **state)
{
    world_t *w = *state;
    w->agreement.clauses_count = 1; /* events only */
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "health", 0);
    world_refused(w, "police", draft, KITH_DENIED, "no-clause");
}

static void former_member_may_leave_the_team(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    kith_agency_t agencies[WORLD_NODES + 1];
    memcpy(agencies, w->agreement.agencies, sizeof agencies);
    agencies[4].left = true;
    w->agreement.agencies = agencies;
    Kith__Api__Draft *draft = world_change(w, household);
    world_seat(w, draft, "school", w->now_ms);
    world_say(w, "police", draft);
    assert_string_equal(world_recipients(w), "housing");
    const Kith__TeamSeat *seat = seat_of(world_view(w, "police", household), "school");
    assert_true(seat->to_ms != 0 && seat->from_ms <= seat->to_ms);
}

static void who_is_nobody_leaves_no_team(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_change(w, world_household(w, "police", housing_and_school));
    world_seat(w, draft, "nosuch", w->now_ms);
    world_refused(w, "police", draft, KITH_NOT_FOUND, "agency-unknown");
    draft->household_change->team[0]->agency = NAME("health"); /* a member without a seat */
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
}

static void lead_is_a_role_of_an_agency_in_the_team(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_lead(w, draft, "");
    world_refused(w, "police", draft, KITH_INVALID, "lead-agency");
    world_lead(w, draft, "nobody");
    world_refused(w, "police", draft, KITH_NOT_FOUND, "agency-unknown");
    world_lead(w, draft, "health");
    draft->household_change->lead->role = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "lead-role");
    draft->household_change->lead->role = NAME("jo@example.org");
    world_refused(w, "police", draft, KITH_INVALID, "lead-role");
    world_lead(w, draft, "health");
    world_say(w, "police", draft);
    Kith__Api__HouseholdView *view = world_view(w, "health", household);
    assert_string_equal(view->lead->agency, "health");
    assert_string_equal(view->lead->role, "family worker");
    assert_int_equal(seat_of(view, "health")->to_ms, 0); /* seated with it */
}

static void lead_leaves_only_with_a_successor(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_lead(w, draft, "housing");
    world_say(w, "police", draft);
    draft = world_change(w, household);
    world_seat(w, draft, "housing", w->now_ms);
    world_refused(w, "police", draft, KITH_INVALID, "lead-without-successor");
    world_lead(w, draft, "housing");
    world_refused(w, "police", draft, KITH_INVALID, "lead-in-team");
    world_lead(w, draft, "school");
    world_say(w, "police", draft);
    assert_string_equal(world_view(w, "school", household)->lead->agency, "school");
    assert_string_equal(world_view(w, "housing", household)->lead->agency, "school");
}

static void opener_may_leave_itself_out(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "police", w->now_ms);
    world_seat(w, draft, "housing", 0);
    Kith__Notice *opened = world_say(w, "police", draft);
    assert_true(seat_of(world_view(w, "housing", opened->household), "police")->to_ms != 0);
}

static void newcomer_learns_all_that_was_said_before(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    world_member(w, draft, "older child", false);
    world_lead(w, draft, "housing");
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    draft = world_change(w, household);
    world_member(w, draft, "mother", false);
    world_say(w, "housing", draft);
    draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    Kith__Notice *joins = world_say(w, "police", draft);
    assert_non_null(joins->household_change->opening);
    assert_non_null(joins->household_change->name_said);
    Kith__Api__HouseholdView *view = world_view(w, "health", household);
    assert_string_equal(view->name, "the family at 3");
    assert_string_equal(view->opened_by, "police");
    assert_string_equal(view->reason, "weekly call-outs");
    assert_int_equal(view->n_members, 2);
    assert_int_equal(view->n_team, 3);
    assert_string_equal(view->lead->agency, "housing");
    kith_bytes_t at_police = world_household_row(w, "police", household);
    assert_true(kith_bytes_equal(at_police, world_household_row(w, "health", household)));
    assert_true(kith_bytes_equal(at_police, world_household_row(w, "housing", household)));
    assert_string_equal(world_last(w, "health")->summary, "household changed, team +health");
}

static void carried_part_does_not_undo_a_change_it_had_not_heard(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "housing", 0);
    world_seat(w, draft, "school", 0);
    world_lead(w, draft, "police");
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    draft = world_change(w, household);
    world_lead(w, draft, "school");
    Kith__Notice *handed = world_submit(w, "police", draft); /* housing has not heard it yet */
    draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    Kith__Notice *joins = world_say(w, "housing", draft); /* later, and carries the old lead */
    assert_string_equal(joins->household_change->lead->agency, "police");
    static const char *const others[] = {"housing", "school", "health"};
    for (size_t i = 0; i < 3; i++) {
        world_deliver(w, others[i], handed);
        assert_string_equal(world_view(w, others[i], household)->lead->agency, "school");
    }
    assert_string_equal(world_view(w, "police", household)->lead->agency, "school");
}

static void caller_cannot_forge_when_something_was_said(void **state)
{
    world_t *w = *state;
    Kith__Stamp stamp = KITH__STAMP__INIT;
    Kith__Opening opening = KITH__OPENING__INIT;
    stamp.changed_ms = 1;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "older child", false);
    draft->household_change->members[0]->said = &stamp;
    draft->household_change->name_said = &stamp;
    draft->household_change->opening = &opening;
    draft->household_change->changed_ms = w->now_ms + 365 * DAY;
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    const Kith__Household *change = w->prepared.notice->household_change;
    assert_null(change->members[0]->said);
    assert_null(change->name_said);
    assert_null(change->opening);
    assert_int_equal(change->changed_ms, w->now_ms);
}

static void change_is_always_later_than_what_it_saw(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    w->now_ms += DAY; /* housing's clock is a day ahead */
    Kith__Api__Draft *draft = world_change(w, household);
    draft->household_change->name = NAME("from ahead");
    world_say(w, "housing", draft);
    w->now_ms -= DAY;
    draft->household_change->name = NAME("from behind");
    world_say(w, "police", draft);
    assert_string_equal(world_view(w, "housing", household)->name, "from behind");
    assert_string_equal(world_view(w, "school", household)->name, "from behind");
}

static void member_keeps_what_a_change_leaves_out(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "older child", false);
    world_member(w, draft, "younger child", true);
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    Kith__Api__HouseholdView *view = world_view(w, "police", household);
    assert_int_equal(view->n_members, 2);
    assert_int_equal(view->members[0]->id.len, KITH_ID_BYTES);
    for (size_t i = 0; i < 2; i++) {
        draft = world_change(w, household);
        world_member(w, draft, "", false);
        draft->household_change->members[0]->id = view->members[i]->id;
        draft->household_change->members[0]->role = NAME("");
        draft->household_change->members[0]->to_ms = w->now_ms;
        world_say(w, "police", draft);
        Kith__Member *left = world_view(w, "police", household)->members[i];
        assert_string_equal(left->name, view->members[i]->name);
        assert_string_equal(left->role, "child");
        assert_int_equal(left->from_ms, view->members[i]->from_ms);
        assert_int_equal(left->shielded, view->members[i]->shielded);
        assert_true(left->to_ms != 0);
    }
}

static Kith__Member *only_member(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    Kith__Api__HouseholdView *view = world_view(w, agency, household);
    assert_int_equal(view->n_members, 1);
    return view->members[0];
}

static Kith__Notice *give_role(world_t *w, ProtobufCBinaryData household, const char *role,
                               int64_t from_ms)
{
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "", false);
    Kith__Member *member = draft->household_change->members[0];
    member->id = only_member(w, "police", household)->id;
    member->role = NAME(role);
    member->from_ms = from_ms;
    return world_say(w, "police", draft);
}

static void roles_over_time_are_kept_with_their_dates(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "uncle", false);
    world_say(w, "police", draft);
    int64_t came_ms = only_member(w, "housing", household)->from_ms;
    give_role(w, household, "carer", w->now_ms + DAY);
    give_role(w, household, "", 0); /* says nothing of the role */
    int64_t before_ms = w->now_ms;
    give_role(w, household, "alleged-perpetrator", 0);
    Kith__Member *member = only_member(w, "housing", household);
    assert_string_equal(member->role, "alleged-perpetrator");
    assert_int_equal(member->n_roles, 3);
    assert_string_equal(member->roles[0]->role, "child");
    assert_int_equal(member->roles[0]->from_ms, came_ms);
    assert_string_equal(member->roles[1]->role, "carer");
    assert_int_equal(member->roles[1]->from_ms, before_ms - 2000 + DAY);
    assert_int_equal(member->roles[2]->from_ms,
                     before_ms); /* another role begins when it is said */
    draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    world_say(w, "police", draft);
    assert_int_equal(only_member(w, "health", household)->n_roles, 3); /* who joins learns them */
    assert_true(kith_bytes_equal(world_household_row(w, "housing", household),
                                 world_household_row(w, "health", household)));
}

static void who_joins_with_a_role_change_learns_the_roles_before(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "uncle", false);
    world_say(w, "police", draft);
    draft = world_change(w, household);
    world_member(w, draft, "", false);
    draft->household_change->members[0]->id = only_member(w, "police", household)->id;
    draft->household_change->members[0]->role = NAME("carer");
    world_seat(w, draft, "health", 0);
    world_say(w, "police", draft);
    assert_true(kith_bytes_equal(world_household_row(w, "police", household),
                                 world_household_row(w, "health", household)));
    assert_int_equal(only_member(w, "health", household)->n_roles, 2);
}

static void of_very_many_roles_the_latest_are_kept(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "uncle", false);
    world_say(w, "police", draft);
    Kith__Notice *said[20];
    for (size_t i = 0; i < 20; i++) {
        said[i] = give_role(w, household, i % 2 == 0 ? "kin" : "carer", 0);
    }
    for (size_t i = 20; i-- > 0;) { /* once more, the latest first */
        world_deliver(w, "school", said[i]);
    }
    Kith__Member *member = only_member(w, "school", household);
    assert_int_equal(member->n_roles, 16);
    assert_string_equal(member->roles[15]->role, "carer");
    assert_true(kith_bytes_equal(world_household_row(w, "police", household),
                                 world_household_row(w, "school", household)));
}

/* The longest there can be still fits one notice. */
static void who_joins_the_largest_household_learns_all_of_it(void **state)
{
    world_t *w = *state;
    char role[129] = {0}, line[KITH_LINE_BYTES_MAX + 1] = {0};
    memset(role, 'x', sizeof role - 1);
    memset(line, 'y', sizeof line - 1);
    ProtobufCBinaryData household = world_household(w, "police", nobody);
    uint8_t ids[KITH_MEMBERS_MAX][KITH_ID_BYTES] = {{0}};
    for (size_t k = 0; k < 16; k++) {
        Kith__Api__Draft *draft = world_change(w, household);
        role[0] = (char)('a' + k);
        for (size_t i = 0; i < KITH_MEMBERS_MAX; i++) {
            ids[i][0] = (uint8_t)(i + 1);
            world_member(w, draft, line, false);
            Kith__Member *member = draft->household_change->members[i];
            member->id = (ProtobufCBinaryData){KITH_ID_BYTES, ids[i]};
            member->role = kith_arena_str(w->arena, role);
            member->trusted_with = NAME(line);
        }
        world_submit(w, "police", draft);
    }
    Kith__Api__Draft *draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    Kith__Notice *joins = world_say(w, "police", draft);
    assert_true(kith__notice__get_packed_size(joins) <= KITH_NOTICE_BYTES_MAX);
    assert_true(kith_bytes_equal(world_household_row(w, "police", household),
                                 world_household_row(w, "health", household)));
}

static void kin_beyond_the_address_are_trusted_with_something(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "aunt", false);
    draft->household_change->members[0]->beyond = true;
    draft->household_change->members[0]->trusted_with = NAME("the school run");
    world_say(w, "police", draft);
    Kith__Member *aunt = only_member(w, "school", household);
    assert_true(aunt->beyond);
    assert_string_equal(aunt->trusted_with, "the school run");
    give_role(w, household, "carer", 0); /* moves in */
    aunt = only_member(w, "school", household);
    assert_false(aunt->beyond);
    assert_string_equal(aunt->trusted_with, "the school run");
}

static void forged_roles_of_a_draft_are_not_taken(void **state)
{
    world_t *w = *state;
    Kith__MemberRole role = KITH__MEMBER_ROLE__INIT, *roles[] = {&role};
    role.role = NAME("alleged-perpetrator");
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "uncle", false);
    draft->household_change->members[0]->roles = roles;
    draft->household_change->members[0]->n_roles = 1;
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    assert_int_equal(only_member(w, "police", household)->n_roles, 1);
    assert_string_equal(only_member(w, "police", household)->roles[0]->role, "child");
    Kith__Notice *notice = world_submit(w, "police", draft);
    notice->household_change->members[0]->roles = roles; /* without when it was said */
    notice->household_change->members[0]->n_roles = 1;
    assert_int_equal(world_try_deliver(w, "housing", notice, (deliver_with_t){0}), KITH_INVALID);
}

static void member_has_a_name_and_stands_there_once(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_member(w, draft, "", false);
    world_refused(w, "police", draft, KITH_INVALID, "member-name");
    char role[130] = {0};
    memset(role, 'x', sizeof role - 1);
    draft = world_opening(w, "the family at 3");
    world_member(w, draft, "older child", false);
    draft->household_change->members[0]->role = role;
    world_refused(w, "police", draft, KITH_INVALID, "member-role");
    draft = world_opening(w, "the family at 3");
    world_member(w, draft, "older child", false);
    world_member(w, draft, "younger child", false);
    draft->household_change->members[0]->id = (ProtobufCBinaryData){16, (uint8_t[16]){1}};
    draft->household_change->members[1]->id = (ProtobufCBinaryData){16, (uint8_t[16]){1}};
    world_refused(w, "police", draft, KITH_INVALID, "member");
    draft->household_change->n_members = 1;
    draft->household_change->members[0]->from_ms = w->now_ms;
    draft->household_change->members[0]->to_ms = w->now_ms - 1;
    world_refused(w, "police", draft, KITH_INVALID, "member");
}

static void household_has_at_most_its_limit_of_members(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    for (size_t i = 0; i < KITH_MEMBERS_MAX; i++) {
        world_member(w, draft, "one of many", false);
    }
    ProtobufCBinaryData household = world_say(w, "police", draft)->household;
    draft = world_change(w, household);
    world_member(w, draft, "one too many", false);
    world_refused(w, "police", draft, KITH_INVALID, "too-many");
    draft = world_change(w, household);
    world_seat(w, draft, "health", 0);
    world_say(w, "police", draft); /* a newcomer hears of all of them */
    assert_int_equal(world_view(w, "health", household)->n_members, KITH_MEMBERS_MAX);
}

static void team_has_at_most_its_limit_of_seats(void **state)
{
    world_t *w = *state;
    kith_agency_t agencies[KITH_SLOTS_MAX + 2];
    memset(agencies, 0, sizeof agencies);
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    for (size_t i = 0; i < KITH_SLOTS_MAX + 2; i++) {
        agencies[i].id = kith_arena_printf(w->arena, "agency-%zu", i);
    }
    for (size_t i = 0; i < KITH_SLOTS_MAX; i++) {
        world_seat(w, draft, agencies[i].id, 0);
    }
    w->agreement.agencies = agencies;
    w->agreement.agencies_count = KITH_SLOTS_MAX + 2;
    world_refused(w, "police", draft, KITH_INVALID, "too-many"); /* the opener has no seat left */
    draft->household_change->n_team--;
    ProtobufCBinaryData household = world_submit(w, "police", draft)->household;
    draft = world_change(w, household);
    world_seat(w, draft, agencies[KITH_SLOTS_MAX].id, 0);
    world_refused(w, "police", draft, KITH_INVALID, "too-many");
}

static void new_shield_travels_urgent_and_stays(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing_and_school);
    Kith__Api__Draft *draft = world_change(w, household);
    world_member(w, draft, "mother", false);
    world_say(w, "police", draft);
    assert_int_equal(w->prepared.lane, KITH_LANE_NORMAL);
    Kith__Api__HouseholdView *view = world_view(w, "police", household);
    draft = world_change(w, household);
    world_member(w, draft, "", true);
    draft->household_change->members[0]->id = view->members[0]->id;
    world_say(w, "police", draft);
    assert_int_equal(w->prepared.lane, KITH_LANE_URGENT);
    draft = world_change(w, household);
    world_member(w, draft, "mother of three", false);
    draft->household_change->members[0]->id = view->members[0]->id;
    world_say(w, "housing", draft);
    assert_int_equal(w->prepared.lane, KITH_LANE_NORMAL);
    assert_true(world_view(w, "school", household)->members[0]->shielded);
}

static void households_are_listed_newest_first(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData first = world_household(w, "police", nobody);
    ProtobufCBinaryData second = world_household(w, "police", nobody);
    Kith__Api__HouseholdResponse response = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(work_households(&world_node(w, "police")->work, txn, w->arena,
                                     (kith_bytes_t){0}, &response),
                     KITH_OK);
    assert_int_equal(response.n_households, 2);
    assert_memory_equal(response.households[0]->id.data, second.data, KITH_ID_BYTES);
    assert_memory_equal(response.households[1]->id.data, first.data, KITH_ID_BYTES);
    assert_int_equal(response.households[1]->notices, 1);
    uint8_t id[KITH_ID_BYTES] = {9};
    assert_int_equal(work_households(&world_node(w, "police")->work, txn, w->arena,
                                     (kith_bytes_t){id, sizeof id}, &response),
                     KITH_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_agency_opens_a_household_with_a_name_and_a_reason),
        TEST(only_a_known_household_is_changed),
        TEST(team_before_and_after_and_the_lead_are_told),
        TEST(recipients_of_a_change_follow_from_it),
        TEST(team_holds_members_of_the_partnership),
        TEST(seat_the_agreement_forbids_is_refused),
        TEST(former_member_may_leave_the_team),
        TEST(who_is_nobody_leaves_no_team),
        TEST(lead_is_a_role_of_an_agency_in_the_team),
        TEST(lead_leaves_only_with_a_successor),
        TEST(opener_may_leave_itself_out),
        TEST(newcomer_learns_all_that_was_said_before),
        TEST(carried_part_does_not_undo_a_change_it_had_not_heard),
        TEST(caller_cannot_forge_when_something_was_said),
        TEST(change_is_always_later_than_what_it_saw),
        TEST(member_keeps_what_a_change_leaves_out),
        TEST(roles_over_time_are_kept_with_their_dates),
        TEST(who_joins_with_a_role_change_learns_the_roles_before),
        TEST(of_very_many_roles_the_latest_are_kept),
        TEST(who_joins_the_largest_household_learns_all_of_it),
        TEST(kin_beyond_the_address_are_trusted_with_something),
        TEST(forged_roles_of_a_draft_are_not_taken),
        TEST(member_has_a_name_and_stands_there_once),
        TEST(household_has_at_most_its_limit_of_members),
        TEST(team_has_at_most_its_limit_of_seats),
        TEST(new_shield_travels_urgent_and_stays),
        TEST(households_are_listed_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
