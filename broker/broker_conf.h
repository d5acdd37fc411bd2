/* The broker's configuration file (broker.cfg), read whole and checked before anything starts.
 *
 * Called by main, and by the loop when the partnership file is read anew. Never opens keys, the
 * store or a socket. */
#pragma once

#include "base/agreement.h"
#include "base/err.h"
#include "io/keys.h"

/* All strings live in the arena given to broker_conf_load. */
typedef struct broker_conf {
    const char *path;        /* of the file itself, for messages */
    const char *broker;      /* id, as in the partnership file */
    const char *listen;      /* tcp://address:port, or :* for a free one */
    const char *partnership; /* path */
    const char *keys;        /* folder */
    const char *store;       /* folder */
    uint64_t map_bytes, reserve_bytes;
    uint64_t mailbox_messages_max, mailbox_bytes_max;
    int64_t liveness_ms;
} broker_conf_t;

/* Reads the file, and the partnership file it names into an arena of its own. KITH_CONFIG:
 * *ret_error is the one line `FILE:LINE: what and what to do` (in `arena`); nothing else is
 * touched. */
kith_err broker_conf_load(const char *path, kith_arena_t *arena, kith_arena_t *agreement_arena,
                          broker_conf_t *ret_conf, const kith_agreement_t **ret_agreement,
                          const char **ret_error);

/* Are these the keys that the partnership file names for this broker? NULL: they are; else what is
 * wrong and what to do (in the arena). Agents would refuse what others sign or who others are. */
const char *broker_conf_keys_misfit(const broker_conf_t *conf, const kith_agreement_t *agreement,
                                    const kith_keys_t *keys, kith_arena_t *arena);
