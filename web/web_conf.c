/* Reads web.cfg. One function a group of settings; conf.h keeps the first thing wrong. */
#include "web/web_conf.h"

#include "base/limits.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
/* The kernel's sockaddr_un holds 108 bytes with its NUL. */
#define SOCKET_PATH_MAX 107u

static bool is_loopback(const char *host)
{
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
}

/* HOST:PORT, an address and no name: what it means must not depend on somebody else's answer. */
static bool split_listen(kith_arena_t *arena, const char *listen, web_conf_t *c)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
    if (port < 0 || port > UINT16_MAX || end == colon + 1 || *end != '\0')
        return false;
    size_t size = (size_t)(colon - listen);
    if (*listen == '[' && size > 2 && listen[size - 1] == ']')
        c->host = kith_arena_printf(arena, "%.*s", (int)(size - 2), listen + 1);
    else
        c->host = kith_arena_printf(arena, "%.*s", (int)size, listen);
    c->port = (uint16_t)port;
    struct in6_addr address;
    return inet_pton(AF_INET, c->host, &address) == 1 ||
           inet_pton(AF_INET6, c->host, &address) == 1;
}

static void read_listen(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                        web_conf_t *c)
{
    const conf_group_t *tls = conf_group(conf, root, "tls", false);
    if (tls != NULL) {
        c->certificate = conf_path(conf, tls, "certificate");
        c->key = conf_path(conf, tls, "key");
    }
    const char *listen = conf_str_or(conf, root, "listen", "");
    if (*listen == '\0')
        return;
    if (!split_listen(arena, listen, c))
        conf_fail(conf, root, "listen",
                  "\"%s\" is no address: write \"127.0.0.1:8480\" or \"[::1]:8480\"", listen);
    else if (!is_loopback(c->host) && tls == NULL)
        conf_fail(conf, root, "listen",
                  "\"%s\" is not this machine alone: add a `tls` group, or listen at 127.0.0.1",
                  c->host);
}

static void read_proxy(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                       web_conf_t *c)
{
    const conf_group_t *g = conf_group(conf, root, "proxy", false);
    if (g == NULL)
        return;
    c->proxy_socket = conf_path(conf, g, "socket");
    c->proxy_uid = (uint32_t)conf_int(conf, g, "uid", 0, UINT32_MAX - 1);
    char *header = kith_arena_str(arena, conf_str_or(conf, g, "header", "X-Remote-User"));
    for (char *at = header; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    c->proxy_header = header;
    if (c->proxy_socket != NULL && strlen(c->proxy_socket) > SOCKET_PATH_MAX)
        conf_fail(conf, g, "socket", "the path is longer than %u bytes: choose a shorter one",
                  SOCKET_PATH_MAX);
    if (header[strspn(header, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0' || *header == '\0')
        conf_fail(conf, g, "header", "a header's name is letters, digits and -");
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7f || strchr("<>\"'", *text) != NULL)
            return false;
    return true;
}

/* The page shows both: they are no way in for a script. */
static void read_mail(kith_conf_t *conf, const conf_group_t *root, web_conf_t *c)
{
    const conf_group_t *g = conf_group(conf, root, "mail", false);
    c->mail_address = c->mail_box = "";
    if (g == NULL)
        return;
    c->mail_address = conf_str(conf, g, "address");
    c->mail_box = conf_str_or(conf, g, "box", "");
    if (!is_plain(c->mail_address) || strchr(c->mail_address, '@') == NULL)
        conf_fail(conf, g, "address", "write the address of mail.cfg: kith@agency.example");
    if (*c->mail_box != '\0' &&
        (!is_plain(c->mail_box) || (strncmp(c->mail_box, "https://", 8) != 0 &&
                                    strncmp(c->mail_box, "http://127.", 11) != 0)))
        conf_fail(conf, g, "box", "write the address of a page: \"https://mail.agency.example/\"");
}

static void read_roles(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                       web_conf_t *c)
{
    size_t count = conf_list(conf, root, "roles", true, WEB_ROLES_MAX);
    c->roles = kith_arena_need(arena, (count + 1) * sizeof *c->roles);
    for (size_t i = 0; i < count && !conf_error(conf); i++) {
        const conf_group_t *g = conf_list_at(conf, root, "roles", i);
        web_role_t role = {.name = conf_name(conf, g, "name")};
        const char **words = NULL;
        size_t words_count = conf_strings(conf, g, "may", true, 2 * ASKS_MAX, &words);
        for (size_t j = 0; j < words_count; j++)
            if (!asks_add(&role.may, words[j]))
                conf_fail(conf, g, "may",
                          "\"%s\" is nothing that may be asked: write \"read\", \"all\", the name "
                          "of a request of api.proto, or \"submit:\" and the kind of a draft",
                          words[j]);
        for (size_t j = 0; j < c->roles_count; j++)
            if (!conf_error(conf) && strcmp(c->roles[j].name, role.name) == 0)
                conf_fail(conf, g, "name", "this role stands here twice: name it once");
        c->roles[c->roles_count++] = role;
    }
}

static void read_user(kith_conf_t *conf, const conf_group_t *g, web_conf_t *c)
{
    web_user_t user = {.name = conf_str(conf, g, "name")};
    const char *role = conf_str(conf, g, "role");
    if (conf_error(conf))
        return;
    for (size_t i = 0; i < c->roles_count; i++)
        if (strcmp(c->roles[i].name, role) == 0)
            user.role = &c->roles[i];
    if (user.role == NULL)
        conf_fail(conf, g, "role", "\"%s\" is none of the `roles` of this file", role);
    else if (*user.name == '\0' || strlen(user.name) > KITH_LINE_BYTES_MAX)
        conf_fail(conf, g, "name", "a user has a name of 1 to %u bytes", KITH_LINE_BYTES_MAX);
    else if (web_conf_user(c, user.name) != WEB_NO_USER)
        conf_fail(conf, g, "name", "this name is another user's: names tell people apart");
    else
        c->users[c->users_count++] = user;
}

static void read_users(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                       web_conf_t *c)
{
    size_t count = conf_list(conf, root, "users", true, WEB_USERS_MAX);
    c->users = kith_arena_need(arena, (count + 1) * sizeof *c->users);
    for (size_t i = 0; i < count && !conf_error(conf); i++)
        read_user(conf, conf_list_at(conf, root, "users", i), c);
}

static void read_limits(kith_conf_t *conf, const conf_group_t *root, web_conf_t *c)
{
    c->idle_ms = 30 * MINUTE_MS;
    c->longest_ms = 12 * HOUR_MS;
    c->connections_max = 512;
    c->requests_a_minute = 600;
    c->logins_a_minute = 20;
    c->wrong_max = 5;
    c->lock_ms = MINUTE_MS;
    c->slow_ms = 20 * SECOND_MS;
    const conf_group_t *g = conf_group(conf, root, "sessions", false);
    if (g != NULL) {
        c->idle_ms = conf_duration_or(conf, g, "idle", SECOND_MS, DAY_MS, c->idle_ms);
        c->longest_ms = conf_duration_or(conf, g, "longest", SECOND_MS, 7 * DAY_MS, c->longest_ms);
        if (c->longest_ms < c->idle_ms)
            conf_fail(conf, g, "longest", "less than `idle`: a session ends by the first of both");
    }
    g = conf_group(conf, root, "limits", false);
    if (g == NULL)
        return;
    c->connections_max = (size_t)conf_int_or(conf, g, "connections", 8, 16384, 512);
    c->requests_a_minute = (uint32_t)conf_int_or(conf, g, "requests_a_minute", 1, 1000000, 600);
    c->logins_a_minute = (uint32_t)conf_int_or(conf, g, "logins_a_minute", 1, 10000, 20);
    c->wrong_max = (uint32_t)conf_int_or(conf, g, "wrong_passwords", 1, 100, 5);
    c->lock_ms = conf_duration_or(conf, g, "lock", SECOND_MS, DAY_MS, c->lock_ms);
    c->slow_ms = conf_duration_or(conf, g, "slow", SECOND_MS / 10, 10 * MINUTE_MS, c->slow_ms);
}

size_t web_conf_user(const web_conf_t *conf, const char *name)
{
    for (size_t i = 0; i < conf->users_count; i++)
        if (strcmp(conf->users[i].name, name) == 0)
            return i;
    return WEB_NO_USER;
}

kith_err web_conf_load(const char *path, kith_arena_t *arena, web_conf_t *ret_conf,
                       const char **ret_error)
{
    web_conf_t c = {0};
    kith_conf_t *conf = conf_open(path, arena);
    const conf_group_t *root = conf_root(conf);
    c.agent = conf_path(conf, root, "agent");
    c.accounts = conf_path(conf, root, "accounts");
    if (*conf_str_or(conf, root, "page", "") != '\0')
        c.page = conf_path(conf, root, "page");
    read_listen(conf, root, arena, &c);
    read_proxy(conf, root, arena, &c);
    read_mail(conf, root, &c);
    read_roles(conf, root, arena, &c);
    read_users(conf, root, arena, &c);
    read_limits(conf, root, &c);
    kith_err err = conf_finish(conf);
    if (err == KITH_OK)
        *ret_conf = c;
    else
        *ret_error = kith_arena_str(arena, conf_error(conf));
    conf_close(&conf);
    return err;
}
