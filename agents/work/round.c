/* Tellings: what this agency's people are told, one a household and round, and when. What is urgent
 * is told at once, the rest with the digest. A telling holds all that is open: what nobody here has
 * looked at or acknowledged. With no change it is told again after the repeat interval, once.
 * docs/STATES.md draws it. */
#include "agents/work/parts.h"

#include "base/bug.h"

#define SEQ_TELLINGS     "tellings"
#define TELLINGS_DEFAULT 100u
#define NEWEST_MAX       10u
/* Rows of one household that are looked at for one telling, from the newest on. */
#define SCAN_MAX 4096u
#define HOUR_MS  (INT64_C(3600) * 1000)

static const work_rounds_t *rules(const work_ctx_t *at)
{
    return at->work->rounds;
}

static bool has_digest(const work_ctx_t *at)
{
    return rules(at)->digest_ms != WORK_NO_DIGEST;
}

static int64_t digest_after(const work_ctx_t *at, int64_t ms)
{
    static const kith_zone_t utc = {.name = "UTC"};
    const kith_agency_t *own = kith_agreement_agency(at->work->agreement, at->work->agency);
    const kith_calendar_t *office = own != NULL ? own->calendar : NULL;
    const kith_calendar_t every_day = {
        .zone = office != NULL ? office->zone : &utc, .closes_ms = 1, .days = 0x7f};
    bool working_days = office != NULL && rules(at)->working_days;
    return kith_calendar_next_time(working_days ? office : &every_day, ms, rules(at)->digest_ms);
}

/* Once, of what was told. A repeat of what waited for a digest comes with the digest that is
 * nearest to its time. */
static int64_t repeat_ms(const work_ctx_t *at, const Kith__Store__RoundRow *round, bool urgent)
{
    if (round->told_ms == 0 || round->repeated) {
        return INT64_MAX;
    }
    int64_t due_ms = round->told_ms + rules(at)->repeat_ms;
    if (urgent || !has_digest(at)) {
        return due_ms;
    }
    int64_t from_ms = due_ms - 12 * HOUR_MS;
    return digest_after(at, from_ms > round->told_ms ? from_ms : round->told_ms);
}

/* ---- when the next round is ---- */

static kith_err schedule(const work_ctx_t *at, kith_bytes_t household, Kith__Store__RoundRow *round,
                         int64_t due_ms)
{
    if (round->next_ms != 0) {
        WORK_TRY(due_clear(at, AGENT_TABLE_ROUNDS_DUE, round->next_ms, household));
    }
    round->next_ms = due_ms != INT64_MAX ? due_ms : 0;
    if (round->next_ms != 0) {
        WORK_TRY(due_set(at, AGENT_TABLE_ROUNDS_DUE, round->next_ms, household));
    }
    return view_put_round(at, household, round);
}

static kith_err hasten(const work_ctx_t *at, kith_bytes_t household, int64_t due_ms,
                       const char *why_now)
{
    Kith__Store__RoundRow *held = NULL;
    Kith__Store__RoundRow fresh = KITH__STORE__ROUND_ROW__INIT;
    WORK_TRY(view_find_round(at, household, &held));
    Kith__Store__RoundRow *round = held != NULL ? held : &fresh;
    if (has_text(why_now)) {
        round->reason = text_of(why_now);
        due_ms = at->now_ms;
    } else if (due_ms == 0) { /* at once, but not twice within the interval */
        int64_t next_ms = round->told_ms + rules(at)->interval_ms;
        due_ms = at->now_ms + rules(at)->wait_ms;
        due_ms = round->told_ms != 0 && next_ms > due_ms ? next_ms : due_ms;
    }
    bool is_earlier = round->next_ms == 0 || due_ms < round->next_ms;
    return schedule(at, household, round, is_earlier ? due_ms : round->next_ms);
}

/* What this agency has said itself is no news to it; what its own clocks say is. */
static bool is_news(const Kith__Store__FeedRow *row)
{
    return !feed_hidden(row) && !(row->mine && has_text(row->topic));
}

kith_err round_note(const work_ctx_t *at, const Kith__Store__FeedRow *row, const char *why_now)
{
    if (rules(at) == NULL || !is_news(row)) {
        return KITH_OK;
    }
    bool waits = !row->urgent && has_digest(at);
    return hasten(at, feed_place(row), waits ? digest_after(at, at->now_ms) : 0, why_now);
}

kith_err round_at_once(const work_ctx_t *at, kith_bytes_t household, const char *reason)
{
    return rules(at) != NULL ? hasten(at, household, 0, reason) : KITH_OK;
}

/* ---- what is open ---- */

typedef struct open {
    uint64_t entries, fresh, last;
    bool urgent, fresh_urgent;
    int64_t first_ms; /* when the first of the fresh came */
} open_t;

/* Acknowledging hides nothing that came after it. */
static kith_err is_acknowledged(const work_ctx_t *at, const Kith__Store__FeedRow *row, bool *ret_is)
{
    kith_key_t key = view_key_seen(bytes_of(row->notice_id), at->work->agency);
    Kith__Store__SeenRow *seen = NULL;
    WORK_TRY(view_find_seen(at, kith_key_bytes(&key), &seen));
    *ret_is = seen != NULL && seen->seen_ms >= row->received_ms;
    return KITH_OK;
}

static kith_err take(const work_ctx_t *at, const Kith__Store__RoundRow *round, uint64_t seq,
                     open_t *open)
{
    Kith__Store__FeedRow *row = NULL;
    bool is_over = true;
    WORK_TRY(feed_get(at, seq, &row));
    if (is_news(row)) {
        WORK_TRY(is_acknowledged(at, row, &is_over));
    }
    if (is_over) {
        return KITH_OK;
    }
    open->entries++;
    open->last = open->last == 0 ? seq : open->last;
    open->urgent |= row->urgent;
    if (seq > round->told_up_to || KITH_BUG(53)) {
        open->first_ms = row->received_ms;
        open->fresh++;
        open->fresh_urgent |= row->urgent;
    }
    return KITH_OK;
}

/* The row of the household that came before that place, which becomes its own. */
static kith_err row_before(const work_ctx_t *at, kith_bytes_t household, kith_key_t *place,
                           uint64_t *ret_seq)
{
    kith_bytes_t key, value;
    WORK_TRY(kith_prev(at->txn, AGENT_TABLE_FEED_BY_ARRIVAL, household, kith_key_bytes(place), &key,
                       &value));
    kith_key_clear(place);
    kith_key_raw(place, key);
    kith_bytes_t number = {place->data + household.size, sizeof(uint64_t)};
    *ret_seq = kith_key_read_u64(&(kith_key_reader_t){number});
    return KITH_OK;
}

static kith_err find_open(const work_ctx_t *at, kith_bytes_t household,
                          const Kith__Store__RoundRow *round, open_t *ret_open)
{
    uint64_t up_to = 0, seq = 0;
    open_t open = {0};
    kith_key_t place;
    kith_key_clear(&place);
    WORK_TRY(looked_up_to(at, LOOKED_ANYBODY, household, &up_to));
    for (size_t i = 0; i < SCAN_MAX; i++) {
        kith_err err = row_before(at, household, &place, &seq);
        if (err == KITH_NOT_FOUND || (err == KITH_OK && seq <= up_to)) {
            break;
        }
        WORK_TRY(err);
        WORK_TRY(take(at, round, seq, &open));
    }
    *ret_open = open;
    return KITH_OK;
}

/* ---- a round ---- */

static const char *reason_of(const work_ctx_t *at, const Kith__Store__RoundRow *round,
                             const open_t *open)
{
    return has_text(round->reason) ? round->reason
           : open->fresh == 0      ? "repeat"
           : open->fresh_urgent    ? "urgent"
           : has_digest(at)        ? "digest"
                                   : "news";
}

static kith_err tell(const work_ctx_t *at, kith_bytes_t household, Kith__Store__RoundRow *round,
                     const open_t *open)
{
    Kith__Store__TellingRow telling = KITH__STORE__TELLING_ROW__INIT;
    uint64_t seq = 0;
    WORK_TRY(view_next_seq(at, SEQ_TELLINGS, &seq));
    kith_key_t key = view_key_seq(seq);
    telling.household = binary_of(household);
    telling.again = open->fresh == 0;
    telling.urgent = open->fresh_urgent || (telling.again && open->urgent);
    telling.at_ms = at->now_ms;
    telling.entries = open->entries;
    telling.up_to = open->last;
    telling.reason = text_of(reason_of(at, round, open));
    WORK_TRY(view_put_telling(at, kith_key_bytes(&key), &telling));
    round->told_up_to = open->last;
    round->told_ms = at->now_ms;
    round->repeated = telling.again;
    round->reason = text_of("");
    return schedule(at, household, round, repeat_ms(at, round, open->urgent));
}

/* When what is open is due: the urgent has waited already. */
static int64_t due_ms(const work_ctx_t *at, const Kith__Store__RoundRow *round, const open_t *open)
{
    int64_t due = repeat_ms(at, round, open->urgent);
    bool at_once = has_text(round->reason) || open->fresh_urgent || !has_digest(at);
    if (open->fresh > 0) {
        int64_t news = at_once ? 0 : digest_after(at, open->first_ms);
        due = news < due ? news : due;
    }
    return due;
}

kith_err round_over(const work_ctx_t *at, kith_bytes_t household)
{
    if (rules(at) == NULL) {
        return kith_del(at->txn, AGENT_TABLE_ROUNDS, household);
    }
    household = kith_arena_copy(at->arena, household);
    Kith__Store__RoundRow *round = NULL;
    open_t open;
    WORK_TRY(view_find_round(at, household, &round));
    if (round == NULL) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    round->next_ms = 0; /* it has left the index */
    WORK_TRY(find_open(at, household, round, &open));
    if (open.entries == 0) {
        return kith_del(at->txn, AGENT_TABLE_ROUNDS, household);
    }
    int64_t due = due_ms(at, round, &open);
    return at->now_ms > due || has_text(round->reason) ? tell(at, household, round, &open)
                                                       : schedule(at, household, round, due);
}

/* ---- what was told ---- */

static kith_err add_newest(const work_ctx_t *at, const Kith__Store__TellingRow *row,
                           Kith__Api__Telling *telling)
{
    size_t most = row->entries < NEWEST_MAX ? (size_t)row->entries : NEWEST_MAX;
    kith_bytes_t household = bytes_of(row->household);
    kith_key_t before;
    kith_key_clear(&before);
    kith_key_raw(&before, household);
    kith_key_u64(&before, row->up_to + 1);
    telling->newest = kith_arena_need(at->arena, (most + 1) * sizeof *telling->newest);
    for (size_t i = 0; i < SCAN_MAX && telling->n_newest < most; i++) {
        uint64_t seq = 0;
        kith_err err = row_before(at, household, &before, &seq);
        if (err == KITH_NOT_FOUND) {
            return KITH_OK;
        }
        WORK_TRY(err);
        Kith__Store__FeedRow *entry = NULL;
        WORK_TRY(feed_get(at, seq, &entry));
        if (is_news(entry)) {
            telling->newest[telling->n_newest++] = feed_entry(at->arena, seq, entry);
        }
    }
    return KITH_OK;
}

static kith_err show(const work_ctx_t *at, uint64_t seq, Kith__Api__Telling **ret_telling)
{
    kith_key_t key = view_key_seq(seq);
    Kith__Store__TellingRow *row = NULL;
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(view_find_telling(at, kith_key_bytes(&key), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* they are numbered without gaps */
    }
    WORK_TRY(household_find(at, bytes_of(row->household), &household));
    Kith__Api__Telling *telling = kith_arena_need(at->arena, sizeof *telling);
    kith__api__telling__init(telling);
    telling->seq = seq;
    if (household != NULL) {
        telling->household = row->household;
        telling->name = household->name;
    }
    telling->urgent = row->urgent;
    telling->again = row->again;
    telling->at_ms = row->at_ms;
    telling->entries = row->entries;
    telling->reason = row->reason;
    *ret_telling = telling;
    return add_newest(at, row, telling);
}

kith_err tellings_end(const work_ctx_t *at, uint64_t *ret_seq)
{
    return view_number(at, SEQ_TELLINGS, ret_seq);
}

kith_err work_tellings_end(const work_t *self, kith_txn_t *txn, uint64_t *ret_seq)
{
    work_ctx_t at = {.work = self, .txn = txn};
    return tellings_end(&at, ret_seq);
}

kith_err work_tellings(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const Kith__Api__TellingsRequest *ask, int64_t now_ms,
                       Kith__Api__TellingsResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    size_t limit = ask->limit == 0                   ? TELLINGS_DEFAULT
                   : ask->limit > KITH_FEED_PAGE_MAX ? KITH_FEED_PAGE_MAX
                                                     : ask->limit;
    uint64_t end = 0;
    WORK_TRY(tellings_end(&at, &end));
    ret->tellings = kith_arena_need(arena, (limit + 1) * sizeof *ret->tellings);
    uint64_t seq = ask->after;
    while (seq < end && ret->n_tellings < limit) {
        WORK_TRY(show(&at, ++seq, &ret->tellings[ret->n_tellings]));
        ret->n_tellings++;
    }
    ret->more = seq < end;
    ret->next_digest_ms = rules(&at) != NULL && has_digest(&at) ? digest_after(&at, now_ms) : 0;
    return KITH_OK;
}
