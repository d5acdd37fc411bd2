/* kith offer …: what this agency offers to families, and what its roles know about. */
#include "agents/cli/commands.h"

#include <stdio.h>

static int offer(cli_t *cli, Kith__Api__OfferRequest *ask)
{
    ask->token = cli_bytes(cli, kith_bytes_str(cli->token));
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_OFFER;
    request.offer = ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_OFFER)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    if (cli->json)
        cli_print_message(cli, &response->offer->base);
    else
        puts("Everyone in the partnership is told.");
    return CLI_OK;
}

static int take_places(cli_t *cli, Kith__Service *service)
{
    uint64_t places = 0, free_now = 0;
    int status = cli_number(cli, "places", UINT32_MAX, &places);
    if (status == CLI_OK)
        status = cli_number(cli, "free", UINT32_MAX, &free_now);
    if (status == CLI_OK && args_has(&cli->args, "places") && !args_has(&cli->args, "free"))
        return cli_misuse(cli, "with --places, say how many are --free");
    service->counted = args_has(&cli->args, "free");
    service->places = (uint32_t)places;
    service->free = (uint32_t)free_now;
    return status;
}

static int run_service(cli_t *cli)
{
    Kith__Service service = KITH__SERVICE__INIT;
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    service.id = (char *)(uintptr_t)cli->args.positional[0];
    service.name = cli_text(cli, "name");
    service.n_needs = cli_names(cli, "needs", &service.needs);
    service.what = cli_text(cli, "what");
    service.whom = cli_text(cli, "whom");
    service.not_whom = cli_text(cli, "not-whom");
    service.where = cli_text(cli, "where");
    service.hours = cli_text(cli, "hours");
    ask.service = &service;
    int status = take_places(cli, &service);
    return status == CLI_OK ? offer(cli, &ask) : status;
}

#define OFFER_OPTIONS                                                                              \
    {                                                                                              \
        .name = "token", .value = "TEXT",                                                          \
        .help = "your own name for it: asking again does it once"                                  \
    }

static const cli_option_t service_options[] = {
    {.name = "name", .value = "TEXT", .help = "what it is called"},
    {.name = "what", .value = "TEXT", .help = "what it is"},
    {.name = "needs", .value = "A,B", .help = "the need codes it answers", .many = true},
    {.name = "whom", .value = "TEXT", .help = "for whom"},
    {.name = "not-whom", .value = "TEXT", .help = "for whom not: need codes, roles"},
    {.name = "where", .value = "TEXT", .help = "where"},
    {.name = "hours", .value = "TEXT", .help = "when it is open"},
    {.name = "places", .value = "N", .help = "how many places there are"},
    {.name = "free", .value = "N", .help = "how many are free now"},
    OFFER_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_offer_service = {
    .name = "offer service",
    .args = "SERVICE",
    .args_min = 1,
    .args_max = 1,
    .summary = "offer a service, change it, or say that what is said of it is still so",
    .more = "SERVICE is your own short name of it. What you leave out stays as it was; each call\n"
            "says that somebody has looked at it now.",
    .example = "kith offer service parenting --name 'Parenting group' --needs parenting,sleep \\\n"
               "  --what 'Eight evenings' --whom 'parents of under-tens' --where 'Elm Court' \\\n"
               "  --hours 'Tuesdays 18:00' --places 12 --free 3\n"
               "kith offer service parenting --free 0",
    .options = service_options,
    .run = run_service,
};

static int run_knows(cli_t *cli)
{
    Kith__Knows knows = KITH__KNOWS__INIT;
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    knows.subject = (char *)(uintptr_t)cli->args.positional[0];
    knows.role = cli_text(cli, "role");
    ask.knows = &knows;
    return offer(cli, &ask);
}

static const cli_option_t knows_options[] = {
    {.name = "role", .value = "ROLE", .required = true, .help = "whom to ask, never a mailbox"},
    OFFER_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_offer_knows = {
    .name = "offer knows",
    .args = "SUBJECT",
    .args_min = 1,
    .args_max = 1,
    .summary = "say that a role of this agency knows about a subject",
    .more = "",
    .example = "kith offer knows 'county lines' --role 'exploitation lead'",
    .options = knows_options,
    .run = run_knows,
};

static int run_reach(cli_t *cli)
{
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    ask.phone = cli_text(cli, "phone");
    ask.duty_role = cli_text(cli, "duty-role");
    return offer(cli, &ask);
}

static const cli_option_t reach_options[] = {
    {.name = "phone", .value = "TEXT", .help = "the number to ring"},
    {.name = "duty-role", .value = "ROLE", .help = "who answers it"},
    OFFER_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_offer_reach = {
    .name = "offer reach",
    .args = "",
    .summary = "say how this agency is reached",
    .more = "",
    .example = "kith offer reach --phone '01632 960006' --duty-role 'duty worker'",
    .options = reach_options,
    .run = run_reach,
};

static int run_end(cli_t *cli)
{
    Kith__Service service = KITH__SERVICE__INIT;
    Kith__Knows knows = KITH__KNOWS__INIT;
    Kith__Api__OfferRequest ask = KITH__API__OFFER_REQUEST__INIT;
    service.id = cli_text(cli, "service");
    knows.subject = cli_text(cli, "knows");
    ask.end = true;
    ask.service = args_has(&cli->args, "service") ? &service : NULL;
    ask.knows = args_has(&cli->args, "knows") ? &knows : NULL;
    if (ask.service == NULL && ask.knows == NULL)
        return cli_misuse(cli, "say what ends: --service, or --knows");
    return offer(cli, &ask);
}

static const cli_option_t end_options[] = {
    {.name = "service", .value = "SERVICE", .help = "no longer offered"},
    {.name = "knows", .value = "SUBJECT", .help = "no longer known about here"},
    OFFER_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_offer_end = {
    .name = "offer end",
    .args = "",
    .summary = "a service or a subject is no longer offered",
    .more = "",
    .example = "kith offer end --service parenting",
    .options = end_options,
    .run = run_end,
};
