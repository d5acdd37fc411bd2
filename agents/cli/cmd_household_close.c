/* kith household close, reopen and lead: how the work with a family ends, begins again, and who
 * leads it. */
#include "agents/cli/commands.h"

static int close_or_reopen(cli_t *cli, bool reopened)
{
    Kith__Closing closing = KITH__CLOSING__INIT;
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    Kith__Lead lead = KITH__LEAD__INIT;
    closing.reopened = reopened;
    closing.reason = cli_text(cli, "reason");
    closing.outcome = cli_text(cli, "outcome");
    closing.need_met = cli_text(cli, "need-met");
    closing.not_asked = cli_text(cli, "not-asked");
    change.closing = &closing;
    if (args_has(&cli->args, "successor") != args_has(&cli->args, "role"))
        return cli_misuse(cli, "--successor and --role go together");
    if (args_has(&cli->args, "successor")) {
        lead.agency = cli_text(cli, "successor");
        lead.role = cli_text(cli, "role");
        lead.read_first = cli_text(cli, "read-first");
        lead.reason = closing.outcome;
        change.lead = &lead;
    }
    return cli_household_change(cli, &change);
}

static int run_close(cli_t *cli)
{
    return close_or_reopen(cli, false);
}

static int run_reopen(cli_t *cli)
{
    return close_or_reopen(cli, true);
}

static const cli_option_t close_options[] = {
    {.name = "outcome", .value = "CODE", .required = true, .help = "as your agency codes it"},
    {.name = "need-met", .value = "yes|no", .help = "the family's own answer"},
    {.name = "not-asked", .value = "WHY", .help = "why the family was not asked"},
    {.name = "successor", .value = "AGENCY", .help = "who reads on what comes afterwards"},
    {.name = "role", .value = "ROLE", .help = "its role that does"},
    {.name = "read-first", .value = "TEXT", .help = "what the successor is to read first"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_close = {
    .name = "household close",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "the work with a family ends, by the family's own word",
    .more =
        "Refused while an alert or a referral of the family is open. What comes afterwards is\n"
        "shown and flagged. Without a successor the closing is an alert: household show says so.",
    .example = "kith household close 9c41d07e22ab --outcome goals-reached --need-met yes \\\n"
               "  --successor health --role 'family worker' --read-first 'The plan of March'",
    .options = close_options,
    .run = run_close,
};

static const cli_option_t reopen_options[] = {
    {.name = "reason", .value = "TEXT", .required = true, .help = "why the work begins again"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_reopen = {
    .name = "household reopen",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "the work with a family begins again",
    .more = "",
    .example = "kith household reopen 9c41d07e22ab --reason 'Call-outs again since June'",
    .options = reopen_options,
    .run = run_reopen,
};

static int run_lead(cli_t *cli)
{
    Kith__Lead lead = KITH__LEAD__INIT;
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    int status = cli_time_option(cli, "from", -1, &lead.from_ms);
    if (status != CLI_OK)
        return status;
    lead.agency = (char *)(uintptr_t)cli->args.positional[1];
    lead.role = cli_text(cli, "role");
    lead.read_first = cli_text(cli, "read-first");
    lead.reason = cli_text(cli, "reason");
    change.lead = &lead;
    return cli_household_change(cli, &change);
}

static const cli_option_t lead_options[] = {
    {.name = "role", .value = "ROLE", .required = true, .help = "a role, never a mailbox"},
    {.name = "read-first", .value = "TEXT", .help = "what the successor is to read first"},
    {.name = "reason", .value = "TEXT", .help = "why it is handed over"},
    {.name = "from", .value = "TIME", .help = "since when (2026-03-01, 7d)"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_lead = {
    .name = "household lead",
    .args = "HOUSEHOLD AGENCY",
    .args_min = 2,
    .args_max = 2,
    .summary = "hand the lead to a role of an agency",
    .more = "From one lead to another with --reason and --read-first: the successor is asked to\n"
            "read it, and household show lists what nobody there has acknowledged yet.",
    .example = "kith household lead 9c41d07e22ab early-help --role 'family worker' \\\n"
               "  --reason 'Closer to the family' --read-first 'The plan of March, and the alert'",
    .options = lead_options,
    .run = run_lead,
};
