/* I4: streams are numbered without gaps, grow strictly, and both ends tell the same chain. I5: what
 * a notice was caused by stands before it, unless its row says that it does not; what it answers is
 * named among its causes. */
#include "tests/check/judge_private.h"

#include <string.h>

#define NUMBER(n) ((unsigned long long)(n))

/* ---- I4 ---- */

/* Envelopes of one stream are sealed in the order of their numbers; voids come whenever. */
static bool numbers_grow(const taken_t *before, const taken_t *taken)
{
    return taken->outcome == KITH__OUTCOME__OUTCOME_VOIDED || before->seq < taken->seq;
}

/* Its origin lost that store, or ran on an old copy of it until it was told: then numbers were
 * given twice, and the epoch has ended. */
static bool has_ended(const judge_t *self, const stream_t *stream)
{
    const agent_t *origin = judge_agent(self, stream->peer);
    return origin && origin->has_meta && origin->epoch != stream->peer_epoch;
}

/* Where its numbers begin: they are sorted by stream. */
static const taken_t *first_taken(const agent_t *at, const stream_t *stream)
{
    const taken_t key = {.stream = *stream}, *rows = at->taken.items;
    size_t low = 0, high = at->taken.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_taken(&rows[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return rows + low;
}

static void judge_stream(judge_t *self, const agent_t *at, const mark_t *mark)
{
    bool ended = has_ended(self, &mark->stream);
    uint64_t n = 0;
    const taken_t *before = NULL, *last = NULL, *end = (taken_t *)at->taken.items + at->taken.count;
    for (const taken_t *taken = first_taken(at, &mark->stream); taken < end; taken++) {
        mark_t of = {.stream = taken->stream};
        if (compare_marks(&of, mark) != 0)
            break;
        if (taken->n != ++n) {
            judge_say(self, "I4", NULL, "%s took number %llu of %s, lane %d, after %llu", at->name,
                      NUMBER(taken->n), mark->stream.peer, mark->stream.lane, NUMBER(n - 1));
            n = taken->n;
        }
        if (before && !ended && !numbers_grow(before, taken))
            judge_say(self, "I4", &taken->id, "%s took envelope %llu of %s after %llu", at->name,
                      NUMBER(taken->seq), mark->stream.peer, NUMBER(before->seq));
        if (taken->outcome != KITH__OUTCOME__OUTCOME_VOIDED)
            before = taken;
        last = taken;
    }
    if (n != mark->mark)
        judge_say(self, "I4", NULL, "%s has taken %llu of %s, lane %d, and its mark says %llu",
                  at->name, NUMBER(n), mark->stream.peer, mark->stream.lane, NUMBER(mark->mark));
    else if (last && memcmp(last->chain, mark->chain, DIGEST_SIZE) != 0)
        judge_say(self, "I4", NULL,
                  "%s: the chain of its stream from %s is not that of number %llu", at->name,
                  mark->stream.peer, NUMBER(n));
}

/* What the origin believes to be receipted, against what the recipient took. */
static void judge_ends(judge_t *self, const agent_t *origin, const mark_t *out)
{
    const agent_t *at = judge_agent(self, out->stream.peer);
    if (!at || !at->has_meta || at->epoch != out->stream.peer_epoch || out->mark == 0)
        return;
    taken_t key = {.n = out->mark};
    key.stream =
        (stream_t){.peer_epoch = origin->epoch, .own_epoch = at->epoch, .lane = out->stream.lane};
    copy_text(key.stream.peer, NAME_SIZE, origin->name);
    const taken_t *taken = list_find(&at->taken, &key, compare_taken);
    if (!taken)
        judge_say(self, "I4", NULL, "%s holds a receipt for number %llu to %s, which never took it",
                  origin->name, NUMBER(out->mark), at->name);
    else if (memcmp(taken->chain, out->chain, DIGEST_SIZE) != 0)
        judge_say(self, "I4", NULL, "%s and %s tell different chains at number %llu", origin->name,
                  at->name, NUMBER(out->mark));
    if (out->mark != out->last && !at->away)
        judge_say(self, "I1", NULL, "%s has receipts of %llu numbers to %s, and gave %llu",
                  origin->name, NUMBER(out->mark), at->name, NUMBER(out->last));
}

/* ---- I5 ---- */

static const feed_t *first_row(const agent_t *at, const notice_id_t *id)
{
    size_t low = 0, high = at->feed.count;
    const feed_t *rows = at->feed.items;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(&rows[middle].id, id, ID_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low < at->feed.count && same_id(&rows[low].id, id) && rows[low].early)
        low++;
    return low < at->feed.count && same_id(&rows[low].id, id) ? &rows[low] : NULL;
}

static bool is_held(const agent_t *at, const notice_id_t *id)
{
    notice_t key = {.id = *id};
    return list_find(&at->notices, &key, compare_notices) != NULL;
}

/* Some agency owes, or owed, that notice to this one. */
static bool is_addressed(const judge_t *self, const agent_t *at, const notice_id_t *id)
{
    debt_t key = {.id = *id};
    copy_text(key.recipient, NAME_SIZE, at->name);
    EACH(agent_t, origin, &self->agents)
    if (list_find(&origin->debts, &key, compare_debts))
        return true;
    return false;
}

static void judge_causes(judge_t *self, const agent_t *at, const notice_t *notice)
{
    const feed_t *row = first_row(at, &notice->id);
    if (notice->mine && notice->cause_unsaid)
        judge_say(self, "I5", &notice->id, "%s of %s does not name what it answers as its cause",
                  judge_hex(&notice->id), at->name);
    for (size_t i = 0; row && !row->cause_flagged && i < notice->causes_count; i++) {
        const notice_id_t *id = &notice->causes[i];
        const feed_t *cause = first_row(at, id);
        bool missing = !is_held(at, id) && is_addressed(self, at, id);
        if (missing || (cause && cause->seq > row->seq))
            judge_say(self, "I5", &notice->id,
                      "%s shows %s before its cause %s, and does not say so", at->name,
                      judge_hex(&notice->id), judge_hex(&notice->causes[i]));
    }
}

void rules_stream(judge_t *self)
{
    EACH(agent_t, agent, &self->agents)
    {
        EACH(mark_t, mark, &agent->in)
        judge_stream(self, agent, mark);
        EACH(mark_t, out, &agent->out)
        judge_ends(self, agent, out);
        EACH(notice_t, notice, &agent->notices)
        judge_causes(self, agent, notice);
    }
}
