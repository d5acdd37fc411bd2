#include "agents/cli/publisher.h"

#include "agents/cli/event_json.h"
#include "agents/cli/text.h"
#include "agents/cli/tokens.h"
#include "base/text.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROGRESS_MS 1000
/* One request or response with its decoded form. */
#define TURN_BYTES_MAX (16u * 1024u * 1024u)

typedef struct flight {
    uint64_t id; /* 0: free */
    size_t line;
} flight_t;

struct publisher {
    cli_t *cli;
    const char *name;
    bool dry_run, progress, progress_shown;
    int64_t progress_mono_ms;
    tokens_t *tokens;
    kith_arena_t *sending, *receiving;
    flight_t flights[PUBLISHER_WINDOW];
    size_t in_flight;
    uint64_t published, already, refused, skipped;
    uint64_t denied; /* of those refused: not allowed */
};

int publisher_new(cli_t *cli, const char *name, publisher_t **ret_publisher)
{
    bool dry_run = args_has(&cli->args, "dry-run");
    int64_t now_ms;
    int status = dry_run ? CLI_OK : cli_now(cli, &now_ms);
    if (status != CLI_OK)
        return status;
    publisher_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->cli = cli;
    self->name = name;
    self->dry_run = dry_run;
    self->progress = !dry_run && isatty(STDERR_FILENO) == 1;
    self->progress_mono_ms = clock_mono_ms();
    self->tokens = tokens_new();
    self->sending = kith_arena_new(TURN_BYTES_MAX);
    self->receiving = kith_arena_new(TURN_BYTES_MAX);
    *ret_publisher = self;
    return CLI_OK;
}

void publisher_destroy(publisher_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    publisher_t *self = *self_p;
    tokens_destroy(&self->tokens);
    kith_arena_destroy(&self->sending);
    kith_arena_destroy(&self->receiving);
    free(self);
    *self_p = NULL;
}

/* ---- telling ---- */

static void clear_progress(publisher_t *self)
{
    if (self->progress_shown)
        fputs("\r\033[K", stderr);
    self->progress_shown = false;
}

static void show_progress(publisher_t *self)
{
    int64_t now = clock_mono_ms();
    if (!self->progress || now - self->progress_mono_ms < PROGRESS_MS)
        return;
    self->progress_mono_ms = now;
    clear_progress(self);
    fprintf(stderr, "%" PRIu64 " published, %" PRIu64 " already there, %" PRIu64 " refused",
            self->published, self->already, self->refused);
    self->progress_shown = true;
}

void publisher_refuse(publisher_t *self, size_t line, const char *field, const char *what)
{
    clear_progress(self);
    self->refused++;
    kith_arena_reset(self->sending);
    const char *shown = text_line(self->sending, what);
    fprintf(stderr, "%s:%zu: %s%s%s\n", self->name, line, field, *field != '\0' ? ": " : "", shown);
}

void publisher_skip(publisher_t *self)
{
    self->skipped++;
}

/* ---- sending and receiving ---- */

/* The request with this id; 0: a free place. NULL when there is none. */
static flight_t *find_flight(publisher_t *self, uint64_t id)
{
    for (size_t i = 0; i < PUBLISHER_WINDOW; i++)
        if (self->flights[i].id == id)
            return &self->flights[i];
    return NULL;
}

static int fail_unknown(publisher_t *self, const char *why)
{
    clear_progress(self);
    return cli_fail(self->cli, CLI_AGAIN, "%s: run the same again, nothing is published twice",
                    why);
}

/* What one answer means for the run: CLI_OK unless it ends. */
static int settle(publisher_t *self, const Kith__Api__Response *response)
{
    flight_t *flight = response->id != 0 ? find_flight(self, response->id) : NULL;
    if (flight == NULL)
        return CLI_OK; /* an answer to nothing that waits */
    flight->id = 0;
    self->in_flight--;
    int status = cli_status_exit(response->status);
    if (status == CLI_AGAIN)
        return fail_unknown(self, *response->what != '\0'
                                      ? text_line(self->receiving, response->what)
                                      : "the agent is full");
    self->denied += status == CLI_DENIED ? 1 : 0;
    if (status != CLI_OK)
        publisher_refuse(self, flight->line, "", response->what);
    else if (response->answer_case == KITH__API__RESPONSE__ANSWER_SUBMIT &&
             response->submit->repeat)
        self->already++;
    else
        self->published++;
    return CLI_OK;
}

/* One answer, or none within wait_ms. */
static int receive(publisher_t *self, int64_t wait_ms, bool *ret_came)
{
    kith_arena_reset(self->receiving);
    Kith__Api__Response *response = NULL;
    kith_err err = ask_receive(self->cli->ask, self->receiving, wait_ms, &response);
    *ret_came = err == KITH_OK;
    if (err == KITH_AGAIN)
        return CLI_OK;
    if (err != KITH_OK)
        return fail_unknown(self, err == KITH_NOT_FOUND ? "the agent went away"
                                                        : "the agent's answer cannot be read");
    int status = settle(self, response);
    show_progress(self);
    return status;
}

/* Takes what has come, and waits while more than `most` have no answer. */
static int drain(publisher_t *self, size_t most)
{
    for (;;) {
        bool came;
        bool must = self->in_flight > most;
        int status = receive(self, must ? self->cli->timeout_ms : 0, &came);
        if (status != CLI_OK)
            return status;
        if (!came && must)
            return fail_unknown(self, "no answer in time");
        if (!came)
            return CLI_OK;
    }
}

static kith_digest_t token_of(publisher_t *self, kith_bytes_t text, const Kith__Event *event)
{
    const Kith__Reference *source = event->source;
    if (source != NULL && *source->id != '\0')
        return args_has(&self->cli->args, "corrects")
                   ? tokens_of_correction(source->system, source->id, text)
                   : tokens_of_source(source->system, source->id);
    return tokens_of_line(self->tokens, source != NULL ? source->system : "", text);
}

static int send_draft(publisher_t *self, size_t line, const kith_digest_t *token,
                      Kith__Api__Draft *draft)
{
    Kith__Api__SubmitRequest submit = KITH__API__SUBMIT_REQUEST__INIT;
    submit.token = cli_bytes_in(self->sending, kith_digest_bytes(token));
    submit.draft = draft;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.on_behalf_of = (char *)(uintptr_t)self->cli->user;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = &submit;
    const char *field;
    if (kith_message_check(&request.base, &field) != KITH_OK) {
        publisher_refuse(self, line, field, CLI_NO_TEXT);
        return CLI_OK;
    }
    kith_err err = ask_send(self->cli->ask, self->sending, &request);
    if (err == KITH_LIMIT) {
        publisher_refuse(self, line, "", "larger than a notice may be");
        return CLI_OK;
    }
    if (err != KITH_OK)
        return fail_unknown(self, "the agent takes no more");
    flight_t *flight = find_flight(self, 0);
    KITH_ASSERT(flight != NULL);
    *flight = (flight_t){.id = request.id, .line = line};
    self->in_flight++;
    return CLI_OK;
}

static void print_draft(publisher_t *self, const Kith__Api__Draft *draft)
{
    kith_json_t *object = event_to_json(draft);
    puts(kith_json_text(self->sending, object));
    kith_json_destroy(&object);
    self->published++;
}

int publisher_put(publisher_t *self, size_t line, kith_bytes_t text, Kith__Api__Draft *draft)
{
    kith_arena_reset(self->sending);
    if (self->dry_run) {
        print_draft(self, draft);
        return CLI_OK;
    }
    int status = drain(self, PUBLISHER_WINDOW - 1);
    if (status != CLI_OK)
        return status;
    kith_digest_t token = token_of(self, text, draft->event);
    return send_draft(self, line, &token, draft);
}

/* ---- the end ---- */

static void print_summary(publisher_t *self)
{
    clear_progress(self);
    if (self->cli->json && !self->dry_run) {
        kith_json_t *object = kith_json_object();
        kith_json_put_int(object, "published", (int64_t)self->published);
        kith_json_put_int(object, "already", (int64_t)self->already);
        kith_json_put_int(object, "refused", (int64_t)self->refused);
        kith_json_put_int(object, "left_out", (int64_t)self->skipped);
        cli_print_json(self->cli, &object);
        return;
    }
    FILE *out = self->dry_run ? stderr : stdout;
    if (self->dry_run)
        fprintf(out, "%" PRIu64 " would be published, %" PRIu64 " refused", self->published,
                self->refused);
    else
        fprintf(out, "%" PRIu64 " published, %" PRIu64 " already there, %" PRIu64 " refused",
                self->published, self->already, self->refused);
    if (self->skipped > 0)
        fprintf(out, ", %" PRIu64 " left out by the map", self->skipped);
    fputc('\n', out);
}

int publisher_finish(publisher_t *self, int status)
{
    if (status == CLI_OK && !self->dry_run)
        status = drain(self, 0);
    print_summary(self);
    if (status != CLI_OK || self->refused == 0)
        return status;
    return self->denied == self->refused ? CLI_DENIED : CLI_REFUSED;
}
