/* kith done: a person ends a task that nothing else will end. */
#include "agents/cli/commands.h"

#include <stdio.h>
#include <string.h>

static bool ends_with(ProtobufCBinaryData id, const char *digits)
{
    char text[KITH_ID_TEXT_SIZE];
    kith_id_text((kith_bytes_t){.data = id.data, .size = id.len}, text);
    size_t size = strlen(digits), whole = strlen(text);
    return size <= whole && strcmp(text + whole - size, digits) == 0;
}

/* A short id is one of what waits: a rule's matter has an id and no notice. */
static int find(cli_t *cli, const char *text, kith_id_t *ret_id)
{
    Kith__Api__InboxRequest ask = KITH__API__INBOX_REQUEST__INIT;
    Kith__Api__InboxResponse *page = NULL;
    ProtobufCBinaryData found = {0};
    const char *digits = NULL;
    if (kith_id_parse(text, ret_id) == KITH_OK)
        return CLI_OK;
    int status = cli_short_id(cli, text, &digits);
    do {
        if (status == CLI_OK)
            status = cli_ask_inbox(cli, &ask, &page);
        for (size_t i = 0; status == CLI_OK && i < page->n_tasks; i++) {
            ProtobufCBinaryData id = page->tasks[i]->notice_id;
            ask.after = page->tasks[i]->seq;
            if (id.len != sizeof ret_id->bytes || !ends_with(id, digits))
                continue;
            if (found.len > 0 && memcmp(found.data, id.data, id.len) != 0)
                return cli_misuse(cli, "%s fits several of what waits: give more of it", text);
            found = id;
        }
    } while (status == CLI_OK && page->more && page->n_tasks > 0);
    if (status == CLI_OK && found.len == 0)
        return cli_fail(cli, CLI_NOT_FOUND, "nothing of this id waits here: see kith inbox");
    if (status == CLI_OK)
        memcpy(ret_id->bytes, found.data, sizeof ret_id->bytes);
    return status;
}

static int run(cli_t *cli)
{
    kith_id_t id;
    int status = find(cli, cli->args.positional[0], &id);
    if (status != CLI_OK)
        return status;
    Kith__Api__DoneRequest ask = KITH__API__DONE_REQUEST__INIT;
    ask.notice_id = cli_id_bytes(cli, &id);
    ask.kind = cli_text(cli, "kind");
    ask.why = cli_text(cli, "why");
    Kith__Api__Request request = KITH__API__REQUEST__INIT;
    request.ask_case = KITH__API__REQUEST__ASK_DONE;
    request.done = &ask;
    Kith__Api__Response *response = NULL;
    status = cli_ask(cli, &request, &response);
    if (status != CLI_OK)
        return status;
    if (response->answer_case != KITH__API__RESPONSE__ANSWER_DONE)
        return cli_fail(cli, CLI_AGAIN, "the agent's answer is of another kind");
    if (cli->json)
        cli_print_message(cli, &response->done->base);
    else
        printf("%u ended.\n", response->done->ended);
    return CLI_OK;
}

static const cli_option_t options[] = {
    {.name = "kind", .value = "KIND", .help = "only this task of the notice (else all)"},
    {.name = "why", .value = "TEXT", .help = "kept with the task"},
    {.name = NULL},
};

const cli_command_t cmd_done = {
    .name = "done",
    .args = "NOTICE",
    .args_min = 1,
    .args_max = 1,
    .summary = "end what waits in the inbox for this notice",
    .more = "What asks for an answer ends by the answer: kith accept, decline or reply.",
    .example = "kith done 9c41d07e22ab --kind front-door --why 'names no family we know'",
    .options = options,
    .run = run,
};
