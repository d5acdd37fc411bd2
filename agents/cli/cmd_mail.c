/* kith mail: what came by email and waits for a person; kith done ends it. */
#include "agents/cli/commands.h"
#include "agents/cli/show_lines.h"

#include <stdio.h>

/* The mail of the first argument. An exit status, the failure printed. */
static int ask_mail(cli_t *cli, Kith__Api__Mail **ret_mail)
{
    const char *text = cli->args.positional[0], *digits = "";
    kith_id_t id;
    Kith__Api__MailRequest ask = KITH__API__MAIL_REQUEST__INIT;
    if (kith_id_parse(text, &id) == KITH_OK)
        ask.id = cli_id_bytes(cli, &id);
    else if (cli_short_id(cli, text, &digits) != CLI_OK)
        return CLI_USAGE;
    ask.short_id = kith_arena_str(cli->arena, digits);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_MAIL;
    request.mail = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_MAIL)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    *ret_mail = response->mail;
    return CLI_OK;
}

/* ---- show ---- */

static void print_draft(const cli_t *cli, const Kith__Api__Draft *draft)
{
    if (draft == NULL)
        return;
    if (draft->body_case == KITH__API__DRAFT__BODY_REPLY) {
        show_line(cli, "would be", "an answer to the alert");
        show_line(cli, "alert", show_id(cli->arena, draft->reply->alert));
        show_line(cli, "answer", word(cli, &kith__answer__descriptor, (int)draft->reply->answer));
    } else if (draft->body_case == KITH__API__DRAFT__BODY_ALERT) {
        show_line(cli, "would be", "an alert");
        show_line(cli, "household", show_id(cli->arena, draft->household));
    }
}

static void print_mail(const cli_t *cli, const Kith__Api__Mail *mail)
{
    puts(show_id(cli->arena, mail->id));
    show_line(cli, "kind", mail->kind);
    show_line(cli, "waits for", mail->ended_ms == 0 ? mail->why : "");
    show_line(cli, "from", mail->from);
    show_line(cli, "subject", mail->subject);
    show_line(cli, "received", text_time(cli->arena, mail->received_ms));
    print_draft(cli, mail->draft);
    show_line(cli, "ended", mail->ended_ms != 0 ? text_time(cli->arena, mail->ended_ms) : "");
    show_line(cli, "ended by", mail->ended_by);
    show_line(cli, "became", mail->became.len > 0 ? show_id(cli->arena, mail->became) : "");
    show_line(cli, "text", mail->text);
}

static int run_show(cli_t *cli)
{
    Kith__Api__Mail *mail = NULL;
    int status = ask_mail(cli, &mail);
    if (status != CLI_OK)
        return status;
    if (cli->json)
        cli_print_message(cli, &mail->base);
    else
        print_mail(cli, mail);
    return CLI_OK;
}

const cli_command_t cmd_mail_show = {
    .name = "mail show",
    .args = "MAIL",
    .args_min = 1,
    .args_max = 1,
    .summary = "a mail that came here, and what it would become",
    .more = "Nothing was done by it: `waits for` says why. kith mail send makes of it what it\n"
            "would be, kith done ends it without.",
    .example = "kith mail show 5b1d07e22ab9",
    .options = NULL,
    .run = run_show,
};

/* ---- send ---- */

/* What the options say stands in place of what the mail said. */
static int fill_reply(cli_t *cli, Kith__Reply *reply)
{
    int value = (int)reply->answer;
    const char *word = cli_text(cli, "answer");
    if (*word != '\0' && !kith_enum_value(&kith__answer__descriptor, word, &value))
        return cli_misuse(
            cli, "%s is no answer: acting, known-no-action, nothing-known or cannot-share", word);
    reply->answer = (Kith__Answer)value;
    if (args_has(&cli->args, "reason"))
        reply->reason = cli_text(cli, "reason");
    if (args_has(&cli->args, "text"))
        reply->text = cli_text(cli, "text");
    return CLI_OK;
}

static int fill_alert(cli_t *cli, Kith__Api__Draft *draft)
{
    if (args_has(&cli->args, "subject"))
        draft->alert->subject = cli_text(cli, "subject");
    if (args_has(&cli->args, "text"))
        draft->alert->text = cli_text(cli, "text");
    int status = args_has(&cli->args, "household")
                     ? cli_household_option(cli, "household", &draft->household)
                     : CLI_OK;
    int64_t reply_by_ms = 0;
    if (status == CLI_OK)
        status = cli_time_option(cli, "reply-by", 1, &reply_by_ms);
    if (reply_by_ms != 0)
        draft->alert->reply_by_ms = reply_by_ms;
    return status;
}

static int run_send(cli_t *cli)
{
    Kith__Api__Mail *mail = NULL;
    int status = ask_mail(cli, &mail);
    if (status != CLI_OK)
        return status;
    Kith__Api__Draft *draft = mail->draft;
    if (draft != NULL && draft->body_case == KITH__API__DRAFT__BODY_REPLY)
        status = fill_reply(cli, draft->reply);
    else if (draft != NULL && draft->body_case == KITH__API__DRAFT__BODY_ALERT)
        status = fill_alert(cli, draft);
    else
        return cli_fail(cli, CLI_REFUSED,
                        "this mail would become nothing: kith alert or kith reply say it anew, "
                        "kith done ends it");
    return status == CLI_OK ? cli_submit_mail(cli, draft, mail->id) : status;
}

static const cli_option_t send_options[] = {
    {.name = "answer", .value = "ANSWER", .help = "of a reply: what it is to say"},
    {.name = "reason", .value = "TEXT", .help = "of a reply: why it cannot be shared"},
    {.name = "household", .value = "ID", .help = "of an alert: the family it is about"},
    {.name = "subject", .value = "TEXT", .help = "of an alert: one line; name nobody in it"},
    {.name = "reply-by", .value = "TIME", .help = "of an alert: 2h from now, or a time"},
    {.name = "text", .value = "TEXT", .help = "in place of the mail's own words"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_mail_send = {
    .name = "mail send",
    .args = "MAIL",
    .args_min = 1,
    .args_max = 1,
    .summary = "make of a mail what it would be: the alert, or the answer",
    .more = "Options stand in place of what the mail says. It is sent once: who comes second is\n"
            "refused (mail-became).",
    .example = "kith mail send 5b1d07e22ab9 --answer nothing-known",
    .options = send_options,
    .run = run_send,
};
