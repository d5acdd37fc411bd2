/* The accounts file: who has a password, and the tokens of programs. Mode 0600; of passwords the
 * Argon2id hash is kept, of tokens a digest.
 *
 * Written by `kith-web user` and `kith-web token`, whole or not at all; read by the server again
 * whenever it has changed, so that what is taken away ends at once. One line a thing, in tabs:
 *   password NAME HASH
 *   token ID NAME DIGEST LABEL
 * Who each may be and what they may do stands in web.cfg. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "io/secret.h"

#define ACCOUNTS_LINES_MAX     16384u
#define ACCOUNTS_TOKEN_ID_SIZE 13u /* 12 hex digits: names a token without giving it away */
#define ACCOUNTS_LABEL_MAX     64u
/* kith_ID_SECRET */
#define ACCOUNTS_TOKEN_SIZE (5u + ACCOUNTS_TOKEN_ID_SIZE + SECRET_TEXT_SIZE)

typedef struct account_password {
    const char *name;
    const char *hash;
} account_password_t;

typedef struct account_token {
    const char *id;
    const char *name; /* whose */
    const char *label;
    uint8_t digest[SECRET_DIGEST_BYTES];
} account_token_t;

typedef struct accounts {
    size_t passwords_count, tokens_count;
    account_password_t *passwords;
    account_token_t *tokens;
} accounts_t;

/* A missing file is one without accounts. KITH_DENIED: others may read it, or it is another user's;
 * KITH_INVALID: not such a file, *ret_line says where; KITH_IO. All lives in the arena. */
kith_err accounts_read(const char *path, kith_arena_t *arena, accounts_t *ret_accounts,
                       size_t *ret_line);
/* Replaces the file, on disk when it returns. KITH_IO, KITH_FULL, KITH_DENIED: it is as it was. */
kith_err accounts_write(const char *path, kith_arena_t *arena, const accounts_t *accounts);

/* NULL when there is none. */
const account_password_t *accounts_password(const accounts_t *accounts, const char *name);
/* Whose token this is, by its whole text; NULL: nobody's. */
const account_token_t *accounts_token(const accounts_t *accounts, const char *text);

/* With one password more, or another one; with one token more; without those named. In the arena.
 * password: of 12 to 1,024 bytes (the caller looks). ret_text: the token, shown once. */
kith_err accounts_set_password(kith_arena_t *arena, accounts_t *accounts, const char *name,
                               const char *password);
void accounts_add_token(kith_arena_t *arena, accounts_t *accounts, const char *name,
                        const char *label, char ret_text[ACCOUNTS_TOKEN_SIZE]);
/* How many lines that were. */
size_t accounts_remove_user(accounts_t *accounts, const char *name);
size_t accounts_remove_token(accounts_t *accounts, const char *id);
