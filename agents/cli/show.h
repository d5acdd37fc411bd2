/* How notices, boards and feeds look to a person: shared by show, alert, feed and watch. Prints on
 * standard output. */
#pragma once

#include "agents/cli/cli.h"

/* Asks for a notice and decodes it. An exit status, the failure printed. */
int show_ask(cli_t *cli, kith_arena_t *arena, const kith_id_t *id, const char *short_id,
             Kith__Api__ShowResponse **ret_show, Kith__Notice **ret_notice);
/* The response as JSON, with the notice itself in place of its bytes. The caller destroys it. */
kith_json_t *show_to_json(const Kith__Api__ShowResponse *show, const Kith__Notice *notice);

void show_notice(const cli_t *cli, const Kith__Notice *notice);
/* Where it is with each recipient and why, and what it drew: an alert's board, a referral's answer,
 * who has seen it. */
void show_answers(const cli_t *cli, const Kith__Api__ShowResponse *show);
/* One row an agency, the silent ones named below. */
void show_board(const cli_t *cli, const Kith__Api__AlertBoard *board);
void show_disagreement(const cli_t *cli, const Kith__Api__DisagreementState *state);
/* Agencies that have not answered, in all and those whose time is over. */
size_t show_silent(const Kith__Api__AlertBoard *board, size_t *ret_overdue);

/* An id's last digits; "" when there is none. */
const char *show_short(kith_arena_t *arena, ProtobufCBinaryData id);
/* ---- what a household's team does together: show_together.c ---- */
void show_assessment_lines(const cli_t *cli, const Kith__Assessment *said);
void show_plan_lines(const cli_t *cli, const Kith__Plan *plan);
void show_help_lines(const cli_t *cli, const Kith__SmallHelp *said);
void show_assessment(const cli_t *cli, const Kith__Api__AssessmentState *state);
void show_help(const cli_t *cli, const Kith__Api__SmallHelpState *state);
void show_plan(const cli_t *cli, const Kith__Api__PlanView *plan);
void show_pots(const cli_t *cli, const Kith__Api__PotResponse *pots);

/* "name        value", left out when there is none. */
void show_line(const cli_t *cli, const char *name, const char *value);
const char *show_id(kith_arena_t *arena, ProtobufCBinaryData id);

/* ---- rows of a feed ---- */
struct table;
struct table *show_feed_table(kith_arena_t *arena);
void show_feed_row(kith_arena_t *arena, struct table *table, const Kith__Api__FeedEntry *entry);
/* One line by itself, as `watch` writes it. */
void show_feed_line(kith_arena_t *arena, const Kith__Api__FeedEntry *entry);
/* "social-care (since 2026-03-29 01:00), …" */
const char *show_silences(kith_arena_t *arena, Kith__Api__AgencySilence *const *list, size_t count);
