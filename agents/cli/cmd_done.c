/* kith done: a person ends a task that nothing else will end. */
#include "agents/cli/commands.h"

#include <stdio.h>

static int run(cli_t *cli)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = cli_id_bytes(cli, &id);
    ask.kind = cli_text(cli, "kind");
    ask.why = cli_text(cli, "why");
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_DONE;
    request.done = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_DONE)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    if (cli->json)
        cli_print_message(cli, &response->done->base);
    else
        printf("%u ended.\n", response->done->ended);
    return CLI_OK;
}

static const cli_option_t options[] = {
    {.name = "kind", .value = "KIND", .help = "only this task of the notice (else all)"},
    {.name = "why", .value = "TEXT", .help = "kept with the task"},
    {.name = NULL},
};

const cli_command_t cmd_done = {
    .name = "done",
    .args = "NOTICE",
    .args_min = 1,
    .args_max = 1,
    .summary = "end what waits in the inbox for this notice",
    .more = "What asks for an answer ends by the answer: kith accept, decline or reply.",
    .example = "kith done 9c41d07e22ab --kind front-door --why 'names no family we know'",
    .options = options,
    .run = run,
};
