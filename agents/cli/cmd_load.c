/* kith load: what a family's trouble takes of each agency, in counts. */
#include "agents/cli/commands.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>

static int ask_load(cli_t *cli, Kith__Api__LoadResponse **ret)
{
    kith_id_t id;
    Kith__Api__LoadRequest ask = KITH__API__LOAD_REQUEST__INIT;
    int status = cli_household_id(cli, cli->args.positional[0], &id);
    if (status == CLI_OK)
        status = cli_time_option(cli, "from", -1, &ask.from_ms);
    if (status == CLI_OK)
        status = cli_time_option(cli, "to", -1, &ask.to_ms);
    if (status != CLI_OK)
        return status;
    ask.household = cli_id_bytes(cli, &id);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_LOAD;
    request.load = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status == CLI_OK && response->answer_case != KITH__API__RESPONSE__ANSWER_LOAD)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    if (status == CLI_OK)
        *ret = response->load;
    return status;
}

static const char *number(const cli_t *cli, uint64_t n)
{
    return kith_arena_printf(cli->arena, "%llu", (unsigned long long)n);
}

static const char *hours(const cli_t *cli, uint64_t minutes)
{
    return kith_arena_printf(cli->arena, "%llu:%02u", (unsigned long long)(minutes / 60),
                             (unsigned)(minutes % 60));
}

static const char *pounds(const cli_t *cli, uint64_t pence)
{
    return kith_arena_printf(cli->arena, "£%llu.%02u", (unsigned long long)(pence / 100),
                             (unsigned)(pence % 100));
}

static const char *cost(const cli_t *cli, uint64_t pence, uint64_t uncosted, uint64_t count)
{
    return count > 0 && uncosted == count ? "" : pounds(cli, pence);
}

static void print_rows(const cli_t *cli, const Kith__Api__LoadResponse *load)
{
    static const char *const headers[] = {"AGENCY", "TOPIC", "EVENTS", "HOURS", "COST", "UNCOSTED"};
    table_t *table = table_new(cli->arena, headers, 6);
    for (size_t i = 0; i < load->n_rows; i++) {
        const Kith__Api__LoadRow *row = load->rows[i];
        table_row(table, (const char *const[]){row->agency, row->topic, number(cli, row->count),
                                               hours(cli, row->minutes),
                                               cost(cli, row->cost, row->uncosted, row->count),
                                               row->uncosted ? number(cli, row->uncosted) : ""});
    }
    table_row(table,
              (const char *const[]){"all", "", number(cli, load->count), hours(cli, load->minutes),
                                    cost(cli, load->cost, load->uncosted, load->count),
                                    load->uncosted ? number(cli, load->uncosted) : ""});
    table_print(table, stdout, cli->colour);
}

static void print_underlap(const cli_t *cli, const Kith__Api__Underlap *under)
{
    const char *agencies = "";
    for (size_t i = 0; i < under->n_agencies; i++)
        agencies = kith_arena_printf(cli->arena, "%s%s%s", agencies, i > 0 ? ", " : "",
                                     text_line(cli->arena, under->agencies[i]));
    printf("underlap   %s: %s, since %s, asked of %s\n", text_line(cli->arena, under->what),
           text_line(cli->arena, under->need), text_time(cli->arena, under->since_ms), agencies);
}

static void print_load(const cli_t *cli, const Kith__Api__LoadResponse *load)
{
    char id[KITH_ID_TEXT_SIZE];
    kith_id_text((kith_bytes_t){.data = load->household.data, .size = load->household.len}, id);
    printf("%s\nname       %s\nlead       %s\n", id, text_line(cli->arena, load->name),
           *load->lead ? text_line(cli->arena, load->lead) : "nobody");
    if (load->from_ms != 0)
        printf("from       %s\n", text_time(cli->arena, load->from_ms));
    printf("to         %s\n", text_time(cli->arena, load->to_ms));
    for (size_t i = 0; i < load->n_limits; i++)
        printf("passed     %s\n", text_line(cli->arena, load->limits[i]));
    for (size_t i = 0; i < load->n_underlaps; i++)
        print_underlap(cli, load->underlaps[i]);
    print_rows(cli, load);
}

static int run(cli_t *cli)
{
    Kith__Api__LoadResponse *load = NULL;
    int status = ask_load(cli, &load);
    if (status != CLI_OK)
        return status;
    if (cli->json)
        cli_print_message(cli, &load->base);
    else
        print_load(cli, load);
    return CLI_OK;
}

static const cli_option_t options[] = {
    {.name = "from", .value = "TIME", .help = "from this day on (30d, 2026-03-01)"},
    {.name = "to", .value = "TIME", .help = "and before this one"},
    {.name = NULL},
};

const cli_command_t cmd_load = {
    .name = "load",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "what a family's trouble takes of each agency: events, hours, cost",
    .more =
        "Counts without content, of what this agency has sent and received. A record that came\n"
        "several times counts once, by its newest notice. Days are those of UTC. The cost goes by\n"
        "the partnership's `unit_costs`; an event whose cost code has none, or that says no time\n"
        "where the hour has a price, is uncosted. `passed`: a rule of the partnership whose "
        "counts\n"
        "are reached now. `underlap`: a need that nobody has accepted, or that two are asked for.",
    .example = "kith load 9c41d07e22ab --from 365d",
    .options = options,
    .run = run,
};
