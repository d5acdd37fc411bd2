/* How assessments, plans, small help and pots look to a person. Part of show.h. */
#include "agents/cli/show.h"

#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>
#include <string.h>

static const char *word(const cli_t *cli, const ProtobufCEnumDescriptor *type, int value)
{
    char text[KITH_WORD_SIZE];
    kith_enum_word(type, value, text);
    return kith_arena_str(cli->arena, text);
}

static const char *short_of(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short((kith_bytes_t){.data = id.data, .size = id.len}, text);
    return kith_arena_str(arena, text);
}

static const char *names(kith_arena_t *arena, size_t count, char *const *list)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = kith_arena_printf(arena, "%s%s%s", all, i > 0 ? ", " : "", list[i]);
    return all;
}

static const char *time_of(const cli_t *cli, int64_t unix_ms)
{
    return unix_ms != 0 ? text_time_zone(cli->arena, unix_ms) : "";
}

static const char *sum(const cli_t *cli, uint64_t pence)
{
    return pence != 0 ? kith_arena_printf(cli->arena, "£%s", text_pounds(cli->arena, pence)) : "";
}

static void print_allowed(const cli_t *cli, size_t count, char *const *allowed)
{
    for (size_t i = 0; i < count; i++)
        show_line(cli, i == 0 ? "possible" : "",
                  kith_arena_printf(cli->arena, "kith %s", allowed[i]));
}

static void print_history(const cli_t *cli, size_t count, Kith__Api__ReferralPast *const *history)
{
    static const char *const headers[] = {"AT", "AGENCY", "STEP", "NOTICE", ""};
    table_t *table = table_new(cli->arena, headers, 5);
    for (size_t i = 0; i < count; i++)
        table_row(table, (const char *const[]){text_time(cli->arena, history[i]->at_ms),
                                               history[i]->agency, history[i]->step,
                                               short_of(cli->arena, history[i]->id),
                                               history[i]->no_effect ? "no effect" : ""});
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
}

/* ---- assessments ---- */

void show_assessment_lines(const cli_t *cli, const Kith__Assessment *said)
{
    show_line(cli, "assessment", show_id(cli->arena, said->assessment));
    show_line(cli, "step", word(cli, &kith__assessment_step__descriptor, (int)said->step));
    show_line(cli, "kind", said->kind);
    show_line(cli, "reason", said->reason);
    show_line(cli, "asks", names(cli->arena, said->n_asked, said->asked));
    show_line(cli, "tells", names(cli->arena, said->n_told, said->told));
    show_line(cli, "due", time_of(cli, said->due_ms));
    show_line(cli, "section", said->section);
    show_line(cli, "text", said->text);
    show_line(cli, "family", said->family_view);
}

/* A text that did not fit the answer is in the part's own notice. */
static void print_part(const cli_t *cli, const Kith__Api__AssessmentPart *part)
{
    printf("\n%s%s%s, %s  (%s)%s\n", text_line(cli->arena, part->agency),
           *part->section ? ": " : "", text_line(cli->arena, part->section),
           text_time(cli->arena, part->at_ms), short_of(cli->arena, part->id),
           part->no_effect ? "  no effect" : "");
    show_line(cli, "says", part->text);
    show_line(cli, "family", part->family_view);
    if (*part->text == '\0')
        show_line(cli, "says",
                  kith_arena_printf(cli->arena, "kith show %s", show_id(cli->arena, part->id)));
}

void show_assessment(const cli_t *cli, const Kith__Api__AssessmentState *state)
{
    show_line(
        cli, "state",
        kith_arena_printf(cli->arena, "%s%s", state->state, state->overdue ? "  OVERDUE" : ""));
    show_line(
        cli, "asked by",
        kith_arena_printf(cli->arena, "%s, %s", state->from, time_of(cli, state->requested_ms)));
    show_line(cli, "household", show_id(cli->arena, state->household));
    show_line(cli, "kind", state->kind);
    show_line(cli, "reason", state->reason);
    show_line(cli, "asks", names(cli->arena, state->n_asked, state->asked));
    show_line(cli, "silent", names(cli->arena, state->n_silent, state->silent));
    show_line(cli, "due", time_of(cli, state->due_ms));
    show_line(cli, "completed", time_of(cli, state->completed_ms));
    show_line(cli, "summary", state->summary);
    show_line(cli, "family", state->family_view);
    for (size_t i = 0; i < state->n_parts; i++)
        print_part(cli, state->parts[i]);
    if (state->n_history > 0)
        puts("");
    print_history(cli, state->n_history, state->history);
    print_allowed(cli, state->n_allowed, state->allowed);
}

/* ---- plans ---- */

static const char *state_word(const cli_t *cli, const Kith__PlanOutcome *outcome)
{
    const char *text = word(cli, &kith__outcome_state__descriptor, (int)outcome->state);
    return *outcome->reason ? kith_arena_printf(cli->arena, "%s: %s", text, outcome->reason) : text;
}

static void print_outcomes(const cli_t *cli, size_t count, Kith__PlanOutcome *const *outcomes)
{
    static const char *const headers[] = {"OUTCOME", "OWNER",         "STATE",
                                          "BY",      "TO BE REACHED", "EXPECTS"};
    table_t *table = table_new(cli->arena, headers, 6);
    for (size_t i = 0; i < count; i++) {
        const Kith__PlanOutcome *o = outcomes[i];
        table_row(table,
                  (const char *const[]){short_of(cli->arena, o->id), o->owner, state_word(cli, o),
                                        text_time(cli->arena, o->by_ms), o->text,
                                        names(cli->arena, o->n_expects, o->expects)});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
}

void show_plan_lines(const cli_t *cli, const Kith__Plan *plan)
{
    show_line(cli, "review", time_of(cli, plan->review_ms));
    show_line(cli, "family", plan->family_view);
    print_outcomes(cli, plan->n_outcomes, plan->outcomes);
}

void show_plan(const cli_t *cli, const Kith__Api__PlanView *plan)
{
    show_line(cli, "household", show_id(cli->arena, plan->household));
    show_line(cli, "changed", time_of(cli, plan->changed_ms));
    show_line(cli, "review",
              plan->review_ms != 0
                  ? kith_arena_printf(cli->arena, "%s%s", time_of(cli, plan->review_ms),
                                      plan->review_overdue ? "  OVERDUE" : "")
                  : "");
    show_line(cli, "family", plan->family_view);
    show_line(cli, "unplanned",
              kith_arena_printf(cli->arena, "%llu events since it began",
                                (unsigned long long)plan->unplanned));
    print_outcomes(cli, plan->n_outcomes, plan->outcomes);
}

/* ---- small help ---- */

void show_help_lines(const cli_t *cli, const Kith__SmallHelp *said)
{
    show_line(cli, "small help", show_id(cli->arena, said->help));
    show_line(cli, "step", word(cli, &kith__small_help_step__descriptor, (int)said->step));
    show_line(cli, "pot", said->pot);
    show_line(cli, "holder", said->holder);
    show_line(cli, "for", said->what);
    show_line(cli, "amount", sum(cli, said->amount));
    show_line(cli, "reason", said->reason);
    show_line(cli, "pot's left", sum(cli, said->balance));
}

void show_help(const cli_t *cli, const Kith__Api__SmallHelpState *state)
{
    show_line(
        cli, "state",
        kith_arena_printf(cli->arena, "%s since %s", state->state, time_of(cli, state->since_ms)));
    show_line(cli, "asked by", state->from);
    show_line(cli, "household", show_id(cli->arena, state->household));
    show_line(cli, "for", state->what);
    show_line(cli, "pot", kith_arena_printf(cli->arena, "%s, of %s", state->pot, state->holder));
    show_line(cli, "asked", sum(cli, state->asked));
    show_line(cli, "approved", sum(cli, state->approved));
    show_line(cli, "spent",
              strcmp(state->state, "spent") == 0
                  ? kith_arena_printf(cli->arena, "£%s", text_pounds(cli->arena, state->spent))
                  : "");
    show_line(cli, "reason", state->reason);
    print_history(cli, state->n_history, state->history);
    print_allowed(cli, state->n_allowed, state->allowed);
}

static void print_open(const cli_t *cli, const Kith__Api__PotResponse *pots)
{
    static const char *const headers[] = {"SMALL HELP", "STATE",  "SINCE", "ASKED BY",
                                          "POT",        "POUNDS", "FOR"};
    table_t *table = table_new(cli->arena, headers, 7);
    for (size_t i = 0; i < pots->n_pots; i++) {
        for (size_t k = 0; k < pots->pots[i]->n_open; k++) {
            const Kith__Api__SmallHelpState *h = pots->pots[i]->open[k];
            uint64_t pence = h->approved != 0 ? h->approved : h->asked;
            table_row(table,
                      (const char *const[]){short_of(cli->arena, h->id), h->state,
                                            text_time(cli->arena, h->since_ms), h->from, h->pot,
                                            text_pounds(cli->arena, pence), h->what});
        }
    }
    if (table_rows(table) > 0) {
        puts("");
        table_print(table, stdout, cli->colour);
    }
}

void show_pots(const cli_t *cli, const Kith__Api__PotResponse *pots)
{
    static const char *const headers[] = {"POT",  "NAME",      "HOLDER", "POUNDS",
                                          "LEFT", "SET ASIDE", "SPENT",  "SAID"};
    table_t *table = table_new(cli->arena, headers, 8);
    for (size_t i = 0; i < pots->n_pots; i++) {
        const Kith__Api__PotState *p = pots->pots[i];
        table_row(table,
                  (const char *const[]){
                      p->pot, p->name, p->holder, text_pounds(cli->arena, p->amount),
                      text_pounds(cli->arena, p->balance), text_pounds(cli->arena, p->set_aside),
                      text_pounds(cli->arena, p->spent), text_time(cli->arena, p->said_ms)});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("The partnership has no pot.");
    print_open(cli, pots);
}
