/* Whichever call of the store fails around the feed, the error comes out as it is. */
#include "tests/unit/work_faults.h"
#include "tests/unit/work_world_feed.h"

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
    stage_t s = faults_stage(w);
    world_tells(w);
    deed_t deed = {.agency = "social-care", .household = s.household};
    world_say(w, "police", account(w, s.household, "a row"));
    Kith__Notice *late = world_submit(w, "police", account(w, s.household, "a film"));
    for (size_t i = 0; i < 2; i++) {
        deed.notice =
            world_submit(w, "police", account(w, s.household, i == 0 ? "a row" : "a fire"));
        faults_try_each(w, faults_apply, &deed);
        world_deliver(w, "social-care", deed.notice);
    }
    deed.notice = late;
    faults_try_each(w, faults_apply, &deed);
    faults_try_each(w, set_snooze, &deed);
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(set_snooze(w, &deed, txn), KITH_OK);
    world_commit(w, "social-care");
    deed.notice = world_submit(w, "police", account(w, s.household, "a fight"));
    faults_try_each(w, faults_apply, &deed);
    world_deliver(w, "social-care", deed.notice);
    for (size_t i = 0; i < 2; i++) {
        deed.early = i == 1;
        faults_try_each(w, ask_about_feed, &deed);
        faults_try_each(w, set_snooze, &deed);
    }
    deed.now_ms = w->now_ms + 2 * HOUR;
    faults_try_each(w, faults_tick, &deed);
    world_pass(w, "social-care", w->now_ms + 2 * DAY);
    deed.now_ms = w->now_ms + 5 * DAY;
    faults_try_each(w, faults_tick, &deed);
    faults_try_each(w, ask_about_feed, &deed);
    faults_try_each(w, look, &deed);
    deed.household = (ProtobufCBinaryData){0};
    faults_try_each(w, look, &deed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_around_the_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
