/* Feed, watch, inbox, households, status, clock: answered, and every look recorded first. */
#include "agents/core/records.h"
#include "tests/unit/agent_api_world.h"

#define OK          KITH__API__STATUS__STATUS_OK
#define INVALID     KITH__API__STATUS__STATUS_INVALID
#define NOT_FOUND   KITH__API__STATUS__STATUS_NOT_FOUND
#define NOT_ALLOWED KITH__API__STATUS__STATUS_NOT_ALLOWED
#define FULL        KITH__API__STATUS__STATUS_FULL

static Kith__Api__Request ask_for(Kith__Api__Request__AskCase what)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = 11;
    request.ask_case = what;
    return request;
}

static Kith__Api__Response *feed(side_t *s, const Kith__Api__FeedRequest *ask)
{
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_FEED);
    request.feed = (Kith__Api__FeedRequest *)(uintptr_t)ask;
    return side_ask(s, &request);
}

/* ---- feed and looks ---- */

static void a_feed_goes_on_from_its_cursor(void **state)
{
    side_t *s = *state;
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    for (int i = 0; i < 5; i++)
        side_submit(s, "call-out", "one");
    ask.limit = 3;
    Kith__Api__Response *response = feed(s, &ask);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->feed->n_entries, 3);
    assert_true(response->feed->more);
    assert_int_equal(response->feed->n_silent, 0); /* no broker is well: nothing is known */
    ask.after = response->feed->cursor;
    response = feed(s, &ask);
    assert_int_equal(response->feed->n_entries, 2);
    assert_false(response->feed->more);
}

/* So many entries of the feed, as it keeps them, with long summaries. */
static void put_feed(side_t *s, uint64_t count)
{
    char summary[501];
    memset(summary, 's', sizeof summary - 1);
    summary[sizeof summary - 1] = '\0';
    kith_txn_t *txn = memtxn_begin(s->tables);
    for (uint64_t seq = 1; seq <= count; seq++) {
        Kith__Store__FeedRow row = KITH__STORE__FEED_ROW__INIT;
        uint8_t id[16] = {(uint8_t)seq, (uint8_t)(seq >> 8)};
        kith_key_t key;
        kith_key_clear(&key);
        kith_key_u64(&key, seq);
        row.notice_id = record_binary((kith_bytes_t){id, sizeof id});
        row.summary = summary;
        assert_int_equal(
            kith_put_record(txn, AGENT_TABLE_FEED, kith_key_bytes(&key), s->w->arena, &row),
            KITH_OK);
    }
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

static void a_feed_larger_than_a_frame_is_given_in_parts(void **state)
{
    side_t *s = *state;
    put_feed(s, 1000);
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = 1000;
    size_t seen = 0, parts = 0;
    for (bool more = true; more; parts++) {
        Kith__Api__Response *response = feed(s, &ask);
        assert_int_equal(response->status, OK);
        assert_int_not_equal(response->feed->n_entries, 0);
        seen += response->feed->n_entries;
        more = response->feed->more;
        ask.after = response->feed->cursor;
    }
    assert_int_equal(seen, 1000);
    assert_true(parts > 1);
}

static void a_look_is_recorded_for_each_household_shown(void **state)
{
    side_t *s = *state;
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    feed(s, &ask);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0); /* nothing was shown */
    side_submit(s, "call-out", "one");
    side_submit(s, "call-out", "two");
    feed(s, &ask);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 1); /* both name no household */

    static const uint8_t household[16] = {9};
    ask.household = record_binary((kith_bytes_t){household, 16});
    Kith__Api__Response *response = feed(s, &ask);
    uint64_t rows = side_rows(s, AGENT_TABLE_LOOKS);
    assert_int_equal(rows, response->status == OK ? 2 : 1);
    ask.household.len = 15;
    assert_int_equal(feed(s, &ask)->status, INVALID);
}

static void who_is_silent_is_told_while_a_hub_can_tell(void **state)
{
    side_t *s = *state;
    static const char *const connected[] = {"housing", NULL};
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    side_welcome(s, connected);
    Kith__Api__Response *response = feed(s, &ask);
    assert_int_equal(response->feed->n_silent, 1);
    assert_string_equal(response->feed->silent[0]->agency, "social-care");
    assert_int_equal(response->feed->silent[0]->silent_since_ms, 0);
}

/* ---- watch ---- */

static Kith__Api__Request watch_request(Kith__Api__WatchRequest *ask, uint64_t after,
                                        uint32_t wait_ms)
{
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_WATCH);
    kith__api__watch_request__init(ask);
    ask->after = after;
    ask->wait_ms = wait_ms;
    request.watch = ask;
    return request;
}

static Kith__Api__Response *watch_again(side_t *s, const api_watch_t *watch)
{
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    api_answer_t answer = {0};
    assert_int_equal(api_watch(&s->api, &turn, watch, &answer), KITH_OK);
    Kith__Api__Response *response = answer.held ? NULL : side_decode(s, &answer);
    side_commit(s, &turn);
    return response;
}

static void a_watch_is_held_until_there_is_something(void **state)
{
    side_t *s = *state;
    Kith__Api__WatchRequest ask;
    Kith__Api__Request request = watch_request(&ask, 0, 60000);
    api_answer_t answer = {0};
    assert_null(side_ask_as(s, DUTY_UID, &request, &answer));
    assert_true(answer.held);
    assert_int_equal(answer.watch.request_id, 11);
    assert_string_equal(answer.watch.user->name, "duty");
    assert_null(watch_again(s, &answer.watch));
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0);

    side_submit(s, "call-out", "one");
    Kith__Api__Response *response = watch_again(s, &answer.watch);
    assert_non_null(response);
    assert_int_equal(response->answer_case, KITH__API__RESPONSE__ANSWER_FEED);
    assert_int_equal(response->feed->n_entries, 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 1);
}

static void a_watch_ends_empty_when_its_time_is_over(void **state)
{
    side_t *s = *state;
    Kith__Api__WatchRequest ask;
    Kith__Api__Request request = watch_request(&ask, 0, 10000);
    api_answer_t answer = {0};
    assert_null(side_ask_as(s, DUTY_UID, &request, &answer));
    s->mono_ms += 10000;
    Kith__Api__Response *response = watch_again(s, &answer.watch);
    assert_non_null(response);
    assert_int_equal(response->feed->n_entries, 0);

    request = watch_request(&ask, 0, 0);
    assert_non_null(side_ask_as(s, DUTY_UID, &request, &answer));
    request = watch_request(&ask, 0, UINT32_MAX); /* bounded */
    assert_null(side_ask_as(s, DUTY_UID, &request, &answer));
    assert_in_range(answer.watch.until_mono_ms, s->mono_ms, s->mono_ms + 600000);
}

/* ---- inbox, households, links ---- */

static void inbox_and_households_answer_when_empty(void **state)
{
    side_t *s = *state;
    Kith__Api__InboxRequest inbox = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_INBOX);
    request.inbox = &inbox;
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->inbox->n_tasks, 0);

    Kith__Api__HouseholdRequest household = KITH__API__HOUSEHOLD_REQUEST__INIT;
    request = ask_for(KITH__API__REQUEST__ASK_HOUSEHOLD);
    request.household = &household;
    response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->household->n_households, 0);
    household.short_id = kith_arena_str(s->w->arena, "0123abcd");
    assert_int_equal(side_ask(s, &request)->status, NOT_FOUND);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0);
}

/* So many open tasks, each about a household of its own, with a reason of 500 bytes. */
static void put_tasks(side_t *s, uint64_t count)
{
    char reason[501];
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    kith_txn_t *txn = memtxn_begin(s->tables);
    for (uint64_t seq = 1; seq <= count; seq++) {
        Kith__Store__TaskRow row = KITH__STORE__TASK_ROW__INIT;
        uint8_t household[16] = {(uint8_t)seq, (uint8_t)(seq >> 8)};
        kith_key_t key;
        kith_key_clear(&key);
        kith_key_u64(&key, seq);
        row.kind = kith_arena_str(s->w->arena, "front-door");
        row.notice_id = record_binary((kith_bytes_t){household, sizeof household});
        row.reason = reason;
        row.household = record_binary((kith_bytes_t){household, sizeof household});
        assert_int_equal(
            kith_put_record(txn, AGENT_TABLE_TASKS, kith_key_bytes(&key), s->w->arena, &row),
            KITH_OK);
        assert_int_equal(
            kith_put(txn, AGENT_TABLE_TASKS_OPEN, kith_key_bytes(&key), (kith_bytes_t){0}),
            KITH_OK);
        kith_key_t of;
        kith_key_clear(&of);
        kith_key_raw(&of, record_bytes(row.notice_id));
        kith_key_name(&of, row.kind);
        kith_key_name(&of, row.agency);
        assert_int_equal(
            kith_put(txn, AGENT_TABLE_TASKS_OF, kith_key_bytes(&of), kith_key_bytes(&key)),
            KITH_OK);
    }
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

static void an_inbox_larger_than_a_frame_is_given_in_parts(void **state)
{
    side_t *s = *state;
    Kith__Api__InboxRequest inbox = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_INBOX);
    request.inbox = &inbox;
    inbox.limit = 1000;
    put_tasks(s, 900);
    size_t seen = 0, parts = 0;
    for (bool more = true; more; parts++) {
        Kith__Api__Response *response = side_ask(s, &request);
        assert_int_equal(response->status, OK);
        assert_int_not_equal(response->inbox->n_tasks, 0);
        seen += response->inbox->n_tasks;
        more = response->inbox->more;
        inbox.after = response->inbox->tasks[response->inbox->n_tasks - 1]->seq;
    }
    assert_int_equal(seen, 900);
    assert_true(parts > 1);
    assert_true(side_rows(s, AGENT_TABLE_LOOKS) >= 900); /* each household that was shown */
}

static void put_households(side_t *s, uint64_t count)
{
    char reason[501];
    memset(reason, 'r', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    kith_txn_t *txn = memtxn_begin(s->tables);
    for (uint64_t i = 1; i <= count; i++) {
        Kith__Store__HouseholdRow row = KITH__STORE__HOUSEHOLD_ROW__INIT;
        uint8_t id[16] = {(uint8_t)i, (uint8_t)(i >> 8)};
        row.name = kith_arena_str(s->w->arena, "Example family");
        row.reason = reason;
        assert_int_equal(kith_put_record(txn, AGENT_TABLE_HOUSEHOLDS, (kith_bytes_t){id, sizeof id},
                                         s->w->arena, &row),
                         KITH_OK);
    }
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

/* Recorded before it is answered; nothing is when it is refused. */
static void the_load_of_a_family_is_a_look_at_it(void **state)
{
    side_t *s = *state;
    Kith__Api__LoadRequest ask = KITH__API__LOAD_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_LOAD);
    static const uint8_t first[16] = {1};
    request.load = &ask;
    ask.household = record_binary((kith_bytes_t){first, sizeof first});
    assert_int_equal(side_ask(s, &request)->status, NOT_FOUND);
    put_households(s, 1);
    ask.from_ms = ask.to_ms = s->now_ms;
    assert_int_equal(side_ask(s, &request)->status, INVALID);
    ask.from_ms = -1;
    assert_int_equal(side_ask(s, &request)->status, INVALID);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0);
    ask.from_ms = ask.to_ms = 0;
    int64_t now_ms = s->now_ms;
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->load->to_ms, now_ms);
    assert_int_equal(response->load->n_rows, 0);
    assert_string_equal(response->load->name, "Example family");
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 1);
}

static void households_are_listed_as_far_as_a_frame_holds_them(void **state)
{
    side_t *s = *state;
    Kith__Api__HouseholdRequest ask = KITH__API__HOUSEHOLD_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_HOUSEHOLD);
    request.household = &ask;
    put_households(s, 20);
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->household->n_households, 20);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 20);
    ask.id = response->household->households[3]->id;
    response = side_ask(s, &request);
    assert_int_equal(response->household->n_households, 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 21);

    put_households(s, 900); /* too many for one answer: never a part that looks like the whole */
    ask.id.len = 0;
    response = side_ask(s, &request);
    assert_int_equal(response->status, INVALID);
    assert_string_equal(response->rule, "answer-size");
}

static void a_link_is_not_made_down_to_the_reserve_nor_to_nothing(void **state)
{
    side_t *s = *state;
    Kith__Api__LinkRequest link = KITH__API__LINK_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_LINK);
    request.link = &link;
    assert_int_not_equal(side_ask(s, &request)->status, OK);
    s->read_only = true;
    assert_int_equal(side_ask(s, &request)->status, FULL);
    assert_int_equal(side_rows(s, AGENT_TABLE_LINKS), 0);
}

static void a_task_is_ended_once_and_not_down_to_the_reserve(void **state)
{
    side_t *s = *state;
    uint8_t notice[16] = {1};
    Kith__Api__DoneRequest done = KITH__API__DONE_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_DONE);
    request.done = &done;
    done.notice_id = record_binary((kith_bytes_t){notice, sizeof notice});
    put_tasks(s, 2);
    s->read_only = true;
    assert_int_equal(side_ask(s, &request)->status, FULL);
    s->read_only = false;
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->done->ended, 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_TASKS_OPEN), 1);
    response = side_ask(s, &request);
    assert_int_equal(response->status, NOT_FOUND);
    assert_string_equal(response->rule, "task-unknown");
}

/* ---- status ---- */

static void status_is_one_screen_of_what_is_owed_and_counted(void **state)
{
    side_t *s = *state;
    int64_t first_ms = s->now_ms;
    side_submit(s, "call-out", "one");
    side_submit(s, "concern", "two");
    Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_STATUS);
    request.status = &ask;
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, OK);
    const Kith__Api__StatusResponse *status = response->agent;
    assert_string_equal(status->agency, "police");
    assert_string_equal(status->partnership, "exampletown");
    assert_int_equal(status->epoch, 1);
    assert_int_equal(status->boot, 1);
    assert_true(status->exercise);
    assert_int_equal(status->n_brokers, 1);
    assert_string_equal(status->brokers[0]->id, "hub-a");
    assert_string_equal(status->brokers[0]->endpoint, "tcp://127.0.0.1:5670");
    assert_string_equal(status->brokers[0]->state, "dialling");
    assert_false(status->brokers[0]->publishing);
    const Kith__Api__Owed *owed = NULL;
    for (size_t i = 0; i < status->n_owed; i++) {
        if (strcmp(status->owed[i]->agency, "housing") == 0)
            owed = status->owed[i];
    }
    assert_non_null(owed);
    assert_int_equal(owed->stored_here, 2);
    assert_int_equal(owed->sent, 2);
    assert_int_equal(owed->oldest_ms, first_ms);
    assert_int_equal(status->disk_free_bytes, 1u << 30);
    assert_false(status->read_only);
    bool counted = false;
    for (size_t i = 0; i < status->n_counters; i++)
        counted |=
            strcmp(status->counters[i]->name, "requests") == 0 && status->counters[i]->value == 3;
    assert_true(counted);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0); /* no family was looked at */
}

/* ---- clock ---- */

static Kith__Api__Response *move_clock(side_t *s, int64_t now_ms)
{
    Kith__Api__ClockRequest ask = KITH__API__CLOCK_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_CLOCK);
    ask.now_ms = now_ms;
    request.clock = &ask;
    return side_ask(s, &request);
}

static void an_exercises_clock_moves_forward_only(void **state)
{
    side_t *s = *state;
    const int64_t day_ms = 86400000;
    int64_t start_ms = s->now_ms;
    Kith__Api__Response *response = move_clock(s, start_ms + day_ms);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->clock->now_ms, start_ms + day_ms);
    assert_int_equal(s->clock_ahead_ms, day_ms);
    assert_int_equal(move_clock(s, start_ms)->status, INVALID);
    assert_int_equal(move_clock(s, INT64_MAX)->status, INVALID);
    assert_int_equal(s->clock_ahead_ms, day_ms);
    s->agreement.exercise = false;
    assert_int_equal(move_clock(s, start_ms + 9 * day_ms)->status, NOT_ALLOWED);
}

static void two_clock_requests_of_one_turn_do_not_add_up(void **state)
{
    side_t *s = *state;
    const int64_t day_ms = 86400000;
    agent_effects_t effects;
    api_turn_t turn = side_turn(s, &effects);
    int64_t asked[] = {turn.now_ms + 2 * day_ms, turn.now_ms + day_ms};
    for (int i = 0; i < 2; i++) {
        Kith__Api__ClockRequest ask = KITH__API__CLOCK_REQUEST__INIT;
        Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_CLOCK);
        api_answer_t answer = {0};
        ask.now_ms = asked[i];
        request.clock = &ask;
        assert_int_equal(
            api_ask(&s->api, &turn, DUTY_UID, KITH_PACK(s->w->arena, &request), &answer), KITH_OK);
        assert_true(answer.clock_moved);
        assert_int_equal(answer.clock_ahead_ms, 2 * day_ms);
    }
    side_commit(s, &turn);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)
    const struct CMUnitTest tests[] = {
        CASE(a_feed_goes_on_from_its_cursor),
        CASE(a_feed_larger_than_a_frame_is_given_in_parts),
        CASE(who_is_silent_is_told_while_a_hub_can_tell),
        CASE(an_inbox_larger_than_a_frame_is_given_in_parts),
        CASE(households_are_listed_as_far_as_a_frame_holds_them),
        CASE(the_load_of_a_family_is_a_look_at_it),
        CASE(a_look_is_recorded_for_each_household_shown),
        CASE(a_watch_is_held_until_there_is_something),
        CASE(a_watch_ends_empty_when_its_time_is_over),
        CASE(inbox_and_households_answer_when_empty),
        CASE(a_link_is_not_made_down_to_the_reserve_nor_to_nothing),
        CASE(a_task_is_ended_once_and_not_down_to_the_reserve),
        CASE(status_is_one_screen_of_what_is_owed_and_counted),
        CASE(an_exercises_clock_moves_forward_only),
        CASE(two_clock_requests_of_one_turn_do_not_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
