/* Whichever call of the store fails, the error comes out as it is, and what was promised to stay
 * untouched is. */
#include "tests/unit/work_world_feed.h"

/* One thing an agency does, with what it is about. */
typedef struct deed {
    const char *agency;
    const Kith__Api__Draft *draft;
    const Kith__Notice *notice; /* own when the agency is its origin */
    bool early;
    ProtobufCBinaryData household;
    Kith__Outcome outcome;
    int64_t now_ms;
} deed_t;

typedef kith_err deed_f(world_t *w, const deed_t *deed, kith_txn_t *txn);

/* Fails each call in turn until the deed is done without a failure. */
static void try_each(world_t *w, deed_f *run, const deed_t *deed)
{
    world_node_t *node = world_node(w, deed->agency);
    for (uint64_t nth = 1;; nth++) {
        kith_txn_t *txn = memtxn_begin(node->store);
        uint64_t before = memtxn_calls(node->store);
        memtxn_fail(node->store, nth, KITH_IO);
        kith_err err = run(w, deed, txn);
        bool done = memtxn_calls(node->store) - before < nth;
        memtxn_fail(node->store, 0, KITH_OK);
        memtxn_abort(node->store);
        assert_int_equal(err, done ? KITH_OK : KITH_IO);
        if (done) {
            assert_true(nth > 1);
            return;
        }
    }
}

static kith_err prepare(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    static const uint8_t random[10] = {1};
    kith_id_t id = kith_id_make(w->now_ms, random);
    work_prepared_t prepared = {0};
    work_refusal_t refusal = {0};
    kith_err err = work_prepare(&world_node(w, deed->agency)->work, txn, w->arena, deed->draft, &id,
                                "duty officer", w->now_ms, &prepared, &refusal);
    assert_true(err == KITH_OK || prepared.notice == NULL);
    assert_null(refusal.rule);
    return err;
}

static kith_err apply(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    agent_received_t in = {
        .origin = deed->notice->origin,
        .notice = deed->notice,
        .mine = strcmp(deed->agency, deed->notice->origin) == 0,
        .early = deed->early,
        .now_ms = w->now_ms,
    };
    Kith__Reason reason = KITH__REASON__REASON_UNSPECIFIED;
    kith_err err = work_apply(&world_node(w, deed->agency)->work, txn, w->arena, &in, &reason);
    assert_int_equal(reason, KITH__REASON__REASON_UNSPECIFIED);
    return err;
}

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

static kith_err tick(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    int64_t next_ms = -1;
    kith_err err =
        work_tick(&world_node(w, deed->agency)->work, txn, w->arena, deed->now_ms, &next_ms);
    assert_true(err == KITH_OK || next_ms == -1);
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

static kith_err ask_more(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    kith_bytes_t id = {deed->notice->id.data, deed->notice->id.len};
    Kith__Api__AlertBoard *board = NULL;
    Kith__Api__SeenBy **seen = NULL;
    size_t seen_count = 0;
    uint64_t tasks, feed, front_door;
    kith_err err = work_board(work, txn, w->arena, id, w->now_ms, &board);
    err = err != KITH_OK ? err : work_seen_by(work, txn, w->arena, id, &seen_count, &seen);
    err = err != KITH_OK ? err : work_counts(work, txn, &tasks, &feed, &front_door);
    return err != KITH_OK
               ? err
               : work_record_look(work, txn, w->arena, "duty", id, id, "show", w->now_ms);
}

static kith_err ask_about_feed(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    Kith__Api__GroupsRequest groups_ask = KITH__API__GROUPS_REQUEST__INIT;
    Kith__Api__GroupsResponse groups = KITH__API__GROUPS_RESPONSE__INIT;
    Kith__Api__SnoozesRequest snoozes_ask = KITH__API__SNOOZES_REQUEST__INIT;
    Kith__Api__SnoozesResponse snoozes = KITH__API__SNOOZES_RESPONSE__INIT;
    Kith__Api__TellingsRequest tellings_ask = KITH__API__TELLINGS_REQUEST__INIT;
    Kith__Api__TellingsResponse tellings = KITH__API__TELLINGS_RESPONSE__INIT;
    snoozes_ask.ended = deed->early;
    kith_err err = work_groups(work, txn, w->arena, "duty", &groups_ask, &groups);
    err = err != KITH_OK ? err : work_snoozes(work, txn, w->arena, &snoozes_ask, &snoozes);
    return err != KITH_OK ? err
                          : work_tellings(work, txn, w->arena, &tellings_ask, w->now_ms, &tellings);
}

static kith_err look(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    work_refusal_t refusal = {0};
    uint64_t left = UINT64_MAX;
    ask.household = deed->household;
    ask.up_to = 1;
    kith_err err = work_looked(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty",
                               &left, &refusal);
    assert_true((err == KITH_OK) == (left != UINT64_MAX));
    return err;
}

static kith_err set_snooze(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT, set = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    work_refusal_t refusal = {0};
    snooze.household = deed->household;
    snooze.why = NAME("visit tonight");
    snooze.until_ms = w->now_ms + HOUR;
    ask.snooze = deed->early ? NULL : &snooze; /* or ends the first */
    ask.end = deed->early ? 1 : 0;
    kith_err err = work_snooze(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty",
                               w->now_ms, &set, &refusal);
    assert_true((err == KITH_OK) == (set.seq != 0));
    return err;
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

static kith_err look(world_t *w, const deed_t *deed, kith_txn_t *txn)
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
    ask.undo = true;
    return work_link(&world_node(w, deed->agency)->work, txn, w->arena, &ask, "duty", w->now_ms,
                     &link_made, &refusal);
}

/* So that whatever comes has to do with each of them. */
static void set_rules(world_t *w)
{
    static kith_rule_t rules[] = {
        {.name = "any", .notices = 1, .agencies = 1, .days = 30},
        {.name = "no-lead", .minutes = 1, .agencies = 1, .days = 30, .unless_lead = true}};
    static const char *everyone[] = {"police", "social-care", "school"};
    kith_expected_t *expected = kith_arena_need(w->arena, sizeof *expected);
    *expected = (kith_expected_t){.name = "notices",
                                  .topic = "*",
                                  .from = "police",
                                  .by_ms = 510 * (int32_t)MINUTE,
                                  .since_ms = -1,
                                  .calendar = w->agreement.agencies[0].calendar,
                                  .to = everyone,
                                  .to_count = 3};
    w->agreement.rules = rules;
    w->agreement.rules_count = 2;
    w->agreement.expected = expected;
    w->agreement.expected_count = 1;
    w->agreement.need_days = w->agreement.twice_days = 14;
}

/* What the deeds are about: a household with a lead, an alert, a referral, a stray event. */
typedef struct stage {
    ProtobufCBinaryData household;
    Kith__Notice *stray, *alert, *referral;
} stage_t;

static stage_t set_up(world_t *w)
{
    stage_t s = {0};
    set_rules(w);
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    world_about(w, draft, "P-1");
    s.stray = world_say(w, "police", draft);
    draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "police", 0);
    world_lead(w, draft, "school");
    world_member(w, draft, "mother", false);
    s.household = world_say(w, "social-care", draft)->household;
    world_subscribe(w, "housing", "police.call-out");
    s.alert = world_say(w, "social-care", world_alert(w, s.household));
    draft = world_referral(w, "social-care");
    draft->household = s.household;
    s.referral = world_say(w, "police", draft);
    return s;
}

static void every_preparation(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
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
        try_each(w, prepare, &(deed_t){.agency = "police", .draft = drafts[i]});
    }
    Kith__Api__Draft *answer = world_answer(w, s.referral, KITH__REFERRAL_STEP__REFERRAL_ACCEPTED);
    try_each(w, prepare, &(deed_t){.agency = "social-care", .draft = answer});
    try_each(w, subscribe, &(deed_t){.agency = "social-care"});
    Kith__Api__Draft *entry = world_draft(w);
    kith_txn_t *txn = world_begin(w, "social-care");
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    ask.topic = NAME("police.arrest");
    assert_int_equal(work_subscribe(&world_node(w, "social-care")->work, txn, w->arena, &ask,
                                    w->now_ms, entry, &w->refusal),
                     KITH_OK);
    memtxn_abort(world_node(w, "social-care")->store);
    try_each(w, prepare, &(deed_t){.agency = "social-care", .draft = entry});
}

/* The notice as it is, into an agency that has not had it, and into its origin once more. */
static void apply_at(world_t *w, const char *agency, const Kith__Api__Draft *draft,
                     const char *const *others)
{
    assert_int_equal(world_prepare(w, agency, draft), KITH_OK);
    Kith__Notice *notice = w->prepared.notice;
    try_each(w, apply, &(deed_t){.agency = agency, .notice = notice});
    for (; *others != NULL; others++) {
        try_each(w, apply, &(deed_t){.agency = *others, .notice = notice});
        bool shown = notice->body_case != KITH__NOTICE__BODY_DIRECTORY;
        if (shown) {
            try_each(w, apply, &(deed_t){.agency = *others, .notice = notice, .early = true});
        }
    }
}

static void every_application(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
    static const char *const care[] = {"social-care", NULL}, *const police[] = {"police", NULL};
    static const char *const both[] = {"social-care", "school", NULL};
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    world_about(w, draft, "P-1");
    apply_at(w, "police", draft, care);
    draft = world_event(w, "safeguarding.concern");
    draft->household = s.household;
    apply_at(w, "police", draft, both);
    apply_at(w, "police", world_referral(w, "social-care"), care);
    apply_at(w, "social-care", world_answer(w, s.referral, KITH__REFERRAL_STEP__REFERRAL_ACCEPTED),
             police);
    apply_at(w, "social-care", world_alert(w, s.household), police);
    apply_at(w, "police", world_reply(w, s.alert, KITH__ANSWER__ANSWER_ACTING), both);
    draft = world_change(w, s.household);
    world_member(w, draft, "uncle", true);
    world_seat(w, draft, "health", 0);
    static const char *const with_newcomer[] = {"social-care", "health", NULL};
    apply_at(w, "police", draft, with_newcomer);
    apply_at(w, "police", world_seen(w, s.alert), care);
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
    try_each(w, prepare, &(deed_t){.agency = "school", .draft = draft});
    apply_at(w, "school", draft, successor);
    draft = world_closing(w, household, false);
    try_each(w, prepare, &(deed_t){.agency = "school", .draft = draft});
    apply_at(w, "school", draft, both);
    world_say(w, "school", draft);
    draft = world_event(w, "safeguarding.concern");
    draft->household = household;
    static const char *const last_lead[] = {"school", NULL};
    apply_at(w, "police", draft, last_lead);
    world_say(w, "police", draft);
    apply_at(w, "social-care", world_closing(w, household, true), last_lead);
}

static void lead_that_is_wanted_after_a_new_file(void **state)
{
    world_t *w = *state;
    kith_agency_t agencies[WORLD_NODES + 1];
    memcpy(agencies, w->agreement.agencies, sizeof agencies);
    led_household(w);
    agencies[4].left = true; /* school */
    w->agreement.agencies = agencies;
    try_each(w, look, &(deed_t){.agency = "police"});
}

static void directory_that_is_changed_and_asked(void **state)
{
    world_t *w = *state;
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    Kith__Service service = KITH__SERVICE__INIT;
    service.id = service.name = service.what = NAME("clinic");
    ask.service = &service;
    try_each(w, offer, &(deed_t){.agency = "health"});
    world_say(w, "health", world_offer(w, "health", &ask));
    try_each(w, find, &(deed_t){.agency = "police"});
    Kith__Api__Draft *draft = world_referral(w, "health");
    draft->referral->service = NAME("clinic");
    try_each(w, prepare, &(deed_t){.agency = "police", .draft = draft});
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
    try_each(w, apply, &(deed_t){.agency = "social-care", .notice = w->prepared.notice});
}

static void early_row_that_is_replaced(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_event(w, "safeguarding.concern");
    world_about(w, draft, "P-1");
    Kith__Notice *notice = world_submit(w, "police", draft);
    assert_int_equal(world_try_deliver(w, "social-care", notice, (deliver_with_t){.early = true}),
                     KITH_OK);
    try_each(w, apply, &(deed_t){.agency = "social-care", .notice = notice});
}

/* One record, said again with more in it. */
static void record_that_is_said_again(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
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
    try_each(w, apply, &(deed_t){.agency = "social-care", .notice = again});
    try_each(w, apply, &(deed_t){.agency = "school", .notice = again});
}

/* The hour of what is expected, the end of a window, and the days of a need. */
static void every_rule_that_is_due(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
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
            try_each(w, tick, &(deed_t){.agency = agency, .now_ms = w->now_ms});
            world_tick(w, agency);
        }
        w->now_ms += 13 * DAY;
    }
    assert_non_null(strstr(world_tasks(w, "social-care"), "nothing-arrived"));
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    Kith__Notice *comes = w->prepared.notice;
    comes->referral->to = NAME("social-care");
    try_each(w, apply, &(deed_t){.agency = "social-care", .notice = comes});
}

static void every_change_that_stays_here(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
    deed_t linking = {.agency = "social-care", .household = s.household};
    try_each(w, link, &linking);
    world_link(w, "social-care", "P-1", s.household);
    try_each(w, undo_link, &linking);
    linking.early = true;
    try_each(w, link, &linking);
    static const Kith__Outcome outcomes[] = {KITH__OUTCOME__OUTCOME_REFUSED,
                                             KITH__OUTCOME__OUTCOME_DELIVERED_LATE};
    world_outcome(w, "police", s.stray, "health", KITH__OUTCOME__OUTCOME_EXPIRED, 0);
    for (size_t i = 0; i < 2; i++) {
        try_each(w, tell, &(deed_t){.agency = "police", .notice = s.stray, .outcome = outcomes[i]});
    }
    try_each(w, done, &(deed_t){.agency = "police", .notice = s.stray});
    try_each(w, tick, &(deed_t){.agency = "social-care", .now_ms = w->now_ms + DAY});
}

static void every_question(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
    world_link(w, "social-care", "P-1", s.household);
    world_say(w, "police", world_seen(w, s.alert));
    try_each(w, ask_everything, &(deed_t){.agency = "social-care", .household = s.household});
    try_each(w, ask_more, &(deed_t){.agency = "social-care", .notice = s.alert});
}

/* ---- what a team does together ---- */

#define NEW(w, variable, init)                                                                     \
    do {                                                                                           \
        (variable) = kith_arena_need((w)->arena, sizeof *(variable));                              \
        init(variable);                                                                            \
    } while (0)

static Kith__Api__Draft *assessment(world_t *w, ProtobufCBinaryData of, Kith__AssessmentStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    bool asks = step == KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED;
    draft->body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    NEW(w, draft->assessment, kith__assessment__init);
    draft->assessment->step = step;
    *(asks ? &draft->household : &draft->assessment->assessment) = of;
    draft->assessment->kind = NAME(asks ? "early-help" : "");
    draft->assessment->reason = NAME("a reason");
    draft->assessment->text = NAME("a text");
    draft->assessment->family_view = NAME("their words");
    return draft;
}

static Kith__Api__Draft *plan(world_t *w, ProtobufCBinaryData household)
{
    Kith__Api__Draft *draft = world_draft(w);
    draft->household = household;
    draft->body_case = KITH__API__DRAFT__BODY_PLAN;
    NEW(w, draft->plan, kith__plan__init);
    draft->plan->outcomes = kith_arena_need(w->arena, sizeof *draft->plan->outcomes);
    NEW(w, draft->plan->outcomes[0], kith__plan_outcome__init);
    draft->plan->n_outcomes = 1;
    draft->plan->outcomes[0]->text = NAME("in bed by nine");
    draft->plan->outcomes[0]->owner = NAME("police");
    draft->plan->review_ms = w->now_ms + DAY;
    draft->plan->family_view = NAME("their words");
    return draft;
}

static Kith__Api__Draft *small_help(world_t *w, ProtobufCBinaryData of, Kith__SmallHelpStep step)
{
    Kith__Api__Draft *draft = world_draft(w);
    bool asks = step == KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED;
    draft->body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    NEW(w, draft->small_help, kith__small_help__init);
    draft->small_help->step = step;
    *(asks ? &draft->household : &draft->small_help->help) = of;
    draft->small_help->what = NAME("a fare");
    draft->small_help->amount = 1000;
    return draft;
}

static void prepared_and_applied(world_t *w, const char *agency, const Kith__Api__Draft *draft,
                                 const char *other)
{
    try_each(w, prepare, &(deed_t){.agency = agency, .draft = draft});
    apply_at(w, agency, draft, (const char *const[]){other, NULL});
}

/* A household whose lead is social care, with an assessment that police asked for, a plan, and
 * small help that is approved. */
typedef struct together {
    ProtobufCBinaryData household;
    Kith__Notice *asked, *help;
} together_t;

static together_t set_together(world_t *w)
{
    together_t t = {0};
    Kith__Api__Draft *draft = world_opening(w, "the family at 3");
    world_seat(w, draft, "police", 0);
    world_lead(w, draft, "social-care");
    t.household = world_say(w, "police", draft)->household;
    t.asked = world_say(w, "police",
                        assessment(w, t.household, KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED));
    world_say(w, "police", plan(w, t.household));
    t.help =
        world_say(w, "police", small_help(w, t.household, KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED));
    return t;
}

static void every_step_of_what_a_team_does_together(void **state)
{
    world_t *w = *state;
    together_t t = set_together(w);
    char *despite[] = {NAME("assessment-exists")};
    Kith__Api__Draft *draft =
        assessment(w, t.household, KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED);
    draft->despite = despite;
    draft->n_despite = 1;
    prepared_and_applied(w, "police", draft, "social-care");
    prepared_and_applied(w, "social-care",
                         assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_CONTRIBUTED),
                         "police");
    prepared_and_applied(w, "police",
                         assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_COMPLETED),
                         "social-care");
    prepared_and_applied(w, "police", plan(w, t.household), "social-care");
    prepared_and_applied(w, "police",
                         small_help(w, t.household, KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED),
                         "social-care");
    Kith__Api__Draft *approved =
        small_help(w, t.help->id, KITH__SMALL_HELP_STEP__SMALL_HELP_APPROVED);
    prepared_and_applied(w, "social-care", approved, "police");
    world_say(w, "social-care", approved);
    prepared_and_applied(w, "police",
                         small_help(w, t.help->id, KITH__SMALL_HELP_STEP__SMALL_HELP_SPENT),
                         "social-care");
    draft = world_change(w, t.household); /* who joins is told of it all, and we said something */
    world_seat(w, draft, "health", 0);
    prepared_and_applied(w, "social-care", draft, "health");
    assert_int_equal(world_prepare(w, "social-care", draft), KITH_OK);
    Kith__Notice *joins = w->prepared.notice;
    world_say(w, "police", plan(w, t.household));
    try_each(w, apply, &(deed_t){.agency = "police", .notice = joins});
    draft = world_event(w, "police.call-out");
    draft->household = t.household;
    draft->event->occurred_ms = w->now_ms;
    prepared_and_applied(w, "police", draft, "social-care");
    try_each(w, tick, &(deed_t){.agency = "social-care", .now_ms = w->now_ms + 90 * DAY});
}

static kith_err ask_together(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    kith_bytes_t household = {deed->household.data, deed->household.len};
    kith_bytes_t id = {deed->notice->id.data, deed->notice->id.len};
    Kith__Api__AssessmentState *state = NULL;
    Kith__Api__PlanView view = KITH__API__PLAN_VIEW__INIT;
    Kith__Api__PotResponse pots = KITH__API__POT_RESPONSE__INIT;
    Kith__Api__HouseholdResponse one = KITH__API__HOUSEHOLD_RESPONSE__INIT;
    kith_err err = work_assessment(work, txn, w->arena, id, &state);
    err = err != KITH_OK ? err : work_plan(work, txn, w->arena, household, w->now_ms, &view);
    err = err != KITH_OK ? err : work_pots(work, txn, w->arena, "", &pots);
    return err != KITH_OK ? err : work_households(work, txn, w->arena, household, &one);
}

static void every_question_about_what_a_team_does_together(void **state)
{
    world_t *w = *state;
    together_t t = set_together(w);
    world_say(w, "social-care",
              assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_CONTRIBUTED));
    world_say(w, "police", assessment(w, t.asked->id, KITH__ASSESSMENT_STEP__ASSESSMENT_COMPLETED));
    deed_t deed = {.agency = "social-care", .household = t.household, .notice = t.asked};
    try_each(w, ask_together, &deed);

static Kith__Api__Draft *account(world_t *w, ProtobufCBinaryData household, const char *narrative)
{
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = household;
    draft->event->narrative = NAME(narrative);
    draft->event->source = kith_arena_need(w->arena, sizeof *draft->event->source);
    kith__reference__init(draft->event->source);
    draft->event->source->system = NAME("crm");
    draft->event->source->id = NAME("C-1");
    world_about(w, draft, "P-9");
    return draft;
}

/* An incident said again, corrected and corrected late, in a family with a snooze; its end, with
 * the digest of what it hid; looks and questions. */
static void all_around_the_feed(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
    world_tells(w);
    deed_t deed = {.agency = "social-care", .household = s.household};
    world_say(w, "police", account(w, s.household, "a row"));
    Kith__Notice *late = world_submit(w, "police", account(w, s.household, "a film"));
    for (size_t i = 0; i < 2; i++) {
        deed.notice =
            world_submit(w, "police", account(w, s.household, i == 0 ? "a row" : "a fire"));
        try_each(w, apply, &deed);
        world_deliver(w, "social-care", deed.notice);
    }
    deed.notice = late;
    try_each(w, apply, &deed);
    try_each(w, set_snooze, &deed);
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(set_snooze(w, &deed, txn), KITH_OK);
    world_commit(w, "social-care");
    deed.notice = world_submit(w, "police", account(w, s.household, "a fight"));
    try_each(w, apply, &deed);
    world_deliver(w, "social-care", deed.notice);
    for (size_t i = 0; i < 2; i++) {
        deed.early = i == 1;
        try_each(w, ask_about_feed, &deed);
        try_each(w, set_snooze, &deed);
    }
    deed.now_ms = w->now_ms + 2 * HOUR;
    try_each(w, tick, &deed);
    world_pass(w, "social-care", w->now_ms + 2 * DAY);
    deed.now_ms = w->now_ms + 5 * DAY;
    try_each(w, tick, &deed);
    try_each(w, ask_about_feed, &deed);
    try_each(w, look, &deed);
    deed.household = (ProtobufCBinaryData){0};
    try_each(w, look, &deed);
}

/* Half of what one commit wrote is gone: no answer is made up. */
static void damaged_view_is_told(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
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
            assert_int_equal(prepare(w, &deed, txn), KITH_CORRUPT);
        }
        memtxn_abort(world_node(w, "police")->store);
    }
}

static void damaged_record_is_told(void **state)
{
    world_t *w = *state;
    stage_t s = set_up(w);
    static const uint8_t no_record[] = {0xff};
    kith_txn_t *txn = world_begin(w, "police");
    kith_bytes_t household = {s.household.data, s.household.len};
    assert_int_equal(kith_put(txn, AGENT_TABLE_HOUSEHOLDS, household,
                              (kith_bytes_t){no_record, sizeof no_record}),
                     KITH_OK);
    deed_t deed = {.agency = "police", .draft = world_alert(w, s.household)};
    assert_int_equal(prepare(w, &deed, txn), KITH_CORRUPT);
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
        TEST(every_step_of_what_a_team_does_together),
        TEST(every_question_about_what_a_team_does_together),
        TEST(all_around_the_feed),
        TEST(damaged_view_is_told),
        TEST(damaged_record_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
