/* Whichever call of the store fails, the error comes out as it is, and what was promised to stay
 * untouched is. */
#include "tests/unit/work_faults.h"

static kith_err tell(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    agent_outcome_t said = {.notice_id = {deed->notice->id.data, deed->notice->id.len},
                            .recipient = "health",
                            .outcome = deed->outcome,
                            .reason = KITH__REASON__REASON_REMOVED,
                            .clause = "",
                            .now_ms = w->now_ms};
    return work_outcome(&world_node(w, deed->agency)->work, txn, w->arena, &said);
}

static kith_err link(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    Kith__Api__Link link_made = KITH__API__LINK__INIT;
    work_refusal_t refusal = {0};
    ref.system = NAME("test");
    ref.id = NAME("P-1");
    ask.ref = &ref;
    ask.why = NAME("same address");
    ask.household = deed->household;
    ask.not_the_same = deed->early; /* the other way */
    kith_err err = work_link(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty",
                             w->now_ms, &link_made, &refusal);
    assert_true(err == KITH_OK || link_made.ref == NULL);
    return err;
}

static kith_err done(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    work_refusal_t refusal = {0};
    uint32_t ended = 0;
    ask.notice_id = deed->notice->id;
    kith_err err = work_done(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty",
                             w->now_ms, &ended, &refusal);
    assert_true((err == KITH_OK) == (ended > 0));
    return err;
}

static kith_err ask_everything(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    Kith__Api__FeedRequest asks[4];
    for (size_t i = 0; i < 4; i++) {
        kith__api__feed_request__init(&asks[i]);
        asks[i].by_time = i >= 2;
        asks[i].household = i > 0 ? deed->household : (ProtobufCBinaryData){0};
        asks[i].after = i == 3;
    }
    for (size_t i = 0; i < 4; i++) {
        Kith__Api__FeedResponse response = KITH__API__FEED_RESPONSE__INIT;
        kith_err err = work_feed(work, txn, w->arena, "duty", &asks[i], &response);
        if (err != KITH_OK) {
            return err;
        }
    }
    Kith__Api__InboxRequest inbox_ask = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__InboxResponse inbox = KITH__API__INBOX_RESPONSE__INIT;
    Kith__Api__HouseholdResponse one = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    Kith__Api__HouseholdResponse all = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    kith_err err = work_inbox(work, txn, w->arena, &inbox_ask, &inbox);
    kith_bytes_t household = {deed->household.data, deed->household.len};
    err = err != KITH_OK ? err : work_households(work, txn, w->arena, household, &one);
    Kith__Api__LoadResponse load = KITH__API__LOAD_RESPONSE__INIT;
    err = err != KITH_OK ? err : work_load(work, txn, w->arena, household, 0, 0, w->now_ms, &load);
    return err != KITH_OK ? err : work_households(work, txn, w->arena, (kith_bytes_t){0}, &all);
}

static kith_err subscribe(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    Kith__Api__Draft *draft = world_draft(w);
    work_refusal_t refusal = {0};
    ask.topic = NAME("police.arrest");
    return work_subscribe(&world_node(w, deed->agency)->work, txn, w->arena, &ask, w->now_ms, draft,
                          &refusal);
}

static kith_err offer(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    Kith__Service service = KITH__SERVICE__INIT;
    Kith__Api__Draft *draft = world_draft(w);
    work_refusal_t refusal = {0};
    service.id = service.name = service.what = NAME("clinic");
    ask.service = &service;
    return work_offer(&world_node(w, deed->agency)->work, txn, w->arena, &ask, w->now_ms, draft,
                      &refusal);
}

static kith_err find(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__FindRequest ask = KITH__API__FIND_REQUEST__INIT;
    Kith__Api__FindResponse found = KITH__API__FIND_RESPONSE__INIT;
    work_refusal_t refusal = {0};
    ask.need = NAME("clinic");
    return work_find(&world_node(w, deed->agency)->work, txn, w->arena, &ask, w->now_ms, &found,
                     &refusal);
}

static kith_err look_again(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    int64_t next_ms = -1;
    const work_t *work = &world_node(w, deed->agency)->work;
    kith_err err = work_agreement(work, txn, w->arena);
    return err != KITH_OK ? err : work_tick(work, txn, w->arena, w->now_ms, &next_ms);
}

static kith_err undo_link(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    Kith__Api__Link link_made = KITH__API__LINK__INIT;
    work_refusal_t refusal = {0};
    ref.system = NAME("test");
    ref.id = NAME("P-1");
    ask.ref = &ref;
    ask.why = NAME("same address");
    ask.undo = true;
    return work_link(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty", w->now_ms,
                     &link_made, &refusal);
}

static void every_preparation(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    Kith__Api__Draft *drafts[] = {
        world_event(w, "police.call-out"),
        world_event(w, "safeguarding.concern"),
        world_referral(w, "health"),
        world_alert(w, s.household),
        world_reply(w, s.alert, KITH__ANSWER__ANSWER_ACTING),
        world_change(w, s.household),
        world_seen(w, s.alert),
        world_change(w, (ProtobufCBinaryData){0}),
    };
    world_about(w, drafts[0], "P-1");
    drafts[1]->household = s.household;
    drafts[2]->household = s.household;
    world_seat(w, drafts[5], "health", 0);
    drafts[7] = world_opening(w, "the family at 5");
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++) {
        faults_try_each(w, faults_prepare, &(deed_t){.agency = "police", .draft = drafts[i]});
    }
    Kith__Api__Draft *answer = world_answer(w, s.referral, KITH__REFERRAL_STEP__REFERRAL_ACCEPTED);
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "social-care", .draft = answer});
    faults_try_each(w, subscribe, &(deed_t){.agency = "social-care"});
    Kith__Api__Draft *entry = world_draft(w);
    kith_txn_t *txn = world_begin(w, "social-care");
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    ask.topic = NAME("police.arrest");
    assert_int_equal(work_subscribe(&world_node(w, "social-care")->work, txn, w->arena, &ask,
                                    w->now_ms, entry, &w->refusal),
                     KITH_OK);
    memtxn_abort(world_node(w, "social-care")->store);
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "social-care", .draft = entry});
}

static void every_application(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    static const char *const care[] = {"social-care", NULL}, *const police[] = {"police", NULL};
    static const char *const both[] = {"social-care", "school", NULL};
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    world_about(w, draft, "P-1");
    faults_apply_at(w, "police", draft, care);
    draft = world_event(w, "safeguarding.concern");
    draft->household = s.household;
    faults_apply_at(w, "police", draft, both);
    faults_apply_at(w, "police", world_referral(w, "social-care"), care);
    faults_apply_at(w, "social-care",
                    world_answer(w, s.referral, KITH__REFERRAL_STEP__REFERRAL_ACCEPTED), police);
    faults_apply_at(w, "social-care", world_alert(w, s.household), police);
    faults_apply_at(w, "police", world_reply(w, s.alert, KITH__ANSWER__ANSWER_ACTING), both);
    draft = world_change(w, s.household);
    world_member(w, draft, "uncle", true);
    world_seat(w, draft, "health", 0);
    static const char *const with_newcomer[] = {"social-care", "health", NULL};
    faults_apply_at(w, "police", draft, with_newcomer);
    faults_apply_at(w, "police", world_seen(w, s.alert), care);
}

/* Led by school, with what nobody there has acknowledged and a task to read first. */
static ProtobufCBinaryData led_household(world_t *w)
{
    Kith__Api__Draft *draft = world_opening(w, "the family at 7");
    world_seat(w, draft, "police", 0);
    world_lead(w, draft, "school");
    ProtobufCBinaryData household = world_say(w, "social-care", draft)->household;
    draft = world_event(w, "safeguarding.concern");
    draft->household = household;
    world_say(w, "police", draft);
    return household;
}

static void household_that_is_handed_over_and_closed(void **state)
{
    world_t *w = *state;
    static const char *const both[] = {"social-care", "police", NULL};
    static const char *const successor[] = {"police", "social-care", NULL};
    ProtobufCBinaryData household = led_household(w);
    Kith__Api__Draft *draft = world_change(w, household);
    world_lead(w, draft, "police");
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "school", .draft = draft});
    faults_apply_at(w, "school", draft, successor);
    draft = world_closing(w, household, false);
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "school", .draft = draft});
    faults_apply_at(w, "school", draft, both);
    world_say(w, "school", draft);
    draft = world_event(w, "safeguarding.concern");
    draft->household = household;
    static const char *const last_lead[] = {"school", NULL};
    faults_apply_at(w, "police", draft, last_lead);
    world_say(w, "police", draft);
    faults_apply_at(w, "social-care", world_closing(w, household, true), last_lead);
}

static void lead_that_is_wanted_after_a_new_file(void **state)
{
    world_t *w = *state;
    kith_agency_t agencies[WORLD_NODES + 1];
    memcpy(agencies, w->agreement.agencies, sizeof agencies);
    led_household(w);
    agencies[4].left = true; /* school */
    w->agreement.agencies = agencies;
    faults_try_each(w, look_again, &(deed_t){.agency = "police"});
}

static void directory_that_is_changed_and_asked(void **state)
{
    world_t *w = *state;
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    Kith__Service service = KITH__SERVICE__INIT;
    service.id = service.name = service.what = NAME("clinic");
    ask.service = &service;
    faults_try_each(w, offer, &(deed_t){.agency = "health"});
    world_say(w, "health", world_offer(w, "health", &ask));
    faults_try_each(w, find, &(deed_t){.agency = "police"});
    Kith__Api__Draft *draft = world_referral(w, "health");
    draft->referral->service = NAME("clinic");
    faults_try_each(w, faults_prepare, &(deed_t){.agency = "police", .draft = draft});
}

static void household_that_becomes_known(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_opening(w, "the family at 5");
    ProtobufCBinaryData household = world_submit(w, "police", draft)->household;
    draft = world_event(w, "safeguarding.concern");
    draft->household = household;
    world_to(w, draft, "social-care");
    world_say(w, "police", draft);
    draft = world_change(w, household);
    world_seat(w, draft, "social-care", 0);
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    faults_try_each(w, faults_apply,
                    &(deed_t){.agency = "social-care", .notice = w->prepared.notice});
}

static void early_row_that_is_replaced(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    world_about(w, draft, "P-1");
    Kith__Notice *notice = world_submit(w, "police", draft);
    assert_int_equal(world_try_deliver(w, "social-care", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    faults_try_each(w, faults_apply, &(deed_t){.agency = "social-care", .notice = notice});
}

/* One record, said again with more in it. */
static void record_that_is_said_again(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    Kith__Reference source = KITH__REFERENCE__INIT;
    source.system = NAME("rms");
    source.id = NAME("7001");
    draft->household = s.household;
    draft->event->source = &source;
    world_say(w, "police", draft);
    draft->event->minutes_spent = 20;
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    Kith__Notice *again = w->prepared.notice;
    faults_try_each(w, faults_apply, &(deed_t){.agency = "social-care", .notice = again});
    faults_try_each(w, faults_apply, &(deed_t){.agency = "school", .notice = again});
}

/* The hour of what is expected, the end of a window, and the days of a need. */
static void every_rule_that_is_due(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    draft->household = s.household;
    world_say(w, "police", draft);
    draft = world_referral(w, "health");
    draft->household = s.household;
    world_say(w, "police", draft);
    world_tick(w, "social-care");
    for (size_t days = 0; days < 40; days += 13) {
        for (size_t i = 0; i < 2; i++) {
            const char *agency = i == 0 ? "social-care" : "police";
            faults_try_each(w, faults_tick, &(deed_t){.agency = agency, .now_ms = w->now_ms});
            world_tick(w, agency);
        }
        w->now_ms += 13 * DAY;
    }
    assert_non_null(strstr(world_tasks(w, "social-care"), "nothing-arrived"));
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    Kith__Notice *comes = w->prepared.notice;
    comes->referral->to = NAME("social-care");
    faults_try_each(w, faults_apply, &(deed_t){.agency = "social-care", .notice = comes});
}

static void every_change_that_stays_here(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    deed_t linking = {.agency = "social-care", .household = s.household};
    faults_try_each(w, link, &linking);
    world_link(w, "social-care", "P-1", s.household);
    faults_try_each(w, undo_link, &linking);
    linking.early = true;
    faults_try_each(w, link, &linking);
    static const Kith__Outcome outcomes[] = {KITH__OUTCOME__OUTCOME_REFUSED,
                                             KITH__OUTCOME__OUTCOME_DELIVERED_LATE};
    world_outcome(w, "police", s.stray, "health", KITH__OUTCOME__OUTCOME_EXPIRED, 0);
    for (size_t i = 0; i < 2; i++) {
        faults_try_each(w, tell,
                        &(deed_t){.agency = "police", .notice = s.stray, .outcome = outcomes[i]});
    }
    faults_try_each(w, done, &(deed_t){.agency = "police", .notice = s.stray});
    faults_try_each(w, faults_tick, &(deed_t){.agency = "social-care", .now_ms = w->now_ms + DAY});
}

static void every_question(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    world_link(w, "social-care", "P-1", s.household);
    world_say(w, "police", world_seen(w, s.alert));
    faults_try_each(w, ask_everything,
                    &(deed_t){.agency = "social-care", .household = s.household});
    faults_try_each(w, faults_ask_more, &(deed_t){.agency = "social-care", .notice = s.alert});
}

/* Half of what one commit wrote is gone: no answer is made up. */
static void damaged_view_is_told(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    static const int tables[] = {AGENT_TABLE_FEED, AGENT_TABLE_TASKS, AGENT_TABLE_REFERRALS};
    for (size_t i = 0; i < 3; i++) {
        kith_txn_t *txn = world_begin(w, "police");
        kith_bytes_t key, value;
        while (kith_next(txn, tables[i], (kith_bytes_t){0}, (kith_bytes_t){0}, &key, &value) ==
               KITH_OK) {
            assert_int_equal(kith_del(txn, tables[i], kith_arena_copy(w->arena, key)), KITH_OK);
        }
        deed_t deed = {.agency = "police",
                       .household = s.household,
                       .notice = s.alert,
                       .draft = world_seen(w, s.alert)};
        assert_int_equal(ask_everything(w, &deed, txn), KITH_CORRUPT);
        if (tables[i] == AGENT_TABLE_FEED) {
            assert_int_equal(faults_prepare(w, &deed, txn), KITH_CORRUPT);
        }
        memtxn_abort(world_node(w, "police")->store);
    }
}

static void damaged_record_is_told(void **state)
{
    world_t *w = *state;
    stage_t s = faults_stage(w);
    static const uint8_t no_record[] = {0xff};
    kith_txn_t *txn = world_begin(w, "police");
    kith_bytes_t household = {s.household.data, s.household.len};
    assert_int_equal(kith_put(txn, AGENT_TABLE_HOUSEHOLDS, household,
                              (kith_bytes_t){no_record, sizeof no_record}),
                     KITH_OK);
    deed_t deed = {.agency = "police", .draft = world_alert(w, s.household)};
    assert_int_equal(faults_prepare(w, &deed, txn), KITH_CORRUPT);
    Kith__Api__HouseholdResponse all = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    assert_int_equal(
        work_households(&world_node(w, "police")->work, txn, w->arena, (kith_bytes_t){0}, &all),
        KITH_CORRUPT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_preparation),
        TEST(every_application),
        TEST(household_that_is_handed_over_and_closed),
        TEST(lead_that_is_wanted_after_a_new_file),
        TEST(directory_that_is_changed_and_asked),
        TEST(household_that_becomes_known),
        TEST(early_row_that_is_replaced),
        TEST(record_that_is_said_again),
        TEST(every_rule_that_is_due),
        TEST(every_change_that_stays_here),
        TEST(every_question),
        TEST(damaged_view_is_told),
        TEST(damaged_record_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
