/* What a user has looked at: up to which entry, of one household or of all. What came later is
 * fresh, whatever was acknowledged or looked at; so is a correction, which stands at its own place.
 */
#include "agents/work/parts.h"

#include "base/id.h"

/* Entries that are counted as fresh at once. */
#define COUNT_MAX 1000u
/* And rows that are looked at for it: others may stand before them. */
#define SCAN_MAX 4096u

/* Users' names may be longer than a key. place empty: all. */
static kith_key_t key_of(const work_ctx_t *at, const char *user, kith_bytes_t place)
{
    kith_digest_t digest = kith_hash1(at->work->hash, KITH_TAG_REQUEST, kith_bytes_str(user));
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, kith_digest_bytes(&digest));
    kith_key_raw(&key, place);
    return key;
}

static kith_err find(const work_ctx_t *at, const kith_key_t *key, uint64_t *ret_up_to)
{
    Kith__Store__LookedRow *row = NULL;
    WORK_TRY(view_find_looked(at, kith_key_bytes(key), &row));
    *ret_up_to = row != NULL ? row->up_to : 0;
    return KITH_OK;
}

kith_err looked_up_to(const work_ctx_t *at, const char *user, kith_bytes_t place,
                      uint64_t *ret_up_to)
{
    kith_key_t all = key_of(at, user, (kith_bytes_t){0}), one = key_of(at, user, place);
    uint64_t up_to_all = 0, up_to = 0;
    WORK_TRY(find(at, &all, &up_to_all));
    WORK_TRY(find(at, &one, &up_to));
    *ret_up_to = up_to > up_to_all ? up_to : up_to_all;
    return KITH_OK;
}

static kith_err advance(const work_ctx_t *at, const char *user, kith_bytes_t place, uint64_t up_to)
{
    kith_key_t key = key_of(at, user, place);
    Kith__Store__LookedRow row = KITH__STORE__LOOKED_ROW__INIT;
    WORK_TRY(find(at, &key, &row.up_to));
    if (up_to <= row.up_to) {
        return KITH_OK;
    }
    row.up_to = up_to;
    return view_put_looked(at, kith_key_bytes(&key), &row);
}

/* ---- what is fresh ---- */

kith_err looked_tally(const work_ctx_t *at, kith_bytes_t place, uint64_t up_to, uint64_t scan_max,
                      tally_t *ret_tally)
{
    tally_t tally = {0};
    kith_key_t before;
    kith_key_clear(&before);
    kith_err err = KITH_OK;
    while (tally.fresh < COUNT_MAX && tally.rows < scan_max) {
        kith_bytes_t key, value;
        err = kith_prev(at->txn, AGENT_TABLE_FEED_BY_ARRIVAL, place, kith_key_bytes(&before), &key,
                        &value);
        if (err != KITH_OK) {
            break;
        }
        kith_key_clear(&before);
        kith_key_raw(&before, key);
        kith_bytes_t number = {before.data + place.size, sizeof(uint64_t)};
        uint64_t seq = kith_key_read_u64(&(kith_key_reader_t){number});
        tally.last = tally.last == 0 ? seq : tally.last;
        if (seq <= up_to && tally.newest != NULL) {
            break;
        }
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(feed_get(at, seq, &row));
        tally.rows++;
        if (feed_hidden(row)) {
            continue;
        }
        if (tally.newest == NULL) {
            tally.newest = row;
            tally.newest_seq = seq;
        }
        if (seq <= up_to) {
            break;
        }
        tally.fresh++;
        tally.urgent += row->urgent ? 1 : 0;
    }
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_tally = tally;
    return KITH_OK;
}

/* Of the whole feed: each row by its own place. */
static kith_err count_all(const work_ctx_t *at, const char *user, uint64_t *ret_fresh)
{
    kith_key_t all = key_of(at, user, (kith_bytes_t){0});
    uint64_t up_to = 0, fresh = 0, place_up_to = 0;
    WORK_TRY(find(at, &all, &up_to));
    kith_key_t after = view_key_seq(up_to);
    view_walk_t walk = view_walk(AGENT_TABLE_FEED, (kith_bytes_t){0}, kith_key_bytes(&after));
    kith_bytes_t value;
    kith_err err = KITH_OK;
    for (size_t rows = 0; rows < SCAN_MAX && fresh < COUNT_MAX; rows++) {
        err = view_walk_next(at, &walk, &value);
        if (err != KITH_OK) {
            break;
        }
        uint64_t seq = kith_key_read_u64(&(kith_key_reader_t){kith_key_bytes(&walk.place)});
        Kith__Store__FeedRow *row = NULL;
        WORK_TRY(feed_get(at, seq, &row));
        WORK_TRY(looked_up_to(at, user, feed_place(row), &place_up_to));
        fresh += !feed_hidden(row) && seq > place_up_to ? 1 : 0;
    }
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_fresh = fresh;
    return KITH_OK;
}

/* ---- a user has looked ---- */

static kith_err may_look(const work_ctx_t *at, const Kith__Api__LookedRequest *ask,
                         work_refusal_t *refusal)
{
    static const work_refusal_t which = {"household", "a household is named by its 16 bytes"};
    static const work_refusal_t nothing = {"looked-up-to",
                                           "say up to which entry: its place (seq) in the feed"};
    kith_bytes_t household = bytes_of(ask->household);
    if (household.size != 0 && household.size != KITH_ID_BYTES) {
        *refusal = which;
        return KITH_INVALID;
    }
    uint64_t end = 0;
    WORK_TRY(feed_end(at, &end));
    if (ask->up_to == 0) {
        *refusal = nothing;
        return KITH_INVALID;
    }
    if (ask->up_to > end) {
        *refusal = (work_refusal_t){
            "looked-up-to", kith_arena_printf(at->arena,
                                              "the feed goes to %llu: nobody has looked at what "
                                              "has not come",
                                              (unsigned long long)end)};
        return KITH_INVALID;
    }
    Kith__Store__HouseholdRow *row = NULL;
    bool is_known = household.size == 0 || kith_bytes_equal(household, feed_nowhere());
    if (!is_known) {
        WORK_TRY(household_find(at, household, &row));
        is_known = row != NULL;
    }
    if (!is_known) {
        *refusal = (work_refusal_t){"household", "no such household is known here"};
        return KITH_NOT_FOUND;
    }
    return KITH_OK;
}

kith_err work_looked(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     const Kith__Api__LookedRequest *ask, const char *user, uint64_t *ret_fresh,
                     work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    kith_bytes_t place = bytes_of(ask->household);
    WORK_TRY(may_look(&at, ask, ret_refusal));
    WORK_TRY(advance(&at, user, place, ask->up_to));
    WORK_TRY(advance(&at, LOOKED_ANYBODY, place, ask->up_to));
    if (place.size == 0) {
        return count_all(&at, user, ret_fresh);
    }
    uint64_t up_to = 0;
    tally_t tally;
    WORK_TRY(looked_up_to(&at, user, place, &up_to));
    WORK_TRY(looked_tally(&at, place, up_to, SCAN_MAX, &tally));
    *ret_fresh = tally.fresh;
    return KITH_OK;
}
