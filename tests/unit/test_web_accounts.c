/* The accounts file: written whole, read strictly, with modes that keep it from others. */
#include "web/accounts.h"

#include "io/keys.h"
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kith_arena_t *arena;
static char folder[] = "/tmp/kith-accounts-XXXXXX", path[64];

static int begin(void **state)
{
    (void)state;
    assert_int_equal(keys_begin(), KITH_OK);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/accounts", folder);
    arena = kith_arena_new(16u * 1024u * 1024u);
    return 0;
}

static int end(void **state)
{
    (void)state;
    kith_arena_destroy(&arena);
    (void)unlink(path);
    return rmdir(folder);
}

static void write_text(const char *text, mode_t mode)
{
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    accounts_t a = {0}, b;
    size_t line = 0;
    char token[ACCOUNTS_TOKEN_SIZE], other[ACCOUNTS_TOKEN_SIZE];
    assert_int_equal(accounts_read(path, arena, &a, &line), KITH_OK); /* none yet */
    assert_int_equal(a.passwords_count + a.tokens_count, 0);
    assert_int_equal(accounts_set_password(arena, &a, "ada", "three random words"), KITH_OK);
    assert_int_equal(accounts_set_password(arena, &a, "bo", "other random words"), KITH_OK);
    assert_int_equal(accounts_set_password(arena, &a, "ada", "new random words"), KITH_OK);
    accounts_add_token(arena, &a, "ada", "a label", token);
    accounts_add_token(arena, &a, "bo", "program", other);
    assert_string_not_equal(token, other);
    assert_int_equal(accounts_write(path, arena, &a), KITH_OK);
    struct stat at;
    assert_int_equal(stat(path, &at), 0);
    assert_int_equal(at.st_mode & 0777, 0600);
    assert_int_equal(accounts_read(path, arena, &b, &line), KITH_OK);
    assert_int_equal(b.passwords_count, 2);
    assert_int_equal(strncmp(accounts_password(&b, "ada")->hash, "$argon2id$", 10), 0);
    assert_true(secret_fits_password(accounts_password(&b, "ada")->hash, "new random words"));
    assert_false(secret_fits_password(accounts_password(&b, "ada")->hash, "three random words"));
    assert_null(accounts_password(&b, "ad"));
    assert_string_equal(accounts_token(&b, token)->name, "ada");
    assert_string_equal(accounts_token(&b, token)->label, "a label");
    token[30] = token[30] == '0' ? '1' : '0';
    assert_null(accounts_token(&b, token));
    assert_int_equal(accounts_remove_token(&b, b.tokens[0].id), 1);
    assert_int_equal(accounts_remove_user(&b, "bo"), 2);
    assert_int_equal(b.passwords_count, 1);
    assert_int_equal(b.tokens_count, 0);
    assert_int_equal(accounts_remove_user(&b, "bo"), 0);
}

static void a_file_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "password\tada\n",      "password\tada\thash",  "nothing\n",           "password\t\thash\n",
        "token\ta\tb\tzz\tc\n", "token\ta\tb\t00\tc\n", "password\ta\tb\tc\n", "\n"};
    accounts_t a;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t line = 0;
        char text[100] = "password\tada\thash\n";
        (void)snprintf(text + strlen(text), 60, "%s", bad[i]);
        write_text(text, 0600);
        assert_int_equal(accounts_read(path, arena, &a, &line), KITH_INVALID);
        assert_int_equal(line, 2);
    }
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    accounts_t a;
    size_t line = 0;
    write_text("password\tada\thash\n", 0640);
    assert_int_equal(accounts_read(path, arena, &a, &line), KITH_DENIED);
    write_text("password\tada\thash\n", 0600);
    assert_int_equal(accounts_read(path, arena, &a, &line), KITH_OK);
    const char *beside = kith_arena_printf(arena, "%s/link", folder);
    assert_int_equal(symlink(path, beside), 0);
    assert_int_equal(accounts_read(beside, arena, &a, &line), KITH_DENIED);
    assert_int_equal(unlink(beside), 0);
    assert_int_equal(accounts_read(folder, arena, &a, &line), KITH_IO);
}

static void a_file_that_cannot_be_written_stays_as_it_is(void **state)
{
    (void)state;
    accounts_t a = {0};
    const char *nowhere = kith_arena_printf(arena, "%s/none/accounts", folder);
    assert_int_equal(accounts_write(nowhere, arena, &a), KITH_IO);
    write_text("password\tada\thash\n", 0600);
    const char *in_the_way = kith_arena_printf(arena, "%s.new", path);
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    assert_int_equal(accounts_write(path, arena, &a), KITH_IO);
    assert_int_equal(rmdir(in_the_way), 0);
    size_t line = 0;
    assert_int_equal(accounts_read(path, arena, &a, &line), KITH_OK);
    assert_int_equal(a.passwords_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_file_that_is_none_is_refused),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_written_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
