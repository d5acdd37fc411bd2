/* The texts and exit statuses, and the one place where a bug ends the process. */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

const char *kith_err_text(kith_err err)
{
    switch (err) {
#define X(name, status, text)                                                                      \
    case KITH_##name:                                                                              \
        return text;
        KITH_ERRORS(X)
#undef X
    }
    return "an unknown error";
}

int kith_err_exit(kith_err err)
{
    switch (err) {
#define X(name, status, text)                                                                      \
    case KITH_##name:                                                                              \
        return status;
        KITH_ERRORS(X)
#undef X
    }
    return 70;
}

/* The only output of this room: a process that is about to abort says where, or nobody could mend
 * it. */
void kith_assert_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
    abort();
}
