/* Receipts as the origin reads them: cumulative, chained, and believed only whole. */
#include "tests/unit/core_test.h"

#define RECEIPT_MAX 16u

/* A receipt of housing's for police, as told; its chain is right for these outcomes. */
typedef struct wrote {
    uint64_t from, n, highest_parked;
    Kith__Outcome outcomes[RECEIPT_MAX]; /* of 1 … n; 0: delivered */
    Kith__Reason reasons[RECEIPT_MAX];
    bool leave_out; /* the exceptions */
    const char *signer;
    const char *origin; /* police */
    uint32_t origin_epoch;
    bool urgent;
    const Kith__Envelope *shown;
} wrote_t;

/* Digests of what police published, by number. */
static void digests_of(world_t *w, const tap_t *tap, kith_digest_t ret[RECEIPT_MAX])
{
    for (size_t i = 0; tap_sent(tap, POLICE, VERB(PUBLISH), i); i++) {
        const Kith__Envelope *envelope = tap_sent(tap, POLICE, VERB(PUBLISH), i)->publish->envelope;
        ret[header_in(w, envelope)->slots[0]->n] =
            kith_header_digest(toy_hash, record_bytes(envelope->header));
    }
}

static kith_digest_t chain_of(world_t *w, const tap_t *tap, const wrote_t *r)
{
    kith_digest_t digests[RECEIPT_MAX] = {0}, chain = {0};
    digests_of(w, tap, digests);
    kith_bytes_t before = {0};
    for (uint64_t n = 1; n <= r->n && n < RECEIPT_MAX; n++) {
        Kith__Outcome outcome = r->outcomes[n] ? r->outcomes[n] : OUTCOME(DELIVERED);
        chain = kith_chain_next(toy_hash, before, kith_digest_bytes(&digests[n]), outcome);
        before = kith_digest_bytes(&chain);
    }
    return chain;
}

static void add_exceptions(world_t *w, Kith__Receipt *receipt, const wrote_t *r)
{
    receipt->exceptions = kith_arena_need(w->arena, RECEIPT_MAX * sizeof *receipt->exceptions);
    for (uint64_t n = r->from + 1; n <= r->n && n < RECEIPT_MAX && !r->leave_out; n++) {
        if (!r->outcomes[n])
            continue;
        Kith__Exception *exception = kith_arena_need(w->arena, sizeof *exception);
        kith__exception__init(exception);
        exception->n = n;
        exception->outcome = r->outcomes[n];
        exception->reason = r->reasons[n];
        receipt->exceptions[receipt->n_exceptions++] = exception;
    }
}

static void give_receipt(world_t *w, const tap_t *tap, wrote_t r)
{
    kith_digest_t chain = chain_of(w, tap, &r);
    Kith__StreamId stream = KITH__STREAM_ID__INIT;
    Kith__Receipt receipt = KITH__RECEIPT__INIT;
    stream.origin = (char *)(uintptr_t)(r.origin ? r.origin : "police");
    stream.origin_epoch = r.origin_epoch ? r.origin_epoch : 1;
    stream.lane = kith_lane_of(r.urgent ? URGENT : NORMAL);
    stream.recipient = (char *)(uintptr_t) "housing";
    stream.recipient_epoch = 1;
    receipt.stream = &stream;
    receipt.from = r.from;
    receipt.n = r.n;
    receipt.highest_parked = r.highest_parked;
    receipt.chain = record_binary(r.n ? kith_digest_bytes(&chain) : (kith_bytes_t){0});
    add_exceptions(w, &receipt, &r);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
    packet.verb_case = VERB(RECEIPT);
    packet.receipt = &body;
    body.origin = stream.origin;
    body.lane = stream.lane;
    body.token = 4711;
    body.receipt = fake_sign(w->arena, KITH_TAG_RECEIPT, r.signer ? r.signer : "housing",
                             KITH_PACK(w->arena, &receipt));
    if (r.shown) {
        body.shown_header = r.shown->header;
        body.shown_proof = r.shown->proof;
    }
    inject(w, POLICE, 0, &packet);
    (void)world_agent_turn(w, POLICE);
}

/* Police has published count numbers to housing, which is away. */
static world_t *published(size_t count, said_t *ret_said, tap_t *tap)
{
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    world_settle(w);
    tap_on(w, tap);
    for (size_t i = 0; i < count; i++)
        ret_said[i + 1] = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    return w;
}

static void a_receipt_settles_all_up_to_its_number(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(4, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 3});
    for (size_t n = 1; n <= 3; n++)
        assert_outcome(w, POLICE, said[n], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(debt_of(w, POLICE, said[4], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 1);
    const Kith__Packet *taken = tap_sent(&tap, POLICE, VERB(TAKEN), 0);
    assert_int_equal(taken->taken->tokens[0], 4711);
    end(w);
}

static void the_chain_goes_on_from_receipt_to_receipt_and_over_a_restart(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(5, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 2});
    world_agent_stop(w, POLICE);
    world_agent_start(w, POLICE);
    world_pass(w, 500);
    give_receipt(w, &tap, (wrote_t){.from = 2, .n = 5});
    assert_outcome(w, POLICE, said[5], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(stats_of(w, POLICE).receipts_odd, 0);
    end(w);
}

static void each_exception_is_an_outcome(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(4, said, &tap);
    give_receipt(
        w, &tap,
        (wrote_t){
            .n = 4,
            .outcomes =
                {[1] = OUTCOME(QUARANTINED), [2] = OUTCOME(REPEAT), [3] = OUTCOME(DELIVERED_LATE)},
            .reasons = {[1] = REASON(APPLY_FAILED)}});
    assert_outcome(w, POLICE, said[1], HOUSING, OUTCOME(QUARANTINED), REASON(APPLY_FAILED));
    assert_outcome(w, POLICE, said[2], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_outcome(w, POLICE, said[3], HOUSING, OUTCOME(DELIVERED_LATE), REASON(UNSPECIFIED));
    assert_outcome(w, POLICE, said[4], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

static void without_its_exceptions_it_fits_nothing_and_is_drawn_again(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(3, said, &tap);
    size_t before = tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH));
    give_receipt(w, &tap,
                 (wrote_t){.n = 3, .outcomes = {[2] = OUTCOME(QUARANTINED)}, .leave_out = true});
    for (size_t n = 1; n <= 3; n++)
        assert_int_equal(debt_of(w, POLICE, said[n], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(stats_of(w, POLICE).receipts_odd, 1);
    assert_string_equal(w->agents[POLICE].alarm, "receipt-does-not-fit");
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), before + 1);
    /* the same again at once draws nothing more */
    give_receipt(w, &tap,
                 (wrote_t){.n = 3, .outcomes = {[2] = OUTCOME(QUARANTINED)}, .leave_out = true});
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), before + 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 2000);
    end_quiet(w);
}

static void an_outcome_that_no_receipt_may_state_fits_nothing(void **state)
{
    (void)state;
    static const Kith__Outcome wrong[] = {OUTCOME(REFUSED), OUTCOME(EXPIRED), (Kith__Outcome)77};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        static tap_t tap;
        said_t said[RECEIPT_MAX];
        world_t *w = published(1, said, &tap);
        give_receipt(w, &tap, (wrote_t){.n = 1, .outcomes = {[1] = wrong[i]}});
        assert_int_equal(debt_of(w, POLICE, said[1], HOUSING).outcome, OUTCOME(UNSPECIFIED));
        assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 1);
        end(w);
    }
}

static void voided_without_a_void_fits_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(1, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 1, .outcomes = {[1] = OUTCOME(VOIDED)}});
    assert_int_equal(debt_of(w, POLICE, said[1], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    end(w);
}

static void beyond_the_last_number_is_odd(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(1, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 2});
    assert_string_equal(w->agents[POLICE].alarm, "receipt-beyond-last");
    give_receipt(w, &tap, (wrote_t){.n = 1});
    assert_outcome(w, POLICE, said[1], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

static void an_older_receipt_changes_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(3, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 3});
    give_receipt(w, &tap, (wrote_t){.n = 1, .highest_parked = 3});
    assert_int_equal(stats_of(w, POLICE).receipts_odd, 0);
    assert_int_equal(stats_of(w, POLICE).resent, 0);
    assert_int_equal(told_count(w, POLICE), 3);
    end(w);
}

static void one_of_an_ended_epoch_or_not_signed_changes_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(1, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 1, .origin_epoch = 7});
    assert_int_equal(debt_of(w, POLICE, said[1], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    give_receipt(w, &tap, (wrote_t){.n = 1, .signer = "social-care"});
    assert_int_equal(debt_of(w, POLICE, said[1], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_string_equal(w->agents[POLICE].alarm, "receipt-not-signed");
    end(w);
}

static void a_named_gap_is_sent_again_through_the_broker_that_said_so(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(6, said, &tap);
    size_t before = tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH));
    give_receipt(w, &tap, (wrote_t){.n = 2, .highest_parked = 6});
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), before + 3); /* 3, 4, 5 */
    assert_int_equal(tap_published(w, &tap, POLICE, before)->slots[0]->n, 3);
    assert_int_equal(tap_published(w, &tap, POLICE, before + 2)->slots[0]->n, 5);
    end(w);
}

/* The broker loses the receipts of a stream; the origin's resend draws them. */
static void a_lost_receipt_is_drawn_again(void **state)
{
    (void)state;
    for (size_t brokers = 1; brokers <= 2; brokers++) {
        static tap_t tap;
        world_t *w = begun(2, brokers);
        tap_on(w, &tap);
        tap_drop(&tap, HOUSING, true, VERB(RECEIPT), 5);
        said_t said[RECEIPT_MAX];
        for (size_t i = 0; i < 5; i++) {
            said[i] = say(w, POLICE, URGENT, HOUSING);
            world_settle(w);
        }
        assert_int_equal(debt_of(w, POLICE, said[0], HOUSING).outcome, OUTCOME(UNSPECIFIED));
        world_pass(w, 61 * 1000);
        assert_int_equal(stats_of(w, HOUSING).delivered, 5);
        assert_outcome(w, POLICE, said[4], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
        end_quiet(w);
    }
}

/* A connection that breaks between a receipt and its TAKEN loses neither. */
static void the_receipt_goes_before_the_acknowledgement(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    size_t receipt = SIZE_MAX, taken = SIZE_MAX;
    for (size_t i = tap.count; i-- > 0;) {
        if (!tap.seen[i].to_broker || tap.seen[i].agent != HOUSING)
            continue;
        if (tap.seen[i].packet->verb_case == VERB(RECEIPT))
            receipt = i;
        else if (tap.seen[i].packet->verb_case == VERB(TAKEN))
            taken = i;
    }
    assert_true(receipt < taken);
    end_quiet(w);
}

/* More exceptions than one receipt may name: the turn states them all in several. */
static void many_exceptions_are_several_receipts(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    for (size_t i = 0; i < KITH_EXCEPTIONS_MAX + 50; i++)
        (void)say_what(
            w, POLICE,
            (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
    world_settle(w);
    world_heal(w, HOUSING, 0);
    tap_on(w, &tap);
    w->agents[HOUSING].links[0].held = true;
    world_pass(w, 500);
    w->agents[HOUSING].links[0].held = false;
    world_pass(w, 500);
    for (size_t i = 0; tap_sent(&tap, HOUSING, VERB(RECEIPT), i); i++)
        assert_true(tap_receipt(w, &tap, HOUSING, i)->n_exceptions <= KITH_EXCEPTIONS_MAX);
    assert_int_equal(stats_of(w, POLICE).receipts_odd, 0);
    end_quiet(w);
}

/* Thousands of numbers under one receipt stay within the turn's memory. */
static void a_long_span_is_settled_in_little_memory(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    for (size_t i = 0; i < COUNT; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    w->agents[POLICE].links[0].held = true;
    world_settle(w);
    w->agents[POLICE].links[0].held = false;
    world_settle(w);
    /* the whole stream, as its own slots have it */
    kith_digest_t chain = {0};
    kith_bytes_t before = {0};
    kith_arena_t *arena = kith_arena_new(KITH_MIB);
    kith_txn_t *txn = memtxn_begin(w->agents[POLICE].store);
    stream_name_t name = {.peer = "housing", .peer_epoch = 1, .lane = NORMAL};
    for (uint64_t n = 1; n <= COUNT; n++) {
        kith_arena_reset(arena);
        Kith__Store__OutSlot *slot = NULL;
        kith_key_t key = record_key_out(&name, n);
        assert_int_equal(record_get_out(txn, arena, kith_key_bytes(&key), &slot), KITH_OK);
        chain = kith_chain_next(toy_hash, before, record_bytes(slot->digest), OUTCOME(DELIVERED));
        before = kith_digest_bytes(&chain);
    }
    memtxn_abort(w->agents[POLICE].store);
    kith_arena_destroy(&arena);
    Kith__StreamId stream = KITH__STREAM_ID__INIT;
    Kith__Receipt receipt = KITH__RECEIPT__INIT;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__ReceiptPacket body = KITH__RECEIPT_PACKET__INIT;
    stream.origin = (char *)(uintptr_t) "police";
    stream.recipient = (char *)(uintptr_t) "housing";
    stream.origin_epoch = stream.recipient_epoch = 1;
    stream.lane = KITH__LANE__LANE_NORMAL;
    receipt.stream = &stream;
    receipt.n = COUNT;
    receipt.chain = record_binary(before);
    packet.verb_case = VERB(RECEIPT);
    packet.receipt = &body;
    body.receipt = fake_sign(w->arena, KITH_TAG_RECEIPT, "housing", KITH_PACK(w->arena, &receipt));
    inject(w, POLICE, 0, &packet);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    assert_true(kith_arena_used(w->agents[POLICE].arena) < KITH_MIB);
    end(w);
}

/* ---- an old copy of this agency ---- */

/* Police is put back to what it was before its last words: it gives their number to others. */
static void a_copy_shown_its_own_later_words_halts(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    uint64_t seq = 2;
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .seq = seq, .lane = NORMAL, .kind = "arrest"});
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING); /* its number 2, with the same seq */
    world_settle(w);
    assert_int_equal(w->agents[POLICE].halted, REASON(OWN_COPY_OLD));
    assert_null(w->agents[POLICE].core);
    assert_string_equal(w->agents[HOUSING].alarm, "equivocation");
    end(w);
}

static void shown_above_its_own_number_it_halts(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    kith_digest_t digest;
    world_t *w = published(2, said, &tap);
    const Kith__Envelope *shown =
        make_envelope(w, (made_t){.n = 9, .seq = 9, .lane = NORMAL}, &digest);
    give_receipt(w, &tap, (wrote_t){.n = 1, .shown = shown});
    assert_int_equal(w->agents[POLICE].halted, REASON(OWN_COPY_OLD));
    world_destroy(&w);
}

static void shown_what_it_did_say_it_goes_on(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(2, said, &tap);
    give_receipt(
        w, &tap,
        (wrote_t){.n = 0, .shown = tap_sent(&tap, POLICE, VERB(PUBLISH), 1)->publish->envelope});
    assert_int_equal(w->agents[POLICE].halted, 0);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void shown_a_forged_one_it_goes_on(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    kith_digest_t digest;
    world_t *w = published(2, said, &tap);
    const Kith__Envelope *shown =
        make_envelope(w, (made_t){.n = 9, .seq = 9, .lane = NORMAL, .forged = true}, &digest);
    give_receipt(w, &tap, (wrote_t){.n = 1, .shown = shown});
    assert_int_equal(w->agents[POLICE].halted, 0);
    end(w);
}

static void a_gap_that_is_named_again_later_is_filled_again(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(3, said, &tap);
    size_t before = tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH));
    give_receipt(w, &tap, (wrote_t){.n = 1, .highest_parked = 3});
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), before + 1);
    world_pass(w, 1000);
    give_receipt(w, &tap, (wrote_t){.n = 1, .highest_parked = 3});
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), before + 2);
    end(w);
}

static void of_another_origin_it_changes_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(1, said, &tap);
    give_receipt(w, &tap, (wrote_t){.n = 1, .origin = "social-care"});
    assert_int_equal(debt_of(w, POLICE, said[1], HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(stats_of(w, POLICE).receipts_taken, 0);
    end(w);
}

/* Its own words, and of this store: of what has ended, of its void, or of what is settled. */
static void shown_what_proves_nothing_it_goes_on(void **state)
{
    (void)state;
    static const made_t shown[] = {
        {.n = 9, .seq = 9, .lane = NORMAL, .epoch = 2},
        {.n = 9, .seq = 9, .lane = NORMAL, .to_epoch = 2},
        {.n = 9, .seq = 9, .lane = URGENT},
        {.n = 9, .seq = 9, .lane = NORMAL, .to = "police"},
    };
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        static tap_t tap;
        said_t said[RECEIPT_MAX];
        kith_digest_t digest;
        world_t *w = published(2, said, &tap);
        give_receipt(w, &tap, (wrote_t){.n = 0, .shown = make_envelope(w, shown[i], &digest)});
        assert_int_equal(w->agents[POLICE].halted, 0);
        end(w);
    }
}

static void shown_its_void_it_goes_on(void **state)
{
    (void)state;
    static tap_t tap;
    said_t said[RECEIPT_MAX];
    world_t *w = published(1, said, &tap);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_all(w, next);
    world_settle(w);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Stale stale = KITH__STALE__INIT;
    char *recipients[] = {(char *)(uintptr_t) "housing"};
    packet.verb_case = VERB(STALE);
    packet.stale = &stale;
    stale.id = tap_published(w, &tap, POLICE, 0)->id;
    stale.partnership_version = next->version;
    stale.n_recipients = 1;
    stale.recipients = recipients;
    inject(w, POLICE, 0, &packet);
    world_settle(w);
    const Kith__Envelope *shown = tap_sent(&tap, POLICE, VERB(PUBLISH), 1)->publish->envelope;
    assert_non_null(header_in(w, shown)->void_);
    give_receipt(w, &tap, (wrote_t){.n = 0, .shown = shown});
    assert_int_equal(w->agents[POLICE].halted, 0);
    end(w);
}

/* The number is settled; what carries it was made after all that this store remembers. */
static void shown_above_its_own_sequence_it_halts(void **state)
{
    (void)state;
    for (int lane = URGENT; lane <= NORMAL; lane++) {
        static tap_t tap;
        kith_digest_t digest;
        world_t *w = begun(2, 1);
        (void)say(w, POLICE, lane, HOUSING);
        world_settle(w);
        tap_on(w, &tap);
        const Kith__Envelope *shown =
            make_envelope(w, (made_t){.n = 1, .seq = 9, .lane = lane}, &digest);
        give_receipt(w, &tap, (wrote_t){.n = 0, .urgent = lane == URGENT, .shown = shown});
        assert_int_equal(w->agents[POLICE].halted, REASON(OWN_COPY_OLD));
        world_destroy(&w);
    }
}

/* Refused under its second number; the void of the first says nothing of that. */
static void the_void_of_an_earlier_number_ends_no_debt(void **state)
{
    (void)state;
    static const char *only[] = {"social-care"};
    world_t *w = begun(2, 1);
    kith_agreement_t *strict = world_next_agreement(w), *lax = world_next_agreement(w);
    lax->version = strict->version;
    strict->clauses[0].to = only;
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    (void)said;
    static tap_t tap;
    tap_on(w, &tap);
    world_give_broker(w, 0, strict);
    world_settle(w); /* STALE */
    world_give_agent(w, POLICE, lax);
    world_give_agent(w, HOUSING, lax);
    world_settle(w); /* void of 1; then number 2, refused; then its void */
    assert_true(debt_of(w, POLICE, said, HOUSING).refused);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 2);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_int_equal(told_count(w, POLICE), 2); /* at once, and in the end */
    end_quiet(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_receipt_settles_all_up_to_its_number),
        cmocka_unit_test(the_chain_goes_on_from_receipt_to_receipt_and_over_a_restart),
        cmocka_unit_test(each_exception_is_an_outcome),
        cmocka_unit_test(without_its_exceptions_it_fits_nothing_and_is_drawn_again),
        cmocka_unit_test(an_outcome_that_no_receipt_may_state_fits_nothing),
        cmocka_unit_test(voided_without_a_void_fits_nothing),
        cmocka_unit_test(beyond_the_last_number_is_odd),
        cmocka_unit_test(an_older_receipt_changes_nothing),
        cmocka_unit_test(one_of_an_ended_epoch_or_not_signed_changes_nothing),
        cmocka_unit_test(a_named_gap_is_sent_again_through_the_broker_that_said_so),
        cmocka_unit_test(a_lost_receipt_is_drawn_again),
        cmocka_unit_test(the_receipt_goes_before_the_acknowledgement),
        cmocka_unit_test(many_exceptions_are_several_receipts),
        cmocka_unit_test(a_long_span_is_settled_in_little_memory),
        cmocka_unit_test(a_copy_shown_its_own_later_words_halts),
        cmocka_unit_test(shown_above_its_own_number_it_halts),
        cmocka_unit_test(shown_what_it_did_say_it_goes_on),
        cmocka_unit_test(shown_a_forged_one_it_goes_on),
        cmocka_unit_test(a_gap_that_is_named_again_later_is_filled_again),
        cmocka_unit_test(of_another_origin_it_changes_nothing),
        cmocka_unit_test(shown_what_proves_nothing_it_goes_on),
        cmocka_unit_test(shown_its_void_it_goes_on),
        cmocka_unit_test(shown_above_its_own_sequence_it_halts),
        cmocka_unit_test(the_void_of_an_earlier_number_ends_no_debt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
