/* Who may act by mail, and how: everything else waits for a person, with the rule that held it. */
#include "mail/intake.h"

#include "io/keys.h"
#include "tests/lib/unit.h"

#include <string.h>

#define NOW_MS INT64_C(1800000000000)
#define DAY_MS INT64_C(86400000)

static const uint8_t key[TOKEN_KEY_BYTES] = {7};
static const uint8_t alert[16] = {1, 2, 3};
static mail_person_t people[] = {
    {.name = "duty", .address = "duty@police.example", .alerts = MAIL_ALERTS_DRAFT},
    {.name = "lead", .address = "lead@police.example", .alerts = MAIL_ALERTS_AT_ONCE},
    {.name = "clerk", .address = "clerk@police.example", .alerts = MAIL_ALERTS_NEVER},
};
static const mail_conf_t conf = {.address = "kith@police.example",
                                 .domain = "police.example",
                                 .people = people,
                                 .people_count = 3};

typedef struct mail {
    kith_arena_t *arena;
    verdict_t v;
    const char *to[3];
    intake_t in;
} mail_t;

static const char *token_address(mail_t *m, token_use use, const uint8_t *name, int64_t ends_ms)
{
    char text[TOKEN_TEXT_SIZE];
    token_make(key, use, (kith_bytes_t){name, 16}, ends_ms, text);
    return kith_arena_printf(m->arena, "kith+%s@police.example", text);
}

/* A mail of duty that answers the alert, all of it in order. */
static void answers(mail_t *m)
{
    *m = (mail_t){.arena = kith_arena_new(1 << 20)};
    m->v = (verdict_t){.kind = LETTER_REPLY,
                       .from = "duty@police.example",
                       .subject = "Re: Kith",
                       .message_id = "<1@police.example>",
                       .in_reply_to = "",
                       .references = "",
                       .dmarc = "pass",
                       .text = "Nothing known",
                       .recipients = m->to,
                       .recipients_count = 1};
    m->to[0] = token_address(m, TOKEN_ANSWER, alert, NOW_MS + DAY_MS);
}

static void decide(mail_t *m)
{
    intake_decide(&conf, key, &m->v, NOW_MS, m->arena, &m->in);
}

static void ends(mail_t *m, intake_act act, const char *why)
{
    decide(m);
    assert_int_equal(m->in.act, act);
    assert_string_equal(m->in.why, why);
    kith_arena_destroy(&m->arena);
}

static void an_answer_with_all_three_proofs_acts(void **state)
{
    mail_t m;
    (void)state;
    answers(&m);
    decide(&m);
    assert_int_equal(m.in.act, INTAKE_ANSWER);
    assert_ptr_equal(m.in.person, &people[0]);
    assert_memory_equal(m.in.about, alert, sizeof alert);
    assert_int_equal(m.in.answer, KITH__ANSWER__ANSWER_NOTHING_KNOWN);
    kith_arena_destroy(&m.arena);
}

static void the_alert_is_known_by_what_is_answered_too(void **state)
{
    mail_t m;
    (void)state;
    answers(&m);
    char text[TOKEN_TEXT_SIZE];
    token_make(key, TOKEN_ANSWER, (kith_bytes_t){alert, 16}, NOW_MS + DAY_MS, text);
    m.v.recipients_count = 0;
    m.v.references = kith_arena_printf(m.arena, "<0@x.example> <%s.4@police.example>", text);
    ends(&m, INTAKE_ANSWER, "");
}

static void without_one_proof_a_person_decides(void **state)
{
    mail_t m;
    (void)state;
    answers(&m);
    m.v.from = "duty@elsewhere.example";
    ends(&m, INTAKE_WAIT, "unknown-sender");
    answers(&m);
    m.v.dmarc = "";
    ends(&m, INTAKE_WAIT, "not-authenticated");
    answers(&m);
    m.v.dmarc = "fail";
    ends(&m, INTAKE_WAIT, "not-authenticated");
    answers(&m);
    m.to[0] = token_address(&m, TOKEN_ANSWER, alert, NOW_MS - 2 * DAY_MS);
    ends(&m, INTAKE_WAIT, "token-expired");
    answers(&m);
    m.v.text = "We shall see";
    ends(&m, INTAKE_WAIT, "answer-unclear");
    answers(&m);
    m.v.text = "cannot share";
    ends(&m, INTAKE_WAIT, "answer-unclear");
    answers(&m);
    m.to[0] = "kith@police.example";
    ends(&m, INTAKE_WAIT, "answers-nothing");
    answers(&m);
    m.to[0] = "other@police.example";
    ends(&m, INTAKE_WAIT, "answers-nothing");
}

static void two_alerts_in_one_mail_are_for_a_person(void **state)
{
    static const uint8_t other[16] = {9};
    mail_t m;
    (void)state;
    answers(&m);
    m.to[1] = m.to[0];
    m.to[2] = token_address(&m, TOKEN_ANSWER, other, NOW_MS + DAY_MS);
    m.v.recipients_count = 3;
    ends(&m, INTAKE_WAIT, "two-tokens");
}

static void what_a_program_wrote_never_acts(void **state)
{
    static const struct {
        letter_kind kind;
        const char *why;
    } of[] = {{LETTER_AUTO_REPLY, "auto-reply"},
              {LETTER_BOUNCE, "bounce"},
              {LETTER_COMPLAINT, "complaint"},
              {LETTER_LOOP, "loop"},
              {LETTER_DOUBTFUL, "doubtful"}};
    mail_t m;
    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        answers(&m);
        m.v.kind = of[i].kind;
        ends(&m, INTAKE_WAIT, of[i].why);
    }
}

static void a_bounce_names_the_mail_that_came_back(void **state)
{
    static const uint8_t number[16] = {0, 0, 0, 0, 0, 0, 1, 4};
    mail_t m;
    (void)state;
    answers(&m);
    m.v.kind = LETTER_BOUNCE;
    m.v.from = "mailer-daemon@mx.police.example";
    m.to[0] = token_address(&m, TOKEN_BOUNCE, number, NOW_MS);
    decide(&m);
    assert_int_equal(m.in.act, INTAKE_UNDELIVERED);
    assert_int_equal(m.in.sent, 260);
    m.v.kind = LETTER_COMPLAINT;
    ends(&m, INTAKE_UNDELIVERED, "complaint");
    answers(&m);
    m.to[0] = token_address(&m, TOKEN_BOUNCE, number, NOW_MS);
    ends(&m, INTAKE_WAIT, "answers-nothing"); /* a person answers there */
}

static void new_mail(mail_t *m, const char *from, const char *subject)
{
    answers(m);
    m->v.kind = LETTER_NEW;
    m->v.from = from;
    m->v.subject = subject;
    m->to[0] = "kith@police.example";
}

static void a_new_mail_is_an_alert_as_far_as_its_writer_may(void **state)
{
    mail_t m;
    (void)state;
    new_mail(&m, "duty@police.example", "Not seen since Monday");
    decide(&m);
    assert_true(m.in.may_be_alert);
    ends(&m, INTAKE_WAIT, "to-confirm");
    new_mail(&m, "clerk@police.example", "Not seen since Monday");
    ends(&m, INTAKE_WAIT, "may-not-alert");
    new_mail(&m, "lead@police.example", "Not seen since Monday");
    ends(&m, INTAKE_WAIT, "household-unknown");
    new_mail(&m, "somebody@elsewhere.example", "9c41d07e22ab: not seen");
    ends(&m, INTAKE_WAIT, "unknown-sender");
    new_mail(&m, "lead@police.example", "Re 9C41D07E22AB: not seen since Monday");
    decide(&m);
    assert_string_equal(m.in.household, "9C41D07E22AB");
    assert_string_equal(m.in.subject, "Re not seen since Monday");
    ends(&m, INTAKE_ALERT, "");
}

static void only_a_whole_id_names_a_household(void **state)
{
    static const char *const none[] = {"12345678901",   "1234567890123", "x123456789012",
                                       "123456789012y", "12345678901-",  "0190-123456789012"};
    mail_t m;
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        new_mail(&m, "lead@police.example", none[i]);
        ends(&m, INTAKE_WAIT, "household-unknown");
    }
    new_mail(&m, "lead@police.example", "0190a5b0-0000-7000-8000-9c41d07e22ab not seen");
    decide(&m);
    assert_string_equal(m.in.household, "9c41d07e22ab");
    ends(&m, INTAKE_ALERT, "");
}

static void the_same_mail_is_the_same_whatever_way_it_came(void **state)
{
    mail_t m;
    (void)state;
    answers(&m);
    kith_id_t one = intake_id(&m.v, kith_bytes_str("Received: a"));
    kith_id_t two = intake_id(&m.v, kith_bytes_str("Received: b"));
    assert_memory_equal(one.bytes, two.bytes, sizeof one.bytes);
    m.v.text = "Acting";
    two = intake_id(&m.v, kith_bytes_str("Received: b"));
    assert_memory_not_equal(one.bytes, two.bytes, sizeof one.bytes);
    m.v.message_id = ""; /* nothing of itself to go by */
    one = intake_id(&m.v, kith_bytes_str("Received: a"));
    two = intake_id(&m.v, kith_bytes_str("Received: b"));
    assert_memory_not_equal(one.bytes, two.bytes, sizeof one.bytes);
    kith_arena_destroy(&m.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_with_all_three_proofs_acts),
        cmocka_unit_test(the_alert_is_known_by_what_is_answered_too),
        cmocka_unit_test(without_one_proof_a_person_decides),
        cmocka_unit_test(two_alerts_in_one_mail_are_for_a_person),
        cmocka_unit_test(what_a_program_wrote_never_acts),
        cmocka_unit_test(a_bounce_names_the_mail_that_came_back),
        cmocka_unit_test(a_new_mail_is_an_alert_as_far_as_its_writer_may),
        cmocka_unit_test(only_a_whole_id_names_a_household),
        cmocka_unit_test(the_same_mail_is_the_same_whatever_way_it_came),
    };
    assert_int_equal(keys_begin(), KITH_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
