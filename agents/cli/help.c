/* What `kith help` and --help print, and the version. */
#include "agents/cli/commands.h"
#include "agents/cli/text.h"

#include <stdio.h>
#include <string.h>

static void print_options(const cli_option_t *options)
{
    for (; options != NULL && options->name != NULL; options++) {
        char name[64];
        (void)snprintf(name, sizeof name, "--%s%s%s", options->name,
                       options->value != NULL ? " " : "",
                       options->value != NULL ? options->value : "");
        size_t width = text_width(name);
        printf("  %s%*s  %s%s\n", name, width < 26 ? (int)(26 - width) : 0, "", options->help,
               options->required ? " (required)" : "");
    }
}

/* Each line of a text, indented. */
static void print_lines(const char *text)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        printf("  %.*s\n", (int)size, text);
        text += size + (text[size] == '\n' ? 1 : 0);
    }
}

void help_command(const cli_command_t *command)
{
    printf("kith %s%s%s [options]\n  %s\n", command->name, *command->args ? " " : "", command->args,
           command->summary);
    if (*command->more != '\0') {
        puts("");
        print_lines(command->more);
    }
    if (command->options != NULL) {
        puts("\nOptions:");
        print_options(command->options);
    }
    puts("\nOptions of every command:");
    print_options(cli_common_options);
    puts("\nExample:");
    print_lines(command->example);
    puts("\nExit status: 0 done, 64 command line, 65 input refused, 66 not found,\n"
         "  75 no answer or full (ask again), 77 not allowed, 78 configuration");
}

void help_all(const char *family)
{
    puts("kith: asks the agent of your agency. kith COMMAND --help says more.\n");
    const char *prefix = family != NULL ? family : "";
    size_t size = strlen(prefix);
    for (const cli_command_t *const *c = commands; *c != NULL; c++)
        if (size == 0 || (strncmp((*c)->name, prefix, size) == 0 && (*c)->name[size] == ' '))
            printf("  %-23s %s\n", (*c)->name, (*c)->summary);
}

static int run_help(cli_t *cli)
{
    char words[256] = "";
    size_t at = 0;
    for (size_t i = 0; i < cli->args.positional_count; i++) {
        int size = snprintf(words + at, sizeof words - at, "%s%s", i > 0 ? " " : "",
                            cli->args.positional[i]);
        if (size < 0 || (size_t)size >= sizeof words - at)
            return cli_misuse(cli, "there is no such command");
        at += (size_t)size;
    }
    if (at == 0) {
        help_all(NULL);
        return CLI_OK;
    }
    bool family = false;
    for (const cli_command_t *const *c = commands; *c != NULL; c++) {
        if (strcmp((*c)->name, words) == 0) {
            help_command(*c);
            return CLI_OK;
        }
        family |= strncmp((*c)->name, words, at) == 0 && (*c)->name[at] == ' ';
    }
    if (!family)
        return cli_misuse(cli, "there is no command %s", words);
    help_all(words);
    return CLI_OK;
}

const cli_command_t cmd_help = {
    .name = "help",
    .args = "[COMMAND]",
    .args_max = 4,
    .summary = "the commands, or one of them",
    .more = "",
    .example = "kith help household open",
    .run = run_help,
};

static int run_version(cli_t *cli)
{
    if (cli->json) {
        kith_json_t *object = kith_json_object();
        kith_json_put_str(object, "version", KITH_VERSION);
        cli_print_json(cli, &object);
    } else {
        puts("kith " KITH_VERSION);
    }
    return CLI_OK;
}

const cli_command_t cmd_version = {
    .name = "version",
    .args = "",
    .summary = "this program's version",
    .more = "",
    .example = "kith version",
    .run = run_version,
};
