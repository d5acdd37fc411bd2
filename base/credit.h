/* Credit: how much a peer may send on a lane, in messages and bytes.
 *
 * Grants are cumulative since WELCOME, so a grant that is repeated or overtaken does no harm.
 * Both sides keep one: the sender asks kith_credit_take before each message, the receiver checks
 * arrivals with the same call and ends a session that oversteps. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { KITH_LANE_URGENT = 0, KITH_LANE_NORMAL = 1, KITH_LANES = 2 };

typedef struct kith_credit {
    uint64_t granted_messages, granted_bytes;
    uint64_t used_messages, used_bytes;
    uint64_t window_bytes; /* the first grant; kith_credit_grant sets it */
} kith_credit_t;

/* A grant never falls. */
void kith_credit_grant(kith_credit_t *credit, uint64_t messages, uint64_t bytes);
/* Room for at least one message of this size? When nothing of the window is used, one message fits
 * whatever its size, so that a large one is never stuck. */
bool kith_credit_has(const kith_credit_t *credit, uint64_t bytes);
/* false, and nothing changed, when there is no room. */
bool kith_credit_take(kith_credit_t *credit, uint64_t bytes);

/* Which lane has the next place of a turn: urgent first, one in KITH_NORMAL_SHARE for normal.
 * place counts from 0; a lane with nothing to send leaves its place to the other. -1: neither. */
int kith_lane_for_place(uint64_t place, bool urgent_waits, bool normal_waits);
