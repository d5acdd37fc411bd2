/* The door: the table of kinds, what is common to every draft, and what is common to every notice
 * on its way into the view. A new kind is one file and one line here. */
#include "agents/work/parts.h"

#include "base/bug.h"

#define KIND(BODY, prefix, text, ...)                                                              \
    {                                                                                              \
        .body = KITH__NOTICE__BODY_##BODY, .name = text, .check = prefix##_check,                  \
        .prepare = prefix##_prepare, .describe = prefix##_describe, .apply = prefix##_apply,       \
        __VA_ARGS__                                                                                \
    }

static const work_kind_t kinds[] = {
    KIND(EVENT, event, "event", .family = true, .free_text = true, .shown = true,
         .own_shown = true),
    KIND(REFERRAL, referral, "referral", .family = true, .free_text = true, .shown = true,
         .own_shown = true),
    KIND(REFERRAL_ANSWER, referral_answer, "referral-answer", .shown = true, .own_shown = true),
    KIND(ALERT, alert, "alert", .family = true, .free_text = true, .shown = true,
         .own_shown = true),
    KIND(REPLY, reply, "reply", .shown = true, .own_shown = true),
    KIND(ALERT_CHANGE, alert_change, "alert-change", .shown = true, .own_shown = true),
    KIND(DISAGREEMENT, disagreement, "disagreement", .shown = true, .own_shown = true),
    KIND(HOUSEHOLD_CHANGE, household, "household", .shown = true, .own_shown = true),
    KIND(SEEN, seen, "seen", .shown = true),
    KIND(DIRECTORY, directory, "directory", .shown = false),
    KIND(ASSESSMENT, assessment, "assessment", .shown = true, .own_shown = true),
    KIND(PLAN, plan, "plan", .shown = true, .own_shown = true),
    KIND(SMALL_HELP, small_help, "small-help", .shown = true, .own_shown = true),
};

#define KINDS_COUNT  (sizeof kinds / sizeof *kinds)
#define UNKNOWN_NAME "unknown"

/* The bodies of a draft and of a notice have the same numbers. */
_Static_assert((int)KITH__API__DRAFT__BODY_EVENT == (int)KITH__NOTICE__BODY_EVENT &&
                   (int)KITH__API__DRAFT__BODY_SMALL_HELP == (int)KITH__NOTICE__BODY_SMALL_HELP,
               "a draft's body is a notice's body");

const work_kind_t *work_kind_of(Kith__Notice__BodyCase body)
{
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        if (kinds[i].body == body) {
            return &kinds[i];
        }
    }
    return NULL;
}

const work_kind_t *work_kind_named(const char *name)
{
    for (size_t i = 0; i < KINDS_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* ---- preparing a draft ---- */

kith_err draft_refuse(work_draft_t *draft, kith_err err, const char *rule, const char *what)
{
    *draft->refusal = (work_refusal_t){.rule = rule, .what = what};
    return err;
}

bool draft_despite(const work_draft_t *draft, const char *rule)
{
    for (size_t i = 0; i < draft->asked->n_despite; i++) {
        if (strcmp(draft->asked->despite[i], rule) == 0) {
            return true;
        }
    }
    return false;
}

void draft_caused_by(work_draft_t *draft, ProtobufCBinaryData id)
{
    if (KITH_BUG(25))
        return;
    Kith__Notice *notice = draft->notice;
    for (size_t i = 0; i < notice->n_caused_by; i++) {
        if (same_id(notice->caused_by[i], id)) {
            return;
        }
    }
    ProtobufCBinaryData *causes =
        kith_arena_need(draft->at.arena, (notice->n_caused_by + 1) * sizeof *causes);
    for (size_t i = 0; i < notice->n_caused_by; i++) {
        causes[i] = notice->caused_by[i];
    }
    causes[notice->n_caused_by++] = id;
    notice->caused_by = causes;
}

static const kith_topic_t *topic_of_type(const kith_agreement_t *agreement,
                                         Kith__Notice__BodyCase body)
{
    for (size_t i = 0; i < agreement->topics_count; i++) {
        if (agreement->topics[i].type == body) {
            return &agreement->topics[i];
        }
    }
    return NULL;
}

static kith_err refuse_topic(work_draft_t *draft, const work_kind_t *kind, const char *name)
{
    kith_arena_t *arena = draft->at.arena;
    const char *what =
        has_text(name)
            ? kith_arena_printf(
                  arena, "the partnership has no topic %.48s: its file names those it has", name)
            : kith_arena_printf(arena,
                                "this needs a topic of type %s in the partnership's file, with a "
                                "clause for its class",
                                kind->name);
    return draft_refuse(draft, KITH_INVALID, "topic-unknown", what);
}

/* Events name their topic; the other kinds have one of their own. */
static kith_err find_topic(work_draft_t *draft, const work_kind_t *kind)
{
    const kith_agreement_t *agreement = draft->at.work->agreement;
    const char *name = draft->asked->topic;
    if (!has_text(name) && kind->body == KITH__NOTICE__BODY_EVENT) {
        return draft_refuse(draft, KITH_INVALID, "topic-missing", "an event names its topic");
    }
    draft->topic = has_text(name) ? kith_agreement_topic(agreement, name)
                                  : topic_of_type(agreement, kind->body);
    if (draft->topic == NULL) {
        return refuse_topic(draft, kind, name);
    }
    if (draft->topic->type != kind->body) {
        const work_kind_t *fits = work_kind_of(draft->topic->type);
        return draft_refuse(
            draft, KITH_INVALID, "topic-type",
            kith_arena_printf(draft->at.arena, "topic %s carries what is of type %s, not %s",
                              draft->topic->name, fits != NULL ? fits->name : UNKNOWN_NAME,
                              kind->name));
    }
    return KITH_OK;
}

static void fill_topic(work_draft_t *draft)
{
    const kith_topic_t *topic = draft->topic;
    Kith__Notice *notice = draft->notice;
    notice->topic = text_of(topic->name);
    notice->expires_ms = draft->asked->expires_ms;
    if (notice->expires_ms == 0 && topic->expires_ms != 0) {
        notice->expires_ms = draft->at.now_ms + topic->expires_ms;
    }
    draft->lane = kith_lane_index(topic->lane);
    KITH_ASSERT(draft->lane >= 0);
}

static void fill(work_draft_t *draft, const kith_id_t *id, const char *author)
{
    const Kith__Api__Draft *asked = draft->asked;
    Kith__Notice *notice = kith_arena_need(draft->at.arena, sizeof *notice);
    kith__notice__init(notice);
    notice->id = binary_of(kith_arena_copy(draft->at.arena, kith_id_bytes(id)));
    notice->origin = text_of(draft->at.work->agency);
    notice->household = asked->household;
    notice->n_caused_by = asked->n_caused_by;
    notice->caused_by = asked->caused_by;
    notice->created_ms = draft->at.now_ms;
    notice->author = text_of(has_text(asked->author) ? asked->author : author);
    notice->exercise = draft->at.work->agreement->exercise;
    notice->body_case = (Kith__Notice__BodyCase)asked->body_case;
    notice->event = asked->event; /* the union's members are all pointers */
    draft->notice = notice;
    fill_topic(draft);
}

kith_err draft_retopic(work_draft_t *draft)
{
    const work_kind_t *kind = work_kind_of(draft->notice->body_case);
    KITH_ASSERT(kind != NULL);
    draft->topic = topic_of_type(draft->at.work->agreement, draft->notice->body_case);
    if (draft->topic == NULL) {
        return refuse_topic(draft, kind, "");
    }
    fill_topic(draft);
    return KITH_OK;
}

static kith_err refuse_field(work_draft_t *draft, const work_refusal_t *refusal, const char *field)
{
    const char *what = field != NULL
                           ? kith_arena_printf(draft->at.arena, "%s: %s", field, refusal->what)
                           : refusal->what;
    return draft_refuse(draft, KITH_INVALID, refusal->rule, what);
}

static kith_err prepare(work_draft_t *draft, const kith_id_t *id, const char *author)
{
    const work_kind_t *kind = work_kind_of((Kith__Notice__BodyCase)draft->asked->body_case);
    if (kind == NULL || draft->asked->event == NULL) {
        return draft_refuse(draft, KITH_INVALID, "body-missing",
                            "a draft says something: an event, a referral, an alert …");
    }
    WORK_TRY(find_topic(draft, kind));
    fill(draft, id, author);
    const char *field = NULL;
    const work_refusal_t *refusal = check_fields(&draft->notice->base, &field);
    if (refusal != NULL) {
        return refuse_field(draft, refusal, field);
    }
    route_begin(draft);
    WORK_TRY(kind->prepare(draft));
    refusal = check_notice(draft->notice, &field);
    if (refusal != NULL) {
        return refuse_field(draft, refusal, field);
    }
    return route_some(draft);
}

kith_err work_prepare(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__Draft *draft, const kith_id_t *id, const char *author,
                      int64_t now_ms, work_prepared_t *ret_prepared, work_refusal_t *ret_refusal)
{
    work_draft_t at = {
        .at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms},
        .asked = draft,
        .refusal = ret_refusal,
    };
    WORK_TRY(prepare(&at, id, author));
    *ret_prepared = (work_prepared_t){
        .notice = at.notice,
        .lane = at.lane,
        .topic_class = at.topic->topic_class,
        .recipients_count = at.route.count,
        .recipients = at.route.agencies,
        .clauses = at.route.clauses,
        .front_door = at.front_door,
    };
    return KITH_OK;
}

/* ---- judging what was opened ---- */

/* A topic that only a newer partnership file has cannot be judged, but its class can, if it is used
 * here: a notice under class C is of a type that C carries. */
static bool class_carries(const kith_agreement_t *agreement, const char *topic_class,
                          Kith__Notice__BodyCase body)
{
    bool known = false;
    for (size_t i = 0; i < agreement->topics_count; i++) {
        if (strcmp(agreement->topics[i].topic_class, topic_class) == 0) {
            known = true;
            if (agreement->topics[i].type == body) {
                return true;
            }
        }
    }
    return !known;
}

/* What stood outside the seal is what the broker has checked; the opened notice must be that. */
static bool is_what_topic_said(const work_ctx_t *at, const agent_received_t *in)
{
    const kith_agreement_t *agreement = at->work->agreement;
    const kith_topic_t *topic = kith_agreement_topic(agreement, in->notice->topic);
    Kith__Notice__BodyCase body = in->notice->body_case;
    bool newer = work_kind_of(body) == NULL;
    if (topic == NULL) {
        return newer || class_carries(agreement, in->header->topic_class, body);
    }
    return strcmp(topic->topic_class, in->header->topic_class) == 0 &&
           (newer || topic->type == body);
}

/* An id belongs to the origin that first used it. */
static kith_err is_free(const work_ctx_t *at, const agent_received_t *in, bool *ret_free)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_find(at, bytes_of(in->notice->id), &seq, &row));
    *ret_free = row == NULL || strcmp(row->origin, in->origin) == 0;
    return KITH_OK;
}

static kith_err refuse(Kith__Reason reason, Kith__Reason *ret_reason)
{
    *ret_reason = reason;
    return KITH_INVALID;
}

static kith_err judge(const work_ctx_t *at, const agent_received_t *in, Kith__Reason *ret_reason)
{
    WORK_TRY(work_check(in->notice, ret_reason));
    if (strcmp(in->notice->origin, in->origin) != 0) {
        return refuse(KITH__REASON__REASON_NOT_YOUR_NAME, ret_reason);
    }
    bool is_ours = false;
    WORK_TRY(is_free(at, in, &is_ours));
    if (!is_ours) {
        return refuse(KITH__REASON__REASON_APPLY_FAILED, ret_reason);
    }
    if (in->mine) {
        return KITH_OK;
    }
    if ((bool)in->notice->exercise != at->work->agreement->exercise) {
        return refuse(KITH__REASON__REASON_EXERCISE_MIXED, ret_reason);
    }
    return in->header == NULL || is_what_topic_said(at, in)
               ? KITH_OK
               : refuse(KITH__REASON__REASON_NOT_WHAT_TOPIC_SAID, ret_reason);
}

/* ---- into the view ---- */

static bool is_urgent(const work_ctx_t *at, const agent_received_t *in)
{
    if (in->header != NULL && in->header->id != NULL) {
        return in->header->id->lane == KITH__LANE__LANE_URGENT;
    }
    const kith_topic_t *topic = kith_agreement_topic(at->work->agreement, in->notice->topic);
    return topic != NULL && topic->lane == KITH__LANE__LANE_URGENT;
}

static void begin_row(work_case_t *c, const work_kind_t *kind)
{
    const agent_received_t *in = c->in;
    Kith__Store__FeedRow *row = kith_arena_need(c->at.arena, sizeof *row);
    kith__store__feed_row__init(row);
    row->notice_id = c->notice->id;
    row->origin = text_of(in->origin);
    row->household = c->notice->household;
    row->occurred_ms = c->notice->created_ms;
    row->received_ms = in->now_ms;
    row->kind = text_of(kind != NULL ? kind->name : UNKNOWN_NAME);
    row->topic = c->notice->topic;
    row->late = in->late;
    row->again = in->again;
    row->early = in->early;
    row->mine = in->mine;
    row->clock_apart = in->clock_apart;
    row->urgent = is_urgent(&c->at, in);
    row->summary = text_of("of a newer version than this agent: shown as far as understood");
    c->row = row;
    if (kind != NULL) {
        kind->describe(c);
    }
}

/* No order is promised between origins or lanes: what names a cause that is not here is shown all
 * the same, and says so. */
static kith_err flag_causes(work_case_t *c)
{
    for (size_t i = 0; i < c->notice->n_caused_by && !c->row->cause_missing; i++) {
        kith_err err = KITH_OK;
        c->row->cause_missing =
            !view_has(&c->at, AGENT_TABLE_NOTICES, bytes_of(c->notice->caused_by[i]), &err);
        WORK_TRY(err);
    }
    return KITH_OK;
}

static kith_err place_row(work_case_t *c, const work_kind_t *kind)
{
    if (kind != NULL && kind->family) {
        belongs_t belongs;
        WORK_TRY(link_resolve(&c->at, c->notice, &belongs));
        c->row->household = binary_of(belongs.household);
        c->row->unknown_household = !belongs.known;
    }
    return KITH_OK;
}

static kith_err add_row(work_case_t *c, const work_kind_t *kind)
{
    WORK_TRY(flag_causes(c));
    if (!c->in->early) {
        WORK_TRY(fold_name(c));
    }
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(household_find(&c->at, bytes_of(c->row->household), &household));
    if (kind != NULL && kind->free_text && household_shielded(household)) {
        c->row->shielded = true;
    }
    c->row->household_closed = kind != NULL && kind->family && household_closed(household);
    if (c->row->shielded) {
        feed_shield(c->row);
    }
    WORK_TRY(feed_add(&c->at, c->notice, c->row));
    if (c->in->early) {
        return KITH_OK;
    }
    WORK_TRY(household != NULL ? closing_task(&c->at, household, c->row) : KITH_OK);
    return task_front_door(&c->at, c->row);
}

kith_err work_apply(void *self, kith_txn_t *txn, kith_arena_t *arena,
                    const agent_received_t *received, Kith__Reason *ret_reason)
{
    work_case_t c = {
        .at = {.work = self, .txn = txn, .arena = arena, .now_ms = received->now_ms},
        .in = received,
        .notice = received->notice,
    };
    WORK_TRY(judge(&c.at, received, ret_reason));
    const work_kind_t *kind = work_kind_of(received->notice->body_case);
    begin_row(&c, kind);
    WORK_TRY(place_row(&c, kind));
    if (kind != NULL && !received->early) {
        WORK_TRY(kind->apply(&c));
    }
    WORK_TRY(received->mine ? KITH_OK : expected_came(&c));
    bool shown = kind == NULL || (received->mine ? kind->own_shown : kind->shown);
    WORK_TRY(shown ? add_row(&c, kind) : KITH_OK);
    return rules_follow(&c);
}
