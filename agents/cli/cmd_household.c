/* kith household open and team: families, and the team around each. */
#include "agents/cli/commands.h"

/* A change to the household that the first argument names; empty id: a new one. */
static int submit_change(cli_t *cli, ProtobufCBinaryData household, Kith__Household *change)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.n_despite = cli_names(cli, "despite", &draft.despite);
    draft.household = household;
    draft.body_case = KITH__API__DRAFT__BODY_HOUSEHOLD_CHANGE;
    draft.household_change = change;
    return cli_submit(cli, &draft);
}

static int named_household(cli_t *cli, ProtobufCBinaryData *ret_household)
{
    kith_id_t id;
    int status = cli_household_id(cli, cli->args.positional[0], &id);
    if (status == CLI_OK)
        *ret_household = cli_id_bytes(cli, &id);
    return status;
}

int cli_household_change(cli_t *cli, Kith__Household *change)
{
    ProtobufCBinaryData household = {.len = 0};
    int status = named_household(cli, &household);
    return status == CLI_OK ? submit_change(cli, household, change) : status;
}

/* Seats for these agencies, from or to a time. */
static void fill_seats(cli_t *cli, char *const *agencies, size_t count, int64_t from_ms,
                       int64_t to_ms, Kith__Household *change)
{
    change->team = kith_arena_need(cli->arena, (count + 1) * sizeof *change->team);
    for (size_t i = 0; i < count; i++) {
        Kith__TeamSeat *seat = kith_arena_need(cli->arena, sizeof *seat);
        kith__team_seat__init(seat);
        seat->agency = agencies[i];
        seat->from_ms = from_ms;
        seat->to_ms = to_ms;
        change->team[change->n_team++] = seat;
    }
}

static int run_open(cli_t *cli)
{
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    Kith__Lead lead = KITH__LEAD__INIT;
    change.opened = true;
    change.name = cli_text(cli, "name");
    change.reason = cli_text(cli, "reason");
    char **team;
    size_t count = cli_names(cli, "team", &team);
    fill_seats(cli, team, count, 0, 0, &change);
    if (args_has(&cli->args, "lead") != args_has(&cli->args, "lead-role"))
        return cli_misuse(cli, "--lead and --lead-role go together");
    if (args_has(&cli->args, "lead")) {
        lead.agency = cli_text(cli, "lead");
        lead.role = cli_text(cli, "lead-role");
        change.lead = &lead;
    }
    return submit_change(cli, (ProtobufCBinaryData){.len = 0}, &change);
}

static const cli_option_t open_options[] = {
    {.name = "name", .value = "TEXT", .required = true, .help = "what the team calls the family"},
    {.name = "reason", .value = "TEXT", .required = true, .help = "why it is opened"},
    {.name = "team", .value = "A,B", .help = "agencies around the family", .many = true},
    {.name = "lead", .value = "AGENCY", .help = "the lead practitioner's agency"},
    {.name = "lead-role", .value = "ROLE", .help = "a role that is handed over, never a mailbox"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_open = {
    .name = "household open",
    .args = "",
    .summary = "open a household: the id that is printed is its id from then on",
    .more = "",
    .example = "kith household open --name 'Family at Elm Court' --reason 'Weekly call-outs' \\\n"
               "  --team police,housing,early-help --lead early-help --lead-role 'family worker'",
    .options = open_options,
    .run = run_open,
};

static int change_team(cli_t *cli, bool leaves)
{
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    int64_t at_ms;
    const char *to = args_value(&cli->args, "to");
    int status = leaves ? cli_time(cli, "to", to != NULL ? to : "0s", -1, &at_ms)
                        : cli_time_option(cli, "from", -1, &at_ms);
    if (status != CLI_OK)
        return status;
    char *agencies[ARGS_POSITIONAL_MAX];
    size_t count = cli->args.positional_count - 1;
    for (size_t i = 0; i < count; i++)
        agencies[i] = (char *)(uintptr_t)cli->args.positional[i + 1];
    fill_seats(cli, agencies, count, leaves ? 0 : at_ms, leaves ? at_ms : 0, &change);
    return cli_household_change(cli, &change);
}

static int run_team_add(cli_t *cli)
{
    return change_team(cli, false);
}

static int run_team_remove(cli_t *cli)
{
    return change_team(cli, true);
}

static const cli_option_t team_add_options[] = {
    {.name = "from", .value = "TIME", .help = "since when (2026-03-01, 7d)"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_team_add = {
    .name = "household team add",
    .args = "HOUSEHOLD AGENCY…",
    .args_min = 2,
    .args_max = ARGS_POSITIONAL_MAX,
    .summary = "agencies join the team around the family",
    .more = "",
    .example = "kith household team add 9c41d07e22ab health youth-justice",
    .options = team_add_options,
    .run = run_team_add,
};

static const cli_option_t team_remove_options[] = {
    {.name = "to", .value = "TIME", .help = "until when (else now)"},
    {.name = "despite", .value = "RULE", .help = "of a warning you have read", .many = true},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_team_remove = {
    .name = "household team remove",
    .args = "HOUSEHOLD AGENCY…",
    .args_min = 2,
    .args_max = ARGS_POSITIONAL_MAX,
    .summary = "agencies leave the team around the family",
    .more = "",
    .example = "kith household team remove 9c41d07e22ab youth-justice",
    .options = team_remove_options,
    .run = run_team_remove,
};
