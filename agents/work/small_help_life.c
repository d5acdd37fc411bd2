/* Small help: what its steps come to, and what that makes of the pot. The table is drawn in
 * docs/STATES.md, and a test compares the two.
 *
 * As with a referral, all steps are kept in one order, (changed_ms, notice id), and the state is
 * what they come to. Only the pot's holder approves, one decision after the other on its own sums:
 * so approvals never cross, and the pot is never overdrawn. Its sums are what each help stands for
 * now: a help that is withdrawn, or spent with less, gives back by itself. */
#include "agents/work/steps.h"

#define STEP(name) KITH__SMALL_HELP_STEP__SMALL_HELP_##name
#define NO         STEP(UNSPECIFIED)

#define OPEN_STATES 2u

typedef struct rule {
    Kith__SmallHelpStep step;
    bool by_holder; /* else by who asked */
    Kith__SmallHelpStep next[OPEN_STATES];
} rule_t;

static const rule_t rules[] = {
    /* from: asked, approved; what it then comes to is final */
    {STEP(APPROVED), true, {STEP(APPROVED), NO}},
    {STEP(DECLINED), true, {STEP(DECLINED), NO}},
    {STEP(SPENT), false, {NO, STEP(SPENT)}},
    {STEP(WITHDRAWN), false, {STEP(WITHDRAWN), STEP(WITHDRAWN)}},
};
#define RULES_COUNT (sizeof rules / sizeof *rules)

Kith__SmallHelpStep help_next(Kith__SmallHelpStep step, Kith__SmallHelpStep state)
{
    bool is_open = state == STEP(ASKED) || state == STEP(APPROVED);
    for (size_t i = 0; i < RULES_COUNT && is_open; i++) {
        if (rules[i].step == step) {
            return rules[i].next[state == STEP(APPROVED)];
        }
    }
    return NO;
}

bool help_step_is_holders(Kith__SmallHelpStep step)
{
    return step == STEP(APPROVED) || step == STEP(DECLINED);
}

const char *help_word(const work_ctx_t *at, Kith__SmallHelpStep step)
{
    return step == NO
               ? "–"
               : word_of(at->arena, &kith__small_help_step__descriptor, "SMALL_HELP_", (int)step);
}

kith_err help_find(const work_ctx_t *at, ProtobufCBinaryData id,
                   Kith__Store__SmallHelpRow **ret_row)
{
    *ret_row = NULL;
    return id.len > 0 ? view_find_help(at, bytes_of(id), ret_row) : KITH_OK;
}

int64_t help_latest_ms(const Kith__Store__SmallHelpRow *row)
{
    return row->n_steps > 0 ? row->steps[row->n_steps - 1]->at_ms : row->asked_ms;
}

/* ---- the history ---- */

STEPS_IN_ORDER(Kith__Store__SmallHelpRow, Kith__Store__SmallHelpStepRow, STEPS_NO_FIRST)
STEPS_BY_NOTICE(Kith__Store__SmallHelpRow, Kith__Store__SmallHelpStepRow)

/* Is it said by who may say it, and a sum that may be said? */
static bool may_take(const Kith__Store__SmallHelpRow *row,
                     const Kith__Store__SmallHelpStepRow *step)
{
    const char *end = help_step_is_holders(step->step) ? row->holder : row->from;
    bool fits = step->step == STEP(APPROVED) ? step->amount > 0 && step->amount <= row->asked
                : step->step == STEP(SPENT)  ? step->amount <= row->approved
                                             : true;
    return fits && strcmp(end, step->agency) == 0;
}

static void fold(Kith__Store__SmallHelpRow *row)
{
    row->step = STEP(ASKED);
    row->since_ms = row->asked_ms;
    row->approved = row->spent = row->balance = 0;
    row->reason = text_of("");
    for (size_t i = 0; i < row->n_steps; i++) {
        Kith__Store__SmallHelpStepRow *step = row->steps[i];
        Kith__SmallHelpStep next = help_next(step->step, row->step);
        step->stands = next != NO && may_take(row, step);
        if (!step->stands) {
            continue;
        }
        row->step = next;
        row->since_ms = step->at_ms;
        row->reason = step->reason;
        row->approved = next == STEP(APPROVED) ? step->amount : row->approved;
        row->spent = next == STEP(SPENT) ? step->amount : row->spent;
        row->balance = help_step_is_holders(step->step) ? step->balance : row->balance;
    }
}

/* ---- the pot ---- */

kith_err pot_find(const work_ctx_t *at, const char *pot, Kith__Store__PotRow **ret_row)
{
    kith_key_t key = view_key_name(pot);
    WORK_TRY(view_find_pot(at, kith_key_bytes(&key), ret_row));
    if (*ret_row == NULL) {
        *ret_row = kith_arena_need(at->arena, sizeof **ret_row);
        kith__store__pot_row__init(*ret_row);
    }
    return KITH_OK;
}

static kith_err put_pot(const work_ctx_t *at, const char *pot, const Kith__Store__PotRow *row)
{
    kith_key_t key = view_key_name(pot);
    return view_put_pot(at, kith_key_bytes(&key), row);
}

uint64_t pot_left(const kith_pot_t *pot, const Kith__Store__PotRow *row)
{
    uint64_t gone = row->set_aside + row->spent;
    return gone < pot->amount ? pot->amount - gone : 0;
}

const char *pounds(kith_arena_t *arena, uint64_t pence)
{
    return kith_arena_printf(arena, "%llu.%02u", (unsigned long long)(pence / 100),
                             (unsigned)(pence % 100));
}

/* What this help stands for in the sums, in place of what it stood for before. */
static kith_err count(const work_ctx_t *at, Kith__Store__SmallHelpRow *row)
{
    Kith__Store__PotRow *pot = NULL;
    uint64_t aside = row->step == STEP(APPROVED) ? row->approved : 0;
    uint64_t spent = row->step == STEP(SPENT) ? row->spent : 0;
    if (!is_self(at, row->holder) || (aside == row->counted_aside && spent == row->counted_spent)) {
        return KITH_OK;
    }
    WORK_TRY(pot_find(at, row->pot, &pot));
    if (pot->set_aside < row->counted_aside || pot->spent < row->counted_spent) {
        return KITH_CORRUPT; /* both are written in one commit */
    }
    pot->set_aside = pot->set_aside - row->counted_aside + aside;
    pot->spent = pot->spent - row->counted_spent + spent;
    row->counted_aside = aside;
    row->counted_spent = spent;
    return put_pot(at, row->pot, pot);
}

/* The last word of a pot's holder, by the partnership file of here. */
static kith_err hear(const work_case_t *c)
{
    const Kith__SmallHelp *said = c->notice->small_help;
    const kith_pot_t *pot = kith_agreement_pot(c->at.work->agreement, said->pot);
    bool is_word = help_step_is_holders(said->step) && pot != NULL &&
                   strcmp(pot->holder, c->in->origin) == 0 && !is_self(&c->at, pot->holder);
    if (!is_word) {
        return KITH_OK;
    }
    Kith__Store__PotRow *row = NULL;
    WORK_TRY(pot_find(&c->at, said->pot, &row));
    if (!said_later((said_t){said->changed_ms, bytes_of(c->notice->id)},
                    (said_t){row->said_ms, bytes_of(row->said_by)})) {
        return KITH_OK;
    }
    row->balance = said->balance;
    row->set_aside = said->set_aside;
    row->spent = said->spent;
    row->said_ms = said->changed_ms;
    row->said_by = c->notice->id;
    return put_pot(&c->at, said->pot, row);
}

/* ---- tasks ---- */

static kith_err keep_task(const work_ctx_t *at, kith_bytes_t id,
                          const Kith__Store__SmallHelpRow *row, const char *kind,
                          const char *agency, bool is_open, const char *by)
{
    task_said_t said = {
        .kind = kind,
        .notice = id,
        .agency = agency,
        .reason = kith_arena_printf(
            at->arena, "£%s",
            pounds(at->arena, row->step == STEP(APPROVED) ? row->approved : row->asked)),
        .household = bytes_of(row->household),
    };
    return is_open ? task_open(at, &said) : task_end(at, kind, id, agency, by);
}

kith_err help_settle(const work_ctx_t *at, kith_bytes_t id, Kith__Store__SmallHelpRow *row,
                     const char *by)
{
    if (!has_text(row->from)) {
        return view_put_help(at, id, row);
    }
    fold(row);
    if (is_self(at, row->holder)) {
        WORK_TRY(keep_task(at, id, row, TASK_HELP, row->from, row->step == STEP(ASKED), by));
    }
    if (is_self(at, row->from)) {
        WORK_TRY(keep_task(at, id, row, TASK_SPEND, row->holder, row->step == STEP(APPROVED), by));
    }
    bool is_open = row->step == STEP(ASKED) || row->step == STEP(APPROVED);
    kith_err err = is_open ? kith_put(at->txn, AGENT_TABLE_HELPS_OPEN, id, (kith_bytes_t){0})
                           : kith_del(at->txn, AGENT_TABLE_HELPS_OPEN, id);
    WORK_TRY(err == KITH_NOT_FOUND ? KITH_OK : err);
    WORK_TRY(count(at, row));
    return view_put_help(at, id, row);
}

/* ---- one more step ---- */

kith_err help_take(work_case_t *c, bool *ret_stands)
{
    const Kith__SmallHelp *said = c->notice->small_help;
    Kith__Store__SmallHelpRow *row = NULL;
    WORK_TRY(hear(c));
    WORK_TRY(help_find(&c->at, said->help, &row));
    if (row == NULL) {
        row = kith_arena_need(c->at.arena, sizeof *row);
        kith__store__small_help_row__init(row);
        row->household = c->notice->household;
    }
    Kith__Store__SmallHelpStepRow *step = find_step(row, c->notice->id);
    if (step == NULL && row->n_steps >= HELP_STEPS_MAX) {
        *ret_stands = false;
        return KITH_OK;
    }
    if (step == NULL) {
        step = kith_arena_need(c->at.arena, sizeof *step);
        kith__store__small_help_step_row__init(step);
        step->notice_id = c->notice->id;
        step->agency = text_of(c->in->origin);
        step->step = said->step;
        step->at_ms = said->changed_ms;
        step->amount = said->amount;
        step->reason = said->reason;
        step->balance = said->balance;
        insert_step(c->at.arena, row, step);
    }
    const char *by = c->in->mine ? c->notice->author : c->in->origin;
    WORK_TRY(help_settle(&c->at, bytes_of(said->help), row, by));
    *ret_stands = step->stands || !has_text(row->from);
    return KITH_OK;
}
