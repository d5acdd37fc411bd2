/* One run of `publish` or `import`: lines go to the agent many at a time, each under a token of its
 * own; what is wrong with a line is said with its number, and the others go on. */
#pragma once

#include "agents/cli/cli.h"

/* Requests sent and not answered: enough to fill the agent's group commit. */
#define PUBLISHER_WINDOW 256u

typedef struct publisher publisher_t;

/* name: of the file, for messages; borrowed. With --dry-run nothing is sent and each event is
 * printed as a line of JSON. Asks the agent who it is first, so that a user it does not know is
 * told once. An exit status. */
int publisher_new(cli_t *cli, const char *name, publisher_t **ret_publisher);
void publisher_destroy(publisher_t **self_p);

/* A line that is no event: said on standard error, counted. field: "" for the line as a whole. */
void publisher_refuse(publisher_t *self, size_t line, const char *field, const char *what);
/* A line that the map leaves out. */
void publisher_skip(publisher_t *self);

/* Sends one; text: the line or record as it stands. Everything may be reused when it returns.
 * CLI_OK, or the exit status that ends the run (printed). */
int publisher_put(publisher_t *self, size_t line, kith_bytes_t text, Kith__Api__Draft *draft);

/* Waits for every answer (when status is CLI_OK) and prints the summary. The run's exit status: 65
 * when lines were refused, 77 when each of them was for want of permission. */
int publisher_finish(publisher_t *self, int status);
