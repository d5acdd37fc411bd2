/* What people at an agency ask of their agent, and the desk that asks it through the local api.
 *
 * With the desk, the world's agents have the work that ships: a request is api.proto's own bytes,
 * answered within the turn, and told only after its commit. */
#pragma once

#include "tests/lib/world.h"

#include "api.pb-c.h"

typedef struct desk desk_t; /* of all agents of one world */

/* Gives the world the work that ships, an agreement with topics for it, and the crypto that ships
 * (`real`) or the stand-in. */
desk_t *desk_new(world_t *w, bool real);
void desk_destroy(desk_t **self_p);
/* What every agent has counted adds up; a difference fails the world. */
void desk_check(desk_t *self);

/* What a request came to. */
typedef struct desk_answer {
    bool answered; /* false: the turn failed, nobody knows */
    bool stored;   /* a submit or a subscription that is now owed */
    bool repeat;
    uint8_t id[16];
    size_t recipients_count;
    const char *const *recipients;       /* in the world's arena */
    const Kith__Api__Response *response; /* in the world's arena; NULL: there was none */
    const char *rule; /* refused by this rule; NULL: it was not (in the world's arena) */
} desk_answer_t;

/* One turn with this request in it. The agent runs. */
void desk_ask(desk_t *self, size_t agent, kith_bytes_t request, desk_answer_t *ret_answer);

/* A packed Request by a person of this agency, who knows what its view holds. In the world's
 * arena. */
kith_bytes_t people_ask(world_t *w, size_t agent, dice_t *dice, const char *token);
