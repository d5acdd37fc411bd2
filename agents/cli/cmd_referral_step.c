/* kith referral …: the further steps of a referral's life, by either end. */
#include "agents/cli/commands.h"

int cli_referral_step(cli_t *cli, Kith__ReferralStep step)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__ReferralAnswer body = KITH__REFERRAL_ANSWER__INIT;
    body.referral = cli_id_bytes(cli, &id);
    body.step = step;
    body.reason_code = cli_text(cli, "reason");
    body.next_step = cli_text(cli, "next-step");
    body.note = cli_text(cli, "note");
    body.scale = cli_text(cli, "urgency");
    body.part = cli_text(cli, "part");
    body.level = cli_text(cli, "level");
    body.redirected_to = cli_text(cli, "to");
    body.outcome = cli_text(cli, "outcome");
    body.need_met = cli_text(cli, "need-met");
    body.not_asked = cli_text(cli, "not-asked");
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_REFERRAL_ANSWER;
    draft.referral_answer = &body;
    return cli_submit(cli, &draft);
}

#define STEP(function, name)                                                                       \
    static int function(cli_t *cli)                                                                \
    {                                                                                              \
        return cli_referral_step(cli, KITH__REFERRAL_STEP__REFERRAL_##name);                       \
    }
STEP(run_ask, NEEDS_INFORMATION)
STEP(run_inform, INFORMATION)
STEP(run_redirect, REDIRECTED)
STEP(run_begin, IN_PROGRESS)
STEP(run_step_up, STEPPED_UP)
STEP(run_step_down, STEPPED_DOWN)
STEP(run_withdraw, WITHDRAWN)
STEP(run_close, CLOSED)

#define COMMAND(variable, word, about, options_, run_, example_)                                   \
    const cli_command_t variable = {                                                               \
        .name = "referral " word,                                                                  \
        .args = "REFERRAL",                                                                        \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .summary = about,                                                                          \
        .more = "",                                                                                \
        .example = example_,                                                                       \
        .options = options_,                                                                       \
        .run = run_,                                                                               \
    }

static const cli_option_t note_options[] = {
    {.name = "note", .value = "TEXT", .required = true, .help = "what is asked, or told"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_ask, "ask", "ask the referrer for information", note_options, run_ask,
        "kith referral ask 51be77a0c3d2 --note 'Who is at home in the mornings?'");
COMMAND(cmd_referral_inform, "inform", "tell what was asked about a referral of ours", note_options,
        run_inform, "kith referral inform 51be77a0c3d2 --note 'The grandmother, on school days'");

static const cli_option_t redirect_options[] = {
    {.name = "to", .value = "AGENCY", .required = true, .help = "who can help instead"},
    {.name = "reason", .value = "CODE", .help = "why, as your agency codes it"},
    {.name = "next-step", .value = "TEXT", .help = "what the referrer can do"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_redirect, "redirect", "say who can help instead", redirect_options,
        run_redirect,
        "kith referral redirect 51be77a0c3d2 --to health \\\n"
        "  --next-step 'The health visitor has a sleep clinic'");

static const cli_option_t begin_options[] = {
    {.name = "next-step", .value = "TEXT", .help = "what happens now"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_begin, "begin", "say that work with the family has begun", begin_options,
        run_begin, "kith referral begin 51be77a0c3d2 --note 'First visit was on Tuesday'");

static const cli_option_t level_options[] = {
    {.name = "level", .value = "LEVEL", .required = true, .help = "the level of need it goes to"},
    {.name = "reason", .value = "CODE", .help = "why, as your agency codes it"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_step_up, "step-up", "take it to a higher level of need", level_options,
        run_step_up, "kith referral step-up 51be77a0c3d2 --level 4 --reason risk-to-child");
COMMAND(cmd_referral_step_down, "step-down", "take it to a lower level of need", level_options,
        run_step_down, "kith referral step-down 51be77a0c3d2 --level 2 --reason goals-reached");

static const cli_option_t withdraw_options[] = {
    {.name = "reason", .value = "CODE", .required = true, .help = "why, as your agency codes it"},
    {.name = "note", .value = "TEXT", .help = "for who received it"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_withdraw, "withdraw", "take a referral of ours back", withdraw_options,
        run_withdraw, "kith referral withdraw 51be77a0c3d2 --reason family-declined");

static const cli_option_t close_options[] = {
    {.name = "outcome", .value = "CODE", .required = true, .help = "as your agency codes it"},
    {.name = "need-met", .value = "yes|no", .help = "the family's own answer"},
    {.name = "not-asked", .value = "WHY", .help = "why the family was not asked"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_referral_close, "close", "close a referral with its outcome", close_options, run_close,
        "kith referral close 51be77a0c3d2 --outcome goals-reached --need-met yes");
