/* kith snooze, snooze end, snoozes: what this agency keeps out of its feed for a while. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>

static const char *matcher(kith_arena_t *arena, const Kith__Api__Snooze *snooze)
{
    const char *text = "";
    if (snooze->household.len > 0)
        text = kith_arena_printf(arena, "household %s", show_short(arena, snooze->household));
    if (*snooze->kind)
        text = kith_arena_printf(arena, "%s%skind %s", text, *text ? ", " : "", snooze->kind);
    if (*snooze->topic)
        text = kith_arena_printf(arena, "%s%stopic %s", text, *text ? ", " : "", snooze->topic);
    return text;
}

/* Sets one or ends one: what it is now. */
static int ask_snooze(cli_t *cli, Kith__Api__SnoozeRequest *ask)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SNOOZE;
    request.snooze = ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_SNOOZE)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    const Kith__Api__Snooze *snooze = response->snooze;
    if (cli->json)
        cli_print_message(cli, &snooze->base);
    else if (ask->end != 0)
        printf("Ended; it hid %llu.\n", (unsigned long long)snooze->hid);
    else
        printf("Snooze %llu until %s: %s\n", (unsigned long long)snooze->seq,
               text_time(cli->arena, snooze->until_ms),
               text_line(cli->arena, matcher(cli->arena, snooze)));
    return CLI_OK;
}

static int run_snooze(cli_t *cli)
{
    Kith__Api__Snooze snooze = KITH__API__SNOOZE__INIT;
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    int status = cli_time_option(cli, "until", 1, &snooze.until_ms);
    if (status == CLI_OK)
        status = cli_household_option(cli, "household", &snooze.household);
    if (status != CLI_OK)
        return status;
    snooze.kind = cli_text(cli, "kind");
    snooze.topic = cli_text(cli, "topic");
    snooze.why = cli_text(cli, "why");
    ask.snooze = &snooze;
    return ask_snooze(cli, &ask);
}

static const cli_option_t snooze_options[] = {
    {.name = "until",
     .value = "TIME",
     .required = true,
     .help = "when it ends (8h, 2026-03-29T09:00:00Z): at most 30 days ahead"},
    {.name = "why", .value = "TEXT", .required = true, .help = "kept beside what it hides"},
    {.name = "household", .value = "HOUSEHOLD", .help = "of this family only"},
    {.name = "kind", .value = "KIND", .help = "of this kind only: event, referral, household …"},
    {.name = "topic", .value = "TOPIC", .help = "of this topic only, or police.*"},
    {.name = NULL},
};

const cli_command_t cmd_snooze = {
    .name = "snooze",
    .args = "",
    .summary = "keep what fits out of the feed for a while",
    .more = "All that is said must fit; something must be said. What is urgent is never snoozed,\n"
            "nor is a silence. When it ends, what it hid comes to the end of the feed as new, and\n"
            "is told if nobody has acknowledged it. kith feed --all shows it meanwhile.",
    .example = "kith snooze --household 9c41d07e22ab --topic police.call-out --until 8h \\\n"
               "  --why 'the visit is tonight'",
    .options = snooze_options,
    .run = run_snooze,
};

static int run_end(cli_t *cli)
{
    Kith__Api__SnoozeRequest ask = KITH__API__SNOOZE_REQUEST__INIT;
    int status = cli_whole(cli, "the snooze", cli->args.positional[0], INT64_MAX, &ask.end);
    if (status == CLI_OK && ask.end == 0)
        status = cli_misuse(cli, "snoozes are numbered from 1: see kith snoozes");
    return status == CLI_OK ? ask_snooze(cli, &ask) : status;
}

const cli_command_t cmd_snooze_end = {
    .name = "snooze end",
    .args = "NUMBER",
    .args_min = 1,
    .args_max = 1,
    .summary = "end a snooze now: what it hid is in the feed at once",
    .more = "",
    .example = "kith snooze end 3",
    .options = NULL,
    .run = run_end,
};

static void add_row(const cli_t *cli, struct table *table, const Kith__Api__Snooze *snooze)
{
    kith_arena_t *arena = cli->arena;
    const char *end =
        snooze->ended_ms == 0
            ? text_time(arena, snooze->until_ms)
            : kith_arena_printf(arena, "ended %s%s%s", text_time(arena, snooze->ended_ms),
                                *snooze->ended_by ? " by " : "", snooze->ended_by);
    table_row(table, (const char *const[]){
                         kith_arena_printf(arena, "%llu", (unsigned long long)snooze->seq),
                         matcher(arena, snooze),
                         text_time(arena, snooze->from_ms),
                         end,
                         kith_arena_printf(arena, "%llu", (unsigned long long)snooze->hid),
                         snooze->by,
                         snooze->why,
                     });
}

static int run_snoozes(cli_t *cli)
{
    static const char *const headers[] = {"SNOOZE", "WHAT", "FROM", "UNTIL", "HID", "BY", "WHY"};
    Kith__Api__SnoozesRequest ask = KITH__API__SNOOZES_REQUEST__INIT;
    ask.ended = args_has(&cli->args, "all");
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_SNOOZES;
    request.snoozes = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_SNOOZES)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    struct table *table = table_new(cli->arena, headers, sizeof headers / sizeof *headers);
    for (size_t i = 0; i < response->snoozes->n_snoozes; i++) {
        if (cli->json)
            cli_print_message(cli, &response->snoozes->snoozes[i]->base);
        else
            add_row(cli, table, response->snoozes->snoozes[i]);
    }
    if (cli->json)
        return CLI_OK;
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nothing is snoozed.");
    return CLI_OK;
}

static const cli_option_t snoozes_options[] = {
    {.name = "all", .help = "also those that have ended: the newest 1000"},
    {.name = NULL},
};

const cli_command_t cmd_snoozes = {
    .name = "snoozes",
    .args = "",
    .summary = "what is snoozed: by whom, why, until when, and what it hid",
    .more = "",
    .example = "kith snoozes --all",
    .options = snoozes_options,
    .run = run_snoozes,
};
