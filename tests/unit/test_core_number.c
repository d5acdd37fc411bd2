/* Numbers and seals: given in the commit of the turn that publishes, without gaps, no more than can
 * be carried away. */
#include "tests/unit/core_test.h"

static const char *const to_three[] = {"housing", "social-care", "health"};

static void nothing_is_sealed_until_a_broker_is_well(void **state)
{
    (void)state;
    world_t *w = world_new(2, 1);
    world_hub_stop(w, 0);
    world_settle(w);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 7 * 24 * 3600 * 1000LL / 100);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 0);
    world_hub_start(w, 0);
    world_pass(w, 1000);
    end_quiet(w);
}

static void with_a_broker_there_it_is_sealed_in_the_same_commit(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_ENVELOPES), 1);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 1);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).seq, 1);
    world_settle(w);
    end_quiet(w);
}

static void each_stream_counts_from_one_without_gaps(void **state)
{
    (void)state;
    world_t *w = begun(4, 1);
    for (uint64_t i = 1; i <= 3; i++) {
        said_t a = say(w, POLICE, NORMAL, HOUSING);
        said_t b = say(w, POLICE, URGENT, HOUSING);
        said_t c = say(w, POLICE, NORMAL, SOCIAL);
        assert_int_equal(debt_of(w, POLICE, a, HOUSING).n, i);
        assert_int_equal(debt_of(w, POLICE, b, HOUSING).n, i);
        assert_int_equal(debt_of(w, POLICE, c, SOCIAL).n, i);
        assert_int_equal(debt_of(w, POLICE, c, SOCIAL).seq, 2 * i);
    }
    world_settle(w);
    end_quiet(w);
}

static void a_number_of_a_lost_commit_is_given_again(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    agent_submitted_t submitted = {0};
    world_submit_t what = {.to = to_three, .to_count = 1, .lane = NORMAL, .token = "t"};
    w->agents[POLICE].next_commit = WORLD_COMMIT_LOST;
    assert_int_equal(world_submit(w, POLICE, &what, &submitted), KITH_FULL);
    world_pass(w, 1000);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    assert_int_equal(debt_of(w, POLICE, said, HOUSING).n, 1);
    world_settle(w);
    end_quiet(w);
}

static void one_envelope_serves_all_recipients_under_one_clause(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = begun(4, 1);
    tap_on(w, &tap);
    (void)say_what(w, POLICE, (world_submit_t){.to = to_three, .to_count = 3, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 1);
    const Kith__Header *header = tap_published(w, &tap, POLICE, 0);
    assert_int_equal(header->n_slots, 3);
    assert_int_equal(tap_sent(&tap, POLICE, VERB(PUBLISH), 0)->publish->n_owed, 3);
    assert_string_equal(header->clause, "4.1");
    end_quiet(w);
}

static void clauses_split_a_notice_into_envelopes(void **state)
{
    (void)state;
    static const char *const clauses[] = {"4.2", "4.3", "4.2"};
    static const char *everyone[] = {"*"}, *classes[] = {"safeguarding"};
    static tap_t tap;
    world_t *w = begun(4, 1);
    kith_agreement_t *next = world_next_agreement(w);
    kith_clause_t *more = kith_arena_need(w->arena, 3 * sizeof *more);
    memcpy(more, next->clauses, 2 * sizeof *more);
    more[2] = (kith_clause_t){"4.3", 1, 1, 1, classes, everyone, everyone};
    next->clauses = more;
    next->clauses_count = 3;
    world_give_all(w, next);
    world_settle(w);
    tap_on(w, &tap);
    said_t said = say_what(w, POLICE,
                           (world_submit_t){.to = to_three,
                                            .to_count = 3,
                                            .lane = URGENT,
                                            .clauses = clauses,
                                            .topic_class = "safeguarding"});
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 2);
    assert_int_equal(tap_published(w, &tap, POLICE, 0)->n_slots, 2);
    assert_string_equal(tap_published(w, &tap, POLICE, 0)->clause, "4.2");
    assert_int_equal(tap_published(w, &tap, POLICE, 1)->n_slots, 1);
    assert_string_equal(tap_published(w, &tap, POLICE, 1)->clause, "4.3");
    for (size_t i = HOUSING; i <= HEALTH; i++)
        assert_int_equal(world_applied(w, i, said.id), 1);
    end_quiet(w);
}

/* 70 agencies, of which only two run. */
static void more_than_64_recipients_are_several_envelopes(void **state)
{
    (void)state;
    static char names[70][16];
    static const char *to[69];
    static tap_t tap;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    kith_agency_t *agencies = kith_arena_need(w->arena, 70 * sizeof *agencies);
    memcpy(agencies, next->agencies, 2 * sizeof *agencies);
    for (size_t i = 2; i < 70; i++) {
        (void)snprintf(names[i], sizeof names[i], "charity-%zu", i);
        agencies[i] = agencies[0];
        agencies[i].id = agencies[i].name = names[i];
    }
    for (size_t i = 0; i < 69; i++)
        to[i] = agencies[i + 1].id;
    next->agencies = agencies;
    next->agencies_count = 70;
    world_give_all(w, next);
    world_settle(w);
    tap_on(w, &tap);
    (void)say_what(w, POLICE, (world_submit_t){.to = to, .to_count = 69, .lane = NORMAL});
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 2);
    assert_int_equal(tap_published(w, &tap, POLICE, 0)->n_slots, KITH_SLOTS_MAX);
    assert_int_equal(tap_published(w, &tap, POLICE, 1)->n_slots, 5);
    end(w);
}

static void no_more_is_sealed_than_there_is_credit_for(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = world_new(2, 1);
    world_hub_stop(w, 0);
    for (size_t i = 0; i < 100; i++)
        (void)say(w, POLICE, URGENT, HOUSING);
    world_hub_start(w, 0);
    tap_on(w, &tap);
    /* HELLO, WELCOME, then one turn with a window of 64 */
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    world_hub_turn(w, 0);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), KITH_CREDIT_URGENT_MESSAGES);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED),
                     100 - KITH_CREDIT_URGENT_MESSAGES);
    world_settle(w);
    assert_int_equal(tap_sent_count(&tap, POLICE, 0, VERB(PUBLISH)), 100);
    end_quiet(w);
}

static void what_a_turn_seals_is_bounded_in_bytes(void **state)
{
    (void)state;
    world_t *w = world_new(2, 1);
    world_hub_stop(w, 0);
    const char *to = "housing";
    for (size_t i = 0; i < 300; i++)
        (void)say_what(
            w, POLICE,
            (world_submit_t){.to = &to, .to_count = 1, .lane = NORMAL, .text_size = 60000});
    world_hub_start(w, 0);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    world_hub_turn(w, 0);
    assert_int_equal(world_agent_turn(w, POLICE), KITH_OK);
    uint64_t left = world_rows(w, POLICE, AGENT_TABLE_UNSEALED);
    assert_true(left >= 300 - KITH_CREDIT_NORMAL_BYTES / 60000 - 1);
    assert_true(left < 300);
    assert_true(kith_arena_used(w->agents[POLICE].arena) < KITH_TURN_BYTES_MAX / 2);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 300);
    end_quiet(w);
}

static void urgent_goes_first_with_one_place_in_eight_for_normal(void **state)
{
    (void)state;
    static tap_t tap;
    world_t *w = world_new(2, 1);
    world_hub_stop(w, 0);
    for (size_t i = 0; i < 20; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    for (size_t i = 0; i < 20; i++)
        (void)say(w, POLICE, URGENT, HOUSING);
    world_hub_start(w, 0);
    tap_on(w, &tap);
    world_settle(w);
    for (size_t i = 0; i < 40; i++) {
        Kith__Lane lane = tap_published(w, &tap, POLICE, i)->id->lane;
        bool normal = i % KITH_NORMAL_SHARE == KITH_NORMAL_SHARE - 1 || i >= 22;
        assert_int_equal(lane, normal ? KITH__LANE__LANE_NORMAL : KITH__LANE__LANE_URGENT);
    }
    end_quiet(w);
}

static void urgent_is_sealed_while_normal_has_no_credit(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[POLICE].links[0].held = true; /* CREDIT does not come */
    const char *to = "housing";
    for (size_t i = 0; i < 150; i++)
        (void)say_what(
            w, POLICE,
            (world_submit_t){.to = &to, .to_count = 1, .lane = NORMAL, .text_size = 60000});
    said_t urgent = say(w, POLICE, URGENT, HOUSING);
    assert_true(world_rows(w, POLICE, AGENT_TABLE_UNSEALED) > 0);
    assert_int_equal(debt_of(w, POLICE, urgent, HOUSING).n, 1);
    w->agents[POLICE].links[0].held = false;
    world_pass(w, 1000);
    end_quiet(w);
}

static void an_agency_without_a_key_to_seal_to_is_refused(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    kith_agreement_t *next = world_next_agreement(w);
    world_agency(next, "housing")->sealing.keys[0].state = KITH_KEY_REVOKED;
    world_give_all(w, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(UNKNOWN_KEY));
    assert_int_equal(told(w, POLICE, 0).outcome, OUTCOME(REFUSED));
    world_settle(w);
    end_quiet(w);
}

static void the_agreement_is_judged_again_when_it_is_sealed(void **state)
{
    (void)state;
    world_t *w = world_new(3, 1);
    static const char *only[] = {"social-care"};
    static const char *const two[] = {"housing", "social-care"};
    world_hub_stop(w, 0);
    world_settle(w);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = two, .to_count = 2, .lane = NORMAL});
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = only;
    world_give_all(w, next);
    world_hub_start(w, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_outcome(w, POLICE, said, SOCIAL, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void a_clause_that_is_gone_is_no_permission(void **state)
{
    (void)state;
    static const char *const to[] = {"housing"};
    world_t *w = world_new(2, 1);
    world_hub_stop(w, 0);
    world_settle(w);
    said_t said = say_what(w, POLICE, (world_submit_t){.to = to, .to_count = 1, .lane = NORMAL});
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].id = "5.1";
    world_give_all(w, next);
    world_hub_start(w, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    end_quiet(w);
}

/* Messages are granted, bytes are not: nothing is sealed that could not go. */
static bool no_bytes(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                     kith_arena_t *arena, Kith__Packet *packet)
{
    (void)w, (void)ctx, (void)to_broker, (void)agent, (void)broker, (void)arena;
    if (packet->verb_case == VERB(WELCOME))
        for (size_t i = 0; i < packet->welcome->n_credit; i++)
            packet->welcome->credit[i]->bytes = 0;
    return true;
}

static void nothing_is_sealed_without_credit_in_bytes(void **state)
{
    (void)state;
    world_t *w = world_new(2, 1);
    w->filter = no_bytes;
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 1);
    w->filter = NULL;
    world_drop(w, POLICE, 0);
    world_drop(w, HOUSING, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

/* ---- refused when it is to be sealed ---- */

static kith_agreement_t *forbid(world_t *w)
{
    static const char *only[] = {"social-care"};
    kith_agreement_t *next = world_next_agreement(w);
    next->clauses[0].to = only;
    return next;
}

static void what_had_no_number_yet_is_refused_at_once(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    said_t before = say(w, POLICE, NORMAL, HOUSING); /* its stream is there */
    world_settle(w);
    world_cut(w, POLICE, 0);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_give_all(w, forbid(w));
    world_heal(w, POLICE, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, before, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 0);
    end_quiet(w);
}

static bool two_messages(world_t *w, void *ctx, bool to_broker, size_t agent, size_t broker,
                         kith_arena_t *arena, Kith__Packet *packet)
{
    (void)w, (void)ctx, (void)to_broker, (void)broker, (void)arena;
    if (packet->verb_case == VERB(WELCOME) && agent == POLICE)
        for (size_t i = 0; i < packet->welcome->n_credit; i++)
            packet->welcome->credit[i]->messages = 2;
    return packet->verb_case != VERB(CREDIT) || agent != POLICE || to_broker;
}

/* Delivered, and to be sent again to one that lost its store, when that is no longer allowed. */
static void what_was_delivered_stays_so_when_it_may_not_go_again(void **state)
{
    (void)state;
    said_t said[3];
    world_t *w = begun(2, 1);
    for (size_t i = 0; i < 3; i++)
        said[i] = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    uint32_t epoch = ++world_agency(next, "housing")->epoch;
    world_agent_stop(w, HOUSING);
    world_agent_lose_store(w, HOUSING, epoch);
    w->filter = two_messages;
    world_drop(w, POLICE, 0);
    world_pass(w, 500);
    world_give_all(w, next);
    world_agent_start(w, HOUSING);
    world_pass(w, 500);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 1); /* the third */
    world_give_all(w, forbid(w));
    w->filter = NULL;
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 0);
    assert_int_equal(world_applied(w, HOUSING, said[2].id), 0);
    for (size_t i = 0; i < 3; i++)
        assert_outcome(w, POLICE, said[i], HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end(w);
}

/* The void of its first number has its receipt: nothing can deliver it any more. */
static void what_was_voided_before_it_is_sealed_anew_is_refused_at_once(void **state)
{
    (void)state;
    world_t *w = world_new(2, 1);
    w->filter = two_messages;
    world_settle(w);
    kith_agreement_t *next = world_next_agreement(w);
    world_give_broker(w, 0, next);
    world_settle(w);
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    world_settle(w); /* STALE */
    world_give_agent(w, POLICE, next);
    world_give_agent(w, HOUSING, next);
    world_settle(w); /* the void goes, and no more */
    assert_int_equal(stats_of(w, HOUSING).voided, 1);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_OUT), 0);
    assert_int_equal(world_rows(w, POLICE, AGENT_TABLE_UNSEALED), 1);
    world_give_all(w, forbid(w));
    w->filter = NULL;
    world_drop(w, POLICE, 0);
    world_pass(w, 1000);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(REFUSED), REASON(TOPIC_NOT_ALLOWED));
    end_quiet(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_sealed_until_a_broker_is_well),
        cmocka_unit_test(with_a_broker_there_it_is_sealed_in_the_same_commit),
        cmocka_unit_test(each_stream_counts_from_one_without_gaps),
        cmocka_unit_test(a_number_of_a_lost_commit_is_given_again),
        cmocka_unit_test(one_envelope_serves_all_recipients_under_one_clause),
        cmocka_unit_test(clauses_split_a_notice_into_envelopes),
        cmocka_unit_test(more_than_64_recipients_are_several_envelopes),
        cmocka_unit_test(no_more_is_sealed_than_there_is_credit_for),
        cmocka_unit_test(what_a_turn_seals_is_bounded_in_bytes),
        cmocka_unit_test(urgent_goes_first_with_one_place_in_eight_for_normal),
        cmocka_unit_test(urgent_is_sealed_while_normal_has_no_credit),
        cmocka_unit_test(an_agency_without_a_key_to_seal_to_is_refused),
        cmocka_unit_test(the_agreement_is_judged_again_when_it_is_sealed),
        cmocka_unit_test(a_clause_that_is_gone_is_no_permission),
        cmocka_unit_test(nothing_is_sealed_without_credit_in_bytes),
        cmocka_unit_test(what_had_no_number_yet_is_refused_at_once),
        cmocka_unit_test(what_was_delivered_stays_so_when_it_may_not_go_again),
        cmocka_unit_test(what_was_voided_before_it_is_sealed_anew_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
