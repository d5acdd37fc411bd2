/* The boot self-test: the broker dials itself with a key nobody knows and must not be let in.
 *
 * libzmq admits any key when its ZAP handler is missing (seen), and nothing else would ever tell.
 */
#pragma once

#include "io/link.h"
#include "io/zap.h"

/* What the broker's own door saw of the stranger. */
typedef struct self_test {
    bool running;
    uint8_t key[32];
    bool refused;
} self_test_t;

/* The door calls it for every key it judges, and gives the answer it returns: the stranger's
 * refusal is a final one, so that it is told at once instead of trying on until the handshake ends.
 */
zap_verdict self_test_saw(self_test_t *self, const uint8_t key[32], zap_verdict verdict);

/* Serves the ZAP socket meanwhile; nothing is received yet, so what others send waits. endpoint:
 * what the server is bound to. KITH_OK only when the door refused that very key and the stranger
 * was hung up on. KITH_DENIED: the stranger got in; KITH_AGAIN: it was neither let in nor turned
 * away in time; KITH_IO: it could not dial, or was turned away unseen. */
kith_err self_test_run(self_test_t *self, link_context_t *context, const kith_keys_t *keys,
                       kith_zap_t *zap, const char *endpoint);
