/* The loop's life: bind, self-test, poll, signals, reload. */
#include "broker/broker_loop_private.h"

#include "base/id.h"

#include "io/clock.h"
#include "io/log.h"
#include "io/partnership.h"
#include "io/program.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* server, zap, signals */
#define POLL_PLACES 3u
/* One packet's message and an envelope's header. */
#define PACKET_BYTES_MAX                                                                           \
    (2u * (KITH_DECODE_FACTOR * KITH_FRAME_BYTES_MAX + KITH_DECODE_SLACK_BYTES))
/* A partnership of 1,024 agencies. */
#define AGREEMENT_BYTES_MAX (64u * 1024u * 1024u)

/* ---- the core ---- */

static void add_backlog(void *ctx, const char *recipient, int lane, const mailbox_count_t *count)
{
    broker_loop_t *self = ctx;
    broker_event_t event = {.type = BROKER_EV_BACKLOG};
    event.backlog.agency = recipient;
    event.backlog.lane = lane;
    event.backlog.count = *count;
    loop_step(self, &event);
}

kith_err loop_core_begin(broker_loop_t *self)
{
    broker_settings_t settings = {
        .id = self->conf->broker,
        .liveness_ms = self->conf->liveness_ms,
        .mailbox_messages_max = self->conf->mailbox_messages_max,
        .mailbox_bytes_max = self->conf->mailbox_bytes_max,
    };
    memcpy(settings.store_epoch, self->mailbox->store_epoch, sizeof settings.store_epoch);
    self->core = broker_core_new(&settings, self->agreement);
    kith_err err = mailbox_each(self->mailbox, add_backlog, self);
    if (err == KITH_OK)
        loop_look_at_disk(self, true);
    return err;
}

/* ---- beginning ---- */

/* Each is counted; a line a second at most, so that nobody can fill the log by knocking. */
static void refused_at_the_door(broker_loop_t *self, const uint8_t key[32], zap_verdict verdict)
{
    char name[KITH_KEY_NAME_SIZE];
    int64_t mono_ms = clock_mono_ms();
    self->not_admitted++;
    if (self->not_admitted_mono_ms && mono_ms < self->not_admitted_mono_ms + 1000)
        return;
    self->not_admitted_mono_ms = mono_ms;
    keys_name(key, name);
    log_event("not-admitted", "key=%s code=%d so_far=%" PRIu64, name, (int)verdict,
              self->not_admitted);
}

static zap_verdict decide(void *ctx, const uint8_t key[32], char ret_user[64])
{
    broker_loop_t *self = ctx;
    zap_verdict verdict =
        self_test_saw(&self->self_test, key, door_decide(self->agreement, key, ret_user));
    if (verdict != ZAP_ADMIT && !self->self_test.running)
        refused_at_the_door(self, key, verdict);
    return verdict;
}

/* The door before the house: ZAP is bound before any CURVE socket. */
static kith_err open_links(broker_loop_t *self)
{
    self->context = link_context_new();
    if (!self->context)
        return KITH_IO;
    kith_err err = zap_new(self->context, decide, self, &self->zap);
    if (err == KITH_OK)
        err = link_server_curve(self->context, self->keys, self->conf->listen, LOOP_HWM,
                                &self->server, self->endpoint);
    return err == KITH_INVALID ? KITH_CONFIG : err;
}

static const char *links_failed(const broker_loop_t *self, kith_arena_t *arena, kith_err err)
{
    const broker_conf_t *conf = self->conf;
    switch ((int)err) {
    case KITH_CONFIG:
        return kith_arena_printf(arena,
                                 "%s:1: listen = \"%s\" is no address of this machine: write "
                                 "tcp://ADDRESS:PORT",
                                 conf->path, conf->listen);
    case KITH_BUSY:
        return kith_arena_printf(arena,
                                 "kith-broker: another process listens on %s: stop it, or "
                                 "change listen in %s",
                                 conf->listen, conf->path);
    case KITH_DENIED:
        return kith_arena_printf(arena,
                                 "kith-broker: this user may not listen on %s: choose a "
                                 "port above 1023 in %s",
                                 conf->listen, conf->path);
    default:
        return kith_arena_printf(arena, "kith-broker: cannot listen on %s: %s", conf->listen,
                                 kith_err_text(err));
    }
}

static const char *self_test_failed(kith_err err)
{
    if (err == KITH_DENIED)
        return "kith-broker: self-test failed: a stranger's key was let in; this broker does not "
               "start";
    if (err == KITH_AGAIN)
        return "kith-broker: self-test failed: the listening address did not answer in time";
    return "kith-broker: self-test failed: the stranger was turned away, but not by our door";
}

static kith_err begin(broker_loop_t *self, kith_arena_t *arena, const char **ret_error)
{
    kith_err err = open_links(self);
    if (err != KITH_OK) {
        *ret_error = links_failed(self, arena, err);
        return err;
    }
    err = self_test_run(&self->self_test, self->context, self->keys, self->zap, self->endpoint);
    if (err != KITH_OK) {
        *ret_error = self_test_failed(err);
        return KITH_CORRUPT; /* a fault of the installation: exit 70 */
    }
    self->signal_fd = program_signals(true);
    err = self->signal_fd >= 0 ? KITH_OK : KITH_IO;
    if (err == KITH_OK)
        err = loop_core_begin(self);
    if (err != KITH_OK)
        *ret_error = kith_arena_printf(arena, "kith-broker: %s", kith_err_text(err));
    return err;
}

/* A batch is judged by the disk as it was before: it must not use up the reserve unseen. */
static uint64_t batch_bytes_max(const broker_conf_t *conf)
{
    uint64_t share = conf->reserve_bytes / LOOP_BATCH_SHARE;
    if (share < LOOP_BATCH_BYTES_MIN)
        return LOOP_BATCH_BYTES_MIN;
    return share < LOOP_BATCH_BYTES_MAX ? share : LOOP_BATCH_BYTES_MAX;
}

kith_err broker_loop_new(broker_start_t *start, kith_arena_t *arena, broker_loop_t **ret_loop,
                         const char **ret_error)
{
    broker_loop_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self);
    self->conf = start->conf;
    self->agreement = start->agreement;
    self->keys = start->keys;
    self->mailbox = start->mailbox;
    keys_name(keys_public(self->keys, KEYS_SIGNING), self->signing_name);
    self->signal_fd = -1;
    self->batch = 1;
    self->normal_fits = self->urgent_fits = true;
    self->batch_bytes_max = batch_bytes_max(self->conf);
    self->now_ms = clock_wall_ms();
    self->mono_ms = clock_mono_ms();
    self->cache = seal_cache_new();
    self->poll = link_poll_new(POLL_PLACES);
    self->arena = kith_arena_new(KITH_TURN_BYTES_MAX);
    self->packet = kith_arena_new(PACKET_BYTES_MAX);
    self->dones = malloc(LOOP_DONE_MAX * sizeof *self->dones);
    KITH_ASSERT(self->dones);
    kith_err err = begin(self, arena, ret_error);
    if (err != KITH_OK) {
        self->keys = NULL;
        self->mailbox = NULL;
        broker_loop_destroy(&self);
        return err;
    }
    self->agreement_arena = start->agreement_arena;
    start->agreement_arena = NULL;
    start->keys = NULL;
    start->mailbox = NULL;
    *ret_loop = self;
    return KITH_OK;
}

void broker_loop_destroy(broker_loop_t **self_p)
{
    broker_loop_t *self = *self_p;
    if (!self)
        return;
    broker_core_destroy(&self->core);
    link_poll_destroy(&self->poll);
    link_server_destroy(&self->server);
    zap_destroy(&self->zap);
    link_context_destroy(&self->context);
    if (self->signal_fd >= 0)
        (void)close(self->signal_fd);
    seal_cache_destroy(&self->cache);
    if (self->mailbox)
        mailbox_destroy(&self->mailbox);
    keys_destroy(&self->keys);
    kith_arena_destroy(&self->agreement_arena);
    kith_arena_destroy(&self->former_arena);
    kith_arena_destroy(&self->arena);
    kith_arena_destroy(&self->packet);
    free(self->touched);
    free(self->dones);
    free(self);
    *self_p = NULL;
}

/* ---- signals ---- */

/* NULL: it may be taken up. */
static const char *reload_misfit(const broker_loop_t *self, const kith_agreement_t *next,
                                 kith_arena_t *arena)
{
    if (strcmp(next->partnership, self->agreement->partnership) != 0)
        return "it is another partnership's";
    if (next->version < self->agreement->version)
        return "its version is lower than the present one";
    return broker_conf_keys_misfit(self->conf, next, self->keys, arena);
}

/* A bad file changes nothing. */
static void reload(broker_loop_t *self)
{
    kith_arena_t *arena = kith_arena_new(AGREEMENT_BYTES_MAX);
    kith_agreement_t *next = NULL;
    const char *error = NULL;
    if (partnership_load(self->conf->partnership, arena, &next, &error) == KITH_OK)
        error = reload_misfit(self, next, arena);
    if (error) {
        log_event("reload-refused", "version=%" PRIu32 " error=\"%s\"", self->agreement->version,
                  error);
        kith_arena_destroy(&arena);
        return;
    }
    broker_event_t event = {.type = BROKER_EV_AGREEMENT};
    event.agreement.agreement = next;
    loop_dones_hurry(self);
    self->former_arena = self->agreement_arena;
    self->agreement_arena = arena;
    self->agreement = next;
    loop_step(self, &event);
    kith_arena_destroy(&self->former_arena); /* the core has let go of it */
    log_event("reloaded", "version=%" PRIu32, next->version);
}

static void read_signals(broker_loop_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGHUP)
            reload(self);
        else
            self->stopping = true;
    }
}

/* ---- running ---- */

static kith_err wait_for_news(broker_loop_t *self)
{
    bool more = self->dirty || self->tick_owed;
    int64_t wait_ms = more ? 0 : broker_core_wait_ms(self->core, clock_mono_ms());
    wait_ms = loop_dones_wait_ms(self, clock_mono_ms(), wait_ms);
    if (!self->normal_fits && wait_ms > LOOP_ROOM_MS)
        wait_ms = LOOP_ROOM_MS; /* room that comes back is for whoever waits for it */
    if (!self->walk_done && self->walk_mono_ms - clock_mono_ms() < wait_ms)
        wait_ms = self->walk_mono_ms - clock_mono_ms();
    link_poll_clear(self->poll);
    link_poll_zap(self->poll, self->zap);
    link_poll_server(self->poll, self->server);
    link_poll_fd(self->poll, self->signal_fd);
    return link_poll_wait(self->poll, wait_ms);
}

static void begin_turn(broker_loop_t *self)
{
    kith_arena_reset(self->arena);
    self->effects = (broker_effects_t){0};
    self->outs = self->fetches = self->writes = (loop_list_t){0};
}

static void say_stopped(broker_loop_t *self, kith_err err)
{
    broker_stats_t s;
    broker_core_stats(self->core, &s);
    log_event("stopped",
              "error=\"%s\" published=%" PRIu64 " accepted=%" PRIu64 " refused=%" PRIu64
              " later=%" PRIu64 " stale=%" PRIu64 " delivered=%" PRIu64 " taken=%" PRIu64
              " bad=%" PRIu64 " receipts=%" PRIu64 " ignored=%" PRIu64 " not_admitted=%" PRIu64,
              kith_err_text(err), s.published, s.accepted, s.refused, s.later, s.stale, s.delivered,
              s.taken, s.bad, s.receipts, s.frames_ignored, self->not_admitted);
}

/* What has come is still committed and answered; then everybody is told. */
static kith_err stop(broker_loop_t *self)
{
    broker_event_t event = {.type = BROKER_EV_STOP};
    loop_dones_hurry(self);
    kith_err err = loop_turn(self);
    loop_dones_hurry(self);
    loop_dones_write(self);
    if (err == KITH_OK && self->dirty)
        err = mailbox_flush(self->mailbox);
    if (err == KITH_OK)
        err = mailbox_wait(self->mailbox);
    loop_step(self, &event);
    loop_send(self);
    return err;
}

int broker_loop_run(broker_loop_t *self)
{
    char epoch[2 * 16 + 1];
    kith_hex((kith_bytes_t){self->mailbox->store_epoch, 16}, epoch);
    log_event("ready", "broker=%s listen=%s store_epoch=%s version=%" PRIu32, self->conf->broker,
              self->endpoint, epoch, self->agreement->version);
    kith_err err = KITH_OK;
    while (err == KITH_OK && !self->stopping) {
        err = wait_for_news(self);
        begin_turn(self);
        read_signals(self);
        if (err == KITH_OK)
            err = self->stopping ? stop(self) : loop_turn(self);
    }
    say_stopped(self, err);
    return err == KITH_OK ? 0 : kith_err_exit(err);
}
