/* kith show: one notice, and what became of it. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"

static int run(cli_t *cli)
{
    const char *text = cli->args.positional[0];
    kith_id_t id;
    bool whole = kith_id_parse(text, &id) == KITH_OK;
    const char *short_id = "";
    if (!whole) {
        int status = cli_short_id(cli, text, &short_id);
        if (status != CLI_OK)
            return status;
    }
    Kith__Api__ShowResponse *show;
    Kith__Notice *notice;
    int status = show_ask(cli, cli->arena, whole ? &id : NULL, short_id, &show, &notice);
    if (status != CLI_OK)
        return status;
    if (cli->json) {
        kith_json_t *object = show_to_json(show, notice);
        cli_print_json(cli, &object);
        return CLI_OK;
    }
    show_notice(cli, notice);
    show_answers(cli, show);
    return CLI_OK;
}

const cli_command_t cmd_show = {
    .name = "show",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "one notice: what it says, and where it is with each recipient",
    .more = "ID is the whole id or its last 6 or more digits. States: stored here, at the hub,\n"
            "delivered, delivered late, seen; refused, quarantined and expired with their reason.\n"
            "An alert shows its board: who answered what, and who is silent.",
    .example = "kith show 9c41d07e22ab",
    .run = run,
};
