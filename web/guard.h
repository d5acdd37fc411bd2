/* Who is in, who has asked too much, who has guessed too often. Pure but for random session ids:
 * time comes in (monotonic).
 *
 * Sessions live in memory only: a restart logs everybody out. Bounded: when the table is full the
 * longest unused session ends. */
#pragma once

#include "base/err.h"
#include "io/secret.h"
#include "web/web_conf.h"

#define GUARD_SESSIONS_MAX 1024u

typedef struct guard guard_t;

/* conf is borrowed. */
guard_t *guard_new(const web_conf_t *conf);
void guard_destroy(guard_t **self_p);

/* ---- sessions ---- */

typedef struct guard_session {
    uint64_t number; /* from 1, never used again; 0: the place is free */
    size_t user;     /* of the configuration */
    uint8_t id_digest[SECRET_DIGEST_BYTES];
    uint8_t account_digest[SECRET_DIGEST_BYTES]; /* of the password's hash at log-in */
    char csrf[SECRET_TEXT_SIZE];
    int64_t begun_ms, used_ms;
} guard_session_t;

/* A new session; *ret_id goes into the cookie and nowhere else. */
const guard_session_t *guard_begin(guard_t *self, size_t user, const char *account_hash,
                                   int64_t now_ms, char ret_id[SECRET_TEXT_SIZE]);
/* The session of a cookie, used now; NULL: none, or its time is over. */
const guard_session_t *guard_find(guard_t *self, const char *id, int64_t now_ms);
/* The session of a number, not used by asking; NULL as above. */
const guard_session_t *guard_session(const guard_t *self, uint64_t number, int64_t now_ms);
/* The password that it began with is still the user's (NULL: there is none any more). */
bool guard_account_stands(const guard_session_t *session, const char *account_hash);
void guard_end(guard_t *self, uint64_t number);
/* Log-out everywhere. */
void guard_end_all(guard_t *self, size_t user);

/* ---- rates ---- */

/* Counts one request of a user, or one log-in from an address (any bytes of ours). 0: it may go on;
 * else the seconds after which to ask again. */
uint32_t guard_request(guard_t *self, size_t user, int64_t now_ms);
uint32_t guard_login(guard_t *self, uint64_t address, int64_t now_ms);

/* ---- lock-out ---- */

/* Where the wrong passwords of a name are counted that is no user's: it is locked out like one, so
 * that nobody learns by it which names there are. A user's place is the user. */
size_t guard_stranger(const guard_t *self, const char *name);
/* Seconds for which a log-in is locked; 0: it is not. */
uint32_t guard_locked(const guard_t *self, size_t place, int64_t now_ms);
/* A wrong password; true: locked out from now on. */
bool guard_wrong(guard_t *self, size_t place, int64_t now_ms);
void guard_right(guard_t *self, size_t place);
