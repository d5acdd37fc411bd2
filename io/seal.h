/* Envelopes with keys: sealing and signing a batch, verifying, opening; signed statements.
 *
 * Called by both loops between draining and stepping (verify, open) and between stepping and
 * committing (seal). The cores see only what these return. */
#pragma once

#include "base/agreement.h"
#include "base/envelope.h"
#include "io/keys.h"

/* Remembers which (key, root) signatures fitted and which pairwise keys were derived; never whether
 * a key is still allowed. Bounded. */
typedef struct seal_cache seal_cache_t;
seal_cache_t *seal_cache_new(void);
/* A new sender's half, all derived keys forgotten. The loop calls it at least weekly. */
void seal_cache_renew(seal_cache_t *cache);
void seal_cache_destroy(seal_cache_t **self_p);

/* Checks the origin's signature and that its key may still be used, and content against its digest.
 * *ret_header is NULL only for MALFORMED; *ret_digest is always set. Returns 0, or MALFORMED,
 * WRONG_PARTNERSHIP, NOT_YOUR_NAME (no such agency), UNKNOWN_KEY, KEY_REVOKED, BAD_SIGNATURE (also:
 * the proof or the content does not belong to this header). */
Kith__Reason seal_verify(seal_cache_t *cache, const kith_agreement_t *a, kith_arena_t *arena,
                         const Kith__Envelope *envelope, Kith__Header **ret_header,
                         kith_digest_t *ret_digest);

/* As above for a header and proof without content (shown as evidence). */
Kith__Reason seal_verify_shown(seal_cache_t *cache, const kith_agreement_t *a, kith_arena_t *arena,
                               kith_bytes_t header, const Kith__Proof *proof,
                               Kith__Header **ret_header, kith_digest_t *ret_digest);

/* Opens a verified envelope, not a void, for this agency. Returns 0, CANNOT_OPEN (no slot, or
 * sealed for another key), CONTENT_MALFORMED, NOT_WHAT_TOPIC_SAID (origin, topic class, type or
 * exercise differ from what stood outside, or no such topic), UNKNOWN_CLAUSE, or TOPIC_NOT_ALLOWED
 * (the clause does not let this origin say it to this agency). On anything but 0 nothing is set.
 * What it returns is in the arena, about three times the content: the loop ends its draining in
 * time. */
Kith__Reason seal_open(seal_cache_t *cache, const kith_keys_t *keys, const kith_agreement_t *a,
                       kith_arena_t *arena, const char *agency, const Kith__Envelope *envelope,
                       const Kith__Header *header, Kith__Notice **ret_notice,
                       kith_bytes_t *ret_notice_bytes, bool *ret_again);

/* One envelope to make: header as the core filled it (ids, slots, class, clause, …). */
typedef struct seal_job {
    Kith__Header *header;
    kith_bytes_t notice; /* empty for a void */
    bool again;
    Kith__Envelope *ret_envelope; /* in the arena; proof's arrays too */
    kith_digest_t ret_digest;
} seal_job_t;

/* Seals each and signs all with one signature per KITH_BATCH_MAX. Adds to each header the names of
 * keys, digests, sender's half, nonce, wraps and salt. The core made sure that every slot has a
 * recipient with a current sealing key; that not being so is a bug. */
void seal_batch(seal_cache_t *cache, const kith_keys_t *keys, const kith_agreement_t *a,
                kith_arena_t *arena, seal_job_t *jobs, size_t count);

/* A statement's bytes (copied) with this process's signature over tag ‖ bytes. At most
 * KEYS_SIGNED_BYTES_MAX. */
Kith__Signed *seal_sign(const kith_keys_t *keys, kith_arena_t *arena, kith_tag tag,
                        kith_bytes_t statement);
/* ring: of the agency or broker that must have made it; key_name: as the statement says.
 * 0, UNKNOWN_KEY, KEY_REVOKED, BAD_SIGNATURE. */
Kith__Reason seal_verify_statement(const kith_keyring_t *ring, const char *key_name, kith_tag tag,
                                   const Kith__Signed *statement);
