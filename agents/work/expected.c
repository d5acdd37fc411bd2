/* What is to have come by an hour of each open day: at that time, when nothing that fits has come,
 * people are told so. That is evidence of its own; whether the sender's agent is silent is another
 * question, which the api answers beside it. Days and hours are of the rule's calendar, so holidays
 * and clock changes are its business. */
#include "agents/work/parts.h"

#include "base/checksum.h"
#include "base/id.h"

#define TASK_NOTHING "nothing-arrived"

/* Names the matter, for a task needs an id and there is no notice: the same for ever. */
static kith_id_t id_of(const kith_expected_t *rule)
{
    uint8_t random[10] = {0};
    uint64_t sum = kith_checksum(0, kith_bytes_str(rule->name));
    for (size_t i = 0; i < sizeof sum; i++) {
        random[i] = (uint8_t)(sum >> (8 * i));
    }
    return kith_id_make(0, random);
}

static bool is_ours(const work_ctx_t *at, const kith_expected_t *rule)
{
    bool ours = false;
    for (size_t i = 0; i < rule->to_count && !ours; i++) {
        ours = is_self(at, rule->to[i]);
    }
    return ours;
}

kith_err expected_plan(const work_ctx_t *at)
{
    const kith_agreement_t *a = at->work->agreement;
    for (size_t i = 0; i < a->expected_count; i++) {
        const kith_expected_t *rule = &a->expected[i];
        if (!is_ours(at, rule)) {
            continue;
        }
        rule_row_t state;
        WORK_TRY(rule_find(at, rule->name, (kith_bytes_t){0}, "", &state));
        int64_t next_ms = kith_calendar_next_time(rule->calendar, at->now_ms, rule->by_ms);
        bool is_due = state.row.next_ms != 0 && state.row.next_ms <= at->now_ms;
        if (!is_due && state.row.next_ms != next_ms) { /* new, or the file has another hour now */
            WORK_TRY(rule_keep(at, &state, next_ms));
        }
    }
    return KITH_OK;
}

kith_err expected_came(const work_case_t *c)
{
    const work_ctx_t *at = &c->at;
    const kith_agreement_t *a = at->work->agreement;
    for (size_t i = 0; i < a->expected_count; i++) {
        const kith_expected_t *rule = &a->expected[i];
        if (strcmp(rule->from, c->in->origin) != 0 || !is_ours(at, rule) ||
            !kith_pattern_covers(rule->topic, c->notice->topic)) {
            continue;
        }
        rule_row_t state;
        WORK_TRY(rule_find(at, rule->name, (kith_bytes_t){0}, "", &state));
        if (state.row.told_ms != 0) {
            kith_id_t id = id_of(rule);
            WORK_TRY(task_end(at, TASK_NOTHING, kith_id_bytes(&id), rule->from, rule->from));
            state.row.told_ms = 0;
        }
        state.row.seen_ms = at->now_ms;
        WORK_TRY(rule_keep(at, &state, state.row.next_ms));
    }
    return KITH_OK;
}

static kith_err tell(const work_ctx_t *at, const kith_expected_t *rule, int64_t due_ms)
{
    kith_id_t id = id_of(rule);
    int32_t minutes = rule->by_ms / 60000;
    char *reason = kith_arena_printf(at->arena, "%s: no %s by %02d:%02d", rule->name, rule->topic,
                                     (int)(minutes / 60), (int)(minutes % 60));
    task_said_t said = {
        .kind = TASK_NOTHING,
        .notice = kith_id_bytes(&id),
        .agency = rule->from,
        .reason = reason,
        .due_ms = due_ms,
    };
    line_t line = {0};
    line_add(&line, "nothing arrived from ");
    line_add(&line, rule->from);
    line_add(&line, ": ");
    line_add(&line, reason);
    WORK_TRY(task_open(at, &said));
    return feed_tell(at, (kith_bytes_t){0}, (kith_bytes_t){0}, TASK_NOTHING,
                     line_text(at->arena, &line));
}

/* The first hour after the rule is new says nothing: what came before was not looked for. */
kith_err expected_due(const work_ctx_t *at, const kith_expected_t *rule, rule_row_t *state)
{
    int64_t due_ms = state->row.next_ms;
    int64_t since_ms = rule->since_ms >= 0
                           ? kith_calendar_time_on(rule->calendar, due_ms, rule->since_ms)
                           : state->row.passed_ms + 1;
    bool watched = state->row.passed_ms != 0;
    if (!is_ours(at, rule)) {
        return rule_drop(at, state);
    }
    if (watched && state->row.seen_ms < since_ms) {
        WORK_TRY(tell(at, rule, due_ms));
        state->row.told_ms = due_ms;
    }
    state->row.passed_ms = due_ms;
    return rule_keep(at, state, kith_calendar_next_time(rule->calendar, at->now_ms, rule->by_ms));
}
