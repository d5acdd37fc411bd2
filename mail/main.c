/* kith-mail: a mail from the mail server's pipe, for the agency's agent. Holds no key of the
 * partnership. Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "base/limits.h"
#include "io/keys.h"
#include "io/log.h"
#include "io/maildir.h"
#include "io/program.h"
#include "mail/mail_conf.h"
#include "mail/mail_loop.h"
#include "mail/verdict.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

/* The mail, and what its child says of it. */
#define ARENA_BYTES (LETTER_BYTES_MAX + 16 * KITH_MIB)

static void usage(FILE *to)
{
    (void)fputs("usage: kith-mail -c FILE [--init | --in | --read | --check-config]\n"
                "  -c, --config FILE  the configuration\n"
                "  --init             make the maildir, the state and the key, once\n"
                "  --in               keep the mail on standard input: for the mail server's pipe\n"
                "  --read             say as JSON what the mail on standard input is taken for\n"
                "  --check-config     read the configuration and exit\n"
                "  -h, --help         this text\n"
                "  --version          the version\n"
                "Examples:\n"
                "  kith-mail -c /etc/kith/mail.cfg              runs: sends, and takes what came\n"
                "  kith-mail -c /etc/kith/mail.cfg --in < answer.eml\n"
                "Exit status: 0 done, 64 command line, 65 larger than 25 MiB, 73 made before,\n"
                "  74 an outside thing failed, 75 full: try again, 78 configuration\n",
                to);
}

typedef enum task { TASK_RUN, TASK_INIT, TASK_IN, TASK_READ, TASK_CHECK } task_t;

typedef struct options {
    const char *config;
    task_t task;
    size_t tasks; /* named */
} options_t;

static task_t task_of(int option)
{
    return option == 'i'   ? TASK_INIT
           : option == 'n' ? TASK_IN
           : option == 'r' ? TASK_READ
                           : TASK_CHECK;
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, options_t *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'f'},
        {"init", no_argument, NULL, 'i'},         {"in", no_argument, NULL, 'n'},
        {"read", no_argument, NULL, 'r'},         {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        if (option == 'c') {
            o->config = optarg;
        } else if (option == 'h') {
            usage(stdout);
            return 0;
        } else if (option == 'v') {
            (void)printf("kith-mail %s\n", KITH_VERSION);
            return 0;
        } else if (option == '?') {
            usage(stderr);
            return PROGRAM_EXIT_USAGE;
        } else {
            o->task = task_of(option);
            o->tasks++;
        }
    }
    if (o->config && o->tasks < 2 && optind == argc)
        return -1;
    usage(stderr);
    return PROGRAM_EXIT_USAGE;
}

/* Standard input to its end. KITH_LIMIT: more than a mail may be. */
static kith_err take_mail(kith_arena_t *arena, kith_bytes_t *ret_mail)
{
    uint8_t *bytes = kith_arena_need(arena, LETTER_BYTES_MAX + 1);
    size_t used = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, bytes + used, LETTER_BYTES_MAX + 1 - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return KITH_IO;
        used += (size_t)got;
        if (used > LETTER_BYTES_MAX)
            return KITH_LIMIT;
        if (got == 0)
            break;
    }
    *ret_mail = (kith_bytes_t){bytes, used};
    return KITH_OK;
}

static int too_large(void)
{
    return program_fail(KITH_LIMIT, "kith-mail: the mail is larger than 25 MiB");
}

static int look(const mail_conf_t *conf, kith_arena_t *arena)
{
    kith_bytes_t mail;
    verdict_t verdict;
    const char *json = NULL;
    kith_err err = take_mail(arena, &mail);
    if (err == KITH_LIMIT)
        return too_large();
    if (err == KITH_OK)
        err = verdict_of(arena, mail, conf->server, conf->address, &verdict, &json);
    if (err != KITH_OK)
        return program_fail(err, "kith-mail: this system gives no child to read a mail in");
    (void)puts(json);
    return 0;
}

/* Kept, and nothing more: whoever runs takes it from there. What fails is tried again by the mail
 * server, but for a mail that is too large, which it returns to its sender. */
static int keep(const mail_conf_t *conf, kith_arena_t *arena)
{
    kith_bytes_t mail;
    kith_err err = take_mail(arena, &mail);
    if (err == KITH_LIMIT)
        return too_large();
    if (err == KITH_OK)
        err = maildir_deliver(conf->maildir, mail);
    if (err == KITH_OK)
        return 0;
    (void)program_fail(
        err, kith_arena_printf(arena, "kith-mail: %s: %s", conf->maildir, kith_err_text(err)));
    return kith_err_exit(KITH_AGAIN);
}

static int init(const mail_conf_t *conf, kith_arena_t *arena)
{
    const char *error = NULL;
    kith_err err = mail_state_init(conf, arena, &error);
    return err == KITH_OK ? 0 : program_fail(err, error);
}

static int run(const mail_conf_t *conf, kith_arena_t *arena)
{
    const char *error = NULL;
    mail_state_t state = {0};
    mail_loop_t *loop = NULL;
    kith_err err = mail_state_open(conf, arena, &state, &error);
    if (err == KITH_OK)
        err = mail_loop_new(conf, &state, arena, &loop, &error);
    int status = err == KITH_OK ? mail_loop_run(loop) : program_fail(err, error);
    mail_loop_destroy(&loop);
    mail_state_close(&state);
    return status;
}

static int work(const options_t *o, const mail_conf_t *conf, kith_arena_t *arena)
{
    switch (o->task) {
    case TASK_RUN:
        return run(conf, arena);
    case TASK_INIT:
        return init(conf, arena);
    case TASK_IN:
        return keep(conf, arena);
    case TASK_READ:
        return look(conf, arena);
    case TASK_CHECK:
        return 0;
    }
    KITH_NEVER("a task of the command line");
}

int main(int argc, char **argv)
{
    options_t o = {0};
    const char *error = NULL;
    int status = read_options(argc, argv, &o);
    if (status >= 0)
        return status;
    program_close_off();
    log_open("kith-mail");
    if (keys_begin() != KITH_OK)
        return program_fail(KITH_IO, "kith-mail: this system gives no random bytes");
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES);
    mail_conf_t conf = {0};
    kith_err err = mail_conf_load(o.config, arena, &conf, &error);
    status = err == KITH_OK ? work(&o, &conf, arena) : program_fail(err, error);
    kith_arena_destroy(&arena);
    return status;
}
