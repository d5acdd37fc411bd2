/* Who asks: a bearer token, a session's cookie, or the user that the single sign-on proxy names on
 * its own socket. And the accounts as they are on disk now. */
#pragma once

#include "web/accounts.h"
#include "web/guard.h"
#include "web/http.h"
#include "web/web_conf.h"

typedef struct who_accounts who_accounts_t;

/* path is borrowed. Reads the file; KITH_CONFIG with *ret_error in the arena. */
kith_err who_accounts_new(const char *path, kith_arena_t *arena, who_accounts_t **ret_accounts,
                          const char **ret_error);
void who_accounts_destroy(who_accounts_t **self_p);
/* As the file is now. One that can no longer be read lets nobody in. */
const accounts_t *who_accounts_now(who_accounts_t *self);
/* What tells the csrf token of a proxy's user: random, of this process. */
const char *who_accounts_secret(const who_accounts_t *self);

typedef enum who_how { WHO_NOBODY, WHO_TOKEN, WHO_SESSION, WHO_PROXY } who_how;

typedef struct who {
    who_how how;
    size_t user;                        /* of the configuration */
    uint64_t session;                   /* its number; 0: none */
    char token[ACCOUNTS_TOKEN_ID_SIZE]; /* its id; "": none */
    char csrf[SECRET_TEXT_SIZE];        /* "": none is needed */
} who_t;

/* KITH_NOT_FOUND: the request names nobody; KITH_DENIED: it names somebody in vain. */
kith_err who_asks(const web_conf_t *conf, guard_t *guard, who_accounts_t *accounts,
                  const http_request_t *request, bool proxied, int64_t now_ms, kith_arena_t *arena,
                  who_t *ret_who);
/* Whoever was let in before, is that so still? A session may be over, a token taken away. */
bool who_stands(const web_conf_t *conf, const guard_t *guard, who_accounts_t *accounts,
                const who_t *who, int64_t now_ms);
/* May a request that changes something be believed? NULL: it may; else the rule that it breaks: a
 * page of another site could have made it. */
const char *who_forged(const who_t *who, const http_request_t *request);
/* The name of the session's cookie. With TLS a name that only this host may set. */
const char *who_cookie(bool tls);
