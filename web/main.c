/* kith-web: one agency's page and API. Speaks api.proto to the agent as a gateway, holds no key of
 * the partnership. Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "base/limits.h"
#include "io/keys.h"
#include "io/log.h"
#include "io/program.h"
#include "web/admin.h"
#include "web/openapi.h"
#include "web/web_loop.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Settings, accounts while they are changed, and the page's files. */
#define START_BYTES_MAX (64 * KITH_MIB)

static void usage(FILE *to)
{
    (void)fputs(
        "usage: kith-web -c FILE [--check-config]\n"
        "       kith-web -c FILE user add NAME | user remove NAME | user list\n"
        "       kith-web -c FILE token add NAME [LABEL] | token remove ID | token list\n"
        "       kith-web --openapi\n"
        "  -c, --config FILE  the configuration\n"
        "  --check-config     read it, the accounts and the page's files, and exit\n"
        "  --openapi          print the API as an OpenAPI 3.1 document, and exit\n"
        "  user add           gives NAME a password, read from the terminal or standard input\n"
        "  token add          gives a program a token in NAME's name, printed once\n"
        "  -h, --help         this text\n"
        "  --version          the version\n"
        "SIGTERM stops.\n"
        "Example:\n"
        "  kith-web -c /etc/kith/web.cfg user add ada\n"
        "  kith-web -c /etc/kith/web.cfg\n"
        "Exit status: 0 done, 64 command line, 65 bad input, 66 no such thing,\n"
        "  74 an outside thing failed, 77 unsafe modes, 78 configuration\n",
        to);
}

typedef struct options {
    const char *config;
    bool check, openapi;
} options_t;

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, options_t *o)
{
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'}, {"check-config", no_argument, NULL, 'f'},
        {"openapi", no_argument, NULL, 'o'},      {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "c:h", known, NULL)) != -1) {
        if (option == 'c') {
            o->config = optarg;
        } else if (option == 'f') {
            o->check = true;
        } else if (option == 'o') {
            o->openapi = true;
        } else if (option == 'h') {
            usage(stdout);
            return 0;
        } else if (option == 'v') {
            (void)printf("kith-web %s\n", KITH_VERSION);
            return 0;
        } else {
            usage(stderr);
            return PROGRAM_EXIT_USAGE;
        }
    }
    if (o->openapi ? optind == argc : o->config && !(o->check && optind < argc))
        return -1;
    usage(stderr);
    return PROGRAM_EXIT_USAGE;
}

static int print_openapi(kith_arena_t *arena)
{
    kith_json_t *document = openapi_document();
    (void)puts(kith_json_text(arena, document));
    kith_json_destroy(&document);
    return 0;
}

/* As many files as this user may open: each connection is one. */
static void open_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static kith_err prepare(const web_conf_t *conf, kith_arena_t *arena, web_start_t *start,
                        who_accounts_t **ret_accounts, tls_server_t **ret_tls,
                        const char **ret_error)
{
    pages_t *pages = NULL;
    kith_err err = who_accounts_new(conf->accounts, arena, ret_accounts, ret_error);
    if (err == KITH_OK && conf->page)
        err = pages_load(conf->page, arena, &pages, ret_error);
    start->parts = (exchange_parts_t){.conf = conf, .accounts = *ret_accounts, .pages = pages};
    if (err != KITH_OK || !conf->certificate)
        return err;
    err = tls_server_new(conf->certificate, conf->key, ret_tls);
    start->tls = *ret_tls;
    if (err == KITH_DENIED)
        *ret_error =
            kith_arena_printf(arena, "%s: the key is this user's alone: chmod 0600", conf->key);
    else if (err != KITH_OK)
        *ret_error = kith_arena_printf(arena, "%s and %s: no certificate in PEM with its key",
                                       conf->certificate, conf->key);
    return err == KITH_OK ? KITH_OK : KITH_CONFIG;
}

static int serve(web_start_t *start, kith_arena_t *arena)
{
    const char *error = NULL;
    kith_err err = wire_listen(start->parts.conf, arena, &start->listeners_count, start->listeners,
                               &start->where, &error);
    if (err != KITH_OK)
        return program_fail(err, error);
    web_loop_t *loop = NULL;
    start->parts.guard = guard_new(start->parts.conf);
    err = web_loop_new(start, &loop);
    int status = err == KITH_OK ? web_loop_run(loop)
                                : program_fail(err, "this system gives no more descriptors");
    web_loop_destroy(&loop);
    guard_destroy(&start->parts.guard);
    return status;
}

static int run(const web_conf_t *conf, kith_arena_t *arena, bool check)
{
    web_start_t start = {0};
    who_accounts_t *accounts = NULL;
    tls_server_t *tls = NULL;
    const char *error = NULL;
    kith_err err = prepare(conf, arena, &start, &accounts, &tls, &error);
    int status = err != KITH_OK ? program_fail(err, error) : check ? 0 : serve(&start, arena);
    tls_server_destroy(&tls);
    who_accounts_destroy(&accounts);
    return status;
}

int main(int argc, char **argv)
{
    options_t o = {0};
    const char *error = NULL;
    int status = read_options(argc, argv, &o);
    if (status >= 0)
        return status;
    program_close_off();
    open_files();
    log_open("kith-web");
    if (keys_begin() != KITH_OK)
        return program_fail(KITH_IO, "kith-web: this system gives no random bytes");
    kith_arena_t *arena = kith_arena_new(START_BYTES_MAX);
    web_conf_t conf = {0};
    kith_err err = o.openapi ? KITH_OK : web_conf_load(o.config, arena, &conf, &error);
    if (o.openapi)
        status = print_openapi(arena);
    else if (err != KITH_OK)
        status = program_fail(err, error);
    else if (optind < argc)
        status = admin_run(&conf, arena, (size_t)(argc - optind), argv + optind);
    else
        status = run(&conf, arena, o.check);
    kith_arena_destroy(&arena);
    return status;
}
