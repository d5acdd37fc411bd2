/* Deliveries: what stands next is applied, what is beyond is parked, what is known is receipted
 * again, what does not verify is no message. */
#include "agents/core/core_private.h"

#include "base/writeset.h"

/* One delivery on its way through these rules. */
typedef struct delivery {
    const agent_event_t *event;
    const Kith__Header *header;
    stream_name_t stream;
    uint64_t n;
    kith_key_t stream_key;
    Kith__Store__InStream *row;
} delivery_t;

/* What stands to be taken as one number: just delivered, or parked earlier. */
typedef struct candidate {
    const Kith__Header *header;
    const Kith__Envelope *envelope;
    kith_bytes_t digest;
    Kith__Reason opened;
    kith_bytes_t notice_bytes;
    const Kith__Notice *notice;
    bool again;
} candidate_t;

/* Kept in a ring: a hostile sender may not fill the disk with its own evidence. */
static kith_err keep_evidence(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                              const delivery_t *d, Kith__Reason reason,
                              const Kith__Store__TakenRow *other)
{
    kith_bytes_t key = {0}, value;
    kith_err err =
        kith_prev(txn, AGENT_TABLE_EVIDENCE, (kith_bytes_t){0}, (kith_bytes_t){0}, &key, &value);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    kith_key_reader_t reader = {key};
    uint64_t number = err == KITH_OK ? kith_key_read_u64(&reader) + 1 : 1;
    const Kith__Envelope *envelope = d->event->deliver.envelope;
    Kith__Store__EvidenceRow row = KITH__STORE__EVIDENCE_ROW__INIT;
    row.reason = reason;
    row.peer = self->brokers[d->event->deliver.broker].id;
    kith_bytes_t header = record_bytes(envelope->header);
    if (header.size > KITH_HEADER_BYTES_MAX)
        header.size = KITH_HEADER_BYTES_MAX;
    row.header = record_binary(header);
    row.proof = envelope->proof;
    row.received_ms = self->now_ms;
    if (other) {
        row.other_header = other->header;
        row.other_proof = other->proof;
    }
    kith_key_t row_key;
    kith_key_clear(&row_key);
    kith_key_u64(&row_key, number);
    CORE_TRY(record_put_evidence(txn, arena, kith_key_bytes(&row_key), &row));
    if (number <= KITH_EVIDENCE_ROWS_MAX)
        return KITH_OK;
    kith_key_clear(&row_key);
    kith_key_u64(&row_key, number - KITH_EVIDENCE_ROWS_MAX);
    return kith_del(txn, AGENT_TABLE_EVIDENCE, kith_key_bytes(&row_key));
}

/* No message: not receipted, mark unmoved. The broker drops that copy, the origin still owes. */
static kith_err refuse_copy(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const delivery_t *d, Kith__Reason reason)
{
    self->stats.bad_copies++;
    size_t broker = d->event->deliver.broker;
    uint64_t *token = kith_arena_need(arena, sizeof *token);
    *token = d->event->deliver.token;
    taken_say(self, arena, broker, 1, token, reason);
    core_alarm(self, "bad-copy", d->header ? d->header->id->origin : NULL, reason,
               d->header ? d->header->id->seq : 0);
    return keep_evidence(self, txn, arena, d, reason, NULL);
}

static kith_err load_stream(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, delivery_t *d)
{
    d->stream_key = record_key_in_stream(&d->stream, self->epoch);
    kith_err err = record_get_in_stream(txn, arena, kith_key_bytes(&d->stream_key), &d->row);
    if (err != KITH_NOT_FOUND)
        return err;
    d->row = kith_arena_need(arena, sizeof *d->row);
    kith__store__in_stream__init(d->row);
    return KITH_OK;
}

/* ---- applying what stands next ---- */

static void store_received(agent_core_t *self, kith_txn_t *over, kith_arena_t *arena,
                           const delivery_t *d, const candidate_t *c, bool late)
{
    Kith__Store__StoredNotice row = KITH__STORE__STORED_NOTICE__INIT;
    row.notice = record_binary(c->notice_bytes);
    row.lane = kith_lane_of(d->stream.lane);
    row.topic_class = c->header->topic_class;
    row.clause = c->header->clause;
    row.stored_ms = self->now_ms;
    row.late = late;
    row.again = c->again;
    row.expires_ms = c->notice->expires_ms;
    core_kept(record_put_notice(over, arena, record_bytes(c->notice->id), &row));
}

static bool clock_apart(const agent_core_t *self, const Kith__Header *header)
{
    int64_t apart = self->now_ms - header->created_ms;
    /* behind by more than an hour is only said of a clock that runs ahead of ours: a message may
     * have waited for days */
    return apart < -KITH_CLOCK_APART_MS;
}

/* Applies it to the view, in writes that are dropped as a whole when it cannot be. */
static kith_err apply(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, const delivery_t *d,
                      const candidate_t *c, Kith__Outcome *ret_outcome, Kith__Reason *ret_reason)
{
    bool late =
        c->notice->expires_ms && !self->clocks_apart && self->now_ms > c->notice->expires_ms;
    agent_received_t received = {.origin = d->stream.peer,
                                 .header = c->header,
                                 .notice_bytes = c->notice_bytes,
                                 .notice = c->notice,
                                 .late = late,
                                 .again = c->again,
                                 .clock_apart = clock_apart(self, c->header),
                                 .now_ms = self->now_ms};
    kith_writeset_t *writes = kith_writeset_new(arena, txn);
    kith_txn_t *over = kith_writeset_txn(writes);
    kith_key_t applied = record_key_applied(d->stream.peer, record_bytes(c->notice->id));
    static const uint8_t yes = 1;
    core_kept(
        kith_put(over, AGENT_TABLE_APPLIED, kith_key_bytes(&applied), (kith_bytes_t){&yes, 1}));
    store_received(self, over, arena, d, c, late);
    Kith__Reason reason = KITH__REASON__REASON_APPLY_FAILED; /* unless work says another */
    kith_err err = self->doors.apply(self->doors.work, over, arena, &received, &reason);
    if (err == KITH_INVALID) {
        *ret_outcome = KITH__OUTCOME__OUTCOME_QUARANTINED;
        *ret_reason = reason;
        return KITH_OK;
    }
    CORE_TRY(err);
    self->stats.clock_apart += received.clock_apart;
    *ret_outcome = late ? KITH__OUTCOME__OUTCOME_DELIVERED_LATE : KITH__OUTCOME__OUTCOME_DELIVERED;
    return kith_writeset_merge(writes);
}

/* Ids are made by their origins: one that another agency's notice has, or one of our own, must not
 * take that notice's place. */
static kith_err id_is_taken(kith_txn_t *txn, const Kith__Notice *notice, bool *ret_taken)
{
    kith_bytes_t value;
    kith_err err = kith_get(txn, AGENT_TABLE_NOTICES, record_bytes(notice->id), &value);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    *ret_taken = err == KITH_OK;
    return KITH_OK;
}

static kith_err judge(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, const delivery_t *d,
                      const candidate_t *c, Kith__Outcome *ret_outcome, Kith__Reason *ret_reason)
{
    if (c->header->void_) {
        *ret_outcome = KITH__OUTCOME__OUTCOME_VOIDED;
        *ret_reason = c->header->void_->reason;
        return KITH_OK;
    }
    if (c->opened) {
        *ret_outcome = KITH__OUTCOME__OUTCOME_QUARANTINED;
        *ret_reason = c->opened;
        return KITH_OK;
    }
    kith_bytes_t value;
    kith_key_t applied = record_key_applied(d->stream.peer, record_bytes(c->notice->id));
    kith_err err = kith_get(txn, AGENT_TABLE_APPLIED, kith_key_bytes(&applied), &value);
    if (err != KITH_OK && err != KITH_NOT_FOUND)
        return err;
    if (err == KITH_OK && !KITH_BUG(19) && !KITH_BUG(49)) {
        *ret_outcome = KITH__OUTCOME__OUTCOME_REPEAT;
        return KITH_OK;
    }
    bool taken = false;
    CORE_TRY(id_is_taken(txn, c->notice, &taken));
    if (taken && !KITH_BUG(19) && !KITH_BUG(49)) {
        *ret_outcome = KITH__OUTCOME__OUTCOME_QUARANTINED;
        *ret_reason = KITH__REASON__REASON_CONTENT_MALFORMED;
        return KITH_OK;
    }
    return apply(self, txn, arena, d, c, ret_outcome, ret_reason);
}

/* Kept whole for a person; the number is used and the receipt says so. */
static kith_err quarantine(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const delivery_t *d, uint64_t n, const candidate_t *c,
                           Kith__Reason reason)
{
    Kith__Store__QuarantineRow row = KITH__STORE__QUARANTINE_ROW__INIT;
    row.envelope = (Kith__Envelope *)(uintptr_t)c->envelope;
    row.reason = reason;
    row.received_ms = self->now_ms;
    if (!c->envelope->content.len)
        row.notice = record_binary(c->notice_bytes);
    if (KITH_BUG(32)) /* of the envelope only its header */
        row.notice = row.envelope->content = (ProtobufCBinaryData){0};
    kith_key_t key = record_key_in(&d->stream, self->epoch, n);
    CORE_TRY(record_put_quarantine(txn, arena, kith_key_bytes(&key), &row));
    self->stats.quarantined++;
    core_alarm(self, "quarantined", d->stream.peer, reason, n);
    agent_outcome_t said = {.recipient = self->agency,
                            .notice_id = c->notice ? record_bytes(c->notice->id)
                                                   : (kith_bytes_t){c->digest.data, 16},
                            .outcome = KITH__OUTCOME__OUTCOME_QUARANTINED,
                            .reason = reason,
                            .clause = "",
                            .now_ms = self->now_ms};
    return self->doors.outcome(self->doors.work, txn, arena, &said);
}

static void count(agent_core_t *self, Kith__Outcome outcome)
{
    self->stats.delivered += outcome == KITH__OUTCOME__OUTCOME_DELIVERED ||
                             outcome == KITH__OUTCOME__OUTCOME_DELIVERED_LATE;
    self->stats.repeats += outcome == KITH__OUTCOME__OUTCOME_REPEAT;
    self->stats.voided += outcome == KITH__OUTCOME__OUTCOME_VOIDED;
    self->view_changed = true;
}

/* Number mark + 1 is taken: one transaction holds notice, mark, view and what the receipt says. */
static kith_err take_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                            const delivery_t *d, const candidate_t *c)
{
    uint64_t n = d->row->mark + 1;
    Kith__Outcome outcome = KITH__OUTCOME__OUTCOME_UNSPECIFIED;
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    CORE_TRY(judge(self, txn, arena, d, c, &outcome, &reason));
    if (outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        CORE_TRY(quarantine(self, txn, arena, d, n, c, reason));
    if (KITH_BUG(31) && outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        return KITH_OK; /* the number stays open */
    kith_digest_t chain =
        kith_chain_next(self->doors.hash, record_bytes(d->row->chain), c->digest, outcome);
    Kith__Store__TakenRow row = KITH__STORE__TAKEN_ROW__INIT;
    row.digest = record_binary(c->digest);
    row.outcome = outcome;
    row.reason = reason;
    row.chain = record_binary(kith_arena_copy(self->turn, kith_digest_bytes(&chain)));
    if (c->notice)
        row.notice_id = c->notice->id;
    row.header = c->envelope->header;
    row.proof = c->envelope->proof;
    kith_key_t key = record_key_in(&d->stream, self->epoch, n);
    CORE_TRY(record_put_taken(txn, arena, kith_key_bytes(&key), &row));
    d->row->mark = n;
    d->row->chain = row.chain;
    count(self, outcome);
    return KITH_OK;
}

/* ---- parking ---- */

static kith_err candidate_of_parked(kith_arena_t *arena, const Kith__Store__ParkedRow *row,
                                    candidate_t *ret_candidate)
{
    Kith__Header *header = NULL;
    const char *field = NULL;
    if (kith_header_decode(arena, record_bytes(row->envelope->header), &header, &field) != KITH_OK)
        return KITH_CORRUPT;
    Kith__Notice *notice = NULL;
    if (row->notice.len) {
        notice =
            kith__notice__unpack(kith_arena_allocator(arena), row->notice.len, row->notice.data);
        if (!notice)
            return KITH_CORRUPT;
    }
    *ret_candidate = (candidate_t){.header = header,
                                   .envelope = row->envelope,
                                   .digest = record_bytes(row->digest),
                                   .opened = row->opened,
                                   .notice_bytes = record_bytes(row->notice),
                                   .notice = notice,
                                   .again = row->again};
    return KITH_OK;
}

/* What a parked row counts for. */
static size_t parked_size(const Kith__Store__ParkedRow *row)
{
    return row->notice.len + row->envelope->header.len + row->envelope->content.len;
}

/* Taken as it comes, beyond the gap; nobody waits for its receipt. */
static kith_err take_loose(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const delivery_t *d, uint64_t n, const candidate_t *c)
{
    Kith__Outcome outcome = KITH__OUTCOME__OUTCOME_UNSPECIFIED;
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    CORE_TRY(judge(self, txn, arena, d, c, &outcome, &reason));
    if (outcome == KITH__OUTCOME__OUTCOME_QUARANTINED)
        CORE_TRY(quarantine(self, txn, arena, d, n, c, reason));
    count(self, outcome);
    return KITH_OK;
}

static kith_err take_row(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, delivery_t *d,
                         uint64_t n, const Kith__Store__ParkedRow *parked)
{
    candidate_t candidate;
    CORE_TRY(candidate_of_parked(arena, parked, &candidate));
    if (n == d->row->mark + 1)
        CORE_TRY(take_number(self, txn, arena, d, &candidate));
    else
        CORE_TRY(take_loose(self, txn, arena, d, n, &candidate));
    d->row->parked--;
    d->row->parked_bytes -= parked_size(parked);
    kith_key_t key = record_key_in(&d->stream, self->epoch, n);
    return kith_del(txn, AGENT_TABLE_PARKED, kith_key_bytes(&key));
}

/* The gap is filled: what waited behind it follows. */
static kith_err take_parked(agent_core_t *self, kith_txn_t *txn, delivery_t *d)
{
    while (d->row->highest_parked > d->row->mark) {
        kith_arena_t *arena = core_row_arena(self);
        uint64_t n = d->row->mark + 1;
        kith_key_t key = record_key_in(&d->stream, self->epoch, n);
        Kith__Store__ParkedRow *parked = NULL;
        kith_err err = record_get_parked(txn, arena, kith_key_bytes(&key), &parked);
        if (err == KITH_NOT_FOUND)
            return KITH_OK;
        CORE_TRY(err);
        CORE_TRY(take_row(self, txn, arena, d, n, parked));
    }
    d->row->highest_parked = 0;
    return KITH_OK;
}

/* The origin has left, or begun another epoch: no gap of this stream will ever be filled. */
static bool has_ended(const agent_core_t *self, const stream_name_t *stream)
{
    const kith_agency_t *origin = kith_agreement_agency(self->agreement, stream->peer);
    return !origin || origin->left || origin->epoch > stream->peer_epoch;
}

/* The lowest number that waits, as d->stream_key says of which stream. */
static kith_err first_parked(kith_txn_t *txn, kith_arena_t *arena, const delivery_t *d,
                             uint64_t *ret_n, Kith__Store__ParkedRow **ret_row)
{
    kith_bytes_t key, value;
    CORE_TRY(kith_next(txn, AGENT_TABLE_PARKED, kith_key_bytes(&d->stream_key), (kith_bytes_t){0},
                       &key, &value));
    key = kith_arena_copy(arena, key);
    kith_key_reader_t reader = {{key.data + d->stream_key.size, sizeof(uint64_t)}};
    *ret_n = kith_key_read_u64(&reader);
    return record_get_parked(txn, arena, key, ret_row);
}

kith_err take_standing(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const stream_name_t *stream, uint64_t *ret_n,
                       Kith__Store__ParkedRow **ret_row)
{
    delivery_t d = {.stream = *stream};
    uint64_t n = 0;
    Kith__Store__ParkedRow *row = NULL;
    CORE_TRY(load_stream(self, txn, arena, &d));
    CORE_TRY(first_parked(txn, arena, &d, &n, &row));
    if (n != d.row->mark + 1 && !(self->agreement && has_ended(self, stream)))
        return KITH_NOT_FOUND;
    *ret_n = n;
    *ret_row = row;
    return KITH_OK;
}

/* ---- streams that have ended ---- */

kith_err take_next_parked(agent_core_t *self, kith_txn_t *txn, const stream_name_t *stream,
                          size_t broker, bool poison)
{
    uint64_t n = 0;
    delivery_t d = {.stream = *stream};
    kith_arena_t *arena = self->turn;
    Kith__Store__ParkedRow *parked = NULL;
    CORE_TRY(load_stream(self, txn, arena, &d));
    CORE_TRY(first_parked(txn, arena, &d, &n, &parked));
    if (poison)
        parked->opened = KITH__REASON__REASON_POISON;
    if (n == d.row->mark + 1)
        (void)receipt_touch(self, arena, &d.stream, d.row->mark, d.row->mark, broker);
    CORE_TRY(take_row(self, txn, arena, &d, n, parked));
    if (d.row->parked == 0)
        d.row->highest_parked = 0;
    return record_put_in_stream(txn, arena, kith_key_bytes(&d.stream_key), d.row);
}

static kith_err end_stream(agent_core_t *self, kith_txn_t *txn, delivery_t *d)
{
    for (;;) {
        uint64_t n = 0;
        Kith__Store__ParkedRow *parked = NULL;
        kith_arena_t *arena = core_row_arena(self);
        kith_err err = first_parked(txn, arena, d, &n, &parked);
        if (err != KITH_OK) {
            d->row->highest_parked = 0;
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        }
        CORE_TRY(take_row(self, txn, arena, d, n, parked));
    }
}

kith_err take_ended(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena)
{
    kith_bytes_t after = {0}, key, value;
    kith_err err;
    if (self->careful)
        return KITH_OK; /* one of them may have ended the last run: careful.c takes it, counted */
    while ((err = kith_next(txn, AGENT_TABLE_IN_STREAMS, (kith_bytes_t){0}, after, &key, &value)) ==
           KITH_OK) {
        after = kith_arena_copy(arena, key);
        kith_key_reader_t reader = {after};
        delivery_t d = {0};
        d.stream.peer = kith_key_read_name(&reader);
        d.stream.peer_epoch = kith_key_read_u32(&reader);
        d.stream.lane = kith_key_read_u8(&reader);
        CORE_TRY(load_stream(self, txn, arena, &d));
        if (d.row->parked == 0 || !has_ended(self, &d.stream))
            continue;
        CORE_TRY(end_stream(self, txn, &d));
        CORE_TRY(record_put_in_stream(txn, arena, kith_key_bytes(&d.stream_key), d.row));
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* Shown at once when urgent; only its effect on the view waits. */
static kith_err show_early(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                           const delivery_t *d)
{
    const agent_event_t *event = d->event;
    if (d->stream.lane != KITH_LANE_URGENT || event->deliver.opened || !event->deliver.notice ||
        self->careful)
        return KITH_OK;
    agent_received_t received = {.origin = d->stream.peer,
                                 .header = d->header,
                                 .notice_bytes = event->deliver.notice_bytes,
                                 .notice = event->deliver.notice,
                                 .early = true,
                                 .again = event->deliver.again,
                                 .now_ms = self->now_ms};
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    bool taken = false;
    CORE_TRY(id_is_taken(txn, event->deliver.notice, &taken));
    if (taken)
        return KITH_OK; /* applied before, or never to be */
    kith_writeset_t *writes = kith_writeset_new(arena, txn);
    kith_err err =
        self->doors.apply(self->doors.work, kith_writeset_txn(writes), arena, &received, &reason);
    self->view_changed = true;
    return err == KITH_OK ? kith_writeset_merge(writes) : err == KITH_INVALID ? KITH_OK : err;
}

static kith_err park(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena, delivery_t *d)
{
    const agent_event_t *event = d->event;
    kith_key_t key = record_key_in(&d->stream, self->epoch, d->n);
    kith_bytes_t there;
    kith_err err = kith_get(txn, AGENT_TABLE_PARKED, kith_key_bytes(&key), &there);
    if (err == KITH_OK)
        return KITH_OK; /* the first one stands; the receipt will tell which it was */
    if (err != KITH_NOT_FOUND)
        return err;
    Kith__Envelope kept = *event->deliver.envelope;
    if (!event->deliver.opened)
        kept.content = (ProtobufCBinaryData){0}; /* opened: the notice stands in the row */
    /* also of what is let go: the receipts name it until its origin has filled that gap too */
    if (d->n > d->row->highest_parked)
        d->row->highest_parked = d->n;
    Kith__Store__ParkedRow row = KITH__STORE__PARKED_ROW__INIT;
    row.envelope = &kept;
    row.digest = record_binary(kith_digest_bytes(&event->deliver.digest));
    row.received_ms = self->now_ms;
    row.notice = record_binary(event->deliver.notice_bytes);
    row.opened = event->deliver.opened;
    row.again = event->deliver.again;
    size_t size = parked_size(&row);
    if (d->row->parked >= KITH_PARKED_MESSAGES_MAX ||
        d->row->parked_bytes + size > KITH_PARKED_BYTES_MAX) {
        self->stats.let_go++; /* its origin still owes it */
        return KITH_OK;
    }
    CORE_TRY(record_put_parked(txn, arena, kith_key_bytes(&key), &row));
    d->row->parked++;
    d->row->parked_bytes += size;
    self->stats.parked++;
    return show_early(self, txn, arena, d);
}

/* ---- a number that was taken before ---- */

static bool explains(const Kith__Header *header, kith_bytes_t other)
{
    return header->void_ && kith_bytes_equal(record_bytes(header->void_->replaces), other);
}

/* The same bytes, or a void of them, is a repeat. Anything else is two messages under one number:
 * evidence, and the origin is shown its own signature. */
static kith_err known_number(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             delivery_t *d, touched_t *touched)
{
    kith_key_t key = record_key_in(&d->stream, self->epoch, d->n);
    Kith__Store__TakenRow *row = NULL;
    CORE_TRY(record_get_taken(txn, arena, kith_key_bytes(&key), &row));
    kith_bytes_t digest = kith_digest_bytes(&d->event->deliver.digest);
    kith_bytes_t stood = record_bytes(row->digest);
    self->stats.repeats++;
    if (kith_bytes_equal(digest, stood) || explains(d->header, stood))
        return KITH_OK;
    Kith__Header *taken = NULL;
    const char *field = NULL;
    if (kith_header_decode(arena, record_bytes(row->header), &taken, &field) != KITH_OK)
        return KITH_CORRUPT;
    if (explains(taken, digest))
        return KITH_OK;
    touched->shown_header = record_bytes(row->header);
    touched->shown_proof = row->proof;
    core_alarm(self, "equivocation", d->stream.peer, KITH__REASON__REASON_EQUIVOCATION, d->n);
    return keep_evidence(self, txn, arena, d, KITH__REASON__REASON_EQUIVOCATION, row);
}

static kith_err take_checked(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                             delivery_t *d)
{
    const agent_event_t *event = d->event;
    CORE_TRY(load_stream(self, txn, arena, d));
    if (!KITH_BUG(48) || d->n <= d->row->mark + 1)
        take_token(self, arena, event->deliver.broker, event->deliver.token);
    bool loose = d->n > d->row->mark + 1 && has_ended(self, &d->stream);
    if (self->careful && (loose || d->n == d->row->mark + 1)) {
        CORE_TRY(park(self, txn, arena, d)); /* careful.c takes it, counted */
        return record_put_in_stream(txn, arena, kith_key_bytes(&d->stream_key), d->row);
    }
    bool known = d->n <= d->row->mark;
    if (KITH_BUG(22) && known)
        return KITH_OK;                           /* acknowledged, without its receipt */
    if (KITH_BUG(19) && d->n + 8 <= d->row->mark) /* a window: of 8, that a short run leaves it */
        known = false;
    uint64_t from = known ? d->n - 1 : d->row->mark;
    touched_t *touched =
        receipt_touch(self, arena, &d->stream, d->row->mark, from, event->deliver.broker);
    if (known)
        return known_number(self, txn, arena, d, touched);
    candidate_t candidate = {.header = d->header,
                             .envelope = event->deliver.envelope,
                             .digest = kith_digest_bytes(&event->deliver.digest),
                             .opened = event->deliver.opened,
                             .notice_bytes = event->deliver.notice_bytes,
                             .notice = event->deliver.notice,
                             .again = event->deliver.again};
    if (KITH_BUG(46) && event->deliver.verdict)
        candidate.opened = event->deliver.verdict;
    if (loose) {
        CORE_TRY(take_loose(self, txn, arena, d, d->n, &candidate));
    } else if (d->n > d->row->mark + 1) {
        CORE_TRY(park(self, txn, arena, d));
    } else {
        CORE_TRY(take_number(self, txn, arena, d, &candidate));
        CORE_TRY(take_parked(self, txn, d));
    }
    return record_put_in_stream(txn, arena, kith_key_bytes(&d->stream_key), d->row);
}

kith_err take_delivery(agent_core_t *self, kith_txn_t *txn, kith_arena_t *arena,
                       const agent_event_t *event)
{
    kith_session_t *session = &self->brokers[event->deliver.broker].session;
    session->heard_mono_ms = self->mono_ms;
    if (!session->live)
        return KITH_OK; /* it comes again in the next session */
    delivery_t d = {.event = event, .header = event->deliver.header};
    size_t size = kith__envelope__get_packed_size(event->deliver.envelope);
    int lane = d.header ? kith_lane_index(d.header->id->lane) : KITH_LANE_NORMAL;
    session->receive[lane].used_messages++;
    session->receive[lane].used_bytes += size;
    if (event->deliver.verdict && !(KITH_BUG(46) && d.header))
        return refuse_copy(self, txn, arena, &d, event->deliver.verdict);
    const Kith__Slot *slot = kith_header_slot(d.header, self->agency);
    if (!slot)
        return refuse_copy(self, txn, arena, &d, KITH__REASON__REASON_UNKNOWN_RECIPIENT);
    if (slot->epoch != self->epoch)
        return refuse_copy(self, txn, arena, &d, KITH__REASON__REASON_WRONG_EPOCH);
    d.stream = (stream_name_t){
        .peer = d.header->id->origin, .peer_epoch = d.header->id->epoch, .lane = lane};
    d.n = slot->n;
    return take_checked(self, txn, arena, &d);
}
