/* A folder for one test, removed with all that is in it. Header only. */
#pragma once

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRATCH_PATH_SIZE 256

typedef struct scratch {
    char folder[64];
} scratch_t;

/* In the test's working folder, which is the build's. false when it cannot be made. */
static inline bool scratch_make(scratch_t *self)
{
    memcpy(self->folder, "scratch-XXXXXX", sizeof("scratch-XXXXXX"));
    return mkdtemp(self->folder) != NULL;
}

static inline int scratch_remove_one(const char *path, const struct stat *info, int flag,
                                     struct FTW *place)
{
    (void)info, (void)flag, (void)place;
    return remove(path);
}

static inline void scratch_remove(scratch_t *self)
{
    (void)nftw(self->folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void scratch_path(const scratch_t *self, const char *name,
                                char ret_path[SCRATCH_PATH_SIZE])
{
    (void)snprintf(ret_path, SCRATCH_PATH_SIZE, "%s/%s", self->folder, name);
}
