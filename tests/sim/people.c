/* What people ask: events, alerts with replies and changes, disagreements, referrals and answers,
 * households, subscriptions, acknowledgements, links, looks. What a request is about is chosen
 * among what the agency's own view holds, so that answers find their alerts. */
#include "tests/sim/people.h"

#include "api.pb-c.h"
#include "base/text.h"

#include <string.h>

/* protobuf-c has the text as char * and never writes it. */
#define TEXT(text) ((char *)(uintptr_t)(text))

#define MAKE(a, target, init)                                                                      \
    do {                                                                                           \
        (target) = kith_arena_need((a)->w->arena, sizeof *(target));                               \
        init(target);                                                                              \
    } while (0)

#define SECOND_MS 1000

typedef struct asking {
    world_t *w;
    size_t agent;
    dice_t *dice;
    Kith__Api__Draft *draft;
    Kith__Api__Request *request;
} asking_t;

static size_t roll(asking_t *a, size_t sides)
{
    return dice_roll(a->dice, sides);
}

static const char *any_agency(asking_t *a)
{
    return a->w->agents[roll(a, a->w->agents_count)].id;
}

/* One key of a table whose keys are ids, or empty. */
static ProtobufCBinaryData known(asking_t *a, int table)
{
    uint64_t rows = world_rows(a->w, a->agent, table);
    ProtobufCBinaryData id = {0};
    if (rows == 0)
        return id;
    memtxn_t *store = a->w->agents[a->agent].store;
    kith_txn_t *txn = memtxn_begin(store);
    kith_bytes_t after = {0}, key, value;
    for (size_t left = 1 + roll(a, rows < 8 ? rows : 8); left > 0; left--) {
        if (kith_prev(txn, table, (kith_bytes_t){0}, after, &key, &value) != KITH_OK)
            break;
        after = kith_arena_copy(a->w->arena, key);
    }
    memtxn_abort(store);
    if (after.size == KITH_ID_BYTES)
        id = (ProtobufCBinaryData){after.size, (uint8_t *)(uintptr_t)after.data};
    return id;
}

static Kith__Reference *reference(asking_t *a)
{
    Kith__Reference *ref = NULL;
    MAKE(a, ref, kith__reference__init);
    ref->system = TEXT("test");
    ref->id = kith_arena_printf(a->w->arena, "S-%zu", roll(a, 6));
    return ref;
}

static void about(asking_t *a, size_t *ret_count, Kith__About ***ret_list)
{
    if (roll(a, 3))
        return;
    Kith__About **list = kith_arena_need(a->w->arena, sizeof(Kith__About *));
    MAKE(a, list[0], kith__about__init);
    list[0]->ref = reference(a);
    list[0]->shielded = roll(a, 8) == 0;
    *ret_count = 1;
    *ret_list = list;
}

static void to_some(asking_t *a)
{
    size_t bits = 1 + roll(a, (1u << a->w->agents_count) - 1);
    char **to = kith_arena_need(a->w->arena, a->w->agents_count * sizeof(char *));
    for (size_t i = 0; i < a->w->agents_count; i++)
        if (i != a->agent && bits >> i & 1)
            to[a->draft->n_to++] = TEXT(a->w->agents[i].id);
    a->draft->to = to;
}

static char *narrative(asking_t *a)
{
    size_t size = roll(a, 300);
    char *text = kith_arena_need(a->w->arena, size + 1);
    memset(text, 'x', size);
    return text;
}

/* ---- what is said ---- */

static void say_event(asking_t *a)
{
    static const char *const topics[] = {"police.call-out", "police.arrest",
                                         "safeguarding.concern"};
    a->draft->topic = TEXT(topics[roll(a, 3)]);
    a->draft->body_case = KITH__API__DRAFT__BODY_EVENT;
    Kith__Event *event = NULL;
    MAKE(a, event, kith__event__init);
    event->kind = TEXT(roll(a, 40) ? "call-out" : WORLD_CANNOT_APPLY);
    event->narrative = narrative(a);
    event->occurred_ms = a->w->now_ms;
    event->minutes_spent = (uint32_t)strlen(event->narrative);
    if (event->minutes_spent % 3 == 0) { /* few records, so that some come again */
        MAKE(a, event->source, kith__reference__init);
        event->source->system = TEXT("test");
        event->source->id = kith_arena_printf(a->w->arena, "R-%u", event->minutes_spent % 7);
    }
    about(a, &event->n_about, &event->about);
    a->draft->event = event;
    if (roll(a, 8))
        to_some(a);
    else
        a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
}

static void say_alert(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_ALERT;
    Kith__Alert *alert = NULL;
    MAKE(a, alert, kith__alert__init);
    alert->subject = TEXT("Not seen since Monday");
    alert->text = narrative(a);
    alert->reply_by_ms = a->w->now_ms + 3600 * SECOND_MS + (int64_t)roll(a, 20 * SECOND_MS);
    alert->level = TEXT(roll(a, 3) ? "" : roll(a, 2) ? "concern" : "child-protection");
    alert->dedupe_key = TEXT(roll(a, 4) ? "" : "missing/17");
    about(a, &alert->n_about, &alert->about);
    a->draft->alert = alert;
    if (roll(a, 2))
        to_some(a);
    else
        a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
}

static void say_reply(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_REPLY;
    Kith__Reply *reply = NULL;
    MAKE(a, reply, kith__reply__init);
    reply->alert = known(a, AGENT_TABLE_ALERTS);
    reply->answer = (Kith__Answer)(1 + roll(a, 4));
    reply->reason = TEXT("no-legal-basis");
    reply->text = narrative(a);
    a->draft->reply = reply;
}

/* Of somebody else's alert it is refused. */
static void say_change(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_ALERT_CHANGE;
    Kith__AlertChange *change = NULL;
    MAKE(a, change, kith__alert_change__init);
    change->alert = known(a, AGENT_TABLE_ALERTS);
    change->step = roll(a, 3) ? KITH__ALERT_STEP__ALERT_UPDATED
                              : (Kith__AlertStep)(KITH__ALERT_STEP__ALERT_CANCELLED + roll(a, 3));
    change->text = narrative(a);
    change->reason = TEXT("found at the grandmother's");
    change->outcome = TEXT("child-seen");
    a->draft->alert_change = change;
}

/* About any notice, or a step of one that is known. */
static void say_disagreement(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_DISAGREEMENT;
    Kith__Disagreement *said = NULL;
    MAKE(a, said, kith__disagreement__init);
    said->text = TEXT("Nobody else can see the child this week");
    said->outcome = TEXT("One visit this week");
    if (roll(a, 2))
        said->disagreement = known(a, AGENT_TABLE_DISAGREEMENTS);
    if (said->disagreement.len == 0)
        said->decision = known(a, AGENT_TABLE_FEED_OF);
    else
        said->step =
            (Kith__DisagreementStep)(KITH__DISAGREEMENT_STEP__DISAGREEMENT_ANSWERED + roll(a, 4));
    a->draft->disagreement = said;
}

static void say_referral(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_REFERRAL;
    Kith__Referral *referral = NULL;
    MAKE(a, referral, kith__referral__init);
    MAKE(a, referral->basis, kith__basis__init);
    referral->need = TEXT("We cannot get them to bed before midnight");
    referral->service = TEXT("parenting");
    referral->urgency = TEXT("amber");
    referral->basis->data_protection = TEXT("public-task");
    about(a, &referral->n_about, &referral->about);
    a->draft->referral = referral;
    char **to = kith_arena_need(a->w->arena, sizeof(char *));
    to[0] = TEXT(any_agency(a));
    a->draft->to = to;
    a->draft->n_to = 1;
}

static void say_answer(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_REFERRAL_ANSWER;
    Kith__ReferralAnswer *answer = NULL;
    MAKE(a, answer, kith__referral_answer__init);
    answer->referral = known(a, AGENT_TABLE_REFERRALS);
    answer->step = (Kith__ReferralStep)(1 + roll(a, 11));
    answer->reason_code = TEXT("out-of-area");
    answer->next_step = TEXT("Ask the family hub of Sampleford");
    answer->note = TEXT("by phone");
    answer->part = TEXT("the mornings");
    answer->redirected_to = TEXT(any_agency(a));
    answer->level = TEXT("targeted");
    answer->outcome = TEXT("goals-reached");
    answer->need_met = TEXT("yes");
    a->draft->referral_answer = answer;
}

static Kith__TeamSeat *seat(asking_t *a)
{
    Kith__TeamSeat *made = NULL;
    MAKE(a, made, kith__team_seat__init);
    made->agency = TEXT(any_agency(a));
    made->to_ms = roll(a, 5) ? 0 : a->w->now_ms;
    return made;
}

static Kith__Member *member(asking_t *a)
{
    Kith__Member *made = NULL;
    MAKE(a, made, kith__member__init);
    made->name = kith_arena_printf(a->w->arena, "Example %zu", roll(a, 5));
    made->role = TEXT("child");
    made->shielded = roll(a, 6) == 0;
    return made;
}

/* A few; or at the beginning everyone, so that many hear of the same changes. */
static void say_team(asking_t *a, Kith__Household *change)
{
    bool everyone = a->draft->household.len == 0 && roll(a, 2);
    change->n_team = everyone ? a->w->agents_count : 1 + roll(a, 3);
    change->team = kith_arena_need(a->w->arena, change->n_team * sizeof(Kith__TeamSeat *));
    for (size_t i = 0; i < change->n_team; i++) {
        change->team[i] = seat(a);
        if (!everyone)
            continue;
        change->team[i]->agency = TEXT(a->w->agents[i].id);
        change->team[i]->to_ms = 0;
    }
}

/* It ends or begins again, its lead is handed over, or this agency leaves. */
static void say_end_of_household(asking_t *a, Kith__Household *change)
{
    static const char *const despite[] = {"lead-without-successor"};
    size_t what = roll(a, 4);
    if (what == 2) {
        MAKE(a, change->lead, kith__lead__init);
        change->lead->agency = TEXT(any_agency(a));
        change->lead->role = TEXT("family worker");
        change->lead->reason = TEXT("closer to the family");
        change->lead->read_first = TEXT("the plan of March");
    } else if (what == 3) {
        change->n_team = 1;
        change->team = kith_arena_need(a->w->arena, sizeof(Kith__TeamSeat *));
        change->team[0] = seat(a);
        change->team[0]->agency = TEXT(a->w->agents[a->agent].id);
        change->team[0]->to_ms = a->w->now_ms;
        a->draft->n_despite = 1;
        a->draft->despite = (char **)(uintptr_t)despite;
    } else {
        MAKE(a, change->closing, kith__closing__init);
        change->closing->reopened = what == 1;
        change->closing->reason = TEXT(what == 1 ? "call-outs again" : "");
        change->closing->outcome = TEXT(what == 1 ? "" : "goals-reached");
        change->closing->need_met = TEXT(what == 1 ? "" : "yes");
    }
}

static void say_household(asking_t *a)
{
    a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
    a->draft->body_case = KITH__API__DRAFT__BODY_HOUSEHOLD_CHANGE;
    Kith__Household *change = NULL;
    MAKE(a, change, kith__household__init);
    if (a->draft->household.len == 0 || roll(a, 3) == 0) {
        a->draft->household = (ProtobufCBinaryData){0};
        change->name = TEXT("the family at 3");
        change->reason = TEXT("weekly call-outs");
    }
    a->draft->household_change = change;
    if (a->draft->household.len && roll(a, 4) == 0) {
        say_end_of_household(a, change);
        return;
    }
    say_team(a, change);
    change->n_members = roll(a, 2);
    change->members = kith_arena_need(a->w->arena, sizeof(Kith__Member *));
    change->members[0] = member(a);
    if (roll(a, 3) == 0) {
        MAKE(a, change->lead, kith__lead__init);
        change->lead->agency = change->team[0]->agency;
        change->lead->role = TEXT("family worker");
        change->lead->reason = TEXT("closer to the family");
        change->lead->read_first = TEXT("the plan of March");
    }
}

static void say_seen(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_SEEN;
    MAKE(a, a->draft->seen, kith__seen__init);
    a->draft->seen->notice = known(a, AGENT_TABLE_FEED_OF);
    a->draft->seen->person = TEXT("duty");
}

/* A household's assessment, its plan, small help for it: with little in the pot, so that much of it
 * is refused. */
static void say_assessment(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    Kith__Assessment *said = NULL;
    MAKE(a, said, kith__assessment__init);
    a->draft->assessment = said;
    said->reason = said->text = said->family_view = TEXT("it is so");
    said->assessment = known(a, AGENT_TABLE_ASSESSMENTS);
    if (said->assessment.len > 0 && roll(a, 4)) {
        said->step = (Kith__AssessmentStep)(2 + roll(a, 3));
        return;
    }
    said->step = KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED;
    said->kind = TEXT("early-help");
    a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
}

static void say_plan(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_PLAN;
    a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
    Kith__Plan *plan = NULL;
    MAKE(a, plan, kith__plan__init);
    a->draft->plan = plan;
    plan->review_ms = roll(a, 2) ? 0 : a->w->now_ms + 1 + (int64_t)roll(a, 20 * SECOND_MS);
    plan->n_outcomes = 1;
    plan->outcomes = kith_arena_need(a->w->arena, sizeof *plan->outcomes);
    MAKE(a, plan->outcomes[0], kith__plan_outcome__init);
    plan->outcomes[0]->text = TEXT("in bed by nine");
    plan->outcomes[0]->owner = TEXT(any_agency(a));
    plan->outcomes[0]->state = (Kith__OutcomeState)(1 + roll(a, 4));
    plan->outcomes[0]->reason = TEXT("moved away");
    plan->outcomes[0]->need_met = TEXT("yes");
    ProtobufCBinaryData *id = &plan->outcomes[0]->id; /* one of a few: agencies change the same */
    *id = (ProtobufCBinaryData){KITH_ID_BYTES, kith_arena_need(a->w->arena, KITH_ID_BYTES)};
    memset(id->data, (int)(1 + roll(a, 4)), KITH_ID_BYTES);
}

static void say_small_help(asking_t *a)
{
    a->draft->body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    Kith__SmallHelp *said = NULL;
    MAKE(a, said, kith__small_help__init);
    a->draft->small_help = said;
    said->amount = 1 + roll(a, 1000);
    said->what = TEXT("a fare");
    said->reason = TEXT("it is so");
    said->help = known(a, AGENT_TABLE_HELPS);
    if (said->help.len > 0 && roll(a, 4)) {
        said->step = (Kith__SmallHelpStep)(2 + roll(a, 4));
        return;
    }
    said->step = KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED;
    said->help = (ProtobufCBinaryData){0};
    a->draft->household = known(a, AGENT_TABLE_HOUSEHOLDS);
}

static void say_together(asking_t *a)
{
    switch (roll(a, 3)) {
    case 0:
        say_assessment(a);
        break;
    case 1:
        say_plan(a);
        break;
    default:
        say_small_help(a);
        break;
    }
}

/* ---- what is asked of the agent alone ---- */

static void ask_subscribe(asking_t *a)
{
    static const char *const topics[] = {"police.call-out", "police.arrest", "alert"};
    ProtobufCBinaryData token = a->request->submit->token;
    a->request->ask_case = KITH__API__REQUEST__ASK_SUBSCRIBE;
    MAKE(a, a->request->subscribe, kith__api__subscribe_request__init);
    a->request->subscribe->topic = TEXT(topics[roll(a, 3)]);
    a->request->subscribe->end = roll(a, 4) == 0;
    a->request->subscribe->token = token;
}

static void ask_link(asking_t *a)
{
    a->request->ask_case = KITH__API__REQUEST__ASK_LINK;
    MAKE(a, a->request->link, kith__api__link_request__init);
    a->request->link->ref = reference(a);
    a->request->link->household = known(a, AGENT_TABLE_HOUSEHOLDS);
    a->request->link->why = TEXT("same address");
    a->request->link->undo = roll(a, 5) == 0;
    a->request->link->not_the_same = roll(a, 5) == 0;
}

static void ask_snooze(asking_t *a)
{
    a->request->ask_case = KITH__API__REQUEST__ASK_SNOOZE;
    MAKE(a, a->request->snooze, kith__api__snooze_request__init);
    if (roll(a, 4) == 0) {
        a->request->snooze->end = 1 + roll(a, 4);
        return;
    }
    MAKE(a, a->request->snooze->snooze, kith__api__snooze__init);
    a->request->snooze->snooze->topic = TEXT("police.*");
    a->request->snooze->snooze->why = TEXT("known, and on the way");
    a->request->snooze->snooze->until_ms = a->w->now_ms + (int64_t)(1 + roll(a, 20)) * SECOND_MS;
}

static void ask_look(asking_t *a)
{
    switch (roll(a, 7)) {
    case 0:
        a->request->ask_case = KITH__API__REQUEST__ASK_FEED;
        MAKE(a, a->request->feed, kith__api__feed_request__init);
        a->request->feed->household = known(a, AGENT_TABLE_HOUSEHOLDS);
        a->request->feed->by_time = a->request->feed->household.len > 0 && roll(a, 2);
        break;
    case 1:
        a->request->ask_case = KITH__API__REQUEST__ASK_INBOX;
        MAKE(a, a->request->inbox, kith__api__inbox_request__init);
        break;
    case 2:
        a->request->ask_case = KITH__API__REQUEST__ASK_SHOW;
        MAKE(a, a->request->show, kith__api__show_request__init);
        a->request->show->id = known(a, AGENT_TABLE_NOTICES);
        break;
    case 3:
        a->request->ask_case = KITH__API__REQUEST__ASK_STATUS;
        MAKE(a, a->request->status, kith__api__status_request__init);
        break;
    case 4:
    case 5:
        ask_snooze(a);
        break;
    default:
        a->request->ask_case = KITH__API__REQUEST__ASK_DONE;
        MAKE(a, a->request->done, kith__api__done_request__init);
        a->request->done->notice_id = known(a, AGENT_TABLE_NOTICES);
        a->request->done->why = TEXT("spoken to on the phone");
        break;
    }
}

/* ---- one request ---- */

static void say_something(asking_t *a)
{
    size_t what = roll(a, 100);
    if (what < 51)
        say_event(a);
    else if (what < 60)
        say_together(a);
    else if (what < 68)
        say_alert(a);
    else if (what < 75)
        world_rows(a->w, a->agent, AGENT_TABLE_ALERTS) ? say_reply(a) : say_alert(a);
    else if (what < 78)
        roll(a, 2) ? say_change(a) : say_disagreement(a);
    else if (what < 82)
        say_referral(a);
    else if (what < 86)
        world_rows(a->w, a->agent, AGENT_TABLE_REFERRALS) ? say_answer(a) : say_referral(a);
    else if (what < 92)
        say_household(a);
    else if (what < 95)
        say_seen(a);
    else if (what < 97)
        ask_subscribe(a);
    else if (what < 98)
        ask_link(a);
    else
        ask_look(a);
}

kith_bytes_t people_ask(world_t *w, size_t agent, dice_t *dice, const char *token)
{
    asking_t a = {.w = w, .agent = agent, .dice = dice};
    MAKE(&a, a.request, kith__api__request__init);
    MAKE(&a, a.draft, kith__api__draft__init);
    a.request->id = 7;
    a.request->ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    MAKE(&a, a.request->submit, kith__api__submit_request__init);
    a.request->submit->draft = a.draft;
    a.request->submit->token.data = (uint8_t *)TEXT(token);
    a.request->submit->token.len = strlen(token);
    say_something(&a);
    return KITH_PACK(w->arena, a.request);
}
