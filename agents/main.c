/* kith-agent: one agency's agent. Reads the configuration, opens keys and store, runs the loop.
 * Exit statuses are those of sysexits.h, by kith_err_exit. */
#include "agents/agent_keys.h"
#include "agents/agent_loop.h"
#include "io/log.h"
#include "io/program.h"

#include <stdio.h>
#include <stdlib.h>

/* Settings and messages of the start; a partnership file has its own arena. */
#define START_BYTES_MAX (16u * 1024u * 1024u)

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
    if (err == KITH_OK && start->identity.start.unclean)
        log_event("unclean-start", "rows=%llu ms=%lld",
                  (unsigned long long)start->identity.start.rows,
                  (long long)start->identity.start.ms);
    agent_loop_t *loop = NULL;
    if (err == KITH_OK)
        err = agent_loop_new(start, arena, &loop, &error);
    if (err != KITH_OK)
        return program_fail(err, error);
    int status = agent_loop_run(loop);
    agent_loop_destroy(&loop);
    return status;
}

static int perform(program_task task, agent_start_t *start, kith_arena_t *arena)
{
    const char *error = NULL;
    kith_err err = KITH_OK;
    switch (task) {
    case PROGRAM_RUN:
        return run(start, arena);
    case PROGRAM_INIT:
        err = agent_store_init(start->conf, start->agreement, arena, &error);
        break;
    case PROGRAM_CHECK:
        err = agent_store_check(start->conf, arena, say_checked, &error);
        break;
    case PROGRAM_CHECK_CONFIG:
        break;
    }
    return err == KITH_OK ? 0 : program_fail(err, error);
}

int main(int argc, char **argv)
{
    const char *path = NULL, *error = NULL;
    program_task task = PROGRAM_RUN;
    int status =
        program_arguments(argc, argv, "kith-agent", "/etc/kith/agents/police.cfg", &path, &task);
    if (status >= 0)
        return status;
    program_close_off();
    program_keep_heap();
    log_open("kith-agent");
    if (keys_begin() != KITH_OK)
        return program_fail(KITH_IO, "kith-agent: this system gives no random bytes");

    kith_arena_t *arena = kith_arena_new(START_BYTES_MAX);
    agent_conf_t conf = {0};
    agent_start_t start = {.conf = &conf,
                           .agreement_arena = kith_arena_new(AGENT_AGREEMENT_BYTES_MAX)};
    kith_err err =
        agent_conf_load(path, arena, start.agreement_arena, &conf, &start.agreement, &error);
    status = err == KITH_OK ? perform(task, &start, arena) : program_fail(err, error);
    store_close(&start.store);
    keys_destroy(&start.keys);
    kith_arena_destroy(&start.agreement_arena);
    kith_arena_destroy(&arena);
    return status;
}
