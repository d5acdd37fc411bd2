/* A store in a scratch folder, and processes of their own to break it in. For test_store*.c. */
#pragma once

#include "io/folder.h"
#include "io/store.h"
#include "io/store_check.h"
#include "tests/lib/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TABLE_NOTICE, TABLE_MARK, TABLE_FEED, TABLES };
static const char *const table_names[] = {"notice", "mark", "feed", "later"};

typedef struct world {
    scratch_t scratch;
    char folder[SCRATCH_PATH_SIZE];
    store_options_t options;
    kith_store_t *store;
    kith_txn_t *txn;
} world_t;

static const kith_bytes_t none;

static inline kith_bytes_t text(const char *value)
{
    return kith_bytes_str(value);
}

static inline void assert_bytes(kith_bytes_t a, const char *b)
{
    assert_true(kith_bytes_equal(a, text(b)));
}

static inline int setup(void **state)
{
    world_t *w = calloc(1, sizeof(*w));
    if (w == NULL || !scratch_make(&w->scratch))
        return -1;
    scratch_path(&w->scratch, "above/store", w->folder);
    w->options = (store_options_t){.folder = w->folder,
                                   .map_bytes = 64 * 1024 * 1024,
                                   .tables_count = TABLES,
                                   .tables = table_names};
    *state = w;
    return 0;
}

static inline int teardown(void **state)
{
    world_t *w = *state;
    store_close(&w->store);
    scratch_remove(&w->scratch);
    free(w);
    return 0;
}

static inline void make_and_open(world_t *w)
{
    assert_int_equal(store_init(&w->options), KITH_OK);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
}

static inline void begin(world_t *w)
{
    assert_int_equal(store_begin(w->store, &w->txn), KITH_OK);
}

static inline void read_begin(world_t *w)
{
    assert_int_equal(store_read_begin(w->store, &w->txn), KITH_OK);
}

static inline void commit(world_t *w)
{
    assert_int_equal(store_commit(w->store), KITH_OK);
}

static inline void reopen(world_t *w)
{
    store_close(&w->store);
    assert_null(w->store);
    assert_int_equal(store_open(&w->options, &w->store), KITH_OK);
}

static inline void put(world_t *w, int table, const char *key, const char *value)
{
    assert_int_equal(kith_put(w->txn, table, text(key), text(value)), KITH_OK);
}

static inline uint64_t count(world_t *w, int table)
{
    uint64_t rows = UINT64_MAX;
    assert_int_equal(kith_count(w->txn, table, &rows), KITH_OK);
    return rows;
}

static inline void data_path(const world_t *w, char ret_path[SCRATCH_PATH_SIZE])
{
    (void)snprintf(ret_path, SCRATCH_PATH_SIZE, "%.200s/data.mdb", w->folder);
}

/* Runs in a process of its own; its exit status, or 256 and the signal that ended it. */
static inline int in_child(int (*run)(world_t *w), world_t *w)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0};
        const struct sigaction as_usual = {.sa_handler = SIG_DFL};
        /* Else cmocka takes a crash for the test's and goes on in the child. */
        for (int signal_number = 1; signal_number < SIGKILL; signal_number++)
            (void)sigaction(signal_number, &as_usual, NULL);
        (void)sigaction(SIGSEGV, &as_usual, NULL);
        int null = open("/dev/null", O_WRONLY);
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)dup2(null, STDERR_FILENO);
        alarm(20);
        _exit(run(w));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static inline void write_file(const char *path, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, size), size);
    assert_int_equal(close(fd), 0);
}

typedef struct dice {
    uint64_t state;
} dice_t;

static inline uint32_t roll(dice_t *dice, uint32_t sides)
{
    dice->state = dice->state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(dice->state >> 33) % sides;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
