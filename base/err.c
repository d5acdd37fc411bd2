/* The texts and exit statuses, and the one place where a bug ends the process. */
#include "base/err.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct entry {
    const char *text;
    int exit_status;
} entry_t;

static const entry_t ENTRIES[] = {
#define X(name, status, text) [KITH_##name] = {text, status},
    KITH_ERRORS(X)
#undef X
};

static const entry_t UNKNOWN = {"an unknown error", 70};

static const entry_t *entry_of(kith_err err)
{
    size_t index = (size_t)err;
    return index < sizeof ENTRIES / sizeof ENTRIES[0] ? &ENTRIES[index] : &UNKNOWN;
}

const char *kith_err_text(kith_err err)
{
    return entry_of(err)->text;
}

int kith_err_exit(kith_err err)
{
    return entry_of(err)->exit_status;
}

/* The only output of this room: a process that is about to abort says where, or nobody could mend
 * it. */
void kith_assert_failed(const char *what, const char *file, int line)
{
    (void)fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
    abort();
}
