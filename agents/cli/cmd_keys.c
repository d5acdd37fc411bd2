/* kith keys: an agency makes its own keys; only their public halves leave its machine. */
#include "agents/cli/commands.h"
#include "agents/cli/text.h"
#include "io/keys.h"

#include <stdio.h>

static const char *const kinds[KEYS_KINDS] = {
    [KEYS_TRANSPORT] = "transport", [KEYS_SIGNING] = "signing", [KEYS_SEALING] = "sealing"};

static size_t kinds_count(const cli_t *cli)
{
    return args_has(&cli->args, "broker") ? KEYS_SEALING : KEYS_KINDS;
}

static const char *hex_of(kith_arena_t *arena, const kith_keys_t *keys, size_t kind)
{
    char *hex = kith_arena_need(arena, 65);
    kith_hex((kith_bytes_t){.data = keys_public(keys, (keys_kind)kind), .size = 32}, hex);
    return hex;
}

/* As an entry of the partnership file wants them. */
static void print_keys(cli_t *cli, const kith_keys_t *keys)
{
    kith_json_t *object = kith_json_object();
    for (size_t i = 0; i < kinds_count(cli); i++) {
        const char *hex = hex_of(cli->arena, keys, i);
        kith_json_put_str(object, kinds[i], hex);
        if (!cli->json)
            printf("    %s = ( { key = \"%s\"; state = \"current\"; } );\n", kinds[i], hex);
    }
    if (cli->json)
        cli_print_json(cli, &object);
    kith_json_destroy(&object);
}

static int show(cli_t *cli)
{
    const char *folder = cli->args.positional[0], *file = "";
    kith_keys_t *keys;
    kith_err err = keys_load(folder, kinds_count(cli) == KEYS_KINDS, &keys, &file);
    if (err == KITH_NOT_FOUND)
        return cli_fail(cli, CLI_NOT_FOUND, "there is no %s/%s", folder, file);
    if (err == KITH_DENIED)
        return cli_fail(
            cli, CLI_DENIED,
            "%s/%s: not safe, or not yours to read: it must be your own file, mode 0600", folder,
            file);
    if (err != KITH_OK)
        return cli_fail(cli, CLI_REFUSED, "%s/%s is no key file", folder, file);
    print_keys(cli, keys);
    keys_destroy(&keys);
    return CLI_OK;
}

static int run_new(cli_t *cli)
{
    const char *folder = cli->args.positional[0];
    kith_err err = keys_make(folder, kinds_count(cli) == KEYS_KINDS);
    if (err == KITH_EXISTS)
        return cli_fail(cli, CLI_REFUSED, "there are keys in %s: nothing was written over", folder);
    if (err == KITH_NOT_FOUND)
        return cli_fail(cli, CLI_NOT_FOUND, "the folder above %s is not there: make it first",
                        folder);
    if (err != KITH_OK)
        return cli_fail(cli, err == KITH_DENIED ? CLI_DENIED : CLI_IO,
                        "cannot write keys to %s: %s", folder, kith_err_text(err));
    return show(cli);
}

static const cli_option_t options[] = {
    {.name = "broker", .help = "a hub's keys: transport and signing only"},
    {.name = NULL},
};

const cli_command_t cmd_keys_new = {
    .name = "keys new",
    .args = "FOLDER",
    .args_min = 1,
    .args_max = 1,
    .summary = "make an agency's keys, and print their public halves for the partnership file",
    .more = "Secret halves are written to FOLDER with mode 0600 and never leave it; nothing is\n"
            "written over. FOLDER/public.txt is what others may have.",
    .example = "kith keys new /etc/kith/keys/police",
    .options = options,
    .run = run_new,
};

const cli_command_t cmd_keys_show = {
    .name = "keys show",
    .args = "FOLDER",
    .args_min = 1,
    .args_max = 1,
    .summary = "the public halves of the keys in FOLDER",
    .more = "",
    .example = "kith keys show --broker /etc/kith/keys/hub-a",
    .options = options,
    .run = show,
};
