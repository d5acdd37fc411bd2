#include "agents/cli/cli.h"

#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "base/limits.h"
#include "base/text.h"
#include "io/conf.h"
#include "io/keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SOCKET     "/run/kith/agent.sock"
#define DEFAULT_TIMEOUT_MS (30 * 1000)
#define TIMEOUT_MS_MAX     (24 * 3600 * (int64_t)1000)
/* What one command may hold: a full page of a feed many times over. */
#define ARENA_BYTES_MAX (512u * 1024u * 1024u)

const cli_option_t cli_common_options[] = {
    {.name = "agent", .value = "SOCKET", .help = "the agent's socket"},
    {.name = "config", .value = "FILE", .help = "else what this agent.cfg names; else $KITH_AGENT"},
    {.name = "timeout", .value = "TIME", .help = "longest wait for an answer (30s)"},
    {.name = "on-behalf-of", .value = "USER", .help = "the user asked for; gateways only"},
    {.name = "json", .help = "for programs: an object, or one a line"},
    {.name = "help", .help = "this text"},
    {.name = "version", .help = "this program's version"},
    {.name = NULL},
};

/* ---- beginning and ending ---- */

static int take_timeout(cli_t *self)
{
    self->timeout_ms = DEFAULT_TIMEOUT_MS;
    const char *text = args_value(&self->args, "timeout");
    if (text == NULL)
        return CLI_OK;
    int64_t ms;
    if (kith_duration_parse(text, &ms) != KITH_OK || ms < 1 || ms > TIMEOUT_MS_MAX)
        return cli_misuse(self, "--timeout is a duration up to a day, as 30s or 5min");
    self->timeout_ms = ms;
    return CLI_OK;
}

static int take_token(cli_t *self)
{
    self->token = args_value(&self->args, "token");
    self->token_given = self->token != NULL;
    if (self->token_given) {
        size_t size = strlen(self->token);
        if (size == 0 || size > KITH_TOKEN_BYTES_MAX)
            return cli_misuse(self, "--token is a text of 1 to 64 bytes");
        return CLI_OK;
    }
    uint8_t random[16];
    keys_random(random, sizeof random);
    char *hex = kith_arena_need(self->arena, 2 * sizeof random + 1);
    kith_hex((kith_bytes_t){.data = random, .size = sizeof random}, hex);
    self->token = hex;
    return CLI_OK;
}

int cli_begin(cli_t *self)
{
    self->json = args_has(&self->args, "json");
    self->colour = table_colour(stdout);
    self->again = "";
    self->user = cli_text(self, "on-behalf-of");
    if (keys_begin() != KITH_OK)
        return cli_fail(self, CLI_IO, "this system gives no random bytes");
    int status = take_timeout(self);
    return status == CLI_OK ? take_token(self) : status;
}

void cli_end(cli_t *self)
{
    ask_close(&self->ask);
}

/* ---- speaking ---- */

/* rule: the name of the one that was broken; "" when none was. */
static void complain(const cli_t *self, const char *what, const char *rule, const char *help)
{
    if (!self->json) {
        fprintf(stderr, "kith: %s%s%s%s%s\n", what, *rule ? " (rule " : "", rule, *rule ? ")" : "",
                help);
        return;
    }
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    kith_json_t *object = kith_json_object();
    kith_json_put_str(object, "error", what);
    if (*rule)
        kith_json_put_str(object, "rule", rule);
    fprintf(stderr, "%s\n", kith_json_text(arena, object));
    kith_json_destroy(&object);
    kith_arena_destroy(&arena);
}

int cli_fail(const cli_t *self, int status, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char what[1024];
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    complain(self, text_line(self->arena, what), "", "");
    return status;
}

int cli_misuse(const cli_t *self, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char what[1024];
    (void)vsnprintf(what, sizeof what, format, values);
    va_end(values);
    const char *name = self->args.command != NULL ? self->args.command->name : "help";
    const char *help = kith_arena_printf(self->arena, " (kith %s --help)", name);
    complain(self, text_line(self->arena, what), "", self->args.command != NULL ? help : "");
    return CLI_USAGE;
}

void cli_print_json(const cli_t *self, kith_json_t **value_p)
{
    puts(kith_json_text(self->arena, *value_p));
    kith_json_destroy(value_p);
}

void cli_print_message_in(kith_arena_t *arena, const ProtobufCMessage *message)
{
    kith_json_t *value = kith_json_of_message(message);
    puts(kith_json_text(arena, value));
    kith_json_destroy(&value);
}

void cli_print_message(const cli_t *self, const ProtobufCMessage *message)
{
    cli_print_message_in(self->arena, message);
}

/* ---- asking ---- */

static int socket_of_config(cli_t *self, const char *file, const char **ret_path)
{
    kith_conf_t *conf = conf_open(file, self->arena);
    const conf_group_t *api = conf_group(conf, conf_root(conf), "api", true);
    const char *path = conf_path(conf, api, "socket");
    const char *error = conf_error(conf);
    int status = CLI_OK;
    if (error != NULL)
        status = cli_fail(self, CLI_CONFIG, "%s", error);
    else
        *ret_path = path;
    conf_close(&conf);
    return status;
}

int cli_socket(cli_t *self, const char **ret_path)
{
    const char *given = args_value(&self->args, "agent");
    const char *environment = getenv("KITH_AGENT");
    const char *config = args_value(&self->args, "config");
    if (given != NULL)
        *ret_path = given;
    else if (config != NULL)
        return socket_of_config(self, config, ret_path);
    else if (environment != NULL && *environment != '\0')
        *ret_path = environment;
    else
        *ret_path = DEFAULT_SOCKET;
    return CLI_OK;
}

int cli_connect(cli_t *self)
{
    if (self->ask != NULL)
        return CLI_OK;
    const char *path = NULL;
    int status = cli_socket(self, &path);
    if (status != CLI_OK)
        return status;
    kith_err err = ask_open(path, self->timeout_ms, &self->ask);
    if (err == KITH_NOT_FOUND)
        return cli_fail(self, CLI_AGAIN,
                        "no agent at %s: start kith-agent, or name its socket with --agent", path);
    if (err == KITH_DENIED)
        return cli_fail(self, CLI_DENIED, "this user may not use the agent's socket %s", path);
    if (err != KITH_OK)
        return cli_fail(self, CLI_AGAIN, "cannot connect to %s: %s", path, kith_err_text(err));
    return CLI_OK;
}

int cli_status_exit(Kith__Api__Status status)
{
    switch (status) {
    case KITH__API__STATUS__STATUS_OK:
        return CLI_OK;
    case KITH__API__STATUS__STATUS_INVALID:
    case KITH__API__STATUS__STATUS_CONFLICT:
    case KITH__API__STATUS__STATUS_AMBIGUOUS:
        return CLI_REFUSED;
    case KITH__API__STATUS__STATUS_NOT_FOUND:
        return CLI_NOT_FOUND;
    case KITH__API__STATUS__STATUS_NOT_ALLOWED:
        return CLI_DENIED;
    case KITH__API__STATUS__STATUS_FULL:
        return CLI_AGAIN;
    case KITH__API__STATUS__STATUS_UNSPECIFIED:
    case _KITH__API__STATUS_IS_INT_SIZE:
        break;
    }
    return CLI_AGAIN; /* a newer agent's word: nothing is known */
}

static bool has_token(const Kith__Api__Request *request)
{
    return request->ask_case == KITH__API__REQUEST__ASK_SUBMIT ||
           request->ask_case == KITH__API__REQUEST__ASK_SUBSCRIBE ||
           request->ask_case == KITH__API__REQUEST__ASK_OFFER;
}

static int fail_unanswered(const cli_t *self, const Kith__Api__Request *request, kith_err err)
{
    const char *why = err == KITH_NOT_FOUND ? "the agent does not answer or went away"
                      : err == KITH_AGAIN   ? "no answer in time"
                      : err == KITH_INVALID ? "the agent's answer cannot be read"
                                            : kith_err_text(err);
    if (err == KITH_LIMIT)
        return cli_fail(self, CLI_REFUSED, "the request is larger than the limit");
    if (!has_token(request))
        return cli_fail(self, CLI_AGAIN, "%s: ask again", why);
    return cli_fail(self, CLI_AGAIN,
                    "%s: whether it was done is unknown; the same again with --token %s%s does it "
                    "once and no more",
                    why, self->token, self->again);
}

int cli_ask_in(cli_t *self, kith_arena_t *arena, int64_t timeout_ms, Kith__Api__Request *request,
               Kith__Api__Response **ret_response)
{
    int status = cli_connect(self);
    if (status != CLI_OK)
        return status;
    request->on_behalf_of = (char *)(uintptr_t)self->user;
    const char *field;
    if (kith_message_check(&request->base, &field) != KITH_OK)
        return cli_fail(self, CLI_REFUSED, "%s: " CLI_NO_TEXT, field);
    Kith__Api__Response *response = NULL;
    kith_err err = ask_call(self->ask, arena, timeout_ms, request, &response);
    if (err != KITH_OK)
        return fail_unanswered(self, request, err);
    status = cli_status_exit(response->status);
    if (status == CLI_OK)
        *ret_response = response;
    else
        complain(self, text_line(self->arena, response->what),
                 text_line(self->arena, response->rule), "");
    return status;
}

int cli_ask(cli_t *self, Kith__Api__Request *request, Kith__Api__Response **ret_response)
{
    return cli_ask_in(self, self->arena, self->timeout_ms, request, ret_response);
}

/* ---- submitting ---- */

static int submit_request(cli_t *self, Kith__Api__SubmitRequest *submit,
                          Kith__Api__SubmitResponse **ret)
{
    if (args_has(&self->args, "author"))
        submit->draft->author = cli_text(self, "author");
    submit->token = cli_bytes(self, kith_bytes_str(self->token));
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SUBMIT;
    request.submit = submit;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(self, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_SUBMIT)
        return cli_fail(self, CLI_AGAIN, "the agent's answer is of another kind");
    *ret = response->submit;
    return CLI_OK;
}

int cli_submit_quietly(cli_t *self, Kith__Api__Draft *draft, Kith__Api__SubmitResponse **ret)
{
    Kith__Api__SubmitRequest submit = KITH__API__SUBMIT_REQUEST__INIT;
    submit.draft = draft;
    return submit_request(self, &submit, ret);
}

void cli_print_submitted(const cli_t *self, const Kith__Api__SubmitResponse *submitted)
{
    char id[KITH_ID_TEXT_SIZE];
    kith_id_text((kith_bytes_t){.data = submitted->id.data, .size = submitted->id.len}, id);
    printf("%s  stored here%s", id, submitted->repeat ? " (it was before)" : "");
    for (size_t i = 0; i < submitted->n_recipients; i++)
        printf("%s%s", i == 0 ? ", for " : ", ", text_line(self->arena, submitted->recipients[i]));
    if (submitted->n_recipients == 0)
        printf(", for this agency alone");
    if (submitted->updates.len > 0) {
        kith_id_text(
            (kith_bytes_t){.data = submitted->updates.data, .size = submitted->updates.len}, id);
        printf(": an update of the open alert %s", id);
    }
    puts(submitted->front_door ? " (the front door: it names no known household)" : "");
}

int cli_submit_mail(cli_t *self, Kith__Api__Draft *draft, ProtobufCBinaryData mail)
{
    Kith__Api__SubmitRequest submit = KITH__API__SUBMIT_REQUEST__INIT;
    Kith__Api__SubmitResponse *submitted = NULL;
    submit.draft = draft;
    submit.mail = mail;
    int status = submit_request(self, &submit, &submitted);
    if (status != CLI_OK)
        return status;
    if (self->json)
        cli_print_message(self, &submitted->base);
    else
        cli_print_submitted(self, submitted);
    return CLI_OK;
}

int cli_submit(cli_t *self, Kith__Api__Draft *draft)
{
    return cli_submit_mail(self, draft, (ProtobufCBinaryData){0});
}
