/* The agency's agent, as kith-mail asks it: what it holds back is asked on one connection, all else
 * on another, each request with its answer. */
#pragma once

#include "io/ask.h"
#include "mail/mail_conf.h"

typedef struct mail_agent mail_agent_t;

/* Connects to nothing yet. conf: borrowed. */
mail_agent_t *mail_agent_new(const mail_conf_t *conf);
void mail_agent_destroy(mail_agent_t **self_p);

/* One request under the name of that user (NULL: kith-mail's own) and its response, whose status
 * may be any. KITH_AGAIN: the agent is not there, or does not answer: whether it was done is
 * unknown, the same again finds out. */
kith_err mail_agent_call(mail_agent_t *self, kith_arena_t *arena, const char *user,
                         Kith__Api__Request *request, Kith__Api__Response **ret_response);

/* Is it there, and what it last refused to kith-mail itself: the rule, or "". */
bool mail_agent_there(const mail_agent_t *self);
const char *mail_agent_refusal(const mail_agent_t *self);

/* Has it something new? Asks it to say so, once, when it is not asked already. true: something has
 * come since the last time, or it is there anew. */
bool mail_agent_news(mail_agent_t *self, int64_t now_ms);
/* What to wait for; 0 when it is not there (then look again after MAIL_AGENT_PAUSE_MS). */
#define MAIL_AGENT_PAUSE_MS 1000
size_t mail_agent_fds(const mail_agent_t *self, int ret_fds[2]);
