/* I7: what was at a hub is there, or further on, as long as that hub has that store. I6: what was
 * delivered was allowed by the agreement it was made under. I12: an agency that misbehaves slows
 * nobody else to more than twice. */
#include "tests/check/judge_private.h"

#include <string.h>

#define PACES_MIN 100u /* fewer say nothing of a p99 */
#define SLOWER    2u

/* ---- I7 ---- */

static const broker_t *broker_of(const judge_t *self, const slot_t *slot)
{
    EACH(broker_t, broker, &self->brokers)
    if (slot->broker[0] && strcmp(broker->name, slot->broker) == 0)
        return broker;
    return NULL;
}

static bool has_arrived(const agent_t *origin, const agent_t *at, const slot_t *slot)
{
    taken_t key = {.n = slot->n};
    key.stream =
        (stream_t){.peer_epoch = origin->epoch, .own_epoch = at->epoch, .lane = slot->stream.lane};
    copy_text(key.stream.peer, NAME_SIZE, origin->name);
    return list_find(&at->taken, &key, compare_taken) ||
           list_find(&at->parked, &key, compare_taken);
}

/* A refusal that waits for its origin has taken the place of what it refuses: nothing is said of a
 * hub that holds any. */
static void judge_custody(judge_t *self, const agent_t *origin, const slot_t *slot)
{
    const broker_t *broker = broker_of(self, slot);
    const agent_t *at = judge_agent(self, slot->stream.peer);
    if (slot->voided || !broker || !broker->has_meta || broker->has_refusals || !at ||
        !at->has_meta || at->epoch != slot->stream.peer_epoch ||
        memcmp(broker->epoch, slot->broker_epoch, ID_SIZE) != 0)
        return;
    kept_t key = {0};
    copy_text(key.recipient, NAME_SIZE, at->name);
    memcpy(key.digest, slot->digest, DIGEST_SIZE);
    if (!list_find(&broker->envelopes, &key, compare_kept) && !has_arrived(origin, at, slot))
        judge_say(self, "I7", NULL,
                  "number %llu of %s to %s, lane %d, is called at the hub %s, and is neither there "
                  "nor at its recipient",
                  (unsigned long long)slot->n, origin->name, at->name, slot->stream.lane,
                  broker->name);
}

/* ---- I6 ---- */

static void judge_allowed(judge_t *self, const agent_t *at, const taken_t *taken)
{
    allowed_t key = {.version = taken->version};
    bool delivered = taken->outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
                     taken->outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
    if (!delivered || !list_find(&self->allowed, &key, compare_versions))
        return;
    copy_text(key.origin, NAME_SIZE, taken->stream.peer);
    copy_text(key.recipient, NAME_SIZE, at->name);
    copy_text(key.topic_class, NAME_SIZE, taken->topic_class);
    if (!list_find(&self->allowed, &key, compare_allowed))
        judge_say(self, "I6", &taken->id,
                  "%s was delivered %s of %s, class %s, which version %u does not allow", at->name,
                  judge_hex(&taken->id), taken->stream.peer, taken->topic_class, taken->version);
}

/* ---- I12 ---- */

static uint64_t p99(list_t *list)
{
    list_sort(list, compare_numbers);
    return ((const uint64_t *)list->items)[(list->count * 99 + 99) / 100 - 1];
}

static void judge_paces(judge_t *self)
{
    if (self->alone.count < PACES_MIN || self->beside.count < PACES_MIN)
        return;
    uint64_t alone = p99(&self->alone), beside = p99(&self->beside);
    if (beside > SLOWER * alone)
        judge_say(self, "I12", NULL,
                  "beside one that misbehaves the others' p99 is %llu ms, alone %llu ms",
                  (unsigned long long)beside, (unsigned long long)alone);
}

void rules_hub(judge_t *self)
{
    EACH(agent_t, agent, &self->agents)
    {
        EACH(slot_t, slot, &agent->slots)
        judge_custody(self, agent, slot);
        EACH(taken_t, taken, &agent->taken)
        judge_allowed(self, agent, taken);
    }
    judge_paces(self);
}
