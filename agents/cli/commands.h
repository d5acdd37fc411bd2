/* The commands, one file each or one a family, and what main does with their table. */
#pragma once

#include "agents/cli/cli.h"

/* In the order that `kith help` lists them; ends with NULL. */
extern const cli_command_t *const commands[];

extern const cli_command_t cmd_publish, cmd_import;
extern const cli_command_t cmd_refer, cmd_accept, cmd_decline;
extern const cli_command_t cmd_referral_ask, cmd_referral_inform, cmd_referral_redirect;
extern const cli_command_t cmd_referral_begin, cmd_referral_step_up, cmd_referral_step_down;
extern const cli_command_t cmd_referral_withdraw, cmd_referral_close;
extern const cli_command_t cmd_alert, cmd_reply, cmd_seen;
extern const cli_command_t cmd_alert_update, cmd_alert_cancel, cmd_alert_exercise, cmd_alert_close;
extern const cli_command_t cmd_disagree, cmd_disagreement_answer, cmd_disagreement_escalate;
extern const cli_command_t cmd_disagreement_resolve, cmd_disagreement_withdraw;
extern const cli_command_t cmd_feed, cmd_watch, cmd_inbox, cmd_done, cmd_show;
extern const cli_command_t cmd_mail_show, cmd_mail_send;
extern const cli_command_t cmd_families, cmd_looked;
extern const cli_command_t cmd_snooze, cmd_snooze_end, cmd_snoozes, cmd_tellings;
extern const cli_command_t cmd_load;
extern const cli_command_t cmd_household_open, cmd_household_list, cmd_household_show;
extern const cli_command_t cmd_household_link, cmd_household_unlink, cmd_household_not_same;
extern const cli_command_t cmd_household_member_add, cmd_household_member_change;
extern const cli_command_t cmd_household_member_leave;
extern const cli_command_t cmd_household_close, cmd_household_reopen;
extern const cli_command_t cmd_household_team_add, cmd_household_team_remove, cmd_household_lead;
extern const cli_command_t cmd_assessment_request, cmd_assessment_contribute;
extern const cli_command_t cmd_assessment_complete, cmd_assessment_withdraw, cmd_assessment_show;
extern const cli_command_t cmd_plan_show, cmd_plan_outcome_add, cmd_plan_outcome_change;
extern const cli_command_t cmd_plan_review;
extern const cli_command_t cmd_small_help_ask, cmd_small_help_approve, cmd_small_help_decline;
extern const cli_command_t cmd_small_help_spent, cmd_small_help_withdraw, cmd_small_help_show;
extern const cli_command_t cmd_pot;
extern const cli_command_t cmd_subscribe, cmd_unsubscribe;
extern const cli_command_t cmd_find;
extern const cli_command_t cmd_offer_service, cmd_offer_knows, cmd_offer_reach, cmd_offer_end;
extern const cli_command_t cmd_status, cmd_settle;
extern const cli_command_t cmd_exercise_clock;
extern const cli_command_t cmd_keys_new, cmd_keys_show, cmd_config_check;
extern const cli_command_t cmd_version, cmd_help;

/* cmd_referral_step.c: a step of the referral that is the first argument, from the options. */
int cli_referral_step(cli_t *cli, Kith__ReferralStep step);

/* cmd_household.c: submits a change to the household that the first argument names. */
int cli_household_change(cli_t *cli, Kith__Household *change);
/* cmd_household_show.c: the household of this id, whole or short. An exit status. */
int cli_household_view(cli_t *cli, const char *text, Kith__Api__HouseholdView **ret_view);
/* cmd_inbox.c: one page of what waits. */
int cli_ask_inbox(cli_t *cli, Kith__Api__InboxRequest *ask, Kith__Api__InboxResponse **ret);

/* help.c */
void help_command(const cli_command_t *command);
/* The commands of a family; NULL: all. */
void help_all(const char *family);
