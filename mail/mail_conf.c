/* Reads mail.cfg. One function a group of settings; conf.h keeps the first thing wrong. */
#include "mail/mail_conf.h"

#include "base/limits.h"
#include "io/conf.h"

#include <ctype.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

static bool is_address(const char *address)
{
    for (const char *at = address; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || strchr("<>()[],;:\"\\", *at) != NULL)
            return false;
    const char *at = strchr(address, '@');
    return at != NULL && at != address && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
           strlen(address) <= MAIL_ADDRESS_MAX;
}

static const char *address_of(kith_conf_t *conf, const conf_group_t *g, kith_arena_t *arena)
{
    char *address = kith_arena_str(arena, conf_str(conf, g, "address"));
    for (char *at = address; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    if (!conf_error(conf) && !is_address(address))
        conf_fail(conf, g, "address", "\"%s\" is no address: write name@domain", address);
    return address;
}

static const char *path_or_none(kith_conf_t *conf, const conf_group_t *g, const char *name)
{
    return conf_str_or(conf, g, name, NULL) != NULL ? conf_path(conf, g, name) : NULL;
}

/* ---- the mailbox ---- */

static void read_mailbox(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                         mail_conf_t *c)
{
    c->address = address_of(conf, root, arena);
    const char *at = strchr(c->address, '@');
    c->domain = at != NULL ? at + 1 : "";
    if (!conf_error(conf) && (size_t)(at - c->address) > MAIL_LOCAL_MAX)
        conf_fail(conf, root, "address",
                  "what stands before the @ has at most %u letters: it grows by a token",
                  MAIL_LOCAL_MAX);
    c->server = conf_str(conf, root, "server");
    if (!conf_error(conf) && *c->server == '\0')
        conf_fail(conf, root, "server",
                  "write the name that your mail server puts first in Authentication-Results");
    c->maildir = conf_path(conf, root, "maildir");
    c->state = conf_path(conf, root, "state");
    c->key = conf_path(conf, root, "key");
    c->keep_ms = conf_duration_or(conf, root, "keep", DAY_MS, 3660 * DAY_MS, 90 * DAY_MS);
    c->reply_by_ms = conf_duration_or(conf, root, "reply_by", MINUTE_MS, 90 * DAY_MS, DAY_MS);
}

static void read_page(kith_conf_t *conf, const conf_group_t *root, mail_conf_t *c)
{
    static const char https[] = "https://", here[] = "http://127.";
    c->page = conf_str_or(conf, root, "page", NULL);
    if (c->page == NULL)
        return;
    bool known = strncmp(c->page, https, sizeof https - 1) == 0 ||
                 strncmp(c->page, here, sizeof here - 1) == 0;
    bool plain = c->page[strcspn(c->page, " \t<>\"#?")] == '\0';
    for (const char *at = c->page; *at != '\0'; at++)
        plain = plain && (unsigned char)*at < 0x7f;
    if (!known || !plain)
        conf_fail(conf, root, "page",
                  "\"%s\" is no address of a page: write \"https://kith.agency.example\"", c->page);
}

/* ---- the mail server ---- */

static void read_smtp(kith_conf_t *conf, const conf_group_t *root, mail_smtp_t *s)
{
    const conf_group_t *g = conf_group(conf, root, "smtp", true);
    s->url = conf_str(conf, g, "url");
    if (!conf_error(conf) && strncmp(s->url, "smtp://", 7) != 0 &&
        strncmp(s->url, "smtps://", 8) != 0)
        conf_fail(conf, g, "url", "write \"smtp://HOST:587\" (STARTTLS) or \"smtps://HOST:465\"");
    s->user = conf_str_or(conf, g, "user", NULL);
    s->password_file = path_or_none(conf, g, "password");
    if ((s->user == NULL) != (s->password_file == NULL))
        conf_fail(conf, g, s->user != NULL ? "user" : "password",
                  "`user` and `password` (a file of mode 0600) stand together or not at all");
    s->ca = path_or_none(conf, g, "ca");
    s->timeout_ms = conf_duration_or(conf, g, "timeout", SECOND_MS, 10 * MINUTE_MS, 2 * MINUTE_MS);
    s->first_ms = conf_duration_or(conf, g, "retry", SECOND_MS, DAY_MS, MINUTE_MS);
    s->max_ms = conf_duration_or(conf, g, "retry_max", s->first_ms, DAY_MS, 4 * HOUR_MS);
    s->give_up_ms = conf_duration_or(conf, g, "give_up", SECOND_MS, 30 * DAY_MS, 3 * DAY_MS);
}

/* ---- the people ---- */

/* One of two or three words. */
static int word_of(kith_conf_t *conf, const conf_group_t *g, const char *name,
                   const char *const *words, const char *otherwise)
{
    const char *said = conf_str_or(conf, g, name, otherwise);
    int other = 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], said) == 0)
            return i;
        other = strcmp(words[i], otherwise) == 0 ? i : other;
    }
    conf_fail(conf, g, name, "\"%s\" is none of \"%s\", \"%s\", \"%s\"", said, words[0], words[1],
              words[2]);
    return other;
}

static void read_person(kith_conf_t *conf, const conf_group_t *g, kith_arena_t *arena,
                        mail_person_t *p)
{
    static const char *const told[] = {"nothing", "urgent", "all", NULL};
    static const mail_told told_as[] = {MAIL_TOLD_NOTHING, MAIL_TOLD_URGENT, MAIL_TOLD_ALL};
    static const char *const alerts[] = {"never", "draft", "at-once", NULL};
    static const mail_alerts alerts_as[] = {MAIL_ALERTS_NEVER, MAIL_ALERTS_DRAFT,
                                            MAIL_ALERTS_AT_ONCE};
    p->name = conf_str(conf, g, "name");
    p->address = address_of(conf, g, arena);
    p->roles_count = conf_strings(conf, g, "roles", false, MAIL_ROLES_MAX, &p->roles);
    p->told = told_as[word_of(conf, g, "told", told, "nothing")];
    p->asked = conf_bool_or(conf, g, "asked", false);
    p->alerts = alerts_as[word_of(conf, g, "alerts", alerts, "never")];
}

static void read_people(kith_conf_t *conf, const conf_group_t *root, kith_arena_t *arena,
                        mail_conf_t *c)
{
    c->people_count = conf_list(conf, root, "people", true, MAIL_PEOPLE_MAX);
    c->people = kith_arena_need(arena, (c->people_count + 1) * sizeof *c->people);
    for (size_t i = 0; i < c->people_count; i++) {
        const conf_group_t *g = conf_list_at(conf, root, "people", i);
        read_person(conf, g, arena, &c->people[i]);
        for (size_t before = 0; before < i && !conf_error(conf); before++)
            if (strcmp(c->people[before].address, c->people[i].address) == 0)
                conf_fail(conf, g, "address",
                          "two people write from it: who answers must be one person");
        if (!conf_error(conf) && strcmp(c->people[i].address, c->address) == 0)
            conf_fail(conf, g, "address", "it is Kith's own: what comes from it is a loop");
    }
}

kith_err mail_conf_load(const char *path, kith_arena_t *arena, mail_conf_t *ret_conf,
                        const char **ret_error)
{
    mail_conf_t c = {.path = kith_arena_str(arena, path)};
    kith_conf_t *conf = conf_open(path, arena);
    const conf_group_t *root = conf_root(conf);
    c.agent = conf_path(conf, root, "agent");
    c.user = conf_str(conf, root, "user");
    read_mailbox(conf, root, arena, &c);
    read_page(conf, root, &c);
    read_smtp(conf, root, &c.smtp);
    read_people(conf, root, arena, &c);
    kith_err err = conf_finish(conf);
    if (err == KITH_OK)
        *ret_conf = c;
    else
        *ret_error = kith_arena_str(arena, conf_error(conf));
    conf_close(&conf);
    return err;
}

const mail_person_t *mail_conf_person(const mail_conf_t *conf, const char *address)
{
    for (size_t i = 0; i < conf->people_count; i++)
        if (strcmp(conf->people[i].address, address) == 0)
            return &conf->people[i];
    return NULL;
}
