/* Clocks run, and one that goes wrong is noticed; a log line is one line. */
#include "base/limits.h"
#include "io/clock.h"
#include "io/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define YEAR_2024_MS INT64_C(1704067200000)

static void clocks_do_not_run_backwards(void **state)
{
    (void)state;
    int64_t before = clock_mono_ms();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_mono_ms();
        assert_true(now >= before);
        before = now;
    }
    assert_true(clock_wall_ms() > YEAR_2024_MS);
}

static void clocks_that_keep_together_are_not_apart(void **state)
{
    (void)state;
    clock_watch_t watch;
    clock_watch_begin(&watch);
    assert_false(clock_watch_apart(&watch));
    /* Both went on by a day: that much time has passed. */
    watch.wall_ms -= 24 * 3600 * 1000;
    watch.mono_ms -= 24 * 3600 * 1000;
    assert_false(clock_watch_apart(&watch));
}

static void a_wall_clock_that_was_moved_is_noticed(void **state)
{
    (void)state;
    clock_watch_t watch;
    clock_watch_begin(&watch);
    watch.wall_ms -= KITH_CLOCK_APART_MS + 60000; /* as if set forward */
    assert_true(clock_watch_apart(&watch));
    clock_watch_begin(&watch);
    watch.wall_ms += KITH_CLOCK_APART_MS + 60000; /* as if set back */
    assert_true(clock_watch_apart(&watch));
    clock_watch_begin(&watch);
    watch.wall_ms += KITH_CLOCK_APART_MS - 60000; /* less than the limit */
    assert_false(clock_watch_apart(&watch));
}

/* stderr goes to a pipe while one event is logged. */
static size_t logged(const char *event, const char *value, char *ret_line, size_t size)
{
    int ends[2], stderr_before = dup(STDERR_FILENO);
    assert_true(stderr_before >= 0 && pipe(ends) == 0);
    assert_true(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    errno = EAGAIN;
    log_event(event, "value=%s", value);
    assert_int_equal(errno, EAGAIN);
    assert_true(dup2(stderr_before, STDERR_FILENO) == STDERR_FILENO);
    close(ends[1]);
    close(stderr_before);
    ssize_t got = read(ends[0], ret_line, size - 1);
    close(ends[0]);
    assert_true(got > 0);
    ret_line[got] = '\0';
    return (size_t)got;
}

static void an_event_is_one_line_with_the_program_first(void **state)
{
    (void)state;
    char line[4096];
    log_open("kith-test");
    logged("ready", "7", line, sizeof(line));
    assert_string_equal(line, "kith-test ready value=7\n");
    logged("refused", "a\nforged line\r\x1b[2J\x7f", line, sizeof(line));
    assert_string_equal(line, "kith-test refused value=a?forged line??[2J?\n");
}

static void a_long_line_is_cut(void **state)
{
    (void)state;
    char value[3000], line[4096];
    memset(value, 'x', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    log_open("kith-test");
    size_t size = logged("long", value, line, sizeof(line));
    assert_true(size <= 1024);
    assert_int_equal(line[size - 1], '\n');
    assert_ptr_equal(strchr(line, '\n'), line + size - 1);
}

static void an_event_needs_no_values(void **state)
{
    (void)state;
    int ends[2], stderr_before = dup(STDERR_FILENO);
    char line[64];
    assert_true(stderr_before >= 0 && pipe(ends) == 0);
    assert_true(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
    log_open("kith-test");
    log_event("stop", "%s", "");
    assert_true(dup2(stderr_before, STDERR_FILENO) == STDERR_FILENO);
    close(ends[1]);
    close(stderr_before);
    ssize_t got = read(ends[0], line, sizeof(line) - 1);
    close(ends[0]);
    assert_true(got > 0);
    line[got] = '\0';
    assert_string_equal(line, "kith-test stop\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_do_not_run_backwards),
        cmocka_unit_test(clocks_that_keep_together_are_not_apart),
        cmocka_unit_test(a_wall_clock_that_was_moved_is_noticed),
        cmocka_unit_test(an_event_is_one_line_with_the_program_first),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(an_event_needs_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
