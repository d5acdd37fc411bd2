/* After quiet: agencies that heard of the same steps say the same; no task waits for what has
 * ended; what people are told again is new. */
#include "tests/sim/ends.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define TASKS_MAX 1000u

typedef struct look {
    world_t *w;
    desk_t *desk;
    Kith__Notice **notices; /* of w->notices, in their order */
} look_t;

/* ---- what was heard ---- */

/* The thing that a notice begins or is a step of: an alert, a referral … or a household; empty: it
 * stands for itself. */
static ProtobufCBinaryData thing_of(const Kith__Notice *said)
{
    ProtobufCBinaryData of = {0};
    switch (said->body_case) {
    case KITH__NOTICE__BODY_ALERT:
    case KITH__NOTICE__BODY_REFERRAL:
        return said->id;
    case KITH__NOTICE__BODY_ALERT_CHANGE:
        return said->alert_change->alert;
    case KITH__NOTICE__BODY_REFERRAL_ANSWER:
        return said->referral_answer->referral;
    case KITH__NOTICE__BODY_DISAGREEMENT:
        of = said->disagreement->disagreement;
        break;
    case KITH__NOTICE__BODY_ASSESSMENT:
        if (said->assessment->step != KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED)
            of = said->assessment->assessment;
        break;
    case KITH__NOTICE__BODY_SMALL_HELP:
        of = said->small_help->help;
        break;
    case KITH__NOTICE__BODY_HOUSEHOLD_CHANGE:
    case KITH__NOTICE__BODY_PLAN:
        of = said->household;
        break;
    default: /* lint: allow default, because the others stand for themselves */
        return of;
    }
    return of.len ? of : said->id;
}

static bool same(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return a.len == b.len && a.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool begins(const Kith__Notice *said)
{
    return same(thing_of(said), said->id) && said->body_case != KITH__NOTICE__BODY_PLAN;
}

/* Its store has all that ever came to it. */
static bool is_whole(const world_t *w, size_t agent)
{
    return w->agents[agent].core && w->agents[agent].epoch == 1;
}

static bool heard(const look_t *l, size_t agent, size_t notice)
{
    const world_notice_t *n = &l->w->notices[notice];
    return n->origin == agent ? n->epoch == l->w->agents[agent].epoch : n->applied >> agent & 1;
}

/* Of the thing that notice `first` begins: two agencies have heard the same. */
static bool heard_the_same(const look_t *l, size_t first, size_t a, size_t b)
{
    ProtobufCBinaryData thing = l->notices[first]->id;
    for (size_t i = 0; i < l->w->notices_count; i++)
        if (heard(l, a, i) != heard(l, b, i) && same(thing_of(l->notices[i]), thing))
            return false;
    return true;
}

/* ---- what is said ---- */

static const Kith__Api__Response *ask(look_t *l, size_t agent, Kith__Api__Request *request)
{
    desk_answer_t answer;
    request->id = 1;
    desk_ask(l->desk, agent, KITH_PACK(l->w->arena, request), &answer);
    return answer.response;
}

static const Kith__Api__ShowResponse *show(look_t *l, size_t agent, ProtobufCBinaryData id)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__ShowRequest body = KITH__API__SHOW_REQUEST__INIT;
    body.id = id;
    request.ask_case = KITH__API__REQUEST__ASK_SHOW;
    request.show = &body;
    const Kith__Api__Response *said = ask(l, agent, &request);
    return said && said->answer_case == KITH__API__RESPONSE__ANSWER_SHOW ? said->show : NULL;
}

/* What each end of it has to say alike, in words. NULL: it is not known here. */
static const char *state_of_notice(look_t *l, size_t agent, ProtobufCBinaryData id)
{
    kith_arena_t *arena = l->w->arena;
    const Kith__Api__ShowResponse *s = show(l, agent, id);
    if (!s)
        return NULL;
    if (s->board)
        return kith_arena_printf(arena, "alert %s %s %s %s %s", s->board->state, s->board->level,
                                 s->board->outcome, s->board->reason, s->board->text);
    if (s->referral) {
        const char *step = s->referral->step;
        bool begun = strcmp(step, "sent") == 0 || strcmp(step, "received") == 0;
        return kith_arena_printf(arena, "referral %s %s %s %s %s %s", begun ? "begun" : step,
                                 s->referral->reason_code, s->referral->outcome, s->referral->level,
                                 s->referral->part, s->referral->redirected_to);
    }
    if (s->assessment)
        return kith_arena_printf(arena, "assessment %s %zu parts %s", s->assessment->state,
                                 s->assessment->n_parts, s->assessment->summary);
    if (s->small_help)
        return kith_arena_printf(arena, "small-help %s %llu %llu %s", s->small_help->state,
                                 (unsigned long long)s->small_help->approved,
                                 (unsigned long long)s->small_help->spent, s->small_help->reason);
    if (s->disagreement)
        return kith_arena_printf(arena, "disagreement %s %s", s->disagreement->state,
                                 s->disagreement->outcome);
    return "";
}

/* In an order that is the same everywhere: rows may stand otherwise. */
static const char *sorted(kith_arena_t *arena, size_t count, const char **parts)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        for (size_t k = i; k > 0 && strcmp(parts[k - 1], parts[k]) > 0; k--) {
            const char *part = parts[k];
            parts[k] = parts[k - 1];
            parts[k - 1] = part;
        }
    for (size_t i = 0; i < count; i++)
        all = kith_arena_printf(arena, "%s; %s", all, parts[i]);
    return all;
}

static const char *plan_of(look_t *l, size_t agent, ProtobufCBinaryData household)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__PlanRequest body = KITH__API__PLAN_REQUEST__INIT;
    body.household = household;
    request.ask_case = KITH__API__REQUEST__ASK_PLAN;
    request.plan = &body;
    const Kith__Api__Response *said = ask(l, agent, &request);
    if (!said || said->answer_case != KITH__API__RESPONSE__ANSWER_PLAN)
        return "no plan";
    const Kith__Api__PlanView *plan = said->plan;
    const char **parts = kith_arena_need(l->w->arena, (plan->n_outcomes + 1) * sizeof *parts);
    for (size_t i = 0; i < plan->n_outcomes; i++)
        parts[i] = kith_arena_printf(l->w->arena, "outcome %u of %s: %d",
                                     (unsigned)plan->outcomes[i]->id.data[0],
                                     plan->outcomes[i]->owner, (int)plan->outcomes[i]->state);
    return kith_arena_printf(l->w->arena, "review %lld%s", (long long)plan->review_ms,
                             sorted(l->w->arena, plan->n_outcomes, parts));
}

static const char *state_of_household(look_t *l, size_t agent, ProtobufCBinaryData id)
{
    kith_arena_t *arena = l->w->arena;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__HouseholdRequest body = KITH__API__HOUSEHOLD_REQUEST__INIT;
    body.id = id;
    request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
    request.household = &body;
    const Kith__Api__Response *said = ask(l, agent, &request);
    if (!said || said->answer_case != KITH__API__RESPONSE__ANSWER_HOUSEHOLD ||
        said->household->n_households != 1)
        return NULL;
    const Kith__Api__HouseholdView *h = said->household->households[0];
    size_t count = 0;
    const char **parts = kith_arena_need(arena, (h->n_team + h->n_members + 1) * sizeof *parts);
    for (size_t i = 0; i < h->n_team; i++)
        parts[count++] = kith_arena_printf(arena, "seat %s until %lld", h->team[i]->agency,
                                           (long long)h->team[i]->to_ms);
    for (size_t i = 0; i < h->n_members; i++)
        parts[count++] =
            kith_arena_printf(arena, "member %s %s", h->members[i]->name, h->members[i]->role);
    return kith_arena_printf(arena, "household %s, led by %s %s, %s %s%s, %s", h->name,
                             h->lead ? h->lead->agency : "nobody", h->lead ? h->lead->role : "",
                             !h->closing || h->closing->reopened ? "open" : "closed",
                             h->closing ? h->closing->outcome : "", sorted(arena, count, parts),
                             plan_of(l, agent, id));
}

static void judge_thing(look_t *l, size_t first)
{
    const char *said[WORLD_AGENTS_MAX] = {NULL};
    const Kith__Notice *notice = l->notices[first];
    bool household = notice->body_case == KITH__NOTICE__BODY_HOUSEHOLD_CHANGE;
    for (size_t i = 0; i < l->w->agents_count; i++) {
        if (!is_whole(l->w, i) || !heard(l, i, first))
            continue;
        said[i] =
            household ? state_of_household(l, i, notice->id) : state_of_notice(l, i, notice->id);
        for (size_t k = 0; said[i] && k < i; k++)
            if (said[k] && strcmp(said[i], said[k]) != 0 && heard_the_same(l, first, i, k))
                world_fail(l->w, "notice %zu: %s says \"%s\", %s says \"%s\"", first,
                           l->w->agents[k].id, said[k], l->w->agents[i].id, said[i]);
    }
}

/* ---- tasks ---- */

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* What people are asked to do about a thing, and the words of its end. */
static const struct {
    const char *task;
    const char *ends[3];
} ENDS[] = {
    {"alert-", {"alert closed", "alert cancelled", "alert exercise"}},
    {"referral-", {"referral closed", "referral withdrawn", "referral declined"}},
    {"assessment-", {"assessment completed", "assessment withdrawn", "assessment withdrawn"}},
    {"small-help-", {"small-help spent", "small-help withdrawn", "small-help declined"}},
    {"disagreement-",
     {"disagreement resolved", "disagreement withdrawn", "disagreement withdrawn"}},
};

static void judge_task(look_t *l, size_t agent, const Kith__Api__Task *task)
{
    for (size_t i = 0; i < sizeof ENDS / sizeof ENDS[0]; i++) {
        const char *state =
            starts(task->kind, ENDS[i].task) ? state_of_notice(l, agent, task->notice_id) : NULL;
        for (size_t k = 0; state && k < 3; k++)
            if (starts(state, ENDS[i].ends[k]))
                world_fail(l->w, "%s: a task %s is open, and it is so: %s", l->w->agents[agent].id,
                           task->kind, state);
    }
}

static void judge_tasks(look_t *l, size_t agent)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__InboxRequest body = KITH__API__INBOX_REQUEST__INIT;
    body.limit = TASKS_MAX;
    request.ask_case = KITH__API__REQUEST__ASK_INBOX;
    request.inbox = &body;
    const Kith__Api__Response *said = ask(l, agent, &request);
    if (!said || said->answer_case != KITH__API__RESPONSE__ANSWER_INBOX)
        return;
    for (size_t i = 0; i < said->inbox->n_tasks && !l->w->wrong; i++)
        judge_task(l, agent, said->inbox->tasks[i]);
}

/* ---- tellings ---- */

/* Nothing is told twice with no news, but after the repeat interval, and then it says so. */
static void judge_tellings(world_t *w, size_t agent)
{
    kith_txn_t *txn = memtxn_begin(w->agents[agent].store);
    kith_bytes_t after = {0}, key, value;
    size_t count = 0, capacity = 0;
    Kith__Store__TellingRow **rows = NULL;
    while (kith_next(txn, AGENT_TABLE_TELLINGS, (kith_bytes_t){0}, after, &key, &value) ==
           KITH_OK) {
        after = kith_arena_copy(w->arena, key);
        Kith__Store__TellingRow *row = kith__store__telling_row__unpack(
            kith_arena_allocator(w->arena), value.size, value.data);
        for (size_t i = 0; row && !row->again && i < count; i++)
            if (row->household.len == rows[i]->household.len && row->up_to <= rows[i]->up_to &&
                (row->household.len == 0 || same(row->household, rows[i]->household)))
                world_fail(w, "%s told its people twice of a household, with no news",
                           w->agents[agent].id);
        rows = world_grown(rows, count, &capacity, sizeof(Kith__Store__TellingRow *));
        if (row)
            rows[count++] = row;
    }
    memtxn_abort(w->agents[agent].store);
    free(rows);
}

void ends_judge(world_t *w, desk_t *desk)
{
    look_t l = {.w = w, .desk = desk};
    const char *field = NULL;
    l.notices = kith_arena_need(w->arena, (w->notices_count + 1) * sizeof *l.notices);
    for (size_t i = 0; i < w->notices_count; i++) {
        l.notices[i] = (Kith__Notice *)kith_message_unpack(w->arena, &kith__notice__descriptor,
                                                           w->notices[i].bytes, &field);
        KITH_ASSERT(l.notices[i]);
    }
    size_t count = w->notices_count;
    for (size_t i = 0; i < count && !w->wrong; i++)
        if (begins(l.notices[i]))
            judge_thing(&l, i);
    for (size_t i = 0; i < w->agents_count && !w->wrong; i++) {
        if (w->agents[i].core)
            judge_tasks(&l, i);
        judge_tellings(w, i);
    }
}
