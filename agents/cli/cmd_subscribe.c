/* kith subscribe and unsubscribe: what this agency wants to be told. */
#include "agents/cli/commands.h"
#include "agents/cli/text.h"

#include <stdio.h>

static int ask_one(cli_t *cli, const char *topic, bool end, Kith__Api__SubscribeResponse **ret)
{
    Kith__Api__SubscribeRequest ask = KITH__API__SUBSCRIBE_REQUEST__INIT;
    ask.topic = (char *)(uintptr_t)topic;
    ask.end = end;
    ask.token = cli_bytes(cli, kith_bytes_str(cli->token));
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SUBSCRIBE;
    request.subscribe = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_SUBSCRIBE)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    *ret = response->subscribe;
    return CLI_OK;
}

static int change(cli_t *cli, bool end)
{
    Kith__Api__SubscribeResponse *now = NULL;
    int status = ask_one(cli, cli->args.positional[0], end, &now);
    if (status != CLI_OK)
        return status;
    if (cli->json) {
        cli_print_message(cli, &now->base);
        return CLI_OK;
    }
    puts(now->n_topics > 0 ? "Subscribed to:" : "Subscribed to nothing.");
    for (size_t i = 0; i < now->n_topics; i++)
        printf("  %s\n", text_line(cli->arena, now->topics[i]));
    return CLI_OK;
}

static int run_subscribe(cli_t *cli)
{
    return change(cli, false);
}

static int run_unsubscribe(cli_t *cli)
{
    return change(cli, true);
}

static const cli_option_t options[] = {
    {.name = "token", .value = "TEXT", .help = "your own name for it: asking again does it once"},
    {.name = NULL},
};

const cli_command_t cmd_subscribe = {
    .name = "subscribe",
    .args = "TOPIC",
    .args_min = 1,
    .args_max = 1,
    .summary = "this agency wants to be told what is published under TOPIC",
    .more = "The partnership file says who may subscribe to what.",
    .example = "kith subscribe safeguarding.concern",
    .options = options,
    .run = run_subscribe,
};

const cli_command_t cmd_unsubscribe = {
    .name = "unsubscribe",
    .args = "TOPIC",
    .args_min = 1,
    .args_max = 1,
    .summary = "end a subscription",
    .more = "",
    .example = "kith unsubscribe safeguarding.concern",
    .options = options,
    .run = run_unsubscribe,
};
