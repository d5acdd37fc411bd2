/* Asking the local agent: requests and responses of proto/api.proto over its ipc socket.
 *
 * No answer means unknown, never failed: what was sent may have been done. Asking again with the
 * same client token finds out. Used by the `kith` command and by kith-web. */
#pragma once

#include "api.pb-c.h"
#include "base/arena.h"
#include "base/err.h"
#include "io/link.h"

typedef struct ask ask_t;

/* Connects. KITH_NOT_FOUND: the path is no socket, or nobody listens there; KITH_DENIED: not for
 * this user; KITH_AGAIN: no connection within wait_ms; KITH_INVALID: the path is too long; KITH_IO.
 */
kith_err ask_open(const char *socket_path, int64_t wait_ms, ask_t **ret_ask);
void ask_close(ask_t **self_p);
/* Two places in the caller's own poll, for one that waits for other things as well. */
void ask_poll(ask_t *self, link_poll_t *poll);
/* The same as descriptors: ask_receive until KITH_AGAIN before each wait. */
void ask_fds(const ask_t *self, int ret_fds[2]);

/* Numbers the request and sends it; the arena is for its bytes. KITH_FULL: the queue to the agent
 * is full, receive first; KITH_LIMIT: larger than a frame may be. */
kith_err ask_send(ask_t *self, kith_arena_t *arena, Kith__Api__Request *request);

/* The next response, in the arena. KITH_AGAIN: nothing came within wait_ms; KITH_NOT_FOUND: nobody
 * listens there, or the agent went away; KITH_INVALID: what came is no response. */
kith_err ask_receive(ask_t *self, kith_arena_t *arena, int64_t wait_ms,
                     Kith__Api__Response **ret_response);

/* One request and its response; late responses to earlier requests are skipped. */
kith_err ask_call(ask_t *self, kith_arena_t *arena, int64_t timeout_ms, Kith__Api__Request *request,
                  Kith__Api__Response **ret_response);
