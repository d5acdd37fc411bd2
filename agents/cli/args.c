#include "agents/cli/args.h"

#include <string.h>

/* Words of `name` when argv begins with all of them, else 0. */
static size_t words_that_fit(const char *name, char *const *argv, int left)
{
    size_t words = 0;
    while (*name != '\0') {
        size_t size = strcspn(name, " ");
        if ((int)words >= left || strlen(argv[words]) != size ||
            strncmp(argv[words], name, size) != 0)
            return 0;
        words++;
        name += size + (name[size] == ' ' ? 1 : 0);
    }
    return words;
}

static bool is_family(const cli_command_t *const *commands, const char *word)
{
    size_t size = strlen(word);
    for (const cli_command_t *const *c = commands; *c != NULL; c++)
        if (strncmp((*c)->name, word, size) == 0 && (*c)->name[size] == ' ')
            return true;
    return false;
}

/* Finds the command that begins at argv, of two the longer; *ret_words: how many words it takes. */
static kith_err find_command(const cli_command_t *const *commands, char *const *argv, int left,
                             kith_arena_t *arena, args_t *ret, size_t *ret_words,
                             const char **ret_what)
{
    size_t longest = 0;
    for (const cli_command_t *const *c = commands; *c != NULL; c++) {
        size_t words = words_that_fit((*c)->name, argv, left);
        if (words > longest) {
            ret->command = *c;
            longest = words;
        }
    }
    if (longest > 0) {
        *ret_words = longest;
        return KITH_OK;
    }
    if (is_family(commands, argv[0])) {
        ret->family = argv[0];
        *ret_words = 1;
        return KITH_OK;
    }
    *ret_what = kith_arena_printf(arena, "there is no command %s: see kith help", argv[0]);
    return KITH_INVALID;
}

static const cli_option_t *find_option(const cli_option_t *options, const char *name, size_t size)
{
    for (const cli_option_t *o = options; o != NULL && o->name != NULL; o++)
        if (strlen(o->name) == size && strncmp(o->name, name, size) == 0)
            return o;
    return NULL;
}

static kith_err keep_pair(args_t *args, const cli_option_t *option, const char *value,
                          kith_arena_t *arena, const char **ret_what)
{
    if (!option->many && args_has(args, option->name)) {
        *ret_what = kith_arena_printf(arena, "--%s stands twice", option->name);
        return KITH_INVALID;
    }
    if (args->pairs_count == ARGS_PAIRS_MAX) {
        *ret_what = "more than 64 options";
        return KITH_INVALID;
    }
    args->pairs[args->pairs_count].option = option;
    args->pairs[args->pairs_count].value = value;
    args->pairs_count++;
    return KITH_OK;
}

/* One option at argv[0]; *ret_words: 1, or 2 when its value stands apart. */
static kith_err take_option(args_t *args, const cli_option_t *common, char *const *argv, int left,
                            kith_arena_t *arena, size_t *ret_words, const char **ret_what)
{
    const char *name = strcmp(argv[0], "-h") == 0 ? "help" : argv[0] + 2;
    size_t size = strcspn(name, "=");
    const cli_option_t *option = find_option(common, name, size);
    if (option == NULL && args->command != NULL)
        option = find_option(args->command->options, name, size);
    if (option == NULL || (argv[0][1] != '-' && strcmp(argv[0], "-h") != 0)) {
        *ret_what = kith_arena_printf(arena, "there is no option %s here%s", argv[0],
                                      args->command != NULL ? "" : ": see kith help");
        return KITH_INVALID;
    }
    const char *value = name[size] == '=' ? name + size + 1 : NULL;
    *ret_words = 1;
    if (option->value == NULL && value != NULL) {
        *ret_what = kith_arena_printf(arena, "--%s takes no value", option->name);
        return KITH_INVALID;
    }
    if (option->value != NULL && value == NULL) {
        if (left < 2) {
            *ret_what = kith_arena_printf(arena, "--%s needs %s", option->name, option->value);
            return KITH_INVALID;
        }
        value = argv[1];
        *ret_words = 2;
    }
    return keep_pair(args, option, value, arena, ret_what);
}

static kith_err take_positional(args_t *args, const char *word, const char **ret_what)
{
    if (args->positional_count == ARGS_POSITIONAL_MAX) {
        *ret_what = "more than 32 arguments";
        return KITH_INVALID;
    }
    args->positional[args->positional_count++] = word;
    return KITH_OK;
}

kith_err args_parse(const cli_command_t *const *commands, const cli_option_t *common, int argc,
                    char *const *argv, kith_arena_t *arena, args_t *ret, const char **ret_what)
{
    *ret = (args_t){.command = NULL};
    bool only_words = false;
    size_t words = 1;
    for (int i = 1; i < argc; i += (int)words) {
        kith_err err = KITH_OK;
        words = 1;
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0')
            err = take_option(ret, common, argv + i, argc - i, arena, &words, ret_what);
        else if (ret->command == NULL && ret->family == NULL)
            err = find_command(commands, argv + i, argc - i, arena, ret, &words, ret_what);
        else
            err = take_positional(ret, argv[i], ret_what);
        if (err != KITH_OK)
            return err;
    }
    return KITH_OK;
}

const char *args_each(const args_t *args, const char *name, size_t *iter)
{
    while (*iter < args->pairs_count) {
        size_t at = (*iter)++;
        if (strcmp(args->pairs[at].option->name, name) == 0)
            return args->pairs[at].value != NULL ? args->pairs[at].value : "";
    }
    return NULL;
}

const char *args_value(const args_t *args, const char *name)
{
    size_t iter = 0;
    return args_each(args, name, &iter);
}

bool args_has(const args_t *args, const char *name)
{
    return args_value(args, name) != NULL;
}

const char *args_missing(const args_t *args)
{
    for (const cli_option_t *o = args->command->options; o != NULL && o->name != NULL; o++)
        if (o->required && !args_has(args, o->name))
            return o->name;
    return NULL;
}

bool args_count_fits(const args_t *args)
{
    return args->positional_count >= args->command->args_min &&
           args->positional_count <= args->command->args_max;
}
