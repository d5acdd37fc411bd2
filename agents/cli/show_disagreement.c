/* Where a disagreement stands. */
#include "agents/cli/show.h"

#include "agents/cli/show_lines.h"
#include "agents/cli/table.h"

void show_disagreement(const cli_t *cli, const Kith__Api__DisagreementState *state)
{
    static const char *const headers[] = {"AT", "AGENCY", "STEP", ""};
    puts("");
    line(
        cli, "state",
        kith_arena_printf(cli->arena, "%s, stage %u: %s", state->state, state->stage, state->role));
    line(cli, "from", state->from);
    line(cli, "with", state->with);
    line(cli, "decision", whole_id(cli->arena, state->decision));
    if (state->due_ms != 0)
        line(cli, "due",
             kith_arena_printf(cli->arena, "%s, by %s%s", text_time_zone(cli->arena, state->due_ms),
                               state->with, state->overdue ? "  OVERDUE" : ""));
    line(cli, "outcome", state->outcome);
    line(cli, "last said", state->text);
    table_t *table = table_new(cli->arena, headers, 4);
    for (size_t i = 0; i < state->n_history; i++) {
        const Kith__Api__ReferralPast *past = state->history[i];
        table_row(table, (const char *const[]){text_time(cli->arena, past->at_ms), past->agency,
                                               past->step, past->no_effect ? "no effect" : ""});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    for (size_t i = 0; i < state->n_allowed; i++)
        line(cli, i == 0 ? "possible" : "",
             kith_arena_printf(cli->arena, "kith %s", state->allowed[i]));
}
