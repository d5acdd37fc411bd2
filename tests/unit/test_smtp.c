/* What io/smtp says without a mail server: what it does not take, and a server that is not there or
 * says nothing. With a real one: tests/e2e/test_smtp_sends_over_tls_only.py. */
#include "io/smtp.h"
#include "tests/lib/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAIL    "Subject: test\r\n\r\nA line.\r\n"
#define WAIT_MS 60000

static smtp_options_t options(void)
{
    return (smtp_options_t){
        .url = "smtp://127.0.0.1:9", .helo = "kith.example", .timeout_ms = WAIT_MS};
}

/* A socket of loopback that others reach when it listens. */
static int bound(bool listens, char ret_url[64])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    if (listens)
        assert_int_equal(listen(fd, 8), 0);
    (void)snprintf(ret_url, 64, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
    return fd;
}

static smtp_t *opened(const smtp_options_t *o)
{
    smtp_t *smtp = NULL;
    assert_int_equal(smtp_open(o, &smtp), KITH_OK);
    return smtp;
}

static kith_err sent(smtp_t *smtp, const char *from, const char *to, const char *mail)
{
    return smtp_send(smtp, 7, from, to, kith_bytes_str(mail));
}

static smtp_done_t ended(smtp_t *smtp)
{
    smtp_done_t done;
    while (!smtp_next(smtp, &done))
        assert_int_equal(smtp_wait(smtp, NULL, 0, WAIT_MS), KITH_OK);
    return done;
}

static void options_against_their_rules_are_invalid(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "127.0.0.1:25",
        "http://127.0.0.1:25",
        "smtp://",
        "smtp://mail.example",
        "smtp://user@mail.example:587",
        "smtp://mail.example:587/path",
        "smtp://mail.example:587?query",
        "smtp://mail.example:70000",
        "smtp://mail.example:587\r\nQUIT",
    };
    static const char *const names[] = {"", "kith example", "kith.example\r\nQUIT", "a/b", "%0d"};
    smtp_t *smtp = NULL;
    smtp_options_t o = options();
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        o.url = urls[i];
        assert_int_equal(smtp_open(&o, &smtp), KITH_INVALID);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        o = options();
        o.helo = names[i];
        assert_int_equal(smtp_open(&o, &smtp), KITH_INVALID);
    }
    o = options();
    o.user = "user";
    assert_int_equal(smtp_open(&o, &smtp), KITH_INVALID);
    o = options();
    o.timeout_ms = 0;
    assert_int_equal(smtp_open(&o, &smtp), KITH_INVALID);
    o = options();
    o.ca = "no-such-file.pem";
    assert_int_equal(smtp_open(&o, &smtp), KITH_NOT_FOUND);
    assert_null(smtp);
    smtp_close(&smtp);
    smtp_close(NULL);
}

static void addresses_that_could_say_more_are_invalid(void **state)
{
    (void)state;
    static const char *const addresses[] = {"duty",
                                            "@police.example",
                                            "duty@",
                                            "a b@c.example",
                                            "a@b.example\r\nRCPT TO:<x@y.example>",
                                            "<a@b.example>",
                                            "a@b.example> SIZE=1",
                                            "\x01@b.example",
                                            "d\xc3\xbcty@b.example",
                                            "a\x7f@b.example"};
    char longest[SMTP_ADDRESS_BYTES_MAX + 2];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    longest[1] = '@';
    smtp_options_t o = options();
    smtp_t *smtp = opened(&o);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        assert_int_equal(sent(smtp, "a@b.example", addresses[i], MAIL), KITH_INVALID);
        assert_int_equal(sent(smtp, addresses[i], "a@b.example", MAIL), KITH_INVALID);
    }
    assert_int_equal(sent(smtp, "a@b.example", "", MAIL), KITH_INVALID);
    assert_int_equal(sent(smtp, "a@b.example", longest, MAIL), KITH_INVALID);
    longest[sizeof longest - 2] = '\0';
    assert_int_equal(sent(smtp, "", longest, MAIL), KITH_OK);
    smtp_close(&smtp); /* with a mail in hand */
    assert_null(smtp);
}

static void a_mail_that_could_end_early_is_invalid(void **state)
{
    (void)state;
    static const char *const mails[] = {"",         "\r\n.", "a\n",    "a\n.\r\n",
                                        "a\r.\r\n", "\n",    "a\r\n\r"};
    smtp_options_t o = options();
    smtp_t *smtp = opened(&o);
    for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
        assert_int_equal(sent(smtp, "a@b.example", "c@d.example", mails[i]), KITH_INVALID);
    kith_bytes_t with_nul = {(const uint8_t *)"a\0b\r\n", 5};
    assert_int_equal(smtp_send(smtp, 1, "", "c@d.example", with_nul), KITH_INVALID);
    smtp_done_t done;
    assert_false(smtp_next(smtp, &done));
    smtp_close(&smtp);
}

static void no_server_is_later_for_each(void **state)
{
    (void)state;
    char url[64];
    int fd = bound(false, url);
    smtp_options_t o = options();
    o.url = url;
    smtp_t *smtp = opened(&o);
    uint64_t seen = 0, sum = 0;
    for (uint64_t i = 0; i < SMTP_BUSY_MAX; i++, sum += i)
        assert_int_equal(smtp_send(smtp, i + 1, "", "a@b.example", kith_bytes_str(MAIL)), KITH_OK);
    assert_int_equal(sent(smtp, "", "a@b.example", MAIL), KITH_FULL);
    for (size_t i = 0; i < SMTP_BUSY_MAX; i++) {
        smtp_done_t done = ended(smtp);
        assert_int_equal(done.outcome, SMTP_LATER);
        assert_int_equal(done.code, 0);
        assert_string_equal(done.why, "no-connection");
        seen += done.ticket;
    }
    assert_int_equal(seen, sum);
    assert_int_equal(sent(smtp, "", "a@b.example", MAIL), KITH_OK);
    smtp_close(&smtp);
    close(fd);
}

static void a_server_that_says_nothing_is_later(void **state)
{
    (void)state;
    char url[64];
    int fd = bound(true, url);
    smtp_options_t o = options();
    o.url = url;
    o.timeout_ms = 100;
    smtp_t *smtp = opened(&o);
    assert_int_equal(sent(smtp, "a@b.example", "c@d.example", MAIL), KITH_OK);
    smtp_done_t done = ended(smtp);
    assert_int_equal(done.ticket, 7);
    assert_int_equal(done.outcome, SMTP_LATER);
    assert_string_equal(done.why, "timeout");
    smtp_close(&smtp);
    close(fd);
}

static void waiting_ends_when_another_has_work(void **state)
{
    (void)state;
    int ends[2];
    int fds[SMTP_WAIT_FDS_MAX + 1];
    smtp_options_t o = options();
    smtp_t *smtp = opened(&o);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    assert_int_equal(smtp_wait(smtp, ends, 1, INT64_MAX), KITH_OK);
    assert_int_equal(smtp_wait(smtp, NULL, 0, -1), KITH_OK);
    for (size_t i = 0; i <= SMTP_WAIT_FDS_MAX; i++)
        fds[i] = ends[0];
    assert_int_equal(smtp_wait(smtp, fds, SMTP_WAIT_FDS_MAX + 1, 0), KITH_LIMIT);
    close(ends[0]);
    close(ends[1]);
    smtp_close(&smtp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_against_their_rules_are_invalid),
        cmocka_unit_test(addresses_that_could_say_more_are_invalid),
        cmocka_unit_test(a_mail_that_could_end_early_is_invalid),
        cmocka_unit_test(no_server_is_later_for_each),
        cmocka_unit_test(a_server_that_says_nothing_is_later),
        cmocka_unit_test(waiting_ends_when_another_has_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
