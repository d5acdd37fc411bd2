/* The feed by household: what needs eyes first. Fresh and urgent before fresh, that before the
 * rest, each by what came last; the front door at the end. */
#include "agents/work/parts.h"

#include <stdlib.h>

#define GROUPS_DEFAULT 100u
/* The newest households; an agency with more asks for one by its id. */
#define HOUSEHOLDS_MAX 10000u
/* Rows that one request may read to count what is fresh; then what is counted is too little. */
#define ROWS_MAX 20000u

typedef struct group {
    kith_bytes_t household;
    tally_t tally;
} group_t;

typedef struct list {
    work_ctx_t at;
    const char *user;
    bool fresh_only;
    uint64_t rows_left;
    size_t count, room;
    group_t *groups;
} list_t;

static kith_err add(list_t *list, kith_bytes_t household)
{
    uint64_t up_to = 0, rows = 0;
    tally_t tally;
    WORK_TRY(feed_count(&list->at, household, &rows));
    if (rows == 0) {
        return KITH_OK;
    }
    WORK_TRY(looked_up_to(&list->at, list->user, household, &up_to));
    WORK_TRY(looked_tally(&list->at, household, up_to, list->rows_left + 1, &tally));
    list->rows_left -= tally.rows < list->rows_left ? tally.rows : list->rows_left;
    if (list->fresh_only && tally.fresh == 0) {
        return KITH_OK;
    }
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        group_t *larger = kith_arena_need(list->at.arena, room * sizeof *larger);
        for (size_t i = 0; i < list->count; i++) {
            larger[i] = list->groups[i];
        }
        list->groups = larger;
        list->room = room;
    }
    list->groups[list->count++] = (group_t){household, tally};
    return KITH_OK;
}

static kith_err gather(list_t *list)
{
    kith_bytes_t before = {0};
    for (size_t i = 0; i < HOUSEHOLDS_MAX; i++) {
        kith_bytes_t key, value;
        kith_err err = kith_prev(list->at.txn, AGENT_TABLE_HOUSEHOLDS, (kith_bytes_t){0}, before,
                                 &key, &value);
        if (err == KITH_NOT_FOUND) {
            break;
        }
        WORK_TRY(err);
        before = kith_arena_copy(list->at.arena, key);
        WORK_TRY(add(list, before));
    }
    return add(list, feed_nowhere());
}

static int rank(const group_t *group)
{
    bool is_front_door = kith_bytes_equal(group->household, feed_nowhere());
    return is_front_door ? 3 : group->tally.urgent > 0 ? 0 : group->tally.fresh > 0 ? 1 : 2;
}

static int by_need(const void *one, const void *other)
{
    const group_t *a = one, *b = other;
    if (rank(a) != rank(b)) {
        return rank(a) < rank(b) ? -1 : 1;
    }
    return a->tally.last > b->tally.last ? -1 : a->tally.last < b->tally.last ? 1 : 0;
}

static kith_err show(const list_t *list, const group_t *group, Kith__Api__FeedGroup **ret_shown)
{
    const work_ctx_t *at = &list->at;
    const tally_t *tally = &group->tally;
    Kith__Api__FeedGroup *shown = kith_arena_need(at->arena, sizeof *shown);
    kith__api__feed_group__init(shown);
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(household_find(at, group->household, &row));
    if (row != NULL) {
        shown->household = binary_of(group->household);
        shown->name = row->name;
        shown->lead = text_of(household_lead(row));
        shown->orphaned = row->orphaned;
    }
    WORK_TRY(feed_count(at, group->household, &shown->entries));
    WORK_TRY(feed_count_snoozed(at, group->household, &shown->snoozed));
    WORK_TRY(snooze_until(at, group->household, &shown->snoozed_until_ms));
    shown->fresh = tally->fresh;
    shown->urgent = tally->urgent;
    if (tally->newest != NULL) {
        shown->latest = feed_entry(at->arena, tally->newest_seq, tally->newest);
        shown->latest->fresh = tally->fresh > 0;
        shown->latest_ms = tally->newest->received_ms;
    }
    *ret_shown = shown;
    return KITH_OK;
}

kith_err work_groups(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *user,
                     const Kith__Api__GroupsRequest *ask, Kith__Api__GroupsResponse *ret)
{
    list_t list = {.at = {.work = self, .txn = txn, .arena = arena},
                   .user = user,
                   .fresh_only = ask->fresh,
                   .rows_left = ROWS_MAX};
    size_t limit = ask->limit == 0                   ? GROUPS_DEFAULT
                   : ask->limit > KITH_FEED_PAGE_MAX ? KITH_FEED_PAGE_MAX
                                                     : ask->limit;
    WORK_TRY(gather(&list));
    if (list.count > 0) {
        qsort(list.groups, list.count, sizeof *list.groups, by_need);
    }
    size_t first = 0;
    for (size_t i = 0; ask->after.len > 0 && i < list.count; i++) {
        if (kith_bytes_equal(list.groups[i].household, bytes_of(ask->after))) {
            first = i + 1;
        }
    }
    ret->groups = kith_arena_need(arena, (limit + 1) * sizeof *ret->groups);
    for (size_t i = first; i < list.count && ret->n_groups < limit; i++) {
        WORK_TRY(show(&list, &list.groups[i], &ret->groups[ret->n_groups]));
        ret->n_groups++;
    }
    ret->more = list.count - first > ret->n_groups;
    return KITH_OK;
}
