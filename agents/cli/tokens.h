/* Client tokens of published lines: the same line of the same export has the same token each time,
 * so running an import again publishes nothing twice. */
#pragma once

#include "base/bytes.h"
#include "base/envelope.h"

typedef struct tokens tokens_t; /* counts the lines of one run that have no record id */

tokens_t *tokens_new(void);
void tokens_destroy(tokens_t **self_p);

/* Of a record that its system gave an id. */
kith_digest_t tokens_of_source(const char *system, const char *id);
/* Of a record that says otherwise now: by what it says as well. */
kith_digest_t tokens_of_correction(const char *system, const char *id, kith_bytes_t text);
/* Of a line without one: its text, and which of its equals in this run it is, so that two equal
 * lines stay two. */
kith_digest_t tokens_of_line(tokens_t *self, const char *system, kith_bytes_t text);
