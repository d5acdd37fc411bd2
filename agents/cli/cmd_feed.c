/* kith feed: what came in, of one family or of all. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "base/limits.h"

#include <stdio.h>

#define TURN_BYTES_MAX (64u * 1024u * 1024u)
/* Rows of one table, which is held until all their widths are known. */
#define LIMIT_MAX 100000u

static int fill(cli_t *cli, Kith__Api__FeedRequest *ask, uint64_t *ret_limit)
{
    *ret_limit = 100;
    int status = cli_number(cli, "limit", LIMIT_MAX, ret_limit);
    if (status == CLI_OK)
        status = cli_number(cli, "after", INT64_MAX, &ask->after);
    if (status == CLI_OK)
        status = cli_time_option(cli, "from", -1, &ask->from_ms);
    if (status != CLI_OK)
        return status;
    ask->by_time = args_has(&cli->args, "by-time") || ask->from_ms != 0;
    ask->front_door = args_has(&cli->args, "front-door");
    if (cli->args.positional_count > 0) {
        kith_id_t id;
        status = cli_household_id(cli, cli->args.positional[0], &id);
        ask->household = cli_id_bytes(cli, &id);
    } else if (ask->by_time && !ask->front_door) {
        return cli_misuse(cli, "--by-time and --from need a household, or --front-door");
    }
    return status;
}

static void print_entries(cli_t *cli, kith_arena_t *arena, struct table *table,
                          const Kith__Api__FeedResponse *feed)
{
    for (size_t i = 0; i < feed->n_entries; i++) {
        if (cli->json)
            cli_print_message_in(arena, &feed->entries[i]->base);
        else
            show_feed_row(cli->arena, table, feed->entries[i]);
    }
}

static void print_end(cli_t *cli, struct table *table, const Kith__Api__FeedResponse *feed,
                      bool more)
{
    if (cli->json)
        return;
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nothing has arrived.");
    if (more)
        printf("There is more: --after %llu\n", (unsigned long long)feed->cursor);
    if (feed->n_silent > 0)
        printf("Agents that are silent: %s\n",
               show_silences(cli->arena, feed->silent, feed->n_silent));
}

static int run(cli_t *cli)
{
    Kith__Api__FeedRequest ask = KITH__API__FEED_REQUEST__INIT;
    uint64_t left;
    int status = fill(cli, &ask, &left);
    kith_arena_t *arena = kith_arena_new(TURN_BYTES_MAX);
    struct table *table = show_feed_table(cli->arena);
    bool more = true;
    while (status == CLI_OK && more) {
        kith_arena_reset(arena);
        ask.limit = (uint32_t)(left < KITH_FEED_PAGE_MAX ? left : KITH_FEED_PAGE_MAX);
        Kith__Api__Request request = KITH__API__REQUEST__INIT;
        request.ask_case = KITH__API__REQUEST__ASK_FEED;
        request.feed = &ask;
        Kith__Api__Response *response = NULL;
        status = cli_ask_in(cli, arena, cli->timeout_ms, &request, &response);
        if (status != CLI_OK)
            break;
        if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED) {
            status = cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
            break;
        }
        const Kith__Api__FeedResponse *feed = response->feed;
        print_entries(cli, arena, table, feed);
        ask.after = feed->cursor;
        left -= feed->n_entries < left ? feed->n_entries : left;
        more = feed->more && left > 0 && feed->n_entries > 0;
        if (!more)
            print_end(cli, table, feed, feed->more);
    }
    kith_arena_destroy(&arena);
    return status;
}

static const cli_option_t options[] = {
    {.name = "after", .value = "N", .help = "only what came after this place (seq)"},
    {.name = "limit", .value = "N", .help = "at most so many entries (100)"},
    {.name = "by-time", .help = "in the order things happened"},
    {.name = "from", .value = "TIME", .help = "what happened since then (7d, 2026-03-01)"},
    {.name = "front-door", .help = "only what names no known household"},
    {.name = NULL},
};

const cli_command_t cmd_feed = {
    .name = "feed",
    .args = "[HOUSEHOLD]",
    .args_max = 1,
    .summary = "what came in: of one family, or all",
    .more = "Nothing arrived and an agent that is silent are different lines. With --json one\n"
            "entry a line; who is silent stands in `kith status --json`.",
    .example = "kith feed 9c41d07e22ab --from 7d",
    .options = options,
    .run = run,
};
