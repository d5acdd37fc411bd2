/* What the files of this room share, and nobody else includes: the two cases (a draft being
 * prepared, a notice being applied), the table of kinds, and the view's rows.
 *
 * A function that reads or writes rows may return what base/txn.h lists, beside what it says. */
#pragma once

#include "agents/work/work.h"
#include "base/key.h"
#include "base/limits.h"

#include <string.h>

#define WORK_TRY(call)                                                                             \
    do {                                                                                           \
        kith_err try_err = (call);                                                                 \
        if (try_err != KITH_OK) {                                                                  \
            return try_err;                                                                        \
        }                                                                                          \
    } while (0)

/* What everything here stands on. */
typedef struct work_ctx {
    const work_t *work;
    kith_txn_t *txn;
    kith_arena_t *arena;
    int64_t now_ms;
} work_ctx_t;

typedef struct work_kind work_kind_t;

/* Who must receive, each once, with the clause that permits it. */
typedef struct work_route {
    size_t count;
    const char **agencies; /* room for every member */
    const char **clauses;
} work_route_t;

/* A draft on its way to a notice. */
typedef struct work_draft {
    work_ctx_t at;
    const Kith__Api__Draft *asked;
    const kith_topic_t *topic;
    Kith__Notice *notice; /* a copy in the arena: prepare may change it and its body */
    int lane;
    bool known;      /* notice->household is a household this agency knows */
    bool front_door; /* it goes to the front door, or stays there */
    bool alone;      /* right without a recipient */
    work_route_t route;
    work_refusal_t *refusal;
} work_draft_t;

/* A notice, received or own, on its way into the view. */
typedef struct work_case {
    work_ctx_t at;
    const agent_received_t *in;
    const Kith__Notice *notice;
    Kith__Store__FeedRow *row;
} work_case_t;

/* One kind of notice. The table is in work.c. */
struct work_kind {
    Kith__Notice__BodyCase body;
    const char *name;      /* in feeds and in the partnership file */
    bool family;           /* may name its household by references; without one it is flagged */
    bool free_text;        /* its summary holds a person's words: nothing of them once shielded */
    bool shown, own_shown; /* has a row in the feed: received, own */
    /* NULL when the body is what its kind demands, whoever sent it. */
    const work_refusal_t *(*check)(const Kith__Notice *notice);
    kith_err (*prepare)(work_draft_t *draft);
    /* Fills the row's summary and what else the body says of itself. */
    void (*describe)(work_case_t *c);
    kith_err (*apply)(work_case_t *c);
};

const work_kind_t *work_kind_of(Kith__Notice__BodyCase body); /* NULL: a newer one */
const work_kind_t *work_kind_named(const char *name);         /* NULL: a newer one */

/* ---- small things ---- */

static inline kith_bytes_t bytes_of(ProtobufCBinaryData data)
{
    return (kith_bytes_t){data.data, data.len};
}
static inline ProtobufCBinaryData binary_of(kith_bytes_t bytes)
{
    return (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
}
static inline bool same_id(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return kith_bytes_equal(bytes_of(a), bytes_of(b));
}
/* protobuf-c's strings are not const. */
static inline char *text_of(const char *text)
{
    return (char *)(uintptr_t)(text != NULL ? text : "");
}
static inline bool has_text(const char *text)
{
    return text != NULL && text[0] != '\0';
}
/* A role is handed over; an address is a person's. */
static inline bool is_role(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '@') {
            return false;
        }
    }
    return text[0] != '\0';
}
static inline bool is_self(const work_ctx_t *at, const char *agency)
{
    return strcmp(at->work->agency, agency) == 0;
}
/* ANSWER_NOTHING_KNOWN with prefix "ANSWER_": "nothing-known". What is not in the list: "newer". */
const char *word_of(kith_arena_t *arena, const ProtobufCEnumDescriptor *type, const char *prefix,
                    int value);

/* A line for a feed or a list: bounded, without line ends or other control characters. */
#define LINE_BYTES_MAX 160u
typedef struct line {
    size_t size;
    bool full;
    char text[LINE_BYTES_MAX + 4]; /* "…" and NUL */
} line_t;
void line_add(line_t *line, const char *text);
char *line_text(kith_arena_t *arena, const line_t *line);

/* ---- view.c: rows by name ---- */

/* find: *ret_row is NULL when there is none. */
#define VIEW_RECORDS(X)                                                                            \
    X(household, HOUSEHOLDS, Kith__Store__HouseholdRow, kith__store__household_row)                \
    X(link, LINKS, Kith__Store__LinkRow, kith__store__link_row)                                    \
    X(feed, FEED, Kith__Store__FeedRow, kith__store__feed_row)                                     \
    X(task, TASKS, Kith__Store__TaskRow, kith__store__task_row)                                    \
    X(mail, MAILS, Kith__Store__MailRow, kith__store__mail_row)                                    \
    X(referral, REFERRALS, Kith__Store__ReferralRow, kith__store__referral_row)                    \
    X(alert, ALERTS, Kith__Store__AlertRow, kith__store__alert_row)                                \
    X(disagreement, DISAGREEMENTS, Kith__Store__DisagreementRow, kith__store__disagreement_row)    \
    X(seen, SEEN, Kith__Store__SeenRow, kith__store__seen_row)                                     \
    X(directory, DIRECTORY, Kith__Store__DirectoryRow, kith__store__directory_row)                 \
    X(looked, LOOKED, Kith__Store__LookedRow, kith__store__looked_row)                             \
    X(snooze, SNOOZES, Kith__Store__SnoozeRow, kith__store__snooze_row)                            \
    X(round, ROUNDS, Kith__Store__RoundRow, kith__store__round_row)                                \
    X(telling, TELLINGS, Kith__Store__TellingRow, kith__store__telling_row)                        \
    X(look, LOOKS, Kith__Store__LookRow, kith__store__look_row)                                    \
    X(owed, OWED, Kith__Store__OwedRow, kith__store__owed_row)                                     \
    X(load, LOAD, Kith__Store__LoadDayRow, kith__store__load_day_row)                              \
    X(rule, RULES, Kith__Store__RuleRow, kith__store__rule_row)                                    \
    X(assessment, ASSESSMENTS, Kith__Store__AssessmentRow, kith__store__assessment_row)            \
    X(plan, PLANS, Kith__Store__PlanRow, kith__store__plan_row)                                    \
    X(help, HELPS, Kith__Store__SmallHelpRow, kith__store__small_help_row)                         \
    X(pot, POTS, Kith__Store__PotRow, kith__store__pot_row)

#define X(name, table, type, prefix)                                                               \
    kith_err view_find_##name(const work_ctx_t *at, kith_bytes_t key, type **ret_row);             \
    kith_err view_put_##name(const work_ctx_t *at, kith_bytes_t key, const type *row);
VIEW_RECORDS(X)
#undef X

/* A notice as the core stored it. NULL when it is not there. */
kith_err view_find_notice(const work_ctx_t *at, kith_bytes_t id, Kith__Notice **ret_notice);
bool view_has(const work_ctx_t *at, int table, kith_bytes_t key, kith_err *ret_err);

kith_key_t view_key_name(const char *name);
kith_key_t view_key_seq(uint64_t seq);
kith_key_t view_key_seen(kith_bytes_t notice, const char *agency); /* of debts too */

/* Numbers by name (table sequences): 0 when never written. */
kith_err view_number(const work_ctx_t *at, const char *name, uint64_t *ret_number);
kith_err view_count(const work_ctx_t *at, const char *name, int64_t more);
kith_err view_next_seq(const work_ctx_t *at, const char *name, uint64_t *ret_seq);

/* Rows of a table whose keys start with a prefix. Writes in between do no harm: the place is kept
 * as a key. */
typedef struct view_walk {
    int table;
    kith_key_t prefix, place;
} view_walk_t;
/* after: where to go on; empty: from the first. */
view_walk_t view_walk(int table, kith_bytes_t prefix, kith_bytes_t after);
/* KITH_NOT_FOUND at the end. *ret_value is borrowed until the next write; the key is walk->place.
 */
kith_err view_walk_next(const work_ctx_t *at, view_walk_t *walk, kith_bytes_t *ret_value);

/* ---- check.c ---- */

/* NULL: well formed. *ret_field: the field a limit speaks of, else NULL. */
const work_refusal_t *check_notice(const Kith__Notice *notice, const char **ret_field);
/* Limits of every field, by descriptor; the first step of check_notice. */
const work_refusal_t *check_fields(const ProtobufCMessage *message, const char **ret_field);
const work_refusal_t *check_about(size_t count, Kith__About *const *about);

/* ---- drafts ---- */

kith_err draft_refuse(work_draft_t *draft, kith_err err, const char *rule, const char *what);
/* Has the user read the warning of this rule, and goes on? */
bool draft_despite(const work_draft_t *draft, const char *rule);
/* Names what came first, once. */
void draft_caused_by(work_draft_t *draft, ProtobufCBinaryData id);
/* Its body is of another kind by now: topic, lane and expiry are that kind's. */
kith_err draft_retopic(work_draft_t *draft);

/* ---- route.c ---- */

void route_begin(work_draft_t *draft);
/* Somebody the rules lead to: left out when it is this agency, has left, or no clause permits. */
void route_derive(work_draft_t *draft, const char *agency);
/* KITH_DENIED unless this agency sits in the team of the draft's household, which must be known. */
kith_err route_in_team(work_draft_t *draft, Kith__Store__HouseholdRow **ret_row);
/* Somebody named: refused in words when that would be left out. This agency itself: nothing. */
kith_err route_name(work_draft_t *draft, const char *agency);
/* The draft's `to`, each named. */
kith_err route_named(work_draft_t *draft);
kith_err route_subscribers(work_draft_t *draft);
/* Of them those whom the agreement lets owe an answer. */
kith_err route_owing(work_draft_t *draft);
/* The team now, and the lead's agency. */
void route_household(work_draft_t *draft, const Kith__Store__HouseholdRow *row);
bool route_has(const work_draft_t *draft, const char *agency);
void route_front_door(work_draft_t *draft);
void route_everyone(work_draft_t *draft);
/* Where the recipients follow from what it answers or changes, `to` has no place. */
kith_err route_fixed(work_draft_t *draft);
/* KITH_DENIED when nobody may receive it. */
kith_err route_some(work_draft_t *draft);

/* ---- link.c: this agency's own references ---- */

/* The references a body is about. */
Kith__About *const *about_of(const Kith__Notice *notice, size_t *ret_count);
bool about_shielded(const Kith__Notice *notice);

/* Which household a notice belongs to here: the one it names when that is known, else what this
 * agency's links say. several: they say more than one, so none. */
typedef struct belongs {
    kith_bytes_t household; /* what the notice names, also when unknown; may be empty */
    bool known, several;
} belongs_t;
kith_err link_resolve(const work_ctx_t *at, const Kith__Notice *notice, belongs_t *ret_belongs);
/* Was one of the references said not to be of the household the notice names? */
kith_err link_denied(const work_ctx_t *at, const Kith__Notice *notice, bool *ret_denied);
kith_err link_list(const work_ctx_t *at, kith_bytes_t household, Kith__Api__HouseholdView *view);
/* The draft's household, by itself or by links: sets notice->household and draft->known. */
kith_err draft_household(work_draft_t *draft);

/* ---- merge.c: a household as it is held ---- */

/* When and in which notice something was said; of two the later stands, of one time by the id. */
typedef struct said {
    int64_t ms;
    kith_bytes_t by;
} said_t;
bool said_later(said_t a, said_t than);
/* A part's own stamp when it is carried along, else the notice's. */
said_t said_of(const Kith__Stamp *stamp, said_t notice);
Kith__Stamp *said_stamp(kith_arena_t *arena, int64_t changed_ms, ProtobufCBinaryData by);

kith_err household_find(const work_ctx_t *at, kith_bytes_t id, Kith__Store__HouseholdRow **ret_row);
/* What a change says, laid into the row: of two, the later stands, whatever the order. */
void household_merge(kith_arena_t *arena, Kith__Store__HouseholdRow *row,
                     const Kith__Notice *notice);
bool household_seat_held(const Kith__TeamSeat *seat, int64_t now_ms);
bool household_seated(const Kith__Store__HouseholdRow *row, const char *agency, int64_t now_ms);
const char *household_lead(const Kith__Store__HouseholdRow *row); /* "" when none */
bool household_shielded(const Kith__Store__HouseholdRow *row);    /* row may be NULL */
/* Has it a seat that is not to end? */
bool household_stays(const Kith__Store__HouseholdRow *row, const char *agency);
/* Of two things said, is the first the later? */
bool household_later(int64_t a_ms, ProtobufCBinaryData a_by, int64_t b_ms,
                     ProtobufCBinaryData b_by);
/* Remembered of one member's roles: the latest. */
#define MEMBER_ROLES_MAX 16u
/* The latest thing said of it. */
int64_t household_latest_ms(const Kith__Store__HouseholdRow *row);
/* An empty row when none is held. */
kith_err household_load(const work_ctx_t *at, kith_bytes_t id, Kith__Store__HouseholdRow **ret_row);
/* household_carry.c: adds all that is held and that the change does not speak of, with when it was
 * said. */
void household_carry(kith_arena_t *arena, const Kith__Store__HouseholdRow *row,
                     Kith__Household *change);

/* ---- household_close.c: it ends, and may begin again ---- */

enum { HOUSEHOLD_NO = -1, HOUSEHOLD_OPEN, HOUSEHOLD_CLOSED, HOUSEHOLD_STATES };
typedef enum household_step {
    HOUSEHOLD_CHANGED, /* its name, members, team or lead */
    HOUSEHOLD_TO_CLOSE,
    HOUSEHOLD_TO_REOPEN,
    HOUSEHOLD_STEPS
} household_step_t;
/* The state it leads to; HOUSEHOLD_NO: not from there. */
int household_next(household_step_t step, int state);
bool household_closed(const Kith__Store__HouseholdRow *row); /* row may be NULL */
/* KITH_CONFLICT: not from its state, or something is open that it would hide. */
kith_err closing_may(work_draft_t *draft, const Kith__Store__HouseholdRow *before,
                     Kith__Household *change);
/* What came for a closed household waits for who led it last. */
kith_err closing_task(const work_ctx_t *at, const Kith__Store__HouseholdRow *household,
                      const Kith__Store__FeedRow *row);
/* Reopened: nothing waits for that any more. */
kith_err closing_settle(const work_case_t *c, const Kith__Store__HouseholdRow *before,
                        const Kith__Store__HouseholdRow *row);

/* ---- lead.c: the lead practitioner, never missing without a word ---- */

typedef enum lead_state { LEAD_NONE, LEAD_HELD, LEAD_WANTED } lead_state_t;
/* LEAD_NONE: it never had one. LEAD_WANTED: *ret_why is a word. */
lead_state_t lead_state(const kith_agreement_t *agreement, const Kith__Store__HouseholdRow *row,
                        const char **ret_why);
kith_err lead_may_take(work_draft_t *draft, const Kith__Store__HouseholdRow *before,
                       const Kith__Lead *lead);
/* Tells people here, once, when a lead is wanted; ends it when there is one again. The caller
 * stores the row. */
kith_err lead_settle(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__HouseholdRow *before,
                     Kith__Store__HouseholdRow *row);
/* The tasks of who led, and of who leads now. */
kith_err lead_handed_over(const work_case_t *c, const Kith__Store__HouseholdRow *before,
                          const Kith__Store__HouseholdRow *row);
/* Every household is to be looked at; and some of them are, *ret_next_ms as in work_tick. */
kith_err lead_look_begin(const work_ctx_t *at);
kith_err lead_look_on(const work_ctx_t *at, int64_t *ret_next_ms);

/* ---- unseen.c ---- */

#define UNSEEN_MAX 100u
typedef struct unseen {
    size_t count;
    bool more;
    uint64_t seqs[UNSEEN_MAX];
    const Kith__Store__FeedRow *rows[UNSEEN_MAX]; /* the newest first */
} unseen_t;
kith_err unseen_find(const work_ctx_t *at, kith_bytes_t household, unseen_t *ret_unseen);

/* ---- load.c ---- */

#define LOAD_DAY_MS INT64_C(86400000)
/* Days of UTC since 1970-01-01. */
static inline int64_t load_day(int64_t ms)
{
    return ms >= 0 ? ms / LOAD_DAY_MS : -1;
}
/* What a key of table load says behind its household. Borrowed from the key. */
typedef struct load_place {
    int64_t day;
    const char *agency, *topic, *code;
} load_place_t;
static inline load_place_t load_place(kith_bytes_t key, size_t household_size)
{
    kith_key_reader_t reader = {{key.data + household_size, key.size - household_size}};
    load_place_t place = {.day = kith_key_read_i64(&reader)};
    place.agency = kith_key_read_name(&reader);
    place.topic = kith_key_read_name(&reader);
    place.code = kith_key_read_name(&reader);
    return place;
}
/* A new row of the feed, before it is stored: sets `counted`. */
kith_err load_add(const work_ctx_t *at, const Kith__Notice *notice, Kith__Store__FeedRow *row);
/* A counted row is taken out of its household's load, and put into it. Nothing for other rows. */
kith_err load_count(const work_ctx_t *at, const Kith__Notice *notice,
                    const Kith__Store__FeedRow *row, bool add);

/* ---- task.c ---- */

/* These ask for an answer, and end by it only. */
#define TASK_ANSWER "alert-to-answer"
#define TASK_DECIDE "referral-to-decide"
#define TASK_INFORM "referral-to-inform"
#define TASK_BEGIN  "referral-to-begin"
/* Holds words of a person; no other task does. */
#define TASK_READ_FIRST "read-first"
/* Of an alert: who is silent; whom that has reached; who acknowledged and has not answered. */
#define TASK_SILENT     "alert-overdue"
#define TASK_ESCALATED  "alert-escalated"
#define TASK_CONFIRM    "alert-to-confirm"
#define TASK_CONTRIBUTE "assessment-to-contribute"
#define TASK_HELP       "small-help-to-decide"
#define TASK_SPEND      "small-help-to-spend"
/* Of a disagreement: the decision is to be answered; the answer is to be settled. */
#define TASK_EXPLAIN "disagreement-to-answer"
#define TASK_SETTLE  "disagreement-to-settle"
/* A mail that nothing was done by; one of ours that reached nobody. */
#define TASK_MAIL        "mail-to-read"
#define TASK_UNDELIVERED "mail-undelivered"

typedef struct task_said {
    const char *kind;
    kith_bytes_t notice;
    const char *agency; /* whom it concerns */
    const char *reason;
    int64_t due_ms; /* 0: none */
    kith_bytes_t household;
} task_said_t;
/* One open task for each (notice, kind, agency); an open one is given the new time. */
kith_err task_open(const work_ctx_t *at, const task_said_t *said);
/* *ret_row is NULL when there never was one. */
kith_err task_find(const work_ctx_t *at, const char *kind, kith_bytes_t notice, const char *agency,
                   Kith__Store__TaskRow **ret_row);
/* Nothing when there is none, or it has ended. */
kith_err task_end(const work_ctx_t *at, const char *kind, kith_bytes_t notice, const char *agency,
                  const char *by);
/* The open tasks of a household that are of one of these kinds (NULL ends the list). note: beside
 * why each was opened; may be empty. */
kith_err task_end_of(const work_ctx_t *at, kith_bytes_t household, const char *const *kinds,
                     const char *by, const char *note);
kith_err task_count_of(const work_ctx_t *at, kith_bytes_t household, size_t *ret_count);
/* The first of them, as many as a page holds. */
kith_err task_list_of(const work_ctx_t *at, kith_bytes_t household, Kith__Api__HouseholdView *view);
kith_err task_front_door(const work_ctx_t *at, const Kith__Store__FeedRow *row);

/* ---- mail.c ---- */

/* "reply of ada@agency.example: its subject"; "" when there is no such mail. */
kith_err mail_line(const work_ctx_t *at, kith_bytes_t id, const char **ret_line);

/* ---- tick.c: indexes of what is due (i64 time, id), and what then happens ---- */

kith_err due_set(const work_ctx_t *at, int table, int64_t due_ms, kith_bytes_t id);
/* Nothing when it is not there. */
kith_err due_clear(const work_ctx_t *at, int table, int64_t due_ms, kith_bytes_t id);
kith_err alert_overdue(const work_ctx_t *at, kith_bytes_t alert);
kith_err alert_climb(const work_ctx_t *at, kith_bytes_t alert);
kith_err referral_overdue(const work_ctx_t *at, kith_bytes_t referral);
kith_err snooze_over(const work_ctx_t *at, kith_bytes_t snooze);
kith_err round_over(const work_ctx_t *at, kith_bytes_t household);
/* key: of table rules. */
kith_err rule_due(const work_ctx_t *at, kith_bytes_t key);
kith_err assessment_overdue(const work_ctx_t *at, kith_bytes_t assessment);
kith_err plan_overdue(const work_ctx_t *at, kith_bytes_t household);
kith_err disagreement_overdue(const work_ctx_t *at, kith_bytes_t disagreement);

/* ---- rules.c ---- */

/* Where a rule of the partnership stands. */
typedef struct rule_row {
    kith_key_t key;
    bool held; /* there is a row */
    Kith__Store__RuleRow row;
} rule_row_t;
kith_err rule_find(const work_ctx_t *at, const char *rule, kith_bytes_t household, const char *need,
                   rule_row_t *ret_row);
/* Stores it, with when to look again (0: when something comes). */
kith_err rule_keep(const work_ctx_t *at, rule_row_t *rule, int64_t next_ms);
kith_err rule_drop(const work_ctx_t *at, const rule_row_t *rule);
/* The rules over counts, of one household. Nothing for one that is not known. cause: the notice
 * whose coming, or being filed elsewhere, changed what they go by. */
kith_err rules_look(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t cause);
/* After a notice has its row, and after it was filed elsewhere: whatever goes by it. */
kith_err rules_follow(const work_case_t *c);
kith_err rules_moved(const work_ctx_t *at, const Kith__Notice *notice, kith_bytes_t before,
                     kith_bytes_t after);
/* The names of those that are passed now, whoever leads. */
kith_err rules_passed(const work_ctx_t *at, kith_bytes_t household, size_t *ret_count,
                      char ***ret_names);

/* ---- expected.c ---- */

/* When each rule of this agency is due next. */
kith_err expected_plan(const work_ctx_t *at);
/* A notice came, early or not. */
kith_err expected_came(const work_case_t *c);
kith_err expected_due(const work_ctx_t *at, const kith_expected_t *rule, rule_row_t *state);

/* ---- underlap.c ---- */

/* What a referral asks for, by its code or its service; as long as a key may hold. */
char *need_of(kith_arena_t *arena, const Kith__Notice *notice);
/* A referral's row is put into its household's needs, or taken out. Nothing for other rows. */
kith_err need_file(const work_ctx_t *at, const Kith__Notice *notice,
                   const Kith__Store__FeedRow *row, bool add);
kith_err underlap_look(const work_ctx_t *at, kith_bytes_t household, const char *name);
/* After a notice has its row. */
kith_err underlap_follow(const work_case_t *c);
kith_err underlap_due(const work_ctx_t *at, kith_bytes_t rest);
kith_err underlap_list(const work_ctx_t *at, kith_bytes_t household, Kith__Api__LoadResponse *ret);

/* ---- referral_life.c ---- */

#define REFERRAL_PHASE_NONE (-1)
#define REFERRAL_VERBS_MAX  16u
/* Of both ends together; what comes beyond is shown and not kept. */
#define REFERRAL_STEPS_MAX 128u
#define REFERRAL_LATER_MAX 64u

/* The phase this step leads to; REFERRAL_PHASE_NONE when this end may not take it there. */
int referral_next(Kith__ReferralStep step, bool by_referrer, int phase);
bool referral_step_known(Kith__ReferralStep step);
bool referral_step_is_referrers(Kith__ReferralStep step);
/* The commands that are possible for this end. Returns how many. */
size_t referral_allowed(bool by_referrer, int phase, const char *ret_verbs[REFERRAL_VERBS_MAX]);
bool referral_rest_open(int phase);
bool referral_final(int phase);
const char *referral_phase_word(const work_ctx_t *at, int phase);
/* *ret_row is NULL when there is none, or no id. */
kith_err referral_find(const work_ctx_t *at, ProtobufCBinaryData id,
                       Kith__Store__ReferralRow **ret_row);
/* Stores the row, with the tasks and the clock of its phase. by: who ends tasks. */
kith_err referral_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__ReferralRow *row,
                         const char *by);
/* One more step, in its place among the others. *ret_stands: it has an effect. */
kith_err referral_take(work_case_t *c, Kith__Store__ReferralRow *row, bool by_referrer,
                       bool *ret_stands);
/* A step that has come before its referral waits for it. *ret_waits: false: too many wait. */
kith_err referral_wait(const work_case_t *c, bool *ret_waits);
/* The referral has come: what waited for it is taken, and the row stored. */
kith_err referral_begin(const work_case_t *c, Kith__Store__ReferralRow *row);
int64_t referral_latest_ms(const Kith__Store__ReferralRow *row);

/* ---- disagreement_life.c ---- */

#define DISAGREEMENT_PHASES     4
#define DISAGREEMENT_PHASE_NONE (-1)
/* Of both ends together; what comes beyond is shown and not kept. The stages end sooner. */
#define DISAGREEMENT_STEPS_MAX 64u
#define DISAGREEMENT_VERBS_MAX 4u

/* The phase this step leads to; DISAGREEMENT_PHASE_NONE when this end may not take it there. */
int disagreement_next(Kith__DisagreementStep step, bool by_raiser, int phase);
bool disagreement_step_known(Kith__DisagreementStep step);
bool disagreement_step_is_raisers(Kith__DisagreementStep step);
const char *disagreement_phase_word(const work_ctx_t *at, int phase);
/* May this agency take this step as it stands now? */
bool disagreement_may(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                      Kith__DisagreementStep step);
/* The commands that are possible for this agency. Returns how many. */
size_t disagreement_allowed(const work_ctx_t *at, const Kith__Store__DisagreementRow *row,
                            const char *ret_verbs[DISAGREEMENT_VERBS_MAX]);
/* As it is at at->now_ms; *ret_row is NULL when none has come. */
kith_err disagreement_find(const work_ctx_t *at, kith_bytes_t id,
                           Kith__Store__DisagreementRow **ret_row);
const char *disagreement_role(const Kith__Store__DisagreementRow *row); /* who meets now */
bool disagreement_is_overdue(const work_ctx_t *at, const Kith__Store__DisagreementRow *row);
int64_t disagreement_latest_ms(const Kith__Store__DisagreementRow *row);
/* It has come, with the steps in the row that waited for it. */
kith_err disagreement_begin(const work_case_t *c, Kith__Store__DisagreementRow *row);
/* One more step, in its place among the others. *ret_stands: it has an effect, or waits. */
kith_err disagreement_take(const work_case_t *c, kith_bytes_t id, Kith__Store__DisagreementRow *row,
                           bool *ret_stands);

/* ---- directory.c ---- */

/* *ret_row is NULL when the agency has said nothing. */
kith_err directory_entry(const work_ctx_t *at, const char *agency,
                         Kith__Store__DirectoryRow **ret_row);
/* directory_find.c: KITH_CONFLICT when the service that a referral names, of the agency it goes to,
 * is full or stale, or says that it is not for whom the referral is about, and the draft does not
 * say `despite` of it. */
kith_err directory_warns(work_draft_t *draft, const char *agency, const Kith__Referral *referral);

/* ---- the kinds ---- */

#define WORK_KINDS(X)                                                                              \
    X(event)                                                                                       \
    X(referral)                                                                                    \
    X(referral_answer)                                                                             \
    X(alert)                                                                                       \
    X(reply)                                                                                       \
    X(alert_change)                                                                                \
    X(disagreement)                                                                                \
    X(household)                                                                                   \
    X(seen)                                                                                        \
    X(directory)                                                                                   \
    X(assessment)                                                                                  \
    X(plan)                                                                                        \
    X(small_help)
#define X(name)                                                                                    \
    const work_refusal_t *name##_check(const Kith__Notice *notice);                                \
    kith_err name##_prepare(work_draft_t *draft);                                                  \
    void name##_describe(work_case_t *c);                                                          \
    kith_err name##_apply(work_case_t *c);
WORK_KINDS(X)
#undef X

#include "agents/work/parts_alert.h"
#include "agents/work/parts_feed.h"
#include "agents/work/parts_together.h"
