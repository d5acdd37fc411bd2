/* kith seen: a named person acknowledges a notice. */
#include "agents/cli/commands.h"

static int run(cli_t *cli)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__Seen seen = KITH__SEEN__INIT;
    seen.notice = cli_id_bytes(cli, &id);
    seen.person = cli_text(cli, "person");
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_SEEN;
    draft.seen = &seen;
    return cli_submit(cli, &draft);
}

static const cli_option_t options[] = {
    {.name = "person", .value = "NAME", .help = "who has seen it (else you)"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_seen = {
    .name = "seen",
    .args = "ID",
    .args_min = 1,
    .args_max = 1,
    .summary = "tell the sender that a person has seen it",
    .more = "Delivered is what the agent says by itself; seen is what a person says.",
    .example = "kith seen 9c41d07e22ab",
    .options = options,
    .run = run,
};
