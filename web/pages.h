/* The static files of the page, read once at the start: a path that is not among them is not there,
 * so no path of a request ever reaches the disk. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "web/answer.h"

#define PAGES_FILES_MAX 256u
#define PAGES_BYTES_MAX (16u * 1024u * 1024u)

typedef struct pages pages_t;

/* Every file under the folder, by its path in it ("/" is index.html). All lives in the arena.
 * KITH_CONFIG: it cannot be read, or is larger than a page is; *ret_error says so. */
kith_err pages_load(const char *folder, kith_arena_t *arena, pages_t **ret_pages,
                    const char **ret_error);
/* false: there is none. etag: what the browser says it has, or NULL. */
bool pages_find(const pages_t *self, const char *path, const char *etag, kith_arena_t *arena,
                answer_t *ret_answer);
