/* A child that may think and speak, and nothing else.
 *
 * It has no open file, no new privileges, may open, send or start nothing (seccomp), and ends by
 * itself at 1 s of processor time, 128 MiB of memory (not with sanitizers, which reserve more) or
 * what the parent waits. Whatever a mail makes of it stays in it. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define SANDBOX_SAID_BYTES_MAX (1024u * 1024u)

typedef struct sandbox_job {
    void (*begin)(void); /* in the child before it is closed off */
    /* What it has to say; empty: it failed. In the child, in an arena of its own. */
    kith_bytes_t (*work)(kith_arena_t *arena, const void *context);
    const void *context;
    size_t arena_bytes;
} sandbox_job_t;

/* KITH_INVALID: the child died, said nothing or too much, or took longer than wait_ms; it has ended
 * then. KITH_IO: no child could be made. */
kith_err sandbox_run(const sandbox_job_t *job, int64_t wait_ms, kith_arena_t *arena,
                     kith_bytes_t *ret_said);
