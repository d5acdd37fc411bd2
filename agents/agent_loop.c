/* The loop's parts, waiting, signals, and the partnership file read anew. */
#include "agents/agent_keys.h"
#include "agents/agent_loop_private.h"

#include "io/log.h"
#include "io/partnership.h"
#include "io/program.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ---- making and destroying ---- */

void loop_core_anew(agent_loop_t *self)
{
    const agent_doors_t doors = {
        .hash = keys_hash, .work = &self->work, .apply = work_apply, .outcome = work_outcome};
    agent_core_destroy(&self->core);
    self->core = agent_core_new(&self->settings, &doors);
    self->api.core = self->core;
    self->core_new = true;
    self->work_due_ms = 0;
}

static void use_agreement(agent_loop_t *self, const kith_agreement_t *agreement)
{
    self->agreement = agreement;
    self->work.agreement = agreement;
    self->api.agreement = agreement;
    self->seal.agreement = agreement;
}

static void fill_parts(agent_loop_t *self)
{
    const agent_conf_t *conf = self->conf;
    self->settings = (agent_settings_t){
        .agency = conf->agency,
        .resend_urgent_ms = conf->resend_urgent_ms,
        .resend_normal_ms = conf->resend_normal_ms,
        .resend_max_ms = conf->resend_max_ms,
        .later_ms = conf->later_ms,
        .later_max_ms = conf->later_max_ms,
        .brokers_count = conf->brokers_count,
        .brokers = conf->brokers,
    };
    self->work = (work_t){.agency = conf->agency, .hash = keys_hash, .rounds = &conf->rounds};
    self->api = (api_t){.conf = conf,
                        .work = &self->work,
                        .epoch = self->identity.epoch,
                        .boot = self->identity.boot};
    self->seal = (agent_seal_t){.agency = conf->agency,
                                .brokers_count = conf->brokers_count,
                                .brokers = conf->brokers,
                                .keys = self->keys,
                                .cache = seal_cache_new()};
    use_agreement(self, self->agreement);
    keys_random(self->instance, sizeof self->instance);
    self->clock_ahead_ms = self->identity.clock_ahead_ms;
    clock_watch_begin(&self->clocks);
    self->arena = kith_arena_new(KITH_TURN_BYTES_MAX);
    self->watches = agent_watches_new();
    self->links = agent_links_new(self->context, self->keys, conf);
    agent_links_agreement(self->links, self->agreement, clock_mono_ms());
    self->poll = link_poll_new(2 + 2 * conf->brokers_count);
    loop_core_anew(self);
}

static kith_err explain_door(const agent_conf_t *conf, kith_arena_t *arena, kith_err err,
                             const char **ret_error)
{
    const char *what = err == KITH_BUSY      ? "another process serves this socket: stop it first"
                       : err == KITH_DENIED  ? "this user may not make a socket here"
                       : err == KITH_INVALID ? "no socket can stand here: correct `api.socket`"
                                             : kith_err_text(err);
    *ret_error = kith_arena_printf(arena, "%s:1: %s", conf->socket, what);
    return err == KITH_INVALID || err == KITH_DENIED ? KITH_CONFIG : err;
}

kith_err agent_loop_new(agent_start_t *start, kith_arena_t *arena, agent_loop_t **ret_loop,
                        const char **ret_error)
{
    agent_loop_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->conf = start->conf;
    self->signal_fd = program_signals(true);
    self->context = link_context_new();
    kith_err err = self->signal_fd < 0 ? KITH_IO
                                       : link_server_ipc(self->context, self->conf->socket,
                                                         self->conf->socket_mode, &self->door);
    if (err != KITH_OK) {
        agent_loop_destroy(&self);
        return explain_door(start->conf, arena, err, ret_error);
    }
    self->agreement = start->agreement;
    self->agreement_arena = start->agreement_arena;
    self->keys = start->keys;
    self->store = start->store;
    self->identity = start->identity;
    start->agreement_arena = NULL;
    start->keys = NULL;
    start->store = NULL;
    fill_parts(self);
    *ret_loop = self;
    return KITH_OK;
}

void agent_loop_destroy(agent_loop_t **self_p)
{
    agent_loop_t *self = *self_p;
    if (!self)
        return;
    agent_core_destroy(&self->core);
    agent_links_destroy(&self->links);
    agent_watches_destroy(&self->watches);
    link_poll_destroy(&self->poll);
    link_server_destroy(&self->door);
    link_context_destroy(&self->context);
    seal_cache_destroy(&self->seal.cache);
    keys_destroy(&self->keys);
    store_close(&self->store);
    kith_arena_destroy(&self->arena);
    kith_arena_destroy(&self->agreement_arena);
    if (self->signal_fd >= 0)
        (void)close(self->signal_fd);
    free(self);
    *self_p = NULL;
}

/* ---- events and the end ---- */

agent_event_t loop_event(const loop_turn_t *turn, agent_event_type type)
{
    return (agent_event_t){
        .type = type,
        .now_ms = turn->at.now_ms,
        .mono_ms = turn->at.mono_ms,
        .clocks_apart = turn->at.clocks_apart,
    };
}

void loop_end(agent_loop_t *self, int exit_status)
{
    self->ended = true;
    if (self->exit_status == 0)
        self->exit_status = exit_status;
}

/* ---- the partnership file read anew ---- */

/* What keeps a well-formed file from being taken while running. */
static const char *not_taken(const agent_loop_t *self, const kith_agreement_t *agreement,
                             kith_arena_t *arena)
{
    const char *setting = NULL;
    if (strcmp(agreement->partnership, self->agreement->partnership) != 0)
        return kith_arena_printf(arena, "%s:1: this is another partnership: an agent serves one",
                                 self->conf->partnership);
    if (agreement->version < self->agreement->version)
        return kith_arena_printf(arena, "%s:1: version %u is older than the one in use, %u",
                                 self->conf->partnership, agreement->version,
                                 self->agreement->version);
    const char *misfit = agent_conf_misfit(self->conf, agreement, arena, &setting);
    return misfit ? kith_arena_printf(arena, "%s:1: %s", self->conf->path, misfit) : NULL;
}

/* What makes going on wrong, with the old file as well: the partnership has spoken. */
static const char *must_stop(const agent_loop_t *self, const kith_agreement_t *agreement,
                             kith_arena_t *arena)
{
    const char *why = agent_store_misfit(self->conf, agreement, self->identity.epoch, 0, arena);
    return why ? why : agent_keys_misfit(self->conf, agreement, self->keys, arena);
}

bool loop_reload(agent_loop_t *self, loop_turn_t *turn)
{
    kith_arena_t *arena = kith_arena_new(AGENT_AGREEMENT_BYTES_MAX);
    kith_agreement_t *agreement = NULL;
    const char *error = NULL;
    kith_err err = partnership_load(self->conf->partnership, arena, &agreement, &error);
    if (err == KITH_OK)
        error = not_taken(self, agreement, arena);
    const char *stop = error ? NULL : must_stop(self, agreement, arena);
    if (error || stop) {
        (void)fprintf(stderr, "%s\n", error ? error : stop);
        log_event("reload-refused", "kept=%u", self->agreement->version);
        if (stop)
            loop_end(self, kith_err_exit(KITH_CONFIG));
        kith_arena_destroy(&arena);
        return false;
    }
    turn->agreement_before = self->agreement_arena;
    self->agreement_arena = arena;
    use_agreement(self, agreement);
    agent_links_agreement(self->links, agreement, turn->at.mono_ms);
    log_event("reloaded", "version=%u", agreement->version);
    return true;
}

/* ---- waiting ---- */

static void read_signals(agent_loop_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            self->reload = true;
        else
            self->stopping = true;
    }
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wait_ms(const agent_loop_t *self, int64_t mono_ms)
{
    int64_t wait = agent_core_wait_ms(self->core, mono_ms);
    int64_t now_ms = clock_wall_ms() + self->clock_ahead_ms;
    if (self->core_new || self->reload || self->stopping)
        return 0;
    wait = sooner(wait, agent_links_wait_ms(self->links, mono_ms));
    wait = sooner(wait, agent_watches_wait_ms(self->watches, mono_ms));
    if (!self->walk.done)
        wait = sooner(wait, self->walk_mono_ms - mono_ms);
    if (self->work_due_ms != INT64_MAX && !clock_watch_apart(&self->clocks))
        wait = sooner(wait, self->work_due_ms - now_ms);
    return sooner(wait, self->upkeep_mono_ms - mono_ms);
}

/* While the disk is full only local clients are heard: they are told so. */
static void wait_for_something(agent_loop_t *self)
{
    int64_t mono_ms = clock_mono_ms();
    bool rests = mono_ms < self->rest_until_mono_ms && !self->stopping;
    link_poll_clear(self->poll);
    link_poll_server(self->poll, self->door);
    link_poll_fd(self->poll, self->signal_fd);
    if (!rests)
        agent_links_poll(self->links, self->poll);
    kith_err err = link_poll_wait(self->poll, rests ? self->rest_until_mono_ms - mono_ms
                                                    : wait_ms(self, mono_ms));
    if (err != KITH_OK) {
        log_event("poll-failed", "error=%d", (int)err);
        loop_end(self, kith_err_exit(err));
    }
}

static void upkeep(agent_loop_t *self)
{
    int64_t mono_ms = clock_mono_ms();
    if (mono_ms >= self->upkeep_mono_ms) {
        store_clear_readers(self->store);
        self->upkeep_mono_ms = mono_ms + LOOP_UPKEEP_MS;
    }
    if (self->renew_mono_ms == 0)
        self->renew_mono_ms = mono_ms + LOOP_RENEW_MS; /* the first half was just made */
    if (mono_ms >= self->renew_mono_ms) {
        seal_cache_renew(self->seal.cache);
        self->renew_mono_ms = mono_ms + LOOP_RENEW_MS;
    }
}

int agent_loop_run(agent_loop_t *self)
{
    while (!self->ended) {
        loop_turn(self);
        if (!self->ready && !self->core_new && !self->ended) {
            self->ready = true;
            log_event("ready", "agency=%s boot=%llu epoch=%u partnership=%s version=%u",
                      self->conf->agency, (unsigned long long)self->identity.boot,
                      self->identity.epoch, self->agreement->partnership, self->agreement->version);
        }
        if (self->ended)
            break;
        wait_for_something(self);
        read_signals(self);
        upkeep(self);
    }
    return self->exit_status;
}
