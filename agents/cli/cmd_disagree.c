/* kith disagree, kith disagreement …: with what another agency decided, until it is settled. */
#include "agents/cli/commands.h"

static int submit(cli_t *cli, Kith__Disagreement *body, ProtobufCBinaryData *id_field)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    *id_field = cli_id_bytes(cli, &id);
    body->text = cli_text(cli, "text");
    body->outcome = cli_text(cli, "outcome");
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_DISAGREEMENT;
    draft.disagreement = body;
    return cli_submit(cli, &draft);
}

static int run_disagree(cli_t *cli)
{
    Kith__Disagreement body = KITH__DISAGREEMENT__INIT;
    body.step = KITH__DISAGREEMENT_STEP__DISAGREEMENT_RAISED;
    return submit(cli, &body, &body.decision);
}

static int step(cli_t *cli, Kith__DisagreementStep name)
{
    Kith__Disagreement body = KITH__DISAGREEMENT__INIT;
    body.step = name;
    return submit(cli, &body, &body.disagreement);
}

#define STEP(function, name)                                                                       \
    static int function(cli_t *cli)                                                                \
    {                                                                                              \
        return step(cli, KITH__DISAGREEMENT_STEP__DISAGREEMENT_##name);                            \
    }
STEP(run_answer, ANSWERED)
STEP(run_escalate, ESCALATED)
STEP(run_resolve, RESOLVED)
STEP(run_withdraw, WITHDRAWN)

#define COMMAND(variable, name_, of, about, more_, options_, run_, example_)                       \
    const cli_command_t variable = {                                                               \
        .name = name_,                                                                             \
        .args = of,                                                                                \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .summary = about,                                                                          \
        .more = more_,                                                                             \
        .example = example_,                                                                       \
        .options = options_,                                                                       \
        .run = run_,                                                                               \
    }

static const cli_option_t said_options[] = {
    {.name = "text", .value = "TEXT", .required = true, .help = "why, or what is answered"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(
    cmd_disagree, "disagree", "NOTICE", "disagree with what another agency decided",
    "NOTICE is what it decided: a referral or its answer, an alert, a reply, a change. The two\n"
    "climb the stages of the partnership until it is settled; kith show says where it stands.",
    said_options, run_disagree,
    "kith disagree 51be77a0c3d2 --text 'Nobody else can see the child this week'");
COMMAND(cmd_disagreement_answer, "disagreement answer", "DISAGREEMENT",
        "answer a disagreement with what we decided", "", said_options, run_answer,
        "kith disagreement answer 8f02ab1299c0 --text 'We can visit on Thursday'");

static const cli_option_t text_options[] = {
    {.name = "text", .value = "TEXT", .help = "why"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_disagreement_escalate, "disagreement escalate", "DISAGREEMENT",
        "take a disagreement of ours to its next stage", "", text_options, run_escalate,
        "kith disagreement escalate 8f02ab1299c0 --text 'Thursday is too late'");
COMMAND(cmd_disagreement_withdraw, "disagreement withdraw", "DISAGREEMENT",
        "take a disagreement of ours back", "", text_options, run_withdraw,
        "kith disagreement withdraw 8f02ab1299c0 --text 'The child was seen'");

static const cli_option_t resolve_options[] = {
    {.name = "outcome", .value = "TEXT", .required = true, .help = "what was agreed"},
    {.name = "text", .value = "TEXT", .help = "more about it"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_disagreement_resolve, "disagreement resolve", "DISAGREEMENT",
        "settle a disagreement of ours with what was agreed", "", resolve_options, run_resolve,
        "kith disagreement resolve 8f02ab1299c0 --outcome 'One visit this week'");
