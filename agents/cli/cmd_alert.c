/* kith alert and reply: one email that brings an answer from every agency. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"

#include <stdio.h>
#include <string.h>

/* How long one WATCH is held while waiting for replies: also what comes by no feed entry (an
 * agency whose time is over) is noticed this often. */
#define WAIT_MS        10000u
#define TURN_BYTES_MAX (64u * 1024u * 1024u)

/* ---- waiting for every answer ---- */

/* Held by the agent until something arrives. */
static int watch(cli_t *cli, kith_arena_t *arena, uint64_t *cursor)
{
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    ask.after = *cursor;
    ask.wait_ms = WAIT_MS;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask_in(cli, arena, WAIT_MS + cli->timeout_ms, &request, &response);
    if (status == CLI_OK && response->answer_case == KITH__API__RESPONSE__ANSWER_FEED)
        *cursor = response->feed->cursor;
    return status;
}

static void print_board(cli_t *cli, const Kith__Api__ShowResponse *show, const Kith__Notice *notice)
{
    if (cli->json) {
        kith_json_t *object = show_to_json(show, notice);
        cli_print_json(cli, &object);
        return;
    }
    show_board(cli, show->board);
}

/* Until everyone has answered, or the time of all who have not is over. */
static int wait_for_all(cli_t *cli, const kith_id_t *id)
{
    kith_arena_t *arena = kith_arena_new(TURN_BYTES_MAX);
    uint64_t cursor = 0;
    size_t silent = 0;
    int status = cli_feed_end(cli, arena, &cursor); /* before the first look: no reply is missed */
    for (bool waiting = true; waiting && status == CLI_OK;) {
        kith_arena_reset(arena);
        Kith__Api__ShowResponse *show;
        Kith__Notice *notice;
        size_t overdue;
        status = show_ask(cli, arena, id, NULL, &show, &notice);
        if (status != CLI_OK)
            break;
        if (show->board == NULL) {
            status = cli_fail(cli, CLI_REFUSED, "this notice has no board");
            break;
        }
        silent = show_silent(show->board, &overdue);
        waiting = silent > overdue && show->board->ended_ms == 0;
        if (waiting)
            status = watch(cli, arena, &cursor);
        else
            print_board(cli, show, notice);
    }
    kith_arena_destroy(&arena);
    return status == CLI_OK && silent > 0 ? CLI_AGAIN : status;
}

/* ---- alert ---- */

static int submit_and_wait(cli_t *cli, Kith__Api__Draft *draft)
{
    if (!args_has(&cli->args, "wait"))
        return cli_submit(cli, draft);
    Kith__Api__SubmitResponse *submitted;
    int status = cli_submit_quietly(cli, draft, &submitted);
    if (status != CLI_OK)
        return status;
    kith_id_t id;
    ProtobufCBinaryData alert = submitted->updates.len > 0 ? submitted->updates : submitted->id;
    if (alert.len != sizeof id.bytes)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    if (!cli->json) {
        cli_print_submitted(cli, submitted);
        (void)fflush(stdout); /* whoever interrupts the wait knows what to look for */
    }
    memcpy(id.bytes, alert.data, sizeof id.bytes);
    return wait_for_all(cli, &id);
}

static int run_alert(cli_t *cli)
{
    Kith__Alert alert = KITH__ALERT__INIT;
    alert.subject = cli_text(cli, "subject");
    alert.text = cli_text(cli, "text");
    alert.level = cli_text(cli, "level");
    alert.dedupe_key = cli_text(cli, "dedupe-key");
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_ALERT;
    draft.alert = &alert;
    draft.n_to = cli_names(cli, "to", &draft.to);
    int status = cli_household_option(cli, "household", &draft.household);
    if (status == CLI_OK)
        status = cli_about(cli, &alert.n_about, &alert.about);
    if (status == CLI_OK)
        status = cli_time_option(cli, "reply-by", 1, &alert.reply_by_ms);
    return status == CLI_OK ? submit_and_wait(cli, &draft) : status;
}

static const cli_option_t alert_options[] = {
    {.name = "household", .value = "ID", .required = true, .help = "the family it is about"},
    {.name = "subject", .value = "TEXT", .required = true, .help = "one line; name nobody in it"},
    {.name = "text", .value = "TEXT", .required = true, .help = "what happened, what is asked"},
    {.name = "reply-by",
     .value = "TIME",
     .required = true,
     .help = "2h from now, or 2026-03-29T17:00:00Z"},
    {.name = "to",
     .value = "A,B",
     .help = "only these (else everyone around the family)",
     .many = true},
    {.name = "about", .value = "SYSTEM/ID[:ROLE]", .help = "your record of a person", .many = true},
    {.name = "level", .value = "LEVEL", .help = "how serious, as the partnership's levels"},
    {.name = "dedupe-key",
     .value = "TEXT",
     .help = "your own name of the matter: while open, the same again updates it"},
    {.name = "wait", .help = "until all have answered or their time is over; then the board"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_alert = {
    .name = "alert",
    .args = "",
    .summary = "ask every agency around a family for an answer",
    .more = "With --wait it ends with 75 when an agency stayed silent; interrupting it takes\n"
            "nothing back. What becomes of it: kith alert update, cancel, exercise, close.",
    .example = "kith alert --household 9c41d07e22ab --subject 'Not seen since Monday' \\\n"
               "  --text 'Has anyone seen the younger child?' --reply-by 2h --wait",
    .options = alert_options,
    .run = run_alert,
};

/* ---- reply ---- */

static int run_reply(cli_t *cli)
{
    int value;
    if (!kith_enum_value(&kith__answer__descriptor, cli->args.positional[1], &value))
        return cli_misuse(cli,
                          "%s is no answer: acting, known-no-action, nothing-known or "
                          "cannot-share",
                          cli->args.positional[1]);
    if (value == (int)KITH__ANSWER__ANSWER_CANNOT_SHARE && !args_has(&cli->args, "reason"))
        return cli_misuse(cli, "cannot-share needs --reason");
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__Reply reply = KITH__REPLY__INIT;
    reply.alert = cli_id_bytes(cli, &id);
    reply.answer = (Kith__Answer)value;
    reply.reason = cli_text(cli, "reason");
    reply.text = cli_text(cli, "text");
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_REPLY;
    draft.reply = &reply;
    return cli_submit(cli, &draft);
}

static const cli_option_t reply_options[] = {
    {.name = "text", .value = "TEXT", .help = "what you know, what you do"},
    {.name = "reason", .value = "TEXT", .help = "why it cannot be shared"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_reply = {
    .name = "reply",
    .args = "ALERT ANSWER",
    .args_min = 2,
    .args_max = 2,
    .summary = "answer an alert",
    .more =
        "ANSWER: acting, known-no-action, nothing-known, cannot-share (with --reason). Nothing\n"
        "known is an answer too; only silence is none.",
    .example = "kith reply 77d0aa91b3c4 nothing-known",
    .options = reply_options,
    .run = run_reply,
};
