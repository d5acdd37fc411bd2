/* What the agency's people are to have by mail: the agent's tasks and tellings made into mails of
 * the outbox. Over the transaction; sends nothing. */
#pragma once

#include "api.pb-c.h"
#include "base/txn.h"
#include "mail/mail_conf.h"
#include "mail/token.h"

typedef struct post {
    const mail_conf_t *conf;
    const uint8_t *key;
    kith_txn_t *txn;
    kith_arena_t *arena;
    int64_t now_ms;
} post_t;

/* An alert that asks this agency, a role that its silence has reached, somebody who acknowledged
 * and has not answered. Other tasks are no mail. */
kith_err post_task(post_t *self, const Kith__Api__Task *task);
/* The urgent ones a mail each, the others together in one digest. */
kith_err post_tellings(post_t *self, const Kith__Api__TellingsResponse *page);
/* A person's own mail has become a draft: one click sends it. */
kith_err post_draft(post_t *self, const mail_person_t *person, kith_bytes_t mail_id);
