/* A filter of system calls written out, since it is shorter than what a library would need. */
#include "mail/sandbox.h"

#include "io/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAY_FD        3
#define CPU_S         1u
#define MEMORY_BYTES  (128u * 1024u * 1024u)
#define FIRST_FREE_FD (SAY_FD + 1u)
#define PIECE_BYTES   65536u

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
_Static_assert(0, "the sandbox's filter is written for x86-64 and arm64");
#endif

#define ALLOW(call)                                                                                \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
/* Looked for by libraries that go on without it: a charset's file, a locale. */
#define REFUSE(call)                                                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1),                                        \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES)

static bool filter_calls(void)
{
    static struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW(write),
        ALLOW(brk),
        ALLOW(mmap),
        ALLOW(munmap),
        ALLOW(mremap),
        ALLOW(madvise),
        ALLOW(mprotect),
        ALLOW(futex),
        ALLOW(exit),
        ALLOW(exit_group),
        ALLOW(rt_sigreturn),
        ALLOW(rt_sigprocmask),
        ALLOW(sigaltstack),
        ALLOW(clock_gettime),
        ALLOW(getrandom),
        ALLOW(sched_yield),
        ALLOW(getpid),
        ALLOW(gettid),
        ALLOW(restart_syscall),
        REFUSE(openat),
        REFUSE(newfstatat),
        REFUSE(readlinkat),
        REFUSE(faccessat),
#ifdef __x86_64__
        REFUSE(open),
        REFUSE(stat),
        REFUSE(readlink),
        REFUSE(access),
#endif
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    static const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool limit(int what, rlim_t most)
{
    struct rlimit l = {most, most};
    return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

static bool close_off(void)
{
    bool ok = close_range(FIRST_FREE_FD, ~0U, 0) == 0;
#ifndef __SANITIZE_ADDRESS__
    ok = ok && limit(RLIMIT_AS, MEMORY_BYTES);
    (void)close(STDERR_FILENO); /* a sanitizer's words go there */
#endif
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    return ok && limit(RLIMIT_CPU, CPU_S) && limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, 0) && filter_calls();
}

static void child(const sandbox_job_t *job, int say) __attribute__((noreturn));
static void child(const sandbox_job_t *job, int say)
{
    kith_arena_t *arena = kith_arena_new(job->arena_bytes);
    job->begin();
    if ((say != SAY_FD && dup2(say, SAY_FD) != SAY_FD) || !close_off())
        _exit(1);
    kith_bytes_t said = job->work(arena, job->context);
    for (size_t done = 0; done < said.size;) {
        ssize_t wrote = write(SAY_FD, said.data + done, said.size - done);
        if (wrote <= 0)
            _exit(1);
        done += (size_t)wrote;
    }
    _exit(0);
}

/* All that is said until the child's end, or false. */
static bool listen_to(int from, int64_t until_ms, uint8_t *text, size_t *ret_size)
{
    size_t used = 0;
    for (;;) {
        int64_t left = until_ms - clock_mono_ms();
        struct pollfd wait = {.fd = from, .events = POLLIN};
        if (left <= 0 || used == SANDBOX_SAID_BYTES_MAX)
            return false;
        int ready = poll(&wait, 1, (int)left);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        size_t room = SANDBOX_SAID_BYTES_MAX - used;
        ssize_t got = read(from, text + used, room < PIECE_BYTES ? room : PIECE_BYTES);
        if (got < 0)
            return false;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *ret_size = used;
    return used > 0;
}

kith_err sandbox_run(const sandbox_job_t *job, int64_t wait_ms, kith_arena_t *arena,
                     kith_bytes_t *ret_said)
{
    int ends[2];
    uint8_t *text = kith_arena_alloc(arena, SANDBOX_SAID_BYTES_MAX);
    if (text == NULL || pipe2(ends, O_CLOEXEC) != 0)
        return KITH_IO;
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        child(job, ends[1]);
    }
    (void)close(ends[1]);
    size_t size = 0;
    bool said = pid > 0 && listen_to(ends[0], clock_mono_ms() + wait_ms, text, &size);
    (void)close(ends[0]);
    if (pid < 0)
        return KITH_IO;
    if (!said)
        (void)kill(pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (!said || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return KITH_INVALID;
    *ret_said = (kith_bytes_t){text, size};
    return KITH_OK;
}
