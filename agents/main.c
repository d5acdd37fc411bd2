/* kith-agent: one agency's agent. Reads the configuration, opens keys and store, runs the loop.
 * Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "agents/agent_keys.h"
#include "agents/agent_loop.h"
#include "io/log.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Settings and messages of the start; a partnership file has its own arena. */
#define START_BYTES_MAX (16u * 1024u * 1024u)

/* sysexits.h: the command line is wrong. */
#define EXIT_USAGE 64

typedef enum agent_task { TASK_RUN, TASK_INIT, TASK_CHECK, TASK_CHECK_CONFIG } agent_task;

static void usage(FILE *to)
{
    (void)fputs("usage: kith-agent -c FILE [--init | --check | --check-config]\n"
                "  -c FILE         the agency's configuration (agents/AGENCY.cfg)\n"
                "  --init          make the store, once, and exit\n"
                "  --check         compare every stored row with its checksum, and exit\n"
                "  --check-config  read the configuration and the partnership file, and exit\n",
                to);
}

/* -1: it goes on; else the exit status. */
static int read_arguments(int argc, char **argv, const char **ret_path, agent_task *ret_task)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"init", no_argument, NULL, 'i'},
        {"check", no_argument, NULL, 'k'},
        {"check-config", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},
        {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:hv", options, NULL)) != -1) {
        if (option == 'c') {
            *ret_path = optarg;
        } else if (option == 'i') {
            *ret_task = TASK_INIT;
        } else if (option == 'k') {
            *ret_task = TASK_CHECK;
        } else if (option == 'f') {
            *ret_task = TASK_CHECK_CONFIG;
        } else if (option == 'h') {
            usage(stdout);
            return 0;
        } else if (option == 'v') {
            (void)printf("kith-agent %s\n", KITH_VERSION);
            return 0;
        } else {
            usage(stderr);
            return EXIT_USAGE;
        }
    }
    if (*ret_path && optind == argc)
        return -1;
    usage(stderr);
    return EXIT_USAGE;
}

/* Keys and families' data are in this process's memory: no core file, no debugger, no open files.
 */
static void close_off(void)
{
    const struct rlimit none = {0, 0};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check traces the process */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

static int fail(kith_err err, const char *error)
{
    (void)fprintf(stderr, "%s\n", error);
    return kith_err_exit(err);
}

static void say_checked(const char *table, uint64_t rows, kith_err err)
{
    (void)printf("%s rows=%llu %s\n", table, (unsigned long long)rows,
                 err == KITH_OK ? "ok" : kith_err_text(err));
}

static int run(agent_start_t *start, kith_arena_t *arena)
{
    const char *error = NULL;
    kith_err err = agent_keys_load(start->conf, arena, &start->keys, &error);
    if (err == KITH_OK) {
        error = agent_keys_misfit(start->conf, start->agreement, start->keys, arena);
        err = error ? KITH_CONFIG : KITH_OK;
    }
    if (err == KITH_OK)
        err = agent_store_open(start->conf, start->agreement, arena, &start->store,
                               &start->identity, &error);
    agent_loop_t *loop = NULL;
    if (err == KITH_OK)
        err = agent_loop_new(start, arena, &loop, &error);
    if (err != KITH_OK)
        return fail(err, error);
    int status = agent_loop_run(loop);
    agent_loop_destroy(&loop);
    return status;
}

static int perform(agent_task task, agent_start_t *start, kith_arena_t *arena)
{
    const char *error = NULL;
    kith_err err = KITH_OK;
    switch (task) {
    case TASK_RUN:
        return run(start, arena);
    case TASK_INIT:
        err = agent_store_init(start->conf, start->agreement, arena, &error);
        break;
    case TASK_CHECK:
        err = agent_store_check(start->conf, arena, say_checked, &error);
        break;
    case TASK_CHECK_CONFIG:
        break;
    }
    return err == KITH_OK ? 0 : fail(err, error);
}

int main(int argc, char **argv)
{
    const char *path = NULL, *error = NULL;
    agent_task task = TASK_RUN;
    int status = read_arguments(argc, argv, &path, &task);
    if (status >= 0)
        return status;
    close_off();
    log_open("kith-agent");
    if (keys_begin() != KITH_OK)
        return fail(KITH_IO, "kith-agent: this system gives no random bytes");

    kith_arena_t *arena = kith_arena_new(START_BYTES_MAX);
    agent_conf_t conf = {0};
    agent_start_t start = {.conf = &conf,
                           .agreement_arena = kith_arena_new(AGENT_AGREEMENT_BYTES_MAX)};
    kith_err err =
        agent_conf_load(path, arena, start.agreement_arena, &conf, &start.agreement, &error);
    status = err == KITH_OK ? perform(task, &start, arena) : fail(err, error);
    store_close(&start.store);
    keys_destroy(&start.keys);
    kith_arena_destroy(&start.agreement_arena);
    kith_arena_destroy(&arena);
    return status;
}
