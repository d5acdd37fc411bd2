/* mail.cfg: the agency's mailbox, its mail server, and the people who are told and may answer. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define MAIL_PEOPLE_MAX 1000u
#define MAIL_ROLES_MAX  16u
/* RFC 5321 4.5.3.1: an address is so long, its local part 64; ours leaves room for a token. */
#define MAIL_ADDRESS_MAX 254u
#define MAIL_LOCAL_MAX   20u

/* What a person is told by mail. Bits: what is urgent at once, and the rest in one digest. */
typedef enum mail_told {
    MAIL_TOLD_NOTHING = 0,
    MAIL_TOLD_URGENT = 1,
    MAIL_TOLD_DIGEST = 2,
    MAIL_TOLD_ALL = MAIL_TOLD_URGENT | MAIL_TOLD_DIGEST,
} mail_told;

/* What a mail of theirs to our address may become. */
typedef enum mail_alerts {
    MAIL_ALERTS_NEVER,
    MAIL_ALERTS_DRAFT,   /* an alert that a person still sends */
    MAIL_ALERTS_AT_ONCE, /* an alert, when it names its household */
} mail_alerts;

typedef struct mail_person {
    const char *name;    /* as in `users` of the agent's configuration */
    const char *address; /* in lower case */
    size_t roles_count;
    const char **roles; /* steps of the ladder that reach them: duty, manager … */
    mail_told told;
    bool asked; /* is sent each alert that asks this agency */
    mail_alerts alerts;
} mail_person_t;

typedef struct mail_smtp {
    const char *url;                       /* smtp://HOST:PORT or smtps://HOST:PORT */
    const char *user, *password_file, *ca; /* NULL: none */
    int64_t timeout_ms, first_ms, max_ms;  /* of one try; pauses between tries */
    int64_t give_up_ms;                    /* after it, somebody here is told */
} mail_smtp_t;

typedef struct mail_conf {
    const char *path;    /* of the file itself, for messages */
    const char *agent;   /* socket */
    const char *user;    /* under whose name kith-mail reads there */
    const char *address; /* where answers go and what we write from, in lower case */
    const char *domain;  /* of the address; within it */
    const char *server;  /* the authserv-id of the agency's own mail server */
    const char *maildir, *state, *key;
    const char *page; /* kith-web as people reach it; NULL: there is none */
    int64_t keep_ms;  /* mails that were read, and what was sent */
    int64_t reply_by_ms;
    mail_smtp_t smtp;
    size_t people_count;
    mail_person_t *people;
} mail_conf_t;

/* KITH_CONFIG with *ret_error: one line, FILE:LINE: what is wrong and what would be right. */
kith_err mail_conf_load(const char *path, kith_arena_t *arena, mail_conf_t *ret_conf,
                        const char **ret_error);
/* NULL: nobody here writes from there. */
const mail_person_t *mail_conf_person(const mail_conf_t *conf, const char *address);
