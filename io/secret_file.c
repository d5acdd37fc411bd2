#include "io/secret_file.h"

#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kith_err open_err(int code)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return KITH_NOT_FOUND;
    case EEXIST:
        return KITH_EXISTS;
    case EACCES:
    case ELOOP:
    case EROFS:
        return KITH_DENIED;
    case ENOSPC:
    case EDQUOT:
        return KITH_FULL;
    default:
        return KITH_IO;
    }
}

static kith_err check(int fd, size_t most, size_t *ret_size)
{
    struct stat at;
    if (fstat(fd, &at) != 0 || !S_ISREG(at.st_mode))
        return KITH_IO;
    if ((at.st_mode & 07777 & ~0600u) != 0 || (at.st_uid != geteuid() && at.st_uid != 0))
        return KITH_DENIED;
    *ret_size = (size_t)at.st_size;
    return (size_t)at.st_size > most ? KITH_INVALID : KITH_OK;
}

kith_err secret_file_read(const char *path, size_t most, kith_arena_t *arena, char **ret_text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return open_err(errno);
    size_t size = 0, used = 0;
    kith_err err = check(fd, most, &size);
    char *text = err == KITH_OK ? kith_arena_need(arena, size + 1) : NULL;
    while (err == KITH_OK && used < size) {
        ssize_t got = read(fd, text + used, size - used);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    (void)close(fd);
    if (err == KITH_OK && (used != size || strlen(text) != used))
        err = KITH_INVALID;
    if (err == KITH_OK)
        *ret_text = text;
    return err;
}

kith_err secret_file_make(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return open_err(errno);
    size_t size = strlen(text);
    ssize_t written = write(fd, text, size);
    int code = written < 0 ? errno : ENOSPC;
    bool ok = written == (ssize_t)size && fchmod(fd, 0600) == 0 && fsync(fd) == 0;
    if (close(fd) != 0)
        ok = false;
    if (ok)
        return KITH_OK;
    kith_err err = folder_err(path, code);
    (void)unlink(path);
    return err;
}
