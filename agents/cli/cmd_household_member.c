/* kith household member …: who belongs to a family, kin and trusted people beyond its address, and
 * in which role since when. */
#include "agents/cli/commands.h"

#include <string.h>

static int submit_member(cli_t *cli, Kith__Member *member)
{
    Kith__Member *members[] = {member};
    Kith__Household change = KITH__HOUSEHOLD__INIT;
    change.members = members;
    change.n_members = 1;
    return cli_household_change(cli, &change);
}

static int run_add(cli_t *cli)
{
    Kith__Member member = KITH__MEMBER__INIT;
    int status = cli_time_option(cli, "from", -1, &member.from_ms);
    if (status != CLI_OK)
        return status;
    member.name = cli_text(cli, "name");
    member.role = cli_text(cli, "role");
    member.shielded = args_has(&cli->args, "shielded");
    member.beyond = args_has(&cli->args, "beyond");
    member.trusted_with = cli_text(cli, "trusted-with");
    return submit_member(cli, &member);
}

#define ADD_AND_CHANGE                                                                             \
    {.name = "shielded", .help = "some readers must never learn of this person"},                  \
    {                                                                                              \
        .name = "trusted-with", .value = "TEXT", .help = "what the family trusts them with"        \
    }

static const cli_option_t add_options[] = {
    {.name = "name", .value = "TEXT", .required = true, .help = "of the person"},
    {.name = "role",
     .value = "ROLE",
     .required = true,
     .help = "child, carer, kin, alleged-perpetrator …"},
    {.name = "from", .value = "TIME", .help = "since when (2026-03-01, 7d)"},
    {.name = "beyond", .help = "kin, or a trusted person, beyond the address"},
    ADD_AND_CHANGE,
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
    .example = "kith household member add 9c41d07e22ab --name 'Younger child' --role child\n"
               "kith household member add 9c41d07e22ab --name 'Aunt in Sampleford' --role kin \\\n"
               "  --beyond --trusted-with 'the school run'",
    .options = add_options,
    .run = run_add,
};

/* ---- one who is named already ---- */

static bool is_called(const Kith__Member *member, const char *text)
{
    char id[KITH_ID_SHORT_SIZE];
    kith_id_short((kith_bytes_t){.data = member->id.data, .size = member->id.len}, id);
    return strcmp(member->name, text) == 0 || strcmp(id, text) == 0;
}

static int fail_member(const cli_t *cli, const Kith__Api__HouseholdView *view, const char *text,
                       size_t found)
{
    const char *names = "";
    for (size_t i = 0; i < view->n_members; i++) {
        char id[KITH_ID_SHORT_SIZE];
        const Kith__Member *m = view->members[i];
        kith_id_short((kith_bytes_t){.data = m->id.data, .size = m->id.len}, id);
        names = kith_arena_printf(cli->arena, "%s%s%s (%s)", names, i > 0 ? ", " : "",
                                  m->shielded ? "shielded" : m->name, id);
    }
    return found == 0
               ? cli_fail(cli, CLI_NOT_FOUND, "no member is called %s: %s", text, names)
               : cli_fail(cli, CLI_REFUSED, "several are called %s, give the id: %s", text, names);
}

/* As it is held, by the second argument: the whole name, or the id that household show gives. */
static int find_member(cli_t *cli, Kith__Member *ret_member)
{
    const char *text = cli->args.positional[1];
    Kith__Api__HouseholdView *view = NULL;
    int status = cli_household_view(cli, cli->args.positional[0], &view);
    if (status != CLI_OK)
        return status;
    const Kith__Member *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < view->n_members; i++) {
        if (is_called(view->members[i], text)) {
            found = view->members[i];
            count++;
        }
    }
    if (count != 1)
        return fail_member(cli, view, text, count);
    *ret_member = *found;
    ret_member->n_roles = 0;
    return CLI_OK;
}

static int run_change(cli_t *cli)
{
    Kith__Member member = KITH__MEMBER__INIT;
    int status = find_member(cli, &member);
    if (status == CLI_OK)
        status = cli_time_option(cli, "from", -1, &member.from_ms);
    if (status != CLI_OK)
        return status;
    if (args_has(&cli->args, "name"))
        member.name = cli_text(cli, "name");
    if (args_has(&cli->args, "role"))
        member.role = cli_text(cli, "role");
    if (args_has(&cli->args, "trusted-with"))
        member.trusted_with = cli_text(cli, "trusted-with");
    const char *beyond = args_value(&cli->args, "beyond");
    if (beyond != NULL && strcmp(beyond, "yes") != 0 && strcmp(beyond, "no") != 0)
        return cli_misuse(cli, "--beyond is yes or no");
    if (beyond != NULL)
        member.beyond = strcmp(beyond, "yes") == 0;
    member.shielded |= args_has(&cli->args, "shielded");
    return submit_member(cli, &member);
}

static const cli_option_t change_options[] = {
    {.name = "name", .value = "TEXT", .help = "of the person"},
    {.name = "role", .value = "ROLE", .help = "another role; the ones before are kept"},
    {.name = "from", .value = "TIME", .help = "since when it is so (2026-03-01, 7d)"},
    {.name = "beyond", .value = "yes|no", .help = "kin, or a trusted person, beyond the address"},
    ADD_AND_CHANGE,
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_member_change = {
    .name = "household member change",
    .args = "HOUSEHOLD MEMBER",
    .args_min = 2,
    .args_max = 2,
    .summary = "a member's role or name changes; what was before is kept with its dates",
    .more = "MEMBER is the whole name, or the id that household show gives.",
    .example = "kith household member change 9c41d07e22ab 'Uncle' --role alleged-perpetrator",
    .options = change_options,
    .run = run_change,
};

static int run_leave(cli_t *cli)
{
    Kith__Member member = KITH__MEMBER__INIT;
    int64_t to_ms = 0;
    const char *to = args_value(&cli->args, "to");
    int status = find_member(cli, &member);
    if (status == CLI_OK)
        status = cli_time(cli, "to", to != NULL ? to : "0s", -1, &to_ms);
    member.to_ms = to_ms;
    return status == CLI_OK ? submit_member(cli, &member) : status;
}

static const cli_option_t leave_options[] = {
    {.name = "to", .value = "TIME", .help = "until when (else now)"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_household_member_leave = {
    .name = "household member leave",
    .args = "HOUSEHOLD MEMBER",
    .args_min = 2,
    .args_max = 2,
    .summary = "a member is no longer of the family",
    .more = "MEMBER is the whole name, or the id that household show gives.",
    .example = "kith household member leave 9c41d07e22ab 'Uncle' --to 2026-05-01",
    .options = leave_options,
    .run = run_leave,
};
