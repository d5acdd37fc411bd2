/* See store_mark.h. */
#include "io/store_mark.h"

#include "io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_MODE 0600

typedef struct names {
    char open[PATH_MAX], checking[PATH_MAX];
} names_t;

static kith_err names_in(const char *folder, names_t *ret_names)
{
    int size = snprintf(ret_names->checking, PATH_MAX, "%s/state.checking", folder);
    (void)snprintf(ret_names->open, PATH_MAX, "%s/state.open", folder);
    return size < PATH_MAX ? KITH_OK : KITH_IO;
}

kith_err store_mark_read(const char *folder, store_mark *ret_mark)
{
    names_t names;
    kith_err err = names_in(folder, &names);
    if (err != KITH_OK)
        return err;
    if (access(names.checking, F_OK) == 0)
        *ret_mark = STORE_MARK_CHECKING;
    else if (errno == ENOENT && access(names.open, F_OK) == 0)
        *ret_mark = STORE_MARK_OPEN;
    else if (errno == ENOENT)
        *ret_mark = STORE_MARK_NONE;
    else
        return KITH_IO;
    return KITH_OK;
}

/* 0, or an errno. */
static int change(const names_t *names, store_mark mark)
{
    int fd = -1;
    switch (mark) {
    case STORE_MARK_NONE:
        if (unlink(names->open) != 0 && errno != ENOENT)
            return errno;
        return unlink(names->checking) == 0 || errno == ENOENT ? 0 : errno;
    case STORE_MARK_CHECKING:
        return rename(names->open, names->checking) == 0 ? 0 : errno;
    case STORE_MARK_OPEN:
        if (rename(names->checking, names->open) == 0)
            return 0;
        fd = open(names->open, O_WRONLY | O_CREAT | O_CLOEXEC, FILE_MODE);
        if (fd < 0)
            return errno;
        (void)close(fd);
        return 0;
    }
    return EINVAL;
}

kith_err store_mark_write(const char *folder, store_mark mark)
{
    names_t names;
    kith_err err = names_in(folder, &names);
    if (err == KITH_OK)
        err = folder_err(folder, change(&names, mark));
    return err == KITH_OK ? folder_sync(folder) : err;
}
