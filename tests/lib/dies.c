/* One child a call. */
#include "tests/lib/dies.h"

#include "base/err.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

bool dies(void (*call)(void *argument), void *argument)
{
    pid_t child = fork();
    KITH_ASSERT(child >= 0);
    if (child == 0) {
        close(STDERR_FILENO);
        call(argument);
        _exit(0);
    }
    int status = 0;
    KITH_ASSERT(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
