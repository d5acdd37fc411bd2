/* kith: the command of people and scripts. Finds the command, runs it, ends with its exit status.
 */
#include "agents/cli/commands.h"

#include <stdio.h>

#define ARENA_BYTES_MAX (512u * 1024u * 1024u)

static int run(cli_t *cli)
{
    if (args_has(&cli->args, "help")) {
        if (cli->args.command != NULL)
            help_command(cli->args.command);
        else
            help_all(cli->args.family);
        return CLI_OK;
    }
    if (args_has(&cli->args, "version"))
        return cmd_version.run(cli);
    if (cli->args.command == NULL && cli->args.positional_count > 0)
        return cli_misuse(cli, "there is no command %s %s: see kith help %s", cli->args.family,
                          cli->args.positional[0], cli->args.family);
    if (cli->args.command == NULL) {
        help_all(cli->args.family);
        return CLI_USAGE;
    }
    if (!args_count_fits(&cli->args))
        return cli_misuse(cli, "usage: kith %s %s", cli->args.command->name,
                          cli->args.command->args);
    const char *missing = args_missing(&cli->args);
    if (missing != NULL)
        return cli_misuse(cli, "--%s is required", missing);
    return cli->args.command->run(cli);
}

int main(int argc, char **argv)
{
    cli_t cli = {.arena = kith_arena_new(ARENA_BYTES_MAX)};
    const char *what;
    kith_err err =
        args_parse(commands, cli_common_options, argc, argv, cli.arena, &cli.args, &what);
    int status = cli_begin(&cli);
    if (status == CLI_OK)
        status = err == KITH_OK ? run(&cli) : cli_misuse(&cli, "%s", what);
    cli_end(&cli);
    kith_arena_destroy(&cli.arena);
    if (status == CLI_OK && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
        fputs("kith: the output could not be written\n", stderr);
        return CLI_IO;
    }
    return status;
}
