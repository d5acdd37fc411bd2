#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define FILE_MODE   0600
#define FOLDER_MODE 0700
/* A write that failed with less than this free met a full disk: four of the longest runs of pages
 * that LMDB writes at once. */
#define DISK_FULL_BYTES (1024u * 1024u)

uint64_t folder_free_bytes(const char *path)
{
    struct statvfs disk;
    if (statvfs(path, &disk) != 0)
        return 0;
    return (uint64_t)disk.f_bavail * disk.f_frsize;
}

kith_err folder_err(const char *path, int code)
{
    struct statvfs disk;
    if (code == 0)
        return KITH_OK;
    if (code == ENOSPC || code == EDQUOT)
        return KITH_FULL;
    if (statvfs(path, &disk) != 0)
        return KITH_IO;
    return (uint64_t)disk.f_bavail * disk.f_frsize < DISK_FULL_BYTES ? KITH_FULL : KITH_IO;
}

kith_err folder_check(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return errno == ENOENT || errno == ENOTDIR ? KITH_NOT_FOUND : KITH_IO;
    if (!S_ISDIR(info.st_mode))
        return KITH_NOT_FOUND;
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0 || info.st_uid != geteuid())
        return KITH_DENIED;
    return KITH_OK;
}

kith_err folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return KITH_IO;
    int code = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return folder_err(path, code);
}

/* One folder, with its name on disk in the one above. */
static kith_err make_one(const char *path)
{
    char above[PATH_MAX];
    if (mkdir(path, FOLDER_MODE) != 0)
        return errno == EEXIST ? KITH_OK : errno == ENOSPC || errno == EDQUOT ? KITH_FULL : KITH_IO;
    if (snprintf(above, sizeof(above), "%s/..", path) >= (int)sizeof(above))
        return KITH_IO;
    return folder_sync(above);
}

kith_err folder_make(const char *path)
{
    char whole[PATH_MAX];
    if (snprintf(whole, sizeof(whole), "%s", path) >= (int)sizeof(whole) || whole[0] == '\0')
        return KITH_IO;
    for (char *end = whole + 1; *end != '\0'; end++) {
        if (*end != '/')
            continue;
        *end = '\0';
        kith_err err = make_one(whole);
        if (err != KITH_OK)
            return err;
        *end = '/';
    }
    kith_err err = make_one(whole);
    return err == KITH_OK ? folder_check(path) : err;
}

kith_err folder_lock(const char *lock_path, int *ret_fd)
{
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno == ENOSPC || errno == EDQUOT ? KITH_FULL : KITH_IO;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *ret_fd = fd;
        return KITH_OK;
    }
    kith_err err = errno == EWOULDBLOCK ? KITH_BUSY : KITH_IO;
    close(fd);
    return err;
}

kith_err folder_has_file(const char *file_path)
{
    struct stat info;
    if (stat(file_path, &info) != 0)
        return errno == ENOENT ? KITH_NOT_FOUND : KITH_IO;
    return info.st_size > 0 ? KITH_OK : KITH_CORRUPT;
}

kith_err folder_fill(const char *file_path, int64_t bytes)
{
    int fd = open(file_path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno == ENOSPC || errno == EDQUOT ? KITH_FULL : KITH_IO;
    kith_err err = folder_err(file_path, posix_fallocate(fd, 0, bytes));
    close(fd);
    return err;
}
