/* What this agency has received about a household and nobody here has acknowledged: neither seen
 * nor answered. For whoever takes over the lead. */
#include "agents/work/parts.h"

/* Entries looked at, from the newest back. */
#define SCAN_MAX 1000u

static kith_err is_answered(const work_ctx_t *at, const Kith__Store__FeedRow *row, bool *ret_is)
{
    Kith__Store__AlertRow *alert = NULL;
    Kith__Store__ReferralRow *referral = NULL;
    kith_bytes_t id = bytes_of(row->notice_id);
    bool answered = false;
    if (strcmp(row->kind, "alert") == 0) {
        WORK_TRY(view_find_alert(at, id, &alert));
    } else if (strcmp(row->kind, "referral") == 0) {
        WORK_TRY(referral_find(at, row->notice_id, &referral));
    }
    for (size_t i = 0; alert != NULL && i < alert->n_answers; i++) {
        answered = answered || (is_self(at, alert->answers[i]->agency) &&
                                alert->answers[i]->answer != KITH__ANSWER__ANSWER_UNSPECIFIED);
    }
    answered = answered || (referral != NULL && referral->n_steps > 0);
    *ret_is = answered;
    return KITH_OK;
}

/* What others said of the family. Changes to the household stand in its view; lines of our own
 * clocks name a notice that has its own row. */
static kith_err is_unseen(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                          bool *ret_is)
{
    uint64_t own_seq = 0;
    Kith__Store__FeedRow *own = NULL;
    bool said = !row->mine && strcmp(row->kind, "household") != 0 && strcmp(row->kind, "seen") != 0;
    bool acknowledged = false;
    *ret_is = false;
    if (!said) {
        return KITH_OK;
    }
    WORK_TRY(feed_find(at, bytes_of(row->notice_id), &own_seq, &own));
    kith_key_t key = view_key_seen(bytes_of(row->notice_id), at->work->agency);
    kith_err err = KITH_OK;
    acknowledged = view_has(at, AGENT_TABLE_SEEN, kith_key_bytes(&key), &err);
    WORK_TRY(err);
    if (own != NULL && own_seq == seq && !acknowledged) {
        WORK_TRY(is_answered(at, row, &acknowledged));
        *ret_is = !acknowledged;
    }
    return KITH_OK;
}

kith_err unseen_find(const work_ctx_t *at, kith_bytes_t household, unseen_t *ret_unseen)
{
    unseen_t unseen = {0};
    kith_bytes_t before = {0};
    for (size_t i = 0; i < SCAN_MAX; i++) {
        kith_bytes_t key, nothing;
        kith_err err =
            kith_prev(at->txn, AGENT_TABLE_FEED_BY_HOUSEHOLD, household, before, &key, &nothing);
        if (err == KITH_NOT_FOUND) {
            *ret_unseen = unseen;
            return KITH_OK;
        }
        WORK_TRY(err);
        before = kith_arena_copy(at->arena, key);
        view_walk_t place = view_walk(AGENT_TABLE_FEED_BY_HOUSEHOLD, household, before);
        uint64_t seq = 0;
        Kith__Store__FeedRow *row = NULL;
        bool is = false;
        WORK_TRY(feed_row_at(at, &place, &seq, &row));
        WORK_TRY(is_unseen(at, seq, row, &is));
        if (is && unseen.count < UNSEEN_MAX) {
            unseen.seqs[unseen.count] = seq;
            unseen.rows[unseen.count++] = row;
        } else if (is) {
            break;
        }
    }
    unseen.more = true;
    *ret_unseen = unseen;
    return KITH_OK;
}
