/* A mail waits for a person, once; it becomes one notice, or is ended. A mail that reached nobody
 * is a task, and silence climbs at once. */
#include "tests/unit/work_faults.h"

static uint8_t mail_id[16] = {0xaa, [15] = 1};

static Kith__Api__Mail *mail(world_t *w, Kith__Api__Draft *draft)
{
    Kith__Api__Mail *m = kith_arena_need(w->arena, sizeof *m);
    kith__api__mail__init(m);
    m->id = (ProtobufCBinaryData){sizeof mail_id, mail_id};
    m->kind = NAME("reply");
    m->why = NAME("answer-unclear");
    m->from = NAME("duty@housing.example");
    m->subject = NAME("Re: Kith");
    m->text = NAME("We shall see");
    m->received_ms = w->now_ms;
    m->draft = draft;
    return m;
}

static kith_err bring(world_t *w, const Kith__Api__Mail *m, bool *ret_repeat)
{
    kith_txn_t *txn = world_begin(w, "housing");
    kith_err err = work_mail_in(&world_node(w, "housing")->work, txn, w->arena, m, w->now_ms,
                                ret_repeat, &w->refusal);
    world_commit(w, "housing");
    return err;
}

static kith_err ask(world_t *w, Kith__Api__Mail **ret_mail)
{
    kith_txn_t *txn = world_begin(w, "housing");
    kith_err err = work_mail(&world_node(w, "housing")->work, txn, w->arena,
                             (kith_bytes_t){mail_id, sizeof mail_id}, ret_mail);
    world_commit(w, "housing");
    return err;
}

static kith_err become(world_t *w, ProtobufCBinaryData notice)
{
    kith_txn_t *txn = world_begin(w, "housing");
    kith_err err = work_mail_became(&world_node(w, "housing")->work, txn, w->arena,
                                    (kith_bytes_t){mail_id, sizeof mail_id},
                                    (kith_bytes_t){notice.data, notice.len}, "ada", w->now_ms);
    world_commit(w, "housing");
    return err;
}

static kith_err undelivered(world_t *w, ProtobufCBinaryData notice, const char *role,
                            const char *reason, bool *ret_climbed)
{
    Kith__Api__UndeliveredRequest said = KITH__API__UNDELIVERED_REQUEST__INIT;
    said.notice = notice;
    said.role = NAME(role);
    said.reason = NAME(reason);
    *ret_climbed = false;
    kith_txn_t *txn = world_begin(w, "housing");
    kith_err err = work_undelivered(&world_node(w, "housing")->work, txn, w->arena, &said,
                                    w->now_ms, ret_climbed, &w->refusal);
    world_commit(w, "housing");
    return err;
}

/* social-care asks housing. */
static Kith__Notice *raise(world_t *w)
{
    static const char *const team[] = {"housing", NULL};
    static kith_ladder_step_t steps[] = {{"duty", 15 * MINUTE, false}, {"manager", DAY, false}};
    ProtobufCBinaryData household = world_household(w, "social-care", team);
    w->agreement.ladder = (kith_ladder_t){2, steps, 30 * MINUTE, DAY};
    Kith__Api__Draft *draft = world_alert(w, household);
    draft->alert->reply_by_ms = w->now_ms + 2 * DAY;
    return world_say(w, "social-care", draft);
}

static void a_mail_waits_once_and_becomes_one_notice(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise(w);
    Kith__Api__Draft *draft = world_reply(w, alert, KITH__ANSWER__ANSWER_UNSPECIFIED);
    Kith__Api__Mail *found = NULL;
    bool repeat = false;
    assert_int_equal(ask(w, &found), KITH_NOT_FOUND);
    assert_int_equal(become(w, alert->id), KITH_NOT_FOUND);
    assert_int_equal(bring(w, mail(w, draft), &repeat), KITH_OK);
    assert_false(repeat);
    assert_int_equal(bring(w, mail(w, draft), &repeat), KITH_OK);
    assert_true(repeat);
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care; mail-to-read ");
    assert_string_equal(world_last(w, "housing")->kind, "alert"); /* a stranger's fills no feed */
    Kith__Api__InboxResponse *inbox = world_inbox(w, "housing", 0, 0);
    const Kith__Api__Task *task = inbox->tasks[1];
    assert_string_equal(task->summary, "reply of duty@housing.example: Re: Kith");
    assert_string_equal(task->reason, "answer-unclear");
    assert_int_equal(task->household.len, 16); /* the alert's */
    assert_int_equal(ask(w, &found), KITH_OK);
    assert_int_equal(found->ended_ms, 0);
    assert_string_equal(found->text, "We shall see");
    w->now_ms += MINUTE;
    assert_int_equal(become(w, alert->id), KITH_OK);
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
    assert_int_equal(ask(w, &found), KITH_OK);
    assert_int_equal(found->ended_ms, w->now_ms);
    assert_string_equal(found->ended_by, "ada");
    assert_int_equal(found->became.len, 16);
    assert_int_equal(bring(w, mail(w, draft), &repeat), KITH_OK); /* it comes again */
    assert_string_equal(world_tasks(w, "housing"), "alert-to-answer social-care");
}

static void a_known_persons_mail_is_told_at_once(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise(w);
    Kith__Api__Mail *m = mail(w, world_reply(w, alert, KITH__ANSWER__ANSWER_UNSPECIFIED));
    bool repeat = false;
    m->known = true;
    assert_int_equal(bring(w, m, &repeat), KITH_OK);
    const Kith__Api__FeedEntry *last = world_last(w, "housing");
    assert_string_equal(last->summary, "a mail waits: answer-unclear");
    assert_true(world_flag(last, "urgent"));
    assert_int_equal(last->household.len, 16);
    assert_int_equal(bring(w, m, &repeat), KITH_OK); /* once */
    assert_int_equal(world_last(w, "housing")->seq, last->seq);
}

static void a_mail_from_nobody_waits_as_well(void **state)
{
    world_t *w = *state;
    Kith__Api__Mail *m = mail(w, NULL);
    bool repeat = false;
    m->from = m->subject = NAME("");
    assert_int_equal(bring(w, m, &repeat), KITH_OK);
    assert_string_equal(world_inbox(w, "housing", 0, 0)->tasks[0]->summary,
                        "reply of nobody named");
}

static void what_is_no_mail_is_refused(void **state)
{
    world_t *w = *state;
    Kith__Api__Mail *m = mail(w, NULL);
    bool repeat = false;
    assert_int_equal(bring(w, NULL, &repeat), KITH_INVALID);
    assert_string_equal(w->refusal.rule, "mail");
    m->id.len = 15;
    assert_int_equal(bring(w, m, &repeat), KITH_INVALID);
    m->id.len = 16;
    m->kind = NAME("");
    assert_int_equal(bring(w, m, &repeat), KITH_INVALID);
    assert_string_equal(world_tasks(w, "housing"), "");
}

static const char *rungs(world_t *w, const Kith__Notice *alert)
{
    Kith__Api__AlertBoardRow *row = world_board(w, "housing", alert)->rows[0];
    const char *all = "";
    for (size_t i = 0; i < row->n_rungs; i++) {
        all =
            kith_arena_printf(w->arena, "%s%s %s; ", all, row->rungs[i]->what, row->rungs[i]->who);
    }
    return all;
}

static void what_reached_nobody_climbs_at_once(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise(w);
    bool climbed = false;
    assert_int_equal(undelivered(w, alert->id, "ada", "bounced", &climbed), KITH_OK);
    assert_true(climbed);
    assert_string_equal(rungs(w, alert), "undelivered ada; told duty; ");
    assert_string_equal(world_tasks(w, "housing"),
                        "alert-to-answer social-care; mail-undelivered ada; alert-escalated "
                        "social-care");
    assert_string_equal(world_inbox(w, "housing", 0, 0)->tasks[1]->reason, "ada: bounced");
    assert_int_equal(undelivered(w, alert->id, "duty", "refused", &climbed), KITH_OK);
    assert_true(climbed);
    assert_int_equal(undelivered(w, alert->id, "manager", "refused", &climbed), KITH_OK);
    assert_false(climbed); /* the ladder ends there */
    assert_string_equal(rungs(w, alert),
                        "undelivered ada; told duty; undelivered duty; told manager; ");
}

/* It turns the escalation on, never off. */
static void what_somebody_has_does_not_climb(void **state)
{
    world_t *w = *state;
    Kith__Notice *alert = raise(w);
    bool climbed = false;
    world_say(w, "housing", world_seen(w, alert));
    assert_int_equal(undelivered(w, alert->id, "ada", "bounced", &climbed), KITH_OK);
    assert_false(climbed);
    world_say(w, "housing", world_reply(w, alert, KITH__ANSWER__ANSWER_ACTING));
    assert_int_equal(undelivered(w, alert->id, "bo", "bounced", &climbed), KITH_OK);
    assert_false(climbed);
    assert_string_equal(rungs(w, alert), "acknowledged duty; ");
}

static void a_mail_about_another_notice_is_a_task_alone(void **state)
{
    world_t *w = *state;
    static uint8_t unknown[16] = {0xee};
    bool climbed = false;
    world_say(w, "police", world_event(w, "police.call-out"));
    world_subscribe(w, "housing", "police.call-out");
    Kith__Notice *event = world_say(w, "police", world_event(w, "police.call-out"));
    assert_int_equal(undelivered(w, event->id, "", "complaint", &climbed), KITH_OK);
    assert_false(climbed);
    assert_string_equal(world_tasks(w, "housing"), "mail-undelivered ");
    assert_string_equal(world_inbox(w, "housing", 0, 0)->tasks[0]->reason, "complaint");
    ProtobufCBinaryData none = {sizeof unknown, unknown};
    assert_int_equal(undelivered(w, none, "", "bounced", &climbed), KITH_NOT_FOUND);
    assert_int_equal(undelivered(w, event->id, "", "", &climbed), KITH_INVALID);
    none.len = 3;
    assert_int_equal(undelivered(w, none, "", "bounced", &climbed), KITH_INVALID);
}

static kith_err bring_one(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    bool repeat = false;
    Kith__Api__Draft *draft = deed->notice != NULL
                                  ? world_reply(w, deed->notice, KITH__ANSWER__ANSWER_UNSPECIFIED)
                                  : NULL;
    return work_mail_in(&world_node(w, deed->agency)->work, txn, w->arena, mail(w, draft),
                        w->now_ms, &repeat, &w->refusal);
}

static kith_err ask_one(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    const work_t *work = &world_node(w, deed->agency)->work;
    Kith__Api__Mail *found = NULL;
    Kith__Api__InboxRequest page = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__InboxResponse *inbox = kith_arena_need(w->arena, sizeof *inbox);
    kith__api__inbox_response__init(inbox);
    kith_err err = work_mail(work, txn, w->arena, (kith_bytes_t){mail_id, sizeof mail_id}, &found);
    return err == KITH_OK ? work_inbox(work, txn, w->arena, &page, inbox) : err;
}

static kith_err become_one(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    return work_mail_became(
        &world_node(w, deed->agency)->work, txn, w->arena, (kith_bytes_t){mail_id, sizeof mail_id},
        (kith_bytes_t){deed->notice->id.data, deed->notice->id.len}, "ada", w->now_ms);
}

static kith_err fail_one(world_t *w, const deed_t *deed, kith_txn_t *txn)
{
    Kith__Api__UndeliveredRequest said = KITH__API__UNDELIVERED_REQUEST__INIT;
    bool climbed = false;
    said.notice = deed->notice->id;
    said.role = NAME("duty");
    said.reason = NAME("bounced");
    return work_undelivered(&world_node(w, deed->agency)->work, txn, w->arena, &said, w->now_ms,
                            &climbed, &w->refusal);
}

static void every_error_of_the_store_comes_out_as_it_is(void **state)
{
    world_t *w = *state;
    bool repeat = false;
    const deed_t deed = {.agency = "housing", .notice = raise(w)};
    faults_try_each(w, bring_one, &deed);
    faults_try_each(w, fail_one, &deed);
    assert_int_equal(bring(w, mail(w, NULL), &repeat), KITH_OK);
    faults_try_each(w, ask_one, &deed);
    faults_try_each(w, become_one, &deed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mail_waits_once_and_becomes_one_notice),
        TEST(a_known_persons_mail_is_told_at_once),
        TEST(a_mail_from_nobody_waits_as_well),
        TEST(what_is_no_mail_is_refused),
        TEST(what_reached_nobody_climbs_at_once),
        TEST(what_somebody_has_does_not_climb),
        TEST(a_mail_about_another_notice_is_a_task_alone),
        TEST(every_error_of_the_store_comes_out_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
