/* A mail of ours as it travels: text and HTML, plain ASCII. Pure.
 *
 * Nothing of a family stands in it, so that it may pass through anybody's hands: what waits, an id,
 * a link. Its words are this room's own; names come from the configuration. */
#pragma once

#include "base/arena.h"
#include "mail/mail_conf.h"

/* A way to answer with one touch: the word, as a mail to our address. */
#define COMPOSE_CHOICES_MAX 4u

typedef struct compose {
    const char *to;       /* address */
    const char *reply_to; /* address of ours, with or without a token */
    const char *id;       /* of the message, without its angle brackets */
    int64_t now_ms;
    const char *subject; /* neutral: no name, no kind of trouble */
    size_t lines_count;  /* paragraphs */
    const char *const *lines;
    const char *link; /* NULL: none */
    size_t choices_count;
    const char *const *choices; /* what a reply may begin with */
} compose_t;

/* Whole, with CRLF. A byte beyond ASCII, or a control, in any text of it becomes a question mark.
 */
kith_bytes_t compose_mail(kith_arena_t *arena, const mail_conf_t *conf, const compose_t *mail);
