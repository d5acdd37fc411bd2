#include "io/partnership_rules.h"

#include "base/text.h"
#include "io/partnership_clocks.h"

#include <string.h>

#define DAY_MS INT64_C(86400000)

/* An array in the arena; NULL and told when it is full. */
static void *take(kith_conf_t *conf, kith_arena_t *arena, size_t count, size_t size)
{
    void *taken = kith_arena_alloc(arena, count * size);
    if (taken == NULL)
        conf_fail(conf, NULL, NULL, "holds more than there is room for: make the file smaller");
    return taken;
}

/* ---- unit costs ---- */

static void load_cost(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                      kith_cost_t *cost)
{
    cost->code = conf_name(conf, g, "code");
    const char *per = conf_str(conf, g, "per");
    cost->by_hour = strcmp(per, "hour") == 0;
    if (!cost->by_hour && strcmp(per, "event") != 0)
        conf_fail(conf, g, "per", "\"per\" must be \"hour\" or \"event\"");
    cost->pence = (uint64_t)conf_int(conf, g, "pence", 1, KITH_PENCE_MAX);
    if (kith_agreement_cost(a, cost->code) != NULL)
        conf_fail(conf, g, "code", "cost code \"%s\" is listed twice: keep one", cost->code);
}

void partnership_costs(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "unit_costs", false, KITH_COSTS_MAX);
    a->costs = take(conf, arena, count, sizeof *a->costs);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_cost(conf, conf_list_at(conf, root, "unit_costs", i), a, &a->costs[i]);
        a->costs_count = i + 1;
    }
}

/* ---- rules over counts ---- */

static int64_t load_day_count(kith_conf_t *conf, const conf_group_t *g, const char *name)
{
    int64_t ms = 0;
    bool fits = kith_duration_parse(conf_str(conf, g, name), &ms) == KITH_OK && ms % DAY_MS == 0;
    if (!fits || ms < DAY_MS || ms > KITH_RULE_DAYS_MAX * DAY_MS)
        conf_fail(conf, g, name, "\"%s\" must be 1 to %d whole days, as \"30d\"", name,
                  KITH_RULE_DAYS_MAX);
    return ms / DAY_MS;
}

/* Does it fit a topic that carries this type (not set: any)? */
static bool fits_any(const kith_agreement_t *a, const char *pattern, Kith__Notice__BodyCase type)
{
    bool any = false;
    for (size_t i = 0; i < a->topics_count && !any; i++)
        any = (type == KITH__NOTICE__BODY__NOT_SET || a->topics[i].type == type) &&
              kith_pattern_covers(pattern, a->topics[i].name);
    return any;
}

static void load_topics(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                        kith_rule_t *rule)
{
    rule->topics_count = conf_strings(conf, g, "topics", false, KITH_TOPICS_MAX, &rule->topics);
    for (size_t i = 0; i < rule->topics_count; i++) {
        if (!kith_pattern_valid(rule->topics[i]) ||
            !fits_any(a, rule->topics[i], KITH__NOTICE__BODY_EVENT))
            conf_fail(conf, g, "topics",
                      "\"%s\" fits no topic of events in this file: name one, or the beginning of "
                      "some and \".*\"",
                      rule->topics[i]);
    }
}

static size_t members_of(const kith_agreement_t *a)
{
    size_t count = 0;
    for (size_t i = 0; i < a->agencies_count; i++)
        count += !a->agencies[i].left;
    return count;
}

/* Not such a rule could be told from a mistake. */
static void check_can_fire(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                           const kith_rule_t *rule)
{
    if (rule->notices == 0 && rule->minutes == 0)
        conf_fail(conf, g, NULL,
                  "rule \"%s\" asks for nothing and would always hold: give \"notices\" or "
                  "\"minutes\"",
                  rule->name);
    if (rule->agencies > members_of(a))
        conf_fail(conf, g, "agencies",
                  "rule \"%s\" could never hold: there are %zu agencies, ask for so many at most",
                  rule->name, members_of(a));
    if (rule->proposes == KITH_PROPOSES_LEAD && !rule->unless_lead)
        conf_fail(conf, g, "unless_lead",
                  "a lead practitioner is wanted where there is none: leave \"unless_lead\" out");
}

static void load_name(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                      const char **ret_name)
{
    const char *name = conf_name(conf, g, "name");
    if (kith_agreement_rule(a, name) != NULL || kith_agreement_expected(a, name) != NULL)
        conf_fail(conf, g, "name", "rule \"%s\" is listed twice: choose another name", name);
    if (strcmp(name, KITH_RULE_NEED) == 0 || strcmp(name, KITH_RULE_TWICE) == 0)
        conf_fail(conf, g, "name", "\"%s\" is set by \"underlap\": choose another name", name);
    *ret_name = name;
}

static void load_rule(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                      kith_rule_t *rule)
{
    load_name(conf, g, a, &rule->name);
    const char *proposes = conf_str(conf, g, "proposes");
    rule->proposes =
        strcmp(proposes, "lead-practitioner") == 0 ? KITH_PROPOSES_LEAD : KITH_PROPOSES_EARLY_HELP;
    if (rule->proposes == KITH_PROPOSES_EARLY_HELP && strcmp(proposes, "early-help") != 0)
        conf_fail(conf, g, "proposes",
                  "\"proposes\" must be \"early-help\" or "
                  "\"lead-practitioner\"");
    rule->notices = (uint64_t)conf_int_or(conf, g, "notices", 0, KITH_RULE_COUNT_MAX, 0);
    rule->minutes = (uint64_t)conf_int_or(conf, g, "minutes", 0, KITH_RULE_COUNT_MAX, 0);
    rule->agencies = (size_t)conf_int_or(conf, g, "agencies", 1, KITH_AGENCIES_MAX, 1);
    rule->days = load_day_count(conf, g, "within");
    rule->unless_lead = conf_bool_or(conf, g, "unless_lead", true);
    load_topics(conf, g, a, rule);
    check_can_fire(conf, g, a, rule);
}

void partnership_rules(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "rules", false, KITH_RULES_MAX);
    a->rules = take(conf, arena, count, sizeof *a->rules);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_rule(conf, conf_list_at(conf, root, "rules", i), a, &a->rules[i]);
        a->rules_count = i + 1;
    }
}

/* ---- what is expected ---- */

/* At least one topic that fits may go from there to here. */
static bool may_come(const kith_agreement_t *a, const kith_expected_t *rule, const char *to)
{
    bool may = false;
    for (size_t i = 0; i < a->topics_count && !may; i++)
        may = kith_pattern_covers(rule->topic, a->topics[i].name) &&
              kith_agreement_permits(a, rule->from, to, a->topics[i].topic_class) != NULL;
    return may;
}

static void check_member(kith_conf_t *conf, const conf_group_t *g, const char *name,
                         const kith_agreement_t *a, const char *id)
{
    const kith_agency_t *agency = kith_agreement_agency(a, id);
    if (agency == NULL || agency->left)
        conf_fail(conf, g, name, "\"%s\" is no member: correct the id", id);
}

static void load_route(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                       kith_expected_t *rule)
{
    rule->topic = conf_str(conf, g, "topic");
    if (!kith_pattern_valid(rule->topic) || !fits_any(a, rule->topic, KITH__NOTICE__BODY__NOT_SET))
        conf_fail(conf, g, "topic",
                  "\"%s\" fits no topic of this file: name one, or the beginning of some and "
                  "\".*\"",
                  rule->topic);
    rule->from = conf_str(conf, g, "from");
    check_member(conf, g, "from", a, rule->from);
    rule->to_count = conf_strings(conf, g, "to", true, KITH_AGENCIES_MAX, &rule->to);
    if (rule->to_count == 0)
        conf_fail(conf, g, "to", "\"to\" is empty: name whose agents look");
    for (size_t i = 0; i < rule->to_count && conf_error(conf) == NULL; i++) {
        check_member(conf, g, "to", a, rule->to[i]);
        if (strcmp(rule->to[i], rule->from) == 0 || !may_come(a, rule, rule->to[i]))
            conf_fail(conf, g, "to", "this could never be met: no clause lets %s send %s to %s",
                      rule->from, rule->topic, rule->to[i]);
    }
}

static void load_expected(kith_conf_t *conf, const conf_group_t *g, const kith_agreement_t *a,
                          kith_expected_t *rule)
{
    load_name(conf, g, a, &rule->name);
    load_route(conf, g, a, rule);
    const char *calendar = conf_str(conf, g, "calendar");
    rule->calendar = kith_agreement_calendar(a, calendar);
    if (rule->calendar == NULL)
        conf_fail(conf, g, "calendar", "\"%s\" is no calendar of this file: correct the id",
                  calendar);
    rule->by_ms = partnership_time(conf, g, "by");
    if (rule->by_ms >= DAY_MS)
        conf_fail(conf, g, "by", "\"by\" must be a time before 24:00");
    rule->since_ms = *conf_str_or(conf, g, "since", "") ? partnership_time(conf, g, "since") : -1;
    if (rule->since_ms >= rule->by_ms)
        conf_fail(conf, g, "since",
                  "this could never be met: \"since\" must be earlier than \"by\"");
}

void partnership_expected(kith_conf_t *conf, kith_arena_t *arena, kith_agreement_t *a)
{
    const conf_group_t *root = conf_root(conf);
    size_t count = conf_list(conf, root, "expected", false, KITH_EXPECTED_MAX);
    a->expected = take(conf, arena, count, sizeof *a->expected);
    for (size_t i = 0; i < count && conf_error(conf) == NULL; i++) {
        load_expected(conf, conf_list_at(conf, root, "expected", i), a, &a->expected[i]);
        a->expected_count = i + 1;
    }
}

/* ---- needs ---- */

void partnership_underlap(kith_conf_t *conf, kith_agreement_t *a)
{
    const conf_group_t *g = conf_group(conf, conf_root(conf), "underlap", false);
    if (g == NULL)
        return;
    a->need_days = load_day_count(conf, g, "not_accepted_in");
    a->twice_days = load_day_count(conf, g, "asked_twice_within");
}
