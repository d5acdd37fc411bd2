/* The feed: order, pages, flags, early arrivals, and counts. */
#include "base/key.h"
#include "tests/unit/work_world.h"

static const char *const housing[] = {"housing", NULL};

/* A call-out of this household, that long ago. */
static Kith__Notice *say_event(world_t *w, ProtobufCBinaryData household, int64_t ago_ms)
{
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->household = household;
    event->event->occurred_ms = w->now_ms - ago_ms;
    return world_say(w, "police", event);
}

static void entry_says_what_its_row_says(void **state)
{
    world_t *w = *state;
    Kith__Severity severity = KITH__SEVERITY__INIT;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    severity.scale = NAME("grade");
    severity.value = NAME("I");
    event->event->severity = &severity;
    event->event->minutes_spent = 75;
    Kith__Notice *notice = world_say(w, "police", event);
    Kith__Api__FeedEntry *entry = world_last(w, "social-care");
    assert_memory_equal(entry->id.data, notice->id.data, KITH_ID_BYTES);
    assert_string_equal(entry->origin, "police");
    assert_string_equal(entry->kind, "event");
    assert_string_equal(entry->topic, "police.call-out");
    assert_string_equal(entry->summary, "call-out: Raised voices reported by a neighbour.");
    assert_string_equal(entry->severity, "grade: I");
    assert_int_equal(entry->minutes_spent, 75);
    assert_int_equal(entry->occurred_ms, notice->event->occurred_ms);
    assert_false(entry->mine);
    assert_true(world_last(w, "police")->mine);
    assert_int_equal(world_last(w, "police")->seq, 1);
}

static void event_of_unknown_time_stands_where_it_was_made(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *event = world_event(w, "police.call-out");
    event->event->occurred_ms = 0;
    Kith__Notice *notice = world_say(w, "police", event);
    assert_int_equal(world_last(w, "social-care")->occurred_ms, notice->created_ms);
}

static void a_cause_that_is_not_here_yet_is_said(void **state)
{
    world_t *w = *state;
    Kith__Notice *cause = world_submit(w, "police", world_event(w, "police.call-out"));
    Kith__Api__Draft *effect = world_event(w, "police.call-out");
    effect->n_caused_by = 1;
    effect->caused_by = &cause->id;
    Kith__Notice *first = world_submit(w, "police", effect);
    world_deliver(w, "social-care", first);
    Kith__Api__FeedEntry *entry = world_last(w, "social-care");
    assert_string_equal(entry->flags[entry->n_flags - 1], "cause-missing");
    world_deliver(w, "social-care", cause);
    Kith__Notice *second = world_submit(w, "police", effect);
    world_deliver(w, "social-care", second);
    entry = world_last(w, "social-care");
    for (size_t i = 0; i < entry->n_flags; i++)
        assert_string_not_equal(entry->flags[i], "cause-missing");
}

static void flags_say_how_it_came(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "safeguarding.concern"));
    assert_int_equal(
        world_try_deliver(w, "housing", notice,
                          (deliver_with_t){.late = true, .again = true, .clock_apart = true}),
        KITH_OK);
    Kith__Api__FeedEntry *entry = world_last(w, "housing");
    static const char *const flags[] = {"urgent", "late", "again", "clock-apart",
                                        "unknown-household"};
    assert_int_equal(entry->n_flags, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(world_flag(entry, flags[i]));
    }
    assert_true(world_flag(world_last(w, "police"), "urgent"));
}

static void pages_go_by_arrival(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < 5; i++) {
        say_event(w, (ProtobufCBinaryData){0}, (int64_t)i * DAY);
    }
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.limit = 2;
    for (uint64_t first = 1; first <= 5; first += 2) {
        Kith__Api__FeedResponse *page = world_feed(w, "social-care", ask);
        assert_int_equal(page->n_entries, first == 5 ? 1 : 2);
        assert_int_equal(page->entries[0]->seq, first);
        assert_int_equal(page->more, first != 5);
        assert_int_equal(page->total, 5);
        assert_int_equal(page->cursor, first == 5 ? 5 : first + 1);
        ask.after = page->cursor;
    }
    Kith__Api__FeedResponse *none = world_feed(w, "social-care", ask);
    assert_int_equal(none->n_entries, 0);
    assert_int_equal(none->cursor, 5);
    assert_false(none->more);
}

static void page_has_at_most_its_limit(void **state)
{
    world_t *w = *state;
    for (size_t i = 0; i < 110; i++) {
        say_event(w, (ProtobufCBinaryData){0}, 0);
    }
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    assert_int_equal(world_feed(w, "social-care", ask)->n_entries, 100);
    ask.limit = UINT32_MAX;
    assert_int_equal(world_feed(w, "social-care", ask)->n_entries, 110);
}

static void feed_of_one_household_by_arrival(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData one = world_household(w, "police", housing);
    ProtobufCBinaryData two = world_household(w, "police", housing);
    for (size_t i = 0; i < 6; i++) {
        say_event(w, i % 2 == 0 ? one : two, (int64_t)i * DAY);
    }
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = one;
    ask.limit = 2;
    static const uint64_t wanted[] = {1, 3, 5, 7};
    for (size_t i = 0; i < 4; i += 2) {
        Kith__Api__FeedResponse *page = world_feed(w, "housing", ask);
        assert_int_equal(page->n_entries, 2);
        assert_int_equal(page->entries[0]->seq, wanted[i]);
        assert_int_equal(page->entries[1]->seq, wanted[i + 1]);
        assert_int_equal(page->more, i == 0);
        assert_int_equal(page->total, 4);
        ask.after = page->cursor;
    }
}

/* However long the feed is. */
static void page_reads_no_more_than_it_shows(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    for (size_t i = 0; i < 200; i++) {
        say_event(w, household, (int64_t)i * DAY);
    }
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = household;
    ask.after = 100;
    ask.limit = 5;
    for (size_t i = 0; i < 2; i++) {
        ask.by_time = i == 1;
        uint64_t before = memtxn_calls(world_node(w, "housing")->store);
        assert_int_equal(world_feed(w, "housing", ask)->n_entries, 5);
        assert_in_range(memtxn_calls(world_node(w, "housing")->store) - before, 5, 40);
    }
}

static void feed_of_one_household_by_time(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    for (size_t i = 0; i < 4; i++) {
        say_event(w, household, (int64_t)(i + 1) * DAY);
    }
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    ask.household = household;
    ask.by_time = true;
    ask.limit = 3;
    Kith__Api__FeedResponse *page = world_feed(w, "housing", ask);
    static const uint64_t wanted[] = {5, 4, 3, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(page->entries[i]->seq, wanted[i]);
    }
    assert_true(page->more);
    ask.after = page->cursor;
    page = world_feed(w, "housing", ask);
    assert_int_equal(page->n_entries, 2);
    assert_int_equal(page->entries[0]->seq, wanted[3]);
    assert_int_equal(page->entries[1]->seq, wanted[4]); /* its opening */
    ask.after = 0;
    ask.from_ms = w->now_ms - 2 * DAY - DAY / 2;
    page = world_feed(w, "housing", ask);
    assert_int_equal(page->n_entries, 3);
}

static void feed_asked_wrongly_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Api__FeedRequest asks[4];
    for (size_t i = 0; i < 4; i++) {
        kith__api__feed_request__init(&asks[i]);
    }
    asks[0].by_time = true; /* of nothing */
    asks[1].household = (ProtobufCBinaryData){2, (uint8_t[]){1, 2}};
    asks[2].household = household;
    asks[2].front_door = true;
    asks[3].household = household;
    asks[3].by_time = true;
    asks[3].after = 99; /* no such entry */
    kith_txn_t *txn = world_begin(w, "police");
    for (size_t i = 0; i < 4; i++) {
        Kith__Api__FeedResponse response = KITH__API__FEED_RESPONSE__INIT;
        assert_int_equal(
            work_feed(&world_node(w, "police")->work, txn, w->arena, "duty", &asks[i], &response),
            i == 3 ? KITH_NOT_FOUND : KITH_INVALID);
    }
}

static void early_arrival_is_shown_and_changes_nothing_else(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"school", NULL});
    Kith__Notice *alert = world_submit(w, "police", world_alert(w, household));
    deliver_with_t early = {.early = true};
    assert_int_equal(world_try_deliver(w, "school", alert, early), KITH_OK);
    assert_int_equal(world_try_deliver(w, "school", alert, early), KITH_OK);
    assert_true(world_flag(world_last(w, "school"), "early"));
    assert_int_equal(world_last(w, "school")->seq, 2);
    assert_string_equal(world_tasks(w, "school"), "");
    assert_int_equal(world_feed_of(w, "school", household)->n_entries, 2);
    world_deliver(w, "school", alert);
    Kith__Api__FeedResponse *feed = world_feed_of(w, "school", household);
    assert_int_equal(feed->n_entries, 2);
    assert_int_equal(feed->total, 2);
    assert_int_equal(feed->entries[1]->seq, 3); /* a watcher at 2 sees it again */
    assert_false(world_flag(feed->entries[1], "early"));
    assert_string_equal(world_tasks(w, "school"), "alert-to-answer police");
    Kith__Api__FeedRequest all = KITH__API__FEED_REQUEST__INIT;
    assert_int_equal(world_feed(w, "school", all)->n_entries, 2);
    assert_int_equal(world_feed(w, "school", all)->total, 2);
}

static void early_arrival_of_what_has_no_row_is_nothing(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_say(w, "police", world_event(w, "police.call-out"));
    Kith__Notice *seen = world_submit(w, "social-care", world_seen(w, notice));
    assert_int_equal(world_try_deliver(w, "police", seen, (deliver_with_t){.early = true}),
                     KITH_OK);
    assert_string_equal(world_last(w, "police")->kind, "seen");
    Kith__Api__FeedEntry *entry = world_last(w, "social-care");
    assert_string_equal(entry->kind, "event"); /* its own word is no news */
}

static void notice_applied_again_keeps_its_row(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_say(w, "police", world_event(w, "police.call-out"));
    world_deliver(w, "social-care", notice);
    assert_int_equal(world_last(w, "social-care")->seq, 1);
    assert_string_equal(world_tasks(w, "social-care"), "front-door police");
}

static void seen_is_told_to_the_origin_once(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    Kith__Notice *notice = say_event(w, household, 0);
    Kith__Api__Draft *draft = world_seen(w, notice);
    draft->seen->person = NAME("");
    world_refused(w, "housing", draft, KITH_INVALID, "seen-person");
    draft = world_seen(w, notice);
    Kith__Notice *first = world_say(w, "housing", draft);
    assert_string_equal(world_recipients(w), "police");
    assert_int_equal(w->prepared.notice->household.len, 0);
    assert_string_equal(world_last(w, "police")->kind, "seen");
    assert_memory_equal(world_last(w, "police")->household.data, household.data, KITH_ID_BYTES);
    draft->seen->person = NAME("somebody later");
    world_refused(w, "housing", draft, KITH_CONFLICT, "already-seen");
    assert_non_null(strstr(w->refusal.what, "acknowledged it at 2026-01-01T"));
    assert_null(strstr(w->refusal.what, "duty")); /* no person in an error's text */
    first->seen->person = NAME("somebody later"); /* an older agent may send a second one */
    Kith__Notice second = *first;
    uint8_t id[KITH_ID_BYTES];
    memcpy(id, first->id.data, sizeof id);
    id[0] ^= 1;
    second.id.data = id;
    world_deliver(w, "police", &second);
    size_t count = 0;
    Kith__Api__SeenBy **seen = NULL;
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(work_seen_by(&world_node(w, "police")->work, txn, w->arena,
                                  (kith_bytes_t){notice->id.data, notice->id.len}, &count, &seen),
                     KITH_OK);
    memtxn_abort(world_node(w, "police")->store);
    assert_int_equal(count, 1);
    assert_string_equal(seen[0]->agency, "housing");
    assert_string_equal(seen[0]->person, "duty");
    assert_true(seen[0]->seen_ms > notice->created_ms);
}

/* As the core keeps it for what police sent to this agency. */
static void owe(world_t *w, const Kith__Notice *notice, const char *agency)
{
    Kith__Store__Debt debt = KITH__STORE__DEBT__INIT;
    Kith__Store__OwedRow owed = KITH__STORE__OWED_ROW__INIT;
    kith_key_t debt_key, owed_key;
    kith_key_clear(&debt_key);
    kith_key_raw(&debt_key, (kith_bytes_t){notice->id.data, notice->id.len});
    kith_key_name(&debt_key, agency);
    kith_key_clear(&owed_key);
    kith_key_name(&owed_key, agency);
    owed.sent = 1;
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(
        kith_put_record(txn, AGENT_TABLE_DEBTS, kith_key_bytes(&debt_key), w->arena, &debt),
        KITH_OK);
    assert_int_equal(
        kith_put_record(txn, AGENT_TABLE_OWED, kith_key_bytes(&owed_key), w->arena, &owed),
        KITH_OK);
    world_commit(w, "police");
}

static void seen_by_a_recipient_counts_once(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_say(w, "police", world_event(w, "police.call-out"));
    owe(w, notice, "social-care");
    Kith__Notice *said = world_say(w, "social-care", world_seen(w, notice));
    world_deliver(w, "police", said);    /* once more */
    world_deliver(w, "housing", notice); /* a stray copy: nothing was owed to housing */
    world_say(w, "housing", world_seen(w, notice));
    kith_key_t key;
    void *found = NULL;
    kith_key_clear(&key);
    kith_key_name(&key, "social-care");
    kith_txn_t *txn = world_begin(w, "police");
    assert_int_equal(kith_get_record(txn, AGENT_TABLE_OWED, kith_key_bytes(&key), w->arena,
                                     &kith__store__owed_row__descriptor, &found),
                     KITH_OK);
    const Kith__Store__OwedRow *owed = found;
    assert_int_equal(owed->seen, 1);
    assert_int_equal(owed->sent, 1);
}

static void only_what_came_from_others_is_acknowledged(void **state)
{
    world_t *w = *state;
    Kith__Notice *notice = world_submit(w, "police", world_event(w, "police.call-out"));
    world_refused(w, "police", world_seen(w, notice), KITH_INVALID, "own-notice");
    world_refused(w, "housing", world_seen(w, notice), KITH_NOT_FOUND, "notice-unknown");
    Kith__Api__Draft *draft = world_seen(w, notice);
    draft->seen->notice.len = 0;
    world_refused(w, "housing", draft, KITH_NOT_FOUND, "notice-unknown");
    world_deliver(w, "housing", notice);
    draft = world_seen(w, notice);
    world_to(w, draft, "police");
    world_refused(w, "housing", draft, KITH_INVALID, "recipients-follow");
}

static void counts_are_kept_with_the_rows(void **state)
{
    world_t *w = *state;
    world_say(w, "police", world_event(w, "police.call-out"));
    world_say(w, "police", world_referral(w, "social-care"));
    uint64_t tasks = 0, feed = 0, front_door = 0;
    kith_txn_t *txn = world_begin(w, "social-care");
    assert_int_equal(
        work_counts(&world_node(w, "social-care")->work, txn, &tasks, &feed, &front_door), KITH_OK);
    assert_int_equal(tasks, 2);
    assert_int_equal(feed, 2);
    assert_int_equal(front_door, 2);
}

static void each_look_is_recorded(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", housing);
    kith_txn_t *txn = world_begin(w, "police");
    uint64_t looks = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(work_record_look(&world_node(w, "police")->work, txn, w->arena, "duty",
                                          (kith_bytes_t){household.data, household.len},
                                          (kith_bytes_t){0}, "feed", w->now_ms),
                         KITH_OK);
    }
    assert_int_equal(kith_count(txn, AGENT_TABLE_LOOKS, &looks), KITH_OK);
    assert_int_equal(looks, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entry_says_what_its_row_says),
        TEST(event_of_unknown_time_stands_where_it_was_made),
        TEST(a_cause_that_is_not_here_yet_is_said),
        TEST(flags_say_how_it_came),
        TEST(pages_go_by_arrival),
        TEST(page_has_at_most_its_limit),
        TEST(feed_of_one_household_by_arrival),
        TEST(page_reads_no_more_than_it_shows),
        TEST(feed_of_one_household_by_time),
        TEST(feed_asked_wrongly_is_refused),
        TEST(early_arrival_is_shown_and_changes_nothing_else),
        TEST(early_arrival_of_what_has_no_row_is_nothing),
        TEST(notice_applied_again_keeps_its_row),
        TEST(seen_is_told_to_the_origin_once),
        TEST(seen_by_a_recipient_counts_once),
        TEST(only_what_came_from_others_is_acknowledged),
        TEST(counts_are_kept_with_the_rows),
        TEST(each_look_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
