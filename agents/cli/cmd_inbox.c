/* kith inbox: what waits for a person here. */
#include "agents/cli/commands.h"
#include "agents/cli/show.h"
#include "agents/cli/table.h"
#include "agents/cli/text.h"

#include <stdio.h>

int cli_ask_inbox(cli_t *cli, Kith__Api__InboxRequest *ask, Kith__Api__InboxResponse **ret)
{
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_INBOX;
    request.inbox = ask;
    Kith__Api__Response *response = NULL;
    int status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_INBOX)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    *ret = response->inbox;
    return CLI_OK;
}

static const char *short_of(kith_arena_t *arena, ProtobufCBinaryData id)
{
    char text[KITH_ID_SHORT_SIZE];
    kith_id_short((kith_bytes_t){.data = id.data, .size = id.len}, text);
    return kith_arena_str(arena, text);
}

static void print_table(const cli_t *cli, const Kith__Api__InboxResponse *inbox)
{
    static const char *const headers[] = {"NOTICE", "TASK",    "CONCERNS", "SINCE",
                                          "DUE",    "SUMMARY", "REASON"};
    table_t *table = table_new(cli->arena, headers, 7);
    for (size_t i = 0; i < inbox->n_tasks; i++) {
        const Kith__Api__Task *t = inbox->tasks[i];
        table_row(table,
                  (const char *const[]){short_of(cli->arena, t->notice_id), t->kind, t->agency,
                                        text_time(cli->arena, t->since_ms),
                                        text_time(cli->arena, t->due_ms), t->summary, t->reason});
    }
    if (table_rows(table) > 0)
        table_print(table, stdout, cli->colour);
    else
        puts("Nothing waits for you.");
    if (inbox->more && inbox->n_tasks > 0)
        printf("There is more: --after %llu\n",
               (unsigned long long)inbox->tasks[inbox->n_tasks - 1]->seq);
    if (inbox->n_silent > 0)
        printf("Agents that are silent: %s\n",
               show_silences(cli->arena, inbox->silent, inbox->n_silent));
}

static int run(cli_t *cli)
{
    Kith__Api__InboxRequest ask = KITH__API__INBOX_REQUEST__INIT;
    uint64_t limit = 0;
    int status = cli_number(cli, "limit", UINT32_MAX, &limit);
    if (status == CLI_OK)
        status = cli_number(cli, "after", INT64_MAX, &ask.after);
    ask.limit = (uint32_t)limit;
    Kith__Api__InboxResponse *inbox = NULL;
    if (status == CLI_OK)
        status = cli_ask_inbox(cli, &ask, &inbox);
    if (status != CLI_OK)
        return status;
    for (size_t i = 0; cli->json && i < inbox->n_tasks; i++)
        cli_print_message(cli, &inbox->tasks[i]->base);
    if (!cli->json)
        print_table(cli, inbox);
    return CLI_OK;
}

static const cli_option_t options[] = {
    {.name = "after", .value = "N", .help = "only tasks after this place (seq)"},
    {.name = "limit", .value = "N", .help = "at most so many tasks"},
    {.name = NULL},
};

const cli_command_t cmd_inbox = {
    .name = "inbox",
    .args = "",
    .summary = "what waits for a person here: decisions, answers, refusals, silences",
    .more =
        "alert-to-answer: kith reply. referral-to-decide: kith accept, or decline.\n"
        "referral-to-inform: kith referral inform. referral-to-begin: kith referral begin.\n"
        "front-door: kith household link the record that it names. alert-overdue,\n"
        "referral-overdue: an agency is late; ring it. Each of these ends by itself when that is\n"
        "done; kith done ends the rest. read-first: a household was handed over to you;\n"
        "lead-wanted: name one, kith household lead; household-closed: reopen it, or answer.\n"
        "early-help-proposed, lead-practitioner-wanted: a family's events have come to what the\n"
        "partnership wants to be asked about (kith load). nothing-arrived: what is expected by an\n"
        "hour has not come; whether that agency's agent is silent is another line, below.\n"
        "mail-to-read: kith mail show, send. mail-undelivered: a mail about the notice reached\n"
        "nobody; ring them. kith show NOTICE says more.",
    .example = "kith inbox",
    .options = options,
    .run = run,
};
