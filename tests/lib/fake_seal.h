/* Stand-in crypto for pure tests and the simulator: real Header, Envelope, Receipt and Refusal
 * bytes, content in the clear, and a hash with the signer's name in it where a signature would be.
 * Shows every path that a seal or signature takes through the cores; hides and proves nothing. */
#pragma once

#include "agents/core/agent_core.h"

/* What a SEAL effect asks for. The sealing keys are the agreement's current ones. */
void fake_seal(kith_arena_t *arena, const kith_agreement_t *agreement, const agent_seal_job_t *job,
               Kith__Envelope **ret_envelope, kith_digest_t *ret_digest);

/* Decodes and checks an envelope. 0: its signature fits; else *ret_header is NULL when it cannot be
 * decoded. _shown: of header and proof alone. */
Kith__Reason fake_verify(kith_arena_t *arena, const Kith__Envelope *envelope,
                         Kith__Header **ret_header, kith_digest_t *ret_digest);
Kith__Reason fake_verify_shown(kith_arena_t *arena, const Kith__Envelope *envelope,
                               Kith__Header **ret_header, kith_digest_t *ret_digest);

/* Opens it with the key of this name. 0, or CANNOT_OPEN, CONTENT_MALFORMED. */
Kith__Reason fake_open(kith_arena_t *arena, const char *agency, const char *sealing_key,
                       const Kith__Envelope *envelope, const Kith__Header *header,
                       kith_bytes_t *ret_notice_bytes, Kith__Notice **ret_notice, bool *ret_again);

/* Makes a copy whose signature does not fit. */
void fake_forge(kith_arena_t *arena, Kith__Envelope *envelope);

Kith__Signed *fake_sign(kith_arena_t *arena, kith_tag tag, const char *signer,
                        kith_bytes_t statement);
bool fake_signed_by(kith_tag tag, const char *signer, const Kith__Signed *statement);
