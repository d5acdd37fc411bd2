/* An alert's board: where it stands, one row an agency, who is silent, and what came before. */
#include "agents/cli/show.h"

#include "agents/cli/show_lines.h"
#include "agents/cli/table.h"

static bool is_silent(const Kith__Api__AlertBoardRow *row)
{
    return row->answer == KITH__ANSWER__ANSWER_UNSPECIFIED && !row->untold;
}

size_t show_silent(const Kith__Api__AlertBoard *board, size_t *ret_overdue)
{
    size_t silent = 0, overdue = 0;
    for (size_t i = 0; i < board->n_rows; i++) {
        bool is = is_silent(board->rows[i]);
        silent += is ? 1 : 0;
        overdue += is && board->rows[i]->overdue ? 1 : 0;
    }
    *ret_overdue = overdue;
    return silent;
}

static void print_silent(const cli_t *cli, const Kith__Api__AlertBoard *board)
{
    size_t overdue;
    for (size_t i = 0; i < board->n_rows; i++) {
        if (board->rows[i]->untold) {
            printf("The others answer to %s: what is not told here is no silence.\n",
                   text_line(cli->arena, board->from));
            return;
        }
    }
    if (show_silent(board, &overdue) == 0) {
        puts("Everyone asked has answered.");
        return;
    }
    fputs(cli->colour ? "\033[31m" : "", stdout);
    const char *before = board->ended_ms != 0 ? "No answer came from " : "No answer yet from ";
    for (size_t i = 0; i < board->n_rows; i++) {
        if (!is_silent(board->rows[i]))
            continue;
        printf("%s%s%s", before, text_line(cli->arena, board->rows[i]->agency),
               board->rows[i]->overdue ? " (overdue)" : "");
        before = ", ";
    }
    puts(cli->colour ? ".\033[0m" : ".");
}

/* What each silence came to. */
static void print_rungs(const cli_t *cli, const Kith__Api__AlertBoard *board)
{
    for (size_t i = 0; i < board->n_rows; i++) {
        for (size_t k = 0; k < board->rows[i]->n_rungs; k++) {
            const Kith__Api__AlertRung *rung = board->rows[i]->rungs[k];
            printf("%s  %s: %s, %s\n", text_time(cli->arena, rung->at_ms),
                   text_line(cli->arena, board->rows[i]->agency), text_line(cli->arena, rung->what),
                   text_line(cli->arena, rung->who));
        }
    }
}

/* What is so now. Left out by an agent of before. */
static void print_state(const cli_t *cli, const Kith__Api__AlertBoard *board)
{
    line(cli, "state", board->state);
    time_line(cli, "ended", board->ended_ms);
    line(cli, "outcome", board->outcome);
    line(cli, "reason", board->reason);
    line(cli, "level", board->level);
    if (*board->muted_by != '\0')
        line(cli, "muted by",
             kith_arena_printf(cli->arena, "a higher alert, %s: silence is not told",
                               board->muted_by));
    if (board->n_history > 1) { /* else it says what the notice says */
        line(cli, "subject now", board->subject);
        time_line(cli, "reply by", board->reply_by_ms);
        line(cli, "text now", board->text);
    }
    if (*board->state != '\0')
        puts("");
}

static void print_history(const cli_t *cli, const Kith__Api__AlertBoard *board)
{
    static const char *const headers[] = {"AT", "ID", "STEP", ""};
    table_t *table = table_new(cli->arena, headers, 4);
    for (size_t i = 0; board->n_history > 1 && i < board->n_history; i++) {
        const Kith__Api__AlertPast *past = board->history[i];
        table_row(table, (const char *const[]){text_time(cli->arena, past->at_ms),
                                               show_short(cli->arena, past->id), past->step,
                                               past->no_effect ? "no effect" : ""});
    }
    if (table_rows(table) > 0) {
        puts("");
        table_print(table, stdout, cli->colour);
    }
    for (size_t i = 0; i < board->n_allowed; i++)
        line(cli, i == 0 ? "possible" : "",
             kith_arena_printf(cli->arena, "kith %s", board->allowed[i]));
}

void show_board(const cli_t *cli, const Kith__Api__AlertBoard *board)
{
    print_state(cli, board);
    static const char *const headers[] = {"AGENCY", "DELIVERY",  "SEEN",   "ANSWER",
                                          "AT",     "ESCALATED", "REASON", "TEXT"};
    table_t *table = table_new(cli->arena, headers, 8);
    for (size_t i = 0; i < board->n_rows; i++) {
        const Kith__Api__AlertBoardRow *row = board->rows[i];
        bool silent = is_silent(row);
        const char *answer = row->untold ? "not told here"
                             : silent    ? row->overdue ? "OVERDUE" : "SILENT"
                                         : word(cli, &kith__answer__descriptor, (int)row->answer);
        table_row(table, (const char *const[]){
                             row->agency, row->delivery != NULL ? row->delivery->state : "",
                             row->seen_by, answer, text_time(cli->arena, row->answered_ms),
                             row->escalated_to, row->reason, row->text});
        if (silent)
            table_mark(table);
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    print_rungs(cli, board);
    print_silent(cli, board);
    print_history(cli, board);
}
