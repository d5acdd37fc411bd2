/* kith feed: what came in, of one family or of all. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "base/limits.h"

#include <stdio.h>

/* Rows of one table, which is held until all their widths are known. */
#define LIMIT_MAX 100000u
/* Entries of one household that are read to find the last ones. */
#define READ_MAX 200000u

/* What was asked for, and what has come of it. */
typedef struct reading {
    cli_t *cli;
    Kith__Api__FeedRequest ask;
    uint64_t limit;
    bool last; /* the last ones: no place or time to begin at was given */
    size_t count, room;
    Kith__Api__FeedEntry **entries;
    const Kith__Api__FeedResponse *page; /* the newest */
} reading_t;

static int fill(reading_t *r)
{
    cli_t *cli = r->cli;
    Kith__Api__FeedRequest *ask = &r->ask;
    int status = cli_number(cli, "limit", LIMIT_MAX, &r->limit);
    if (status == CLI_OK && r->limit == 0)
        return cli_misuse(cli, "--limit 0 shows nothing: give at least 1");
    if (status == CLI_OK)
        status = cli_number(cli, "after", INT64_MAX, &ask->after);
    if (status == CLI_OK)
        status = cli_time_option(cli, "from", -1, &ask->from_ms);
    if (status != CLI_OK)
        return status;
    ask->by_time = args_has(&cli->args, "by-time") || ask->from_ms != 0;
    ask->front_door = args_has(&cli->args, "front-door");
    ask->fresh = args_has(&cli->args, "fresh");
    ask->snoozed = args_has(&cli->args, "all");
    r->last = !args_has(&cli->args, "after") && ask->from_ms == 0 && !ask->fresh;
    if (args_has(&cli->args, "mark") &&
        (!ask->fresh || ask->by_time || args_has(&cli->args, "after")))
        return cli_misuse(cli, "--mark goes with --fresh, without --after, --by-time or --from: "
                               "only what was shown is marked");
    if (cli->args.positional_count > 0) {
        kith_id_t id;
        status = cli_household_id(cli, cli->args.positional[0], &id);
        ask->household = cli_id_bytes(cli, &id);
    } else if (ask->by_time && !ask->front_door) {
        return cli_misuse(cli, "--by-time and --from need a household, or --front-door");
    }
    return status;
}

/* The last of the whole feed begin so many entries before its end; a household's begin at its
 * beginning, since its places are not counted one by one. */
static int find_place(reading_t *r)
{
    if (!r->last || r->ask.household.len > 0 || r->ask.front_door)
        return CLI_OK;
    Kith__Api__StatusResponse *agent = NULL;
    int status = cli_ask_status(r->cli, r->cli->arena, &agent);
    if (status == CLI_OK && agent->feed_entries > r->limit)
        r->ask.after = agent->feed_entries - r->limit;
    return status;
}

static void keep(reading_t *r, Kith__Api__FeedEntry *entry)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? 256 : r->room * 2;
        Kith__Api__FeedEntry **larger = kith_arena_need(r->cli->arena, room * sizeof *larger);
        for (size_t i = 0; i < r->count; i++)
            larger[i] = r->entries[i];
        r->entries = larger;
        r->room = room;
    }
    r->entries[r->count++] = entry;
}

static int read_page(reading_t *r)
{
    uint64_t left = r->last ? KITH_FEED_PAGE_MAX : r->limit - r->count;
    r->ask.limit = (uint32_t)(left < KITH_FEED_PAGE_MAX ? left : KITH_FEED_PAGE_MAX);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_FEED;
    request.feed = &r->ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(r->cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_FEED)
        return cli_fail(r->cli, CLI_AGAIN, "the agent's answer is of another kind");
    r->page = response->feed;
    for (size_t i = 0; i < r->page->n_entries; i++)
        keep(r, r->page->entries[i]);
    r->ask.after = r->page->cursor;
    return r->count <= READ_MAX ? CLI_OK
                                : cli_fail(r->cli, CLI_REFUSED, "over 200,000 entries: say --from");
}

static void print_feed(const reading_t *r, size_t first)
{
    const cli_t *cli = r->cli;
    struct table *table = show_feed_table(cli->arena);
    for (size_t i = first; i < r->count; i++) {
        if (cli->json)
            cli_print_message(cli, &r->entries[i]->base);
        else
            show_feed_row(cli->arena, table, r->entries[i]);
    }
    if (cli->json)
        return;
    if (first > 0 || (r->last && r->count > 0 && r->count == r->limit))
        puts("The last ones; --limit, --from or --after show more.");
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts(r->ask.fresh ? "Nothing new." : "Nothing has arrived.");
    if (r->ask.fresh && r->count > 0 && !args_has(&cli->args, "mark"))
        printf("All up to %llu: kith looked --up-to says that you have looked at it.\n",
               (unsigned long long)r->page->cursor);
    if (r->page->more)
        printf("There is more: --after %llu\n", (unsigned long long)r->page->cursor);
    if (r->page->n_silent > 0)
        printf("Agents that are silent: %s\n",
               show_silences(cli->arena, r->page->silent, r->page->n_silent));
}

/* Up to where all that is fresh was shown, and not further: what came meanwhile stays fresh. */
static int mark(const reading_t *r)
{
    static const uint8_t front_door[KITH_ID_BYTES];
    if (r->count == 0)
        return CLI_OK;
    ProtobufCBinaryData place =
        r->ask.front_door ? cli_bytes(r->cli, (kith_bytes_t){front_door, sizeof front_door})
                          : r->ask.household;
    uint64_t left = 0;
    int status = cli_looked(r->cli, place, r->page->cursor, &left);
    if (status == CLI_OK && !r->cli->json)
        printf("Marked as looked at; %llu left.\n", (unsigned long long)left);
    return status;
}

static int run(cli_t *cli)
{
    reading_t r = {.cli = cli, .ask = KITH__API__FEED_REQUEST__INIT, .limit = 100};
    int status = fill(&r);
    if (status == CLI_OK)
        status = find_place(&r);
    if (status == CLI_OK)
        status = read_page(&r);
    while (status == CLI_OK && r.page->more && (r.last || r.count < r.limit))
        status = read_page(&r);
    if (status == CLI_OK)
        print_feed(&r, r.last && r.count > r.limit ? r.count - r.limit : 0);
    if (status == CLI_OK && args_has(&cli->args, "mark"))
        status = mark(&r);
    return status;
}

static const cli_option_t options[] = {
    {.name = "after", .value = "N", .help = "only what came after this place (seq)"},
    {.name = "limit",
     .value = "N",
     .help = "at most so many entries (100): the last, or from --after on"},
    {.name = "by-time", .help = "in the order things happened"},
    {.name = "from", .value = "TIME", .help = "what happened since then (7d, 2026-03-01)"},
    {.name = "front-door", .help = "only what names no known household"},
    {.name = "fresh", .help = "only what is new since you last looked: kith looked"},
    {.name = "mark", .help = "with --fresh: and what is shown counts as looked at"},
    {.name = "all", .help = "also what a snooze hides, and what stands behind another entry"},
    {.name = NULL},
};

const cli_command_t cmd_feed = {
    .name = "feed",
    .args = "[HOUSEHOLD]",
    .args_max = 1,
    .summary = "what came in: of one family, or all",
    .more = "Nothing arrived and an agent that is silent are different lines. With --json one\n"
            "entry a line; who is silent stands in `kith status --json`.\n"
            "An incident is one entry: what says the same again stands behind it (+1), what says\n"
            "otherwise takes its place and is new (corrects). --all shows each.",
    .example = "kith feed 9c41d07e22ab --from 7d",
    .options = options,
    .run = run,
};
