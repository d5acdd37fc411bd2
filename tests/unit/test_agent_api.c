/* The door of the local api: who asks, what is submitted, and that one token is one request. */
#include "agents/core/records.h"
#include "tests/unit/agent_api_world.h"

#define OK          KITH__API__STATUS__STATUS_OK
#define INVALID     KITH__API__STATUS__STATUS_INVALID
#define NOT_ALLOWED KITH__API__STATUS__STATUS_NOT_ALLOWED
#define NOT_FOUND   KITH__API__STATUS__STATUS_NOT_FOUND
#define CONFLICT    KITH__API__STATUS__STATUS_CONFLICT
#define FULL        KITH__API__STATUS__STATUS_FULL

static Kith__Api__Request status_request(void)
{
    static Kith__Api__StatusRequest ask = KITH__API__STATUS_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = 3;
    request.ask_case = KITH__API__REQUEST__ASK_STATUS;
    request.status = &ask;
    return request;
}

/* ---- who asks ---- */

static void an_unknown_uid_is_refused_and_recorded(void **state)
{
    side_t *s = *state;
    api_answer_t answer = {0};
    Kith__Api__Request request = status_request();
    Kith__Api__Response *response = side_ask_as(s, 4242, &request, &answer);
    assert_int_equal(response->status, NOT_ALLOWED);
    assert_string_equal(response->rule, "unknown-user");
    response = side_ask_as(s, AGENT_NO_UID, &request, &answer);
    assert_int_equal(response->status, NOT_ALLOWED);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 2);
    assert_int_equal(s->api.counts[API_COUNT_DENIED], 2);
}

static void only_a_gateway_may_name_another(void **state)
{
    side_t *s = *state;
    api_answer_t answer = {0};
    Kith__Api__Request request = status_request();
    assert_int_equal(side_ask_as(s, DUTY_UID, &request, &answer)->status, OK);
    assert_int_equal(side_ask_as(s, GATEWAY_UID, &request, &answer)->status, NOT_ALLOWED);
    request.on_behalf_of = kith_arena_str(s->w->arena, "screen");
    assert_int_equal(side_ask_as(s, DUTY_UID, &request, &answer)->status, NOT_ALLOWED);
    assert_int_equal(side_ask_as(s, GATEWAY_UID, &request, &answer)->status, OK);
    request.on_behalf_of = kith_arena_str(s->w->arena, "nobody");
    assert_int_equal(side_ask_as(s, GATEWAY_UID, &request, &answer)->status, NOT_ALLOWED);
}

static void what_asks_for_nothing_is_told_so(void **state)
{
    side_t *s = *state;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.id = 5;
    Kith__Api__Response *response = side_ask(s, &request);
    assert_int_equal(response->status, INVALID);
    assert_int_equal(response->id, 5);
}

/* ---- submitting ---- */

static void a_submitted_event_is_owed_to_its_recipients(void **state)
{
    side_t *s = *state;
    Kith__Api__Response *response = side_ask(s, side_event(s, "call-out", "t1", "one"));
    assert_int_equal(response->status, OK);
    assert_int_equal(response->answer_case, KITH__API__RESPONSE__ANSWER_SUBMIT);
    assert_false(response->submit->repeat);
    assert_true(response->submit->n_recipients >= 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_DEBTS), response->submit->n_recipients);
}

static Kith__Notice *stored(side_t *s, ProtobufCBinaryData id)
{
    kith_txn_t *txn = memtxn_begin(s->tables);
    Kith__Store__StoredNotice *row = NULL;
    assert_int_equal(record_get_notice(txn, s->w->arena, record_bytes(id), &row), KITH_OK);
    memtxn_abort(s->tables);
    Kith__Notice *notice =
        kith__notice__unpack(kith_arena_allocator(s->w->arena), row->notice.len, row->notice.data);
    assert_non_null(notice);
    return notice;
}

static void the_author_is_the_users_role_unless_the_draft_says(void **state)
{
    side_t *s = *state;
    static const char *const authors[] = {"", "night officer"};
    static const char *const wanted[] = {"duty sergeant", "night officer"};
    for (int i = 0; i < 2; i++) {
        Kith__Api__Request *request = side_event(s, "call-out", "", "one");
        request->submit->draft->author = kith_arena_str(s->w->arena, authors[i]);
        Kith__Api__Response *response = side_ask(s, request);
        assert_int_equal(response->status, OK);
        assert_string_equal(stored(s, response->submit->id)->author, wanted[i]);
    }
}

/* As if the only notice in the feed had come from housing. */
static void make_foreign(side_t *s)
{
    kith_txn_t *txn = memtxn_begin(s->tables);
    kith_bytes_t key, value;
    void *row = NULL;
    assert_int_equal(
        kith_next(txn, AGENT_TABLE_FEED, (kith_bytes_t){0}, (kith_bytes_t){0}, &key, &value),
        KITH_OK);
    key = kith_arena_copy(s->w->arena, key);
    assert_int_equal(kith_get_record(txn, AGENT_TABLE_FEED, key, s->w->arena,
                                     &kith__store__feed_row__descriptor, &row),
                     KITH_OK);
    ((Kith__Store__FeedRow *)row)->mine = false;
    ((Kith__Store__FeedRow *)row)->origin = kith_arena_str(s->w->arena, "housing");
    assert_int_equal(kith_put_record(txn, AGENT_TABLE_FEED, key, s->w->arena, row), KITH_OK);
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

static Kith__Api__Response *see(side_t *s, kith_bytes_t of, const char *person)
{
    Kith__Seen seen = KITH__SEEN__INIT;
    Kith__Api__Request *request = side_event(s, "", "", "");
    Kith__Api__Draft *draft = request->submit->draft;
    draft->n_to = 0;
    draft->body_case = KITH__API__DRAFT__BODY_SEEN;
    draft->seen = &seen;
    seen.notice = record_binary(of);
    seen.person = kith_arena_str(s->w->arena, person);
    return side_ask(s, request);
}

static void who_has_seen_it_is_the_user_and_says_so_once(void **state)
{
    side_t *s = *state;
    kith_bytes_t of = side_submit(s, "call-out", "one");
    make_foreign(s);
    Kith__Api__Response *response = see(s, of, "");
    assert_int_equal(response->status, OK);
    assert_string_equal(stored(s, response->submit->id)->seen->person, "duty");
    response = see(s, of, "A Person");
    assert_int_equal(response->status, CONFLICT);
    assert_string_equal(response->rule, "already-seen");
}

static void who_has_seen_it_is_whom_the_draft_says(void **state)
{
    side_t *s = *state;
    kith_bytes_t of = side_submit(s, "call-out", "one");
    make_foreign(s);
    Kith__Api__Response *response = see(s, of, "A Person");
    assert_int_equal(response->status, OK);
    assert_string_equal(stored(s, response->submit->id)->seen->person, "A Person");
}

static void the_same_token_is_the_same_request(void **state)
{
    side_t *s = *state;
    Kith__Api__Response *first = side_ask(s, side_event(s, "call-out", "t1", "one"));
    Kith__Api__Response *again = side_ask(s, side_event(s, "call-out", "t1", "one"));
    assert_int_equal(again->status, OK);
    assert_true(again->submit->repeat);
    assert_memory_equal(again->submit->id.data, first->submit->id.data, KITH_ID_BYTES);
    assert_int_equal(again->submit->n_recipients, first->submit->n_recipients);
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 1);

    Kith__Api__Response *other = side_ask(s, side_event(s, "call-out", "t1", "two"));
    assert_int_equal(other->status, CONFLICT);
    assert_non_null(strstr(other->what, "token"));
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 1);

    side_submit(s, "call-out", "one"); /* no token: each is a new one */
    side_submit(s, "call-out", "one");
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 3);
}

static void a_bad_draft_is_refused_with_its_rule(void **state)
{
    side_t *s = *state;
    Kith__Api__Request *request = side_event(s, "no-such-topic", "", "one");
    Kith__Api__Response *response = side_ask(s, request);
    assert_int_not_equal(response->status, OK);
    assert_int_not_equal(*response->rule, '\0');

    request = side_event(s, "call-out", "", "one");
    request->submit->draft = NULL;
    assert_int_equal(side_ask(s, request)->status, INVALID);

    char token[KITH_TOKEN_BYTES_MAX + 2];
    memset(token, 't', sizeof token);
    token[sizeof token - 1] = '\0';
    response = side_ask(s, side_event(s, "call-out", token, "one"));
    assert_int_equal(response->status, INVALID);
    assert_string_equal(response->rule, "token");
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 0);
}

static void what_the_agreement_does_not_let_through_is_not_allowed(void **state)
{
    side_t *s = *state;
    s->agreement.clauses_count = 0;
    Kith__Api__Response *response = side_ask(s, side_event(s, "call-out", "t1", "one"));
    assert_int_equal(response->status, NOT_ALLOWED);
    assert_string_equal(response->rule, "no-clause");
    Kith__Api__Request *request = side_event(s, "call-out", "t1", "one");
    request->submit->draft->to[0] = kith_arena_str(s->w->arena, "nobody");
    assert_int_equal(side_ask(s, request)->status, NOT_FOUND);
    assert_int_equal(s->api.counts[API_COUNT_REFUSED], 2);
    assert_int_equal(s->api.counts[API_COUNT_DENIED], 0); /* not by who asked */
}

static void down_to_the_reserve_only_urgent_notices_are_taken(void **state)
{
    side_t *s = *state;
    s->read_only = true;
    Kith__Api__Response *response = side_ask(s, side_event(s, "call-out", "t1", "one"));
    assert_int_equal(response->status, FULL);
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 0);
    assert_int_equal(side_ask(s, side_event(s, "concern", "t2", "two"))->status, OK);
    s->read_only = false;
    assert_int_equal(side_ask(s, side_event(s, "call-out", "t1", "one"))->status, OK);
}

/* ---- subscribing ---- */

static Kith__Api__Response *subscribe(side_t *s, const char *topic, bool end, const char *token)
{
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.topic = kith_arena_str(s->w->arena, topic);
    ask.end = end;
    ask.token.data = (uint8_t *)kith_arena_str(s->w->arena, token);
    ask.token.len = strlen(token);
    request.id = 8;
    request.ask_case = KITH__API__REQUEST__ASK_SUBSCRIBE;
    request.subscribe = &ask;
    return side_ask(s, &request);
}

static void subscribing_tells_everyone_and_is_answered_with_all_topics(void **state)
{
    side_t *s = *state;
    Kith__Api__Response *response = subscribe(s, "call-out", false, "t1");
    assert_int_equal(response->status, OK);
    assert_int_equal(response->subscribe->n_topics, 1);
    assert_string_equal(response->subscribe->topics[0], "call-out");
    response = subscribe(s, "concern", false, "t2");
    assert_int_equal(response->subscribe->n_topics, 2);

    Kith__Api__Response *again = subscribe(s, "call-out", false, "t1");
    assert_int_equal(again->status, OK);
    assert_int_equal(again->subscribe->n_topics, 1);
    assert_int_equal(side_rows(s, AGENT_TABLE_NOTICES), 2);
    assert_int_equal(subscribe(s, "concern", false, "t1")->status, CONFLICT);

    response = subscribe(s, "call-out", true, "t3");
    assert_int_equal(response->status, OK);
    assert_int_equal(response->subscribe->n_topics, 1);
    assert_string_equal(response->subscribe->topics[0], "concern");
    assert_int_not_equal(subscribe(s, "no such topic", false, "t4")->status, OK);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)
    const struct CMUnitTest tests[] = {
        CASE(an_unknown_uid_is_refused_and_recorded),
        CASE(only_a_gateway_may_name_another),
        CASE(what_asks_for_nothing_is_told_so),
        CASE(a_submitted_event_is_owed_to_its_recipients),
        CASE(the_author_is_the_users_role_unless_the_draft_says),
        CASE(who_has_seen_it_is_the_user_and_says_so_once),
        CASE(who_has_seen_it_is_whom_the_draft_says),
        CASE(the_same_token_is_the_same_request),
        CASE(a_bad_draft_is_refused_with_its_rule),
        CASE(what_the_agreement_does_not_let_through_is_not_allowed),
        CASE(down_to_the_reserve_only_urgent_notices_are_taken),
        CASE(subscribing_tells_everyone_and_is_answered_with_all_topics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
