/* What stands around the feed, through the api: families, looks, snoozes, tellings, and the watch
 * that ends on one. */
#include "agents/core/records.h"
#include "agents/work/parts.h"
#include "tests/unit/agent_api_world.h"

#define OK   KITH__API__STATUS__STATUS_OK
#define FULL KITH__API__STATUS__STATUS_FULL

#define HOUR_MS INT64_C(3600000)

static Kith__Api__Request ask_for(Kith__Api__Request__AskCase what)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = 11;
    request.ask_case = what;
    return request;
}

static Kith__Api__Response *looked(side_t *s, uint64_t up_to)
{
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_LOOKED);
    ask.up_to = up_to;
    request.looked = &ask;
    return side_ask(s, &request);
}

static Kith__Api__Response *snooze(side_t *s, const char *why, api_answer_t *ret_answer)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_SNOOZE);
    snooze.kind = text_of("event");
    snooze.why = text_of(why);
    snooze.until_ms = s->now_ms + HOUR_MS;
    ask.snooze = &snooze;
    request.snooze = &ask;
    return side_ask_as(s, DUTY_UID, &request, ret_answer);
}

static Kith__Api__Response *snoozes(side_t *s)
{
    Kith__Api__SnoozesRequest ask = KITH__API__SNOOZES_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_SNOOZES);
    request.snoozes = &ask;
    return side_ask(s, &request);
}

static Kith__Api__Response *tellings(side_t *s)
{
    Kith__Api__TellingsRequest ask = KITH__API__TELLINGS_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_TELLINGS);
    request.tellings = &ask;
    return side_ask(s, &request);
}

static Kith__Api__Response *groups(side_t *s)
{
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_GROUPS);
    request.groups = &ask;
    return side_ask(s, &request);
}

/* An own clock's line about an own notice, and time passes until it is told. */
static void tell(side_t *s, kith_bytes_t notice)
{
    static const work_rounds_t rounds = {.wait_ms = 1000,
                                         .interval_ms = 1000,
                                         .repeat_ms = 24 * HOUR_MS,
                                         .digest_ms = WORK_NO_DIGEST};
    s->work.rounds = &rounds;
    int64_t next_ms = 0;
    work_ctx_t at = {
        .work = &s->work, .txn = memtxn_begin(s->tables), .arena = s->arena, .now_ms = s->now_ms};
    assert_int_equal(feed_tell(&at, notice, (kith_bytes_t){0}, "escalated", "no answer"), KITH_OK);
    s->now_ms += 2000;
    assert_int_equal(work_tick(&s->work, at.txn, s->arena, s->now_ms, &next_ms), KITH_OK);
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

static void looking_is_of_the_user_who_asks(void **state)
{
    side_t *s = *state;
    side_submit(s, "call-out", "one");
    side_submit(s, "call-out", "two");
    Kith__Api__Response *response = looked(s, 1);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->looked->fresh, 1);
    response = looked(s, 3);
    assert_int_equal(response->status, KITH__API__STATUS__STATUS_INVALID);
    assert_string_equal(response->rule, "looked-up-to");
}

static void snooze_is_by_the_user_who_asks(void **state)
{
    side_t *s = *state;
    api_answer_t answer = {0};
    Kith__Api__Response *response = snooze(s, "visit tonight", &answer);
    assert_int_equal(response->status, OK);
    assert_string_equal(response->snooze->by, "duty");
    assert_true(answer.view_changed); /* its end is due */
    assert_int_equal(snoozes(s)->snoozes->n_snoozes, 1);
    response = snooze(s, "", &answer);
    assert_int_equal(response->status, KITH__API__STATUS__STATUS_INVALID);
    assert_string_equal(response->rule, "snooze-why");
}

static void nothing_changes_on_a_full_disk(void **state)
{
    side_t *s = *state;
    api_answer_t answer = {0};
    side_submit(s, "call-out", "one");
    s->read_only = true;
    assert_int_equal(looked(s, 1)->status, FULL);
    assert_int_equal(snooze(s, "visit tonight", &answer)->status, FULL);
    assert_int_equal(snoozes(s)->snoozes->n_snoozes, 0);
    assert_int_equal(groups(s)->status, OK);
}

static void telling_is_a_look_at_its_family(void **state)
{
    side_t *s = *state;
    kith_bytes_t notice = side_submit(s, "call-out", "one");
    tell(s, notice);
    uint64_t looks = side_rows(s, AGENT_TABLE_LOOKS);
    Kith__Api__Response *response = tellings(s);
    assert_int_equal(response->status, OK);
    assert_int_equal(response->tellings->n_tellings, 1);
    assert_string_equal(response->tellings->tellings[0]->reason, "news");
    assert_string_equal(response->tellings->tellings[0]->newest[0]->summary, "no answer");
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), looks + 1);
}

static void watch_ends_on_a_new_telling(void **state)
{
    side_t *s = *state;
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_WATCH);
    kith_bytes_t notice = side_submit(s, "call-out", "one");
    ask.after = 2; /* also beyond the line that the telling is about */
    ask.wait_ms = 60000;
    request.watch = &ask;
    for (uint64_t told = 0; told < 2; told++) { /* one that was there before does not end it */
        api_answer_t held = {0}, answer = {0};
        ask.after += told;
        assert_null(side_ask_as(s, DUTY_UID, &request, &held));
        tell(s, notice);
        agent_effects_t effects;
        api_turn_t turn = side_turn(s, &effects);
        assert_int_equal(api_watch(&s->api, &turn, &held.watch, &answer), KITH_OK);
        assert_false(answer.held);
        Kith__Api__Response *response = side_decode(s, &answer);
        side_commit(s, &turn);
        assert_int_equal(response->feed->n_entries, 0);
        assert_int_equal(response->feed->tellings, told + 1);
    }
}

/* Many households with long names: the answer fits a frame, and says that there is more. */
static void families_larger_than_a_frame_are_given_in_parts(void **state)
{
    side_t *s = *state;
    char name[512 + 1];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    work_ctx_t at = {.work = &s->work, .txn = memtxn_begin(s->tables), .arena = s->w->arena};
    for (unsigned i = 1; i <= 1000; i++) {
        Kith__Store__HouseholdRow row = KITH__STORE__HOUSEHOLD_ROW__INIT;
        uint8_t id[KITH_ID_BYTES] = {1, (uint8_t)(i >> 8), (uint8_t)i};
        row.name = name;
        assert_int_equal(view_put_household(&at, (kith_bytes_t){id, sizeof id}, &row), KITH_OK);
        assert_int_equal(feed_tell(&at, (kith_bytes_t){id, sizeof id},
                                   (kith_bytes_t){id, sizeof id}, "orphaned", name),
                         KITH_OK);
    }
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    Kith__Api__Request request = ask_for(KITH__API__REQUEST__ASK_GROUPS);
    request.groups = &ask;
    ask.limit = 1000;
    size_t seen = 0, parts = 0;
    for (bool more = true; more; parts++) {
        Kith__Api__Response *response = side_ask(s, &request);
        assert_int_equal(response->status, OK);
        assert_true(response->groups->n_groups > 0);
        seen += response->groups->n_groups;
        more = response->groups->more;
        ProtobufCBinaryData last =
            response->groups->groups[response->groups->n_groups - 1]->household;
        ask.after = record_binary(kith_arena_copy(s->w->arena, record_bytes(last)));
    }
    assert_int_equal(seen, 1000);
    assert_true(parts > 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(looking_is_of_the_user_who_asks),
        CASE(snooze_is_by_the_user_who_asks),
        CASE(nothing_changes_on_a_full_disk),
        CASE(telling_is_a_look_at_its_family),
        CASE(watch_ends_on_a_new_telling),
        CASE(families_larger_than_a_frame_are_given_in_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
