/* The judge finds each mistake that is planted in what a run has left, and none where there is
 * none. Police has sent three notices to housing: one delivered, one quarantined, and one whose
 * cause was the first. */
#include "judge_rows.h"

#define NOTICES 3u

typedef enum mistake {
    NONE,
    NO_OUTCOME,
    NOT_APPLIED,
    REFUSED_YET_APPLIED,
    OTHER_BYTES,
    NEVER_OWED,
    QUARANTINED_WITHOUT_CONTENT,
    QUARANTINED_AS_A_VOID,
    NEVER_SUBMITTED,
    HEADER_OF_ANOTHER,
    TAKEN_TWICE,
    SHOWN_TWICE,
    GAP,
    BACKWARDS,
    OTHER_CHAIN,
    EFFECT_FIRST,
    EFFECT_ALONE,
    ANSWER_WITHOUT_CAUSE,
    NOT_ALLOWED,
    SILENT,
    EXPIRED_SILENTLY,
    SLOWED,
    STORED_IS_GONE,
    DELIVERED_IS_GONE,
    STATE_BACK,
    REFUSED_LEFT_A_TOKEN,
    TOKEN_NAMES_ANOTHER,
    SLOT_LEFT,
    COUNT_OFF,
    MAILBOX_NOT_FREED,
    BODY_FOR_NOBODY,
    BODY_GONE,
    OVER_QUOTA,
    SLOW,
    LOOK_NOT_RECORDED,
    MISTAKES,
} mistake;

static const char *const expected[MISTAKES] = {
    [NO_OUTCOME] = "I1",
    [NOT_APPLIED] = "I1",
    [REFUSED_YET_APPLIED] = "I1",
    [OTHER_BYTES] = "I1",
    [NEVER_OWED] = "I1",
    [QUARANTINED_WITHOUT_CONTENT] = "I1",
    [QUARANTINED_AS_A_VOID] = "I1",
    [NEVER_SUBMITTED] = "I2",
    [HEADER_OF_ANOTHER] = "I2",
    [TAKEN_TWICE] = "I3",
    [SHOWN_TWICE] = "I3",
    [GAP] = "I4",
    [BACKWARDS] = "I4",
    [OTHER_CHAIN] = "I4",
    [EFFECT_FIRST] = "I5",
    [EFFECT_ALONE] = "I5",
    [ANSWER_WITHOUT_CAUSE] = "I5",
    [NOT_ALLOWED] = "I6",
    [SILENT] = "I1",
    [EXPIRED_SILENTLY] = "I1",
    [SLOWED] = "I12",
    [STORED_IS_GONE] = "I7",
    [DELIVERED_IS_GONE] = "I7",
    [STATE_BACK] = "I8",
    [REFUSED_LEFT_A_TOKEN] = "I10",
    [TOKEN_NAMES_ANOTHER] = "I10",
    [SLOT_LEFT] = "I11",
    [COUNT_OFF] = "I11",
    [MAILBOX_NOT_FREED] = "I11",
    [BODY_FOR_NOBODY] = "I11",
    [BODY_GONE] = "I11",
    [OVER_QUOTA] = "I11",
    [SLOW] = "I13",
    [LOOK_NOT_RECORDED] = "I15",
};

/* ---- the run ---- */

static void put_notice(judge_t *judge, mistake m, const char *agency, unsigned index)
{
    Kith__Notice notice = KITH__NOTICE__INIT;
    Kith__Store__StoredNotice row = KITH__STORE__STORED_NOTICE__INIT;
    ProtobufCBinaryData cause = binary(id_of(0), 16);
    uint8_t bytes[256];
    bool mine = strcmp(agency, "police") == 0;
    notice.id = binary(id_of(index), 16);
    notice.origin = (char *)(uintptr_t) "police";
    notice.created_ms = m == OTHER_BYTES && !mine ? 7 : 8;
    Kith__Reply reply = KITH__REPLY__INIT;
    if (index == 2) {
        notice.n_caused_by = m != ANSWER_WITHOUT_CAUSE;
        notice.caused_by = &cause;
        notice.body_case = KITH__NOTICE__BODY_REPLY;
        notice.reply = &reply;
        reply.alert = cause;
    }
    row.notice = binary(bytes, kith__notice__pack(&notice, bytes));
    row.mine = mine;
    put(judge, agency, "notices", id_key(id_of(index)), &row);
}

/* topic "": a line that a clock brought. */
static void put_line(judge_t *judge, const char *agency, uint64_t seq, unsigned index,
                     const char *topic)
{
    Kith__Store__FeedRow row = KITH__STORE__FEED_ROW__INIT;
    row_key_t key = {0};
    add_number(&key, seq, 8);
    row.notice_id = binary(id_of(index), 16);
    row.topic = (char *)(uintptr_t)topic;
    put(judge, agency, "feed", key, &row);
}

static void put_feed(judge_t *judge, const char *agency, uint64_t seq, unsigned index)
{
    put_line(judge, agency, seq, index, "call-out");
}

static void put_debt(judge_t *judge, mistake m, unsigned index)
{
    Kith__Store__Debt row = KITH__STORE__DEBT__INIT;
    row_key_t key = id_key(id_of(index));
    add_name(&key, "housing");
    row.lane = KITH__LANE__LANE_NORMAL;
    row.recipient_epoch = 1;
    row.n = index + 1;
    row.outcome =
        index == 1 ? KITH__OUTCOME__OUTCOME_QUARANTINED : KITH__OUTCOME__OUTCOME_DELIVERED;
    if (index == 0 && m == NO_OUTCOME)
        row.outcome = KITH__OUTCOME__OUTCOME_UNSPECIFIED;
    if (index == 0 && m == REFUSED_YET_APPLIED)
        row.outcome = KITH__OUTCOME__OUTCOME_REFUSED;
    row.expired = m == EXPIRED_SILENTLY && index == 0;
    if (index == 0 && m == NEVER_OWED)
        return;
    put(judge, "police", "debts", key, &row);
}

static void put_taken(judge_t *judge, mistake m, unsigned index, uint64_t n)
{
    Kith__Header header = KITH__HEADER__INIT;
    Kith__EnvelopeId id = KITH__ENVELOPE_ID__INIT;
    Kith__Slot slot = KITH__SLOT__INIT, *slots[] = {&slot};
    Kith__Store__TakenRow row = KITH__STORE__TAKEN_ROW__INIT;
    uint8_t bytes[256], chain[32] = {(uint8_t)n};
    id.origin = (char *)(uintptr_t) "police";
    id.epoch = 1;
    id.seq = m == BACKWARDS && index == 2 ? 1 : 10 + n;
    slot.agency = (char *)(uintptr_t)(m == HEADER_OF_ANOTHER ? "health" : "housing");
    slot.epoch = 1;
    slot.n = n;
    header.partnership_version = 4;
    header.topic_class = (char *)(uintptr_t)(m == NOT_ALLOWED ? "private" : "event");
    header.id = &id;
    header.n_slots = 1;
    header.slots = slots;
    row.header = binary(bytes, kith__header__pack(&header, bytes));
    row.notice_id = binary(id_of(m == NEVER_SUBMITTED && index == 2 ? 6 : index), 16);
    row.outcome =
        index == 1 ? KITH__OUTCOME__OUTCOME_QUARANTINED : KITH__OUTCOME__OUTCOME_DELIVERED;
    if (index == 1 && m == QUARANTINED_AS_A_VOID)
        row.outcome = KITH__OUTCOME__OUTCOME_VOIDED;
    row.chain = binary(chain, sizeof chain);
    put(judge, "housing", "taken", in_key(n), &row);
}

static void put_applied(judge_t *judge, unsigned index)
{
    row_key_t key = {0};
    add_name(&key, "police");
    add_bytes(&key, id_of(index), 16);
    put(judge, "housing", "applied", key, NULL);
}

static void put_mark(judge_t *judge, uint64_t last)
{
    Kith__Store__InStream in = KITH__STORE__IN_STREAM__INIT;
    uint8_t chain[32] = {(uint8_t)last};
    in.mark = last;
    in.chain = binary(chain, sizeof chain);
    put(judge, "housing", "in_streams", in_key(0), &in);
}

static void put_streams(judge_t *judge, mistake m)
{
    Kith__Store__OutStream out = KITH__STORE__OUT_STREAM__INIT;
    uint64_t last = m == TAKEN_TWICE ? NOTICES + 1 : NOTICES;
    uint8_t chain[32] = {(uint8_t)last}, other[32] = {99};
    row_key_t key = {0};
    put_mark(judge, last);
    add_number(&key, 1, 1);
    add_name(&key, "housing");
    add_number(&key, 1, 4);
    out.last = out.receipted = last;
    out.chain = binary(m == OTHER_CHAIN ? other : chain, sizeof chain);
    put(judge, "police", "out_streams", key, &out);
}

static void put_quarantine(judge_t *judge, mistake m)
{
    Kith__Store__QuarantineRow row = KITH__STORE__QUARANTINE_ROW__INIT;
    Kith__Envelope envelope = KITH__ENVELOPE__INIT;
    envelope.content = binary("sealed", m == QUARANTINED_WITHOUT_CONTENT ? 0 : 6);
    row.envelope = &envelope;
    /* what is kept is an earlier number: that is not the one that was called quarantined */
    put(judge, "housing", "quarantine", in_key(m == QUARANTINED_AS_A_VOID ? 1 : 2), &row);
}

static void put_tokens(judge_t *judge, mistake m)
{
    Kith__Store__Token row = KITH__STORE__TOKEN__INIT;
    row_key_t key = {.size = 2, .data = {0xab, 0x01}}, refused = {.size = 2, .data = {0xab, 0x02}};
    row.notice_id = binary(id_of(m == TOKEN_NAMES_ANOTHER ? 1 : 0), 16);
    put(judge, "police", "tokens", key, &row);
    if (m == REFUSED_LEFT_A_TOKEN)
        put(judge, "police", "tokens", refused, &row);
}

static void put_task(judge_t *judge, unsigned index, const char *kind)
{
    Kith__Store__TaskRow row = KITH__STORE__TASK_ROW__INIT;
    row_key_t key = {0};
    add_number(&key, 1, 8);
    row.notice_id = binary(id_of(index), 16);
    row.agency = (char *)(uintptr_t) "housing";
    row.kind = (char *)(uintptr_t)kind;
    put(judge, "police", "tasks", key, &row);
}

static void put_rest(judge_t *judge, mistake m)
{
    Kith__Store__OwedRow owed = KITH__STORE__OWED_ROW__INIT;
    row_key_t key = {0}, slot = {.size = 4};
    add_name(&key, "housing");
    owed.sent = 3;
    owed.delivered = m == COUNT_OFF ? 3 : 2;
    owed.quarantined = 1;
    put(judge, "police", "owed", key, &owed);
    if (m == SLOT_LEFT)
        put_slot(judge, "housing", 0);
    if (m != SILENT)
        put_task(judge, 1, "quarantined");
    if (m != LOOK_NOT_RECORDED)
        put(judge, "police", "looks", slot, NULL);
}

static void put_hub(judge_t *judge, mistake m)
{
    Kith__Store__MailboxRow row = KITH__STORE__MAILBOX_ROW__INIT;
    Kith__Store__MailboxCount count = KITH__STORE__MAILBOX_COUNT__INIT;
    row_key_t lane = {0}, body = {0};
    unsigned rows = m == MAILBOX_NOT_FREED ? 1 : m == OVER_QUOTA ? 3 : m == BODY_GONE ? 1 : 0;
    add_name(&lane, m == MAILBOX_NOT_FREED ? "housing" : "somebody-else");
    add_number(&lane, 1, 1);
    add_number(&body, 5, 8);
    count.messages = rows;
    put(judge, "hub-a", "counts", lane, &count);
    row.kind = 1;
    row.body = 5;
    for (unsigned i = 0; i < rows; i++) {
        row_key_t key = lane;
        add_number(&key, i + 1, 8);
        put(judge, "hub-a", "rows", key, &row);
    }
    if (m == BODY_FOR_NOBODY || (rows && m != BODY_GONE))
        put(judge, "hub-a", "bodies", body, NULL);
    judge_quota(judge, 2);
}

static void tell_paces(judge_t *judge, mistake m)
{
    for (uint64_t i = 0; i < 200; i++) {
        judge_pace(judge, false, 10 + i % 10);
        judge_pace(judge, true, m == SLOWED && i > 190 ? 200 : 12 + i % 10);
    }
}

static void tell_state(judge_t *judge, int64_t at_ms, unsigned index, const char *state)
{
    static const char *const housing[] = {"housing"};
    judge_event(judge, &(judge_event_t){.type = JUDGE_STATE,
                                        .at_ms = at_ms,
                                        .node = "police",
                                        .id = id_of(index),
                                        .recipients_count = 1,
                                        .recipients = housing,
                                        .state = state});
}

static void tell_history(judge_t *judge, mistake m)
{
    static const char *const housing[] = {"housing"};
    judge_event_t asked = {.type = JUDGE_SUBMIT, .at_ms = 1, .node = "police", .token = "ab01"};
    judge_event_t ok = {.type = JUDGE_OK,
                        .at_ms = 2,
                        .node = "police",
                        .token = "ab01",
                        .id = id_of(0),
                        .recipients_count = 1,
                        .recipients = housing};
    judge_event(judge, &asked);
    judge_event(judge, &ok);
    ok.id = id_of(5);
    ok.token = "";
    if (m == STORED_IS_GONE)
        judge_event(judge, &ok);
    judge_event(judge, &(judge_event_t){
                           .type = JUDGE_REFUSED, .at_ms = 3, .node = "police", .token = "ab02"});
    tell_state(judge, 4, 0, "stored here");
    tell_state(judge, 5, 0, "delivered");
    if (m == STATE_BACK)
        tell_state(judge, 6, 0, "at the hub");
    if (m == DELIVERED_IS_GONE)
        tell_state(judge, 6, 5, "delivered");
    judge_event(judge, &(judge_event_t){.type = JUDGE_LOOK, .at_ms = 6, .node = "police"});
    judge_event(judge, &(judge_event_t){.type = JUDGE_HEALED, .at_ms = 100});
    judge_event(judge, &(judge_event_t){.type = JUDGE_SETTLED, .at_ms = m == SLOW ? 99999 : 200});
}

static judge_t *make_run(mistake m)
{
    judge_t *judge = judge_new();
    judge_allow(judge, 4, "police", "housing", "event");
    tell_paces(judge, m);
    put_meta(judge, "police");
    put_meta(judge, "housing");
    for (unsigned i = 0; i < NOTICES; i++) {
        put_notice(judge, m, "police", i);
        put_feed(judge, "police", i + 1, i);
        put_debt(judge, m, i);
        if (m != GAP || i != 1)
            put_taken(judge, m, i, i + 1);
        if (i == 1)
            continue;
        if (m == EFFECT_ALONE && i == 0)
            continue;
        put_notice(judge, m, "housing", i);
        put_feed(judge, "housing", m == EFFECT_FIRST ? 9 - i : i + 1, i);
        if (m != NOT_APPLIED || i != 0)
            put_applied(judge, i);
    }
    if (m == TAKEN_TWICE)
        put_taken(judge, m, 0, NOTICES + 1);
    put_line(judge, "housing", 21, 0, "");
    if (m == SHOWN_TWICE)
        put_feed(judge, "housing", 20, 0);
    put_streams(judge, m);
    put_quarantine(judge, m);
    put_tokens(judge, m);
    put_rest(judge, m);
    put_hub(judge, m);
    tell_history(judge, m);
    return judge;
}

/* ---- the tests ---- */

static void a_clean_run_is_clean(void **state)
{
    (void)state;
    judge_t *judge = make_run(NONE);
    found_t found = {0};
    if (judge_end(judge, keep, &found))
        fail_msg("%s", found.text);
    judge_counts_t counts;
    judge_counts(judge, &counts);
    assert_int_equal(counts.debts, NOTICES);
    assert_int_equal(counts.answers, 1);
    judge_destroy(&judge);
    judge_destroy(&judge);
    assert_null(judge);
}

static void each_mistake_is_found_by_its_invariant(void **state)
{
    (void)state;
    for (mistake m = NONE + 1; m < MISTAKES; m++) {
        judge_t *judge = make_run(m);
        found_t found = {0};
        char wanted[8];
        (void)snprintf(wanted, sizeof wanted, "%s ", expected[m]);
        if (judge_end(judge, keep, &found) == 0 || !strstr(found.invariants, wanted))
            fail_msg("mistake %d: expected %s, found: %s", (int)m, wanted, found.text);
        judge_destroy(&judge);
    }
}

static void its_story_is_told(void **state)
{
    (void)state;
    judge_t *judge = make_run(STATE_BACK);
    found_t found = {0};
    (void)judge_end(judge, keep, &found);
    assert_non_null(strstr(found.text, "1 police asked\n"));
    assert_non_null(strstr(found.text, "5 police saw housing: delivered\n"));
    assert_non_null(strstr(found.text, "6 police saw housing: at the hub\n"));
    judge_destroy(&judge);
}

/* One disk: what only it held is not promised any more. */
static void what_a_lost_store_held_is_not_asked_for(void **state)
{
    (void)state;
    judge_t *judge = make_run(STORED_IS_GONE);
    judge_event(judge, &(judge_event_t){.type = JUDGE_LOST, .at_ms = 300, .node = "police"});
    assert_int_equal(judge_end(judge, NULL, NULL), 0);
    judge_destroy(&judge);
}

static void what_is_owed_to_one_that_is_away_may_wait(void **state)
{
    (void)state;
    judge_t *judge = make_run(NO_OUTCOME);
    judge_away(judge, "housing");
    found_t found = {0};
    (void)judge_end(judge, keep, &found);
    assert_null(strstr(found.text, "has no outcome"));
    judge_destroy(&judge);
}

static void what_an_unknown_version_allows_is_not_judged(void **state)
{
    (void)state;
    judge_t *judge = judge_new();
    judge_allow(judge, 5, "police", "housing", "event");
    put_meta(judge, "housing");
    put_taken(judge, NOT_ALLOWED, 0, 1);
    put_applied(judge, 0);
    put_mark(judge, 1);
    found_t found = {0};
    if (judge_end(judge, keep, &found))
        fail_msg("%s", found.text);
    judge_allow(judge, 4, "police", "health", "private");
    (void)judge_end(judge, keep, &found);
    assert_non_null(strstr(found.invariants, "I6 "));
    judge_destroy(&judge);
}

static void a_row_that_is_none_is_refused(void **state)
{
    (void)state;
    judge_t *judge = judge_new();
    const char *why = NULL;
    assert_false(judge_agent_row(judge, "police", "debts", "x", 1, "", 0, &why));
    assert_non_null(why);
    assert_false(judge_agent_row(judge, "police", "notices", id_of(0), 16, "\xff", 1, &why));
    assert_false(judge_broker_row(judge, "hub-a", "rows", "x", 1, "", 0, &why));
    assert_true(judge_agent_row(judge, "police", "a-newer-table", "x", 1, "", 0, &why));
    judge_destroy(&judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_run_is_clean),
        cmocka_unit_test(each_mistake_is_found_by_its_invariant),
        cmocka_unit_test(its_story_is_told),
        cmocka_unit_test(what_a_lost_store_held_is_not_asked_for),
        cmocka_unit_test(what_is_owed_to_one_that_is_away_may_wait),
        cmocka_unit_test(what_an_unknown_version_allows_is_not_judged),
        cmocka_unit_test(a_row_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
