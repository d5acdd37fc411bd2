/* io/maildir on a real folder, from both ends, by two users; fsync and inotify fail on demand. */
#include "io/clock.h"
#include "io/maildir.h"
#include "tests/lib/scratch.h"
#include "tests/lib/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define MAIL     "Subject: test\n\nA line.\n"
#define HOUR     INT64_C(3600000)
#define STRANGER 65534
#define MOST     1024

/* ---- what fails on demand -------------------------------------------------------------------- */

static int fsync_code, fsyncs_before, inotify_code;

/* Ours come before libc's. */
int fsync(int fd)
{
    if (fsync_code == 0 || fsyncs_before-- > 0)
        return (int)syscall(SYS_fsync, fd);
    errno = fsync_code;
    return -1;
}

int inotify_init1(int flags)
{
    if (inotify_code == 0)
        return (int)syscall(SYS_inotify_init1, flags);
    errno = inotify_code;
    return -1;
}

/* Of the calls below the next but so many fails; -1: none. */
static int calls_before = -1, call_code;

static bool fails(void)
{
    if (calls_before < 0 || calls_before-- > 0)
        return false;
    errno = call_code;
    return true;
}

int fstat(int fd, struct stat *at)
{
    return fails() ? -1 : (int)syscall(SYS_newfstatat, fd, "", at, AT_EMPTY_PATH);
}

int fstatat(int fd, const char *name, struct stat *at, int flags)
{
    return fails() ? -1 : (int)syscall(SYS_newfstatat, fd, name, at, flags);
}

int mkdirat(int fd, const char *name, mode_t mode)
{
    return fails() ? -1 : (int)syscall(SYS_mkdirat, fd, name, mode);
}

int fchmodat(int fd, const char *name, mode_t mode, int flags)
{
    (void)flags;
    return fails() ? -1 : (int)syscall(SYS_fchmodat, fd, name, mode);
}

int unlinkat(int fd, const char *name, int flags)
{
    return fails() ? -1 : (int)syscall(SYS_unlinkat, fd, name, flags);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
    return fails() ? -1 : (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

/* ---- the world ------------------------------------------------------------------------------- */

typedef struct world {
    scratch_t scratch;
    char folder[SCRATCH_PATH_SIZE];
    kith_arena_t *arena;
    maildir_t *maildir;
} world_t;

static int setup(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    *state = w;
    if (w == NULL || !scratch_make(&w->scratch) || chmod(w->scratch.folder, 0755) != 0)
        return -1;
    scratch_path(&w->scratch, "box", w->folder);
    w->arena = kith_arena_new(64 * 1024);
    return maildir_make(w->folder) == KITH_OK && maildir_open(w->folder, &w->maildir) == KITH_OK
               ? 0
               : -1;
}

static int teardown(void **state)
{
    world_t *w = *state;
    fsync_code = inotify_code = 0;
    calls_before = -1;
    maildir_close(&w->maildir);
    maildir_close(&w->maildir);
    kith_arena_destroy(&w->arena);
    scratch_remove(&w->scratch);
    free(w);
    return 0;
}

static const char *at(world_t *w, const char *name)
{
    return kith_arena_printf(w->arena, "%s/%s", w->folder, name);
}

static void put(world_t *w, const char *name, const char *text)
{
    int fd = open(at(w, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static size_t count(world_t *w, const char *part)
{
    size_t found = 0;
    DIR *listing = opendir(at(w, part));
    assert_non_null(listing);
    for (const struct dirent *e = readdir(listing); e != NULL; e = readdir(listing))
        found += e->d_name[0] != '.';
    closedir(listing);
    return found;
}

static kith_err deliver(const world_t *w)
{
    return maildir_deliver(w->folder, kith_bytes_str(MAIL));
}

static const char *next(world_t *w, const char *after)
{
    const char *name = NULL;
    kith_err err = maildir_next(w->maildir, after, w->arena, &name);
    assert_int_equal(err, name == NULL ? KITH_NOT_FOUND : KITH_OK);
    return name;
}

static bool told(const world_t *w)
{
    struct pollfd one = {.fd = maildir_fd(w->maildir), .events = POLLIN};
    return poll(&one, 1, 0) == 1;
}

/* In a process that is no root, and with this group alone. */
static kith_err as_another(gid_t group, kith_err (*does)(world_t *), world_t *w)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool root = geteuid() == 0;
        if (root &&
            (setresgid(group, group, group) != 0 || setresuid(STRANGER, STRANGER, STRANGER) != 0))
            _exit(255);
        _exit((int)does(w));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (kith_err)WEXITSTATUS(status);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void what_is_delivered_is_read_and_moved_once(void **state)
{
    world_t *w = *state;
    kith_bytes_t mail;
    assert_false(told(w));
    assert_null(next(w, ""));
    assert_int_equal(deliver(w), KITH_OK);
    assert_true(told(w));
    maildir_clear(w->maildir);
    assert_false(told(w));
    const char *name = next(w, "");
    assert_non_null(name);
    assert_null(next(w, name));
    assert_int_equal(maildir_read(w->maildir, name, MOST, w->arena, &mail), KITH_OK);
    assert_true(kith_bytes_equal(mail, kith_bytes_str(MAIL)));
    assert_int_equal(count(w, "tmp"), 0);
    assert_int_equal(maildir_seen(w->maildir, name), KITH_OK);
    assert_int_equal(maildir_seen(w->maildir, name), KITH_OK);
    assert_int_equal(access(at(w, kith_arena_printf(w->arena, "cur/%s:2,S", name)), R_OK), 0);
    assert_null(next(w, ""));
    assert_int_equal(maildir_read(w->maildir, name, MOST, w->arena, &mail), KITH_NOT_FOUND);
}

static void names_come_in_order_and_others_are_passed_over(void **state)
{
    world_t *w = *state;
    put(w, "new/3", MAIL);
    put(w, "new/1", MAIL);
    put(w, "new/2", MAIL);
    put(w, "new/.0", MAIL);
    assert_int_equal(mkdir(at(w, "new/0"), 0700), 0);
    assert_int_equal(symlink("1", at(w, "new/15")), 0);
    assert_int_equal(mkfifo(at(w, "new/16"), 0600), 0);
    assert_string_equal(next(w, ""), "1");
    assert_string_equal(next(w, "1"), "2");
    assert_string_equal(next(w, "2"), "3");
    assert_null(next(w, "3"));
    const char *name = NULL;
    kith_arena_t *none = kith_arena_new(1);
    assert_int_equal(maildir_next(w->maildir, "", none, &name), KITH_LIMIT);
    kith_arena_destroy(&none);
}

static void a_thousand_deliveries_have_names_of_their_own(void **state)
{
    world_t *w = *state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(deliver(w), KITH_OK);
    assert_int_equal(count(w, "new"), 1000);
}

static void what_is_no_mail_is_not_read(void **state)
{
    world_t *w = *state;
    kith_bytes_t mail = {0};
    put(w, "new/mail", MAIL);
    put(w, "new/empty", "");
    put(w, "outside", MAIL);
    assert_int_equal(symlink("../outside", at(w, "new/link")), 0);
    assert_int_equal(mkfifo(at(w, "new/pipe"), 0600), 0);
    assert_int_equal(mkdir(at(w, "new/folder"), 0700), 0);
    static const char *const names[] = {"link", "pipe", "folder",  "../outside", "",
                                        ".",    "..",   ".hidden", "a/b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(maildir_read(w->maildir, names[i], MOST, w->arena, &mail), KITH_INVALID);
    assert_int_equal(maildir_read(w->maildir, "none", MOST, w->arena, &mail), KITH_NOT_FOUND);
    assert_int_equal(maildir_read(w->maildir, "mail", strlen(MAIL) - 1, w->arena, &mail),
                     KITH_LIMIT);
    kith_arena_t *small = kith_arena_new(1);
    assert_int_equal(maildir_read(w->maildir, "mail", MOST, small, &mail), KITH_LIMIT);
    kith_arena_destroy(&small);
    assert_null(mail.data);
    assert_int_equal(maildir_read(w->maildir, "mail", strlen(MAIL), w->arena, &mail), KITH_OK);
    assert_int_equal(maildir_read(w->maildir, "empty", 0, w->arena, &mail), KITH_OK);
    assert_int_equal(mail.size, 0);
}

static void only_a_mail_of_new_is_seen(void **state)
{
    world_t *w = *state;
    char longest[256];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    put(w, "outside", MAIL);
    assert_int_equal(maildir_seen(w->maildir, "../outside"), KITH_INVALID);
    assert_int_equal(maildir_seen(w->maildir, ""), KITH_INVALID);
    assert_int_equal(maildir_seen(w->maildir, ".hidden"), KITH_INVALID);
    assert_int_equal(maildir_seen(w->maildir, longest), KITH_INVALID);
    assert_int_equal(maildir_seen(w->maildir, "none"), KITH_NOT_FOUND);
    assert_int_equal(access(at(w, "outside"), R_OK), 0);
}

static void making_says_what_is_in_its_way(void **state)
{
    world_t *w = *state;
    assert_int_equal(maildir_make(w->folder), KITH_OK);
    assert_int_equal(maildir_make(at(w, "none/box")), KITH_NOT_FOUND);
    put(w, "file", "");
    assert_int_equal(maildir_make(at(w, "file")), KITH_EXISTS);
    assert_int_equal(rmdir(at(w, "cur")), 0);
    put(w, "cur", "");
    assert_int_equal(maildir_make(w->folder), KITH_EXISTS);
    assert_int_equal(unlink(at(w, "cur")), 0);
    assert_int_equal(maildir_make(w->folder), KITH_OK);
    fsync_code = ENOSPC;
    assert_int_equal(maildir_make(w->folder), KITH_FULL);
    fsync_code = EIO;
    assert_int_equal(maildir_make(w->folder), KITH_IO);
}

static void what_is_no_maildir_is_not_opened(void **state)
{
    world_t *w = *state;
    maildir_t *other = NULL;
    assert_int_equal(maildir_open(at(w, "none"), &other), KITH_NOT_FOUND);
    assert_int_equal(maildir_open(at(w, "new"), &other), KITH_NOT_FOUND);
    assert_int_equal(maildir_deliver(at(w, "none"), kith_bytes_str(MAIL)), KITH_NOT_FOUND);
    assert_int_equal(maildir_deliver(at(w, "new"), kith_bytes_str(MAIL)), KITH_NOT_FOUND);
    char too_long[5000];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(maildir_make(too_long), KITH_INVALID);
    assert_int_equal(maildir_open(too_long, &other), KITH_INVALID);
    assert_int_equal(symlink("circle", at(w, "circle")), 0);
    assert_int_equal(maildir_open(at(w, "circle"), &other), KITH_INVALID);
    inotify_code = EMFILE;
    assert_int_equal(maildir_open(w->folder, &other), KITH_FULL);
    inotify_code = ENOMEM;
    assert_int_equal(maildir_open(w->folder, &other), KITH_IO);
    assert_null(other);
}

static void of_a_delivery_that_fails_nothing_is_left(void **state)
{
    world_t *w = *state;
    static const struct {
        int code;
        kith_err err;
    } all[] = {{ENOSPC, KITH_FULL}, {EDQUOT, KITH_FULL}, {EIO, KITH_IO}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (int before = 0; before < 2; before++) { /* of the file, of new/ */
            fsync_code = all[i].code;
            fsyncs_before = before;
            assert_int_equal(deliver(w), all[i].err);
        }
    }
    fsync_code = 0;
    assert_int_equal(count(w, "new") + count(w, "tmp"), 0);
}

static kith_err deliver_over_a_limit(world_t *w)
{
    struct sigaction ignores = {.sa_handler = SIG_IGN};
    const struct rlimit limit = {4, 4};
    if (sigaction(SIGXFSZ, &ignores, NULL) != 0 || setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return KITH_OK;
    return deliver(w);
}

static void a_write_that_breaks_off_leaves_nothing(void **state)
{
    world_t *w = *state;
    assert_int_equal(chmod(w->folder, 0777), 0);
    assert_int_equal(chmod(at(w, "tmp"), 0777), 0);
    assert_int_equal(chmod(at(w, "new"), 0777), 0);
    assert_int_equal(chmod(at(w, "cur"), 0777), 0);
    assert_int_equal(as_another(getgid(), deliver_over_a_limit, w), KITH_IO);
    assert_int_equal(count(w, "new") + count(w, "tmp"), 0);
}

static kith_err deliver_there(world_t *w)
{
    return deliver(w);
}

static kith_err open_there(world_t *w)
{
    maildir_t *other = NULL;
    kith_err err = maildir_open(w->folder, &other);
    maildir_close(&other);
    return err;
}

static kith_err make_there(world_t *w)
{
    return maildir_make(w->folder);
}

static kith_err take_there(world_t *w)
{
    kith_bytes_t mail;
    maildir_t *other = NULL;
    const char *name = NULL;
    kith_err err = maildir_open(w->folder, &other);
    if (err == KITH_OK)
        err = maildir_next(other, "", w->arena, &name);
    if (err == KITH_OK)
        err = maildir_read(other, name, MOST, w->arena, &mail);
    if (err == KITH_OK)
        err = maildir_seen(other, name);
    maildir_close(&other);
    return err;
}

static kith_err seen_there(world_t *w)
{
    return maildir_seen(w->maildir, "mail");
}

static kith_err read_there(world_t *w)
{
    kith_bytes_t mail;
    return maildir_read(w->maildir, "mail", MOST, w->arena, &mail);
}

static kith_err tidy_there(world_t *w)
{
    return maildir_tidy(w->maildir, clock_wall_ms() + 2 * HOUR, HOUR);
}

static void a_stranger_is_denied(void **state)
{
    world_t *w = *state;
    mode_t mode = geteuid() == 0 ? 0700 : 0;
    put(w, "new/mail", MAIL);
    assert_int_equal(chmod(at(w, "new/mail"), 0), 0);
    put(w, "cur/old", MAIL);
    assert_int_equal(chmod(w->folder, mode), 0);
    assert_int_equal(as_another(STRANGER, deliver_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, open_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, make_there, w), KITH_DENIED);
    assert_int_equal(chmod(w->folder, 0755), 0);
    assert_int_equal(chmod(at(w, "new"), 0555), 0);
    assert_int_equal(chmod(at(w, "tmp"), 0555), 0);
    assert_int_equal(chmod(at(w, "cur"), 0555), 0);
    assert_int_equal(as_another(STRANGER, deliver_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, make_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, seen_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, read_there, w), KITH_DENIED);
    assert_int_equal(as_another(STRANGER, tidy_there, w), KITH_DENIED);
}

/* The group lets in; nobody else, and no more than the folder says, whatever the umask. */
static void two_users_share_it_by_their_group(void **state)
{
    world_t *w = *state;
    struct stat part, mail;
    mode_t before = umask(077);
    scratch_path(&w->scratch, "shared", w->folder);
    assert_int_equal(mkdir(w->folder, 0700), 0);
    assert_int_equal(chmod(w->folder, 02770), 0);
    assert_int_equal(maildir_make(w->folder), KITH_OK);
    assert_int_equal(stat(at(w, "new"), &part), 0);
    assert_int_equal(part.st_mode & 07777, 02770);
    assert_int_equal(as_another(part.st_gid, deliver_there, w), KITH_OK);
    assert_int_equal(as_another(part.st_gid, take_there, w), KITH_OK);
    assert_int_equal(deliver(w), KITH_OK);
    maildir_close(&w->maildir);
    assert_int_equal(maildir_open(w->folder, &w->maildir), KITH_OK);
    const char *name = next(w, "");
    assert_int_equal(stat(at(w, kith_arena_printf(w->arena, "new/%s", name)), &mail), 0);
    assert_int_equal(mail.st_mode & 0777, 0640);
    assert_int_equal(as_another(part.st_gid, take_there, w), KITH_OK);
    assert_int_equal(count(w, "cur"), 2);
    (void)umask(before);
}

static void tidying_removes_what_is_old(void **state)
{
    world_t *w = *state;
    int64_t now = clock_wall_ms();
    put(w, "cur/seen:2,S", MAIL);
    put(w, "tmp/broken", MAIL);
    put(w, "new/waits", MAIL);
    assert_int_equal(mkdir(at(w, "cur/folder"), 0700), 0);
    assert_int_equal(maildir_tidy(w->maildir, now, HOUR), KITH_OK);
    assert_int_equal(count(w, "cur"), 2);
    assert_int_equal(maildir_tidy(w->maildir, now + 2 * HOUR, HOUR), KITH_OK);
    assert_int_equal(count(w, "cur"), 1);
    assert_int_equal(count(w, "tmp"), 1);
    assert_int_equal(maildir_tidy(w->maildir, now + MAILDIR_TMP_MS + HOUR, HOUR), KITH_OK);
    assert_int_equal(count(w, "tmp"), 0);
    assert_int_equal(count(w, "new"), 1);
}

/* ---- whichever call fails ---- */

typedef kith_err work_f(world_t *w);

static kith_err make_new(world_t *w)
{
    static int made;
    return maildir_make(at(w, kith_arena_printf(w->arena, "box-%d", made++)));
}

static kith_err make_again(world_t *w)
{
    return maildir_make(w->folder);
}

static kith_err deliver_one(world_t *w)
{
    return deliver(w);
}

static kith_err open_one(world_t *w)
{
    maildir_t *other = NULL;
    kith_err err = maildir_open(w->folder, &other);
    maildir_close(&other);
    return err;
}

static kith_err read_one(world_t *w)
{
    kith_bytes_t mail;
    return maildir_read(w->maildir, next(w, ""), MOST, w->arena, &mail);
}

static kith_err tidy_one(world_t *w)
{
    return maildir_tidy(w->maildir, clock_wall_ms() + HOUR, 0);
}

static void try_each(world_t *w, work_f *work, int code)
{
    for (int nth = 0; nth < 20; nth++) {
        call_code = code;
        calls_before = nth;
        kith_err err = work(w);
        bool reached = calls_before < 0;
        calls_before = -1;
        kith_arena_reset(w->arena);
        if (!reached)
            return; /* it has fewer calls */
        assert_int_not_equal(err, KITH_OK);
    }
    fail_msg("more calls than were thought of");
}

static void whichever_call_fails_it_is_said(void **state)
{
    static work_f *const works[] = {make_new, make_again, deliver_one, open_one, read_one};
    static const int codes[] = {EIO, EACCES, ENOSPC, ELOOP};
    world_t *w = *state;
    assert_int_equal(deliver(w), KITH_OK);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        for (size_t k = 0; k < sizeof codes / sizeof *codes; k++)
            try_each(w, works[i], codes[k]);
    assert_int_equal(deliver(w), KITH_OK);
    assert_int_equal(maildir_seen(w->maildir, next(w, "")), KITH_OK);
    try_each(w, tidy_one, EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_delivered_is_read_and_moved_once, setup, teardown),
        cmocka_unit_test_setup_teardown(whichever_call_fails_it_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(names_come_in_order_and_others_are_passed_over, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_thousand_deliveries_have_names_of_their_own, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_no_mail_is_not_read, setup, teardown),
        cmocka_unit_test_setup_teardown(only_a_mail_of_new_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(making_says_what_is_in_its_way, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_maildir_is_not_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(of_a_delivery_that_fails_nothing_is_left, setup, teardown),
        cmocka_unit_test_setup_teardown(a_write_that_breaks_off_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stranger_is_denied, setup, teardown),
        cmocka_unit_test_setup_teardown(two_users_share_it_by_their_group, setup, teardown),
        cmocka_unit_test_setup_teardown(tidying_removes_what_is_old, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
