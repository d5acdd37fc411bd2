/* One HTTP answer: status, headers, body. Errors are problems by RFC 9457, with the rule's name. */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"
#include "io/json.h"

typedef struct answer {
    unsigned status;
    const char *type; /* of the body; NULL: none */
    kith_bytes_t body;
    const char *more;  /* further header lines, each with its CR LF; "" */
    const char *cache; /* of Cache-Control */
} answer_t;

/* The value is taken. All here lives in the arena. */
answer_t answer_json(kith_arena_t *arena, unsigned status, kith_json_t **value_p);
answer_t answer_none(void);
/* {"type":"urn:kith:rule:RULE","title":…,"status":…,"detail":WHAT,"rule":RULE}, and "field" when it
 * is about one. Each is text, and UTF-8. */
answer_t answer_problem(kith_arena_t *arena, unsigned status, const char *rule, const char *what,
                        const char *field);
/* The same with Retry-After. */
answer_t answer_later(kith_arena_t *arena, unsigned status, const char *rule, const char *what,
                      uint32_t after_s);

/* The head, with what every answer of this server says to a browser; a body or a stream follows. */
kith_bytes_t answer_head(kith_arena_t *arena, const answer_t *answer, bool stream, bool tls,
                         int64_t wall_ms);
