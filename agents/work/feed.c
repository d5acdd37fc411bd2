/* The feed: what this agency has sent and received, one row a notice, in order of arrival, with its
 * indexes by household and by reference. A summary is made once, here, and never holds what is
 * shielded. */
#include "agents/work/parts.h"

#include "base/id.h"

#define SEQ_FEED       "feed"
#define COUNT_REPLACED "feed.replaced"
#define COUNT_PREFIX   "feed."
#define COUNT_SNOOZED  "snoozed."

static const uint8_t nowhere[KITH_ID_BYTES];

kith_bytes_t feed_nowhere(void)
{
    return (kith_bytes_t){nowhere, sizeof nowhere};
}

static kith_bytes_t read_key_place(const view_walk_t *walk, size_t size)
{
    return (kith_bytes_t){walk->place.data + walk->place.size - size, size};
}

/* ---- indexes ---- */

typedef struct count_name {
    char text[16 + 2 * KITH_ID_BYTES + 1];
} count_name_t;

static count_name_t count_name(const char *prefix, kith_bytes_t household)
{
    count_name_t name = {{0}};
    size_t size = strlen(prefix);
    memcpy(name.text, prefix, size);
    kith_hex(household, name.text + size);
    return name;
}

/* Also what names no household and asks for none, as a reply to a stray alert: in no other index.
 */
static kith_err index_arrival(const work_ctx_t *at, kith_bytes_t household, uint64_t seq, bool add)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, household);
    kith_key_u64(&key, seq);
    return add ? kith_put(at->txn, AGENT_TABLE_FEED_BY_ARRIVAL, kith_key_bytes(&key),
                          (kith_bytes_t){0})
               : kith_del(at->txn, AGENT_TABLE_FEED_BY_ARRIVAL, kith_key_bytes(&key));
}

static kith_err index_under(const work_ctx_t *at, kith_bytes_t household, uint64_t seq,
                            const Kith__Store__FeedRow *row, bool add)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, household);
    kith_key_i64(&key, row->occurred_ms);
    kith_key_u64(&key, seq);
    WORK_TRY(view_count(at, count_name(COUNT_PREFIX, household).text, add ? 1 : -1));
    if (row->snooze != 0) {
        WORK_TRY(view_count(at, count_name(COUNT_SNOOZED, household).text, add ? 1 : -1));
    }
    WORK_TRY(index_arrival(at, household, seq, add));
    return add ? kith_put(at->txn, AGENT_TABLE_FEED_BY_HOUSEHOLD, kith_key_bytes(&key),
                          (kith_bytes_t){0})
               : kith_del(at->txn, AGENT_TABLE_FEED_BY_HOUSEHOLD, kith_key_bytes(&key));
}

static kith_err index_row(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                          bool add)
{
    if (row->household.len > 0) {
        WORK_TRY(index_under(at, bytes_of(row->household), seq, row, add));
    } else if (!row->unknown_household) {
        return index_arrival(at, feed_nowhere(), seq, add);
    }
    return row->unknown_household ? index_under(at, feed_nowhere(), seq, row, add) : KITH_OK;
}

static kith_err index_refs(const work_ctx_t *at, uint64_t seq, const Kith__Notice *notice, bool add)
{
    size_t count = 0;
    Kith__About *const *about = about_of(notice, &count);
    for (size_t i = 0; i < count; i++) {
        kith_key_t key;
        kith_key_clear(&key);
        kith_key_name(&key, about[i]->ref->system);
        kith_key_name(&key, about[i]->ref->id);
        kith_key_u64(&key, seq);
        kith_err err = add ? kith_put(at->txn, AGENT_TABLE_FEED_BY_REF, kith_key_bytes(&key),
                                      (kith_bytes_t){0})
                           : kith_del(at->txn, AGENT_TABLE_FEED_BY_REF, kith_key_bytes(&key));
        if (err != KITH_OK && err != KITH_NOT_FOUND) { /* a reference may stand there twice */
            return err;
        }
    }
    return KITH_OK;
}

kith_err feed_count(const work_ctx_t *at, kith_bytes_t household, uint64_t *ret_rows)
{
    if (household.size > 0) {
        return view_number(at, count_name(COUNT_PREFIX, household).text, ret_rows);
    }
    uint64_t rows = 0, replaced = 0;
    WORK_TRY(kith_count(at->txn, AGENT_TABLE_FEED, &rows));
    WORK_TRY(view_number(at, COUNT_REPLACED, &replaced));
    *ret_rows = rows - replaced;
    return KITH_OK;
}

kith_err feed_count_snoozed(const work_ctx_t *at, kith_bytes_t household, uint64_t *ret_rows)
{
    return view_number(at, count_name(COUNT_SNOOZED, household).text, ret_rows);
}

kith_err feed_end(const work_ctx_t *at, uint64_t *ret_seq)
{
    return view_number(at, SEQ_FEED, ret_seq);
}

/* ---- rows ---- */

kith_err feed_put(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row)
{
    kith_key_t key = view_key_seq(seq);
    return view_put_feed(at, kith_key_bytes(&key), row);
}

kith_err feed_get(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow **ret_row)
{
    kith_key_t key = view_key_seq(seq);
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(view_find_feed(at, kith_key_bytes(&key), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* an index and its row are written in one commit */
    }
    *ret_row = row;
    return KITH_OK;
}

kith_bytes_t feed_place(const Kith__Store__FeedRow *row)
{
    return row->household.len > 0 && !row->unknown_household ? bytes_of(row->household)
                                                             : feed_nowhere();
}

bool feed_hidden(const Kith__Store__FeedRow *row)
{
    return row->replaced || row->folds_into != 0 || row->snooze != 0;
}

kith_err feed_find(const work_ctx_t *at, kith_bytes_t notice_id, uint64_t *ret_seq,
                   Kith__Store__FeedRow **ret_row)
{
    kith_bytes_t value;
    kith_err err = notice_id.size > 0 ? kith_get(at->txn, AGENT_TABLE_FEED_OF, notice_id, &value)
                                      : KITH_NOT_FOUND; /* a line of our own */
    if (err == KITH_NOT_FOUND) {
        *ret_row = NULL;
        return KITH_OK;
    }
    WORK_TRY(err);
    if (value.size != sizeof(uint64_t)) {
        return KITH_CORRUPT;
    }
    uint64_t seq = kith_key_read_u64(&(kith_key_reader_t){value});
    WORK_TRY(feed_get(at, seq, ret_row));
    *ret_seq = seq;
    return KITH_OK;
}

/* Watchers have seen the row's number: what replaces it comes as a new one. */
static kith_err give_way(const work_ctx_t *at, uint64_t seq, const Kith__Notice *notice,
                         const Kith__Store__FeedRow *row)
{
    Kith__Store__FeedRow replaced = *row;
    replaced.replaced = true;
    WORK_TRY(index_row(at, seq, row, false));
    WORK_TRY(index_refs(at, seq, notice, false));
    WORK_TRY(view_count(at, COUNT_REPLACED, 1));
    return feed_put(at, seq, &replaced);
}

/* At the end of the feed. */
static kith_err append(const work_ctx_t *at, const Kith__Notice *notice,
                       const Kith__Store__FeedRow *row, uint64_t *ret_seq)
{
    uint64_t seq = 0;
    WORK_TRY(view_next_seq(at, SEQ_FEED, &seq));
    kith_key_t number = view_key_seq(seq);
    WORK_TRY(
        kith_put(at->txn, AGENT_TABLE_FEED_OF, bytes_of(row->notice_id), kith_key_bytes(&number)));
    WORK_TRY(index_row(at, seq, row, true));
    WORK_TRY(index_refs(at, seq, notice, true));
    *ret_seq = seq;
    return feed_put(at, seq, row);
}

kith_err feed_add(const work_ctx_t *at, const Kith__Notice *notice, Kith__Store__FeedRow *row)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *held = NULL, *added = NULL;
    WORK_TRY(feed_find(at, bytes_of(row->notice_id), &seq, &held));
    if (held != NULL && (!held->early || row->early)) {
        return KITH_OK;
    }
    if (held != NULL) {
        WORK_TRY(give_way(at, seq, notice, held));
    }
    WORK_TRY(plan_mark(at, row));
    WORK_TRY(load_add(at, notice, row));
    WORK_TRY(need_file(at, notice, row, true));
    WORK_TRY(append(at, notice, row, &seq));
    WORK_TRY(fold_add(at, seq, row, notice));
    WORK_TRY(feed_get(at, seq, &added));
    WORK_TRY(snooze_take(at, seq, added));
    return held != NULL ? KITH_OK : round_note(at, added, ""); /* the early one is told already */
}

kith_err feed_snooze(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row, uint64_t snooze)
{
    WORK_TRY(index_row(at, seq, row, false));
    row->snooze = snooze;
    WORK_TRY(index_row(at, seq, row, true));
    return feed_put(at, seq, row);
}

kith_err feed_again(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row,
                    const char *why_now)
{
    Kith__Notice *notice = NULL;
    WORK_TRY(view_find_notice(at, bytes_of(row->notice_id), &notice));
    if (notice == NULL) { /* early: it moves when it is applied, and is told now */
        return round_note(at, row, why_now);
    }
    WORK_TRY(give_way(at, seq, notice, row));
    WORK_TRY(append(at, notice, row, &seq));
    WORK_TRY(fold_move(at, seq, row, bytes_of(row->household)));
    return round_note(at, row, why_now);
}

/* What no notice brought. */
static kith_err tell(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t household,
                     const char *kind, const char *summary, bool urgent)
{
    Kith__Store__FeedRow row = KITH__STORE__FEED_ROW__INIT;
    Kith__Store__FeedRow *of = NULL;
    uint64_t seq = 0;
    WORK_TRY(feed_find(at, notice, &seq, &of));
    row.notice_id = binary_of(notice);
    row.origin = of != NULL ? of->origin : text_of(at->work->agency);
    row.mine = of == NULL || of->mine;
    row.household = binary_of(household);
    row.occurred_ms = row.received_ms = at->now_ms;
    row.kind = text_of(kind);
    row.urgent = urgent || (of != NULL && of->urgent);
    row.summary = text_of(summary);
    WORK_TRY(view_next_seq(at, SEQ_FEED, &seq));
    WORK_TRY(index_row(at, seq, &row, true));
    WORK_TRY(feed_put(at, seq, &row));
    return round_note(at, &row, "");
}

kith_err feed_tell(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t household,
                   const char *kind, const char *summary)
{
    return tell(at, notice, household, kind, summary, false);
}

kith_err feed_tell_urgent(const work_ctx_t *at, kith_bytes_t notice, kith_bytes_t household,
                          const char *kind, const char *summary)
{
    return tell(at, notice, household, kind, summary, true);
}

void feed_shield(Kith__Store__FeedRow *row)
{
    row->shielded = true;
    row->summary = text_of("shielded");
}

static bool has_free_text(const Kith__Store__FeedRow *row)
{
    const work_kind_t *kind = work_kind_named(row->kind);
    return kind == NULL || kind->free_text;
}

/* ---- filing anew ---- */

/* seq stands at the end of both indexes' keys. */
kith_err feed_row_at(const work_ctx_t *at, const view_walk_t *walk, uint64_t *ret_seq,
                     Kith__Store__FeedRow **ret_row)
{
    kith_bytes_t place = read_key_place(walk, sizeof(uint64_t));
    *ret_seq = kith_key_read_u64(&(kith_key_reader_t){place});
    return feed_get(at, *ret_seq, ret_row);
}

/* The row, moved to where it belongs now. */
static kith_err move(const work_ctx_t *at, const Kith__Notice *notice, uint64_t seq,
                     Kith__Store__FeedRow *row, const belongs_t *belongs)
{
    kith_bytes_t from = bytes_of(row->household);
    WORK_TRY(index_row(at, seq, row, false));
    WORK_TRY(load_count(at, notice, row, false));
    WORK_TRY(need_file(at, notice, row, false));
    WORK_TRY(plan_unmark(at, row));
    row->household = binary_of(belongs->household);
    row->unknown_household = !belongs->known;
    WORK_TRY(plan_mark(at, row));
    WORK_TRY(index_row(at, seq, row, true));
    WORK_TRY(load_count(at, notice, row, true));
    WORK_TRY(need_file(at, notice, row, true));
    Kith__Store__HouseholdRow *household = NULL;
    if (belongs->known) {
        WORK_TRY(household_find(at, belongs->household, &household));
    }
    row->household_closed = household_closed(household);
    if (household_shielded(household) && has_free_text(row)) {
        feed_shield(row);
    }
    WORK_TRY(feed_put(at, seq, row));
    WORK_TRY(fold_move(at, seq, row, from));
    return round_note(at, row, "");
}

static kith_err end_front_door(const work_ctx_t *at, const Kith__Store__FeedRow *row,
                               const char *by)
{
    return task_end(at, "front-door", bytes_of(row->notice_id), row->origin, by);
}

static kith_err refile(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row,
                       const char *user, bool decided)
{
    Kith__Notice *notice = NULL;
    WORK_TRY(view_find_notice(at, bytes_of(row->notice_id), &notice));
    if (notice == NULL) { /* early: its notice is stored when it is applied, and filed then */
        return KITH_OK;
    }
    belongs_t belongs;
    WORK_TRY(link_resolve(at, notice, &belongs));
    bool same = belongs.known == !row->unknown_household &&
                kith_bytes_equal(belongs.household, bytes_of(row->household));
    if (same) {
        return decided && row->unknown_household ? end_front_door(at, row, user) : KITH_OK;
    }
    kith_bytes_t before = bytes_of(row->household);
    WORK_TRY(move(at, notice, seq, row, &belongs));
    WORK_TRY(rules_moved(at, notice, before, belongs.household));
    return belongs.known ? end_front_door(at, row, user) : task_front_door(at, row);
}

kith_err feed_refile(const work_ctx_t *at, const Kith__Reference *ref, const char *user,
                     bool decided)
{
    kith_key_t prefix;
    kith_key_clear(&prefix);
    kith_key_name(&prefix, ref->system);
    kith_key_name(&prefix, ref->id);
    view_walk_t walk =
        view_walk(AGENT_TABLE_FEED_BY_REF, kith_key_bytes(&prefix), (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        uint64_t seq = 0;
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(feed_row_at(at, &walk, &seq, &row));
        WORK_TRY(refile(at, seq, row, user, decided));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err feed_household_known(const work_ctx_t *at, kith_bytes_t household)
{
    view_walk_t walk = view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, household, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        uint64_t seq = 0;
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(feed_row_at(at, &walk, &seq, &row));
        if (!row->unknown_household) {
            continue;
        }
        WORK_TRY(index_under(at, feed_nowhere(), seq, row, false));
        row->unknown_household = false;
        WORK_TRY(plan_mark(at, row));
        WORK_TRY(feed_put(at, seq, row));
        WORK_TRY(round_note(at, row, ""));
        WORK_TRY(end_front_door(at, row, ""));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err feed_household_shielded(const work_ctx_t *at, kith_bytes_t household)
{
    view_walk_t walk = view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, household, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        uint64_t seq = 0;
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(feed_row_at(at, &walk, &seq, &row));
        if (has_free_text(row)) {
            feed_shield(row);
            WORK_TRY(feed_put(at, seq, row));
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}
