/* Seen: a named person of an agency acknowledged a notice; goes to its origin. */
#include "agents/work/parts.h"

#include "base/text.h"

const work_refusal_t *seen_check(const Kith__Notice *notice)
{
    static const work_refusal_t which = {"seen-notice", "say which notice was seen"};
    static const work_refusal_t person = {"seen-person", "a person sees it: say who"};
    static const work_refusal_t when = {"seen-when", "say when it was seen"};
    const Kith__Seen *seen = notice->seen;
    if (seen->notice.len == 0) {
        return &which;
    }
    if (!has_text(seen->person)) {
        return &person;
    }
    return seen->seen_ms != 0 ? NULL : &when;
}

/* One acknowledgement of each agency is all that its origin keeps: a second would tell nobody. */
static kith_err not_yet(work_draft_t *draft, const Kith__Seen *seen)
{
    kith_key_t key = view_key_seen(bytes_of(seen->notice), draft->at.work->agency);
    Kith__Store__SeenRow *held = NULL;
    WORK_TRY(view_find_seen(&draft->at, kith_key_bytes(&key), &held));
    bool again = false;
    kith_bytes_t instead = {0};
    WORK_TRY(climb_may_see(&draft->at, bytes_of(seen->notice), &again, &instead));
    if (instead.size > 0) {
        char id[KITH_ID_TEXT_SIZE];
        kith_id_text(instead, id);
        return draft_refuse(draft, KITH_CONFLICT, "alert-updated",
                            kith_arena_printf(draft->at.arena,
                                              "this alert's words were renewed since: read them "
                                              "(kith show %s), and acknowledge that",
                                              id));
    }
    if (held == NULL || again) {
        return KITH_OK;
    }
    char when[KITH_TIME_TEXT_SIZE];
    kith_time_text(held->seen_ms, when);
    return draft_refuse(draft, KITH_CONFLICT, "already-seen",
                        kith_arena_printf(draft->at.arena,
                                          "this agency acknowledged it at %s, and its sender is "
                                          "told: kith show says by whom",
                                          when));
}

kith_err seen_prepare(work_draft_t *draft)
{
    Kith__Seen *seen = kith_arena_need(draft->at.arena, sizeof *seen);
    *seen = *draft->notice->seen;
    seen->seen_ms = draft->at.now_ms;
    draft->notice->seen = seen;
    draft->notice->household = (ProtobufCBinaryData){0}; /* its origin knows which */
    WORK_TRY(route_fixed(draft));
    uint64_t seq = 0;
    Kith__Store__FeedRow *row = NULL;
    if (seen->notice.len > 0) {
        WORK_TRY(feed_find(&draft->at, bytes_of(seen->notice), &seq, &row));
    }
    if (row == NULL) {
        return draft_refuse(draft, KITH_NOT_FOUND, "notice-unknown",
                            "no such notice has come to this agency");
    }
    if (row->mine) {
        return draft_refuse(draft, KITH_INVALID, "own-notice",
                            "this agency sent it: what comes from others is acknowledged");
    }
    WORK_TRY(not_yet(draft, seen));
    return route_name(draft, row->origin);
}

void seen_describe(work_case_t *c)
{
    c->row->summary = text_of("seen");
}

/* One more of what was sent to this agency has been seen: beside the core's other counts of it. */
static kith_err count_seen(const work_case_t *c, const kith_key_t *notice_and_agency)
{
    kith_err err = KITH_OK;
    bool was_sent = view_has(&c->at, AGENT_TABLE_DEBTS, kith_key_bytes(notice_and_agency), &err);
    if (err != KITH_OK || !was_sent) {
        return err;
    }
    kith_key_t key = view_key_name(c->in->origin);
    Kith__Store__OwedRow *row = NULL;
    WORK_TRY(view_find_owed(&c->at, kith_key_bytes(&key), &row));
    if (row == NULL) {
        return KITH_CORRUPT; /* the core writes both in one commit */
    }
    row->seen++;
    return view_put_owed(&c->at, kith_key_bytes(&key), row);
}

/* The first acknowledgement of each agency stands. */
kith_err seen_apply(work_case_t *c)
{
    const Kith__Seen *seen = c->notice->seen;
    kith_key_t key = view_key_seen(bytes_of(seen->notice), c->in->origin);
    Kith__Store__SeenRow *held = NULL;
    Kith__Store__FeedRow *of = NULL;
    uint64_t seq = 0;
    WORK_TRY(feed_find(&c->at, bytes_of(seen->notice), &seq, &of));
    if (of != NULL) {
        c->row->household = of->household;
    }
    WORK_TRY(climb_seen(&c->at, seen, c->in->origin));
    WORK_TRY(view_find_seen(&c->at, kith_key_bytes(&key), &held));
    if (held != NULL) {
        return KITH_OK;
    }
    Kith__Store__SeenRow row = KITH__STORE__SEEN_ROW__INIT;
    row.person = seen->person;
    row.seen_ms = seen->seen_ms;
    WORK_TRY(view_put_seen(&c->at, kith_key_bytes(&key), &row));
    return c->in->mine ? KITH_OK : count_seen(c, &key);
}

kith_err work_seen_by(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t notice,
                      size_t *ret_count, Kith__Api__SeenBy ***ret_seen)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Api__SeenBy **seen = kith_arena_need(arena, KITH_AGENCIES_MAX * sizeof *seen);
    view_walk_t walk = view_walk(AGENT_TABLE_SEEN, notice, (kith_bytes_t){0});
    size_t count = 0;
    kith_bytes_t value;
    kith_err err = KITH_OK;
    while (count < KITH_AGENCIES_MAX && (err = view_walk_next(&at, &walk, &value)) == KITH_OK) {
        Kith__Store__SeenRow *row = NULL;
        WORK_TRY(view_find_seen(&at, kith_key_bytes(&walk.place), &row));
        if (row == NULL) {
            return KITH_CORRUPT;
        }
        kith_key_reader_t reader = {kith_key_bytes(&walk.place)};
        reader.rest.data += notice.size;
        reader.rest.size -= notice.size;
        Kith__Api__SeenBy *one = kith_arena_need(arena, sizeof *one);
        kith__api__seen_by__init(one);
        one->agency = kith_arena_str(arena, kith_key_read_name(&reader));
        one->person = row->person;
        one->seen_ms = row->seen_ms;
        seen[count++] = one;
    }
    if (err != KITH_OK && err != KITH_NOT_FOUND) {
        return err;
    }
    *ret_count = count;
    *ret_seen = seen;
    return KITH_OK;
}
