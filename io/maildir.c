#include "io/maildir.h"

#include "io/clock.h"
#include "io/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SIZE   (NAME_MAX + 1)
#define SEEN        ":2,S" /* version 2 of the marks, S for seen */
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

#define ACCESS (S_IRWXU | S_IRWXG)

typedef enum maildir_part { TMP, NEW, CUR, PARTS } maildir_part;
static const char *const part_names[PARTS] = {"tmp", "new", "cur"};

struct maildir {
    int parts[PARTS]; /* the three folders */
    int watch;
};

static kith_err err_of(int code)
{
    switch (code) {
    case 0:
        return KITH_OK;
    case ENOENT:
    case ENOTDIR:
        return KITH_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return KITH_DENIED;
    case ELOOP:
    case ENAMETOOLONG:
        return KITH_INVALID;
    case ENOSPC:
    case EDQUOT:
        return KITH_FULL;
    default:
        return KITH_IO;
    }
}

/* What a call that gives -1 comes to. */
static kith_err err_now(int rc)
{
    return rc < 0 ? err_of(errno) : KITH_OK;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* One part, with the mode of the folder whatever the umask, so that a group lets in the same
 * processes everywhere. */
static kith_err make_part(int folder, const struct stat *of_folder, const char *name)
{
    struct stat at;
    if (mkdirat(folder, name, 0700) == 0) {
        if (fstatat(folder, name, &at, AT_SYMLINK_NOFOLLOW) != 0)
            return err_of(errno);
        mode_t mode = (of_folder->st_mode & ACCESS) | S_IRWXU | (at.st_mode & S_ISGID);
        return err_now(fchmodat(folder, name, mode, 0));
    }
    if (errno != EEXIST)
        return err_of(errno);
    if (fstatat(folder, name, &at, 0) != 0 || !S_ISDIR(at.st_mode))
        return KITH_EXISTS;
    return err_now(faccessat(folder, name, R_OK | W_OK | X_OK, AT_EACCESS));
}

static kith_err make_parts(int folder)
{
    struct stat at;
    if (fstat(folder, &at) != 0)
        return KITH_IO;
    for (maildir_part i = TMP; i < PARTS; i++) {
        kith_err err = make_part(folder, &at, part_names[i]);
        if (err != KITH_OK)
            return err;
    }
    return err_now(fsync(folder));
}

/* The folder's own name on disk, in the one above. */
static kith_err sync_above(const char *folder)
{
    char above[PATH_MAX];
    if (snprintf(above, sizeof above, "%s/..", folder) >= (int)sizeof above)
        return KITH_INVALID;
    return folder_sync(above);
}

kith_err maildir_make(const char *folder)
{
    bool made = mkdir(folder, ACCESS) == 0;
    if (!made && errno != EEXIST)
        return err_of(errno);
    int fd = open(folder, OPEN_FOLDER);
    if (fd < 0)
        return errno == ENOTDIR ? KITH_EXISTS : err_of(errno);
    kith_err err = make_parts(fd);
    close(fd);
    return err == KITH_OK && made ? sync_above(folder) : err;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void close_parts(const int parts[PARTS])
{
    for (maildir_part i = TMP; i < PARTS; i++)
        if (parts[i] >= 0)
            close(parts[i]);
}

static kith_err open_parts(const char *folder, int ret_parts[PARTS])
{
    kith_err err = KITH_OK;
    int parts[PARTS] = {-1, -1, -1};
    int fd = open(folder, OPEN_FOLDER);
    if (fd < 0)
        return err_of(errno);
    for (maildir_part i = TMP; i < PARTS && err == KITH_OK; i++) {
        parts[i] = openat(fd, part_names[i], OPEN_FOLDER);
        err = err_now(parts[i]);
    }
    close(fd);
    if (err == KITH_OK)
        memcpy(ret_parts, parts, sizeof parts);
    else
        close_parts(parts);
    return err;
}

static kith_err watch_new(const char *folder, int *ret_watch)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, part_names[NEW]) >= (int)sizeof path)
        return KITH_INVALID;
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0)
        return errno == EMFILE || errno == ENFILE ? KITH_FULL : KITH_IO;
    kith_err err = err_now(inotify_add_watch(fd, path, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR));
    if (err == KITH_OK)
        *ret_watch = fd;
    else
        close(fd);
    return err;
}

kith_err maildir_open(const char *folder, maildir_t **ret_maildir)
{
    maildir_t opened = {.watch = -1};
    kith_err err = open_parts(folder, opened.parts);
    if (err != KITH_OK)
        return err;
    err = watch_new(folder, &opened.watch);
    if (err != KITH_OK) {
        close_parts(opened.parts);
        return err;
    }
    maildir_t *self = malloc(sizeof *self);
    KITH_ASSERT(self != NULL);
    *self = opened;
    *ret_maildir = self;
    return KITH_OK;
}

void maildir_close(maildir_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    close_parts((*self_p)->parts);
    close((*self_p)->watch);
    free(*self_p);
    *self_p = NULL;
}

int maildir_fd(const maildir_t *self)
{
    return self->watch;
}

void maildir_clear(maildir_t *self)
{
    char events[4096];
    while (read(self->watch, events, sizeof events) > 0)
        ;
}

/* ---- delivering ------------------------------------------------------------------------------ */

/* Seconds, milliseconds and chance: sorts by the time of arrival, is nobody else's. */
static void name_new(char ret_name[NAME_SIZE])
{
    uint64_t chance = 0;
    int64_t now = clock_wall_ms();
    KITH_ASSERT(getrandom(&chance, sizeof chance, 0) == (ssize_t)sizeof chance);
    (void)snprintf(ret_name, NAME_SIZE, "%010" PRId64 ".M%03dP%ldR%016" PRIx64 ".kith", now / 1000,
                   (int)(now % 1000), (long)getpid(), chance);
}

static kith_err write_all(int fd, kith_bytes_t bytes)
{
    while (bytes.size > 0) {
        ssize_t size = write(fd, bytes.data, bytes.size);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return err_of(errno);
        bytes.data += size;
        bytes.size -= (size_t)size;
    }
    return KITH_OK;
}

/* A file may be read by the group where the folder may. */
static kith_err share(int fd, int folder)
{
    struct stat at;
    if (fstat(folder, &at) != 0)
        return KITH_IO;
    return err_now(fchmod(fd, S_IRUSR | S_IWUSR | (at.st_mode & S_IRGRP)));
}

static kith_err write_tmp(int tmp, const char *name, kith_bytes_t mail)
{
    int fd = openat(tmp, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_of(errno);
    kith_err err = share(fd, tmp);
    if (err == KITH_OK)
        err = write_all(fd, mail);
    if (err == KITH_OK)
        err = err_now(fsync(fd));
    if (close(fd) != 0 && err == KITH_OK)
        err = err_of(errno);
    return err;
}

static kith_err put(const int parts[PARTS], const char *name, kith_bytes_t mail)
{
    kith_err err = write_tmp(parts[TMP], name, mail);
    if (err == KITH_OK)
        err = err_now(renameat(parts[TMP], name, parts[NEW], name));
    if (err == KITH_OK)
        err = err_now(fsync(parts[NEW]));
    if (err != KITH_OK) { /* it is in one of them at most; whoever sends it does so again */
        (void)unlinkat(parts[TMP], name, 0);
        (void)unlinkat(parts[NEW], name, 0);
    }
    return err;
}

kith_err maildir_deliver(const char *folder, kith_bytes_t mail)
{
    int parts[PARTS];
    char name[NAME_SIZE];
    kith_err err = open_parts(folder, parts);
    if (err != KITH_OK)
        return err;
    name_new(name);
    err = put(parts, name, mail);
    close_parts(parts);
    return err;
}

/* ---- taking ---------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

/* A listing of one part from its beginning; NULL: it cannot be read, *ret_err says why. */
static DIR *list(int part, kith_err *ret_err)
{
    int fd = openat(part, ".", OPEN_FOLDER);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    *ret_err = listing == NULL ? err_of(errno) : KITH_OK;
    if (listing == NULL && fd >= 0)
        close(fd);
    return listing;
}

static bool is_mail(int part, const struct dirent *entry)
{
    struct stat at;
    if (entry->d_name[0] == '.')
        return false;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG;
    return fstatat(part, entry->d_name, &at, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(at.st_mode);
}

/* The next entry that is a mail; NULL at the end, with what went wrong. */
static const struct dirent *read_next(int part, DIR *listing, kith_err *ret_err)
{
    const struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(listing);
    } while (entry != NULL && !is_mail(part, entry));
    *ret_err = entry == NULL && errno != 0 ? KITH_IO : KITH_OK;
    return entry;
}

kith_err maildir_next(maildir_t *self, const char *after, kith_arena_t *arena,
                      const char **ret_name)
{
    char first[NAME_SIZE] = "";
    kith_err err;
    DIR *listing = list(self->parts[NEW], &err);
    if (listing == NULL)
        return err;
    const struct dirent *entry;
    while ((entry = read_next(self->parts[NEW], listing, &err)) != NULL)
        if (strcmp(entry->d_name, after) > 0 &&
            (first[0] == '\0' || strcmp(entry->d_name, first) < 0))
            (void)snprintf(first, sizeof first, "%s", entry->d_name);
    (void)closedir(listing);
    if (err != KITH_OK || first[0] == '\0')
        return err != KITH_OK ? err : KITH_NOT_FOUND;
    char *name = kith_arena_alloc(arena, strlen(first) + 1);
    if (name == NULL)
        return KITH_LIMIT;
    memcpy(name, first, strlen(first) + 1);
    *ret_name = name;
    return KITH_OK;
}

/* Up to the size it had: what is in new/ does not change. */
static kith_err read_all(int fd, uint8_t *bytes, size_t size, size_t *ret_size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, bytes + used, size - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return KITH_IO;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *ret_size = used;
    return KITH_OK;
}

static kith_err read_file(int fd, size_t most, kith_arena_t *arena, kith_bytes_t *ret_mail)
{
    struct stat at;
    if (fstat(fd, &at) != 0)
        return KITH_IO;
    if (!S_ISREG(at.st_mode))
        return KITH_INVALID;
    if ((uintmax_t)at.st_size > most)
        return KITH_LIMIT;
    size_t size = (size_t)at.st_size;
    uint8_t *bytes = kith_arena_alloc(arena, size > 0 ? size : 1);
    if (bytes == NULL)
        return KITH_LIMIT;
    kith_err err = read_all(fd, bytes, size, &size);
    if (err == KITH_OK)
        *ret_mail = (kith_bytes_t){bytes, size};
    return err;
}

kith_err maildir_read(maildir_t *self, const char *name, size_t most, kith_arena_t *arena,
                      kith_bytes_t *ret_mail)
{
    if (!is_name(name))
        return KITH_INVALID;
    /* O_NONBLOCK: a pipe of that name must not hold us. */
    int fd =
        openat(self->parts[NEW], name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENXIO ? KITH_INVALID : err_of(errno); /* ENXIO: a socket */
    kith_err err = read_file(fd, most, arena, ret_mail);
    close(fd);
    return err;
}

/* ---- afterwards ------------------------------------------------------------------------------ */

kith_err maildir_seen(maildir_t *self, const char *name)
{
    char seen[NAME_SIZE];
    struct stat at;
    if (!is_name(name) || snprintf(seen, sizeof seen, "%s" SEEN, name) >= (int)sizeof seen)
        return KITH_INVALID;
    if (renameat(self->parts[NEW], name, self->parts[CUR], seen) == 0)
        return KITH_OK;
    if (errno != ENOENT)
        return err_of(errno);
    return err_now(fstatat(self->parts[CUR], seen, &at, AT_SYMLINK_NOFOLLOW));
}

/* One that another process has removed meanwhile is no error. */
static kith_err remove_older(int part, const char *name, int64_t than_ms)
{
    struct stat at;
    if (fstatat(part, name, &at, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? KITH_OK : err_of(errno);
    if ((int64_t)at.st_ctim.tv_sec * 1000 + at.st_ctim.tv_nsec / 1000000 >= than_ms)
        return KITH_OK;
    return unlinkat(part, name, 0) == 0 || errno == ENOENT ? KITH_OK : err_of(errno);
}

static kith_err tidy_part(int part, int64_t than_ms)
{
    kith_err err, listed;
    DIR *listing = list(part, &err);
    if (listing == NULL)
        return err;
    const struct dirent *entry;
    while ((entry = read_next(part, listing, &listed)) != NULL) {
        kith_err one = remove_older(part, entry->d_name, than_ms);
        err = err == KITH_OK ? one : err;
    }
    (void)closedir(listing);
    return err == KITH_OK ? listed : err;
}

kith_err maildir_tidy(maildir_t *self, int64_t now_ms, int64_t keep_ms)
{
    kith_err tmp = tidy_part(self->parts[TMP], now_ms - MAILDIR_TMP_MS);
    kith_err cur = tidy_part(self->parts[CUR], now_ms - keep_ms);
    return tmp != KITH_OK ? tmp : cur;
}
