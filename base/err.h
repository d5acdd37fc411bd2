/* Errors: the one list of what can go wrong, with its words and its exit status.
 *
 * Called by everyone. Codes of errno, zmq, lmdb and libconfig stop in io/ and come out as these.
 * Reasons that travel to other agencies are Kith__Reason (proto/kith.proto), never a kith_err. */
#pragma once

/* X(name, exit status of a process that ends with it (sysexits.h), text) */
#define KITH_ERRORS(X)                                                                             \
    X(OK, 0, "ok")                                                                                 \
    X(INVALID, 65, "the input breaks a rule")                                                      \
    X(NOT_FOUND, 66, "there is no such thing")                                                     \
    X(EXISTS, 73, "it is there already")                                                           \
    X(FULL, 75, "a limit or the disk is full; nothing was stored")                                 \
    X(BUSY, 75, "another process holds it")                                                        \
    X(AGAIN, 75, "not now; try again")                                                             \
    X(DENIED, 77, "not allowed")                                                                   \
    X(CONFIG, 78, "the configuration is wrong")                                                    \
    X(CORRUPT, 70, "stored data is damaged")                                                       \
    X(IO, 74, "an outside thing failed")                                                           \
    X(LIMIT, 65, "larger than the limit")                                                          \
    X(CONFLICT, 65, "it contradicts what is there")

typedef enum kith_err {
#define X(name, status, text) KITH_##name,
    KITH_ERRORS(X)
#undef X
} kith_err;

/* A short English text; never NULL, never to be freed. */
const char *kith_err_text(kith_err err);

/* The process exit status (sysexits.h) for it. */
int kith_err_exit(kith_err err);

/* A bug, not an error: always on, also in what ships. */
void kith_assert_failed(const char *what, const char *file, int line) __attribute__((noreturn));
#define KITH_ASSERT(cond) ((cond) ? (void)0 : kith_assert_failed(#cond, __FILE__, __LINE__))
/* As above, for a place that nobody reaches. */
#define KITH_NEVER(what) kith_assert_failed((what), __FILE__, __LINE__)
