/* What clients were told, against what is there in the end. I7: delivered stays delivered. I8:
 * states move along the table. I10: what was refused left no trace, and one token names one notice.
 * I13: settled in time. I15: a look that was shown was recorded. */
#include "tests/check/judge_private.h"

#include <string.h>

/* ---- I8: what may follow what ---- */

typedef enum state {
    STATE_STORED,
    STATE_HUB,
    STATE_EXPIRED,
    STATE_DELIVERED,
    STATE_LATE,
    STATE_SEEN,
    STATE_REFUSED,
    STATE_QUARANTINED,
    STATES,
} state;

static const char *const state_words[STATES] = {
    [STATE_STORED] = "stored here",  [STATE_HUB] = "at the hub",
    [STATE_EXPIRED] = "expired",     [STATE_DELIVERED] = "delivered",
    [STATE_LATE] = "delivered late", [STATE_SEEN] = "seen",
    [STATE_REFUSED] = "refused",     [STATE_QUARANTINED] = "quarantined",
};

#define MAY(to) (1u << STATE_##to)
#define OPEN    (MAY(STORED) | MAY(HUB) | MAY(EXPIRED))
#define ENDS    (MAY(DELIVERED) | MAY(LATE) | MAY(SEEN) | MAY(REFUSED) | MAY(QUARANTINED))

/* A hub's store may be lost: then it is stored here again. Sealed anew after a quarantine that a
 * key caused, it may still be delivered. */
static const unsigned may_follow[STATES] = {
    [STATE_STORED] = OPEN | ENDS,
    [STATE_HUB] = OPEN | ENDS,
    [STATE_EXPIRED] = MAY(EXPIRED) | MAY(LATE) | MAY(SEEN) | MAY(REFUSED) | MAY(QUARANTINED),
    [STATE_DELIVERED] = MAY(DELIVERED) | MAY(SEEN),
    [STATE_LATE] = MAY(LATE) | MAY(SEEN),
    [STATE_SEEN] = MAY(SEEN),
    [STATE_REFUSED] = MAY(REFUSED),
    [STATE_QUARANTINED] = MAY(QUARANTINED) | MAY(DELIVERED) | MAY(LATE) | MAY(SEEN),
};

static state state_of(const char *word)
{
    state found = STATE_STORED;
    while (found < STATES && strcmp(state_words[found], word) != 0)
        found++;
    return found;
}

typedef const seen_t *seen_p;

static int compare_whose(const seen_t *a, const seen_t *b)
{
    int order = memcmp(&a->id, &b->id, ID_SIZE);
    if (!order)
        order = strcmp(a->node, b->node);
    return order ? order : strcmp(a->recipient, b->recipient);
}

static int compare_states(const void *a, const void *b)
{
    const seen_t *x = *(const seen_p *)a, *y = *(const seen_p *)b;
    int order = compare_whose(x, y);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* before: the state it was seen in last; NULL: this is the first. */
static void judge_state(judge_t *self, const seen_t *before, const seen_t *seen)
{
    state now = state_of(seen->state);
    state then = before ? state_of(before->state) : STATES;
    if (now == STATES)
        judge_say(self, "I8", &seen->id, "%s for %s is in a state of no name: %s",
                  judge_hex(&seen->id), seen->recipient, seen->state);
    else if (then < STATES && !before->lost_since && !(may_follow[then] >> now & 1))
        judge_say(self, "I8", &seen->id, "%s for %s was %s, then %s", judge_hex(&seen->id),
                  seen->recipient, before->state, seen->state);
}

static void judge_states(judge_t *self)
{
    list_t states = {0};
    EACH(seen_t, seen, &self->seen)
    if (seen->type == JUDGE_STATE)
        *(seen_p *)list_add(&states, sizeof seen) = seen;
    list_sort(&states, compare_states);
    const seen_t *before = NULL;
    EACH(seen_p, one, &states)
    {
        bool same = before && compare_whose(before, *one) == 0;
        judge_state(self, same ? before : NULL, *one);
        before = *one;
    }
    list_free(&states);
}

/* ---- I7 ---- */

static void judge_kept(judge_t *self, const seen_t *seen)
{
    state said = state_of(seen->state);
    const agent_t *at = judge_agent(self, seen->recipient);
    if ((said != STATE_DELIVERED && said != STATE_LATE && said != STATE_SEEN) || !at ||
        !at->has_meta || seen->lost_since)
        return;
    applied_t key = {.id = seen->id};
    copy_text(key.origin, NAME_SIZE, seen->node);
    if (!list_find(&at->applied, &key, compare_applied))
        judge_say(self, "I7", &seen->id, "%s was said to be %s, and %s does not have it",
                  judge_hex(&seen->id), seen->state, at->name);
}

/* ---- I10 ---- */

static const token_t *find_token(const judge_t *self, const seen_t *seen)
{
    const agent_t *agent = judge_agent(self, seen->node);
    token_t key = {0};
    copy_text(key.hex, sizeof key.hex, seen->token);
    return agent ? list_find(&agent->tokens, &key, compare_tokens) : NULL;
}

static void judge_token(judge_t *self, const seen_t *seen)
{
    const agent_t *agent = judge_agent(self, seen->node);
    if (!agent || !agent->has_meta || seen->lost_since)
        return;
    const token_t *token = find_token(self, seen);
    if (seen->type == JUDGE_REFUSED && token)
        judge_say(self, "I10", &token->id, "%s refused token %s, and has it as %s", agent->name,
                  seen->token, judge_hex(&token->id));
    if (seen->type == JUDGE_OK && seen->token[0] && (!token || !same_id(&token->id, &seen->id)))
        judge_say(self, "I10", &seen->id, "token %s of %s was answered with %s, and now names %s",
                  seen->token, agent->name, judge_hex(&seen->id),
                  token ? judge_hex(&token->id) : "nothing");
}

/* ---- I13, I15 ---- */

static void judge_time(judge_t *self)
{
    const seen_t *healed = NULL;
    EACH(seen_t, seen, &self->seen)
    {
        if (seen->type == JUDGE_HEALED)
            healed = seen;
        if (seen->type == JUDGE_SETTLED && healed &&
            seen->at_ms - healed->at_ms > self->settle_max_ms)
            judge_say(self, "I13", NULL, "%lld ms from the last fault until all was settled",
                      (long long)(seen->at_ms - healed->at_ms));
    }
}

static void judge_looks(judge_t *self, const agent_t *agent)
{
    size_t shown = 0;
    EACH(seen_t, seen, &self->seen)
    shown += seen->type == JUDGE_LOOK && !seen->lost_since && strcmp(seen->node, agent->name) == 0;
    if (agent->has_meta && agent->looks < shown)
        judge_say(self, "I15", NULL, "%s has shown %zu looks at a family and recorded %zu",
                  agent->name, shown, agent->looks);
}

void rules_history(judge_t *self)
{
    judge_states(self);
    EACH(seen_t, seen, &self->seen)
    {
        if (seen->type == JUDGE_STATE)
            judge_kept(self, seen);
        if (seen->type == JUDGE_OK || seen->type == JUDGE_REFUSED)
            judge_token(self, seen);
    }
    judge_time(self);
    EACH(agent_t, agent, &self->agents)
    judge_looks(self, agent);
}
