/* kith household list and show: the families this agency knows. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>

static int ask_households(cli_t *cli, const kith_id_t *id, const char *short_id,
                          Kith__Api__HouseholdResponse **ret)
{
    Kith__Api__HouseholdRequest ask = KITH__API__HOUSEHOLD_REQUEST__INIT;
    if (id != NULL)
        ask.id = cli_id_bytes(cli, id);
    ask.short_id = kith_arena_str(cli->arena, short_id);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_HOUSEHOLD;
    request.household = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_HOUSEHOLD)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    *ret = response->household;
    return CLI_OK;
}

static const char *team_of(kith_arena_t *arena, const Kith__Api__HouseholdView *h)
{
    const char *all = "";
    for (size_t i = 0; i < h->n_team; i++)
        if (h->team[i]->to_ms == 0)
            all = kith_arena_printf(arena, "%s%s%s", all, *all ? ", " : "", h->team[i]->agency);
    return all;
}

static const char *lead_of(kith_arena_t *arena, const Kith__Api__HouseholdView *h)
{
    return h->lead == NULL ? ""
           : h->orphaned   ? kith_arena_printf(arena, "%s, wanted", h->lead->agency)
                           : h->lead->agency;
}

/* ---- list ---- */

static void print_list(const cli_t *cli, const Kith__Api__HouseholdResponse *found)
{
    static const char *const headers[] = {"ID", "NAME", "OPENED", "LEAD", "TEAM", "NOTICES"};
    table_t *table = table_new(cli->arena, headers, 6);
    for (size_t i = 0; i < found->n_households; i++) {
        const Kith__Api__HouseholdView *h = found->households[i];
        char id[KITH_ID_SHORT_SIZE];
        kith_id_short((kith_bytes_t){.data = h->id.data, .size = h->id.len}, id);
        table_row(table, (const char *const[]){id, h->name, text_time(cli->arena, h->opened_ms),
                                               lead_of(cli->arena, h), team_of(cli->arena, h),
                                               kith_arena_printf(cli->arena, "%u", h->notices)});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("No household is known here.");
}

static int run_list(cli_t *cli)
{
    Kith__Api__HouseholdResponse *found;
    int status = ask_households(cli, NULL, "", &found);
    if (status != CLI_OK)
        return status;
    for (size_t i = 0; cli->json && i < found->n_households; i++)
        cli_print_message(cli, &found->households[i]->base);
    if (!cli->json)
        print_list(cli, found);
    return CLI_OK;
}

const cli_command_t cmd_household_list = {
    .name = "household list",
    .args = "",
    .summary = "the households this agency knows",
    .more = "",
    .example = "kith household list",
    .run = run_list,
};

/* ---- show ---- */

static const char *short_of(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short((kith_bytes_t){.data = id.data, .size = id.len}, text);
    return kith_arena_str(arena, text);
}

/* Roles over time: each until the next one. */
static void print_roles(const cli_t *cli, const Kith__Member *m)
{
    for (size_t i = 0; i + 1 < m->n_roles; i++)
        printf("           was %s  from %s  to %s\n", text_line(cli->arena, m->roles[i]->role),
               text_time(cli->arena, m->roles[i]->from_ms),
               text_time(cli->arena, m->roles[i + 1]->from_ms));
}

static void print_members(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    for (size_t i = 0; i < h->n_members; i++) {
        const Kith__Member *m = h->members[i];
        printf("%s     %s, %s%s%s", m->beyond ? "beyond" : "member", text_line(cli->arena, m->name),
               text_line(cli->arena, m->role), m->shielded ? "  SHIELDED" : "",
               *m->trusted_with ? "  trusted with " : "");
        fputs(text_line(cli->arena, m->trusted_with), stdout);
        if (m->id.len > 0)
            printf("  (%s)", short_of(cli->arena, m->id));
        if (m->from_ms != 0)
            printf("  from %s", text_time(cli->arena, m->from_ms));
        if (m->to_ms != 0)
            printf("  to %s", text_time(cli->arena, m->to_ms));
        putchar('\n');
        print_roles(cli, m);
    }
}

static void print_team(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    for (size_t i = 0; i < h->n_team; i++) {
        const Kith__TeamSeat *seat = h->team[i];
        printf("team       %s", text_line(cli->arena, seat->agency));
        if (seat->from_ms != 0)
            printf("  from %s", text_time(cli->arena, seat->from_ms));
        if (seat->to_ms != 0)
            printf("  to %s", text_time(cli->arena, seat->to_ms));
        putchar('\n');
    }
}

static void print_lead(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    if (h->lead == NULL)
        return;
    printf("lead       %s, %s  from %s%s%s\n", text_line(cli->arena, h->lead->agency),
           text_line(cli->arena, h->lead->role), text_time(cli->arena, h->lead->from_ms),
           h->orphaned ? "  WANTED: " : "", text_line(cli->arena, h->lead_wanted));
    if (*h->lead->read_first)
        printf("read first %s\n", text_line(cli->arena, h->lead->read_first));
}

static void print_closing(const cli_t *cli, const Kith__Closing *closing)
{
    if (closing == NULL)
        return;
    if (closing->reopened)
        printf("reopened   %s: %s\n", text_time(cli->arena, closing->at_ms),
               text_line(cli->arena, closing->reason));
    else
        printf("CLOSED     %s: %s, need met: %s\n", text_time(cli->arena, closing->at_ms),
               text_line(cli->arena, closing->outcome),
               *closing->need_met ? text_line(cli->arena, closing->need_met)
                                  : kith_arena_printf(cli->arena, "not asked, %s",
                                                      text_line(cli->arena, closing->not_asked)));
}

/* What waits here, for whoever takes over. */
static void print_waiting(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    for (size_t i = 0; i < h->n_tasks; i++)
        printf("open task  %s %s  %s\n", short_of(cli->arena, h->tasks[i]->notice_id),
               text_line(cli->arena, h->tasks[i]->kind),
               text_line(cli->arena, h->tasks[i]->reason));
    for (size_t i = 0; i < h->n_unacknowledged; i++) {
        const Kith__Api__FeedEntry *entry = h->unacknowledged[i];
        printf("not seen   %s %s %s  %s\n", short_of(cli->arena, entry->id),
               text_line(cli->arena, entry->origin), text_line(cli->arena, entry->kind),
               text_line(cli->arena, entry->summary));
    }
}

static void print_links(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    for (size_t i = 0; i < h->n_links; i++) {
        const Kith__Api__Link *l = h->links[i];
        printf("%s %s/%s  by %s, %s%s%s", l->not_the_same ? "not same  " : "our record",
               l->ref != NULL ? text_line(cli->arena, l->ref->system) : "",
               l->ref != NULL ? text_line(cli->arena, l->ref->id) : "",
               text_line(cli->arena, l->by), text_time(cli->arena, l->at_ms), *l->why ? ": " : "",
               text_line(cli->arena, l->why));
        if (l->undone_ms != 0)
            printf("  UNDONE by %s, %s%s%s", text_line(cli->arena, l->undone_by),
                   text_time(cli->arena, l->undone_ms), *l->undone_why ? ": " : "",
                   text_line(cli->arena, l->undone_why));
        putchar('\n');
    }
}

static void print_household(const cli_t *cli, const Kith__Api__HouseholdView *h)
{
    char id[KITH_ID_TEXT_SIZE];
    kith_id_text((kith_bytes_t){.data = h->id.data, .size = h->id.len}, id);
    printf("%s\nname       %s\nopened     %s by %s: %s\n", id, text_line(cli->arena, h->name),
           text_time(cli->arena, h->opened_ms), text_line(cli->arena, h->opened_by),
           text_line(cli->arena, h->reason));
    print_members(cli, h);
    print_team(cli, h);
    print_lead(cli, h);
    print_closing(cli, h->closing);
    print_waiting(cli, h);
    print_links(cli, h);
    if (h->plan.len > 0)
        printf("plan       kith plan show %s\n", id);
    if (h->assessment.len > 0)
        printf("assessment kith assessment show %s\n", show_id(cli->arena, h->assessment));
    printf("notices    %u\n", h->notices);
}

int cli_household_view(cli_t *cli, const char *text, Kith__Api__HouseholdView **ret_view)
{
    kith_id_t id;
    const char *short_id = "";
    bool whole = kith_id_parse(text, &id) == KITH_OK;
    int status = whole ? CLI_OK : cli_short_id(cli, text, &short_id);
    Kith__Api__HouseholdResponse *found;
    if (status == CLI_OK)
        status = ask_households(cli, whole ? &id : NULL, short_id, &found);
    if (status != CLI_OK)
        return status;
    if (found->n_households != 1)
        return cli_fail(cli, CLI_NOT_FOUND, "no household has this id");
    *ret_view = found->households[0];
    return CLI_OK;
}

static int run_show(cli_t *cli)
{
    Kith__Api__HouseholdView *view = NULL;
    int status = cli_household_view(cli, cli->args.positional[0], &view);
    if (status != CLI_OK)
        return status;
    if (cli->json)
        cli_print_message(cli, &view->base);
    else
        print_household(cli, view);
    return CLI_OK;
}

const cli_command_t cmd_household_show = {
    .name = "household show",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "one household: members, team, lead, what is open, this agency's records",
    .more = "",
    .example = "kith household show 9c41d07e22ab",
    .run = run_show,
};
