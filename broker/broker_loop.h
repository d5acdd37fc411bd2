/* The broker's one loop: sockets, signals and the mailbox around broker_core.
 *
 * Called by main. One turn: drain what has arrived → step each → one commit → fetch → send. The
 * loop checks signatures, signs refusals, reads clocks and logs; it decides nothing. */
#pragma once

#include "broker/broker_conf.h"
#include "broker/mailbox.h"

typedef struct broker_loop broker_loop_t;

/* What main has opened. The loop takes agreement_arena, keys and mailbox over when it is made, and
 * leaves them alone when that fails. */
typedef struct broker_start {
    const broker_conf_t *conf;
    const kith_agreement_t *agreement;
    kith_arena_t *agreement_arena;
    kith_keys_t *keys;
    kith_mailbox_t *mailbox;
} broker_start_t;

/* Binds, blocks the signals it reads, and passes the self-test. Errors with one line in *ret_error
 * (in the arena): KITH_CONFIG: the address is none of this machine's; KITH_BUSY: it is taken;
 * KITH_DENIED: not allowed to this user; KITH_CORRUPT: the self-test failed; KITH_IO. */
kith_err broker_loop_new(broker_start_t *start, kith_arena_t *arena, broker_loop_t **ret_loop,
                         const char **ret_error);
void broker_loop_destroy(broker_loop_t **self_p);

/* Until SIGTERM, SIGINT or what cannot go on. The exit status. */
int broker_loop_run(broker_loop_t *self);
