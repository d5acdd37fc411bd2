/* kith household link, unlink, not-same: which of this agency's own records are a family's. */
#include "agents/cli/commands.h"
#include "agents/cli/text.h"

#include <stdio.h>

static int link_record(cli_t *cli, bool undo, bool not_the_same)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    int status = cli_reference(cli, cli->args.positional[1], &ref);
    kith_id_t household;
    if (status == CLI_OK)
        status = cli_household_id(cli, cli->args.positional[0], &household);
    if (status != CLI_OK)
        return status;
    ask.household = cli_id_bytes(cli, &household);
    ask.ref = &ref;
    ask.why = cli_text(cli, "why");
    ask.undo = undo;
    ask.not_the_same = not_the_same;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_LINK;
    request.link = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (cli->json && response->answer_case == KITH__API__RESPONSE__ANSWER_LINK)
        cli_print_message(cli, &response->link->base);
    else if (!cli->json)
        printf("%s/%s is %s\n", text_line(cli->arena, ref.system), text_line(cli->arena, ref.id),
               undo && not_the_same ? "no longer remembered as not the same family"
               : undo               ? "linked no longer"
               : not_the_same       ? "remembered as not the same family"
                                    : "linked to this household");
    return CLI_OK;
}

static int run_link(cli_t *cli)
{
    return link_record(cli, false, false);
}

static int run_unlink(cli_t *cli)
{
    return link_record(cli, true, false);
}

static int run_not_same(cli_t *cli)
{
    return link_record(cli, args_has(&cli->args, "undo"), true);
}

static const cli_option_t link_options[] = {
    {.name = "why", .value = "TEXT", .required = true, .help = "what you compared"},
    {.name = NULL},
};

static const cli_option_t not_same_options[] = {
    {.name = "why", .value = "TEXT", .required = true, .help = "what you compared"},
    {.name = "undo", .help = "it may be of this household after all"},
    {.name = NULL},
};

const cli_command_t cmd_household_link = {
    .name = "household link",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "a record of your own system belongs to this household",
    .more = "Links are this agency's own and are told to nobody. What names the record from then\n"
            "on is of this household.",
    .example = "kith household link 9c41d07e22ab housing-crm/T-20331 --why 'same tenancy'",
    .options = link_options,
    .run = run_link,
};

const cli_command_t cmd_household_unlink = {
    .name = "household unlink",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "undo a link",
    .more = "",
    .example = "kith household unlink 9c41d07e22ab housing-crm/T-20331 --why 'wrong flat'",
    .options = link_options,
    .run = run_unlink,
};

const cli_command_t cmd_household_not_same = {
    .name = "household not-same",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "remember that a record is not of this household, so that nobody asks again",
    .more = "",
    .example =
        "kith household not-same 9c41d07e22ab housing-crm/T-20332 --why 'other surname'\n"
        "kith household not-same 9c41d07e22ab housing-crm/T-20332 --undo --why 'she married'",
    .options = not_same_options,
    .run = run_not_same,
};
