/* kith families, kith looked: the feed by household, and what this user has looked at. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "base/limits.h"

#include <stdio.h>

static const char *number(kith_arena_t *arena, uint64_t count)
{
    return kith_arena_printf(arena, "%llu", (unsigned long long)count);
}

static const char *snoozed(kith_arena_t *arena, const Kith__Api__FeedGroup *group)
{
    if (group->snoozed == 0 && group->snoozed_until_ms == 0)
        return "";
    return kith_arena_printf(
        arena, "%llu%s%s", (unsigned long long)group->snoozed,
        group->snoozed_until_ms != 0 ? " until " : "",
        group->snoozed_until_ms != 0 ? text_time(arena, group->snoozed_until_ms) : "");
}

static void add_row(const cli_t *cli, struct table *table, const Kith__Api__FeedGroup *group)
{
    kith_arena_t *arena = cli->arena;
    const Kith__Api__FeedEntry *latest = group->latest;
    bool is_front_door = group->household.len == 0;
    table_row(table, (const char *const[]){
                         is_front_door ? "" : show_short(arena, group->household),
                         is_front_door ? "(front door)" : group->name,
                         group->orphaned ? "NOBODY" : group->lead,
                         number(arena, group->fresh),
                         number(arena, group->urgent),
                         number(arena, group->entries),
                         snoozed(arena, group),
                         latest != NULL ? text_time(arena, group->latest_ms) : "",
                         latest != NULL ? latest->summary : "",
                     });
    if (group->urgent > 0)
        table_mark(table);
}

static void print_groups(const cli_t *cli, const Kith__Api__GroupsResponse *groups)
{
    static const char *const headers[] = {"HOUSEHOLD", "NAME",    "LEAD",   "NEW",    "URGENT",
                                          "ENTRIES",   "SNOOZED", "LATEST", "SUMMARY"};
    struct table *table = table_new(cli->arena, headers, sizeof headers / sizeof *headers);
    for (size_t i = 0; i < groups->n_groups; i++) {
        if (cli->json)
            cli_print_message(cli, &groups->groups[i]->base);
        else
            add_row(cli, table, groups->groups[i]);
    }
    if (cli->json)
        return;
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nothing.");
    if (groups->more)
        puts("There is more: --limit.");
}

static int run_families(cli_t *cli)
{
    Kith__Api__GroupsRequest ask = KITH__API__GROUPS_REQUEST__INIT;
    uint64_t limit = 100;
    int status = cli_number(cli, "limit", KITH_FEED_PAGE_MAX, &limit);
    if (status == CLI_OK && limit == 0)
        status = cli_misuse(cli, "--limit 0 shows nothing: give at least 1");
    if (status != CLI_OK)
        return status;
    ask.limit = (uint32_t)limit;
    ask.fresh = args_has(&cli->args, "fresh");
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_GROUPS;
    request.groups = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_GROUPS)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    print_groups(cli, response->groups);
    return CLI_OK;
}

static const cli_option_t families_options[] = {
    {.name = "fresh", .help = "only families with something new since you last looked"},
    {.name = "limit", .value = "N", .help = "at most so many (100; at most 1000)"},
    {.name = NULL},
};

const cli_command_t cmd_families = {
    .name = "families",
    .args = "",
    .summary = "the feed by family: what needs eyes first",
    .more = "What is urgent and new to you comes first, then what is new, then the rest, each by\n"
            "what came last; the front door is the last row. NEW counts to 1000.",
    .example = "kith families --fresh",
    .options = families_options,
    .run = run_families,
};

/* ---- looked ---- */

int cli_looked(cli_t *self, ProtobufCBinaryData household, uint64_t up_to, uint64_t *ret_left)
{
    Kith__Api__LookedRequest ask = KITH__API__LOOKED_REQUEST__INIT;
    ask.household = household;
    ask.up_to = up_to;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_LOOKED;
    request.looked = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(self, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_LOOKED)
        return cli_fail(self, CLI_AGAIN, "the agent's answer is of another kind");
    *ret_left = response->looked->fresh;
    return CLI_OK;
}

static int run_looked(cli_t *cli)
{
    static const uint8_t front_door[KITH_ID_BYTES];
    ProtobufCBinaryData household = {.len = 0};
    uint64_t up_to = 0, left = 0;
    kith_id_t id;
    int status = cli_number(cli, "up-to", INT64_MAX, &up_to);
    if (status == CLI_OK && cli->args.positional_count > 0) {
        status = cli_household_id(cli, cli->args.positional[0], &id);
        household = cli_id_bytes(cli, &id);
    } else if (args_has(&cli->args, "front-door")) {
        household = cli_bytes(cli, (kith_bytes_t){front_door, sizeof front_door});
    }
    if (status == CLI_OK)
        status = cli_looked(cli, household, up_to, &left);
    if (status != CLI_OK)
        return status;
    Kith__Api__LookedResponse looked = KITH__API__LOOKED_RESPONSE__INIT;
    looked.fresh = left;
    if (cli->json)
        cli_print_message(cli, &looked.base);
    else
        printf("%llu new.\n", (unsigned long long)left);
    return CLI_OK;
}

static const cli_option_t looked_options[] = {
    {.name = "up-to",
     .value = "N",
     .required = true,
     .help = "the last entry you looked at (seq): kith feed --fresh says it"},
    {.name = "front-door", .help = "of what names no known household"},
    {.name = NULL},
};

const cli_command_t cmd_looked = {
    .name = "looked",
    .args = "[HOUSEHOLD]",
    .args_max = 1,
    .summary = "you have looked at the feed up to an entry: of one family, or all",
    .more = "Kept for each user. What came later stays new, also when you have looked before or\n"
            "acknowledged what it is about. `kith feed --fresh --mark` does both at once.",
    .example = "kith looked 9c41d07e22ab --up-to 1204",
    .options = looked_options,
    .run = run_looked,
};
