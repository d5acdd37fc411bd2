/* Small help: a fare, a bed, out of the joined-up pot, approved by one: the pot's holder. What its
 * steps come to is in small_help_life.c. */
#include "agents/work/parts.h"

#include "base/text.h"

#define STEP(name) KITH__SMALL_HELP_STEP__SMALL_HELP_##name

/* ---- is it one ---- */

static const work_refusal_t *check_ask(const Kith__Notice *notice)
{
    static const work_refusal_t household = {"household-missing",
                                             "small help is for a household: name it"};
    static const work_refusal_t what = {"help-what", "say what it is for: a fare, a bed …"};
    static const work_refusal_t pot = {"help-pot", "it names a pot, and the pot's holder"};
    const Kith__SmallHelp *said = notice->small_help;
    if (notice->household.len == 0) {
        return &household;
    }
    if (!has_text(said->what)) {
        return &what;
    }
    return kith_text_name(said->pot) && kith_text_name(said->holder) ? NULL : &pot;
}

const work_refusal_t *small_help_check(const Kith__Notice *notice)
{
    static const work_refusal_t step = {
        "help-step", "say what it is: asked, approved, declined, spent or withdrawn"};
    static const work_refusal_t which = {"help-missing", "a step names the help it belongs to"};
    static const work_refusal_t when = {"help-changed", "a step says when it was made"};
    static const work_refusal_t amount = {"help-amount",
                                          "a sum is more than nothing, and at most £10,000,000"};
    static const work_refusal_t why = {"help-reason", "say why"};
    const Kith__SmallHelp *said = notice->small_help;
    bool sums = said->step == STEP(ASKED) || said->step == STEP(APPROVED);
    bool ends = said->step == STEP(DECLINED) || said->step == STEP(WITHDRAWN);
    if (said->step == STEP(UNSPECIFIED)) {
        return &step;
    }
    if (said->step != STEP(ASKED) && said->help.len == 0) {
        return &which;
    }
    if (said->changed_ms == 0) {
        return &when;
    }
    if (said->amount > KITH_PENCE_MAX || (sums && said->amount == 0)) {
        return &amount;
    }
    if (ends && !has_text(said->reason)) {
        return &why;
    }
    return said->step == STEP(ASKED) ? check_ask(notice) : NULL;
}

/* ---- asking ---- */

static const char *pots_of(const work_draft_t *draft)
{
    const kith_agreement_t *a = draft->at.work->agreement;
    const char *all = "";
    for (size_t i = 0; i < a->pots_count; i++) {
        all = kith_arena_printf(draft->at.arena, "%s%s%s", all, i > 0 ? ", " : "", a->pots[i].id);
    }
    return *all ? all : "none";
}

/* The only one is meant when none is named. */
static const kith_pot_t *find_pot(const kith_agreement_t *a, const char *name)
{
    return !has_text(name) && a->pots_count == 1 ? &a->pots[0] : kith_agreement_pot(a, name);
}

static kith_err prepare_ask(work_draft_t *draft, Kith__SmallHelp *said)
{
    Kith__Store__HouseholdRow *household = NULL;
    WORK_TRY(route_in_team(draft, &household));
    const kith_pot_t *pot = find_pot(draft->at.work->agreement, said->pot);
    if (pot == NULL) {
        return draft_refuse(
            draft, KITH_INVALID, "pot-unknown",
            kith_arena_printf(draft->at.arena, "the partnership's pots: %s", pots_of(draft)));
    }
    if (pot->limit != 0 && said->amount > pot->limit) {
        return draft_refuse(draft, KITH_INVALID, "help-limit",
                            kith_arena_printf(draft->at.arena,
                                              "one request to the pot %s is at most £%s", pot->id,
                                              pounds(draft->at.arena, pot->limit)));
    }
    said->pot = text_of(pot->id);
    said->holder = text_of(pot->holder);
    said->changed_ms = draft->at.now_ms;
    WORK_TRY(route_name(draft, pot->holder));
    size_t held = draft->route.count;
    route_household(draft, household);
    said->n_told = draft->route.count - held;
    said->told = kith_arena_need(draft->at.arena, (said->n_told + 1) * sizeof *said->told);
    for (size_t i = 0; i < said->n_told; i++) {
        said->told[i] = text_of(draft->route.agencies[held + i]);
    }
    draft->alone = is_self(&draft->at, pot->holder);
    return KITH_OK;
}

/* ---- its further steps ---- */

static kith_err may_step(work_draft_t *draft, const Kith__Store__SmallHelpRow *row,
                         Kith__SmallHelpStep step)
{
    if (row == NULL || !has_text(row->from)) {
        return draft_refuse(draft, KITH_NOT_FOUND, "help-unknown",
                            "no such small help has come to this agency");
    }
    if (step < STEP(APPROVED) || step > STEP(WITHDRAWN)) {
        return draft_refuse(draft, KITH_INVALID, "help-step",
                            "say approved, declined, spent or withdrawn");
    }
    bool holders = help_step_is_holders(step);
    if (is_self(&draft->at, holders ? row->holder : row->from)) {
        return KITH_OK;
    }
    return draft_refuse(
        draft, KITH_DENIED, "help-not-yours",
        holders
            ? kith_arena_printf(draft->at.arena, "only %s, who holds the pot, decides", row->holder)
            : kith_arena_printf(draft->at.arena, "only %s, who asked for it, says this",
                                row->from));
}

static kith_err fits_state(work_draft_t *draft, const Kith__Store__SmallHelpRow *row,
                           Kith__SmallHelpStep step)
{
    if (help_next(step, row->step) != STEP(UNSPECIFIED)) {
        return KITH_OK;
    }
    const char *what =
        row->step == STEP(ASKED)      ? "; possible now: kith small-help approve, decline, withdraw"
        : row->step == STEP(APPROVED) ? "; possible now: kith small-help spent, withdraw"
                                      : ", which is final: what comes now is a new request";
    return draft_refuse(
        draft, KITH_CONFLICT, "help-step",
        kith_arena_printf(draft->at.arena, "it is %s%s", help_word(&draft->at, row->step), what));
}

/* Approving sets a sum aside; this agency's own sums, as they are now, say what is left. */
static kith_err decide(work_draft_t *draft, const Kith__Store__SmallHelpRow *row,
                       Kith__SmallHelp *said)
{
    kith_arena_t *arena = draft->at.arena;
    const kith_pot_t *pot = kith_agreement_pot(draft->at.work->agreement, row->pot);
    Kith__Store__PotRow *sums = NULL;
    WORK_TRY(pot_find(&draft->at, row->pot, &sums));
    uint64_t left = pot != NULL ? pot_left(pot, sums) : 0;
    bool approves = said->step == STEP(APPROVED);
    if (approves && said->amount == 0) {
        said->amount = row->asked;
    }
    if (approves && said->amount > row->asked) {
        return draft_refuse(draft, KITH_INVALID, "help-amount",
                            kith_arena_printf(arena, "£%s was asked for: approve that, or less",
                                              pounds(arena, row->asked)));
    }
    if (approves && said->amount > left) {
        return draft_refuse(draft, KITH_CONFLICT, "pot-balance",
                            kith_arena_printf(arena,
                                              "the pot %s has £%s left (£%s set aside, £%s "
                                              "spent): approve less, or decline",
                                              row->pot, pounds(arena, left),
                                              pounds(arena, sums->set_aside),
                                              pounds(arena, sums->spent)));
    }
    uint64_t aside = approves ? said->amount : 0;
    said->balance = left - aside;
    said->set_aside = sums->set_aside + aside;
    said->spent = sums->spent;
    return KITH_OK;
}

static kith_err prepare_step(work_draft_t *draft, Kith__SmallHelp *said)
{
    Kith__Store__SmallHelpRow *row = NULL;
    WORK_TRY(help_find(&draft->at, said->help, &row));
    WORK_TRY(may_step(draft, row, said->step));
    WORK_TRY(fits_state(draft, row, said->step));
    if (help_step_is_holders(said->step)) {
        WORK_TRY(decide(draft, row, said));
    }
    if (said->step == STEP(SPENT) && said->amount > row->approved) {
        return draft_refuse(draft, KITH_INVALID, "help-amount",
                            kith_arena_printf(draft->at.arena,
                                              "£%s was approved: no more can be spent; ask anew "
                                              "for the rest",
                                              pounds(draft->at.arena, row->approved)));
    }
    int64_t latest_ms = help_latest_ms(row);
    said->changed_ms = draft->at.now_ms > latest_ms ? draft->at.now_ms : latest_ms + 1;
    said->pot = row->pot;
    draft->notice->household = row->household;
    draft_caused_by(draft, said->help);
    WORK_TRY(route_name(draft, help_step_is_holders(said->step) ? row->from : row->holder));
    for (size_t i = 0; i < row->n_told; i++) {
        route_derive(draft, row->told[i]);
    }
    draft->alone = strcmp(row->from, row->holder) == 0;
    return KITH_OK;
}

kith_err small_help_prepare(work_draft_t *draft)
{
    Kith__SmallHelp *said = kith_arena_need(draft->at.arena, sizeof *said);
    *said = *draft->notice->small_help;
    said->n_told = 0;
    said->balance = said->set_aside = said->spent = 0;
    draft->notice->small_help = said;
    WORK_TRY(route_fixed(draft));
    return said->step == STEP(ASKED) ? prepare_ask(draft, said) : prepare_step(draft, said);
}

/* ---- into the view ---- */

void small_help_describe(work_case_t *c)
{
    const Kith__SmallHelp *said = c->notice->small_help;
    line_t line = {0};
    line_add(&line, "small help ");
    line_add(&line, help_word(&c->at, said->step));
    if (said->step == STEP(ASKED) || said->step == STEP(APPROVED) || said->step == STEP(SPENT)) {
        line_add(&line, ": £");
        line_add(&line, pounds(c->at.arena, said->amount));
    }
    c->row->summary = line_text(c->at.arena, &line);
}

static kith_err apply_ask(work_case_t *c)
{
    const Kith__SmallHelp *said = c->notice->small_help;
    Kith__Store__SmallHelpRow *row = NULL;
    WORK_TRY(help_find(&c->at, c->notice->id, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__small_help_row__init(row);
    }
    row->from = text_of(c->in->origin);
    row->holder = said->holder;
    row->pot = said->pot;
    row->household = c->notice->household;
    row->what = said->what;
    row->asked = said->amount;
    row->n_told = said->n_told;
    row->told = said->told;
    row->asked_ms = said->changed_ms;
    return help_settle(&c->at, bytes_of(c->notice->id), row, c->notice->author);
}

kith_err small_help_apply(work_case_t *c)
{
    if (c->notice->small_help->step == STEP(ASKED)) {
        return apply_ask(c);
    }
    bool stands = false;
    WORK_TRY(help_take(c, &stands));
    c->row->not_asked = !stands; /* shown, and nothing more */
    return KITH_OK;
}
