/* kith alert update, cancel, exercise, close: what becomes of an alert of ours. */
#include "agents/cli/commands.h"

static int change(cli_t *cli, Kith__AlertStep step)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__AlertChange body = KITH__ALERT_CHANGE__INIT;
    body.alert = cli_id_bytes(cli, &id);
    body.step = step;
    body.subject = cli_text(cli, "subject");
    body.text = cli_text(cli, "text");
    body.level = cli_text(cli, "level");
    body.reason = cli_text(cli, "reason");
    body.outcome = cli_text(cli, "outcome");
    status = cli_time_option(cli, "reply-by", 1, &body.reply_by_ms);
    if (status != CLI_OK)
        return status;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_ALERT_CHANGE;
    draft.alert_change = &body;
    return cli_submit(cli, &draft);
}

#define STEP(function, name)                                                                       \
    static int function(cli_t *cli)                                                                \
    {                                                                                              \
        return change(cli, KITH__ALERT_STEP__ALERT_##name);                                        \
    }
STEP(run_update, UPDATED)
STEP(run_cancel, CANCELLED)
STEP(run_exercise, EXERCISE)
STEP(run_close, CLOSED)

#define COMMAND(variable, word, about, more_, options_, run_, example_)                            \
    const cli_command_t variable = {                                                               \
        .name = "alert " word,                                                                     \
        .args = "ALERT",                                                                           \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .summary = about,                                                                          \
        .more = more_,                                                                             \
        .example = example_,                                                                       \
        .options = options_,                                                                       \
        .run = run_,                                                                               \
    }

static const cli_option_t update_options[] = {
    {.name = "text", .value = "TEXT", .help = "in place of the text before"},
    {.name = "subject", .value = "TEXT", .help = "in place of the subject before"},
    {.name = "level", .value = "LEVEL", .help = "how serious it is by now"},
    {.name = "reply-by", .value = "TIME", .help = "another time to reply by"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_alert_update, "update", "tell all whom an alert of ours went to what is new",
        "Other words than before are acknowledged anew, and until then they climb.", update_options,
        run_update,
        "kith alert update 77d0aa91b3c4 --text 'Seen at the station at noon' --reply-by 2h");

static const cli_option_t end_options[] = {
    {.name = "reason", .value = "TEXT", .required = true, .help = "why; all are told"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_alert_cancel, "cancel", "take an alert of ours back: nobody owes an answer any more",
        "", end_options, run_cancel,
        "kith alert cancel 77d0aa91b3c4 --reason 'The child was with the grandmother'");
COMMAND(cmd_alert_exercise, "exercise", "say that an alert of ours was an exercise", "",
        end_options, run_exercise,
        "kith alert exercise 77d0aa91b3c4 --reason 'The yearly exercise of the partnership'");

static const cli_option_t close_options[] = {
    {.name = "outcome", .value = "CODE", .required = true, .help = "as your agency codes it"},
    {.name = "text", .value = "TEXT", .help = "what came of it"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_alert_close, "close", "close an alert of ours with its outcome",
        "Only when no row of its board is blank: each agency has answered, or its silence has\n"
        "reached a role there.",
        close_options, run_close, "kith alert close 77d0aa91b3c4 --outcome child-seen");
