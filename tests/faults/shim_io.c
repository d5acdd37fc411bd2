/* Preloaded into a broker or an agent: makes one call to the disk fail, or all from one on.
 *
 *   KITH_IO_WITHIN   only files whose path has this in it
 *   KITH_IO_FAIL_AT  the number of the call, from 1
 *   KITH_IO_STICKY   1: all from then on
 *   KITH_IO_ERROR    EIO | ENOSPC; SHORT: half is written (EIO for what writes nothing); AFTER: it
 * is done, and EIO is said KITH_IO_TELL     a file that is made, with the name of the call, when it
 * strikes
 *
 * Calls: open, write, pwrite, writev, fsync, fdatasync, ftruncate, posix_fallocate, rename, unlink.
 * Without KITH_IO_FAIL_AT it does nothing. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum how { GO_ON, REFUSE, HALF, DO_AND_REFUSE } how_t;

static long calls; /* so far; the one thing here that changes */

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static void tell(const char *call)
{
    const char *path = getenv("KITH_IO_TELL");
    int fd =
        path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
    if (fd < 0)
        return;
    (void)syscall(SYS_write, fd, call, strlen(call));
    (void)syscall(SYS_write, fd, "\n", 1);
    (void)syscall(SYS_close, fd);
}

/* What becomes of this call; errno is then what it says. */
static how_t strike(const char *call, const char *path)
{
    const char *within = getenv("KITH_IO_WITHIN"), *at = getenv("KITH_IO_FAIL_AT");
    const char *error = getenv("KITH_IO_ERROR"), *sticky = getenv("KITH_IO_STICKY");
    if (!within || !at || !strstr(path, within))
        return GO_ON;
    long number = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED), first = strtol(at, NULL, 10);
    if (number < first || (number > first && !sticky))
        return GO_ON;
    if (number == first)
        tell(call);
    errno = error && strcmp(error, "ENOSPC") == 0 ? ENOSPC : EIO;
    return error && strcmp(error, "SHORT") == 0   ? HALF
           : error && strcmp(error, "AFTER") == 0 ? DO_AND_REFUSE
                                                  : REFUSE;
}

static how_t strike_fd(const char *call, int fd)
{
    char link[64], path[4096];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    return strike(call, path);
}

/* For what returns 0 or -1. */
#define ALL_OR_NOTHING(how, call)                                                                  \
    do {                                                                                           \
        how_t all_how = (how);                                                                     \
        int all_errno = errno;                                                                     \
        int all_done = all_how == GO_ON || all_how == DO_AND_REFUSE ? (call) : -1;                 \
        if (all_how == GO_ON)                                                                      \
            return all_done;                                                                       \
        errno = all_errno;                                                                         \
        return -1;                                                                                 \
    } while (0)

/* As a call of three arguments: the third is handed on as it stands, given or not. */
int shim_open(const char *path, int flags, mode_t mode) __asm__("open");

int shim_open(const char *path, int flags, mode_t mode)
{
    how_t how = strike("open", path);
    return how == GO_ON ? REAL(open)(path, flags, mode) : -1;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    how_t how = strike_fd("write", fd);
    if (how == GO_ON || (how == HALF && size > 1))
        return REAL(write)(fd, bytes, how == HALF ? size / 2 : size);
    if (how == DO_AND_REFUSE)
        (void)!REAL(write)(fd, bytes, size);
    return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    how_t how = strike_fd("pwrite", fd);
    int code = errno;
    if (how == GO_ON || (how == HALF && size > 1))
        return REAL(pwrite)(fd, bytes, how == HALF ? size / 2 : size, at);
    if (how == DO_AND_REFUSE)
        (void)!REAL(pwrite)(fd, bytes, size, at);
    errno = code;
    return -1;
}

/* Half: the first of its parts. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    how_t how = strike_fd("writev", fd);
    int code = errno;
    if (how == GO_ON || (how == HALF && count > 1))
        return REAL(writev)(fd, parts, how == HALF ? count / 2 : count);
    if (how == DO_AND_REFUSE)
        (void)!REAL(writev)(fd, parts, count);
    errno = code;
    return -1;
}

int fsync(int fd)
{
    ALL_OR_NOTHING(strike_fd("fsync", fd), REAL(fsync)(fd));
}

int fdatasync(int fd)
{
    ALL_OR_NOTHING(strike_fd("fdatasync", fd), REAL(fdatasync)(fd));
}

int ftruncate(int fd, off_t size)
{
    ALL_OR_NOTHING(strike_fd("ftruncate", fd), REAL(ftruncate)(fd, size));
}

/* It returns the error and leaves errno alone. */
int posix_fallocate(int fd, off_t at, off_t size)
{
    how_t how = strike_fd("posix_fallocate", fd);
    int code = errno;
    if (how == GO_ON || how == DO_AND_REFUSE) {
        int real = REAL(posix_fallocate)(fd, at, size);
        return how == GO_ON ? real : code;
    }
    return code;
}

int rename(const char *from, const char *to)
{
    ALL_OR_NOTHING(strike("rename", from), REAL(rename)(from, to));
}

int unlink(const char *path)
{
    ALL_OR_NOTHING(strike("unlink", path), REAL(unlink)(path));
}
