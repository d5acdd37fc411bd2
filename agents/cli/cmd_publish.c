/* kith publish: events as lines of JSON, from a program that writes them. */
#include "agents/cli/commands.h"
#include "agents/cli/event_json.h"
#include "agents/cli/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line longer than this is no event that fits a notice. */
#define LINE_BYTES_MAX  (1024u * 1024u)
#define ARENA_BYTES_MAX (64u * 1024u * 1024u)

static bool is_blank(kith_bytes_t line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

static int take_line(publisher_t *publisher, kith_arena_t *arena, size_t number, kith_bytes_t line)
{
    if (is_blank(line))
        return CLI_OK;
    if (line.size > LINE_BYTES_MAX) {
        publisher_refuse(publisher, number, "", "a line of over 1 MiB");
        return CLI_OK;
    }
    kith_arena_reset(arena);
    Kith__Api__Draft *draft;
    event_problem_t problem;
    if (event_parse(line, arena, &draft, &problem) != KITH_OK) {
        publisher_refuse(publisher, number, problem.field, problem.what);
        return CLI_OK;
    }
    return publisher_put(publisher, number, line, draft);
}

static int take_lines(cli_t *cli, publisher_t *publisher, const char *name, FILE *file)
{
    kith_arena_t *arena = kith_arena_new(ARENA_BYTES_MAX);
    char *line = NULL;
    size_t room = 0, number = 0;
    int status = CLI_OK;
    while (status == CLI_OK) {
        ssize_t size = getline(&line, &room, file);
        if (size < 0)
            break;
        if (size > 0 && line[size - 1] == '\n')
            size--;
        kith_bytes_t bytes = {.data = (const uint8_t *)line, .size = (size_t)size};
        status = take_line(publisher, arena, ++number, bytes);
    }
    if (status == CLI_OK && ferror(file) != 0)
        status = cli_fail(cli, CLI_NOT_FOUND, "cannot read %s to its end", name);
    free(line);
    kith_arena_destroy(&arena);
    return status;
}

static int run(cli_t *cli)
{
    const char *name = cli->args.positional_count > 0 ? cli->args.positional[0] : "-";
    bool standard = strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rb");
    if (file == NULL)
        return cli_fail(cli, CLI_NOT_FOUND, "cannot read %s", name);
    publisher_t *publisher;
    int status = publisher_new(cli, standard ? "standard input" : name, &publisher);
    if (status == CLI_OK) {
        status = take_lines(cli, publisher, name, file);
        status = publisher_finish(publisher, status);
        publisher_destroy(&publisher);
    }
    if (!standard)
        (void)fclose(file);
    return status;
}

static const cli_option_t options[] = {
    {.name = "dry-run", .help = "check the lines, print the events, send nothing"},
    {.name = "corrects", .help = "records published before that say otherwise now"},
    {.name = NULL},
};

const cli_command_t cmd_publish = {
    .name = "publish",
    .args = "[FILE]",
    .args_max = 1,
    .summary = "publish events: one JSON object a line, from FILE or standard input",
    .more = "Keys: topic, kind, occurred (RFC 3339), about [{system, id, role, shielded}],\n"
            "household, severity {scale, value}, minutes, cost_code, narrative, shielded,\n"
            "source {system, id}, to [agency]. The first three are required; any other key is an\n"
            "error. Lines that are wrong are named on standard error; the others are published.\n"
            "Running it again publishes nothing twice: a line is known by its source, or by its\n"
            "text and its place among equal lines. With other content under the same source it is\n"
            "refused, unless it --corrects: then it takes the place of what was said before.",
    .example =
        "echo '{\"topic\": \"police.call-out\", \"kind\": \"call-out\", \"occurred\":\n"
        "  \"2026-03-29T01:10:00Z\", \"about\": [{\"system\": \"police-rms\", \"id\": \"P-1\"}]}'"
        " |\n  tr -d '\\n' | kith publish",
    .options = options,
    .run = run,
};
