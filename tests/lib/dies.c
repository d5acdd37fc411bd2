/* One child a call. */
#include "tests/lib/dies.h"

#include "base/err.h"

#ifdef KITH_COVERAGE
#include <gcov.h>
#endif
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* abort() would lose the counts of what the child ran. */
static void keep_counts(int signal_number)
{
    (void)signal_number;
#ifdef KITH_COVERAGE
    __gcov_dump();
#endif
}

bool dies(void (*call)(void *argument), void *argument)
{
    pid_t child = fork();
    KITH_ASSERT(child >= 0);
    if (child == 0) {
        struct sigaction action = {.sa_handler = keep_counts};
        KITH_ASSERT(sigaction(SIGABRT, &action, NULL) == 0);
        close(STDERR_FILENO);
        call(argument);
        _exit(0);
    }
    int status = 0;
    KITH_ASSERT(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
