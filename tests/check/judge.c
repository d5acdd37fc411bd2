/* The judge's door: events, stories, the order of the rules. */
#include "tests/check/judge_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_MAX_MS 60000
#define STORY_LINES   8u
#define STORIES_MAX   100u /* more violations than that are told without one */

judge_t *judge_new(void)
{
    judge_t *self = calloc(1, sizeof *self);
    if (!self)
        abort();
    self->settle_max_ms = SETTLE_MAX_MS;
    return self;
}

static void free_agent(agent_t *agent)
{
    EACH(notice_t, notice, &agent->notices)
    free(notice->causes);
    list_t *lists[] = {&agent->notices,     &agent->debts, &agent->applied, &agent->taken,
                       &agent->quarantined, &agent->in,    &agent->out,     &agent->feed,
                       &agent->tokens,      &agent->owed,  &agent->told,    &agent->slots,
                       &agent->parked};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        list_free(lists[i]);
}

void judge_destroy(judge_t **self_p)
{
    judge_t *self = *self_p;
    if (!self)
        return;
    EACH(agent_t, agent, &self->agents)
    free_agent(agent);
    EACH(broker_t, broker, &self->brokers)
    {
        list_free(&broker->rows);
        list_free(&broker->kept);
        list_free(&broker->bodies);
        list_free(&broker->named);
        list_free(&broker->envelopes);
    }
    EACH(seen_t, seen, &self->seen)
    free(seen->recipients);
    list_free(&self->agents);
    list_free(&self->brokers);
    list_free(&self->seen);
    list_free(&self->allowed);
    list_free(&self->alone);
    list_free(&self->beside);
    free(self);
    *self_p = NULL;
}

void judge_quota(judge_t *self, uint64_t messages_max)
{
    self->quota = messages_max;
}

void judge_again_may_fail(judge_t *self)
{
    self->again_may_fail = true;
}

void judge_settle_max(judge_t *self, int64_t ms)
{
    self->settle_max_ms = ms;
}

void judge_allow(judge_t *self, uint32_t version, const char *origin, const char *recipient,
                 const char *topic_class)
{
    allowed_t *allowed = list_add(&self->allowed, sizeof *allowed);
    allowed->version = version;
    copy_text(allowed->origin, NAME_SIZE, origin);
    copy_text(allowed->recipient, NAME_SIZE, recipient);
    copy_text(allowed->topic_class, NAME_SIZE, topic_class);
}

void judge_pace(judge_t *self, bool beside, uint64_t ms)
{
    *(uint64_t *)list_add(beside ? &self->beside : &self->alone, sizeof ms) = ms;
}

agent_t *judge_agent(const judge_t *self, const char *name)
{
    EACH(agent_t, agent, &self->agents)
    if (strcmp(agent->name, name) == 0)
        return agent;
    return NULL;
}

/* ---- events ---- */

void copy_text(char *ret_text, size_t size, const char *text)
{
    size_t length = text ? strnlen(text, size - 1) : 0;
    if (length)
        memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

/* One disk is lost: what only it held is not promised any more. */
static void mark_lost(judge_t *self, const char *node)
{
    EACH(seen_t, seen, &self->seen)
    seen->lost_since |= strcmp(seen->node, node) == 0 || strcmp(seen->recipient, node) == 0;
}

void judge_event(judge_t *self, const judge_event_t *event)
{
    if (event->type == JUDGE_LOST)
        mark_lost(self, event->node);
    seen_t *seen = list_add(&self->seen, sizeof *seen);
    seen->type = event->type;
    seen->at_ms = event->at_ms;
    seen->place = self->seen.count;
    copy_text(seen->node, sizeof seen->node, event->node);
    copy_text(seen->token, sizeof seen->token, event->token);
    copy_text(seen->state, sizeof seen->state, event->state);
    if (event->id)
        memcpy(&seen->id, event->id, ID_SIZE);
    seen->recipients_count = event->recipients_count;
    seen->recipients = calloc(event->recipients_count + 1, sizeof *seen->recipients);
    if (!seen->recipients)
        abort();
    for (size_t i = 0; i < event->recipients_count; i++)
        copy_text(seen->recipients[i], NAME_SIZE, event->recipients[i]);
    if (event->type == JUDGE_STATE && event->recipients_count)
        copy_text(seen->recipient, sizeof seen->recipient, event->recipients[0]);
}

/* ---- telling ---- */

const char *judge_hex(const notice_id_t *id)
{
    static const char digits[] = "0123456789abcdef";
    static _Thread_local char texts[4][2 * ID_SIZE + 1];
    static _Thread_local unsigned next;
    char *text = texts[next++ % 4];
    for (size_t i = 0; i < ID_SIZE; i++) {
        text[2 * i] = digits[id->bytes[i] >> 4];
        text[2 * i + 1] = digits[id->bytes[i] & 15];
    }
    return text;
}

const char *judge_outcome(int outcome)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&kith__outcome__descriptor, outcome);
    return value && outcome ? value->name + strlen("OUTCOME_") : "no outcome";
}

static const char *type_text(judge_event_type type)
{
    static const char *const texts[] = {
        [JUDGE_SUBMIT] = "asked",          [JUDGE_OK] = "told: stored here",
        [JUDGE_REFUSED] = "told: refused", [JUDGE_STATE] = "saw",
        [JUDGE_LOOK] = "looked",           [JUDGE_KILL] = "killed",
        [JUDGE_LOST] = "lost its store",   [JUDGE_HEALED] = "the last fault is over",
        [JUDGE_SETTLED] = "settled"};
    return texts[type];
}

/* The token a client asked for it with; "": none is known. */
static const char *token_of(const judge_t *self, const notice_id_t *id)
{
    EACH(seen_t, seen, &self->seen)
    if (seen->token[0] && same_id(&seen->id, id))
        return seen->token;
    return "";
}

/* Of this notice: its own events, and what else was lost meanwhile. */
static bool belongs(const seen_t *seen, const notice_id_t *id, const char *token)
{
    return same_id(&seen->id, id) || seen->type == JUDGE_LOST ||
           (token[0] && strcmp(seen->token, token) == 0);
}

static char *make_story(const judge_t *self, const notice_id_t *id)
{
    char *story = NULL;
    size_t size = 0, lines = 0;
    FILE *out = open_memstream(&story, &size);
    if (!out)
        abort();
    bool told = id && self->violations <= STORIES_MAX;
    const char *token = told ? token_of(self, id) : "";
    EACH(seen_t, seen, &self->seen)
    {
        if (!told || lines == STORY_LINES)
            break;
        if (!belongs(seen, id, token))
            continue;
        (void)fprintf(out, "    %lld %s %s%s%s%s%s\n", (long long)seen->at_ms, seen->node,
                      type_text(seen->type), seen->recipient[0] ? " " : "", seen->recipient,
                      seen->state[0] ? ": " : "", seen->state);
        lines++;
    }
    (void)fclose(out);
    return story;
}

void judge_say(judge_t *self, const char *invariant, const notice_id_t *id, const char *format, ...)
{
    self->violations++;
    if (!self->tell)
        return;
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    char *story = make_story(self, id);
    self->tell(self->ctx, invariant, what, story);
    free(story);
}

/* ---- the judgement ---- */

static void sort(agent_t *agent)
{
    list_sort(&agent->notices, compare_notices);
    list_sort(&agent->debts, compare_debts);
    list_sort(&agent->applied, compare_applied);
    list_sort(&agent->taken, compare_taken);
    list_sort(&agent->quarantined, compare_taken);
    list_sort(&agent->in, compare_marks);
    list_sort(&agent->out, compare_marks);
    list_sort(&agent->feed, compare_feed);
    list_sort(&agent->tokens, compare_tokens);
    list_sort(&agent->told, compare_told);
    list_sort(&agent->parked, compare_taken);
}

size_t judge_end(judge_t *self, judge_tell_f *tell, void *ctx)
{
    self->tell = tell;
    self->ctx = ctx;
    self->violations = 0;
    EACH(agent_t, agent, &self->agents)
    sort(agent);
    EACH(broker_t, broker, &self->brokers)
    list_sort(&broker->envelopes, compare_kept);
    list_sort(&self->allowed, compare_allowed);
    rules_delivery(self);
    rules_stream(self);
    rules_history(self);
    rules_hub(self);
    rules_left(self);
    return self->violations;
}

void judge_counts(const judge_t *self, judge_counts_t *ret_counts)
{
    judge_counts_t counts = {
        .agents = self->agents.count, .brokers = self->brokers.count, .events = self->seen.count};
    EACH(seen_t, seen, &self->seen)
    counts.answers += seen->type == JUDGE_OK;
    EACH(agent_t, agent, &self->agents)
    {
        counts.notices += agent->notices.count;
        counts.debts += agent->debts.count;
        counts.applied += agent->applied.count;
        counts.taken += agent->taken.count;
        counts.feed += agent->feed.count;
    }
    *ret_counts = counts;
}
