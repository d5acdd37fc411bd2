/* What every command of `kith` stands on: its arguments, the agent it asks, how it speaks and ends.
 *
 * A command is one function `int cmd_x(cli_t *)` that returns the exit status (below), in a file of
 * its own or of its family (cmd_*.c), with one line in the table of commands (commands.c). People
 * read standard output; with --json programs do: one object, or one object a line where there may
 * be many. What went wrong is one line on standard error. */
#pragma once

#include "agents/cli/args.h"
#include "api.pb-c.h"
#include "base/arena.h"
#include "base/id.h"
#include "io/ask.h"
#include "io/json.h"

/* Exit statuses (sysexits.h). Scripts rely on them: kith(1). */
typedef enum cli_exit {
    CLI_OK = 0,
    CLI_USAGE = 64,     /* the command line is wrong */
    CLI_REFUSED = 65,   /* the input breaks a rule */
    CLI_NOT_FOUND = 66, /* no such notice, household, file */
    CLI_IO = 74,        /* output could not be written */
    CLI_AGAIN = 75,     /* no answer, or full: ask again with the same token */
    CLI_DENIED = 77,
    CLI_CONFIG = 78,
} cli_exit;

/* What the agent would not read; behind the field's name. */
#define CLI_NO_TEXT "not UTF-8, or over a limit: 64 KiB a text, 4096 entries a list"

typedef struct cli {
    kith_arena_t *arena; /* of the whole command */
    args_t args;
    bool json;
    bool colour;
    int64_t timeout_ms; /* of one request */
    const char *token;  /* text of 1 to 64 bytes: given, or made at random */
    bool token_given;
    const char *again; /* further options that asking again needs; "" when none */
    const char *user;  /* --on-behalf-of; "" when none */
    ask_t *ask;        /* opened by the first request */
} cli_t;

extern const cli_option_t cli_common_options[];

/* Options of every command that submits. */
#define CLI_SUBMIT_OPTIONS                                                                         \
    {.name = "token", .value = "TEXT", .help = "your own name for it: asking again does it once"}, \
    {                                                                                              \
        .name = "author", .value = "ROLE", .help = "who writes it (else your own role)"            \
    }

/* Fills self from its arguments. An exit status. */
int cli_begin(cli_t *self);
void cli_end(cli_t *self);

/* One line on standard error; returns `status`. */
int cli_fail(const cli_t *self, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Usage: as above with the way to the help. */
int cli_misuse(const cli_t *self, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The socket that requests go to; an exit status. */
int cli_socket(cli_t *self, const char **ret_path);
/* Connects unless it is done. An exit status, the failure printed. */
int cli_connect(cli_t *self);

/* Asks once. CLI_OK: *ret_response has status OK. Else the failure is printed. */
int cli_ask(cli_t *self, Kith__Api__Request *request, Kith__Api__Response **ret_response);
/* As above in a loop's own arena. */
int cli_ask_in(cli_t *self, kith_arena_t *arena, int64_t timeout_ms, Kith__Api__Request *request,
               Kith__Api__Response **ret_response);
/* The exit status a response stands for. */
int cli_status_exit(Kith__Api__Status status);

/* Submits a draft under the command's token (with --author and --on-behalf-of), prints what became
 * of it. */
int cli_submit(cli_t *self, Kith__Api__Draft *draft);
/* The same of what a mail becomes (api.proto: Mail). */
int cli_submit_mail(cli_t *self, Kith__Api__Draft *draft, ProtobufCBinaryData mail);
/* The same without printing, and the printing. */
int cli_submit_quietly(cli_t *self, Kith__Api__Draft *draft, Kith__Api__SubmitResponse **ret);
void cli_print_submitted(const cli_t *self, const Kith__Api__SubmitResponse *submitted);

/* Ids as people give them: the whole, or the last 6 or more hex digits of one that is known here.
 * An exit status, the failure printed. */
int cli_short_id(const cli_t *self, const char *text, const char **ret_short);
int cli_notice_id(cli_t *self, const char *text, kith_id_t *ret_id);
int cli_household_id(cli_t *self, const char *text, kith_id_t *ret_id);
/* The same when it is given at all: *ret_bytes stays empty otherwise. In the arena. */
int cli_household_option(cli_t *self, const char *option, ProtobufCBinaryData *ret_bytes);
/* Who the agent is and how it stands. An exit status, the failure printed. */
int cli_ask_status(cli_t *self, kith_arena_t *arena, Kith__Api__StatusResponse **ret_status);
/* Where the feed ends now, for WATCH. */
int cli_feed_end(cli_t *self, kith_arena_t *arena, uint64_t *ret_cursor);
/* This user has looked at all up to there (of a household; empty: of all). An exit status. */
int cli_looked(cli_t *self, ProtobufCBinaryData household, uint64_t up_to, uint64_t *ret_left);
/* The agent's own clock (an exercise's may be moved on). An exit status. */
int cli_now(cli_t *self, int64_t *ret_now_ms);
/* A time of the option: RFC 3339, a date, or a duration from the agent's now (sign: 1 ahead, -1
 * back). 0 when it was not given. Remembers in self->again how to ask for the very same. */
int cli_time_option(cli_t *self, const char *option, int sign, int64_t *ret_unix_ms);
/* The same for this text. */
int cli_time(cli_t *self, const char *option, const char *text, int sign, int64_t *ret_unix_ms);

/* A whole number; *ret_number is untouched when it was not given. An exit status. */
int cli_number(const cli_t *self, const char *option, uint64_t max, uint64_t *ret_number);
/* The same of any text; what: its name in the failure. */
int cli_whole(const cli_t *self, const char *what, const char *text, uint64_t max,
              uint64_t *ret_number);
/* Pounds, "12.50" or "12", as pence; *ret_pence is untouched when it was not given. An exit status.
 */
int cli_amount(const cli_t *self, const char *option, uint64_t *ret_pence);
/* An option's text; "" when it was not given. protobuf-c wants char *. */
char *cli_text(const cli_t *self, const char *option);
/* A list "a,b,c" of the option, which may also stand several times. */
size_t cli_names(const cli_t *self, const char *option, char ***ret_names);
/* --about SYSTEM/ID[:ROLE], several. An exit status. */
int cli_about(cli_t *self, size_t *ret_count, Kith__About ***ret_about);
/* SYSTEM/ID */
int cli_reference(cli_t *self, const char *text, Kith__Reference *ret_reference);

ProtobufCBinaryData cli_bytes_in(kith_arena_t *arena, kith_bytes_t bytes);
ProtobufCBinaryData cli_bytes(const cli_t *self, kith_bytes_t bytes);
ProtobufCBinaryData cli_id_bytes(const cli_t *self, const kith_id_t *id);

/* One line of JSON on standard output; the value is taken. */
void cli_print_json(const cli_t *self, kith_json_t **value_p);
void cli_print_message(const cli_t *self, const ProtobufCMessage *message);
void cli_print_message_in(kith_arena_t *arena, const ProtobufCMessage *message);
