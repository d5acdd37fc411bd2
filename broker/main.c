/* kith-broker: holds what is not yet delivered, sealed. Reads the configuration, opens keys and
 * store, runs the loop. Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "broker/broker_conf.h"
#include "broker/broker_loop.h"
#include "broker/mailbox_lmdb.h"
#include "io/log.h"
#include "io/program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Settings and messages of the start; a partnership file has its own arena. */
#define START_BYTES_MAX     (16u * 1024u * 1024u)
#define AGREEMENT_BYTES_MAX (64u * 1024u * 1024u)

static mailbox_lmdb_options_t store_options(const broker_conf_t *conf,
                                            const kith_agreement_t *agreement)
{
    return (mailbox_lmdb_options_t){
        .folder = conf->store,
        .map_bytes = conf->map_bytes,
        .broker = conf->broker,
        .partnership = agreement->partnership,
        .partnership_version = agreement->version,
    };
}

/* ---- errors, each with what to do ---- */

static int store_failed(const broker_conf_t *conf, kith_err err, const char *what)
{
    kith_err status = err;
    const char *where = conf->store;
    if (err == KITH_NOT_FOUND) {
        (void)fprintf(stderr,
                      "%s:1: there is no store in %s: correct store.folder, or make it once with "
                      "--init\n",
                      conf->path, where);
        status = KITH_CONFIG;
    } else if (err == KITH_CONFLICT) {
        (void)fprintf(stderr, "%s:1: the store in %s is not for this: %s\n", conf->path, where,
                      what);
        status = KITH_CONFIG;
    } else if (err == KITH_BUSY) {
        (void)fprintf(stderr, "kith-broker: another process has the store in %s\n", where);
    } else if (err == KITH_EXISTS) {
        (void)fprintf(stderr, "kith-broker: there is a store in %s already; nothing was changed\n",
                      where);
    } else if (err == KITH_DENIED) {
        (void)fprintf(stderr,
                      "kith-broker: the store's folder %s must belong to this user, mode 0700\n",
                      where);
    } else if (err == KITH_CORRUPT) {
        (void)fprintf(stderr,
                      "kith-broker: the store in %s is damaged (%s): move it away and make a new "
                      "one with --init; nothing is lost, origins send again\n",
                      where, what ? what : "--check says where");
    } else {
        (void)fprintf(stderr, "kith-broker: the store in %s: %s\n", where, kith_err_text(err));
    }
    return kith_err_exit(status);
}

/* Why a start after an unclean end stops; NULL: for nothing of its own. */
static const char *unclean(const store_start_t *start, kith_arena_t *arena)
{
    if (start->check_died)
        return "the last run was cut off, and the store is so damaged that reading it crashes";
    if (start->damaged)
        return kith_arena_printf(arena, "the last run was cut off; table %s", start->damaged);
    return NULL;
}

static int keys_failed(const broker_conf_t *conf, kith_err err, const char *file)
{
    const char *what = err == KITH_NOT_FOUND ? "is not there: make keys with `kith keys new`"
                       : err == KITH_DENIED  ? "must belong to this user, mode 0600"
                       : err == KITH_INVALID ? "is no key: 64 hex digits on one line"
                                             : "cannot be read";
    (void)fprintf(stderr, "%s:1: %s/%s %s\n", conf->path, conf->keys, file, what);
    return kith_err_exit(KITH_CONFIG);
}

/* ---- tasks ---- */

static int init(const broker_conf_t *conf, const kith_agreement_t *agreement)
{
    uint8_t epoch[16];
    keys_random(epoch, sizeof epoch);
    mailbox_lmdb_options_t options = store_options(conf, agreement);
    kith_err err = mailbox_lmdb_init(&options, epoch);
    return err == KITH_OK ? 0 : store_failed(conf, err, NULL);
}

static int check(const broker_conf_t *conf, const kith_agreement_t *agreement)
{
    mailbox_lmdb_found_t found;
    mailbox_lmdb_options_t options = store_options(conf, agreement);
    kith_err err = mailbox_lmdb_check(&options, &found);
    if (found.wrong)
        (void)printf("wrong: %s\n", found.wrong);
    (void)printf("mailboxes=%" PRIu64 " rows=%" PRIu64 " bodies=%" PRIu64 " %s\n", found.mailboxes,
                 found.rows, found.bodies, err == KITH_OK ? "ok" : kith_err_text(err));
    return err == KITH_OK ? 0 : store_failed(conf, err, found.wrong);
}

static int open_and_run(broker_start_t *start, kith_arena_t *arena)
{
    const broker_conf_t *conf = start->conf;
    const char *what = NULL;
    kith_err err = keys_load(conf->keys, false, &start->keys, &what);
    if (err != KITH_OK)
        return keys_failed(conf, err, what);
    what = broker_conf_keys_misfit(conf, start->agreement, start->keys, arena);
    if (what)
        return program_fail(KITH_CONFIG, what);
    mailbox_lmdb_options_t options = store_options(conf, start->agreement);
    store_start_t store = {0};
    err = mailbox_lmdb_open(&options, &start->mailbox, &store, &what);
    if (err != KITH_OK)
        return store_failed(conf, err, err == KITH_CORRUPT ? unclean(&store, arena) : what);
    if (store.unclean)
        log_event("unclean-start", "rows=%" PRIu64 " ms=%" PRId64, store.rows, store.ms);
    broker_loop_t *loop = NULL;
    err = broker_loop_new(start, arena, &loop, &what);
    if (err != KITH_OK)
        return program_fail(err, what);
    int status = broker_loop_run(loop);
    broker_loop_destroy(&loop);
    return status;
}

static int run(broker_start_t *start, kith_arena_t *arena)
{
    int status = open_and_run(start, arena);
    if (start->mailbox) /* not taken over: it did not come to a loop */
        mailbox_destroy(&start->mailbox);
    keys_destroy(&start->keys);
    return status;
}

static int perform(program_task task, broker_start_t *start, kith_arena_t *arena)
{
    switch (task) {
    case PROGRAM_RUN:
        return run(start, arena);
    case PROGRAM_INIT:
        return init(start->conf, start->agreement);
    case PROGRAM_CHECK:
        return check(start->conf, start->agreement);
    case PROGRAM_CHECK_CONFIG:
        return 0;
    }
    return PROGRAM_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *path = NULL, *error = NULL;
    program_task task = PROGRAM_RUN;
    int status = program_arguments(argc, argv, "kith-broker", "/etc/kith/broker.cfg", &path, &task);
    if (status >= 0)
        return status;
    program_close_off();
    program_keep_heap();
    log_open("kith-broker");
    if (keys_begin() != KITH_OK)
        return program_fail(KITH_IO, "kith-broker: this system gives no random bytes");

    kith_arena_t *arena = kith_arena_new(START_BYTES_MAX);
    broker_conf_t conf = {0};
    broker_start_t start = {.conf = &conf, .agreement_arena = kith_arena_new(AGREEMENT_BYTES_MAX)};
    kith_err err =
        broker_conf_load(path, arena, start.agreement_arena, &conf, &start.agreement, &error);
    status = err == KITH_OK ? perform(task, &start, arena) : program_fail(err, error);
    kith_arena_destroy(&start.agreement_arena);
    kith_arena_destroy(&arena);
    return status;
}
