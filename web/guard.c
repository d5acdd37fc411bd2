#include "web/guard.h"

#include <stdlib.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
/* Addresses that are counted at once; the one unused for longest makes room. */
#define ADDRESSES_MAX 1024u
/* Places for names that are no user's. */
#define STRANGERS 64u
/* A lock is doubled so often at most. */
#define DOUBLINGS_MAX 8u

/* Tokens of one who asks: full at first, filled evenly over a minute, one a request. */
typedef struct bucket {
    double left;
    int64_t filled_ms;
    uint64_t address; /* of those of addresses */
} bucket_t;

typedef struct tries {
    uint32_t wrong, locks;
    int64_t locked_until_ms;
} tries_t;

struct guard {
    const web_conf_t *conf;
    uint64_t last_number;
    guard_session_t sessions[GUARD_SESSIONS_MAX];
    size_t addresses_count;
    bucket_t addresses[ADDRESSES_MAX];
    bucket_t *users;
    tries_t *tries;
};

guard_t *guard_new(const web_conf_t *conf)
{
    guard_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->conf = conf;
    self->users = calloc(conf->users_count + 1, sizeof *self->users);
    self->tries = calloc(conf->users_count + STRANGERS, sizeof *self->tries);
    KITH_ASSERT(self->users != NULL && self->tries != NULL);
    return self;
}

void guard_destroy(guard_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    free((*self_p)->users);
    free((*self_p)->tries);
    free(*self_p);
    *self_p = NULL;
}

/* ---- sessions ---- */

static bool in_time(const guard_t *self, const guard_session_t *s, int64_t now_ms)
{
    return s->number != 0 && now_ms - s->used_ms < self->conf->idle_ms &&
           now_ms - s->begun_ms < self->conf->longest_ms;
}

static guard_session_t *place_for_one(guard_t *self, int64_t now_ms)
{
    guard_session_t *oldest = &self->sessions[0];
    for (size_t i = 0; i < GUARD_SESSIONS_MAX; i++) {
        guard_session_t *s = &self->sessions[i];
        if (!in_time(self, s, now_ms))
            return s;
        if (s->used_ms < oldest->used_ms)
            oldest = s;
    }
    return oldest;
}

const guard_session_t *guard_begin(guard_t *self, size_t user, const char *account_hash,
                                   int64_t now_ms, char ret_id[SECRET_TEXT_SIZE])
{
    guard_session_t *s = place_for_one(self, now_ms);
    *s = (guard_session_t){
        .number = ++self->last_number, .user = user, .begun_ms = now_ms, .used_ms = now_ms};
    secret_make(ret_id);
    secret_make(s->csrf);
    secret_digest(kith_bytes_str(ret_id), s->id_digest);
    secret_digest(kith_bytes_str(account_hash), s->account_digest);
    return s;
}

const guard_session_t *guard_find(guard_t *self, const char *id, int64_t now_ms)
{
    uint8_t digest[SECRET_DIGEST_BYTES];
    secret_digest(kith_bytes_str(id), digest);
    for (size_t i = 0; i < GUARD_SESSIONS_MAX; i++) {
        guard_session_t *s = &self->sessions[i];
        if (in_time(self, s, now_ms) && secret_equal(s->id_digest, digest)) {
            s->used_ms = now_ms;
            return s;
        }
    }
    return NULL;
}

const guard_session_t *guard_session(const guard_t *self, uint64_t number, int64_t now_ms)
{
    for (size_t i = 0; i < GUARD_SESSIONS_MAX; i++)
        if (self->sessions[i].number == number && in_time(self, &self->sessions[i], now_ms))
            return &self->sessions[i];
    return NULL;
}

bool guard_account_stands(const guard_session_t *session, const char *account_hash)
{
    uint8_t digest[SECRET_DIGEST_BYTES];
    if (account_hash == NULL)
        return false;
    secret_digest(kith_bytes_str(account_hash), digest);
    return secret_equal(session->account_digest, digest);
}

void guard_end(guard_t *self, uint64_t number)
{
    for (size_t i = 0; i < GUARD_SESSIONS_MAX; i++)
        if (self->sessions[i].number == number)
            self->sessions[i] = (guard_session_t){0};
}

void guard_end_all(guard_t *self, size_t user)
{
    for (size_t i = 0; i < GUARD_SESSIONS_MAX; i++)
        if (self->sessions[i].number != 0 && self->sessions[i].user == user)
            self->sessions[i] = (guard_session_t){0};
}

/* ---- rates ---- */

static uint32_t take(bucket_t *b, uint32_t a_minute, int64_t now_ms)
{
    double most = (double)a_minute, rate = most / (double)MINUTE_MS;
    if (b->filled_ms == 0)
        b->left = most;
    else
        b->left += (double)(now_ms - b->filled_ms) * rate;
    b->filled_ms = now_ms > 0 ? now_ms : 1;
    if (b->left > most)
        b->left = most;
    if (b->left >= 1) {
        b->left -= 1;
        return 0;
    }
    return (uint32_t)((1 - b->left) / rate / 1000) + 1;
}

uint32_t guard_request(guard_t *self, size_t user, int64_t now_ms)
{
    KITH_ASSERT(user < self->conf->users_count);
    return take(&self->users[user], self->conf->requests_a_minute, now_ms);
}

uint32_t guard_login(guard_t *self, uint64_t address, int64_t now_ms)
{
    bucket_t *found = NULL, *oldest = &self->addresses[0];
    for (size_t i = 0; i < self->addresses_count && found == NULL; i++) {
        bucket_t *b = &self->addresses[i];
        if (b->address == address)
            found = b;
        else if (b->filled_ms < oldest->filled_ms)
            oldest = b;
    }
    if (found == NULL) {
        found = self->addresses_count < ADDRESSES_MAX ? &self->addresses[self->addresses_count++]
                                                      : oldest;
        *found = (bucket_t){.address = address};
    }
    return take(found, self->conf->logins_a_minute, now_ms);
}

/* ---- lock-out ---- */

size_t guard_stranger(const guard_t *self, const char *name)
{
    uint8_t digest[SECRET_DIGEST_BYTES];
    secret_digest(kith_bytes_str(name), digest);
    return self->conf->users_count + digest[0] % STRANGERS;
}

static tries_t *tries_at(const guard_t *self, size_t place)
{
    KITH_ASSERT(place < self->conf->users_count + STRANGERS);
    return &self->tries[place];
}

uint32_t guard_locked(const guard_t *self, size_t place, int64_t now_ms)
{
    int64_t left = tries_at(self, place)->locked_until_ms - now_ms;
    return left > 0 ? (uint32_t)(left / 1000) + 1 : 0;
}

bool guard_wrong(guard_t *self, size_t place, int64_t now_ms)
{
    tries_t *t = tries_at(self, place);
    if (++t->wrong < self->conf->wrong_max)
        return false;
    t->locked_until_ms = now_ms + (self->conf->lock_ms << t->locks);
    t->wrong = 0;
    if (t->locks < DOUBLINGS_MAX)
        t->locks++;
    return true;
}

void guard_right(guard_t *self, size_t place)
{
    *tries_at(self, place) = (tries_t){0};
}
