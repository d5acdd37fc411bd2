/* LATER, STALE, REFUSED: what each ends and what it does not. */
#include "tests/unit/core_test.h"

/* ---- LATER ---- */

/* The hub holds one message a recipient, and housing does not come for it. */
static world_t *small_hub(size_t agents)
{
    world_t *w = begun(agents, 1);
    w->brokers[0].settings.mailbox_messages_max = 1;
    world_hub_stop(w, 0);
    world_hub_start(w, 0);
    world_pass(w, 500);
    world_cut(w, HOUSING, 0);
    world_settle(w);
    return w;
}

static void later_holds_that_stream_alone(void **state)
{
    (void)state;
    world_t *w = small_hub(3);
    said_t first = say(w, POLICE, NORMAL, HOUSING), held = say(w, POLICE, NORMAL, HOUSING);
    said_t other = say(w, POLICE, NORMAL, SOCIAL);
    world_settle(w);
    assert_string_equal(debt_of(w, POLICE, first, HOUSING).broker, "hub-a");
    assert_string_equal(debt_of(w, POLICE, held, HOUSING).broker, "");
    assert_int_equal(debt_of(w, POLICE, held, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_int_equal(world_applied(w, SOCIAL, other.id), 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 5000);
    end_quiet(w);
}

static void it_goes_on_from_the_held_number_in_order(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = small_hub(2);
    for (size_t i = 0; i < 6; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    world_heal(w, HOUSING, 0);
    world_pass(w, 60 * 1000);
    uint64_t last = 1; /* of what was sent, each number comes after the one before, or again */
    for (size_t i = 0; tap_sent(&tap, POLICE, VERB(PUBLISH), i); i++) {
        uint64_t n = tap_published(w, &tap, POLICE, i)->slots[0]->n;
        assert_true(n <= last + 1);
        last = n > last ? n : last;
    }
    assert_int_equal(last, 6);
    end_quiet(w);
}

static void the_trial_goes_alone_and_its_pauses_double(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = small_hub(2);
    for (size_t i = 0; i < 6; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    static const int64_t pauses[] = {1000, 2000, 4000, 8000};
    for (size_t i = 0; i < 4; i++) {
        world_pass(w, pauses[i] - 1);
        assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), i);
        world_pass(w, 1);
        assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), i + 1);
        assert_int_equal(tap_published(w, &tap, POLICE, i)->slots[0]->n, 2);
    }
    world_heal(w, HOUSING, 0);
    world_pass(w, 120 * 1000);
    end_quiet(w);
}

static void the_pause_has_a_longest(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = small_hub(2);
    (void)say(w, POLICE, NORMAL, HOUSING);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 30 * 60 * 1000);
    tap_on(w, &tap);
    world_pass(w, w->settings.later_max_ms);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 1);
    world_heal(w, HOUSING, 0);
    world_pass(w, 2 * w->settings.later_max_ms);
    end_quiet(w);
}

static void other_recipients_of_the_envelope_are_served(void **state)
{
    (void)state;
    static const char *const two[] = {"housing", "social-care"};
    world_t *w = small_hub(3);
    (void)say(w, POLICE, NORMAL, HOUSING);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = two, .to_count = 2, .lane = NORMAL});
    world_settle(w);
    assert_outcome(w, POLICE, said, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    world_heal(w, HOUSING, 0);
    world_pass(w, 5000);
    end_quiet(w);
}

static void later_from_one_broker_is_none_for_what_another_holds(void **state)
{
    (void)state;
    world_t *w = begun(2, 2);
    world_cut(w, HOUSING, 0);
    world_cut(w, HOUSING, 1);
    (void)say(w, POLICE, URGENT, HOUSING);
    world_settle(w);
    w->brokers[1].disk_full = true;
    world_pass(w, 60 * 1000); /* sent again through hub-b, which answers LATER */
    (void)say(w, POLICE, URGENT, HOUSING);
    world_settle(w);
    assert_int_equal(w->brokers[0].rows_count, 2);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void a_broker_that_is_behind_says_later(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_agent(w, POLICE, next);
    world_give_agent(w, HOUSING, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 10 * 1000);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    world_give_broker(w, 0, next);
    world_pass(w, 10 * 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_TAKEN), 1);
    end_quiet(w);
}

/* ---- STALE ---- */

static void stale_waits_for_the_version_and_then_seals_anew(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t said[3];
    for (size_t i = 0; i < 3; i++)
        said[i] = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    world_pass(w, 60 * 1000);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 0); /* it waits */
    world_give_agent(w, POLICE, next);
    world_pass(w, 1000);
    for (size_t i = 0; i < 3; i++) {
        assert_outcome(w, POLICE, said[i], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
        world_shown_t shown;
        assert_true(world_shown(w, HOUSING, i, &shown)); /* their order is kept */
        assert_memory_equal(shown.id, said[i].id, sizeof shown.id);
    }
    assert_int_equal(stats_of(w, HOUSING).voided, 3);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_TAKEN), 6);
    world_give_agent(w, HOUSING, next);
    end_quiet(w);
}

static void stale_to_one_whose_file_is_new_is_sealed_anew_at_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, POLICE, 0);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_heal(w, POLICE, 0);
    w->agents[POLICE].links[0].held = true;
    world_pass(w, 500);
    w->agents[POLICE].links[0].held = false;
    static tap_t tap;
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1); /* sealed under the old file, not sent */
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_all(w, next);
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void many_stale_at_once_are_sealed_anew_once_each(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    for (size_t i = 0; i < 300; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    world_give_agent(w, POLICE, next);
    world_give_agent(w, HOUSING, next);
    world_pass(w, 10 * 1000);
    assert_int_equal(stats_of(w, HOUSING).delivered, 300);
    assert_int_equal(stats_of(w, HOUSING).voided, 300);
    /* a receipt names as a gap what is on its way still, and it is sent again */
    assert_int_equal(stats_of(w, HOUSING).repeats, stats_of(w, POLICE).resent);
    end_quiet(w);
}

static void stale_of_a_clause_that_was_renamed_names_the_new_one(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].id = "5.1";
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    world_give_agent(w, POLICE, next);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_non_null(tap_published(w, &tap, POLICE, 0)->void_);
    assert_string_equal(tap_published(w, &tap, POLICE, 1)->clause, "5.1");
    end_quiet(w);
}

/* Its first number was applied, and that receipt was lost: what its file forbids since is refused
 * only when the void of that number comes back as one. */
static void sealed_anew_where_nothing_is_allowed_now_ends_as_its_first_number_did(void **state)
{
    (void)state;
    static tap_t tap;
    static const char *only[] = {"social-care"};
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    tap_drop(&tap, HOUSING, true, VERB(RECEIPT), 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 1);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).outcome, 0);
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = only;
    world_give_all(w, next);
    world_hub_stop(w, 0);
    world_hub_lose_store(w, 0);
    world_hub_start(w, 0); /* so it is sent again, and is stale */
    world_pass(w, 2000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(REFUSED));
    end_quiet(w);
}

/* ---- REFUSED ---- */

/* The hub's file forbids what the agents' files of the same version allow. */
static world_t *strict_hub(size_t agents)
{
    static const char *only[] = {"social-care"};
    world_t *w = begun(agents, 1);
    kith_agreement_t *strict = world_next_agreement(w),
                     *lax = kith_arena_need(w->arena, sizeof *lax);
    *lax = *strict;
    lax->clauses = kith_arena_need(w->arena, 2 * sizeof *lax->clauses);
    memcpy(lax->clauses, strict->clauses, 2 * sizeof *lax->clauses);
    strict->clauses[0].to = only;
    strict->clauses[1].to = only;
    for (size_t i = 0; i < agents; i++)
        world_give_agent(w, i, lax);
    world_give_broker(w, 0, strict);
    w->agreement = lax;
    world_settle(w);
    return w;
}

static void refused_is_said_at_once_and_final_on_the_receipt_of_its_void(void **state)
{
    (void)state;
    world_t *w = strict_hub(2);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    Kith__Store__Debt debt = debt_of(w, POLICE, said, HOUSING);
    assert_int_equal(debt.outcome, OUTCOME(UNSPECIFIED));
    assert_true(debt.refused);
    assert_int_equal(told_count(w, POLICE), 1);
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(REFUSED));
    assert_int_equal(told(w, POLICE, 0).reason, REASON(TOPIC_NOT_ALLOWED));
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_int_equal(world_applied(w, HOUSING, said.id), 0);
    assert_int_equal(stats_of(w, HOUSING).voided, 1);
    end_quiet(w);
}

static void what_follows_a_refused_one_is_delivered(void **state)
{
    (void)state;
    world_t *w = strict_hub(2);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    kith_agreement_t *lax = kith_arena_need(w->arena, sizeof *lax);
    *lax = *w->agreement;
    world_give_broker(w, 0, lax);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 2);
    end_quiet(w);
}

static void one_recipient_refused_leaves_the_others(void **state)
{
    (void)state;
    static const char *const two[] = {"housing", "social-care"};
    world_t *w = strict_hub(3);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = two, .to_count = 2, .lane = NORMAL});
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_outcome(w, POLICE, said, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

/* Accepted under one file, refused under the next, at delivery. */
static void refused_may_follow_accepted(void **state)
{
    (void)state;
    static const char *only[] = {"social-care"};
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "hub-a");
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = only;
    world_give_all(w, next);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_int_equal(world_applied(w, HOUSING, said.id), 0);
    end_quiet(w);
}

/* Another hub had delivered it before the void came: the envelope stands. */
static void an_envelope_that_came_first_wins(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    tap_on(w, &tap);
    w->agents[POLICE].links[0].held = true; /* its receipt is on its way */
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(world_applied(w, HOUSING, said.id), 1);
    Kith__Refusal refusal = KITH__REFUSAL__INIT;
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    refusal.id = &id;
    id.origin = (char *)(uintptr_t) "police";
    id.epoch = 1;
    id.lane = KITH__LANE__LANE_NORMAL;
    id.seq = 1;
    refusal.recipient = (char *)(uintptr_t) "housing";
    refusal.reason = REASON(TOPIC_NOT_ALLOWED);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Refused refused = KITH__REFUSED__INIT;
    packet.verb_case = VERB(REFUSED);
    packet.refused = &refused;
    refused.refusal = fake_sign(w->arena, KITH_TAG_REFUSAL, "hub-a", KITH_PACK(w->arena, &refusal));
    /* the refusal is heard before the receipt */
    world_queue_t *queue = &w->agents[POLICE].links[0].to_agent;
    world_queue_t rest = *queue;
    *queue = (world_queue_t){0};
    inject(w, POLICE, 0, &packet);
    w->agents[POLICE].links[0].held = false;
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_true(debt_of(w, POLICE, said, HOUSING).refused);
    struct world_frame frame;
    while (world_queue_pop(&rest, &frame)) {
        world_queue_push(queue, (kith_bytes_t){frame.data, frame.size});
        free(frame.data);
    }
    free(rest.frames);
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void a_refusal_not_signed_by_the_broker_is_none(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    Kith__Refusal refusal = KITH__REFUSAL__INIT;
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Refused refused = KITH__REFUSED__INIT;
    packet.verb_case = VERB(REFUSED);
    packet.refused = &refused;
    refused.refusal =
        fake_sign(w->arena, KITH_TAG_REFUSAL, "housing", KITH_PACK(w->arena, &refusal));
    inject(w, POLICE, 0, &packet);
    world_settle(w);
    assert_string_equal(w->agents[POLICE].alarm, "refusal-not-signed");
    assert_false(debt_of(w, POLICE, said, HOUSING).refused);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

/* ---- what says nothing about a number ---- */

static void give_accepted(world_t *w, Kith__EnvelopeId *id, const char *recipient)
{
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Accepted accepted = KITH__ACCEPTED__INIT;
    char *recipients[] = {(char *)(uintptr_t)recipient};
    packet.verb_case = VERB(ACCEPTED);
    packet.accepted = &accepted;
    accepted.id = id;
    accepted.store_epoch = (ProtobufCBinaryData){16, w->brokers[0].settings.store_epoch};
    accepted.n_recipients = 1;
    accepted.recipients = recipients;
    inject(w, POLICE, 0, &packet);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
}

static Kith__EnvelopeId envelope_id(const char *origin, uint32_t epoch, Kith__Lane lane)
{
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    id.origin = (char *)(uintptr_t)origin;
    id.epoch = epoch;
    id.lane = lane;
    id.seq = 1;
    return id;
}

static void a_verdict_on_nothing_of_ours_changes_nothing(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(3, 1);
    world_cut(w, HOUSING, 0);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, false, VERB(ACCEPTED), 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    Kith__EnvelopeId ids[] = {
        envelope_id("police", 1, (Kith__Lane)9),
        envelope_id("housing", 1, KITH__LANE__LANE_NORMAL),
        envelope_id("police", 2, KITH__LANE__LANE_NORMAL),
        envelope_id("police", 1, KITH__LANE__LANE_URGENT),
    };
    give_accepted(w, NULL, "housing");
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        give_accepted(w, &ids[i], "housing");
    Kith__EnvelopeId right = envelope_id("police", 1, KITH__LANE__LANE_NORMAL);
    give_accepted(w, &right, "social-care"); /* has no slot in it */
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "");
    give_accepted(w, &right, "housing");
    assert_string_equal(debt_of(w, POLICE, said, HOUSING).broker, "hub-a");
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void give_refusal(world_t *w, uint64_t seq)
{
    Kith__Refusal refusal = KITH__REFUSAL__INIT;
    Kith__EnvelopeId id = envelope_id("police", 1, KITH__LANE__LANE_NORMAL);
    Kith__Packet packet = KITH__PACKET__INIT;
    Kith__Refused refused = KITH__REFUSED__INIT;
    id.seq = seq;
    refusal.id = &id;
    refusal.recipient = (char *)(uintptr_t) "housing";
    refusal.reason = REASON(TOPIC_NOT_ALLOWED);
    packet.verb_case = VERB(REFUSED);
    packet.refused = &refused;
    refused.refusal = fake_sign(w->arena, KITH_TAG_REFUSAL, "hub-a", KITH_PACK(w->arena, &refusal));
    inject(w, POLICE, 0, &packet);
}

static void refused_twice_is_voided_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    give_refusal(w, 1);
    give_refusal(w, 1);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(told_count(w, POLICE), 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 2); /* it, and one void */
    world_settle(w);
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_not_equal(debt_of(w, POLICE, said, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    end(w);
}

/* Sent once more to one that lost its store: its first outcome stands, its number is filled. */
static void what_is_sent_again_and_refused_keeps_its_outcome(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    uint32_t epoch = ++world_agency(next, "housing")->epoch;
    world_agent_stop(w, HOUSING);
    world_agent_lose_store(w, HOUSING, epoch);
    world_cut(w, HOUSING, 0);
    world_give_all(w, next);
    world_agent_start(w, HOUSING);
    world_pass(w, 500);
    give_refusal(w, 2);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_false(debt_of(w, POLICE, said, HOUSING).refused);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    world_heal(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    end(w);
}

/* Number 1 is voided already when number 2 is stale: it is not voided a second time. */
static void stale_leaves_what_is_voided_already(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(2, 1);
    world_cut(w, HOUSING, 0);
    said_t first = say(w, POLICE, NORMAL, HOUSING), second = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    tap_on(w, &tap);
    tap_drop(&tap, POLICE, true, VERB(PUBLISH), 1); /* the void of number 1 is lost */
    give_refusal(w, 1);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t third = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w); /* STALE */
    world_give_all(w, next);
    world_settle(w);
    world_heal(w, HOUSING, 0);
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_not_equal(debt_of(w, POLICE, first, HOUSING).outcome, OUTCOME(UNSPECIFIED));
    assert_outcome(w, POLICE, second, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_outcome(w, POLICE, third, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_holds_that_stream_alone),
        cmocka_unit_test(it_goes_on_from_the_held_number_in_order),
        cmocka_unit_test(the_trial_goes_alone_and_its_pauses_double),
        cmocka_unit_test(the_pause_has_a_longest),
        cmocka_unit_test(other_recipients_of_the_envelope_are_served),
        cmocka_unit_test(later_from_one_broker_is_none_for_what_another_holds),
        cmocka_unit_test(a_broker_that_is_behind_says_later),
        cmocka_unit_test(stale_waits_for_the_version_and_then_seals_anew),
        cmocka_unit_test(stale_to_one_whose_file_is_new_is_sealed_anew_at_once),
        cmocka_unit_test(many_stale_at_once_are_sealed_anew_once_each),
        cmocka_unit_test(stale_of_a_clause_that_was_renamed_names_the_new_one),
        cmocka_unit_test(sealed_anew_where_nothing_is_allowed_now_ends_as_its_first_number_did),
        cmocka_unit_test(refused_is_said_at_once_and_final_on_the_receipt_of_its_void),
        cmocka_unit_test(what_follows_a_refused_one_is_delivered),
        cmocka_unit_test(one_recipient_refused_leaves_the_others),
        cmocka_unit_test(refused_may_follow_accepted),
        cmocka_unit_test(an_envelope_that_came_first_wins),
        cmocka_unit_test(a_refusal_not_signed_by_the_broker_is_none),
        cmocka_unit_test(a_verdict_on_nothing_of_ours_changes_nothing),
        cmocka_unit_test(refused_twice_is_voided_once),
        cmocka_unit_test(what_is_sent_again_and_refused_keeps_its_outcome),
        cmocka_unit_test(stale_leaves_what_is_voided_already),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
