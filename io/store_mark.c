/* See store_mark.h. */
#include "io/store_mark.h"

#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_MODE 0600

static kith_err path_of(const char *folder, char ret_path[PATH_MAX])
{
    int size = snprintf(ret_path, PATH_MAX, "%s/state.open", folder);
    return size < PATH_MAX ? KITH_OK : KITH_IO;
}

kith_err store_mark_read(const char *folder, store_mark *ret_mark)
{
    char path[PATH_MAX];
    kith_err err = path_of(folder, path);
    if (err != KITH_OK)
        return err;
    bool open = access(path, F_OK) == 0;
    if (!open && errno != ENOENT)
        return KITH_IO;
    *ret_mark = open ? STORE_MARK_OPEN : STORE_MARK_NONE;
    return KITH_OK;
}

/* 0, or an errno. */
static int change(const char *path, store_mark mark)
{
    if (mark == STORE_MARK_NONE)
        return unlink(path) == 0 || errno == ENOENT ? 0 : errno;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return errno;
    (void)close(fd);
    return 0;
}

kith_err store_mark_write(const char *folder, store_mark mark)
{
    char path[PATH_MAX];
    kith_err err = path_of(folder, path);
    if (err == KITH_OK)
        err = folder_err(folder, change(path, mark));
    return err == KITH_OK ? folder_sync(folder) : err;
}
