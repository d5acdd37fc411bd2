/* The command line: which command, its options, its arguments. Pure but for its messages, which it
 * returns.
 *
 * Options may stand anywhere after the command's name (those of all commands before it, too), as
 * `--name value` or `--name=value`; `--` ends them; `-` alone is an argument. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_option {
    const char *name;  /* without the dashes; NULL ends a list */
    const char *value; /* what it takes, in capitals; NULL: nothing, it is a switch */
    const char *help;
    bool required;
    bool many; /* may stand several times */
} cli_option_t;

struct cli;
typedef struct cli_command {
    const char *name; /* one word, or more: a family and its verb */
    const char *args; /* as the usage shows them: "HOUSEHOLD [AGENCY]"; "" when none */
    size_t args_min, args_max;
    const char *summary; /* one line */
    const char *more;    /* paragraphs for --help; "" when there is no more to say */
    const char *example; /* lines a reader can copy */
    const cli_option_t *options;
    int (*run)(struct cli *cli);
} cli_command_t;

#define ARGS_POSITIONAL_MAX 32u
#define ARGS_PAIRS_MAX      64u

typedef struct args {
    const cli_command_t *command; /* NULL: none was named */
    const char *family;           /* set when a family stands there without its verb */
    size_t positional_count;
    const char *positional[ARGS_POSITIONAL_MAX];
    size_t pairs_count;
    struct {
        const cli_option_t *option;
        const char *value;
    } pairs[ARGS_PAIRS_MAX];
} args_t;

/* commands: ends with NULL. common: options of every command. KITH_INVALID with one line in
 * *ret_what (in the arena); *ret is then filled as far as it went, so that --json and the command
 * are known. */
kith_err args_parse(const cli_command_t *const *commands, const cli_option_t *common, int argc,
                    char *const *argv, kith_arena_t *arena, args_t *ret, const char **ret_what);

/* NULL when it was not given. Borrowed. */
const char *args_value(const args_t *args, const char *name);
bool args_has(const args_t *args, const char *name);
/* The values of an option that may stand several times; *iter starts as 0; NULL at the end. */
const char *args_each(const args_t *args, const char *name, size_t *iter);
/* The first required option that was not given; NULL when none is missing. */
const char *args_missing(const args_t *args);
/* Fewer or more arguments than the command takes? */
bool args_count_fits(const args_t *args);
