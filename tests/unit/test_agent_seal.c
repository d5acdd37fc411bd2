/* Between wire and core: whatever a broker hands over becomes an event with the right verdict. */
#include "agents/agent_seal.h"
#include "tests/unit/seal_world.h"

/* Police's agent; the hub signs with the keys that seal_world made for social care. */
static agent_seal_t side(world_t *w, kith_broker_entry_t *hub)
{
    static const char *const brokers[] = {"hub-a"};
    *hub = (kith_broker_entry_t){.id = "hub-a", .endpoint = "tcp://127.0.0.1:5670"};
    ring_of(&hub->signing, keys_public(w->keys[SOCIAL_CARE], KEYS_SIGNING));
    w->agreement.brokers = hub;
    w->agreement.brokers_count = 1;
    return (agent_seal_t){.agency = "police",
                          .brokers_count = 1,
                          .brokers = brokers,
                          .agreement = &w->agreement,
                          .keys = w->keys[POLICE],
                          .cache = w->cache[POLICE]};
}

static char *name_of(world_t *w, int who)
{
    char *name = kith_arena_need(w->arena, KITH_KEY_NAME_SIZE);
    keys_name(keys_public(w->keys[who], KEYS_SIGNING), name);
    return name;
}

static Kith__Packet *packet_of(world_t *w, Kith__Packet__VerbCase verb)
{
    Kith__Packet *packet = kith_arena_need(w->arena, sizeof *packet);
    kith__packet__init(packet);
    packet->verb_case = verb;
    return packet;
}

/* ---- receipts ---- */

static Kith__Receipt *new_receipt(world_t *w)
{
    Kith__Receipt *receipt = kith_arena_need(w->arena, sizeof *receipt);
    kith__receipt__init(receipt);
    receipt->partnership = kith_arena_str(w->arena, "exampletown");
    receipt->stream = kith_arena_need(w->arena, sizeof *receipt->stream);
    kith__stream_id__init(receipt->stream);
    receipt->stream->origin = kith_arena_str(w->arena, "police");
    receipt->stream->recipient = kith_arena_str(w->arena, "housing");
    receipt->n = 1;
    receipt->signing_key = name_of(w, HOUSING);
    return receipt;
}

static Kith__Packet *signed_receipt(world_t *w, int signer, const Kith__Receipt *receipt)
{
    Kith__Packet *packet = packet_of(w, KITH__PACKET__VERB_RECEIPT);
    packet->receipt = kith_arena_need(w->arena, sizeof *packet->receipt);
    kith__receipt_packet__init(packet->receipt);
    packet->receipt->receipt =
        seal_sign(w->keys[signer], w->arena, KITH_TAG_RECEIPT, KITH_PACK(w->arena, receipt));
    return packet;
}

static agent_event_t event_of(world_t *w, Kith__Packet *packet)
{
    kith_broker_entry_t hub;
    agent_seal_t seal = side(w, &hub);
    agent_event_t event = {.now_ms = 1};
    agent_seal_event(&seal, w->arena, 0, packet, &event);
    assert_int_equal(event.now_ms, 1);
    return event;
}

static Kith__Reason verdict_of(world_t *w, Kith__Packet *packet)
{
    agent_event_t event = event_of(w, packet);
    assert_int_equal(event.type, AGENT_EV_PACKET);
    assert_ptr_equal(event.packet.packet, packet);
    return event.packet.verdict;
}

static void a_receipt_speaks_for_its_recipient(void **state)
{
    world_t *w = *state;
    agent_event_t event = event_of(w, signed_receipt(w, HOUSING, new_receipt(w)));
    assert_int_equal(event.packet.verdict, 0);
    assert_non_null(event.packet.receipt);
    assert_int_equal(event.packet.receipt->n, 1);
    assert_null(event.packet.shown);

    assert_int_equal(verdict_of(w, signed_receipt(w, SOCIAL_CARE, new_receipt(w))),
                     KITH__REASON__REASON_BAD_SIGNATURE);
    Kith__Receipt *receipt = new_receipt(w);
    receipt->signing_key = name_of(w, SOCIAL_CARE);
    assert_int_equal(verdict_of(w, signed_receipt(w, SOCIAL_CARE, receipt)),
                     KITH__REASON__REASON_UNKNOWN_KEY);
    receipt = new_receipt(w);
    receipt->partnership = kith_arena_str(w->arena, "otherton");
    assert_int_equal(verdict_of(w, signed_receipt(w, HOUSING, receipt)),
                     KITH__REASON__REASON_WRONG_PARTNERSHIP);
    receipt = new_receipt(w);
    receipt->stream->recipient = kith_arena_str(w->arena, "nobody");
    assert_int_equal(verdict_of(w, signed_receipt(w, HOUSING, receipt)),
                     KITH__REASON__REASON_NOT_YOUR_NAME);
    receipt = new_receipt(w);
    receipt->stream = NULL;
    assert_int_equal(verdict_of(w, signed_receipt(w, HOUSING, receipt)),
                     KITH__REASON__REASON_MALFORMED);
}

static void what_is_no_statement_is_malformed(void **state)
{
    world_t *w = *state;
    Kith__Packet *packet = signed_receipt(w, HOUSING, new_receipt(w));
    packet->receipt->receipt->statement = field(run("\xff\xff\xff", 3));
    assert_int_equal(verdict_of(w, packet), KITH__REASON__REASON_MALFORMED);
    packet->receipt->receipt = NULL;
    assert_int_equal(verdict_of(w, packet), KITH__REASON__REASON_MALFORMED);
    packet = packet_of(w, KITH__PACKET__VERB_REFUSED);
    packet->refused = kith_arena_need(w->arena, sizeof *packet->refused);
    kith__refused__init(packet->refused);
    assert_int_equal(verdict_of(w, packet), KITH__REASON__REASON_MALFORMED);
}

static void shown_evidence_counts_when_it_is_our_own(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "one"));
    Kith__Packet *packet = signed_receipt(w, HOUSING, new_receipt(w));
    packet->receipt->shown_header = job.ret_envelope->header;
    packet->receipt->shown_proof = job.ret_envelope->proof;
    agent_event_t event = event_of(w, packet);
    assert_non_null(event.packet.shown);
    assert_string_equal(event.packet.shown->id->origin, "police");

    Kith__Header *foreign = new_header(w, 1);
    foreign->id->origin = kith_arena_str(w->arena, "housing");
    foreign->content_digest = field(run(w->agencies[0].signing.keys[0].key, 32));
    foreign->key_commitment = foreign->content_digest;
    foreign->sender_half = foreign->content_digest;
    foreign->nonce = field(run(w->agencies[0].signing.keys[0].key, 24));
    foreign->salt = field(run(w->agencies[0].signing.keys[0].key, 16));
    Kith__Envelope *envelope = sign_alone(w, HOUSING, foreign, (kith_bytes_t){0});
    packet->receipt->shown_header = envelope->header;
    packet->receipt->shown_proof = envelope->proof;
    assert_null(event_of(w, packet).packet.shown);

    packet->receipt->shown_proof = NULL;
    assert_null(event_of(w, packet).packet.shown);
}

static void a_made_receipt_is_one_that_verifies(void **state)
{
    world_t *w = *state;
    kith_broker_entry_t hub;
    agent_seal_t seal = side(w, &hub);
    seal.keys = w->keys[HOUSING];
    agent_effect_t effect = {.type = AGENT_FX_RECEIPT};
    effect.receipt.receipt = new_receipt(w);
    effect.receipt.receipt->signing_key = kith_arena_str(w->arena, "");
    effect.receipt.packet = kith_arena_need(w->arena, sizeof *effect.receipt.packet);
    kith__receipt_packet__init(effect.receipt.packet);
    Kith__Packet *packet = agent_seal_receipt(&seal, w->arena, 1234, &effect);
    agent_event_t event = event_of(w, packet);
    assert_int_equal(event.packet.verdict, 0);
    assert_int_equal(event.packet.receipt->made_ms, 1234);
    assert_string_equal(event.packet.receipt->signing_key, name_of(w, HOUSING));
}

/* ---- refusals ---- */

static Kith__Packet *signed_refusal(world_t *w, int signer, const char *broker,
                                    const char *partnership, bool with_id)
{
    Kith__Refusal refusal = KITH__REFUSAL__INIT;
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    refusal.partnership = kith_arena_str(w->arena, partnership);
    refusal.broker = kith_arena_str(w->arena, broker);
    refusal.id = with_id ? &id : NULL;
    refusal.signing_key = name_of(w, signer);
    Kith__Packet *packet = packet_of(w, KITH__PACKET__VERB_REFUSED);
    packet->refused = kith_arena_need(w->arena, sizeof *packet->refused);
    kith__refused__init(packet->refused);
    packet->refused->refusal =
        seal_sign(w->keys[signer], w->arena, KITH_TAG_REFUSAL, KITH_PACK(w->arena, &refusal));
    return packet;
}

static void a_refusal_speaks_for_the_broker_that_sends_it(void **state)
{
    world_t *w = *state;
    assert_int_equal(verdict_of(w, signed_refusal(w, SOCIAL_CARE, "hub-a", "exampletown", true)),
                     0);
    assert_int_equal(verdict_of(w, signed_refusal(w, SOCIAL_CARE, "hub-b", "exampletown", true)),
                     KITH__REASON__REASON_NOT_YOUR_NAME);
    assert_int_equal(verdict_of(w, signed_refusal(w, SOCIAL_CARE, "hub-a", "otherton", true)),
                     KITH__REASON__REASON_WRONG_PARTNERSHIP);
    assert_int_equal(verdict_of(w, signed_refusal(w, SOCIAL_CARE, "hub-a", "exampletown", false)),
                     KITH__REASON__REASON_MALFORMED);
    assert_int_equal(verdict_of(w, signed_refusal(w, HOUSING, "hub-a", "exampletown", true)),
                     KITH__REASON__REASON_UNKNOWN_KEY);
}

/* ---- deliveries ---- */

static agent_event_t delivered(world_t *w, int to, Kith__Envelope *envelope)
{
    kith_broker_entry_t hub;
    agent_seal_t seal = side(w, &hub);
    agent_event_t event = {.now_ms = 1};
    Kith__Packet *packet = packet_of(w, KITH__PACKET__VERB_DELIVER);
    packet->deliver = kith_arena_need(w->arena, sizeof *packet->deliver);
    kith__deliver__init(packet->deliver);
    packet->deliver->token = 9;
    packet->deliver->envelope = envelope;
    seal.agency = names[to];
    seal.keys = w->keys[to];
    seal.cache = w->cache[to];
    agent_seal_event(&seal, w->arena, 0, packet, &event);
    assert_int_equal(event.type, AGENT_EV_DELIVER);
    assert_int_equal(event.deliver.token, 9);
    assert_non_null(event.deliver.envelope);
    return event;
}

static void a_delivery_is_verified_and_opened(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "one"));
    agent_event_t event = delivered(w, HOUSING, job.ret_envelope);
    assert_int_equal(event.deliver.verdict, 0);
    assert_int_equal(event.deliver.opened, 0);
    assert_non_null(event.deliver.notice);
    assert_string_equal(event.deliver.notice->event->narrative, "one");
    assert_memory_equal(&event.deliver.digest, &job.ret_digest, sizeof job.ret_digest);

    event = delivered(w, POLICE, job.ret_envelope); /* it has no slot */
    assert_int_equal(event.deliver.verdict, 0);
    assert_int_equal(event.deliver.opened, KITH__REASON__REASON_CANNOT_OPEN);
    assert_null(event.deliver.notice);
}

static void a_delivery_that_does_not_verify_is_not_opened(void **state)
{
    world_t *w = *state;
    seal_job_t job = seal_notice(w, new_notice(w, "one"));
    job.ret_envelope->content.data[0] ^= 1;
    agent_event_t event = delivered(w, HOUSING, job.ret_envelope);
    assert_int_equal(event.deliver.verdict, KITH__REASON__REASON_BAD_SIGNATURE);
    assert_null(event.deliver.notice);
    event = delivered(w, HOUSING, NULL);
    assert_int_equal(event.deliver.verdict, KITH__REASON__REASON_MALFORMED);
    assert_null(event.deliver.header);
}

static void the_seals_a_core_asks_for_are_made_in_their_order(void **state)
{
    world_t *w = *state;
    kith_broker_entry_t hub;
    agent_seal_t seal = side(w, &hub);
    agent_effect_t items[3];
    for (uint64_t i = 0; i < 3; i++)
        items[i] = (agent_effect_t){
            .type = AGENT_FX_SEAL,
            .seal = {.job = i,
                     .header = new_header(w, i + 1),
                     .notice = KITH_PACK(w->arena, new_notice(w, i == 2 ? "last" : "first"))}};
    agent_effects_t effects = {.count = 3, .capacity = 3, .items = items};
    seal_job_t *jobs = agent_seal_jobs(&seal, w->arena, &effects);
    for (int i = 0; i < 3; i++) {
        agent_event_t event = delivered(w, HOUSING, jobs[i].ret_envelope);
        assert_int_equal(event.deliver.opened, 0);
        assert_int_equal(event.deliver.header->id->seq, i + 1);
        assert_string_equal(event.deliver.notice->event->narrative, i == 2 ? "last" : "first");
    }
}

static void other_verbs_go_through_as_they_are(void **state)
{
    world_t *w = *state;
    Kith__Packet *packet = packet_of(w, KITH__PACKET__VERB_BYE);
    packet->bye = kith_arena_need(w->arena, sizeof *packet->bye);
    kith__bye__init(packet->bye);
    assert_int_equal(verdict_of(w, packet), 0);
}

int main(void)
{
    if (keys_begin() != KITH_OK)
        return 1;
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(a_receipt_speaks_for_its_recipient),
        CASE(what_is_no_statement_is_malformed),
        CASE(shown_evidence_counts_when_it_is_our_own),
        CASE(a_made_receipt_is_one_that_verifies),
        CASE(a_refusal_speaks_for_the_broker_that_sends_it),
        CASE(a_delivery_is_verified_and_opened),
        CASE(a_delivery_that_does_not_verify_is_not_opened),
        CASE(the_seals_a_core_asks_for_are_made_in_their_order),
        CASE(other_verbs_go_through_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
