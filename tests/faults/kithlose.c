/* A disk that loses what was not synced: a file system of one folder, for the tests of a power cut.
 *
 * What processes write is kept in memory. Only fsync and fdatasync put a file's pages where they
 * last (BACKING), only an fsync of the folder its names: created, renamed, removed. To end this
 * program is the power cut: the next one on the same BACKING shows what a disk would.
 *
 * `setfattr -n user.cut -v "N SEED" MOUNT` cuts the power within the Nth change from now; until
 * then nothing is lost. What was not synced may survive, as on a disk: of the pages some whole,
 * some in parts of 512 bytes, of the changes of names the first few. SEED says which; with 0, and
 * on SIGTERM, nothing does. Root, one thread, files of some MiB. */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE_BYTES     4096u
#define SECTOR_BYTES   512u
#define FILE_BYTES_MAX (64u * 1024u * 1024u)
#define FILES_MAX      4096u
#define NAMES_MAX      32u
#define NAME_BYTES_MAX 64u
#define FOLDERS_MAX    1024u
#define EXIT_USAGE     64
#define EXIT_NO_MOUNT  74
#define FREE_BYTES     (UINT64_C(16) * 1024 * 1024 * 1024)

typedef struct file {
    uint8_t *bytes;
    size_t size, room;
    uint8_t changed[FILE_BYTES_MAX / PAGE_BYTES]; /* since it was synced, by page */
} file_t;

/* The names of the folder at one moment. A file's name in BACKING is its number. */
typedef struct folder {
    struct {
        char name[NAME_BYTES_MAX];
        size_t file;
    } items[NAMES_MAX];
    size_t count;
} folder_t;

typedef struct disk {
    const char *backing;
    struct fuse *fuse;
    file_t *files[FILES_MAX];
    size_t files_count;
    folder_t *folders; /* as it was synced, and after each change since: the last is now */
    size_t folders_count;
    uint64_t left; /* changes until the cut; 0: none is set */
    uint64_t seed;
    bool off;
} disk_t;

static disk_t *here(void)
{
    return fuse_get_context()->private_data;
}

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(EXIT_NO_MOUNT);
}

static void *need(void *memory)
{
    if (!memory)
        fail("kithlose: memory");
    return memory;
}

/* ---- what lasts ---- */

static int backing_open(const disk_t *disk, size_t number, int flags)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%zu", disk->backing, number);
    return open(path, flags | O_CLOEXEC, 0600);
}

/* Of a file of this number whose name was lost. */
static void backing_remove(const disk_t *disk, size_t number)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%zu", disk->backing, number);
    (void)unlink(path);
}

static void put(int fd, const file_t *file, size_t at, size_t size)
{
    if (at + size > file->size)
        size = file->size - at;
    if (pwrite(fd, file->bytes + at, size, (off_t)at) != (ssize_t)size)
        fail("kithlose: the backing folder");
}

static void file_sync(const disk_t *disk, size_t number)
{
    file_t *file = disk->files[number];
    int fd = backing_open(disk, number, O_RDWR | O_CREAT);
    if (fd < 0 || ftruncate(fd, (off_t)file->size) != 0)
        fail("kithlose: the backing folder");
    for (size_t at = 0; at < file->size; at += PAGE_BYTES)
        if (file->changed[at / PAGE_BYTES])
            put(fd, file, at, PAGE_BYTES);
    memset(file->changed, 0, sizeof file->changed);
    (void)close(fd);
}

static void folder_write(const disk_t *disk, const folder_t *folder)
{
    char path[4096], beside[4096];
    (void)snprintf(path, sizeof path, "%s/names", disk->backing);
    (void)snprintf(beside, sizeof beside, "%s/names.new", disk->backing);
    FILE *to = need(fopen(beside, "we"));
    for (size_t i = 0; i < folder->count; i++)
        (void)fprintf(to, "%zu %s\n", folder->items[i].file, folder->items[i].name);
    if (fclose(to) != 0 || rename(beside, path) != 0)
        fail("kithlose: the backing folder");
}

static void folder_sync(disk_t *disk)
{
    disk->folders[0] = disk->folders[disk->folders_count - 1];
    disk->folders_count = 1;
    folder_write(disk, &disk->folders[0]);
}

/* ---- the cut ---- */

static uint64_t roll(disk_t *disk, uint64_t below)
{
    disk->seed ^= disk->seed << 13;
    disk->seed ^= disk->seed >> 7;
    disk->seed ^= disk->seed << 17;
    return (disk->seed >> 11) % below;
}

static void page_survives(disk_t *disk, int fd, const file_t *file, size_t at)
{
    uint64_t how = roll(disk, 3); /* 0 is lost */
    for (size_t part = at; how > 0 && part < at + PAGE_BYTES && part < file->size;
         part += SECTOR_BYTES)
        if (how == 1 || roll(disk, 2))
            put(fd, file, part, SECTOR_BYTES);
}

static void survive(disk_t *disk)
{
    if (disk->seed == 0)
        return;
    for (size_t i = 0; i < disk->files_count; i++) {
        const file_t *file = disk->files[i];
        int fd = backing_open(disk, i, O_RDWR | O_CREAT);
        if (fd < 0)
            fail("kithlose: the backing folder");
        for (size_t at = 0; at < file->size; at += PAGE_BYTES)
            if (file->changed[at / PAGE_BYTES])
                page_survives(disk, fd, file, at);
        (void)close(fd);
    }
    folder_write(disk, &disk->folders[roll(disk, disk->folders_count)]);
}

/* Counts a change. At the cut: 1, or 0 when this one is still done, but nobody told. */
static int count(disk_t *disk, bool *ret_cut)
{
    *ret_cut = disk->left > 0 && --disk->left == 0;
    if (!*ret_cut)
        return 0;
    disk->off = true;
    fuse_exit(disk->fuse);
    return disk->seed == 0 || roll(disk, 2);
}

/* ---- files ---- */

static folder_t *now(disk_t *disk)
{
    return &disk->folders[disk->folders_count - 1];
}

static size_t find(const folder_t *folder, const char *path)
{
    size_t i = 0;
    while (i < folder->count && strcmp(folder->items[i].name, path + 1) != 0)
        i++;
    return i;
}

static void name_write(char name[NAME_BYTES_MAX], const char *path)
{
    (void)snprintf(name, NAME_BYTES_MAX, "%s", path + 1);
}

/* The folder after the next change. NULL: too many without a sync, or the power is off. */
static folder_t *change(disk_t *disk, int *ret_code)
{
    bool cut;
    if (disk->off || disk->folders_count == FOLDERS_MAX || count(disk, &cut)) {
        *ret_code = -EIO;
        return NULL;
    }
    *ret_code = cut ? -EIO : 0;
    disk->folders[disk->folders_count] = *now(disk);
    disk->folders_count++;
    return now(disk);
}

static void folder_drop(folder_t *folder, const char *path)
{
    size_t at = find(folder, path);
    if (at < folder->count)
        folder->items[at] = folder->items[--folder->count];
}

static size_t file_new(disk_t *disk)
{
    if (disk->files_count == FILES_MAX)
        fail("kithlose: too many files were made");
    disk->files[disk->files_count] = need(calloc(1, sizeof(file_t)));
    return disk->files_count++;
}

static int file_resize(file_t *file, size_t size)
{
    if (size > FILE_BYTES_MAX)
        return -ENOSPC;
    if (size > file->room) {
        size_t room = 2 * size;
        file->bytes = need(realloc(file->bytes, room));
        memset(file->bytes + file->room, 0, room - file->room);
        file->room = room;
    }
    if (size < file->size)
        memset(file->bytes + size, 0, file->size - size);
    for (size_t at = file->size; at < size; at += PAGE_BYTES)
        file->changed[at / PAGE_BYTES] = 1;
    file->size = size;
    return 0;
}

static int number_of(disk_t *disk, const char *path, const struct fuse_file_info *info,
                     size_t *ret_number)
{
    if (disk->off)
        return -EIO;
    if (info) {
        *ret_number = info->fh;
        return 0;
    }
    size_t at = find(now(disk), path);
    if (at == now(disk)->count)
        return -ENOENT;
    *ret_number = now(disk)->items[at].file;
    return 0;
}

/* ---- what the kernel asks ---- */

static int on_getattr(const char *path, struct stat *ret, struct fuse_file_info *info)
{
    size_t number;
    memset(ret, 0, sizeof *ret);
    ret->st_uid = geteuid();
    ret->st_gid = getegid();
    ret->st_nlink = 1;
    if (path && strcmp(path, "/") == 0) {
        ret->st_mode = S_IFDIR | 0700;
        return here()->off ? -EIO : 0;
    }
    int code = number_of(here(), path, info, &number);
    if (code != 0)
        return code;
    ret->st_mode = S_IFREG | 0600;
    ret->st_size = (off_t)here()->files[number]->size;
    ret->st_blocks = ret->st_size / 512;
    return 0;
}

static int on_readdir(const char *path, void *to, fuse_fill_dir_t fill, off_t offset,
                      struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
    const folder_t *folder = now(here());
    (void)path, (void)offset, (void)info, (void)flags;
    (void)fill(to, ".", NULL, 0, 0);
    (void)fill(to, "..", NULL, 0, 0);
    for (size_t i = 0; i < folder->count; i++)
        (void)fill(to, folder->items[i].name, NULL, 0, 0);
    return here()->off ? -EIO : 0;
}

static int on_create(const char *path, mode_t mode, struct fuse_file_info *info)
{
    int code;
    (void)mode;
    if (strlen(path) > NAME_BYTES_MAX)
        return -ENAMETOOLONG;
    if (now(here())->count == NAMES_MAX)
        return -ENOSPC;
    folder_t *folder = change(here(), &code);
    if (!folder)
        return code;
    info->fh = folder->items[folder->count].file = file_new(here());
    backing_remove(here(), info->fh);
    name_write(folder->items[folder->count].name, path);
    folder->count++;
    return code;
}

static int on_open(const char *path, struct fuse_file_info *info)
{
    size_t number;
    int code = number_of(here(), path, NULL, &number);
    if (code == 0)
        info->fh = number;
    return code;
}

static int on_read(const char *path, char *to, size_t size, off_t offset,
                   struct fuse_file_info *info)
{
    const file_t *file = here()->files[info->fh];
    size_t at = (size_t)offset;
    (void)path;
    if (here()->off)
        return -EIO;
    if (at >= file->size)
        return 0;
    if (size > file->size - at)
        size = file->size - at;
    memcpy(to, file->bytes + at, size);
    return (int)size;
}

static int on_write(const char *path, const char *from, size_t size, off_t offset,
                    struct fuse_file_info *info)
{
    bool cut;
    file_t *file = here()->files[info->fh];
    size_t at = (size_t)offset;
    (void)path;
    if (here()->off || count(here(), &cut))
        return -EIO;
    int code = at + size > file->size ? file_resize(file, at + size) : 0;
    if (code != 0)
        return code;
    memcpy(file->bytes + at, from, size);
    for (size_t page = at / PAGE_BYTES; page <= (at + size - 1) / PAGE_BYTES; page++)
        file->changed[page] = 1;
    return cut ? -EIO : (int)size;
}

static int on_truncate(const char *path, off_t size, struct fuse_file_info *info)
{
    bool cut;
    size_t number;
    int code = number_of(here(), path, info, &number);
    if (code != 0)
        return code;
    if (count(here(), &cut))
        return -EIO;
    code = file_resize(here()->files[number], (size_t)size);
    return cut ? -EIO : code;
}

static int on_fallocate(const char *path, int mode, off_t offset, off_t size,
                        struct fuse_file_info *info)
{
    off_t end = offset + size;
    if (mode != 0)
        return -EOPNOTSUPP;
    if (end <= (off_t)here()->files[info->fh]->size)
        return here()->off ? -EIO : 0;
    return on_truncate(path, end, info);
}

static int on_unlink(const char *path)
{
    int code;
    if (find(now(here()), path) == now(here())->count)
        return here()->off ? -EIO : -ENOENT;
    folder_t *folder = change(here(), &code);
    if (folder)
        folder_drop(folder, path);
    return code;
}

static int on_rename(const char *from, const char *to, unsigned flags)
{
    int code;
    if (flags != 0)
        return -EINVAL;
    if (strlen(to) > NAME_BYTES_MAX)
        return -ENAMETOOLONG;
    if (find(now(here()), from) == now(here())->count)
        return here()->off ? -EIO : -ENOENT;
    folder_t *folder = change(here(), &code);
    if (!folder)
        return code;
    folder_drop(folder, to);
    name_write(folder->items[find(folder, from)].name, to);
    return code;
}

static int on_fsync(const char *path, int data_only, struct fuse_file_info *info)
{
    bool cut;
    (void)path, (void)data_only;
    if (here()->off || count(here(), &cut))
        return -EIO;
    file_sync(here(), info->fh);
    return cut ? -EIO : 0;
}

static int on_fsyncdir(const char *path, int data_only, struct fuse_file_info *info)
{
    bool cut;
    (void)path, (void)data_only, (void)info;
    if (here()->off || count(here(), &cut))
        return -EIO;
    folder_sync(here());
    return cut ? -EIO : 0;
}

static int on_statfs(const char *path, struct statvfs *ret)
{
    (void)path;
    memset(ret, 0, sizeof *ret);
    ret->f_bsize = ret->f_frsize = PAGE_BYTES;
    ret->f_blocks = ret->f_bfree = ret->f_bavail = FREE_BYTES / PAGE_BYTES;
    ret->f_namemax = NAME_BYTES_MAX - 1;
    return here()->off ? -EIO : 0;
}

static int on_setxattr(const char *path, const char *name, const char *value, size_t size,
                       int flags)
{
    char text[64] = {0};
    char *end;
    (void)path, (void)flags;
    if (strcmp(name, "user.cut") != 0 || size >= sizeof text)
        return -EOPNOTSUPP;
    memcpy(text, value, size);
    here()->left = strtoull(text, &end, 10);
    here()->seed = strtoull(end, NULL, 10);
    return here()->left > 0 ? 0 : -EINVAL;
}

static void *on_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
    (void)connection;
    config->nullpath_ok = 1;
    config->hard_remove = 1; /* a removed file lives on while it is open: by its number */
    return here();
}

/* ---- beginning and end ---- */

static void file_load(disk_t *disk, size_t number)
{
    struct stat info;
    int fd = backing_open(disk, number, O_RDONLY);
    if (fd < 0) /* its name was synced and it never was */
        return;
    file_t *file = disk->files[number];
    if (fstat(fd, &info) != 0 || file_resize(file, (size_t)info.st_size) != 0 ||
        read(fd, file->bytes, file->size) != (ssize_t)file->size)
        fail("kithlose: the backing folder");
    memset(file->changed, 0, sizeof file->changed);
    (void)close(fd);
}

static void load(disk_t *disk)
{
    char path[4096], line[NAME_BYTES_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/names", disk->backing);
    FILE *from = fopen(path, "re");
    folder_t *folder = now(disk);
    while (from && fgets(line, sizeof line, from)) {
        char *name;
        size_t number = strtoull(line, &name, 10);
        name[strcspn(name, "\n")] = '\0';
        name_write(folder->items[folder->count].name, name);
        folder->items[folder->count++].file = number;
        while (disk->files_count <= number)
            file_load(disk, file_new(disk));
    }
    if (from)
        (void)fclose(from);
}

static int serve(disk_t *disk, const char *mount)
{
    static const struct fuse_operations operations = {.getattr = on_getattr,
                                                      .readdir = on_readdir,
                                                      .create = on_create,
                                                      .open = on_open,
                                                      .read = on_read,
                                                      .write = on_write,
                                                      .truncate = on_truncate,
                                                      .fallocate = on_fallocate,
                                                      .unlink = on_unlink,
                                                      .rename = on_rename,
                                                      .fsync = on_fsync,
                                                      .fsyncdir = on_fsyncdir,
                                                      .statfs = on_statfs,
                                                      .setxattr = on_setxattr,
                                                      .init = on_init};
    char *names[] = {"kithlose", NULL};
    struct fuse_args args = FUSE_ARGS_INIT(1, names);
    disk->fuse = fuse_new(&args, &operations, sizeof operations, disk);
    if (!disk->fuse || fuse_mount(disk->fuse, mount) != 0)
        return EXIT_NO_MOUNT;
    if (fuse_set_signal_handlers(fuse_get_session(disk->fuse)) == 0) {
        (void)puts("mounted");
        (void)fflush(stdout);
        (void)fuse_loop(disk->fuse);
        fuse_remove_signal_handlers(fuse_get_session(disk->fuse));
    }
    survive(disk);
    fuse_unmount(disk->fuse);
    fuse_destroy(disk->fuse);
    fuse_opt_free_args(&args);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3 || argv[1][0] == '-') {
        bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;
        (void)fprintf(asked ? stdout : stderr,
                      "usage: kithlose BACKING MOUNT\n"
                      "A disk that loses what was not synced, until it is ended.\n"
                      "Example: kithlose platter store; then, for a cut within the 20th change\n"
                      "from now: setfattr -n user.cut -v \"20 1\" store\n"
                      "Exit status: 0 the power was cut, 64 command line, 74 no mount\n");
        return asked ? 0 : EXIT_USAGE;
    }
    disk_t disk = {.backing = argv[1],
                   .folders = need(calloc(FOLDERS_MAX, sizeof(folder_t))),
                   .folders_count = 1};
    load(&disk);
    int status = serve(&disk, argv[2]);
    for (size_t i = 0; i < disk.files_count; i++) {
        free(disk.files[i]->bytes);
        free(disk.files[i]);
    }
    free(disk.folders);
    return status;
}
