/* A secret is read only from a file that is this user's alone, and never written over. */
#include "io/secret_file.h"

#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MOST 64u

typedef struct place {
    scratch_t scratch;
    char path[SCRATCH_PATH_SIZE], other[SCRATCH_PATH_SIZE];
    kith_arena_t *arena;
    char *text;
} place_t;

static int make_place(void **state)
{
    static place_t p;
    p = (place_t){.arena = kith_arena_new(1 << 16)};
    assert_true(scratch_make(&p.scratch));
    (void)snprintf(p.path, sizeof p.path, "%s/secret", p.scratch.folder);
    (void)snprintf(p.other, sizeof p.other, "%s/other", p.scratch.folder);
    *state = &p;
    return 0;
}

static int drop_place(void **state)
{
    place_t *p = *state;
    kith_arena_destroy(&p->arena);
    scratch_remove(&p->scratch);
    return 0;
}

static kith_err read_it(place_t *p)
{
    return secret_file_read(p->path, MOST, p->arena, &p->text);
}

static void what_was_made_is_read(void **state)
{
    place_t *p = *state;
    struct stat at;
    assert_int_equal(read_it(p), KITH_NOT_FOUND);
    assert_int_equal(secret_file_make(p->path, "fictional\n"), KITH_OK);
    assert_int_equal(stat(p->path, &at), 0);
    assert_int_equal(at.st_mode & 07777, 0600);
    assert_int_equal(read_it(p), KITH_OK);
    assert_string_equal(p->text, "fictional\n");
    assert_int_equal(secret_file_make(p->path, "another"), KITH_EXISTS);
    assert_int_equal(read_it(p), KITH_OK);
    assert_string_equal(p->text, "fictional\n");
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    place_t *p = *state;
    assert_int_equal(secret_file_make(p->path, "fictional"), KITH_OK);
    assert_int_equal(chmod(p->path, 0640), 0);
    assert_int_equal(read_it(p), KITH_DENIED);
    assert_int_equal(chmod(p->path, 0604), 0);
    assert_int_equal(read_it(p), KITH_DENIED);
    assert_int_equal(chmod(p->path, 0400), 0);
    assert_int_equal(read_it(p), KITH_OK);
    if (geteuid() == 0) {
        assert_int_equal(chown(p->path, 65534, 65534), 0);
        assert_int_equal(read_it(p), KITH_DENIED);
    }
}

static void what_is_no_plain_file_is_refused(void **state)
{
    place_t *p = *state;
    assert_int_equal(secret_file_make(p->other, "fictional"), KITH_OK);
    assert_int_equal(symlink("other", p->path), 0);
    assert_int_equal(read_it(p), KITH_DENIED);
    assert_int_equal(secret_file_make(p->path, "x"), KITH_EXISTS);
    assert_int_equal(unlink(p->path), 0);
    assert_int_equal(mkdir(p->path, 0700), 0);
    assert_int_equal(read_it(p), KITH_IO);
    char below[SCRATCH_PATH_SIZE + 8];
    (void)snprintf(below, sizeof below, "%s/x", p->other); /* a file is no folder */
    assert_int_equal(secret_file_make(below, "x"), KITH_NOT_FOUND);
    assert_int_equal(secret_file_make("/proc/nothing", "x"), KITH_NOT_FOUND);
    assert_int_equal(secret_file_make("/sys/nothing", "x"), KITH_DENIED);
}

static void what_is_no_text_of_that_size_is_refused(void **state)
{
    place_t *p = *state;
    char long_text[MOST + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(secret_file_make(p->path, long_text), KITH_OK);
    assert_int_equal(read_it(p), KITH_INVALID);
    assert_int_equal(truncate(p->path, (off_t)MOST), 0);
    assert_int_equal(read_it(p), KITH_OK);
    assert_int_equal(truncate(p->path, 3), 0);
    assert_int_equal(truncate(p->path, 5), 0); /* with zeros behind it */
    assert_int_equal(read_it(p), KITH_INVALID);
}

/* A write that fails, as on a full disk. */
static void what_cannot_be_written_leaves_nothing(void **state)
{
    place_t *p = *state;
    struct rlimit before, none;
    char too_long[5000];
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    assert_int_equal(sigaction(SIGXFSZ, &ignored, NULL), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    kith_err err = secret_file_make(p->path, "fictional");
    none.rlim_cur = 4;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    kith_err half = secret_file_make(p->path, "fictional");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(err == KITH_IO || err == KITH_FULL);
    assert_true(half == KITH_IO || half == KITH_FULL);
    assert_int_equal(read_it(p), KITH_NOT_FOUND);
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(secret_file_read(too_long, MOST, p->arena, &p->text), KITH_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_made_is_read),
        TEST(a_file_that_others_may_read_is_refused),
        TEST(what_is_no_plain_file_is_refused),
        TEST(what_is_no_text_of_that_size_is_refused),
        TEST(what_cannot_be_written_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
