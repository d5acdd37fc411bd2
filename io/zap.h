/* ZAP (RFC 27): who may connect. A REP socket in the broker's own poll loop.
 *
 * CURVE alone authenticates nobody: with no handler libzmq admits any key (seen). So: bind this
 * before any CURVE bind, the servers set a domain and ZMQ_ZAP_ENFORCE_DOMAIN, and the broker dials
 * itself with a random key at boot (broker/self_test.c) and exits if it is let in. */
#pragma once

#include "base/err.h"
#include "io/link.h"

typedef struct kith_zap kith_zap_t;

typedef enum zap_verdict {
    ZAP_ADMIT = 200,
    ZAP_NOT_YET = 300, /* unknown, perhaps the file is behind: the peer tries again by itself */
    ZAP_DENY = 400,    /* revoked: the peer is told and does not retry by itself */
} zap_verdict;

/* Fills ret_user (agency id) when it admits. */
typedef zap_verdict zap_decide_f(void *ctx, const uint8_t key[32], char ret_user[64]);

#define ZAP_DOMAIN "kith"

kith_err zap_new(link_context_t *context, zap_decide_f *decide, void *ctx, kith_zap_t **ret_zap);
void zap_destroy(kith_zap_t **self_p);
/* Answers all that waits; never blocks. Anything malformed gets 500. */
void zap_serve(kith_zap_t *self);
/* Requests answered, and refused: for the boot self-test and status. */
void zap_counts(const kith_zap_t *self, uint64_t *ret_admitted, uint64_t *ret_refused);
