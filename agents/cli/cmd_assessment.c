/* kith assessment …: one of a household, to which each agency asked adds its own part. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"

#include <stdio.h>

static int submit(cli_t *cli, Kith__Api__Draft *draft, Kith__Assessment *body)
{
    draft->body_case = KITH__API__DRAFT__BODY_ASSESSMENT;
    draft->assessment = body;
    return cli_submit(cli, draft);
}

/* ---- asked for ---- */

static int run_request(cli_t *cli)
{
    Kith__Assessment body = KITH__ASSESSMENT__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    body.step = KITH__ASSESSMENT_STEP__ASSESSMENT_REQUESTED;
    body.kind = cli_text(cli, "kind");
    body.reason = cli_text(cli, "reason");
    body.n_asked = cli_names(cli, "ask", &body.asked);
    draft.n_despite = cli_names(cli, "despite", &draft.despite);
    int status = cli_household_option(cli, "household", &draft.household);
    if (status == CLI_OK)
        status = cli_time_option(cli, "due", 1, &body.due_ms);
    return status == CLI_OK ? submit(cli, &draft, &body) : status;
}

static const cli_option_t request_options[] = {
    {.name = "household", .value = "ID", .required = true, .help = "the family it is about"},
    {.name = "kind", .value = "CODE", .required = true, .help = "early-help, child-and-family …"},
    {.name = "reason", .value = "TEXT", .required = true, .help = "why it is asked for"},
    {.name = "ask",
     .value = "A,B",
     .help = "only these (else everyone around the family)",
     .many = true},
    {.name = "due", .value = "TIME", .help = "else by the partnership's clock (30d, 2026-03-29)"},
    {.name = "despite",
     .value = "RULE",
     .help = "assessment-exists: the one that exists does not serve",
     .many = true},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_assessment_request = {
    .name = "assessment request",
    .args = "",
    .summary = "ask the agencies around a family for one assessment",
    .more = "A request is first answered with the assessment that exists. Read that one; if it\n"
            "does not serve, ask with --despite assessment-exists, and say in --reason why.",
    .example = "kith assessment request --household 9c41d07e22ab --kind early-help \\\n"
               "  --reason 'Three call-outs in a month, and nobody leads'",
    .options = request_options,
    .run = run_request,
};

/* ---- its further steps ---- */

static int run_step(cli_t *cli, Kith__AssessmentStep step)
{
    kith_id_t id;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__Assessment body = KITH__ASSESSMENT__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    body.assessment = cli_id_bytes(cli, &id);
    body.step = step;
    body.section = cli_text(cli, "section");
    body.text = cli_text(cli, args_has(&cli->args, "summary") ? "summary" : "text");
    body.family_view = cli_text(cli, "family-view");
    body.reason = cli_text(cli, "reason");
    return submit(cli, &draft, &body);
}

#define STEP(function, name)                                                                       \
    static int function(cli_t *cli)                                                                \
    {                                                                                              \
        return run_step(cli, KITH__ASSESSMENT_STEP__ASSESSMENT_##name);                            \
    }
STEP(run_contribute, CONTRIBUTED)
STEP(run_complete, COMPLETED)
STEP(run_withdraw, WITHDRAWN)

static int run_show(cli_t *cli)
{
    kith_id_t id;
    Kith__Api__ShowResponse *show;
    Kith__Notice *notice;
    int status = cli_notice_id(cli, cli->args.positional[0], &id);
    if (status == CLI_OK)
        status = show_ask(cli, cli->arena, &id, NULL, &show, &notice);
    if (status != CLI_OK)
        return status;
    if (show->assessment == NULL)
        return cli_fail(cli, CLI_REFUSED, "this notice asks for no assessment");
    if (cli->json)
        cli_print_message(cli, &show->assessment->base);
    else {
        puts(show_id(cli->arena, show->assessment->id));
        show_assessment(cli, show->assessment);
    }
    return CLI_OK;
}

#define COMMAND(variable, word, about, options_, run_, example_)                                   \
    const cli_command_t variable = {                                                               \
        .name = "assessment " word,                                                                \
        .args = "ASSESSMENT",                                                                      \
        .args_min = 1,                                                                             \
        .args_max = 1,                                                                             \
        .summary = about,                                                                          \
        .more = "",                                                                                \
        .example = example_,                                                                       \
        .options = options_,                                                                       \
        .run = run_,                                                                               \
    }

static const cli_option_t contribute_options[] = {
    {.name = "text", .value = "TEXT", .required = true, .help = "what your agency knows"},
    {.name = "section", .value = "CODE", .help = "strengths, needs, health, housing …"},
    {.name = "family-view", .value = "TEXT", .help = "the family's own words"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_assessment_contribute, "contribute", "add your agency's part", contribute_options,
        run_contribute,
        "kith assessment contribute 51be77a0c3d2 --section strengths \\\n"
        "  --text 'The grandmother is there each morning'");

static const cli_option_t complete_options[] = {
    {.name = "summary", .value = "TEXT", .required = true, .help = "what it comes to"},
    {.name = "family-view",
     .value = "TEXT",
     .required = true,
     .help = "what the family says to it, in their own words"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_assessment_complete, "complete", "end an assessment of ours with its summary",
        complete_options, run_complete,
        "kith assessment complete 51be77a0c3d2 --summary 'Help in the mornings' \\\n"
        "  --family-view 'We want them to sleep through'");

static const cli_option_t withdraw_options[] = {
    {.name = "reason", .value = "TEXT", .required = true, .help = "why"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};
COMMAND(cmd_assessment_withdraw, "withdraw", "take a request of ours back", withdraw_options,
        run_withdraw, "kith assessment withdraw 51be77a0c3d2 --reason 'The family moved away'");

COMMAND(cmd_assessment_show, "show", "how it stands, and what each agency contributed", NULL,
        run_show, "kith assessment show 51be77a0c3d2");
