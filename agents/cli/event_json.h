/* One event as a line of JSON: what `kith publish` reads and `kith import --dry-run` writes.
 *
 *   {"topic": "police.call-out", "kind": "call-out", "occurred": "2026-03-29T01:00:00Z",
 *    "about": [{"system": "police-rms", "id": "P-1", "role": "child", "shielded": false}],
 *    "household": UUID, "severity": {"scale": "police-grade", "value": "I"}, "minutes": 75,
 *    "cost_code": "call-out", "narrative": "…", "shielded": false,
 *    "source": {"system": "police-rms", "id": "INC-1"}, "to": ["social-care"]}
 *
 * topic, kind and occurred are required; any other key, and any other type, is an error. Pure. */
#pragma once

#include "api.pb-c.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "io/json.h"

typedef struct event_problem {
    const char *field; /* "about[1].role"; "" for the line as a whole */
    const char *what;
} event_problem_t;

/* All in the arena. KITH_INVALID with *ret_problem. */
kith_err event_parse(kith_bytes_t line, kith_arena_t *arena, Kith__Api__Draft **ret_draft,
                     event_problem_t *ret_problem);

/* The draft of an event as such an object; empty parts are left out. The caller destroys it. */
kith_json_t *event_to_json(const Kith__Api__Draft *draft);
