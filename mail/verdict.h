/* What the child says of a mail, as one JSON object: the only thing that comes out of it. Made in
 * the child, read strictly in the parent; the `body` is for those who compare readers. */
#pragma once

#include "mail/letter.h"

typedef struct verdict {
    letter_kind kind;
    const char *from, *subject, *message_id, *in_reply_to, *references;
    const char *dmarc; /* pass, fail … as the named server says; "" when it does not */
    const char *text;  /* what the person wrote, without quote and signature */
    const char *body;
    const char *doubt; /* why `doubtful`; "" else */
    size_t recipients_count;
    const char **recipients;
} verdict_t;

/* In the child. server: the mail server whose Authentication-Results count. own: our address.
 * Empty when the arena is too small. */
kith_bytes_t verdict_make(kith_arena_t *arena, kith_bytes_t mail, const char *server,
                          const char *own);
/* KITH_INVALID: it is no such object. */
kith_err verdict_parse(kith_arena_t *arena, kith_bytes_t text, verdict_t *ret_verdict);
/* Both, with the child in between. When the child dies of the mail: `doubtful`, with that reason.
 * KITH_IO: no child could be made. *ret_json: what stands in a file beside the mail. */
kith_err verdict_of(kith_arena_t *arena, kith_bytes_t mail, const char *server, const char *own,
                    verdict_t *ret_verdict, const char **ret_json);
