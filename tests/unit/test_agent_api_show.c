/* Showing a notice: found by its id or the end of it, and each recipient in the promise's words. */
#include "agents/core/records.h"
#include "tests/unit/agent_api_world.h"

#define OK        KITH__API__STATUS__STATUS_OK
#define INVALID   KITH__API__STATUS__STATUS_INVALID
#define NOT_FOUND KITH__API__STATUS__STATUS_NOT_FOUND
#define AMBIGUOUS KITH__API__STATUS__STATUS_AMBIGUOUS

static Kith__Api__Response *show(side_t *s, kith_bytes_t id, const char *short_id)
{
    Kith__Api__ShowRequest ask = KITH__API__SHOW_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.id = record_binary(id);
    ask.short_id = kith_arena_str(s->w->arena, short_id);
    request.id = 9;
    request.ask_case = KITH__API__REQUEST__ASK_SHOW;
    request.show = &ask;
    return side_ask(s, &request);
}

static void a_notice_is_shown_by_its_id(void **state)
{
    side_t *s = *state;
    kith_bytes_t id = side_submit(s, "call-out", "one");
    Kith__Api__Response *response = show(s, id, "");
    assert_int_equal(response->status, OK);
    assert_true(response->show->mine);
    assert_true(response->show->stored_ms > 0);
    assert_true(response->show->n_recipients >= 1);
    assert_string_equal(response->show->recipients[0]->agency, "housing");
    assert_string_equal(response->show->recipients[0]->state, "stored here");
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 1);
    assert_int_equal(s->api.counts[API_COUNT_LOOKS], 1);
}

static void the_end_of_an_id_is_enough(void **state)
{
    side_t *s = *state;
    kith_bytes_t id = side_submit(s, "call-out", "one");
    side_submit(s, "call-out", "two");
    char text[KITH_ID_TEXT_SIZE], short_id[KITH_ID_SHORT_SIZE];
    kith_id_text(id, text);
    kith_id_short(id, short_id);
    assert_int_equal(show(s, (kith_bytes_t){0}, short_id)->status, OK);
    assert_int_equal(show(s, (kith_bytes_t){0}, text)->status, OK);
    for (char *c = short_id; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c);
    Kith__Api__Response *response = show(s, (kith_bytes_t){0}, short_id);
    assert_int_equal(response->status, OK);
    Kith__Notice *notice = kith__notice__unpack(
        kith_arena_allocator(s->w->arena), response->show->notice.len, response->show->notice.data);
    assert_string_equal(notice->event->narrative, "one");
}

static void what_is_no_id_or_unknown_is_told_apart(void **state)
{
    side_t *s = *state;
    side_submit(s, "call-out", "one");
    static const uint8_t other[16] = {1};
    Kith__Api__Response *response = show(s, (kith_bytes_t){other, 16}, "");
    assert_int_equal(response->status, NOT_FOUND);
    assert_string_equal(response->what, "no notice here has this id");
    assert_int_equal(show(s, (kith_bytes_t){other, 15}, "")->status, NOT_FOUND);
    response = show(s, (kith_bytes_t){0}, "000000000000");
    assert_int_equal(response->status, NOT_FOUND);
    assert_non_null(strstr(response->what, "give the whole id"));
    response = show(s, (kith_bytes_t){0}, "01000000-0000-0000-0000-000000000000");
    assert_int_equal(response->status, NOT_FOUND);
    assert_string_equal(response->what, "no notice here has this id");
    static const char *const wrong[] = {
        "", "abc", "xyzw", "abcd efgh", "abcd\tabcd", "0123456789012345678901234567890123456"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(show(s, (kith_bytes_t){0}, wrong[i])->status, INVALID);
    assert_int_equal(side_rows(s, AGENT_TABLE_LOOKS), 0);
}

static void a_short_id_that_fits_two_is_ambiguous(void **state)
{
    side_t *s = *state;
    kith_bytes_t id = side_submit(s, "call-out", "one");
    uint8_t twin[KITH_ID_BYTES];
    memcpy(twin, id.data, sizeof twin);
    twin[0] ^= 1;
    kith_txn_t *txn = memtxn_begin(s->tables);
    Kith__Store__StoredNotice *row = NULL;
    assert_int_equal(record_get_notice(txn, s->w->arena, id, &row), KITH_OK);
    assert_int_equal(record_put_notice(txn, s->w->arena, (kith_bytes_t){twin, sizeof twin}, row),
                     KITH_OK);
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
    char short_id[KITH_ID_SHORT_SIZE], text[KITH_ID_TEXT_SIZE];
    kith_id_short(id, short_id);
    kith_id_text(id, text);
    assert_int_equal(show(s, (kith_bytes_t){0}, short_id)->status, AMBIGUOUS);
    assert_int_equal(show(s, (kith_bytes_t){0}, text)->status, OK);
}

static const struct {
    Kith__Outcome outcome;
    const char *broker, *word;
    bool expired, refused, seen;
} words[] = {
    {KITH__OUTCOME__OUTCOME_UNSPECIFIED, "", "stored here", false, false, false},
    {KITH__OUTCOME__OUTCOME_UNSPECIFIED, "hub-a", "at the hub", false, false, false},
    {KITH__OUTCOME__OUTCOME_UNSPECIFIED, "hub-a", "expired", true, false, false},
    {KITH__OUTCOME__OUTCOME_UNSPECIFIED, "", "refused", false, true, false},
    {KITH__OUTCOME__OUTCOME_EXPIRED, "", "expired", true, false, false},
    {KITH__OUTCOME__OUTCOME_DELIVERED, "hub-a", "delivered", false, false, false},
    {KITH__OUTCOME__OUTCOME_REPEAT, "hub-a", "delivered", false, false, false},
    {KITH__OUTCOME__OUTCOME_DELIVERED_LATE, "", "delivered late", true, false, false},
    {KITH__OUTCOME__OUTCOME_REFUSED, "", "refused", false, true, false},
    {KITH__OUTCOME__OUTCOME_QUARANTINED, "", "quarantined", false, false, false},
    {KITH__OUTCOME__OUTCOME_DELIVERED, "", "seen", false, false, true},
};

/* Writes a debt as it would stand after all that. */
static void put_debt(side_t *s, kith_bytes_t id, size_t i)
{
    kith_txn_t *txn = memtxn_begin(s->tables);
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
    Kith__Store__SeenRow seen = KITH__STORE__SEEN_ROW__INIT;
    kith_key_t key = record_key_debt(id, "housing");
    debt.outcome = words[i].outcome;
    debt.broker = kith_arena_str(s->w->arena, words[i].broker);
    debt.expired = words[i].expired;
    debt.refused = words[i].refused;
    debt.since_ms = 10;
    debt.outcome_ms = 20;
    debt.reason = KITH__REASON__REASON_REMOVED;
    debt.clause = kith_arena_str(s->w->arena, "1");
    seen.person = kith_arena_str(s->w->arena, "duty officer");
    seen.seen_ms = 30;
    assert_int_equal(record_put_debt(txn, s->w->arena, kith_key_bytes(&key), &debt), KITH_OK);
    if (words[i].seen)
        assert_int_equal(
            kith_put_record(txn, AGENT_TABLE_SEEN, kith_key_bytes(&key), s->w->arena, &seen),
            KITH_OK);
    assert_int_equal(memtxn_commit(s->tables), KITH_OK);
}

static void each_recipient_is_told_in_the_promises_words(void **state)
{
    side_t *s = *state;
    kith_bytes_t id = side_submit(s, "call-out", "one");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        put_debt(s, id, i);
        Kith__Api__Response *response = show(s, id, "");
        assert_int_equal(response->status, OK);
        Kith__Api__RecipientState *found = NULL;
        for (size_t j = 0; j < response->show->n_recipients; j++) {
            if (strcmp(response->show->recipients[j]->agency, "housing") == 0)
                found = response->show->recipients[j];
        }
        assert_non_null(found);
        assert_string_equal(found->state, words[i].word);
        assert_string_equal(found->broker, words[i].broker);
        assert_int_equal(found->since_ms, words[i].outcome ? 20 : 10);
        assert_int_equal(found->reason, KITH__REASON__REASON_REMOVED);
        assert_string_equal(found->seen_by, words[i].seen ? "duty officer" : "");
        assert_int_equal(found->seen_ms, words[i].seen ? 30 : 0);
    }
}

/* A stored notice of each further type, written by this agency. */
static Kith__Api__Response *submit_draft(side_t *s, Kith__Api__Draft *draft)
{
    Kith__Api__SubmitRequest ask = KITH__API__SUBMIT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    ask.draft = draft;
    request.id = 4;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &ask;
    Kith__Api__Response *response = side_ask(s, &request);
    if (response->status != OK)
        fail_msg("%s: %s", response->rule, response->what);
    return response;
}

static kith_bytes_t open_household(side_t *s)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    Kith__TeamSeat seat = KITH__TEAM_SEAT__INIT, *seats[] = {&seat};
    change.name = kith_arena_str(s->w->arena, "Example family");
    change.reason = kith_arena_str(s->w->arena, "a reason");
    change.opened = true;
    seat.agency = kith_arena_str(s->w->arena, "housing");
    seat.from_ms = 1;
    change.n_team = 1;
    change.team = seats;
    draft.body_case = KITH__API__DRAFT__BODY_HOUSEHOLD_CHANGE;
    draft.household_change = &change;
    return record_bytes(submit_draft(s, &draft)->submit->id);
}

static void an_alert_is_shown_with_its_board(void **state)
{
    side_t *s = *state;
    kith_bytes_t household = open_household(s);
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__Alert alert = KITH__ALERT__INIT;
    alert.subject = kith_arena_str(s->w->arena, "a subject");
    alert.text = kith_arena_str(s->w->arena, "a text");
    alert.reply_by_ms = s->now_ms + 3600000;
    draft.household = record_binary(household);
    draft.body_case = KITH__API__DRAFT__BODY_ALERT;
    draft.alert = &alert;
    kith_bytes_t id = record_bytes(submit_draft(s, &draft)->submit->id);
    Kith__Api__Response *response = show(s, id, "");
    assert_int_equal(response->status, OK);
    assert_non_null(response->show->board);
    assert_int_equal(response->show->board->n_rows, 1);
    assert_string_equal(response->show->board->rows[0]->agency, "housing");
    assert_non_null(response->show->board->rows[0]->delivery);
    assert_string_equal(response->show->board->rows[0]->delivery->state, "stored here");
}

static void a_referral_is_shown_with_its_state(void **state)
{
    side_t *s = *state;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    Kith__Referral referral = KITH__REFERRAL__INIT;
    Kith__Basis basis = KITH__BASIS__INIT;
    char *to[] = {kith_arena_str(s->w->arena, "housing")};
    basis.data_protection = kith_arena_str(s->w->arena, "public-task");
    basis.agreed_to_service = kith_arena_str(s->w->arena, "yes");
    basis.medical_consent = kith_arena_str(s->w->arena, "not-applicable");
    basis.family_told = kith_arena_str(s->w->arena, "yes");
    referral.need = kith_arena_str(s->w->arena, "a need");
    referral.service = kith_arena_str(s->w->arena, "a service");
    referral.reason = kith_arena_str(s->w->arena, "a reason");
    referral.urgency = kith_arena_str(s->w->arena, "amber");
    referral.basis = &basis;
    draft.n_to = 1;
    draft.to = to;
    draft.body_case = KITH__API__DRAFT__BODY_REFERRAL;
    draft.referral = &referral;
    draft.household = record_binary(open_household(s));
    kith_bytes_t id = record_bytes(submit_draft(s, &draft)->submit->id);
    Kith__Api__Response *response = show(s, id, "");
    assert_int_equal(response->status, OK);
    assert_non_null(response->show->referral);
    assert_string_equal(response->show->referral->to, "housing");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, side_begin, side_end)
    const struct CMUnitTest tests[] = {
        CASE(a_notice_is_shown_by_its_id),
        CASE(the_end_of_an_id_is_enough),
        CASE(what_is_no_id_or_unknown_is_told_apart),
        CASE(a_short_id_that_fits_two_is_ambiguous),
        CASE(each_recipient_is_told_in_the_promises_words),
        CASE(an_alert_is_shown_with_its_board),
        CASE(a_referral_is_shown_with_its_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
