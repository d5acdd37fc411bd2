/* The counts of agents/work/load.c, counted again the slow way: from the feed and the notices. */
#include "tests/sim/ledger.h"

#include "agents/work/work.h"
#include "base/limits.h"

#include <string.h>

/* One event of the feed that may count. */
typedef struct entry {
    Kith__Store__FeedRow *row;
    Kith__Notice *notice;
} entry_t;

typedef struct ledger {
    world_t *w;
    const work_t *work;
    kith_txn_t *txn;
    kith_arena_t *arena;
    size_t count;
    entry_t *entries;
} ledger_t;

static bool same(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static Kith__Notice *notice_of(const ledger_t *l, ProtobufCBinaryData id)
{
    void *stored = NULL;
    kith_bytes_t key = {id.data, id.len};
    if (kith_get_record(l->txn, AGENT_TABLE_NOTICES, key, l->arena,
                        &kith__store__stored_notice__descriptor, &stored) != KITH_OK)
        return NULL;
    const Kith__Store__StoredNotice *held = stored;
    return kith__notice__unpack(kith_arena_allocator(l->arena), held->notice.len,
                                held->notice.data);
}

static void take_entries(ledger_t *l)
{
    uint64_t rows = 0;
    kith_bytes_t after = {0}, key, value;
    KITH_ASSERT(kith_count(l->txn, AGENT_TABLE_FEED, &rows) == KITH_OK);
    l->entries = kith_arena_need(l->arena, (rows + 1) * sizeof *l->entries);
    while (kith_next(l->txn, AGENT_TABLE_FEED, (kith_bytes_t){0}, after, &key, &value) == KITH_OK) {
        after = kith_arena_copy(l->arena, key);
        entry_t entry = {.row = kith__store__feed_row__unpack(kith_arena_allocator(l->arena),
                                                              value.size, value.data)};
        KITH_ASSERT(entry.row);
        if (strcmp(entry.row->kind, "event") != 0 || entry.row->early || entry.row->replaced)
            continue;
        entry.notice = notice_of(l, entry.row->notice_id);
        KITH_ASSERT(entry.notice && entry.notice->body_case == KITH__NOTICE__BODY_EVENT);
        l->entries[l->count++] = entry;
    }
}

/* Does another notice of the same incident stand for it? */
static bool is_superseded(const ledger_t *l, const entry_t *entry)
{
    const Kith__Notice *notice = entry->notice;
    for (size_t i = 0; entry->row->incident.len > 0 && i < l->count; i++) {
        const Kith__Notice *other = l->entries[i].notice;
        if (strcmp(other->origin, notice->origin) != 0 ||
            !same(entry->row->incident, l->entries[i].row->incident))
            continue;
        if (other->created_ms > notice->created_ms ||
            (other->created_ms == notice->created_ms &&
             memcmp(other->id.data, notice->id.data, other->id.len) > 0))
            return true;
    }
    return false;
}

static void check_household(const ledger_t *l, ProtobufCBinaryData household)
{
    uint64_t count = 0, minutes = 0;
    for (size_t i = 0; i < l->count; i++) {
        const entry_t *entry = &l->entries[i];
        if (!same(entry->row->household, household) || is_superseded(l, entry))
            continue;
        count++;
        minutes += entry->notice->event->minutes_spent;
    }
    Kith__Api__LoadResponse load = KITH__API__LOAD_RESPONSE__INIT;
    kith_err err =
        work_load(l->work, l->txn, l->arena, (kith_bytes_t){household.data, household.len}, 0, 0,
                  l->w->now_ms, &load);
    KITH_ASSERT(err == KITH_OK);
    if (load.count != count || load.minutes != minutes)
        world_fail(l->w, "load of %s: %llu events of %llu minutes, and its feed has %llu of %llu",
                   l->work->agency, (unsigned long long)load.count,
                   (unsigned long long)load.minutes, (unsigned long long)count,
                   (unsigned long long)minutes);
}

void ledger_check(world_t *w, size_t agent, const work_t *work)
{
    memtxn_t *store = w->agents[agent].store;
    ledger_t l = {
        .w = w, .work = work, .txn = memtxn_begin(store), .arena = kith_arena_new(256 * KITH_MIB)};
    kith_bytes_t after = {0}, key, value;
    take_entries(&l);
    while (kith_next(l.txn, AGENT_TABLE_HOUSEHOLDS, (kith_bytes_t){0}, after, &key, &value) ==
           KITH_OK) {
        after = kith_arena_copy(l.arena, key);
        check_household(&l, (ProtobufCBinaryData){after.size, (uint8_t *)(uintptr_t)after.data});
    }
    kith_arena_destroy(&l.arena);
    memtxn_abort(store);
}
