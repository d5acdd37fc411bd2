/* I1: every notice that was stored at its origin has one outcome for each recipient, is delivered
 * exactly when its recipient holds it, with equal bytes, and ends otherwise only with a person's
 * task. I2: nothing in a store that its origin did not submit. I3: nothing twice. */
#include "tests/check/judge_private.h"

#include <string.h>

static bool delivered(int outcome)
{
    return outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
           outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
}

static bool is_applied(const agent_t *at, const char *origin, const notice_id_t *id)
{
    applied_t key = {.id = *id};
    copy_text(key.origin, NAME_SIZE, origin);
    return list_find(&at->applied, &key, compare_applied) != NULL;
}

static notice_t *find_notice(const agent_t *at, const notice_id_t *id)
{
    notice_t key = {.id = *id};
    return list_find(&at->notices, &key, compare_notices);
}

static debt_t *find_debt(const agent_t *at, const notice_id_t *id, const char *recipient)
{
    debt_t key = {.id = *id};
    copy_text(key.recipient, NAME_SIZE, recipient);
    return list_find(&at->debts, &key, compare_debts);
}

/* ---- I1 ---- */

static taken_t *find_taken(const list_t *list, const agent_t *origin, const debt_t *debt)
{
    taken_t key = {.n = debt->n};
    copy_text(key.stream.peer, NAME_SIZE, origin->name);
    key.stream.peer_epoch = origin->epoch;
    key.stream.own_epoch = debt->recipient_epoch;
    key.stream.lane = debt->lane == KITH__LANE__LANE_URGENT ? 0 : 1;
    return list_find(list, &key, compare_taken);
}

static void same_bytes(judge_t *self, const agent_t *origin, const agent_t *at, const debt_t *debt)
{
    const notice_t *sent = find_notice(origin, &debt->id), *held = find_notice(at, &debt->id);
    if (sent && held && sent->bytes_size == held->bytes_size && sent->bytes_sum == held->bytes_sum)
        return;
    judge_say(self, "I1", &debt->id, "%s of %s: %s", judge_hex(&debt->id), origin->name,
              !sent   ? "its origin holds no such notice"
              : !held ? "counted as applied, yet not held by its recipient"
                      : "its recipient holds other bytes than were submitted");
}

static void quarantined_whole(judge_t *self, const agent_t *origin, const agent_t *at,
                              const debt_t *debt)
{
    const taken_t *taken = find_taken(&at->taken, origin, debt);
    const taken_t *row = find_taken(&at->quarantined, origin, debt);
    if (at->epoch != debt->recipient_epoch)
        return; /* that store is gone */
    if (taken && taken->outcome != KITH__OUTCOME__OUTCOME_QUARANTINED)
        row = NULL;
    if (!taken || !row)
        judge_say(self, "I1", &debt->id,
                  "%s of %s is called quarantined by %s as number %llu, which it took as %s, %s",
                  judge_hex(&debt->id), origin->name, at->name, (unsigned long long)debt->n,
                  taken ? judge_outcome(taken->outcome) : "nothing",
                  row ? "and kept" : "and kept nothing of it");
    else if (!row->whole)
        judge_say(self, "I1", &debt->id, "%s of %s was quarantined by %s without its content",
                  judge_hex(&debt->id), origin->name, at->name);
}

/* Silence is no outcome. The task stays when it has been done. */
static void must_be_told(judge_t *self, const agent_t *origin, const debt_t *debt, const char *kind)
{
    told_t key = {.id = debt->id};
    copy_text(key.recipient, NAME_SIZE, debt->recipient);
    copy_text(key.kind, WORD_SIZE, kind);
    if (!list_find(&origin->told, &key, compare_told))
        judge_say(self, "I1", &debt->id, "%s of %s was %s for %s and nobody was told",
                  judge_hex(&debt->id), origin->name, kind, debt->recipient);
}

static void judge_debt(judge_t *self, const agent_t *origin, const debt_t *debt)
{
    if (debt->outcome == KITH__OUTCOME__OUTCOME_REFUSED)
        must_be_told(self, origin, debt, "refused");
    if (debt->outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        must_be_told(self, origin, debt, "quarantined");
    if (debt->expired)
        must_be_told(self, origin, debt, "expired");
    const agent_t *at = judge_agent(self, debt->recipient);
    bool away = at && at->away;
    if (debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED) {
        if (!away)
            judge_say(self, "I1", &debt->id, "%s of %s has no outcome for %s (n %llu)",
                      judge_hex(&debt->id), origin->name, debt->recipient,
                      (unsigned long long)debt->n);
        return;
    }
    if (!at || !at->has_meta)
        return; /* its store is not among what came in */
    bool applied = is_applied(at, origin->name, &debt->id);
    bool again = self->again_may_fail && !applied && debt->recipient_epoch < at->epoch;
    if (delivered(debt->outcome) != applied && !away && !again)
        judge_say(self, "I1", &debt->id, "%s of %s: %s at its origin, yet %s by %s",
                  judge_hex(&debt->id), origin->name, judge_outcome(debt->outcome),
                  applied ? "applied" : "not applied", at->name);
    if (applied && delivered(debt->outcome))
        same_bytes(self, origin, at, debt);
    if (debt->outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        quarantined_whole(self, origin, at, debt);
}

/* What a client was told is stored here. */
static void judge_answer(judge_t *self, const seen_t *seen)
{
    const agent_t *origin = judge_agent(self, seen->node);
    if (!origin || !origin->has_meta || seen->lost_since)
        return;
    if (!find_notice(origin, &seen->id)) {
        judge_say(self, "I7", &seen->id,
                  "%s was told to a client as stored, and %s does not hold it",
                  judge_hex(&seen->id), origin->name);
        return;
    }
    for (size_t i = 0; i < seen->recipients_count; i++)
        if (!find_debt(origin, &seen->id, seen->recipients[i]))
            judge_say(self, "I1", &seen->id, "%s of %s was never owed to %s", judge_hex(&seen->id),
                      origin->name, seen->recipients[i]);
}

/* ---- I2 ---- */

/* Taken as delivered in a stream of this origin's present store. */
static void judge_taken(judge_t *self, const agent_t *at, const taken_t *taken)
{
    const agent_t *origin = judge_agent(self, taken->stream.peer);
    if (!taken->header_fits)
        judge_say(self, "I2", &taken->id,
                  "%s took number %llu of %s without its origin's word for it", at->name,
                  (unsigned long long)taken->n, taken->stream.peer);
    if (!delivered(taken->outcome) || !origin || !origin->has_meta ||
        origin->epoch != taken->stream.peer_epoch)
        return;
    const notice_t *sent = find_notice(origin, &taken->id);
    if (!sent || !sent->mine || !find_debt(origin, &taken->id, at->name))
        judge_say(self, "I2", &taken->id, "%s took %s, which %s never %s", at->name,
                  judge_hex(&taken->id), origin->name, sent ? "owed to it" : "submitted");
    if (!is_applied(at, origin->name, &taken->id))
        judge_say(self, "I1", &taken->id, "%s took %s of %s as delivered and has not applied it",
                  at->name, judge_hex(&taken->id), origin->name);
}

/* ---- I3 ---- */

static int compare_taken_ids(const void *a, const void *b)
{
    const taken_t *x = a, *y = b;
    int order = strcmp(x->stream.peer, y->stream.peer);
    return order ? order : memcmp(&x->id, &y->id, ID_SIZE);
}

static void judge_twice(judge_t *self, const agent_t *at)
{
    list_t once = {0};
    EACH(taken_t, taken, &at->taken)
    if (delivered(taken->outcome))
        *(taken_t *)list_add(&once, sizeof *taken) = *taken;
    list_sort(&once, compare_taken_ids);
    const taken_t *all = once.items;
    for (size_t i = 1; i < once.count; i++)
        if (compare_taken_ids(&all[i - 1], &all[i]) == 0)
            judge_say(self, "I3", &all[i].id, "%s applied %s of %s twice, as %llu and %llu",
                      at->name, judge_hex(&all[i].id), all[i].stream.peer,
                      (unsigned long long)all[i - 1].n, (unsigned long long)all[i].n);
    list_free(&once);
    const feed_t *before = NULL;
    EACH(feed_t, feed, &at->feed)
    {
        if (feed->early || feed->replaced)
            continue;
        if (before && same_id(&before->id, &feed->id))
            judge_say(self, "I3", &feed->id, "%s shows %s twice", at->name, judge_hex(&feed->id));
        before = feed;
    }
}

void rules_delivery(judge_t *self)
{
    EACH(seen_t, seen, &self->seen)
    if (seen->type == JUDGE_OK)
        judge_answer(self, seen);
    EACH(agent_t, agent, &self->agents)
    {
        EACH(debt_t, debt, &agent->debts)
        judge_debt(self, agent, debt);
        EACH(taken_t, taken, &agent->taken)
        judge_taken(self, agent, taken);
        judge_twice(self, agent);
    }
}
