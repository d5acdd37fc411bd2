/* kith find: who can help with a need, and who knows about it. */
#include "agents/cli/commands.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>

/* All that was written after `find`, as one need. */
static char *need_of(const cli_t *cli)
{
    char *need = kith_arena_str(cli->arena, "");
    for (size_t i = 0; i < cli->args.positional_count; i++)
        need = kith_arena_printf(cli->arena, "%s%s%s", need, i > 0 ? " " : "",
                                 cli->args.positional[i]);
    return need;
}

static const char *places_of(const cli_t *cli, const Kith__Api__Found *found)
{
    const Kith__Service *s = found->service;
    return found->full   ? "FULL"
           : !s->counted ? ""
                         : kith_arena_printf(cli->arena, "%u of %u", s->free, s->places);
}

static void add_service(const cli_t *cli, table_t *table, const Kith__Api__Found *found)
{
    const Kith__Service *s = found->service;
    const char *looked = text_time(cli->arena, s->checked_ms);
    if (found->stale)
        looked = kith_arena_printf(cli->arena, "%s STALE", looked);
    table_row(table,
              (const char *const[]){found->agency, s->id,
                                    kith_arena_printf(cli->arena, "%s: %s", s->name, s->what),
                                    s->whom, s->not_whom, s->where, s->hours, places_of(cli, found),
                                    looked, found->phone, found->may_refer ? "yes" : "no"});
    if (found->full || found->stale)
        table_mark(table);
}

static void print_found(const cli_t *cli, const Kith__Api__FindResponse *all)
{
    static const char *const headers[] = {"AGENCY",    "SERVICE", "WHAT",  "FOR",
                                          "NOT FOR",   "WHERE",   "HOURS", "FREE",
                                          "LOOKED AT", "PHONE",   "REFER"};
    table_t *table = table_new(cli->arena, headers, 11);
    for (size_t i = 0; i < all->n_found; i++) {
        if (all->found[i]->service != NULL)
            add_service(cli, table, all->found[i]);
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    for (size_t i = 0; i < all->n_found; i++) {
        const Kith__Api__Found *found = all->found[i];
        if (found->knows != NULL)
            printf("%s knows about %s: ask the %s, %s\n", text_line(cli->arena, found->agency),
                   text_line(cli->arena, found->knows->subject),
                   text_line(cli->arena, found->knows->role), text_line(cli->arena, found->phone));
    }
    if (all->n_found == 0)
        puts("Nobody says that they can help with that: try another word.");
    if (all->more)
        puts("There is more: say the need more closely.");
}

static int run(cli_t *cli)
{
    Kith__Api__FindRequest ask = KITH__API__FIND_REQUEST__INIT;
    ask.need = need_of(cli);
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_FIND;
    request.find = &ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_FIND)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    for (size_t i = 0; cli->json && i < response->find->n_found; i++)
        cli_print_message(cli, &response->find->found[i]->base);
    if (!cli->json)
        print_found(cli, response->find);
    return CLI_OK;
}

const cli_command_t cmd_find = {
    .name = "find",
    .args = "NEED…",
    .args_min = 1,
    .args_max = ARGS_POSITIONAL_MAX,
    .summary = "who can help with a need, and who knows about it",
    .more =
        "NEED is a need code, or words that must all be found. The best comes first; what is\n"
        "full or stale is marked, and to refer to it warns first. REFER: the agreement lets us.",
    .example = "kith find sleep\nkith find domestic abuse",
    .options = NULL,
    .run = run,
};
