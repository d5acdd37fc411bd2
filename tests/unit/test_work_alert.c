/* One email: raised once, a row for each agency asked, and silence named. */
#include "tests/unit/work_world.h"

#define ACTING        KITH__ANSWER__ANSWER_ACTING
#define NOTHING_KNOWN KITH__ANSWER__ANSWER_NOTHING_KNOWN
#define CANNOT_SHARE  KITH__ANSWER__ANSWER_CANNOT_SHARE

static const char *const team[] = {"police", "housing", "school", NULL};

/* social-care opens a household with police, housing and school around it. */
static Kith__Notice *raise_alert(world_t *w)
{
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    return world_say(w, "social-care", world_alert(w, household));
}

static void alert_asks_the_team_and_the_lead(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Api__Draft *change = world_change(w, household);
    world_lead(w, change, "health");
    world_say(w, "social-care", change);
    Kith__Notice *alert = world_say(w, "social-care", world_alert(w, household));
    assert_string_equal(world_recipients(w), "health housing police school");
    assert_int_equal(w->prepared.lane, KITH_LANE_URGENT);
    assert_int_equal(alert->alert->n_asked, 4);
    assert_int_equal(alert->expires_ms, alert->created_ms + 7 * DAY);
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "health:- housing:- police:- school:-");
}

static void alert_asks_only_who_is_named(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Api__Draft *draft = world_alert(w, household);
    world_to(w, draft, "health");
    Kith__Notice *alert = world_say(w, "social-care", draft);
    assert_string_equal(world_recipients(w), "health");
    assert_string_equal(world_board_line(w, "social-care", alert), "health:-");
    draft = world_alert(w, household);
    draft->alert->asked = (char *[]){NAME("school")};
    draft->alert->n_asked = 1;
    alert = world_say(w, "social-care", draft);
    assert_string_equal(world_board_line(w, "social-care", alert), "school:-");
    world_to(w, draft, "charity");
    world_refused(w, "social-care", draft, KITH_DENIED, "agency-left");
}

static void subscribers_of_alerts_read_and_owe_nothing(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "social-care", "alert");
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"school", NULL});
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    assert_string_equal(world_recipients(w), "school social-care");
    assert_string_equal(world_board_line(w, "police", alert), "school:-");
    assert_string_equal(world_tasks(w, "social-care"), "");
    world_refused(w, "social-care", world_reply(w, alert, ACTING), KITH_DENIED, "not-asked");
}

static void alert_is_about_a_known_household(void **state)
{
    world_t *w = *state;
    Kith__Api__Draft *draft = world_alert(w, (ProtobufCBinaryData){0});
    world_refused(w, "police", draft, KITH_NOT_FOUND, "household-unknown");
    draft->household = world_household(w, "housing", (const char *const[]){NULL});
    world_refused(w, "police", draft, KITH_NOT_FOUND, "household-unknown");
    ProtobufCBinaryData household = world_household(w, "police", team);
    world_link(w, "police", "P-1", household);
    draft = world_alert(w, (ProtobufCBinaryData){0});
    world_about(w, draft, "P-1");
    assert_int_equal(world_prepare(w, "police", draft), KITH_OK);
    assert_string_equal(world_recipients(w), "housing school");
}

static void alert_needs_subject_time_and_somebody_to_ask(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "police", team);
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->subject = NAME("");
    world_refused(w, "police", draft, KITH_INVALID, "alert-subject");
    draft = world_alert(w, household);
    draft->alert->reply_by_ms = 0;
    world_refused(w, "police", draft, KITH_INVALID, "alert-reply-by");
    draft->alert->reply_by_ms = w->now_ms;
    world_refused(w, "police", draft, KITH_INVALID, "alert-reply-by");
    ProtobufCBinaryData alone = world_household(w, "police", (const char *const[]){NULL});
    world_refused(w, "police", world_alert(w, alone), KITH_DENIED, "nobody-to-ask");
}

static void alert_waits_to_be_answered_where_it_asks(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    assert_string_equal(world_tasks(w, "police"), "alert-to-answer social-care");
    Kith__Api__Task *task = world_inbox(w, "police", 0, 0)->tasks[0];
    assert_int_equal(task->due_ms, alert->alert->reply_by_ms);
    assert_string_equal(task->summary, "Not seen since Monday");
    assert_string_equal(world_tasks(w, "social-care"), "");
}

static void each_reply_stands_on_the_board(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "police", world_reply(w, alert, ACTING));
    assert_string_equal(world_recipients(w), "social-care");
    Kith__Api__Draft *reply = world_reply(w, alert, CANNOT_SHARE);
    reply->reply->reason = NAME("court order");
    world_say(w, "housing", reply);
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:cannot-share police:acting school:-");
    Kith__Api__AlertBoard *board = world_board(w, "social-care", alert);
    assert_string_equal(board->rows[0]->reason, "court order");
    assert_string_equal(board->from, "social-care");
    assert_string_equal(world_last(w, "social-care")->summary, "reply: cannot-share");
    assert_string_equal(world_tasks(w, "police"), "");
    assert_string_equal(world_tasks(w, "school"), "alert-to-answer social-care");
}

/* The others' answers go to who raised it: elsewhere their rows say nothing of silence. */
static void who_was_asked_is_told_of_its_own_row(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "police", world_reply(w, alert, ACTING));
    w->now_ms = alert->alert->reply_by_ms + 1;
    const struct {
        const char *agency;
        bool untold[3], overdue[3]; /* housing, police, school */
    } ends[] = {
        {"social-care", {false, false, false}, {true, false, true}},
        {"school", {true, true, false}, {false, false, true}},
        {"police", {true, false, true}, {false, false, false}},
    };
    for (size_t i = 0; i < 3; i++) {
        Kith__Api__AlertBoard *board = world_board(w, ends[i].agency, alert);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(board->rows[k]->untold, ends[i].untold[k]);
            assert_int_equal(board->rows[k]->overdue, ends[i].overdue[k]);
        }
    }
}

static void later_reply_of_the_same_agency_replaces_its_first(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *first = world_say(w, "police", world_reply(w, alert, NOTHING_KNOWN));
    assert_int_equal(first->n_caused_by, 1);
    assert_memory_equal(first->caused_by[0].data, alert->id.data, KITH_ID_BYTES);
    world_say(w, "police", world_reply(w, alert, ACTING));
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:- police:acting school:-");
    first->id.data[15] ^= 0xff; /* an older one that was held up */
    world_deliver(w, "social-care", first);
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:- police:acting school:-");
}

static void reply_also_goes_to_the_lead(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Api__Draft *change = world_change(w, household);
    world_lead(w, change, "school");
    world_say(w, "social-care", change);
    Kith__Notice *alert = world_say(w, "social-care", world_alert(w, household));
    world_say(w, "police", world_reply(w, alert, ACTING));
    assert_string_equal(world_recipients(w), "school social-care");
    assert_string_equal(world_board_line(w, "school", alert), "housing:- police:acting school:-");
}

static void only_who_was_asked_replies(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_refused(w, "health", world_reply(w, alert, ACTING), KITH_NOT_FOUND, "alert-unknown");
    world_refused(w, "social-care", world_reply(w, alert, ACTING), KITH_DENIED, "not-asked");
    Kith__Api__Draft *reply = world_reply(w, alert, ACTING);
    reply->reply->alert.len = 0;
    world_refused(w, "police", reply, KITH_NOT_FOUND, "alert-unknown");
}

static void reply_says_one_of_four_things(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_refused(w, "police", world_reply(w, alert, 0), KITH_INVALID, "reply-answer");
    world_refused(w, "police", world_reply(w, alert, 77), KITH_INVALID, "reply-answer");
    world_refused(w, "police", world_reply(w, alert, CANNOT_SHARE), KITH_INVALID, "reply-reason");
    Kith__Api__Draft *reply = world_reply(w, alert, ACTING);
    world_to(w, reply, "health");
    world_refused(w, "police", reply, KITH_INVALID, "recipients-follow");
}

static void reply_of_one_not_asked_is_shown_but_not_on_the_board(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *reply = world_submit(w, "police", world_reply(w, alert, ACTING));
    reply->origin = NAME("health");
    world_deliver(w, "social-care", reply);
    assert_string_equal(world_board_line(w, "social-care", alert), "housing:- police:- school:-");
    assert_true(world_flag(world_last(w, "social-care"), "not-asked"));
}

static void answer_of_a_newer_version_is_an_answer(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *reply = world_submit(w, "police", world_reply(w, alert, ACTING));
    reply->reply->answer = 77;
    world_deliver(w, "social-care", reply);
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:- police:newer school:-");
    assert_string_equal(world_last(w, "social-care")->summary, "reply: newer");
}

static void reply_that_overtakes_its_alert_waits_for_it(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Api__Draft *change = world_change(w, household);
    world_lead(w, change, "school");
    world_say(w, "social-care", change);
    Kith__Notice *alert = world_submit(w, "social-care", world_alert(w, household));
    world_deliver(w, "police", alert);
    world_say(w, "police", world_reply(w, alert, ACTING)); /* school has not had the alert yet */
    Kith__Notice *stray = world_submit(w, "police", world_reply(w, alert, ACTING));
    stray->origin = NAME("health");
    world_deliver(w, "school", stray);
    Kith__Api__AlertBoard *none = NULL;
    kith_txn_t *txn = world_begin(w, "school");
    assert_int_equal(work_board(&world_node(w, "school")->work, txn, w->arena,
                                (kith_bytes_t){alert->id.data, alert->id.len}, w->now_ms, &none),
                     KITH_NOT_FOUND);
    memtxn_abort(world_node(w, "school")->store);
    world_refused(w, "school", world_reply(w, alert, ACTING), KITH_NOT_FOUND, "alert-unknown");
    world_deliver(w, "school", alert);
    assert_string_equal(world_board_line(w, "school", alert), "housing:- police:acting school:-");
    assert_string_equal(world_tasks(w, "school"),
                        "read-first social-care; alert-to-answer social-care");
}

static void silence_is_named_once_the_time_is_over(void **state)
{
    world_t *w = *state;
    assert_int_equal(world_tick(w, "social-care"), INT64_MAX);
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "police", world_reply(w, alert, ACTING));
    assert_int_equal(world_tick(w, "social-care"), alert->alert->reply_by_ms + 1);
    assert_string_equal(world_tasks(w, "social-care"), "");
    w->now_ms = alert->alert->reply_by_ms;
    world_tick(w, "social-care");
    assert_string_equal(world_tasks(w, "social-care"), "");
    w->now_ms++;
    assert_int_equal(world_tick(w, "social-care"), INT64_MAX);
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue school");
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:overdue police:acting school:overdue");
    w->now_ms += DAY;
    world_tick(w, "social-care");
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue school");
}

static void late_reply_ends_the_silence(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    w->now_ms = alert->alert->reply_by_ms + 1;
    world_tick(w, "social-care");
    world_say(w, "school", world_reply(w, alert, NOTHING_KNOWN));
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue police");
    assert_string_equal(world_board_line(w, "social-care", alert),
                        "housing:overdue police:overdue school:nothing-known");
}

static void many_overdue_alerts_take_several_ticks(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"school", NULL});
    for (size_t i = 0; i < 300; i++) {
        Kith__Api__Draft *draft = world_alert(w, household);
        draft->alert->reply_by_ms = w->now_ms + 1 + (int64_t)i;
        w->now_ms += 1000; /* ids are made of the time */
        draft->alert->reply_by_ms = w->now_ms + 1;
        world_submit(w, "police", draft);
    }
    w->now_ms += DAY;
    assert_int_equal(world_tick(w, "police"), w->now_ms);
    assert_int_equal(world_inbox(w, "police", 1000, 0)->n_tasks, 256);
    assert_int_equal(world_tick(w, "police"), INT64_MAX);
    assert_int_equal(world_inbox(w, "police", 1000, 0)->n_tasks, 300);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(alert_asks_the_team_and_the_lead),
        TEST(alert_asks_only_who_is_named),
        TEST(subscribers_of_alerts_read_and_owe_nothing),
        TEST(alert_is_about_a_known_household),
        TEST(alert_needs_subject_time_and_somebody_to_ask),
        TEST(alert_waits_to_be_answered_where_it_asks),
        TEST(each_reply_stands_on_the_board),
        TEST(who_was_asked_is_told_of_its_own_row),
        TEST(later_reply_of_the_same_agency_replaces_its_first),
        TEST(reply_also_goes_to_the_lead),
        TEST(only_who_was_asked_replies),
        TEST(reply_says_one_of_four_things),
        TEST(reply_of_one_not_asked_is_shown_but_not_on_the_board),
        TEST(answer_of_a_newer_version_is_an_answer),
        TEST(reply_that_overtakes_its_alert_waits_for_it),
        TEST(silence_is_named_once_the_time_is_over),
        TEST(late_reply_ends_the_silence),
        TEST(many_overdue_alerts_take_several_ticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
