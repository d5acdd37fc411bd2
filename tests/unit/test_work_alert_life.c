/* An alert's states: each step in each state, as docs/STATES.md draws them; what a step must say
 * and who says it; its end, and steps that come in any order. */
#include "agents/work/parts.h"
#include "tests/unit/work_world.h"

#include <stdio.h>

#define STEP(name) KITH__ALERT_STEP__ALERT_##name
#define ACTING     KITH__ANSWER__ANSWER_ACTING

static const char *const team[] = {"housing", "school", NULL};
static kith_ladder_step_t steps[] = {{"duty", 15 * MINUTE, false}};
static const kith_ladder_t ladder = {1, steps, 0, 0};

/* social-care asks housing and school. */
static Kith__Notice *raise_alert(world_t *w)
{
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    return world_say(w, "social-care", world_alert(w, household));
}

static void take(world_t *w, const Kith__Notice *alert, Kith__AlertStep step)
{
    world_say(w, "social-care", world_alert_change(w, alert, step));
}

static Kith__Notice *answered(world_t *w)
{
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_reply(w, alert, ACTING));
    world_say(w, "school", world_reply(w, alert, ACTING));
    return alert;
}

/* By the states' order: the step that leads there. */
static const Kith__AlertStep ways[ALERT_STATES] = {0, STEP(CLOSED), STEP(CANCELLED),
                                                   STEP(EXERCISE)};

static const char *state_word(world_t *w, int state)
{
    const work_ctx_t at = {.arena = w->arena};
    return state == ALERT_STATE_NONE ? "–" : alert_state_word(&at, state);
}

static void assert_state(world_t *w, const Kith__Notice *alert, int state)
{
    static const char *const all[] = {"social-care", "housing", "school"};
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(world_board(w, all[i], alert)->state, state_word(w, state));
    }
}

static void each_step_in_each_state_leads_where_the_table_says(void **state)
{
    world_t *w = *state;
    for (int from = 0; from < ALERT_STATES; from++) {
        for (int step = STEP(UPDATED); step <= STEP(CLOSED); step++) {
            Kith__Notice *alert = answered(w);
            if (ways[from] != 0) {
                take(w, alert, ways[from]);
            }
            assert_state(w, alert, from);
            int next = alert_next((Kith__AlertStep)step, from);
            if (next == ALERT_STATE_NONE) {
                world_refused(w, "social-care", world_alert_change(w, alert, (Kith__AlertStep)step),
                              KITH_CONFLICT, "alert-step");
                assert_non_null(strstr(w->refusal.what, "possible now: kith alert cancel"));
            } else {
                take(w, alert, (Kith__AlertStep)step);
                assert_state(w, alert, next);
            }
        }
    }
}

static void the_docs_draw_the_table_of_the_code(void **state)
{
    world_t *w = *state;
    char *page = kith_arena_need(w->arena, 64 * 1024);
    FILE *file = fopen(KITH_STATES, "rb");
    assert_non_null(file);
    assert_true(fread(page, 1, 64 * 1024 - 1, file) > 0);
    (void)fclose(file);
    const char *line = "| step | by |";
    for (int from = 0; from < ALERT_STATES; from++) {
        line = kith_arena_printf(w->arena, "%s %s |", line, state_word(w, from));
    }
    assert_non_null(strstr(page, line));
    for (int step = STEP(UPDATED); step <= STEP(CLOSED); step++) {
        line = kith_arena_printf(w->arena, "| %s | who raised it |",
                                 word_of(w->arena, &kith__alert_step__descriptor, "ALERT_", step));
        for (int from = 0; from < ALERT_STATES; from++) {
            line = kith_arena_printf(w->arena, "%s %s |", line,
                                     state_word(w, alert_next((Kith__AlertStep)step, from)));
        }
        if (strstr(page, line) == NULL) {
            fail_msg("docs/STATES.md does not say: %s", line);
        }
    }
}

/* ---- who says it, and what ---- */

static void only_who_raised_it_changes_an_alert(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(CANCELLED));
    world_refused(w, "housing", draft, KITH_DENIED, "alert-not-yours");
    world_refused(w, "police", draft, KITH_NOT_FOUND, "alert-unknown");
    /* And what says otherwise changes nothing. */
    Kith__Notice *change = world_submit(w, "social-care", draft);
    change->origin = NAME("school");
    world_deliver(w, "housing", change);
    assert_string_equal(world_board(w, "housing", alert)->state, "open");
    assert_true(world_flag(world_last(w, "housing"), "not-asked"));
}

static void a_step_says_what_it_must(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(UPDATED));
    draft->alert_change->text = NAME("");
    world_refused(w, "social-care", draft, KITH_INVALID, "update-text");
    draft->alert_change->reply_by_ms = w->now_ms;
    world_refused(w, "social-care", draft, KITH_INVALID, "alert-reply-by");
    draft = world_alert_change(w, alert, STEP(UPDATED));
    draft->alert_change->level = NAME("high");
    world_refused(w, "social-care", draft, KITH_INVALID, "alert-level");
    draft = world_alert_change(w, alert, STEP(CANCELLED));
    draft->alert_change->reason = NAME("");
    world_refused(w, "social-care", draft, KITH_INVALID, "change-reason");
    draft->alert_change->step = STEP(EXERCISE);
    world_refused(w, "social-care", draft, KITH_INVALID, "change-reason");
    draft->alert_change->step = 0;
    world_refused(w, "social-care", draft, KITH_INVALID, "change-step");
    draft->alert_change->step = 77;
    world_refused(w, "social-care", draft, KITH_INVALID, "change-step");
    alert = answered(w);
    draft = world_alert_change(w, alert, STEP(CLOSED));
    draft->alert_change->outcome = NAME("");
    world_refused(w, "social-care", draft, KITH_INVALID, "close-outcome");
    draft->alert_change->outcome = NAME("The child was seen");
    world_refused(w, "social-care", draft, KITH_INVALID, "reason-code");
    draft = world_alert_change(w, alert, STEP(CANCELLED));
    world_to(w, draft, "housing");
    world_refused(w, "social-care", draft, KITH_INVALID, "recipients-follow");
    draft = world_alert_change(w, alert, STEP(CANCELLED));
    draft->alert_change->alert.len = 0;
    world_refused(w, "social-care", draft, KITH_NOT_FOUND, "alert-unknown");
}

static void a_change_goes_to_all_whom_the_alert_went_to(void **state)
{
    world_t *w = *state;
    world_subscribe(w, "social-care", "alert");
    ProtobufCBinaryData household =
        world_household(w, "police", (const char *const[]){"school", NULL});
    Kith__Notice *alert = world_say(w, "police", world_alert(w, household));
    assert_string_equal(world_recipients(w), "school social-care");
    for (size_t i = 0; i < w->prepared.recipients_count; i++) { /* as the core keeps them */
        kith_key_t key = view_key_seen(bytes_of(alert->id), w->prepared.recipients[i]);
        kith_txn_t *txn = world_begin(w, "police");
        assert_int_equal(kith_put(txn, AGENT_TABLE_DEBTS, kith_key_bytes(&key), (kith_bytes_t){0}),
                         KITH_OK);
        world_commit(w, "police");
    }
    Kith__Notice *change = world_say(w, "police", world_alert_change(w, alert, STEP(CANCELLED)));
    assert_string_equal(world_recipients(w), "school social-care");
    assert_int_equal(w->prepared.lane, KITH_LANE_URGENT);
    assert_memory_equal(change->caused_by[0].data, alert->id.data, KITH_ID_BYTES);
    assert_string_equal(world_board(w, "social-care", alert)->state, "cancelled");
    assert_string_equal(world_board(w, "social-care", alert)->reason, "found at the grandmother's");
    assert_string_equal(world_last(w, "social-care")->summary, "alert cancelled");
}

/* ---- updated ---- */

static void newest_words_stand_and_a_new_time_moves_the_clocks(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    w->now_ms = alert->alert->reply_by_ms + 1;
    world_tick(w, "social-care");
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue school");
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(UPDATED));
    draft->alert_change->reply_by_ms = w->now_ms + 60 * MINUTE;
    world_say(w, "social-care", draft);
    assert_string_equal(world_tasks(w, "social-care"), "");
    Kith__Api__AlertBoard *board = world_board(w, "housing", alert);
    assert_string_equal(board->text, "Seen at school on Tuesday");
    assert_string_equal(board->subject, "Not seen since Monday");
    assert_int_equal(board->raised_ms, alert->created_ms);
    assert_int_equal(board->reply_by_ms, draft->alert_change->reply_by_ms);
    assert_int_equal(world_inbox(w, "housing", 0, 0)->tasks[0]->due_ms, board->reply_by_ms);
    w->now_ms = board->reply_by_ms;
    assert_int_equal(world_tick(w, "social-care"), w->now_ms + 1);
    assert_string_equal(world_tasks(w, "social-care"), "");
    w->now_ms++;
    assert_int_equal(world_tick(w, "social-care"), INT64_MAX);
    assert_string_equal(world_tasks(w, "social-care"),
                        "alert-overdue housing; alert-overdue school");
}

/* "Acknowledging never hides a newer event": the row is unseen again, and climbs for that. */
static void an_update_after_an_acknowledgement_is_unseen_and_climbs(void **state)
{
    static const char *const ends[] = {"social-care", "housing"};
    world_t *w = *state;
    w->agreement.ladder = ladder;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_seen(w, alert));
    Kith__Notice *update = world_say(w, "social-care", world_alert_change(w, alert, STEP(UPDATED)));
    int64_t updated_ms = w->now_ms;
    for (size_t i = 0; i < 2; i++) {
        Kith__Api__AlertBoardRow *row = world_board(w, ends[i], alert)->rows[0];
        assert_int_equal(row->seen_ms, 0);
        assert_string_equal(row->rungs[1]->what, "updated-since");
        assert_string_equal(row->rungs[1]->who, "duty");
    }
    world_refused(w, "housing", world_seen(w, alert), KITH_CONFLICT, "alert-updated");
    w->now_ms = updated_ms + 15 * MINUTE;
    world_tick(w, "housing");
    assert_int_equal(world_board(w, "housing", alert)->rows[0]->n_rungs, 2);
    w->now_ms++;
    world_tick(w, "housing");
    assert_int_equal(world_board(w, "housing", alert)->rows[0]->n_rungs, 3);
    assert_string_equal(world_board(w, "housing", alert)->rows[0]->escalated_to, "duty");
    assert_string_equal(world_tasks(w, "housing"),
                        "alert-to-answer social-care; alert-escalated social-care");
    world_say(w, "housing", world_seen(w, update));
    for (size_t i = 0; i < 2; i++) {
        assert_int_not_equal(world_board(w, ends[i], alert)->rows[0]->seen_ms, 0);
    }
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
    world_refused(w, "housing", world_seen(w, update), KITH_CONFLICT, "already-seen");
}

static void an_acknowledgement_that_crosses_an_update_is_of_the_older_words(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *seen = world_submit(w, "housing", world_seen(w, alert));
    Kith__Notice *update =
        world_submit(w, "social-care", world_alert_change(w, alert, STEP(UPDATED)));
    world_deliver(w, "social-care", seen);
    world_deliver(w, "housing", update);
    assert_int_equal(world_board(w, "social-care", alert)->rows[0]->seen_ms, 0);
    assert_int_equal(world_board(w, "housing", alert)->rows[0]->seen_ms, 0);
}

static void an_update_without_new_words_leaves_what_was_acknowledged(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_seen(w, alert));
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(UPDATED));
    draft->alert_change->text = NAME("Has anyone seen the younger child?");
    draft->alert_change->reply_by_ms = w->now_ms + DAY;
    world_say(w, "social-care", draft);
    assert_int_not_equal(world_board(w, "housing", alert)->rows[0]->seen_ms, 0);
    assert_int_equal(world_board(w, "housing", alert)->reply_by_ms,
                     draft->alert_change->reply_by_ms);
}

/* "Acknowledging never hides a newer event" */
static void a_newer_event_of_the_household_stays_whatever_was_acknowledged(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_seen(w, alert));
    Kith__Api__Draft *draft = world_event(w, "police.call-out");
    draft->household = alert->household;
    Kith__Notice *event = world_say(w, "social-care", draft);
    Kith__Api__FeedResponse *feed = world_feed_of(w, "housing", alert->household);
    assert_true(same_id(feed->entries[feed->n_entries - 1]->id, event->id));
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
}

/* ---- closed ---- */

static void an_alert_is_not_closed_while_a_row_is_blank(void **state)
{
    world_t *w = *state;
    w->agreement.ladder = ladder;
    Kith__Notice *alert = raise_alert(w);
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(CLOSED));
    world_refused(w, "social-care", draft, KITH_CONFLICT, "alert-blank");
    assert_non_null(strstr(w->refusal.what, "housing, school"));
    assert_non_null(strstr(w->refusal.what, "possible now: kith alert update, kith alert cancel, "
                                            "kith alert exercise"));
    world_say(w, "housing", world_reply(w, alert, ACTING));
    world_say(w, "school", world_seen(w, alert)); /* acknowledged is not answered */
    world_refused(w, "social-care", draft, KITH_CONFLICT, "alert-blank");
    assert_null(strstr(w->refusal.what, "housing"));
    assert_int_equal(world_board(w, "social-care", alert)->n_allowed, 3);
}

static void silence_that_has_reached_a_role_is_no_blank_row(void **state)
{
    world_t *w = *state;
    w->agreement.ladder = ladder;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_reply(w, alert, ACTING));
    w->now_ms += 15 * MINUTE;
    world_tick(w, "social-care");
    Kith__Api__AlertBoard *board = world_board(w, "social-care", alert);
    assert_string_equal(board->allowed[board->n_allowed - 1], "alert close");
    take(w, alert, STEP(CLOSED));
    board = world_board(w, "school", alert);
    assert_string_equal(board->state, "closed");
    assert_string_equal(board->outcome, "child-seen");
    assert_int_equal(board->n_history, 2);
    assert_string_equal(board->history[0]->step, "raised");
    assert_string_equal(board->history[1]->step, "closed");
    assert_string_equal(world_last(w, "school")->summary, "alert closed");
}

static void a_role_that_nobody_fills_is_told_nothing(void **state)
{
    world_t *w = *state;
    const char *unstaffed[] = {"duty"};
    kith_agency_t *school = &w->agreement.agencies[4];
    assert_string_equal(school->id, "school");
    w->agreement.ladder = ladder;
    school->unstaffed = unstaffed;
    school->unstaffed_count = 1;
    Kith__Notice *alert = raise_alert(w);
    world_say(w, "housing", world_reply(w, alert, ACTING));
    w->now_ms += 60 * MINUTE;
    world_tick(w, "social-care");
    school->unstaffed_count = 0;
    world_refused(w, "social-care", world_alert_change(w, alert, STEP(CLOSED)), KITH_CONFLICT,
                  "alert-blank");
}

static void after_its_end_nothing_waits_and_nothing_climbs(void **state)
{
    world_t *w = *state;
    w->agreement.ladder = ladder;
    for (int end = STEP(CANCELLED); end <= STEP(EXERCISE); end++) {
        Kith__Notice *alert = raise_alert(w);
        w->now_ms += 15 * MINUTE;
        world_tick(w, "housing");
        world_tick(w, "social-care");
        assert_string_equal(world_tasks(w, "housing"),
                            "alert-to-answer social-care; alert-escalated social-care");
        w->now_ms = alert->alert->reply_by_ms + 1;
        world_tick(w, "social-care");
        assert_string_equal(world_tasks(w, "social-care"),
                            "alert-overdue housing; alert-overdue school");
        take(w, alert, (Kith__AlertStep)end);
        assert_string_equal(world_tasks(w, "social-care"), "");
        assert_string_equal(world_tasks(w, "housing"), "");
        assert_string_equal(world_tasks(w, "school"), ""); /* it never had a tick */
        size_t rungs = world_board(w, "school", alert)->rows[1]->n_rungs;
        w->now_ms += 30 * DAY;
        assert_int_equal(world_tick(w, "school"), INT64_MAX);
        assert_int_equal(world_tick(w, "social-care"), INT64_MAX);
        assert_int_equal(world_board(w, "school", alert)->rows[1]->n_rungs, rungs);
    }
}

static void a_late_reply_is_shown_on_the_board(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    take(w, alert, STEP(CANCELLED));
    assert_string_equal(world_board(w, "school", alert)->allowed[0], "reply");
    world_say(w, "school", world_reply(w, alert, ACTING));
    assert_string_equal(world_board_line(w, "social-care", alert), "housing:- school:acting");
    assert_string_equal(world_board(w, "social-care", alert)->state, "cancelled");
}

/* "latest end wins when ended twice" */
static void ended_twice_the_later_end_stands(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = answered(w);
    take(w, alert, STEP(CLOSED));
    Kith__Notice *exercise =
        world_say(w, "social-care", world_alert_change(w, alert, STEP(EXERCISE)));
    Kith__Api__AlertBoard *board = world_board(w, "housing", alert);
    assert_string_equal(board->state, "exercise");
    assert_string_equal(board->outcome, "");
    assert_string_equal(board->reason, "found at the grandmother's");
    assert_int_equal(board->ended_ms, exercise->alert_change->changed_ms);
}

static void there_is_an_end_to_updates_but_not_to_ending(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = answered(w);
    for (size_t i = 0; i < 63; i++) {
        w->ids = (uint8_t)i;
        take(w, alert, STEP(UPDATED));
    }
    world_refused(w, "social-care", world_alert_change(w, alert, STEP(UPDATED)), KITH_CONFLICT,
                  "alert-steps");
    take(w, alert, STEP(CLOSED));
    assert_state(w, alert, KITH__STORE__ALERT_STATE__ALERT_IS_CLOSED);
}

/* ---- in any order ---- */

static Kith__Api__Draft *update(world_t *w, const Kith__Notice *alert, const char *text)
{
    Kith__Api__Draft *draft = world_alert_change(w, alert, STEP(UPDATED));
    draft->alert_change->text = NAME(text);
    return draft;
}

/* All orders of the alert itself, two updates and two ends. */
static void steps_in_any_order_come_to_the_same_and_wait_for_their_alert(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Notice *said[5];
    said[0] = world_submit(w, "social-care", world_alert(w, household));
    said[1] = world_submit(w, "social-care", update(w, said[0], "first"));
    said[2] = world_submit(w, "social-care", update(w, said[0], "second"));
    said[3] = world_submit(w, "social-care", world_alert_change(w, said[0], STEP(CANCELLED)));
    said[4] = world_submit(w, "social-care", world_alert_change(w, said[0], STEP(EXERCISE)));
    for (size_t order = 0; order < 120; order++) {
        size_t left[5] = {0, 1, 2, 3, 4}, code = order;
        memtxn_destroy(&world_node(w, "school")->store);
        world_node(w, "school")->store = memtxn_new(AGENT_TABLES_COUNT);
        for (size_t count = 5; count > 0; count--) {
            size_t i = code % count;
            code /= count;
            world_deliver(w, "school", said[left[i]]);
            assert_int_equal(
                world_try_deliver(w, "school", said[left[i]], (deliver_with_t){.early = true}),
                KITH_OK);
            left[i] = left[count - 1];
        }
        Kith__Api__AlertBoard *board = world_board(w, "school", said[0]);
        assert_string_equal(board->state, "exercise");
        assert_string_equal(board->text, "second");
        assert_int_equal(board->ended_ms, said[4]->alert_change->changed_ms);
        assert_int_equal(board->n_history, 5);
        for (size_t i = 0; i < 5; i++) {
            assert_true(same_id(board->history[i]->id, said[i]->id));
            assert_false(board->history[i]->no_effect);
        }
        assert_string_equal(world_tasks(w, "school"), "");
    }
}

static void an_update_made_after_the_end_stays_in_the_history_without_effect(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *late = world_submit(w, "social-care", update(w, alert, "too late"));
    Kith__Notice *cancelled =
        world_submit(w, "social-care", world_alert_change(w, alert, STEP(CANCELLED)));
    late->alert_change->changed_ms = cancelled->alert_change->changed_ms + 1;
    world_deliver(w, "school", late);
    assert_string_equal(world_board(w, "school", alert)->text, "too late");
    world_deliver(w, "school", cancelled);
    Kith__Api__AlertBoard *board = world_board(w, "school", alert);
    assert_string_equal(board->state, "cancelled");
    assert_string_equal(board->text, "Has anyone seen the younger child?");
    assert_true(board->history[2]->no_effect);
}

static void a_step_of_a_stranger_does_not_wait_for_the_alert(void **state)
{
    world_t *w = *state;
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    Kith__Notice *alert = world_submit(w, "social-care", world_alert(w, household));
    Kith__Notice *change =
        world_submit(w, "social-care", world_alert_change(w, alert, STEP(CANCELLED)));
    change->origin = NAME("police");
    world_deliver(w, "school", change);
    world_deliver(w, "school", alert);
    assert_string_equal(world_board(w, "school", alert)->state, "open");
    assert_int_equal(world_board(w, "school", alert)->n_history, 1);
    assert_string_equal(world_tasks(w, "school"), "alert-to-answer social-care");
}

static void a_step_of_a_newer_version_is_kept_without_effect(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    Kith__Notice *change =
        world_submit(w, "social-care", world_alert_change(w, alert, STEP(UPDATED)));
    change->alert_change->step = 77;
    world_deliver(w, "school", change);
    Kith__Api__AlertBoard *board = world_board(w, "school", alert);
    assert_string_equal(board->state, "open");
    assert_string_equal(board->history[1]->step, "newer");
    assert_true(board->history[1]->no_effect);
    assert_string_equal(world_last(w, "school")->summary, "alert newer");
}

static void an_alert_that_an_older_agent_stored_lives_on(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise_alert(w);
    work_ctx_t at = {.work = &world_node(w, "school")->work, .arena = w->arena};
    at.txn = world_begin(w, "school");
    Kith__Store__AlertRow *row = NULL;
    assert_int_equal(view_find_alert(&at, bytes_of(alert->id), &row), KITH_OK);
    row->n_steps = 0;
    row->words_by.len = 0;
    assert_int_equal(view_put_alert(&at, bytes_of(alert->id), row), KITH_OK);
    world_commit(w, "school");
    assert_string_equal(world_board(w, "school", alert)->state, "open");
    world_say(w, "school", world_seen(w, alert));
    take(w, alert, STEP(UPDATED));
    Kith__Api__AlertBoard *board = world_board(w, "school", alert);
    assert_string_equal(board->text, "Seen at school on Tuesday");
    assert_int_equal(board->rows[1]->seen_ms, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_step_in_each_state_leads_where_the_table_says),
        TEST(the_docs_draw_the_table_of_the_code),
        TEST(only_who_raised_it_changes_an_alert),
        TEST(a_step_says_what_it_must),
        TEST(a_change_goes_to_all_whom_the_alert_went_to),
        TEST(newest_words_stand_and_a_new_time_moves_the_clocks),
        TEST(an_update_after_an_acknowledgement_is_unseen_and_climbs),
        TEST(an_acknowledgement_that_crosses_an_update_is_of_the_older_words),
        TEST(an_update_without_new_words_leaves_what_was_acknowledged),
        TEST(a_newer_event_of_the_household_stays_whatever_was_acknowledged),
        TEST(an_alert_is_not_closed_while_a_row_is_blank),
        TEST(silence_that_has_reached_a_role_is_no_blank_row),
        TEST(a_role_that_nobody_fills_is_told_nothing),
        TEST(after_its_end_nothing_waits_and_nothing_climbs),
        TEST(a_late_reply_is_shown_on_the_board),
        TEST(ended_twice_the_later_end_stands),
        TEST(there_is_an_end_to_updates_but_not_to_ending),
        TEST(steps_in_any_order_come_to_the_same_and_wait_for_their_alert),
        TEST(an_update_made_after_the_end_stays_in_the_history_without_effect),
        TEST(a_step_of_a_stranger_does_not_wait_for_the_alert),
        TEST(a_step_of_a_newer_version_is_kept_without_effect),
        TEST(an_alert_that_an_older_agent_stored_lives_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
