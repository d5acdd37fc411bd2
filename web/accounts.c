#include "web/accounts.h"

#include "base/id.h"
#include "io/folder.h"
#include "io/keys.h"
#include "io/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (8 * 1024 * 1024)
#define TOKEN_PREFIX   "kith_"

/* ---- reading ---- */

/* None yet: nobody has an account. */
static kith_err read_file(const char *path, kith_arena_t *arena, char **ret_text)
{
    kith_err err = secret_file_read(path, FILE_BYTES_MAX, arena, ret_text);
    if (err != KITH_NOT_FOUND)
        return err;
    *ret_text = kith_arena_str(arena, "");
    return KITH_OK;
}

/* Splits a line at its tabs. false: not so many parts. */
static bool split(char *line, char **ret_parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ret_parts[i] = line;
        char *tab = strchr(line, '\t');
        if ((tab == NULL) != (i + 1 == count) || tab == line || *line == '\0')
            return false;
        if (tab != NULL) {
            *tab = '\0';
            line = tab + 1;
        }
    }
    return true;
}

static bool read_line(accounts_t *a, char *line)
{
    char *parts[4];
    if (strncmp(line, "password\t", 9) == 0 && split(line + 9, parts, 2)) {
        a->passwords[a->passwords_count++] =
            (account_password_t){.name = parts[0], .hash = parts[1]};
        return strlen(parts[1]) < SECRET_HASH_SIZE;
    }
    if (strncmp(line, "token\t", 6) == 0 && split(line + 6, parts, 4)) {
        account_token_t *token = &a->tokens[a->tokens_count++];
        *token = (account_token_t){.id = parts[0], .name = parts[1], .label = parts[3]};
        return kith_unhex(parts[2], token->digest, sizeof token->digest) == KITH_OK;
    }
    return false;
}

kith_err accounts_read(const char *path, kith_arena_t *arena, accounts_t *ret_accounts,
                       size_t *ret_line)
{
    char *text = NULL;
    kith_err err = read_file(path, arena, &text);
    size_t lines = 0, number = 0;
    for (const char *at = text; err == KITH_OK && *at != '\0'; at++)
        lines += *at == '\n';
    if (err == KITH_OK && lines > ACCOUNTS_LINES_MAX)
        err = KITH_INVALID;
    if (err != KITH_OK) {
        *ret_line = 1;
        return err;
    }
    accounts_t a = {.passwords = kith_arena_need(arena, (lines + 1) * sizeof *a.passwords),
                    .tokens = kith_arena_need(arena, (lines + 1) * sizeof *a.tokens)};
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        number++;
        end = strchr(line, '\n');
        if (end != NULL)
            *end = '\0';
        if (end == NULL || !read_line(&a, line)) {
            *ret_line = number;
            return KITH_INVALID;
        }
    }
    *ret_accounts = a;
    return KITH_OK;
}

const account_password_t *accounts_password(const accounts_t *accounts, const char *name)
{
    for (size_t i = 0; i < accounts->passwords_count; i++)
        if (strcmp(accounts->passwords[i].name, name) == 0)
            return &accounts->passwords[i];
    return NULL;
}

const account_token_t *accounts_token(const accounts_t *accounts, const char *text)
{
    uint8_t digest[SECRET_DIGEST_BYTES];
    const account_token_t *found = NULL;
    secret_digest(kith_bytes_str(text), digest);
    for (size_t i = 0; i < accounts->tokens_count; i++)
        if (secret_equal(accounts->tokens[i].digest, digest))
            found = &accounts->tokens[i];
    return found;
}

/* ---- writing ---- */

static const char *text_of(kith_arena_t *arena, const accounts_t *a)
{
    size_t size = 1;
    for (size_t i = 0; i < a->passwords_count; i++)
        size += strlen(a->passwords[i].name) + strlen(a->passwords[i].hash) + 16;
    for (size_t i = 0; i < a->tokens_count; i++)
        size += strlen(a->tokens[i].name) + strlen(a->tokens[i].label) + strlen(a->tokens[i].id) +
                2 * SECRET_DIGEST_BYTES + 16;
    char *text = kith_arena_need(arena, size);
    size_t used = 0;
    for (size_t i = 0; i < a->passwords_count; i++)
        used += (size_t)snprintf(text + used, size - used, "password\t%s\t%s\n",
                                 a->passwords[i].name, a->passwords[i].hash);
    for (size_t i = 0; i < a->tokens_count; i++) {
        const account_token_t *t = &a->tokens[i];
        char hex[2 * SECRET_DIGEST_BYTES + 1];
        kith_hex((kith_bytes_t){t->digest, sizeof t->digest}, hex);
        used += (size_t)snprintf(text + used, size - used, "token\t%s\t%s\t%s\t%s\n", t->id,
                                 t->name, hex, t->label);
    }
    return text;
}

static kith_err write_all(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return errno == EACCES ? KITH_DENIED : folder_err(path, errno);
    size_t size = strlen(text), used = 0;
    kith_err err = KITH_OK;
    while (err == KITH_OK && used < size) {
        ssize_t put = write(fd, text + used, size - used);
        if (put < 0)
            err = folder_err(path, errno);
        else
            used += (size_t)put;
    }
    if (err == KITH_OK && fsync(fd) != 0)
        err = folder_err(path, errno);
    close(fd);
    return err;
}

kith_err accounts_write(const char *path, kith_arena_t *arena, const accounts_t *accounts)
{
    const char *beside = kith_arena_printf(arena, "%s.new", path);
    kith_err err = write_all(beside, text_of(arena, accounts));
    if (err == KITH_OK && rename(beside, path) != 0)
        err = KITH_IO;
    if (err != KITH_OK) {
        (void)unlink(beside);
        return err;
    }
    const char *slash = strrchr(path, '/');
    const char *folder = slash == NULL ? "."
                         : slash == path
                             ? "/"
                             : kith_arena_printf(arena, "%.*s", (int)(slash - path), path);
    return folder_sync(folder);
}

/* ---- changes ---- */

kith_err accounts_set_password(kith_arena_t *arena, accounts_t *accounts, const char *name,
                               const char *password)
{
    char hash[SECRET_HASH_SIZE];
    kith_err err = secret_hash_password(password, hash);
    if (err != KITH_OK)
        return err;
    account_password_t one = {.name = kith_arena_str(arena, name),
                              .hash = kith_arena_str(arena, hash)};
    for (size_t i = 0; i < accounts->passwords_count; i++) {
        if (strcmp(accounts->passwords[i].name, name) == 0) {
            accounts->passwords[i] = one;
            return KITH_OK;
        }
    }
    account_password_t *more =
        kith_arena_need(arena, (accounts->passwords_count + 1) * sizeof *more);
    memcpy(more, accounts->passwords, accounts->passwords_count * sizeof *more);
    more[accounts->passwords_count++] = one;
    accounts->passwords = more;
    return KITH_OK;
}

void accounts_add_token(kith_arena_t *arena, accounts_t *accounts, const char *name,
                        const char *label, char ret_text[ACCOUNTS_TOKEN_SIZE])
{
    uint8_t random[(ACCOUNTS_TOKEN_ID_SIZE - 1) / 2];
    char id[ACCOUNTS_TOKEN_ID_SIZE], secret[SECRET_TEXT_SIZE];
    keys_random(random, sizeof random);
    kith_hex((kith_bytes_t){random, sizeof random}, id);
    secret_make(secret);
    (void)snprintf(ret_text, ACCOUNTS_TOKEN_SIZE, TOKEN_PREFIX "%s_%s", id, secret);
    account_token_t one = {.id = kith_arena_str(arena, id),
                           .name = kith_arena_str(arena, name),
                           .label = kith_arena_str(arena, label)};
    secret_digest(kith_bytes_str(ret_text), one.digest);
    account_token_t *more = kith_arena_need(arena, (accounts->tokens_count + 1) * sizeof *more);
    memcpy(more, accounts->tokens, accounts->tokens_count * sizeof *more);
    more[accounts->tokens_count++] = one;
    accounts->tokens = more;
}

size_t accounts_remove_token(accounts_t *accounts, const char *id)
{
    size_t kept = 0, count = accounts->tokens_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(accounts->tokens[i].id, id) != 0)
            accounts->tokens[kept++] = accounts->tokens[i];
    accounts->tokens_count = kept;
    return count - kept;
}

size_t accounts_remove_user(accounts_t *accounts, const char *name)
{
    size_t kept = 0, before = accounts->passwords_count + accounts->tokens_count;
    for (size_t i = 0; i < accounts->passwords_count; i++)
        if (strcmp(accounts->passwords[i].name, name) != 0)
            accounts->passwords[kept++] = accounts->passwords[i];
    accounts->passwords_count = kept;
    kept = 0;
    for (size_t i = 0; i < accounts->tokens_count; i++)
        if (strcmp(accounts->tokens[i].name, name) != 0)
            accounts->tokens[kept++] = accounts->tokens[i];
    accounts->tokens_count = kept;
    return before - accounts->passwords_count - kept;
}
