/* What may be asked of the view. Nothing here writes but the record of a look. */
#include "agents/work/parts.h"

#define SEQ_LOOKS    "looks"
#define FEED_DEFAULT 100u

/* ---- the feed ---- */

/* One page on its way. */
typedef struct page {
    work_ctx_t at;
    const Kith__Api__FeedRequest *ask;
    kith_bytes_t under; /* a household, or nowhere; empty: the whole feed */
    size_t limit;
    Kith__Api__FeedResponse *ret;
} page_t;

static void add_flag(Kith__Api__FeedEntry *entry, bool is_set, const char *flag)
{
    if (is_set) {
        entry->flags[entry->n_flags++] = text_of(flag);
    }
}

#define FLAGS_MAX 10u

static void add_flags(kith_arena_t *arena, Kith__Api__FeedEntry *entry,
                      const Kith__Store__FeedRow *row)
{
    entry->flags = kith_arena_need(arena, FLAGS_MAX * sizeof *entry->flags);
    add_flag(entry, row->urgent, "urgent");
    add_flag(entry, row->late, "late");
    add_flag(entry, row->again, "again");
    add_flag(entry, row->early, "early");
    add_flag(entry, row->unknown_household, "unknown-household");
    add_flag(entry, row->shielded, "shielded");
    add_flag(entry, row->clock_apart, "clock-apart");
    add_flag(entry, row->not_asked, "not-asked");
    add_flag(entry, row->cause_missing, "cause-missing");
    add_flag(entry, row->household_closed, "household-closed");
}

Kith__Api__FeedEntry *feed_show(kith_arena_t *arena, uint64_t seq, const Kith__Store__FeedRow *row)
{
    Kith__Api__FeedEntry *entry = kith_arena_need(arena, sizeof *entry);
    kith__api__feed_entry__init(entry);
    entry->seq = seq;
    entry->id = row->notice_id;
    entry->origin = row->origin;
    entry->household = row->household;
    entry->occurred_ms = row->occurred_ms;
    entry->received_ms = row->received_ms;
    entry->kind = row->kind;
    entry->topic = row->topic;
    entry->summary = row->summary;
    entry->severity = row->severity;
    entry->minutes_spent = row->minutes_spent;
    entry->mine = row->mine;
    add_flags(arena, entry, row);
    return entry;
}

/* false: there is one more than the page holds. */
static bool add(page_t *page, uint64_t seq, const Kith__Store__FeedRow *row)
{
    if (page->ret->n_entries == page->limit) {
        page->ret->more = true;
        return false;
    }
    page->ret->entries[page->ret->n_entries++] = feed_show(page->at.arena, seq, row);
    page->ret->cursor = seq;
    return true;
}

static kith_err get(const page_t *page, uint64_t seq, Kith__Store__FeedRow **ret_row)
{
    kith_key_t key = view_key_seq(seq);
    return view_find_feed(&page->at, kith_key_bytes(&key), ret_row);
}

static kith_err whole_by_arrival(page_t *page)
{
    kith_key_t after = view_key_seq(page->ask->after);
    view_walk_t walk = view_walk(AGENT_TABLE_FEED, (kith_bytes_t){0}, kith_key_bytes(&after));
    kith_bytes_t value;
    for (;;) {
        kith_err err = view_walk_next(&page->at, &walk, &value);
        if (err != KITH_OK) {
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        uint64_t seq = kith_key_read_u64(&(kith_key_reader_t){kith_key_bytes(&walk.place)});
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(get(page, seq, &row));
        if (row == NULL) {
            return KITH_CORRUPT;
        }
        if (!row->replaced && !add(page, seq, row)) {
            return KITH_OK;
        }
    }
}

static uint64_t seq_of(const view_walk_t *walk)
{
    kith_bytes_t seq = {walk->place.data + walk->place.size - sizeof(uint64_t), sizeof(uint64_t)};
    return kith_key_read_u64(&(kith_key_reader_t){seq});
}

/* Keeps the smallest, in order. *count is at most max. */
static void keep(uint64_t *seqs, size_t *count, size_t max, uint64_t seq)
{
    if (*count == max && seq > seqs[max - 1]) {
        return;
    }
    size_t i = *count < max ? (*count)++ : max - 1;
    for (; i > 0 && seqs[i - 1] > seq; i--) {
        seqs[i] = seqs[i - 1];
    }
    seqs[i] = seq;
}

/* A household's index is in order of occurrence: the page is what came first after the cursor. */
static kith_err part_by_arrival(page_t *page)
{
    size_t count = 0, max = page->limit + 1;
    uint64_t *seqs = kith_arena_need(page->at.arena, max * sizeof *seqs);
    view_walk_t walk = view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, page->under, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(&page->at, &walk, &nothing)) == KITH_OK) {
        if (seq_of(&walk) > page->ask->after) {
            keep(seqs, &count, max, seq_of(&walk));
        }
    }
    if (err != KITH_NOT_FOUND) {
        return err;
    }
    for (size_t i = 0; i < count; i++) {
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(get(page, seqs[i], &row));
        if (row == NULL) {
            return KITH_CORRUPT;
        }
        if (!add(page, seqs[i], row)) {
            break;
        }
    }
    return KITH_OK;
}

/* Where the page begins: after the cursor's row, else at from_ms. */
static kith_err place_by_time(const page_t *page, kith_key_t *ret_place)
{
    kith_key_t place;
    kith_key_clear(&place);
    kith_key_raw(&place, page->under);
    if (page->ask->after == 0) {
        kith_key_i64(&place, page->ask->from_ms);
        *ret_place = place;
        return KITH_OK;
    }
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(get(page, page->ask->after, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    kith_key_i64(&place, row->occurred_ms);
    kith_key_u64(&place, page->ask->after);
    *ret_place = place;
    return KITH_OK;
}

static kith_err part_by_time(page_t *page)
{
    kith_key_t place;
    WORK_TRY(place_by_time(page, &place));
    view_walk_t walk =
        view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, page->under, kith_key_bytes(&place));
    kith_bytes_t nothing;
    for (;;) {
        kith_err err = view_walk_next(&page->at, &walk, &nothing);
        if (err != KITH_OK) {
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(get(page, seq_of(&walk), &row));
        if (row == NULL) {
            return KITH_CORRUPT;
        }
        if (!add(page, seq_of(&walk), row)) {
            return KITH_OK;
        }
    }
}

kith_err work_feed(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                   const Kith__Api__FeedRequest *ask, Kith__Api__FeedResponse *ret)
{
    page_t page = {
        .at = {.work = self, .txn = txn, .arena = arena},
        .ask = ask,
        .under = ask->front_door ? feed_nowhere() : bytes_of(ask->household),
        .limit = ask->limit == 0 ? FEED_DEFAULT : ask->limit,
        .ret = ret,
    };
    bool fits =
        ask->household.len == 0 || (ask->household.len == KITH_ID_BYTES && !ask->front_door);
    if (!fits || (ask->by_time && page.under.size == 0)) {
        return KITH_INVALID; /* order of occurrence is of one household, or of the front door */
    }
    page.limit = page.limit > KITH_FEED_PAGE_MAX ? KITH_FEED_PAGE_MAX : page.limit;
    ret->entries = kith_arena_need(arena, page.limit * sizeof *ret->entries);
    ret->cursor = ask->after;
    WORK_TRY(feed_count(&page.at, page.under, &ret->total));
    if (page.under.size == 0) {
        return whole_by_arrival(&page);
    }
    return ask->by_time ? part_by_time(&page) : part_by_arrival(&page);
}

/* ---- households ---- */

/* Each role once, from when on; of what was said of the same role in a row the last stands. */
static Kith__Member *shown_member(kith_arena_t *arena, const Kith__Member *held)
{
    Kith__Member *member = kith_arena_need(arena, sizeof *member);
    *member = *held;
    member->roles = kith_arena_need(arena, (held->n_roles + 1) * sizeof *member->roles);
    member->n_roles = 0;
    for (size_t i = 0; i < held->n_roles; i++) {
        bool more =
            i + 1 < held->n_roles && strcmp(held->roles[i]->role, held->roles[i + 1]->role) == 0;
        if (!more) {
            member->roles[member->n_roles++] = held->roles[i];
        }
    }
    return member;
}

static kith_err list_unseen(const work_ctx_t *at, kith_bytes_t id, Kith__Api__HouseholdView *view)
{
    unseen_t unseen = {0};
    WORK_TRY(unseen_find(at, id, &unseen));
    view->unacknowledged = kith_arena_need(at->arena, UNSEEN_MAX * sizeof *view->unacknowledged);
    for (size_t i = 0; i < unseen.count; i++) {
        view->unacknowledged[view->n_unacknowledged++] =
            feed_show(at->arena, unseen.seqs[i], unseen.rows[i]);
    }
    return KITH_OK;
}

static kith_err household_view(const work_ctx_t *at, kith_bytes_t id,
                               const Kith__Store__HouseholdRow *row,
                               Kith__Api__HouseholdView **ret_view)
{
    Kith__Api__HouseholdView *view = kith_arena_need(at->arena, sizeof *view);
    uint64_t notices = 0;
    WORK_TRY(feed_count(at, id, &notices));
    kith__api__household_view__init(view);
    view->id = binary_of(kith_arena_copy(at->arena, id));
    view->name = row->name;
    view->opened_by = row->opened_by;
    view->opened_ms = row->opened_ms;
    view->reason = row->reason;
    view->lead = row->lead;
    view->closing = row->closing;
    const char *why = "";
    view->orphaned = lead_state(at->work->agreement, row, &why) == LEAD_WANTED;
    view->lead_wanted = text_of(why);
    view->notices = notices < UINT32_MAX ? (uint32_t)notices : UINT32_MAX;
    view->members = kith_arena_need(at->arena, (row->n_members + 1) * sizeof *view->members);
    view->team = kith_arena_need(at->arena, (row->n_team + 1) * sizeof *view->team);
    for (size_t i = 0; i < row->n_members; i++) {
        view->members[view->n_members++] = shown_member(at->arena, row->members[i]->member);
    }
    for (size_t i = 0; i < row->n_team; i++) {
        view->team[view->n_team++] = row->team[i]->seat;
    }
    *ret_view = view;
    return KITH_OK;
}

static kith_err one_household(const work_ctx_t *at, kith_bytes_t id,
                              Kith__Api__HouseholdResponse *ret)
{
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(household_find(at, id, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    ret->households = kith_arena_need(at->arena, sizeof *ret->households);
    WORK_TRY(household_view(at, id, row, &ret->households[0]));
    ret->n_households = 1;
    WORK_TRY(link_list(at, id, ret->households[0]));
    WORK_TRY(list_unseen(at, id, ret->households[0]));
    return task_list_of(at, id, ret->households[0]);
}

/* Ids sort by time: the newest first. */
kith_err work_households(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t id,
                         Kith__Api__HouseholdResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    if (id.size > 0) {
        return one_household(&at, id, ret);
    }
    ret->households = kith_arena_need(arena, KITH_FEED_PAGE_MAX * sizeof *ret->households);
    kith_bytes_t before = {0};
    while (ret->n_households < KITH_FEED_PAGE_MAX) {
        kith_bytes_t key, value;
        kith_err err =
            kith_prev(txn, AGENT_TABLE_HOUSEHOLDS, (kith_bytes_t){0}, before, &key, &value);
        if (err != KITH_OK) {
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        before = kith_arena_copy(arena, key);
        Kith__Store__HouseholdRow *row = NULL;
        WORK_TRY(household_find(&at, before, &row));
        if (row == NULL) {
            return KITH_CORRUPT;
        }
        WORK_TRY(household_view(&at, before, row, &ret->households[ret->n_households]));
        ret->n_households++;
    }
    return KITH_OK;
}

/* ---- counts and looks ---- */

kith_err work_counts(const work_t *self, kith_txn_t *txn, uint64_t *ret_tasks_open,
                     uint64_t *ret_feed, uint64_t *ret_front_door)
{
    work_ctx_t at = {.work = self, .txn = txn};
    uint64_t tasks = 0, feed = 0, front_door = 0;
    WORK_TRY(kith_count(txn, AGENT_TABLE_TASKS_OPEN, &tasks));
    WORK_TRY(feed_count(&at, (kith_bytes_t){0}, &feed));
    WORK_TRY(feed_count(&at, feed_nowhere(), &front_door));
    *ret_tasks_open = tasks;
    *ret_feed = feed;
    *ret_front_door = front_door;
    return KITH_OK;
}

kith_err work_record_look(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                          const char *user, kith_bytes_t household, kith_bytes_t notice,
                          const char *what, int64_t now_ms)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    uint64_t seq = 0;
    WORK_TRY(view_next_seq(&at, SEQ_LOOKS, &seq));
    kith_key_t key = view_key_seq(seq);
    Kith__Store__LookRow row = KITH__STORE__LOOK_ROW__INIT;
    row.user = text_of(user);
    row.at_ms = now_ms;
    row.household = binary_of(household);
    row.notice_id = binary_of(notice);
    row.what = text_of(what);
    return view_put_look(&at, kith_key_bytes(&key), &row);
}
