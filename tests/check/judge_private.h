/* What the judge's files share. Nobody else includes this. */
#pragma once

#include "tests/check/judge.h"

#include "kith.pb-c.h"
#include "store.pb-c.h"

#define ID_SIZE     16u
#define NAME_SIZE   72u
#define DIGEST_SIZE 32u
#define WORD_SIZE   24u

typedef struct id {
    uint8_t bytes[ID_SIZE];
} notice_id_t;

/* A list that grows; items of one size. */
typedef struct list {
    size_t count, capacity, item_size;
    void *items;
} list_t;

/* Room for one more, zeroed. */
void *list_add(list_t *list, size_t item_size);
void list_free(list_t *list);
void list_sort(list_t *list, int (*compare)(const void *, const void *));
/* The first that compares equal to the key, which is an item of the list's kind; NULL: none. */
void *list_find(const list_t *list, const void *key, int (*compare)(const void *, const void *));
#define EACH(type, item, list)                                                                     \
    for (type *item = (list)->items, *item##_end = item + (list)->count; item < item##_end; item++)

/* ---- what is known of one agent: one list a table ---- */

typedef struct notice {
    notice_id_t id;
    uint64_t bytes_sum; /* of the notice's bytes */
    size_t bytes_size;
    bool mine;
    size_t causes_count;
    notice_id_t *causes;
    bool cause_unsaid; /* it answers a notice that is not among its causes */
} notice_t;

typedef struct debt {
    notice_id_t id;
    char recipient[NAME_SIZE];
    uint32_t recipient_epoch;
    int lane, outcome;
    uint64_t n;
    bool expired, at_the_hub;
} debt_t;

/* A person's task about what became of a notice. */
typedef struct told {
    notice_id_t id;
    char recipient[NAME_SIZE];
    char kind[WORD_SIZE];
} told_t;

typedef struct stream {
    char peer[NAME_SIZE]; /* origin of an incoming, recipient of an outgoing one */
    uint32_t peer_epoch, own_epoch;
    int lane;
} stream_t;

typedef struct taken {
    stream_t stream;
    uint64_t n, seq;
    int outcome;
    notice_id_t id;
    uint8_t chain[DIGEST_SIZE], digest[DIGEST_SIZE];
    uint32_t version; /* of the partnership file it was made under */
    char topic_class[NAME_SIZE];
    bool header_fits; /* the signed bytes speak of this stream and number */
    bool whole;       /* of a quarantine row: what was sealed, or what was in it, is there */
} taken_t;

/* A number that is still owed. */
typedef struct slot {
    stream_t stream;
    uint64_t n;
    uint8_t digest[DIGEST_SIZE];
    char broker[NAME_SIZE]; /* has it … */
    uint8_t broker_epoch[ID_SIZE];
    bool voided;
} slot_t;

typedef struct mark {
    stream_t stream;
    uint64_t mark, last; /* of an outgoing one: receipted, last */
    uint8_t chain[DIGEST_SIZE];
} mark_t;

typedef struct applied {
    char origin[NAME_SIZE];
    notice_id_t id;
} applied_t;

typedef struct feed {
    notice_id_t id;
    uint64_t seq;
    bool early, cause_flagged, replaced;
} feed_t;

typedef struct token {
    char hex[2 * 64 + 1];
    notice_id_t id;
} token_t;

typedef struct owed {
    char recipient[NAME_SIZE];
    uint64_t sent, stored_here, at_the_hub, delivered, refused, quarantined, expired;
} owed_t;

typedef struct agent {
    char name[NAME_SIZE];
    bool has_meta, away;
    uint32_t epoch;
    list_t notices, debts, applied, taken, quarantined, in, out, feed, tokens, owed, told;
    list_t slots, parked; /* slot_t; taken_t of which the stream and the number are known */
    size_t looks;
    size_t unsealed, envelopes; /* rows left */
} agent_t;

/* ---- brokers ---- */

typedef struct waiting {
    char recipient[NAME_SIZE];
    int lane;
    uint64_t messages, others; /* as counted from rows, or as kept */
} waiting_t;

/* An envelope that waits for somebody. */
typedef struct kept {
    char recipient[NAME_SIZE];
    uint8_t digest[DIGEST_SIZE];
} kept_t;

typedef struct broker {
    char name[NAME_SIZE];
    uint8_t epoch[ID_SIZE];
    bool has_meta, has_refusals;
    list_t envelopes;     /* kept_t */
    list_t rows, kept;    /* waiting_t: one a lane */
    list_t bodies, named; /* uint64_t: numbers that are there, that rows name */
} broker_t;

/* ---- the run ---- */

typedef struct allowed {
    uint32_t version;
    char origin[NAME_SIZE], recipient[NAME_SIZE], topic_class[NAME_SIZE];
} allowed_t;

typedef struct seen {
    judge_event_type type;
    int64_t at_ms;
    char node[NAME_SIZE], token[2 * 64 + 1], recipient[NAME_SIZE], state[WORD_SIZE];
    notice_id_t id;
    bool lost_since; /* its node's store was lost after this */
    size_t place;    /* in the order in which it was seen */
    size_t recipients_count;
    char (*recipients)[NAME_SIZE];
} seen_t;

struct judge {
    list_t agents, brokers; /* agent_t, broker_t */
    list_t seen;            /* seen_t, in order */
    list_t allowed;         /* allowed_t */
    list_t alone, beside;   /* uint64_t: milliseconds */
    uint64_t quota;
    bool again_may_fail;
    int64_t settle_max_ms;
    judge_tell_f *tell;
    void *ctx;
    size_t violations;
};

/* NULL: no row of it came in. */
agent_t *judge_agent(const judge_t *self, const char *name);

/* Tells one violation; with an id the story of it is added. */
void judge_say(judge_t *self, const char *invariant, const notice_id_t *id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Hex of an id, in a ring of buffers good for one message. */
const char *judge_hex(const notice_id_t *id);
const char *judge_outcome(int outcome);

/* Cut to the size when it is longer; NULL is "". */
void copy_text(char *ret_text, size_t size, const char *text);
bool same_id(const notice_id_t *a, const notice_id_t *b);
int compare_notices(const void *a, const void *b);
int compare_debts(const void *a, const void *b);    /* id, recipient */
int compare_applied(const void *a, const void *b);  /* origin, id */
int compare_taken(const void *a, const void *b);    /* stream, n */
int compare_marks(const void *a, const void *b);    /* stream */
int compare_feed(const void *a, const void *b);     /* id, seq */
int compare_tokens(const void *a, const void *b);   /* hex */
int compare_told(const void *a, const void *b);     /* id, recipient, kind */
int compare_kept(const void *a, const void *b);     /* recipient, digest */
int compare_allowed(const void *a, const void *b);  /* version, origin, recipient, class */
int compare_versions(const void *a, const void *b); /* of allowed_t: version */
int compare_numbers(const void *a, const void *b);  /* of uint64_t */

/* rules_delivery.c: I1, I2, I3 · rules_stream.c: I4, I5 · rules_history.c: I7, I8, I10, I13, I15 ·
 * rules_hub.c: I6, I7, I12 · rules_left.c: I11 */
void rules_delivery(judge_t *self);
void rules_stream(judge_t *self);
void rules_history(judge_t *self);
void rules_hub(judge_t *self);
void rules_left(judge_t *self);
