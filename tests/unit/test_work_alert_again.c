/* The same alert again: while one with its dedupe key is open, it becomes an update of that one;
 * after its end it is a new one. And who owes an answer beside the team. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#define STEP(name) KITH__ALERT_STEP__ALERT_##name
#define ACTING     KITH__ANSWER__ANSWER_ACTING

static const char *const team[] = {"housing", "school", NULL};

static Kith__Api__Draft *keyed(world_t *w, ProtobufCBinaryData household, const char *text)
{
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->dedupe_key = NAME("missing/2026-17");
    draft->alert->text = NAME(text);
    return draft;
}

static void end_it(world_t *w, const Kith__Notice *alert)
{
    world_say(w, "social-care", world_alert_change(w, alert, STEP(CANCELLED)));
}

/* "Same dedupe key while open updates one alert; after the end it opens a new one" */
static void same_dedupe_key_while_open_updates_one_alert(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Notice *alert = world_say(w, "social-care", keyed(w, household, "Not at school"));
    Kith__Api__Draft *again = keyed(w, household, "Seen at the station");
    again->alert->subject = NAME("Not seen since Tuesday");
    again->alert->reply_by_ms = w->now_ms + DAY;
    Kith__Notice *update = world_say(w, "social-care", again);
    assert_string_equal(world_recipients(w), "housing school");
    assert_int_equal(update->body_case, KITH__NOTICE__BODY_ALERT_CHANGE);
    assert_int_equal(update->alert_change->step, STEP(UPDATED));
    assert_true(same_id(update->alert_change->alert, alert->id));
    assert_string_equal(update->topic, "alert-change");
    assert_int_equal(update->expires_ms, 0);
    Kith__Api__AlertBoard *board = world_board(w, "school", alert);
    assert_string_equal(board->text, "Seen at the station");
    assert_string_equal(board->subject, "Not seen since Tuesday");
    assert_int_equal(board->reply_by_ms, again->alert->reply_by_ms);
    assert_string_equal(world_tasks(w, "school"), "alert-to-answer social-care");
    end_it(w, alert);
    Kith__Notice *second = world_say(w, "social-care", keyed(w, household, "Gone again"));
    assert_int_equal(second->body_case, KITH__NOTICE__BODY_ALERT);
    assert_string_equal(world_board(w, "school", second)->state, "open");
    assert_string_equal(world_board(w, "school", alert)->state, "cancelled");
}

/* "Same alert again: earliest start is kept, newest text wins, latest end wins when ended twice;
 * raised again after its end it is a new occurrence with its own start." */
static void same_alert_again_keeps_its_start_and_after_its_end_begins_anew(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Notice *alert = world_say(w, "social-care", keyed(w, household, "one"));
    w->now_ms += 10 * MINUTE;
    world_say(w, "social-care", keyed(w, household, "two"));
    w->now_ms += 10 * MINUTE;
    world_say(w, "social-care", keyed(w, household, "three"));
    Kith__Api__AlertBoard *board = world_board(w, "housing", alert);
    assert_int_equal(board->raised_ms, alert->created_ms);
    assert_string_equal(board->text, "three");
    assert_int_equal(board->n_history, 3);
    end_it(w, alert);
    Kith__Notice *later = world_say(w, "social-care", world_alert_change(w, alert, STEP(EXERCISE)));
    board = world_board(w, "housing", alert);
    assert_int_equal(board->ended_ms, later->alert_change->changed_ms);
    assert_string_equal(board->state, "exercise");
    w->now_ms += 10 * MINUTE;
    Kith__Notice *again = world_say(w, "social-care", keyed(w, household, "four"));
    assert_int_equal(world_board(w, "housing", again)->raised_ms, again->created_ms);
    assert_int_equal(world_board(w, "housing", again)->n_history, 1);
    assert_string_equal(world_board(w, "housing", alert)->text, "three");
}

/* "two agencies may use the same key without meeting" */
static void two_agencies_may_use_the_same_key_without_meeting(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(
        w, "social-care", (const char *const[]){"housing", "school", "police", NULL});
    Kith__Notice *one = world_say(w, "social-care", keyed(w, household, "of social care"));
    Kith__Notice *two = world_say(w, "police", keyed(w, household, "of the police"));
    assert_int_equal(two->body_case, KITH__NOTICE__BODY_ALERT);
    assert_string_equal(world_board(w, "school", one)->text, "of social care");
    assert_string_equal(world_board(w, "school", two)->text, "of the police");
    Kith__Notice *update = world_say(w, "police", keyed(w, household, "newer"));
    assert_true(same_id(update->alert_change->alert, two->id));
    assert_string_equal(world_board(w, "school", one)->text, "of social care");
}

static void a_key_is_of_one_matter(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Api__Draft *draft = keyed(w, household, "one");
    world_about(w, draft, "P-1");
    Kith__Notice *alert = world_say(w, "social-care", draft);
    draft = keyed(w, world_household(w, "social-care", team), "other family");
    world_refused(w, "social-care", draft, KITH_CONFLICT, "dedupe-key");
    draft = keyed(w, household, "other child");
    world_about(w, draft, "P-2");
    world_refused(w, "social-care", draft, KITH_CONFLICT, "dedupe-key");
    draft = keyed(w, household, "asks another");
    world_to(w, draft, "health");
    world_refused(w, "social-care", draft, KITH_CONFLICT, "dedupe-key");
    draft = keyed(w, household, "asks another");
    draft->alert->asked = (char *[]){NAME("health")};
    draft->alert->n_asked = 1;
    world_refused(w, "social-care", draft, KITH_CONFLICT, "dedupe-key");
    draft = keyed(w, household, "the same child, the same agency");
    world_about(w, draft, "P-1");
    world_to(w, draft, "school");
    Kith__Notice *update = world_say(w, "social-care", draft);
    assert_true(same_id(update->alert_change->alert, alert->id));
    draft = world_alert(w, household);
    char *key = kith_arena_need(w->arena, 130);
    memset(key, 'k', 129);
    draft->alert->dedupe_key = key;
    world_refused(w, "social-care", draft, KITH_INVALID, "dedupe-key");
    key[128] = '\0';
    assert_int_equal(world_prepare(w, "social-care", draft), KITH_OK);
}

static void without_a_topic_for_changes_the_same_again_is_refused(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    world_say(w, "social-care", keyed(w, household, "one"));
    size_t count = w->agreement.topics_count;
    kith_topic_t *without = kith_arena_need(w->arena, count * sizeof *without);
    w->agreement.topics_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(w->agreement.topics[i].name, "alert-change") != 0) {
            without[w->agreement.topics_count++] = w->agreement.topics[i];
        }
    }
    w->agreement.topics = without;
    world_refused(w, "social-care", keyed(w, household, "two"), KITH_INVALID, "topic-unknown");
}

/* ---- who owes an answer ---- */

static void subscribers_whom_the_agreement_names_owe_an_answer_too(void **state)
{
    world_t *w = *state;
    kith_may_subscribe_t owing[] = {w->agreement.may_subscribe[0]};
    owing[0].owes = true;
    w->agreement.may_subscribe = owing;
    w->agreement.may_subscribe_count = 1;
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"school", NULL});
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    assert_string_equal(world_board_line(w, "police", alert), "school:-"); /* not subscribed */
    world_subscribe(w, "social-care", "alert");
    alert = world_say(w, "police", world_alert(w, household));
    assert_string_equal(world_board_line(w, "police", alert), "school:- social-care:-");
    assert_string_equal(world_tasks(w, "social-care"), "alert-to-answer police");
    world_say(w, "social-care", world_reply(w, alert, ACTING));
    assert_string_equal(world_board_line(w, "police", alert), "school:- social-care:acting");
    Kith__Api__Draft *draft = world_alert(w, household);
    world_to(w, draft, "school"); /* only who is named */
    alert = world_say(w, "police", draft);
    assert_string_equal(world_board_line(w, "police", alert), "school:-");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_dedupe_key_while_open_updates_one_alert),
        TEST(same_alert_again_keeps_its_start_and_after_its_end_begins_anew),
        TEST(two_agencies_may_use_the_same_key_without_meeting),
        TEST(a_key_is_of_one_matter),
        TEST(without_a_topic_for_changes_the_same_again_is_refused),
        TEST(subscribers_whom_the_agreement_names_owe_an_answer_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
