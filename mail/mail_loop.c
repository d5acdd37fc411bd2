/* One commit for all that a turn made; nothing is sent before it is kept, and what was sent is
 * noted after: a mail may go out twice when the power fails between, with the same Message-ID. */
#include "mail/mail_loop.h"

#include "base/limits.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/maildir.h"
#include "io/program.h"
#include "io/smtp.h"
#include "mail/act.h"
#include "mail/letter.h"
#include "mail/outbox.h"
#include "mail/post.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MINUTE_MS    INT64_C(60000)
#define HOUR_MS      (60 * MINUTE_MS)
#define PAGE         500u
#define MAILS_A_TURN 64u
/* The mail, what its reader says of it, and the agent's answers. */
#define ARENA_BYTES (LETTER_BYTES_MAX + 32 * KITH_MIB)

#define CURSOR_TASKS    "tasks"
#define CURSOR_TELLINGS "tellings"

struct mail_loop {
    const mail_conf_t *conf;
    mail_state_t *state;
    kith_arena_t *arena; /* of one step */
    smtp_t *smtp;
    maildir_t *maildir;
    mail_agent_t *agent;
    int signal_fd;
    bool stopping, collect, full_said, agent_there;
    int64_t again_ms; /* what the agent could not do is tried again; 0: nothing waits for that */
    int64_t tidy_ms;
    size_t busy_count; /* mails in hand at the mail server */
    uint64_t busy[SMTP_BUSY_MAX];
};

#define TRY(call)                                                                                  \
    do {                                                                                           \
        kith_err try_err = (call);                                                                 \
        if (try_err != KITH_OK)                                                                    \
            return try_err;                                                                        \
    } while (0)

static kith_err open_doors(mail_loop_t *self, kith_arena_t *arena, const char **ret_error)
{
    const mail_conf_t *conf = self->conf;
    smtp_options_t options = {
        .url = conf->smtp.url,
        .user = conf->smtp.user,
        .password = self->state->password,
        .ca = conf->smtp.ca,
        .helo = conf->domain,
        .timeout_ms = conf->smtp.timeout_ms,
    };
    kith_err err = smtp_open(&options, &self->smtp);
    if (err != KITH_OK) {
        *ret_error = kith_arena_printf(
            arena, "%s:1: smtp: the mail server's address, or the file of `ca`, is of no use",
            conf->path);
        return KITH_CONFIG;
    }
    err = maildir_open(conf->maildir, &self->maildir);
    if (err == KITH_OK)
        return KITH_OK;
    *ret_error = kith_arena_printf(arena, "%s:1: maildir %s: %s", conf->path, conf->maildir,
                                   err == KITH_NOT_FOUND ? "is not there: make it with --init"
                                                         : kith_err_text(err));
    return KITH_CONFIG;
}

kith_err mail_loop_new(const mail_conf_t *conf, mail_state_t *state, kith_arena_t *arena,
                       mail_loop_t **ret_loop, const char **ret_error)
{
    mail_loop_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->conf = conf;
    self->state = state;
    self->collect = true;
    self->arena = kith_arena_new(ARENA_BYTES);
    self->agent = mail_agent_new(conf);
    self->signal_fd = program_signals(false);
    kith_err err = self->signal_fd >= 0 ? open_doors(self, arena, ret_error) : KITH_IO;
    if (self->signal_fd < 0)
        *ret_error = "kith-mail: this system gives no more descriptors";
    if (err == KITH_OK)
        *ret_loop = self;
    else
        mail_loop_destroy(&self);
    return err;
}

void mail_loop_destroy(mail_loop_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    mail_loop_t *self = *self_p;
    smtp_close(&self->smtp);
    maildir_close(&self->maildir);
    mail_agent_destroy(&self->agent);
    kith_arena_destroy(&self->arena);
    if (self->signal_fd >= 0)
        close(self->signal_fd);
    free(self);
    *self_p = NULL;
}

/* What cannot be done now is tried again soon, and only what no time mends ends the program. */
static kith_err later(mail_loop_t *self, kith_err err)
{
    if (err != KITH_AGAIN && err != KITH_FULL)
        return err;
    if (err == KITH_FULL && !self->full_said)
        log_event("full", "state=waiting");
    self->full_said = err == KITH_FULL;
    self->again_ms = clock_mono_ms() + MAIL_AGENT_PAUSE_MS;
    return KITH_OK;
}

/* Ends the turn's transaction: committed when all went well. */
static kith_err settle(mail_loop_t *self, kith_err err)
{
    if (err == KITH_OK)
        return store_commit(self->state->store);
    store_abort(self->state->store);
    return err;
}

/* ---- what came ---- */

static kith_err take_mail(mail_loop_t *self, const char *name)
{
    kith_bytes_t mail;
    const char *what = "too-large";
    act_t act = {
        .conf = self->conf,
        .key = self->state->key,
        .agent = self->agent,
        .store = self->state->store,
        .arena = self->arena,
        .now_ms = clock_wall_ms(),
    };
    kith_err err = maildir_read(self->maildir, name, LETTER_BYTES_MAX, self->arena, &mail);
    if (err == KITH_NOT_FOUND)
        return KITH_OK; /* somebody took it away */
    if (err == KITH_DENIED || err == KITH_INVALID) {
        log_event("mail", "what=unreadable error=%d", (int)err);
        return KITH_OK; /* it stays, for whoever mends its mode */
    }
    if (err == KITH_OK)
        err = act_on_mail(&act, mail, &what);
    else if (err == KITH_LIMIT)
        err = act_on_huge(&act, name);
    if (err != KITH_OK)
        return err;
    log_event("mail", "what=%s", what);
    return maildir_seen(self->maildir, name);
}

static kith_err take_mails(mail_loop_t *self)
{
    char after[NAME_MAX + 1] = "";
    maildir_clear(self->maildir);
    for (size_t i = 0; i < MAILS_A_TURN; i++) {
        const char *name = "";
        kith_arena_reset(self->arena);
        kith_err err = maildir_next(self->maildir, after, self->arena, &name);
        if (err == KITH_OK) {
            (void)snprintf(after, sizeof after, "%s", name);
            err = take_mail(self, name);
        }
        if (err != KITH_OK)
            return err == KITH_NOT_FOUND ? KITH_OK : err;
    }
    self->again_ms = clock_mono_ms(); /* there may be more */
    return KITH_OK;
}

/* ---- what the agency's people are to have ---- */

static kith_err cursor(mail_loop_t *self, const char *name, uint64_t *ret_number)
{
    kith_txn_t *txn = NULL;
    TRY(store_read_begin(self->state->store, &txn));
    kith_err err = outbox_cursor(txn, name, ret_number);
    store_read_end(self->state->store);
    return err;
}

static post_t post_now(mail_loop_t *self, kith_txn_t *txn)
{
    return (post_t){.conf = self->conf,
                    .key = self->state->key,
                    .txn = txn,
                    .arena = self->arena,
                    .now_ms = clock_wall_ms()};
}

/* A request of kith-mail's own; KITH_AGAIN too when it is refused, which the log says. */
static kith_err ask(mail_loop_t *self, Kith__Api__Request *request, Kith__Api__Response **ret)
{
    kith_err err = mail_agent_call(self->agent, self->arena, NULL, request, ret);
    if (err == KITH_OK && (*ret)->status != KITH__API__STATUS__STATUS_OK) {
        log_event("agent-refuses", "rule=%s", (*ret)->rule);
        err = KITH_AGAIN;
    }
    return err;
}

static kith_err keep_tasks(mail_loop_t *self, const Kith__Api__InboxResponse *page)
{
    kith_txn_t *txn = NULL;
    TRY(store_begin(self->state->store, &txn));
    post_t post = post_now(self, txn);
    kith_err err = KITH_OK;
    for (size_t i = 0; i < page->n_tasks && err == KITH_OK; i++)
        err = post_task(&post, page->tasks[i]);
    if (err == KITH_OK)
        err = outbox_cursor_put(txn, CURSOR_TASKS, page->tasks[page->n_tasks - 1]->seq);
    return settle(self, err);
}

static kith_err collect_tasks(mail_loop_t *self)
{
    bool more = true;
    while (more) {
        Kith__Api__InboxRequest page = KITH__API__INBOX_REQUEST__INIT;
        Kith__Api__Request request = KITH__API__REQUEST__INIT;
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = cursor(self, CURSOR_TASKS, &page.after);
        if (err != KITH_OK && err != KITH_NOT_FOUND)
            return err;
        page.limit = PAGE;
        request.ask_case = KITH__API__REQUEST__ASK_INBOX;
        request.inbox = &page;
        TRY(ask(self, &request, &response));
        if (response->answer_case != KITH__API__RESPONSE__ANSWER_INBOX ||
            response->inbox->n_tasks == 0)
            return KITH_OK;
        TRY(keep_tasks(self, response->inbox));
        more = response->inbox->more;
    }
    return KITH_OK;
}

/* Before the first time nobody was promised a mail: it begins with what comes next. */
static kith_err begin_tellings(mail_loop_t *self, uint64_t *ret_after)
{
    Kith__Api__FeedRequest page = KITH__API__FEED_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    kith_txn_t *txn = NULL;
    page.limit = 1;
    request.ask_case = KITH__API__REQUEST__ASK_FEED;
    request.feed = &page;
    TRY(ask(self, &request, &response));
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED)
        return KITH_AGAIN;
    *ret_after = response->feed->tellings;
    TRY(store_begin(self->state->store, &txn));
    return settle(self, outbox_cursor_put(txn, CURSOR_TELLINGS, *ret_after));
}

static kith_err keep_tellings(mail_loop_t *self, const Kith__Api__TellingsResponse *page)
{
    kith_txn_t *txn = NULL;
    TRY(store_begin(self->state->store, &txn));
    post_t post = post_now(self, txn);
    kith_err err = post_tellings(&post, page);
    if (err == KITH_OK)
        err = outbox_cursor_put(txn, CURSOR_TELLINGS, page->tellings[page->n_tellings - 1]->seq);
    return settle(self, err);
}

static kith_err collect_tellings(mail_loop_t *self)
{
    bool more = true;
    while (more) {
        Kith__Api__TellingsRequest page = KITH__API__TELLINGS_REQUEST__INIT;
        Kith__Api__Request request = KITH__API__REQUEST__INIT;
        Kith__Api__Response *response = NULL;
        kith_arena_reset(self->arena);
        kith_err err = cursor(self, CURSOR_TELLINGS, &page.after);
        if (err == KITH_NOT_FOUND)
            err = begin_tellings(self, &page.after);
        TRY(err);
        page.limit = PAGE;
        request.ask_case = KITH__API__REQUEST__ASK_TELLINGS;
        request.tellings = &page;
        TRY(ask(self, &request, &response));
        if (response->answer_case != KITH__API__RESPONSE__ANSWER_TELLINGS ||
            response->tellings->n_tellings == 0)
            return KITH_OK;
        TRY(keep_tellings(self, response->tellings));
        more = response->tellings->more;
    }
    return KITH_OK;
}

static kith_err collect(mail_loop_t *self)
{
    if (!self->collect)
        return KITH_OK;
    TRY(collect_tasks(self));
    TRY(collect_tellings(self));
    self->collect = false;
    return KITH_OK;
}

/* ---- what reached nobody ---- */

static kith_err tell_agent(mail_loop_t *self, const Kith__Store__OutMail *row)
{
    Kith__Api__UndeliveredRequest undelivered = KITH__API__UNDELIVERED_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    undelivered.notice = row->notice;
    undelivered.role = row->role;
    undelivered.reason = row->failed;
    request.ask_case = KITH__API__REQUEST__ASK_UNDELIVERED;
    request.undelivered = &undelivered;
    TRY(mail_agent_call(self->agent, self->arena, NULL, &request, &response));
    if (response->status == KITH__API__STATUS__STATUS_FULL)
        return KITH_AGAIN;
    if (response->status != KITH__API__STATUS__STATUS_OK)
        log_event("agent-refuses", "rule=%s", response->rule);
    return KITH_OK;
}

/* One that tells of no notice is a mail of ours about a mail: its task stands already. */
static kith_err tell_failed(mail_loop_t *self)
{
    for (;;) {
        kith_txn_t *txn = NULL;
        uint64_t number = 0;
        Kith__Store__OutMail *row = NULL;
        kith_arena_reset(self->arena);
        TRY(store_read_begin(self->state->store, &txn));
        kith_err err = outbox_untold(txn, self->arena, &number, &row);
        store_read_end(self->state->store);
        if (err != KITH_OK)
            return err == KITH_NOT_FOUND ? KITH_OK : err;
        log_event("undelivered", "number=%" PRIu64 " reason=%s code=%u", number, row->failed,
                  row->code);
        if (row->notice.len > 0)
            TRY(tell_agent(self, row));
        TRY(store_begin(self->state->store, &txn));
        TRY(settle(self, outbox_told(txn, number)));
    }
}

/* ---- what goes out ---- */

static bool is_busy(const mail_loop_t *self, uint64_t number)
{
    for (size_t i = 0; i < self->busy_count; i++)
        if (self->busy[i] == number)
            return true;
    return false;
}

static void not_busy(mail_loop_t *self, uint64_t number)
{
    for (size_t i = 0; i < self->busy_count; i++)
        if (self->busy[i] == number) {
            self->busy[i] = self->busy[--self->busy_count];
            return;
        }
}

static kith_err note(mail_loop_t *self, kith_txn_t *txn, const smtp_done_t *done)
{
    uint32_t code = (uint32_t)done->code;
    int64_t now_ms = clock_wall_ms();
    switch (done->outcome) {
    case SMTP_SENT:
        log_event("sent", "number=%" PRIu64, done->ticket);
        return outbox_sent(txn, self->arena, done->ticket, now_ms);
    case SMTP_REFUSED:
        log_event("refused", "number=%" PRIu64 " code=%ld why=%s", done->ticket, done->code,
                  done->why);
        return outbox_refused(txn, self->arena, done->ticket, code, done->why);
    case SMTP_LATER:
        log_event("later", "number=%" PRIu64 " code=%ld why=%s", done->ticket, done->code,
                  done->why);
        return outbox_later(txn, self->arena, &self->conf->smtp, done->ticket, code, done->why,
                            now_ms);
    }
    KITH_NEVER("an outcome of smtp.h");
}

static kith_err take_done(mail_loop_t *self)
{
    smtp_done_t done;
    kith_txn_t *txn = NULL;
    kith_arena_reset(self->arena);
    if (!smtp_next(self->smtp, &done))
        return KITH_OK;
    TRY(store_begin(self->state->store, &txn));
    kith_err err = KITH_OK;
    do {
        not_busy(self, done.ticket);
        err = note(self, txn, &done);
    } while (err == KITH_OK && smtp_next(self->smtp, &done));
    return settle(self, err);
}

static kith_err begin_sending(mail_loop_t *self, kith_txn_t *txn, uint64_t number)
{
    Kith__Store__OutMail *row = NULL;
    TRY(outbox_get(txn, self->arena, number, &row));
    TRY(smtp_send(self->smtp, number, row->sender, row->to,
                  (kith_bytes_t){row->mail.data, row->mail.len}));
    self->busy[self->busy_count++] = number;
    return KITH_OK;
}

/* *ret_next_ms: when the next is due (wall clock). */
static kith_err send_due(mail_loop_t *self, int64_t *ret_next_ms)
{
    kith_txn_t *txn = NULL;
    outbox_place_t place = {0};
    kith_arena_reset(self->arena);
    *ret_next_ms = INT64_MAX;
    TRY(store_read_begin(self->state->store, &txn));
    kith_err err = KITH_OK;
    while (err == KITH_OK && self->busy_count < SMTP_BUSY_MAX) {
        err = outbox_due(txn, clock_wall_ms(), &place, ret_next_ms);
        if (err == KITH_OK && !is_busy(self, place.number))
            err = begin_sending(self, txn, place.number);
    }
    store_read_end(self->state->store);
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

/* ---- the turn ---- */

static kith_err tidy(mail_loop_t *self)
{
    int64_t now_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
    kith_txn_t *txn = NULL;
    if (now_ms < self->tidy_ms)
        return KITH_OK;
    self->tidy_ms = now_ms + HOUR_MS;
    kith_arena_reset(self->arena);
    TRY(maildir_tidy(self->maildir, wall_ms, self->conf->keep_ms));
    TRY(store_begin(self->state->store, &txn));
    return settle(self, outbox_tidy(txn, self->arena, wall_ms - self->conf->keep_ms));
}

static int64_t wait_ms(const mail_loop_t *self, size_t agent_fds, int64_t next_ms)
{
    int64_t wait = self->tidy_ms - clock_mono_ms(), now_ms = clock_wall_ms();
    if (agent_fds == 0 && wait > MAIL_AGENT_PAUSE_MS)
        wait = MAIL_AGENT_PAUSE_MS;
    if (self->again_ms != 0 && self->again_ms - clock_mono_ms() < wait)
        wait = self->again_ms - clock_mono_ms();
    if (next_ms != INT64_MAX && next_ms - now_ms < wait)
        wait = next_ms - now_ms;
    return wait > 0 ? wait : 0;
}

static kith_err wait(mail_loop_t *self, int64_t next_ms)
{
    struct signalfd_siginfo info;
    int fds[4] = {self->signal_fd, maildir_fd(self->maildir)};
    size_t agent_fds = mail_agent_fds(self->agent, fds + 2);
    TRY(smtp_wait(self->smtp, fds, 2 + agent_fds, wait_ms(self, agent_fds, next_ms)));
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        self->stopping = true;
    return KITH_OK;
}

/* What the agent has to say, and whether it is there. */
static void listen(mail_loop_t *self)
{
    if (mail_agent_news(self->agent, clock_mono_ms()))
        self->collect = true;
    bool there = mail_agent_there(self->agent);
    if (there != self->agent_there)
        log_event("agent", "state=%s refused=%s", there ? "there" : "away",
                  mail_agent_refusal(self->agent));
    self->agent_there = there;
}

static kith_err turn(mail_loop_t *self)
{
    int64_t next_ms = INT64_MAX;
    self->again_ms = 0;
    listen(self);
    TRY(later(self, take_mails(self)));
    TRY(later(self, take_done(self)));
    TRY(later(self, collect(self)));
    TRY(later(self, tell_failed(self))); /* after all that can fail: nothing would wake us for it */
    TRY(later(self, send_due(self, &next_ms)));
    TRY(later(self, tidy(self)));
    return wait(self, next_ms);
}

int mail_loop_run(mail_loop_t *self)
{
    kith_err err = KITH_OK;
    log_event("ready", "people=%zu", self->conf->people_count);
    while (err == KITH_OK && !self->stopping)
        err = turn(self);
    if (err != KITH_OK)
        log_event("failed", "error=%d", (int)err);
    log_event("stopped", "in_hand=%zu", self->busy_count);
    return kith_err_exit(err);
}
