/* kith-web's configuration (web.cfg), read whole and checked before anything starts. Called by
 * main. Never opens a socket or the accounts. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "io/conf.h"
#include "web/asks.h"

#define WEB_USERS_MAX 4096u
#define WEB_ROLES_MAX 64u
#define WEB_NO_USER   SIZE_MAX

typedef struct web_role {
    const char *name;
    asks_t may;
} web_role_t;

/* A person or a program, by the name that the agent's configuration has for them. */
typedef struct web_user {
    const char *name;
    const web_role_t *role;
} web_user_t;

/* All strings live in the arena; paths are absolute or from the process's working folder. */
typedef struct web_conf {
    const char *agent;    /* the agent's socket */
    const char *accounts; /* file of passwords and tokens */
    const char *page;     /* folder of the static files; NULL: none */
    const char *host; /* to listen at; NULL: only the proxy's socket and what systemd hands in */
    uint16_t port;
    const char *certificate, *key; /* files; NULL: no TLS */
    const char *proxy_socket;      /* NULL: no proxy */
    uint32_t proxy_uid;
    const char *proxy_header; /* lower case */
    const char *mail_address; /* of this agency's kith-mail; "" when it has none */
    const char *mail_box;     /* a page where its people read their mail; "" */
    size_t roles_count, users_count;
    web_role_t *roles;
    web_user_t *users;
    int64_t idle_ms, longest_ms; /* of a session */
    size_t connections_max;
    uint32_t requests_a_minute; /* of one user */
    uint32_t logins_a_minute;   /* from one address */
    uint32_t wrong_max;         /* passwords in a row until the user is locked out */
    int64_t lock_ms;            /* at first; doubled each time */
    int64_t slow_ms;            /* for a head, a body, or an answer that is not read */
} web_conf_t;

/* KITH_CONFIG: *ret_error is the one line `FILE:LINE: what and what to do` (in the arena). */
kith_err web_conf_load(const char *path, kith_arena_t *arena, web_conf_t *ret_conf,
                       const char **ret_error);

/* WEB_NO_USER when there is none. */
size_t web_conf_user(const web_conf_t *conf, const char *name);
