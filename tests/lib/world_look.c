/* What came of it: rows of the stores as a test asks for them, and the invariants of the promise.
 */
#include "tests/lib/world.h"

#include "base/checksum.h"

#include <string.h>

/* ---- reading ---- */

static kith_txn_t *look(world_t *w, size_t agent)
{
    return memtxn_begin(w->agents[agent].store);
}

static void seen(world_t *w, size_t agent)
{
    memtxn_abort(w->agents[agent].store);
}

uint64_t world_rows(world_t *w, size_t agent, int table)
{
    uint64_t rows = 0;
    KITH_ASSERT(kith_count(look(w, agent), table, &rows) == KITH_OK);
    seen(w, agent);
    return rows;
}

bool world_debt(world_t *w, size_t agent, const uint8_t id[16], const char *recipient,
                Kith__Store__Debt *ret_debt)
{
    Kith__Store__Debt *debt = NULL;
    kith_key_t key = record_key_debt((kith_bytes_t){id, KITH_ID_BYTES}, recipient);
    kith_err err = record_get_debt(look(w, agent), w->arena, kith_key_bytes(&key), &debt);
    seen(w, agent);
    if (err == KITH_OK)
        *ret_debt = *debt;
    return err == KITH_OK;
}

/* The row's bytes, in the world's arena. */
static bool row_of(world_t *w, size_t agent, int table, uint64_t index, kith_bytes_t *ret_row)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, index);
    kith_err err = kith_get(look(w, agent), table, kith_key_bytes(&key), ret_row);
    if (err == KITH_OK)
        *ret_row = kith_arena_copy(w->arena, *ret_row);
    seen(w, agent);
    return err == KITH_OK;
}

bool world_shown(world_t *w, size_t agent, uint64_t index, world_shown_t *ret_shown)
{
    kith_bytes_t row;
    if (!row_of(w, agent, WORLD_TABLE_SHOWN, index, &row))
        return false;
    *ret_shown = (world_shown_t){.late = row.data[0] & 1,
                                 .again = row.data[0] >> 1 & 1,
                                 .early = row.data[0] >> 2 & 1,
                                 .mine = row.data[0] >> 3 & 1,
                                 .clock_apart = row.data[0] >> 4 & 1,
                                 .lane = row.data[1]};
    memcpy(ret_shown->id, row.data + 2, KITH_ID_BYTES);
    ret_shown->origin = (const char *)row.data + 2 + KITH_ID_BYTES;
    size_t before = 2 + KITH_ID_BYTES + strlen(ret_shown->origin) + 1;
    ret_shown->notice = (kith_bytes_t){row.data + before, row.size - before};
    return true;
}

bool world_told(world_t *w, size_t agent, uint64_t index, world_told_t *ret_told)
{
    kith_bytes_t row;
    if (!row_of(w, agent, WORLD_TABLE_TOLD, index, &row))
        return false;
    ret_told->outcome = (Kith__Outcome)row.data[0];
    ret_told->reason = (Kith__Reason)row.data[1];
    memcpy(ret_told->id, row.data + 2, KITH_ID_BYTES);
    ret_told->recipient = (const char *)row.data + 2 + KITH_ID_BYTES;
    ret_told->clause = ret_told->recipient + strlen(ret_told->recipient) + 1;
    return true;
}

size_t world_applied(world_t *w, size_t agent, const uint8_t id[16])
{
    size_t count = 0;
    kith_bytes_t row;
    kith_key_t key;
    kith_txn_t *txn = look(w, agent);
    for (uint64_t i = 0;; i++) {
        kith_key_clear(&key);
        kith_key_u64(&key, i);
        if (kith_get(txn, WORLD_TABLE_SHOWN, kith_key_bytes(&key), &row) != KITH_OK)
            break;
        bool early_or_mine = row.data[0] >> 2 & 3;
        count += !early_or_mine && memcmp(row.data + 2, id, KITH_ID_BYTES) == 0;
    }
    seen(w, agent);
    return count;
}

/* ---- invariants ---- */

static bool knows_origin(const world_t *w, const world_notice_t *notice)
{
    return w->agents[notice->origin].epoch == notice->epoch;
}

static bool is_delivered(Kith__Outcome outcome)
{
    return outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
           outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
}

/* What came of the notices, counted in one pass: at [notice * WORLD_AGENTS_MAX + agent]. */
typedef struct tally {
    size_t slots_count; /* a power of two */
    size_t *slots;      /* by id: index + 1 of a notice */
    uint8_t *applied, *sealed;
} tally_t;

static size_t slot_of(const tally_t *tally, const uint8_t id[16])
{
    return kith_checksum(0, (kith_bytes_t){id, KITH_ID_BYTES}) & (tally->slots_count - 1);
}

/* notices_count: there is none. */
static size_t find_notice(const world_t *w, const tally_t *tally, const uint8_t id[16])
{
    for (size_t i = slot_of(tally, id); tally->slots[i]; i = (i + 1) & (tally->slots_count - 1))
        if (memcmp(w->notices[tally->slots[i] - 1].id, id, KITH_ID_BYTES) == 0)
            return tally->slots[i] - 1;
    return w->notices_count;
}

static tally_t make_tally(world_t *w)
{
    tally_t tally = {.slots_count = 64};
    while (tally.slots_count < 2 * w->notices_count)
        tally.slots_count *= 2;
    size_t cells = (w->notices_count + 1) * WORLD_AGENTS_MAX;
    tally.slots = kith_arena_need(w->arena, tally.slots_count * sizeof *tally.slots);
    tally.applied = kith_arena_need(w->arena, cells);
    tally.sealed = kith_arena_need(w->arena, cells);
    for (size_t i = 0; i < w->notices_count; i++) {
        size_t slot = slot_of(&tally, w->notices[i].id);
        while (tally.slots[slot])
            slot = (slot + 1) & (tally.slots_count - 1);
        tally.slots[slot] = i + 1;
    }
    for (size_t i = 0; i < w->sealed_count; i++) {
        size_t index = find_notice(w, &tally, w->sealed[i].id);
        uint8_t *count = &tally.sealed[index * WORLD_AGENTS_MAX + w->sealed[i].recipient];
        *count = (uint8_t)(*count + (*count < UINT8_MAX));
    }
    return tally;
}

/* Sealed more than once, or sent again: its order is not promised. */
static bool out_of_order_is_allowed(const world_t *w, const tally_t *tally, size_t index,
                                    size_t recipient, const world_shown_t *shown)
{
    return shown->again || tally->sealed[index * WORLD_AGENTS_MAX + recipient] != 1 ||
           !knows_origin(w, &w->notices[index]);
}

/* What an agency applied: submitted by its origin with these bytes, once, each stream in order. */
static void check_feed(world_t *w, size_t agent, tally_t *tally)
{
    size_t last[WORLD_AGENTS_MAX][KITH_LANES] = {0};
    world_shown_t shown;
    for (uint64_t i = 0; world_shown(w, agent, i, &shown); i++) {
        if (shown.mine || shown.early)
            continue;
        size_t index = find_notice(w, tally, shown.id);
        if (index == w->notices_count) {
            world_fail(w, "%s applied what nobody submitted", w->agents[agent].id);
            return;
        }
        const world_notice_t *notice = &w->notices[index];
        if (!kith_bytes_equal(notice->bytes, shown.notice))
            world_fail(w, "notice %zu has other bytes at %s", index, w->agents[agent].id);
        if (++tally->applied[index * WORLD_AGENTS_MAX + agent] == 2)
            world_fail(w, "notice %zu was applied more than once by %s", index,
                       w->agents[agent].id);
        if (out_of_order_is_allowed(w, tally, index, agent, &shown))
            continue;
        size_t *before = &last[notice->origin][shown.lane];
        if (index + 1 < *before)
            world_fail(w, "%s applied notice %zu after %zu", w->agents[agent].id, index,
                       *before - 1);
        *before = index + 1;
    }
}

/* What ended in a recipient's earlier epoch is sent again to the new one, best as can be. */
static bool new_epoch_may_differ(const world_t *w, size_t recipient, bool applied)
{
    return w->agents[recipient].epoch > 1 && (applied || w->again_may_fail);
}

/* One outcome for each recipient; delivered exactly when applied. What nobody was told is stored
 * may be stored or not: then it is owed to all or to none. */
static void check_notice(world_t *w, size_t index, const tally_t *tally)
{
    const world_notice_t *notice = &w->notices[index];
    for (size_t r = 0; r < w->agents_count && knows_origin(w, notice); r++) {
        bool applied = tally->applied[index * WORLD_AGENTS_MAX + r];
        Kith__Store__Debt debt;
        bool owed = world_debt(w, notice->origin, notice->id, w->agents[r].id, &debt);
        if (!owed && (notice->to >> r & 1 || applied)) {
            world_fail(w, "notice %zu is not owed to %s", index, w->agents[r].id);
        } else if (owed && debt.outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED) {
            world_fail(w, "notice %zu from %s has no outcome for %s (n %llu at '%s')", index,
                       w->agents[notice->origin].id, w->agents[r].id, (unsigned long long)debt.n,
                       debt.broker);
        } else if (owed && is_delivered(debt.outcome) != applied &&
                   !new_epoch_may_differ(w, r, applied)) {
            world_fail(w, "notice %zu: outcome %d, applied %d by %s", index, (int)debt.outcome,
                       (int)applied, w->agents[r].id);
        }
    }
}

static void check_tables(world_t *w, size_t agent)
{
    static const struct {
        int table;
        const char *name;
    } empty[] = {{AGENT_TABLE_UNSEALED, "unsealed"},
                 {AGENT_TABLE_OUT, "out"},
                 {AGENT_TABLE_ENVELOPES, "envelopes"},
                 {AGENT_TABLE_PARKED, "parked"}};
    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        uint64_t rows = world_rows(w, agent, empty[i].table);
        if (rows)
            world_fail(w, "%llu rows are left in %s of %s", (unsigned long long)rows, empty[i].name,
                       w->agents[agent].id);
    }
}

static void add_debt(Kith__Store__OwedRow *counts, const Kith__Store__Debt *debt)
{
    bool open = debt->outcome == KITH__OUTCOME__OUTCOME_UNSPECIFIED;
    counts->sent++;
    counts->delivered += is_delivered(debt->outcome);
    counts->refused += debt->outcome == KITH__OUTCOME__OUTCOME_REFUSED;
    counts->quarantined += debt->outcome == KITH__OUTCOME__OUTCOME_QUARANTINED;
    counts->stored_here += open && !debt->broker[0];
    counts->at_the_hub += open && debt->broker[0];
    counts->expired += open && debt->expired;
}

static bool same_counts(const Kith__Store__OwedRow *a, const Kith__Store__OwedRow *b)
{
    return a->sent == b->sent && a->delivered == b->delivered && a->refused == b->refused &&
           a->quarantined == b->quarantined && a->stored_here == b->stored_here &&
           a->at_the_hub == b->at_the_hub && a->expired == b->expired;
}

/* Counts kept with the debts, and the debts counted anew. */
static void check_owed(world_t *w, size_t agent)
{
    for (size_t r = 0; r < w->agreement->agencies_count; r++) {
        const char *recipient = w->agreement->agencies[r].id;
        Kith__Store__OwedRow counted = KITH__STORE__OWED_ROW__INIT, empty = counted;
        Kith__Store__OwedRow *kept = &empty;
        kith_txn_t *txn = look(w, agent);
        kith_key_t owed_key = record_key_name(recipient);
        (void)record_get_owed(txn, w->arena, kith_key_bytes(&owed_key), &kept);
        kith_bytes_t after = {0}, key, value;
        while (kith_next(txn, AGENT_TABLE_DEBTS, (kith_bytes_t){0}, after, &key, &value) ==
               KITH_OK) {
            after = kith_arena_copy(w->arena, key);
            Kith__Store__Debt *debt = NULL;
            if (strcmp((const char *)after.data + KITH_ID_BYTES, recipient) != 0)
                continue;
            KITH_ASSERT(record_get_debt(txn, w->arena, after, &debt) == KITH_OK);
            add_debt(&counted, debt);
        }
        seen(w, agent);
        if (!same_counts(&counted, kept))
            world_fail(w, "the counts that %s keeps of %s are wrong", w->agents[agent].id,
                       recipient);
    }
}

const char *world_check(world_t *w)
{
    tally_t tally = make_tally(w);
    for (size_t i = 0; i < w->agents_count; i++)
        check_feed(w, i, &tally);
    for (size_t i = 0; i < w->notices_count; i++)
        check_notice(w, i, &tally);
    for (size_t i = 0; i < w->agents_count; i++) {
        check_tables(w, i);
        check_owed(w, i);
        world_check_told(w, i);
        world_check_quarantine(w, i);
    }
    return w->wrong;
}
