#include "web/who.h"

#include "base/id.h"
#include "io/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ACCOUNTS_ARENA_BYTES (64u * 1024u * 1024u)

struct who_accounts {
    const char *path;
    kith_arena_t *arena;
    accounts_t now;
    struct stat read_at; /* the file when it was read */
    char secret[SECRET_TEXT_SIZE];
};

/* ---- the accounts ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_mode == b->st_mode && a->st_uid == b->st_uid;
}

static kith_err read_again(who_accounts_t *self, size_t *ret_line)
{
    struct stat at;
    memset(&self->read_at, 0, sizeof self->read_at);
    if (lstat(self->path, &at) == 0)
        self->read_at = at;
    kith_arena_reset(self->arena);
    self->now = (accounts_t){0};
    return accounts_read(self->path, self->arena, &self->now, ret_line);
}

kith_err who_accounts_new(const char *path, kith_arena_t *arena, who_accounts_t **ret_accounts,
                          const char **ret_error)
{
    who_accounts_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->path = path;
    self->arena = kith_arena_new(ACCOUNTS_ARENA_BYTES);
    secret_make(self->secret);
    size_t line = 1;
    kith_err err = read_again(self, &line);
    if (err == KITH_OK) {
        *ret_accounts = self;
        return KITH_OK;
    }
    const char *what = err == KITH_DENIED
                           ? "others may read it, or it is another user's: chmod 0600, chown"
                       : err == KITH_INVALID ? "is no line of accounts: use kith-web user and token"
                                             : "cannot be read";
    *ret_error = kith_arena_printf(arena, "%s:%zu: %s", path, line, what);
    who_accounts_destroy(&self);
    return KITH_CONFIG;
}

void who_accounts_destroy(who_accounts_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    kith_arena_destroy(&(*self_p)->arena);
    free(*self_p);
    *self_p = NULL;
}

const accounts_t *who_accounts_now(who_accounts_t *self)
{
    struct stat at;
    size_t line = 0;
    memset(&at, 0, sizeof at);
    (void)lstat(self->path, &at);
    if (!same_file(&at, &self->read_at))
        (void)read_again(self, &line);
    return &self->now;
}

const char *who_accounts_secret(const who_accounts_t *self)
{
    return self->secret;
}

/* ---- who asks ---- */

const char *who_cookie(bool tls)
{
    return tls ? "__Host-kith" : "kith";
}

static kith_err by_token(const web_conf_t *conf, const accounts_t *accounts, const char *header,
                         who_t *ret_who)
{
    static const char scheme[] = "Bearer ";
    if (strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return KITH_DENIED;
    const account_token_t *token = accounts_token(accounts, header + sizeof scheme - 1);
    size_t user = token != NULL ? web_conf_user(conf, token->name) : WEB_NO_USER;
    if (user == WEB_NO_USER)
        return KITH_DENIED;
    *ret_who = (who_t){.how = WHO_TOKEN, .user = user};
    (void)snprintf(ret_who->token, sizeof ret_who->token, "%s", token->id);
    return KITH_OK;
}

/* A session ends with the password that it began with. */
static bool account_stands(const web_conf_t *conf, const accounts_t *accounts,
                           const guard_session_t *session)
{
    const account_password_t *account =
        accounts_password(accounts, conf->users[session->user].name);
    return guard_account_stands(session, account != NULL ? account->hash : NULL);
}

static kith_err by_session(const web_conf_t *conf, guard_t *guard, const accounts_t *accounts,
                           const char *cookie, int64_t now_ms, who_t *ret_who)
{
    const guard_session_t *session = guard_find(guard, cookie, now_ms);
    if (session == NULL)
        return KITH_DENIED;
    if (!account_stands(conf, accounts, session)) {
        guard_end(guard, session->number);
        return KITH_DENIED;
    }
    *ret_who = (who_t){.how = WHO_SESSION, .user = session->user, .session = session->number};
    memcpy(ret_who->csrf, session->csrf, sizeof session->csrf);
    return KITH_OK;
}

/* The proxy logs people in, so its users have a csrf token that needs no session of ours. */
static kith_err by_proxy(const web_conf_t *conf, who_accounts_t *accounts, const char *name,
                         kith_arena_t *arena, who_t *ret_who)
{
    size_t user = web_conf_user(conf, name);
    if (user == WEB_NO_USER)
        return KITH_DENIED;
    uint8_t digest[SECRET_DIGEST_BYTES];
    *ret_who = (who_t){.how = WHO_PROXY, .user = user};
    secret_digest(
        kith_bytes_str(kith_arena_printf(arena, "%s %s", who_accounts_secret(accounts), name)),
        digest);
    kith_hex((kith_bytes_t){digest, sizeof digest}, ret_who->csrf);
    return KITH_OK;
}

kith_err who_asks(const web_conf_t *conf, guard_t *guard, who_accounts_t *accounts,
                  const http_request_t *request, bool proxied, int64_t now_ms, kith_arena_t *arena,
                  who_t *ret_who)
{
    const accounts_t *now = who_accounts_now(accounts);
    const char *bearer = http_header(request, "authorization");
    const char *cookie = http_cookie(request, arena, who_cookie(conf->certificate != NULL));
    const char *named = proxied ? http_header(request, conf->proxy_header) : NULL;
    if (bearer != NULL)
        return by_token(conf, now, bearer, ret_who);
    if (named != NULL)
        return by_proxy(conf, accounts, named, arena, ret_who);
    if (cookie != NULL)
        return by_session(conf, guard, now, cookie, now_ms, ret_who);
    return KITH_NOT_FOUND;
}

bool who_stands(const web_conf_t *conf, const guard_t *guard, who_accounts_t *accounts,
                const who_t *who, int64_t now_ms)
{
    const accounts_t *now = who_accounts_now(accounts);
    if (who->how == WHO_SESSION) {
        const guard_session_t *session = guard_session(guard, who->session, now_ms);
        return session != NULL && account_stands(conf, now, session);
    }
    for (size_t i = 0; i < now->tokens_count && who->how == WHO_TOKEN; i++)
        if (strcmp(now->tokens[i].id, who->token) == 0)
            return true;
    return who->how == WHO_PROXY;
}

/* ---- forged requests ---- */

/* An origin is SCHEME://HOST; what it is compared with is the host that was asked. */
static bool same_origin(const char *origin, const char *host)
{
    const char *at = strstr(origin, "://");
    return at != NULL && strcasecmp(at + 3, host) == 0;
}

static bool has_csrf(const who_t *who, const http_request_t *request)
{
    const char *given = http_header(request, "x-kith-csrf");
    uint8_t wanted_digest[SECRET_DIGEST_BYTES], given_digest[SECRET_DIGEST_BYTES];
    if (*who->csrf == '\0')
        return true;
    if (given == NULL)
        return false;
    secret_digest(kith_bytes_str(who->csrf), wanted_digest);
    secret_digest(kith_bytes_str(given), given_digest);
    return secret_equal(wanted_digest, given_digest);
}

const char *who_forged(const who_t *who, const http_request_t *request)
{
    const char *origin = http_header(request, "origin");
    const char *site = http_header(request, "sec-fetch-site");
    const char *host = http_header(request, "host");
    KITH_ASSERT(host != NULL);
    if (origin != NULL && !same_origin(origin, host))
        return "origin";
    if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
        return "origin";
    return has_csrf(who, request) ? NULL : "csrf";
}
