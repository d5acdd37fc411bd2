/* Whatever bytes come are answered, and whatever the store does ends the turn or is answered. */
#include "tests/lib/dice.h"
#include "tests/unit/agent_api_world.h"

/* Asks raw bytes in a turn that is dropped: the answer must be a Response, if there is one. */
static void try_bytes(side_t *s, kith_bytes_t frame)
{
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    api_answer_t answer = {0};
    assert_int_equal(api_ask(&s->api, &turn, DUTY_UID, frame, &answer), KITH_OK);
    if (!answer.held) {
        Kith__Api__Response *response = kith__api__response__unpack(
            kith_arena_allocator(s->arena), answer.reply.size, answer.reply.data);
        assert_non_null(response);
        assert_int_equal(response->id, answer.request_id);
        assert_int_not_equal(response->status, KITH__API__STATUS__STATUS_UNSPECIFIED);
    }
    side_commit(s, &turn);
}

static void random_bytes_are_answered(void **state)
{
    side_t *s = *state;
    dice_t dice = {.state = 20260105};
    uint8_t bytes[64];
    for (int i = 0; i < 3000; i++) {
        size_t size = dice_roll(&dice, sizeof bytes + 1);
        for (size_t j = 0; j < size; j++)
            bytes[j] = (uint8_t)dice_u64(&dice);
        try_bytes(s, (kith_bytes_t){bytes, size});
    }
}

static kith_bytes_t sample(side_t *s, size_t which)
{
    kith_arena_t *arena = s->w->arena;
    static Kith__Api__ShowRequest show = KITH__API__SHOW_REQUEST__INIT;
    static Kith__Api__FeedRequest feed = KITH__API__FEED_REQUEST__INIT;
    static Kith__Api__HouseholdRequest household = KITH__API__HOUSEHOLD_REQUEST__INIT;
    static Kith__Api__StatusRequest status = KITH__API__STATUS_REQUEST__INIT;
    static Kith__Api__SubscribeRequest subscribe = KITH__API__SUBSCRIBE_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = which;
    if (which == 0)
        return KITH_PACK(arena, side_event(s, "call-out", "t1", "one"));
    if (which == 1) {
        show.short_id = kith_arena_str(arena, "0123456789ab");
        request.ask_case = KITH__API__REQUEST__ASK_SHOW;
        request.show = &show;
    } else if (which == 2) {
        feed.after = 1;
        feed.limit = 50;
        feed.by_time = true;
        request.ask_case = KITH__API__REQUEST__ASK_FEED;
        request.feed = &feed;
    } else if (which == 3) {
        household.short_id = kith_arena_str(arena, "0123456789ab");
        request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
        request.household = &household;
    } else if (which == 4) {
        request.ask_case = KITH__API__REQUEST__ASK_STATUS;
        request.status = &status;
    } else {
        subscribe.topic = kith_arena_str(arena, "call-out");
        request.ask_case = KITH__API__REQUEST__ASK_SUBSCRIBE;
        request.subscribe = &subscribe;
    }
    return KITH_PACK(arena, &request);
}

#define SAMPLES 6u

static void requests_with_flipped_bits_are_answered(void **state)
{
    side_t *s = *state;
    dice_t dice = {.state = 20260106};
    side_submit(s, "call-out", "one");
    for (size_t which = 0; which < SAMPLES; which++) {
        kith_bytes_t right = sample(s, which);
        uint8_t *bytes = kith_arena_need(s->w->arena, right.size);
        for (int i = 0; i < 500; i++) {
            memcpy(bytes, right.data, right.size);
            for (size_t flips = 1 + dice_roll(&dice, 4); flips > 0; flips--)
                bytes[dice_roll(&dice, right.size)] ^= (uint8_t)(1u << dice_roll(&dice, 8));
            try_bytes(s, (kith_bytes_t){bytes, right.size - dice_roll(&dice, 3)});
        }
    }
}

/* Every door call in turn fails: the turn ends with that error, or never made that call. */
static void a_store_that_fails_ends_the_turn(void **state)
{
    side_t *s = *state;
    static const kith_err failures[] = {KITH_FULL, KITH_IO, KITH_CORRUPT};
    side_submit(s, "call-out", "one");
    for (size_t which = 0; which < SAMPLES; which++) {
        kith_bytes_t frame = sample(s, which);
        bool failed = true;
        for (uint64_t nth = 1; failed; nth++) {
            kith_err wanted = failures[nth % 3];
            agent_effects_t effects;
            api_turn_t turn = side_turn(s, &effects);
            api_answer_t answer = {0};
            memtxn_fail(s->tables, nth, wanted);
            uint64_t before = memtxn_calls(s->tables);
            kith_err err = api_ask(&s->api, &turn, DUTY_UID, frame, &answer);
            failed = memtxn_calls(s->tables) - before >= nth;
            memtxn_fail(s->tables, 0, KITH_OK);
            memtxn_abort(s->tables);
            assert_int_equal(err, failed ? wanted : KITH_OK);
            assert_int_equal(answer.request_id, which == 0 ? 7 : which);
        }
    }
}

static void a_full_disk_is_told_in_words(void **state)
{
    side_t *s = *state;
    kith_bytes_t replies[] = {api_full(s->w->arena, 17), api_too_many(s->w->arena, 17)};
    for (int i = 0; i < 2; i++) {
        api_answer_t answer = {.request_id = 17, .reply = replies[i]};
        assert_int_equal(side_decode(s, &answer)->status, KITH__API__STATUS__STATUS_FULL);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)
    const struct CMUnitTest tests[] = {
        CASE(random_bytes_are_answered),
        CASE(requests_with_flipped_bits_are_answered),
        CASE(a_store_that_fails_ends_the_turn),
        CASE(a_full_disk_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
