/* Snoozes: for a span of time a matcher keeps what comes out of the feed. Who set it, why, until
 * when and what it hid is kept. When it ends, by its time or by a person, what it hid comes to the
 * end of the feed, as if it had come then; what stays in place is only what another snooze hides.
 *
 * Never snoozed: what is urgent, and what this agency's own clocks say. A snooze is no silence. */
#include "agents/work/parts.h"

#include "base/text.h"

#define SEQ_SNOOZES "snoozes"
/* Of one span: then a person says anew that it still holds. */
#define SPAN_MS_MAX (INT64_C(30) * 24 * 3600 * 1000)
/* At one time: each entry is held against all of them. */
#define SNOOZES_MAX 256u
/* Entries that come back in one tick; the rest follows at once. */
#define RELEASE_MAX 256u

static kith_key_t hidden_key(uint64_t snooze, uint64_t seq)
{
    kith_key_t key = view_key_seq(snooze);
    kith_key_u64(&key, seq);
    return key;
}

static kith_err get(const work_ctx_t *at, uint64_t seq, Kith__Store__SnoozeRow **ret_row)
{
    kith_key_t key = view_key_seq(seq);
    Kith__Store__SnoozeRow *row = NULL;
    WORK_TRY(view_find_snooze(at, kith_key_bytes(&key), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* its index is written in the same commit */
    }
    *ret_row = row;
    return KITH_OK;
}

static kith_err put(const work_ctx_t *at, uint64_t seq, const Kith__Store__SnoozeRow *row)
{
    kith_key_t key = view_key_seq(seq);
    return view_put_snooze(at, kith_key_bytes(&key), row);
}

/* ---- what a snooze hides ---- */

static bool is_alarm(const char *kind)
{
    return strcmp(kind, "alert") == 0 || strcmp(kind, "reply") == 0;
}

static bool may_hide(const Kith__Store__FeedRow *row)
{
    return has_text(row->topic) && !row->urgent && !is_alarm(row->kind) && !feed_hidden(row);
}

static bool fits(const Kith__Store__SnoozeRow *snooze, const Kith__Store__FeedRow *row)
{
    bool household = snooze->household.len == 0 || same_id(snooze->household, row->household);
    bool kind = !has_text(snooze->kind) || strcmp(snooze->kind, row->kind) == 0;
    return household && kind &&
           (!has_text(snooze->topic) || kith_pattern_covers(snooze->topic, row->topic));
}

/* The next that has not ended. KITH_NOT_FOUND at the end. */
static kith_err next_open(const work_ctx_t *at, view_walk_t *walk, uint64_t *ret_seq,
                          Kith__Store__SnoozeRow **ret_row)
{
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, walk, &nothing)) == KITH_OK) {
        kith_key_reader_t reader = {kith_key_bytes(&walk->place)};
        (void)kith_key_read_i64(&reader);
        uint64_t seq = kith_key_read_u64(&reader);
        WORK_TRY(get(at, seq, ret_row));
        if ((*ret_row)->ended_ms == 0) {
            *ret_seq = seq;
            return KITH_OK;
        }
    }
    return err;
}

static view_walk_t walk_open(void)
{
    return view_walk(AGENT_TABLE_SNOOZES_DUE, (kith_bytes_t){0}, (kith_bytes_t){0});
}

kith_err snooze_take(const work_ctx_t *at, uint64_t seq, Kith__Store__FeedRow *row)
{
    if (!may_hide(row)) {
        return KITH_OK;
    }
    view_walk_t walk = walk_open();
    Kith__Store__SnoozeRow *snooze = NULL;
    uint64_t number = 0;
    kith_err err = KITH_OK;
    while ((err = next_open(at, &walk, &number, &snooze)) == KITH_OK) {
        if (!fits(snooze, row)) {
            continue;
        }
        snooze->hid++;
        WORK_TRY(put(at, number, snooze));
        kith_key_t key = hidden_key(number, seq);
        WORK_TRY(kith_put(at->txn, AGENT_TABLE_SNOOZED, kith_key_bytes(&key), (kith_bytes_t){0}));
        return feed_snooze(at, seq, row, number);
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err snooze_until(const work_ctx_t *at, kith_bytes_t household, int64_t *ret_until_ms)
{
    view_walk_t walk = walk_open();
    Kith__Store__SnoozeRow *snooze = NULL;
    uint64_t number = 0;
    int64_t until_ms = 0;
    kith_err err = KITH_OK;
    while ((err = next_open(at, &walk, &number, &snooze)) == KITH_OK) {
        bool is =
            snooze->household.len == 0 || kith_bytes_equal(bytes_of(snooze->household), household);
        until_ms = is ? snooze->until_ms : until_ms; /* in order: the last is the latest */
    }
    if (err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_until_ms = until_ms;
    return KITH_OK;
}

/* ---- its end ---- */

/* Acknowledged entries come back as well, but nobody needs to be told of them. */
static kith_err release(const work_ctx_t *at, uint64_t seq)
{
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_get(at, seq, &row));
    if (row->replaced) {
        return KITH_OK;
    }
    WORK_TRY(feed_snooze(at, seq, row, 0));
    WORK_TRY(snooze_take(at, seq, row)); /* another one may fit it as well */
    return feed_hidden(row) ? KITH_OK : feed_again(at, seq, row, TOLD_SNOOZE_ENDED);
}

/* *ret_left: there may be more. */
static kith_err release_some(const work_ctx_t *at, uint64_t number, bool *ret_left)
{
    kith_key_t prefix = view_key_seq(number);
    view_walk_t walk = view_walk(AGENT_TABLE_SNOOZED, kith_key_bytes(&prefix), (kith_bytes_t){0});
    kith_bytes_t nothing;
    for (size_t i = 0; i < RELEASE_MAX; i++) {
        kith_err err = view_walk_next(at, &walk, &nothing);
        if (err == KITH_NOT_FOUND) {
            *ret_left = false;
            return KITH_OK;
        }
        WORK_TRY(err);
        kith_key_reader_t reader = {kith_key_bytes(&walk.place)};
        (void)kith_key_read_u64(&reader);
        WORK_TRY(kith_del(at->txn, AGENT_TABLE_SNOOZED, kith_key_bytes(&walk.place)));
        WORK_TRY(release(at, kith_key_read_u64(&reader)));
    }
    *ret_left = true;
    return KITH_OK;
}

kith_err snooze_over(const work_ctx_t *at, kith_bytes_t id)
{
    uint64_t number = kith_key_read_u64(&(kith_key_reader_t){id});
    Kith__Store__SnoozeRow *row = NULL;
    bool left = false;
    WORK_TRY(get(at, number, &row));
    if (row->ended_ms == 0) {
        row->ended_ms = row->until_ms;
        WORK_TRY(put(at, number, row));
    }
    WORK_TRY(release_some(at, number, &left));
    kith_key_t key = view_key_seq(number);
    return left ? due_set(at, AGENT_TABLE_SNOOZES_DUE, at->now_ms, kith_key_bytes(&key)) : KITH_OK;
}

/* ---- a person sets one ---- */

static kith_err refuse(work_refusal_t *refusal, kith_err err, const char *rule, const char *what)
{
    *refusal = (work_refusal_t){.rule = rule, .what = what};
    return err;
}

/* Of a matcher by topic: is there any, and one that is not urgent? */
static void count_topics(const kith_agreement_t *agreement, const char *pattern, bool *ret_any,
                         bool *ret_may)
{
    bool any = false, may = false;
    for (size_t i = 0; i < agreement->topics_count; i++) {
        const kith_topic_t *topic = &agreement->topics[i];
        bool covers = kith_pattern_covers(pattern, topic->name);
        any |= covers;
        may |= covers && topic->lane != KITH__LANE__LANE_URGENT;
    }
    *ret_any = any;
    *ret_may = may;
}

static kith_err check_topic(const work_ctx_t *at, const Kith__Api__Snooze *ask,
                            work_refusal_t *refusal)
{
    bool any = false, may = false;
    if (!has_text(ask->topic)) {
        return KITH_OK;
    }
    if (kith_pattern_valid(ask->topic)) {
        count_topics(at->work->agreement, ask->topic, &any, &may);
    }
    if (!any) {
        return refuse(refusal, KITH_INVALID, "snooze-topic",
                      "name a topic of the partnership, or its beginning and .*");
    }
    return may ? KITH_OK
               : refuse(refusal, KITH_INVALID, "snooze-urgent",
                        "what is urgent is never snoozed: name a topic of the normal lane");
}

static kith_err check_matcher(const work_ctx_t *at, const Kith__Api__Snooze *ask,
                              work_refusal_t *refusal)
{
    bool any_topic = !has_text(ask->topic) || strcmp(ask->topic, "*") == 0;
    if (ask->household.len == 0 && !has_text(ask->kind) && any_topic) {
        return refuse(refusal, KITH_INVALID, "snooze-everything",
                      "this would hide the whole feed: name a household, a kind or a topic");
    }
    if (has_text(ask->kind) && is_alarm(ask->kind)) {
        return refuse(refusal, KITH_INVALID, "snooze-urgent",
                      "alerts and their replies are never snoozed: an alert is answered");
    }
    if (has_text(ask->kind) && work_kind_named(ask->kind) == NULL) {
        return refuse(refusal, KITH_INVALID, "snooze-kind",
                      "name a kind of entry as the feed does: event, referral, household …");
    }
    WORK_TRY(check_topic(at, ask, refusal));
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(household_find(at, bytes_of(ask->household), &household));
    return ask->household.len == 0 || household != NULL
               ? KITH_OK
               : refuse(refusal, KITH_NOT_FOUND, "household", "no such household is known here");
}

static kith_err check_span(const work_ctx_t *at, const Kith__Api__Snooze *ask,
                           work_refusal_t *refusal)
{
    if (!has_text(ask->why)) {
        return refuse(refusal, KITH_INVALID, "snooze-why",
                      "say why: it stands beside what the snooze hid");
    }
    if (ask->until_ms <= at->now_ms) {
        return refuse(refusal, KITH_INVALID, "snooze-until",
                      "a snooze ends at a time to come: say until when");
    }
    return ask->until_ms - at->now_ms <= SPAN_MS_MAX
               ? KITH_OK
               : refuse(refusal, KITH_INVALID, "snooze-until",
                        "a snooze lasts at most 30 days: then say anew that it holds");
}

static kith_err check(const work_ctx_t *at, const Kith__Api__Snooze *ask, work_refusal_t *refusal)
{
    const char *field = NULL;
    const work_refusal_t *limit = check_fields(&ask->base, &field);
    if (limit != NULL) {
        return refuse(refusal, KITH_INVALID, limit->rule,
                      kith_arena_printf(at->arena, "%s: %s", field, limit->what));
    }
    WORK_TRY(check_span(at, ask, refusal));
    WORK_TRY(check_matcher(at, ask, refusal));
    uint64_t open = 0;
    WORK_TRY(kith_count(at->txn, AGENT_TABLE_SNOOZES_DUE, &open));
    return open < SNOOZES_MAX ? KITH_OK
                              : refuse(refusal, KITH_CONFLICT, "snooze-limit",
                                       "256 snoozes hold already: end one (kith snoozes)");
}

static void show(uint64_t seq, const Kith__Store__SnoozeRow *row, Kith__Api__Snooze *ret_shown)
{
    ret_shown->seq = seq;
    ret_shown->household = row->household;
    ret_shown->kind = row->kind;
    ret_shown->topic = row->topic;
    ret_shown->by = row->by;
    ret_shown->why = row->why;
    ret_shown->from_ms = row->from_ms;
    ret_shown->until_ms = row->until_ms;
    ret_shown->ended_ms = row->ended_ms;
    ret_shown->ended_by = row->ended_by;
    ret_shown->hid = row->hid;
}

static kith_err begin(const work_ctx_t *at, const Kith__Api__Snooze *ask, const char *user,
                      Kith__Api__Snooze *ret_snooze, work_refusal_t *refusal)
{
    uint64_t number = 0;
    WORK_TRY(check(at, ask, refusal));
    WORK_TRY(view_next_seq(at, SEQ_SNOOZES, &number));
    Kith__Store__SnoozeRow row = KITH__STORE__SNOOZE_ROW__INIT;
    row.household = ask->household;
    row.kind = ask->kind;
    row.topic = ask->topic;
    row.by = text_of(user);
    row.why = ask->why;
    row.from_ms = at->now_ms;
    row.until_ms = ask->until_ms;
    WORK_TRY(put(at, number, &row));
    kith_key_t key = view_key_seq(number);
    WORK_TRY(due_set(at, AGENT_TABLE_SNOOZES_DUE, row.until_ms, kith_key_bytes(&key)));
    show(number, &row, ret_snooze);
    return KITH_OK;
}

/* What it hid comes back with the next tick. */
static kith_err end_early(const work_ctx_t *at, uint64_t number, const char *user,
                          Kith__Api__Snooze *ret_snooze, work_refusal_t *refusal)
{
    kith_key_t key = view_key_seq(number);
    Kith__Store__SnoozeRow *row = NULL;
    WORK_TRY(view_find_snooze(at, kith_key_bytes(&key), &row));
    if (row == NULL) {
        return refuse(refusal, KITH_NOT_FOUND, "snooze-unknown",
                      "there is no snooze of this number: kith snoozes lists them");
    }
    if (row->ended_ms != 0) {
        char when[KITH_TIME_TEXT_SIZE];
        kith_time_text(row->ended_ms, when);
        return refuse(
            refusal, KITH_CONFLICT, "snooze-ended",
            kith_arena_printf(at->arena, "it ended at %s: what it hid is in the feed", when));
    }
    row->ended_ms = at->now_ms;
    row->ended_by = text_of(user);
    WORK_TRY(put(at, number, row));
    WORK_TRY(due_clear(at, AGENT_TABLE_SNOOZES_DUE, row->until_ms, kith_key_bytes(&key)));
    WORK_TRY(due_set(at, AGENT_TABLE_SNOOZES_DUE, at->now_ms, kith_key_bytes(&key)));
    show(number, row, ret_snooze);
    return KITH_OK;
}

kith_err work_snooze(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                     const Kith__Api__SnoozeRequest *ask, const char *user, int64_t now_ms,
                     Kith__Api__Snooze *ret_snooze, work_refusal_t *ret_refusal)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    if ((ask->snooze != NULL) == (ask->end != 0)) {
        return refuse(ret_refusal, KITH_INVALID, "snooze", "set one, or end one by its number");
    }
    return ask->end != 0 ? end_early(&at, ask->end, user, ret_snooze, ret_refusal)
                         : begin(&at, ask->snooze, user, ret_snooze, ret_refusal);
}

static void add(kith_arena_t *arena, uint64_t number, const Kith__Store__SnoozeRow *row,
                Kith__Api__SnoozesResponse *ret)
{
    Kith__Api__Snooze *shown = kith_arena_need(arena, sizeof *shown);
    kith__api__snooze__init(shown);
    show(number, row, shown);
    ret->snoozes[ret->n_snoozes++] = shown;
}

/* The newest first. */
static kith_err list_all(const work_ctx_t *at, Kith__Api__SnoozesResponse *ret)
{
    uint64_t number = 0;
    WORK_TRY(view_number(at, SEQ_SNOOZES, &number));
    for (; number > 0 && ret->n_snoozes < KITH_FEED_PAGE_MAX; number--) {
        Kith__Store__SnoozeRow *row = NULL;
        WORK_TRY(get(at, number, &row));
        add(at->arena, number, row, ret);
    }
    return KITH_OK;
}

kith_err work_snoozes(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                      const Kith__Api__SnoozesRequest *ask, Kith__Api__SnoozesResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    ret->snoozes = kith_arena_need(arena, KITH_FEED_PAGE_MAX * sizeof *ret->snoozes);
    if (ask->ended) {
        return list_all(&at, ret);
    }
    view_walk_t walk = walk_open();
    Kith__Store__SnoozeRow *row = NULL;
    uint64_t number = 0;
    kith_err err = KITH_OK;
    while ((err = next_open(&at, &walk, &number, &row)) == KITH_OK) {
        add(arena, number, row, ret);
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}
