/* Authentication-Results (RFC 8601): what our own mail server found out about the sender. Pure.
 *
 * Only the newest field of the named server counts; that server must take out those which others
 * wrote in its name (RFC 8601, 5), as OpenDMARC and rspamd do. */
#pragma once

#include "mail/letter.h"

/* The result of DMARC: pass, fail, none … in the arena. "" when the server says nothing of it,
 * twice something, or of another domain than the one that From shows. */
const char *authres_dmarc(kith_arena_t *arena, const letter_t *letter, const char *server);
