/* An alert's board: where it stands, and one row for each agency that was asked. */
#include "agents/work/parts.h"

/* Others answer to who raised it: elsewhere a row without an answer is no silence. */
static Kith__Api__AlertBoardRow *board_row(const work_ctx_t *at, const Kith__Store__AlertRow *of,
                                           const Kith__Store__AlertAnswer *answer)
{
    Kith__Api__AlertBoardRow *row = kith_arena_need(at->arena, sizeof *row);
    bool is_blank = answer->answer == KITH__ANSWER__ANSWER_UNSPECIFIED;
    kith__api__alert_board_row__init(row);
    row->agency = answer->agency;
    row->answer = answer->answer;
    row->reason = answer->reason;
    row->text = answer->text;
    row->answered_ms = answer->answered_ms;
    row->untold = is_blank && !is_self(at, of->from) && !is_self(at, answer->agency);
    row->overdue = is_blank && !row->untold && at->now_ms > of->reply_by_ms;
    climb_show(at->arena, answer, row);
    return row;
}

static void show_history(const work_ctx_t *at, const Kith__Store__AlertRow *row,
                         Kith__Api__AlertBoard *board)
{
    board->history = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *board->history);
    for (size_t i = 0; i < row->n_steps; i++) {
        const Kith__Store__AlertStepRow *step = row->steps[i];
        Kith__Api__AlertPast *past = kith_arena_need(at->arena, sizeof *past);
        kith__api__alert_past__init(past);
        past->id = step->notice_id;
        past->step = step->step == KITH__ALERT_STEP__ALERT_UNSPECIFIED
                         ? text_of("raised")
                         : text_of(word_of(at->arena, &kith__alert_step__descriptor, "ALERT_",
                                           (int)step->step));
        past->at_ms = step->at_ms;
        past->no_effect = !step->stands;
        board->history[board->n_history++] = past;
    }
}

/* Of the steps those that its state allows; of the asked an answer, also a late one. */
static void show_allowed(const work_ctx_t *at, const Kith__Store__AlertRow *row,
                         Kith__Api__AlertBoard *board)
{
    static const Kith__AlertStep steps[] = {
        KITH__ALERT_STEP__ALERT_UPDATED, KITH__ALERT_STEP__ALERT_CANCELLED,
        KITH__ALERT_STEP__ALERT_EXERCISE, KITH__ALERT_STEP__ALERT_CLOSED};
    board->allowed = kith_arena_need(at->arena, sizeof steps / sizeof *steps * sizeof(char *));
    if (alert_answer_of(row, at->work->agency) != NULL) {
        board->allowed[board->n_allowed++] = text_of("reply");
    }
    for (size_t i = 0; is_self(at, row->from) && i < sizeof steps / sizeof *steps; i++) {
        if (alert_may(row, steps[i])) {
            board->allowed[board->n_allowed++] = text_of(alert_verb(steps[i]));
        }
    }
}

static kith_err show_state(const work_ctx_t *at, kith_bytes_t id, const Kith__Store__AlertRow *row,
                           Kith__Api__AlertBoard *board)
{
    const char *muted_by = "";
    bool is_muted = false;
    WORK_TRY(mute_find(at, id, row, &is_muted, &muted_by));
    board->state = text_of(alert_state_word(at, (int)row->state));
    board->text = row->text;
    board->level = row->level;
    board->outcome = row->outcome;
    board->reason = row->reason;
    board->ended_ms = row->ended_ms;
    board->muted_by = text_of(muted_by);
    show_history(at, row, board);
    show_allowed(at, row, board);
    return KITH_OK;
}

kith_err work_board(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, kith_bytes_t alert,
                    int64_t now_ms, Kith__Api__AlertBoard **ret_board)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena, .now_ms = now_ms};
    Kith__Store__AlertRow *row = NULL;
    WORK_TRY(alert_find(&at, alert, &row));
    if (row == NULL || !has_text(row->from)) {
        return KITH_NOT_FOUND;
    }
    Kith__Api__AlertBoard *board = kith_arena_need(arena, sizeof *board);
    kith__api__alert_board__init(board);
    board->id = binary_of(kith_arena_copy(arena, alert));
    board->subject = row->subject;
    board->raised_ms = row->raised_ms;
    board->reply_by_ms = row->reply_by_ms;
    board->from = row->from;
    board->household = row->household;
    board->rows = kith_arena_need(arena, (row->n_answers + 1) * sizeof *board->rows);
    for (size_t i = 0; i < row->n_answers; i++) {
        board->rows[board->n_rows++] = board_row(&at, row, row->answers[i]);
    }
    WORK_TRY(show_state(&at, alert, row, board));
    *ret_board = board;
    return KITH_OK;
}
