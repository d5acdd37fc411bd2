/* What people do in the world of work_world.h, and what they see. */
#include "tests/unit/work_world.h"

#include "agents/work/parts.h"
#include "base/text.h"
#include "base/writeset.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- what people do ---- */

kith_err world_prepare(world_t *w, const char *agency, const Kith__Api__Draft *draft)
{
    uint8_t random[10] = {0};
    random[9] = ++w->ids;
    kith_id_t id = kith_id_make(w->now_ms, random);
    kith_txn_t *txn = world_begin(w, agency);
    w->refusal = (work_refusal_t){0};
    kith_err err = work_prepare(&world_node(w, agency)->work, txn, w->arena, draft, &id,
                                "duty officer", w->now_ms, &w->prepared, &w->refusal);
    memtxn_abort(world_node(w, agency)->store);
    return err;
}

void world_refused(world_t *w, const char *agency, const Kith__Api__Draft *draft, kith_err err,
                   const char *rule)
{
    assert_int_equal(world_prepare(w, agency, draft), err);
    assert_non_null(w->refusal.rule);
    assert_string_equal(w->refusal.rule, rule);
    assert_non_null(w->refusal.what);
    assert_true(strlen(w->refusal.what) > 0);
}

/* As the core does: notice and view in one overlay. */
static kith_err apply(world_t *w, const char *agency, const agent_received_t *in)
{
    world_node_t *node = world_node(w, agency);
    kith_writeset_t *writes = kith_writeset_new(w->arena, world_begin(w, agency));
    kith_txn_t *over = kith_writeset_txn(writes);
    Kith__Store__StoredNotice row = KITH__STORE__STORED_NOTICE__INIT;
    row.notice = binary_of(in->notice_bytes);
    row.mine = in->mine;
    if (!in->early) {
        assert_int_equal(
            kith_put_record(over, AGENT_TABLE_NOTICES, bytes_of(in->notice->id), w->arena, &row),
            KITH_OK);
    }
    w->reason = KITH__REASON__REASON_UNSPECIFIED;
    kith_err err = work_apply(&node->work, over, w->arena, in, &w->reason);
    if (err == KITH_OK) {
        assert_int_equal(kith_writeset_merge(writes), KITH_OK);
        world_commit(w, agency);
    } else {
        memtxn_abort(node->store);
    }
    return err;
}

/* As it comes out of the seal. */
static Kith__Notice *travelled(world_t *w, const Kith__Notice *notice, kith_bytes_t *ret_bytes)
{
    const char *field = NULL;
    *ret_bytes = KITH_PACK(w->arena, notice);
    Kith__Notice *copy = (Kith__Notice *)kith_message_unpack(w->arena, &kith__notice__descriptor,
                                                             *ret_bytes, &field);
    assert_non_null(copy);
    return copy;
}

Kith__Notice *world_submit(world_t *w, const char *agency, const Kith__Api__Draft *draft)
{
    kith_err err = world_prepare(w, agency, draft);
    if (err != KITH_OK) {
        fail_msg("%s refused: %s: %s", agency, w->refusal.rule, w->refusal.what);
    }
    agent_received_t own = {.origin = agency, .mine = true, .now_ms = w->now_ms};
    Kith__Notice *notice = travelled(w, w->prepared.notice, &own.notice_bytes);
    own.notice = notice;
    assert_int_equal(apply(w, agency, &own), KITH_OK);
    w->now_ms += 1000;
    return notice;
}

kith_err world_try_deliver(world_t *w, const char *agency, const Kith__Notice *notice,
                           deliver_with_t with)
{
    const kith_topic_t *topic = kith_agreement_topic(&w->agreement, notice->topic);
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    Kith__Header header = KITH__HEADER__INIT;
    id.lane = topic != NULL ? topic->lane : KITH__LANE__LANE_NORMAL;
    header.id = &id;
    header.topic_class = NAME(with.topic_class != NULL ? with.topic_class
                              : topic != NULL          ? topic->topic_class
                                                       : "event");
    agent_received_t in = {
        .origin = notice->origin,
        .header = &header,
        .late = with.late,
        .again = with.again,
        .early = with.early,
        .clock_apart = with.clock_apart,
        .now_ms = w->now_ms,
    };
    in.notice = travelled(w, notice, &in.notice_bytes);
    return apply(w, agency, &in);
}

void world_deliver(world_t *w, const char *agency, const Kith__Notice *notice)
{
    assert_int_equal(world_try_deliver(w, agency, notice, (deliver_with_t){0}), KITH_OK);
}

Kith__Notice *world_say(world_t *w, const char *agency, const Kith__Api__Draft *draft)
{
    Kith__Notice *notice = world_submit(w, agency, draft);
    work_prepared_t prepared = w->prepared;
    for (size_t i = 0; i < prepared.recipients_count; i++) {
        world_deliver(w, prepared.recipients[i], notice);
    }
    return notice;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *world_recipients(world_t *w)
{
    char *text = kith_arena_str(w->arena, "");
    qsort(w->prepared.recipients, w->prepared.recipients_count, sizeof(char *), by_name);
    for (size_t i = 0; i < w->prepared.recipients_count; i++) {
        text = kith_arena_printf(w->arena, "%s%s%s", text, i > 0 ? " " : "",
                                 w->prepared.recipients[i]);
    }
    return text;
}

ProtobufCBinaryData world_household(world_t *w, const char *agency, const char *const *team)
{
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    for (; *team != NULL; team++) {
        world_seat(w, draft, *team, 0);
    }
    return world_say(w, agency, draft)->household;
}

void world_subscribe(world_t *w, const char *agency, const char *topic)
{
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    Kith__Api__Draft *draft = world_draft(w);
    ask.topic = NAME(topic);
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_subscribe(&world_node(w, agency)->work, txn, w->arena, &ask, w->now_ms,
                                    draft, &w->refusal),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    world_say(w, agency, draft);
}

Kith__Api__Draft *world_offer(world_t *w, const char *agency, const Kith__Api__OfferRequest *ask)
{
    Kith__Api__Draft *draft = world_draft(w);
    kith_txn_t *txn = world_begin(w, agency);
    w->refusal = (work_refusal_t){0};
    kith_err err =
        work_offer(&world_node(w, agency)->work, txn, w->arena, ask, w->now_ms, draft, &w->refusal);
    memtxn_abort(world_node(w, agency)->store);
    assert_int_equal(err == KITH_OK, w->refusal.rule == NULL);
    return err == KITH_OK ? draft : NULL;
}

kith_err world_try_link(world_t *w, const char *agency, const Kith__Api__LinkRequest *ask)
{
    Kith__Api__Link link;
    kith_txn_t *txn = world_begin(w, agency);
    w->refusal = (work_refusal_t){0};
    kith_err err = work_link(&world_node(w, agency)->work, txn, w->arena, ask, "duty", w->now_ms,
                             &link, &w->refusal);
    if (err == KITH_OK) {
        world_commit(w, agency);
    } else {
        memtxn_abort(world_node(w, agency)->store);
    }
    return err;
}

void world_link(world_t *w, const char *agency, const char *id, ProtobufCBinaryData household)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    ref.system = NAME("test");
    ref.id = NAME(id);
    ask.ref = &ref;
    ask.household = household;
    ask.why = NAME("same address");
    assert_int_equal(world_try_link(w, agency, &ask), KITH_OK);
}

void world_outcome(world_t *w, const char *agency, const Kith__Notice *notice,
                   const char *recipient, Kith__Outcome outcome, Kith__Reason reason)
{
    agent_outcome_t said = {.notice_id = bytes_of(notice->id),
                            .recipient = recipient,
                            .outcome = outcome,
                            .reason = reason,
                            .clause = "",
                            .now_ms = w->now_ms};
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_outcome(&world_node(w, agency)->work, txn, w->arena, &said), KITH_OK);
    world_commit(w, agency);
}

void world_look_again(world_t *w, const char *agency)
{
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_agreement(&world_node(w, agency)->work, txn, w->arena), KITH_OK);
    world_commit(w, agency);
    while (world_tick(w, agency) <= w->now_ms) {
    }
}

int64_t world_tick(world_t *w, const char *agency)
{
    int64_t next_ms = 0;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_tick(&world_node(w, agency)->work, txn, w->arena, w->now_ms, &next_ms),
                     KITH_OK);
    world_commit(w, agency);
    return next_ms;
}

/* ---- what is seen ---- */

Kith__Api__FeedResponse *world_feed(world_t *w, const char *agency, Kith__Api__FeedRequest ask)
{
    Kith__Api__FeedResponse *response = kith_arena_need(w->arena, sizeof *response);
    kith__api__feed_response__init(response);
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_feed(&world_node(w, agency)->work, txn, w->arena, "duty", &ask, response),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return response;
}

Kith__Api__FeedResponse *world_feed_of(world_t *w, const char *agency,
                                       ProtobufCBinaryData household)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = household;
    return world_feed(w, agency, ask);
}

Kith__Api__FeedResponse *world_front_door(world_t *w, const char *agency)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.front_door = true;
    return world_feed(w, agency, ask);
}

Kith__Api__FeedEntry *world_last(world_t *w, const char *agency)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = KITH_FEED_PAGE_MAX;
    Kith__Api__FeedResponse *feed = world_feed(w, agency, ask);
    assert_true(feed->n_entries > 0);
    return feed->entries[feed->n_entries - 1];
}

bool world_flag(const Kith__Api__FeedEntry *entry, const char *flag)
{
    for (size_t i = 0; i < entry->n_flags; i++) {
        if (strcmp(entry->flags[i], flag) == 0) {
            return true;
        }
    }
    return false;
}

Kith__Api__InboxResponse *world_inbox(world_t *w, const char *agency, uint32_t limit,
                                      uint64_t after)
{
    Kith__Api__InboxRequest ask = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__InboxResponse *response = kith_arena_need(w->arena, sizeof *response);
    kith__api__inbox_response__init(response);
    ask.limit = limit;
    ask.after = after;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_inbox(&world_node(w, agency)->work, txn, w->arena, &ask, response),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return response;
}

const char *world_tasks(world_t *w, const char *agency)
{
    Kith__Api__InboxResponse *inbox = world_inbox(w, agency, 0, 0);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < inbox->n_tasks; i++) {
        text = kith_arena_printf(w->arena, "%s%s%s %s", text, i > 0 ? "; " : "",
                                 inbox->tasks[i]->kind, inbox->tasks[i]->agency);
    }
    return text;
}

Kith__Api__AlertBoard *world_board(world_t *w, const char *agency, const Kith__Notice *alert)
{
    Kith__Api__AlertBoard *board = NULL;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_board(&world_node(w, agency)->work, txn, w->arena, bytes_of(alert->id),
                                w->now_ms, &board),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return board;
}

const char *world_board_line(world_t *w, const char *agency, const Kith__Notice *alert)
{
    Kith__Api__AlertBoard *board = world_board(w, agency, alert);
    char *text = kith_arena_str(w->arena, "");
    for (size_t i = 0; i < board->n_rows; i++) {
        const Kith__Api__AlertBoardRow *row = board->rows[i];
        text = kith_arena_printf(w->arena, "%s%s%s:%s", text, i > 0 ? " " : "", row->agency,
                                 row->answer == 0 ? row->overdue ? "overdue" : "-"
                                                  : word_of(w->arena, &kith__answer__descriptor,
                                                            "ANSWER_", (int)row->answer));
    }
    return text;
}

Kith__Api__ReferralState *world_state(world_t *w, const char *agency, const Kith__Notice *referral)
{
    Kith__Api__ReferralState *state = NULL;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(
        work_referral(&world_node(w, agency)->work, txn, w->arena, bytes_of(referral->id), &state),
        KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return state;
}

Kith__Api__HouseholdView *world_view(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    Kith__Api__HouseholdResponse response = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(work_households(&world_node(w, agency)->work, txn, w->arena,
                                     bytes_of(household), &response),
                     KITH_OK);
    memtxn_abort(world_node(w, agency)->store);
    return response.households[0];
}

const char *world_page(world_t *w, const char *path)
{
    size_t max = 256u * 1024u;
    char *text = kith_arena_need(w->arena, max);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, max - 1, file);
    (void)fclose(file);
    assert_true(size > 0);
    return text;
}

kith_bytes_t world_household_row(world_t *w, const char *agency, ProtobufCBinaryData household)
{
    kith_bytes_t value;
    kith_txn_t *txn = world_begin(w, agency);
    assert_int_equal(kith_get(txn, AGENT_TABLE_HOUSEHOLDS, bytes_of(household), &value), KITH_OK);
    kith_bytes_t copy = kith_arena_copy(w->arena, value);
    memtxn_abort(world_node(w, agency)->store);
    return copy;
}
