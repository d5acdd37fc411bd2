/* kith small-help …, kith pot: a fare, a bed, out of the joined-up pot. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"

#include <stdio.h>

static int submit(cli_t *cli, Kith__Api__Draft *draft, Kith__SmallHelp *body)
{
    int status = cli_amount(cli, "amount", &body->amount);
    if (status != CLI_OK)
        return status;
    draft->body_case = KITH__API__DRAFT__BODY_SMALL_HELP;
    draft->small_help = body;
    return cli_submit(cli, draft);
}

static int run_ask(cli_t *cli)
{
    Kith__SmallHelp body = KITH__SMALL_HELP__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    body.step = KITH__SMALL_HELP_STEP__SMALL_HELP_ASKED;
    body.what = cli_text(cli, "what");
    body.pot = cli_text(cli, "pot");
    body.reason = cli_text(cli, "reason");
    int status = cli_household_option(cli, "household", &draft.household);
    return status == CLI_OK ? submit(cli, &draft, &body) : status;
}

static const cli_option_t ask_options[] = {
    {.name = "household", .value = "ID", .required = true, .help = "the family it is for"},
    {.name = "what", .value = "TEXT", .required = true, .help = "a fare, a bed …"},
    {.name = "amount", .value = "POUNDS", .required = true, .help = "as 12.50"},
    {.name = "pot", .value = "POT", .help = "of the partnership (else its only one)"},
    {.name = "reason", .value = "TEXT", .help = "why"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_small_help_ask = {
    .name = "small-help ask",
    .args = "",
    .summary = "ask for a small sum out of a pot of the partnership",
    .more = "The pot's holder alone decides. `kith pot` says what is left.",
    .example = "kith small-help ask --household 9c41d07e22ab --amount 18.50 \\\n"
               "  --what 'a fare to the sleep clinic'",
    .options = ask_options,
    .run = run_ask,
};

/* ---- its further steps ---- */

static int run_step(cli_t *cli, Kith__SmallHelpStep step)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__SmallHelp body = KITH__SMALL_HELP__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    body.help = cli_id_bytes(cli, &id);
    body.step = step;
    body.reason = cli_text(cli, "reason");
    return submit(cli, &draft, &body);
}

#define STEP(function, name)                                                                       \
    static int function(cli_t *cli)                                                                \
    {                                                                                              \
        return run_step(cli, KITH__SMALL_HELP_STEP__SMALL_HELP_##name);                            \
    }
STEP(run_approve, APPROVED)
STEP(run_decline, DECLINED)
STEP(run_spent, SPENT)
STEP(run_withdraw, WITHDRAWN)

static int run_show(cli_t *cli)
{
    kith_id_t id;
    Kith__Api__ShowResponse *show;
    Kith__Notice *notice;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status == CLI_OK)
        status = show_ask(cli, cli->arena, &id, NULL, &show, &notice);
    if (status != CLI_OK)
        return status;
    if (show->small_help == NULL)
        return cli_fail(cli, CLI_REFUSED, "this notice asks for no small help");
    if (cli->json)
        cli_print_message(cli, &show->small_help->base);
    else {
        puts(show_id(cli->arena, show->small_help->id));
        show_help(cli, show->small_help);
    }
    return CLI_OK;
}

#define COMMAND(variable, word, about, options_, run_, example_)                                   \
    const cli_command_t variable = {                                                               \
        .name = "small-help " word,                                                                \
        .args = "HELP",                                                                            \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .summary = about,                                                                          \
        .more = "",                                                                                \
        .example = example_,                                                                       \
        .options = options_,                                                                       \
        .run = run_,                                                                               \
    }

static const cli_option_t approve_options[] = {
    {.name = "amount", .value = "POUNDS", .help = "less than was asked"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_small_help_approve, "approve", "set the sum aside in the pot that we hold",
        approve_options, run_approve, "kith small-help approve 51be77a0c3d2");

static const cli_option_t reason_options[] = {
    {.name = "reason", .value = "TEXT", .required = true, .help = "why"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_small_help_decline, "decline", "say no to what was asked of our pot", reason_options,
        run_decline,
        "kith small-help decline 51be77a0c3d2 --reason 'The clinic pays the fare itself'");

static const cli_option_t spent_options[] = {
    {.name = "amount", .value = "POUNDS", .required = true, .help = "what it cost at last"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_small_help_spent, "spent", "say what it cost at last; the rest goes back",
        spent_options, run_spent, "kith small-help spent 51be77a0c3d2 --amount 16.20");

COMMAND(cmd_small_help_withdraw, "withdraw", "it is not needed any more: all of it goes back",
        reason_options, run_withdraw,
        "kith small-help withdraw 51be77a0c3d2 --reason 'The clinic came to them'");

COMMAND(cmd_small_help_show, "show", "how it stands", NULL, run_show,
        "kith small-help show 51be77a0c3d2");

/* ---- pots ---- */

static int run_pot(cli_t *cli)
{
    Kith__Api__PotRequest ask = KITH__API__POT_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    if (cli->args.positional_count > 0)
        ask.pot = kith_arena_str(cli->arena, cli->args.positional[0]);
    request.ask_case = KITH__API__REQUEST__ASK_POT;
    request.pot = &ask;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_POT)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    for (size_t i = 0; cli->json && i < response->pot->n_pots; i++)
        cli_print_message(cli, &response->pot->pots[i]->base);
    if (!cli->json)
        show_pots(cli, response->pot);
    return CLI_OK;
}

const cli_command_t cmd_pot = {
    .name = "pot",
    .args = "[POT]",
    .args_max = 1,
    .summary = "what the partnership's pots have left, set aside and spent",
    .more = "At the pot's holder as it is; elsewhere as the holder SAID with its last decision.",
    .example = "kith pot joined-up",
    .run = run_pot,
};
