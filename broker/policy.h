/* The broker's judgement of one envelope: may this origin say this class, under this clause, to
 * each of these recipients? Pure; one branch per rule, each with its Reason. */
#pragma once

#include "base/agreement.h"
#include "kith.pb-c.h"

typedef struct policy_verdict {
    Kith__Reason reason; /* 0: allowed */
    const char *clause;  /* that forbids, or would be needed; "" when there is none */
    bool stale;          /* older partnership version than ours: STALE, not REFUSED */
    bool later;          /* newer than ours: LATER (broker behind) */
} policy_verdict_t;

/* What concerns the whole envelope: partnership, origin against the key's agency, epoch, exercise.
 */
policy_verdict_t policy_judge_envelope(const kith_agreement_t *a, const char *agency,
                                       const Kith__Header *header);
/* One recipient, by what is allowed now; versions are not compared, so the same judgement serves at
 * PUBLISH and again at delivery. */
policy_verdict_t policy_judge_recipient(const kith_agreement_t *a, const Kith__Header *header,
                                        const Kith__Slot *slot);
