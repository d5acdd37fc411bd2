/* What the partnership wants to be asked when a family's events come to so many: early help, or a
 * lead practitioner. A proposal to people, made once, from counts of what this agency lawfully has;
 * nothing about a person is reckoned or kept. Looked at when an event comes, when the household
 * changes, and when time takes a day out of the window. The states are drawn in docs/STATES.md. */
#include "agents/work/parts.h"

/* ---- where a rule stands ---- */

static kith_key_t key_of(const char *rule, kith_bytes_t household, const char *need)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, rule);
    kith_key_raw(&key, household);
    kith_key_raw(&key, kith_bytes_str(need));
    return key;
}

kith_err rule_find(const work_ctx_t *at, const char *rule, kith_bytes_t household, const char *need,
                   rule_row_t *ret_row)
{
    rule_row_t found = {.key = key_of(rule, household, need)};
    Kith__Store__RuleRow *row = NULL;
    WORK_TRY(view_find_rule(at, kith_key_bytes(&found.key), &row));
    kith__store__rule_row__init(&found.row);
    found.held = row != NULL;
    found.row = found.held ? *row : found.row;
    *ret_row = found;
    return KITH_OK;
}

kith_err rule_keep(const work_ctx_t *at, rule_row_t *rule, int64_t next_ms)
{
    kith_bytes_t key = kith_key_bytes(&rule->key);
    if (rule->row.next_ms != next_ms) {
        if (rule->row.next_ms != 0) {
            WORK_TRY(due_clear(at, AGENT_TABLE_RULES_DUE, rule->row.next_ms, key));
        }
        if (next_ms != 0) {
            WORK_TRY(due_set(at, AGENT_TABLE_RULES_DUE, next_ms, key));
        }
        rule->row.next_ms = next_ms;
    }
    rule->held = true;
    return view_put_rule(at, key, &rule->row);
}

kith_err rule_drop(const work_ctx_t *at, const rule_row_t *rule)
{
    kith_bytes_t key = kith_key_bytes(&rule->key);
    if (!rule->held) {
        return KITH_OK;
    }
    if (rule->row.next_ms != 0) {
        WORK_TRY(due_clear(at, AGENT_TABLE_RULES_DUE, rule->row.next_ms, key));
    }
    return kith_del(at->txn, AGENT_TABLE_RULES, key);
}

/* ---- counts in a window ---- */

static bool fits(const kith_rule_t *rule, const char *topic)
{
    bool any = rule->topics_count == 0;
    for (size_t i = 0; i < rule->topics_count && !any; i++) {
        any = kith_pattern_covers(rule->topics[i], topic);
    }
    return any;
}

/* Agencies told apart, as many as the rule wants. */
typedef struct told_apart {
    size_t count;
    const char **names;
} told_apart_t;

static void tell_apart(kith_arena_t *arena, told_apart_t *agencies, size_t wanted, const char *name)
{
    bool known = agencies->count == wanted;
    for (size_t i = 0; i < agencies->count && !known; i++) {
        known = strcmp(agencies->names[i], name) == 0;
    }
    if (!known) {
        agencies->names[agencies->count++] = kith_arena_str(arena, name);
    }
}

/* From the newest day back, until all that the rule wants is there: the day that brought the last
 * of it is the one that will be missed first. */
static kith_err is_passed(const work_ctx_t *at, const kith_rule_t *rule, kith_bytes_t household,
                          bool *ret_passed, int64_t *ret_until_ms)
{
    told_apart_t agencies = {
        .names = kith_arena_need(at->arena, rule->agencies * sizeof *agencies.names)};
    int64_t today = load_day(at->now_ms);
    uint64_t notices = 0, minutes = 0;
    kith_key_t before;
    kith_key_clear(&before);
    *ret_passed = false;
    for (;;) {
        kith_bytes_t key, value;
        kith_err err =
            kith_prev(at->txn, AGENT_TABLE_LOAD, household, kith_key_bytes(&before), &key, &value);
        if (err != KITH_OK) {
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        kith_key_t place = {0};
        kith_key_raw(&place, key);
        load_place_t where = load_place(kith_key_bytes(&place), household.size);
        before = place;
        if (where.day <= today - rule->days) {
            return KITH_OK;
        }
        if (!fits(rule, where.topic)) {
            continue;
        }
        Kith__Store__LoadDayRow *day = NULL;
        WORK_TRY(view_find_load(at, kith_key_bytes(&place), &day));
        if (day == NULL) {
            return KITH_CORRUPT;
        }
        notices += day->count;
        minutes += day->minutes;
        tell_apart(at->arena, &agencies, rule->agencies, where.agency);
        if (notices >= rule->notices && minutes >= rule->minutes &&
            agencies.count == rule->agencies) {
            *ret_passed = true;
            *ret_until_ms = (where.day + rule->days) * LOAD_DAY_MS - 1;
            return KITH_OK;
        }
    }
}

/* ---- one rule, one household ---- */

static const char *task_of(const kith_rule_t *rule)
{
    return rule->proposes == KITH_PROPOSES_LEAD ? "lead-practitioner-wanted"
                                                : "early-help-proposed";
}

/* What the rule wants, not what there is: no running number of a family stands in a line. */
static char *words_of(kith_arena_t *arena, const kith_rule_t *rule)
{
    const char *events = rule->notices == 0 ? "events"
                                            : kith_arena_printf(arena, "%llu or more events",
                                                                (unsigned long long)rule->notices);
    const char *minutes = rule->minutes == 0 ? ""
                                             : kith_arena_printf(arena, " of %llu or more minutes",
                                                                 (unsigned long long)rule->minutes);
    const char *agencies =
        rule->agencies == 1 ? "" : kith_arena_printf(arena, " by %zu agencies", rule->agencies);
    return kith_arena_printf(arena, "%s: %s%s%s within %lld days%s", rule->name, events, minutes,
                             agencies, (long long)rule->days,
                             rule->unless_lead ? ", and nobody leads" : "");
}

static kith_err propose(const work_ctx_t *at, const kith_rule_t *rule, kith_bytes_t household,
                        kith_bytes_t cause)
{
    task_said_t said = {
        .kind = task_of(rule),
        .notice = household,
        .agency = at->work->agency,
        .reason = words_of(at->arena, rule),
        .household = household,
    };
    line_t line = {0};
    line_add(&line, rule->proposes == KITH_PROPOSES_LEAD ? "lead practitioner wanted: "
                                                         : "early help proposed: ");
    line_add(&line, said.reason);
    WORK_TRY(task_open(at, &said));
    return feed_tell(at, cause, household, said.kind, line_text(at->arena, &line));
}

/* Passed is told when it begins; it ends when the counts fall, or somebody leads. */
static kith_err look(const work_ctx_t *at, const kith_rule_t *rule, kith_bytes_t household,
                     const Kith__Store__HouseholdRow *row, kith_bytes_t cause)
{
    const char *why = "";
    bool led = rule->unless_lead && lead_state(at->work->agreement, row, &why) == LEAD_HELD;
    rule_row_t state;
    WORK_TRY(rule_find(at, rule->name, household, "", &state));
    bool passed = false;
    int64_t until_ms = 0;
    if (!led) {
        WORK_TRY(is_passed(at, rule, household, &passed, &until_ms));
    } else {
        WORK_TRY(task_end(at, task_of(rule), household, at->work->agency, household_lead(row)));
    }
    if (!passed) {
        return rule_drop(at, &state);
    }
    if (state.held && state.row.next_ms == until_ms) {
        return KITH_OK;
    }
    if (!state.held) {
        state.row.passed_ms = at->now_ms;
        WORK_TRY(propose(at, rule, household, cause));
    }
    return rule_keep(at, &state, until_ms);
}

kith_err rules_look(const work_ctx_t *at, kith_bytes_t household, kith_bytes_t cause)
{
    const kith_agreement_t *a = at->work->agreement;
    Kith__Store__HouseholdRow *row = NULL;
    if (a->rules_count > 0 && household.size > 0) {
        WORK_TRY(household_find(at, household, &row));
    }
    for (size_t i = 0; i < a->rules_count && row != NULL; i++) {
        WORK_TRY(look(at, &a->rules[i], household, row, cause));
    }
    return KITH_OK;
}

kith_err rules_follow(const work_case_t *c)
{
    bool changes = c->notice->body_case == KITH__NOTICE__BODY_HOUSEHOLD_CHANGE;
    if (c->row->counted || (changes && !c->in->early)) {
        WORK_TRY(rules_look(&c->at, bytes_of(c->row->household), bytes_of(c->notice->id)));
    }
    return underlap_follow(c);
}

kith_err rules_moved(const work_ctx_t *at, const Kith__Notice *notice, kith_bytes_t before,
                     kith_bytes_t after)
{
    WORK_TRY(rules_look(at, before, bytes_of(notice->id)));
    WORK_TRY(rules_look(at, after, bytes_of(notice->id)));
    if (notice->body_case != KITH__NOTICE__BODY_REFERRAL) {
        return KITH_OK;
    }
    WORK_TRY(underlap_look(at, before, need_of(at->arena, notice)));
    return underlap_look(at, after, need_of(at->arena, notice));
}

kith_err rules_passed(const work_ctx_t *at, kith_bytes_t household, size_t *ret_count,
                      char ***ret_names)
{
    const kith_agreement_t *a = at->work->agreement;
    char **names = kith_arena_need(at->arena, (a->rules_count + 1) * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < a->rules_count; i++) {
        bool passed = false;
        int64_t until_ms = 0;
        WORK_TRY(is_passed(at, &a->rules[i], household, &passed, &until_ms));
        if (passed) {
            names[count++] = text_of(a->rules[i].name);
        }
    }
    *ret_count = count;
    *ret_names = names;
    return KITH_OK;
}

/* ---- time ---- */

kith_err rule_due(const work_ctx_t *at, kith_bytes_t key)
{
    kith_key_reader_t reader = {key};
    const char *name = kith_key_read_name(&reader);
    const kith_rule_t *rule = kith_agreement_rule(at->work->agreement, name);
    const kith_expected_t *expected = kith_agreement_expected(at->work->agreement, name);
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(rule != NULL ? household_find(at, reader.rest, &row) : KITH_OK);
    if (row != NULL) {
        return look(at, rule, reader.rest, row, (kith_bytes_t){0}); /* it can only have fallen */
    }
    if (strcmp(name, KITH_RULE_NEED) == 0) {
        return underlap_due(at, reader.rest);
    }
    rule_row_t state;
    WORK_TRY(rule_find(at, name, reader.rest, "", &state));
    return expected != NULL && reader.rest.size == 0 ? expected_due(at, expected, &state)
                                                     : rule_drop(at, &state);
}
