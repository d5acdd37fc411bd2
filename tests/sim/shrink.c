/* Makes a failing plan short: leaves out ever smaller parts as long as it still fails (delta
 * debugging). Each try is a child of its own, so that a plan may end by an assertion, too. */
#include "tests/sim/sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fails(const sim_plan_t *plan, const bool *keep)
{
    int status = 0;
    pid_t child = fork();
    KITH_ASSERT(child >= 0);
    if (child == 0) {
        sim_cover_t cover = {0};
        sim_result_t result;
        (void)close(STDERR_FILENO);
        (void)alarm(60);
        sim_play(plan, keep, NULL, &cover, &result);
        _exit(result.wrong[0] ? 1 : 0);
    }
    KITH_ASSERT(waitpid(child, &status, 0) == child);
    return status != 0;
}

/* Leaves out what can be, `size` kept actions at a time. true: something was. */
static bool leave_out(const sim_plan_t *plan, bool *keep, bool *tried, size_t size)
{
    bool any = false;
    for (size_t from = 0; from < plan->count;) {
        size_t taken = 0, at = from;
        memcpy(tried, keep, plan->count);
        for (; at < plan->count && taken < size; at++) {
            taken += tried[at];
            tried[at] = false;
        }
        if (taken && fails(plan, tried)) {
            memcpy(keep, tried, plan->count);
            any = true;
        }
        from = at;
    }
    return any;
}

void sim_shrink(const sim_plan_t *plan, bool *keep)
{
    bool *tried = calloc(plan->count + 1, sizeof *tried);
    KITH_ASSERT(tried);
    for (size_t size = plan->count / 2; size > 1; size /= 2)
        (void)leave_out(plan, keep, tried, size);
    while (leave_out(plan, keep, tried, 1)) {
    }
    free(tried);
}
