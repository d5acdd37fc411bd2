#include "web/pages.h"

#include "base/id.h"
#include "io/secret.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX  6u
#define ETAG_BYTES 12u

typedef struct page {
    const char *path; /* "/app.js" */
    const char *type;
    const char *etag;
    kith_bytes_t body;
} page_t;

struct pages {
    size_t count, bytes;
    page_t list[PAGES_FILES_MAX];
};

typedef struct loading {
    kith_arena_t *arena;
    pages_t *pages;
    const char *error;
} loading_t;

static bool fail(loading_t *l, const char *path, const char *what)
{
    l->error = kith_arena_printf(l->arena, "%s: %s", path, what);
    return false;
}

/* NULL: a kind of file that no page of ours has. */
static const char *type_of(const char *path)
{
    static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".ico", "image/x-icon"},
                                           {".woff2", "font/woff2"},
                                           {".woff", "font/woff"},
                                           {".json", "application/json"},
                                           {".txt", "text/plain; charset=utf-8"}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i][0], dot) == 0)
            return types[i][1];
    return NULL;
}

static const char *etag_of(kith_arena_t *arena, kith_bytes_t body)
{
    uint8_t digest[SECRET_DIGEST_BYTES];
    char hex[2 * ETAG_BYTES + 1];
    secret_digest(body, digest);
    kith_hex((kith_bytes_t){digest, ETAG_BYTES}, hex);
    return kith_arena_printf(arena, "\"%s\"", hex);
}

static bool load_file(loading_t *l, const char *file, const char *path)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat at;
    if (fd < 0 || fstat(fd, &at) != 0 || at.st_size > (off_t)(PAGES_BYTES_MAX - l->pages->bytes) ||
        l->pages->count == PAGES_FILES_MAX) {
        if (fd >= 0)
            close(fd);
        return fail(l, file, fd < 0 ? "cannot be read" : "a page has 256 files and 16 MiB at most");
    }
    size_t size = (size_t)at.st_size, used = 0;
    uint8_t *data = kith_arena_need(l->arena, size + 1);
    ssize_t got = 1;
    while (used < size && got > 0) {
        got = read(fd, data + used, size - used);
        used += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    if (used < size)
        return fail(l, file, "cannot be read");
    kith_bytes_t body = {.data = data, .size = size};
    l->pages->bytes += size;
    l->pages->list[l->pages->count++] = (page_t){.path = kith_arena_str(l->arena, path),
                                                 .type = type_of(path),
                                                 .etag = etag_of(l->arena, body),
                                                 .body = body};
    return true;
}

/* inside: the path of the folder below the first one, "" for that. */
static bool load_folder(loading_t *l, const char *folder, const char *inside, unsigned depth)
{
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL)
        return fail(l, folder,
                    "is no folder that can be read: name the page's files, or no `page`");
    bool going = depth < DEPTH_MAX;
    for (struct dirent *entry; going && (entry = readdir(open_folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        const char *file = kith_arena_printf(l->arena, "%s/%s", folder, entry->d_name);
        const char *path = kith_arena_printf(l->arena, "%s/%s", inside, entry->d_name);
        struct stat at;
        if (stat(file, &at) != 0)
            going = fail(l, file, "cannot be read");
        else if (S_ISDIR(at.st_mode))
            going = load_folder(l, file, path, depth + 1);
        else if (S_ISREG(at.st_mode) && type_of(path) != NULL)
            going = load_file(l, file, path);
    }
    closedir(open_folder);
    return going || (depth < DEPTH_MAX ? false : fail(l, folder, "too many folders in folders"));
}

kith_err pages_load(const char *folder, kith_arena_t *arena, pages_t **ret_pages,
                    const char **ret_error)
{
    loading_t l = {.arena = arena, .pages = kith_arena_need(arena, sizeof *l.pages)};
    if (!load_folder(&l, folder, "", 0)) {
        *ret_error = l.error;
        return KITH_CONFIG;
    }
    *ret_pages = l.pages;
    return KITH_OK;
}

bool pages_find(const pages_t *self, const char *path, const char *etag, kith_arena_t *arena,
                answer_t *ret_answer)
{
    const char *wanted = strcmp(path, "/") == 0 ? "/index.html" : path;
    for (size_t i = 0; i < self->count; i++) {
        const page_t *page = &self->list[i];
        if (strcmp(page->path, wanted) != 0)
            continue;
        answer_t answer = {.status = 304,
                           .more = kith_arena_printf(arena, "ETag: %s\r\n", page->etag),
                           .cache = "no-cache"};
        if (etag == NULL || strcmp(etag, page->etag) != 0) {
            answer.status = 200;
            answer.type = page->type;
            answer.body = page->body;
        }
        *ret_answer = answer;
        return true;
    }
    return false;
}
