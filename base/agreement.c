/* Looking things up in the agreement. A partnership has tens of members and clauses, so each list
 * is walked. */
#include "base/agreement.h"

#include "base/text.h"

#include <string.h>

bool kith_pattern_valid(const char *pattern)
{
    size_t size = strlen(pattern);
    if (strcmp(pattern, "*") == 0) {
        return true;
    }
    if (size > 2 && size <= KITH_NAME_MAX && strcmp(pattern + size - 2, ".*") == 0) {
        char start[KITH_NAME_MAX + 1];
        memcpy(start, pattern, size - 2);
        start[size - 2] = '\0';
        return kith_text_name(start);
    }
    return kith_text_name(pattern);
}

bool kith_pattern_covers(const char *pattern, const char *topic)
{
    size_t size = strlen(pattern);
    if (size > 0 && pattern[size - 1] == '*') {
        return strncmp(pattern, topic, size - 1) == 0;
    }
    return strcmp(pattern, topic) == 0;
}

const kith_agency_t *kith_agreement_agency(const kith_agreement_t *a, const char *id)
{
    for (size_t i = 0; i < a->agencies_count; i++) {
        if (strcmp(a->agencies[i].id, id) == 0) {
            return &a->agencies[i];
        }
    }
    return NULL;
}

bool kith_agreement_staffed(const kith_agreement_t *a, const char *agency, const char *role)
{
    const kith_agency_t *member = kith_agreement_agency(a, agency);
    for (size_t i = 0; member != NULL && i < member->unstaffed_count; i++) {
        if (strcmp(member->unstaffed[i], role) == 0) {
            return false;
        }
    }
    return member != NULL && !member->left;
}

static bool connects_with(const kith_keyring_t *ring, const uint8_t key[32])
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].state == KITH_KEY_CURRENT &&
            memcmp(ring->keys[i].key, key, sizeof ring->keys[i].key) == 0) {
            return true;
        }
    }
    return false;
}

const kith_agency_t *kith_agreement_by_transport(const kith_agreement_t *a, const uint8_t key[32])
{
    for (size_t i = 0; i < a->agencies_count; i++) {
        if (connects_with(&a->agencies[i].transport, key)) {
            return &a->agencies[i];
        }
    }
    return NULL;
}

const kith_broker_entry_t *kith_agreement_broker(const kith_agreement_t *a, const char *id)
{
    for (size_t i = 0; i < a->brokers_count; i++) {
        if (strcmp(a->brokers[i].id, id) == 0) {
            return &a->brokers[i];
        }
    }
    return NULL;
}

const kith_topic_t *kith_agreement_topic(const kith_agreement_t *a, const char *name)
{
    for (size_t i = 0; i < a->topics_count; i++) {
        if (strcmp(a->topics[i].name, name) == 0) {
            return &a->topics[i];
        }
    }
    return NULL;
}

const kith_clause_t *kith_agreement_clause(const kith_agreement_t *a, const char *id)
{
    for (size_t i = 0; i < a->clauses_count; i++) {
        if (strcmp(a->clauses[i].id, id) == 0) {
            return &a->clauses[i];
        }
    }
    return NULL;
}

const kith_calendar_t *kith_agreement_calendar(const kith_agreement_t *a, const char *id)
{
    for (size_t i = 0; i < a->calendars_count; i++) {
        if (strcmp(a->calendars[i].id, id) == 0) {
            return &a->calendars[i];
        }
    }
    return NULL;
}

const kith_clock_t *kith_agreement_clock(const kith_agreement_t *a, const char *name)
{
    for (size_t i = 0; i < a->clocks_count; i++) {
        if (strcmp(a->clocks[i].name, name) == 0) {
            return &a->clocks[i];
        }
    }
    return NULL;
}

const kith_cost_t *kith_agreement_cost(const kith_agreement_t *a, const char *code)
{
    for (size_t i = 0; i < a->costs_count; i++) {
        if (strcmp(a->costs[i].code, code) == 0) {
            return &a->costs[i];
        }
    }
    return NULL;
}

const kith_rule_t *kith_agreement_rule(const kith_agreement_t *a, const char *name)
{
    for (size_t i = 0; i < a->rules_count; i++) {
        if (strcmp(a->rules[i].name, name) == 0) {
            return &a->rules[i];
        }
    }
    return NULL;
}

const kith_expected_t *kith_agreement_expected(const kith_agreement_t *a, const char *name)
{
    for (size_t i = 0; i < a->expected_count; i++) {
        if (strcmp(a->expected[i].name, name) == 0) {
            return &a->expected[i];
        }
    }
    return NULL;
}

const kith_pot_t *kith_agreement_pot(const kith_agreement_t *a, const char *id)
{
    for (size_t i = 0; i < a->pots_count; i++) {
        if (strcmp(a->pots[i].id, id) == 0) {
            return &a->pots[i];
        }
    }
    return NULL;
}

int64_t kith_agreement_due(const kith_agreement_t *a, const char *clock, const char *agency,
                           int64_t ms)
{
    const kith_clock_t *runs = kith_agreement_clock(a, clock);
    return runs != NULL ? kith_agreement_over(a, runs, agency, ms) : 0;
}

int64_t kith_agreement_over(const kith_agreement_t *a, const kith_clock_t *clock,
                            const char *agency, int64_t ms)
{
    const kith_agency_t *member = kith_agreement_agency(a, agency);
    bool runs = member != NULL && (clock->unit == KITH_CLOCK_RUNS || member->calendar != NULL);
    return runs ? kith_clock_due(clock, member->calendar, ms) : 0;
}

const kith_public_key_t *kith_keyring_find(const kith_keyring_t *ring, const char *name)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (strcmp(ring->keys[i].name, name) == 0) {
            return &ring->keys[i];
        }
    }
    return NULL;
}

const kith_public_key_t *kith_keyring_current(const kith_keyring_t *ring)
{
    for (size_t i = 0; i < ring->count; i++) {
        if (ring->keys[i].state == KITH_KEY_CURRENT) {
            return &ring->keys[i];
        }
    }
    return NULL;
}

static bool listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "*") == 0 || strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool kith_clause_covers(const kith_clause_t *clause, const char *origin, const char *recipient,
                        const char *topic_class)
{
    return listed(clause->classes, clause->classes_count, topic_class) &&
           listed(clause->from, clause->from_count, origin) &&
           listed(clause->to, clause->to_count, recipient);
}

const kith_clause_t *kith_agreement_permits(const kith_agreement_t *a, const char *origin,
                                            const char *recipient, const char *topic_class)
{
    for (size_t i = 0; i < a->clauses_count; i++) {
        if (kith_clause_covers(&a->clauses[i], origin, recipient, topic_class)) {
            return &a->clauses[i];
        }
    }
    return NULL;
}

int kith_agreement_alert_level(const kith_agreement_t *a, const char *level)
{
    for (size_t i = 0; i < a->alert_levels_count; i++) {
        if (strcmp(a->alert_levels[i], level) == 0) {
            return (int)i;
        }
    }
    return -1;
}

bool kith_may_subscribe_covers(const kith_may_subscribe_t *may, const char *topic)
{
    return listed(may->topics, may->topics_count, topic);
}

bool kith_agreement_may_subscribe(const kith_agreement_t *a, const char *agency, const char *topic)
{
    for (size_t i = 0; i < a->may_subscribe_count; i++) {
        const kith_may_subscribe_t *entry = &a->may_subscribe[i];
        if (strcmp(entry->agency, agency) == 0 && kith_may_subscribe_covers(entry, topic)) {
            return true;
        }
    }
    return false;
}
