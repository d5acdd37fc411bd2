/* How small help stands, and the pots. */
#include "agents/work/parts.h"

#define STEP(name) KITH__SMALL_HELP_STEP__SMALL_HELP_##name

static void show_history(const work_ctx_t *at, const Kith__Store__SmallHelpRow *row,
                         Kith__Api__SmallHelpState *state)
{
    state->history = kith_arena_need(at->arena, (row->n_steps + 1) * sizeof *state->history);
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Api__ReferralPast *past = kith_arena_need(at->arena, sizeof *past);
        kith__api__referral_past__init(past);
        past->id = row->steps[i]->notice_id;
        past->agency = row->steps[i]->agency;
        past->step = text_of(help_word(at, row->steps[i]->step));
        past->at_ms = row->steps[i]->at_ms;
        past->no_effect = !row->steps[i]->stands;
        state->history[state->n_history++] = past;
    }
}

static void show_allowed(const work_ctx_t *at, const Kith__Store__SmallHelpRow *row,
                         Kith__Api__SmallHelpState *state)
{
    static const struct {
        Kith__SmallHelpStep step;
        const char *verb;
    } verbs[HELP_VERBS_MAX] = {
        {STEP(APPROVED), "small-help approve"},
        {STEP(DECLINED), "small-help decline"},
        {STEP(SPENT), "small-help spent"},
        {STEP(WITHDRAWN), "small-help withdraw"},
    };
    state->allowed = kith_arena_need(at->arena, HELP_VERBS_MAX * sizeof *state->allowed);
    for (size_t i = 0; i < HELP_VERBS_MAX; i++) {
        const char *end = help_step_is_holders(verbs[i].step) ? row->holder : row->from;
        if (is_self(at, end) && help_next(verbs[i].step, row->step) != STEP(UNSPECIFIED)) {
            state->allowed[state->n_allowed++] = text_of(verbs[i].verb);
        }
    }
}

static Kith__Api__SmallHelpState *show(const work_ctx_t *at, kith_bytes_t id,
                                       const Kith__Store__SmallHelpRow *row)
{
    Kith__Api__SmallHelpState *state = kith_arena_need(at->arena, sizeof *state);
    kith__api__small_help_state__init(state);
    state->id = binary_of(kith_arena_copy(at->arena, id));
    state->household = row->household;
    state->from = row->from;
    state->pot = row->pot;
    state->holder = row->holder;
    state->what = row->what;
    state->asked = row->asked;
    state->approved = row->approved;
    state->spent = row->spent;
    state->state = text_of(help_word(at, row->step));
    state->reason = row->reason;
    state->since_ms = row->since_ms;
    state->balance = row->balance;
    show_history(at, row, state);
    show_allowed(at, row, state);
    return state;
}

kith_err work_small_help(const work_t *self, kith_txn_t *txn, kith_arena_t *arena,
                         kith_bytes_t help, Kith__Api__SmallHelpState **ret_state)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    Kith__Store__SmallHelpRow *row = NULL;
    WORK_TRY(help_find(&at, binary_of(help), &row));
    if (row == NULL || !has_text(row->from)) {
        return KITH_NOT_FOUND;
    }
    *ret_state = show(&at, help, row);
    return KITH_OK;
}

/* ---- pots ---- */

static kith_err show_open(const work_ctx_t *at, const kith_pot_t *pot, Kith__Api__PotState *state)
{
    view_walk_t walk = view_walk(AGENT_TABLE_HELPS_OPEN, (kith_bytes_t){0}, (kith_bytes_t){0});
    kith_bytes_t nothing;
    kith_err err = KITH_OK;
    state->open = kith_arena_need(at->arena, KITH_FEED_PAGE_MAX * sizeof *state->open);
    while (state->n_open < KITH_FEED_PAGE_MAX &&
           (err = view_walk_next(at, &walk, &nothing)) == KITH_OK) {
        Kith__Store__SmallHelpRow *row = NULL;
        WORK_TRY(view_find_help(at, kith_key_bytes(&walk.place), &row));
        if (row == NULL) {
            return KITH_CORRUPT; /* both are written in one commit */
        }
        if (strcmp(row->pot, pot->id) == 0) {
            state->open[state->n_open++] = show(at, kith_key_bytes(&walk.place), row);
        }
    }
    return err == KITH_NOT_FOUND ? KITH_OK : err;
}

static kith_err show_pot(const work_ctx_t *at, const kith_pot_t *pot,
                         Kith__Api__PotState **ret_state)
{
    Kith__Store__PotRow *row = NULL;
    Kith__Api__PotState *state = kith_arena_need(at->arena, sizeof *state);
    kith__api__pot_state__init(state);
    WORK_TRY(pot_find(at, pot->id, &row));
    state->pot = text_of(pot->id);
    state->name = text_of(pot->name);
    state->holder = text_of(pot->holder);
    state->amount = pot->amount;
    state->balance = row->said_ms != 0 ? row->balance : pot_left(pot, row);
    state->set_aside = row->set_aside;
    state->spent = row->spent;
    state->said_ms = row->said_ms;
    *ret_state = state;
    return show_open(at, pot, state);
}

kith_err work_pots(const work_t *self, kith_txn_t *txn, kith_arena_t *arena, const char *pot,
                   Kith__Api__PotResponse *ret)
{
    work_ctx_t at = {.work = self, .txn = txn, .arena = arena};
    const kith_agreement_t *a = self->agreement;
    ret->pots = kith_arena_need(arena, (a->pots_count + 1) * sizeof *ret->pots);
    for (size_t i = 0; i < a->pots_count; i++) {
        if (!has_text(pot) || strcmp(a->pots[i].id, pot) == 0) {
            WORK_TRY(show_pot(&at, &a->pots[i], &ret->pots[ret->n_pots]));
            ret->n_pots++;
        }
    }
    return ret->n_pots > 0 || !has_text(pot) ? KITH_OK : KITH_NOT_FOUND;
}
