#include "web/admin.h"

#include "base/limits.h"
#include "io/program.h"
#include "web/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MIN 12u
#define PASSWORD_MAX 1024u

static int fail(kith_err err, const char *what)
{
    (void)fprintf(stderr, "kith-web: %s\n", what);
    return kith_err_exit(err);
}

static int fail_accounts(const web_conf_t *conf, kith_arena_t *arena, kith_err err, size_t line)
{
    return fail(err,
                kith_arena_printf(arena, "%s:%zu: %s%s", conf->accounts, line, kith_err_text(err),
                                  err == KITH_DENIED ? ": chmod 0600, and owned by you" : ""));
}

/* ---- a password ---- */

static void set_echo(bool on)
{
    struct termios terminal;
    if (tcgetattr(STDIN_FILENO, &terminal) != 0)
        return;
    terminal.c_lflag = on ? terminal.c_lflag | (tcflag_t)ECHO : terminal.c_lflag & ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal);
}

static bool read_line(char *text, size_t size, const char *prompt)
{
    bool person = isatty(STDIN_FILENO) == 1;
    if (person) {
        (void)fprintf(stderr, "%s: ", prompt);
        set_echo(false);
    }
    bool read = fgets(text, (int)size, stdin) != NULL;
    if (person) {
        set_echo(true);
        (void)fputc('\n', stderr);
    }
    if (read)
        text[strcspn(text, "\r\n")] = '\0';
    return read;
}

/* From the terminal twice, from elsewhere once: never an argument, which every process can see. */
static int read_password(char text[PASSWORD_MAX + 2])
{
    char again[PASSWORD_MAX + 2];
    if (!read_line(text, PASSWORD_MAX + 2, "Password"))
        return fail(KITH_INVALID, "no password was given: write it as one line of standard input");
    size_t size = strlen(text);
    if (size < PASSWORD_MIN || size > PASSWORD_MAX)
        return fail(KITH_INVALID, "a password has 12 to 1,024 bytes: three random words will do");
    if (isatty(STDIN_FILENO) == 1 &&
        (!read_line(again, sizeof again, "The same again") || strcmp(text, again) != 0))
        return fail(KITH_INVALID, "the two differ: nothing was changed");
    return 0;
}

/* ---- the commands ---- */

typedef struct admin {
    const web_conf_t *conf;
    kith_arena_t *arena;
    accounts_t accounts;
} admin_t;

static int save(admin_t *a)
{
    kith_err err = accounts_write(a->conf->accounts, a->arena, &a->accounts);
    if (err == KITH_OK)
        return 0;
    return fail(err, kith_arena_printf(a->arena, "%s cannot be written: %s; it is as it was",
                                       a->conf->accounts, kith_err_text(err)));
}

/* A name with a tab or a line end would be another line of the file; conf.h takes none. */
static bool is_user(const admin_t *a, const char *name)
{
    return web_conf_user(a->conf, name) != WEB_NO_USER;
}

static int fail_user(const admin_t *a, const char *name)
{
    return fail(KITH_NOT_FOUND,
                kith_arena_printf(a->arena,
                                  "\"%s\" is none of the `users` of web.cfg: add it there "
                                  "and to the agent's configuration first",
                                  name));
}

static int user_add(admin_t *a, const char *name)
{
    char password[PASSWORD_MAX + 2];
    if (!is_user(a, name))
        return fail_user(a, name);
    int status = read_password(password);
    if (status != 0)
        return status;
    kith_err err = accounts_set_password(a->arena, &a->accounts, name, password);
    if (err != KITH_OK)
        return fail(err, "there is not enough memory for Argon2id (64 MiB)");
    status = save(a);
    if (status == 0)
        (void)printf("%s may log in with this password; earlier sessions have ended\n", name);
    return status;
}

static int user_remove(admin_t *a, const char *name)
{
    if (accounts_remove_user(&a->accounts, name) == 0)
        return fail(KITH_NOT_FOUND, "this name has no password and no token");
    int status = save(a);
    if (status == 0)
        (void)printf("%s can no longer log in; sessions and tokens have ended\n", name);
    return status;
}

static int user_list(admin_t *a)
{
    for (size_t i = 0; i < a->conf->users_count; i++) {
        const web_user_t *user = &a->conf->users[i];
        size_t tokens = 0;
        for (size_t j = 0; j < a->accounts.tokens_count; j++)
            tokens += strcmp(a->accounts.tokens[j].name, user->name) == 0;
        (void)printf("%-24s %-20s %s, %zu token%s\n", user->name, user->role->name,
                     accounts_password(&a->accounts, user->name) ? "password" : "no password",
                     tokens, tokens == 1 ? "" : "s");
    }
    return 0;
}

static int token_add(admin_t *a, const char *name, const char *label)
{
    char text[ACCOUNTS_TOKEN_SIZE];
    if (!is_user(a, name))
        return fail_user(a, name);
    if (strlen(label) > ACCOUNTS_LABEL_MAX || strpbrk(label, "\t\r\n") != NULL || *label == '\0')
        return fail(KITH_INVALID, "a label is one line of 1 to 64 bytes without tabs");
    accounts_add_token(a->arena, &a->accounts, name, label, text);
    int status = save(a);
    if (status == 0)
        (void)printf("%s\n", text);
    return status;
}

static int token_remove(admin_t *a, const char *id)
{
    if (accounts_remove_token(&a->accounts, id) == 0)
        return fail(KITH_NOT_FOUND, "there is no token of this id: kith-web token list");
    int status = save(a);
    if (status == 0)
        (void)printf("%s has ended\n", id);
    return status;
}

static int token_list(admin_t *a)
{
    for (size_t i = 0; i < a->accounts.tokens_count; i++) {
        const account_token_t *token = &a->accounts.tokens[i];
        (void)printf("%s  %-24s %s\n", token->id, token->name, token->label);
    }
    return 0;
}

static bool is(size_t count, char **words, size_t min, size_t max, const char *first,
               const char *second)
{
    return count >= min && count <= max && strcmp(words[0], first) == 0 &&
           strcmp(words[1], second) == 0;
}

int admin_run(const web_conf_t *conf, kith_arena_t *arena, size_t words_count, char **words)
{
    admin_t a = {.conf = conf, .arena = arena};
    size_t line = 0;
    kith_err err = accounts_read(conf->accounts, arena, &a.accounts, &line);
    if (err != KITH_OK)
        return fail_accounts(conf, arena, err, line);
    if (is(words_count, words, 3, 3, "user", "add"))
        return user_add(&a, words[2]);
    if (is(words_count, words, 3, 3, "user", "remove"))
        return user_remove(&a, words[2]);
    if (is(words_count, words, 2, 2, "user", "list"))
        return user_list(&a);
    if (is(words_count, words, 3, 4, "token", "add"))
        return token_add(&a, words[2], words_count == 4 ? words[3] : "program");
    if (is(words_count, words, 3, 3, "token", "remove"))
        return token_remove(&a, words[2]);
    if (is(words_count, words, 2, 2, "token", "list"))
        return token_list(&a);
    (void)fprintf(stderr, "kith-web: say user add|remove|list or token add|remove|list; "
                          "kith-web --help shows how\n");
    return PROGRAM_EXIT_USAGE;
}
