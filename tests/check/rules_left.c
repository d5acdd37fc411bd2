/* I11: after quiet nothing is left over that nobody is owed, counts that are kept fit what they
 * count, and no mailbox holds more than its quota. */
#include "tests/check/judge_private.h"

#include <stdlib.h>
#include <string.h>

/* ---- agents ---- */

static owed_t count_debts(const agent_t *agent, const char *recipient)
{
    owed_t counted = {0};
    EACH(debt_t, debt, &agent->debts)
    {
        if (strcmp(debt->recipient, recipient) != 0)
            continue;
        bool open = debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED;
        counted.sent++;
        counted.delivered += debt->outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
                             debt->outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
        counted.refused += debt->outcome == KITH__OUTCOME__OUTCOME_REFUSED;
        counted.quarantined += debt->outcome == KITH__OUTCOME__OUTCOME_QUARANTINED;
        counted.stored_here += open && !debt->at_the_hub;
        counted.at_the_hub += open && debt->at_the_hub;
        counted.expired += open && debt->expired;
    }
    return counted;
}

static void judge_owed(judge_t *self, const agent_t *agent, const owed_t *kept)
{
    owed_t counted = count_debts(agent, kept->recipient);
    if (counted.sent != kept->sent || counted.delivered != kept->delivered ||
        counted.refused != kept->refused || counted.quarantined != kept->quarantined ||
        counted.stored_here != kept->stored_here || counted.at_the_hub != kept->at_the_hub ||
        counted.expired != kept->expired)
        judge_say(self, "I11", NULL, "%s counts its debts to %s other than they are", agent->name,
                  kept->recipient);
}

static bool anyone_away(const judge_t *self)
{
    EACH(agent_t, agent, &self->agents)
    if (agent->away)
        return true;
    return false;
}

static void judge_rest(judge_t *self, const agent_t *agent)
{
    const struct {
        const char *table;
        size_t rows;
    } empty[] = {{"unsealed", agent->unsealed},
                 {"out", agent->slots.count},
                 {"envelopes", agent->envelopes},
                 {"parked", agent->parked.count}};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0] && !anyone_away(self); i++)
        if (empty[i].rows)
            judge_say(self, "I11", NULL, "%zu rows are left in table %s of %s", empty[i].rows,
                      empty[i].table, agent->name);
}

/* ---- brokers ---- */

static const waiting_t *find_lane(const list_t *list, const waiting_t *lane)
{
    EACH(waiting_t, one, list)
    if (one->lane == lane->lane && strcmp(one->recipient, lane->recipient) == 0)
        return one;
    return NULL;
}

static void judge_lane(judge_t *self, const broker_t *broker, const waiting_t *kept)
{
    static const waiting_t none;
    const waiting_t *rows = find_lane(&broker->rows, kept);
    const agent_t *agent = judge_agent(self, kept->recipient);
    rows = rows ? rows : &none;
    if (kept->messages != rows->messages || kept->others != rows->others)
        judge_say(self, "I11", NULL, "%s counts %llu messages for %s and holds %llu", broker->name,
                  (unsigned long long)kept->messages, kept->recipient,
                  (unsigned long long)rows->messages);
    if (self->quota && rows->messages > self->quota)
        judge_say(self, "I11", NULL, "%s holds %llu messages for %s; the quota is %llu",
                  broker->name, (unsigned long long)rows->messages, kept->recipient,
                  (unsigned long long)self->quota);
    if (rows->messages && agent && !agent->away)
        judge_say(self, "I11", NULL, "%s still holds %llu messages for %s, which is there",
                  broker->name, (unsigned long long)rows->messages, kept->recipient);
}

/* Each body is named by a row, each row names a body. */
static void judge_bodies(judge_t *self, broker_t *broker)
{
    list_sort(&broker->bodies, compare_numbers);
    list_sort(&broker->named, compare_numbers);
    EACH(uint64_t, body, &broker->bodies)
    if (!list_find(&broker->named, body, compare_numbers))
        judge_say(self, "I11", NULL, "%s keeps body %llu for nobody", broker->name,
                  (unsigned long long)*body);
    EACH(uint64_t, named, &broker->named)
    if (!list_find(&broker->bodies, named, compare_numbers))
        judge_say(self, "I11", NULL, "%s owes somebody body %llu and does not have it",
                  broker->name, (unsigned long long)*named);
}

void rules_left(judge_t *self)
{
    EACH(agent_t, agent, &self->agents)
    {
        EACH(owed_t, kept, &agent->owed)
        judge_owed(self, agent, kept);
        judge_rest(self, agent);
    }
    EACH(broker_t, broker, &self->brokers)
    {
        EACH(waiting_t, kept, &broker->kept)
        judge_lane(self, broker, kept);
        judge_bodies(self, broker);
    }
}
