/* kith household: families, the team around each, and this agency's own records of them. */
#include "agents/cli/commands.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"
#include "base/limits.h"

#include <stdio.h>

/* ---- changes that all of the team is told ---- */

/* A change to the household that the first argument names; empty id: a new one. */
static int submit_change(cli_t *cli, ProtobufCBinaryData household, Kith__Household *change)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
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

static int run_member_add(cli_t *cli)
{
    Kith__Member member = KITH__MEMBER__INIT;
    Kith__Member *members[] = {&member};
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    ProtobufCBinaryData household = {.len = 0};
    int status = cli_time_option(cli, "from", -1, &member.from_ms);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    if (status != CLI_OK)
        return status;
    member.name = cli_text(cli, "name");
    member.role = cli_text(cli, "role");
    member.shielded = args_has(&cli->args, "shielded");
    change.members = members;
    change.n_members = 1;
    return submit_change(cli, household, &change);
}

static const cli_option_t member_options[] = {
    {.name = "name", .value = "TEXT", .required = true, .help = "of the person"},
    {.name = "role",
     .value = "ROLE",
     .required = true,
     .help = "child, carer, kin, alleged-perpetrator …"},
    {.name = "from", .value = "TIME", .help = "since when (2026-03-01, 7d)"},
    {.name = "shielded", .help = "some readers must never learn of this person"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_member_add = {
    .name = "household member add",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "name a member of the family",
    .more = "",
    .example = "kith household member add 9c41d07e22ab --name 'Younger child' --role child",
    .options = member_options,
    .run = run_member_add,
};

static int change_team(cli_t *cli, bool leaves)
{
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    ProtobufCBinaryData household = {.len = 0};
    int64_t at_ms;
    const char *to = args_value(&cli->args, "to");
    int status = leaves ? cli_time(cli, "to", to != NULL ? to : "0s", -1, &at_ms)
                        : cli_time_option(cli, "from", -1, &at_ms);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    if (status != CLI_OK)
        return status;
    char *agencies[ARGS_POSITIONAL_MAX];
    size_t count = cli->args.positional_count - 1;
    for (size_t i = 0; i < count; i++)
        agencies[i] = (char *)(uintptr_t)cli->args.positional[i + 1];
    fill_seats(cli, agencies, count, leaves ? 0 : at_ms, leaves ? at_ms : 0, &change);
    return submit_change(cli, household, &change);
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

static int run_lead(cli_t *cli)
{
    Kith__Lead lead = KITH__LEAD__INIT;
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    ProtobufCBinaryData household = {.len = 0};
    int status = cli_time_option(cli, "from", -1, &lead.from_ms);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    if (status != CLI_OK)
        return status;
    lead.agency = (char *)(uintptr_t)cli->args.positional[1];
    lead.role = (char *)(uintptr_t)cli->args.positional[2];
    change.lead = &lead;
    return submit_change(cli, household, &change);
}

const cli_command_t cmd_household_lead = {
    .name = "household lead",
    .args = "HOUSEHOLD AGENCY ROLE",
    .args_min = 3,
    .args_max = 3,
    .summary = "hand the lead to a role of an agency",
    .more = "",
    .example = "kith household lead 9c41d07e22ab early-help 'family worker'",
    .options = team_add_options,
    .run = run_lead,
};

/* ---- this agency's own records: told to nobody ---- */

static int link_record(cli_t *cli, bool undo, bool not_the_same)
{
    Kith__Reference ref = KITH__REFERENCE__INIT;
    Kith__Api__LinkRequest ask = KITH__API__LINK_REQUEST__INIT;
    int status = cli_reference(cli, cli->args.positional[1], &ref);
    if (status == CLI_OK)
        status = named_household(cli, &ask.household);
    if (status != CLI_OK)
        return status;
    ask.ref = &ref;
    ask.why = cli_text(cli, "why");
    ask.undo = undo;
    ask.not_the_same = not_the_same;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_LINK;
    request.link = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (cli->json && response->answer_case == KITH__API__RESPONSE__ANSWER_LINK)
        cli_print_message(cli, &response->link->base);
    else if (!cli->json)
        printf("%s/%s is %s\n", text_line(cli->arena, ref.system), text_line(cli->arena, ref.id),
               undo && not_the_same ? "no longer remembered as not the same family"
               : undo               ? "linked no longer"
               : not_the_same       ? "remembered as not the same family"
                                    : "linked to this household");
    return CLI_OK;
}

static int run_link(cli_t *cli)
{
    return link_record(cli, false, false);
}

static int run_unlink(cli_t *cli)
{
    return link_record(cli, true, false);
}

static int run_not_same(cli_t *cli)
{
    return link_record(cli, args_has(&cli->args, "undo"), true);
}

static const cli_option_t link_options[] = {
    {.name = "why", .value = "TEXT", .help = "what you compared"},
    {.name = NULL},
};

static const cli_option_t not_same_options[] = {
    {.name = "why", .value = "TEXT", .help = "what you compared"},
    {.name = "undo", .help = "it may be of this household after all"},
    {.name = NULL},
};

const cli_command_t cmd_household_link = {
    .name = "household link",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "a record of your own system belongs to this household",
    .more = "Links are this agency's own and are told to nobody. What names the record from then\n"
            "on is of this household.",
    .example = "kith household link 9c41d07e22ab housing-crm/T-20331 --why 'same tenancy'",
    .options = link_options,
    .run = run_link,
};

const cli_command_t cmd_household_unlink = {
    .name = "household unlink",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "undo a link",
    .more = "",
    .example = "kith household unlink 9c41d07e22ab housing-crm/T-20331 --why 'wrong flat'",
    .options = link_options,
    .run = run_unlink,
};

const cli_command_t cmd_household_not_same = {
    .name = "household not-same",
    .args = "HOUSEHOLD SYSTEM/ID",
    .args_min = 2,
    .args_max = 2,
    .summary = "remember that a record is not of this household, so that nobody asks again",
    .more = "",
    .example = "kith household not-same 9c41d07e22ab housing-crm/T-20332 --why 'other surname'",
    .options = not_same_options,
    .run = run_not_same,
};
