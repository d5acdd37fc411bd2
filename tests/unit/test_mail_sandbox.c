/* The child in which a mail is read: it speaks, and whatever else it tries ends it or fails. */
#include "mail/sandbox.h"

#include "tests/lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 20000

static void nothing(void)
{
}

static kith_bytes_t speak(kith_arena_t *arena, const void *context)
{
    return kith_bytes_str(kith_arena_str(arena, context));
}

static kith_bytes_t open_file(kith_arena_t *arena, const void *context)
{
    (void)arena;
    (void)context;
    int file = open("/etc/hostname", O_RDONLY | O_CLOEXEC);
    return kith_bytes_str(file < 0 && errno == EACCES ? "refused" : "opened");
}

static kith_bytes_t reach_out(kith_arena_t *arena, const void *context)
{
    (void)arena;
    (void)context;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return kith_bytes_str("still here");
}

static kith_bytes_t fork_off(kith_arena_t *arena, const void *context)
{
    (void)arena;
    (void)context;
    (void)fork();
    return kith_bytes_str("still here");
}

static kith_bytes_t think_for_ever(kith_arena_t *arena, const void *context)
{
    (void)arena;
    for (volatile const void *same = context; same == context;)
        continue;
    return kith_bytes_str("still here");
}

static kith_bytes_t say_nothing(kith_arena_t *arena, const void *context)
{
    (void)arena;
    (void)context;
    return (kith_bytes_t){0};
}

static kith_bytes_t say_too_much(kith_arena_t *arena, const void *context)
{
    (void)context;
    size_t size = SANDBOX_SAID_BYTES_MAX + 1;
    return (kith_bytes_t){kith_arena_need(arena, size), size};
}

typedef kith_bytes_t (*work_f)(kith_arena_t *arena, const void *context);

static kith_err run(work_f work, const void *context, const char **ret_said, kith_arena_t *arena)
{
    sandbox_job_t job = {nothing, work, context, 4 << 20};
    kith_bytes_t said = {0};
    kith_err err = sandbox_run(&job, WAIT_MS, arena, &said);
    if (err == KITH_OK)
        *ret_said = kith_arena_printf(arena, "%.*s", (int)said.size, (const char *)said.data);
    return err;
}

static void test_what_it_says_comes_out(void **state)
{
    (void)state;
    kith_arena_t *arena = kith_arena_new(8 << 20);
    const char *said = NULL;
    assert_int_equal(run(speak, "plain words", &said, arena), KITH_OK);
    assert_string_equal(said, "plain words");
    assert_int_equal(run(open_file, NULL, &said, arena), KITH_OK);
    assert_string_equal(said, "refused");
    kith_arena_destroy(&arena);
}

static void test_what_it_may_not_ends_it(void **state)
{
    (void)state;
    static const work_f bad[] = {reach_out, fork_off, think_for_ever, say_nothing, say_too_much};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kith_arena_t *arena = kith_arena_new(8 << 20);
        const char *said = NULL;
        assert_int_equal(run(bad[i], NULL, &said, arena), KITH_INVALID);
        assert_null(said);
        kith_arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_says_comes_out),
        cmocka_unit_test(test_what_it_may_not_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
