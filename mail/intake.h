/* What a mail that came may do. Pure: from what was read of it (verdict.h), who is known, and the
 * time. Whoever wants to act by mail is all of: a person's mail, of a known address, with the mail
 * server's word that DMARC passed; everything else waits for a person. */
#pragma once

#include "kith.pb-c.h"
#include "mail/mail_conf.h"
#include "mail/token.h"
#include "mail/verdict.h"

typedef enum intake_act {
    INTAKE_ANSWER,      /* the answer to the alert that `about` names */
    INTAKE_ALERT,       /* an alert, when its household is found; else it waits */
    INTAKE_UNDELIVERED, /* our mail number `sent` reached nobody */
    INTAKE_WAIT,        /* for a person, because of `why` */
} intake_act;

/* Why a mail waits: the word that people see (kith-mail(8) has the list). */
typedef struct intake {
    intake_act act;
    const char *why;             /* also of undelivered: bounced, complaint */
    const mail_person_t *person; /* whose address it is; NULL: nobody's */
    bool is_answer;              /* it bears an alert's token */
    uint8_t about[KITH_ID_BYTES];
    uint64_t sent;
    Kith__Answer answer;   /* as far as its words say one */
    const char *reason;    /* of cannot-share */
    bool may_be_alert;     /* a person's new mail: a draft of one goes with it */
    const char *household; /* of an alert: the end of an id that stands in the subject, or "" */
    const char *subject;   /* without it */
} intake_t;

void intake_decide(const mail_conf_t *conf, const uint8_t key[TOKEN_KEY_BYTES],
                   const verdict_t *verdict, int64_t now_ms, kith_arena_t *arena,
                   intake_t *ret_intake);

/* The same mail has the same id, however often and by whatever way it comes. raw: for one that says
 * nothing of itself. */
kith_id_t intake_id(const verdict_t *verdict, kith_bytes_t raw);
