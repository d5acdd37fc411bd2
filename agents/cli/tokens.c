#include "agents/cli/tokens.h"

#include "base/err.h"
#include "io/keys.h"

#include <stdlib.h>
#include <string.h>

/* Open addressing; doubled at three quarters full, so there is always a free place. */
typedef struct place {
    kith_digest_t line;
    uint64_t times; /* 0: free */
} place_t;

struct tokens {
    place_t *places;
    size_t capacity, used;
};

tokens_t *tokens_new(void)
{
    tokens_t *self = calloc(1, sizeof *self);
    KITH_ASSERT(self != NULL);
    self->capacity = 1024;
    self->places = calloc(self->capacity, sizeof *self->places);
    KITH_ASSERT(self->places != NULL);
    return self;
}

void tokens_destroy(tokens_t **self_p)
{
    if (self_p == NULL || *self_p == NULL)
        return;
    free((*self_p)->places);
    free(*self_p);
    *self_p = NULL;
}

static place_t *find(const tokens_t *self, const kith_digest_t *line)
{
    size_t at;
    memcpy(&at, line->bytes, sizeof at);
    for (at %= self->capacity; self->places[at].times != 0; at = (at + 1) % self->capacity)
        if (memcmp(self->places[at].line.bytes, line->bytes, sizeof line->bytes) == 0)
            break;
    return &self->places[at];
}

static void grow(tokens_t *self)
{
    tokens_t larger = {.capacity = self->capacity * 2, .used = self->used};
    larger.places = calloc(larger.capacity, sizeof *larger.places);
    KITH_ASSERT(larger.places != NULL);
    for (size_t i = 0; i < self->capacity; i++)
        if (self->places[i].times != 0)
            *find(&larger, &self->places[i].line) = self->places[i];
    free(self->places);
    *self = larger;
}

/* A NUL between texts that hold none keeps ("a", "bc") apart from ("ab", "c"). */
static kith_digest_t sum(const char *what, const char *system, kith_bytes_t text)
{
    static const uint8_t nul = 0;
    const kith_bytes_t stop = {.data = &nul, .size = 1};
    const kith_bytes_t parts[] = {kith_bytes_str(what), stop, kith_bytes_str(system), stop, text};
    kith_digest_t digest;
    keys_hash(KITH_TAG_REQUEST, parts, sizeof parts / sizeof parts[0], &digest);
    return digest;
}

kith_digest_t tokens_of_source(const char *system, const char *id)
{
    return sum("source", system, kith_bytes_str(id));
}

kith_digest_t tokens_of_correction(const char *system, const char *id, kith_bytes_t text)
{
    kith_digest_t source = tokens_of_source(system, id), token;
    const kith_bytes_t parts[] = {kith_digest_bytes(&source), text};
    keys_hash(KITH_TAG_REQUEST, parts, 2, &token);
    return token;
}

kith_digest_t tokens_of_line(tokens_t *self, const char *system, kith_bytes_t text)
{
    if (self->used * 4 >= self->capacity * 3)
        grow(self);
    kith_digest_t line = sum("line", system, text);
    place_t *place = find(self, &line);
    if (place->times == 0) {
        place->line = line;
        self->used++;
    }
    place->times++;
    uint8_t number[8];
    for (size_t i = 0; i < sizeof number; i++)
        number[i] = (uint8_t)(place->times >> (8 * i));
    const kith_bytes_t parts[] = {kith_digest_bytes(&line),
                                  {.data = number, .size = sizeof number}};
    kith_digest_t token;
    keys_hash(KITH_TAG_REQUEST, parts, 2, &token);
    return token;
}
