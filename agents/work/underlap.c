/* What nobody carries, and what two carry at once: a need of a family that no agency has accepted
 * for so many days, and one that two agencies are asked to meet in the same window. By the
 * referrals that this agency sent or received; each is told once, and again only after it had
 * ended. A need is its code, else the service asked for. */
#include "agents/work/parts.h"

/* Referrals for one need of one household that are looked at: the newest. */
#define REFERRALS_MAX 64u

#define DECLINED  KITH__STORE__REFERRAL_PHASE__PHASE_DECLINED
#define WITHDRAWN KITH__STORE__REFERRAL_PHASE__PHASE_WITHDRAWN
#define CLOSED    KITH__STORE__REFERRAL_PHASE__PHASE_CLOSED

/* ---- the index ---- */

char *need_of(kith_arena_t *arena, const Kith__Notice *notice)
{
    const Kith__Referral *referral = notice->referral;
    const char *need = has_text(referral->need_code) ? referral->need_code : referral->service;
    size_t size = strlen(need);
    if (size > KITH_NEED_BYTES_MAX) { /* whole characters */
        size = KITH_NEED_BYTES_MAX;
        while (size > 0 && ((unsigned char)need[size] & 0xc0) == 0x80) {
            size--;
        }
    }
    return kith_arena_printf(arena, "%.*s", (int)size, need);
}

static kith_key_t key_of(kith_bytes_t household, const char *need, kith_bytes_t referral)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, household);
    kith_key_name(&key, need);
    kith_key_raw(&key, referral);
    return key;
}

kith_err need_file(const work_ctx_t *at, const Kith__Notice *notice,
                   const Kith__Store__FeedRow *row, bool add)
{
    if (notice->body_case != KITH__NOTICE__BODY_REFERRAL || row->early || row->household.len == 0) {
        return KITH_OK;
    }
    kith_key_t key =
        key_of(bytes_of(row->household), need_of(at->arena, notice), bytes_of(notice->id));
    if (add) {
        return kith_put(at->txn, AGENT_TABLE_NEEDS, kith_key_bytes(&key), (kith_bytes_t){0});
    }
    kith_err err = kith_del(at->txn, AGENT_TABLE_NEEDS, kith_key_bytes(&key));
    return err == KITH_NOT_FOUND ? KITH_OK : err; /* one from before there was the index */
}

/* ---- one need ---- */

typedef struct asked {
    kith_bytes_t id;
    const Kith__Store__ReferralRow *row;
} asked_t;

typedef struct need {
    kith_bytes_t household;
    const char *name;
    bool shielded; /* one of its referrals is: its name is told to nobody */
    size_t count;
    asked_t asked[REFERRALS_MAX]; /* in the order of their ids, so of their time */
    /* From when on it is asked for and accepted by none; 0: it is not so. Of those: */
    int64_t open_ms;
    /* The first two that ask two agencies within the window; twice_ms is 0: there are none. */
    int64_t twice_ms;
    size_t twice[2];
} need_t;

static kith_err gather(const work_ctx_t *at, need_t *need)
{
    kith_key_t prefix = key_of(need->household, need->name, (kith_bytes_t){0});
    view_walk_t walk = view_walk(AGENT_TABLE_NEEDS, kith_key_bytes(&prefix), (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        kith_bytes_t id = {walk.place.data + prefix.size, walk.place.size - prefix.size};
        asked_t asked = {.id = kith_arena_copy(at->arena, id)};
        Kith__Store__ReferralRow *row = NULL;
        Kith__Store__FeedRow *feed = NULL;
        uint64_t seq = 0;
        WORK_TRY(referral_find(at, binary_of(asked.id), &row));
        WORK_TRY(feed_find(at, asked.id, &seq, &feed));
        if (row == NULL || feed == NULL) {
            return KITH_CORRUPT; /* all are written in one commit */
        }
        need->shielded |= feed->shielded;
        asked.row = row;
        if (need->count == REFERRALS_MAX) {
            memmove(need->asked, need->asked + 1, (REFERRALS_MAX - 1) * sizeof *need->asked);
            need->count--;
        }
        need->asked[need->count++] = asked;
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* Of what was asked since it was last met. */
static bool is_asked(const need_t *need, size_t i)
{
    const Kith__Store__ReferralRow *row = need->asked[i].row;
    bool is = row->phase != WITHDRAWN && row->phase != CLOSED;
    for (size_t k = 0; k < need->count && is; k++) {
        is = need->asked[k].row->phase != CLOSED || need->asked[k].row->sent_ms < row->sent_ms;
    }
    return is;
}

static void find_open(need_t *need)
{
    int64_t first_ms = 0;
    for (size_t i = 0; i < need->count; i++) {
        const Kith__Store__ReferralRow *row = need->asked[i].row;
        bool accepted = row->phase >= KITH__STORE__REFERRAL_PHASE__PHASE_PARTLY_ACCEPTED &&
                        row->phase < DECLINED;
        if (!is_asked(need, i)) {
            continue;
        }
        if (accepted) {
            return;
        }
        first_ms = first_ms == 0 || row->sent_ms < first_ms ? row->sent_ms : first_ms;
    }
    need->open_ms = first_ms;
}

static void find_twice(need_t *need, int64_t within_ms)
{
    for (size_t i = 1; i < need->count && need->twice_ms == 0; i++) {
        const Kith__Store__ReferralRow *b = need->asked[i].row;
        for (size_t k = 0; k < i && need->twice_ms == 0; k++) {
            const Kith__Store__ReferralRow *a = need->asked[k].row;
            int64_t apart_ms =
                b->sent_ms > a->sent_ms ? b->sent_ms - a->sent_ms : a->sent_ms - b->sent_ms;
            if (a->phase < DECLINED && b->phase < DECLINED && strcmp(a->to, b->to) != 0 &&
                apart_ms <= within_ms) {
                need->twice_ms = b->sent_ms > a->sent_ms ? b->sent_ms : a->sent_ms;
                need->twice[0] = k;
                need->twice[1] = i;
            }
        }
    }
}

static kith_err look_at(const work_ctx_t *at, need_t *need)
{
    const kith_agreement_t *a = at->work->agreement;
    WORK_TRY(gather(at, need));
    if (a->need_days > 0) {
        find_open(need);
    }
    if (a->twice_days > 0) {
        find_twice(need, a->twice_days * LOAD_DAY_MS);
    }
    return KITH_OK;
}

/* ---- what is told ---- */

static bool is_of(const need_t *need, const char *what, size_t i)
{
    return strcmp(what, KITH_RULE_TWICE) == 0 ? i == need->twice[0] || i == need->twice[1]
                                              : is_asked(need, i);
}

static kith_err tell(const work_ctx_t *at, const need_t *need, const char *what, const char *words)
{
    line_t line = {0};
    kith_bytes_t first = {0};
    line_add(&line, words);
    line_add(&line, need->shielded ? "shielded" : need->name);
    for (size_t i = 0; i < need->count; i++) {
        if (is_of(need, what, i)) {
            line_add(&line, first.size == 0 ? ", asked of " : ", ");
            line_add(&line, need->asked[i].row->to);
            first = first.size == 0 ? need->asked[i].id : first;
        }
    }
    return feed_tell(at, first, need->household, what, line_text(at->arena, &line));
}

/* Told when its days are over; before, the time of that is kept. */
static kith_err settle_open(const work_ctx_t *at, const need_t *need)
{
    int64_t days = at->work->agreement->need_days;
    rule_row_t state;
    WORK_TRY(rule_find(at, KITH_RULE_NEED, need->household, need->name, &state));
    if (need->open_ms == 0) {
        return rule_drop(at, &state);
    }
    if (state.row.told_ms != 0) {
        return KITH_OK;
    }
    int64_t due_ms = need->open_ms + days * LOAD_DAY_MS;
    state.row.passed_ms = need->open_ms;
    if (at->now_ms <= due_ms) {
        return rule_keep(at, &state, due_ms);
    }
    WORK_TRY(
        tell(at, need, KITH_RULE_NEED,
             kith_arena_printf(at->arena, "nobody has accepted in %lld days: ", (long long)days)));
    state.row.told_ms = at->now_ms;
    return rule_keep(at, &state, 0);
}

static kith_err settle_twice(const work_ctx_t *at, const need_t *need)
{
    rule_row_t state;
    WORK_TRY(rule_find(at, KITH_RULE_TWICE, need->household, need->name, &state));
    if (need->twice_ms == 0) {
        return rule_drop(at, &state);
    }
    if (state.held) {
        return KITH_OK;
    }
    WORK_TRY(tell(at, need, KITH_RULE_TWICE, "two agencies are asked for the same: "));
    state.row.passed_ms = state.row.told_ms = at->now_ms;
    return rule_keep(at, &state, 0);
}

kith_err underlap_look(const work_ctx_t *at, kith_bytes_t household, const char *name)
{
    need_t need = {.household = household, .name = name};
    if (household.size == 0) {
        return KITH_OK;
    }
    WORK_TRY(look_at(at, &need));
    WORK_TRY(settle_open(at, &need));
    return settle_twice(at, &need);
}

kith_err underlap_follow(const work_case_t *c)
{
    const Kith__Notice *notice = c->notice;
    Kith__Store__FeedRow *row = c->row;
    if (c->in->early) {
        return KITH_OK;
    }
    if (notice->body_case == KITH__NOTICE__BODY_REFERRAL_ANSWER) {
        ProtobufCBinaryData referral = notice->referral_answer->referral;
        Kith__Notice *of = NULL;
        uint64_t seq = 0;
        WORK_TRY(feed_find(&c->at, bytes_of(referral), &seq, &row));
        WORK_TRY(row != NULL ? view_find_notice(&c->at, bytes_of(referral), &of) : KITH_OK);
        notice = of;
    }
    bool is = notice != NULL && notice->body_case == KITH__NOTICE__BODY_REFERRAL;
    return is ? underlap_look(&c->at, bytes_of(row->household), need_of(c->at.arena, notice))
              : KITH_OK;
}

/* rest: household and need, as they stand in the key. */
kith_err underlap_due(const work_ctx_t *at, kith_bytes_t rest)
{
    if (rest.size < KITH_ID_BYTES) {
        return KITH_CORRUPT;
    }
    const char *need = kith_arena_printf(at->arena, "%.*s", (int)(rest.size - KITH_ID_BYTES),
                                         (const char *)rest.data + KITH_ID_BYTES);
    return underlap_look(at, (kith_bytes_t){rest.data, KITH_ID_BYTES}, need);
}

/* ---- what is shown ---- */

static void show(const work_ctx_t *at, const need_t *need, const char *what, int64_t since_ms,
                 Kith__Api__LoadResponse *ret)
{
    Kith__Api__Underlap *under = kith_arena_need(at->arena, sizeof *under);
    kith__api__underlap__init(under);
    under->what = text_of(what);
    under->need = text_of(need->shielded ? "shielded" : need->name);
    under->since_ms = since_ms;
    under->referrals = kith_arena_need(at->arena, (need->count + 1) * sizeof *under->referrals);
    under->agencies = kith_arena_need(at->arena, (need->count + 1) * sizeof *under->agencies);
    for (size_t i = 0; i < need->count; i++) {
        if (is_of(need, what, i)) {
            under->referrals[under->n_referrals++] = binary_of(need->asked[i].id);
            under->agencies[under->n_agencies++] = need->asked[i].row->to;
        }
    }
    Kith__Api__Underlap **all = kith_arena_need(at->arena, (ret->n_underlaps + 1) * sizeof *all);
    for (size_t i = 0; i < ret->n_underlaps; i++) {
        all[i] = ret->underlaps[i];
    }
    all[ret->n_underlaps++] = under;
    ret->underlaps = all;
}

kith_err underlap_list(const work_ctx_t *at, kith_bytes_t household, Kith__Api__LoadResponse *ret)
{
    int64_t days = at->work->agreement->need_days;
    const char *last = NULL;
    view_walk_t walk = view_walk(AGENT_TABLE_NEEDS, household, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        kith_key_reader_t reader = {
            {walk.place.data + household.size, walk.place.size - household.size}};
        const char *name = kith_arena_str(at->arena, kith_key_read_name(&reader));
        if (last != NULL && strcmp(last, name) == 0) {
            continue;
        }
        last = name;
        need_t need = {.household = household, .name = name};
        WORK_TRY(look_at(at, &need));
        if (need.open_ms != 0 && at->now_ms > need.open_ms + days * LOAD_DAY_MS) {
            show(at, &need, KITH_RULE_NEED, need.open_ms, ret);
        }
        if (need.twice_ms != 0) {
            show(at, &need, KITH_RULE_TWICE, need.twice_ms, ret);
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}
