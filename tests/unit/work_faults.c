/* See work_faults.h. */
#include "tests/unit/work_faults.h"

/* Fails each call in turn until the deed is done without a failure. */
void faults_try_each(world_t *w, deed_f *run, const deed_t *deed)
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

kith_err faults_prepare(world_t *w, const deed_t *deed, kith_txn_t *txn)
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

kith_err faults_apply(world_t *w, const deed_t *deed, kith_txn_t *txn)
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

kith_err faults_tick(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    int64_t next_ms = -1;
    kith_err err =
        work_tick(&world_node(w, deed->agency)->work, txn, w->arena, deed->now_ms, &next_ms);
    assert_true(err == KITH_OK || next_ms == -1);
    return err;
}

/* The notice as it is, into an agency that has not had it, and into its origin once more. */
void faults_apply_at(world_t *w, const char *agency, const Kith__Api__Draft *draft,
                     const char *const *others)
{
    assert_int_equal(world_prepare(w, agency, draft), KITH_OK);
    Kith__Notice *notice = w->prepared.notice;
    faults_try_each(w, faults_apply, &(deed_t){.agency = agency, .notice = notice});
    for (; *others != NULL; others++) {
        faults_try_each(w, faults_apply, &(deed_t){.agency = *others, .notice = notice});
        bool shown = notice->body_case != KITH__NOTICE__BODY_DIRECTORY;
        if (shown) {
            faults_try_each(w, faults_apply,
                            &(deed_t){.agency = *others, .notice = notice, .early = true});
        }
    }
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

stage_t faults_stage(world_t *w)
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

kith_err faults_ask_more(world_t *w, const deed_t *deed, kith_txn_t *txn)
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
