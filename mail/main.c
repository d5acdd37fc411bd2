/* kith-mail: a mail from the mail server's pipe, for the agency's agent. Holds no key of the
 * partnership. Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "base/limits.h"
#include "io/keys.h"
#include "io/log.h"
#include "io/program.h"
#include "mail/mail_conf.h"
#include "mail/verdict.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

/* The mail, and what its child says of it. */
#define ARENA_BYTES (LETTER_BYTES_MAX + 16 * KITH_MIB)

static void usage(FILE *to)
{
    (void)fputs("usage: kith-mail -c FILE --read | --check-config\n"
                "  -c, --config FILE  the configuration\n"
                "  --read             say as JSON what the mail on standard input is taken for\n"
                "  --check-config     read the configuration and exit\n"
                "  -h, --help         this text\n"
                "  --version          the version\n"
                "Example:\n"
                "  kith-mail -c /etc/kith/mail.cfg --read < answer.eml\n"
                "Exit status: 0 done, 64 command line, 65 larger than 25 MiB,\n"
                "  74 an outside thing failed, 78 configuration\n",
                to);
}

typedef enum task { TASK_NONE, TASK_READ, TASK_CHECK } task_t;

typedef struct options {
    const char *config;
    task_t task;
} options_t;

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, options_t *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'f'},
        {"read", no_argument, NULL, 'r'},         {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        if (option == 'c') {
            o->config = optarg;
        } else if (option == 'f') {
            o->task = TASK_CHECK;
        } else if (option == 'r') {
            o->task = TASK_READ;
        } else if (option == 'h') {
            usage(stdout);
            return 0;
        } else if (option == 'v') {
            (void)printf("kith-mail %s\n", KITH_VERSION);
            return 0;
        } else {
            usage(stderr);
            return PROGRAM_EXIT_USAGE;
        }
    }
    if (o->config && o->task != TASK_NONE && optind == argc)
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

static int look(const mail_conf_t *conf, kith_arena_t *arena)
{
    kith_bytes_t mail;
    verdict_t verdict;
    const char *json = NULL;
    kith_err err = take_mail(arena, &mail);
    if (err == KITH_LIMIT)
        return program_fail(err, "kith-mail: the mail is larger than 25 MiB");
    if (err == KITH_OK)
        err = verdict_of(arena, mail, conf->server, conf->address, &verdict, &json);
    if (err != KITH_OK)
        return program_fail(err, "kith-mail: this system gives no child to read a mail in");
    (void)puts(json);
    return 0;
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
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES);
    mail_conf_t conf = {0};
    kith_err err = mail_conf_load(o.config, arena, &conf, &error);
    if (err != KITH_OK)
        status = program_fail(err, error);
    else
        status = o.task == TASK_READ ? look(&conf, arena) : 0;
    kith_arena_destroy(&arena);
    return status;
}
