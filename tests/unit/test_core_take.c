/* Deliveries: only what its origin signed may use up a number; next, parked, known, or no message.
 */
#include "tests/unit/core_test.h"

static Kith__Store__InStream in_stream(world_t *w, int lane)
{
    stream_name_t name = {.peer = "police", .peer_epoch = 1, .lane = lane};
    kith_key_t key = record_key_in_stream(&name, 1);
    Kith__Store__InStream *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_in_stream(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    return *row;
}

static void next_is_applied_with_its_mark_and_receipt(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(in_stream(w, NORMAL).mark, 1);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_NOTICES), 1);
    const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, 0);
    assert_int_equal(receipt->from, 0);
    assert_int_equal(receipt->n, 1);
    assert_int_equal(receipt->n_exceptions, 0);
    assert_int_equal(receipt->highest_parked, 0);
    const Kith__Packet *taken = tap_sent(&tap, HOUSING, VERB(TAKEN), 0);
    assert_int_equal(taken->taken->n_tokens, 1);
    assert_int_equal(taken->taken->bad, 0);
    end(w);
}

static void a_lost_commit_takes_nothing(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_hub_turn(w, 0); /* takes it in */
    world_hub_turn(w, 0); /* hands it out */
    assert_true(w->agents[HOUSING].links[0].to_agent.count > 0);
    w->agents[HOUSING].next_commit = WORLD_COMMIT_LOST;
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_FULL);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 0);
    world_pass(w, 1000);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    end_quiet(w);
}

static void beyond_the_next_is_parked_and_the_receipt_names_the_gap(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 3, .lane = NORMAL});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 4, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(in_stream(w, NORMAL).mark, 0);
    assert_int_equal(in_stream(w, NORMAL).parked, 2);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 0); /* not applied */
    assert_int_equal(tap_sent(&tap, HOUSING, VERB(TAKEN), 0)->taken->n_tokens, 2);
    const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, 0);
    assert_int_equal(receipt->n, 0);
    assert_int_equal(receipt->highest_parked, 4);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 1)->n, 1);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 1)->highest_parked, 4);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 2)->n, 4);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 2)->highest_parked, 0);
    assert_int_equal(in_stream(w, NORMAL).mark, 4);
    assert_int_equal(in_stream(w, NORMAL).parked_bytes, 0);
    for (uint64_t i = 0; i < 4; i++) {
        world_shown_t shown;
        assert_true(world_shown(w, HOUSING, i, &shown));
        assert_int_equal(shown.id[0], i + 1);
    }
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

static void the_origin_fills_a_named_gap_at_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 2);
    world_cut(w, HOUSING, 0);
    (void)say(w, POLICE, NORMAL, HOUSING); /* waits at hub-a */
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_cut(w, POLICE, 0);
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING); /* goes through hub-b */
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).parked, 1);
    assert_int_equal(stats_of(w, HOUSING).delivered, 3);
    assert_int_equal(stats_of(w, POLICE).resent, 2);
    world_heal(w, HOUSING, 0);
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void past_the_limit_it_is_let_go_and_drawn_again(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    for (uint64_t n = 2; n <= KITH_PARKED_MESSAGES_MAX + 3; n++) {
        (void)deliver(w, HOUSING, 0, (made_t){.n = n, .lane = NORMAL});
        if (n % 200 == 0)
            (void)world_agent_turn(w, HOUSING);
    }
    static tap_t tap;
    tap_on(w, &tap);
    (void)world_agent_turn(w, HOUSING);
    assert_int_equal(stats_of(w, HOUSING).let_go, 2);
    assert_int_equal(in_stream(w, NORMAL).parked, KITH_PARKED_MESSAGES_MAX);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    (void)world_agent_turn(w, HOUSING);
    assert_int_equal(in_stream(w, NORMAL).mark, KITH_PARKED_MESSAGES_MAX + 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    /* what was taken in one turn is stated whole, and what was let go is named as a gap */
    uint64_t stated = 0;
    for (size_t i = 1; tap_sent(&tap, HOUSING, VERB(RECEIPT), i); i++) {
        const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, i);
        assert_int_equal(receipt->from, stated);
        assert_int_equal(receipt->highest_parked, KITH_PARKED_MESSAGES_MAX + 3);
        stated = receipt->n;
    }
    assert_int_equal(stated, KITH_PARKED_MESSAGES_MAX + 1);
    end(w);
}

static void a_parked_urgent_one_shows_at_once(void **state)
{
    (void)state;
    world_shown_t shown;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = URGENT});
    world_settle(w);
    assert_true(world_shown(w, HOUSING, 0, &shown));
    assert_true(shown.early);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_APPLIED), 0);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = URGENT});
    world_settle(w);
    assert_true(world_shown(w, HOUSING, 2, &shown));
    assert_int_equal(shown.id[0], 2);
    assert_false(shown.early);
    end(w);
}

static void a_repeat_is_receipted_from_before_its_number(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    for (uint64_t n = 1; n <= 5; n++)
        (void)deliver(w, HOUSING, 0, (made_t){.n = n, .lane = NORMAL});
    world_settle(w);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 3, .lane = NORMAL, .created_ms = w->now_ms});
    world_settle(w);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 0)->from, 2);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 0)->n, 5);
    assert_int_equal(stats_of(w, HOUSING).repeats, 1);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 5);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), 0);
    end(w);
}

/* The only row of evidence says when it came. */
static void assert_evidence_of_now(world_t *w)
{
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, 1);
    Kith__Store__EvidenceRow *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_evidence(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    assert_int_equal(row->received_ms, w->now_ms);
}

static void a_forged_copy_does_not_use_up_a_number(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL, .forged = true});
    world_settle(w);
    assert_null(tap_sent(&tap, HOUSING, VERB(RECEIPT), 0));
    const Kith__Packet *taken = tap_sent(&tap, HOUSING, VERB(TAKEN), 0);
    assert_int_equal(taken->taken->bad, REASON(BAD_SIGNATURE));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), 1);
    assert_evidence_of_now(w);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 0);
    assert_int_equal(stats_of(w, HOUSING).bad_copies, 1);
    assert_string_equal(w->agents[HOUSING].alarm, "bad-copy");
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(in_stream(w, NORMAL).mark, 1);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    end(w);
}

/* Its signature as it was made, its header with another number, or readdressed to us. */
static void deliver_changed(world_t *w, made_t m, uint64_t n)
{
    kith_digest_t digest;
    const char *field = NULL;
    Kith__Header *header = NULL;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver body = KITH__DELIVER__INIT;
    body.token = 1000000 + n;
    body.envelope = make_envelope(w, m, &digest);
    assert_int_equal(
        kith_header_decode(w->arena, record_bytes(body.envelope->header), &header, &field),
        KITH_OK);
    header->slots[0]->n = header->id->seq = n;
    header->slots[0]->agency = (char *)(uintptr_t) "housing";
    body.envelope->header = record_binary(KITH_PACK(w->arena, header));
    packet.verb_case = VERB(DELIVER);
    packet.deliver = &body;
    inject(w, HOUSING, 0, &packet);
}

static void a_header_changed_after_signing_is_no_message(void **state)
{
    (void)state;
    world_t *w = begun(3, 1);
    deliver_changed(w, (made_t){.n = 1, .lane = NORMAL}, 2);
    deliver_changed(w, (made_t){.n = 1, .lane = NORMAL, .to = "social-care"}, 1);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).bad_copies, 2);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 0);
    end(w);
}

static void bad_and_good_of_one_turn_are_acknowledged_apart(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL, .forged = true});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    size_t bad = 0, good = 0;
    for (size_t i = 0; tap_sent(&tap, HOUSING, VERB(TAKEN), i); i++) {
        const Kith__Taken *taken = tap_sent(&tap, HOUSING, VERB(TAKEN), i)->taken;
        *(taken->bad ? &bad : &good) += taken->n_tokens;
    }
    assert_int_equal(bad, 1);
    assert_int_equal(good, 2);
    end(w);
}

static void for_another_agency_or_epoch_is_no_message(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(3, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL, .to = "social-care"});
    world_settle(w);
    assert_int_equal(tap_sent(&tap, HOUSING, VERB(TAKEN), 0)->taken->bad,
                     REASON(UNKNOWN_RECIPIENT));
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL, .to_epoch = 2});
    world_settle(w);
    assert_int_equal(tap_sent(&tap, HOUSING, VERB(TAKEN), 1)->taken->bad, REASON(WRONG_EPOCH));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_IN_STREAMS), 0);
    end(w);
}

static void what_cannot_be_decoded_is_no_message(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver body = KITH__DELIVER__INIT;
    Kith__Envelope envelope = KITH__ENVELOPE__INIT;
    Kith__Proof proof = KITH__PROOF__INIT;
    static uint8_t noise[5] = {255, 255, 255, 255, 255};
    packet.verb_case = VERB(DELIVER);
    packet.deliver = &body;
    body.token = 77;
    body.envelope = &envelope;
    envelope.header = (ProtobufCBinaryData){sizeof noise, noise};
    envelope.proof = &proof;
    tap_on(w, &tap);
    inject(w, HOUSING, 0, &packet);
    body.envelope = NULL;
    inject(w, HOUSING, 0, &packet);
    world_settle(w);
    assert_int_equal(tap_sent(&tap, HOUSING, VERB(TAKEN), 0)->taken->bad, REASON(MALFORMED));
    assert_int_equal(tap_sent(&tap, HOUSING, VERB(TAKEN), 1)->taken->bad, REASON(MALFORMED));
    end(w);
}

/* ---- voids: whichever commits first stands ---- */

static void a_void_fills_its_number(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    kith_digest_t digest;
    (void)make_envelope(w, (made_t){.n = 1, .lane = NORMAL}, &digest);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .seq = 2, .lane = NORMAL, .replaces = &digest});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .seq = 3, .lane = NORMAL});
    world_settle(w);
    const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, 0);
    assert_int_equal(receipt->n, 2);
    assert_int_equal(receipt->n_exceptions, 1);
    assert_int_equal(receipt->exceptions[0]->n, 1);
    assert_int_equal(receipt->exceptions[0]->outcome, OUTCOME(VOIDED));
    assert_int_equal(receipt->exceptions[0]->reason, REASON(SEALED_ANEW));
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w); /* the envelope, too late: a repeat, and no evidence against its origin */
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), 0);
    end(w);
}

static void a_void_after_its_envelope_changes_nothing(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_digest_t digest = deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .seq = 2, .lane = NORMAL, .replaces = &digest});
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).voided, 0);
    assert_int_equal(stats_of(w, HOUSING).repeats, 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), 0);
    end(w);
}

static void of_two_parked_under_one_number_the_first_stands(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_digest_t digest = deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .seq = 3, .lane = NORMAL, .replaces = &digest});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 2);
    assert_int_equal(stats_of(w, HOUSING).voided, 0);
    end(w);
}

/* ---- one notice, one application ---- */

static void a_notice_is_applied_once_for_ever(void **state)
{
    (void)state;
    static const uint8_t id[16] = {7, 7, 7};
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL, .id = id});
    world_settle(w);
    world_agent_stop(w, HOUSING);
    world_agent_start(w, HOUSING);
    world_pass(w, 500);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL, .id = id});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .epoch = 2, .lane = NORMAL, .id = id});
    world_settle(w);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 1)->exceptions[0]->outcome, OUTCOME(REPEAT));
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 2)->exceptions[0]->outcome, OUTCOME(REPEAT));
    end(w);
}

/* Ids are made by their origins; a hostile one must not take the place of another's notice. */
static void an_id_of_anothers_notice_is_quarantined(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(3, 1);
    said_t own = say(w, HOUSING, NORMAL, SOCIAL);
    world_settle(w);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = URGENT, .id = own.id});
    (void)deliver(w, HOUSING, 0, (made_t){.n = 3, .lane = URGENT, .id = own.id});
    world_settle(w);
    const Kith__Receipt *receipt = tap_receipt(w, &tap, HOUSING, 0);
    assert_int_equal(receipt->exceptions[0]->outcome, OUTCOME(QUARANTINED));
    assert_int_equal(receipt->exceptions[0]->reason, REASON(CONTENT_MALFORMED));
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1); /* its own, nothing early */
    Kith__Store__StoredNotice *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_notice(txn, w->arena, (kith_bytes_t){own.id, 16}, &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    assert_true(row->mine);
    end(w);
}

static void a_clock_that_runs_ahead_is_flagged(void **state)
{
    (void)state;
    world_shown_t shown;
    world_t *w = begun(2, 1);
    (void)deliver(
        w, HOUSING, 0,
        (made_t){.n = 1, .lane = NORMAL, .created_ms = w->now_ms + 2 * KITH_CLOCK_APART_MS});
    (void)deliver(w, HOUSING, 0,
                  (made_t){.n = 2, .lane = NORMAL, .created_ms = w->now_ms - 90 * 86400000LL});
    world_settle(w);
    assert_true(world_shown(w, HOUSING, 0, &shown));
    assert_true(shown.clock_apart);
    assert_true(world_shown(w, HOUSING, 1, &shown));
    assert_false(shown.clock_apart);
    assert_int_equal(stats_of(w, HOUSING).clock_apart, 1);
    end(w);
}

/* ---- two messages under one number ---- */

static void equivocation_is_evidence_and_the_origin_is_shown_it(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    world_settle(w);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .seq = 9, .lane = NORMAL, .kind = "arrest"});
    (void)world_agent_turn(w, HOUSING);
    assert_string_equal(w->agents[HOUSING].alarm, "equivocation");
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), 1);
    const Kith__ReceiptPacket *packet = tap_sent(&tap, HOUSING, VERB(RECEIPT), 0)->receipt;
    assert_true(packet->shown_header.len > 0);
    assert_non_null(packet->shown_proof);
    assert_int_equal(world_rows(w, HOUSING, WORLD_TABLE_SHOWN), 1); /* the first one stands */
    end(w);
}

static void evidence_is_a_ring(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    for (uint64_t n = 1; n <= KITH_EVIDENCE_ROWS_MAX + 50; n++) {
        (void)deliver(w, HOUSING, 0, (made_t){.n = n, .lane = NORMAL, .forged = true});
        if (n % 200 == 0)
            (void)world_agent_turn(w, HOUSING);
    }
    (void)world_agent_turn(w, HOUSING);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_EVIDENCE), KITH_EVIDENCE_ROWS_MAX);
    end(w);
}

/* Neither its TAKEN nor its receipt can go: the broker hands it out again. */
static void a_session_that_ends_in_the_same_turn_is_told_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Bye bye = KITH__BYE__INIT;
    packet.verb_case = VERB(BYE);
    packet.bye = &bye;
    bye.reason = REASON(STOPPING);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    inject(w, HOUSING, 0, &packet);
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    assert_int_equal(in_stream(w, NORMAL).mark, 1);
    assert_null(tap_sent(&tap, HOUSING, VERB(TAKEN), 0));
    assert_null(tap_sent(&tap, HOUSING, VERB(RECEIPT), 0));
    end(w);
}

static void of_evidence_only_so_much_is_kept(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Deliver body = KITH__DELIVER__INIT;
    Kith__Envelope envelope = KITH__ENVELOPE__INIT;
    size_t size = KITH_HEADER_BYTES_MAX + 1;
    packet.verb_case = VERB(DELIVER);
    packet.deliver = &body;
    body.envelope = &envelope;
    envelope.header = (ProtobufCBinaryData){size, kith_arena_need(w->arena, size)};
    inject(w, HOUSING, 0, &packet);
    world_settle(w);
    kith_key_t key;
    kith_key_clear(&key);
    kith_key_u64(&key, 1);
    Kith__Store__EvidenceRow *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_evidence(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    assert_int_equal(row->header.len, KITH_HEADER_BYTES_MAX);
    end(w);
}

static void past_the_limit_in_bytes_it_is_let_go(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = NORMAL});
    world_settle(w);
    Kith__Store__InStream row = in_stream(w, NORMAL);
    row.parked_bytes = KITH_PARKED_BYTES_MAX; /* as if that one were so large */
    stream_name_t name = {.peer = "police", .peer_epoch = 1, .lane = NORMAL};
    kith_key_t key = record_key_in_stream(&name, 1);
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_put_in_stream(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    assert_int_equal(memtxn_commit(w->agents[HOUSING].store), KITH_OK);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 3, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).let_go, 1);
    assert_int_equal(in_stream(w, NORMAL).parked, 1);
    assert_int_equal(in_stream(w, NORMAL).highest_parked, 3); /* the receipt names it */
    end(w);
}

static void many_exceptions_of_one_turn_are_several_receipts(void **state)
{
    (void)state;
    enum { COUNT = KITH_EXCEPTIONS_MAX + 44 };
    static tap_t tap;
    world_t *w = begun(2, 1);
    for (uint64_t n = 2; n <= COUNT; n++) {
        (void)deliver(w, HOUSING, 0, (made_t){.n = n, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
        if (n % 100 == 0)
            (void)world_agent_turn(w, HOUSING);
    }
    (void)world_agent_turn(w, HOUSING);
    tap_on(w, &tap);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    (void)world_agent_turn(w, HOUSING);
    const Kith__Receipt *first = tap_receipt(w, &tap, HOUSING, 0);
    const Kith__Receipt *second = tap_receipt(w, &tap, HOUSING, 1);
    assert_int_equal(first->n_exceptions, KITH_EXCEPTIONS_MAX);
    assert_int_equal(second->from, first->n);
    assert_int_equal(second->n, COUNT);
    assert_int_equal(first->n_exceptions + second->n_exceptions, COUNT - 1);
    /* drawn again, it is one receipt: the next repeat draws the rest */
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    (void)world_agent_turn(w, HOUSING);
    assert_int_equal(tap_receipt(w, &tap, HOUSING, 2)->n, first->n);
    assert_null(tap_sent(&tap, HOUSING, VERB(RECEIPT), 3));
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_is_applied_with_its_mark_and_receipt),
        cmocka_unit_test(a_lost_commit_takes_nothing),
        cmocka_unit_test(beyond_the_next_is_parked_and_the_receipt_names_the_gap),
        cmocka_unit_test(the_origin_fills_a_named_gap_at_once),
        cmocka_unit_test(past_the_limit_it_is_let_go_and_drawn_again),
        cmocka_unit_test(a_parked_urgent_one_shows_at_once),
        cmocka_unit_test(a_repeat_is_receipted_from_before_its_number),
        cmocka_unit_test(a_forged_copy_does_not_use_up_a_number),
        cmocka_unit_test(a_header_changed_after_signing_is_no_message),
        cmocka_unit_test(bad_and_good_of_one_turn_are_acknowledged_apart),
        cmocka_unit_test(for_another_agency_or_epoch_is_no_message),
        cmocka_unit_test(what_cannot_be_decoded_is_no_message),
        cmocka_unit_test(a_void_fills_its_number),
        cmocka_unit_test(a_void_after_its_envelope_changes_nothing),
        cmocka_unit_test(of_two_parked_under_one_number_the_first_stands),
        cmocka_unit_test(a_notice_is_applied_once_for_ever),
        cmocka_unit_test(an_id_of_anothers_notice_is_quarantined),
        cmocka_unit_test(a_clock_that_runs_ahead_is_flagged),
        cmocka_unit_test(equivocation_is_evidence_and_the_origin_is_shown_it),
        cmocka_unit_test(evidence_is_a_ring),
        cmocka_unit_test(a_session_that_ends_in_the_same_turn_is_told_nothing),
        cmocka_unit_test(of_evidence_only_so_much_is_kept),
        cmocka_unit_test(past_the_limit_in_bytes_it_is_let_go),
        cmocka_unit_test(many_exceptions_of_one_turn_are_several_receipts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
