/* See work_world.h. */
#include "tests/unit/work_world.h"

#include "agents/work/parts.h"
#include "tests/lib/toy_hash.h"

#include <stdlib.h>

#define ARENA_BYTES (64u * 1024u * 1024u)
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- the agreement ---- */

/* London: Monday to Friday, 08:30 to 17:00, without the Easter holidays of 2026. */
static const kith_zone_change_t london_changes[] = {{INT64_C(1774746000000), 3600000},
                                                    {INT64_C(1792890000000), 0}};
static const kith_zone_t london = {"Europe/London", 0, COUNT(london_changes), london_changes};
static const int64_t good_friday_and_easter_monday[] = {20546, 20549};
static kith_calendar_t office = {
    .id = "office",
    .zone = &london,
    .opens_ms = 510 * (int32_t)MINUTE,
    .closes_ms = 1020 * (int32_t)MINUTE,
    .days = 0x1f,
    .holidays = good_friday_and_easter_monday,
    .holidays_count = 2,
};
static kith_clock_t clocks[] = {
    {"decision", KITH_CLOCK_WORKING_DAYS, 1},
    {"triage-red", KITH_CLOCK_RUNS, 4 * 60 * MINUTE},
    {"information", KITH_CLOCK_WORKING_DAYS, 3},
    {"assessment", KITH_CLOCK_WORKING_DAYS, 45},
};
static kith_agency_t agencies[] = {
    {.id = "police", .calendar = &office},      {.id = "housing", .calendar = &office},
    {.id = "social-care", .calendar = &office}, {.id = "health", .calendar = &office},
    {.id = "school", .calendar = &office},      {.id = "charity", .left = true},
};

#define TOPIC(topic_name, class, body, urgency)                                                    \
    {                                                                                              \
        .name = (topic_name), .topic_class = (class), .type = KITH__NOTICE__BODY_##body,           \
        .lane = KITH__LANE__LANE_##urgency                                                         \
    }
static kith_topic_t topics[] = {
    TOPIC("police.call-out", "event", EVENT, NORMAL),
    TOPIC("police.arrest", "event", EVENT, NORMAL),
    TOPIC("safeguarding.concern", "safeguarding", EVENT, URGENT),
    TOPIC("private", "private", EVENT, NORMAL),
    TOPIC("referral", "referral", REFERRAL, NORMAL),
    TOPIC("referral-answer", "referral", REFERRAL_ANSWER, NORMAL),
    {.name = "alert",
     .topic_class = "alert",
     .type = KITH__NOTICE__BODY_ALERT,
     .lane = KITH__LANE__LANE_URGENT,
     .expires_ms = 7 * DAY},
    TOPIC("reply", "alert", REPLY, URGENT),
    TOPIC("alert-change", "alert", ALERT_CHANGE, URGENT),
    TOPIC("disagreement", "referral", DISAGREEMENT, NORMAL),
    TOPIC("household", "household", HOUSEHOLD_CHANGE, NORMAL),
    TOPIC("seen", "household", SEEN, NORMAL),
    TOPIC("directory", "directory", DIRECTORY, NORMAL),
    TOPIC("assessment", "household", ASSESSMENT, NORMAL),
    TOPIC("plan", "household", PLAN, NORMAL),
    TOPIC("small-help", "household", SMALL_HELP, NORMAL),
};

static kith_pot_t pots[] = {{"joined-up", "the joined-up pot", "social-care", 50000, 20000}};

static const char *everyone[] = {"*"};
static const char *event_class[] = {"event"};
static const char *event_to[] = {"police", "housing", "social-care"};
static const char *other_classes[] = {"safeguarding", "referral", "alert", "household",
                                      "directory"};
static kith_clause_t clauses[] = {
    {.id = "4.1",
     .classes = event_class,
     .classes_count = 1,
     .from = everyone,
     .from_count = 1,
     .to = event_to,
     .to_count = COUNT(event_to)},
    {.id = "5.1",
     .classes = other_classes,
     .classes_count = COUNT(other_classes),
     .from = everyone,
     .from_count = 1,
     .to = everyone,
     .to_count = 1},
};

static const char *call_outs[] = {"police.call-out"};
static const char *arrests[] = {"police.arrest"};
static kith_may_subscribe_t may_subscribe[] = {
    {.agency = "social-care", .topics = everyone, .topics_count = 1},
    {.agency = "housing", .topics = call_outs, .topics_count = 1},
    {.agency = "school", .topics = arrests, .topics_count = 1},
    {.agency = "health", .topics = call_outs, .topics_count = 1},
};

world_t *world_new(void)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->arena = kith_arena_new(ARENA_BYTES);
    w->now_ms = START_MS;
    w->agreement = (kith_agreement_t){
        .partnership = "exampletown",
        .version = 1,
        .exercise = true,
        .front_door = "social-care",
        .agencies = agencies,
        .agencies_count = COUNT(agencies),
        .topics = topics,
        .topics_count = COUNT(topics),
        .clauses = clauses,
        .clauses_count = COUNT(clauses),
        .clocks = clocks,
        .clocks_count = COUNT(clocks),
        .may_subscribe = may_subscribe,
        .may_subscribe_count = COUNT(may_subscribe),
        .assessment_valid_ms = 180 * DAY,
        .pots = pots,
        .pots_count = COUNT(pots),
    };
    for (size_t i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].work = (work_t){agencies[i].id, &w->agreement, toy_hash, NULL};
        w->nodes[i].store = memtxn_new(AGENT_TABLES_COUNT);
    }
    return w;
}

void world_destroy(world_t *w)
{
    for (size_t i = 0; i < WORLD_NODES; i++) {
        memtxn_destroy(&w->nodes[i].store);
    }
    kith_arena_destroy(&w->arena);
    free(w);
}

int world_setup(void **state)
{
    *state = world_new();
    return 0;
}

int world_teardown(void **state)
{
    world_destroy(*state);
    return 0;
}

world_node_t *world_node(world_t *w, const char *agency)
{
    for (size_t i = 0; i < WORLD_NODES; i++) {
        if (strcmp(w->nodes[i].work.agency, agency) == 0) {
            return &w->nodes[i];
        }
    }
    fail_msg("no agency %s", agency);
    return NULL;
}

kith_txn_t *world_begin(world_t *w, const char *agency)
{
    return memtxn_begin(world_node(w, agency)->store);
}

void world_commit(world_t *w, const char *agency)
{
    assert_int_equal(memtxn_commit(world_node(w, agency)->store), KITH_OK);
}

/* ---- drafts ---- */

/* One of a generated type, in the world's arena. */
#define NEW(w, variable, init)                                                                     \
    do {                                                                                           \
        (variable) = kith_arena_need((w)->arena, sizeof *(variable));                              \
        init(variable);                                                                            \
    } while (0)

Kith__Api__Draft *world_draft(world_t *w)
{
    Kith__Api__Draft *draft;
    NEW(w, draft, kith__api__draft__init);
    return draft;
}

Kith__Api__Draft *world_event(world_t *w, const char *topic)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->topic = NAME(topic);
    draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    NEW(w, draft->event, kith__event__init);
    draft->event->kind = NAME("call-out");
    draft->event->narrative = NAME("Raised voices reported by a neighbour.");
    draft->event->occurred_ms = w->now_ms - MINUTE;
    return draft;
}

void world_about(world_t *w, Kith__Api__Draft *draft, const char *id)
{
    Kith__About *about;
    NEW(w, about, kith__about__init);
    NEW(w, about->ref, kith__reference__init);
    about->ref->system = NAME("test");
    about->ref->id = NAME(id != NULL ? id : "S-1");
    about->shielded = id == NULL;
    size_t *count = draft->body_case == KITH__API__DRAFT__BODY_EVENT   ? &draft->event->n_about
                    : draft->body_case == KITH__API__DRAFT__BODY_ALERT ? &draft->alert->n_about
                                                                       : &draft->referral->n_about;
    Kith__About ***list = draft->body_case == KITH__API__DRAFT__BODY_EVENT ? &draft->event->about
                          : draft->body_case == KITH__API__DRAFT__BODY_ALERT
                              ? &draft->alert->about
                              : &draft->referral->about;
    Kith__About **more = kith_arena_need(w->arena, (*count + 1) * sizeof *more);
    for (size_t i = 0; i < *count; i++) {
        more[i] = (*list)[i];
    }
    more[(*count)++] = about;
    *list = more;
}

void world_to(world_t *w, Kith__Api__Draft *draft, const char *agency)
{
    char **to = kith_arena_need(w->arena, (draft->n_to + 1) * sizeof *to);
    for (size_t i = 0; i < draft->n_to; i++) {
        to[i] = draft->to[i];
    }
    to[draft->n_to++] = NAME(agency);
    draft->to = to;
}

Kith__Api__Draft *world_referral(world_t *w, const char *to)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_REFERRAL;
    NEW(w, draft->referral, kith__referral__init);
    NEW(w, draft->referral->basis, kith__basis__init);
    draft->referral->need = NAME("We cannot get them to bed before midnight");
    draft->referral->service = NAME("parenting");
    draft->referral->urgency = NAME("amber");
    draft->referral->basis->data_protection = NAME("public-task");
    if (to != NULL) {
        world_to(w, draft, to);
    }
    return draft;
}

Kith__Api__Draft *world_answer(world_t *w, const Kith__Notice *referral, Kith__ReferralStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_REFERRAL_ANSWER;
    NEW(w, draft->referral_answer, kith__referral_answer__init);
    draft->referral_answer->referral = referral->id;
    draft->referral_answer->step = step;
    draft->referral_answer->reason_code = NAME("out-of-area");
    draft->referral_answer->next_step = NAME("Ask the family hub of Sampleford");
    return draft;
}

Kith__Api__Draft *world_alert(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_ALERT;
    NEW(w, draft->alert, kith__alert__init);
    draft->alert->subject = NAME("Not seen since Monday");
    draft->alert->text = NAME("Has anyone seen the younger child?");
    draft->alert->reply_by_ms = w->now_ms + 120 * MINUTE;
    return draft;
}

Kith__Api__Draft *world_reply(world_t *w, const Kith__Notice *alert, Kith__Answer answer)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_REPLY;
    NEW(w, draft->reply, kith__reply__init);
    draft->reply->alert = alert->id;
    draft->reply->answer = answer;
    return draft;
}

Kith__Api__Draft *world_alert_change(world_t *w, const Kith__Notice *alert, Kith__AlertStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_ALERT_CHANGE;
    NEW(w, draft->alert_change, kith__alert_change__init);
    draft->alert_change->alert = alert->id;
    draft->alert_change->step = step;
    draft->alert_change->text = NAME("Seen at school on Tuesday");
    draft->alert_change->reason = NAME("found at the grandmother's");
    draft->alert_change->outcome = NAME("child-seen");
    return draft;
}

Kith__Api__Draft *world_change(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_HOUSEHOLD_CHANGE;
    NEW(w, draft->household_change, kith__household__init);
    return draft;
}

Kith__Api__Draft *world_opening(world_t *w, const char *name)
{
    Kith__Api__Draft *draft = world_change(w, (ProtobufCBinaryData){0});
    draft->household_change->name = NAME(name);
    draft->household_change->reason = NAME("weekly call-outs");
    return draft;
}

void world_seat(world_t *w, Kith__Api__Draft *draft, const char *agency, int64_t to_ms)
{
    Kith__Household *change = draft->household_change;
    Kith__TeamSeat **team = kith_arena_need(w->arena, (change->n_team + 1) * sizeof *team);
    for (size_t i = 0; i < change->n_team; i++) {
        team[i] = change->team[i];
    }
    NEW(w, team[change->n_team], kith__team_seat__init);
    team[change->n_team]->agency = NAME(agency);
    team[change->n_team++]->to_ms = to_ms;
    change->team = team;
}

void world_lead(world_t *w, Kith__Api__Draft *draft, const char *agency)
{
    NEW(w, draft->household_change->lead, kith__lead__init);
    draft->household_change->lead->agency = NAME(agency);
    draft->household_change->lead->role = NAME("family worker");
    draft->household_change->lead->reason = NAME("closer to the family");
    draft->household_change->lead->read_first = NAME("The plan of March");
}

Kith__Api__Draft *world_closing(world_t *w, ProtobufCBinaryData household, bool reopened)
{
    Kith__Api__Draft *draft = world_change(w, household);
    NEW(w, draft->household_change->closing, kith__closing__init);
    draft->household_change->closing->reopened = reopened;
    draft->household_change->closing->reason = NAME(reopened ? "call-outs again" : "");
    draft->household_change->closing->outcome = NAME(reopened ? "" : "goals-reached");
    draft->household_change->closing->need_met = NAME(reopened ? "" : "yes");
    return draft;
}

void world_member(world_t *w, Kith__Api__Draft *draft, const char *name, bool shielded)
{
    Kith__Household *change = draft->household_change;
    Kith__Member **members = kith_arena_need(w->arena, (change->n_members + 1) * sizeof *members);
    for (size_t i = 0; i < change->n_members; i++) {
        members[i] = change->members[i];
    }
    NEW(w, members[change->n_members], kith__member__init);
    members[change->n_members]->name = NAME(name);
    members[change->n_members]->role = NAME("child");
    members[change->n_members++]->shielded = shielded;
    change->members = members;
}

Kith__Api__Draft *world_seen(world_t *w, const Kith__Notice *notice)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->body_case = KITH__API__DRAFT__BODY_SEEN;
    NEW(w, draft->seen, kith__seen__init);
    draft->seen->notice = notice->id;
    draft->seen->person = NAME("duty");
    return draft;
}
