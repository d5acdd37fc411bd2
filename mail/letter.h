/* One mail as far as it matters here, and what it is taken for. Filled by mime.c, judged by kind.c.
 *
 * Everything in it was written by a stranger; all texts are UTF-8, never NULL, in the arena. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* A mail beyond these is no person's: refused at the pipe, or doubtful. */
#define LETTER_BYTES_MAX        (25u * 1024u * 1024u)
#define LETTER_HEADER_BYTES_MAX (64u * 1024u)
#define LETTER_DEPTH_MAX        8u
#define LETTER_PARTS_MAX        100u
#define LETTER_RECIPIENTS_MAX   100u

/* A field that stands on each mail that a Kith writes. */
#define LETTER_OWN_MARK "X-Kith-Agency"

typedef enum letter_kind {
    LETTER_NEW,        /* a person writes, not in answer to anything */
    LETTER_REPLY,      /* a person answers a mail */
    LETTER_AUTO_REPLY, /* a program answers: out of office, read receipts, lists */
    LETTER_BOUNCE,     /* a mail server could not deliver, or not yet */
    LETTER_COMPLAINT,  /* a feedback report: the recipient called a mail spam */
    LETTER_LOOP,       /* one of our own, come back */
    LETTER_DOUBTFUL,   /* two readers could read it differently */
} letter_kind;

typedef struct letter {
    const char *from; /* the one address, in lower case; "" unless there is exactly one */
    const char *from_name;
    const char *subject, *message_id, *in_reply_to, *references;
    const char *return_path; /* NULL: there is none, "<>" is not none */
    const char *auto_submitted, *precedence;
    bool says_auto;         /* another header that only programs that answer write */
    bool failed_recipients; /* X-Failed-Recipients is there */
    bool loop;              /* our own mark, or our own address as sender */
    size_t recipients_count;
    const char **recipients; /* To, Cc, Delivered-To, X-Original-To, Envelope-To */
    size_t results_count;
    const char **results; /* Authentication-Results, the newest first */
    const char *type, *report_type;
    bool has_status, has_feedback, has_returned; /* parts: delivery-status, feedback, the mail */
    size_t parts;
    const char *text;  /* what the reader sees first, quotes in HTML as lines with > */
    const char *doubt; /* NULL, or why two readers could read it differently */
} letter_t;

/* The word of a kind: new, reply, auto-reply … */
const char *letter_kind_word(letter_kind kind);
/* false when no kind has that word. */
bool letter_kind_of(const char *word, letter_kind *ret_kind);

/* Pure. What the mail is taken for; what is not surely a person's is not taken for a person's. */
letter_kind letter_judge(const letter_t *letter);
