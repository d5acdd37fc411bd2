/* How the daemons begin alike: one command line, one way of closing a process off, one way of being
 * told to end. Called by their mains and loops only. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

typedef enum program_task {
    PROGRAM_RUN,
    PROGRAM_INIT,
    PROGRAM_CHECK,
    PROGRAM_CHECK_CONFIG,
} program_task;

/* sysexits.h: the command line is wrong. */
#define PROGRAM_EXIT_USAGE 64

/* Reads -c FILE and the task. name: the program's; example: a configuration file's path for the
 * help text. -1: go on; else the exit status (0 after --help and --version). */
int program_arguments(int argc, char **argv, const char *name, const char *example,
                      const char **ret_path, program_task *ret_task);

/* No core file, no debugger, no files that others may read, no death by SIGPIPE: keys and what
 * families said are in this process's memory. A store's file that was cut short (SIGBUS) ends the
 * process with 70 and a line that says so. */
void program_close_off(void);

/* Freed memory is kept, up to a few MiB: frames come and go by hundreds of KiB, and the kernel
 * would zero their pages anew each time. For the broker and the agent. */
void program_keep_heap(void);

/* SIGTERM and SIGINT, with hangup SIGHUP too, as one descriptor that does not block (signalfd), so
 * that the poll is the only place that waits. -1: the system gives no more descriptors. */
int program_signals(bool hangup);

/* Says the error on stderr, as one line; returns the exit status for it. */
int program_fail(kith_err err, const char *error);
