/* One mail that came: what it may do is decided (intake.h) and done, or it is left for a person.
 * Done twice, it is done once: the agent knows each mail by its id. */
#pragma once

#include "io/store.h"
#include "mail/mail_agent.h"
#include "mail/token.h"

typedef struct act {
    const mail_conf_t *conf;
    const uint8_t *key;
    mail_agent_t *agent;
    kith_store_t *store;
    kith_arena_t *arena; /* of this mail */
    int64_t now_ms;
} act_t;

/* KITH_OK: it needs no more (*ret_what: one word for the log); KITH_AGAIN: the agent is away or
 * full: the same later; others end the program. */
kith_err act_on_mail(const act_t *self, kith_bytes_t mail, const char **ret_what);
/* A mail larger than is read at all: a person looks at it where it lies. name: of the file. */
kith_err act_on_huge(const act_t *self, const char *name);
