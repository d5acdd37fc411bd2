/* kith tellings: what this agency's people were told. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "base/limits.h"

#include <stdio.h>

static void add_row(const cli_t *cli, struct table *table, const Kith__Api__Telling *telling)
{
    kith_arena_t *arena = cli->arena;
    bool is_front_door = telling->household.len == 0;
    const char *newest = telling->n_newest > 0 ? telling->newest[0]->summary : "";
    table_row(table, (const char *const[]){
                         kith_arena_printf(arena, "%llu", (unsigned long long)telling->seq),
                         text_time(arena, telling->at_ms),
                         is_front_door ? "" : show_short(arena, telling->household),
                         is_front_door ? "(front door)" : telling->name,
                         telling->reason,
                         kith_arena_printf(arena, "%llu", (unsigned long long)telling->entries),
                         newest,
                     });
    if (telling->urgent)
        table_mark(table);
}

static void print_tellings(const cli_t *cli, const Kith__Api__TellingsResponse *tellings)
{
    static const char *const headers[] = {"TELLING", "AT",      "HOUSEHOLD", "NAME",
                                          "WHY",     "ENTRIES", "NEWEST"};
    struct table *table = table_new(cli->arena, headers, sizeof headers / sizeof *headers);
    for (size_t i = 0; i < tellings->n_tellings; i++) {
        if (cli->json)
            cli_print_message(cli, &tellings->tellings[i]->base);
        else
            add_row(cli, table, tellings->tellings[i]);
    }
    if (cli->json)
        return;
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nobody was told anything.");
    if (tellings->more && tellings->n_tellings > 0)
        printf("There is more: --after %llu\n",
               (unsigned long long)tellings->tellings[tellings->n_tellings - 1]->seq);
    if (tellings->next_digest_ms != 0)
        printf("The next digest: %s\n", text_time(cli->arena, tellings->next_digest_ms));
}

static int run(cli_t *cli)
{
    Kith__Api__TellingsRequest ask = KITH__API__TELLINGS_REQUEST__INIT;
    uint64_t limit = 100;
    int status = cli_number(cli, "limit", KITH_FEED_PAGE_MAX, &limit);
    if (status == CLI_OK)
        status = cli_number(cli, "after", INT64_MAX, &ask.after);
    if (status == CLI_OK && limit == 0)
        status = cli_misuse(cli, "--limit 0 shows nothing: give at least 1");
    if (status != CLI_OK)
        return status;
    ask.limit = (uint32_t)limit;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_TELLINGS;
    request.tellings = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_TELLINGS)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    print_tellings(cli, response->tellings);
    return CLI_OK;
}

static const cli_option_t options[] = {
    {.name = "after", .value = "N", .help = "only what was told after this one"},
    {.name = "limit", .value = "N", .help = "at most so many (100; at most 1000)"},
    {.name = NULL},
};

const cli_command_t cmd_tellings = {
    .name = "tellings",
    .args = "",
    .summary = "what your people were told, and when the next digest is",
    .more = "One telling holds all that is open of one family: what is urgent at once, the rest\n"
            "with the digest, what nobody has looked at once more after the repeat interval.\n"
            "When, says `feed` in the agent's configuration.",
    .example = "kith tellings --after 12",
    .options = options,
    .run = run,
};
