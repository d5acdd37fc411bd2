/* kith config check: any configuration file of Kith's, before it is used. */
#include "agents/cli/commands.h"
#include "agents/cli/map.h"
#include "agents/cli/text.h"
#include "io/conf.h"
#include "io/partnership.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE 4096

typedef enum file_kind {
    FILE_PARTNERSHIP,
    FILE_BROKER,
    FILE_AGENT,
    FILE_MAP,
    FILE_WEB,
    FILE_MAIL,
} file_kind;

/* What a file is for, by the settings that only it has. An exit status, the failure printed. */
static int find_kind(cli_t *cli, const char *path, file_kind *ret_kind)
{
    kith_conf_t *conf = conf_open(path, cli->arena);
    const conf_group_t *root = conf_root(conf);
    int status = CLI_OK;
    if (conf_error(conf) != NULL)
        status = cli_fail(cli, CLI_CONFIG, "%s", conf_error(conf));
    else if (conf_is_group(conf, root, "partnership"))
        *ret_kind = FILE_PARTNERSHIP;
    else if (conf_is_group(conf, root, "fields") || conf_str_or(conf, root, "format", NULL) != NULL)
        *ret_kind = FILE_MAP;
    else if (conf_str_or(conf, root, "broker", NULL) != NULL)
        *ret_kind = FILE_BROKER;
    else if (conf_str_or(conf, root, "agency", NULL) != NULL)
        *ret_kind = FILE_AGENT;
    else if (conf_str_or(conf, root, "accounts", NULL) != NULL)
        *ret_kind = FILE_WEB;
    else if (conf_str_or(conf, root, "maildir", NULL) != NULL)
        *ret_kind = FILE_MAIL;
    else
        status =
            cli_fail(cli, CLI_CONFIG,
                     "%s:1: no file of Kith's: a partnership file has the group `partnership`, "
                     "a hub's the setting `broker`, an agent's `agency`, a map `fields`, "
                     "kith-web's `accounts`, kith-mail's `maildir`",
                     path);
    conf_close(&conf);
    return status;
}

/* ---- files that this program reads itself ---- */

static int check_partnership(cli_t *cli, const char *path)
{
    kith_agreement_t *agreement;
    const char *error;
    if (partnership_load(path, cli->arena, &agreement, &error) != KITH_OK)
        return cli_fail(cli, CLI_CONFIG, "%s", error);
    if (!cli->json)
        printf("%s: partnership %s version %u, %zu agencies, %zu hubs, %zu topics, %zu clauses%s\n",
               path, agreement->partnership, agreement->version, agreement->agencies_count,
               agreement->brokers_count, agreement->topics_count, agreement->clauses_count,
               agreement->exercise ? ", an exercise" : "");
    return CLI_OK;
}

static int check_map(cli_t *cli, const char *path)
{
    map_t *map;
    const char *error;
    if (map_load(path, cli->arena, &map, &error) != KITH_OK)
        return cli_fail(cli, CLI_CONFIG, "%s", error);
    if (!cli->json)
        printf("%s: map of %s, reads %zu fields\n", path,
               map->format == RECORDS_CSV ? "CSV" : "JSON", map->fields_count);
    return CLI_OK;
}

/* ---- files that their own program reads ---- */

/* Becomes `program -c path --check-config`: the one beside this program, else the one on PATH. */
static void become(const char *program, const char *path)
{
    char beside[PATH_SIZE];
    char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t) "-c",
                          (char *)(uintptr_t)path, (char *)(uintptr_t) "--check-config", NULL};
    ssize_t size = readlink("/proc/self/exe", beside, sizeof beside - 1);
    beside[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(beside, '/');
    size_t room = slash != NULL ? sizeof beside - (size_t)(slash + 1 - beside) : 0;
    if (slash != NULL && strlen(program) < room) {
        memcpy(slash + 1, program, strlen(program) + 1);
        (void)execv(beside, argv);
    }
    (void)execvp(program, argv);
}

/* Its one line goes to standard error as it is. */
static int check_by(cli_t *cli, const char *program, const char *path)
{
    (void)fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        return cli_fail(cli, CLI_AGAIN, "cannot start %s", program);
    if (child == 0) {
        become(program, path);
        _exit(127);
    }
    int how;
    while (waitpid(child, &how, 0) < 0)
        if (errno != EINTR)
            return cli_fail(cli, CLI_AGAIN, "%s was lost", program);
    if (!WIFEXITED(how))
        return cli_fail(cli, CLI_AGAIN, "%s crashed", program);
    if (WEXITSTATUS(how) == 127)
        return cli_fail(cli, CLI_NOT_FOUND,
                        "%s is neither beside this program nor on PATH: it reads this file",
                        program);
    if (WEXITSTATUS(how) == 0 && !cli->json)
        printf("%s: %s takes it\n", path, program);
    return WEXITSTATUS(how);
}

static int check(cli_t *cli, const char *path)
{
    file_kind kind = FILE_PARTNERSHIP; /* gcc does not see that find_kind sets it */
    int status = find_kind(cli, path, &kind);
    if (status != CLI_OK)
        return status;
    switch (kind) {
    case FILE_PARTNERSHIP:
        return check_partnership(cli, path);
    case FILE_MAP:
        return check_map(cli, path);
    case FILE_BROKER:
        return check_by(cli, "kith-broker", path);
    case FILE_AGENT:
        return check_by(cli, "kith-agent", path);
    case FILE_WEB:
        return check_by(cli, "kith-web", path);
    case FILE_MAIL:
        return check_by(cli, "kith-mail", path);
    }
    return CLI_CONFIG;
}

static int run(cli_t *cli)
{
    int worst = CLI_OK;
    for (size_t i = 0; i < cli->args.positional_count; i++) {
        int status = check(cli, cli->args.positional[i]);
        if (cli->json && status == CLI_OK) {
            kith_json_t *object = kith_json_object();
            kith_json_put_str(object, "file", text_line(cli->arena, cli->args.positional[i]));
            kith_json_put_bool(object, "good", true);
            cli_print_json(cli, &object);
        }
        worst = status > worst ? status : worst;
    }
    return worst;
}

const cli_command_t cmd_config_check = {
    .name = "config check",
    .args = "FILE…",
    .args_min = 1,
    .args_max = ARGS_POSITIONAL_MAX,
    .summary = "is a partnership, hub, agent, web, mail or map file right",
    .more =
        "What is wrong is one line, FILE:LINE: what and what to do; the exit status is then 78.",
    .example = "kith config check /etc/kith/partnership.cfg /etc/kith/agent.cfg",
    .run = run,
};
