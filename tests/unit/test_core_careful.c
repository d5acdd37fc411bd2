/* A message that ends the agent is counted, and after three starts quarantined; others go on. */
#include "tests/unit/core_test.h"

static const char *const to_housing[] = {"housing"};

static said_t say_poison(world_t *w)
{
    return say_what(w, POLICE,
                    (world_submit_t){.to = to_housing,
                                     .to_count = 1,
                                     .lane = NORMAL,
                                     .kind = WORLD_CANNOT_APPLY,
                                     .text_size = 40});
}

/* Cut off, started again as after kill -9, and connected. */
static void cut_off(world_t *w, size_t agent)
{
    w->agents[agent].unclean = true;
    world_agent_stop(w, agent);
    world_agent_start(w, agent);
    world_pass(w, 5 * 1000);
}

static Kith__Store__QuarantineRow *quarantined(world_t *w, uint64_t n)
{
    stream_name_t name = {.peer = "police", .peer_epoch = 1, .lane = NORMAL};
    kith_key_t key = record_key_in(&name, 1, n);
    Kith__Store__QuarantineRow *row = NULL;
    kith_txn_t *txn = memtxn_begin(w->agents[HOUSING].store);
    assert_int_equal(record_get_quarantine(txn, w->arena, kith_key_bytes(&key), &row), KITH_OK);
    memtxn_abort(w->agents[HOUSING].store);
    return row;
}

static void three_starts_that_it_ends_are_enough(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[HOUSING].dies = true;
    said_t before = say(w, POLICE, NORMAL, HOUSING);
    said_t poison = say_poison(w);
    said_t after = say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 10 * 1000);
    assert_int_equal(w->agents[HOUSING].deaths, 1 + 3); /* unawares; then counted */
    assert_outcome(w, POLICE, before, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    assert_outcome(w, POLICE, poison, HOUSING, OUTCOME(QUARANTINED), REASON(POISON));
    assert_outcome(w, POLICE, after, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    Kith__Store__QuarantineRow *row = quarantined(w, 2);
    Kith__Notice *notice =
        kith__notice__unpack(kith_arena_allocator(w->arena), row->notice.len, row->notice.data);
    assert_non_null(notice);
    assert_memory_equal(notice->id.data, poison.id, sizeof poison.id);
    assert_string_equal(told(w, HOUSING, 0).recipient, "housing");
    end_quiet(w);
}

static void a_commit_that_fails_is_no_such_end(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    cut_off(w, HOUSING);
    w->agents[POLICE].links[0].held = true;
    said_t said = say(w, POLICE, NORMAL, HOUSING);
    for (unsigned i = 0; i < 8; i++) {
        w->agents[HOUSING].next_commit = WORLD_COMMIT_LOST;
        world_settle(w);
        world_pass(w, 1000);
    }
    w->agents[POLICE].links[0].held = false;
    world_settle(w);
    assert_outcome(w, POLICE, said, HOUSING, OUTCOME(DELIVERED), REASON(UNSPECIFIED));
    end_quiet(w);
}

static void while_careful_all_are_taken_in_their_order(void **state)
{
    (void)state;
    world_t *w = begun(3, 1);
    cut_off(w, HOUSING);
    said_t said[20];
    for (size_t i = 0; i < 20; i++)
        said[i] = say(w, i % 2 ? SOCIAL : POLICE, i % 3 ? NORMAL : URGENT, HOUSING);
    world_settle(w);
    for (size_t i = 0; i < 20; i++)
        assert_outcome(w, i % 2 ? SOCIAL : POLICE, said[i], HOUSING, OUTCOME(DELIVERED),
                       REASON(UNSPECIFIED));
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end_quiet(w);
}

/* Stopped in good order between the parking and the taking. */
static void what_an_earlier_run_left_standing_is_taken(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    cut_off(w, HOUSING);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = URGENT});
    world_agent_turn(w, HOUSING);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 1);
    world_agent_stop(w, HOUSING);
    w->agents[HOUSING].unclean = false;
    world_agent_start(w, HOUSING);
    world_pass(w, 10 * 1000);
    assert_int_equal(stats_of(w, HOUSING).delivered, 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

static void what_was_never_tried_is_tried_together(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[HOUSING].dies = true;
    said_t said[20];
    for (size_t i = 0; i < 20; i++)
        said[i] = i == 10 ? say_poison(w) : say(w, POLICE, NORMAL, HOUSING);
    world_pass(w, 20 * 1000);
    assert_int_equal(w->agents[HOUSING].deaths, 1 + 3); /* the others were not to blame */
    for (size_t i = 0; i < 20; i++)
        assert_outcome(w, POLICE, said[i], HOUSING,
                       i == 10 ? OUTCOME(QUARANTINED) : OUTCOME(DELIVERED),
                       i == 10 ? REASON(POISON) : REASON(UNSPECIFIED));
    end_quiet(w);
}

/* Its origin began another epoch; one number stands next, one waits beyond a gap. */
static void what_waits_in_an_ended_stream_is_counted_too(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 2; n++) {
        world_t *w = begun(2, 1);
        cut_off(w, HOUSING);
        (void)deliver(w, HOUSING, 0, (made_t){.n = n, .lane = NORMAL, .kind = WORLD_CANNOT_APPLY});
        world_agent_turn(w, HOUSING);
        assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 1);
        kith_agreement_t *next = world_next_agreement(w);
        world_agency(next, "police")->epoch = 2;
        w->agents[HOUSING].dies = true;
        world_give_agent(w, HOUSING, next);
        cut_off(w, HOUSING);
        world_pass(w, 10 * 1000);
        assert_int_equal(w->agents[HOUSING].deaths, n == 1 ? 2 : 3); /* tried once before */
        assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
        assert_int_equal(quarantined(w, n)->reason, REASON(POISON));
        world_destroy(&w);
    }
}

/* A turn's share; the rest in the next ones. */
static void many_are_tried_a_share_at_a_time(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    cut_off(w, HOUSING);
    w->agents[HOUSING].links[0].held = true;
    for (size_t i = 0; i < 200; i++)
        (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    w->agents[HOUSING].links[0].held = false;
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 200);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end_quiet(w);
}

/* Then nothing is parked that stands next. */
static void care_ends_after_a_while(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    cut_off(w, HOUSING);
    world_pass(w, 61 * 1000);
    (void)say(w, POLICE, NORMAL, HOUSING);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).parked, 0);
    assert_int_equal(stats_of(w, HOUSING).delivered, 1);
    end_quiet(w);
}

static void a_gap_still_waits_for_its_message(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    cut_off(w, HOUSING);
    world_settle(w);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 2, .lane = URGENT});
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 0);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = URGENT});
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 2);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

/* With no broker there, nobody takes a receipt: it waits for one a while, then goes on without. */
static void alone_it_goes_on_after_a_while(void **state)
{
    (void)state;
    world_t *w = begun(2, 1);
    w->agents[HOUSING].unclean = true;
    world_agent_stop(w, HOUSING);
    world_agent_start(w, HOUSING);
    world_pass(w, 500);
    (void)deliver(w, HOUSING, 0, (made_t){.n = 1, .lane = NORMAL});
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 1);
    world_agent_stop(w, HOUSING); /* cut off once more, and no broker comes */
    world_cut(w, HOUSING, 0);
    world_agent_start(w, HOUSING);
    world_pass(w, 4000);
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 0);
    world_pass(w, 1000);
    assert_int_equal(world_agent_turn(w, HOUSING), KITH_OK);
    world_settle(w);
    assert_int_equal(stats_of(w, HOUSING).delivered, 1);
    assert_int_equal(world_rows(w, HOUSING, AGENT_TABLE_PARKED), 0);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_starts_that_it_ends_are_enough),
        cmocka_unit_test(a_commit_that_fails_is_no_such_end),
        cmocka_unit_test(while_careful_all_are_taken_in_their_order),
        cmocka_unit_test(what_an_earlier_run_left_standing_is_taken),
        cmocka_unit_test(what_was_never_tried_is_tried_together),
        cmocka_unit_test(what_waits_in_an_ended_stream_is_counted_too),
        cmocka_unit_test(many_are_tried_a_share_at_a_time),
        cmocka_unit_test(care_ends_after_a_while),
        cmocka_unit_test(a_gap_still_waits_for_its_message),
        cmocka_unit_test(alone_it_goes_on_after_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
