/* The stores of a world, row by row, to the judge. */
#include "tests/sim/verdict.h"

#include "base/text.h"

#include <string.h>

void verdict_note(judge_t *judge, const world_t *w, judge_event_type type, const char *node,
                  const char *token)
{
    const judge_event_t event = {.type = type, .at_ms = w->mono_ms, .node = node, .token = token};
    judge_event(judge, &event);
}

void verdict_states(judge_t *judge, const world_t *w, const char *agency,
                    const Kith__Api__ShowResponse *shown)
{
    const char *field = NULL;
    Kith__Notice *notice = (Kith__Notice *)kith_message_unpack(w->arena, &kith__notice__descriptor,
                                                               record_bytes(shown->notice), &field);
    for (size_t i = 0; notice && shown->mine && i < shown->n_recipients; i++) {
        const char *recipient = shown->recipients[i]->agency;
        const judge_event_t event = {.type = JUDGE_STATE,
                                     .at_ms = w->mono_ms,
                                     .node = agency,
                                     .id = notice->id.data,
                                     .recipients_count = 1,
                                     .recipients = &recipient,
                                     .state = shown->recipients[i]->state};
        judge_event(judge, &event);
    }
}

void verdict_stored(judge_t *judge, const world_t *w, const char *agency, const char *token,
                    const uint8_t id[16], size_t recipients_count, const char *const *recipients)
{
    const judge_event_t event = {.type = JUDGE_OK,
                                 .at_ms = w->mono_ms,
                                 .node = agency,
                                 .token = token,
                                 .id = id,
                                 .recipients_count = recipients_count,
                                 .recipients = recipients};
    judge_event(judge, &event);
}

static void tell_table(judge_t *judge, world_t *w, size_t agent, int table, const char *name)
{
    world_agent_t *a = &w->agents[agent];
    kith_txn_t *txn = memtxn_begin(a->store);
    kith_arena_t *arena = kith_arena_new(KITH_MIB);
    kith_bytes_t after = {0}, key, value;
    const char *why = NULL;
    while (kith_next(txn, table, (kith_bytes_t){0}, after, &key, &value) == KITH_OK) {
        kith_arena_reset(arena);
        after = kith_arena_copy(arena, key);
        if (!judge_agent_row(judge, a->id, name, key.data, key.size, value.data, value.size, &why))
            world_fail(w, "table %s of %s: %s", name, a->id, why);
    }
    kith_arena_destroy(&arena);
    memtxn_abort(a->store);
}

static void tell_agent(judge_t *judge, world_t *w, size_t agent)
{
    static const char *const names[] = {
#define X(id, name) name,
        AGENT_TABLES(X)
#undef X
    };
    for (int table = 0; table < AGENT_TABLES_COUNT; table++)
        tell_table(judge, w, agent, table, names[table]);
}

/* Its holder has never given out more than there is. */
static void check_pots(world_t *w, size_t agent)
{
    world_agent_t *a = &w->agents[agent];
    kith_txn_t *txn = memtxn_begin(a->store);
    kith_arena_t *arena = kith_arena_new(KITH_MIB);
    for (size_t i = 0; i < a->agreement->pots_count; i++) {
        const kith_pot_t *pot = &a->agreement->pots[i];
        kith_key_t key;
        void *found = NULL;
        kith_key_clear(&key);
        kith_key_name(&key, pot->id);
        if (kith_get_record(txn, AGENT_TABLE_POTS, kith_key_bytes(&key), arena,
                            &kith__store__pot_row__descriptor, &found) != KITH_OK)
            continue;
        const Kith__Store__PotRow *row = found;
        if (row->set_aside + row->spent > pot->amount)
            world_fail(w, "pot %s is overdrawn at %s", pot->id, a->id);
    }
    kith_arena_destroy(&arena);
    memtxn_abort(a->store);
}

/* As its shipped mailbox would hold them, each row with a body of its own. */
static void tell_broker(judge_t *judge, world_t *w, size_t broker)
{
    const world_broker_t *b = &w->brokers[broker];
    kith_arena_t *arena = kith_arena_new(KITH_MIB);
    Kith__Store__BrokerMeta meta = KITH__STORE__BROKER_META__INIT;
    meta.store_epoch = record_binary((kith_bytes_t){b->settings.store_epoch, KITH_ID_BYTES});
    kith_bytes_t packed = KITH_PACK(arena, &meta);
    const char *why = NULL;
    bool good = judge_broker_row(judge, b->id, "meta", "", 0, packed.data, packed.size, &why);
    for (size_t i = 0; i < b->rows_count; i++) {
        const world_row_t *row = &b->rows[i];
        Kith__Store__MailboxRow stored = KITH__STORE__MAILBOX_ROW__INIT;
        kith_key_t key, body;
        kith_arena_reset(arena);
        kith_key_clear(&key);
        kith_key_name(&key, row->recipient);
        kith_key_u8(&key, (uint8_t)row->lane);
        kith_key_u64(&key, row->token);
        kith_key_clear(&body);
        kith_key_u64(&body, row->token);
        stored.kind = (uint32_t)row->kind;
        stored.digest = record_binary(kith_digest_bytes(&row->digest));
        stored.size = row->size;
        stored.body = row->token;
        packed = KITH_PACK(arena, &stored);
        good &= judge_broker_row(judge, b->id, "rows", key.data, key.size, packed.data, packed.size,
                                 &why);
        if (!row->bodiless)
            good &= judge_broker_row(judge, b->id, "bodies", body.data, body.size, "", 0, &why);
    }
    if (!good)
        world_fail(w, "rows of %s: %s", b->id, why);
    kith_arena_destroy(&arena);
}

static void tell(void *ctx, const char *invariant, const char *what, const char *story)
{
    (void)story;
    world_fail(ctx, "%s: %s", invariant, what);
}

void verdict_now(world_t *w)
{
    judge_t *judge = judge_new();
    for (size_t i = 0; i < w->agents_count; i++) {
        tell_agent(judge, w, i);
        judge_away(judge, w->agents[i].id);
    }
    for (size_t i = 0; i < w->brokers_count; i++)
        tell_broker(judge, w, i);
    (void)judge_end(judge, tell, w);
    judge_destroy(&judge);
}

void verdict_end(judge_t *judge, world_t *w, int64_t settle_max_ms)
{
    for (size_t i = 0; i < w->agents_count; i++) {
        check_pots(w, i);
        tell_agent(judge, w, i);
    }
    if (w->again_may_fail)
        judge_again_may_fail(judge);
    judge_settle_max(judge, settle_max_ms);
    (void)judge_end(judge, tell, w);
}
