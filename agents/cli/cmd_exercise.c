/* kith exercise clock: moves an agent's clock on, in an exercise partnership only. */
#include "agents/cli/commands.h"
#include "base/text.h"

#include <stdio.h>

static int run(cli_t *cli)
{
    Kith__Api__ClockRequest ask = KITH__API__CLOCK_REQUEST__INIT;
    if (kith_time_parse(cli->args.positional[0], &ask.now_ms) != KITH_OK)
        return cli_misuse(cli, "TIME is as 2026-03-29T09:00:00Z or 2026-03-29");
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_CLOCK;
    request.clock = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_CLOCK)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    char text[KITH_TIME_TEXT_SIZE];
    kith_time_text(response->clock->now_ms, text);
    if (cli->json)
        cli_print_message(cli, &response->clock->base);
    else
        printf("The agent's clock says %s.\n", text);
    return CLI_OK;
}

const cli_command_t cmd_exercise_clock = {
    .name = "exercise clock",
    .args = "TIME",
    .args_min = 1,
    .args_max = 1,
    .summary = "move the agent's clock on to TIME; exercises only",
    .more = "A clock moves forward only.",
    .example = "kith exercise clock 2026-03-29T09:00:00Z",
    .run = run,
};
