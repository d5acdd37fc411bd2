/* kith plan …: a household's one plan. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "base/text.h"

#include <string.h>

/* The household that the first argument names. */
static int named_household(cli_t *cli, ProtobufCBinaryData *ret_household)
{
    kith_id_t id;
    int status = cli_household_id(cli, cli->args.positional[0], &id);
    if (status == CLI_OK)
        *ret_household = cli_id_bytes(cli, &id);
    return status;
}

static int ask_plan(cli_t *cli, ProtobufCBinaryData household, Kith__Api__PlanView **ret_plan)
{
    Kith__Api__PlanRequest ask = KITH__API__PLAN_REQUEST__INIT;
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    Kith__Api__Response *response = NULL;
    ask.household = household;
    request.ask_case = KITH__API__REQUEST__ASK_PLAN;
    request.plan = &ask;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_PLAN)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    *ret_plan = response->plan;
    return CLI_OK;
}

static int submit(cli_t *cli, ProtobufCBinaryData household, Kith__Plan *plan)
{
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.household = household;
    draft.body_case = KITH__API__DRAFT__BODY_PLAN;
    draft.plan = plan;
    return cli_submit(cli, &draft);
}

static int run_show(cli_t *cli)
{
    ProtobufCBinaryData household = {.len = 0};
    Kith__Api__PlanView *plan;
    int status = named_household(cli, &household);
    if (status == CLI_OK)
        status = ask_plan(cli, household, &plan);
    if (status != CLI_OK)
        return status;
    if (cli->json)
        cli_print_message(cli, &plan->base);
    else
        show_plan(cli, plan);
    return CLI_OK;
}

const cli_command_t cmd_plan_show = {
    .name = "plan show",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "a household's one plan, and how much came that it does not foresee",
    .more = "",
    .example = "kith plan show 9c41d07e22ab",
    .run = run_show,
};

/* ---- outcomes ---- */

static int fill_outcome(cli_t *cli, Kith__PlanOutcome *outcome)
{
    outcome->text = cli_text(cli, "text");
    outcome->owner = cli_text(cli, "owner");
    outcome->need_code = cli_text(cli, "need-code");
    outcome->reason = cli_text(cli, "reason");
    outcome->need_met = cli_text(cli, "need-met");
    outcome->n_expects = cli_names(cli, "expects", &outcome->expects);
    return cli_time_option(cli, "by", 1, &outcome->by_ms);
}

static int submit_outcome(cli_t *cli, ProtobufCBinaryData household, Kith__PlanOutcome *outcome)
{
    Kith__PlanOutcome *outcomes[] = {outcome};
    Kith__Plan plan = KITH__PLAN__INIT;
    plan.outcomes = outcomes;
    plan.n_outcomes = 1;
    return submit(cli, household, &plan);
}

static int run_add(cli_t *cli)
{
    ProtobufCBinaryData household = {.len = 0};
    Kith__PlanOutcome outcome = KITH__PLAN_OUTCOME__INIT;
    int status = fill_outcome(cli, &outcome);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    return status == CLI_OK ? submit_outcome(cli, household, &outcome) : status;
}

static const cli_option_t add_options[] = {
    {.name = "text", .value = "TEXT", .required = true, .help = "what is to be reached, in a line"},
    {.name = "owner", .value = "AGENCY", .required = true, .help = "who of the team sees to it"},
    {.name = "by", .value = "TIME", .help = "until when (2026-06-01, 90d)"},
    {.name = "need-code", .value = "CODE", .help = "the need in your coding"},
    {.name = "expects",
     .value = "TOPIC,…",
     .help = "events that it foresees: a topic, its beginning and .*, or *",
     .many = true},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_plan_outcome_add = {
    .name = "plan outcome add",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "one more thing the plan is to reach, and who sees to it",
    .more = "An event whose topic no open outcome expects is marked `unplanned` in the feed.",
    .example = "kith plan outcome add 9c41d07e22ab --owner early-help --by 90d \\\n"
               "  --text 'Both children are in bed by nine' --expects early-help.visit",
    .options = add_options,
    .run = run_add,
};

/* The whole id, or its last digits when they fit one of the plan's outcomes only. */
static int find_outcome(cli_t *cli, ProtobufCBinaryData household, const char *text,
                        ProtobufCBinaryData *ret_id)
{
    Kith__Api__PlanView *plan;
    const char *short_id = text;
    kith_id_t whole;
    int status = ask_plan(cli, household, &plan);
    if (status == CLI_OK && kith_id_parse(text, &whole) != KITH_OK)
        status = cli_short_id(cli, text, &short_id);
    if (status != CLI_OK)
        return status;
    size_t found = 0;
    for (size_t i = 0; i < plan->n_outcomes; i++) {
        const char *id = show_id(cli->arena, plan->outcomes[i]->id);
        size_t skip = strlen(id) > strlen(short_id) ? strlen(id) - strlen(short_id) : 0;
        if (strcmp(id + skip, short_id) != 0)
            continue;
        *ret_id = plan->outcomes[i]->id;
        found++;
    }
    if (found == 0)
        return cli_fail(cli, CLI_NOT_FOUND, "the plan has no outcome %s: kith plan show", text);
    return found == 1 ? CLI_OK
                      : cli_misuse(cli, "%s fits several outcomes: give more of its id", text);
}

static int run_change(cli_t *cli)
{
    ProtobufCBinaryData household = {.len = 0};
    Kith__PlanOutcome outcome = KITH__PLAN_OUTCOME__INIT;
    const char *state = args_value(&cli->args, "state");
    int value = 0;
    if (state != NULL && (!kith_enum_value(&kith__outcome_state__descriptor, state, &value) ||
                          value == (int)KITH__OUTCOME_STATE__OUTCOME_STATE_UNSPECIFIED))
        return cli_misuse(cli, "%s is no state: open, met, not-met or dropped", state);
    outcome.state = (Kith__OutcomeState)value;
    int status = fill_outcome(cli, &outcome);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    if (status == CLI_OK)
        status = find_outcome(cli, household, cli->args.positional[1], &outcome.id);
    return status == CLI_OK ? submit_outcome(cli, household, &outcome) : status;
}

static const cli_option_t change_options[] = {
    {.name = "state", .value = "STATE", .help = "met, not-met, dropped; open: taken back"},
    {.name = "need-met", .value = "yes", .help = "met: the family's own yes"},
    {.name = "reason", .value = "TEXT", .help = "not-met, dropped: why"},
    {.name = "text", .value = "TEXT", .help = "what is to be reached, in a line"},
    {.name = "owner", .value = "AGENCY", .help = "who of the team sees to it"},
    {.name = "by", .value = "TIME", .help = "until when (2026-06-01, 90d)"},
    {.name = "need-code", .value = "CODE", .help = "the need in your coding"},
    {.name = "expects", .value = "TOPIC,…", .help = "events that it foresees", .many = true},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_plan_outcome_change = {
    .name = "plan outcome change",
    .args = "HOUSEHOLD OUTCOME",
    .args_min = 2,
    .args_max = 2,
    .summary = "say how an outcome ended, or change what is left out otherwise",
    .more = "",
    .example = "kith plan outcome change 9c41d07e22ab 1f0c9ab27e44 --state met --need-met yes",
    .options = change_options,
    .run = run_change,
};

/* ---- the review ---- */

static int run_review(cli_t *cli)
{
    ProtobufCBinaryData household = {.len = 0};
    Kith__Plan plan = KITH__PLAN__INIT;
    plan.family_view = cli_text(cli, "family-view");
    int status = cli_time_option(cli, "next", 1, &plan.review_ms);
    if (status == CLI_OK)
        status = named_household(cli, &household);
    return status == CLI_OK ? submit(cli, household, &plan) : status;
}

static const cli_option_t review_options[] = {
    {.name = "next",
     .value = "TIME",
     .required = true,
     .help = "when the plan is looked at again (42d, 2026-06-01)"},
    {.name = "family-view", .value = "TEXT", .help = "what the family says, in their own words"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_plan_review = {
    .name = "plan review",
    .args = "HOUSEHOLD",
    .args_min = 1,
    .args_max = 1,
    .summary = "the plan was looked at: when it is again, and what the family says",
    .more = "",
    .example = "kith plan review 9c41d07e22ab --next 42d --family-view 'It is better at night'",
    .options = review_options,
    .run = run_review,
};
