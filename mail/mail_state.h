/* What kith-mail keeps of its own: the outbox's store, the key of its tokens, the maildir. */
#pragma once

#include "io/store_check.h"
#include "mail/mail_conf.h"
#include "mail/token.h"

/* Makes what is missing of the three. KITH_EXISTS: nothing was. *ret_error says where and what to
 * do (in the arena). */
kith_err mail_state_init(const mail_conf_t *conf, kith_arena_t *arena, const char **ret_error);

typedef struct mail_state {
    kith_store_t *store;
    uint8_t key[TOKEN_KEY_BYTES];
    const char *password; /* of the mail server; NULL: none */
} mail_state_t;

/* KITH_CONFIG: something is missing, or may be read by others; KITH_BUSY: kith-mail runs already;
 * KITH_CORRUPT, KITH_FULL, KITH_IO. *ret_error as above. */
kith_err mail_state_open(const mail_conf_t *conf, kith_arena_t *arena, mail_state_t *ret_state,
                         const char **ret_error);
void mail_state_close(mail_state_t *self);
