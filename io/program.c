#include "io/program.h"

#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static void usage(FILE *to, const char *name, const char *example)
{
    (void)fprintf(
        to,
        "usage: %s -c FILE [--init | --check | --check-config]\n"
        "  -c, --config FILE  the configuration\n"
        "  --init             make the store, once, and exit\n"
        "  --check            read the whole store and compare it with itself, and exit\n"
        "  --check-config     read the configuration and the partnership file, and exit\n"
        "  -h, --help         this text\n"
        "  --version          the version\n"
        "SIGHUP reads the partnership file again; SIGTERM stops.\n"
        "Example:\n"
        "  %s -c %s --init\n"
        "  %s -c %s\n"
        "Exit status: 0 done, 64 command line, 70 damaged, 73 exists already,\n"
        "  74 an outside thing failed, 75 in use or full, 77 unsafe modes, 78 configuration\n",
        name, name, example, name, example);
}

/* -2: not one of these; else as program_arguments. */
static int say_about(int option, const char *name, const char *example)
{
    if (option == 'h')
        usage(stdout, name, example);
    else if (option == 'v')
        (void)printf("%s %s\n", name, KITH_VERSION);
    else
        return -2;
    return 0;
}

int program_arguments(int argc, char **argv, const char *name, const char *example,
                      const char **ret_path, program_task *ret_task)
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
        int said = say_about(option, name, example);
        if (said == 0)
            return 0;
        if (option == 'c') {
            *ret_path = optarg;
        } else if (option == 'i') {
            *ret_task = PROGRAM_INIT;
        } else if (option == 'k') {
            *ret_task = PROGRAM_CHECK;
        } else if (option == 'f') {
            *ret_task = PROGRAM_CHECK_CONFIG;
        } else {
            usage(stderr, name, example);
            return PROGRAM_EXIT_USAGE;
        }
    }
    if (*ret_path && optind == argc)
        return -1;
    usage(stderr, name, example);
    return PROGRAM_EXIT_USAGE;
}

/* The map reaches beyond its file: somebody cut it short, or its disk is failing. Only calls that
 * may be made in a handler. */
static void on_bus(int signal_number)
{
    static const char text[] =
        "the store's file is shorter than what it holds, or cannot be read: see --check, and what "
        "ARCHITECTURE.md says of a store that is lost\n";
    (void)signal_number;
    ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written;
    _exit(kith_err_exit(KITH_CORRUPT));
}

void program_close_off(void)
{
    const struct rlimit none = {0, 0};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    const struct sigaction bus = {.sa_handler = on_bus};
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak check traces the process */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGBUS, &bus, NULL);
}

#define HEAP_KEEP_BYTES (16 * 1024 * 1024)

void program_keep_heap(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, HEAP_KEEP_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_KEEP_BYTES);
}

int program_signals(bool hangup)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (hangup)
        sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int program_fail(kith_err err, const char *error)
{
    (void)fprintf(stderr, "%s\n", error);
    return kith_err_exit(err);
}
