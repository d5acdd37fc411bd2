/* kith refer, accept, decline: one agency asks another, and is told. */
#include "agents/cli/commands.h"

/* ---- refer ---- */

static int fill_referral(cli_t *cli, Kith__Referral *referral, Kith__Basis *basis)
{
    referral->need = cli_text(cli, "need");
    referral->need_code = cli_text(cli, "need-code");
    referral->service = cli_text(cli, "service");
    referral->reason = cli_text(cli, "reason");
    referral->urgency = cli_text(cli, "urgency");
    basis->data_protection = cli_text(cli, "basis");
    basis->agreed_to_service = cli_text(cli, "agreed");
    basis->medical_consent = cli_text(cli, "medical-consent");
    basis->family_told = cli_text(cli, "family-told");
    referral->basis = basis;
    if (args_has(&cli->args, "earlier")) {
        kith_id_t earlier;
        int status = cli_notice_id(cli, args_value(&cli->args, "earlier"), &earlier);
        if (status != CLI_OK)
            return status;
        referral->earlier = cli_id_bytes(cli, &earlier);
    }
    return cli_about(cli, &referral->n_about, &referral->about);
}

static int run_refer(cli_t *cli)
{
    Kith__Referral referral = KITH__REFERRAL__INIT;
    Kith__Basis basis = KITH__BASIS__INIT;
    Kith__Api__Draft draft = KITH__API__DRAFT__INIT;
    draft.body_case = KITH__API__DRAFT__BODY_REFERRAL;
    draft.referral = &referral;
    draft.n_to = cli_names(cli, "to", &draft.to);
    draft.n_despite = cli_names(cli, "despite", &draft.despite);
    if (draft.n_to != 1)
        return cli_misuse(cli, "a referral goes to one agency");
    int status = fill_referral(cli, &referral, &basis);
    if (status == CLI_OK)
        status = cli_household_option(cli, "household", &draft.household);
    return status == CLI_OK ? cli_submit(cli, &draft) : status;
}

static const cli_option_t refer_options[] = {
    {.name = "to", .value = "AGENCY", .required = true, .help = "who is asked"},
    {.name = "need", .value = "TEXT", .required = true, .help = "in the family's own words"},
    {.name = "service", .value = "SERVICE", .required = true, .help = "kith find, or in words"},
    {.name = "household", .value = "ID", .help = "the family it is for"},
    {.name = "need-code", .value = "CODE", .help = "the need in your coding"},
    {.name = "reason", .value = "TEXT", .help = "why this service, why now"},
    {.name = "urgency", .value = "WORD", .help = "red, amber, green: your own scale"},
    {.name = "about", .value = "SYSTEM/ID[:ROLE]", .help = "your record of a person", .many = true},
    {.name = "basis",
     .value = "WORD",
     .required = true,
     .help = "data protection: public-task, consent …"},
    {.name = "agreed", .value = "TEXT", .help = "did the family agree to the service"},
    {.name = "medical-consent", .value = "TEXT", .help = "yes, no, not-applicable"},
    {.name = "family-told", .value = "TEXT", .help = "yes, or the reason why not"},
    {.name = "earlier", .value = "ID", .help = "the referral that this one follows"},
    {.name = "despite", .value = "RULE", .help = "of a warning you have read", .many = true},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_refer = {
    .name = "refer",
    .args = "",
    .summary = "refer a family to a service of another agency",
    .more = "",
    .example = "kith refer --to early-help --household 9c41d07e22ab --urgency amber \\\n"
               "  --service parenting --need 'We cannot get them to bed before midnight' \\\n"
               "  --basis public-task --agreed yes",
    .options = refer_options,
    .run = run_refer,
};

/* ---- accept and decline ---- */

static int run_accept(cli_t *cli)
{
    return cli_referral_step(cli, args_has(&cli->args, "part")
                                      ? KITH__REFERRAL_STEP__REFERRAL_PARTLY_ACCEPTED
                                      : KITH__REFERRAL_STEP__REFERRAL_ACCEPTED);
}

static int run_decline(cli_t *cli)
{
    return cli_referral_step(cli, KITH__REFERRAL_STEP__REFERRAL_DECLINED);
}

static const cli_option_t accept_options[] = {
    {.name = "part", .value = "TEXT", .help = "what of it; the rest then is still open"},
    {.name = "next-step", .value = "TEXT", .help = "what happens now"},
    {.name = "urgency", .value = "WORD", .help = "your own scale, beside the sender's"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_accept = {
    .name = "accept",
    .args = "REFERRAL",
    .args_min = 1,
    .args_max = 1,
    .summary = "accept a referral, or a part of it",
    .more = "",
    .example = "kith accept 51be77a0c3d2 --next-step 'First visit on Tuesday'",
    .options = accept_options,
    .run = run_accept,
};

static const cli_option_t decline_options[] = {
    {.name = "reason", .value = "CODE", .required = true, .help = "why, as your agency codes it"},
    {.name = "next-step",
     .value = "TEXT",
     .required = true,
     .help = "what the referrer can do instead"},
    {.name = "note", .value = "TEXT", .help = "for the referrer"},
    CLI_SUBMIT_OPTIONS,
    {.name = NULL},
};

const cli_command_t cmd_decline = {
    .name = "decline",
    .args = "REFERRAL",
    .args_min = 1,
    .args_max = 1,
    .summary = "decline a referral, with a reason and a next step",
    .more = "",
    .example = "kith decline 51be77a0c3d2 --reason out-of-area \\\n"
               "  --next-step 'Ask the family hub of Sampleford'",
    .options = decline_options,
    .run = run_decline,
};
