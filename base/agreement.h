/* The partnership file as data: who is a member, with which keys, and who may send what to whom.
 *
 * Pure: io/partnership.c reads the file into this. The same judgement is made at the origin, at the
 * broker and at the recipient; each may only narrow. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "base/calendar.h"
#include "base/limits.h"
#include "kith.pb-c.h"

/* current: used and accepted. retired: what was made while it was current still verifies; nothing
 * new is made with it (and a transport key so marked no longer connects). revoked: verifies
 * nothing. */
typedef enum kith_key_state { KITH_KEY_CURRENT, KITH_KEY_RETIRED, KITH_KEY_REVOKED } kith_key_state;

/* Name of a key: the first 16 hex digits of its hash; the loader fills it in. */
#define KITH_KEY_NAME_SIZE 17
typedef struct kith_public_key {
    char name[KITH_KEY_NAME_SIZE];
    uint8_t key[32];
    kith_key_state state;
} kith_public_key_t;

#define KITH_KEYS_EACH_MAX 8u
typedef struct kith_keyring {
    size_t count;
    kith_public_key_t keys[KITH_KEYS_EACH_MAX];
} kith_keyring_t;

/* Whom silence about an alert reaches, one after another. */
typedef struct kith_ladder_step {
    const char *role;
    int64_t wait_ms;   /* after the step before, or after the alert was raised */
    bool office_hours; /* waits until the agency's office is open */
} kith_ladder_step_t;

typedef struct kith_ladder {
    size_t count;
    kith_ladder_step_t *steps;
    /* After an acknowledgement without an answer: who gave it is reminded, then it is taken back
     * and the ladder begins again. Both 0: it stands. */
    int64_t remind_ms, confirm_ms;
} kith_ladder_t;

/* Money for small help, which one agency holds and gives out. In pence. */
typedef struct kith_pot {
    const char *id;
    const char *name;
    const char *holder;
    uint64_t amount, limit; /* limit: of one request; 0: none */
} kith_pot_t;
/* One stage of a disagreement between two agencies: who of both meets, and within what the decision
 * is answered. */
typedef struct kith_stage {
    const char *role;
    const char *within; /* as it is written */
    kith_clock_t clock;
} kith_stage_t;

typedef struct kith_agency {
    const char *id;
    const char *name;
    const char *phone;               /* "" when none: shown when its agent is silent */
    uint32_t epoch;                  /* raised by a person when its store was lost or restored */
    const kith_calendar_t *calendar; /* its office; NULL when the file has none */
    size_t unstaffed_count;          /* roles of the ladder, or that lead, which nobody fills */
    const char **unstaffed;
    bool left; /* no longer a member: receives nothing, what it sent is still delivered */
    kith_keyring_t transport, signing, sealing;
} kith_agency_t;

typedef struct kith_broker_entry {
    const char *id;
    const char *endpoint; /* tcp://host:port */
    kith_keyring_t transport, signing;
} kith_broker_entry_t;

/* What may be said: the topic's class stands outside the seal, the topic itself inside. */
typedef struct kith_topic {
    const char *name;
    const char *topic_class;
    Kith__Notice__BodyCase type; /* the only body that may carry it */
    Kith__Lane lane;
    int64_t expires_ms; /* after it was made; 0: never */
} kith_topic_t;

/* One clause: these origins may send these classes to these recipients. "*" is everyone. */
typedef struct kith_clause {
    const char *id;
    size_t classes_count, from_count, to_count;
    const char **classes, **from, **to;
} kith_clause_t;

/* Who may subscribe to what. */
typedef struct kith_may_subscribe {
    const char *agency;
    size_t topics_count;
    const char **topics;
    bool owes; /* an answer to each alert that it subscribes to, as the team does */
} kith_may_subscribe_t;

/* What an event with this cost code costs: by its minutes, or each. */
typedef struct kith_cost {
    const char *code;
    bool by_hour;
    uint64_t pence;
} kith_cost_t;

/* Rules that have no entry of their own: over needs. No other may have these names. */
#define KITH_RULE_NEED  "need-not-accepted"
#define KITH_RULE_TWICE "same-need-twice"

typedef enum kith_proposal { KITH_PROPOSES_EARLY_HELP, KITH_PROPOSES_LEAD } kith_proposal;

/* So many events about one household within so many days, by so many agencies: then people are
 * asked. All three must be reached. */
typedef struct kith_rule {
    const char *name;
    kith_proposal proposes;
    uint64_t notices, minutes; /* 0: any */
    size_t agencies;           /* at least 1 */
    int64_t days;              /* today and the days before it */
    bool unless_lead;
    size_t topics_count; /* 0: any */
    const char **topics; /* topics, or patterns */
} kith_rule_t;

/* What is to have come by this hour of each open day. */
typedef struct kith_expected {
    const char *name;
    const char *topic; /* or a pattern */
    const char *from;
    int32_t by_ms;    /* local time of day */
    int32_t since_ms; /* the same; -1: since the time before */
    const kith_calendar_t *calendar;
    size_t to_count; /* whose agents look */
    const char **to;
} kith_expected_t;

typedef struct kith_agreement {
    const char *partnership;
    uint32_t version;
    bool exercise;
    const char *front_door; /* the agency that links what names no known household */
    size_t agencies_count, brokers_count, topics_count, clauses_count, may_subscribe_count;
    kith_agency_t *agencies;
    kith_broker_entry_t *brokers;
    kith_topic_t *topics;
    kith_clause_t *clauses;
    kith_may_subscribe_t *may_subscribe;
    size_t calendars_count, clocks_count;
    kith_calendar_t *calendars; /* the first is everyone's who names none */
    kith_clock_t *clocks;
    kith_ladder_t ladder;
    size_t alert_levels_count;
    const char **alert_levels; /* ascending: a higher one mutes lower ones about the same people */
    size_t lead_roles_count;   /* roles that may lead a household; none: any */
    const char **lead_roles;
    int64_t stale_after_ms; /* of a service that nobody has looked at; 0: never */
    size_t costs_count, rules_count, expected_count;
    kith_cost_t *costs;
    kith_rule_t *rules;
    kith_expected_t *expected;
    /* A need that nobody accepts for so many days, or that two agencies are asked to meet within so
     * many, is told; 0: it is not. */
    int64_t need_days, twice_days;
    /* So long a completed assessment stands in the way of a new one. 0: not at all. */
    int64_t assessment_valid_ms;
    size_t pots_count;
    kith_pot_t *pots;
    size_t stages_count;
    kith_stage_t *stages; /* that a disagreement climbs */
} kith_agreement_t;

/* Of topics: "*", a topic, or its beginning and ".*". */
bool kith_pattern_valid(const char *pattern);
bool kith_pattern_covers(const char *pattern, const char *topic);

/* NULL when there is none. Borrowed. */
const kith_agency_t *kith_agreement_agency(const kith_agreement_t *a, const char *id);
const kith_agency_t *kith_agreement_by_transport(const kith_agreement_t *a, const uint8_t key[32]);
const kith_broker_entry_t *kith_agreement_broker(const kith_agreement_t *a, const char *id);
const kith_topic_t *kith_agreement_topic(const kith_agreement_t *a, const char *name);
const kith_clause_t *kith_agreement_clause(const kith_agreement_t *a, const char *id);
const kith_public_key_t *kith_keyring_find(const kith_keyring_t *ring, const char *name);
/* Is it a member in which somebody fills this role? */
bool kith_agreement_staffed(const kith_agreement_t *a, const char *agency, const char *role);
const kith_calendar_t *kith_agreement_calendar(const kith_agreement_t *a, const char *id);
const kith_clock_t *kith_agreement_clock(const kith_agreement_t *a, const char *name);
const kith_cost_t *kith_agreement_cost(const kith_agreement_t *a, const char *code);
const kith_rule_t *kith_agreement_rule(const kith_agreement_t *a, const char *name);
const kith_expected_t *kith_agreement_expected(const kith_agreement_t *a, const char *name);
const kith_pot_t *kith_agreement_pot(const kith_agreement_t *a, const char *id);
/* When this clock is over for the agency, of what begins at `ms`. 0: there is no such clock. */
int64_t kith_agreement_due(const kith_agreement_t *a, const char *clock, const char *agency,
                           int64_t ms);
/* The same for a clock that stands by itself. 0: that agency's office has no calendar to run by. */
int64_t kith_agreement_over(const kith_agreement_t *a, const kith_clock_t *clock,
                            const char *agency, int64_t ms);
/* The first current key; NULL when none is. */
const kith_public_key_t *kith_keyring_current(const kith_keyring_t *ring);

/* The first clause that lets origin send the class to the recipient; NULL: none does. */
const kith_clause_t *kith_agreement_permits(const kith_agreement_t *a, const char *origin,
                                            const char *recipient, const char *topic_class);
/* Does this very clause? */
bool kith_clause_covers(const kith_clause_t *clause, const char *origin, const char *recipient,
                        const char *topic_class);
bool kith_agreement_may_subscribe(const kith_agreement_t *a, const char *agency, const char *topic);
/* Does this very line? */
bool kith_may_subscribe_covers(const kith_may_subscribe_t *may, const char *topic);
/* Its place among the alert levels, from 0; -1 when it is none of them. */
int kith_agreement_alert_level(const kith_agreement_t *a, const char *level);
