/* The turn of kith-mail: what came is dealt with, what is due is sent, what failed is told. One
 * thread; waits for the mail server, the maildir, the agent and signals at once. */
#pragma once

#include "mail/mail_state.h"

typedef struct mail_loop mail_loop_t;

/* conf and state: borrowed. KITH_CONFIG, KITH_IO with *ret_error (in the arena). */
kith_err mail_loop_new(const mail_conf_t *conf, mail_state_t *state, kith_arena_t *arena,
                       mail_loop_t **ret_loop, const char **ret_error);
void mail_loop_destroy(mail_loop_t **self_p);
/* Until SIGTERM or SIGINT. The exit status. */
int mail_loop_run(mail_loop_t *self);
