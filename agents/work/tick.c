/* Time has passed: what is due, in the order of its time. */
#include "agents/work/parts.h"

/* Things looked at in one tick of one table; the rest follows at once. */
#define TICK_MAX 256u
/* And what they may take of the turn's arena. */
#define TICK_BYTES_MAX (32u * 1024u * 1024u)

static kith_key_t due_key(int64_t due_ms, kith_bytes_t id)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_i64(&key, due_ms);
    kith_key_raw(&key, id);
    return key;
}

kith_err due_set(const work_ctx_t *at, int table, int64_t due_ms, kith_bytes_t id)
{
    kith_key_t key = due_key(due_ms, id);
    return kith_put(at->txn, table, kith_key_bytes(&key), (kith_bytes_t){0});
}

kith_err due_clear(const work_ctx_t *at, int table, int64_t due_ms, kith_bytes_t id)
{
    kith_key_t key = due_key(due_ms, id);
    kith_err err = kith_del(at->txn, table, kith_key_bytes(&key));
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* What is over leaves the index before it is told: each is told once. */
static kith_err pass(const work_ctx_t *at, int table,
                     kith_err (*over)(const work_ctx_t *, kith_bytes_t), int64_t *ret_next_ms)
{
    view_walk_t walk = view_walk(table, (kith_bytes_t){0}, (kith_bytes_t){0});
    kith_bytes_t nothing;
    size_t began = kith_arena_used(at->arena);
    for (size_t i = 0; i < TICK_MAX && kith_arena_used(at->arena) - began < TICK_BYTES_MAX; i++) {
        kith_err err = view_walk_next(at, &walk, &nothing);
        if (err == KITH_NOT_FOUND) {
            *ret_next_ms = INT64_MAX;
            return KITH_OK;
        }
        WORK_TRY(err);
        kith_key_reader_t reader = {kith_key_bytes(&walk.place)};
        int64_t due_ms = kith_key_read_i64(&reader);
        if (at->now_ms <= due_ms) {
            *ret_next_ms = due_ms + 1;
            return KITH_OK;
        }
        WORK_TRY(kith_del(at->txn, table, kith_key_bytes(&walk.place)));
        WORK_TRY(over(at, reader.rest));
    }
    *ret_next_ms = at->now_ms;
    return KITH_OK;
}

kith_err work_tick(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, int64_t now_ms,
                   int64_t *ret_next_ms)
{
    static const struct {
        int table;
        kith_err (*over)(const work_ctx_t *at, kith_bytes_t id);
    } tables[] = {
        /* the rounds last: they tell what the others bring */
        {AGENT_TABLE_ALERTS_DUE, alert_overdue},
        {AGENT_TABLE_ALERTS_CLIMB, alert_climb},
        {AGENT_TABLE_REFERRALS_DUE, referral_overdue},
        {AGENT_TABLE_DISAGREEMENTS_DUE, disagreement_overdue},
        {AGENT_TABLE_RULES_DUE, rule_due},
        {AGENT_TABLE_ASSESSMENTS_DUE, assessment_overdue},
        {AGENT_TABLE_PLANS_DUE, plan_overdue},
        {AGENT_TABLE_SNOOZES_DUE, snooze_over},
        {AGENT_TABLE_ROUNDS_DUE, round_over},
    };
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    int64_t first_ms = INT64_MAX;
    WORK_TRY(lead_look_on(&at, &first_ms));
    WORK_TRY(expected_plan(&at));
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        int64_t next_ms = INT64_MAX;
        WORK_TRY(pass(&at, tables[i].table, tables[i].over, &next_ms));
        first_ms = next_ms < first_ms ? next_ms : first_ms;
    }
    *ret_next_ms = first_ms;
    return KITH_OK;
}

kith_err work_agreement(const work_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    return lead_look_begin(&at);
}
