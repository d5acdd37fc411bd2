#include "tests/planted/planted.h"

#include "base/bug.h"

#include <stdio.h>
#include <stdlib.h>

static int planted;

int kith_planted_bug(void)
{
    return planted;
}

void kith_planted_set(int bug)
{
    planted = bug;
}

/* Before main: no shipped source knows of it. */
__attribute__((constructor)) static void from_environment(void)
{
    const char *text = getenv("KITH_PLANTED_BUG");
    char *end = NULL;
    long bug = text ? strtol(text, &end, 10) : 0;
    if (text && (end == text || *end || bug < 0 || bug > 999)) {
        (void)fprintf(stderr,
                      "KITH_PLANTED_BUG=%s: not a number of tests/planted/bugs.tsv; "
                      "for example KITH_PLANTED_BUG=11\n",
                      text);
        exit(64);
    }
    planted = (int)bug;
}
