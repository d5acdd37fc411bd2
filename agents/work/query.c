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
    const char *user;   /* who asks, for what is fresh */
    size_t limit, scanned;
    Kith__Api__FeedResponse *ret;
} page_t;

/* Rows that one page may pass over: it then ends early, and says where to go on. */
#define SCAN_MAX 4096u

static void add_flag(Kith__Api__FeedEntry *entry, bool is_set, const char *flag)
{
    if (is_set) {
        entry->flags[entry->n_flags++] = text_of(flag);
    }
}

#define FLAGS_MAX 16u

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
    add_flag(entry, row->corrects, "corrects");
    add_flag(entry, row->folds_into != 0, "folded");
    add_flag(entry, row->snooze != 0, "snoozed");
    add_flag(entry, row->unplanned, "unplanned");
}

Kith__Api__FeedEntry *feed_entry(kith_arena_t *arena, uint64_t seq, const Kith__Store__FeedRow *row)
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
    entry->folded = row->folded;
    add_flags(arena, entry, row);
    return entry;
}

static kith_err is_fresh(const page_t *page, uint64_t seq, const Kith__Store__FeedRow *row,
                         bool *ret_is)
{
    uint64_t up_to = 0;
    WORK_TRY(looked_up_to(&page->at, page->user, feed_place(row), &up_to));
    *ret_is = seq > up_to;
    return KITH_OK;
}

/* *ret_full: there is one more than the page holds, or enough was passed over. */
static kith_err add(page_t *page, uint64_t seq, bool *ret_full)
{
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_get(&page->at, seq, &row));
    bool hidden = row->replaced || (feed_hidden(row) && !page->ask->snoozed) ||
                  (page->ask->front_door && !row->unknown_household);
    bool fresh = false;
    if (!hidden) {
        WORK_TRY(is_fresh(page, seq, row, &fresh));
    }
    bool fits = !hidden && (fresh || !page->ask->fresh);
    bool full = page->scanned == SCAN_MAX || (fits && page->ret->n_entries == page->limit);
    *ret_full = full;
    page->ret->more = full;
    if (full) {
        return KITH_OK;
    }
    if (fits) {
        Kith__Api__FeedEntry *entry = feed_entry(page->at.arena, seq, row);
        entry->fresh = fresh;
        page->ret->entries[page->ret->n_entries++] = entry;
    }
    page->scanned++;
    page->ret->cursor = seq;
    return KITH_OK;
}

static uint64_t seq_of(const view_walk_t *walk)
{
    kith_bytes_t seq = {walk->place.data + walk->place.size - sizeof(uint64_t), sizeof(uint64_t)};
    return kith_key_read_u64(&(kith_key_reader_t){seq});
}

static kith_err fill(page_t *page, view_walk_t *walk)
{
    kith_bytes_t value;
    bool full = false;
    while (!full) {
        kith_err err = view_walk_next(&page->at, walk, &value);
        if (err != KITH_OK) {
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        WORK_TRY(add(page, seq_of(walk), &full));
    }
    return KITH_OK;
}

/* Nothing that is fresh stands before what this user has looked at. */
static kith_err place_by_arrival(const page_t *page, kith_key_t *ret_place)
{
    uint64_t after = page->ask->after, up_to = 0;
    if (page->ask->fresh) {
        WORK_TRY(looked_up_to(&page->at, page->user, page->under, &up_to));
    }
    kith_key_clear(ret_place);
    kith_key_raw(ret_place, page->under);
    kith_key_u64(ret_place, after > up_to ? after : up_to);
    return KITH_OK;
}

static kith_err by_arrival(page_t *page)
{
    int table = page->under.size > 0 ? AGENT_TABLE_FEED_BY_ARRIVAL : AGENT_TABLE_FEED;
    kith_key_t place;
    WORK_TRY(place_by_arrival(page, &place));
    view_walk_t walk = view_walk(table, page->under, kith_key_bytes(&place));
    return fill(page, &walk);
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
    kith_key_t number = view_key_seq(page->ask->after);
    WORK_TRY(view_find_feed(&page->at, kith_key_bytes(&number), &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    kith_key_i64(&place, row->occurred_ms);
    kith_key_u64(&place, page->ask->after);
    *ret_place = place;
    return KITH_OK;
}

static kith_err by_time(page_t *page)
{
    kith_key_t place;
    WORK_TRY(place_by_time(page, &place));
    view_walk_t walk =
        view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, page->under, kith_key_bytes(&place));
    return fill(page, &walk);
}

kith_err work_feed(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *user,
                   const Kith__Api__FeedRequest *ask, Kith__Api__FeedResponse *ret)
{
    page_t page = {
        .at = {.work = self, .txn = txn, .arena = arena},
        .ask = ask,
        .under = ask->front_door ? feed_nowhere() : bytes_of(ask->household),
        .user = user,
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
    WORK_TRY(tellings_end(&page.at, &ret->tellings));
    return ask->by_time ? by_time(&page) : by_arrival(&page);
}

/* ---- households ---- */

/* In a list without the roles of before: a household may have very many. */
static Kith__Member *listed_member(kith_arena_t *arena, const Kith__Member *held)
{
    Kith__Member *member = kith_arena_need(arena, sizeof *member);
    *member = *held;
    member->n_roles = 0;
    return member;
}

/* Each role once, from when on; of what was said of the same role in a row the last stands. */
static Kith__Member *shown_member(kith_arena_t *arena, const Kith__Member *held)
{
    Kith__Member *member = listed_member(arena, held);
    member->roles = kith_arena_need(arena, (held->n_roles + 1) * sizeof *member->roles);
    for (size_t i = 0; i < held->n_roles; i++) {
        bool more =
            i + 1 < held->n_roles && strcmp(held->roles[i]->role, held->roles[i + 1]->role) == 0;
        if (!more) {
            Kith__MemberRole *role = kith_arena_need(arena, sizeof *role);
            *role = *held->roles[i];
            role->said = NULL;
            member->roles[member->n_roles++] = role;
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
            feed_entry(at->arena, unseen.seqs[i], unseen.rows[i]);
    }
    return KITH_OK;
}

/* Its plan, and the newest of its assessments. */
static kith_err held_together(const work_ctx_t *at, kith_bytes_t id, Kith__Api__HouseholdView *view)
{
    Kith__Store__PlanRow *plan = NULL;
    WORK_TRY(plan_find(at, id, &plan));
    view->plan = plan != NULL ? binary_of(plan_latest(plan).by) : view->plan;
    kith_bytes_t key, nothing;
    kith_err err =
        kith_prev(at->txn, AGENT_TABLE_ASSESSMENTS_OF, id, (kith_bytes_t){0}, &key, &nothing);
    if (err == KITH_OK) {
        kith_bytes_t newest = kith_arena_copy(at->arena, key);
        view->assessment = binary_of((kith_bytes_t){newest.data + id.size, newest.size - id.size});
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
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
        view->members[view->n_members++] = listed_member(at->arena, row->members[i]->member);
    }
    for (size_t i = 0; i < row->n_team; i++) {
        view->team[view->n_team++] = row->team[i]->seat;
    }
    *ret_view = view;
    return held_together(at, id, view);
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
    for (size_t i = 0; i < row->n_members; i++) {
        ret->households[0]->members[i] = shown_member(at->arena, row->members[i]->member);
    }
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
