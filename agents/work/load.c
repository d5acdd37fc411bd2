/* Family load: how many events, and how many minutes, agency by agency and day by day, without
 * their content. Kept in the commit of the feed's row; what it costs is reckoned when somebody
 * asks, by the unit costs of then. Of several notices of one incident (fold.c) the newest counts.
 */
#include "agents/work/parts.h"

#include "base/text.h"

/* ---- counting ---- */

/* A code that is no name has no unit cost: all of those together. */
static kith_key_t key_of(const Kith__Notice *notice, const Kith__Store__FeedRow *row)
{
    const char *code = notice->event->cost_code;
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, bytes_of(row->household));
    kith_key_i64(&key, load_day(row->occurred_ms));
    kith_key_name(&key, row->origin);
    kith_key_name(&key, row->topic);
    kith_key_name(&key, kith_text_name(code) ? code : "");
    return key;
}

kith_err load_count(const work_ctx_t *at, const Kith__Notice *notice,
                    const Kith__Store__FeedRow *row, bool add)
{
    if (!row->counted || row->household.len == 0) {
        return KITH_OK;
    }
    kith_key_t key = key_of(notice, row);
    Kith__Store__LoadDayRow *day = NULL;
    WORK_TRY(view_find_load(at, kith_key_bytes(&key), &day));
    Kith__Store__LoadDayRow sum = KITH__STORE__LOAD_DAY_ROW__INIT;
    sum = day != NULL ? *day : sum;
    uint64_t minutes = notice->event->minutes_spent, untimed = minutes == 0;
    if (add) {
        sum.count++;
        sum.minutes += minutes;
        sum.untimed += untimed;
        return view_put_load(at, kith_key_bytes(&key), &sum);
    }
    if (sum.count == 0 || sum.minutes < minutes || sum.untimed < untimed) {
        return KITH_CORRUPT; /* all are written in one commit */
    }
    sum.count--;
    sum.minutes -= minutes;
    sum.untimed -= untimed;
    return sum.count > 0 ? view_put_load(at, kith_key_bytes(&key), &sum)
                         : kith_del(at->txn, AGENT_TABLE_LOAD, kith_key_bytes(&key));
}

/* ---- one incident, several notices ---- */

static bool is_newer(const Kith__Notice *a, const Kith__Notice *than)
{
    return a->created_ms != than->created_ms
               ? a->created_ms > than->created_ms
               : kith_bytes_compare(bytes_of(a->id), bytes_of(than->id)) > 0;
}

/* The notice that counted for the incident so far counts no more. */
static kith_err uncount(const work_ctx_t *at, const Kith__Notice *notice)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_find(at, bytes_of(notice->id), &seq, &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    WORK_TRY(load_count(at, notice, row, false));
    row->counted = false;
    kith_key_t key = view_key_seq(seq);
    return view_put_feed(at, kith_key_bytes(&key), row);
}

/* Who counts for the row's incident so far; NULL: nobody. A notice that was told without a name of
 * its own gave the incident its id when it was told again (fold.c). */
static kith_err counted_for(const work_ctx_t *at, const kith_key_t *key,
                            const Kith__Store__FeedRow *row, Kith__Notice **ret_notice)
{
    kith_bytes_t id = {0};
    kith_err err = kith_get(at->txn, AGENT_TABLE_LOAD_OF, kith_key_bytes(key), &id);
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    id = err == KITH_OK ? kith_arena_copy(at->arena, id) : bytes_of(row->incident);
    WORK_TRY(view_find_notice(at, id, ret_notice));
    return err == KITH_OK && *ret_notice == NULL ? KITH_CORRUPT : KITH_OK; /* of one commit */
}

/* Takes the incident's place; *ret_takes is false when a newer notice has it. */
static kith_err take_incident(const work_ctx_t *at, const Kith__Notice *notice,
                              const Kith__Store__FeedRow *row, bool *ret_takes)
{
    Kith__Notice *held = NULL;
    *ret_takes = true;
    if (row->incident.len == 0) {
        return KITH_OK;
    }
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_name(&key, row->origin);
    kith_key_raw(&key, bytes_of(row->incident));
    WORK_TRY(counted_for(at, &key, row, &held));
    if (held != NULL && is_newer(held, notice)) {
        *ret_takes = false;
        return KITH_OK;
    }
    WORK_TRY(held != NULL ? uncount(at, held) : KITH_OK);
    return kith_put(at->txn, AGENT_TABLE_LOAD_OF, kith_key_bytes(&key), bytes_of(notice->id));
}

kith_err load_add(const work_ctx_t *at, const Kith__Notice *notice, Kith__Store__FeedRow *row)
{
    bool takes = false;
    if (notice->body_case != KITH__NOTICE__BODY_EVENT || row->early) {
        return KITH_OK;
    }
    WORK_TRY(take_incident(at, notice, row, &takes));
    row->counted = takes;
    return load_count(at, notice, row, true);
}

/* ---- what it comes to ---- */

/* One agency and topic. The cost is in sixtieths of a penny, so that minutes are rounded once. */
typedef struct cell {
    const char *agency, *topic;
    uint64_t count, minutes, cost, uncosted;
} cell_t;

typedef struct table {
    size_t count, room;
    cell_t *cells; /* by agency, then by topic */
} table_t;

static int compare(const cell_t *cell, const char *agency, const char *topic)
{
    int order = strcmp(cell->agency, agency);
    return order != 0 ? order : strcmp(cell->topic, topic);
}

static cell_t *cell_of(kith_arena_t *arena, table_t *table, const char *agency, const char *topic)
{
    size_t place = 0;
    while (place < table->count && compare(&table->cells[place], agency, topic) < 0) {
        place++;
    }
    if (place < table->count && compare(&table->cells[place], agency, topic) == 0) {
        return &table->cells[place];
    }
    if (table->count == table->room) {
        size_t room = table->room == 0 ? 16 : 2 * table->room;
        cell_t *larger = kith_arena_need(arena, room * sizeof *larger);
        for (size_t i = 0; i < table->count; i++) {
            larger[i] = table->cells[i];
        }
        table->cells = larger;
        table->room = room;
    }
    for (size_t i = table->count++; i > place; i--) {
        table->cells[i] = table->cells[i - 1];
    }
    table->cells[place] =
        (cell_t){.agency = kith_arena_str(arena, agency), .topic = kith_arena_str(arena, topic)};
    return &table->cells[place];
}

/* What no ledger holds stays the largest number. */
static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}
static uint64_t times(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static void add_day(const kith_agreement_t *a, cell_t *cell, const char *code,
                    const Kith__Store__LoadDayRow *day)
{
    const kith_cost_t *cost = kith_agreement_cost(a, code);
    cell->count += day->count;
    cell->minutes += day->minutes;
    cell->uncosted += cost == NULL ? day->count : cost->by_hour ? day->untimed : 0;
    if (cost != NULL) {
        cell->cost = add(cell->cost,
                         times(cost->by_hour ? day->minutes : times(day->count, 60), cost->pence));
    }
}

/* Every day from `first` to `last`. */
static kith_err add_days(const work_ctx_t *at, kith_bytes_t household, int64_t first, int64_t last,
                         table_t *table)
{
    kith_key_t place;
    kith_key_clear(&place);
    kith_key_raw(&place, household);
    kith_key_i64(&place, first);
    view_walk_t walk = view_walk(AGENT_TABLE_LOAD, household, kith_key_bytes(&place));
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        load_place_t where = load_place(kith_key_bytes(&walk.place), household.size);
        if (where.day > last) {
            return KITH_OK;
        }
        Kith__Store__LoadDayRow *day = NULL;
        WORK_TRY(view_find_load(at, kith_key_bytes(&walk.place), &day));
        if (day == NULL) {
            return KITH_CORRUPT;
        }
        add_day(at->work->agreement, cell_of(at->arena, table, where.agency, where.topic),
                where.code, day);
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static void show(kith_arena_t *arena, const table_t *table, Kith__Api__LoadResponse *ret)
{
    ret->rows = kith_arena_need(arena, (table->count + 1) * sizeof *ret->rows);
    for (size_t i = 0; i < table->count; i++) {
        const cell_t *cell = &table->cells[i];
        Kith__Api__LoadRow *row = kith_arena_need(arena, sizeof *row);
        kith__api__load_row__init(row);
        row->agency = text_of(cell->agency);
        row->topic = text_of(cell->topic);
        row->count = cell->count;
        row->minutes = cell->minutes;
        row->cost = add(cell->cost, 30) / 60;
        row->uncosted = cell->uncosted;
        ret->count += row->count;
        ret->minutes += row->minutes;
        ret->cost = add(ret->cost, row->cost);
        ret->uncosted += row->uncosted;
        ret->rows[ret->n_rows++] = row;
    }
}

kith_err work_load(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t household,
                   int64_t from_ms, int64_t to_ms, int64_t now_ms, Kith__Api__LoadResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__HouseholdRow *row = NULL;
    WORK_TRY(household_find(&at, household, &row));
    if (row == NULL) {
        return KITH_NOT_FOUND;
    }
    int64_t last = to_ms != 0 ? load_day(to_ms - 1) : INT64_MAX;
    table_t table = {0};
    WORK_TRY(add_days(&at, household, load_day(from_ms), last, &table));
    ret->household = binary_of(kith_arena_copy(arena, household));
    ret->name = row->name;
    ret->lead = text_of(household_lead(row));
    ret->from_ms = from_ms;
    ret->to_ms = to_ms != 0 ? to_ms : now_ms;
    show(arena, &table, ret);
    WORK_TRY(underlap_list(&at, household, ret));
    return rules_passed(&at, household, &ret->n_limits, &ret->limits);
}
