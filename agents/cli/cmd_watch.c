/* kith watch: the feed as it comes, until interrupted. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"

#include <stdio.h>

/* One request is held by the agent at most so long, then asked again. */
#define WAIT_MS        30000u
#define TURN_BYTES_MAX (64u * 1024u * 1024u)

/* One held request; prints what came. */
static int watch(cli_t *cli, kith_arena_t *arena, uint64_t *cursor, uint64_t *left)
{
    Kith__Api__WatchRequest ask = KITH__API__WATCH_REQUEST__INIT;
    ask.after = *cursor;
    ask.wait_ms = WAIT_MS;
    ask.limit = *left < 100 ? (uint32_t)*left : 100;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_WATCH;
    request.watch = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask_in(cli, arena, WAIT_MS + cli->timeout_ms, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    const Kith__Api__FeedResponse *feed = response->feed;
    for (size_t i = 0; i<feed->n_entries && * left> 0; i++, (*left)--) {
        if (cli->json)
            cli_print_message_in(arena, &feed->entries[i]->base);
        else
            show_feed_line(arena, feed->entries[i]);
    }
    if (fflush(stdout) != 0)
        return CLI_IO;
    *cursor = feed->cursor;
    return CLI_OK;
}

static int run(cli_t *cli)
{
    uint64_t left = UINT64_MAX, cursor = 0;
    kith_arena_t *arena = kith_arena_new(TURN_BYTES_MAX);
    int status = cli_number(cli, "count", UINT32_MAX, &left);
    if (status == CLI_OK)
        status = cli_number(cli, "after", INT64_MAX, &cursor);
    if (status == CLI_OK && !args_has(&cli->args, "after"))
        status = cli_feed_end(cli, arena, &cursor);
    while (status == CLI_OK && left > 0) {
        kith_arena_reset(arena);
        status = watch(cli, arena, &cursor, &left);
    }
    kith_arena_destroy(&arena);
    return status;
}

static const cli_option_t options[] = {
    {.name = "after", .value = "N", .help = "from this place on (seq); 0: all (else: from now)"},
    {.name = "count", .value = "N", .help = "end after so many entries"},
    {.name = NULL},
};

const cli_command_t cmd_watch = {
    .name = "watch",
    .args = "",
    .summary = "print the feed as it comes, until interrupted",
    .more = "The seq of the last entry is where a program goes on after a restart: --after SEQ.",
    .example = "kith watch --json --after 0",
    .options = options,
    .run = run,
};
