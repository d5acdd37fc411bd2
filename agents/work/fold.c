/* One entry an incident: what an origin says again, or otherwise, of what it has said before. What
 * says the same stands behind the first that said so; what says other takes its place and is new.
 *
 * An origin's accounts of one incident, in the order they were made, stand in feed_by_incident:
 * household (sixteen zero bytes: none), origin, incident, notice id -> feed seq, digest of the
 * body. */
#include "agents/work/parts.h"

#include "base/id.h"

#define INCIDENT_BYTES 16u

/* ---- which incident ---- */

static kith_err name_by(work_case_t *c, const char *kind, const char *system, const char *id)
{
    kith_bytes_t parts[] = {{(const uint8_t *)kind, strlen(kind) + 1},
                            {(const uint8_t *)system, strlen(system) + 1},
                            kith_bytes_str(id)};
    kith_digest_t digest;
    c->at.work->hash(KITH_TAG_REQUEST, parts, 3, &digest);
    c->row->incident =
        binary_of(kith_arena_copy(c->at.arena, (kith_bytes_t){digest.bytes, INCIDENT_BYTES}));
    return KITH_OK;
}

/* Does this event, which the other names as its cause, tell of the very same? */
static kith_err tells_of_same(const work_case_t *c, const Kith__Store__FeedRow *cause, bool *ret_is)
{
    const Kith__Store__FeedRow *row = c->row;
    bool may_be = cause != NULL && !cause->early && strcmp(cause->origin, row->origin) == 0 &&
                  strcmp(cause->topic, row->topic) == 0 && cause->occurred_ms == row->occurred_ms;
    Kith__Notice *notice = NULL;
    if (may_be) {
        WORK_TRY(view_find_notice(&c->at, bytes_of(cause->notice_id), &notice));
    }
    *ret_is = notice != NULL && notice->body_case == KITH__NOTICE__BODY_EVENT &&
              strcmp(notice->event->kind, c->notice->event->kind) == 0;
    return KITH_OK;
}

static kith_err put_member(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                           const Kith__Notice *notice);

/* A cause that had no name of its own has one from now on. */
static kith_err name_by_cause(work_case_t *c, ProtobufCBinaryData id)
{
    uint64_t seq = 0;
    Kith__Store__FeedRow *cause = NULL;
    bool is = false;
    WORK_TRY(feed_find(&c->at, bytes_of(id), &seq, &cause));
    WORK_TRY(tells_of_same(c, cause, &is));
    if (!is || cause->incident.len > 0) {
        c->row->incident = is ? cause->incident : c->row->incident;
        return KITH_OK;
    }
    cause->incident = c->row->incident = cause->notice_id;
    Kith__Notice *notice = NULL;
    WORK_TRY(view_find_notice(&c->at, bytes_of(id), &notice));
    WORK_TRY(feed_put(&c->at, seq, cause));
    return put_member(&c->at, seq, cause, notice);
}

static kith_err name_event(work_case_t *c)
{
    const Kith__Event *event = c->notice->event;
    for (size_t i = 0; i < c->notice->n_caused_by && c->row->incident.len == 0; i++) {
        WORK_TRY(name_by_cause(c, c->notice->caused_by[i]));
    }
    bool has_source = event->source != NULL && has_text(event->source->id);
    return c->row->incident.len == 0 && has_source
               ? name_by(c, c->row->kind, event->source->system, event->source->id)
               : KITH_OK;
}

kith_err fold_name(work_case_t *c)
{
    if (c->notice->body_case == KITH__NOTICE__BODY_EVENT) {
        return name_event(c);
    }
    bool has_key =
        c->notice->body_case == KITH__NOTICE__BODY_ALERT && has_text(c->notice->alert->dedupe_key);
    return has_key ? name_by(c, c->row->kind, "", c->notice->alert->dedupe_key) : KITH_OK;
}

/* ---- its members ---- */

static kith_key_t incident_key(const Kith__Store__FeedRow *row, kith_bytes_t household)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_raw(&key, household.size > 0 ? household : feed_nowhere());
    kith_key_name(&key, row->origin);
    kith_key_raw(&key, bytes_of(row->incident));
    return key;
}

static kith_key_t member_key(const Kith__Store__FeedRow *row, kith_bytes_t household)
{
    kith_key_t key = incident_key(row, household);
    kith_key_raw(&key, bytes_of(row->notice_id));
    return key;
}

static kith_key_t member_value(uint64_t seq, kith_bytes_t digest)
{
    kith_key_t value = view_key_seq(seq);
    kith_key_raw(&value, digest);
    return value;
}

static kith_err put_member(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                           const Kith__Notice *notice)
{
    const ProtobufCMessage *body =
        notice->body_case == KITH__NOTICE__BODY_EVENT ? &notice->event->base : &notice->alert->base;
    kith_digest_t digest =
        kith_hash1(at->work->hash, KITH_TAG_CONTENT, kith_arena_pack(at->arena, body));
    kith_key_t key = member_key(row, bytes_of(row->household));
    kith_key_t value = member_value(seq, kith_digest_bytes(&digest));
    return kith_put(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&key),
                    kith_key_bytes(&value));
}

/* ---- who stands for whom ---- */

/* What stands for all that was looked at so far. */
typedef struct head {
    uint64_t seq; /* 0: nothing yet */
    Kith__Store__FeedRow *row;
    kith_key_t digest;
} head_t;

/* An alert that was over when this one was raised is another matter. */
static kith_err is_over(const work_ctx_t *at, const head_t *head, const Kith__Store__FeedRow *row,
                        bool *ret_is)
{
    Kith__Store__AlertRow *alert = NULL;
    WORK_TRY(view_find_alert(at, bytes_of(head->row->notice_id), &alert));
    *ret_is = alert != NULL && !alert_is_open(alert) && alert->ended_ms <= row->occurred_ms;
    return KITH_OK;
}

static kith_err take(const work_ctx_t *at, head_t *head, uint64_t seq, kith_bytes_t digest)
{
    Kith__Store__FeedRow *row = NULL;
    WORK_TRY(feed_get(at, seq, &row));
    row->folds_into = 0;
    row->folded = 0;
    row->corrects = false;
    bool apart = head->seq == 0;
    if (!apart) {
        WORK_TRY(is_over(at, head, row, &apart));
    }
    if (!apart && kith_bytes_equal(kith_key_bytes(&head->digest), digest)) {
        row->folds_into = head->seq;
        head->row->folded++;
        return feed_put(at, seq, row);
    }
    if (!apart) {
        row->corrects = true;
        row->folded = head->row->folded + 1;
        head->row->folds_into = seq;
        head->row->folded = 0;
    }
    if (head->seq != 0) {
        WORK_TRY(feed_put(at, head->seq, head->row));
    }
    head->seq = seq;
    head->row = row;
    kith_key_clear(&head->digest);
    kith_key_raw(&head->digest, digest);
    return KITH_OK;
}

/* All of them anew. */
static kith_err settle(const work_ctx_t *at, const kith_key_t *incident)
{
    view_walk_t walk =
        view_walk(AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(incident), (kith_bytes_t){0});
    head_t head = {0};
    kith_bytes_t value;
    kith_err err = KITH_OK;
    while ((err = view_walk_next(at, &walk, &value)) == KITH_OK) {
        value = kith_arena_copy(at->arena, value);
        kith_key_reader_t reader = {value};
        uint64_t seq = kith_key_read_u64(&reader);
        WORK_TRY(take(at, &head, seq, reader.rest));
    }
    if (err != KITH_NOT_FOUND) {
        return err;
    }
    return head.seq != 0 ? feed_put(at, head.seq, head.row) : KITH_OK;
}

/* What stands for all that was made before this one. */
static kith_err head_before(const work_ctx_t *at, const kith_key_t *incident,
                            const kith_key_t *member, head_t *ret_head)
{
    kith_bytes_t key, value;
    head_t head = {0};
    kith_err err = kith_prev(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(incident),
                             kith_key_bytes(member), &key, &value);
    if (err == KITH_OK) {
        kith_key_reader_t reader = {value};
        head.seq = kith_key_read_u64(&reader);
        kith_key_raw(&head.digest, reader.rest);
        WORK_TRY(feed_get(at, head.seq, &head.row));
    }
    if (head.seq != 0 && head.row->folds_into != 0) {
        head.seq = head.row->folds_into;
        WORK_TRY(feed_get(at, head.seq, &head.row));
    }
    *ret_head = head;
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

kith_err fold_add(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                  const Kith__Notice *notice)
{
    if (row->incident.len == 0) {
        return KITH_OK;
    }
    WORK_TRY(put_member(at, seq, row, notice));
    kith_key_t incident = incident_key(row, bytes_of(row->household));
    kith_key_t member = member_key(row, bytes_of(row->household));
    kith_bytes_t key, value;
    kith_err err = kith_next(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&incident),
                             kith_key_bytes(&member), &key, &value);
    if (err != KITH_NOT_FOUND) { /* one that was made earlier comes later */
        return err == KITH_OK ? settle(at, &incident) : err;
    }
    head_t head;
    WORK_TRY(head_before(at, &incident, &member, &head));
    WORK_TRY(kith_get(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&member), &value));
    kith_key_t held = {0};
    kith_key_raw(&held, value);
    kith_key_reader_t reader = {kith_key_bytes(&held)};
    (void)kith_key_read_u64(&reader);
    WORK_TRY(take(at, &head, seq, reader.rest));
    return feed_put(at, head.seq, head.row);
}

kith_err fold_move(const work_ctx_t *at, uint64_t seq, const Kith__Store__FeedRow *row,
                   kith_bytes_t from)
{
    if (row->incident.len == 0) {
        return KITH_OK;
    }
    kith_key_t key = member_key(row, from);
    kith_bytes_t value;
    kith_err err = kith_get(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&key), &value);
    if (err != KITH_OK || value.size <= sizeof seq) {
        return err == KITH_OK || err == KITH_NOT_FOUND ? KITH_CORRUPT : err;
    }
    kith_key_t moved =
        member_value(seq, (kith_bytes_t){value.data + sizeof seq, value.size - sizeof seq});
    WORK_TRY(kith_del(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&key)));
    kith_key_t before = incident_key(row, from);
    kith_key_t now = incident_key(row, bytes_of(row->household));
    key = member_key(row, bytes_of(row->household));
    WORK_TRY(kith_put(at->txn, AGENT_TABLE_FEED_BY_INCIDENT, kith_key_bytes(&key),
                      kith_key_bytes(&moved)));
    WORK_TRY(settle(at, &before));
    return settle(at, &now);
}
